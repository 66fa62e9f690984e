"""Cases x options -> money and refusals, block by block. The same arrays feed choice, reports, explanations
and the app.

Expected cost of an option, per line and before rounding:

    contact + q x (completion x cost on acceptance + (1 - success) x fallback) + (1 - q) x fallback
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from optimizer.domain.money import to_cents
from optimizer.errors import InputError, Problem
from optimizer.model.block import Amount, Block, Cell
from optimizer.model.components.risk import refused_offer_extra
from optimizer.model.declare import Option, Rule
from optimizer.model.entitlement import acceptance
from optimizer.model.lines import CLAIM_RIGHTS, LINE_KEYS, RISK_LINES
from optimizer.model.measures import claim_risk, days, satisfaction
from optimizer.model.options import fallback_option, options_of
from optimizer.model.rules import RULES
from optimizer.phrases import phrase

CONTACT = "contact_handling"
OTHERS_DECIDE = ("platform", "buyer")
DECIDING = [r for r in RULES if r.effect != "deadline"]
BIT = {r.id: np.uint64(1) << np.uint64(i) for i, r in enumerate(DECIDING)}


@dataclass
class PricedBlock:
    """Cost and refusals of C cases x O options of one cell."""

    cell: Cell
    rows: np.ndarray  # (C,) rows of the case table
    options: list[Option]
    total: np.ndarray  # (C, O) cents, whole numbers as float
    risk: np.ndarray  # (C, O) cents of the risk lines
    refused: np.ndarray  # (C, O) uint64, bit i = DECIDING[i] refuses
    decided_by: np.ndarray  # (C,) str
    shares: (
        np.ndarray
    )  # (O,) shares of the outcomes where the platform or the buyer decides; all 0 where nobody does
    mixed_total: np.ndarray  # (C,) cents of the outcomes weighed by their shares
    mixed_risk: np.ndarray  # (C,)
    mixed: np.ndarray  # (C,) bool: the outcome is expected, not chosen, for others decide
    claim_right: (
        np.ndarray
    )  # (C,) cents: the largest credit from carrier, platform or supplier that an acceptable option keeps

    @property
    def acceptable(self) -> np.ndarray:
        return self.refused == 0

    def refused_by(self, case: int, option: int) -> list[str]:
        """Ids of all rules that refuse the option."""
        return [rule for rule, bit in BIT.items() if self.refused[case, option] & bit]


class Chances(NamedTuple):
    """How it goes with an option that has a fallback, as shares of the buyers.   number or (C,) each"""

    agreed: float | np.ndarray  # q
    solved: float | np.ndarray  # q x success
    followed: float | np.ndarray  # by the fallback: 1 - q x success, refused or agreed and failed


class Pricer:
    """Prices the options of one block; everything shared between options is computed once."""

    def __init__(self, block: Block):
        self.block = block
        self.options = options_of(block.world, block.cell)
        self.risk_on = block.book.flag("risk.on")
        self._plain: dict[int, dict[str, Amount]] = {}
        self._carried_out: dict[int, dict[str, Amount]] = {}

    def plain(self, i: int) -> dict[str, Amount]:
        """Line -> money of option i when it is carried out without asking; contact included."""
        if i not in self._plain:
            lines: dict[str, Amount] = {}
            for c in self.options[i].spec.costs:
                if c.line in RISK_LINES and not self.risk_on:
                    continue
                amount = c(self.block, self.options[i])
                if isinstance(amount, float) and amount == 0.0:
                    continue
                lines[c.line] = lines[c.line] + amount if c.line in lines else amount
            self._plain[i] = lines
        return self._plain[i]

    def carried_out(self, i: int) -> dict[str, Amount]:
        """Line -> money of option i once agreed: buyers who never carry it through cost the contact alone."""
        if i not in self._carried_out:
            completion = self.block.number(f"resolution.{self.options[i].resolution}.completion")
            lines = self.plain(i)
            self._carried_out[i] = (
                lines
                if completion == 1.0
                else {k: v if k == CONTACT else completion * v for k, v in lines.items()}
            )
        return self._carried_out[i]

    def chances(self, i: int) -> Chances:
        """How often option i is agreed to, solves the case, and is followed by its fallback."""
        b, o = self.block, self.options[i]
        q = acceptance(b, o)
        s = o.spec.success(b, o) if o.spec.success else b.number(f"resolution.{o.resolution}.success")
        return Chances(q, q * s, 1.0 - q * s)

    def fallback_of(self, i: int) -> int:
        """Column of the option that follows option i."""
        return fallback_option(self.options, self.options[i].fallback)

    def lines(self, i: int) -> dict[str, Amount]:
        """Line -> expected money of option i before rounding."""
        b, o = self.block, self.options[i]
        accepted = self.carried_out(i)
        if not o.fallback:
            return accepted
        q, _, followed = self.chances(i)
        j = self.fallback_of(i)
        expected = {k: v if k == CONTACT else q * v for k, v in accepted.items()}
        for k, v in self.carried_out(j).items():
            expected[k] = expected[k] + followed * v if k in expected else followed * v
        if "offer_of_money" in o.spec.tags and self.risk_on:
            extra = (1.0 - q) * refused_offer_extra(b, self.options[j])
            if not (isinstance(extra, float) and extra == 0.0):
                expected["expected_claim"] = expected.get("expected_claim", 0.0) + extra
        return expected

    def rounded_lines(self, i: int) -> dict[str, np.ndarray]:
        """Line -> whole cents of option i, per case.   (C,)"""
        return {k: np.broadcast_to(to_cents(v), (self.block.n,)) for k, v in self.lines(i).items()}

    def refusals(self) -> np.ndarray:
        """Bits of the rules that refuse each option; an option is also refused by what refuses its
        fallback.   (C, O)"""
        b = self.block
        no = np.zeros((len(self.options), b.n), np.uint64)
        for rule in DECIDING:
            if not rule.in_scope(b.cell) or not b.book.flag(f"rule.{rule.id}.on", True):
                continue
            in_force = _in_force(rule, b)
            if in_force is False:
                continue
            for i, o in enumerate(self.options):
                refuses = rule.refuses(b, o)
                if refuses is False:
                    continue
                mask = refuses if in_force is True else refuses & in_force
                if mask is True:
                    no[i] |= BIT[rule.id]
                else:
                    no[i] |= mask * BIT[rule.id]
        own = no.copy()
        for i, o in enumerate(self.options):
            if o.fallback:
                no[i] |= own[self.fallback_of(i)]
        return no.T

    def priced(self, rows: np.ndarray) -> PricedBlock:
        """Totals and refusals of all options; lines are summed and dropped."""
        n, width = self.block.n, len(self.options)
        total, risk = np.zeros((width, n)), np.zeros((width, n))
        credits: dict[int, np.ndarray | float] = {}
        for i in range(width):
            for key, amount in self.lines(i).items():
                cents = to_cents(amount)
                total[i] += cents
                if key in RISK_LINES:
                    risk[i] += cents
                elif key in CLAIM_RIGHTS:
                    credits[i] = credits.get(i, 0.0) - cents
        if not np.isfinite(total).all():
            i, c = np.argwhere(~np.isfinite(total))[0]
            raise FloatingPointError(f"cost of {self.options[i].key} is not a number in row {rows[c]}")
        mixed_total, mixed_risk = np.zeros(n), np.zeros(n)
        for key, cents in self.mixed_lines().items():
            mixed_total += cents
            if key in RISK_LINES:
                mixed_risk += cents
        refused, claim_right = self.refusals(), np.zeros(n)
        for i, credit in credits.items():
            np.maximum(claim_right, np.where(refused[:, i] == 0, credit, 0.0), out=claim_right)
        return PricedBlock(
            self.block.cell,
            rows,
            self.options,
            total.T,
            risk.T,
            refused,
            self.block.decided_by,
            self.shares,
            mixed_total,
            mixed_risk,
            self.mixed,
            claim_right,
        )

    @cached_property
    def mixed(self) -> np.ndarray:
        """Cases that others decide.   (C,) bool"""
        return np.isin(self.block.decider_of_stage, OTHERS_DECIDE)[self.block.stage]

    @cached_property
    def shares(self) -> np.ndarray:
        """Share of each option as an outcome where others decide: the first option of each resolution
        named.   (O,)"""
        found = np.zeros(len(self.options))
        b = self.block
        if not self.mixed.any():
            return found
        named = b.world.outcome_shares(*b.cell)
        for resolution, share in named.items():
            first = next((i for i, o in enumerate(self.options) if o.resolution == resolution), None)
            if first is not None:
                found[first] = share
        if abs(found.sum() - 1.0) > 1e-9:
            raise InputError(
                [
                    Problem(
                        "data/outcome_shares.csv",
                        None,
                        "share",
                        f"{found.sum():g}",
                        phrase("the outcomes of {cell} do not add up to 1", cell=" / ".join(b.cell)),
                        phrase(
                            "Others decide here: name their outcomes, among {names}.",
                            names=", ".join(sorted({o.resolution for o in self.options})),
                        ),
                    )
                ]
            )
        return found

    def mixed_lines(self) -> dict[str, np.ndarray]:
        """Line -> whole cents of the outcomes weighed by their shares, per case.   (C,)"""
        mixed: dict[str, Amount] = {}
        for i in np.flatnonzero(self.shares).tolist():
            for key, amount in self.lines(i).items():
                mixed[key] = mixed.get(key, 0.0) + self.shares[i] * amount
        return {k: np.broadcast_to(to_cents(v), (self.block.n,)) for k, v in mixed.items()}

    def expected(self, i: int, own: Callable[[Block, Option], Amount]) -> np.ndarray:
        """A measure of option i in expectation, as money is: q x completion x own + (1 - q x success) x
        that of the fallback.   (C,)"""
        b, o = self.block, self.options[i]

        def carried_out(option: Option) -> np.ndarray:
            return b.number(f"resolution.{option.resolution}.completion") * _each(b, own(b, option))

        if not o.fallback:
            return carried_out(o)
        q, _, followed = self.chances(i)
        return q * carried_out(o) + followed * carried_out(self.options[self.fallback_of(i)])

    def line_table(self, i: int) -> np.ndarray:
        """Whole cents of all lines of option i.   (C, L)"""
        table = np.zeros((self.block.n, len(LINE_KEYS)))
        for k, cents in self.rounded_lines(i).items():
            table[:, LINE_KEYS.index(k)] = cents
        return table

    def measures(self, i: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Days, satisfaction and expected order defects of option i, fallback weighed in.   three (C,)"""
        b, o = self.block, self.options[i]
        own = _each(b, days(b, o)), _each(b, satisfaction(b, o)), _each(b, claim_risk(b, o))
        if not o.fallback:
            return own
        agreed, solved, followed = self.chances(i)
        f = self.options[self.fallback_of(i)]
        after = [_each(b, g(b, f)) for g in (days, satisfaction, claim_risk)]
        # a refused offer costs no time of its own, a failed repair does
        return (
            agreed * own[0] + followed * after[0],
            solved * own[1] + followed * after[1],
            agreed * own[2] + followed * after[2],
        )


def _each(b: Block, value: Amount) -> np.ndarray:
    """A number or (C,) for every case.   (C,)"""
    return np.broadcast_to(np.asarray(value, float), (b.n,))


def _in_force(rule: Rule, b: Block) -> bool | np.ndarray:
    first, last = np.datetime64(rule.valid_from), np.datetime64(rule.valid_to)
    day = b.cases.case_day
    if rule.valid_from == "1900-01-01" and rule.valid_to == "9999-12-31":
        return True
    mask = (day >= first) & (day <= last)
    return True if mask.all() else (False if not mask.any() else mask)
