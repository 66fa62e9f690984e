"""The second solve: what each row of the table says, so that all rows together keep the limits at the
least cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.domain.shared_limit import Use, most
from optimizer.errors import Infeasible
from optimizer.policy.row_cases import RowCase
from optimizer.solve.blocks import CaseBlock, assign_blocks

_GAP, _SECONDS = 1e-5, 10.0
_HAIR, WIDEN = 1e-9, 1e-6  # share by which a relaxed amount is widened, so that rounding cannot refuse it


@dataclass(frozen=True, eq=False)
class RowSolution:
    """What the rows say.   R rows, G groups over all limits"""

    choice: np.ndarray  # (R,) option of each row
    cost: float  # cents
    used: np.ndarray  # (G,) everything together
    excess: np.ndarray  # (G,) use above the amount, 0 where it is kept
    blocking: (
        np.ndarray
    )  # (R,) group that forbids the row its cheapest option by itself; -1 where it says its cheapest

    def measure(self, amount: np.ndarray) -> tuple[float, float]:
        """Solutions are the better the less this is: the excess as shares of the amounts, then cost."""
        return float((self.excess / np.maximum(amount, 1e-9)).sum()), self.cost


def solve_rows(cases: Sequence[RowCase], fixed: np.ndarray, amount: np.ndarray) -> RowSolution:
    """The cheapest options of all rows that keep the amounts, as far as any do.

    `fixed` (G,) is the use of what no row here decides; `amount` (G,). Where no choice keeps the amounts,
    those are raised as little as can be (weighed by 1 / amount) and `excess` says by how much the choice is
    above them.
    """
    over = fixed > most(amount)
    room = np.where(over, 0.0, np.maximum(amount - fixed, 0.0))
    scarce = _scarce(cases, room)
    choice = np.array([c.cheapest for c in cases], np.int64)
    if scarce.any():
        choice = _assigned(cases, room, scarce)
    choice = _polished(
        cases, choice, fixed, np.maximum(most(amount), fixed + uses(cases, choice, len(amount)))
    )  # what is above stays at most so
    used = fixed + uses(cases, choice, len(amount))
    blocking, excess = blocked(cases, choice, used, amount)
    return RowSolution(choice, float(sum(c.cost[o] for c, o in zip(cases, choice))), used, excess, blocking)


def blocked(
    cases: Sequence[RowCase], choice: np.ndarray, used: np.ndarray, amount: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The group that forbids each row its cheapest option by itself, -1 for none (R,), and the use above
    the amounts (G,)."""
    limit = np.maximum(most(amount), used)
    blocking = np.array([_blocking(c, o, used, limit) for c, o in zip(cases, choice)], np.int64)
    return blocking, np.where(used > most(amount), used - amount, 0.0)


def uses(cases: Sequence[RowCase], choice: np.ndarray, groups: int) -> np.ndarray:
    """Use of all rows together.   (G,)"""
    found = np.zeros(groups)
    for c, o in zip(cases, choice):
        found[c.groups] += c.use[o]
    return found


def _scarce(cases: Sequence[RowCase], room: np.ndarray) -> np.ndarray:
    """Groups that some choice of the rows exceeds.   (G,) bool"""
    dearest = np.zeros(len(room))
    for c in cases:
        dearest[c.groups] += c.use.max(axis=0, initial=0.0)
    return dearest > most(room)


def _assigned(cases: Sequence[RowCase], room: np.ndarray, scarce: np.ndarray) -> np.ndarray:
    names, places = _apart(cases, scarce)
    width = max(len(c.columns) for c in cases)
    cost, acceptable = np.zeros((len(cases), width)), np.zeros((len(cases), width), bool)
    count = int(names.max()) + 1
    usage, group = np.zeros((count, len(cases), width)), np.full((count, len(cases), width), -1, np.int64)
    for i, c in enumerate(cases):
        own = len(c.columns)
        cost[i, :own], acceptable[i, :own] = c.cost, True
        for t in np.flatnonzero(scarce[c.groups]):
            g = c.groups[t]
            counts = np.flatnonzero(c.use[:, t] > 0)
            usage[names[g], i, counts], group[names[g], i, counts] = c.use[counts, t], places[g]
    block = CaseBlock(cost, acceptable, {f"rows {n}": Use(usage[n], group[n]) for n in range(count)})
    members = [np.flatnonzero(names == n) for n in range(count)]  # in the order of their places
    amounts = {f"rows {n}": room[its] for n, its in enumerate(members)}
    try:
        return assign_blocks([block], amounts, _GAP, _SECONDS).choices[0]
    except Infeasible as none:
        wider = {
            n: (a + np.maximum(none.relaxation.get(n, 0.0), 0.0)) * (1.0 + WIDEN) + _HAIR
            for n, a in amounts.items()
        }
        return assign_blocks([block], wider, _GAP, _SECONDS).choices[0]


def _apart(cases: Sequence[RowCase], scarce: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scarce groups put into as few families as can be easily found, so that an option of a row uses one
    group of each at most.

    Number of the family and place in it of every group, -1 where it is not scarce.   two (G,)
    """
    names, places = np.full(len(scarce), -1), np.full(len(scarce), -1)
    beside: dict[int, set[int]] = {int(g): set() for g in np.flatnonzero(scarce)}
    for c in cases:
        for together in (c.use > 0) & scarce[c.groups]:
            its = c.groups[together].tolist()
            for g in its:
                beside[g].update(its)
    taken: list[int] = []
    for g, others in beside.items():
        forbidden = {int(names[o]) for o in others}
        name = next(n for n in range(len(taken) + 1) if n not in forbidden)
        if name == len(taken):
            taken.append(0)
        names[g], places[g] = name, taken[name]
        taken[name] += 1
    return names, places


def _polished(
    cases: Sequence[RowCase], choice: np.ndarray, fixed: np.ndarray, limit: np.ndarray
) -> np.ndarray:
    """Rows one by one take a cheaper option that keeps `limit` (G,), those that save most first, until
    none can."""
    choice = choice.copy()
    used = fixed + uses(cases, choice, len(limit))
    while True:
        best, move = 0.0, None
        for i, c in enumerate(cases):
            for o in np.flatnonzero(c.cost < c.cost[choice[i]] - best):
                if (used[c.groups] - c.use[choice[i]] + c.use[o] <= limit[c.groups]).all():
                    best, move = float(c.cost[choice[i]] - c.cost[o]), (i, int(o))
        if move is None:
            return choice
        i, o = move
        used[cases[i].groups] += cases[i].use[o] - cases[i].use[choice[i]]
        choice[i] = o


def _blocking(case: RowCase, option: int, used: np.ndarray, limit: np.ndarray) -> int:
    """The group that a row alone would exceed most, as a share, if it said its cheapest option; -1 where
    it says it or nothing dearer."""
    free = case.cheapest
    if case.cost[option] <= case.cost[free]:
        return -1
    after = used[case.groups] - case.use[option] + case.use[free]
    share = np.where(after > limit[case.groups], after / np.maximum(limit[case.groups], 1e-9), 0.0)
    return int(case.groups[share.argmax()]) if share.any() else -1
