"""Money: rounding half-up to the cent, away from zero, on arrays."""

from __future__ import annotations

import numpy as np

# A binary product such as 0.145 * 100 falls short of the decimal tie by some 1e-14; a millionth of
# a cent lifts it back, and no amount below a billion dollars is moved across a tie by it.
TIE = 1e-6


def to_cents(amount: np.ndarray | float) -> np.ndarray:
    """Whole cents of an amount, half-up away from zero: 1.005 -> 101, -1.005 -> -101.   float array ->
    float array of whole numbers"""
    cents = np.multiply(amount, 100.0)
    lift = np.copysign(TIE, cents)
    lift += cents
    return np.rint(lift, out=lift if isinstance(lift, np.ndarray) else None)


def round_money(amount: np.ndarray | float) -> np.ndarray:
    """An amount rounded half-up to 0.01 of its currency."""
    return to_cents(amount) / 100.0
