"""A whole run: identities that hold to the cent, files that agree with each other, and an independent
recomputation."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from shared import EIGHTH, cases, decided, scenario

from optimizer import run
from optimizer.model.lines import LINE_KEYS, RISK_LINES
from optimizer.pipeline import EXAMPLE
from optimizer.policy import build_policy


@pytest.fixture(scope="module")
def answer(tables_once):
    return decided()


@pytest.fixture(scope="module")
def folder(answer, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    answer.write(out, options=True)
    return out


@pytest.fixture(scope="module")
def options(folder):
    return pd.read_parquet(folder / "options.parquet")


def cents(column: pd.Series) -> np.ndarray:
    """Money as whole cents; every value must be one."""
    found = np.rint(column.to_numpy(float) * 100)
    assert np.abs(found / 100 - column.to_numpy(float)).max(initial=0) < 1e-9
    return found.astype(np.int64)


def test_lines_of_every_option_add_up_to_its_total(options):
    lines = sum(cents(options[k]) for k in LINE_KEYS)
    assert (lines == cents(options["total"])).all()


def test_choice_is_the_cheapest_acceptable_option_and_ties_go_to_the_earlier(options):
    own = options[~options["decided_by"].isin(["platform", "buyer"])]
    for _, rows in own.groupby("case_id", sort=False):
        acceptable = rows[rows["acceptable"]]
        chosen = rows[rows["chosen"]]
        if acceptable.empty:
            assert chosen.empty
            continue
        assert len(chosen) == 1 and chosen.index[0] == acceptable["total"].idxmin()


def test_every_refused_option_names_its_rules(options):
    assert (options.loc[~options["acceptable"], "refused_by"] != "").all()
    assert (options.loc[options["acceptable"], "refused_by"] == "").all()


def test_expected_outcomes_carry_shares_that_add_up(options, answer):
    others = options[options["decided_by"].isin(["platform", "buyer"])]
    assert len(others) and not others["chosen"].any()
    assert np.allclose(others.groupby("case_id")["share"].sum(), 1.0)
    assert options.loc[~options["decided_by"].isin(["platform", "buyer"]), "share"].isna().all()


def test_decisions_agree_with_the_options(options, answer):
    chosen = options[options["chosen"]].set_index("case_id")
    own = answer.decisions[~answer.decisions["decided_by"].isin(["platform", "buyer"])].set_index("case_id")
    assert set(own.index) == set(chosen.index)
    both = chosen.loc[own.index]
    for column in ("option", "resolution", "provider", "disposition", "offer", "fallback", "decided_by"):
        assert (both[column] == own[column]).all(), column
    for column in ("total", "days", "satisfaction", "claim_risk", *LINE_KEYS):
        assert np.array_equal(both[column], own[column]), column


def test_summary_adds_up(answer):
    s, d = answer.summary, answer.decisions
    total = cents(pd.Series([s["total_cost"]]))[0]
    assert cents(d["total"]).sum() == total
    assert sum(Decimal(str(v)) for v in s["lines"].values()) == Decimal(str(s["total_cost"]))
    assert Decimal(str(s["cash_cost"])) + Decimal(str(s["risk_cost"])) == Decimal(str(s["total_cost"]))
    assert round(sum(s["lines"][k] for k in RISK_LINES), 2) == s["risk_cost"]
    assert round(sum(r["cost"] for r in s["by_resolution"]), 2) == s["total_cost"]
    assert sum(r["cases"] for r in s["by_resolution"]) == s["decided"]
    assert s["decided"] + len(s["undecided"]) == s["cases"] == len(cases(EIGHTH)) == 2500
    assert s["bound"] == s["total_cost"] and s["gap_money"] == 0 and s["status"] == "optimal"
    assert 0 < s["estimate_share"] <= 1


def test_policy_rows_are_acceptable_to_their_members_and_their_extra_cost_adds_up(answer, options):
    policy = answer.policy().set_index("row_id")
    d = answer.decisions
    key = (
        policy[["resolution", "provider", "disposition", "offer", "fallback"]]
        .astype(str)
        .agg("|".join, axis=1)
    )
    members = d.assign(instruction=d["row_id"].map(key))
    own = members[~members["decided_by"].isin(["platform", "buyer"])]
    followed = own.merge(
        options[["case_id", "option", "total", "acceptable"]],
        left_on=["case_id", "instruction"],
        right_on=["case_id", "option"],
        suffixes=("", "_policy"),
    )
    assert len(followed) == len(own)
    assert followed["acceptable"].all()
    extra = cents(followed["total_policy"]) - cents(followed["total"])
    assert (extra >= 0).all()
    by_row = pd.Series(extra).groupby(followed["row_id"].to_numpy()).sum() / 100
    stated = policy["extra_cost"].astype(float)
    assert np.allclose(by_row.reindex(stated.index).fillna(0), stated, atol=1e-9)
    assert round(stated.sum(), 2) == answer.summary["policy_extra_cost"]
    counted = d.groupby("row_id").size().reindex(policy.index).fillna(0)
    assert (counted == policy["cases"]).all()


def test_wildcard_rows_come_last_within_their_issue(answer):
    for _, rows in answer.policy().groupby("issue", sort=False):
        anywhere = ((rows["market"] == "*") & (rows["product_class"] == "*")).to_numpy()
        assert anywhere.any() and anywhere[np.argmax(anywhere) :].all()


def test_files_say_the_same(folder, answer):
    s = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert s == json.loads(json.dumps(answer.summary))
    raw = (folder / "policy.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(folder / "policy.csv", keep_default_na=False)
    assert list(table.columns) == list(answer.policy().columns) and len(table) == len(answer.policy())
    assert sorted(p.name for p in folder.iterdir()) == [
        "decisions.parquet",
        "estimates.csv",
        "options.parquet",
        "policy.csv",
        "policy.md",
        "policy.xlsx",
        "policy_curve.csv",
        "returnless_rules.csv",
        "root_causes.csv",
        "summary.json",
    ]


def test_every_estimate_that_money_rests_on_is_listed(folder, answer):
    listed = pd.read_csv(folder / "estimates.csv")
    book, money = answer.scenario.book, np.abs(answer.decisions[list(LINE_KEYS)].to_numpy()).sum()
    assert len(listed) and all(book[k].is_estimate for k in listed["key"])
    assert listed["money_resting"].is_monotonic_decreasing
    assert (
        0 < listed["money_resting"].iloc[0] <= answer.summary["estimate_share"] * money * 1.2
    )  # outcomes of others are weighed line by line
    contact = listed.set_index("key").loc["contact.cost", "money_resting"]
    assert contact == pytest.approx(answer.summary["lines"]["contact_handling"], rel=0.02)
    assert all((ROOT / f).exists() and row > 1 for f, row in zip(listed["file"], listed["row"]))


def test_two_runs_write_equal_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr("optimizer.answer.run.build_policy", build_policy)  # both build their table
    every = cases(EIGHTH)
    of_two = every[every["market"].isin(["US", "DE"])].head(400)
    digests = []
    for name in ("one", "two"):
        run(scenario(), of_two, EXAMPLE["products"]).write(tmp_path / name, options=True)
        digests.append(
            {
                p.name: hashlib.sha256(p.read_bytes()).hexdigest()
                for p in (tmp_path / name).iterdir()
                if p.name != "summary.json"
            }
        )
    assert digests[0] == digests[1]


def test_current_practice_counts_recorded_costs_and_changes_no_decision(answer):
    recorded = answer.cases.assign(actual_cost=12.34, actual_resolution="keep_full_refund")
    again = run(answer.scenario, recorded, EXAMPLE["products"])
    assert (again.plan.choice == answer.plan.choice).all()
    assert again.figures["current_basis"] == "actual"
    assert again.figures["current_cost"] == round(12.34 * again.figures["decided"], 2)
    assert answer.figures["current_basis"] == "assumed"
