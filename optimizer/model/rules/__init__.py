"""Why an option is refused: every rule, family by family. To add one, write it in the file of its family."""

from __future__ import annotations

import re

from optimizer.domain.assumption import Assumption
from optimizer.model.declare import Rule
from optimizer.model.rules import customer, law, own, physical, platform, provider, safety, service, state

RULES: tuple[Rule, ...] = (
    *state.ALL,
    *platform.ALL,
    *law.ALL,
    *physical.ALL,
    *provider.ALL,
    *service.ALL,
    *customer.ALL,
    *safety.ALL,
    *own.ALL,
)
RULE: dict[str, Rule] = {r.id: r for r in RULES}
FAMILIES = ("state", "platform", "law", "physical", "provider", "service", "customer", "safety", "own")


def rule_switches() -> list[Assumption]:
    """One switch per rule, rule.<id>.on, with the source of the rule itself."""
    return [
        Assumption(
            f"rule.{r.id}.on",
            1.0,
            "flag",
            (1.0, 1.0),
            (0.0, 1.0),
            r.source,
            r.as_of,
            r.review_by,
            r.confidence,
            f"rule in force: {_without_numbers(r.en)}",
            f"规则生效：{_without_numbers(r.zh)}",
            r.refuses.__module__,
        )
        for r in RULES
    ]


def _without_numbers(template: str) -> str:
    """A rule's sentence where no market is meant: its numbers differ from market to market."""
    return re.sub(r"\{\w+\}", "…", template)


def sentence(rule: Rule, world, market: str, lang: str) -> str:
    """The rule's sentence with the market's own numbers filled in."""
    m, b = world.markets[market], world.book

    def amount(key: str) -> str:
        return f"{m.number(key):g} {m.currency}" if m.has(key) else "-"

    def days(key: str) -> str:
        return f"{m.number(key):g}" if m.has(key) else "-"

    facts = {
        "withdrawal": days("withdrawal.days"),
        "respond": days("returns_response_days"),
        "safet": days("safet.days"),
        "claim": f"{b.number('claim.window_days'):g}",
        "removal": f"{b.number('feedback.removal_days'):g}",
        "floor": amount("returnless_floor.amount"),
        "cap": amount("fba_returnless_cap.amount"),
        "longest": f"{b.number('service.longest_days'):g}",
        "reasonable": f"{b.number('service.reasonable_days'):g}",
        "claims": f"{b.number('customer.claims_without_return'):g}",
        "largest": f"{b.number('own.largest_keep_refund'):g} USD",
    }
    return (rule.en if lang == "en" else rule.zh).format(**facts)
