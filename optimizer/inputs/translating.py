"""Their columns to our fields: headers found by name, values mapped, numbers and dates read as the mapping
says."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial
from pathlib import Path

import pandas as pd

from optimizer.domain.cases import CASE_COLUMNS
from optimizer.domain.names import MARKET_ALIASES
from optimizer.errors import InputError, Problem
from optimizer.inputs.cases import Known, classes_of
from optimizer.inputs.columns import ISO_DATE, as_text, by_unique
from optimizer.inputs.local_formats import read_days
from optimizer.inputs.mapping_form import CANONICAL, Mapping
from optimizer.inputs.tabular import Table, read_tables, squeeze
from optimizer.phrases import Phrase, chain, phrase

_NUMERIC = [column.name for column in CASE_COLUMNS if column.kind in ("money", "count", "number")]
DATES = [column.name for column in CASE_COLUMNS if column.kind == "date"]
SHOWN_PRIVATE = 12
FILE, ROW = "(file)", "(row)"  # where a row comes from, beside the fields


def read_reports(
    mapping: Mapping, files: str | Path | Iterable[str | Path]
) -> tuple[list[Table], list[Phrase]]:
    """The files as tables without personal columns, and notes on how they were read."""
    needed = {squeeze(header) for headers in mapping.columns.values() for header in headers}
    tables = read_tables(
        files,
        encoding=mapping.read.get("encoding"),
        delimiter=mapping.read.get("delimiter"),
        sheet=mapping.read.get("sheet"),
        records=mapping.read.get("records"),
        wanted=needed,
        keep=lambda header: squeeze(header) in needed and not mapping.is_private(header),
    )
    kept, notes = [], []
    for table in tables:
        private = [header for header in table.headers if mapping.is_private(header)]
        notes += table.notes()
        if private:
            shown = ", ".join(private[:SHOWN_PRIVATE]) + (", …" if len(private) > SHOWN_PRIVATE else "")
            notes.append(
                phrase(
                    "{file}: columns with personal data were not read ({count}): {names}",
                    file=table.file,
                    count=len(private),
                    names=shown,
                )
            )
        kept.append(table._replace(frame=table.frame.drop(columns=[h for h in private if h in table.frame])))
    return kept, notes


def fields_of(mapping: Mapping, tables: list[Table]) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """All rows as text under our names, with FILE and ROW; and per file the header each name was read from.

    Raises InputError when a file lacks a column that is not optional.
    """
    parts, headers, problems = [], [], []
    for number, table in enumerate(tables):
        present = {squeeze(header): header for header in reversed(table.frame.columns)}
        found = {}
        for name, wanted in mapping.columns.items():
            header = next((present[squeeze(w)] for w in wanted if squeeze(w) in present), None)
            if header is not None:
                found[name] = header
            elif name not in mapping.optional:
                has = [header for header in table.headers if header]
                problems.append(
                    Problem(
                        table.file,
                        None,
                        name,
                        "",
                        phrase("is missing: no header is {headers}", headers=chain(wanted, phrase(" or "))),
                        phrase(
                            "The file has: {headers}.",
                            headers=", ".join(has[:12]) + (", …" if len(has) > 12 else ""),
                        ),
                    )
                )
        part = pd.DataFrame(
            {name: as_text(table.frame[header]) for name, header in found.items()}, index=table.frame.index
        )
        headers.append(found)
        parts.append(part.assign(**{FILE: number, ROW: table.frame.index}))
    if problems:
        raise InputError(problems)
    rows = pd.concat(parts, ignore_index=True)
    names = [*mapping.columns, *(name for name in CANONICAL if name not in mapping.columns)]
    blank = pd.Series("", index=rows.index, dtype="str")
    text = {name: rows[name].fillna("").astype("str") if name in rows else blank for name in names}
    return pd.DataFrame(text).assign(**{FILE: rows[FILE], ROW: rows[ROW]}), headers


def map_values(mapping: Mapping, theirs: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Rows after the value maps, and per field the values that were not listed ("" elsewhere)."""
    rows, unlisted = theirs.copy(), {}
    for name, translate in mapping.values.items():
        known, otherwise = translate.known, translate.otherwise
        listed = by_unique(rows[name], partial(_is_listed, known), bool)
        ours = by_unique(rows[name], partial(_ours, known, otherwise), object)
        if otherwise is not None:
            unlisted[name] = rows[name].mask(listed, "")
        rows[name] = pd.Series(ours, index=rows.index, dtype="str")
    return rows, unlisted


def _is_listed(known: Collection[str], value: str) -> bool:
    return value == "" or squeeze(value) in known


def _ours(known: dict[str, str], otherwise: str | None, value: str) -> str:
    """Our word for theirs: as listed, else what stands for all others, else theirs."""
    if value == "":
        return ""
    return known.get(squeeze(value), value if otherwise is None else otherwise)


def read_numbers_and_dates(
    mapping: Mapping, rows: pd.DataFrame
) -> dict[str, tuple[pd.Series, Phrase, Phrase]]:
    """Numbers with a decimal point and ISO days in place; field -> (rows that cannot be read so, problem,
    fix)."""
    unreadable = {}
    for name in dict.fromkeys([*_NUMERIC, mapping.line_quantity, *(helper for _, helper in mapping.cost)]):
        if name in mapping.columns:
            rows[name], wrong = _plain_numbers(rows[name], mapping.decimal, mapping.thousands)
            unreadable[name] = (
                wrong,
                phrase("is not a number written like {example}", example=_example(mapping)),
                phrase("Correct it, or 'numbers' in the mapping."),
            )
    for name in DATES:
        if name in mapping.columns:
            rows[name], wrong = _iso_days(rows[name], mapping.dates)
            unreadable[name] = (
                wrong,
                phrase("is not a date written {forms}", forms=chain(mapping.dates, phrase(" or "))),
                phrase("Check that the day exists, or correct 'dates' in the mapping."),
            )
    return unreadable


def _example(mapping: Mapping) -> str:
    return f"1{mapping.thousands}234{mapping.decimal}50"


def _plain_numbers(text: pd.Series, decimal: str, thousands: str) -> tuple[pd.Series, pd.Series]:
    """Text of numbers with a decimal point, and which are none; thousands signs count only before three
    digits each."""
    grouped = rf"|\d{{1,3}}(?:\{thousands}\d{{3}})+" if thousands else ""
    fits = text.str.fullmatch(rf"[+-]?(?:\d+{grouped})(?:\{decimal}\d*)?|[+-]?\{decimal}\d+")
    plain = text.str.replace(thousands, "", regex=False) if thousands else text
    return plain.str.replace(decimal, ".", regex=False).where(fits, text), ~fits & (text != "")


def _iso_days(text: pd.Series, formats: dict[str, str]) -> tuple[pd.Series, pd.Series]:
    """Text of days as year-month-day, and which fit none of the formats."""
    codes, uniques = pd.factorize(text)
    written = pd.Series(uniques, dtype="str")
    result, open_ = written.copy(), written != ""
    for pattern in formats.values():
        if pattern == "local":
            found = read_days(written.where(open_, ""))
            day = found.text.where(~found.wrong & open_, "")
            result, open_ = result.mask(day != "", day), open_ & (day == "")
            continue
        if pattern == "iso":  # stays as it is: the checks of the case table read it
            open_ &= ~written.str.fullmatch(ISO_DATE)
            continue
        day = pd.to_datetime(written.where(open_), format=pattern, errors="coerce")
        result = result.where(day.isna(), day.dt.strftime("%Y-%m-%d"))
        open_ &= day.isna()
    return (
        pd.Series(result.to_numpy(object)[codes], index=text.index, dtype="str"),
        pd.Series(open_.to_numpy(bool)[codes], index=text.index),
    )


def fill_blanks(
    mapping: Mapping, rows: pd.DataFrame, market: str, known: Known, orders: pd.DataFrame | None
) -> list[Phrase]:
    """Blank fields in place, in this order: constants, the orders report, --market, copies, currency,
    class; what was said aloud."""

    def fill(name: str, values: object) -> None:
        rows[name] = rows[name].mask(rows[name] == "", values)

    for name, value in mapping.constants.items():
        fill(name, value)
    if orders is not None:
        for name in ("order_date", "market", "currency"):
            fill(name, of_order(rows, orders, name).fillna(""))
    fill("market", market)
    notes = []
    for name, source in mapping.copy.items():
        copied = int(((rows[name] == "") & (rows[source] != "")).sum())
        fill(name, rows[source])
        if copied:
            notes.append(
                phrase(
                    "{name} is not known and was taken from {source}: {count:,} rows",
                    name=name,
                    source=source,
                    count=copied,
                )
            )
    rows["market"] = rows["market"].str.upper().replace(MARKET_ALIASES)
    notes += _take_as(market, rows, known) if market else []
    fill("currency", rows["market"].map(dict(known.markets)).fillna(""))
    fill("product_class", classes_of(rows["sku"], known.products))
    return notes


def _take_as(market: str, rows: pd.DataFrame, known: Known) -> list[Phrase]:
    """Rows of a market that is not known become rows of `market`, in place: only because it was named, and
    never silently."""
    stranger = ~rows["market"].isin(list(known.markets))
    counts = rows.loc[stranger, "market"].value_counts()
    rows["market"] = rows["market"].mask(stranger, market)
    return [
        phrase(
            "rows sold in {theirs}, which is no market of the data folder, were taken as {market} because of"
            " --market: {count:,}",
            theirs=theirs,
            market=market,
            count=int(n),
        )
        for theirs, n in counts.items()
    ]


def order_key(rows: pd.DataFrame) -> pd.Series:
    """What an order line is found by."""
    return rows["order_id"] + "\t" + rows["sku"]


def of_order(rows: pd.DataFrame, orders: pd.DataFrame, name: str) -> pd.Series:
    """Field `name` of the order line that each row belongs to; missing where there is none."""
    known = orders[name].dropna()
    return order_key(rows).map(known[~known.index.duplicated()])
