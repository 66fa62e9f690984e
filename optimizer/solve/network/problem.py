"""The repair and return network as tables: who may be opened, what must be served, by which actions, at
which prices."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Real

import numpy as np
import pandas as pd

from optimizer.domain.names import TIER_KINDS
from optimizer.errors import InputError, Problem, nearest
from optimizer.phrases import Phrase, phrase

_LISTED = 20  # places shown per kind of problem; the rest is counted
_LARGEST = 1e15  # of a cost or a number of units
INF = math.inf
PROVIDERS: dict[
    str, object
] = {  # column -> what stands in for it where it is missing or empty; None: it may not be missing
    "provider": None,
    "open_cost": None,
    "monthly_cost": None,
    "capacity": None,
    "close_cost": 0.0,
    "min_units": 0.0,
    "minimum_fee": 0.0,
    "contract_months": 0,
    "ramp": (),
    "initially_open": False,
    "kind": "",
}
DEMAND: dict[str, object] = {"cell": None, "month": None, "units": None}
ACTIONS: dict[str, object] = {
    "cell": None,
    "action": None,
    "unit_cost": None,
    "provider": "",
    "days": 0.0,
    "claim_risk": 0.0,
    "capacity_use": 1.0,
    "lane": "",
    "fee": math.nan,
    "batch_use": 1.0,
}
TIERS: dict[str, object] = {"provider": None, "from_units": None, "unit_price": None, "kind": "all_units"}
_LANES: dict[str, object] = {
    "lane": None,
    "batch_cost": None,
    "batch_units": None,
    "holding_cost": 0.0,
    "longest_wait_months": INF,
}
UNLIMITED = {"capacity": INF}  # what an empty cell of a column that must be there means
_LIMITS = ("average_days", "claims", "budget", "opening_budget", "most_open", "force_open", "force_closed")


@dataclass(frozen=True, eq=False)
class NetworkProblem:
    """Cells with demand per month, actions that serve them, providers that must be open for their actions.

    `providers`: provider, open_cost (in the month it opens), monthly_cost (in every month it is open),
    capacity (capacity use per month; empty = no limit); optional close_cost (in the first month it is closed
    again), min_units (units a month while open, at most what its ramp allows), minimum_fee (what it bills in
    a month while open is at least this), contract_months (stays open so long, at most to the last month),
    ramp (shares of the capacity in the first months after opening), initially_open (open and past its ramp
    and contract before the first month), kind. `demand`: cell, month, units. Months are whole numbers,
    YYYY-MM, or labels in the order of sorting. `actions`: cell, action, unit_cost; optional provider (none:
    needs nobody), days, claim_risk, capacity_use (1), lane, fee (the part of unit_cost that the provider
    bills, for its minimum fee; all of it where not given), batch_use (units that wait for the batch per unit
    served, 1). `tiers`: provider, from_units (of a month), unit_price (added to unit_cost), kind: all_units
    (the price of the tier reached holds for all units; exactly at the threshold the cheaper price holds) or
    incremental (each price holds for the units within its tier). Below the first threshold nothing is added.
    `lanes`: lane, batch_cost, batch_units (per batch; batches are whole), holding_cost (per unit and month of
    waiting), longest_wait_months (0: ships in its month). What still waits after the last month ships in it.
    A technician's trip is a batch. `limits`: average_days and claims (expected, in total) over all units;
    budget (of the cost), opening_budget (of open_cost, not discounted), most_open (providers open in a month;
    a number, or a mapping kind -> number), force_open and force_closed (names; in all months).
    `discount_rate` per month: money of the n-th month counts 1 / (1 + rate) ** (n - 1). `whole_cells`: a cell
    is served by one action only in each month. Raises InputError with every problem at once.
    """

    providers: pd.DataFrame
    demand: pd.DataFrame
    actions: pd.DataFrame
    tiers: pd.DataFrame | None = None
    lanes: pd.DataFrame | None = None
    limits: Mapping[str, object] | None = None
    discount_rate: float = 0.0
    whole_cells: bool = False
    months: tuple[object, ...] = field(init=False, default=())

    def __post_init__(self):
        problems: list[Problem] = []
        read = {
            "providers": _table("providers", self.providers, PROVIDERS, problems),
            "demand": _table("demand", self.demand, DEMAND, problems),
            "actions": _table("actions", self.actions, ACTIONS, problems),
            "tiers": _table("tiers", self.tiers, TIERS, problems),
            "lanes": _table("lanes", self.lanes, _LANES, problems),
        }
        if not problems:
            _check_values(read, problems)
            _check_names(read, problems)
            limits = _checked_limits(self.limits, read["providers"], problems)
        if (
            isinstance(self.discount_rate, bool)
            or not isinstance(self.discount_rate, Real)
            or not -1 < self.discount_rate < INF
        ):
            problems.append(
                Problem(
                    "discount_rate",
                    None,
                    "",
                    str(self.discount_rate),
                    phrase("is not a rate per month"),
                    phrase("Give for example 0.005."),
                )
            )
        if problems:
            raise InputError(problems)
        for name, frame in read.items():
            object.__setattr__(self, name, frame)
        object.__setattr__(self, "limits", limits)
        object.__setattr__(self, "months", _months(read["demand"]["month"]))


def _table(name: str, given: object, columns: dict[str, object], problems: list[Problem]) -> pd.DataFrame:
    """The columns of a table, defaults filled in; what is missing or strange is added to the problems."""
    if given is None and name in ("tiers", "lanes"):
        given = pd.DataFrame(columns=list(columns))
    if not isinstance(given, pd.DataFrame):
        problems.append(
            Problem(name, None, "", repr(given)[:60], phrase("is not a table"), phrase("Give a DataFrame."))
        )
        return pd.DataFrame(columns=list(columns))
    for column in given.columns:
        if column not in columns:
            problems.append(
                Problem(
                    name,
                    None,
                    str(column),
                    "",
                    phrase("is not a column of this table"),
                    nearest(str(column), columns),
                )
            )
    frame = pd.DataFrame(index=range(len(given)))
    for column, default in columns.items():
        if column == "ramp" and column not in given:
            frame[column] = [()] * len(given)
        elif column not in given:
            if default is None:
                problems.append(
                    Problem(name, None, column, "", phrase("is missing"), phrase("Add the column."))
                )
            frame[column] = np.full(len(given), default, object)
        elif column == "ramp":
            frame[column] = [_ramp(value) for value in given[column]]
        else:
            values = given[column].to_numpy(object)
            empty = UNLIMITED.get(column, default)
            frame[column] = values if empty is None else np.where(pd.isna(values), empty, values)
    return frame


def _empty(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value)) or value is pd.NA


def _ramp(value: object) -> tuple[float, ...] | object:
    """Shares as a tuple; what is no list of numbers stays as it is and is refused later."""
    if _empty(value) if np.isscalar(value) or value is None else False:
        return ()
    try:
        return tuple(float(share) for share in value)
    except (TypeError, ValueError):
        return value


def _check_values(read: dict[str, pd.DataFrame], problems: list[Problem]) -> None:
    def numbers(
        name: str, column: str, low: float = -_LARGEST, high: float = _LARGEST, nan: bool = False
    ) -> None:
        raw = read[name][column]
        values = pd.to_numeric(raw, errors="coerce").astype(float) if raw.dtype != bool else raw.astype(float)
        with np.errstate(invalid="ignore"):
            wrong = ~((values >= low) & (values <= high)) & ~(nan & pd.isna(raw.astype(object)))
        span = (
            phrase("Give a number from {low:g} to {high:g}.", low=low, high=high)
            if high < INF
            else phrase("Give a number of at least {low:g}.", low=low)
        )
        _listed(
            name,
            column,
            raw,
            wrong.to_numpy(),
            phrase("is not a number this column can hold"),
            span,
            problems,
        )
        read[name][column] = values

    for column, low, high in (
        ("open_cost", -_LARGEST, _LARGEST),
        ("monthly_cost", -_LARGEST, _LARGEST),
        ("close_cost", -_LARGEST, _LARGEST),
        ("capacity", 0.0, INF),
        ("min_units", 0.0, _LARGEST),
        ("minimum_fee", 0.0, _LARGEST),
        ("contract_months", 0.0, _LARGEST),
    ):
        numbers("providers", column, low, high)
    numbers("demand", "units", 0.0)
    for column, low in (
        ("unit_cost", -_LARGEST),
        ("days", 0.0),
        ("claim_risk", 0.0),
        ("capacity_use", 0.0),
        ("batch_use", 0.0),
    ):
        numbers("actions", column, low)
    numbers("actions", "fee", 0.0, nan=True)
    numbers("tiers", "from_units", 0.0)
    numbers("tiers", "unit_price")
    for column, low, high in (
        ("batch_cost", 0.0, _LARGEST),
        ("batch_units", 1e-9, INF),
        ("holding_cost", 0.0, _LARGEST),
        ("longest_wait_months", 0.0, INF),
    ):
        numbers("lanes", column, low, high)
    whole = {("providers", "contract_months"), ("lanes", "longest_wait_months")}
    for name, column in sorted(whole):
        values = read[name][column].to_numpy(float)
        _listed(
            name,
            column,
            read[name][column],
            np.isfinite(values) & (values != np.floor(values)),
            phrase("is not a whole number"),
            phrase("Give whole months."),
            problems,
        )
    kinds = read["tiers"]["kind"]
    _listed(
        "tiers",
        "kind",
        kinds,
        ~kinds.isin(TIER_KINDS).to_numpy(bool),
        phrase("is not known"),
        nearest("", TIER_KINDS),
        problems,
    )
    ramps = read["providers"]["ramp"]
    _listed(
        "providers",
        "ramp",
        ramps,
        np.array([not isinstance(r, tuple) or not all(0 <= s <= 1 for s in r) for r in ramps], bool),
        phrase("is not a list of shares"),
        phrase("Give shares from 0 to 1, such as [0.25, 0.5]."),
        problems,
    )
    opened = read["providers"]["initially_open"]
    _listed(
        "providers",
        "initially_open",
        opened,
        np.array([v not in (0, 1) for v in opened], bool),
        phrase("is not true or false"),
        phrase("Write true or false."),
        problems,
    )
    if not problems:
        read["providers"]["initially_open"] = opened.astype(bool)


def _check_names(read: dict[str, pd.DataFrame], problems: list[Problem]) -> None:
    def known(name: str, column: str, there: str, whole: str) -> None:
        values = read[name][column].astype(str)
        wrong = (values != "") & ~values.isin(set(read[there][whole].astype(str)))
        _listed(
            name,
            column,
            values,
            wrong.to_numpy(),
            phrase("does not stand in the table {table}", table=there),
            phrase("Add it there, or correct the name."),
            problems,
        )

    for name, column in (("providers", "provider"), ("lanes", "lane")):
        names = read[name][column].astype(str)
        _listed(
            name,
            column,
            names,
            (names == "").to_numpy(),
            phrase("is missing"),
            phrase("Give it a name."),
            problems,
        )
        read[name][column] = names
    for name, columns in (
        ("providers", ["provider"]),
        ("lanes", ["lane"]),
        ("demand", ["cell", "month"]),
        ("actions", ["cell", "action", "provider"]),
        ("tiers", ["provider", "from_units"]),
    ):
        twice = read[name].duplicated(columns).to_numpy(bool)
        named = pd.Series(
            [" ".join(map(str, row)) for row in read[name].loc[twice, columns].itertuples(index=False)],
            np.flatnonzero(twice),
            dtype=object,
        )
        _listed(
            name,
            columns[-1],
            named,
            twice,
            phrase("stands twice in the table"),
            phrase("Keep one of the two."),
            problems,
        )
    read["actions"]["provider"] = read["actions"]["provider"].astype(str)
    read["actions"]["lane"] = read["actions"]["lane"].astype(str)
    read["tiers"]["provider"] = read["tiers"]["provider"].astype(str)
    known("actions", "provider", "providers", "provider")
    known("actions", "lane", "lanes", "lane")
    known("tiers", "provider", "providers", "provider")
    served = set(read["actions"]["cell"])
    some = read["demand"]["units"].to_numpy(float) > 0
    _listed(
        "demand",
        "cell",
        read["demand"]["cell"],
        some & ~read["demand"]["cell"].isin(served).to_numpy(bool),
        phrase("has no action that serves it"),
        phrase("Give the cell at least one action, such as a refund."),
        problems,
    )
    mixed = read["tiers"].groupby("provider")["kind"].nunique()
    problems += [
        Problem(
            "tiers",
            None,
            "kind",
            str(name),
            phrase("has tiers of both kinds"),
            phrase("Choose one of the two for a provider."),
        )
        for name in mixed.index[mixed > 1]
    ]
    fees = read["providers"].drop_duplicates("provider").set_index("provider")["minimum_fee"]
    charged = read["actions"]["provider"].map(fees).fillna(0.0).to_numpy(float) > 0
    missing = read["actions"]["fee"].isna().to_numpy() & (read["actions"]["unit_cost"].to_numpy(float) < 0)
    _listed(
        "actions",
        "fee",
        read["actions"]["unit_cost"],
        charged & missing,
        phrase("is a cost below 0, so that what the provider bills is not known"),
        phrase("Give the fee of the action."),
        problems,
    )


def _checked_limits(given: object, providers: pd.DataFrame, problems: list[Problem]) -> dict[str, object]:
    """The limits in force; `most_open` as a mapping kind -> number with '' for all kinds, the forced as
    tuples of names."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        problems.append(
            Problem(
                "limits",
                None,
                "",
                repr(given)[:60],
                phrase("is not a mapping"),
                phrase("Give names and amounts."),
            )
        )
        return {}
    found: dict[str, object] = {}
    names, kinds = set(providers["provider"]), set(providers["kind"].astype(str))

    def amount(name: str, value: object) -> bool:
        right = isinstance(value, Real) and not isinstance(value, bool) and 0 <= value < INF
        if not right:
            problems.append(
                Problem(
                    "limits",
                    None,
                    name,
                    str(value)[:60],
                    phrase("is not a number of at least 0"),
                    phrase("Give an amount, or leave the limit out."),
                )
            )
        return right

    for name, value in given.items():
        if name not in _LIMITS:
            problems.append(
                Problem(
                    "limits",
                    None,
                    str(name),
                    "",
                    phrase("is not a limit of a network"),
                    nearest(str(name), _LIMITS),
                )
            )
        elif value is None:
            continue
        elif name in ("force_open", "force_closed"):
            forced = (value,) if isinstance(value, str) else tuple(map(str, value))
            problems += [
                Problem("limits", None, str(name), p, phrase("is not known"), nearest(p, names))
                for p in forced
                if p not in names
            ]
            found[name] = forced
        elif name == "most_open":
            most = dict(value) if isinstance(value, Mapping) else {"": value}
            problems += [
                Problem("limits", None, str(name), str(k), phrase("is not known"), nearest(str(k), kinds))
                for k in most
                if k not in ("", *kinds)
            ]
            if all(amount(name, n) for n in most.values()):
                found[name] = most
        elif amount(name, value):
            found[name] = float(value)
    both = sorted(set(found.get("force_open", ())) & set(found.get("force_closed", ())))
    problems += [
        Problem(
            "limits",
            None,
            "force_closed",
            p,
            phrase("is forced open and closed"),
            phrase("Choose one of the two."),
        )
        for p in both
    ]
    return found


def _listed(
    name: str,
    column: str,
    values: pd.Series,
    wrong: np.ndarray,
    what: Phrase,
    fix: str,
    problems: list[Problem],
) -> None:
    """Adds one problem per wrong row, at most so many; the rest is counted."""
    rows = np.flatnonzero(wrong)
    for row in rows[:_LISTED].tolist():
        problems.append(Problem(name, row + 2, column, str(values.loc[row])[:80], what, fix))
    if len(rows) > _LISTED:
        problems.append(
            Problem(
                name,
                None,
                column,
                "",
                phrase("{count:,} more rows like these", count=len(rows) - _LISTED),
                "",
            )
        )


def _months(given: pd.Series) -> tuple[object, ...]:
    """All months from the first to the last; labels of another kind in the order of sorting."""
    some = sorted(set(given.tolist()), key=_order(given))
    if not some:
        return ()
    if all(isinstance(m, (int, np.integer)) and not isinstance(m, bool) for m in some):
        return tuple(range(int(some[0]), int(some[-1]) + 1))
    if all(isinstance(m, str) and len(m) == 7 and m[4] == "-" and (m[:4] + m[5:]).isdigit() for m in some):
        return tuple(str(m) for m in pd.period_range(some[0], some[-1], freq="M"))
    return tuple(some)


def _order(given: pd.Series) -> Callable[[object], object]:
    return str if given.map(type).nunique() > 1 else (lambda month: month)
