"""The price of a rule, by hand and against running without it."""

from __future__ import annotations

import pytest
from hand_world import HandWorld

from optimizer import load_scenario
from optimizer.analysis.rule_prices import rule_prices
from optimizer.model.engine import Engine
from optimizer.pipeline import read_inputs
from optimizer.solve.decide import decide


def prices(engine: Engine):
    blocks = engine.price()
    plan = decide(blocks, len(engine.cases))
    return {p.rule: p for p in rule_prices(blocks, plan)}, plan


def test_returnless_floor_by_hand(tmp_path):
    """Gadget at 25.00, no local address: refund 22.00 is forced; at 25.01 the 20 % offer costs 17.08, here
    the table of the base case decides."""
    world = HandWorld(tmp_path)
    world.provider("china_factory", "china_factory", market="*", currency="CNY")
    case = world.case("gadget", "unwanted", 25.00, channel="merchant")
    scenario = world.scenario()
    found, plan = prices(Engine.of(scenario, case))
    without = decide(
        Engine.of(
            load_scenario(tmp_path / "scenario.yaml", ["rule.platform.returnless_floor.on=0"]), case
        ).price(),
        1,
    )
    price = found["platform.returnless_floor"]
    assert price.cases == 1 and price.cents == plan.total[0] - without.total[0] > 0


@pytest.mark.parametrize(
    "rule",
    [
        "platform.returnless_floor",
        "platform.opened_not_as_new",
        "physical.too_heavy",
        "platform.needs_local_address",
    ],
)
def test_equals_a_run_without_the_rule(rule):
    """Where no fallback changes its meaning, the price is the difference of two runs."""
    base = load_scenario("base")
    file, goods, _ = read_inputs(base, None, None, None)
    cases = file.frame.iloc[::40]
    found, plan = prices(Engine.of(base, cases, goods))
    free = load_scenario("base", [f"rule.{rule}.on=0"])
    without = decide(Engine.of(free, cases, goods).price(), len(cases))
    both = (plan.choice >= 0) & (without.choice >= 0)
    saved = plan.total[both].sum() - without.total[both].sum()
    assert saved == pytest.approx(found[rule].cents if rule in found else 0.0, abs=0.5)
    assert saved >= 0
