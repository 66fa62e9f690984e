"""Why an option is refused: every rule, family by family, in the order of its file."""

from __future__ import annotations

from optimizer.domain.assumption import Assumption
from optimizer.model.declare import MARKET, Rule, names_in
from optimizer.model.rules import customer, law, own, physical, platform, provider, safety, service, state
from optimizer.model.world import World

_FILES = (state, platform, law, physical, provider, service, customer, safety, own)
FAMILIES = tuple(file.__name__.rpartition(".")[2] for file in _FILES)
RULES: tuple[Rule, ...] = tuple(
    found
    for file in _FILES
    for found in vars(file).values()
    if isinstance(found, Rule) and found.refuses.__module__ == file.__name__
)
RULE: dict[str, Rule] = {r.id: r for r in RULES}
# How a sentence prints a number, by its unit; what is counted is named in the sentence.
_PLAIN = "{value:g}"
PRINTED = {
    "amount": "{value:g} {currency}",
    "USD": "{value:g} USD",
    "share": "{percent:g}%",
    **dict.fromkeys(("days", "months", "count", "factor", "score"), _PLAIN),
    **{unit: f"{{value:g}} {unit}" for unit in ("kg", "cm")},
    **dict.fromkeys(("text", "date"), "{value}"),
}
LACKING = "-"  # printed where the market has no such number


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
    return template.format_map(dict.fromkeys(names_in(template), "…"))


def sentence(rule: Rule, world: World, market: str, lang: str) -> str:
    """The rule's sentence with the numbers it declares filled in as they stand for a market."""
    template = rule.en if lang == "en" else rule.zh
    return template.format_map(
        {name: _printed(world, market, rule.numbers[name]) for name in names_in(template)}
    )


def _printed(world: World, market: str, key: str) -> str:
    """A number as its unit is printed, or a dash where the market lacks it."""
    key = key.replace(MARKET, market)
    if key not in world.book:
        return LACKING
    a, currency = world.book[key], world.markets[market].currency
    percent = 0.0 if a.is_text else 100.0 * float(a.value)
    return PRINTED.get(a.unit, _PLAIN).format(value=a.value, percent=percent, currency=currency)
