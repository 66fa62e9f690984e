"""The repair network of a scenario: its demand, its prices, its plan, what the plan hangs on, and cases
decided under it."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import network_example
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from network_world import table

from optimizer import load_scenario
from optimizer.answer.network import NetworkReport
from optimizer.cli import cli
from optimizer.errors import InputError
from optimizer.inputs.products import read_demand
from optimizer.model.products import build_products
from optimizer.model.world import World
from optimizer.network import plan_network
from optimizer.network.demand import demand_of, season, sold_of
from optimizer.network.labels import cell_label
from optimizer.network.on_plan import on_plan
from optimizer.network.questions import ask, break_even, entry_of
from optimizer.network.rows import provider_rows, strategy_rows
from optimizer.pipeline import EXAMPLE, known_of, network
from optimizer.report.network.page import network_page, write_network
from optimizer.report.network.text import network_text
from optimizer.solve import NetworkProblem, design
from optimizer.solve.network.trial import benches_of

inputs = network_example.inputs  # a fixture


@pytest.fixture(scope="module")
def planned(inputs):
    return plan_network(*inputs, gap=1e-7)


@pytest.fixture(scope="module")
def answers(planned):
    return {a.provider: a for a in ask(planned)}


# --- demand
# -----------------------------------------------------------------------------------------------------------


def test_demand_by_hand():
    """300 units in October, whose season is 1.00, and nothing else: 300 in an average month."""
    scenario = load_scenario("base", ("network.months=14",))
    world = World.of(scenario)
    orders = pd.DataFrame(
        {
            "month": "2026-10",
            "market": "US",
            "channel": "merchant",
            "sku": "unknown",
            "orders": 250,
            "units": 300,
            "net_sales": np.nan,
        },
        index=[0],
    )
    found = demand_of(world, sold_of(world, build_products(world, None), orders)).set_index(
        ["need", "month"]
    )["units"]
    assert season(world, "US", pd.Period("2026-10")) == 1.0
    # Twelve months' sales are 12 x 300 whatever the season: 3,600 x 3 % / 12 = 9 a month (class
    # unclassified).
    assert found["warranty"].tolist() == [9.0] * 14
    # November is 1.25 x 300 = 375 x 9 % = 33.75, December 1.33 x 300 = 399 x 9 % = 35.91: 34, then 69.66 in
    # all less 34 = 36.
    assert found["returned"].tolist()[:2] == [34.0, 36.0]
    grown = demand_of(
        World.of(load_scenario("base", ("network.months=14", "network.growth_year=0.2"))),
        sold_of(world, build_products(world, None), orders),
    )
    assert grown[(grown["need"] == "returned") & (grown["month"] == "2027-10")]["units"].iloc[
        0
    ] == pytest.approx(300 * 1.2 * 0.09, abs=1)


def test_demand_comes_from_a_file_too(tmp_path, inputs):
    scenario, goods, _ = inputs
    file = tmp_path / "demand.csv"
    file.write_text(
        "market,product_class,need,month,units\nGB,robot_vacuum,warranty,2026-11,40\nGB,robot_vacuum,warranty,2027-01,10\n",
        encoding="utf-8",
    )
    need = read_demand(file, known_of(scenario, goods))
    plan = plan_network(scenario, goods, None, need)
    assert plan.problem.months == ("2026-11", "2026-12", "2027-01")
    assert plan.flows.groupby("month")["units"].sum().to_dict() == {"2026-11": 40.0, "2027-01": 10.0}
    file.write_text(
        "market,product_class,need,month,units\nXX,robot_vacuum,repair,2026-13,40\n", encoding="utf-8"
    )
    with pytest.raises(InputError) as refused:
        read_demand(file, known_of(scenario, goods))
    assert {p.column for p in refused.value.problems} == {"market", "need", "month"}


def test_a_demand_that_nothing_was_sold_of_is_priced_all_the_same_and_said(inputs):
    """Orders of Japan, demand in Germany: the articles of the list stand in, else the typical article;
    nothing is dropped."""
    scenario, goods, orders = inputs
    need = pd.DataFrame(
        {
            "market": ["DE", "JP"],
            "product_class": "robot_vacuum",
            "need": "warranty",
            "month": "2026-11",
            "units": [40.5, 10.0],
        }
    )
    for listed, source in (
        (goods, "the articles of the product list"),
        (None, "the typical article of the class"),
    ):
        found = plan_network(scenario, listed, orders[orders["market"] == "JP"], need)
        assert found.plan.flows["units"].sum() == pytest.approx(50.5) and found.demand["units"].sum() == 50.5
        assert any(source in note for note in found.notes)
    assert not plan_network(
        scenario, goods, orders[orders["market"] == "JP"], need[need["market"] == "JP"]
    ).notes
    alone = plan_network(scenario, goods, None, need)
    assert [note for note in alone.notes if note.startswith("2 of 2 markets and classes")]


def test_articles_that_no_list_knows_are_said(inputs):
    found = plan_network(inputs[0], None, inputs[2])
    assert (
        set(found.demand["product_class"]) == {"unclassified"} and "not in the product list" in found.notes[0]
    )


def test_nothing_to_decide_is_refused(inputs):
    need = pd.DataFrame(
        {
            "market": ["JP"],
            "product_class": "robot_vacuum",
            "need": "warranty",
            "month": "2026-11",
            "units": [0.0],
        }
    )
    with pytest.raises(InputError, match="nothing to plan"):
        plan_network(*inputs[:2], None, need)


def test_the_demand_can_be_multiplied(inputs, planned):
    more = plan_network(inputs[0].with_settings(("network.demand_factor=1.5",)), *inputs[1:])
    assert more.demand["units"].to_numpy() == pytest.approx(1.5 * planned.demand["units"].to_numpy())


def test_without_orders_and_demand_there_is_nothing_to_plan(inputs):
    with pytest.raises(InputError, match="--orders"):
        plan_network(inputs[0], inputs[1], None)


# --- prices
# -----------------------------------------------------------------------------------------------------------


def test_ways_out_are_priced_by_the_cost_model(planned):
    """The unit cost of a way out is the mean over the typical cases of the totals that the cost model
    gives, weighed by sales."""
    s, engine = planned.strategies, planned.engine
    totals, acceptable = _priced(engine)
    for number in range(0, len(s.table), 17):
        rows, option = s.rows[number], s.option[number]
        share = s.weight[rows]
        assert share.sum() == pytest.approx(1.0)
        its = share > 0
        assert all(acceptable[r][o] for r, o in zip(rows[its], option[its]))
        assert s.table["unit_cost"][number] == pytest.approx(
            sum(w * totals[r][o] for w, r, o in zip(share[its], rows[its], option[its]))
        )


def _priced(engine):
    """Total in money and acceptability of every option, by case."""
    totals, acceptable = {}, {}
    for block in engine.price():
        for k, row in enumerate(block.rows):
            totals[row], acceptable[row] = block.total[k] / 100, block.acceptable[k]
    return totals, acceptable


def test_nothing_that_hangs_on_volume_is_in_a_unit_cost(planned):
    assert planned.engine.world.scenario.basis == "none"
    assumed = replace(planned.engine, world=World.of(replace(planned.engine.world.scenario, basis="assumed")))
    moved = {
        o.provider
        for none, some in zip(planned.engine.price(), assumed.price())
        for i, o in enumerate(none.options)
        if (none.total[:, i] != some.total[:, i]).any()
    }
    assert "gb_partner" in moved and "gb_local" not in moved


def test_the_plan_priced_as_cases_ties_out(planned):
    """Every unit of every flow as a case of its cell's mix, decided as the plan says, under the plan: the
    same money to the cent."""
    under = on_plan(planned, planned.problem.months)
    totals, acceptable = _priced(replace(planned.engine, world=World.of(under.scenario)))
    units = planned.flows.groupby(["cell", "action"])["units"].sum()
    labels, table_ = cell_label(planned.strategies.table), planned.strategies.table
    total = 0.0
    for number, (cell, resolution, provider) in enumerate(
        zip(labels, table_["resolution"], table_["provider"])
    ):
        served = units.get((cell, f"{resolution}|{provider}"), 0.0)
        rows, option = planned.strategies.rows[number], planned.strategies.option[number]
        share = planned.strategies.weight[rows]
        if served:
            assert all(acceptable[r][o] for r, o, w in zip(rows, option, share) if w > 0)
            total += served * math.fsum(w * totals[r][o] for r, o, w in zip(rows, option, share) if w > 0)
    money = planned.plan.evaluation.money
    assert round(total, 2) == round(money.loc[money["line"] == "unit_cost", "money"].sum(), 2)


# --- what the plan hangs on
# -------------------------------------------------------------------------------------------


def year_of_repairs(units: float = 900.0) -> NetworkProblem:
    """The worked case: partner 22 + 8,000, local 60, own station 166,000 with 4,000 repairs."""
    return NetworkProblem(
        table(
            {"provider": "partner", "open_cost": 8_000.0, "monthly_cost": 0.0, "capacity": math.inf},
            {"provider": "local", "open_cost": 0.0, "monthly_cost": 0.0, "capacity": math.inf},
            {"provider": "own", "open_cost": 0.0, "monthly_cost": 166_000.0, "capacity": 4_000.0},
        ),
        table({"cell": "US B", "month": 1, "units": units}),
        table(
            *(
                {"cell": "US B", "action": p, "unit_cost": c, "provider": p}
                for p, c in (("partner", 22.0), ("local", 60.0), ("own", 0.0))
            )
        ),
    )


def test_entry_price_and_break_even_of_the_worked_case():
    partner = benches_of(year_of_repairs())["partner"]
    now, without = partner.solve(), partner.closed().solve()
    assert (now.cost, without.cost) == (pytest.approx(27_800), pytest.approx(54_000))
    entry = entry_of(partner, now, without, "with_price", 22.0)
    assert (
        entry.low <= (54_000 - 8_000) / 900 <= entry.high + 1e-9 and entry.high - entry.low <= 0.0101
    )  # 51.11
    _, bracket = break_even(partner, used=True)
    assert bracket.low * 900 < 8_000 / 38 < bracket.high * 900  # 210.5 a year
    own = benches_of(year_of_repairs())["own"]
    rent = entry_of(own, own.solve(), own.closed().solve(), "with_rent", 166_000.0)
    assert rent.low <= 27_800 <= rent.high + 0.01  # worth what the partner costs
    assert math.isnan(break_even(own, used=False)[0])  # never within 4,000 a year
    wide = NetworkProblem(
        year_of_repairs().providers.assign(capacity=math.inf),
        year_of_repairs().demand,
        year_of_repairs().actions,
    )
    _, bracket = break_even(benches_of(wide)["own"], used=False)
    assert bracket.low * 900 < (166_000 - 8_000) / 22 < bracket.high * 900


def test_every_entry_price_and_break_even_flips_the_plan(planned, answers):
    """Solved again as a whole, just below and just above what is reported: the provider is used on one
    side only."""
    asked = 0
    for a in answers.values():
        for low, high, changed in (
            (a.entry_price.low - a.price, a.entry_price.high - a.price, _dearer),
            (a.entry_rent.low, a.entry_rent.high, _rented),
            (a.break_even_bracket.high, a.break_even_bracket.low, _more),
        ):
            if math.isnan(low):
                continue
            asked += 1
            used = [
                design(changed(planned.problem, a.provider, x), gap=1e-7).units_of.get(a.provider, 0.0) > 1e-6
                for x in (low, high)
            ]
            assert used == [True, False], (a.provider, changed.__name__, low, high)
    assert asked >= 5


def _dearer(problem: NetworkProblem, provider: str, more: float) -> NetworkProblem:
    actions = problem.actions.copy()
    its = actions["provider"] == provider
    for column in ("unit_cost", "fee"):
        actions.loc[its, column] += more * actions.loc[its, "batch_use"]
    return replace(problem, actions=actions)


def _rented(problem: NetworkProblem, provider: str, rent: float) -> NetworkProblem:
    providers = problem.providers.copy()
    providers.loc[providers["provider"] == provider, "monthly_cost"] = rent
    return replace(problem, providers=providers)


def _more(problem: NetworkProblem, provider: str, factor: float) -> NetworkProblem:
    served = set(problem.actions.loc[problem.actions["provider"] == provider, "cell"])
    demand = problem.demand.copy()
    demand.loc[demand["cell"].isin(served), "units"] *= factor
    return replace(problem, demand=demand)


def test_what_is_said_in_the_currency_of_a_provider_can_be_set(inputs, planned, answers):
    """The entry rent of the bench in Japan in yen, typed as --set: used there, and no longer two yen above
    (a cent is 1.6 yen)."""
    bench = "jp_warehouse_bench"
    rows = provider_rows(planned, answers).set_index("provider")
    assert rows.at[bench, "currency"] == "JPY"
    rent = rows.at[bench, "entry_rent_own"]
    for yen, used in ((rent, True), (rent + 2, False)):
        found = plan_network(
            inputs[0].with_settings((f"terms.{bench}.monthly_cost={yen:.2f}",)), *inputs[1:], gap=1e-7
        )
        assert (found.plan.units_of.get(bench, 0.0) > 0) is used, yen


def test_who_is_paid_per_job_is_asked_what_it_is_worth(planned, answers):
    local = answers["gb_local"]
    without = design(replace(planned.problem, limits={"force_closed": ["gb_local"]}), gap=1e-7)
    assert "gb_local" in planned.per_job and local.used and math.isnan(local.entry_price.low)
    assert (
        local.other_cost == pytest.approx(without.cost - planned.plan.cost, abs=0.01) and local.other_cost > 1
    )


def test_what_all_benches_save(planned):
    names = list(planned.problem.providers["provider"])
    bare = design(replace(planned.problem, limits={"force_closed": names}))
    assert set(bare.units_of) == {""}
    assert planned.cost_without_benches == pytest.approx(bare.cost) and bare.cost > planned.plan.cost


def test_a_station_that_has_to_be_open_is_reported(inputs):
    found = plan_network(inputs[0].with_settings(("terms.gb_station.choice=open",)), *inputs[1:])
    report = NetworkReport(found, {a.provider: a for a in ask(found)}, True, {})
    station = report.providers.set_index("provider").loc["gb_station"]
    assert station["open_months"] == 12 and station["payback_month"] == ""
    assert "have to be open cost" in network_text(report) and network_page(report, "zh")


def test_rows_add_up(planned, answers):
    providers = provider_rows(planned, answers)
    rows = strategy_rows(planned, answers, providers)
    known = set(cell_label(planned.strategies.table))
    need = planned.demand[cell_label(planned.demand).isin(known)]
    assert rows["units"].sum() == pytest.approx(need["units"].sum())
    money = planned.plan.evaluation.money
    assert rows["cost"].sum() == pytest.approx(
        money.loc[money["line"] == "unit_cost", "money"].sum(), abs=0.005
    )
    assert providers["variable_cost"].sum() + rows.loc[rows["provider"] == "", "cost"].sum() == pytest.approx(
        rows["cost"].sum(), abs=0.005
    )
    assert rows.groupby(["market", "product_class", "need"])["share"].sum().to_numpy() == pytest.approx(1.0)
    assert (
        (providers["utilisation"] >= 0) & (providers["utilisation"] <= 1) | providers["utilisation"].isna()
    ).all()


# --- a station that opens
# ---------------------------------------------------------------------------------------------

STATION = (
    "network.months=24",
    "terms.gb_station.open_cost=3000",
    "terms.gb_station.monthly_cost=20",
    "terms.gb_partner.choice=closed",
)


def test_an_own_station_is_opened_and_paid_back(inputs):
    scenario = load_scenario("base", STATION)
    planned = plan_network(scenario, *inputs[1:])
    answers = {a.provider: a for a in ask(planned)}
    station = provider_rows(planned, answers).set_index("provider").loc["gb_station"]
    assert station["open_months"] > 12 and station["fixed_cost"] >= 3000 and 0 < station["utilisation"] <= 1
    assert "2026-11" < station["payback_month"] <= "2028-10"
    without = design(
        replace(planned.problem, limits={"force_closed": ["gb_partner", "gb_station"]}), gap=1e-6
    )
    assert answers["gb_station"].other_cost == pytest.approx(without.cost - planned.plan.cost, abs=0.1)


def test_limits_of_the_network_come_from_assumptions(inputs):
    tight = plan_network(
        load_scenario(
            "base",
            (*STATION, "network.most_stations=1", "network.average_days=8", "network.opening_budget=2000"),
        ),
        *inputs[1:],
    )
    assert tight.problem.limits == {
        "average_days": 8.0,
        "opening_budget": 2000.0,
        "most_open": {"self_built": 1.0},
        "force_closed": ("gb_partner",),
    }
    assert "gb_station" not in tight.plan.units_of
    with pytest.raises(InputError, match="perhaps"):
        plan_network(load_scenario("base", ("terms.gb_station.choice=perhaps",)), *inputs[1:])


# --- command line and files
# -------------------------------------------------------------------------------------------


def test_the_verb_writes_what_it_promises(tmp_path, inputs):
    orders = tmp_path / "orders.csv"
    inputs[2][inputs[2]["market"] == "JP"].to_csv(orders, index=False)
    done = CliRunner().invoke(
        cli,
        [
            "network",
            "base",
            "--products",
            str(EXAMPLE["products"]),
            "--orders",
            str(orders),
            "--set",
            "network.months=6",
            "--out",
            str(tmp_path / "out"),
        ],
    )
    assert done.exit_code == 0, done.output
    found = json.loads((tmp_path / "out" / "network.json").read_text(encoding="utf-8"))
    assert {"status", "cost", "bound", "gap_money", "by_line", "opened"} <= set(found)
    assert sum(found["by_line"].values()) == pytest.approx(found["cost"]) and found["gap"] <= 1e-4
    assert all(set(span) == {"provider", "market", "from_month", "to_month"} for span in found["opened"])
    rows = pd.read_csv(tmp_path / "out" / "strategy.csv", encoding="utf-8-sig")
    assert rows.columns.tolist()[:14] == [
        "market",
        "product_class",
        "need",
        "strategy",
        "provider",
        "resolution",
        "units",
        "unit_cost",
        "cost",
        "days",
        "utilisation",
        "runner_up",
        "break_even_units",
        "entry_price",
    ]
    flows = pd.read_parquet(tmp_path / "out" / "flows.parquet")
    assert flows["units"].sum() == pytest.approx(rows["units"].sum(), abs=0.01)


def test_both_languages_say_the_plan(planned, answers, tmp_path):
    report = NetworkReport(planned, answers, True, {})
    english, chinese = (network_page(report, lang) for lang in ("en", "zh"))
    assert (
        english.count("\n* **")
        == chinese.count("\n* **")
        == planned.demand.groupby(["market", "product_class", "need"]).ngroups
    )
    assert "Who is open" in english and "启用的服务商" in chinese and "Who is open" not in chinese
    assert network_text(report, "zh").splitlines()[0] != network_text(report, "en").splitlines()[0]
    before = sorted(p.name for p in write_network(report, tmp_path, "zh"))
    assert before == sorted(p.name for p in tmp_path.iterdir())


def test_the_bundled_example_is_planned_when_nothing_is_named():
    report = network(load_scenario("base", ("network.months=2",)))
    assert report.network.plan.status == "optimal" and set(report.network.demand["market"]) >= {
        "US",
        "DE",
        "IN",
    }
