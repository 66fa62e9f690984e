"""Why no plan satisfies the limits: a smallest set that clashes, and the cheapest relaxation."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from optimizer.domain.shared_limit import ROUNDING, most
from optimizer.errors import Infeasible
from optimizer.solve.case_problem import BlockPart, CaseProblem, Sweep, cut
from optimizer.solve.core import Core, left
from optimizer.solve.shadow import NO_EXCESS, exceeded_in_parts, least_excess, weights
from optimizer.solve.subset_table import table_of
from optimizer.solve.table import UseTable, case_uses, reduced

_SMALL = 5_000  # cases × options up to which every answer is exact
_PATIENCE = 10.0  # least seconds for each question about limits that clash
NEARLY = 1e-3  # share within which the relaxation of a larger problem is the cheapest
_CORES = (300, 3_000)  # cases that may be moved to make the relaxation of a larger problem cheaper


def clash(problem: CaseProblem, seconds: float) -> Infeasible:
    """Which limits clash, and the cheapest relaxation.

    Clash: an irreducible set of rows, by deletion: rows are left out, in halves and then one by one, while
    the others still admit no plan. A check that is not settled in `seconds` (at least 10) keeps its rows.
    Relaxation: the extra amounts with the least sum of extra / amount (extra itself where the amount is 0)
    with which a plan exists; least within 0.1 % where the problem is large.
    """
    patience, everything = max(seconds, _PATIENCE), np.ones(len(problem.rows), bool)
    excess = (
        least_excess(problem, everything, time.monotonic() + patience) if problem.entries > _SMALL else None
    )
    if excess is not None and excess.bound > NO_EXCESS:

        def hopeless(active: np.ndarray) -> bool:
            return exceeded_in_parts(problem, active, time.monotonic() + patience)

        alone = np.flatnonzero(_forced(problem) > most(problem.amount) * (1 + ROUNDING))
        support = excess.prices > 0
        if alone.size:  # a row that even the lightest options exceed clashes with nothing but itself
            clashing = np.arange(len(problem.rows)) == alone[0]
        else:
            clashing = _irreducible(support if hopeless(support) else everything, hopeless)
        choice = _lightest(problem, excess.sweep, patience)
    else:
        clashing, choice = _of_whole_cases(problem, patience)
    used = problem.used(choice)
    extra = np.where(used <= most(problem.amount), 0.0, np.maximum(0.0, used - problem.amount))
    return Infeasible([problem.rows[number] for number in np.flatnonzero(clashing)], problem.by_limit(extra))


def _forced(problem: CaseProblem) -> np.ndarray:
    """What the cases use of each row (rows,) whatever they choose."""
    rows = len(problem.rows)

    def work(part: BlockPart) -> np.ndarray:
        found, acceptable = np.zeros(rows + 1), part.block.acceptable[part.here]
        first = acceptable.argmax(axis=1)[:, None]
        for name, use in part.block.uses.items():
            group = np.broadcast_to(cut(use.group, part.here), acceptable.shape)
            own = np.take_along_axis(group, first, axis=1)
            always = ((group == own) | ~acceptable).all(axis=1) & (own[:, 0] >= 0)
            least = np.where(acceptable, cut(use.usage, part.here), np.inf).min(axis=1)
            found += np.bincount(
                np.where(always, own[:, 0] + problem.first[name], rows),
                np.where(always, least, 0.0),
                rows + 1,
            )
        return found[:-1]

    return sum(problem.each(work), np.zeros(rows))


def _irreducible(clashing: np.ndarray, hopeless: Callable[[np.ndarray], bool]) -> np.ndarray:
    clashing, blocks = clashing.copy(), [np.flatnonzero(clashing)]
    while blocks:
        block = blocks.pop()
        clashing[block] = False
        if not hopeless(clashing):
            clashing[block] = True
            blocks += [half for half in np.array_split(block, 2) if len(block) > 1]
    return clashing


def _lightest(problem: CaseProblem, sweep: Sweep, patience: float) -> np.ndarray:
    """The choice (cases,) that exceeds the amounts least: the lightest options at the prices of excess,
    those that nearly tie improved."""
    best, choice = sweep.best, sweep.best.copy()
    for count in _CORES:
        core = np.argsort(sweep.margin, kind="stable")[:count]
        subset, fixed = problem.gather(core), np.ones(problem.cases, bool)
        fixed[core] = False
        acceptable = np.isfinite(subset.cost)
        program, settled = _excess_program(
            problem,
            table_of(problem, subset, acceptable, None, problem.amount - problem.used(best, fixed)),
            acceptable,
        )
        if program.bound_rows:
            answer = program.program.solve(share=NEARLY, seconds=patience)
            settled = (
                settled if answer.values is None else program.with_columns(program.chosen(answer.values))
            )
        trial = best.copy()
        trial[subset.cases] = settled
        if _excess(problem, trial) < _excess(problem, choice):
            choice = trial
    return choice


def _excess(problem: CaseProblem, choice: np.ndarray) -> float:
    return float(np.maximum(0.0, problem.used(choice) - problem.amount) @ weights(problem))


def _of_whole_cases(problem: CaseProblem, patience: float) -> tuple[np.ndarray, np.ndarray]:
    # Exact, by whole-number programs over all cases: for small problems, and where cases in parts would fit.
    subset = problem.gather(np.arange(problem.cases))
    acceptable = np.isfinite(subset.cost)
    table, no_cost = table_of(problem, subset, acceptable), np.zeros(acceptable.shape)
    clashing = _hopeless_alone(acceptable, table)
    if clashing is None:

        def hopeless(active: np.ndarray) -> bool:
            return (
                Core(no_cost, acceptable, table, active=active)
                .plan(0.0, time.monotonic() + patience, wait=False)
                .infeasible
            )

        _, clashing = reduced(no_cost, acceptable, table, np.ones(len(table.rows), dtype=bool), whole=False)
        clashing = _irreducible(clashing, hopeless)
    program, settled = _excess_program(problem, table, acceptable)
    if program.bound_rows:
        answer = program.program.solve(
            share=0.0 if problem.entries <= _SMALL else NEARLY, seconds=left(time.monotonic() + patience)
        )
        settled = settled if answer.values is None else program.with_columns(program.chosen(answer.values))
    choice = np.zeros(problem.cases, np.int64)
    choice[subset.cases] = settled
    return clashing, choice


def _excess_program(problem: CaseProblem, table: UseTable, acceptable: np.ndarray) -> tuple[Core, np.ndarray]:
    weight = weights(problem)
    heaviest = max((weight[table.row] * table.use).max(initial=0.0), 1e-290)
    program = Core(
        np.zeros(acceptable.shape), acceptable, table, whole=False, excess_weight=weight * (1e3 / heaviest)
    )
    return program, program.settled


def _hopeless_alone(acceptable: np.ndarray, table: UseTable) -> np.ndarray | None:
    # A row that even the lightest options exceed clashes with nothing but itself.
    everything = np.ones(len(table.rows), dtype=bool)
    _, _, lightest, _ = case_uses(table, acceptable, everything)
    alone = np.flatnonzero(lightest > most(table.amount) * (1 + ROUNDING))
    return np.arange(len(table.rows)) == alone[0] if alone.size else None
