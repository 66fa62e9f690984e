"""The floor: numpy does nothing but the arithmetic that as many cost lines cannot do without."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from optimizer.model.block import Cell
from optimizer.model.engine import Engine


def line_counts(engine: Engine) -> dict[Cell, list[int]]:
    """Cost lines of each option of each cell, counted on its first case."""
    counts = {}
    for cell, rows in engine.cells:
        pricer = engine.pricer(cell, rows[:1])
        counts[cell] = [len(pricer.rounded_lines(i)) for i in range(len(pricer.options))]
    return counts


def floor_pass(engine: Engine, lines: dict[Cell, list[int]]) -> int:
    """One pass over all cases in the engine's own blocks and threads; the number of cases decided.

    Per line one column is read, multiplied, rounded and added to the total of its option; per case the
    smallest total is taken.
    """
    price, quantity = engine.columns.price, engine.columns.quantity.astype(float)

    def one(item: tuple[Cell, np.ndarray]) -> int:
        cell, rows = item
        columns = (price[rows], quantity[rows])
        line = np.empty(len(rows))
        totals = np.zeros((len(lines[cell]), len(rows)))
        for total, count in zip(totals, lines[cell]):
            for k in range(count):
                np.multiply(columns[k % 2], 1.5 + k, out=line)
                np.rint(line, out=line)
                np.add(total, line, out=total)
        return len(totals.argmin(axis=0))

    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, 8)) as pool:
        return sum(pool.map(one, engine.chunks()))
