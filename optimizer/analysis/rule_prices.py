"""The price of a rule: what the decided cases would cost less if this rule alone did not refuse."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimizer.model.pricing import BIT, PricedBlock
from optimizer.solve.decide import Plan


class RulePrice(NamedTuple):
    """One rule: cases whose choice it changes, and cost with the rule less cost without it, in cents."""

    rule: str
    cases: int
    cents: float


def rule_prices(blocks: list[PricedBlock], plan: Plan) -> list[RulePrice]:
    """Price of every rule that binds somewhere, dearest first.

    Formula: sum over decided cases of max(0, cost chosen - cheapest option that this rule alone refuses).
    Rules whose options other rules refuse as well cost nothing by themselves.
    """
    cases, cents = dict.fromkeys(BIT, 0), dict.fromkeys(BIT, 0.0)
    for b in blocks:
        mine = plan.choice[b.rows] >= 0
        if not mine.any():
            continue
        chosen = plan.total[b.rows]
        for rule, bit in BIT.items():
            alone = b.refused == bit
            if not alone.any():
                continue
            saved = np.where(mine, chosen - np.where(alone, b.total, np.inf).min(axis=1), 0.0)
            cases[rule] += int((saved > 0.0).sum())
            cents[rule] += float(saved[saved > 0.0].sum())
    found = [RulePrice(rule, cases[rule], cents[rule]) for rule in BIT if cases[rule]]
    return sorted(found, key=lambda p: (-p.cents, p.rule))
