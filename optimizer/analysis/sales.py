"""What was sold in the months of the cases: the denominators of rates, by market, channel and product."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.domain.names import UNCLASSIFIED
from optimizer.model.engine import Engine


@dataclass(frozen=True)
class Sales:
    """Orders of the months in which there are cases."""

    # market, channel, sku, product (row of Products), product_class, units, net_sales in the reporting
    # currency
    frame: pd.DataFrame
    months: tuple[str, ...]  # months of cases that the orders cover
    missing: tuple[str, ...]  # months of cases without orders

    @cached_property
    def units(self) -> pd.Series:
        """Units sold by market and class."""
        return self.frame.groupby(["market", "product_class"])["units"].sum()


def sales_of(engine: Engine, orders: pd.DataFrame | None) -> Sales | None:
    """Orders in the months of the cases with class and product of every SKU; None where no orders are
    given or none fall into these months."""
    if orders is None:
        return None
    wanted = sorted(set(engine.cases["case_date"].dt.strftime("%Y-%m").unique()))
    frame = orders[orders["month"].isin(wanted)].reset_index(drop=True)
    covered = tuple(m for m in wanted if m in set(frame["month"]))
    if not covered:
        return None
    frame = frame[["market", "channel", "sku", "units", "net_sales"]].copy()
    frame["product"] = _products(engine, frame["sku"])
    world, goods = engine.world, engine.products
    frame["product_class"] = np.array(world.classes, object)[goods.class_index[frame["product"]]]
    rate = frame["market"].map({m: world.rate(f.currency) for m, f in world.markets.items()}).to_numpy(float)
    typical = frame["units"].to_numpy(float) * goods.price[frame["product"]] * world.rate("USD")
    frame["net_sales"] = np.where(
        frame["net_sales"].isna(), typical, frame["net_sales"].to_numpy(float) * rate
    )
    return Sales(frame, covered, tuple(m for m in wanted if m not in covered))


def case_classes(engine: Engine) -> np.ndarray:
    """Product class of every case.   (N,) str"""
    return np.array(engine.world.classes, object)[engine.products.class_index[engine.columns.product]]


def _products(engine: Engine, sku: pd.Series) -> np.ndarray:
    """Row of Products of every SKU; a SKU that the product list lacks has the class its cases name.   (R,)
    int"""
    world, goods = engine.world, engine.products
    first = len(world.classes)
    named = pd.DataFrame(
        {"sku": engine.cases["sku"].astype(str).to_numpy(object), "product_class": case_classes(engine)}
    ).drop_duplicates("sku")
    classes = dict(zip(named["sku"], named["product_class"])) | dict(
        zip(goods.sku[first:], np.array(world.classes, object)[goods.class_index[first:]])
    )
    return goods.rows(sku, sku.map(classes).fillna(UNCLASSIFIED), world)
