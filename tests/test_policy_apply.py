"""A policy table written by hand, looked up by hand: edges of price bands, order of rows, conditions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hand_world import HandWorld

from optimizer.model.engine import Engine
from optimizer.policy import apply_policy, match
from optimizer.policy.apply import NO_ROW, REFUSED

NAMES = ["product_class", "channel", "issue", "when", "price_from", "price_to", "resolution", "fallback"]


@pytest.fixture
def hand(tmp_path) -> HandWorld:
    w = HandWorld(tmp_path)
    w.provider("here", "warehouse")
    return w


def table(*rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=NAMES).astype({"price_from": float, "price_to": float})
    frame.insert(0, "row_id", [f"P{i}" for i in range(1, len(frame) + 1)])
    return frame.assign(platform="*", market="US", provider="", disposition="", offer="")


def engine_of(hand: HandWorld, *cases: pd.DataFrame) -> Engine:
    frame = pd.concat(cases, ignore_index=True).assign(case_id=[str(i) for i in range(len(cases))])
    return Engine.of(hand.scenario(), frame)


def test_a_band_holds_above_its_lower_price_and_up_to_its_upper_one(hand):
    engine = engine_of(hand, *(hand.case("gadget", "unwanted", p) for p in (9.99, 10, 10.01, 25, 25.01, 999)))
    frame = table(
        ("*", "*", "unwanted", "", np.nan, 10, "keep_full_refund", ""),
        ("*", "*", "unwanted", "", 10, 25, "keep_full_refund", ""),
        ("*", "*", "unwanted", "", 25, np.nan, "keep_full_refund", ""),
    )
    assert match(frame, engine).tolist() == [0, 0, 1, 1, 2, 2]


def test_the_first_row_that_fits_holds_and_none_where_none_fits(hand):
    engine = engine_of(
        hand,
        hand.case("gadget", "unwanted", 5),
        hand.case("small_appliance", "unwanted", 5),
        hand.case("gadget", "unwanted", 5, channel="merchant"),
        hand.case("gadget", "unwanted", 5, prior_claims=3),
        hand.case("gadget", "damaged", 5),
    )
    frame = table(
        ("*", "*", "unwanted", "prior_claims>=3", np.nan, np.nan, "keep_full_refund", ""),
        ("gadget", "warehouse", "unwanted", "", np.nan, np.nan, "keep_full_refund", ""),
        ("*", "*", "unwanted", "", np.nan, np.nan, "keep_full_refund", ""),
    )
    assert match(frame, engine).tolist() == [1, 2, 2, 0, NO_ROW]
    assert match(frame.iloc[::-1].reset_index(drop=True), engine).tolist() == [0, 0, 0, 0, NO_ROW]


def test_following_costs_what_the_row_says_and_the_dearest_way_out_where_it_says_what_is_refused(hand):
    # 5 days after delivery the buyer is owed a remedy, after 132 days nothing: declining is acceptable then
    late = pd.Timestamp("2026-05-01")
    engine = engine_of(
        hand,
        hand.case("gadget", "unwanted", 20),
        hand.case("gadget", "unwanted", 20, order_date=late, delivery_date=late),
    )
    [block] = engine.price()
    frame = table(("*", "*", "unwanted", "", np.nan, np.nan, "decline_request", ""))
    applied = apply_policy(frame, engine, [block])
    assert applied.option.tolist() == [
        REFUSED,
        [o.resolution for o in block.options].index("decline_request"),
    ]
    assert applied.refused.tolist() == [True, False]
    # refund 20 - 3.00 + 0.60 = 17.60, label 6.90, intake 1.50 and test 3.00 of goods that are worth nothing
    assert applied.cost.tolist() == [2900, 0]
    # a gift of 2.00, and 4.50 for the parcel with 1.50 to pick it
    assert applied.best.tolist() == [800, 0] and applied.regret.tolist() == [2100, 0]
    silent = table(("*", "*", "damaged", "", np.nan, np.nan, "keep_full_refund", ""))
    nothing = apply_policy(silent, engine, [block])
    assert nothing.row.tolist() == [NO_ROW] * 2 and nothing.unanswered.all() and nothing.cost[0] == 2900
