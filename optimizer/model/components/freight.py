"""Goods and parcels that move: replacements, labels, customs, consolidated freight."""

from __future__ import annotations

import numpy as np

from optimizer.domain.calendar import DAYS_PER_MONTH
from optimizer.domain.money import round_money
from optimizer.domain.sets import SELLABLE
from optimizer.model.block import Amount, Block
from optimizer.model.components.prices import LANDED, SIZE, WEIGHT, job_price, parts_cost, provider_of
from optimizer.model.declare import Option, component

SHIPS_BY = {"warehouse": "local_out", "platform": "mcf", "china_factory": "china_out"}
OUTBOUND, INBOUND = "freight.outbound_factor", "freight.inbound_factor"
OUT = (OUTBOUND, "{market}.lane.*", *SIZE)
IN = (INBOUND, "{market}.lane.return_label.*", *SIZE)
TO_CHINA = (INBOUND, "{market}.lane.to_china.*", *WEIGHT)
DUTY = ("{market}.duty.*", "class.{class}.duty_group")


@component("replacement_goods", "landed cost x quantity", LANDED)
def replacement_goods(b: Block, o: Option) -> Amount:
    return b.landed * b.quantity


@component(
    "outbound_freight",
    "price list of the provider's lane to the buyer: local stock, FBA stock or China",
    OUT,
    ("provider",),
)
def ship_replacement(b: Block, o: Option) -> Amount:
    return b.parcel(SHIPS_BY[provider_of(b, o).kind], factor=OUTBOUND)


@component(
    "warehouse_handling",
    "pick, pack and label of one order, where a warehouse ships",
    ("{market}.warehouse.pick_pack",),
    ("provider",),
)
def pick_and_pack(b: Block, o: Option) -> Amount:
    return b.money(b.market.number("warehouse.pick_pack")) if provider_of(b, o).kind == "warehouse" else 0.0


@component(
    "duty_and_tax",
    "from China: duty rate x landed cost + import tax x landed cost + flat duty + clearance",
    (*DUTY, *LANDED),
    ("provider",),
)
def duty_on_replacement(b: Block, o: Option) -> Amount:
    return duty_from_china(b) if provider_of(b, o).kind == "china_factory" else 0.0


def duty_from_china(b: Block) -> np.ndarray:
    """Duty, import tax and clearance of a parcel from China with the whole case, reporting currency."""
    m = b.market
    share = duty_rate(b) + m.number("duty.import_tax")
    return round_money(share * b.landed * b.quantity) + b.money(
        m.number("duty.per_parcel") + m.number("duty.clearance")
    )


def duty_rate(b: Block) -> np.ndarray:
    """Duty rate of the class's group in this market.   (C,)"""
    m = b.market
    rates = [
        m.number(f"duty.{g}.rate" if m.has(f"duty.{g}.rate") else "duty.default.rate")
        for g in b.world.class_texts("duty_group")
    ]
    return np.array(rates)[b.class_index]


@component("inbound_freight", "return label from the buyer to an address in the market", IN)
def return_label(b: Block, o: Option) -> Amount:
    return b.parcel("return_label", factor=INBOUND)


@component("inbound_freight", "parcel from the market to China", TO_CHINA)
def parcel_to_china(b: Block, o: Option) -> Amount:
    return b.parcel("to_china", factor=INBOUND)


@component(
    "inbound_freight",
    "rescue: charge for a refused parcel, a multiple of the return label",
    ("return_to_sender.share", *IN),
    ("disposition",),
)
def refused_parcel_charge(b: Block, o: Option) -> Amount:
    return (
        b.number("return_to_sender.share") * b.parcel("return_label", factor=INBOUND)
        if o.disposition == "rescue"
        else 0.0
    )


@component("outbound_freight", "label from the repairer back to the buyer", OUT)
def label_back(b: Block, o: Option) -> Amount:
    return b.parcel("return_label", factor=OUTBOUND)


@component("outbound_freight", "parcel from China to the buyer", OUT)
def parcel_from_china(b: Block, o: Option) -> Amount:
    return b.parcel("china_out", factor=OUTBOUND)


@component(
    "outbound_freight",
    "small parcel from local stock, or from China where the market has no warehouse",
    ("freight.small_parcel_kg", OUTBOUND, "{market}.lane.*"),
    ("provider",),
)
def small_parcel(b: Block, o: Option) -> Amount:
    lane = SHIPS_BY[provider_of(b, o).kind]
    return b.parcel(lane, b.number("freight.small_parcel_kg"), OUTBOUND)


@component(
    "duty_and_tax",
    "small parcel from China: flat duty + clearance; its contents are worth too little for more",
    ("{market}.duty.per_parcel", "{market}.duty.clearance"),
    ("provider",),
)
def entry_of_small_parcel(b: Block, o: Option) -> Amount:
    if provider_of(b, o).kind != "china_factory":
        return 0.0
    return b.money(b.market.number("duty.per_parcel") + b.market.number("duty.clearance"))


@component(
    "warehouse_handling",
    "picking a part or gift from the bin, where a warehouse ships",
    ("{market}.warehouse.part_pick",),
    ("provider",),
)
def pick_part(b: Block, o: Option) -> Amount:
    return b.money(b.market.number("warehouse.part_pick")) if provider_of(b, o).kind == "warehouse" else 0.0


@component(
    "intercept_fee",
    "abandon: carrier's fee to stop the parcel and give it up",
    ("intercept.fee",),
    ("disposition",),
)
def intercept_fee(b: Block, o: Option) -> Amount:
    return b.money(b.number("intercept.fee"), "USD") if o.disposition == "abandon" else 0.0


@component(
    "batch_freight",
    "batch factor x weight x price per kg back to China",
    ("{market}.backhaul.per_kg", "freight.batch_factor", *WEIGHT),
)
def backhaul(b: Block, o: Option) -> Amount:
    fee = round_money(b.number("freight.batch_factor") * b.market.number("backhaul.per_kg") * b.weight)
    return b.money(fee)


@component(
    "duty_and_tax", "entry of the unit into China for repair x quantity", ("{market}.backhaul.clearance",)
)
def entry_into_china(b: Block, o: Option) -> Amount:
    return b.money(b.market.number("backhaul.clearance")) * b.quantity


@component(
    "duty_and_tax",
    "duty on the repair value (or the landed cost) of a unit that comes back repaired + clearance",
    (
        *DUTY,
        "class.{class}.part_cost",
        "class.{class}.repair_level",
        "provider.{provider}.fee_level_*",
        *LANDED,
    ),
    ("provider",),
)
def duty_on_repaired(b: Block, o: Option) -> Amount:
    m = b.market
    value = (job_price(b, o) + parts_cost(b)) if m.number("duty.repair_value_only") else b.landed
    return round_money(duty_rate(b) * value * b.quantity) + b.money(m.number("duty.clearance"))


@component("replacement_goods", "landed cost of the swap unit x quantity", LANDED)
def swap_unit(b: Block, o: Option) -> Amount:
    return b.landed * b.quantity


@component("outbound_freight", "postage of the swap unit from local stock", OUT)
def swap_postage(b: Block, o: Option) -> Amount:
    return b.parcel("local_out", factor=OUTBOUND)


@component("warehouse_handling", "pick, pack and label of the swap unit", ("{market}.warehouse.pick_pack",))
def swap_pick_and_pack(b: Block, o: Option) -> Amount:
    return b.money(b.market.number("warehouse.pick_pack"))


@component("intercept_fee", "carrier's fee to send a parcel under way to a new address", ("intercept.fee",))
def redirect_fee(b: Block, o: Option) -> Amount:
    return b.money(b.number("intercept.fee"), "USD")


_FIRST_PARCEL = {"merchant": "china_out", "warehouse": "local_out"}


def not_sent(b: Block) -> float:
    """Share of buyers who cancel for a new address and do not order again: what their parcel would have
    cost is not spent."""
    return 1.0 - b.number("reorder.share")


@component(
    "outbound_freight",
    "minus share of buyers who do not order again x postage of the parcel that is then not sent; FBA charges"
    " it by unit",
    ("reorder.share", *OUT),
)
def postage_not_spent(b: Block, o: Option) -> Amount:
    if b.cell.channel == "fba":
        return -not_sent(b) * b.number(OUTBOUND) * b.unit_fee("fba_fulfilment") * b.quantity
    return -not_sent(b) * b.parcel(_FIRST_PARCEL[b.cell.channel], factor=OUTBOUND)


@component(
    "warehouse_handling",
    "minus share of buyers who do not order again x pick, pack and label, where a warehouse ships",
    ("reorder.share", "{market}.warehouse.pick_pack"),
)
def picking_not_spent(b: Block, o: Option) -> Amount:
    return (
        -not_sent(b) * b.money(b.market.number("warehouse.pick_pack"))
        if b.cell.channel == "warehouse"
        else 0.0
    )


@component(
    "duty_and_tax",
    "minus share of buyers who do not order again x duty, import tax and clearance of a parcel from China, "
    "where the seller ships from there",
    ("reorder.share", *DUTY, *LANDED),
)
def duty_not_spent(b: Block, o: Option) -> Amount:
    return -not_sent(b) * duty_from_china(b) if b.cell.channel == "merchant" else 0.0


@component(
    "duty_and_tax",
    "minus share filed x share given back x duty rate x landed cost x quantity, for goods exported again",
    ("drawback.filed_share", *DUTY, *LANDED),
)
def duty_drawback(b: Block, o: Option) -> Amount:
    if not b.market.has("duty.drawback_share"):
        return 0.0
    return (
        -b.number("drawback.filed_share")
        * b.market.number("duty.drawback_share")
        * duty_rate(b)
        * b.landed
        * b.quantity
    )


@component(
    "duty_and_tax",
    "entering China: sealed and within the months of goods in their original state, export rebate x landed"
    " cost; else import tax x value in China; x quantity",
    ("china.export_rebate", "china.original_state_months", "china.import_tax", "resale.china_share", *LANDED),
)
def tax_into_china(b: Block, o: Option) -> Amount:
    sealed = b.cases.condition == SELLABLE
    months = b.number("china.original_state_months")  # later, or once opened, goods enter as any import
    in_time = (b.cases.case_day - b.cases.order_day).astype(float) <= months * DAYS_PER_MONTH
    as_import = b.number("china.import_tax") * b.number("resale.china_share")
    return np.where(sealed & in_time, b.number("china.export_rebate"), as_import) * b.landed * b.quantity
