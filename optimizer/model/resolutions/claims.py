"""Ways out of an A-to-z claim."""

from __future__ import annotations

from optimizer.domain.sets import A_TO_Z_CLAIMS, EVERYWHERE, SELLER_FULFILLED
from optimizer.model.block import Block
from optimizer.model.components import refunds, risk
from optimizer.model.declare import Option, Resolution

ANSWERS = frozenset({"answers_claim", "claim_settles"})


def hits_seller(b: Block) -> float:
    """Share of claims that hit the seller in this channel."""
    return b.number(f"claim.channel.{b.cell.channel}")


def if_lost(b: Block, o: Option) -> float:
    """Expected order defects of a represented claim: a granted one counts."""
    return refunds.lost_claim(b, o) * hits_seller(b)


def if_appeal_lost(b: Block, o: Option) -> float:
    """Expected order defects when a granted claim is appealed: a won appeal takes the count back."""
    return refunds.lost_appeal(b, o) * hits_seller(b)


def withdrawn(b: Block, o: Option) -> float:
    """A withdrawn claim does not count."""
    return 0.0


def counted(b: Block, o: Option) -> float:
    """An accepted claim counts."""
    return hits_seller(b)


solve_cause_first = Resolution(
    "solve_cause_first",
    "solve the cause, then see whether the claim is withdrawn",
    "先解决问题，等买家自行撤销索赔",
    "Find out why, reach the buyer by phone or message and solve the cause; nothing is asked in return. A"
    " claim that stays is answered by the fallback.",
    issues=A_TO_Z_CLAIMS,
    channels=SELLER_FULFILLED,
    remedy="none",
    asks=False,
    seed="S13",
    tags=ANSWERS,
    dispositions=("by_phone", "by_message"),
    success=refunds.claim_solved,
    defects=withdrawn,
    costs=(refunds.contact, refunds.phone_call, *refunds.SOLVED, risk.expected_review),
    fallbacks=("represent_with_evidence", "refund_before_decision"),
)

refund_before_decision = Resolution(
    "refund_before_decision",
    "refund before the claim is decided",
    "平台裁决前主动退款",
    "Solve the cause, refund in full before Amazon decides; nothing is asked in return.",
    issues=A_TO_Z_CLAIMS,
    channels=SELLER_FULFILLED,
    remedy="refund",
    asks=False,
    seed="S13",
    costs=(refunds.contact, *refunds.FULL, risk.expected_claim, risk.expected_review),
)

represent_with_evidence = Resolution(
    "represent_with_evidence",
    "represent the claim with evidence",
    "举证申诉",
    "Answer the claim with tracking, pictures and messages; a lost claim is debited and counts as an order"
    " defect.",
    issues=A_TO_Z_CLAIMS,
    channels=SELLER_FULFILLED,
    remedy="none",
    asks=False,
    seed="S13",
    tags=ANSWERS,
    defects=if_lost,
    costs=(refunds.contact, *refunds.CONTESTED, risk.defect_if_lost, risk.expected_review),
)

represent_and_appeal = Resolution(
    "represent_and_appeal",
    "represent, and appeal if the claim is granted",
    "举证申诉，索赔获批后再上诉",
    "Answer the claim with evidence; if it is granted, appeal within the days allowed. A won appeal returns"
    " money and order defect.",
    issues=A_TO_Z_CLAIMS,
    channels=SELLER_FULFILLED,
    remedy="none",
    asks=False,
    seed="S13",
    tags=ANSWERS,
    defects=if_appeal_lost,
    costs=(refunds.contact, *refunds.APPEALED, risk.defect_if_appeal_lost, risk.expected_review),
)

accept_claim = Resolution(
    "accept_claim",
    "accept the claim",
    "接受索赔",
    "Do nothing; the claim is debited and counts as an order defect.",
    issues=A_TO_Z_CLAIMS,
    channels=EVERYWHERE,
    remedy="refund",
    asks=False,
    seed="S13",
    defects=counted,
    costs=(refunds.contact, *refunds.FULL, risk.defect_counted, risk.expected_review),
)

refund_for_claim_withdrawal = Resolution(
    "refund_for_claim_withdrawal",
    "refund on condition that the claim is closed",
    "以撤销索赔为条件退款",
    "Offer the money if the buyer closes the claim; the platform takes it for an inducement.",
    issues=A_TO_Z_CLAIMS,
    channels=SELLER_FULFILLED,
    remedy="refund",
    asks=False,
    seed="S13",
    tags=frozenset({"claim_inducement"}),
    defects=withdrawn,
    costs=(refunds.contact, *refunds.FULL, risk.expected_review),
)

ALL = (
    solve_cause_first,
    refund_before_decision,
    represent_with_evidence,
    represent_and_appeal,
    accept_claim,
    refund_for_claim_withdrawal,
)
