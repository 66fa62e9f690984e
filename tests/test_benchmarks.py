"""Every measure of the benchmarks works at tiny sizes, and what it is compared with is the same model."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import assign_report, measures
from benchmarks.__main__ import SIZES, main, table
from benchmarks.floor import floor_pass, line_counts
from benchmarks.page import ASSIGN, PRICING, with_section
from optimizer import load_scenario
from optimizer.model.engine import Engine
from tools.example.cases import catalogue, example_cases

ROOT = Path(__file__).resolve().parents[1]


def test_one_case_at_a_time_costs_the_same_as_all_at_once():
    assert measures.one_by_one(40, 1)["cents"] == measures.pricing(40, 1)["cents"] > 0


def test_floor_covers_the_lines_of_the_catalogue():
    goods = catalogue()
    engine = Engine.of(load_scenario("base"), example_cases(200, 7, "2026-10", goods), goods.products)
    lines = line_counts(engine)
    assert list(lines) == [cell for cell, _ in engine.cells]
    for cell, rows in engine.cells:
        pricer = engine.pricer(cell, rows[:1])
        assert len(lines[cell]) == len(pricer.options) and min(lines[cell]) >= 1
    assert floor_pass(engine, lines) == 200
    assert measures.floor(200, 1)["lines"] == sum(sum(lines[cell]) * len(rows) for cell, rows in engine.cells)


def test_table_gives_ratios_of_processor_time_per_case():
    found = {
        "floor": {"floor": [[9.0, 1.0], [9.0, 3.0], [9.0, 2.0]], "lines": 5_000, "peak_gb": 0.5},
        "pricing": {
            "columns": [[0.5, 1.0]],
            "price": [[2.0, 3.0]],
            "decide": [[0.5, 1.0]],
            "prices": 900,
            "peak_gb": 1.25,
            "cents": 1.0,
        },
        "one_by_one": {"apply": [[0.9, 0.8]], "cents": 1.0, "peak_gb": None},
        "example_run": {"run": [[2.5, 2.4]], "peak_gb": 0.3, "phases": {"read": 0.4, "price": 2.1}},
    }
    lines = table(
        found, {"floor": (1_000, 3), "pricing": (1_000, 1), "one_by_one": (10, 1), "example_run": (0, 1)}
    )
    rows = {
        cells[1].strip(" *"): [c.strip() for c in cells[2:-1]]
        for cells in (line.split("|") for line in lines[2:10])
    }
    assert rows["plain numpy over as many lines: read, multiply, round, add, argmin"] == [
        "1,000",
        "9.000 s",
        "2.000 s",
        "2,000.00 µs",
        "0.50 GB",
        "0.50 ×",
    ]
    assert rows["price and decide"] == ["1,000", "2.500 s", "4.000 s", "4,000.00 µs", "1.25 GB", "1.00 ×"]
    assert rows["decide"] == ["1,000", "0.500 s", "1.000 s", "1,000.00 µs", "", ""]
    assert rows["prepare, price and decide"][1:] == ["3.000 s", "5.000 s", "5,000.00 µs", "1.25 GB", "1.25 ×"]
    # 0.08 s a case against 0.004 s a case
    assert rows["the same model one case at a time, pandas `apply`"] == [
        "10",
        "0.900 s",
        "0.800 s",
        "80,000.00 µs",
        "",
        "20.00 ×",
    ]
    assert rows["example run without workbook, after imports"] == [
        "20,000",
        "2.500 s",
        "2.400 s",
        "120.00 µs",
        "0.30 GB",
        "0.03 ×",
    ]
    assert "takes 2.0 times the numpy floor and is 20 times as fast as one case at a time" in lines[11]
    assert lines[13] == "Phases of the example run: read 0.40 s, price 2.10 s."
    assert (
        "at most 4 s and 1.5 GB for pricing and deciding (2.50 s and 1.25 GB, the case table included,"
        " measured at 1,000)" in lines[15]
    )
    assert "\n".join(lines) in with_section("", PRICING, lines)


def test_a_section_is_replaced_and_the_other_kept():
    page = with_section(with_section("", ASSIGN, ["old"]), PRICING, ["prices"])
    assert with_section(page, ASSIGN, ["new"]) == page.replace("old", "new") and page.index(
        "prices"
    ) < page.index("old")


def test_a_bound_above_a_plan_is_told():
    size = assign_report.Size("dense", 4, 10, ("ours", "lp_core"))
    ours, peer = (
        {"clock": 1.0, "cost": cost, "bound": bound, "exceeded": 0}
        for cost, bound in ((12.0, 11.0), (10.0, 9.0))
    )
    assert assign_report.failures([(size, {"ours": ours, "lp_core": peer})]) == [
        "dense, 4 groups, 10 cases: ours: bound 11.0 above a plan of 10.0"
    ]
    assert assign_report.failures([(size, {"ours": ours | {"bound": 9.5}, "lp_core": peer})]) == []


def test_smoke_prints_the_whole_table():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "pricing", "--smoke"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert re.findall(r"measuring (\w+)", done.stderr) == list(SIZES) == list(measures.MEASURES)
    assert len(re.findall(r"^\| .* s \| .* s \| .* µs \|", done.stdout, re.M)) == 8


def test_smoke_of_the_case_solver_prints_its_tables():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "assign", "--smoke"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (
        len(re.findall(r"^\| [\d,]+ \| \*\*case solver", done.stdout, re.M)) == 4
        and "| failed" not in done.stdout
    )


def test_smoke_is_never_kept():
    refused = CliRunner().invoke(main, ["--smoke", "--write"])
    assert refused.exit_code == 2 and "The times of --smoke mean nothing" in refused.output


def test_failing_measure_is_told(monkeypatch):
    monkeypatch.setattr("benchmarks.__main__.SIZES", {"nothing": ((1, 1), (1, 1))})
    failed = CliRunner().invoke(main, ["pricing", "--smoke"])
    assert (
        failed.exit_code == 1
        and "measure nothing failed" in failed.output
        and "KeyError: 'nothing'" in failed.output
    )


@pytest.mark.parametrize("name", list(measures.MEASURES))
def test_every_measure_has_sizes_and_a_sentence(name):
    full, smoke = SIZES[name]
    assert measures.MEASURES[name].__doc__ and smoke[0] <= 2_000 and full[1] >= smoke[1]
