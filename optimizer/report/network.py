"""A repair network as a person reads it: summary, a page of sentences per market and class, and its files."""
from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from optimizer.domain.names import NEEDS
from optimizer.i18n import Titles, translator
from optimizer.network import RepairNetwork
from optimizer.network.questions import Answers
from optimizer.network.rows import provider_rows, strategy_rows
from optimizer.phrases import phrase
from optimizer.report.files import write_csv, write_whole
from optimizer.report.text import money, padded, resolution_title, trail_lines

NEAR = 0.02             # of the cost: other networks within it are named
WIDTH = 22


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
    def alternatives(self) -> list[tuple[str, bool, float]]:
        """Networks that cost at most 2 % more: provider, whether it would be with it, and how much more; the nearest first."""
        most = NEAR * abs(self.network.plan.cost)
        return sorted(((a.provider, not a.used, a.other_cost) for a in self.answers.values() if a.other_cost <= most), key=lambda a: a[2])

    @cached_property
    def summary(self) -> dict[str, object]:
        """What network.json holds."""
        n, plan = self.network, self.network.plan
        return {"scenario": n.scenario.name, "currency": n.currency, "status": plan.status, "cost": plan.cost, "bound": plan.bound,
                "gap": plan.gap, "gap_money": plan.cost - plan.bound, "months": [str(m) for m in n.problem.months],
                "discount_rate_per_month": n.problem.discount_rate, "by_line": plan.by_line, "opened": list(self._opened()),
                "demand": {need: float(units) for need, units in n.demand.groupby("need")["units"].sum().items()},
                "limits": {name: value if isinstance(value, (int, float, dict)) else list(value) for name, value in n.problem.limits.items()},
                "alternatives": [{"provider": p, "with_it": with_it, "more": more} for p, with_it, more in self.alternatives],
                "seconds": self.seconds, "versions": {name: version(name) for name in ("highspy", "numpy", "pandas")}}

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """What the CSV files hold, by their names; batches only where there are lanes."""
        found = {"strategy.csv": self.strategies, "providers.csv": self.providers, "money.csv": self.network.plan.evaluation.money,
                 "batches.csv": self.network.plan.batches}
        return {name: table.round(6) for name, table in found.items() if name != "batches.csv" or len(table)}

    def _opened(self) -> Iterator[dict[str, str]]:
        """Spans of months in which a provider is open."""
        months = list(self.network.problem.months)
        markets = self.network.engine.world.providers
        for provider, rows in self.network.plan.open.groupby("provider", sort=False):
            is_open = rows["open"].tolist()
            starts = [t for t, now in enumerate(is_open) if now and not (t and is_open[t - 1])]
            ends = [t for t, now in enumerate(is_open) if now and not (t + 1 < len(is_open) and is_open[t + 1])]
            for first, last in zip(starts, ends):
                yield {"provider": str(provider), "market": markets[provider].market, "from_month": str(months[first]), "to_month": str(months[last])}


def write_network(report: NetworkReport, folder: Path, lang: str = "en") -> list[Path]:
    """Write network.json, strategy.csv, providers.csv, money.csv, flows.parquet and network.md, all or none."""
    n = report.network
    flows = n.flows[["cell", "market", "product_class", "need", "month", "resolution", "provider", "units", "cost"]].astype({"month": str})
    return write_whole(folder, {
        "network.json": lambda p: p.write_text(json.dumps(report.summary, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"),
        **{name: partial(write_csv, table) for name, table in report.tables.items()},
        "flows.parquet": lambda p: flows.to_parquet(p, index=False),
        "network.md": lambda p: p.write_text(network_page(report, lang), encoding="utf-8")})


LINE_TITLES = {"opening": phrase("opening"), "closing": phrase("closing"), "monthly_fees": phrase("monthly costs"), "minimum_fees": phrase("short of minimum fees"),
               "unit_cost": phrase("ways out, per unit"), "tier_prices": phrase("price lists"), "batches": phrase("batches and trips"), "holding": phrase("waiting for them")}


def network_text(report: NetworkReport, lang: str = "en") -> str:
    """The plan in some twenty lines."""
    t, n, plan = translator(lang), report.network, report.network.plan
    titles, months = Titles(n.scenario, lang), n.problem.months
    title = n.scenario.title.get(lang, n.scenario.title.get("en", ""))
    units = n.demand["units"].sum()
    served = report.strategies.groupby(["need", "strategy"])["units"].sum().sort_values(ascending=False)
    lines = [
        t("{name}: {title}").format(name=n.scenario.name, title=title) if title else n.scenario.name,
        *(f"  {line}" for line in trail_lines(n.scenario, lang)), "",
        t("{units:,.0f} units of {cells:,} markets, classes and needs from {first} to {last}").format(
            units=units, cells=n.demand.groupby(["market", "product_class", "need"]).ngroups, first=months[0], last=months[-1]),
        padded(t("Cost of the network"), WIDTH) + t("{cost}, discounted to {first}; below 0 goods that came back earn more than all else costs").format(
            cost=money(plan.cost, n.currency), first=months[0]),
        padded(t("Proof"), WIDTH) + t("no plan costs less than {bound}; gap {gap}, {share:.4%} of it").format(
            bound=money(plan.bound, n.currency), gap=money(plan.cost - plan.bound), share=plan.gap),
        *(f"  {money(amount):>18}  {t(LINE_TITLES[line])}" for line, amount in plan.by_line.items() if round(amount, 2)), "",
        t("Who is open"),
        *(f"  {line}" for line in _open_lines(report, titles)), "",
        t("How the units are served"),
        *(f"  {count:>10,.0f}  " + t("{need}: {strategy}").format(need=getattr(NEEDS[need], lang), strategy=strategy_title(strategy, lang))
          for (need, strategy), count in served.items())]
    if report.asked:
        lines += ["", t("Networks that cost at most 2 % more"), *(f"  {line}" for line in _alternative_lines(report, titles) or [t("none")])]
    else:
        lines += ["", t("With --out DIR: entry prices, break-even volumes, the runner-up of every class, and the files.")]
    return "\n".join(lines)


KIND_TITLES = {"china_factory": phrase("repair in China, one by one"), "china_batch": phrase("batches to China"), "visiting_technician": phrase("visiting technician"),
               "domestic_overseas": phrase("Chinese-run repair partner"), "local": phrase("local repair firm"), "self_built": phrase("own station"),
               "warehouse_bench": phrase("bench in the warehouse")}


def strategy_title(strategy: str, lang: str) -> str:
    """A strategy: a kind of provider, or a way out that needs no bench."""
    return translator(lang)(KIND_TITLES[strategy]) if strategy in KIND_TITLES else resolution_title(strategy, lang)


def _open_lines(report: NetworkReport, titles: Titles) -> list[str]:
    t, free = translator(titles.lang), report.network.problem.providers.set_index("provider")
    used = report.providers[report.providers["open_months"] > 0] if len(report.providers) else report.providers
    lines = []
    for r in used.itertuples():
        said = t("{provider}: {months} months, {units:,.0f} units").format(provider=titles.provider(r.provider), months=r.open_months, units=r.units)
        if not math.isnan(r.utilisation):
            said += t(", {share:.0%} of its capacity").format(share=r.utilisation)
        if round(r.fixed_cost, 2):
            said += t(", fixed {fixed}").format(fixed=money(r.fixed_cost))
        if free.at[r.provider, "initially_open"] and r.open_months < len(report.network.problem.months) and r.provider in report.answers:
            said += t(", then given up")
        lines.append(said)
    return lines or [t("nobody: every way out is one that needs no bench")]


def _alternative_lines(report: NetworkReport, titles: Titles) -> list[str]:
    t = translator(titles.lang)
    with_it, without = t("with {provider} all along: {more} more"), t("without {provider}: {more} more")
    return [(with_it if added else without).format(provider=titles.provider(p), more=money(more, report.network.currency)) for p, added, more in report.alternatives]


def network_page(report: NetworkReport, lang: str = "en") -> str:
    """The plan as a page: the summary, then per market its providers and one sentence per class and need."""
    t, n, titles = translator(lang), report.network, Titles(report.network.scenario, lang)
    page = ["# " + t("{name}: {title}").format(name=t("Repair network"), title=n.scenario.name), "", "```", network_text(report, lang), "```", ""]
    for market, rows in report.strategies.groupby("market", sort=True):
        page += ["## " + titles.market(str(market)), ""]
        page += [f"* {line}" for line in provider_sentences(report, str(market), titles)]
        for place, sentence in cell_sentences(report, rows, titles):
            page.append(f"* **{place}**{'：' if lang == 'zh' else ': '}{sentence}")
        page.append("")
    return "\n".join(page)


def cell_sentences(report: NetworkReport, rows: pd.DataFrame, titles: Titles) -> Iterator[tuple[str, str]]:
    """Class and need of every cell of one market, and its sentence."""
    t, cells = translator(titles.lang), {}
    for row in rows.to_dict("records"):
        cells.setdefault((row["product_class"], row["need"]), []).append(row)
    for (product_class, need), its in cells.items():
        yield t("{name}: {title}").format(name=titles.product_class(product_class), title=getattr(NEEDS[need], titles.lang)), _cell_sentence(report, its, titles)


def _cell_sentence(report: NetworkReport, rows: list[dict], titles: Titles) -> str:
    """What a class and need of a market gets, at what cost and in how many days, and what comes next."""
    t, currency = translator(titles.lang), report.network.currency
    parts = [t("{units:,.0f} units: {way}, {cost} each, {days:.0f} days").format(
        units=r["units"], way=way_title(r["resolution"], r["provider"], titles), cost=money(r["unit_cost"], currency), days=r["days"]) for r in rows]
    first = rows[0]
    if first["runner_up"]:
        way = way_title(*first["runner_up"].split("|"), titles)
        template = t("next best: {way}, {more} more each") if first["runner_up_margin"] >= 0 else t(
            "{way} alone would be {less} less each, but the minimum fee of {provider} is due anyway") if first["provider"] else t(
            "{way} would be {less} less each, but is used up or not worth its fixed cost for more units")
        parts.append(template.format(way=way, more=money(first["runner_up_margin"]), less=money(-first["runner_up_margin"]),
                                     provider=titles.provider(first["provider"])))
    for r in {r["challenger"]: r for r in reversed(rows)}.values():
        if not r["challenger"]:
            continue
        named = titles.provider(r["challenger"])
        if not math.isnan(r["entry_price"]):
            parts.append(t("{provider} is worth having up to {price} a job").format(provider=named, price=money(r["entry_price"])))
        if not math.isnan(r["break_even_units"]):
            parts.append(t("{provider} is worth having from {units:,.0f} units a year here, in the same proportion elsewhere").format(
                provider=named, units=r["break_even_units"]))
    return _sentence(parts, titles.lang)


def _sentence(parts: list[str], lang: str) -> str:
    return "；".join(parts) + "。" if lang == "zh" else "; ".join(parts) + "."


def way_title(resolution: str, provider: str, titles: Titles) -> str:
    """A way out and who does it."""
    t, title = translator(titles.lang), resolution_title(resolution, titles.lang)
    return t("{way} ({provider})").format(way=title, provider=titles.provider(provider)) if provider else title


def provider_sentences(report: NetworkReport, market: str, titles: Titles) -> list[str]:
    """What the providers of a market hang on."""
    t, found = translator(titles.lang), []
    its = report.providers[report.providers["market"] == market] if len(report.providers) else report.providers
    for r in its.itertuples():
        if r.provider not in report.answers:
            continue
        parts = [t("used") if r.units > 0 else t("not used")]
        if not math.isnan(r.entry_price):
            parts.append(t("worth having at {low} a job on average, no longer at {high} (now {price})").format(
                low=money(r.entry_price), high=money(r.entry_price_not), price=money(r.price)))
        if not math.isnan(r.entry_rent):
            parts.append(t("worth having at {low} a month, no longer at {high}").format(low=money(r.entry_rent), high=money(r.entry_rent_not)))
        if math.isnan(r.entry_price) and math.isnan(r.entry_rent) and r.units == 0:
            parts.append(t("would not be used if its jobs and months were for nothing"))
        if not math.isnan(r.break_even_factor):
            parts.append(t("worth having from {factor:.4f} times the volume, not yet at {without:.4f} times").format(
                factor=r.break_even_with, without=r.break_even_without))
        if math.isfinite(r.other_cost):
            parts.append((t("without it the network costs {more} more") if r.units > 0 else t("with it all along the network costs {more} more")).format(
                more=money(r.other_cost, report.network.currency)))
        if r.payback_month:
            parts.append(t("paid back in {month}").format(month=r.payback_month))
        if r.capacity_value == r.capacity_value and round(r.capacity_value, 2):
            parts.append(t("one more unit of capacity a month saves {value}").format(value=money(r.capacity_value)))
        found.append(t("{name}: {title}").format(name=titles.provider(r.provider), title=_sentence(parts, titles.lang)))
    return found
