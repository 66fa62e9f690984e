"""The bundled products and orders of two markets, as the tests of the repair network plan them."""

from __future__ import annotations

import pytest

from optimizer import load_scenario
from optimizer.inputs.products import read_orders, read_products
from optimizer.pipeline import EXAMPLE, known_of

SMALL = ("network.months=12",)


@pytest.fixture(scope="module")
def inputs():
    scenario = load_scenario("base", SMALL)
    known = known_of(scenario)
    goods = read_products(EXAMPLE["products"], known)
    orders = read_orders(EXAMPLE["orders"], known_of(scenario, goods))
    return scenario, goods, orders[orders["market"].isin(["GB", "JP"])]
