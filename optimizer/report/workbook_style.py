"""Formats of the workbook, and a sheet that writes values without ever guessing what a text means."""
from __future__ import annotations

import math
import unicodedata
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

MONEY, UNITS, PERCENT, RATE, DATE = '#,##0.00;(#,##0.00);"-"', '#,##0;(#,##0);"-"', "0.0%", "0.0000", "yyyy-mm-dd"
# An assumption is shown with the digits it has: a share of 0.00417 is 0.417 %, a price per kilogram 0.035.
NUMBER_OF_UNIT = {"share": "0.0##%", "factor": "0.0###", "per_USD": "0.0000", "count": "#,##0", "flag": "0", "days": "#,##0.##",
                  "months": "#,##0.##", "score": "0.0", "kg": "#,##0.0##", "cm": "#,##0.0", "cm3/kg": "#,##0"}
AMOUNT_OF_UNIT = "#,##0.00##"
IDS, HEADER, FIRST = 0, 1, 2             # rows of a table: stable ids, titles, first row of data
BLUE, GREEN, YELLOW, GREY, ORANGE = "#0000FF", "#007A33", "#FFFFCC", "#666666", "#B45F06"


class Styles:
    """Formats by look, made once each."""

    def __init__(self, book: Workbook):
        self.book, self._made = book, {}

    def __call__(self, **look: object) -> Format:
        key = tuple(sorted(look.items()))
        if key not in self._made:
            self._made[key] = self.book.add_format({"valign": "top", **look})
        return self._made[key]

    @property
    def title(self) -> Format:
        return self(bold=True, font_size=16)

    @property
    def section(self) -> Format:
        return self(bold=True, bottom=1)

    @property
    def header(self) -> Format:
        return self(bold=True, text_wrap=True, bg_color="#E7E6E6", bottom=1)

    @property
    def ids(self) -> Format:
        return self(italic=True, font_size=8, font_color=GREY)

    @property
    def text(self) -> Format:
        return self()

    @property
    def wrapped(self) -> Format:
        return self(text_wrap=True)

    def number(self, number_format: str, **look: object) -> Format:
        return self(num_format=number_format, **look)


class Column(NamedTuple):
    """One column of a table sheet: stable id, title a person reads, width in characters, number format or "" for text."""
    id: str
    title: str
    width: float
    number: str = ""


def write(sheet: Worksheet, row: int, column: int, value: object, style: Format) -> None:
    """A value as what it is: text stays text whatever it starts with; nothing, NaN and infinity are blank."""
    if isinstance(value, str):
        if value:
            sheet.write_string(row, column, value, style)
        else:
            sheet.write_blank(row, column, None, style)
    elif isinstance(value, (bool, np.bool_)):
        sheet.write_boolean(row, column, bool(value), style)
    elif isinstance(value, (int, float, np.integer, np.floating)) and math.isfinite(value):
        sheet.write_number(row, column, value, style)
    elif isinstance(value, date) and not pd.isna(value):
        sheet.write_datetime(row, column, value, style)
    else:
        sheet.write_blank(row, column, None, style)


def head(sheet: Worksheet, styles: Styles, columns: list[Column], frozen: int = 1) -> None:
    """Ids, titles and widths of a table; panes are frozen below the titles and right of the first `frozen` columns."""
    sheet.hide_gridlines(2)
    for i, c in enumerate(columns):
        sheet.set_column(i, i, c.width)
        sheet.write_string(IDS, i, c.id, styles.ids)
        sheet.write_string(HEADER, i, c.title, styles.header)
    sheet.freeze_panes(FIRST, frozen)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(IDS, HEADER)


def body(sheet: Worksheet, styles: Styles, columns: list[Column], rows: list[dict[str, object]]) -> int:
    """The rows of a table below its titles; the row after the last one."""
    looks = [styles.number(c.number) if c.number else styles.text for c in columns]
    for r, row in enumerate(rows, start=FIRST):
        for i, c in enumerate(columns):
            write(sheet, r, i, row.get(c.id), looks[i])
    return FIRST + len(rows)


def span(sheet: str, column: int, first: int, last: int) -> str:
    """Absolute reference to rows `first` to `last` of one column of a sheet, for use on another sheet."""
    name = xl_col_to_name(column, True)
    return f"{sheet}!{name}${first + 1}:{name}${last + 1}"


def quoted(text: str) -> str:
    """A text inside a formula."""
    return '"' + text.replace('"', '""') + '"'


def width_of(text: str) -> int:
    """Characters a text takes; a Chinese one counts for two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
