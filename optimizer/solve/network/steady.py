"""A plan when time is short: who is worth having in an average month is open in all months."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.solve.network.arrays import Flows, Network
from optimizer.solve.network.openings import NO_COLUMN
from optimizer.solve.network.program import NetworkProgram

_SECONDS = 5.0  # for the average month, and for serving all months by who is open in it
_NEAR = 1e-3


def steady_plan(model: NetworkProgram) -> np.ndarray | None:
    """Values of all columns of a plan whose providers never open or close between months; None where there
    is none."""
    average = NetworkProgram(_average_month(model.network))
    found = average.program.solve(share=_NEAR, seconds=_SECONDS)
    if found.values is None:
        return None
    decided = model.openings.open[:, 0] != NO_COLUMN
    its = average.openings.open[decided, 0]
    is_open = np.where(
        its == NO_COLUMN, 1.0, np.rint(found.values[its])
    )  # without cost in an average month: open
    columns = model.openings.open[decided]
    held = (columns.ravel(), np.repeat(is_open, columns.shape[1]))
    return model.program.solve(share=_NEAR, seconds=_SECONDS, held=held).values


def _average_month(network: Network) -> Network:
    """One month with the mean demand; opening is spread over all months, and nobody waits for a batch."""
    f, p, count = network.flows, network.providers, network.months
    key = f.cell * np.int64(f.action.max(initial=0) + 1) + f.action
    _, first, row = np.unique(key, return_index=True, return_inverse=True)
    fields = {name: array[first] for name, array in vars(f).items()}
    for name in ("units", "batched"):
        fields[name] = np.bincount(row, getattr(f, name)) / count
    fields["month"] = np.zeros(len(first), int)
    providers = replace(
        p,
        open_cost=np.zeros(len(p)),
        close_cost=np.zeros(len(p)),
        contract=np.ones(len(p), int),
        ramp=tuple(r[:0] for r in p.ramp),
        monthly_cost=p.monthly_cost + np.where(p.initially_open, 0.0, p.open_cost) / count,
    )
    kept = {name: value for name, value in network.limits.items() if name == "most_open"}
    return Network(
        1,
        np.ones(1),
        providers,
        Flows(**fields),
        network.tiers,
        replace(network.lanes, longest=np.zeros(len(network.lanes.name))),
        kept,
        network.whole_cells,
        network.own_providers,
        network.own_lanes,
    )
