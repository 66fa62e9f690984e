"""Terms, batches, price lists and seasons of the data folder: what is refused and how, and that a price
list reaches the plan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT

from optimizer.errors import InputError
from optimizer.inputs.ledger import read_ledger
from optimizer.model.world import World
from optimizer.network.demand import season
from optimizer.network.terms import price_lists
from optimizer.pipeline import load_scenario, network

SAID = ",given in the test,2026-11-24,2027-11-01,my-estimate\n"
HEADER = "provider,from_units,unit_price,kind,source,as_of,review_by,confidence\n"


def changed(folder: Path, name: str, old: str, new: str) -> Path:
    """A data folder with one file of the bundled data changed in its first place."""
    text = (ROOT / "data" / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def priced(folder: Path, *rows: str) -> Path:
    (folder / "network_price_lists.csv").write_text(
        HEADER + "".join(row + SAID for row in rows), encoding="utf-8"
    )
    return folder


def scenario_of(folder: Path, *settings: str):
    scenario = load_scenario("base", settings)
    own = read_ledger(folder).book
    return replace(
        scenario,
        book=type(own)([*scenario.book.values(), *(own[key] for key in own if key not in scenario.book)]),
    )


WRONG = [
    (
        "network_terms.csv",
        "gb_partner,",
        "gb_partnr,",
        "row 5, column provider: 'gb_partnr' is not a provider with a bench. Did you mean 'gb_partner'?",
    ),
    (
        "network_terms.csv",
        "gb_partner,5760,0,0,300,,",
        "gb_partner,5760,0,0,300,80,",
        "row 5, column terms.gb_partner.capacity_hours: '80' stands beside a capacity in units.",
    ),
    (
        "network_terms.csv",
        ",0,360,12,,,,free",
        ",0,360,2.5,,,,free",
        "row 5, column terms.gb_partner.contract_months: '2.5' is not a whole number.",
    ),
    (
        "network_terms.csv",
        ",0,360,12,,,,free",
        ",0,360,12,,,,maybe",
        "row 5, column terms.gb_partner.choice: 'maybe' is not known. Known: closed, free, open.",
    ),
    ("network_batches.csv", ",US,", ",UX,", "row 2, column market: 'UX' is not a known market."),
    (
        "network_batches.csv",
        ",120,3,",
        ",120,3.5,",
        "row 2, column batch.us_visiting_technician.US.longest_wait_months: '3.5' is not a whole number.",
    ),
    ("season.csv", "*,01,", "*,13,", "row 2, column month: '13' is not a month. Write 01 to 12."),
    ("season.csv", "*,01,", "XX,01,", "row 2, column market: 'XX' is not a known market."),
]


@pytest.mark.parametrize(("name", "old", "new", "said"), WRONG)
def test_what_nothing_knows_is_refused(tmp_path, name, old, new, said):
    with pytest.raises(InputError) as refused:
        read_ledger(changed(tmp_path, name, old, new))
    assert [str(p) for p in refused.value.problems if f"data/{name}, {said}" in str(p)], refused.value.text()
    assert len(refused.value.problems) == len(dict.fromkeys(refused.value.problems))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["nobody,50,-1,all_units"], "row 2, column provider: 'nobody' is not a provider with a bench."),
        (["gb_partner,many,-1,all_units"], "row 2, column from_units: 'many' is not a number of at least 0."),
        (["gb_partner,-5,-1,all_units"], "row 2, column from_units: '-5' is not a number of at least 0."),
        (
            ["gb_partner,50,-1,all"],
            "row 2, column pricelist.gb_partner.50.kind: 'all' is not known. Known: all_units, incremental.",
        ),
        (
            ["gb_partner,50,-1,all_units", "gb_partner,80,-2,incremental"],
            (
                "row 3, column pricelist.gb_partner.80.kind: 'incremental' is not the kind of this provider's"
                " other rows."
            ),
        ),
    ],
)
def test_a_price_list_that_is_none_is_refused(tmp_path, rows, said):
    with pytest.raises(InputError) as refused:
        read_ledger(priced(tmp_path, *rows))
    assert f"data/network_price_lists.csv, {said}" in refused.value.text()


@pytest.mark.parametrize(
    "setting",
    ["terms.gb_partner.contract_months=2.5", "network.months=2.5", "terms.gb_partner.choice=perhaps"],
)
def test_a_setting_is_checked_as_the_data_folder_is(setting):
    with pytest.raises(InputError) as refused:
        load_scenario("base", (setting,))
    assert setting.split("=")[0] in refused.value.text() and setting.split("=")[1] in refused.value.text()


def test_a_month_that_a_spreadsheet_has_shortened_is_the_same_month(tmp_path):
    world = World.of(scenario_of(changed(tmp_path, "season.csv", "*,01,0.9", "GB,1,0.4")))
    assert season(world, "GB", pd.Period("2027-01")) == 0.4


def test_a_price_list_of_the_data_folder_reaches_the_plan(tmp_path):
    """The partner in GB takes 1 GBP off every job of a month from 10 jobs on, and half a pound more from
    50.5."""
    scenario = scenario_of(
        priced(tmp_path, "gb_partner,10,-1,incremental", "gb_partner,50.5,-1.5,incremental"),
        "network.months=3",
    )
    rate = World.of(scenario).rate("GBP")
    tiers = price_lists(World.of(scenario))
    assert tiers[["provider", "from_units", "kind"]].to_numpy().tolist() == [
        ["gb_partner", 10.0, "incremental"],
        ["gb_partner", 50.5, "incremental"],
    ]
    assert tiers["unit_price"].tolist() == pytest.approx([-1 * rate, -1.5 * rate])
    plan = network(scenario).network.plan
    jobs = plan.flows[plan.flows["provider"] == "gb_partner"].groupby("month")["units"].sum()
    off = sum(1.0 * (min(units, 50.5) - 10) + 1.5 * max(0.0, units - 50.5) for units in jobs if units > 10)
    money = plan.evaluation.money
    assert off > 0 and money.loc[money["line"] == "tier_prices", "money"].sum() == pytest.approx(-off * rate)
