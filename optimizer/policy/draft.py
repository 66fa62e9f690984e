"""A first table: rows grown on the costs of priced cases, without any limits in mind."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from optimizer.policy.accounts import bare_frame
from optimizer.policy.apply import Matcher
from optimizer.policy.budget import Choice, choices
from optimizer.policy.cells import Ground, cell_cases
from optimizer.policy.rows import Row, in_order, last_rows, own_rows, typical_rows
from optimizer.policy.tree import Grower


@dataclass
class Draft:
    """Rows in their order, and what they were chosen from, by market."""

    rows: list[Row]
    found: dict[str, list[Choice]]
    growers: dict[str, list[Grower]]


def row_budget(ground: Ground) -> tuple[int, float]:
    """Rows that a market may have, and the least saving of a row in cents."""
    book = ground.world.book
    return int(book.number("policy.rows_per_market")), 100.0 * book.number(
        "policy.least_saving_per_row"
    ) * ground.world.rate("USD")


def draft_of(ground: Ground, kept_back: float = 0.0) -> Draft:
    """Rows of every market, at most policy.rows_per_market less the share `kept_back`, and the wildcard
    rows behind them."""
    book, (budget, least) = ground.world.book, row_budget(ground)
    local, wild = last_rows(ground)
    last = Matcher(bare_frame([*in_order(local), *wild], ground.world), ground.world.classes)
    typical, growers = typical_rows(ground, last, least), _growers(ground, last)
    found: dict[str, list[Choice]] = {}
    rows: list[Row] = list(local)
    for m in ground.world.markets:
        room = max(budget - sum(r.market == m for r in local) - int(budget * kept_back), 0)
        empty = [r for r in typical if r.market == m]
        most = room - min(len(empty), int(room * book.number("policy.rows_for_unseen")))
        own: list[Row] = []
        if m in growers:
            found[m] = choices(growers[m], int(most * book.number("policy.rows_for_seen")), least)
            own = own_rows(growers[m], found[m][-1].leaves, ground.world.classes, most, least)
        rows += [*own, *empty[: room - len(own)]]
    return Draft([*in_order(rows), *wild], found, growers)


def _growers(ground: Ground, last: Matcher) -> dict[str, list[Grower]]:
    """The cells whose cases the seller decides, by market."""
    fewest = int(ground.world.book.number("policy.fewest_cases"))
    found: dict[str, list[Grower]] = defaultdict(list)
    for cell, priced in ground.priced.items():
        cases = cell_cases(ground.acceptance[cell], ground.engine.block(cell, priced.rows), priced, last)
        if cases is not None:
            found[cell.market].append(Grower(cases, fewest, ground.shares(cell.market, cell.issue)))
    return dict(found)
