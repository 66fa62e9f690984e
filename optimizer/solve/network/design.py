"""The network solver: whom to open when, who serves whom, at least cost, with proof.

min sum over months of discount × (opening + closing + monthly and minimum fees + unit costs + tier prices +
batches + waiting)
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Real

import numpy as np
import pandas as pd

from optimizer.errors import InputError, Problem
from optimizer.phrases import phrase
from optimizer.solve.network.arrays import Network, network_of, parts
from optimizer.solve.network.clash import network_clash
from optimizer.solve.network.evaluate import NetworkEvaluation, evaluate_network
from optimizer.solve.network.openings import NO_COLUMN
from optimizer.solve.network.problem import NetworkProblem
from optimizer.solve.network.program import NetworkProgram
from optimizer.solve.network.solving import Solved, solve_part

_PROVEN = 1e-9  # gap up to which a plan counts as optimal
_MOST_WORKERS = 8
_NOTHING = 1e-9  # share of a cell's demand that is no flow


@dataclass(frozen=True, eq=False)
class NetworkPlan:
    """A plan of a network and what is proven about it.

    `cost` and `bound`, discounted: no plan costs less than `bound`. `status`: optimal (proven), within_gap,
    or time_limit. `open`: provider, month, open. `flows`: cell, month, action, provider, units, cost (units ×
    unit cost, money of the month). `batches`: lane, month, batches, shipped, waiting (at the end of the
    month). `evaluation`: money by month, line and provider, recomputed from the three tables.
    """

    problem: NetworkProblem
    bound: float
    status: str
    open: pd.DataFrame
    flows: pd.DataFrame
    batches: pd.DataFrame
    evaluation: NetworkEvaluation

    @property
    def cost(self) -> float:
        return self.evaluation.cost

    @property
    def gap(self) -> float:
        """(cost - bound) / max(1, |bound|)."""
        return (self.cost - self.bound) / max(1.0, abs(self.bound))

    @property
    def by_line(self) -> dict[str, float]:
        """Discounted money by line; the lines add up to the cost."""
        return self.evaluation.by_line

    @cached_property
    def units_of(self) -> dict[str, float]:
        """Units that come to each provider over all months."""
        return self.flows.groupby("provider")["units"].sum().to_dict()


def design(
    problem: NetworkProblem,
    gap: float = 1e-6,
    seconds: float = 60.0,
    progress: Callable[[str, float | None, float], None] | None = None,
) -> NetworkPlan:
    """The cheapest network: whom to open in which months, and who serves which units.

    `gap` is the share of the bound at which the search may stop; `seconds` bounds the search for a cheaper
    plan, a first plan or the proof that there is none is always waited for. `progress(step, cost or None,
    bound)` is called when a part of the network that has nothing to do with the others is planned. Raises
    InputError, with every problem at once, and Infeasible, with the limits that clash and what would help.
    """
    _check(gap, seconds)
    deadline = time.monotonic() + seconds
    network = network_of(problem)
    its_parts = sorted(parts(network), key=lambda part: len(part.flows))
    found, bound, clock = _Found(network), 0.0, _Clock(its_parts, deadline)
    with ThreadPoolExecutor(max_workers=clock.workers) as pool:
        for part, solved in zip(
            its_parts,
            pool.map(
                lambda part: None if part.alone else solve_part(part, gap, clock.seconds_for(part)), its_parts
            ),
        ):
            if not part.alone and solved is None:
                raise network_clash(part)
            bound += found.take(part, solved)
            if progress is not None:
                progress("planned", None, bound)
    tables = found.tables(problem)
    evaluation = evaluate_network(problem, *tables)
    if evaluation.broken:
        raise RuntimeError("the plan breaks its own rules: " + "; ".join(evaluation.broken[:5]))
    plan = NetworkPlan(problem, min(bound, evaluation.cost), "optimal", *tables, evaluation)
    status = "optimal" if plan.gap <= _PROVEN else "within_gap" if plan.gap <= gap else "time_limit"
    return replace(plan, status=status)


def _check(gap: object, seconds: object) -> None:
    wrong = [
        Problem(name, None, "", str(number), phrase("is not a number of at least 0"), fix)
        for name, number, fix in (
            ("gap", gap, phrase("Give a share of the cost, such as 1e-5.")),
            ("seconds", seconds, phrase("Give the time allowed, such as 60.")),
        )
        if isinstance(number, bool) or not isinstance(number, Real) or math.isnan(number) or number < 0
    ]
    if wrong:
        raise InputError(wrong)


class _Clock:
    """Shares the time left among the parts that are still to be solved, by their size."""

    def __init__(self, its_parts: list[Network], deadline: float):
        self.workers = max(1, min(os.cpu_count() or 1, _MOST_WORKERS, len(its_parts)))
        self.deadline, self.lock = deadline, threading.Lock()
        self.ahead = sum(map(self.effort, its_parts))

    @staticmethod
    def effort(part: Network) -> float:
        return 0.0 if part.alone else (1.0 + len(part.flows)) ** 1.5

    def seconds_for(self, part: Network) -> float:
        """Called once per part, when its turn comes."""
        left, effort = max(0.0, self.deadline - time.monotonic()), self.effort(part)
        with self.lock:
            share = min(1.0, self.workers * effort / max(self.ahead, effort, 1.0))
            self.ahead -= effort
        return left * share


class _Found:
    """Decisions of the parts, gathered into arrays over the whole network."""

    def __init__(self, network: Network):
        self.network = network
        shape = (len(network.providers), network.months)
        self.open = np.zeros(shape, bool)
        self.cell, self.month, self.action, self.units = [], [], [], []
        lanes = (len(network.lanes.name), network.months)
        self.batches, self.shipped, self.waiting = np.zeros(lanes, int), np.zeros(lanes), np.zeros(lanes)

    def take(self, part: Network, solved: Solved | None) -> float:
        """Adds a part as it was solved, or, where its cells share nothing, their cheapest actions; gives
        its bound."""
        if solved is None:
            return self._cheapest(part)
        self._keep(solved.model, solved.values)
        return solved.bound

    def _keep(self, program: NetworkProgram, values: np.ndarray) -> None:
        part, serving = program.network, program.serving
        decided = program.openings.open[:, 0] != NO_COLUMN
        self.open[decided] = values[program.openings.open[decided]] > 0.5
        share = np.clip(values[serving.share], 0.0, 1.0)
        share[share < _NOTHING] = 0.0
        _, group = part.group
        share = share / np.bincount(group, share)[group] if len(share) else share
        kept = np.flatnonzero(share)
        f = part.flows.take(kept)
        (
            self.cell.append(f.cell),
            self.month.append(f.month),
            self.action.append(f.action),
            self.units.append(f.units * share[kept]),
        )
        for n in part.own_lanes.tolist():
            if serving.batches[n, 0] == NO_COLUMN:
                continue
            size, waits = serving.batch_size[n], serving.waiting[n] != NO_COLUMN
            self.batches[n] = np.rint(values[serving.batches[n]]).astype(int)
            self.waiting[n, waits] = np.maximum(0.0, values[serving.waiting[n, waits]] * size)
            arrived = np.bincount(f.month, np.where(f.lane == n, f.batched * share[kept], 0.0), part.months)
            self.shipped[n] = np.maximum(0.0, np.r_[0.0, self.waiting[n, :-1]] + arrived - self.waiting[n])

    def _cheapest(self, part: Network) -> float:
        """The cheapest action of every cell and month, ties to the earlier one; gives their cost."""
        cost = part.flows.units * part.flows.unit_cost * part.discount[part.flows.month]
        _cells, group = part.group
        order = np.lexsort((np.arange(len(cost)), cost, group))
        f = part.flows.take(order[np.r_[True, np.diff(group[order]) > 0]])
        (
            self.cell.append(f.cell),
            self.month.append(f.month),
            self.action.append(f.action),
            self.units.append(f.units),
        )
        return math.fsum(f.units * f.unit_cost * part.discount[f.month])

    def tables(self, problem: NetworkProblem) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        months, none = np.array(problem.months, object), np.zeros(0, int)
        cell, month, action = (
            np.concatenate([none, *parts]) for parts in (self.cell, self.month, self.action)
        )
        units = np.concatenate([np.zeros(0), *self.units])
        its = problem.actions.iloc[action]
        flows = pd.DataFrame(
            {
                "cell": its["cell"].to_numpy(object),
                "month": months[month],
                "action": its["action"].to_numpy(object),
                "provider": its["provider"].to_numpy(object),
                "units": units,
                "cost": units * its["unit_cost"].to_numpy(float),
            }
        )
        flows = flows.iloc[np.lexsort((action, month, cell))].reset_index(drop=True)
        p = self.network.providers
        number = {name: n for n, name in enumerate(p.name)}
        used = np.zeros(self.open.shape, bool)
        its_provider = its["provider"].map(lambda name: number.get(name, -1)).to_numpy(int)
        used[its_provider[its_provider >= 0], month[its_provider >= 0]] = True
        is_open = np.where(self.network.decided[:, None], self.open, used)
        opened = pd.DataFrame(
            {
                "provider": np.repeat(p.name, len(months)),
                "month": np.tile(months, len(p)),
                "open": is_open.ravel(),
            }
        )
        lanes = self.network.lanes.name
        batches = pd.DataFrame(
            {
                "lane": np.repeat(lanes, len(months)),
                "month": np.tile(months, len(lanes)),
                "batches": self.batches.ravel(),
                "shipped": self.shipped.ravel(),
                "waiting": self.waiting.ravel(),
            }
        )
        return opened, flows, batches
