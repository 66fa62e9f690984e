"""Probes: what they call acceptable is acceptable for every case there can be."""

from __future__ import annotations

import numpy as np
import pytest
from policy_world import OTHER_NUMBERS, example, odd_cases

from optimizer.model.engine import Engine
from optimizer.model.pricing import DECIDING
from optimizer.policy.cells import survey
from optimizer.policy.conditions import ATTRIBUTES, PLACE
from optimizer.policy.probing import READS, rule_groups


def test_every_rule_reads_what_probes_know():
    for rule in DECIDING:
        assert set(rule.reads) <= set(READS), (
            f"rule {rule.id} reads what the policy table cannot probe: add it to READS in policy/probing.py"
        )


def test_every_rule_stands_in_one_group_that_probes_all_it_reads():
    engine = Engine.of(*example("base", (), 2_500))
    for cell, _ in engine.cells:
        groups = rule_groups(engine.world, cell)
        grouped = [r.id for g in groups for r in g.rules]
        assert sorted(grouped) == sorted(r.id for r in DECIDING if r.in_scope(cell))
        for group in groups:
            for rule in group.rules:
                assert {a for what in rule.reads for a in READS[what]} <= set(group.attributes)
                assert group.reads_class or "class" not in rule.reads
                assert group.reads_price or "price" not in rule.reads


@pytest.mark.parametrize(
    ("name", "settings"), [("base", ()), ("no_us_warehouse", ()), ("base", OTHER_NUMBERS)]
)
def test_what_probes_accept_is_accepted_for_every_case(name, settings):
    scenario, frame, products = example(name, settings, 1_000)
    engine = Engine.of(scenario, frame, products)
    ground = survey(engine, engine.price())
    odd = Engine.of(scenario, odd_cases(engine.world, products, 6_000, 7), products)
    compared = agreed = 0
    for block in odd.price():
        acceptance = ground.acceptance.get(block.cell)
        if acceptance is None:
            continue
        cases = odd.block(block.cell, block.rows)
        levels = acceptance.scales.levels(cases)
        zones = acceptance.scales.level("value", cases.price)
        said = np.ones((len(block.rows), len(acceptance.keys)), bool)
        for group, table in zip(acceptance.groups, acceptance.refused):
            k = cases.class_index if table.shape[-3] > 1 else 0
            z = zones if table.shape[-2] > 1 else 0
            said &= ~table[(*(levels[PLACE[a]] for a in group.attributes), k, z)]
        place = {o.key: i for i, o in enumerate(block.options)}
        truth = block.acceptable[:, [place[key] for key in acceptance.keys]] & ~block.mixed[:, None]
        assert not (said & ~truth).any(), (
            block.cell,
            [acceptance.keys[o] for o in np.unique(np.argwhere(said & ~truth)[:, 1])],
        )
        compared += truth.sum()
        agreed += (said & truth).sum()
    assert compared > 5_000 and agreed / compared > 0.97  # and hardly anything acceptable is missed


def test_scales_know_where_rules_change_their_mind():
    scenario, frame, products = example("no_us_warehouse", (), 1_000)
    engine = Engine.of(scenario, frame, products)
    ground = survey(engine, engine.price())
    bounds = ground.scales["US", "unwanted"].bounds
    assert {25.0, 75.0} <= set(bounds["value"])  # returnless floor, cap of the FBA setting
    assert 342.34 in np.round(ground.scales["DE", "unwanted"].bounds["value"], 2)
    assert 30.0 not in ground.scales["DE", "unwanted"].bounds["age"]  # the return window is told by the stage
    assert ground.scales["DE", "unwanted"].bounds["prior_claims"].tolist() == [2.0]
    assert 730.0 in ground.scales["DE", "quality_defect"].bounds["age"]
    assert tuple(PLACE) == ATTRIBUTES
