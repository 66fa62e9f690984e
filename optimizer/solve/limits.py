"""Limits that cases share, the checks of the arrays, and the table of who uses which limited group."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np

from optimizer.errors import InputError, Problem, first_of
from optimizer.phrases import Phrase, chain, phrase

_LARGEST = 1e15  # of a cost or a usage: beyond it sums lose the cents
_LISTED = 20  # places shown per kind of problem; the rest is counted


@dataclass(frozen=True, eq=False)
class Limit:
    """Per group: the usage of the chosen options that count towards it adds up to at most the group's amount.

    `usage` ≥ 0 in the limit's unit and `group` (whole numbers, -1 = does not count, None = one group for all)
    are broadcastable to (cases, options); `amount` (groups,) ≥ 0. Raises InputError, with all problems at
    once.
    """

    name: str
    usage: np.ndarray
    group: np.ndarray | None
    amount: np.ndarray

    def __post_init__(self):
        problems: list[Problem] = []
        if not isinstance(self.name, str) or not self.name:
            problems.append(
                Problem(
                    "limit",
                    None,
                    "",
                    repr(self.name),
                    phrase("is not a name"),
                    phrase("Give every limit a name."),
                )
            )
        usage = _numbers(self.usage, _part(self, "usage"), problems, 0.0, _LARGEST)
        amount = np.atleast_1d(_numbers(self.amount, _part(self, "amount"), problems, 0.0, np.inf))
        shaped = amount.ndim == 1 and amount.size > 0
        if not shaped:
            problems.append(
                Problem(
                    _part(self, "amount"),
                    None,
                    "",
                    str(amount.shape),
                    phrase("is not a shape (groups,)"),
                    phrase("Give one amount per group."),
                )
            )
        group = _array(0 if self.group is None else self.group, _part(self, "group"), problems)
        if group.dtype.kind not in "iu":
            problems.append(
                Problem(
                    _part(self, "group"),
                    None,
                    "",
                    str(group.dtype),
                    phrase("is not a type of whole numbers"),
                    phrase("Give group codes as integers; -1 does not count."),
                )
            )
        elif self.group is None and amount.size > 1:
            problems.append(
                Problem(
                    _part(self, "group"),
                    None,
                    "",
                    "None",
                    phrase("means one group, but there are {size} amounts", size=amount.size),
                    phrase("Give one amount, or a group code for every case."),
                )
            )
        elif shaped:
            problems += _listed(
                _part(self, "group"),
                group,
                (group < -1) | (group >= amount.size),
                phrase("is no known group"),
                phrase("Groups run from 0 to {last}; -1 does not count.", last=amount.size - 1),
            )
        if problems:
            raise InputError(problems)
        for field, value in (("usage", usage), ("group", group.astype(np.int64)), ("amount", amount)):
            object.__setattr__(self, field, value)


def checked(cost, acceptable, limits, gap, seconds) -> tuple[np.ndarray, np.ndarray, list[Limit]]:
    """The inputs of `assign` as arrays (cases, options); raises InputError with every problem they have."""
    problems: list[Problem] = []
    cost = _numbers(cost, "cost", problems, -_LARGEST, _LARGEST)
    acceptable = _array(acceptable, "acceptable", problems)
    if cost.ndim != 2:
        problems.append(
            Problem(
                "cost",
                None,
                "",
                str(cost.shape),
                phrase("is not a shape (cases, options)"),
                phrase("Give one row per case and one column per option."),
            )
        )
    if acceptable.dtype != bool:
        problems.append(
            Problem(
                "acceptable",
                None,
                "",
                str(acceptable.dtype),
                phrase("is not a type of true and false"),
                phrase("Give an array of bool."),
            )
        )
    if acceptable.shape != cost.shape:
        problems.append(
            Problem(
                "acceptable",
                None,
                "",
                str(acceptable.shape),
                phrase("is not the shape of cost, {shape}", shape=cost.shape),
                phrase("Give both one entry per case and option."),
            )
        )
    for name, number, fix in (
        ("gap", gap, phrase("Give a share of the cost, such as 1e-5.")),
        ("seconds", seconds, phrase("Give the time allowed, such as 60.")),
    ):
        if isinstance(number, bool) or not isinstance(number, Real) or math.isnan(number) or number < 0:
            problems.append(
                Problem(name, None, "", str(number), phrase("is not a number of at least 0"), fix)
            )
    limits = list(limits)
    strangers = [limit for limit in limits if not isinstance(limit, Limit)]
    problems += [
        Problem(
            "limits",
            None,
            "",
            repr(limit)[:60],
            phrase("is not a Limit"),
            phrase("Build it as Limit(name, usage, group, amount)."),
        )
        for limit in strangers
    ]
    if cost.ndim == 2 and acceptable.shape == cost.shape and acceptable.dtype == bool:
        problems += _listed(
            "acceptable",
            None,
            ~acceptable.any(axis=1),
            phrase("the case has no acceptable option"),
            phrase("Accept at least one option, or leave the case out."),
        )
    if cost.ndim == 2:
        problems += _limit_problems([limit for limit in limits if isinstance(limit, Limit)], cost.shape)
    if problems:
        raise InputError(problems)
    return cost, acceptable, limits


def _limit_problems(limits: list[Limit], shape: tuple[int, int]) -> list[Problem]:
    problems, names = [], [limit.name for limit in limits]
    counting = list(dict.fromkeys(limit.name for limit in limits if (limit.group >= 0).any()))
    for number, limit in enumerate(limits):
        if limit.name in names[:number]:
            problems.append(
                Problem(
                    phrase("limit {name!r}", name=limit.name),
                    None,
                    "",
                    "",
                    phrase("stands twice in the list"),
                    phrase("Give every limit a name of its own."),
                )
            )
        for field in ("usage", "group"):
            array = getattr(limit, field)
            try:
                fits = np.broadcast_shapes(array.shape, shape) == shape
            except ValueError:
                fits = False
            if not fits:
                problems.append(
                    Problem(
                        _part(limit, field),
                        None,
                        "",
                        str(array.shape),
                        phrase("does not stretch to (cases, options) = {shape}", shape=shape),
                        phrase(
                            "Give {shape}, ({cases}, 1) for one figure per case, or ({options},) for one per"
                            " option.",
                            shape=shape,
                            cases=shape[0],
                            options=shape[1],
                        ),
                    )
                )
        if limit.name not in counting and shape[0]:
            others = (
                [phrase("Limits that do touch cases: {names}.", names=first_of(counting, 8))]
                if counting
                else []
            )
            problems.append(
                Problem(
                    phrase("limit {name!r}", name=limit.name),
                    None,
                    "",
                    "",
                    phrase("touches no case: every group code is -1"),
                    chain(
                        [
                            phrase(
                                "Give the cases it counts a group from 0 to {last}, or leave the limit out.",
                                last=len(limit.amount) - 1,
                            ),
                            *others,
                        ]
                    ),
                )
            )
    return problems


def _part(limit: Limit, field: str) -> Phrase:
    return phrase("limit {name!r} {field}", name=limit.name, field=field)


def _array(given, where: str, problems: list[Problem]) -> np.ndarray:
    try:
        return np.asarray(given)
    except ValueError:  # rows of different lengths
        problems.append(
            Problem(
                where,
                None,
                "",
                "",
                phrase("has rows of different lengths"),
                phrase("Give a rectangular array."),
            )
        )
        return np.zeros(0)


def _numbers(array, where: str, problems: list[Problem], least: float, largest: float) -> np.ndarray:
    given = _array(array, where, problems)
    if given.dtype.kind not in "iuf":
        problems.append(
            Problem(
                where,
                None,
                "",
                str(given.dtype),
                phrase("is not a type of numbers"),
                phrase("Give an array of numbers."),
            )
        )
        return np.zeros(given.shape)
    given = given.astype(float, copy=False)
    finite = np.isfinite(given)
    problems += _listed(
        where, given, ~finite, phrase("is not a finite number"), phrase("Give a number; leave nothing open.")
    )
    problems += _listed(
        where,
        given,
        finite & (given < least),
        phrase("is below {least:g}", least=least),
        phrase("Give {least:g} or more.", least=least),
    )
    problems += _listed(
        where,
        given,
        finite & (given > largest),
        phrase("is above {largest:g}", largest=largest),
        phrase("Give {largest:g} or less.", largest=largest),
    )
    return given


def _listed(
    where: str, values: np.ndarray | None, wrong: np.ndarray, problem: str, fix: str
) -> list[Problem]:
    places = np.argwhere(wrong)
    shown = [
        Problem(
            chain([where, str(place.tolist())], "") if place.size else where,
            None,
            "",
            "" if values is None else str(values[tuple(place)]),
            problem,
            fix,
        )
        for place in places[:_LISTED]
    ]
    if len(places) > _LISTED:
        shown.append(
            Problem(
                where,
                None,
                "",
                "",
                phrase(
                    "has {count:,} more entries of this kind: {problem}",
                    count=len(places) - _LISTED,
                    problem=problem,
                ),
                fix,
            )
        )
    return shown
