"""The last rows of an issue: what to do with every case that no row of its own cell fits.

For each cell a chain of plain instructions is found that together are acceptable for every case that can be; chains
that many cells share become wildcard rows, what is particular to a market becomes rows of that market.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from optimizer.model.pricing import OTHERS_DECIDE
from optimizer.policy.acceptance import CellAcceptance
from optimizer.policy.conditions import ATTRIBUTES, Box, Scales
from optimizer.policy.guards import outer, widest_box

UNDECIDED = "undecided"          # what a row says where nothing is acceptable
DECIDES = {who: f"{who}_decides" for who in OTHERS_DECIDE}
GOOD_ENOUGH = 0.8                # of the largest cover: among these the cheapest instruction is taken


class Last(NamedTuple):
    """One row of a chain: where it holds and what it says."""
    box: Box
    zones: tuple[int, int]       # first and last price zone
    key: str                     # option key, platform_decides, buyer_decides or undecided


class Chain(NamedTuple):
    """What to do with every case of a cell; its last row holds everywhere."""
    rows: tuple[Last, ...]

    def match(self, levels: np.ndarray, zones: np.ndarray) -> np.ndarray:
        """Number of the first row that fits each case.   levels (A, n), zones (n,) -> (n,)"""
        found = np.full(levels.shape[1], -1)
        for i, row in enumerate(self.rows):
            fits = (found < 0) & (zones >= row.zones[0]) & (zones <= row.zones[1])
            found[fits & row.box.contains(levels)] = i
        return found

    def text(self, scales: Scales) -> tuple[tuple[str, float, float, str], ...]:
        """The rows as (when, price from, price to, key); infinite where open."""
        ends = [-np.inf, *scales.bounds["value"], np.inf]
        return tuple((r.box.when(scales), ends[r.zones[0]], ends[r.zones[1] + 1], r.key) for r in self.rows)


class Chains:
    """Finds chains; cells that refuse alike share one."""

    def __init__(self) -> None:
        self._known: dict[object, Chain] = {}

    def of(self, acceptance: CellAcceptance, shares: Mapping[str, np.ndarray], mean_cost: Mapping[str, float]) -> Chain:
        plain = [i for i, k in enumerate(acceptance.keys) if is_plain(k)]
        keys = [acceptance.keys[i] for i in plain]
        alike = (tuple(acceptance.deciders), tuple(keys), tuple(sorted(keys, key=lambda k: mean_cost.get(k, np.inf))), acceptance.cell.issue,
                 *(acceptance.scales.count(a) for a in ATTRIBUTES), *(reached.tobytes() for reached in acceptance.reached),
                 *((g.attributes, table.shape, table[..., plain].tobytes()) for g, table in zip(acceptance.groups, acceptance.refused)))
        if alike not in self._known:
            self._known[alike] = chain_of(acceptance, shares, mean_cost)
        return self._known[alike]


def chain_of(acceptance: CellAcceptance, shares: Mapping[str, np.ndarray], mean_cost: Mapping[str, float]) -> Chain:
    """Rows that cover every case of a cell, with instructions that need no provider where these suffice.

    Where nothing is acceptable for some cases the chain ends in `undecided`.
    """
    everything, all_zones = acceptance.scales.everything, (0, acceptance.zones - 1)
    rows = [Last(everything.narrowed("stage", np.array([d == who for d in acceptance.deciders])), all_zones, DECIDES[who])
            for who in OTHERS_DECIDE if who in acceptance.deciders]
    if not all(d in OTHERS_DECIDE for d in acceptance.deciders):
        plain = [k for k in acceptance.keys if is_plain(k)]
        by_cost = sorted(plain, key=lambda k: mean_cost.get(k, np.inf))
        cover = _Cover(acceptance, shares, [k for k in by_cost if not k.split("|")[1]])
        own = cover.rows(GOOD_ENOUGH)
        if not own or cover.left.any() or cover.lost > 0.0:
            with_providers = _Cover(acceptance, shares, by_cost)
            if not own or with_providers.lost < cover.lost - 1e-12:
                cover, own = with_providers, with_providers.rows(1.0)
        rows += own
        if cover.left.any() or cover.lost > 0.0:
            rows.append(Last(everything, all_zones, UNDECIDED))
    return Chain((*rows[:-1], Last(everything, all_zones, rows[-1].key)))      # nothing else is left for the last row


def is_plain(key: str) -> bool:
    """No offer and no fallback: an instruction that ends the case."""
    return key.endswith("||")


class _Cover:
    """All combinations of the levels that matter to some plain options, by price zone, and which of them still lack a row."""

    def __init__(self, acceptance: CellAcceptance, shares: Mapping[str, np.ndarray], keys: Sequence[str]):
        self.acceptance, scales = acceptance, acceptance.scales
        tables: dict[str, list[tuple[tuple[str, ...], np.ndarray]]] = {}             # by key: attributes, refused (levels, zones)
        known = set()
        for key in keys:
            refused = [(g.attributes, t[..., acceptance.place[key]].any(axis=-2)) for g, t in zip(acceptance.groups, acceptance.refused)]
            alike = b"".join(t.tobytes() for _, t in refused)
            if alike not in known:                     # of options refused alike the first, cheapest one stands for all
                known.add(alike)
                tables[key] = [(a, np.broadcast_to(t, (*t.shape[:-1], acceptance.zones))) for a, t in refused if t.any()]
        self.refused = tables
        used = {a for refused in tables.values() for attributes, _ in refused for a in attributes}
        self.attributes = tuple(a for a in ATTRIBUTES if a in used)
        self.shape = tuple(scales.count(a) for a in self.attributes)
        self.weight = outer([shares[a] / shares[a].sum() for a in self.attributes])
        some = np.zeros((*self.shape, acceptance.zones), bool)
        for refused in tables.values():
            ok = np.ones(some.shape, bool)
            for attributes, table in refused:
                ok &= ~np.expand_dims(table, self._others(attributes))
            some |= ok
        self.left = np.ones(some.shape, bool)
        if "value" in used:                            # a case is worth at least the price of one unit
            self.left &= self._axis("value", np.arange(scales.count("value"))) >= np.arange(acceptance.zones)
        if "stage" in used:                            # what others decide needs no instruction
            self.left &= self._axis("stage", np.array([d not in OTHERS_DECIDE for d in acceptance.deciders]))
        for group, reached in zip(acceptance.groups, acceptance.reached):
            if not reached.all():
                unused = tuple(i for i, a in enumerate(group.attributes) if a not in used)
                self.left &= np.expand_dims(reached.any(axis=unused), (*self._others(group.attributes), len(self.shape)))
        weight = self.weight[..., None] * self.left
        self.lost = float((weight * ~some).sum() / max(weight.sum(), 1e-300))        # share of cases that nothing is acceptable for
        self.left &= some

    def _others(self, attributes: tuple[str, ...]) -> tuple[int, ...]:
        """Axes of all other attributes."""
        return tuple(i for i, a in enumerate(self.attributes) if a not in attributes)

    def _axis(self, name: str, values: np.ndarray) -> np.ndarray:
        """Values along the axis of an attribute."""
        return values.reshape([-1 if a == name else 1 for a in self.attributes] + [1])

    def rows(self, good_enough: float) -> list[Last]:
        """Rows until nothing is left or nothing helps: of those that cover nearly as much as can be the cheapest."""
        found = []
        while self.left.any():
            by_zone = (self.weight[..., None] * self.left).reshape(-1, self.left.shape[-1]).sum(axis=0)
            tried = {key: self._widest(key, by_zone) for key in self.refused}
            most = max(gain for gain, _ in tried.values())
            if most <= 0.0:
                break
            gain, row = next(t for t in tried.values() if t[0] >= good_enough * most)
            found.append(row)
            self.left[..., row.zones[0]:row.zones[1] + 1] &= ~self._inside(row.box)[..., None]
        return found

    def _widest(self, key: str, by_zone: np.ndarray) -> tuple[float, Last | None]:
        """The row of an option that covers most of what is left, and how much that is; all price zones on ties."""
        last = self.acceptance.zones - 1
        by_price = any((t != t[..., :1]).any() for _, t in self.refused[key])
        best: tuple[float, Last | None] = (0.0, None)
        for i, j in [(0, last), *((0, j) for j in range(last)), *((i, last) for i in range(1, last + 1))] if by_price else [(0, last)]:
            if by_zone[i:j + 1].sum() > best[0] + 1e-12:
                box, gain = self._best_box(key, slice(i, j + 1))
                if box is not None and gain > best[0] + 1e-12:
                    best = gain, Last(box, (i, j), key)
        return best

    def _best_box(self, key: str, zones: slice) -> tuple[Box | None, float]:
        box: Box | None = self.acceptance.scales.everything
        left = self.weight * self.left[..., zones].sum(axis=-1)
        for attributes, refused in self.refused[key]:
            bad = refused[..., zones].any(axis=-1)
            if bad.any():
                box = widest_box(box, attributes, bad, left.sum(axis=self._others(attributes)))
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


Place = tuple[str, str, str]                     # platform, market, channel; "*" = any
Said = tuple[str, float, float, str]             # when, price from, price to, key


def merged(chains: Mapping[Place, tuple[Said, ...]], named: Sequence[str], markets: Sequence[str],
           channels: Sequence[str]) -> tuple[list[tuple[Place, Said]], list[tuple[Place, Said]]]:
    """Rows particular to a market, and wildcard rows, the last of which hold everywhere.

    `chains` holds the rows, as text, of every platform (a named one, or "*" for all others), market and channel.
    """
    local: list[tuple[Place, Said]] = []
    by_channel: dict[str, tuple[tuple[str, Said], ...]] = {}
    for c in channels:
        common = Counter(chains["*", m, c] for m in markets).most_common(1)[0][0]
        usual = {p: Counter(chains[p, m, c] for m in markets).most_common(1)[0][0] for p in named}
        own = [p for p in named if usual[p] != common or any(chains[p, m, c] != chains["*", m, c] for m in markets)]
        for m in markets:
            particular = chains["*", m, c] != common
            local += [((p, m, c), said) for p in own if particular or chains[p, m, c] != usual[p] for said in chains[p, m, c]]
            local += [(("*", m, c), said) for said in chains["*", m, c] if particular]
        by_channel[c] = (*((p, said) for p in own for said in usual[p]), *(("*", said) for said in common))
    shared = Counter(by_channel.values()).most_common(1)[0][0]
    wild = [((p, "*", c), said) for c in channels if by_channel[c] != shared for p, said in by_channel[c]]
    return local, wild + [((p, "*", "*"), said) for p, said in shared]
