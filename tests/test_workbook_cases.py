"""Cases, Scenario_diff and Audit: what was decided for every case, which inputs differ, who changed what
and on which files it rests."""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ET

import pandas as pd
import pytest
from workbook_pages import (
    NAMESPACE,
    cells,
    inputs_only,
    page_of,
    part,
    small_books,
    small_run,
    some_sheets,
    table,
    without_policy,
)

from optimizer import load_scenario, run
from optimizer.model.lines import LINE_KEYS
from optimizer.pipeline import EXAMPLE, read_inputs
from optimizer.report.words.text import trail_lines
from optimizer.report.workbook import cases as workbook_cases
from optimizer.report.workbook.audit import ROOM

pytestmark = pytest.mark.usefixtures("tables_once")


@pytest.fixture(scope="module")
def answer():
    return small_run()


# ---------------------------------------------------------------- Cases
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_case_stands_with_its_decision_and_its_cost(answer, lang):
    shown = table(small_books()[lang], "Cases").iloc[:-1].set_index("case_id")
    assert list(shown.index) == answer.cases["case_id"].tolist()
    decided = answer.decisions.set_index("case_id")
    own = shown.loc[decided.index]
    for column in ("row_id", "decided_by", "resolution", "provider"):
        assert own[column].fillna("").tolist() == decided[column].tolist(), column
    assert own["total"].tolist() == pytest.approx(decided["total"].tolist()) and own[
        "current_cost"
    ].tolist() == pytest.approx(decided["current_cost"].tolist())
    assert own[list(LINE_KEYS)].fillna(0).to_numpy().ravel().tolist() == pytest.approx(
        decided[list(LINE_KEYS)].to_numpy().ravel().tolist()
    )
    assert (own["cash"] + own["risk"]).tolist() == pytest.approx(own["total"].tolist())
    assert shown["decision_in_words"].notna().all()
    assert bool(re.search("[\u4e00-\u9fff]", "".join(shown["decision_in_words"]))) == (lang == "zh")


def test_the_last_row_sums_what_stands_above(answer):
    last = table(small_books()["en"], "Cases").iloc[-1]
    assert last["case_id"] == "total" and (last["total"], last["cash"], last["risk"]) == tuple(
        answer.summary[k] for k in ("total_cost", "cash_cost", "risk_cost")
    )


def test_cases_without_a_way_out_stand_there_too(tmp_path):
    scenario = load_scenario("base", ["service.longest_days=1"])
    result = run(scenario, read_inputs(scenario, None, None, None)[0].frame.head(300), EXAMPLE["products"])
    stuck = [u["case_id"] for u in result.undecided()]
    shown = table(some_sheets(tmp_path / "stuck.xlsx", without_policy(result), "Cases"), "Cases").set_index(
        "case_id"
    )
    assert stuck and len(shown) == 301
    assert (shown.loc[stuck, "resolution"] == "undecided").all() and shown.loc[stuck, "total"].isna().all()
    assert (shown.loc[stuck, "decision_in_words"] == "ask who may make an exception").all()
    assert shown.loc["total", "total"] == pytest.approx(result.choices["total"].sum())


def test_what_a_sheet_cannot_hold_is_said_and_counted(answer, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook_cases, "_SHOWN", 500)
    answer.to_excel(tmp_path / "cut.xlsx")
    shown = table(tmp_path / "cut.xlsx", "Cases")
    title = pd.read_excel(tmp_path / "cut.xlsx", sheet_name="Cases", engine="calamine", header=None).iat[1, 0]
    assert title == "case (the first 500 of 1,200 cases; the others stand in decisions.parquet)"
    assert shown["case_id"].tolist()[:500] == answer.cases["case_id"].tolist()[:500]
    assert shown["case_id"].tolist()[500:] == ["total", "700 more cases in decisions.parquet"]
    assert shown["total"].iloc[-2:].sum() == pytest.approx(answer.summary["total_cost"])
    assert set(table(tmp_path / "cut.xlsx", "Checks")["ok"]) == {"ok"}


def test_a_sheet_never_grows_beyond_its_last_row():
    assert workbook_cases._SHOWN + 4 <= 1_048_576


# ---------------------------------------------------------------- Scenario_diff
def test_only_changed_inputs_with_live_differences(answer):
    shown, book = table(small_books()["en"], "Scenario_diff"), answer.scenario.book
    base = load_scenario("base").book
    assert shown["key"].tolist() == [k for k in book if book[k].value != base[k].value] and len(shown) > 0
    for row in shown.to_dict("records"):
        a, old = book[row["key"]], base[row["key"]].value
        assert (row["base"], row["scenario"], row["unit"], row["who"]) == (
            old,
            a.value,
            a.unit,
            "no_us_warehouse",
        ) and row["because"]
        assert row["absolute"] == pytest.approx(a.value - old)
        assert row["percent"] == (pytest.approx((a.value - old) / abs(old)) if old else "–")
    formulas = {f for _, f, _ in cells(small_books()["en"], "Scenario_diff").values() if f}
    assert "in_provider_us_warehouse_open" in formulas and "D3-C3" in formulas


def test_an_unchanged_scenario_says_so_in_one_sentence(tmp_path):
    assert table(inputs_only(tmp_path / "base.xlsx", load_scenario("base")), "Scenario_diff")[
        "key"
    ].tolist() == ["The scenario changes nothing: every input is as in the data folder."]


def test_texts_have_no_difference_and_what_was_changed_back_is_no_change(tmp_path):
    scenario = load_scenario("base", ["US.name.en=United States (US)", "contact.cost=0.7"])
    usual = load_scenario("base").book.number("contact.cost")
    scenario = scenario.with_changes({"contact.cost": {"to": usual, "because": "back again"}}, "test")
    inputs_only(tmp_path / "text.xlsx", scenario)
    shown = table(tmp_path / "text.xlsx", "Scenario_diff")
    assert shown["key"].tolist() == ["US.name.en"] and shown[["absolute", "percent"]].isna().all(axis=None)
    audit = table(tmp_path / "text.xlsx", "Audit")
    assert audit.loc[audit["kind"] == "change", ["key", "new"]].astype(str).to_numpy().tolist() == [
        ["US.name.en", "United States (US)"],
        ["contact.cost", "0.7"],
        ["contact.cost", f"{scenario.book.number('contact.cost'):g}"],
    ]


# ---------------------------------------------------------------- Audit
def test_audit_holds_trail_files_and_versions(answer):
    shown = table(small_books()["en"], "Audit")
    by = dict(iter(shown.groupby("kind")))
    assert list(dict.fromkeys(shown["kind"])) == ["change", "edit", "input", "version"]
    assert list(
        zip(
            by["change"]["who"],
            by["change"]["key"],
            by["change"]["old"],
            by["change"]["new"],
            by["change"]["reason"],
        )
    ) == [(c.layer, c.key, c.old, c.new, c.because) for c in answer.scenario.trail]
    assert len(trail_lines(answer.scenario)) == len(by["change"]) and by["change"]["when"].isna().all()
    assert dict(zip(by["input"]["key"], by["input"]["new"])) == answer.input_hashes
    assert (
        answer.input_hashes["data/providers.csv"]
        == hashlib.sha256(answer.scenario.files["data/providers.csv"].read_bytes()).hexdigest()
    )
    assert dict(zip(by["version"]["key"], by["version"]["new"].astype(str))) == answer.summary["versions"]
    assert len(by["edit"]) == ROOM and by["edit"][["who", "when", "key", "reason"]].isna().all(axis=None)


def test_rows_for_the_analyst_offer_the_keys(answer):
    page = ET.fromstring(part(small_books()["en"], page_of("Audit")))
    (guard,) = page.iterfind(".//m:dataValidation", NAMESPACE)
    first = 3 + len(answer.scenario.trail)
    assert guard.get("type") == "list" and guard.get("sqref") == f"E{first}:E{first + ROOM - 1}"
    assert guard.find("m:formula1", NAMESPACE).text == f"Assumptions!$A$3:$A${2 + len(answer.scenario.book)}"
