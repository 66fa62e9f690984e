"""Who uses which limited group, as sparse entries, and what follows from it without solving anything."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from optimizer.domain.shared_limit import most
from optimizer.solve.limits import Limit


@dataclass(frozen=True, eq=False)
class UseTable:
    """Every use of a limited group by an acceptable option, as sparse entries.

    `rows` (limit name, group) and `amount` have one entry per row; `option` (case × options + option number),
    `row` and `use` > 0 one per entry.
    """

    rows: list[tuple[str, int]]
    amount: np.ndarray
    option: np.ndarray
    row: np.ndarray
    use: np.ndarray

    @classmethod
    def of(cls, limits: list[Limit], acceptable: np.ndarray) -> UseTable:
        """The table of these limits over the acceptable options (cases, options)."""
        rows, entries = [], []
        for limit in limits:
            usage = np.broadcast_to(limit.usage, acceptable.shape)
            group = np.broadcast_to(limit.group, acceptable.shape)
            counts = acceptable & (usage > 0) & (group >= 0)
            entries.append((np.flatnonzero(counts), group[counts] + len(rows), usage[counts]))
            rows += [(limit.name, g) for g in range(len(limit.amount))]
        option, row, use = (np.concatenate(part) for part in zip(*entries))
        return cls(rows, np.concatenate([limit.amount for limit in limits]), option, row, use)

    def used(self, choice: np.ndarray, options: int) -> np.ndarray:
        """What a choice (cases,) uses of each row.   (rows,)"""
        chosen = np.zeros(len(choice) * options, dtype=bool)
        chosen[np.arange(len(choice)) * options + choice] = True
        taken = chosen[self.option]
        return totals(self.row[taken], self.use[taken], len(self.rows))

    def by_limit(self, values: np.ndarray, limits: list[Limit]) -> dict[str, np.ndarray]:
        """Values per row as {limit name: (groups,)}."""
        ends = np.cumsum([len(limit.amount) for limit in limits])[:-1]
        return {limit.name: part for limit, part in zip(limits, np.split(values, ends))}


def totals(group: np.ndarray, value: np.ndarray, groups: int) -> np.ndarray:
    """Sum of the values of each group 0 … groups-1, correctly rounded and so the same in any order.
    (groups,)"""
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], np.arange(1, groups))
    return np.array([math.fsum(part.tolist()) for part in np.split(value[order], ends)], dtype=float)


def case_uses(table: UseTable, alive: np.ndarray, active: np.ndarray) -> tuple[np.ndarray, ...]:
    """What the cases must and may use, given the options alive (cases, options) and the rows in force
    (rows,).

    Returns the entries of those options and rows, the least use of that row by the entry's case whatever it
    chooses, and per row the sum over cases of the least and of the greatest use.
    """
    options = alive.shape[1]
    entries = np.flatnonzero(alive.ravel()[table.option] & active[table.row])
    pair = table.row[entries] * len(alive) + table.option[entries] // options
    pairs, place, count = np.unique(pair, return_inverse=True, return_counts=True)
    row, case = np.divmod(pairs, max(1, len(alive)))
    least, greatest = np.full(len(pairs), np.inf), np.zeros(len(pairs))
    np.minimum.at(least, place, table.use[entries])
    np.maximum.at(greatest, place, table.use[entries])
    least[count < alive.sum(axis=1)[case]] = 0.0  # an option that does not use the row at all
    return entries, least[place], totals(row, least, len(active)), totals(row, greatest, len(active))


def reduced(
    cost: np.ndarray, alive: np.ndarray, table: UseTable, active: np.ndarray, whole: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Options that may still be chosen (cases, options) and rows that can still bind (rows,).

    A row that even the heaviest options keep within its amount is dropped. An option is dropped when one that
    uses no remaining row costs no more, so a case whose cheapest option is free of all rows is settled; with
    `whole` also when it exceeds a row although all other cases take their lightest option (not for relaxed
    problems, where a part of it may be taken). The optimum stays.
    """
    alive, active, limit = alive.copy(), active.copy(), most(table.amount)
    numbers = np.arange(cost.shape[1])
    while True:
        before = alive.sum(), active.sum()
        entries, least, lightest, heaviest = case_uses(table, alive, active)
        option, row = table.option[entries], table.row[entries]
        if whole:
            alive.ravel()[option[table.use[entries] - least + lightest[row] > limit[row]]] = False
        active &= heaviest > limit
        busy = np.zeros(cost.size, dtype=bool)
        busy[option[active[row]]] = True
        idle = alive & ~busy.reshape(cost.shape)
        price = np.where(idle, cost, np.inf)
        best = price.argmin(axis=1)
        alive &= (cost < price.min(axis=1)[:, None]) | (idle & (numbers == best[:, None]))
        if before == (alive.sum(), active.sum()):
            return alive, active
