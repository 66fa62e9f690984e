"""Priced blocks under shared limits -> the cheapest plan within them, what is proven of it, and what the
limits cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.domain.shared_limit import SharedLimit, Use
from optimizer.errors import Infeasible
from optimizer.model.pricing import PricedBlock
from optimizer.solve.blocks import BlockAssignment, CaseBlock, assign_blocks
from optimizer.solve.clash_in_words import LimitsClash
from optimizer.solve.decide import Plan, decide

Progress = Callable[[str, float | None, float], None]
PARTS_OF_A_CENT = 100.0  # a bound is rounded down to so many parts


@dataclass(frozen=True, eq=False)
class LimitResult:
    """What is proven of a plan under limits; money in the reporting currency.

    No acceptable plan within the limits costs less than `bound`. `used` and `shadow_price` (groups,) by the
    name of the limit; a shadow price is the money that one more unit of the amount saves in the relaxed
    problem, where a case may be split between options: a real plan moves in lumps. `status`: optimal,
    within_gap, or time_limit (stopped with a wider gap than asked for).
    """

    cost: float
    bound: float
    status: str
    used: dict[str, np.ndarray]
    shadow_price: dict[str, np.ndarray]
    free: Plan  # what would be decided without limits

    @property
    def gap_money(self) -> float:
        """cost - bound: a plan within the limits is cheaper by at most so much."""
        return round(self.cost - self.bound, 4)

    @property
    def limits_cost(self) -> float:
        """Total with the limits less total without them."""
        return round(self.cost - float(self.free.total.sum()) / 100.0, 2)


def decide_within(
    blocks: Sequence[PricedBlock],
    cases: int,
    limits: Sequence[SharedLimit],
    gap: float = 1e-5,
    seconds: float = 60.0,
    progress: Progress | None = None,
    currency: str = "",
) -> tuple[Plan, LimitResult]:
    """The cheapest plan of all cases that keeps every limit, and what is proven of it.

    The platform's and the buyer's cases use the sum of share x usage of their outcomes and cannot be changed;
    a case with nothing acceptable uses nothing. `gap`, `seconds` and `progress` as in assign_blocks, costs in
    cents. In the plan the runner-up of a case is the acceptable option with the next least cost + sum of
    usage x shadow price, and the margin is the difference of these sums: below 0 where cases, being whole,
    had to give way. Raises LimitsClash, with the amounts that would help.
    """
    free = decide(blocks, cases)
    mine = [np.flatnonzero(free.choice[b.rows] >= 0) for b in blocks]
    asked = [k for k, rows in enumerate(mine) if len(rows)]
    problem = [
        _seller_decides(blocks[k], mine[k], {limit.name: limit.uses[k] for limit in limits}) for k in asked
    ]
    problem += _others_decide(blocks, limits, float(free.total[free.choice < 0].sum()))
    amounts = {limit.name: limit.amount for limit in limits}
    try:
        found = assign_blocks(problem, amounts, gap, seconds, progress)
    except Infeasible as none:
        raise LimitsClash(
            none, limits, _relaxed_cost(problem, amounts, none.relaxation, gap, seconds), currency
        ) from None
    prices = {name: price / 100.0 for name, price in found.shadow_price.items()}
    plan = replace(
        free,
        **{name: getattr(free, name).copy() for name in ("choice", "total", "risk", "runner_up", "margin")},
    )
    for k, choice in zip(asked, found.choices):
        _decide_block(
            plan,
            blocks[k],
            mine[k],
            choice,
            blocks[k].total + 100.0 * paid(limits, k, prices, blocks[k].total.shape),
        )
    return plan, _result(plan, found, prices, free)


def paid(
    limits: Sequence[SharedLimit], block: int, prices: Mapping[str, np.ndarray], shape: tuple[int, int]
) -> np.ndarray:
    """Money that the use of all limits costs at these prices per unit, in one priced block: sum of usage x
    price of its group.   (C, O)"""
    found = np.zeros(shape)
    for limit in limits:
        use = limit.uses[block]
        if use is not None:
            found += (
                use.usage * np.append(prices[limit.name], 0.0)[use.group]
            )  # group -1 takes the last: free of charge
    return found


def expected_use(b: PricedBlock, use: Use, groups: int) -> np.ndarray:
    """What the cases of a block that others decide use of each group: sum of share x usage of their
    outcomes.   (groups,)"""
    usage, group = (np.broadcast_to(a, b.total.shape)[b.mixed] for a in use)
    counted = (group >= 0) & (b.shares > 0)
    return np.bincount(group[counted], (usage * b.shares)[counted], groups)


def _seller_decides(b: PricedBlock, rows: np.ndarray, uses: Mapping[str, Use | None]) -> CaseBlock:
    own = {
        name: Use(*(a[rows] if len(a) == len(b.rows) else a for a in map(np.atleast_2d, use)))
        for name, use in uses.items()
        if use is not None
    }
    return CaseBlock(b.total[rows], b.acceptable[rows], own)


def _others_decide(
    blocks: Sequence[PricedBlock], limits: Sequence[SharedLimit], cost: float
) -> list[CaseBlock]:
    """What cannot be changed: one case with one option that carries all its cost, and one for the use of
    each group, so that no groups are tied together."""
    found = [CaseBlock(np.array([[cost]]), np.ones((1, 1), bool))] if cost else []
    for limit in limits:
        groups = len(limit.groups)
        used = sum(
            (
                expected_use(b, u, groups)
                for b, u in zip(blocks, limit.uses)
                if u is not None and b.mixed.any()
            ),
            np.zeros(groups),
        )
        if (at := np.flatnonzero(used)).size:
            found.append(
                CaseBlock(
                    np.zeros((len(at), 1)),
                    np.ones((len(at), 1), bool),
                    {limit.name: Use(used[at, None], at[:, None])},
                )
            )
    return found


def _decide_block(
    plan: Plan, b: PricedBlock, cases: np.ndarray, choice: np.ndarray, reduced: np.ndarray
) -> None:
    """Write the choices of some cases of a block into the plan; `reduced` (C, O) is cost + paid use in
    cents."""
    rows, at = b.rows[cases], np.arange(len(cases))
    reduced = np.where(b.acceptable[cases], reduced[cases], np.inf)
    own = reduced[at, choice]
    reduced[at, choice] = np.inf
    second = reduced.argmin(axis=1)
    beside = np.isfinite(reduced[at, second])
    plan.choice[rows], plan.total[rows], plan.risk[rows] = (
        choice,
        b.total[cases, choice],
        b.risk[cases, choice],
    )
    plan.runner_up[rows] = np.where(beside, second, -1)
    plan.margin[rows] = np.where(beside, np.round(reduced[at, second] - own), 0.0) + 0.0


def _result(plan: Plan, found: BlockAssignment, prices: dict[str, np.ndarray], free: Plan) -> LimitResult:
    cost = float(plan.total.sum())
    bound = (
        cost
        if found.status == "optimal"
        else min(cost, math.floor(found.bound * PARTS_OF_A_CENT) / PARTS_OF_A_CENT)
    )
    return LimitResult(cost / 100.0, bound / 100.0, found.status, found.used, prices, free)


def _relaxed_cost(
    problem: list[CaseBlock],
    amounts: dict[str, np.ndarray],
    more: Mapping[str, np.ndarray],
    gap: float,
    seconds: float,
) -> float | None:
    """Cost of a plan within the relaxed amounts in money; None where rounding keeps the relaxation from
    being enough."""
    relaxed = {name: (amount + more.get(name, 0.0)) * (1.0 + 1e-9) for name, amount in amounts.items()}
    try:
        return round(assign_blocks(problem, relaxed, gap, seconds).cost / 100.0, 2)
    except Infeasible:
        return None
