"""Recomputes what a choice costs and uses, straight from the inputs: nothing the solver says is taken on trust."""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from optimizer.solve.limits import Limit, most, totals


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a choice costs (money), uses per limit and group, and where it breaks a promise."""
    cost: float
    used: dict[str, np.ndarray]             # limit name -> (groups,) in the limit's unit
    exceeded: list[tuple[str, int]]         # (limit name, group) above its amount
    refused: np.ndarray                     # cases whose chosen option is not acceptable


def evaluate(cost: np.ndarray, acceptable: np.ndarray, limits: list[Limit], choice: np.ndarray) -> Evaluation:
    """Cost = sum over cases of the chosen option's cost; use of a group = sum of the usage that counts towards it.

    `cost`, `acceptable` (cases, options), `choice` (cases,) option numbers. Sums are correctly rounded, so they do
    not depend on the order of the cases.
    """
    case = np.arange(len(choice))
    used, exceeded = {}, []
    for limit in limits:
        usage = np.broadcast_to(limit.usage, cost.shape)[case, choice]
        group = np.broadcast_to(limit.group, cost.shape)[case, choice]
        used[limit.name] = totals(group[group >= 0], usage[group >= 0], len(limit.amount))
        over = np.flatnonzero(used[limit.name] > most(limit.amount))
        exceeded += [(limit.name, int(g)) for g in over]
    return Evaluation(math.fsum(cost[case, choice].tolist()), used, exceeded,
                      np.flatnonzero(~acceptable[case, choice]))
