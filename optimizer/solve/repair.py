"""A first plan where many rows are scarce, move by move, and the same plan made cheaper by one or two
moves at a time."""

from __future__ import annotations

import time

import numpy as np

from optimizer.solve.case_moves import CaseMoves

MOVES_PER_ROW, FEWEST_MOVES = 60, 2_000
HEAVIER, HEAVIEST = (
    1.5,
    1e100,
)  # what an excess that no move relieves counts more, until one does; and where that ends
PASSES, MOST_TRIES = 5, 30_000
EMPTIEST = 4  # rows that one pair of moves may fill
_NOTHING = 1e-9  # money: less is rounding


def repaired(moves: CaseMoves, extra: np.ndarray, weight: np.ndarray) -> bool:
    """Makes moves until no row is exceeded; False where they run out.

    Each takes the case and option of the row that is exceeded most that lose least money (`extra` (n,
    options), beyond the best option at the prices) per money's worth of excess taken away; `weight` (rows,)
    is the money of one unit.
    """
    weight = np.append(weight, 0.0)
    for _ in range(FEWEST_MOVES + MOVES_PER_ROW * len(weight)):
        excess = np.maximum(0.0, -moves.room) * weight
        row = int(excess.argmax())
        if excess[row] == 0.0:
            return True
        cases = moves.holding(row)
        relief = -_excess_added(moves, cases, weight)
        dearer = extra[cases] - extra[cases, moves.choice[cases]][:, None]
        helps = np.isfinite(dearer) & (relief > 1e-9 * excess[row])
        score = np.where(helps, np.maximum(dearer, 0.0) / np.where(helps, relief, 1.0), np.inf)
        if helps.any():
            n, option = divmod(int(score.argmin()), score.shape[1])
            moves.take(int(cases[n]), option)
        elif not cases.size or weight[row] > HEAVIEST:
            return False
        else:
            weight[row] *= HEAVIER
    return False


def _excess_added(moves: CaseMoves, cases: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """What every option of some cases adds to the weighted excess (money).   (cases, options)"""
    rows = moves.rows[cases]
    before = np.where(rows == moves.none, np.inf, moves.room[rows])
    return ((np.maximum(0.0, moves.more[cases] - before) - np.maximum(0.0, -before)) * weight[rows]).sum(
        axis=2
    )


def cheapened(moves: CaseMoves, extra: np.ndarray, price: np.ndarray, deadline: float) -> None:
    """Makes cheaper moves as long as there are any: alone, or with one that frees what the first one exceeds.

    A move can save no more than what the rows it fills leave unused is worth at the prices (rows,): those
    whose `extra` (n, options) lies above what the emptiest rows leave are not looked at.
    """
    everyone, tried, tries = np.arange(len(moves.choice)), np.full(extra.shape, -1), 0
    for _ in range(PASSES):
        worth = np.sort(price * moves.room[:-1])[-EMPTIEST:].sum()
        useful = extra - extra[everyone, moves.choice][:, None] <= worth
        dearer = moves.dearer(everyone)
        news = (
            moves.changed[moves.rows].max(axis=2) > tried
        )  # what its rows have not seen since would fail again
        cases, options = np.nonzero((dearer < -_NOTHING) & useful & news)
        found = False
        for n in np.argsort(dearer[cases, options], kind="stable").tolist():
            tried[cases[n], options[n]], tries = moves.count, tries + 1
            found |= _taken(moves, int(cases[n]), int(options[n]), useful)
            if tries > MOST_TRIES or time.monotonic() > deadline:
                return
        if not found:
            return


def _taken(moves: CaseMoves, case: int, option: int, useful: np.ndarray) -> bool:
    """Makes the move if it is still cheaper and fits, alone or with another useful one (n, options) that
    leaves the two cheaper."""
    saved = float(moves.cost[case, moves.choice[case]] - moves.cost[case, option])
    if saved <= _NOTHING:
        return False
    rows, more = moves.rows[case, option], moves.more[case, option]
    beyond = more - moves.room[rows]
    if (beyond <= 0.0).all():
        moves.take(case, option)
        return True
    others = moves.holding(int(rows[beyond.argmax()]))
    others = others[others != case]
    dearer = moves.dearer(others)
    n, other_option = np.nonzero(useful[others] & (dearer < saved - _NOTHING))
    others, dearer = others[n], dearer[n, other_option]
    added = np.zeros(moves.none + 1)
    np.add.at(added, rows, more)
    its_rows, its_more = moves.rows[others, other_option], moves.more[others, other_option]
    fits = (its_more + added[its_rows] <= moves.room[its_rows]).all(axis=1)
    for row in set(rows[more > 0].tolist()) - {moves.none}:
        fits &= ((its_rows == row) * its_more).sum(axis=1) + added[row] <= moves.room[row]
    if not fits.any():
        return False
    best = np.flatnonzero(fits)[dearer[fits].argmin()]
    moves.take(int(others[best]), int(other_option[best]))
    moves.take(case, option)
    return True
