"""What a table says of its limits: why a row does not say its cheapest option, and which amounts the rows
exceed together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from optimizer.domain.shared_limit import SharedLimit
from optimizer.phrases import Phrase, phrase
from optimizer.policy.accounts import Held
from optimizer.policy.within import Kept
from optimizer.solve.clash_in_words import limit_title, quantity


def per_limit(limits: Sequence[SharedLimit], values: np.ndarray) -> dict[str, np.ndarray]:
    """Values of the groups of all limits, (G,), by the name of the limit."""
    ends = np.cumsum([len(limit.groups) for limit in limits])[:-1]
    return {limit.name: part for limit, part in zip(limits, np.split(values, ends))}


def held_rows(kept: Kept, limits: Sequence[SharedLimit], currency: str) -> dict[int, Held]:
    """The rows that a limit keeps from their cheapest option, by their place in the table; `currency` is
    that of costs."""
    group_of = [(limit, group.label) for limit in limits for group in limit.groups]
    found = {}
    for i, g in kept.blocking.items():
        if g >= 0:
            case, (limit, label) = kept.cases[i], group_of[g]
            saved = (case.cost[case.said] - case.cost[case.cheapest]) / case.cases / 100.0
            reason = phrase(
                "the next best way out is cheaper by {saved} {currency} per case, but {limit}, {group}, does"
                " not leave enough for it",
                saved=f"{saved:,.2f}",
                currency=currency,
                limit=limit_title(limit),
                group=limit.place(label),
            )
            found[i] = Held(case.keys[case.cheapest], reason)
    return found


def notes_of(
    limits: Sequence[SharedLimit], used: Mapping[str, np.ndarray], excess: Mapping[str, np.ndarray]
) -> tuple[Phrase, ...]:
    """A sentence for every group that the table exceeds."""
    return tuple(
        phrase(
            "whoever follows the policy table uses {used} of {limit}, {group}: {excess} above the amount; no"
            " table was found that keeps it",
            used=quantity(limit, float(used[limit.name][g])),
            limit=limit_title(limit),
            group=limit.place(limit.groups[g].label),
            excess=quantity(limit, float(excess[limit.name][g])),
        )
        for limit in limits
        if limit.name in excess
        for g in np.flatnonzero(excess[limit.name])
    )
