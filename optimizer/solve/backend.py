"""The only door to PuLP and HiGHS: columns, rows, one solve, and what it proved."""
from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import pulp
from scipy import sparse

FEASIBILITY = 1e-9      # how far HiGHS may overstep a row; rows are scaled to coefficients of about 1
MOST_NODES = 2 ** 31 - 1
MOST_BY_PULP = 1_000    # columns: beyond them PuLP takes longer to hand a program over than HiGHS to read it from arrays
PULP_NAMES = {"mip_rel_gap": "gapRel", "mip_abs_gap": "gapAbs", "time_limit": "timeLimit"}
SOLUTION_FEASIBLE = 2   # HiGHS: the values it holds satisfy every row
ENDED = {"Optimal": "optimal", "Infeasible": "infeasible", "Primal infeasible or unbounded": "infeasible"}

# PuLP 4 reads lists of (variable, coefficient) by a method of its own, PuLP 3 by the constructor.
_linear = getattr(pulp.LpAffineExpression, "from_list", pulp.LpAffineExpression)


@dataclass(frozen=True, eq=False)
class Answer:
    """What one solve found and proved.

    `status`: optimal (within the gap asked for), infeasible (proven) or stopped (time, or numerical trouble).
    `values` (columns,): the best solution, None where none was found.
    `bound`: no solution has a lower objective; -inf where nothing is proven.
    `duals` (rows,): change of the objective per unit of right-hand side; only where all columns are relaxed,
    because whole-number programs have none and HiGHS then reports zeros.
    """
    status: str
    values: np.ndarray | None
    bound: float
    duals: np.ndarray


class Program:
    """A linear program to be minimised, with columns that may have to be whole numbers.

    The objective must be bounded below over the columns' ranges, so that "infeasible or unbounded" means infeasible.
    One list of rows has two doors: PuLP, and for large programs HiGHS itself, because PuLP hands over column by column,
    which takes longer than many a search. Both give HiGHS the same program in the same order.
    """

    def __init__(self, name: str = "program"):
        self._name = name
        self._cost, self._upper, self._whole = np.zeros(0), np.zeros(0), np.zeros(0, bool)
        self._rows: list[tuple[np.ndarray, np.ndarray, float, bool]] = []

    def columns(self, cost: np.ndarray, upper: float | None = 1.0, whole: bool = True) -> np.ndarray:
        """Adds columns from 0 to `upper` with these objective coefficients; returns their numbers."""
        first, count = len(self._cost), len(cost)
        self._cost = np.append(self._cost, cost)
        self._upper = np.append(self._upper, np.full(count, np.inf if upper is None else upper))
        self._whole = np.append(self._whole, np.full(count, whole))
        return np.arange(first, first + count)

    def row(self, columns: np.ndarray, coefficients: np.ndarray, amount: float, equal: bool = False) -> None:
        """Adds the row: sum of coefficients × columns at most `amount`, or equal to it."""
        self._rows.append((np.asarray(columns, np.int64), np.asarray(coefficients, float), float(amount), equal))

    def solve(self, whole: bool = True, gap: float = 0.0, share: float = 0.0, seconds: float | None = None,
              target: float = -np.inf, nodes: int | None = None) -> Answer:
        """Minimises until the gap is proven or `seconds` are over; `whole=False` relaxes all columns.

        `gap` is in the unit of the objective, `share` a part of it; the first of them to be met counts. A solution of at
        most `target` is good enough: then the answer is "stopped" and proves nothing. The search ends after so many `nodes`.
        """
        # Both gaps are always given: HiGHS would otherwise stop at a relative gap of 1e-4 and call that optimal.
        options = {"threads": 1, "mip_rel_gap": share, "mip_abs_gap": gap, "time_limit": np.inf if seconds is None else seconds,
                   "objective_target": target, "mip_max_nodes": MOST_NODES if nodes is None else nodes,
                   "mip_feasibility_tolerance": FEASIBILITY, "primal_feasibility_tolerance": FEASIBILITY}
        model = self._by_pulp(whole, options) if len(self._cost) <= MOST_BY_PULP else self._by_arrays(whole, options)
        info = model.getInfo()
        ended = model.modelStatusToString(model.getModelStatus())
        status = ENDED.get(ended, "stopped")
        solution = model.getSolution()
        solved = info.primal_solution_status == SOLUTION_FEASIBLE
        values = np.array(solution.col_value, dtype=float) if solved else None
        if whole:
            bound = float(info.mip_dual_bound)
        else:
            bound = float(info.objective_function_value) if status == "optimal" else -np.inf
        duals = solution.row_dual
        return Answer(status, values, bound if np.isfinite(bound) else -np.inf,
                      np.array(duals, dtype=float) if len(duals) == len(self._rows) else np.zeros(len(self._rows)))

    def _by_pulp(self, whole: bool, options: dict[str, float]) -> highspy.Highs:
        problem = pulp.LpProblem(self._name, pulp.LpMinimize)
        new = getattr(problem, "add_variable", pulp.LpVariable)             # PuLP 4 : PuLP 3
        # PuLP 3 hands the columns over sorted by name: padded names keep our order in both versions.
        columns = [new(f"x{number:09d}", 0, None if upper == np.inf else upper, pulp.LpInteger if integral else pulp.LpContinuous)
                   for number, (upper, integral) in enumerate(zip(self._upper.tolist(), self._whole.tolist()))]
        problem.setObjective(_linear(list(zip(columns, self._cost.tolist()))))
        for its, coefficients, amount, equal in self._rows:
            terms = _linear([(columns[c], a) for c, a in zip(its.tolist(), coefficients.tolist())])
            problem += terms == amount if equal else terms <= amount
        named = {PULP_NAMES.get(name, name): value for name, value in options.items()}
        named["timeLimit"] = None if named["timeLimit"] == np.inf else named["timeLimit"]
        try:
            problem.solve(pulp.HiGHS(mip=whole, msg=False, **named))
        except KeyError as unknown:             # PuLP 3 has no name for a search that ended at its last node
            if unknown.args != (highspy.HighsModelStatus.kSolutionLimit,):
                raise
        return problem.solverModel

    def _by_arrays(self, whole: bool, options: dict[str, float]) -> highspy.Highs:
        amounts = np.array([amount for _, _, amount, _ in self._rows])
        lower = np.where([equal for *_, equal in self._rows], amounts, -np.inf)
        none = np.zeros(0, np.int64)
        numbers = np.repeat(np.arange(len(self._rows)), [len(its) for its, *_ in self._rows])
        columns = np.concatenate([none, *(its for its, *_ in self._rows)])
        values = np.concatenate([none, *(coefficients for _, coefficients, *_ in self._rows)])
        matrix = sparse.csc_matrix((values, (numbers, columns)), (len(self._rows), len(self._cost)))
        return _solved(self._cost, self._upper, matrix, lower, amounts, options, self._whole if whole else None)


def relaxed(cost: np.ndarray, rows: sparse.csc_matrix, amount: np.ndarray, seconds: float | None) -> Answer:
    """Minimises cost × columns with columns of at least 0 and rows that equal their amounts.

    For programs without whole numbers that are built from arrays: handing them over variable by variable would take
    longer than solving them.
    """
    options = {"threads": 1, "presolve": "off", "time_limit": np.inf if seconds is None else seconds}
    solver = _solved(cost, np.full(len(cost), np.inf), rows, amount, amount, options)
    status = ENDED.get(solver.modelStatusToString(solver.getModelStatus()), "stopped")
    info, solution = solver.getInfo(), solver.getSolution()
    done = status == "optimal"
    return Answer(status, np.array(solution.col_value) if done else None, float(info.objective_function_value) if done else -np.inf,
                  np.array(solution.row_dual) if done else np.zeros(len(amount)))


def _solved(cost: np.ndarray, upper: np.ndarray, rows: sparse.csc_matrix, lowest: np.ndarray, highest: np.ndarray,
            options: dict[str, object], whole: np.ndarray | None = None) -> highspy.Highs:
    """HiGHS after a solve of a program handed over as arrays: columns from 0 to `upper`, rows from `lowest` to `highest`."""
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = rows.shape
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, np.zeros(len(cost)), upper
    model.row_lower_, model.row_upper_ = lowest, highest
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = rows.indptr, rows.indices, rows.data
    if whole is not None:
        model.integrality_ = [highspy.HighsVarType.kInteger if w else highspy.HighsVarType.kContinuous for w in whole.tolist()]
    solver = highspy.Highs()
    for name, value in {"output_flag": False, **options}.items():
        if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise ValueError(f"HiGHS does not take {name} = {value}")
    solver.passModel(model)
    solver.run()
    return solver
