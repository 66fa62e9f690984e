"""Account health: counts per channel, the room to each limit, and contradictions said aloud."""

from __future__ import annotations

import copy
import json

import pandas as pd
import pytest
from inputs_known import sample
from report_files import HEALTH

from optimizer.errors import InputError
from optimizer.inputs.account_health import read_account_health, sentences
from optimizer.inputs.recognising import kinds_that_fit
from optimizer.report.imported import write_table


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(report: object, name: str = "health.json") -> str:
    with open(name, "w", encoding="utf-8") as file:
        file.write(report if isinstance(report, str) else json.dumps(report))
    return name


def test_counts_and_room_per_channel():
    found = read_account_health(written(HEALTH))
    table = found.table.set_index(["metric", "channel"])
    # Most defects below 1 % of 1,000 orders: 9, of which 4 are there; below 1 % of 250: 2, and 3 are there.
    assert table.loc[
        ("order_defect_rate", "merchant"), ["market", "orders", "defects", "headroom"]
    ].tolist() == ["DE", 1000, 4, 5]
    assert table.loc[("order_defect_rate", "fba"), ["orders", "defects", "headroom"]].tolist() == [250, 3, -1]
    assert table.loc[("late_shipment_rate", ""), "headroom"] == -11  # 39 are allowed, 50 are there
    assert pd.isna(table.loc[("valid_tracking_rate", ""), "headroom"])  # a floor leaves no room to count
    assert found.rows == 5 == len(table) + sum(found.skipped.values()) and found.rejects == []
    assert (
        sentences(found.table)[0]
        == "DE merchant: order defect rate (ODR) 0.40% of 1,000; 5 more stay below the limit of 1.00%"
    )
    assert (
        sentences(found.table)[1]
        == "DE fba: order defect rate (ODR) 1.20% of 250, above the limit of 1.00%: 1 too many"
    )


def test_a_rate_that_its_counts_contradict_is_said():
    report = copy.deepcopy(HEALTH)
    report["performanceMetrics"][0]["orderDefectRate"]["mfn"]["rate"] = 0.009
    found = read_account_health(written(report))
    assert found.table["rate"].iloc[0] == 0.004
    assert found.notes == [
        "health.json: performanceMetrics/1/orderDefectRate/mfn: the report says 0.9000%, its counts give"
        " 0.4000% (4 of 1,000); the counts are used"
    ]


def test_both_spellings_of_the_cancellation_rate_and_unknown_marketplaces():
    report = {
        "performanceMetrics": [
            {
                "marketplaceId": "XYZ",
                key: {"orderCount": 10, "cancellationCount": 1, "rate": 0.1, "targetValue": 0.025},
            }
            for key in ("preFulfillmentCancellationRate", "prefulfillmentCancelRate")
        ]
    }
    found = read_account_health(written(report))
    assert (
        found.table["metric"].tolist() == ["cancellation_rate"] * 2
        and found.table["market"].tolist() == ["XYZ"] * 2
    )
    assert (
        "health.json: marketplace XYZ is not known; add it to data/imports/marketplace_ids.csv" in found.notes
    )


def test_the_table_comes_back_as_it_was_written():
    found = read_account_health(written(HEALTH))
    text = write_table(found, "out.csv", None)
    assert text.splitlines()[0] == "5 rows = 4 taken + 1 skipped + 0 rejected"
    words = dict.fromkeys(("market", "channel", "metric", "from_date", "to_date", "status"), "")
    again = pd.read_csv("out.csv", encoding="utf-8-sig").fillna(words)
    pd.testing.assert_frame_equal(again.astype(found.table.dtypes.to_dict()), found.table)


@pytest.mark.parametrize(
    ("change", "column", "problem"),
    [
        ({"orderCount": -1}, "orderCount", "is not a whole number of at least 0"),
        ({"orderCount": "many"}, "orderCount", "is not a whole number of at least 0"),
        ({"orderCount": None}, "orderCount", "is missing"),
        ({"orderWithDefects": {"count": 1.5}}, "orderWithDefects", "is not a whole number of at least 0"),
        ({"targetValue": True}, "targetValue", "is not a number of at least 0"),
    ],
)
def test_numbers_that_are_none_are_rejected_with_their_path(change, column, problem):
    report = copy.deepcopy(HEALTH)
    report["performanceMetrics"][0]["orderDefectRate"]["mfn"] |= change
    found = read_account_health(written(report))
    assert [(p.column, p.problem) for p in found.rejects] == [
        (f"performanceMetrics/1/orderDefectRate/mfn/{column}", problem)
    ]
    assert found.rows == len(found.table) + sum(found.skipped.values()) + found.rejected_rows


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "is not readable JSON"),
        ("[]", "is missing"),
        ('{"performanceMetrics": []}', "is missing"),
        ('{"performanceMetrics": [1]}', "is missing"),
        ("[" * 100_000, "is not readable JSON"),
    ],
)
def test_what_is_no_such_report_is_refused(content, problem):
    with pytest.raises(InputError, match=problem):
        read_account_health(written(content))


def test_the_sample_says_what_its_counts_say():
    path = sample("account_health/account_health_example.json")
    assert kinds_that_fit(path) == ["account_health"]
    found = read_account_health(path)
    odr = found.table[found.table["metric"] == "order_defect_rate"]
    # 1 % of 539,000 is 5,390; below it are 5,389, less 1,078.
    assert odr["headroom"].tolist() == [4311, 4311] and odr["channel"].tolist() == ["merchant", "fba"]
    assert found.rows == 18 == len(found.table) + sum(found.skipped.values()) and len(found.notes) == 8
