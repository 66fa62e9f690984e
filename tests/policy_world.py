"""Priced example cases, their policy table, and odd cases that no table was built from."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from shared import table_once

from optimizer.analysis.practice import current_practice
from optimizer.domain.names import CHANNELS, CONDITIONS, FAULTS, ISSUES, PLATFORMS
from optimizer.inputs.scenario import read_scenario
from optimizer.model.engine import Engine
from optimizer.model.pricing import PricedBlock
from optimizer.model.rules import rule_switches
from optimizer.model.world import World
from optimizer.pipeline import EXAMPLE, read_inputs
from optimizer.policy import Policy, build_policy
from optimizer.solve.decide import decide

TWO_MARKETS = ("US", "DE")  # their table takes half the time of that of ten markets
OTHER_NUMBERS = (
    "US.returnless_floor.amount=22.37",
    "US.fba_returnless_cap.amount=60.55",
    "provider.us_warehouse.open=0",
    "customer.claims_without_return=5",
    "own.largest_keep_refund=333.33",
    "US.return_window.standard_days=17",
    "DE.guarantee.months=18",
    "DE.withdrawal.days=20",
    "GB.guarantee.reject_days=20",
    "service.reasonable_days=14",
)


class Built(NamedTuple):
    engine: Engine
    blocks: list[PricedBlock]
    policy: Policy
    decided: int
    extra: float  # cost of following less deciding case by case would be, cents


@cache
def example(
    scenario_name: str = "base",
    settings: tuple[str, ...] = (),
    cases: int | None = None,
    markets: tuple[str, ...] = (),
) -> tuple:
    """Scenario, case table and products of the bundled example; every so many-th case where `cases` is
    given, those of some markets where these are named."""
    scenario = read_scenario(scenario_name, settings, rule_switches())
    file, products, _ = read_inputs(scenario, None, None, None)
    frame = file.frame if cases is None else file.frame.iloc[:: len(file.frame) // cases]
    frame = frame[frame["market"].isin(markets)] if markets else frame
    return scenario, frame.reset_index(drop=True), products


def build(
    scenario, frame: pd.DataFrame, products: pd.DataFrame | None, size: int = 32_768, make=build_policy
) -> Built:
    engine = Engine.of(scenario, frame, products)
    blocks = engine.price(size)
    plan = decide(blocks, len(frame))
    practice = current_practice(engine.world, blocks, plan, frame)
    policy = make(engine, blocks, float(practice.cost.sum()))
    return Built(engine, blocks, policy, int(plan.decided.sum()), float(plan.total.sum()))


@cache
def built(
    scenario_name: str = "base",
    settings: tuple[str, ...] = (),
    cases: int | None = 2_500,
    markets: tuple[str, ...] = (),
) -> Built:
    """Some cases and their table, which is built once in a session."""
    return build(*example(scenario_name, settings, cases, markets), make=table_once)


def next_month(scenario, products) -> pd.DataFrame:
    """The second month of the bundled example."""
    path = EXAMPLE["cases"].with_name("cases_example_next.parquet")
    return read_inputs(scenario, path, EXAMPLE["products"], None)[0].frame


def odd_cases(world: World, products: pd.DataFrame, count: int, seed: int) -> pd.DataFrame:
    """Cases of any platform, market, channel and issue with anything that can be said of a case, whether
    it makes sense or not."""
    rng = np.random.default_rng(seed)

    def one_of(values, shares=None) -> np.ndarray:
        return rng.choice(np.array(list(values), object), count, p=shares)

    market, delivered = one_of(world.markets), rng.random(count) < 0.6
    shipped = delivered | (rng.random(count) < 0.5)
    currency = np.array([world.markets[m].currency for m in market], object)
    age = rng.choice(
        [0, 5, 10, 14, 15, 21, 30, 31, 91, 365, 366, 547, 548, 730, 731, 1000, 2190, 2191, 2192, 3990], count
    )
    case = np.datetime64("2026-10-15") + rng.integers(0, 30, count)
    order = case - np.where(delivered, age + 5, rng.integers(0, 20, count))
    holiday = rng.random(count) < 0.2
    case = np.where(holiday, np.datetime64("2027-01-01") + rng.integers(0, 40, count), case)
    order = np.where(holiday, np.datetime64("2026-11-01") + rng.integers(0, 55, count), order)
    delivery = np.where(delivered, np.where(holiday, order + 3, case - age), np.datetime64("NaT"))
    amounts = np.array(
        [
            0.5,
            20,
            20.01,
            22.37,
            22.38,
            25,
            25.01,
            60.55,
            60.56,
            75,
            75.01,
            100,
            100.01,
            333.33,
            400,
            400.01,
            5_000,
        ]
    )
    price = np.where(
        rng.random(count) < 0.5,
        rng.choice(amounts, count),
        np.round(np.exp(rng.normal(3.6, 0.9, count)), 2) + 1.0,
    )
    price = np.round(price * np.where(market == "IN", rng.choice([1.0, 80.0], count), 1.0), 2)
    known = rng.random(count) < 0.5
    article = rng.integers(0, len(products), count)
    product_class = np.where(
        known, products["product_class"].to_numpy(object)[article], one_of(world.classes)
    )
    frame = pd.DataFrame(
        {
            "case_id": [f"odd-{seed}-{i}" for i in range(count)],
            "platform": one_of(PLATFORMS, [0.6, *[0.08] * 5]),
            "market": market,
            "channel": one_of(CHANNELS),
            "sku": np.where(known, products["sku"].to_numpy(object)[article], ""),
            "product_class": product_class,
            "issue": one_of(ISSUES),
            "order_date": order.astype("datetime64[s]"),
            "ship_date": order.astype("datetime64[s]"),
            "delivery_date": delivery.astype("datetime64[s]"),
            "case_date": case.astype("datetime64[s]"),
            "item_price": price,
            "price_source": "given",
            "currency": currency,
            "quantity": rng.choice([1, 1, 2, 5, 50, 1_000], count),
            "fault": one_of(FAULTS),
            "shipped": shipped,
            "delivered": delivered,
            "claim_open": rng.random(count) < 0.3,
            "stars": np.nan,
            "condition": one_of(CONDITIONS),
            "reason_text": np.where(rng.random(count) < 0.3, "battery swollen, smoke", "no comment"),
            "prior_claims": rng.choice([0, 1, 2, 3, 4, 5, 9], count),
            "actual_resolution": "",
            "actual_cost": np.nan,
        }
    )
    for column in (
        "platform",
        "market",
        "channel",
        "product_class",
        "issue",
        "currency",
        "fault",
        "condition",
        "price_source",
        "reason_text",
    ):
        frame[column] = frame[column].astype("category")
    return frame
