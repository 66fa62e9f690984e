"""How much of the cost rests on estimates: a line counts when a number it reads is marked my-estimate."""

from __future__ import annotations

import fnmatch
from collections import Counter
from dataclasses import replace
from functools import lru_cache

import numpy as np

from optimizer.domain.assumption import Book
from optimizer.model.block import Cell
from optimizer.model.declare import Component, Option
from optimizer.model.lines import LINE_KEYS
from optimizer.model.resolutions import RESOLUTION
from optimizer.model.world import World


class EstimateShare:
    """Adds up |money| of lines, of lines that rest on an estimate, and what rests on each estimate."""

    def __init__(self, world: World):
        self.world, self.money, self.estimated = world, 0.0, 0.0
        self._added: dict[tuple[Cell, Option], np.ndarray] = {}
        self._estimates: dict[str, tuple[str, ...]] = {}
        self._rests = lru_cache(maxsize=None)(self._rests_on_estimates)

    def add(self, cell: Cell, option: Option, cents: np.ndarray) -> None:
        """Count the |cents| of one option, chosen for some cases of a cell, by class and line.   (K, L)"""
        rests = self._rests(cell, option)
        self.money += cents.sum()
        self.estimated += cents[:, [line in rests for line in LINE_KEYS]].sum()
        before = self._added.get((cell, option))
        self._added[cell, option] = cents if before is None else before + cents

    def resting(self) -> dict[str, float]:
        """|Cents| of the lines that read an estimate; a line may rest on many, on those of a class only
        with the cases of the class."""
        place = {f"class.{name}.": k for k, name in enumerate(self.world.classes)}
        found: Counter[str] = Counter()
        for (cell, option), cents in self._added.items():
            in_all = cents.sum(axis=0)
            for line, keys in self._rests(cell, option).items():
                column = LINE_KEYS.index(line)
                if in_all[column]:
                    for key in keys:
                        of_class = place.get(key[: key.rindex(".") + 1]) if key.startswith("class.") else None
                        found[key] += in_all[column] if of_class is None else cents[of_class, column]
        return {key: cents for key, cents in found.items() if cents}

    @property
    def share(self) -> float:
        return self.estimated / self.money if self.money else 0.0

    def _rests_on_estimates(self, cell: Cell, option: Option) -> dict[str, frozenset[str]]:
        """Line -> estimates it rests on; acceptance and success weigh every line of an option with a
        fallback."""
        found: dict[str, set[str]] = {}
        chain = (
            [
                option,
                replace(
                    option, resolution=option.fallback, provider="*", declared=RESOLUTION[option.fallback]
                ),
            ]
            if option.fallback
            else [option]
        )
        for part in chain:
            for c in part.spec.costs:
                for pattern in patterns_read(c, cell, part):
                    found.setdefault(c.line, set()).update(self._estimates_of(pattern))
        weighing = {k for pattern in patterns_weighing(cell, option) for k in self._estimates_of(pattern)}
        if weighing:
            found = {line: found.get(line, set()) | weighing for line in LINE_KEYS}
        return {line: frozenset(keys) for line, keys in found.items() if keys}

    def _estimates_of(self, pattern: str) -> tuple[str, ...]:
        if pattern not in self._estimates:
            book = self.world.book
            keys = (
                fnmatch.filter(list(book), pattern)
                if "*" in pattern
                else [k for k in (pattern,) if k in book]
            )
            self._estimates[pattern] = tuple(k for k in keys if book[k].is_estimate)
        return self._estimates[pattern]


def patterns_weighing(cell: Cell, option: Option) -> list[str]:
    """Patterns of the assumptions that weigh an option against its fallback: whether it is accepted and
    whether it works."""
    if not option.fallback:
        return []
    head = f"resolution.{option.resolution}"
    accepted = (
        ["acceptance.offer.*", f"acceptance.issue.{cell.issue}"] if option.offer else [f"{head}.acceptance"]
    )
    return [
        *accepted,
        f"{head}.success",
        *([f"provider.{option.provider}.{k}" for k in ("acceptance", "success")] if option.provider else []),
    ]


def patterns_read(component: Component, cell: Cell, option: Option) -> list[str]:
    """Patterns of the assumption keys that a component reads for a cell and option; classes stay open."""
    return [
        p.replace("{market}", cell.market)
        .replace("{provider}", option.provider or "-")
        .replace("{class}", "*")
        .replace("{resolution}", option.resolution)
        .replace("{channel}", cell.channel)
        .replace("{issue}", cell.issue)
        for p in component.reads
    ]


def keys_read(book: Book, component: Component, cell: Cell, option: Option, product_class: str) -> list[str]:
    """Assumption keys that a component reads for a cell, option and class."""
    found: list[str] = []
    for pattern in component.reads:
        wanted = patterns_read(
            replace(component, reads=(pattern.replace("{class}", product_class),)), cell, option
        )[0]
        found += fnmatch.filter(list(book), wanted) if "*" in wanted else [k for k in (wanted,) if k in book]
    return found
