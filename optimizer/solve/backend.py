"""The only door to PuLP and HiGHS: columns, rows, one solve, and what it proved."""
from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import pulp
from scipy import sparse

FEASIBILITY = 1e-9      # how far HiGHS may overstep a row; rows are scaled to coefficients of about 1
MOST_NODES = 2 ** 31 - 1
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
    """

    def __init__(self, name: str = "program"):
        self._problem = pulp.LpProblem(name, pulp.LpMinimize)
        self._new = getattr(self._problem, "add_variable", pulp.LpVariable)     # PuLP 4 : PuLP 3
        self._columns: list = []
        self._costs: list[float] = []
        self._rows = 0

    def columns(self, cost: np.ndarray, upper: float | None = 1.0, whole: bool = True) -> np.ndarray:
        """Adds columns from 0 to `upper` with these objective coefficients; returns their numbers."""
        category = pulp.LpInteger if whole else pulp.LpContinuous
        first = len(self._columns)
        # PuLP 3 hands the columns over sorted by name: padded names keep our order in both versions.
        self._columns += [self._new(f"x{number:09d}", 0, upper, category)
                          for number in range(first, first + len(cost))]
        self._costs += np.asarray(cost, dtype=float).tolist()
        return np.arange(first, len(self._columns))

    def row(self, columns: np.ndarray, coefficients: np.ndarray, amount: float, equal: bool = False) -> None:
        """Adds the row: sum of coefficients × columns at most `amount`, or equal to it."""
        terms = _linear([(self._columns[c], a) for c, a in zip(columns.tolist(), coefficients.tolist())])
        self._rows += 1
        self._problem += terms == float(amount) if equal else terms <= float(amount)

    def solve(self, whole: bool = True, gap: float = 0.0, share: float = 0.0, seconds: float | None = None,
              target: float = -np.inf, nodes: int | None = None) -> Answer:
        """Minimises until the gap is proven or `seconds` are over; `whole=False` relaxes all columns.

        `gap` is in the unit of the objective, `share` a part of it; the first of them to be met counts. A solution of at
        most `target` is good enough: then the answer is "stopped" and proves nothing. The search ends after so many `nodes`.
        """
        self._problem.setObjective(_linear(list(zip(self._columns, self._costs))))
        # Both gaps are always given: HiGHS would otherwise stop at a relative gap of 1e-4 and call that optimal.
        try:
            self._problem.solve(pulp.HiGHS(
                mip=whole, msg=False, threads=1, gapRel=share, gapAbs=gap, timeLimit=seconds, objective_target=target,
                mip_max_nodes=MOST_NODES if nodes is None else nodes,
                mip_feasibility_tolerance=FEASIBILITY, primal_feasibility_tolerance=FEASIBILITY))
        except KeyError as unknown:             # PuLP 3 has no name for a search that ended at its last node
            if unknown.args != (highspy.HighsModelStatus.kSolutionLimit,):
                raise
        model = self._problem.solverModel
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
                      np.array(duals, dtype=float) if len(duals) == self._rows else np.zeros(self._rows))


def relaxed(cost: np.ndarray, rows: sparse.csc_matrix, amount: np.ndarray, seconds: float | None) -> Answer:
    """Minimises cost × columns with columns of at least 0 and rows that equal their amounts.

    For programs without whole numbers that are built from arrays: handing them over variable by variable would take
    longer than solving them.
    """
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = rows.shape
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, np.zeros(len(cost)), np.full(len(cost), highspy.kHighsInf)
    model.row_lower_, model.row_upper_ = amount, amount
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = rows.indptr, rows.indices, rows.data
    solver = highspy.Highs()
    for name, value in (("output_flag", False), ("threads", 1), ("presolve", "off"), ("time_limit", np.inf if seconds is None else seconds)):
        solver.setOptionValue(name, value)
    solver.passModel(model)
    solver.run()
    status = ENDED.get(solver.modelStatusToString(solver.getModelStatus()), "stopped")
    info, solution = solver.getInfo(), solver.getSolution()
    done = status == "optimal"
    return Answer(status, np.array(solution.col_value) if done else None, float(info.objective_function_value) if done else -np.inf,
                  np.array(solution.row_dual) if done else np.zeros(len(amount)))
