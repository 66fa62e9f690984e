"""What the case solver is compared with. Every peer gets the same arrays and the same gap, and imports its
solver only when it is called.

A peer takes (world, gap, seconds) and returns a Result: the choice it found, the bound it proved, or what it
has of the two.
"""

from __future__ import annotations

import math
import os
import re
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.assign_worlds import World

NEAREST = (300, 1_000, 3_000, 10_000, 30_000)  # cases of the core beside the fractional ones, as it grows
PART = 8_192  # cases that the plain pass reads at once


class Result(NamedTuple):
    """`choice` (cases,) and `bound` (USD), each None where there is none; `note`: how it ended."""

    choice: np.ndarray | None = None
    bound: float | None = None
    note: str = ""


class Model(NamedTuple):
    """min cost·x, one x per acceptable option: of each case exactly one, per group at most the amount; 0 <= x
    <= 1.

    `column` (columns,) case × options + option. Entries are sorted by column: (row, value), `start` (columns
    + 1,).
    """

    column: np.ndarray
    cost: np.ndarray
    start: np.ndarray
    row: np.ndarray
    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def model_of(world: World) -> Model:
    """The whole program in compressed columns, built without a loop over cases."""
    cases, options = world.cost.shape
    column = np.flatnonzero(world.acceptable)
    rows, values = [column // options], [np.ones(len(column))]
    first = cases
    for s in world.limits:
        usage = np.broadcast_to(s.usage, world.cost.shape).ravel()[column]
        group = 0 if s.group is None else np.broadcast_to(s.group, world.cost.shape).ravel()[column]
        rows.append(np.broadcast_to(first + group, column.shape))
        values.append(np.where(np.asarray(group) >= 0, usage, 0.0))
        first += len(s.amount)
    row, value = np.stack(rows, axis=1), np.stack(values, axis=1)
    kept = value != 0
    start = np.concatenate([[0], np.cumsum(kept.sum(axis=1))])
    amounts = np.concatenate([s.amount for s in world.limits])
    return Model(
        column,
        world.cost.ravel()[column],
        start,
        row[kept],
        value[kept],
        np.concatenate([np.ones(cases), np.full(len(amounts), -np.inf)]),
        np.concatenate([np.ones(cases), amounts]),
    )


def ours(world: World, gap: float, seconds: float) -> Result:
    """The case solver."""
    from optimizer.solve import Limit, assign

    found = assign(world.cost, world.acceptable, [Limit(*s) for s in world.limits], gap, seconds)
    return Result(found.choice, found.bound, found.status)


def ours_in_blocks(world: World, gap: float, seconds: float, size: int = 1_000_000) -> Result:
    """The case solver over blocks of cases that may lie on disk."""
    from benchmarks.assign_worlds import pieces
    from optimizer.domain.shared_limit import Use
    from optimizer.solve.blocks import CaseBlock, assign_blocks

    blocks = [
        CaseBlock(
            p.cost,
            p.acceptable,
            {
                s.name: Use(s.usage, np.zeros((1, 1), np.int64) if s.group is None else s.group)
                for s in p.limits
            },
        )
        for p in pieces(world, size)
    ]
    found = assign_blocks(blocks, {s.name: s.amount for s in world.limits}, gap, seconds)
    return Result(np.concatenate(found.choices), found.bound, found.status)


def plain_pass(world: World, gap: float, seconds: float) -> Result:
    """The floor: numpy reads every array once, adds use × a price to the cost and takes the smallest; no
    limit is kept."""
    prices = [np.append(np.full(len(s.amount), 0.5), 0.0) for s in world.limits]

    def one(start: int) -> float:
        part = slice(start, start + PART)
        paid = np.where(world.acceptable[part], world.cost[part], np.inf)
        for s, price in zip(world.limits, prices):
            paid += s.usage[part] * (price[0] if s.group is None else price[s.group[part]])
        return float(paid[np.arange(len(paid)), paid.argmin(axis=1)].sum())

    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        least = sum(pool.map(one, range(0, len(world.cost), PART)))
    return Result(
        None, least - sum(float(p[:-1] @ s.amount) for p, s in zip(prices, world.limits)), "one pass"
    )


# ---------------------------------------------------------------- HiGHS: the relaxation, then a core


def lp_core(world: World, gap: float, seconds: float) -> Result:
    """HiGHS on the relaxation, handed over in whole arrays; then a program over the cases it splits or
    nearly ties, growing until the gap is met."""
    deadline = time.monotonic() + seconds
    model = model_of(world)
    cases, options = world.cost.shape
    solver = _highs(model, deadline)
    solver.run()
    info, answer = solver.getInfo(), solver.getSolution()
    if solver.modelStatusToString(solver.getModelStatus()) != "Optimal":
        return Result(note="no relaxation in time")
    bound = float(info.objective_function_value)
    share, dual = np.array(answer.col_value), np.array(answer.col_dual)
    del solver, answer
    grid, reduced = np.zeros(cases * options), np.full(cases * options, np.inf)
    grid[model.column], reduced[model.column] = share, dual
    grid, reduced = grid.reshape(cases, options), reduced.reshape(cases, options)
    chosen = grid.argmax(axis=1)
    split = grid.max(axis=1) < 1 - 1e-6
    others = reduced.copy()
    others[np.arange(cases), chosen] = np.inf
    nearest = np.argsort(np.where(split, -np.inf, others.min(axis=1)), kind="stable")
    best, cost = None, math.inf
    for count in NEAREST:
        size = min(cases, int(split.sum()) + count)
        share = time.monotonic() + (deadline - time.monotonic()) / (1 if size == cases else 3)
        found = _core(world, nearest[:size], chosen, bound, gap, share)
        if found is not None and (total := world.total(found)) < cost:
            best, cost = found, total
        if cost - bound <= gap * max(1.0, abs(bound)) or time.monotonic() > deadline or size == cases:
            break
    return Result(best, bound, "relaxation and core")


def _core(
    world: World, open_cases: np.ndarray, chosen: np.ndarray, bound: float, gap: float, deadline: float
) -> np.ndarray | None:
    # The cases outside the core keep what they have; what they use is taken off the amounts. The first plan
    # near enough to the bound will do.
    settled = np.ones(len(chosen), dtype=bool)
    settled[open_cases] = False
    kept = np.flatnonzero(settled)
    limits = []
    for s, used in zip(world.limits, _part(world, kept).used(chosen[kept])):
        limits.append(s._replace(amount=s.amount - used))
    core = World(
        world.cost[open_cases],
        world.acceptable[open_cases],
        [s._replace(usage=p.usage, group=p.group) for s, p in zip(limits, _part(world, open_cases).limits)],
    )
    model = model_of(core)
    solver = _highs(model, deadline, whole=True)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 0.5 * gap * abs(bound))
    solver.setOptionValue(
        "objective_target", bound + gap * abs(bound) - _part(world, kept).total(chosen[kept])
    )
    solver.run()
    if (
        not np.isfinite(solver.getInfo().objective_function_value)
        or solver.getInfo().primal_solution_status != 2
    ):
        return None
    grid = np.zeros(core.cost.size)
    grid[model.column] = np.array(solver.getSolution().col_value)
    choice = chosen.copy()
    choice[open_cases] = grid.reshape(core.cost.shape).argmax(axis=1)
    return choice if world.exceeded(choice) == 0 else None


def _part(world: World, cases: np.ndarray) -> World:
    return World(
        world.cost[cases],
        world.acceptable[cases],
        [
            s._replace(usage=s.usage[cases], group=None if s.group is None else s.group[cases])
            for s in world.limits
        ],
    )


def _highs(model: Model, deadline: float, whole: bool = False):
    import highspy

    program = highspy.HighsLp()
    columns = len(model.cost)
    program.num_col_, program.num_row_ = columns, len(model.lower)
    program.col_cost_, program.col_lower_, program.col_upper_ = (
        model.cost,
        np.zeros(columns),
        np.ones(columns),
    )
    program.row_lower_, program.row_upper_ = model.lower, model.upper
    matrix = program.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kColwise
    matrix.start_, matrix.index_, matrix.value_ = (
        model.start.astype(np.int32),
        model.row.astype(np.int32),
        model.value,
    )
    if whole:
        program.integrality_ = [highspy.HighsVarType.kInteger] * columns
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("time_limit", max(0.1, deadline - time.monotonic()))
    solver.passModel(program)
    return solver


# ---------------------------------------------------------------- PuLP on the whole program


def pulp_highs(world: World, gap: float, seconds: float) -> Result:
    """The whole program as a modelling language writes it, solved by HiGHS."""
    import pulp

    start = time.monotonic()
    problem, chosen = _pulp(world)
    problem.solve(pulp.HiGHS(msg=False, gapRel=gap, timeLimit=max(1.0, seconds - (time.monotonic() - start))))
    info = problem.solverModel.getInfo()
    bound = float(info.mip_dual_bound)
    return Result(
        _picked(chosen, world) if info.primal_solution_status == 2 else None,
        bound if np.isfinite(bound) else None,
        "whole program",
    )


def pulp_cbc(world: World, gap: float, seconds: float) -> Result:
    """The whole program as a modelling language writes it, solved by CBC."""
    import pulp

    start = time.monotonic()
    problem, chosen = _pulp(world)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "cbc.log"
        problem.solve(
            pulp.PULP_CBC_CMD(
                msg=False,
                gapRel=gap,
                timeLimit=max(1.0, seconds - (time.monotonic() - start)),
                logPath=str(log),
            )
        )
        bounds = re.findall(r"Lower bound:\s+(-?[\d.e+]+)", log.read_text()) if log.exists() else []
    found = problem.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
    return Result(
        _picked(chosen, world) if found else None, float(bounds[-1]) if bounds else None, "whole program"
    )


def _pulp(world: World):
    import pulp

    problem = pulp.LpProblem("assignment", pulp.LpMinimize)
    cases, _options = world.cost.shape
    chosen = [
        {o: pulp.LpVariable(f"x_{i}_{o}", cat="Binary") for o in np.flatnonzero(world.acceptable[i]).tolist()}
        for i in range(cases)
    ]
    cost = world.cost.tolist()
    problem += pulp.LpAffineExpression(
        [(x, cost[i][o]) for i, its in enumerate(chosen) for o, x in its.items()]
    )
    for its in chosen:
        problem += pulp.LpAffineExpression([(x, 1) for x in its.values()]) == 1
    for s in world.limits:
        usage = np.broadcast_to(s.usage, world.cost.shape).tolist()
        group = np.broadcast_to(0 if s.group is None else s.group, world.cost.shape).tolist()
        terms: list[list] = [[] for _ in s.amount]
        for i, its in enumerate(chosen):
            for o, x in its.items():
                if group[i][o] >= 0 and usage[i][o]:
                    terms[group[i][o]].append((x, usage[i][o]))
        for of_group, amount in zip(terms, s.amount.tolist()):
            problem += pulp.LpAffineExpression(of_group) <= amount
    return problem, chosen


def _picked(chosen: list[dict], world: World) -> np.ndarray | None:
    values = [{o: x.varValue or 0.0 for o, x in its.items()} for its in chosen]
    return np.array([max(its, key=its.get) for its in values])


# ---------------------------------------------------------------- OR-tools


def cp_sat(world: World, gap: float, seconds: float) -> Result:
    """OR-tools CP-SAT on the whole program, in cents and tenths."""
    from ortools.sat.python import cp_model

    start = time.monotonic()
    model = cp_model.CpModel()
    cents = np.rint(world.cost * 100).astype(np.int64)
    chosen = [{o: model.new_bool_var("") for o in np.flatnonzero(row).tolist()} for row in world.acceptable]
    for its in chosen:
        model.add_exactly_one(its.values())
    pairs = [(i, o, x) for i, its in enumerate(chosen) for o, x in its.items()]
    case, option = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    variables = [p[2] for p in pairs]
    model.minimize(cp_model.LinearExpr.weighted_sum(variables, cents[case, option].tolist()))
    for s in world.limits:
        tenths = np.rint(np.broadcast_to(s.usage, world.cost.shape)[case, option] * 10).astype(np.int64)
        group = np.broadcast_to(0 if s.group is None else s.group, world.cost.shape)[case, option]
        for g, amount in enumerate(s.amount.tolist()):
            its = np.flatnonzero((group == g) & (tenths > 0)).tolist()
            model.add(
                cp_model.LinearExpr.weighted_sum([variables[k] for k in its], tenths[its].tolist())
                <= math.floor(amount * 10 + 1e-6)
            )
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(1.0, seconds - (time.monotonic() - start))
    solver.parameters.relative_gap_limit = gap
    solver.parameters.num_workers = os.cpu_count() or 1
    status = solver.solve(model)
    bound = solver.best_objective_bound / 100
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Result(None, bound if np.isfinite(bound) else None, "whole program")
    choice = np.array([max(its, key=lambda o: solver.value(its[o])) for its in chosen])
    return Result(choice, bound, "whole program")


def pdlp(world: World, gap: float, seconds: float) -> Result:
    """OR-tools PDLP on the relaxation; the bound is the dual value at its prices, whatever it has reached."""
    from ortools.pdlp import solvers_pb2
    from ortools.pdlp.python import pdlp as first_order
    from scipy import sparse

    start = time.monotonic()
    model = model_of(world)
    rows, columns = len(model.lower), len(model.cost)
    program = first_order.QuadraticProgram()
    program.objective_vector = model.cost
    program.constraint_matrix = sparse.csc_matrix((model.value, model.row, model.start), (rows, columns))
    program.constraint_lower_bounds, program.constraint_upper_bounds = model.lower, model.upper
    program.variable_lower_bounds, program.variable_upper_bounds = np.zeros(columns), np.ones(columns)
    settings = solvers_pb2.PrimalDualHybridGradientParams()
    settings.num_threads = os.cpu_count() or 1
    accuracy = settings.termination_criteria.simple_optimality_criteria
    accuracy.eps_optimal_relative, accuracy.eps_optimal_absolute = gap, 1e-6
    settings.termination_criteria.time_sec_limit = max(1.0, seconds - (time.monotonic() - start))
    duals = np.array(first_order.primal_dual_hybrid_gradient(program, settings).dual_solution)
    return Result(None, dual_value(world, np.maximum(0.0, -duals[len(world.cost) :])), "relaxation only")


def dual_value(world: World, prices: np.ndarray) -> float:
    """Least cost with use paid, less prices × amounts: no plan costs less, whatever the prices (all
    groups,) >= 0 are.   USD"""
    paid, first, amounts = np.where(world.acceptable, world.cost, np.inf), 0, 0.0
    for s in world.limits:
        its = np.append(prices[first : first + len(s.amount)], 0.0)
        paid += s.usage * (its[0] if s.group is None else its[s.group])
        amounts += float(its[:-1] @ s.amount)
        first += len(s.amount)
    return float(paid.min(axis=1).sum() - amounts)


PEERS = {
    p.__name__: p for p in (ours, ours_in_blocks, plain_pass, lp_core, pulp_highs, pulp_cbc, cp_sat, pdlp)
}
