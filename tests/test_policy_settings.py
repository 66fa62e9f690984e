"""Numbers that tables and limits rest on come from the ledger: what a scenario says is followed."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer import load_scenario
from optimizer.inputs.ledger import read_ledger
from optimizer.model.block import Cell
from optimizer.model.engine import Engine
from optimizer.pipeline import read_inputs
from optimizer.policy.cells import typical_block
from optimizer.policy.conditions import CHOICES, Scales
from optimizer.policy.guards import usual_shares

SCALES = Scales(
    {"age": np.array([14.0]), "prior_claims": np.array([2.0]), "parcel": np.array([]), "value": np.array([])}
)


@pytest.fixture(scope="module")
def few():
    return read_inputs(load_scenario("base"), None, None, None)[0].frame.head(20)


@pytest.mark.parametrize(
    ("issue", "key", "usual"),
    [
        ("warranty_claim", "network.warranty_age_days", 180),
        ("returned_goods", "network.return_age_days", 20),
        ("quality_defect", "policy.typical_age.defect", 20),
        ("unwanted", "policy.typical_age.other", 7),
    ],
)
def test_a_typical_case_is_as_old_as_the_ledger_says(few, issue, key, usual):
    for settings, days in ((), usual), ([f"{key}=33", "network.delivery_days=9"], 33):
        engine = Engine.of(load_scenario("base", settings), few)
        cases = typical_block(engine.world, engine, Cell("ebay", "DE", "fba", issue)).cases
        assert cases.age_days.tolist() == [days]
        travelled = (cases.case_day - cases.order_day).astype(int) - days
        assert travelled.tolist() == [9 if settings else 3]


def test_usual_shares_are_those_of_the_ledger_and_add_up():
    book = read_ledger().book
    shares = usual_shares(book, SCALES, "unwanted")
    assert all(shares[name].sum() == pytest.approx(1.0) for name in CHOICES if name != "stage")
    assert shares["condition"].tolist() == [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.4]
    assert shares["battery"].tolist() == [0.7, 0.25, 0.05]
    changed = usual_shares(book.changed("policy.usual.safety", 0.1, "test"), SCALES, "unwanted")
    assert changed["safety"].tolist() == [0.9, 0.1] and shares["safety"].tolist() == [0.98, 0.02]
