"""What is done today: the recorded resolution and cost, else the first acceptable habit of the practice
list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.model.pricing import PricedBlock
from optimizer.model.world import World
from optimizer.solve.decide import Plan


@dataclass
class Practice:
    """Current cost per case in cents, and how many cases have a recorded resolution or cost."""

    cost: np.ndarray  # (N,)
    recorded: np.ndarray  # (N,) bool

    @property
    def basis(self) -> str:
        """'actual' where every case is recorded, else 'assumed'."""
        return "actual" if len(self.recorded) and self.recorded.all() else "assumed"


def current_practice(world: World, blocks: list[PricedBlock], plan: Plan, cases: pd.DataFrame) -> Practice:
    """Recorded cost, else the cost of the recorded resolution, else of the first acceptable habit, else the
    dearest acceptable option.

    Actual values are compared with here and nowhere else; they never reach a decision.
    """
    cost, recorded = np.zeros(len(cases)), np.zeros(len(cases), bool)
    actual_cost = (
        cases["actual_cost"].to_numpy(float) if "actual_cost" in cases else np.full(len(cases), np.nan)
    )
    actual = (
        cases["actual_resolution"].astype(str).to_numpy(object)
        if "actual_resolution" in cases
        else np.full(len(cases), "", object)
    )
    for b in blocks:
        total = np.where(b.acceptable, b.total, np.nan)
        found = np.full(len(b.rows), np.nan)
        done = actual[b.rows]
        for resolution in {str(r) for r in done if r}:
            columns = [i for i, o in enumerate(b.options) if o.resolution == resolution]
            if columns:
                mine = done == resolution
                found[mine] = b.total[mine][:, columns].min(axis=1)
        recorded[b.rows] = ~np.isnan(found)
        for columns in _habits(world, b):
            for i in columns:
                found = np.where(np.isnan(found), total[:, i], found)
        with np.errstate(all="ignore"):
            dearest = (
                np.nanmax(np.where(b.acceptable, b.total, -np.inf), axis=1)
                if b.options
                else np.zeros(len(b.rows))
            )
        found = np.where(np.isnan(found), np.where(np.isfinite(dearest), dearest, 0.0), found)
        cost[b.rows] = np.where(b.mixed, b.mixed_total, found)
        recorded[b.rows] |= b.mixed
    given = ~np.isnan(actual_cost)
    cost = np.where(given, np.round(actual_cost * 100.0), cost)
    return Practice(np.where(plan.decided, cost, 0.0), recorded | given)


def _habits(world: World, b: PricedBlock) -> list[list[int]]:
    """Columns of each habit of the cell, by rank; offers are not a habit unless the list names them."""
    rows = [
        r
        for r in world.scenario.tables["current_practice.csv"]
        if r["channel"] in (b.cell.channel, "*") and r["issue"] == b.cell.issue
    ]
    columns = []
    for r in sorted(rows, key=lambda r: (r["channel"] == "*", int(r["rank"]))):
        columns.append(
            [
                i
                for i, o in enumerate(b.options)
                if o.resolution == r["resolution"]
                and (
                    r["provider_kind"] in ("*", "")
                    or (o.provider and world.providers[o.provider].kind == r["provider_kind"])
                )
            ]
        )
    return columns
