"""Days and numbers as reports of many countries write them: month names, 年月日, decimal commas, brackets for
minus."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import pandas as pd
from babel import Locale

from optimizer.phrases import phrase

# Languages of the marketplaces; names of months come from the Unicode locale data.
_LANGUAGES = ("en", "de", "fr", "it", "es", "pt", "nl", "sv", "pl", "tr")
DAY_FIRST, MONTH_FIRST = phrase("day first"), phrase("month first")
# A time of day with its half (a.m., 下午) and its zone are read past: the day is the one that is written.
CLOCK = (
    r"(?:[^\W\d]{1,2}\s?)?\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?(?:\s?[^\W\d]\.?\s?m\.?|\s?[^\W\d]{2})?"
)
ZONE = r"(?:[A-Za-z]{1,5}(?:[+-]\d{1,2}(?::?\d{2})?)?|[+-]\d{2}:?\d{2})"
TAIL = rf"(?:(?:T|,?\s(?:[^\W\d]{{1,4}}\s)?){CLOCK})?(?:\s\(?{ZONE}\)?|Z|[+-]\d{{2}}:?\d{{2}})?"
YEAR_FIRST = re.compile(rf"(\d{{4}})\s*[-/.年]\s*(\d{{1,2}})\s*[-/.月]\s*(\d{{1,2}})日?{TAIL}")
_NAMED = re.compile(rf"(\d{{1,2}})[.]?[\s-]*(?:de\s+)?([^\W\d]+)[.]?[\s-]*(?:de\s+)?(\d{{4}}){TAIL}")
NAMED_FIRST = re.compile(rf"([^\W\d]+)[.]?\s+(\d{{1,2}}),?\s+(\d{{4}}){TAIL}")
_NUMERIC = re.compile(rf"(\d{{1,2}})([./-])(\d{{1,2}})\2(\d{{4}}){TAIL}")
LONGEST = 15  # digits before the decimal sign
MINUS = "\\-\u2212\u2013"
SPACES = "\\s\u00a0\u202f'’"


class Days(NamedTuple):
    """Days as year-month-day, the rows that are none, and whether numeric days were read day first or
    month first."""

    text: pd.Series
    wrong: pd.Series  # (R,) bool; blank cells are not wrong
    order: str  # DAY_FIRST | MONTH_FIRST | "" where no day needed it
    told: bool  # does the column itself show the order? Else it was given


def read_days(text: pd.Series, order: str = "") -> Days:
    """Written days of any of the forms above.

    Days of three numbers with the year last are ambiguous: a column with a number above 12 shows its order,
    points mean day first, and otherwise `order` decides; without it such days are wrong, not guessed.
    """
    codes, uniques = pd.factorize(text)
    plain = [unicodedata.normalize("NFKC", str(u)).strip() for u in uniques]
    numeric = [m for m in map(_NUMERIC.fullmatch, plain) if m]
    # Points mean day first by themselves: they neither need another row nor speak for it.
    numeric = [m for m in numeric if m[2] != "."]
    shown = {DAY_FIRST for m in numeric if int(m[1]) > 12 >= int(m[3])} | {
        MONTH_FIRST for m in numeric if int(m[3]) > 12 >= int(m[1])
    }
    told = len(shown) == 1
    used = shown.pop() if told else "" if shown else order
    days = [_day(value, used) for value in plain]
    iso = pd.Series([d or "" for d in days], dtype="str")
    wrong = pd.Series([not d and bool(p) for d, p in zip(days, plain)], dtype=bool)
    result = iso.where(~wrong, pd.Series([str(u) for u in uniques], dtype="str"))
    return Days(
        pd.Series(result.to_numpy(object)[codes] if len(uniques) else [], index=text.index, dtype="str"),
        pd.Series(wrong.to_numpy(bool)[codes] if len(uniques) else [], index=text.index, dtype=bool),
        used if numeric else "",
        told,
    )


def _day(value: str, order: str) -> str:
    """One written day as year-month-day, "" where it is none."""
    if m := YEAR_FIRST.fullmatch(value):
        return _valid(m[1], m[2], m[3])
    if m := _NAMED.fullmatch(value):
        return _valid(m[3], months().get(_key(m[2]), ""), m[1])
    if m := NAMED_FIRST.fullmatch(value):
        return _valid(m[3], months().get(_key(m[1]), ""), m[2])
    if (m := _NUMERIC.fullmatch(value)) and (order or m[2] == "."):
        order = DAY_FIRST if m[2] == "." else order
        return _valid(m[4], m[3], m[1]) if order == DAY_FIRST else _valid(m[4], m[1], m[3])
    return ""


def _valid(year: str, month: str | int, day: str) -> str:
    try:
        return pd.Timestamp(int(year), int(month), int(day)).strftime("%Y-%m-%d")
    except ValueError:
        return ""


def _key(name: str) -> str:
    """A month's name without capitals and accents."""
    return "".join(
        c for c in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(c)
    ).strip(".")


@lru_cache(maxsize=1)
def months() -> dict[str, int]:
    """Name of a month, in full or short, in any of the languages -> its number; names that mean two months
    are left out."""
    found: dict[str, set[int]] = {}
    for language in _LANGUAGES:
        for kind in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in Locale.parse(language).months[kind][width].items():
                    for form in {
                        _key(name),
                        (
                            _key(name)[:3]
                            if language in ("en", "de", "es", "it", "pt", "nl", "sv")
                            else _key(name)
                        ),
                    }:
                        found.setdefault(form, set()).add(number)
    return {
        name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1 and not name.isdigit()
    }


class Style(NamedTuple):
    """How a report writes numbers."""

    decimal: str
    told: bool  # do the numbers themselves show it?


def number_style(columns: list[pd.Series]) -> Style:
    """The decimal sign that the numbers show; a point where none shows one. Both at once give the later
    sign of each number."""
    comma = point = 0
    for text in columns:
        values = pd.Series(text.unique(), dtype="str").str.replace(f"[{SPACES}()+{MINUS}]", "", regex=True)
        comma += int(values.str.fullmatch(r"(?:\d{1,3}(?:\.\d{3})+|\d+),\d{1,2}").sum())
        point += int(values.str.fullmatch(r"(?:\d{1,3}(?:,\d{3})+|\d+)\.\d{1,2}").sum())
    return Style("," if comma > point else ".", comma + point > 0)


def read_cents(text: pd.Series, decimal: str) -> tuple[pd.Series, pd.Series]:
    """Whole cents, blank as 0, and the rows that are no amount with at most two decimals.   (R,) int, (R,)
    bool

    Three decimals are refused as well: they may as well be thousands.
    """
    codes, uniques = pd.factorize(text)
    plain = pd.Series([unicodedata.normalize("NFKC", str(u)) for u in uniques], dtype="str")
    plain = (
        plain.str.strip()
        .str.replace(rf"(?<=\d)[{SPACES}](?=\d{{3}}(?!\d))", "", regex=True)
        .str.replace(f"[{MINUS}]", "-", regex=True)
    )
    plain = plain.str.replace(r"^\((.*)\)$", r"-\1", regex=True).str.replace(r"^(.*\d)-$", r"-\1", regex=True)
    thousands = "," if decimal == "." else "."
    fits = plain.str.fullmatch(
        rf"[+-]? ?(?:\d{{1,3}}(?:\{thousands}\d{{3}})+|\d{{1,{LONGEST}}})?"
        rf"(?:\{decimal}(?:\d{{1,2}}|\d{{2}}0{{2,}}))?"
    )
    fits &= plain.str.contains(r"\d") & (plain.str.count(r"\d") <= LONGEST + 2)
    sign = plain.str.startswith("-").map({True: -1, False: 1}).astype("int64")
    whole = (
        plain.where(fits, "0")
        .str.replace(rf"\{decimal}.*", "", regex=True)
        .str.replace(r"\D", "", regex=True)
        .replace("", "0")
        .astype("int64")
    )
    part = (
        plain.where(fits, "0")
        .str.extract(rf"\{decimal}(\d{{1,2}})")[0]
        .fillna("")
        .str.ljust(2, "0")
        .astype("int64")
    )
    cents = sign * (whole * 100 + part)
    wrong = ~fits & (plain != "")
    return (
        pd.Series(cents.to_numpy()[codes] if len(uniques) else [], index=text.index, dtype="int64"),
        pd.Series(wrong.to_numpy(bool)[codes] if len(uniques) else [], index=text.index, dtype=bool),
    )
