"""Every decided case has one cause, causes add up to the total to the cent, and what a point less saves is
the stated formula."""

from __future__ import annotations

import csv
import json
from functools import cache

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from shared import decided, example, scenario

from optimizer import run
from optimizer.analysis.root_causes import QUALITY, ROOT_CAUSE_COLUMNS, causes_of_cases
from optimizer.domain.names import CAUSES, ISSUES
from optimizer.inputs.causes import CauseTable, cause_problems, cause_table
from optimizer.model.lines import LINE_KEYS
from optimizer.pipeline import EXAMPLE


def stated() -> list[dict[str, str]]:
    """The rows of data/root_causes.csv."""
    return scenario().tables["root_causes.csv"]


@cache
def table() -> CauseTable:
    return cause_table(stated())


@pytest.fixture(scope="module")
def answer(tables_once):
    return decided()


def cents(values) -> np.ndarray:
    found = np.rint(np.asarray(values, float) * 100)
    assert np.abs(found / 100 - np.asarray(values, float)).max(initial=0) < 1e-6
    return found.astype(np.int64)


# ---------------------------------------------------------------- the table of causes
def test_every_issue_and_every_reason_code_has_a_cause():
    assert set(table().by_issue) == set(ISSUES) and {r["cause"] for r in stated()} == set(CAUSES)
    with (ROOT / "data" / "imports" / "reason_codes.csv").open(encoding="utf-8-sig") as file:
        codes = {r["standard"] for r in csv.DictReader(file)}
    assert codes - set(table().by_code) == {"OTHER"}  # 'none of the reasons fits' says nothing


@pytest.mark.parametrize(
    "issue, reason, cause",
    [
        ("unwanted", "", "change_of_mind"),
        ("unwanted", "NOT_AS_DESCRIBED", "listing_fault"),
        ("cancel_shipped", "MISSED_ESTIMATED_DELIVERY", "delivery"),
        ("returned_goods", "APPAREL_TOO_SMALL", "listing_fault"),
        ("returned_goods", "DEFECTIVE", "product_quality"),
        ("returned_goods", "CR-DEFECTIVE", "product_quality"),
        ("returned_goods", "", "not_stated"),
        ("returned_goods", "OTHER", "not_stated"),
        ("returned_goods", "UNDELIVERABLE_INSUFFICIENT_ADDRESS", "address"),
        ("cancel_unshipped", "found it cheaper", "change_of_mind"),
        ("cancel_unshipped", "买家说太小", "listing_fault"),
        ("a_to_z_claim", "it stopped working", "product_quality"),
        ("a_to_z_claim", "", "claim_and_review"),
        ("negative_review", "wrong colour was sent", "picking_error"),
        ("negative_feedback", "arrived late", "delivery"),
        ("negative_review", "安装很难", "instructions"),
        ("damaged", "it stopped working", "packaging_and_carrier"),
        ("damaged", "DAMAGED_BY_FC", "product_quality"),
        ("warranty_claim", "battery is swollen", "product_quality"),
        ("usage_help", "", "instructions"),
        ("spec_mismatch", "", "listing_fault"),
        ("delivery_delay", "", "delivery"),
        ("address_change_unshipped", "", "address"),
        ("missing_accessory", "", "picking_error"),
    ],
)
def test_cause_of_a_case(issue, reason, cause):
    assert table().cause(issue, reason) == cause


def test_causes_of_many_cases_are_those_of_each():
    cases = pd.DataFrame(
        {
            "issue": ["unwanted", "damaged", "unwanted", "returned_goods"],
            "reason_text": ["", "", "NOT_AS_DESCRIBED", ""],
        }
    )
    assert causes_of_cases(table(), cases).tolist() == [
        "change_of_mind",
        "packaging_and_carrier",
        "listing_fault",
        "not_stated",
    ]
    assert causes_of_cases(table(), cases.head(0)).tolist() == []


def test_a_wrong_table_is_refused_with_every_problem():
    assert cause_problems(stated()) == []
    wrong = [r for r in stated() if r["key"] != "damaged"] + [
        {"kind": "isue", "key": "x", "cause": "listing_fault", "words_count": ""},
        {"kind": "code", "key": "X", "cause": "listing", "words_count": ""},
        {"kind": "words", "key": "(", "cause": "delivery", "words_count": ""},
        {"kind": "issue", "key": "lost", "cause": "delivery", "words_count": ""},
        stated()[0],
    ]
    said = [(p.column, p.value, p.problem.split(":")[0]) for p in cause_problems(wrong)]
    assert said == [
        ("kind", "isue", "is not known"),
        ("cause", "listing", "is not a cause"),
        ("key", "(", "is not a pattern"),
        ("key", "lost", "is not an issue"),
        ("words_count", "", "is neither yes nor no"),
        ("key", stated()[0]["key"], "stands here twice"),
        ("key", "damaged", "has no row"),
    ]


# ---------------------------------------------------------------- sums
def test_causes_add_up_to_the_total_cost_to_the_cent(answer):
    rows, s = answer.behind.causes, answer.figures
    assert cents(rows["cost"]).sum() == cents([s["total_cost"]])[0] and rows["cases"].sum() == s["decided"]
    assert not rows.duplicated(["product_class", "market", "cause"]).any() and set(rows["cause"]) <= set(
        CAUSES
    )
    by = s["root_causes"]["by_cause"]
    assert (
        round(sum(r["cost"] for r in by), 2) == s["total_cost"]
        and sum(r["cases"] for r in by) == s["decided"]
    )
    assert sum(cents([r["saving_per_point"] for r in by])) == cents(rows["saving_per_point"]).sum()


def test_cases_and_cost_of_a_row_are_those_of_its_members(answer):
    cases = answer.cases[["case_id", "market", "product_class", "issue", "reason_text"]].merge(
        answer.choices[["case_id", "total"]], on="case_id"
    )
    cases["cause"] = [table().cause(i, r) for i, r in zip(cases["issue"], cases["reason_text"].astype(str))]
    again = cases.groupby(["product_class", "market", "cause"])["total"].agg(["size", "sum"])
    for r in answer.behind.causes.itertuples():
        n, cost = again.loc[(r.product_class, r.market, r.cause)]
        assert r.cases == n and r.cost == pytest.approx(cost, abs=0.001)
    assert len(again) == len(answer.behind.causes)


# ---------------------------------------------------------------- the saving of a point
def test_saving_of_a_point_is_the_stated_formula(answer):
    orders = pd.read_csv(EXAMPLE["orders"], encoding="utf-8-sig").merge(
        pd.read_csv(EXAMPLE["products"], encoding="utf-8-sig")[["sku", "product_class"]]
    )
    months = set(answer.cases["case_date"].dt.strftime("%Y-%m"))
    units = orders[orders["month"].isin(months)].groupby(["market", "product_class"])["units"].sum()
    d = answer.choices.merge(answer.cases[["case_id", "market", "product_class"]], on="case_id")
    for r in answer.behind.causes.itertuples():
        sold = units.get((r.market, r.product_class), np.nan)
        assert r.units == sold or (np.isnan(r.units) and np.isnan(sold))
        if np.isnan(r.units):
            assert np.isnan(r.saving_per_point)
            continue
        assert r.saving_cases == pytest.approx(
            (r.cost + r.refunded_before) / r.cases * 0.01 * sold, abs=0.00501
        )
        assert r.saving_per_point == round(r.saving_cases + r.saving_failures, 2)
        if r.cause != QUALITY:
            assert r.saving_failures == 0
        else:
            follow_on = d.loc[
                (d["market"] == r.market) & (d["product_class"] == r.product_class), "follow_on"
            ].sum()
            rate = scenario().book.number(f"class.{r.product_class}.failure_rate_12m")
            assert -0.01 <= r.saving_failures <= (follow_on + 0.01 * r.cases) * 0.01 / rate + 0.01


def test_follow_on_failures_are_the_follow_on_line_where_no_money_is_offered(answer):
    line = answer._decided.lines[:, LINE_KEYS.index("follow_on")][answer.plan.decided]
    failures, offers = answer._decided.failures[answer.plan.decided], answer.choices["offer"].to_numpy(object)
    own = ~answer.choices["decided_by"].isin(["platform", "buyer"]).to_numpy()
    assert np.abs(failures - line)[own & (offers == "")].max() <= 0.51 and (line[own] > 0).any()
    assert (failures[own] <= line[own] + 0.51).all()


def test_failures_are_proportional_to_the_failure_rate(answer):
    change = {"times": 0.5, "because": "half of it"}
    half = scenario().with_changes(
        {f"class.{c}.failure_rate_12m": change for c in answer.engine.world.classes}, "test"
    )
    again = run(half, answer.cases, EXAMPLE["products"])
    same = (again.choices["option"] == answer.choices["option"]).to_numpy() & (
        again.choices["option"] != ""
    ).to_numpy()
    ours, theirs = (r._decided.failures[r.plan.decided][same] for r in (answer, again))
    assert (ours > 0).any() and np.allclose(theirs * 2, ours)


def test_only_goods_that_came_back_were_refunded_before(answer):
    refunded, issue = answer._decided.refunded, answer.cases["issue"].astype(str).to_numpy()
    assert (refunded[issue == "returned_goods"] > 0).all() and (
        refunded[issue != "returned_goods"] == 0
    ).all()
    assert refunded.sum() / 100 == pytest.approx(answer.behind.causes["refunded_before"].sum())


def test_value_of_quality_is_the_sum_of_its_root_causes(answer):
    q, rows = answer.behind.quality, answer.behind.causes
    mine = (
        rows[rows["cause"] == QUALITY].groupby("product_class")[["cases", "cost", "saving_per_point"]].sum()
    )
    assert set(q["product_class"]) == set(mine.index)
    for r in q.itertuples():
        assert (r.cases, r.cost, r.saving_per_point) == (
            mine.at[r.product_class, "cases"],
            *(pytest.approx(mine.at[r.product_class, c], abs=0.001) for c in ("cost", "saving_per_point")),
        )
    assert round(q["saving_per_point"].sum(), 2) == answer.figures["quality"]["saving_per_point"] > 0
    assert q["saving_per_point"].is_monotonic_decreasing


# ---------------------------------------------------------------- files, and runs without orders
def test_the_file_says_the_same_as_the_run(answer, tmp_path):
    answer.write(tmp_path, workbook=False)
    assert (tmp_path / "root_causes.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    shown = pd.read_csv(tmp_path / "root_causes.csv", encoding="utf-8-sig")
    assert (
        list(shown.columns)
        == ROOT_CAUSE_COLUMNS
        == ["product_class", "market", "cause", "cases", "cost", "saving_per_point"]
    )
    pd.testing.assert_frame_equal(shown, answer.behind.causes[ROOT_CAUSE_COLUMNS], check_dtype=False)
    written = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert (
        written["root_causes"]["months"] == ["2026-10"]
        and written["root_causes"]["months_without_orders"] == []
    )
    assert "one point less failure saves" in str(answer)


def test_without_orders_the_savings_are_blank_and_said_to_be(answer, tmp_path):
    bare = run(scenario(), answer.cases.head(300), EXAMPLE["products"])
    assert (
        bare.behind.causes[["units", "saving_cases", "saving_failures", "saving_per_point"]]
        .isna()
        .all()
        .all()
    )
    s = json.loads(json.dumps(bare.figures, allow_nan=False))
    assert (
        s["quality"]["saving_per_point"] is None
        and s["root_causes"]["by_cause"][0]["saving_per_point"] is None
    )
    assert s["return_rates"]["processing_fees"] is None and s["local_service"]["demand_kept"] is None
    assert "no orders in the months of the cases" in str(bare)
    bare.write(tmp_path, workbook=False)
    assert pd.read_csv(tmp_path / "root_causes.csv", encoding="utf-8-sig")["saving_per_point"].isna().all()


def test_orders_of_other_months_count_as_none(answer):
    orders = answer.orders.assign(month="2025-01")
    other = run(scenario(), answer.cases.head(100), EXAMPLE["products"])
    other.orders = orders
    assert other.behind.sales is None and other.behind.causes["saving_per_point"].isna().all()


def test_a_sku_that_only_cases_know_has_their_class():
    cases = example()[0].frame.head(50)
    orders = pd.DataFrame(
        {
            "month": ["2026-10", "2026-10"],
            "market": "US",
            "channel": "fba",
            "sku": [str(cases["sku"].iloc[0]), "nobody knows"],
            "orders": [5, 5],
            "units": [7, 9],
            "net_sales": [np.nan, 90.0],
        }
    )
    bare = run(scenario(), cases)
    bare.orders = orders
    sales = bare.behind.sales
    assert (
        sales.frame["product_class"].tolist() == [str(cases["product_class"].iloc[0]), "unclassified"]
        and sales.units.sum() == 16
    )
    assert sales.frame["net_sales"].tolist() == [
        7 * scenario().book.number(f"class.{cases['product_class'].iloc[0]}.price"),
        90.0,
    ]
