"""A policy table on cases: the first row that fits holds; what it costs and what it loses against deciding
case by case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.model.block import Block, Cell
from optimizer.model.declare import PARTS, Option
from optimizer.model.engine import Engine
from optimizer.model.pricing import PricedBlock
from optimizer.policy.conditions import holds, parse
from optimizer.solve.decide import EXPECTED, UNDECIDED

NO_ROW, REFUSED = -1, -3
SAYS_NOTHING = "undecided"  # resolution of a row for cases that nothing is acceptable for


def option_keys(frame: pd.DataFrame) -> list[str]:
    """The option key of each row."""
    parts = frame[list(PARTS)].fillna("").astype(str)
    return [Option(*row).key for row in parts.itertuples(index=False, name=None)]


class Matcher:
    """The rows of a table, ready to be looked up cell by cell."""

    def __init__(self, frame: pd.DataFrame, classes: Sequence[str]):
        self.keys = option_keys(frame)
        places = frame[["platform", "market", "channel", "issue"]].astype(str)
        self._of_place: dict[tuple[str, ...], list[int]] = {}
        for i, place in enumerate(places.itertuples(index=False, name=None)):
            self._of_place.setdefault(place, []).append(i)
        self.product_class = [
            None if c == "*" else classes.index(c) if c in classes else -1 for c in frame["product_class"]
        ]
        self.atoms = [parse(w) for w in frame["when"].fillna("").astype(str)]
        self.low = frame["price_from"].astype(float).fillna(-np.inf).to_numpy()
        self.high = frame["price_to"].astype(float).fillna(np.inf).to_numpy()

    def rows_of(self, cell: Cell) -> list[int]:
        """Rows that may fit cases of a cell, from the top."""
        found = []
        for platform in (cell.platform, "*"):
            for market in (cell.market, "*"):
                for channel in (cell.channel, "*"):
                    for issue in (cell.issue, "*"):
                        found += self._of_place.get((platform, market, channel, issue), [])
        return sorted(found)

    def match(self, block: Block) -> np.ndarray:
        """Index of the first row that fits each case, NO_ROW where none does.   (C,)"""
        found = np.full(block.n, NO_ROW)
        open_cases = np.ones(block.n, bool)
        atoms: dict[object, np.ndarray] = {}
        for row in self.rows_of(block.cell):
            fits = open_cases & (block.price > self.low[row]) & (block.price <= self.high[row])
            if self.product_class[row] is not None:
                fits &= block.class_index == self.product_class[row]
            for atom in self.atoms[row]:
                if atom not in atoms:
                    atoms[atom] = holds((atom,), block)
                fits &= atoms[atom]
            found[fits] = row
            open_cases &= ~fits
            if not open_cases.any():
                break
        return found


def match(frame: pd.DataFrame, engine: Engine) -> np.ndarray:
    """Index of the row of a policy table that each case finds, NO_ROW where it finds none.   (N,)"""
    matcher = Matcher(frame, engine.world.classes)
    found = np.full(len(engine.cases), NO_ROW)
    for cell, rows in engine.cells:
        found[rows] = matcher.match(engine.block(cell, rows))
    return found


@dataclass
class Applied:
    """What a table does to cases; money in cents, one entry per case.   (N,) each"""

    row: np.ndarray  # index of the row, NO_ROW where none fits
    option: np.ndarray  # column of the option in its block; UNDECIDED, EXPECTED or REFUSED
    cost: np.ndarray  # 0 where undecided
    best: np.ndarray  # deciding case by case
    refused: np.ndarray  # bool: the row says something that is refused
    unanswered: np.ndarray  # bool: there is no row, or it says nothing, though something is acceptable
    undecided: np.ndarray  # bool: nothing is acceptable
    rows: int  # rows of the table
    charged: np.ndarray  # as `option`, with the dearest acceptable option where it is REFUSED

    @property
    def regret(self) -> np.ndarray:
        """Cost of following the table less cost of deciding case by case."""
        return self.cost - self.best

    @property
    def covered(self) -> int:
        """Cases that find a row."""
        return int((self.row >= 0).sum())

    @cached_property
    def cases_per_row(self) -> np.ndarray:
        """Decided cases by row.   (R,)"""
        return np.bincount(self.row[(self.row >= 0) & ~self.undecided], minlength=self.rows)


def apply_policy(frame: pd.DataFrame, engine: Engine, blocks: Sequence[PricedBlock]) -> Applied:
    """Follow a table on priced cases.

    A case whose row says something refused, or nothing though something is acceptable, is charged its dearest
    acceptable option.
    """
    return follow(frame, match(frame, engine), blocks)


def follow(frame: pd.DataFrame, row: np.ndarray, blocks: Sequence[PricedBlock]) -> Applied:
    """What following the rows found costs.   row (N,)"""
    keys = np.array([*option_keys(frame), ""], object)
    silent = np.array([*(frame["resolution"] == SAYS_NOTHING), True])
    n = len(row)
    option, charged, cost, best = np.full(n, UNDECIDED), np.full(n, UNDECIDED), np.zeros(n), np.zeros(n)
    refused, unanswered, undecided = np.zeros(n, bool), np.zeros(n, bool), np.zeros(n, bool)
    for b in blocks:
        place = {o.key: i for i, o in enumerate(b.options)}
        said = np.array([place.get(k, -1) for k in keys])[
            row[b.rows]
        ]  # NO_ROW reads the last entry, which is none
        everyone = np.arange(len(b.rows))
        usable = said >= 0
        usable[usable] = b.acceptable[everyone[usable], said[usable]]
        none = ~b.acceptable.any(axis=1) & ~b.mixed
        lost = ~usable & ~none & ~b.mixed
        worst = np.where(b.acceptable, b.total, -np.inf)
        dearest = worst.max(axis=1, initial=-np.inf)
        least = np.where(b.acceptable, b.total, np.inf).min(axis=1, initial=np.inf)
        option[b.rows] = np.select([b.mixed, none, lost], [EXPECTED, UNDECIDED, REFUSED], said)
        charged[b.rows] = (
            np.where(lost, worst.argmax(axis=1), option[b.rows]) if len(b.options) else option[b.rows]
        )
        cost[b.rows] = np.select(
            [b.mixed, none, lost],
            [b.mixed_total, 0.0, dearest],
            b.total[everyone, np.maximum(said, 0)] if len(b.options) else 0.0,
        )
        best[b.rows] = np.select([b.mixed, none], [b.mixed_total, 0.0], least)
        says_nothing = silent[row[b.rows]]
        refused[b.rows], undecided[b.rows] = (lost | none) & ~says_nothing, none
        unanswered[b.rows] = lost & says_nothing
    return Applied(row, option, cost, best, refused, unanswered, undecided, len(frame), charged)
