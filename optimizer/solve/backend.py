"""The only door to PuLP and HiGHS: columns, rows, one solve, and what it proved."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import pulp
from scipy import sparse

FEASIBILITY = 1e-9  # how far HiGHS may overstep a row; rows are scaled to coefficients of about 1
MOST_NODES = 2**31 - 1
MOST_BY_PULP = (
    1_000  # columns: beyond them PuLP takes longer to hand a program over than HiGHS to read it from arrays
)
PULP_NAMES = {"mip_rel_gap": "gapRel", "mip_abs_gap": "gapAbs", "time_limit": "timeLimit"}
SOLUTION_FEASIBLE = 2  # HiGHS: the values it holds satisfy every row
ENDED = {"Optimal": "optimal", "Infeasible": "infeasible", "Primal infeasible or unbounded": "infeasible"}

# PuLP 4 reads lists of (variable, coefficient) by a method of its own, PuLP 3 by the constructor.
_linear = getattr(pulp.LpAffineExpression, "from_list", pulp.LpAffineExpression)


@dataclass(frozen=True, eq=False)
class SolverAnswer:
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

    The objective must be bounded below over the columns' ranges, so that "infeasible or unbounded" means
    infeasible. One list of rows has two doors: PuLP, and for large programs HiGHS itself, because PuLP hands
    over column by column, which takes longer than many a search. Both give HiGHS the same program in the same
    order.
    """

    def __init__(self, name: str = "program"):
        self._name = name
        self._cost, self._upper, self._whole = np.zeros(0), np.zeros(0), np.zeros(0, bool)
        self._entries: list[
            tuple[np.ndarray, np.ndarray, np.ndarray]
        ] = []  # number of the row, column, coefficient
        self._amounts: list[np.ndarray] = []
        self._equal: list[np.ndarray] = []
        self._row_count = 0

    def columns(
        self, cost: np.ndarray, upper: float | np.ndarray | None = 1.0, whole: bool = True
    ) -> np.ndarray:
        """Adds columns from 0 to `upper` with these objective coefficients; returns their numbers."""
        first, count = len(self._cost), len(cost)
        self._cost = np.append(self._cost, cost)
        self._upper = np.append(self._upper, np.broadcast_to(np.inf if upper is None else upper, count))
        self._whole = np.append(self._whole, np.full(count, whole))
        return np.arange(first, first + count)

    def row(self, columns: np.ndarray, coefficients: np.ndarray, amount: float, equal: bool = False) -> int:
        """Adds the row: sum of coefficients × columns at most `amount`, or equal to it; returns its
        number."""
        return int(
            self.rows(np.zeros(len(columns), np.int64), columns, coefficients, np.array([amount]), equal)[0]
        )

    def rows(
        self,
        number: np.ndarray,
        columns: np.ndarray,
        coefficients: np.ndarray,
        amounts: np.ndarray,
        equal: bool = False,
    ) -> np.ndarray:
        """Adds rows by their entries: row `number[e]` of them holds `coefficients[e]` in `columns[e]`;
        returns the rows' numbers.

        Each sum of coefficients × columns is at most, or equal to, its entry of `amounts` (rows,).
        """
        amounts = np.asarray(amounts, float)
        first, self._row_count = self._row_count, self._row_count + len(amounts)
        self._entries.append(
            (
                np.asarray(number, np.int64) + first,
                np.asarray(columns, np.int64),
                np.asarray(coefficients, float),
            )
        )
        self._amounts.append(amounts)
        self._equal.append(np.full(len(amounts), equal))
        return np.arange(first, self._row_count)

    @property
    def costs(self) -> np.ndarray:
        """Objective coefficients of all columns.   (columns,)"""
        return self._cost.copy()

    @property
    def upper(self) -> np.ndarray:
        """Largest values of all columns.   (columns,)"""
        return self._upper.copy()

    @property
    def whole(self) -> np.ndarray:
        """Which columns have to be whole numbers.   (columns,) bool"""
        return self._whole.copy()

    def charge(self, columns: np.ndarray, amounts: np.ndarray) -> None:
        """Adds amounts to the objective coefficients of columns, each of which may be named several times."""
        np.add.at(self._cost, columns, amounts)

    def soften(self, rows: np.ndarray, cost: np.ndarray) -> np.ndarray:
        """Lets rows exceed their amounts, at a cost that becomes the only one; returns the columns of the
        excess."""
        self._cost = np.zeros(len(self._cost))
        excess = self.columns(cost, upper=None, whole=False)
        self._entries.append((np.asarray(rows, np.int64), excess, -np.ones(len(rows))))
        return excess

    def solve(
        self,
        whole: bool = True,
        gap: float = 0.0,
        share: float = 0.0,
        seconds: float | None = None,
        target: float = -np.inf,
        nodes: int | None = None,
        held: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> SolverAnswer:
        """Minimises until the gap is proven or `seconds` are over; `whole=False` relaxes all columns.

        `gap` is in the unit of the objective, `share` a part of it; the first of them to be met counts. A
        solution of at most `target` is good enough: then the answer is "stopped" and proves nothing. The
        search ends after so many `nodes`. `held` names columns and the values they are held at.
        """
        lower, upper = np.zeros(len(self._cost)), self._upper
        if held is not None:
            lower[held[0]], upper = held[1], upper.copy()
            upper[held[0]] = held[1]
        # Both gaps are always given: HiGHS would otherwise stop at a relative gap of 1e-4 and call that
        # optimal.
        options = {
            "threads": 1,
            "mip_rel_gap": share,
            "mip_abs_gap": gap,
            "time_limit": np.inf if seconds is None else seconds,
            "objective_target": target,
            "mip_max_nodes": MOST_NODES if nodes is None else nodes,
            "mip_feasibility_tolerance": FEASIBILITY,
            "primal_feasibility_tolerance": FEASIBILITY,
        }
        door = self._by_pulp if len(self._cost) <= MOST_BY_PULP else self._by_arrays
        model = door(whole, options, lower, upper)
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
        return SolverAnswer(
            status,
            values,
            bound if np.isfinite(bound) else -np.inf,
            np.array(duals, dtype=float) if len(duals) == self._row_count else np.zeros(self._row_count),
        )

    def _matrix(self) -> tuple[sparse.csr_matrix, np.ndarray, np.ndarray]:
        """Coefficients (rows, columns), amounts (rows,) and which rows are equal to theirs (rows,)."""
        none = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
        numbers, columns, values = (np.concatenate(parts) for parts in zip(none, *self._entries))
        matrix = sparse.csr_matrix((values, (numbers, columns)), (self._row_count, len(self._cost)))
        return (
            matrix,
            np.concatenate([none[2], *self._amounts]),
            np.concatenate([np.zeros(0, bool), *self._equal]),
        )

    def _by_pulp(
        self, whole: bool, options: dict[str, float], lower: np.ndarray, upper: np.ndarray
    ) -> highspy.Highs:
        problem = pulp.LpProblem(self._name, pulp.LpMinimize)
        new = getattr(problem, "add_variable", pulp.LpVariable)  # PuLP 4 : PuLP 3
        # PuLP 3 hands the columns over sorted by name: padded names keep our order in both versions.
        columns = [
            new(
                f"x{number:09d}",
                low,
                None if high == np.inf else high,
                pulp.LpInteger if integral else pulp.LpContinuous,
            )
            for number, (low, high, integral) in enumerate(
                zip(lower.tolist(), upper.tolist(), self._whole.tolist())
            )
        ]
        problem.setObjective(_linear(list(zip(columns, self._cost.tolist()))))
        matrix, amounts, equals = self._matrix()
        starts, its, coefficients = matrix.indptr.tolist(), matrix.indices.tolist(), matrix.data.tolist()
        for first, last, amount, equal in zip(starts, starts[1:], amounts.tolist(), equals.tolist()):
            terms = _linear([(columns[c], a) for c, a in zip(its[first:last], coefficients[first:last])])
            problem += terms == amount if equal else terms <= amount
        named = {PULP_NAMES.get(name, name): value for name, value in options.items()}
        named["timeLimit"] = None if named["timeLimit"] == np.inf else named["timeLimit"]
        try:
            problem.solve(pulp.HiGHS(mip=whole, msg=False, **named))
        except KeyError as unknown:  # PuLP 3 has no name for a search that ended at its last node
            if unknown.args != (highspy.HighsModelStatus.kSolutionLimit,):
                raise
        return problem.solverModel

    def _by_arrays(
        self, whole: bool, options: dict[str, float], lower: np.ndarray, upper: np.ndarray
    ) -> highspy.Highs:
        matrix, amounts, equal = self._matrix()
        lowest = np.where(equal, amounts, -np.inf)
        return _solved(
            self._cost, upper, matrix.tocsc(), lowest, amounts, options, self._whole if whole else None, lower
        )


def relaxed(
    cost: np.ndarray, rows: sparse.csc_matrix, amount: np.ndarray, seconds: float | None
) -> SolverAnswer:
    """Minimises cost × columns with columns of at least 0 and rows that equal their amounts.

    For programs without whole numbers that are built from arrays: handing them over variable by variable
    would take longer than solving them.
    """
    options = {"threads": 1, "presolve": "off", "time_limit": np.inf if seconds is None else seconds}
    solver = _solved(cost, np.full(len(cost), np.inf), rows, amount, amount, options)
    status = ENDED.get(solver.modelStatusToString(solver.getModelStatus()), "stopped")
    info, solution = solver.getInfo(), solver.getSolution()
    done = status == "optimal"
    return SolverAnswer(
        status,
        np.array(solution.col_value) if done else None,
        float(info.objective_function_value) if done else -np.inf,
        np.array(solution.row_dual) if done else np.zeros(len(amount)),
    )


def _solved(
    cost: np.ndarray,
    upper: np.ndarray,
    rows: sparse.csc_matrix,
    lowest: np.ndarray,
    highest: np.ndarray,
    options: dict[str, object],
    whole: np.ndarray | None = None,
    lower: np.ndarray | None = None,
) -> highspy.Highs:
    """HiGHS after a solve of a program handed over as arrays: columns from `lower` (0) to `upper`, rows
    from `lowest` to `highest`."""
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = rows.shape
    model.col_cost_, model.col_lower_, model.col_upper_ = (
        cost,
        np.zeros(len(cost)) if lower is None else lower,
        upper,
    )
    model.row_lower_, model.row_upper_ = lowest, highest
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = (
        rows.indptr,
        rows.indices,
        rows.data,
    )
    if whole is not None:
        model.integrality_ = [
            highspy.HighsVarType.kInteger if w else highspy.HighsVarType.kContinuous for w in whole.tolist()
        ]
    solver = highspy.Highs()
    for name, value in {"output_flag": False, **options}.items():
        if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise ValueError(f"HiGHS does not take {name} = {value}")
    solver.passModel(model)
    solver.run()
    return solver
