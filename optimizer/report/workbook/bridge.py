"""The sheet Bridge: from the cost of current practice to the cost of this answer, step by step, with live
formulas and two waterfalls."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from optimizer.answer.run import Answer
from optimizer.i18n import Titles, translator
from optimizer.report.words.text import resolution_title
from optimizer.report.workbook.charts import Place, Steps, waterfall
from optimizer.report.workbook.style import (
    FIRST,
    GREEN,
    GREY,
    HEADER,
    MONEY,
    WHOLE_NUMBER,
    SheetColumn,
    Styles,
    head,
    quoted,
    write,
)
from optimizer.report.workbook.tables import TableCells

STEPS_SHOWN = 14  # steps of the bridge by way out; the smaller ones stand in one step
OTHERS = "others"
ISSUE, WAY_OUT = "issue", "resolution"
WHOLE, SIGNED = "#,##0", "+#,##0;-#,##0;0"


class Bridge(NamedTuple):
    """Cells of both bridges, with the values they show: bridge -> name -> (cell, value)."""

    cells: dict[str, dict[str, tuple[str, float]]]


def bridge_steps(run: Answer, by: str) -> pd.DataFrame:
    """Decided cases by issue or by way out: cases, whole cents of current practice and of this answer;
    largest saving first, then what rises.

    Ways out with a small change are added up in one step, the last.
    """
    decided = run.choices
    key = (
        run.cases.loc[run.plan.decided, "issue"].astype(str).to_numpy(object)
        if by == ISSUE
        else decided["resolution"].to_numpy(object)
    )
    cents = pd.DataFrame(
        {
            "step": key,
            "cases": 1,
            "today": (decided["current_cost"] * 100.0).round(),
            "now": (decided["total"] * 100.0).round(),
        }
    )
    steps = cents.groupby("step", sort=True).sum().reset_index()
    steps["change"] = steps["now"] - steps["today"]
    if by == WAY_OUT and len(steps) > STEPS_SHOWN + 1:
        small = steps.index.difference(
            steps["change"].abs().sort_values(ascending=False, kind="stable").index[:STEPS_SHOWN]
        )
        rest = steps.loc[small].drop(columns="step").sum()
        shown = steps.drop(index=small).sort_values(["change", "step"])
        return pd.concat([shown, pd.DataFrame([{"step": OTHERS, **rest}])], ignore_index=True)
    return steps.sort_values(["change", "step"]).reset_index(drop=True)


def write_bridge(sheet: Worksheet, styles: Styles, run: Answer, titles: Titles, build: TableCells) -> Bridge:
    """Both bridges below one another, the figures of their charts beside them, the charts on the right."""
    t, currency = translator(titles.lang), run.currency
    columns = [
        SheetColumn("bridge", t("bridge"), 11),
        SheetColumn("step", t("step"), 24),
        SheetColumn("step_in_words", t("step in words"), 44),
        SheetColumn("cases", t("cases"), 9, WHOLE_NUMBER),
        SheetColumn("cost_today", f"{t('cost today')} ({currency})", 16, MONEY),
        SheetColumn("cost_now", f"{t('cost by this answer')} ({currency})", 16, MONEY),
        SheetColumn("change", f"{t('change')} ({currency})", 16, MONEY),
        SheetColumn("running", f"{t('cost after this step')} ({currency})", 16, MONEY),
        SheetColumn("label", f"{t('chart')}: {t('label')}", 40),
        *(
            SheetColumn(k, f"{t('chart')}: {title}", 12, MONEY)
            for k, title in (
                ("blank", t("blank")),
                ("total", t("total")),
                ("down_above", t("down, above zero")),
                ("down_below", t("down, below zero")),
                ("up_above", t("up, above zero")),
                ("up_below", t("up, below zero")),
            )
        ),
    ]
    head(sheet, styles, columns, 3)
    at = {c.id: i for i, c in enumerate(columns)}
    for c in columns[at["label"] :]:  # the figures of the charts are folded away, one click opens them
        sheet.set_column(at[c.id], at[c.id], c.width, None, {"level": 1, "hidden": True})
    sheet.set_column(len(columns), len(columns), 3, None, {"collapsed": True})
    sheet.fit_to_pages(1, 0)
    row, cells = FIRST, {}
    by_issue, by_way_out = (
        t("From current practice to this answer, by issue"),
        t("From current practice to this answer, by way out"),
    )
    for number, (by, title) in enumerate(((ISSUE, by_issue), (WAY_OUT, by_way_out))):
        steps = bridge_steps(run, by)
        first, last = row, row + len(steps) + 1
        cells[by] = _block(sheet, styles, titles, at, by, steps, first, build)
        if len(steps):
            chart = waterfall(
                styles,
                f"{title} ({currency})",
                Place("Bridge", first, last),
                Steps(
                    at["label"],
                    at["blank"],
                    at["total"],
                    (at["down_above"], at["down_below"]),
                    (at["up_above"], at["up_below"]),
                ),
                (t("total"), t("cost falls"), t("cost rises")),
                1000,
                520,
            )
            sheet.insert_chart(FIRST + 27 * number, len(columns) + 1, chart, {"object_position": 3})
        row = last + 1
    sheet.autofilter(HEADER, 0, row - 1, len(columns) - 1)
    return Bridge(cells)


def _block(
    sheet: Worksheet,
    styles: Styles,
    titles: Titles,
    at: dict[str, int],
    by: str,
    steps: pd.DataFrame,
    first: int,
    build: TableCells,
) -> dict[str, tuple[str, float]]:
    """Start, steps, end of one bridge."""
    t, end = translator(titles.lang), first + len(steps) + 1
    name_of = {
        str(k): titles.issue(str(k)) if by == ISSUE else resolution_title(str(k), titles.lang)
        for k in steps["step"]
    }
    name_of[OTHERS] = t("all other ways out")
    money, units, strong = styles.number(MONEY), styles.number(WHOLE_NUMBER), styles.number(MONEY, bold=True)
    link, chart = styles.number(MONEY, font_color=GREEN), styles.number(MONEY, font_color=GREY)

    def cell(row: int, column: str, fixed: bool = False) -> str:
        return xl_rowcol_to_cell(row, at[column], fixed, fixed)

    def summed(column: str) -> str:
        return f"=SUM({cell(first + 1, column)}:{cell(end - 1, column)})" if len(steps) else "=0"

    def total_row(row: int, key: str, title: str, column: str, cents: float) -> None:
        for c, text in (("bridge", by), ("step", key), ("step_in_words", title)):
            write(sheet, row, at[c], text, styles(bold=True))
        sheet.write_formula(row, at[column], summed(column), strong, cents / 100.0)
        drawn(
            row,
            f"={cell(row, 'running')}",
            [0.0, cents, 0.0, 0.0, 0.0, 0.0],
            f"{title}  {_said(cents, WHOLE)}",
            WHOLE,
            "running",
        )

    def drawn(row: int, total: str, values: list[float], said: str, form: str, said_of: str) -> None:
        """The figures of the chart: a total stands on zero, a step floats between the total before and the
        one after it."""
        p, g = cell(row - 1, "running"), cell(row, "running")
        formulas = (
            ["=0", total, "=0", "=0", "=0", "=0"]
            if total
            else [
                f"=MAX(0,MIN({p},{g}))+MIN(0,MAX({p},{g}))",
                "=0",
                f"=IF({g}<{p},MAX(0,{p})-MAX(0,{g}),0)",
                f"=IF({g}<{p},MIN(0,{g})-MIN(0,{p}),0)",
                f"=IF({g}>{p},MAX(0,{g})-MAX(0,{p}),0)",
                f"=IF({g}>{p},MIN(0,{p})-MIN(0,{g}),0)",
            ]
        )
        for column, formula, cents in zip(
            ("blank", "total", "down_above", "down_below", "up_above", "up_below"), formulas, values
        ):
            sheet.write_formula(row, at[column], formula, chart, cents / 100.0 + 0.0)
        words = f'={cell(row, "step_in_words")}&"  "&TEXT({cell(row, said_of)},"{form}")'
        sheet.write_formula(row, at["label"], words, styles(font_color=GREY, align="left", indent=1), said)

    today, now = float(steps["today"].sum()), float(steps["now"].sum())
    total_row(first, "current_practice", t("current practice"), "cost_today", today)
    sheet.write_formula(first, at["running"], f"={cell(first, 'cost_today')}", strong, today / 100.0)
    running = today
    for row, step in enumerate(steps.to_dict("records"), start=first + 1):
        key, before = str(step["step"]), running
        running += step["change"]
        for c, text in (("bridge", by), ("step", key), ("step_in_words", name_of[key])):
            write(sheet, row, at[c], text, styles.text)
        write(sheet, row, at["cases"], step["cases"], units)
        write(sheet, row, at["cost_today"], step["today"] / 100.0, money)
        same = f"SUMIF({build.range_of[by]},{quoted(key)},{build.range_of['total']})"
        if key == OTHERS and by == WAY_OUT:
            same = f"{build.total_of['total']}-SUM({cell(first + 1, 'cost_now')}:{cell(row - 1, 'cost_now')})"
        sheet.write_formula(row, at["cost_now"], f"={same}", link, step["now"] / 100.0)
        sheet.write_formula(
            row,
            at["change"],
            f"={cell(row, 'cost_now')}-{cell(row, 'cost_today')}",
            money,
            step["change"] / 100.0,
        )
        sheet.write_formula(
            row, at["running"], f"={cell(row - 1, 'running')}+{cell(row, 'change')}", money, running / 100.0
        )
        low, high, falls = min(before, running), max(before, running), running < before
        above, below = max(0.0, high) - max(0.0, low), min(0.0, low) - min(0.0, high)
        drawn(
            row,
            "",
            [
                max(0.0, low) + min(0.0, high),
                0.0,
                above * falls,
                below * falls,
                above * (not falls),
                below * (not falls),
            ],
            f"{name_of[key]}  {_said(step['change'], SIGNED)}",
            SIGNED,
            "change",
        )
    total_row(end, "this_answer", t("this answer"), "cost_now", now)
    write(sheet, end, at["cases"], float(steps["cases"].sum()), styles.number(WHOLE_NUMBER, bold=True))
    sheet.write_formula(end, at["change"], summed("change"), strong, float(steps["change"].sum()) / 100.0)
    sheet.write_formula(end, at["running"], f"={cell(end - 1, 'running')}", strong, running / 100.0)
    where = {
        "start": (first, "running", today),
        "end": (end, "running", running),
        "steps": (end, "cost_now", now),
    }
    found = {
        name: (f"Bridge!{cell(row, column, True)}", round(cents / 100.0, 2))
        for name, (row, column, cents) in where.items()
    }
    return found | {"cases": (f"Bridge!{cell(end, 'cases', True)}", float(steps["cases"].sum()))}


def _said(cents: float, form: str) -> str:
    """What TEXT makes of an amount: whole units, halves away from zero, a sign where the format has one."""
    whole = Decimal(abs(round(cents))).scaleb(-2).quantize(Decimal(1), ROUND_HALF_UP)
    sign = (
        ("-" if cents < 0 else "+" if cents > 0 else "")
        if form == SIGNED
        else "-"
        if cents < 0 and whole
        else ""
    )
    return f"{sign}{whole:,}"


def bridge_identities(run: Answer, titles: Titles, bridge: Bridge) -> list[tuple[str, float, str, float]]:
    """What must hold between both bridges and the summary: what, expected, formula, value."""
    t, s = translator(titles.lang), run.summary
    found = []
    for by, cells in bridge.cells.items():
        name = t("bridge by issue") if by == ISSUE else t("bridge by way out")
        for what, key, expected in (
            (t("starts at the cost of current practice"), "start", s["current_cost"]),
            (t("ends at the total cost"), "end", s["total_cost"]),
            (t("cost of its steps = total cost"), "steps", s["total_cost"]),
        ):
            found.append((f"{name}: {what}", expected, f"={cells[key][0]}", cells[key][1]))
    return found
