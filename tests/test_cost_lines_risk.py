"""Risk lines, offers, success and completion by hand: inputs given here, the arithmetic visible, the
answer to the cent."""

from __future__ import annotations

import pandas as pd
import pytest
from hand_world import HandWorld
from test_cost_lines import BACK, CHINA, KEEP, OUT, STOCK, USD_OF_EUR, amount, cents, germany, w

__all__ = ["w"]  # the world of the other page, as a fixture


@pytest.fixture
def r(w) -> HandWorld:
    w.set |= {
        "risk.on": 1,
        "claim.defect_money": 25,
        "claim.channel.merchant": 1,
        "claim.channel.warehouse": 0.8,
        "claim.channel.fba": 0.1,
        "claim.after_refused_offer": 0.12,
        "claim.lose_probability": 0.55,
        "ranking.cost_per_return": 0.35,
    }
    w.markets["US"]["guarantee.months"] = 36
    return w


def test_expected_claims(r):
    r.providers[1] |= {"claim_factor": 2.5}
    r.resolutions |= {
        "replace_keep_old": {"claim_probability": 0.02},
        "keep_full_refund": {"claim_probability": 0.005},
        "keep_partial_refund": {"claim_probability": 0.02},
        "return_to_fba": {"claim_probability": 0.04},
    }
    a = r.price("gadget", "damaged", 25)
    assert amount(a, "expected_claim", STOCK) == cents(
        0.8 * 0.02 * (25 + 22.00)
    )  # the refund is still outstanding
    assert amount(a, "expected_claim", CHINA) == cents(0.8 * 0.02 * 2.5 * (25 + 22.00))
    assert amount(a, "expected_claim", KEEP) == cents(0.8 * 0.005 * 25)  # nothing is left to claim
    assert amount(a, "expected_claim", "keep_partial_refund|||30%|keep_full_refund") == cents(
        0.8 * 0.02 * (25 + 0.7 * 22.00)
    )
    fba = r.price("gadget", "damaged", 25, channel="fba")
    assert amount(fba, "expected_claim", "return_to_fba||dispose") == cents(0.1 * 0.04 * 25)


def test_claims_that_count_as_defects(r):
    a = r.price("gadget", "a_to_z_claim", 25)
    assert amount(a, "defect_if_lost", "represent_with_evidence") == cents(0.55 * 25 * 0.8)
    assert amount(a, "defect_counted", "accept_claim") == cents(25 * 0.8)
    back = r.price("gadget", "returned_goods", 25, quantity=2, condition="sellable")
    assert amount(back, "misgrading", "restock_as_new") == cents(
        0.05 * (2 * 22.00 + 25)
    )  # misgrading.share of the bundled data: 5 %


def test_expected_reviews(r):
    r.providers[1] |= {"review_factor": 1.6}
    r.resolutions |= {
        "replace_keep_old": {"review_probability": 0.06},
        "return_to_warehouse": {"review_probability": 0.07},
    }
    a = r.price("gadget", "damaged", 25)
    assert amount(a, "expected_review", STOCK) == cents(0.06 * 10)
    assert amount(a, "expected_review", CHINA) == cents(0.06 * 1.6 * 10)
    assert amount(a, "expected_review", BACK) == cents(0.07 * 10 + 0.35)  # a physical return costs rank


def test_follow_on_failures(r):
    r.set |= {"follow_on.replacement_factor": 1.0, "follow_on.repair_factor": 1.5}
    germany(r).provider("partner", "local", "DE", "EUR")
    age = {"delivery_date": "2026-09-10", "case_date": "2026-09-10"}  # the claim comes on day 0
    failure = 24.00 + cents(4.90 * USD_OF_EUR)  # landed + postage
    de = r.price("small_appliance", "warranty_claim", 80, market="DE", **_days(age))
    new, repair = (
        "replace_keep_old|de_warehouse|||keep_full_refund",
        "repair_local|partner|||keep_full_refund",
    )
    assert amount(de, "follow_on_replacement", new) == cents(0.05 * 24 / 12 * failure)
    assert amount(de, "follow_on_repair", repair) == cents(0.05 * 24 / 12 * 1.5 * failure)
    r.markets["DE"]["guarantee.repair_extension_months"] = 12  # EU: a repair adds a year of liability
    longer = r.price("small_appliance", "warranty_claim", 80, market="DE", **_days(age))
    assert amount(longer, "follow_on_repair", repair) == cents(0.05 * 36 / 12 * 1.5 * failure)
    assert amount(longer, "follow_on_replacement", new) == cents(0.05 * 24 / 12 * failure)
    late = r.price(
        "small_appliance",
        "warranty_claim",
        80,
        market="DE",
        **_days({"delivery_date": "2024-09-10", "case_date": "2026-09-10"}),
    )
    left = 24 - 730 / 30.4375  # 730 days have gone: half a day is left
    assert amount(late, "follow_on_replacement", new) == cents(0.05 * left / 12 * failure)
    assert amount(late, "follow_on_repair", repair) == cents(0.05 * (left + 12) / 12 * 1.5 * failure)
    assert (
        amount(r.price("gadget", "damaged", 25), "follow_on_replacement", STOCK) == 0
    )  # not a defect: a new unit owes no more than the old


def _days(dates: dict[str, str]) -> dict:
    return {"order_date": pd.Timestamp("2024-09-01"), **{k: pd.Timestamp(v) for k, v in dates.items()}}


def test_liability_is_capped_at_two_years(r):
    a = r.price("gadget", "quality_defect", 25)  # 36 months of guarantee count as 24
    assert amount(a, "follow_on_replacement", STOCK) == cents(0.05 * 24 / 12 * (7 + OUT[0.3]))


def test_a_published_offer_raises_claims(r):
    r.set["offer.induced_claims"] = 0.01
    a = r.price("small_appliance", "unwanted", 80, quantity=2)
    assert amount(a, "induced_claims", "keep_partial_refund|||70%|keep_full_refund") == cents(
        0.01 * 0.7 * 0.7 * 2 * 70.40
    )


# --- offers, success, completion
# ----------------------------------------------------------------------------------------------


def test_success_mixes_in_the_fallback(w):
    w.provider("partner", "local", fee_level_2=22, success=0.85)
    a = w.price("small_appliance", "warranty_claim", 80)
    # repair always, and in 15 % of the cases a full refund of 80 - 12.00 + 2.40 on top
    assert a.lines("repair_local|partner|||keep_full_refund") == {
        "inbound_freight": 13.50,
        "outbound_freight": 13.50,
        "provider_fee": 22.00,
        "parts": 15.00,
        "refund": 12.00,
        "referral_fee_credit": -1.80,
        "refund_admin_fee": 0.36,
    }


def test_a_refusal_costs_the_contact_and_the_fallback(w):
    w.set |= {"contact.cost": 0.6, "acceptance.issue.unwanted": 1.0, "acceptance.offer.0.2": 0.28}
    w.resolutions |= {"keep_partial_refund": {"contacts": 2}, "keep_full_refund": {"contacts": 1}}
    a = w.price("gadget", "unwanted", 25)
    assert a.lines("keep_partial_refund|||20%|keep_full_refund") == {
        "contact_handling": cents(2 * 0.6 + 0.72 * 0.6),
        "refund": cents(0.28 * 5.00 + 0.72 * 25),
        "referral_fee_credit": -cents(0.28 * 0.75 + 0.72 * 3.75),
        "refund_admin_fee": cents(0.28 * 0.15 + 0.72 * 0.75),
    }


def test_some_buyers_never_send_it_back(w):
    w.set["contact.cost"] = 0.6
    w.resolutions["return_to_warehouse"] = {"completion": 0.8, "contacts": 2}
    a = w.price("gadget", "unwanted", 25)
    assert a.lines("return_to_warehouse|us_warehouse|dispose") == {
        "contact_handling": 1.20,
        "refund": 20.00,
        "referral_fee_credit": -3.00,
        "refund_admin_fee": 0.60,
        "inbound_freight": 5.52,
        "warehouse_handling": 1.20,
    }  # 0.8 * (25, 3.75, 0.75, label 6.90, intake 1.50)


def test_an_offer_that_nobody_accepts_costs_its_fallback_and_the_contact(w):
    w.set |= {"contact.cost": 0.6, "acceptance.issue.unwanted": 0}
    w.resolutions |= {
        "return_to_warehouse": {"completion": 0.8, "contacts": 2},
        "keep_partial_refund": {"contacts": 1},
    }
    a = w.price("gadget", "unwanted", 25)
    fallback = a.lines("return_to_warehouse|us_warehouse|inspect_by_grade")
    assert fallback["refund"] == 20.00 and fallback["contact_handling"] == 1.20
    assert a.lines("keep_partial_refund|||20%|return_to_warehouse") == fallback | {
        "contact_handling": cents(0.60 + 1.20)
    }


def test_claims_rise_after_a_refused_offer(r):
    r.set |= {"acceptance.issue.unwanted": 1.0, "acceptance.offer.0.5": 0.60, "offer.induced_claims": 0}
    r.resolutions |= {
        "keep_partial_refund": {"claim_probability": 0.02},
        "keep_full_refund": {"claim_probability": 0.005},
    }
    a = r.price("gadget", "unwanted", 25)
    accepted = 0.8 * 0.02 * (25 + 0.5 * 22.00)
    refused = 0.8 * 0.005 * 25 + 0.8 * (0.12 - 0.005) * 25  # the fallback's own, lifted to 12 %
    assert a.lines("keep_partial_refund|||50%|keep_full_refund")["expected_claim"] == cents(
        0.60 * accepted + 0.40 * refused
    )
    r.resolutions["keep_full_refund"] = {"claim_probability": 0.5}  # already above 12 %: nothing is added
    high = r.price("gadget", "unwanted", 25)
    assert high.lines("keep_partial_refund|||50%|keep_full_refund")["expected_claim"] == cents(
        0.60 * accepted + 0.40 * 0.8 * 0.5 * 25
    )
    r.set["risk.on"] = 0
    assert "expected_claim" not in r.price("gadget", "unwanted", 25).lines(
        "keep_partial_refund|||50%|keep_full_refund"
    )
