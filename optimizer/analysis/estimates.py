"""How much of the cost rests on estimates: a line counts when a number it reads is marked my-estimate."""
from __future__ import annotations

import fnmatch
from dataclasses import replace
from functools import lru_cache

from optimizer.domain.assumption import Book
from optimizer.model.block import Cell
from optimizer.model.declare import Component, Option
from optimizer.model.lines import LINE_KEYS
from optimizer.model.world import World


class EstimateShare:
    """Adds up |money| of lines and of lines that rest on an estimate."""

    def __init__(self, world: World):
        self.world, self.money, self.estimated = world, 0.0, 0.0
        self._estimate: dict[str, bool] = {}
        self._rests = lru_cache(maxsize=None)(self._rests_on_estimate)

    def add(self, cell: Cell, option: Option, cents_by_line: dict[str, float]) -> None:
        """Count the lines of one option, chosen for some cases of a cell."""
        rests = self._rests(cell, option)
        for line, cents in cents_by_line.items():
            self.money += abs(cents)
            self.estimated += abs(cents) if line in rests else 0.0

    @property
    def share(self) -> float:
        return self.estimated / self.money if self.money else 0.0

    def _rests_on_estimate(self, cell: Cell, option: Option) -> frozenset[str]:
        if option.fallback:                      # acceptance and success, both estimates, weigh every line
            return frozenset(LINE_KEYS)
        return frozenset(c.line for c in option.spec.costs if any(self._has_estimate(p) for p in patterns_read(c, cell, option)))

    def _has_estimate(self, pattern: str) -> bool:
        if pattern not in self._estimate:
            book = self.world.book
            keys = fnmatch.filter(list(book), pattern) if "*" in pattern else [k for k in (pattern,) if k in book]
            self._estimate[pattern] = any(book[k].is_estimate for k in keys)
        return self._estimate[pattern]


def patterns_read(component: Component, cell: Cell, option: Option) -> list[str]:
    """Patterns of the assumption keys that a component reads for a cell and option; classes stay open."""
    return [p.replace("{market}", cell.market).replace("{provider}", option.provider or "-").replace("{class}", "*")
            .replace("{resolution}", option.resolution).replace("{channel}", cell.channel).replace("{issue}", cell.issue)
            for p in component.reads]


def keys_read(book: Book, component: Component, cell: Cell, option: Option, product_class: str) -> list[str]:
    """Assumption keys that a component reads for a cell, option and class."""
    found: list[str] = []
    for pattern in component.reads:
        wanted = patterns_read(replace(component, reads=(pattern.replace("{class}", product_class),)), cell, option)[0]
        found += fnmatch.filter(list(book), wanted) if "*" in wanted else [k for k in (wanted,) if k in book]
    return found
