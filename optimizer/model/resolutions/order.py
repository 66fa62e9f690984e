"""Ways out while the order is open: a new address, cancelling before and after shipping."""

from __future__ import annotations

from optimizer.domain.sets import EVERYWHERE, SELLER_FULFILLED
from optimizer.model.components import freight, goods, refunds, risk
from optimizer.model.declare import Resolution

OFFER_SIZES = ("5%", "10%", "20%", "30%", "50%", "70%", "fixed")
_AFTER = (risk.expected_claim, risk.expected_review)
_FIRST_PARCEL = (
    freight.refused_parcel_charge,
    freight.intercept_fee,
    goods.refused_parcel_intake,
    goods.refused_parcel_value,
)

confirm_new_address = Resolution(
    "confirm_new_address",
    "confirm the new address and ship",
    "确认新地址后发货",
    "Ask for the new address, have it confirmed in writing, ship there.",
    issues=("address_change_unshipped",),
    channels=EVERYWHERE,
    remedy="none",
    asks=False,
    seed="S1",
    costs=(refunds.contact, *_AFTER),
)

cancel_and_reorder = Resolution(
    "cancel_and_reorder",
    "ask the buyer to cancel and order again",
    "请买家取消后重新下单",
    "The order is cancelled and placed again with the right address; some buyers do not come back.",
    issues=("address_change_unshipped",),
    channels=EVERYWHERE,
    remedy="refund",
    asks=False,
    seed="S1",
    costs=(
        refunds.contact,
        *refunds.SALE_LOST,
        goods.unit_not_sent,
        freight.postage_not_spent,
        freight.picking_not_spent,
        freight.duty_not_spent,
        *_AFTER,
    ),
)

reship_to_new_address = Resolution(
    "reship_to_new_address",
    "send another one to the new address",
    "向新地址补发",
    "Send the goods again to the new address; the first parcel comes back to a local address or is"
    " abandoned.",
    issues=("address_change_shipped",),
    channels=SELLER_FULFILLED,
    remedy="replacement",
    asks=False,
    seed="S2",
    tags=frozenset({"replacement"}),
    providers=("warehouse", "china_factory"),
    dispositions=("rescue", "abandon"),
    costs=(
        refunds.contact,
        freight.replacement_goods,
        freight.ship_replacement,
        freight.pick_and_pack,
        freight.duty_on_replacement,
        *_FIRST_PARCEL,
        *_AFTER,
    ),
)

redirect_with_carrier = Resolution(
    "redirect_with_carrier",
    "have the carrier redirect the parcel",
    "请承运商改派",
    "Ask the carrier to deliver to the new address for a fee; where that fails, the fallback follows.",
    issues=("address_change_shipped",),
    channels=SELLER_FULFILLED,
    remedy="none",
    asks=False,
    seed="S2",
    costs=(refunds.contact, freight.redirect_fee, *_AFTER),
    fallbacks=("reship_to_new_address", "refuse_delivery_and_refund"),
)

hold_to_original_address = Resolution(
    "hold_to_original_address",
    "explain that it goes to the old address",
    "向买家说明包裹仍送往原地址",
    "Explain that the parcel has left, ask how far the new address is and whether somebody can take it there;"
    " else the fallback follows.",
    issues=("address_change_shipped",),
    channels=EVERYWHERE,
    remedy="none",
    seed="S2",
    costs=(refunds.contact, *_AFTER),
    fallbacks=("refuse_delivery_and_refund", "reship_to_new_address", "return_to_fba"),
)

cancel_order = Resolution(
    "cancel_order",
    "cancel the order",
    "取消订单",
    "Record the reason and cancel before anything is shipped; the buyer is not charged.",
    issues=("cancel_unshipped",),
    channels=EVERYWHERE,
    remedy="refund",
    asks=False,
    seed="S3",
    costs=(refunds.contact,),
)

ask_to_accept = Resolution(
    "ask_to_accept",
    "ask the buyer to accept the goods",
    "请买家收下商品",
    "Ask whether the buyer will take the goods after all, without a discount.",
    issues=("cancel_shipped", "cancel_delivered"),
    channels=SELLER_FULFILLED,
    remedy="none",
    seed="S4",
    costs=(refunds.contact, *_AFTER),
    fallbacks=("refuse_delivery_and_refund", "return_to_warehouse", "keep_full_refund"),
)

refuse_delivery_and_refund = Resolution(
    "refuse_delivery_and_refund",
    "let the parcel be refused and refund",
    "让买家拒收并退款",
    "The buyer refuses the parcel and is refunded; the parcel is sent back to a local address or abandoned.",
    issues=("cancel_shipped", "address_change_shipped"),
    channels=SELLER_FULFILLED,
    remedy="refund",
    seed="S4",
    tags=frozenset({"gives_back_goods"}),
    dispositions=("rescue", "abandon"),
    costs=(refunds.contact, *refunds.FULL, *_FIRST_PARCEL, *_AFTER),
)

ALL = (
    confirm_new_address,
    cancel_and_reorder,
    reship_to_new_address,
    redirect_with_carrier,
    hold_to_original_address,
    cancel_order,
    ask_to_accept,
    refuse_delivery_and_refund,
)
