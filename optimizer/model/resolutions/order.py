"""Ways out while the order is open: cancelling before and after shipping."""
from __future__ import annotations

from optimizer.model.components import freight, goods, refunds, risk
from optimizer.model.declare import Resolution

SELLER_SHIPS = ("merchant", "warehouse")
EVERYWHERE = ("fba", "merchant", "warehouse")
OFFERS = ("5%", "10%", "20%", "30%", "50%", "70%", "fixed")

cancel_order = Resolution(
    "cancel_order", "cancel the order", "取消订单",
    "Record the reason and cancel before anything is shipped; the buyer is not charged.",
    issues=("cancel_unshipped",), channels=EVERYWHERE, remedy="refund", asks=False, seed="S3",
    costs=(refunds.contact,))

ask_to_accept = Resolution(
    "ask_to_accept", "ask the buyer to accept the parcel", "请买家收下包裹",
    "Ask whether the buyer will take the parcel after all, without a discount.",
    issues=("cancel_shipped",), channels=SELLER_SHIPS, remedy="none", seed="S4",
    costs=(refunds.contact, risk.expected_claim, risk.expected_review),
    fallbacks=("refuse_delivery_and_refund",))

refuse_delivery_and_refund = Resolution(
    "refuse_delivery_and_refund", "let the parcel be refused and refund", "让买家拒收并退款",
    "The buyer refuses the parcel and is refunded; the parcel is sent back to a local address or abandoned.",
    issues=("cancel_shipped",), channels=SELLER_SHIPS, remedy="refund", seed="S4",
    tags=frozenset({"gives_back_goods"}), dispositions=("rescue", "abandon"),
    costs=(refunds.contact, *refunds.FULL, freight.refused_parcel_charge, freight.intercept_fee, goods.refused_parcel_intake,
           goods.refused_parcel_value, risk.expected_claim, risk.expected_review))

ALL = (cancel_order, ask_to_accept, refuse_delivery_and_refund)
