"""The plan of a scenario's network: demand, ways out and terms as one problem, solved; every further
question solves it again."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.domain.names import BENCHES
from optimizer.errors import InputError, Problem
from optimizer.inputs.scenario import Scenario
from optimizer.model.engine import Engine
from optimizer.model.products import build_products
from optimizer.model.world import World
from optimizer.network.demand import CELL, articles_of, demand_of, sold_of
from optimizer.network.labels import action_label, cell_label, cells_of, way_parts
from optimizer.network.strategies import Strategies, benches_of, strategies_of
from optimizer.network.terms import (
    batch_of,
    batches,
    holding_per_month,
    lane_name,
    limited_in_hours,
    limits_of,
    price_lists,
    provider_terms,
)
from optimizer.network.typical import typical_cases
from optimizer.phrases import Phrase, bilingual, phrase
from optimizer.solve import NetworkPlan, NetworkProblem, design
from optimizer.solve.network.arrays import network_of
from optimizer.solve.network.clash import NetworkClash

_GAP, _SECONDS = 1e-4, 60.0
Progress = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class RepairNetwork:
    """The cheapest network of a scenario: its plan, and everything it was worked out from."""

    scenario: Scenario
    engine: Engine
    demand: pd.DataFrame  # market, product_class, need, month, units
    strategies: Strategies
    plan: NetworkPlan
    notes: tuple[Phrase, ...] = ()

    @property
    def problem(self) -> NetworkProblem:
        return self.plan.problem

    @property
    def currency(self) -> str:
        return self.engine.world.reporting

    @cached_property
    def per_job(self) -> frozenset[str]:
        """Providers that are there without being opened: nothing is paid for keeping them."""
        arrays = network_of(self.problem)
        return frozenset(
            str(name) for name, decided in zip(arrays.providers.name, arrays.decided) if not decided
        )

    @cached_property
    def cost_without_benches(self) -> float:
        """Cost of the best network without any provider, discounted; infinite where no such network keeps
        the limits."""
        kept = {name: value for name, value in self.problem.limits.items() if name != "force_open"}
        names = tuple(self.problem.providers["provider"])
        try:
            return design(replace(self.problem, limits=kept | {"force_closed": names}), _GAP).cost
        except NetworkClash:
            return math.inf

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Flows with market, product_class, need, resolution and provider of their own.   one row per flow"""
        flows = self.plan.flows.copy()
        flows[CELL] = cells_of(flows["cell"])
        flows["resolution"] = flows["action"].map(lambda way: way_parts(way)[0])
        return flows


def plan_network(
    scenario: Scenario,
    products: pd.DataFrame | None,
    orders: pd.DataFrame | None,
    demand: pd.DataFrame | None = None,
    *,
    gap: float = _GAP,
    seconds: float = _SECONDS,
    progress: Progress | None = None,
) -> RepairNetwork:
    """Works out demand and prices and designs the network.

    Raises InputError where there are no orders or a term is wrong, and Infeasible where no network keeps the
    limits.
    """
    priced_for = scenario.with_changes(
        {
            f"provider.{p.name}.open": {"to": 1, "because": phrase("the plan decides who is open")}
            for p in benches_of(World.of(scenario))
            if not p.open
        },
        scenario.name,
    )
    priced_for = replace(priced_for, basis="none")
    world = World.of(scenario)
    listed = (
        None if products is None else products.drop(columns="stock_on_hand", errors="ignore")
    )  # what is on hand today says nothing of later months
    goods = build_products(world, listed)
    sold = sold_of(world, goods, orders) if demand is None or orders is not None else None
    if demand is None:
        items, notes, need = sold.items, list(sold.notes), demand_of(world, sold)
    else:
        (items, notes), need = articles_of(world, goods, demand, sold), demand
    need = need.assign(units=need["units"] * world.book.number("network.demand_factor"))
    cases, weight = typical_cases(world, goods, items, str(need["month"].min()))
    engine = Engine.of(priced_for, cases, listed)
    if progress is not None:
        progress(0.2, phrase("pricing"))
    strategies = strategies_of(engine, weight, limited_in_hours(world))
    need = _decided(need, strategies, notes)
    problem = _problem(world, engine, need, strategies)
    if progress is not None:
        progress(0.5, phrase("planning the network"))
    try:
        plan = design(problem, gap, seconds)
    except NetworkClash as none:
        none.titles = {kind: bilingual(*title) for kind, title in BENCHES.items()} | {
            p.name: bilingual(
                *(world.book.text(f"provider.{p.name}.{lang}", p.name) for lang in ("en", "zh"))
            )
            for p in benches_of(world)
        }
        raise
    return RepairNetwork(scenario, engine, need, strategies, plan, tuple(notes))


def _decided(need: pd.DataFrame, strategies: Strategies, notes: list[Phrase]) -> pd.DataFrame:
    """The demand of cells that the seller decides; what is left out is added to the notes."""
    left = ~cell_label(need).isin(set(cell_label(strategies.table)))
    out = need[left & (need["units"] > 0)]
    if len(out):
        notes.append(
            phrase(
                "{units:,.0f} units of {cells:,} markets, classes and needs are left out: there the platform"
                " or the buyer decides",
                units=out["units"].sum(),
                cells=out.groupby(CELL).ngroups,
            )
        )
    if left.all() or not need.loc[~left, "units"].sum() > 0:
        raise InputError(
            [
                Problem(
                    phrase("network"),
                    None,
                    "",
                    "",
                    phrase("there is nothing to plan: no units that the seller decides on"),
                    phrase("Give a demand above 0 for a market and class that are sold."),
                )
            ]
        )
    return need[~left].reset_index(drop=True)


def _problem(world: World, engine: Engine, demand: pd.DataFrame, strategies: Strategies) -> NetworkProblem:
    ways = strategies.table
    providers = provider_terms(world)
    need = demand.assign(cell=cell_label(demand))
    lanes = [
        lane_name(p, m) if p and batch_of(world, p, m) else ""
        for p, m in zip(ways["provider"], ways["market"])
    ]
    actions = pd.DataFrame(
        {
            "cell": cell_label(ways),
            "action": action_label(ways),
            "unit_cost": ways["unit_cost"],
            "provider": ways["provider"],
            "days": ways["days"],
            "claim_risk": ways["claim_risk"],
            "capacity_use": ways["capacity_use"],
            "lane": lanes,
            "fee": ways["fee"],
            "batch_use": ways["jobs"],
        }
    )
    rate = (1 + world.book.number("capital.rate_year")) ** (1 / 12) - 1
    return NetworkProblem(
        providers,
        need[["cell", "month", "units"]],
        actions,
        price_lists(world),
        batches(world, ways, _holding(engine, strategies)),
        limits_of(world),
        discount_rate=rate,
        whole_cells=world.book.flag("network.whole_cells"),
    )


def _holding(engine: Engine, strategies: Strategies) -> dict[tuple[str, str], float]:
    """Per provider and market, what a unit waiting for a month costs: the mean over the cells that could
    wait there."""
    per_case = np.zeros(len(engine.cases))
    for cell, rows in engine.cells:
        per_case[rows] = holding_per_month(engine.block(cell, rows))
    found: dict[tuple[str, str], list[float]] = {}
    for way, rows in zip(strategies.table.itertuples(index=False), strategies.rows):
        found.setdefault((way.provider, way.market), []).append(
            float(strategies.weight[rows] @ per_case[rows])
        )
    return {place: float(np.mean(costs)) for place, costs in found.items()}
