"""Assumptions that were edited in the workbook come back: values, reasons, notes, and every problem at
once."""

from __future__ import annotations

import re
import zipfile

import pandas as pd
import pytest
import xlsxwriter
from workbook_pages import (
    cover,
    edited,
    inputs_only,
    page_of,
    part,
    small_books,
    small_run,
    table,
    through_libreoffice,
)

from optimizer import load_scenario, run
from optimizer.cli import main
from optimizer.errors import InputError
from optimizer.inputs.assumption_sheet import range_names, settings_from_workbook
from optimizer.pipeline import EXAMPLE, read_inputs
from optimizer.report.words.text import trail_lines

pytestmark = pytest.mark.usefixtures("tables_once")
SHARE, RATE, DAYS, TEXT = "acceptance.offer.0.1", "fx.CNY", "US.return_window.standard_days", "US.name.en"
FIRST_EDIT = 4  # row of the first yellow row of the audit: two rows of titles and one change above it


@pytest.fixture(scope="module")
def book():
    return load_scenario("no_us_warehouse").book


@pytest.fixture(scope="module")
def row_of(book) -> dict[str, int]:
    return {key: n for n, key in enumerate(book, start=3)}


def typed(
    tmp_path,
    row_of,
    values: dict[str, object],
    lang: str = "en",
    audit: dict[str, object] | None = None,
    name: str = "mine.xlsx",
):
    """The workbook after somebody typed values into the value column, and texts into the Audit sheet."""
    changes = {"Assumptions": {f"C{row_of[key]}": value for key, value in values.items()}}
    return edited(small_books()[lang], tmp_path / name, changes | ({"Audit": audit} if audit else {}))


def problems(path, book) -> list[tuple]:
    with pytest.raises(InputError) as refused:
        settings_from_workbook(path, book)
    return [(p.row, p.column, p.value, str(p.problem)) for p in refused.value.problems]


# ---------------------------------------------------------------- values
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_workbook_that_nobody_edited_changes_nothing(book, lang):
    settings, notes = settings_from_workbook(small_books()[lang], book, "no_us_warehouse")
    assert settings == {} and [str(n) for n in notes] == [
        f"{lang}.xlsx: values that differ from the scenario and were taken: 0"
    ]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_edited_values_come_back_and_nothing_else(tmp_path, book, row_of, lang):
    path = typed(tmp_path, row_of, {SHARE: 0.25, RATE: 6.5, DAYS: 45, TEXT: "U.S."}, lang)
    settings, _ = settings_from_workbook(path, book, "no_us_warehouse")
    assert settings == {
        key: {"to": value, "because": "changed in mine.xlsx"}
        for key, value in ((SHARE, 0.25), (TEXT, "U.S."), (RATE, 6.5), (DAYS, 45.0))
    }


def test_what_a_spreadsheet_adds_in_the_last_digit_is_no_change(tmp_path, book, row_of):
    tenth = next(
        k for k, a in book.items() if not a.is_text and a.value == 0.3 and a.hard and a.hard[1] > 0.3
    )
    limit = next(k for k, a in book.items() if not a.is_text and a.hard == (0.0, 0.9))
    path = typed(
        tmp_path, row_of, {tenth: 0.1 + 0.2, RATE: book[RATE].value * (1 + 1e-15), limit: 0.9000000000000001}
    )
    assert 0.1 + 0.2 != 0.3
    assert settings_from_workbook(path, book)[0] == (
        {} if book[limit].value == 0.9 else {limit: {"to": 0.9, "because": "changed in mine.xlsx"}}
    )


def test_whole_numbers_flags_and_days_are_understood(tmp_path, book, row_of):
    day = next(k for k, a in book.items() if a.unit == "date")
    flag = next(k for k, a in book.items() if a.unit == "flag" and a.value == 1.0)
    path = typed(tmp_path, row_of, {flag: 0, day: "2026-12-31"})
    assert {k: v["to"] for k, v in settings_from_workbook(path, book)[0].items()} == {
        flag: 0.0,
        day: "2026-12-31",
    }


def test_the_sheet_is_found_by_its_ids_not_by_its_name_place_or_titles(tmp_path, book):
    target = xlsxwriter.Workbook(str(tmp_path / "own.xlsx"))
    sheet = target.add_worksheet("輸入")
    sheet.write_row(2, 1, ["unit", "value", "note", "key", "title"])
    sheet.write_row(3, 1, ["单位", "数值", "", "键", "含义"])
    sheet.write_row(4, 1, [book[RATE].unit, 6.5, "", RATE, ""])
    target.close()
    settings, notes = settings_from_workbook(tmp_path / "own.xlsx", book, "base")
    assert settings == {RATE: {"to": 6.5, "because": "changed in own.xlsx"}}
    assert "acceptance.offer.0.05, " in str(notes[1]) and "which stay as they are" in str(notes[1])


# ---------------------------------------------------------------- scenario, trail, command line
def test_the_change_shows_in_trail_summary_and_next_workbook(tmp_path, row_of):
    path = typed(
        tmp_path,
        row_of,
        {RATE: 6.5},
        audit={
            f"C{FIRST_EDIT}": "Li Wei",
            f"D{FIRST_EDIT}": 46350,
            f"E{FIRST_EDIT}": RATE,
            f"H{FIRST_EDIT}": "bank quote",
        },
    )
    scenario = load_scenario("no_us_warehouse", (), path)
    assert (
        scenario.book[RATE].value == 6.5
        and scenario.book[RATE].set_by == "mine.xlsx"
        and scenario.files["mine.xlsx"] == path
    )
    last = scenario.trail[-1]
    assert (last.layer, last.key, last.old, last.new, last.because) == (
        "mine.xlsx",
        RATE,
        load_scenario("base").book[RATE].value,
        6.5,
        "bank quote (Li Wei, 2026-11-24)",
    )
    answer = run(scenario, read_inputs(scenario, None, None, None)[0].frame.head(150), EXAMPLE["products"])
    assert f"fx.CNY: {last.old:g} -> 6.5 (mine.xlsx: bank quote (Li Wei, 2026-11-24))" in trail_lines(
        scenario
    )  # as summary and cover show it
    assert "mine.xlsx" in answer.input_hashes and "mine.xlsx" not in small_run().input_hashes
    inputs_only(tmp_path / "next.xlsx", scenario)
    audit = table(tmp_path / "next.xlsx", "Audit")
    assert audit.loc[audit["kind"] == "change", ["who", "key", "new", "reason"]].astype(
        str
    ).to_numpy().tolist()[-1] == ["mine.xlsx", RATE, "6.5", "bank quote (Li Wei, 2026-11-24)"]
    # read back once more, the reason of the first analyst is kept
    again = load_scenario("no_us_warehouse", (), tmp_path / "next.xlsx")
    assert [(c.key, c.new, c.because) for c in again.trail[-1:]] == [
        (RATE, 6.5, "bank quote (Li Wei, 2026-11-24)")
    ]


def test_a_reason_is_said_in_the_language_of_the_reader(tmp_path, row_of):
    scenario = load_scenario("no_us_warehouse", (), typed(tmp_path, row_of, {RATE: 6.5}))
    assert (
        "changed in mine.xlsx" in trail_lines(scenario)[-1]
        and "在 mine.xlsx 中修改" in trail_lines(scenario, "zh")[-1]
    )


def test_an_unedited_workbook_leaves_the_run_as_it_is():
    plain, through = (
        load_scenario("no_us_warehouse"),
        load_scenario("no_us_warehouse", (), small_books()["en"]),
    )
    assert (
        through.trail == plain.trail and through.files == plain.files and plain.notes == () != through.notes
    )


def test_what_is_set_on_the_command_line_wins(tmp_path, row_of):
    path = typed(tmp_path, row_of, {RATE: 6.5, SHARE: 0.25})
    scenario = load_scenario("no_us_warehouse", ("fx.CNY=6.7",), path)
    assert (scenario.book[RATE].value, scenario.book[SHARE].value) == (6.7, 0.25)
    assert [c.layer for c in scenario.trail[-3:]] == ["mine.xlsx", "mine.xlsx", "--set"]


def test_another_scenario_is_named_and_counts_as_changed(book):
    base = load_scenario("base").book
    settings, notes = settings_from_workbook(small_books()["zh"], base, "base")
    differing = [k for k in book if book[k].value != base[k].value]
    assert list(settings) == differing and len(differing) > 0
    text = [str(n) for n in notes]
    assert (
        "zh.xlsx was written by scenario no_us_warehouse, not base: what the two say differently counts as"
        " changed in the workbook" in text
    )
    assert (
        "zh.xlsx: differ from the scenario although nobody edited them since the workbook was written:"
        f" {', '.join(differing)}" in text
    )


def test_a_reason_without_a_change_is_noted(tmp_path, book, row_of):
    path = typed(tmp_path, row_of, {RATE: 6.5}, audit={f"E{FIRST_EDIT}": SHARE, f"H{FIRST_EDIT}": "why not"})
    settings, notes = settings_from_workbook(path, book, "no_us_warehouse")
    assert settings[RATE]["because"] == "changed in mine.xlsx" and SHARE not in settings
    assert (
        str(notes[-1])
        == f"mine.xlsx: the Audit sheet gives a reason for values that are not changed: {SHARE}"
    )


def test_the_commands_take_a_workbook(tmp_path, row_of, capsys):
    path = typed(tmp_path, row_of, {RATE: 6.5})
    main(["assumptions", "no_us_warehouse", "--set-from", str(path)])
    said = capsys.readouterr()
    assert "fx.CNY = 6.5 per_USD" in said.out and "<- mine.xlsx" in said.out and "were taken: 1" in said.err
    main(["check", "no_us_warehouse", "--set-from", str(path), "--set", "fx.CNY=6.6"])
    assert "were taken: 1" in capsys.readouterr().err
    main(["explain", "no_us_warehouse", "--case", "C2610-000125", "--set-from", str(path)])
    assert "were taken: 1" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stopped:
        main(["run", "base", "--set-from", str(typed(tmp_path, row_of, {RATE: "dear"}, name="bad.xlsx"))])
    assert (
        stopped.value.code == 1
        and f"bad.xlsx, row {row_of[RATE]}, column Assumptions!C{row_of[RATE]}: 'dear' fx.CNY is not a number"
        in capsys.readouterr().err
    )


# ---------------------------------------------------------------- what is refused
def test_every_problem_is_said_at_once(tmp_path, book, row_of):
    high = book[SHARE].hard[1]
    day = next(k for k, a in book.items() if a.unit == "date")
    rows = {key: row_of[key] for key in (SHARE, RATE, DAYS, day, TEXT, "contact.cost")}
    path = edited(
        small_books()["en"],
        tmp_path / "bad.xlsx",
        {
            "Assumptions": {
                f"C{rows[SHARE]}": high + 1,
                f"C{rows[RATE]}": "6,5",
                f"C{rows[DAYS]}": None,
                f"C{rows[day]}": "soon",
                f"C{rows[TEXT]}": None,
                f"A{rows['contact.cost']}": "contact.cots",
                f"D{rows[SHARE]}": "USD",
            },
            "Audit": {f"E{FIRST_EDIT}": "fx.CYN", f"H{FIRST_EDIT}": "typo", f"H{FIRST_EDIT + 1}": "no key"},
        },
    )
    found = problems(path, book)
    assert set(found) == {
        (
            rows[SHARE],
            f"Assumptions!C{rows[SHARE]}",
            f"{high + 1:g}",
            f"{SHARE} must lie between 0 and {high:g} share",
        ),
        (rows[SHARE], f"Assumptions!D{rows[SHARE]}", "USD", f"is not the unit of {SHARE}, which is share"),
        (rows[RATE], f"Assumptions!C{rows[RATE]}", "6,5", "fx.CNY is not a number"),
        (rows[DAYS], f"Assumptions!C{rows[DAYS]}", "", f"{DAYS} has no value"),
        (rows[day], f"Assumptions!C{rows[day]}", "soon", f"{day} is not a date"),
        (rows[TEXT], f"Assumptions!C{rows[TEXT]}", "", f"{TEXT} is blank"),
        (
            rows["contact.cost"],
            f"Assumptions!A{rows['contact.cost']}",
            "contact.cots",
            "is not an assumption",
        ),
        (FIRST_EDIT, f"Audit!E{FIRST_EDIT}", "fx.CYN", "is not an assumption"),
        (FIRST_EDIT + 1, f"Audit!E{FIRST_EDIT + 1}", "", "is blank beside a reason"),
    }
    assert len(found) == 9


def test_fixes_name_what_was_meant(tmp_path, book, row_of):
    path = edited(
        small_books()["en"], tmp_path / "typo.xlsx", {"Assumptions": {f"A{row_of[RATE]}": "fx.CYN"}}
    )
    with pytest.raises(InputError) as refused:
        settings_from_workbook(path, book)
    assert "Did you mean" in str(refused.value.problems[0].fix)


def test_workbook_and_settings_are_refused_together(tmp_path, row_of):
    with pytest.raises(InputError) as refused:
        load_scenario("no_us_warehouse", ("fx.CYN=7",), typed(tmp_path, row_of, {SHARE: -1}))
    assert [p.file.rpartition("/")[2] for p in refused.value.problems] == ["mine.xlsx", "--set"]


def test_a_text_that_names_nothing_is_refused_as_in_a_scenario(tmp_path, row_of):
    with pytest.raises(InputError) as refused:
        load_scenario("no_us_warehouse", (), typed(tmp_path, row_of, {"US.currency": "XYZ"}))
    assert refused.value.problems


def written(path, sheet: str, rows: list[list[object]]):
    target = xlsxwriter.Workbook(str(path))
    page = target.add_worksheet(sheet)
    for r, row in enumerate(rows):
        page.write_row(r, 0, row)
    target.close()
    return path


@pytest.mark.parametrize(
    "rows, problem",
    [
        ([["Product", "Price"], ["A", 1]], "has no sheet of assumptions of this program"),
        (
            [["Driver", "value", "unit"], ["Growth", 0.1, "share"]],
            "has no sheet of assumptions of this program",
        ),
        ([], "has no sheet of assumptions of this program"),
        ([["key", "title", "unit"], ["key", "meaning", "unit"], [RATE, "", "per_USD"]], "column is missing"),
        ([["title", "value", "unit"], ["meaning", "value", "unit"], ["", 7, "per_USD"]], "column is missing"),
        (
            [
                ["key", "value", "unit"],
                ["key", "value", "unit"],
                *([f"growth.{i}", 0.1, "share"] for i in range(30)),
            ],
            "most keys are not assumptions of this program, from this one on",
        ),
        (
            [
                ["key", "value", "unit"],
                ["key", "value", "unit"],
                [RATE, 7, "per_USD"],
                [RATE, 7.1, "per_USD"],
            ],
            "stands here again, first in row 3",
        ),
    ],
)
def test_other_workbooks_are_refused(tmp_path, book, rows, problem):
    assert [p[3] for p in problems(written(tmp_path / "other.xlsx", "Assumptions", rows), book)] == [problem]


def test_files_that_are_no_workbooks_are_refused(tmp_path, book):
    (tmp_path / "text.xlsx").write_text("key,value\n", encoding="utf-8")
    (tmp_path / "cut.xlsx").write_bytes(small_books()["en"].read_bytes()[:5000])
    with (
        zipfile.ZipFile(small_books()["en"]) as whole,
        zipfile.ZipFile(tmp_path / "broken.xlsx", "w") as broken,
    ):
        for item in whole.infolist():
            broken.writestr(
                item, whole.read(item)[:3000] if item.filename == page_of("Assumptions") else whole.read(item)
            )
    for name in ("text.xlsx", "cut.xlsx", "missing.xlsx", ".", "broken.xlsx"):
        with pytest.raises(InputError):
            settings_from_workbook(tmp_path / name, book)


# ---------------------------------------------------------------- names
def test_every_input_has_a_legal_name_of_its_own(book):
    names = range_names(list(book))
    assert names == range_names(list(book)) and len({n.lower() for n in names.values()}) == len(book)
    assert all(
        n.isascii() and n.replace("_", "").isalnum() and n.startswith("in_") and len(n) < 255
        for n in names.values()
    )
    assert names[RATE] == "in_fx_CNY" and "in_entitlement_any_cancel_unshipped_0_open_none_share" not in names
    assert range_names(["a.b", "a_b", "A*"]) == {"a.b": "in_a_b", "a_b": "in_a_b_2", "A*": "in_Aany"}


def test_names_point_at_the_values(book, row_of):
    defined = part(small_books()["zh"], "xl/workbook.xml")
    for key, name in range_names(list(book)).items():
        assert f'<definedName name="{name}">Assumptions!$C${row_of[key]}</definedName>' in defined


def test_the_cover_says_how_and_shows_edits(tmp_path):
    page = pd.read_excel(small_books()["en"], sheet_name="Cover", engine="calamine", header=None)
    assert (
        any("--set-from policy.xlsx" in str(x) for x in page[0])
        and cover(small_books()["en"])["Inputs edited since this run"] == 0
    )
    assert page.loc[page[13] == "scenario", 1].item() == "no_us_warehouse"
    xml = part(small_books()["en"], page_of("Cover"))
    assert (
        '<pageSetUpPr fitToPage="1"/>' in xml and "fitToHeight" not in xml and "fitToWidth" not in xml
    )  # one page by one, which goes without saying
    assert re.search(
        r'name="_xlnm.Print_Area" localSheetId="0">Cover!\$A\$1:\$L\$\d+<',
        part(small_books()["en"], "xl/workbook.xml"),
    )


# ---------------------------------------------------------------- other programs
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_change_comes_back_after_libreoffice_saved_the_file(tmp_path, book, row_of, lang):
    path = typed(
        tmp_path,
        row_of,
        {SHARE: 0.25, RATE: 6.5, TEXT: "U.S."},
        lang,
        {
            f"C{FIRST_EDIT}": "Li Wei",
            f"D{FIRST_EDIT}": 46350,
            f"E{FIRST_EDIT}": RATE,
            f"H{FIRST_EDIT}": "银行报价",
        },
    )
    saved = through_libreoffice(path, tmp_path)
    settings, notes = settings_from_workbook(saved, book, "no_us_warehouse")
    assert {k: (v["to"], str(v["because"])) for k, v in settings.items()} == {
        SHARE: (0.25, "changed in mine.xlsx"),
        TEXT: ("U.S.", "changed in mine.xlsx"),
        RATE: (6.5, "银行报价 (Li Wei, 2026-11-24)"),
    }
    assert len(notes) == 1
    with zipfile.ZipFile(saved) as archive:
        assert b'"in_fx_CNY"' in archive.read("xl/workbook.xml")
    shown = cover(saved)
    assert shown["Inputs edited since this run" if lang == "en" else "本次计算后改动的输入项"] == 3
    assert shown["Checks" if lang == "en" else "核对"].endswith(" 1") and "all" not in shown.get("Checks", "")
    audit = table(saved, "Audit")
    mine = audit[audit["kind"] == "edit"].iloc[0]
    assert (mine["old"], mine["new"]) == (pytest.approx(book[RATE].value), 6.5)
