"""Conditions that keep refused cases away: the widest box against a search of all boxes."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.inputs.ledger import read_ledger
from optimizer.policy.conditions import CHOICES, Box, Scales
from optimizer.policy.guards import outer, usual_shares, ways_of, widest_box

SCALES = Scales(
    {
        "age": np.array([14.0, 30.0]),
        "prior_claims": np.array([2.0]),
        "parcel": np.array([20.0]),
        "value": np.array([75.0, 400.0]),
    }
)
GROUPS = (
    ("safety",),
    ("age",),
    ("stage", "age"),
    ("safety", "prior_claims"),
    ("safety", "returnable", "value"),
)


def boxes_of(attributes):
    """All boxes of a group of attributes, as tuples of level masks."""
    return product(*([way > 0 for way in ways_of(a, SCALES.count(a))] for a in attributes))


@st.composite
def refusals(draw):
    attributes = draw(st.sampled_from(GROUPS))
    shape = tuple(SCALES.count(a) for a in attributes)
    refused = np.array([draw(st.booleans()) for _ in range(int(np.prod(shape)))]).reshape(shape)
    weight = np.array([draw(st.integers(0, 9)) for _ in range(int(np.prod(shape)))], float).reshape(shape)
    start = SCALES.everything
    if draw(st.booleans()):
        start = start.narrowed(attributes[0], np.arange(shape[0]) < draw(st.integers(1, shape[0])))
    return attributes, refused, weight, start


@settings(max_examples=200, deadline=None)
@given(refusals())
def test_the_widest_box_holds_most_and_nothing_refused(case):
    attributes, refused, weight, start = case
    most = 0.0
    for masks in boxes_of(attributes):
        inside = np.ix_(*(mask & start[a] for mask, a in zip(masks, attributes)))
        if not refused[inside].any():
            most = max(most, float(weight[inside].sum()))
    box = widest_box(start, attributes, refused, weight)
    if most == 0.0:
        assert box is None
        return
    inside = np.ix_(*(box[a] for a in attributes))
    assert not refused[inside].any() and float(weight[inside].sum()) == most
    assert all((box[a] <= start[a]).all() for a in attributes)
    assert all(box[a].all() for a in CHOICES if a not in attributes)


def test_of_equal_boxes_the_one_that_says_least_is_taken():
    refused = np.zeros((4, 3), bool)
    refused[3] = True  # after the window, at any age
    weight = np.zeros((4, 3))
    weight[2, 0] = 5.0  # all cases in the window and young
    box = widest_box(SCALES.everything, ("stage", "age"), refused, weight)
    assert box.when(SCALES) == "stage!=after_window"


def test_without_attributes_there_is_nothing_to_say():
    assert widest_box(SCALES.everything, (), np.array(True), np.array(1.0)) is None
    assert isinstance(widest_box(SCALES.everything, (), np.array(False), np.array(1.0)), Box)


@pytest.mark.parametrize("issue", ["cancel_unshipped", "cancel_shipped", "unwanted"])
def test_usual_shares_cover_every_level(issue):
    shares = usual_shares(read_ledger().book, SCALES, issue)
    assert all(len(share) == SCALES.count(name) and (share > 0).all() for name, share in shares.items())
    assert outer([shares["stage"], shares["age"]]).shape == (4, 3)
