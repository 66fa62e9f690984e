"""Every component of the cost lines by hand: inputs given here, the arithmetic visible, the answer to the
cent."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hand_world import Answer, HandWorld

from optimizer.domain.money import round_money, to_cents
from optimizer.model.resolutions import RESOLUTIONS

COMPONENTS = {c.key: c for r in RESOLUTIONS for c in r.costs}
USD_OF_EUR = 1.25  # fx.EUR = 0.8 per dollar
OUT = {0.3: 8.11, 2: 9.93}  # local_out of the hand world: 5.79 * 1.4 = 8.106, (5.95 + 3 * 0.38) * 1.4 = 9.926


def cents(amount: float) -> float:
    """Half-up to the cent, by decimal arithmetic."""
    return float(Decimal(repr(round(amount, 9))).quantize(Decimal("0.01"), ROUND_HALF_UP))


def amount(answer: Answer, component: str, option: str) -> float:
    """What one component adds to one option, rounded as a line is."""
    o, c = answer.block.options[answer.column(option)], COMPONENTS[component]
    assert c in o.spec.costs, f"{option} has no {component}"
    return float(np.broadcast_to(to_cents(c(answer.pricer.block, o)), (1,))[0]) / 100


@pytest.fixture
def w(tmp_path) -> HandWorld:
    """Gadget A: 25 USD, landed 7, 0.3 kg, part 4. Appliance B: 80, 24, 2 kg, 15. A dollar buys 7 yuan or
    0.8 euro."""
    w = HandWorld(tmp_path)
    w.set |= {"fx.CNY": 7, "fx.EUR": 0.8, "landed.cny_share": 0}
    w.provider("us_warehouse", "warehouse")
    w.provider(
        "china_factory",
        "china_factory",
        "*",
        "CNY",
        fee_level_1=21,
        fee_level_2=35,
        fee_level_3=49,
        success=0.9,
    )
    w.provider("amazon_fba", "platform", "*")
    return w


def germany(w: HandWorld) -> HandWorld:
    """Germany beside the US: prices in euro with 19 % tax inside, labels 4.90 EUR to 2 kg, a warehouse."""
    w.markets["DE"] = {
        **w.markets["US"],
        "currency": "EUR",
        "region": "EU",
        "tax.price_includes": 1,
        "tax.rate": 0.19,
        "tax.remitted_by": "seller",
        "warehouse.pick_pack": 2.20,
        "guarantee.months": 24,
    }
    w.lanes["DE"] = {
        lane: ("EUR", {2: 4.90, 18: 15})
        for lane in ("return_label", "local_out", "mcf", "fba_fulfilment", "fba_removal", "to_china")
    } | {"china_out": ("CNY", {18: 187})}
    w.provider("de_warehouse", "warehouse", "DE", "EUR")
    return w


STOCK, CHINA = (
    "replace_keep_old|us_warehouse|||keep_full_refund",
    "replace_keep_old|china_factory|||keep_full_refund",
)
KEEP, BACK = "keep_full_refund", "return_to_warehouse|us_warehouse|inspect_by_grade"


# --- rounding
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("money", "whole"),
    [(1.005, 101), (-1.005, -101), (0.145, 15), (2.675, 268), (1.0049, 100), (0.0, 0), (8.625, 863)],
)
def test_half_a_cent_goes_away_from_zero(money, whole):
    assert to_cents(money) == whole and round_money(money) == whole / 100


# --- money back to the buyer
# --------------------------------------------------------------------------------------------------


def test_full_refund_with_its_fee_credit_and_administration_fee(w):
    a = w.price("gadget", "unwanted", 25.01, quantity=2)
    assert amount(a, "full_refund", KEEP) == 2 * 25.01
    assert amount(a, "referral_fee_credit", KEEP) == -2 * 3.75  # 15 % of 25.01 = 3.7515
    assert amount(a, "refund_admin_fee", KEEP) == 2 * 0.75  # 20 % of 3.75
    tie = w.price("gadget", "unwanted", 10.10)
    assert amount(tie, "referral_fee_credit", KEEP) == -1.52  # 15 % of 10.10 = 1.515, half-up
    capped = w.price("bulky_furniture", "unwanted", 220)
    assert amount(capped, "refund_admin_fee", KEEP) == 5.00  # 20 % of 33.00 = 6.60, at most 5


def test_refund_in_euro_gives_the_tax_back(w):
    a = germany(w).price("small_appliance", "unwanted", 95.20, market="DE", quantity=2)
    assert amount(a, "full_refund", KEEP) == cents(2 * 80.00 * USD_OF_EUR)  # 95.20 / 1.19 = 80.00
    assert amount(a, "referral_fee_credit", KEEP) == -cents(2 * 14.28 * USD_OF_EUR)  # 15 % of 95.20
    assert amount(a, "refund_admin_fee", KEEP) == cents(2 * 2.86 * USD_OF_EUR)  # 20 % of 14.28 = 2.856
    w.markets["DE"]["tax.remitted_by"] = "none"  # nobody pays the tax, so none comes back
    assert amount(w.price("small_appliance", "unwanted", 95.20, market="DE"), "full_refund", KEEP) == cents(
        95.20 * USD_OF_EUR
    )


def test_partial_refund(w):
    a = w.price("gadget", "unwanted", 25.01, quantity=2)
    key = "keep_partial_refund|||20%|keep_full_refund"
    assert amount(a, "partial_refund", key) == 2 * 5.00  # 20 % of 25.01 = 5.002
    assert amount(a, "partial_referral_fee_credit", key) == -2 * 0.75  # 20 % of 3.75
    assert amount(a, "partial_refund_admin_fee", key) == 2 * 0.15  # 20 % of 0.75
    fixed = "keep_partial_refund|||5.00|keep_full_refund"
    assert amount(a, "partial_refund", fixed) == 2 * 5.00
    cheap = w.price("gadget", "unwanted", 4.00)  # the fixed 5.00 never gives back more than the price
    assert amount(cheap, "partial_refund", fixed) == 4.00
    assert amount(cheap, "partial_referral_fee_credit", fixed) == -0.60
    assert amount(cheap, "partial_refund_admin_fee", fixed) == 0.12
    de = germany(w).price("small_appliance", "unwanted", 95.20, market="DE")
    assert amount(de, "partial_refund", "keep_partial_refund|||50%|keep_full_refund") == cents(
        40.00 * USD_OF_EUR
    )  # 47.60 / 1.19


def test_contested_claim_is_paid_when_it_is_lost(w):
    w.set["claim.lose_probability"] = 0.55
    a = w.price("gadget", "a_to_z_claim", 25, quantity=2)
    assert amount(a, "contested_refund", "represent_with_evidence") == cents(0.55 * 2 * 25)
    assert amount(a, "contested_referral_fee_credit", "represent_with_evidence") == -cents(
        0.55 * 2 * 3.75
    )  # 4.125, half-up
    assert amount(a, "contested_refund_admin_fee", "represent_with_evidence") == cents(
        0.55 * 2 * 0.75
    )  # 0.825, half-up


def test_what_the_platform_refunds_and_owes(w):
    w.set["reimbursement.share"] = 0.95
    lost = w.price("gadget", "lost_in_transit", 25, channel="fba", quantity=2)
    assert amount(lost, "refund_by_platform", "refer_to_platform") == 50.00
    assert amount(lost, "fee_credit_by_platform", "refer_to_platform") == -7.50
    assert amount(lost, "admin_fee_by_platform", "refer_to_platform") == 1.50
    assert amount(lost, "platform_reimbursement", "refer_to_platform") == -cents(
        0.95 * 2 * 22.00
    )  # 25 - 3.75 + 0.75
    back = w.price(
        "gadget", "returned_goods", 25, channel="fba", condition="damaged"
    )  # its refund has happened
    assert [
        amount(back, c, "refer_to_platform")
        for c in ("refund_by_platform", "fee_credit_by_platform", "admin_fee_by_platform")
    ] == [0, 0, 0]
    assert amount(back, "platform_reimbursement", "refer_to_platform") == -20.90  # 0.95 * 22.00


def test_label_paid_by_the_buyer(w):
    w.set |= {"buyer_charge.unwanted_share": 0.4, "freight.inbound_factor": 1.3}
    a = w.price("gadget", "unwanted", 25, quantity=2)
    assert amount(a, "label_paid_by_buyer", BACK) == -cents(
        0.4 * 13.50
    )  # 0.6 kg; a charge is no freight, so no freight factor
    assert amount(w.price("gadget", "damaged", 25), "label_paid_by_buyer", BACK) == 0


def test_gift_and_contact(w):
    w.classes[0]["gift_cost"] = 2.50
    w.set["contact.cost"] = 0.6
    w.resolutions |= {
        "keep_with_gift": {"contacts": 3},
        "keep_full_refund": {"contacts": 1},
        "keep_partial_refund": {"contacts": 2},
    }
    a = w.price("gadget", "unwanted", 25, quantity=2)
    assert (
        amount(a, "gift", "keep_with_gift|us_warehouse|||keep_full_refund") == 2.50
    )  # one gift, however many units
    contacts = {
        k: amount(a, "contact", k)
        for k in (
            "keep_partial_refund|||20%|keep_full_refund",
            KEEP,
            "keep_with_gift|us_warehouse|||keep_full_refund",
        )
    }
    assert list(contacts.values()) == [1.20, 0.60, 1.80]  # 2, 1 and 3 contacts of 0.60
    w.set["reporting.currency"] = "EUR"
    euro = w.price("gadget", "unwanted", 25)
    assert amount(euro, "gift", "keep_with_gift|us_warehouse|||keep_full_refund") == 2.00  # 2.50 USD * 0.8
    assert amount(euro, "contact", KEEP) == 0.48


def test_what_carrier_and_supplier_pay(w):
    w.set |= {"carrier_claim.share": 0.5, "carrier_claim.cap": 100, "supplier_recovery.share": 0.15}
    assert amount(
        w.price("gadget", "lost_in_transit", 25, quantity=2), "carrier_claim", "refund_lost"
    ) == -cents(0.5 * 2 * 25)
    assert (
        amount(w.price("bulky_furniture", "lost_in_transit", 220), "carrier_claim", "refund_lost") == -50.00
    )  # half of the cover of 100
    assert amount(w.price("gadget", "damaged", 25, fault="carrier"), "carrier_claim", KEEP) == -12.50
    assert amount(w.price("gadget", "damaged", 25, fault="seller"), "carrier_claim", KEEP) == 0
    assert (
        amount(w.price("gadget", "quality_defect", 25, quantity=2), "supplier_recovery", BACK) == -2.10
    )  # 15 % of 7 * 2
    assert amount(w.price("gadget", "unwanted", 25), "supplier_recovery", BACK) == 0


# --- goods and parcels that move
# ----------------------------------------------------------------------------------------------


def test_replacement_goods_follow_the_yuan(w):
    w.set |= {"landed.cny_share": 0.7, "landed.quoted_cny_rate": 7.35, "fx.CNY": 7}
    # 1 + 0.7 * (7.35 / 7 - 1) = 1.035; 7 * 1.035 = 7.245, half-up 7.25 per unit
    assert amount(w.price("gadget", "damaged", 25, quantity=2), "replacement_goods", STOCK) == 2 * 7.25
    assert amount(w.price("gadget", "warranty_claim", 25), "replacement_goods", STOCK) == 7.25


def test_freight_of_a_replacement_by_source(w):
    a = w.price("gadget", "damaged", 25, quantity=2)  # 0.6 kg: the step to 2 kg
    assert amount(a, "ship_replacement", STOCK) == OUT[2]
    assert amount(a, "ship_replacement", CHINA) == cents(187 / 7)
    assert (
        amount(
            w.price("gadget", "damaged", 25, channel="fba"),
            "ship_replacement",
            "replace_keep_old|amazon_fba|||keep_full_refund",
        )
        == OUT[0.3]
    )
    w.set["freight.outbound_factor"] = 1.3
    assert amount(w.price("gadget", "damaged", 25), "ship_replacement", CHINA) == cents(
        cents(45 * 1.3) / 7
    )  # rounded in yuan first
    w.lanes["US"]["local_out"] = ("USD", {0.3: 6.90, 18: 30})
    w.set["freight.outbound_factor"] = 1.25
    assert amount(w.price("gadget", "damaged", 25), "ship_replacement", STOCK) == 8.63  # 8.625, half-up


def test_billable_weight_and_price_per_kg(w):
    w.classes[0] |= {
        "length_cm": 20,
        "width_cm": 20,
        "height_cm": 20,
    }  # 8,000 cm3 / 5,000 = 1.6 kg against 0.3 kg
    assert amount(w.price("gadget", "damaged", 25), "ship_replacement", CHINA) == cents(45 / 7)
    w.markets["US"]["lane.china_out.divisor"] = 5000
    assert amount(w.price("gadget", "damaged", 25), "ship_replacement", CHINA) == cents(187 / 7)
    w.markets["US"] |= {"lane.china_out.upto_2kg.per_kg": 30}  # 187 + 30 * 1.6 = 235 CNY
    assert amount(w.price("gadget", "damaged", 25), "ship_replacement", CHINA) == cents(235 / 7)
    w.classes[0]["weight_kg"] = 1.9  # now the scales decide: 187 + 30 * 1.9 = 244 CNY
    assert amount(w.price("gadget", "damaged", 25), "ship_replacement", CHINA) == cents(244 / 7)


def test_a_weight_on_the_step_pays_the_step(w):
    w.classes[0]["weight_kg"] = 0.1  # 3 * 0.1 is 0.30000000000000004 in binary
    assert amount(w.price("gadget", "unwanted", 25, quantity=3), "return_label", BACK) == 6.90
    w.classes[0]["weight_kg"] = 0.101
    assert amount(w.price("gadget", "unwanted", 25, quantity=3), "return_label", BACK) == 13.50


def test_picking(w):
    w.markets["US"] |= {"warehouse.pick_pack": 2.20, "warehouse.part_pick": 1.50}
    a = w.price("gadget", "warranty_claim", 25, quantity=3)
    assert amount(a, "pick_and_pack", STOCK) == 2.20  # one order, however many units
    assert amount(a, "pick_and_pack", CHINA) == 0
    assert amount(a, "pick_part", "send_part|us_warehouse|||keep_full_refund") == 1.50
    assert amount(a, "pick_part", "send_part|china_factory|||keep_full_refund") == 0


def test_duty_on_a_replacement_from_china(w):
    w.markets["US"] |= {
        "duty.default.rate": 0.20,
        "duty.import_tax": 0.05,
        "duty.per_parcel": 2.00,
        "duty.clearance": 3.00,
        "duty.toys.rate": 0.025,
    }
    a = w.price("gadget", "damaged", 25, quantity=3)
    assert amount(a, "duty_on_replacement", CHINA) == cents((0.20 + 0.05) * 7 * 3) + 2.00 + 3.00
    assert amount(a, "duty_on_replacement", STOCK) == 0
    w.classes[0]["duty_group"] = "toys"  # a rate of its own
    assert (
        amount(w.price("gadget", "damaged", 25), "duty_on_replacement", CHINA)
        == cents((0.025 + 0.05) * 7) + 5.00
    )  # 0.525, half-up
    de = germany(w)
    de.markets["DE"]["duty.per_parcel"] = 3.00
    assert amount(
        de.price("small_appliance", "damaged", 80, market="DE"), "duty_on_replacement", CHINA
    ) == cents(0.25 * 24 + (3 + 3) * USD_OF_EUR)


def test_labels(w):
    w.set["freight.inbound_factor"] = 1.3
    a = w.price("gadget", "unwanted", 25, channel="merchant", quantity=2)  # 0.6 kg
    assert amount(a, "return_label", BACK) == cents(1.3 * 13.50)
    assert amount(a, "parcel_to_china", "return_to_china||||keep_full_refund") == cents(1.3 * 70)


def test_refused_parcel(w):
    w.set |= {"return_to_sender.share": 0.5, "intercept.fee": 14.64, "freight.inbound_factor": 1.1}
    w.markets["US"]["warehouse.intake.upto_30kg"] = 1.50
    a = w.price("gadget", "cancel_shipped", 25, quantity=2)
    rescue, abandon = "refuse_delivery_and_refund||rescue", "refuse_delivery_and_refund||abandon"
    assert amount(a, "refused_parcel_charge", rescue) == cents(0.5 * cents(1.1 * 13.50))
    assert amount(a, "intercept_fee", abandon) == 14.64  # per parcel
    assert amount(a, "refused_parcel_intake", rescue) == 2 * 1.50
    # unopened: min(landed 7.00, 25 - 3.75 - postage 8.11) = 7.00
    assert amount(a, "refused_parcel_value", rescue) == -2 * 7.00
    other = {
        "refused_parcel_charge": abandon,
        "refused_parcel_intake": abandon,
        "refused_parcel_value": abandon,
        "intercept_fee": rescue,
    }
    assert all(amount(a, c, key) == 0 for c, key in other.items())
    w.classes[0]["landed"] = 20
    # dear goods: sold as new they bring 25 - 3.75 - 8.11 = 13.14, less than landed 20.00
    assert amount(w.price("gadget", "cancel_shipped", 25), "refused_parcel_value", rescue) == -13.14


def test_small_parcel_has_a_fixed_weight(w):
    w.set |= {"freight.small_parcel_kg": 0.1, "freight.outbound_factor": 1.2}
    a = w.price("bulky_furniture", "warranty_claim", 220, quantity=2)  # 36 kg of goods, 0.1 kg of part
    assert amount(a, "small_parcel", "send_part|us_warehouse|||keep_full_refund") == cents(1.2 * 4.50)
    assert amount(a, "small_parcel", "send_part|china_factory|||keep_full_refund") == cents(1.2 * 45 / 7)


def test_repair_in_china_there_and_back(w):
    w.markets["US"] |= {"backhaul.clearance": 3.00, "duty.default.rate": 0.20, "duty.clearance": 3.50}
    w.set |= {"freight.inbound_factor": 1.3, "freight.outbound_factor": 1.1}
    key = "repair_in_china_single|china_factory|||keep_full_refund"
    a = w.price("small_appliance", "warranty_claim", 80, quantity=2)  # 4 kg
    assert amount(a, "parcel_to_china", key) == 1.3 * 350
    assert amount(a, "parcel_from_china", key) == cents(1.1 * 1489 / 7)
    assert amount(a, "entry_into_china", key) == 2 * 3.00
    assert amount(a, "provider_job", key) == 2 * 5.00  # level 2: 35 CNY / 7
    assert amount(a, "parts", key) == 2 * 15.00
    assert amount(a, "duty_on_repaired", key) == cents(0.20 * (5 + 15) * 2) + 3.50
    w.markets["US"]["duty.repair_value_only"] = 0
    assert (
        amount(w.price("small_appliance", "warranty_claim", 80, quantity=2), "duty_on_repaired", key)
        == cents(0.20 * 24 * 2) + 3.50
    )


# --- repair
# ------------------------------------------------------------------------------------------------


def test_job_by_repair_level_and_labels_of_a_local_repair(w):
    w.provider(
        "nobody", "local", fee_level_1=10, fee_level_2=22, fee_level_3=38, visit_fee=130
    )  # the provider of the one row of channel_rates
    w.set |= {"rate.nobody.*.*.assumed.fixed_cost_per_case": 11, "freight.outbound_factor": 1.3}
    key = "repair_local|nobody|||keep_full_refund"
    for level, fee in ((1, 10), (2, 22), (3, 38)):
        w.classes[1]["repair_level"] = level
        assert (
            amount(w.price("small_appliance", "warranty_claim", 80, quantity=2), "provider_job", key)
            == 2 * fee
        )
    a = w.price("small_appliance", "warranty_claim", 80)
    assert amount(a, "label_back", key) == cents(1.3 * 13.50)  # back to the buyer: outbound
    assert amount(a, "return_label", key) == 13.50
    assert (
        amount(w.price("small_appliance", "warranty_claim", 80, quantity=2), "provider_volume_cost", key)
        == 2 * 11
    )
    assert (
        amount(
            w.price("small_appliance", "warranty_claim", 80, quantity=2),
            "visit",
            "on_site_visit|nobody|||keep_full_refund",
        )
        == 2 * 130
    )


def test_own_labour_in_euro(w):
    germany(w).provider("nobody", "self_built", "DE", "EUR", fee_level_2=17.30)
    w.set["rate.nobody.*.*.assumed.fixed_cost_per_case"] = 36.52
    a = w.price("small_appliance", "warranty_claim", 80, market="DE", quantity=2)
    key = "repair_self_built|nobody|||keep_full_refund"
    assert amount(a, "own_labour", key) == 2 * 21.63  # 17.30 * 1.25 = 21.625, half-up per job
    assert amount(a, "provider_volume_cost", key) == 2 * 45.65  # 36.52 * 1.25


def test_swap_and_batch_to_china(w):
    w.markets["US"] |= {
        "warehouse.pick_pack": 2.20,
        "backhaul.per_kg": 3.20,
        "warehouse.storage_cbm_day": 0.80,
    }
    w.classes[1] |= {"length_cm": 50, "width_cm": 40, "height_cm": 30}  # 0.06 m3
    w.provider("nobody", "china_batch", "*", "CNY", fee_level_2=35, success=0.9)
    w.set |= {
        "rate.nobody.*.*.assumed.fixed_cost_per_case": 39.90,
        "rate.nobody.*.*.assumed.waiting_days": 30,
        "freight.batch_factor": 1.3,
        "capital.rate_year": 0.12,
        "swap.pool_value_share": 0.8,
    }
    key = "swap_and_batch_to_china|nobody|||keep_full_refund"
    a = w.price("small_appliance", "warranty_claim", 80, quantity=2)  # 4 kg, 0.12 m3
    assert amount(a, "swap_unit", key) == 2 * 24
    assert amount(a, "swap_postage", key) == cents((15.30 + 38 * 0.39) * 1.4)
    assert amount(a, "swap_pick_and_pack", key) == 2.20
    assert amount(a, "backhaul", key) == cents(1.3 * 3.20 * 4)
    assert amount(a, "lot_share", key) == 2 * 7.41  # 39.90 CNY / 7 = 5.70, freight 30 % dearer
    assert amount(a, "storage_while_waiting", key) == cents(0.12 * 30 * 0.80)
    assert amount(a, "capital_while_waiting", key) == cents(2 * 24 * 30 / 365 * 0.12)
    assert amount(a, "repaired_unit_to_pool", key) == -cents(0.9 * 0.8 * 2 * 24)


def test_technician_travel(w):
    w.provider("nobody", "visiting_technician")
    w.set["rate.nobody.*.*.assumed.fixed_cost_per_case"] = 39.17
    a = w.price("small_appliance", "warranty_claim", 80, quantity=2)
    assert (
        amount(a, "technician_travel", "swap_and_visiting_technician|nobody|||keep_full_refund") == 2 * 39.17
    )


# --- goods that came back
# -----------------------------------------------------------------------------------------------------

HANDLING = {
    "warehouse.intake.upto_1kg": 1.50,
    "warehouse.intake.upto_30kg": 4.00,
    "warehouse.test": 3.00,
    "warehouse.relabel": 0.40,
    "warehouse.repack": 0.80,
    "warehouse.disposal": 0.50,
    "warehouse.disposal_battery": 1.25,
}


def test_handling(w):
    w.markets["US"] |= HANDLING
    two = w.price("gadget", "unwanted", 25, quantity=5)
    assert amount(two, "intake", BACK) == 5 * 1.50  # the fee goes by the weight of one unit
    assert amount(w.price("small_appliance", "unwanted", 80), "intake", BACK) == 4.00
    assert amount(two, "rework_for_disposition", BACK) == 5 * 3.00
    assert amount(two, "rework_for_disposition", "return_to_warehouse|us_warehouse|liquidate") == 0
    back = w.price("gadget", "returned_goods", 25, quantity=2)
    steps = {
        "restock_as_new": 0.40 + 0.80,
        "sell_used_by_grade": 3.00 + 0.40,
        "refurbish_and_sell": 3.00 + 0.80 + 0.40,
    }
    assert {k: amount(back, "handling_of_returned_goods", k) for k in steps} == {
        k: cents(2 * v) for k, v in steps.items()
    }
    assert amount(back, "inspection", "inspect_by_grade") == 2 * 3.00
    fba = w.price("gadget", "returned_goods", 25, channel="fba")
    assert (
        amount(fba, "handling_of_returned_goods", "restock_as_new")
        == 0
        == amount(fba, "inspection", "inspect_by_grade")
    )


def test_platform_fees_and_disposal(w):
    w.markets["US"] |= {**HANDLING, "fba.returns_processing": 2.10}
    w.set["returns_over_threshold.share"] = 0.2
    fba = w.price("gadget", "unwanted", 25, channel="fba", quantity=2)
    assert amount(fba, "returns_processing", "return_to_fba||dispose") == cents(0.2 * 2 * 2.10)
    assert amount(fba, "disposal", "return_to_fba||dispose") == 2 * 1.53  # removal is charged by unit
    assert amount(fba, "disposal", "return_to_fba||liquidate") == 0
    back = w.price("gadget", "returned_goods", 25, channel="fba", quantity=2)
    assert amount(back, "fba_removal", "ship_to_china_single") == 2 * 1.53
    assert amount(w.price("gadget", "returned_goods", 25), "fba_removal", "ship_to_china_single") == 0
    assert amount(w.price("gadget", "returned_goods", 25, quantity=2), "disposal", "dispose") == 2 * 0.50
    w.classes[0]["battery"] = "lithium_in"
    assert amount(w.price("gadget", "returned_goods", 25, quantity=2), "disposal", "dispose") == 2 * 1.25


RESALE = {
    "resale.like_new": 0.75,
    "resale.good": 0.60,
    "resale.refurbished": 0.55,
    "liquidation.share": 0.06,
    "resale.displacement": 0.3,
    "refurbish.hours_cost": 6,
    "resale.china_share": 0.35,
}


def test_recovery_by_grade_and_disposition(w):
    w.markets["US"] |= {"warehouse.pick_pack": 2.20, "warehouse.disposal": 0.50}
    w.set |= RESALE
    shares = (0.35, 0.25, 0.15, 0.15, 0.10)  # new, like new, good, repairable, scrap
    w.grades = [
        ("unwanted", "unknown", *shares),
        ("returned_goods", "unknown", *shares),
        ("returned_goods", "sellable", 0.9, 0.1, 0, 0, 0),
    ]
    # appliance at 80: each sale is less 15 % referral and 9.93 postage + 2.20 packing
    new = 80 - 12.00 - 9.93 - 2.20  # 55.87; displaced margin 0.3 * (55.87 - 24.00) = 9.561
    like_new, good = cents(60 - 9.00 - 12.13 - 9.561), cents(48 - 7.20 - 12.13 - 9.561)  # 29.31 and 19.11
    refurbished = cents(44 - 6.60 - 12.13 - 9.561 - (15 + 6))  # -5.29
    liquidated, disposed, as_new = 4.80, -0.50, min(24.00, new)
    assert (like_new, good, refurbished) == (29.31, 19.11, -5.29)
    best = (
        0.35 * as_new + 0.25 * like_new + 0.15 * good + 0.15 * liquidated + 0.10 * disposed
    )  # repairable units go to the liquidator
    a = w.price("small_appliance", "unwanted", 80, quantity=2)
    here = "return_to_warehouse|us_warehouse|{}"
    assert amount(a, "recovery_by_disposition", here.format("inspect_by_grade")) == -cents(2 * best)
    assert amount(a, "recovery_by_disposition", here.format("liquidate")) == -2 * 4.80
    assert (
        amount(a, "recovery_by_disposition", here.format("dispose")) == 0
    )  # the fee stands in the line disposal
    w.provider("partner", "domestic_overseas")
    w.provider("nobody", "china_batch", "*", "CNY")
    back = w.price("small_appliance", "returned_goods", 80, quantity=2)
    used = (0.35 + 0.25) * like_new + 0.15 * good + 0.15 * liquidated + 0.10 * disposed
    worth = {
        "restock_as_new": as_new,
        "sell_used_by_grade": used,
        "refurbish_and_sell": 0.90 * refurbished + 0.10 * disposed,
        "liquidate": liquidated,
        "ship_to_china_single": 0.90 * 8.40,
        "ship_to_china_batch|nobody": 0.90 * 8.40,
        "inspect_by_grade": best,  # 35 % of 24.00
        "third_party_rework|partner": 0.90 * like_new + 0.10 * disposed,
    }
    assert {k: amount(back, "recovery_by_resolution", k) for k in worth} == {
        k: -cents(2 * v) for k, v in worth.items()
    }
    sealed = w.price("small_appliance", "returned_goods", 80, condition="sellable")
    assert amount(sealed, "recovery_by_resolution", "inspect_by_grade") == -cents(
        0.9 * as_new + 0.1 * like_new
    )
    seller = w.price("small_appliance", "unwanted", 80, channel="merchant", quantity=2)
    assert amount(seller, "recovery_in_china", "return_to_china||||keep_full_refund") == -cents(
        2 * 0.90 * 8.40
    )


def test_recovery_in_fba(w):
    w.markets["US"] |= {"fba.grading": 1.80, "fba.liquidation_share": 0.15}
    w.set |= RESALE | {"resale.displacement": 0}
    w.grades = [("unwanted", "unknown", 0, 1, 0, 0, 0)]
    a = w.price("gadget", "unwanted", 25, channel="fba", quantity=2)
    assert amount(a, "recovery_by_disposition", "return_to_fba||liquidate") == -cents(
        2 * 1.28
    )  # 6 % of 25 * 0.85 = 1.275
    # like new at 18.75: less 2.81 referral, 4.35 fulfilment (4.20 * 1.035), 1.80 grading
    assert amount(a, "recovery_by_disposition", "return_to_fba||inspect_by_grade") == -cents(
        2 * (18.75 - 2.81 - 4.35 - 1.80)
    )
