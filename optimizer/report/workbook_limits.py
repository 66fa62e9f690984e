"""The sheet Limits: each group of each shared limit with its use, amount, price of one more unit and
reason. Only where limits are in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from optimizer.i18n import Titles, translator
from optimizer.phrases import say_again
from optimizer.report.limits import (
    group_words,
    limit_rows,
    limit_words,
    remarks,
    sentence,
    under_the_table,
    use_words,
)
from optimizer.report.text import money
from optimizer.report.workbook_style import (
    FIRST,
    GREY,
    HEADER,
    PERCENT,
    UNITS,
    Column,
    Styles,
    body,
    head,
    span,
)
from optimizer.report.workbook_tables import Cells
from optimizer.solve.clash_in_words import unit_of

if TYPE_CHECKING:
    from optimizer.report.run import Run

LIMITS = "Limits"
AMOUNT, PRICE = "#,##0.00##", "#,##0.0000"
OVER = 1e-9  # share of the amount by which use may stand above it and still be rounding


def write_limits(sheet: Worksheet, styles: Styles, run: Run, titles: Titles) -> Cells:
    """One row per group; how much of the amount is used is a live formula."""
    t, found = translator(titles.lang), limit_rows(run)
    columns = [
        Column("name", t("limit, identifier"), 30),
        Column("limit_in_words", t("limit"), 30),
        Column("group", t("group, identifier"), 24),
        Column("group_in_words", t("group"), 26),
        Column("used", t("used"), 14, AMOUNT),
        Column("limit", t("amount"), 14, AMOUNT),
        Column("unit", t("unit"), 10),
        Column("utilisation", t("share used"), 10, PERCENT),
        Column(
            "shadow_price", t("one more unit saves ({currency})").format(currency=run.currency), 14, PRICE
        ),
        Column("changed_cases", t("cases that give way"), 11, UNITS),
        Column("policy_used", t("used by whoever follows the policy table"), 16, AMOUNT),
        Column("sentence", t("in words"), 54, wrap=True),
        Column("because", t("because"), 54, wrap=True),
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
        for r, its in zip(found, under_the_table(run))
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
    return Cells(
        {k: span(LIMITS, i, FIRST, end - 1) for k, i in at.items()}, {}, {"exceeded": 0.0}, len(rows)
    )


def limit_identities(run: Run, titles: Titles, cells: Cells) -> list[tuple[str, float, str, float]]:
    """What must hold of the limits: what, expected, formula, value."""
    t, s = translator(titles.lang), run.summary
    over = f"SUMPRODUCT(--({cells.range_of['used']}>{cells.range_of['limit']}*(1+{OVER})+{OVER}))"
    free = round(float(run.limits.free.total.sum()) / 100.0, 2)
    return [
        (
            t("groups of limits that are exceeded"),
            0,
            f"={over}",
            float(sum(r.used > r.amount * (1 + OVER) + OVER for r in limit_rows(run))),
        ),
        (t("groups of limits"), len(s["limits"]), f"=COUNTA({cells.range_of['group']})", cells.rows),
        (
            t("total cost = cost without limits + cost of the limits"),
            s["total_cost"],
            f"={free}+{s['limits_cost']}",
            round(free + s["limits_cost"], 2),
        ),
    ]


def limits_page(run: Run, lang: str) -> list[str]:
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
        for r in limit_rows(run)
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
