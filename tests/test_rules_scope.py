"""How far single rules reach: which ways out they leave, and which they do not touch."""

from __future__ import annotations

import pandas as pd
import pytest
from hand_world import HandWorld

from optimizer.model.rules.platform import RETURN_ISSUES
from optimizer.model.world import World


@pytest.fixture
def w(tmp_path) -> HandWorld:
    """A US seller with a warehouse; everybody accepts, nothing is too slow or too heavy."""
    w = HandWorld(tmp_path)
    w.provider("us_warehouse", "warehouse")
    w.provider("china_factory", "china_factory", "*", "CNY")
    w.provider("amazon_fba", "platform", "*")
    w.provider("china_batch", "china_batch", "*", "CNY")
    w.entitlements += [("*", i, "buyer", "return_refund", 1) for i in RETURN_ISSUES]
    return w


def ways(keys: list[str]) -> set[str]:
    return {k.split("|")[0] for k in keys}


def closed(w: HandWorld) -> None:
    w.providers[0]["open"] = 0


LATE = {"order_date": pd.Timestamp("2026-07-01"), "delivery_date": pd.Timestamp("2026-07-05")}
MERCHANT, FBA = {"channel": "merchant"}, {"channel": "fba"}


# --- where the parcel is
# ------------------------------------------------------------------------------------------------------


def test_an_address_is_confirmed_only_before_the_parcel_leaves(w):
    open_order = w.price("gadget", "address_change_unshipped", 30)
    assert ways(open_order.acceptable()) == {"confirm_new_address", "cancel_and_reorder"}
    gone = w.price("gadget", "address_change_unshipped", 30, shipped=True)
    assert (
        gone.refused_by("confirm_new_address")
        == gone.refused_by("cancel_and_reorder")
        == ["state.already_shipped"]
    )


def test_a_parcel_is_redirected_only_while_it_is_under_way(w):
    under_way = w.price("gadget", "address_change_shipped", 30)
    assert ways(under_way.acceptable()) == {
        "reship_to_new_address",
        "redirect_with_carrier",
        "hold_to_original_address",
        "refuse_delivery_and_refund",
    }
    arrived = w.price("gadget", "address_change_shipped", 30, delivered=True)
    assert arrived.acceptable() == [] and arrived.refused_by(
        "redirect_with_carrier||||refuse_delivery_and_refund"
    ) == ["state.not_under_way"]
    assert w.price("gadget", "delivery_delay", 30, delivered=True).refused_by(
        "trace_and_wait||||refund_lost"
    ) == ["state.not_under_way"]


def test_a_buyer_who_has_the_goods_may_be_asked_to_keep_them(w):
    assert w.price("gadget", "cancel_delivered", 30).refused_by("ask_to_accept||||return_to_warehouse") == []
    assert w.price("gadget", "cancel_shipped", 30, delivered=True).refused_by(
        "ask_to_accept||||refuse_delivery_and_refund"
    ) == ["state.not_under_way"]


def test_settings_talk_to_nobody_but_other_decisions_do(w):
    assert "remote_support" not in ways(w.price("gadget", "quality_defect", 30, **FBA).acceptable())
    assert "remote_support" in ways(w.price("gadget", "quality_defect", 30).acceptable())
    assert "remote_support" in ways(
        w.price("gadget", "quality_defect", 30, platform="own", **FBA).acceptable()
    )


def test_a_request_is_declined_only_where_nothing_is_owed(w):
    w.entitlements = [
        ("*", "unwanted", "buyer", "return_refund", 1, "0", "return_window"),
        ("*", "unwanted", "seller", "none", 1),
    ]
    inside = w.price("gadget", "unwanted", 30)
    assert inside.refused_by("decline_request") == ["platform.owed_in_window", "law.owed_by_right"]
    assert w.price("gadget", "unwanted", 30, platform="own").refused_by("decline_request") == [
        "law.owed_by_right"
    ]
    assert w.price("gadget", "unwanted", 30, **LATE).refused_by("decline_request") == []


# --- no return address
# --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("issue", RETURN_ISSUES)
def test_the_floor_binds_every_request_to_return(w, issue):
    closed(w)
    left = {"keep_full_refund"} | (
        {"remote_support"} if issue == "usage_help" else set()
    )  # advice comes before a return is asked for
    assert ways(w.price("gadget", issue, 25.00, **MERCHANT).acceptable()) == left
    assert ways(w.price("gadget", issue, 25.01, **MERCHANT).acceptable()) > left
    late = w.price("gadget", issue, 25.00, **MERCHANT, **LATE)
    assert "platform.returnless_floor" not in {r for k in late.keys for r in late.refused_by(k)}


def test_without_an_address_a_parcel_is_abandoned_not_rescued(w):
    rescued = "reship_to_new_address|us_warehouse|rescue"
    assert w.price("gadget", "address_change_shipped", 30).refused_by(rescued) == []
    closed(w)
    a = w.price("gadget", "address_change_shipped", 30)
    assert a.refused_by("refuse_delivery_and_refund||rescue") == ["platform.needs_local_address"]
    assert a.refused_by("reship_to_new_address|china_factory|abandon") == []
    assert (
        a.refused_by("redirect_with_carrier||||refuse_delivery_and_refund") == []
    )  # the fallback then means abandoning it
    assert a.total("redirect_with_carrier||||refuse_delivery_and_refund") <= a.total(
        "refuse_delivery_and_refund||abandon"
    )


@pytest.mark.parametrize(
    ("facts", "refused"), [({}, True), ({"channel": "warehouse"}, None), ({"platform": "ebay"}, False)]
)
def test_a_local_label_comes_before_one_to_china(w, facts, refused):
    a = w.price("gadget", "damaged", 60, **(MERCHANT | facts))
    keys = [k for k in a.keys if k.startswith("return_to_china")]
    assert [("platform.local_label_required" in a.refused_by(k)) for k in keys] == [refused] * len(keys) and (
        refused is None
    ) == (not keys)


# --- money
# ------------------------------------------------------------------------------------------------


def test_the_cap_of_fba_leaves_the_return(w):
    w.markets["US"]["fba_returnless_cap.amount"] = 75
    for issue in RETURN_ISSUES:
        a = w.price("gadget", issue, 75.01, **FBA)
        refused = (
            [] if issue == "missing_main_product" else ["platform.fba_returnless_cap"]
        )  # nothing came that could be sent back
        assert a.refused_by("keep_full_refund") == refused and a.acceptable()


def test_while_a_claim_is_open_no_part_of_the_money_is_offered(w):
    a = w.price("gadget", "missing_accessory", 30, claim_open=True)
    offers = (
        "keep_partial_refund|||20%|keep_full_refund",
        "refund_part_value||||keep_full_refund",
        "keep_with_gift|us_warehouse|||keep_full_refund",
    )
    assert {r for k in offers for r in a.refused_by(k)} == {"platform.no_offer_during_claim"}
    assert {"send_part", "keep_full_refund", "refund_with_evidence"} <= ways(a.acceptable())


def test_an_offer_of_part_of_the_money_needs_the_full_refund_behind_it(w):
    w.entitlements += [("*", "damaged", "buyer", "replacement", 1)]
    offer = "keep_partial_refund|||20%|replace_keep_old"
    assert w.price("gadget", "damaged", 30).refused_by(offer) == ["platform.partial_not_sole"]
    assert (
        w.price("gadget", "damaged", 30, **LATE).refused_by(offer)
        == []
        == w.price("gadget", "damaged", 30, platform="own").refused_by(offer)
    )
    w.entitlements = [e for e in w.entitlements if e[1] != "damaged"]
    assert w.price("gadget", "damaged", 30).refused_by(offer) == [
        "platform.partial_not_sole",
        "law.partial_not_sole",
    ]


def test_a_fee_needs_late_goods_a_rule_for_it_and_a_buyer_who_changed_their_mind(w):
    fee = "return_with_restocking_fee|us_warehouse|inspect_by_grade"
    assert w.price("gadget", "unwanted", 30, **LATE).refused_by(fee) == [
        "platform.restocking_not_allowed"
    ]  # no such figure here
    w.markets["US"]["restocking.late_share"] = 0.2
    assert w.price("gadget", "unwanted", 30, **LATE).refused_by(fee) == []
    assert w.price("gadget", "unwanted", 30).refused_by(fee) == ["platform.restocking_not_allowed"]
    assert w.price("gadget", "wrong_item", 30, **LATE).refused_by(fee) == ["platform.no_restocking_at_fault"]
    w.markets["US"] |= {"region": "AU", "guarantee.months": 24}
    assert w.price("gadget", "wrong_item", 30, **LATE).refused_by(fee) == [
        "platform.no_restocking_at_fault",
        "law.free_of_charge",
    ]


# --- inducements
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("issue", ["negative_review", "negative_feedback"])
@pytest.mark.parametrize(
    ("region", "law"),
    [
        ("US", ["law.paid_reviews_us"]),
        ("EU", ["law.paid_reviews_eu"]),
        ("GB", ["law.paid_reviews_gb"]),
        ("JP", []),
    ],
)
def test_no_review_is_bought_but_help_is_given(w, issue, region, law):
    w.markets["US"]["region"] = region
    a = w.price("gadget", issue, 30)
    assert a.refused_by("refund_for_review_change") == ["platform.no_review_inducement", *law]
    assert {"reply_publicly", "refund_after_review", "resend_after_review"} <= ways(a.acceptable())
    assert w.price("gadget", issue, 30, platform="own").refused_by("refund_for_review_change") == [
        "platform.no_review_inducement",
        *law,
    ]


def test_feedback_on_a_parcel_that_did_not_arrive_can_be_removed(w):
    assert w.price("gadget", "negative_feedback", 30, delivered=False).refused_by("request_removal") == []


# --- goods
# ------------------------------------------------------------------------------------------------


def test_sealed_goods_need_no_permit_to_enter_china(w):
    w.providers[3]["repair_permit"] = 0
    batch = "ship_to_china_batch|china_batch"
    assert w.price("gadget", "returned_goods", 30, condition="sellable").refused_by(batch) == []
    assert w.price("gadget", "returned_goods", 30, condition="customer_damaged").refused_by(batch) == [
        "provider.repair_permit"
    ]
    assert w.price("gadget", "warranty_claim", 30, condition="sellable").refused_by(
        "swap_and_batch_to_china|china_batch|||keep_full_refund"
    ) == ["provider.repair_permit"]


def test_a_loose_battery_that_may_be_defective_stays_with_the_buyer(w):
    w.classes[0]["battery"] = "lithium_alone"
    a = w.price("gadget", "damaged", 30)
    assert a.refused_by("return_to_warehouse|us_warehouse|dispose") == ["physical.defective_battery_by_post"]
    assert {"keep_full_refund", "replace_keep_old", "refund_with_evidence"} <= ways(a.acceptable())
    assert (
        w.price("gadget", "unwanted", 30).refused_by("return_to_warehouse|us_warehouse|dispose") == []
    )  # nothing is wrong with it
    assert (
        w.price("gadget", "quality_defect", 30, **FBA).refused_by("return_to_fba||dispose") == []
    )  # fetched by the platform


@pytest.mark.parametrize(
    ("issue", "facts", "refused"),
    [
        ("unwanted", {}, True),
        ("wrong_item", {}, True),
        ("cancel_delivered", {}, True),
        ("damaged", {}, False),
        ("damaged", {"condition": "sellable"}, True),
    ],
)
def test_france_destroys_no_goods_as_new(w, issue, facts, refused):
    w.markets["FR"], w.lanes["FR"] = w.markets.pop("US"), w.lanes.pop("US")
    for p in w.providers:
        p["market"] = p["market"].replace("US", "FR")
    a = w.price("gadget", issue, 30, market="FR", **facts)
    assert a.refused_by("return_to_warehouse|us_warehouse|dispose") == (
        ["law.destruction_ban"] if refused else []
    )
    assert a.refused_by("return_to_warehouse|us_warehouse|liquidate") == []
    dangerous = w.price(
        "gadget", "returned_goods", 30, market="FR", condition="sellable", reason_text="smoke"
    )
    assert dangerous.acceptable() == ["dispose"]


def test_what_is_too_heavy_is_not_sent_again(w):
    w.classes[0]["weight_kg"] = 19
    assert w.price("gadget", "address_change_shipped", 30).refused_by(
        "reship_to_new_address|us_warehouse|abandon"
    ) == ["physical.too_heavy"]
    assert w.price("gadget", "negative_review", 30).refused_by(
        "resend_after_review|us_warehouse|||reply_publicly"
    ) == ["physical.too_heavy"]
    assert (
        w.price("gadget", "address_change_shipped", 30).refused_by(
            "redirect_with_carrier||||refuse_delivery_and_refund"
        )
        == []
    )


# --- buyers and approval
# ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("issue", ["cancel_delivered", "usage_help"])
def test_a_change_of_mind_is_watched_for_abuse_and_for_large_amounts(w, issue):
    assert w.price("gadget", issue, 30, prior_claims=3).refused_by("keep_full_refund") == [
        "customer.prior_claims"
    ]
    assert w.price("gadget", issue, 400.01).refused_by("keep_full_refund") == ["own.large_keep_refund"]
    assert w.price("gadget", issue, 400.00, prior_claims=2).refused_by("keep_full_refund") == []
    if issue == "usage_help":  # advice costs nothing that could be abused
        assert (
            w.price("gadget", issue, 30, prior_claims=3).refused_by("remote_support||||return_to_warehouse")
            == []
        )


def test_pictures_do_not_make_a_large_refund_smaller(w):
    assert w.price("gadget", "wrong_item", 400.01).refused_by("refund_with_evidence") == [
        "own.large_keep_refund"
    ]
    assert w.price("gadget", "wrong_item", 30, prior_claims=3).refused_by("refund_with_evidence") == [
        "customer.prior_claims"
    ]


@pytest.mark.parametrize("issue", ["cancel_delivered", "not_as_described", "spec_mismatch", "usage_help"])
def test_danger_leaves_only_the_refund_whatever_the_complaint(w, issue):
    assert w.price("gadget", issue, 30, reason_text="it started to smoke").acceptable() == [
        "keep_full_refund"
    ]


# --- regions
# ------------------------------------------------------------------------------------------------


def test_the_law_goes_by_region_so_that_a_new_market_needs_no_code(w):
    w.markets["US"] |= {"region": "EU", "withdrawal.days": 40, "restocking.late_share": 0.2}
    w.entitlements = [e for e in w.entitlements if e[1] != "unwanted"]
    assert World.of(w.scenario()).markets["US"].region == "EU"
    facts = {
        "order_date": pd.Timestamp("2026-07-31"),
        "delivery_date": pd.Timestamp("2026-08-05"),
    }  # 36 days: after the window
    assert w.price("gadget", "unwanted", 30, **facts).refused_by("decline_request") == ["law.withdrawal"]
