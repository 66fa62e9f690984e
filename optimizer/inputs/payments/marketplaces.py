"""Names of marketplaces to markets, and how a market writes days in numbers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import pandas as pd

from optimizer.inputs.headers import squeeze
from optimizer.inputs.local_formats import DAY_FIRST, MONTH_FIRST
from optimizer.inputs.mapping import IMPORTS
from optimizer.phrases import Phrase

# How 03/04/2026 is read; a year in front can be read in one way only.
DAY_ORDERS: dict[str, Phrase | str] = {
    "day first": DAY_FIRST,
    "month first": MONTH_FIRST,
    "year first": "",
    "": "",
}


class Marketplace(NamedTuple):
    """A row of marketplaces.csv."""

    market: str
    currency: str
    days: str  # a key of DAY_ORDERS; "" where nobody has looked


@cache
def marketplaces() -> dict[str, Marketplace]:
    """Every marketplace by its name without spaces and capitals."""
    frame = pd.read_csv(IMPORTS / "marketplaces.csv", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    rows = zip(frame["name"], frame["market"], frame["currency"], frame["days"])
    return {squeeze(name): Marketplace(*row) for name, *row in rows}


def market_of(name: str) -> str:
    """Market of a marketplace's name, "" where it is none."""
    found = marketplaces().get(squeeze(name))
    return found.market if found else ""


def currency_of(name: str) -> str:
    """Currency that a marketplace pays out in, "" where the name is none."""
    found = marketplaces().get(squeeze(name))
    return found.currency if found else ""


def day_order(markets: Iterable[str]) -> Phrase | str:
    """How the first of these markets that writes days in numbers only writes them; "" where none does."""
    orders = {m.market: DAY_ORDERS[m.days] for m in marketplaces().values()}
    return next((orders[m] for m in markets if orders.get(m)), "")
