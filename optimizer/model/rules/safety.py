"""Smoke, swelling, burns: refund at once, stop the sale, nothing goes by post."""

from __future__ import annotations

from optimizer.model.block import Block, Flags
from optimizer.model.declare import Option, rule

SAFE = (
    "keep_full_refund",
    "refund_before_decision",
    "accept_claim",
    "refer_to_platform",
    "dispose",
    "represent_with_evidence",
)


@rule(
    "safety.stop_sale",
    en="the reason speaks of smoke, swelling or burns: refund in full, stop the sale, nothing goes by post"
    " and nothing is offered",
    zh="原因涉及冒烟、鼓包或灼伤：全额退款并停售，不得邮寄，不得提出其他方案",
    source="own safety rule after Regulation (EU) 2023/988 (recall remedies) and IATA A154",
    as_of="2026-11-22",
    review_by="2027-06-30",
    confidence="my-estimate",
    effect="required",
    issues=(
        "damaged",
        "quality_defect",
        "warranty_claim",
        "returned_goods",
        "unwanted",
        "wrong_item",
        "cancel_delivered",
        "not_as_described",
        "spec_mismatch",
        "usage_help",
    ),
    reads=("safety",),
)
def stop_sale(b: Block, o: Option) -> Flags:
    return False if o.resolution in SAFE else b.cases.safety
