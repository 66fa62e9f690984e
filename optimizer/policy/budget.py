"""How many rows, and which: one price of a row per market, as low as the rows it may have allow."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.policy.tree import Grower, Node

STEP = 0.7                       # from one price of a row to the next lower one
LEAST = 1.0                      # cents: no row is worth less
HALVINGS = 8
CURVE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)          # shares of the row budget shown


@dataclass
class Choice:
    """The rows of one market at one price of a row."""
    price: float                 # cents
    leaves: list[list[tuple[Node, int]]]         # by grower
    rows: int
    cost: float                  # cents

    @classmethod
    def at(cls, growers: Sequence[Grower], price: float) -> Choice:
        leaves = [g.leaves(price) for g in growers]
        return cls(price, leaves, sum(k for found in leaves for _, k in found), sum(g.cost(found) for g, found in zip(growers, leaves)))


def choices(growers: Sequence[Grower], most: int) -> list[Choice]:
    """Ever more rows at ever lower prices, as long as there are at most `most`; the last choice fits best."""
    worth = max((float(g.cases.otherwise.sum() - g.cases.best.sum()) for g in growers), default=0.0)
    found, price = [Choice.at(growers, np.inf)], max(worth, LEAST)
    while price >= LEAST:
        for g in growers:
            g.grow(g.root, price)
        here = Choice.at(growers, price)
        if here.rows > most:
            low, high = price, found[-1].price if np.isfinite(found[-1].price) else price / STEP
            for _ in range(HALVINGS):
                middle = (low * high) ** 0.5
                between = Choice.at(growers, middle)
                if between.rows <= most:
                    high = middle
                    found.append(between)
                else:
                    low = middle
            break
        found.append(here)
        price *= STEP
    return found


def curve(by_market: Mapping[str, list[Choice]], most: Mapping[str, int], best: float, elsewhere: float, current: float) -> pd.DataFrame:
    """Rows against saving: one line per share of the row budget, for all markets together.

    `best` is the cost of deciding case by case, `elsewhere` what cases cost that no choice covers, `current` the cost
    of current practice; cents. The saving kept is (current - table) / (current - best).
    """
    lines = []
    for share in CURVE:
        picked = [[c for c in found if c.rows <= share * most[m]][-1] for m, found in by_market.items()]
        cost = sum(c.cost for c in picked) + elsewhere
        lines.append({"row_budget": share, "price_of_a_row": max((c.price for c in picked if np.isfinite(c.price)), default=np.nan) / 100.0,
                      "rows": sum(c.rows for c in picked), "extra_cost": round((cost - best) / 100.0, 2),
                      "saving_kept": (current - cost) / (current - best) if current != best else 1.0})
    return pd.DataFrame(lines)
