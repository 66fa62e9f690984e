"""The case solver against published optima: multiple-choice knapsacks and generalized assignment."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from conftest import ROOT

from optimizer.solve import Assignment, Limit, assign

BENCH = ROOT.parent / "shared" / "bench"
KNAPSACKS = {
    "TestSet1.5GP10IT5KP.txt": 30,
    "TestSet2.10GP10IT5KP.txt": 30,
    "TestSet3.25GP10IT5KP.txt": 30,
    "TestSet4.5GP10IT10KP.txt": 30,
    "TestSet5.10GP10IT10KP.txt": 30,
    "TestSet.30GP10IT10KP.txt": 10,
    "TestSet.100GP10IT10KP.txt": 10,
    "TestSet.400GP10IT10KP.txt": 10,
}
CALLED_TOO_EARLY = "c20200"
AGENTS = [f"gap{family}-{number}" for family in range(1, 7) for number in range(5)] + [
    "a05100",
    "a10100",
    "a20100",
    "b05100",
    "b10100",
]


class Instance(NamedTuple):
    """A published problem as a world of the case solver, to be minimised."""

    name: str
    cost: np.ndarray
    limits: list[Limit]
    optimum: float


def published(folder: str) -> list[dict[str, str]]:
    if not (BENCH / folder).is_dir():
        pytest.skip(f"published instances not found: {BENCH / folder}")
    with open(BENCH / folder / "optima.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def knapsacks(name: str) -> list[Instance]:
    """The problems of one file: a value and the use of every limit per option, to be maximised."""
    optima = {int(row["problem"]): float(row["optimum"]) for row in published("mmkp") if row["file"] == name}
    numbers = np.array((BENCH / "mmkp" / name).read_text().split(), dtype=float)
    found, at = [], 0
    while at < len(numbers):
        problem, groups, options, rows = numbers[at : at + 4].astype(int)
        amounts, at = numbers[at + 4 : at + 4 + rows], at + 4 + rows
        size = groups * (1 + options * (1 + rows))
        lines = numbers[at : at + size].reshape(groups, -1)[:, 1:].reshape(groups, options, 1 + rows)
        at += size
        if problem in optima:
            limits = [Limit(f"row {r}", lines[:, :, 1 + r], None, amounts[r : r + 1]) for r in range(rows)]
            found.append(Instance(f"{name} {problem}", -lines[:, :, 0], limits, -optima[problem]))
    assert len(found) == len(optima)
    return found


@cache
def agents(name: str) -> Instance:
    """One problem: jobs are cases, agents options, and each agent has a capacity."""
    optimum = {row["file"]: float(row["optimum_minimisation"]) for row in published("gap")}[name]
    m, n, *numbers = (BENCH / "gap" / name).read_text().split()
    m, n, numbers = int(m), int(n), np.array(numbers, dtype=float)
    cost, usage = (part.reshape(m, n).T for part in (numbers[: m * n], numbers[m * n : 2 * m * n]))
    return Instance(name, cost, [Limit("capacity", usage, np.arange(m), numbers[2 * m * n :])], optimum)


def wrongs(instance: Instance, plan: Assignment, stopped: bool) -> Iterator[str]:
    """Everything an answer claims that is not so; the optimum must be reached unless the search was
    stopped."""
    cost, case = instance.cost, np.arange(len(instance.cost))
    if plan.cost != cost[case, plan.choice].sum():
        yield f"says {plan.cost}, costs {cost[case, plan.choice].sum()}"
    for limit in instance.limits:
        usage, group = (
            np.broadcast_to(a, cost.shape)[case, plan.choice]
            for a in (limit.usage, 0 if limit.group is None else limit.group)
        )
        used = np.bincount(group, usage, len(limit.amount))
        if (used > limit.amount).any() or (used != plan.used[limit.name]).any():
            yield f"{limit.name}: uses {used} of {limit.amount}, says {plan.used[limit.name]}"
    if not plan.bound <= instance.optimum <= plan.cost:
        yield f"bound {plan.bound}, published optimum {instance.optimum}, cost {plan.cost}"
    if not stopped and (plan.cost, plan.bound, plan.status) != (
        instance.optimum,
        instance.optimum,
        "optimal",
    ):
        yield f"cost {plan.cost}, bound {plan.bound}, {plan.status}; published optimum {instance.optimum}"


def refuted(instances: list[Instance], **asked) -> list[str]:
    found = []
    for instance in instances:
        plan = assign(instance.cost, np.ones(instance.cost.shape, dtype=bool), instance.limits, **asked)
        found += [f"{instance.name}: {wrong}" for wrong in wrongs(instance, plan, stopped="seconds" in asked)]
    return found


@pytest.mark.parametrize("name", KNAPSACKS)
def test_every_multiple_choice_knapsack_reaches_the_published_optimum(name):
    instances = knapsacks(name)
    assert len(instances) == KNAPSACKS[name]
    assert refuted(instances) == []


def test_every_generalized_assignment_reaches_the_published_optimum():
    assert {row["file"] for row in published("gap")} - {CALLED_TOO_EARLY} == set(AGENTS)
    assert refuted([agents(name) for name in AGENTS]) == []


@pytest.mark.xfail(reason="the plan of 2,392 is called optimal; 2,391 is published", strict=True)
def test_the_one_that_is_called_optimal_too_early():
    """A fault of the solver that is known and not mended yet; fails here once it is."""
    assert CALLED_TOO_EARLY in {row["file"] for row in published("gap")}
    assert refuted([agents(CALLED_TOO_EARLY)]) == []


@pytest.mark.parametrize("seconds", [0.0, 0.1])
def test_a_search_stopped_early_claims_no_more_than_it_proved(seconds):
    assert refuted([problem for name in KNAPSACKS for problem in knapsacks(name)[:3]], seconds=seconds) == []
    assert refuted([agents(name) for name in ("gap1-0", "gap6-4", "a20100", "b10100")], seconds=seconds) == []


def side_by_side(instances: list[Instance]) -> Instance:
    """Problems of as many options that share nothing, as one world: each limit gets a group per problem."""
    cost = np.concatenate([instance.cost for instance in instances])
    of_case = np.repeat(np.arange(len(instances)), [len(instance.cost) for instance in instances])[:, None]
    limits = [
        Limit(
            each[0].name,
            np.concatenate(
                [
                    np.broadcast_to(limit.usage, instance.cost.shape)
                    for limit, instance in zip(each, instances)
                ]
            ),
            of_case,
            np.concatenate([limit.amount for limit in each]),
        )
        for each in zip(*[instance.limits for instance in instances])
    ]
    return Instance(
        f"{len(instances)} × {instances[0].name}",
        cost,
        limits,
        sum(instance.optimum for instance in instances),
    )


@pytest.mark.parametrize(
    ("name", "count"),
    [("TestSet2.10GP10IT5KP.txt", 30), ("TestSet5.10GP10IT10KP.txt", 20), ("TestSet.400GP10IT10KP.txt", 3)],
)
def test_problems_that_share_nothing_reach_the_sum_of_their_optima(name, count):
    assert refuted([side_by_side(knapsacks(name)[:count])], gap=0.0) == []
