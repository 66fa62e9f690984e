"""How long a buyer may be kept waiting, and by when the seller must act.

A deadline refuses nothing: its function says whether it runs for a case whose way out is `o` (None where none
is chosen).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optimizer.domain.names import CONDITIONS
from optimizer.domain.sets import A_TO_Z_CLAIMS, SELLER_FULFILLED
from optimizer.model.block import Block, Flags
from optimizer.model.declare import Option, Rule, rule
from optimizer.model.entitlement import lasts
from optimizer.model.measures import days
from optimizer.model.rules.numbers import ADDRESS, DAYS, WITHDRAWAL
from optimizer.model.rules.platform import AMAZON, RETURN_ISSUES

ASKS = (
    "address_change_unshipped",
    "address_change_shipped",
    "cancel_unshipped",
    "cancel_shipped",
    "delivery_delay",
    "lost_in_transit",
    *RETURN_ISSUES,
    "warranty_claim",
)
CUSTOMER_DAMAGED = list(CONDITIONS).index("customer_damaged")
A_TO_Z = "Amazon A-to-z help 1781 and G202041210, undated"
# The source text's, replaced by the platform's own of today
OLDER: dict[str, Any] = {"issues": A_TO_Z_CLAIMS, "confidence": "secondary", "valid_to": "2019-12-31"}


def deadline(
    name: str, confidence: str = "official", **declared: Any
) -> Callable[[Callable[[Block, Option], Flags]], Rule]:
    """Declare a deadline of the platform for who ships himself, unless it says otherwise."""
    looked_up = {"as_of": "2026-11-22", "review_by": "2027-06-30", "confidence": confidence}
    scope = {"platforms": AMAZON, "channels": SELLER_FULFILLED}
    return rule(name, effect="deadline", **looked_up | scope | declared)


def _goods_come_back(o: Option) -> bool:
    return o is not None and "physical_return" in o.spec.tags


@rule(
    "service.too_slow",
    en="takes longer than the {longest} days that support may promise",
    zh="所需时间超过客服可承诺的 {longest} 天",
    source="own service level; assumption service.longest_days",
    as_of="2026-11-22",
    review_by="2027-11-22",
    confidence="my-estimate",
    numbers={"longest": "service.longest_days", **DAYS},
)
def too_slow(b: Block, o: Option) -> Flags:
    return days(b, o) > b.number("service.longest_days") if o.spec.asks else False


@deadline(
    "service.answer_claim_48h",
    en="answer Amazon's question within 48 hours, or the claim is granted",
    zh="须在 48 小时内答复亚马逊的询问，否则索赔将获批",
    source=f"{A_TO_Z} (facts L013)",
    valid_from="2020-01-01",
    issues=A_TO_Z_CLAIMS,
)
def answer_claim_48h(b: Block, o: Option) -> Flags:
    return True


@deadline(
    "service.answer_claim_3_days",
    en="reach the buyer within 2 to 3 days, then represent the claim",
    zh="2–3 天内联系买家，之后向亚马逊申诉",
    source="source text of the product, older practice",
    **OLDER,
)
def answer_claim_3_days(b: Block, o: Option) -> Flags:
    return True


@deadline(
    "service.debit_after_14_days",
    en="a claim that is lost or not answered is debited after 14 days",
    zh="败诉或未答复的索赔 14 天后扣款",
    source="source text of the product, older practice",
    **OLDER,
)
def debit_after_14_days(b: Block, o: Option) -> Flags:
    return True


@deadline(
    "service.appeal_30_days",
    en="a granted claim may be appealed within 30 days",
    zh="索赔获批后可在 30 天内上诉",
    source=f"{A_TO_Z} (facts L014)",
    valid_from="2020-01-01",
    issues=A_TO_Z_CLAIMS,
)
def appeal_30_days(b: Block, o: Option) -> Flags:
    return True


@deadline(
    "service.appeal_information_72h",
    en="a question about the appeal must be answered within 72 hours",
    zh="上诉期间亚马逊的补充询问须在 72 小时内答复",
    source=f"{A_TO_Z} (facts L015)",
    valid_from="2020-01-01",
    issues=A_TO_Z_CLAIMS,
)
def appeal_information_72h(b: Block, o: Option) -> Flags:
    return True


@deadline(
    "service.answer_message_48h",
    en="answer the buyer within 48 hours; after that an A-to-z claim may be filed",
    zh="48 小时内答复买家，否则买家可提出 A-to-z 索赔",
    source="Amazon A-to-z seller policy 2020 (facts L008)",
    confidence="secondary",
    valid_from="2020-01-01",
    issues=ASKS,
)
def answer_message_48h(b: Block, o: Option) -> Flags:
    return True


@deadline(
    "service.claim_window_90_days",
    en="the buyer may file an A-to-z claim until {claim} days after the latest delivery date",
    zh="最晚送达日后 {claim} 天内买家可提出 A-to-z 索赔",
    source=f"{A_TO_Z} (facts L012)",
    valid_from="2020-01-01",
    issues=ASKS,
    reads=("claim_open", "age"),
    numbers={"claim": "claim.window_days"},
)
def claim_window_90_days(b: Block, o: Option) -> Flags:
    return ~b.cases.claim_open & (b.cases.age_days <= b.number("claim.window_days"))


@deadline(
    "service.answer_return_request",
    en="answer the return request within {respond} days, or Amazon refunds at the seller's cost",
    zh="须在 {respond} 天内处理退货请求，否则亚马逊退款并由卖家承担",
    source="sellercentral.amazon.co.uk help G201468550 (facts L040)",
    valid_from="2023-01-01",
    issues=RETURN_ISSUES,
    numbers={"respond": "{market}.returns_response_days", **ADDRESS},
)
def answer_return_request(b: Block, o: Option) -> Flags:
    return b.market.has("returns_response_days") and not b.world.has_local_address(b.cell.market)


@deadline(
    "service.refund_after_receipt_2_business_days",
    en="refund within 2 business days of receiving the goods",
    zh="收到退货后 2 个工作日内退款",
    source="sellercentral.amazon.com help 201468550, undated (facts L032)",
    issues=RETURN_ISSUES,
)
def refund_after_receipt_2_business_days(b: Block, o: Option) -> Flags:
    return _goods_come_back(o)


@deadline(
    "service.refund_at_first_scan",
    en="on a label from Amazon the refund is due when the carrier first scans the parcel",
    zh="使用亚马逊退货标签时，承运商首次扫描即须退款",
    source="sellercentral.amazon.com help GYLYQWNG8LZ9JNJP, undated (facts L033)",
    issues=RETURN_ISSUES,
    markets=("US",),
)
def refund_at_first_scan(b: Block, o: Option) -> Flags:
    return _goods_come_back(o)


@deadline(
    "service.refund_withdrawal_14_days",
    en="withdrawal in the EU and the UK: refund within 14 days; the goods or proof of sending may be"
    " waited for",
    zh="欧盟及英国的撤回：14 天内退款，可等收到商品或寄出凭证后再退",
    source="Directive 2011/83/EU; e-com.wiki; kiroptera.com (facts L053)",
    confidence="secondary",
    valid_from="2014-06-13",
    issues=("unwanted", "cancel_shipped", "cancel_delivered"),
    channels=(),
    platforms=(),
    reads=("age",),
    numbers={**WITHDRAWAL, "region": "{market}.region"},
)
def refund_withdrawal_14_days(b: Block, o: Option) -> Flags:
    return (
        lasts(b, "withdrawal")
        if b.market.region in ("EU", "GB") and b.market.has("withdrawal.days")
        else False
    )


@deadline(
    "service.refund_rejection_14_days",
    en="goods rejected in the UK: refund within 14 days of agreeing to it",
    zh="英国的拒收：同意后 14 天内退款",
    source="Consumer Rights Act 2015 s.20 (facts L061)",
    confidence="secondary",
    valid_from="2015-10-01",
    issues=(
        "damaged",
        "wrong_item",
        "missing_accessory",
        "missing_main_product",
        "not_as_described",
        "spec_mismatch",
        "quality_defect",
        "warranty_claim",
    ),
    channels=(),
    platforms=(),
    reads=("age",),
    numbers={"reject": "{market}.guarantee.reject_days", "region": "{market}.region"},
)
def refund_rejection_14_days(b: Block, o: Option) -> Flags:
    return lasts(b, "reject") if b.market.region == "GB" and b.market.has("guarantee.reject_days") else False


@deadline(
    "service.safet_claim_60_days",
    en="goods the buyer damaged: claim from Amazon within {safet} days",
    zh="买家损坏的退货：{safet} 天内向亚马逊申请赔付",
    source="Amazon SAFE-T policy summaries, 2025 (facts L042)",
    confidence="secondary",
    issues=("unwanted", "cancel_delivered", "returned_goods"),
    reads=("condition",),
    numbers={"safet": "{market}.safet.days"},
)
def safet_claim_60_days(b: Block, o: Option) -> Flags:
    if not b.market.has("safet.days"):
        return False
    return b.cases.condition == CUSTOMER_DAMAGED if b.cell.issue == "returned_goods" else _goods_come_back(o)
