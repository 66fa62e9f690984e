"""Conditions that keep a row away from every case for which its instruction would be refused."""

from __future__ import annotations

from functools import cache

import numpy as np

from optimizer.domain.names import CONDITIONS, UNDER_WAY_ISSUES, UNSHIPPED_ISSUES
from optimizer.model.world import STAGES
from optimizer.policy.acceptance import CellAcceptance
from optimizer.policy.conditions import ATTRIBUTES, CHOICES, PLACE, Box, Scales

# How common the levels of a choice are where no case tells; steps get rarer from level to level.
RARE = 0.02
SHARES = {
    "claim_open": (1 - RARE, RARE),
    "safety": (1 - RARE, RARE),
    "battery": (0.7, 0.25, 0.05),
    "stock": (RARE, 1 - RARE),
    "returnable": (RARE, 1 - RARE),
    "fault": (0.25,) * 4,
    "condition": tuple(0.4 if c == "unknown" else 0.1 for c in CONDITIONS),
}
STAGE_OF = {
    **dict.fromkeys(UNSHIPPED_ISSUES, "unshipped"),
    **dict.fromkeys(UNDER_WAY_ISSUES, "shipped"),
}  # else in_window


def usual_shares(scales: Scales, issue: str) -> dict[str, np.ndarray]:
    """How common each level of each attribute is thought to be; only used where no case tells."""
    found = {name: np.array(SHARES[name]) for name in SHARES}
    stage = STAGE_OF.get(issue, "in_window")
    found["stage"] = np.array([0.9 if s == stage else 0.06 if s == "after_window" else 0.02 for s in STAGES])
    for name in ATTRIBUTES:
        if name not in CHOICES:
            found[name] = RARE ** np.arange(scales.count(name), dtype=float)
    return found


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
