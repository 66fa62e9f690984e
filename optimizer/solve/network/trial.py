"""Trials: a part of a network solved again with another price, rent, volume, capacity, or without somebody."""
from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from optimizer.errors import Infeasible
from optimizer.solve.network.arrays import Network, network_of, parts
from optimizer.solve.network.openings import NO_COLUMN
from optimizer.solve.network.problem import NetworkProblem
from optimizer.solve.network.program import NetworkProgram

TRIAL_GAP = 1e-7


@dataclass(frozen=True, eq=False)
class Trial:
    """What a trial costs, discounted, and what it does with the provider it is about."""
    cost: float                     # infinite where there is no plan
    flow_cost: float                # of the units, without all that is paid per month, start, batch or minimum
    units: np.ndarray               # (F,) per flow of the part
    jobs: float                     # units that reach the provider, discounted
    months: float                   # months the provider is open, discounted

    @property
    def used(self) -> bool:
        return self.jobs > 1e-6


@dataclass(frozen=True, eq=False)
class Bench:
    """A provider with the part of the network that it has to do with."""
    part: Network
    number: int

    @classmethod
    def of(cls, problem: NetworkProblem, provider: str) -> Bench | None:
        """The provider's bench; None where it serves no cell with demand, or where nothing about it is to be decided."""
        network = network_of(problem)
        number = list(network.providers.name).index(provider)
        part = next((p for p in parts(network) if number in p.own_providers and (p.flows.provider == number).any()), None)
        return None if part is None or not network.decided[number] else cls(part, number)

    @property
    def _own(self) -> np.ndarray:
        return self.part.flows.provider == self.number

    def with_price(self, more: float) -> Bench:
        """Its jobs at so much more each; bills and minimum fees follow."""
        f = self.part.flows
        extra = np.where(self._own, more * f.batched / f.units, 0.0)
        return replace(self, part=replace(self.part, flows=replace(f, unit_cost=f.unit_cost + extra, fee=f.fee + extra)))

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
        return replace(self, part=replace(self.part, flows=replace(f, units=f.units * times, batched=f.batched * times)))

    def _mine(self) -> np.ndarray:
        return (np.arange(len(self.part.providers)) == self.number).astype(float)

    def _with(self, **changed: np.ndarray) -> Bench:
        return replace(self, part=replace(self.part, providers=replace(self.part.providers, **changed)))

    def solve(self, gap: float = TRIAL_GAP, seconds: float = 60.0) -> Trial:
        """The cheapest plan of the part."""
        f, disc = self.part.flows, self.part.discount
        model = NetworkProgram(self.part)
        answer = model.program.solve(share=gap, seconds=seconds)
        if answer.values is None and answer.status == "infeasible":
            return Trial(math.inf, 0.0, np.zeros(len(f)), 0.0, 0.0)
        if answer.values is None:
            raise Infeasible([("seconds", "")], {})
        values = answer.values
        units = f.units * np.clip(values[model.serving.share], 0.0, 1.0)
        is_open = model.openings.open[self.number]
        months = float(disc @ np.rint(values[is_open])) if is_open[0] != NO_COLUMN else 0.0
        jobs = float(np.sum((units / f.units * f.batched * disc[f.month])[self._own]))
        return Trial(float(model.program.costs @ values) + model.constant, float(np.sum(units * f.unit_cost * disc[f.month])), units, jobs, months)
