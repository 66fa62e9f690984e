"""What the code declares and what the data folder says know the same names; a name that only one side
knows is a problem with its place."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from optimizer.errors import InputError
from optimizer.inputs.bundled import BUNDLED
from optimizer.model.declarations import declaration_problems
from optimizer.model.resolutions import RESOLUTIONS
from optimizer.model.rules import RULES
from optimizer.pipeline import load_scenario

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def base():
    return load_scenario("base")


def refused(tmp_path: Path, table: str, change: Callable[[Rows], Rows]) -> list[str]:
    """What is said of a scenario whose data folder has `table` after a change of its rows."""
    with (BUNDLED / table).open(encoding="utf-8-sig", newline="") as file:
        rows = change(list(csv.DictReader(file)))
    own = tmp_path / "data" / table
    own.parent.mkdir(parents=True, exist_ok=True)
    if own.parent.name == "markets":  # a folder of markets stands for itself
        for market in (BUNDLED / "markets").glob("*.csv"):
            shutil.copy(market, own.parent)
    with own.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (tmp_path / "mine.yaml").write_text("extends: base\ndata: data\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_scenario(tmp_path / "mine.yaml")
    return [str(p) for p in caught.value.problems]


def first(**changed: str) -> Callable[[Rows], Rows]:
    """The first row, which a spreadsheet shows as row 2, with other values."""
    return lambda rows: [{**rows[0], **changed}, *rows[1:]]


def where(column: str, value: str, **changed: str) -> Callable[[Rows], Rows]:
    """The rows with this value, with other values."""
    return lambda rows: [{**r, **changed} if r[column] == value else r for r in rows]


def test_the_bundled_data_and_declarations_agree(base):
    assert declaration_problems(base, RESOLUTIONS, RULES) == []


def test_a_row_for_a_way_out_that_does_not_exist_and_a_way_out_without_row(tmp_path):
    assert refused(tmp_path, "resolutions.csv", first(resolution="cancel_ordr")) == [
        (
            "data/resolutions.csv, row 2, column resolution: 'cancel_ordr' is not a way out that is declared."
            " Did you mean 'cancel_order'?"
        ),
        (
            "data/resolutions.csv, column resolution: 'cancel_order' is declared and has no row. Add its row"
            " of numbers; docs/add-a-resolution.md says which."
        ),
    ]


@pytest.mark.parametrize(
    ("table", "changed", "said"),
    [
        (
            "current_practice.csv",
            {"issue": "unwantd"},
            "column issue: 'unwantd' is not known. Did you mean 'unwanted'?",
        ),
        (
            "current_practice.csv",
            {"resolution": "refund_los"},
            "column resolution: 'refund_los' is not known. Did you mean 'refund_lost'?",
        ),
        (
            "current_practice.csv",
            {"provider_kind": "warehous"},
            "column provider_kind: 'warehous' is not known. Did you mean 'warehouse'?",
        ),
        (
            "current_practice.csv",
            {"channel": "fbm"},
            "column channel: 'fbm' is not known. Did you mean 'fba'?",
        ),
        (
            "decision_rights.csv",
            {"platform": "amazn"},
            "column platform: 'amazn' is not known. Did you mean 'amazon'?",
        ),
        ("decision_rights.csv", {"market": "UK"}, "column market: 'UK' is not known. Did you mean 'GB'?"),
        (
            "decision_rights.csv",
            {"stage": "in_windw"},
            "column stage: 'in_windw' is not known. Did you mean 'in_window'?",
        ),
        (
            "decision_rights.csv",
            {"decided_by": "platfrm"},
            "column decided_by: 'platfrm' is not known. Did you mean 'platform'?",
        ),
        (
            "entitlements.csv",
            {"issue": "damagd"},
            "column issue: 'damagd' is not known. Did you mean 'damaged'?",
        ),
        (
            "entitlements.csv",
            {"remedy": "refnd"},
            "column remedy: 'refnd' is not known. Did you mean 'refund'?",
        ),
        (
            "entitlements.csv",
            {"chooser": "byer"},
            "column chooser: 'byer' is not known. Did you mean 'buyer'?",
        ),
        (
            "outcome_shares.csv",
            {"resolution": "confirm_adress"},
            "column resolution: 'confirm_adress' is not known. Did you mean 'confirm_new_address'?",
        ),
        (
            "grade_mix.csv",
            {"condition": "unknwn"},
            "column condition: 'unknwn' is not known. Did you mean 'unknown'?",
        ),
        (
            "grade_mix.csv",
            {"issue": "cancel_shiped"},
            "column issue: 'cancel_shiped' is not known. Did you mean 'cancel_shipped'?",
        ),
        ("channel_rates.csv", {"market": "UK"}, "column market: 'UK' is not known. Did you mean 'GB'?"),
        (
            "product_classes.csv",
            {"referral_category": "electronic"},
            "column referral_category: 'electronic' is not known. Did you mean 'electronics'?",
        ),
        (
            "product_classes.csv",
            {"duty_group": "list_1"},
            "column duty_group: 'list_1' is not known. Did you mean 'list_1_3'?",
        ),
    ],
)
def test_a_misspelt_name_in_a_table(tmp_path, table, changed, said):
    assert refused(tmp_path, table, first(**changed)) == [f"data/{table}, row 2, {said}"]


def test_a_misspelt_category_of_a_market(tmp_path):
    found = refused(
        tmp_path,
        "markets/US.csv",
        where("key", "referral.tools.portion_above_0", key="referral.tols.portion_above_0"),
    )
    assert (
        len(found) == 1
        and found[0].startswith("data/markets/US.csv, row ")
        and found[0].endswith("column key: 'tols' is used by no product class. Did you mean 'tools'?")
    )


def test_a_group_of_a_market_that_no_class_has_yet_is_allowed(base):
    assert "US.referral.appliances_compact.portion_above_0" in base.book  # and no class names it


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"issues": ("unwantd",)}, "return_to_fba.issues: 'unwantd' is not known. Did you mean 'unwanted'?"),
        ({"channels": ("fbm",)}, "return_to_fba.channels: 'fbm' is not known. Did you mean 'fba'?"),
        ({"remedy": "refnd"}, "return_to_fba.remedy: 'refnd' is not known. Did you mean 'refund'?"),
        (
            {"providers": ("warehous",)},
            "return_to_fba.providers: 'warehous' is not known. Did you mean 'warehouse'?",
        ),
        (
            {"fallbacks": ("refund_los",)},
            "return_to_fba.fallbacks: 'refund_los' is not known. Did you mean 'refund_lost'?",
        ),
    ],
)
def test_a_misspelt_name_in_a_declaration(base, changed, said):
    wrong = [replace(r, **changed) if r.key == "return_to_fba" else r for r in RESOLUTIONS]
    assert [str(p) for p in declaration_problems(base, wrong, RULES)] == [
        f"optimizer/model/resolutions, column {said}"
    ]


def test_a_fallback_may_not_be_an_offer(base):
    offer = next(r.key for r in RESOLUTIONS if "" not in r.offers)
    wrong = [replace(r, fallbacks=(offer,)) if r.key == "return_to_fba" else r for r in RESOLUTIONS]
    assert [str(p) for p in declaration_problems(base, wrong, RULES)] == [
        f"optimizer/model/resolutions, column return_to_fba.fallbacks: {offer!r} makes an offer itself. Name"
        " a way out that needs no consent."
    ]


def test_a_misspelt_name_in_the_scope_of_a_rule(base):
    rule = next(r for r in RULES if r.issues)
    wrong = [replace(r, issues=("unwantd",)) if r is rule else r for r in RULES]
    assert [str(p) for p in declaration_problems(base, RESOLUTIONS, wrong)] == [
        f"optimizer/model/rules, column {rule.id}.issues: 'unwantd' is not known. Did you mean 'unwanted'?"
    ]


def test_a_lane_without_currency_and_a_currency_without_rate(tmp_path):
    assert refused(
        tmp_path / "a", "markets/US.csv", lambda rows: [r for r in rows if r["key"] != "lane.mcf.currency"]
    ) == ["data/markets/US.csv, column lane.mcf.currency: is missing. Add the currency of the price list."]
    found = refused(
        tmp_path / "b", "assumptions/money.csv", lambda rows: [r for r in rows if r["key"] != "fx.JPY"]
    )
    assert found and all(
        "'JPY' is not known." in text and text.endswith("Or add fx.JPY to data/assumptions/money.csv.")
        for text in found
    )


def test_a_number_that_a_rule_or_a_cost_reads_needs_its_row(base):
    """Said when the scenario is loaded, with who asks for it, not when the first case needs it."""
    rule = next(r for r in RULES if r.id == "own.large_keep_refund")
    rule = replace(rule, numbers={**rule.numbers, "more": "own.nowhere"})
    way = next(r for r in RESOLUTIONS if r.key == "replace_keep_old")
    way = replace(way, costs=(*way.costs, replace(way.costs[0], reads=("packaging.nowhere", "{market}.any"))))
    said = {(p.value, str(p.problem)) for p in declaration_problems(base, [way], [rule])}
    read = {(key, words) for key, words in said if "has no row" in words}
    assert read == {
        ("own.nowhere", "is read by the rule own.large_keep_refund and has no row"),
        ("packaging.nowhere", f"is read by the cost component {way.costs[0].key} and has no row"),
    }
    assert not any("has no row" in str(p.problem) for p in declaration_problems(base, RESOLUTIONS, RULES))
