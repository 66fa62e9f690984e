"""The hand-computed cases 1 to 8: inputs given here, answers to the cent, through the public API."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hand_world import HandWorld

TABLE = {0.05: 0.08, 0.1: 0.15, 0.2: 0.28, 0.3: 0.40, 0.5: 0.60, 0.7: 0.75}  # acceptance of an offer


@pytest.fixture
def world(tmp_path) -> HandWorld:
    w = HandWorld(tmp_path)
    w.set |= {f"acceptance.offer.{share:g}": q for share, q in TABLE.items()}
    w.set |= {f"acceptance.issue.{issue}": 1.0 for issue in ("unwanted", "wrong_item", "damaged")}
    w.provider("china_factory", "china_factory", "*", "CNY", fee_level_2=5 * 6.832)
    return w


def test_building_blocks(world):
    world.provider("us_warehouse", "warehouse")
    for name, price, keep, stock, china in (
        ("gadget", 25, 22.00, 15.11, 17.99),
        ("small_appliance", 80, 70.40, 33.93, 59.17),
        ("bulky_furniture", 220, 192.00, 117.17, 310.94),
    ):
        a = world.price(name, "warranty_claim", price)
        # A 25 - 3.75 + 0.75; B 80 - 12.00 + 2.40; C 220 - 33 + 5
        assert a.total("keep_full_refund") == keep
        # A 7 + 5.79*1.4; B 24 + (5.95 + 3*0.38)*1.4; C 75 + (15.30 + 38*0.39)*1.4
        assert a.total("replace_keep_old|us_warehouse|||keep_full_refund") == stock
        # A 7 + 45/6.832 + 20 % of 7 + 3; B 24 + 187/6.832 + 4.80 + 3; C 75 + 1489/6.832 + 15 + 3
        assert a.total("replace_keep_old|china_factory|||keep_full_refund") == china


def test_banded_referral_fee(world):
    world.markets["US"] |= {"referral.default.portion_above_200": 0.10}  # 15 % to 200, 10 % above = 32
    a = world.price("bulky_furniture", "warranty_claim", 220)
    assert a.lines("keep_full_refund") == {"refund": 220, "referral_fee_credit": -32, "refund_admin_fee": 5}
    assert a.total("keep_full_refund") == 193.00


def test_case_1_floor(world):
    at = world.price("gadget", "unwanted", 25.00, channel="merchant")
    assert at.acceptable() == ["keep_full_refund"]  # forced
    assert at.total("keep_full_refund") == 22.00
    assert at.refused_by("return_to_china||||keep_full_refund") == ["platform.returnless_floor"]
    above = world.price("gadget", "unwanted", 25.01, channel="merchant")
    assert above.total("keep_full_refund") == 22.01  # 25.01 - 3.75 + 0.75
    assert above.total("return_to_china||||keep_full_refund") == 64.01  # 22.01 + 42, nothing recovered
    # 0.28 * (5.00 - 0.75 + 0.15) + 0.72 * 22.01
    assert above.total("keep_partial_refund|||20%|keep_full_refund") == 17.08
    assert above.lines("keep_partial_refund|||20%|keep_full_refund") == {
        "refund": 19.41,
        "referral_fee_credit": -2.91,
        "refund_admin_fee": 0.58,
    }


def test_case_1_the_20_percent_offer_wins_where_it_is_the_only_offer(world):
    for share in (0.05, 0.1, 0.3, 0.5, 0.7):
        world.set[f"acceptance.offer.{share:g}"] = 0.0
    world.set["acceptance.offer.0.2"] = 0.28
    world.markets["US"]["offer.fixed_amount"] = 0.01
    world.resolutions["keep_with_gift"] = {"acceptance": 0}
    assert (
        world.price("gadget", "unwanted", 25.01, channel="merchant").winner()
        == "keep_partial_refund|||20%|keep_full_refund"
    )


def test_case_2_dead_on_day_5(world):
    world.provider("us_warehouse", "warehouse", acceptance=0.75)
    world.providers[0]["acceptance"] = 0.30
    world.grades = [("quality_defect", "unknown", 0, 0, 0, 0, 1)]
    world.set["acceptance.issue.quality_defect"] = 0.0  # no offers of money here
    world.resolutions["remote_support"] = {"acceptance": 0}  # nor help at a distance
    world.classes[0]["part_fix_share"] = 0.0
    world.entitlements += [
        ("*", "quality_defect", "buyer", "refund", 1),
        ("*", "quality_defect", "buyer", "return_refund", 1),
    ]
    a = world.price("gadget", "quality_defect", 25)
    assert a.total("replace_keep_old|us_warehouse|||keep_full_refund") == 16.83  # 0.75 * 15.11 + 0.25 * 22.00
    assert (
        a.total("replace_keep_old|china_factory|||keep_full_refund") == 20.80
    )  # 0.30 * 17.99 + 0.70 * 22.00
    assert a.total("keep_full_refund") == 22.00
    assert (
        a.total("return_to_warehouse|us_warehouse|inspect_by_grade") == 33.40
    )  # 22.00 + 6.90 + 1.50 + 3.00, all scrap
    assert a.winner() == "replace_keep_old|us_warehouse|||keep_full_refund"


def test_case_3_wrong_colour(world):
    a = world.price("small_appliance", "wrong_item", 80)
    expected = {
        "10%": 60.90,
        "20%": 54.63,
        "30%": 50.69,
        "50%": 49.28,
        "70%": 54.56,
    }  # q * 0.88 * share * 80 + (1 - q) * 70.40
    assert {
        level: a.total(f"keep_partial_refund|||{level}|keep_full_refund") for level in expected
    } == expected
    assert a.winner("keep_with_gift", "replace_keep_old") == "keep_partial_refund|||50%|keep_full_refund"


def test_case_3_continuous_best_offer():
    from optimizer.analysis.offers import best_offer

    # a and b through (20 %, 0.28) and (50 %, 0.60): -1.8444 and 4.4998
    b = (math.log(0.60 / 0.40) - math.log(0.28 / 0.72)) / (0.50 - 0.20)
    a = math.log(0.28 / 0.72) - 0.20 * b
    assert (round(a, 4), round(b, 4)) == (-1.8444, 4.4998)
    best = best_offer(price=80.0, fallback=70.40, besides=0.0, seller_share=0.88, a=a, b=b)
    assert round(best.kappa, 4) == 1.6553 and round(best.omega, 4) == 1.3530
    assert round(best.share * 100, 2) == 47.71 and round(best.share * 80, 2) == 38.17
    assert round(best.cost, 2) == 49.23


def test_case_4_germany(tmp_path):
    w = HandWorld(tmp_path)
    w.markets = {
        "DE": (
            {k: v for k, v in w.markets["US"].items() if not k.startswith("returnless")}
            | {
                "currency": "EUR",
                "region": "EU",
                "tax.price_includes": 1,
                "tax.rate": 0.19,
                "tax.remitted_by": "seller",
                "warehouse.pick_pack": 2.20,
            }
        )
    }
    w.lanes = {
        "DE": (
            {
                lane: ("EUR", {2: 4.90, 18: 15})
                for lane in ("return_label", "local_out", "mcf", "fba_fulfilment", "fba_removal", "to_china")
            }
            | {"china_out": ("CNY", {18: 187})}
        )
    }
    w.set |= {
        "reporting.currency": "EUR",
        "fx.EUR": 1 / 1.1684,
        "acceptance.issue.warranty_claim": 0.0,
    }  # nobody takes an offer
    w.classes[1]["part_fix_share"] = 0.0
    w.provider("de_warehouse", "warehouse", "DE", "EUR")
    w.provider("partner", "domestic_overseas", "DE", "EUR", fee_level_2=22 * 0.88)
    w.provider("local", "local", "DE", "EUR", fee_level_2=60 * 0.88, visit_fee=130)
    a = w.price("small_appliance", "warranty_claim", 95.20, market="DE")
    assert a.total("keep_full_refund") == 68.58  # 95.20/1.19 - 14.28 + 2.86
    assert a.total("replace_keep_old|de_warehouse|||keep_full_refund") == 27.64  # 24/1.1684 + 2.20 + 4.90
    assert (
        a.total("repair_domestic_overseas|partner|||replace_keep_old") == 42.00
    )  # 2*4.90 + 22*0.88 + 15/1.1684
    assert a.total("repair_local|local|||replace_keep_old") == 75.44  # 2*4.90 + 60*0.88 + 15/1.1684
    assert a.winner() == "replace_keep_old|de_warehouse|||keep_full_refund"


def _repair_world(world: HandWorld, success: float = 0.85) -> HandWorld:
    world.provider("us_warehouse", "warehouse")
    world.provider("partner", "domestic_overseas", fee_level_2=22, success=success)
    world.provider("local", "local", fee_level_2=60, visit_fee=130, success=success)
    world.set["acceptance.issue.warranty_claim"] = 0.3
    return world


def test_case_5_repair_that_may_fail(world):
    _repair_world(world)
    world.classes[1]["part_fix_share"] = 0.0
    a = world.price("small_appliance", "warranty_claim", 80)
    assert a.total("replace_keep_old|us_warehouse|||keep_full_refund") == 33.93
    assert (
        a.total("repair_domestic_overseas|partner|||replace_keep_old") == 69.09
    )  # 2*13.50 + 22 + 15 + 0.15*33.93
    assert a.total("repair_local|local|||replace_keep_old") == 107.09  # 2*13.50 + 60 + 15 + 0.15*33.93
    # works: 70 + 3 + 5 + 15 + 187/6.832 + 3 + 20 % of (5 + 15)
    assert a.total("repair_in_china_single|china_factory|||replace_keep_old") == 127.37
    assert a.total("keep_full_refund") == 70.40
    assert a.winner("keep_partial_refund") == "replace_keep_old|us_warehouse|||keep_full_refund"


@pytest.mark.parametrize(
    ("landed", "wins"), [(65.36, "replace_keep_old"), (65.38, "repair_domestic_overseas")]
)
def test_case_5_landed_cost_at_which_the_partner_starts_to_win(world, landed, wins):
    # 64 / 0.85 - 9.93 = 65.364…: just below, a new unit; just above, the partner (refund and offers are out
    # of reach)
    _repair_world(world)
    world.classes[1] |= {"part_fix_share": 0.0, "landed": landed, "price": 400}
    a = world.price("small_appliance", "warranty_claim", 400)
    assert a.winner("keep_partial_refund").split("|")[0] == wins


def test_case_6_bulky(world):
    _repair_world(world)
    world.set |= {"acceptance.issue.warranty_claim": 0.3, "freight.small_parcel_kg": 0.1}
    a = world.price("bulky_furniture", "warranty_claim", 220)
    # part 12 + bin 1.50 + postage 4.50, and 0.15 * 117.17 where the part does not help
    assert a.total("send_part|us_warehouse|||replace_keep_old") == 35.58
    assert a.winner() == "send_part|us_warehouse|||replace_keep_old"
    assert a.total("replace_keep_old|us_warehouse|||keep_full_refund") == 117.17
    assert a.total("on_site_visit|local|||replace_keep_old") == 159.58  # 130 + 12 + 0.15*117.17
    assert (
        a.total("repair_domestic_overseas|partner|||replace_keep_old") == 171.58
    )  # 2*60 + 22 + 12 + 0.15*117.17
    assert a.total("keep_full_refund") == 192.00
    assert a.total("replace_keep_old|china_factory|||keep_full_refund") == 310.94


def test_case_6_the_offer_before_and_after_rounding_of_lines(world):
    _repair_world(world)
    a = world.price("bulky_furniture", "warranty_claim", 220)
    key = "keep_partial_refund|||20%|replace_keep_old"
    # q = 0.3 * 0.28 = 0.084: 0.084 * 38.40 + 0.916 * 117.17 = 110.5533
    assert round(a.exact(key), 2) == 110.55
    # every line is rounded by itself: 3.70 - 0.55 + 0.08 + 68.70 + 38.63
    assert a.lines(key) == {
        "refund": 3.70,
        "referral_fee_credit": -0.55,
        "refund_admin_fee": 0.08,
        "replacement_goods": 68.70,
        "outbound_freight": 38.63,
    }
    assert a.total(key) == 110.56


PROBABILITY = {
    "gadget": (25, 0.321, 0.383, 0.468),
    "small_appliance": (80, 0.356, 0.620, 0.738),
    "bulky_furniture": (220, 0.540, None, 0.885),
}


@pytest.mark.parametrize("product", PROBABILITY)
def test_case_7_switch_probabilities(world, product):
    price, from_stock, from_china, contest = PROBABILITY[product]
    world.provider("us_warehouse", "warehouse")
    world.set |= {"risk.on": 1, "claim.defect_money": 25, "claim.after_refused_offer": 0}
    world.resolutions["trace_and_wait"] = {"success": 1}  # declining: wait, and risk the claim
    world.entitlements += [
        ("*", "lost_in_transit", "buyer", "refund", 1),
        ("*", "lost_in_transit", "seller", "replacement", 1),
    ]

    def cost(probability: float, issue: str, key: str) -> float:
        world.resolutions["trace_and_wait"]["claim_probability"] = probability
        world.set["claim.lose_probability"] = probability
        return world.price(product, issue, price).total(key)

    decline = "trace_and_wait||||refund_lost"
    for source, threshold in (("us_warehouse", from_stock), ("china_factory", from_china)):
        again = cost(0.0, "lost_in_transit", f"reship_lost|{source}|||refund_lost")
        if threshold is None:
            assert again > cost(1.0, "lost_in_transit", decline)  # never
        else:
            assert (
                cost(threshold - 0.001, "lost_in_transit", decline)
                < again
                < cost(threshold + 0.001, "lost_in_transit", decline)
            )
    refund = cost(0.0, "a_to_z_claim", "refund_before_decision")
    assert (
        cost(contest - 0.001, "a_to_z_claim", "represent_with_evidence")
        < refund
        < cost(contest + 0.001, "a_to_z_claim", "represent_with_evidence")
    )


def test_case_8_fba_return(world):
    world.provider("amazon_fba", "platform", "*")
    world.grades = [("unwanted", "unknown", 0.35, 0.25, 0.15, 0.15, 0.10)]
    world.set |= {
        "resale.like_new": 0.75,
        "resale.good": 0.60,
        "resale.refurbished": 0.0,
        "liquidation.share": 0.06,
    }
    a = world.price("gadget", "unwanted", 25, channel="fba")
    from optimizer.model.components.goods import sold_again, unit_values

    values = {k: float(v[0]) for k, v in unit_values(a.pricer.block).items()}
    assert round(float(sold_again(a.pricer.block, 1.0, used=False)[0]), 2) == 16.90  # 25 - 3.75 - 4.35
    assert values["as_new"] == 7.00  # min(landed 7.00, 16.90)
    assert values["like_new"] == 9.79  # 18.75 - 2.81 - 4.35 - 1.80
    assert values["good"] == 6.60  # 15.00 - 2.25 - 4.35 - 1.80
    assert values["liquidated"] == 1.50 and values["disposed"] == -1.53
    assert (
        a.lines("return_to_fba||inspect_by_grade")["recovery"] == -5.96
    )  # 2.45 + 2.45 + 0.99 + 0.225 - 0.153
    assert a.total("return_to_fba||inspect_by_grade") == 16.04
    assert a.total("keep_full_refund") == 22.00
    assert a.winner() == "return_to_fba||inspect_by_grade"


def test_case_8_displacement_at_which_a_used_sale_loses_its_edge(world):
    # 2.79 / 9.90 = 28.2 %: as new 7.00 against used 9.79 less displacement * (16.90 - 7.00)
    from optimizer.model.components.goods import unit_values

    world.provider("amazon_fba", "platform", "*")
    for displacement, used_is_better in ((0.27, True), (0.29, False)):
        world.set |= {"resale.displacement": displacement, "resale.like_new": 0.75}
        values = unit_values(world.price("gadget", "unwanted", 25, channel="fba").pricer.block)
        assert (values["like_new"][0] > values["as_new"][0]) is np.bool_(used_is_better)


def test_grade_and_resell_example(world):
    # like new 28.50, processing 1.80, fulfilment 5.80, referral 15 %: 16.62; very good 25.50: 14.07; good
    # 24.00: 12.80; acceptable 22.50: 11.52
    from optimizer.model.components.goods import sold_again, unit_values

    world.lanes["US"] |= {"fba_fulfilment": ("USD", {18: 5.80}), "fba_removal": ("USD", {18: 2.36})}
    block = world.price("gadget", "unwanted", 30, channel="fba").pricer.block
    for share, net in ((0.95, 16.62), (0.85, 14.07), (0.80, 12.80), (0.75, 11.52)):
        assert round(float(sold_again(block, share, used=True)[0]), 2) == net
    assert unit_values(block)["disposed"][0] == -2.36
