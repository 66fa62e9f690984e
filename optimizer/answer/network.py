"""A repair network with what it hangs on, as tables and as a summary."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version

import pandas as pd

from optimizer.network import RepairNetwork
from optimizer.network.questions import Answers
from optimizer.network.rows import provider_rows, strategy_rows

_NEAR = 0.02  # of the cost: other networks within it are named


@dataclass(frozen=True, eq=False)
class NetworkReport:
    """A network with what re-solving says about its providers, where that was asked."""

    network: RepairNetwork
    answers: dict[str, Answers]
    asked: bool
    seconds: dict[str, float]

    @cached_property
    def providers(self) -> pd.DataFrame:
        return provider_rows(self.network, self.answers)

    @cached_property
    def strategies(self) -> pd.DataFrame:
        return strategy_rows(self.network, self.answers, self.providers)

    @cached_property
    def limits(self) -> dict[str, tuple[float, float]]:
        """Use and amount of the limits over the whole network that are in force."""
        n = self.network
        f = n.plan.flows.merge(
            n.problem.actions[["cell", "action", "provider", "days", "claim_risk"]],
            on=["cell", "action", "provider"],
        )
        money = n.plan.evaluation.money
        used = {
            "average_days": float(f["units"] @ f["days"] / max(f["units"].sum(), 1e-9)),
            "claims": float(f["units"] @ f["claim_risk"]),
            "opening_budget": float(money.loc[money["line"] == "opening", "money"].sum()),
        }
        return {
            name: (amount, float(n.problem.limits[name]))
            for name, amount in used.items()
            if name in n.problem.limits
        }

    @cached_property
    def alternatives(self) -> list[tuple[str, bool, float]]:
        """Networks that cost at most 2 % more: provider, whether it would be with it, and how much more;
        the nearest first."""
        most = _NEAR * abs(self.network.plan.cost)
        return sorted(
            ((a.provider, not a.used, a.other_cost) for a in self.answers.values() if a.other_cost <= most),
            key=lambda a: a[2],
        )

    @cached_property
    def summary(self) -> dict[str, object]:
        """What network.json holds."""
        n, plan = self.network, self.network.plan
        return {
            "scenario": n.scenario.name,
            "currency": n.currency,
            "status": plan.status,
            "cost": plan.cost,
            "cost_as_paid": math.fsum(plan.evaluation.money["money"]),
            "cost_without_benches": _or_none(n.cost_without_benches),
            "bound": plan.bound,
            "gap": plan.gap,
            "gap_money": plan.cost - plan.bound,
            "months": [str(m) for m in n.problem.months],
            "discount_rate_per_month": n.problem.discount_rate,
            "by_line": plan.by_line,
            "opened": list(self._opened()),
            "demand": {need: float(units) for need, units in n.demand.groupby("need")["units"].sum().items()},
            "limits": {
                name: value if isinstance(value, (int, float, dict)) else list(value)
                for name, value in n.problem.limits.items()
            },
            "limits_used": {name: used for name, (used, _) in self.limits.items()},
            "alternatives": [
                {"provider": p, "with_it": with_it, "more": more} for p, with_it, more in self.alternatives
            ],
            "seconds": self.seconds,
            "versions": {name: version(name) for name in ("highspy", "numpy", "pandas")},
        }

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """What the CSV files hold, by their names; of the batches, the months in which any is sent or
        waits."""
        batches = self.network.plan.batches
        found = {
            "strategy.csv": self.strategies,
            "providers.csv": self.providers,
            "money.csv": self.network.plan.evaluation.money,
            "batches.csv": batches[(batches[["batches", "shipped", "waiting"]] != 0).any(axis=1)],
        }
        return {name: table.round(6) for name, table in found.items()}

    def _opened(self) -> Iterator[dict[str, str]]:
        """Spans of months in which a provider is open; who is paid per job and used is there all the time."""
        months = list(self.network.problem.months)
        markets = self.network.engine.world.providers
        for provider, rows in self.network.plan.open.groupby("provider", sort=False):
            is_open = rows["open"].tolist()
            if provider in self.network.per_job and any(is_open):
                is_open = [True] * len(is_open)
            starts = [t for t, now in enumerate(is_open) if now and not (t and is_open[t - 1])]
            ends = [
                t for t, now in enumerate(is_open) if now and not (t + 1 < len(is_open) and is_open[t + 1])
            ]
            for first, last in zip(starts, ends):
                yield {
                    "provider": str(provider),
                    "market": markets[provider].market,
                    "from_month": str(months[first]),
                    "to_month": str(months[last]),
                }


def _or_none(amount: float) -> float | None:
    return amount if math.isfinite(amount) else None


def market_rows(report: NetworkReport) -> pd.DataFrame:
    """Per market and need: units, their cost, the mean days, and the share of units that a bench serves;
    money not discounted."""
    rows = report.strategies.assign(
        day=lambda r: r["days"] * r["units"], benched=lambda r: r["units"].where(r["provider"] != "", 0.0)
    )
    found = (
        rows.groupby(["market", "need"], sort=True)[["units", "cost", "day", "benched"]].sum().reset_index()
    )
    return pd.DataFrame(
        {
            "market": found["market"],
            "need": found["need"],
            "units": found["units"],
            "cost": found["cost"],
            "each": found["cost"] / found["units"],
            "days": found["day"] / found["units"],
            "benched": found["benched"] / found["units"],
        }
    )
