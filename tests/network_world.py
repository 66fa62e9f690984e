"""Small repair networks, and their cheapest plan by trying every whole-number decision."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from optimizer.solve import NetworkProblem

INF = math.inf


def table(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


def small_network(seed: int) -> NetworkProblem:
    """A random network with few enough whole-number decisions to try all; which features it has depends on
    the seed."""
    draw = np.random.default_rng(seed)
    whole_cells = bool(draw.random() < 0.2)
    months = int(draw.integers(1, 3 if whole_cells else 4))
    providers, tiers, lanes = [], [], []
    for n in range(2):
        capacity = float(draw.integers(5, 14)) if draw.random() < 0.7 else INF
        providers.append(
            dict(
                provider=f"p{n}",
                open_cost=float(draw.integers(0, 40)),
                monthly_cost=float(draw.integers(0, 15)),
                capacity=capacity,
                close_cost=float(draw.integers(-6, 20)) if draw.random() < 0.5 else 0.0,
                min_units=float(draw.integers(1, 5)) if draw.random() < 0.3 else 0.0,
                minimum_fee=float(draw.integers(5, 40)) if draw.random() < 0.3 else 0.0,
                contract_months=int(draw.integers(0, 4)) if draw.random() < 0.5 else 0,
                ramp=(
                    draw.choice([0.0, 0.25, 0.5, 0.75, 1.0], int(draw.integers(0, 3))).tolist()
                    if draw.random() < 0.5
                    else []
                ),
                initially_open=bool(draw.random() < 0.3),
                kind=("partner", "station")[n],
            )
        )
    cells = ["a", "b"][: int(draw.integers(1, 3))]
    demand = [
        dict(cell=c, month=t + 1, units=float(draw.integers(0, 9))) for c in cells for t in range(months)
    ]
    with_lane = draw.random() < 0.35
    if with_lane:
        lanes.append(
            dict(
                lane="sea",
                batch_cost=float(draw.integers(5, 30)),
                batch_units=float(draw.integers(4, 10)),
                holding_cost=float(draw.integers(0, 3)),
                longest_wait_months=float(draw.choice([0, 1, 2, INF])),
            )
        )
    with_tiers = not with_lane and draw.random() < 0.6
    if with_tiers:
        start = float(draw.integers(2, 7))
        kind = str(draw.choice(["all_units", "incremental"]))
        first = float(draw.integers(-2, 6))
        tiers.append(dict(provider="p0", from_units=0.0, unit_price=first, kind=kind))
        tiers.append(
            dict(provider="p0", from_units=start, unit_price=first + float(draw.integers(-5, 3)), kind=kind)
        )
    actions = []
    for c in cells:
        for n in range(2):
            cost = float(draw.integers(1, 12))
            actions.append(
                dict(
                    cell=c,
                    action=f"repair {n}",
                    provider=f"p{n}",
                    unit_cost=cost,
                    days=float(draw.integers(2, 20)),
                    claim_risk=float(draw.random() / 10),
                    capacity_use=float(draw.choice([0.5, 1.0, 2.0])),
                    lane="sea" if with_lane and n == 0 else "",
                    fee=float(draw.integers(0, int(cost) + 1)) if draw.random() < 0.5 else math.nan,
                    batch_use=float(draw.choice([0.5, 1.0])),
                )
            )
        actions.append(
            dict(
                cell=c,
                action="refund",
                provider="",
                unit_cost=float(draw.integers(8, 25)),
                days=1.0,
                claim_risk=0.0,
                capacity_use=1.0,
                lane="",
                fee=math.nan,
                batch_use=1.0,
            )
        )
    limits: dict[str, object] = {}
    if draw.random() < 0.25:
        limits["average_days"] = float(draw.integers(3, 15))
    if draw.random() < 0.2:
        limits["claims"] = float(draw.random())
    if draw.random() < 0.2:
        limits["most_open"] = 1 if draw.random() < 0.5 else {"station": 1}
    if draw.random() < 0.2:
        limits["opening_budget"] = float(draw.integers(0, 60))
    if draw.random() < 0.15:
        limits["force_closed"] = ["p1"]
    return NetworkProblem(
        pd.DataFrame(providers),
        pd.DataFrame(demand),
        pd.DataFrame(actions),
        pd.DataFrame(tiers) if tiers else None,
        pd.DataFrame(lanes) if lanes else None,
        limits,
        discount_rate=float(draw.choice([0.0, 0.02])),
        whole_cells=whole_cells,
    )


def cheapest_by_trying(
    problem: NetworkProblem, with_provider: int | None = None, below: float = INF
) -> float:
    """Least cost over all whole-number decisions; for each, the rest is a linear program. Infinite where
    there is no plan.

    `with_provider`: only plans in which it is open in some month. `below`: only plans that cost less; the
    answer is `below` where there is none.
    """
    months, disc = (
        list(problem.months),
        [(1 + problem.discount_rate) ** -t for t in range(len(problem.months))],
    )
    providers = list(problem.providers.itertuples(index=False))
    best, least = below, _least_of_flows(problem, disc)
    patterns = itertools.product(*(itertools.product((False, True), repeat=len(months)) for _ in providers))
    patterns = (pattern for pattern in patterns if with_provider is None or any(pattern[with_provider]))
    kept = [
        (pattern, *fixed)
        for pattern in patterns
        if (fixed := _fixed_cost(problem, providers, pattern, disc)) is not None
    ]
    for pattern, cost, ramps in sorted(kept, key=lambda k: k[1]):
        places = [
            (n, t)
            for n, p in enumerate(providers)
            for t in range(len(months))
            if pattern[n][t] and (problem.tiers["provider"] == p.provider).any()
        ]
        for tiers in itertools.product(
            *(range(len(_pieces(problem, providers[n].provider))) for n, _ in places)
        ):
            for batches in _batch_plans(problem, len(months)):
                if (
                    cost + least + sum(d * b * problem.lanes["batch_cost"][0] for d, b in zip(disc, batches))
                    >= best
                ):
                    continue
                for chosen in _assignments(problem):
                    extra = _best_flows(
                        problem, providers, pattern, ramps, dict(zip(places, tiers)), batches, chosen, disc
                    )
                    best = min(best, cost + extra)
    return best


def _least_of_flows(problem: NetworkProblem, disc: list[float]) -> float:
    """No flows cost less: every unit by the cheapest action, at the lowest price of a list."""
    lowest = min([0.0, *problem.tiers["unit_price"]])
    least = {cell: its["unit_cost"].min() + lowest for cell, its in problem.actions.groupby("cell")}
    months = list(problem.months)
    return sum(disc[months.index(r.month)] * r.units * least[r.cell] for r in problem.demand.itertuples())


def _fixed_cost(problem, providers, pattern, disc) -> tuple[float, list[list[float]]] | None:
    """Opening, closing and monthly cost, and the share of the capacity per provider and month; None where
    a rule is broken."""
    limits, cost, ramps, opening = problem.limits, 0.0, [], 0.0
    for p, is_open in zip(providers, pattern):
        was, age, left, shares = p.initially_open, 99, 0, []
        for t, now in enumerate(is_open):
            if now and not was:
                cost, opening, age, left = (
                    cost + disc[t] * p.open_cost,
                    opening + p.open_cost,
                    0,
                    int(p.contract_months),
                )
            if was and not now:
                if left > 0:
                    return None
                cost += disc[t] * p.close_cost
            shares.append((p.ramp[age] if age < len(p.ramp) else 1.0) if now else 0.0)
            cost += disc[t] * p.monthly_cost * now
            age, left, was = age + 1, left - 1, now
        ramps.append(shares)
        if (p.provider in limits.get("force_closed", ()) and any(is_open)) or (
            p.provider in limits.get("force_open", ()) and not all(is_open)
        ):
            return None
    for kind, most in limits.get("most_open", {}).items():
        if any(
            sum(o[t] for p, o in zip(providers, pattern) if kind in ("", p.kind)) > most
            for t in range(len(disc))
        ):
            return None
    return None if opening > limits.get("opening_budget", INF) else (cost, ramps)


def _pieces(problem, name: str) -> list[tuple[float, float, float, float]]:
    """From, to, price and what the piece costs at 0 units, of a provider's price list."""
    its = problem.tiers[problem.tiers["provider"] == name]
    starts, prices = its["from_units"].tolist(), its["unit_price"].tolist()
    pieces, constant = [], 0.0
    for k, (start, price) in enumerate(zip(starts, prices)):
        end = starts[k + 1] if k + 1 < len(starts) else INF
        if its["kind"].iloc[0] == "incremental" and k:
            constant += (prices[k - 1] - price) * start
        pieces.append((start, end, price, constant))
    return pieces


def _batch_plans(problem, months: int) -> Iterator[tuple[int, ...]]:
    if not len(problem.lanes):
        return iter([()])
    size, total = problem.lanes["batch_units"][0], problem.demand["units"].sum()
    return itertools.product(range(math.ceil(total / size) + 1), repeat=months)


def _assignments(problem) -> Iterator[dict[tuple[object, object], int]]:
    """Who serves each cell and month, where cells are whole; else one empty choice."""
    if not problem.whole_cells:
        return iter([{}])
    its = {
        cell: np.flatnonzero(problem.actions["cell"] == cell).tolist()
        for cell in problem.actions["cell"].unique()
    }
    places = [(r.cell, r.month) for r in problem.demand.itertuples() if r.units > 0]
    return (dict(zip(places, chosen)) for chosen in itertools.product(*(its[cell] for cell, _ in places)))


def _best_flows(problem, providers, pattern, ramps, tiers, batches, chosen, disc) -> float:
    """The cheapest flows, waiting and shortfalls of minimum fees; infinite where none fit."""
    months = list(problem.months)
    flows = [
        (r.cell, months.index(r.month), r.units, n, a)
        for r in problem.demand.itertuples()
        if r.units > 0
        for n, a in enumerate(problem.actions.itertuples(index=False))
        if a.cell == r.cell and chosen.get((r.cell, r.month), n) == n
    ]
    number = {p.provider: n for n, p in enumerate(providers)}
    cost = [disc[t] * a.unit_cost for _, t, _, _, a in flows]
    bounds = [(0, None if not a.provider or pattern[number[a.provider]][t] else 0) for _, t, _, _, a in flows]
    upper, upper_b, equal, equal_b = [], [], [], []

    def add(coefficients: dict[int, float], amount: float, same: bool = False) -> None:
        (equal if same else upper).append(coefficients)
        (equal_b if same else upper_b).append(amount)

    for place in {(c, t): u for c, t, u, _, _ in flows}.items():
        add({i: 1.0 for i, f in enumerate(flows) if f[:2] == place[0]}, place[1], same=True)
    constant = 0.0
    for n, p in enumerate(providers):
        for t in range(len(months)):
            its = {i: f[4] for i, f in enumerate(flows) if f[4].provider == p.provider and f[1] == t}
            if not pattern[n][t]:
                continue
            least_use = problem.actions.loc[problem.actions["provider"] == p.provider, "capacity_use"].min()
            if p.capacity < INF:
                add({i: a.capacity_use for i, a in its.items()}, p.capacity * ramps[n][t])
            elif ramps[n][t] == 0:
                add(dict.fromkeys(its, 1.0), 0.0)
            there = p.capacity * ramps[n][t] / least_use if ramps[n][t] else 0.0
            add(dict.fromkeys(its, -1.0), -min(p.min_units, there))
            bill, billed_at_0 = {i: a.unit_cost if math.isnan(a.fee) else a.fee for i, a in its.items()}, 0.0
            if (n, t) in tiers:
                start, end, price, at_0 = _pieces(problem, p.provider)[tiers[n, t]]
                add(dict.fromkeys(its, -1.0), -start)
                if end < INF:
                    add(dict.fromkeys(its, 1.0), end)
                for i in its:
                    cost[i] += disc[t] * price
                constant += disc[t] * at_0
                bill, billed_at_0 = {i: b + price for i, b in bill.items()}, at_0
            if p.minimum_fee > 0:
                cost.append(disc[t])
                bounds.append((0, None))
                add({len(cost) - 1: -1.0} | {i: -b for i, b in bill.items()}, billed_at_0 - p.minimum_fee)
    if batches:
        lane = problem.lanes.iloc[0]
        first, count = len(cost), len(months)
        cost += [0.0] * count + [d * lane.holding_cost for d in disc]
        bounds += [(0, b * lane.batch_units) for b in batches] + [(0, None)] * (count - 1) + [(0, 0)]
        constant += sum(d * b * lane.batch_cost for d, b in zip(disc, batches))
        arriving = [
            {i: f[4].batch_use for i, f in enumerate(flows) if f[4].lane and f[1] == t} for t in range(count)
        ]
        for t in range(count):
            before = {first + count + t - 1: 1.0} if t else {}
            add(arriving[t] | before | {first + t: -1.0, first + count + t: -1.0}, 0.0, same=True)
            late = range(max(0, t - int(min(lane.longest_wait_months, count)) + 1), t + 1)
            add({first + count + t: 1.0} | {i: -u for s in late for i, u in arriving[s].items()}, 0.0)
    total = sum({(c, t): u for c, t, u, _, _ in flows}.values())
    if "average_days" in problem.limits:
        add({i: f[4].days for i, f in enumerate(flows)}, problem.limits["average_days"] * total)
    if "claims" in problem.limits:
        add({i: f[4].claim_risk for i, f in enumerate(flows)}, problem.limits["claims"])
    if not cost:
        return constant if all(b >= -1e-9 for b in upper_b) else INF
    found = linprog(
        cost,
        *_matrix(upper, upper_b, len(cost)),
        *_matrix(equal, equal_b, len(cost)),
        bounds=bounds,
        method="highs",
    )
    return found.fun + constant if found.status == 0 else INF


def _matrix(
    rows: list[dict[int, float]], amounts: list[float], columns: int
) -> tuple[np.ndarray | None, list[float] | None]:
    if not rows:
        return None, None
    matrix = np.zeros((len(rows), columns))
    for number, row in enumerate(rows):
        for column, value in row.items():
            matrix[number, column] = value
    return matrix, amounts


def quick(problem: NetworkProblem, most: int = 1500) -> bool:
    """Are there few enough decisions to try them all within a second or two?"""
    months, size = len(problem.months), 1
    for p in problem.providers.itertuples(index=False):
        size *= (
            1 + len(_pieces(problem, p.provider)) if (problem.tiers["provider"] == p.provider).any() else 2
        ) ** months
    for _ in problem.lanes.itertuples():
        size *= math.ceil(problem.demand["units"].sum() / problem.lanes["batch_units"][0] + 1) ** months
    if problem.whole_cells:
        size *= 3 ** int((problem.demand["units"] > 0).sum())
    return size <= most


@cache
def quick_seeds(first: int, last: int, count: int, most: int = 1500) -> tuple[int, ...]:
    """The first so many seeds from first to last - 1 whose networks are quick; found when first asked for,
    since that takes seconds."""
    fit = (seed for seed in range(first, last) if quick(small_network(seed), most))
    return tuple(itertools.islice(fit, count))
