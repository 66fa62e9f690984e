"""By when the seller must act: the deadlines that an explanation prints for a case, on its day, in its
market, for its way out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hand_world import HandWorld

from optimizer.model.engine import Engine
from optimizer.model.rules import RULE, RULES, sentence
from optimizer.report.explain import Explanation

WHEN = {
    "service.answer_claim_48h": ("2020-01-01", "9999-12-31"),
    "service.appeal_30_days": ("2020-01-01", "9999-12-31"),
    "service.appeal_information_72h": ("2020-01-01", "9999-12-31"),
    "service.answer_claim_3_days": ("1900-01-01", "2019-12-31"),
    "service.debit_after_14_days": ("1900-01-01", "2019-12-31"),
    "service.answer_message_48h": ("2020-01-01", "9999-12-31"),
    "service.claim_window_90_days": ("2020-01-01", "9999-12-31"),
    "service.answer_return_request": ("2023-01-01", "9999-12-31"),
    "service.refund_after_receipt_2_business_days": ("1900-01-01", "9999-12-31"),
    "service.refund_at_first_scan": ("1900-01-01", "9999-12-31"),
    "service.refund_withdrawal_14_days": ("2014-06-13", "9999-12-31"),
    "service.refund_rejection_14_days": ("2015-10-01", "9999-12-31"),
    "service.safet_claim_60_days": ("1900-01-01", "9999-12-31"),
    "law.out_of_proportion": ("1900-01-01", "9999-12-31"),
}


@pytest.fixture
def w(tmp_path) -> HandWorld:
    """A US seller with a warehouse to whom a return is cheaper than any refund."""
    w = HandWorld(tmp_path)
    w.provider("us_warehouse", "warehouse")
    w.provider("china_factory", "china_factory", "*", "CNY")
    w.provider("amazon_fba", "platform", "*")
    w.entitlements += [("*", i, "buyer", "return_refund", 1) for i in ("unwanted", "damaged")]
    return w


def aged(days: int, on: str = "2026-09-10", **facts) -> dict:
    on = pd.Timestamp(on)
    return {
        "case_date": on,
        "order_date": on - pd.Timedelta(days + 4, "D"),
        "delivery_date": on - pd.Timedelta(days, "D"),
    } | facts


def case_of(w: HandWorld, issue: str, facts: dict) -> pd.DataFrame:
    return w.case(facts.pop("product_class", "gadget"), issue, facts.pop("price", 30), **facts)


def running(w: HandWorld, issue: str, option: str = "", **facts) -> set[str]:
    """Names of the deadlines that run for a case, with an option where one is named."""
    engine = Engine.of(w.scenario(), case_of(w, issue, facts))
    cell, rows = next(iter(engine.cells))
    pricer = engine.pricer(cell, rows)
    chosen = next((o for o in pricer.options if o.key.startswith(option)), None) if option else None
    day = engine.columns.case_day[0]
    return {
        r.id.split(".")[1]
        for r in RULES
        if r.effect == "deadline"
        and r.in_scope(cell)
        and np.datetime64(r.valid_from) <= day <= np.datetime64(r.valid_to)
        and np.any(r.refuses(pricer.block, chosen))
    }


def printed(w: HandWorld, issue: str, **facts) -> list[str]:
    parts = Explanation(w.scenario(), case_of(w, issue, facts), None).text().split("\n\n")
    return next((p for p in parts if p.startswith("Deadlines")), "").splitlines()[1:]


def test_every_deadline_is_dated():
    assert {r.id: (r.valid_from, r.valid_to) for r in RULES if r.effect == "deadline"} == WHEN


def test_a_claim_has_the_deadlines_of_its_day(w):
    new = [
        "  - answer Amazon's question within 48 hours, or the claim is granted",
        "  - a granted claim may be appealed within 30 days",
        "  - a question about the appeal must be answered within 72 hours",
    ]
    old = [
        "  - reach the buyer within 2 to 3 days, then represent the claim",
        "  - a claim that is lost or not answered is debited after 14 days",
    ]
    assert printed(w, "a_to_z_claim", **aged(5)) == new == printed(w, "a_to_z_claim", **aged(5, "2020-01-01"))
    assert printed(w, "a_to_z_claim", **aged(5, "2019-12-31")) == old


def test_a_deadline_refuses_nothing_and_can_be_switched_off(w):
    before = w.price("gadget", "a_to_z_claim", 30).acceptable()
    assert {k.split("|")[0] for k in before} == {
        "solve_cause_first",
        "refund_before_decision",
        "represent_with_evidence",
        "represent_and_appeal",
        "accept_claim",
    }
    w.set |= {"rule.service.answer_claim_48h.on": 0, "rule.service.appeal_information_72h.on": 0}
    assert printed(w, "a_to_z_claim", **aged(5)) == ["  - a granted claim may be appealed within 30 days"]
    assert w.price("gadget", "a_to_z_claim", 30).acceptable() == before


def test_other_platforms_and_fba_have_no_deadlines_of_a_seller_on_amazon(w):
    assert running(w, "a_to_z_claim", platform="ebay") == running(w, "a_to_z_claim", channel="fba") == set()
    assert running(w, "unwanted", platform="ebay") == running(w, "unwanted", channel="fba") == set()


@pytest.mark.parametrize(
    ("facts", "runs"), [(aged(90), True), (aged(91), False), (aged(5, claim_open=True), False)]
)
def test_a_buyer_may_claim_for_ninety_days(w, facts, runs):
    assert running(w, "unwanted", **facts) == {"answer_message_48h"} | (
        {"claim_window_90_days"} if runs else set()
    )


def test_goods_that_come_back_are_refunded_in_time(w):
    w.markets["US"]["safet.days"] = 60
    talk = {"answer_message_48h", "claim_window_90_days"}
    assert running(w, "unwanted", "return_to_warehouse") == talk | {
        "refund_after_receipt_2_business_days",
        "refund_at_first_scan",
        "safet_claim_60_days",
    }
    assert running(w, "damaged", "return_to_warehouse") == talk | {
        "refund_after_receipt_2_business_days",
        "refund_at_first_scan",
    }
    assert running(w, "unwanted", "keep_full_refund") == talk
    assert running(w, "returned_goods", condition="customer_damaged") == {"safet_claim_60_days"}
    assert running(w, "returned_goods", condition="defective") == set()
    assert (
        sentence(
            RULE["service.safet_claim_60_days"],
            Engine.of(w.scenario(), w.case("gadget", "unwanted", 30)).world,
            "US",
            "en",
        )
        == "goods the buyer damaged: claim from Amazon within 60 days"
    )


def test_without_a_return_address_requests_are_answered_in_days(w):
    w.markets["US"]["returns_response_days"] = 2
    assert "answer_return_request" not in running(w, "unwanted")
    w.providers[0]["open"] = 0
    assert "  - answer the return request within 2 days, or Amazon refunds at the seller's cost" in printed(
        w, "unwanted", channel="merchant"
    )
    assert "answer_return_request" not in running(w, "warranty_claim")
    w.markets["US"].pop("returns_response_days")
    assert "answer_return_request" not in running(w, "unwanted")


@pytest.mark.parametrize(
    ("region", "issue", "days", "runs"),
    [
        ("EU", "unwanted", 14, {"refund_withdrawal_14_days"}),
        ("EU", "unwanted", 15, set()),
        ("GB", "unwanted", 14, {"refund_withdrawal_14_days"}),
        ("US", "unwanted", 14, set()),
        ("GB", "damaged", 30, {"refund_rejection_14_days"}),
        ("GB", "damaged", 31, set()),
        ("EU", "damaged", 30, set()),
        ("EU", "quality_defect", 730, {"out_of_proportion"}),
        ("EU", "quality_defect", 731, set()),
        ("EU", "damaged", 30, set()),
    ],
)
def test_the_law_has_deadlines_of_its_own(w, region, issue, days, runs):
    w.markets["US"] |= {
        "region": region,
        "withdrawal.days": 14,
        "guarantee.months": 24,
        "guarantee.repair_first": 1,
        "guarantee.reject_days": 30,
    }
    assert running(w, issue, platform="own", **aged(days)) == runs
