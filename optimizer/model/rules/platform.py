"""What the selling platform demands or forbids."""

from __future__ import annotations

import numpy as np

from optimizer.domain.names import CONDITIONS, FAULTS, REVIEW_ISSUES
from optimizer.model.declare import Rule
from optimizer.model.resolutions import RESOLUTION

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
AT_FAULT = (
    "damaged",
    "wrong_item",
    "missing_accessory",
    "missing_main_product",
    "not_as_described",
    "spec_mismatch",
    "quality_defect",
)
OFFERS = ("price_reduction", "gift")
MONEY_BACK = ("refund", "return_refund")
SELLABLE = list(CONDITIONS).index("sellable")
SELLER = list(FAULTS).index("seller")
WINDOW = ("{market}.return_window.*", "{market}.holiday.*")


def _returnless_floor(b, o):
    m = b.market
    if (
        not m.has("returnless_floor.amount")
        or b.world.has_local_address(m.name)
        or o.resolution == "keep_full_refund"
    ):
        return False
    if (
        b.cell.issue == "usage_help" and o.resolution == "remote_support"
    ):  # advice comes before a return is asked for
        return False
    in_force = b.cases.order_day >= np.datetime64(m.text("returnless_floor.valid_from", "1900-01-01"))
    return in_force & b.in_window & (b.price <= m.number("returnless_floor.amount"))


def _fba_window(b, o):
    undelivered = b.cell.issue in ("cancel_shipped", "address_change_shipped")
    return ~b.in_window if o.resolution == "return_to_fba" and not undelivered else False


def _fba_returnless_cap(b, o):
    if o.resolution != "keep_full_refund" or not b.market.has("fba_returnless_cap.amount"):
        return False
    return b.in_window & (b.price > b.market.number("fba_returnless_cap.amount")) & ~b.cases.safety


def _offer_during_claim(b, o):
    return b.cases.claim_open if o.spec.remedy in OFFERS else False


def _part_of_the_money(b, o):
    if o.spec.remedy != "price_reduction" or _remedy_behind(o) in MONEY_BACK:
        return False
    return b.in_window


def _remedy_behind(o) -> str:
    return RESOLUTION[o.fallback].remedy if o.fallback else ""


def _opened_as_new(b, o):
    return b.cases.condition != SELLABLE if "sold_as_new" in o.spec.tags else False


def _needs_local_address(b, o):
    needs = "local_address" in o.spec.tags or o.disposition == "rescue"
    return needs and not b.world.has_local_address(b.cell.market)


def _local_label(b, o):
    return o.resolution == "return_to_china" and b.world.has_local_address(b.cell.market)


def _declined_in_window(b, o):
    return b.in_window if o.resolution == "decline_request" else False


def _restocking(b, o):
    if "charges_buyer" not in o.spec.tags:
        return False
    return b.in_window if b.market.has("restocking.late_share") else True


def _restocking_at_fault(b, o):
    if "charges_buyer" not in o.spec.tags:
        return False
    return True if b.cell.issue in AT_FAULT else b.cases.fault == SELLER


def _late_removal(b, o):
    return (
        b.cases.age_days > b.number("feedback.removal_days") if o.resolution == "request_removal" else False
    )


def _review_inducement(b, o):
    return "review_inducement" in o.spec.tags


def _claim_inducement(b, o):
    return "claim_inducement" in o.spec.tags


HELP = "sellercentral.amazon.com help 201468550; sellercentral.amazon.co.uk G201468550"
ALL = (
    Rule(
        "platform.returnless_floor",
        "platform",
        "without a return address in the market the platform refunds {floor} and less at once and the buyer"
        " keeps the goods",
        "卖家在当地没有退货地址：售价不超过 {floor} 的退货由平台自动退款不退货",
        HELP,
        "2021-10-05",
        "2027-06-30",
        "official",
        _returnless_floor,
        effect="required",
        issues=RETURN_ISSUES,
        channels=("merchant",),
        platforms=AMAZON,
        reads=("price", "age", "window"),
        numbers=(
            "{market}.returnless_floor.amount",
            "{market}.returnless_floor.valid_from",
            "provider.*.open",
            *WINDOW,
        ),
    ),
    Rule(
        "platform.fba_window",
        "platform",
        "the return window of FBA has passed",
        "已超过 FBA 退货期",
        "Amazon returns help; holiday extension as announced for 2025, 2026 not checked; DE electronics 14"
        " days since 2024-04-25",
        "2025-11-01",
        "2027-01-31",
        "secondary",
        _fba_window,
        channels=("fba",),
        platforms=AMAZON,
        reads=("age", "window"),
        numbers=WINDOW,
    ),
    Rule(
        "platform.fba_returnless_cap",
        "platform",
        "FBA allows a returnless setting only up to {cap}",
        "FBA 的退款不退货设置，价格上限为 {cap}",
        "e-com.wiki/concepts/returnless-refunds",
        "2024-01-01",
        "2027-06-30",
        "secondary",
        _fba_returnless_cap,
        issues=tuple(
            i for i in RETURN_ISSUES if i != "missing_main_product"
        ),  # nothing came that could be sent back
        channels=("fba",),
        platforms=AMAZON,
        reads=("price", "age", "window", "safety"),
        numbers=("{market}.fba_returnless_cap.amount", *WINDOW),
    ),
    Rule(
        "platform.owed_in_window",
        "platform",
        "within the return window the platform grants the return, whatever the seller says",
        "退货期内平台一律受理退货，卖家不得拒绝",
        "Amazon returns help, undated (facts L025 L026)",
        "2026-11-22",
        "2027-06-30",
        "secondary",
        _declined_in_window,
        platforms=AMAZON,
        reads=("age", "window"),
        numbers=WINDOW,
    ),
    Rule(
        "platform.partial_not_sole",
        "platform",
        "within the return window a part of the money is an offer only: who declines it must get a full"
        " refund",
        "退货期内部分退款只能作为提议，买家拒绝时须全额退款",
        "sellercentral.amazon.co.uk help G201468550, undated (facts L034)",
        "2026-11-22",
        "2027-06-30",
        "official",
        _part_of_the_money,
        effect="only_as_offer",
        issues=RETURN_ISSUES,
        platforms=AMAZON,
        reads=("age", "window"),
        numbers=WINDOW,
    ),
    Rule(
        "platform.no_offer_during_claim",
        "platform",
        "no part of the money, gift or keep offer while a claim is open: it reads as an inducement to"
        " close it",
        "索赔未结期间，以部分退款、赠品或保留商品作交换会被视为诱导撤销索赔",
        "source text; sellercentral communication guidelines",
        "2026-11-01",
        "2027-06-30",
        "secondary",
        _offer_during_claim,
        reads=("claim_open",),
    ),
    Rule(
        "platform.no_claim_inducement",
        "platform",
        "money may not depend on the buyer closing a claim",
        "不得以撤销索赔为条件退款",
        "source text; sellercentral communication guidelines, no explicit text found (facts L019)",
        "2026-11-01",
        "2027-06-30",
        "secondary",
        _claim_inducement,
        issues=("a_to_z_claim",),
    ),
    Rule(
        "platform.no_review_inducement",
        "platform",
        "money, goods or gifts may not depend on a changed or removed review; accounts are closed for it",
        "不得以退款、补发或赠品换取修改、删除评价，否则可能被封号",
        "sellercentral.amazon.com help E8SYAZUBGVFBHCH, GYRKB5RU3FS5TURN, G201972160, undated (facts L020"
        " L021)",
        "2026-11-22",
        "2027-06-30",
        "official",
        _review_inducement,
        issues=REVIEW_ISSUES,
    ),
    Rule(
        "platform.feedback_too_old",
        "platform",
        "feedback is removed for {removal} days only; they are counted from delivery",
        "店铺评价仅在 {removal} 天内可申请移除（自签收起算）",
        "own reading of Amazon's feedback help, not looked up; assumption feedback.removal_days",
        "2026-11-23",
        "2027-06-30",
        "my-estimate",
        _late_removal,
        issues=("negative_feedback",),
        reads=("age",),
        numbers=("feedback.removal_days",),
    ),
    Rule(
        "platform.restocking_not_allowed",
        "platform",
        "a restocking fee is allowed only where the platform names one, and only for goods that come back"
        " after the return window",
        "仅在平台规定可收取且逾期退货时，方可收取重新上架费",
        "thebrandspur.com on Amazon's refund help, undated (facts L030 L031): nobody has seen the goods yet,"
        " so the fee on used ones is left out",
        "2026-11-22",
        "2027-06-30",
        "secondary",
        _restocking,
        reads=("age", "window"),
        numbers=("{market}.restocking.late_share", *WINDOW),
    ),
    Rule(
        "platform.no_restocking_at_fault",
        "platform",
        "no restocking fee where the goods are not as ordered or the seller is at fault",
        "商品不符或卖家有责时不得收取重新上架费",
        "sellercentral.amazon.com help G202175040 (facts L028 L029)",
        "2026-11-22",
        "2027-06-30",
        "secondary",
        _restocking_at_fault,
        reads=("fault",),
    ),
    Rule(
        "platform.local_label_required",
        "platform",
        "with a return address in the market the platform sends the buyer a label to it, not to China",
        "卖家在当地有退货地址时，平台向买家提供寄往该地址的标签，不得要求退回中国",
        HELP + " (facts L037)",
        "2026-11-22",
        "2027-06-30",
        "official",
        _local_label,
        effect="required",
        channels=("merchant",),
        markets=("US",),
        platforms=AMAZON,
        numbers=("provider.*.open",),
    ),
    Rule(
        "platform.opened_not_as_new",
        "platform",
        "opened or untested goods may not be sold as new",
        "已拆封或未开箱检测的商品不得按新品销售",
        "amazonsellerslawyer.com; Amazon seller forum 650132",
        "2026-11-01",
        "2027-06-30",
        "secondary",
        _opened_as_new,
        issues=("returned_goods",),
        reads=("condition",),
    ),
    Rule(
        "platform.needs_local_address",
        "platform",
        "there is no warehouse in use in this market to send it to",
        "该市场没有可用的海外仓收货",
        HELP,
        "2021-10-05",
        "2027-06-30",
        "official",
        _needs_local_address,
        numbers=("provider.*.open",),
    ),
)
