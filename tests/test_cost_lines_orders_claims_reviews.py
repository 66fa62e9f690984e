"""Lines of new addresses, claims, reviews, pictures, customs: inputs given here, the arithmetic visible,
the answer to the cent."""

from __future__ import annotations

import pandas as pd
import pytest
from test_cost_lines import BACK, amount, cents, germany, w

__all__ = ["w"]  # the world of the other page, as a fixture


def test_sale_lost_when_the_buyer_does_not_order_again(w):
    w.set["reorder.share"] = 0.75
    w.grades = [("address_change_unshipped", "unknown", 1, 0, 0, 0, 0)]
    a = w.price("gadget", "address_change_unshipped", 25, channel="merchant", quantity=2)
    option = "cancel_and_reorder"
    assert amount(a, "sale_lost_refund", option) == cents(0.25 * 2 * 25)
    assert amount(a, "sale_lost_referral_fee_credit", option) == -cents(0.25 * 2 * 3.75)
    assert amount(a, "unit_not_sent", option) == -cents(0.25 * 2 * 7)  # worth its landed cost, as new
    assert amount(a, "postage_not_spent", option) == -cents(
        0.25 * 187 / 7
    )  # two gadgets are 0.6 kg: the break of 187 CNY
    assert amount(a, "duty_not_spent", option) == -cents(
        0.25 * (0.20 * 2 * 7 + 3)
    )  # and its duty and clearance
    assert amount(a, "picking_not_spent", option) == 0.0
    w.markets["US"]["warehouse.pick_pack"] = 2.20
    near = w.price("gadget", "address_change_unshipped", 25, channel="warehouse")
    assert (
        amount(near, "picking_not_spent", option) == -0.55 and amount(near, "duty_not_spent", option) == 0.0
    )
    w.set["freight.outbound_factor"] = 1.2
    fba = w.price("gadget", "address_change_unshipped", 25, channel="fba", quantity=3)
    assert amount(fba, "postage_not_spent", option) == -cents(
        0.25 * 1.2 * 3 * 4.35
    )  # fulfilment is charged by unit: 4.20 * 1.035
    assert amount(fba, "picking_not_spent", option) == 0.0 == amount(fba, "duty_not_spent", option)
    assert a.lines(option)["refund"] == 12.50 and "refund_admin_fee" not in a.lines(
        option
    )  # before shipping nothing is kept


def test_redirecting_costs_the_carriers_fee(w):
    w.set["intercept.fee"] = 14.64
    germany(w)
    assert (
        amount(
            w.price("gadget", "address_change_shipped", 25),
            "redirect_fee",
            "redirect_with_carrier||||reship_to_new_address",
        )
        == 14.64
    )
    de = w.price("gadget", "address_change_shipped", 25, market="DE")
    assert (
        amount(de, "redirect_fee", "redirect_with_carrier||||reship_to_new_address") == 14.64
    )  # a fee in dollars


def test_part_value_is_a_share_of_the_price(w):
    w.set["accessory.value_share"] = 0.12
    a = w.price("gadget", "missing_accessory", 25)
    option = "refund_part_value||||keep_full_refund"
    assert amount(a, "part_value_refund", option) == cents(0.12 * 25)
    assert amount(a, "part_value_referral_fee_credit", option) == -cents(0.12 * 3.75)
    assert amount(a, "part_value_refund_admin_fee", option) == cents(0.12 * 0.75)


@pytest.mark.parametrize(
    ("disposition", "reason", "solved"),
    [
        ("by_phone", "", 0.5 * 0.7),
        ("by_message", "", 0.3 * 0.7),
        ("by_phone", "item returned, no refund", 0.5),
        ("by_message", "\u9000\u8d27\u672a\u9000\u6b3e", 0.3),
    ],
)
def test_solving_the_cause_of_a_claim(w, disposition, reason, solved):
    """Straight to the platform 30 % fewer are reached than after an unhappy return; solving costs two
    fifths of the price."""
    w.set |= {
        "claim.solved.by_phone": 0.5,
        "claim.solved.by_message": 0.3,
        "claim.solved.direct_factor": 0.7,
        "claim.solution_share": 0.4,
        "contact.phone_cost": 3,
    }
    a = w.price("gadget", "a_to_z_claim", 25, reason_text=reason)
    option = f"solve_cause_first||{disposition}||refund_before_decision"
    assert amount(a, "solved_refund", option) == cents(0.4 * solved * 25)
    assert amount(a, "solved_referral_fee_credit", option) == -cents(0.4 * solved * 3.75)
    assert amount(a, "solved_refund_admin_fee", option) == cents(0.4 * solved * 0.75)
    assert amount(a, "phone_call", option) == (3.00 if disposition == "by_phone" else 0.00)


def test_an_appeal_wins_back_money_and_defect(w):
    w.set |= {
        "risk.on": 1,
        "claim.lose_probability": 0.6,
        "claim.appeal_win_share": 0.25,
        "claim.defect_money": 25,
    }
    a = w.price("gadget", "a_to_z_claim", 25)
    lost = 0.6 * 0.75
    assert amount(a, "appealed_refund", "represent_and_appeal") == cents(lost * 25)
    assert amount(a, "appealed_referral_fee_credit", "represent_and_appeal") == -cents(lost * 3.75)
    assert amount(a, "appealed_refund_admin_fee", "represent_and_appeal") == cents(lost * 0.75)
    assert amount(a, "defect_if_appeal_lost", "represent_and_appeal") == cents(lost * 25)
    i = a.column("represent_and_appeal")
    assert a.pricer.measures(i)[2][0] == pytest.approx(lost)  # expected order defects


@pytest.mark.parametrize(("days", "left"), [(0, 1.0), (7, 0.5), (14, 0.25)])
def test_the_effect_on_a_review_fades_with_the_days(w, days, left):
    w.set |= {
        "risk.on": 1,
        "review.answer_days": days,
        "review.half_life_days": 7,
        "review.changed.refund_after_review": 0.4,
        "claim.defect_money": 25,
        "feedback.conversion_share": 0.2,
    }
    option = "refund_after_review||||reply_publicly"
    review = w.price("gadget", "negative_review", 25, stars=1.0)
    assert amount(review, "lost_conversion", option) == cents((1 - 0.4 * left) * 10)
    assert amount(review, "feedback_defect", option) == 0.0  # a review of the product is no order defect
    feedback = w.price("gadget", "negative_feedback", 25, stars=2.0)
    assert amount(feedback, "lost_conversion", option) == cents(0.2 * (1 - 0.4 * left) * 10)
    assert amount(feedback, "feedback_defect", option) == cents((1 - 0.4 * left) * 25)


@pytest.mark.parametrize(
    ("stars", "conversion", "defect"),
    [(1.0, 1.0, 1.0), (2.0, 1.0, 1.0), (3.0, 0.5, 0.0), (4.0, 0.0, 0.0), (float("nan"), 1.0, 1.0)],
)
def test_stars_weigh(w, stars, conversion, defect):
    w.set |= {
        "risk.on": 1,
        "review.changed.reply_publicly": 0,
        "claim.defect_money": 25,
        "feedback.conversion_share": 1,
    }
    a = w.price("gadget", "negative_feedback", 25, stars=stars)
    assert amount(a, "lost_conversion", "reply_publicly") == conversion * 10
    assert amount(a, "feedback_defect", "reply_publicly") == defect * 25


def test_pictures_bring_more_from_carriers_and_half_from_suppliers(w):
    w.set |= {
        "carrier_claim.share_with_pictures": 0.8,
        "carrier_claim.cap": 20,
        "supplier_recovery.share": 0.15,
        "supplier_recovery.share_with_pictures": 0.5,
    }
    a = w.price("gadget", "damaged", 25, fault="carrier")
    assert (
        amount(a, "carrier_claim_with_pictures", "refund_with_evidence") == -16.00
    )  # 80 % of the cover of 20
    assert (
        amount(w.price("gadget", "damaged", 25), "carrier_claim_with_pictures", "refund_with_evidence") == 0.0
    )
    defect = w.price("gadget", "quality_defect", 25)
    assert amount(defect, "supplier_recovery_with_pictures", "refund_with_evidence") == -cents(0.5 * 0.15 * 7)


def test_what_the_platform_pays_for_damage_by_the_buyer(w):
    w.set["safet.damaged_share"] = 0.08
    w.markets["US"] |= {"safet.share": 0.5, "safet.days": 60}
    assert amount(w.price("gadget", "unwanted", 25), "safet_claim", BACK) == -cents(0.08 * 0.5 * 22.00)
    assert amount(w.price("gadget", "unwanted", 25, platform="shopify"), "safet_claim", BACK) == 0.0
    assert amount(w.price("gadget", "damaged", 25), "safet_claim", BACK) == 0.0
    germany(w).markets["DE"].pop("safet.share")
    assert (
        amount(
            w.price("gadget", "unwanted", 25, market="DE"),
            "safet_claim",
            "return_to_warehouse|de_warehouse|inspect_by_grade",
        )
        == 0.0
    )


def test_what_was_not_refunded_may_still_be_claimed(w):
    w.set |= {"risk.on": 1, "claim.defect_money": 25, "accessory.value_share": 0.12}
    w.resolutions["refund_part_value"] = {"claim_probability": 0.02}
    a = w.price("gadget", "missing_accessory", 25)
    assert amount(a, "claim_for_the_rest", "refund_part_value||||keep_full_refund") == cents(
        0.02 * (25 + 0.88 * 22)
    )
    w.markets["US"] |= {"restocking.late_share": 0.2, "restocking.used_share": 0.5}
    w.resolutions["return_with_restocking_fee"] = {"claim_probability": 0.06}
    late = pd.Timestamp("2026-07-01")
    fee = w.price("gadget", "unwanted", 25, quantity=2, order_date=late, delivery_date=late)
    assert amount(
        fee, "claim_for_the_rest", "return_with_restocking_fee|us_warehouse|inspect_by_grade"
    ) == cents(0.06 * (25 + 0.2 * 2 * 22))


def test_fees_come_back_for_what_is_refunded(w):
    w.markets["US"] |= {"restocking.late_share": 0.2, "restocking.used_share": 0.5}
    option = "return_with_restocking_fee|us_warehouse|inspect_by_grade"
    a = w.price("gadget", "unwanted", 25)  # within the window
    assert amount(a, "less_fee_referral_fee_credit", option) == -cents(0.5 * 3.75)
    assert amount(a, "less_fee_refund_admin_fee", option) == cents(0.5 * 0.75)


def test_the_carrier_pays_a_late_parcel_once_tracing_has_failed(w):
    """One in five late parcels never arrives; after tracing that is certain, while the refund that follows
    alone would claim a fifth."""
    w.set |= {"carrier_claim.share": 0.5, "trace.late_parcels_arrive": 0.8}
    a, option = w.price("gadget", "delivery_delay", 25), "trace_and_wait||||refund_lost"
    assert amount(a, "carrier_claim_once_traced", option) == -cents(0.2 * 0.8 * 12.50)
    assert a.lines(option)["carrier_claim"] == -cents(0.2 * 12.50)
    assert a.lines("refund_lost")["carrier_claim"] == -cents(0.2 * 12.50)
    assert amount(w.price("gadget", "lost_in_transit", 25), "carrier_claim_once_traced", option) == 0.0


def test_the_platform_refunds_late_parcels_that_never_arrive(w):
    w.set |= {"trace.late_parcels_arrive": 0.9, "reimbursement.share": 0.95}
    a = w.price("gadget", "delivery_delay", 25, channel="fba", quantity=2)
    assert [
        amount(a, c, "refer_to_platform")
        for c in (
            "refund_by_platform",
            "fee_credit_by_platform",
            "admin_fee_by_platform",
            "platform_reimbursement",
        )
    ] == [5.00, -0.75, 0.15, -cents(0.1 * 0.95 * 44.00)]


def test_nothing_to_claim_from_the_platforms_carriers(w):
    w.set |= {"carrier_claim.share": 0.5, "carrier_claim.cap": 100}
    assert (
        amount(w.price("gadget", "damaged", 25, fault="carrier"), "carrier_claim", "keep_full_refund")
        == -12.50
    )
    assert (
        amount(
            w.price("gadget", "damaged", 25, fault="carrier", channel="fba"),
            "carrier_claim",
            "keep_full_refund",
        )
        == 0.0
    )


def test_who_cancels_after_delivery_may_pay_the_label(w):
    w.set["buyer_charge.unwanted_share"] = 0.4
    assert amount(w.price("gadget", "cancel_delivered", 25), "label_paid_by_buyer", BACK) == -cents(
        0.4 * 6.90
    )
    assert amount(w.price("gadget", "usage_help", 25), "label_paid_by_buyer", BACK) == 0.0


def test_a_part_takes_as_long_as_its_parcel(w):
    w.providers[1]["lead_days"] = 10
    a = w.price("gadget", "missing_accessory", 25)
    ways = ("send_part|us_warehouse", "send_part|china_factory", "keep_with_gift|china_factory")
    days = [a.pricer.measures(a.column(f"{way}|||keep_full_refund"))[0][0] for way in ways]
    assert days == [1 + 1 + 4, 1 + 10 + 4, 1 + 10 + 4]  # own days, lead time, lane


@pytest.mark.parametrize(("ordered", "share"), [("2026-09-01", 0.5), ("2026-07-01", 0.2)])
def test_restocking_fee_of_late_and_of_used_goods(w, ordered, share):
    """Day 9 is inside the window of 30 days: the share for used goods; day 71 is late."""
    w.markets["US"] |= {"restocking.late_share": 0.2, "restocking.used_share": 0.5}
    a = w.price(
        "gadget",
        "unwanted",
        25,
        order_date=pd.Timestamp(ordered),
        delivery_date=pd.Timestamp(ordered),
        case_date=pd.Timestamp("2026-09-10"),
    )
    assert (
        amount(a, "restocking_fee", "return_with_restocking_fee|us_warehouse|inspect_by_grade") == -share * 25
    )


@pytest.mark.parametrize(
    ("condition", "ordered", "rate_x_value"),
    [
        ("sellable", "2026-06-01", 0.13 * 7),
        ("sellable", "2026-02-01", 0.2 * 0.35 * 7),
        ("unknown", "2026-06-01", 0.2 * 0.35 * 7),
    ],
)
def test_tax_into_china(w, condition, ordered, rate_x_value):
    """Sealed within six months the export rebate is repaid; else import tax is due on what the unit is
    worth in China."""
    w.set |= {"china.export_rebate": 0.13, "china.import_tax": 0.2, "resale.china_share": 0.35}
    a = w.price("gadget", "returned_goods", 25, condition=condition, order_date=pd.Timestamp(ordered))
    assert amount(a, "tax_into_china", "ship_to_china_single") == cents(rate_x_value)


def test_drawback_of_duty_paid_once(w):
    w.set["drawback.filed_share"] = 0.5
    w.markets["US"]["duty.drawback_share"] = 0.99
    germany(w).markets["DE"].pop("duty.drawback_share")
    assert amount(w.price("gadget", "returned_goods", 25), "duty_drawback", "ship_to_china_single") == -cents(
        0.5 * 0.99 * 0.20 * 7
    )
    assert (
        amount(w.price("gadget", "returned_goods", 25, market="DE"), "duty_drawback", "ship_to_china_single")
        == 0.0
    )


def test_entry_of_a_small_parcel_from_china(w):
    w.markets["US"] |= {"duty.per_parcel": 2, "duty.clearance": 3}
    a = w.price("gadget", "missing_accessory", 25)
    assert amount(a, "entry_of_small_parcel", "send_part|china_factory|||keep_full_refund") == 5.00
    assert amount(a, "entry_of_small_parcel", "send_part|us_warehouse|||keep_full_refund") == 0.00


def test_a_repair_extends_liability_only_for_what_was_sold_since(w):
    w.set |= {"risk.on": 1, "follow_on.repair_factor": 1.0}
    germany(w).provider("partner", "local", "DE", "EUR")
    w.markets["DE"] |= {
        "guarantee.repair_extension_months": 12,
        "guarantee.repair_extension_from": "2026-07-31",
    }
    option, found = "repair_local|partner|||keep_full_refund", []
    for ordered in ("2026-07-30", "2026-07-31"):
        day = pd.Timestamp(ordered)
        a = w.price(
            "gadget", "warranty_claim", 25, market="DE", order_date=day, delivery_date=day, case_date=day
        )
        found.append(amount(a, "follow_on_repair", option))
    assert found[1] == pytest.approx(1.5 * found[0], abs=0.01)  # 36 months instead of 24


def test_advice_cures_by_class_and_half_as_many_defects(w):
    w.classes[0]["remote_fix_share"] = 0.6
    w.set["remote.defect_factor"] = 0.5
    for issue, cured in (("usage_help", 0.6), ("quality_defect", 0.3)):
        a = w.price("gadget", issue, 25)
        assert a.total("remote_support||||keep_full_refund") == pytest.approx((1 - cured) * 22.00, abs=0.011)
