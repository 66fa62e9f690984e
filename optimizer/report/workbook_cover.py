"""The cover with the totals, and the sheet of checks that it rolls up."""
from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from optimizer.i18n import Titles, translator
from optimizer.model.lines import LINE_KEYS
from optimizer.report.text import line_title, money, resolution_title, trail_lines
from optimizer.report.workbook_behind import BehindTables, identities
from optimizer.report.workbook_style import (
    BLUE, DATE, FIRST, GREEN, GREY, HEADER, MONEY, ORANGE, PERCENT, UNITS, YELLOW, Column, Styles, head, quoted, span, write,
)
from optimizer.report.workbook_tables import CASH_KEYS, RISK_KEYS, Cells

if TYPE_CHECKING:
    from optimizer.report.run import Run

SHOWN_UNDECIDED = 10
HALF_A_CENT = 0.005
INDENT = " "                             # a label that begins with it is shown below the one before


class Check(NamedTuple):
    """One identity: what the summary says, the formula that finds it again, and the value it shows."""
    what: str
    expected: float
    formula: str
    got: float


class Status(NamedTuple):
    """The formula that rolls the checks up, and what it shows."""
    formula: str
    value: str


# ---------------------------------------------------------------- checks
def checks_of(run: Run, titles: Titles, build: Cells, policy: Cells, behind: BehindTables) -> list[Check]:
    """Every identity between summary, cost build, policy table and what lies behind the cases."""
    t, s, lang = translator(titles.lang), run.summary, titles.lang
    value, cell = build.value_of, build.total_of
    lines = "+".join(cell[k] for k in LINE_KEYS)
    found = [
        Check(t("total of the cost build = total cost"), s["total_cost"], f"={cell['total']}", value["total"]),
        Check(t("cost lines add up to the total cost"), s["total_cost"], f"={lines}", round(sum(value[k] for k in LINE_KEYS), 2)),
        Check(t("cash + risk = total cost"), s["total_cost"], f"={cell['cash']}+{cell['risk']}", round(value["cash"] + value["risk"], 2)),
        Check(t("cash lines = cash cost"), s["cash_cost"], "=" + "+".join(cell[k] for k in CASH_KEYS), round(sum(value[k] for k in CASH_KEYS), 2)),
        Check(t("risk lines = risk cost"), s["risk_cost"], "=" + "+".join(cell[k] for k in RISK_KEYS), round(sum(value[k] for k in RISK_KEYS), 2)),
        Check(t("decided cases in the cost build"), s["decided"], f"={cell['cases']}", value["cases"]),
        Check(t("decided + undecided = cases"), s["cases"], f"={cell['cases']}+{len(s['undecided'])}", value["cases"] + len(s["undecided"])),
        Check(t("decided cases in the policy table"), s["decided"], f"=SUM({policy.range_of['cases']})", policy.value_of["cases"]),
        Check(t("rows of the policy table"), s["policy_rows"], f"=COUNTA({policy.range_of['row_id']})", policy.rows),
        Check(t("extra cost of the policy rows"), s["policy_extra_cost"], f"=SUM({policy.range_of['extra_cost']})", policy.value_of["extra_cost"]),
    ]
    found += [Check(t("cost line: {line}").format(line=line_title(k, lang)), s["lines"][k], f"={cell[k]}", value[k]) for k in LINE_KEYS]
    for r in s["by_resolution"]:
        same = f"=SUMIF({build.range_of['resolution']},{quoted(r['resolution'])},"
        name, (cases, total) = resolution_title(r["resolution"], lang), build.by_resolution.get(r["resolution"], (0, 0.0))
        found.append(Check(t("cost of the way out: {name}").format(name=name), r["cost"], f"{same}{build.range_of['total']})", total))
        found.append(Check(t("cases of the way out: {name}").format(name=name), r["cases"], f"{same}{build.range_of['cases']})", cases))
    return found + [Check(*identity) for identity in identities(run, titles, behind)]


def write_checks(sheet: Worksheet, styles: Styles, run: Run, titles: Titles, build: Cells, policy: Cells, behind: BehindTables) -> Status:
    """Each identity with expected, got, difference and ok as live formulas."""
    t = translator(titles.lang)
    ok, wrong = t("ok"), t("WRONG")
    columns = [Column("check", t("check"), 62), Column("expected", t("expected"), 16), Column("got", t("found"), 16),
               Column("difference", t("difference"), 14), Column("ok", t("holds?"), 10)]
    head(sheet, styles, columns)
    found = checks_of(run, titles, build, policy, behind)
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
        sheet.write_formula(r, 4, f"=IF(ABS(D{row})<{HALF_A_CENT},{quoted(ok)},{quoted(wrong)})", styles.text, ok if good else wrong)
    last = FIRST + len(found) - 1
    for text, color in ((ok, "#C6EFCE"), (wrong, "#FFC7CE")):
        sheet.conditional_format(FIRST, 4, last, 4, {"type": "cell", "criteria": "==", "value": quoted(text), "format": styles.book.add_format({"bg_color": color})})
    sheet.autofilter(HEADER, 0, last, len(columns) - 1)
    all_good, some_wrong = t("all {count} checks hold").format(count=len(found)), t("checks that do not hold:")
    bad = f"COUNTIF({span('Checks', 4, FIRST, last)},{quoted(wrong)})"
    return Status(f"=IF({bad}=0,{quoted(all_good)},{quoted(some_wrong + ' ')}&{bad})", all_good if not failed else f"{some_wrong} {failed}")


# ---------------------------------------------------------------- cover
class _Page:
    """Writes the cover line by line."""

    def __init__(self, sheet: Worksheet, styles: Styles):
        self.sheet, self.styles, self.row = sheet, styles, 0

    def line(self, label: str, value: object = None, number: str = "", note: str = "", formula: str = "", look: dict | None = None) -> int:
        align = "right" if isinstance(value, (int, float)) else "left"
        style = self.styles(**({"num_format": number} if number else {}), **(look or {}), align=align)
        write(self.sheet, self.row, 0, label.strip(), self.styles(align="left", indent=1) if label.startswith(" ") else self.styles.text)
        if formula:
            self.sheet.write_formula(self.row, 1, formula, style, value)
        elif value is not None:
            write(self.sheet, self.row, 1, value, style)
        write(self.sheet, self.row, 2, note, self.styles(text_wrap=True, font_color=GREY, align="left", indent=1))
        self.row += 1
        return self.row - 1

    def section(self, title: str) -> None:
        self.row += 1
        for column in range(3):
            self.sheet.write_string(self.row, column, title if column == 0 else "", self.styles.section)
        self.row += 1


def write_cover(sheet: Worksheet, styles: Styles, run: Run, titles: Titles, build: Cells, behind: BehindTables, status: Status) -> None:
    """What was decided, what it costs, what it rests on, whether the checks hold."""
    t, s, lang, currency = translator(titles.lang), run.summary, titles.lang, run.currency
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 1, 22)
    sheet.set_column(2, 2, 74)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 1)
    sheet.write_string(0, 0, t("After-sales decisions and what they cost"), styles.title)
    page = _Page(sheet, styles)
    page.row = 2
    days = run.cases["case_date"]
    title = run.scenario.title.get(lang) or run.scenario.title.get("en", "")
    page.line(t("Scenario"), run.scenario.name, note=title)
    page.line(t("Run"), s["run_id"], note=t("equal inputs give the same number"))
    if len(days):
        page.line(t("First case"), pd.Timestamp(days.min()), DATE)
        page.line(t("Last case"), pd.Timestamp(days.max()), DATE)
    page.line(t("Currency"), currency, note=t("all money on this page; prices of the policy are in the currency of their market"))
    page.line(t("Language"), lang)
    page.line(t("Checks"), status.value, formula=status.formula, look={"bold": True, "font_color": GREEN})
    _totals(page, run, titles, build)
    _behind(page, run, titles, behind)
    page.section(t("What the scenario changes"))
    for sentence in trail_lines(run.scenario, lang) or [t("nothing; these are the figures of the data folder")]:
        write(sheet, page.row, 0, sentence, styles.text)
        page.row += 1
    if s["undecided"]:
        page.section(t("Without an acceptable way out"))
        for u in s["undecided"][:SHOWN_UNDECIDED]:
            page.line(u["case_id"], note=", ".join(u["reasons"]))
        if (more := len(s["undecided"]) - SHOWN_UNDECIDED) > 0:
            page.line(t("and {more:,} more").format(more=more))
    page.section(t("Colours"))
    for text, look in ((t("input"), {"font_color": BLUE, "bg_color": YELLOW}), (t("formula or result"), {}), (t("link to another sheet"), {"font_color": GREEN}),
                       (t("rests on an estimate of our own"), {"font_color": ORANGE})):
        write(sheet, page.row, 0, text, styles(**look))
        page.row += 1
    page.line(t("To change an input, change it in the app or with --set KEY=VALUE and run again: the sheets add up, but only a run decides."))


def _totals(page: _Page, run: Run, titles: Titles, build: Cells) -> None:
    t, s, own = translator(titles.lang), run.summary, run.summary["controllable"]
    link = {"font_color": GREEN}
    page.section(f"{t('The answer')} ({run.currency})")
    page.line(t("Cases"), s["cases"], UNITS)
    page.line(INDENT + t("decided"), build.value_of["cases"], UNITS, formula=f"={build.total_of['cases']}", look=link)
    page.line(INDENT + t("without an acceptable way out"), len(s["undecided"]), UNITS)
    page.line(t("Total cost"), build.value_of["total"], MONEY, formula=f"={build.total_of['total']}", look={**link, "bold": True},
              note=t("every case takes its cheapest acceptable option: proven within {gap}").format(gap=f"{s['gap_money']:.2f} {run.currency}"))
    page.line(INDENT + t("of which cash"), build.value_of["cash"], MONEY, formula=f"={build.total_of['cash']}", look=link)
    page.line(INDENT + t("of which risk"), build.value_of["risk"], MONEY, formula=f"={build.total_of['risk']}", look=link,
              note=t("expected claims, bad reviews and later failures; they decide {risky:,} cases").format(risky=s["decided_by_risk"]))
    page.line(t("Current practice"), s["current_cost"], MONEY, note=t("as recorded") if s["current_basis"] == "actual" else
              t("priced for the recorded resolution in {share:.0%} of the cases, else for the assumed habit").format(share=s["current_recorded_share"]))
    page.line(t("Cases you decide"), own["cases"], UNITS, note=t("the rest is decided by the platform or the buyer and only priced"))
    today = page.line(INDENT + t("their cost today"), own["current_cost"], MONEY)
    decided = page.line(INDENT + t("their cost by this answer"), own["cost"], MONEY)
    saving = round(own["current_cost"] - own["cost"], 2)
    page.line(INDENT + t("saving"), saving, MONEY, formula=f"=B{today + 1}-B{decided + 1}", look={"bold": True})
    share = saving / own["current_cost"] if own["current_cost"] else 0.0
    page.line(INDENT + t("saving, share of today's cost"), share, PERCENT, formula=f"=IF(B{today + 1}=0,0,(B{today + 1}-B{decided + 1})/B{today + 1})")
    page.line(t("Rows of the policy table"), s["policy_rows"], UNITS)
    page.line(INDENT + t("policy table dearer than case by case"), s["policy_extra_cost"], MONEY)
    page.line(t("Share of the money that rests on estimates"), s["estimate_share"], PERCENT)


def _behind(page: _Page, run: Run, titles: Titles, tables: BehindTables) -> None:
    """What lies behind the cases; beside the cost of the cases, never part of it."""
    t, s = translator(titles.lang), run.summary
    page.section(f"{t('What lies behind the cases')} ({run.currency})")
    if s["root_causes"]["by_cause"]:
        first = s["root_causes"]["by_cause"][0]
        page.line(t("Dearest root cause"), titles.cause(first["cause"]), note=t("{cost} in {cases:,} cases").format(cost=money(first["cost"]), cases=first["cases"]))
    for label, table, column, note in (
            (t("One point less failure saves"), tables.quality, "saving_per_point", t("fewer cases of poor quality in the months of the cases, and fewer later failures")),
            (t("Returns processing fees"), tables.returns, "processing_fees", t("FBA returns above the threshold of the category; the price of a case reads the assumption")),
            (t("Lost ranking by returns"), tables.returns, "ranking_cost", t("partly in the risk cost already: never add the two")),
            (t("Margin that local repair keeps"), tables.local, "demand_kept", t("from buyers who would not buy without repair nearby"))):
        if column in table.total_of:
            page.line(label, table.value_of[column], MONEY, note=note, formula=f"={table.total_of[column]}", look={"font_color": GREEN})
        else:
            page.line(label, note=t("No orders in the months of the cases: units, rates and savings are blank."))
    page.line(t("Credits from others that the decisions keep"), s["claim_rights"]["kept"], MONEY, note=t("from carriers, the platform and suppliers; they are in the total cost"))
    page.line(INDENT + t("given up"), s["claim_rights"]["given_up"], MONEY,
              note=t("in {cases:,} cases, because another way out is cheaper all the same").format(cases=s["claim_rights"]["cases_given_up"]))
