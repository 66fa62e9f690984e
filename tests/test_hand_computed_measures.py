"""What counts beside money, worked by hand: days, satisfaction, order defects, use of limits, margins."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hand_world import Answer, HandWorld

from optimizer.analysis.decided import read_decided
from optimizer.domain.shared_limit import Group, SharedLimit, Use
from optimizer.model.limits.families import MEASURES, capacity_in_hours, capacity_in_units
from optimizer.solve.decide import EXPECTED, UNDECIDED, decide
from optimizer.solve.decide_limited import decide_within

REPAIR = "repair_domestic_overseas|partner|||replace_keep_old"
NEW_ONE = "replace_keep_old|us_warehouse|||keep_full_refund"
LANE_DAYS = {"local_out": 3, "return_label": 5, "china_out": 12, "to_china": 10}


@pytest.fixture
def world(tmp_path) -> HandWorld:
    w = HandWorld(tmp_path)
    w.lane_days = LANE_DAYS
    w.provider("us_warehouse", "warehouse", lead_days=2)
    w.provider("china", "china_factory", "*", "CNY", lead_days=6)
    w.provider("partner", "domestic_overseas", lead_days=9, success=0.8)
    w.entitlements[0] = ("*", "warranty_claim", "seller", "repair", 0.5)  # half let their unit be repaired
    return w


def test_days_of_each_way_to_send_and_to_repair(world):
    world.provider("local", "local", lead_days=4)
    world.provider("lots", "china_batch", "*", "CNY", lead_days=50)
    days = {"replace_keep_old": 1, "keep_full_refund": 1, "send_part": 1, "repair_in_china_single": 2}
    days |= {"repair_domestic_overseas": 1.5, "on_site_visit": 3, "swap_and_batch_to_china": 1}
    world.resolutions |= {key: {"days": d, "acceptance": 1} for key, d in days.items()}
    world.entitlements[0] = ("*", "warranty_claim", "seller", "repair", 1)
    world.providers[2]["success"] = 1
    world.classes[0]["part_fix_share"] = 1  # everybody agrees and everything works: no fallback is reached
    a = world.price("gadget", "warranty_claim", 25)
    expected = {
        "keep_full_refund": 1,
        NEW_ONE: 1 + 2 + 3,  # its own day, 2 until it leaves the warehouse, 3 in the country
        "replace_keep_old|china|||keep_full_refund": 1 + 6 + 12,
        "send_part|us_warehouse|||keep_full_refund": 1 + 2 + 3,
        "send_part|china|||keep_full_refund": 1 + 6 + 12,
        REPAIR: 1.5 + 9 + 5 + 5,  # labels there and back
        "repair_in_china_single|china|||replace_keep_old": 2 + 6 + 10 + 12,
        "on_site_visit|local|||replace_keep_old": 3 + 4,  # nothing travels but the technician
        "swap_and_batch_to_china|lots|||keep_full_refund": 1 + 3,  # the old unit's way to China is no wait
    }
    assert {key: a.measures(key)[0] for key in expected} == expected


def test_a_unit_that_goes_in_a_batch_waits_for_it(world):
    world.provider("lots", "china_batch", "*", "CNY", lead_days=50)
    world.rates = [
        {"provider": "lots", "waiting_days": 30},
        {"provider": "lots", "product_class": "gadget", "waiting_days": 21},
    ]
    world.resolutions["ship_to_china_batch"] = {"days": 2}
    key = "ship_to_china_batch|lots|||"
    assert world.price("gadget", "returned_goods", 25).measures(key)[0] == 2 + 50 + 21
    assert world.price("small_appliance", "returned_goods", 80).measures(key)[0] == 2 + 50 + 30


def test_a_repair_that_half_refuse_and_a_fifth_of_the_others_see_fail(world):
    world.set |= {"claim.channel.warehouse": 0.5}
    world.resolutions["repair_domestic_overseas"] = {
        "days": 1,
        "satisfaction": 3.7,
        "claim_probability": 0.04,
        "completion": 0.9,  # who never sends it in costs nothing, but is content all the same
    }
    world.resolutions["replace_keep_old"] = {"days": 1, "satisfaction": 4.2, "claim_probability": 0.10}
    world.providers[0]["claim_factor"], world.providers[2]["claim_factor"] = 2, 1.5
    # q = 0.5 agree; of those 0.8 are cured: 0.5 x 0.8 = 0.4; 1 - 0.4 = 0.6 of all buyers get a new unit
    days, satisfaction, defects = world.price("gadget", "warranty_claim", 25).measures(REPAIR)
    assert days == pytest.approx(0.5 * (1 + 9 + 5 + 5) + 0.6 * (1 + 2 + 3))  # a failed repair took its time
    assert satisfaction == pytest.approx(0.4 * 3.7 + 0.6 * 4.2)  # only who is cured is as content as after it
    # claims: 0.04 x 1.5 and 0.10 x 2, half of them hit the seller in this channel
    assert defects == pytest.approx(0.5 * (0.06 * 0.5) + 0.6 * (0.20 * 0.5))


def test_a_parcel_that_is_traced(world):
    # nobody is asked, 35 % turn up, the others are refunded
    world.resolutions["trace_and_wait"] = {
        "days": 10,
        "satisfaction": 2.4,
        "success": 0.35,
        "claim_probability": 0.12,
        "acceptance": 0.2,
    }
    world.resolutions["refund_lost"] = {"days": 2, "satisfaction": 4, "claim_probability": 0.01}
    a = world.price("gadget", "lost_in_transit", 25)
    assert a.measures("trace_and_wait||||refund_lost") == pytest.approx(
        (10 + 0.65 * 2, 0.35 * 2.4 + 0.65 * 4, 0.12 + 0.65 * 0.01)
    )


def test_an_offer_of_money(world):
    # the table says 0.28 at 20 %, the issue halves it: 0.14 accept; money once taken always solves the case
    world.set |= {"acceptance.offer.0.2": 0.28, "acceptance.issue.unwanted": 0.5}
    world.resolutions["keep_partial_refund"] = {"days": 3, "satisfaction": 3, "claim_probability": 0.05}
    world.resolutions["keep_full_refund"] = {"days": 1, "satisfaction": 5, "claim_probability": 0.01}
    a = world.price("gadget", "unwanted", 90)
    assert a.measures("keep_partial_refund|||20%|keep_full_refund") == pytest.approx(
        (0.14 * 3 + 0.86 * 1, 0.14 * 3 + 0.86 * 5, 0.14 * 0.05 + 0.86 * 0.01)
    )


def test_order_defects_of_an_open_claim(world):
    world.set |= {
        "claim.lose_probability": 0.55,
        "claim.appeal_win_share": 0.3,
        "claim.channel.warehouse": 0.9,
    }
    world.set |= {"claim.solved.by_phone": 0.5, "claim.solved.direct_factor": 0.6}
    world.resolutions["refund_before_decision"] = {"claim_probability": 0.3}
    a = world.price("gadget", "a_to_z_claim", 25)
    expected = {
        "accept_claim": 0.9,
        "represent_with_evidence": 0.55 * 0.9,
        "represent_and_appeal": 0.55 * 0.7 * 0.9,
        "refund_before_decision": 0.3 * 0.9,
        # 0.5 x 0.6 of claims are withdrawn and count nothing; 0.7 are answered with evidence
        "solve_cause_first||by_phone||represent_with_evidence": 0.7 * (0.55 * 0.9),
    }
    assert {key: a.measures(key)[2] for key in expected} == pytest.approx(expected)


def test_a_claim_is_never_more_than_certain(world):
    world.resolutions["keep_full_refund"] = {"claim_probability": 0.6}
    world.resolutions["replace_keep_old"] = {"claim_probability": 0.6}
    world.providers[0]["claim_factor"] = 4
    a = world.price("gadget", "warranty_claim", 25)
    assert a.measures("keep_full_refund")[2] == 0.6 and a.measures(NEW_ONE)[2] == 1.0


def test_use_of_every_family_by_a_repair_with_a_fallback(world):
    world.set |= {"repair.bench_hours_level_2": 0.75, "claim.channel.warehouse": 1}
    world.resolutions["repair_domestic_overseas"] = {"completion": 0.9, "claim_probability": 0.04}
    world.resolutions["replace_keep_old"] = {"completion": 0.7, "claim_probability": 0.10}
    a = world.price("gadget", "warranty_claim", 25, quantity=3)
    i = a.column(REPAIR)
    # 0.5 agree and 0.9 of them carry it through; 1 - 0.5 x 0.8 = 0.6 get a new unit, 0.7 of them see it done
    expected = {
        "order_defects": 0.5 * 0.04 + 0.6 * 0.10,  # whether it is carried through makes no claim less likely
        "average_days": 0.5 * (1 + 9 + 5 + 5) + 0.6 * (1 + 2 + 3),
        "replacements": 0.6 * 0.7 * 3,
        "stock_on_hand": 0.6 * 0.7 * 3,  # the new one comes from the warehouse
    }
    used = {family: float(MEASURES[family](a.pricer, i)[0]) for family in expected}
    assert used == pytest.approx(expected)
    assert capacity_in_units("partner")(a.pricer, i)[0] == pytest.approx(0.5 * 0.9 * 3)
    assert capacity_in_hours("partner")(a.pricer, i)[0] == pytest.approx(0.5 * 0.9 * 3 * 0.75)
    assert capacity_in_units("us_warehouse")(a.pricer, i)[0] == pytest.approx(0.6 * 0.7 * 3)
    assert capacity_in_hours("us_warehouse")(a.pricer, i)[0] == 0  # nothing is repaired there
    # cash: three gadgets are one parcel of 0.9 kg, whose label is 13.50 each way, and their parts 4 each; new
    # ones 7 each, and to send them (5.95 + 3 x 0.38) x 1.4 = 9.93
    cash = {
        "inbound_freight": 0.5 * 0.9 * 13.50,
        "outbound_freight": 0.5 * 0.9 * 13.50 + 0.6 * 0.7 * 9.93,
        "parts": 0.5 * 0.9 * 4 * 3,
        "replacement_goods": 0.6 * 0.7 * 7 * 3,
    }
    assert a.lines(REPAIR) == {line: round(amount, 2) for line, amount in cash.items()}
    assert MEASURES["cash_budget"](a.pricer, i)[0] == pytest.approx(
        sum(round(amount, 2) for amount in cash.values())
    )


def test_stock_is_used_by_what_does_not_come_from_china(world):
    a = world.price("gadget", "warranty_claim", 25, quantity=2)
    used = {
        key: float(MEASURES["stock_on_hand"](a.pricer, a.column(key))[0])
        for key in (NEW_ONE, "replace_keep_old|china|||keep_full_refund", "keep_full_refund")
    }
    assert list(used.values()) == [2, 0, 0]
    assert MEASURES["replacements"](a.pricer, a.column("replace_keep_old|china|||keep_full_refund"))[0] == 2


def test_cash_is_what_is_paid_out_whatever_comes_back(world):
    # 0.14 take 20 %: 5.00 less 0.75 of the fee, plus 0.15 kept; the others 25 - 3.75 + 0.75
    world.set |= {"acceptance.offer.0.2": 0.14, "acceptance.issue.unwanted": 1}
    a = world.price("gadget", "unwanted", 25)
    i = a.column("keep_partial_refund|||20%|keep_full_refund")
    refund, fee = round(0.14 * 5 + 0.86 * 25, 2), round(0.14 * 0.15 + 0.86 * 0.75, 2)
    assert (refund, fee) == (22.20, 0.67)
    assert MEASURES["cash_budget"](a.pricer, i)[0] == pytest.approx(22.20 + 0.67)


def test_what_others_decide_is_an_expectation(world):
    # 0.6 of claims on FBA orders are granted, 0.4 the platform settles; claims hit the seller in 0.2
    world.shares = [
        ("amazon", "*", "fba", "a_to_z_claim", "accept_claim", 0.6),
        ("amazon", "*", "fba", "a_to_z_claim", "refer_to_platform", 0.4),
    ]
    world.set |= {"claim.channel.fba": 0.2}
    world.resolutions["accept_claim"] = {"days": 2, "satisfaction": 3.5}
    world.resolutions["refer_to_platform"] = {"days": 7, "satisfaction": 2.8, "claim_probability": 0.5}
    a = world.price("gadget", "a_to_z_claim", 25, channel="fba")
    plan = decide([a.block], 1)
    assert plan.choice.tolist() == [EXPECTED]
    assert read_decided(a.engine, [a.block], plan).measures[0] == pytest.approx(
        (0.6 * 2 + 0.4 * 7, 0.6 * 3.5 + 0.4 * 2.8, 0.6 * 0.2 + 0.4 * (0.5 * 0.2))
    )


def test_the_margin_is_what_the_next_best_costs_more(world):
    world.entitlements[0] = ("*", "warranty_claim", "seller", "repair", 1)
    a = world.price("small_appliance", "warranty_claim", 80)
    acceptable = np.flatnonzero(a.block.acceptable[0])
    order = sorted(acceptable, key=lambda i: (a.block.total[0, i], i))
    plan = decide([a.block], 1)
    first, second = order[0], order[1]
    assert (plan.choice[0], plan.runner_up[0]) == (first, second) and a.keys[first] != a.keys[second]
    assert plan.margin[0] == a.block.total[0, second] - a.block.total[0, first] > 0
    a.block.refused[0, [i for i in acceptable if i not in (first, order[3])]] = 1  # the fourth is next now
    plan = decide([a.block], 1)
    assert plan.runner_up[0] == order[3]
    assert plan.margin[0] == a.block.total[0, order[3]] - a.block.total[0, first]
    a.block.refused[0, order[3]] = 1
    plan = decide([a.block], 1)
    assert (plan.runner_up[0], plan.margin[0]) == (-1, 0.0)
    a.block.refused[0, first] = 1
    plan = decide([a.block], 1)
    assert (plan.choice[0], plan.runner_up[0], plan.margin[0], plan.total[0]) == (UNDECIDED, -1, 0.0, 0.0)


def test_under_a_limit_the_margin_counts_use_at_its_price(world):
    """Two alike cases and one new unit for both: one case gets it, the other gives way."""
    case = world.case("gadget", "warranty_claim", 25)
    a = Answer(world.scenario(), pd.concat([case, case.assign(case_id="other")], ignore_index=True))
    new, refund = a.column(NEW_ONE), a.column("keep_full_refund")
    a.block.refused[:] = 1
    a.block.refused[:, [new, refund]] = 0
    # 7 + 5.79 x 1.4 = 15.11 against 25 - 3.75 + 0.75 = 22.00: a unit saves 6.89
    assert a.block.total[0, [new, refund]].tolist() == [1511, 2200]
    usage = np.zeros((1, len(a.keys)))
    usage[0, new] = 1.0
    limit = SharedLimit(
        "stock_on_hand",
        "units",
        (Group("US", 1.0, "given in the test"),),
        (Use(usage, np.zeros((1, 1), int)),),
    )
    plan, result = decide_within([a.block], 2, [limit])
    assert sorted(plan.choice.tolist()) == sorted([new, refund])
    assert result.shadow_price["stock_on_hand"] == pytest.approx([6.89])
    assert (result.limits_cost, result.used["stock_on_hand"].tolist()) == (6.89, [1.0])
    assert plan.margin.tolist() == [0.0, 0.0]  # 15.11 + 6.89 = 22.00: at this price either is as good
    assert decide([a.block], 2).margin.tolist() == [689.0, 689.0]
