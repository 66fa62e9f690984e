"""Claim rights that a decision gives up: money that carrier, platform or supplier would have owed on another
acceptable way out.

A memo beside the decision: the credit itself stands in the price of the options that keep it, so it is never
counted twice.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimizer.analysis.decided import Decided
from optimizer.model.lines import CLAIM_RIGHTS, LINE_KEYS
from optimizer.model.pricing import PricedBlock
from optimizer.solve.decide import Plan


class ClaimRights(NamedTuple):
    """Credits in cents.   both (N,)"""

    kept: np.ndarray  # by the decision, or to be expected where others decide
    given_up: (
        np.ndarray
    )  # largest of an acceptable option less kept, at least 0; 0 where the seller does not decide


def claim_rights(blocks: list[PricedBlock], plan: Plan, decided: Decided) -> ClaimRights:
    """Credits that the decisions keep and give up."""
    kept = -decided.lines[:, [LINE_KEYS.index(k) for k in CLAIM_RIGHTS]].sum(axis=1) + 0.0
    largest = np.zeros(len(kept))
    for b in blocks:
        largest[b.rows] = b.claim_right
    return ClaimRights(kept, np.where(plan.choice >= 0, np.maximum(largest - kept, 0.0), 0.0))
