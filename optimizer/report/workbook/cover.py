"""The cover: what was decided, what it costs, what it rests on, whether the checks hold, how to change an
input. One page."""

from __future__ import annotations

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from optimizer.answer.run import Answer
from optimizer.i18n import Titles, translator
from optimizer.inputs.assumption_sheet import SCENARIO
from optimizer.model.lines import LINE_KEYS
from optimizer.report.words.limits import proof_words
from optimizer.report.words.text import line_title, money, resolution_title, trail_lines
from optimizer.report.workbook.assumptions import Inputs
from optimizer.report.workbook.behind import BehindTables
from optimizer.report.workbook.charts import Place, bars
from optimizer.report.workbook.checks import Status
from optimizer.report.workbook.style import (
    BLUE,
    DATE,
    EDITED,
    GREEN,
    GREY,
    MONEY,
    ORANGE,
    PERCENT,
    WHOLE_NUMBER,
    YELLOW,
    Styles,
    quoted,
    write,
)
from optimizer.report.workbook.tables import TableCells

SHOWN_UNDECIDED, SHOWN_CHANGES = 10, 12
IDS_AT, CHARTS_AT, DATA_AT = (
    13,
    4,
    15,
)  # columns: stable names of lines, charts, the figures of the charts; print ends before the first and last
BARS = 10  # bars of a chart; what is left stands in one more
INDENT = " "  # a label that begins with it is shown below the one before


class _Page:
    """Writes the cover line by line."""

    def __init__(self, sheet: Worksheet, styles: Styles):
        self.sheet, self.styles, self.row = sheet, styles, 0

    def line(
        self,
        label: str,
        value: object = None,
        number: str = "",
        note: str = "",
        formula: str = "",
        look: dict | None = None,
        name: str = "",
    ) -> int:
        align = "right" if isinstance(value, (int, float)) else "left"
        style = self.styles(**({"num_format": number} if number else {}), **(look or {}), align=align)
        write(
            self.sheet,
            self.row,
            0,
            label.strip(),
            self.styles(align="left", indent=1) if label.startswith(" ") else self.styles.text,
        )
        if formula:
            self.sheet.write_formula(self.row, 1, formula, style, value)
        elif value is not None:
            write(self.sheet, self.row, 1, value, style)
        write(
            self.sheet,
            self.row,
            2,
            note,
            self.styles(text_wrap=True, font_color=GREY, align="left", indent=1),
        )
        if name:
            write(self.sheet, self.row, IDS_AT, name, self.styles.ids)
        self.row += 1
        return self.row - 1

    def texts(self, lines: list[str]) -> None:
        """Sentences over the width of the page."""
        for text in lines:
            write(self.sheet, self.row, 0, text, self.styles.text)
            self.row += 1

    def section(self, title: str) -> None:
        self.row += 1
        for column in range(3):
            self.sheet.write_string(self.row, column, title if column == 0 else "", self.styles.section)
        self.row += 1


def write_cover(
    sheet: Worksheet,
    styles: Styles,
    run: Answer,
    titles: Titles,
    build: TableCells,
    behind: BehindTables,
    inputs: Inputs,
    status: Status,
) -> None:
    """The text on the left, two charts on the right, and beyond the print their figures and the stable
    names of the first lines."""
    t, s, lang, currency = translator(titles.lang), run.summary, titles.lang, run.currency
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 1, 22)
    sheet.set_column(2, 2, 74)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 1)
    sheet.set_margins(0.4, 0.4, 0.4, 0.4)
    sheet.write_string(0, 0, t("After-sales decisions and what they cost"), styles.title)
    page = _Page(sheet, styles)
    page.row = 2
    days = run.cases["case_date"]
    title = run.scenario.title.get(lang) or run.scenario.title.get("en", "")
    page.line(t("Scenario"), run.scenario.name, note=title, name=SCENARIO)
    page.line(t("Run"), s["run_id"], note=t("equal inputs give the same number"), name="run")
    if len(days):
        page.line(t("First case"), pd.Timestamp(days.min()), DATE)
        page.line(t("Last case"), pd.Timestamp(days.max()), DATE)
    page.line(
        t("Currency"),
        currency,
        note=t("all money on this page; prices of the policy are in the currency of their market"),
        name="currency",
    )
    page.line(t("Language"), lang, name="language")
    page.line(
        t("Checks"),
        status.value,
        formula=status.formula,
        look={"bold": True, "font_color": GREEN},
        name="checks",
    )
    page.line(
        t("Inputs edited since this run"),
        0,
        "0",
        formula=f"={inputs.edited}",
        name="edited",
        note=t("where it is not 0, the other sheets show the run before the edits"),
    )
    _totals(page, run, titles, build)
    _behind(page, run, titles, behind)
    page.section(t("What the scenario changes"))
    trail = trail_lines(run.scenario, lang)
    more = (
        [t("and {more:,} more on the sheet Audit").format(more=len(trail) - SHOWN_CHANGES)]
        if len(trail) > SHOWN_CHANGES
        else []
    )
    page.texts([*trail[:SHOWN_CHANGES], *more] or [t("nothing; these are the figures of the data folder")])
    if s["undecided"]:
        page.section(t("Without an acceptable way out"))
        for u in s["undecided"][:SHOWN_UNDECIDED]:
            page.line(u["case_id"], note=", ".join(u["reasons"]))
        if (more := len(s["undecided"]) - SHOWN_UNDECIDED) > 0:
            page.line(t("and {more:,} more").format(more=more))
    page.section(t("Colours"))
    for text, look in (
        (t("input"), {"font_color": BLUE, "bg_color": YELLOW}),
        (t("formula or result"), {}),
        (t("link to another sheet"), {"font_color": GREEN}),
        (t("rests on an estimate of our own"), {"font_color": ORANGE}),
        (t("input edited since this run"), {"bg_color": EDITED, "bold": True}),
    ):
        write(sheet, page.row, 0, text, styles(**look))
        page.row += 1
    page.section(t("Change an input and read it back"))
    command = t(
        "3. Save the file as .xlsx and run: python -m optimizer run {scenario} --set-from policy.xlsx"
        " --out out"
    )
    page.texts(
        [
            t(
                "1. Edit a yellow cell of the sheet Assumptions. It refuses what is not possible; its name"
                " stands in the box beside the formula bar."
            ),
            t("2. Say in a yellow row of the sheet Audit who changed it, when and why."),
            command.format(scenario=run.scenario.name),
            t(
                "The sheets add up by themselves, but only a run decides the cases again. One input for one"
                " run: --set KEY=VALUE."
            ),
        ]
    )
    _charts(sheet, styles, run, titles, build)
    sheet.print_area(0, 0, page.row, IDS_AT - 2)


def _totals(page: _Page, run: Answer, titles: Titles, build: TableCells) -> None:
    t, s, own = translator(titles.lang), run.summary, run.summary["controllable"]
    link = {"font_color": GREEN}
    page.section(f"{t('The answer')} ({run.currency})")
    page.line(t("Cases"), s["cases"], WHOLE_NUMBER)
    page.line(
        INDENT + t("decided"),
        build.value_of["cases"],
        WHOLE_NUMBER,
        formula=f"={build.total_of['cases']}",
        look=link,
    )
    page.line(INDENT + t("without an acceptable way out"), len(s["undecided"]), WHOLE_NUMBER)
    page.line(
        t("Total cost"),
        build.value_of["total"],
        MONEY,
        formula=f"={build.total_of['total']}",
        look={**link, "bold": True},
        note=proof_words(run, titles.lang),
    )
    if run.limits is not None:
        page.line(
            INDENT + t("of which the limits cost"),
            s["limits_cost"],
            MONEY,
            note=t("{count:,} cases are decided otherwise than without limits; sheet Limits").format(
                count=s["limits_changed_cases"]
            ),
        )
    page.line(
        INDENT + t("of which cash"),
        build.value_of["cash"],
        MONEY,
        formula=f"={build.total_of['cash']}",
        look=link,
    )
    page.line(
        INDENT + t("of which risk"),
        build.value_of["risk"],
        MONEY,
        formula=f"={build.total_of['risk']}",
        look=link,
        note=t("expected claims, bad reviews and later failures; they decide {risky:,} cases").format(
            risky=s["decided_by_risk"]
        ),
    )
    if run.on_plan is not None:
        page.line(
            t("Network, fixed"),
            s["fixed_cost"],
            MONEY,
            note=t("{cost} for {months}, paid whatever is decided and in no case").format(
                cost=money(s["fixed_cost"], run.currency), months=", ".join(run.on_plan.months)
            ),
        )
    page.line(
        t("Current practice"),
        s["current_cost"],
        MONEY,
        note=(
            t("as recorded")
            if s["current_basis"] == "actual"
            else t(
                "priced for the recorded resolution in {share:.0%} of the cases, else for the assumed habit"
            ).format(share=s["current_recorded_share"])
        ),
    )
    page.line(
        t("Cases you decide"),
        own["cases"],
        WHOLE_NUMBER,
        note=t("the rest is decided by the platform or the buyer and only priced"),
    )
    today = page.line(INDENT + t("their cost today"), own["current_cost"], MONEY)
    decided = page.line(INDENT + t("their cost by this answer"), own["cost"], MONEY)
    saving = round(own["current_cost"] - own["cost"], 2)
    page.line(
        INDENT + t("saving"), saving, MONEY, formula=f"=B{today + 1}-B{decided + 1}", look={"bold": True}
    )
    share = saving / own["current_cost"] if own["current_cost"] else 0.0
    page.line(
        INDENT + t("saving, share of today's cost"),
        share,
        PERCENT,
        formula=f"=IF(B{today + 1}=0,0,(B{today + 1}-B{decided + 1})/B{today + 1})",
    )
    page.line(t("Rows of the policy table"), s["policy_rows"], WHOLE_NUMBER)
    page.line(INDENT + t("policy table dearer than case by case"), s["policy_extra_cost"], MONEY)
    page.line(t("Share of the money that rests on estimates"), s["estimate_share"], PERCENT)


def _behind(page: _Page, run: Answer, titles: Titles, tables: BehindTables) -> None:
    """What lies behind the cases; beside the cost of the cases, never part of it."""
    t, s = translator(titles.lang), run.summary
    page.section(f"{t('What lies behind the cases')} ({run.currency})")
    if s["root_causes"]["by_cause"]:
        first = s["root_causes"]["by_cause"][0]
        page.line(
            t("Dearest root cause"),
            titles.cause(first["cause"]),
            note=t("{cost} in {cases:,} cases").format(cost=money(first["cost"]), cases=first["cases"]),
        )
    for label, table, column, note in (
        (
            t("One point less failure saves"),
            tables.quality,
            "saving_per_point",
            t("fewer cases of poor quality in the months of the cases, and fewer later failures"),
        ),
        (
            t("Returns processing fees"),
            tables.returns,
            "processing_fees",
            t("FBA returns above the threshold of the category; the price of a case reads the assumption"),
        ),
        (
            t("Lost ranking by returns"),
            tables.returns,
            "ranking_cost",
            t("partly in the risk cost already: never add the two"),
        ),
        (
            t("Margin that local repair keeps"),
            tables.local,
            "demand_kept",
            t("from buyers who would not buy without repair nearby"),
        ),
    ):
        if column in table.total_of:
            page.line(
                label,
                table.value_of[column],
                MONEY,
                note=note,
                formula=f"={table.total_of[column]}",
                look={"font_color": GREEN},
            )
        else:
            page.line(
                label, note=t("No orders in the months of the cases: units, rates and savings are blank.")
            )
    page.line(
        t("Credits from others that the decisions keep"),
        s["claim_rights"]["kept"],
        MONEY,
        note=t("from carriers, the platform and suppliers; they are in the total cost"),
    )
    page.line(
        INDENT + t("given up"),
        s["claim_rights"]["given_up"],
        MONEY,
        note=t("in {cases:,} cases, because another way out is cheaper all the same").format(
            cases=s["claim_rights"]["cases_given_up"]
        ),
    )


def _charts(sheet: Worksheet, styles: Styles, run: Answer, titles: Titles, build: TableCells) -> None:
    """Cost by way out and by line: live figures beyond the print, the largest first, what is left in one
    more row."""
    t, lang = translator(titles.lang), titles.lang
    ways = [
        (
            resolution_title(k, lang),
            f"SUMIF({build.range_of['resolution']},{quoted(k)},{build.range_of['total']})",
            cost,
        )
        for k, (_, cost) in build.by_resolution.items()
    ]
    lines = [
        (line_title(k, lang), build.total_of[k], build.value_of[k]) for k in LINE_KEYS if build.value_of[k]
    ]
    sheet.set_column(DATA_AT, DATA_AT, 40)
    sheet.set_column(DATA_AT + 1, DATA_AT + 1, 16)
    row = 2
    for number, (title, found) in enumerate(((t("Cost by way out"), ways), (t("Cost by line"), lines))):
        largest = sorted(found, key=lambda f: -abs(f[2]))
        shown, rest = sorted(largest[:BARS], key=lambda f: -f[2]), largest[BARS:]
        write(sheet, row, DATA_AT, title, styles.section)
        write(sheet, row, DATA_AT + 1, f"{t('cost')} ({run.currency})", styles.section)
        first = row + 1
        ends = (xl_rowcol_to_cell(r, DATA_AT + 1) for r in (first, first + len(shown) - 1))
        amounts = ":".join(ends)
        left = round(build.value_of["total"] - sum(f[2] for f in shown), 2)
        other = [(t("all others"), f"{build.total_of['total']}-SUM({amounts})", left)] if rest else []
        for row, (label, formula, value) in enumerate([*shown, *other], start=first):
            write(sheet, row, DATA_AT, label, styles.text)
            sheet.write_formula(
                row, DATA_AT + 1, f"={formula}", styles.number(MONEY, font_color=GREEN), value
            )
        if shown:
            chart = bars(
                styles,
                f"{title} ({run.currency})",
                Place("Cover", first, row),
                DATA_AT,
                DATA_AT + 1,
                title,
                500,
                400,
            )
            sheet.insert_chart(2 + 21 * number, CHARTS_AT, chart, {"object_position": 3})
        row += 2
