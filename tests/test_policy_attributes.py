"""An attribute of conditions stands in every table that has to know it; a failure names the table."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from shared import scenario, world

from optimizer.i18n import Titles
from optimizer.model.block import Cell
from optimizer.policy import conditions
from optimizer.policy.acceptance import _grid
from optimizer.policy.conditions import ATTRIBUTES, CHOICES, PLACE, STEP_UNITS, Scales
from optimizer.policy.guards import usual_shares
from optimizer.policy.probing import READS, ProbeGroup, Probes
from optimizer.report.words.policy_row import when_in_words


@cache
def probes() -> Probes:
    return Probes(world(), "US", [np.datetime64("2026-09-15")])


@cache
def scales() -> Scales:
    return Scales(
        {
            "age": np.array([14.0, 30.0]),
            "prior_claims": np.array([2.0]),
            "parcel": probes().heaviest,
            "value": np.array([75.0, 342.34]),
        }
    )


@cache
def shares() -> dict[str, np.ndarray]:
    """How common the levels of every attribute are thought to be."""
    return usual_shares(scenario().book, scales(), "unwanted")


def test_every_attribute_is_a_choice_or_goes_in_steps():
    assert set(ATTRIBUTES) == {*CHOICES, *STEP_UNITS} and not set(CHOICES) & set(STEP_UNITS), (
        "policy/conditions.py: ATTRIBUTES are those of CHOICES and of STEP_UNITS"
    )


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_attribute_is_in_every_table(name):
    assert name in conditions._FACTS, f"policy/conditions.py: _FACTS does not say what {name} is of a case"
    assert any(name in read for read in READS.values()), (
        f"policy/probing.py: nothing in READS stands for {name}, so no rule can declare to read it"
    )
    if name in STEP_UNITS:
        assert name in scales().bounds, f"policy/probing.py: scales_of finds no bounds of {name}"
    assert name in shares(), f"policy/guards.py: usual_shares does not say how common levels of {name} are"
    assert len(shares()[name]) == scales().count(name), (
        f"policy/guards.py: usual_shares has {len(shares()[name])} levels of {name}"
    )


def test_no_table_knows_an_attribute_that_is_none():
    assert set(conditions._FACTS) == set(ATTRIBUTES)
    assert set(shares()) == set(ATTRIBUTES)
    assert {a for read in READS.values() for a in read} <= set(ATTRIBUTES)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_probes_reach_every_level_of_an_attribute(name):
    """What `_grid` forgets is never probed, and the table could tell support to do what is forbidden."""
    alone = ("stage", "age") if name in ("stage", "age") else (name,)
    alone = ("returnable", "parcel") if name in ("returnable", "parcel") else alone
    grid = _grid(probes(), ProbeGroup(alone, (), name == "value", False), scales())
    grid.pop("zone")
    block = probes().block(
        Cell("amazon", "US", "warehouse", "unwanted"), probes().sheet(len(grid["price"]), **grid)
    )
    reached = set(scales().levels(block)[PLACE[name]].tolist())
    assert reached == set(range(scales().count(name))), (
        f"policy/acceptance.py: _grid makes no case of some levels of {name}"
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", ATTRIBUTES)
def test_every_level_of_an_attribute_is_said_in_words(name, lang):
    titles = Titles(scenario(), lang)
    conditions_of = (
        [f"{name}={level}" for level in CHOICES[name]]
        if name in CHOICES
        else [f"{name}<=3{STEP_UNITS[name]}", f"{name}>3{STEP_UNITS[name]}"]
    )
    words = [when_in_words(when, titles, "USD") for when in conditions_of]
    assert len(set(words)) == len(words)
    assert not set(words) & set(conditions_of), f"report: no words for {name} in when_in_words"
