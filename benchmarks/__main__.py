"""python -m benchmarks [pricing] [assign] [network]: measure, print the tables, and with --write keep them
in docs/benchmarks.md."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click

from benchmarks import assign_report, network_report
from benchmarks.measures import Time, median
from benchmarks.page import ASSIGN, NETWORK, PAGE, PRICING, keep, measured_on

ROOT = Path(__file__).resolve().parents[1]
AIM_SECONDS, AIM_GB, AIM_RUN = 4.0, 1.5, 3.0

# measure: cases and repeats, full and smoke; 0 cases = the bundled example
SIZES = {
    "floor": ((1_000_000, 5), (2_000, 1)),
    "pricing": ((1_000_000, 5), (2_000, 1)),
    "one_by_one": ((300, 3), (5, 1)),
    "example_run": ((0, 3), (300, 1)),
}


def measured(name: str, count: int, repeats: int) -> dict[str, object]:
    """One measure in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.measures", name, str(count), str(repeats)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise click.ClickException(f"measure {name} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def table(found: dict[str, dict], sizes: dict[str, tuple[int, int]]) -> list[str]:
    """The results as a Markdown table and its reading."""
    floor, pricing, single, whole = (
        found[name] for name in ("floor", "pricing", "one_by_one", "example_run")
    )
    cases, few = sizes["pricing"][0], sizes["one_by_one"][0]
    bundled = sizes["example_run"][0] or 20_000
    columns, price, decide = ([Time(*t) for t in pricing[k]] for k in ("columns", "price", "decide"))
    core = median([p + d for p, d in zip(price, decide)])
    with_columns = median([c + p + d for c, p, d in zip(columns, price, decide)])
    least, applied, run = median(floor["floor"]), median(single["apply"]), median(whole["run"])
    per_case = core.processor / cases

    def row(what: str, count: int, spent: Time, peak: float | None = None, compared: bool = True) -> str:
        memory = "" if peak is None else f"{peak:.2f} GB"
        ratio = f"{spent.processor / count / per_case:,.2f} ×" if compared else ""
        return (
            f"| {what} | {count:,} | {spent.clock:.3f} s | {spent.processor:.3f} s |"
            f" {1e6 * spent.processor / count:,.2f} µs | {memory} | {ratio} |"
        )

    return [
        (
            "| what | cases | clock | processor | processor per case | peak memory | against pricing and"
            " deciding |"
        ),
        "|---|---|---|---|---|---|---|",
        row(
            "plain numpy over as many lines: read, multiply, round, add, argmin",
            cases,
            least,
            floor["peak_gb"],
        ),
        row("price all options", cases, median(price), compared=False),
        row("decide", cases, median(decide), compared=False),
        row("**price and decide**", cases, core, pricing["peak_gb"]),
        row("prepare the columns", cases, median(columns), compared=False),
        row("**prepare, price and decide**", cases, with_columns, pricing["peak_gb"]),
        row("the same model one case at a time, pandas `apply`", few, applied, single["peak_gb"]),
        row("example run without workbook, after imports", bundled, run, whole["peak_gb"]),
        "",
        (
            f"{pricing['prices']:,} prices of {floor['lines']:,} cost lines in all. Pricing and deciding"
            f" takes {core.processor / least.processor:.1f} times the numpy floor and is"
            f" {applied.processor / few / per_case:,.0f} times as fast as one case at a time."
        ),
        "",
        "Phases of the example run: "
        + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in whole["phases"].items())
        + ".",
        "",
        f"Aims at 1,000,000 cases: at most {AIM_SECONDS:g} s and {AIM_GB:g} GB for pricing and deciding"
        f" ({core.clock:.2f} s"
        + (
            ""
            if pricing["peak_gb"] is None
            else f" and {pricing['peak_gb']:.2f} GB, the case table included,"
        )
        + f" measured at {cases:,}); at most {AIM_RUN:g} s for the example run ({run.clock:.2f} s measured at"
        f" {bundled:,}).",
    ]


def pricing_section(smoke: bool) -> list[str]:
    """Measures pricing and deciding, and says how to read it."""
    sizes = {name: of[smoke] for name, of in SIZES.items()}
    found = {}
    for name, (count, repeats) in sizes.items():
        click.echo(f"measuring {name} …", err=True)
        found[name] = measured(name, count, repeats)
    return [measured_on("numpy", "pandas", "pyarrow"), "", *table(found, sizes), "", PRICING_READ]


PRICING_READ = (
    "Times are medians of a few repeats, cases drawn by `tools/example/cases.py`, ratios from processor time"
    " per case. The floor is what numpy needs when there is no model at all: in the same blocks and threads,"
    " one column read, one product, one rounding and one sum per cost line, and the smallest total per case."
    " One case at a time is the same model called row by row, with the facts of the world prepared once."
)


def assign_section(mode: str, ortools: str) -> list[str]:
    """Measures the case solver and its peers, and says how to read it; a wrong answer ends the benchmark."""
    chosen = assign_report.MODES[mode]
    found = assign_report.runs(chosen, ortools, lambda text: click.echo(text, err=True))
    wrong = assign_report.failures(found)
    if wrong:
        raise click.ClickException(
            "\n".join(["the case solver is wrong or ended without an answer:", *wrong])
        )
    return [
        measured_on("numpy", "highspy", "pulp", "ortools"),
        "",
        ASSIGN_READ,
        "",
        *assign_report.lines(found, chosen.seconds),
    ]


ASSIGN_READ = (
    "Worlds are drawn by `benchmarks/assign_worlds.py`: 12 options per case, costs of 5 to 120 USD in cents,"
    " what uses more is cheaper, and most groups bind. All get the same arrays in memory and the same gap,"
    " and the clock runs from the arrays to the choice. Gap = (cost - bound) / bound, each by its own bound;"
    " cost and limits are checked anew from the arrays. Memory is what the process held at most beyond the"
    " inputs. With some hundred groups the best plan itself lies above what any prices can prove, so the gap"
    " does not vanish. Where cases lie on disk, the memory is what the process held of its own, without the"
    " mapped files."
)


def network_section(mode: str) -> list[str]:
    """Measures the network solver and its peers, and says how to read it; a wrong answer ends the
    benchmark."""
    found = network_report.runs(mode, lambda text: click.echo(text, err=True))
    wrong = network_report.failures(found)
    if wrong:
        raise click.ClickException(
            "\n".join(["the network solver is wrong or ended without an answer:", *wrong])
        )
    return [
        measured_on("numpy", "highspy", "pulp"),
        "",
        NETWORK_READ,
        "",
        *network_report.lines(found, network_report.MODES[mode][1]),
    ]


NETWORK_READ = (
    "cap… are published warehouse location problems with known optima; plain and rich networks are drawn by"
    " `benchmarks/network_worlds.py` (markets, classes, months, providers): plain ones have opening and"
    " monthly costs and capacities, rich ones also ramps, contracts, minimum fees, commitments, price lists"
    " and batches. Building and solving apart; the time of the network solver includes reading the tables and"
    " working out the cost anew from the plan."
)


@click.command(
    help=(
        "Measure speed and memory, and print them beside what a user would write instead. WHAT: pricing,"
        " assign, network; all if left out."
    )
)
@click.argument("what", nargs=-1, type=click.Choice(["pricing", "assign", "network"]))
@click.option(
    "--smoke", is_flag=True, help="Tiny sizes: shows that every measure works, the times mean nothing."
)
@click.option(
    "--full",
    is_flag=True,
    help="All sizes and peers of the case solver, up to 10,000,000 cases, 60 s each: takes about an hour.",
)
@click.option("--write", is_flag=True, help="Keep the result in docs/benchmarks.md.")
@click.option(
    "--ortools",
    default=assign_report.default_python,
    help="A Python that has numpy, scipy and OR-tools; default: ORTOOLS_PYTHON, or this one.",
)
def main(what: tuple[str, ...], smoke: bool, full: bool, write: bool, ortools: str) -> None:
    if smoke and (write or full):
        raise click.UsageError("The times of --smoke mean nothing: leave out --write and --full, or --smoke.")
    mode = "smoke" if smoke else "full" if full else "short"
    for name in what or ("pricing", "assign", "network"):
        lines = (
            pricing_section(smoke)
            if name == "pricing"
            else assign_section(mode, ortools)
            if name == "assign"
            else network_section(mode)
        )
        click.echo("\n".join(lines))
        if write:
            keep({"pricing": PRICING, "assign": ASSIGN, "network": NETWORK}[name], lines)
            click.echo(f"wrote {PAGE.relative_to(ROOT)}", err=True)


if __name__ == "__main__":
    main()
