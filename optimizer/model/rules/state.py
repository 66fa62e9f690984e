"""Where the goods are decides what can still be done."""
from __future__ import annotations

import numpy as np

from optimizer.domain.names import CONDITIONS
from optimizer.model.declare import Rule

LOGIC = {"source": "order of events: what has been shipped cannot be stopped for free", "as_of": "2026-11-22",
         "review_by": "2028-11-22", "confidence": "official", "family": "state"}
PLATFORM_OWNED = [list(CONDITIONS).index(c) for c in ("damaged", "carrier_damaged")]


def _shipped(b, o):
    return b.cases.shipped if o.resolution == "cancel_order" else False


def _not_under_way(b, o):
    under_way = b.cases.shipped & ~b.cases.delivered
    return ~under_way if o.resolution in ("refuse_delivery_and_refund", "ask_to_accept", "trace_and_wait") else False


def _not_delivered(b, o):
    needs_goods = "gives_back_goods" in o.spec.tags and o.resolution not in ("refuse_delivery_and_refund", "return_to_fba")
    return ~b.cases.delivered if needs_goods and b.cell.issue != "returned_goods" else False


def _platform_owns(b, o):
    if b.cell.issue != "returned_goods":
        return False
    owned = np.isin(b.cases.condition, PLATFORM_OWNED)
    if o.resolution == "refer_to_platform":
        return ~owned
    return owned if b.cell.channel == "fba" else False


ALL = (
    Rule("state.already_shipped", en="the parcel has left, it can no longer be cancelled", zh="包裹已发出,无法再取消",
         refuses=_shipped, reads=("shipped",), **LOGIC),
    Rule("state.not_under_way", en="the parcel is not under way", zh="包裹不在途中",
         refuses=_not_under_way, reads=("shipped", "delivered"), **LOGIC),
    Rule("state.not_delivered", en="the buyer does not have the goods yet", zh="买家尚未收到商品",
         refuses=_not_delivered, reads=("delivered",), **LOGIC),
    Rule("state.platform_owns_goods", en="the platform or its carrier damaged the unit and owes its value: claim it, nothing else",
         zh="商品由平台或其承运商损坏,应向平台索赔", refuses=_platform_owns, reads=("condition",), family="state",
         source="dispositions DAMAGED and CARRIER_DAMAGED of the FBA returns report: ownership moves to Amazon",
         as_of="2026-11-22", review_by="2027-11-22", confidence="official"),
)
