"""Delimited text to cells: separator and header found, rows of the wrong width mended or named."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from optimizer.errors import InputError, Problem
from optimizer.inputs.decoding import SAVE_AS_UTF8, decode
from optimizer.inputs.headers import best_row, header_names, short
from optimizer.phrases import phrase

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
LONGEST_HEADER = 1_000_000  # characters
NOTE_LINES = 40  # a header stands within these lines


class Cells(NamedTuple):
    """What stands below the header."""

    header: list[str]  # trimmed names of the columns that were read
    all_names: list[str]  # of all columns
    frame: pd.DataFrame  # columns "0", "1", …; index = row as a spreadsheet counts
    encoding: str
    delimiter: str
    above: int  # lines above the header
    ragged: tuple[Problem, ...]
    cut_off: int  # rows that ended before the last columns and were taken


def read_delimited(
    file: str,
    data: bytes,
    encoding: str | None,
    delimiter: str | None,
    wanted: Collection[str],
    keep: Callable[[str], bool] | None,
) -> Cells:
    """Cells of a text table. `wanted` are squeezed names that the header should have; `keep` says of a
    header whether it is needed."""
    text, encoding = decode(file, data, encoding)
    start = text[:LONGEST_HEADER]
    above, offset, delimiter = _find_header(start, delimiter, wanted)
    first = re.split(r"[\r\n]", start[offset:], maxsplit=1)[0]
    # Amazon flat files are tab-separated and a quotation mark in a title is literal; Excel quotes its headers
    # never.
    quote: str | bool = '"' if delimiter != "\t" or first.startswith('"') else False
    try:
        header = next(
            csv.reader(
                io.StringIO(start[offset:], newline=""),
                delimiter=delimiter,
                quotechar='"' if quote else None,
                quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
            ),
            [],
        )
    except csv.Error as error:
        raise InputError(
            [
                Problem(
                    file,
                    above + 1,
                    "",
                    "",
                    phrase("has no readable header ({error})", error=str(error)),
                    SAVE_AS_UTF8,
                )
            ]
        ) from None
    header = header_names(file, header, above + 1)
    body = data if encoding == "utf-8" else text.encode()
    body = body[len(start[:offset].encode()) :] if offset else body
    del text
    places: list[int] | None = [i for i, name in enumerate(header) if keep is None or keep(name)]
    if not places or len(places) == len(header):
        places = None
    frame, bad = _records(file, body, delimiter, quote, len(header), above, places)
    frame, ragged, cut_off = _mend(file, frame, bad, delimiter, quote, len(header), places)
    if places is not None and _has_blank_rows(frame):
        # A row that is blank in the columns that are read may hold something elsewhere: only the whole row
        # can tell.
        places = None
        frame, bad = _records(file, body, delimiter, quote, len(header), above, places)
        frame, ragged, cut_off = _mend(file, frame, bad, delimiter, quote, len(header), places)
    last = len(header) - 1
    if quote and len(frame) and (places is None or last in places) and _is_unclosed(frame.iloc[-1, -1], body):
        frame, ragged = frame.iloc[:-1], (*ragged, _unclosed(file, int(frame.index[-1])))
    kept = header if places is None else [header[i] for i in places]
    return Cells(kept, header, frame, encoding, delimiter, above, ragged, cut_off)


def _has_blank_rows(frame: pd.DataFrame) -> bool:
    """Is any row without text? Column by column, and no further than needed."""
    blank = np.ones(len(frame), bool)
    for name in frame:
        if not blank.any():
            break
        blank &= (frame[name] == "").to_numpy(bool)
    return bool(blank.any())


def _find_header(start: str, delimiter: str | None, wanted: Collection[str]) -> tuple[int, int, str]:
    """Lines above the header, characters above it, and the separator: the line and sign that show most of
    the wanted names."""
    lines = start.splitlines(keepends=True)[:NOTE_LINES]
    signs = [delimiter] if delimiter is not None else list(DELIMITERS)
    if wanted:
        split = {sign: [_split(line, sign) for line in lines] for sign in signs}
        found = {sign: best_row(rows, wanted) for sign, rows in split.items()}
        sign = max(found, key=lambda s: found[s].matches)
        if found[sign].row > 0:
            row = found[sign].row
            return row, sum(map(len, lines[:row])), sign
    if delimiter is None:
        outside_quotes = re.sub(r'"[^"]*"', "", re.split(r"[\r\n]", start, maxsplit=1)[0])
        delimiter = max(DELIMITERS, key=outside_quotes.count)
    return 0, 0, delimiter


def _split(line: str, sign: str) -> list[str]:
    """Cells of one line; a line that is no CSV has none."""
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=sign), [])
    except csv.Error:
        return []


def _records(
    file: str,
    data: bytes,
    delimiter: str,
    quote: str | bool,
    width: int,
    above: int,
    places: list[int] | None,
) -> tuple[pd.DataFrame, list[tuple[int, int, str]]]:
    """All records of the right width, indexed by row, and (row, cells found, text) of the others."""
    names = [str(i) for i in range(width)]
    quoted = b'"' in data
    data = pa.py_buffer(data if data.endswith((b"\n", b"\r")) else data + b"\n")
    for threads in (True, False):  # row numbers of bad records are known to one thread only
        bad: list[tuple[int, int, str]] = []

        def note(row: pa.csv.InvalidRow, bad: list[tuple[int, int, str]] = bad) -> str:
            bad.append((row.number, row.actual_columns, row.text))
            return "skip"

        try:
            table = pa.csv.read_csv(
                pa.BufferReader(data),
                read_options=pa.csv.ReadOptions(
                    use_threads=threads, column_names=names, skip_rows_after_names=1, block_size=1 << 24
                ),
                parse_options=pa.csv.ParseOptions(
                    delimiter=delimiter,
                    quote_char=quote,
                    ignore_empty_lines=False,
                    newlines_in_values=bool(quote) and quoted,
                    invalid_row_handler=note,
                ),
                convert_options=pa.csv.ConvertOptions(
                    column_types={n: pa.string() for n in names},
                    include_columns=None if places is None else [names[i] for i in places],
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowException as error:
            raise InputError(
                [
                    Problem(
                        file,
                        None,
                        "",
                        "",
                        phrase("cannot be read as a table ({error})", error=short(error)),
                        phrase("Look for a quotation mark that is opened and never closed."),
                    )
                ]
            ) from None
        if not bad:
            break
    whole = np.ones(table.num_rows + len(bad), bool)
    whole[[number - 2 for number, _, _ in bad]] = False
    rows = np.flatnonzero(whole) + 2 + above
    return table.to_pandas().set_axis(rows), [(number + above, found, text) for number, found, text in bad]


def _mend(
    file: str,
    frame: pd.DataFrame,
    bad: list[tuple[int, int, str]],
    delimiter: str,
    quote: str | bool,
    width: int,
    places: list[int] | None,
) -> tuple[pd.DataFrame, tuple[Problem, ...], int]:
    """Rows with blank cells too many are taken, as are rows that end early; the rest become problems."""
    taken, ragged, cut_off = {}, [], 0
    for number, found, text in bad:
        if quote and text.count('"') % 2:
            ragged.append(_unclosed(file, number))
            continue
        cells = next(csv.reader([text], delimiter=delimiter)) if quote else text.split(delimiter)
        if found > width and not "".join(cells[width:]).strip():
            taken[number] = cells[:width]
        elif found < width and delimiter == "\t":
            taken[number] = cells + [""] * (width - found)
            cut_off += 1
        else:
            ragged.append(
                Problem(
                    file,
                    number,
                    "",
                    "",
                    phrase("has {found:,} cells where the header has {width:,}", found=found, width=width),
                    (
                        phrase("Put text that holds the separator into quotation marks.")
                        if found > width
                        else phrase("Complete the row, or remove it.")
                    ),
                )
            )
    if taken:
        part = {row: cells if places is None else [cells[i] for i in places] for row, cells in taken.items()}
        extra = pd.DataFrame.from_dict(part, orient="index", columns=frame.columns, dtype="str")
        frame = pd.concat([frame, extra]).sort_index()
    return frame, tuple(ragged), cut_off


def _is_unclosed(last_cell: str, data: bytes) -> bool:
    """A last cell that swallowed the last line end, though the file does not end with a closing quotation
    mark."""
    closed = data.rstrip(b"\r\n").endswith(b'"') and not last_cell.rstrip("\r\n").endswith('"')
    return last_cell.endswith(("\n", "\r")) and not closed


def _unclosed(file: str, row: int) -> Problem:
    return Problem(
        file,
        row,
        "",
        "",
        phrase("opens a quotation mark and never closes it"),
        phrase("Close it, or remove it."),
    )
