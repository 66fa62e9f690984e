"""The book compiled into facts that pricing reads: markets, providers, classes, rights and entitlements."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from optimizer.domain.assumption import Assumption, Book
from optimizer.domain.calendar import DAYS_PER_MONTH
from optimizer.domain.sets import WINDOW_FIELDS
from optimizer.errors import InputError, Problem
from optimizer.inputs.holes import NO_BOUND
from optimizer.inputs.scenario import Scenario
from optimizer.model.lanes import Lane, ReferralFees, read_lanes, read_referral_fees
from optimizer.phrases import phrase

GRADES = ("new", "like_new", "good", "repairable", "scrap")
STAGES = ("unshipped", "shipped", "in_window", "after_window")


class Entitlement(NamedTuple):
    """What a buyer may have, from one bound to another: days since delivery, or a window (to: while it
    lasts; from: once it has ended)."""

    first: int | str
    last: int | str
    chooser: str
    remedy: str
    share: float  # of buyers who go along when it is proposed
    valid_from: str  # first order day


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody who holds stock, takes returns or repairs; prices in its own currency."""

    name: str
    kind: str
    market: str
    currency: str
    classes: tuple[str, ...]  # empty = all
    open: bool
    numbers: dict[str, float]

    def __getitem__(self, what: str) -> float:
        return self.numbers[what]


class Market:
    """The facts of one market; numbers by their key without the market's prefix."""

    def __init__(self, book: Book, name: str):
        self.name, self._book = name, book
        self.currency = book.text(f"{name}.currency")
        self.region = book.text(f"{name}.region")
        self.lanes: dict[str, Lane] = read_lanes(book, name)
        self.referral: ReferralFees = read_referral_fees(book, name)
        self.intake = self._steps("warehouse.intake.upto_")

    def number(self, key: str, default: float | None = None) -> float:
        return self._book.number(f"{self.name}.{key}", default)

    def text(self, key: str, default: str | None = None) -> str:
        return self._book.text(f"{self.name}.{key}", default)

    def has(self, key: str) -> bool:
        return f"{self.name}.{key}" in self._book

    def window_days(self, name: str) -> dict[str, float]:
        """Days since delivery that a named window lasts, by the field they stand in; guarantees are
        30.4375 days a month."""
        return {
            f: self.number(f) * (DAYS_PER_MONTH if f.endswith("months") else 1.0) for f in WINDOW_FIELDS[name]
        }

    @property
    def tax_in_price(self) -> float:
        """Tax rate contained in the price that a refund gives back at no cost to the seller."""
        included = self.number("tax.price_includes") and self.text("tax.remitted_by") != "none"
        return self.number("tax.rate") if included else 0.0

    def _steps(self, start: str) -> tuple[np.ndarray, np.ndarray]:
        found = sorted(
            (float(k.rpartition("upto_")[2].removesuffix("kg")), self._book.number(k))
            for k in self._book.starting(f"{self.name}.{start}")
        )
        return np.array([kg for kg, _ in found]), np.array([fee for _, fee in found])


@dataclass(frozen=True)
class World:
    """Everything the model reads besides the cases."""

    scenario: Scenario
    markets: dict[str, Market] = field(default_factory=dict)

    @classmethod
    def of(cls, scenario: Scenario, only: str | None = None) -> World:
        """All markets of the scenario, or one."""
        codes = (
            [only]
            if only
            else [
                k.removesuffix(".currency") for k in scenario.book if re.fullmatch(r"[A-Z]{2}\.currency", k)
            ]
        )
        return cls(scenario, {code: Market(scenario.book, code) for code in codes})

    @property
    def book(self) -> Book:
        return self.scenario.book

    @cached_property
    def classes(self) -> tuple[str, ...]:
        return tuple(
            k.removeprefix("class.").removesuffix(".price")
            for k in self.book.starting("class.")
            if k.endswith(".price")
        )

    def class_numbers(self, what: str) -> np.ndarray:
        """One field of all classes, in the order of `classes`.   (K,)"""
        return np.array([self.book.number(f"class.{c}.{what}") for c in self.classes])

    def class_texts(self, what: str) -> tuple[str, ...]:
        return tuple(self.book.text(f"class.{c}.{what}") for c in self.classes)

    @cached_property
    def dates(self) -> tuple[Assumption, ...]:
        """Assumptions that are days."""
        return tuple(a for a in self.book.values() if a.unit == "date")

    @cached_property
    def currencies(self) -> dict[str, float]:
        """Units of each currency per US dollar."""
        return {k.removeprefix("fx."): self.book.number(k) for k in self.book.starting("fx.")}

    @cached_property
    def reporting(self) -> str:
        currency = self.book.text("reporting.currency")
        if currency not in self.currencies:
            raise InputError(
                [
                    Problem(
                        "assumptions",
                        None,
                        "reporting.currency",
                        currency,
                        phrase("has no exchange rate"),
                        phrase("Known: {names}.", names=", ".join(self.currencies)),
                    )
                ]
            )
        return currency

    def rate(self, currency: str) -> float:
        """Factor from an amount in `currency` to the reporting currency."""
        return (
            1.0 if currency == self.reporting else self.currencies[self.reporting] / self.currencies[currency]
        )

    @cached_property
    def landed_factor(self) -> float:
        """Landed costs follow the yuan: 1 + yuan share x (quoted rate / planning rate - 1)."""
        b = self.book
        return 1.0 + b.number("landed.cny_share") * (
            b.number("landed.quoted_cny_rate") / b.number("fx.CNY") - 1.0
        )

    @cached_property
    def offer_table(self) -> tuple[np.ndarray, np.ndarray]:
        """Offered shares of the price, ascending, and the share of buyers who accept each.   two arrays"""
        keys = self.book.starting("acceptance.offer.")
        shares = np.array([float(k.removeprefix("acceptance.offer.")) for k in keys])
        order = np.argsort(shares)
        return shares[order], np.array([self.book.number(k) for k in keys])[order]

    @cached_property
    def providers(self) -> dict[str, Provider]:
        found = {}
        for key in self.book.starting("provider."):
            if not key.endswith(".kind"):
                continue
            name = key.removeprefix("provider.").removesuffix(".kind")
            head = f"provider.{name}."
            texts = {
                k.removeprefix(head): self.book.text(k)
                for k in self.book.starting(head)
                if self.book[k].is_text
            }
            numbers = {
                k.removeprefix(head): self.book.number(k)
                for k in self.book.starting(head)
                if not self.book[k].is_text
            }
            classes = () if texts["classes"] == "*" else tuple(texts["classes"].split())
            found[name] = Provider(
                name,
                texts["kind"],
                texts["market"],
                texts["currency"],
                classes,
                bool(numbers["open"]),
                numbers,
            )
        return found

    def providers_in(self, market: str, kinds: tuple[str, ...]) -> list[Provider]:
        """Providers of these kinds that serve the market, kind by kind, in the order of the data."""
        return [
            p
            for kind in kinds
            for p in self.providers.values()
            if p.kind == kind and p.market in (market, "*")
        ]

    def has_local_address(self, market: str) -> bool:
        """Can goods be sent back within the market? True where a warehouse there is in use."""
        return any(p.open for p in self.providers_in(market, ("warehouse",)) if p.market == market)

    def channel_rate(self, provider: Provider, market: str, what: str) -> np.ndarray:
        """Volume-driven cost or waiting per class, from channel_rates; 0 where the table has no row.
        (K,)"""
        found = np.zeros(len(self.classes))
        if self.scenario.basis == "none":
            return found
        for m in ("*", market):  # the market's own row wins over '*'
            for k, name in enumerate(self.classes):
                for c in ("*", name):
                    key = f"rate.{provider.name}.{m}.{c}.{self.scenario.basis}.{what}"
                    if key in self.book:
                        found[k] = self.book.number(key)
        return found

    def grade_mix(self, issue: str, condition: str) -> np.ndarray:
        """Shares of the hidden grades given issue and finding.   (G,), sums to 1"""
        for c in (condition, "unknown"):
            if f"grade.{issue}.{c}.new" in self.book:
                return np.array([self.book.number(f"grade.{issue}.{c}.{g}") for g in GRADES])
        return np.array([0.0, 0.0, 0.0, 0.0, 1.0])

    def decided_by(self, platform: str, market: str, channel: str, issue: str, stage: str) -> str:
        """Who decides, from decision_rights; the row that names most wins."""
        place = (platform, market, channel, issue, stage)
        if place not in self._deciders:
            self._deciders[place] = self._decided_by(*place)
        return self._deciders[place]

    @cached_property
    def _deciders(self) -> dict[tuple[str, ...], str]:
        return {}

    def _decided_by(self, platform: str, market: str, channel: str, issue: str, stage: str) -> str:
        asked = {"platform": platform, "market": market, "channel": channel, "issue": issue, "stage": stage}
        best, most = "seller", -1
        for row in self.scenario.tables["decision_rights.csv"]:
            if all(row[k] in ("*", v) for k, v in asked.items()):
                named = sum(row[k] != "*" for k in asked)
                if named > most:
                    best, most = row["decided_by"], named
        return best

    def outcome_shares(self, platform: str, market: str, channel: str, issue: str) -> dict[str, float]:
        """Shares of the outcomes where the platform or the buyer decides, by resolution."""
        best: dict[str, float] = {}
        most = -1
        groups: dict[tuple[str, str, str], dict[str, float]] = {}
        for key in self.book.starting("outcome."):
            _, p, m, c, i, resolution, _ = key.split(".")
            if p in (platform, "*") and m in (market, "*") and c in (channel, "*") and i == issue:
                groups.setdefault((p, m, c), {})[resolution] = self.book.number(key)
        for names, shares in groups.items():
            named = sum(n != "*" for n in names)
            if named > most:
                best, most = shares, named
        return best

    def entitlements(self, market: str, issue: str) -> list[Entitlement]:
        """Rows for a market; its own rows win over its region's, those over '*'."""
        for scope in (market, self.markets[market].region, "*"):
            rows = [
                r
                for r in self.scenario.tables["entitlements.csv"]
                if r["market"] == scope and r["issue"] == issue
            ]
            if rows:
                return [
                    Entitlement(
                        _bound(r["from_days"], 0),
                        _bound(r["to_days"], 10**6),
                        r["chooser"],
                        r["remedy"],
                        self.book.number(
                            ".".join(
                                [
                                    "entitlement",
                                    scope,
                                    issue,
                                    r["from_days"] or NO_BOUND,
                                    r["to_days"] or NO_BOUND,
                                    r["remedy"],
                                    "share",
                                ]
                            )
                        ),
                        r["valid_from"] or "1900-01-01",
                    )
                    for r in rows
                ]
        return []


def _bound(text: str, otherwise: int) -> int | str:
    """Days, the name of a window, or `otherwise` where the cell is empty."""
    return text if text in WINDOW_FIELDS else int(text or otherwise)
