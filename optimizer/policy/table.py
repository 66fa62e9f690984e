"""The policy table that support teams follow, built from priced cases."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.model.engine import Engine
from optimizer.model.pricing import PricedBlock
from optimizer.policy.accounts import accounts_of, bare_frame, written
from optimizer.policy.apply import NO_ROW, Matcher, match
from optimizer.policy.budget import Choice, choices, curve, curve_line
from optimizer.policy.cells import Ground, cell_cases, survey
from optimizer.policy.rows import Row, in_order, last_rows, own_rows, typical_rows
from optimizer.policy.tree import Grower

FOR_LEAVES = 0.85                # of the rows a market may have: the others are for the rest of its cells
FOR_TYPICAL = 1 / 3              # at most, reserved for cells without cases


@dataclass
class Policy:
    """The policy table and what it does to the cases it was built from."""
    frame: pd.DataFrame          # the columns of policy.csv
    curve: pd.DataFrame          # rows against the share of the saving they keep
    extra_cost_cents: float      # cost of following the table less cost of deciding case by case
    row_of_case: np.ndarray      # (N,) row of the frame; NO_ROW where a case has no acceptable way out

    @property
    def row_id_of_case(self) -> np.ndarray:
        """row_id of each case, empty where nothing is acceptable.   (N,)"""
        return np.append(self.frame["row_id"].to_numpy(object), "")[self.row_of_case]


def build_policy(engine: Engine, blocks: Sequence[PricedBlock], current_cost_cents: float) -> Policy:
    """The table that support teams follow.

    Every case that can be finds the first row that fits it, and no row says what is refused for a case it fits. Rows
    that name a market: at most assumption policy.rows_per_market, as far as the last rows of the market allow, and
    none that saves less than policy.least_saving_per_row.
    `current_cost_cents` is the cost of current practice.
    """
    ground = survey(engine, blocks)
    book = ground.world.book
    budget, least = int(book.number("policy.rows_per_market")), 100.0 * book.number("policy.least_saving_per_row") * ground.world.rate("USD")
    local, wild = last_rows(ground)
    last = Matcher(bare_frame([*in_order(local), *wild], ground.world), ground.world.classes)
    typical, growers = typical_rows(ground, last, least), _growers(ground, last)
    found: dict[str, list[Choice]] = {}
    rows: list[Row] = list(local)
    for m in ground.world.markets:
        room = max(budget - sum(r.market == m for r in local), 0)
        empty = [r for r in typical if r.market == m]
        most = room - min(len(empty), int(room * FOR_TYPICAL))
        own: list[Row] = []
        if m in growers:
            found[m] = choices(growers[m], int(most * FOR_LEAVES), least)
            own = own_rows(growers[m], found[m][-1].leaves, ground.world.classes, most, least)
        rows += [*own, *empty[:room - len(own)]]
    rows = [*in_order(rows), *wild]

    bare = bare_frame(rows, ground.world)
    row_of_case = match(bare, engine)
    for b in ground.priced.values():
        row_of_case[b.rows[~b.acceptable.any(axis=1) & ~b.mixed]] = NO_ROW
    accounts = accounts_of(rows, row_of_case, ground.priced)
    frame = written(rows, bare, accounts, [[] if a.cases else _deciders(ground, r) for r, a in zip(rows, accounts)])
    cost, best = sum(a.cost for a in accounts), sum(a.best for a in accounts)
    elsewhere = best - sum(float(g.cases.best.sum()) for its in growers.values() for g in its)
    chosen = sum(c[-1].rows for c in found.values())
    lines = curve(found, budget, len(rows) - chosen, elsewhere, best, current_cost_cents)
    lowest = min((c[-1].price for c in found.values()), default=np.nan)
    lines.loc[len(lines)] = curve_line(budget, lowest, len(rows), cost, best, current_cost_cents)
    return Policy(frame, lines.astype({"rows_per_market": int, "rows": int}), cost - best, row_of_case)


def _growers(ground: Ground, last: Matcher) -> dict[str, list[Grower]]:
    """The cells whose cases the seller decides, by market."""
    fewest = int(ground.world.book.number("policy.fewest_cases"))
    found: dict[str, list[Grower]] = defaultdict(list)
    for cell, priced in ground.priced.items():
        cases = cell_cases(ground.acceptance[cell], ground.engine.block(cell, priced.rows), priced, last)
        if cases is not None:
            found[cell.market].append(Grower(cases, fewest, ground.shares(cell.market, cell.issue)))
    return dict(found)


def _deciders(ground: Ground, row: Row) -> list[str]:
    """Who may decide cases of a row."""
    return [d for cell, a in ground.acceptance.items() for d in a.deciders
            if cell.issue == row.issue and row.channel in (cell.channel, "*") and row.market in (cell.market, "*")
            and row.platform in (cell.platform, "*")]
