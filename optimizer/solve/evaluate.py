"""What a choice costs and uses, and what no choice can undercut: straight from the inputs, trusting no
solver."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.domain.shared_limit import Use, most
from optimizer.solve.case_problem import CaseBlock, CaseProblem
from optimizer.solve.limits import Limit
from optimizer.solve.table import UseTable

_ROUNDOFF = 2.0**-50  # the products and sums behind a bound are each off by less than this share


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a choice costs (money), uses per limit and group, and where it breaks a promise."""

    cost: float
    used: dict[str, np.ndarray]  # limit name -> (groups,) in the limit's unit
    exceeded: list[tuple[str, int]]  # (limit name, group) above its amount
    refused: np.ndarray  # cases whose chosen option is not acceptable


def evaluate(cost: np.ndarray, acceptable: np.ndarray, limits: list[Limit], choice: np.ndarray) -> Evaluation:
    """Cost = sum over cases of the chosen option's cost; use of a group = sum of the usage that counts
    towards it.

    `cost`, `acceptable` (cases, options), `choice` (cases,) option numbers. Sums do not depend on the order
    of the cases.
    """
    uses = {limit.name: Use(limit.usage, limit.group) for limit in limits}
    return evaluate_blocks(
        [CaseBlock(np.asarray(cost, float), acceptable, uses)],
        {limit.name: limit.amount for limit in limits},
        choice,
    )


def evaluate_blocks(
    blocks: Sequence[CaseBlock], amounts: Mapping[str, np.ndarray], choice: np.ndarray
) -> Evaluation:
    """The same for cases in blocks, their choices (cases,) one after the other."""
    problem = CaseProblem(blocks, amounts)
    used = problem.by_limit(problem.used(choice))
    exceeded = [
        (name, int(g))
        for name in problem.names
        for g in np.flatnonzero(used[name] > most(np.asarray(amounts[name], float)))
    ]
    refused = [
        np.flatnonzero(~p.block.acceptable[p.here][np.arange(p.here.stop - p.here.start), choice[p.all]])
        + p.all.start
        for p in problem.parts()
    ]
    return Evaluation(
        math.fsum(problem.chosen_cost(choice).tolist()),
        used,
        exceeded,
        np.concatenate([*refused, np.zeros(0, np.int64)]),
    )


def cheapest(cost: np.ndarray, acceptable: np.ndarray) -> np.ndarray:
    """The cheapest acceptable option of every case, the earlier one on ties.   (cases,)"""
    return np.where(acceptable, cost, np.inf).argmin(axis=1) if len(cost) else np.zeros(0, dtype=np.int64)


def with_use_paid(
    cost: np.ndarray, acceptable: np.ndarray, table: UseTable, prices: np.ndarray
) -> np.ndarray:
    """Cost plus use × price of each row (rows,), inf where not acceptable.   (cases, options) money"""
    paid = np.bincount(table.option, weights=prices[table.row] * table.use, minlength=cost.size)
    return np.where(acceptable, cost + paid.reshape(cost.shape), np.inf)


def dual_bound(paid: np.ndarray, table: UseTable, prices: np.ndarray) -> float:
    """Sum over cases of the least cost with use paid, less the prices × amounts (money).

    No plan within the limits costs less, whatever the prices (rows,) ≥ 0 are.
    """
    terms = [*paid.min(axis=1).tolist(), *(-prices * most(table.amount)).tolist()]
    return math.fsum(terms) - _ROUNDOFF * math.fsum(map(abs, terms))
