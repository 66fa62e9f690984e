"""python -m benchmarks: measure, print the table, and with --write keep it in docs/benchmarks.md."""
from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from datetime import date
from importlib import metadata
from pathlib import Path

import click

from benchmarks.measures import Time, median

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
AIM_SECONDS, AIM_GB, AIM_RUN = 4.0, 1.5, 3.0

# measure: cases and repeats, full and smoke; 0 cases = the bundled example
SIZES = {"floor": ((1_000_000, 5), (2_000, 1)), "pricing": ((1_000_000, 5), (2_000, 1)),
         "one_by_one": ((300, 3), (5, 1)), "example_run": ((0, 3), (300, 1))}


def measured(name: str, count: int, repeats: int) -> dict[str, object]:
    """One measure in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.measures", name, str(count), str(repeats)],
                          cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise click.ClickException(f"measure {name} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def table(found: dict[str, dict], sizes: dict[str, tuple[int, int]]) -> list[str]:
    """The results as a Markdown table and its reading."""
    floor, pricing, single, whole = (found[name] for name in ("floor", "pricing", "one_by_one", "example_run"))
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
        return f"| {what} | {count:,} | {spent.clock:.3f} s | {spent.processor:.3f} s | {1e6 * spent.processor / count:,.2f} µs | {memory} | {ratio} |"

    return [
        "| what | cases | clock | processor | processor per case | peak memory | against pricing and deciding |",
        "|---|---|---|---|---|---|---|",
        row("plain numpy over as many lines: read, multiply, round, add, argmin", cases, least, floor["peak_gb"]),
        row("price all options", cases, median(price), compared=False),
        row("decide", cases, median(decide), compared=False),
        row("**price and decide**", cases, core, pricing["peak_gb"]),
        row("prepare the columns", cases, median(columns), compared=False),
        row("**prepare, price and decide**", cases, with_columns, pricing["peak_gb"]),
        row("the same model one case at a time, pandas `apply`", few, applied, single["peak_gb"]),
        row("example run without workbook, after imports", bundled, run, whole["peak_gb"]),
        "",
        f"{pricing['prices']:,} prices of {floor['lines']:,} cost lines in all. Pricing and deciding takes {core.processor / least.processor:.1f} "
        f"times the numpy floor and is {applied.processor / few / per_case:,.0f} times as fast as one case at a time.",
        "",
        "Phases of the example run: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in whole["phases"].items()) + ".",
        "",
        f"Aims at 1,000,000 cases: at most {AIM_SECONDS:g} s and {AIM_GB:g} GB for pricing and deciding ({core.clock:.2f} s"
        + ("" if pricing["peak_gb"] is None else f" and {pricing['peak_gb']:.2f} GB, the case table included,")
        + f" measured at {cases:,}); at most {AIM_RUN:g} s for the example run ({run.clock:.2f} s measured at {bundled:,}).",
    ]


def page(lines: list[str]) -> str:
    """docs/benchmarks.md: machine, date, table, how to measure again."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "pandas", "pyarrow"))
    return "\n".join([
        "# Benchmarks", "",
        "Written by `python -m benchmarks --write`; `make bench` measures again and prints. Times are medians of a few repeats, every "
        "measure in a process of its own, cases drawn by `optimizer/example.py`. Compare the ratios: they are taken within one run and "
        "from processor time, per case; the seconds depend on the machine and on what else it does.", "",
        f"Measured on {date.today().isoformat()}: {_processor()}, {os.cpu_count()} cores{_busy()}, {platform.system()}, "
        f"Python {platform.python_version()}, {versions}.", "",
        *lines, "",
        "The floor is what numpy needs when there is no model at all: in the same blocks and threads, one column read, one product, one "
        "rounding and one sum per cost line, and the smallest total per case. One case at a time is the same model called row by "
        "row, with the facts of the world prepared once.", ""])


def _busy() -> str:
    """How much ran on the machine, where the system tells it: above the number of cores, the clock is not to be trusted."""
    return f" (load {os.getloadavg()[0]:.1f})" if hasattr(os, "getloadavg") else ""


def _processor() -> str:
    """Name of the processor, as far as the system tells it."""
    info = Path("/proc/cpuinfo")
    names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return names[0] if names else platform.processor() or platform.machine()


@click.command(help="Measure speed and memory, and print them beside what a user would write instead.")
@click.option("--smoke", is_flag=True, help="Tiny sizes: shows that every measure works, the times mean nothing.")
@click.option("--write", is_flag=True, help="Keep the result in docs/benchmarks.md.")
def main(smoke: bool, write: bool) -> None:
    if smoke and write:
        raise click.UsageError("The times of --smoke mean nothing: leave out --write or --smoke.")
    sizes = {name: of[smoke] for name, of in SIZES.items()}
    found = {}
    for name, (count, repeats) in sizes.items():
        click.echo(f"measuring {name} …", err=True)
        found[name] = measured(name, count, repeats)
    lines = table(found, sizes)
    click.echo("\n".join(lines))
    if write:
        PAGE.write_text(page(lines), encoding="utf-8")
        click.echo(f"wrote {PAGE.relative_to(ROOT)}", err=True)


if __name__ == "__main__":
    main()
