"""The last rows of an issue: what to do with every case that no row of its own cell fits.

Per platform and channel, plain instructions that are acceptable in every market become wildcard rows; where a
market is left with cases that these do not cover, it gets rows of its own before them. Every row is
acceptable for all it fits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from optimizer.domain.assumption import Book
from optimizer.model.declare import Option
from optimizer.model.pricing import OTHERS_DECIDE
from optimizer.policy.acceptance import CellAcceptance
from optimizer.policy.apply import SAYS_NOTHING
from optimizer.policy.conditions import ATTRIBUTES, STEP_UNITS, Scales
from optimizer.policy.cover import Cover, Covered
from optimizer.policy.guards import usual_shares

DECIDES = {who: f"{who}_decides" for who in OTHERS_DECIDE}
GOOD_ENOUGH = "policy.good_enough"
COMMON = tuple(a for a in ATTRIBUTES if a not in ("parcel", "value"))  # what all markets measure alike


class Said(NamedTuple):
    """A row as text: when and for which prices it holds, and what it says."""

    when: str
    price_from: float  # infinite where open
    price_to: float
    key: str  # option key, platform_decides, buyer_decides or undecided


class Chain(NamedTuple):
    """The last rows of a platform and channel: those of each market, then those of all."""

    local: Mapping[str, tuple[Said, ...]]
    common: tuple[Said, ...]


def chain_of(
    book: Book, cells: Mapping[str, CellAcceptance], issue: str, mean_cost: Mapping[str, float]
) -> Chain:
    """Last rows of one platform, channel and issue, from its cell in every market."""
    deciders = Counter(tuple(a.deciders) for a in cells.values()).most_common(1)[0][0]
    alike = {m: a for m, a in cells.items() if tuple(a.deciders) == deciders}
    scales = united([a.scales for a in alike.values()])
    keys = set.intersection(*(set(a.place) for a in alike.values()))
    cover = Cover(
        list(alike.values()),
        scales,
        COMMON,
        _by_cost((k for k in keys if not Option.parse(k).provider), mean_cost),
        usual_shares(book, scales, issue),
    )
    common = [] if _others_only(deciders) else cover.rows(book.number(GOOD_ENOUGH))
    hopeless, local = False, {}
    for m, a in cells.items():
        rows, lost = _local(
            book, a, issue, mean_cost, [r.on(scales, a.scales) for r in common] if m in alike else []
        )
        local[m] = _texts(rows, a.scales)
        if m in alike:
            hopeless |= lost
        else:  # others decide other stages here: the rows of all markets do not hold
            local[m] = _total([*_decided(a.deciders), *local[m]], lost)
    return Chain(local, _total([*_decided(deciders), *_texts(common, scales)], hopeless))


def _local(
    book: Book,
    a: CellAcceptance,
    issue: str,
    mean_cost: Mapping[str, float],
    covered: Sequence[Covered],
) -> tuple[list[Covered], bool]:
    """Rows for what the rows of all markets leave of a cell, and whether there are cases that nothing is
    acceptable for."""
    if _others_only(a.deciders) or any(r.is_everything for r in covered):
        return [], False
    cover = Cover(
        [a],
        a.scales,
        ATTRIBUTES,
        _by_cost((k for k in a.keys if is_plain(k)), mean_cost),
        usual_shares(book, a.scales, issue),
    )
    for row in covered:
        cover.take(row)
    rows = cover.rows(book.number(GOOD_ENOUGH))
    return rows, cover.hopeless or bool(cover.left.any())


def _by_cost(keys: Iterable[str], mean_cost: Mapping[str, float]) -> list[str]:
    """Plain options, cheapest first; those of unknown cost last, in alphabetical order."""
    return sorted((k for k in keys if is_plain(k)), key=lambda k: (mean_cost.get(k, np.inf), k))


def is_plain(key: str) -> bool:
    """No offer and no fallback: an instruction that ends the case."""
    option = Option.parse(key)
    return not option.offer and not option.fallback


def _others_only(deciders: Sequence[str]) -> bool:
    return all(d in OTHERS_DECIDE for d in deciders)


def _decided(deciders: Sequence[str]) -> list[Said]:
    """Rows for the stages that others decide."""
    whole = Scales({name: np.zeros(0) for name in STEP_UNITS})
    return [
        Said(
            whole.everything.narrowed("stage", np.array([d == who for d in deciders])).when(whole),
            -np.inf,
            np.inf,
            DECIDES[who],
        )
        for who in OTHERS_DECIDE
        if who in deciders
    ]


def _texts(rows: Iterable[Covered], scales: Scales) -> tuple[Said, ...]:
    ends = [-np.inf, *scales.bounds["value"], np.inf]
    return tuple(
        Said(r.box.when(scales), float(ends[r.zones[0]]), float(ends[r.zones[1] + 1]), r.key) for r in rows
    )


def _total(rows: Sequence[Said], hopeless: bool) -> tuple[Said, ...]:
    """The rows with a last one that holds for whatever is left."""
    last = Said(
        "", -np.inf, np.inf, SAYS_NOTHING if hopeless or not rows else rows[-1].key
    )  # nothing else is left for the last row
    kept = list(rows)
    while kept and kept[-1].key == last.key:
        kept.pop()
    return (*kept, last)


def united(scales: Sequence[Scales]) -> Scales:
    """Scales with the bounds of all."""
    return Scales({name: np.unique(np.concatenate([s.bounds[name] for s in scales])) for name in STEP_UNITS})


Place = tuple[str, str, str]  # platform, market, channel; "*" = any


def placed(
    chains: Mapping[tuple[str, str], Chain],
    named: Sequence[str],
    markets: Sequence[str],
    channels: Sequence[str],
) -> tuple[list[tuple[Place, Said]], list[tuple[Place, Said]]]:
    """Rows particular to a market, and wildcard rows, the last of which hold everywhere.

    `chains` holds the chain of every platform (a named one, or "*" for all others) and channel.
    """
    local: list[tuple[Place, Said]] = []
    by_channel: dict[str, tuple[tuple[str, Said], ...]] = {}
    for c in channels:
        others = chains["*", c]
        own = [p for p in named if chains[p, c] != others]
        for m in markets:
            for p in own:  # rows of a market for all other platforms must not catch a named one
                said = (*chains[p, c].local[m], *(chains[p, c].common if others.local[m] else ()))
                local += [((p, m, c), row) for row in said]
            local += [(("*", m, c), row) for row in others.local[m]]
        by_channel[c] = (
            *((p, row) for p in own for row in chains[p, c].common),
            *(("*", row) for row in others.common),
        )
    count = Counter(by_channel.values())
    shared = max(count, key=lambda rows: (count[rows], -len(rows)))
    for_all = tuple(said for said in shared if said[0] == "*") if all(p == "*" for p, _ in shared) else None
    wild = []
    for c in (c for c in channels if by_channel[c] != shared):
        others = tuple(said for said in by_channel[c] if said[0] == "*")
        wild += [
            ((p, "*", c), row) for p, row in by_channel[c] if p != "*" or others != for_all
        ]  # else the last rows say the same
    return local, wild + [((p, "*", "*"), row) for p, row in shared]
