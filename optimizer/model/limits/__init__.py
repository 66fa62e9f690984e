"""Declared limits -> shared limits: amounts by group, and what every option of every case uses of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from optimizer.domain.sets import SELLER_FULFILLED
from optimizer.domain.shared_limit import Group, SharedLimit, Use
from optimizer.errors import InputError, Problem
from optimizer.inputs.limits import EVERY, TOGETHER, LimitDeclaration
from optimizer.model.engine import Engine
from optimizer.model.limits.allowed_defects import allowed_defects
from optimizer.model.limits.families import MEASURES, capacity_in_hours, capacity_in_units
from optimizer.model.pricing import PricedBlock
from optimizer.phrases import phrase

LIMIT_UNITS = {
    "order_defects": "orders",
    "stock_on_hand": "units",
    "replacements": "units",
    "average_days": "days",
}
AVERAGES = {"average_days"}  # families whose amount is an average over the decided cases of the group
Place = tuple[str, ...]


def shared_limits(
    engine: Engine,
    blocks: list[PricedBlock],
    cases: pd.DataFrame,
    orders: pd.DataFrame | None,
    touching_only: bool = False,
) -> list[SharedLimit]:
    """The limits that the scenario declares, in the order of their families; none without declarations.

    Raises InputError for every declaration that no case touches, unless these are left out (`touching_only`:
    a table may be applied to the cases of another month), and where an amount cannot be known.
    """
    declared = [d.resolved(engine.world.book) for d in engine.world.scenario.limits]
    kinds = dict.fromkeys(
        (d.family, d.of("provider") if d.family == "provider_capacity" else "") for d in declared
    )
    found: list[SharedLimit] = []
    problems: list[Problem] = []
    for family, provider in kinds:
        own = [d for d in declared if d.family == family and (not provider or d.of("provider") == provider)]
        try:
            found.append(
                _limit(
                    engine,
                    blocks,
                    cases,
                    orders,
                    family,
                    provider,
                    own,
                    touching_only or not any(d.required for d in own),
                )
            )
        except InputError as refused:
            problems += refused.problems
    if problems:
        raise InputError(problems)
    return [limit for limit in found if limit.groups]


def _limit(
    engine: Engine,
    blocks: list[PricedBlock],
    cases: pd.DataFrame,
    orders: pd.DataFrame | None,
    family: str,
    provider: str,
    declared: list[LimitDeclaration],
    touching_only: bool,
) -> SharedLimit:
    """One limit: places of the cases, the declaration that holds at each, and the use where there is one."""
    units = {d.unit for d in declared if provider}
    if len(units) > 1:
        raise InputError(
            [
                Problem(
                    declared[0].file,
                    None,
                    "limits.provider_capacity",
                    provider,
                    phrase("is limited in units and in hours"),
                    phrase("Choose one of the two for a provider."),
                )
            ]
        )
    measure = MEASURES.get(family) or (capacity_in_hours if units == {"hours"} else capacity_in_units)(
        provider
    )
    months = cases["case_date"].dt.strftime("%Y-%m").to_numpy(object)
    last, touched = cases["case_date"].max(), {}
    codes: dict[Place, int] = {}
    uses: list[Use | None] = []
    counted: dict[int, int] = {}
    for b in blocks:
        group = _groups(engine, b, family, provider, declared, months, last, codes)
        if not (group >= 0).any():
            uses.append(None)
            continue
        pricer = engine.pricer(b.cell, b.rows)
        usage = np.stack(
            [np.broadcast_to(measure(pricer, i), (len(b.rows),)) for i in range(len(b.options))], axis=1
        )
        possible = (b.acceptable & ~b.mixed[:, None]) | (b.mixed[:, None] & (b.shares > 0))
        for code in np.unique(group[((usage > 0) & possible).any(axis=1)]).tolist():
            touched[code] = True
        decided = group[possible.any(axis=1)]
        for code, count in zip(*np.unique(decided[decided >= 0], return_counts=True)):
            counted[int(code)] = counted.get(int(code), 0) + int(count)
        uses.append(Use(usage, group[:, None]) if (usage > 0).any() else None)
    return _numbered(
        engine, family, provider, declared, codes, touched, counted, uses, orders, last, touching_only
    )


def _groups(
    engine: Engine,
    b: PricedBlock,
    family: str,
    provider: str,
    declared: list[LimitDeclaration],
    months: np.ndarray,
    last: pd.Timestamp,
    codes: dict[Place, int],
) -> np.ndarray:
    """Number of the group of every case, -1 where no declaration holds.   (C,)"""
    market, rows = b.cell.market, b.rows
    if family == "order_defects":
        if b.cell.platform != "amazon" or b.cell.channel not in SELLER_FULFILLED:
            return np.full(len(rows), -1)
        group = _coded(np.full(len(rows), market, object), lambda m: (m,), declared, codes)
        d = _holding(declared, (market,))
        first = last - pd.Timedelta(
            days=(d.window[1] if d else 0) - 1
        )  # older cases are no longer in the window
        return np.where(engine.columns.case_day[rows] >= np.datetime64(first, "D"), group, -1)
    if family == "stock_on_hand":
        products = engine.columns.product[rows]
        known = np.isfinite(engine.products.stock_on_hand[products])
        group = _coded(engine.products.sku[products], lambda sku: (sku, market), declared, codes)
        return np.where(known, group, -1)
    if family == "provider_capacity":
        if all(o.provider != provider for o in b.options):
            return np.full(len(rows), -1)
        return _coded(months[rows], lambda month: (provider, month), declared, codes)
    return _coded(months[rows], lambda month: (market, month), declared, codes)


def _coded(
    values: np.ndarray,
    place_of: Callable[[str], Place],
    declared: list[LimitDeclaration],
    codes: dict[Place, int],
) -> np.ndarray:
    """The number of the group at each value; a new group gets the next number.   (C,)"""
    different, unique = pd.factorize(values)
    numbers = []
    for value in unique:
        place = place_of(str(value))
        d = _holding(declared, place)
        if d is None:
            numbers.append(-1)
            continue
        key = tuple(TOGETHER if own == TOGETHER else there for own, there in zip(d.place, place))
        numbers.append(codes.setdefault(key, len(codes)))
    return np.array(numbers, np.int64)[different]


def _holding(declared: list[LimitDeclaration], place: Place) -> LimitDeclaration | None:
    """The declaration that holds at a place: the one that names most of it, the later one among equals."""
    fitting = [d for d in declared if d.covers(place)]
    return (
        max(enumerate(fitting), key=lambda at: (sum(p not in (EVERY, TOGETHER) for p in at[1].place), at[0]))[
            1
        ]
        if fitting
        else None
    )


def _numbered(
    engine: Engine,
    family: str,
    provider: str,
    declared: list[LimitDeclaration],
    codes: dict[Place, int],
    touched: dict[int, bool],
    counted: dict[int, int],
    uses: list[Use | None],
    orders: pd.DataFrame | None,
    last: pd.Timestamp,
    touching_only: bool,
) -> SharedLimit:
    """Groups that are used, in alphabetical order, with their amounts; refuses declarations that hold for
    none of them."""
    places = sorted(place for place, code in codes.items() if code in touched)
    problems: list[Problem] = []
    groups: list[Group] = []
    holding: set[str] = set()
    for place in places:
        d = _holding(declared, place)
        if d is None:  # a group is made only where a declaration holds
            raise ValueError(f"no declaration of {family} holds at {place}")
        holding.add(d.key)
        try:
            groups.append(
                Group(
                    " ".join(place),
                    _amount(engine, d, place, orders, last),
                    d.because,
                    counted[codes[place]] if family in AVERAGES else 1,
                )
            )
        except InputError as refused:
            problems += refused.problems
    problems += [
        Problem(
            d.file,
            None,
            f"limits.{d.family}",
            " ".join(d.place),
            phrase("touches no case"),
            phrase("Remove the limit, or name a place where its cases are."),
        )
        for d in declared
        if d.key not in holding and not touching_only
    ]
    if problems:
        raise InputError(problems)
    number = np.full(len(codes) + 1, -1)
    number[[codes[place] for place in places]] = np.arange(len(places))
    renumbered = tuple(u and Use(u.usage, number[u.group]) for u in uses)
    if family in AVERAGES:
        share = 1.0 / np.array([*(g.averaged for g in groups), 1])  # group -1 takes the last
        renumbered = tuple(u and Use(u.usage * share[u.group], u.group) for u in renumbered)
    unit = declared[0].unit if provider else LIMIT_UNITS.get(family) or engine.world.reporting
    return SharedLimit(family, unit, tuple(groups), renumbered, provider)


def _amount(
    engine: Engine, d: LimitDeclaration, place: Place, orders: pd.DataFrame | None, last: pd.Timestamp
) -> float:
    """How much there is at a place, in the limit's unit."""
    if d.family == "order_defects":
        return allowed_defects(d, place[0], last, orders, engine.world.scenario.accounts)
    if d.family == "stock_on_hand" and d.amount is None:
        first = len(engine.world.classes)
        at = first + int(np.flatnonzero(engine.products.sku[first:] == place[0])[0])
        return float(engine.products.stock_on_hand[at])
    if d.amount is None:
        raise ValueError(f"{d.family} has no amount at {place}")
    return d.amount
