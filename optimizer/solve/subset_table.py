"""The uses of gathered cases as sparse entries, the rows numbered anew."""

from __future__ import annotations

import numpy as np

from optimizer.solve.case_problem import CaseProblem, Subset
from optimizer.solve.table import UseTable


def table_of(
    problem: CaseProblem,
    subset: Subset,
    useful: np.ndarray,
    rows: np.ndarray | None = None,
    amount: np.ndarray | None = None,
) -> UseTable:
    """What the useful options (n, options) use of `rows` (rows,) bool, against `amount` (rows,); by
    default of all and what there is."""
    rows = np.ones(len(problem.rows), bool) if rows is None else rows
    numbers = np.flatnonzero(rows)
    place = np.full(len(rows) + 1, -1)
    place[numbers] = np.arange(len(numbers))
    entries = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
    for usage, row in subset.uses:
        its = np.broadcast_to(place[row], usage.shape)
        counts = useful & (usage > 0) & (its >= 0)
        entries.append((np.flatnonzero(counts), its[counts], usage[counts]))
    option, row, use = (np.concatenate(part) for part in zip(*entries))
    return UseTable(
        [problem.rows[n] for n in numbers],
        (problem.amount if amount is None else amount)[numbers],
        option,
        row,
        use,
    )
