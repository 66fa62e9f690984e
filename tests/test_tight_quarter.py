"""The bundled scenario with limits: what its shadow prices claim, held against the bounds of the same
quarter with a little more and less."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shared

from optimizer.domain.shared_limit import SharedLimit
from optimizer.solve.decide_limited import LimitResult, decide_within

pytestmark = pytest.mark.xdist_group("tight_quarter")
STEP = {
    "cash_budget": 2.0,
    "provider_capacity": 0.05,
}  # units, by family; so small that no other choice becomes worth its while
COARSE = 0.05  # the first plan will do: then the bound is what the shadow prices prove and nothing more
SURE = 0.0003  # money: bounds are rounded down to a part of a cent, and sums of 20,000 cases are off by less


@pytest.fixture(scope="module")
def quarter():
    return shared.quarter()


def moved(limits: list[SharedLimit], name: str, group: int, by: float) -> list[SharedLimit]:
    """The limits with more or less of one group."""
    return [
        (
            limit
            if limit.name != name
            else replace(
                limit,
                groups=tuple(
                    replace(g, amount=g.amount + by) if n == group else g for n, g in enumerate(limit.groups)
                ),
            )
        )
        for limit in limits
    ]


def result_of(quarter, limits: list[SharedLimit]) -> LimitResult:
    return decide_within(quarter.blocks, len(quarter.cases), limits, gap=COARSE, currency=quarter.currency)[1]


def priced(quarter) -> list[tuple[str, int]]:
    return [
        (limit.name, int(g))
        for limit in quarter.shared_limits
        for g in np.flatnonzero(quarter.limits.shadow_price[limit.name])
    ]


def test_some_groups_bind_and_most_do_not(quarter):
    groups = sum(len(limit.groups) for limit in quarter.shared_limits)
    assert 5 <= len(priced(quarter)) < groups / 2
    for limit in quarter.shared_limits:
        used, price = quarter.limits.used[limit.name], quarter.limits.shadow_price[limit.name]
        assert (used <= limit.amount * (1 + 1e-9) + 1e-9).all()
        assert (
            price[used < limit.amount * 0.9 - 5] == 0
        ).all()  # what is left over in plenty is worth nothing


def test_a_little_more_or_less_moves_the_bound_by_the_shadow_price(quarter):
    base = result_of(quarter, quarter.shared_limits).bound
    for name, group in priced(quarter):
        step = next((size for family, size in STEP.items() if name.startswith(family)), None)
        if step is None:  # each solve takes seconds; the others were looked at by hand
            continue
        price = quarter.limits.shadow_price[name][group]
        for more in (step, -step):
            saved = base - result_of(quarter, moved(quarter.shared_limits, name, group, more)).bound
            assert saved == pytest.approx(price * more, abs=SURE), (name, group)


def test_whoever_follows_the_policy_table_keeps_every_limit(quarter):
    assert quarter.table.notes == () and quarter.table.extra_cost_cents > 0
    for limit in quarter.shared_limits:
        assert (quarter.table.used[limit.name] <= limit.amount * (1 + 1e-9) + 1e-9).all()
    # counted anew from what each case takes whose row says it
    cash, said = quarter.shared_limits[0], ["resolution", "provider", "disposition", "offer", "fallback"]
    takes = [tuple(r) for r in quarter.table.frame[said].astype(str).to_numpy().tolist()]
    assert cash.family == "cash_budget"
    paid = 0.0
    for b, use in zip(quarter.blocks, cash.uses):
        if use is None:
            continue
        usage, group = (np.broadcast_to(a, b.total.shape) for a in use)
        place = {
            (o.resolution, o.provider, o.disposition, o.offer, o.fallback): i for i, o in enumerate(b.options)
        }
        for c, row in enumerate(b.rows):
            if b.mixed[c]:
                paid += float((usage[c] * b.shares * (group[c] >= 0)).sum())
            elif (option := place.get(takes[quarter.table.row_of_case[row]])) is not None and group[
                c, option
            ] >= 0:
                paid += float(usage[c, option])
    assert paid == pytest.approx(quarter.table.used["cash_budget"].sum(), abs=0.01)
