"""The sheet Checks: every identity between the sheets and the summary, as live formulas; the cover rolls
them up."""

from __future__ import annotations

from typing import NamedTuple

from xlsxwriter.worksheet import Worksheet

from optimizer.answer.run import Answer
from optimizer.i18n import Titles, translator
from optimizer.model.lines import LINE_KEYS
from optimizer.report.words.text import line_title, resolution_title
from optimizer.report.workbook.style import (
    FIRST,
    GREEN,
    HEADER,
    MONEY,
    SheetColumn,
    Styles,
    head,
    quoted,
    span,
    write,
)
from optimizer.report.workbook.tables import CASH_KEYS, RISK_KEYS, TableCells

HALF_A_CENT = 0.005


class SheetCheck(NamedTuple):
    """One identity: what is expected, the formula that finds it again, and the value it shows."""

    what: str
    expected: float
    formula: str
    got: float


class Status(NamedTuple):
    """The formula that rolls the checks up, and what it shows."""

    formula: str
    value: str


def checks_of(
    run: Answer,
    titles: Titles,
    build: TableCells,
    policy: TableCells,
    more: list[tuple[str, float, str, float]],
) -> list[SheetCheck]:
    """Every identity between summary, cost build and policy table, then those of the other sheets."""
    t, s, lang = translator(titles.lang), run.summary, titles.lang
    value, cell = build.value_of, build.total_of
    lines = "+".join(cell[k] for k in LINE_KEYS)
    found = [
        SheetCheck(
            t("total of the cost build = total cost"), s["total_cost"], f"={cell['total']}", value["total"]
        ),
        SheetCheck(
            t("cost lines add up to the total cost"),
            s["total_cost"],
            f"={lines}",
            round(sum(value[k] for k in LINE_KEYS), 2),
        ),
        SheetCheck(
            t("cash + risk = total cost"),
            s["total_cost"],
            f"={cell['cash']}+{cell['risk']}",
            round(value["cash"] + value["risk"], 2),
        ),
        SheetCheck(
            t("cash lines = cash cost"),
            s["cash_cost"],
            "=" + "+".join(cell[k] for k in CASH_KEYS),
            round(sum(value[k] for k in CASH_KEYS), 2),
        ),
        SheetCheck(
            t("risk lines = risk cost"),
            s["risk_cost"],
            "=" + "+".join(cell[k] for k in RISK_KEYS),
            round(sum(value[k] for k in RISK_KEYS), 2),
        ),
        SheetCheck(t("decided cases in the cost build"), s["decided"], f"={cell['cases']}", value["cases"]),
        SheetCheck(
            t("decided + undecided = cases"),
            s["cases"],
            f"={cell['cases']}+{len(s['undecided'])}",
            value["cases"] + len(s["undecided"]),
        ),
        SheetCheck(
            t("decided cases in the policy table"),
            s["decided"],
            f"=SUM({policy.range_of['cases']})",
            policy.value_of["cases"],
        ),
        SheetCheck(
            t("rows of the policy table"),
            s["policy_rows"],
            f"=COUNTA({policy.range_of['row_id']})",
            policy.rows,
        ),
        SheetCheck(
            t("extra cost of the policy rows"),
            s["policy_extra_cost"],
            f"=SUM({policy.range_of['extra_cost']})",
            policy.value_of["extra_cost"],
        ),
    ]
    found += [
        SheetCheck(
            t("cost line: {line}").format(line=line_title(k, lang)), s["lines"][k], f"={cell[k]}", value[k]
        )
        for k in LINE_KEYS
    ]
    for r in s["by_resolution"]:
        same = f"=SUMIF({build.range_of['resolution']},{quoted(r['resolution'])},"
        name, (cases, total) = (
            resolution_title(r["resolution"], lang),
            build.by_resolution.get(r["resolution"], (0, 0.0)),
        )
        found.append(
            SheetCheck(
                t("cost of the way out: {name}").format(name=name),
                r["cost"],
                f"{same}{build.range_of['total']})",
                total,
            )
        )
        found.append(
            SheetCheck(
                t("cases of the way out: {name}").format(name=name),
                r["cases"],
                f"{same}{build.range_of['cases']})",
                cases,
            )
        )
    return found + [SheetCheck(*identity) for identity in more]


def write_checks(
    sheet: Worksheet,
    styles: Styles,
    run: Answer,
    titles: Titles,
    build: TableCells,
    policy: TableCells,
    more: list[tuple[str, float, str, float]],
) -> Status:
    """Each identity with expected, got, difference and ok as live formulas."""
    t = translator(titles.lang)
    ok, wrong = t("ok"), t("WRONG")
    columns = [
        SheetColumn("check", t("check"), 62),
        SheetColumn("expected", t("expected"), 16),
        SheetColumn("got", t("found"), 16),
        SheetColumn("difference", t("difference"), 14),
        SheetColumn("ok", t("holds?"), 10),
    ]
    head(sheet, styles, columns)
    found = checks_of(run, titles, build, policy, more)
    number, link = styles.number(MONEY), styles.number(MONEY, font_color=GREEN)
    failed = 0
    for r, c in enumerate(found, start=FIRST):
        row, difference = r + 1, round(c.got - c.expected, 2) + 0.0
        good = abs(difference) < HALF_A_CENT
        failed += not good
        write(sheet, r, 0, c.what, styles.text)
        write(sheet, r, 1, c.expected, number)
        sheet.write_formula(r, 2, c.formula, link, c.got)
        sheet.write_formula(r, 3, f"=ROUND(C{row}-B{row},2)", number, difference)
        sheet.write_formula(
            r,
            4,
            f"=IF(ABS(D{row})<{HALF_A_CENT},{quoted(ok)},{quoted(wrong)})",
            styles.after_number,
            ok if good else wrong,
        )
    last = FIRST + len(found) - 1
    for text, color in ((ok, "#C6EFCE"), (wrong, "#FFC7CE")):
        sheet.conditional_format(
            FIRST,
            4,
            last,
            4,
            {
                "type": "cell",
                "criteria": "==",
                "value": quoted(text),
                "format": styles.book.add_format({"bg_color": color}),
            },
        )
    sheet.autofilter(HEADER, 0, last, len(columns) - 1)
    all_good, some_wrong = (
        t("all {count} checks hold").format(count=len(found)),
        t("checks that do not hold:"),
    )
    bad = f"COUNTIF({span('Checks', 4, FIRST, last)},{quoted(wrong)})"
    return Status(
        f"=IF({bad}=0,{quoted(all_good)},{quoted(some_wrong + ' ')}&{bad})",
        all_good if not failed else f"{some_wrong} {failed}",
    )
