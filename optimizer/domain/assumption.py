"""One number the answer rests on, and the book that holds them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from optimizer.errors import InputError, Problem, nearest
from optimizer.phrases import phrase

CONFIDENCES = ("official", "vendor", "secondary", "my-estimate")
UNITS = {
    "share": "share of one (0.15 = 15 %)",
    "factor": "plain multiple",
    "flag": "0 = no, 1 = yes",
    "text": "text",
    "date": "ISO date",
    "count": "whole number",
    "score": "1 to 5",
    "days": "days",
    "months": "months",
    "kg": "kilograms",
    "cm": "centimetres",
    "cm3/kg": "cubic centimetres of one billable kilogram",
    "USD": "US dollars",
    "per_USD": "units of the currency per US dollar",
    "amount": "money in the market's currency",
    "amount/kg": "money in the market's currency per kilogram",
    "lane_amount": "money in the lane's currency",
    "lane_amount/kg": "money in the lane's currency per kilogram",
    "provider_amount": "money in the provider's currency",
}
TEXT_UNITS = ("text", "date")


@dataclass(frozen=True, slots=True)
class Assumption:
    """One value with its unit, ranges, source, date and titles in both languages.

    `hard` refuses a value outside it; `usual` is the range that warns and that sensitivity samples.
    """

    key: str
    value: float | str
    unit: str
    usual: tuple[float, float] | None
    hard: tuple[float, float] | None
    source: str
    as_of: str
    review_by: str
    confidence: str
    en: str
    zh: str
    file: str = ""
    row: int = 0
    set_by: str = ""  # the scenario layer that changed it last; empty = as in the data folder

    @property
    def is_text(self) -> bool:
        return self.unit in TEXT_UNITS

    @property
    def is_estimate(self) -> bool:
        return self.confidence == "my-estimate"

    def out_of_range(self) -> str:
        """Why the value is impossible, or an empty string."""
        if isinstance(self.value, str) or self.hard is None:
            return ""
        low, high = self.hard
        return (
            ""
            if low <= self.value <= high
            else phrase("must lie between {low:g} and {high:g} {unit}", low=low, high=high, unit=self.unit)
        )

    def unusual(self) -> bool:
        """Is the value outside its usual range?"""
        return (
            not isinstance(self.value, str)
            and self.unit != "flag"
            and self.usual is not None
            and not (self.usual[0] - 1e-12 <= self.value <= self.usual[1] + 1e-12)
        )


class Book(Mapping[str, Assumption]):
    """All assumptions by key, in the order of the data folder; never changed in place."""

    def __init__(self, assumptions: Iterable[Assumption] = ()):
        self._by_key = {a.key: a for a in assumptions}

    def __getitem__(self, key: str) -> Assumption:
        try:
            return self._by_key[key]
        except KeyError:
            raise self.unknown(key) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    def unknown(self, key: str, file: str = "assumptions") -> InputError:
        return InputError(
            [Problem(file, None, "key", key, phrase("is not an assumption"), nearest(key, self._by_key))]
        )

    def number(self, key: str, default: float | None = None) -> float:
        """The value of a number; `default` where the key may be absent."""
        found = self._by_key.get(key)
        if found is None:
            if default is None:
                raise self.unknown(key)
            return default
        return float(found.value)

    def text(self, key: str, default: str | None = None) -> str:
        """The value of a text or date; `default` where the key may be absent."""
        found = self._by_key.get(key)
        if found is None:
            if default is None:
                raise self.unknown(key)
            return default
        return str(found.value)

    def flag(self, key: str, default: bool | None = None) -> bool:
        return bool(self.number(key, None if default is None else float(default)))

    def starting(self, prefix: str) -> list[str]:
        """Keys that begin with `prefix`, in the order of the book."""
        head, dot, _ = prefix.partition(".")
        return [k for k in (self._by_head.get(head, ()) if dot else self._by_key) if k.startswith(prefix)]

    @cached_property
    def _by_head(self) -> dict[str, list[str]]:
        """Keys by what stands before their first dot; books are asked for such families thousands of
        times."""
        found: dict[str, list[str]] = {}
        for key in self._by_key:
            found.setdefault(key.partition(".")[0], []).append(key)
        return found

    def changed(self, key: str, value: float | str, set_by: str) -> Book:
        """A new book with one value replaced."""
        book = Book()
        book._by_key = dict(self._by_key)
        book._by_key[key] = replace(self[key], value=value, set_by=set_by)
        return book
