"""Which rows a cell needs: a tree that splits its cases by class and condition, with price bands at its
leaves.

A split puts "class k" or "attribute at these levels" on one side and the rest on the other. It pays when it
saves more than the price of the rows it adds; the tree is grown once and then read at every price of a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from optimizer.policy.acceptance import CellAcceptance
from optimizer.policy.bands import Curves, band_curves, readable_prices
from optimizer.policy.conditions import ATTRIBUTES, CHOICES, PLACE, Box

MOST_BANDS = 5  # per leaf
CLASS = "class"  # a split by class, beside the attributes
SEARCHED, FINAL = 10, 30  # break prices considered while searching, and for the bands of a leaf


@dataclass
class CellCases:
    """The cases of a cell whose way out the seller chooses; money in cents.   n cases, O candidate options"""

    acceptance: CellAcceptance
    options: np.ndarray  # (O,) places of the candidate options in the acceptance
    price: np.ndarray  # (n,)
    classes: np.ndarray  # (n,)
    levels: np.ndarray  # (A, n)
    cost: (
        np.ndarray
    )  # (n, O) cost of following an option; where it is refused, of what the last rows say instead
    otherwise: np.ndarray  # (n,) cost of what the last rows say
    best: np.ndarray  # (n,) cost of deciding case by case
    ladder: np.ndarray = field(
        init=False
    )  # (L,) readable prices and changes of acceptability around the cases
    step: np.ndarray = field(init=False)  # (n,) place in the ladder
    is_bound: np.ndarray = field(init=False)  # (L,) bool: acceptability may change here

    def __post_init__(self):
        bounds = self.acceptance.scales.bounds["value"]
        low, high = (self.price.min(), self.price.max()) if len(self.price) else (10.0, 10.0)
        self.ladder = np.unique(np.concatenate([readable_prices(low, high), bounds]))
        self.step = np.searchsorted(self.ladder, self.price, side="left")
        self.is_bound = np.isin(self.ladder, bounds)

    def breaks(self, members: np.ndarray, most: int) -> np.ndarray:
        """Places in the ladder that are candidates for breaks: all changes of acceptability, else spread
        evenly over the members."""
        counts = np.bincount(self.step[members], minlength=len(self.ladder) + 1)[:-1]
        below = np.cumsum(counts)
        useful = (counts > 0) & (below < len(members))
        if useful.sum() > most:
            share = np.floor(below * (most / len(members)))
            useful &= np.diff(share, prepend=0.0) > 0
        return np.flatnonzero(useful | self.is_bound)

    def zones(self, breaks: np.ndarray) -> np.ndarray:
        """Price zone of each bin between breaks.   (B,)"""
        bounds = self.acceptance.scales.bounds["value"]
        return np.append(np.searchsorted(bounds, self.ladder[breaks], side="left"), len(bounds))


class Candidates(NamedTuple):
    """The splits of a node and the curves of both sides."""

    inside: np.ndarray  # (S, K)
    outside: np.ndarray  # (S, K)
    what: list[tuple[str, np.ndarray]]  # attribute, levels inside


@dataclass
class Node:
    """Part of the cases of a cell: one class or all, inside a box."""

    members: np.ndarray
    product_class: int  # -1 = any
    box: Box
    curve: np.ndarray = field(default_factory=lambda: np.zeros(0))  # (K,) least cost with k+1 bands
    split: tuple[Node, Node] | None = None
    candidates: Candidates | None = None


class Grower:
    """Grows the tree of one cell."""

    def __init__(self, cases: CellCases, fewest: int, shares: Mapping[str, np.ndarray]):
        self.cases, self.fewest, self.shares = cases, fewest, shares
        self._acceptable: dict[tuple[int, ...], np.ndarray] = {}
        self.root = Node(np.arange(len(cases.cost)), -1, cases.acceptance.scales.everything)
        self.root.curve = self._curve(self.root, SEARCHED)[0].cost[0]

    def usual(self, members: np.ndarray, worth: np.ndarray | None = None) -> dict[str, int]:
        """The most frequent level of each attribute, or the one that is worth most."""
        scales = self.cases.acceptance.scales
        return {
            a: int(np.bincount(self.cases.levels[i, members], worth, scales.count(a)).argmax())
            for i, a in enumerate(ATTRIBUTES)
        }

    def acceptable(self, level: dict[str, int], product_class: int) -> np.ndarray:
        """Options acceptable for usual cases of a class, by price zone.   (Z, O)"""
        key = (product_class, *level.values())
        if key not in self._acceptable:
            a = self.cases.acceptance
            classes = slice(None) if product_class < 0 else slice(product_class, product_class + 1)
            self._acceptable[key] = np.stack(
                [
                    a.acceptable_at({**level, "value": max(level["value"], z)}, z)[classes].all(axis=0)
                    for z in range(a.zones)
                ]
            )[:, self.cases.options]
        return self._acceptable[key]

    def _curve(self, node: Node, most: int) -> tuple[Curves, np.ndarray]:
        breaks = self.cases.breaks(node.members, most)
        bins = np.searchsorted(breaks, self.cases.step[node.members], side="left")
        sums, counts = _tabulate(bins[:, None], len(breaks) + 1, self.cases.cost[node.members])
        allowed = _allowed(
            self.acceptable(self.usual(node.members), node.product_class)[None],
            self.cases.zones(breaks),
            counts[None],
        )
        return band_curves(sums[None], counts[None], allowed, MOST_BANDS, self.fewest), breaks

    def search(self, node: Node) -> None:
        """Price every split of a node."""
        cases, scales, members = self.cases, self.cases.acceptance.scales, node.members
        breaks = cases.breaks(members, SEARCHED)
        b = len(breaks) + 1
        bins, zones = np.searchsorted(breaks, cases.step[members], side="left"), cases.zones(breaks)
        usual = self.usual(members)
        found = {
            a: (cases.levels[PLACE[a], members], scales.count(a))
            for a in ATTRIBUTES
            if (cases.levels[PLACE[a], members] != usual[a]).any()
        }
        if node.product_class < 0:
            found[CLASS] = cases.classes[members], cases.acceptance.classes
        offsets = np.cumsum([0, *(count for _, count in found.values())])
        node.candidates = Candidates(np.zeros((0, 1)), np.zeros((0, 1)), [])
        if not found:
            return
        codes = np.stack([code + first for (code, _), first in zip(found.values(), offsets)], axis=1)
        sums, tally = _tabulate(codes * b + bins[:, None], offsets[-1] * b, cases.cost[members])
        sums, tally = sums.reshape(offsets[-1], b, -1), tally.reshape(offsets[-1], b)
        whole, everyone = sums[: offsets[1]].sum(axis=0), tally[: offsets[1]].sum(axis=0)
        insides, sizes, acceptable, what = [], [], [], []
        for (name, (_, count)), first in zip(found.items(), offsets):
            at_level = tally[first : first + count].sum(axis=1)
            ways = [
                w
                for w in _ways(name, count)
                if self.fewest <= at_level[w].sum() <= len(members) - self.fewest
            ]
            if ways:
                insides.append(np.tensordot(np.array(ways, float), sums[first : first + count], 1))
                sizes.append(np.array(ways, float) @ tally[first : first + count])
                acceptable += [self._sides(name, w, at_level, usual, node.product_class) for w in ways]
                what += [(name, w) for w in ways]
        if what:
            inside, size = np.concatenate(insides), np.concatenate(sizes)
            both, counts = np.concatenate([inside, whole - inside]), np.concatenate([size, everyone - size])
            allowed = _allowed(np.stack([side for pair in zip(*acceptable) for side in pair]), zones, counts)
            curves = band_curves(both, counts, allowed, MOST_BANDS, self.fewest).cost
            node.candidates = Candidates(curves[: len(what)], curves[len(what) :], what)

    def _sides(
        self, name: str, levels: np.ndarray, sizes: np.ndarray, usual: dict[str, int], product_class: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Options acceptable for usual cases inside and outside of a split, by price zone.   two (Z, O)"""
        if name == CLASS:
            return self.acceptable(usual, int(levels.argmax())), self.acceptable(usual, product_class)
        return tuple(
            self.acceptable({**usual, name: int(np.where(own, sizes, -1.0).argmax())}, product_class)
            for own in (levels, ~levels)
        )

    def grow(self, node: Node, price: float) -> None:
        """Split as long as a split saves more than the rows it adds cost at this price of a row."""
        if node.split is None:
            least = self.cases.best[node.members].sum()
            if len(node.members) < 2 * self.fewest or node.curve[0] - least <= price:
                return
            if node.candidates is None:
                self.search(node)
            if not node.candidates.what:
                return
            both = _least(node.candidates.inside, price) + _least(node.candidates.outside, price)
            i = int(both.argmin())
            if not both[i] < _least(node.curve, price) - 1e-6:
                return
            node.split = self._halves(node, *node.candidates.what[i])
        for half in node.split:
            self.grow(half, price)

    def _halves(self, node: Node, name: str, levels: np.ndarray) -> tuple[Node, Node]:
        cases, members = self.cases, node.members
        inside = levels[cases.classes[members] if name == CLASS else cases.levels[PLACE[name], members]]
        if name == CLASS:
            halves = (
                Node(members[inside], int(levels.argmax()), node.box),
                Node(members[~inside], -1, node.box),
            )
        else:
            halves = (
                Node(members[inside], node.product_class, node.box.narrowed(name, levels)),
                Node(members[~inside], node.product_class, node.box.narrowed(name, ~levels)),
            )
        for half in halves:
            half.curve = self._curve(half, SEARCHED)[0].cost[0]
        return halves

    def leaves(self, price: float) -> list[tuple[Node, int]]:
        """The leaves that pay at this price of a row, each with its number of bands; none where the last
        rows do as well."""
        worth, found = self._read(self.root, price)
        return found if worth < self.cases.otherwise.sum() - 1e-6 else []

    def _read(self, node: Node, price: float) -> tuple[float, list[tuple[Node, int]]]:
        """Cost and rows of a node at a price of a row, and its leaves."""
        here = node.curve + price * np.arange(1, len(node.curve) + 1)
        k = int(here.argmin())
        if node.split is not None:
            parts = [self._read(half, price) for half in node.split]
            if (together := parts[0][0] + parts[1][0]) < here[k] - 1e-6:
                return together, parts[0][1] + parts[1][1]
        return float(here[k]), [(node, k + 1)]

    def cost(self, leaves: list[tuple[Node, int]]) -> float:
        """What the leaves cost, prices of rows left out."""
        return (
            sum(float(node.curve[k - 1]) for node, k in leaves)
            if leaves
            else float(self.cases.otherwise.sum())
        )

    def leaf_bands(self, node: Node, bands: int) -> list[tuple[float, float]]:
        """The bands of a leaf: (price from, price to), infinite where open."""
        curves, breaks = self._curve(node, FINAL)
        k = int(np.argmin(curves.cost[0, :bands]))
        ends = np.concatenate([[-np.inf], self.cases.ladder[breaks], [np.inf]])
        return [(float(ends[i]), float(ends[j])) for i, j in curves.bands(0, k)]

    def allowed_in(self, node: Node, low: float, high: float) -> np.ndarray:
        """Options acceptable for usual cases in every price zone of a band that has cases.   (O,) bool"""
        inside = self.cases.price[node.members]
        inside = inside[(inside > low) & (inside <= high)]
        zones = np.unique(np.searchsorted(self._bounds, inside, side="left"))
        usual = self.acceptable(self.usual(node.members), node.product_class)
        return (
            usual[zones[0] : zones[-1] + 1].all(axis=0)
            if len(zones)
            else usual[self._zones_of(low, high)].all(axis=0)
        )

    def cut_off(
        self, node: Node, low: float, high: float, option: int, worth: np.ndarray | None = None
    ) -> tuple[float, float, np.ndarray]:
        """The band without outer price zones in which the option is refused for usual cases, and its zones
        (Z,) bool.

        It is kept around the zone with most cases, or with most `worth`.
        """
        price = self.cases.price[node.members]
        inside = (price > low) & (price <= high)
        held = np.bincount(
            np.searchsorted(self._bounds, price[inside], side="left"),
            None if worth is None else worth[inside],
            len(self._bounds) + 1,
        )
        fine = self.acceptable(self.usual(node.members, worth), node.product_class)[
            :, option
        ] & self._zones_of(low, high)
        middle = int(np.where(fine, held + 1e-9, 0.0).argmax())
        if not fine[middle]:
            return low, high, np.zeros(len(fine), bool)
        first = last = middle
        while first > 0 and fine[first - 1]:
            first -= 1
        while last < len(fine) - 1 and fine[last + 1]:
            last += 1
        ends = np.concatenate([[-np.inf], self._bounds, [np.inf]])
        place = np.arange(len(fine))
        return (
            max(low, float(ends[first])),
            min(high, float(ends[last + 1])),
            (place >= first) & (place <= last),
        )

    @property
    def _bounds(self) -> np.ndarray:
        return self.cases.acceptance.scales.bounds["value"]

    def _zones_of(self, low: float, high: float) -> np.ndarray:
        """Price zones that a band touches.   (Z,) bool"""
        ends = np.concatenate([[-np.inf], self._bounds, [np.inf]])
        return (ends[1:] > low) & (ends[:-1] < high)


def _least(curves: np.ndarray, price: float) -> np.ndarray:
    """Least cost of bands and rows.   (…, K) -> (…)"""
    return (curves + price * np.arange(1, curves.shape[-1] + 1)).min(axis=-1)


def _allowed(acceptable: np.ndarray, zones: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Options allowed per bin; bins beyond all cases allow any: the band is cut off there.   (S, Z, O),
    (B,), (S, B) -> (S, B, O)"""
    filled = counts > 0
    beyond = ~(
        np.logical_or.accumulate(filled, axis=1) & np.logical_or.accumulate(filled[:, ::-1], axis=1)[:, ::-1]
    )
    return acceptable[:, zones] | beyond[:, :, None]


def _ways(name: str, count: int) -> np.ndarray:
    """Levels of one side of each split of an attribute.   (W, count) bool"""
    ways = (
        np.eye(count, dtype=bool)
        if name == CLASS or name in CHOICES
        else np.tril(np.ones((count, count), bool))[:-1]
    )
    return ways[:1] if count == 2 else ways


def _tabulate(codes: np.ndarray, length: int, cost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums of cost and numbers of cases by code.   codes (n, T), cost (n, O) -> (length, O), (length,)"""
    n, t = codes.shape
    spread = csr_matrix((np.ones(n * t), codes.ravel(), np.arange(0, n * t + 1, t)), shape=(n, length))
    return spread.T @ cost, np.bincount(codes.ravel(), minlength=length).astype(float)
