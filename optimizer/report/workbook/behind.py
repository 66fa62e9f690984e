"""The sheets of what lies behind the cases: root causes, quality, return rates, local service. Each is one
table with a total row of live sums."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from optimizer.analysis.root_causes import QUALITY
from optimizer.answer.run import Answer
from optimizer.i18n import Titles, Translate, translator
from optimizer.report.workbook.charts import Place, bars, pareto
from optimizer.report.workbook.style import (
    FIRST,
    GREY,
    HEADER,
    IDS,
    MONEY,
    PERCENT,
    WHOLE_NUMBER,
    SheetColumn,
    Styles,
    body,
    head,
    quoted,
    span,
    write,
)

CLASSES_SHOWN = 12  # bars of the chart of classes
EXPECTED_UNITS = '#,##0.0;(#,##0.0);"-"'
_SUMMED = (
    "cases",
    "cost",
    "refunded_before",
    "saving_cases",
    "saving_failures",
    "saving_per_point",
    "returns",
    "fba_returns",
    "returns_above",
    "processing_fees",
    "ranking_cost",
    "net_sales",
    "margin",
    "demand_kept",
    "demand_missed",
)


class BehindTable(NamedTuple):
    """A sheet that was written: data cells by column, and cell and value of each total; a column without
    any figure has none."""

    range_of: dict[str, str]
    total_of: dict[str, str]
    value_of: dict[str, float]


class BehindTables(NamedTuple):
    """The four sheets."""

    causes: BehindTable
    quality: BehindTable
    returns: BehindTable
    local: BehindTable


def write_behind(sheets: list[Worksheet], styles: Styles, run: Answer, titles: Titles) -> BehindTables:
    """Write the four sheets; money is in the reporting currency."""
    t, b, currency = translator(titles.lang), run.behind, run.currency
    missing = _missing(t, run)

    def money(key: str, title: str, width: float = 16) -> SheetColumn:
        return SheetColumn(key, f"{title} ({currency})", width, MONEY)

    place = [
        SheetColumn("market", t("market"), 9),
        SheetColumn("product_class", t("product class"), 24),
        SheetColumn("product_class_in_words", t("product class in words"), 30),
    ]
    quality_class = place[1:]
    saving = [
        money("refunded_before", t("refunded before the case")),
        money("saving_cases", t("a point fewer cases saves")),
        money("saving_failures", t("later failures a point saves")),
        money("saving_per_point", t("saving of one point")),
    ]
    causes = [
        *quality_class,
        place[0],
        SheetColumn("cause", t("cause"), 22),
        SheetColumn("cause_in_words", t("cause in words"), 32),
        SheetColumn("cases", t("cases"), 9, WHOLE_NUMBER),
        money("cost", t("cost of the cases")),
        SheetColumn("units", t("units sold"), 11, WHOLE_NUMBER),
        *saving,
    ]
    quality = [
        *quality_class,
        SheetColumn("cases", t("cases"), 9, WHOLE_NUMBER),
        SheetColumn("units", t("units sold"), 11, WHOLE_NUMBER),
        SheetColumn("cases_per_unit", t("cases per unit sold"), 12, PERCENT),
        SheetColumn("failure_rate_12m", t("assumed failures in 12 months"), 14, PERCENT),
        money("cost", t("cost of the cases")),
        *saving,
    ]
    returns = [
        *place,
        SheetColumn("units", t("units sold"), 11, WHOLE_NUMBER),
        SheetColumn("returns", t("units that come back"), 12, EXPECTED_UNITS),
        SheetColumn("rate", t("return rate"), 10, PERCENT),
        SheetColumn("fba_units", t("FBA units sold"), 11, WHOLE_NUMBER),
        SheetColumn("fba_returns", t("FBA units that come back"), 12, EXPECTED_UNITS),
        SheetColumn("fba_rate", t("FBA return rate"), 10, PERCENT),
        SheetColumn("threshold", t("threshold of the fee"), 11, PERCENT),
        SheetColumn("returns_above", t("returns above the threshold"), 13, EXPECTED_UNITS),
        money("fee", t("fee per unit"), 11),
        money("processing_fees", t("returns processing fees")),
        money("ranking_cost", t("lost ranking")),
    ]
    local = [
        *place,
        SheetColumn("served_by", t("repaired nearby by"), 44),
        SheetColumn("units", t("units sold"), 11, WHOLE_NUMBER),
        money("net_sales", t("net sales")),
        money("margin", t("contribution margin")),
        SheetColumn("margin_share", t("margin, share of sales"), 11, PERCENT),
        money("demand_kept", t("margin that local repair keeps")),
        money("demand_missed", t("margin missed without local repair")),
    ]
    tables = BehindTables(
        _table(sheets[0], "Root_causes", styles, titles, causes, b.causes, 3, missing),
        _table(sheets[1], "Quality", styles, titles, quality, b.quality, 1, missing),
        _table(sheets[2], "Return_rates", styles, titles, returns, b.returns, 2, missing),
        _table(sheets[3], "Local_service", styles, titles, local, b.local, 2, missing),
    )
    _pareto(sheets[0], styles, run, titles, tables.causes, len(causes))
    _top_classes(sheets[1], styles, run, titles, quality)
    return tables


def _pareto(
    sheet: Worksheet, styles: Styles, run: Answer, titles: Titles, table: BehindTable, column: int
) -> None:
    """Causes over all classes and markets right of the table, dearest first, with the share they reach
    together; the chart below them."""
    t, found = translator(titles.lang), run.behind.by_cause
    block = (
        ("by_cause", t("by cause"), 34),
        ("by_cause_cost", f"{t('cost')} ({run.currency})", 16),
        ("by_cause_share", t("share together"), 11),
    )
    for i, (key, title, width) in enumerate(block):
        sheet.set_column(column + i, column + i, width)
        sheet.write_string(IDS, column + i, key, styles.ids)
        sheet.write_string(
            HEADER,
            column + i,
            title,
            styles.header_of(SheetColumn(key, title, width, MONEY if i else ""), after_number=True),
        )
    if found.empty:
        return
    last, together = FIRST + len(found) - 1, 0.0
    positive = float(found["cost"].clip(lower=0.0).sum())
    costs = xl_range(FIRST, column + 1, last, column + 1)
    for r, cause in enumerate(found.to_dict("records"), start=FIRST):
        together += max(0.0, cause["cost"])
        write(sheet, r, column, titles.cause(cause["cause"]), styles.after_number)
        same = f"=SUMIF({table.range_of['cause']},{quoted(cause['cause'])},{table.range_of['cost']})"
        sheet.write_formula(r, column + 1, same, styles.number(MONEY), cause["cost"])
        so_far = (
            f'SUMIF({xl_rowcol_to_cell(FIRST, column + 1, True)}:{xl_rowcol_to_cell(r, column + 1)},">0")'
        )
        everything, share = f'SUMIF({costs},">0")', together / positive if positive else 0.0
        sheet.write_formula(
            r, column + 2, f"=IF({everything}=0,0,{so_far}/{everything})", styles.number(PERCENT), share
        )
    chart = pareto(
        styles,
        f"{t('Cost by root cause')} ({run.currency})",
        Place("Root_causes", FIRST, last),
        column,
        column + 1,
        column + 2,
        (t("cost"), t("share together")),
        620,
        400,
    )
    sheet.insert_chart(last + 2, column, chart, {"object_position": 3})
    sheet.fit_to_pages(1, 0)


def _top_classes(
    sheet: Worksheet, styles: Styles, run: Answer, titles: Titles, columns: list[SheetColumn]
) -> None:
    """The first classes of the table: what a point of quality saves, or what poor quality costs where no
    orders tell."""
    t, frame = translator(titles.lang), run.behind.quality
    if frame.empty:
        return
    at = {c.id: i for i, c in enumerate(columns)}
    known = frame["saving_per_point"].notna().all()
    title = t("One point less failure saves, by class") if known else t("Cost of poor quality, by class")
    place = Place("Quality", FIRST, FIRST + min(len(frame), CLASSES_SHOWN) - 1)
    values = at["saving_per_point" if known else "cost"]
    chart = bars(
        styles, f"{title} ({run.currency})", place, at["product_class_in_words"], values, title, 620, 400
    )
    sheet.insert_chart(HEADER, len(columns) + 1, chart, {"object_position": 3})
    sheet.fit_to_pages(1, 0)


def _missing(t: Translate, run: Answer) -> str:
    """What to say where orders are missing; empty where they cover every month of the cases."""
    sales = run.behind.sales
    if sales is None:
        return t("No orders in the months of the cases: units, rates and savings are blank.")
    return (
        t("Months of cases without orders: {months}").format(months=", ".join(sales.missing))
        if sales.missing
        else ""
    )


def _table(
    sheet: Worksheet,
    name: str,
    styles: Styles,
    titles: Titles,
    columns: list[SheetColumn],
    frame: pd.DataFrame,
    frozen: int,
    note: str,
) -> BehindTable:
    """Titles, rows, the total row, and a note below it."""
    t = translator(titles.lang)
    head(sheet, styles, columns, frozen)
    rows = frame.to_dict("records")
    for row in rows:
        row["product_class_in_words"] = titles.product_class(row["product_class"])
        row["cause_in_words"] = titles.cause(row.get("cause", ""))
    end = body(sheet, styles, columns, rows)
    last = max(end - 1, FIRST)
    sheet.autofilter(HEADER, 0, max(end - 1, HEADER), len(columns) - 1)
    at = {c.id: i for i, c in enumerate(columns)}
    strong = {"bold": True, "top": 1}
    totals: dict[str, float] = {}
    for i, c in enumerate(columns):
        if c.id in _SUMMED and frame[c.id].notna().any():
            totals[c.id] = round(float(frame[c.id].sum()), 6)
            sheet.write_formula(
                end,
                i,
                f"=SUM({xl_range(FIRST, i, last, i)})",
                styles.number(c.number, **strong),
                totals[c.id],
            )
        else:
            sheet.write_string(end, i, t("total") if i == 0 else "", styles(**strong))
    if note:
        sheet.write_string(end + 1, 0, note, styles(font_color=GREY))
    return BehindTable(
        {k: span(name, i, FIRST, last) for k, i in at.items()},
        {k: f"{name}!{xl_rowcol_to_cell(end, at[k], True, True)}" for k in totals},
        totals,
    )


def identities(run: Answer, titles: Titles, tables: BehindTables) -> list[tuple[str, float, str, float]]:
    """What must hold between the four sheets and the summary: what, expected, formula, value."""
    t, s, causes = translator(titles.lang), run.summary, tables.causes

    def total(table: BehindTable, column: str) -> tuple[str, float]:
        return f"={table.total_of[column]}" if column in table.total_of else "=0", table.value_of.get(
            column, 0.0
        )

    found = [
        (t("root causes add up to the total cost"), s["total_cost"], *total(causes, "cost")),
        (t("every decided case has one root cause"), s["decided"], *total(causes, "cases")),
    ]
    mine = run.behind.causes[run.behind.causes["cause"] == QUALITY]
    same = f"=SUMIF({causes.range_of['cause']},{quoted(QUALITY)},"
    found += [
        (
            t("cost of poor quality = its root causes"),
            tables.quality.value_of.get("cost", 0.0),
            f"{same}{causes.range_of['cost']})",
            round(float(mine["cost"].sum()), 2),
        ),
        (
            t("saving of a point of quality = its root causes"),
            s["quality"]["saving_per_point"] or 0.0,
            f"{same}{causes.range_of['saving_per_point']})",
            round(float(mine["saving_per_point"].sum()), 2),
        ),
        (
            t("returns processing fees"),
            s["return_rates"]["processing_fees"] or 0.0,
            *total(tables.returns, "processing_fees"),
        ),
        (
            t("lost ranking by returns"),
            s["return_rates"]["ranking_cost"],
            *total(tables.returns, "ranking_cost"),
        ),
        (
            t("margin that local repair keeps"),
            s["local_service"]["demand_kept"] or 0.0,
            *total(tables.local, "demand_kept"),
        ),
    ]
    return found
