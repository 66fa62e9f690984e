"""What is wrong with the tables of the repair network beyond single values: names that nothing knows,
numbers that must be whole."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.domain.assumption import Assumption, Book
from optimizer.domain.names import BENCHES, TIER_KINDS
from optimizer.errors import Problem, nearest
from optimizer.phrases import Phrase, phrase

_CHOICES = ("free", "open", "closed")
_MONTHS = tuple(f"{month:02d}" for month in range(1, 13))
NETWORK_TABLES = ("terms", "batch", "pricelist", "season", "network")
_WHOLE = (
    "contract_months",
    "longest_wait_months",
    "network.months",
    "network.warranty_months",
    "network.most_stations",
)


def network_holes(book: Book, markets: list[str]) -> Iterator[Problem]:
    """Providers, markets, months, kinds and choices that are not known, and numbers that are not whole."""
    kinds = {
        key.split(".")[1]: str(book[key].value) for key in book.starting("provider.") if key.endswith(".kind")
    }
    benches = [name for name, kind in kinds.items() if kind in BENCHES]
    of_list: dict[str, Assumption] = {}  # provider -> the first kind of its price list
    for key in (key for table in NETWORK_TABLES for key in book.starting(f"{table}.")):
        a, (table, name, *rest) = book[key], key.split(".")
        if table in ("terms", "batch", "pricelist") and name not in benches:
            yield _wrong(
                a, "provider", name, phrase("is not a provider with a bench"), nearest(name, benches)
            )
        if table in ("batch", "season"):
            market = rest[0] if table == "batch" else name
            if market not in ("*", *markets):
                yield _wrong(
                    a, "market", market, phrase("is not a known market"), nearest(market, ["*", *markets])
                )
        if table == "season" and rest[0] not in _MONTHS:
            yield _wrong(a, "month", rest[0], phrase("is not a month"), phrase("Write 01 to 12."))
        if table == "pricelist":
            start = ".".join(rest[:-1])  # the number of units may have a decimal point
            if not start.replace(".", "", 1).isdigit():
                yield _wrong(
                    a,
                    "from_units",
                    start,
                    phrase("is not a number of at least 0"),
                    phrase("Give the units of a month from which the price holds."),
                )
            if rest[-1] == "kind":
                if a.value not in TIER_KINDS:
                    yield _wrong(
                        a, key, str(a.value), phrase("is not known"), nearest(str(a.value), TIER_KINDS)
                    )
                elif of_list.setdefault(name, a).value != a.value:
                    yield _wrong(
                        a,
                        key,
                        str(a.value),
                        phrase("is not the kind of this provider's other rows"),
                        phrase("Choose one of the two for a provider."),
                    )
        if key.endswith(".choice") and table == "terms" and a.value not in _CHOICES:
            yield _wrong(a, key, str(a.value), phrase("is not known"), nearest(str(a.value), _CHOICES))
        if key.endswith(".capacity_hours") and f"terms.{name}.capacity_units" in book:
            yield _wrong(
                a,
                key,
                f"{a.value:g}",
                phrase("stands beside a capacity in units"),
                phrase("Give the capacity in one of the two."),
            )
        if key.endswith(_WHOLE) and not float(a.value).is_integer():
            yield _wrong(
                a, key, f"{a.value:g}", phrase("is not a whole number"), phrase("Give a whole number.")
            )


def _wrong(a: Assumption, column: str, value: str, what: Phrase, fix: Phrase | str) -> Problem:
    return Problem(a.set_by or a.file, None if a.set_by else a.row, column, value, what, fix)
