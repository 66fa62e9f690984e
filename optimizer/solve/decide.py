"""Priced blocks -> a decision per case: the cheapest acceptable option, ties to the earlier one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.model.pricing import PricedBlock

UNDECIDED, EXPECTED = -1, -2  # nothing acceptable; the outcome is expected, not chosen


@dataclass
class Plan:
    """One decision per case, in the order of the case table; money in cents.   every array (N,)"""

    block: np.ndarray  # index of the priced block
    place: np.ndarray  # row inside the block
    choice: np.ndarray  # column of the option; UNDECIDED or EXPECTED
    total: np.ndarray  # 0 where undecided
    risk: np.ndarray
    runner_up: np.ndarray  # column of the next best acceptable option, -1 where there is none
    margin: np.ndarray  # runner-up less choice; 0 where there is none
    cash_choice: np.ndarray  # what would be chosen with risk lines off

    @property
    def decided(self) -> np.ndarray:
        return self.choice != UNDECIDED


def decide(blocks: list[PricedBlock], cases: int) -> Plan:
    """The cheapest acceptable option of every case that the seller decides; expected outcomes elsewhere."""
    plan = Plan(
        *(np.zeros(cases, t) for t in (np.int64, np.int64, np.int64, float, float, np.int64, float, np.int64))
    )
    for k, b in enumerate(blocks):
        everyone = np.arange(len(b.rows))
        masked = np.where(b.acceptable, b.total, np.inf)
        first = masked.argmin(axis=1)
        best = masked[everyone, first]
        masked[everyone, first] = np.inf
        second = masked.argmin(axis=1)
        next_best = masked[everyone, second]
        cash = np.where(b.acceptable, b.total - b.risk, np.inf).argmin(axis=1)
        none, mixed = ~np.isfinite(best), b.mixed
        choice = np.where(none, UNDECIDED, first)
        has_second = np.isfinite(next_best) & ~mixed
        rows = b.rows
        plan.block[rows], plan.place[rows] = k, everyone
        plan.choice[rows] = np.where(mixed, EXPECTED, choice)
        plan.total[rows] = np.where(mixed, b.mixed_total, np.where(none, 0.0, best))
        plan.risk[rows] = np.where(mixed, b.mixed_risk, np.where(none, 0.0, b.risk[everyone, first]))
        plan.runner_up[rows] = np.where(has_second, second, -1)
        plan.margin[rows] = np.where(has_second, next_best - np.where(none, 0.0, best), 0.0)
        plan.cash_choice[rows] = np.where(mixed, EXPECTED, np.where(none, UNDECIDED, cash))
    return plan
