"""The command line: verbs, exit codes, messages, files whole or absent."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from optimizer.cli import main
from optimizer.pipeline import EXAMPLE

pytestmark = pytest.mark.usefixtures("tables_once")
ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT.parent / "shared" / "formats" / "samples"


class Said(NamedTuple):
    """What a call wrote, and the code it ended with."""

    returncode: int
    stdout: str
    stderr: str


def by_process(*arguments: object) -> Said:
    """The command line as a user calls it."""
    done = subprocess.run(
        [sys.executable, "-m", "optimizer", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def in_here(*arguments: object) -> Said:
    """The same without a process of its own, whose start takes longer than most of what is called here."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([*map(str, arguments)])
        except SystemExit as ended:
            code = ended.code
    return Said(code, out.getvalue(), err.getvalue())


def call(*arguments: object, expect: int = 0, how: Callable[..., Said] = in_here) -> Said:
    """Run the command line; no traceback, whatever happens."""
    done = how(*arguments)
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    assert done.returncode == expect, (done.returncode, done.stderr[-2000:], done.stdout[-500:])
    return done


@pytest.fixture(scope="module")
def some_cases(tmp_path_factory) -> Path:
    """Of two markets, which takes half the time of ten; `apply` meets the others."""
    frame = pd.read_parquet(EXAMPLE["cases"])
    frame = frame[frame["market"].isin(["US", "DE"])].head(1000)
    path = tmp_path_factory.mktemp("cases") / "cases.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def results(some_cases, tmp_path_factory, tables_once) -> Path:
    out = tmp_path_factory.mktemp("results")
    call("run", "base", "--cases", some_cases, "--products", EXAMPLE["products"], "--out", out, "--options")
    return out


def test_run_writes_all_files_and_prints_the_summary(some_cases, tmp_path):
    done = call("run", "base", "--cases", some_cases, "--out", tmp_path / "o", "--no-xlsx", how=by_process)
    assert "1,000 of 1,000 cases decided" in done.stdout or "cases decided" in done.stdout
    assert "Total cost" in done.stdout and "wrote" in done.stderr and "wrote" not in done.stdout
    assert {p.name for p in (tmp_path / "o").iterdir()} == {
        "summary.json",
        "policy.csv",
        "policy.md",
        "policy_curve.csv",
        "root_causes.csv",
        "estimates.csv",
        "returnless_rules.csv",
        "decisions.parquet",
    }


def test_run_in_chinese(some_cases):
    done = call("run", "base", "--cases", some_cases, "--lang", "zh")
    assert "案件" in done.stdout and "Total cost" not in done.stdout


def test_set_moves_the_answer_and_is_traced(some_cases, tmp_path):
    call("run", "base", "--cases", some_cases, "--out", tmp_path / "a", "--no-xlsx")
    done = call(
        "run", "base", "--cases", some_cases, "--out", tmp_path / "b", "--no-xlsx", "--set", "contact.cost=6"
    )
    a, b = (json.loads((tmp_path / x / "summary.json").read_text()) for x in "ab")
    assert b["lines"]["contact_handling"] > a["lines"]["contact_handling"] and a["run_id"] != b["run_id"]
    assert "contact.cost: 0.6 -> 6 (--set: set on the command line)" in done.stdout


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("contact.kost=1", "is not an assumption. Did you mean 'contact.cost'?"),
        ("contact.cost=abc", "'abc' is not a number. Write a number with a decimal point."),
        ("contact.cost=1e9", "must lie between 0 and 50 USD"),
        ("contact.cost", "is not KEY=VALUE. Write for example --set fx.CNY=6.9"),
    ],
)
def test_bad_settings_are_refused(setting, message):
    assert message in call("run", "base", "--set", setting, expect=1).stderr


def test_a_refusal_is_the_same_by_a_process_of_its_own():
    arguments = ("run", "base", "--set", "contact.kost=1")
    assert by_process(*arguments) == in_here(*arguments)


def test_unknown_scenario_names_the_nearest():
    assert (
        "'freight_up_3' is not a scenario. Did you mean 'freight_up_30'?"
        in call("run", "freight_up_3", expect=1).stderr
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("fly", "base"),
        ("run", "base", "--lang", "fr"),
        ("import", "mapped", "x.csv", "--out", "y.csv"),
        ("explain", "base"),
    ],
)
def test_wrong_usage_exits_with_2(arguments):
    call(*arguments, expect=2)


def test_no_arguments_at_all_exit_with_2():
    call(expect=2, how=by_process)


def test_bad_rows_refuse_the_file_and_leave_the_old_output_alone(some_cases, tmp_path):
    out = tmp_path / "o"
    call("run", "base", "--cases", some_cases, "--out", out, "--no-xlsx")
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    bad = pd.read_csv(some_cases, dtype=str)
    bad.loc[4, "item_price"] = "cheap"
    bad.loc[7, "market"] = "XX"
    bad.loc[9, "order_date"] = "2026-02-31"
    file = tmp_path / "bad.csv"
    bad.to_csv(file, index=False)
    raw = file.read_bytes()
    message = call("run", "base", "--cases", file, "--out", out, expect=1).stderr
    assert "3 problems in the inputs" in message
    assert (
        "row 6, column item_price: 'cheap'" in message
        and "row 9, column market: 'XX'" in message
        and "row 11, column order_date: '2026-02-31'" in message
    )
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before and file.read_bytes() == raw


def test_skip_rejects_decides_the_good_rows(some_cases, tmp_path):
    bad = pd.read_csv(some_cases, dtype=str)
    bad.loc[4, "item_price"] = "-3"
    file = tmp_path / "bad.csv"
    bad.to_csv(file, index=False)
    done = call("run", "base", "--cases", file, "--out", tmp_path / "o", "--skip-rejects", "--no-xlsx")
    summary = json.loads((tmp_path / "o" / "summary.json").read_text())
    assert summary["cases"] == 999 and "1 rows left out" in done.stderr
    rejects = pd.read_csv(tmp_path / "o" / "rejects.csv")
    assert list(rejects.columns) == ["file", "row", "column", "value", "problem", "fix"] and rejects[
        "row"
    ].tolist() == [6]


@pytest.mark.parametrize("what", ["missing", "folder", "empty", "header only", "random bytes", "broken xlsx"])
def test_unreadable_files_are_named(what, tmp_path):
    file = tmp_path / ("cases.xlsx" if what == "broken xlsx" else "cases.csv")
    if what == "folder":
        file.mkdir()
    elif what != "missing":
        file.write_bytes(
            {
                "empty": b"",
                "header only": b"case_id,market\n",
                "random bytes": bytes(range(256)) * 8,
                "broken xlsx": b"PK\x03\x04broken",
            }[what]
        )
    message = call("run", "base", "--cases", file, expect=1).stderr
    assert file.name in message and "problem" in message


def test_scenario_loop_is_named(tmp_path):
    (tmp_path / "a.yaml").write_text("extends: b\n")
    (tmp_path / "b.yaml").write_text("extends: a\n")
    assert "a -> b -> a" in call("run", tmp_path / "a.yaml", expect=1).stderr


def test_out_that_is_a_file_is_refused(some_cases, tmp_path):
    (tmp_path / "o").write_text("mine")
    assert (
        "is a file, not a folder"
        in call("run", "base", "--cases", some_cases, "--out", tmp_path / "o", expect=1).stderr
    )
    assert (tmp_path / "o").read_text() == "mine"


def test_explain_says_what_why_and_what_would_flip_it(some_cases):
    frame = pd.read_csv(some_cases)
    case = frame[(frame["issue"] == "warranty_claim") & (frame["channel"] != "fba")]["case_id"].iloc[0]
    text = call("explain", "base", "--case", case, "--cases", some_cases).stdout
    for part in (
        "Do this:",
        "Expected cost",
        "Why: it is the",
        "Why not the others",
        "refused:",
        "What would flip it",
    ):
        assert part in text
    chinese = call("explain", "base", "--case", case, "--cases", some_cases, "--lang", "zh").stdout
    assert "Do this" not in chinese and "Why" not in chinese


def test_explain_of_an_unknown_case_names_the_nearest(some_cases):
    assert (
        "is not among the cases"
        in call("explain", "base", "--case", "C2610-99999x", "--cases", some_cases, expect=1).stderr
    )


def test_check_finds_all_problems_at_once(some_cases, tmp_path):
    assert "no problems found" in call("check", "base", "--cases", some_cases).stdout
    bad = pd.read_csv(some_cases, dtype=str)
    bad.loc[0, "issue"] = "unwantd"
    bad.loc[1, "quantity"] = "0"
    file = tmp_path / "bad.csv"
    bad.to_csv(file, index=False)
    message = call("check", "base", "--cases", file, expect=1).stderr
    assert "2 problems in the inputs" in message and "Did you mean 'unwanted'?" in message


def test_assumptions_list_source_date_and_who_set_it(tmp_path):
    text = call("assumptions", "freight_up_30").stdout
    line = next(x for x in text.splitlines() if x.startswith("freight.outbound_factor = "))
    assert line.startswith("freight.outbound_factor = 1.3 factor") and line.endswith("<- freight_up_30")
    call("assumptions", "base", "--out", tmp_path / "a.csv")
    frame = pd.read_csv(tmp_path / "a.csv")
    assert len(frame) > 1000 and frame["source"].notna().all() and frame["as_of"].notna().all()


def test_apply_covers_every_case_and_prints_the_regret(results, tmp_path):
    done = call(
        "apply",
        results / "policy.csv",
        "--cases",
        ROOT / "data" / "cases_example_next.parquet",
        "--products",
        EXAMPLE["products"],
        "--out",
        tmp_path / "o",
    )
    applied = json.loads((tmp_path / "o" / "apply.json").read_text())
    assert applied["covered"] == applied["cases"] and applied["refused_choices"] == 0
    assert "100.0 %" in done.stdout or "100.0%" in done.stdout


def test_import_list_and_fba_returns(tmp_path):
    assert "fba_returns" in call("import", "--list").stdout
    if not SAMPLES.is_dir():
        pytest.skip(f"{SAMPLES} is missing: the sample reports were not imported")
    for name in ("eu_fba_returns_madeup.txt", "es_devoluciones_localised_cp1252_madeup.txt"):
        out = tmp_path / f"{name}.csv"
        done = call("import", "fba_returns", SAMPLES / "fba_returns" / name, "--market", "DE", "--out", out)
        assert "38 rows = 38 cases + 0 skipped + 0 rejected" in done.stdout
        assert "cases decided" in call("run", "base", "--cases", out).stdout


def test_import_mapped_real_amazon_in_file_and_decide_it(tmp_path):
    if not SAMPLES.is_dir():
        pytest.skip(f"{SAMPLES} is missing: the sample reports were not imported")
    out = tmp_path / "cases.csv"
    done = call(
        "import",
        "mapped",
        SAMPLES / "amazon_in_orders" / "in_2022_orders_5k_full_columns.csv",
        "--map",
        ROOT / "data" / "imports" / "amazon_in_orders.yaml",
        "--out",
        out,
    )
    assert "5,733 rows = 923 cases + 4,810 skipped + 0 rejected" in done.stdout
    call("run", "base", "--cases", out, "--out", tmp_path / "o", "--no-xlsx")
    summary = json.loads((tmp_path / "o" / "summary.json").read_text())
    assert summary["decided"] == 923 and summary["undecided"] == []
