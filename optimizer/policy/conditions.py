"""The `when` of a policy row: atoms about a case, written "atom; atom", and the boxes of levels they stand
for.

An atom reads one attribute: a choice (`claim_open=yes`, `stage=shipped|in_window`, `condition!=sellable`) or
a step (`age<=30d`, `prior_claims>=3`, `parcel<=20kg`, `value>400`). A box allows some levels of every
attribute.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from optimizer.domain.names import BATTERIES, CONDITIONS, FAULTS
from optimizer.errors import nearest
from optimizer.model.block import Block
from optimizer.model.world import STAGES, Market
from optimizer.phrases import Phrase, phrase

NO_YES = ("no", "yes")
CHOICES: dict[str, tuple[str, ...]] = {
    "stage": STAGES,
    "claim_open": NO_YES,
    "safety": NO_YES,
    "condition": tuple(CONDITIONS),
    "fault": tuple(FAULTS),
    "battery": BATTERIES,
    "stock": NO_YES,
    "returnable": NO_YES,
}
STEP_UNITS: dict[str, str] = {
    "age": "d",
    "prior_claims": "",
    "parcel": "kg",
    "value": "",
}  # attributes in steps
ATTRIBUTES = (
    "stage",
    "age",
    "claim_open",
    "safety",
    "prior_claims",
    "condition",
    "fault",
    "battery",
    "stock",
    "returnable",
    "parcel",
    "value",
)
PLACE = {name: i for i, name in enumerate(ATTRIBUTES)}
ARRIVED = np.array([s in ("in_window", "after_window") for s in STAGES])  # what delivered=yes stands for
DERIVED = ("delivered",)
_SEPARATOR, OR = "; ", "|"
_ATOM = re.compile(r"(?P<name>[a-z_]+)\s*(?P<sign><=|>=|!=|=|<|>)\s*(?P<value>.+)")
STEP_SIGNS = {"<=": np.less_equal, ">=": np.greater_equal, "<": np.less, ">": np.greater}


class NotACondition(ValueError):
    """A text that is no condition; `problem` and `fix` say so in any language."""

    def __init__(self, text: str, fix: Phrase):
        self.problem, self.fix = phrase("is not a condition"), fix
        super().__init__(f"{text!r} {self.problem}. {fix}")


class Atom(NamedTuple):
    """One condition: attribute, sign, levels (any of them) or number."""

    name: str
    sign: str
    value: tuple[str, ...] | float

    def __str__(self) -> str:
        if isinstance(self.value, tuple):
            return f"{self.name}{self.sign}{OR.join(self.value)}"
        return f"{self.name}{self.sign}{self.value:.12g}{STEP_UNITS[self.name]}"


def parse(when: str) -> tuple[Atom, ...]:
    """The atoms of a `when`; NotACondition, a ValueError with a sentence, for what is not an atom."""
    return tuple(_atom(part.strip()) for part in when.split(";") if part.strip())


def _atom(text: str) -> Atom:
    found = _ATOM.fullmatch(text)
    if found is None or found["name"] not in (*ATTRIBUTES, *DERIVED):
        raise NotACondition(text, nearest(found["name"] if found else text, (*ATTRIBUTES, *DERIVED)))
    name, sign, value = found["name"], found["sign"], found["value"].strip()
    if name in STEP_UNITS:
        number = re.fullmatch(rf"(\d+(?:\.\d+)?){STEP_UNITS[name]}", value)
        if number is None or sign not in STEP_SIGNS:
            raise NotACondition(
                text,
                phrase(
                    "Write for example {name}<=30{unit} or {name}>30{unit}.", name=name, unit=STEP_UNITS[name]
                ),
            )
        return Atom(name, sign, float(number[1]))
    levels = tuple(v.strip() for v in value.split(OR))
    known = CHOICES.get(name, NO_YES)
    if sign not in ("=", "!=") or not set(levels) <= set(known):
        raise NotACondition(
            text, phrase("Write {name}= and one of {levels}.", name=name, levels=", ".join(known))
        )
    return Atom(name, sign, levels)


def holds(atoms: tuple[Atom, ...], block: Block) -> np.ndarray:
    """Do all atoms hold?   (C,) bool"""
    found = np.ones(block.n, bool)
    for name, sign, value in atoms:
        if isinstance(value, tuple):
            levels = ARRIVED[block.stage].astype(np.int8) if name in DERIVED else fact(block, name)
            inside = np.isin(levels, [CHOICES.get(name, NO_YES).index(v) for v in value])
            found &= inside if sign == "=" else ~inside
        else:
            found &= STEP_SIGNS[sign](fact(block, name), value)
    return found


def fact(block: Block, name: str) -> np.ndarray:
    """An attribute of the cases of a block: the index of the level of a choice, else the number.   (C,)"""
    return block.kept(("policy", name), lambda: _FACTS[name](block))


def least_divisor(market: Market) -> float:
    """The divisor under which bulky parcels weigh most; 0 where weight alone counts on every lane."""
    return min((lane.divisor for lane in market.lanes.values() if lane.divisor > 0), default=0.0)


def _parcel(b: Block) -> np.ndarray:
    # the largest billable weight that any lane of the market sees, so that what fits here fits every lane of
    # this limit
    divisor = least_divisor(b.market)
    return np.maximum(b.weight, b.volume / divisor) if divisor else b.weight


_FACTS = {
    "stage": lambda b: b.stage,
    "age": lambda b: b.cases.age_days,
    "claim_open": lambda b: b.cases.claim_open.astype(np.int8),
    "safety": lambda b: b.cases.safety.astype(np.int8),
    "prior_claims": lambda b: b.cases.prior_claims,
    "condition": lambda b: b.cases.condition,
    "fault": lambda b: b.cases.fault,
    "battery": lambda b: b.products.battery[b.cases.product],
    "stock": lambda b: (b.products.stock_on_hand[b.cases.product] >= b.quantity).astype(np.int8),
    "returnable": lambda b: b.fits("return_label").astype(np.int8),
    "parcel": _parcel,
    "value": lambda b: b.price * b.quantity,
}


@dataclass(frozen=True, eq=False)
class Scales:
    """The levels of every attribute: named for choices; for steps level k lies in (bounds[k-1],
    bounds[k]]."""

    bounds: Mapping[str, np.ndarray]

    @cached_property
    def alike(self) -> bytes:
        """Equal for scales with the same levels."""
        return b"|".join(name.encode() + b.tobytes() for name, b in self.bounds.items())

    def count(self, name: str) -> int:
        """Number of levels of an attribute."""
        return len(CHOICES[name]) if name in CHOICES else len(self.bounds[name]) + 1

    def level(self, name: str, values: np.ndarray) -> np.ndarray:
        """Level of each value of an attribute."""
        return values if name in CHOICES else np.searchsorted(self.bounds[name], values, side="left")

    def levels(self, block: Block) -> np.ndarray:
        """Levels of all attributes.   (A, C) int"""
        return np.stack([self.level(name, fact(block, name)).astype(np.int16) for name in ATTRIBUTES])

    @cached_property
    def everything(self) -> Box:
        """All levels of all attributes."""
        return Box(tuple(np.ones(self.count(name), bool) for name in ATTRIBUTES))


@dataclass(frozen=True, eq=False)
class Box:
    """The levels that are allowed, attribute by attribute."""

    allowed: tuple[np.ndarray, ...]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.allowed[PLACE[name]]

    def narrowed(self, name: str, levels: np.ndarray) -> Box:
        """The same box with only these levels of one attribute."""
        i = PLACE[name]
        return Box((*self.allowed[:i], self.allowed[i] & levels, *self.allowed[i + 1 :]))

    def contains(self, levels: np.ndarray) -> np.ndarray:
        """Which cases lie inside?   levels (A, C) -> (C,) bool"""
        inside = np.ones(levels.shape[1], bool)
        for allowed, own in zip(self.allowed, levels):
            if not allowed.all():
                inside &= allowed[own]
        return inside

    def atoms(self, scales: Scales) -> list[Atom]:
        """The fewest atoms that say the same."""
        found: list[Atom] = []
        for name, allowed in zip(ATTRIBUTES, self.allowed):
            if not allowed.all():
                found += (
                    _choice(name, allowed) if name in CHOICES else _steps(name, allowed, scales.bounds[name])
                )
        return found

    def when(self, scales: Scales) -> str:
        """The atoms as they are written."""
        return _SEPARATOR.join(map(str, self.atoms(scales)))


def _choice(name: str, allowed: np.ndarray) -> list[Atom]:
    levels = np.array(CHOICES[name], object)
    if name == "stage" and ((allowed == ARRIVED).all() or (allowed == ~ARRIVED).all()):
        return [Atom("delivered", "=", ("yes" if allowed[ARRIVED].all() else "no",))]
    if allowed.sum() <= (~allowed).sum():
        return [Atom(name, "=", tuple(levels[allowed]))]
    return [Atom(name, "!=", tuple(levels[~allowed]))]


def _steps(name: str, allowed: np.ndarray, bounds: np.ndarray) -> list[Atom]:
    first, last = (int(i) for i in np.flatnonzero(allowed)[[0, -1]])
    found = []
    if first > 0:
        found.append(_whole(name, ">", bounds[first - 1]))
    if last < len(bounds):
        found.append(_whole(name, "<=", bounds[last]))
    return found


def _whole(name: str, sign: str, bound: float) -> Atom:
    if name == "prior_claims":  # people count to three, not to "more than two"
        return Atom(name, {">": ">=", "<=": "<"}[sign], float(bound) + 1.0)
    return Atom(name, sign, float(bound))
