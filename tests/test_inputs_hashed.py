"""Everything an answer rests on is among its hashed inputs: tables of an own data folder, and reports that
limits name."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from report_files import HEALTH

from optimizer import load_scenario, run
from optimizer.errors import InputError
from optimizer.inputs.account_orders import files_of
from optimizer.inputs.bundled import BUNDLED
from optimizer.inputs.reason_codes import REASON_CODES, reason_codes
from optimizer.pipeline import EXAMPLE, read_inputs
from optimizer.policy.returnless import reasons_of
from optimizer.report.run import Run

CODES = (BUNDLED / REASON_CODES).read_text(encoding="utf-8-sig")


@pytest.fixture(scope="module")
def few():
    """Some seller-fulfilled cases of Germany."""
    cases = read_inputs(load_scenario("base"), None, None, None)[0].frame
    own = cases[(cases["market"] == "DE") & (cases["channel"] == "merchant")]
    return own[own["issue"].isin(("damaged", "unwanted", "a_to_z_claim"))].head(40).reset_index(drop=True)


def scenario_in(folder: Path, codes: str | None = None, limits: str = "", health: dict | None = None) -> Path:
    """A scenario with a data folder of its own and what its limits name."""
    (folder / "data" / "imports").mkdir(parents=True, exist_ok=True)
    if codes is not None:
        (folder / "data" / REASON_CODES).write_text(codes, encoding="utf-8")
    if health is not None:
        (folder / "health.json").write_text(json.dumps(health), encoding="utf-8")
    path = folder / "mine.yaml"
    path.write_text(f"extends: base\ndata: data\n{limits}", encoding="utf-8")
    return path


def decided(path: Path, few) -> Run:
    """A run whose inputs are hashed while they stand as they were read."""
    answer = run(load_scenario(path), few, EXAMPLE["products"])
    assert answer.input_hashes
    return answer


def test_the_reason_codes_of_an_own_folder_are_hashed_and_used(tmp_path, few):
    first = decided(scenario_in(tmp_path, CODES), few)
    changed = CODES.replace("NO_REASON_GIVEN", "NOTHING_SAID")
    second = decided(scenario_in(tmp_path, changed), few)
    name = f"data/{REASON_CODES}"
    assert first.input_hashes[name] != second.input_hashes[name] and first.run_id != second.run_id
    codes = second.scenario.tables[REASON_CODES]
    assert "NOTHING_SAID" in reasons_of(reason_codes(codes))["fba"]["unwanted"].codes


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (",unwanted,unknown,", ",unwonted,unknown,", "column issue: 'unwonted' is not an issue."),
        (",unwanted,unknown,", ",unwanted,bayer,", "column fault: 'bayer' is not known."),
        ("OTHER,OTHER,", "OTHER,OHTER,", "column standard: 'OHTER' is not known."),
        ("OTHER,OTHER,", "ORDERED_WRONG_ITEM,OTHER,", "column code: 'ORDERED_WRONG_ITEM' stands here twice."),
    ],
)
def test_a_reason_code_that_cannot_be_is_refused(old, new, problem, tmp_path):
    assert old in CODES
    with pytest.raises(InputError) as refused:
        load_scenario(scenario_in(tmp_path, CODES.replace(old, new, 1)))
    assert f"data/{REASON_CODES}" in refused.value.text() and problem in refused.value.text()


LIMIT = """limits:
  order_defects:
    - {market: DE, orders: account_health, file: health.json, because: test}
"""


def test_the_account_health_report_of_a_limit_is_hashed_and_read_once(tmp_path, few):
    first = decided(scenario_in(tmp_path, limits=LIMIT, health=HEALTH), few)
    # below 1 % of 1,000 seller-fulfilled orders are 9 defects, of which the report holds 4
    assert [g.amount for limit in first.shared_limits for g in limit.groups] == [5.0]
    report = copy.deepcopy(HEALTH)
    report["performanceMetrics"][0]["orderDefectRate"]["mfn"]["orderWithDefects"]["count"] = 2
    second = decided(scenario_in(tmp_path, limits=LIMIT, health=report), few)
    assert [g.amount for limit in second.shared_limits for g in limit.groups] == [7.0]
    assert first.input_hashes["health.json"] != second.input_hashes["health.json"]
    assert first.run_id != second.run_id


def test_a_report_is_asked_for_when_the_scenario_is_read_and_only_where_it_is_needed(tmp_path):
    path = scenario_in(tmp_path, limits=LIMIT)
    with pytest.raises(InputError, match=r"health\.json"):
        load_scenario(path)
    scenario = load_scenario(path, ["limit.order_defects.DE=3"])
    assert scenario.accounts == {} and "health.json" not in scenario.files


def test_a_market_that_the_report_does_not_hold_is_refused(tmp_path, few):
    path = scenario_in(tmp_path, limits=LIMIT, health=HEALTH)
    path.write_text(path.read_text().replace("market: DE", "market: '*'"), encoding="utf-8")
    with pytest.raises(InputError, match="has no seller-fulfilled orders in this report"):
        run(load_scenario(path), few.assign(market="FR", currency="EUR"), EXAMPLE["products"])


def test_reports_of_one_name_are_told_apart():
    assert list(files_of(["a/health.json", "b/health.json"], ["base.yaml"])) == [
        "health.json",
        "b/health.json",
    ]
