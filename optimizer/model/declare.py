"""What a cost line, a component, a rule and a resolution are. Each one stands in one visible place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, Literal

from optimizer.model.block import Amount, Block, Cell, Flags


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of the cost of an option; the closed list is in lines.py."""

    key: str
    kind: Literal["cash", "risk"]
    en: str
    zh: str
    formula: str  # in words
    bearer: str  # who pays, or who gives it back
    lag_days: int  # days until the money moves


PARTS = (
    "resolution",
    "provider",
    "disposition",
    "offer",
    "fallback",
)  # of an option, in the order of its key
_BAR = "|"


@dataclass(frozen=True, slots=True)
class Option:
    """One way out as support teams would follow it: equal instructions are equal options."""

    resolution: str
    provider: str = ""
    disposition: str = ""
    offer: str = ""  # "20%" of the price, or "5.00" in the market's currency
    fallback: str = ""  # resolution that follows a refusal or a failure
    declared: Resolution | None = field(default=None, compare=False, repr=False)

    @property
    def spec(self) -> Resolution:
        """What the catalogue says of its resolution; an option made of a key alone has none."""
        if self.declared is None:
            raise ValueError(f"{self.key} is a key, no option of the catalogue")
        return self.declared

    @property
    def offer_share(self) -> float | None:
        """Offered share of the price, or None for a fixed amount or no offer."""
        return float(self.offer[:-1]) / 100.0 if self.offer.endswith("%") else None

    @property
    def parts(self) -> tuple[str, ...]:
        """Resolution, provider, disposition, offer and fallback."""
        return (self.resolution, self.provider, self.disposition, self.offer, self.fallback)

    @property
    def key(self) -> str:
        """Its name in every table: the parts with bars between."""
        return _BAR.join(self.parts)

    @classmethod
    def parse(cls, key: str) -> Option:
        """The option of a key, without what the catalogue says of its resolution."""
        resolution, provider, disposition, offer, fallback = key.split(_BAR)
        return cls(resolution, provider, disposition, offer, fallback)

    @staticmethod
    def is_key(text: str) -> bool:
        """Is it the key of an option, not the name of who decides instead?"""
        return text.count(_BAR) == len(PARTS) - 1


@dataclass(frozen=True, slots=True)
class Component:
    """A pure function (block, option) -> money in the reporting currency, (C,) or a number; feeds one cost
    line."""

    line: str
    formula: str
    reads: tuple[str, ...]  # keys it reads; {market}, {class} and {provider} stand for the case's own
    varies: tuple[str, ...]  # parts of an option that change its value: provider, disposition, offer
    of: Callable[[Block, Option], Amount]

    @property
    def key(self) -> str:
        return self.of.__name__

    def __call__(self, block: Block, option: Option) -> Amount:
        memo = (self.of, *(getattr(option, part) for part in self.varies))
        return block.kept(memo, lambda: self.of(block, option))


def component(
    line: str, formula: str, reads: tuple[str, ...] = (), varies: tuple[str, ...] = ()
) -> Callable[[Callable[[Block, Option], Amount]], Component]:
    """Declare a component beside its function."""

    def declare(of: Callable[[Block, Option], Amount]) -> Component:
        return Component(line, formula, reads, varies, of)

    return declare


MARKET = "{market}"  # in the key of a number: the case's own market


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rule:
    """A reason to refuse an option, with its scope, dates and source; declared by `rule` above its function.

    `refuses(block, option)` gives True, False or a (C,) bool array: True = refused; of a deadline: it runs.
    """

    id: str
    en: str  # sentence a person reads; {name} is filled with the number declared under that name
    zh: str
    source: str
    as_of: str
    review_by: str
    confidence: str
    refuses: Callable[[Block, Option], Flags]
    effect: Literal["forbidden", "only_as_offer", "required", "deadline"] = "forbidden"
    issues: tuple[str, ...] = ()  # empty = all
    channels: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    valid_from: str = "1900-01-01"
    valid_to: str = "9999-12-31"
    reads: tuple[str, ...] = ()  # case attributes the condition depends on, for the policy table
    # Name -> key of every assumption it reads; {market} and {provider} stand for the case's own, * for any.
    numbers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        named, chinese = names_in(self.en), names_in(self.zh)
        if set(named) != set(chinese):
            raise ValueError(f"rule {self.id}: en names the numbers {named}, zh names {chinese}")
        for name in named:
            if name not in self.numbers:
                raise ValueError(
                    f"rule {self.id}: its sentence names {{{name}}}, which `numbers` does not declare:"
                    f" add {name!r} and the key of the assumption it stands for"
                )
            if set("*{") & set(self.numbers[name].replace(MARKET, "")):
                raise ValueError(
                    f"rule {self.id}: a sentence cannot print {{{name}}}, for {self.numbers[name]} is not one"
                    " number of a market"
                )

    @property
    def family(self) -> str:
        """The module it is declared in."""
        return self.refuses.__module__.rpartition(".")[2]

    def in_scope(self, cell: Cell) -> bool:
        return (
            (not self.issues or cell.issue in self.issues)
            and (not self.channels or cell.channel in self.channels)
            and (not self.markets or cell.market in self.markets)
            and (not self.platforms or cell.platform in self.platforms)
        )


def names_in(sentence: str) -> tuple[str, ...]:
    """Names of the numbers that a sentence prints, in its order."""
    return tuple(name for _, name, _, _ in Formatter().parse(sentence) if name is not None)


def rule(name: str, **declared: Any) -> Callable[[Callable[[Block, Option], Flags]], Rule]:
    """Declare a rule above its function: id, sentence in both languages, source, dates and what it reads."""
    return lambda refuses: Rule(id=name, refuses=refuses, **declared)


Remedy = Literal[
    "refund", "return_refund", "replacement", "repair", "price_reduction", "gift", "none"
]  # what the buyer gets


@dataclass(frozen=True, slots=True)
class Resolution:
    """A way out: for which issues and channels, what it costs, what the buyer gets, what may follow it."""

    key: str
    en: str
    zh: str
    what: str  # one sentence: what is done
    issues: tuple[str, ...]
    channels: tuple[str, ...]
    costs: tuple[Component, ...]
    remedy: Remedy
    tags: frozenset[str] = frozenset()
    providers: tuple[str, ...] = ()  # kinds; empty = nobody else is needed
    dispositions: tuple[str, ...] = ("",)
    offers: tuple[str, ...] = ("",)
    fallbacks: tuple[str, ...] = ()  # resolutions that may follow; the cell's available ones, at most three
    # share of cases it cures, where not the plain number
    success: Callable[[Block, Option], Amount] | None = None
    # expected order defects, where not the claim probability
    defects: Callable[[Block, Option], Amount] | None = None
    asks: bool = True  # False: nobody has to agree (a claim, a setting, goods that came back)
    seed: str = ""  # row of the source text

    def serves(self, cell: Cell) -> bool:
        return cell.issue in self.issues and cell.channel in self.channels
