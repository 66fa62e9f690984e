"""Where the goods are decides what can still be done."""

from __future__ import annotations

import numpy as np

from optimizer.domain.names import CONDITIONS
from optimizer.model.block import Block, Flags
from optimizer.model.declare import Option, rule
from optimizer.model.rules.numbers import WINDOW

LOGIC = {
    "source": "order of events: what has been shipped cannot be stopped for free",
    "as_of": "2026-11-22",
    "review_by": "2028-11-22",
    "confidence": "official",
}
PLATFORM_OWNED = [list(CONDITIONS).index(c) for c in ("damaged", "carrier_damaged")]
NEEDS_UNSHIPPED = ("cancel_order", "confirm_new_address", "cancel_and_reorder")
NEEDS_UNDER_WAY = (
    "refuse_delivery_and_refund",
    "trace_and_wait",
    "redirect_with_carrier",
    "hold_to_original_address",
    "reship_to_new_address",
)


@rule(
    "state.already_shipped",
    en="the parcel has left, it can no longer be cancelled or addressed anew",
    zh="包裹已发出，无法再取消或更改地址",
    reads=("shipped",),
    **LOGIC,
)
def already_shipped(b: Block, o: Option) -> Flags:
    return b.cases.shipped if o.resolution in NEEDS_UNSHIPPED else False


@rule(
    "state.not_under_way",
    en="the parcel is not under way",
    zh="包裹不在途中",
    reads=("shipped", "delivered"),
    **LOGIC,
)
def not_under_way(b: Block, o: Option) -> Flags:
    if o.resolution not in NEEDS_UNDER_WAY and (o.resolution, b.cell.issue) != (
        "ask_to_accept",
        "cancel_shipped",
    ):
        return False
    return ~(b.cases.shipped & ~b.cases.delivered)


@rule(
    "state.not_delivered",
    en="the buyer does not have the goods yet",
    zh="买家尚未收到商品",
    reads=("delivered",),
    **LOGIC,
)
def not_delivered(b: Block, o: Option) -> Flags:
    needs_goods = "gives_back_goods" in o.spec.tags and o.resolution not in (
        "refuse_delivery_and_refund",
        "return_to_fba",
    )
    return ~b.cases.delivered if needs_goods and b.cell.issue != "returned_goods" else False


@rule(
    "state.not_a_setting",
    en="the platform acts on a setting made beforehand: nobody writes to the buyer",
    zh="平台按预先设置自动执行，无人与买家沟通",
    source="decision_rights.csv: column decided_by",
    as_of="2026-11-23",
    review_by="2027-11-22",
    confidence="secondary",
    reads=("shipped", "delivered", "age", "window"),
    numbers=WINDOW,
)
def not_a_setting(b: Block, o: Option) -> Flags:
    return b.decided_by == "seller_setting" if "talks_to_buyer" in o.spec.tags else False


@rule(
    "state.platform_owns_goods",
    en="the platform or its carrier damaged the unit and owes its value: claim it, nothing else",
    zh="商品由平台或其承运商损坏，应向平台索赔",
    source="dispositions DAMAGED and CARRIER_DAMAGED of the FBA returns report: ownership moves to Amazon",
    as_of="2026-11-22",
    review_by="2027-11-22",
    confidence="official",
    reads=("condition",),
)
def platform_owns_goods(b: Block, o: Option) -> Flags:
    if b.cell.issue != "returned_goods":
        return False
    owned = np.isin(b.cases.condition, PLATFORM_OWNED)
    if o.resolution == "refer_to_platform":
        return ~owned
    return owned if b.cell.channel == "fba" else False
