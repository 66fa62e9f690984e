"""Why no plan of a network keeps all it has to: a smallest set that clashes, and the cheapest relaxation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from optimizer.errors import Infeasible, Translate
from optimizer.phrases import Phrase, phrase, say_again
from optimizer.solve.network.arrays import Network
from optimizer.solve.network.program import NetworkProgram

_NO_EXCESS = 1e-7  # of a row's unit: below it nothing is exceeded
HARDLY = 1e-6  # weight of the excess of single months beside the largest
FIGURES = 5  # of an amount that is proposed


def _what(name: str, label: str) -> Phrase:
    """A requirement as it is said; `label` is the name of the provider or kind as people know it."""
    said = {
        "average_days": phrase("days on average"),
        "claims": phrase("expected order defects"),
        "budget": phrase("cost of the network"),
        "opening_budget": phrase("money for opening"),
        "capacity": phrase("capacity of {provider} per month", provider=label),
        "min_units": phrase("least units of {provider} per month", provider=label),
        "force_open": phrase("{provider} is to be open", provider=label),
        "force_closed": phrase("{provider} is to be closed", provider=label),
    }
    if name == "most_open":
        return (
            phrase("providers of kind {kind} open at the same time", kind=label)
            if label
            else phrase("providers open at the same time")
        )
    return said[name]


def _enough(amount: float, rounded: Callable[[float], int]) -> str:
    """An amount in some five digits, rounded to the side that still makes a network possible."""
    digits = max(0, FIGURES - len(f"{abs(amount):.0f}"))
    said = f"{rounded(round(amount * 10**digits, 3)) / 10**digits:,.{digits}f}"
    return said.rstrip("0").rstrip(".") if digits else said


class NetworkClash(Infeasible):
    """No network keeps all it has to. `amounts` of the requirements that clash or are relaxed, NaN for
    what is forced."""

    def __init__(self, clashing, relaxation, amounts: dict[tuple[str, str], float]):
        super().__init__(
            clashing,
            {f"{name} {label}".strip(): np.array([extra]) for (name, label), extra in relaxation.items()},
        )
        self.extra, self.amounts = dict(relaxation), amounts
        self.titles: dict[
            str, str
        ] = {}  # of providers and kinds, as people know them; by name where it is not given

    def sentences(self) -> Iterator[Phrase]:
        """What clashes and what would help, a sentence a line."""
        yield (
            phrase("no network keeps these together:")
            if len(self.clashing) > 1
            else phrase("no network keeps this:")
        )
        for name, label in self.clashing:
            amount, what = self.amounts[name, label], _what(name, self.titles.get(label, label))
            yield (
                phrase("* {what}", what=what)
                if math.isnan(amount)
                else (
                    phrase("* {what}: at least {amount:,.4g}", what=what, amount=amount)
                    if name == "min_units"
                    else phrase("* {what}: at most {amount:,.4g}", what=what, amount=amount)
                )
            )
        yield (
            phrase("the cheapest way to make a network possible:")
            if len(self.extra) == 1
            else phrase("the cheapest way to make a network possible, all of it together:")
        )
        for (name, label), more in self.extra.items():
            amount, what = self.amounts[name, label], _what(name, self.titles.get(label, label))
            if math.isnan(amount):
                yield phrase("* give up that {what}", what=what)
            elif name == "min_units":
                yield phrase(
                    "* lower {what} to {amount}", what=what, amount=_enough(amount - more, math.floor)
                )
            else:
                yield phrase(
                    "* raise {what} to {amount}", what=what, amount=_enough(amount + more, math.ceil)
                )

    def __str__(self) -> str:
        return self.text()

    def text(self, t: Translate = str) -> str:
        """All sentences in the language of `t`."""
        return "\n".join(str(say_again(sentence, t)) for sentence in self.sentences())


def network_clash(part: Network, seconds: float = 60.0) -> NetworkClash:
    """Which limits, capacities, commitments and forced openings clash, and the cheapest relaxation.

    Clash: (name, provider or kind) of an irreducible set: without any one of them there is a plan.
    Relaxation: by "name label" the largest extra amount in any month, least in the sum of these as shares of
    the amounts; 1 for what is forced means that it is given up.
    """
    model = NetworkProgram(part, tight=False)
    asked = model.requirements
    rows = np.concatenate([np.zeros(0, int), *(r.rows for r in asked)])
    of = np.repeat(np.arange(len(asked)), [len(r.rows) for r in asked])
    excess = model.program.soften(rows, np.full(len(rows), HARDLY))
    largest = model.program.columns(
        np.ones(len(asked)), upper=None, whole=False
    )  # what counts is the largest excess in any month
    model.program.rows(
        np.tile(np.arange(len(rows)), 2),
        np.r_[excess, largest[of]],
        np.r_[np.ones(len(rows)), -np.ones(len(rows))],
        np.zeros(len(rows)),
    )

    def hopeless(active: np.ndarray) -> bool:
        its = excess[active[of]]
        held = (its, np.zeros(len(its)))
        return model.program.solve(target=math.inf, held=held, seconds=seconds).status == "infeasible"

    active = np.ones(len(asked), bool)
    for number in range(len(asked)):
        active[number] = False
        active[number] = not hopeless(active)
    answer = model.program.solve(share=1e-6, seconds=seconds)
    extra = np.zeros(len(rows)) if answer.values is None else answer.values[excess]
    relaxation = {}
    for number, requirement in enumerate(asked):
        most = extra[of == number].max(initial=0.0)
        if most > _NO_EXCESS:
            relaxation[requirement.name, requirement.label] = float(most * requirement.unit)
    clashing = [(r.name, r.label) for r, is_active in zip(asked, active) if is_active]
    return NetworkClash(
        clashing, relaxation, {(r.name, r.label): _amount(part, r.name, r.label) for r in asked}
    )


def _amount(part: Network, name: str, label: str) -> float:
    """What was asked for; NaN for what is forced."""
    p = part.providers
    if name in ("capacity", "min_units"):
        return float(getattr(p, name)[list(p.name).index(label)])
    if name == "most_open":
        return float(part.limits[name][label])
    return math.nan if name.startswith("force") else float(part.limits[name])
