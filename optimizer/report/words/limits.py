"""Shared limits of a run as a reader sees them: the sentence an analyst would say of each."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.answer.limits import LimitRow
from optimizer.answer.run import Answer
from optimizer.domain.shared_limit import SharedLimit
from optimizer.i18n import Titles, Translate, translator
from optimizer.phrases import say_again
from optimizer.solve.clash_in_words import amount_text, limit_title, quantity

_SHOWN = 12  # groups that the summary names


def group_words(limit: SharedLimit, label: str, titles: Titles) -> str:
    """A group as a person says it: markets by their names, months as they are; the limit has named its
    provider."""
    return translator(titles.lang)(", ").join(titles.market(part) for part in limit.place(label).split(" "))


def limit_words(limit: SharedLimit, titles: Titles) -> str:
    """A limit as a person says it, its provider by name."""
    t, family = translator(titles.lang), limit_title(limit)
    if not limit.provider:
        return str(say_again(family, t))
    return t("{family} of {provider}").format(
        family=say_again(family.fields["family"], t), provider=titles.provider(limit.provider)
    )


def price_text(price: float, currency: str) -> str:
    """Money per unit: two decimals, up to four below one."""
    text = f"{price:,.2f}" if price >= 1.0 else f"{price:.4f}"
    return f"{text[:-2] if price < 1.0 and text.endswith('00') else text} {currency}"


def sentence(row: LimitRow, titles: Titles, currency: str) -> str:
    """What an analyst would say of a group: what one more unit saves, or how much of it is used."""
    t = translator(titles.lang)
    if not row.binds:
        return t("not binding: {share:.0%} used").format(share=row.utilisation)
    facts = {
        "place": group_words(row.limit, row.group, titles),
        "price": price_text(row.shadow_price, currency),
        "unit": row.limit.unit,
        "provider": titles.provider(row.limit.provider),
    }
    return _saving(row.limit, t).format(**facts)


def _saving(limit: SharedLimit, t: Translate) -> str:
    if limit.family == "provider_capacity":
        return (
            t("one more bench hour at {provider}, {place}, saves {price}")
            if limit.unit == "hours"
            else t("one more unit of capacity at {provider}, {place}, saves {price}")
        )
    by_family = {
        "cash_budget": t("one more {unit} of cash budget, {place}, saves {price}"),
        "order_defects": t("one more order defect allowed, {place}, saves {price}"),
        "stock_on_hand": t("one more unit in stock, {place}, saves {price}"),
        "replacements": t("one more replacement, {place}, saves {price}"),
        "average_days": t("one more day that buyers may wait on average, {place}, saves {price}"),
    }
    return by_family.get(limit.family) or t("one more of {unit}, {place}, saves {price}")


def short_sentence(row: LimitRow, t: Translate, currency: str) -> str:
    """The same where limit and group are named already."""
    if not row.binds:
        return t("not binding: {share:.0%} used").format(share=row.utilisation)
    by_unit = {
        "hours": t("one more hour saves {price}"),
        "units": t("one more unit saves {price}"),
        "orders": t("one more order saves {price}"),
        "days": t("one more day on average saves {price}"),
    }
    one = by_unit.get(row.limit.unit) or t("one more {unit} saves {price}")
    return one.format(unit=row.limit.unit, price=price_text(row.shadow_price, currency))


def use_words(row: LimitRow, t: Translate) -> str:
    """How much of how much is used, with the unit."""
    return t("{used} of {amount}").format(
        used=amount_text(row.limit, row.used), amount=say_again(quantity(row.limit, row.amount), t)
    )


def binding_first(rows: Sequence[LimitRow]) -> list[LimitRow]:
    """Groups that bind, those worth most first; then the others, those used most first."""
    return [
        *sorted((r for r in rows if r.binds), key=lambda r: -r.shadow_price * r.amount),
        *sorted((r for r in rows if not r.binds), key=lambda r: -r.utilisation),
    ]


def relaxed_remark(t: Translate) -> str:
    """What a price of one more unit is, and is not."""
    return t(
        "A price of one more unit is that of the relaxed problem, where a case may be split; whole cases move"
        " the cost in lumps."
    )


def defect_money_remark(run: Answer, t: Translate) -> str | None:
    """Why totals under a limit on order defects do not compare with totals without one; None where there
    is no such limit."""
    if not any(limit.family == "order_defects" for limit in run.shared_limits):
        return None
    return t(
        "Where order defects are limited, the price of that limit stands in place of the assumed money of a"
        " defect, which is left out of the cost: do not compare the total with one without that limit."
    )


def remarks(run: Answer, t: Translate) -> list[str]:
    """What a reader of limits has to know about their prices and the total."""
    return [relaxed_remark(t), *filter(None, [defect_money_remark(run, t)])]


def limit_lines(run: Answer, lang: str) -> list[str]:
    """The paragraph of the summary: what limits cost and change, then the groups, those that bind first."""
    if run.limits is None:
        return []
    t, titles, rows = translator(lang), Titles(run.scenario, lang), run.limit_rows
    binding = [r for r in rows if r.binds]
    s = run.figures
    head = t(
        "{count} in force, {binding} of them bind; they cost {cost:,.2f} {currency} and change {cases:,}"
        " cases"
    ).format(
        count=len(rows),
        binding=len(binding),
        cost=s["limits_cost"],
        currency=run.currency,
        cases=s["limits_changed_cases"],
    )
    ordered = binding_first(rows)
    lines = [head]
    for r in ordered[:_SHOWN]:
        lines.append(
            "  "
            + t("{limit}, {group}: {use}; {sentence}").format(
                limit=limit_words(r.limit, titles),
                group=group_words(r.limit, r.group, titles),
                use=use_words(r, t),
                sentence=short_sentence(r, t, run.currency),
            )
        )
    if len(ordered) > _SHOWN:
        lines.append("  " + t("and {more:,} more").format(more=len(ordered) - _SHOWN))
    return [*lines, *("  " + remark for remark in remarks(run, t)[0 if binding else 1 :])]


def proof_words(run: Answer, lang: str) -> str:
    """How far the answer is proven."""
    t, s = translator(lang), run.figures
    gap = f"{s['gap_money']:.2f} {run.currency}"
    if run.limits is None:
        return t("every case takes its cheapest acceptable option: proven within {gap}").format(gap=gap)
    if s["status"] == "time_limit":
        return t(
            "stopped before the gap was closed: a plan within the limits is cheaper by at most {gap}"
        ).format(gap=gap)
    return t("no acceptable plan within the limits is cheaper by more than {gap}").format(gap=gap)


def stopped_early(run: Answer, lang: str) -> str:
    """What a caller is told whose time ended before the gap was closed."""
    t, s = translator(lang), run.figures
    share = s["gap_money"] / max(1.0, abs(s["bound"]))
    return t(
        "stopped by --seconds; gap left: {gap:,.2f} {currency} ({share:.4%}), bound {bound:,.2f}"
    ).format(gap=s["gap_money"], currency=run.currency, share=share, bound=s["bound"])
