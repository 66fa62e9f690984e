"""The value of quality: what one percentage point less failure saves per product class."""

from __future__ import annotations

import pandas as pd

from optimizer.analysis.root_causes import QUALITY
from optimizer.analysis.sales import Sales
from optimizer.domain.money import round_money
from optimizer.model.world import World

_MONEY = ["cost", "refunded_before", "saving_cases", "saving_failures", "saving_per_point"]


def value_of_quality(world: World, causes: pd.DataFrame, sales: Sales | None) -> pd.DataFrame:
    """Per class, most valuable first: cases and cost of poor quality, their share of the units sold beside
    the assumed failure rate, and the saving of a point.

    Each money column is the sum of the rows of product quality in `causes` over all markets.
    """
    mine = causes[causes["cause"] == QUALITY].groupby("product_class", sort=True)
    found = pd.concat([mine["cases"].sum(), mine[_MONEY].sum(min_count=1)], axis=1)
    found[_MONEY] = round_money(found[_MONEY])
    units = sales.units.groupby("product_class").sum() if sales else pd.Series(dtype=float)
    found["units"] = units.reindex(found.index).astype(float)
    found["cases_per_unit"] = (found["cases"] / found["units"].where(found["units"] > 0)).round(6)
    found["failure_rate_12m"] = [world.book.number(f"class.{c}.failure_rate_12m") for c in found.index]
    ordered = found.reset_index().sort_values(
        ["saving_per_point", "cost", "product_class"], ascending=[False, False, True]
    )
    return ordered[
        ["product_class", "cases", "units", "cases_per_unit", "failure_rate_12m", *_MONEY]
    ].reset_index(drop=True)
