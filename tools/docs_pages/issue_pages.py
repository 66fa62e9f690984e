"""docs/issues/*.md: a page per family of issues with its ways out and a worked example under the base
case. `make docs` writes them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.domain.cases import CASE_COLUMNS
from optimizer.domain.names import ISSUES, UNDER_WAY_ISSUES, UNSHIPPED_ISSUES
from optimizer.i18n import Titles
from optimizer.inputs.scenario import Scenario
from optimizer.model.engine import Engine
from optimizer.model.lines import LINES
from optimizer.model.resolutions import RESOLUTION, RESOLUTIONS
from optimizer.model.rules import RULE, sentence
from optimizer.model.world import World
from optimizer.report.words.text import option_title
from tools.docs_pages.issue_families import FAMILIES, Family
from tools.docs_pages.pages import MADE, table

MOST_ROWS = 12
LINE_TITLES = {line.key: line.en for line in LINES}


def issue_pages(scenario: Scenario) -> dict[str, str]:
    """File name -> text of the page of every family, and an index."""
    world = World.of(scenario)
    index = table(
        ("family", "issues"),
        (
            (f"[{f.title}]({f.key}.md)", ", ".join(f"{ISSUES[i].en} ({ISSUES[i].zh})" for i in f.issues))
            for f in FAMILIES
        ),
    )
    return {
        "README.md": "\n".join(["# The issues, family by family", "", MADE, index]) + "\n",
        **{f"{f.key}.md": _page(f, scenario, world) for f in FAMILIES},
    }


def _page(family: Family, scenario: Scenario, world: World) -> str:
    text = [
        f"# {family.title}",
        "",
        MADE,
        "## What is weighed",
        "",
        family.story,
        "",
        "## What binds",
        "",
        family.limits,
        "",
    ]
    for issue in family.issues:
        text += [
            f"## {ISSUES[issue].en[0].upper()}{ISSUES[issue].en[1:]} · {ISSUES[issue].zh}",
            "",
            f"`{issue}`",
            "",
            _ways_out(issue),
            "",
            *_worked(issue, family, scenario, world),
            "",
        ]
    return "\n".join(text)


def _ways_out(issue: str) -> str:
    rows = [
        (
            f"{r.en} · {r.zh}",
            r.what,
            ", ".join(dict.fromkeys(LINE_TITLES[c.line] for c in r.costs)),
            ", ".join(RESOLUTION[f].en for f in r.fallbacks) or "-",
            r.seed,
        )
        for r in RESOLUTIONS
        if issue in r.issues
    ]
    return table(
        ("way out", "what is done", "costs", "what follows a refusal or failure", "source row"), rows
    )


def example_case(
    scenario: Scenario, world: World, issue: str, market: str, channel: str, product_class: str
) -> pd.DataFrame:
    """One ordinary case at the usual price of its class, a week after delivery (a warranty claim: 120
    days)."""
    m = world.markets[market]
    price = (
        scenario.book.number(f"class.{product_class}.price")
        * world.currencies[m.currency]
        * (1.0 + m.number("tax.rate") * m.number("tax.price_includes"))
    )
    day = pd.Timestamp("2026-10-15")
    shipped, delivered = issue not in UNSHIPPED_ISSUES, issue not in (*UNSHIPPED_ISSUES, *UNDER_WAY_ISSUES)
    arrived = day - pd.Timedelta(days=120 if issue == "warranty_claim" else 7)
    row = {c.name: c.default for c in CASE_COLUMNS} | {
        "case_id": "example",
        "market": market,
        "channel": channel,
        "product_class": product_class,
        "issue": issue,
        "item_price": round(price, 2),
        "currency": m.currency,
        "order_date": arrived - pd.Timedelta(days=6),
        "ship_date": pd.NaT,
        "case_date": day,
        "shipped": shipped,
        "delivered": delivered,
        "delivery_date": arrived if delivered else pd.NaT,
        "claim_open": issue == "a_to_z_claim",
        "stars": 1.0 if issue.startswith("negative") else np.nan,
        "condition": "sellable" if issue == "returned_goods" else "unknown",
        "actual_resolution": "",
        "actual_cost": np.nan,
    }
    return pd.DataFrame([row])


def _worked(issue: str, family: Family, scenario: Scenario, world: World) -> list[str]:
    """The options of one ordinary case, cheapest acceptable first, then what is refused and why."""
    market, channel, product_class = family.example
    engine = Engine.of(scenario, example_case(scenario, world, issue, market, channel, product_class))
    block = engine.price()[0]
    total, refused = block.total[0] / 100.0, ~block.acceptable[0]
    order = sorted(range(len(block.options)), key=lambda i: (refused[i], total[i], i))
    shown = [i for i in order if not refused[i]][:MOST_ROWS]
    seen: dict[str, int] = {}
    for i in (i for i in order if refused[i]):
        seen.setdefault(block.options[i].resolution, i)
    shown += list(seen.values())
    titles, currency = Titles(scenario, "en"), world.markets[market].currency
    rows = [
        (
            option_title(titles, *o.parts, currency),
            f"{total[i]:,.2f}",
            "; ".join(sentence(RULE[r], world, market, "en") for r in block.refused_by(0, i)) or "acceptable",
        )
        for i in shown
        for o in (block.options[i],)
    ]
    price = engine.cases["item_price"].iloc[0]
    head = (
        f"**Worked example** ({market}, {channel}, {scenario.book.text(f'class.{product_class}.en')} at"
        f" {price:g} {currency}; base case, cost in {world.reporting}"
    )
    who = engine.block(*engine.cells[0]).decided_by[0]
    return [
        f"{head}; decided by: {who.replace('_', ' ')}).",
        "",
        table(("way out", "expected cost", "acceptable?"), rows),
    ]
