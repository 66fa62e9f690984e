"""A repair network as a page of sentences per market and class, and its files."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pandas as pd

from optimizer.answer.network import NetworkReport, market_rows
from optimizer.domain.names import NEEDS
from optimizer.errors import Translate
from optimizer.i18n import Titles, translator
from optimizer.network.labels import way_parts
from optimizer.report.files import write_csv, write_whole
from optimizer.report.network.text import HALF_CENT, network_text
from optimizer.report.words.text import money, resolution_title


def write_network(report: NetworkReport, folder: Path, lang: str = "en") -> list[Path]:
    """Write network.json, strategy.csv, providers.csv, money.csv, batches.csv, flows.parquet and
    network.md, all or none."""
    n = report.network
    flows = n.flows[
        ["cell", "market", "product_class", "need", "month", "resolution", "provider", "units", "cost"]
    ].astype({"month": str})
    return write_whole(
        folder,
        {
            "network.json": lambda p: p.write_text(
                json.dumps(report.summary, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
            ),
            **{name: partial(write_csv, table) for name, table in report.tables.items()},
            "flows.parquet": lambda p: flows.to_parquet(p, index=False),
            "network.md": lambda p: p.write_text(network_page(report, lang), encoding="utf-8"),
        },
    )


def network_page(report: NetworkReport, lang: str = "en") -> str:
    """The plan as a page: the summary, the markets at a glance, then per market its providers and one
    sentence per class and need."""
    t, n, titles = translator(lang), report.network, Titles(report.network.scenario, lang)
    page = [
        "# " + t("{name}: {title}").format(name=t("Repair network"), title=n.scenario.name),
        "",
        "```",
        network_text(report, lang),
        "```",
        "",
        "## " + t("Markets at a glance"),
        "",
        *_market_table(report, titles),
        "",
    ]
    for market, rows in report.strategies.groupby("market", sort=True):
        page += ["## " + titles.market(str(market)), ""]
        page += [f"* {line}" for line in provider_sentences(report, str(market), titles)]
        for place, sentence in cell_sentences(report, rows, titles):
            page.append(f"* **{place}**{'：' if lang == 'zh' else ': '}{sentence}")
        page.append("")
    return "\n".join(page)


def _market_table(report: NetworkReport, titles: Titles) -> list[str]:
    t = translator(titles.lang)
    head = [
        t("market"),
        t("need"),
        t("units"),
        t("money ({currency})").format(currency=report.network.currency),
        t("each"),
        t("days"),
        t("served by a bench"),
    ]
    lines = [
        [
            titles.market(r["market"]),
            getattr(NEEDS[r["need"]], titles.lang),
            f"{r['units']:,.0f}",
            money(r["cost"]),
            money(r["each"]),
            f"{r['days']:.1f}",
            f"{r['benched']:.1%}",
        ]
        for r in market_rows(report).to_dict("records")
    ]
    return ["| " + " | ".join(cells) + " |" for cells in (head, ["---", "---", *["---:"] * 5], *lines)]


def cell_sentences(report: NetworkReport, rows: pd.DataFrame, titles: Titles) -> Iterator[tuple[str, str]]:
    """Class and need of every cell of one market, and its sentence."""
    t, cells = translator(titles.lang), {}
    for row in rows.to_dict("records"):
        cells.setdefault((row["product_class"], row["need"]), []).append(row)
    for (product_class, need), its in cells.items():
        yield (
            t("{name}: {title}").format(
                name=titles.product_class(product_class), title=getattr(NEEDS[need], titles.lang)
            ),
            _cell_sentence(report, its, titles),
        )


def _cell_sentence(report: NetworkReport, rows: list[dict], titles: Titles) -> str:
    """What a class and need of a market gets, at what cost and in how many days, and what comes next."""
    t, currency = translator(titles.lang), report.network.currency
    parts = [
        (
            t("{units:,.0f} units: {way}, {cost} each, in a day")
            if round(r["days"]) == 1
            else t("{units:,.0f} units: {way}, {cost} each, {days:.0f} days")
        ).format(
            units=r["units"],
            way=way_title(titles, r["resolution"], r["provider"]),
            cost=money(r["unit_cost"], currency),
            days=r["days"],
        )
        for r in rows
    ]
    first = rows[0]
    if first["runner_up"]:
        parts.append(_next_best(first, len(rows) > 1, titles))
    for r in {r["challenger"]: r for r in reversed(rows)}.values():
        if not r["challenger"]:
            continue
        named = titles.provider(r["challenger"])
        if not math.isnan(r["entry_price"]):
            parts.append(
                t("{provider} begins to serve here below {price} a job").format(
                    provider=named, price=money(r["entry_price"], currency)
                )
            )
        if not math.isnan(r["break_even_units"]):
            parts.append(
                t(
                    "{provider} is worth having from {units:,.0f} units a year here, if all it could serve"
                    " grows alike"
                ).format(provider=named, units=r["break_even_units"])
            )
    return _sentence(parts, titles.lang)


def _next_best(row: dict, several: bool, titles: Titles) -> str:
    """The runner-up of a way out and its distance, or why it is not taken although it looks cheaper."""
    t, more = translator(titles.lang), row["runner_up_margin"]
    way, chosen = (
        way_title(titles, *way_parts(row["runner_up"])),
        way_title(titles, row["resolution"], row["provider"]),
    )
    if abs(more) < HALF_CENT:
        return t("next best: {way}, less than a cent more each").format(way=way)
    if more > 0:
        return (
            t("next best to {chosen}: {way}, {more} more each")
            if several
            else t("next best: {way}, {more} more each")
        ).format(chosen=chosen, way=way, more=money(more))
    if row["provider"]:
        return t(
            "{way} alone would be {less} less each, but the minimum fee of {provider} is due anyway"
        ).format(way=way, less=money(-more), provider=titles.provider(row["provider"]))
    return t(
        "{way} would be {less} less each, but has no room left, or for more units its fixed cost or minimum"
        " fee outweighs that"
    ).format(way=way, less=money(-more))


def _sentence(parts: list[str], lang: str) -> str:
    return "；".join(parts) + "。" if lang == "zh" else "; ".join(parts) + "."


def provider_sentences(report: NetworkReport, market: str, titles: Titles) -> list[str]:
    """What the providers of a market hang on."""
    t = translator(titles.lang)
    return [
        t("{name}: {title}").format(
            name=titles.provider(r["provider"]),
            title=_sentence(list(_provider_parts(report, r, t)), titles.lang),
        )
        for r in report.providers.to_dict("records")
        if r["market"] == market and r["provider"] in report.answers
    ]


def _provider_parts(report: NetworkReport, r: dict, t: Translate) -> Iterator[str]:
    n = report.network
    foreign, count = r["currency"] != n.currency, len(n.problem.months)
    yield t("used") if r["units"] > 0 else t("not used")
    if not math.isnan(r["entry_price"]):
        said = t("entry price {low} a job on average, at {high} no longer worth having (now {price})").format(
            low=money(r["entry_price"], n.currency), high=money(r["entry_price_not"]), price=money(r["price"])
        )
        change = (
            t("each of its prices {amount} more")
            if r["entry_price_more"] >= 0
            else t("each of its prices {amount} less")
        ).format(amount=money(abs(r["entry_price_more"]), r["currency"]))
        yield t("{said}, that is {change}").format(said=said, change=change)
    if not math.isnan(r["entry_rent"]):
        said = t("entry rent {low} a month, at {high} no longer worth having (now {rent})").format(
            low=money(r["entry_rent"], n.currency),
            high=money(r["entry_rent_not"]),
            rent=money(r["monthly_cost"]),
        )
        yield (
            t("{said}, in its currency {own} a month").format(
                said=said, own=money(r["entry_rent_own"], r["currency"])
            )
            if foreign
            else said
        )
    if r["months_at_entry"] > 0:
        yield t("at that limit it serves in {months:.0f} of {count} months").format(
            months=r["months_at_entry"], count=count
        )
    if math.isnan(r["entry_price"]) and math.isnan(r["entry_rent"]) and r["units"] == 0:
        terms = n.problem.providers.set_index("provider").loc[r["provider"]]
        opening = round(terms["open_cost"] + terms["close_cost"], 2) > 0
        yield (
            t(
                "would not be used even if its jobs and months were for nothing: opening and closing it would"
                " cost more than it saves"
            )
            if opening and not terms["initially_open"]
            else t("would not be used if its jobs and months were for nothing")
        )
    if not math.isnan(r["break_even_factor"]):
        yield t("break-even at {factor:.4g} times the volume, not yet at {without:.4g} times").format(
            factor=r["break_even_with"], without=r["break_even_without"]
        )
    if math.isfinite(r["other_cost"]):
        yield (
            t("without it the network costs {more} more")
            if r["units"] > 0
            else t("open in all months, the network costs {more} more")
        ).format(more=money(r["other_cost"], n.currency))
    if r["payback_month"]:
        yield t("paid back in {month}").format(month=r["payback_month"])
    if r["capacity_value"] == r["capacity_value"] and round(r["capacity_value"], 2):
        yield t("one more unit of capacity a month saves {value}").format(
            value=money(r["capacity_value"], n.currency)
        )


def way_title(titles: Titles, resolution: str, provider: str = "") -> str:
    """A way out and who does it."""
    t, title = translator(titles.lang), resolution_title(resolution, titles.lang)
    return (
        t("{way} ({provider})").format(way=title, provider=titles.provider(provider)) if provider else title
    )
