"""Cases decided under a plan of the repair network: who is there, at which price, within which capacity."""

from __future__ import annotations

from dataclasses import replace

import pytest
from click.testing import CliRunner
from network_example import SMALL

from optimizer import load_scenario, run
from optimizer.cli import cli
from optimizer.inputs.products import read_orders, read_products
from optimizer.network import plan_network
from optimizer.network.on_plan import on_plan
from optimizer.pipeline import EXAMPLE, known_of, read_inputs


@pytest.fixture(scope="module")
def few_cases():
    file, _goods, _orders = read_inputs(load_scenario("base"), None, None, None)
    cases = file.frame[
        file.frame["issue"].isin(["warranty_claim", "returned_goods"])
        & file.frame["market"].isin(["GB", "JP"])
    ]
    return cases.reset_index(drop=True)


def decided(cases, *settings: str):
    return run(
        load_scenario("base", ("network.use=1", *SMALL, "terms.gb_station.choice=open", *settings)),
        cases,
        EXAMPLE["products"],
        EXAMPLE["orders"],
    )


def test_a_sunk_rent_changes_no_decision(few_cases):
    low, high = (
        decided(few_cases, "terms.gb_station.monthly_cost=1000"),
        decided(few_cases, "terms.gb_station.monthly_cost=3000"),
    )
    rate = low.engine.world.rate("GBP")
    assert high.figures["fixed_cost"] - low.figures["fixed_cost"] == pytest.approx(2000 * rate, abs=0.01)
    assert (low.plan.choice == high.plan.choice).all() and low.figures["total_cost"] == high.figures[
        "total_cost"
    ]
    at_station = low.choices["provider"] == "gb_station"
    assert at_station.any(), "a bench that is paid for is used"
    assumed = run(
        load_scenario("base", ("provider.gb_station.open=1",)),
        few_cases,
        EXAMPLE["products"],
        EXAMPLE["orders"],
    )
    assert (
        assumed.choices["provider"] == "gb_station"
    ).sum() < at_station.sum()  # there a share of the rent stands in every case


def test_the_capacities_of_the_plan_are_limits(few_cases):
    wide, narrow = decided(few_cases), decided(few_cases, "terms.gb_station.capacity_units=20")
    used = {r["name"]: r for r in narrow.figures["limits"]}["provider_capacity_gb_station"]
    assert used["limit"] == 10.0 and used["used"] <= 10.0  # half of 20 in the month of opening
    wider = {r["name"]: r for r in wide.figures["limits"]}["provider_capacity_gb_station"]
    assert wider["limit"] == pytest.approx(333 / 2) and wider["used"] > 10.0


def test_closed_providers_are_refused_and_the_trail_says_why(few_cases):
    found = decided(few_cases, "terms.gb_partner.choice=closed")
    assert "gb_partner" not in set(found.choices["provider"])
    assert any(
        c.key == "provider.gb_partner.open"
        and (c.layer, c.because) == ("plan of the repair network", "closed")
        for c in found.scenario.trail
    )
    assert load_scenario("base").book.flag("provider.gb_partner.open")


def test_a_trip_that_the_plan_does_not_make_is_no_way_out_of_a_case():
    """Trips and batches are in no case; so cases may only join those of the plan. Without trips the
    technician is closed, with them he is there."""
    scenario = load_scenario("base", ("network.months=6", "network.use=1"))
    file, goods, orders = read_inputs(scenario, None, None, None)
    cases = file.frame[file.frame["issue"].eq("warranty_claim") & file.frame["market"].eq("DE")].reset_index(
        drop=True
    )
    orders = orders[orders["market"] == "DE"]
    technician, months = "de_visiting_technician", ("2026-11",)
    for cost, goes in ((4000, False), (0, True)):
        planned = plan_network(
            scenario.with_settings((f"batch.{technician}.DE.batch_cost={cost}",)), goods, orders
        )
        assert (planned.plan.units_of.get(technician, 0.0) > 0) is goes
        under = on_plan(planned, months).scenario
        assert under.book.flag(f"provider.{technician}.open") is goes
        choices = run(under.with_settings(("network.use=0",)), cases, EXAMPLE["products"]).choices["provider"]
        assert (choices == technician).any() == goes


@pytest.fixture(scope="module")
def two_months():
    """A plan of two markets that sends no batch to China yet, though it may."""
    scenario = load_scenario("base", ("network.months=2", "provider.china_batch.repair_permit=1"))
    goods = read_products(EXAMPLE["products"], known_of(scenario))
    orders = read_orders(EXAMPLE["orders"], known_of(scenario, goods))
    return plan_network(scenario, goods, orders[orders["market"].isin(["CA", "JP"])])


def test_cases_wait_as_many_days_as_the_batches_of_the_plan(two_months):
    # 40 units arrive in the first month and wait; in the second 20 more arrive and all 60 go. So 40 of 60
    # waited a month of 365.25 / 12 days: 20.29 on average. Of Canada nothing is sent, and nothing waits.
    batches = two_months.plan.batches.copy()
    its = batches.index[batches["lane"] == "china_batch JP"]
    batches.loc[its, ["batches", "shipped", "waiting"]] = [[0, 0.0, 40.0], [1, 60.0, 0.0]]
    sent = replace(two_months, plan=replace(two_months.plan, batches=batches))
    book = on_plan(sent, two_months.problem.months).scenario.book
    assert book.number("rate.china_batch.JP.*.plan.waiting_days") == pytest.approx(40 / 60 * 365.25 / 12)
    assert book.number("rate.china_batch.CA.*.plan.waiting_days") == 0.0


def test_a_batch_of_another_market_costs_a_case_a_batch_of_its_own(two_months):
    """A plan that sends a batch to China from Japan alone: a unit from Canada would need a whole one, in
    the currency of the list."""
    planned = two_months
    flows = planned.plan.flows.copy()
    its = flows.index[flows["cell"].str.startswith("JP") & (flows["month"] == planned.problem.months[0])][:1]
    flows.loc[its, "provider"] = "china_batch"
    sent = replace(planned, plan=replace(planned.plan, flows=flows))
    with_batch, without = (on_plan(n, planned.problem.months[:1]).scenario.book for n in (sent, planned))
    assert "rate.china_batch.JP.*.plan.fixed_cost_per_case" not in with_batch
    assert with_batch.number(
        "rate.china_batch.CA.*.plan.fixed_cost_per_case"
    ) == planned.engine.world.book.number("batch.china_batch.*.batch_cost")
    assert with_batch.flag("provider.china_batch.open") and not without.flag("provider.china_batch.open")


def test_explain_and_the_workbook_know_the_plan(few_cases, tmp_path):
    found = decided(few_cases, "terms.gb_station.monthly_cost=1000")
    own = found.figures["network"]
    assert own["months"] == ["2026-11"] and sum(own["fixed"].values()) == pytest.approx(
        found.figures["fixed_cost"], abs=0.005
    )
    case = str(found.choices.loc[found.choices["provider"] == "gb_station", "case_id"].iloc[0])
    cases = tmp_path / "cases.parquet"
    few_cases.to_parquet(cases)
    done = CliRunner().invoke(
        cli,
        [
            "explain",
            "base",
            "--case",
            case,
            "--cases",
            str(cases),
            "--products",
            str(EXAMPLE["products"]),
            "--orders",
            str(EXAMPLE["orders"]),
            *(
                f"--set={s}"
                for s in (
                    "network.use=1",
                    *SMALL,
                    "terms.gb_station.choice=open",
                    "terms.gb_station.monthly_cost=1000",
                )
            ),
        ],
    )
    assert done.exit_code == 0, done.output
    assert "own repair station, United Kingdom" in done.output
