"""A part of a network as one program: openings, serving, and the limits over all of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimizer.solve.backend import Program
from optimizer.solve.network.arrays import Network
from optimizer.solve.network.openings import NO_COLUMN, add_openings
from optimizer.solve.network.serving import add_serving


class Requirement(NamedTuple):
    """Rows that a user asked for and could relax; the excess of a row times `unit` is in the unit of the
    amount."""

    name: str  # as in NetworkProblem: a limit, capacity or min_units
    label: str  # the provider or kind, empty for all
    rows: np.ndarray
    unit: float


class NetworkProgram:
    """Columns and rows of a part of a network; `constant` is the cost that no decision changes."""

    def __init__(self, network: Network, tight: bool = True):
        self.network, self.program = network, Program("network")
        self.openings = add_openings(self.program, network)
        self.serving = add_serving(self.program, network, self.openings, tight)
        self.constant = self.openings.constant
        self.requirements = [*self._of_providers(), *self._limits()]

    def least(self) -> float:
        """No plan costs less: every cell and month by its cheapest action, and all that earns money to the
        full."""
        costs, upper = self.program.costs, self.program.upper
        shares = costs[self.serving.share]
        costs[self.serving.share] = 0.0
        cells, its_cell = self.network.group
        cheapest = np.full(len(cells), np.inf)
        np.minimum.at(cheapest, its_cell, shares)
        earning = costs < 0
        return float(cheapest.sum() + costs[earning] @ upper[earning])

    def _of_providers(self) -> list[Requirement]:
        p = self.network.providers
        found = [
            Requirement("force_open" if p.forced_open[n] else "force_closed", p.name[n], rows, 1.0)
            for n, rows in self.openings.forced
        ]
        found += [Requirement("capacity", p.name[n], *rows) for n, rows in self.serving.capacity.items()]
        return found + [
            Requirement("min_units", p.name[n], *rows) for n, rows in self.serving.commitment.items()
        ]

    def _limits(self) -> list[Requirement]:
        """Days on average, claims in total, money, and how many are open."""
        found, limits, f, p = [], self.network.limits, self.network.flows, self.network.providers
        total = f.units[np.unique(self.network.group[1], return_index=True)[1]].sum()

        def limited(name: str, label: str, columns: np.ndarray, amounts: np.ndarray, most: float) -> None:
            unit = max(np.abs(amounts).max(initial=0.0), abs(most), 1e-9)
            found.append(
                Requirement(
                    name, label, np.array([self.program.row(columns, amounts / unit, most / unit)]), unit
                )
            )

        if "average_days" in limits and total > 0:
            limited("average_days", "", self.serving.share, f.units * f.days / total, limits["average_days"])
        if "claims" in limits:
            limited("claims", "", self.serving.share, f.units * f.claim_risk, limits["claims"])
        if "opening_budget" in limits:
            starts = np.argwhere(self.openings.start != NO_COLUMN)
            limited(
                "opening_budget",
                "",
                self.openings.start[tuple(starts.T)],
                p.open_cost[starts[:, 0]],
                limits["opening_budget"],
            )
        for kind, most in limits.get("most_open", {}).items():
            its = np.flatnonzero(((p.kind == kind) | (kind == "")) & (self.openings.open[:, 0] != NO_COLUMN))
            if its.size:
                months = self.network.months
                rows = self.program.rows(
                    np.tile(np.arange(months), len(its)),
                    self.openings.open[its].ravel(),
                    np.ones(len(its) * months),
                    np.full(months, float(most)),
                )
                found.append(Requirement("most_open", kind, rows, 1.0))
        if "budget" in limits:
            costs = self.program.costs
            its = np.flatnonzero(costs)
            limited("budget", "", its, costs[its], limits["budget"] - self.constant)
        return found
