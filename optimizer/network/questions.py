"""What a plan hangs on, by solving it again: entry prices, break-even volumes, runners-up, payback, the value of capacity."""
from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from optimizer.network.plan import RepairNetwork
from optimizer.solve.network.trial import Bench, Trial

STEPS = 30              # most re-solves of one question
CENT = 0.01
VOLUMES = (1 / 64, 64.0)      # factors on the demand between which a break-even is looked for
NARROW = 1.002          # a break-even is bracketed within this factor


class Bracket(NamedTuple):
    """What lies between: at `low` the plan is one way, at `high` the other; NaN where there is no such number."""
    low: float
    high: float


UNKNOWN = Bracket(math.nan, math.nan)


@dataclass(frozen=True)
class Answers:
    """What re-solving says about one provider; NaN where there is no such number.

    `price`: what one of its jobs costs on average. `entry_price`: at the low end the best plan with it beats the best
    without it, at the high end, a cent or less above, it does not; `entry_rent`: the same for what it costs per month.
    `break_even`: factor on the demand of the cells it could serve at which it begins to be worth having, in the bracket of
    factors without and with it. `other_cost`: what the best plan costs without it (where `used`), or with it open in all
    months (where not), less the cost of the plan. `capacity_value`: what one more unit of its capacity a month saves.
    `serves`: the cells it serves at its entry price.
    """
    provider: str
    used: bool
    price: float
    entry_price: Bracket
    entry_rent: Bracket
    break_even: float
    break_even_bracket: Bracket
    other_cost: float
    capacity_value: float
    serves: tuple[str, ...]


def ask(network: RepairNetwork) -> Iterator[Answers]:
    """Answers for every provider whose opening is a question, in the order of the terms."""
    forced = {*network.problem.limits.get("force_open", ()), *network.problem.limits.get("force_closed", ())}
    for provider in network.problem.providers["provider"]:
        bench = None if provider in forced else Bench.of(network.problem, provider)
        if bench is not None:
            yield _answers(network, provider, bench)


def _answers(network: RepairNetwork, provider: str, bench: Bench) -> Answers:
    now, without = bench.solve(), bench.closed().solve()
    other = without if now.used else bench.opened().solve()
    price, rent = _price(bench), float(bench.part.providers.monthly_cost[bench.number])
    entry = entry_of(bench, now, without, "with_price", price)
    factor, bracket = break_even(bench, now.used)
    at_entry = bench.with_price(entry[0] - price).solve() if entry[0] == entry[0] else now
    its = np.unique(bench.part.flows.cell[(bench.part.flows.provider == bench.number) & (at_entry.units > 1e-6)])
    labels = list(dict.fromkeys(network.problem.demand["cell"]))
    full = np.isfinite(bench.part.providers.capacity[bench.number]) and now.used
    value = now.cost - bench.with_capacity(1.0).solve().cost if full else math.nan
    return Answers(provider, now.used, price, entry, entry_of(bench, now, without, "with_rent", rent), factor, bracket,
                   float(other.cost - now.cost), float(value), tuple(labels[c] for c in its))


def _price(bench: Bench) -> float:
    """What a job costs at the provider, on average over what it could serve."""
    f = bench.part.flows
    its = f.provider == bench.number
    jobs = f.batched[its].sum()
    return float((f.units * f.fee)[its].sum() / jobs) if jobs > 0 else 0.0


def entry_of(bench: Bench, now: Trial, without: Trial, change: str, current: float) -> Bracket:
    """The largest price at which the best plan with the provider beats the best without it, and the smallest at which it does not.

    The cost of the best plan is concave in a price wherever the minimum fee is not what is paid, and its slope is what is
    bought at that price: a Newton step (cost without - cost) / slope from a price at which the provider is used ends at or
    below the answer. Both ends are solved; steps that do not narrow the bracket are replaced by halving it.
    """
    if current <= 0:
        return UNKNOWN
    low, trial = (0.0, now) if now.used else (-current, getattr(bench, change)(-current).solve())
    if not trial.used:
        return UNKNOWN                          # not even for nothing
    high = 0.0 if not now.used else math.inf
    for _ in range(STEPS):
        if high - low <= CENT:
            break
        slope = trial.jobs if change == "with_price" else trial.months
        step = (without.cost - trial.cost) / slope if slope > 0 else 0.0
        at = low + step + CENT / 2
        if not low < at < high:
            at = low + CENT if high == math.inf else (low + high) / 2
        following = getattr(bench, change)(at).solve()
        if following.used:
            low, trial = at, following
        else:
            high = at
            if step > CENT:                     # a hair below the Newton step the provider is still worth it
                below = getattr(bench, change)(at - CENT).solve()
                if below.used:
                    low, trial = at - CENT, below
                else:
                    high = at - CENT
    return Bracket(current + low, current + high)


def break_even(bench: Bench, used: bool) -> tuple[float, Bracket]:
    """Factor on the demand at which the provider starts to be worth having, and the bracket around it; NaN where there is none.

    Looks where the plan with it and the plan without it, each continued in a straight line, would cost the same, and
    halves the bracket where that does not help.
    """
    lowest, highest = VOLUMES
    low, high = (lowest, 1.0) if used else (1.0, highest)
    end = bench.with_volume(low if used else high).solve()
    if end.used:
        if used:
            return math.nan, UNKNOWN           # worth having at any volume
    elif not used:
        return math.nan, UNKNOWN
    guess = _guess(bench, high)
    for _ in range(STEPS):
        if high / low <= NARROW:
            break
        for trial in (guess / math.sqrt(NARROW * 0.9999), guess * math.sqrt(NARROW * 0.9999)) if low < guess < high else (math.sqrt(low * high),):
            if low < trial < high:
                if bench.with_volume(trial).solve().used:
                    high = trial
                else:
                    low = trial
        nearer = _guess(bench, high)
        guess = nearer if low < nearer < high and nearer != guess else 0.0
    return math.sqrt(low * high), Bracket(low, high)


def _guess(bench: Bench, at: float) -> float:
    """Where the plans with and without the provider would meet, if what depends on volume stayed in proportion to it."""
    scaled = bench.with_volume(at)
    with_it, without = scaled.solve(), scaled.closed().solve()
    fixed = (with_it.cost - with_it.flow_cost) - (without.cost - without.flow_cost)
    saved = without.flow_cost - with_it.flow_cost
    return at * fixed / saved if saved > 0 and fixed > 0 else 0.0
