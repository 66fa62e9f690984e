"""Covering every case that can be with plain instructions: rows that are acceptable for all they fit,
until nothing is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.model.pricing import OTHERS_DECIDE
from optimizer.policy.acceptance import CellAcceptance
from optimizer.policy.conditions import ATTRIBUTES, CHOICES, Box, Scales
from optimizer.policy.guards import outer, widest_box


@dataclass(frozen=True, eq=False)
class Covered:
    """A box, a run of price zones, and an option acceptable all over them."""

    box: Box
    zones: tuple[int, int]  # first and last
    of_zones: int  # how many there are
    key: str

    @property
    def is_everything(self) -> bool:
        return self.zones == (0, self.of_zones - 1) and all(a.all() for a in self.box.allowed)

    def holds(self, other: Covered) -> bool:
        """Does it say the same as another, wherever that one holds?"""
        return (
            self.key == other.key
            and self.zones[0] <= other.zones[0]
            and other.zones[1] <= self.zones[1]
            and all((mine | ~its).all() for mine, its in zip(self.box.allowed, other.box.allowed))
        )

    def on(self, own: Scales, other: Scales) -> Covered:
        """What of it lies for certain inside on scales with fewer bounds."""
        box = other.everything
        for name in ATTRIBUTES:
            if name in CHOICES:
                box = box.narrowed(name, self.box[name])
            else:
                box = box.narrowed(name, _all_inside(self.box[name], own.bounds[name], other.bounds[name]))
        zones = np.arange(self.of_zones)
        inside = np.flatnonzero(
            _all_inside(
                (zones >= self.zones[0]) & (zones <= self.zones[1]),
                own.bounds["value"],
                other.bounds["value"],
            )
        )
        count = len(other.bounds["value"]) + 1
        return Covered(box, (int(inside[0]), int(inside[-1])) if len(inside) else (1, 0), count, self.key)


def _all_inside(allowed: np.ndarray, own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """For each level between the other bounds: are all levels between the own bounds that it holds
    allowed?"""
    holds = finer(other, own)
    return np.array([allowed[holds == level].all() for level in range(len(other) + 1)])


def finer(bounds: np.ndarray, by: np.ndarray) -> np.ndarray:
    """For each level between the finer bounds `by`, the level between `bounds` that holds it."""
    return np.searchsorted(bounds, np.append(by, np.inf), side="left")


class Cover:
    """All combinations of the levels that matter to some option, by price zone, and which of them still lack
    a row.

    An option counts as refused where any of the cells refuses it; the cells are put on common scales.
    Attributes that are not given are not used in conditions: what is refused at one of their levels is
    refused.
    """

    def __init__(
        self,
        cells: Sequence[CellAcceptance],
        scales: Scales,
        attributes: Sequence[str],
        keys: Sequence[str],
        shares: Mapping[str, np.ndarray],
    ):
        self.scales, self.zones = scales, len(scales.bounds["value"]) + 1
        self.refused: dict[
            str, list[tuple[tuple[str, ...], np.ndarray]]
        ] = {}  # by key: attributes, refused (levels, zones)
        known = set()
        for key in keys:
            refused = self._refused(cells, key, attributes)
            alike = b"|".join(",".join(names).encode() + t.tobytes() for names, t in refused)
            if alike not in known:  # of options refused alike the first, cheapest one stands for all
                known.add(alike)
                self.refused[key] = refused
        used = {a for refused in self.refused.values() for names, _ in refused for a in names}
        self.attributes = tuple(a for a in ATTRIBUTES if a in used)
        self.shape = tuple(scales.count(a) for a in self.attributes)
        self.weight = outer([shares[a] / shares[a].sum() for a in self.attributes])
        self.left = self._possible(cells)
        some = np.zeros(self.left.shape, bool)
        for refused in self.refused.values():
            ok = np.ones(some.shape, bool)
            for names, table in refused:
                ok &= ~np.expand_dims(table, self._others(names))
            some |= ok
        self.hopeless = bool((self.left & ~some).any())  # are there cases that no option is acceptable for?
        self.left &= some

    def _refused(
        self, cells: Sequence[CellAcceptance], key: str, attributes: Sequence[str]
    ) -> list[tuple[tuple[str, ...], np.ndarray]]:
        """Attributes and refusals (levels…, Z) of an option, on the common scales."""
        found: dict[tuple[str, ...], np.ndarray] = {}
        for a in cells:
            for group, table in zip(a.groups, a.refused):
                part = table[..., a.place[key]].any(axis=-2)
                if part.any():
                    names = tuple(n for n in group.attributes if n in attributes)
                    part = part.any(
                        axis=tuple(i for i, n in enumerate(group.attributes) if n not in attributes)
                    )
                    part = self._rescaled(
                        a, names, np.broadcast_to(part, (*part.shape[:-1], a.zones)), zones=True
                    )
                    found[names] = found[names] | part if names in found else part
        return sorted(found.items())

    def _rescaled(
        self, a: CellAcceptance, names: tuple[str, ...], table: np.ndarray, zones: bool
    ) -> np.ndarray:
        for axis, name in enumerate(names):
            if name not in CHOICES:
                table = np.take(table, finer(a.scales.bounds[name], self.scales.bounds[name]), axis=axis)
        return (
            np.take(table, finer(a.scales.bounds["value"], self.scales.bounds["value"]), axis=-1)
            if zones
            else table
        )

    def _possible(self, cells: Sequence[CellAcceptance]) -> np.ndarray:
        """Combinations that a case can have and the seller decides.   (levels…, Z) bool"""
        found = np.ones((*self.shape, self.zones), bool)
        if "value" in self.attributes:  # a case is worth at least the price of one unit
            found &= self._axis("value", np.arange(self.scales.count("value"))) >= np.arange(self.zones)
        if "stage" in self.attributes:
            found &= self._axis("stage", np.array([d not in OTHERS_DECIDE for d in cells[0].deciders]))
        reached: dict[tuple[str, ...], np.ndarray] = {}
        for a in cells:
            for group, table in zip(a.groups, a.reached):
                names = tuple(n for n in group.attributes if n in self.attributes)
                dropped = tuple(i for i, n in enumerate(group.attributes) if n not in names)
                here = self._rescaled(a, names, table.any(axis=dropped), zones=False)
                reached[names] = reached[names] | here if names in reached else here
        for names, table in reached.items():
            if not table.all():
                found &= np.expand_dims(table, (*self._others(names), len(self.shape)))
        return found

    def _others(self, names: tuple[str, ...]) -> tuple[int, ...]:
        """Axes of all other attributes."""
        return tuple(i for i, a in enumerate(self.attributes) if a not in names)

    def _axis(self, name: str, values: np.ndarray) -> np.ndarray:
        """Values along the axis of an attribute."""
        return values.reshape([-1 if a == name else 1 for a in self.attributes] + [1])

    def take(self, row: Covered) -> None:
        """A row covers what it fits; parts of it that depend on attributes unknown here cover nothing."""
        if all(row.box[a].all() for a in ATTRIBUTES if a not in self.attributes):
            self.left[..., row.zones[0] : row.zones[1] + 1] &= ~self._inside(row.box)[..., None]

    def rows(self, good_enough: float) -> list[Covered]:
        """Rows until nothing is left or nothing helps: of those that cover nearly as much as can be the
        cheapest."""
        found: list[Covered] = []
        while self.left.any():
            by_zone = (self.weight[..., None] * self.left).reshape(-1, self.zones).sum(axis=0)
            tried = {key: self._widest(key, by_zone) for key in self.refused}
            most = max((gain for gain, _ in tried.values()), default=0.0)
            if most <= 0.0:
                break
            row = next(row for gain, row in tried.values() if gain >= good_enough * most)
            self.take(row)
            same = next(
                (i for i in range(len(found), 0, -1) if found[i - 1].key != row.key), 0
            )  # the rows after it say the same
            found = [*found[:same], *(r for r in found[same:] if not row.holds(r)), row]
        return found

    def _widest(self, key: str, by_zone: np.ndarray) -> tuple[float, Covered | None]:
        """The row of an option that covers most of what is left, and how much that is; all price zones on
        ties."""
        last = self.zones - 1
        by_price = any((t != t[..., :1]).any() for _, t in self.refused[key])
        best: tuple[float, Covered | None] = (0.0, None)
        for i, j in (
            [(0, last), *((0, j) for j in range(last)), *((i, last) for i in range(1, last + 1))]
            if by_price
            else [(0, last)]
        ):
            if by_zone[i : j + 1].sum() > best[0] * (1.0 + 1e-9):
                box, gain = self._best_box(key, slice(i, j + 1))
                if box is not None and gain > best[0] * (1.0 + 1e-9):
                    best = gain, Covered(box, (i, j), self.zones, key)
        return best

    def _best_box(self, key: str, zones: slice) -> tuple[Box | None, float]:
        box: Box | None = self.scales.everything
        left = self.weight * self.left[..., zones].sum(axis=-1)
        for names, refused in self.refused[key]:
            bad = refused[..., zones].any(axis=-1)
            if bad.any():
                box = widest_box(box, names, bad, left.sum(axis=self._others(names)))
                if box is None:
                    return None, 0.0
                left = left * self._inside(box)
        return box, float(left.sum())

    def _inside(self, box: Box) -> np.ndarray:
        found = np.ones(self.shape, bool)
        for axis, name in enumerate(self.attributes):
            if not box[name].all():
                found &= box[name].reshape([-1 if i == axis else 1 for i in range(len(self.shape))])
        return found
