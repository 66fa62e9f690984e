"""Which options may be refused for which cases, found by probes: made-up cases at every level that a rule in
scope reads.

A rule refuses by what it reads. Options are refused by any of their rules, so it is enough to probe, rule
group by rule group, all levels of what the group reads: no grid over everything is needed.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from optimizer.domain.calendar import DAYS_PER_MONTH
from optimizer.domain.sets import NOT_INSPECTED
from optimizer.model.block import Block, Cell, Columns
from optimizer.model.declare import Option, Rule
from optimizer.model.options import fallback_option
from optimizer.model.pricing import BIT, DECIDING
from optimizer.model.products import Products
from optimizer.model.world import World
from optimizer.policy.bands import readable_prices
from optimizer.policy.conditions import ATTRIBUTES, Scales

# What a rule declares to read, as attributes of conditions; price and class are always probed with them.
READS = {
    "shipped": ("stage", "age"),
    "delivered": ("stage", "age"),
    "age": ("stage", "age"),
    "order_date": ("stage", "age"),
    "window": ("stage", "age"),
    "price": ("value",),
    "quantity": ("value",),
    "class": (),
    "weight": ("returnable", "parcel"),
    **{a: (a,) for a in ("claim_open", "safety", "prior_claims", "condition", "fault", "battery", "stock")},
}
CENT = 0.01
LONGEST_AGE, MOST_CLAIMS, _DEAREST = 4_000.0, 101, 20_000.0
NEVER = "9999"  # year of a rule without an end
LIGHT = 0.001  # kg


@dataclass(frozen=True)
class ProbeGroup:
    """Rules probed together: the attributes they read and whether price and class matter to them."""

    attributes: tuple[str, ...]
    rules: tuple[Rule, ...]
    reads_price: bool
    reads_class: bool

    @property
    def bits(self) -> np.uint64:
        """The bits of all its rules."""
        return np.bitwise_or.reduce([BIT[r.id] for r in self.rules]) if self.rules else np.uint64(0)


def rule_groups(world: World, cell: Cell) -> tuple[ProbeGroup, ...]:
    """The rules in force for a cell, grouped so that every rule stands in a group that probes all it
    reads."""
    return _grouped(
        tuple(r.id for r in DECIDING if r.in_scope(cell) and world.book.flag(f"rule.{r.id}.on", True))
    )


@lru_cache(maxsize=1_000)
def _grouped(ids: tuple[str, ...]) -> tuple[ProbeGroup, ...]:
    rules = [r for r in DECIDING if r.id in ids]
    reads = {r.id: frozenset(a for what in r.reads for a in READS[what]) for r in rules}
    wanted = {frozenset(), frozenset(("stage", "age")), *reads.values()}
    widest = sorted((s for s in wanted if not any(s < other for other in wanted)), key=sorted)
    groups: dict[frozenset[str], list[Rule]] = {s: [] for s in widest}
    for rule in rules:
        groups[next(s for s in widest if reads[rule.id] <= s)].append(rule)
    return tuple(
        ProbeGroup(
            tuple(a for a in ATTRIBUTES if a in s),
            tuple(found),
            "value" in s,
            any("class" in r.reads for r in found),
        )
        for s, found in groups.items()
    )


class Sheet(NamedTuple):
    """Made-up cases and the product of each."""

    columns: Columns
    products: Products


class Probes:
    """Makes blocks of made-up cases of one market."""

    def __init__(self, world: World, market: str, days: Sequence[np.datetime64]):
        self.world, self.market, self.days = world, world.markets[market], days
        self.heaviest = np.unique([lane.up_to_kg[-1] for lane in self.market.lanes.values()])
        groups = world.class_texts("window_group")
        self.windows = sorted({groups.index(g) for g in groups})  # one class for each return window
        self._kept: dict[object, object] = {}

    def kept(self, key: object, make: Callable[[], object]) -> object:
        """Made once."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def sheet(
        self,
        n: int,
        product_class: np.ndarray | int = 0,
        battery: np.ndarray | int = 0,
        kg: np.ndarray | float = LIGHT,
        cm3: np.ndarray | float = 0.0,
        in_stock: np.ndarray | bool = True,
        **given: np.ndarray,
    ) -> Sheet:
        """n made-up cases; what is not given is ordinary: one cheap, light unit delivered yesterday. `kg`
        and `cm3` are of a whole case."""
        day = self.days[-1]
        usual = {
            "price": 10.0,
            "quantity": 1.0,
            "product": 0,
            "fault": 0,
            "condition": NOT_INSPECTED,
            "shipped": True,
            "delivered": True,
            "claim_open": False,
            "safety": False,
            "unhappy_return": False,
            "stars": np.nan,
            "prior_claims": 0,
            "order_day": day - 6,
            "case_day": day,
            "age_days": 1.0,
        }
        columns = Columns(
            **{k: given[k] if k in given else np.full(n, v) for k, v in usual.items()}
        )._replace(product=np.arange(n))
        k = np.broadcast_to(product_class, n)
        nothing = np.zeros(n)
        return Sheet(
            columns,
            Products(
                np.full(n, "", object),
                k,
                np.zeros((n, len(self.world.markets))),
                nothing,
                kg / columns.quantity,
                cm3 / columns.quantity,
                np.broadcast_to(battery, n),
                np.where(in_stock, np.inf, nothing),
            ),
        )

    def block(self, cell: Cell, sheet: Sheet) -> Block:
        """The made-up cases as cases of a cell."""
        return Block(self.world, sheet.products, cell, sheet.columns)

    @property
    def season(self) -> np.datetime64 | None:
        """First order day of the holiday extension in the year of the cases, if there is one."""
        first = "holiday.order_from"
        return (
            np.datetime64(f"{self.days[-1].astype('datetime64[Y]')}-{self.market.text(first)}")
            if self.market.has(first)
            else None
        )

    def aged(self, ages: np.ndarray) -> Sheet:
        """Made-up cases of these ages, one line after another: cheap and dear, with every return window,
        in ordinary and in holiday season."""
        n, whole = len(ages), ages.astype(int)
        seasons = [(self.days[-1] - 5 - whole, np.full(n, self.days[-1]))]
        if self.season is not None:
            seasons.append((np.full(n, self.season), self.season + whole))
        lines = [(price, k, *days) for price in (CENT, _DEAREST) for k in self.windows for days in seasons]
        price, k, ordered, raised = zip(*lines)
        return self.sheet(
            n * len(lines),
            product_class=np.repeat(k, n),
            price=np.repeat(price, n),
            age_days=np.tile(ages, len(lines)),
            order_day=np.concatenate(ordered),
            case_day=np.concatenate(raised),
        )

    def ends(self, bound: int | str, shift: int = 0) -> list[float]:
        """Ages at which a bound of an entitlement lies: its day moved by `shift`, or all days at which the
        window it names may end."""
        if not isinstance(bound, str):
            return [float(bound + shift)]
        found = list(self.market.window_days(bound).values())
        if bound == "return_window" and self.season is not None:
            until = np.datetime64(
                f"{self.season.astype('datetime64[Y]') + 1}-{self.market.text('holiday.until')}"
            )
            found.append(float((until - self.season).astype(int)))
        return found

    def numbers(self, cell: Cell, rules: Sequence[Rule], *units: str) -> list[float]:
        """Values of the numbers of some units that rules read for a cell; dollars in the market's
        currency."""
        patterns = {k.replace("{market}", cell.market) for r in rules for k in r.numbers.values()}
        return [
            x
            for pattern in sorted(patterns)
            for unit, x in self.kept(pattern, lambda pattern=pattern: self._read(pattern))
            if unit in units
        ]

    def _read(self, pattern: str) -> list[tuple[str, float]]:
        book, dollars = self.world.book, self.world.rate("USD") / self.world.rate(self.market.currency)
        keys = (
            book.starting(pattern.removesuffix("*"))
            if pattern.endswith("*")
            else [pattern]
            if pattern in book
            else []
        )
        return [
            (book[k].unit, book.number(k) * (dollars if book[k].unit == "USD" else 1.0))
            for k in keys
            if not book[k].is_text
        ]


def probing_days(
    world: World, cells: Sequence[Cell], first_order: np.datetime64, last_case: np.datetime64
) -> tuple[np.datetime64, ...]:
    """Mid-September days to place probes on: the year of the cases, and a year after each change of a rule
    or right of these cells since the first order."""
    rules = dict.fromkeys(r for c in cells for g in rule_groups(world, c) for r in g.rules)
    patterns = {k.replace("{market}", c.market) for r in rules for k in r.numbers.values() for c in cells}
    dates = [d for r in rules for d in (r.valid_from, r.valid_to)] + [
        e.valid_from for c in cells for e in world.entitlements(c.market, c.issue)
    ]
    dates += [str(a.value) for a in world.dates if any(fnmatch.fnmatchcase(a.key, p) for p in patterns)]
    later = {
        np.datetime64(d, "Y") + 1
        for d in dates
        if d and d[:4] != NEVER and np.datetime64(d, "D") > first_order
    }
    years = sorted({last_case.astype("datetime64[Y]"), *later})
    return tuple(y.astype("datetime64[D]") + np.timedelta64(257, "D") for y in years)


def refusals(block: Block, options: Sequence[Option], rules: Sequence[Rule]) -> np.ndarray:
    """Bits of some rules for options, fallbacks included.   (C, O)"""
    own = np.zeros((len(options), block.n), np.uint64)
    for rule in rules:
        for i, option in enumerate(options):
            refuses = rule.refuses(block, option)
            if refuses is not False:
                own[i] |= np.where(refuses, BIT[rule.id], np.uint64(0))
    found = own.copy()
    for i, option in enumerate(options):
        if option.fallback:
            found[i] |= own[fallback_option(options, option.fallback)]
    return found.T


def with_fallbacks(options: list[Option], wanted: set[str]) -> list[Option]:
    """The wanted options and those their fallbacks stand for, in catalogue order."""
    needed = {fallback_option(options, o.fallback) for o in options if o.key in wanted and o.fallback}
    return [o for i, o in enumerate(options) if o.key in wanted or i in needed]


def scales_of(probes: Probes, cells: Sequence[Cell], carried: dict[Cell, list[Option]]) -> Scales:
    """Where age, claims, weight and money change what is acceptable, over all cells of a market and issue.

    Changes are looked for next to every number that rules read and at readable prices; where one lies between
    two of these, both bound it.
    """
    ages, claims, prices = set(), set(), set()
    for cell in cells:
        rules = [r for g in rule_groups(probes.world, cell) for r in g.rules]

        def bits(what: str, sheet: Sheet, cell: Cell = cell, rules: list[Rule] = rules) -> np.ndarray:
            return refusals(
                probes.block(cell, sheet),
                carried[cell],
                [r for r in rules if any(what in READS[x] for x in r.reads)],
            )

        at = _ages(probes, cell, rules)
        sheet = probes.aged(at)
        found, stage = (
            bits("age", sheet).reshape(-1, len(at), len(carried[cell])),
            probes.block(cell, sheet).stage.reshape(-1, len(at)),
        )
        for line, stages in zip(found, stage):
            for s in np.unique(stages):  # what changes with the return window is told by the stage
                ages.update(_bounds(at[stages == s], line[stages == s], 1.0))
        at = np.arange(MOST_CLAIMS)
        if any("prior_claims" in r.reads for r in rules):
            claims.update(_bounds(at, bits("prior_claims", probes.sheet(MOST_CLAIMS, prior_claims=at)), 1.0))
        named = [np.floor(x / CENT + 1e-9) * CENT for x in probes.numbers(cell, rules, "amount", "USD")]
        ladder = np.unique(np.round([*readable_prices(CENT, _DEAREST), *named], 2))
        at = np.round(np.repeat(ladder, 2) + np.tile([0.0, CENT], len(ladder)), 2)
        delivered, age = (np.repeat(x, len(at)) for x in ([False, True, True], [0.0, 1.0, LONGEST_AGE]))
        found = bits("value", probes.sheet(len(age), price=np.tile(at, 3), delivered=delivered, age_days=age))
        for part in np.split(found, 3):
            prices.update(_bounds(at, part, CENT))
    return Scales(
        {
            "age": np.array(sorted(ages), float),
            "prior_claims": np.array(sorted(claims), float),
            "parcel": probes.heaviest,
            "value": np.round(np.array(sorted(prices), float), 2),
        }
    )


def _bounds(at: np.ndarray, bits: np.ndarray, step: float) -> Iterable[float]:
    """Values after which the refusals of any option change; two where the change lies somewhere between.
    at (n,), bits (n, O)"""
    for i in np.flatnonzero((bits[1:] != bits[:-1]).any(axis=1)):
        yield float(at[i])
        if at[i + 1] - at[i] > 1.5 * step:
            yield float(at[i + 1] - step)


def _ages(probes: Probes, cell: Cell, rules: Sequence[Rule]) -> np.ndarray:
    """Ages next to which acceptability may change: bounds of entitlements, ends of windows, and all days
    and months that rules read."""
    rows = probes.world.entitlements(cell.market, cell.issue)
    known = [
        x for row in rows for bound, x in ((row.first, -1), (row.last, 0)) for x in probes.ends(bound, x)
    ] + probes.numbers(cell, rules, "days")
    known += [months * DAYS_PER_MONTH for months in probes.numbers(cell, rules, "months")]
    whole = np.floor([0.0, *probes.ends("return_window"), *known])
    return np.unique(np.clip(np.concatenate([whole, whole + 1.0, [LONGEST_AGE]]), 0.0, LONGEST_AGE))
