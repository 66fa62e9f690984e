"""Exact prices of the relaxed problem, by a program that holds only the cases whose choice is open near them.

All other cases stand at their best option. Where the prices found make another option better, it joins the
program, until none does: then the prices are those of the whole.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
from scipy import sparse

from optimizer.solve.backend import relaxed
from optimizer.solve.case_problem import Subset

_ROUNDS = 30
REACH = 6.0  # options whose extra cost is below so many heats take part from the start
_WIDE, FAR, _WIDER = (
    0.05,
    10.0,
    4.0,
)  # the box: a share of the price, so many reaches, and what a wall at its edge moves by
_NOTHING = 1e-9  # of the largest cost: less is rounding


class Sifted(NamedTuple):
    """Prices (rows,), and whether they are proven to be those of the whole subset."""

    prices: np.ndarray
    exact: bool


def sift(
    subset: Subset, amount: np.ndarray, prices: np.ndarray, upper: np.ndarray, reach: float, deadline: float
) -> Sifted:
    """Exact prices of the cases of a subset against the amounts left for them (rows,), starting near
    `prices`.

    Options that cost at most `reach` (money) beyond the best take part from the start. Prices move in a box
    that is shifted and widened while they end at its walls: far from where a program is complete it would
    send them anywhere. They stay at or below `upper` (rows,): more than that nobody pays, the amount is
    exceeded instead.
    """
    rows = len(amount)
    uses = [u for u in subset.uses if u.usage.any() and (u.group < rows).any()]
    case = np.arange(len(subset.cost))
    paid = _paid(subset, uses, prices)
    fixed = paid.argmin(axis=1)
    inside = paid <= paid[case, fixed][:, None] + reach
    inside[case, fixed] = True
    nothing = _NOTHING * max(1.0, float(np.abs(paid[case, fixed]).max(initial=0.0)))
    width = np.maximum(_WIDE * prices, FAR * reach / _heaviest(uses, rows))
    low, high = np.maximum(prices - width, 0.0), np.minimum(prices + width, upper)
    for _ in range(_ROUNDS):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        found = _program(subset, uses, amount, (low, high), inside, fixed, left)
        if found is None:
            break
        prices = np.clip(found, low, high)
        paid = _paid(subset, uses, prices)
        better = paid < np.where(inside, paid, np.inf).min(axis=1)[:, None] - nothing
        inside |= better
        if better.any():
            continue
        edge = 1e-9 * (high - low)
        walls = ((prices <= low + edge) & (low > 0)) | ((prices >= high - edge) & (high < upper))
        if not walls.any():
            return Sifted(prices, True)
        width = np.where(walls, _WIDER * width, width)
        low, high = np.maximum(prices - width, 0.0), np.minimum(prices + width, upper)
    return Sifted(prices, False)


def _heaviest(uses: list, rows: int) -> np.ndarray:
    """The heaviest use of each row (rows,); next to nothing where there is none."""
    found = np.full(rows + 1, 1e-300)
    for usage, row in uses:
        np.maximum.at(found, np.broadcast_to(row, usage.shape).ravel(), usage.ravel())
    return found[:-1]


def _paid(subset: Subset, uses: list, prices: np.ndarray) -> np.ndarray:
    price, paid = np.append(prices, 0.0), subset.cost.copy()
    for usage, row in uses:
        paid += usage * price[row]
    return paid


def _program(
    subset: Subset,
    uses: list,
    amount: np.ndarray,
    box: tuple[np.ndarray, np.ndarray],
    inside: np.ndarray,
    fixed: np.ndarray,
    seconds: float,
) -> np.ndarray | None:
    """The prices (rows,) within a box of the program over the cases with a choice; None where it has no
    answer in time."""
    open_cases = inside.sum(axis=1) > 1
    rows, place = len(amount), np.cumsum(open_cases) - 1
    taken, shut = np.zeros(rows + 1), np.flatnonzero(~open_cases)
    for usage, row in uses:
        taken += np.bincount(
            row[shut, fixed[shut] if row.shape[1] > 1 else 0], usage[shut, fixed[shut]], rows + 1
        )
    pos, option = np.nonzero(inside & open_cases[:, None])
    count, columns = int(open_cases.sum()), len(pos)
    entry_row, entry_column, entry = [place[pos]], [np.arange(columns)], [np.ones(columns)]
    heaviest = np.zeros(rows + 1)
    for usage, row in uses:
        use, its = usage[pos, option], row[pos, option if row.shape[1] > 1 else 0]
        counts = np.flatnonzero((its < rows) & (use > 0))
        np.maximum.at(heaviest, its[counts], use[counts])
        entry_row.append(count + its[counts])
        entry_column.append(counts)
        entry.append(use[counts])
    scale = 1.0 / np.where(heaviest > 1e-290, heaviest, 1.0)  # coefficients near 1
    entry = [entry[0], *(e * scale[r - count] for e, r in zip(entry[1:], entry_row[1:]))]
    # Exceeding an amount costs its highest price, and what is left over is sold at its lowest.
    every = np.arange(rows)
    matrix = sparse.csc_matrix(
        (
            np.concatenate([*entry, np.full(rows, -1.0), np.ones(rows)]),
            (
                np.concatenate([*entry_row, count + every, count + every]),
                np.concatenate([*entry_column, columns + every, columns + rows + every]),
            ),
        ),
        (count + rows, columns + 2 * rows),
    )
    cost = np.concatenate([subset.cost[pos, option], box[1] / scale[:-1], -box[0] / scale[:-1]])
    answer = relaxed(cost, matrix, np.r_[np.ones(count), (amount - taken[:-1]) * scale[:-1]], seconds)
    return -answer.duals[count:] * scale[:-1] if answer.values is not None else None
