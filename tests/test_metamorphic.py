"""What must happen to every option when one input changes, on a sample of the bundled example."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pytest

from optimizer.domain.names import CHANNELS, ISSUES
from optimizer.inputs.scenario import Scenario
from optimizer.model.block import Columns
from optimizer.model.engine import Engine
from optimizer.model.lines import LINE_KEYS, RISK_LINES
from optimizer.model.options import options_of
from optimizer.model.rules import RULES
from optimizer.pipeline import load_scenario, read_inputs
from optimizer.solve.decide import Plan, decide

FREIGHT_LINES = ("outbound_freight", "inbound_freight", "batch_freight")
FREIGHT = [f"freight.{way}_factor=1.3" for way in ("outbound", "inbound", "batch")]
HALF = 0.5  # cents lost by one rounding


@dataclass
class Priced:
    """A sample of cases priced under one scenario: decisions, and every line of every option."""

    scenario: Scenario
    cases: pd.DataFrame
    products: pd.DataFrame

    def __post_init__(self):
        self.engine = Engine.of(self.scenario, self.cases, self.products)
        self.blocks = self.engine.price()

    @cached_property
    def plan(self) -> Plan:
        return decide(self.blocks, len(self.cases))

    @cached_property
    def chosen(self) -> np.ndarray:
        """Key of the chosen option of every case; the number where nothing is chosen.   (N,) str"""
        p = self.plan
        return np.array(
            [self.blocks[b].options[c].key if c >= 0 else str(c) for b, c in zip(p.block, p.choice)]
        )

    @cached_property
    def lines(self) -> list[np.ndarray]:
        """Whole cents of all lines of all options, cell by cell.   each (O, C, L)"""
        pricers = [self.engine.pricer(b.cell, b.rows) for b in self.blocks]
        return [np.stack([p.line_table(i) for i in range(len(p.options))]) for p in pricers]

    @cached_property
    def mixed_lines(self) -> list[dict[str, np.ndarray]]:
        return [self.engine.pricer(b.cell, b.rows).mixed_lines() for b in self.blocks]

    def quantity(self, k: int) -> np.ndarray:
        return self.engine.columns.quantity[self.blocks[k].rows]


@pytest.fixture(scope="module")
def inputs():
    file, products, _ = read_inputs(load_scenario("base"), None, None, None)
    return file.frame.iloc[::7].reset_index(drop=True), products


@pytest.fixture(scope="module")
def base(inputs) -> Priced:
    return Priced(load_scenario("base"), *inputs)


def changed(inputs, *settings: str) -> Priced:
    return Priced(load_scenario("base", settings), *inputs)


def same_blocks(one: Priced, other: Priced) -> None:
    """The two answers have the same cells, options and refusals."""
    for a, b in zip(one.blocks, other.blocks, strict=True):
        assert (a.cell, a.options) == (b.cell, b.options)
        assert np.array_equal(a.refused, b.refused) and np.array_equal(a.rows, b.rows)


def columns(*names: str) -> list[int]:
    return [LINE_KEYS.index(n) for n in names]


def test_the_sample_is_wide_enough(base):
    assert len(base.cases) > 2500 and len(base.blocks) > 300
    assert [set(base.cases[c]) for c in ("market", "issue", "channel")] == [
        set(base.engine.world.markets),
        set(ISSUES),
        set(CHANNELS),
    ]
    used = {LINE_KEYS[k] for table in base.lines for k in np.flatnonzero(table.any(axis=(0, 1)))}
    assert used | {"repair_labour"} == set(
        LINE_KEYS
    )  # a station of one's own has no price per job in the base case
    assert (base.cases["quantity"] > 1).sum() > 50


def test_lines_add_up_to_the_total_of_every_option(base):
    risky = columns(*RISK_LINES)
    for b, table in zip(base.blocks, base.lines):
        assert np.array_equal(table.sum(axis=2).T, b.total)
        assert np.array_equal(table[:, :, risky].sum(axis=2).T, b.risk)
        assert np.array_equal(np.rint(table), table)


def test_dearer_freight_scales_freight_lines_and_touches_no_other(inputs, base):
    dear = changed(inputs, *FREIGHT)
    same_blocks(base, dear)
    freight = columns(*FREIGHT_LINES)
    others = [k for k in range(len(LINE_KEYS)) if k not in freight]
    moved, where = 0, set()
    # |new - 1.3 old| in cents: a line holds at most two parcels (its own and the fallback's), each rounded
    # once before (x 1.3) and once after
    # in its own currency; the line itself is rounded before and after; a share of a lot is rounded per unit.
    per_rounding = HALF * (1 + 1.3)
    dearest = max(dear.engine.world.rate(m.currency) for m in dear.engine.world.markets.values())
    for k, (old, new) in enumerate(zip(base.lines, dear.lines)):
        assert np.array_equal(new[:, :, others], old[:, :, others])
        bound = per_rounding * (2 * max(dearest, 1.0) + 1) + per_rounding * base.quantity(k)
        assert (np.abs(new - 1.3 * old)[:, :, freight] <= bound[None, :, None]).all()
        dearer = new[:, :, freight] > old[:, :, freight]
        moved += int(dearer.sum())
        where |= {part for part in base.blocks[k].cell[1:] if dearer.any()}
    unsent = {
        "cancel_unshipped",
        "address_change_unshipped",
        "a_to_z_claim",
    }  # nothing is sent, or a parcel less
    assert moved > 10_000 and where >= {*base.engine.world.markets, *CHANNELS, *(set(ISSUES) - unsent)}
    for old, new in zip(base.mixed_lines, dear.mixed_lines):
        assert all(np.array_equal(new[key], old[key]) for key in old if key not in FREIGHT_LINES)


def test_what_was_done_changes_no_decision(inputs, base):
    cases, products = inputs
    rng = np.random.default_rng(3)
    other = cases.assign(
        actual_resolution=rng.choice(["dispose", "keep_full_refund", "", "no such thing"], len(cases)),
        actual_cost=rng.normal(0, 1000, len(cases)),
    )
    answer = Priced(base.scenario, other, products)
    same_blocks(base, answer)
    assert answer.plan.total.tobytes() == base.plan.total.tobytes() and np.array_equal(
        answer.chosen, base.chosen
    )


@pytest.mark.parametrize("station", ["us_station.US", "de_station.DE"])
def test_the_rent_of_a_closed_station_changes_no_decision(inputs, base, station):
    dear = changed(inputs, f"rate.{station}.*.assumed.fixed_cost_per_case=4000")
    same_blocks(base, dear)
    assert np.array_equal(dear.chosen, base.chosen) and dear.plan.total.tobytes() == base.plan.total.tobytes()
    for a, b in zip(base.blocks, dear.blocks):
        there = np.array([o.provider == station.split(".")[0] for o in a.options])
        assert np.array_equal(a.total[:, ~there], b.total[:, ~there])
        assert (b.total[:, there] > a.total[:, there]).all()


def test_the_order_of_cases_changes_nothing(inputs, base):
    cases, products = inputs
    order = np.random.default_rng(11).permutation(len(cases))
    answer = Priced(base.scenario, cases.iloc[order].reset_index(drop=True), products)
    back = np.argsort(order)
    assert answer.plan.total[back].tobytes() == base.plan.total.tobytes()
    assert np.array_equal(answer.chosen[back], base.chosen) and np.array_equal(
        answer.plan.margin[back], base.plan.margin
    )


@pytest.mark.parametrize("size", [1, 13, 1000])
def test_the_size_of_blocks_changes_nothing(inputs, base, size):
    cases, products = inputs
    few = slice(0, 300) if size == 1 else slice(None)
    engine = Engine.of(base.scenario, cases.iloc[few], products)
    whole, parts = engine.price(), engine.price(size)
    assert len(parts) > len(whole) or size == 1000
    for b in whole:
        mine = [p for p in parts if p.cell == b.cell]
        assert np.concatenate([p.total for p in mine]).tobytes() == np.ascontiguousarray(b.total).tobytes()
        assert np.array_equal(np.concatenate([p.refused for p in mine]), b.refused)
        assert np.concatenate([p.mixed_total for p in mine]).tobytes() == b.mixed_total.tobytes()
    one, other = decide(whole, len(engine.cases)), decide(parts, len(engine.cases))
    assert np.array_equal(one.choice, other.choice) and one.total.tobytes() == other.total.tobytes()


@pytest.mark.parametrize("rule", [r.id for r in RULES if r.effect != "deadline"])
def test_one_rule_less_never_costs_more(inputs, base, rule):
    free = changed(inputs, f"rule.{rule}.on=0")
    for a, b in zip(base.blocks, free.blocks, strict=True):
        assert np.array_equal(a.total, b.total)
        assert not (b.refused & ~a.refused).any()  # nothing is refused that was not before
    with_rule = np.where(base.plan.decided, base.plan.total, np.inf)
    without = np.where(free.plan.decided, free.plan.total, np.inf)
    assert (without <= with_rule).all()
    differs = (
        base.plan.choice != free.plan.choice
    )  # only for less money, or for an earlier option at the same cost
    assert ((without < with_rule) | (free.plan.choice < base.plan.choice))[differs].all()


def test_dearer_contacts_move_only_the_contact_line(inputs, base):
    once = base.scenario.book.number("contact.cost")
    call = base.scenario.book.number("contact.phone_cost")
    double = changed(inputs, f"contact.cost={2 * once}", f"contact.phone_cost={2 * call}")
    same_blocks(base, double)
    contact = columns("contact_handling")
    others = [k for k in range(len(LINE_KEYS)) if k not in contact]
    for old, new in zip(base.lines, double.lines):
        assert np.array_equal(new[:, :, others], old[:, :, others])
        assert (np.abs(new - 2 * old)[:, :, contact] <= HALF * (1 + 2)).all()


def test_every_option_pays_for_the_contacts_of_its_own_resolution(base):
    book = base.scenario.book
    for b, table in zip(base.blocks, base.lines):
        for i, o in enumerate(b.options):
            if not o.fallback:
                own = 100 * book.number("contact.cost") * book.number(f"resolution.{o.resolution}.contacts")
                assert np.abs(table[i, :, columns("contact_handling")] - own).max() <= HALF, o.key


def test_a_component_names_every_part_of_an_option_it_depends_on(base):
    """A component is computed once per block for equal named parts; computed afresh for each option it
    must say the same."""
    for b in base.blocks:
        rows = b.rows[:20]
        kept = base.engine.block(b.cell, rows)
        for o in b.options:
            for c in o.spec.costs:
                assert np.array_equal(c(kept, o), c.of(base.engine.block(b.cell, rows), o)), (
                    f"{c.key} differs for {o.key}"
                )


def test_without_risk_the_total_is_the_cash(inputs, base):
    cash = changed(inputs, "risk.on=0")
    same_blocks(base, cash)
    for a, b in zip(base.blocks, cash.blocks):
        assert np.array_equal(b.total, a.total - a.risk) and not b.risk.any()
        assert np.array_equal(b.mixed_total, a.mixed_total - a.mixed_risk)
    keep = [k for k, key in enumerate(LINE_KEYS) if key not in RISK_LINES]
    for old, new in zip(base.lines, cash.lines):
        assert np.array_equal(new[:, :, keep], old[:, :, keep])
    assert np.array_equal(cash.plan.choice, base.plan.cash_choice)


def test_reporting_in_yuan_is_the_same_answer(inputs, base):
    """Refusals are the same exactly; totals agree within their roundings; a choice may differ only where
    two options are that near."""
    yuan = changed(inputs, "reporting.currency=CNY")
    same_blocks(base, yuan)
    rate = base.scenario.book.number("fx.CNY")
    for k, (a, b) in enumerate(zip(base.blocks, yuan.blocks)):
        # roundings in the reporting currency: each line once, and per unit at most landed cost, part, job,
        # rate and the values of five grades
        bound = (HALF * len(LINE_KEYS) + HALF * 9 * base.quantity(k)) * (1 + 1 / rate)
        assert (np.abs(b.total / rate - a.total) <= bound[:, None]).all()
        assert (np.abs(b.mixed_total / rate - a.mixed_total) <= bound).all()
    same = yuan.chosen == base.chosen
    assert same.mean() > 0.995
    bounds = (HALF * len(LINE_KEYS) + HALF * 9 * base.engine.columns.quantity) * (1 + 1 / rate)
    assert (base.plan.margin[~same] <= 2 * bounds[~same]).all()


# --- what a rule reads
# --------------------------------------------------------------------------------------------------------

# Case columns a rule may depend on by what it declares to read; class, weight, battery and stock come with
# the product.
DECLARED = {
    "shipped": ("shipped",),
    "delivered": ("delivered",),
    "age": ("age_days", "case_day"),
    "order_date": ("order_day",),
    "price": ("price",),
    "quantity": ("quantity",),
    "class": ("product",),
    "battery": ("product",),
    "weight": ("product", "quantity"),
    "stock": ("product", "quantity"),
    "condition": ("condition",),
    "claim_open": ("claim_open",),
    "prior_claims": ("prior_claims",),
    "safety": ("safety",),
    "fault": ("fault",),
    "window": ("age_days", "case_day", "order_day", "product"),
}


def refusals(engine: Engine, columns: Columns) -> dict[tuple, np.ndarray]:
    """What every rule by itself says of every option, dates of validity and fallbacks left aside."""
    found = {}
    for cell, rows in engine.cells:
        block = Engine(engine.world, engine.products, engine.cases, columns, engine.cells).block(cell, rows)
        for option in options_of(engine.world, cell):
            found |= {
                (r.id, cell, option.key): (
                    np.broadcast_to(np.asarray(r.refuses(block, option), bool), (len(rows),)).copy()
                )
                for r in RULES
                if r.effect != "deadline" and r.in_scope(cell)
            }
    return found


@pytest.fixture(scope="module")
def few(inputs) -> tuple[Engine, dict[tuple, np.ndarray]]:
    """A few cases of every cell; Germany, whose windows differ by class, has lost its warehouse, so every
    rule has something to refuse."""
    cases, products = inputs
    engine = Engine.of(
        load_scenario("base", ["provider.de_warehouse.open=0"]),
        cases.groupby(["market", "channel", "issue"]).head(25).reset_index(drop=True),
        products,
    )
    return engine, refusals(engine, engine.columns)


def other_values(engine: Engine, column: str) -> np.ndarray:
    """Other values of one case column, drawn over its whole range."""
    rng, old, n = np.random.default_rng(5), getattr(engine.columns, column), len(engine.cases)
    if old.dtype == bool:
        return ~old
    if np.issubdtype(old.dtype, np.datetime64):
        return old - rng.integers(0, 4000, n).astype("timedelta64[D]")
    return {
        "price": lambda: rng.choice([1.0, 20.0, 25.0, 60.0, 200.0, 450.0, 1500.0], n),
        "quantity": lambda: rng.integers(1, 30, n),
        "product": lambda: rng.integers(0, len(engine.products.class_index), n),
        "age_days": lambda: rng.integers(0, 3000, n).astype(float),
        "prior_claims": lambda: rng.integers(0, 9, n),
        "fault": lambda: rng.integers(0, 4, n).astype(np.int8),
        "condition": lambda: rng.integers(0, 7, n).astype(np.int8),
        "stars": lambda: rng.integers(1, 6, n).astype(float),
    }[column]()


@pytest.mark.parametrize("column", Columns._fields)
def test_a_rule_depends_only_on_what_it_declares_to_read(few, column):
    """The policy table probes what rules declare; an undeclared dependence would let it give a forbidden
    instruction."""
    engine, before = few
    after = refusals(engine, engine.columns._replace(**{column: other_values(engine, column)}))
    moved = {rule for (rule, *where), old in before.items() if not np.array_equal(old, after[rule, *where])}
    allowed = {r.id for r in RULES if any(column in DECLARED[what] for what in r.reads)}
    assert sorted(moved - allowed) == []
