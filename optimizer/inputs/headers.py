"""Headers: how names are compared, which row of a table holds them, and what makes one unusable."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from optimizer.errors import InputError, Problem
from optimizer.phrases import phrase

FEWEST_NAMES = 3  # wanted names that make a row below the first one a header


class HeaderRow(NamedTuple):
    """A row that looks like a header, and how many of the wanted names it shows."""

    row: int
    matches: int


def squeeze(name: object) -> str:
    """A header or code as it is compared: lower case, without accents, spaces, hyphens and underscores."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", str(name)) if not unicodedata.combining(c))
    return re.sub(r"[\s_-]+", "", plain).lower()


def best_row(rows: Sequence[Sequence[object]], wanted: Collection[str]) -> HeaderRow:
    """The first row that shows most of the wanted names; the very first one unless another shows clearly
    more."""
    counts = [len({squeeze(cell) for cell in row} & set(wanted)) for row in rows] or [0]
    best = max(counts)
    if best >= FEWEST_NAMES and best > counts[0]:
        return HeaderRow(counts.index(best), best)
    return HeaderRow(0, counts[0])


def header_names(file: str, cells: Sequence[object], row: int = 1) -> list[str]:
    """Names of the columns, trimmed; InputError for none at all or for a name that stands twice."""
    names = [str(cell).strip() for cell in cells]
    if not any(names):
        raise InputError(
            [
                Problem(
                    file,
                    row,
                    "",
                    "",
                    phrase("is blank where the header should be"),
                    phrase("Put the names of the columns into row 1."),
                )
            ]
        )
    twice = [
        Problem(
            file,
            row,
            name,
            "",
            phrase("stands {count} times in the header", count=count),
            phrase("Rename or remove the others."),
        )
        for name, count in Counter(names).items()
        if name and count > 1
    ]
    if twice:
        raise InputError(twice)
    return names


def short(error: BaseException) -> str:
    """First line of a library's message."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]
