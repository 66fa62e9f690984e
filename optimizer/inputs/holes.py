"""What a market, provider or class still lacks before cases can be priced: cross checks that single rows
cannot show."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date

from optimizer.domain.assumption import Assumption, Book
from optimizer.domain.names import BATTERIES, BENCHES, REGIONS
from optimizer.domain.sets import WINDOW_FIELDS
from optimizer.errors import Problem, nearest
from optimizer.inputs.network_holes import network_holes
from optimizer.phrases import chain, phrase

_LANES = ("return_label", "local_out", "mcf", "fba_fulfilment", "fba_removal", "china_out", "to_china")
REMITTERS = ("platform", "seller", "none")
PROVIDER_KINDS = ("warehouse", "platform", *BENCHES)
WINDOW_GROUPS = ("standard", "electronics")
HOLIDAY = ("holiday.order_from", "holiday.order_to", "holiday.until")
NO_BOUND = "~"  # how an empty bound stands in the key of an entitlement


def holes(book: Book) -> list[Problem]:
    """Every missing or impossible piece, with its file and key."""
    markets = {k.removesuffix(".tax.rate") for k in book if k.endswith(".tax.rate")}
    currencies = [k.removeprefix("fx.") for k in book.starting("fx.")]
    problems: list[Problem] = []
    for market in sorted(markets):
        problems += _market(book, market, currencies)
    for key in book:
        if key.startswith("provider.") and key.endswith(".kind"):
            problems += _provider(book, key.split(".")[1], markets, currencies)
        if key.startswith("class.") and key.endswith(".battery"):
            problems += _class(book, key.split(".")[1])
    return [
        *problems,
        *_entitlements(book, sorted(markets)),
        *dict.fromkeys(network_holes(book, sorted(markets))),
    ]


def _place(a: Assumption) -> tuple[str, int | None]:
    """File and row of a value; the layer where a scenario set it."""
    return (a.set_by, None) if a.set_by else (a.file, a.row)


def _one_of(book: Book, key: str, allowed: Collection[str]) -> list[Problem]:
    a = book[key]
    if a.value in allowed:
        return []
    return [Problem(*_place(a), key, str(a.value), phrase("is not known"), nearest(str(a.value), allowed))]


def _currency(book: Book, key: str, currencies: list[str]) -> list[Problem]:
    """A currency without an exchange rate: misspelt, or its rate is missing."""
    return [
        p._replace(
            fix=chain(
                [p.fix, phrase("Or add fx.{currency} to data/assumptions/money.csv.", currency=p.value)]
            )
        )
        for p in _one_of(book, key, currencies)
    ]


def _market(book: Book, market: str, currencies: list[str]) -> list[Problem]:
    file = book[f"{market}.currency"].file
    problems: list[Problem] = []

    def missing(key: str, fix: str) -> None:
        problems.append(Problem(file, None, key, "", phrase("is missing"), fix))

    if not re.fullmatch(r"[A-Z]{2}", market):
        problems.append(
            Problem(
                file,
                None,
                "",
                market,
                phrase("is not a market code"),
                phrase("Name the file by the two capital letters of the country, such as FR.csv."),
            )
        )
    problems += _currency(book, f"{market}.currency", currencies)
    problems += _one_of(book, f"{market}.region", tuple(dict.fromkeys((market, *REGIONS))))
    problems += _one_of(book, f"{market}.tax.remitted_by", REMITTERS)
    for lane in _LANES:
        head = f"{market}.lane.{lane}."
        mine = book.starting(head)
        if f"{head}currency" in mine:
            problems += _currency(book, f"{head}currency", currencies)
        else:
            missing(f"lane.{lane}.currency", phrase("Add the currency of the price list."))
        if f"{head}days" not in mine:
            missing(f"lane.{lane}.days", phrase("Add the transit days."))
        if not any(k.startswith(f"{head}upto_") for k in mine):
            missing(f"lane.{lane}.upto_…kg.price", phrase("Add at least one weight break."))
    for key in book.starting(f"{market}.lane."):
        lane = key.split(".")[2]
        if lane not in _LANES:
            problems.append(
                Problem(
                    file,
                    book[key].row,
                    "key",
                    key.removeprefix(f"{market}."),
                    phrase("is a lane that nothing uses"),
                    nearest(lane, _LANES),
                )
            )
    if not any(
        k in book
        for k in (f"{market}.referral.default.whole_above_0", f"{market}.referral.default.portion_above_0")
    ):
        missing("referral.default.portion_above_0", phrase("Add the rate of everything else."))
    if f"{market}.duty.default.rate" not in book:
        missing("duty.default.rate", phrase("Add the duty rate of everything else."))
    if not any(k.startswith(f"{market}.warehouse.intake.upto_") for k in book):
        missing("warehouse.intake.upto_…kg", phrase("Add the fee of receiving a unit."))
    given = [k for k in HOLIDAY if f"{market}.{k}" in book]
    if 0 < len(given) < len(HOLIDAY):
        for key in [k for k in HOLIDAY if k not in given]:
            missing(key, phrase("The three holiday rows belong together."))
    for key in given:
        a = book[f"{market}.{key}"]
        try:
            date.fromisoformat(f"2027-{a.value}")
        except ValueError:
            problems.append(
                Problem(
                    *_place(a),
                    a.key,
                    str(a.value),
                    phrase("is not a day of the year"),
                    phrase("Write it as MM-DD."),
                )
            )
    return problems


def _provider(book: Book, name: str, markets: set[str], currencies: list[str]) -> list[Problem]:
    head = f"provider.{name}."
    classes = [k.split(".")[1] for k in book.starting("class.") if k.endswith(".battery")]
    problems = (
        _one_of(book, f"{head}kind", PROVIDER_KINDS)
        + _one_of(book, f"{head}market", [*sorted(markets), "*"])
        + _currency(book, f"{head}currency", currencies)
    )
    served = book[f"{head}classes"]
    for c in str(served.value).split():
        if c != "*" and c not in classes:
            problems.append(
                Problem(
                    served.file,
                    served.row,
                    f"{head}classes",
                    c,
                    phrase("is not a product class"),
                    nearest(c, classes),
                )
            )
    return problems


def _class(book: Book, name: str) -> list[Problem]:
    return _one_of(book, f"class.{name}.battery", BATTERIES) + _one_of(
        book, f"class.{name}.window_group", WINDOW_GROUPS
    )


def _entitlements(book: Book, markets: list[str]) -> list[Problem]:
    """Bounds that are neither days nor windows, and windows that a market the row holds for does not have."""
    problems: list[Problem] = []
    by_issue: dict[str, dict[str, list[tuple[Assumption, str, str]]]] = {}
    for key in book.starting("entitlement."):
        a, parts = book[key], key.split(".")[1:-1]
        scope, issue, bounds = parts[0], parts[1], parts[2:4] if len(parts) == 5 else parts[2:-1]
        if len(bounds) != 2:
            problems.append(
                Problem(
                    *_place(a),
                    "from_days, to_days",
                    ".".join(bounds),
                    phrase("is not in whole days"),
                    phrase("Round the days."),
                )
            )
            continue
        if all(b.isdigit() for b in bounds) and int(bounds[0]) > int(bounds[1]):
            problems.append(
                Problem(
                    *_place(a),
                    "to_days",
                    bounds[1],
                    phrase("ends before day {day}", day=bounds[0]),
                    phrase("Correct one of the two."),
                )
            )
        for column, bound in zip(("from_days", "to_days"), bounds):
            if bound in WINDOW_FIELDS:
                by_issue.setdefault(issue, {}).setdefault(scope, []).append((a, column, bound))
            elif not bound.isdigit() and bound != NO_BOUND:
                problems.append(
                    Problem(
                        *_place(a),
                        column,
                        bound,
                        phrase("is neither a number of days nor a window of the market"),
                        nearest(bound, WINDOW_FIELDS),
                    )
                )
        by_issue.setdefault(issue, {}).setdefault(scope, [])
    for issue, scopes in by_issue.items():
        for market in markets:
            near = next((s for s in (market, book.text(f"{market}.region"), "*") if s in scopes), "")
            for a, column, bound in scopes.get(near, []):
                problems += [
                    Problem(
                        *_place(a),
                        column,
                        bound,
                        phrase("is a window that {market} does not have", market=market),
                        phrase(
                            "Add {field} to data/markets/{market}.csv, or rows for {market}, {issue}.",
                            field=field,
                            market=market,
                            issue=issue,
                        ),
                    )
                    for field in WINDOW_FIELDS[bound]
                    if f"{market}.{field}" not in book
                ]
    return problems
