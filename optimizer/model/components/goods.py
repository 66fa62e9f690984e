"""Goods that come back: handling, and what they are worth by hidden grade and disposition."""

from __future__ import annotations

import numpy as np

from optimizer.domain.money import round_money
from optimizer.domain.names import CONDITIONS
from optimizer.model.block import Amount, Block
from optimizer.model.components.prices import LANDED, SIZE, WEIGHT
from optimizer.model.components.refunds import NET, REFERRAL, TAX
from optimizer.model.components.risk import defect_money
from optimizer.model.declare import Option, component
from optimizer.model.world import GRADES

AS_NEW = (*TAX, *REFERRAL, *LANDED, "{market}.lane.local_out.*", "{market}.warehouse.pick_pack", *SIZE)
AS_NEW_ANYWHERE = (*AS_NEW, "{market}.lane.fba_fulfilment.*")
DISPOSAL = ("{market}.warehouse.disposal*", "{market}.lane.fba_removal.*", "class.{class}.battery", *WEIGHT)
RESALE = (
    *AS_NEW_ANYWHERE,
    *DISPOSAL,
    "resale.*",
    "liquidation.share",
    "refurbish.hours_cost",
    "{market}.fba.grading",
    "{market}.fba.liquidation_share",
    "class.{class}.part_cost",
    "grade.{issue}.*",
)
_STEPS = tuple(f"{{market}}.warehouse.{step}" for step in ("test", "relabel", "repack"))
INTAKE = ("{market}.warehouse.intake.*", *WEIGHT)
NEW, LIKE_NEW, GOOD, REPAIRABLE, SCRAP = range(len(GRADES))


@component("warehouse_handling", "receive and check at a warehouse x quantity", INTAKE)
def intake(b: Block, o: Option) -> Amount:
    return b.intake_fee()


@component(
    "warehouse_handling",
    "test where the disposition needs it, x quantity",
    ("{market}.warehouse.test",),
    ("disposition",),
)
def rework_for_disposition(b: Block, o: Option) -> Amount:
    m, what = b.market, o.disposition or o.resolution
    steps = {
        "inspect_by_grade": ("test",),
        "restock_as_new": ("relabel", "repack"),
        "sell_used_by_grade": ("test", "relabel"),
        "refurbish_and_sell": ("test", "repack", "relabel"),
    }.get(what, ())
    return b.money(sum(m.number(f"warehouse.{s}") for s in steps)) * b.quantity


@component(
    "warehouse_handling",
    "test, relabel and repack where the resolution needs them, x quantity (FBA: Grade and Resell does it)",
    _STEPS,
    ("resolution",),
)
def handling_of_returned_goods(b: Block, o: Option) -> Amount:
    return 0.0 if b.cell.channel == "fba" else rework_for_disposition.of(b, o)


@component(
    "warehouse_handling",
    "test x quantity; in FBA the grading fee stands with the proceeds instead",
    ("{market}.warehouse.test",),
)
def inspection(b: Block, o: Option) -> Amount:
    return 0.0 if b.cell.channel == "fba" else b.money(b.market.number("warehouse.test")) * b.quantity


@component(
    "platform_fees",
    "share of returns above the threshold x returns processing fee x quantity (FBA)",
    ("returns_over_threshold.share", "{market}.fba.returns_processing"),
)
def returns_processing(b: Block, o: Option) -> Amount:
    return (
        b.number("returns_over_threshold.share")
        * b.money(b.market.number("fba.returns_processing"))
        * b.quantity
    )


@component("platform_fees", "removal from FBA x quantity", ("{market}.lane.fba_removal.*", *WEIGHT))
def fba_removal(b: Block, o: Option) -> Amount:
    return b.unit_fee("fba_removal") * b.quantity if b.cell.channel == "fba" else 0.0


@component(
    "disposal",
    "fee per unit x quantity, where the goods are thrown away",
    DISPOSAL,
    ("resolution", "disposition"),
)
def disposal(b: Block, o: Option) -> Amount:
    return disposal_fee(b) * b.quantity if (o.disposition or o.resolution) == "dispose" else 0.0


def disposal_fee(b: Block) -> np.ndarray:
    """Throwing away one unit: the FBA removal price list, or the warehouse's fee with or without battery."""
    if b.cell.channel == "fba":
        return b.unit_fee("fba_removal")
    m = b.market
    return b.money(
        np.where(b.has_battery, m.number("warehouse.disposal_battery"), m.number("warehouse.disposal"))
    )


def sold_again(b: Block, share: float, used: bool) -> np.ndarray:
    """Net proceeds of one unit at `share` of the price: price less tax - referral - fulfilment - grading,
    rounded per fee."""

    def make() -> np.ndarray:
        price = round_money(share * b.price)
        tax = b.market.tax_in_price
        net = price if tax == 0.0 else round_money(price / (1.0 + tax))
        rows = np.array([b.market.referral.row(c) for c in b.world.class_texts("referral_category")])[
            b.class_index
        ]
        fees = b.market.referral.fee(price, rows)
        if b.cell.channel == "fba":
            ship = b.unit_fee("fba_fulfilment")
            fees = fees + (b.market.number("fba.grading") if used else 0.0)
        else:
            ship = b.unit_fee("local_out") + b.money(b.market.number("warehouse.pick_pack"))
        return b.money(net - fees) - ship

    return b.kept(("sold", share, used), make)


def unit_values(b: Block) -> dict[str, np.ndarray]:
    """Value of one unit by what is done with it, reporting currency, rounded to the cent.

    As new: min(landed cost, net proceeds). Used: net proceeds less the displaced margin of new sales.
    """

    def make() -> dict[str, np.ndarray]:
        new = sold_again(b, 1.0, used=False)
        displaced = b.number("resale.displacement") * np.maximum(new - b.landed, 0.0)
        proceeds = b.number("liquidation.share") * b.money(b.price)
        if b.cell.channel == "fba":
            proceeds = proceeds * (1.0 - b.market.number("fba.liquidation_share"))
        refurbishing = b.money(b.class_field("part_cost") + b.number("refurbish.hours_cost"), "USD")
        return {
            "as_new": round_money(np.minimum(b.landed, new)),
            "like_new": round_money(sold_again(b, b.number("resale.like_new"), True) - displaced),
            "good": round_money(sold_again(b, b.number("resale.good"), True) - displaced),
            "refurbished": round_money(
                sold_again(b, b.number("resale.refurbished"), True) - displaced - refurbishing
            ),
            "liquidated": round_money(proceeds),
            "disposed": round_money(-disposal_fee(b)),
            "in_china": round_money(b.number("resale.china_share") * b.landed),
        }

    return b.kept("unit values", make)


def grade_shares(b: Block) -> list[Amount]:
    """Share of each hidden grade given issue and finding.   five arrays (C,) or numbers"""

    def make() -> list[Amount]:
        mixes = np.array([b.world.grade_mix(b.cell.issue, c) for c in CONDITIONS])
        return (
            list(mixes[b.cases.condition].T)
            if b.cell.issue == "returned_goods"
            else list(b.world.grade_mix(b.cell.issue, "unknown"))
        )

    return b.kept("grade shares", make)


def best_of_grade(b: Block) -> list[np.ndarray]:
    """Best allowed use of one unit of each grade; opened goods are never sold as new.   five arrays (C,)"""
    v = unit_values(b)
    floor = np.maximum(v["liquidated"], v["disposed"])
    return [
        np.maximum(v["as_new"], floor),
        np.maximum(v["like_new"], floor),
        np.maximum(v["good"], floor),
        np.maximum(v["refurbished"], floor),
        v["disposed"],
    ]


def expected_unit_value(b: Block, what: str) -> Amount:
    """Expected value of one unit under a disposition, reporting currency, before rounding."""
    v, p = unit_values(b), grade_shares(b)
    if what == "inspect_by_grade":
        return sum(share * value for share, value in zip(p, best_of_grade(b)))
    if what == "restock_as_new":
        return v["as_new"]
    if what == "sell_used_by_grade":
        return (
            (p[NEW] + p[LIKE_NEW]) * v["like_new"]
            + p[GOOD] * v["good"]
            + p[REPAIRABLE] * v["liquidated"]
            + p[SCRAP] * v["disposed"]
        )
    if what == "refurbish_and_sell":
        return (1.0 - p[SCRAP]) * v["refurbished"] + p[SCRAP] * v["disposed"]
    if what == "liquidate":
        return v["liquidated"]
    if what == "rework":
        return (1.0 - p[SCRAP]) * v["like_new"] + p[SCRAP] * v["disposed"]
    if what == "in_china":
        return (1.0 - p[SCRAP]) * v["in_china"]
    return 0.0


@component(
    "recovery",
    "minus expected value of one unit under the disposition x quantity: sum over grades of share x best"
    " allowed use",
    RESALE,
    ("disposition",),
)
def recovery_by_disposition(b: Block, o: Option) -> Amount:
    return -expected_unit_value(b, o.disposition) * b.quantity


@component(
    "recovery", "minus expected value of one unit under the resolution x quantity", RESALE, ("resolution",)
)
def recovery_by_resolution(b: Block, o: Option) -> Amount:
    what = {
        "third_party_rework": "rework",
        "ship_to_china_single": "in_china",
        "ship_to_china_batch": "in_china",
    }.get(o.resolution, o.resolution)
    return -expected_unit_value(b, what) * b.quantity


@component(
    "recovery",
    "minus value of one unit back in China x quantity",
    ("resale.china_share", *LANDED, "grade.{issue}.*"),
)
def recovery_in_china(b: Block, o: Option) -> Amount:
    return -expected_unit_value(b, "in_china") * b.quantity


@component(
    "recovery",
    "rescue: minus value as new x quantity, for the refused parcel comes back unopened",
    AS_NEW,
    ("disposition",),
)
def refused_parcel_value(b: Block, o: Option) -> Amount:
    return -unit_values(b)["as_new"] * b.quantity if o.disposition == "rescue" else 0.0


@component(
    "warehouse_handling", "rescue: receive and check at a warehouse x quantity", INTAKE, ("disposition",)
)
def refused_parcel_intake(b: Block, o: Option) -> Amount:
    return b.intake_fee() if o.disposition == "rescue" else 0.0


@component(
    "expected_claim",
    "misgraded share x (full refund + money of one order defect)",
    ("misgrading.share", "claim.defect_money", *NET),
)
def misgrading(b: Block, o: Option) -> Amount:
    return b.number("misgrading.share") * (b.full_refund + defect_money(b))


@component(
    "recovery",
    "minus share of buyers who do not order again x value as new x quantity: the unit was never sent",
    ("reorder.share", *AS_NEW_ANYWHERE),
)
def unit_not_sent(b: Block, o: Option) -> Amount:
    return -(1.0 - b.number("reorder.share")) * unit_values(b)["as_new"] * b.quantity
