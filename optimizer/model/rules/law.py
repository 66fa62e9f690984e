"""What the law of the market demands."""
from __future__ import annotations

import numpy as np

from optimizer.model.declare import Rule
from optimizer.model.entitlement import chosen_by_buyer, entitled
from optimizer.model.measures import days
from optimizer.model.resolutions import RESOLUTION

DEFECTS = ("quality_defect", "warranty_claim")
EU_DIRECTIVE = "Directive (EU) 2019/771 art. 13 and 14, EUR-Lex 32019L0771"


def _repair_first(b) -> bool:
    return bool(b.market.number("guarantee.repair_first", 0.0))


def _within_guarantee(b):
    return b.cases.age_days <= b.market.number("guarantee.months") * 30.4375


def _unreasonable_time(b, o):
    if not _repair_first(b) or o.spec.remedy != "repair":
        return False
    return _within_guarantee(b) & (days(b, o) > b.number("service.reasonable_days"))


def _return_below_first_remedy(b, o):
    if not _repair_first(b) or o.spec.remedy != "return_refund":
        return False
    return _within_guarantee(b) & ~entitled(b, "return_refund") & chosen_by_buyer(b)


def _fallback_is_an_offer(b, o):
    """A fallback must bind: either nobody is asked, or the buyer is entitled to it, or it is a full refund."""
    if not o.fallback:
        return False
    spec = RESOLUTION[o.fallback]
    if not spec.asks or spec.remedy == "refund":
        return False
    return ~entitled(b, spec.remedy)


ALL = (
    Rule("law.reasonable_time", "law", "a guarantee repair must be done within a reasonable time, here {reasonable} days",
         "法定保证下的维修须在合理时间内完成(此处为 {reasonable} 天)", EU_DIRECTIVE, "2022-01-01", "2027-06-30", "official",
         _unreasonable_time, issues=DEFECTS, reads=("age",), numbers=("service.reasonable_days", "{market}.guarantee.months", "{market}.guarantee.repair_first")),
    Rule("law.first_remedy", "law", "repair or replacement comes first under the legal guarantee; a refund against return follows only when they fail",
         "法定保证下须先维修或更换,失败后才可退货退款", EU_DIRECTIVE, "2022-01-01", "2027-06-30", "official",
         _return_below_first_remedy, issues=DEFECTS, reads=("age",), numbers=("{market}.guarantee.months", "{market}.guarantee.repair_first")),
    Rule("law.fallback_must_bind", "law", "what follows a refusal must be something the buyer is entitled to",
         "买家拒绝后的方案必须是其有权获得的", "Directive (EU) 2019/771 art. 13; sellercentral.amazon.co.uk help G201468550",
         "2022-01-01", "2027-06-30", "secondary", _fallback_is_an_offer, reads=("age",)),
)
