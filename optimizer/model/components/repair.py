"""Repair: jobs, parts, batches, visits; volume-driven cost enters only through channel_rates."""

from __future__ import annotations

import numpy as np

from optimizer.domain.money import round_money
from optimizer.model.block import Amount, Block
from optimizer.model.components.prices import LANDED, job_price, parts_cost, provider_of
from optimizer.model.declare import Option, component

RATES = ("rate.{provider}.*",)
JOB = ("provider.{provider}.fee_level_*", "class.{class}.repair_level")


def volume_driven(b: Block, o: Option, factor: float = 1.0) -> np.ndarray:
    """factor x volume-driven cost per unit from channel_rates, reporting currency, rounded to the cent."""
    p = provider_of(b, o)
    rates = b.world.channel_rate(p, b.cell.market, "fixed_cost_per_case")
    return round_money(b.money(factor * rates, p.currency))[b.class_index]


@component("parts", "parts of one repair x quantity", ("class.{class}.part_cost",))
def parts(b: Block, o: Option) -> Amount:
    return parts_cost(b) * b.quantity


@component("provider_fee", "price of the job at the class's repair level x quantity", JOB, ("provider",))
def provider_job(b: Block, o: Option) -> Amount:
    return job_price(b, o) * b.quantity


@component(
    "provider_fee", "volume-driven cost per unit at the assumed volume x quantity", RATES, ("provider",)
)
def provider_volume_cost(b: Block, o: Option) -> Amount:
    return volume_driven(b, o) * b.quantity


@component("repair_labour", "price of the job at the seller's own bench x quantity", JOB, ("provider",))
def own_labour(b: Block, o: Option) -> Amount:
    return job_price(b, o) * b.quantity


@component("technician_travel", "trip cost per unit at the assumed volume x quantity", RATES, ("provider",))
def technician_travel(b: Block, o: Option) -> Amount:
    return volume_driven(b, o) * b.quantity


@component(
    "batch_freight",
    "batch factor x share of the lot per unit at the assumed volume x quantity",
    ("freight.batch_factor", *RATES),
    ("provider",),
)
def lot_share(b: Block, o: Option) -> Amount:
    return volume_driven(b, o, b.number("freight.batch_factor")) * b.quantity


@component(
    "provider_fee", "price of an on-site visit x quantity", ("provider.{provider}.visit_fee",), ("provider",)
)
def visit(b: Block, o: Option) -> Amount:
    p = provider_of(b, o)
    return round_money(b.money(p["visit_fee"], p.currency)) * b.quantity


def waiting_days(b: Block, o: Option) -> np.ndarray:
    """Days a unit waits for its batch or trip, from channel_rates.   (C,)"""
    return b.world.channel_rate(provider_of(b, o), b.cell.market, "waiting_days")[b.class_index]


def paid_waiting_days(b: Block, o: Option) -> np.ndarray | float:
    """Days of waiting that the case pays for; under a plan of the network they are paid beside the cases.
    (C,)"""
    return 0.0 if b.world.scenario.basis == "plan" else waiting_days(b, o)


@component(
    "storage",
    "volume x waiting days x fee per cubic metre and day",
    ("{market}.warehouse.storage_cbm_day", "class.{class}.*_cm", *RATES),
    ("provider",),
)
def storage_while_waiting(b: Block, o: Option) -> Amount:
    return b.money(b.market.number("warehouse.storage_cbm_day")) * b.volume / 1e6 * paid_waiting_days(b, o)


@component(
    "holding",
    "landed cost x waiting days x cost of capital",
    ("capital.rate_year", *LANDED, *RATES),
    ("provider",),
)
def capital_while_waiting(b: Block, o: Option) -> Amount:
    return b.landed * b.quantity * paid_waiting_days(b, o) / 365.0 * b.number("capital.rate_year")


@component(
    "recovery",
    "minus success x pool value share x landed cost: the repaired unit serves the next claim",
    ("swap.pool_value_share", "provider.{provider}.success", *LANDED),
    ("provider",),
)
def repaired_unit_to_pool(b: Block, o: Option) -> Amount:
    return -provider_of(b, o)["success"] * b.number("swap.pool_value_share") * b.landed * b.quantity
