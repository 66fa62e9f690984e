"""Rows of serving: who gets what, only from who is open, within capacity, commitment, price lists and
batches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.solve.backend import Program
from optimizer.solve.network.arrays import NOBODY, Network
from optimizer.solve.network.openings import NO_COLUMN, Openings

Entries = tuple[np.ndarray, np.ndarray, np.ndarray]  # number of the row, column, coefficient


@dataclass(eq=False)
class Serving:
    """Columns of what serves whom: shares of the demand of a cell in a month, and what follows from them."""

    share: np.ndarray  # (F,) columns from 0 to 1
    batches: np.ndarray  # (L, months) columns of whole batches; NO_COLUMN where the lane is not of this part
    shipped: np.ndarray  # (L, months) in batches
    waiting: np.ndarray  # (L, months) in batches, at the end of the month; NO_COLUMN where nobody may wait
    batch_size: np.ndarray  # (L,) units
    capacity: dict[int, tuple[np.ndarray, float]]  # rows and their unit, by provider
    commitment: dict[int, tuple[np.ndarray, float]]


def add_serving(program: Program, network: Network, openings: Openings, tight: bool = True) -> Serving:
    """Adds the shares served by each action and everything that limits or prices them.

    Not `tight`: capacities stand in their own rows only, so that they can be relaxed there.
    """
    f, disc = network.flows, network.discount
    share = program.columns(f.units * f.unit_cost * disc[f.month], whole=network.whole_cells)
    cells, its_cell = network.group
    program.rows(its_cell, share, np.ones(len(f)), np.ones(len(cells)), equal=True)
    _add_only_if_open(program, network, openings, share, tight)
    capacity, commitment = {}, {}
    for n in np.unique(np.r_[f.provider[f.provider != NOBODY], network.own_providers]).tolist():
        its = np.flatnonzero(f.provider == n)
        capacity[n] = _add_capacity(program, network, openings, share, n, its)
        commitment[n] = _add_commitment(program, network, openings, share, n, its)
        _add_billing(program, network, openings, share, n, its)
    if tight:
        _add_enough_open(program, network, openings)
    return Serving(
        share,
        *_add_lanes(program, network, share),
        {n: c for n, c in capacity.items() if len(c[0])},
        {n: c for n, c in commitment.items() if len(c[0])},
    )


def _add_only_if_open(
    program: Program, network: Network, openings: Openings, share: np.ndarray, tight: bool
) -> None:
    """Tight, per cell, month and provider: the share its actions serve <= what it could serve of it at its
    ramp, if open."""
    f, p = network.flows, network.providers
    its = np.flatnonzero(f.provider != NOBODY)
    its = its[openings.open[f.provider[its], f.month[its]] != NO_COLUMN]
    if not its.size:
        return
    key = network.group[1][its] * np.int64(len(p)) + f.provider[its]
    places, first, row = np.unique(key, return_index=True, return_inverse=True)
    least_use = np.full(len(places), np.inf)
    np.minimum.at(least_use, row, f.use[its])
    who, when = f.provider[its[first]], f.month[its[first]]
    room = np.divide(
        p.capacity[who] if tight else np.inf,
        f.units[its[first]] * least_use,
        out=np.full(len(places), np.inf),
        where=least_use > 0,
    )
    ramped = np.array([len(r) > 0 for r in p.ramp], bool)[who]
    plain = np.flatnonzero(~ramped)
    rows, columns, values = (
        [row, plain],
        [share[its], openings.open[who[plain], when[plain]]],
        [np.ones(len(its)), -np.minimum(1.0, room[plain])],
    )
    key = who.astype(np.int64) * network.months + when
    for number in np.unique(key[ramped]).tolist():
        its_places = np.flatnonzero(key == number)
        ready = openings.ready[number // network.months, number % network.months]
        most = np.minimum(1.0, np.maximum(ready.shares[:, None], 1e-300) * room[its_places])
        amounts = ready.weighted_by(np.where(ready.shares[:, None] > 0, most, 0.0))
        rows.append(np.tile(its_places, len(ready.columns)))
        columns.append(np.repeat(ready.columns, len(its_places)))
        values.append(-amounts.ravel())
    program.rows(*(np.concatenate(parts) for parts in (rows, columns, values)), np.zeros(len(places)))


def _add_capacity(
    program: Program, network: Network, openings: Openings, share: np.ndarray, n: int, its: np.ndarray
) -> tuple[np.ndarray, float]:
    """Per month: capacity use <= capacity × share of it that is there.   rows in parts of the capacity,
    and the capacity"""
    f, capacity = network.flows, network.providers.capacity[n]
    rows, unit = [], capacity or 1.0
    if np.isfinite(capacity):
        for t in range(network.months):
            here = its[f.month[its] == t]
            use = f.units[here] * f.use[here] / unit
            if not (use > 0).any():
                continue
            ready = openings.ready.get((n, t))
            columns, there = (
                (ready.columns, ready.weighted(lambda shares: shares))
                if ready
                else (np.zeros(0, int), np.zeros(0))
            )
            room = capacity / unit
            rows.append(
                program.row(np.r_[share[here], columns], np.r_[use, -room * there], 0.0 if ready else room)
            )
    return np.array(rows, int), unit


def _add_commitment(
    program: Program, network: Network, openings: Openings, share: np.ndarray, n: int, its: np.ndarray
) -> tuple[np.ndarray, float]:
    """Per month while open: units >= commitment, or what the ramp allows if that is less.   rows in parts
    of the commitment"""
    f, p = network.flows, network.providers
    rows, least = [], p.min_units[n]
    if least > 0:
        use = f.use[its].min(initial=np.inf)
        most = p.capacity[n] / use if 0 < use < np.inf else np.inf

        def committed(shares: np.ndarray) -> np.ndarray:
            return np.minimum(
                least,
                (
                    np.where(shares > 0, shares, 0.0) * most
                    if np.isfinite(most)
                    else np.where(shares > 0, least, 0.0)
                ),
            )

        for t in range(network.months):
            here, ready = its[f.month[its] == t], openings.ready[n, t]
            rows.append(
                program.row(
                    np.r_[share[here], ready.columns],
                    np.r_[-f.units[here], ready.weighted(committed)] / least,
                    0.0,
                )
            )
    return np.array(rows, int), least


def _add_billing(
    program: Program, network: Network, openings: Openings, share: np.ndarray, n: int, its: np.ndarray
) -> None:
    """Price list of the provider and what its bill falls short of its minimum fee."""
    f, p, tiers = network.flows, network.providers, network.tiers.get(n)
    if tiers is None and p.minimum_fee[n] == 0:
        return
    reach = network.reach(n)
    for t in range(network.months):
        here, is_open = its[f.month[its] == t], openings.open[n, t]
        billed = [(share[here], f.units[here] * f.fee[here])]
        if tiers is not None and reach[t] > 0:
            add = _add_all_units if tiers.all_units else _add_incremental
            columns, _starts, prices = add(program, network, n, t, reach[t], is_open)
            program.charge(columns, prices * reach[t] * network.discount[t])
            program.rows(
                np.zeros(len(here) + len(columns)),
                np.r_[share[here], columns],
                np.r_[f.units[here] / reach[t], -np.ones(len(columns))],
                np.zeros(1),
                equal=True,
            )
            billed.append((columns, prices * reach[t]))
        if p.minimum_fee[n] > 0:
            short = program.columns(
                network.discount[t : t + 1] * p.minimum_fee[n], upper=None, whole=False
            )  # a bill can be below 0
            columns, amounts = (np.concatenate(side) for side in zip(*billed))
            program.row(np.r_[short, is_open, columns], np.r_[-1.0, 1.0, -amounts / p.minimum_fee[n]], 0.0)


def _add_all_units(
    program: Program, network: Network, n: int, t: int, reach: float, is_open: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Units by the tier whose price holds for all of them, as shares of the reach; one tier of those that
    are open."""
    tiers = network.tiers[n]
    kept = tiers.start <= reach
    start, price = tiers.start[kept] / reach, tiers.price[kept]
    end, count = np.r_[start[1:], 1.0], int(kept.sum())
    units, reached = program.columns(np.zeros(count), whole=False), program.columns(np.zeros(count))
    rows, one = np.arange(count), np.ones(count)
    program.rows(np.tile(rows, 2), np.r_[units, reached], np.r_[one, -end], np.zeros(count))
    program.rows(np.tile(rows, 2), np.r_[units, reached], np.r_[-one, start], np.zeros(count))
    _one_of(program, reached, is_open)
    return units, start, price


def _add_incremental(
    program: Program, network: Network, n: int, t: int, reach: float, is_open: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Units within each tier, as shares of the reach; a tier is used when the one before is full."""
    tiers = network.tiers[n]
    kept = tiers.start < reach
    start, price = tiers.start[kept] / reach, tiers.price[kept]
    width, count = np.diff(np.r_[start, 1.0]), int(kept.sum())
    rows = np.arange(count)
    units = program.columns(np.zeros(count), upper=width, whole=False)
    if (np.diff(price) < 0).any():  # dearer tiers fill in their order by themselves
        reached = program.columns(np.zeros(count))
        program.rows(np.tile(rows, 2), np.r_[units, reached], np.r_[np.ones(count), -width], np.zeros(count))
        program.rows(
            np.tile(rows[:-1], 2),
            np.r_[units[:-1], reached[1:]],
            np.r_[-np.ones(count - 1), width[:-1]],
            np.zeros(count - 1),
        )
        if is_open != NO_COLUMN:
            program.row(np.array([reached[0], is_open]), np.array([1.0, -1.0]), 0.0)
    return units, start, price


def _one_of(program: Program, reached: np.ndarray, is_open: int) -> None:
    if is_open == NO_COLUMN:
        program.row(reached, np.ones(len(reached)), 1.0, equal=True)
    else:
        program.row(np.r_[reached, is_open], np.r_[np.ones(len(reached)), -1.0], 0.0, equal=True)


def _add_enough_open(program: Program, network: Network, openings: Openings) -> None:
    """What must be served fits into what is open; only where everybody who serves has a capacity.

    The sum follows from the other rows, but HiGHS finds far better bounds with it: it rounds to a number of
    providers.
    """
    f, p = network.flows, network.providers
    if not len(f) or (f.provider == NOBODY).any() or (f.use <= 0).any():
        return
    its = np.unique(f.provider)
    if not np.isfinite(p.capacity[its]).all():
        return
    cells, row = network.group
    least = np.full(len(cells), np.inf)
    np.minimum.at(least, row, f.units * f.use)
    for t in range(network.months):
        needed = least[cells % network.months == t].sum()
        there = [(p.capacity[n], openings.ready.get((n, t))) for n in its.tolist()]
        always = sum(capacity for capacity, ready in there if ready is None)
        decided = [(capacity, ready) for capacity, ready in there if ready is not None]
        if needed <= always or not decided:
            continue
        columns = np.concatenate([ready.columns for _, ready in decided])
        amounts = np.concatenate(
            [ready.weighted(lambda shares, c=capacity: shares * c) for capacity, ready in decided]
        )
        program.row(columns, -amounts / needed, -(needed - always) / needed)
        most = np.cumsum(np.sort([capacity for capacity, _ in decided])[::-1])
        number = np.searchsorted(most, (needed - always) * (1 - 1e-9)) + 1
        if 1 < number <= len(most):
            program.row(
                openings.open[its, t][openings.open[its, t] != NO_COLUMN],
                -np.ones(len(decided)),
                -float(number),
            )


def _add_lanes(
    program: Program, network: Network, share: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Whole batches per lane and month: waiting before + arriving = shipped + waiting; shipped <= batches
    × their size."""
    f, lanes, months, disc = network.flows, network.lanes, network.months, network.discount
    batches, shipped, waiting = (np.full((len(lanes.name), months), NO_COLUMN) for _ in range(3))
    size = np.ones(len(lanes.name))
    for n in network.own_lanes.tolist():
        its = np.flatnonzero(f.lane == n)
        if not its.size:
            continue
        most = np.zeros(months)
        places, first = np.unique(network.group[1][its], return_index=True)
        most_of = np.zeros(len(places))
        np.maximum.at(most_of, np.searchsorted(places, network.group[1][its]), f.batched[its])
        np.add.at(most, f.month[its][first], most_of)
        size[n] = min(lanes.units[n], max(most.sum(), 1e-9))
        longest = int(min(lanes.longest[n], months - 1))
        top = np.ceil(np.cumsum(most) / size[n] + 1e-9)
        batches[n] = program.columns(disc * lanes.cost[n], upper=top)
        shipped[n] = program.columns(np.zeros(months), upper=None, whole=False)
        if longest > 0:
            waiting[n, :-1] = program.columns(disc[:-1] * lanes.holding[n] * size[n], upper=None, whole=False)
        rows = np.arange(months)
        program.rows(
            np.tile(rows, 2),
            np.r_[shipped[n], batches[n]],
            np.r_[np.ones(months), -np.ones(months)],
            np.zeros(months),
        )
        entries: list[Entries] = [
            (f.month[its], share[its], f.batched[its] / size[n]),
            (rows, shipped[n], -np.ones(months)),
        ]
        if longest > 0:
            entries += [
                (rows[:-1], waiting[n, :-1], -np.ones(months - 1)),
                (rows[1:], waiting[n, :-1], np.ones(months - 1)),
            ]
        program.rows(*(np.concatenate(side) for side in zip(*entries)), np.zeros(months), equal=True)
        if 0 < longest < months - 1:  # what waits has arrived in the last `longest` months
            for t in range(longest, months - 1):
                late = its[(f.month[its] > t - longest) & (f.month[its] <= t)]
                program.row(np.r_[waiting[n, t], share[late]], np.r_[1.0, -f.batched[late] / size[n]], 0.0)
        _add_some_batch(program, network, share, its[f.batched[its] > 0], batches[n], longest)
    return batches, shipped, waiting, size


def _add_some_batch(
    program: Program, network: Network, share: np.ndarray, its: np.ndarray, batches: np.ndarray, longest: int
) -> None:
    """Tight, per cell and month: what it sends on the lane needs a batch in the months it may wait for."""
    f = network.flows
    places, first, row = np.unique(network.group[1][its], return_index=True, return_inverse=True)
    rows, columns = [row], [share[its]]
    when = f.month[its][first]
    for wait in range(longest + 1):
        there = np.flatnonzero(when + wait < network.months)
        rows.append(there)
        columns.append(batches[when[there] + wait])
    count = len(its)
    row, column = np.concatenate(rows), np.concatenate(columns)
    program.rows(row, column, np.r_[np.ones(count), -np.ones(len(row) - count)], np.zeros(len(places)))
