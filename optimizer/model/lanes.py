"""Price lists: parcels by weight break, referral fees by band."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from optimizer.domain.assumption import Book
from optimizer.domain.money import round_money

GRAM = 1e-6  # kg: three parcels of 0.3 kg weigh 0.9 kg, not a rounding error more
_BREAK = re.compile(r"lane\.(?P<lane>[a-z_]+)\.upto_(?P<kg>[0-9.]+)kg\.(?P<what>price|per_kg)$")
_BAND = re.compile(r"referral\.(?P<category>[a-z_]+)\.(?P<kind>whole|portion)_above_(?P<from>[0-9.]+)$")


@dataclass(frozen=True, slots=True)
class Lane:
    """One price list of parcels: the first weight break at or above the billable weight holds."""

    name: str
    currency: str
    days: float
    divisor: float  # cm3 of one billable kg; 0 = weight alone counts
    up_to_kg: np.ndarray  # (B,) ascending
    price: np.ndarray  # (B,) per parcel, in `currency`
    per_kg: np.ndarray  # (B,) per billable kg, in `currency`

    def billable(self, weight_kg: np.ndarray, volume_cm3: np.ndarray) -> np.ndarray:
        """Billable weight: the larger of actual weight and volume / divisor.   kg"""
        return weight_kg if self.divisor == 0 else np.maximum(weight_kg, volume_cm3 / self.divisor)

    def fee(self, kg: np.ndarray, factor: float = 1.0) -> np.ndarray:
        """Price of a parcel, rounded to the cent: factor x (price of the break + price per kg x billable
        kg)."""
        at = np.minimum(np.searchsorted(self.up_to_kg + GRAM, kg), len(self.up_to_kg) - 1)
        return round_money(factor * (self.price[at] + self.per_kg[at] * kg))

    def fits(self, kg: np.ndarray) -> np.ndarray:
        """Is the parcel light enough for the heaviest break?"""
        return kg <= self.up_to_kg[-1] + GRAM


def read_lanes(book: Book, market: str) -> dict[str, Lane]:
    """All lanes of a market, from keys `<market>.lane.<name>.*`."""
    breaks: dict[str, dict[float, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for key in book.starting(f"{market}.lane."):
        if m := _BREAK.search(key):
            breaks[m["lane"]][float(m["kg"])][m["what"]] = book.number(key)
    lanes = {}
    for name, steps in breaks.items():
        kg = sorted(steps)
        head = f"{market}.lane.{name}"
        lanes[name] = Lane(
            name,
            book.text(f"{head}.currency"),
            book.number(f"{head}.days"),
            book.number(f"{head}.divisor", 0.0),
            np.array(kg),
            np.array([steps[k].get("price", 0.0) for k in kg]),
            np.array([steps[k].get("per_kg", 0.0) for k in kg]),
        )
    return lanes


@dataclass(frozen=True, slots=True)
class ReferralFees:
    """Referral fees of a market: rate steps per category, on the whole price or on the part above a
    threshold."""

    categories: dict[str, int]
    above: np.ndarray  # (K, B) thresholds, padded with infinity
    portion_step: np.ndarray  # (K, B) change of the rate on the part of the price above the threshold
    whole_step: np.ndarray  # (K, B) change of the rate on the whole price once it is above the threshold
    minimum: float

    def row(self, category: str) -> int:
        return self.categories.get(category, self.categories["default"])

    def fee(self, price: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Referral fee of one unit, rounded to the cent: at least the minimum, never more than the price."""
        fee = np.zeros_like(price)
        used = np.flatnonzero(np.bincount(row, minlength=len(self.above)))
        for b in range(self.above.shape[1]):
            above, portion, whole = self.above[:, b], self.portion_step[:, b], self.whole_step[:, b]
            if np.isinf(above[used]).all():
                break  # bands are ascending: nobody has a further one
            if (above[used] == 0.0).all():
                fee += (portion + whole)[row] * price
                continue
            start = above[row]
            over = price > start
            fee += portion[row] * np.where(over, price - start, 0.0)
            if whole[used].any():
                fee += whole[row] * np.where(over, price, 0.0)
        return round_money(np.minimum(np.maximum(fee, self.minimum), price))


def read_referral_fees(book: Book, market: str) -> ReferralFees:
    """Referral fee table of a market, from keys `<market>.referral.<category>.<kind>_above_<amount>`."""
    bands: dict[str, list[tuple[float, str, float]]] = defaultdict(list)
    for key in book.starting(f"{market}.referral."):
        if m := _BAND.search(key):
            bands[m["category"]].append((float(m["from"]), m["kind"], book.number(key)))
    width = max((len(v) for v in bands.values()), default=1)
    above = np.full((len(bands), width), np.inf)
    portion, whole = np.zeros_like(above), np.zeros_like(above)
    for k, steps in enumerate(bands.values()):
        before = 0.0
        for b, (start, kind, rate) in enumerate(sorted(steps)):
            above[k, b] = start
            (whole if kind == "whole" else portion)[k, b] = rate - before
            before = rate
    return ReferralFees(
        {c: k for k, c in enumerate(bands)},
        above,
        portion,
        whole,
        book.number(f"{market}.referral.minimum", 0.0),
    )
