"""The whole way of the data: inputs -> cases -> options -> costs -> acceptability -> decisions -> policy
-> report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd

from optimizer.analysis.practice import current_practice
from optimizer.answer.applied import AppliedTable
from optimizer.answer.network import NetworkReport
from optimizer.errors import InputError, Problem, first_of
from optimizer.inputs.account_health import AccountHealth, read_account_health
from optimizer.inputs.assumption_sheet import with_workbook
from optimizer.inputs.bundled import BUNDLED
from optimizer.inputs.cases import CaseFile, Known, read_cases
from optimizer.inputs.decoding import file_bytes
from optimizer.inputs.fee_preview import ProductList, read_fee_preview
from optimizer.inputs.importing import Imported, import_report, known_market
from optimizer.inputs.products import read_demand, read_orders, read_products
from optimizer.inputs.recognising import ACCOUNT_HEALTH, kinds_that_fit, title_of_kind
from optimizer.inputs.scenario import Scenario, read_scenario
from optimizer.inputs.tabular import read_table
from optimizer.model.declarations import declaration_problems
from optimizer.model.engine import Engine
from optimizer.model.limits import shared_limits
from optimizer.model.resolutions import RESOLUTIONS, with_titles
from optimizer.model.rules import RULES, rule_switches
from optimizer.model.world import World
from optimizer.network import plan_network
from optimizer.network.on_plan import OnPlan, on_plan
from optimizer.network.questions import ask
from optimizer.phrases import Phrase, phrase
from optimizer.policy import apply_policy, as_policy
from optimizer.report.run import Run
from optimizer.solve.decide import decide
from optimizer.solve.decide_limited import Progress, decide_within
from optimizer.solve.network.trial import TRIAL_GAP

EXAMPLE = {
    "cases": BUNDLED / "cases_example.parquet",
    "products": BUNDLED / "products_example.csv",
    "orders": BUNDLED / "orders_example.csv",
}
_GAP, _SECONDS = 1e-5, 60.0  # of the search under limits, where nobody says otherwise
_STEPS = 20
Paths = str | Path | Iterable[str | Path]


def load_scenario(
    name: str | Path = "base", settings: Iterable[str] = (), set_from: str | Path | None = None
) -> Scenario:
    """Read a scenario by name or path; then what a workbook says otherwise, then `settings` of the form
    KEY=VALUE, which win.

    Raises InputError with every problem of the scenario and the data folder, or with every problem of
    workbook and settings.
    """
    scenario = _merged(name, tuple(settings), set_from)
    problems = declaration_problems(scenario, RESOLUTIONS, RULES)
    if problems:
        raise InputError(problems)
    return scenario.with_reports()


def _merged(name: str | Path, settings: tuple[str, ...], set_from: str | Path | None) -> Scenario:
    scenario, problems = read_scenario(name, settings if set_from is None else (), rule_switches()), []
    scenario = replace(scenario, book=with_titles(scenario.book))
    if set_from is None:
        return scenario
    for changed in (lambda s: with_workbook(s, set_from), lambda s: s.with_settings(settings)):
        try:
            scenario = changed(scenario)
        except InputError as refused:
            problems += refused.problems
    if problems:
        raise InputError(problems)
    return scenario


def known_of(scenario: Scenario, products: pd.DataFrame | None = None) -> Known:
    """What cases may refer to under a scenario; a product's price in dollars stands in every market at the
    planning rate."""
    world = World.of(scenario)
    prices = {
        (m, c): round(p * world.currencies[f.currency], 2)
        for m, f in world.markets.items()
        for c, p in zip(world.classes, world.class_numbers("price"))
    }
    if products is not None and "price" in products:
        own = {
            f"item_price_{m}": (products["price"] * world.currencies[f.currency]).round(2)
            for m, f in world.markets.items()
        }
        products = products.assign(**{k: v for k, v in own.items() if k not in products})
    return Known(
        {m: f.currency for m, f in world.markets.items()},
        world.classes,
        tuple(world.currencies),
        products,
        prices,
        {c: rate / world.currencies[world.reporting] for c, rate in world.currencies.items()},
    )


def read_inputs(
    scenario: Scenario,
    cases: Paths | pd.DataFrame | None,
    products: str | Path | None,
    orders: str | Path | None,
    skip_rejects: bool = False,
) -> tuple[CaseFile, pd.DataFrame | None, pd.DataFrame | None]:
    """Cases, products and orders, checked; the bundled example where no cases are named."""
    if cases is None:
        cases, products, orders = (
            EXAMPLE["cases"],
            products or EXAMPLE["products"],
            orders or EXAMPLE["orders"],
        )
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
        file = tried(
            read_cases, [cases] if isinstance(cases, (str, Path)) else list(cases), known, skip_rejects
        )
    if problems:
        raise InputError(problems)
    return file, goods, sales


def run(
    scenario: Scenario,
    cases: Paths | pd.DataFrame | None = None,
    products: str | Path | None = None,
    orders: str | Path | None = None,
    *,
    skip_rejects: bool = False,
    seconds: float | None = None,
    gap: float = _GAP,
    progress: Callable[[float, str], None] | None = None,
) -> Run:
    """Decide every case; the policy table is built when first asked for.

    `cases` are paths or a validated case table; without them the bundled example is decided. Where the
    scenario has limits, `gap` is the share of the bound and `seconds` (60 where not given) the time at which
    the search for a cheaper plan may stop. With network.use = 1 the repair network is planned first and the
    cases are decided under its plan. Raises InputError with every problem of the inputs, and Infeasible where
    no plan keeps the limits.
    """
    took: dict[str, float] = {}

    @contextmanager
    def timed(phase: str):
        start = time.perf_counter()
        yield
        took[phase] = round(time.perf_counter() - start, 3)

    with timed("read"):
        file, goods, sales = read_inputs(scenario, cases, products, orders, skip_rejects)
    planned = None
    if scenario.book.flag("network.use"):
        with timed("network"):
            planned = _under_its_plan(scenario, file.frame, goods, sales)
        scenario = planned.scenario
    with timed("price"):
        engine = Engine.of(scenario, file.frame, goods)
        blocks = engine.price(progress=progress)
    limits, result = [], None
    if scenario.limits:
        limits = shared_limits(engine, blocks, file.frame, sales)
    with timed("decide"):
        if limits:
            plan, result = decide_within(
                blocks,
                len(file.frame),
                limits,
                gap,
                _SECONDS if seconds is None else seconds,
                _as_progress(progress),
                engine.world.reporting,
            )
        else:
            plan = decide(blocks, len(file.frame))
        practice = current_practice(engine.world, blocks, plan, file.frame)
    named = {
        "products": products or (EXAMPLE["products"] if cases is None else None),
        "orders": orders or (EXAMPLE["orders"] if cases is None else None),
    }
    return Run(
        scenario,
        engine,
        blocks,
        plan,
        practice,
        file,
        sales,
        {k: Path(v) for k, v in named.items() if v},
        took,
        limits,
        result,
        planned,
    )


def network(
    scenario: Scenario,
    products: str | Path | None = None,
    orders: str | Path | None = None,
    demand: str | Path | None = None,
    *,
    questions: bool = False,
    gap: float = 1e-4,
    seconds: float = _SECONDS,
    progress: Callable[[float, str], None] | None = None,
) -> NetworkReport:
    """The repair network of a scenario; the bundled products and orders where neither orders nor demand are
    named.

    `questions` also solves it again for entry prices, break-even volumes and alternatives. Raises InputError
    with every problem of the inputs, and Infeasible where no network keeps the limits.
    """
    sample = orders is None and demand is None
    said = (
        phrase(
            "the orders are those of the bundled sample: name your own with --orders, or a demand with"
            " --demand"
        )
        if sample and products is not None
        else None
    )
    if sample:
        products, orders = products or EXAMPLE["products"], EXAMPLE["orders"]
    known, problems, took = known_of(scenario), [], {}
    goods = _tried(problems, read_products, products, known)
    sales, need = _tried(problems, read_orders, orders, known), _tried(problems, read_demand, demand, known)
    if problems:
        raise InputError(problems)
    start = time.perf_counter()
    planned = plan_network(
        scenario, goods, sales, need, gap=TRIAL_GAP if questions else gap, seconds=seconds, progress=progress
    )
    planned = replace(planned, notes=(said, *planned.notes)) if said else planned
    took["plan"] = round(time.perf_counter() - start, 3)
    answers = {}
    if questions:
        start = time.perf_counter()
        for count, answer in enumerate(ask(planned), start=1):
            answers[answer.provider] = answer
            if progress is not None:
                progress(count / len(planned.problem.providers), phrase("asking what the plan hangs on"))
        took["questions"] = round(time.perf_counter() - start, 3)
    return NetworkReport(planned, answers, questions, took)


def _tried(
    problems: list[Problem], read: Callable, path: str | Path | None, known: Known
) -> pd.DataFrame | None:
    """What a file holds, None where none is named; its problems are added to those of the others."""
    if path is None:
        return None
    try:
        return read(path, known)
    except InputError as refused:
        problems.extend(refused.problems)
        return None


def _under_its_plan(
    scenario: Scenario, cases: pd.DataFrame, goods: pd.DataFrame | None, sales: pd.DataFrame | None
) -> OnPlan:
    """The scenario as the plan of its repair network leaves it."""
    return on_plan(plan_network(scenario, goods, sales), cases["case_date"].dt.strftime("%Y-%m"))


def _as_progress(progress: Callable[[float, str], None] | None) -> Progress | None:
    """Steps of the solver as a share of the work; how long a step takes is not known beforehand."""
    if progress is None:
        return None
    step = iter(range(1, _STEPS))
    return lambda name, cost, bound: progress(
        next(step, _STEPS - 1) / _STEPS, phrase("deciding under the limits")
    )


def read_policy(path: str | Path) -> pd.DataFrame:
    """A policy table from a file; InputError with every problem of it."""
    return as_policy(read_table(path))


def apply_table(
    policy: str | Path,
    cases: Paths,
    scenario: Scenario,
    products: str | Path | None = None,
    *,
    orders: str | Path | None = None,
    skip_rejects: bool = False,
    progress: Callable[[float, str], None] | None = None,
) -> AppliedTable:
    """Read a policy table and new cases, price them, follow the table and count what it uses of the
    scenario's limits."""
    frame = read_policy(policy)
    file, goods, sales = read_inputs(scenario, cases, products, orders, skip_rejects)
    if scenario.book.flag("network.use"):
        scenario = _under_its_plan(scenario, file.frame, goods, sales).scenario
    engine = Engine.of(scenario, file.frame, goods)
    blocks = engine.price(progress=progress)
    limits = shared_limits(engine, blocks, file.frame, sales, touching_only=True)
    return AppliedTable(
        frame, engine, file, apply_policy(frame, engine, blocks), scenario.name, blocks, limits
    )


def recognise(files: Paths) -> tuple[str, list[Phrase]]:
    """The kind of report that all files are, and what is said of it; InputError for a file that fits none,
    or another one."""
    paths = [files] if isinstance(files, (str, Path)) else list(files)
    fitting = {str(path): kinds_that_fit(path) for path in paths}
    problems = [problem for path, kinds in fitting.items() if not kinds for problem in _why_none_fits(path)]
    first = next((kinds[0] for kinds in fitting.values() if kinds), "")
    problems += [
        Problem(
            path,
            None,
            "",
            "",
            phrase("is a report of kind {kind}, the files before it are {other}", kind=kinds[0], other=first),
            phrase("Import each kind by itself."),
        )
        for path, kinds in fitting.items()
        if kinds and kinds[0] != first
    ]
    if problems:
        raise InputError(problems)
    notes = [
        phrase("{file} is taken as {kind}: {title}", file=path, kind=first, title=title_of_kind(first))
        for path in fitting
    ]
    notes += [
        phrase("{file} would also fit: {kinds}", file=path, kinds=", ".join(kinds[1:]))
        for path, kinds in fitting.items()
        if len(kinds) > 1
    ]
    return first, notes


def _why_none_fits(path: str) -> tuple[Problem, ...]:
    """What is wrong with a file that fits no kind: that it is missing, empty or a folder, else that its
    headers are not known."""
    try:
        file_bytes(path)
    except InputError as refused:
        return refused.problems
    return (
        Problem(
            path,
            None,
            "",
            "",
            phrase("is no kind of report that is known by its headers"),
            phrase("Name the kind (import --list), or write a mapping (docs/import-mapping.md)."),
        ),
    )


def import_cases(
    kind: str | Path,
    files: Paths,
    scenario: Scenario,
    *,
    market: str | None = None,
    orders: str | Path | None = None,
    products: str | Path | None = None,
    payments: Paths = (),
    progress: Callable[[float, str], None] | None = None,
) -> Imported:
    """Cases of a report, with the markets, classes and prices that the scenario and the product list know."""
    known = known_of(scenario)
    known = known_of(scenario, read_products(products, known)) if products else known
    return import_report(
        kind, files, market=market, orders=orders, payments=payments, known=known, progress=progress
    )


def import_table(
    kind: str,
    files: Paths,
    scenario: Scenario,
    *,
    market: str | None = None,
    products: str | Path | None = None,
) -> AccountHealth | ProductList:
    """A report that holds no cases: account health, or a fee preview added to the product list where one
    is named."""
    if kind == ACCOUNT_HEALTH:
        return read_account_health(files)
    known = known_of(scenario)
    known = known._replace(products=read_products(products, known) if products else None)
    return read_fee_preview(files, known, known_market(market, known))


def earlier_cases(path: str | Path, scenario: Scenario) -> pd.DataFrame | None:
    """The cases that a file already holds, for an import that adds to them; None where there is no such
    file."""
    return read_cases([path], known_of(scenario)).frame if Path(path).exists() else None


def assumption_warnings(scenario: Scenario, today: date) -> list[str]:
    """Values outside their usual range, and numbers whose review is overdue."""
    unusual = [
        phrase(
            "{key} = {value:g} {unit} lies outside its usual range {low:g} to {high:g}",
            key=a.key,
            value=a.value,
            unit=a.unit,
            low=a.usual[0],
            high=a.usual[1],
        )
        for a in scenario.book.values()
        if a.unusual()
    ]
    overdue = [a for a in scenario.book.values() if a.review_by < today.isoformat()]
    if overdue:
        named = first_of([f"{a.key} ({a.review_by})" for a in overdue], 10)
        unusual.append(
            phrase("{count} assumptions are past their review date: {names}", count=len(overdue), names=named)
        )
    return unusual
