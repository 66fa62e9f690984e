"""The policy table under shared limits: its use recomputed case by case, its extra cost, small worlds
enumerated, tables that cannot keep a limit."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from limit_world import free_run, limit_of, sent_by_market, under

from optimizer.answer.applied import AppliedTable, applied_summary
from optimizer.policy import apply_policy, build_policy
from optimizer.policy.apply import option_keys
from optimizer.policy.row_solve import solve_rows
from optimizer.report.applied import limit_sentences


@pytest.fixture(scope="module")
def free():
    return free_run(600)


@pytest.fixture(scope="module")
def held(free):
    limits = sent_by_market(free, 0.6)
    run = under(free, limits)
    return (
        run,
        limits,
        build_policy(
            free.engine,
            free.blocks,
            float(free.practice.cost.sum()),
            limits,
            run.limits.shadow_price,
            run.plan,
        ),
    )


def followed(free, limit, policy):
    """Use and cost of every case that follows its row, one by one."""
    keys, used, cost = option_keys(policy.frame), np.zeros(len(limit.groups)), 0.0
    for b, use in zip(free.blocks, limit.uses):
        for c, case in enumerate(b.rows):
            row = policy.row_of_case[case]
            if row < 0:
                continue
            shares = b.shares if b.mixed[c] else np.array([float(o.key == keys[row]) for o in b.options])
            assert b.mixed[c] or (shares.sum() == 1.0 and b.refused[c, shares.argmax()] == 0)
            cost += b.mixed_total[c] if b.mixed[c] else b.total[c, shares.argmax()]
            if use is not None:
                usage, group = (np.broadcast_to(a, b.total.shape)[c] for a in use)
                for o in np.flatnonzero((shares > 0) & (group >= 0)):
                    used[group[o]] += shares[o] * usage[o]
    return used, cost


def test_the_table_keeps_the_limits(free, held):
    run, (limit,), policy = held
    used, cost = followed(free, limit, policy)
    assert (
        (used <= limit.amount + 1e-6).all()
        and np.allclose(used, policy.used[limit.name])
        and not policy.excess
        and not policy.notes
    )
    assert cost - run.plan.total.sum() == pytest.approx(policy.extra_cost_cents)
    assert policy.extra_cost_cents >= -100.0 * run.limits.gap_money - 1e-6
    assert policy.frame["extra_cost"].sum() * 100.0 == pytest.approx(policy.extra_cost_cents, abs=0.5)


def test_without_limits_it_would_not(free, held):
    _, (limit,), policy = held
    alone = build_policy(free.engine, free.blocks, float(free.practice.cost.sum()))
    assert (followed(free, limit, alone)[0] > limit.amount).any()
    reasons = policy.frame["reason"].astype(str)
    named = policy.frame[reasons.str.contains("does not leave enough for it")]
    assert len(named) and (named["margin"] < 0).all() and (named["runner_up"] != "").all()


def test_a_table_that_cannot_keep_a_limit_says_so(free, held):
    run, _, _ = held
    none = limit_of(
        "contacts", "units", free.blocks, lambda b: np.ones((1, len(b.options))), lambda b: b.cell.market, {}
    )
    none = replace(none, groups=tuple(replace(g, amount=1.0) for g in none.groups))
    policy = build_policy(
        free.engine, free.blocks, 1e6, [none], {"contacts": np.zeros(len(none.groups))}, run.plan
    )
    used, _ = followed(free, none, policy)
    assert np.allclose(used - 1.0, policy.excess["contacts"]) and len(policy.notes) == (used > 1.0).sum() > 0


def test_apply_counts_use(free, held):
    _, (limit,), policy = held
    applied = AppliedTable(
        policy.frame,
        free.engine,
        free.file,
        apply_policy(policy.frame, free.engine, free.blocks),
        "base",
        free.blocks,
        [limit],
    )
    lines = applied_summary(applied)["limits"]
    assert [u["used"] for u in lines] == pytest.approx(policy.used[limit.name]) and all(
        u["excess"] == 0.0 for u in lines
    )
    tight = replace(limit, groups=tuple(replace(g, amount=0.0) for g in limit.groups))
    over = replace(applied, limits=[tight])
    above = [u for u in applied_summary(over)["limits"] if u["excess"] > 0.0]
    assert sum(u["excess"] for u in above) == pytest.approx(policy.used[limit.name].sum())
    assert len(limit_sentences(over)) == 1 + len(above) and limit_sentences(over, "zh") != limit_sentences(
        over
    )


def some_rows(rng, rows=5, options=3, groups=3):
    """Rows whose options use several groups at once; the last option uses nothing."""
    found = []
    for _ in range(rows):
        use = rng.integers(0, 5, (options, groups)).astype(float)
        use[-1] = 0.0
        found.append(
            SimpleNamespace(
                columns=np.arange(options),
                cost=rng.integers(0, 100, options).astype(float),
                groups=np.arange(groups),
                use=use,
            )
        )
        found[-1].cheapest = int(found[-1].cost.argmin())
    return found


@pytest.mark.parametrize("seed", range(12))
def test_the_second_solve_equals_enumeration(seed):
    rng = np.random.default_rng(seed)
    cases, fixed, amount = some_rows(rng), np.array([1.0, 0.0, 2.0]), rng.integers(3, 9, 3).astype(float)
    best = min(
        sum(c.cost[o] for c, o in zip(cases, way))
        for way in product(range(3), repeat=5)
        if (fixed + sum(c.use[o] for c, o in zip(cases, way)) <= amount).all()
    )
    found = solve_rows(cases, fixed, amount)
    assert found.cost == best and not found.excess.any() and (found.used <= amount + 1e-9).all()


def test_what_no_row_decides_may_be_too_much_already():
    cases = some_rows(np.random.default_rng(3))
    found = solve_rows(cases, np.array([5.0, 0.0, 0.0]), np.array([2.0, 50.0, 50.0]))
    assert found.excess.tolist() == [3.0, 0.0, 0.0] and found.used[0] == 5.0
