"""Rows of the table as cases of a second solve: each has the options that are acceptable all over it,
their cost and use summed over its cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from optimizer.domain.shared_limit import SharedLimit
from optimizer.model.block import Cell
from optimizer.model.pricing import PricedBlock
from optimizer.policy.acceptance import CellAcceptance
from optimizer.policy.bands import readable_prices
from optimizer.policy.rows import OWN, Row


class RowPart(NamedTuple):
    """Cases of a row in one priced block."""

    block: int
    places: np.ndarray  # (n,) places in the block
    price: np.ndarray  # (n,) in the market's currency


@dataclass(frozen=True, eq=False)
class RowCase:
    """A row as a case.   O options that it may say, T groups of limits that its cases touch under any of
    them"""

    row: Row
    parts: tuple[RowPart, ...]
    columns: np.ndarray  # (O,) of the blocks of its cell
    keys: tuple[str, ...]  # (O,)
    cost: np.ndarray  # (O,) cents
    groups: np.ndarray  # (T,) numbers over all limits
    use: np.ndarray  # (O, T) in the limits' units

    @property
    def cases(self) -> int:
        return sum(len(p.places) for p in self.parts)

    @property
    def said(self) -> int:
        """The option that the row says."""
        return self.keys.index(self.row.key)

    @property
    def cheapest(self) -> int:
        """The option it would say without limits."""
        return int(self.cost.argmin())


class RowCases:
    """Makes cases of rows; groups are numbered over all limits, in their order."""

    def __init__(
        self,
        blocks: Sequence[PricedBlock],
        price: np.ndarray,
        limits: Sequence[SharedLimit],
        acceptance: Mapping[Cell, CellAcceptance],
        classes: Sequence[str],
    ):
        """`price` (N,) of one unit of each case, in the currency of its market."""
        self.blocks, self.price, self.limits, self.acceptance, self.classes = (
            blocks,
            price,
            limits,
            acceptance,
            classes,
        )
        self.first = np.cumsum([0, *(len(limit.groups) for limit in limits)])
        self.amount = np.concatenate([np.zeros(0), *(limit.amount for limit in limits)])

    def of_rows(self, rows: Sequence[Row], row_of_case: np.ndarray) -> dict[int, RowCase]:
        """The rows that hold for cases and belong to one cell, by their place in the table."""
        parts: dict[int, list[RowPart]] = {}
        for k, b in enumerate(self.blocks):
            own = row_of_case[b.rows]
            order = np.argsort(own, kind="stable")
            for places in np.split(order, np.flatnonzero(np.diff(own[order])) + 1):
                if len(places) and (r := int(own[places[0]])) >= 0 and rows[r].box is not None:
                    parts.setdefault(r, []).append(RowPart(k, places, self.price[b.rows[places]]))
        return {
            r: self.made(rows[r], tuple(parts[r]), self._allowed(rows[r], parts[r])) for r in sorted(parts)
        }

    def made(self, row: Row, parts: tuple[RowPart, ...], columns: np.ndarray) -> RowCase:
        """A row with these cases and options, priced."""
        cost, width = np.zeros(len(columns)), len(columns)
        touched, amounts = [], []
        for part in parts:
            b = self.blocks[part.block]
            at = np.ix_(part.places, columns)
            cost += b.total[at].sum(axis=0)
            for limit, first in zip(self.limits, self.first):
                use = limit.uses[part.block]
                if use is not None:
                    usage, group = (np.broadcast_to(a, b.total.shape)[at] for a in use)
                    counts = (group >= 0) & (usage > 0)
                    option = np.broadcast_to(np.arange(width), usage.shape)[counts]
                    touched.append(np.stack([option, first + group[counts]]))
                    amounts.append(usage[counts])
        option, group = np.concatenate([np.zeros((2, 0), np.int64), *touched], axis=1)
        groups, place = np.unique(group, return_inverse=True)
        use = np.bincount(
            option * len(groups) + place, np.concatenate([np.zeros(0), *amounts]), width * len(groups)
        )
        keys = tuple(self.blocks[parts[0].block].options[i].key for i in columns)
        return RowCase(row, parts, columns, keys, cost, groups, use.reshape(width, len(groups)))

    def _allowed(self, row: Row, parts: Sequence[RowPart]) -> np.ndarray:
        """Columns of the options that are refused nowhere in the row and for none of its cases, and what
        it says now."""
        acceptance = self.acceptance[Cell(row.platform, row.market, row.channel, row.issue)]
        place = {o.key: i for i, o in enumerate(self.blocks[parts[0].block].options)}
        fine = acceptable_all_over(acceptance, row, self.classes)
        for part in parts:
            own = self.blocks[part.block].acceptable[part.places]
            fine = [key for key in fine if own[:, place[key]].all()]
        return np.array(sorted(place[key] for key in {*fine, row.key}))

    def halves(self, case: RowCase, fewest: int) -> tuple[RowCase, RowCase] | None:
        """The row parted at a readable price, as evenly as can be; None where a side would have fewer than
        `fewest` cases."""
        price = np.sort(np.concatenate([p.price for p in case.parts]))
        at = readable_prices(price[0], price[-1])
        below = np.searchsorted(price, at, side="right")
        fine = (
            (below >= fewest)
            & (len(price) - below >= fewest)
            & (at > case.row.price_from)
            & (at < case.row.price_to)
        )
        if not fine.any():
            return None
        middle = float(at[fine][np.abs(below[fine] - len(price) / 2).argmin()])
        sides = (
            (lambda p: p <= middle, case.row._replace(price_to=middle)),
            (lambda p: p > middle, case.row._replace(price_from=middle)),
        )
        return tuple(
            self.made(
                row,
                tuple(
                    RowPart(p.block, p.places[mine], p.price[mine])
                    for p in case.parts
                    if (mine := inside(p.price)).any()
                ),
                case.columns,
            )
            for inside, row in sides
        )


def acceptable_all_over(acceptance: CellAcceptance, row: Row, classes: Sequence[str]) -> list[str]:
    """Keys of the options that are acceptable for every case that the row can ever fit."""
    ends = np.concatenate([[-np.inf], acceptance.scales.bounds["value"], [np.inf]])
    zones = (ends[1:] > row.price_from) & (ends[:-1] < row.price_to)
    covered = np.array([row.product_class in ("*", name) for name in classes])
    found = []
    for i, key in enumerate(acceptance.keys):
        levels = acceptance.refused_levels(i, covered, zones)
        if not any(
            refused[np.ix_(*(row.box[a] for a in attributes))].any() for attributes, refused, _ in levels
        ):
            found.append(key)
    return found


def rejoined(rows: Sequence[Row]) -> list[Row]:
    """The rows with neighbours put together that differ in their prices only and say the same."""
    found: list[Row] = []
    for row in rows:
        before = found[-1] if found else None
        if (
            before is not None
            and row.kind == OWN
            and before.price_to == row.price_from
            and _but_for_prices(before) == _but_for_prices(row)
        ):
            found[-1] = before._replace(price_to=row.price_to)
        else:
            found.append(row)
    return found


def _but_for_prices(row: Row) -> Row:
    return row._replace(
        price_from=0.0, price_to=0.0, box=None
    )  # the conditions in words say all that the box says
