"""Price bands: readable break prices and the exact interval dynamic program over them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_STEPS = (
    (10.0, 1.0),
    (30.0, 2.0),
    (60.0, 5.0),
    (150.0, 10.0),
    (300.0, 25.0),
    (1_000.0, 50.0),
    (5_000.0, 500.0),
    (100_000.0, 5_000.0),
)
_REFUSED = float(2**46)  # added per band and option that is refused; whole cents stay exact below it


def readable_prices(low: float, high: float) -> np.ndarray:
    """Prices that people remember, from below `low` to above `high`: 1, 2 … 10, 12 … 30, 35 … 60, 70 …
    150, 175 …"""
    found, at = [], 0.0
    for up_to, step in _STEPS:
        found.append(np.arange(at + step, up_to + step / 2, step))
        at = up_to
    ladder = np.concatenate(found)
    first = np.searchsorted(ladder, low, side="right") - 1
    last = np.searchsorted(ladder, high, side="left") + 1
    return ladder[max(first, 0) : last]


@dataclass(frozen=True)
class Curves:
    """Cheapest bands of S groups of cases, for every number of bands up to K.

    `cost` (S, K): least cost with exactly k+1 bands, in the unit of the sums; infinite where some cases would
    find nothing acceptable.
    """

    cost: np.ndarray
    before: np.ndarray  # (S, K, B+1) bin at which the last band starts when k+1 bands end at a bin

    def bands(self, s: int, k: int) -> list[tuple[int, int]]:
        """The bands of group s with k+1 bands: (first bin, bin after the last)."""
        end, found = self.before.shape[2] - 1, []
        for i in range(k, -1, -1):
            start = int(self.before[s, i, end])
            found.append((start, end))
            end = start
        return found[::-1]


def band_curves(
    sums: np.ndarray, counts: np.ndarray, allowed: np.ndarray, most: int, fewest: float
) -> Curves:
    """Exact interval dynamic program: split B ordered price bins into at most `most` bands, each with the one
    option cheapest for all its bins.

    `sums` (S, B, O) cost of the cases of a bin under an option, whole cents; `counts` (S, B) cases; `allowed`
    (S, B, O) options acceptable in the bin. A band of fewer than `fewest` cases is made only where
    acceptability forces it.
    """
    s, b, o = sums.shape
    total = np.zeros((s, b + 1, o))
    np.cumsum(sums + np.where(allowed, 0.0, _REFUSED), axis=1, out=total[:, 1:])
    cases = np.zeros((s, b + 1))
    np.cumsum(counts, axis=1, out=cases[:, 1:])
    cost = np.full((s, b + 1, b + 1), np.inf)
    for i in range(b):
        cost[:, i, i + 1 :] = (total[:, i + 1 :] - total[:, i : i + 1]).min(axis=2)
    cost[cost >= _REFUSED / 2] = np.inf
    thin = (cases[:, None, :] - cases[:, :, None] < fewest) & (
        cases[:, None, :] - cases[:, :, None] < cases[:, -1][:, None, None]
    )
    guarded = cost + np.where(thin, _REFUSED, 0.0)
    k = min(most, b)
    found, before = np.full((s, k), np.inf), np.zeros((s, k, b + 1), np.int16)
    at, true = guarded[:, 0], cost[:, 0]
    found[:, 0] = true[:, -1]
    for n in range(1, k):
        options_here = at[:, :, None] + guarded
        previous = options_here.argmin(axis=1)
        at = np.take_along_axis(options_here, previous[:, None], axis=1)[:, 0]
        true = np.take_along_axis(true[:, :, None] + cost, previous[:, None], axis=1)[:, 0]
        before[:, n] = previous
        found[:, n] = true[:, -1]
    return Curves(found, before)
