"""No plan costs less: providers planned one by one, each paid a price for the demand it serves.

    bound = sum of prices + sum over providers of the least of (opening + closing + monthly fees + costs -
    prices served)

Any prices give a bound; a subgradient search finds good ones. Ramps, contracts, commitments, minimum fees and
limits over several providers are left out, which only lowers the bound. Source: Held, Wolfe and Crowder
(1974), for locations Geoffrion (1974).
"""

from __future__ import annotations

import math
import time
from typing import NamedTuple

import numpy as np

from optimizer.solve.network.arrays import NOBODY, Network

_STEPS = 600  # beyond them bounds hardly rise
_PATIENCE = 15  # steps without a better bound, after which they get shorter
SHORTER, FIRST_STEP = 0.6, 2.0
SMOOTH = 0.7  # weight of the direction so far
ABOVE = 0.2  # how far above the first bound the cost is guessed, as a share
HARDLY_ABOVE = 1e-3  # the same, above the best bound once that is higher
NO_DIRECTION = 1e-12


class Bounded(NamedTuple):
    """What prices prove: no plan costs less than `bound`, none with provider p open in some month less
    than `bound + extra[p]`."""

    bound: float
    extra: np.ndarray  # (P,) at least 0
    prices: np.ndarray  # (G,) of serving a cell in a month, discounted


class Relaxation:
    """A part of a network whose cells and months may be served several times or not at all, at a price.

    Shapes: G cell-months, P providers, E pairs of a cell-month and a provider, with its cheapest cost and its
    least use.
    """

    def __init__(self, network: Network):
        self.network = network
        p, f, (places, group) = network.providers, network.flows, network.group
        self.groups, months = len(places), network.months
        self.planned = network.decided | np.isfinite(p.capacity)
        cost = _least_costs(network)
        free = (f.provider == NOBODY) | ~self.planned[f.provider]
        self.free = np.full(self.groups, np.inf)  # cheapest way that needs no opening and no capacity
        np.minimum.at(self.free, group[free], cost[free])
        its = np.flatnonzero(~free & ~p.forced_closed[f.provider])
        pairs, row = np.unique(
            (f.provider[its] * np.int64(months) + f.month[its]) * self.groups + group[its],
            return_inverse=True,
        )
        self.cost, self.use = np.full(len(pairs), np.inf), np.full(len(pairs), np.inf)
        np.minimum.at(self.cost, row, cost[its])
        np.minimum.at(self.use, row, f.units[its] * f.use[its])
        self.place, self.group = np.divmod(pairs, self.groups)  # place: provider × months + month
        self.capacity = np.repeat(p.capacity, months)
        self.needed = self._needed(free)

    def _needed(self, free: np.ndarray) -> int:
        """Least number of providers that can serve everything; 0 where it is not that simple."""
        network, p, f = self.network, self.network.providers, self.network.flows
        own = network.own_providers
        if (
            not len(f)
            or network.months > 1
            or free.any()
            or not network.decided[own].all()
            or not np.isfinite(p.capacity[own]).all()
        ):
            return 0
        least = np.full(self.groups, np.inf)
        np.minimum.at(least, network.group[1], f.units * f.use)
        most = np.cumsum(np.sort(p.capacity[own[~p.forced_closed[own]]])[::-1])
        return min(len(most), int(np.searchsorted(most, least.sum() * (1 - 1e-9))) + 1)

    def first_prices(self) -> np.ndarray:
        """The second cheapest provider of every cell-month, or the cheapest way without one.   (G,)"""
        order = np.lexsort((self.cost, self.group))
        group = self.group[order]
        first = np.flatnonzero(np.diff(group, prepend=-1))
        second = np.minimum(first + 1, np.r_[first[1:], len(group)] - 1)
        prices = np.full(self.groups, np.inf)
        prices[group[first]] = self.cost[order][second]
        return np.minimum(prices, self.free)

    def at(self, prices: np.ndarray) -> tuple[Bounded, np.ndarray]:
        """What these prices prove, and how often each cell-month is served at them.   (G,)"""
        p, months = self.network.providers, self.network.months
        its, share, gain = self._served(prices)
        value = np.bincount(self.place[its], gain * share, len(p) * months).reshape(len(p), months)
        if self.needed:
            total, extra, used = self._enough(value[:, 0])
        else:
            total, extra, used = self._paths(value)
        served = np.bincount(self.group[its], share * used.ravel()[self.place[its]], self.groups)
        return Bounded(float(prices.sum() + total), extra, prices), served

    def _served(self, prices: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What every provider would serve in every month within its capacity: pairs, shares of them, gain
        (below 0)."""
        gain = self.cost - prices[self.group]
        its = np.flatnonzero(gain < 0)
        with np.errstate(divide="ignore"):
            its = its[np.lexsort((gain[its] / self.use[its], self.place[its]))]
        use, place = self.use[its], self.place[its]
        until = np.cumsum(use)
        first = np.flatnonzero(np.diff(place, prepend=-1))
        used = until - use - np.repeat((until - use)[first], np.diff(np.r_[first, len(its)]))
        share = np.ones(len(its))
        np.divide(self.capacity[place] - used, use, out=share, where=use > 0)
        return its, np.clip(share, 0.0, 1.0), gain[its]

    def _paths(self, value: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Cheapest months to be open, by provider: their cost in total, what being open at all adds, and the
        months.

        Forward and backward over the months; `value` (P, months) is the gain of serving.
        """
        network, p, disc = self.network, self.network.providers, self.network.discount
        decided, months = network.decided, network.months
        running = value + np.where(decided, p.monthly_cost, 0.0)[:, None] * disc
        start, stop = p.open_cost[:, None] * disc, p.close_cost[:, None] * disc
        never_closed = np.where(p.forced_open, np.inf, 0.0)
        shape = value.shape
        until_open, stays_open, stays_closed = np.empty(shape), np.empty(shape, bool), np.empty(shape, bool)
        is_open, closed = np.where(p.initially_open, 0.0, np.inf), np.where(p.initially_open, np.inf, 0.0)
        for t in range(months):
            stays_open[:, t], stays_closed[:, t] = (
                is_open <= closed + start[:, t],
                closed <= is_open + stop[:, t],
            )
            is_open, closed = (
                running[:, t] + np.minimum(is_open, closed + start[:, t]),
                np.minimum(closed, is_open + stop[:, t]) + never_closed,
            )
            until_open[:, t] = is_open
        from_open, from_closed = np.zeros(shape), np.zeros(shape)
        for t in range(months - 2, -1, -1):
            goes_on = running[:, t + 1] + from_open[:, t + 1]
            from_open[:, t] = np.minimum(goes_on, stop[:, t + 1] + from_closed[:, t + 1] + never_closed)
            from_closed[:, t] = np.minimum(start[:, t + 1] + goes_on, from_closed[:, t + 1])
        best = np.where(decided, np.minimum(is_open, closed), np.where(self.planned, value.sum(axis=1), 0.0))
        used, last = np.ones(shape, bool), is_open <= closed
        for t in range(months - 1, -1, -1):
            used[decided, t] = last[decided]
            last = np.where(last, stays_open[:, t], ~stays_closed[:, t])
        may_stay_closed = decided & ~p.initially_open & ~p.forced_open
        extra = np.where(may_stay_closed, np.maximum(0.0, (until_open + from_open).min(axis=1) - best), 0.0)
        return best[network.own_providers].sum(), extra, used

    def _enough(self, value: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """The same for one month in which at least `needed` providers must be open."""
        p, own = self.network.providers, self.network.own_providers
        kept = np.where(p.initially_open, p.monthly_cost - p.close_cost, p.monthly_cost + p.open_cost) + value
        being_open = np.full(len(p), np.inf)
        being_open[own] = np.where(p.forced_closed, np.inf, np.where(p.forced_open, -np.inf, kept))[own]
        order = np.argsort(being_open, kind="stable")
        number = max(self.needed, int((being_open < 0).sum()))
        used = np.zeros((len(p), 1), bool)
        used[order[:number]] = True
        constant = p.close_cost[own[p.initially_open[own]]].sum()
        last = max(being_open[order[self.needed - 1]], 0.0)
        extra = np.where(p.initially_open | p.forced_open, 0.0, np.maximum(0.0, being_open - last))
        return kept[order[:number]].sum() + constant, extra, used


def _least_costs(network: Network) -> np.ndarray:
    """The least that serving a cell in a month by an action can cost: least price of the list, full
    batches.   (F,)"""
    f, lanes, disc = network.flows, network.lanes, network.discount
    cost = f.units * f.unit_cost * disc[f.month]
    for n, tiers in network.tiers.items():
        its = f.provider == n
        cost[its] += f.units[its] * tiers.price.min() * disc[f.month[its]]
    its = np.flatnonzero(f.lane != NOBODY)
    latest = np.minimum(f.month[its] + lanes.longest[f.lane[its]], network.months - 1).astype(int)
    cost[its] += (
        f.batched[its]
        / lanes.units[f.lane[its]]
        * lanes.cost[f.lane[its]]
        * np.minimum.accumulate(disc)[latest]
    )
    return cost


def search_prices(part: Network, deadline: float = math.inf, steps: int = _STEPS) -> Bounded:
    """The best bound found in so many steps of a subgradient search, or by the deadline (of the monotonic
    clock)."""
    relaxation = Relaxation(part)
    prices = relaxation.first_prices()
    best, direction = None, None
    worse, length, goal = 0, FIRST_STEP, -math.inf
    for _ in range(steps):
        found, served = relaxation.at(prices)
        if best is None:
            goal = found.bound + ABOVE * abs(found.bound)
        if best is None or found.bound > best.bound:
            best, worse = found, 0
            goal = max(goal, best.bound + HARDLY_ABOVE * abs(best.bound))
        else:
            worse += 1
        if time.monotonic() > deadline:
            break
        if worse >= _PATIENCE:
            length, worse, prices = SHORTER * length, 0, best.prices
            continue
        short = 1.0 - served
        short[(prices >= relaxation.free) & (short > 0)] = 0.0  # the price is as high as it can be
        direction = short if direction is None else (1 - SMOOTH) * short + SMOOTH * direction
        squared = direction @ direction
        if squared < NO_DIRECTION:
            break
        prices = np.minimum(prices + length * (goal - found.bound) / squared * direction, relaxation.free)
    return best
