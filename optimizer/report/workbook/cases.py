"""The sheet Cases: what was decided for every case and what it costs, as far as a sheet can hold it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from optimizer.answer.run import Answer
from optimizer.i18n import Titles, translator
from optimizer.model.lines import BY_KEY, LINE_KEYS, RISK_LINES
from optimizer.policy.apply import SAYS_NOTHING
from optimizer.report.words.policy_row import option_in_words
from optimizer.report.workbook.style import (
    FIRST,
    HEADER,
    MONEY,
    WHOLE_NUMBER,
    SheetColumn,
    Styles,
    head,
    looks_of,
    span,
    write,
)

_SHOWN = 100_000  # cases on the sheet; a sheet ends at row 1,048,576
_SUMMED = ("total", "cash", "risk", *LINE_KEYS, "current_cost")
FROM_CASES = ("market", "channel", "product_class", "issue", "sku", "quantity", "item_price", "currency")
FROM_DECISIONS = ("row_id", "decided_by", "resolution", "provider", "option")


class CaseCells(NamedTuple):
    """Where the cases stand, and what they add up to with those that are left out."""

    range_of: dict[str, str]
    value_of: dict[str, float]  # sums of the rows on the sheet
    left_out: dict[str, float]  # sums of the rows that stand in decisions.parquet only; `cases` counts them


def cases_frame(run: Answer) -> pd.DataFrame:
    """Every case in its order with its decision, whole cents of its cost and of every line; an undecided
    case has no cost."""
    frame = run.cases[["case_id", *FROM_CASES]].reset_index(drop=True)
    decided = run.decisions.set_axis(np.flatnonzero(run.plan.decided))
    for column in FROM_DECISIONS:
        frame[column] = decided[column].reindex(frame.index)
    frame["resolution"] = frame["resolution"].where(frame["resolution"].notna(), SAYS_NOTHING)
    lines = (decided[list(LINE_KEYS)] * 100.0).round().reindex(frame.index)
    risk = lines[[k for k in LINE_KEYS if k in RISK_LINES]].sum(axis=1, min_count=1)
    total = lines.sum(axis=1, min_count=1)
    today = (decided["current_cost"] * 100.0).round().reindex(frame.index)
    money = pd.DataFrame({"total": total, "cash": total - risk, "risk": risk, "current_cost": today})
    return pd.concat([frame, money, lines], axis=1)


def write_cases(sheet: Worksheet, styles: Styles, run: Answer, titles: Titles) -> CaseCells:
    """One row per case; what a case has no money of stays blank, so that the file stays small."""
    t, everything = translator(titles.lang), cases_frame(run)
    frame, rest = everything.iloc[:_SHOWN], everything.iloc[_SHOWN:]
    sums, left = (
        {k: round(float(part[k].fillna(0.0).sum())) / 100.0 for k in _SUMMED} | {"cases": len(part)}
        for part in (frame, rest)
    )
    cut = t("the first {shown:,} of {all:,} cases; the others stand in decisions.parquet")
    note = cut.format(shown=len(frame), all=len(everything)) if len(rest) else ""
    texts = {
        "market": t("market"),
        "channel": t("channel"),
        "product_class": t("product class"),
        "issue": t("issue"),
        "sku": t("SKU"),
        "currency": t("currency of the price"),
        "row_id": t("row of the policy table"),
        "decided_by": t("who decides"),
        "resolution": t("way out"),
        "provider": t("provider"),
        "decision_in_words": t("decision in words"),
    }
    columns = [
        SheetColumn("case_id", f"{t('case')} ({note})" if note else t("case"), 24 if note else 18),
        *(
            SheetColumn(k, texts[k], w)
            for k, w in (("market", 9), ("channel", 11), ("product_class", 22), ("issue", 25), ("sku", 16))
        ),
        SheetColumn("quantity", t("units"), 8, WHOLE_NUMBER),
        SheetColumn("item_price", t("price"), 11, MONEY),
        SheetColumn("currency", texts["currency"], 9),
        *(
            SheetColumn(k, texts[k], w)
            for k, w in (
                ("row_id", 9),
                ("decided_by", 14),
                ("resolution", 28),
                ("decision_in_words", 80),
                ("provider", 20),
            )
        ),
        SheetColumn("total", f"{t('cost')} ({run.currency})", 14, MONEY),
        SheetColumn("current_cost", f"{t('cost today')} ({run.currency})", 14, MONEY),
        SheetColumn("cash", t("cash"), 13, MONEY),
        SheetColumn("risk", t("risk"), 13, MONEY),
        *(SheetColumn(k, getattr(BY_KEY[k], titles.lang), 13, MONEY) for k in LINE_KEYS),
    ]
    head(sheet, styles, columns)
    at = {c.id: i for i, c in enumerate(columns)}
    for key in LINE_KEYS:  # folded away, one click opens them
        sheet.set_column(at[key], at[key], 13, None, {"level": 1, "hidden": True})
    sheet.set_column(len(columns), len(columns), 3, None, {"collapsed": True})
    sheet.fit_to_pages(1, 0)
    end = FIRST + len(frame)
    words = _words(frame, titles)
    for c, look in zip(columns, looks_of(styles, columns)):
        if c.id == "decision_in_words":
            _texts(sheet, at[c.id], words, look)
        elif c.number:
            cents = frame[c.id].to_numpy(float, na_value=np.nan)
            _numbers(sheet, at[c.id], cents / 100.0 if c.id in _SUMMED else cents, look, c.id in LINE_KEYS)
        else:
            _texts(sheet, at[c.id], frame[c.id].astype(object).where(frame[c.id].notna(), "").tolist(), look)
    _totals(sheet, styles, columns, end, sums, t("total"))
    if len(rest):
        write(
            sheet,
            end + 1,
            0,
            t("{count:,} more cases in decisions.parquet").format(count=len(rest)),
            styles(bold=True),
        )
        for key in _SUMMED:
            write(sheet, end + 1, at[key], left[key], styles.number(MONEY))
    last = max(end - 1, FIRST)
    sheet.autofilter(HEADER, 0, max(end - 1, HEADER), len(columns) - 1)
    return CaseCells({c.id: span("Cases", at[c.id], FIRST, last) for c in columns}, sums, left)


def _words(frame: pd.DataFrame, titles: Titles) -> list[str]:
    """Each decision as a person says it; every different one is put into words once."""
    t, known = translator(titles.lang), {}
    currencies = [titles.book.text(f"{m}.currency", "") for m in frame["market"].astype(str)]
    found = []
    for key, resolution, currency in zip(frame["option"].fillna(""), frame["resolution"], currencies):
        if (key, resolution, currency) not in known:
            none = t("ask who may make an exception")
            known[key, resolution, currency] = (
                none if resolution == SAYS_NOTHING else option_in_words(key, resolution, titles, currency)
            )
        found.append(known[key, resolution, currency])
    return found


def _texts(sheet: Worksheet, column: int, values: list[object], style: Format) -> None:
    """A column of texts, whatever they start with; nothing where blank."""
    put = sheet.write_string
    for r, value in enumerate(values, start=FIRST):
        if value != "":
            put(r, column, str(value), style)


def _numbers(sheet: Worksheet, column: int, values: np.ndarray, style: Format, without_zero: bool) -> None:
    """A column of numbers; nothing where there is none, and nothing for 0 where most are 0."""
    put = sheet.write_number
    wanted = np.isfinite(values) & (values != 0 if without_zero else True)
    for r in np.flatnonzero(wanted).tolist():
        put(FIRST + r, column, float(values[r]), style)


def _totals(
    sheet: Worksheet, styles: Styles, columns: list[SheetColumn], end: int, sums: dict[str, float], title: str
) -> None:
    """The sums of the rows on the sheet."""
    strong = {"bold": True, "top": 1}
    for i, c in enumerate(columns):
        if c.id in _SUMMED:
            cells = xl_range(FIRST, i, max(end - 1, FIRST), i)
            sheet.write_formula(
                end, i, f"=SUM({cells})" if end > FIRST else "=0", styles.number(MONEY, **strong), sums[c.id]
            )
        else:
            sheet.write_string(end, i, title if i == 0 else "", styles(**strong))


def case_identities(run: Answer, titles: Titles, cells: CaseCells) -> list[tuple[str, float, str, float]]:
    """What must hold between the cases and the summary: what, expected, formula, value; cases beyond the
    sheet are added as a number."""
    t, s = translator(titles.lang), run.summary
    found = [
        (
            t("cases of the sheet Cases = cases"),
            s["cases"],
            f"=COUNTA({cells.range_of['case_id']})+{cells.left_out['cases']}",
            cells.value_of["cases"] + cells.left_out["cases"],
        )
    ]
    for what, key, expected in (
        (t("cost of the sheet Cases = total cost"), "total", s["total_cost"]),
        (t("cash of the sheet Cases = cash cost"), "cash", s["cash_cost"]),
        (t("risk of the sheet Cases = risk cost"), "risk", s["risk_cost"]),
        (t("cost today of the sheet Cases = current practice"), "current_cost", s["current_cost"]),
    ):
        more = cells.left_out[key]
        found.append(
            (
                what,
                expected,
                f"=SUM({cells.range_of[key]})" + (f"+({more})" if more else ""),
                round(cells.value_of[key] + more, 2),
            )
        )
    return found
