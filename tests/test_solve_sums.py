"""Sums that come out the same in any order: against exact arithmetic, and the exchange of choices that
rests on equal uses."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from optimizer.solve.exchange import Exchanges, exchanged
from optimizer.solve.sums import Sums, exact_sum


@pytest.mark.parametrize("count", [0, 1, 2, 3, 1_000, 200_000])
@pytest.mark.parametrize("kind", ["cents", "normal", "tiny", "huge", "mixed", "cancelling"])
def test_exact_sum_is_the_sum_of_fractions_in_any_order(kind, count):
    rng = np.random.default_rng(count)
    values = rng.normal(size=count) * {"tiny": 1e-250, "huge": 1e250}.get(kind, 1.0)
    if kind == "cents":
        values = np.round(values * 1_000, 2)
    if kind == "mixed":
        values = values * 10.0 ** rng.integers(-9, 9, count)
    if kind == "cancelling":
        values = np.concatenate([values, -values[::-1]])
    found = exact_sum(values)
    assert found == math.fsum(values.tolist()) == exact_sum(rng.permutation(values))
    if 0 < count <= 1_000:
        assert found == float(sum(map(Fraction, values.tolist())))


def test_sums_per_group_do_not_hang_on_order_or_parts():
    rng = np.random.default_rng(1)
    value, group = rng.random(10_000) * 10.0 ** rng.integers(-4, 4, 10_000), rng.integers(0, 7, 10_000)
    order = rng.permutation(10_000)
    whole, parts = Sums(7, 1e4, 10_000), Sums(7, 1e4, 10_000)
    whole.add(group, value)
    for its in np.array_split(order, 13):
        part = Sums(7, 1e4, 10_000)
        part.add(group[its], value[its])
        parts.merge(part)
    assert whole.total.tobytes() == parts.total.tobytes()
    assert np.allclose(whole.total, [math.fsum(value[group == g].tolist()) for g in range(7)], rtol=1e-15)


def test_exchanges_of_equal_use_fill_what_is_left_at_the_least_extra_cost():
    # 40 cases may each use one unit more (worth 1.00), at 0.01, 0.02, ... 0.40 beyond their best option;
    # three units are left.
    case = np.arange(40)
    exchanges = Exchanges(case, np.ones(40, int), (case + 1) / 100.0, np.ones((40, 1)))
    *_, last = exchanged(exchanges, np.array([3.0]), 0.10)
    assert last == {0: 1, 1: 1, 2: 1}  # 0.01 + 0.02 + 0.03, nothing left unused
