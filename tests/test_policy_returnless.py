"""The policy as the platform's returnless settings: exactly what the table says of ordinary cases, and no
two rows overlap."""

from __future__ import annotations

import dataclasses
from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hand_world import HandWorld
from policy_world import built
from shared import scenario as scenario_of

from optimizer.domain.names import FAULTS, UNCLASSIFIED
from optimizer.inputs.reason_codes import REASON_CODES, reason_codes
from optimizer.inputs.scenario import read_scenario
from optimizer.model.engine import Engine
from optimizer.model.rules import rule_switches
from optimizer.policy import match
from optimizer.policy.returnless import (
    REQUIRED,
    RETURNLESS_COLUMNS,
    SETTINGS,
    Reasons,
    is_returnless,
    reasons_of,
    returnless_rules,
)

BUYER, SELLER, CARRIER = (list(FAULTS).index(f) for f in ("buyer", "seller", "carrier"))
CODES = {
    setting: {
        "unwanted": Reasons(("UNWANTED_ITEM", "OTHER_CODE"), (BUYER,)),
        "damaged": Reasons(("DAMAGED_BY_CARRIER",), (SELLER, CARRIER)),
    }
    for setting in SETTINGS
}
WORLDS = [
    ("base", ()),
    ("no_us_warehouse", ()),
    (
        "base",
        ("provider.us_warehouse.open=0", "US.fba_returnless_cap.amount=60.55", "freight.outbound_factor=2"),
    ),
]
PRICES = (0.5, 8.0, 9.5, 20.0, 20.01, 25.0, 25.01, 33.0, 59.0, 75.0, 75.01, 140.0, 700.0)


@cache
def codes_of_the_platform():
    """Reason codes of the platform by its setting and the issue they stand for."""
    return reasons_of(reason_codes(scenario_of().tables[REASON_CODES]))


# by hand


@pytest.fixture
def hand(tmp_path):
    """US with a warehouse in use; every way out costs 15.00, a returnless refund 10.00."""
    w = HandWorld(tmp_path)
    w.provider("here", "warehouse")
    return w


def table(*rows: tuple) -> pd.DataFrame:
    """Rows (class, channel, issue, when, price_from, price_to, resolution), and a last one that says
    something else."""
    names = ["product_class", "channel", "issue", "when", "price_from", "price_to", "resolution"]
    frame = pd.DataFrame([*rows, ("*", "*", "*", "", np.nan, np.nan, "return_to_fba")], columns=names)
    frame.insert(0, "row_id", [f"P{i}" for i in range(1, len(frame) + 1)])
    return frame.assign(
        platform="amazon", market="US", provider="", disposition="", offer="", fallback=""
    ).astype({"price_from": float, "price_to": float})


def exported(hand: HandWorld, frame: pd.DataFrame, *cases: tuple, codes=CODES) -> pd.DataFrame:
    """Export a table, with cases (class, channel, issue, price)."""
    rows = [
        hand.case(c, issue, price, channel=channel, fault="buyer" if issue == "unwanted" else "carrier")
        for c, channel, issue, price in cases
    ]
    engine = Engine.of(
        hand.scenario(), pd.concat(rows, ignore_index=True).assign(case_id=[str(i) for i in range(len(rows))])
    )
    blocks = []
    for b in engine.price():
        total = np.full_like(b.total, 1_500.0)
        total[:, [is_returnless(o) for o in b.options]] = 1_000.0
        blocks.append(dataclasses.replace(b, total=total, refused=np.zeros_like(b.refused)))
    return returnless_rules(engine, blocks, frame, codes)


def test_classes_of_a_category_share_what_all_agree_on(hand):
    frame = table(
        ("gadget", "fba", "damaged", "", np.nan, 30, "keep_full_refund"),
        ("small_appliance", "fba", "damaged", "", np.nan, 20, "keep_full_refund"),
    )
    found = exported(
        hand,
        frame,
        ("gadget", "fba", "damaged", 10),
        ("gadget", "fba", "damaged", 20),
        ("gadget", "fba", "damaged", 24),
        ("gadget", "fba", "damaged", 35),
        ("small_appliance", "fba", "damaged", 24),
        ("small_appliance", "fba", "damaged", 12),
        ("gadget", "fba", "unwanted", 10),
    )
    assert found.columns.tolist() == RETURNLESS_COLUMNS
    # the gadgets at 10 and 20, the appliance at 12: 3 x (15.00 - 10.00); the gadget at 24 is given up for the
    # small appliance
    assert found.iloc[:, :-1].values.tolist() == [
        [
            "US",
            "fba",
            "default",
            "gadget;small_appliance",
            0.0,
            20.0,
            "USD",
            "DAMAGED_BY_CARRIER",
            "damaged",
            3,
            15.0,
        ]
    ]
    assert found["note"].tolist() == [
        "from P1, P2; given up because classes or channels differ: "
        "damaged 20.01 to 30.00 of gadget (1 cases, saving 5.00)"
    ]


def test_neighbours_and_reasons_of_the_same_range_are_one_row(hand):
    frame = table(
        *(
            ("*", "merchant", issue, "", low, high, "keep_full_refund")
            for issue in ("unwanted", "damaged")
            for low, high in ((np.nan, 12), (12, 40))
        ),
        ("*", "merchant", "damaged", "", 60, 80, "keep_full_refund"),
    )
    found = exported(
        hand,
        frame,
        ("gadget", "merchant", "damaged", 40),
        ("gadget", "merchant", "unwanted", 0.01),
        ("gadget", "merchant", "damaged", 5),
        ("gadget", "merchant", "unwanted", 30),
        ("gadget", "merchant", "damaged", 80),
    )
    assert found[["price_from", "price_to", "reasons", "issues", "cases", "saving"]].values.tolist() == [
        [0.0, 40.0, "UNWANTED_ITEM;OTHER_CODE;DAMAGED_BY_CARRIER", "unwanted;damaged", 4, 20.0],
        [60.01, 80.0, "DAMAGED_BY_CARRIER", "damaged", 1, 5.0],
    ]


def test_the_settings_of_fba_end_at_the_cap_of_the_platform(hand):
    hand.markets["US"]["fba_returnless_cap.amount"] = 75
    frame = table(("*", "*", "*", "", np.nan, np.nan, "keep_full_refund"))
    found = exported(hand, frame, ("gadget", "fba", "damaged", 10), ("gadget", "merchant", "damaged", 10))
    assert found[["channel", "price_from"]].values.tolist() == [["fba", 0.0], ["merchant", 0.0]]
    assert found["price_to"].iloc[0] == 75.0 and np.isnan(found["price_to"].iloc[1])


def test_what_the_platform_requires_stands_by_itself_and_saves_nothing(tmp_path):
    w = HandWorld(tmp_path)  # no warehouse: no address to send goods back to
    w.provider("elsewhere", "china_factory", market="*")
    frame = table(("*", "merchant", "damaged", "", np.nan, 40, "keep_full_refund"))
    found = exported(w, frame, ("gadget", "merchant", "damaged", 10), ("gadget", "merchant", "damaged", 30))
    required = found["note"].str.startswith(REQUIRED)
    assert found[required][["price_from", "price_to", "issues", "cases"]].values.tolist() == [
        [0.0, 25.0, "damaged", 1]
    ]
    assert found[required]["saving"].isna().all()
    assert found[~required][["price_from", "price_to", "issues", "cases", "saving"]].values.tolist() == [
        [25.01, 40.0, "damaged", 1, 5.0]
    ]


def test_what_the_platform_requires_holds_whatever_the_table_says_of_the_warehouse(tmp_path):
    w = HandWorld(tmp_path)
    w.provider("elsewhere", "china_factory", market="*")
    found = exported(
        w,
        table(("*", "merchant", "damaged", "", np.nan, 40, "keep_full_refund")),
        ("gadget", "merchant", "damaged", 10),
        ("gadget", "warehouse", "damaged", 30),
    )
    assert found[["price_from", "price_to"]].values.tolist() == [[0.0, 25.0]] and found["note"].iloc[
        0
    ].startswith(REQUIRED)


@pytest.mark.parametrize(
    "when, note",
    [
        ("", "from P1"),
        ("stage=in_window; age<=30d", "from P1"),
        (
            "claim_open=no; safety=no",
            (
                "the settings cannot tell, and the table says otherwise where claim_open=yes, safety=yes;"
                " from P1"
            ),
        ),
        (
            "prior_claims<3; stock=yes",
            "the settings cannot tell, and the table says otherwise where prior_claims>=3, stock=no; from P1",
        ),
        (
            "value<=400; fault!=seller|unknown",
            (
                "the settings cannot tell, and the table says otherwise where fault=seller|unknown,"
                " value>400; from P1"
            ),
        ),
    ],
)
def test_a_condition_the_platform_does_not_know_is_said_in_the_note(hand, when, note):
    found = exported(
        hand,
        table(("*", "merchant", "unwanted", when, np.nan, 50, "keep_full_refund")),
        ("gadget", "merchant", "unwanted", 10),
    )
    assert found["note"].tolist() == [note] and found["price_to"].tolist() == [50.0]


def test_a_row_without_cases_of_the_market_and_channel_sets_nothing(hand):
    frame = table(
        ("gadget", "merchant", "unwanted", "", np.nan, 20, "keep_full_refund"),
        ("*", "*", "*", "", np.nan, np.nan, "keep_full_refund"),
    )
    found = exported(hand, frame, ("gadget", "merchant", "unwanted", 10), ("gadget", "fba", "damaged", 10))
    assert found[["channel", "issues", "price_to"]].fillna(0).values.tolist() == [
        ["fba", "damaged", 0.0],
        ["merchant", "unwanted", 20.0],
    ]


@pytest.mark.parametrize(
    "issue, when",
    [
        ("unwanted", "age<=14d"),
        ("unwanted", "age>14d"),
        ("unwanted", "claim_open=yes"),
        ("unwanted", "stage=after_window"),
        ("unwanted", "fault=seller"),
        ("damaged", "fault=carrier"),
        ("unwanted", "prior_claims>=1"),
        ("unwanted", "battery=lithium_in"),
    ],
)
def test_what_does_not_hold_for_all_ordinary_cases_is_not_exported(hand, issue, when):
    found = exported(
        hand,
        table(("*", "*", issue, when, np.nan, np.nan, "keep_full_refund")),
        ("gadget", "fba", issue, 10),
        ("gadget", "merchant", issue, 10),
    )
    assert found.empty and found.columns.tolist() == RETURNLESS_COLUMNS


def test_the_value_of_one_unit_is_its_price(hand):
    found = exported(
        hand,
        table(("*", "merchant", "unwanted", "value>12.5", 5, 50, "keep_full_refund")),
        ("gadget", "merchant", "unwanted", 13),
    )
    assert found[["price_from", "price_to"]].values.tolist() == [[12.51, 50.0]]


def test_the_warehouse_of_the_seller_is_the_seller_for_the_platform(hand):
    frame = table(
        ("*", "merchant", "unwanted", "", np.nan, 30, "keep_full_refund"),
        ("*", "warehouse", "unwanted", "", 10, 50, "keep_full_refund"),
    )
    both = exported(
        hand, frame, ("gadget", "merchant", "unwanted", 20), ("gadget", "warehouse", "unwanted", 40)
    )
    assert both[["channel", "price_from", "price_to", "cases"]].values.tolist() == [
        ["merchant", 10.01, 30.0, 1]
    ]
    assert "unwanted 30.01 to 50.00 of gadget (warehouse) (1 cases, saving 5.00)" in both["note"].iloc[0]
    alone = exported(hand, frame, ("gadget", "merchant", "unwanted", 20))
    assert alone[["price_from", "price_to"]].values.tolist() == [[0.0, 30.0]]


def test_a_price_in_yen_has_no_cents(hand):
    hand.markets["US"]["currency"] = "JPY"
    found = exported(
        hand,
        table(("*", "merchant", "unwanted", "", 1_000, 2_000.5, "keep_full_refund")),
        ("gadget", "merchant", "unwanted", 1_500),
    )
    assert found[["price_from", "price_to", "currency"]].values.tolist() == [[1_001.0, 2_000.0, "JPY"]]


# the example


@pytest.fixture(scope="module", params=WORLDS, ids=lambda w: w[0] + ("+" if w[1] else ""))
def example(request):
    world = built(*request.param)
    return (
        world,
        read_scenario(*request.param, rule_switches()),
        returnless_rules(world.engine, world.blocks, world.policy.frame),
    )


def test_no_two_rows_overlap(example):
    for _, unsorted in (
        example[2]
        .assign(reason=example[2]["reasons"].str.split(";"))
        .explode("reason")
        .groupby(["market", "channel", "category", "reason"])
    ):
        rows = unsorted.sort_values("price_from")
        assert (rows["price_from"].to_numpy()[1:] > rows["price_to"].fillna(np.inf).to_numpy()[:-1]).all()
        assert not (rows["price_from"] > rows["price_to"]).any()


def ordinary(world, scenario) -> pd.DataFrame:
    """Ordinary cases of every class, channel and issue of the example, at every price of interest, on days
    of the window, of the faults of the codes."""
    seen = world.engine.cases[["market", "channel", "product_class"]].astype(str).drop_duplicates()
    seen = seen[seen["product_class"] != UNCLASSIFIED].to_dict("records")
    seen = [{**s, "setting": "fba" if s["channel"] == "fba" else "merchant"} for s in seen]
    kinds = {(s["market"], s["setting"]): set() for s in seen}
    for s in seen:
        kinds[s["market"], s["setting"]].add((s["channel"], s["product_class"]))
    ends = sorted(
        {
            p
            for m in ("price_from", "price_to")
            for x in world.policy.frame[m].dropna()
            if x <= 1_000
            for p in (x, x + 0.01)
        }
    )
    book, rows = scenario.book, []
    groups = dict(zip(world.engine.world.classes, world.engine.world.class_texts("window_group")))
    for (market, setting), members in kinds.items():
        for channel, c in product(sorted({ch for ch, _ in members}), sorted({k for _, k in members})):
            last = int(book.number(f"{market}.return_window.{groups[c]}_days"))
            for issue, its in codes_of_the_platform()[setting].items():
                for price, age, fault in product(
                    sorted({*PRICES, *ends[::7]}), sorted({0, min(14, last), min(15, last), last}), its.faults
                ):
                    rows.append(
                        (market, setting, channel, c, issue, round(price, 2), age, list(FAULTS)[fault])
                    )
    frame = pd.DataFrame(
        rows, columns=["market", "setting", "channel", "product_class", "issue", "item_price", "age", "fault"]
    )
    day = np.datetime64("2026-09-15", "s")
    delivered = day - frame["age"].to_numpy("timedelta64[D]")
    currency = frame["market"].map({m: f.currency for m, f in world.engine.world.markets.items()})
    return frame.assign(
        case_id=frame.index.astype(str),
        platform="amazon",
        sku="",
        order_date=delivered - np.timedelta64(5, "D"),
        ship_date=delivered,
        delivery_date=delivered,
        case_date=day,
        price_source="given",
        currency=currency,
        quantity=1,
        shipped=True,
        delivered=True,
        claim_open=False,
        stars=np.nan,
        condition="unknown",
        reason_text="",
        prior_claims=0,
        actual_resolution="",
        actual_cost=np.nan,
    )


def test_the_rows_are_what_the_table_says_of_ordinary_cases(example):
    world, scenario, rules = example
    cases = ordinary(world, scenario)
    engine = Engine.of(scenario, cases)
    row, seen = match(world.policy.frame, engine), match(world.policy.frame, world.engine)
    says = world.policy.frame["resolution"].to_numpy(object)[row] == "keep_full_refund"
    for cell, rows in engine.cells:
        its = [r for c, r in world.engine.cells if c == cell]
        says[rows] &= ~np.isin(engine.block(cell, rows).decided_by, ("platform", "buyer")) & np.isin(
            row[rows], seen[its[0]] if its else []
        )
    category = cases["product_class"].map(
        dict(zip(engine.world.classes, engine.world.class_texts("referral_category")))
    )
    place = [
        cases["market"],
        cases["setting"].rename("channel"),
        category.rename("category"),
        cases["issue"],
        cases["item_price"].rename("price"),
    ]
    table_says = pd.Series(says).groupby(place).all()
    keeps = pd.Series(world.policy.frame["resolution"].to_numpy(object)[row] == "keep_full_refund")[
        cases["channel"] == "merchant"
    ]
    merchant_says = keeps.groupby([p[keeps.index] for p in place]).all()
    found, required = pd.Series(False, index=table_says.index), pd.Series(False, index=table_says.index)
    at = table_says.index.to_frame(index=False)
    for r in rules.itertuples():
        inside = (
            (at["market"] == r.market)
            & (at["channel"] == r.channel)
            & (at["category"] == r.category)
            & at["issue"].isin(r.issues.split(";"))
            & (at["price"] >= r.price_from)
            & ~(at["price"] > r.price_to)
        ).to_numpy()
        found[inside] = True
        required[inside] |= r.note.startswith(REQUIRED)
    free = found & ~required
    assert table_says[free].all()
    assert merchant_says.reindex(required.index[required]).dropna().all()
    cap = (
        at["market"]
        .map(lambda m: engine.world.markets[m].number("fba_returnless_cap.amount", np.inf))
        .to_numpy()
    )
    beyond = (at["channel"] == "fba").to_numpy() & (at["price"].to_numpy() > cap)
    assert not found[beyond].any()
    missed = table_says & ~found & ~beyond
    assert not missed.any(), missed[missed]


def test_cases_and_savings_are_those_of_the_run(example):
    world, _, rules = example
    assert (rules["cases"] >= 0).all() and rules["saving"].notna().eq(
        ~rules["note"].str.startswith(REQUIRED)
    ).all()
    assert rules["cases"].sum() <= len(world.engine.cases)


def test_required_rows_end_at_the_floor_and_need_a_market_without_address(example):
    world, _, rules = example
    required = rules[rules["note"].str.startswith(REQUIRED)]
    floors = {m: f.number("returnless_floor.amount", np.nan) for m, f in world.engine.world.markets.items()}
    seen = set(world.engine.cases.loc[world.engine.cases["channel"] == "merchant", "market"])
    assert set(required["market"]) == {
        m for m in seen if not np.isnan(floors[m]) and not world.engine.world.has_local_address(m)
    }
    assert (
        set(required["channel"]) <= {"merchant"}
        and (required["price_to"] == required["market"].map(floors)).all()
    )


def test_the_codes_of_the_platform_belong_to_one_issue_each():
    for setting, issues in codes_of_the_platform().items():
        codes = [c for its in issues.values() for c in its.codes]
        assert len(codes) == len(set(codes)) and {
            "unwanted",
            "damaged",
            "wrong_item",
            "quality_defect",
        } <= set(issues), setting
    assert not any(
        c.startswith(("AMZ-PG-", "CR-")) for its in codes_of_the_platform()["fba"].values() for c in its.codes
    )
