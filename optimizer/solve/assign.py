"""The case solver: the cheapest acceptable option of every case, under limits the cases share, with proof.

    min sum of cost[i, choice[i]]   subject to, per group of each limit: sum of the usage that counts <= amount

Where no limit binds this is one masked argmin. Otherwise the cases that are not settled go into one whole-number
program; its relaxation gives the shadow prices and, with them, a bound that holds whatever happens afterwards.
"""
from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from optimizer.errors import Infeasible
from optimizer.solve.backend import Program
from optimizer.solve.evaluate import cheapest, dual_bound, evaluate, with_use_paid
from optimizer.solve.limits import ROUNDING, Limit, Table, case_uses, checked, most, reduced, settled_order

SMALL = 5_000           # cases × options up to which the answer is proven optimal whatever gap is asked for
FINEST = 1e8            # the largest cost in the program where money is not in whole cents
STEEPEST = 1e6          # the largest coefficient of a row, its scale being 1
BLUR = 1e-6             # what HiGHS takes for equal, in the program's unit of money
CONTESTED = (300, 3_000)    # cases decided first in larger problems, the nearest ties between two options
PATIENCE = 10.0         # least seconds for each question about limits that clash
NEARLY = 1e-3           # share within which the relaxation of a larger problem is the cheapest
ANY = 1e30              # a gap that every plan meets


@dataclass(frozen=True, eq=False)
class Assignment:
    """A plan and what is proven about it.

    `choice` (cases,) option numbers; `cost` and `bound` in money: no acceptable plan within the limits costs less than
    `bound`. `used` per limit (groups,). `shadow_price` per limit (groups,), money per unit, at least 0: what one more
    unit of the amount saves in the relaxed problem, where a case may be split between options; a real plan moves in
    lumps. `status`: optimal (proven), within_gap, or time_limit (the gap is wider than asked for).
    """
    choice: np.ndarray
    cost: float
    bound: float
    used: dict[str, np.ndarray]
    shadow_price: dict[str, np.ndarray]
    status: str

    @property
    def gap(self) -> float:
        """(cost - bound) / max(1, |bound|)."""
        return _gap(self.cost, self.bound)


def assign(cost: np.ndarray, acceptable: np.ndarray, limits: Sequence[Limit] = (), gap: float = 1e-5,
           seconds: float = 60.0, progress: Callable[[str, float | None, float], None] | None = None) -> Assignment:
    """Chooses for every case one acceptable option so that the total cost is least and every limit holds.

    `cost` (cases, options) money of any sign, `acceptable` (cases, options) bool; ties go to the earlier option.
    `gap` is the share of the bound at which the search may stop; problems of up to 5,000 entries are solved to proven
    optimality. `seconds` bounds the search for a cheaper plan; a first plan, or the proof that there is none, is always
    waited for. `progress(step, cost or None, bound)` is called after the steps cheapest, relaxed and planned.
    Raises InputError, with every problem at once, and Infeasible, with the limits that clash and what would help.
    """
    start = time.monotonic()
    cost, acceptable, limits = checked(cost, acceptable, limits, gap, seconds)
    deadline = start + seconds
    tell = progress or (lambda step, cost, bound: None)
    unpriced = {limit.name: np.zeros(len(limit.amount)) for limit in limits}
    choice = cheapest(cost, acceptable)
    free = evaluate(cost, acceptable, limits, choice)
    tell("cheapest", None, free.cost)
    if not free.exceeded:
        return _checked_plan(cost, acceptable, limits, choice, math.inf, unpriced, gap)

    table = Table.of(limits, acceptable)
    prices = Core(cost, acceptable, table, limits, whole=False).shadow_prices(deadline)
    paid = with_use_paid(cost, acceptable, table, prices)
    bound = max(free.cost, dual_bound(paid, table, prices))
    tell("relaxed", None, bound)
    plan = search(cost, acceptable, table, limits, paid, bound, gap, deadline)
    if plan.infeasible:
        raise clash(cost, acceptable, limits, table, seconds)
    choice = earlier_ties(plan.choice, cost, acceptable, table, limits)
    done = _checked_plan(cost, acceptable, limits, choice, math.inf if plan.proven else plan.bound,
                         table.by_limit(prices, limits), gap)
    tell("planned", done.cost, done.bound)
    return done


def search(cost: np.ndarray, acceptable: np.ndarray, table: Table, limits: list[Limit], paid: np.ndarray, bound: float,
           gap: float, deadline: float) -> Found:
    """The plan: proven optimal for small problems, else within the gap where the deadline allows.

    Larger problems are first decided on the cases whose two best options nearly tie at the shadow prices, the others
    taking their best. A plan so found rules out every option that lifts the bound above the plan's cost, and what is
    left is solved exactly.
    """
    small = cost.size <= SMALL
    tolerance = 0.0 if small else 0.9 * gap * max(1.0, abs(bound))
    slack = paid - paid.min(axis=1)[:, None]
    best = Found(bound=bound)
    margin = np.partition(slack, 1, axis=1)[:, 1] if slack.shape[1] > 1 else slack[:, 0]
    for contested in () if small else CONTESTED:
        near = margin <= np.partition(margin, min(contested, len(margin)) - 1)[min(contested, len(margin)) - 1]
        share = time.monotonic() + (deadline - time.monotonic()) / 3
        core = Core(cost, acceptable & ((slack == 0) | near[:, None]), table, limits)
        found = core.plan(tolerance, share, wait=False)
        if found.cost < best.cost:
            best = Found(found.choice, found.cost, bound)
        if _gap(best.cost, bound) <= gap:
            return best

    useful = acceptable & (slack <= best.cost - bound + 1e-9 * max(1.0, np.abs(cost).max()))
    if best.choice is not None:
        useful[np.arange(len(cost)), best.choice] = True        # against rounding
    core = Core(cost, useful, table, limits)
    while True:
        found = core.plan(tolerance, deadline, wait=best.choice is None)
        if found.infeasible:
            return found
        bound = max(bound, min(found.bound, best.cost))
        best = found._replace(bound=bound) if found.cost <= best.cost else best._replace(bound=bound)
        if best.proven or tolerance == 0.0 or _gap(best.cost, bound) <= gap or time.monotonic() > deadline:
            return best
        tolerance = 0.0         # the bound came out nearer to 0 than the relaxed one, and with it what the gap allows


def earlier_ties(choice: np.ndarray, cost: np.ndarray, acceptable: np.ndarray, table: Table,
                 limits: list[Limit]) -> np.ndarray:
    """The choice with cases moved to an earlier option of exactly equal cost wherever the limits leave room."""
    options = cost.shape[1]
    chosen = cost[np.arange(len(cost)), choice][:, None]
    tied = acceptable & (cost == chosen) & (np.arange(options) < choice[:, None])
    cases = settled_order(np.flatnonzero(tied.any(axis=1)), cost, acceptable, limits)
    choice = choice.copy()
    order = np.argsort(table.option, kind="stable")
    sorted_options = table.option[order]
    used, room = table.used(choice, options), table.amount * (1 + ROUNDING / 2)     # half: `after` is a running sum

    def uses(case: int, option: int) -> np.ndarray:
        place = case * options + option
        return order[slice(*np.searchsorted(sorted_options, [place, place + 1]))]

    for case in cases.tolist():
        for option in np.flatnonzero(tied[case]).tolist():
            after = used.copy()
            np.subtract.at(after, table.row[old := uses(case, choice[case])], table.use[old])
            np.add.at(after, table.row[new := uses(case, option)], table.use[new])
            if (after[table.row[new]] <= room[table.row[new]]).all():
                used, choice[case] = after, option
                break
    return choice


class Found(NamedTuple):
    """What one search of a core found: a choice and its cost, a bound (money), and whether the choice is optimal."""
    choice: np.ndarray | None = None
    cost: float = math.inf
    bound: float = -math.inf
    proven: bool = False
    infeasible: bool = False


class Core:
    """The cases whose choice is open as a program: each takes one option, each group that can bind is a row.

    `active` (rows,) restricts the limits to some rows. With `whole` options are dropped that fit no whole plan. With
    `excess_weight` (rows,) rows may be exceeded, and the program minimises the weighted excess instead of the cost.
    """

    def __init__(self, cost: np.ndarray, acceptable: np.ndarray, table: Table, limits: list[Limit], whole: bool = True,
                 active: np.ndarray | None = None, excess_weight: np.ndarray | None = None):
        active = np.ones(len(table.rows), dtype=bool) if active is None else active
        alive, self.active = reduced(cost, acceptable, table, active, whole)
        self.table, self.options = table, cost.shape[1]
        self.infeasible = not alive.any(axis=1).all()
        self.settled = cheapest(cost, alive)
        self.cases = settled_order(np.flatnonzero(alive.sum(axis=1) > 1), cost, acceptable, limits)
        self.position, self.option = np.nonzero(alive[self.cases])
        flat = self.cases[self.position] * self.options + self.option
        column = np.full(cost.size, -1)
        column[flat] = np.arange(len(flat))

        self.base = math.fsum(cost[np.arange(len(cost)), self.settled].tolist())
        extra = cost.ravel()[flat] - cost[self.cases, self.settled[self.cases]][self.position]
        self.extra, self.unit, self.step = program_money(extra if excess_weight is None else np.zeros(len(flat)))
        self.program = Program("assign")
        self.program.columns(self.extra)
        for columns in np.split(np.arange(len(flat)), np.searchsorted(self.position, np.arange(1, len(self.cases)))):
            if columns.size:
                self.program.row(columns, np.ones(columns.size), 1.0, equal=True)
        self._add_rows(alive, column, excess_weight)

    def _add_rows(self, alive: np.ndarray, column: np.ndarray, excess_weight: np.ndarray | None) -> None:
        # What a case uses whatever it chooses is taken off the amount: only the use beyond it is in the row.
        entries, least, self.forced, _ = case_uses(self.table, alive, self.active)
        beyond = self.table.use[entries] - least
        entries, beyond = entries[beyond > 0], beyond[beyond > 0]
        order = np.lexsort((column[self.table.option[entries]], self.table.row[entries]))
        self.entries = column[self.table.option[entries]][order], self.table.row[entries][order], beyond[order]
        rooms = most(self.table.amount) - self.forced
        self.infeasible |= excess_weight is None and bool((rooms < 0).any())
        rooms[np.abs(rooms) <= 2 * ROUNDING * self.table.amount] = 0.0      # nothing but rounding is left
        self.bound_rows, scales = [], []
        for number in np.flatnonzero(self.active).tolist():
            columns, uses = self._entries_of(number)
            if columns.size == 0:
                continue
            # Coefficients near 1, so that the solver's tolerance means the same in every row. Relaxed, an option that
            # exceeds a row many times over may as well count a little less.
            room = rooms[number]
            scale = min(uses.max(), max(abs(room), self.table.amount[number] / 1000)) or uses.max()
            if excess_weight is None:
                uses = np.minimum(uses, scale * STEEPEST)
            else:
                scale = max(scale, uses.max() / STEEPEST)
                excess = self.program.columns(excess_weight[number:number + 1] * scale, upper=None, whole=False)
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
            answer = self.program.solve(whole=False, seconds=_left(deadline))
            if answer.status == "infeasible":
                return prices
            with np.errstate(over="ignore"):        # a use of next to nothing has a price of next to infinity
                prices[self.bound_rows] = np.clip(-answer.duals[len(self.cases):] * self.unit / self.scales, 0.0, 1e100)
        return prices

    def plan(self, tolerance: float, deadline: float, wait: bool = True) -> Found:
        """The cheapest plan within `tolerance` (money) of the bound, or the best one at the deadline.

        With no plan by then the first one is waited for, or with `wait` off a Found without a choice is returned.
        """
        if self.infeasible:
            return Found(infeasible=True)
        if not self.bound_rows:
            return Found(self.settled, self.base, self.base, proven=True)
        proven_bound = -math.inf
        while True:
            asked = max(tolerance / self.unit, self.step / 2)
            answer = self.program.solve(gap=asked, seconds=_left(deadline))
            if answer.values is None and answer.status == "stopped" and wait:
                proven_bound, asked = max(proven_bound, answer.bound), ANY
                answer = self.program.solve(gap=asked)
                if answer.values is None and answer.status != "infeasible":
                    raise RuntimeError("the solver ended with neither a plan nor a proof that there is none")
            proven_bound = max(proven_bound, answer.bound)
            if answer.status == "infeasible":
                return Found(infeasible=True)
            if answer.values is None:
                return Found(bound=self.base + self.unit * (proven_bound - BLUR))
            columns = self.chosen(answer.values)
            if not self._forbid_excess(columns):
                break
        objective = math.fsum(self.extra[columns].tolist())
        proven = (objective - proven_bound < max(self.step - BLUR, 2 * BLUR)
                  or answer.status == "optimal" and asked == self.step / 2)
        return Found(self.with_columns(columns), self.base + self.unit * objective,
                    self.base + self.unit * (proven_bound - BLUR), proven)

    def chosen(self, values: np.ndarray) -> np.ndarray:
        """The column of every open case that the solver set to 1."""
        grid = np.full((len(self.cases), self.options), -1.0)
        grid[self.position, self.option] = values[:len(self.position)]
        picked = grid[self.position, self.option] == grid.max(axis=1)[self.position]
        return np.flatnonzero(picked)[np.unique(self.position[picked], return_index=True)[1]]

    def with_columns(self, columns: np.ndarray) -> np.ndarray:
        """The choice (cases,) with these columns for the open cases."""
        choice = self.settled.copy()
        choice[self.cases] = self.option[columns]
        return choice

    def _forbid_excess(self, columns: np.ndarray) -> bool:
        # The solver may overstep a row by its tolerance. Such a plan is ruled out for good by a row of whole numbers:
        # the options that together exceed the group cannot all be chosen.
        limits = most(self.table.amount)
        exceeded = np.flatnonzero(self.active & (self.table.used(self.with_columns(columns), self.options) > limits))
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

    Whole cents are counted in cents, which lets the solver prove more; other money is spread over 0 to 100,000,000.
    """
    largest = extra.max(initial=0.0)
    cents = np.rint(extra * 100)
    if largest <= 1e7 and (np.abs(extra * 100 - cents) <= 1e-7).all() and (cents[extra > 0] > 0).all():
        return cents, 0.01, 1.0
    return extra * (FINEST / largest), largest / FINEST, 0.0


def clash(cost: np.ndarray, acceptable: np.ndarray, limits: list[Limit], table: Table, seconds: float) -> Infeasible:
    """Which limits clash, and the cheapest relaxation.

    Clash: an irreducible set of rows, by deletion: rows are left out, in halves and then one by one, while the others
    still admit no plan. A check that is not settled in `seconds` (at least 10) keeps its rows.
    Relaxation: the extra amounts with the least sum of extra / amount (extra itself where the amount is 0) with which
    a plan exists; least within 0.1 % where the problem is large.
    """
    no_cost, patience = np.zeros_like(cost), max(seconds, PATIENCE)
    clashing = _hopeless_alone(acceptable, table)
    if clashing is None:
        _, clashing = reduced(no_cost, acceptable, table, np.ones(len(table.rows), dtype=bool), whole=False)
        blocks = [np.flatnonzero(clashing)]
        while blocks:
            block = blocks.pop()
            clashing[block] = False
            core = Core(no_cost, acceptable, table, limits, active=clashing)
            if not core.plan(0.0, time.monotonic() + patience, wait=False).infeasible:
                clashing[block] = True
                blocks += [half for half in np.array_split(block, 2) if len(block) > 1]

    weight = np.divide(1.0, table.amount, out=np.ones(len(table.rows)), where=table.amount > 1e-290)
    heaviest = max((weight[table.row] * table.use).max(), 1e-290)
    core = Core(no_cost, acceptable, table, limits, whole=False, excess_weight=weight * (1e3 / heaviest))
    choice = core.settled
    if core.bound_rows:
        answer = core.program.solve(share=0.0 if cost.size <= SMALL else NEARLY,
                                    seconds=_left(time.monotonic() + patience))
        choice = choice if answer.values is None else core.with_columns(core.chosen(answer.values))
    excess = np.maximum(0.0, table.used(choice, cost.shape[1]) - table.amount)
    excess[table.used(choice, cost.shape[1]) <= most(table.amount)] = 0.0
    return Infeasible([table.rows[number] for number in np.flatnonzero(clashing)], table.by_limit(excess, limits))


def _hopeless_alone(acceptable: np.ndarray, table: Table) -> np.ndarray | None:
    # A row that even the lightest options exceed clashes with nothing but itself.
    everything = np.ones(len(table.rows), dtype=bool)
    _, _, lightest, _ = case_uses(table, acceptable, everything)
    alone = np.flatnonzero(lightest > most(table.amount) * (1 + ROUNDING))
    return np.arange(len(table.rows)) == alone[0] if alone.size else None


def _checked_plan(cost: np.ndarray, acceptable: np.ndarray, limits: list[Limit], choice: np.ndarray, bound: float,
                  prices: dict[str, np.ndarray], gap: float) -> Assignment:
    # A bound of inf stands for "proven optimal". What the plan costs and uses is computed anew from the inputs.
    found = evaluate(cost, acceptable, limits, choice)
    if found.exceeded or found.refused.size:
        raise RuntimeError(f"the solver returned a plan that breaks {found.exceeded or found.refused}")
    bound = min(bound, found.cost)
    status = "optimal" if bound == found.cost else "within_gap" if _gap(found.cost, bound) <= gap else "time_limit"
    return Assignment(choice, found.cost, bound, found.used, prices, status)


def _gap(cost: float, bound: float) -> float:
    return (cost - bound) / max(1.0, abs(bound))


def _left(deadline: float) -> float | None:
    return None if deadline == math.inf else max(0.0, deadline - time.monotonic())
