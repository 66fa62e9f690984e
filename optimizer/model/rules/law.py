"""What the law of the market demands."""

from __future__ import annotations

from optimizer.domain.names import CONDITIONS, REVIEW_ISSUES
from optimizer.model.declare import Rule
from optimizer.model.entitlement import chosen_by_buyer, entitled, lasts, owed_nothing
from optimizer.model.measures import days
from optimizer.model.resolutions import RESOLUTION

DEFECTS = ("quality_defect", "warranty_claim")
NOT_CONFORM = (
    "damaged",
    "wrong_item",
    "missing_accessory",
    "missing_main_product",
    "not_as_described",
    "spec_mismatch",
    *DEFECTS,
)
WITHDRAWALS = ("unwanted", "cancel_shipped", "cancel_delivered")
AS_NEW = ("unwanted", "wrong_item", "cancel_delivered")  # nothing is wrong with what comes back
SELLABLE = list(CONDITIONS).index("sellable")
EU_DIRECTIVE = "Directive (EU) 2019/771 art. 13 and 14, EUR-Lex 32019L0771"
GUARANTEE = ("{market}.guarantee.months", "{market}.guarantee.repair_first")
ENTITLED = ("age", "order_date", "window")  # what entitlements depend on


def _repair_first(b) -> bool:
    return bool(b.market.number("guarantee.repair_first", 0.0))


def _unreasonable_time(b, o):
    if not _repair_first(b) or o.spec.remedy != "repair":
        return False
    return lasts(b, "guarantee") & (days(b, o) > b.number("service.reasonable_days"))


def _return_below_first_remedy(b, o):
    if not _repair_first(b) or o.spec.remedy != "return_refund":
        return False
    return lasts(b, "guarantee") & ~entitled(b, "return_refund") & chosen_by_buyer(b)


def _unbound(b, o):
    """Would the fallback not bind: is the buyer asked for something that is neither a full refund nor
    among the rights? True, False or (C,)"""
    if not o.fallback:
        return False
    spec = RESOLUTION[o.fallback]
    if not spec.asks or spec.remedy == "refund":
        return False
    return ~entitled(b, spec.remedy)


def _fallback_is_an_offer(b, o):
    return False if o.spec.remedy == "price_reduction" else _unbound(b, o)


def _price_reduction_alone(b, o):
    return _unbound(b, o) if o.spec.remedy == "price_reduction" else False


def _declined_though_owed(b, o):
    return ~owed_nothing(b) if o.resolution == "decline_request" else False


def _withdrawal(b, o):
    if (o.resolution != "decline_request" and "charges_buyer" not in o.spec.tags) or not b.market.has(
        "withdrawal.days"
    ):
        return False
    return lasts(b, "withdrawal")


def _charged_for_a_defect(b, o):
    if "charges_buyer" not in o.spec.tags or not (_repair_first(b) or b.market.region == "AU"):
        return False
    return lasts(b, "guarantee")


def _destroyed(b, o):
    if "dispose" not in (o.resolution, o.disposition):
        return False
    as_new = True if b.cell.issue in AS_NEW else b.cases.condition == SELLABLE
    return as_new & ~b.cases.safety


def _paid_reviews(region: str):
    def refuses(b, o):
        return "review_inducement" in o.spec.tags and b.market.region == region

    return refuses


def _proportion(b, o):
    return lasts(b, "guarantee") if _repair_first(b) else False


NOT_LOOKED_UP = {
    "as_of": "2026-11-23",
    "review_by": "2027-06-30",
    "confidence": "my-estimate",
    "numbers": ("{market}.region",),
}
ALL = (
    Rule(
        "law.reasonable_time",
        "law",
        "a guarantee repair must be done within a reasonable time, here {reasonable} days",
        "法定保证下的维修须在合理时间内完成（此处为 {reasonable} 天）",
        EU_DIRECTIVE,
        "2022-01-01",
        "2027-06-30",
        "official",
        _unreasonable_time,
        issues=DEFECTS,
        reads=("age",),
        numbers=("service.reasonable_days", *GUARANTEE),
    ),
    Rule(
        "law.first_remedy",
        "law",
        "repair or replacement comes first under the legal guarantee; a refund against return follows only"
        " when they fail",
        "法定保证下须先维修或换新，不成功才可退货退款",
        EU_DIRECTIVE,
        "2022-01-01",
        "2027-06-30",
        "official",
        _return_below_first_remedy,
        issues=DEFECTS,
        reads=ENTITLED,
        numbers=GUARANTEE,
    ),
    Rule(
        "law.fallback_must_bind",
        "law",
        "what follows a refusal must be something the buyer is entitled to",
        "买家拒绝提议后的备选方案，须是其依法有权要求的",
        "Directive (EU) 2019/771 art. 13; sellercentral.amazon.co.uk help G201468550",
        "2022-01-01",
        "2027-06-30",
        "secondary",
        _fallback_is_an_offer,
        reads=ENTITLED,
    ),
    Rule(
        "law.partial_not_sole",
        "law",
        "a part of the money is an offer only: behind it must stand a full refund or what the buyer is"
        " entitled to",
        "部分退款只能作为提议：买家不接受时，须给予其依法有权要求的处理（全额退款、维修或换新）",
        EU_DIRECTIVE
        + ": a price cut cannot stand in for the first remedies without the buyer's consent (facts L048)",
        "2022-01-01",
        "2027-06-30",
        "official",
        _price_reduction_alone,
        effect="only_as_offer",
        reads=ENTITLED,
    ),
    Rule(
        "law.owed_by_right",
        "law",
        "the buyer is entitled to a remedy: the request cannot be declined",
        "买家依法享有售后权利，不得拒绝其请求",
        "data/entitlements.csv, row by row",
        "2026-11-23",
        "2027-06-30",
        "secondary",
        _declined_though_owed,
        reads=ENTITLED,
    ),
    Rule(
        "law.withdrawal",
        "law",
        "the buyer may withdraw without reason within {withdrawal} days of delivery: neither declined nor"
        " charged a fee",
        "签收后 {withdrawal} 天内买家可无理由退货（撤回权），不得拒绝或收费",
        "Directive 2011/83/EU; e-com.wiki; kiroptera.com (facts L052)",
        "2014-06-13",
        "2027-06-30",
        "secondary",
        _withdrawal,
        reads=("age",),
        numbers=("{market}.withdrawal.days",),
    ),
    Rule(
        "law.free_of_charge",
        "law",
        "remedies under the legal guarantee cost the buyer nothing",
        "法定保证下的维修、换新和退货不得向买家收费",
        EU_DIRECTIVE
        + " (facts L045 L049); Consumer Rights Act 2015 s.20 and 23 (facts L061); Australia (facts L066):"
        " general knowledge",
        "2022-01-01",
        "2027-06-30",
        "official",
        _charged_for_a_defect,
        issues=NOT_CONFORM,
        reads=("age",),
        numbers=(*GUARANTEE, "{market}.region"),
    ),
    Rule(
        "law.paid_reviews_us",
        "law",
        "the US bars rewards for reviews of a given tone",
        "美国禁止以报酬换取指定倾向的评价",
        "not looked up: FTC rule on fake reviews and testimonials, 16 CFR 465, in force 2024-10-21, general"
        " knowledge",
        refuses=_paid_reviews("US"),
        issues=REVIEW_ISSUES,
        valid_from="2024-10-21",
        **NOT_LOOKED_UP,
    ),
    Rule(
        "law.paid_reviews_eu",
        "law",
        "the EU bars bought or manipulated reviews",
        "欧盟禁止购买或操纵评价",
        "not looked up: Directive (EU) 2019/2161, annex of the unfair practices directive, from 2022-05-28,"
        " general knowledge",
        refuses=_paid_reviews("EU"),
        issues=REVIEW_ISSUES,
        valid_from="2022-05-28",
        **NOT_LOOKED_UP,
    ),
    Rule(
        "law.paid_reviews_gb",
        "law",
        "the United Kingdom bars reviews that hide a reward",
        "英国禁止隐瞒报酬的评价",
        "not looked up: Digital Markets, Competition and Consumers Act 2024, from 2025-04-06, general"
        " knowledge",
        refuses=_paid_reviews("GB"),
        issues=REVIEW_ISSUES,
        valid_from="2025-04-06",
        **NOT_LOOKED_UP,
    ),
    Rule(
        "law.destruction_ban",
        "law",
        "in France goods that can be sold again may not be destroyed",
        "法国禁止弃置、销毁仍可销售的商品",
        "not looked up: AGEC act, Code de l'environnement art. L541-15-8, from 2022-01-01 for goods such as"
        " electronics, general knowledge",
        "2026-11-23",
        "2027-06-30",
        "my-estimate",
        _destroyed,
        markets=("FR",),
        reads=("condition", "safety"),
        valid_from="2022-01-01",
    ),
    Rule(
        "law.out_of_proportion",
        "law",
        "until the legal guarantee ends: the buyer's choice of repair or replacement may be declined only"
        " where it costs out of all proportion to the other",
        "法定保证期内：仅当所选的维修或换新费用明显不成比例时，方可拒绝买家的选择",
        EU_DIRECTIVE + " (facts L047); costs are compared case by case, so nothing is refused for it",
        "2022-01-01",
        "2027-06-30",
        "official",
        _proportion,
        effect="deadline",
        issues=DEFECTS,
        reads=("age",),
        numbers=GUARANTEE,
    ),
)
