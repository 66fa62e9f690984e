"""Conditions that keep a row away from every case for which its instruction would be refused."""

from __future__ import annotations

from functools import cache

import numpy as np

from optimizer.domain.assumption import Book
from optimizer.domain.names import CONDITIONS, FAULTS, UNDER_WAY_ISSUES, UNSHIPPED_ISSUES
from optimizer.model.world import STAGES
from optimizer.policy.acceptance import CellAcceptance
from optimizer.policy.conditions import ATTRIBUTES, CHOICES, PLACE, Box, Scales

STAGE_OF = {
    **dict.fromkeys(UNSHIPPED_ISSUES, "unshipped"),
    **dict.fromkeys(UNDER_WAY_ISSUES, "shipped"),
}  # else in_window
STAGE_SHARES = {"after_window": "after_window"}  # else other_stage


def usual_shares(book: Book, scales: Scales, issue: str) -> dict[str, np.ndarray]:
    """How common each level of each attribute is thought to be; only used where no case tells."""

    def usual(what: str) -> float:
        return book.number(f"policy.usual.{what}")

    def rare(what: str) -> np.ndarray:
        return np.array([1.0 - usual(what), usual(what)])

    inside, alone, uninspected = usual("battery_inside"), usual("battery_alone"), usual("not_inspected")
    inspected = round((1.0 - uninspected) / (len(CONDITIONS) - 1), 12)  # without the noise of 1 - 0.4
    stage = STAGE_OF.get(issue, "in_window")
    stages = [usual("stage") if s == stage else usual(STAGE_SHARES.get(s, "other_stage")) for s in STAGES]
    found = {
        "claim_open": rare("claim_open"),
        "safety": rare("safety"),
        "battery": np.array([1.0 - inside - alone, inside, alone]),
        "stock": rare("out_of_stock")[::-1],
        "returnable": rare("not_returnable")[::-1],
        "fault": np.full(len(FAULTS), 1.0 / len(FAULTS)),
        "condition": np.array([uninspected if c == "unknown" else inspected for c in CONDITIONS]),
        "stage": np.array(stages),
    }
    steps = (name for name in ATTRIBUTES if name not in CHOICES)
    return found | {name: usual("next_step") ** np.arange(scales.count(name), dtype=float) for name in steps}


def guarded(
    acceptance: CellAcceptance,
    option: int,
    classes: np.ndarray,
    zones: np.ndarray,
    box: Box,
    levels: np.ndarray,
    worth: np.ndarray,
    shares: dict[str, np.ndarray],
) -> Box | None:
    """The box cut back until the option is acceptable everywhere in it, at the least loss of what cases are
    worth.

    `classes` (K,) and `zones` (Z,) bool say what the row covers; `levels` (A, n) are its cases and `worth`
    (n,) what the row saves on each. None where nothing is left.
    """
    for attributes, refused, reached in acceptance.refused_levels(option, classes, zones):
        if refused.any():
            weight = outer([shares[a] for a in attributes]) * reached
            if attributes:
                own = np.ravel_multi_index([levels[PLACE[a]] for a in attributes], refused.shape)
                weight = weight + np.bincount(own, worth + 1.0, minlength=refused.size).reshape(refused.shape)
            box = widest_box(box, attributes, refused, weight)
            if box is None:
                return None
    return box


def outer(vectors: list[np.ndarray]) -> np.ndarray:
    """Product of one vector per axis."""
    found = np.ones(())
    for v in vectors:
        found = np.multiply.outer(found, v)
    return found


def widest_box(box: Box, attributes: tuple[str, ...], refused: np.ndarray, weight: np.ndarray) -> Box | None:
    """The part of the box without refused combinations that holds most weight; on ties the one that says
    least. None where nothing is left.

    Exact: all sets of levels of a choice and all intervals of steps are compared at once.
    """
    if not attributes:
        return None if refused.any() else box
    if (
        len(attributes) == 1 and attributes[0] in CHOICES
    ):  # any set of levels may be left: those that are not refused
        left = box.narrowed(attributes[0], ~refused)
        return left if weight[left[attributes[0]]].sum() > 0.0 else None
    bad, held = refused.astype(float), weight
    ways = [ways_of(name, n) for name, n in zip(attributes, refused.shape)]
    for axis, name in enumerate(attributes):
        if not box[name].all():
            along = box[name].astype(float).reshape([-1 if a == axis else 1 for a in range(refused.ndim)])
            bad, held = bad * along, held * along
    for way in ways:
        bad, held = _first_axis_in_ways(bad, way), _first_axis_in_ways(held, way)
    narrowed = np.zeros(())
    for name, way in zip(attributes, ways):
        cuts = (1.0 - way) @ box[name]
        narrowed = np.add.outer(narrowed, (cuts > 0) + 0.01 * cuts)
    fine = np.flatnonzero((bad.ravel() == 0.0) & (held.ravel() > 0.0))
    if not len(fine):
        return None
    best = fine[np.lexsort((-narrowed.ravel()[fine], np.round(held.ravel()[fine], 9)))[-1]]
    for name, way, i in zip(attributes, ways, np.unravel_index(best, bad.shape)):
        box = box.narrowed(name, way[i] > 0.0)
    return box


def _first_axis_in_ways(table: np.ndarray, ways: np.ndarray) -> np.ndarray:
    """Sums over the levels of each way, put last: after as many turns as axes they are in order again."""
    return (ways @ table.reshape(len(table), -1)).T.reshape(*table.shape[1:], len(ways))


@cache
def ways_of(name: str, count: int) -> np.ndarray:
    """Sets of levels a row may allow: any set of a choice, any interval of steps.   (W, count) of 0 and 1"""
    if name in CHOICES:
        return np.array([[(n >> i) & 1 for i in range(count)] for n in range(1, 2**count)], float)
    place = np.arange(count)
    return np.array([(place >= i) & (place <= j) for i in range(count) for j in range(i, count)], float)
