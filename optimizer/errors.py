"""What a user sees when inputs are refused: every problem at once, each with its place and its fix."""
from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import NamedTuple

SHOWN = 50


class Problem(NamedTuple):
    """One thing wrong with the inputs, where it is and what to do about it."""
    file: str
    row: int | None          # as a spreadsheet counts: the header is row 1; None = the whole file
    column: str
    value: str
    problem: str
    fix: str

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column:
            place += f", column {self.column}"
        value = f" {self.value!r}" if self.value != "" else ""
        return f"{place}:{value} {self.problem}. {self.fix}"


class OptimizerError(Exception):
    """Base of every error a user can cause."""


class InputError(OptimizerError):
    """Inputs were refused; `problems` lists all of them."""

    def __init__(self, problems: Iterable[Problem] | str):
        if isinstance(problems, str):
            problems = [Problem("input", None, "", "", problems, "")]
        self.problems = tuple(problems)
        super().__init__(self.text())

    def text(self, shown: int = SHOWN) -> str:
        """The problems as a list, at most `shown` of them, with the number left out."""
        lines = [f"* {str(p).strip()}" for p in self.problems[:shown]]
        if len(self.problems) > shown:
            lines.append(f"* … and {len(self.problems) - shown:,} more")
        return "\n".join(lines)


class Infeasible(OptimizerError):
    """No plan satisfies the limits.

    `clashing` is an irreducible list of (limit name, group); `relaxation` maps a limit name to
    the cheapest extra amounts, one per group, that make a plan possible.
    """

    def __init__(self, clashing, relaxation):
        self.clashing, self.relaxation = list(clashing), dict(relaxation)
        names = ", ".join(f"{name}[{group}]" for name, group in self.clashing)
        super().__init__(f"no plan satisfies the limits together: {names}")


def nearest(word: str, known: Iterable[str]) -> str:
    """'did you mean …?' for a misspelt name, or the first known names when nothing is near."""
    known = list(known)
    close = difflib.get_close_matches(str(word), known, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {close[0]!r}?"
    some = ", ".join(sorted(known)[:8])
    return f"Known: {some}{', …' if len(known) > 8 else ''}."
