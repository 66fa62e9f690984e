"""Every rule by hand: one case it refuses, one it just lets pass, and its switch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest
from hand_world import HandWorld

from optimizer.model import pricing
from optimizer.model.engine import Engine
from optimizer.model.rules import FAMILIES, RULE, RULES, sentence
from optimizer.model.world import World

Change = Callable[[HandWorld], None]
STOCK = "replace_keep_old|us_warehouse|||keep_full_refund"
BACK = "return_to_warehouse|us_warehouse|dispose"
OFFER = "keep_partial_refund|||20%|keep_full_refund"
FEE = "return_with_restocking_fee|us_warehouse|inspect_by_grade"


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


@pytest.fixture
def w(tmp_path) -> HandWorld:
    """A US seller with a warehouse; everybody accepts, nothing is too slow, too heavy or closed."""
    w = HandWorld(tmp_path)
    w.provider("us_warehouse", "warehouse")
    w.provider("china_factory", "china_factory", "*", "CNY")
    w.provider("amazon_fba", "platform", "*")
    w.provider("china_batch", "china_batch", "*", "CNY")
    w.provider("local", "local")
    w.set |= {
        f"acceptance.issue.{i}": 1.0
        for i in ("unwanted", "wrong_item", "damaged", "quality_defect", "warranty_claim", "cancel_shipped")
    }
    w.entitlements += [
        ("*", "unwanted", "buyer", "return_refund", 1),
        ("*", "wrong_item", "buyer", "return_refund", 1),
        ("*", "quality_defect", "seller", "replacement", 1),
    ]
    return w


def without_warehouse(w: HandWorld) -> None:
    w.providers[0]["open"] = 0


def in_europe(w: HandWorld) -> None:
    """The US becomes a market of the EU, where the buyer chooses repair or replacement for 24 months."""
    w.markets["US"] |= {"region": "EU", "guarantee.months": 24, "guarantee.repair_first": 1}
    w.entitlements = [
        ("*", issue, "buyer", remedy, 1)
        for issue in ("quality_defect", "warranty_claim")
        for remedy in ("repair", "replacement")
    ]


def without_entitlement(issue: str) -> Change:
    def change(w: HandWorld) -> None:
        w.entitlements = [e for e in w.entitlements if e[1] != issue]

    return change


def market(**facts) -> Change:
    return lambda w: w.markets["US"].update({k.replace("__", "."): v for k, v in facts.items()})


def off(rule: str) -> Change:
    return lambda w: w.set.update({f"rule.{rule}.on": 0})


def in_france(w: HandWorld) -> None:
    w.markets["FR"], w.lanes["FR"] = w.markets.pop("US"), w.lanes.pop("US")
    for p in w.providers:
        p["market"] = p["market"].replace("US", "FR")


FEES = market(restocking__late_share=0.2)


def at(provider: int, **numbers) -> Change:
    return lambda w: w.providers[provider].update(numbers)


def gadget(**facts) -> Change:
    return lambda w: w.classes[0].update(facts)


def of(resolution: str, **numbers) -> Change:
    return lambda w: w.resolutions.update({resolution: numbers})


@dataclass
class Pair:
    """An option of a gadget's case that `refused` makes unacceptable by this rule alone and `passes` leaves
    acceptable.

    What a rule refuses always has an `other` option beside it that it lets pass.
    """

    option: str
    issue: str
    refused: dict = field(default_factory=dict)
    passes: dict = field(default_factory=dict)
    before: tuple[Change, ...] = ()
    when_refused: Change | None = None
    when_passed: Change | None = None
    other: str = ""


MERCHANT, FBA = {"channel": "merchant"}, {"channel": "fba"}
DELIVERED = {"order_date": day("2026-08-01"), "delivery_date": day("2026-08-11")}
LAST_DAY, LATE = (
    DELIVERED | {"case_date": day("2026-09-10")},
    DELIVERED | {"case_date": day("2026-09-11")},
)  # 30 and 31 days of 30


def aged(days: int, raised: str = "2026-09-10") -> dict:
    return {
        "order_date": day(raised) - pd.Timedelta(days + 5, "D"),
        "delivery_date": day(raised) - pd.Timedelta(days, "D"),
        "case_date": day(raised),
    }


def paid_review(region: str, first: str, before: str) -> Pair:
    """Where the platform's ban is switched off, the law's still refuses from its first day on."""
    return Pair(
        "refund_for_review_change",
        "negative_review",
        aged(5, first),
        aged(5, before),
        (market(region=region), off("platform.no_review_inducement")),
    )


PAIRS = {
    "state.already_shipped": Pair("cancel_order", "cancel_unshipped", {"shipped": True}, {"shipped": False}),
    "state.not_under_way": Pair(
        "refuse_delivery_and_refund||rescue", "cancel_shipped", {"delivered": True}, {"delivered": False}
    ),
    "state.not_delivered": Pair(BACK, "unwanted", {"delivered": False}, {"delivered": True}),
    "state.not_a_setting": Pair(
        "remote_support||||keep_full_refund", "quality_defect", FBA | LAST_DAY, FBA | LATE
    ),
    "state.platform_owns_goods": Pair(
        "liquidate", "returned_goods", FBA | {"condition": "damaged"}, FBA | {"condition": "customer_damaged"}
    ),
    "platform.returnless_floor": Pair(
        "return_to_china||||keep_full_refund",
        "unwanted",
        MERCHANT | {"item_price": 25.00},
        MERCHANT | {"item_price": 25.01},
        (without_warehouse,),
    ),
    "platform.fba_window": Pair("return_to_fba||dispose", "unwanted", FBA | LATE, FBA | LAST_DAY),
    "platform.owed_in_window": Pair(
        "decline_request", "unwanted", LAST_DAY, LATE, (without_entitlement("unwanted"),)
    ),
    "platform.partial_not_sole": Pair(
        "keep_partial_refund|||20%|replace_keep_old", "quality_defect", LAST_DAY, LATE
    ),
    "platform.no_claim_inducement": Pair(
        "refund_for_claim_withdrawal", "a_to_z_claim", other="refund_before_decision"
    ),
    "platform.no_review_inducement": Pair(
        "refund_for_review_change",
        "negative_review",
        before=(market(region="IN"),),
        other="refund_after_review||||reply_publicly",
    ),
    "platform.feedback_too_old": Pair("request_removal", "negative_feedback", aged(91), aged(90)),
    "platform.restocking_not_allowed": Pair(FEE, "unwanted", LAST_DAY, LATE, (FEES,)),
    "platform.no_restocking_at_fault": Pair(
        FEE, "unwanted", LATE | {"fault": "seller"}, LATE | {"fault": "buyer"}, (FEES,)
    ),
    "platform.local_label_required": Pair(
        "return_to_china||||keep_full_refund",
        "unwanted",
        MERCHANT | {"item_price": 60},
        MERCHANT | {"item_price": 60},
        when_passed=without_warehouse,
    ),
    "platform.fba_returnless_cap": Pair(
        "keep_full_refund",
        "unwanted",
        FBA | {"item_price": 75.01},
        FBA | {"item_price": 75.00},
        (lambda w: w.markets["US"].update({"fba_returnless_cap.amount": 75}),),
    ),
    "platform.no_offer_during_claim": Pair(OFFER, "unwanted", {"claim_open": True}, {"claim_open": False}),
    "platform.opened_not_as_new": Pair(
        "restock_as_new", "returned_goods", {"condition": "unknown"}, {"condition": "sellable"}
    ),
    "platform.needs_local_address": Pair(
        "ship_to_china_batch|china_batch", "returned_goods", when_refused=without_warehouse
    ),
    "law.reasonable_time": Pair(
        "repair_local|local|||replace_keep_old",
        "warranty_claim",
        before=(in_europe,),  # 1 day + 4 + 4 on the road + the repair
        when_refused=at(4, lead_days=22),
        when_passed=at(4, lead_days=21),
    ),
    "law.first_remedy": Pair(
        BACK,
        "quality_defect",
        {"order_date": day("2024-08-01"), "delivery_date": day("2024-09-10"), "case_date": day("2026-09-10")},
        {"order_date": day("2024-08-01"), "delivery_date": day("2024-09-09"), "case_date": day("2026-09-10")},
        (in_europe,),
    ),  # 730 and 731 days of 24 x 30.4375 = 730.5
    "law.fallback_must_bind": Pair(
        "keep_with_gift|us_warehouse|||return_to_warehouse",
        "wrong_item",
        when_refused=without_entitlement("wrong_item"),
    ),
    "law.partial_not_sole": Pair(
        "keep_partial_refund|||20%|return_to_warehouse",
        "wrong_item",
        when_refused=without_entitlement("wrong_item"),
    ),
    "law.owed_by_right": Pair(
        "decline_request",
        "warranty_claim",
        aged(365),
        aged(366),
        (
            lambda w: w.entitlements.__setitem__(
                slice(None), [("*", "warranty_claim", "seller", "repair", 1, "0", "365")]
            ),
        ),
    ),
    "law.withdrawal": Pair(
        FEE,
        "unwanted",
        aged(14),
        aged(15),
        (FEES, market(return_window__standard_days=7, withdrawal__days=14)),
    ),
    "law.free_of_charge": Pair(
        FEE, "damaged", aged(730), aged(731), (in_europe, FEES, off("platform.no_restocking_at_fault"))
    ),  # of 730.5
    "law.paid_reviews_us": paid_review("US", "2024-10-21", "2024-10-20"),
    "law.paid_reviews_eu": paid_review("EU", "2022-05-28", "2022-05-27"),
    "law.paid_reviews_gb": paid_review("GB", "2025-04-06", "2025-04-05"),
    "law.destruction_ban": Pair(
        "dispose",
        "returned_goods",
        {"market": "FR", "condition": "sellable"},
        {"market": "FR", "condition": "defective"},
        (in_france,),
    ),
    "physical.defective_lithium_by_air": Pair(
        "return_to_china||||keep_full_refund",
        "quality_defect",
        MERCHANT | {"item_price": 60},
        MERCHANT | {"item_price": 60},
        (without_warehouse,),
        gadget(battery="lithium_in"),
        gadget(battery="none"),
    ),
    "physical.defective_battery_by_post": Pair(
        BACK,
        "quality_defect",
        when_refused=gadget(battery="lithium_alone"),
        when_passed=gadget(battery="lithium_in"),
    ),
    "physical.too_heavy": Pair(
        BACK,
        "unwanted",
        {"quantity": 2},
        {"quantity": 2},
        when_refused=gadget(weight_kg=9.001),
        when_passed=gadget(weight_kg=9),
    ),
    "provider.closed": Pair(
        "repair_local|local|||keep_full_refund", "warranty_claim", when_refused=at(4, open=0)
    ),
    "provider.class_not_served": Pair(
        "repair_local|local|||keep_full_refund",
        "warranty_claim",
        when_refused=at(4, classes="small_appliance"),
        when_passed=at(4, classes="small_appliance gadget"),
    ),
    "provider.no_stock": Pair(
        STOCK, "damaged", {"sku": "G-1", "quantity": 3}, {"sku": "G-1", "quantity": 2}
    ),  # two on hand
    "provider.repair_permit": Pair(
        "ship_to_china_batch|china_batch", "returned_goods", when_refused=at(3, repair_permit=0)
    ),
    "service.too_slow": Pair(
        BACK,
        "unwanted",
        when_refused=of("return_to_warehouse", days=60),
        when_passed=of("return_to_warehouse", days=59),
    ),  # + 1 of the provider
    "customer.nobody_accepts": Pair(
        "keep_with_gift|us_warehouse|||keep_full_refund",
        "unwanted",
        when_refused=of("keep_with_gift", acceptance=0),
        when_passed=of("keep_with_gift", acceptance=0.001),
    ),
    "customer.prior_claims": Pair("keep_full_refund", "unwanted", {"prior_claims": 3}, {"prior_claims": 2}),
    "safety.stop_sale": Pair(
        BACK, "quality_defect", {"reason_text": "smoke from the plug"}, {"reason_text": "scratched"}
    ),
    "own.large_keep_refund": Pair(
        "keep_full_refund", "unwanted", {"item_price": 400.01}, {"item_price": 400.00}
    ),
}
STOCK_LIST = pd.DataFrame([{"sku": "G-1", "product_class": "gadget", "stock_on_hand": 2.0}])


def refused_by(
    w: HandWorld, pair: Pair, facts: dict, change: Change | None, option: str = "", **switches
) -> list[str]:
    """Rules that refuse the option of the pair, or another, once `change` and `facts` are applied."""
    for step in (*pair.before, *((change,) if change else ())):
        step(w)
    w.set |= {f"rule.{rule}.on": value for rule, value in switches.items()}
    price = facts.get("item_price", 30.0)
    case = w.case("gadget", pair.issue, price, **{k: v for k, v in facts.items() if k != "item_price"})
    block = Engine.of(w.scenario(), case, STOCK_LIST).price()[0]
    keys = [o.key for o in block.options]
    full = "|".join(((option or pair.option).split("|") + [""] * 5)[:5])
    assert full in keys, f"{full} is not among {keys}"
    return block.refused_by(0, keys.index(full))


def test_every_rule_has_its_pair():
    assert {r.id for r in RULES if r.effect != "deadline"} == set(PAIRS)


@pytest.mark.parametrize("rule", PAIRS)
def test_refuses(w, rule):
    pair = PAIRS[rule]
    assert refused_by(w, pair, pair.refused, pair.when_refused) == [rule]


@pytest.mark.parametrize("rule", PAIRS)
def test_just_lets_pass(w, rule):
    pair = PAIRS[rule]
    assert refused_by(w, pair, pair.passes, pair.when_passed, pair.other) == []


@pytest.mark.parametrize("rule", PAIRS)
def test_switched_off(w, rule):
    pair = PAIRS[rule]
    assert refused_by(w, pair, pair.refused, pair.when_refused, **{rule: 0}) == []


# --- scope and details of single rules
# ----------------------------------------------------------------------------------------


def test_the_floor_leaves_only_the_refund_without_return(w):
    without_warehouse(w)
    a = w.price("gadget", "unwanted", 25.00, channel="merchant")
    assert a.acceptable() == ["keep_full_refund"]
    for free in ({"platform": "ebay"}, {"channel": "warehouse"}):
        assert "platform.returnless_floor" not in w.price(
            "gadget", "unwanted", 25.00, **{"channel": "merchant"} | free
        ).refused_by(OFFER)
    w.markets["US"].pop("returnless_floor.amount")  # a market without the number is not in scope
    assert w.price("gadget", "unwanted", 25.00, channel="merchant").refused_by(OFFER) == []


@pytest.mark.parametrize(
    ("ordered", "refused"), [("2021-10-04", []), ("2021-10-05", ["platform.returnless_floor"])]
)
def test_the_floor_counts_from_its_first_order_day(w, ordered, refused):
    without_warehouse(w)
    a = w.price(
        "gadget",
        "unwanted",
        25.00,
        channel="merchant",
        order_date=day(ordered),
        delivery_date=day("2021-10-08"),
        case_date=day("2021-10-10"),
    )
    assert a.refused_by(OFFER) == refused


def test_goods_the_platform_damaged_are_claimed_and_nothing_else(w):
    owned = w.price("gadget", "returned_goods", 30, channel="fba", condition="carrier_damaged")
    assert owned.acceptable() == ["refer_to_platform"]
    other = w.price("gadget", "returned_goods", 30, channel="fba", condition="defective")
    assert (
        other.refused_by("refer_to_platform") == ["state.platform_owns_goods"]
        and "liquidate" in other.acceptable()
    )


def returned_at(w: HandWorld, ordered: str, delivered: str, on: str) -> list[str]:
    a = w.price(
        "gadget",
        "unwanted",
        30,
        channel="fba",
        order_date=day(ordered),
        delivery_date=day(delivered),
        case_date=day(on),
    )
    return a.refused_by("return_to_fba||dispose")


@pytest.mark.parametrize(
    ("group", "last", "late"),
    [("standard", "2026-06-30", "2026-07-01"), ("electronics", "2026-06-14", "2026-06-15")],
)
def test_electronics_have_fourteen_days_in_germany(w, group, last, late):
    w.markets["US"] |= {"return_window.standard_days": 30, "return_window.electronics_days": 14}
    w.classes[0]["window_group"] = group
    assert returned_at(w, "2026-05-28", "2026-05-31", last) == []
    assert returned_at(w, "2026-05-28", "2026-05-31", late) == ["platform.fba_window"]


@pytest.mark.parametrize(
    ("ordered", "on", "refused"),
    [
        ("2025-11-01", "2026-01-31", []),
        ("2025-12-31", "2026-01-31", []),  # first and last order day, last day to return
        ("2025-11-01", "2026-02-01", ["platform.fba_window"]),
        ("2025-10-31", "2026-01-31", ["platform.fba_window"]),
    ],
)
def test_orders_of_the_holidays_may_come_back_in_january(w, ordered, on, refused):
    w.markets["US"] |= {"holiday.order_from": "11-01", "holiday.order_to": "12-31", "holiday.until": "01-31"}
    assert returned_at(w, ordered, "2025-11-05" if ordered < "2025-12" else "2026-01-01", on) == (
        refused if ordered < "2025-12" else []
    )


def test_an_order_of_january_has_its_plain_window(w):
    w.markets["US"] |= {"holiday.order_from": "11-01", "holiday.order_to": "12-31", "holiday.until": "01-31"}
    assert returned_at(w, "2026-01-01", "2026-01-04", "2026-02-04") == ["platform.fba_window"]


def test_lithium_that_came_back_defective_does_not_fly(w):
    gadget(battery="lithium_in")(w)
    key = "ship_to_china_single"
    assert w.price("gadget", "returned_goods", 30, condition="defective").refused_by(key) == [
        "physical.defective_lithium_by_air"
    ]
    assert w.price("gadget", "returned_goods", 30, condition="sellable").refused_by(key) == []
    assert (
        w.price("gadget", "returned_goods", 30, condition="defective").refused_by(
            "ship_to_china_batch|china_batch"
        )
        == []
    )  # by sea


@pytest.mark.parametrize(
    "words", ["battery is SWOLLEN", "caught fire", "充电时冒烟", "电池鼓包", "got an electric shock"]
)
def test_danger_leaves_only_the_refund(w, words):
    a = w.price("gadget", "quality_defect", 30, reason_text=words)
    assert a.acceptable() == ["keep_full_refund"]
    back = w.price("gadget", "returned_goods", 30, reason_text=words)
    assert back.acceptable() == ["dispose"]


def test_danger_overrides_what_would_forbid_the_refund(w):
    """Large amounts, repeated claims and the returnless cap of FBA do not leave a dangerous product
    without a way out."""
    w.markets["US"]["fba_returnless_cap.amount"] = 75
    for facts in (
        {"issue": "unwanted", "price": 500, "prior_claims": 9},
        {"issue": "quality_defect", "price": 500, "channel": "fba"},
    ):
        a = w.price("gadget", facts.pop("issue"), facts.pop("price"), reason_text="smoke", **facts)
        assert "keep_full_refund" in a.acceptable()


def test_what_is_too_heavy_to_come_back_may_be_refunded_at_any_price(w):
    gadget(weight_kg=40)(w)
    assert w.price("gadget", "unwanted", 500).refused_by("keep_full_refund") == []


def test_prior_claims_bind_only_what_is_kept_for_money(w):
    a = w.price("gadget", "wrong_item", 30, prior_claims=3)
    assert (
        a.refused_by(OFFER)
        == ["customer.prior_claims"]
        == a.refused_by("keep_with_gift|us_warehouse|||return_to_warehouse")
    )
    assert a.refused_by(BACK) == [] == a.refused_by("replace_keep_old|us_warehouse|||return_to_warehouse")
    without_warehouse(w)  # nowhere to send it back to
    assert w.price("gadget", "wrong_item", 30, prior_claims=3).refused_by(OFFER) == []


def test_an_option_is_also_refused_by_what_refuses_its_fallback(w):
    without_warehouse(w)
    a = w.price("gadget", "unwanted", 30)
    assert a.refused_by("keep_partial_refund|||20%|return_to_warehouse") == [
        "platform.needs_local_address",
        "provider.closed",
    ]
    assert a.refused_by(OFFER) == []


def test_all_rules_that_refuse_are_kept_in_the_order_of_the_catalogue(w):
    without_warehouse(w)
    a = w.price("gadget", "unwanted", 450, claim_open=True, reason_text="smoke", delivered=False)
    assert a.refused_by("keep_partial_refund|||20%|return_to_warehouse") == [
        "state.not_delivered",
        "platform.no_offer_during_claim",
        "platform.needs_local_address",
        "provider.closed",
        "safety.stop_sale",
    ]


# --- dates
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dates", "refused"),
    [
        ({"valid_from": "2026-09-10"}, (False, True)),
        ({"valid_to": "2026-09-09"}, (True, False)),
        ({"valid_from": "2026-09-11"}, (False, False)),
        ({"valid_from": "2026-09-09", "valid_to": "2026-09-10"}, (True, True)),
    ],
)
def test_a_rule_holds_from_its_first_to_its_last_day(w, monkeypatch, dates, refused):
    monkeypatch.setattr(pricing, "DECIDING", [replace(RULE["customer.prior_claims"], **dates)])
    cases = pd.concat(
        [
            w.case("gadget", "unwanted", 30, prior_claims=5, case_date=day(d), case_id=d)
            for d in ("2026-09-09", "2026-09-10")
        ],
        ignore_index=True,
    )
    block = Engine.of(w.scenario(), cases).price()[0]
    column = [o.key for o in block.options].index("keep_full_refund||||")
    assert tuple(block.refused[:, column] != 0) == refused


# --- sentences
# ------------------------------------------------------------------------------------------------


def test_sentences_carry_the_numbers_of_the_market(w):
    w.markets["US"]["fba_returnless_cap.amount"] = 75
    world = World.of(w.scenario())
    said = {
        r: sentence(RULE[r], world, "US", "en")
        for r in (
            "platform.returnless_floor",
            "platform.fba_returnless_cap",
            "service.too_slow",
            "customer.prior_claims",
        )
    }
    assert said == {
        "platform.returnless_floor": (
            "without a return address in the market the platform refunds 25 USD and less at once and the"
            " buyer keeps the goods"
        ),
        "platform.fba_returnless_cap": "FBA allows a returnless setting only up to 75 USD",
        "service.too_slow": "takes longer than the 60 days that support may promise",
        "customer.prior_claims": (
            "this buyer has made 3 claims or more: where goods can be sent back, nothing is kept without"
            " return"
        ),
    }
    assert (
        sentence(RULE["own.large_keep_refund"], world, "US", "zh")
        == "售价超过 400 USD 且可退回当地时，退款不退货须经审批"
    )


def test_rules_are_counted_in_64_bits_and_in_known_families():
    assert len(pricing.DECIDING) <= 64 and len({r.id for r in RULES}) == len(RULES)
    assert list(dict.fromkeys(r.family for r in RULES)) == list(FAMILIES)
    assert list(pricing.BIT) == [r.id for r in RULES if r.effect != "deadline"]  # deadlines need no bit
    assert list(pricing.BIT.values()) == [np.uint64(1) << np.uint64(i) for i in range(len(pricing.BIT))]
