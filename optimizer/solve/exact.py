"""Small problems: proven optimal by one whole-number program, ties to the earlier option."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from optimizer.domain.shared_limit import ROUNDING
from optimizer.solve.core import Core
from optimizer.solve.evaluate import cheapest, dual_bound, with_use_paid
from optimizer.solve.table import UseTable


class Exact(NamedTuple):
    """A choice (cases,), a bound no plan undercuts (inf: the choice is proven optimal) and shadow prices
    (rows,)."""

    choice: np.ndarray | None
    bound: float
    prices: np.ndarray


def solve_exactly(
    cost: np.ndarray, acceptable: np.ndarray, table: UseTable, deadline: float, tell: Callable[[float], None]
) -> Exact:
    """The cheapest plan, or the best one at the deadline; no choice where there is no plan.

    A first plan, or the proof that there is none, is always waited for. `tell` is told the bound of the
    relaxed problem.
    """
    prices = Core(cost, acceptable, table, whole=False).shadow_prices(deadline)
    paid = with_use_paid(cost, acceptable, table, prices)
    free = math.fsum(cost[np.arange(len(cost)), cheapest(cost, acceptable)].tolist())
    bound = max(free, dual_bound(paid, table, prices))
    tell(bound)
    found = Core(cost, acceptable, table).plan(0.0, deadline)
    if found.infeasible:
        return Exact(None, bound, prices)
    choice = earlier_ties(found.choice, cost, acceptable, table)
    return Exact(choice, math.inf if found.proven else max(bound, found.bound), prices)


def earlier_ties(choice: np.ndarray, cost: np.ndarray, acceptable: np.ndarray, table: UseTable) -> np.ndarray:
    """The choice with cases moved to an earlier option of exactly equal cost wherever the limits leave
    room."""
    options = cost.shape[1]
    chosen = cost[np.arange(len(cost)), choice][:, None]
    tied = acceptable & (cost == chosen) & (np.arange(options) < choice[:, None])
    cases = np.flatnonzero(tied.any(axis=1))
    choice = choice.copy()
    order = np.argsort(table.option, kind="stable")
    sorted_options = table.option[order]
    used, room = (
        table.used(choice, options),
        table.amount * (1 + ROUNDING / 2),
    )  # half: `after` is a running sum

    def uses(case: int, option: int) -> np.ndarray:
        place = case * options + option
        return order[slice(*np.searchsorted(sorted_options, [place, place + 1]))]

    for case in cases.tolist():
        for option in np.flatnonzero(tied[case]).tolist():
            after = used.copy()
            np.subtract.at(after, table.row[old := uses(case, choice[case])], table.use[old])
            np.add.at(after, table.row[new := uses(case, option)], table.use[new])
            if (after[table.row[new]] <= room[table.row[new]]).all():
                used, choice[case] = after, option
                break
    return choice
