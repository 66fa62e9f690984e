"""What cases use of shared limits under the options they take, and costs with that use paid for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from optimizer.domain.shared_limit import SharedLimit
from optimizer.model.pricing import PricedBlock
from optimizer.solve.decide import EXPECTED
from optimizer.solve.decide_limited import expected_use, paid

_DEAREST = (
    1e7  # cents that the use of one option is charged at most: whole cents of all cases together stay exact
)


def use_of(
    limits: Sequence[SharedLimit], blocks: Sequence[PricedBlock], column: np.ndarray
) -> dict[str, np.ndarray]:
    """Use of each group, by the name of the limit: sum over cases of the usage of the option they take.
    (groups,) each

    `column` (N,) is the option of each case in its block; EXPECTED where others decide: they use their
    expected outcome; other numbers below 0 use nothing.
    """
    found = {}
    for limit in limits:
        used = np.zeros(len(limit.groups))
        for b, use in zip(blocks, limit.uses):
            if use is None:
                continue
            own = column[b.rows]
            at = np.flatnonzero(own >= 0)
            usage, group = (np.broadcast_to(a, b.total.shape)[at, own[at]] for a in use)
            used += np.bincount(group[group >= 0], usage[group >= 0], len(used))
            if (own == EXPECTED).any():
                used += expected_use(b, use, len(used))
        found[limit.name] = used
    return found


def with_use_paid(
    blocks: Sequence[PricedBlock], limits: Sequence[SharedLimit], prices: Mapping[str, np.ndarray]
) -> list[PricedBlock]:
    """The same blocks with cost + sum of usage x price of its group as their cost, in whole cents;
    `prices` (groups,) in money per unit."""
    found = []
    for k, b in enumerate(blocks):
        if any(limit.uses[k] is not None for limit in limits):
            extra = np.minimum(np.rint(100.0 * paid(limits, k, prices, b.total.shape)), _DEAREST)
            mixed = np.where(b.mixed, np.rint(extra @ b.shares), 0.0)
            found.append(replace(b, total=b.total + extra, mixed_total=b.mixed_total + mixed))
        else:
            found.append(b)
    return found


def least_paid(blocks: Iterable[PricedBlock]) -> float:
    """Cost of deciding case by case in cents: the cheapest acceptable option, the expected outcome where
    others decide."""
    found = 0.0
    for b in blocks:
        own = ~b.mixed & b.acceptable.any(axis=1)
        found += (
            np.where(b.acceptable, b.total, np.inf)[own].min(axis=1, initial=np.inf).sum()
            if own.any()
            else 0.0
        )
        found += b.mixed_total[b.mixed].sum()
    return found
