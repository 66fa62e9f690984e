"""A limit that cases share, as it is declared: who uses how much of it, group by group, and how much there
is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

# Share of an amount by which a sum may lie above it and still count as within: room for the rounding of sums
# of decimals (0.1 + 0.2 within 0.3), nothing else. Sums over a million cases usually miss by a tenth of it,
# and no case uses so little; a wider one would let the table keep limits that the solver calls exceeded.
ROUNDING = 1e-12


def most(amount: np.ndarray) -> np.ndarray:
    """The largest use that still counts as within the amount, for the solver and the policy table alike."""
    return np.minimum(amount, 1e300) * (1 + ROUNDING)


class Use(NamedTuple):
    """What the options of a block of cases use of one limit; both arrays stretch to (cases, options)."""

    usage: np.ndarray  # at least 0, in the limit's unit; the use of an offer is its expectation
    group: np.ndarray  # number of the group it counts towards, -1 = does not count


@dataclass(frozen=True, eq=False)
class Group:
    """One group of a limit: a market in a month, a provider in a month, a product in a market."""

    label: str  # as in summary.json: "US 2026-10"
    amount: float  # at most so much is used, in the limit's unit
    because: str  # where the amount comes from
    averaged: int = 1  # cases that the amount is an average over; 1 where it is a sum


@dataclass(frozen=True, eq=False)
class SharedLimit:
    """The sum of the use of what is decided is at most the amount, in each group."""

    family: str  # the function that measures the use
    unit: str  # the reporting currency, units, hours, orders, days
    groups: tuple[Group, ...]  # a group's number is its place
    uses: tuple[
        Use | None, ...
    ]  # one per priced block, in their order; None where no case of the block touches the limit
    provider: str = ""  # whose capacity this is; empty where the limit is no provider's own

    @property
    def name(self) -> str:
        """usage_<name> and group_<name> in options.parquet, name in summary.json."""
        return f"{self.family}_{self.provider}" if self.provider else self.family

    def place(self, label: str) -> str:
        """A group's label without the provider that the limit names already."""
        return label.removeprefix(f"{self.provider} ") if self.provider else label

    @property
    def amount(self) -> np.ndarray:
        """(groups,) in the limit's unit."""
        return np.array([g.amount for g in self.groups])
