"""What is measured. Each measure runs in a process of its own and prints one line of JSON: seconds per repeat, peak memory."""
from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.floor import floor_pass, line_counts
from optimizer import load_scenario, run
from optimizer.example import catalogue, example_cases
from optimizer.inputs.ledger import BUNDLED
from optimizer.model.engine import Engine
from optimizer.solve.decide import decide

SEED, MONTH = 7, "2026-10"


def _seconds(work: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def pricing(count: int, repeats: int) -> dict[str, object]:
    """Prepare the columns, price all options of all cases, decide; import and export of cases stay outside."""
    goods = catalogue()
    cases, scenario = example_cases(count, SEED, MONTH, goods), load_scenario("base")
    found: dict[str, list[float]] = {"columns": [], "price": [], "decide": []}
    for _ in range(repeats):
        seconds, engine = _seconds(lambda: Engine.of(scenario, cases, goods.products))
        found["columns"].append(seconds)
        seconds, blocks = _seconds(engine.price)
        found["price"].append(seconds)
        seconds, plan = _seconds(lambda: decide(blocks, count))
        found["decide"].append(seconds)
        cents = float(plan.total.sum())
        prices = sum(len(b.rows) * len(b.options) for b in blocks)
        del blocks, plan, engine
    return {**found, "cents": cents, "prices": prices}


def floor(count: int, repeats: int) -> dict[str, object]:
    """The least numpy over as many line arrays in as many threads: read, multiply, round, add, argmin."""
    goods = catalogue()
    cases = example_cases(count, SEED, MONTH, goods)
    engine = Engine.of(load_scenario("base"), cases, goods.products)
    lines = line_counts(engine)
    seconds = [_seconds(lambda: floor_pass(engine, lines))[0] for _ in range(repeats)]
    return {"floor": seconds, "lines": sum(sum(lines[cell]) * len(rows) for cell, rows in engine.cells)}


def one_by_one(count: int, repeats: int) -> dict[str, object]:
    """The same model as a function of one row, called by pandas `apply`; the facts of the world are prepared once."""
    goods = catalogue()
    cases = example_cases(count, SEED, MONTH, goods)
    engine = Engine.of(load_scenario("base"), cases, goods.products)
    cell_of = {int(row): cell for cell, rows in engine.cells for row in rows}

    def cheapest(case: pd.Series) -> float:
        row = np.array([case.name])
        return decide([engine.pricer(cell_of[case.name], row).priced(np.zeros(1, np.int64))], 1).total[0]

    found = [_seconds(lambda: cases.apply(cheapest, axis=1).sum()) for _ in range(repeats)]
    return {"apply": [seconds for seconds, _ in found], "cents": float(found[-1][1])}


def example_run(count: int, repeats: int) -> dict[str, object]:
    """Read, check, price, decide, build the policy and write every file but the workbook; 0 cases = the bundled example."""
    cases = example_cases(count, SEED, MONTH) if count else None
    products = BUNDLED / "products_example.csv" if count else None

    phases: list[dict[str, float]] = []

    def whole() -> None:
        with tempfile.TemporaryDirectory() as folder:
            scenario_seconds, scenario = _seconds(lambda: load_scenario("base"))
            answer = run(scenario, cases, products)
            written, _ = _seconds(lambda: answer.write(folder, workbook=False))
        phases.append({"scenario": scenario_seconds, **answer.seconds, "write": written})
    return {"run": [_seconds(whole)[0] for _ in range(repeats)], "phases": {k: median([p[k] for p in phases]) for k in phases[0]}}


def peak_memory() -> float | None:
    """Largest memory this process has held, in GB; None where the system does not tell (Windows)."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e9 if sys.platform == "darwin" else 1e6)


def median(seconds: list[float]) -> float:
    return statistics.median(seconds)


MEASURES = {m.__name__: m for m in (floor, pricing, one_by_one, example_run)}

if __name__ == "__main__":
    name, count, repeats = sys.argv[1:]
    result = MEASURES[name](int(count), int(repeats))
    json.dump({**result, "peak_gb": peak_memory()}, sys.stdout)
