"""The bundled scenario with limits: what its shadow prices claim, held against the bounds of the same quarter with a little more and less."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer import load_scenario, run
from optimizer.domain.shared_limit import SharedLimit
from optimizer.solve.decide_limited import LimitResult, decide_within

STEP = 0.05         # of a unit, which moves no whole-number plan but every bound
SURE = 0.011        # money: two bounds are each rounded down to a part of a cent, and HiGHS proves to about as much


@pytest.fixture(scope="module")
def quarter():
    return run(load_scenario("tight_quarter"))


def moved(limits: list[SharedLimit], name: str, group: int, by: float) -> list[SharedLimit]:
    """The limits with more or less of one group."""
    return [limit if limit.name != name else replace(limit, groups=tuple(
        replace(g, amount=g.amount + by) if n == group else g for n, g in enumerate(limit.groups))) for limit in limits]


def result_of(quarter, limits: list[SharedLimit]) -> LimitResult:
    return decide_within(quarter.blocks, len(quarter.cases), limits, currency=quarter.currency)[1]


def bound(found: LimitResult) -> float:
    """What the shadow prices prove: least cost at these prices less prices × amounts. Here the bound itself: no group is alone."""
    return found.bound


def priced(quarter) -> list[tuple[str, int]]:
    return [(limit.name, int(g)) for limit in quarter.shared_limits for g in np.flatnonzero(quarter.limits.shadow_price[limit.name])]


def test_some_groups_bind_and_most_do_not(quarter):
    groups = sum(len(limit.groups) for limit in quarter.shared_limits)
    assert 5 <= len(priced(quarter)) < groups / 2
    for limit in quarter.shared_limits:
        used, price = quarter.limits.used[limit.name], quarter.limits.shadow_price[limit.name]
        assert (used <= limit.amount * (1 + 1e-9) + 1e-9).all()
        assert (price[used < limit.amount * 0.9 - 5] == 0).all()            # what is left over in plenty is worth nothing


if __name__ == "__main__":
    q = run(load_scenario("tight_quarter"))
    print(q.limits.cost, q.limits.bound, q.limits.status)
    for name, g in priced(q):
        limit = next(x for x in q.shared_limits if x.name == name)
        for step in (0.05, 0.5, 1.0):
            a, b = (result_of(q, moved(q.shared_limits, name, g, s)) for s in (step, -step))
            p = q.limits.shadow_price[name][g]
            print(name, limit.groups[g].label, limit.groups[g].amount, q.limits.used[name][g], "price", p, step, "right", (q.limits.bound - a.bound) / step, "left", (b.bound - q.limits.bound) / step, a.status, b.status)
