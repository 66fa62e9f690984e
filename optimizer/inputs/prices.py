"""Unit prices of imported rows, and where a missing one comes from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from optimizer.domain.names import UNCLASSIFIED
from optimizer.errors import InputError, Problem
from optimizer.inputs.cases import Known
from optimizer.inputs.columns import as_text, by_unique
from optimizer.inputs.mapping import load_mapping
from optimizer.inputs.mapping_form import Mapping, PriceStep
from optimizer.inputs.translating import (
    fields_of,
    fill_blanks,
    map_values,
    of_order,
    order_key,
    read_numbers_and_dates,
    read_reports,
)
from optimizer.phrases import Phrase, chain, phrase

ORDERS_KIND = "all_orders"
_STEP, NOWHERE = "(price from)", "nowhere"
_TITLES = {
    "orders": phrase("the orders report"),
    "products": phrase("the product list"),
    "class_price": phrase("the typical price of the class"),
}


def order_lines(mapping: Mapping, orders: str | Path, known: Known) -> pd.DataFrame:
    """Lines of an All Orders report by order and sku: order_date, market, currency, unit_price; missing
    where blank."""
    lacking = [name for name in ("order_id", "sku") if name not in mapping.columns]
    if lacking:
        raise InputError(
            [
                Problem(
                    mapping.file,
                    None,
                    "helpers",
                    "",
                    phrase("has no {names} to look orders up by", names=chain(lacking, phrase(" and no "))),
                    phrase("Name its header in the mapping, or leave --orders out."),
                )
            ]
        )
    of_orders = load_mapping(ORDERS_KIND)
    tables, _ = read_reports(of_orders, [orders])
    rows, _ = map_values(of_orders, fields_of(of_orders, tables)[0])
    unreadable = read_numbers_and_dates(of_orders, rows)
    for name, (wrong, _, _) in unreadable.items():
        rows[name] = rows[name].mask(wrong, "")
    fill_blanks(of_orders, rows, "", known, None)
    price = unit_price(of_orders, rows, unreadable)
    lines = (
        rows[["order_date", "market", "currency"]]
        .mask(lambda f: f == "")
        .assign(unit_price=price.where(price > 0))
    )
    return lines.set_index(order_key(rows))


def unit_price(
    mapping: Mapping, rows: pd.DataFrame, unreadable: dict[str, tuple[pd.Series, Phrase, Phrase]]
) -> pd.Series:
    """Price of one unit: as given, or line total / quantity; NaN where either is no number.   (R,) float"""

    def number(name: str, blank: str | None) -> pd.Series:
        text = rows[name].mask(rows[name] == "", blank)
        if name in unreadable:
            text = text.mask(unreadable[name][0])
        return pd.to_numeric(text, errors="coerce").astype(float)

    amount = number("item_price", None)
    if mapping.price == "unit":
        return amount
    quantity = number(mapping.line_quantity, "1")
    return amount / quantity.where(quantity > 0)


def fill_prices(
    mapping: Mapping,
    rows: pd.DataFrame,
    unreadable: dict[str, tuple[pd.Series, Phrase, Phrase]],
    known: Known,
    orders: pd.DataFrame | None,
) -> None:
    """Unit price, its source and the step it came from, in place.

    A missing or zero price is taken from the first step of the mapping that knows one. Prices elsewhere in
    the report count per market and currency.
    """
    unit = unit_price(mapping, rows, unreadable)
    given = unit.where(unit > 0)
    missing = ((rows["item_price"] == "") | (unit == 0)).to_numpy(bool)
    source, step_of = np.where(missing, "", "given").astype(object), np.full(len(rows), "", object)
    for step in mapping.price_steps:
        found = _offered(step, rows, given, known, orders)
        now = missing & (found > 0).to_numpy(bool)
        unit = unit.mask(now, found)
        source[now] = step.source
        step_of[now] = step.where if step.where in _TITLES else step.column
        missing = missing & ~now
    # A given price per unit keeps its own text; everything computed is written to the cent.
    computed = (unit.notna() & ~missing & ((source != "given") | (mapping.price == "line"))).to_numpy(bool)
    text = rows["item_price"].to_numpy(object).copy()
    text[computed] = np.char.mod("%.2f", np.floor(unit[computed].to_numpy(float) * 100 + 0.5 + 1e-7) / 100)
    rows["item_price"] = pd.Series(text, index=rows.index, dtype="str")
    # A price that is given may come with its source; a blank one is "given".
    said = rows["price_source"].to_numpy(object)
    source = np.where((source == "given") & (said != ""), said, np.where(source == "", "given", source))
    rows["price_source"] = pd.Series(source, index=rows.index, dtype="str")
    rows[_STEP] = pd.Series(np.where(missing, NOWHERE, step_of), index=rows.index, dtype="str")


def _offered(
    step: PriceStep, rows: pd.DataFrame, given: pd.Series, known: Known, orders: pd.DataFrame | None
) -> pd.Series:
    """Price that one step knows for each row; NaN where it knows none.   (R,) float"""
    nothing = pd.Series(np.nan, index=rows.index)
    if step.where == "same_file":
        value = rows[step.column].mask(rows[step.column] == "")
        return given.groupby([rows["market"], rows["currency"], value]).transform("median")
    if step.where == "orders":
        return nothing if orders is None else of_order(rows, orders, "unit_price").astype(float)
    # The other two speak the currency of the market.
    own_currency = rows["currency"] == rows["market"].map(dict(known.markets))
    if step.where == "class_price":
        names = rows["market"] + "\t" + rows["product_class"].replace("", UNCLASSIFIED)
        typical = by_unique(names, lambda name: known.class_prices.get(_pair(name), np.nan), float)
        return pd.Series(typical, index=rows.index).where(own_currency)
    return _of_product(rows, known.products, nothing).where(own_currency)


def _of_product(rows: pd.DataFrame, products: pd.DataFrame | None, nothing: pd.Series) -> pd.Series:
    """`item_price_<market>` of the product list, else its `item_price`."""
    if products is None:
        return nothing
    sku, price = as_text(products["sku"]), nothing
    general = ["item_price"] if "item_price" in products else []
    for market in rows["market"].unique():
        for column in [c for c in (f"item_price_{market}",) if c in products] + general:
            listed = pd.to_numeric(as_text(products[column]), errors="coerce").set_axis(sku).dropna()
            listed = listed[~listed.index.duplicated()]
            price = price.mask((rows["market"] == market) & price.isna(), rows["sku"].map(listed))
    return price.astype(float)


def fill_cost(
    mapping: Mapping,
    rows: pd.DataFrame,
    unreadable: dict[str, tuple[pd.Series, Phrase, Phrase]],
    known: Known,
) -> None:
    """`actual_cost` in place: the helpers of `cost` added up, in the reporting currency; blank where all
    of them are."""
    if not mapping.cost:
        return
    total, said = pd.Series(0.0, index=rows.index), pd.Series(False, index=rows.index)
    for sign, name in mapping.cost:
        amount = pd.to_numeric(rows[name].mask(unreadable[name][0]), errors="coerce").astype(float)
        total, said = total + sign * amount.fillna(0.0), said | amount.notna()
    rate = rows["currency"].map(dict(known.rates)).astype(float)
    cents = np.floor((total / rate).abs().to_numpy(float) * 100 + 0.5 + 1e-7) * np.sign(total.to_numpy(float))
    text = pd.Series(np.char.mod("%.2f", np.nan_to_num(cents) / 100 + 0.0), index=rows.index, dtype="str")
    rows["actual_cost"] = text.where(said & rate.notna(), rows["actual_cost"])


def described(taken: pd.DataFrame) -> list[Phrase]:
    """A note on the prices that were filled, for a person."""
    filled = taken[taken[_STEP] != ""]
    counts = (
        filled.groupby([_STEP, "price_source"], sort=False).size().sort_values(ascending=False, kind="stable")
    )
    if counts.empty:
        return []
    found = [
        (
            phrase("{n:,} found nowhere", n=n)
            if place == NOWHERE
            else phrase("{n:,} from {place} (price_source {source})", n=n, place=_place(place), source=source)
        )
        for (place, source), n in counts.items()
    ]
    return [
        phrase("{count:,} prices were missing or zero: {found}", count=len(filled), found=chain(found, ", "))
    ]


def _place(step: str) -> Phrase:
    """What a step of `fill_price_from` is called; a column of the same report otherwise."""
    return _TITLES[step] if step in _TITLES else phrase("the same {column} in the report", column=step)


def _pair(name: str) -> tuple[str, str]:
    """Market and class of a name that joins them by a tab."""
    market, _, product_class = name.partition("\t")
    return market, product_class
