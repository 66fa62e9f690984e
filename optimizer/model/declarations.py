"""What the code and the tables of the data folder say of each other: every name that the other side does
not know."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable

from optimizer.domain.assumption import Assumption, Book
from optimizer.domain.names import (
    CHANNELS,
    CONDITIONS,
    DECIDERS,
    ISSUES,
    MARKET_ALIASES,
    PLATFORMS,
    REGIONS,
    REMEDIES,
)
from optimizer.errors import Problem, nearest
from optimizer.inputs.holes import PROVIDER_KINDS
from optimizer.inputs.ledger import bundled_markets
from optimizer.inputs.scenario import Scenario
from optimizer.model.declare import Resolution, Rule
from optimizer.model.resolutions import RESOLUTION
from optimizer.model.world import STAGES
from optimizer.phrases import phrase

_ANY = "*"
LIKE = 0.8  # this near to a known name, an unknown one is taken for misspelt
CHOOSERS = ("buyer", "seller")


def declaration_problems(
    scenario: Scenario, resolutions: Iterable[Resolution], rules: Iterable[Rule]
) -> list[Problem]:
    """Names that only one side knows, in declarations, in tables of facts and in the keys of numbers, with
    file, row and column."""
    book = scenario.book
    markets = {k[:2] for k in book if re.fullmatch(r"[A-Z]{2}\.currency", k)} | bundled_markets()
    resolutions, rules = tuple(resolutions), tuple(rules)
    return [
        *_rows_of_resolutions(book, resolutions),
        *_declared(resolutions),
        *_scopes(rules),
        *_numbers_without_row(book, resolutions, rules),
        *_facts(scenario, markets),
        *_keys(book, markets),
        *_fee_groups(book),
    ]


def _numbers_without_row(
    book: Book, resolutions: tuple[Resolution, ...], rules: tuple[Rule, ...]
) -> list[Problem]:
    """Numbers that a rule or a cost component reads and that stand nowhere; those of a market, class or
    provider may be missing, for not every one has them."""
    components = {c.key: c for r in resolutions for c in r.costs}
    read = [(key, phrase("the rule {name}", name=r.id)) for r in rules for key in r.numbers.values()]
    read += [
        (key, phrase("the cost component {name}", name=c.key)) for c in components.values() for key in c.reads
    ]
    return [
        Problem(
            "data/assumptions",
            None,
            "key",
            key,
            phrase("is read by {who} and has no row", who=who),
            phrase("Add its row; docs/add-an-assumption.md says how."),
        )
        for key, who in read
        if not set("{*") & set(key) and key not in book
    ]


def _rows_of_resolutions(book: Book, resolutions: tuple[Resolution, ...]) -> list[Problem]:
    """Numbers of ways out that nobody declared, and declared ones without numbers."""
    declared, file = [r.key for r in resolutions], "data/resolutions.csv"
    rows = {k.split(".")[1]: book[k] for k in book.starting("resolution.")}
    return [
        *(
            Problem(
                a.file,
                a.row,
                "resolution",
                name,
                phrase("is not a way out that is declared"),
                nearest(name, declared),
            )
            for name, a in rows.items()
            if name not in declared
        ),
        *(
            Problem(
                file,
                None,
                "resolution",
                name,
                phrase("is declared and has no row"),
                phrase("Add its row of numbers; docs/add-a-resolution.md says which."),
            )
            for name in declared
            if name not in rows
        ),
    ]


def _declared(resolutions: tuple[Resolution, ...]) -> list[Problem]:
    """Names in the declarations of ways out."""
    keys = {r.key for r in resolutions}
    plain = {r.key for r in resolutions if "" in r.offers}
    problems = []
    for r in resolutions:
        parts = {
            "issues": (r.issues, ISSUES),
            "channels": (r.channels, CHANNELS),
            "remedy": ((r.remedy,), REMEDIES),
            "providers": (r.providers, PROVIDER_KINDS),
            "fallbacks": (r.fallbacks, keys),
        }
        problems += [
            _unknown("optimizer/model/resolutions", None, f"{r.key}.{part}", name, known)
            for part, (names, known) in parts.items()
            for name in names
            if name not in known
        ]
        problems += [
            Problem(
                "optimizer/model/resolutions",
                None,
                f"{r.key}.fallbacks",
                name,
                phrase("makes an offer itself"),
                phrase("Name a way out that needs no consent."),
            )
            for name in r.fallbacks
            if name in keys - plain
        ]
    return problems


def _scopes(rules: Iterable[Rule]) -> list[Problem]:
    """Names in the scopes of rules."""
    return [
        _unknown("optimizer/model/rules", None, f"{rule.id}.{part}", name, known)
        for rule in rules
        for part, known in (("issues", ISSUES), ("channels", CHANNELS), ("platforms", PLATFORMS))
        for name in getattr(rule, part)
        if name not in known
    ]


def _facts(scenario: Scenario, markets: Collection[str]) -> list[Problem]:
    """Names in the tables of facts."""
    scopes = {
        "platform": (_ANY, *PLATFORMS),
        "market": (_ANY, *markets, *REGIONS),
        "channel": (_ANY, *CHANNELS),
        "issue": (_ANY, *ISSUES),
    }
    known = {
        "decision_rights.csv": {**scopes, "stage": (_ANY, *STAGES), "decided_by": DECIDERS},
        "current_practice.csv": {
            "channel": scopes["channel"],
            "issue": ISSUES,
            "resolution": RESOLUTION,
            "provider_kind": ("", _ANY, *PROVIDER_KINDS),
        },
        "entitlements.csv": {
            "market": scopes["market"],
            "issue": ISSUES,
            "chooser": CHOOSERS,
            "remedy": REMEDIES,
        },
    }
    return [
        _unknown(f"data/{table}", line, column, row[column], names)
        for table, columns in known.items()
        for line, row in enumerate(scenario.tables[table], start=2)
        for column, names in columns.items()
        if row[column] not in names
    ]


def _keys(book: Book, markets: Collection[str]) -> list[Problem]:
    """Names in the keys of shares of outcomes, of grades and of volume-driven rates; one problem per row."""
    scope = {
        "market": (_ANY, *markets, *REGIONS),
        "channel": (_ANY, *CHANNELS),
        "platform": (_ANY, *PLATFORMS),
        "issue": (_ANY, *ISSUES),
    }
    problems: dict[tuple[object, ...], Problem] = {}
    for key in book:
        table, *parts = key.split(".")
        named = {
            "outcome": ("platform", "market", "channel", "issue", "resolution"),
            "grade": ("issue", "condition"),
            "rate": ("", "market"),
        }.get(table, ())
        known = {**scope, "resolution": RESOLUTION, "condition": CONDITIONS}
        for column, name in zip(named, parts):
            if column and name not in known[column]:
                a = book[key]
                problems[a.file, a.row, column] = _unknown(a.file, a.row, column, name, known[column])
    return list(problems.values())


def _fee_groups(book: Book) -> list[Problem]:
    """Referral categories and duty groups of classes that no market knows, and those of markets that look
    like a class's, misspelt."""
    problems = []
    for field, pattern in (
        ("referral_category", r"[A-Z]{2}\.referral\.([a-z_0-9]+)\.(?:whole|portion)_above_.*"),
        ("duty_group", r"[A-Z]{2}\.duty\.([a-z_0-9]+)\.rate"),
    ):
        priced: dict[str, Assumption] = {m[1]: book[k] for k in book if (m := re.fullmatch(pattern, k))}
        rows = [book[k] for k in book.starting("class.") if k.endswith(f".{field}")]
        used = {str(a.value) for a in rows}
        problems += [
            _unknown(a.set_by or a.file, None if a.set_by else a.row, field, str(a.value), priced)
            for a in rows
            if a.value not in priced
        ]
        for name, a in priced.items():
            like = difflib.get_close_matches(name, used - {name}, n=1, cutoff=LIKE)
            if name not in used and like:
                problems.append(
                    Problem(
                        a.file, a.row, "key", name, phrase("is used by no product class"), nearest(name, like)
                    )
                )
    return problems


def _unknown(file: str, row: int | None, column: str, name: str, known: Collection[str]) -> Problem:
    """A name that is not known; another country's short form is put right."""
    fix = (
        phrase("Did you mean {name!r}?", name=MARKET_ALIASES[name])
        if name in MARKET_ALIASES
        else nearest(name, [k for k in known if k])
    )
    return Problem(file, row, column, name, phrase("is not known"), fix)
