"""Cases under a plan: who is open, what a case costs at the margin, the plan's capacities as limits, and the
fixed cost beside them.

What is paid whatever a case is decided (rent, fees, batches, waiting) never stands in a case: a sunk rent
must not empty a bench that is paid for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from optimizer.domain.assumption import Assumption, Book
from optimizer.domain.calendar import DAYS_PER_MONTH
from optimizer.inputs.limits import LimitDeclaration
from optimizer.inputs.scenario import Scenario
from optimizer.network.plan import RepairNetwork
from optimizer.network.rows import FIXED, capacity_there
from optimizer.network.terms import batch_of, lane_name
from optimizer.phrases import phrase

FAMILY = "provider_capacity"
SOURCE = phrase("plan of the repair network")


@dataclass(frozen=True, eq=False)
class OnPlan:
    """A scenario as its network plan leaves it: `scenario` prices the cases, `fixed` is paid beside them
    in the months they cover."""

    network: RepairNetwork
    scenario: Scenario
    months: tuple[str, ...]  # months of the plan that the cases fall in
    fixed: dict[str, float]  # line -> money of these months, not discounted

    @property
    def fixed_cost(self) -> float:
        return math.fsum(self.fixed.values())


def on_plan(network: RepairNetwork, case_months: Iterable[str]) -> OnPlan:
    """The scenario on the plan for cases of these months; a month outside the plan is taken as the plan's
    first."""
    of = {
        month: month if month in network.problem.months else str(network.problem.months[0])
        for month in sorted(set(case_months))
    }
    months = tuple(sorted(set(of.values())))
    opened = network.plan.open
    used = {str(p) for p in opened.loc[opened["open"] & opened["month"].isin(months), "provider"]} | (
        network.per_job - _without_batches(network, months)
    )
    scenario = network.scenario
    changes = {
        f"provider.{p}.open": {
            "to": float(p in used),
            "because": phrase("open") if p in used else phrase("closed"),
        }
        for p in network.problem.providers["provider"]
        if (p in used) != scenario.book.flag(f"provider.{p}.open")
    }
    scenario = scenario.with_changes(changes, SOURCE) if changes else scenario
    book = Book([*scenario.book.values(), *_rates(network, months)])
    limits = [*scenario.limits, *_capacities(network, of, scenario.limits)]
    money = network.plan.evaluation.money
    its = money[money["month"].isin(months)]
    fixed = {line: math.fsum(its.loc[its["line"] == line, "money"]) for line in FIXED}
    return OnPlan(network, replace(scenario, book=book, limits=tuple(limits), basis="plan"), months, fixed)


def _without_batches(network: RepairNetwork, months: tuple[str, ...]) -> set[str]:
    """Providers whose every unit waits for a batch or trip, and to whom the plan sends none in these
    months: nothing is paid that a case could join."""
    lanes = _lanes(network)
    return {provider for provider, _ in lanes} - {
        provider for provider, market in lanes if _sends(network, months, provider, market)
    }


def _lanes(network: RepairNetwork) -> list[tuple[str, str]]:
    """Provider and market of every batch or trip."""
    pairs = network.strategies.table[["provider", "market"]].drop_duplicates().itertuples(index=False)
    return [
        (provider, market)
        for provider, market in pairs
        if provider and batch_of(network.engine.world, provider, market)
    ]


def _sends(network: RepairNetwork, months: tuple[str, ...], provider: str, market: str) -> bool:
    """Does the plan use this batch or trip in these months?"""
    f = network.flows
    return bool(
        (
            (f["provider"] == provider) & (f["market"] == market) & f["month"].isin(months) & (f["units"] > 0)
        ).any()
    )


def _rates(network: RepairNetwork, months: tuple[str, ...]) -> Iterable[Assumption]:
    """Rows of channel_rates with basis plan: the price list at the plan's volume per job, and the mean
    waiting for a batch."""
    world, plan = network.engine.world, network.plan
    jobs = network.problem.actions.set_index(["cell", "action"])["batch_use"].to_dict()
    flows = network.flows[network.flows["month"].isin(months) & (network.flows["provider"] != "")]
    count = pd.Series(
        [u * jobs[c, a] for c, a, u in zip(flows["cell"], flows["action"], flows["units"])],
        flows.index,
        dtype=float,
    )
    money = plan.evaluation.money[plan.evaluation.money["month"].isin(months)]
    priced = money[money["line"] == "tier_prices"].groupby("provider")["money"].sum()

    def rate(provider: str, market: str, what: str, value: float, unit: str) -> Assumption:
        title = f"{provider} {market}: {what}"
        return Assumption(
            f"rate.{provider}.{market}.*.plan.{what}",
            value,
            unit,
            None,
            None,
            SOURCE,
            months[0] + "-01",
            "9999-12-31",
            "my-estimate",
            title,
            title,
        )

    for provider, amount in priced.items():
        its = count[flows["provider"] == provider].sum()
        if its > 0:
            yield rate(
                provider,
                "*",
                "fixed_cost_per_case",
                amount / its / world.rate(world.providers[provider].currency),
                "provider_amount",
            )
    batches = plan.batches[plan.batches["month"].isin(months)]
    for provider, market in _lanes(network):
        its = batches[batches["lane"] == lane_name(provider, market)]
        shipped = its["shipped"].sum()
        yield rate(
            provider,
            market,
            "waiting_days",
            DAYS_PER_MONTH * its["waiting"].sum() / shipped if shipped > 0 else 0.0,
            "days",
        )
        if not _sends(network, months, provider, market):  # the first unit would pay for a batch of its own
            yield rate(
                provider,
                market,
                "fixed_cost_per_case",
                world.book.number(f"{batch_of(world, provider, market)}.batch_cost"),
                "provider_amount",
            )


def _capacities(
    network: RepairNetwork, of: dict[str, str], declared: Iterable[LimitDeclaration]
) -> Iterable[LimitDeclaration]:
    """A limit per provider with a capacity and month of the cases, unless the scenario limits the provider
    itself."""
    own = {d.of("provider") for d in declared if d.family == FAMILY}
    opened = network.plan.open[network.plan.open["open"]]
    for p in network.problem.providers.itertuples(index=False):
        if not math.isfinite(p.capacity) or p.provider in own:
            continue
        hours = f"terms.{p.provider}.capacity_hours" in network.scenario.book
        is_open = set(opened.loc[opened["provider"] == p.provider, "month"])
        there = capacity_there(network.problem, p, is_open)
        for case_month, month in of.items():
            if month in is_open:
                yield LimitDeclaration(
                    FAMILY,
                    (p.provider, case_month),
                    there[month],
                    phrase("capacity in the plan of the repair network"),
                    "hours" if hours else "units",
                    file=SOURCE,
                    required=False,
                )
