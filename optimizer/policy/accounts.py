"""What each row of the table does to the cases that find it: cost, next best, how many would be decided
the same way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from optimizer.model.block import Cell
from optimizer.model.declare import PARTS, Option
from optimizer.model.pricing import PricedBlock
from optimizer.model.world import World
from optimizer.phrases import Phrase
from optimizer.policy.apply import SAYS_NOTHING
from optimizer.policy.last_rows import DECIDES
from optimizer.policy.rows import LAST, TYPICAL, Row, decider
from optimizer.solve.decide import Plan

POLICY_COLUMNS = (
    "row_id",
    "product_class",
    "market",
    "platform",
    "channel",
    "issue",
    "when",
    "currency",
    "price_from",
    "price_to",
    "cases",
    "decided_by",
    "resolution",
    "provider",
    "disposition",
    "offer",
    "fallback",
    "expected_cost",
    "runner_up",
    "margin",
    "share_following",
    "extra_cost",
    "reason",
)
CHEAPEST = "cheapest of the ways out that are acceptable for every case of this row"
ONLY = "the only way out that is acceptable for every case of this row"
NO_CASES = "no case yet; cheapest for a typical case"
REST = "for cases that no row above fits; acceptable for all of them"
_OTHERS = {
    "platform_decides": "the platform decides; the cost is what to expect",
    "buyer_decides": "the buyer decides; the cost is what to expect",
}
_NOTHING = "no way out is acceptable here; ask who may make an exception"
REASONS = (CHEAPEST, ONLY, NO_CASES, REST, *_OTHERS.values(), _NOTHING)


@dataclass
class Account:
    """Sums over the cases of one row; cents."""

    cases: int = 0
    cost: float = 0.0
    best: float = 0.0
    following: int = 0
    deciders: set[str] = field(default_factory=set)
    # key -> number of cases and cost, over the cells in which it is acceptable for every case of the row
    by_key: dict[str, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0, 0.0]))


def bare_frame(rows: Sequence[Row], world: World) -> pd.DataFrame:
    """The columns that say when a row holds and what it says; the others empty."""
    said = [
        ("", "", "", "", "") if r.key in (*DECIDES.values(), SAYS_NOTHING) else Option.parse(r.key).parts
        for r in rows
    ]
    frame = pd.DataFrame(
        {
            "row_id": [f"P{i:04d}" for i in range(1, len(rows) + 1)],
            **{
                c: [getattr(r, c) for r in rows]
                for c in ("product_class", "market", "platform", "channel", "issue", "when")
            },
            "currency": ["*" if r.market == "*" else world.markets[r.market].currency for r in rows],
            "price_from": [r.price_from for r in rows],
            "price_to": [r.price_to for r in rows],
        }
    )
    frame[["price_from", "price_to"]] = (
        frame[["price_from", "price_to"]].astype(float).replace([np.inf, -np.inf], np.nan)
    )
    for i, column in enumerate(PARTS):
        frame[column] = [parts[i] or (r.key if i == 0 else "") for parts, r in zip(said, rows)]
    return frame


def accounts_of(
    rows: Sequence[Row], row_of_case: np.ndarray, priced: Mapping[Cell, PricedBlock], plan: Plan | None = None
) -> list[Account]:
    """The account of every row; cases without an acceptable way out count nowhere.

    `plan` is what is decided case by case; without it every case takes its cheapest option.
    """
    found = [Account() for _ in rows]
    for b in priced.values():
        acceptable, own = b.acceptable, row_of_case[b.rows]
        masked = np.where(acceptable, b.total, np.inf)
        choice = masked.argmin(axis=1) if len(b.options) else np.zeros(len(b.rows), int)
        best = masked.min(axis=1) if len(b.options) else np.zeros(len(b.rows))
        if plan is not None:
            choice, best = plan.choice[b.rows], plan.total[b.rows]
        keys = [o.key for o in b.options]
        place = {k: i for i, k in enumerate(keys)}
        order = np.argsort(own, kind="stable")
        for members in np.split(order, np.flatnonzero(np.diff(own[order])) + 1):
            if not len(members) or (r := int(own[members[0]])) < 0:
                continue
            a = found[r]
            a.cases += len(members)
            a.deciders.update(np.unique(b.decided_by[members]).tolist())
            if rows[r].key in DECIDES.values():
                a.cost += b.mixed_total[members].sum()
                a.best += b.mixed_total[members].sum()
                a.following += len(members)
                continue
            o = place[rows[r].key]
            a.cost += b.total[members, o].sum()
            a.best += best[members].sum()
            a.following += int((choice[members] == o).sum())
            for key, n, cost in zip(
                keys, acceptable[members].sum(axis=0).tolist(), b.total[members].sum(axis=0).tolist()
            ):
                if n == len(members):
                    a.by_key[key][0] += n
                    a.by_key[key][1] += cost
    return found


class Held(NamedTuple):
    """A row that a limit keeps from an option that costs less."""

    key: str  # the option
    reason: Phrase


def written(
    rows: Sequence[Row],
    bare: pd.DataFrame,
    accounts: Sequence[Account],
    deciders: Sequence[Sequence[str]],
    held: Mapping[int, Held] | None = None,
) -> pd.DataFrame:
    """The whole table; `deciders` are those who may decide cases of a row.

    Where a row is `held`, by its place, its runner-up is the option that costs less, and the margin lies
    below 0.
    """
    lines, held = [], held or {}
    for i, (row, a, possible) in enumerate(zip(rows, accounts, deciders)):
        others = {k: cost / n for k, (n, cost) in a.by_key.items() if n == a.cases and k != row.key}
        runner = held[i].key if i in held else min(others, key=others.get) if others else ""
        mean = a.cost / a.cases / 100.0 if a.cases else row.typical_cents / 100.0
        lines.append(
            {
                "cases": a.cases,
                "decided_by": (
                    row.key.removesuffix("_decides")
                    if row.key in _OTHERS
                    else decider(sorted(a.deciders) or possible)
                ),
                "expected_cost": round(mean, 2),
                "runner_up": runner,
                "margin": round(others[runner] / 100.0 - mean, 2) if runner else np.nan,
                "share_following": round(a.following / a.cases, 4) if a.cases else np.nan,
                "extra_cost": (a.cost - a.best) / 100.0,
                "reason": held[i].reason if i in held else _reason(row, a, runner),
            }
        )
    told = pd.DataFrame(lines, index=bare.index)
    if held:  # texts that can be said in another language stay what they are
        told["reason"] = pd.Series([line["reason"] for line in lines], bare.index, object)
    return pd.concat([bare, told], axis=1)[list(POLICY_COLUMNS)]


def _reason(row: Row, a: Account, runner: str) -> str:
    if row.key in _OTHERS:
        return _OTHERS[row.key]
    if row.key == SAYS_NOTHING:
        return _NOTHING
    if row.kind == LAST:
        return REST
    if row.kind == TYPICAL or not a.cases:
        return NO_CASES
    return CHEAPEST if runner else ONLY
