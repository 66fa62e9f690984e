"""Which kind of report a file is, told by its headers alone; it is said aloud, and a person may say
otherwise."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from optimizer.domain.names import Title
from optimizer.errors import InputError
from optimizer.inputs.account_health import looks_like_account_health
from optimizer.inputs.decoding import decode
from optimizer.inputs.delimited import DELIMITERS, NOTE_LINES
from optimizer.inputs.fee_preview import looks_like_fee_preview
from optimizer.inputs.headers import squeeze
from optimizer.inputs.mapping import IMPORTS, kinds, load_mapping
from optimizer.inputs.mapping_form import Mapping
from optimizer.inputs.payments.layouts import TITLES
from optimizer.inputs.payments.reading import kind_of
from optimizer.inputs.tabular import EXCEL_STARTS, excel_cells
from optimizer.inputs.xml_records import looks_like_xml
from optimizer.phrases import bilingual, phrase

_LOOKED_AT = 1 << 20  # bytes of a text file
ACCOUNT_HEALTH, FEE_PREVIEW = "account_health", "fee_preview"
# Reports that hold no cases.
TABLE_KINDS: dict[str, Title] = {
    ACCOUNT_HEALTH: Title(
        "Account health (JSON): orders, defects, room to the limits", "账户状况（JSON）：订单、缺陷与剩余空间"
    ),
    FEE_PREVIEW: Title(
        "FBA fee preview: weights and sizes for the product list", "FBA 费用预览：商品表的重量与尺寸"
    ),
}


def kinds_that_fit(path: str | Path) -> list[str]:
    """Built-in kinds whose needed columns all stand in one of the first rows of a file; the one with most
    columns first.

    Empty where none fits or the file cannot be read: the import itself then says what is wrong.
    """
    try:
        with Path(path).open("rb") as report:
            start = report.read(_LOOKED_AT)
    except OSError:
        return []
    if looks_like_account_health(start):
        return [ACCOUNT_HEALTH]
    rows, xml = _first_rows(Path(path), start)
    found = []
    for file in sorted(IMPORTS.glob("*.yaml")):
        mapping = load_mapping(file.stem)
        if xml and "records" not in mapping.read:
            continue
        best = max((_columns_in(mapping, row) for row in rows), default=0)
        if best:
            found.append((-best, file.stem))
    others = [kind for row in rows if (kind := kind_of(list(row)))]
    others += [FEE_PREVIEW] if any(looks_like_fee_preview(row) for row in rows) else []
    return [kind for _, kind in sorted(found)] + list(dict.fromkeys(others))


def all_kinds() -> dict[str, str]:
    """Every kind that can be imported -> what it is called."""
    return {kind: title_of_kind(kind) for kind in [*kinds(), *TITLES, *TABLE_KINDS]}


def title_of_kind(kind: str) -> str:
    """What a built-in kind is called."""
    titles = TITLES | TABLE_KINDS
    return bilingual(*titles[kind]) if kind in titles else phrase(load_mapping(kind).report)


def _columns_in(mapping: Mapping, row: Sequence[str]) -> int:
    """How many columns of a mapping a row of headers shows; 0 where one that is needed is not there."""
    present = {squeeze(cell) for cell in row}
    shown = {name for name, headers in mapping.columns.items() if any(squeeze(h) in present for h in headers)}
    return 0 if set(mapping.columns) - shown - set(mapping.optional) else len(shown)


def _first_rows(path: Path, start: bytes) -> tuple[list[list[str]], bool]:
    """Rows that may be the header, and whether they are the tags of an XML report; `start` are the first
    bytes of the file."""
    if start.startswith(b"PAR1"):
        try:
            return [list(pa.parquet.read_schema(path).names)], False
        except (pa.ArrowException, OSError):
            return [], False
    if start.startswith(EXCEL_STARTS):
        try:
            return (
                excel_cells(str(path), path.read_bytes(), rows=NOTE_LINES).astype(str).to_numpy().tolist(),
                False,
            )
        except InputError:
            return [], False
    if looks_like_xml(start):
        text = start.decode("utf-8", "replace")
        return [[part.split(">", 1)[0].split(" ", 1)[0].strip("/") for part in text.split("<")[1:]]], True
    try:
        # The last bytes may cut a character in two.
        text, _ = decode(
            str(path),
            start[: start.rfind(b"\n") + 1] if len(start) == _LOOKED_AT and b"\n" in start else start,
        )
    except InputError:
        return [], False
    lines = text.splitlines()[:NOTE_LINES]
    rows = []
    for sign in DELIMITERS:
        try:
            rows += list(csv.reader(io.StringIO("\n".join(lines)), delimiter=sign))
        except csv.Error:
            continue
    return rows, False
