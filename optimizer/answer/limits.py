"""Shared limits of a run: use, amount, price of one more unit, cases they change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from optimizer.domain.shared_limit import SharedLimit
from optimizer.model.pricing import PricedBlock
from optimizer.policy import Policy
from optimizer.solve.decide import Plan
from optimizer.solve.decide_limited import LimitResult

WORTH_SAYING = 5e-7  # money per unit below which a price is rounding


class LimitRow(NamedTuple):
    """One group of one limit; `changed` cases are decided otherwise than without limits and use less of
    this group."""

    limit: SharedLimit
    group: str
    used: float
    amount: float
    shadow_price: float
    changed: int
    because: str
    averaged: int = 1  # as in Group

    @property
    def utilisation(self) -> float:
        """Share of the amount that is used; 0 where the amount is 0 and nothing is used."""
        return self.used / self.amount if self.amount else 0.0

    @property
    def binds(self) -> bool:
        return self.shadow_price > WORTH_SAYING


def limit_rows(
    limits: Sequence[SharedLimit], result: LimitResult | None, blocks: Sequence[PricedBlock], plan: Plan
) -> list[LimitRow]:
    """Every group of every limit in force, in the order of the scenario; none where nothing was limited."""
    if result is None:
        return []
    found = []
    for limit in limits:
        changed = cases_that_give_way(blocks, limit, result.free, plan)
        used, price = result.used[limit.name], result.shadow_price[limit.name]
        found += [
            LimitRow(
                limit,
                g.label,
                round(float(used[i]), 6) + 0.0,
                float(g.amount),
                round(float(price[i]), 6) + 0.0,
                int(changed[i]),
                g.because,
                g.averaged,
            )
            for i, g in enumerate(limit.groups)
        ]
    return found


def cases_that_give_way(
    blocks: Sequence[PricedBlock], limit: SharedLimit, free: Plan, plan: Plan
) -> np.ndarray:
    """Cases per group that would use more of it without limits than they do.   (groups,)"""
    found = np.zeros(len(limit.groups), np.int64)
    for b, use in zip(blocks, limit.uses):
        if use is None:
            continue
        usage, group = (np.broadcast_to(a, b.total.shape) for a in use)
        at = np.flatnonzero(free.choice[b.rows] != plan.choice[b.rows])
        before, after = free.choice[b.rows[at]], plan.choice[b.rows[at]]
        own = group[at, before]
        still = np.where(group[at, after] == own, usage[at, after], 0.0)
        gives_way = (own >= 0) & (usage[at, before] > still)
        found += np.bincount(own[gives_way], minlength=len(found))
    return found


def summary_of_limits(rows: Sequence[LimitRow], result: LimitResult | None, plan: Plan) -> dict[str, object]:
    """The keys of summary.json that speak of limits; without limits only the empty list."""
    if result is None:
        return {"limits": []}
    said = [
        {
            "name": r.limit.name,
            "family": r.limit.family,
            "group": r.group,
            "used": r.used,
            "limit": r.amount,
            "unit": r.limit.unit,
            "utilisation": round(r.utilisation, 6),
            "shadow_price": r.shadow_price,
            "changed_cases": r.changed,
            "because": str(r.because),
        }
        for r in rows
    ]
    changed = result.free.choice != plan.choice
    return {"limits": said, "limits_cost": result.limits_cost, "limits_changed_cases": int(changed.sum())}


def under_the_table(limits: Sequence[SharedLimit], table: Policy) -> list[dict[str, float]]:
    """What each group uses when the policy table is followed, and how much of it lies above the amount, in
    the order of limit_rows."""
    found = []
    for limit in limits:
        none = np.zeros(len(limit.groups))
        used, excess = table.used.get(limit.name, none), table.excess.get(limit.name, none)
        found += [
            {"policy_used": round(float(u), 6) + 0.0, "policy_excess": round(float(e), 6) + 0.0}
            for u, e in zip(used, excess, strict=True)
        ]
    return found
