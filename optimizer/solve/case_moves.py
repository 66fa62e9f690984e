"""A plan that changes case by case: what every other option of every case would use more and less of each
row."""

from __future__ import annotations

import numpy as np

from optimizer.domain.shared_limit import ROUNDING
from optimizer.solve.case_problem import Subset


class CaseMoves:
    """Cases (n,) at a choice, against the amounts left for them (rows,); kept up to date from move to move.

    `cost` (n, options) money, inf where not acceptable. `room` (rows + 1,) is what the choice leaves, below 0
    where it exceeds; the last entry stands for "no row". `rows` and `more` (n, options, entries): a move uses
    so much more of these rows; each row stands at most once among the entries of a move.
    """

    def __init__(self, subset: Subset, amount: np.ndarray, choice: np.ndarray):
        self.cost, self.choice, self.none = subset.cost, choice.copy(), len(amount)
        counting = [u for u in subset.uses if u.usage.any() and (u.group < self.none).any()]
        self.group = np.stack([np.broadcast_to(u.group, self.cost.shape) for u in counting], axis=2)
        self.usage = np.stack([u.usage for u in counting], axis=2)
        self.group = np.where(self.usage > 0, self.group, self.none)
        self.usage = np.where(self.group < self.none, self.usage, 0.0)
        self.rows, self.more = self._moves(np.arange(len(choice)))
        here = np.arange(len(choice)), choice
        used = np.bincount(self.group[here].ravel(), self.usage[here].ravel(), self.none + 1)
        self.room = np.append(amount * (1 + ROUNDING / 2), np.inf) - used  # half: the room is a running sum
        self.room[self.none] = np.inf
        self.count, self.changed = (
            0,
            np.zeros(self.none + 1, np.int64),
        )  # moves made, and the last one that changed each row
        self.holders: list[set[int]] = [set() for _ in range(self.none + 1)]
        for case, its in enumerate(self.group[here].tolist()):
            for row in its:
                self.holders[row].add(case)

    def _moves(self, cases: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        here = np.arange(len(cases)), self.choice[cases]
        group, usage = self.group[cases], self.usage[cases]
        old_group, old_usage = group[here][:, None, :], usage[here][:, None, :]
        same = group == old_group
        rows = np.concatenate([np.where(same, self.none, old_group), group], axis=2)
        more = np.concatenate(
            [np.where(same, 0.0, -old_usage), usage - np.where(same, old_usage, 0.0)], axis=2
        )
        return rows, more

    def dearer(self, cases: np.ndarray) -> np.ndarray:
        """What every option of some cases costs more than the chosen one.   (cases, options)"""
        return self.cost[cases] - self.cost[cases, self.choice[cases]][:, None]

    def holding(self, row: int) -> np.ndarray:
        """The cases whose chosen option uses a row, in order."""
        return np.array(sorted(self.holders[row]), np.int64)

    def take(self, case: int, option: int) -> None:
        """Makes a move."""
        self.count += 1
        self.changed[self.rows[case, option]] = self.count
        self.changed[self.none] = 0
        np.subtract.at(self.room, self.rows[case, option], self.more[case, option])
        self.room[self.none] = np.inf
        for row in self.group[case, self.choice[case]].tolist():
            self.holders[row].discard(case)
        for row in self.group[case, option].tolist():
            self.holders[row].add(case)
        self.choice[case] = option
        rows, more = self._moves(np.array([case]))
        self.rows[case], self.more[case] = rows[0], more[0]
