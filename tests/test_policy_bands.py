"""Price bands: the dynamic program finds what trying every way to cut finds."""
from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.policy.bands import band_curves, readable_prices


def every_cut(sums: np.ndarray, allowed: np.ndarray, bands: int) -> float:
    """Least cost of exactly `bands` bands by enumeration; infinite where a band has no option allowed in all its bins."""
    bins, best = len(sums), np.inf
    for cuts in combinations(range(1, bins), bands - 1):
        cost = 0.0
        for start, end in zip((0, *cuts), (*cuts, bins)):
            common = allowed[start:end].all(axis=0)
            cost += sums[start:end].sum(axis=0)[common].min() if common.any() else np.inf
        best = min(best, cost)
    return best


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 4))
def test_bands_equal_enumeration(seed, bins, options):
    rng = np.random.default_rng(seed)
    sums = rng.integers(-500, 5000, (1, bins, options)).astype(float)
    allowed = rng.random((1, bins, options)) < 0.8
    curves = band_curves(sums, np.ones((1, bins)), allowed, most=bins, fewest=0.0)
    for k in range(bins):
        expected = every_cut(sums[0], allowed[0], k + 1)
        assert curves.cost[0, k] == expected
        if np.isfinite(expected):
            bands = curves.bands(0, k)
            assert bands[0][0] == 0 and bands[-1][1] == bins and all(a[1] == b[0] for a, b in zip(bands, bands[1:]))
            cost = sum(sums[0, i:j].sum(axis=0)[allowed[0, i:j].all(axis=0)].min() for i, j in bands)
            assert cost == expected


def test_a_band_of_few_cases_is_made_only_where_it_must_be():
    sums = np.array([[[0.0, 9.0], [9.0, 0.0], [0.0, 9.0]]])
    counts = np.array([[10.0, 1.0, 10.0]])
    free = band_curves(sums, counts, np.ones((1, 3, 2), bool), most=3, fewest=5.0)
    assert free.bands(0, 1) in ([(0, 1), (1, 3)], [(0, 2), (2, 3)])          # the single case joins a neighbour
    assert free.cost[0, 0] == 9.0


@pytest.mark.parametrize(("low", "high"), [(3.3, 42.0), (25.0, 25.01), (0.4, 999.0)])
def test_break_prices_are_readable_and_cover_the_range(low, high):
    prices = readable_prices(low, high)
    assert prices[0] <= max(low, 1.0) and prices[-1] >= high and (np.diff(prices) > 0).all()
    assert all(p == round(p) for p in prices)
