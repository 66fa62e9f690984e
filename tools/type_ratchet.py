"""`python -m tools.type_ratchet`: mypy over the package; no room may have more errors than its row says.

Rooms and their numbers stand in tests/type_errors.csv. They may only fall: `--write` takes down those that
are lower now, and raises none.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from pathlib import Path

from mypy import api

ROOT = Path(__file__).resolve().parents[1]
LEDGER = ROOT / "tests" / "type_errors.csv"
ERROR = re.compile(r"optimizer/([\w.]+)[/:].*: error: ")


def room_of(line: str) -> str:
    """The folder or root module of an error, "" for a line that is none."""
    found = ERROR.match(line.replace("\\", "/"))
    return found[1].removesuffix(".py") if found else ""


def errors_by_room(lines: list[str]) -> Counter[str]:
    """Errors of every room that has any."""
    return Counter(room for line in lines if (room := room_of(line)))


def read_allowed() -> dict[str, int]:
    """Errors that each room may have; a room without a row may have none."""
    with LEDGER.open(encoding="utf-8", newline="") as file:
        return {row["room"]: int(row["errors"]) for row in csv.DictReader(file)}


def write_allowed(allowed: dict[str, int]) -> None:
    with LEDGER.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("room", "errors"))
        table.writerows(sorted((room, n) for room, n in allowed.items() if n))


def main(arguments: list[str]) -> int:
    """Print what is wrong; 1 where a room has more errors than it may."""
    out, trouble, _ = api.run([str(ROOT / "optimizer"), "--config-file", str(ROOT / "pyproject.toml")])
    if trouble:
        print(trouble, file=sys.stderr)
        return 2
    lines = out.splitlines()
    found, allowed = errors_by_room(lines), read_allowed()
    worse = [room for room, n in found.items() if n > allowed.get(room, 0)]
    for line in lines:
        if room_of(line) in worse:
            print(line)
    for room in sorted(worse):
        print(f"{room}: {found[room]} errors, {allowed.get(room, 0)} are allowed")
    better = {room: found[room] for room, n in allowed.items() if found[room] < n}
    if better and "--write" in arguments:
        write_allowed(allowed | better)
    elif better:
        named = ", ".join(f"{room} {allowed[room]} -> {n}" for room, n in sorted(better.items()))
        print(f"fewer than allowed, write it down with --write: {named}")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
