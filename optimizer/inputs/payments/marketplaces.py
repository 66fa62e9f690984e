"""Names of marketplaces to markets, and how a market writes days in numbers."""

from __future__ import annotations

from functools import cache

import pandas as pd

from optimizer.inputs.headers import squeeze
from optimizer.inputs.local_formats import DAY_FIRST, MONTH_FIRST
from optimizer.inputs.mapping import FOLDER

# Reports of these markets write 03/04/2026 so; all others name the month or put the year first.
DAY_ORDERS = {
    "US": MONTH_FIRST,
    "CA": DAY_FIRST,
    "GB": DAY_FIRST,
    "DE": DAY_FIRST,
    "FR": DAY_FIRST,
    "IT": DAY_FIRST,
    "ES": DAY_FIRST,
    "AU": DAY_FIRST,
    "IN": DAY_FIRST,
}


@cache
def _names() -> dict[str, tuple[str, str]]:
    frame = pd.read_csv(FOLDER / "marketplaces.csv", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    return {
        squeeze(name): (market, currency)
        for name, market, currency in zip(frame["name"], frame["market"], frame["currency"])
    }


def market_of(name: str) -> str:
    """Market of a marketplace's name, "" where it is none."""
    return _names().get(squeeze(name), ("", ""))[0]


def currency_of(name: str) -> str:
    """Currency that a marketplace pays out in, "" where the name is none."""
    return _names().get(squeeze(name), ("", ""))[1]
