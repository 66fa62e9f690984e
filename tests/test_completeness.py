"""Nothing is half there: every line, component, rule, resolution, assumption and market has all its parts,
a test and a page. A failure names what is missing."""

from __future__ import annotations

import fnmatch
import importlib
import pkgutil
import re
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from hand_world import HandWorld
from shared import MARKETS

import optimizer.model.components as component_package
import optimizer.model.resolutions as resolution_package
from optimizer.domain.assumption import CONFIDENCES, UNITS
from optimizer.domain.names import CHANNELS, DECIDERS, ISSUES, PLATFORMS
from optimizer.inputs.bundled import BUNDLED
from optimizer.inputs.ledger import read_ledger
from optimizer.inputs.payments.marketplaces import DAY_ORDERS, marketplaces
from optimizer.inputs.scenario import Scenario, read_scenario
from optimizer.model.block import Cell
from optimizer.model.declare import Component, Resolution
from optimizer.model.engine import Engine
from optimizer.model.lines import LINES
from optimizer.model.options import options_of
from optimizer.model.resolutions import RESOLUTION, RESOLUTIONS
from optimizer.model.rules import FAMILIES, RULES, rule_switches
from optimizer.model.world import STAGES, World
from optimizer.solve.decide import UNDECIDED, decide


def _components() -> dict[str, Component]:
    found = {}
    for module in pkgutil.iter_modules(component_package.__path__):
        loaded = importlib.import_module(f"{component_package.__name__}.{module.name}")
        found |= {c.key: c for c in vars(loaded).values() if isinstance(c, Component)}
    return found


COMPONENTS = _components()
CELLS = [Cell("amazon", m, c, i) for m in MARKETS for c in CHANNELS for i in ISSUES]
CHINESE = re.compile("[\u4e00-\u9fff]")
OTHERS_DECIDE = ("platform", "buyer")


@cache
def base() -> Scenario:
    """The base case as its files say it."""
    return read_scenario("base", declared=rule_switches())


@cache
def world() -> World:
    return World.of(base())


def test_every_market_is_looked_at():
    assert tuple(world().markets) == MARKETS


def spread(pattern: str) -> list[str]:
    """Keys of the base book that a declared key stands for; {market}, {class} and the like stand for any."""
    wanted = re.sub(r"\{[a-z]+\}", "*", pattern)
    return fnmatch.filter(list(base().book), wanted)


@cache
def text_of(kind: str) -> str:
    """All tests but this page, or all pages of docs/catalogue."""
    files = (
        [p for p in sorted((ROOT / "tests").glob("*.py")) if p.name != "test_completeness.py"]
        if kind == "tests"
        else sorted((ROOT / "docs" / "catalogue").glob("*.md"))
    )
    return "\n".join(p.read_text(encoding="utf-8") for p in files)


def names(kind: str, key: str) -> bool:
    """Is the key named as a word of its own?"""
    return re.search(rf"(?<![\w.]){re.escape(key)}(?![\w]|\.[a-z])", text_of(kind)) is not None


@cache
def hand_worked() -> str:
    """The tests that work cost components out by hand, which name them in quotation marks."""
    files = [*sorted((ROOT / "tests").glob("test_cost_lines*.py")), ROOT / "tests" / "test_resolutions.py"]
    return "\n".join(p.read_text(encoding="utf-8") for p in files)


def titled(en: str, zh: str) -> bool:
    return bool(en.strip()) and not CHINESE.search(en) and bool(CHINESE.search(zh) or zh == en)


# --- cost lines and components
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", LINES, ids=lambda x: x.key)
def test_cost_line(line):
    feeding = [c for c in COMPONENTS.values() if c.line == line.key]
    assert feeding, f"no component in optimizer/model/components feeds {line.key}"
    assert any(c in r.costs for c in feeding for r in RESOLUTIONS), (
        f"no resolution in optimizer/model/resolutions causes {line.key}"
    )
    assert titled(line.en, line.zh), f"{line.key}: give it a title in English and in Chinese"
    assert line.formula and line.bearer and line.lag_days >= 0 and line.kind in ("cash", "risk")
    assert names("docs", line.key), f"docs/catalogue does not name the line {line.key}: run `make docs`"


@pytest.mark.parametrize("key", COMPONENTS)
def test_component(key):
    c = COMPONENTS[key]
    assert c.line in {x.key for x in LINES}, (
        f"{key} feeds {c.line}, which is not a line of optimizer/model/lines.py"
    )
    assert any(c in r.costs for r in RESOLUTIONS), f"{key}: no resolution uses it"
    assert len(c.formula) > 5, f"{key}: say its formula in words"
    assert set(c.varies) <= {
        "resolution",
        "provider",
        "disposition",
        "offer",
    }, f"{key} varies with {c.varies}"
    assert [p for p in c.reads if not spread(p)] == [], f"{key} declares keys that no market has"
    assert f'"{key}"' in hand_worked(), f"{key}: add a hand-worked case to tests/test_cost_lines.py"
    assert names("docs", key), f"docs/catalogue does not name the component {key}: run `make docs`"


def test_components_have_names_of_their_own():
    used = {c for r in RESOLUTIONS for c in r.costs}
    assert {c.key for c in used} <= set(COMPONENTS) and len({c.key for c in used}) == len(used)


# --- rules
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_rule(rule):
    assert rule.family in FAMILIES and rule.id.split(".")[0] == rule.family, (
        f"{rule.id}: the file it stands in is {rule.family}.py"
    )
    assert titled(rule.en, rule.zh), f"{rule.id}: give it a sentence in English and in Chinese"
    assert rule.source and rule.confidence in CONFIDENCES
    assert date.fromisoformat(rule.as_of) <= date.fromisoformat(rule.review_by), (
        f"{rule.id}: review_by lies before as_of"
    )
    assert rule.valid_from <= rule.valid_to
    assert (
        set(rule.issues) <= set(ISSUES)
        and set(rule.channels) <= set(CHANNELS)
        and set(rule.platforms) <= set(PLATFORMS)
    )
    assert set(rule.markets) <= set(world().markets)
    assert [p for p in rule.numbers.values() if not spread(p)] == [], (
        f"{rule.id} declares keys that no market has"
    )
    assert f"rule.{rule.id}.on" in base().book
    assert names("tests", rule.id), (
        f"{rule.id}: add a case it refuses and one it just lets pass to tests/test_rules.py"
    )
    assert names("docs", rule.id), f"docs/catalogue does not name the rule {rule.id}: run `make docs`"


def test_every_family_has_a_rule_that_decides():
    assert {r.family for r in RULES if r.effect != "deadline"} == set(FAMILIES)


# --- resolutions
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("r", RESOLUTIONS, ids=lambda r: r.key)
def test_resolution(r):
    numbers = [s.pattern for s in base().fields if s.table == "resolution"]
    missing = [n for n in numbers if f"resolution.{r.key}.{n}" not in base().book]
    assert missing == [], f"data/resolutions.csv lacks the row {r.key}"
    assert titled(r.en, r.zh), f"{r.key}: give it a title in English and in Chinese"
    assert r.what.endswith(".") and len(r.what.split()) > 3, f"{r.key}: say in one sentence what is done"
    assert re.fullmatch(r"S\d+", r.seed), f"{r.key}: name the row of the source text it comes from"
    assert r.issues and set(r.issues) <= set(ISSUES), f"{r.key} serves no issue, or one that is not known"
    assert r.channels and set(r.channels) <= set(CHANNELS)
    assert r.costs, f"{r.key}: it costs nothing"
    assert names("tests", r.key), f"{r.key}: add a hand-worked case to tests/test_resolutions.py"
    assert names("docs", r.key), f"docs/catalogue does not name the resolution {r.key}: run `make docs`"


def test_every_declared_way_out_is_in_use():
    modules = [
        importlib.import_module(f"{resolution_package.__name__}.{m.name}")
        for m in pkgutil.iter_modules(resolution_package.__path__)
    ]
    unused = [
        f"{name} of {module.__name__.rpartition('.')[2]}.py"
        for module in modules
        for name, declared in vars(module).items()
        if isinstance(declared, Resolution) and declared not in RESOLUTIONS
    ]
    assert unused == [], "add it to ALL of its file"


@pytest.mark.parametrize("r", [r for r in RESOLUTIONS if r.fallbacks], ids=lambda r: r.key)
def test_fallbacks(r):
    for f in r.fallbacks:
        assert f in RESOLUTION and f != r.key, f"{r.key}: the fallback {f} is not a resolution of its own"
        assert RESOLUTION[f].offers == ("",), f"{r.key}: the fallback {f} is an offer itself"
    for market in world().markets:
        for cell in (Cell("amazon", market, c, i) for c in r.channels for i in r.issues):
            assert any(RESOLUTION[f].serves(cell) for f in r.fallbacks), (
                f"{r.key} in {'/'.join(cell)}: no fallback is available, so it has no option"
            )


@pytest.mark.parametrize("kind", sorted({k for r in RESOLUTIONS for k in r.providers}))
def test_every_kind_of_provider_exists_somewhere(kind):
    assert any(p.kind == kind for p in world().providers.values()), (
        f"no row of data/providers.csv is of kind {kind}"
    )


def test_tables_name_only_what_exists():
    kinds, classes = {k for r in RESOLUTIONS for k in r.providers}, set(world().classes)
    ledger = read_ledger()
    assert {k.split(".")[1] for k in base().book.starting("resolution.")} == set(RESOLUTION)
    assert {p.kind for p in world().providers.values()} <= kinds and {
        p.market for p in world().providers.values()
    } <= {"*", *world().markets}
    assert {c for p in world().providers.values() for c in p.classes} <= classes
    rates = [k.split(".")[1:4] for k in base().book.starting("rate.")]
    assert (
        {p for p, _, _ in rates} <= set(world().providers)
        and {m for _, m, _ in rates} <= {"*", *world().markets}
        and {c for *_, c in rates} <= {"*", *classes}
    )
    for row in ledger.tables["decision_rights.csv"]:
        assert (
            row["decided_by"] in DECIDERS
            and row["issue"] in ("*", *ISSUES)
            and row["channel"] in ("*", *CHANNELS)
            and row["stage"] in ("*", *STAGES)
        )
    for row in ledger.tables["current_practice.csv"]:
        assert (
            row["resolution"] in RESOLUTION
            and row["issue"] in ISSUES
            and row["provider_kind"] in ("*", *kinds)
        )
    regions = {f.region for f in world().markets.values()}
    for row in ledger.tables["entitlements.csv"]:
        assert (
            row["issue"] in ISSUES
            and row["chooser"] in ("buyer", "seller")
            and row["market"] in {"*", *regions, *world().markets, "EU", "US", "GB"}
        )
        assert row["remedy"] in {r.remedy for r in RESOLUTIONS}


# --- markets
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", CELLS, ids="/".join)
def test_every_issue_of_every_channel_and_market(cell):
    options = options_of(world(), cell)
    assert 1 <= len(options) <= 45, f"{'/'.join(cell)} has {len(options)} options"
    assert len(set(options)) == len(options)
    deciders = {world().decided_by(*cell, stage) for stage in STAGES}
    assert deciders <= set(DECIDERS)
    if deciders & set(OTHERS_DECIDE):
        shares = world().outcome_shares(*cell)
        assert set(shares) <= {o.resolution for o in options}, (
            f"data/outcome_shares.csv names outcomes that {'/'.join(cell)} does not offer"
        )
        assert sum(shares.values()) == pytest.approx(1.0), (
            f"the outcomes of {'/'.join(cell)} in data/outcome_shares.csv do not add up to 1"
        )
    assert world().entitlements(cell.market, cell.issue) or cell.issue in (
        "cancel_unshipped",
        "cancel_shipped",
        "lost_in_transit",
    ), f"data/entitlements.csv says nothing of {cell.issue} in {cell.market}"


def test_every_market_has_every_lane_and_a_rate_for_its_currency():
    lanes = {"return_label", "local_out", "mcf", "fba_fulfilment", "fba_removal", "china_out", "to_china"}
    for name, m in world().markets.items():
        assert lanes <= set(m.lanes), f"data/markets/{name}.csv lacks lanes {sorted(lanes - set(m.lanes))}"
        for lane in m.lanes.values():
            assert lane.currency in world().currencies, (
                f"data/markets/{name}.csv: no exchange rate for {lane.currency} of the lane {lane.name}"
            )
            assert (lane.price + lane.per_kg > 0).all() and (np.diff(lane.up_to_kg) > 0).all(), (
                f"data/markets/{name}.csv: lane {lane.name} has a free step"
            )
        assert m.currency in world().currencies, f"data/assumptions/money.csv lacks fx.{m.currency}"
        assert "default" in m.referral.categories, f"data/markets/{name}.csv lacks referral.default"
        assert m.has("duty.default.rate"), f"data/markets/{name}.csv lacks duty.default.rate"
        assert len(m.intake[0]), f"data/markets/{name}.csv lacks warehouse.intake"


@pytest.mark.parametrize("market", MARKETS)
def test_every_market_says_how_its_payment_reports_write_days(market):
    assert {m.days for m in marketplaces().values()} <= set(DAY_ORDERS)
    written = {m.days for m in marketplaces().values() if m.market == market}
    assert written and written <= set(DAY_ORDERS) - {""}, (
        f"data/imports/marketplaces.csv, column days of {market}: say day first, month first or year first"
    )


@pytest.mark.parametrize("market", MARKETS)
def test_a_plain_case_of_every_class_finds_a_way_out(market, tmp_path):
    """One new, undisputed case per channel, issue and class at its usual price."""
    build = HandWorld(tmp_path)
    build.markets = {market: {"currency": world().markets[market].currency}}
    rate = world().currencies[world().markets[market].currency]
    price = dict(zip(world().classes, np.round(world().class_numbers("price") * rate, 2)))
    like_it = {i: build.case("", i, 1.0, market=market, condition="sellable") for i in ISSUES}
    wanted = [(c, i, k) for c in CHANNELS for i in ISSUES for k in world().classes]
    cases = pd.concat([like_it[i] for _, i, _ in wanted], ignore_index=True)
    cases = cases.assign(
        case_id=["/".join(w) for w in wanted],
        channel=[c for c, *_ in wanted],
        product_class=[k for *_, k in wanted],
        item_price=[price[k] for *_, k in wanted],
    )
    plan = decide(Engine.of(base(), cases).price(), len(cases))
    assert cases["case_id"][plan.choice == UNDECIDED].tolist() == []


# --- assumptions
# ------------------------------------------------------------------------------------------------


def test_every_assumption_is_complete():
    lacking = []
    for a in base().book.values():
        wrong = [
            what
            for what, ok in {
                "unit": a.unit in UNITS,
                "source": len(a.source) > 3,
                "as_of": date.fromisoformat(a.as_of) <= date.fromisoformat(a.review_by),
                "confidence": a.confidence in CONFIDENCES,
                "title": bool(a.en.strip() and a.zh.strip()),
                "file": bool(a.file),
                "hard range": not a.out_of_range(),
                "usual range": a.is_text or (a.usual is not None and a.usual[0] <= a.usual[1]),
                "value inside its usual range": not a.unusual(),
                "usual range inside the hard range": (
                    a.is_text
                    or a.hard is None
                    or a.usual is None
                    or (a.hard[0] - 1e-12 <= a.usual[0] and a.usual[1] <= a.hard[1] + 1e-12)
                ),
                "estimate that says so": (
                    a.confidence == "my-estimate" or not a.source.startswith("own estimate")
                ),
            }.items()
            if not ok
        ]
        lacking += [f"{a.file} row {a.row}, {a.key}: {w}" for w in wrong]
    assert lacking == []


def test_every_assumption_of_the_data_folder_is_in_the_catalogue():
    files = {a.file for a in base().book.values()}
    assert [f for f in sorted(files) if f.startswith("data/") and f not in text_of("docs")] == [], (
        "run `make docs`"
    )
    assert {f"data/{p.relative_to(BUNDLED).as_posix()}" for p in BUNDLED.glob("markets/*.csv")} <= files


def test_every_scalar_is_read_by_something():
    """A number that nothing reads would promise an influence it does not have."""
    code = "\n".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "optimizer").rglob("*.py")))
    literals = set(
        re.findall(r'"([a-z][a-z_.0-9]+)["{]', code)
    )  # whole keys, and the heads of families such as acceptance.offer.
    scalars = [k for k, a in base().book.items() if a.file.startswith("data/assumptions/")]
    assert [
        k for k in scalars if not any(k == x or (x.endswith(".") and k.startswith(x)) for x in literals)
    ] == []
