"""Reports of shop systems to canonical cases: one engine, driven by the mappings of data/imports or of the user."""
from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from optimizer.domain.cases import CASE_COLUMNS
from optimizer.domain.names import MARKET_ALIASES, UNCLASSIFIED
from optimizer.errors import InputError, Problem, nearest
from optimizer.inputs.cases import Known, classes_of, validate_cases
from optimizer.inputs.columns import as_text, by_unique, is_personal
from optimizer.inputs.mapping import CANONICAL, Mapping, PriceStep, Skip, load_mapping
from optimizer.inputs.tabular import Table, read_table, squeeze

ORDERS_KIND = "all_orders"
REPEATED = "already in this import"
SOURCES = {"orders": "the orders report", "products": "the product list", "class_price": "the typical price of its class"}
NUMERIC = ("money", "count", "number")
DATES = [column.name for column in CASE_COLUMNS if column.kind == "date"]


class Imported(NamedTuple):
    """What became of the rows of a report: rows = cases + skipped + rejected rows."""
    cases: pd.DataFrame                      # columns of CASE_COLUMNS
    rejects: list[Problem]
    skipped: dict[str, int]                  # reason -> rows
    rows: int
    notes: list[str]

    @property
    def rejected_rows(self) -> int:
        return len({(p.file, p.row) for p in self.rejects})


def import_report(kind: str | Path, files: Iterable[str | Path], *, market: str | None = None,
                  products: pd.DataFrame | None = None, orders: str | Path | None = None, known: Known) -> Imported:
    """Cases of the files of one report.

    `kind` is a name of `kinds()` or the path of a mapping. `market` stands where the report names none; `products` and
    `orders` (a file of kind all_orders) supply what it lacks. Raises InputError when a file or the mapping cannot be
    used as a whole; single bad rows become rejects.
    """
    mapping = load_mapping(kind)
    if products is not None:
        known = known._replace(products=products)
    market = _known_market(market, known)
    tables, notes = _read(mapping, files)
    rows, headers = _fields(mapping, tables)
    listed = _map_values(mapping, rows)
    placed = _order_rows(orders, known) if orders is not None else None
    _complete(mapping, rows, market, known, placed)
    notes += _prices(mapping, rows, known, placed)
    reasons = _skip_reasons(mapping, rows)
    taken = rows[reasons == ""]
    if len(taken) and "market" not in mapping.columns and not (taken["market"] != "").any():
        raise InputError([Problem(t.file, None, "market", "", "is not in this report",
                                  f"Say where it was sold: --market {next(iter(known.markets))}.") for t in tables])
    taken = taken.assign(case_id=_case_ids(mapping, taken))
    cases, rejects = [], []
    for number, table in enumerate(tables):
        part = taken[taken["(file)"] == number].set_index("(row)")
        canonical = table._replace(frame=part[[c.name for c in CASE_COLUMNS]])
        good, problems, warnings = validate_cases(canonical, known)
        cases.append(good)
        rejects += [_in_their_words(p, mapping, headers[number]) for p in problems]
        notes += warnings
    notes += _not_listed(mapping, taken, listed)
    skipped = dict(Counter(reasons[reasons != ""].tolist()).most_common())
    count = sum(len(t.frame) + len(t.ragged) for t in tables)
    return Imported(pd.concat(cases, ignore_index=True), rejects, skipped, count, notes)


def _known_market(market: str | None, known: Known) -> str:
    name = MARKET_ALIASES.get((market or "").upper(), (market or "").upper())
    if name and name not in known.markets:
        raise InputError([Problem("--market", None, "", market, "is not a known market", nearest(name, known.markets))])
    return name


# ---------------------------------------------------------------- their columns to our fields

def _read(mapping: Mapping, files: Iterable[str | Path]) -> tuple[list[Table], list[str]]:
    """The files as tables without personal columns, and how they were read."""
    tables, notes, problems = [], [], []
    for path in files:
        try:
            table = read_table(path, keep_ragged=True, encoding=mapping.read.get("encoding"),
                               delimiter=mapping.read.get("delimiter"), sheet=mapping.read.get("sheet"))
        except InputError as error:
            problems += error.problems
            continue
        private = [header for header in table.frame.columns if is_personal(header)]
        notes.append(f"{table.file}: read as {table.described()}")
        if private:
            notes.append(f"{table.file}: columns with personal data were dropped: {', '.join(private)}")
        tables.append(table._replace(frame=table.frame.drop(columns=private)))
    if problems:
        raise InputError(problems)
    if not tables:
        raise InputError("no file to import was named")
    return tables, notes


def _fields(mapping: Mapping, tables: list[Table]) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """All rows as text under our names, with (file) and (row); and per file, which header each name was read from."""
    parts, headers, problems = [], [], []
    for number, table in enumerate(tables):
        present = {squeeze(header): header for header in reversed(table.frame.columns)}
        found = {}
        for name, wanted in mapping.columns.items():
            header = next((present[squeeze(w)] for w in wanted if squeeze(w) in present), None)
            if header is not None:
                found[name] = header
            elif name not in mapping.optional:
                has = list(table.frame.columns)
                problems.append(Problem(table.file, None, name, "", f"is missing: no column is named {' or '.join(wanted)}",
                                        f"The file has: {', '.join(has[:12])}{', …' if len(has) > 12 else ''}."))
        part = pd.DataFrame({name: as_text(table.frame[header]) for name, header in found.items()},
                            index=table.frame.index)
        headers.append(found)
        parts.append(part.assign(**{"(file)": number, "(row)": table.frame.index}))
    if problems:
        raise InputError(problems)
    rows = pd.concat(parts, ignore_index=True)
    for name in [*mapping.columns, *CANONICAL]:
        rows[name] = rows[name].fillna("") if name in rows else ""
    return rows.astype({name: "str" for name in rows.columns if not name.startswith("(")}), headers


def _map_values(mapping: Mapping, rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Apply the value maps and the decimal signs in place; per field, the values that were not listed."""
    unlisted = {}
    for name, translate in mapping.values.items():
        theirs = rows[name]
        known = by_unique(theirs, lambda v: v == "" or squeeze(v) in translate.known, bool)
        rest = (lambda v: v) if translate.otherwise is None else (lambda v: translate.otherwise)
        ours = by_unique(theirs, lambda v: translate.known.get(squeeze(v), "" if v == "" else rest(v)), object)
        rows[name] = pd.Series(ours, index=rows.index, dtype="str")
        if translate.otherwise is not None:
            unlisted[name] = theirs.mask(known, "")
    for name in mapping.columns:
        if name in CANONICAL and CANONICAL[name].kind in NUMERIC:
            rows[name] = _plain_numbers(rows[name], mapping.decimal, mapping.thousands)
    return unlisted


def _plain_numbers(text: pd.Series, decimal: str, thousands: str) -> pd.Series:
    """Numbers with a decimal point and no thousands sign; text that does not fit the pattern stays as it is."""
    sign = "\\" + thousands if thousands else ""
    grouped = rf"[+-]?\d{{1,3}}(?:{sign}\d{{3}})+" if thousands else r"[+-]?\d+"
    fits = text.str.fullmatch(rf"(?:{grouped}|[+-]?\d+)(?:\{decimal}\d*)?").to_numpy(bool)
    plain = text.str.replace(thousands, "", regex=False) if thousands else text
    # A point in a file with decimal commas is no decimal point: marked, so that it is refused and not misread.
    foreign = ~fits & text.str.fullmatch(r"[+-]?[\d.,]+").to_numpy(bool)
    return plain.str.replace(decimal, ".", regex=False).where(fits, text.where(~foreign, text + " ?"))


def _complete(mapping: Mapping, rows: pd.DataFrame, market: str, known: Known, orders: pd.DataFrame | None) -> None:
    """Fill blanks in place: dates read, constants, the orders report, --market, copies, currency, class."""
    for name in DATES:
        if name in mapping.columns:
            rows[name] = _iso_days(rows[name], mapping.dates)

    def fill(name: str, values: object) -> None:
        rows[name] = rows[name].mask(rows[name] == "", values)
    for name, value in mapping.constants.items():
        fill(name, value)
    if orders is not None:
        for name in ("order_date", "market"):
            fill(name, _of_order(rows, orders, name).fillna(""))
    fill("market", market)
    for name, source in mapping.copy.items():
        fill(name, rows[source])
    upper = rows["market"].str.upper().replace(MARKET_ALIASES)
    fill("currency", upper.map(dict(known.markets)).fillna(""))
    fill("product_class", classes_of(rows["sku"], known.products))


def _iso_days(text: pd.Series, formats: tuple[str, ...]) -> pd.Series:
    """Days as year-month-day; text in none of the formats stays and is refused later."""
    codes, uniques = pd.factorize(text)
    written = pd.Series(uniques, dtype="str")
    result = written.copy()
    for form in formats:
        if form != "iso":                      # ISO dates are read by the checks of the case table
            day = pd.to_datetime(written, format=form, errors="coerce")
            result = result.where(day.isna() | (result != written), day.dt.strftime("%Y-%m-%d"))
    return pd.Series(result.to_numpy(object)[codes], index=text.index, dtype="str")


# ---------------------------------------------------------------- prices

def _prices(mapping: Mapping, rows: pd.DataFrame, known: Known, orders: pd.DataFrame | None) -> list[str]:
    """Unit prices and their source in place; missing and zero prices from the steps of the mapping. Says how many."""
    unit = _unit_price(mapping, rows)
    missing = ((rows["item_price"] == "") | (unit == 0)).to_numpy(bool)
    source = np.where(missing, "", "given").astype(object)
    group = [rows["market"], rows["currency"]]
    own = unit.where(unit > 0)
    for step in mapping.price_steps:
        found = _step_price(step, rows, own, group, known, orders)
        now = missing & (found > 0).to_numpy(bool)
        unit = unit.mask(now, found)
        source[now] = step.source
        missing &= ~now
    usable = np.isfinite(unit.to_numpy(float)) & ~missing
    written = unit.round(2).astype("str")
    rows["item_price"] = written.where(usable & ((source != "given") | (mapping.price == "line")), rows["item_price"])
    rows["item_price"] = rows["item_price"].mask(missing, "")
    rows["price_source"] = pd.Series(np.where(source == "", "given", source), index=rows.index, dtype="str")
    rows["(step)"] = source
    return []


def _unit_price(mapping: Mapping, rows: pd.DataFrame) -> pd.Series:
    """Price of one unit: as given, or line total / quantity; NaN where either is no number.   (R,) float"""
    amount = pd.to_numeric(rows["item_price"].mask(rows["item_price"] == ""), errors="coerce").astype(float)
    if mapping.price == "unit":
        return amount
    quantity = pd.to_numeric(rows["quantity"].mask(rows["quantity"] == "", "1"), errors="coerce").astype(float)
    return amount / quantity.where(quantity > 0)


def _step_price(step: PriceStep, rows: pd.DataFrame, own: pd.Series, group: list[pd.Series], known: Known,
                orders: pd.DataFrame | None) -> pd.Series:
    """What one step offers for each row; NaN where it knows nothing.   (R,) float"""
    nothing = pd.Series(np.nan, index=rows.index)
    if step.where == "same_file":
        key = rows[step.column].mask(rows[step.column] == "")
        return own.groupby([*group, key]).transform("median").reindex(rows.index)
    if step.where == "orders":
        return nothing if orders is None else _of_order(rows, orders, "unit_price").astype(float)
    if step.where == "class_price":
        names = zip(rows["market"].str.upper().replace(MARKET_ALIASES), rows["product_class"].replace("", UNCLASSIFIED))
        return pd.Series([known.class_prices.get(name, np.nan) for name in names], index=rows.index, dtype=float)
    return _product_price(rows, known.products, nothing)
