"""How long a buyer may be kept waiting, and by when the seller must act.

A deadline refuses nothing: its function says whether it runs for a case whose way out is `o` (None where none
is chosen).
"""

from __future__ import annotations

from optimizer.domain.names import CONDITIONS
from optimizer.model.declare import Rule
from optimizer.model.entitlement import lasts
from optimizer.model.measures import days
from optimizer.model.resolutions.order import SELLER_SHIPS
from optimizer.model.rules.platform import AMAZON, RETURN_ISSUES

CLAIM = ("a_to_z_claim",)
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


def _too_slow(b, o):
    return days(b, o) > b.number("service.longest_days") if o.spec.asks else False


def _answer_in_time(b, o):
    return True


def _return_request(b, o):
    return b.market.has("returns_response_days") and not b.world.has_local_address(b.cell.market)


def _goods_come_back(b, o):
    return o is not None and "physical_return" in o.spec.tags


def _withdrawal(b, o):
    return (
        lasts(b, "withdrawal")
        if b.market.region in ("EU", "GB") and b.market.has("withdrawal.days")
        else False
    )


def _rejection(b, o):
    return lasts(b, "reject") if b.market.region == "GB" and b.market.has("guarantee.reject_days") else False


def _damaged_by_buyer(b, o):
    if not b.market.has("safet.days"):
        return False
    return (
        b.cases.condition == CUSTOMER_DAMAGED if b.cell.issue == "returned_goods" else _goods_come_back(b, o)
    )


def _may_still_claim(b, o):
    return ~b.cases.claim_open & (b.cases.age_days <= b.number("claim.window_days"))


def _deadline(name: str, en: str, zh: str, source: str, due, confidence: str = "official", **scope) -> Rule:
    return Rule(
        f"service.{name}",
        "service",
        en,
        zh,
        source,
        "2026-11-22",
        "2027-06-30",
        confidence,
        due,
        effect="deadline",
        platforms=scope.pop("platforms", AMAZON),
        channels=scope.pop("channels", SELLER_SHIPS),
        **scope,
    )


A_TO_Z = "Amazon A-to-z help 1781 and G202041210, undated"
OLDER = {
    "issues": CLAIM,
    "confidence": "secondary",
    "valid_to": "2019-12-31",
}  # the source text's, replaced by the platform's own of today
ALL = (
    Rule(
        "service.too_slow",
        "service",
        "takes longer than the {longest} days that support may promise",
        "所需时间超过客服可承诺的 {longest} 天",
        "own service level; assumption service.longest_days",
        "2026-11-22",
        "2027-11-22",
        "my-estimate",
        _too_slow,
        reads=("class",),
        numbers=("service.longest_days",),
    ),
    _deadline(
        "answer_claim_48h",
        "answer Amazon's question within 48 hours, or the claim is granted",
        "须在 48 小时内答复亚马逊的询问，否则索赔将获批",
        f"{A_TO_Z} (facts L013)",
        _answer_in_time,
        issues=CLAIM,
        valid_from="2020-01-01",
    ),
    _deadline(
        "answer_claim_3_days",
        "reach the buyer within 2 to 3 days, then represent the claim",
        "2–3 天内联系买家，之后向亚马逊申诉",
        "source text of the product, older practice",
        _answer_in_time,
        **OLDER,
    ),
    _deadline(
        "debit_after_14_days",
        "a claim that is lost or not answered is debited after 14 days",
        "败诉或未答复的索赔 14 天后扣款",
        "source text of the product, older practice",
        _answer_in_time,
        **OLDER,
    ),
    _deadline(
        "appeal_30_days",
        "a granted claim may be appealed within 30 days",
        "索赔获批后可在 30 天内上诉",
        f"{A_TO_Z} (facts L014)",
        _answer_in_time,
        issues=CLAIM,
        valid_from="2020-01-01",
    ),
    _deadline(
        "appeal_information_72h",
        "a question about the appeal must be answered within 72 hours",
        "上诉期间亚马逊的补充询问须在 72 小时内答复",
        f"{A_TO_Z} (facts L015)",
        _answer_in_time,
        issues=CLAIM,
        valid_from="2020-01-01",
    ),
    _deadline(
        "answer_message_48h",
        "answer the buyer within 48 hours; after that an A-to-z claim may be filed",
        "48 小时内答复买家，否则买家可提出 A-to-z 索赔",
        "Amazon A-to-z seller policy 2020 (facts L008)",
        _answer_in_time,
        "secondary",
        issues=ASKS,
        valid_from="2020-01-01",
    ),
    _deadline(
        "claim_window_90_days",
        "the buyer may file an A-to-z claim until {claim} days after the latest delivery date",
        "最晚送达日后 {claim} 天内买家可提出 A-to-z 索赔",
        f"{A_TO_Z} (facts L012)",
        _may_still_claim,
        issues=ASKS,
        valid_from="2020-01-01",
        reads=("claim_open", "age"),
        numbers=("claim.window_days",),
    ),
    _deadline(
        "answer_return_request",
        "answer the return request within {respond} days, or Amazon refunds at the seller's cost",
        "须在 {respond} 天内处理退货请求，否则亚马逊退款并由卖家承担",
        "sellercentral.amazon.co.uk help G201468550 (facts L040)",
        _return_request,
        issues=RETURN_ISSUES,
        valid_from="2023-01-01",
        numbers=("{market}.returns_response_days", "provider.*.open"),
    ),
    _deadline(
        "refund_after_receipt_2_business_days",
        "refund within 2 business days of receiving the goods",
        "收到退货后 2 个工作日内退款",
        "sellercentral.amazon.com help 201468550, undated (facts L032)",
        _goods_come_back,
        issues=RETURN_ISSUES,
    ),
    _deadline(
        "refund_at_first_scan",
        "on a label from Amazon the refund is due when the carrier first scans the parcel",
        "使用亚马逊退货标签时，承运商首次扫描即须退款",
        "sellercentral.amazon.com help GYLYQWNG8LZ9JNJP, undated (facts L033)",
        _goods_come_back,
        issues=RETURN_ISSUES,
        markets=("US",),
    ),
    _deadline(
        "refund_withdrawal_14_days",
        "withdrawal in the EU and the UK: refund within 14 days; the goods or proof of sending may be"
        " waited for",
        "欧盟及英国的撤回：14 天内退款，可等收到商品或寄出凭证后再退",
        "Directive 2011/83/EU; e-com.wiki; kiroptera.com (facts L053)",
        _withdrawal,
        "secondary",
        platforms=(),
        channels=(),
        issues=("unwanted", "cancel_shipped", "cancel_delivered"),
        valid_from="2014-06-13",
        reads=("age",),
        numbers=("{market}.withdrawal.days", "{market}.region"),
    ),
    _deadline(
        "refund_rejection_14_days",
        "goods rejected in the UK: refund within 14 days of agreeing to it",
        "英国的拒收：同意后 14 天内退款",
        "Consumer Rights Act 2015 s.20 (facts L061)",
        _rejection,
        "secondary",
        platforms=(),
        channels=(),
        valid_from="2015-10-01",
        reads=("age",),
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
        numbers=("{market}.guarantee.reject_days", "{market}.region"),
    ),
    _deadline(
        "safet_claim_60_days",
        "goods the buyer damaged: claim from Amazon within {safet} days",
        "买家损坏的退货：{safet} 天内向亚马逊申请赔付",
        "Amazon SAFE-T policy summaries, 2025 (facts L042)",
        _damaged_by_buyer,
        "secondary",
        issues=("unwanted", "cancel_delivered", "returned_goods"),
        reads=("condition",),
        numbers=("{market}.safet.days",),
    ),
)
