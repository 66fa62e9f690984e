"""A plan made cheaper where groups leave room: a few dozen cases around a group decided anew as a
whole-number program, group by group."""

from __future__ import annotations

import time

import numpy as np

from optimizer.solve.case_moves import CaseMoves
from optimizer.solve.core import Core
from optimizer.solve.table import UseTable

_FIRST_CASES, _MORE_CASES, MOST_CASES = (
    50,
    1.5,
    400,
)  # decided at once, and how many more when a round over all rows found little
PARTNERS = 4  # rows looked at together with the one that leaves most
_OPTIONS = 1  # per case beside the chosen one, on average
NODES = 50  # of each search
LITTLE = 0.01  # of the gap: a round that finds less is followed by a wider one


class Search:
    """Rounds over the rows of a plan; each row is the centre of one neighbourhood per round, those that leave
    most first.

    `cases` (n,) are their places among all; `extra` (n, options): what an option costs beyond the best at the
    `price` (rows,), use paid.
    """

    def __init__(self, cases: np.ndarray, moves: CaseMoves, extra: np.ndarray, price: np.ndarray):
        self.cases, self.moves, self.extra, self.price = cases, moves, extra, price
        self.margin = (
            np.partition(extra, 1, axis=1)[:, 1] if extra.shape[1] > 1 else np.full(len(extra), np.inf)
        )
        self.size = float(_FIRST_CASES)

    @property
    def over(self) -> bool:
        """Whether even wide neighbourhoods found next to nothing."""
        return self.size > MOST_CASES

    def round(self, gap: float, wanted: float, deadline: float) -> None:
        """One round; stops early when the `gap` (money) is down to the one wanted."""
        waiting, saved = self._loss() > 0.0, 0.0
        while waiting.any() and gap - saved > wanted and time.monotonic() < deadline:
            centre = int(np.where(waiting, self._loss(), -1.0).argmax())
            waiting[centre] = False
            saved += self._improve(centre, deadline)
        if saved < LITTLE * gap:
            self.size *= _MORE_CASES

    def _loss(self) -> np.ndarray:
        """What the rows leave unused, at the prices (rows,)."""
        return self.price * np.maximum(0.0, self.moves.room[:-1])

    def _improve(self, centre: int, deadline: float) -> float:
        """Decides the cases around a row anew; returns the money saved."""
        moves = self.moves
        cases = self._around(centre)
        chosen = np.arange(len(cases)), moves.choice[cases]
        extra, group, usage = self.extra[cases], moves.group[cases], moves.usage[cases]
        useful = (extra <= smallest(extra.ravel(), (_OPTIONS + 1) * len(cases))) & np.isfinite(extra)
        useful[chosen] = True
        room = np.maximum(
            0.0, moves.room + np.bincount(group[chosen].ravel(), usage[chosen].ravel(), moves.none + 1)
        )
        counts = useful[:, :, None] & (group < moves.none)
        option = np.broadcast_to(np.arange(useful.size).reshape(*useful.shape, 1), group.shape)[counts]
        rows, row = np.unique(group[counts], return_inverse=True)
        cost = np.where(useful, moves.cost[cases], 0.0)
        found = Core(cost, useful, UseTable(rows.tolist(), room[rows], option, row, usage[counts])).plan(
            0.0, deadline, wait=False, nodes=NODES
        )
        before = float(cost[chosen].sum())
        if found.choice is None or before - found.cost < 1e-9 * max(1.0, abs(before)):
            return 0.0
        for case, now in zip(cases.tolist(), found.choice.tolist()):
            if now != moves.choice[case]:
                moves.take(case, now)
        return before - found.cost

    def _around(self, centre: int) -> np.ndarray:
        """The cases to decide anew, in order: those whose choice is nearest to open and that touch the row
        or its partners."""
        moves = self.moves
        near = self.extra <= smallest(self.margin, 4 * int(self.size))
        touching = (moves.group == centre).any(axis=(1, 2))
        loss = np.append(self._loss(), 0.0)
        met = np.bincount(moves.group[touching][near[touching]].ravel(), minlength=moves.none + 1) * loss
        met[centre] = 0.0
        inside = np.zeros(moves.none + 1, bool)
        inside[np.argsort(-met, kind="stable")[:PARTNERS]] = True
        inside[centre], inside[moves.none] = True, False
        hits = (inside[moves.group].any(axis=2) & near).sum(axis=1) + (moves.group == centre).any(axis=(1, 2))
        open_ = np.where(moves.choice != self.extra.argmin(axis=1), 0.0, self.margin)
        score = np.where(hits > 0, open_ / np.maximum(hits, 1) ** 2, np.inf)
        return np.sort(np.argsort(score, kind="stable")[: int(self.size)])


def smallest(values: np.ndarray, rank: int) -> float:
    """The value at a rank, counted from 0 at the smallest; the largest where there are not so many."""
    rank = min(rank, values.size - 1)
    return float(np.partition(values, rank)[rank])
