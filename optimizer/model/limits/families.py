"""How much of a limit an option uses: one function per family, in expectation over acceptance, completion,
success and fallback."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from optimizer.model.block import Amount, Block
from optimizer.model.declare import Option
from optimizer.model.lines import RISK_LINES
from optimizer.model.pricing import Pricer

BENCH_HOURS = ("repair.bench_hours_level_1", "repair.bench_hours_level_2", "repair.bench_hours_level_3")


def cash_budget(p: Pricer, i: int) -> np.ndarray:
    """Gross cash out of option i: the sum of its positive cash lines in whole cents, as money.   (C,)"""
    return (
        sum(
            (np.maximum(cents, 0.0) for line, cents in p.rounded_lines(i).items() if line not in RISK_LINES),
            np.zeros(p.block.n),
        )
        / 100.0
    )


def order_defects(p: Pricer, i: int) -> np.ndarray:
    """Expected order defects of option i.   (C,)"""
    return p.measures(i)[2]


def average_days(p: Pricer, i: int) -> np.ndarray:
    """Expected days to resolution of option i.   (C,)"""
    return p.measures(i)[0]


def replacements(p: Pricer, i: int) -> np.ndarray:
    """Expected units that option i sends in place of others, from wherever.   (C,)"""
    return p.expected(i, lambda b, o: b.quantity if o.spec.remedy == "replacement" else 0.0)


def stock_on_hand(p: Pricer, i: int) -> np.ndarray:
    """Expected units that option i takes from stock in the market: replacements that do not come from
    China.   (C,)"""

    def own(b: Block, o: Option) -> Amount:
        from_china = (
            "swap" not in o.spec.tags
            and bool(o.provider)
            and b.world.providers[o.provider].kind == "china_factory"
        )
        return b.quantity if o.spec.remedy == "replacement" and not from_china else 0.0

    return p.expected(i, own)


def capacity_in_units(provider: str) -> Callable[[Pricer, int], np.ndarray]:
    """Measures the expected units that reach a provider: quantity where the option, or what follows it,
    names the provider."""
    return lambda p, i: p.expected(i, lambda b, o: b.quantity if o.provider == provider else 0.0)


def capacity_in_hours(provider: str) -> Callable[[Pricer, int], np.ndarray]:
    """Measures the expected bench hours at a provider: quantity x hours of the class's repair level, where
    units are repaired."""

    def own(b: Block, o: Option) -> Amount:
        if o.provider != provider or not o.spec.tags & {"repair", "swap"}:
            return 0.0
        hours = np.array([0.0, *(b.number(key) for key in BENCH_HOURS)])
        return b.quantity * hours[b.class_field("repair_level").astype(int)]

    return lambda p, i: p.expected(i, own)


MEASURES: dict[str, Callable[[Pricer, int], np.ndarray]] = {
    "cash_budget": cash_budget,
    "order_defects": order_defects,
    "stock_on_hand": stock_on_hand,
    "replacements": replacements,
    "average_days": average_days,
}
