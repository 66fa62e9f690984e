"""A repair network in some thirty lines, as the terminal shows it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from optimizer.answer.network import NetworkReport
from optimizer.domain.names import BENCHES, NEEDS
from optimizer.errors import Translate
from optimizer.i18n import Titles, translator
from optimizer.network.demand import CELL
from optimizer.phrases import phrase, say_again
from optimizer.report.words.text import money, padded, resolution_title, trail_lines

WIDTH = 22
HALF_CENT = 0.005  # what is below it reads 0.00
_PROVEN = 1e-6  # gap up to which the plan is the one that the answers speak of
LINE_TITLES = {
    "opening": phrase("opening"),
    "closing": phrase("closing"),
    "monthly_fees": phrase("monthly costs"),
    "minimum_fees": phrase("short of minimum fees"),
    "unit_cost": phrase("ways out, per unit"),
    "tier_prices": phrase("price lists"),
    "batches": phrase("batches and trips"),
    "holding": phrase("waiting for them"),
}


def network_text(report: NetworkReport, lang: str = "en") -> str:
    """The plan in some thirty lines."""
    t, n, plan = translator(lang), report.network, report.network.plan
    titles, months = Titles(n.scenario, lang), n.problem.months
    title = n.scenario.title.get(lang, n.scenario.title.get("en", ""))
    served = report.strategies.groupby(["need", "strategy"])["units"].sum().sort_values(ascending=False)
    lines = [
        t("{name}: {title}").format(name=n.scenario.name, title=title) if title else n.scenario.name,
        *(f"  {line}" for line in trail_lines(n.scenario, lang)),
        *(t("note: {text}").format(text=say_again(note, t)) for note in n.notes),
        "",
        t("{units:,.0f} units of {cells:,} markets, classes and needs from {first} to {last}").format(
            units=n.demand["units"].sum(),
            cells=n.demand.groupby(CELL).ngroups,
            first=months[0],
            last=months[-1],
        ),
        padded(t("Cost of the network"), WIDTH)
        + (
            t("{cost}, discounted to {first}")
            if plan.cost >= 0
            else t("{cost}, discounted to {first}: goods that came back earn more than all else costs")
        ).format(cost=money(plan.cost, n.currency), first=months[0]),
        padded(t("Without any bench"), WIDTH) + _without_benches(report, t),
        padded(t("Proof"), WIDTH)
        + t("no plan costs less than {bound}; gap {gap}, {share:.4%} of it").format(
            bound=money(plan.bound, n.currency), gap=money(plan.cost - plan.bound), share=plan.gap
        ),
        *(
            f"  {money(amount):>18}  {t(LINE_TITLES[line])}"
            for line, amount in plan.by_line.items()
            if round(amount, 2)
        ),
        "",
        t("As paid, not discounted"),
        *(f"  {money(amount):>18}  {said}" for said, amount in _as_paid(report, lang)),
        "",
        *(
            [t("Limits"), *(f"  {line}" for line in limits), ""]
            if (limits := _limit_lines(report, t))
            else []
        ),
        t("Who is open"),
        *(f"  {line}" for line in _open_lines(report, titles)),
        "",
        *(
            [t("Paid per job, without being opened"), *(f"  {line}" for line in its), ""]
            if (its := _per_job_lines(report, titles))
            else []
        ),
        t("What happens to the units"),
        *(
            f"  {count:>10,.0f}  "
            + t("{need}: {strategy}").format(
                need=getattr(NEEDS[need], lang), strategy=strategy_title(strategy, lang)
            )
            for (need, strategy), count in served.items()
        ),
    ]
    if report.asked:
        lines += [
            "",
            t("Networks that cost at most 2 % more"),
            *(
                [
                    t(
                        "The plan was stopped before it was proven; these are measured from the cheapest plan"
                        " instead"
                    )
                ]
                if plan.gap > _PROVEN
                else []
            ),
            *(f"  {line}" for line in alternative_lines(report, titles) or [t("none")]),
        ]
    else:
        lines += [
            "",
            t(
                "With --out DIR: entry prices, break-even volumes, the runner-up of every class, and the"
                " files."
            ),
        ]
    return "\n".join(lines)


def _without_benches(report: NetworkReport, t: Translate) -> str:
    """What the best network without any provider costs, and so what all of them are worth."""
    n = report.network
    if math.isinf(n.cost_without_benches):
        return t("no network without them keeps the limits")
    saved = n.cost_without_benches - n.plan.cost
    said = (
        t("{cost}: the benches save {saved}")
        if saved > -HALF_CENT
        else t("{cost}: the benches that have to be open cost {more} more")
    )
    return said.format(
        cost=money(n.cost_without_benches, n.currency), saved=money(abs(saved)), more=money(-saved)
    )


LIMIT_TITLES = {
    "average_days": phrase("days on average"),
    "claims": phrase("expected order defects"),
    "opening_budget": phrase("money for opening"),
}


def _limit_lines(report: NetworkReport, t: Translate) -> list[str]:
    """What the plan uses of the limits over the whole network."""
    return [
        t("{limit}: {used:,.5g} of {amount:,.5g}").format(
            limit=t(LIMIT_TITLES[name]), used=used, amount=amount
        )
        for name, (used, amount) in report.limits.items()
    ]


def _as_paid(report: NetworkReport, lang: str) -> Iterator[tuple[str, float]]:
    """What each need's units cost, what is paid beside them, and the sum."""
    t, money_ = translator(lang), report.network.plan.evaluation.money
    rows = report.strategies
    for need, cost in rows.groupby("need", sort=False)["cost"].sum().items():
        yield t("{need}: the units").format(need=getattr(NEEDS[need], lang)), float(cost)
    beside = float(money_.loc[money_["line"] != "unit_cost", "money"].sum())
    if round(beside, 2):
        yield t("fixed costs, price lists, batches"), beside
    yield t("together"), float(money_["money"].sum())


def strategy_title(strategy: str, lang: str) -> str:
    """A strategy: a kind of provider, or a way out that needs no bench."""
    return getattr(BENCHES[strategy], lang) if strategy in BENCHES else resolution_title(strategy, lang)


def _open_lines(report: NetworkReport, titles: Titles) -> list[str]:
    """Providers that are opened, kept or given up, with what they do."""
    t, count = translator(titles.lang), len(report.network.problem.months)
    was_open = report.network.problem.providers.set_index("provider")["initially_open"]
    lines, given_up = [], []
    for r in (r for r in report.providers.to_dict("records") if not r["per_job"]):
        named = titles.provider(r["provider"])
        if r["open_months"] == 0:
            if was_open[r["provider"]]:
                given_up.append(named + _fixed(r, t))
            continue
        said = t("{provider}: {months} of {count} months, {units:,.0f} units").format(
            provider=named, months=r["open_months"], count=count, units=r["units"]
        )
        if round(r["jobs"] - r["units"]):
            said += t(", of which {jobs:,.0f} reach it").format(jobs=r["jobs"])
        if not math.isnan(r["utilisation"]):
            said += t(", {share:.0%} of its capacity").format(share=r["utilisation"])
        said += _fixed(r, t)
        if was_open[r["provider"]] and r["open_months"] < count:
            said += t(", then given up")
        lines.append(said)
    if given_up:
        lines.append(
            t("given up at once: {providers}").format(
                providers=("、" if titles.lang == "zh" else "; ").join(given_up)
            )
        )
    return lines or [t("nobody: every way out is one that needs no bench, or one that is paid per job")]


def _fixed(row: dict, t: Translate) -> str:
    return t(", fixed {fixed}").format(fixed=money(row["fixed_cost"])) if round(row["fixed_cost"], 2) else ""


def _per_job_lines(report: NetworkReport, titles: Titles) -> list[str]:
    t, count = translator(titles.lang), len(report.network.problem.months)
    return [
        t("{provider}: in {months} of {count} months, {units:,.0f} units").format(
            provider=titles.provider(r["provider"]), months=r["open_months"], count=count, units=r["units"]
        )
        for r in report.providers.to_dict("records")
        if r["per_job"] and r["open_months"]
    ]


def alternative_lines(report: NetworkReport, titles: Titles) -> list[str]:
    """Other networks within 2 %, the nearest first."""
    t = translator(titles.lang)
    with_it, without = (
        t("with {provider} open in all months: {more} more"),
        t("without {provider}: {more} more"),
    )
    return [
        (with_it if added else without).format(
            provider=titles.provider(p), more=money(more, report.network.currency)
        )
        for p, added, more in report.alternatives
    ]
