"""Worlds without a plan: the limits that clash are named, none too many, with the cheapest way out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from test_solve_assign import enumerated, every, use_of, worlds

from optimizer.errors import Infeasible
from optimizer.solve import Limit, assign, evaluate


def refused(cost, acceptable, limits):
    with pytest.raises(Infeasible) as caught:
        assign(cost, acceptable, limits)
    return caught.value


def only(limits, kept):
    """The same limits with every group outside `kept` not counting."""
    return [
        Limit(
            x.name,
            x.usage,
            np.where(np.isin(x.group, [g for name, g in kept if name == x.name]), x.group, -1),
            x.amount,
        )
        for x in limits
    ]


def weighted(limits, extra):
    """Sum of extra / amount, extra itself where the amount is 0."""
    return sum(e / a if a > 0 else e for limit in limits for e, a in zip(extra[limit.name], limit.amount))


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(worlds())
def test_the_clash_is_infeasible_alone_and_minimal_and_the_relaxation_is_cheapest(world):
    cost, acceptable, limits = world
    assume(enumerated(cost, acceptable, limits) == np.inf)
    found = refused(cost, acceptable, limits)
    assert found.clashing
    assert enumerated(cost, acceptable, only(limits, found.clashing)) == np.inf
    for one in found.clashing:
        rest = [other for other in found.clashing if other != one]
        assert enumerated(cost, acceptable, only(limits, rest)) < np.inf

    relaxed = [Limit(x.name, x.usage, x.group, x.amount + found.relaxation[x.name]) for x in limits]
    assert enumerated(cost, acceptable, relaxed) < np.inf
    assign(cost, acceptable, relaxed)
    cheapest = min(
        weighted(
            limits,
            {x.name: np.maximum(0, np.array(use_of(choice, x, cost.shape)) - x.amount) for x in limits},
        )
        for choice in itertools.product(*[np.flatnonzero(row) for row in acceptable])
    )
    assert weighted(limits, found.relaxation) == pytest.approx(cheapest, rel=1e-7, abs=1e-9)


def test_a_budget_below_the_cheapest_spending():
    cost = np.array([[10.0, 20.0], [30.0, 25.0]])
    found = refused(cost, every(2, 2), [Limit("budget", cost, None, [30.0])])
    assert found.clashing == [("budget", 0)]
    assert found.relaxation["budget"].tolist() == [5.0]
    assert str(found) == "no plan satisfies the limits together: budget[0]"


def test_capacity_of_two_providers_against_each_other():
    # Four units for two providers that take one each: neither is at fault alone.
    first, second = Limit("munich", [1, 0], None, [1]), Limit("lodz", [0, 1], None, [2])
    found = refused(np.tile([5.0, 6.0], (4, 1)), every(4, 2), [first, second])
    assert found.clashing == [("munich", 0), ("lodz", 0)]
    # One more unit is 1/1 of munich's capacity but 1/2 of lodz's.
    assert {name: extra.tolist() for name, extra in found.relaxation.items()} == {
        "munich": [0.0],
        "lodz": [1.0],
    }


def test_budget_against_capacity_in_one_group_of_many():
    cost = np.tile([2.0, 50.0], (6, 1))
    month = np.repeat([[0], [1], [2]], 2, axis=0)
    bench = Limit("bench", [1, 0], month, [2, 0, 2])
    budget = Limit("budget", cost, month, [200, 60, 200])
    found = refused(cost, every(6, 2), [bench, budget])
    assert found.clashing == [("bench", 1), ("budget", 1)]
    # The second month: both on the bench costs 2 extra units of a limit of 0, both off it 40 of 60.
    assert found.relaxation["bench"].tolist() == [0.0, 0.0, 0.0]
    assert found.relaxation["budget"].tolist() == [0.0, 40.0, 0.0]


def test_a_clash_only_whole_cases_have():
    # Split cases would fit: each option takes 2 of two groups with room for 3, so half of each fits three
    # times.
    limits = [Limit("left", [2, 0], None, [3]), Limit("right", [0, 2], None, [3])]
    found = refused(np.ones((3, 2)), every(3, 2), limits)
    assert found.clashing == [("left", 0), ("right", 0)]
    assert sorted(extra[0] for extra in found.relaxation.values()) == [0.0, 1.0]


def test_a_case_whose_every_option_is_too_heavy_for_a_limit_of_its_own():
    limits = [Limit("hours", [9, 0, 0], None, [8]), Limit("parts", [0, 4, 0], None, [2])]
    found = refused(np.array([[1.0, 2.0, 3.0]]), np.array([[True, True, False]]), limits)
    assert found.clashing == [("hours", 0), ("parts", 0)]
    assert {name: extra.tolist() for name, extra in found.relaxation.items()} == {
        "hours": [1.0],
        "parts": [0.0],
    }


def test_cases_without_any_choice_exceed_a_limit():
    found = refused(np.array([[3.0], [4.0]]), every(2, 1), [Limit("stock", 2, None, [3])])
    assert found.clashing == [("stock", 0)]
    assert found.relaxation["stock"].tolist() == [1.0]


def test_limits_that_have_nothing_to_do_with_it_are_not_named():
    cost = np.tile([1.0, 2.0, 3.0], (3, 1))
    limits = [
        Limit("idle", [1, 1, 1], None, [2]),
        Limit("loose", [2, 1, 0], None, [5]),
        Limit("huge", 1, None, [1e12]),
    ]
    found = refused(cost, every(3, 3), limits)
    assert found.clashing == [("idle", 0)]
    assert found.relaxation["loose"].tolist() == [0.0] and found.relaxation["huge"].tolist() == [0.0]


def test_the_clash_is_found_in_any_number_of_groups():
    rng = np.random.default_rng(2)
    cost = rng.random((80, 2))
    group = np.arange(80)[:, None] // 2
    bench = Limit("bench", [1, 0], group, np.ones(40))
    amounts = np.ones(40)
    amounts[23] = 0.0  # here both cases must go to a bench that takes one
    stock = Limit("stock", [0, 1], group, amounts)
    found = refused(cost, every(80, 2), [bench, stock])
    assert found.clashing == [("bench", 23), ("stock", 23)]
    assert sum(extra.sum() for extra in found.relaxation.values()) == 1.0


def test_the_relaxation_makes_a_plan_possible_and_is_no_wider_than_that_plan_needs():
    rng = np.random.default_rng(6)
    cost, usage = rng.random((20, 4)), rng.integers(2, 9, (20, 4)).astype(float)
    limits = [Limit("a", usage, None, [60.0]), Limit("b", 10 - usage, None, [90.0])]
    found = refused(cost, every(20, 4), limits)
    relaxed = [Limit(x.name, x.usage, x.group, x.amount + found.relaxation[x.name]) for x in limits]
    plan = assign(cost, every(20, 4), relaxed)
    assert evaluate(cost, every(20, 4), relaxed, plan.choice).exceeded == []
    assert sum(plan.used[x.name][0] for x in limits) == 200.0 == sum(x.amount[0] for x in relaxed)
