"""Who may have what, and for how long: named windows by the day, their checks, and that the bundled tables
leave nothing open."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hand_world import HandWorld
from shared import MARKETS

from optimizer.domain.names import CHANNELS, CONDITIONS, ISSUES
from optimizer.errors import InputError
from optimizer.inputs.bundled import BUNDLED
from optimizer.inputs.ledger import read_ledger
from optimizer.inputs.scenario import Scenario, read_scenario
from optimizer.model.block import Block, Cell
from optimizer.model.engine import Engine
from optimizer.model.entitlement import acceptance, chosen_by_buyer, entitled, goes_along, owed_nothing
from optimizer.model.options import options_of
from optimizer.model.rules import rule_switches
from optimizer.model.world import World
from optimizer.policy.probing import Probes, _ages, rule_groups, scales_of

ON = pd.Timestamp("2026-09-10")


@cache
def base() -> Scenario:
    return read_scenario("base", (), rule_switches())


@cache
def world() -> World:
    return World.of(base())


@pytest.fixture
def w(tmp_path) -> HandWorld:
    w = HandWorld(tmp_path)
    w.provider("us_warehouse", "warehouse")
    w.provider("china_factory", "china_factory", "*", "CNY")
    return w


def aged(
    build: HandWorld,
    scenario,
    ages,
    issue: str = "unwanted",
    product_class: str = "gadget",
    market: str = "US",
    **more,
) -> Block:
    """Cases of one product class that were delivered so many days before 10 September 2026."""
    usual = {"order_date": ON - pd.Timedelta(max(ages) + 5, "D"), "case_date": ON}
    cases = pd.concat(
        [
            build.case(
                product_class,
                issue,
                30,
                market=market,
                **{**usual, "delivery_date": ON - pd.Timedelta(age, "D"), **more},
            )
            for age in ages
        ],
        ignore_index=True,
    )
    engine = Engine.of(scenario, cases)
    return engine.block(*engine.cells[0])


def bundled(market: str, *settings: str):
    """The bundled data under some settings, and a maker of cases of a market."""
    build = HandWorld(BUNDLED)  # only its cases are used
    build.markets = {market: {"currency": world().markets[market].currency}}
    return build, read_scenario("base", settings, rule_switches())


# --- windows, day by day
# ------------------------------------------------------------------------------------------------------

WINDOWS = [
    ("withdrawal", {"withdrawal.days": 14}, 14),
    ("reject", {"guarantee.reject_days": 30}, 30),
    ("return_window", {}, 30),
    ("guarantee", {"guarantee.months": 12}, 365),
    ("guarantee", {"guarantee.months": 24}, 730),
    ("guarantee", {"guarantee.months": 36}, 1095),
]


@pytest.mark.parametrize(("name", "facts", "last"), WINDOWS)
def test_a_named_window_holds_to_its_last_day_and_what_follows_begins_the_day_after(w, name, facts, last):
    w.markets["US"] |= facts
    w.entitlements += [
        ("*", "unwanted", "buyer", "refund", 1, 0, name),
        ("*", "unwanted", "seller", "none", 1, name, ""),
    ]
    b = aged(w, w.scenario(), [0, last, last + 1])
    assert entitled(b, "refund").tolist() == chosen_by_buyer(b).tolist() == [True, True, False]
    assert entitled(b, "none").tolist() == owed_nothing(b).tolist() == [False, False, True]


def test_days_and_windows_may_be_mixed(w):
    w.entitlements += [
        ("*", "unwanted", "buyer", "replacement", 0.7, 10, "return_window"),
        ("*", "unwanted", "seller", "repair", 1, "return_window", "40"),
    ]
    b = aged(w, w.scenario(), [9, 10, 30, 31, 40, 41])
    assert entitled(b, "replacement").tolist() == [False, True, True, False, False, False]
    assert goes_along(b, "replacement").tolist() == [0, 0.7, 0.7, 0, 0, 0]
    assert entitled(b, "repair").tolist() == [False, False, False, True, True, False]


@pytest.mark.parametrize(("product_class", "last"), [("phone_accessory", 14), ("toy", 30)])
def test_electronics_have_fourteen_days_in_germany(product_class, last):
    b = aged(*bundled("DE"), [last, last + 1], product_class=product_class, market="DE")
    assert entitled(b, "return_refund").tolist() == [True, False]
    assert owed_nothing(b).tolist() == [False, True]


def test_withdrawal_by_law_outlives_a_shorter_window_of_the_platform():
    b = aged(
        *bundled("DE", "DE.return_window.electronics_days=7"),
        [7, 8, 14, 15],
        product_class="phone_accessory",
        market="DE",
    )
    assert entitled(b, "refund").tolist() == [True, False, False, False]
    assert entitled(b, "return_refund").tolist() == [True, True, True, False]


@pytest.mark.parametrize(
    ("ordered", "raised", "holds"),
    [
        ("2025-11-01", "2026-01-31", True),
        ("2025-11-01", "2026-02-01", False),
        ("2025-10-31", "2026-01-31", False),
    ],
)
def test_the_holiday_extension_moves_both_ends(w, ordered, raised, holds):
    w.markets["US"] |= {"holiday.order_from": "11-01", "holiday.order_to": "12-31", "holiday.until": "01-31"}
    w.entitlements += [
        ("*", "unwanted", "buyer", "refund", 1, 0, "return_window"),
        ("*", "unwanted", "seller", "repair", 1, "return_window", ""),
    ]
    b = aged(
        w,
        w.scenario(),
        [0],
        order_date=pd.Timestamp(ordered),
        delivery_date=pd.Timestamp("2025-11-05"),
        case_date=pd.Timestamp(raised),
    )
    assert (entitled(b, "refund")[0], entitled(b, "repair")[0]) == (holds, not holds)


def test_a_guarantee_of_36_months_moves_the_rights_with_it():
    """As in Spain: the same rows, another number of months."""
    ages = [730, 731, 1095, 1096]
    usual, spanish = (
        aged(*bundled("DE", *settings), ages, "quality_defect", "toy", "DE")
        for settings in ((), ("DE.guarantee.months=36",))
    )
    assert entitled(usual, "repair").tolist() == [True, False, False, False]
    assert entitled(spanish, "repair").tolist() == [True, True, True, False]
    assert owed_nothing(spanish).tolist() == [False, False, False, True]


def test_rejecting_in_britain_ends_before_repairing():
    b = aged(
        *bundled("GB", "GB.return_window.standard_days=20"),
        [20, 30, 31, 2191, 2192],
        "quality_defect",
        "toy",
        "GB",
    )
    assert entitled(b, "return_refund").tolist() == [True, True, False, False, False]
    assert goes_along(b, "repair").tolist() == [0.4, 0.4, 0.6, 0.6, 0.0]


def test_goods_under_way_are_inside_every_window(w):
    w.markets["US"] |= {"withdrawal.days": 14}
    w.entitlements += [
        ("*", "unwanted", "buyer", "refund", 1, 0, "withdrawal"),
        ("*", "unwanted", "buyer", "repair", 1, 0, "return_window"),
    ]
    b = aged(w, w.scenario(), [400], delivered=False, delivery_date=pd.NaT)
    assert entitled(b, "refund").tolist() == entitled(b, "repair").tolist() == [True]


def test_owing_nothing_does_not_make_buyers_agree(w):
    w.resolutions["ask_to_accept"] = {"acceptance": 0.3}
    w.entitlements += [("*", "cancel_delivered", "seller", "none", 1)]
    answer = w.price("gadget", "cancel_delivered", 30)
    option = next(o for o in answer.block.options if o.resolution == "ask_to_accept")
    assert acceptance(answer.pricer.block, option) == 0.3


# --- checks
# ------------------------------------------------------------------------------------------------


def check(tmp_path, changes: dict[str, str], **market: str) -> list[str]:
    """Problems of the bundled data after changing the first row of the entitlements that names GB;
    `market` leaves out fields of GB."""
    with (BUNDLED / "entitlements.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    at = next(
        n
        for n, r in enumerate(rows)
        if r["market"] == "GB" and r["issue"] == "damaged" and r["to_days"] == "reject"
    )
    rows[at] |= changes
    rows = (
        rows
        if changes
        else [r for n, r in enumerate(rows) if "reject" not in (r["from_days"], r["to_days"]) or n == at]
    )
    with (tmp_path / "entitlements.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (tmp_path / "markets").mkdir()
    for path in (BUNDLED / "markets").glob("*.csv"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        gone = market.get(path.stem, "\0")
        (tmp_path / "markets" / path.name).write_text(
            "".join(x for x in lines if not x.startswith(gone)), encoding="utf-8"
        )
    row = (
        rows.index(
            next(
                r
                for r in rows
                if r["market"] == "GB"
                and r["issue"] == "damaged"
                and (r["from_days"], r["to_days"]) != ("0", "return_window")
            )
        )
        + 2
    )
    try:
        read_ledger(tmp_path)
    except InputError as refused:
        return [
            line.removeprefix("* ").replace(f"data/entitlements.csv, row {row}, ", "ROW ")
            for line in str(refused).splitlines()
        ]
    return []


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"to_days": "rejekt"},
            (
                "ROW column to_days: 'rejekt' is neither a number of days nor a window of the market. Did you"
                " mean 'reject'?"
            ),
        ),
        (
            {"from_days": "-3"},
            (
                "ROW column from_days: '-3' is neither a number of days nor a window of the market. Known:"
                " guarantee, reject, return_window, withdrawal."
            ),
        ),
        (
            {"to_days": "30.5"},
            "ROW column from_days, to_days: '0.30.5' is not in whole days. Round the days.",
        ),
        (
            {"from_days": "31", "to_days": "30"},
            "ROW column to_days: '30' ends before day 31. Correct one of the two.",
        ),
    ],
)
def test_a_bound_is_days_or_a_window(tmp_path, changes, text):
    assert check(tmp_path, changes) == [text]


def test_a_window_needs_its_field_in_every_market_the_row_holds_for(tmp_path):
    assert check(tmp_path, {}, GB="guarantee.reject_days") == [
        "ROW column to_days: 'reject' is a window that GB does not have. Add guarantee.reject_days to"
        " data/markets/GB.csv, or rows for GB, damaged."
    ]


def test_a_market_without_the_window_may_live_by_rows_of_its_own(tmp_path):
    assert check(tmp_path, {}, DE="guarantee.reject_days", US="withdrawal") == []


# --- the policy table sees them
# -----------------------------------------------------------------------------------------------


def scales(world: World, market: str, issue: str):
    probes = Probes(world, market, [np.datetime64("2026-09-15")])
    cells = [Cell("amazon", market, c, issue) for c in CHANNELS]
    ages = {c: _ages(probes, c, [r for g in rule_groups(world, c) for r in g.rules]) for c in cells}
    return scales_of(probes, cells, {c: options_of(world, c) for c in cells}), ages[cells[1]]


def test_probes_stand_at_both_sides_of_every_window():
    _, ages = scales(world(), "DE", "unwanted")
    assert {14.0, 15.0, 30.0, 31.0, 91.0, 92.0} <= set(
        ages
    )  # electronics and withdrawal, others, holiday season


def test_the_end_of_the_return_window_is_told_by_the_stage_and_no_other_age():
    found, _ = scales(world(), "DE", "unwanted")
    assert not {30.0, 91.0} & set(found.bounds["age"])
    longer, _ = scales(
        World.of(read_scenario("base", ("DE.withdrawal.days=40",), rule_switches())), "DE", "unwanted"
    )
    assert 40.0 in longer.bounds["age"]


def test_a_guarantee_is_a_bound_of_the_policy_table():
    found, _ = scales(
        World.of(read_scenario("base", ("DE.guarantee.months=36",), rule_switches())), "DE", "quality_defect"
    )
    assert 1095.0 in found.bounds["age"] and 730.0 not in found.bounds["age"]


# --- the bundled tables
# -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("market", MARKETS)
def test_on_every_day_something_is_said_of_every_issue(market):
    """No day is left out, and where the rows say that nothing is owed no other row says otherwise."""
    ages = sorted(
        {
            0,
            *(
                x
                for n in ("return_window", "guarantee")
                for d in world().markets[market].window_days(n).values()
                for x in (int(d), int(d) + 1)
            ),
            3000,
        }
    )
    build, scenario = bundled(market)
    both = (
        "address_change_unshipped",
        "address_change_shipped",
        "delivery_delay",
        "a_to_z_claim",
    )  # a refund, though nothing else
    for issue in ISSUES:
        b = aged(build, scenario, ages, issue, "toy", market)
        remedies = {r.remedy for r in world().entitlements(market, issue)}
        said = np.any([entitled(b, r) for r in remedies], axis=0)
        assert said.all(), f"{market}, {issue}: nothing is said of the ages {np.array(ages)[~said]}"
        if issue not in both:
            assert (owed_nothing(b) == entitled(b, "none")).all(), (
                f"{market}, {issue}: something and nothing are owed on the same day"
            )


def test_offers_of_money_have_a_multiplier_and_multipliers_have_offers():
    offered = {
        c.issue
        for c in (Cell("amazon", "US", ch, i) for ch in CHANNELS for i in ISSUES)
        if any(o.offer for o in options_of(world(), c))
    }
    assert offered == {k.removeprefix("acceptance.issue.") for k in base().book.starting("acceptance.issue.")}


def test_goods_that_come_back_have_a_mix_of_grades():
    back = {
        c.issue
        for c in (Cell("amazon", "US", ch, i) for ch in CHANNELS for i in ISSUES)
        if any("gives_back_goods" in o.spec.tags for o in options_of(world(), c))
    }
    assert {i for i in back if f"grade.{i}.unknown.new" not in base().book} == set()
    assert {
        (i, c)
        for i in ISSUES
        for c in CONDITIONS
        if f"grade.{i}.{c}.new" in base().book and world().grade_mix(i, c).sum() != pytest.approx(1.0)
    } == set()


def test_every_habit_is_something_that_can_be_done():
    """And every issue of every channel has one."""
    with_habit = set()
    for row in base().tables["current_practice.csv"]:
        for channel in CHANNELS if row["channel"] == "*" else (row["channel"],):
            kinds = {
                world().providers[o.provider].kind if o.provider else "*"
                for m in world().markets
                for o in options_of(world(), Cell("amazon", m, channel, row["issue"]))
                if o.resolution == row["resolution"]
            }
            assert kinds and (row["provider_kind"] == "*" or row["provider_kind"] in kinds), (
                f"nobody can do {row}"
            )
            with_habit.add((channel, row["issue"]))
    assert with_habit == {(c, i) for c in CHANNELS for i in ISSUES}
