"""What the selling platform demands or forbids."""

from __future__ import annotations

import numpy as np

from optimizer.domain.names import REVIEW_ISSUES
from optimizer.domain.sets import FAULT_OF_SELLER, NOT_AS_ORDERED, SELLABLE
from optimizer.model.block import Block, Flags
from optimizer.model.declare import Option, rule
from optimizer.model.resolutions import RESOLUTION
from optimizer.model.rules.numbers import ADDRESS, WINDOW

AMAZON = ("amazon",)
RETURN_ISSUES = (
    "cancel_delivered",
    "unwanted",
    "damaged",
    "wrong_item",
    "missing_accessory",
    "missing_main_product",
    "not_as_described",
    "spec_mismatch",
    "usage_help",
    "quality_defect",
)
OFFERED_REMEDIES = ("price_reduction", "gift")
MONEY_BACK = ("refund", "return_refund")
HELP = "sellercentral.amazon.com help 201468550; sellercentral.amazon.co.uk G201468550"


def _remedy_behind(o: Option) -> str:
    return RESOLUTION[o.fallback].remedy if o.fallback else ""


@rule(
    "platform.returnless_floor",
    en="without a return address in the market the platform refunds {floor} and less at once and the buyer"
    " keeps the goods",
    zh="卖家在当地没有退货地址：售价不超过 {floor} 的退货由平台自动退款不退货",
    source=HELP,
    as_of="2021-10-05",
    review_by="2027-06-30",
    confidence="official",
    effect="required",
    issues=RETURN_ISSUES,
    channels=("merchant",),
    platforms=AMAZON,
    reads=("price", "age", "window"),
    numbers={
        "floor": "{market}.returnless_floor.amount",
        "floor_from": "{market}.returnless_floor.valid_from",
        **ADDRESS,
        **WINDOW,
    },
)
def returnless_floor(b: Block, o: Option) -> Flags:
    m = b.market
    if (
        not m.has("returnless_floor.amount")
        or b.world.has_local_address(m.name)
        or o.resolution == "keep_full_refund"
    ):
        return False
    if b.cell.issue == "usage_help" and o.resolution == "remote_support":
        return False  # advice comes before a return is asked for
    in_force = b.cases.order_day >= np.datetime64(m.text("returnless_floor.valid_from", "1900-01-01"))
    return in_force & b.in_window & (b.price <= m.number("returnless_floor.amount"))


@rule(
    "platform.fba_window",
    en="the return window of FBA has passed",
    zh="已超过 FBA 退货期",
    source="Amazon returns help; holiday extension as announced for 2025, 2026 not checked; DE electronics 14"
    " days since 2024-04-25",
    as_of="2025-11-01",
    review_by="2027-01-31",
    confidence="secondary",
    channels=("fba",),
    platforms=AMAZON,
    reads=("age", "window"),
    numbers=WINDOW,
)
def fba_window(b: Block, o: Option) -> Flags:
    undelivered = b.cell.issue in ("cancel_shipped", "address_change_shipped")
    return ~b.in_window if o.resolution == "return_to_fba" and not undelivered else False


@rule(
    "platform.fba_returnless_cap",
    en="FBA allows a returnless setting only up to {cap}",
    zh="FBA 的退款不退货设置，价格上限为 {cap}",
    source="e-com.wiki/concepts/returnless-refunds",
    as_of="2024-01-01",
    review_by="2027-06-30",
    confidence="secondary",
    # without the main product nothing came that could be sent back
    issues=tuple(i for i in RETURN_ISSUES if i != "missing_main_product"),
    channels=("fba",),
    platforms=AMAZON,
    reads=("price", "age", "window", "safety"),
    numbers={"cap": "{market}.fba_returnless_cap.amount", **WINDOW},
)
def fba_returnless_cap(b: Block, o: Option) -> Flags:
    if o.resolution != "keep_full_refund" or not b.market.has("fba_returnless_cap.amount"):
        return False
    return b.in_window & (b.price > b.market.number("fba_returnless_cap.amount")) & ~b.cases.safety


@rule(
    "platform.owed_in_window",
    en="within the return window the platform grants the return, whatever the seller says",
    zh="退货期内平台一律受理退货，卖家不得拒绝",
    source="Amazon returns help, undated (facts L025 L026)",
    as_of="2026-11-22",
    review_by="2027-06-30",
    confidence="secondary",
    platforms=AMAZON,
    reads=("age", "window"),
    numbers=WINDOW,
)
def owed_in_window(b: Block, o: Option) -> Flags:
    return b.in_window if o.resolution == "decline_request" else False


@rule(
    "platform.partial_not_sole",
    en="within the return window a part of the money is an offer only: who declines it must get a full"
    " refund",
    zh="退货期内部分退款只能作为提议，买家拒绝时须全额退款",
    source="sellercentral.amazon.co.uk help G201468550, undated (facts L034)",
    as_of="2026-11-22",
    review_by="2027-06-30",
    confidence="official",
    effect="only_as_offer",
    issues=RETURN_ISSUES,
    platforms=AMAZON,
    reads=("age", "window"),
    numbers=WINDOW,
)
def partial_not_sole(b: Block, o: Option) -> Flags:
    if o.spec.remedy != "price_reduction" or _remedy_behind(o) in MONEY_BACK:
        return False
    return b.in_window


@rule(
    "platform.no_offer_during_claim",
    en="no part of the money, gift or keep offer while a claim is open: it reads as an inducement to"
    " close it",
    zh="索赔未结期间，以部分退款、赠品或保留商品作交换会被视为诱导撤销索赔",
    source="source text; sellercentral communication guidelines",
    as_of="2026-11-01",
    review_by="2027-06-30",
    confidence="secondary",
    reads=("claim_open",),
)
def no_offer_during_claim(b: Block, o: Option) -> Flags:
    return b.cases.claim_open if o.spec.remedy in OFFERED_REMEDIES else False


@rule(
    "platform.no_claim_inducement",
    en="money may not depend on the buyer closing a claim",
    zh="不得以撤销索赔为条件退款",
    source="source text; sellercentral communication guidelines, no explicit text found (facts L019)",
    as_of="2026-11-01",
    review_by="2027-06-30",
    confidence="secondary",
    issues=("a_to_z_claim",),
)
def no_claim_inducement(b: Block, o: Option) -> Flags:
    return "claim_inducement" in o.spec.tags


@rule(
    "platform.no_review_inducement",
    en="money, goods or gifts may not depend on a changed or removed review; accounts are closed for it",
    zh="不得以退款、补发或赠品换取修改、删除评价，否则可能被封号",
    source="sellercentral.amazon.com help E8SYAZUBGVFBHCH, GYRKB5RU3FS5TURN, G201972160, undated (facts L020"
    " L021)",
    as_of="2026-11-22",
    review_by="2027-06-30",
    confidence="official",
    issues=REVIEW_ISSUES,
)
def no_review_inducement(b: Block, o: Option) -> Flags:
    return "review_inducement" in o.spec.tags


@rule(
    "platform.feedback_too_old",
    en="feedback is removed for {removal} days only; they are counted from delivery",
    zh="店铺评价仅在 {removal} 天内可申请移除（自签收起算）",
    source="own reading of Amazon's feedback help, not looked up; assumption feedback.removal_days",
    as_of="2026-11-23",
    review_by="2027-06-30",
    confidence="my-estimate",
    issues=("negative_feedback",),
    reads=("age",),
    numbers={"removal": "feedback.removal_days"},
)
def feedback_too_old(b: Block, o: Option) -> Flags:
    return (
        b.cases.age_days > b.number("feedback.removal_days") if o.resolution == "request_removal" else False
    )


@rule(
    "platform.restocking_not_allowed",
    en="a restocking fee is allowed only where the platform names one, and only for goods that come back"
    " after the return window",
    zh="仅在平台规定可收取且逾期退货时，方可收取重新上架费",
    source="thebrandspur.com on Amazon's refund help, undated (facts L030 L031): nobody has seen the goods"
    " yet, so the fee on used ones is left out",
    as_of="2026-11-22",
    review_by="2027-06-30",
    confidence="secondary",
    reads=("age", "window"),
    numbers={"fee": "{market}.restocking.late_share", **WINDOW},
)
def restocking_not_allowed(b: Block, o: Option) -> Flags:
    if "charges_buyer" not in o.spec.tags:
        return False
    return b.in_window if b.market.has("restocking.late_share") else True


@rule(
    "platform.no_restocking_at_fault",
    en="no restocking fee where the goods are not as ordered or the seller is at fault",
    zh="商品不符或卖家有责时不得收取重新上架费",
    source="sellercentral.amazon.com help G202175040 (facts L028 L029)",
    as_of="2026-11-22",
    review_by="2027-06-30",
    confidence="secondary",
    reads=("fault",),
)
def no_restocking_at_fault(b: Block, o: Option) -> Flags:
    if "charges_buyer" not in o.spec.tags:
        return False
    return True if b.cell.issue in NOT_AS_ORDERED else b.cases.fault == FAULT_OF_SELLER


@rule(
    "platform.local_label_required",
    en="with a return address in the market the platform sends the buyer a label to it, not to China",
    zh="卖家在当地有退货地址时，平台向买家提供寄往该地址的标签，不得要求退回中国",
    source=HELP + " (facts L037)",
    as_of="2026-11-22",
    review_by="2027-06-30",
    confidence="official",
    effect="required",
    channels=("merchant",),
    markets=("US",),
    platforms=AMAZON,
    numbers=ADDRESS,
)
def local_label_required(b: Block, o: Option) -> Flags:
    return o.resolution == "return_to_china" and b.world.has_local_address(b.cell.market)


@rule(
    "platform.opened_not_as_new",
    en="opened or untested goods may not be sold as new",
    zh="已拆封或未开箱检测的商品不得按新品销售",
    source="amazonsellerslawyer.com; Amazon seller forum 650132",
    as_of="2026-11-01",
    review_by="2027-06-30",
    confidence="secondary",
    issues=("returned_goods",),
    reads=("condition",),
)
def opened_not_as_new(b: Block, o: Option) -> Flags:
    return b.cases.condition != SELLABLE if "sold_as_new" in o.spec.tags else False


@rule(
    "platform.needs_local_address",
    en="there is no warehouse in use in this market to send it to",
    zh="该市场没有可用的海外仓收货",
    source=HELP,
    as_of="2021-10-05",
    review_by="2027-06-30",
    confidence="official",
    numbers=ADDRESS,
)
def needs_local_address(b: Block, o: Option) -> Flags:
    needs = "local_address" in o.spec.tags or o.disposition == "rescue"
    return needs and not b.world.has_local_address(b.cell.market)
