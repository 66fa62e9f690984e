"""Limits that cases share, the checks of the arrays, and the table of who uses which limited group."""
from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np

from optimizer.errors import InputError, Problem, first_of
from optimizer.phrases import Phrase, chain, phrase

ROUNDING = 1e-12    # of the amount: room for the rounding of sums of decimals (0.1 + 0.2 within 0.3), nothing else
LARGEST = 1e15      # of a cost or a usage: beyond it sums lose the cents
LISTED = 20         # places shown per kind of problem; the rest is counted


def most(amount: np.ndarray) -> np.ndarray:
    """The largest sum that still counts as within the amount."""
    return np.minimum(amount, 1e300) * (1 + ROUNDING)


@dataclass(frozen=True, eq=False)
class Limit:
    """Per group: the usage of the chosen options that count towards it adds up to at most the group's amount.

    `usage` ≥ 0 in the limit's unit and `group` (whole numbers, -1 = does not count, None = one group for all) are
    broadcastable to (cases, options); `amount` (groups,) ≥ 0. Raises InputError, with all problems at once.
    """
    name: str
    usage: np.ndarray
    group: np.ndarray | None
    amount: np.ndarray

    def __post_init__(self):
        problems: list[Problem] = []
        if not isinstance(self.name, str) or not self.name:
            problems.append(Problem("limit", None, "", repr(self.name), phrase("is not a name"), phrase("Give every limit a name.")))
        where = phrase("limit {name!r}", name=self.name)
        usage = _numbers(self.usage, _part(self, "usage"), problems, 0.0, LARGEST)
        amount = np.atleast_1d(_numbers(self.amount, _part(self, "amount"), problems, 0.0, np.inf))
        shaped = amount.ndim == 1 and amount.size > 0
        if not shaped:
            problems.append(Problem(_part(self, "amount"), None, "", str(amount.shape), phrase("is not a shape (groups,)"),
                                    phrase("Give one amount per group.")))
        group = _array(0 if self.group is None else self.group, _part(self, "group"), problems)
        if group.dtype.kind not in "iu":
            problems.append(Problem(_part(self, "group"), None, "", str(group.dtype), phrase("is not a type of whole numbers"),
                                    phrase("Give group codes as integers; -1 does not count.")))
        elif self.group is None and amount.size > 1:
            problems.append(Problem(_part(self, "group"), None, "", "None", phrase("means one group, but there are {size} amounts", size=amount.size),
                                    phrase("Give one amount, or a group code for every case.")))
        elif shaped:
            problems += _listed(_part(self, "group"), group, (group < -1) | (group >= amount.size), phrase("is no known group"),
                                phrase("Groups run from 0 to {last}; -1 does not count.", last=amount.size - 1))
        if problems:
            raise InputError(problems)
        for field, value in (("usage", usage), ("group", group.astype(np.int64)), ("amount", amount)):
            object.__setattr__(self, field, value)


def checked(cost, acceptable, limits, gap, seconds) -> tuple[np.ndarray, np.ndarray, list[Limit]]:
    """The inputs of `assign` as arrays (cases, options); raises InputError with every problem they have."""
    problems: list[Problem] = []
    cost = _numbers(cost, "cost", problems, -LARGEST, LARGEST)
    acceptable = _array(acceptable, "acceptable", problems)
    if cost.ndim != 2:
        problems.append(Problem("cost", None, "", str(cost.shape), phrase("is not a shape (cases, options)"),
                                phrase("Give one row per case and one column per option.")))
    if acceptable.dtype != bool:
        problems.append(Problem("acceptable", None, "", str(acceptable.dtype), phrase("is not a type of true and false"),
                                phrase("Give an array of bool.")))
    if acceptable.shape != cost.shape:
        problems.append(Problem("acceptable", None, "", str(acceptable.shape),
                                phrase("is not the shape of cost, {shape}", shape=cost.shape), phrase("Give both one entry per case and option.")))
    for name, number, fix in (("gap", gap, phrase("Give a share of the cost, such as 1e-5.")),
                              ("seconds", seconds, phrase("Give the time allowed, such as 60."))):
        if isinstance(number, bool) or not isinstance(number, Real) or math.isnan(number) or number < 0:
            problems.append(Problem(name, None, "", str(number), phrase("is not a number of at least 0"), fix))
    limits = list(limits)
    strangers = [limit for limit in limits if not isinstance(limit, Limit)]
    problems += [Problem("limits", None, "", repr(limit)[:60], phrase("is not a Limit"),
                         phrase("Build it as Limit(name, usage, group, amount).")) for limit in strangers]
    if cost.ndim == 2 and acceptable.shape == cost.shape and acceptable.dtype == bool:
        problems += _listed("acceptable", None, ~acceptable.any(axis=1), phrase("the case has no acceptable option"),
                            phrase("Accept at least one option, or leave the case out."))
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
            problems.append(Problem(phrase("limit {name!r}", name=limit.name), None, "", "", phrase("stands twice in the list"),
                                    phrase("Give every limit a name of its own.")))
        for field in ("usage", "group"):
            array = getattr(limit, field)
            try:
                fits = np.broadcast_shapes(array.shape, shape) == shape
            except ValueError:
                fits = False
            if not fits:
                problems.append(Problem(_part(limit, field), None, "", str(array.shape),
                                        phrase("does not stretch to (cases, options) = {shape}", shape=shape),
                                        phrase("Give {shape}, ({cases}, 1) for one figure per case, or ({options},) for one per option.",
                                               shape=shape, cases=shape[0], options=shape[1])))
        if limit.name not in counting and shape[0]:
            others = [phrase("Limits that do touch cases: {names}.", names=first_of(counting, 8))] if counting else []
            problems.append(Problem(phrase("limit {name!r}", name=limit.name), None, "", "", phrase("touches no case: every group code is -1"),
                                    chain([phrase("Give the cases it counts a group from 0 to {last}, or leave the limit out.",
                                                  last=len(limit.amount) - 1),
                                           *others])))
    return problems


def _part(limit: Limit, field: str) -> Phrase:
    return phrase("limit {name!r} {field}", name=limit.name, field=field)


def _array(given, where: str, problems: list[Problem]) -> np.ndarray:
    try:
        return np.asarray(given)
    except ValueError:                  # rows of different lengths
        problems.append(Problem(where, None, "", "", phrase("has rows of different lengths"), phrase("Give a rectangular array.")))
        return np.zeros(0)


def _numbers(array, where: str, problems: list[Problem], least: float, largest: float) -> np.ndarray:
    given = _array(array, where, problems)
    if given.dtype.kind not in "iuf":
        problems.append(Problem(where, None, "", str(given.dtype), phrase("is not a type of numbers"),
                                phrase("Give an array of numbers.")))
        return np.zeros(given.shape)
    given = given.astype(float, copy=False)
    finite = np.isfinite(given)
    problems += _listed(where, given, ~finite, phrase("is not a finite number"), phrase("Give a number; leave nothing open."))
    problems += _listed(where, given, finite & (given < least), phrase("is below {least:g}", least=least),
                        phrase("Give {least:g} or more.", least=least))
    problems += _listed(where, given, finite & (given > largest), phrase("is above {largest:g}", largest=largest),
                        phrase("Give {largest:g} or less.", largest=largest))
    return given


def _listed(where: str, values: np.ndarray | None, wrong: np.ndarray, problem: str, fix: str) -> list[Problem]:
    places = np.argwhere(wrong)
    shown = [Problem(chain([where, str(place.tolist())], "") if place.size else where, None, "",
                     "" if values is None else str(values[tuple(place)]), problem, fix) for place in places[:LISTED]]
    if len(places) > LISTED:
        shown.append(Problem(where, None, "", "", phrase("has {count:,} more entries of this kind: {problem}",
                                                         count=len(places) - LISTED, problem=problem),
                             fix))
    return shown


@dataclass(frozen=True, eq=False)
class Table:
    """Every use of a limited group by an acceptable option, as sparse entries.

    `rows` (limit name, group) and `amount` have one entry per row; `option` (case × options + option number), `row`
    and `use` > 0 one per entry.
    """
    rows: list[tuple[str, int]]
    amount: np.ndarray
    option: np.ndarray
    row: np.ndarray
    use: np.ndarray

    @classmethod
    def of(cls, limits: list[Limit], acceptable: np.ndarray) -> Table:
        """The table of these limits over the acceptable options (cases, options)."""
        rows, entries = [], []
        for limit in limits:
            usage = np.broadcast_to(limit.usage, acceptable.shape)
            group = np.broadcast_to(limit.group, acceptable.shape)
            counts = acceptable & (usage > 0) & (group >= 0)
            entries.append((np.flatnonzero(counts), group[counts] + len(rows), usage[counts]))
            rows += [(limit.name, g) for g in range(len(limit.amount))]
        option, row, use = (np.concatenate(part) for part in zip(*entries))
        return cls(rows, np.concatenate([limit.amount for limit in limits]), option, row, use)

    def used(self, choice: np.ndarray, options: int) -> np.ndarray:
        """What a choice (cases,) uses of each row.   (rows,)"""
        chosen = np.zeros(len(choice) * options, dtype=bool)
        chosen[np.arange(len(choice)) * options + choice] = True
        taken = chosen[self.option]
        return totals(self.row[taken], self.use[taken], len(self.rows))

    def by_limit(self, values: np.ndarray, limits: list[Limit]) -> dict[str, np.ndarray]:
        """Values per row as {limit name: (groups,)}."""
        ends = np.cumsum([len(limit.amount) for limit in limits])[:-1]
        return {limit.name: part for limit, part in zip(limits, np.split(values, ends))}


def totals(group: np.ndarray, value: np.ndarray, groups: int) -> np.ndarray:
    """Sum of the values of each group 0 … groups-1, correctly rounded and so the same in any order.   (groups,)"""
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], np.arange(1, groups))
    return np.array([math.fsum(part.tolist()) for part in np.split(value[order], ends)], dtype=float)


def case_uses(table: Table, alive: np.ndarray, active: np.ndarray) -> tuple[np.ndarray, ...]:
    """What the cases must and may use, given the options alive (cases, options) and the rows in force (rows,).

    Returns the entries of those options and rows, the least use of that row by the entry's case whatever it chooses,
    and per row the sum over cases of the least and of the greatest use.
    """
    options = alive.shape[1]
    entries = np.flatnonzero(alive.ravel()[table.option] & active[table.row])
    pair = table.row[entries] * len(alive) + table.option[entries] // options
    pairs, place, count = np.unique(pair, return_inverse=True, return_counts=True)
    row, case = np.divmod(pairs, max(1, len(alive)))
    least, greatest = np.full(len(pairs), np.inf), np.zeros(len(pairs))
    np.minimum.at(least, place, table.use[entries])
    np.maximum.at(greatest, place, table.use[entries])
    least[count < alive.sum(axis=1)[case]] = 0.0        # an option that does not use the row at all
    return entries, least[place], totals(row, least, len(active)), totals(row, greatest, len(active))


def reduced(cost: np.ndarray, alive: np.ndarray, table: Table, active: np.ndarray,
            whole: bool) -> tuple[np.ndarray, np.ndarray]:
    """Options that may still be chosen (cases, options) and rows that can still bind (rows,).

    A row that even the heaviest options keep within its amount is dropped. An option is dropped when one that uses no
    remaining row costs no more, so a case whose cheapest option is free of all rows is settled; with `whole` also when
    it exceeds a row although all other cases take their lightest option (not for relaxed problems, where a part of it
    may be taken). The optimum stays.
    """
    alive, active, limit = alive.copy(), active.copy(), most(table.amount)
    numbers = np.arange(cost.shape[1])
    while True:
        before = alive.sum(), active.sum()
        entries, least, lightest, heaviest = case_uses(table, alive, active)
        option, row = table.option[entries], table.row[entries]
        if whole:
            alive.ravel()[option[table.use[entries] - least + lightest[row] > limit[row]]] = False
        active &= heaviest > limit
        busy = np.zeros(cost.size, dtype=bool)
        busy[option[active[row]]] = True
        idle = alive & ~busy.reshape(cost.shape)
        price = np.where(idle, cost, np.inf)
        best = price.argmin(axis=1)
        alive &= (cost < price.min(axis=1)[:, None]) | (idle & (numbers == best[:, None]))
        if before == (alive.sum(), active.sum()):
            return alive, active


def settled_order(cases: np.ndarray, cost: np.ndarray, acceptable: np.ndarray, limits: list[Limit]) -> np.ndarray:
    """The cases sorted by their content, so that the order of the inputs cannot change what the solver returns."""
    columns = [cost[cases], acceptable[cases]]
    for limit in limits:
        columns += [np.broadcast_to(limit.usage, cost.shape)[cases], np.broadcast_to(limit.group, cost.shape)[cases]]
    return cases[np.lexsort(np.hstack(columns).T[::-1])]
