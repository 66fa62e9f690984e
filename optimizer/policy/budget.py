"""How many rows, and which: in every market the price of a row is set as low as the rows it may have
allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.policy.tree import Grower, Node

_STEP = 0.5  # from one price of a row to the next lower one
_HALVINGS = 8
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)  # of the row budget, shown by the curve


@dataclass
class Choice:
    """The rows of one market at one price of a row; money in cents."""

    price: float
    leaves: list[list[tuple[Node, int]]]  # by grower: leaves and their bands
    rows: int
    cost: float

    @classmethod
    def at(cls, growers: Sequence[Grower], price: float) -> Choice:
        leaves = [g.leaves(price) for g in growers]
        return cls(
            price,
            leaves,
            sum(k for found in leaves for _, k in found),
            sum(g.cost(found) for g, found in zip(growers, leaves)),
        )


def choices(growers: Sequence[Grower], most: int, least: float) -> list[Choice]:
    """Ever more rows at ever lower prices of a row, none with more than `most` rows or below `least`
    cents; the last one fits best."""
    found = [Choice.at(growers, np.inf)]
    price = max([least, *(float(g.cases.otherwise.sum() - g.cases.best.sum()) for g in growers)])
    while price >= least:
        for g in growers:
            g.grow(g.root, price)
        here = Choice.at(growers, price)
        if here.rows > most:
            return [*found, *_between(growers, price, price / _STEP, most)]
        found.append(here)
        price *= _STEP
    return found


def _between(growers: Sequence[Grower], low: float, high: float, most: int) -> list[Choice]:
    """Choices of at most `most` rows at prices nearer and nearer to the lowest that allows them."""
    found = []
    for _ in range(_HALVINGS):
        middle = float(np.sqrt(low * high))
        here = Choice.at(growers, middle)
        if here.rows > most:
            low = middle
        else:
            high = middle
            found.append(here)
    return found


def curve(
    by_market: Mapping[str, Sequence[Choice]],
    budget: int,
    fixed_rows: int,
    elsewhere: float,
    best: float,
    current: float,
) -> pd.DataFrame:
    """Rows against saving: one line per share of the row budget, for all markets together, before rows for
    the rest of cells.

    `fixed_rows` stand in the table whatever the budget; `elsewhere` is what cases cost that no choice covers,
    `best` the cost of deciding case by case, `current` that of current practice; cents. See `curve_line` for
    the columns.
    """
    lines = []
    for share in SHARES:
        picked = [[c for c in found if c.rows <= share * found[-1].rows][-1] for found in by_market.values()]
        priced = [c.price for c in picked if np.isfinite(c.price)]
        lines.append(
            curve_line(
                int(share * budget),
                max(priced, default=np.nan),
                fixed_rows + sum(c.rows for c in picked),
                elsewhere + sum(c.cost for c in picked),
                best,
                current,
            )
        )
    return pd.DataFrame(lines)


def curve_line(
    budget: int, price: float, rows: int, cost: float, best: float, current: float
) -> dict[str, float]:
    """Row budget of a market, least saving of a row, rows of the table, extra cost, and (current - table)
    / (current - best)."""
    return {
        "rows_per_market": budget,
        "saving_per_row": round(price / 100.0, 2),
        "rows": rows,
        "extra_cost": round((cost - best) / 100.0, 2),
        "share_of_saving": round((current - cost) / (current - best), 4) if current != best else 1.0,
    }
