"""data/root_causes.csv: which issue, reason code or word of the buyer stands for which cause; checked when
the data folder is read."""

from __future__ import annotations

import re
from typing import NamedTuple

from optimizer.domain.names import CAUSES, ISSUES
from optimizer.errors import Problem, nearest
from optimizer.phrases import phrase

_FILE = "data/root_causes.csv"
_KINDS = ("issue", "code", "words")
CASE_PREFIX = "CR-"  # seller-fulfilled returns write it before the same codes


class CauseTable(NamedTuple):
    """The causes by what they are told from."""

    by_issue: dict[str, str]
    unsure: frozenset[str]  # issues that name no cause by themselves: there the buyer's words count
    by_code: dict[str, str]
    words: tuple[tuple[re.Pattern[str], str], ...]

    def cause(self, issue: str, reason: str) -> str:
        """A reason code counts first; then, where the issue names no cause, the first words found; then
        the issue itself."""
        code = reason.strip().upper().removeprefix(CASE_PREFIX)
        if code in self.by_code:
            return self.by_code[code]
        if issue in self.unsure and reason:
            for pattern, cause in self.words:
                if pattern.search(reason):
                    return cause
        return self.by_issue[issue]


def cause_table(rows: list[dict[str, str]]) -> CauseTable:
    """The rows of root_causes.csv as one table to look up in."""

    def of(kind: str) -> list[dict[str, str]]:
        return [r for r in rows if r["kind"] == kind]

    return CauseTable(
        {r["key"]: r["cause"] for r in of("issue")},
        frozenset(r["key"] for r in of("issue") if r["words_count"] == "yes"),
        {r["key"].upper(): r["cause"] for r in of("code")},
        tuple((re.compile(r["key"], re.IGNORECASE), r["cause"]) for r in of("words")),
    )


def cause_problems(rows: list[dict[str, str]]) -> list[Problem]:
    """Everything wrong with the table: unknown kinds, issues and causes, words that are no pattern, issues
    left out or named twice."""
    problems: list[Problem] = []
    seen: set[tuple[str, str]] = set()
    for line, r in enumerate(rows, start=2):

        def wrong(column: str, what: str, fix: str, line: int = line, r: dict[str, str] = r) -> None:
            problems.append(Problem(_FILE, line, column, r[column], what, fix))

        if r["kind"] not in _KINDS:
            wrong("kind", phrase("is not known"), nearest(r["kind"], _KINDS))
        if r["cause"] not in CAUSES:
            wrong("cause", phrase("is not a cause"), nearest(r["cause"], CAUSES))
        if r["kind"] == "issue" and r["key"] not in ISSUES:
            wrong("key", phrase("is not an issue"), nearest(r["key"], ISSUES))
        if r["kind"] == "issue" and r["words_count"] not in ("yes", "no"):
            wrong(
                "words_count",
                phrase("is neither yes nor no"),
                phrase("Write yes where the issue names no cause by itself."),
            )
        if r["kind"] == "words":
            try:
                re.compile(r["key"])
            except re.error as why:
                wrong("key", phrase("is not a pattern: {why}", why=why), phrase("Separate words by |."))
        if (r["kind"], r["key"]) in seen:
            wrong("key", phrase("stands here twice"), phrase("Keep one of the two rows."))
        seen.add((r["kind"], r["key"]))
    for issue in ISSUES:
        if ("issue", issue) not in seen:
            problems.append(
                Problem(
                    _FILE,
                    None,
                    "key",
                    issue,
                    phrase("has no row"),
                    phrase("Add one of kind issue with its usual cause."),
                )
            )
    return problems
