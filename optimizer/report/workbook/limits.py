"""The sheet Limits: each group of each shared limit with its use, amount, price of one more unit and
reason. Only where limits are in force."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from optimizer.answer.run import Answer
from optimizer.i18n import Titles, translator
from optimizer.phrases import say_again
from optimizer.report.words.limits import (
    group_words,
    limit_words,
    remarks,
    sentence,
    use_words,
)
from optimizer.report.words.text import money
from optimizer.report.workbook.style import (
    FIRST,
    GREY,
    HEADER,
    PERCENT,
    WHOLE_NUMBER,
    SheetColumn,
    Styles,
    body,
    head,
    span,
)
from optimizer.report.workbook.tables import TableCells
from optimizer.solve.clash_in_words import unit_of

LIMITS = "Limits"
AMOUNT, PRICE = "#,##0.00##", "#,##0.0000"
OVER = 1e-9  # share of the amount by which use may stand above it and still be rounding


def write_limits(sheet: Worksheet, styles: Styles, run: Answer, titles: Titles) -> TableCells:
    """One row per group; how much of the amount is used is a live formula."""
    t, found = translator(titles.lang), run.limit_rows
    columns = [
        SheetColumn("name", t("limit, identifier"), 30),
        SheetColumn("limit_in_words", t("limit"), 30),
        SheetColumn("group", t("group, identifier"), 24),
        SheetColumn("group_in_words", t("group"), 26),
        SheetColumn("used", t("used"), 14, AMOUNT),
        SheetColumn("limit", t("amount"), 14, AMOUNT),
        SheetColumn("unit", t("unit"), 10),
        SheetColumn("utilisation", t("share used"), 10, PERCENT),
        SheetColumn(
            "shadow_price", t("one more unit saves ({currency})").format(currency=run.currency), 14, PRICE
        ),
        SheetColumn("changed_cases", t("cases that give way"), 11, WHOLE_NUMBER),
        SheetColumn("policy_used", t("used by whoever follows the policy table"), 16, AMOUNT),
        SheetColumn("sentence", t("in words"), 54, wrap=True),
        SheetColumn("because", t("because"), 54, wrap=True),
    ]
    head(sheet, styles, columns, frozen=2)
    rows = [
        {
            "name": r.limit.name,
            "limit_in_words": limit_words(r.limit, titles),
            "group": r.group,
            "group_in_words": group_words(r.limit, r.group, titles),
            "used": r.used,
            "limit": r.amount,
            "unit": say_again(unit_of(r.limit), t),
            "shadow_price": r.shadow_price,
            "changed_cases": r.changed,
            "policy_used": its["policy_used"],
            "sentence": sentence(r, titles, run.currency),
            "because": str(say_again(r.because, t)),
        }
        for r, its in zip(found, run.under_the_table)
    ]
    end = body(sheet, styles, columns, rows)
    at = {c.id: i for i, c in enumerate(columns)}
    for r, row in enumerate(found, start=FIRST):
        used, amount = (xl_rowcol_to_cell(r, at[k]) for k in ("used", "limit"))
        sheet.write_formula(
            r,
            at["utilisation"],
            f"=IF({amount}=0,0,{used}/{amount})",
            styles.number(PERCENT),
            row.utilisation,
        )
    sheet.autofilter(HEADER, 0, end - 1, len(columns) - 1)
    note = t("The limits cost {cost} and change {cases:,} cases.").format(
        cost=money(run.limits.limits_cost, run.currency), cases=run.figures["limits_changed_cases"]
    )
    for i, text in enumerate(
        (note, *remarks(run, t), *(str(say_again(n, t)) for n in run.table.notes)), start=end + 1
    ):
        sheet.write_string(i, 0, text, styles(font_color=GREY))
    return TableCells(
        {k: span(LIMITS, i, FIRST, end - 1) for k, i in at.items()}, {}, {"exceeded": 0.0}, len(rows)
    )


def limit_identities(run: Answer, titles: Titles, cells: TableCells) -> list[tuple[str, float, str, float]]:
    """What must hold of the limits: what, expected, formula, value."""
    t, s = translator(titles.lang), run.summary
    over = f"SUMPRODUCT(--({cells.range_of['used']}>{cells.range_of['limit']}*(1+{OVER})+{OVER}))"
    free = round(float(run.limits.free.total.sum()) / 100.0, 2)
    return [
        (
            t("groups of limits that are exceeded"),
            0,
            f"={over}",
            float(sum(r.used > r.amount * (1 + OVER) + OVER for r in run.limit_rows)),
        ),
        (t("groups of limits"), len(s["limits"]), f"=COUNTA({cells.range_of['group']})", cells.rows),
        (
            t("total cost = cost without limits + cost of the limits"),
            s["total_cost"],
            f"={free}+{s['limits_cost']}",
            round(free + s["limits_cost"], 2),
        ),
    ]


def limits_page(run: Answer, lang: str) -> list[str]:
    """The section of policy.md that speaks of limits; nothing without limits."""
    if run.limits is None:
        return []
    t, titles = translator(lang), Titles(run.scenario, lang)
    titles_of = [t("limit"), t("group"), t("used"), t("share used"), t("in words"), t("because")]
    rows = [
        [
            limit_words(r.limit, titles),
            group_words(r.limit, r.group, titles),
            use_words(r, t),
            f"{r.utilisation:.0%}",
            sentence(r, titles, run.currency),
            str(say_again(r.because, t)),
        ]
        for r in run.limit_rows
    ]
    lines = ["| " + " | ".join(cells) + " |" for cells in rows]
    return [
        "## " + t("Limits"),
        "",
        "| " + " | ".join(titles_of) + " |",
        "|---|---|---:|---:|---|---|",
        *lines,
        "",
        *remarks(run, t),
        "",
    ]
