"""Tables as people have them: CSV in any usual encoding, Amazon flat files, Parquet and Excel, read into one form."""
from __future__ import annotations

import csv
import datetime
import hashlib
import io
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from optimizer.errors import InputError, Problem, nearest
from optimizer.inputs.decoding import ENCODING_TITLES, SAVE_AS_UTF8, decode, file_bytes

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
EXCEL_SUFFIXES = (".xlsx", ".xlsm", ".xls")
EXCEL_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
LONGEST_HEADER = 1_000_000               # characters


class Table(NamedTuple):
    """One table as read: text, and typed columns only where a Parquet file has them."""
    frame: pd.DataFrame                  # index = row as a spreadsheet counts, the header is row 1; blank = ""
    file: str
    encoding: str                        # "" for Parquet and Excel
    delimiter: str                       # "" for Parquet and Excel
    kind: str                            # csv | parquet | xlsx
    ragged: tuple[Problem, ...] = ()     # rows left out because their cells do not fit the header
    sha256: str = ""                     # of the file

    def described(self) -> str:
        """How the file was read, for a person."""
        if self.kind != "csv":
            return {"parquet": "Parquet", "xlsx": "Excel"}[self.kind]
        return f"{ENCODING_TITLES.get(self.encoding, self.encoding)}, {DELIMITERS[self.delimiter]}-separated"


def read_table(path: str | Path, *, sheet: str | None = None, encoding: str | None = None,
               delimiter: str | None = None, keep_ragged: bool = False) -> Table:
    """Read a CSV, TSV, Parquet or Excel file.

    Encoding and delimiter are detected unless given. Rows whose number of cells does not fit the header raise
    InputError, or stand in `Table.ragged` with `keep_ragged`; every other fault of the file raises InputError.
    """
    file, data = str(path), file_bytes(path)
    if data.startswith(EXCEL_STARTS) or file.lower().endswith(EXCEL_SUFFIXES):
        table = _excel(file, data, sheet)
    elif data.startswith(b"PAR1"):
        table = _parquet(file, data)
    else:
        table = _delimited(file, data, encoding, delimiter)
    if table.ragged and not keep_ragged:
        raise InputError(table.ragged)
    if table.frame.empty and not table.ragged:
        raise InputError([Problem(file, None, "", "", "has a header and no rows",
                                  "Export it again with rows, or leave it out.")])
    return table._replace(sha256=hashlib.sha256(data).hexdigest())


def squeeze(name: str) -> str:
    """A header or code as it is compared: lower case, without accents, spaces, hyphens and underscores."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", str(name)) if not unicodedata.combining(c))
    return re.sub(r"[\s_-]+", "", plain).lower()


# ---------------------------------------------------------------- delimited text

def _delimited(file: str, data: bytes, encoding: str | None, delimiter: str | None) -> Table:
    text, encoding = decode(file, data, encoding)
    start = text[:LONGEST_HEADER]
    first = re.split(r"[\r\n]", start, maxsplit=1)[0]
    if delimiter is None:
        outside_quotes = re.sub(r'"[^"]*"', "", first)
        delimiter = max(DELIMITERS, key=outside_quotes.count)
    # Amazon flat files are tab-separated and a quotation mark in a title is literal; Excel quotes its headers never.
    quote = '"' if delimiter != "\t" or first.startswith('"') else False
    try:
        cells = next(csv.reader(io.StringIO(start, newline=""), delimiter=delimiter, quotechar=quote or None,
                                quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE), [])
    except csv.Error as error:
        raise InputError([Problem(file, 1, "", "", f"has no readable header ({error})", SAVE_AS_UTF8)]) from None
    header = _header(file, cells)
    body = data if encoding == "utf-8" else text.encode()
    frame, bad = _records(file, body, delimiter, quote, len(cells))
    frame, ragged = _mend(file, frame, bad, delimiter, quote, len(cells))
    if quote and len(frame) and _is_unclosed(frame.iloc[-1, -1], body):
        frame, ragged = frame.iloc[:-1], (*ragged, _unclosed(file, int(frame.index[-1])))
    return Table(_finish(file, frame, header), file, encoding, delimiter, "csv", ragged)


def _records(file: str, data: bytes, delimiter: str, quote: str | bool, width: int) -> tuple[pd.DataFrame, list]:
    """All records of the right width, indexed by row, and (row, cells found, text) of the others."""
    names = [str(i) for i in range(width)]
    quoted = b'"' in data
    data = pa.py_buffer(data if data.endswith((b"\n", b"\r")) else data + b"\n")
    for threads in (True, False):              # row numbers of bad records are known to one thread only
        bad = []

        def note(row) -> str:
            bad.append((row.number, row.actual_columns, row.text))
            return "skip"
        try:
            table = pa.csv.read_csv(
                pa.BufferReader(data),
                read_options=pa.csv.ReadOptions(use_threads=threads, column_names=names, skip_rows_after_names=1,
                                                block_size=1 << 24),
                parse_options=pa.csv.ParseOptions(delimiter=delimiter, quote_char=quote, ignore_empty_lines=False,
                                                  newlines_in_values=bool(quote) and quoted,
                                                  invalid_row_handler=note),
                convert_options=pa.csv.ConvertOptions(column_types={n: pa.string() for n in names},
                                                      strings_can_be_null=False))
        except pa.ArrowException as error:
            raise InputError([Problem(file, None, "", "", f"cannot be read as a table ({_short(error)})",
                                      "Look for a quotation mark that is opened and never closed.")]) from None
        if not bad:
            break
    whole = np.ones(table.num_rows + len(bad), bool)
    whole[[number - 2 for number, _, _ in bad]] = False
    rows = np.flatnonzero(whole) + 2
    return table.to_pandas().set_axis(rows), bad


def _mend(file: str, frame: pd.DataFrame, bad: list, delimiter: str, quote: str | bool,
          width: int) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Rows with blank cells too many are taken, as are cut-off rows of flat files; the rest become problems."""
    taken, ragged = {}, []
    for number, found, text in bad:
        if quote and text.count('"') % 2:
            ragged.append(_unclosed(file, number))
            continue
        cells = next(csv.reader([text], delimiter=delimiter)) if quote else text.split(delimiter)
        if found > width and not "".join(cells[width:]).strip():
            taken[number] = cells[:width]
        elif found < width and delimiter == "\t":
            taken[number] = cells + [""] * (width - found)
        else:
            ragged.append(Problem(file, number, "", "", f"has {found:,} cells where the header has {width:,}",
                                  "Put text that holds the separator into quotation marks." if found > width
                                  else "Complete the row, or remove it."))
    if taken:
        extra = pd.DataFrame.from_dict(taken, orient="index", columns=frame.columns, dtype="str")
        frame = pd.concat([frame, extra]).sort_index()
    return frame, tuple(ragged)


def _is_unclosed(last_cell: str, data: bytes) -> bool:
    """A last cell that swallowed the last line end, though the file does not end with a closing quotation mark."""
    closed = data.rstrip(b"\r\n").endswith(b'"') and not last_cell.rstrip("\r\n").endswith('"')
    return last_cell.endswith(("\n", "\r")) and not closed


def _unclosed(file: str, row: int) -> Problem:
    return Problem(file, row, "", "", "opens a quotation mark and never closes it", "Close it, or remove it.")


# ---------------------------------------------------------------- Parquet and Excel

def _parquet(file: str, data: bytes) -> Table:
    """Typed columns stay typed: numbers, flags and days need no parsing."""
    try:
        table = pa.parquet.read_table(pa.BufferReader(data))
        table.validate(full=True)              # a damaged file may hold text that is no UTF-8
        header = _header(file, table.column_names)
        frame = pd.DataFrame({str(i): _column(table.column(i)) for i in range(table.num_columns)})
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise InputError([Problem(file, None, "", "", f"is not a readable Parquet file ({_short(error)})",
                                  "Write it again.")]) from None
    return Table(_finish(file, frame.set_axis(np.arange(2, 2 + len(frame))), header), file, "", "", "parquet")


def _column(column: pa.ChunkedArray) -> pd.Series:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_decimal(kind):
        column = column.cast(pa.float64())
    elif pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_time(kind):
        column = pa.chunked_array([pa.array(["" if v is None else str(v) for v in column.to_pylist()], pa.string())])
    return column.to_pandas(date_as_object=False)


def _excel(file: str, data: bytes, sheet: str | None) -> Table:
    try:
        with pd.ExcelFile(io.BytesIO(data), engine="calamine") as book:
            if sheet is not None and sheet not in book.sheet_names:
                raise InputError([Problem(file, None, "", sheet, "is not a sheet of this file",
                                          nearest(sheet, book.sheet_names))])
            cells = pd.read_excel(book, sheet_name=sheet if sheet is not None else 0, header=None, dtype=object)
    except InputError:
        raise
    except Exception as error:                 # the reader raises its own, unnamed exceptions
        raise InputError([Problem(file, None, "", "", f"is not a readable Excel file ({_short(error)})",
                                  "Open it in Excel and save it again as .xlsx, or save it as CSV UTF-8.")]) from None
    cells = cells.map(_cell_text).astype("str") if len(cells) else cells
    if cells.empty or not (cells != "").any(axis=None):
        raise InputError([Problem(file, None, "", "", "is empty", "Export it again, with a header row and rows.")])
    header = _header(file, cells.iloc[0].tolist())
    frame = cells.iloc[1:].set_axis(np.arange(2, len(cells) + 1))
    return Table(_finish(file, frame, header), file, "", "", "xlsx")


def _cell_text(cell: object) -> str:
    """A cell as text: dates as year-month-day, whole numbers without '.0' (Excel makes numbers of order ids)."""
    if cell is None or cell is pd.NaT or cell != cell:
        return ""
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time.min:
        return cell.date().isoformat()
    if isinstance(cell, (datetime.datetime, datetime.date)):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


# ---------------------------------------------------------------- headers

def _header(file: str, cells: list) -> list[str]:
    """Names of the columns, trimmed; InputError for none at all or for a name that stands twice."""
    names = [str(cell).strip() for cell in cells]
    if not any(names):
        raise InputError([Problem(file, 1, "", "", "is blank where the header should be",
                                  "Put the names of the columns into row 1.")])
    twice = [Problem(file, 1, name, "", f"stands {count} times in the header", "Rename or remove the others.")
             for name, count in Counter(names).items() if name and count > 1]
    if twice:
        raise InputError(twice)
    return names


def _finish(file: str, frame: pd.DataFrame, header: list[str]) -> pd.DataFrame:
    """Drop blank rows and nameless blank columns; name the columns."""
    blank = np.ones(len(frame), bool)
    keep = []
    for i, name in enumerate(header):
        if name and not blank.any():           # nothing left to find out
            keep.append(i)
            continue
        column = frame.iloc[:, i]
        if pd.api.types.is_string_dtype(column.dtype):
            empty = (column.isna() | (column.str.strip() == "")).to_numpy(bool)
        else:
            empty = column.isna().to_numpy(bool)
        blank &= empty
        if name or not empty.all():
            keep.append(i)
    named = frame.iloc[:, keep].set_axis([header[i] or f"(column {i + 1})" for i in keep], axis=1)
    return named[~blank] if blank.any() else named


def _short(error: BaseException) -> str:
    """First line of a library's message."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]
