"""Money that goes back to the buyer, and what the platform keeps of it."""
from __future__ import annotations

import numpy as np

from optimizer.domain.money import round_money
from optimizer.domain.names import FAULTS
from optimizer.model.declare import component

TAX = ("{market}.tax.rate", "{market}.tax.price_includes")
REFERRAL = ("{market}.referral.*",)
ADMIN = ("{market}.refund_admin.share", "{market}.refund_admin.cap", *REFERRAL)


@component("refund", "price less the tax that comes back x quantity", TAX)
def full_refund(b, o):
    return b.money(b.net_price * b.quantity)


@component("referral_fee_credit", "minus the referral fee x quantity", REFERRAL)
def referral_fee_credit(b, o):
    return b.money(-b.referral_fee * b.quantity)


@component("refund_admin_fee", "min(cap, share of the referral fee) x quantity", ADMIN)
def refund_admin_fee(b, o):
    return b.money(b.refund_admin_fee * b.quantity)


FULL = (full_refund, referral_fee_credit, refund_admin_fee)


def offered_share(b, o):
    """Offered share of the price: the offer's per cent, or the fixed amount over the price."""
    return o.offer_share if o.offer_share is not None else np.minimum(float(o.offer) / b.price, 1.0)


@component("refund", "offered share x price, less the tax that comes back, x quantity", TAX, ("offer",))
def partial_refund(b, o):
    gross = round_money(offered_share(b, o) * b.price)
    tax = b.market.tax_in_price
    return b.money((gross if tax == 0.0 else round_money(gross / (1.0 + tax))) * b.quantity)


@component("referral_fee_credit", "minus offered share x referral fee x quantity", REFERRAL, ("offer",))
def partial_referral_fee_credit(b, o):
    return b.money(-round_money(offered_share(b, o) * b.referral_fee) * b.quantity)


@component("refund_admin_fee", "offered share x refund administration fee of a full refund x quantity", ADMIN, ("offer",))
def partial_refund_admin_fee(b, o):
    return b.money(round_money(offered_share(b, o) * b.refund_admin_fee) * b.quantity)


PARTIAL = (partial_refund, partial_referral_fee_credit, partial_refund_admin_fee)


@component("refund", "probability of losing the claim x full refund", ("claim.lose_probability", *TAX))
def contested_refund(b, o):
    return b.number("claim.lose_probability") * b.money(b.net_price * b.quantity)


@component("referral_fee_credit", "minus probability of losing the claim x referral fee", ("claim.lose_probability", *REFERRAL))
def contested_referral_fee_credit(b, o):
    return b.number("claim.lose_probability") * b.money(-b.referral_fee * b.quantity)


@component("refund_admin_fee", "probability of losing the claim x refund administration fee", ("claim.lose_probability", *ADMIN))
def contested_refund_admin_fee(b, o):
    return b.number("claim.lose_probability") * b.money(b.refund_admin_fee * b.quantity)


CONTESTED = (contested_refund, contested_referral_fee_credit, contested_refund_admin_fee)


def owed_by_seller(b) -> float:
    """1 where the refund is still to be paid; 0 on goods that came back, whose refund has happened."""
    return 0.0 if b.cell.issue == "returned_goods" else 1.0


@component("refund", "full refund that the platform pays the buyer and charges the seller; nothing where it has happened", TAX)
def refund_by_platform(b, o):
    return owed_by_seller(b) * b.money(b.net_price * b.quantity)


@component("referral_fee_credit", "minus the referral fee x quantity; nothing where the refund has happened", REFERRAL)
def fee_credit_by_platform(b, o):
    return owed_by_seller(b) * b.money(-b.referral_fee * b.quantity)


@component("refund_admin_fee", "refund administration fee; nothing where the refund has happened", ADMIN)
def admin_fee_by_platform(b, o):
    return owed_by_seller(b) * b.money(b.refund_admin_fee * b.quantity)


BY_PLATFORM = (refund_by_platform, fee_credit_by_platform, admin_fee_by_platform)


@component("buyer_charge", "minus share of buyers who pay the label x label, unwanted goods to a local address",
           ("buyer_charge.unwanted_share", "{market}.lane.return_label.*"))
def label_paid_by_buyer(b, o):
    if b.cell.issue != "unwanted" or b.cell.channel == "fba":
        return 0.0
    return -b.number("buyer_charge.unwanted_share") * b.parcel("return_label")


@component("gift", "cost of the gift", ("class.{class}.gift_cost",))
def gift(b, o):
    return round_money(b.money(b.class_field("gift_cost"), "USD"))


@component("contact_handling", "contacts x cost of one contact", ("contact.cost", "resolution.{resolution}.contacts"), ("resolution",))
def contact(b, o):
    return b.number(f"resolution.{o.resolution}.contacts") * b.money(b.number("contact.cost"), "USD")


@component("carrier_claim", "minus share paid x min(cover, price x quantity), where the carrier lost or damaged the parcel",
           ("carrier_claim.share", "carrier_claim.cap"))
def carrier_claim(b, o):
    owed = np.minimum(b.money(b.number("carrier_claim.cap"), "USD"), b.money(b.price * b.quantity))
    by_carrier = b.cell.issue == "lost_in_transit" or b.cases.fault == list(FAULTS).index("carrier")
    return -b.number("carrier_claim.share") * np.where(by_carrier, owed, 0.0)


@component("platform_reimbursement", "minus share x net refund of a unit the platform lost or damaged", ("reimbursement.share", *TAX, *ADMIN))
def platform_reimbursement(b, o):
    return -b.number("reimbursement.share") * b.full_refund


@component("supplier_recovery", "minus share x landed cost x quantity, for a defect that inspection can show", ("supplier_recovery.share",))
def supplier_recovery(b, o):
    if b.cell.issue not in ("quality_defect", "warranty_claim"):
        return 0.0
    return -b.number("supplier_recovery.share") * b.landed * b.quantity
