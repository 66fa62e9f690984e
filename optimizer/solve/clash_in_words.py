"""Limits that no plan keeps, in words: which ones clash, how far the cheapest way out raises which
amounts, and what a plan then costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from optimizer.domain.shared_limit import SharedLimit
from optimizer.errors import Infeasible, Translate
from optimizer.phrases import Phrase, phrase, say_again

_FAMILIES = {
    "cash_budget": phrase("cash budget"),
    "provider_capacity": phrase("provider capacity"),
    "order_defects": phrase("order defects"),
    "stock_on_hand": phrase("stock on hand"),
    "replacements": phrase("replacements"),
    "average_days": phrase("days on average"),
}
_UNITS = {
    "hours": phrase("hours"),
    "units": phrase("units"),
    "orders": phrase("orders"),
    "days": phrase("days"),
}
DIGITS = 4  # of an amount that is no money
NOISE = 1e-9  # share of an amount below which an extra amount is rounding


def limit_title(limit: SharedLimit) -> str:
    """What a limit is called: its family, with the provider where there is one limit per provider."""
    family = _FAMILIES.get(limit.family, limit.family)
    return (
        phrase("{family} of {provider}", family=family, provider=limit.provider) if limit.provider else family
    )


def unit_of(limit: SharedLimit) -> str:
    """The unit by itself; currencies stay as they are."""
    return _UNITS.get(limit.unit, limit.unit)


def quantity(limit: SharedLimit, amount: float) -> Phrase:
    """An amount of a limit with its unit behind it."""
    text = amount_text(limit, amount)
    one = {
        "hours": phrase("1 hour"),
        "units": phrase("1 unit"),
        "orders": phrase("1 order"),
        "days": phrase("1 day"),
    }
    if text == "1" and limit.unit in one:
        return one[limit.unit]
    counted = {
        "hours": phrase("{amount} hours", amount=text),
        "units": phrase("{amount} units", amount=text),
        "orders": phrase("{amount} orders", amount=text),
        "days": phrase("{amount} days", amount=text),
    }
    return counted.get(limit.unit) or phrase("{amount} {currency}", amount=text, currency=limit.unit)


def amount_text(limit: SharedLimit, amount: float) -> str:
    """An amount of a limit without its unit: two decimals of money, at most four of anything else."""
    if limit.unit not in _UNITS:
        return f"{amount:,.2f}"
    return f"{amount:,.{DIGITS}f}".rstrip("0").rstrip(".")


def rounded_up(limit: SharedLimit, amount: float) -> float:
    """The least amount with the digits that are shown and not below `amount`."""
    shown = 10.0 ** (DIGITS if limit.unit in _UNITS else 2)
    return math.ceil(round(amount * shown, 6)) / shown


class LimitsClash(Infeasible):
    """No plan keeps the limits. `limits` by name; `relaxed_cost` is what a plan costs with the cheapest
    relaxation, in money, None if unknown."""

    def __init__(
        self, found: Infeasible, limits: Sequence[SharedLimit], relaxed_cost: float | None, currency: str = ""
    ):
        super().__init__(found.clashing, found.relaxation)
        self.limits = {limit.name: limit for limit in limits}
        self.relaxed_cost, self.currency = relaxed_cost, currency

    def extra(self) -> Iterator[tuple[SharedLimit, int, float]]:
        """Limit, number of the group, and the amount to add, rounded up to the digits that are shown."""
        for name, amounts in self.relaxation.items():
            limit = self.limits[name]
            for g in np.flatnonzero(amounts > NOISE * np.maximum(1.0, limit.amount)).tolist():
                yield limit, g, rounded_up(limit, float(amounts[g]))

    def sentences(self) -> Iterator[Phrase]:
        """What clashes, what would help, and what a plan then costs, a sentence a line."""
        places = [(self.limits[name], int(g)) for name, g in self.clashing]
        yield (
            phrase("no plan keeps these limits together:")
            if len(places) > 1
            else phrase("no plan keeps this limit:")
        )
        for limit, g in places:
            yield phrase(
                "* {limit}, {group}: at most {amount}",
                limit=limit_title(limit),
                group=limit.place(limit.groups[g].label),
                amount=quantity(limit, limit.groups[g].amount),
            )
        yield phrase("the cheapest way to make a plan possible:")
        for limit, g, more in self.extra():
            yield phrase(
                "* raise {limit}, {group}, from {amount} by {more}",
                limit=limit_title(limit),
                group=limit.place(limit.groups[g].label),
                amount=amount_text(limit, limit.groups[g].amount),
                more=quantity(limit, more),
            )
        if self.relaxed_cost is not None:
            yield phrase(
                "a plan then costs {cost} {currency}",
                cost=f"{self.relaxed_cost:,.2f}",
                currency=self.currency,
            )

    def __str__(self) -> str:
        return self.text()

    def text(self, t: Translate = str) -> str:
        """All sentences in the language of `t`."""
        return "\n".join(str(say_again(sentence, t)) for sentence in self.sentences())
