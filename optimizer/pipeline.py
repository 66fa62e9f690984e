"""The whole way of the data: inputs -> cases -> options -> costs -> acceptability -> decisions -> policy -> report."""
from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pandas as pd

from optimizer.analysis.practice import current_practice
from optimizer.errors import InputError, Problem
from optimizer.inputs.assumption_sheet import with_workbook
from optimizer.inputs.cases import CaseFile, Known, read_cases
from optimizer.inputs.importing import Imported, import_report
from optimizer.inputs.ledger import BUNDLED
from optimizer.inputs.products import read_orders, read_products
from optimizer.inputs.scenario import Scenario, read_scenario
from optimizer.model.engine import Engine
from optimizer.model.rules import rule_switches
from optimizer.model.world import World
from optimizer.policy import apply_policy, read_policy
from optimizer.report.applied import AppliedTable
from optimizer.report.run import Run
from optimizer.solve.decide import decide

EXAMPLE = {"cases": BUNDLED / "cases_example.parquet", "products": BUNDLED / "products_example.csv", "orders": BUNDLED / "orders_example.csv"}
Paths = str | Path | Iterable[str | Path]


def load_scenario(name: str | Path = "base", settings: Iterable[str] = (), set_from: str | Path | None = None) -> Scenario:
    """Read a scenario by name or path; then what a workbook says otherwise, then `settings` of the form KEY=VALUE, which win.

    Raises InputError with every problem of the scenario and the data folder, or with every problem of workbook and settings.
    """
    if set_from is None:
        return read_scenario(name, tuple(settings), rule_switches())
    scenario, problems = read_scenario(name, (), rule_switches()), []
    for changed in (lambda s: with_workbook(s, set_from), lambda s: s.with_settings(tuple(settings))):
        try:
            scenario = changed(scenario)
        except InputError as refused:
            problems += refused.problems
    if problems:
        raise InputError(problems)
    return scenario


def known_of(scenario: Scenario, products: pd.DataFrame | None = None) -> Known:
    """What cases may refer to under a scenario; a product's price in dollars stands in every market at the planning rate."""
    world = World.of(scenario)
    prices = {(m, c): round(p * world.currencies[f.currency], 2) for m, f in world.markets.items()
              for c, p in zip(world.classes, world.class_numbers("price"))}
    if products is not None and "price" in products:
        own = {f"item_price_{m}": (products["price"] * world.currencies[f.currency]).round(2) for m, f in world.markets.items()}
        products = products.assign(**{k: v for k, v in own.items() if k not in products})
    return Known({m: f.currency for m, f in world.markets.items()}, world.classes, tuple(world.currencies), products, prices,
                 {c: rate / world.currencies[world.reporting] for c, rate in world.currencies.items()})


def read_inputs(scenario: Scenario, cases: Paths | pd.DataFrame | None, products: str | Path | None, orders: str | Path | None,
                skip_rejects: bool = False) -> tuple[CaseFile, pd.DataFrame | None, pd.DataFrame | None]:
    """Cases, products and orders, checked; the bundled example where no cases are named."""
    if cases is None:
        cases, products, orders = EXAMPLE["cases"], products or EXAMPLE["products"], orders or EXAMPLE["orders"]
    problems: list[Problem] = []

    def tried(read: Callable, *arguments):
        try:
            return read(*arguments)
        except InputError as refused:
            problems.extend(refused.problems)
            return None

    known = known_of(scenario)
    goods = tried(read_products, products, known) if products is not None else None
    known = known_of(scenario, goods)
    sales = tried(read_orders, orders, known) if orders is not None else None
    if isinstance(cases, pd.DataFrame):
        file = CaseFile(cases, [], 0, [], {})
    else:
        file = tried(read_cases, [cases] if isinstance(cases, (str, Path)) else list(cases), known, skip_rejects)
    if problems:
        raise InputError(problems)
    return file, goods, sales


def run(scenario: Scenario, cases: Paths | pd.DataFrame | None = None, products: str | Path | None = None,
        orders: str | Path | None = None, *, skip_rejects: bool = False,
        progress: Callable[[float, str], None] | None = None) -> Run:
    """Decide every case; the policy table is built when first asked for.

    `cases` are paths or a validated case table; without them the bundled example is decided.
    Raises InputError with every problem of the inputs.
    """
    seconds: dict[str, float] = {}

    @contextmanager
    def timed(phase: str):
        start = time.perf_counter()
        yield
        seconds[phase] = round(time.perf_counter() - start, 3)

    with timed("read"):
        file, goods, sales = read_inputs(scenario, cases, products, orders, skip_rejects)
    with timed("price"):
        engine = Engine.of(scenario, file.frame, goods)
        blocks = engine.price(progress=progress)
    with timed("decide"):
        plan = decide(blocks, len(file.frame))
        practice = current_practice(engine.world, blocks, plan, file.frame)
    named = {"products": products or (EXAMPLE["products"] if cases is None else None),
             "orders": orders or (EXAMPLE["orders"] if cases is None else None)}
    return Run(scenario, engine, blocks, plan, practice, file, sales, {k: Path(v) for k, v in named.items() if v}, seconds)


def apply_table(policy: str | Path, cases: Paths, scenario: Scenario, products: str | Path | None = None, *, skip_rejects: bool = False,
                progress: Callable[[float, str], None] | None = None) -> AppliedTable:
    """Read a policy table and new cases, price them and follow the table."""
    frame = read_policy(policy)
    file, goods, _ = read_inputs(scenario, cases, products, None, skip_rejects)
    engine = Engine.of(scenario, file.frame, goods)
    return AppliedTable(frame, engine, file, apply_policy(frame, engine, engine.price(progress=progress)), scenario.name)


def import_cases(kind: str | Path, files: Paths, scenario: Scenario, *, market: str | None = None, orders: str | Path | None = None,
                 products: str | Path | None = None) -> Imported:
    """Cases of a report, with the markets, classes and prices that the scenario and the product list know."""
    known = known_of(scenario)
    known = known_of(scenario, read_products(products, known)) if products else known
    return import_report(kind, files, market=market, orders=orders, known=known)


def assumption_warnings(scenario: Scenario, today: date) -> list[str]:
    """Values outside their usual range, and numbers whose review is overdue."""
    unusual = [f"{a.key} = {a.value:g} {a.unit} lies outside its usual range {a.usual[0]:g} to {a.usual[1]:g}"
               for a in scenario.book.values() if a.unusual()]
    overdue = [a for a in scenario.book.values() if a.review_by < today.isoformat()]
    if overdue:
        named = ", ".join(f"{a.key} ({a.review_by})" for a in overdue[:10])
        unusual.append(f"{len(overdue)} assumptions are past their review date: {named}{', …' if len(overdue) > 10 else ''}")
    return unusual
