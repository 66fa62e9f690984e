"""A plan from prices: the cases that nearly tie form a core that is solved as a whole-number program, larger
until the gap is met.

Groups that share no case are solved apart. Searches are cut by counts of nodes, not by the clock, so that the
same problem gives the same plan on any machine that is fast enough.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from optimizer.domain.shared_limit import ROUNDING, most
from optimizer.solve.case_moves import CaseMoves
from optimizer.solve.case_problem import BlockPart, CaseProblem, Subset, cut
from optimizer.solve.core import Core
from optimizer.solve.exchange import MOST_ROWS, Exchanges, exchanged
from optimizer.solve.neighbourhood import Search
from optimizer.solve.repair import cheapened, repaired
from optimizer.solve.shadow import Shadow
from optimizer.solve.subset_table import table_of
from optimizer.solve.sums import exact_sum

_FIRST_CASES, CASES_PER_ROW, _MORE_CASES = 16, 2, 2  # of a core, and how it grows
FIRST_NODES, MORE_NODES = 200, 3  # of the search in it
EXCHANGED = 1_000  # cases whose choices may be exchanged
CLOSER = 0.1  # a core is solved to this share of the gap asked for
FEW_ROWS = 20  # scarce rows up to which growing cores come nearer than a search around a plan
NEARBY, NEARBY_PER_ROW = 5_000, 60  # cases that such a search may change
AMPLE = 1e300  # what there is of rows that are none of a cluster's business
_EXACT = 60_000  # entries of a cluster up to which all its open cases are tried at once when cores do not do


@dataclass
class Cluster:
    """Cases and rows that have nothing to do with any other: what is known of their best plan."""

    cases: np.ndarray  # their places among all cases, nearest ties first
    rows: np.ndarray  # (rows,) bool
    bound: float  # no plan for them costs less
    base_cost: float  # of the best options at the prices, which may exceed the amounts
    cost: float = math.inf  # of the best plan so far
    changed: dict[int, int] = field(
        default_factory=dict
    )  # case -> option, where the plan is not the best option at the prices
    level: int = 0
    infeasible: bool = False
    short: bool = False  # of plans: the cases that nearly tie do not make one
    search: Search | None = None  # around the plan, where many rows are scarce

    @property
    def gap(self) -> float:
        return max(0.0, self.cost - self.bound)


class Planner:
    """Plans for all clusters at given prices."""

    def __init__(self, problem: CaseProblem, shadow: Shadow, gap: float, deadline: float):
        self.problem, self.shadow, self.deadline = problem, shadow, deadline
        self.base_cost = problem.chosen_cost(shadow.sweep.best)
        self.base_used = problem.used(shadow.sweep.best)
        label, rows = clusters(problem, shadow.prices)
        order = nearest_first(shadow.sweep.margin, problem.marks)
        order = order[label[order] >= 0]
        its = [order]
        if rows.max(initial=0) > 0:
            ends = np.cumsum(np.bincount(label[order], minlength=rows.max() + 1))[:-1]
            its = np.split(order[np.argsort(label[order], kind="stable")], ends)
        self.settled = exact_sum(self.base_cost[label < 0])
        self.clusters = [self._cluster(cases, rows == k) for k, cases in enumerate(its)]
        self.wanted = gap * max(1.0, abs(shadow.bound))
        self.asked = 0.9 * self.wanted / max(1, len(self.clusters))
        # The more cases, the finer they fit: larger problems come far nearer than asked at no cost.
        self.near = min(1.0, max(0.02, 20_000 / max(1, problem.cases)))

    def _cluster(self, cases: np.ndarray, rows: np.ndarray) -> Cluster:
        least, paid = (
            self.shadow.sweep.least[cases],
            -self.shadow.prices[rows] * most(self.problem.amount[rows]),
        )
        sizes = exact_sum(np.abs(least)) + exact_sum(np.abs(paid))
        bound = exact_sum(least) + exact_sum(paid) - 2.0**-49 * (1 + len(self.problem.names)) * sizes
        return Cluster(cases, rows, bound, exact_sum(self.base_cost[cases]))

    @property
    def cost(self) -> float:
        return math.fsum([self.settled, *(c.cost for c in self.clusters)])

    @property
    def bound(self) -> float:
        """No plan for all cases costs less (money)."""
        return math.fsum([self.settled, *(min(c.bound, c.cost) for c in self.clusters)])

    def search(self, tell: Callable[[float, float], None]) -> bool:
        """Looks for plans until the gap is met, all is proven or time is up; False where a cluster has
        no plan."""
        while True:
            missing = [c for c in self.clusters if c.cost == math.inf]
            open_gaps = [c for c in self.clusters if c.gap > 0.0]
            late = time.monotonic() > self.deadline
            if not missing and (late or not open_gaps or sum(c.gap for c in open_gaps) <= self.wanted):
                return True
            cluster = missing[0] if missing else max(open_gaps, key=lambda c: c.gap)
            self._improve(cluster)
            if cluster.infeasible:
                return False
            if not missing:
                tell(self.cost, self.bound)

    def choice(self) -> np.ndarray:
        """The best plan found.   (cases,)"""
        found = self.shadow.sweep.best.copy()
        for cluster in self.clusters:
            for case, option in cluster.changed.items():
                found[case] = option
        return found

    def _exchange(self, cluster: Cluster) -> None:
        """Plans by exchanging a few choices, where few rows are scarce."""
        prices, best, problem = self.shadow.prices, self.shadow.sweep.best, self.problem
        scarce = np.flatnonzero(cluster.rows & (prices > 0))
        if not 0 < len(scarce) <= MOST_ROWS:
            return
        aim = self.asked * self.near
        subset = problem.gather(cluster.cases[:EXCHANGED])
        paid = self._paid(subset)
        case, base = np.arange(len(paid)), best[subset.cases]
        extra = paid - paid[case, base][:, None]
        extra[case, base] = np.inf
        n, option = np.nonzero(extra <= aim)
        used = np.zeros((*paid.shape, len(scarce)))
        for usage, row in subset.uses:
            for k, number in enumerate(scarce):
                used[:, :, k] += np.where(row == number, usage, 0.0) * prices[number]
        room = (problem.amount - self.base_used)[scarce] * prices[scarce]
        found = Exchanges(subset.cases[n], option, extra[n, option], used[n, option] - used[n, base[n]])
        for changed in exchanged(found, room, aim):
            self._try(cluster, changed)

    def _try(self, cluster: Cluster, changed: dict[int, int]) -> None:
        """Takes the plan that differs from the best options in what is `changed` if it keeps the amounts
        and costs less."""
        subset = self.problem.gather(np.fromiter(changed, np.int64, len(changed)))
        case, before = np.arange(len(subset.cases)), self.shadow.sweep.best[subset.cases]
        now = np.array([changed[c] for c in subset.cases.tolist()], np.int64)
        used = self.base_used + self._used_by(subset, now) - self._used_by(subset, before)
        cost = cluster.base_cost + float((subset.cost[case, now] - subset.cost[case, before]).sum())
        if (used <= most(self.problem.amount))[cluster.rows].all() and cost < cluster.cost:
            cluster.cost, cluster.changed = cost, changed

    def _used_by(self, subset: Subset, choice: np.ndarray) -> np.ndarray:
        """What the cases of a subset use of each row with a choice (n,), added in the order of the subset.
        (rows,)"""
        rows, case = len(self.problem.rows), np.arange(len(subset.cases))
        return sum(
            (
                np.bincount(row[case, choice if row.shape[1] > 1 else 0], usage[case, choice], rows + 1)[:-1]
                for usage, row in subset.uses
            ),
            np.zeros(rows),
        )

    def _search_nearby(self, cluster: Cluster) -> bool:
        """A plan by moves of one or two cases, then by deciding small neighbourhoods anew; False where
        that leads no further."""
        if cluster.search is None:
            scarce = cluster.rows & (self.shadow.prices > 0)
            if scarce.sum() <= FEW_ROWS:
                return False
            cluster.search = self._first_plan(cluster)
        elif not cluster.search.over:
            cluster.search.round(cluster.gap, self.asked, self.deadline)
        else:
            return False
        if cluster.search is None:
            return False
        moves, best = cluster.search.moves, self.shadow.sweep.best
        self._try(
            cluster, {int(c): int(o) for c, o in zip(cluster.search.cases, moves.choice) if o != best[c]}
        )
        return True

    def _first_plan(self, cluster: Cluster) -> Search | None:
        """A plan of the cases whose choice is nearest to open; None where theirs alone do not make one."""
        prices, best = self.shadow.prices, self.shadow.sweep.best
        count, typical = (
            NEARBY + NEARBY_PER_ROW * int(cluster.rows.sum()),
            float(np.median(prices[prices > 0])),
        )
        subset = self.problem.gather(cluster.cases[:count])
        paid, fixed = self._paid(subset), self.base_used - self._used_by(subset, best[subset.cases])
        amount, prices = (
            np.where(cluster.rows, self.problem.amount - fixed, AMPLE),
            np.where(cluster.rows, prices, 0.0),
        )
        moves, extra = (
            CaseMoves(subset, amount, best[subset.cases].astype(np.int64)),
            paid - paid.min(axis=1)[:, None],
        )
        if not repaired(moves, extra, np.maximum(prices, typical)):
            return None
        cheapened(moves, extra, prices, self.deadline)
        return Search(subset.cases, moves, extra, prices)

    def _improve(self, cluster: Cluster) -> None:
        if cluster.level == 0:
            if cluster.search is None:
                self._exchange(cluster)
            if cluster.gap <= self.asked or self._search_nearby(cluster):
                return
        count = _FIRST_CASES + CASES_PER_ROW * int(cluster.rows.sum())
        count = min(count * _MORE_CASES**cluster.level, len(cluster.cases))
        everything = count * self.problem.width > min(_EXACT, len(cluster.cases) * self.problem.width) / 2
        core, open_gap = cluster.cases[:count], cluster.gap
        if cluster.short:
            relieving = self._relieving(cluster, _MORE_CASES**cluster.level)
            core = np.concatenate([core, relieving[~np.isin(relieving, core)]])
        if everything:
            core = (
                cluster.cases
                if open_gap == math.inf
                else cluster.cases[self.shadow.sweep.margin[cluster.cases] <= open_gap * (1 + 1e-9)]
            )
        subset = self.problem.gather(core)
        paid = self._paid(subset)
        slack = paid - paid.min(axis=1)[:, None]
        useful = np.isfinite(subset.cost) & (
            slack <= open_gap * (1 + 1e-9) + 1e-9 * np.abs(paid[np.isfinite(paid)]).max(initial=0.0)
        )
        for n, case in enumerate(
            subset.cases.tolist()
        ):  # against rounding: what the plan says now stays possible
            useful[n, cluster.changed.get(case, self.shadow.sweep.best[case])] = True
        fixed = np.zeros(self.problem.cases, bool)
        fixed[cluster.cases] = True
        fixed[core] = False
        fixed_cost = exact_sum(self.base_cost[fixed])
        program = Core(
            np.where(useful, subset.cost, 0.0),
            useful,
            table_of(self.problem, subset, useful, cluster.rows, self._left(subset)),
        )
        nodes = None if everything else FIRST_NODES * MORE_NODES**cluster.level
        until = self.deadline if everything or cluster.cost < math.inf else math.inf
        found = program.plan(
            self.asked if everything else CLOSER * self.asked,
            until,
            wait=everything and cluster.cost == math.inf,
            target=cluster.bound + self.asked * self.near - fixed_cost,
            nodes=nodes,
        )
        cluster.level += 1
        cluster.short |= found.infeasible
        if found.infeasible and everything:
            cluster.infeasible = cluster.cost == math.inf
            cluster.bound = cluster.cost if not cluster.infeasible else cluster.bound
            return
        if found.choice is not None and found.cost + fixed_cost < cluster.cost:
            cluster.cost = found.cost + fixed_cost
            best = self.shadow.sweep.best[subset.cases]
            cluster.changed = {int(c): int(o) for c, o, b in zip(subset.cases, found.choice, best) if o != b}
        if everything:
            cluster.bound = max(
                cluster.bound,
                min(cluster.cost, cluster.cost if found.proven else found.bound + fixed_cost),
            )

    def _relieving(self, cluster: Cluster, times: float) -> np.ndarray:
        """Cases that can give back what the best options use beyond the amounts, so many times, the
        cheapest per unit first.   (n,)"""
        best, problem = self.shadow.sweep.best, self.problem
        subset = problem.gather(cluster.cases[: NEARBY + NEARBY_PER_ROW * int(cluster.rows.sum())])
        paid, case = self._paid(subset), np.arange(len(subset.cases))
        excess = np.where(cluster.rows, self.base_used - problem.amount, 0.0)
        dearer = paid - paid.min(axis=1)[:, None]
        found = [np.zeros(0, np.int64)]
        for number in np.flatnonzero(excess > ROUNDING * problem.amount):
            used = sum(np.where(row == number, usage, 0.0) for usage, row in subset.uses)
            relief = used[case, best[subset.cases]][:, None] - used
            rate = np.where(relief > 0.0, dearer / np.where(relief > 0.0, relief, 1.0), np.inf)
            option = rate.argmin(axis=1)
            order = np.argsort(rate[case, option], kind="stable")
            order = order[np.isfinite(rate[order, option[order]])]
            needed = np.searchsorted(np.cumsum(relief[order, option[order]]), times * excess[number]) + 1
            found.append(subset.cases[order[:needed]])
        return np.unique(np.concatenate(found))

    def _paid(self, subset: Subset) -> np.ndarray:
        price, paid = np.append(self.shadow.prices, 0.0), subset.cost.copy()
        for usage, row in subset.uses:
            paid += usage * price[row]
        return paid

    def _left(self, core: Subset) -> np.ndarray:
        # What is left for the core: less than a sum of decimals can be off is taken for exactly enough.
        fixed = self.base_used - self._used_by(core, self.shadow.sweep.best[core.cases])
        return (self.problem.amount * (1 + 0.99 * ROUNDING) - fixed) / (1 + ROUNDING)


def nearest_first(margin: np.ndarray, marks: Callable[[], np.ndarray]) -> np.ndarray:
    """Cases (cases,) by their margin, equal margins in an order that hangs on the cases alone."""
    order = np.argsort(margin)
    sorted_margin = margin[order]
    tied = np.zeros(len(order), bool)
    tied[1:] = sorted_margin[1:] == sorted_margin[:-1]
    tied[:-1] |= tied[1:]
    if tied.any():
        its = order[tied]
        order[tied] = its[np.lexsort((marks()[its], sorted_margin[tied]))]
    return order


def clusters(problem: CaseProblem, prices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which cluster each case and each row belongs to; -1 for cases without a say and rows that cannot
    bind.   (cases,), (rows,)

    A row with a price (rows,) can bind; of the others the heaviest options are added up.
    """
    rows, priced = len(problem.rows), problem.by_limit(prices > 0)
    first = np.full(problem.cases, -1)

    def work(part: BlockPart) -> tuple[slice, np.ndarray, np.ndarray]:
        heaviest, counted = np.zeros(rows + 1), []
        for name, use in part.block.uses.items():
            usage, group, acceptable = (
                cut(use.usage, part.here),
                cut(use.group, part.here),
                part.block.acceptable[part.here],
            )
            if group.shape[1] == 1 and priced[name].all():
                counts = (acceptable & (usage > 0)).any(axis=1) & (group[:, 0] >= 0)
                counted.append(np.where(counts, group[:, 0] + problem.first[name], rows))
                continue
            used = np.where(acceptable & (group >= 0), usage, 0.0)
            if group.shape[1] == 1:
                most_used = used.max(axis=1)
                code = np.where(most_used > 0, group[:, 0] + problem.first[name], rows)
                heaviest += np.bincount(code, most_used, rows + 1)
            else:  # of several options that use one row each is counted, which can only keep a row
                code = np.where(used > 0, group + problem.first[name], rows)
                heaviest += np.bincount(code.ravel(), used.ravel(), rows + 1)
            counted.append(code)
        return (
            part.all,
            (
                np.column_stack(counted)
                if counted
                else np.zeros((part.here.stop - part.here.start, 0), np.int64)
            ),
            heaviest,
        )

    found = problem.each(work)
    heaviest = sum((h for _, _, h in found), np.zeros(rows + 1))
    pairs = [(place, counted) for place, counted, _ in found]
    binding = np.append((prices > 0) | (heaviest[:-1] > problem.amount), False)
    edges: set[int] = set()
    for place, counted in pairs:
        its = np.where(binding[counted], counted, rows)
        lowest = its.min(axis=1, initial=rows)
        first[place] = np.where(lowest < rows, lowest, -1)
        for column in its.T:
            edges.update(np.unique(lowest[column < rows] * (rows + 1) + column[column < rows]).tolist())
    linked = np.array(sorted(edges), np.int64)
    graph = sparse.csr_matrix(
        (np.ones(len(linked)), (linked // (rows + 1), linked % (rows + 1))), (rows, rows)
    )
    _, label = csgraph.connected_components(graph, directed=False)
    label = np.where(binding[:-1], label, -1)
    _, compact = np.unique(label[label >= 0], return_inverse=True)
    label[label >= 0] = compact
    return np.where(first >= 0, np.append(label, -1)[first], -1), label
