"""Per cell: at which levels of which attributes each option is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace

import numpy as np

from optimizer.model.block import Cell
from optimizer.model.declare import Option
from optimizer.model.pricing import OTHERS_DECIDE, Pricer
from optimizer.model.world import STAGES, World
from optimizer.policy.conditions import CHOICES, PLACE, Scales, least_divisor
from optimizer.policy.probing import CENT, LIGHT, LONGEST_AGE, ProbeGroup, Probes, Sheet, rule_groups

HUGE = 1e7  # a quantity that no limit of a case survives
_HAIR = 1.0 - 1e-9  # just below a bound, so that products and quotients do not round above it


class CellAcceptance:
    """Refusals of the wanted options of one cell, group of rules by group of rules; `carried` are these and
    their fallbacks.

    `refused[g]` has one axis per attribute of group g, then classes, price zones, options; an axis of classes
    or zones has length 1 where they do not matter. `reached[g]` tells which levels of the group a case can
    have at all.
    """

    def __init__(
        self, probes: Probes, cell: Cell, scales: Scales, carried: Sequence[Option], wanted: set[str]
    ):
        world = probes.world
        self.cell, self.scales, self.groups = cell, scales, rule_groups(world, cell)
        self.keys = [o.key for o in carried if o.key in wanted]
        self.place = {key: i for i, key in enumerate(self.keys)}
        self.deciders = [world.decided_by(*cell, stage) for stage in STAGES]
        self.classes, self.zones = len(world.classes), len(scales.bounds["value"]) + 1
        alike = tuple((g.attributes, g.reads_price, g.reads_class) for g in self.groups)
        sheet, levels, zones, sizes, self.reached = probes.kept(
            (alike, scales.alike), lambda: _probed(probes, cell, self.groups, scales)
        )
        block = probes.block(cell, sheet)
        pricer = Pricer(block)
        pricer.options = list(carried)
        bits = pricer.refusals()[:, [i for i, o in enumerate(carried) if o.key in self.place]]
        ends = np.cumsum(sizes)[:-1]
        self._probed = list(
            zip(
                np.split(levels, ends, axis=1),
                np.split(block.class_index, ends),
                np.split(zones, ends),
                np.split(bits, ends),
            )
        )
        self._same_window = same_window(world)
        self.refused = [self._gather(g, *probed) for g, probed in zip(self.groups, self._probed)]

    def elsewhere(self, world: World, platform: str) -> CellAcceptance:
        """The same cell on a platform that no rule names."""
        other = copy(self)
        other.cell = self.cell._replace(platform=platform)
        other.deciders = [world.decided_by(*other.cell, stage) for stage in STAGES]
        other.groups = tuple(
            replace(g, rules=tuple(r for r in g.rules if not r.platforms)) for g in self.groups
        )
        other.refused = [
            (
                table
                if g == mine and ("stage" not in g.attributes or other.deciders == self.deciders)
                else other._gather(g, *probed)
            )
            for g, mine, table, probed in zip(other.groups, self.groups, self.refused, self._probed)
        ]
        return other

    def _gather(
        self, group: ProbeGroup, levels: np.ndarray, classes: np.ndarray, zones: np.ndarray, bits: np.ndarray
    ) -> np.ndarray:
        """Refusals of one group on its axes: refused where any probe at a level is."""
        by_class = group.reads_class or "stage" in group.attributes
        shape = [self.scales.count(a) for a in group.attributes]
        table = np.zeros(
            (*shape, self.classes if by_class else 1, self.zones if group.reads_price else 1, len(self.keys)),
            bool,
        )
        probe, option = np.nonzero((bits & group.bits) != 0)
        where = [levels[PLACE[a], probe] for a in group.attributes]
        where += [
            classes[probe] if by_class else np.zeros_like(probe),
            zones[probe] if group.reads_price else np.zeros_like(probe),
        ]
        table[(*where, option)] = True
        if by_class and not group.reads_class:  # a class matters through its return window only
            table = np.take(table, self._same_window, axis=len(shape))
        if "stage" in group.attributes:
            table[[d in OTHERS_DECIDE for d in self.deciders]] = True
        return table

    def acceptable_at(self, level: Mapping[str, int], zone: int) -> np.ndarray:
        """What is acceptable at one level of every attribute in one price zone.   (K, O) bool"""
        found = np.ones((self.classes, len(self.keys)), bool)
        for group, table in zip(self.groups, self.refused):
            found &= ~table[tuple(level[a] for a in group.attributes)][:, zone if table.shape[-2] > 1 else 0]
        return found

    def refused_levels(
        self, option: int, classes: np.ndarray, zones: np.ndarray
    ) -> list[tuple[tuple[str, ...], np.ndarray, np.ndarray]]:
        """Per group its attributes, the levels at which the option is refused for any of the classes and
        zones (bool masks), and those reached."""
        found = []
        for group, table, reached in zip(self.groups, self.refused, self.reached):
            part = table[..., option]
            part = part[..., zones] if part.shape[-1] > 1 else part
            part = part[..., classes, :] if part.shape[-2] > 1 else part
            found.append((group.attributes, part.any(axis=(-2, -1)), reached))
        return found


def _probed(
    probes: Probes, cell: Cell, groups: Sequence[ProbeGroup], scales: Scales
) -> tuple[Sheet, np.ndarray, np.ndarray, list[int], list[np.ndarray]]:
    """The probes of all groups one after another: sheet, levels (A, n), price zones (n,), probes per
    group, levels a case can have per group."""
    grids = [_grid(probes, group, scales) for group in groups]
    merged = {k: np.concatenate([g[k] for g in grids]) for k in grids[0]}
    zones = merged.pop("zone")
    sheet = probes.sheet(len(zones), **merged)
    levels, sizes = scales.levels(probes.block(cell, sheet)), [len(g["zone"]) for g in grids]
    reached = []
    for group, part in zip(groups, np.split(levels, np.cumsum(sizes)[:-1], axis=1)):
        found = np.zeros([scales.count(a) for a in group.attributes], bool)
        found[tuple(part[PLACE[a]] for a in group.attributes)] = True
        reached.append(found)
    return sheet, levels, zones, sizes, reached


def same_window(world: World) -> np.ndarray:
    """For each class, the first class with the same return window.   (K,) int"""
    groups = world.class_texts("window_group")
    return np.array([groups.index(g) for g in groups])


def _grid(probes: Probes, group: ProbeGroup, scales: Scales) -> dict[str, np.ndarray]:
    """Columns of the probes of a group: every combination of the levels it reads."""
    prices = _prices(group, scales)
    places = (
        _places(probes, scales)
        if "stage" in group.attributes
        else [(True, True, 1.0, probes.days[-1] - 6, probes.days[-1])]
    )
    loads = _loads(probes, scales) if "parcel" in group.attributes else [(LIGHT, 0.0)]
    others = [a for a in group.attributes if a not in ("stage", "age", "value", "returnable", "parcel")]
    classes = np.arange(len(probes.world.classes))
    classes = (
        classes
        if group.reads_class
        else np.unique(same_window(probes.world))
        if "stage" in group.attributes
        else classes[:1]
    )
    index = np.indices(
        (len(places), len(prices), len(loads), len(classes), *(scales.count(a) for a in others))
    )
    at_place, at_price, at_load, at_class, *at = (i.ravel() for i in index)
    level = dict(zip(others, at))
    price, quantity, zone = (np.array(x)[at_price] for x in zip(*prices))
    shipped, delivered, age, order_day, case_day = (np.array(x)[at_place] for x in zip(*places))
    kg, cm3 = (np.array(x)[at_load] for x in zip(*loads))
    nothing, claims = np.zeros_like(at_place), np.append(scales.bounds["prior_claims"], 10_000.0)
    return {
        "price": price,
        "quantity": quantity,
        "zone": zone,
        "shipped": shipped,
        "delivered": delivered,
        "age_days": age,
        "order_day": order_day,
        "case_day": case_day,
        "product_class": classes[at_class],
        "battery": level.get("battery", nothing),
        "kg": kg,
        "cm3": cm3,
        "in_stock": level.get("stock", nothing + 1) == 1,
        "fault": level.get("fault", nothing),
        "condition": level.get("condition", nothing + CHOICES["condition"].index("unknown")),
        "claim_open": level.get("claim_open", nothing) == 1,
        "safety": level.get("safety", nothing) == 1,
        "prior_claims": (
            claims[level["prior_claims"]].astype(np.int64) if "prior_claims" in level else nothing
        ),
    }


def _prices(group: ProbeGroup, scales: Scales) -> list[tuple[float, float, int]]:
    """(price, quantity, zone): both ends of every price zone, with the values of a case that are possible
    there."""
    bounds = scales.bounds["value"]
    if not group.reads_price:
        return [(10.0, 1.0, 0)]
    lows, highs = [CENT, *np.round(bounds + CENT, 2)], [*bounds, (bounds[-1] if len(bounds) else 10.0) * 10.0]
    found = []
    for zone, price in ((z, p) for z, pair in enumerate(zip(lows, highs)) for p in dict.fromkeys(pair)):
        found.append((price, 1.0, zone))
        if "value" in group.attributes:
            found += [(price, max(1.0, bound / price * _HAIR), zone) for bound in bounds if bound > price]
            found.append((price, HUGE, zone))
    return found


def _loads(probes: Probes, scales: Scales) -> list[tuple[float, float]]:
    """(kg, cm3) of whole cases: the heaviest of every level, and the bulkiest that a return label still
    carries."""
    label, divisor = probes.market.lanes["return_label"], least_divisor(probes.market)
    bounds, most = scales.bounds["parcel"], label.up_to_kg[-1]
    found = []
    for upper in (*bounds, bounds[-1] * 10.0):
        bulk = min(upper * divisor, most * label.divisor if label.divisor else np.inf)
        found += [(upper * _HAIR, 0.0), (min(upper, most) * _HAIR, bulk * _HAIR)]
    return found


def _places(probes: Probes, scales: Scales) -> list[tuple]:
    """(shipped, delivered, age, order day, case day): every stage and age, in ordinary and in holiday
    season."""
    bounds, holiday = scales.bounds["age"], "holiday.order_from"
    found = []
    for day in probes.days:
        found += [
            (False, False, 0.0, day - 3, day),
            (True, False, 0.0, day - 8, day),
            (False, True, 1.0, day - 6, day),
        ]
        for age in sorted({0.0, *bounds, *(bounds + 1.0), LONGEST_AGE}):
            whole = np.timedelta64(int(age), "D")
            found.append((True, True, age, day - 5 - whole, day))
            if probes.market.has(holiday):
                first = np.datetime64(f"{day.astype('datetime64[Y]')}-{probes.market.text(holiday)}")
                found.append((True, True, age, first, first + whole))
    return found
