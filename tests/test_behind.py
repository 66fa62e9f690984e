"""Return rates, local service and claim rights: small cases by hand, and the bundled example by relations."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hand_world import A, B, C, HandWorld
from shared import decided, scenario

from optimizer import run
from optimizer.analysis.decided import read_decided
from optimizer.answer.behind import Behind
from optimizer.answer.options import option_frames
from optimizer.model.engine import Engine
from optimizer.model.lines import CLAIM_RIGHTS
from optimizer.model.resolutions import RESOLUTION
from optimizer.pipeline import EXAMPLE
from optimizer.solve.decide import decide

TITLES = 1  # row of a sheet that holds titles, below the ids


@pytest.fixture(scope="module")
def answer(tables_once):
    return decided()


def sold(*rows: tuple) -> pd.DataFrame:
    """Orders of September: channel, sku, units, net sales."""
    return pd.DataFrame(
        [
            {
                "month": "2026-09",
                "market": "US",
                "channel": c,
                "sku": s,
                "orders": u,
                "units": u,
                "net_sales": n,
            }
            for c, s, u, n in rows
        ]
    )


def small(tmp_path, cases: list[dict], orders: pd.DataFrame, **world) -> Behind:
    """What lies behind the cases of a small world: class A with a threshold of 10 %, own cases, own
    orders."""
    hand = HandWorld(tmp_path)
    hand.classes = [{**k, "return_fee_threshold": 0.1} for k in (A, B, C, {**A, "class": "unclassified"})]
    hand.markets["US"]["fba.returns_processing"] = 2.50
    hand.provider("us_warehouse", "warehouse")
    hand.provider("amazon", "platform")
    hand.grades.append(("returned_goods", "unknown", 0, 0, 0, 0, 1))
    for name, kind, classes, is_open in world.get("providers", ()):
        hand.provider(name, kind, classes=classes, open=is_open)
    hand.set |= world.get("set", {})
    frame = pd.concat(
        [
            hand.case(
                c.pop("product_class", "gadget"), c.pop("issue", "returned_goods"), 25.0, case_id=f"K{i}", **c
            )
            for i, c in enumerate(cases)
        ],
        ignore_index=True,
    )
    engine = Engine.of(hand.scenario(), frame)
    blocks = engine.price()
    plan = decide(blocks, len(frame))
    return Behind(engine, blocks, plan, read_decided(engine, blocks, plan), orders)


# ---------------------------------------------------------------- return rates
def test_fee_is_charged_for_the_returns_above_the_threshold_of_each_product(tmp_path):
    cases = (
        [dict(channel="fba", sku="X", quantity=2)] * 4
        + [dict(channel="fba", sku="Y")] * 3
        + [dict(channel="fba", sku="Z")] * 9
        + [dict(channel="warehouse", sku="X")]
    )
    orders = sold(
        ("fba", "X", 40, 1000.0),
        ("fba", "Y", 100, 2500.0),
        ("fba", "Z", 24, 600.0),
        ("warehouse", "X", 36, 900.0),
    )
    r = small(tmp_path, [dict(c) for c in cases], orders, set={"ranking.cost_per_return": 0.35}).returns
    assert len(r) == 1
    row = r.iloc[0]
    # X: 8 of 40 come back, 4 are free; Y: 3 of 100 lie below 10; Z ships fewer than 25 units a month and is
    # not charged
    assert (row.market, row.product_class, row.units, row.returns, row.fba_units, row.fba_returns) == (
        "US",
        "gadget",
        200,
        21,
        164,
        20,
    )
    assert (row.rate, row.fba_rate, row.threshold) == (21 / 200, 20 / 164, 0.1)
    assert (row.returns_above, row.processing_fees, row.ranking_cost) == (4, 10.00, 7.35)


def test_a_decided_return_counts_with_the_share_of_buyers_who_send_it(answer):
    d, cases = answer.choices, answer.cases[answer.plan.decided].reset_index(drop=True)
    returned = answer._decided.returned[answer.plan.decided]
    back = (cases["issue"] == "returned_goods").to_numpy()
    assert (returned[back] == cases.loc[back, "quantity"]).all()
    plain = ~back & (d["fallback"] == "").to_numpy() & ~d["decided_by"].isin(["platform", "buyer"]).to_numpy()
    for resolution in d.loc[plain, "resolution"].unique():
        mine = plain & (d["resolution"] == resolution).to_numpy()
        completion = (
            scenario().book.number(f"resolution.{resolution}.completion")
            if "physical_return" in RESOLUTION[resolution].tags
            else 0.0
        )
        assert np.allclose(returned[mine], completion * cases.loc[mine, "quantity"]), resolution
    assert (returned >= 0).all() and (returned <= cases["quantity"] + 1e-9).all()


def test_return_rates_add_up_and_stand_beside_the_assumption(answer):
    r, s = answer.behind.returns, answer.figures["return_rates"]
    assert r["returns"].sum() == pytest.approx(answer._decided.returned[answer.plan.decided].sum())
    assert r["units"].sum() == answer.behind.sales.frame["units"].sum()
    assert s["processing_fees"] == round(r["processing_fees"].sum(), 2) and s["ranking_cost"] == round(
        r["ranking_cost"].sum(), 2
    )
    assert s["share_above_assumed"] == scenario().book.number("returns_over_threshold.share")
    assert s["share_above_observed"] == pytest.approx(
        r["returns_above"].sum() / r["fba_returns"].sum(), abs=1e-6
    )
    assert (r["returns_above"] <= r["fba_returns"] + 1e-9).all() and (
        r["fba_returns"] <= r["returns"] + 1e-9
    ).all()


def test_a_higher_threshold_never_costs_more(answer):
    dearer = answer.behind.returns.set_index(["market", "product_class"])["processing_fees"]
    half = {"to": 0.5, "because": "half of all units"}
    changes = {f"class.{c}.return_fee_threshold": half for c in answer.engine.world.classes}
    higher = scenario().with_changes(changes, "test")
    again = run(higher, answer.cases, EXAMPLE["products"], EXAMPLE["orders"])
    assert (again.behind.returns.set_index(["market", "product_class"])["processing_fees"] <= dearer).all()
    assert (
        again.figures["total_cost"] == answer.figures["total_cost"]
    )  # the price of a case reads the assumption


# ---------------------------------------------------------------- local service
@pytest.mark.parametrize("is_open, kept, missed", [(1, 36.80, 0.0), (0, 0.0, 38.33)])
def test_local_service_by_hand(tmp_path, is_open, kept, missed):
    orders = sold(("fba", "SOFA", 10, 2200.0), ("fba", "PLUG", 100, 2500.0))
    cases = [
        dict(product_class="bulky_furniture", sku="SOFA", channel="fba"),
        dict(sku="PLUG", channel="fba"),
    ]
    behind = small(
        tmp_path,
        cases,
        orders,
        providers=[("firm", "local", "bulky_furniture", is_open)],
        set={"local_service.demand_share": 0.04, "local_service.from_price": 60},
    )
    local = behind.local
    assert local["product_class"].tolist() == ["bulky_furniture"]  # a plug of 25 is below the price
    row = local.iloc[0]
    # 220 - 33 referral - 75 landed - 20 fulfilment = 92 a unit; missed: 0.04 / 0.96 x 920
    assert (row.units, row.net_sales, row.margin, row.margin_share) == (
        10,
        2200.0,
        920.0,
        round(920 / 2200, 6),
    )
    assert (row.served_by, row.demand_kept, row.demand_missed) == ("firm" if is_open else "", kept, missed)
    s = behind.summary()["local_service"]
    assert (s["demand_kept"], s["demand_missed"]) == (kept, missed)


def test_fulfilment_follows_the_channel(tmp_path):
    orders = sold(*((c, "SOFA", 1, 220.0) for c in ("fba", "warehouse", "merchant")))
    behind = small(tmp_path, [dict(product_class="bulky_furniture", sku="SOFA")], orders)
    local_out = round((15.30 + 38 * 0.39) * 1.4, 2)
    assert behind.local["margin"].tolist() == [round(3 * (220 - 33 - 75) - 20 - 2 * local_out, 2)]


def test_local_service_is_in_no_case(answer):
    s = answer.figures
    assert s["local_service"]["demand_kept"] == round(answer.behind.local["demand_kept"].sum(), 2) > 0
    other = run(
        scenario().with_settings(["local_service.demand_share=0.08"]),
        answer.cases,
        EXAMPLE["products"],
        EXAMPLE["orders"],
    )
    assert other.figures["total_cost"] == s["total_cost"] and (other.plan.choice == answer.plan.choice).all()
    assert other.figures["local_service"]["demand_kept"] == pytest.approx(
        2 * s["local_service"]["demand_kept"], abs=0.5
    )
    assert (answer.behind.local["margin_share"] < 1).all()


# ---------------------------------------------------------------- claim rights
def test_claim_rights_equal_those_of_the_options(answer):
    options = pd.concat(list(option_frames(answer)))
    options["credit"] = -options[list(CLAIM_RIGHTS)].sum(axis=1).round(2)
    own = answer.choices[~answer.choices["decided_by"].isin(["platform", "buyer"])].set_index("case_id")
    acceptable = (
        options[options["acceptable"].astype(bool)]
        .groupby("case_id")["credit"]
        .max()
        .reindex(own.index)
        .clip(lower=0.0)
    )
    kept = options[options["chosen"].astype(bool)].set_index("case_id")["credit"].reindex(own.index)
    assert np.allclose(own["claim_right_given_up"], (acceptable - kept).clip(lower=0.0), atol=1e-6)
    others = answer.choices["decided_by"].isin(["platform", "buyer"])
    assert (answer.choices.loc[others, "claim_right_given_up"] == 0).all()
    s = answer.figures
    assert s["claim_rights"]["given_up"] == pytest.approx(answer.choices["claim_right_given_up"].sum())
    assert s["claim_rights"]["cases_given_up"] == (answer.choices["claim_right_given_up"] > 0).sum()
    assert (
        s["claim_rights"]["kept"] == pytest.approx(-sum(s["lines"][k] for k in CLAIM_RIGHTS))
        and s["claim_rights"]["kept"] > 0
    )


# ---------------------------------------------------------------- workbook
def test_the_sheets_carry_the_figures_and_all_checks_hold(answer, tmp_path):
    s, frames = (
        answer.figures,
        {
            "Root_causes": answer.behind.causes,
            "Quality": answer.behind.quality,
            "Return_rates": answer.behind.returns,
            "Local_service": answer.behind.local,
        },
    )
    for lang in ("en", "zh"):
        answer.to_excel(tmp_path / f"{lang}.xlsx", lang)
        checks = pd.read_excel(
            tmp_path / f"{lang}.xlsx", sheet_name="Checks", engine="calamine", skiprows=[TITLES]
        )
        assert set(checks["difference"]) == {0}
        for sheet, frame in frames.items():
            shown = pd.read_excel(
                tmp_path / f"{lang}.xlsx", sheet_name=sheet, engine="calamine", skiprows=[TITLES]
            )
            titles = (
                pd.read_excel(tmp_path / f"{lang}.xlsx", sheet_name=sheet, engine="calamine", header=None)
                .loc[TITLES]
                .astype(str)
            )
            assert all(bool(re.search("[\u4e00-\u9fff]", x)) == (lang == "zh") for x in titles), sheet
            numbers = [c for c in frame.columns if pd.api.types.is_numeric_dtype(frame[c])]
            pd.testing.assert_frame_equal(
                shown.iloc[:-1][numbers].astype(float), frame[numbers].astype(float), check_index_type=False
            )
            for total, key in (
                ("cost", "cost"),
                ("processing_fees", "processing_fees"),
                ("demand_kept", "demand_kept"),
            ):
                if total in frame:
                    assert shown[total].iloc[-1] == pytest.approx(frame[key].sum())
    assert shown["demand_kept"].iloc[-1] == pytest.approx(s["local_service"]["demand_kept"])
