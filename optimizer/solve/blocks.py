"""Cases in blocks of equal options, decided together under the limits they share: at any size, with proof.

Where the cheapest options keep all limits they are the plan. Small problems are one whole-number program.
Larger ones are priced first (shadow.py), and then only the cases that nearly tie at those prices are decided
together (plan.py).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.domain.shared_limit import most
from optimizer.solve.case_problem import CaseBlock, CaseProblem, joined
from optimizer.solve.clash import clash
from optimizer.solve.evaluate import evaluate_blocks
from optimizer.solve.exact import solve_exactly
from optimizer.solve.plan import Planner
from optimizer.solve.shadow import Shadow, relaxation
from optimizer.solve.subset_table import table_of
from optimizer.solve.sums import exact_sum

_SMALL = 5_000  # cases × options up to which the answer is proven optimal whatever gap is asked for
_PATIENCE = 10.0  # least seconds for the prices: without good ones a first plan takes longer than they do
Progress = Callable[[str, float | None, float], None]


@dataclass(frozen=True, eq=False)
class BlockAssignment:
    """As Assignment, with one array of choices per block."""

    choices: list[np.ndarray]
    cost: float
    bound: float
    used: dict[str, np.ndarray]
    shadow_price: dict[str, np.ndarray]
    status: str

    @property
    def gap(self) -> float:
        """(cost - bound) / max(1, |bound|)."""
        return gap_of(self.cost, self.bound)


def assign_blocks(
    blocks: Sequence[CaseBlock],
    amounts: Mapping[str, np.ndarray],
    gap: float = 1e-5,
    seconds: float = 60.0,
    progress: Progress | None = None,
) -> BlockAssignment:
    """Chooses for every case of every block one acceptable option: least total cost within all limits.

    `amounts` (groups,) by the name of the limit. Else as `assign`, also in what it raises.
    """
    deadline = time.monotonic() + seconds
    tell = progress or (lambda step, cost, bound: None)
    problem = CaseProblem(joined(blocks), amounts)
    free_cost = exact_sum(problem.free.least)
    tell("cheapest", None, free_cost)
    if (problem.free_used <= most(problem.amount)).all():
        return _checked_plan(
            blocks, problem, amounts, problem.free.best, math.inf, np.zeros(len(problem.rows)), gap
        )
    if problem.entries <= _SMALL:
        choice, bound, prices = _small(problem, deadline, seconds, tell)
    else:
        choice, bound, prices = _large(problem, free_cost, gap, deadline, seconds, tell)
    done = _checked_plan(blocks, problem, amounts, choice, bound, prices, gap)
    tell("planned", done.cost, done.bound)
    return done


def _small(
    problem: CaseProblem, deadline: float, seconds: float, tell: Progress
) -> tuple[np.ndarray, float, np.ndarray]:
    subset = problem.gather(np.arange(problem.cases))
    acceptable = np.isfinite(subset.cost)
    cost, table = np.where(acceptable, subset.cost, 0.0), table_of(problem, subset, acceptable)
    found = solve_exactly(cost, acceptable, table, deadline, lambda bound: tell("relaxed", None, bound))
    if found.choice is None:
        raise clash(problem, seconds)
    choice = np.zeros(problem.cases, np.int64)
    choice[subset.cases] = found.choice
    return choice, found.bound, found.prices


def _large(
    problem: CaseProblem, free_cost: float, gap: float, deadline: float, seconds: float, tell: Progress
) -> tuple[np.ndarray, float, np.ndarray]:
    shadow: Shadow | None = relaxation(problem, max(deadline, time.monotonic() + _PATIENCE))
    if shadow is None:
        raise clash(problem, seconds)
    tell("relaxed", None, max(free_cost, shadow.bound))
    planner = Planner(problem, shadow, gap, deadline)
    if not planner.search(lambda cost, bound: tell("searching", cost, bound)):
        raise clash(problem, seconds)
    bound = (
        math.inf
        if all(c.gap == 0.0 for c in planner.clusters)
        else max(free_cost, shadow.bound, planner.bound)
    )
    return planner.choice(), bound, shadow.prices


def _checked_plan(
    blocks: Sequence[CaseBlock],
    problem: CaseProblem,
    amounts: Mapping[str, np.ndarray],
    choice: np.ndarray,
    bound: float,
    prices: np.ndarray,
    gap: float,
) -> BlockAssignment:
    # A bound of inf stands for "proven optimal". What the plan costs and uses is computed anew from the
    # inputs.
    found = evaluate_blocks(blocks, amounts, choice)
    if found.exceeded or found.refused.size:
        raise RuntimeError(f"the solver returned a plan that breaks {found.exceeded or found.refused}")
    bound = min(bound, found.cost)
    status = (
        "optimal"
        if bound == found.cost
        else "within_gap"
        if gap_of(found.cost, bound) <= gap
        else "time_limit"
    )
    choices = np.split(choice.astype(np.int64), np.cumsum([len(b.cost) for b in blocks])[:-1])
    return BlockAssignment(choices, found.cost, bound, found.used, problem.by_limit(prices), status)


def gap_of(cost: float, bound: float) -> float:
    """(cost - bound) / max(1, |bound|)."""
    return (cost - bound) / max(1.0, abs(bound))
