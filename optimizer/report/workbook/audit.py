"""The sheets of who changed what: Scenario_diff with the inputs as they differ, Audit with every step,
every file and room for the analyst."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from optimizer.answer.run import Answer
from optimizer.i18n import Translate, translator
from optimizer.inputs.assumption_sheet import CHANGE, EDIT, KEY, KIND, REASON, WHEN, WHO
from optimizer.phrases import say_again
from optimizer.report.workbook.assumptions import Inputs
from optimizer.report.workbook.style import (
    AMOUNT_OF_UNIT,
    DATE,
    FIRST,
    GREEN,
    HEADER,
    MONEY,
    NUMBER_OF_UNIT,
    PERCENT,
    YELLOW,
    SheetColumn,
    Styles,
    head,
    raise_row,
    write,
)

ROOM = 30  # rows for edits of the analyst


# ---------------------------------------------------------------- Scenario_diff
def write_scenario_diff(sheet: Worksheet, styles: Styles, run: Answer, lang: str, inputs: Inputs) -> None:
    """Only the inputs that the scenario changed: base, scenario, absolute and relative difference as live
    formulas, who and why."""
    t, book = translator(lang), run.scenario.book
    columns = [
        SheetColumn("key", t("key"), 42),
        SheetColumn("title", t("meaning"), 52),
        SheetColumn("base", t("base"), 14, MONEY),
        SheetColumn("scenario", t("this scenario"), 14, MONEY),
        SheetColumn("absolute", t("difference"), 14, MONEY),
        SheetColumn("percent", t("difference, share of base"), 13, PERCENT),
        SheetColumn("unit", t("unit"), 15),
        SheetColumn("who", t("set by"), 20),
        SheetColumn("because", t("reason"), 70),
    ]
    head(sheet, styles, columns)
    base = {c.key: c.old for c in reversed(run.scenario.trail)}
    last = {c.key: c for c in run.scenario.trail}
    changed = [key for key, value in base.items() if key in book and value != book[key].value]
    for r, key in enumerate(sorted(changed, key=list(book).index), start=FIRST):
        a, row, link = book[key], r + 1, f"={inputs.name_of[key]}"
        number = styles.number(NUMBER_OF_UNIT.get(a.unit, AMOUNT_OF_UNIT), align="right")
        write(sheet, r, 0, key, styles.text)
        write(sheet, r, 1, a.en if lang == "en" else a.zh, styles.text)
        write(sheet, r, 2, base[key], number)
        sheet.write_formula(
            r,
            3,
            link,
            styles.number(NUMBER_OF_UNIT.get(a.unit, AMOUNT_OF_UNIT), font_color=GREEN, align="right"),
            a.value,
        )
        if not a.is_text:
            sheet.write_formula(r, 4, f"=D{row}-C{row}", number, a.value - base[key])
            share = (a.value - base[key]) / abs(base[key]) if base[key] else "–"
            sheet.write_formula(
                r,
                5,
                f'=IF(C{row}=0,"–",(D{row}-C{row})/ABS(C{row}))',
                styles.number(PERCENT, align="right"),
                share,
            )
        because = str(say_again(last[key].because, t))
        for i, text in ((6, a.unit), (7, last[key].layer), (8, because)):
            write(sheet, r, i, text, styles.wrapped if i == 8 else styles.after_number)
        raise_row(sheet, r, [(because, columns[8].width)])
    end = FIRST + len(changed) - 1
    if not changed:
        end = FIRST
        sheet.write_string(
            FIRST, 0, t("The scenario changes nothing: every input is as in the data folder."), styles.text
        )
    sheet.autofilter(HEADER, 0, end, len(columns) - 1)


# ---------------------------------------------------------------- Audit
def write_audit(sheet: Worksheet, styles: Styles, run: Answer, lang: str, inputs: Inputs) -> None:
    """One row per change of the trail, then empty rows for who edits the Assumptions sheet, then files
    with their hash and versions."""
    t, book = translator(lang), run.scenario.book
    columns = [
        SheetColumn(KIND, t("kind"), 9),
        SheetColumn("what", t("what"), 12),
        SheetColumn(WHO, t("who"), 20),
        SheetColumn(WHEN, t("date"), 12),
        SheetColumn(KEY, t("key or file"), 42),
        SheetColumn("old", t("old"), 14, MONEY),
        SheetColumn("new", t("new"), 14, MONEY),
        SheetColumn(REASON, t("reason"), 80),
    ]
    head(sheet, styles, columns)
    at = {c.id: i for i, c in enumerate(columns)}
    row = FIRST
    for c in run.scenario.trail:
        unit = book[c.key].unit if c.key in book else ""  # amounts of limits stand in no book
        number = styles.number(NUMBER_OF_UNIT.get(unit, AMOUNT_OF_UNIT), align="right")
        told = {
            KIND: CHANGE,
            "what": t("changed input"),
            WHO: c.layer,
            KEY: c.key,
            "old": say_again(c.old, t),
            "new": say_again(c.new, t),
            REASON: str(say_again(c.because, t)),
        }
        for name, value in told.items():
            write(
                sheet,
                row,
                at[name],
                value,
                number if name in ("old", "new") else styles.wrapped if name == REASON else styles.text,
            )
        raise_row(sheet, row, [(told[REASON], columns[at[REASON]].width)])
        row += 1
    _room(sheet, styles, t, at, row, inputs)
    row += ROOM
    facts = [("input", t("input file"), name, digest) for name, digest in run.input_hashes.items()]
    facts += [("version", t("version"), name, version) for name, version in run.summary["versions"].items()]
    for kind, what, name, value in facts:
        for i, text in ((at[KIND], kind), (at["what"], what), (at[KEY], name), (at["new"], value)):
            write(sheet, row, i, text, styles.text)
        row += 1
    sheet.autofilter(HEADER, 0, row - 1, len(columns) - 1)


def _room(
    sheet: Worksheet, styles: Styles, t: Translate, at: dict[str, int], first: int, inputs: Inputs
) -> None:
    """Yellow rows where the analyst says who changed which input when and why; old and new are looked up."""
    room = {"bg_color": YELLOW, "border": 1, "border_color": "#D9D9D9"}
    entry, day = styles(**room, text_wrap=True), styles(**room, num_format=DATE, align="left")
    for r in range(first, first + ROOM):
        key = f"E{r + 1}"
        # a key may hold signs that stand for any text
        sure = f'SUBSTITUTE(SUBSTITUTE(SUBSTITUTE({key},"~","~~"),"*","~*"),"?","~?")'
        write(sheet, r, at[KIND], EDIT, styles.text)
        write(sheet, r, at["what"], t("your edit"), styles.text)
        for name in (WHO, WHEN, KEY, REASON):
            sheet.write_blank(r, at[name], None, day if name == WHEN else entry)
        for name, column in (("old", inputs.values_of_run), ("new", inputs.values)):
            found = f'IFERROR(INDEX({column},MATCH({sure},{inputs.keys},0)),"?")'
            sheet.write_formula(r, at[name], f'=IF({key}="","–",{found})', styles(align="right"), "–")
    sheet.data_validation(
        first,
        at[KEY],
        first + ROOM - 1,
        at[KEY],
        {
            "validate": "list",
            "source": f"={inputs.keys}",
            "error_title": t("not an assumption"),
            "error_message": t("Choose the key of the input that you changed on the sheet Assumptions."),
        },
    )
