"""Trials: a part of a network solved again with another price, rent, volume, capacity, or without
somebody."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from optimizer.solve.network.arrays import Network, network_of, parts
from optimizer.solve.network.openings import NO_COLUMN
from optimizer.solve.network.problem import NetworkProblem
from optimizer.solve.network.solving import solve_part

TRIAL_GAP = 1e-7
_SERVED = 1e-6  # units below which nothing is served


@dataclass(frozen=True, eq=False)
class Trial:
    """What a trial costs, discounted, and what it does with the provider it is about."""

    cost: float  # infinite where there is no plan
    cells: np.ndarray  # that the provider serves
    jobs: float  # units that reach the provider, discounted
    months: float  # months the provider is open, discounted
    in_use: int = 0  # months in which it serves anybody

    @property
    def used(self) -> bool:
        return self.jobs > _SERVED


@dataclass(frozen=True, eq=False)
class Bench:
    """A provider with the part of the network that it has to do with."""

    part: Network
    number: int

    @property
    def _own(self) -> np.ndarray:
        return self.part.flows.provider == self.number

    def with_price(self, more: float) -> Bench:
        """Its jobs at so much more each; bills and minimum fees follow."""
        f = self.part.flows
        extra = np.where(self._own, more * f.batched / f.units, 0.0)
        return replace(
            self, part=replace(self.part, flows=replace(f, unit_cost=f.unit_cost + extra, fee=f.fee + extra))
        )

    def with_rent(self, more: float) -> Bench:
        """So much more a month while open."""
        return self._with(monthly_cost=self.part.providers.monthly_cost + more * self._mine())

    def with_capacity(self, more: float) -> Bench:
        """So much more capacity a month."""
        return self._with(capacity=self.part.providers.capacity + more * self._mine())

    def closed(self) -> Bench:
        """Without it."""
        return self._with(forced_closed=self.part.providers.forced_closed | self._mine().astype(bool))

    def opened(self) -> Bench:
        """With it in all months."""
        return self._with(forced_open=self.part.providers.forced_open | self._mine().astype(bool))

    def with_volume(self, factor: float) -> Bench:
        """The demand of all cells it could serve times a factor."""
        f = self.part.flows
        times = np.where(np.isin(f.cell, np.unique(f.cell[self._own])), factor, 1.0)
        return replace(
            self, part=replace(self.part, flows=replace(f, units=f.units * times, batched=f.batched * times))
        )

    def _mine(self) -> np.ndarray:
        return (np.arange(len(self.part.providers)) == self.number).astype(float)

    def _with(self, **changed: np.ndarray) -> Bench:
        return replace(self, part=replace(self.part, providers=replace(self.part.providers, **changed)))

    def solve(self, gap: float = TRIAL_GAP, seconds: float = 60.0) -> Trial:
        """The cheapest plan of the part."""
        solved = solve_part(self.part, gap, seconds)
        if solved is None:
            return Trial(math.inf, np.zeros(0, int), 0.0, 0.0)
        model, values = solved.model, solved.values
        f, disc, is_open = model.network.flows, self.part.discount, model.openings.open[self.number]
        share = np.where(f.provider == self.number, np.clip(values[model.serving.share], 0.0, 1.0), 0.0)
        months = float(disc @ np.rint(values[is_open])) if is_open[0] != NO_COLUMN else 0.0
        serves = share * f.units > _SERVED
        return Trial(
            solved.cost,
            np.unique(f.cell[serves]),
            float(np.sum(share * f.batched * disc[f.month])),
            months,
            len(np.unique(f.month[serves])),
        )


def benches_of(problem: NetworkProblem, per_job: Collection[str] = ()) -> dict[str, Bench]:
    """The bench of every provider about which something is to be decided and that serves a cell with demand,
    by its name.

    `per_job`: providers that are paid per job only and are wanted as well.
    """
    network = network_of(problem)
    decided = {
        n: part
        for part in parts(network)
        for n in np.intersect1d(part.own_providers, part.flows.provider).tolist()
        if network.decided[n]
    }
    wanted = [n for n, name in enumerate(network.providers.name) if name in per_job and n not in decided]
    others = {
        n: part
        for n in wanted
        for part in parts(network, kept_whole=n)
        if n in part.own_providers and n in part.flows.provider
    }
    return {network.providers.name[n]: Bench(part, n) for n, part in sorted((decided | others).items())}
