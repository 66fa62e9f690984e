"""Typical cases: one per article, market, channel and need, weighed by what is sold, that the ways out are
priced for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.domain.names import ISSUE_OF_NEED
from optimizer.model.products import Products
from optimizer.model.world import World

AGE = {"warranty": "network.warranty_age_days", "returned": "network.return_age_days"}  # by need
DELIVERY_DAYS = "network.delivery_days"


def typical_cases(
    world: World, goods: Products, items: pd.DataFrame, month: str
) -> tuple[pd.DataFrame, np.ndarray]:
    """A case table with one case per item and need on the first of a month, and the weight of each within its
    cell.

    `items`: market, channel, sku, product_class, units. Prices are those of the product list, else of the
    class.
    """
    place = {sku: n for n, sku in enumerate(goods.sku)}
    product = items["sku"].map(place).fillna(items["product_class"].map(place)).to_numpy(int)
    rate = (
        items["market"]
        .map({m: world.currencies[f.currency] for m, f in world.markets.items()})
        .to_numpy(float)
    )
    day, frames = np.datetime64(f"{month}-01"), []
    for need, issue in ISSUE_OF_NEED.items():
        delivered = day - np.timedelta64(int(world.book.number(AGE[need])), "D")
        ordered = delivered - np.timedelta64(int(world.book.number(DELIVERY_DAYS)), "D")
        frames.append(
            pd.DataFrame(
                {
                    "case_id": [f"{need}-{n}" for n in range(len(items))],
                    "platform": "amazon",
                    "market": items["market"],
                    "channel": items["channel"],
                    "sku": items["sku"],
                    "product_class": items["product_class"],
                    "issue": issue,
                    "order_date": ordered,
                    "ship_date": ordered,
                    "delivery_date": delivered,
                    "case_date": day,
                    "item_price": np.round(goods.price[product] * rate, 2),
                    "price_source": "product",
                    "currency": items["market"].map({m: f.currency for m, f in world.markets.items()}),
                    "quantity": 1,
                    "fault": "seller",
                    "shipped": True,
                    "delivered": True,
                    "claim_open": False,
                    "stars": np.nan,
                    "condition": "unknown",
                    "reason_text": "",
                    "prior_claims": 0,
                    "actual_resolution": "",
                    "actual_cost": np.nan,
                    "need": need,
                    "weight": items["units"],
                }
            )
        )
    cases = pd.concat(frames, ignore_index=True)
    weight = cases["weight"].to_numpy(float)
    return cases.drop(columns="weight"), weight
