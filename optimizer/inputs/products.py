"""Product lists, order counts and demand of repairs: every value checked, every problem at once, blank
where a file does not say."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from optimizer.domain.cases import Column
from optimizer.domain.names import BATTERIES, CHANNELS, NEEDS
from optimizer.errors import InputError
from optimizer.inputs.cases import Known
from optimizer.inputs.columns import READERS, Check, as_text
from optimizer.inputs.formula_guard import unguarded
from optimizer.inputs.tabular import read_table, squeeze
from optimizer.phrases import phrase

PRODUCT_COLUMNS: tuple[Column, ...] = (
    Column("sku", "text", True, phrase("seller's article number")),
    Column("product_class", "code", True, phrase("class of the product")),
    Column("price", "money", False, phrase("typical price of one unit without tax, in US dollars")),
    Column(
        "item_price",
        "money",
        False,
        phrase("price of one unit as buyers pay it, in the currency of the market"),
    ),
    Column("landed_cost", "money", False, phrase("landed cost of one unit, in US dollars")),
    Column("weight_kg", "money", False, phrase("weight of one packed unit, in kilograms")),
    Column("length_cm", "money", False, phrase("longest side of the parcel, in centimetres")),
    Column("width_cm", "money", False, phrase("second side of the parcel, in centimetres")),
    Column("height_cm", "money", False, phrase("shortest side of the parcel, in centimetres")),
    Column("battery", "code", False, phrase("battery of the product"), BATTERIES),
    Column("supplier", "text", False, phrase("supplier"), default=""),
    Column("stock_on_hand", "number", False, phrase("sound units on hand in the market")),
)
# These may also stand per market, as landed_cost_DE or item_price_DE.
PER_MARKET = ("landed_cost", "item_price")

ORDER_COLUMNS: tuple[Column, ...] = (
    Column("month", "text", True, phrase("month of the orders")),
    Column("market", "code", True, phrase("ISO code of the country of sale")),
    Column("channel", "code", True, phrase("who holds and ships the goods"), tuple(CHANNELS)),
    Column("sku", "text", True, phrase("seller's article number")),
    Column("orders", "number", True, phrase("number of orders")),
    Column("units", "number", True, phrase("number of units sold")),
    Column("net_sales", "number", False, phrase("sales without tax, in the currency of the market")),
)
DEMAND_COLUMNS: tuple[Column, ...] = (
    Column("market", "code", True, phrase("ISO code of the country of sale")),
    Column("product_class", "code", True, phrase("class of the product")),
    Column("need", "code", True, phrase("what is needed: warranty or returned"), tuple(NEEDS)),
    Column("month", "text", True, phrase("month in which it comes up")),
    Column("units", "number", True, phrase("units to repair or to take back")),
)
_WHOLE = ("stock_on_hand", "orders", "units")  # a demand may be a forecast, in parts of a unit
_MONTH = r"(\d{4})[-/](0?[1-9]|1[0-2])(?:[-/].*)?"


def read_products(path: str | Path, known: Known) -> pd.DataFrame:
    """Product list: one row per sku, columns of PRODUCT_COLUMNS and those per market that the file has; blank
    numbers are NaN.

    Raises InputError with every problem of the file; columns of other names are left unread.
    """
    per_market = tuple(
        Column(f"{c.name}_{m}", c.kind, False, phrase("{meaning}, in {market}", meaning=c.meaning, market=m))
        for c in PRODUCT_COLUMNS
        if c.name in PER_MARKET
        for m in known.markets
    )
    check, headers, frame = _read(path, (*PRODUCT_COLUMNS, *per_market), known)
    _refuse_repeated(
        check,
        frame,
        ["sku"],
        lambda row: phrase("is the same sku as row {row}", row=row),
        phrase("Keep one row per sku."),
        headers,
    )
    _raise(check)
    return frame.drop(columns=[c.name for c in per_market if c.name not in headers])


def read_orders(path: str | Path, known: Known) -> pd.DataFrame:
    """Orders, units and net sales per month, market, channel and sku; `month` is written YYYY-MM.

    Raises InputError with every problem of the file; columns of other names are left unread.
    """
    check, headers, frame = _read(path, ORDER_COLUMNS, known)
    frame["month"] = _months(check, frame["month"], headers)
    _refuse_repeated(
        check,
        frame,
        ["month", "market", "channel", "sku"],
        lambda row: phrase("is the same month, market, channel and sku as row {row}", row=row),
        phrase("Add the two rows up."),
        headers,
    )
    _raise(check)
    return frame.astype({"orders": np.int64, "units": np.int64})


def read_demand(path: str | Path, known: Known) -> pd.DataFrame:
    """Demand of the repair network: units per market, class, need and month; `month` is written YYYY-MM.

    Raises InputError with every problem of the file; columns of other names are left unread.
    """
    check, headers, frame = _read(path, DEMAND_COLUMNS, known)
    frame["month"] = _months(check, frame["month"], headers)
    _refuse_repeated(
        check,
        frame,
        ["market", "product_class", "need", "month"],
        lambda row: phrase("is the same market, class, need and month as row {row}", row=row),
        phrase("Add the two rows up."),
        headers,
    )
    _raise(check)
    return frame.astype({"units": np.float64})


def _read(
    path: str | Path, columns: tuple[Column, ...], known: Known
) -> tuple[Check, dict[str, str], pd.DataFrame]:
    """The table, the header of each column it has, and all columns typed; problems stand in the check."""
    check = Check(unguarded(read_table(path, keep_ragged=True)))
    table = check.table.frame
    headers = _match(check, columns, known)
    allowed = {"market": tuple(known.markets), "product_class": known.classes}
    out: dict[str, object] = {}
    for column in columns:
        check.header = headers.get(column.name, column.name)
        values = table[headers[column.name]] if column.name in headers else None
        read = READERS[column.kind](check, column, values, allowed.get(column.name, column.allowed))
        if column.name in _WHOLE and values is not None:
            _refuse_wrong_counts(check, values, read, fractions=columns is DEMAND_COLUMNS)
        out[column.name] = (
            np.where(read.codes < 0, "", read.astype(object)) if column.kind == "code" else read
        )
    frame = pd.DataFrame(out, index=table.index)
    return (
        check,
        headers,
        frame.astype({c.name: "str" for c in columns if c.kind in ("code", "text")}).reset_index(drop=True),
    )


def _match(check: Check, columns: tuple[Column, ...], known: Known) -> dict[str, str]:
    """Column -> header of the file. A header that is nearly the name of an absent column is refused,
    others are left unread."""
    names = {squeeze(c.name): c.name for c in columns}
    headers: dict[str, str] = {}
    others = []
    for header in check.table.frame.columns:
        name = names.get(squeeze(header))
        if name is None:
            others.append(header)
        elif name in headers:
            check.whole_file(
                header,
                "",
                phrase("means the same as column {other}", other=headers[name]),
                phrase("Remove one of the two."),
            )
        else:
            headers[name] = header
    absent = [squeeze(c.name) for c in columns if c.name not in headers and (c.required or c.kind != "text")]
    meant = {}
    for header in others:
        base, _, market = header.rpartition("_")
        if base in PER_MARKET:
            check.whole_file(
                header,
                market,
                phrase("is not a known market"),
                phrase("Known: {names}.", names=", ".join(sorted(known.markets))),
            )
            continue
        part = squeeze(header)
        near = difflib.get_close_matches(part, absent, n=1, cutoff=0.7) or [
            a for a in absent if len(part) >= 4 and part in a
        ]
        if near:
            meant[header] = names[near[0]]
            check.whole_file(
                header,
                "",
                phrase("is not a column that is read"),
                phrase("Did you mean {name!r}? Rename it, or remove it.", name=names[near[0]]),
            )
    for column in columns:
        if column.required and column.name not in headers and column.name not in meant.values():
            check.whole_file(
                column.name, "", phrase("is missing"), phrase("Add it ({meaning}).", meaning=column.meaning)
            )
    return headers


def _refuse_wrong_counts(check: Check, values: pd.Series, numbers: np.ndarray, fractions: bool) -> None:
    if fractions:
        check.add(
            numbers < 0,
            as_text(values),
            phrase("is not a number of at least 0"),
            phrase("Give the units of the month."),
        )
    else:
        wrong = (numbers < 0) | (numbers != np.floor(numbers)) & ~np.isnan(numbers)
        check.add(
            wrong, as_text(values), phrase("is not a whole number of at least 0"), phrase("Give 0, 1, 2 …")
        )


def _refuse_repeated(
    check: Check,
    frame: pd.DataFrame,
    keys: list[str],
    problem: Callable[[int], str],
    fix: str,
    headers: dict[str, str],
) -> None:
    filled = (frame[keys] != "").all(axis=1)
    again = (frame.duplicated(keys) & filled).to_numpy(bool)
    if again.any():
        same = pd.MultiIndex.from_frame(frame[keys])
        first = dict(zip(reversed(same.tolist()), reversed(check.rows.tolist())))
        check.add(again, frame[keys[-1]], lambda i: problem(first[same[i]]), fix, headers.get(keys[-1]))


def _months(check: Check, text: pd.Series, headers: dict[str, str]) -> np.ndarray:
    """Months as YYYY-MM; a day behind the month is read past.   (R,) str"""
    parts = text.str.extract(f"^{_MONTH}$")
    unreadable = parts[0].isna() & (text != "")
    check.add(
        unreadable.to_numpy(bool),
        text,
        phrase("is not a month"),
        phrase("Write it like 2026-10."),
        headers.get("month"),
    )
    months = parts[0].fillna("") + "-" + parts[1].fillna("").str.zfill(2)
    return months.mask(parts[0].isna(), "")


def _raise(check: Check) -> None:
    if check.problems:
        raise InputError(dict.fromkeys(check.sorted()))
