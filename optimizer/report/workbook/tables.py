"""The sheets of the answer, one table each: Policy, Cost_build."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from optimizer.answer.run import Answer
from optimizer.i18n import Titles, Translate, translator
from optimizer.model.lines import BY_KEY, LINE_KEYS, LINES, RISK_LINES
from optimizer.report.words.policy_row import (
    instruction,
    option_in_words,
    reason_in_words,
    when_in_words,
    which_cases,
)
from optimizer.report.workbook.style import (
    FIRST,
    HEADER,
    MONEY,
    PERCENT,
    WHOLE_NUMBER,
    SheetColumn,
    Styles,
    body,
    head,
    span,
)

CASH_KEYS = [line.key for line in LINES if line.kind == "cash"]
RISK_KEYS = [key for key in LINE_KEYS if key in RISK_LINES]
CELL_KEYS = ["market", "channel", "issue", "option", "resolution"]


class TableCells(NamedTuple):
    """Where the figures of a table stand for formulas of other sheets, and the values they show."""

    range_of: dict[str, str]  # column id -> its data cells
    total_of: dict[str, str]  # column id -> its cell in the total row
    value_of: dict[str, float]  # column id -> the sum of its data cells
    rows: int
    # way out -> its cases and its total, summed from the rows written
    by_resolution: Mapping[str, tuple[int, float]] = MappingProxyType({})


# ---------------------------------------------------------------- policy
def policy_titles(t: Translate, currency: str) -> dict[str, SheetColumn]:
    """Title, width and number format of every column of the policy table."""
    columns = [
        SheetColumn("row_id", t("row"), 9),
        SheetColumn("product_class", t("class"), 18),
        SheetColumn("market", t("market"), 9),
        SheetColumn("platform", t("platform"), 10),
        SheetColumn("channel", t("channel"), 11),
        SheetColumn("issue", t("issue"), 25),
        SheetColumn("when", t("condition"), 34),
        SheetColumn("currency", t("currency of the price"), 10),
        SheetColumn("price_from", t("price above"), 10, MONEY),
        SheetColumn("price_to", t("price up to"), 10, MONEY),
        SheetColumn("cases", t("cases"), 9, WHOLE_NUMBER),
        SheetColumn("decided_by", t("who decides"), 14),
        SheetColumn("resolution", t("way out"), 28),
        SheetColumn("provider", t("provider"), 18),
        SheetColumn("disposition", t("use of the goods"), 18),
        SheetColumn("offer", t("offer"), 8),
        SheetColumn("fallback", t("if refused or without success"), 28),
        SheetColumn("expected_cost", f"{t('mean cost')} ({currency})", 12, MONEY),
        SheetColumn("runner_up", t("next best, identifiers"), 34),
        SheetColumn("margin", f"{t('next best is dearer by')} ({currency})", 12, MONEY),
        SheetColumn("share_following", t("share of cases whose own best this is"), 12, PERCENT),
        SheetColumn("extra_cost", f"{t('extra cost')} ({currency})", 12, MONEY),
        SheetColumn("reason", t("reason"), 60, wrap=True),
    ]
    return {c.id: c for c in columns}


def write_policy(sheet: Worksheet, styles: Styles, run: Answer, titles: Titles) -> TableCells:
    """The policy table with its identifiers, and each row once more in words."""
    t, frame = translator(titles.lang), run.policy()
    known = policy_titles(t, run.currency)
    columns = [known.get(c, SheetColumn(c, c, 14)) for c in frame.columns]
    columns[1:1] = [
        SheetColumn("cases_in_words", t("which cases"), 46, wrap=True),
        SheetColumn("when_in_words", t("when"), 34, wrap=True),
        SheetColumn("instruction_in_words", t("do this"), 56, wrap=True),
    ]
    columns.insert(
        [c.id for c in columns].index("runner_up"),
        SheetColumn("runner_up_in_words", t("next best"), 46, wrap=True),
    )
    head(sheet, styles, columns)
    rows = frame.to_dict("records")
    for row in rows:
        row["cases_in_words"], row["instruction_in_words"] = (
            which_cases(row, titles),
            instruction(row, titles),
        )
        row["when_in_words"] = when_in_words(row["when"], titles, str(row["currency"]))
        row["reason"] = reason_in_words(row["reason"], titles)
        row["runner_up_in_words"] = (
            option_in_words(row["runner_up"], "", titles, str(row["currency"])) if row["runner_up"] else ""
        )
    end = body(sheet, styles, columns, rows)
    sheet.autofilter(HEADER, 0, max(end - 1, HEADER), len(columns) - 1)
    place = {c.id: i for i, c in enumerate(columns)}
    last = max(end - 1, FIRST)
    return TableCells(
        {k: span("Policy", i, FIRST, last) for k, i in place.items()},
        {},
        {k: round(float(frame[k].sum()), 2) for k in ("cases", "extra_cost")},
        len(rows),
    )


# ---------------------------------------------------------------- cost build
def cost_build_frame(run: Answer) -> pd.DataFrame:
    """Decided cases by market, channel, issue and option: cases and whole cents of every line, markets in
    alphabetical order."""
    decided = run.decisions
    places = (
        run.cases.loc[run.plan.decided, ["market", "channel", "issue"]].astype(str).reset_index(drop=True)
    )
    table = pd.concat(
        [places, decided[["option", "resolution"]], (decided[list(LINE_KEYS)] * 100.0).round()], axis=1
    )
    grouped = table.groupby(CELL_KEYS, sort=True)
    return pd.concat([grouped.size().rename("cases"), grouped[list(LINE_KEYS)].sum()], axis=1).reset_index()


def write_cost_build(sheet: Worksheet, styles: Styles, run: Answer, titles: Titles) -> TableCells:
    """What the total is made of: one row per market, channel, issue and chosen option, sums as live
    formulas, the total row last."""
    t, frame = translator(titles.lang), cost_build_frame(run)
    amounts = ["cash", *CASH_KEYS, "risk", *RISK_KEYS]
    columns = [
        SheetColumn("market", t("market"), 9),
        SheetColumn("channel", t("channel"), 11),
        SheetColumn("issue", t("issue"), 25),
        SheetColumn("resolution", t("way out"), 28),
        SheetColumn("option", t("option"), 30),
        SheetColumn("option_in_words", t("option in words"), 56),
        SheetColumn("cases", t("cases"), 9, WHOLE_NUMBER),
        SheetColumn("total", f"{t('total')} ({run.currency})", 14, MONEY),
        *(
            SheetColumn(
                k, {"cash": t("cash"), "risk": t("risk")}.get(k) or getattr(BY_KEY[k], titles.lang), 13, MONEY
            )
            for k in amounts
        ),
    ]
    head(sheet, styles, columns, frozen=3)
    place = {c.id: i for i, c in enumerate(columns)}
    for key in amounts:
        if key not in ("cash", "risk"):
            sheet.set_column(place[key], place[key], 13, None, {"level": 1})
    frame["cash"], frame["risk"] = frame[CASH_KEYS].sum(axis=1), frame[RISK_KEYS].sum(axis=1)
    frame["total"] = frame["cash"] + frame["risk"]
    money = ["total", *amounts]
    frame[money] = frame[money] / 100.0 + 0.0
    rows = frame.to_dict("records")
    for row in rows:
        row["option_in_words"] = option_in_words(
            row["option"], row["resolution"], titles, titles.book.text(f"{row['market']}.currency", "")
        )
    end = body(sheet, styles, columns, rows)
    plain, strong = styles.number(MONEY), {"bold": True, "top": 1}
    for r, row in enumerate(rows, start=FIRST):
        for name, keys in (("cash", CASH_KEYS), ("risk", RISK_KEYS)):
            sheet.write_formula(
                r, place[name], f"=SUM({xl_range(r, place[keys[0]], r, place[keys[-1]])})", plain, row[name]
            )
        cash, risk = (xl_rowcol_to_cell(r, place[k]) for k in ("cash", "risk"))
        sheet.write_formula(r, place["total"], f"=SUM({cash},{risk})", plain, row["total"])
    for i in range(place["cases"]):
        sheet.write_string(end, i, t("total") if i == 0 else "", styles(**strong))
    sums = {k: round(float(frame[k].sum()), 2) for k in ["cases", *money]}
    for k, value in sums.items():
        cells = xl_range(FIRST, place[k], max(end - 1, FIRST), place[k])
        sheet.write_formula(
            end,
            place[k],
            f"=SUM({cells})" if rows else "=0",
            styles.number(WHOLE_NUMBER if k == "cases" else MONEY, **strong),
            value,
        )
    sheet.autofilter(HEADER, 0, max(end - 1, HEADER), len(columns) - 1)
    return TableCells(
        {k: span("Cost_build", i, FIRST, max(end - 1, FIRST)) for k, i in place.items()},
        {k: f"Cost_build!{xl_rowcol_to_cell(end, place[k], True, True)}" for k in sums},
        sums,
        len(rows),
        {
            str(k): (int(g["cases"].sum()), round(float(g["total"].sum()), 2))
            for k, g in frame.groupby("resolution", sort=True)
        },
    )
