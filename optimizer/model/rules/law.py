"""What the law of the market demands."""

from __future__ import annotations

from optimizer.domain.names import REVIEW_ISSUES
from optimizer.domain.sets import DEFECTS, LACKING_CONFORMITY, SELLABLE
from optimizer.model.block import Block, Flags
from optimizer.model.declare import Option, rule
from optimizer.model.entitlement import chosen_by_buyer, entitled, lasts, owed_nothing
from optimizer.model.measures import days
from optimizer.model.resolutions import RESOLUTION
from optimizer.model.rules.numbers import DAYS, RIGHTS, WITHDRAWAL

NOTHING_WRONG = ("unwanted", "wrong_item", "cancel_delivered")  # nothing is wrong with what comes back
EU_DIRECTIVE = "Directive (EU) 2019/771 art. 13 and 14, EUR-Lex 32019L0771"
GUARANTEE = {"guarantee": "{market}.guarantee.months", "repair_first": "{market}.guarantee.repair_first"}
NOT_LOOKED_UP = {"as_of": "2026-11-23", "review_by": "2027-06-30", "confidence": "my-estimate"}
ENTITLED = ("age", "order_date", "window")  # what entitlements depend on


def _repair_first(b: Block) -> bool:
    return bool(b.market.number("guarantee.repair_first", 0.0))


def _unbound(b: Block, o: Option) -> Flags:
    """Would the fallback not bind: is the buyer asked for something that is neither a full refund nor
    among the rights? True, False or (C,)"""
    if not o.fallback:
        return False
    spec = RESOLUTION[o.fallback]
    if not spec.asks or spec.remedy == "refund":
        return False
    return ~entitled(b, spec.remedy)


def _paid_review(b: Block, o: Option, region: str) -> bool:
    return "review_inducement" in o.spec.tags and b.market.region == region


@rule(
    "law.reasonable_time",
    en="a guarantee repair must be done within a reasonable time, here {reasonable} days",
    zh="法定保证下的维修须在合理时间内完成（此处为 {reasonable} 天）",
    source=EU_DIRECTIVE,
    as_of="2022-01-01",
    review_by="2027-06-30",
    confidence="official",
    issues=DEFECTS,
    reads=("age",),
    numbers={"reasonable": "service.reasonable_days", **GUARANTEE, **DAYS},
)
def reasonable_time(b: Block, o: Option) -> Flags:
    if not _repair_first(b) or o.spec.remedy != "repair":
        return False
    return lasts(b, "guarantee") & (days(b, o) > b.number("service.reasonable_days"))


@rule(
    "law.first_remedy",
    en="repair or replacement comes first under the legal guarantee; a refund against return follows only"
    " when they fail",
    zh="法定保证下须先维修或换新，不成功才可退货退款",
    source=EU_DIRECTIVE,
    as_of="2022-01-01",
    review_by="2027-06-30",
    confidence="official",
    issues=DEFECTS,
    reads=ENTITLED,
    numbers={**GUARANTEE, **RIGHTS},
)
def first_remedy(b: Block, o: Option) -> Flags:
    if not _repair_first(b) or o.spec.remedy != "return_refund":
        return False
    return lasts(b, "guarantee") & ~entitled(b, "return_refund") & chosen_by_buyer(b)


@rule(
    "law.fallback_must_bind",
    en="what follows a refusal must be something the buyer is entitled to",
    zh="买家拒绝提议后的备选方案，须是其依法有权要求的",
    source="Directive (EU) 2019/771 art. 13; sellercentral.amazon.co.uk help G201468550",
    as_of="2022-01-01",
    review_by="2027-06-30",
    confidence="secondary",
    reads=ENTITLED,
    numbers={**WITHDRAWAL, **RIGHTS},
)
def fallback_must_bind(b: Block, o: Option) -> Flags:
    return False if o.spec.remedy == "price_reduction" else _unbound(b, o)


@rule(
    "law.partial_not_sole",
    en="a part of the money is an offer only: behind it must stand a full refund or what the buyer is"
    " entitled to",
    zh="部分退款只能作为提议：买家不接受时，须给予其依法有权要求的处理（全额退款、维修或换新）",
    source=EU_DIRECTIVE
    + ": a price cut cannot stand in for the first remedies without the buyer's consent (facts L048)",
    as_of="2022-01-01",
    review_by="2027-06-30",
    confidence="official",
    effect="only_as_offer",
    reads=ENTITLED,
    numbers={**WITHDRAWAL, **RIGHTS},
)
def partial_not_sole(b: Block, o: Option) -> Flags:
    return _unbound(b, o) if o.spec.remedy == "price_reduction" else False


@rule(
    "law.owed_by_right",
    en="the buyer is entitled to a remedy: the request cannot be declined",
    zh="买家依法享有售后权利，不得拒绝其请求",
    source="data/entitlements.csv, row by row",
    as_of="2026-11-23",
    review_by="2027-06-30",
    confidence="secondary",
    reads=ENTITLED,
    numbers={**WITHDRAWAL, **RIGHTS},
)
def owed_by_right(b: Block, o: Option) -> Flags:
    return ~owed_nothing(b) if o.resolution == "decline_request" else False


@rule(
    "law.withdrawal",
    en="the buyer may withdraw without reason within {withdrawal} days of delivery: neither declined nor"
    " charged a fee",
    zh="签收后 {withdrawal} 天内买家可无理由退货（撤回权），不得拒绝或收费",
    source="Directive 2011/83/EU; e-com.wiki; kiroptera.com (facts L052)",
    as_of="2014-06-13",
    review_by="2027-06-30",
    confidence="secondary",
    reads=("age",),
    numbers=WITHDRAWAL,
)
def withdrawal(b: Block, o: Option) -> Flags:
    if (o.resolution != "decline_request" and "charges_buyer" not in o.spec.tags) or not b.market.has(
        "withdrawal.days"
    ):
        return False
    return lasts(b, "withdrawal")


@rule(
    "law.free_of_charge",
    en="remedies under the legal guarantee cost the buyer nothing",
    zh="法定保证下的维修、换新和退货不得向买家收费",
    source=EU_DIRECTIVE
    + " (facts L045 L049); Consumer Rights Act 2015 s.20 and 23 (facts L061); Australia (facts L066):"
    " general knowledge",
    as_of="2022-01-01",
    review_by="2027-06-30",
    confidence="official",
    issues=LACKING_CONFORMITY,
    reads=("age",),
    numbers={**GUARANTEE, "region": "{market}.region"},
)
def free_of_charge(b: Block, o: Option) -> Flags:
    if "charges_buyer" not in o.spec.tags or not (_repair_first(b) or b.market.region == "AU"):
        return False
    return lasts(b, "guarantee")


@rule(
    "law.paid_reviews_us",
    en="the US bars rewards for reviews of a given tone",
    zh="美国禁止以报酬换取指定倾向的评价",
    source="not looked up: FTC rule on fake reviews and testimonials, 16 CFR 465, in force 2024-10-21,"
    " general knowledge",
    valid_from="2024-10-21",
    issues=REVIEW_ISSUES,
    numbers={"region": "{market}.region"},
    **NOT_LOOKED_UP,
)
def paid_reviews_us(b: Block, o: Option) -> Flags:
    return _paid_review(b, o, "US")


@rule(
    "law.paid_reviews_eu",
    en="the EU bars bought or manipulated reviews",
    zh="欧盟禁止购买或操纵评价",
    source="not looked up: Directive (EU) 2019/2161, annex of the unfair practices directive, from"
    " 2022-05-28, general knowledge",
    valid_from="2022-05-28",
    issues=REVIEW_ISSUES,
    numbers={"region": "{market}.region"},
    **NOT_LOOKED_UP,
)
def paid_reviews_eu(b: Block, o: Option) -> Flags:
    return _paid_review(b, o, "EU")


@rule(
    "law.paid_reviews_gb",
    en="the United Kingdom bars reviews that hide a reward",
    zh="英国禁止隐瞒报酬的评价",
    source="not looked up: Digital Markets, Competition and Consumers Act 2024, from 2025-04-06, general"
    " knowledge",
    valid_from="2025-04-06",
    issues=REVIEW_ISSUES,
    numbers={"region": "{market}.region"},
    **NOT_LOOKED_UP,
)
def paid_reviews_gb(b: Block, o: Option) -> Flags:
    return _paid_review(b, o, "GB")


@rule(
    "law.destruction_ban",
    en="in France goods that can be sold again may not be destroyed",
    zh="法国禁止弃置、销毁仍可销售的商品",
    source="not looked up: AGEC act, Code de l'environnement art. L541-15-8, from 2022-01-01 for goods such"
    " as electronics, general knowledge",
    valid_from="2022-01-01",
    markets=("FR",),
    reads=("condition", "safety"),
    **NOT_LOOKED_UP,
)
def destruction_ban(b: Block, o: Option) -> Flags:
    if "dispose" not in (o.resolution, o.disposition):
        return False
    as_new = True if b.cell.issue in NOTHING_WRONG else b.cases.condition == SELLABLE
    return as_new & ~b.cases.safety


@rule(
    "law.out_of_proportion",
    en="until the legal guarantee ends: the buyer's choice of repair or replacement may be declined only"
    " where it costs out of all proportion to the other",
    zh="法定保证期内：仅当所选的维修或换新费用明显不成比例时，方可拒绝买家的选择",
    source=EU_DIRECTIVE + " (facts L047); costs are compared case by case, so nothing is refused for it",
    as_of="2022-01-01",
    review_by="2027-06-30",
    confidence="official",
    effect="deadline",
    issues=DEFECTS,
    reads=("age",),
    numbers=GUARANTEE,
)
def out_of_proportion(b: Block, o: Option) -> Flags:
    return lasts(b, "guarantee") if _repair_first(b) else False
