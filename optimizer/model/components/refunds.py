"""Money that goes back to the buyer, and what the platform keeps of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from optimizer.domain.money import round_money
from optimizer.domain.sets import FAULT_OF_CARRIER, NO_LONGER_WANTED
from optimizer.model.block import Amount, Block
from optimizer.model.components.prices import LANDED, SIZE
from optimizer.model.declare import Component, Option, component

TAX = ("{market}.tax.rate", "{market}.tax.price_includes", "{market}.tax.remitted_by")
REFERRAL = ("{market}.referral.*", "class.{class}.referral_category")
ADMIN = ("{market}.refund_admin.share", "{market}.refund_admin.cap", *REFERRAL)


@component("refund", "price less the tax that comes back x quantity", TAX)
def full_refund(b: Block, o: Option) -> Amount:
    return b.money(b.net_price * b.quantity)


@component("referral_fee_credit", "minus the referral fee x quantity", REFERRAL)
def referral_fee_credit(b: Block, o: Option) -> Amount:
    return b.money(-b.referral_fee * b.quantity)


@component("refund_admin_fee", "min(cap, share of the referral fee) x quantity", ADMIN)
def refund_admin_fee(b: Block, o: Option) -> Amount:
    return b.money(b.refund_admin_fee * b.quantity)


FULL = (full_refund, referral_fee_credit, refund_admin_fee)
KEPT = (
    "{market}.restocking.*",
    "{market}.return_window.*",
    "{market}.holiday.*",
    "class.{class}.window_group",
)
NET = (*TAX, *ADMIN)  # what the net cost of a full refund reads


def offered_share(b: Block, o: Option) -> Amount:
    """Offered share of the price: the offer's per cent, or the fixed amount over the price."""
    return o.offer_share if o.offer_share is not None else np.minimum(float(o.offer) / b.price, 1.0)


@component("refund", "offered share x price, less the tax that comes back, x quantity", TAX, ("offer",))
def partial_refund(b: Block, o: Option) -> Amount:
    gross = round_money(offered_share(b, o) * b.price)
    tax = b.market.tax_in_price
    return b.money((gross if tax == 0.0 else round_money(gross / (1.0 + tax))) * b.quantity)


@component("referral_fee_credit", "minus offered share x referral fee x quantity", REFERRAL, ("offer",))
def partial_referral_fee_credit(b: Block, o: Option) -> Amount:
    return b.money(-round_money(offered_share(b, o) * b.referral_fee) * b.quantity)


@component(
    "refund_admin_fee",
    "offered share x refund administration fee of a full refund x quantity",
    ADMIN,
    ("offer",),
)
def partial_refund_admin_fee(b: Block, o: Option) -> Amount:
    return b.money(round_money(offered_share(b, o) * b.refund_admin_fee) * b.quantity)


PARTIAL = (partial_refund, partial_referral_fee_credit, partial_refund_admin_fee)


def share_of_full_refund(
    name: str,
    share: Callable[[Block, Option], Amount],
    words: str,
    reads: tuple[str, ...],
    varies: tuple[str, ...] = (),
) -> tuple[Component, ...]:
    """Three components, <name>_refund, <name>_referral_fee_credit and <name>_refund_admin_fee: a share of
    those of a full refund.

    `share(block, option)` gives the share; `words` say it, `reads` are its keys.
    """

    def declared(full: Component) -> Component:
        def of(b: Block, o: Option) -> Amount:
            return share(b, o) * full.of(b, o)

        of.__name__ = f"{name}_{full.line}"
        return Component(full.line, f"{words} x ({full.formula})", (*reads, *full.reads), varies, of)

    return tuple(declared(full) for full in FULL)


def lost_claim(b: Block, o: Option) -> float:
    """Probability of losing a claim that is represented."""
    return b.number("claim.lose_probability")


def lost_appeal(b: Block, o: Option) -> float:
    """Probability of losing a claim and its appeal: losing x (1 - winning the appeal)."""
    return lost_claim(b, o) * (1.0 - b.number("claim.appeal_win_share"))


def claim_solved(b: Block, o: Option) -> float | np.ndarray:
    """Share of claims withdrawn once the cause is solved: by the way of contact, less where the buyer went
    straight to the platform."""
    share = b.number(f"claim.solved.{o.disposition}")
    return share * np.where(b.cases.unhappy_return, 1.0, b.number("claim.solved.direct_factor"))


def price_of_solution(b: Block, o: Option) -> Amount:
    """Share of the price that solving the cause costs x share of claims it solves."""
    return b.number("claim.solution_share") * claim_solved(b, o)


def part_value(b: Block, o: Option) -> float:
    """Share of the price that the missing accessory is worth."""
    return b.number("accessory.value_share")


def sale_lost(b: Block, o: Option) -> float:
    """Share of buyers who cancel and do not order again."""
    return 1.0 - b.number("reorder.share")


def withheld_share(b: Block) -> np.ndarray:
    """Share of the price kept for restocking: that of used goods inside the return window, that of late
    goods after it.   (C,)"""
    late, used = (b.market.number(f"restocking.{k}_share", 0.0) for k in ("late", "used"))
    return np.where(b.in_window, used, late)


def paid_out(b: Block, o: Option) -> np.ndarray:
    """Share of the price that is refunded where a restocking fee is kept; fees come back for this share
    only."""
    return 1.0 - withheld_share(b)


CONTESTED = contested_refund, contested_referral_fee_credit, contested_refund_admin_fee = (
    share_of_full_refund(
        "contested", lost_claim, "probability of losing the claim", ("claim.lose_probability",)
    )
)
APPEALED = appealed_refund, appealed_referral_fee_credit, appealed_refund_admin_fee = share_of_full_refund(
    "appealed",
    lost_appeal,
    "probability of losing claim and appeal",
    ("claim.lose_probability", "claim.appeal_win_share"),
)
SOLVED = solved_refund, solved_referral_fee_credit, solved_refund_admin_fee = share_of_full_refund(
    "solved",
    price_of_solution,
    "share of the price that solving the cause costs x share of claims it solves",
    ("claim.solution_share", "claim.solved.*"),
    ("disposition",),
)
PART_VALUE = part_value_refund, part_value_referral_fee_credit, part_value_refund_admin_fee = (
    share_of_full_refund(
        "part_value",
        part_value,
        "value of the missing accessory as a share of the price",
        ("accessory.value_share",),
    )
)
SALE_LOST = sale_lost_refund, sale_lost_referral_fee_credit = (
    share_of_full_refund(  # no fee for refunding before shipping
        "sale_lost", sale_lost, "share of buyers who do not order again", ("reorder.share",)
    )[:2]
)
LESS_FEE = less_fee_referral_fee_credit, less_fee_refund_admin_fee = (
    share_of_full_refund(  # the refund itself stands whole, the fee in a line of its own
        "less_fee", paid_out, "share of the price that is not kept for restocking", KEPT
    )[1:]
)


ARRIVE = ("trace.late_parcels_arrive",)


def never_arrives(b: Block) -> float:
    """Probability that a parcel without news does not arrive."""
    return 1.0 - b.number("trace.late_parcels_arrive")


def owed_by_seller(b: Block) -> float:
    """Probability that the refund is still to be paid: 0 on goods that came back, whose refund has
    happened; of a late parcel that it never arrives."""
    if b.cell.issue == "delivery_delay":
        return never_arrives(b)
    return 0.0 if b.cell.issue == "returned_goods" else 1.0


@component(
    "refund",
    "full refund that the platform pays the buyer and charges the seller; of late parcels those that never"
    " arrive; nothing where it has happened",
    (*TAX, *ARRIVE),
)
def refund_by_platform(b: Block, o: Option) -> Amount:
    return owed_by_seller(b) * b.money(b.net_price * b.quantity)


@component("referral_fee_credit", "minus the referral fee x quantity; as the refund", (*REFERRAL, *ARRIVE))
def fee_credit_by_platform(b: Block, o: Option) -> Amount:
    return owed_by_seller(b) * b.money(-b.referral_fee * b.quantity)


@component("refund_admin_fee", "refund administration fee x quantity; as the refund", (*ADMIN, *ARRIVE))
def admin_fee_by_platform(b: Block, o: Option) -> Amount:
    return owed_by_seller(b) * b.money(b.refund_admin_fee * b.quantity)


BY_PLATFORM = (refund_by_platform, fee_credit_by_platform, admin_fee_by_platform)


@component(
    "buyer_charge",
    "minus share of buyers who pay the label x label, goods no longer wanted to a local address",
    ("buyer_charge.unwanted_share", "{market}.lane.return_label.*", *SIZE),
)
def label_paid_by_buyer(b: Block, o: Option) -> Amount:
    if b.cell.issue not in NO_LONGER_WANTED or b.cell.channel == "fba":
        return 0.0
    return -b.number("buyer_charge.unwanted_share") * b.parcel("return_label")


@component("gift", "cost of the gift", ("class.{class}.gift_cost",))
def gift(b: Block, o: Option) -> Amount:
    return round_money(b.money(b.class_field("gift_cost"), "USD"))


@component(
    "contact_handling",
    "contacts x cost of one contact",
    ("contact.cost", "resolution.{resolution}.contacts"),
    ("resolution",),
)
def contact(b: Block, o: Option) -> Amount:
    return b.number(f"resolution.{o.resolution}.contacts") * b.money(b.number("contact.cost"), "USD")


@component(
    "carrier_claim",
    "minus share paid x min(cover, price x quantity), where the seller's carrier lost or damaged the parcel",
    ("carrier_claim.share", "carrier_claim.cap", "trace.late_parcels_arrive"),
)
def carrier_claim(b: Block, o: Option) -> Amount:
    return -b.number("carrier_claim.share") * carriers_part(b) * cover(b)


def cover(b: Block) -> np.ndarray:
    """What a carrier owes for a lost parcel: min(cover, price x quantity), reporting currency."""
    return np.minimum(b.money(b.number("carrier_claim.cap"), "USD"), b.money(b.price * b.quantity))


def carriers_part(b: Block) -> Amount:
    """Probability that the carrier owes the seller the parcel: 1 where it is lost or the carrier's fault, for
    a late one that it never arrives.

    FBA parcels go with carriers of the platform, from whom the seller has nothing to claim.
    """
    if b.cell.channel == "fba":
        return 0.0
    if b.cell.issue == "lost_in_transit":
        return 1.0
    if b.cell.issue == "delivery_delay":
        return never_arrives(b)
    return np.where(b.cases.fault == FAULT_OF_CARRIER, 1.0, 0.0)


@component(
    "carrier_claim",
    "minus share paid with pictures x min(cover, price x quantity), where the carrier damaged the parcel",
    ("carrier_claim.share_with_pictures", "carrier_claim.cap"),
)
def carrier_claim_with_pictures(b: Block, o: Option) -> Amount:
    return -b.number("carrier_claim.share_with_pictures") * carriers_part(b) * cover(b)


@component(
    "carrier_claim",
    "late parcels: minus never arrive x arrive x share paid x min(cover, price x quantity); "
    "what was traced in vain is lost for certain, while the fallback counts it as late",
    ("carrier_claim.share", "carrier_claim.cap", *ARRIVE),
)
def carrier_claim_once_traced(b: Block, o: Option) -> Amount:
    if b.cell.issue != "delivery_delay":
        return 0.0
    never = never_arrives(b)
    return -never * (1.0 - never) * b.number("carrier_claim.share") * cover(b)


@component(
    "platform_reimbursement",
    "minus share x net refund of a unit the platform lost or damaged; of late parcels those that never"
    " arrive",
    ("reimbursement.share", *NET, *ARRIVE),
)
def platform_reimbursement(b: Block, o: Option) -> Amount:
    lost = never_arrives(b) if b.cell.issue == "delivery_delay" else 1.0
    return -b.number("reimbursement.share") * lost * b.full_refund


@component(
    "supplier_recovery",
    "minus share x landed cost x quantity, for a defect that inspection can show",
    ("supplier_recovery.share", *LANDED),
)
def supplier_recovery(b: Block, o: Option) -> Amount:
    if b.cell.issue not in ("quality_defect", "warranty_claim"):
        return 0.0
    return -b.number("supplier_recovery.share") * b.landed * b.quantity


@component(
    "supplier_recovery",
    "minus share that pictures bring x share x landed cost x quantity",
    ("supplier_recovery.share", "supplier_recovery.share_with_pictures", *LANDED),
)
def supplier_recovery_with_pictures(b: Block, o: Option) -> Amount:
    return b.number("supplier_recovery.share_with_pictures") * supplier_recovery.of(b, o)


@component(
    "platform_reimbursement",
    "minus share of buyers who damaged it x share the platform gives back x net refund, within the days"
    " allowed",
    ("safet.damaged_share", "{market}.safet.share", *NET),
)
def safet_claim(b: Block, o: Option) -> Amount:
    if b.cell.platform != "amazon" or b.cell.issue not in NO_LONGER_WANTED or not b.market.has("safet.share"):
        return 0.0
    return -b.number("safet.damaged_share") * b.market.number("safet.share") * b.full_refund


@component(
    "buyer_charge",
    "minus share kept for restocking x price less tax x quantity: late or used goods, where the market"
    " allows it",
    (*KEPT, *TAX),
)
def restocking_fee(b: Block, o: Option) -> Amount:
    return -withheld_share(b) * b.money(b.net_price * b.quantity)


@component("contact_handling", "by phone: cost of a call on top", ("contact.phone_cost",), ("disposition",))
def phone_call(b: Block, o: Option) -> Amount:
    return b.money(b.number("contact.phone_cost"), "USD") if o.disposition == "by_phone" else 0.0
