"""What it is worth to buyers that somebody repairs nearby: an own figure, never part of a case.

share of buyers who would not buy without x (net price - referral fee - landed cost - fulfilment) of what is
sold
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.analysis.sales import Sales
from optimizer.domain.money import round_money
from optimizer.model.engine import Engine
from optimizer.model.world import Provider, World

LOCAL_KINDS = ("local", "domestic_overseas", "self_built", "warehouse_bench")
LOCAL_SERVICE_COLUMNS = [
    "market",
    "product_class",
    "served_by",
    "units",
    "net_sales",
    "margin",
    "margin_share",
    "demand_kept",
    "demand_missed",
]


def local_service(engine: Engine, sales: Sales) -> pd.DataFrame:
    """Per market and class of dear goods: sales, contribution margin, and the margin that local repair keeps
    or that its absence forgoes.

    kept = share x margin where an open provider serves the class; missed = share / (1 - share) x margin
    elsewhere, for there the buyers who stay away are not among the sales.
    """
    world, book = engine.world, engine.world.book
    sold = sales.frame[sales.frame["units"] > 0].copy()
    sold["margin"] = sold["net_sales"] - _cost_of_sales(engine, sold)
    dear = sold["net_sales"] / sold["units"] >= book.number("local_service.from_price") * world.rate("USD")
    found = (
        sold[dear]
        .groupby(["market", "product_class"], sort=True)[["units", "net_sales", "margin"]]
        .sum()
        .reset_index()
    )
    found["served_by"] = [
        " ".join(p.name for p in local_providers(world, m, c))
        for m, c in zip(found["market"], found["product_class"])
    ]
    share = book.number("local_service.demand_share")
    served = found["served_by"] != ""
    found["margin_share"] = (found["margin"] / found["net_sales"].where(found["net_sales"] > 0)).round(6)
    found["demand_kept"] = round_money(np.where(served, share * found["margin"], 0.0))
    found["demand_missed"] = round_money(np.where(served, 0.0, share / (1.0 - share) * found["margin"]))
    found[["net_sales", "margin"]] = round_money(found[["net_sales", "margin"]])
    return found[LOCAL_SERVICE_COLUMNS]


def local_providers(world: World, market: str, product_class: str) -> list[Provider]:
    """Open providers who repair a class in its market."""
    return [
        p
        for p in world.providers_in(market, LOCAL_KINDS)
        if p.open and (not p.classes or product_class in p.classes)
    ]


def _cost_of_sales(engine: Engine, sold: pd.DataFrame) -> np.ndarray:
    """Referral fee, landed cost and fulfilment of what was sold, in the reporting currency.   (R,)"""
    world, goods = engine.world, engine.products
    total, row, units = np.zeros(len(sold)), sold["product"].to_numpy(np.int64), sold["units"].to_numpy(float)
    markets = sold["market"].to_numpy(object)
    for k, (name, m) in enumerate(world.markets.items()):
        mine = markets == name
        if not mine.any():
            continue
        here, rate = row[mine], world.rate(m.currency)
        price = sold["net_sales"].to_numpy(float)[mine] / units[mine] / rate * (1.0 + m.tax_in_price)
        category = np.array([m.referral.row(c) for c in world.class_texts("referral_category")])[
            goods.class_index[here]
        ]
        landed = round_money(goods.landed[here, k] * world.landed_factor * world.rate("USD"))
        unit = rate * m.referral.fee(price, category) + landed
        for channel in np.unique(sold["channel"].to_numpy(object)[mine]):
            so = sold["channel"].to_numpy(object)[mine] == channel
            unit[so] += _fulfilment(engine, name, str(channel), here[so])
        total[mine] = unit * units[mine]
    return total


def _fulfilment(engine: Engine, market: str, channel: str, row: np.ndarray) -> np.ndarray:
    """Sending one unit to the buyer: FBA's fee, the local lane and picking, or the lane from China where
    the market has no warehouse.   (R,)"""
    world, goods, m = engine.world, engine.products, engine.world.markets[market]
    local = world.has_local_address(market)
    lane = m.lanes[
        (
            "fba_fulfilment"
            if channel == "fba"
            else "local_out"
            if channel == "warehouse" or local
            else "china_out"
        )
    ]
    fee = world.rate(lane.currency) * lane.fee(lane.billable(goods.weight_kg[row], goods.volume_cm3[row]))
    return fee + (world.rate(m.currency) * m.number("warehouse.pick_pack") if channel == "warehouse" else 0.0)
