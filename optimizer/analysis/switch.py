"""Switch points: how far a price or an assumption has to move before another option is the cheapest
acceptable one."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from optimizer.analysis.estimates import keys_read
from optimizer.domain.assumption import Book
from optimizer.inputs.scenario import Scenario
from optimizer.model.block import Block
from optimizer.model.engine import Engine
from optimizer.model.options import fallback_option
from optimizer.model.pricing import Pricer
from optimizer.model.products import build_products
from optimizer.model.world import World
from optimizer.solve.decide import UNDECIDED, decide

FINE = 2e-4  # width of the last bracket as a share of the usual range


class Switch(NamedTuple):
    """At `at` the choice changes to `option`; `key` is an assumption or 'item_price'."""

    key: str
    now: float
    at: float
    option: str


class Probe:
    """The choice of one case under changed numbers; what does not depend on a number is prepared once."""

    def __init__(self, engine: Engine, products: pd.DataFrame | None):
        self.engine, self.products = engine, products
        self.cell, self.rows = engine.cells[0]
        self.columns = engine.columns.take(self.rows)

    def best(self, scenario: Scenario) -> str:
        """Key of the cheapest acceptable option; empty where nothing is acceptable."""
        world = World.of(scenario, self.cell.market)
        block = Block(world, build_products(world, self.products), self.cell, self.columns)
        priced = Pricer(block).priced(np.zeros(1, np.int64))
        choice = decide([priced], 1).choice[0]
        return "" if choice <= UNDECIDED else priced.options[choice].key


def with_number(scenario: Scenario, key: str, value: float) -> Scenario:
    """The scenario with one number replaced, unchecked: a probe, not a setting."""
    return replace(scenario, book=scenario.book.changed(key, value, "probe"))


def price_switches(
    scenario: Scenario, case: pd.DataFrame, products: pd.DataFrame | None, span: float = 5.0
) -> list[Switch]:
    """Nearest prices below and above at which another option wins, to the cent, within price / span and
    price x span."""
    now = float(case["item_price"].iloc[0])

    def choices(prices: np.ndarray) -> np.ndarray:
        many = pd.concat([case] * len(prices), ignore_index=True)
        many["item_price"] = prices
        many["case_id"] = [f"probe {i}" for i in range(len(prices))]
        blocks = Engine.of(scenario, many, products).price()
        plan = decide(blocks, len(prices))
        return np.array(
            [blocks[k].options[c].key if c > UNDECIDED else "" for k, c in zip(plan.block, plan.choice)],
            object,
        )

    own = choices(np.array([now]))[0]
    found = []
    for end in (now / span, now * span):
        grid = np.unique(np.round(np.geomspace(now, end, 120), 2))
        grid = grid if end > now else grid[::-1]
        other = np.flatnonzero(choices(grid) != own)
        if not len(other):
            continue
        inside, outside = round(grid[max(other[0] - 1, 0)] * 100), round(grid[other[0]] * 100)
        cents = np.arange(min(inside, outside), max(inside, outside) + 1)
        cents = cents if end > now else cents[::-1]
        keys = choices(cents / 100.0)
        first = np.flatnonzero(keys != own)[0]
        found.append(Switch("item_price", now, cents[first] / 100.0, str(keys[first])))
    return found


def assumption_switches(
    scenario: Scenario, case: pd.DataFrame, products: pd.DataFrame | None, engine: Engine, options: list[str]
) -> list[Switch]:
    """Assumptions that the named options read and whose usual range holds a value at which another option
    wins.

    Sorted by how small a share of the usual range is needed.
    """
    probe = Probe(engine, products)
    own = probe.best(scenario)
    product_class = str(case["product_class"].iloc[0])
    found = []
    for key in _keys(scenario.book, engine, options, product_class):
        a = scenario.book[key]
        if a.is_text or a.usual is None or a.usual[0] == a.usual[1]:
            continue
        best = None
        for end in a.usual:
            if end == a.value:
                continue
            other = probe.best(with_number(scenario, key, end))
            if other == own:
                continue
            width = a.usual[1] - a.usual[0]
            switch = _bisect(probe, scenario, key, float(a.value), float(end), own, other, FINE * width)
            distance = abs(switch.at - a.value) / width
            if best is None or distance < best[0]:
                best = (distance, switch)
        if best:
            found.append(best)
    return [s for _, s in sorted(found, key=lambda f: (f[0], f[1].key))]


def _bisect(
    probe: Probe,
    scenario: Scenario,
    key: str,
    inside: float,
    outside: float,
    own: str,
    beyond: str,
    fine: float,
) -> Switch:
    now = inside
    while abs(outside - inside) > fine:
        middle = (inside + outside) / 2.0
        found = probe.best(with_number(scenario, key, middle))
        if found == own:
            inside = middle
        else:
            outside, beyond = middle, found
    return Switch(key, now, outside, beyond)


def _keys(book: Book, engine: Engine, options: list[str], product_class: str) -> list[str]:
    """Assumptions read by the options, their fallbacks, and what decides whether they are accepted."""
    cell, rows = engine.cells[0]
    pricer = engine.pricer(cell, rows)
    keys: dict[str, None] = {}
    for _i, o in enumerate(pricer.options):
        if o.key not in options:
            continue
        chain = [o] + ([pricer.options[fallback_option(pricer.options, o.fallback)]] if o.fallback else [])
        for part in chain:
            for c in part.spec.costs:
                keys |= dict.fromkeys(
                    k
                    for k in keys_read(book, c, cell, part, product_class)
                    if ".lane." not in k and ".referral." not in k
                )
            weighs = (
                [f"resolution.{part.resolution}.completion"] if "physical_return" in part.spec.tags else []
            )
            if part.fallback:
                weighs += [f"resolution.{part.resolution}.acceptance"] if not part.offer else []
                weighs += [f"provider.{part.provider}.acceptance"] if part.provider else []
                weighs += [f"provider.{part.provider}.success"] if part.provider and part.spec.success else []
                weighs += [k for k in (f"resolution.{part.resolution}.success",) if book.number(k) < 1.0]
            keys |= dict.fromkeys(weighs)
        if o.offer:
            keys |= dict.fromkeys([f"acceptance.issue.{cell.issue}", "claim.after_refused_offer"])
    return list(keys)
