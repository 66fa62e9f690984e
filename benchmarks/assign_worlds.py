"""Seeded worlds for the case solver: cases whose cheaper options use more of what all cases share.

Costs lie between 5 and 120 USD in whole cents, uses in tenths. The amounts of most groups lie between what
the lightest plan uses and what the cheapest one would: some plan always fits, and most groups bind. A world
is drawn in chunks, each from a seed of its own, so it is the same in memory and on disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

CHUNK = 100_000  # cases drawn at once
MONTHS = 10
TIGHT = (
    0.35,
    0.85,
)  # amount of a group: this part of the way from the lightest plan's use to the cheapest plan's
KINDS = ("dense", "linked", "independent")


class Shared(NamedTuple):
    """One limit: `usage` and `group` (None = one group) stretch to (cases, options), `amount` (groups,)."""

    name: str
    usage: np.ndarray
    group: np.ndarray | None
    amount: np.ndarray


@dataclass(frozen=True, eq=False)
class World:
    """`cost` (cases, options) USD, `acceptable` (cases, options) bool, and the limits."""

    cost: np.ndarray
    acceptable: np.ndarray
    limits: list[Shared]

    def used(self, choice: np.ndarray) -> list[np.ndarray]:
        """What a choice (cases,) uses per limit, (groups,) each."""
        return [chosen_use(s.usage, s.group, choice, len(s.amount)) for s in self.limits]

    def total(self, choice: np.ndarray) -> float:
        """Cost of a choice (cases,), in USD."""
        return float(self.cost[np.arange(len(choice)), choice].sum())

    def exceeded(self, choice: np.ndarray) -> int:
        """Number of groups a choice (cases,) exceeds, and of cases whose option is not acceptable."""
        over = sum(
            int((used > s.amount * (1 + 1e-9)).sum()) for s, used in zip(self.limits, self.used(choice))
        )
        return over + int((~self.acceptable[np.arange(len(choice)), choice]).sum())


class Drawn(NamedTuple):
    """A chunk of cases: as World, usage and group per limit."""

    cost: np.ndarray
    acceptable: np.ndarray
    usage: list[np.ndarray]
    group: list[np.ndarray | None]


def draw(kind: str, cases: int, groups: int, options: int = 12, seed: int = 1) -> World:
    """A world in memory. `groups`: of a dense world its number of limits, otherwise the groups of all its
    limits together."""
    return _filled(kind, cases, groups, options, seed, lambda name, shape, dtype: np.empty(shape, dtype))


def draw_on_disk(folder: Path, kind: str, cases: int, groups: int, options: int = 12, seed: int = 1) -> World:
    """The same world in files below `folder`, mapped for reading."""

    def file(name: str, shape: tuple[int, ...], dtype: type) -> np.ndarray:
        return np.lib.format.open_memmap(folder / f"{name}.npy", mode="w+", dtype=dtype, shape=shape)

    written = _filled(kind, cases, groups, options, seed, file)

    def mapped(array: np.ndarray | None) -> np.ndarray | None:
        if not isinstance(array, np.memmap):
            return array
        array.flush()
        return np.load(array.filename, mmap_mode="r")

    return World(
        mapped(written.cost),
        mapped(written.acceptable),
        [s._replace(usage=mapped(s.usage), group=mapped(s.group)) for s in written.limits],
    )


def pieces(world: World, size: int) -> Iterator[World]:
    """The world cut into neighbouring cases, at most `size` each; arrays are views."""
    for a in range(0, len(world.cost), size):
        part = slice(a, a + size)
        yield World(
            world.cost[part],
            world.acceptable[part],
            [
                s._replace(usage=_cut(s.usage, part), group=None if s.group is None else _cut(s.group, part))
                for s in world.limits
            ],
        )


def chosen_use(usage: np.ndarray, group: np.ndarray | None, choice: np.ndarray, groups: int) -> np.ndarray:
    """Sum of the usage of the chosen options by group.   (groups,)"""
    case = np.arange(len(choice))
    taken = _at(usage, case, choice)
    if group is None:
        return np.array([taken.sum()])
    where = _at(group, case, choice)
    return np.bincount(where[where >= 0], taken[where >= 0], groups)


def _filled(kind: str, cases: int, groups: int, options: int, seed: int, new) -> World:
    chunk_of = {"dense": _dense, "linked": _grouped, "independent": _grouped}[kind]
    counts = (
        [1] * groups
        if kind == "dense"
        else [groups]
        if kind == "independent"
        else [groups // 2, groups - groups // 2]
    )
    cost, acceptable = new("cost", (cases, options), float), new("acceptable", (cases, options), bool)
    usage, group = [], []
    names = (
        [f"limit {k + 1}" for k in range(groups)]
        if kind == "dense"
        else ["cash_budget", "provider_capacity"][: len(counts)]
    )
    free, light = ([np.zeros(n) for n in counts] for _ in range(2))
    for number, a in enumerate(range(0, cases, CHUNK)):
        rng = np.random.default_rng([seed, number])
        drawn = chunk_of(rng, min(CHUNK, cases - a), counts, options)
        if not usage:
            usage = [new(f"usage_{k}", (cases, options), float) for k in range(len(counts))]
            group = [
                None if g is None else new(f"group_{k}", (cases, g.shape[1]), np.int32)
                for k, g in enumerate(drawn.group)
            ]
        part = slice(a, a + len(drawn.cost))
        cost[part], acceptable[part] = drawn.cost, drawn.acceptable
        heaviness = np.zeros(drawn.cost.shape)
        for k, u in enumerate(drawn.usage):
            usage[k][part] = u
            if group[k] is not None:
                group[k][part] = drawn.group[k]
            heaviness += u / u.mean()
        for found, measure in ((free, drawn.cost), (light, heaviness)):
            choice = np.where(drawn.acceptable, measure, np.inf).argmin(axis=1)
            for k, u in enumerate(drawn.usage):
                found[k] += chosen_use(u, drawn.group[k], choice, counts[k])
    rng = np.random.default_rng([seed, cases, groups])
    amounts = [
        np.round(np.maximum(least, least + rng.uniform(*TIGHT, n) * (most - least)), 1) + 0.1
        for least, most, n in zip(light, free, counts)
    ]
    return World(cost, acceptable, [Shared(*of) for of in zip(names, usage, group, amounts)])


def _dense(rng: np.random.Generator, cases: int, counts: list[int], options: int) -> Drawn:
    # Every option uses some of every limit, and what it uses beyond the least makes it cheaper.
    size, saved = rng.uniform(0.5, 1.5, (cases, 1)), np.zeros((cases, options))
    usage = []
    for _ in counts:
        heavy = rng.random((cases, options))
        usage.append(np.round(size * (0.3 + 1.5 * heavy), 1))
        saved += heavy * 60 / len(counts)
    cost = _cents(size * (75 - saved) + rng.normal(0, 8, (cases, options)))
    return Drawn(cost, _acceptable(rng, cases, options), usage, [None] * len(counts))


def _grouped(rng: np.random.Generator, cases: int, counts: list[int], options: int) -> Drawn:
    # Cash is limited per market and month of the case. Two options of three are repairs: their bench hours
    # count towards the provider and
    # the month of the work, which for some cases is the month after, and so all months hang together.
    size, month = rng.uniform(0.5, 1.5, (cases, 1)), rng.integers(0, MONTHS, (cases, 1))
    cash = np.round(size * rng.uniform(5, 60, (cases, options)), 1)
    saved = 0.5 * cash / size
    usage, group = (
        [cash],
        [(rng.integers(0, max(1, counts[0] // MONTHS), (cases, 1)) * MONTHS + month) % counts[0]],
    )
    if len(counts) > 1:
        repair = np.arange(options) % 3 > 0
        hours = np.where(repair, np.round(size * rng.uniform(0.2, 3.0, (cases, options)), 1), 0.0)
        late = rng.random((cases, 1)) < 0.2
        provider = rng.integers(0, max(1, counts[1] // MONTHS), (cases, options))
        usage.append(hours)
        group.append(np.where(repair, (provider * MONTHS + (month + late) % MONTHS) % counts[1], -1))
        saved = saved + 12 * hours / size
    cost = _cents(size * (75 - saved) + rng.normal(0, 10, (cases, options)))
    return Drawn(cost, _acceptable(rng, cases, options), usage, group)


def _acceptable(rng: np.random.Generator, cases: int, options: int) -> np.ndarray:
    acceptable = rng.random((cases, options)) < 0.9
    acceptable[np.arange(cases), rng.integers(0, options, cases)] = True
    return acceptable


def _cents(money: np.ndarray) -> np.ndarray:
    return np.round(np.clip(money, 5, 120), 2)


def _cut(array: np.ndarray, part: slice) -> np.ndarray:
    return array[part] if array.ndim == 2 and array.shape[0] > 1 else array


def _at(array: np.ndarray, case: np.ndarray, choice: np.ndarray) -> np.ndarray:
    return np.broadcast_to(
        array[case if array.shape[0] != 1 else 0, choice if array.shape[1] > 1 else 0], choice.shape
    )
