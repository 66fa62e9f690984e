"""Shadow prices of any number of cases: learnt on a sample, corrected on the cases that can still change,
made exact on the few left.

A case whose best option is the best at all prices that are still possible need not be looked at again.
Whatever the prices, the value of the dual at them is a bound that holds.
"""

from __future__ import annotations

import math
import time
from typing import NamedTuple

import numpy as np

from optimizer.domain.shared_limit import most
from optimizer.solve.case_problem import CaseBlock, CaseProblem, Sweep
from optimizer.solve.sifting import REACH, sift
from optimizer.solve.smooth import Smoothed, newton
from optimizer.solve.sums import exact_sum

SAMPLE = 2_000  # cases at least, and so many per row, and such a share of all
PER_ROW, SHARE = 150, 0.01
OPEN = 0.025  # share of the cases looked at again after a sample, those whose best two options nearly tie
FEWEST_OPEN, MORE_OPEN = 1_000, 20_000  # cases at first, and when that was not enough
HOT = 0.2  # of what a typical case's second best option costs more: the heat to begin with then
CORRECTIONS = 8
NEWTON_STEPS, ENOUGH = (
    3,
    1e-6,
)  # from the sample towards all cases, until the bound rises by less than that share
HEATS = 3.0  # times the margin of the open cases: where the sample's curvature is taken
_ROUNDOFF = 2.0**-50  # the products and sums behind a bound are each off by less than this share
# times the range of costs over the heaviest use: prices stop there unless more turns out to be worth it
_DEAREST = 1e3
DEARER, DEAREST_OF_ALL = 1e4, 1e9
NO_EXCESS = 1e-9  # of the amounts: less is rounding
MOST_SPREAD = 50_000  # cases whose choices are spread to see whether limits can be kept
SPREADS, COOLER, _ROUGH = 4, 0.1, 1e-8
SPARE = 1e-3  # share of the amounts that the spread aims to leave, so that it need not be exact


class Shadow(NamedTuple):
    """Prices (rows,), what every case does at them, and the bound they prove (money)."""

    prices: np.ndarray
    sweep: Sweep
    bound: float


def dual_value(problem: CaseProblem, prices: np.ndarray, sweep: Sweep) -> float:
    """Sum over cases of the least cost with use paid, less prices × amounts, less what rounding may have
    added.

    No plan within the limits costs less, whatever the prices (rows,) at least 0 are.
    """
    paid = (-prices * most(problem.amount)).tolist()
    sizes = math.fsum(map(abs, paid)) + float(np.abs(sweep.least).sum())
    return math.fsum([*paid, exact_sum(sweep.least)]) - _ROUNDOFF * max(1, len(problem.names)) * sizes


def shadow_prices(
    problem: CaseProblem, upper: np.ndarray, deadline: float, marks: np.ndarray | None = None
) -> Shadow:
    """Exact prices (rows,) of the relaxed problem between 0 and `upper`, or those reached at the deadline.

    `marks` (cases,) draw the sample, by default by the costs of the cases.
    """
    rows = len(problem.rows)
    prices, free = np.zeros(rows), problem.free
    heat = _warmth(problem, free, upper)
    wanted = max(SAMPLE, PER_ROW * rows, int(SHARE * problem.cases))
    count = problem.cases
    if 3 * wanted < problem.cases:
        marks = problem.marks() if marks is None else marks
        sample = marks <= np.partition(marks, wanted)[wanted]
        if 3 * sample.sum() < problem.cases:
            prices, free, heat = _of_sample(problem, sample, upper, heat, deadline)
            count = max(FEWEST_OPEN, int(OPEN * problem.cases))
    there = free
    for _ in range(CORRECTIONS):
        if count < problem.cases:
            margin = float(np.partition(free.margin, count)[count])
            open_cases = free.margin <= margin
        else:
            margin, open_cases = math.inf, np.ones(problem.cases, bool)
        amount = problem.amount - problem.used(free.best, ~open_cases)
        smoothed = Smoothed(problem.gather(np.flatnonzero(open_cases)), amount)
        moved, reached = smoothed.climb(prices, upper, heat, rows, deadline, margin)
        inside = np.abs(moved - prices) < 0.99 * margin / smoothed.heaviest
        if inside.all():
            moved = sift(smoothed.subset, amount, moved, upper, REACH * reached, deadline).prices
            inside = np.abs(moved - prices) < margin / smoothed.heaviest
        prices, there = moved, problem.sweep(moved)
        if (
            inside.all() and not (~open_cases & (there.best != free.best)).any()
        ) or time.monotonic() > deadline:
            break
        # The prices lie further off than the cases looked at: more of them from there, beginning with more
        # heat.
        free, count, heat = (
            there,
            max(2 * count, MORE_OPEN),
            max(heat, HOT * float(np.median(there.margin[np.isfinite(there.margin)]))),
        )
    return Shadow(prices, there, dual_value(problem, prices, there))


def relaxation(problem: CaseProblem, deadline: float) -> Shadow | None:
    """Exact prices of the relaxed problem, or those reached at the deadline; None where not even cases in
    parts fit the limits."""
    upper, marks = _dearest(problem), None
    while True:
        shadow = shadow_prices(problem, upper, deadline, marks)
        if not (shadow.prices >= 0.9 * upper).any():
            return shadow
        if least_excess(problem, np.ones(len(problem.rows), bool), deadline).bound > NO_EXCESS:
            return None
        if (upper >= DEAREST_OF_ALL * _dearest(problem)).any() or time.monotonic() > deadline:
            return shadow
        upper = upper * DEARER


def least_excess(problem: CaseProblem, active: np.ndarray, deadline: float) -> Shadow:
    """Prices and bound of the problem to exceed the amounts of the `active` rows (rows,) by as little as can
    be.

    What is made small is the sum of excess / amount (the excess itself where the amount is 0), cases in parts
    allowed.
    """
    marks = problem.marks() if problem.cases > SAMPLE else None
    return shadow_prices(*_of_excess(problem, active), deadline, marks)


def exceeded_in_parts(problem: CaseProblem, active: np.ndarray, deadline: float) -> bool:
    """Whether not even cases in parts keep the amounts of the `active` rows (rows,).

    Often a spread of the choices that keeps them, or prices that prove there is none, is at hand long before
    the exact prices are.
    """
    if problem.cases <= MOST_SPREAD:
        bare, upper = _of_excess(problem, active)
        smoothed = Smoothed(bare.gather(np.arange(bare.cases)), bare.amount * (1.0 - SPARE))
        prices, heat = np.zeros(len(bare.rows)), _warmth(bare, bare.free, upper)
        for _ in range(SPREADS):
            prices, heat = smoothed.climb(prices, upper, heat, math.inf, deadline, rough=_ROUGH)
            if (smoothed.at(prices, heat).slope <= SPARE * bare.amount)[active].all():
                return False
            if dual_value(bare, prices, bare.sweep(prices)) > NO_EXCESS:
                return True
            heat *= COOLER
    return least_excess(problem, active, deadline).bound > NO_EXCESS


def _of_excess(problem: CaseProblem, active: np.ndarray) -> tuple[CaseProblem, np.ndarray]:
    """The problem with nothing to pay but excess, and what a unit of it costs at most (rows,)."""
    free = [CaseBlock(np.broadcast_to(0.0, b.cost.shape), b.acceptable, b.uses) for b in problem.blocks]
    return CaseProblem(free, problem.by_limit(problem.amount)), np.where(active, weights(problem), 0.0)


def weights(problem: CaseProblem) -> np.ndarray:
    """What one unit of excess counts: 1 / amount, 1 where the amount is 0.   (rows,)"""
    return np.divide(1.0, problem.amount, out=np.ones(len(problem.rows)), where=problem.amount > 1e-290)


def _dearest(problem: CaseProblem) -> np.ndarray:
    """Prices (rows,) that hardly any problem needs: many times the range of costs over the heaviest use."""
    sizes = [b.cost for b in problem.blocks if b.cost.size]
    span = max(float(np.max(c)) for c in sizes) - min(float(np.min(c)) for c in sizes)
    size, most_used = problem.size, problem.largest_use
    largest = np.concatenate([np.full(size[n], max(most_used[n], 1e-200)) for n in problem.names])
    return np.minimum(_DEAREST * max(span, 1e-9) / largest, 1e200)


def _of_sample(
    problem: CaseProblem, sample: np.ndarray, upper: np.ndarray, heat: float, deadline: float
) -> tuple[np.ndarray, Sweep, float]:
    """Prices (rows,) learnt on a sample of the cases, what all cases do at them, and the heat reached.

    The sample is given its share of every amount: the share of the use it would make if all were free. What
    all cases then use too much or too little is mended by Newton steps with the curvature of the sample,
    which a sweep each costs.
    """
    whole, its = problem.free_used, problem.used(problem.free.best, sample)
    share = np.divide(its, whole, out=np.full(len(whole), sample.sum() / problem.cases), where=whole > 0)
    smoothed = Smoothed(problem.gather(np.flatnonzero(sample)), problem.amount * share)
    prices, reached = smoothed.climb(np.zeros(len(problem.rows)), upper, heat, len(problem.rows), deadline)
    there, times = problem.sweep(prices), problem.cases / sample.sum()
    value, close = dual_value(problem, prices, there), int(OPEN * problem.cases)
    for _ in range(NEWTON_STEPS):
        near = max(reached, HEATS * float(np.partition(there.margin, close)[close]))
        curve = smoothed.at(prices, near).curve * (times / near)
        beyond = problem.used(there.best) - problem.amount
        loose = np.where(beyond > 0, prices < upper, prices > 0)
        if not loose.any() or near == math.inf:  # nothing to mend, or hardly a case has a choice
            break
        step = np.zeros(len(prices))
        step[loose] = newton(curve[np.ix_(loose, loose)], beyond[loose])
        for part in (1.0, 0.5, 0.25):
            moved = np.clip(prices + part * step, 0.0, upper)
            trial = problem.sweep(moved)
            gain = dual_value(problem, moved, trial) - value
            if gain > 0:
                prices, there, value = moved, trial, value + gain
                break
        if gain <= ENOUGH * abs(value) or time.monotonic() > deadline:
            break
    return prices, there, reached


def _warmth(problem: CaseProblem, free: Sweep, upper: np.ndarray) -> float:
    """The heat to start with: what the second best option of a case usually costs more."""
    for sweep in (free, None):
        margin = (sweep or problem.sweep(np.minimum(upper, 1e100))).margin
        margin = margin[np.isfinite(margin) & (margin > 0)]
        if margin.size:
            return float(np.median(margin))
    return 1.0
