"""`limits:` of scenario files -> declarations: what is shared, where, how much there is, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from optimizer.domain.assumption import Book
from optimizer.errors import Problem, nearest
from optimizer.phrases import phrase

EVERY, TOGETHER = "*", "all"  # a group of its own for each; one group over all of them
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])$")
PLACES: dict[str, tuple[str, ...]] = {  # family -> the keys that say where a declaration holds
    "cash_budget": ("market", "month"),
    "provider_capacity": ("provider", "month"),
    "order_defects": ("market",),
    "stock_on_hand": ("sku", "market"),
    "replacements": ("market", "month"),
    "average_days": ("market", "month"),
}
OWN_KEYS = {"provider_capacity": ("unit",), "order_defects": ("share", "days", "orders", "file")}
CAPACITY_UNITS = ("units", "hours")
FROM_ORDERS, FROM_ACCOUNT_HEALTH = "orders", "account_health"
DENOMINATORS = (FROM_ORDERS, FROM_ACCOUNT_HEALTH)  # where the orders are counted that defects are a share of
WITHOUT_AMOUNT = ("order_defects", "stock_on_hand")  # the amount follows from orders or the product list
SETTING = "limit."


@dataclass(frozen=True, slots=True)
class LimitDeclaration:
    """One entry under `limits:`; `amount` is None where it follows from orders, account health or the
    product list."""

    family: str
    place: tuple[str, ...]  # the values of PLACES[family]
    amount: float | None
    because: str
    unit: str = ""  # of a provider's capacity
    share: float = 0.0  # of the orders, below which defects must stay; 0 = as the ledger says
    days: int = 0  # in which orders and defects are counted; 0 = as the ledger says
    orders: str = FROM_ORDERS
    report: str = ""  # path of the account health report
    file: str = ""  # the scenario file, for messages
    required: bool = True  # is it a mistake when no case touches it?

    @property
    def key(self) -> str:
        """Name of the declaration in the trail and behind --set, such as limit.cash_budget.US.2026-10."""
        return SETTING + ".".join([self.family, *self.place])

    @property
    def window(self) -> tuple[float, int]:
        """Share of the orders and days in which they are counted, once `resolved`."""
        if self.share is None or self.days is None:
            raise ValueError(f"{self.key} leaves its share or days to the ledger")
        return self.share, self.days

    def resolved(self, book: Book) -> LimitDeclaration:
        """The declaration with what it leaves to the ledger."""
        if self.family != "order_defects":
            return self
        return replace(
            self,
            share=self.share or book.number("claim.order_defect_share"),
            days=self.days or int(book.number("claim.order_defect_days")),
        )

    def of(self, part: str) -> str:
        """A part of the place, such as its market."""
        return self.place[PLACES[self.family].index(part)]

    def covers(self, place: tuple[str, ...]) -> bool:
        """Does it hold for a group at this place?"""
        return all(own in (EVERY, TOGETHER, there) for own, there in zip(self.place, place))


def defects_covered(declared: Iterable[LimitDeclaration], platform: str, market: str, channel: str) -> bool:
    """Is a limit on order defects in force for seller-fulfilled orders there? Then defects are not paid
    for as money too."""
    return (
        platform == "amazon"
        and channel != "fba"
        and any(d.family == "order_defects" and d.covers((market,)) for d in declared)
    )


def merged_limits(
    before: tuple[LimitDeclaration, ...],
    raw: object,
    file: str,
    folder: Callable[[str], str],
    book: Book,
    reason: Callable[[object], str | None],
) -> tuple[tuple[LimitDeclaration, ...], list[Problem]]:
    """The declarations of a layer on those before it; a declaration at the same place replaces the earlier
    one, `amount: none` removes it.

    `folder` completes the path of a report, `reason` reads a because and gives None where it is not one.
    """
    if raw is None:
        return before, []
    if not isinstance(raw, dict):
        return before, [
            Problem(
                file,
                None,
                "limits",
                str(raw)[:80],
                phrase("is not a list of limits"),
                phrase("Write `limits:`, below it a family, and below that one limit per line."),
            )
        ]
    kept, problems = {d.key: d for d in before}, []
    seen: set[str] = set()
    for family, entries in raw.items():
        column = f"limits.{family}"
        if family not in PLACES:
            problems.append(
                Problem(
                    file,
                    None,
                    "limits",
                    str(family),
                    phrase("is not a family of limits"),
                    nearest(str(family), PLACES),
                )
            )
            continue
        if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
            problems.append(
                Problem(
                    file,
                    None,
                    column,
                    str(entries)[:80],
                    phrase("is not a list of limits"),
                    phrase("Write `limits:`, below it a family, and below that one limit per line."),
                )
            )
            continue
        for number, entry in enumerate(entries, start=1):
            found, wrong = _declaration(str(family), entry, file, f"{column}[{number}]", folder, book, reason)
            problems += wrong
            if found.key in seen:
                problems.append(
                    Problem(
                        file,
                        None,
                        f"{column}[{number}]",
                        " ".join(found.place),
                        phrase("is declared twice"),
                        phrase("Keep one of the two."),
                    )
                )
            seen.add(found.key)
            if entry.get("amount") == "none":
                kept.pop(found.key, None)
            else:
                kept[found.key] = found
    return (before if problems else tuple(kept.values())), problems


def _declaration(
    family: str,
    entry: dict[str, Any],
    file: str,
    column: str,
    folder: Callable[[str], str],
    book: Book,
    reason: Callable[[object], str | None],
) -> tuple[LimitDeclaration, list[Problem]]:
    """One entry, checked key by key."""
    problems: list[Problem] = []

    def wrong(key: str, value: object, what: str, fix: str) -> None:
        problems.append(Problem(file, None, f"{column}.{key}", str(value)[:80], what, fix))

    keys = (*PLACES[family], *OWN_KEYS.get(family, ()), "amount", "because")
    for key in entry:
        if key not in keys:
            wrong(str(key), "", phrase("is not a key of this limit"), nearest(str(key), keys))
    place = tuple(_month_text(entry.get(part, EVERY)) for part in PLACES[family])
    for part, value in zip(PLACES[family], place):
        known = _known(part, book)
        if part == "provider" and part not in entry:
            wrong(part, "", phrase("is missing"), phrase("Name the provider whose capacity is limited."))
        elif part == "month" and value not in (EVERY, TOGETHER) and not _MONTH.match(value):
            wrong(part, value, phrase("is not a month"), phrase("Write it like 2026-10."))
        elif (
            known
            and value not in known
            and (
                value not in (EVERY, TOGETHER)
                or part == "provider"
                or (value == TOGETHER and family in ("order_defects", "stock_on_hand"))
            )
        ):
            wrong(part, value, phrase("is not known"), nearest(value, known))
    amount = entry.get("amount")
    removes = amount == "none"
    if removes:
        amount = None
    elif amount is None and family not in WITHOUT_AMOUNT:
        wrong(
            "amount",
            "",
            phrase("is missing"),
            phrase("Write how much there is, or `none` to lift the limit."),
        )
    elif amount is not None and not _is_amount(amount):
        wrong(
            "amount",
            amount,
            phrase("is not a number of at least 0"),
            phrase("Write how much there is, or `none` to lift the limit."),
        )
        amount = None
    unit = str(entry.get("unit", "units" if family == "provider_capacity" else ""))
    if family == "provider_capacity" and unit not in CAPACITY_UNITS:
        wrong("unit", unit, phrase("is not known"), nearest(unit, CAPACITY_UNITS))
    because = None if entry.get("because") is None else reason(entry["because"])
    if because is None and not removes:
        wrong(
            "because",
            entry.get("because", ""),
            phrase("is not a reason"),
            phrase("Say where the amount comes from: a text, or {{en: …, zh: …}}."),
        )
    more: dict[str, Any] = {}
    if family == "order_defects":
        share, days, orders = entry.get("share"), entry.get("days"), entry.get("orders", FROM_ORDERS)
        if share is not None and (not _is_amount(share) or not 0 < share < 1):
            wrong("share", share, phrase("is not a share between 0 and 1"), phrase("Write for example 0.01."))
        elif days is not None and (
            not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= 366
        ):
            wrong("days", days, phrase("is not a number of days"), phrase("Write for example 60."))
        elif orders not in DENOMINATORS:
            wrong("orders", orders, phrase("is not known"), nearest(str(orders), DENOMINATORS))
        elif orders == FROM_ACCOUNT_HEALTH and not entry.get("file") and not removes:
            wrong(
                "file",
                "",
                phrase("is missing"),
                phrase("Name the account health report, relative to the scenario file."),
            )
        else:
            more = {
                "share": float(share or 0.0),
                "days": days or 0,
                "orders": str(orders),
                "report": folder(str(entry["file"])) if entry.get("file") else "",
            }
    return (
        LimitDeclaration(
            family, place, None if amount is None else float(amount), because or "", unit, file=file, **more
        ),
        problems,
    )


def _known(part: str, book: Book) -> list[str]:
    """Names that a part of a place may have; empty where anything goes."""
    if part == "market":
        return [k.removesuffix(".currency") for k in book if re.fullmatch(r"[A-Z]{2}\.currency", k)]
    if part == "provider":
        return [k.split(".")[1] for k in book.starting("provider.") if k.endswith(".kind")]
    return []


def _month_text(value: object) -> str:
    """A part of a place as text; a date that YAML read as one keeps its digits."""
    return str(value).strip()


def _is_amount(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < float("inf")


def with_amount(
    declared: tuple[LimitDeclaration, ...], key: str, raw: str, because: str
) -> tuple[tuple[LimitDeclaration, ...], LimitDeclaration | None, list[Problem]]:
    """The declarations with another amount at one place, the declaration it was taken from, and what is
    wrong with it."""

    def refused(what: str, fix: str) -> tuple[tuple[LimitDeclaration, ...], None, list[Problem]]:
        return declared, None, [Problem("--set", None, key, raw, what, fix)]

    family, _, rest = key.removeprefix(SETTING).partition(".")
    if family not in PLACES:
        return refused(phrase("is not a family of limits"), nearest(family, PLACES))
    parts = len(PLACES[family])
    place = tuple(rest.rsplit(".", parts - 1))
    own = next((d for d in declared if d.family == family and d.place == place), None)
    base = own or next(
        (d for d in reversed(declared) if d.family == family and len(place) == parts and d.covers(place)),
        None,
    )
    if base is None:
        return refused(
            phrase("is not a limit of this scenario"),
            nearest(key, [d.key for d in declared] or [phrase("none")]),
        )
    try:
        amount = float(raw)
    except ValueError:
        amount = -1.0
    if not 0 <= amount < float("inf"):
        return refused(
            phrase("is not a number of at least 0"),
            phrase("Write for example --set limit.cash_budget.US.2026-10=15000"),
        )
    new = replace(base, place=place, amount=amount, because=because)
    kept = tuple(new if d is own else d for d in declared) if own else (*declared, new)
    return kept, base, []
