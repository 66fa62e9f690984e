"""The network solver against published optima: warehouse location with split demand and with single
sourcing, textbook networks."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from optimizer.solve import NetworkPlan, NetworkProblem, design

BENCH = ROOT.parent / "shared" / "bench"
SMALL = [
    f"cap{n}.txt"
    for n in (
        41,
        42,
        43,
        44,
        51,
        61,
        62,
        63,
        64,
        71,
        72,
        73,
        74,
        81,
        82,
        83,
        84,
        91,
        92,
        93,
        94,
        101,
        102,
        103,
        104,
    )
]
LARGE = [8_000, 10_000, 12_000, 14_000]  # capa: 100 warehouses of this capacity, 1,000 customers
SINGLE_SOURCE = [
    f"p{n}" for n in range(1, 25)
]  # p25 to p30 take 5 to 40 s each; they stand in the benchmarks


def optima(folder: str) -> dict[str, float]:
    """Known optima by file; by file and capacity where the capacity is not in the file."""
    if not (BENCH / folder).is_dir():
        pytest.skip(f"published instances not found: {BENCH / folder}")
    with open(BENCH / folder / "optima.csv", newline="", encoding="utf-8") as file:
        return {
            row["file"] + row.get("capacity", "").replace("in file", ""): float(row["optimum"])
            for row in csv.DictReader(file)
        }


def location(
    capacity: np.ndarray,
    fixed: np.ndarray,
    demand: np.ndarray,
    cost: np.ndarray,
    whole_cells: bool = False,
    **limits,
) -> NetworkProblem:
    """Warehouses as providers, customers as cells; `cost` (customers, warehouses) of serving all of a
    customer."""
    customers, warehouses = cost.shape
    who, where = np.divmod(np.arange(cost.size), warehouses)
    names = [f"w{n}" for n in range(warehouses)]
    return NetworkProblem(
        pd.DataFrame({"provider": names, "open_cost": fixed, "monthly_cost": 0.0, "capacity": capacity}),
        pd.DataFrame({"cell": range(customers), "month": 1, "units": demand}),
        pd.DataFrame(
            {
                "cell": who,
                "action": [names[w] for w in where],
                "provider": [names[w] for w in where],
                "unit_cost": (cost / demand[:, None]).ravel(),
            }
        ),
        limits=limits,
        whole_cells=whole_cells,
    )


def split_demand(path: Path, capacity: float | None = None) -> NetworkProblem:
    """One instance of the OR library; its capacity may be a word that stands for a number."""
    words = path.read_text().replace("capacity", str(capacity)).split()
    m, n, numbers = int(words[0]), int(words[1]), np.array(words[2:], float)
    (capacities, fixed), rest = numbers[: 2 * m].reshape(m, 2).T, numbers[2 * m :].reshape(n, m + 1)
    return location(capacities, fixed, rest[:, 0], rest[:, 1:])


def single_source(path: Path) -> NetworkProblem:
    """One instance of Holmberg, Rönnqvist and Yuan."""
    numbers = np.array(path.read_text().split(), float)
    m, n = numbers[:2].astype(int)
    capacities, fixed = numbers[2 : 2 + 2 * m].reshape(m, 2).T
    demand, cost = numbers[2 + 2 * m : 2 + 2 * m + n], numbers[2 + 2 * m + n :].reshape(m, n).T
    return location(capacities, fixed, demand, cost, whole_cells=True)


def reaches(plan: NetworkPlan, optimum: float) -> None:
    """The published optimum to its last digits, and no bound above it."""
    assert plan.cost == pytest.approx(optimum, rel=1e-6)
    assert plan.bound <= optimum + 6e-4
    assert plan.gap <= 1e-6


@pytest.mark.parametrize("name", SMALL)
def test_warehouses_with_split_demand(name):
    optimum = optima("cflp_orlib")[name]
    reaches(design(split_demand(BENCH / "cflp_orlib" / name), seconds=120), optimum)


@pytest.mark.parametrize("capacity", LARGE)
def test_a_hundred_warehouses(capacity):
    optimum = optima("cflp_orlib")[f"capa.txt{capacity}"]
    reaches(design(split_demand(BENCH / "cflp_orlib" / "capa.txt", capacity), seconds=300), optimum)


@pytest.mark.parametrize("name", SINGLE_SOURCE)
def test_warehouses_with_one_source_per_customer(name):
    optimum = optima("sscflp_holmberg")[name]
    reaches(design(single_source(BENCH / "sscflp_holmberg" / name), seconds=120), optimum)


def example(name: str) -> dict:
    path = BENCH / "examples" / f"{name}.json"
    if not path.exists():
        pytest.skip(f"published instances not found: {path}")
    return json.loads(path.read_text(encoding="utf-8"))


def test_book_warehouses():
    book = example("csplib034_warehouse")
    cost = np.array(book["supply_cost_store_x_warehouse"], float)
    plan = design(
        location(
            np.array(book["capacity"], float),
            np.full(5, float(book["fixed"])),
            np.ones(10),
            cost,
            whole_cells=True,
        )
    )
    reaches(plan, book["published_optimum"])
    served = {
        name: sorted(plan.flows.loc[plan.flows["provider"] == f"w{n}", "cell"])
        for n, name in enumerate(book["warehouses"])
    }
    assert served == {name: sorted(stores) for name, stores in book["published_solution"].items()}


def test_warehouses_without_capacity():
    book = example("gurobi_facility_location")
    customers, sites = np.array(book["customers"]), np.array(book["facilities"])
    cost = np.linalg.norm(customers[:, None] - sites[None], axis=2)
    plan = design(
        location(np.full(len(sites), np.inf), np.array(book["setup"], float), np.ones(len(customers)), cost)
    )
    reaches(plan, book["published_optimum"])
    assert plan.open[plan.open["open"]]["provider"].tolist() == ["w3"]


def test_plants_with_capacity():
    book = example("lindo_caploc")
    demand, cost = np.array(book["demand"], float), np.array(book["unit_cost_plant_x_customer"], float).T
    plan = design(
        location(
            np.array(book["capacity"], float), np.array(book["fixed"], float), demand, cost * demand[:, None]
        )
    )
    reaches(plan, book["published_optimum"])
    assert plan.open[plan.open["open"]]["provider"].tolist() == ["w0", "w2"]


def test_building_costs_that_grow_ever_slower():
    """A plant's cost is 1,520 × ln(its size), as straight pieces between six sizes: a price list by
    increments; one plant per region."""
    book = example("mip_plant_location_log_cost")
    sites, clients = book["site_xy"], book["client_xy"]
    demand, capacity = (
        np.array(list(book["demand"].values()), float),
        np.array(list(book["cap"].values()), float),
    )
    cost = np.array(
        [[round(math.dist(client, site), 1) for site in sites.values()] for client in clients.values()]
    )
    sizes = capacity[:, None] * np.arange(6) / 5
    built = np.where(sizes > 0, 1520 * np.log(np.maximum(sizes, 1.0)), 0.0)
    slopes = np.diff(built) / np.diff(sizes)
    plain = location(capacity, np.zeros(len(sites)), demand, cost * demand[:, None])
    names = plain.providers["provider"]
    tiers = pd.DataFrame(
        {
            "provider": np.repeat(names.to_numpy(object), 5),
            "from_units": sizes[:, :-1].ravel(),
            "unit_price": slopes.ravel(),
            "kind": "incremental",
        }
    )
    kinds = ["west" if x <= 50 else "east" for x, _ in sites.values()]
    problem = NetworkProblem(
        plain.providers.assign(kind=kinds),
        plain.demand,
        plain.actions,
        tiers,
        limits={"most_open": {"west": 1, "east": 1}},
    )
    plan = design(problem, gap=1e-9, seconds=120)
    reaches(plan, book["published_optimum"])


def depots(book: dict) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Providers and actions of two factories that deliver themselves or by depots: each way at its cheapest.

    What the factories have is plenty for all customers together, so that only the depots' throughput binds.
    """
    factories, customers = list(book["supply"]), list(book["demand"])
    cost = book["unit_cost"]
    ways = [
        (customer, factory, cost[factory][customer])
        for factory in factories
        for customer in customers
        if customer in cost[factory]
    ]
    ways += [
        (customer, depot, min(cost[f][depot] for f in factories if depot in cost[f]) + cost[depot][customer])
        for depot in book["throughput"]
        for customer in customers
        if customer in cost[depot]
    ]
    providers = pd.DataFrame(
        {
            "provider": [*factories, *book["throughput"]],
            "capacity": [*book["supply"].values(), *book["throughput"].values()],
        }
    )
    actions = pd.DataFrame(
        [{"cell": c, "action": way, "provider": way, "unit_cost": amount} for c, way, amount in ways]
    )
    return (
        providers.assign(
            open_cost=0.0,
            monthly_cost=0.0,
            kind=["factory"] * len(factories) + ["depot"] * len(book["throughput"]),
        ),
        actions,
    )


def of_customers(book: dict) -> pd.DataFrame:
    return pd.DataFrame(
        {"cell": list(book["demand"]), "month": 1, "units": list(map(float, book["demand"].values()))}
    )


def test_factories_and_depots():
    book = example("williams_distribution1")
    providers, actions = depots(book)
    plan = design(NetworkProblem(providers, of_customers(book), actions), gap=1e-9)
    reaches(plan, book["published_optimum"])


def test_depots_to_open_to_close_and_to_enlarge():
    """At most four depots, Birmingham and London among them; more room in Birmingham is somebody else to
    open, at the same costs."""
    book = example("williams_distribution2_depots")
    providers, actions = depots(book)
    fixed = providers["provider"].map(book["open_cost"]).fillna(0.0)
    extra, more = book["expand_birmingham"], "more of Birmingham"
    providers = pd.concat(
        [
            providers.assign(open_cost=fixed),
            pd.DataFrame(
                {
                    "provider": [more],
                    "capacity": float(extra["extra"]),
                    "open_cost": float(extra["cost"]),
                    "monthly_cost": 0.0,
                    "kind": "enlargement",
                }
            ),
        ],
        ignore_index=True,
    )
    enlarged = actions[actions["provider"] == "Birmingham"].assign(provider=more, action=more)
    problem = NetworkProblem(
        providers,
        of_customers(book),
        pd.concat([actions, enlarged], ignore_index=True),
        limits={"most_open": {"depot": book["max_open"]}, "force_open": book["must_open"]},
    )
    plan = design(problem, gap=1e-9)
    assert plan.cost + book["constant"] == pytest.approx(book["published_optimum"], rel=1e-6)
    assert plan.bound <= plan.cost <= plan.bound * (1 + 1e-9)
    opened = set(plan.open.loc[plan.open["open"], "provider"]) - {"Liverpool", "Brighton"}
    assert opened == {"Birmingham", more, "London", "Exeter", "Northampton"}
