"""Ways out of bad reviews of the product and bad feedback on the seller. No way out asks for a change, but
the one that is always refused."""

from __future__ import annotations

from optimizer.domain.names import REVIEW_ISSUES
from optimizer.domain.sets import EVERYWHERE
from optimizer.model.components import refunds, reviews
from optimizer.model.declare import Resolution
from optimizer.model.resolutions.returns import SENDS_NEW, STOCK

reply_publicly = Resolution(
    "reply_publicly",
    "answer in public",
    "公开回复",
    "Answer under the review: apologise, say what is done about the cause, offer help through the platform.",
    issues=REVIEW_ISSUES,
    channels=EVERYWHERE,
    remedy="none",
    asks=False,
    seed="S15",
    defects=reviews.feedback_defects,
    costs=(refunds.contact, *reviews.STANDING),
)

refund_after_review = Resolution(
    "refund_after_review",
    "find the order, apologise and refund",
    "找到订单，道歉并退款",
    "Find the order fast, apologise, ask why and refund; nothing is said of the review. Who is not found gets"
    " the fallback.",
    issues=REVIEW_ISSUES,
    channels=EVERYWHERE,
    remedy="refund",
    seed="S15",
    tags=frozenset({"keeps_goods", "may_be_refused"}),
    defects=reviews.feedback_defects,
    costs=(refunds.contact, *refunds.FULL, *reviews.STANDING),
    fallbacks=("reply_publicly",),
)

resend_after_review = Resolution(
    "resend_after_review",
    "find the order, apologise and send a new one",
    "找到订单，道歉并补发",
    "Find the order fast, apologise, ask why and send a new unit; nothing is said of the review. Who is not"
    " found gets the fallback.",
    issues=REVIEW_ISSUES,
    channels=EVERYWHERE,
    remedy="replacement",
    seed="S15",
    tags=frozenset({"keeps_goods", "replacement", "may_be_refused"}),
    providers=STOCK,
    defects=reviews.feedback_defects,
    costs=(refunds.contact, *SENDS_NEW, *reviews.STANDING),
    fallbacks=("reply_publicly",),
)

request_removal = Resolution(
    "request_removal",
    "ask the platform to remove the feedback",
    "申请平台移除店铺差评",
    "Feedback on delivery that the platform was in charge of, on the product or in foul words is struck out"
    " on request.",
    issues=("negative_feedback",),
    channels=EVERYWHERE,
    remedy="none",
    asks=False,
    seed="S15",
    defects=reviews.feedback_defects,
    costs=(refunds.contact, *reviews.STANDING),
)

refund_for_review_change = Resolution(
    "refund_for_review_change",
    "refund against a changed review",
    "以退款换取改评（违规）",
    "Refund or send again and ask for the review to be changed or removed; platform and law forbid it.",
    issues=REVIEW_ISSUES,
    channels=EVERYWHERE,
    remedy="refund",
    asks=False,
    seed="S15",
    tags=frozenset({"keeps_goods", "review_inducement"}),
    defects=reviews.feedback_defects,
    costs=(refunds.contact, *refunds.FULL, *reviews.STANDING),
)

ALL = (reply_publicly, refund_after_review, resend_after_review, request_removal, refund_for_review_change)
