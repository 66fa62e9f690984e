"""The list of mutations keeps up with the code: every one can be tried. Trying them is `make mutants`."""

from __future__ import annotations

import pytest

from tools.mutants import CAUGHT, NO_ANSWER, NO_PLACE, SURVIVED, Mutant, read_mutants, tried

MUTANTS = read_mutants()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m.name)
def test_a_mutation_still_applies(mutant):
    assert mutant.problems() == [], (
        "move the text in tests/mutants/mutants.toml with the code (docs/mutants.md)"
    )


def test_names_tell_mutations_apart():
    assert len({m.name for m in MUTANTS}) == len(MUTANTS) >= 20


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "sums.py").write_text("def twice(x):\n    return 2 * x\n", encoding="utf-8")
    (tmp_path / "test_sums.py").write_text(
        "from sums import twice\n\n\ndef test_zero():\n    assert twice(0) == 0\n\n\n"
        "def test_two():\n    assert twice(2) == 4\n",
        encoding="utf-8",
    )
    return tmp_path


@pytest.mark.parametrize(
    ("before", "after", "test", "outcome", "by"),
    [
        ("2 * x", "3 * x", "test_sums.py::test_two", CAUGHT, "test_sums.py::test_two"),
        ("2 * x", "3 * x", "test_sums.py::test_zero", SURVIVED, ""),
        ("2 * x", "2 *", "test_sums.py::test_two", NO_ANSWER, None),  # no test could run
        ("4 * x", "3 * x", "test_sums.py::test_two", NO_PLACE, "'4 * x' stands 0 times in sums.py"),
        ("x", "y", "test_sums.py::test_two", NO_PLACE, "'x' stands 2 times in sums.py"),
        ("2 * x", "3 * x", "test_sums.py::test_gone", NO_PLACE, "there is no test test_sums.py::test_gone"),
    ],
)
def test_what_becomes_of_a_mutation(checkout, before, after, test, outcome, by):
    result = tried(Mutant("a", "sums.py", before, after, [test]), checkout)
    assert result.outcome == outcome and (by is None or result.by == by)
    assert "return 2 * x" in (checkout / "sums.py").read_text(encoding="utf-8")
