"""What a plan of a network costs and whether it keeps every rule, worked out from its tables alone.

Shares no code with the program that finds plans: it walks through the months like a clerk with the contracts
on the desk.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from optimizer.solve.network.problem import NetworkProblem

_LINES = (
    "opening",
    "closing",
    "monthly_fees",
    "minimum_fees",
    "unit_cost",
    "tier_prices",
    "batches",
    "holding",
)
_ROUNDING = 1e-9  # share of a minimum fee below which nothing is short of it
TOLERANCE = 1e-6  # share of an amount by which a plan may overstep it for reasons of rounding


@dataclass(frozen=True, eq=False)
class NetworkEvaluation:
    """`money`: month, line, provider, money of the month and discounted; `broken`: sentences, empty where
    all is kept."""

    money: pd.DataFrame
    broken: list[str]

    @property
    def cost(self) -> float:
        return math.fsum(self.money["discounted"])

    @property
    def by_line(self) -> dict[str, float]:
        return {line: math.fsum(self.money.loc[self.money["line"] == line, "discounted"]) for line in _LINES}


def evaluate_network(
    problem: NetworkProblem, opened: pd.DataFrame, flows: pd.DataFrame, batches: pd.DataFrame
) -> NetworkEvaluation:
    """Recomputes money and rules of a plan from `open`, `flows` and `batches` of `design`."""
    clerk = _Clerk(problem)
    flows = flows[["cell", "month", "action", "provider", "units"]].merge(
        problem.actions, on=["cell", "action", "provider"], how="left", validate="m:1"
    )
    is_open = {(row.provider, row.month): bool(row.open) for row in opened.itertuples()}
    sums = (
        pd.DataFrame(
            {
                "provider": flows["provider"],
                "month": flows["month"],
                "units": flows["units"],
                "used": flows["units"] * flows["capacity_use"],
                "fees": flows["units"] * flows["fee"].fillna(flows["unit_cost"]),
            }
        )
        .groupby(["provider", "month"], sort=False)
        .sum()
    )
    its = dict(zip(sums.index, sums.itertuples(index=False)))
    for provider in problem.providers.itertuples(index=False):
        clerk.months_of(
            provider,
            [is_open[provider.provider, month] for month in problem.months],
            [its.get((provider.provider, month), _NOTHING) for month in problem.months],
        )
    clerk.everybody_served(flows)
    clerk.unit_costs(flows)
    for lane in problem.lanes.itertuples(index=False):
        clerk.lane(lane, flows, batches[batches["lane"] == lane.lane])
    clerk.limits(flows, is_open)
    money = pd.DataFrame(clerk.money, columns=["month", "line", "provider", "money", "discounted"])
    return NetworkEvaluation(money, clerk.broken)


class _Sums(NamedTuple):
    """What a provider does in a month: units, capacity used, what it bills without its price list."""

    units: float
    used: float
    fees: float


_NOTHING = _Sums(0.0, 0.0, 0.0)


class _Clerk:
    def __init__(self, problem: NetworkProblem):
        self.problem, self.months = problem, list(problem.months)
        self.money: list[tuple[object, str, str, float, float]] = []
        self.broken: list[str] = []
        self.starts: list[tuple[str, float]] = []
        self.tiers = {name: its.sort_values("from_units") for name, its in problem.tiers.groupby("provider")}
        self.counts = {month: (1.0 + problem.discount_rate) ** -n for n, month in enumerate(self.months)}

    def pay(self, month: object, line: str, provider: str, amount: float) -> None:
        if amount:
            self.money.append((month, line, provider, amount, amount * self.counts[month]))

    def most(self, what: str, used: float, amount: float) -> None:
        if used > amount + TOLERANCE * max(1.0, abs(amount)):
            self.broken.append(f"{what}: {used:.9g} is more than {amount:.9g}")

    def months_of(self, provider, is_open: list[bool], flows: list[_Sums]) -> None:
        """Opening, closing, fees, capacity with ramp, commitment and bill of one provider, month by month."""
        name, was, age, bound_for = provider.provider, bool(provider.initially_open), math.inf, 0
        for month, now, here in zip(self.months, is_open, flows):
            units = float(here.units)
            if now and not was:
                self.pay(month, "opening", name, provider.open_cost)
                self.starts.append((name, provider.open_cost))
                age, bound_for = 0, int(provider.contract_months)
            if was and not now:
                self.pay(month, "closing", name, provider.close_cost)
                if bound_for > 0:
                    self.broken.append(
                        f"{name} closes in {month}, {bound_for} months before its contract ends"
                    )
            if not now:
                self.most(f"units at {name} in {month}, which is closed", units, 0.0)
            else:
                ramp = provider.ramp[int(age)] if age < len(provider.ramp) else 1.0
                self.most(
                    f"capacity of {name} in {month}",
                    float(here.used),
                    provider.capacity * ramp if ramp else 0.0,
                )
                self.pay(month, "monthly_fees", name, provider.monthly_cost)
                self._commitment(provider, month, units, ramp)
                self._bill(provider, month, units, float(here.fees))
                age, bound_for = age + 1, bound_for - 1
            was = now

    def _commitment(self, provider, month: object, units: float, ramp: float) -> None:
        if provider.min_units <= 0:
            return
        uses = self.problem.actions.loc[self.problem.actions["provider"] == provider.provider, "capacity_use"]
        there = (
            provider.capacity * ramp / uses.min()
            if len(uses) and uses.min() > 0 and ramp
            else math.inf
            if ramp
            else 0.0
        )
        self.most(
            f"commitment to {provider.provider} in {month}", min(provider.min_units, there) - units, 0.0
        )

    def _bill(self, provider, month: object, units: float, fees: float) -> None:
        tiers = self.tiers.get(provider.provider, self.problem.tiers.iloc[:0])
        extra, starts, prices = 0.0, [0.0, *tiers["from_units"]], [0.0, *tiers["unit_price"]]
        if len(tiers) and tiers["kind"].iloc[0] == "incremental":
            for start, price, end in zip(starts, prices, [*starts[1:], math.inf]):
                extra += price * max(0.0, min(units, end) - start)
        elif len(tiers):
            reached = [p for s, p in zip(starts, prices) if s <= units * (1 + TOLERANCE)]
            extra = reached[-1] * units
            if (
                len(reached) > 1
                and abs(units - starts[len(reached) - 1]) <= TOLERANCE * max(1.0, units)
                and starts[len(reached) - 1] > 0
            ):
                extra = (
                    min(reached[-1], reached[-2]) * units
                )  # exactly at the threshold the cheaper price holds
        self.pay(month, "tier_prices", provider.provider, extra)
        if provider.minimum_fee > 0:
            short = provider.minimum_fee - fees - extra
            self.pay(
                month,
                "minimum_fees",
                provider.provider,
                short if short > _ROUNDING * provider.minimum_fee else 0.0,
            )

    def everybody_served(self, flows: pd.DataFrame) -> None:
        served = flows.groupby(["cell", "month"])["units"].sum().to_dict()
        if len(flows) and flows["units"].min() < 0:
            self.broken.append(f"{flows['units'].min():.9g} units flow")
        for row in self.problem.demand.itertuples():
            there = float(served.get((row.cell, row.month), 0.0))
            if abs(there - row.units) > TOLERANCE * max(1.0, row.units):
                self.broken.append(
                    f"{row.cell} in {row.month}: {there:.9g} of {row.units:.9g} units are served"
                )
        if self.problem.whole_cells and len(flows):
            several = flows.groupby(["cell", "month"]).size()
            self.broken += [
                f"{cell} in {month} is served by several actions"
                for cell, month in several.index[several > 1]
            ]

    def unit_costs(self, flows: pd.DataFrame) -> None:
        paid = (flows["units"] * flows["unit_cost"]).groupby([flows["month"], flows["provider"]]).sum()
        for (month, provider), amount in paid.items():
            self.pay(month, "unit_cost", provider, float(amount))

    def lane(self, lane, flows: pd.DataFrame, batches: pd.DataFrame) -> None:
        """First in, first out: what arrives waits, ships in whole batches, and nothing waits too long."""
        its = flows[flows["lane"] == lane.lane]
        by_month = batches.set_index("month")
        waiting: list[list[float]] = []  # month of arrival, units
        for number, month in enumerate(self.months):
            waiting.append([number, float((its["units"] * its["batch_use"])[its["month"] == month].sum())])
            row = (
                by_month.loc[month]
                if month in by_month.index
                else {"batches": 0, "shipped": 0.0, "waiting": 0.0}
            )
            self.most(
                f"lane {lane.lane} in {month}",
                float(row["shipped"]),
                row["batches"] * lane.batch_units if row["batches"] else 0.0,
            )
            left = float(row["shipped"])
            for arrived in waiting:
                gone = min(arrived[1], left)
                arrived[1], left = arrived[1] - gone, left - gone
            self.most(f"shipped on lane {lane.lane} in {month} without having arrived", left, 0.0)
            late = sum(u for arrived, u in waiting if number - arrived >= lane.longest_wait_months)
            self.most(f"waiting too long on lane {lane.lane} in {month}", late, 0.0)
            still = sum(u for _, u in waiting)
            self.most(
                f"waiting on lane {lane.lane} in {month}, against what the plan says",
                abs(still - float(row["waiting"])),
                0.0,
            )
            self.pay(month, "batches", "", row["batches"] * lane.batch_cost)
            self.pay(month, "holding", "", float(row["waiting"]) * lane.holding_cost)
        self.most(f"waiting on lane {lane.lane} after the last month", sum(u for _, u in waiting), 0.0)

    def limits(self, flows: pd.DataFrame, is_open: dict[tuple[str, object], bool]) -> None:
        limits, kinds = self.problem.limits, self.problem.providers.set_index("provider")["kind"]
        total = float(flows["units"].sum())
        if "average_days" in limits and total:
            self.most(
                "days on average",
                float((flows["units"] * flows["days"]).sum()) / total,
                limits["average_days"],
            )
        if "claims" in limits:
            self.most("claims", float((flows["units"] * flows["claim_risk"]).sum()), limits["claims"])
        if "opening_budget" in limits:
            self.most("opening budget", sum(cost for _, cost in self.starts), limits["opening_budget"])
        if "budget" in limits:
            self.most("budget", sum(discounted for *_, discounted in self.money), limits["budget"])
        for kind, most in limits.get("most_open", {}).items():
            for month in self.months:
                self.most(
                    f"open in {month} {kind}".strip(),
                    sum(is_open[p, month] for p in kinds.index if kind in ("", kinds[p])),
                    most,
                )
        for name in limits.get("force_open", ()):
            self.broken += [
                f"{name} is closed in {month}" for month in self.months if not is_open[name, month]
            ]
        for name in limits.get("force_closed", ()):
            self.broken += [f"{name} is open in {month}" for month in self.months if is_open[name, month]]
