"""Bridge and charts: the steps tie to the costs of the run, float where they should, and every chart
points at cells that hold something."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zipfile

import pandas as pd
import pytest
from workbook_pages import cells, part, position, small_books, small_run, some_sheets, table

from optimizer import load_scenario, run
from optimizer.pipeline import EXAMPLE, read_inputs
from optimizer.report.workbook.book import SHEETS
from optimizer.report.workbook.bridge import OTHERS, SIGNED, STEPS_SHOWN, WHOLE, _said, bridge_steps

pytestmark = pytest.mark.usefixtures("tables_once")
CHART = {
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
}
DRAWN = ["blank", "total", "down_above", "down_below", "up_above", "up_below"]


@pytest.fixture(scope="module")
def answer():
    return small_run()


@pytest.fixture(scope="module")
def crossing(tmp_path_factory):
    """Goods that come back bring money in, late parcels cost more than what is said to have been paid: the
    bridge falls below zero and rises again."""
    scenario = load_scenario("base")
    everything = read_inputs(scenario, None, None, None)[0].frame
    parts = [
        everything[everything["issue"] == issue].head(n)
        for issue, n in (("returned_goods", 80), ("unwanted", 30), ("delivery_delay", 12))
    ]
    parts[2] = parts[2].assign(actual_cost=0.1)
    result = run(scenario, pd.concat(parts, ignore_index=True), EXAMPLE["products"], EXAMPLE["orders"])
    return some_sheets(tmp_path_factory.mktemp("crossing") / "crossing.xlsx", result, "Cost_build", "Bridge")


def bridges(path) -> dict[str, pd.DataFrame]:
    shown = table(path, "Bridge").dropna(subset=["step"])
    return {by: rows.reset_index(drop=True) for by, rows in shown.groupby("bridge", sort=False)}


# ---------------------------------------------------------------- figures
def test_both_bridges_lead_from_current_practice_to_this_answer(answer):
    s = answer.summary
    for by, rows in bridges(small_books()["en"]).items():
        steps = rows.iloc[1:-1]
        assert rows["step"].iloc[[0, -1]].tolist() == ["current_practice", "this_answer"], by
        assert (rows["running"].iloc[0], rows["running"].iloc[-1]) == (
            pytest.approx(s["current_cost"]),
            pytest.approx(s["total_cost"]),
        )
        assert steps["cases"].sum() == s["decided"] and steps["change"].sum() == pytest.approx(
            s["total_cost"] - s["current_cost"]
        )
        assert (steps["cost_now"] - steps["cost_today"]).tolist() == pytest.approx(steps["change"].tolist())
        assert rows["running"].diff().iloc[1:-1].tolist() == pytest.approx(steps["change"].tolist())


def test_a_step_is_what_the_decisions_of_its_issue_cost_less_than_today(answer):
    issue = answer.cases.loc[answer.plan.decided, "issue"].astype(str).to_numpy()
    saved = (answer.choices["total"] - answer.choices["current_cost"]).groupby(issue).sum()
    steps = bridges(small_books()["en"])["issue"].set_index("step")["change"]
    assert {k: steps[k] for k in saved.index} == pytest.approx(saved.to_dict())
    assert steps.iloc[1:-1].is_monotonic_increasing  # the largest saving first, what rises last


def test_small_steps_of_ways_out_stand_together(answer):
    steps, found = bridge_steps(answer, "resolution"), answer.choices["resolution"].nunique()
    assert found > STEPS_SHOWN + 1 and len(steps) == STEPS_SHOWN + 1 and steps["step"].iloc[-1] == OTHERS
    assert steps["cases"].sum() == len(answer.choices)
    shown = set(steps["step"])
    others = answer.choices[~answer.choices["resolution"].isin(shown)]
    assert steps["change"].iloc[-1] / 100 == pytest.approx((others["total"] - others["current_cost"]).sum())


def test_steps_float_between_the_totals_also_across_zero(crossing):
    seen = set()
    for by, rows in bridges(crossing).items():
        for before, row in zip(rows["running"], rows.iloc[1:-1].to_dict("records")):
            p, g = before, row["running"]
            positive = sum(max(0, row[c]) for c in DRAWN if c != "blank")
            negative = sum(min(0, row[c]) for c in DRAWN if c != "blank")
            # above zero the bar ends at the higher total, below at the lower one, and begins where the blank
            # column ends
            assert max(0, row["blank"]) + positive == pytest.approx(max(p, g, 0)) and min(
                0, row["blank"]
            ) + negative == pytest.approx(min(p, g, 0))
            assert positive - negative == pytest.approx(abs(row["change"])), (by, row["step"])
            falls = row["down_above"] - row["down_below"]
            assert falls == pytest.approx(max(0, -row["change"])) and (
                row["up_above"] - row["up_below"]
            ) == pytest.approx(max(0, row["change"]))
            seen.add(("crosses" if p * g < 0 else "below" if max(p, g) <= 0 else "above", row["change"] > 0))
        assert (
            rows["total"].iloc[[0, -1]].tolist() == rows["running"].iloc[[0, -1]].tolist()
            and (rows["total"].iloc[1:-1] == 0).all()
        )
    assert ("crosses", False) in seen and ("below", True) in seen and ("below", False) in seen


@pytest.mark.parametrize(
    "cents, form, text",
    [
        (-34983, SIGNED, "-350"),
        (34950, SIGNED, "+350"),
        (0, SIGNED, "0"),
        (123456789, WHOLE, "1,234,568"),
        (-61, WHOLE, "-1"),
    ],
)
def test_labels_show_whole_amounts_with_their_sign(cents, form, text):
    assert _said(cents, form) == text


# ---------------------------------------------------------------- charts
def charts(path) -> dict[str, ET.Element]:
    with zipfile.ZipFile(path) as archive:
        return {
            n: ET.fromstring(archive.read(n))
            for n in sorted(archive.namelist())
            if re.fullmatch(r"xl/charts/chart\d+\.xml", n)
        }


def sheet_charts(path, sheet: str) -> int:
    number = SHEETS.index(sheet) + 1
    with zipfile.ZipFile(path) as archive:
        links = f"xl/worksheets/_rels/sheet{number}.xml.rels"
        if links not in archive.namelist():
            return 0
        drawing = re.search(r"drawings/(drawing\d+\.xml)", archive.read(links).decode())[1]
        return archive.read(f"xl/drawings/_rels/{drawing}.rels").decode().count("charts/chart")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_charts_stand_where_a_person_looks_for_them(lang):
    path = small_books()[lang]
    assert {s: n for s in SHEETS if (n := sheet_charts(path, s))} == {
        "Cover": 2,
        "Bridge": 2,
        "Root_causes": 1,
        "Quality": 1,
    }
    titles = [
        "".join(x.text for x in chart.find(".//c:title", CHART).iterfind(".//a:t", CHART))
        for chart in charts(path).values()
    ]
    assert len(titles) == 6 and all(
        bool(re.search("[\u4e00-\u9fff]", x)) == (lang == "zh") and "(USD)" in x for x in titles
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_series_points_at_cells_that_hold_something(lang):
    path = small_books()[lang]
    held = {sheet: cells(path, sheet) for sheet in ("Cover", "Bridge", "Root_causes", "Quality")}
    for name, chart in charts(path).items():
        series = chart.findall(".//c:ser", CHART)
        assert series, name
        for s in series:
            ranges = [s.find(f"c:{kind}//c:f", CHART).text for kind in ("cat", "val")]
            sizes = []
            for reference in ranges:
                sheet, first, last = re.fullmatch(
                    r"(\w+)!(\$[A-Z]+\$\d+):(\$[A-Z]+\$\d+)", reference
                ).groups()
                (top, column), (bottom, same) = (
                    position(first.replace("$", "")),
                    position(last.replace("$", "")),
                )
                assert column == same
                places = {
                    place
                    for place, (_, _, value) in held[sheet].items()
                    if value != "" and position(place)[1] == column and top <= position(place)[0] <= bottom
                }
                assert len(places) == bottom - top + 1 > 1, reference
                sizes.append(len(places))
            assert sizes[0] == sizes[1]
        assert all(axis.find("c:numFmt", CHART) is not None for axis in chart.findall(".//c:valAx", CHART))
        assert (
            chart.find(".//c:plotVisOnly", CHART) is None
            or chart.find(".//c:plotVisOnly", CHART).get("val") == "0"
        )


def test_charts_cover_no_figures():
    """The first cell that a chart covers lies right of or below all cells of its sheet that hold something
    in the rows it spans."""
    path = small_books()["en"]
    names = {"a": "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"}
    for number, sheet in enumerate([s for s in SHEETS if sheet_charts(path, s)], start=1):
        held = [position(place) for place in cells(path, sheet)]
        drawing = ET.fromstring(part(path, f"xl/drawings/drawing{number}.xml"))
        for anchor in (
            drawing.findall("a:twoCellAnchor", names)
            + drawing.findall("a:oneCellAnchor", names)
            + drawing.findall("a:absoluteAnchor", names)
        ):
            (left, top), (right, bottom) = (
                [int(anchor.find(f"a:{end}/a:{what}", names).text) for what in ("col", "row")]
                for end in ("from", "to")
            )
            assert not [c for c in held if top <= c[0] <= bottom and left <= c[1] <= right], sheet


def test_columns_of_the_waterfall_have_their_colours():
    chart = next(
        c for c in charts(small_books()["en"]).values() if "by issue" in ET.tostring(c, encoding="unicode")
    )
    colours = [
        (
            "none"
            if s.find("c:spPr/a:noFill", CHART) is not None
            else s.find("c:spPr/a:solidFill/a:srgbClr", CHART).get("val")
        )
        for s in chart.findall(".//c:ser", CHART)
    ]
    assert colours == [
        "none",
        "44546A",
        "2E8B57",
        "2E8B57",
        "C0392B",
        "C0392B",
    ]  # a fall of the cost is green, a rise is red
    assert chart.find(".//c:grouping", CHART).get("val") == "stacked"


def test_the_pareto_ends_at_everything(answer):
    shown = table(small_books()["en"], "Root_causes").dropna(subset=["by_cause"])
    assert shown["by_cause_cost"].is_monotonic_decreasing and shown["by_cause_cost"].sum() == pytest.approx(
        answer.summary["total_cost"]
    )
    costs = shown["by_cause_cost"].clip(lower=0)
    assert shown["by_cause_share"].tolist() == pytest.approx(
        (costs.cumsum() / costs.sum()).tolist()
    ) and shown["by_cause_share"].iloc[-1] == pytest.approx(1)
