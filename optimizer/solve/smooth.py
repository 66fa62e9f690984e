"""Prices of scarce groups by Newton's method on a smoothed dual: every case splits itself over its options.

    value(prices) = sum over cases of -heat × log(sum over options of exp(-(cost + use × price) / heat)) -
    prices × amounts

The less heat, the nearer the value comes to the dual of the whole problem; it is lowered step by step.
"""

from __future__ import annotations

import time
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy import linalg, sparse

from optimizer.domain.shared_limit import Use
from optimizer.solve.case_problem import Subset

COOLING = 0.35  # heat of a step, as a share of the one before
_STEPS = 40  # at most, over all heats
_HALVINGS = 8
_ROUGH = 0.02
RIDGE = 1e-10
_NEAR = 60.0  # heats: options that cost more than that beyond the best have as good as no share
FREE = 20.0  # heats that the use of one row may become dearer or cheaper by before all is looked at again
FEW = 5  # cases per row: no more than that are better left to an exact program
MOSTLY = 0.7  # narrowing is worth its copies when less than this share is left


class Point(NamedTuple):
    """The smoothed dual at some prices."""

    value: float
    slope: np.ndarray  # (rows,) use less amount
    curve: np.ndarray  # (rows, rows) minus the second derivative, times the heat
    split: float  # how many cases' worth of choice is not given to the best option


class Smoothed:
    """The smoothed dual of some cases against the amounts left for them (rows,)."""

    def __init__(self, subset: Subset, amount: np.ndarray):
        self.subset, self.amount, self.rows = subset, amount, len(amount)
        self.uses = [u for u in subset.uses if u.usage.any() and (u.group < self.rows).any()]

    def at(self, prices: np.ndarray, heat: float) -> Point:
        """Value, slope and curvature at prices (rows,)."""
        n, rows = len(self.subset.cost), self.rows + 1
        price = np.append(prices, 0.0)
        paid = self.subset.cost.copy()
        for usage, row in self.uses:
            paid += usage * price[row]
        least = paid.min(axis=1)
        weight = np.exp((least[:, None] - paid) / heat)
        total = weight.sum(axis=1)
        weight /= total[:, None]
        used, curve = np.zeros(rows), np.zeros(rows * rows)
        parts = [(weight * usage, row) for usage, row in self.uses]
        narrow = all(row.shape[1] == 1 for _, row in parts)
        means = [(part.sum(axis=1), row[:, 0]) for part, row in parts] if narrow else []
        for i, (part, row) in enumerate(parts):
            used += np.bincount(row[:, 0], means[i][0], rows) if narrow else _counted(row, part, rows)
            for j, (usage, other) in enumerate(self.uses[i:], i):
                both = part * usage
                if narrow:
                    pair = both.sum(axis=1) - means[i][0] * means[j][0]
                    its = np.bincount(row[:, 0] * rows + other[:, 0], pair, rows * rows)
                else:
                    its = _counted(row * rows + other, both, rows * rows)
                curve += its if i == j else its + its.reshape(rows, rows).T.ravel()
        curve = curve.reshape(rows, rows)
        if not narrow and parts:
            mean = sum(_by_row(row, part, n, rows) for part, row in parts)
            curve = curve - (mean.T @ mean).toarray()
        value = float(least.sum() - heat * np.log(total).sum() - prices @ self.amount)
        return Point(value, used[:-1] - self.amount, curve[:-1, :-1], float(n - weight.max(axis=1).sum()))

    def climb(
        self,
        prices: np.ndarray,
        upper: np.ndarray,
        heat: float,
        split: float,
        deadline: float,
        margin: float = np.inf,
        rough: float = _ROUGH,
    ) -> tuple[np.ndarray, float]:
        """Prices (rows,) between 0 and `upper` near the best, and the heat reached.

        The heat is lowered until no more than `split` cases' worth of choice is undecided. Cases left out of
        the subset have a choice once the use of a row gets dearer or cheaper by `margin` (money): prices stay
        nearer than that. At each heat the value is raised until a step would gain less than the share `rough`
        of what the undecided choice is worth.
        """
        narrow, steps, heaviest = self, 0, self.heaviest
        lowest, highest = (
            np.maximum(prices - margin / heaviest, 0.0),
            np.minimum(prices + margin / heaviest, upper),
        )
        point, low, high = self.at(prices, heat), lowest, highest
        while steps < _STEPS and time.monotonic() < deadline:
            free = np.where(point.slope > 0, prices < high, prices > low)
            step = np.zeros(self.rows)
            if free.any():
                step[free] = newton(point.curve[np.ix_(free, free)] / heat, point.slope[free])
            gain = 0.5 * float(step @ point.slope)
            if gain > rough * heat * max(1.0, point.split):
                found = None
                for halving in range(_HALVINGS):
                    trial = np.clip(prices + step * 0.5**halving, low, high)
                    if (trial == prices).all():
                        break
                    there = narrow.at(trial, heat)
                    steps += 1
                    if there.value > point.value + 1e-4 * float((trial - prices) @ point.slope):
                        found = trial, there
                        break
                if found:
                    prices, point = found
                    continue
            if point.split <= split or len(narrow.subset.cost) <= FEW * (self.rows + 10):
                break
            heat *= COOLING
            narrow = self.narrowed(prices, heat)
            # What was left out stays without a choice as long as prices move by less than this.
            low, high = (
                np.maximum(prices - FREE * heat / heaviest, lowest),
                np.minimum(prices + FREE * heat / heaviest, highest),
            )
            point = narrow.at(prices, heat)
            steps += 1
        return prices, heat

    @cached_property
    def heaviest(self) -> np.ndarray:
        """The heaviest use of each row (rows,); next to nothing where there is none."""
        found = np.full(self.rows + 1, 1e-300)
        for usage, row in self.uses:
            np.maximum.at(found, np.broadcast_to(row, usage.shape).ravel(), usage.ravel())
        return found[:-1]

    def narrowed(self, prices: np.ndarray, heat: float) -> Smoothed:
        """Without the cases and options that have as good as no choice at this heat."""
        n = len(self.subset.cost)
        price, paid = np.append(prices, 0.0), self.subset.cost.copy()
        for usage, row in self.uses:
            paid += usage * price[row]
        slack = paid - paid.min(axis=1)[:, None]
        near = slack <= _NEAR * heat
        choices = near.sum(axis=1)
        still = choices > 1
        width = int(choices.max(initial=1))
        if n == 0 or still.sum() * width > MOSTLY * self.subset.cost.size:
            return self
        taken, shut = np.zeros(self.rows + 1), np.flatnonzero(~still)
        best = slack[shut].argmin(axis=1)
        for usage, row in self.uses:
            taken += np.bincount(row[shut, best if row.shape[1] > 1 else 0], usage[shut, best], self.rows + 1)
        options = np.sort(np.argsort(slack[still], axis=1, kind="stable")[:, :width], axis=1)

        def kept(array: np.ndarray) -> np.ndarray:
            return array[still] if array.shape[1] == 1 else np.take_along_axis(array[still], options, axis=1)

        uses = [Use(kept(usage), kept(row)) for usage, row in self.uses]
        return Smoothed(
            Subset(self.subset.cases[still], kept(self.subset.cost), uses), self.amount - taken[:-1]
        )


def newton(curve: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """The step (rows,) at which a quadratic of this slope and curvature is largest."""
    diagonal = curve.diagonal()
    ridge = RIDGE * diagonal + 1e-12 * max(diagonal.max(), 1e-300)
    try:
        return linalg.cho_solve(linalg.cho_factor(curve + np.diag(ridge)), slope)
    except linalg.LinAlgError:  # no curvature left in some direction: go along the slope there
        with np.errstate(over="ignore"):
            return np.clip(slope / (diagonal + 1e-6 * max(diagonal.max(), 1e-300)), -1e200, 1e200)


def _counted(row: np.ndarray, value: np.ndarray, rows: int) -> np.ndarray:
    return np.bincount(np.broadcast_to(row, value.shape).ravel(), value.ravel(), rows)


def _by_row(row: np.ndarray, value: np.ndarray, n: int, rows: int) -> sparse.csr_matrix:
    case = np.broadcast_to(np.arange(n)[:, None], value.shape)
    return sparse.csr_matrix(
        (value.ravel(), (case.ravel(), np.broadcast_to(row, value.shape).ravel())), (n, rows)
    )
