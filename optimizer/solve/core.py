"""The cases whose choice is open as a whole-number program: each takes one option, each group that can
bind is a row."""

from __future__ import annotations

import math
import time
from typing import NamedTuple

import numpy as np

from optimizer.domain.shared_limit import ROUNDING, most
from optimizer.solve.backend import Program
from optimizer.solve.evaluate import cheapest
from optimizer.solve.table import UseTable, case_uses, reduced

FINEST = 1e8  # the largest cost in the program where money is not in whole cents
STEEPEST = 1e6  # the largest coefficient of a row, its scale being 1
BLUR = 1e-6  # what HiGHS takes for equal, in the program's unit of money
_ANY = 1e30  # a gap that every plan meets


class CoreResult(NamedTuple):
    """What one search of a core found: a choice and its cost, a bound (money), and whether the choice is
    optimal."""

    choice: np.ndarray | None = None
    cost: float = math.inf
    bound: float = -math.inf
    proven: bool = False
    infeasible: bool = False


class Core:
    """The cases whose choice is open as a program: each takes one option, each group that can bind is a row.

    `active` (rows,) restricts the limits to some rows. With `whole` options are dropped that fit no whole
    plan. With `excess_weight` (rows,) rows may be exceeded, and the program minimises the weighted excess
    instead of the cost.
    """

    def __init__(
        self,
        cost: np.ndarray,
        acceptable: np.ndarray,
        table: UseTable,
        whole: bool = True,
        active: np.ndarray | None = None,
        excess_weight: np.ndarray | None = None,
    ):
        active = np.ones(len(table.rows), dtype=bool) if active is None else active
        alive, self.active = reduced(cost, acceptable, table, active, whole)
        self.table, self.options = table, cost.shape[1]
        self.infeasible = not alive.any(axis=1).all()
        self.settled = cheapest(cost, alive)
        self.cases = np.flatnonzero(alive.sum(axis=1) > 1)
        self.position, self.option = np.nonzero(alive[self.cases])
        flat = self.cases[self.position] * self.options + self.option
        column = np.full(cost.size, -1)
        column[flat] = np.arange(len(flat))

        self.base = math.fsum(cost[np.arange(len(cost)), self.settled].tolist())
        extra = cost.ravel()[flat] - cost[self.cases, self.settled[self.cases]][self.position]
        self.extra, self.unit, self.step = program_money(
            extra if excess_weight is None else np.zeros(len(flat))
        )
        self.program = Program("assign")
        self.program.columns(self.extra)
        for columns in np.split(
            np.arange(len(flat)), np.searchsorted(self.position, np.arange(1, len(self.cases)))
        ):
            if columns.size:
                self.program.row(columns, np.ones(columns.size), 1.0, equal=True)
        self._add_rows(alive, column, excess_weight)

    def _add_rows(self, alive: np.ndarray, column: np.ndarray, excess_weight: np.ndarray | None) -> None:
        # What a case uses whatever it chooses is taken off the amount: only the use beyond it is in the row.
        entries, least, self.forced, _ = case_uses(self.table, alive, self.active)
        beyond = self.table.use[entries] - least
        entries, beyond = entries[beyond > 0], beyond[beyond > 0]
        order = np.lexsort((column[self.table.option[entries]], self.table.row[entries]))
        self.entries = (
            column[self.table.option[entries]][order],
            self.table.row[entries][order],
            beyond[order],
        )
        rooms = most(self.table.amount) - self.forced
        self.infeasible |= excess_weight is None and bool((rooms < 0).any())
        rooms[np.abs(rooms) <= 2 * ROUNDING * self.table.amount] = 0.0  # nothing but rounding is left
        self.bound_rows, scales = [], []
        for number in np.flatnonzero(self.active).tolist():
            columns, uses = self._entries_of(number)
            if columns.size == 0:
                continue
            # Coefficients near 1, so that the solver's tolerance means the same in every row. Relaxed, an
            # option that
            # exceeds a row many times over may as well count a little less.
            room = rooms[number]
            scale = min(uses.max(), max(abs(room), self.table.amount[number] / 1000)) or uses.max()
            if excess_weight is None:
                uses = np.minimum(uses, scale * STEEPEST)
            else:
                scale = max(scale, uses.max() / STEEPEST)
                excess = self.program.columns(
                    excess_weight[number : number + 1] * scale, upper=None, whole=False
                )
                columns, uses = np.r_[columns, excess], np.r_[uses, -scale]
            self.program.row(columns, uses / scale, room / scale)
            self.bound_rows.append(number)
            scales.append(scale)
        self.scales = np.array(scales)

    def _entries_of(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        column, row, use = self.entries
        part = slice(*np.searchsorted(row, [number, number + 1]))
        return column[part], use[part]

    def shadow_prices(self, deadline: float) -> np.ndarray:
        """Money saved per unit of each row (rows,) in the relaxed problem; 0 where that has no solution.

        Where time runs out first the prices are those reached so far; `dual_bound` holds with any of them.
        """
        prices = np.zeros(len(self.table.rows))
        if self.bound_rows and not self.infeasible:
            answer = self.program.solve(whole=False, seconds=left(deadline))
            if answer.status == "infeasible":
                return prices
            with np.errstate(over="ignore"):  # a use of next to nothing has a price of next to infinity
                prices[self.bound_rows] = np.clip(
                    -answer.duals[len(self.cases) :] * self.unit / self.scales, 0.0, 1e100
                )
        return prices

    def plan(
        self,
        tolerance: float,
        deadline: float,
        wait: bool = True,
        target: float = -math.inf,
        nodes: int | None = None,
    ) -> CoreResult:
        """The cheapest plan within `tolerance` (money) of the bound, one of at most `target`, or the best one
        at the deadline.

        With no plan by then, or after so many nodes of the search, the first one is waited for, or with
        `wait` off a Found without a choice is returned.
        """
        if self.infeasible:
            return CoreResult(infeasible=True)
        if not self.bound_rows:
            return CoreResult(self.settled, self.base, self.base, proven=True)
        proven_bound = -math.inf
        while True:
            asked = max(tolerance / self.unit, self.step / 2)
            answer = self.program.solve(
                gap=asked, seconds=left(deadline), target=(target - self.base) / self.unit, nodes=nodes
            )
            if answer.values is None and answer.status == "stopped" and wait:
                proven_bound, asked = max(proven_bound, answer.bound), _ANY
                answer = self.program.solve(gap=asked)
                if answer.values is None and answer.status != "infeasible":
                    raise RuntimeError("the solver ended with neither a plan nor a proof that there is none")
            proven_bound = max(proven_bound, answer.bound)
            if answer.status == "infeasible":
                return CoreResult(infeasible=True)
            if answer.values is None:
                return CoreResult(bound=self.base + self.unit * (proven_bound - BLUR))
            columns = self.chosen(answer.values)
            if not self._forbid_excess(columns):
                break
        objective = math.fsum(self.extra[columns].tolist())
        proven = objective - proven_bound < max(self.step - BLUR, 2 * BLUR) or (
            answer.status == "optimal" and asked == self.step / 2
        )
        return CoreResult(
            self.with_columns(columns),
            self.base + self.unit * objective,
            self.base + self.unit * (proven_bound - BLUR),
            proven,
        )

    def chosen(self, values: np.ndarray) -> np.ndarray:
        """The column of every open case that the solver set to 1."""
        grid = np.full((len(self.cases), self.options), -1.0)
        grid[self.position, self.option] = values[: len(self.position)]
        picked = grid[self.position, self.option] == grid.max(axis=1)[self.position]
        return np.flatnonzero(picked)[np.unique(self.position[picked], return_index=True)[1]]

    def with_columns(self, columns: np.ndarray) -> np.ndarray:
        """The choice (cases,) with these columns for the open cases."""
        choice = self.settled.copy()
        choice[self.cases] = self.option[columns]
        return choice

    def _forbid_excess(self, columns: np.ndarray) -> bool:
        # The solver may overstep a row by its tolerance. Such a plan is ruled out for good by a row of whole
        # numbers:
        # the options that together exceed the group cannot all be chosen.
        limits = most(self.table.amount)
        exceeded = np.flatnonzero(
            self.active & (self.table.used(self.with_columns(columns), self.options) > limits)
        )
        for number in exceeded.tolist():
            column, beyond = self._entries_of(number)
            taken = np.isin(column, columns)
            column, beyond = column[taken], beyond[taken]
            heaviest = np.argsort(-beyond, kind="stable")
            enough = self.forced[number] + np.cumsum(beyond[heaviest]) > limits[number] * (1 + ROUNDING)
            count = int(enough.argmax()) + 1 if enough.any() else len(column)
            self.program.row(column[heaviest[:count]], np.ones(count), count - 1.0)
        return exceeded.size > 0


def program_money(extra: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Costs in the program's unit, the money of one unit, and the least step between two plans (0 = unknown).

    Whole cents are counted in cents, which lets the solver prove more; other money is spread over 0 to
    100,000,000.
    """
    largest = extra.max(initial=0.0)
    cents = np.rint(extra * 100)
    if largest <= 1e7 and (np.abs(extra * 100 - cents) <= 1e-7).all() and (cents[extra > 0] > 0).all():
        return cents, 0.01, 1.0
    return extra * (FINEST / largest), largest / FINEST, 0.0


def left(deadline: float) -> float | None:
    """Seconds until a moment of the monotonic clock; None where there is no end."""
    return None if deadline == math.inf else max(0.0, deadline - time.monotonic())
