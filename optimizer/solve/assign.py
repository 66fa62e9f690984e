"""The case solver: the cheapest acceptable option of every case, under limits the cases share, with proof.

min sum of cost[i, choice[i]]   subject to, per group of each limit: sum of the usage that counts <= amount
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.domain.shared_limit import Use
from optimizer.solve.blocks import assign_blocks, gap_of
from optimizer.solve.case_problem import CaseBlock
from optimizer.solve.limits import Limit, checked


@dataclass(frozen=True, eq=False)
class Assignment:
    """A plan and what is proven about it.

    `choice` (cases,) option numbers; `cost` and `bound` in money: no acceptable plan within the limits costs
    less than `bound`. `used` per limit (groups,). `shadow_price` per limit (groups,), money per unit, at
    least 0: what one more unit of the amount saves in the relaxed problem, where a case may be split between
    options; a real plan moves in lumps. `status`: optimal (proven), within_gap, or time_limit (the gap is
    wider than asked for).
    """

    choice: np.ndarray
    cost: float
    bound: float
    used: dict[str, np.ndarray]
    shadow_price: dict[str, np.ndarray]
    status: str

    @property
    def gap(self) -> float:
        """(cost - bound) / max(1, |bound|)."""
        return gap_of(self.cost, self.bound)


def assign(
    cost: np.ndarray,
    acceptable: np.ndarray,
    limits: Sequence[Limit] = (),
    gap: float = 1e-5,
    seconds: float = 60.0,
    progress: Callable[[str, float | None, float], None] | None = None,
) -> Assignment:
    """Chooses for every case one acceptable option so that the total cost is least and every limit holds.

    `cost` (cases, options) money of any sign, `acceptable` (cases, options) bool; ties go to the earlier
    option. `gap` is the share of the bound at which the search may stop; problems of up to 5,000 entries are
    solved to proven optimality. `seconds` bounds the search for a cheaper plan; a first plan, or the proof
    that there is none, is always waited for. `progress(step, cost or None, bound)` is called after the steps
    cheapest, relaxed and planned, and while a larger problem is searched. Raises InputError, with every
    problem at once, and Infeasible, with the limits that clash and what would help.
    """
    start = time.monotonic()
    cost, acceptable, limits = checked(cost, acceptable, limits, gap, seconds)
    block = CaseBlock(cost, acceptable, {limit.name: Use(limit.usage, limit.group) for limit in limits})
    found = assign_blocks(
        [block],
        {limit.name: limit.amount for limit in limits},
        gap,
        seconds - (time.monotonic() - start),
        progress,
    )
    choice = found.choices[0] if found.choices else np.zeros(0, np.int64)
    return Assignment(choice, found.cost, found.bound, found.used, found.shadow_price, found.status)
