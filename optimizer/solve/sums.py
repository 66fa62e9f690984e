"""Sums that come out the same in any order and in any blocks, and fast.

Every value is split into a coarse and a fine part, whole multiples of two fixed powers of 2 so chosen that no
partial sum is ever rounded (Demmel and Nguyen, Fast Reproducible Floating-Point Summation, 2013).
"""

from __future__ import annotations

import math

import numpy as np

LEVELS = 4  # of parts in an exact sum, each holding the bits that the one before leaves over


class Sums:
    """Sums per group 0 … groups-1 of up to `count` values of at most `largest` in size, added in parts."""

    def __init__(self, groups: int, largest: float, count: int):
        self._coarse = _carrier(largest, count)
        self._fine = _carrier(abs(self._coarse) * 2.0**-52, count)
        self._sums = np.zeros((2, groups))

    def add(self, group: np.ndarray | int, value: np.ndarray) -> None:
        """Adds values to their groups, or all to one."""
        coarse = (value + self._coarse) - self._coarse
        rest = value - coarse
        fine = (rest + self._fine) - self._fine
        for k, part in enumerate((coarse, fine)):
            if isinstance(group, int):
                self._sums[k, group] += part.sum()
            else:
                self._sums[k] += np.bincount(group, weights=part, minlength=self._sums.shape[1])

    def merge(self, other: Sums) -> None:
        """Adds what another one, made alike, has summed."""
        self._sums += other._sums

    @property
    def total(self) -> np.ndarray:
        """(groups,)"""
        return self._sums[0] + self._sums[1]


def exact_sum(values: np.ndarray) -> float:
    """The sum of many values, as math.fsum finds it to within 2**-90 of the largest, many times faster;
    the same in any order."""
    rest, sums = np.asarray(values, float), []
    carrier = _carrier(float(np.abs(rest).max(initial=0.0)), rest.size)
    for _ in range(LEVELS):
        part = (rest + carrier) - carrier
        sums.append(float(part.sum()))
        rest, carrier = rest - part, _carrier(abs(carrier) * 2.0**-52, rest.size)
    return math.fsum(sums)


def _carrier(largest: float, count: int) -> float:
    # Added to a value it leaves only the bits that sums of `count` such values can hold exactly.
    size = max(largest, 2.0**-900) * max(count, 1)
    return 1.5 * 2.0 ** (math.frexp(size)[1] + 1)
