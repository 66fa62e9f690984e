"""policy.csv as people hand it back: every problem at once, then the table as it was built."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from optimizer.domain.names import CHANNELS, DECIDERS, ISSUES, PLATFORMS
from optimizer.errors import InputError, Problem, nearest
from optimizer.inputs.formula_guard import unguarded
from optimizer.inputs.tabular import Table
from optimizer.model.resolutions import RESOLUTION
from optimizer.phrases import phrase
from optimizer.policy.accounts import POLICY_COLUMNS
from optimizer.policy.apply import SAYS_NOTHING
from optimizer.policy.conditions import NotACondition, parse
from optimizer.policy.last_rows import DECIDES

_NEEDED = (
    "row_id",
    "product_class",
    "market",
    "channel",
    "issue",
    "when",
    "price_from",
    "price_to",
    "resolution",
    "provider",
    "disposition",
    "offer",
    "fallback",
)
NUMBERS = ("price_from", "price_to", "cases", "expected_cost", "margin", "share_following", "extra_cost")
CODES: dict[str, tuple[str, ...]] = {
    "platform": ("*", *PLATFORMS),
    "channel": ("*", *CHANNELS),
    "issue": ("*", *ISSUES),
    "decided_by": tuple(DECIDERS),
    "resolution": (*RESOLUTION, *DECIDES.values(), SAYS_NOTHING),
    "fallback": ("", *RESOLUTION),
}
Wrong = tuple[str, str] | None  # what is wrong with a value and how to mend it
_OFFER = re.compile(r"\d+(\.\d+)?%?")


def as_policy(table: Table) -> pd.DataFrame:
    """A policy table from a table that was read: the columns of policy.csv that it has, numbers as numbers,
    `platform` any where it is missing.

    Raises InputError with every problem: missing columns, unknown names, conditions and numbers that cannot
    be read.
    """
    table = unguarded(table)
    frame, file = table.frame.astype(str), table.file
    missing = [c for c in _NEEDED if c not in frame]
    if missing:
        raise InputError(
            [
                Problem(
                    file,
                    None,
                    c,
                    "",
                    phrase("is missing"),
                    phrase("A policy table has the columns {names}.", names=", ".join(_NEEDED)),
                )
                for c in missing
            ]
        )
    if "platform" not in frame:
        frame.insert(2, "platform", "*")
    frame = frame[[c for c in POLICY_COLUMNS if c in frame]].apply(lambda column: column.str.strip())
    problems: list[Problem] = []

    def check(column: str, wrong: Callable[[str], Wrong]) -> None:
        """`wrong` says what is wrong with a value and how to mend it, or None."""
        said = {value: wrong(value) for value in frame[column].unique()}
        for row, value in frame[column].items():
            if said[value]:
                problems.append(Problem(file, int(row), column, value, *said[value]))

    for column, known in CODES.items():
        if column in frame:
            check(
                column,
                lambda v, column=column, known=known: (
                    None if v in known else (phrase("is not a {column}", column=column), nearest(v, known))
                ),
            )
    for column in ("row_id", "product_class", "market"):
        check(column, lambda v: None if v else (phrase("is blank"), phrase("Fill it in, or remove the row.")))
    check("when", _condition)
    check(
        "offer",
        lambda v: (
            None
            if not v or _OFFER.fullmatch(v)
            else (phrase("is not an offer"), phrase("Write a share such as 20% or an amount such as 5.00."))
        ),
    )
    for column in NUMBERS:
        if column in frame:
            check(
                column,
                lambda v: (
                    None
                    if not v or np.isfinite(_number(v))
                    else (
                        phrase("is not a number"),
                        phrase("Write digits with a decimal point, or leave it blank."),
                    )
                ),
            )
    for row, count in frame["row_id"].value_counts().items():
        if row and count > 1:
            problems.append(
                Problem(
                    file,
                    None,
                    "row_id",
                    str(row),
                    phrase("stands {count} times", count=count),
                    phrase("Give every row its own row_id."),
                )
            )
    for column in NUMBERS:
        if column in frame:
            frame[column] = [_number(v) for v in frame[column]]
    upside_down = (frame["price_from"] >= frame["price_to"]) & np.isfinite(frame["price_from"])
    problems += [
        Problem(
            file,
            int(row),
            "price_to",
            f"{frame.at[row, 'price_to']:g}",
            phrase("is not above price_from {low:g}", low=frame.at[row, "price_from"]),
            phrase("Swap the two, or leave one blank."),
        )
        for row in frame.index[upside_down]
    ]
    if problems:
        raise InputError(sorted(problems, key=lambda p: (p.row is not None, p.row or 0)))
    frame["offer"] = [v if not v or v.endswith("%") else f"{float(v):.2f}" for v in frame["offer"]]
    return frame.reset_index(drop=True)


def _condition(when: str) -> Wrong:
    try:
        parse(when)
    except NotACondition as why:
        return why.problem, why.fix
    return None


def _number(value: str) -> float:
    """The number of a cell; NaN where blank, infinite where it is none."""
    if not value:
        return np.nan
    try:
        number = float(value)
    except ValueError:
        return np.inf
    return number if np.isfinite(number) else np.inf
