"""Rows before they are written: those of cells with cases, those of cells without, and the last ones of each issue."""
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from optimizer.domain.names import CHANNELS, ISSUES
from optimizer.model.block import Cell
from optimizer.model.pricing import OTHERS_DECIDE
from optimizer.policy.cells import Ground, typical_cases
from optimizer.policy.guards import guarded
from optimizer.policy.last_rows import merged
from optimizer.policy.tree import Grower, Node
from optimizer.solve.assign import assign

OWN, TYPICAL, LAST = "own", "typical", "last"


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
    kind: str                    # own: has cases | typical: priced on a made-up case | last: catches the rest
    typical_cents: float = np.nan


class Band(NamedTuple):
    """A price band of a leaf and its cases."""
    node: Node
    low: float
    high: float
    members: np.ndarray


def own_rows(grower: Grower, leaves: Sequence[tuple[Node, int]], classes: Sequence[str], kind: str = OWN) -> list[Row]:
    """Rows of the leaves of a cell: the option of each from the solver, and conditions that keep refused cases away."""
    cases, acceptance = grower.cases, grower.cases.acceptance
    bands = [Band(node, low, high, node.members[(cases.price[node.members] > low) & (cases.price[node.members] <= high)])
             for node, k in leaves for low, high in grower.leaf_bands(node, k)]
    if not bands:
        return []
    cost = np.stack([cases.cost[b.members].sum(axis=0) for b in bands])
    allowed = np.stack([grower.allowed_in(b.node, b.low, b.high) for b in bands])
    found: list[Row] = []
    for band, option in _joined(bands, assign(cost, allowed).choice):
        low, high, zones = grower.cut_off(band.node, band.low, band.high, option)
        k = band.node.product_class
        covered = np.ones(acceptance.classes, bool) if k < 0 else np.arange(acceptance.classes) == k
        box = guarded(acceptance, option, covered, zones, band.node.box, cases.levels[:, band.members], grower.shares)
        if box is not None:
            found.append(Row("*" if k < 0 else classes[k], *acceptance.cell, box.when(acceptance.scales), low, high, acceptance.keys[option], kind))
    return found


def _joined(bands: Sequence[Band], choice: np.ndarray) -> list[tuple[Band, int]]:
    """Neighbouring bands of a leaf that say the same, put together."""
    found: list[tuple[Band, int]] = []
    for band, option in zip(bands, choice.tolist()):
        before, said = found[-1] if found else (None, -1)
        if before is not None and before.node is band.node and said == option:
            found[-1] = (Band(band.node, before.low, band.high, np.concatenate([before.members, band.members])), option)
        else:
            found.append((band, option))
    return found


def typical_rows(ground: Ground) -> list[Row]:
    """One row for every cell without cases in the markets seen, where a typical case is served better than by the last rows."""
    found = []
    for cell, cases in typical_cases(ground):
        grower = Grower(cases, 1, ground.shares(cell.market, cell.issue))
        cheapest = float(cases.best[0])
        if cheapest < cases.otherwise[0] and np.isfinite(grower.root.curve[0]):
            found += [r._replace(typical_cents=cheapest) for r in own_rows(grower, [(grower.root, 1)], ground.world.classes, TYPICAL)]
    return found


def last_rows(ground: Ground) -> tuple[list[Row], list[Row]]:
    """Rows that catch what no row of a cell fits: those particular to a market, and the wildcard rows issue by issue."""
    local: list[Row] = []
    wild: list[Row] = []
    markets = list(ground.world.markets)
    for issue in ISSUES:
        chains = {("*" if p == ground.nameless else p, m, c): ground.chains[Cell(p, m, c, issue)].text(ground.scales[m, issue])
                  for p in (*ground.named, ground.nameless) for m in markets for c in CHANNELS}
        for rows, into in zip(merged(chains, ground.named, markets, list(CHANNELS)), (local, wild)):
            into += [Row("*", p, m, c, issue, when, low, high, key, LAST) for (p, m, c), (when, low, high, key) in rows]
    return local, wild


def in_order(rows: Sequence[Row]) -> list[Row]:
    """Market by market, issue by issue: rows with cases, typical rows, last rows; rows of a cell keep their order."""
    rank = {OWN: 0, TYPICAL: 0, LAST: 1}
    return sorted(rows, key=lambda r: (r.market, list(ISSUES).index(r.issue), rank[r.kind], r.platform == "*", r.platform,
                                       list(CHANNELS).index(r.channel)))


def decider(deciders: Sequence[str]) -> str:
    """Who decides where several may: the seller, case by case, unless all is set beforehand."""
    own = {d for d in deciders if d not in OTHERS_DECIDE}
    return own.pop() if len(own) == 1 else "seller"
