"""The one door to PuLP and HiGHS."""

from __future__ import annotations

import ast
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT

from optimizer.solve import backend
from optimizer.solve.backend import Program


@pytest.fixture(autouse=True, params=["pulp", "arrays"])
def door(request, monkeypatch):
    """Every test goes through both doors: PuLP, and arrays handed to HiGHS."""
    monkeypatch.setattr(backend, "MOST_BY_PULP", {"pulp": 10**9, "arrays": -1}[request.param])


def test_only_the_backend_imports_the_solver():
    users = set()
    for path in [*(ROOT / "optimizer").rglob("*.py"), ROOT / "app.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if path.exists() else ():
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            if any(name.split(".")[0] in ("pulp", "highspy") for name in names):
                users.add(path.relative_to(ROOT).as_posix())
    assert users == {"optimizer/solve/backend.py"}


def test_solving_prints_nothing():
    code = """if True:
        import numpy as np
        from scipy import sparse
        from optimizer.solve.backend import Program, relaxed
        relaxed(np.ones(1), sparse.csc_matrix(np.ones((1, 1))), np.ones(1), 5.0)
        program = Program()
        program.row(program.columns(np.ones(2)), np.ones(2), 1.0, equal=True)
        program.solve()"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def knapsack():
    """min -(10a + 7b + 6c) with 5a + 4b + 3c <= 7: whole, b and c for -13; relaxed, c and four fifths of a
    for -14."""
    program = Program()
    columns = program.columns(np.array([-10.0, -7.0, -6.0]))
    program.row(columns, np.array([5.0, 4.0, 3.0]), 7.0)
    return program


def test_whole_and_relaxed():
    program = knapsack()
    whole = program.solve()
    assert (whole.status, whole.values.round(9).tolist(), whole.bound) == ("optimal", [0.0, 1.0, 1.0], -13.0)
    relaxed = program.solve(whole=False)
    # One more unit of the row is a fifth of a.
    assert relaxed.bound == pytest.approx(-14.0)
    assert relaxed.values == pytest.approx([0.8, 0.0, 1.0])
    assert relaxed.duals == pytest.approx([-2.0])


def test_rows_can_be_equal_and_columns_unbounded_or_fractional():
    program = Program()
    whole = program.columns(np.array([1.0, 1.0]), upper=None)
    part = program.columns(np.array([0.5]), upper=None, whole=False)
    assert (whole.tolist(), part.tolist()) == ([0, 1], [2])
    program.row(np.r_[whole, part], np.array([2.0, 3.0, 1.0]), 7.5, equal=True)
    program.row(part, np.array([1.0]), 0.75)
    answer = program.solve()
    assert answer.status == "optimal"
    assert answer.values.round(9).tolist() == [2.0, 1.0, 0.5]
    assert answer.bound == pytest.approx(3.25)


@pytest.mark.parametrize("whole", [True, False])
def test_infeasible_is_said(whole):
    program = Program()
    columns = program.columns(np.array([1.0, 1.0]))
    program.row(columns, np.ones(2), 3.0, equal=True)
    answer = program.solve(whole=whole)
    assert (answer.status, answer.values, answer.bound) == ("infeasible", None, -np.inf)


def test_more_rows_can_follow_a_solve():
    program = knapsack()
    program.solve()
    program.row(np.array([1, 2]), np.ones(2), 1.0)
    assert program.solve().bound == -10.0


def test_no_time_gives_no_solution_but_a_valid_bound():
    rng = np.random.default_rng(1)
    program = Program()
    columns = program.columns(-rng.integers(10, 99, 200).astype(float))
    for _ in range(5):
        program.row(columns, rng.integers(10, 99, 200).astype(float), 2500.0)
    answer = program.solve(seconds=0.0)
    assert (answer.status, answer.values) == ("stopped", None)
    best = program.solve(gap=60.0)
    assert best.status == "optimal" and answer.bound <= best.bound


def test_no_gap_is_left_unless_one_is_allowed():
    # HiGHS by itself stops at a relative gap of 1e-4, here 600: the offset of 100,000 per case hides real
    # differences.
    rng = np.random.default_rng(0)
    cases, options = 60, 10
    cost, use = (
        rng.integers(1, 99, cases * options) + 100_000.0,
        rng.integers(1, 50, cases * options).astype(float),
    )
    program = Program()
    grid = program.columns(cost).reshape(cases, options)
    for columns in grid:
        program.row(columns, np.ones(options), 1.0, equal=True)
    for part in range(4):
        program.row(grid[part::4].ravel(), use.reshape(cases, options)[part::4].ravel(), 220.0)
    program.row(grid.ravel(), 50 - use, 2150.0)
    exact, rough = program.solve(), program.solve(share=1e-4)
    assert exact.values.round() @ cost == exact.bound == 6_000_903.0
    assert rough.bound < exact.bound <= rough.values.round() @ cost
