"""A plan as tables that people read: one row per cell and way out, one row per provider."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from optimizer.errors import Infeasible
from optimizer.network.demand import CELL
from optimizer.network.labels import cell_label, cell_parts, way_label
from optimizer.network.plan import RepairNetwork
from optimizer.network.questions import Answers
from optimizer.solve import NetworkProblem, design

STRATEGY = [
    *CELL,
    "strategy",
    "provider",
    "resolution",
    "units",
    "unit_cost",
    "cost",
    "days",
    "utilisation",
    "runner_up",
    "break_even_units",
    "entry_price",
    "share",
    "runner_up_margin",
    "challenger",
]
FIXED = ("opening", "closing", "monthly_fees", "minimum_fees", "batches", "holding")
_SERVED = 1e-6  # units below which nobody is served


def provider_rows(network: RepairNetwork, answers: dict[str, Answers]) -> pd.DataFrame:
    """One row per provider that is used, open, given up, or could be: months, units, utilisation, money not
    discounted, and what it hangs on.

    `per_job`: it needs no opening, and its months are those it is used in. `jobs`: units that reach it, for
    some buyers decline. `utilisation` = capacity used / capacity there in its open months; NaN without
    capacity. `fixed_cost` = opening, closing, monthly and minimum fees; `variable_cost` = unit costs and
    price list. Batches stand with their lanes. `entry_price_more` and `entry_rent_own` say the entry price
    and rent in the provider's own `currency`: how much more each of its prices may be, and what a month may
    cost, in whole cents on the side where it is still worth having.
    """
    plan, world, rows = network.plan, network.engine.world, []
    money = plan.evaluation.money
    by = money.pivot_table(index="provider", columns="line", values="money", aggfunc="sum", fill_value=0.0)
    used, jobs = (_summed(network, column) for column in ("capacity_use", "batch_use"))
    for p in network.problem.providers.itertuples(index=False):
        is_open = plan.open[(plan.open["provider"] == p.provider) & plan.open["open"]]
        answer = answers.get(p.provider)
        per_job = p.provider in network.per_job
        if is_open.empty and answer is None and (per_job or not p.initially_open):
            continue
        lines = by.loc[p.provider] if p.provider in by.index else pd.Series(dtype=float)
        there = (
            sum(capacity_there(network.problem, p, set(is_open["month"])).values())
            if math.isfinite(p.capacity)
            else math.inf
        )
        months = is_open["month"].tolist()
        rows.append(
            {
                "provider": p.provider,
                "kind": p.kind,
                "market": world.providers[p.provider].market,
                "per_job": per_job,
                "monthly_cost": p.monthly_cost,
                "from_month": months[0] if months else "",
                "to_month": months[-1] if months else "",
                "open_months": len(months),
                "units": plan.units_of.get(p.provider, 0.0),
                "jobs": jobs.get(p.provider, 0.0),
                "utilisation": used.get(p.provider, 0.0) / there if 0 < there < math.inf else math.nan,
                "fixed_cost": float(sum(lines.get(line, 0.0) for line in FIXED)),
                "variable_cost": float(lines.get("unit_cost", 0.0) + lines.get("tier_prices", 0.0)),
                **_answered(answer),
                **_in_its_currency(network, answer, p),
                "payback_month": _payback(network, p.provider) if lines.get("opening", 0.0) > 0 else "",
            }
        )
    return pd.DataFrame(rows)


def _answered(a: Answers | None) -> dict[str, object]:
    nan = math.nan
    if a is None:
        return dict.fromkeys(
            (
                "price",
                "entry_price",
                "entry_price_not",
                "entry_rent",
                "entry_rent_not",
                "break_even_factor",
                "break_even_without",
                "break_even_with",
                "other_cost",
                "capacity_value",
            ),
            nan,
        ) | {"months_at_entry": nan}
    return {
        "price": a.price,
        "entry_price": a.entry_price.low,
        "entry_price_not": a.entry_price.high,
        "entry_rent": a.entry_rent.low,
        "entry_rent_not": a.entry_rent.high,
        "break_even_factor": a.break_even,
        "break_even_without": a.break_even_bracket.low,
        "break_even_with": a.break_even_bracket.high,
        "other_cost": a.other_cost,
        "capacity_value": a.capacity_value,
        "months_at_entry": a.months_at_entry or math.nan,
    }


def _in_its_currency(network: RepairNetwork, a: Answers | None, provider) -> dict[str, object]:
    """Entry price, as what it is more than today's, and entry rent in the currency that the provider's
    terms are in."""
    world = network.engine.world
    currency = world.providers[provider.provider].currency
    rate = world.rate(currency)

    def own(amount: float) -> float:
        return math.floor(round(amount / rate * 100, 4)) / 100 if math.isfinite(amount) else math.nan

    return {
        "currency": currency,
        "entry_price_more": own(a.entry_price.low - a.price) if a else math.nan,
        "entry_rent_own": own(a.entry_rent.low) if a else math.nan,
    }


def _summed(network: RepairNetwork, column: str) -> dict[str, float]:
    """Units × what each is of a column of the actions, by provider."""
    uses = network.problem.actions.set_index(["cell", "action"])[column].to_dict()
    f = network.plan.flows
    used = pd.Series(
        [units * uses[cell, action] for cell, action, units in zip(f["cell"], f["action"], f["units"])],
        dtype=float,
    )
    return used.groupby(f["provider"].to_numpy()).sum().to_dict()


def capacity_there(problem: NetworkProblem, provider, months: set) -> dict[object, float]:
    """Capacity of a provider in each month of the plan, the ramp counted; 0 where it is not among the
    months it is open."""
    there, was, age = {}, provider.initially_open, math.inf
    for month in problem.months:
        now = month in months
        if now and not was:
            age = 0
        there[month] = (
            (provider.ramp[int(age)] if age < len(provider.ramp) else 1.0) * provider.capacity if now else 0.0
        )
        age, was = age + 1, now
    return there


def _payback(network: RepairNetwork, provider: str) -> str:
    """The first month from which on the plan with it has cost no more, in sum, than the best plan without.

    Empty where it never does, where it has to be open, and where there is no plan without it.
    """
    limits = dict(network.problem.limits)
    if provider in limits.get("force_open", ()):
        return ""
    limits["force_closed"] = (*limits.get("force_closed", ()), provider)
    try:
        without = design(replace(network.problem, limits=limits), gap=1e-6)
    except Infeasible:
        return ""
    saved = np.cumsum([_of_month(without, m) - _of_month(network.plan, m) for m in network.problem.months])
    never_below = np.flatnonzero(np.minimum.accumulate(saved[::-1])[::-1] >= -1e-6)
    return str(network.problem.months[never_below[0]]) if never_below.size else ""


def _of_month(plan, month: object) -> float:
    money = plan.evaluation.money
    return float(money.loc[money["month"] == month, "money"].sum())


def strategy_rows(
    network: RepairNetwork, answers: dict[str, Answers], providers: pd.DataFrame
) -> pd.DataFrame:
    """One row per cell and way out that serves some of it, the way with most units first; money not
    discounted, per unit and in all.

    `runner_up` is the cheapest other way out at its unit cost among those whose provider needs no opening,
    `runner_up_margin` what it costs more per unit. `challenger` is the provider that `break_even_units` (a
    year, in this cell) and `entry_price` (of one job) speak of: the one that serves, else the one that would
    serve the cell at its entry price.
    """
    utilisation = dict(zip(providers["provider"], providers["utilisation"])) if len(providers) else {}
    years = len(network.problem.months) / 12
    kinds = dict(zip(network.problem.providers["provider"], network.problem.providers["kind"]))
    by_cell: dict[str, list] = {}
    for cell, way in zip(
        cell_label(network.strategies.table), network.strategies.table.sort_index().itertuples(index=False)
    ):
        by_cell.setdefault(cell, []).append(way)
    there = {""} | {str(p) for p in network.plan.open.loc[network.plan.open["open"], "provider"].unique()}
    served = network.flows.groupby(["cell", "resolution", "provider"], sort=False)["units"].sum()
    found = []
    for cell, its in _grouped(served).items():
        total, options = sum(its.values()), by_cell[cell]
        for (resolution, provider), units in sorted(its.items(), key=lambda way: -way[1]):
            if units < _SERVED:
                continue
            way = next(w for w in options if (w.resolution, w.provider) == (resolution, provider))
            following = min(
                (w for w in options if w is not way and w.provider in there),
                key=lambda w: w.unit_cost,
                default=None,
            )
            challenger = _challenger(cell, provider, answers)
            found.append(
                {
                    **dict(zip(CELL, cell_parts(cell))),
                    "strategy": kinds.get(provider) or resolution,
                    "provider": provider,
                    "resolution": resolution,
                    "units": units,
                    "unit_cost": way.unit_cost,
                    "cost": units * way.unit_cost,
                    "days": way.days,
                    "utilisation": utilisation.get(provider, math.nan),
                    "runner_up": (way_label(following.resolution, following.provider) if following else ""),
                    "break_even_units": challenger.break_even * total / years if challenger else math.nan,
                    "entry_price": _entry_in(options, challenger),
                    "share": units / total,
                    "runner_up_margin": following.unit_cost - way.unit_cost if following else math.nan,
                    "challenger": challenger.provider if challenger else "",
                }
            )
    return pd.DataFrame(found, columns=STRATEGY)


def _grouped(served: pd.Series) -> dict[str, dict[tuple[str, str], float]]:
    """Cell -> (resolution, provider) -> units."""
    found: dict[str, dict[tuple[str, str], float]] = {}
    for (cell, resolution, provider), units in served.items():
        found.setdefault(cell, {})[resolution, provider] = float(units)
    return found


def _challenger(cell: str, provider: str, answers: dict[str, Answers]) -> Answers | None:
    if provider in answers:
        return answers[provider]
    could = [a for a in answers.values() if not a.used and cell in a.serves]
    return min(could, key=lambda a: a.other_cost, default=None)


def _entry_in(options: list, challenger: Answers | None) -> float:
    """The entry price of the provider for the job of this cell: its price there and the change that its
    entry price is from the mean."""
    way = next((w for w in options if challenger and w.provider == challenger.provider), None)
    if way is None or not way.jobs > 0 or math.isnan(challenger.entry_price.low):
        return math.nan
    return max(0.0, way.fee / way.jobs + challenger.entry_price.low - challenger.price)
