"""A component reacts to every assumption it declares to read, and to no other: explanations and the share
of estimates rest on that."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hand_world import HandWorld
from test_completeness import COMPONENTS, spread

from optimizer.domain.assumption import Assumption, Book
from optimizer.model.engine import Engine
from optimizer.model.options import options_of
from optimizer.pipeline import load_scenario

CELLS = {
    "fba": ("unwanted", "returned_goods", "delivery_delay", "lost_in_transit", "address_change_unshipped"),
    "merchant": ("unwanted", "address_change_unshipped"),
    "warehouse": (
        "address_change_unshipped",
        "cancel_shipped",
        "address_change_shipped",
        "delivery_delay",
        "unwanted",
        "damaged",
        "missing_accessory",
        "quality_defect",
        "warranty_claim",
        "a_to_z_claim",
        "returned_goods",
        "negative_feedback",
    ),
}
# class, price, order date, fault, finding, stars, reason: a bulky thing of the carrier's, one with a battery,
# an old unhappy return sold below its cost
VARIANTS = [
    ("furniture", 250, "2026-08-01", "carrier", "sellable", 1.0, "item returned"),
    ("power_bank", 30, "2026-08-05", "seller", "unknown", 3.0, ""),
    ("apparel", 9, "2026-06-01", "unknown", "unknown", 2.0, "return"),
]
# Bundled numbers that hide another: no tax inside the price, the yuan as quoted, one window for all, no duty
# in the EU, no price of jobs at an own station.
SHOWN = {
    "US.tax.price_includes": 1,
    "US.tax.rate": 0.07,
    "US.tax.remitted_by": "seller",
    "landed.quoted_cny_rate": 8.0,
    "DE.duty.default.rate": 0.05,
    "US.return_window.electronics_days": 60,
} | {f"provider.us_station.fee_level_{n}": 10 * n for n in (1, 2, 3)}
OTHER_NUMBERS = {  # steps: a slightly larger one would pass no case
    "review.bad_stars": 1.0,
    "review.middling_stars": 2.0,
    "china.original_state_months": 1.0,
    "risk.longest_liability_months": 6.0,
}
OTHER_TEXTS = {
    "remitted_by": "none",
    "repair_extension_from": "2026-12-31",
    "battery": "lithium_in",
    "duty_group": "default",
    "referral_category": "default",
    "window_group": "standard",
    "order_from": "01-01",
    "order_to": "12-31",
    "until": "12-31",
}
# What makes the options rather than prices them, and rates: every amount in a foreign currency reads one.
NOT_READ = re.compile(
    r"fx\.(?!CNY)|reporting\.|rule\.|.*\.(currency|open|kind|classes|market)$|.*\.offer\.fixed_amount$"
)
RATES = re.compile(r"fx\.")
HERE = re.compile(
    r"(?!([A-Z]{2}|class|entitlement|rule)\.)|US\.|DE\.|class\.(furniture|power_bank|apparel|unclassified)\."
)


def other(a: Assumption) -> Assumption:
    """The assumption with another value."""
    end = a.key.split(".")[-1]
    if a.is_text:
        return replace(a, value=OTHER_TEXTS.get(end, a.value))
    if a.unit == "flag":
        return replace(a, value=1.0 - a.value)
    if a.key in OTHER_NUMBERS:
        return replace(a, value=OTHER_NUMBERS[a.key])
    return replace(
        a,
        value=(
            a.value % 3 + 1 if end == "repair_level" else (5 if end == "weight_kg" else 1.3) * a.value or 0.7
        ),
    )


@pytest.fixture(scope="module")
def moved(tmp_path_factory) -> tuple[dict[str, set[str]], dict[str, list]]:
    """Pattern -> components that react to its assumptions; component -> assumptions it reacts to without
    declaring them."""
    scenario, hand = load_scenario("base"), HandWorld(tmp_path_factory.mktemp("reads"))
    hand.markets = {m: {"currency": scenario.book.text(f"{m}.currency")} for m in ("US", "DE")}
    places = [("US", c, i) for c, issues in CELLS.items() for i in issues] + [
        ("DE", "warehouse", "warranty_claim"),
        ("DE", "merchant", "warranty_claim"),
    ]
    cases = pd.concat(
        [
            hand.case(
                k,
                i,
                price,
                market=m,
                channel=c,
                order_date=pd.Timestamp(day),
                quantity=2 if k == "furniture" else 1,
                fault=fault,
                condition=found,
                stars=stars,
                reason_text=reason,
            )
            for m, c, i in places
            for k, price, day, fault, found, stars, reason in VARIANTS
        ],
        ignore_index=True,
    )
    cases["delivery_date"] = (cases["order_date"] + pd.Timedelta(days=4)).where(cases["delivered"])

    def amounts(book: Book) -> dict[tuple, np.ndarray]:
        engine, found = Engine.of(replace(scenario, book=book), cases), {}
        for cell, rows in engine.cells:
            block = engine.block(cell, rows)
            for o in options_of(engine.world, cell):
                for c in o.spec.costs:
                    found.setdefault((c.key, cell, *(getattr(o, part) for part in c.varies)), c(block, o))
        return found

    book = Book(
        replace(a, value=SHOWN.get(a.key, a.value)) for a in scenario.book.values() if HERE.match(a.key)
    )
    before = amounts(book)
    assert {key for key, *_ in before} == set(COMPONENTS)
    wanted = {p: set(spread(p)) for c in COMPONENTS.values() for p in c.reads}
    alike: dict[frozenset[str], list[str]] = defaultdict(
        list
    )  # assumptions that the same patterns stand for are changed together
    for key in book:
        alike[frozenset(p for p, keys in wanted.items() if key in keys)].append(key)
    reacting, undeclared = defaultdict(set), defaultdict(list)
    for patterns, all_keys in alike.items():
        keys = {k for k in all_keys if not NOT_READ.match(k)}
        after = amounts(Book(other(a) if a.key in keys else a for a in book.values()))
        names = {where[0] for where, amount in after.items() if not np.array_equal(amount, before[where])}
        for p in patterns:
            reacting[p] |= names
        for name in names:
            if not patterns & set(COMPONENTS[name].reads) and not all(map(RATES.match, keys)):
                undeclared[name].append(sorted(keys)[:3])
    return reacting, undeclared


@pytest.mark.parametrize("key", COMPONENTS)
def test_a_component_reacts_to_what_it_reads_and_to_nothing_else(moved, key):
    reacting, undeclared = moved
    assert [p for p in COMPONENTS[key].reads if key not in reacting[p]] == [], (
        f"{key} declares what it does not read"
    )
    assert undeclared[key] == [], f"{key} reads what it does not declare"
