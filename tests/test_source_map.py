"""docs/source-map.md names every row of the source text, and nothing that does not exist."""

from __future__ import annotations

import re

from conftest import ROOT

from optimizer.domain.names import CAUSES, ISSUES
from optimizer.inputs.scenario import read_scenario, scenario_names
from optimizer.model.lines import LINE_KEYS
from optimizer.model.resolutions import RESOLUTION, RESOLUTIONS
from optimizer.model.rules import RULE, rule_switches
from optimizer.model.world import World

PAGE = (ROOT / "docs" / "source-map.md").read_text(encoding="utf-8")
ROWS = {m[1]: m[0] for m in re.finditer(r"^\| (S\d+b?) \|.*$", PAGE, re.MULTILINE)}


def test_every_row_is_there():
    assert set(ROWS) == {f"S{n}" for n in range(1, 25)} | {"S18b"}


def test_every_issue_and_every_way_out_stands_in_a_row():
    missing = [k for k in (*ISSUES, *RESOLUTION) if f"`{k}`" not in PAGE]
    assert missing == []


def test_every_way_out_names_a_row_of_the_text():
    assert [r.key for r in RESOLUTIONS if r.seed not in ROWS] == []


def test_rules_and_numbers_named_exist():
    book = read_scenario("base", declared=rule_switches()).book
    named = re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)`", PAGE)
    known = {*RULE, *(k for k in book)}
    fields = {k.split(".", 1)[1] for k in book if re.match(r"[A-Z]{2}\.", k)}
    files = {"root_causes.csv", "summary.json"}
    assert [n for n in named if n not in known and n not in fields and n not in files] == []


def test_plain_names_exist():
    named = set(re.findall(r"`([a-z][a-z0-9_]+)`", PAGE))
    dispositions = {d for r in RESOLUTIONS for d in r.dispositions}
    figures = {
        "reason_text",
        "platform",
        "days",
        "satisfaction",
        "claim_risk",
        "acceptance",
        "claim_factor",
        "review_factor",
    }  # of cases, decisions, providers
    summary = {"return_rates", "local_service", "explain", "saving_per_point"}
    kinds = {p.kind for p in World.of(read_scenario("base", declared=rule_switches())).providers.values()}
    assert (
        named
        - {
            *ISSUES,
            *RESOLUTION,
            *LINE_KEYS,
            *CAUSES,
            *dispositions,
            *kinds,
            *scenario_names(),
            *figures,
            *summary,
        }
        == set()
    )
