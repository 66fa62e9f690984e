"""How long a buyer may be kept waiting."""
from __future__ import annotations

from optimizer.model.declare import Rule
from optimizer.model.measures import days


def _too_slow(b, o):
    return days(b, o) > b.number("service.longest_days") if o.spec.asks else False


def _answer_in_time(b, o):
    return False


ALL = (
    Rule("service.too_slow", "service", "takes longer than the {longest} days that support may promise", "超过可承诺的 {longest} 天",
         "own service level; assumption service.longest_days", "2026-11-22", "2027-11-22", "my-estimate", _too_slow,
         reads=("class",), numbers=("service.longest_days",)),
    Rule("service.answer_claim_48h", "service", "answer Amazon's question within 48 hours, or the claim is granted", "须在 48 小时内答复亚马逊,否则索赔将被批准",
         "Amazon A-to-z help 1781", "2026-11-01", "2027-06-30", "official", _answer_in_time, effect="deadline",
         issues=("a_to_z_claim",), channels=("merchant", "warehouse"), platforms=("amazon",), valid_from="2020-01-01"),
    Rule("service.answer_claim_3_days", "service", "reach the buyer within 2 to 3 days, then represent the claim", "2–3 天内联系买家,之后向亚马逊申诉",
         "source text of the product, older practice", "2019-01-01", "2027-06-30", "secondary", _answer_in_time, effect="deadline",
         issues=("a_to_z_claim",), channels=("merchant", "warehouse"), platforms=("amazon",), valid_to="2019-12-31"),
    Rule("service.appeal_30_days", "service", "a granted claim may be appealed within 30 days", "索赔被批准后可在 30 天内上诉",
         "Amazon A-to-z help 1781 and G202041210", "2026-11-01", "2027-06-30", "official", _answer_in_time, effect="deadline",
         issues=("a_to_z_claim",), channels=("merchant", "warehouse"), platforms=("amazon",), valid_from="2020-01-01"),
)
