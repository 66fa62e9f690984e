"""Limits that clash among thousands of cases: named by a set that is infeasible alone and minimal, with a
relaxation as cheap as can be."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from benchmarks.assign_peers import model_of
from benchmarks.assign_worlds import Shared, World, draw
from optimizer.errors import Infeasible
from optimizer.solve import Limit, assign

GAP = 2e-3


def clash_of(world: World) -> Infeasible | None:
    """The clash, or None where there is a plan."""
    try:
        plan = assign(world.cost, world.acceptable, [Limit(*s) for s in world.limits], GAP)
    except Infeasible as found:
        return found
    assert world.exceeded(plan.choice) == 0
    return None


def only(world: World, rows: list[tuple[str, int]]) -> World:
    """The world with these groups alone in force."""
    limits = []
    for s in world.limits:
        group = np.zeros((1, 1), np.int64) if s.group is None else s.group
        kept = [g for name, g in rows if name == s.name]
        if kept:
            limits.append(s._replace(group=np.where(np.isin(group, kept), group, -1)))
    return World(world.cost, world.acceptable, limits)


def loosened(world: World, extra: dict[str, np.ndarray]) -> World:
    return World(
        world.cost, world.acceptable, [s._replace(amount=s.amount + extra[s.name]) for s in world.limits]
    )


def named(world: World, expected: list[tuple[str, int]] | None = None) -> Infeasible:
    """The clash, which must be infeasible alone and minimal, and the relaxation must make a plan possible."""
    found = clash_of(world)
    assert found is not None and found.clashing
    if expected is not None:
        assert sorted(found.clashing) == sorted(expected)
    assert clash_of(only(world, found.clashing)) is not None
    for one in found.clashing:
        assert clash_of(only(world, [other for other in found.clashing if other != one])) is None
    assert (
        all((extra >= 0).all() for extra in found.relaxation.values())
        and sum(extra.sum() for extra in found.relaxation.values()) > 0
    )
    assert clash_of(loosened(world, found.relaxation)) is None
    return found


def weighted(world: World, extra: dict[str, np.ndarray]) -> float:
    """Sum of extra / amount, extra itself where the amount is 0."""
    return float(sum((extra[s.name] / np.where(s.amount > 0, s.amount, 1.0)).sum() for s in world.limits))


def elastic(world: World, seconds: float = 30.0) -> tuple[float, float]:
    """The least weighted excess with which a plan exists, as HiGHS bounds it from below and from above."""
    model, cases = model_of(world), len(world.cost)
    rows, columns = len(model.lower), len(model.cost)
    amounts = model.upper[cases:]
    plain = sparse.csc_matrix((model.value, model.row, model.start), (rows, columns))
    excess = sparse.csc_matrix(
        (-np.ones(rows - cases), (np.arange(cases, rows), np.arange(rows - cases))), (rows, rows - cases)
    )
    weight = np.concatenate([np.zeros(columns), 1 / np.where(amounts > 0, amounts, 1.0)])
    found = milp(
        weight,
        integrality=np.r_[np.ones(columns), np.zeros(rows - cases)],
        bounds=Bounds(0, np.r_[np.ones(columns), np.full(rows - cases, np.inf)]),
        constraints=LinearConstraint(sparse.hstack([plain, excess], format="csr"), model.lower, model.upper),
        options={"mip_rel_gap": 1e-6, "time_limit": seconds},
    )
    assert found.x is not None
    return found.mip_dual_bound, found.fun


def least_use(world: World, k: int) -> np.ndarray:
    """Per group of a limit by case, what the lightest options use."""
    s = world.limits[k]
    return np.bincount(
        np.broadcast_to(s.group, world.cost.shape)[:, 0],
        np.where(world.acceptable, s.usage, np.inf).min(axis=1),
        len(s.amount),
    )


def with_amount(world: World, k: int, group: int, amount: float) -> World:
    changed = world.limits[k].amount.copy()
    changed[group] = amount
    return World(
        world.cost,
        world.acceptable,
        [s._replace(amount=changed) if i == k else s for i, s in enumerate(world.limits)],
    )


@pytest.mark.parametrize(("kind", "cases", "groups"), [("independent", 6_000, 100), ("linked", 6_000, 100)])
def test_a_budget_below_the_lightest_use_of_its_group(kind, cases, groups):
    world = draw(kind, cases, groups, seed=21)
    least = least_use(world, 0)[7]
    found = named(with_amount(world, 0, 7, least - 3.0), [("cash_budget", 7)])
    if kind == "independent":
        assert (
            found.relaxation["cash_budget"][7] == pytest.approx(3.0)
            and np.count_nonzero(found.relaxation["cash_budget"]) == 1
        )


def test_two_limits_that_only_together_leave_no_way():
    # In month 3 every case goes to the bench or is paid out, and there is too little of both; the other
    # months have plenty.
    rng = np.random.default_rng(22)
    cases = 5_000
    month = rng.integers(0, 12, (cases, 1))
    cost = np.round(rng.uniform(5, 120, (cases, 2)), 2)
    busy = np.bincount(month[:, 0], minlength=12)
    benches, payouts = busy * 0.9, busy * 0.9
    benches[3], payouts[3] = busy[3] * 0.5, busy[3] * 0.4
    world = World(
        cost,
        np.ones((cases, 2), dtype=bool),
        [
            Shared("bench", np.array([[1.0, 0.0]]), month, np.floor(benches)),
            Shared("payout", np.array([[0.0, 1.0]]), month, np.floor(payouts)),
        ],
    )
    found = named(world, [("bench", 3), ("payout", 3)])
    short = busy[3] - np.floor(benches[3]) - np.floor(payouts[3])
    assert (
        found.relaxation["bench"][3] == short and found.relaxation["payout"].sum() == 0
    )  # of the larger amount a unit is the smaller share
    assert np.count_nonzero(found.relaxation["bench"]) == 1


def test_three_limits_in_a_chain():
    # Every case takes one of three ways; each two of them together would do, if the third had no limit.
    cases = 4_000
    cost = np.round(np.random.default_rng(23).uniform(5, 120, (cases, 3)), 2)
    amounts = {"repair": 1_500.0, "refund": 1_400.0, "replace": 1_000.0}
    world = World(
        cost,
        np.ones((cases, 3), dtype=bool),
        [
            Shared(name, np.eye(3)[k : k + 1], None, np.array([amount]))
            for k, (name, amount) in enumerate(amounts.items())
        ],
    )
    found = named(world, [("refund", 0), ("repair", 0), ("replace", 0)])
    assert weighted(world, found.relaxation) == pytest.approx(100 / 1_500)


def test_a_clash_of_whole_cases_in_one_corner_of_a_large_world():
    # Three cases of a month of their own take 2 of two groups with room for 3: in halves they would fit,
    # whole they do not.
    world = draw("independent", 3_000, 30, options=2, seed=24)
    budget = world.limits[0]
    cost, acceptable = (
        np.vstack([world.cost, np.ones((3, 2))]),
        np.vstack([world.acceptable, np.ones((3, 2), dtype=bool)]),
    )
    corner = np.r_[np.full(3_000, -1), np.zeros(3, int)][:, None]
    limits = [
        Shared(
            "cash_budget",
            np.vstack([budget.usage, np.zeros((3, 2))]),
            np.vstack([budget.group, [[-1]] * 3]),
            budget.amount,
        ),
        Shared("left", np.array([[2.0, 0.0]]), corner, np.array([3.0])),
        Shared("right", np.array([[0.0, 2.0]]), corner, np.array([3.0])),
    ]
    found = named(World(cost, acceptable, limits), [("left", 0), ("right", 0)])
    assert (
        found.relaxation["left"][0] + found.relaxation["right"][0] == 1.0
        and found.relaxation["cash_budget"].sum() == 0
    )


def test_cases_without_a_choice_exceed_a_limit_among_others():
    world = draw("dense", 4_000, 3, seed=25)
    fixed = np.random.default_rng(5).random(4_000) < 0.5
    acceptable = np.where(
        fixed[:, None], np.arange(12) == world.acceptable.argmax(axis=1)[:, None], world.acceptable
    )
    forced = world.limits[1].usage[fixed, acceptable[fixed].argmax(axis=1)].sum()
    tight = World(
        world.cost,
        acceptable,
        [
            (
                s._replace(amount=np.array([1e9]))
                if k != 1
                else s._replace(amount=np.array([np.floor(forced) - 5]))
            )
            for k, s in enumerate(world.limits)
        ],
    )
    named(tight, [("limit 2", 0)])


def test_four_dense_limits_that_no_plan_keeps():
    world = draw("dense", 6_000, 4, seed=26)
    light = [np.where(world.acceptable, s.usage, np.inf).min(axis=1).sum() for s in world.limits]
    named(
        World(
            world.cost,
            world.acceptable,
            [
                s._replace(amount=np.array([np.round(least * 1.3, 1)]))
                for s, least in zip(world.limits, light)
            ],
        )
    )


@pytest.mark.parametrize(
    ("kind", "cases", "options", "groups", "seed"),
    [
        ("dense", 150, 4, 3, 0),
        ("dense", 300, 8, 2, 1),
        ("independent", 200, 5, 10, 2),
        ("linked", 200, 6, 40, 3),
    ],
)
def test_the_relaxation_is_as_cheap_as_an_elastic_program_finds(kind, cases, options, groups, seed):
    world = draw(kind, cases, groups, options=options, seed=30 + seed)
    tight = World(
        world.cost,
        world.acceptable,
        [
            s._replace(
                amount=np.round(s.amount * np.random.default_rng(seed).uniform(0.2, 0.5, len(s.amount)), 1)
            )
            for s in world.limits
        ],
    )
    found = named(tight)
    lower, upper = elastic(tight)
    assert lower * (1 - 1e-3) - 1e-6 <= weighted(tight, found.relaxation) <= upper * (1 + 1e-3) + 1e-6


def test_the_relaxation_of_a_large_world_is_cheap_too():
    world = draw("linked", 3_000, 60, options=6, seed=40)
    tight = World(
        world.cost, world.acceptable, [s._replace(amount=np.round(s.amount * 0.3, 1)) for s in world.limits]
    )
    found = clash_of(tight)
    assert found is not None and clash_of(loosened(tight, found.relaxation)) is None
    lower, _ = elastic(tight, 20.0)
    assert weighted(tight, found.relaxation) <= lower * 1.01 + 1e-6


def test_the_clash_is_the_same_in_any_order():
    world = draw("linked", 2_000, 40, options=5, seed=41)
    tight = with_amount(with_amount(world, 0, 3, least_use(world, 0)[3] * 0.9), 0, 11, 0.0)
    order = np.random.default_rng(1).permutation(2_000)
    moved = World(
        tight.cost[order],
        tight.acceptable[order],
        [s._replace(usage=s.usage[order], group=s.group[order]) for s in tight.limits],
    )
    one, other = clash_of(tight), clash_of(moved)
    assert one is not None and other is not None and one.clashing == other.clashing
    assert all(one.relaxation[name].tobytes() == other.relaxation[name].tobytes() for name in one.relaxation)
