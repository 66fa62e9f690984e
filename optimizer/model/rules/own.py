"""The seller's own limits; change or switch them off in a scenario."""

from __future__ import annotations

from optimizer.model.block import Block, Flags
from optimizer.model.declare import Option, rule
from optimizer.model.rules.numbers import RETURNABLE


@rule(
    "own.large_keep_refund",
    en="above {largest} a refund without return needs approval where the goods can be sent back",
    zh="售价超过 {largest} 且可退回当地时，退款不退货须经审批",
    source="own approval limit; assumption own.largest_keep_refund",
    as_of="2026-11-22",
    review_by="2027-11-22",
    confidence="my-estimate",
    issues=("unwanted", "wrong_item", "cancel_delivered", "usage_help"),
    channels=("warehouse",),
    reads=("price", "safety", "weight"),
    numbers={"largest": "own.largest_keep_refund", **RETURNABLE},
)
def large_keep_refund(b: Block, o: Option) -> Flags:
    if o.spec.remedy != "refund" or "keeps_goods" not in o.spec.tags:
        return False
    dear = b.money(b.price * b.quantity) > b.money(b.number("own.largest_keep_refund"), "USD")
    return dear & b.returnable & ~b.cases.safety
