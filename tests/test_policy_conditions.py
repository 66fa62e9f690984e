"""Conditions of policy rows: how they are written, read and held against cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_world import example, odd_cases

from optimizer.model.block import Cell
from optimizer.model.engine import Engine
from optimizer.policy.conditions import ATTRIBUTES, CHOICES, STEP_UNITS, Box, Scales, holds, parse

SCALES = Scales(
    {
        "age": np.array([14.0, 30.0, 730.0]),
        "prior_claims": np.array([2.0]),
        "parcel": np.array([20.0, 31.751]),
        "value": np.array([75.0, 342.34]),
    }
)


@pytest.fixture(scope="module")
def blocks():
    scenario, _, products = example("base", (), 2_500)
    engine = Engine.of(
        scenario,
        odd_cases(Engine.of(scenario, example("base", (), 2_500)[1], products).world, products, 3_000, 1),
        products,
    )
    return [engine.block(cell, rows) for cell, rows in engine.cells[::5]]


@pytest.mark.parametrize(
    "when",
    [
        "",
        "claim_open=no; safety=no",
        "stage=in_window; age<=30d",
        "stage=shipped|in_window; condition!=carrier_damaged|damaged",
        (
            "delivered=yes; age>14d; age<=730d; prior_claims<3; stock=yes; returnable=no; parcel<=31.751kg;"
            " value>342.34"
        ),
        "fault=seller; battery=lithium_in",
    ],
)
def test_what_is_written_is_read_back(when):
    assert "; ".join(map(str, parse(when))) == when


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("claimopen=no", "'claimopen=no' is not a condition. Did you mean 'claim_open'?"),
        ("fast", "'fast' is not a condition. Did you mean 'fault'?"),
        ("age<=30", "'age<=30' is not a condition. Write for example age<=30d or age>30d."),
        ("age=30d", "'age=30d' is not a condition. Write for example age<=30d or age>30d."),
        ("value<=-5", "'value<=-5' is not a condition. Write for example value<=30 or value>30."),
        ("safety=maybe", "'safety=maybe' is not a condition. Write safety= and one of no, yes."),
        (
            "safety=no; stage<shipped",
            (
                "'stage<shipped' is not a condition. Write stage= and one of unshipped, shipped, in_window,"
                " after_window."
            ),
        ),
        ("delivered=soon", "'delivered=soon' is not a condition. Write delivered= and one of no, yes."),
    ],
)
def test_what_is_no_condition_is_refused(when, message):
    with pytest.raises(ValueError) as refused:
        parse(when)
    assert str(refused.value) == message


@st.composite
def boxes(draw):
    allowed = []
    for name in ATTRIBUTES:
        count = SCALES.count(name)
        if name in CHOICES:
            mask = np.array([draw(st.booleans()) for _ in range(count)])
            mask[draw(st.integers(0, count - 1))] = True
        else:
            first = draw(st.integers(0, count - 1))
            last = draw(st.integers(first, count - 1))
            mask = (np.arange(count) >= first) & (np.arange(count) <= last)
        allowed.append(mask if draw(st.booleans()) else np.ones(count, bool))
    return Box(tuple(allowed))


@settings(max_examples=60, deadline=None)
@given(boxes())
def test_conditions_hold_where_the_box_does(blocks, box):
    when = box.when(SCALES)
    for block in blocks:
        assert np.array_equal(holds(parse(when), block), box.contains(SCALES.levels(block))), when


def test_every_attribute_has_levels_and_a_fact(blocks):
    for block in blocks:
        levels = SCALES.levels(block)
        assert levels.shape == (len(ATTRIBUTES), block.n)
        assert all(
            (row >= 0).all() and (row < SCALES.count(name)).all() for name, row in zip(ATTRIBUTES, levels)
        )
    assert set(ATTRIBUTES) == {*CHOICES, *STEP_UNITS}


def test_steps_end_on_their_bound():
    scenario, frame, products = example("base", (), 2_500)
    one = (
        frame[frame["channel"] == "merchant"]
        .head(2)
        .reset_index(drop=True)
        .assign(item_price=[37.5, 37.51], quantity=2)
    )
    engine = Engine.of(scenario, one, products)
    found = {}
    for cell, rows in engine.cells:
        assert isinstance(cell, Cell)
        for row, fits in zip(rows, holds(parse("value<=75"), engine.block(cell, rows))):
            found[int(row)] = bool(fits)
    assert found == {0: True, 1: False}
