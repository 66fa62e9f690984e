"""Ways out of an A-to-z claim."""
from __future__ import annotations

from optimizer.model.components import refunds, risk
from optimizer.model.declare import Resolution
from optimizer.model.resolutions.order import EVERYWHERE, SELLER_SHIPS

refund_before_decision = Resolution(
    "refund_before_decision", "refund before the claim is decided", "裁决前主动退款",
    "Solve the cause, refund in full before Amazon decides; nothing is asked in return.",
    issues=("a_to_z_claim",), channels=SELLER_SHIPS, remedy="refund", asks=False, seed="S13",
    costs=(refunds.contact, *refunds.FULL, risk.expected_claim, risk.expected_review))

represent_with_evidence = Resolution(
    "represent_with_evidence", "represent the claim with evidence", "举证申诉",
    "Answer the claim with tracking, pictures and messages; a lost claim is debited and counts as an order defect.",
    issues=("a_to_z_claim",), channels=SELLER_SHIPS, remedy="none", asks=False, seed="S13",
    tags=frozenset({"answers_claim", "claim_settles"}),
    costs=(refunds.contact, *refunds.CONTESTED, risk.defect_if_lost, risk.expected_review))

accept_claim = Resolution(
    "accept_claim", "accept the claim", "接受索赔",
    "Do nothing; the claim is debited and counts as an order defect.",
    issues=("a_to_z_claim",), channels=EVERYWHERE, remedy="refund", asks=False, seed="S13",
    costs=(refunds.contact, *refunds.FULL, risk.defect_counted, risk.expected_review))

ALL = (refund_before_decision, represent_with_evidence, accept_claim)
