"""A network as arrays, and its parts that have nothing to do with each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from optimizer.solve.network.problem import NetworkProblem

NOBODY = -1  # an action without provider, or without lane


@dataclass(frozen=True, eq=False)
class Providers:
    """Who may be opened.   every array (P,)"""

    name: np.ndarray
    kind: np.ndarray
    open_cost: np.ndarray
    close_cost: np.ndarray
    monthly_cost: np.ndarray
    capacity: np.ndarray
    min_units: np.ndarray
    minimum_fee: np.ndarray
    contract: np.ndarray  # months, at least 1
    ramp: tuple[np.ndarray, ...]  # shares of the capacity in the first months, without shares of 1 at the end
    initially_open: np.ndarray
    forced_open: np.ndarray
    forced_closed: np.ndarray

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, eq=False)
class Flows:
    """What may be served by what: one entry per action of a cell and month with demand.   every array (F,)"""

    cell: np.ndarray
    month: np.ndarray
    action: np.ndarray  # row of the actions
    provider: np.ndarray  # NOBODY where the action needs none
    lane: np.ndarray  # NOBODY where the action has none
    units: np.ndarray  # demand of the cell in the month
    unit_cost: np.ndarray
    fee: np.ndarray  # part of the unit cost that the provider bills
    days: np.ndarray
    claim_risk: np.ndarray
    use: np.ndarray  # of the provider's capacity, per unit
    batched: np.ndarray  # units that wait for a batch, all demand of the cell served so

    def __len__(self) -> int:
        return len(self.cell)

    def take(self, kept: np.ndarray) -> Flows:
        return Flows(*(array[kept] for array in vars(self).values()))


@dataclass(frozen=True, eq=False)
class Tiers:
    """The price list of a provider: from so many units of a month, this price on top of the unit cost."""

    start: np.ndarray  # ascending, the first is 0
    price: np.ndarray
    all_units: bool


@dataclass(frozen=True, eq=False)
class Lanes:
    """Batches that units wait for.   every array (L,)"""

    name: np.ndarray
    cost: np.ndarray
    units: np.ndarray
    holding: np.ndarray
    longest: np.ndarray  # months, infinite where units may wait for ever


@dataclass(frozen=True, eq=False)
class Network:
    """All arrays of a problem; parts of it hold fewer flows, and say which providers and lanes are theirs."""

    months: int
    discount: np.ndarray  # (months,) what money of the month counts
    providers: Providers
    flows: Flows
    tiers: dict[int, Tiers]  # by provider
    lanes: Lanes
    limits: dict[str, object]
    whole_cells: bool
    own_providers: np.ndarray  # numbers of the providers of this part
    own_lanes: np.ndarray
    alone: bool = False  # its cells share nothing with anything: each takes its cheapest action

    @cached_property
    def decided(self) -> np.ndarray:
        """Does opening matter? Not for a provider that costs nothing to keep open and is under no limit.
        (P,) bool"""
        p = self.providers
        money = (
            (p.open_cost != 0)
            | (p.close_cost != 0)
            | (p.monthly_cost != 0)
            | (p.min_units > 0)
            | (p.minimum_fee > 0)
        )
        starts = np.array([len(r) > 0 for r in p.ramp], bool) & ~p.initially_open
        counted = np.zeros(len(p), bool)
        for kind in self.limits.get("most_open", {}):
            counted |= (p.kind == kind) | (kind == "")
        return money | starts | p.forced_open | p.forced_closed | counted

    @cached_property
    def group(self) -> tuple[np.ndarray, np.ndarray]:
        """Cell-months numbered, and the number of each flow's.   (G,) cell × months + month; (F,)"""
        return np.unique(self.flows.cell * self.months + self.flows.month, return_inverse=True)

    def without(self, providers: np.ndarray) -> Network:
        """The same with these providers left out: they serve nothing and stay closed."""
        return replace(
            self,
            flows=self.flows.take(~np.isin(self.flows.provider, providers)),
            own_providers=np.setdiff1d(self.own_providers, providers),
        )

    def reach(self, provider: int) -> np.ndarray:
        """Most units that could come to a provider, per month.   (months,)"""
        f = self.flows
        its = np.flatnonzero(f.provider == provider)
        _places, first = np.unique(self.group[1][its], return_index=True)
        most = np.zeros(self.months)
        np.add.at(most, f.month[its][first], f.units[its][first])
        least_use = f.use[its].min(initial=np.inf)
        return np.minimum(
            most, self.providers.capacity[provider] / least_use if 0 < least_use < np.inf else np.inf
        )


def network_of(problem: NetworkProblem) -> Network:
    """The arrays of a checked problem."""
    p, a, limits = problem.providers, problem.actions, problem.limits
    names = p["provider"].to_numpy(object)
    number = {name: n for n, name in enumerate(names)}
    lane_number = {name: n for n, name in enumerate(problem.lanes["lane"])}
    cells = {cell: n for n, cell in enumerate(dict.fromkeys(problem.demand["cell"]))}
    month = {m: n for n, m in enumerate(problem.months)}
    count = len(problem.months)
    units = np.zeros((len(cells), count))
    units[
        problem.demand["cell"].map(cells).to_numpy(int), problem.demand["month"].map(month).to_numpy(int)
    ] = problem.demand["units"].to_numpy(float)
    its_cell = a["cell"].map(cells)
    rows = np.flatnonzero(its_cell.notna().to_numpy())
    its_cell = its_cell.to_numpy(float)[rows].astype(int)
    at, when = np.nonzero(units[its_cell] > 0)
    order = np.lexsort((at, when, its_cell[at]))
    at, when = at[order], when[order]

    def column(name: str) -> np.ndarray:
        return a[name].to_numpy(float)[rows][at]

    provider = a["provider"].map(lambda n: number.get(n, NOBODY)).to_numpy(int)[rows][at]
    lane = a["lane"].map(lambda n: lane_number.get(n, NOBODY)).to_numpy(int)[rows][at]
    fee = np.where(np.isnan(column("fee")), column("unit_cost"), column("fee"))
    flows = Flows(
        its_cell[at],
        when,
        rows[at],
        provider,
        lane,
        units[its_cell[at], when],
        column("unit_cost"),
        fee,
        column("days"),
        column("claim_risk"),
        column("capacity_use"),
        units[its_cell[at], when] * column("batch_use"),
    )
    ramps = tuple(_trimmed(np.array(r, float)) for r in p["ramp"])
    forced = {side: np.isin(names, limits.get(side, ())) for side in ("force_open", "force_closed")}
    providers = Providers(
        names,
        p["kind"].to_numpy(object),
        *(
            p[c].to_numpy(float)
            for c in ("open_cost", "close_cost", "monthly_cost", "capacity", "min_units", "minimum_fee")
        ),
        np.maximum(1, p["contract_months"].to_numpy(float).astype(int)),
        ramps,
        p["initially_open"].to_numpy(bool),
        forced["force_open"],
        forced["force_closed"],
    )
    lanes = Lanes(
        problem.lanes["lane"].to_numpy(object),
        *(
            problem.lanes[c].to_numpy(float)
            for c in ("batch_cost", "batch_units", "holding_cost", "longest_wait_months")
        ),
    )
    discount = (1.0 + problem.discount_rate) ** -np.arange(count)
    return Network(
        count,
        discount,
        providers,
        flows,
        {number[n]: _tiers(t) for n, t in problem.tiers.groupby("provider", sort=False)},
        lanes,
        dict(limits),
        problem.whole_cells,
        np.arange(len(names)),
        np.arange(len(lanes.name)),
    )


def _trimmed(ramp: np.ndarray) -> np.ndarray:
    below = np.flatnonzero(ramp < 1.0)
    return ramp[: below[-1] + 1] if below.size else ramp[:0]


def _tiers(table: pd.DataFrame) -> Tiers:
    table = table.sort_values("from_units")
    start, price = table["from_units"].to_numpy(float), table["unit_price"].to_numpy(float)
    if start[0] > 0:
        start, price = np.r_[0.0, start], np.r_[0.0, price]
    return Tiers(start, price, table["kind"].iloc[0] == "all_units")


def parts(network: Network, kept_whole: int = NOBODY) -> list[Network]:
    """The network cut into parts that share no cell, provider, lane or limit; each can be solved by itself.

    The cells of the provider `kept_whole` stay in one part even where nothing about it is to be decided.
    """
    f, p = network.flows, network.providers
    cells, providers, lanes = f.cell.max(initial=-1) + 1, len(p), len(network.lanes.name)
    nodes, root = cells + providers + lanes + 1, cells + providers + lanes
    linked = (
        network.decided
        | np.isfinite(p.capacity)
        | np.isin(np.arange(providers), [*network.tiers, kept_whole])
    )
    edges = [
        (f.cell[its], cells + f.provider[its])
        for its in [np.flatnonzero((f.provider >= 0) & linked[f.provider])]
    ]
    edges += [(f.cell[its], cells + providers + f.lane[its]) for its in [np.flatnonzero(f.lane >= 0)]]
    if any(name in network.limits for name in ("average_days", "claims", "budget")):
        edges.append((f.cell, np.full(len(f), root)))
    if "opening_budget" in network.limits:
        edges.append((cells + np.arange(providers), np.full(providers, root)))
    for kind in network.limits.get("most_open", {}):
        its = np.flatnonzero(linked & ((p.kind == kind) | (kind == "")))
        edges.append((cells + its, np.full(len(its), cells + its[0] if its.size else root)))
    if "budget" in network.limits:
        edges.append((cells + np.flatnonzero(linked), np.full(linked.sum(), root)))
    start, end = (np.concatenate(side) for side in zip(*edges))
    graph = sparse.coo_matrix((np.ones(len(start)), (start, end)), (nodes, nodes))
    label = csgraph.connected_components(graph, directed=False)[1]
    sizes = np.bincount(label, minlength=label.max() + 1)
    lonely = sizes[label[f.cell]] == 1
    found = (
        [
            replace(
                network,
                flows=f.take(lonely),
                own_providers=np.zeros(0, int),
                own_lanes=np.zeros(0, int),
                alone=True,
            )
        ]
        if lonely.any()
        else []
    )
    rest = np.flatnonzero(~lonely)
    order = rest[np.argsort(label[f.cell[rest]], kind="stable")]
    seen = set()
    for its in np.split(order, np.flatnonzero(np.diff(label[f.cell][order])) + 1) if len(order) else []:
        own = label[f.cell[its[0]]]
        seen.add(int(own))
        found.append(
            replace(
                network,
                flows=f.take(np.sort(its)),
                own_providers=np.flatnonzero(linked & (label[cells : cells + providers] == own)),
                own_lanes=np.flatnonzero(label[cells + providers : root] == own),
            )
        )
    idle = [n for n in np.flatnonzero(linked).tolist() if int(label[cells + n]) not in seen]
    if idle:  # nobody needs them, yet they may be open, or have to be
        found.append(
            replace(
                network,
                flows=f.take(np.zeros(0, int)),
                own_providers=np.array(idle),
                own_lanes=np.zeros(0, int),
            )
        )
    return found
