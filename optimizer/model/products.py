"""Products as columns: the SKUs of products.csv, and one stand-in per class for what a SKU does not say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.domain.names import BATTERIES, UNCLASSIFIED
from optimizer.model.world import World


@dataclass(frozen=True)
class Products:
    """P products: first one stand-in per class (row k = class k), then the SKUs.   every array (P,)"""

    sku: np.ndarray
    class_index: np.ndarray
    landed: np.ndarray  # USD per unit, by market: (P, M)
    price: np.ndarray  # USD per unit, typical
    weight_kg: np.ndarray
    volume_cm3: np.ndarray
    battery: np.ndarray  # index into BATTERIES
    stock_on_hand: np.ndarray  # units; infinity where unknown

    def rows(self, sku: pd.Series, product_class: pd.Series, world: World) -> np.ndarray:
        """Row of each case: its SKU where the class agrees, else the stand-in of its class.   (C,) int"""
        stand_in = _looked_up(
            product_class, {c: k for k, c in enumerate(world.classes)}, world.classes.index(UNCLASSIFIED)
        )
        first = len(world.classes)
        known = {s: first + i for i, s in enumerate(self.sku[first:])}
        if not known:
            return stand_in
        row = _looked_up(sku, known, -1)
        agrees = (row >= 0) & (self.class_index[np.maximum(row, 0)] == stand_in)
        return np.where(agrees, row, stand_in)


def _looked_up(values: pd.Series, place: dict[str, int], otherwise: int) -> np.ndarray:
    """The place of each value, looked up once per different value.   (C,) int"""
    codes, uniques = pd.factorize(values)
    return np.array([*(place.get(u, otherwise) for u in uniques), otherwise], np.int64)[codes]


def build_products(world: World, frame: pd.DataFrame | None) -> Products:
    """Columns of all products; a blank field of a SKU is taken from its class."""
    classes, markets = world.classes, list(world.markets)
    battery = np.array([BATTERIES.index(b) for b in world.class_texts("battery")])
    sides = [world.class_numbers(s) for s in ("length_cm", "width_cm", "height_cm")]
    base = {
        "landed": world.class_numbers("landed"),
        "price": world.class_numbers("price"),
        "weight_kg": world.class_numbers("weight_kg"),
        "volume_cm3": sides[0] * sides[1] * sides[2],
    }
    landed = np.repeat(base["landed"][:, None], len(markets), axis=1)
    nothing = np.full(len(classes), np.inf)
    if frame is None or frame.empty:
        return Products(
            np.array(classes, object),
            np.arange(len(classes)),
            landed,
            base["price"],
            base["weight_kg"],
            base["volume_cm3"],
            battery,
            nothing,
        )
    k = frame["product_class"].map({c: i for i, c in enumerate(classes)}).to_numpy(np.int64)

    def own(column: str, fallback: np.ndarray) -> np.ndarray:
        if column not in frame:
            return fallback
        given = frame[column].to_numpy(float)
        return np.where(np.isnan(given), fallback, given)

    general = own("landed_cost", base["landed"][k])
    own_landed = np.stack([own(f"landed_cost_{m}", general) for m in markets], axis=1)
    three = [own(c, s[k]) for c, s in zip(("length_cm", "width_cm", "height_cm"), sides)]
    own_battery = (
        battery[k]
        if "battery" not in frame
        else np.array([BATTERIES.index(b) if b else battery[i] for b, i in zip(frame["battery"], k)])
    )
    return Products(
        np.concatenate([np.array(classes, object), frame["sku"].to_numpy(object)]),
        np.concatenate([np.arange(len(classes)), k]),
        np.concatenate([landed, own_landed]),
        np.concatenate([base["price"], own("price", base["price"][k])]),
        np.concatenate([base["weight_kg"], own("weight_kg", base["weight_kg"][k])]),
        np.concatenate([base["volume_cm3"], three[0] * three[1] * three[2]]),
        np.concatenate([battery, own_battery]),
        np.concatenate([nothing, own("stock_on_hand", np.full(len(k), np.inf))]),
    )
