"""What a high return rate costs a month as a whole: the platform's fee above the threshold of the category,
and lost ranking.

These figures stand beside the price of cases, never in it
(docs/decisions/007-return-rates-stand-beside-the-price.md).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.analysis.decided import Decided
from optimizer.analysis.sales import Sales, case_classes
from optimizer.domain.money import round_money
from optimizer.model.engine import Engine
from optimizer.solve.decide import Plan

_PLACE = ["market", "product_class"]
RETURN_RATE_COLUMNS = [
    *_PLACE,
    "units",
    "returns",
    "rate",
    "fba_units",
    "fba_returns",
    "fba_rate",
    "threshold",
    "returns_above",
    "fee",
    "processing_fees",
    "ranking_cost",
]


def return_rates(engine: Engine, plan: Plan, decided: Decided, sales: Sales | None) -> pd.DataFrame:
    """Per market and class: units sold, units that come back, and above the threshold x fee; ranking cost per
    return x returns.

    returns_above = sum over products of max(0, FBA returns - threshold x FBA units), products below the
    exempt volume left out. Without orders rates and fees are blank and the ranking cost stands.
    """
    world, book = engine.world, engine.world.book
    back = pd.DataFrame(
        {
            "market": engine.cases["market"].astype(str).to_numpy(object),
            "product_class": case_classes(engine),
            "sku": engine.cases["sku"].astype(str).to_numpy(object),
            "fba": (engine.cases["channel"] == "fba").to_numpy(bool),
            "returns": decided.returned,
        }
    )[plan.decided]
    found = back.groupby(_PLACE, sort=True)["returns"].sum().to_frame()
    by_sku = back[back["fba"]].groupby([*_PLACE, "sku"])["returns"].sum().to_frame("fba_returns")
    if sales is None:
        found["units"] = found["fba_units"] = found["returns_above"] = np.nan
        found["fba_returns"] = by_sku["fba_returns"].groupby(_PLACE).sum().reindex(found.index)
    else:
        found = found.join(sales.units.rename("units"), how="outer")
        sold = (
            sales.frame[sales.frame["channel"] == "fba"]
            .groupby([*_PLACE, "sku"])["units"]
            .sum()
            .to_frame("fba_units")
        )
        by_sku = by_sku.join(sold, how="outer").fillna(0.0).reset_index()
        charged = by_sku["fba_units"] >= book.number("returns_fee.exempt_units") * len(sales.months)
        over = by_sku["fba_returns"] - _threshold(engine, by_sku["product_class"]) * by_sku["fba_units"]
        by_sku["returns_above"] = np.where(charged, over.clip(lower=0.0), 0.0)
        found = found.join(by_sku.groupby(_PLACE)[["fba_units", "fba_returns", "returns_above"]].sum())
        found["units"] = found["units"].fillna(0.0)
    found[["returns", "fba_returns"]] = found[["returns", "fba_returns"]].fillna(0.0)
    found = found.reset_index()
    found["rate"] = found["returns"] / found["units"].where(found["units"] > 0)
    found["fba_rate"] = found["fba_returns"] / found["fba_units"].where(found["fba_units"] > 0)
    found["threshold"] = _threshold(engine, found["product_class"])
    fee = {
        m: round(world.rate(f.currency) * f.number("fba.returns_processing"), 2)
        for m, f in world.markets.items()
    }
    found["fee"] = found["market"].map(fee).astype(float)
    found["processing_fees"] = round_money(found["returns_above"] * found["fee"])
    found["ranking_cost"] = round_money(
        found["returns"] * book.number("ranking.cost_per_return") * world.rate("USD")
    )
    return found.sort_values(_PLACE)[RETURN_RATE_COLUMNS].reset_index(drop=True)


def share_above(rows: pd.DataFrame) -> float:
    """Share of the FBA returns that lie above the threshold, as observed; NaN without orders or FBA
    returns."""
    known = rows["returns_above"].notna()
    returns = rows.loc[known, "fba_returns"].sum()
    return float(rows.loc[known, "returns_above"].sum() / returns) if returns > 0 else float("nan")


def _threshold(engine: Engine, product_class: pd.Series) -> np.ndarray:
    """Return rate above which a class is charged; NaN where none is known.   (R,)"""
    book = engine.world.book
    known = {c: book.number(f"class.{c}.return_fee_threshold", float("nan")) for c in engine.world.classes}
    return product_class.map(known).to_numpy(float)
