"""Plans close to the bound by exchanging up to four choices at once: two pairs that together fill what the
limits leave.

At the shadow prices every case stands at its best option, which uses a little too much here and too little
there. A plan loses against the bound what its exchanges cost beyond the best, and what it leaves unused at
the shadow prices. Pairs of exchanges stand in a tree by the money of their use; for each pair it finds those
that complete it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

MOST_ROWS = 5  # scarce rows: with more, four exchanges do not fill them
_ROUNDS = (96, 256, 512)  # exchanges looked at, the cheapest ones
NEIGHBOURS = 8
_WIDER = (0.5, 1.0, 2.0, 6.0)  # times the loss aimed at: how much may be left unused of all rows together


class Exchanges(NamedTuple):
    """Choices that differ from the best at the prices: by case and option, what they cost beyond it and
    what more they use."""

    case: np.ndarray  # (m,)
    option: np.ndarray  # (m,)
    extra: np.ndarray  # (m,) money, use paid
    use: np.ndarray  # (m, scarce rows) money, at the shadow prices; may be below 0


def exchanged(exchanges: Exchanges, room: np.ndarray, aim: float) -> Iterator[dict[int, int]]:
    """Sets of exchanges, case -> option, each losing less than the one before, until one loses at most `aim`
    (money).

    `room` (scarce rows,) is what the best options leave, in money at the shadow prices; below 0 where they
    use too much.
    """
    cheapest = np.argsort(exchanges.extra, kind="stable")
    best = np.inf
    for count in _ROUNDS:
        its = Exchanges(*(part[cheapest[:count]] for part in exchanges))
        first, second = np.triu_indices(len(its.case), 1)
        apart = its.case[first] != its.case[second]
        none, alone = np.full(1, -1), np.arange(len(its.case))
        first, second = (
            np.concatenate([none, alone, first[apart]]),
            np.concatenate([none, np.full(len(alone), -1), second[apart]]),
        )
        use, extra = np.vstack([its.use, np.zeros((1, len(room)))]), np.append(its.extra, 0.0)
        pair_use, pair_extra = use[first] + use[second], extra[first] + extra[second]
        few = _cheapest_of_equal(
            pair_use, pair_extra
        )  # units of stock are all the same: a tree of equal points is slow
        first, second, pair_use, pair_extra = first[few], second[few], pair_use[few], pair_extra[few]
        tree = cKDTree(pair_use)
        for wide in _WIDER:
            width = wide * aim
            _, found = tree.query(
                room - pair_use - width / 2,
                k=NEIGHBOURS,
                p=np.inf,
                distance_upper_bound=width / 2 * (1 + 1e-9),
                workers=-1,
            )
            p, k = np.nonzero(found < len(pair_use))
            q = found[p, k]
            left = room - pair_use[p] - pair_use[q]
            fits = (left >= 0.0).all(axis=1)
            for mine in (first, second):
                for other in (first, second):
                    fits &= (mine[p] < 0) | (its.case[mine[p]] != its.case[other[q]]) | (other[q] < 0)
            loss = np.where(fits, pair_extra[p] + pair_extra[q] + left.sum(axis=1), np.inf)
            if loss.size and loss.min() < best:
                n = int(loss.argmin())
                best = loss[n]
                chosen = [i for i in (first[p[n]], second[p[n]], first[q[n]], second[q[n]]) if i >= 0]
                yield {int(its.case[i]): int(its.option[i]) for i in chosen}
                break
        if best <= aim or count >= len(exchanges.case):
            return


def _cheapest_of_equal(use: np.ndarray, extra: np.ndarray) -> np.ndarray:
    """The places of the few that cost least among those of equal use (m, rows), in their order.   (n,)"""
    order = np.lexsort((extra, *use.T))
    differs = np.ones(len(order), bool)
    differs[1:] = (use[order[1:]] != use[order[:-1]]).any(axis=1)
    place = np.arange(len(order))
    return np.sort(order[place - np.maximum.accumulate(np.where(differs, place, 0)) < NEIGHBOURS])
