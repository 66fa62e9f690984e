"""The sheet Assumptions: every number the answer rests on, each in a named cell that may be edited and
read back with --set-from."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from optimizer.answer.run import Answer
from optimizer.i18n import translator
from optimizer.inputs.assumption_sheet import ASSUMPTIONS, KEY, RUN_VALUE, UNIT, VALUE, range_names
from optimizer.report.ledger import assumption_frame
from optimizer.report.workbook.style import (
    AMOUNT_OF_UNIT,
    BLUE,
    DATE,
    EDITED,
    FIRST,
    GREY,
    HEADER,
    NUMBER_OF_UNIT,
    ORANGE,
    YELLOW,
    SheetColumn,
    Styles,
    head,
    looks_of,
    span,
    write,
)

RANGES = ("usual_low", "usual_high", "hard_low", "hard_high")


class Inputs(NamedTuple):
    """Where the assumptions stand for formulas of other sheets."""

    name_of: dict[str, str]  # key -> name of its value cell
    keys: str  # all keys
    values: str  # their values as they are now
    values_of_run: str  # their values when the run was made

    @property
    def edited(self) -> str:
        """A formula without its sign: how many values were edited since the run."""
        return f"SUMPRODUCT(--({self.values}<>{self.values_of_run}))"


def write_assumptions(sheet: Worksheet, styles: Styles, run: Answer, lang: str) -> Inputs:
    """Inputs blue on yellow, guarded by their hard range and named; estimates, changes of the scenario and
    edits since the run are marked."""
    t = translator(lang)
    columns = [
        SheetColumn(KEY, t("key"), 48),
        SheetColumn("title", t("meaning"), 60),
        SheetColumn(VALUE, t("value"), 14),
        SheetColumn(UNIT, t("unit"), 15),
        SheetColumn("usual_low", t("usual from"), 11),
        SheetColumn("usual_high", t("usual to"), 11),
        SheetColumn("hard_low", t("possible from"), 11),
        SheetColumn("hard_high", t("possible to"), 11),
        SheetColumn("confidence", t("confidence"), 13),
        SheetColumn("mark", t("mark"), 12),
        SheetColumn("set_by", t("set by"), 16),
        SheetColumn("source", t("source"), 60),
        SheetColumn("as_of", t("as of"), 11, DATE),
        SheetColumn("review_by", t("review by"), 11, DATE),
        SheetColumn("file", t("file"), 30),
        SheetColumn("row", t("row"), 7, "0"),
        SheetColumn(RUN_VALUE, t("value of the run"), 14),
    ]
    head(sheet, styles, columns, 3)
    place = {c.id: i for i, c in enumerate(columns)}
    frame = assumption_frame(run.scenario, lang)
    guarded: dict[tuple[float, float], list[int]] = defaultdict(list)
    looks: dict[tuple[str, bool], list[Format]] = {}
    names = range_names(list(frame[KEY]))
    for r, a in enumerate(frame.to_dict("records"), start=FIRST):
        a["mark"] = ", ".join(
            [
                *([t("estimate")] if a["confidence"] == "my-estimate" else []),
                *([t("changed")] if a["set_by"] else []),
            ]
        )
        a["as_of"], a["review_by"], a[RUN_VALUE] = (
            date.fromisoformat(a["as_of"]),
            date.fromisoformat(a["review_by"]),
            a[VALUE],
        )
        kind = (a[UNIT], bool(a["set_by"]))
        if kind not in looks:
            looks[kind] = _looks(styles, columns, *kind)
        for i, c in enumerate(columns):
            write(sheet, r, i, a[c.id], looks[kind][i])
        styles.book.define_name(
            names[a[KEY]], f"={ASSUMPTIONS}!{xl_rowcol_to_cell(r, place[VALUE], True, True)}"
        )
        if pd.notna(a["hard_low"]) and np.isfinite([a["hard_low"], a["hard_high"]]).all():
            guarded[a["hard_low"], a["hard_high"]].append(r)
    for (low, high), rows in guarded.items():
        sheet.data_validation(
            rows[0],
            place[VALUE],
            rows[0],
            place[VALUE],
            {
                "validate": "decimal",
                "criteria": "between",
                "minimum": low,
                "maximum": high,
                "error_title": t("value out of range"),
                "error_message": (
                    t("The value must lie between {low} and {high}.").format(low=f"{low:g}", high=f"{high:g}")
                ),
                "other_cells": [[r, place[VALUE], r, place[VALUE]] for r in rows[1:]],
            },
        )
    last = max(FIRST + len(frame) - 1, FIRST)
    now, before = (xl_rowcol_to_cell(FIRST, place[c], False, True) for c in (VALUE, RUN_VALUE))
    sheet.conditional_format(
        FIRST,
        place[VALUE],
        last,
        place[VALUE],
        {
            "type": "formula",
            "criteria": f"={now}<>{before}",
            "format": styles.book.add_format({"bg_color": EDITED, "bold": True}),
        },
    )
    sheet.autofilter(HEADER, 0, last, len(columns) - 1)
    where = {c: span(ASSUMPTIONS, place[c], FIRST, last) for c in (KEY, VALUE, RUN_VALUE)}
    return Inputs(names, where[KEY], where[VALUE], where[RUN_VALUE])


def _looks(styles: Styles, columns: list[SheetColumn], unit: str, changed: bool) -> list[Format]:
    """Format of every column for one unit; a value the scenario changed is bold."""
    number = NUMBER_OF_UNIT.get(unit, AMOUNT_OF_UNIT)
    look = {
        VALUE: styles(num_format=number, font_color=BLUE, bg_color=YELLOW, bold=changed),
        "mark": styles(font_color=ORANGE, bold=changed),
        RUN_VALUE: styles.number(number, font_color=GREY),
    }
    look |= {c: styles.number(number) for c in RANGES} | dict.fromkeys(
        (UNIT, "confidence"), styles.after_number
    )
    return [look.get(c.id) or plain for c, plain in zip(columns, looks_of(styles, columns))]
