"""The case solver beside its peers: which runs there are, each in a process that can be ended, and the
tables made of them."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
GAP = 1e-5
ELSEWHERE = ("cp_sat", "pdlp")  # need OR-tools, which may be installed for another Python
GRACE = 120.0  # seconds beyond its limit after which a run is ended: drawing the world, loading, handing over
NAMES = {
    "ours": "**case solver**",
    "ours_in_blocks": "**case solver**, blocks on disk",
    "plain_pass": "one numpy pass, no limits",
    "lp_core": "HiGHS: relaxation, then a core",
    "pulp_highs": "PuLP + HiGHS, whole program",
    "pulp_cbc": "PuLP + CBC, whole program",
    "cp_sat": "OR-tools CP-SAT, whole program",
    "pdlp": "OR-tools PDLP, relaxation",
}
PLANNERS = ("lp_core", "pulp_highs")  # what the gap is held against
WORLDS = {
    "dense": "{groups} limits of one group each, used by every option",
    "linked": "{groups} groups of two limits that hang together",
    "independent": "{groups} groups of one limit, which share nothing",
}
ALL = ("plain_pass", "ours", "lp_core", "pulp_highs", "pulp_cbc", "cp_sat", "pdlp")
LARGE, LARGEST = ("plain_pass", "ours", "lp_core", "pdlp"), ("plain_pass", "ours")


class Size(NamedTuple):
    """A world and who is measured on it."""

    kind: str
    groups: int
    cases: int
    peers: tuple[str, ...]


class Mode(NamedTuple):
    """Sizes and seconds per run."""

    sizes: tuple[Size, ...]
    seconds: float


SMOKE = Mode(
    (
        Size("dense", 2, 60, ALL),
        Size("dense", 2, 120, ("plain_pass", "ours", "ours_in_blocks")),
        Size("linked", 20, 60, ("ours", "lp_core")),
    ),
    5.0,
)
SHORT = Mode(
    (
        Size("dense", 4, 1_000, ALL),
        Size("dense", 4, 10_000, ALL),
        Size("dense", 4, 100_000, ("plain_pass", "ours", "lp_core")),
        Size("dense", 4, 1_000_000, LARGEST),
        Size("linked", 100, 10_000, ("plain_pass", "ours", "lp_core")),
        Size("linked", 100, 100_000, LARGEST),
        Size("linked", 400, 10_000, ("plain_pass", "ours", "lp_core")),
        Size("linked", 400, 100_000, LARGEST),
    ),
    20.0,
)
DENSE = (
    (1_000, ALL),
    (10_000, ALL),
    (100_000, LARGE),
    (1_000_000, LARGEST),
    (10_000_000, ("ours_in_blocks",)),
)
HUNDREDS = (
    (1_000, ALL),
    (10_000, ("plain_pass", "ours", *PLANNERS)),
    (100_000, ("plain_pass", "ours", "lp_core")),
    (1_000_000, LARGEST),
)
FULL = Mode(
    (
        *(Size("dense", 4, cases, peers) for cases, peers in DENSE),
        *(
            Size(kind, groups, cases, peers)
            for kind in ("linked", "independent")
            for groups in (100, 400)
            for cases, peers in HUNDREDS
        ),
    ),
    60.0,
)
MODES = {"smoke": SMOKE, "short": SHORT, "full": FULL}


def runs(mode: Mode, ortools: str, tell: Callable[[str], None]) -> list[tuple[Size, dict[str, dict]]]:
    """Every run of a mode: per size {peer: what it measured}, `note` alone where it failed or was ended."""
    found = []
    for size in mode.sizes:
        its = {}
        for peer in size.peers:
            tell(f"{size.kind}, {size.groups} groups, {size.cases:,} cases: {peer} …")
            its[peer] = run_one(peer, size, mode.seconds, ortools)
        found.append((size, its))
    return found


def run_one(peer: str, size: Size, seconds: float, ortools: str = sys.executable) -> dict[str, object]:
    """One run in a process of its own, ended where it does not end by itself."""
    python = ortools if peer in ELSEWHERE else sys.executable
    call = [
        python,
        "-m",
        "benchmarks.assign_measures",
        peer,
        size.kind,
        str(size.cases),
        str(size.groups),
        str(GAP),
        str(seconds),
    ]
    try:
        done = subprocess.run(
            call + ["disk"] * (peer == "ours_in_blocks"),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=2 * seconds + GRACE,
        )
    except subprocess.TimeoutExpired:
        return {"note": f"ended after {2 * seconds + GRACE:.0f} s"}
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        missing = peer in ELSEWHERE and last[0].partition("No module named ")[2]
        return {"note": f"needs {missing}, which is not installed" if missing else f"failed: {last[0]}"}
    printed = done.stdout.strip().splitlines()
    return (
        json.loads(printed[-1])
        if printed
        else {"note": f"failed: it printed nothing; {done.stderr.strip()[-200:]}"}
    )


def lines(found: list[tuple[Size, dict[str, dict]]], seconds: float) -> list[str]:
    """The runs as Markdown: a table per world and size, and what follows from them."""
    out = []
    for kind, groups in dict.fromkeys((size.kind, size.groups) for size, _ in found):
        its = [(size, by) for size, by in found if (size.kind, size.groups) == (kind, groups)]
        out += [
            "### " + WORLDS[kind].format(groups=groups),
            "",
            (
                "| cases | | clock | processor | cost, USD | bound, USD | gap | memory beyond the inputs |"
                " clock against the case solver |"
            ),
            "|---|---|---|---|---|---|---|---|---|",
        ]
        out += [row(size, peer, by) for size, by in its for peer in by]
        out += ["", *reading(its), ""]
    return [*out, f"Every run may take {seconds:g} s and is asked for a gap of {GAP:g}."]


def row(size: Size, peer: str, by: dict[str, dict]) -> str:
    """One run as a line of the table."""
    run, own = by[peer], next((by[p] for p in by if p.startswith("ours")), {})
    if "clock" not in run:
        return f"| {size.cases:,} | {NAMES[peer]} | {run['note']} | | | | | | |"
    gap, cost = gap_of(run), run.get("cost")
    wrong = f" ({run['exceeded']:,} groups exceeded)" if run["exceeded"] else ""
    ratio = f"{run['clock'] / own['clock']:,.2f} ×" if own.get("clock") else ""
    bound = "" if run["bound"] is None or peer == "plain_pass" else f"{run['bound']:,.2f}"
    paid = "" if cost is None else f"{cost:,.2f}"
    return (
        f"| {size.cases:,} | {NAMES[peer]} | {run['clock']:,.3f} s | {run['processor']:,.3f} s |"
        f" {paid}{wrong} | {bound} | {'' if gap is None else f'{gap:.1e}'} | {memory(run)} | {ratio} |"
    )


def memory(run: dict[str, object]) -> str:
    """Memory beyond the inputs; where they lie on disk, what the process held of its own."""
    amount = run.get("anonymous") if run.get("on_disk") else run.get("memory")
    return "" if amount is None else f"{amount:.2f} GB"


def gap_of(run: dict[str, object]) -> float | None:
    """(cost - bound) / |bound| of a run; None where it has no plan, no bound, or breaks a limit."""
    if run.get("cost") is None or run.get("bound") is None or run.get("exceeded"):
        return None
    return max(0.0, run["cost"] - run["bound"]) / max(1.0, abs(run["bound"]))


def reading(its: list[tuple[Size, dict[str, dict]]]) -> list[str]:
    """What a group of tables says: how time grows, and how near the plans come to what HiGHS proves and
    finds."""
    said = []
    grown = [
        f"{NAMES[peer].replace('*', '')} {found:.2f}"
        for peer in ("plain_pass", "ours", "lp_core")
        if (found := exponent(its, peer)) is not None
    ]
    if grown:
        said.append("Time grows with the cases to the power: " + ", ".join(grown) + ".")
    for size, by in its:
        own, others = (
            gap_of(by.get("ours", {})),
            [g for p in PLANNERS if (g := gap_of(by.get(p, {}))) is not None],
        )
        if own is not None and others:
            said.append(
                f"Gap at {size.cases:,}: {own:.1e}, HiGHS at best {min(others):.1e}"
                + (f" ({own / min(others):.2f} ×)." if min(others) else ".")
            )
    return said


def exponent(its: list[tuple[Size, dict[str, dict]]], peer: str) -> float | None:
    """Slope of log clock over log cases, by least squares over the sizes above 1,000; None for fewer than
    two."""
    points = [
        (math.log(size.cases), math.log(by[peer]["clock"]))
        for size, by in its
        if size.cases > 1_000 and by.get(peer, {}).get("clock")
    ]
    if len(points) < 2:
        return None
    x, y = (sum(p[k] for p in points) / len(points) for k in (0, 1))
    return sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)


def failures(found: Iterable[tuple[Size, dict[str, dict]]]) -> list[str]:
    """Runs of the case solver that failed, broke a limit or left a bound above a plan somebody found."""
    wrong = []
    for size, by in found:
        costs = [run["cost"] for run in by.values() if run.get("cost") is not None and not run["exceeded"]]
        for peer, run in by.items():
            if not peer.startswith("ours"):
                continue
            where = f"{size.kind}, {size.groups} groups, {size.cases:,} cases: {peer}"
            if "clock" not in run:
                wrong.append(f"{where}: {run['note']}")
            elif run["exceeded"]:
                wrong.append(f"{where}: {run['exceeded']} groups exceeded")
            elif run["bound"] > min(costs) + 1e-9 * abs(min(costs)):
                wrong.append(f"{where}: bound {run['bound']} above a plan of {min(costs)}")
    return wrong


def default_python() -> str:
    """The Python that has OR-tools: this one, or the one named by ORTOOLS_PYTHON."""
    return os.environ.get("ORTOOLS_PYTHON", sys.executable)
