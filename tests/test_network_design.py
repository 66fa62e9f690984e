"""The network solver: worked cases, every rule by itself, every plan of small networks, and what it says
when there is none."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from network_world import cheapest_by_trying, quick_seeds, small_network, table

from optimizer.errors import Infeasible, InputError
from optimizer.i18n import translator
from optimizer.solve import NetworkProblem, design, evaluate_network
from optimizer.solve.network.arrays import network_of

INF = math.inf
NETWORKS = 40


def network(number: int) -> NetworkProblem:
    """One of the NETWORKS small ones that can be enumerated."""
    return small_network(quick_seeds(0, 500, NETWORKS)[number])


def provider(name: str, **more) -> dict:
    return {"provider": name, "open_cost": 0.0, "monthly_cost": 0.0, "capacity": INF} | more


def action(name: str, unit_cost: float, **more) -> dict:
    return {"cell": "US B", "action": name, "unit_cost": unit_cost, "provider": name} | more


def demand(*units: float, cell: str = "US B") -> pd.DataFrame:
    return table(*({"cell": cell, "month": n, "units": u} for n, u in enumerate(units, start=1)))


# --- the worked case: US, appliance B, a year of repairs
# -------------------------------------------------------------

YEAR = {
    "providers": table(
        provider("partner", open_cost=20 * 400.0),
        provider("local"),
        provider("own", monthly_cost=166_000.0, capacity=4_000.0),
    ),
    "actions": table(action("partner", 22.0), action("local", 60.0), action("own", 0.0)),
}


def year(units: float, *without: str):
    return design(
        NetworkProblem(YEAR["providers"], demand(units), YEAR["actions"], limits={"force_closed": without}),
        gap=1e-9,
    )


def test_the_partner_wins_900_repairs_a_year():
    plan = year(900)
    assert plan.cost == pytest.approx(900 * 22 + 20 * 400) == pytest.approx(27_800)
    assert year(900, "partner").cost == pytest.approx(900 * 60) == pytest.approx(54_000)
    assert year(900, "partner", "local").cost == pytest.approx(166_000)
    assert plan.status == "optimal"
    assert plan.by_line == {
        "opening": 8_000.0,
        "closing": 0.0,
        "monthly_fees": 0.0,
        "minimum_fees": 0.0,
        "unit_cost": 19_800.0,
        "tier_prices": 0.0,
        "batches": 0.0,
        "holding": 0.0,
    }
    assert plan.open[plan.open["open"]]["provider"].tolist() == ["partner"]


@pytest.mark.parametrize(
    ("units", "winner", "without"),
    [
        (8_000 / 38 - 0.01, "local", ()),
        (8_000 / 38 + 0.01, "partner", ()),  # 210.5 a year
        (166_000 / 60 - 0.01, "local", ("partner",)),
        (166_000 / 60 + 0.01, "own", ("partner",)),  # 2,766.7
        (4_000, "partner", ()),
    ],
)  # own against partner needs 7,545
def test_volumes_at_which_another_strategy_wins(units, winner, without):
    assert list(year(units, *without).units_of) == [winner]


def test_own_station_would_beat_the_partner_only_beyond_its_capacity():
    wide = YEAR["providers"].assign(capacity=INF)
    worth = (
        166_000 - 8_000
    ) / 22  # 7,181.8 when the partner's onboarding is counted, 7,545.5 when it is sunk
    for units, winner in ((worth - 1, "partner"), (worth + 1, "own")):
        plan = design(
            NetworkProblem(wide, demand(units), YEAR["actions"], limits={"force_closed": ["local"]})
        )
        assert list(plan.units_of) == [winner]
    sunk = wide.assign(open_cost=0.0)
    for units, winner in ((7_545, "partner"), (7_546, "own")):
        assert list(design(NetworkProblem(sunk, demand(units), YEAR["actions"])).units_of) == [winner]


# --- every plan of small networks
# ------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(NETWORKS))
def test_no_plan_of_a_small_network_is_cheaper(number):
    problem = network(number)
    best = cheapest_by_trying(problem)
    if best == INF:
        with pytest.raises(Infeasible) as refused:
            design(problem)
        assert refused.value.clashing
        return
    plan = design(problem, gap=0.0)
    assert plan.cost == pytest.approx(best, abs=1e-5)
    assert plan.bound <= plan.cost and plan.bound == pytest.approx(best, abs=1e-5)
    assert plan.evaluation.broken == []
    assert sum(plan.by_line.values()) == pytest.approx(plan.cost)


def test_the_small_networks_have_everything():
    all_of_them = [network(number) for number in range(NETWORKS)]
    features = {
        "all units": lambda p: (p.tiers["kind"] == "all_units").any(),
        "incremental": lambda p: (p.tiers["kind"] == "incremental").any(),
        "batches": lambda p: len(p.lanes) > 0,
        "waiting": lambda p: (p.lanes["longest_wait_months"] > 0).any(),
        "ramp": lambda p: any(any(s < 1 for s in r) for r in p.providers["ramp"]),
        "contract": lambda p: (p.providers["contract_months"] > 1).any(),
        "stop within the ramp": lambda p: any(
            len(r) > max(1, c) for r, c in zip(p.providers["ramp"], p.providers["contract_months"])
        ),
        "take or pay": lambda p: (p.providers["minimum_fee"] > 0).any(),
        "commitment": lambda p: (p.providers["min_units"] > 0).any(),
        "initially open": lambda p: p.providers["initially_open"].any(),
        "closing": lambda p: (p.providers["close_cost"] != 0).any(),
        "whole cells": lambda p: p.whole_cells,
        "discount": lambda p: p.discount_rate > 0,
    }
    assert [name for name, has in features.items() if not any(map(has, all_of_them))] == []


# --- every rule by itself, with its arithmetic
# -----------------------------------------------------------------------

REFUND = {"cell": "US B", "action": "refund", "unit_cost": 50.0}


def two_ways(
    units: tuple[float, ...], limits: dict | None = None, tiers: pd.DataFrame | None = None, **terms
):
    """A partner at 10 a unit under these terms, or a refund at 50."""
    return design(
        NetworkProblem(
            table(provider("partner", **terms)),
            demand(*units),
            table(action("partner", 10.0, days=12.0, claim_risk=0.05), REFUND),
            tiers=tiers,
            limits=limits,
        ),
        gap=1e-9,
    )


def units_at_partner(plan) -> list[float]:
    its = plan.flows[plan.flows["provider"] == "partner"].set_index("month")["units"]
    return [round(float(its.get(month, 0.0)), 6) for month in plan.problem.months]


def test_a_ramp_leaves_a_share_of_the_capacity():
    plan = two_ways((10, 10, 10), capacity=8.0, ramp=[0.25, 0.5], monthly_cost=1.0)
    assert units_at_partner(plan) == [2.0, 4.0, 8.0]
    assert plan.cost == pytest.approx(3 * 1 + 14 * 10 + 16 * 50)


def test_who_stops_within_the_ramp_begins_it_anew():
    # Rent 60 against 40 saved per unit; nothing to do in month 2, so a station without closing cost stops
    # there.
    stops = two_ways((10, 0, 10), capacity=8.0, ramp=[0.25, 0.5], monthly_cost=60.0)
    assert units_at_partner(stops) == [2.0, 0.0, 8.0]  # stays open: 80 - 60 - 60 + 320 - 60 = 220
    assert stops.cost == pytest.approx(3 * 60 + 10 * 10 + 10 * 50)
    dear = two_ways((10, 0, 10), capacity=8.0, ramp=[0.5, 0.5, 0.75], monthly_cost=100.0)
    assert units_at_partner(dear) == [
        4.0,
        0.0,
        4.0,
    ]  # stops: 2 units more in month 3 save 80, the rent of month 2 is 100
    assert dear.cost == pytest.approx(2 * 100 + 8 * 10 + 12 * 50)


def test_a_contract_keeps_it_open_and_fees_are_due():
    plan = two_ways((10, 0, 0), contract_months=2, monthly_cost=150.0)
    assert plan.by_line["monthly_fees"] == pytest.approx(2 * 150)  # 300 + 100 against 500
    assert two_ways((10, 0, 0), contract_months=3, monthly_cost=150.0).units_of == {
        "": 10.0
    }  # 450 + 100 against 500


def test_the_bill_is_at_least_the_minimum_fee():
    plan = two_ways((10, 3), minimum_fee=80.0, contract_months=2)
    assert plan.by_line["minimum_fees"] == pytest.approx(80 - 30)
    assert plan.cost == pytest.approx(100 + 80)


def test_a_commitment_holds_while_open():
    assert units_at_partner(two_ways((10, 3), min_units=5.0)) == [10.0, 0.0]
    forced = two_ways((10, 6), min_units=5.0, limits={"average_days": 8.25, "force_open": ["partner"]})
    its = units_at_partner(forced)
    assert sum(its) == 8.25 * 16 / 12 == 11 and min(its) >= 5.0  # 12 days for 11 of 16 units


@pytest.mark.parametrize(
    ("kind", "units", "extra"),
    [
        ("all_units", 4, 4 * 3),
        ("all_units", 5, 5 * 1),
        ("all_units", 9, 9 * 1),
        ("incremental", 4, 4 * 3),
        ("incremental", 9, 5 * 3 + 4 * 1),
    ],
)
def test_price_lists(kind, units, extra):
    tiers = table(
        *(
            {"provider": "partner", "from_units": f, "unit_price": p, "kind": kind}
            for f, p in ((0, 3.0), (5, 1.0))
        )
    )
    plan = two_ways((units,), tiers=tiers)
    assert plan.by_line["tier_prices"] == pytest.approx(extra)
    assert plan.cost == pytest.approx(units * 10 + extra)


def test_batches_wait_for_each_other_but_not_too_long():
    def sent(wait: float, holding: float = 1.0):
        lanes = table(
            {
                "lane": "sea",
                "batch_cost": 30.0,
                "batch_units": 10.0,
                "holding_cost": holding,
                "longest_wait_months": wait,
            }
        )
        return design(
            NetworkProblem(
                table(provider("china")),
                demand(4, 4, 4, 4),
                table(action("china", 1.0, lane="sea"), REFUND),
                lanes=lanes,
            ),
            gap=1e-9,
        )

    assert sent(0).batches["batches"].tolist() == [1, 1, 1, 1]
    plan = sent(1)
    assert plan.batches["batches"].tolist() == [0, 1, 0, 1] and plan.batches["waiting"].tolist() == [
        4.0,
        0.0,
        4.0,
        0.0,
    ]
    assert plan.cost == pytest.approx(16 + 2 * 30 + 2 * 4 * 1)
    assert sent(1, holding=10.0).batches["batches"].tolist() == [
        1,
        1,
        1,
        1,
    ]  # waiting for 40 is dearer than a batch
    assert sent(3).batches["waiting"].iloc[-1] == 0.0  # nothing waits after the last month


def test_money_of_later_months_counts_less():
    plan = design(
        NetworkProblem(
            table(provider("partner", monthly_cost=100.0)),
            demand(10, 10),
            table(action("partner", 10.0)),
            discount_rate=0.25,
        ),
        gap=1e-9,
    )
    assert plan.cost == pytest.approx(200 + 200 / 1.25)
    assert plan.flows["cost"].tolist() == [100.0, 100.0]
    assert plan.evaluation.money["money"].sum() == pytest.approx(400)


def test_who_is_open_may_be_closed_for_a_cost():
    keep = two_ways((1, 1), initially_open=True, monthly_cost=60.0, close_cost=30.0)
    assert keep.by_line["closing"] == 30.0 and units_at_partner(keep) == [
        0.0,
        0.0,
    ]  # 130 against 120 + 20 open all along
    assert keep.cost == pytest.approx(30 + 100)


@pytest.mark.parametrize(
    ("limits", "partner"),
    [
        ({"average_days": 6.0}, 5.0),
        ({"claims": 0.2}, 4.0),
        ({"budget": 300.0}, None),
        ({"opening_budget": 99.0}, 0.0),
        ({"most_open": 0}, 0.0),
        ({"most_open": {"abroad": 0}}, 0.0),
        ({"force_closed": ["partner"]}, 0.0),
        ({}, 10.0),
    ],
)
def test_limits(limits, partner):
    def solve():
        return two_ways((10,), limits, open_cost=100.0, kind="abroad")

    if partner is None:
        assert solve().cost == pytest.approx(200)  # 100 + 10 x 10 is within the budget of 300
        with pytest.raises(Infeasible):
            two_ways((10,), {"budget": 199.0}, open_cost=100.0)
    else:
        assert units_at_partner(solve()) == [partner]


def test_whole_cells_have_one_way_out_a_month():
    problem = {
        "providers": table(provider("partner", capacity=6.0)),
        "actions": table(action("partner", 10.0), REFUND),
    }
    assert design(NetworkProblem(**problem, demand=demand(10))).cost == pytest.approx(6 * 10 + 4 * 50)
    assert design(NetworkProblem(**problem, demand=demand(10), whole_cells=True)).cost == pytest.approx(500)


def test_parts_that_share_nothing_add_up():
    cells = ["US", "DE", "JP"]
    providers = table(*(provider(c, open_cost=30.0, capacity=5.0) for c in cells))
    actions = table(
        *({"cell": c, "action": "repair", "unit_cost": 2.0, "provider": c} for c in cells),
        *({"cell": c, "action": "refund", "unit_cost": 9.0} for c in cells),
    )
    need = pd.concat([demand(4, 8, cell=c) for c in cells])
    whole = design(NetworkProblem(providers, need, actions), gap=1e-9)
    alone = [
        design(
            NetworkProblem(
                providers[providers["provider"] == c], need[need["cell"] == c], actions[actions["cell"] == c]
            ),
            gap=1e-9,
        ).cost
        for c in cells
    ]
    assert whole.cost == pytest.approx(sum(alone))
    linked = design(NetworkProblem(providers, need, actions, limits={"most_open": 1}), gap=1e-9)
    assert linked.cost == pytest.approx(whole.cost + 2 * (12 * 9 - alone[0]))


def test_months_without_demand_are_months_too():
    problem = NetworkProblem(
        table(provider("partner", monthly_cost=5.0, contract_months=9)),
        table(
            {"cell": "US B", "month": "2026-11", "units": 10.0},
            {"cell": "US B", "month": "2027-02", "units": 10.0},
        ),
        table(action("partner", 10.0), REFUND),
    )
    assert problem.months == ("2026-11", "2026-12", "2027-01", "2027-02")
    assert design(problem).by_line["monthly_fees"] == pytest.approx(4 * 5)


def test_an_empty_capacity_is_no_limit():
    plan = design(
        NetworkProblem(
            table(provider("partner", capacity=None)), demand(1e6), table(action("partner", 10.0), REFUND)
        )
    )
    assert plan.units_of == {"partner": 1e6}


def test_nothing_to_serve_costs_nothing():
    empty = design(
        NetworkProblem(
            table(provider("partner", monthly_cost=5.0, initially_open=True, close_cost=2.0)),
            demand(0, 0),
            table(action("partner", 10.0)),
        )
    )
    assert empty.cost == 2.0 and empty.flows.empty


# --- what is proven
# --------------------------------------------------------------------------------------------------


def test_stopped_at_once_there_is_a_plan_and_its_bound_holds():
    problem = network(0)
    plan, best = design(problem, seconds=0.0), design(problem, gap=0.0)
    assert plan.bound <= best.cost + 1e-6 and plan.cost >= best.cost - 1e-6
    assert plan.status in ("optimal", "within_gap", "time_limit")


def test_the_clerk_sees_what_is_wrong():
    plan = two_ways((10, 10), capacity=8.0, contract_months=2, min_units=3.0, open_cost=1.0)
    problem, good = plan.problem, (plan.open, plan.flows, plan.batches)
    assert evaluate_network(problem, *good).broken == []
    closed = plan.open.assign(open=False)
    assert "closed" in evaluate_network(problem, closed, plan.flows, plan.batches).broken[0]
    more = plan.flows.assign(units=np.where(plan.flows["provider"] == "partner", 9.0, 1.0))
    assert "capacity" in evaluate_network(problem, plan.open, more, plan.batches).broken[0]
    less = plan.flows.assign(units=plan.flows["units"] / 2)
    assert any("are served" in b for b in evaluate_network(problem, plan.open, less, plan.batches).broken)
    early = plan.open.assign(open=[True, False])
    assert any("contract" in b for b in evaluate_network(problem, early, plan.flows, plan.batches).broken)


# --- no plan, and inputs that are refused
# ----------------------------------------------------------------------------


def test_a_clash_names_what_clashes_and_what_would_help():
    with pytest.raises(Infeasible) as refused:
        design(
            NetworkProblem(
                table(
                    provider("partner", capacity=8.0),
                    provider("local", capacity=5.0),
                    provider("far", capacity=90.0),
                ),
                demand(20),
                table(action("partner", 10.0), action("local", 20.0), action("far", 30.0)),
                limits={"force_closed": ["far"], "claims": 9.0},
            )
        )
    clash = refused.value
    assert sorted(clash.clashing) == [("capacity", "local"), ("capacity", "partner"), ("force_closed", "far")]
    assert sum(float(v[0]) for v in clash.relaxation.values()) > 0
    assert "claims" not in str(clash.relaxation)


def test_days_that_cannot_be_kept():
    with pytest.raises(Infeasible) as refused:
        design(
            NetworkProblem(
                table(provider("partner")),
                demand(10),
                table(action("partner", 10.0, days=12.0)),
                limits={"average_days": 9.0},
            )
        )
    assert refused.value.clashing == [("average_days", "")]
    assert refused.value.relaxation["average_days"][0] == pytest.approx(3.0)
    assert (
        refused.value.text()
        == "no network keeps this:\n* days on average: at most 9\nthe cheapest way to make a network"
        " possible:\n"
        "* raise days on average to 12"
    )
    assert refused.value.text(translator("zh")).splitlines()[1] == "* 平均天数：至多 9"


def test_what_would_help_is_one_thing_where_one_is_enough():
    """Two stations forced open and at most one allowed: giving up one of them, or allowing two, is enough
    in all months."""
    stations = table(
        provider("a", open_cost=5.0, kind="station"), provider("b", open_cost=5.0, kind="station")
    )
    with pytest.raises(Infeasible) as refused:
        design(
            NetworkProblem(
                stations,
                demand(10, 10, 10),
                table(action("a", 10.0), action("b", 20.0)),
                limits={"force_open": ["a", "b"], "most_open": {"station": 1}},
            )
        )
    assert len(refused.value.clashing) == 3 and len(refused.value.relaxation) == 1
    assert refused.value.text().count("* ") == 4


def test_the_amount_that_would_help_helps():
    """6 units at 12 days and 3 at 1 are 8.333 on average at best: what is proposed is rounded up, never
    down."""

    def problem(days: float) -> NetworkProblem:
        return NetworkProblem(
            table(provider("partner"), provider("fast", capacity=3.0)),
            demand(9),
            table(action("partner", 10.0, days=12.0), action("fast", 90.0, days=1.0)),
            limits={"average_days": days},
        )

    with pytest.raises(Infeasible) as refused:
        design(problem(2.0))
    said = refused.value.text().splitlines()[-1]
    assert said == "* raise days on average to 8.3334"  # (6 x 12 + 3 x 1) / 9 = 8.3333…
    assert design(problem(8.3334)).evaluation.broken == []


def test_a_limit_on_some_makes_no_question_of_the_others():
    """Only providers of the kind that is counted are opened for it; the others stay as they are, paid per
    job."""
    problem = NetworkProblem(
        table(provider("a", open_cost=5.0, kind="station"), provider("b", kind="firm")),
        demand(10),
        table(action("a", 10.0), action("b", 20.0)),
        limits={"most_open": {"station": 1}},
    )
    assert network_of(problem).decided.tolist() == [True, False]
    everybody = NetworkProblem(problem.providers, problem.demand, problem.actions, limits={"most_open": 1})
    assert network_of(everybody).decided.all()


def test_every_problem_of_the_tables_is_said_at_once():
    with pytest.raises(InputError) as refused:
        NetworkProblem(
            table(provider("a"), provider("a", capacity=-1.0, ramp=[0.5, 2.0])),
            demand(1, -3),
            table(action("b", math.nan), REFUND | {"cell": "elsewhere"}),
            tiers=table({"provider": "a", "from_units": 0, "unit_price": 1, "kind": "stairs"}),
            limits={"most_open": -1, "colour": 3},
        )
    said = "\n".join(map(str, refused.value.problems))
    for part in (
        "capacity",
        "ramp",
        "units",
        "unit_cost",
        "stairs",
        "'b'",
        "stands twice",
        "most_open",
        "colour",
    ):
        assert part in said, part
    with pytest.raises(InputError) as refused:
        NetworkProblem(
            table(provider("a")).drop(columns="capacity"), demand(1), table(action("a", 1.0) | {"speed": 3})
        )
    assert "capacity" in str(refused.value) and "speed" in str(refused.value)


@pytest.mark.parametrize(("gap", "seconds"), [(-1.0, 1.0), (math.nan, 1.0), (1e-6, "soon")])
def test_gap_and_seconds_are_checked(gap, seconds):
    with pytest.raises(InputError):
        design(
            NetworkProblem(table(provider("a")), demand(1), table(action("a", 1.0))), gap=gap, seconds=seconds
        )
