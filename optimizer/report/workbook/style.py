"""Formats of the workbook, and a sheet that writes values without ever guessing what a text means."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

MONEY, WHOLE_NUMBER, PERCENT, RATE, DATE = (
    '#,##0.00;(#,##0.00);"-"',
    '#,##0;(#,##0);"-"',
    "0.0%",
    "0.0000",
    "yyyy-mm-dd",
)
# An assumption is shown with the digits it has: a share of 0.00417 is 0.417 %, a price per kilogram 0.035.
NUMBER_OF_UNIT = {
    "share": "0.0##%",
    "factor": "0.0###",
    "per_USD": "0.0000",
    "count": "#,##0",
    "flag": "0",
    "days": "#,##0.##",
    "months": "#,##0.##",
    "score": "0.0",
    "kg": "#,##0.0##",
    "cm": "#,##0.0",
    "cm3/kg": "#,##0",
}
AMOUNT_OF_UNIT = "#,##0.00##"
LINE_HEIGHT = 15
WIDEST_PAGE = 270  # characters that are still readable across a page of A4
IDS, HEADER, FIRST = 0, 1, 2  # rows of a table: stable ids, titles, first row of data
BLUE, GREEN, YELLOW, GREY, ORANGE, EDITED = "#0000FF", "#007A33", "#FFFFCC", "#666666", "#B45F06", "#FFD966"


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

    def header_of(self, column: SheetColumn, after_number: bool = False) -> Format:
        """A title stands where its figures stand."""
        aligned = (
            {"align": "right"}
            if column.number
            else {"align": "left", "indent": 1}
            if after_number
            else {"align": "left"}
        )
        return self(bold=True, text_wrap=True, bg_color="#E7E6E6", bottom=1, **aligned)

    @property
    def ids(self) -> Format:
        return self(italic=True, font_size=8, font_color=GREY)

    @property
    def text(self) -> Format:
        return self()

    @property
    def after_number(self) -> Format:
        """A text right of a number, which stands at the end of its cell."""
        return self(align="left", indent=1)

    @property
    def wrapped(self) -> Format:
        return self(text_wrap=True, align="left", indent=1)

    def number(self, number_format: str, **look: object) -> Format:
        return self(num_format=number_format, **look)


class SheetColumn(NamedTuple):
    """One column of a table sheet: stable id, title a person reads, width in characters, number format or
    "" for text, more lines for long text?"""

    id: str
    title: str
    width: float
    number: str = ""
    wrap: bool = False


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


def head(sheet: Worksheet, styles: Styles, columns: list[SheetColumn], frozen: int = 1) -> None:
    """Ids, titles and widths of a table; panes are frozen below the titles and right of the first `frozen`
    columns."""
    sheet.hide_gridlines(2)
    for i, c in enumerate(columns):
        sheet.set_column(i, i, c.width)
        sheet.write_string(IDS, i, c.id, styles.ids)
        sheet.write_string(HEADER, i, c.title, styles.header_of(c, i > 0 and bool(columns[i - 1].number)))
    sheet.set_row(HEADER, LINE_HEIGHT * max(lines_of(c.title, c.width) for c in columns))
    sheet.freeze_panes(FIRST, frozen)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(0.4, 0.4, 0.5, 0.5)
    sheet.fit_to_pages(math.ceil(sum(c.width for c in columns) / WIDEST_PAGE), 0)
    sheet.repeat_rows(IDS, HEADER)
    sheet.repeat_columns(0, frozen - 1)


def lines_of(text: str, width: float) -> int:
    """Lines that a text takes in a column; words stay whole, a Chinese sign is two characters wide and may
    end a line."""
    lines, used = 1, 0
    for part in re.findall(r"[\u2e80-\uffff]|[^\s\u2e80-\uffff]+\s*", text):
        taken = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in part)
        lines, used = (
            (lines + 1, taken)
            if used and used + len(part.rstrip()) * taken / len(part) > width
            else (lines, used + taken)
        )
    return lines


def raise_row(sheet: Worksheet, row: int, texts: list[tuple[str, float]]) -> None:
    """Make a row as high as its wrapped texts, each with the width of its column, need; not every program
    does so by itself."""
    lines = max(lines_of(text, width - 2) for text, width in texts)
    if lines > 1:
        sheet.set_row(row, LINE_HEIGHT * lines)


def looks_of(styles: Styles, columns: list[SheetColumn]) -> list[Format]:
    """Format of every column; a text right of a number keeps its distance."""
    before = ["", *(c.number for c in columns)]
    return [
        (
            styles.number(c.number)
            if c.number
            else styles.wrapped
            if c.wrap
            else styles.after_number
            if before[i]
            else styles.text
        )
        for i, c in enumerate(columns)
    ]


def body(sheet: Worksheet, styles: Styles, columns: list[SheetColumn], rows: list[dict[str, object]]) -> int:
    """The rows of a table below its titles; the row after the last one."""
    looks, wrapped = looks_of(styles, columns), [c for c in columns if c.wrap]
    for r, row in enumerate(rows, start=FIRST):
        if wrapped:
            raise_row(sheet, r, [(str(row.get(c.id) or ""), c.width) for c in wrapped])
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
