"""The network solver beside its peers, each in a process of its own: python -m benchmarks.network_report
PEER WORLD GAP SECONDS prints one run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.network_peers import NAMES, PEERS
from benchmarks.network_worlds import plain_network, rich_network
from optimizer.solve import NetworkProblem

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT.parent / "shared" / "bench" / "cflp_orlib"
HAND, RICH = ("ours", "highspy_by_hand", "cbc_by_hand"), ("ours", "one_program")
SMOKE = (("plain 2 4 6 4", HAND), ("rich 2 4 6 4", RICH))
SHORT = (
    ("cap61", HAND),
    ("cap84", HAND),
    ("cap104", HAND),
    ("plain 10 40 24 40", ("ours", "highspy_by_hand")),
    ("rich 10 40 24 40", RICH),
)
FULL = (
    *SHORT,
    ("plain 10 40 24 40", ("cbc_by_hand",)),
    ("capa 14000", ("ours", "highspy_by_hand")),
    ("capa 8000", ("ours", "highspy_by_hand")),
    ("plain 20 100 36 120", ("ours", "highspy_by_hand")),
    ("rich 20 100 36 120", RICH),
)
MODES = {"smoke": (SMOKE, 10.0), "short": (SHORT, 60.0), "full": (FULL, 180.0)}
GAP = 1e-5


def world(name: str) -> NetworkProblem | None:
    """A published instance, or a generated network by its kind and sizes; None where the instance is not
    there."""
    kind, *sizes = name.split()
    if kind in ("plain", "rich"):
        return {"plain": plain_network, "rich": rich_network}[kind](*map(int, sizes))
    path = BENCH / f"{kind}.txt"
    return split_demand(path.read_text().replace("capacity", *sizes or ["0"])) if path.exists() else None


def split_demand(text: str) -> NetworkProblem:
    """An instance of the OR library: warehouses as providers, customers as cells."""
    words = text.split()
    m, n, numbers = int(words[0]), int(words[1]), np.array(words[2:], float)
    (capacity, fixed), rest = numbers[: 2 * m].reshape(m, 2).T, numbers[2 * m :].reshape(n, m + 1)
    who, where = np.divmod(np.arange(n * m), m)
    names = np.array([f"w{k}" for k in range(m)], object)
    return NetworkProblem(
        pd.DataFrame({"provider": names, "open_cost": fixed, "monthly_cost": 0.0, "capacity": capacity}),
        pd.DataFrame({"cell": range(n), "month": 1, "units": rest[:, 0]}),
        pd.DataFrame(
            {
                "cell": who,
                "action": names[where],
                "provider": names[where],
                "unit_cost": (rest[:, 1:] / rest[:, :1]).ravel(),
            }
        ),
    )


def runs(mode: str, tell: Callable[[str], None]) -> list[tuple[str, str, dict]]:
    """World, peer and what it measured; `note` alone where it failed or was ended."""
    worlds, seconds = MODES[mode]
    found = []
    for name, peers in worlds:
        for peer in peers:
            tell(f"{name}: {peer} …")
            call = [sys.executable, "-m", "benchmarks.network_report", peer, name, str(GAP), str(seconds)]
            try:
                done = subprocess.run(
                    call, cwd=ROOT, capture_output=True, text=True, timeout=3 * seconds + 60
                )
                its = (
                    json.loads(done.stdout.strip().splitlines()[-1])
                    if done.returncode == 0
                    else {"note": "failed: " + done.stderr.strip()[-200:]}
                )
            except subprocess.TimeoutExpired:
                its = {"note": f"ended after {3 * seconds + 60:.0f} s"}
            found.append((name, peer, its))
    return found


def lines(found: list[tuple[str, str, dict]], seconds: float) -> list[str]:
    """The runs as a Markdown table."""
    own = {name: its for name, peer, its in found if peer == "ours"}
    out = [
        "| world | | build | solve | cost | bound | gap | time against the network solver |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, peer, its in found:
        if "solve" not in its:
            out.append(f"| {name} | {NAMES[peer]} | {its['note']} | | | | | |")
            continue
        cost, bound, mine = its["cost"], its["bound"], own.get(name, {})
        gap = "" if cost is None or bound is None else f"{max(0.0, cost - bound) / max(1.0, abs(bound)):.1e}"
        ratio = (
            f"{(its['build'] + its['solve']) / (mine['build'] + mine['solve']):.2f} ×"
            if mine.get("solve")
            else ""
        )
        out.append(
            f"| {name} | {NAMES[peer]} | {its['build']:.2f} s | {its['solve']:.2f} s |"
            f" {'' if cost is None else f'{cost:,.2f}'} | {'' if bound is None else f'{bound:,.2f}'} | {gap}"
            f" | {ratio} |"
        )
    return [*out, "", f"Every run may take {seconds:g} s and is asked for a gap of {GAP:g}."]


def failures(found: list[tuple[str, str, dict]]) -> list[str]:
    """Runs of the network solver that failed, or whose bound lies above a plan that somebody found."""
    wrong = [f"{name}: {its['note']}" for name, peer, its in found if peer == "ours" and "solve" not in its]
    for name, peer, its in found:
        costs = [other["cost"] for n, _, other in found if n == name and other.get("cost") is not None]
        if (
            peer == "ours"
            and its.get("bound") is not None
            and costs
            and its["bound"] > min(costs) + 1e-6 * abs(min(costs))
        ):
            wrong.append(f"{name}: bound {its['bound']} above a plan of {min(costs)}")
    return wrong


def main(peer: str, name: str, gap: str, seconds: str) -> None:
    problem = world(name)
    print(
        json.dumps(
            {"note": "the instance is not there"}
            if problem is None
            else PEERS[peer](problem, float(gap), float(seconds))._asdict()
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
