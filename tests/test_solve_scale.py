"""The case solver in the middle sizes: against HiGHS, against worlds whose optimum is known by
construction, in any order and any blocks."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from benchmarks.assign_peers import dual_value, model_of
from benchmarks.assign_worlds import Shared, World, draw, pieces
from optimizer.domain.shared_limit import Use
from optimizer.solve import Limit, assign, case_problem
from optimizer.solve.blocks import CaseBlock, assign_blocks
from optimizer.solve.case_problem import CaseProblem, joined
from optimizer.solve.plan import Planner
from optimizer.solve.shadow import shadow_prices

GAP = 1e-5
COARSE = 2e-3  # reached at once, where what matters is not how near the plan comes


def solved(world: World, gap: float = GAP, **asked):
    return assign(world.cost, world.acceptable, [Limit(*s) for s in world.limits], gap, **asked)


def relaxed(world: World) -> float:
    """The least cost where cases may be split between options, by HiGHS."""
    model, cases = model_of(world), len(world.cost)
    rows = sparse.csc_matrix(
        (model.value, model.row, model.start), (len(model.lower), len(model.cost))
    ).tocsr()
    found = linprog(
        model.cost, rows[cases:], model.upper[cases:], rows[:cases], np.ones(cases), method="highs-ds"
    )
    assert found.status == 0
    return found.fun


def checked(world: World, plan, gap: float = GAP) -> None:
    """Whatever the plan claims about itself is so."""
    assert world.exceeded(plan.choice) == 0
    assert plan.cost == pytest.approx(world.total(plan.choice), rel=1e-12)
    assert plan.bound <= plan.cost
    for s, used in zip(world.limits, world.used(plan.choice)):
        assert plan.used[s.name] == pytest.approx(used, rel=1e-9, abs=1e-9)
        assert (plan.shadow_price[s.name] >= 0).all()
    assert plan.status == (
        "optimal" if plan.bound == plan.cost else "within_gap" if plan.gap <= gap else "time_limit"
    )


def tied_down(
    cost: np.ndarray, usage: list[np.ndarray], groups: list[np.ndarray | None], prices: list[np.ndarray]
) -> tuple[World, np.ndarray]:
    """A world whose optimum is known: what is cheapest with use paid at these prices uses up the amounts
    exactly, so nothing is cheaper."""
    paid = cost.copy()
    for u, g, price in zip(usage, groups, prices):
        paid += u * (price[0] if g is None else price[g])
    choice = paid.argmin(axis=1)
    world = World(
        cost,
        np.ones(cost.shape, dtype=bool),
        [
            Shared(f"limit {k}", u, g, np.zeros(len(p)))
            for k, (u, g, p) in enumerate(zip(usage, groups, prices))
        ],
    )
    return (
        World(
            world.cost,
            world.acceptable,
            [s._replace(amount=used) for s, used in zip(world.limits, world.used(choice))],
        ),
        choice,
    )


# ---------------------------------------------------------------- against HiGHS


@pytest.mark.parametrize(
    ("kind", "cases", "groups", "gap"),
    [
        ("dense", 3_000, 4, 2 * GAP),
        ("dense", 10_000, 4, GAP),
        ("dense", 3_000, 10, 30 * GAP),
        ("linked", 4_000, 100, 3 * COARSE),
        ("independent", 8_000, 400, COARSE),
    ],
)
def test_bound_relaxation_and_cost_stand_in_their_order(kind, cases, groups, gap):
    world = draw(kind, cases, groups)
    plan, split = solved(world, gap, seconds=20.0), relaxed(world)
    checked(world, plan, gap)
    assert split * (1 - 1e-9) <= plan.cost
    assert plan.gap <= gap
    assert plan.bound >= split - gap * abs(split)
    # What the prices prove, computed anew: no plan can undercut it, and it comes near the best that prices
    # can prove.
    proven = dual_value(world, np.concatenate([plan.shadow_price[s.name] for s in world.limits]))
    assert split - gap * abs(split) <= proven <= split * (1 + 1e-9)


@pytest.mark.parametrize(("kind", "groups"), [("dense", 4), ("linked", 60), ("independent", 60)])
def test_no_bound_is_above_the_optimum_however_early_the_search_ends(kind, groups):
    world = draw(kind, 3_000, groups, seed=3)
    best = solved(world, COARSE).cost
    for seconds in (0.0, 0.05, 0.5):
        plan = solved(world, 0.0, seconds=seconds)
        checked(world, plan, 0.0)
        assert np.isfinite(plan.bound) and plan.bound <= best


def test_an_optimum_that_highs_proves_is_met_from_both_sides():
    world = draw("independent", 900, 10, options=6, seed=4)
    model, cases = model_of(world), 900
    rows = sparse.csc_matrix((model.value, model.row, model.start), (len(model.lower), len(model.cost)))
    found = milp(
        model.cost,
        integrality=np.ones(len(model.cost)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(rows, model.lower, model.upper),
        options={"mip_rel_gap": 0.0, "time_limit": 60},
    )
    plan = solved(world, 1e-4)
    checked(world, plan)
    assert plan.bound <= found.fun + 1e-6 and found.mip_dual_bound <= plan.cost + 1e-6 and plan.gap <= 1e-4
    assert plan.cost >= relaxed(world) * (1 - 1e-9) and len(plan.choice) == cases


# ---------------------------------------------------------------- an optimum known by construction


@pytest.mark.parametrize(
    ("cases", "groups", "seed"), [(3_000, 1, 0), (8_000, 5, 1), (20_000, 25, 2), (20_000, 1, 3)]
)
def test_a_known_optimum_is_found_and_never_undercut(cases, groups, seed):
    rng = np.random.default_rng(seed)
    cost = np.round(rng.uniform(5, 120, (cases, 8)), 2)
    usage = [rng.integers(0, 20, (cases, 8)) / 4, rng.integers(0, 9, (cases, 8)).astype(float)]
    world, choice = tied_down(
        cost, usage, [rng.integers(0, groups, (cases, 1)), None], [rng.uniform(1, 9, groups), np.array([3.7])]
    )
    plan, optimum = solved(world), world.total(choice)
    checked(world, plan)
    assert plan.bound <= optimum * (1 + 1e-12) and optimum * (1 - 1e-12) <= plan.cost
    assert plan.gap <= GAP


@pytest.mark.parametrize(("money", "use"), [(9, 0), (0, 6), (9, 6), (-6, -6)])
def test_costs_and_uses_of_very_different_sizes(money, use):
    # Costs from 1e-6 to 1e9, uses from 1e-6 to 1e6, each case in a size of its own.
    rng = np.random.default_rng(5)
    cases = 3_000
    cost = rng.normal(0, 1, (cases, 6)) * 10.0 ** rng.uniform(-6 if money else 0, money, (cases, 1))
    usage = rng.random((cases, 6)) * 10.0 ** rng.uniform(-6 if use else 0, abs(use), (cases, 1))
    world, choice = tied_down(
        cost, [usage], [rng.integers(0, 3, (cases, 1))], [10.0 ** rng.uniform(money - 6, money - 2, 3)]
    )
    plan, optimum = solved(world), world.total(choice)
    checked(world, plan)
    slack = 1e-12 * np.abs(cost).sum()
    assert plan.bound - slack <= optimum <= plan.cost + slack
    assert plan.gap <= GAP


# ---------------------------------------------------------------- ties, duplicates, limits that bind or not


def counted(content: np.ndarray, copies: np.ndarray, usage: np.ndarray, amount: float) -> float:
    """The optimum where cases come in kinds: how many of each kind take which option, in whole numbers."""
    kinds, options = content.shape
    each = sparse.kron(sparse.identity(kinds), np.ones((1, options)), format="csr")
    found = milp(
        content.ravel(),
        integrality=np.ones(content.size),
        bounds=Bounds(0, np.inf),
        constraints=[
            LinearConstraint(each, copies, copies),
            LinearConstraint(usage.reshape(1, -1), -np.inf, amount),
        ],
        options={"mip_rel_gap": 0.0},
    )
    assert found.status == 0
    return found.fun


@pytest.mark.parametrize("seed", range(3))
def test_duplicate_cases_reach_the_optimum_counted_by_kind(seed):
    rng = np.random.default_rng(seed)
    content, usage = np.round(rng.uniform(5, 120, (30, 5)), 2), rng.integers(0, 12, (30, 5)).astype(float)
    copies = rng.integers(50, 300, 30)
    kind = rng.permutation(np.repeat(np.arange(30), copies))
    free = usage[np.arange(30), content.argmin(axis=1)] @ copies
    amount = np.floor(0.6 * free + 0.4 * usage.min(axis=1) @ copies)
    world = World(
        content[kind],
        np.ones((len(kind), 5), dtype=bool),
        [Shared("bench", usage[kind], None, np.array([amount]))],
    )
    plan, optimum = solved(world), counted(content, copies, usage, amount)
    checked(world, plan)
    assert plan.bound - 1e-6 <= optimum <= plan.cost + 1e-6 and plan.gap <= GAP
    shuffled = rng.permutation(len(kind))
    again = solved(
        World(
            world.cost[shuffled],
            world.acceptable,
            [Shared("bench", usage[kind][shuffled], None, np.array([amount]))],
        )
    )
    # Cases of one kind cannot be told apart; how many of them take which option is the same in every order.
    assert (
        np.bincount(kind * 5 + plan.choice, minlength=150)
        == np.bincount(kind[shuffled] * 5 + again.choice, minlength=150)
    ).all()
    assert (again.cost, again.bound) == (plan.cost, plan.bound)


@pytest.mark.parametrize("amount", [0.0, 1.0, 4_999.0, 7_001.5, 29_999.0, 30_000.0, 1e15])
def test_ten_thousand_equal_cases_share_what_there_is(amount):
    # Option 0 takes 3 units, option 1 none and costs 2.50 more; one unit less than three helps nobody.
    world = World(
        np.tile([10.0, 12.5], (10_000, 1)),
        np.ones((10_000, 2), dtype=bool),
        [Shared("bench", np.array([[3.0, 0.0]]), None, np.array([amount]))],
    )
    plan = solved(world)
    expected = 125_000 - 2.5 * min(10_000, amount // 3)
    assert (plan.choice == 0).sum() * 3 <= amount
    assert expected <= plan.cost <= expected * (1 + GAP) and plan.bound <= expected


def test_amounts_of_zero_forbid_and_other_limits_do_as_if_they_were_alone():
    world = draw("dense", 6_000, 2, seed=6)
    banned = np.random.default_rng(1).random(world.cost.shape) < 0.3
    banned[~(world.acceptable & ~banned).any(axis=1)] = False
    forbidden = World(
        world.cost, world.acceptable, [*world.limits, Shared("banned", banned * 0.001, None, np.zeros(1))]
    )
    free = [s._replace(amount=s.amount * 1.5) for s in world.limits]
    plan = solved(World(world.cost, world.acceptable, [*free, forbidden.limits[-1]]))
    same = solved(World(world.cost, world.acceptable & ~banned, free))
    assert not banned[np.arange(6_000), plan.choice].any()
    assert abs(plan.cost - same.cost) <= GAP * abs(same.cost)
    assert max(plan.bound, same.bound) <= min(plan.cost, same.cost) + 1e-6


def test_redundant_and_huge_limits_change_no_price():
    world = draw("linked", 5_000, 40, seed=7)
    plan = solved(world, COARSE)
    spare = [
        Shared("huge", np.full((1, 1), 1e9), None, np.array([1e15])),
        Shared("roomy", world.limits[0].usage, None, np.array([1e12])),
        Shared("unused", np.zeros((1, 1)), np.zeros((1, 1), np.int32), np.zeros(3)),
    ]
    more = solved(World(world.cost, world.acceptable, [*world.limits, *spare]), COARSE)
    # The plan may be another one within the gap; what the other limits are worth is the same.
    assert (
        max(more.bound, plan.bound) <= min(more.cost, plan.cost)
        and abs(more.cost - plan.cost) <= COARSE * plan.cost
    )
    assert all(
        more.shadow_price[s.name] == pytest.approx(plan.shadow_price[s.name], rel=1e-6, abs=1e-9)
        for s in world.limits
    )
    assert all((more.shadow_price[s.name] == 0).all() for s in spare)


def test_where_no_limit_binds_every_case_takes_its_cheapest():
    world = draw("linked", 30_000, 400, seed=8)
    free = World(world.cost, world.acceptable, [s._replace(amount=s.amount * 100) for s in world.limits])
    plan = solved(free)
    assert plan.choice.tolist() == np.where(world.acceptable, world.cost, np.inf).argmin(axis=1).tolist()
    assert (plan.status, plan.bound) == ("optimal", plan.cost)


def test_cases_with_one_option_use_up_what_the_others_share():
    world = draw("dense", 6_000, 3, seed=9)
    settled = np.random.default_rng(2).random(6_000) < 0.8
    choice = solved(world, COARSE).choice
    acceptable = np.where(settled[:, None], np.arange(12) == choice[:, None], world.acceptable)
    plan = solved(World(world.cost, acceptable, world.limits))
    its = World(
        world.cost[settled],
        world.acceptable[settled],
        [s._replace(usage=s.usage[settled]) for s in world.limits],
    )
    left = World(
        world.cost[~settled],
        world.acceptable[~settled],
        [
            s._replace(usage=s.usage[~settled], amount=s.amount - used)
            for s, used in zip(world.limits, its.used(choice[settled]))
        ],
    )
    alone, fixed = solved(left), its.total(choice[settled])
    checked(world, plan)
    assert (plan.choice[settled] == choice[settled]).all()
    assert max(plan.bound, alone.bound + fixed) <= min(plan.cost, alone.cost + fixed) + 1e-6
    assert abs(plan.cost - alone.cost - fixed) <= 2 * GAP * abs(plan.cost)


@pytest.mark.parametrize("shift", [-500.0, -45.0, 1e6])
def test_costs_of_any_sign(shift):
    # Every option of a case dearer or cheaper by the same: the same plans are good. What the gap allows
    # follows from the size of the bound.
    world = draw("dense", 4_000, 4, seed=10)
    moved = World(world.cost + shift, world.acceptable, world.limits)
    plan, other = solved(world, 2 * GAP), solved(moved, 2 * GAP)
    checked(moved, other)
    allowed = 2 * GAP * max(1.0, abs(other.bound))
    assert abs(other.cost - 4_000 * shift - plan.cost) <= allowed + 2 * GAP * plan.cost
    assert other.bound - 4_000 * shift <= plan.cost + 1e-4 and other.cost - other.bound <= allowed * (
        1 + 1e-9
    )


# ---------------------------------------------------------------- the same bytes in any order, in any blocks,
# on any machine


def bytes_of(plan) -> list[bytes]:
    return [
        np.float64(plan.cost).tobytes(),
        np.float64(plan.bound).tobytes(),
        plan.status.encode(),
        *(part[name].tobytes() for part in (plan.used, plan.shadow_price) for name in sorted(part)),
    ]


def case_block(world: World, spare: int = 0) -> CaseBlock:
    """A block, with options at the end that no case accepts."""

    def wide(array: np.ndarray, fill) -> np.ndarray:
        return (
            np.pad(array, ((0, 0), (0, spare)), constant_values=fill)
            if array.shape[1] == world.cost.shape[1]
            else array
        )

    return CaseBlock(
        wide(world.cost, -1e6),
        wide(world.acceptable, False),
        {
            s.name: Use(
                wide(s.usage, 0.0), np.zeros((1, 1), np.int64) if s.group is None else wide(s.group, -1)
            )
            for s in world.limits
        },
    )


@pytest.mark.parametrize(
    ("kind", "cases", "groups", "gap"),
    [
        ("dense", 400, 3, GAP),
        ("dense", 9_000, 4, 2 * GAP),
        ("linked", 6_000, 60, COARSE),
        ("independent", 6_000, 60, COARSE),
    ],
)
def test_order_blocks_and_threads_change_no_byte(kind, cases, groups, gap, monkeypatch):
    world = draw(kind, cases, groups, seed=11)
    plan = solved(world, gap)
    rng = np.random.default_rng(0)
    for _ in range(2):
        order = rng.permutation(cases)
        again = solved(
            World(
                world.cost[order],
                world.acceptable[order],
                [
                    s._replace(usage=s.usage[order], group=None if s.group is None else s.group[order])
                    for s in world.limits
                ],
            ),
            gap,
        )
        assert again.choice.tolist() == plan.choice[order].tolist() and bytes_of(again) == bytes_of(plan)
    amounts = {s.name: s.amount for s in world.limits}
    for size, spare in ((cases, 0), (cases // 3, 0), (97, 2), (1_024, 0)):
        cut = assign_blocks(
            [case_block(p, spare * (k % 2)) for k, p in enumerate(pieces(world, size))], amounts, gap
        )
        assert np.concatenate(cut.choices).tolist() == plan.choice.tolist() and bytes_of(cut) == bytes_of(
            plan
        )
    monkeypatch.setattr(case_problem, "COPIED", 0)  # blocks as they come, instead of small ones joined
    apart = assign_blocks([case_block(p) for p in pieces(world, cases // 7)], amounts, gap)
    assert np.concatenate(apart.choices).tolist() == plan.choice.tolist() and bytes_of(apart) == bytes_of(
        plan
    )
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    alone = solved(world, gap)
    assert alone.choice.tolist() == plan.choice.tolist() and bytes_of(alone) == bytes_of(plan)


def test_blocks_may_differ_in_their_options_and_leave_limits_out():
    narrow, wide = draw("dense", 2_000, 2, options=3, seed=12), draw("dense", 3_000, 2, options=9, seed=13)
    first, second = narrow.limits[0].name, narrow.limits[1].name
    blocks = [
        CaseBlock(
            narrow.cost, narrow.acceptable, {first: Use(narrow.limits[0].usage, np.zeros((1, 1), np.int64))}
        ),
        case_block(wide),
        CaseBlock(np.zeros((0, 4)), np.zeros((0, 4), dtype=bool)),
    ]
    amounts = {first: narrow.limits[0].amount + wide.limits[0].amount, second: wide.limits[1].amount}
    found = assign_blocks(blocks, amounts, 2 * GAP)
    grown = (
        np.pad(narrow.cost, ((0, 0), (0, 6))),
        np.pad(narrow.acceptable, ((0, 0), (0, 6))),
        np.pad(narrow.limits[0].usage, ((0, 0), (0, 6))),
    )
    padded = World(
        np.concatenate([grown[0], wide.cost]),
        np.concatenate([grown[1], wide.acceptable]),
        [
            Shared(first, np.concatenate([grown[2], wide.limits[0].usage]), None, amounts[first]),
            Shared(
                second, np.concatenate([np.zeros((2_000, 9)), wide.limits[1].usage]), None, amounts[second]
            ),
        ],
    )
    whole = solved(padded, 2 * GAP)
    assert [len(c) for c in found.choices] == [2_000, 3_000, 0]
    assert np.concatenate(found.choices).tolist() == whole.choice.tolist() and bytes_of(found) == bytes_of(
        whole
    )


def test_small_blocks_are_joined_in_their_order_and_large_ones_left_alone():
    blocks = [case_block(p, k % 3) for k, p in enumerate(pieces(draw("dense", 5_000, 2, seed=15), 50))]
    whole = joined(blocks)
    assert len(whole) == 1 and np.array_equal(
        np.concatenate([b.cost[:, :12] for b in blocks]), whole[0].cost[:, :12]
    )
    assert not whole[0].acceptable[:, 12:].any() and whole[0].acceptable.sum() == sum(
        b.acceptable.sum() for b in blocks
    )
    for name, use in whole[0].uses.items():
        assert np.array_equal(
            use.usage[:, :12], np.concatenate([b.uses[name].usage[:, :12] for b in blocks])
        ) and use.group.shape == (5_000, 1)
    large = [case_block(draw("dense", 9_000, 2, seed=s)) for s in (1, 2)]
    assert all(a is b for a, b in zip(joined(large), large, strict=True))


def test_prices_that_cannot_move_stay_where_they_are():
    # The first limit is kept by the cheapest options, the second may have no price: nothing is left to mend
    # beyond the sample.
    rng = np.random.default_rng(14)
    usage = rng.random((20_000, 3))
    one = Use(usage, np.zeros((1, 1), np.int64))
    world = CaseProblem(
        [
            CaseBlock(
                rng.random((20_000, 3)), np.ones((20_000, 3), dtype=bool), {"roomy": one, "unpriced": one}
            )
        ],
        {"roomy": np.array([1e9]), "unpriced": np.array([10.0])},
    )
    found = shadow_prices(world, np.array([1.0, 0.0]), time.monotonic() + 20)
    assert found.prices.tolist() == [0.0, 0.0] and found.bound <= world.free.least.sum()


def test_cases_that_can_give_back_what_is_used_too_much_join_the_core(monkeypatch):
    # Most options have a twin of equal cost that takes 2 days instead of 9; the best plan takes the first,
    # and so 1,000 of 4,000 cases
    # have to change at no price. The nearest ties alone do not make a plan; those that give days back do, and
    # cost nothing.
    asked = []
    relieving = Planner._relieving
    monkeypatch.setattr(Planner, "_relieving", lambda *a: asked.append(relieving(*a)) or asked[-1])
    rng, cases = np.random.default_rng(3), 4_000
    cost = np.round(rng.uniform(20, 120, (cases, 4)), 2)
    cost = np.hstack([cost, cost + np.where(rng.random((cases, 1)) < 0.6, 0.0, 5.0)])
    days = np.hstack([np.full((cases, 4), 9.0), np.full((cases, 4), 2.0)])
    cash = cost * rng.uniform(0.5, 1.5, cost.shape)
    free = np.arange(cases), cost.argmin(axis=1)
    limits = [
        Limit("days", days, None, np.array([days[free].sum() * 0.8])),
        Limit("cash", cash, None, np.array([np.round(cash[free].sum() * 0.9, 2)])),
    ]
    plan = assign(cost, np.ones(cost.shape, bool), limits, GAP)
    assert len(asked) > 0 and len(asked[0]) > 0
    assert plan.status == "optimal" and plan.cost == pytest.approx(cost.min(axis=1).sum())
    assert days[np.arange(cases), plan.choice].sum() <= limits[0].amount[0] * (1 + 1e-9)
