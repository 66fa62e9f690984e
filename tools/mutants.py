"""Mutations: the code is changed for the worse in one place, and the tests named for it have to fail.

`python -m tools.mutants` tries all of tests/mutants/mutants.toml, one after the other, in a copy of the
checkout; `python -m tools.mutants shadow parted` those whose names hold one of the words.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "tests" / "mutants" / "mutants.toml"
LEFT_BEHIND = shutil.ignore_patterns(
    ".git", ".venv", "out", "dist", "build", "__pycache__", ".*_cache", ".hypothesis"
)
SECONDS = 300.0  # for the tests of one mutation
PASSED, FAILED = 0, 1  # exit codes of pytest; all others say that no test answered
CAUGHT, SURVIVED, NO_ANSWER, NO_PLACE = "caught", "SURVIVED", "no answer", "does not apply"


class Mutant(NamedTuple):
    """One change for the worse and the tests that have to see it."""

    name: str
    file: str  # in the checkout
    before: str  # part of one line that occurs once in the file
    after: str
    tests: list[str]  # path::function

    def problems(self, root: Path = ROOT) -> list[str]:
        """Why it cannot be tried in a checkout; empty where it can."""
        path = root / self.file
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        found = [] if text else [f"there is no {self.file}"]
        if text and (times := text.count(self.before)) != 1:
            found.append(f"{self.before!r} stands {times} times in {self.file}")
        if self.before == self.after or "\n" in self.before + self.after:
            found.append("it does not change one line")
        for test in self.tests:
            file, _, function = test.partition("::")
            its = root / file
            if not its.is_file() or f"def {function}(" not in its.read_text(encoding="utf-8"):
                found.append(f"there is no test {test}")
        return found if self.tests else [*found, "no test is named"]


class Result(NamedTuple):
    """What became of a mutation."""

    mutant: Mutant
    outcome: str
    by: str  # the test that failed, or what is in the way
    seconds: float


def read_mutants(words: Iterable[str] = (), path: Path = LIST) -> list[Mutant]:
    """The mutations of the list whose name holds one of the words; all without words."""
    given = tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]
    words = [word.lower() for word in words]
    found = [Mutant(**entry) for entry in given]
    return [m for m in found if not words or any(word in m.name.lower() for word in words)]


def outcome_of(tests: list[str], root: Path) -> tuple[str, str]:
    """Run tests in a checkout: how a mutation fares by them, and the first test that fails."""
    call = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(call, cwd=root, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return NO_ANSWER, f"not done in {SECONDS:.0f} s"
    if done.returncode == PASSED:
        return SURVIVED, ""
    if done.returncode != FAILED:
        last = (done.stdout + done.stderr).strip().splitlines()
        return NO_ANSWER, last[-1] if last else f"pytest ended with {done.returncode}"
    failed = re.search(r"^FAILED (?:\S*/)?(.+?)(?: - .*)?$", done.stdout, re.MULTILINE)
    return CAUGHT, failed[1] if failed else ""


def tried(mutant: Mutant, root: Path) -> Result:
    """Apply a mutation in a copy of the checkout, run its tests, take it back."""
    start, problems = time.monotonic(), mutant.problems(root)
    if problems:
        return Result(mutant, NO_PLACE, "; ".join(problems), 0.0)
    path = root / mutant.file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(mutant.before, mutant.after), encoding="utf-8")
    try:
        outcome, by = outcome_of(mutant.tests, root)
    finally:
        path.write_text(text, encoding="utf-8")
    return Result(mutant, outcome, by, time.monotonic() - start)


def row(result: Result) -> str:
    """A line of the table of results."""
    return f"| {result.mutant.name} | {result.outcome} | {result.by} | {result.seconds:.0f} |"


def main(words: list[str]) -> int:
    """Try the mutations; 1 where one survives, gets no answer or no longer applies."""
    mutants = read_mutants(words)
    if not mutants:
        print(f"no mutation of {LIST.relative_to(ROOT)} is named so")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "checkout"
        shutil.copytree(ROOT, root, ignore=LEFT_BEHIND)
        tests = sorted({test for m in mutants if not m.problems(root) for test in m.tests})
        outcome, by = outcome_of(tests, root) if tests else (SURVIVED, "")
        if outcome != SURVIVED:
            print(f"The tests do not pass without any mutation: {by}")
            return 1
        print("| mutation | outcome | by | seconds |\n|---|---|---|---|", flush=True)
        outcomes = []
        for mutant in mutants:
            result = tried(mutant, root)
            outcomes.append(result.outcome)
            print(row(result), flush=True)
    print(f"\n{outcomes.count(CAUGHT)} of {len(outcomes)} caught")
    return int(outcomes.count(CAUGHT) < len(outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
