"""Price bands: the dynamic program finds what trying every way to cut finds, and breaks at prices people
remember."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.policy.bands import band_curves, readable_prices


@st.composite
def small_worlds(draw):
    """Sums (B, O), cases (B,), allowed (B, O), most bands, fewest cases of a band."""
    bins, options = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    sums = np.array([[draw(st.integers(-50, 200)) for _ in range(options)] for _ in range(bins)], float)
    allowed = np.array([[draw(st.booleans()) for _ in range(options)] for _ in range(bins)])
    counts = np.array([draw(st.integers(0, 6)) for _ in range(bins)], float)
    return sums, counts, allowed, draw(st.integers(1, 4)), draw(st.integers(0, 5))


def every_cut(sums, counts, allowed, bands, fewest):
    """Least (bands of too few cases, cost) over all ways to cut the bins into `bands` bands; None where
    none works."""
    found = []
    for cuts in combinations(range(1, len(sums)), bands - 1):
        ends = [0, *cuts, len(sums)]
        thin = cost = 0
        for i, j in pairwise(ends):
            common = allowed[i:j].all(axis=0)
            if not common.any():
                break
            cost += sums[i:j].sum(axis=0)[common].min()
            thin += counts[i:j].sum() < min(fewest, counts.sum())
        else:
            found.append((thin, cost))
    return min(found, default=None)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(small_worlds())
def test_bands_equal_enumeration(world):
    sums, counts, allowed, most, fewest = world
    curves = band_curves(sums[None], counts[None], allowed[None], most, fewest)
    assert curves.cost.shape == (1, min(most, len(sums)))
    for k in range(curves.cost.shape[1]):
        best = every_cut(sums, counts, allowed, k + 1, fewest)
        assert curves.cost[0, k] == (np.inf if best is None else best[1])
        if best is not None:
            bands = curves.bands(0, k)
            assert (
                bands[0][0] == 0
                and bands[-1][1] == len(sums)
                and all(a[1] == b[0] for a, b in pairwise(bands))
            )
            assert sum(sums[i:j].sum(axis=0)[allowed[i:j].all(axis=0)].min() for i, j in bands) == best[1]


def test_many_groups_at_once_are_the_groups_one_by_one():
    rng = np.random.default_rng(3)
    sums, counts = rng.integers(-99, 999, (7, 9, 5)).astype(float), rng.integers(0, 9, (7, 9)).astype(float)
    allowed = rng.random((7, 9, 5)) < 0.8
    together = band_curves(sums, counts, allowed, 4, 3)
    for s in range(7):
        alone = band_curves(sums[s : s + 1], counts[s : s + 1], allowed[s : s + 1], 4, 3)
        assert np.array_equal(together.cost[s], alone.cost[0])


def test_a_band_of_few_cases_is_made_only_where_it_must_be():
    sums = np.array([[[0.0, 9.0], [9.0, 0.0], [0.0, 9.0]]])
    counts = np.array([[10.0, 1.0, 10.0]])
    free = band_curves(sums, counts, np.ones((1, 3, 2), bool), most=3, fewest=5.0)
    assert free.bands(0, 1) in ([(0, 1), (1, 3)], [(0, 2), (2, 3)])  # the single case joins a neighbour
    assert free.cost[0, 0] == 9.0
    only = np.array([[[True, False], [False, True], [True, False]]])
    assert band_curves(sums, counts, only, most=3, fewest=5.0).cost[0].tolist() == [np.inf, np.inf, 0.0]


@pytest.mark.parametrize(
    ("low", "high"), [(3.3, 42.0), (25.0, 25.01), (0.4, 999.0), (9.99, 9.99), (80.0, 7_000.0)]
)
def test_break_prices_are_readable_and_cover_the_range(low, high):
    prices = readable_prices(low, high)
    assert prices[0] <= max(low, 1.0) and prices[-1] >= high and (np.diff(prices) > 0).all()
    assert all(p == round(p) for p in prices)


def test_break_prices_are_those_people_remember():
    assert readable_prices(8.5, 47.0).tolist() == [
        8,
        9,
        10,
        12,
        14,
        16,
        18,
        20,
        22,
        24,
        26,
        28,
        30,
        35,
        40,
        45,
        50,
    ]
