"""Who may be left closed: what prices prove about plans with and without a provider, and that nothing is
lost by closing."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pandas as pd
import pytest
from network_world import cheapest_by_trying, quick_seeds, small_network

from optimizer.errors import Infeasible
from optimizer.solve import NetworkProblem, design
from optimizer.solve.network import solving
from optimizer.solve.network.arrays import network_of, parts
from optimizer.solve.network.relaxation import search_prices

QUICK, WITHOUT_DEMAND = 40, (2001, 2273)
NETWORKS = QUICK + len(WITHOUT_DEMAND)


def network(number: int) -> NetworkProblem:
    """One of the NETWORKS small ones that can be enumerated; the last two have no demand."""
    return small_network((*quick_seeds(500, 1000, QUICK, most=600), *WITHOUT_DEMAND)[number])


@cache
def cheapest(number: int) -> float:
    """What a small network costs at least, by trying every plan."""
    return cheapest_by_trying(network(number))


@cache
def prices(number: int):
    """What prices prove about the plans of a small network."""
    return search_prices(whole(network(number)), steps=60)


def whole(problem: NetworkProblem):
    """The network as one part, so that its bound and its extra costs are those of whole plans."""
    return network_of(problem)


def locations(
    seed: int, warehouses: int = 14, customers: int = 25, months: int = 1, refund: bool = False
) -> NetworkProblem:
    """Warehouses and customers in a square, some warehouses open already, in some networks a refund for
    whoever is far away."""
    draw = np.random.default_rng(seed)
    where, who = draw.random((warehouses, 2)), draw.random((customers, 2))
    units = draw.integers(2, 12, (customers, months))
    distance = 10 * np.linalg.norm(who[:, None] - where[None], axis=2)
    names = [f"w{n}" for n in range(warehouses)]
    providers = pd.DataFrame(
        {
            "provider": names,
            "open_cost": draw.integers(20, 200, warehouses),
            "monthly_cost": draw.integers(20, 80, warehouses),
            "capacity": np.rint(units.sum() / months * draw.uniform(0.2, 0.6, warehouses)),
            "initially_open": draw.random(warehouses) < 0.1,
        }
    )
    cell, place = np.divmod(np.arange(distance.size), warehouses)
    actions = pd.DataFrame(
        {
            "cell": cell,
            "action": [names[p] for p in place],
            "provider": [names[p] for p in place],
            "unit_cost": distance.ravel(),
        }
    )
    if refund:
        actions = pd.concat(
            [
                actions,
                pd.DataFrame(
                    {"cell": range(customers), "action": "refund", "provider": "", "unit_cost": 6.0}
                ),
            ],
            ignore_index=True,
        )
    demand = pd.DataFrame(
        {
            "cell": np.repeat(np.arange(customers), months),
            "month": np.tile(np.arange(1, months + 1), customers),
            "units": units.ravel(),
        }
    )
    return NetworkProblem(providers, demand, actions, discount_rate=0.01)


@pytest.fixture
def always_narrow(monkeypatch):
    monkeypatch.setattr(solving, "MANY_PROVIDERS", 1)
    monkeypatch.setattr(solving, "MANY_FLOWS", 1)


@pytest.mark.parametrize("number", range(NETWORKS))
def test_no_plan_costs_less_than_prices_prove(number):
    found = prices(number)
    assert found.bound <= cheapest(number) + 1e-6
    for provider, extra in enumerate(found.extra):
        if extra > 1e-9:
            proven = found.bound + extra - 1e-6
            assert cheapest_by_trying(network(number), provider, below=proven) == proven


def test_prices_say_something_about_small_networks():
    """The property above would also hold for extra costs of 0."""
    assert sum((prices(number).extra > 1e-9).sum() for number in range(NETWORKS)) >= 20


@pytest.mark.parametrize("number", range(NETWORKS))
def test_a_small_network_costs_the_same_when_narrowed(number, always_narrow):
    problem = network(number)
    best = cheapest(number)
    if best == math.inf:
        with pytest.raises(Infeasible):
            design(problem)
        return
    plan = design(problem, gap=0.0)
    assert plan.cost == pytest.approx(best, abs=1e-5)
    assert plan.bound <= plan.cost and plan.bound == pytest.approx(best, abs=1e-5)


@pytest.mark.parametrize(
    ("seed", "months", "refund"),
    [(seed, months, refund) for seed in range(4) for months, refund in ((1, False), (3, False), (3, True))],
)
def test_locations_cost_the_same_when_narrowed(seed, months, refund, monkeypatch):
    problem = locations(seed, months=months, refund=refund)
    direct = design(problem, gap=1e-9)
    monkeypatch.setattr(solving, "MANY_PROVIDERS", 1)
    monkeypatch.setattr(solving, "MANY_FLOWS", 1)
    narrowed = design(problem, gap=1e-9)
    assert narrowed.cost == pytest.approx(direct.cost, rel=1e-8)
    assert narrowed.bound == pytest.approx(direct.bound, rel=1e-8)


def test_most_warehouses_are_closed_beforehand(always_narrow):
    (part,) = parts(network_of(locations(1, warehouses=40, customers=60)))
    few = solving._few(part, math.inf)
    assert len(few.part.own_providers) <= 20
    assert 0.95 * few.first.cost <= few.bound <= few.first.cost + 1e-6


def test_without_time_there_is_still_a_plan_and_a_bound(always_narrow):
    problem = locations(2, warehouses=40, customers=60, months=3)
    best, at_once = design(problem, gap=1e-9), design(problem, seconds=0.0)
    assert 0 < at_once.bound <= best.cost * (1 + 1e-9)
    assert best.cost <= at_once.cost * (1 + 1e-9)
    assert at_once.evaluation.broken == []


def test_a_limit_that_clashes_is_said_when_narrowed(always_narrow):
    problem = locations(3)
    tight = NetworkProblem(problem.providers, problem.demand, problem.actions, limits={"most_open": 1})
    with pytest.raises(Infeasible) as refused:
        design(tight)
    assert ("most_open", "") in refused.value.clashing
