"""One part of a network solved: as a whole, or, where many could be opened, among the few who may be in a
cheapest plan."""

from __future__ import annotations

import math
import time
from typing import NamedTuple

import numpy as np

from optimizer.solve.network.arrays import Network
from optimizer.solve.network.program import NetworkProgram
from optimizer.solve.network.relaxation import search_prices
from optimizer.solve.network.steady import steady_plan

_EXACT = 1e-12  # distance from a whole number that is none
_WIDE = 0.01  # gap beyond which a plan found before time ran out is compared with a steady one
MANY_PROVIDERS, MANY_FLOWS = 20, 20_000  # from which on it pays to ask first who may be open
_CORES, GROWTH = 3, 1.5  # how often a first plan is sought among a few providers, each time more of them
_NEAR = 1e-3  # gap of a first plan
OF_THE_TIME = 0.25  # share of the time left for each of them
A_HAIR = 1e-9  # share of a cost that may be an error of rounding


class Solved(NamedTuple):
    """A plan as the values of the columns of its program; no plan of the part costs less than `bound`."""

    model: NetworkProgram
    values: np.ndarray
    bound: float

    @property
    def cost(self) -> float:
        return float(self.model.program.costs @ self.values) + self.model.constant


def solve_part(part: Network, gap: float, seconds: float) -> Solved | None:
    """The cheapest plan of a part found in time, to a gap as a share of its cost; None where there is no
    plan.

    `seconds` bounds the search for a cheaper plan; a first plan, or the proof that there is none, is always
    waited for.
    """
    deadline = time.monotonic() + seconds
    few = _few(part, deadline) if _is_large(part) else None
    model = NetworkProgram(part if few is None else few.part)
    answer = model.program.solve(share=gap, seconds=_left(deadline))
    bound = max(answer.bound, model.least()) + model.constant
    plans = [] if answer.values is None else [Solved(model, answer.values, bound)]
    if few is not None:
        bound = max(
            few.bound, min(bound, few.first.cost)
        )  # a plan with anybody else open costs more than the first plan
        plans.append(few.first)
    elif answer.status == "infeasible":
        return None
    if min((plan.cost for plan in plans), default=math.inf) - bound > _WIDE * abs(bound):  # out of time
        bound = max(bound, search_prices(part).bound)
        steady = steady_plan(model)
        plans += [] if steady is None else [Solved(model, steady, bound)]
    if not plans:
        first = model.program.solve(share=gap, target=math.inf)  # the first plan, however long it takes
        if first.values is None:
            return None
        plans = [Solved(model, first.values, bound)]
    best = min(plans, key=lambda plan: plan.cost)
    return Solved(best.model, _settled(best), bound)


class _Few(NamedTuple):
    """The part without those who are in no plan as cheap as the `first`; `bound` of all plans."""

    part: Network
    first: Solved
    bound: float


def _is_large(part: Network) -> bool:
    return len(part.flows) >= MANY_FLOWS and part.decided[part.own_providers].sum() >= MANY_PROVIDERS


def _few(part: Network, deadline: float) -> _Few | None:
    """Who may be open in a cheapest plan, by the prices of a relaxation and a plan among those who look best
    at them.

    None where no first plan was found in time.
    """
    found = search_prices(part, deadline)
    own = part.own_providers
    extra = found.extra[own]
    order, count = np.argsort(extra, kind="stable"), int(GROWTH * (extra <= 0).sum()) + 1
    plans: list[Solved] = []
    may_be_open = np.ones(len(own), bool)
    for _ in range(_CORES):
        model = NetworkProgram(part.without(own[order[count:]]))
        answer = model.program.solve(share=_NEAR, seconds=OF_THE_TIME * _left(deadline))
        if answer.values is not None:
            plans.append(Solved(model, answer.values, found.bound))
            cost = min(plan.cost for plan in plans)
            may_be_open = found.bound + extra < cost + A_HAIR * abs(cost)
            if may_be_open.sum() <= 2 * count:
                break
        if count >= len(own):
            break
        count = int(GROWTH * count) + 1
    return (
        _Few(part.without(own[~may_be_open]), min(plans, key=lambda plan: plan.cost), found.bound)
        if plans
        else None
    )


def _left(deadline: float) -> float:
    return max(0.0, deadline - time.monotonic())


def _settled(plan: Solved) -> np.ndarray:
    """The plan with whole numbers made exactly whole, and everything else planned best around them."""
    program, values = plan.model.program, plan.values
    whole = np.flatnonzero(program.whole)
    exactly = np.rint(values[whole])
    if (np.abs(exactly - values[whole]) <= _EXACT).all():
        return values
    exact = program.solve(whole=False, held=(whole, exactly))
    return (
        exact.values if exact.status == "optimal" else values
    )  # a whole number off by a rounding error is needed so
