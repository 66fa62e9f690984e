"""Rows before they are written: those of cells with cases, those of cells without, and the last ones of
each issue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from optimizer.domain.names import CHANNELS, ISSUES
from optimizer.model.pricing import OTHERS_DECIDE
from optimizer.policy.apply import Matcher
from optimizer.policy.cells import Ground, cell_cases
from optimizer.policy.conditions import Box
from optimizer.policy.guards import guarded
from optimizer.policy.last_rows import placed
from optimizer.policy.tree import Grower, Node
from optimizer.solve.assign import assign

OWN, TYPICAL, LAST = "own", "typical", "last"
MOST_TRIED = 4  # options tried for the rest of a cell


class Row(NamedTuple):
    """One row before it is written; prices infinite where open."""

    product_class: str
    platform: str
    market: str
    channel: str
    issue: str
    when: str
    price_from: float
    price_to: float
    key: str
    kind: str  # own: has cases | typical: priced on a made-up case | last: catches the rest
    typical_cents: float = np.nan
    box: Box | None = None  # what `when` says, on the scales of its cell; None for last rows


class Band(NamedTuple):
    """A price band of a leaf and its cases."""

    node: Node
    low: float
    high: float
    members: np.ndarray


@dataclass
class CellRows:
    """The rows of a cell so far, and which of its cases they fit."""

    grower: Grower
    classes: Sequence[str]
    kind: str = OWN
    rows: list[Row] = field(default_factory=list)
    left: np.ndarray = field(init=False)  # (n,) bool: no row fits yet

    def __post_init__(self):
        self.left = np.ones(len(self.grower.cases.price), bool)

    def add_leaves(self, leaves: Sequence[tuple[Node, int]]) -> None:
        """Rows of leaves: the option of each from the solver, and conditions that keep refused cases away."""
        cases, grower = self.grower.cases, self.grower
        bands = [
            Band(
                node,
                low,
                high,
                node.members[(cases.price[node.members] > low) & (cases.price[node.members] <= high)],
            )
            for node, k in leaves
            for low, high in grower.leaf_bands(node, k)
        ]
        allowed = [grower.allowed_in(b.node, b.low, b.high) for b in bands]
        useful = [i for i, options in enumerate(allowed) if options.any()]
        if useful:
            cost = np.stack([cases.cost[bands[i].members].sum(axis=0) for i in useful])
            choice = assign(cost, np.stack([allowed[i] for i in useful])).choice
            for band, option in _joined([bands[i] for i in useful], choice):
                self._add(*self._placed(band, option))

    def add_rest(self, price: float) -> float:
        """One more row for the cases that no row fits, if it saves more than the price of a row; what it
        saves."""
        cases, everything = self.grower.cases, self.grower.cases.acceptance.scales.everything
        gain = np.where(self.left[:, None], cases.otherwise[:, None] - cases.cost, 0.0)
        possible = np.maximum(gain, 0.0).sum(axis=0)
        best, row, fits = price, None, np.zeros(0, int)
        for option in np.argsort(-possible, kind="stable")[:MOST_TRIED]:
            members = np.flatnonzero(gain[:, option] > 0.0)
            if possible[option] > best:
                rest = Band(Node(members, -1, everything), -np.inf, np.inf, members)
                tried, its = self._placed(rest, int(option), gain[members, option])
                if gain[its, option].sum() > best:
                    best, row, fits = float(gain[its, option].sum()), tried, its
        self._add(row, fits)
        return best if row else 0.0

    def _placed(
        self, band: Band, option: int, around: np.ndarray | None = None
    ) -> tuple[Row | None, np.ndarray]:
        """The row of a band with its conditions, and which cases it fits; None where nothing is left of it.

        `around` weighs the cases it is placed around.   (members,)
        """
        cases, acceptance, node = self.grower.cases, self.grower.cases.acceptance, band.node
        low, high, zones = self.grower.cut_off(node, band.low, band.high, option, around)
        if not zones.any():
            return None, np.zeros(0, int)
        k = node.product_class
        covered = np.ones(acceptance.classes, bool) if k < 0 else np.arange(acceptance.classes) == k
        worth = np.maximum(cases.otherwise[band.members] - cases.cost[band.members, option], 0.0)
        box = guarded(
            acceptance,
            int(cases.options[option]),
            covered,
            zones,
            node.box,
            cases.levels[:, band.members],
            worth,
            self.grower.shares,
        )
        if box is None:
            return None, np.zeros(0, int)
        fits = (
            self.left
            & (cases.price > low)
            & (cases.price <= high)
            & covered[cases.classes]
            & box.contains(cases.levels)
        )
        return Row(
            "*" if k < 0 else self.classes[k],
            *acceptance.cell,
            box.when(acceptance.scales),
            low,
            high,
            acceptance.keys[cases.options[option]],
            self.kind,
            box=box,
        ), np.flatnonzero(fits)

    def _add(self, row: Row | None, fits: np.ndarray) -> None:
        if row is not None:
            self.rows.append(row)
            self.left[fits] = False


def _joined(bands: Sequence[Band], choice: np.ndarray) -> list[tuple[Band, int]]:
    """Neighbouring bands of a leaf that say the same, put together."""
    found: list[tuple[Band, int]] = []
    for band, option in zip(bands, choice.tolist()):
        before, said = found[-1] if found else (None, -1)
        if before is not None and before.node is band.node and before.high == band.low and said == option:
            found[-1] = (
                Band(band.node, before.low, band.high, np.concatenate([before.members, band.members])),
                option,
            )
        else:
            found.append((band, option))
    return found


def own_rows(
    growers: Sequence[Grower],
    leaves: Sequence[Sequence[tuple[Node, int]]],
    classes: Sequence[str],
    most: int,
    price: float,
) -> list[Row]:
    """Rows of the cells of a market; what `most` leaves over goes to rows for the rest of cells, those
    that save most first."""
    cells = [CellRows(g, classes) for g in growers]
    for cell, its in zip(cells, leaves):
        cell.add_leaves(its)
    spare = most - sum(len(c.rows) for c in cells)
    lost = [float((c.grower.cases.otherwise - c.grower.cases.best)[c.left].sum()) for c in cells]
    for i in np.argsort(-np.array(lost), kind="stable"):
        while spare > 0 and cells[i].add_rest(price) > 0.0:
            spare -= 1
    return [row for c in cells for row in c.rows]


def typical_rows(ground: Ground, last: Matcher, least: float) -> list[Row]:
    """One row for every cell without cases in the markets seen, where it saves a typical case at least
    `least` cents against the last rows."""
    found = []
    for cell, (block, priced) in ground.typical.items():
        cases = cell_cases(ground.acceptance[cell], block, priced, last)
        if cases is None or cases.otherwise[0] - cases.best[0] < max(least, 1.0):
            continue
        grower, cheapest = Grower(cases, 1, ground.shares(cell.market, cell.issue)), float(cases.best[0])
        if np.isfinite(grower.root.curve[0]):
            one = CellRows(grower, ground.world.classes, TYPICAL)
            one.add_leaves([(grower.root, 1)])
            found += [r._replace(typical_cents=cheapest) for r in one.rows]
    return found


def last_rows(ground: Ground) -> tuple[list[Row], list[Row]]:
    """Rows that catch what no row of a cell fits: those particular to a market, and the wildcard rows
    issue by issue."""
    local: list[Row] = []
    wild: list[Row] = []
    for issue in ISSUES:
        chains = {
            (name, c): ground.chains[p, c, issue]
            for name, p in [*((p, p) for p in ground.named), ("*", ground.nameless)]
            for c in CHANNELS
        }
        for rows, into in zip(
            placed(chains, ground.named, list(ground.world.markets), list(CHANNELS)), (local, wild)
        ):
            into += [Row("*", *place, issue, *said, LAST) for place, said in rows]
    return local, wild


def in_order(rows: Sequence[Row]) -> list[Row]:
    """Market by market, issue by issue: rows with cases, typical rows, last rows; rows of a cell keep
    their order."""
    rank = {OWN: 0, TYPICAL: 0, LAST: 1}
    return sorted(
        rows,
        key=lambda r: (
            r.market,
            list(ISSUES).index(r.issue),
            rank[r.kind],
            r.platform == "*",
            r.platform,
            list(CHANNELS).index(r.channel),
        ),
    )


def decider(deciders: Sequence[str]) -> str:
    """Who decides where several may: the seller, case by case, unless all is set beforehand."""
    own = {d for d in deciders if d not in OTHERS_DECIDE}
    return own.pop() if len(own) == 1 else "seller"
