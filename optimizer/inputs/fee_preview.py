"""FBA fee preview to a product list: weights and sizes as Amazon measured them, in kilograms and
centimetres."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import yaml

from optimizer.domain.names import MARKET_ALIASES, UNCLASSIFIED
from optimizer.errors import InputError, Problem
from optimizer.inputs.cases import Known
from optimizer.inputs.columns import LARGEST_PRICE, as_text
from optimizer.inputs.headers import squeeze
from optimizer.inputs.mangled import POWER
from optimizer.inputs.mapping import IMPORTS
from optimizer.inputs.payments.marketplaces import market_of
from optimizer.inputs.products import PRODUCT_COLUMNS
from optimizer.inputs.tabular import Table, read_tables
from optimizer.phrases import Phrase, phrase

PRODUCT_IMPORTS = IMPORTS / "products"
MEASURED = ("weight_kg", "length_cm", "width_cm", "height_cm")
_LARGEST = 10_000  # kilograms or centimetres; no parcel is larger
DIFFERS = 0.05  # share by which two measures of one product contradict each other


class ProductList(NamedTuple):
    """Products of fee previews; rows = products + skipped + rejected rows."""

    products: pd.DataFrame  # columns of PRODUCT_COLUMNS, and item_price_<market>
    rejects: list[Problem]
    skipped: dict[Phrase, int]
    rows: int
    notes: list[Phrase]

    @property
    def rejected_rows(self) -> int:
        """Rows with at least one problem."""
        return len({(p.file, p.row) for p in self.rejects})


@lru_cache(maxsize=1)
def _form() -> dict[str, Any]:
    return yaml.safe_load((PRODUCT_IMPORTS / "fee_preview.yaml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _groups() -> dict[str, str]:
    frame = pd.read_csv(
        PRODUCT_IMPORTS / "product_groups.csv", dtype=str, encoding="utf-8-sig", keep_default_na=False
    )
    return {squeeze(group): name for group, name in zip(frame["group"], frame["product_class"])}


def looks_like_fee_preview(headers: Iterable[str]) -> bool:
    """Are the needed columns of a fee preview among these headers?"""
    present = {squeeze(h) for h in headers}
    return all(any(squeeze(h) in present for h in _form()["columns"][name]) for name in _form()["needed"])


def read_fee_preview(files: str | Path | Iterable[str | Path], known: Known, market: str = "") -> ProductList:
    """Weight and sides of every SKU, its class and price, added to the product list of `known` where there is
    one.

    An existing list keeps what it says: only blanks are filled, and measures that differ by more than 5 % are
    named. `market` says in which market's price column the prices belong; without it they are left out.
    Raises InputError for files that are no fee preview.
    """
    wanted = {squeeze(h) for headers in _form()["columns"].values() for h in headers}
    tables = read_tables(files, wanted=wanted, keep=lambda header: squeeze(header) in wanted)
    strange = [
        Problem(
            table.file,
            None,
            "",
            "",
            phrase("is no fee preview"),
            phrase("Download the FBA fee preview report."),
        )
        for table in tables
        if not looks_like_fee_preview(table.headers)
    ]
    if strange:
        raise InputError(strange)
    parts, rejects, notes = [], [], []
    for table in tables:
        found, wrong, said = _of_table(table, known, market)
        parts.append(found)
        rejects += [*table.ragged, *wrong]
        notes += [*table.notes(), *said]
    count = sum(len(table.frame) + len(table.ragged) for table in tables)
    every = pd.concat(parts, ignore_index=True)
    repeated = every["sku"].duplicated()
    notes += _contradictions(every, repeated)
    skipped = {phrase("the same SKU again, in another store"): int(repeated.sum())} if repeated.any() else {}
    # What the first row of a SKU leaves blank, a later one may say: the price of its own store, a measure.
    once = every.groupby("sku", sort=False, as_index=False).first()
    products, said = _beside(once, known.products)
    return ProductList(products, rejects, skipped, count, notes + said)


def _of_table(table: Table, known: Known, market: str) -> tuple[pd.DataFrame, list[Problem], list[Phrase]]:
    """Good rows of one file in our columns, problems of the others, what was blank."""
    form, frame = _form(), table.frame
    present = {squeeze(h): h for h in reversed(list(frame.columns))}
    headers = {
        name: next((present[squeeze(h)] for h in theirs if squeeze(h) in present), None)
        for name, theirs in form["columns"].items()
    }
    text = {
        name: as_text(frame[header]) if header else pd.Series("", index=frame.index, dtype="str")
        for name, header in headers.items()
    }
    problems: list[Problem] = []
    bad = pd.Series(False, index=frame.index)

    def refuse(wrong: pd.Series, name: str, problem: str, fix: str) -> None:
        problems.extend(
            Problem(table.file, int(row), headers[name] or name, text[name][row][:80], problem, fix)
            for row in wrong.index[wrong.to_numpy(bool)]
        )
        bad[wrong] = True

    refuse(text["sku"] == "", "sku", phrase("is blank"), phrase("Remove the row, or fill in the SKU."))
    refuse(
        text["sku"].str.fullmatch(POWER),
        "sku",
        phrase("was turned into a number by a spreadsheet, and its last digits are lost"),
        phrase("Download the report again and import it without saving it in a spreadsheet."),
    )
    out: dict[str, Any] = {"sku": text["sku"]}
    unknown, blanks = set(form["unknown"]), 0
    for ours, name, unit, factors in (
        ("weight_kg", "weight", "weight_unit", "kilograms"),
        ("length_cm", "longest", "length_unit", "centimetres"),
        ("width_cm", "median", "length_unit", "centimetres"),
        ("height_cm", "shortest", "length_unit", "centimetres"),
    ):
        empty = text[name].isin(unknown)
        number = pd.to_numeric(text[name].mask(empty, ""), errors="coerce").astype(float)
        factor = text[unit].map(lambda u, known=form[factors]: known.get(u.lower())).astype(float)
        measure = (number * factor).round(4)
        refuse(
            ~empty & ~(number > 0),
            name,
            phrase("is not a number above 0"),
            phrase("Correct it, or write -- where it is not known."),
        )
        refuse(
            ~empty & (number > 0) & factor.isna(),
            unit,
            phrase("is not a unit that is known"),
            phrase("Known: {units}.", units=", ".join(form[factors])),
        )
        refuse(
            ~empty & (measure > _LARGEST),
            name,
            phrase("is above {most:,.0f}", most=_LARGEST),
            phrase("Check the decimal point."),
        )
        refuse(
            ~empty & (number > 0) & (measure == 0),
            name,
            phrase("is zero"),
            phrase("Correct it, or write -- where it is not known."),
        )
        out[ours] = measure.mask(empty)
        blanks += int(empty.sum())
    out["product_class"] = _classes(text, known)
    unclassified = out["product_class"] == ""
    out["product_class"] = out["product_class"].mask(unclassified, UNCLASSIFIED)
    notes = (
        [
            phrase(
                "{file}: measures that the report does not know were left blank: {count:,}",
                file=table.file,
                count=blanks,
            )
        ]
        if blanks
        else []
    )
    if (unclassified & ~bad).any():
        groups = ", ".join(sorted({g or "-" for g in text["group"][unclassified & ~bad]}))
        notes.append(
            phrase(
                "{file}: {count:,} products of groups without a class were taken as unclassified: {groups};"
                " add the groups to data/imports/products/product_groups.csv, or give --products",
                file=table.file,
                count=int((unclassified & ~bad).sum()),
                groups=groups,
            )
        )
    if market:
        empty = text["price"].isin(unknown)
        price = pd.to_numeric(text["price"].mask(empty, ""), errors="coerce").astype(float)
        # A store of its own says whose price it is; a report without stores gives those in the currency of
        # the market.
        store = text["store"].str.upper().replace(MARKET_ALIASES)
        store = store.where(store.isin([*known.markets, ""]), text["store"].map(market_of))
        mine = text["currency"].isin(["", known.markets[market]]) & (
            (text["store"] == "") | (store == market)
        )
        refuse(
            ~empty & mine & ~(price.between(0, LARGEST_PRICE) & (price > 0)),
            "price",
            phrase("is not a number above 0"),
            phrase("Correct it, or write -- where it is not known."),
        )
        out[f"item_price_{market}"] = price.where(mine & ~empty)
        others = int((~mine & ~empty & ~bad).sum())
        if others:
            notes.append(
                phrase(
                    "{file}: prices of other stores or in another currency than {currency} were left out:"
                    " {count:,}",
                    file=table.file,
                    currency=known.markets[market],
                    count=others,
                )
            )
    return pd.DataFrame(out)[~bad.to_numpy(bool)], problems, notes


def _classes(text: dict[str, pd.Series], known: Known) -> pd.Series:
    """Class by the existing product list, else by the product group; "" where neither says one."""
    groups = text["group"].map(lambda g: _groups().get(squeeze(g), "")).astype("str")
    groups = groups.where(groups.isin(known.classes), "")
    if known.products is None:
        return groups
    listed = dict(zip(as_text(known.products["sku"]), as_text(known.products["product_class"])))
    mine = text["sku"].map(lambda s: listed.get(s, "")).astype("str")
    return mine.mask(mine == "", groups)


def _contradictions(every: pd.DataFrame, repeated: pd.Series) -> list[Phrase]:
    """Notes on SKUs whose measures differ from store to store; the first one counts."""
    again = every[repeated].merge(every[~repeated], on="sku", suffixes=("", "_first"))
    notes = []
    for name in MEASURED:
        far = (again[name] - again[f"{name}_first"]).abs() > DIFFERS * again[f"{name}_first"]
        notes += [
            phrase(
                "{sku}: {name} is {first:g} in one store and {other:g} in another; the first was taken",
                sku=row["sku"],
                name=name,
                first=row[f"{name}_first"],
                other=row[name],
            )
            for _, row in again[far].iterrows()
        ]
    return notes


def _beside(found: pd.DataFrame, earlier: pd.DataFrame | None) -> tuple[pd.DataFrame, list[Phrase]]:
    """The earlier list with its blanks filled and new SKUs added; in the order of the earlier list."""
    names = [column.name for column in PRODUCT_COLUMNS]
    prices = [name for name in found if name.startswith("item_price_")]
    if earlier is None:
        return found.reindex(columns=[*names, *prices]), []
    before, now = earlier.set_index("sku"), found.set_index("sku")
    both = before.index.intersection(now.index)
    notes, filled = [], 0
    for name in [n for n in now.columns if n != "product_class"]:
        if name not in before:
            before[name] = float("nan")
        blank = before.loc[both, name].isna() & now.loc[both, name].notna()
        before.loc[both[blank], name] = now.loc[both[blank], name]
        filled += int(blank.sum())
        if name in MEASURED:
            far = (before.loc[both, name] - now.loc[both, name]).abs() > DIFFERS * before.loc[both, name]
            notes += [
                phrase(
                    "{sku}: {name} is {old:g} in the product list and {new:g} in the report; the list was"
                    " kept",
                    sku=sku,
                    name=name,
                    old=before.at[sku, name],
                    new=now.at[sku, name],
                )
                for sku in both[far]
            ]
    added = now.drop(index=both)
    together = pd.concat([before, added]).reset_index(names="sku")
    notes.append(
        phrase(
            "values filled in the product list: {filled:,}; products added: {added:,}",
            filled=filled,
            added=len(added),
        )
    )
    return together.reindex(columns=[*names, *[c for c in together if c not in names]]), notes
