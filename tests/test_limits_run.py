"""Runs under shared limits: plans, proof, prices of one more unit, exit codes, and the files that let
anybody recompute the use."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from limit_world import free_run, limit_of, risk_use, sends_goods, sent_by_market, under, with_share

from optimizer.domain.shared_limit import Group, SharedLimit, Use
from optimizer.model.pricing import PricedBlock
from optimizer.solve.clash_in_words import LimitsClash
from optimizer.solve.decide import EXPECTED, decide
from optimizer.solve.decide_limited import decide_within, expected_use, paid

CASES = 1000


@pytest.fixture(scope="module")
def free():
    return free_run(CASES)


@pytest.fixture(scope="module")
def tight(free):
    """Goods sent per market and risk per channel, both held below what they would be."""
    sent = sent_by_market(free, 0.7)
    risk = limit_of("order_defects", "orders", free.blocks, risk_use, lambda b: f"{b.cell.channel} 2026-10")
    most = under(free, [*sent, risk]).limits.used["order_defects"]
    return under(free, [*sent, with_share(risk, most, 0.95)])


# ---------------------------------------------------------------- small worlds by hand
def priced(
    totals: list[list[float]], mixed: bool = False, shares: list[float] | None = None, first: int = 0
) -> PricedBlock:
    """A block of cases whose options all are acceptable where their cost is finite; cents."""
    total = np.array(totals, float)
    n, width = total.shape
    acceptable = np.isfinite(total)
    total = np.where(acceptable, total, 0.0)
    share = np.array(shares or [0.0] * width)
    expected = total @ share if mixed else np.zeros(n)
    return PricedBlock(
        None,
        np.arange(first, first + n),
        [None] * width,
        total,
        np.zeros((n, width)),
        np.where(acceptable, 0, 1).astype(np.uint64),
        np.full(n, "seller"),
        share,
        expected,
        np.zeros(n),
        np.full(n, mixed),
        np.zeros(n),
    )


def limit(amounts: list[float], *uses: Use | None, name: str = "bench") -> SharedLimit:
    return SharedLimit(
        name,
        "hours",
        tuple(Group(f"g{i}", a, "given in the test") for i, a in enumerate(amounts)),
        uses,
    )


def test_the_plan_is_the_cheapest_of_all_that_keep_the_limits():
    rng = np.random.default_rng(5)
    for _ in range(20):
        totals = rng.integers(-200, 2_000, (5, 3)).astype(float)
        usage, amount = rng.integers(0, 4, (5, 3)).astype(float), float(rng.integers(3, 9))
        block = priced(totals.tolist())
        within = [
            choice
            for choice in itertools.product(range(3), repeat=5)
            if usage[np.arange(5), choice].sum() <= amount
        ]
        if not within:
            with pytest.raises(LimitsClash):
                decide_within([block], 5, [limit([amount], Use(usage, np.zeros((1, 1), int)))])
            continue
        best = min(sum(totals[np.arange(5), choice]) for choice in within)
        plan, result = decide_within([block], 5, [limit([amount], Use(usage, np.zeros((1, 1), int)))])
        assert (
            plan.total.sum() == best == round(result.cost * 100) == round(result.bound * 100)
            and result.status == "optimal"
        )
        assert result.used["bench"][0] == usage[np.arange(5), plan.choice].sum() <= amount


def test_what_others_decide_uses_its_expectation_and_is_not_changed():
    """One case of the platform: 0.25 x 4 hours = 1 hour is gone; of 3 hours 2 are left, so one of two
    repairs (2 hours each) gives way."""
    theirs = priced([[900.0, 100.0]], mixed=True, shares=[0.25, 0.75])
    own = priced([[100.0, 500.0], [100.0, 700.0], [np.inf, np.inf]], first=1)
    hours = [
        Use(np.array([[4.0, 0.0]]), np.zeros((1, 1), int)),
        Use(np.array([[2.0, 0.0]]), np.zeros((1, 1), int)),
    ]
    plan, result = decide_within([theirs, own], 4, [limit([3.0], *hours)])
    assert plan.choice.tolist() == [EXPECTED, 1, 0, -1]
    assert expected_use(theirs, hours[0], 1).tolist() == [1.0] and result.used["bench"].tolist() == [3.0]
    assert plan.total.tolist() == [300.0, 500.0, 100.0, 0.0] and result.cost == 9.0
    assert result.limits_cost == 4.0 and result.free.choice.tolist() == [EXPECTED, 0, 0, -1]


def test_runner_up_pays_for_what_it_uses():
    """Two repairs of 1 hour for 1 hour; the second saves 3.00 by it, so an hour costs between 2.00 and
    3.00."""
    block = priced([[100.0, 300.0, 900.0], [100.0, 400.0, 900.0]])
    bench = limit([1.0], Use(np.array([[1.0, 0.0, 0.0]]), np.zeros((1, 1), int)))
    plan, result = decide_within([block], 2, [bench])
    price = result.shadow_price["bench"][0]
    assert plan.choice.tolist() == [1, 0] and 2.0 <= price <= 3.0
    assert plan.runner_up.tolist() == [0, 1]
    assert plan.margin.tolist() == [round(100 * price - 200), round(300 - 100 * price)]
    assert paid([bench], 0, result.shadow_price, block.total.shape)[0].tolist() == [price, 0.0, 0.0]


def test_a_loose_limit_changes_nothing(free):
    loose = limit_of("replacements", "units", free.blocks, sends_goods, lambda b: b.cell.market)
    plan, result = decide_within(free.blocks, len(free.cases), [loose])
    for name in ("block", "place", "choice", "total", "risk", "runner_up", "margin", "cash_choice"):
        assert np.array_equal(getattr(plan, name), getattr(free.plan, name)), name
    assert result.limits_cost == 0.0 and result.gap_money == 0.0 and result.status == "optimal"
    assert not result.shadow_price["replacements"].any()


def test_a_clash_names_the_groups_and_what_would_help():
    block = priced([[100.0, 300.0], [100.0, 500.0]])
    both = [
        limit([1.0], Use(np.array([[1.5, 0.0]]), np.zeros((1, 1), int))),
        limit([2.0], Use(np.array([[0.0, 3.0]]), np.zeros((1, 1), int)), name="parts"),
    ]
    with pytest.raises(LimitsClash) as refused:
        decide_within([block], 2, both, currency="USD")
    clash = refused.value
    assert set(clash.clashing) == {("bench", 0), ("parts", 0)}
    more = {limit.name: (g, amount) for limit, g, amount in clash.extra()}
    relaxed = [
        replace(
            x, groups=tuple(replace(g, amount=g.amount + more.get(x.name, (0, 0.0))[1]) for g in x.groups)
        )
        for x in both
    ]
    plan, result = decide_within([block], 2, relaxed)
    assert result.cost == clash.relaxed_cost and (plan.choice >= 0).all()
    text = clash.text()
    assert (
        "* bench, g0: at most 1 hour" in text
        and "raise" in text
        and f"a plan then costs {result.cost:.2f} USD" in text
    )


# ---------------------------------------------------------------- the bound and the prices
def test_more_of_a_limit_moves_the_bound_by_its_price_left_and_right():
    """A bound that is not proven by search is the relaxed one; there the price is its slope wherever there
    is no kink."""
    rng = np.random.default_rng(11)
    totals = rng.integers(500, 12_000, (700, 9)).astype(float)
    block = priced(np.sort(totals, axis=1).tolist())
    usage = np.tile(np.linspace(2.0, 0.0, 9), (700, 1)) * rng.uniform(0.8, 1.2, (700, 9))
    group = (np.arange(700) % 3)[:, None]

    def bound(amounts: list[float]):
        return decide_within([block], 700, [limit(amounts, Use(usage, group))], gap=0.5)[1]

    amounts = [150.0, 180.0, 220.0]
    here = bound(amounts)
    for g, price in enumerate(here.shadow_price["bench"]):
        assert price > 0.1
        less, more = (
            bound([a + step * (i == g) for i, a in enumerate(amounts)]).bound for step in (-0.01, 0.01)
        )
        assert (less - here.bound) / 0.01 == pytest.approx(price, abs=0.05 * price + 0.05)
        assert (here.bound - more) / 0.01 == pytest.approx(price, abs=0.05 * price + 0.05)


def test_a_tighter_limit_never_costs_less(free):
    costs = [under(free, sent_by_market(free, share)).limits for share in (1.0, 0.9, 0.7, 0.5)]
    assert costs[0].limits_cost >= 0.0
    for looser, tighter in itertools.pairwise(costs):
        assert (
            looser.bound <= tighter.bound + 1e-4
            and looser.bound <= tighter.cost
            and tighter.bound <= tighter.cost
        )


def test_limits_hold_and_cost_is_what_is_paid(tight, free):
    s = tight.figures
    assert s["total_cost"] == tight.limits.cost >= free.figures["total_cost"]
    assert s["limits_cost"] == round(s["total_cost"] - free.figures["total_cost"], 2) > 0
    assert (
        s["gap_money"] == round(s["total_cost"] - s["bound"], 4)
        and 0 <= s["gap_money"] <= 1e-5 * s["total_cost"] + 0.01
    )
    for row in s["limits"]:
        assert row["used"] <= row["limit"] * (1 + 1e-9) + 1e-9
        assert row["utilisation"] == pytest.approx(
            row["used"] / row["limit"] if row["limit"] else 0.0, abs=1e-6
        )
        assert row["shadow_price"] >= 0 and row["unit"] in ("orders", "units")
    changed = (tight.plan.choice != free.plan.choice).sum()
    assert (
        s["limits_changed_cases"] == changed > 0 and sum(r["changed_cases"] for r in s["limits"]) >= changed
    )
    assert s["decided_by_risk"] == free.figures["decided_by_risk"]
    assert s["run_id"] != free.figures["run_id"]


def test_anybody_can_recompute_the_use_from_the_options(tight, tmp_path):
    tight.__dict__["decisions"] = tight.choices.assign(row_id="")
    from optimizer.report.files import _write_options

    _write_options(tight, tmp_path / "options.parquet")
    options = pd.read_parquet(tmp_path / "options.parquet")
    weight = np.where(options["share"].notna(), options["share"].fillna(0.0), options["chosen"].astype(float))
    for row in tight.figures["limits"]:
        counted = options[f"group_{row['name']}"] == row["group"]
        assert (options[f"usage_{row['name']}"] * weight)[counted].sum() == pytest.approx(
            row["used"], abs=1e-6
        )
    for name in {r["name"] for r in tight.figures["limits"]}:
        assert (options.loc[options[f"group_{name}"] == "", f"usage_{name}"] == 0.0).all()
        assert set(options[f"group_{name}"]) - {""} == {
            r["group"] for r in tight.figures["limits"] if r["name"] == name
        }


def test_decisions_name_what_would_be_done_without_limits(tight, free):
    before = free.choices.set_index("case_id")["option"]
    after = tight.choices.set_index("case_id")
    assert (after["option_without_limits"] == before).all() and "option_without_limits" not in free.choices
    assert (after["option"] != after["option_without_limits"]).sum() == tight.figures["limits_changed_cases"]


def test_lines_and_totals_follow_the_plan(tight):
    d = tight.choices
    assert (
        round(d["total"].sum(), 2)
        == round(tight.figures["total_cost"], 2)
        == round(sum(tight.lines.values()), 2)
    )


def test_without_limits_the_plan_is_the_old_one(free):
    assert free.limits is None and free.shared_limits == [] and free.figures["limits"] == []
    assert not any(k.startswith("limits_") for k in free.figures)
    again = decide(free.blocks, len(free.cases))
    assert np.array_equal(again.choice, free.plan.choice)
