"""Tables as people have them: CSV in any usual encoding, Amazon flat files, Parquet and Excel, read into
one form."""

from __future__ import annotations

import datetime
import hashlib
import io
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from optimizer.errors import InputError, Problem, nearest
from optimizer.inputs.decoding import ENCODING_TITLES, file_bytes
from optimizer.inputs.delimited import DELIMITERS, NOTE_LINES, read_delimited
from optimizer.inputs.headers import best_row, header_names, short, squeeze
from optimizer.inputs.xml_records import looks_like_xml, read_records
from optimizer.phrases import Phrase, phrase

__all__ = ["DELIMITERS", "Table", "read_table", "squeeze"]

EXCEL_SUFFIXES = (".xlsx", ".xlsm", ".xls")
EXCEL_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class Table(NamedTuple):
    """One table as read: text, and typed columns only where a Parquet file has them."""

    frame: pd.DataFrame  # index = row as a spreadsheet counts, the header is row 1; blank = ""
    file: str
    encoding: str  # "" for Parquet and Excel
    delimiter: str  # "" for Parquet and Excel
    kind: str  # csv | parquet | xlsx | xml
    ragged: tuple[Problem, ...] = ()  # rows left out because their cells do not fit the header
    sha256: str = ""  # of the file
    above: int = 0  # lines above the header, which were not read
    cut_off: int = 0  # rows that ended before the last columns; the missing cells are blank
    headers: tuple[str, ...] = ()  # of all columns of the file, read or not

    def described(self) -> Phrase:
        """How the file was read, for a person."""
        if self.kind != "csv":
            return _KINDS[self.kind]
        return phrase(
            "{encoding}, {sign}",
            encoding=ENCODING_TITLES.get(self.encoding, self.encoding),
            sign=_SEPARATED[self.delimiter],
        )

    def notes(self) -> list[Phrase]:
        """What was done to read the file that its owner should know."""
        notes = [phrase("{file}: read as {how}", file=self.file, how=self.described())]
        if self.above:
            notes.append(
                phrase(
                    "{file}: the header stands in row {row}; the lines above it were not read",
                    file=self.file,
                    row=self.above + 1,
                )
            )
        if self.cut_off:
            notes.append(
                phrase(
                    "{file}: rows that end before the last columns, whose missing cells were taken as blank:"
                    " {count:,}",
                    file=self.file,
                    count=self.cut_off,
                )
            )
        return notes


_KINDS = {"parquet": phrase("Parquet"), "xlsx": phrase("Excel"), "xml": phrase("XML")}
_SEPARATED = {
    ",": phrase("comma-separated"),
    ";": phrase("semicolon-separated"),
    "\t": phrase("tab-separated"),
    "|": phrase("bar-separated"),
}


def read_table(
    path: str | Path,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    keep_ragged: bool = False,
    wanted: Collection[str] = (),
    keep: Callable[[str], bool] | None = None,
    records: str | None = None,
) -> Table:
    """Read a CSV, TSV, Parquet, Excel or XML file.

    Encoding and delimiter are detected unless given. `wanted` are names (squeezed) that the header should
    have: where a lower row shows more of them than the first, it is the header. `keep` says of a header
    whether its column is needed; others are not loaded where that saves work. `records` names the elements of
    an XML report, as "outer/inner". Rows whose number of cells does not fit the header raise InputError, or
    stand in `Table.ragged` with `keep_ragged`; every other fault of the file raises InputError.
    """
    file, data = str(path), file_bytes(path)
    if data.startswith(EXCEL_STARTS) or file.lower().endswith(EXCEL_SUFFIXES):
        table = _excel(file, data, sheet, wanted)
    elif data.startswith(b"PAR1"):
        table = _parquet(file, data, keep)
    elif looks_like_xml(data):
        table = _xml(file, data, records)
    else:
        cells = read_delimited(file, data, encoding, delimiter, wanted, keep)
        table = Table(
            _finish(cells.frame, cells.header),
            file,
            cells.encoding,
            cells.delimiter,
            "csv",
            cells.ragged,
            above=cells.above,
            cut_off=cells.cut_off,
            headers=tuple(cells.all_names),
        )
    if table.ragged and not keep_ragged:
        raise InputError(table.ragged)
    if table.frame.empty and not table.ragged:
        raise InputError(
            [
                Problem(
                    file,
                    None,
                    "",
                    "",
                    phrase("has a header and no rows"),
                    phrase("Export it again with rows, or leave it out."),
                )
            ]
        )
    return table._replace(sha256=hashlib.sha256(data).hexdigest())


def read_tables(files: str | Path | Iterable[str | Path], **how: Any) -> list[Table]:
    """Several files as `read_table` reads each; InputError with the problems of all of them, or where none
    was named."""
    tables: list[Table] = []
    problems: list[Problem] = []
    for path in [files] if isinstance(files, (str, Path)) else files:
        try:
            tables.append(read_table(path, keep_ragged=True, **how))
        except InputError as refused:
            problems += refused.problems
    if problems:
        raise InputError(problems)
    if not tables:
        raise InputError(phrase("no file to import was named"))
    return tables


# ---------------------------------------------------------------- Parquet, Excel, XML


def _parquet(file: str, data: bytes, keep: Callable[[str], bool] | None) -> Table:
    """Typed columns stay typed: numbers, flags and days need no parsing."""
    try:
        names = pa.parquet.read_schema(pa.BufferReader(data)).names
        needed = [name for name in names if keep is None or keep(name)]
        table = pa.parquet.read_table(pa.BufferReader(data), columns=needed or None)
        table.validate(full=True)  # a damaged file may hold text that is no UTF-8
        header = header_names(file, table.column_names)
        frame = pd.DataFrame({str(i): _column(table.column(i)) for i in range(table.num_columns)})
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise InputError(
            [
                Problem(
                    file,
                    None,
                    "",
                    "",
                    phrase("is not a readable Parquet file ({error})", error=short(error)),
                    phrase("Write it again."),
                )
            ]
        ) from None
    return Table(
        _finish(frame.set_axis(np.arange(2, 2 + len(frame))), header),
        file,
        "",
        "",
        "parquet",
        headers=tuple(names),
    )


def _xml(file: str, data: bytes, records: str | None) -> Table:
    if records is None:
        raise InputError(
            [
                Problem(
                    file,
                    None,
                    "",
                    "",
                    phrase("is XML, which this kind of report is not read from"),
                    phrase("Download the report as a text file."),
                )
            ]
        )
    frame = read_records(file, data, records)
    return Table(frame, file, "", "", "xml", headers=tuple(frame.columns))


def _column(column: pa.ChunkedArray) -> pd.Series:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_decimal(kind):
        column = column.cast(pa.float64())
    elif pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_time(kind):
        column = pa.chunked_array(
            [pa.array(["" if v is None else str(v) for v in column.to_pylist()], pa.string())]
        )
    return column.to_pandas(date_as_object=False)


def excel_cells(file: str, data: bytes, sheet: str | None = None, rows: int | None = None) -> pd.DataFrame:
    """Cells of a sheet (the first one) as Excel holds them, at most `rows` of them; InputError for what is
    no workbook."""
    try:
        with pd.ExcelFile(io.BytesIO(data), engine="calamine") as book:
            if sheet is not None and sheet not in book.sheet_names:
                raise InputError(
                    [
                        Problem(
                            file,
                            None,
                            "",
                            sheet,
                            phrase("is not a sheet of this file"),
                            nearest(sheet, book.sheet_names),
                        )
                    ]
                )
            return pd.read_excel(
                book, sheet_name=sheet if sheet is not None else 0, header=None, dtype=object, nrows=rows
            )
    except InputError:
        raise
    except Exception as error:  # the reader raises its own, unnamed exceptions
        raise InputError(
            [
                Problem(
                    file,
                    None,
                    "",
                    "",
                    phrase("is not a readable Excel file ({error})", error=short(error)),
                    phrase("Open it in Excel and save it again as .xlsx, or save it as CSV UTF-8."),
                )
            ]
        ) from None


def _excel(file: str, data: bytes, sheet: str | None, wanted: Collection[str]) -> Table:
    cells = excel_cells(file, data, sheet)
    cells = cells.map(_cell_text).astype("str") if len(cells) else cells
    if cells.empty or not (cells != "").any(axis=None):
        raise InputError(
            [
                Problem(
                    file,
                    None,
                    "",
                    "",
                    phrase("is empty"),
                    phrase("Export it again, with a header row and rows."),
                )
            ]
        )
    above = best_row(cells.head(NOTE_LINES).to_numpy(object).tolist(), wanted).row if wanted else 0
    header = header_names(file, cells.iloc[above].tolist(), above + 1)
    frame = cells.iloc[above + 1 :].set_axis(np.arange(2 + above, len(cells) + 1))
    return Table(_finish(frame, header), file, "", "", "xlsx", above=above, headers=tuple(header))


def _cell_text(cell: object) -> str:
    """A cell as text: dates as year-month-day, whole numbers without '.0' (Excel makes numbers of order
    ids)."""
    if cell is None or cell is pd.NaT or cell != cell:
        return ""
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time.min:
        return cell.date().isoformat()
    if isinstance(cell, (datetime.datetime, datetime.date)):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def _finish(frame: pd.DataFrame, header: list[str]) -> pd.DataFrame:
    """Drop blank rows and nameless blank columns; name the columns."""
    blank = np.ones(len(frame), bool)
    keep = []
    for i, name in enumerate(header):
        if name and not blank.any():  # nothing left to find out
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
