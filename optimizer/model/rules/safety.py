"""Smoke, swelling, burns: refund at once, stop the sale, nothing goes by post."""

from __future__ import annotations

from optimizer.model.declare import Rule

SAFE = (
    "keep_full_refund",
    "refund_before_decision",
    "accept_claim",
    "refer_to_platform",
    "dispose",
    "represent_with_evidence",
)


def _unsafe(b, o):
    return False if o.resolution in SAFE else b.cases.safety


ALL = (
    Rule(
        "safety.stop_sale",
        "safety",
        "the reason speaks of smoke, swelling or burns: refund in full, stop the sale, nothing goes by post"
        " and nothing is offered",
        "原因涉及冒烟、鼓包或灼伤：全额退款并停售，不得邮寄，不得提出其他方案",
        "own safety rule after Regulation (EU) 2023/988 (recall remedies) and IATA A154",
        "2026-11-22",
        "2027-06-30",
        "my-estimate",
        _unsafe,
        effect="required",
        reads=("safety",),
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
    ),
)
