"""A rule reads the numbers and the facts of a case that it declares, all of them and no others: explanations
print what it declares, and the policy table probes it."""

from __future__ import annotations

import fnmatch
import re
from collections import defaultdict
from dataclasses import fields, replace

import pandas as pd
import pytest
from hand_world import HandWorld

from optimizer.domain.assumption import Book
from optimizer.domain.names import CHANNELS, ISSUES
from optimizer.model.block import Block, Columns
from optimizer.model.declare import MARKET, Rule
from optimizer.model.engine import Engine
from optimizer.model.lanes import Lane
from optimizer.model.options import options_of
from optimizer.model.products import Products
from optimizer.model.rules import RULES
from optimizer.model.world import Entitlement, Market, Provider, World
from optimizer.pipeline import load_scenario

MARKETS = ("US", "DE", "GB", "FR", "AU")  # every region with laws of its own, every number of a platform
SETTINGS = ("provider.de_warehouse.open=0",)
# Every amount in a foreign currency reads a rate, and so do all options of a provider its kind and place.
EVERYWHERE = re.compile(r"fx\.|reporting\.|provider\..*\.(kind|market|currency)$")
# What a rule declares to read -> what its function may then ask of a case or its product, its own mark first.
FACTS = {
    "age": ("age_days",),
    "order_date": ("order_day",),
    "window": ("case_day", "order_day", "age_days", "class_index"),
    "class": ("class_index",),
    "weight": ("weight_kg", "volume_cm3", "quantity"),
    "stock": ("stock_on_hand", "quantity"),
    **{
        fact: (fact,)
        for fact in ("shipped", "delivered", "price", "quantity", "battery", "condition", "claim_open")
    },
    **{fact: (fact,) for fact in ("prior_claims", "safety", "fault")},
}
SEEN: set[str] = set()  # keys of numbers, and facts of cases and products, asked for since it was cleared


def watching(kind: type, names: dict[str, str]) -> type:
    """A class whose instances note what is asked of them; `names` says under which name."""

    class Watching(kind):
        def __getattribute__(self, name):
            if name in names:
                SEEN.add(names[name].format(self=self))
            return super().__getattribute__(name)

    return Watching


class WatchedBook(Book):
    """Notes the keys of the numbers asked for."""

    def number(self, key, default=None):
        SEEN.add(key)
        return super().number(key, default)

    def text(self, key, default=None):
        SEEN.add(key)
        return super().text(key, default)

    def __contains__(self, key):
        SEEN.add(key)
        return super().__contains__(key)

    def __getitem__(self, key):
        SEEN.add(key)
        return super().__getitem__(key)


WatchedColumns = watching(Columns, {name: name for name in Columns._fields if name != "product"})
WatchedProducts = watching(Products, {f.name: f.name for f in fields(Products)})
WatchedBlock = watching(Block, {"quantity": "quantity"})
WatchedEntitlement = watching(Entitlement, {"share": "entitlement.share"})
WatchedMarket = watching(Market, {"region": "{self.name}.region"})


class WatchedProvider(
    watching(Provider, {x: f"provider.{{self.name}}.{x}" for x in ("open", "classes", "kind", "market")})
):
    """Notes its numbers, too."""

    def __getitem__(self, what):
        SEEN.add(f"provider.{self.name}.{what}")
        return super().__getitem__(what)


class WatchedWorld(World):
    """Rows of entitlements note whether their share is asked for."""

    def entitlements(self, market, issue):
        before = set(SEEN)
        rows = [WatchedEntitlement(*row) for row in super().entitlements(market, issue)]
        SEEN.intersection_update(before)
        return rows


def watched_world() -> WatchedWorld:
    """The base scenario, a warehouse closed; providers, markets and lanes are compiled and watched."""
    scenario = load_scenario("base", SETTINGS)
    book = WatchedBook(scenario.book.values())
    world = WatchedWorld(
        replace(scenario, book=book), {m: WatchedMarket(book, m) for m in World.of(scenario).markets}
    )
    for name, market in world.markets.items():
        priced = dict.fromkeys(("divisor", "up_to_kg", "price", "per_kg"), f"{name}.lane.{{self.name}}.upto")
        kind = watching(Lane, {"days": f"{name}.lane.{{self.name}}.days", **priced})
        market.lanes = {k: kind(*(getattr(x, f.name) for f in fields(x))) for k, x in market.lanes.items()}
    for name, p in world.providers.items():
        world.providers[name] = WatchedProvider(*(getattr(p, f.name) for f in fields(p)))
    return world


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> dict[str, dict[str, set[str]]]:
    """Rule -> market -> keys and facts its function asks for, over all options of all cells in scope."""
    world, hand = watched_world(), HandWorld(tmp_path_factory.mktemp("asked"))
    hand.markets = {m: {"currency": world.book.text(f"{m}.currency")} for m in MARKETS}
    places = [(m, c, i) for m in MARKETS for c in CHANNELS for i in ISSUES]
    cases = pd.concat([hand.case("", i, 30.0, market=m, channel=c) for m, c, i in places], ignore_index=True)
    engine = Engine.of(world.scenario, cases)
    products = WatchedProducts(*(getattr(engine.products, f.name) for f in fields(Products)))
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for cell, rows in engine.cells:
        options = [*options_of(world, cell)]
        for rule in (r for r in RULES if r.in_scope(cell)):
            block = WatchedBlock(world, products, cell, WatchedColumns(*engine.columns.take(rows)))
            world.__dict__.pop("offer_table", None)  # compiled when it is first asked for
            SEEN.clear()
            for option in [*options, *([None] if rule.effect == "deadline" else [])]:
                rule.refuses(block, option)
            found[rule.id][cell.market] |= SEEN
    return found


def facts_of(seen: set[str]) -> set[str]:
    """What was asked of cases and products."""
    return seen & {*Columns._fields, *(f.name for f in fields(Products))}


def patterns(rule: Rule, market: str) -> list[str]:
    """Keys the rule declares, for a market; {provider} and the like stand for any."""
    return [re.sub(r"\{\w+\}", "*", key.replace(MARKET, market)) for key in rule.numbers.values()]


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_a_rule_reads_the_numbers_it_declares_and_no_others(asked, rule):
    undeclared, unread = set(), set(rule.numbers.values())
    for market, seen in asked[rule.id].items():
        keys = {k for k in seen - facts_of(seen) if not EVERYWHERE.match(k)}
        declared = dict(zip(rule.numbers.values(), patterns(rule, market)))
        undeclared |= {k for k in keys if not any(fnmatch.fnmatchcase(k, p) for p in declared.values())}
        unread -= {key for key, p in declared.items() if fnmatch.filter(keys, p)}
    assert sorted(undeclared) == [], f"{rule.id} reads numbers that its `numbers` do not declare"
    assert sorted(unread) == [], f"{rule.id} declares numbers that its function does not read"


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_a_rule_reads_the_facts_of_a_case_that_it_declares_and_no_others(asked, rule):
    seen = set().union(*map(facts_of, asked[rule.id].values()))
    may = {fact for what in rule.reads for fact in FACTS[what]}
    assert sorted(seen - may) == [], f"{rule.id} reads facts of a case that its `reads` do not declare"
    assert [what for what in rule.reads if FACTS[what][0] not in seen] == [], (
        f"{rule.id} declares facts of a case that its function does not read"
    )
