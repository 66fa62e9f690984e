"""The policy table that support teams follow, built from priced cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from optimizer.domain.shared_limit import SharedLimit
from optimizer.model.engine import Engine
from optimizer.model.pricing import PricedBlock
from optimizer.phrases import Phrase
from optimizer.policy.accounts import accounts_of, bare_frame, written
from optimizer.policy.apply import NO_ROW, match
from optimizer.policy.budget import curve, curve_line
from optimizer.policy.cells import Ground, joined, survey
from optimizer.policy.draft import Draft, draft_of, row_budget
from optimizer.policy.held import held_rows, notes_of, per_limit
from optimizer.policy.rows import Row
from optimizer.policy.usage import least_paid, use_of, with_use_paid
from optimizer.policy.within import Keeper
from optimizer.solve.decide import Plan


@dataclass
class Policy:
    """The policy table and what it does to the cases it was built from."""

    frame: pd.DataFrame  # the columns of policy.csv
    curve: pd.DataFrame  # rows against the share of the saving they keep
    extra_cost_cents: float  # cost of following the table less cost of deciding case by case
    row_of_case: np.ndarray  # (N,) row of the frame; NO_ROW where a case has no acceptable way out
    used: dict[str, np.ndarray] = field(
        default_factory=dict
    )  # by limit: use of each group when the table is followed, in the limit's unit
    excess: dict[str, np.ndarray] = field(
        default_factory=dict
    )  # by limit: how much of it lies above the amount; empty where all are kept
    notes: tuple[Phrase, ...] = ()  # one sentence per group that is exceeded

    @property
    def row_id_of_case(self) -> np.ndarray:
        """row_id of each case, empty where nothing is acceptable.   (N,)"""
        return np.append(self.frame["row_id"].to_numpy(object), "")[self.row_of_case]


def build_policy(
    engine: Engine,
    blocks: Sequence[PricedBlock],
    current_cost_cents: float,
    limits: Sequence[SharedLimit] = (),
    shadow_prices: Mapping[str, np.ndarray] | None = None,
    plan: Plan | None = None,
) -> Policy:
    """The table that support teams follow.

    Every case that can be finds the first row that fits it, and no row says what is refused for a case it
    fits. Rows that name a market: at most assumption policy.rows_per_market, as far as the last rows of the
    market allow, and none that saves less than policy.least_saving_per_row. `current_cost_cents` is the cost
    of current practice.

    Under `limits`, `plan` is what is decided case by case within them and `shadow_prices` (groups,) are its
    prices in money per unit: following the table uses at most the amounts, or `excess` and `notes` of the
    answer say where it does not. Extra cost is then against that plan: a row may cost less than its cases do
    in the plan, all rows together cost less by at most the gap of the plan.
    """
    if limits:
        return _within(engine, blocks, current_cost_cents, limits, dict(shadow_prices or {}), plan)
    ground = survey(engine, blocks)
    draft = draft_of(ground)
    row_of_case = match(bare_frame(draft.rows, ground.world), engine)
    for b in ground.priced.values():
        row_of_case[b.rows[~b.acceptable.any(axis=1) & ~b.mixed]] = NO_ROW
    accounts = accounts_of(draft.rows, row_of_case, ground.priced)
    frame = written(
        draft.rows, bare_frame(draft.rows, ground.world), accounts, _possible(ground, draft.rows, accounts)
    )
    cost, best = sum(a.cost for a in accounts), sum(a.best for a in accounts)
    lines = _curve(ground, draft, best, current_cost_cents)
    lines.loc[len(lines)] = _last_line(ground, draft, len(draft.rows), cost, best, current_cost_cents)
    return Policy(frame, lines.astype({"rows_per_market": int, "rows": int}), cost - best, row_of_case)


def _within(
    engine: Engine,
    blocks: Sequence[PricedBlock],
    current: float,
    limits: Sequence[SharedLimit],
    prices: dict[str, np.ndarray],
    plan: Plan,
) -> Policy:
    ground = survey(engine, with_use_paid(blocks, limits, prices), joined(blocks))
    keeper = Keeper(ground, blocks, limits)
    kept = keeper.keep(prices)
    priced = joined(blocks)
    accounts = accounts_of(kept.rows, kept.row_of_case, priced, plan)
    used = use_of(limits, blocks, keeper.columns_said(kept.rows, kept.row_of_case))
    excess = per_limit(limits, kept.excess) if kept.excess.any() else {}
    frame = written(
        kept.rows,
        bare_frame(kept.rows, ground.world),
        accounts,
        _possible(ground, kept.rows, accounts),
        held_rows(kept, limits, engine.world.reporting),
    )
    cost, best = sum(a.cost for a in accounts), sum(a.best for a in accounts)
    # the budgets of the curve stand at the prices of the limits: use paid for, less what the amounts are
    # worth
    worth = 100.0 * sum(float((kept.prices[limit.name] * limit.amount).sum()) for limit in limits)
    paid_ground = kept.ground
    lines = _curve(paid_ground, kept.draft, least_paid(paid_ground.priced.values()), current, worth)
    lines.loc[len(lines)] = _last_line(ground, kept.draft, len(kept.rows), cost, best, current)
    return Policy(
        frame,
        lines.astype({"rows_per_market": int, "rows": int}),
        cost - best,
        kept.row_of_case,
        used,
        excess,
        notes_of(limits, used, excess),
    )


def _curve(ground: Ground, draft: Draft, best: float, current: float, less: float = 0.0) -> pd.DataFrame:
    """Lines of smaller budgets; `best` is the cost of deciding case by case, `less` is taken off all
    costs; cents."""
    elsewhere = best - sum(float(g.cases.best.sum()) for its in draft.growers.values() for g in its)
    chosen = sum(c[-1].rows for c in draft.found.values())
    return curve(
        draft.found, row_budget(ground)[0], len(draft.rows) - chosen, elsewhere - less, best - less, current
    )


def _last_line(
    ground: Ground, draft: Draft, rows: int, cost: float, best: float, current: float
) -> dict[str, float]:
    lowest = min((c[-1].price for c in draft.found.values()), default=np.nan)
    return curve_line(row_budget(ground)[0], lowest, rows, cost, best, current)


def _possible(ground: Ground, rows: Sequence[Row], accounts: Sequence) -> list[list[str]]:
    """Who may decide cases of rows that have none."""
    return [[] if a.cases else _deciders(ground, r) for r, a in zip(rows, accounts)]


def _deciders(ground: Ground, row: Row) -> list[str]:
    """Who may decide cases of a row."""
    return [
        d
        for cell, a in ground.acceptance.items()
        for d in a.deciders
        if cell.issue == row.issue
        and row.channel in (cell.channel, "*")
        and row.market in (cell.market, "*")
        and row.platform in (cell.platform, "*")
    ]
