"""What the network solver is compared with: the location model written by hand for highspy and for PuLP +
CBC, and the same rows in one program."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from optimizer.solve import NetworkProblem, design


class Result(NamedTuple):
    """`cost` and `bound`, None where there is none; seconds to build the model and to solve it; `note`:
    how it ended."""

    cost: float | None
    bound: float | None
    build: float
    solve: float
    note: str = ""


def ours(problem: NetworkProblem, gap: float, seconds: float) -> Result:
    """The network solver; building is what its parts take, measured beforehand."""
    from optimizer.solve.network.arrays import network_of, parts
    from optimizer.solve.network.program import NetworkProgram

    start = time.perf_counter()
    for part in parts(network_of(problem)):
        if not part.alone:
            NetworkProgram(part)
    build = time.perf_counter() - start
    start = time.perf_counter()
    plan = design(problem, gap, seconds)
    return Result(plan.cost, plan.bound, build, time.perf_counter() - start - build, plan.status)


class Plain(NamedTuple):
    """A network of opening and monthly costs and capacities, as a user would index it."""

    cells: np.ndarray  # (K, months) units
    flows: list[tuple[int, int, int, float]]  # cell, month, provider or -1, cost of all its units
    open_cost: np.ndarray
    monthly_cost: np.ndarray
    capacity: np.ndarray
    discount: np.ndarray


def plain(problem: NetworkProblem) -> Plain:
    """The tables as indices; only for networks without the other features."""
    months, names = list(problem.months), {p: n for n, p in enumerate(problem.providers["provider"])}
    cell = {c: n for n, c in enumerate(dict.fromkeys(problem.demand["cell"]))}
    units = np.zeros((len(cell), len(months)))
    for row in problem.demand.itertuples():
        units[cell[row.cell], months.index(row.month)] = row.units
    disc = (1 + problem.discount_rate) ** -np.arange(len(months))
    flows = [
        (cell[a.cell], t, names.get(a.provider, -1), units[cell[a.cell], t] * a.unit_cost * disc[t])
        for a in problem.actions.itertuples()
        if a.cell in cell
        for t in range(len(months))
        if units[cell[a.cell], t] > 0
    ]
    p = problem.providers
    return Plain(
        units, flows, *(p[c].to_numpy(float) for c in ("open_cost", "monthly_cost", "capacity")), disc
    )


def highspy_by_hand(problem: NetworkProblem, gap: float, seconds: float) -> Result:
    """The strong location model, handed to HiGHS as arrays."""
    import highspy
    from scipy import sparse

    start = time.perf_counter()
    w = plain(problem)
    providers, months, count = len(w.capacity), w.cells.shape[1], len(w.flows)
    cell, month, provider, cost = (np.array(column) for column in zip(*w.flows))
    is_open, starts = count + provider * months + month, count + providers * months
    served = np.flatnonzero(provider >= 0)
    place, demand_row = np.unique(cell * months + month, return_inverse=True)
    rows, columns, values = [demand_row], [np.arange(count)], [np.ones(count)]
    low, high, first = [np.ones(len(place))], [np.ones(len(place))], len(place)

    def add(row, column, value, top) -> None:
        nonlocal first
        rows.append(row + first), columns.append(column), values.append(value)
        low.append(np.full(len(top), -np.inf)), high.append(top)
        first += len(top)

    its = np.arange(len(served))
    add(
        np.r_[its, its],
        np.r_[served, is_open[served]],
        np.r_[np.ones(len(its)), -np.ones(len(its))],
        np.zeros(len(its)),
    )
    limited = np.isfinite(w.capacity)
    units = w.cells[cell, month]
    its = served[limited[provider[served]]]
    add(
        np.r_[provider[its] * months + month[its], np.flatnonzero(np.repeat(limited, months))],
        np.r_[its, count + np.flatnonzero(np.repeat(limited, months))],
        np.r_[units[its], -np.repeat(w.capacity, months)[np.repeat(limited, months)]],
        np.zeros(providers * months),
    )
    here = np.arange(providers * months)
    later = here[here % months > 0]
    add(
        np.r_[here, later, here],
        np.r_[count + here, count + later - 1, starts + here],
        np.r_[np.ones(len(here)), -np.ones(len(later)), -np.ones(len(here))],
        np.zeros(len(here)),
    )
    matrix = sparse.csc_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), (first, starts + len(here))
    )
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    model.col_cost_ = np.r_[
        cost, (w.monthly_cost[:, None] * w.discount).ravel(), (w.open_cost[:, None] * w.discount).ravel()
    ]
    model.col_lower_, model.col_upper_ = np.zeros(matrix.shape[1]), np.ones(matrix.shape[1])
    model.row_lower_, model.row_upper_ = np.concatenate(low), np.concatenate(high)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = (
        matrix.indptr,
        matrix.indices,
        matrix.data,
    )
    model.integrality_ = (
        [highspy.HighsVarType.kContinuous] * count
        + [highspy.HighsVarType.kInteger] * len(here)
        + [highspy.HighsVarType.kContinuous] * len(here)
    )
    solver = highspy.Highs()
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("mip_rel_gap", gap),
        ("time_limit", seconds),
    ):
        solver.setOptionValue(name, value)
    solver.passModel(model)
    built = time.perf_counter()
    solver.run()
    info = solver.getInfo()
    found = info.primal_solution_status == 2
    return Result(
        info.objective_function_value if found else None,
        info.mip_dual_bound if math.isfinite(info.mip_dual_bound) else None,
        built - start,
        time.perf_counter() - built,
        solver.modelStatusToString(solver.getModelStatus()),
    )


def cbc_by_hand(problem: NetworkProblem, gap: float, seconds: float) -> Result:
    """The strong location model as PuLP's users write it, solved by the CBC that PuLP brings along."""
    import pulp

    start = time.perf_counter()
    w = plain(problem)
    providers, months = range(len(w.capacity)), range(w.cells.shape[1])
    model = pulp.LpProblem("network", pulp.LpMinimize)
    share = [pulp.LpVariable(f"x{n}", 0, 1) for n in range(len(w.flows))]
    is_open = {(p, t): pulp.LpVariable(f"y{p}_{t}", cat="Binary") for p in providers for t in months}
    starts = {(p, t): pulp.LpVariable(f"s{p}_{t}", 0, 1) for p in providers for t in months}
    model += pulp.lpSum(c * x for x, (*_, c) in zip(share, w.flows)) + pulp.lpSum(
        w.discount[t] * (w.monthly_cost[p] * is_open[p, t] + w.open_cost[p] * starts[p, t])
        for p in providers
        for t in months
    )
    by_place: dict[tuple[int, int], list] = {}
    by_provider: dict[tuple[int, int], list] = {}
    for x, (k, t, p, _) in zip(share, w.flows):
        by_place.setdefault((k, t), []).append(x)
        if p >= 0:
            by_provider.setdefault((p, t), []).append(w.cells[k, t] * x)
            model += x <= is_open[p, t]
    for its in by_place.values():
        model += pulp.lpSum(its) == 1
    for (p, t), its in by_provider.items():
        if math.isfinite(w.capacity[p]):
            model += pulp.lpSum(its) <= float(w.capacity[p]) * is_open[p, t]
    for p, t in is_open:
        model += is_open[p, t] - (is_open[p, t - 1] if t else 0) <= starts[p, t]
    built = time.perf_counter()
    model.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=gap, timeLimit=seconds, threads=1))
    found = model.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
    return Result(
        pulp.value(model.objective) if found else None,
        None,
        built - start,
        time.perf_counter() - built,
        pulp.LpSolution[model.sol_status],
    )


def one_program(problem: NetworkProblem, gap: float, seconds: float) -> Result:
    """The rows of the network solver in one program for HiGHS, the network not cut into parts."""
    from optimizer.solve.network.arrays import network_of
    from optimizer.solve.network.program import NetworkProgram

    start = time.perf_counter()
    model = NetworkProgram(network_of(problem))
    built = time.perf_counter()
    answer = model.program.solve(share=gap, seconds=seconds)
    cost = None if answer.values is None else float(model.program.costs @ answer.values) + model.constant
    return Result(
        cost,
        answer.bound + model.constant if math.isfinite(answer.bound) else None,
        built - start,
        time.perf_counter() - built,
        answer.status,
    )


PEERS: dict[str, Callable[[NetworkProblem, float, float], Result]] = {
    "ours": ours,
    "highspy_by_hand": highspy_by_hand,
    "cbc_by_hand": cbc_by_hand,
    "one_program": one_program,
}
NAMES = {
    "ours": "**network solver**",
    "highspy_by_hand": "location model by hand, highspy",
    "cbc_by_hand": "location model by hand, PuLP + CBC",
    "one_program": "the same rows in one program, HiGHS",
}
