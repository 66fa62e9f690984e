"""Prices that several components share."""

from __future__ import annotations

import numpy as np

from optimizer.domain.money import round_money
from optimizer.model.block import Block
from optimizer.model.declare import Option
from optimizer.model.world import Provider

LANDED = ("class.{class}.landed", "landed.cny_share", "landed.quoted_cny_rate", "fx.CNY")
WEIGHT = ("class.{class}.weight_kg",)  # where the product list does not say
SIZE = (*WEIGHT, "class.{class}.*_cm")


def provider_of(b: Block, o: Option) -> Provider:
    return b.world.providers[o.provider]


def parts_cost(b: Block) -> np.ndarray:
    """Parts of one repair, reporting currency."""
    return round_money(b.money(b.class_field("part_cost"), "USD"))


def job_price(b: Block, o: Option) -> np.ndarray:
    """Price of one job at the provider for the repair level of the class, reporting currency, rounded to
    the cent."""
    p = provider_of(b, o)
    by_level = np.array([0.0, p["fee_level_1"], p["fee_level_2"], p["fee_level_3"]])
    return round_money(b.money(by_level[b.class_field("repair_level").astype(int)], p.currency))
