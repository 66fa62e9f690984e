"""python -m benchmarks.fuzz_imports: damaged files of every kind of report, and whether the import refuses
them or accounts for every row."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import tempfile
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import lru_cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import click

from benchmarks.mutations import changes_of, damaged
from benchmarks.report_seeds import MARK, SEEDS, Seed
from optimizer import pipeline
from optimizer.errors import InputError
from optimizer.i18n import translator
from optimizer.inputs.account_health import read_account_health
from optimizer.inputs.cases import Known, read_cases
from optimizer.inputs.fee_preview import read_fee_preview
from optimizer.inputs.importing import import_report
from optimizer.inputs.products import read_products
from optimizer.inputs.recognising import ACCOUNT_HEALTH, TABLE_KINDS
from optimizer.inputs.tabular import read_table
from optimizer.phrases import say_again
from optimizer.report.imported import write_imported, write_table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "import-fuzzing.md"
LONGEST = 20.0  # seconds that one file may take before its process is ended
MOST_CHANGES = 4
SHOWN = 5  # findings printed per kind
SUFFIX = {"text": ".txt", "xlsx": ".xlsx", "parquet": ".parquet"}
REFUSED, IMPORTED = "refused", "imported"
FAULTS = (
    "traceback",
    "rows lost",
    "counts differ",
    "buyer shown",
    "input changed",
    "not readable",
    "too long",
)
PRODUCTS = (
    "sku,product_class,item_price_US,item_price_DE,weight_kg\nROLLER-1,fitness_equipment,24.99,24.99,0.4\n"
    "CHAIR-2,furniture,,,\nCASE-3,phone_accessory,9.99,9.99,\n"
)


class Outcome(NamedTuple):
    """What became of one file."""

    what: str  # REFUSED | IMPORTED | one of FAULTS
    detail: str = ""
    seconds: float = 0.0  # of the processor, so that a busy machine changes little


class Fault(Exception):
    """Something an import must never do; the first argument is one of FAULTS."""


@lru_cache(maxsize=1)
def known() -> Known:
    """Markets, classes and prices of the base scenario, and three products."""
    scenario = pipeline.load_scenario("base")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "products.csv"
        path.write_text(PRODUCTS, encoding="utf-8")
        return pipeline.known_of(scenario, read_products(path, pipeline.known_of(scenario)))


def changes_drawn(seed: Seed, number: int) -> list[str]:
    """A few changes, drawn from a number."""
    r = random.Random(number)
    return [r.choice(changes_of(seed)) for _ in range(r.randint(1, MOST_CHANGES))]


def tried(name: str, changes: list[str], number: int, folder: Path) -> Outcome:
    """Import one damaged file of the report `name`, write what comes of it into `folder`, and look for
    everything that must not be."""
    seed, lang = SEEDS[name], ("en", "zh")[number % 2]
    file = damaged(seed, changes, number)
    path, out = folder / f"report{SUFFIX[seed.form]}", folder / "out"
    path.write_bytes(file.content)
    known()  # read once, and not counted
    start = time.process_time()
    try:
        said = _written(seed, path, out, lang, file.rows)
        outcome = Outcome(IMPORTED)
    except InputError as refused:
        outcome, said = (
            Outcome(REFUSED),
            refused.text(t=translator(lang)) + str([p.said(translator(lang)) for p in refused.problems]),
        )
        if not refused.problems:
            outcome = Outcome("traceback", "an InputError without a problem")
    except Fault as fault:
        outcome, said = Outcome(*fault.args), ""
    except Exception as error:  # whatever it is, it is the finding
        place = traceback.extract_tb(error.__traceback__)[-1]
        outcome, said = (
            Outcome(
                "traceback",
                f"{type(error).__name__}: {str(error)[:200]} ({Path(place.filename).name}:{place.lineno})",
            ),
            "",
        )
    seconds = time.process_time() - start
    if path.read_bytes() != file.content:
        outcome = Outcome("input changed")
    everything = said.encode("utf-8", "surrogatepass") + b"".join(
        p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()
    )
    if file.private and MARK.encode() in everything:
        outcome = Outcome("buyer shown", said[max(0, said.find(MARK) - 80) :][:160])
    shutil.rmtree(out, ignore_errors=True)
    return outcome._replace(seconds=seconds)


def _written(seed: Seed, path: Path, out: Path, lang: str, rows: int | None) -> str:
    """Import, write, and read what was written as its next reader does; what was said. Raises Fault where
    it does not add up."""
    target = out / "table.csv"
    if seed.kind in TABLE_KINDS:
        health = seed.kind == ACCOUNT_HEALTH
        found = (
            read_account_health([path])
            if health
            else read_fee_preview([path], known()._replace(products=None), seed.market)
        )
        taken, read = (
            (len(found.table), lambda p: read_table(p).frame)
            if health
            else (len(found.products), lambda p: read_products(p, known()))
        )
        said = write_table(found, str(target), str(out / "rejects.csv"), lang)
    else:
        found = import_report(seed.kind, [path], market=seed.market, known=known())
        taken, read = len(found.cases), lambda p: read_cases([p], known()).frame
        said = write_imported(found, str(target), str(out / "rejects.csv"), lang)
    skipped = sum(found.skipped.values())
    if found.rows != taken + skipped + found.rejected_rows:
        raise Fault(
            "counts differ",
            f"{found.rows} rows, but {taken} taken + {skipped} skipped + {found.rejected_rows} rejected",
        )
    if rows is not None and found.rows != rows:
        raise Fault("rows lost", f"{rows} rows in the file, {found.rows} in the import")
    translate = translator(lang)
    said += str([say_again(note, translate) for note in found.notes]) + str(
        [p.said(translate) for p in found.rejects]
    )
    if taken:
        try:
            again = len(read(target))
        except InputError as refused:
            raise Fault("not readable", refused.text()[:300]) from None
        if again != taken:
            raise Fault("not readable", f"{taken} rows were written, {again} are read back")
    return said


# ---------------------------------------------------------------- many files, each in a process that can be
# ended


def _work(pipe: Connection) -> None:
    """Try what the pipe names until it names nothing."""
    with tempfile.TemporaryDirectory() as folder:
        while (job := pipe.recv()) is not None:
            pipe.send(tried(*job, Path(folder)))


class Worker:
    """A process that tries files, and is ended and replaced when one takes too long."""

    def __init__(self):
        self.start()

    def start(self) -> None:
        self.pipe, theirs = multiprocessing.get_context("spawn").Pipe()
        self.process = multiprocessing.get_context("spawn").Process(target=_work, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()

    def tried(self, name: str, changes: list[str], number: int, first: bool) -> Outcome:
        """One outcome; the first of a process may take longer, for it loads the program."""
        allowed = LONGEST * (4 if first else 1)
        self.pipe.send((name, changes, number))
        try:
            if self.pipe.poll(allowed):
                return self.pipe.recv()
            outcome = Outcome("too long", f"ended after {allowed:g} s", allowed)
        except EOFError:
            outcome = Outcome("traceback", "the process died")
        self.process.kill()
        self.process.join()
        self.start()
        return outcome

    def end(self) -> None:
        self.pipe.send(None)
        self.process.join(5)
        self.process.kill()


class Tally(NamedTuple):
    """What became of all files of one kind of report."""

    name: str
    counts: Counter
    slowest: float
    findings: list[str]


def fuzzed(name: str, files: int, first: int = 0) -> Tally:
    """Try `files` damaged files of a kind, drawn from the numbers `first` …"""
    worker, counts, slowest, findings, fresh = Worker(), Counter(), 0.0, [], True
    try:
        for number in range(first, first + files):
            changes = changes_drawn(SEEDS[name], number)
            outcome = worker.tried(name, changes, number, fresh)
            fresh = outcome.what == "too long" or outcome.detail == "the process died"
            counts[outcome.what] += 1
            slowest = max(slowest, outcome.seconds)
            if outcome.what in FAULTS:
                findings.append(f"{name} {number} ({', '.join(changes)}): {outcome.what}: {outcome.detail}")
    finally:
        worker.end()
    return Tally(name, counts, slowest, findings)


def table(tallies: list[Tally]) -> list[str]:
    """The outcome as a Markdown table, one line per kind of report."""
    lines = [
        "| report | files | imported | refused | " + " | ".join(FAULTS) + " | slowest file, processor |",
        "|---" * (5 + len(FAULTS)) + "|",
    ]
    for t in tallies:
        cells = [
            t.name,
            f"{sum(t.counts.values()):,}",
            f"{t.counts[IMPORTED]:,}",
            f"{t.counts[REFUSED]:,}",
            *(f"{t.counts[f]:,}" for f in FAULTS),
        ]
        lines.append(f"| {' | '.join(cells)} | {t.slowest:.2f} s |")
    return lines


def page(tallies: list[Tally], files: int) -> str:
    """docs/import-fuzzing.md."""
    return "\n".join(
        [
            "# Damaged files",
            "",
            (
                "Written by `python -m benchmarks.fuzz_imports --write`; without `--write` it only prints."
                " `tests/test_import_fuzz.py` tries a few files"
            ),
            (
                f"of each kind with every test run. Last run: {date.today().isoformat()}, {files:,} files of"
                " each kind of report."
            ),
            "",
            (
                "Each file is a sound report (`benchmarks/report_seeds.py`) after one to four changes"
                " (`benchmarks/mutations.py`): columns dropped,"
            ),
            (
                "shuffled, renamed, doubled, added; cells that hold formulas, `1e309`, `NaN`, days that do"
                " not exist, very long text, full-width digits,"
            ),
            (
                "marks that turn the direction of writing; rows cut off, repeated; note lines above the"
                " header; other encodings, separators and line"
            ),
            (
                "ends; blank lines; bytes flipped, lost, repeated; stray quotation marks, zero bytes and byte"
                " order marks;"
            ),
            "JSON values of other kinds, XML elements changed.",
            "",
            (
                "Allowed is a refusal that names its problems, or an import that accounts for every row."
                " Never allowed:"
            ),
            "",
            "* **traceback**: any other error",
            (
                "* **rows lost**: fewer or more rows than stand in the file, counted while it was made,"
                " wherever the damage leaves that certain"
            ),
            "* **counts differ**: rows are not taken + skipped + rejected",
            "* **buyer shown**: a value of a column that names a buyer in anything that was written or said",
            "* **input changed**: the report is not byte for byte what it was",
            "* **not readable**: the next reader refuses what the import wrote (`run --cases`, `--products`)",
            f"* **too long**: more than {LONGEST:g} seconds for one file",
            "",
            *table(tallies),
            "",
        ]
    )


@click.command(help=__doc__)
@click.option("--files", default=2_000, show_default=True, help="Files of each kind of report.")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(list(SEEDS)),
    help="Only this kind; may be given several times.",
)
@click.option("--first", default=0, help="First number to draw from.")
@click.option(
    "--jobs", default=os.cpu_count() or 1, show_default=True, help="Kinds that are tried at the same time."
)
@click.option("--write", is_flag=True, help=f"Keep the table in {PAGE.name}.")
def main(files: int, only: tuple[str, ...], first: int, jobs: int, write: bool) -> None:
    tallies = []
    with ThreadPoolExecutor(jobs) as pool:  # a thread watches a process
        for tally in pool.map(lambda name: fuzzed(name, files, first), only or SEEDS):
            tallies.append(tally)
            click.echo("\n".join([*table([tally])[2:], *tally.findings[:SHOWN]]))
    if write:
        PAGE.write_text(page(tallies, files), encoding="utf-8")
    if any(t.findings for t in tallies):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
