"""What the network has to serve: repairs and returned goods per market, product class and month, from
sales or from a file."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from optimizer.domain.names import ISSUE_OF_NEED, UNCLASSIFIED
from optimizer.errors import InputError, Problem
from optimizer.model.products import Products
from optimizer.model.world import World
from optimizer.phrases import Phrase, phrase

_PLACE = ["market", "product_class"]
CELL = [*_PLACE, "need"]
ITEM = ["market", "channel", "sku", "product_class", "units"]


class Sold(NamedTuple):
    """What is sold in an average month, the last month that is known, and what is to be said of it."""

    items: pd.DataFrame  # market, channel, sku, product_class, units (per average month)
    last: pd.Period
    notes: tuple[Phrase, ...] = ()


def sold_of(world: World, goods: Products, orders: pd.DataFrame | None) -> Sold:
    """Units per average month of every article, market and channel: units / sum of the seasonal factors of
    their months."""
    if orders is None or orders.empty:
        raise InputError(
            [
                Problem(
                    phrase("network"),
                    None,
                    "--orders",
                    "",
                    phrase("there are no orders to work out repairs and returns from"),
                    phrase("Give orders.csv with --orders, or the demand itself with --demand."),
                )
            ]
        )
    months = pd.PeriodIndex(sorted(orders["month"].unique()), freq="M")
    first = len(world.classes)
    classes = dict(zip(goods.sku[first:], np.array(world.classes, object)[goods.class_index[first:]]))
    items = orders.groupby(["market", "channel", "sku"], observed=True, as_index=False)["units"].sum()
    items["market"], items["channel"], items["sku"] = (
        items[c].astype(str) for c in ("market", "channel", "sku")
    )
    items["product_class"] = [classes.get(sku, UNCLASSIFIED) for sku in items["sku"]]
    seasons = {
        market: sum(season(world, market, month) for month in months) for market in items["market"].unique()
    }
    items["units"] = items["units"].to_numpy(float) / items["market"].map(seasons).to_numpy(float)
    unknown = items.loc[~items["sku"].isin(classes), "sku"].nunique()
    said = phrase(
        "{count:,} of {all:,} articles of the orders are not in the product list (--products) and were taken"
        " as unclassified",
        count=unknown,
        all=items["sku"].nunique(),
    )
    return Sold(items[items["units"] > 0].reset_index(drop=True), months[-1], (said,) if unknown else ())


def articles_of(
    world: World, goods: Products, demand: pd.DataFrame, sold: Sold | None
) -> tuple[pd.DataFrame, list[Phrase]]:
    """Items to price for a demand that is given, and notes on where they come from.

    For every market and class: what is sold of it, else the articles of the product list, all alike and
    shipped by the seller, else the typical article of the class.
    """
    places = demand[_PLACE].drop_duplicates()
    items = places.merge(sold.items, on=_PLACE)[ITEM] if sold else pd.DataFrame(columns=ITEM)
    first = len(world.classes)
    listed = pd.DataFrame(
        {
            "sku": goods.sku[first:],
            "product_class": np.array(world.classes, object)[goods.class_index[first:]],
        },
        dtype=object,
    )
    steps = [
        (listed, phrase("the articles of the product list, all alike")),
        (
            pd.DataFrame({"sku": "", "product_class": list(world.classes)}, dtype=object),
            phrase("the typical article of the class"),
        ),
    ]
    notes = list(sold.notes) if sold else []
    for articles, source in steps:
        rest = places[~pd.MultiIndex.from_frame(places).isin(pd.MultiIndex.from_frame(items[_PLACE]))]
        standing = rest.merge(articles, on="product_class").assign(channel="merchant", units=1.0)[ITEM]
        count = len(standing[_PLACE].drop_duplicates())
        if count:
            notes.append(
                phrase(
                    "{count:,} of {all:,} markets and classes of the demand have no orders of an article that"
                    " is known and were priced by {source}",
                    count=count,
                    all=len(places),
                    source=source,
                )
            )
            items = pd.concat([items, standing], ignore_index=True)
    return items.astype({"units": float}), notes


def season(world: World, market: str, month: pd.Period) -> float:
    """Units sold in a calendar month against an average month; the market's own profile wins over '*'."""
    for scope in (market, "*"):
        key = f"season.{scope}.{month.month:02d}.factor"
        if key in world.book:
            return world.book.number(key)
    return 1.0


def demand_of(world: World, sold: Sold) -> pd.DataFrame:
    """Demand from sales: market, product_class, need, month, units, whole before the factor that a person
    sets.

    Warranty claims of a month: sum over the months of warranty before it of units sold × 12-month failure
    rate / 12. Returned goods of a month: units sold × return rate of the class. Units sold: average × season
    × growth.
    """
    book = world.book
    count, reach = int(book.number("network.months")), int(book.number("network.warranty_months"))
    growth = 1.0 + book.number("network.growth_year")
    months = pd.period_range(sold.last + 1, periods=count, freq="M")
    earlier = pd.period_range(sold.last + 1 - reach, periods=count + reach, freq="M")
    rates = {
        name: dict(zip(world.classes, world.class_numbers(name)))
        for name in ("failure_rate_12m", "return_rate")
    }
    rows = []
    for (market, product_class), units in (
        sold.items.groupby(["market", "product_class"])["units"].sum().items()
    ):
        sales = np.array(
            [units * season(world, market, m) * growth ** ((m - sold.last).n / 12) for m in earlier]
        )
        running = np.convolve(sales, np.ones(reach))[reach - 1 : reach - 1 + count]  # the months before each
        failing, returned = (
            running * rates["failure_rate_12m"][product_class] / 12,
            sales[reach:] * rates["return_rate"][product_class],
        )
        for need, amounts in zip(ISSUE_OF_NEED, (failing, returned)):
            rows += [(market, product_class, need, str(m), u) for m, u in zip(months, _whole(amounts))]
    return pd.DataFrame(rows, columns=[*CELL, "month", "units"])


def _whole(amounts: np.ndarray) -> np.ndarray:
    """Whole units whose running total is never half a unit away from that of the amounts."""
    return np.diff(np.r_[0.0, np.rint(np.cumsum(amounts))])
