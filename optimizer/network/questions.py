"""What a plan hangs on, by solving it again: entry prices, break-even volumes, runners-up, payback, the
value of capacity."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from optimizer.network.plan import RepairNetwork
from optimizer.solve.network.trial import Bench, Trial, benches_of

_STEPS = 40  # most re-solves of one question; in the second half the bracket is halved
_MOST_WORKERS = 8
_CENT = 0.01
VOLUMES = (1 / 64, 64.0)  # factors on the demand between which a break-even is looked for
NARROW = 1.002  # a break-even is bracketed within this factor


class Bracket(NamedTuple):
    """What lies between: at `low` the plan is one way, at `high` the other; NaN where there is no such
    number."""

    low: float
    high: float


UNKNOWN = Bracket(math.nan, math.nan)


@dataclass(frozen=True)
class Answers:
    """What re-solving says about one provider; NaN where there is no such number.

    `price`: what one of its jobs costs on average. `entry_price`: at the low end the best plan with it beats
    the best without it, at the high end, a cent or less above, it does not; `entry_rent`: the same for what
    it costs per month. `break_even`: factor on the demand of the cells it could serve at which it begins to
    be worth having, in the bracket of factors without and with it. `other_cost`: what the best plan costs
    without it (where `used`), or with it open in all months (where not), less the cost of the plan.
    `capacity_value`: what one more unit of its capacity a month saves. `serves`: the cells it serves at its
    entry price, or entry rent, and `months_at_entry` in how many months it serves any. Providers that are
    paid per job only have price, `other_cost` and `serves`.
    """

    provider: str
    used: bool
    price: float
    entry_price: Bracket = UNKNOWN
    entry_rent: Bracket = UNKNOWN
    break_even: float = math.nan
    break_even_bracket: Bracket = UNKNOWN
    other_cost: float = math.nan
    capacity_value: float = math.nan
    serves: tuple[str, ...] = ()
    months_at_entry: int = 0


def ask(network: RepairNetwork) -> Iterator[Answers]:
    """Answers for every provider whose opening is a question, and those paid per job that are used, in the
    order of the terms."""
    forced = {*network.problem.limits.get("force_open", ()), *network.problem.limits.get("force_closed", ())}
    used = {p for p, units in network.plan.units_of.items() if p in network.per_job and units > 0}
    benches = {
        provider: bench
        for provider, bench in benches_of(network.problem, used).items()
        if provider not in forced
    }
    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, _MOST_WORKERS)) as pool:
        yield from pool.map(
            lambda asked: (_per_job if asked[0] in network.per_job else _answers)(network, *asked),
            benches.items(),
        )


def _per_job(network: RepairNetwork, provider: str, bench: Bench) -> Answers:
    """Whoever is paid per job only serves where it is cheapest; what it is worth in all is the one
    question."""
    now, without = bench.solve(), bench.closed().solve()
    return Answers(
        provider,
        now.used,
        _price(bench),
        other_cost=float(without.cost - now.cost),
        serves=_labels(network, now),
    )


def _answers(network: RepairNetwork, provider: str, bench: Bench) -> Answers:
    now, without = bench.solve(), bench.closed().solve()
    other = without if now.used else bench.opened().solve()
    price, rent = _price(bench), float(bench.part.providers.monthly_cost[bench.number])
    entry, entry_rent = (
        entry_of(bench, now, without, "with_price", price),
        entry_of(bench, now, without, "with_rent", rent),
    )
    factor, bracket = break_even(bench, now.used)
    at_entry = (
        bench.with_price(entry.low - price).solve()
        if entry.low == entry.low
        else bench.with_rent(entry_rent.low - rent).solve()
        if entry_rent.low == entry_rent.low
        else now
    )
    full = np.isfinite(bench.part.providers.capacity[bench.number]) and now.used
    value = now.cost - bench.with_capacity(1.0).solve().cost if full else math.nan
    return Answers(
        provider,
        now.used,
        price,
        entry,
        entry_rent,
        factor,
        bracket,
        float(other.cost - now.cost),
        float(value),
        _labels(network, at_entry),
        at_entry.in_use,
    )


def _labels(network: RepairNetwork, trial: Trial) -> tuple[str, ...]:
    labels = list(dict.fromkeys(network.problem.demand["cell"]))
    return tuple(labels[c] for c in trial.cells)


def _price(bench: Bench) -> float:
    """What a job costs at the provider, on average over what it could serve."""
    f = bench.part.flows
    its = f.provider == bench.number
    jobs = f.batched[its].sum()
    return float((f.units * f.fee)[its].sum() / jobs) if jobs > 0 else 0.0


def entry_of(bench: Bench, now: Trial, without: Trial, change: str, current: float) -> Bracket:
    """The largest price at which the best plan with the provider beats the best without it, and the smallest
    at which it does not.

    The cost of the best plan is concave in a price, and its slope is what is bought at that price, so that
    Newton steps (cost without - cost) / slope end at or below the answer. A minimum fee breaks the slope: a
    line through two prices helps there.
    """
    if current <= 0 or not math.isfinite(without.cost):
        return UNKNOWN

    def at(price: float) -> _Point:
        trial = getattr(bench, change)(price - current).solve() if price != current else now
        return _Point(
            price,
            trial.used,
            without.cost - trial.cost,
            -(trial.jobs if change == "with_price" else trial.months),
        )

    worth, not_worth = (at(current), math.inf) if now.used else (at(0.0), current)
    if not worth.used:
        return UNKNOWN  # not even for nothing
    return Bracket(*_flip(at, worth, not_worth, lambda price: _CENT, lambda price: round(float(price), 2)))


def break_even(bench: Bench, used: bool) -> tuple[float, Bracket]:
    """Factor on the demand at which the provider starts to be worth having, and the bracket around it; NaN
    where there is none."""
    lowest, highest = VOLUMES

    def at(factor: float) -> _Point:
        return _Point(factor, bench.with_volume(factor).solve().used)

    worth, not_worth = (_Point(1.0, True), at(lowest)) if used else (at(highest), _Point(1.0, False))
    if not worth.used or not_worth.used:
        return math.nan, UNKNOWN  # worth having at any volume, or at none
    high, low = _flip(at, worth, not_worth.at, lambda factor: (NARROW - 1) * factor)
    return math.sqrt(low * high), Bracket(low, high)


class _Point(NamedTuple):
    """A price or volume, whether the provider is used there, and, where it is known, what it saves there
    and how fast that changes."""

    at: float
    used: bool
    saving: float = math.inf
    slope: float = 0.0


def _flip(
    point: Callable[[float], _Point],
    used: _Point,
    unused: float,
    width: Callable[[float], float],
    grid: Callable[[float], float] = float,
) -> tuple[float, float]:
    """A place where the provider is used and one where it is not, at most `width` apart, on the grid between
    the two given.

    Looks where the saving would vanish if it went on in a straight line, along its slope or through two
    places, whichever lies nearer to where it is not used; halves the bracket where that does not help.
    """
    before = None
    for step in range(_STEPS):
        gap = width(used.at)
        if abs(unused - used.at) <= gap * (1 + 1e-9):
            break
        side = math.copysign(1.0, unused - used.at)
        lines = [used.slope] + ([(used.saving - before.saving) / (used.at - before.at)] if before else [])
        guesses = [used.at - used.saving / slope for slope in lines if slope * side < 0]
        tries = (
            [grid(guess + end * gap / 2) for guess in guesses for end in (side, -side)]
            if step <= _STEPS // 2
            else []
        )
        place = max(
            (
                place
                for place in [*tries, grid(_middle(used.at, unused))]
                if side * used.at < side * place < side * unused
            ),
            key=lambda place: (place in tries, side * place),
            default=None,
        )
        if place is None:
            break
        found = point(place)
        if found.used:
            before, used = used, found
        else:
            unused = place
    return used.at, unused


def _middle(one: float, other: float) -> float:
    """Halfway; twice as far out where there is no other end yet, and by factors between two of the same
    sign."""
    if math.isinf(other):
        return one + max(1.0, abs(one))
    return math.copysign(math.sqrt(one * other), one) if one * other > 0 else (one + other) / 2
