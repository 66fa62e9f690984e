"""Terms of the providers, price lists and batches of the data folder as tables of the network, in the
reporting currency."""

from __future__ import annotations

import math

import pandas as pd

from optimizer.domain.calendar import DAYS_PER_MONTH
from optimizer.model.block import Block
from optimizer.model.world import World
from optimizer.network.strategies import benches_of

RAMP = ("ramp_1", "ramp_2", "ramp_3")


def provider_terms(world: World) -> pd.DataFrame:
    """Table `providers` of the network; a bench without a row in network_terms.csv costs nothing to keep
    open."""
    rows = []
    for p in benches_of(world):

        def number(what: str, otherwise: float = 0.0, name: str = p.name) -> float:
            return world.book.number(f"terms.{name}.{what}", otherwise)

        rate = world.rate(p.currency)
        units, hours = number("capacity_units", math.inf), number("capacity_hours", math.inf)
        ramp = [number(step, 1.0) for step in RAMP]
        rows.append(
            {
                "provider": p.name,
                "open_cost": number("open_cost") * rate,
                "close_cost": number("close_cost") * rate,
                "monthly_cost": number("monthly_cost") * rate,
                "capacity": min(units, hours),
                "min_units": number("min_units"),
                "minimum_fee": number("minimum_fee") * rate,
                "contract_months": int(number("contract_months")),
                "ramp": ramp,
                "initially_open": p.open,
                "kind": p.kind,
            }
        )
    return pd.DataFrame(rows)


def limited_in_hours(world: World) -> frozenset[str]:
    """Providers whose capacity is in bench hours."""
    return frozenset(p.name for p in benches_of(world) if f"terms.{p.name}.capacity_hours" in world.book)


def price_lists(world: World) -> pd.DataFrame:
    """Table `tiers` of the network."""
    rows = []
    for key in world.book.starting("pricelist."):
        name, _, rest = key.removeprefix("pricelist.").partition(".")
        start, _, what = rest.rpartition(".")  # the number of units may have a decimal point
        if what == "unit_price":
            rate = world.rate(world.providers[name].currency)
            rows.append(
                {
                    "provider": name,
                    "from_units": float(start),
                    "unit_price": world.book.number(key) * rate,
                    "kind": world.book.text(f"pricelist.{name}.{start}.kind"),
                }
            )
    return pd.DataFrame(rows, columns=["provider", "from_units", "unit_price", "kind"])


def batch_of(world: World, provider: str, market: str) -> str:
    """The key of the batches of a provider in a market, without its last part; empty where nothing waits
    for a batch."""
    for scope in (market, "*"):
        if f"batch.{provider}.{scope}.batch_cost" in world.book:
            return f"batch.{provider}.{scope}"
    return ""


def lane_name(provider: str, market: str) -> str:
    return f"{provider} {market}"


def batches(world: World, ways: pd.DataFrame, holding: dict[tuple[str, str], float]) -> pd.DataFrame:
    """Table `lanes` of the network: one lane per provider with batches and market; `holding` per lane, a
    unit and a month."""
    rows = []
    for provider, market in ways[["provider", "market"]].drop_duplicates().itertuples(index=False):
        key = batch_of(world, provider, market)
        if key:
            rate = world.rate(world.providers[provider].currency)
            factor = (
                world.book.number("freight.batch_factor")
                if world.providers[provider].kind == "china_batch"
                else 1.0
            )
            rows.append(
                {
                    "lane": lane_name(provider, market),
                    "batch_cost": world.book.number(f"{key}.batch_cost") * rate * factor,
                    "batch_units": world.book.number(f"{key}.batch_units"),
                    "holding_cost": holding[provider, market],
                    "longest_wait_months": world.book.number(f"{key}.longest_wait_months"),
                }
            )
    return pd.DataFrame(
        rows, columns=["lane", "batch_cost", "batch_units", "holding_cost", "longest_wait_months"]
    )


def holding_per_month(block: Block) -> list[float]:
    """What it costs to keep one unit waiting for a month: landed cost × cost of capital / 12 + volume ×
    storage fee.   (C,)"""
    capital = block.landed * block.number("capital.rate_year") / 12
    storage = (
        block.money(block.market.number("warehouse.storage_cbm_day")) * block.volume / 1e6 * DAYS_PER_MONTH
    )
    return (capital + storage).tolist()


def limits_of(world: World) -> dict[str, object]:
    """Limits over the whole network from the assumptions; 0 means none."""
    book, found = world.book, {}
    for name, key, rate in (
        ("average_days", "network.average_days", 1.0),
        ("claims", "network.claims", 1.0),
        ("opening_budget", "network.opening_budget", world.rate("USD")),
    ):
        if book.number(key) > 0:
            found[name] = book.number(key) * rate
    if book.number("network.most_stations") > 0:
        found["most_open"] = {"self_built": book.number("network.most_stations")}
    choices = {p.name: book.text(f"terms.{p.name}.choice", "free") for p in benches_of(world)}
    for choice, name in (("open", "force_open"), ("closed", "force_closed")):
        if forced := [p for p, c in choices.items() if c == choice]:
            found[name] = forced
    return found
