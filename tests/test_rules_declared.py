"""A rule is declared above its function: what is missing is said at the declaration, and every sentence can
be printed with its numbers."""

from __future__ import annotations

import pkgutil
import re
from dataclasses import replace

import pytest
from shared import world

import optimizer.model.rules as rule_package
from optimizer.domain.assumption import Book
from optimizer.model.declare import MARKET, Rule, names_in, rule
from optimizer.model.rules import FAMILIES, LACKING, PRINTED, RULES, sentence
from optimizer.model.world import World

PROVENANCE = {
    "source": "given in the test",
    "as_of": "2026-11-22",
    "review_by": "2027-11-22",
    "confidence": "official",
}
HELPERS = {"numbers"}  # files of the package that declare no rules


def declared(en: str, zh: str, numbers: dict[str, str]) -> Rule:
    @rule("own.voucher", en=en, zh=zh, numbers=numbers, **PROVENANCE)
    def voucher(_block, _option):
        return True

    return voucher


def printed(key: str, value: float | str, unit: str) -> str:
    """How a sentence prints a number of the base book that is given another value and unit."""
    book = Book(replace(a, value=value, unit=unit) if a.key == key else a for a in world().book.values())
    own = World.of(replace(world().scenario, book=book))
    return sentence(declared("{x}", "{x}", {"x": key.replace("JP.", "{market}.")}), own, "JP", "en")


def digits(key: str) -> str:
    """What must be seen of a number of the base book."""
    if key not in world().book:
        return LACKING
    a = world().book[key]
    return str(a.value) if a.is_text else f"{a.value * (100 if a.unit == 'share' else 1):g}"


def test_the_decorator_gives_the_rule_of_its_function():
    made = declared("above {most}", "超过 {most}", {"most": "own.largest_keep_refund"})
    assert made.id == "own.voucher" and made.refuses(None, None) is True
    assert made.family == "test_rules_declared"  # the file it stands in
    assert names_in(made.en) == ("most",)


@pytest.mark.parametrize(
    ("en", "zh", "numbers", "said"),
    [
        (
            "above {voucher}",
            "超过 {voucher}",
            {"largest": "own.largest_keep_refund"},
            "rule own.voucher: its sentence names {voucher}, which `numbers` does not declare: add 'voucher'"
            " and the key of the assumption it stands for",
        ),
        (
            "above {most}",
            "超过",
            {"most": "own.largest_keep_refund"},
            "rule own.voucher: en names the numbers ('most',), zh names ()",
        ),
        (
            "above {open}",
            "超过 {open}",
            {"open": "provider.*.open"},
            "rule own.voucher: a sentence cannot print {open}, for provider.*.open is not one number of a"
            " market",
        ),
        (
            "above {lead}",
            "超过 {lead}",
            {"lead": "provider.{provider}.lead_days"},
            "rule own.voucher: a sentence cannot print {lead}, for provider.{provider}.lead_days is not one"
            " number of a market",
        ),
    ],
)
def test_a_half_declared_rule_is_refused_where_it_is_declared(en, zh, numbers, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        declared(en, zh, numbers)


def test_a_number_that_no_sentence_prints_may_be_declared():
    assert declared("never", "从不", {"open": "provider.*.open"}).numbers == {"open": "provider.*.open"}


@pytest.mark.parametrize(
    ("key", "value", "unit", "text"),
    [
        ("JP.fba_returnless_cap.amount", 1500.0, "amount", "1500 JPY"),
        ("own.largest_keep_refund", 400.0, "USD", "400 USD"),
        ("own.largest_keep_refund", 0.07, "share", "7%"),
        ("own.largest_keep_refund", 14.0, "days", "14"),
        ("own.largest_keep_refund", 3.0, "count", "3"),
        ("own.largest_keep_refund", 2.5, "kg", "2.5 kg"),
        ("JP.returnless_floor.valid_from", "", "date", LACKING),
    ],
)
def test_a_number_is_printed_as_its_unit_says(key, value, unit, text):
    assert printed(key, value, unit) == text


def test_the_files_of_the_package_are_the_families_in_force():
    files = {m.name for m in pkgutil.iter_modules(rule_package.__path__)}
    assert files == {*FAMILIES, *HELPERS}, "name the file of a new family in model/rules/__init__.py"


@pytest.mark.parametrize("r", [r for r in RULES if names_in(r.en)], ids=lambda r: r.id)
def test_every_number_of_a_sentence_can_be_printed(r):
    for name in names_in(r.en):
        keys = [r.numbers[name].replace(MARKET, market) for market in world().markets]
        found = [key for key in keys if key in world().book]
        assert found, f"{r.id}: {{{name}}} stands for {r.numbers[name]}, which no market has"
        units = {world().book[key].unit for key in found}
        assert units <= set(PRINTED), f"{r.id}: add the unit of {{{name}}} to PRINTED: {units - set(PRINTED)}"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("r", RULES, ids=lambda r: r.id)
def test_every_sentence_is_printed_for_every_market_with_its_numbers(r, lang):
    for market in world().markets:
        said = sentence(r, world(), market, lang)
        assert said.strip() and not set("{}") & set(said)
        for name in names_in(r.en):
            key = r.numbers[name].replace(MARKET, market)
            assert digits(key) in said, f"{r.id} in {market}: {key} is not in {said!r}"


def test_no_number_is_typed_into_the_sentence_of_a_rule_that_refuses():
    """It would stay when the ledger changes. Deadlines are named after theirs."""
    typed = {
        r.id: sentence
        for r in RULES
        if r.effect != "deadline"
        for sentence in (r.en, r.zh)
        if re.search(r"\d", re.sub(r"\{\w+\}", "", sentence))
    }
    assert typed == {}
