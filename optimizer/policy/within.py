"""A table that keeps limits: rows grown with use paid for, decided again all together, parted where that
helps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.domain.shared_limit import SharedLimit
from optimizer.model.pricing import PricedBlock
from optimizer.policy.accounts import bare_frame
from optimizer.policy.apply import NO_ROW, match
from optimizer.policy.cells import Ground, joined
from optimizer.policy.draft import Draft, draft_of, row_budget
from optimizer.policy.row_cases import RowCase, RowCases, rejoined
from optimizer.policy.row_solve import RowSolution, blocked, solve_rows, uses
from optimizer.policy.rows import Row
from optimizer.policy.usage import use_of, with_use_paid
from optimizer.solve.decide import EXPECTED, UNDECIDED

_ROUNDS, GROWN = 8, 3  # of parting rows; of growing rows, at higher and higher prices of what is exceeded
PARTED = 32  # rows parted in a round at most
STEEPER = 4.0  # from one price of what is exceeded to the next


@dataclass(frozen=True, eq=False)
class Kept:
    """A table and what its rows do to the limits.   G groups over all limits"""

    ground: Ground  # the use of its cases paid for, as the draft was grown
    draft: Draft
    rows: list[Row]
    row_of_case: np.ndarray  # (N,)
    cases: dict[int, RowCase]  # rows with cases of one cell, by their place
    blocking: dict[int, int]  # by place of a row: the group that forbids it its cheapest option
    used: np.ndarray  # (G,)
    excess: np.ndarray  # (G,)
    prices: Mapping[str, np.ndarray]  # of the growing, money per unit


class Keeper:
    """Holds the tables of one set of priced cases to limits."""

    def __init__(self, ground: Ground, blocks: Sequence[PricedBlock], limits: Sequence[SharedLimit]):
        """`ground` was surveyed with use paid for; `blocks` are the priced cases themselves."""
        engine = ground.engine
        self.ground, self.blocks, self.limits = ground, blocks, limits
        self.rows_as_cases = RowCases(
            blocks, engine.columns.price, limits, ground.acceptance, ground.world.classes
        )
        self.amount = self.rows_as_cases.amount
        self.budget, self.least = row_budget(ground)
        self.fewest = int(ground.world.book.number("policy.fewest_cases"))

    def keep(self, prices: Mapping[str, np.ndarray]) -> Kept:
        """The best table found: the one that exceeds amounts least, then the cheapest; grown at `prices`
        first, money per unit."""
        best: Kept | None = None
        for _ in range(GROWN):
            found = self._at(prices)
            if (
                best is None
                or found.excess.sum() == 0.0
                or _share(found.excess, self.amount) < _share(best.excess, self.amount)
            ):
                best = found
            if not found.excess.any():
                break
            prices = self._raised(prices, found)
        return best

    def _at(self, prices: Mapping[str, np.ndarray]) -> Kept:
        ground = replace(self.ground, priced=joined(with_use_paid(self.blocks, self.limits, prices)))
        draft = draft_of(ground, ground.world.book.number("policy.rows_kept_back"))
        row_of_case = self.rows_found(draft.rows)
        cases = self.rows_as_cases.of_rows(draft.rows, row_of_case)
        fixed = self._fixed(draft.rows, row_of_case, cases)
        entries: list[RowCase | Row] = [cases.get(i, row) for i, row in enumerate(draft.rows)]
        entries, solution = self._refined(entries, fixed)
        rows = rejoined(_rows(entries, solution))
        row_of_case = self.rows_found(rows)
        cases = self.rows_as_cases.of_rows(rows, row_of_case)
        said = np.array([c.said for c in cases.values()], np.int64)
        used = self._fixed(rows, row_of_case, cases) + uses(list(cases.values()), said, len(fixed))
        blocking, excess = blocked(list(cases.values()), said, used, self.amount)
        return Kept(
            ground, draft, rows, row_of_case, cases, dict(zip(cases, blocking.tolist())), used, excess, prices
        )

    def rows_found(self, rows: Sequence[Row]) -> np.ndarray:
        """Row of each case; NO_ROW where nothing is acceptable.   (N,)"""
        found = match(bare_frame(rows, self.ground.world), self.ground.engine)
        for b in self.blocks:
            found[b.rows[~b.acceptable.any(axis=1) & ~b.mixed]] = NO_ROW
        return found

    def columns_said(self, rows: Sequence[Row], row_of_case: np.ndarray) -> np.ndarray:
        """Option that each case takes when it follows its row: column of its block, EXPECTED or UNDECIDED.
        (N,)"""
        keys, found = [r.key for r in rows], np.full(len(row_of_case), UNDECIDED)
        for b in self.blocks:
            place = {o.key: i for i, o in enumerate(b.options)}
            said = np.array([*(place.get(k, UNDECIDED) for k in keys), UNDECIDED])[
                row_of_case[b.rows]
            ]  # NO_ROW reads the last entry
            found[b.rows] = np.where(b.mixed, EXPECTED, said)
        return found

    def _fixed(
        self, rows: Sequence[Row], row_of_case: np.ndarray, cases: Mapping[int, RowCase]
    ) -> np.ndarray:
        """Use of all that no row here decides: last rows, and what others decide.   (G,)"""
        column = self.columns_said(rows, row_of_case)
        column[np.isin(row_of_case, list(cases)) & (column >= 0)] = UNDECIDED
        return np.concatenate([np.zeros(0), *use_of(self.limits, self.blocks, column).values()])

    def _refined(
        self, entries: list[RowCase | Row], fixed: np.ndarray
    ) -> tuple[list[RowCase | Row], RowSolution]:
        """Rows parted as long as that brings the table nearer to the amounts, or saves what a row has to
        save."""
        best, most = self._solved(entries, fixed), PARTED
        for _ in range(_ROUNDS):
            tried = self._parted(entries, best, most)
            if tried is None:
                break
            here = self._solved(tried, fixed)
            more = len(rejoined(_rows(tried, here))) - len(rejoined(_rows(entries, best)))
            (over, cost), (over_before, cost_before) = here.measure(self.amount), best.measure(self.amount)
            better = over < over_before * (1.0 - 1e-9) or (
                over <= over_before and cost + max(more, 0) * self.least < cost_before
            )
            if better and self._fits(rejoined(_rows(tried, here))):
                entries, best = tried, here
            elif most > 1:
                most //= 4
            else:
                break
        return entries, best

    def _solved(self, entries: Sequence[RowCase | Row], fixed: np.ndarray) -> RowSolution:
        return solve_rows([e for e in entries if isinstance(e, RowCase)], fixed, self.amount)

    def _fits(self, rows: Sequence[Row]) -> bool:
        return max(Counter(r.market for r in rows if r.market != "*").values(), default=0) <= self.budget

    def _parted(
        self, entries: Sequence[RowCase | Row], solution: RowSolution, most: int
    ) -> list[RowCase | Row] | None:
        """The rows with those parted that lose most by a limit, or use most of what others lose by; None
        where none can be."""
        counts = Counter(r.market for r in rejoined(_rows(entries, solution)))
        cases = [e for e in entries if isinstance(e, RowCase)]
        worth = self._worth(cases, solution)
        chosen: dict[int, tuple[RowCase, RowCase]] = {}
        for i in np.argsort(-worth, kind="stable"):
            if worth[i] <= 0.0 or len(chosen) >= most:
                break
            market = cases[i].row.market
            fewest = self.fewest if not solution.excess.any() else 1
            if (
                counts[market] < self.budget
                and (halves := self.rows_as_cases.halves(cases[i], fewest)) is not None
            ):
                chosen[id(cases[i])] = halves
                counts[market] += 1
        if not chosen:
            return None
        return [half for e in entries for half in chosen.get(id(e), (e,))]

    def _worth(self, cases: Sequence[RowCase], solution: RowSolution) -> np.ndarray:
        """What parting each row may save: what it loses by a limit, or its share in the use of what others
        lose by.   (R,) cents"""
        lost = np.array(
            [
                c.cost[o] - c.cost[c.cheapest] if g >= 0 else 0.0
                for c, o, g in zip(cases, solution.choice, solution.blocking)
            ]
        )
        by_group = np.zeros(len(self.amount))
        np.add.at(by_group, solution.blocking[solution.blocking >= 0], lost[solution.blocking >= 0])
        by_group[solution.excess > 0] += max(float(lost.sum()), 1.0)
        worth = lost.copy()
        for i, (c, o) in enumerate(zip(cases, solution.choice)):
            saved = c.use[o] - c.use.min(axis=0) if len(c.groups) else np.zeros(0)
            share = np.minimum(saved / np.maximum(solution.used[c.groups], 1e-9), 1.0) * by_group[c.groups]
            worth[i] = max(worth[i], share.max(initial=0.0))
        return worth

    def _raised(self, prices: Mapping[str, np.ndarray], found: Kept) -> dict[str, np.ndarray]:
        """Prices at which growing rows care more for the groups that are exceeded."""
        cost = sum(float(np.abs(c.cost).max()) for c in found.cases.values()) / 100.0
        raised, parts = {}, np.split(np.arange(len(self.amount)), self.rows_as_cases.first[1:-1])
        for limit, its in zip(self.limits, parts):
            usual = cost / max(
                float(found.used[its].sum()), 1e-9
            )  # money per unit, if all costs were for this limit
            dearer = np.maximum(STEEPER * prices[limit.name], usual / STEEPER)
            raised[limit.name] = np.where(found.excess[its] > 0, dearer, prices[limit.name])
        return raised


def _share(excess: np.ndarray, amount: np.ndarray) -> float:
    return float((excess / np.maximum(amount, 1e-9)).sum())


def _rows(entries: Sequence[RowCase | Row], solution: RowSolution) -> list[Row]:
    """The rows with what the solution says."""
    choice = iter(solution.choice.tolist())
    return [e.row._replace(key=e.keys[next(choice)]) if isinstance(e, RowCase) else e for e in entries]
