"""A policy table on new cases: its cost, its regret, and what it uses of the limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.domain.shared_limit import SharedLimit, most
from optimizer.inputs.cases import CaseFile
from optimizer.model.engine import Engine
from optimizer.model.pricing import PricedBlock
from optimizer.policy import Applied
from optimizer.policy.usage import use_of
from optimizer.solve.decide import EXPECTED


@dataclass
class AppliedTable:
    """A table and the cases it was applied to."""

    policy: pd.DataFrame
    engine: Engine
    file: CaseFile
    result: Applied
    scenario: str
    blocks: Sequence[PricedBlock] = ()
    limits: Sequence[SharedLimit] = ()  # those of the scenario, on these cases

    @property
    def currency(self) -> str:
        return self.engine.world.reporting


def applied_summary(a: AppliedTable) -> dict[str, object]:
    """Counts and money of an application; regret counts the cases that the seller decides."""
    r = a.result
    own = (r.option != EXPECTED) & ~r.undecided
    regret, best = float(r.regret[own].sum()), float(r.best[own].sum())
    found = {
        "scenario": a.scenario,
        "currency": a.currency,
        "cases": len(r.row),
        "covered": r.covered,
        "undecided": int(r.undecided.sum()),
        "refused_choices": int(r.refused.sum()),
        "rows_used": int((r.cases_per_row > 0).sum()),
        "rows": r.rows,
        "cost": r.cost.sum() / 100.0,
        "case_by_case": r.best.sum() / 100.0,
        "regret": regret / 100.0,
        "own_cases": int(own.sum()),
        "own_case_by_case": best / 100.0,
        "regret_share": round(regret / abs(best), 6) if best else 0.0,
    }
    return {**found, "limits": limit_uses(a)} if a.limits else found


def limit_uses(a: AppliedTable) -> list[dict[str, object]]:
    """Use of each group of each limit when the table is followed, and by how much it lies above the amount.

    A case whose row says nothing that is acceptable uses what its dearest acceptable option uses, as it is
    charged.
    """
    used = use_of(a.limits, a.blocks, a.result.charged)
    found = []
    for limit in a.limits:
        over = np.where(used[limit.name] > most(limit.amount), used[limit.name] - limit.amount, 0.0)
        found += [
            {
                "name": limit.name,
                "family": limit.family,
                "group": g.label,
                "used": round(float(used[limit.name][i]), 6) + 0.0,
                "limit": float(g.amount),
                "unit": limit.unit,
                "excess": round(float(over[i]), 6) + 0.0,
            }
            for i, g in enumerate(limit.groups)
        ]
    return found


def applied_frame(a: AppliedTable) -> pd.DataFrame:
    """One row per case: the row it finds, the instruction, its cost and what deciding by itself would
    cost."""
    r, p = a.result, a.policy
    where = np.maximum(r.row, 0)
    frame = pd.DataFrame(
        {"case_id": a.file.frame["case_id"].to_numpy(object), "row_id": p["row_id"].to_numpy(object)[where]}
    )
    for column in [
        c for c in ("decided_by", "resolution", "provider", "disposition", "offer", "fallback") if c in p
    ]:
        frame[column] = p[column].fillna("").astype(str).to_numpy(object)[where]
    frame["cost"], frame["case_by_case"], frame["regret"] = (
        r.cost / 100.0,
        r.best / 100.0,
        np.round(r.regret) / 100.0,
    )
    return frame
