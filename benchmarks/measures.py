"""What is measured. Each measure runs in a process of its own and prints one line of JSON: times per
repeat, peak memory."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.floor import floor_pass, line_counts
from optimizer import load_scenario, run
from optimizer.inputs.bundled import BUNDLED
from optimizer.model.engine import Engine
from optimizer.solve.decide import decide
from tools.example.cases import catalogue, example_cases

SEED, MONTH = 7, "2026-10"


class Time(NamedTuple):
    """Seconds on the clock, and of processor time over all threads, which other work on the machine
    disturbs less."""

    clock: float
    processor: float

    def __add__(self, other: Time) -> Time:
        return Time(self.clock + other.clock, self.processor + other.processor)


def _timed(work: Callable[[], object]) -> tuple[Time, object]:
    clock, processor = time.perf_counter(), time.process_time()
    result = work()
    return Time(time.perf_counter() - clock, time.process_time() - processor), result


def pricing(count: int, repeats: int) -> dict[str, object]:
    """Prepare the columns, price all options of all cases, decide; import and export of cases stay
    outside."""
    goods = catalogue()
    cases, scenario = example_cases(count, SEED, MONTH, goods), load_scenario("base")
    found: dict[str, list[Time]] = {"columns": [], "price": [], "decide": []}
    for _ in range(repeats):
        spent, engine = _timed(lambda: Engine.of(scenario, cases, goods.products))
        found["columns"].append(spent)
        spent, blocks = _timed(engine.price)
        found["price"].append(spent)
        spent, plan = _timed(lambda blocks=blocks: decide(blocks, count))
        found["decide"].append(spent)
        cents = float(plan.total.sum())
        prices = sum(len(b.rows) * len(b.options) for b in blocks)
    return {**found, "cents": cents, "prices": prices}


def floor(count: int, repeats: int) -> dict[str, object]:
    """The least numpy over as many line arrays in as many threads: read, multiply, round, add, argmin."""
    goods = catalogue()
    cases = example_cases(count, SEED, MONTH, goods)
    engine = Engine.of(load_scenario("base"), cases, goods.products)
    lines = line_counts(engine)
    spent = [_timed(lambda: floor_pass(engine, lines))[0] for _ in range(repeats)]
    return {"floor": spent, "lines": sum(sum(lines[cell]) * len(rows) for cell, rows in engine.cells)}


def one_by_one(count: int, repeats: int) -> dict[str, object]:
    """The same model as a function of one row, called by pandas `apply`; the facts of the world are
    prepared once."""
    goods = catalogue()
    cases = example_cases(count, SEED, MONTH, goods)
    engine = Engine.of(load_scenario("base"), cases, goods.products)
    cell_of = {int(row): cell for cell, rows in engine.cells for row in rows}

    def cheapest(case: pd.Series) -> float:
        row = np.array([case.name])
        return decide([engine.pricer(cell_of[case.name], row).priced(np.zeros(1, np.int64))], 1).total[0]

    found = [_timed(lambda: cases.apply(cheapest, axis=1).sum()) for _ in range(repeats)]
    return {"apply": [spent for spent, _ in found], "cents": float(found[-1][1])}


def example_run(count: int, repeats: int) -> dict[str, object]:
    """Read, check, price, decide, build the policy and write every file but the workbook; 0 cases = the
    bundled example."""
    cases = example_cases(count, SEED, MONTH) if count else None
    products = BUNDLED / "products_example.csv" if count else None

    phases: list[dict[str, float]] = []

    def whole() -> None:
        with tempfile.TemporaryDirectory() as folder:
            reading, scenario = _timed(lambda: load_scenario("base"))
            answer = run(scenario, cases, products)
            writing, _ = _timed(lambda: answer.write(folder, workbook=False))
        phases.append({"scenario": reading.clock, **answer.seconds, "write": writing.clock})

    return {
        "run": [_timed(whole)[0] for _ in range(repeats)],
        "phases": {k: statistics.median(p[k] for p in phases) for k in phases[0]},
    }


def peak_memory() -> float | None:
    """Largest memory this process has held, in GB; None where the system does not tell (Windows)."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e9 if sys.platform == "darwin" else 1e6)


def median(times: list[Time]) -> Time:
    """Median of the clock and of the processor time, each on its own."""
    return Time(*(statistics.median(t) for t in zip(*times)))


MEASURES = {m.__name__: m for m in (floor, pricing, one_by_one, example_run)}

if __name__ == "__main__":
    name, count, repeats = sys.argv[1:]
    result = MEASURES[name](int(count), int(repeats))
    json.dump({**result, "peak_gb": peak_memory()}, sys.stdout)
