"""Rows of opening: who is open when, when it starts and stops, what its ramp leaves of its capacity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from optimizer.solve.backend import Program
from optimizer.solve.network.arrays import Network

NO_COLUMN = -1


class Ready(NamedTuple):
    """Columns of a provider and month, and the share of the capacity that each stands for.

    Where `lost`, the first column is open in full, and each of the others takes away what its share is short
    of 1.
    """

    columns: np.ndarray
    shares: np.ndarray
    lost: bool = False

    def weighted(self, amount: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Coefficients with which the columns add up to an amount that depends on the share."""
        return self.weighted_by(amount(self.shares))

    def weighted_by(self, amounts: np.ndarray) -> np.ndarray:
        """The same for amounts that are known; further axes are kept.   (columns, …)"""
        return np.concatenate([amounts[:1], amounts[1:] - amounts[:1]]) if self.lost else amounts


@dataclass(eq=False)
class Openings:
    """Columns of opening, by provider and month; NO_COLUMN where nothing is to be decided.

    `ready[p, t]` says how much of the capacity is there; a provider without entry is there in full.
    """

    open: np.ndarray  # (P, months)
    start: np.ndarray  # (P, months)
    ready: dict[tuple[int, int], Ready] = field(default_factory=dict)
    constant: float = 0.0  # of the cost, discounted
    forced: list[tuple[int, np.ndarray]] = field(default_factory=list)  # provider and its rows


def add_openings(program: Program, network: Network) -> Openings:
    """Adds columns and rows of opening, closing and staying open; their costs are in the objective.

    Formulas: open - open the month before = start - stop; a contract keeps it open: starts of its last months
    <= open.
    """
    p, months, disc = network.providers, network.months, network.discount
    found = Openings(np.full((len(p), months), NO_COLUMN), np.full((len(p), months), NO_COLUMN))
    for n in network.own_providers[network.decided[network.own_providers]].tolist():
        was, ramp = bool(p.initially_open[n]), p.ramp[n]
        is_open = program.columns(disc * p.monthly_cost[n])
        found.open[n] = is_open
        if was:  # stop of the first month = 1 - open
            program.charge(is_open[:1], -disc[:1] * p.close_cost[n])
            found.constant += disc[0] * p.close_cost[n]
        else:  # start of the first month = open
            program.charge(is_open[:1], disc[:1] * p.open_cost[n])
            found.start[n, 0] = is_open[0]
        follows = p.contract[n] > 1 or ramp.size > 0
        if months > 1 and (
            p.open_cost[n] or p.close_cost[n] or follows or "opening_budget" in network.limits
        ):
            found.start[n, 1:] = _add_starts(program, network, n, is_open)
        if p.contract[n] > 1:
            _add_contract(program, found.start[n], is_open, int(p.contract[n]))
        shares = (
            _add_ramp(program, ramp, int(p.contract[n]), found.start[n], is_open, was)
            if ramp.size
            else [Ready(is_open[t : t + 1], np.ones(1)) for t in range(months)]
        )
        found.ready |= {(n, t): share for t, share in enumerate(shares)}
        if p.forced_open[n] or p.forced_closed[n]:
            sign = -1.0 if p.forced_open[n] else 1.0
            rows = program.rows(
                np.arange(months), is_open, np.full(months, sign), np.full(months, min(sign, 0.0))
            )
            found.forced.append((n, rows))
    return found


def _add_starts(program: Program, network: Network, n: int, is_open: np.ndarray) -> np.ndarray:
    """Starts of all months but the first: stop = start - open + open before.   (months - 1,) columns"""
    p, disc, count = network.providers, network.discount, network.months - 1
    start = program.columns(disc[1:] * (p.open_cost[n] + p.close_cost[n]), whole=False)
    program.charge(is_open[1:], -disc[1:] * p.close_cost[n])
    program.charge(is_open[:-1], disc[1:] * p.close_cost[n])
    rows, one = np.arange(count), np.ones(count)
    program.rows(
        np.tile(rows, 3), np.r_[is_open[1:], is_open[:-1], start], np.r_[one, -one, -one], np.zeros(count)
    )  # open - before <= start
    program.rows(
        np.tile(rows, 2), np.r_[start, is_open[1:]], np.r_[one, -one], np.zeros(count)
    )  # start <= open
    program.rows(np.tile(rows, 2), np.r_[start, is_open[:-1]], np.r_[one, one], one)  # start <= 1 - before
    return start


def _add_contract(program: Program, start: np.ndarray, is_open: np.ndarray, length: int) -> None:
    """Within its contract a provider stays open: the starts of the last `length` months <= open."""
    for t in range(1, len(is_open)):
        its = start[max(0, t - length + 1) : t + 1]
        its = its[its != NO_COLUMN]
        program.row(np.r_[its, is_open[t]], np.r_[np.ones(len(its)), -1.0], 0.0)


def _add_ramp(
    program: Program, ramp: np.ndarray, contract: int, start: np.ndarray, is_open: np.ndarray, was: bool
) -> list[Ready]:
    """How much of the capacity is there, per month.

    Within a contract no start is undone, so the shares lost follow from the starts. Otherwise the months
    since opening are columns of their own: one that stops within its ramp loses its age, and no share turns
    negative.
    """
    months, steps = len(is_open), len(ramp)
    if contract >= steps:
        found = []
        for t in range(months):
            ages = [k for k in range(min(steps, t + 1)) if start[t - k] != NO_COLUMN]
            found.append(
                Ready(
                    np.r_[is_open[t], start[[t - k for k in ages]]].astype(int),
                    np.r_[1.0, ramp[ages]],
                    lost=True,
                )
            )
        return found
    age = np.full((months, steps), NO_COLUMN)  # open since k months
    past = np.full(months, NO_COLUMN)  # open, and past the ramp
    for t in range(months):
        age[t, 0] = start[t]
        known = [k for k in range(1, min(steps, t + 1)) if age[t - 1, k - 1] != NO_COLUMN]
        age[t, known] = program.columns(np.zeros(len(known)), whole=False)
        for k in known:
            program.row(np.array([age[t, k], age[t - 1, k - 1]]), np.array([1.0, -1.0]), 0.0)
        may = was or t >= steps
        if may:
            past[t] = program.columns(np.zeros(1), whole=False)[0]
        its = np.r_[age[t], past[t]]
        its = its[its != NO_COLUMN]
        program.row(np.r_[its, is_open[t]], np.r_[np.ones(len(its)), -1.0], 0.0, equal=True)
        if may and (t > 0 or not was):
            before = np.r_[past[t - 1], age[t - 1, steps - 1]]
            before = before[before != NO_COLUMN]
            program.row(np.r_[past[t], before], np.r_[1.0, -np.ones(len(before))], 0.0)
    shares = []
    for t in range(months):
        columns, weights = np.r_[age[t], past[t]], np.r_[ramp, 1.0]
        shares.append(Ready(columns[columns != NO_COLUMN], weights[columns != NO_COLUMN]))
    return shares
