"""What a policy table says to ordinary cases, along the price: asked through its own matcher, so that no
second reading of it exists.

An ordinary case is one unit of an average product of its class, delivered, within the return window, in
stock, without claim, words of danger or earlier claims. Only rows that cases of the same market and channel
have found count: the others are acceptable, but nothing shows that a returnless refund is the cheapest there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from optimizer.domain.names import BATTERIES, FAULTS
from optimizer.model.block import Block, Cell
from optimizer.model.engine import Engine
from optimizer.model.options import options_of
from optimizer.model.pricing import OTHERS_DECIDE
from optimizer.model.products import build_products
from optimizer.model.rules import RULE
from optimizer.policy.apply import Matcher
from optimizer.policy.conditions import OR, STEP_UNITS
from optimizer.policy.probing import CENT, Probes

RETURNLESS, FLOOR = "keep_full_refund", "platform.returnless_floor"


class Range(NamedTuple):
    """Prices in (low, high] for which the same holds; infinite where open."""

    low: float
    high: float
    required: bool  # the platform leaves no choice


class Ladder(NamedTuple):
    """Where the table says returnless along the price; zone z is (ends[z], ends[z+1]]."""

    ends: np.ndarray  # (Z+1,) infinite at both ends
    said: np.ndarray  # (K, channels, Z) bool: to every ordinary case of a class
    required: np.ndarray  # (Z,) bool: the platform leaves no choice
    possible: np.ndarray  # (Z,) bool: the platform takes such a setting

    def ranges(self, zones: np.ndarray) -> list[Range]:
        """The zones picked, neighbours put together unless only one of them is required.   zones (Z,) bool"""
        found: list[Range] = []
        for z in np.flatnonzero(zones):
            low, high, required = float(self.ends[z]), float(self.ends[z + 1]), bool(self.required[z])
            if found and found[-1].high == low and found[-1].required == required:
                found[-1] = found[-1]._replace(high=high)
            else:
                found.append(Range(low, high, required))
        return found


class Questions:
    """Asks a policy table about made-up ordinary cases."""

    def __init__(self, engine: Engine, frame: pd.DataFrame):
        self.engine, self.world, self.row_id = engine, engine.world, frame["row_id"].to_numpy(object)
        self.matcher, self.goods = Matcher(frame, engine.world.classes), build_products(engine.world, None)
        self.returnless = np.append(
            (frame["resolution"] == RETURNLESS).to_numpy(bool), False
        )  # NO_ROW reads the last entry
        self.day = engine.columns.case_day.max().astype("datetime64[Y]").astype(
            "datetime64[D]"
        ) + np.timedelta64(257, "D")  # away from holidays
        self.probes = {m: Probes(engine.world, m, [self.day]) for m in engine.world.markets}

    def asked(self, cell: Cell, k: np.ndarray, **given) -> tuple[np.ndarray, np.ndarray, Block]:
        """Row of each made-up case, whether it says returnless where the seller decides, and the cases.
        k (n,) class of each"""
        usual = {
            "battery": self.goods.battery[k],
            "kg": self.goods.weight_kg[k],
            "cm3": self.goods.volume_cm3[k],
        }
        probes = self.probes[cell.market]
        block = probes.block(cell, probes.sheet(len(k), product_class=k, **(usual | given)))
        row = self.matcher.match(block)
        return row, self.returnless[row] & ~np.isin(block.decided_by, OTHERS_DECIDE), block

    def _seen(self, cell: Cell) -> np.ndarray:
        """Rows that a case of the cell has found.   (R+1,) bool"""
        seen = np.zeros_like(self.returnless)
        for its, rows in self.engine.cells:
            if its == cell:
                seen[self.matcher.match(self.engine.block(cell, rows))] = True
        return seen

    def may_say(self, cell: Cell) -> bool:
        """Does any row for a cell say returnless, whether cases have found it or not?"""
        return bool(self.returnless[self.matcher.rows_of(cell)].any())

    def bounds(self, cell: Cell, name: str) -> list[float]:
        """The last value before each change that the rows of a cell make along an attribute."""
        step = CENT if name == "value" else 1.0
        atoms = [a for r in self.matcher.rows_of(cell) for a in self.matcher.atoms[r] if a.name == name]
        return sorted({round(a.value - step * (a.sign in ("<", ">=")), 2) for a in atoms})

    def ladder(self, cells: Sequence[Cell], faults: Sequence[int]) -> Ladder:
        """What the table says in cells of one market and issue: to all classes, on all days of the window,
        for all these faults."""
        market, fba = self.world.markets[cells[0].market], cells[0].channel == "fba"
        cap = market.number("fba_returnless_cap.amount", np.inf) if fba else np.inf
        floor = np.inf if fba else market.number("returnless_floor.amount", np.inf)
        rows = [r for c in cells for r in self.matcher.rows_of(c)]
        amounts = [
            cap,
            floor,
            *self.matcher.low[rows],
            *self.matcher.high[rows],
            *(x for c in cells for x in self.bounds(c, "value")),
        ]
        ends = np.array([-np.inf, *sorted({round(x, 2) for x in amounts if 0.0 < x < np.inf}), np.inf])
        answers = [self._along(c, ends, faults) for c in cells]
        required = np.any([required for _, required in answers], axis=0)
        return Ladder(ends, np.stack([said for said, _ in answers], axis=1), required, ends[1:] <= cap)

    def _along(self, cell: Cell, ends: np.ndarray, faults: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Returnless on every day and for every fault (K, Z); whether the platform requires it (Z,)."""
        every = np.arange(len(self.world.classes))
        window = self.asked(cell, every)[2].window_days
        days = sorted({0.0, *window.tolist(), *(x + d for x in self.bounds(cell, "age") for d in (0.0, 1.0))})
        k, zone, age, fault = (
            x.ravel() for x in np.meshgrid(every, np.arange(len(ends) - 1), days, faults, indexing="ij")
        )
        inside = age <= window[k]
        k, zone, age, fault = k[inside], zone[inside], age[inside], fault[inside]
        row, yes, block = self.asked(
            cell,
            k,
            price=price_in(ends)[zone],
            age_days=age,
            fault=fault,
            order_day=self.day - 5 - age.astype(int),
        )
        said, required = np.ones((len(every), len(ends) - 1), bool), np.ones(len(ends) - 1, bool)
        np.logical_and.at(said, (k, zone), yes & self._seen(cell)[row])
        np.logical_and.at(required, zone, platform_requires(block))
        return said, required

    def exceptions(
        self, cell: Cell, classes: np.ndarray, ladder: Ladder, at: Range, fault: int
    ) -> tuple[list[str], list[str]]:
        """Conditions, each by itself, under which the table says otherwise in a range that is returnless;
        and the rows that make it so."""
        ends = ladder.ends[(ladder.ends >= at.low) & (ladder.ends <= at.high)]
        price, k = np.tile(price_in(ends), len(classes)), np.repeat(classes, len(ends) - 1)
        usual = {"price": price, "fault": np.full(len(k), fault)}
        row, yes, _ = self.asked(cell, k, **usual)
        found: dict[str, str] = {}
        for name, sign, value, change in self._changes(cell, price):
            if (name not in found or name not in STEP_UNITS) and (
                yes & ~self.asked(cell, k, **(usual | change))[1]
            ).any():
                found[name] = f"{found[name]}{OR}{value}" if name in found else name + sign + value
        return list(found.values()), self.row_id[np.unique(row[yes])].tolist()

    def _changes(
        self, cell: Cell, price: np.ndarray
    ) -> Iterator[tuple[str, str, str, dict[str, np.ndarray]]]:
        """Attribute, sign and value of conditions in the words of `when`, and what then differs from the
        ordinary case."""
        n, names = len(price), {a.name for r in self.matcher.rows_of(cell) for a in self.matcher.atoms[r]}
        yield from ((a, "=", "yes", {a: np.ones(n, bool)}) for a in ("claim_open", "safety") if a in names)
        yield from (
            ("prior_claims", ">=", f"{x + 1:g}", {"prior_claims": np.full(n, int(x) + 1)})
            for x in self.bounds(cell, "prior_claims")
        )
        yield from (
            ("fault", "=", f, {"fault": np.full(n, i)}) for i, f in enumerate(FAULTS) if "fault" in names
        )
        yield from (
            ("battery", "=", w, {"battery": np.full(n, i)})
            for i, w in enumerate(BATTERIES)
            if "battery" in names
        )
        if "stock" in names:
            yield "stock", "=", "no", {"in_stock": np.zeros(n, bool)}
        if names & {"parcel", "returnable"}:
            yield from (
                ("parcel", ">", f"{x:g}kg", {"kg": np.full(n, x + 0.1)})
                for x in self.probes[cell.market].heaviest
            )
        yield from (
            ("value", ">", f"{x:g}", {"quantity": np.floor(x / price) + 1.0})
            for x in self.bounds(cell, "value")
        )


def price_in(ends: np.ndarray) -> np.ndarray:
    """A price in each zone (ends[z], ends[z+1]]: its upper end where there is one."""
    low, high = ends[:-1], ends[1:]
    return np.where(np.isfinite(high), high, np.where(np.isfinite(low), low + 1.0, 10.0))


def platform_requires(block: Block) -> np.ndarray:
    """Does the platform refund at once, leave the goods with the buyer and refuse everything else?   (n,)
    bool"""
    rule, others = RULE[FLOOR], [o for o in options_of(block.world, block.cell) if o.resolution != RETURNLESS]
    required = np.full(
        block.n, bool(others) and rule.in_scope(block.cell) and block.book.flag(f"rule.{rule.id}.on", True)
    )
    for option in others if required.any() else ():
        required &= rule.refuses(block, option)
    return required
