"""What options use of each family, worked by hand, and the amounts that follow from orders."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hand_world import HandWorld

from optimizer.domain.shared_limit import SharedLimit
from optimizer.errors import InputError
from optimizer.inputs.limits import LimitDeclaration
from optimizer.model.engine import Engine
from optimizer.model.limits import shared_limits
from optimizer.model.limits.allowed_defects import allowed_defects, below
from optimizer.solve.decide_limited import decide_within


def shared(world: HandWorld, case: pd.DataFrame, *declared: LimitDeclaration, products=None, orders=None):
    scenario = world.scenario()
    object.__setattr__(scenario, "limits", declared)
    engine = Engine.of(scenario, case, products)
    blocks = engine.price()
    return blocks[0], shared_limits(engine, blocks, case, orders)


def use(block, limit: SharedLimit, key: str) -> float:
    column = next(i for i, o in enumerate(block.options) if o.key.rstrip("|") == key)
    return float(limit.uses[0].usage[0, column])


def declared(family: str, *place: str, amount: float | None = 10.0, **more) -> LimitDeclaration:
    return LimitDeclaration(family, place, amount, "given in the test", **more)


@pytest.fixture
def world(tmp_path):
    w = HandWorld(tmp_path)
    w.provider("us_warehouse", "warehouse")
    w.provider("china", "china_factory")
    w.provider("partner", "domestic_overseas", success=0.8)
    return w


def test_replacements_count_units_and_the_fallback_of_a_repair(world):
    world.entitlements[0] = ("*", "warranty_claim", "seller", "repair", 0.5)
    # two units; a repair is accepted by half and cures 80 %, so 1 - 0.5 x 0.8 = 0.6 of the cases get new
    # units: 0.6 x 2 = 1.2
    case = world.case("gadget", "warranty_claim", 25, quantity=2)
    block, [limit] = shared(world, case, declared("replacements", "*", "*"))
    assert (
        limit.unit == "units"
        and [g.label for g in limit.groups] == ["US 2026-09"]
        and limit.groups[0].amount == 10
    )
    assert use(block, limit, "repair_domestic_overseas|partner|||replace_keep_old") == pytest.approx(1.2)
    assert use(block, limit, "keep_full_refund") == 0


def test_bench_hours_are_quantity_times_the_hours_of_the_repair_level(world):
    world.entitlements[0] = ("*", "warranty_claim", "seller", "repair", 0.5)
    # level 2 takes 0.75 hours; half of the buyers send two units: 0.5 x 2 x 0.75 = 0.75
    case = world.case("gadget", "warranty_claim", 25, quantity=2)
    block, [limit] = shared(world, case, declared("provider_capacity", "partner", "*", unit="hours"))
    assert (limit.name, limit.unit) == ("provider_capacity_partner", "hours")
    assert use(block, limit, "repair_domestic_overseas|partner|||keep_full_refund") == pytest.approx(0.75)
    block, [limit] = shared(world, case, declared("provider_capacity", "partner", "*", unit="units"))
    assert use(block, limit, "repair_domestic_overseas|partner|||keep_full_refund") == pytest.approx(1.0)


def test_cash_budget_leaves_credits_out(world):
    # refund 25 x 2; the referral fee that comes back is no less cash out
    case = world.case("gadget", "unwanted", 25, quantity=2)
    block, [limit] = shared(world, case, declared("cash_budget", "US", "*"))
    fee_kept = round(0.2 * 3.75, 2) * 2  # refund administration fee: 20 % of 15 % of 25, per unit
    assert limit.unit == "USD" and use(block, limit, "keep_full_refund") == pytest.approx(50 + fee_kept)


def test_days_count_every_decided_case(world):
    block, [limit] = shared(
        world, world.case("gadget", "unwanted", 25), declared("average_days", "*", "*", amount=6.0)
    )
    assert (limit.groups[0].amount, limit.groups[0].averaged) == (6.0, 1) and use(
        block, limit, "keep_full_refund"
    ) == 1


def test_days_are_an_average_over_the_cases_of_their_market_and_month(world):
    # in September two cases: keep_full_refund takes 1 day of each, so each adds 1 / 2 to the average; in
    # October one case adds its whole day
    cases = pd.concat(
        [
            world.case("gadget", "unwanted", 25, case_id="one"),
            world.case("gadget", "unwanted", 90, case_id="two"),
            world.case("gadget", "unwanted", 25, case_id="three", case_date=pd.Timestamp("2026-10-02")),
        ],
        ignore_index=True,
    )
    block, [limit] = shared(world, cases, declared("average_days", "*", "*", amount=6.0))
    assert [(g.label, g.amount, g.averaged) for g in limit.groups] == [
        ("US 2026-09", 6.0, 2),
        ("US 2026-10", 6.0, 1),
    ]
    column = [o.key.rstrip("|") for o in block.options].index("keep_full_refund")
    assert [
        round(float(d), 9) for d in np.broadcast_to(limit.uses[0].usage, block.total.shape)[:, column]
    ] == [0.5, 0.5, 1.0]
    _, result = decide_within([block], 3, [limit])
    chosen = np.broadcast_to(limit.uses[0].usage, block.total.shape)[np.arange(3), result.free.choice]
    assert result.used["average_days"].tolist() == pytest.approx([chosen[:2].sum(), chosen[2]])
    # an average of a hundredth less than what is best in September moves one of its two cases, never that of
    # October
    days = result.used["average_days"]
    less = replace(limit, groups=(replace(limit.groups[0], amount=float(days[0]) - 0.01), limit.groups[1]))
    plan, held = decide_within([block], 3, [less])
    assert (
        held.used["average_days"][0] < days[0]
        and plan.choice[2] == result.free.choice[2]
        and held.limits_cost > 0
    )


def test_a_limit_that_touches_no_case_is_refused_with_every_other(world):
    with pytest.raises(InputError) as caught:
        shared(
            world,
            world.case("gadget", "unwanted", 25),
            declared("replacements", "US", "2026-09"),
            declared("cash_budget", "US", "2030-01"),
        )
    assert [(p.column, p.value, p.problem) for p in caught.value.problems] == [
        ("limits.replacements", "US 2026-09", "touches no case"),
        ("limits.cash_budget", "US 2030-01", "touches no case"),
    ]


def test_without_declarations_there_are_no_limits(world):
    assert shared(world, world.case("gadget", "unwanted", 25))[1] == []


def test_allowed_defects_stay_strictly_below_the_share_of_the_orders():
    assert [below(0.01, n) for n in (0, 99, 100, 101, 5000, 5001)] == [0, 0, 0, 1, 49, 50]
    # 60 days to 31 October: 31 of October and 29 of the 30 of September; FBA and other markets do not count
    orders = pd.DataFrame(
        [
            ("2026-10", "US", "merchant", 3100.0),
            ("2026-09", "US", "warehouse", 3000.0),
            ("2026-10", "US", "fba", 9e5),
            ("2026-10", "DE", "merchant", 9e5),
        ],
        columns=["month", "market", "channel", "orders"],
    )
    d = LimitDeclaration("order_defects", ("US",), None, "x", share=0.01, days=60)
    assert (
        allowed_defects(d, "US", pd.Timestamp("2026-10-31"), orders) == 59
    )  # below 0.01 x (3100 + 2900) = 60
    with pytest.raises(InputError, match="has no orders in 2026-08"):
        allowed_defects(
            LimitDeclaration("order_defects", ("US",), None, "x", share=0.01, days=90),
            "US",
            pd.Timestamp("2026-10-31"),
            orders,
        )
    with pytest.raises(InputError, match="needs the orders"):
        allowed_defects(d, "US", pd.Timestamp("2026-10-31"), None)


def test_an_order_defect_is_not_paid_twice(world):
    world.set |= {"risk.on": 1, "claim.defect_money": 25, "claim.channel.warehouse": 1}
    world.resolutions["keep_full_refund"]["claim_probability"] = 0.1
    case = world.case("gadget", "unwanted", 25)
    key = "keep_full_refund"
    free, _ = shared(world, case)
    held, [limit] = shared(world, case, declared("order_defects", "*"))
    at = [o.key.rstrip("|") for o in free.options].index(key)
    assert use(held, limit, key) == pytest.approx(0.1)
    assert free.total[0, at] - held.total[0, at] == 250  # 0.1 defects x 25 USD, in cents
