"""The workbook: values that viewers see, formulas that find them again, text that stays text."""

from __future__ import annotations

import copy
import re
import time
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
from workbook_pages import (
    IDS,
    NAMESPACE,
    TITLES,
    cells,
    cover,
    page_of,
    part,
    position,
    small_books,
    small_run,
    table,
    through_libreoffice,
)

from optimizer import load_scenario, run
from optimizer.i18n import Titles, translator
from optimizer.model.lines import LINE_KEYS
from optimizer.pipeline import EXAMPLE, read_inputs
from optimizer.policy.accounts import REASONS
from optimizer.policy.conditions import CHOICES, DERIVED, STEP_UNITS
from optimizer.report.words.policy_row import instruction, price_band, reason_in_words, when_in_words
from optimizer.report.workbook.book import SHEETS, last_day, write_workbook
from optimizer.report.workbook.style import lines_of, quoted

pytestmark = pytest.mark.usefixtures("tables_once")
VOLATILE = ("NOW(", "TODAY(", "RAND(", "RANDBETWEEN(", "OFFSET(", "INDIRECT(", "INFO(", "CELL(")
# What holds beside the cost lines and the ways out: cost build and policy 10, what lies behind 7, two bridges
# of 3, cases 5, edits 1.
OTHER_CHECKS = 10 + 7 + 6 + 5 + 1


@pytest.fixture(scope="module")
def answer():
    return small_run()


@pytest.fixture(scope="module")
def books() -> dict[str, Path]:
    return small_books()


# ---------------------------------------------------------------- values
def test_sheets_have_stable_names_in_both_languages(books):
    for path in books.values():
        assert (
            tuple(pd.ExcelFile(path, engine="calamine").sheet_names)
            == SHEETS
            == (
                "Cover",
                "Assumptions",
                "Scenario_diff",
                "Policy",
                "Cost_build",
                "Bridge",
                "Root_causes",
                "Quality",
                "Return_rates",
                "Local_service",
                "Cases",
                "Checks",
                "Audit",
            )
        )


def test_cover_shows_the_totals_of_the_summary(answer, books):
    s, shown = answer.summary, cover(books["en"])
    assert (
        shown["Scenario"] == "no_us_warehouse"
        and shown["Run"] == s["run_id"]
        and shown["Currency"] == "USD"
        and shown["Language"] == "en"
    )
    assert (
        pd.Timestamp(shown["First case"]) == answer.cases["case_date"].min()
        and pd.Timestamp(shown["Last case"]) == answer.cases["case_date"].max()
    )
    own = s["controllable"]
    expected = {
        "Cases": s["cases"],
        "decided": s["decided"],
        "without an acceptable way out": len(s["undecided"]),
        "Total cost": s["total_cost"],
        "of which cash": s["cash_cost"],
        "of which risk": s["risk_cost"],
        "Current practice": s["current_cost"],
        "Cases you decide": own["cases"],
        "their cost today": own["current_cost"],
        "their cost by this answer": own["cost"],
        "saving": round(own["current_cost"] - own["cost"], 2),
        "saving, share of today's cost": pytest.approx(1 - own["cost"] / own["current_cost"]),
        "Rows of the policy table": s["policy_rows"],
        "policy table dearer than case by case": s["policy_extra_cost"],
        "Share of the money that rests on estimates": s["estimate_share"],
    }
    assert {k: shown[k] for k in expected} == expected


def test_cover_says_how_far_the_answer_is_proven_and_what_the_scenario_changed(answer, books):
    text = "\n".join(
        pd.read_excel(books["en"], sheet_name="Cover", engine="calamine", header=None)
        .to_numpy(object)
        .ravel()
        .astype(str)
    )
    assert "proven within 0.00 USD" in text
    assert "provider.us_warehouse.open: 1 -> 0 (no_us_warehouse: what the US warehouse is worth" in text


def test_assumptions_are_all_there_with_their_provenance(answer, books):
    shown, ledger = table(books["en"], "Assumptions"), answer.scenario.book
    assert shown["key"].tolist() == list(ledger)
    for row in shown.to_dict("records"):
        a = ledger[row["key"]]
        assert str(row["value"]) == a.value if a.is_text else row["value"] == a.value, a.key
        assert (row["unit"], row["source"], row["confidence"]) == (a.unit, a.source, a.confidence)
        assert (f"{row['as_of']:%Y-%m-%d}", f"{row['review_by']:%Y-%m-%d}") == (a.as_of, a.review_by)
        assert ("estimate" in str(row["mark"])) == a.is_estimate and ("changed" in str(row["mark"])) == bool(
            a.set_by
        )
    assert shown.loc[shown["key"] == "provider.us_warehouse.open", "set_by"].item() == "no_us_warehouse"


def test_policy_sheet_holds_every_column_of_the_table(answer, books):
    shown, frame = table(books["en"], "Policy"), answer.policy()
    assert [c for c in shown.columns if c in frame.columns] == list(frame.columns)
    for column in frame.columns:
        own, seen = frame[column], shown[column]
        if pd.api.types.is_numeric_dtype(own):
            pd.testing.assert_series_equal(
                seen.astype(float), own.astype(float), check_names=False, check_index=False
            )
        else:
            assert seen.fillna("").astype(str).tolist() == own.fillna("").astype(str).tolist(), column
    titles = Titles(answer.scenario, "en")
    assert shown["instruction_in_words"].tolist() == [
        instruction(r, titles) for r in frame.to_dict("records")
    ]
    assert (shown["cases_in_words"].str.count(" · ") >= 3).all()


def test_cost_build_ties_to_the_summary(answer, books):
    s, shown = answer.summary, table(books["en"], "Cost_build")
    rows, last = shown.iloc[:-1], shown.iloc[-1]
    assert last["market"] == "total" and last["cases"] == s["decided"] == rows["cases"].sum()
    assert (last["total"], last["cash"], last["risk"]) == (s["total_cost"], s["cash_cost"], s["risk_cost"])
    assert {k: last[k] for k in LINE_KEYS} == s["lines"]
    cents = (rows[list(LINE_KEYS)] * 100).round().sum(axis=1)
    assert (cents == (rows["total"] * 100).round()).all() and (rows["cases"] > 0).all()
    assert not rows.duplicated(["market", "channel", "issue", "option", "resolution"]).any()
    by = rows.groupby("resolution")[["cases", "total"]].sum()
    assert {r["resolution"]: (r["cases"], r["cost"]) for r in s["by_resolution"]} == {
        k: (n, round(c, 2)) for k, n, c in by.itertuples()
    }


# ---------------------------------------------------------------- checks
def test_all_checks_hold_and_the_cover_says_so(answer, books):
    shown = table(books["en"], "Checks")
    count = OTHER_CHECKS + len(LINE_KEYS) + 2 * len(answer.summary["by_resolution"])
    assert (
        set(shown["ok"]) == {"ok"}
        and (shown["difference"] == 0).all()
        and (shown["expected"] == shown["got"]).all()
    )
    assert len(shown) == count, "a new identity: count it in OTHER_CHECKS"
    assert cover(books["en"])["Checks"] == f"all {len(shown)} checks hold"
    assert cover(books["zh"])["核对"] == f"{len(shown)} 项核对全部通过"


def test_a_summary_that_does_not_fit_its_cases_is_shown(answer, tmp_path):
    wrong = copy.copy(answer)
    wrong.__dict__["summary"] = {**answer.summary, "total_cost": answer.summary["total_cost"] + 0.01}
    wrong.to_excel(tmp_path / "wrong.xlsx")
    shown = table(tmp_path / "wrong.xlsx", "Checks").set_index("check")
    failed = shown[shown["ok"] != "ok"]
    assert list(failed.index) == [
        "total of the cost build = total cost",
        "cost lines add up to the total cost",
        "cash + risk = total cost",
        "root causes add up to the total cost",
        "bridge by issue: ends at the total cost",
        "bridge by issue: cost of its steps = total cost",
        "bridge by way out: ends at the total cost",
        "bridge by way out: cost of its steps = total cost",
        "cost of the sheet Cases = total cost",
    ]
    assert set(failed["ok"]) == {"WRONG"} and (failed["difference"] == -0.01).all()
    assert cover(tmp_path / "wrong.xlsx")["Checks"] == "checks that do not hold: 9"


def test_a_run_that_decides_nothing_still_adds_up(tmp_path):
    scenario = load_scenario("base", ["service.longest_days=1"])
    everything = read_inputs(scenario, None, None, None)[0].frame.head(600)
    stuck = {u["case_id"] for u in run(scenario, everything, EXAMPLE["products"]).undecided()}
    result = run(scenario, everything[everything["case_id"].isin(stuck)], EXAMPLE["products"])
    assert result.summary["decided"] == 0 < len(stuck) == result.summary["cases"]
    result.to_excel(tmp_path / "nothing.xlsx")
    assert set(table(tmp_path / "nothing.xlsx", "Checks")["ok"]) == {"ok"}
    shown = cover(tmp_path / "nothing.xlsx")
    assert (shown["decided"], shown["without an acceptable way out"], shown["Total cost"]) == (
        0,
        len(stuck),
        0,
    )
    listed = [name for name in shown if name in stuck]
    assert len(listed) == min(10, len(stuck)) and (len(stuck) <= 10 or f"and {len(stuck) - 10} more" in shown)


# ---------------------------------------------------------------- formulas and format
def test_formulas_are_live_and_carry_their_values(books):
    counts = Counter()
    for sheet in SHEETS:
        for place, (_, formula, value) in cells(books["en"], sheet).items():
            if formula:
                counts[sheet] += 1
                assert value != "", f"{sheet}!{place} has no cached value"
                assert not any(v in formula.upper() for v in VOLATILE) and "[" not in formula
    rows = len(table(books["en"], "Cost_build")) - 1
    assert counts["Cost_build"] == 3 * rows + 4 + len(
        LINE_KEYS
    )  # cash, risk and total of each row, and the total row
    assert (
        counts["Checks"] == 3 * len(table(books["en"], "Checks")) and counts["Cover"] == 12 + 2 * 11
    )  # totals, and bars
    assert counts["Policy"] == counts["Assumptions"] == 0
    formulas = {f for _, f, _ in cells(books["en"], "Cost_build").values() if f}
    assert "SUM(J3:AH3)" in formulas and "SUM(I3,AI3)" in formulas


def test_no_links_and_no_clock_inside(answer, books):
    with zipfile.ZipFile(books["en"]) as archive:
        names = archive.namelist()
        assert {i.date_time[0] for i in archive.infolist()} == {1980}
    assert not [n for n in names if "externalLink" in n or n.endswith(".bin")]
    assert not any("hyperlink" in part(books["en"], n) for n in names if n.startswith("xl/worksheets/"))
    assert f"{last_day(answer.cases):%Y-%m-%d}T00:00:00Z" in part(books["en"], "docProps/core.xml")


def test_equal_inputs_give_equal_bytes(answer, books, tmp_path):
    for lang, path in books.items():
        write_workbook(answer, tmp_path / "again.xlsx", lang)
        assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()


def test_tables_have_filters_and_frozen_titles(books):
    for sheet in SHEETS[1:]:
        xml = part(books["en"], page_of(sheet))
        assert '<autoFilter ref="A2:' in xml and 'state="frozen"' in xml and "mergeCell" not in xml, sheet


def test_inputs_are_guarded_by_their_hard_range(answer, books):
    xml = part(books["en"], page_of("Assumptions"))
    guards = {}
    for found in ET.fromstring(xml).iterfind(".//m:dataValidation", NAMESPACE):
        limits = tuple(float(found.find(f"m:formula{i}", NAMESPACE).text) for i in (1, 2))
        guards |= dict.fromkeys(found.get("sqref").split(), limits)
        assert found.get("error") == f"The value must lie between {limits[0]:g} and {limits[1]:g}."
    numbers = {
        f"C{i + 3}": a.hard for i, a in enumerate(answer.scenario.book.values()) if not a.is_text and a.hard
    }
    assert guards == numbers and len(numbers) > 500


def test_inputs_are_blue_on_yellow(books):
    xml = part(books["en"], "xl/styles.xml")
    assert "FF0000FF" in xml and "FFFFFFCC" in xml


# ---------------------------------------------------------------- languages and hostile text
def test_chinese_workbook_has_chinese_titles_and_the_same_numbers_and_identifiers(books):
    for sheet in ("Policy", "Cost_build", "Assumptions"):
        english, chinese = (
            pd.read_excel(
                books[lang], sheet_name=sheet, engine="calamine", header=None, keep_default_na=False
            )
            for lang in ("en", "zh")
        )
        assert english.loc[IDS].tolist() == chinese.loc[IDS].tolist()
        assert not re.search("[\u4e00-\u9fff]", "".join(map(str, english.loc[TITLES])))
        assert all(re.search("[\u4e00-\u9fff]", str(title)) for title in chinese.loc[TITLES]), sheet
        worded = {
            "cases_in_words",
            "when_in_words",
            "instruction_in_words",
            "runner_up_in_words",
            "option_in_words",
            "reason",
            "title",
            "mark",
            "source",
        }
        same = [i for i, name in english.loc[IDS].items() if name not in worded]
        body = slice(2, len(english) - (2 if sheet == "Cost_build" else 1))
        pd.testing.assert_frame_equal(english.loc[body, same], chinese.loc[body, same])
    assert (
        pd.read_excel(books["zh"], sheet_name="Cover", engine="calamine", header=None).iloc[0, 0]
        == "售后决策及其费用"
    )


def test_text_that_looks_like_a_formula_stays_text(tmp_path):
    (tmp_path / "evil.yaml").write_text(
        """
title: {en: '=HYPERLINK("http://example.org","x")'}
extends: base
set:
  US.name.en: {to: "@SUM(1+1)", because: "=1+1"}
  contact.cost: {to: 0.7, because: "+cmd|' /C calc'!A0"}
""",
        encoding="utf-8",
    )
    scenario = load_scenario(tmp_path / "evil.yaml")
    result = run(scenario, read_inputs(scenario, None, None, None)[0].frame.head(150), EXAMPLE["products"])
    result.to_excel(tmp_path / "evil.xlsx")
    strings = part(tmp_path / "evil.xlsx", "xl/sharedStrings.xml")
    assert "=HYPERLINK(" in strings and "@SUM(1+1)" in strings and "cmd|" in strings
    formulas = [f for sheet in SHEETS for _, f, _ in cells(tmp_path / "evil.xlsx", sheet).values() if f]
    assert formulas and not [f for f in formulas if "HYPERLINK" in f or "cmd|" in f or "@" in f or f == "1+1"]
    links = [
        part(tmp_path / "evil.xlsx", n)
        for n in zipfile.ZipFile(tmp_path / "evil.xlsx").namelist()
        if n.endswith(".rels")
    ]
    assert not [text for text in links if "hyperlink" in text or "External" in text]


def test_quotes_inside_formula_texts_are_doubled():
    assert quoted('say "no"') == '"say ""no"""'


# ---------------------------------------------------------------- words of a policy row
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_condition_has_words(answer, lang):
    titles = Titles(answer.scenario, lang)
    known = {**CHOICES, **dict.fromkeys(DERIVED, ("no", "yes"))}
    atoms = [
        f"{name}{sign}{level}"
        for name, levels in known.items()
        for level, sign in product(levels, ("=", "!="))
    ]
    atoms += [f"{name}{sign}30{unit}" for name, unit in STEP_UNITS.items() for sign in ("<=", ">")]
    for atom in atoms:
        assert when_in_words(atom, titles, "EUR") != atom, atom
    if lang == "en":
        assert (
            when_in_words("stage=in_window; prior_claims>=3; value<=400", titles, "EUR")
            == "within the return window; at least 3 earlier claims; value of at most 400 EUR"
        )
        assert (
            when_in_words("condition!=defective|expired", titles) == "not: found: defective or found: expired"
        )


def test_what_nobody_knows_stays_as_it_is_written(answer):
    titles = Titles(answer.scenario, "zh")
    assert when_in_words("moon=full", titles) == "moon=full" and when_in_words(float("nan"), titles) == ""
    assert (
        reason_in_words("my own words", titles) == "my own words"
        and reason_in_words(float("nan"), titles) == ""
    )


def test_every_reason_has_chinese(answer):
    zh, en = Titles(answer.scenario, "zh"), Titles(answer.scenario, "en")
    assert all(reason_in_words(r, en) == r for r in REASONS)
    assert all(re.search("[\u4e00-\u9fff]", reason_in_words(r, zh)) for r in REASONS)


@pytest.mark.parametrize(
    "low, high, text",
    [
        (None, None, ""),
        (None, 25.0, "up to 25.00 EUR"),
        (25.0, None, "above 25.00 EUR"),
        (25.0, 1400.5, "25.00 – 1,400.50 EUR"),
    ],
)
def test_price_bands_in_words(answer, low, high, text):
    assert (
        price_band({"price_from": low, "price_to": high, "currency": "EUR"}, Titles(answer.scenario, "en"))
        == text
    )


# ---------------------------------------------------------------- speed and recalculation
def test_writing_takes_little_time(answer, tmp_path):
    """A ratio within one process, whatever the machine does besides: less than making the policy table
    twice."""
    _ = answer.decisions
    start = time.perf_counter()
    write_workbook(answer, tmp_path / "timed.xlsx")
    assert time.perf_counter() - start < 2 * answer.seconds["policy"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_libreoffice_finds_the_same_numbers(books, lang, tmp_path):
    falsified = tmp_path / "falsified.xlsx"
    with (
        zipfile.ZipFile(books[lang]) as source,
        zipfile.ZipFile(falsified, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for item in source.infolist():
            content = source.read(item)
            if item.filename.startswith(
                "xl/worksheets/sheet"
            ):  # whatever was cached is wrong now; only a recalculation mends it
                content = re.sub(rb"(</f><v>)[^<]*", rb"\g<1>-77", content)
            target.writestr(item, content)
    again = through_libreoffice(falsified, tmp_path)
    for sheet in SHEETS:
        ours, theirs = (
            pd.read_excel(p, sheet_name=sheet, engine="calamine", header=None, keep_default_na=False)
            for p in (books[lang], again)
        )
        for place, (_, formula, _) in cells(books[lang], sheet).items():
            if formula:
                a, b = (frame.iat[position(place)] for frame in (ours, theirs))
                assert b == (pytest.approx(a, abs=1e-6) if isinstance(a, (int, float)) else a), (
                    f"{sheet}!{place}"
                )


def test_translations_used_in_formulas_differ():
    t = translator("zh")
    assert t("ok") != t("WRONG") != "WRONG"


@pytest.mark.parametrize(
    "text, width, lines",
    [
        ("cases", 9, 1),
        ("cost by this answer (USD)", 16, 2),
        ("share of cases whose own best this is", 12, 4),
        ("本步骤后的费用", 8, 2),
    ],
)
def test_titles_get_the_height_they_take(text, width, lines):
    assert lines_of(text, width) == lines
