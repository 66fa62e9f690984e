"""The case solver against enumeration, against hand-worked worlds and against published optima."""

from __future__ import annotations

import csv
import itertools
import math

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from optimizer.domain.shared_limit import ROUNDING
from optimizer.errors import Infeasible
from optimizer.solve import Limit, assign

BENCH = ROOT.parent / "shared" / "bench"


def every(cases, options):
    return np.ones((cases, options), dtype=bool)


def spread(limit, shape):
    return np.broadcast_to(limit.usage, shape), np.broadcast_to(limit.group, shape)


def use_of(choice, limit, shape):
    """What a choice uses of each group, by plain loops."""
    usage, group = spread(limit, shape)
    used = [0.0] * len(limit.amount)
    for case, option in enumerate(choice):
        if group[case, option] >= 0:
            used[group[case, option]] += usage[case, option]
    return used


def enumerated(cost, acceptable, limits):
    """The least cost of all plans within the limits, inf where there is none."""
    best = math.inf
    for choice in itertools.product(*[np.flatnonzero(row) for row in acceptable]):
        if all(
            u <= a * (1 + ROUNDING)
            for limit in limits
            for u, a in zip(use_of(choice, limit, cost.shape), limit.amount)
        ):
            best = min(best, sum(cost[case, option] for case, option in enumerate(choice)))
    return best


@st.composite
def worlds(draw):
    """A small world; money in cents, of any sign, or anything between 1e-6 and 1e9; uses in tenths."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    cases, options = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    money = draw(st.sampled_from(["whole", "cents", "wide"]))
    cost = {
        "whole": lambda: rng.integers(-20, 50, (cases, options)).astype(float),
        "cents": lambda: np.round(rng.normal(10, 20, (cases, options)), 2),
        "wide": lambda: rng.normal(0, 1, (cases, options)) * 10.0 ** rng.integers(-6, 9),
    }[money]()
    acceptable = rng.random((cases, options)) < 0.8
    acceptable[np.arange(cases), rng.integers(0, options, cases)] = True
    limits = []
    for name in "abc"[: draw(st.integers(1, 3))]:
        groups = draw(st.integers(1, 2))
        usage = rng.choice([0.0, 0.1, 0.3, 1.0, 2.0], (cases, options))
        group = rng.integers(-1, groups, (cases, options))
        group[0, 0] = 0
        loose = draw(st.sampled_from([0.0, 0.3, 0.6, 2.0]))
        limits.append(Limit(name, usage, group, np.round(rng.random(groups) * cases * loose, 1)))
    return cost, acceptable, limits


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(worlds())
def test_small_worlds_equal_enumeration(world):
    cost, acceptable, limits = world
    best = enumerated(cost, acceptable, limits)
    if best == math.inf:
        with pytest.raises(Infeasible):
            assign(cost, acceptable, limits)
        return
    plan = assign(cost, acceptable, limits)
    assert plan.status == "optimal"
    assert plan.cost == pytest.approx(best, rel=1e-9, abs=1e-12 * np.abs(cost).max())
    assert plan.bound <= plan.cost
    assert acceptable[np.arange(len(cost)), plan.choice].all()
    for limit in limits:
        used = use_of(plan.choice, limit, cost.shape)
        assert plan.used[limit.name] == pytest.approx(used)
        assert (plan.used[limit.name] <= limit.amount * (1 + 1e-9)).all()
        assert (plan.shadow_price[limit.name] >= 0).all()


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_the_cases_changes_nothing(world, random):
    cost, acceptable, limits = world
    order = list(range(len(cost)))
    random.shuffle(order)
    moved = [Limit(limit.name, limit.usage[order], limit.group[order], limit.amount) for limit in limits]
    try:
        plan = assign(cost, acceptable, limits)
    except Infeasible as infeasible:
        with pytest.raises(Infeasible) as again:
            assign(cost[order], acceptable[order], moved)
        assert again.value.clashing == infeasible.clashing
        return
    again = assign(cost[order], acceptable[order], moved)
    assert (again.cost, again.bound) == (plan.cost, plan.bound)
    assert cost[order, again.choice].tolist() == cost[order, plan.choice[order]].tolist()
    for limit in limits:
        assert again.used[limit.name].tobytes() == plan.used[limit.name].tobytes()
        assert again.shadow_price[limit.name].tobytes() == plan.shadow_price[limit.name].tobytes()


@pytest.mark.parametrize("seed", range(12))
def test_shadow_prices_prove_the_value_of_the_relaxed_problem(seed):
    """Strong duality: with these prices the dual bound equals the relaxed optimum, computed by another
    library."""
    rng = np.random.default_rng(seed)
    cases, options = 8, 4
    cost = np.round(rng.gamma(2, 20, (cases, options)), 2)
    usage, group = rng.integers(0, 5, (cases, options)), rng.integers(0, 2, (cases, 1))
    tight = np.bincount(group[:, 0], usage.min(axis=1) + 0.6, minlength=2)
    limit = Limit("bench", usage, group, tight)
    plan = assign(cost, every(cases, options), [limit])
    rows = np.zeros((2, cost.size))
    rows[np.repeat(group[:, 0], options), np.arange(cost.size)] = usage.ravel()
    relaxed = linprog(cost.ravel(), rows, tight, np.kron(np.eye(cases), np.ones(options)), np.ones(cases))
    price = plan.shadow_price["bench"]
    dual = (cost + usage * price[group]).min(axis=1).sum() - price @ tight
    assert price.max() > 0
    assert dual == pytest.approx(relaxed.fun, rel=1e-8)
    assert relaxed.fun - 1e-9 <= plan.bound <= plan.cost


def test_without_limits_ties_go_to_the_earlier_acceptable_option():
    cost = np.array([[3.0, 2.0, 2.0], [1.0, 1.0, 5.0], [-4.0, -7.0, -7.0]])
    acceptable = np.array([[True, True, True], [False, True, True], [True, False, True]])
    plan = assign(cost, acceptable)
    assert plan.choice.tolist() == [1, 1, 2]
    assert (plan.cost, plan.bound, plan.gap, plan.status) == (-4.0, -4.0, 0.0, "optimal")
    assert (plan.used, plan.shadow_price) == ({}, {})


def test_ties_under_a_limit_go_to_the_earlier_option_that_fits():
    # Every case may use the bench (option 0) or not (option 1) at the same cost, but case 2 needs it to be
    # cheap.
    cost = np.array([[5.0, 5.0], [5.0, 5.0], [1.0, 9.0]])
    plan = assign(cost, every(3, 2), [Limit("bench", [1, 0], None, [2])])
    assert plan.cost == 11.0
    assert plan.choice[2] == 0 and sorted(plan.choice[:2].tolist()) == [0, 1]


def test_duplicate_cases_share_what_there_is():
    cost = np.tile([2.0, 7.0], (6, 1))
    plan = assign(cost, every(6, 2), [Limit("bench", [1.0, 0.0], None, [4.0])])
    assert sorted(plan.choice.tolist()) == [0, 0, 0, 0, 1, 1]
    assert (plan.cost, plan.used["bench"].tolist(), plan.status) == (22.0, [4.0], "optimal")


def test_hand_worked_bench_hours_and_their_price():
    # Repair saves 30, 20 and 8 for 2, 2 and 1 hours: 15, 10 and 8 per hour. Of 3 hours, whole cases take the
    # 30 and
    # the 8; split cases take the 30 and half of the 20, so one more hour saves 10.
    cost = np.array([[50.0, 80.0], [50.0, 70.0], [50.0, 58.0]])
    plan = assign(cost, every(3, 2), [Limit("hours", [[2, 0], [2, 0], [1, 0]], None, [3])])
    assert plan.choice.tolist() == [0, 1, 0]
    assert (plan.cost, plan.bound, plan.used["hours"].tolist()) == (170.0, 170.0, [3.0])
    assert plan.shadow_price["hours"] == pytest.approx([10.0])


def test_groups_share_nothing_and_minus_one_does_not_count():
    cost = np.tile([1.0, 4.0], (5, 1))
    group = np.array([[0], [0], [1], [1], [-1]])
    plan = assign(cost, every(5, 2), [Limit("stock", [1, 0], group, [1, 2])])
    assert plan.used["stock"].tolist() == [1.0, 2.0]
    assert plan.cost == 8.0
    assert plan.choice[2:].tolist() == [0, 0, 0]
    assert plan.shadow_price["stock"] == pytest.approx([3.0, 0.0])


def test_a_limit_of_zero_forbids_what_uses_it():
    cost = np.array([[1.0, 2.0, 3.0], [1.0, 9.0, 3.0]])
    plan = assign(cost, every(2, 3), [Limit("stock", [1, 1e-6, 0], None, [0])])
    assert plan.choice.tolist() == [2, 2]
    assert plan.used["stock"].tolist() == [0.0]


@pytest.mark.parametrize("amount", [6.0, 1e9, 1e300, np.finfo(float).max])
def test_redundant_and_huge_limits_change_nothing(amount):
    cost = np.array([[1.0, 2.0], [1.0, 2.0]])
    plan = assign(cost, every(2, 2), [Limit("stock", 3, None, [amount])])
    assert plan.choice.tolist() == [0, 0]
    assert (plan.status, plan.shadow_price["stock"].tolist()) == ("optimal", [0.0])


def test_cases_with_one_option_use_up_what_the_others_wanted():
    cost = np.array([[5.0, 0.0], [1.0, 8.0]])
    acceptable = np.array([[True, False], [True, True]])
    plan = assign(cost, acceptable, [Limit("bench", [1, 0], None, [1])])
    assert plan.choice.tolist() == [0, 1]
    assert plan.cost == 13.0


def test_an_amount_that_decimals_just_reach_is_kept():
    # 0.1 + 0.2 is 0.30000000000000004 in binary, and still within 0.3.
    plan = assign(
        np.array([[1.0, 5.0], [1.0, 5.0]]), every(2, 2), [Limit("x", [[0.1, 0], [0.2, 0]], None, [0.3])]
    )
    assert plan.choice.tolist() == [0, 0]


@pytest.mark.parametrize("seed", range(6))
def test_plans_over_the_limit_by_less_than_the_solver_notices_are_refused(seed):
    # Uses like 3.0000000004: HiGHS lets sums pass that exceed the amount by some 1e-10 of it, which saves
    # real money.
    rng = np.random.default_rng(seed)
    use = np.outer(rng.integers(3, 9, 10) * (1 + 3e-10 * rng.random(10)), [1, 0])
    cost = np.outer(np.round(10 * use[:, 0] + rng.integers(0, 3, 10)), [0, 1])
    limits = [Limit("bench", use, None, [np.round(use.sum() / 2)])]
    plan = assign(cost, every(10, 2), limits)
    assert (plan.cost, plan.status) == (enumerated(cost, every(10, 2), limits), "optimal")


@pytest.mark.parametrize("seed", [5, 7, 10])
def test_equally_good_plans_do_not_depend_on_the_order_of_the_cases(seed):
    # No two cases are alike, but many plans cost the same.
    rng = np.random.default_rng(seed)
    content = np.unique(np.hstack([rng.integers(0, 5, (40, 3)), rng.integers(0, 4, (40, 3))]), axis=0)
    cost, usage = content[:, :3].astype(float), content[:, 3:]
    amount = [usage.min(axis=1).sum() + 17]
    plan = assign(cost, every(len(cost), 3), [Limit("bench", usage, None, amount)])
    for _ in range(5):
        order = rng.permutation(len(cost))
        again = assign(cost[order], every(len(cost), 3), [Limit("bench", usage[order], None, amount)])
        assert again.choice.tolist() == plan.choice[order].tolist()


@pytest.mark.parametrize("seed", range(6))
def test_small_differences_count_beside_huge_costs(seed):
    rng = np.random.default_rng(seed)
    cost = np.column_stack([rng.random(6) * 1e-3, rng.random(6) * 1e-3, 1e6 * (1 + rng.random(6))])
    limits = [Limit("bench", rng.integers(0, 4, (6, 2)) @ np.array([[1, 0, 0], [0, 1, 0]]), None, [6])]
    plan = assign(cost, every(6, 3), limits)
    assert plan.cost == pytest.approx(enumerated(cost, every(6, 3), limits), abs=1e-9)


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e9])
def test_the_unit_of_money_changes_no_choice(unit):
    rng = np.random.default_rng(4)
    cost = rng.random((12, 3))
    limit = Limit("bench", rng.integers(0, 4, (12, 3)), None, [9])
    plain, scaled = (assign(cost * u, every(12, 3), [limit]) for u in (1.0, unit))
    assert scaled.choice.tolist() == plain.choice.tolist()
    assert scaled.status == "optimal"


@pytest.mark.parametrize("unit", [1e-6, 1e9])
def test_the_unit_of_a_limit_changes_no_choice(unit):
    rng = np.random.default_rng(5)
    cost, usage = rng.random((12, 3)), rng.integers(0, 4, (12, 3))
    plain, scaled = (
        assign(cost, every(12, 3), [Limit("bench", usage * u, None, [9 * u])]) for u in (1.0, unit)
    )
    assert scaled.choice.tolist() == plain.choice.tolist()
    assert scaled.shadow_price["bench"] * unit == pytest.approx(plain.shadow_price["bench"])


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(worlds(), st.floats(0.1, 3.0))
def test_a_looser_limit_never_costs_more(world, extra):
    cost, acceptable, limits = world
    try:
        tight = assign(cost, acceptable, limits)
    except Infeasible:
        return
    loose = assign(cost, acceptable, [Limit(x.name, x.usage, x.group, x.amount + extra) for x in limits])
    assert loose.cost <= tight.cost + 1e-9 * np.abs(cost).max()


def hard_world():
    rng = np.random.default_rng(0)
    cost, usage = rng.integers(1, 99, (60, 20)).astype(float), rng.integers(1, 50, (60, 20))
    limits = [
        Limit("bench", usage, np.arange(60)[:, None] % 4, np.full(4, 420.0)),
        Limit("idle", 50 - usage, None, [1600]),
    ]
    return cost, every(60, 20), limits


def test_stopped_at_once_there_is_still_a_plan_and_a_valid_bound():
    cost, acceptable, limits = hard_world()
    best = assign(cost, acceptable, limits)
    stopped = assign(cost, acceptable, limits, seconds=0.0)
    assert (best.status, best.cost) == ("optimal", 320.0)
    assert stopped.status == "time_limit"
    assert math.isfinite(stopped.bound) and stopped.bound <= best.cost <= stopped.cost
    assert stopped.gap == (stopped.cost - stopped.bound) / max(1, abs(stopped.bound)) > 1e-5
    assert all((stopped.used[limit.name] <= limit.amount).all() for limit in limits)


def test_a_small_problem_is_proven_optimal_whatever_gap_is_allowed():
    cost, acceptable, limits = hard_world()
    plan = assign(cost, acceptable, limits, gap=0.5)
    assert (plan.status, plan.cost, plan.bound) == ("optimal", 320.0, 320.0)


def test_a_larger_problem_is_solved_within_the_gap():
    rng = np.random.default_rng(8)
    cost = np.round(rng.gamma(2, 20, (1500, 6)), 2)
    usage = rng.integers(0, 6, (1500, 6))
    free = usage[np.arange(1500), cost.argmin(axis=1)].sum()
    plan = assign(cost, every(1500, 6), [Limit("bench", usage, None, [0.6 * free])], gap=1e-4)
    relaxed = linprog(
        cost.ravel(),
        usage.reshape(1, -1),
        [0.6 * free],
        sparse.kron(sparse.identity(1500), np.ones((1, 6)), format="csr"),
        np.ones(1500),
    )
    assert plan.status in ("within_gap", "optimal")
    assert plan.gap <= 1e-4
    assert relaxed.fun * (1 - 1e-9) <= plan.bound <= plan.cost
    assert plan.used["bench"][0] <= 0.6 * free
    assert plan.shadow_price["bench"][0] == pytest.approx(-relaxed.ineqlin.marginals[0], rel=1e-6)


def test_progress_is_told_after_each_step():
    heard = []
    cost = np.array([[50.0, 80.0], [50.0, 70.0], [50.0, 58.0]])
    limit = Limit("hours", [[2, 0], [2, 0], [1, 0]], None, [3])
    assign(cost, every(3, 2), [limit], progress=lambda *step: heard.append(step))
    assert [(step, cost) for step, cost, _ in heard] == [
        ("cheapest", None),
        ("relaxed", None),
        ("planned", 170.0),
    ]
    assert [bound for *_, bound in heard] == pytest.approx([150.0, 168.0, 170.0])


def test_no_cases_cost_nothing():
    plan = assign(np.zeros((0, 3)), np.zeros((0, 3), dtype=bool), [Limit("bench", 1, None, [2])])
    assert (plan.choice.tolist(), plan.cost, plan.bound, plan.status) == ([], 0.0, 0.0, "optimal")
    assert plan.used["bench"].tolist() == [0.0]


def published(folder):
    if not (BENCH / folder).is_dir():
        pytest.skip(f"published instances not found: {BENCH / folder}")
    with open(BENCH / folder / "optima.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_published_generalized_assignment_instances():
    wrong = []
    for row in published("gap"):
        agents, jobs, *numbers = (BENCH / "gap" / row["file"]).read_text().split()
        size, numbers = int(agents) * int(jobs), np.array(numbers, dtype=float)
        cost, usage = (
            part.reshape(int(agents), int(jobs)).T for part in (numbers[:size], numbers[size : 2 * size])
        )
        if cost.size > 500:
            continue
        limit = Limit("capacity", usage, np.arange(int(agents)), numbers[2 * size :])
        plan = assign(cost, every(*cost.shape), [limit])
        if (plan.cost, plan.status) != (float(row["optimum_minimisation"]), "optimal"):
            wrong.append((row, plan.cost, plan.bound))
    assert wrong == []


@pytest.mark.parametrize("name", ["TestSet1.5GP10IT5KP.txt", "TestSet4.5GP10IT10KP.txt"])
def test_published_multiple_choice_knapsacks(name):
    optimum = {int(row["problem"]): float(row["optimum"]) for row in published("mmkp") if row["file"] == name}
    numbers = np.array((BENCH / "mmkp" / name).read_text().split(), dtype=float)
    at, wrong = 0, []
    while at < len(numbers):
        problem, groups, options, rows = numbers[at : at + 4].astype(int)
        amounts, at = numbers[at + 4 : at + 4 + rows], at + 4 + rows
        blocks = numbers[at : at + groups * (1 + options * (1 + rows))].reshape(groups, -1)[:, 1:]
        blocks, at = blocks.reshape(groups, options, 1 + rows), at + groups * (1 + options * (1 + rows))
        limits = [Limit(f"row {r}", blocks[:, :, 1 + r], None, amounts[r : r + 1]) for r in range(rows)]
        plan = assign(-blocks[:, :, 0], every(groups, options), limits)
        if problem in optimum and -plan.cost != optimum[problem]:
            wrong.append((problem, -plan.cost, optimum[problem]))
    assert len(optimum) == 30 and wrong == []
