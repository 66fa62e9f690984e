"""What a user sees when inputs are refused: every problem at once, each with its place and its fix."""

from __future__ import annotations

import difflib
import errno
import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from optimizer.phrases import Phrase, phrase, say_again

SHOWN = 50
Translate = Callable[[str], str]


# Codes of problems that other code asks for; all others are made of the words of the message.
BLANK, ZERO = "blank", "zero"


class _Fields(NamedTuple):
    file: str
    row: int | None  # as a spreadsheet counts: the header is row 1; None = the whole file
    column: str
    value: str
    problem: str
    fix: str
    code: str  # what kind of problem it is, whatever its words and language


class Problem(_Fields):
    """One thing wrong with the inputs, where it is and what to do about it."""

    __slots__ = ()

    def __new__(
        cls, file: str, row: int | None, column: str, value: str, problem: str, fix: str, code: str = ""
    ) -> Problem:
        return super().__new__(cls, file, row, column, value, problem, fix, code or _code_of(problem))

    def __str__(self) -> str:
        return self.text(str)

    def text(self, t: Translate) -> str:
        """One line in the language of `t`: the place, the value, what is wrong with it and how to mend it."""
        place: object = self.file
        if self.row is not None:
            place = phrase("{place}, row {row}", place=place, row=self.row)
        if self.column:
            place = phrase("{place}, column {column}", place=place, column=self.column)
        problem = (
            phrase("{value!r} {problem}", value=str(self.value), problem=self.problem)
            if self.value != ""
            else self.problem
        )
        if not self.fix:
            return str(say_again(phrase("{place}: {problem}.", place=place, problem=problem), t))
        return str(
            say_again(phrase("{place}: {problem}. {fix}", place=place, problem=problem, fix=self.fix), t)
        )

    def said(self, t: Translate) -> Problem:
        """The same problem with its sentences in the language of `t`."""
        return Problem._make(say_again(part, t) for part in self)


def _code_of(problem: str) -> str:
    """A code out of the words of a message, whatever numbers and names they carry."""
    template = problem.parts[0] if isinstance(problem, Phrase) and problem.parts else problem
    return _slug(template.template if isinstance(template, Phrase) else "message")


@lru_cache(maxsize=1_000)
def _slug(template: str) -> str:
    words = re.findall(r"[a-z0-9]+", re.sub(r"\{[^}]*\}", " ", template).lower())
    return "_".join(words[1:] if words[:1] == ["is"] else words)


class OptimizerError(Exception):
    """Base of every error a user can cause."""


class InputError(OptimizerError):
    """Inputs were refused; `problems` lists all of them."""

    def __init__(self, problems: Iterable[Problem] | str):
        if isinstance(problems, str):
            problems = [Problem(phrase("input"), None, "", "", problems, "")]
        self.problems = tuple(problems)
        super().__init__(self.text())

    def text(self, shown: int = SHOWN, t: Translate = str) -> str:
        """The problems as a list in the language of `t`, at most `shown` of them, with the number left
        out."""
        lines = [f"* {p.text(t)}" for p in self.problems[:shown]]
        if len(self.problems) > shown:
            lines.append("* " + t("… and {count:,} more").format(count=len(self.problems) - shown))
        return "\n".join(lines)


class Infeasible(OptimizerError):
    """No plan satisfies the limits.

    `clashing` is an irreducible list of (limit name, group); `relaxation` maps a limit name to
    the cheapest extra amounts, one per group, that make a plan possible.
    """

    def __init__(
        self, clashing: Iterable[tuple[str, object]], relaxation: Mapping[str, Iterable[float]]
    ) -> None:
        self.clashing, self.relaxation = list(clashing), dict(relaxation)
        names = ", ".join(f"{name}[{group}]" for name, group in self.clashing)
        self.message = phrase("no plan satisfies the limits together: {names}", names=names)
        super().__init__(self.message)

    def text(self, t: Translate = str) -> str:
        """What clashes and the cheapest way to make a plan possible, in the language of `t`."""
        extra = json.dumps(
            {name: [float(amount) for amount in amounts] for name, amounts in self.relaxation.items()},
            ensure_ascii=False,
        )
        return f"{say_again(self.message, t)}\n{t('cheapest relaxation: {extra}').format(extra=extra)}"


def system_reason(error: OSError) -> str:
    """Why the operating system refused a file, in words that have a translation where the reason is a
    usual one."""
    usual = {
        errno.EACCES: phrase("permission denied"),
        errno.EPERM: phrase("permission denied"),
        errno.EROFS: phrase("the drive is read-only"),
        errno.ENOENT: phrase("no such file or folder"),
        errno.ENOTDIR: phrase("a part of the path is a file"),
        errno.EISDIR: phrase("it is a folder"),
        errno.ENOSPC: phrase("the drive is full"),
        errno.ENAMETOOLONG: phrase("the name is too long"),
    }
    return usual.get(error.errno or 0) or error.strerror or str(error)


def nearest(word: str, known: Iterable[str]) -> Phrase:
    """'did you mean …?' for a misspelt name, or the first known names when nothing is near."""
    known = list(known)
    close = difflib.get_close_matches(str(word), known, n=1, cutoff=0.6)
    if close:
        return phrase("Did you mean {name!r}?", name=close[0])
    return phrase("Known: {names}.", names=first_of(sorted(known), 8))


def first_of(names: Iterable[str], shown: int) -> str:
    """The first names of a list, and a sign that there are more."""
    names = list(names)
    return ", ".join(names[:shown]) + (", …" if len(names) > shown else "")
