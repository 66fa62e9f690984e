"""data/imports/reason_codes.csv: which issue and whose fault a return reason code stands for."""

from __future__ import annotations

from typing import NamedTuple

from optimizer.domain.names import FAULTS, ISSUES
from optimizer.errors import Problem, nearest
from optimizer.phrases import phrase

REASON_CODES = "imports/reason_codes.csv"  # in the data folder
_FILE = f"data/{REASON_CODES}"


class ReasonCode(NamedTuple):
    """One code in its standard spelling."""

    code: str
    issue: str
    fault: str


def reason_codes(rows: list[dict[str, str]]) -> tuple[ReasonCode, ...]:
    """The codes of the table; spellings that stand for another code are left out."""
    return tuple(ReasonCode(r["code"], r["issue"], r["fault"]) for r in rows if r["code"] == r["standard"])


def reason_code_problems(rows: list[dict[str, str]]) -> list[Problem]:
    """Everything wrong with the table: unknown issues and faults, codes named twice, standards that no row
    explains."""
    problems: list[Problem] = []
    codes = [r["code"] for r in rows]
    seen: set[str] = set()
    for line, r in enumerate(rows, start=2):
        for column, known, what in (
            ("issue", ISSUES, phrase("is not an issue")),
            ("fault", FAULTS, phrase("is not known")),
            ("standard", codes, phrase("is not known")),
        ):
            if r[column] not in known:
                problems.append(Problem(_FILE, line, column, r[column], what, nearest(r[column], known)))
        if r["code"] in seen:
            problems.append(
                Problem(
                    _FILE,
                    line,
                    "code",
                    r["code"],
                    phrase("stands here twice"),
                    phrase("Keep one of the two rows."),
                )
            )
        seen.add(r["code"])
    return problems
