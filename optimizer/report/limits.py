"""Shared limits of a run as a reader sees them: use, amount, price of one more unit, cases they change,
and the sentence an analyst would say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.domain.shared_limit import SharedLimit
from optimizer.i18n import Titles, Translate, translator
from optimizer.model.pricing import PricedBlock
from optimizer.phrases import say_again
from optimizer.solve.clash_in_words import amount_text, limit_title, quantity
from optimizer.solve.decide import Plan

if TYPE_CHECKING:
    from optimizer.report.run import Run

WORTH_SAYING = 5e-7  # money per unit below which a price is rounding
SHOWN = 12  # groups that the summary names


class LimitRow(NamedTuple):
    """One group of one limit; `changed` cases are decided otherwise than without limits and use less of
    this group."""

    limit: SharedLimit
    group: str
    used: float
    amount: float
    shadow_price: float
    changed: int
    because: str
    averaged: int = 1  # as in Group

    @property
    def utilisation(self) -> float:
        """Share of the amount that is used; 0 where the amount is 0 and nothing is used."""
        return self.used / self.amount if self.amount else 0.0

    @property
    def binds(self) -> bool:
        return self.shadow_price > WORTH_SAYING


def limit_rows(run: Run) -> list[LimitRow]:
    """Every group of every limit in force, in the order of the scenario."""
    if run.limits is None:
        return []
    found = []
    for limit in run.shared_limits:
        changed = cases_that_give_way(run.blocks, limit, run.limits.free, run.plan)
        used, price = run.limits.used[limit.name], run.limits.shadow_price[limit.name]
        found += [
            LimitRow(
                limit,
                g.label,
                round(float(used[i]), 6) + 0.0,
                float(g.amount),
                round(float(price[i]), 6) + 0.0,
                int(changed[i]),
                g.because,
                g.averaged,
            )
            for i, g in enumerate(limit.groups)
        ]
    return found


def cases_that_give_way(
    blocks: Sequence[PricedBlock], limit: SharedLimit, free: Plan, plan: Plan
) -> np.ndarray:
    """Cases per group that would use more of it without limits than they do.   (groups,)"""
    found = np.zeros(len(limit.groups), np.int64)
    for b, use in zip(blocks, limit.uses):
        if use is None:
            continue
        usage, group = (np.broadcast_to(a, b.total.shape) for a in use)
        at = np.flatnonzero(free.choice[b.rows] != plan.choice[b.rows])
        before, after = free.choice[b.rows[at]], plan.choice[b.rows[at]]
        own = group[at, before]
        still = np.where(group[at, after] == own, usage[at, after], 0.0)
        gives_way = (own >= 0) & (usage[at, before] > still)
        found += np.bincount(own[gives_way], minlength=len(found))
    return found


def summary_of_limits(run: Run) -> dict[str, object]:
    """The keys of summary.json that speak of limits; without limits only the empty list."""
    if run.limits is None:
        return {"limits": []}
    rows = [
        {
            "name": r.limit.name,
            "family": r.limit.family,
            "group": r.group,
            "used": r.used,
            "limit": r.amount,
            "unit": r.limit.unit,
            "utilisation": round(r.utilisation, 6),
            "shadow_price": r.shadow_price,
            "changed_cases": r.changed,
            "because": str(r.because),
        }
        for r in limit_rows(run)
    ]
    changed = run.limits.free.choice != run.plan.choice
    return {"limits": rows, "limits_cost": run.limits.limits_cost, "limits_changed_cases": int(changed.sum())}


def under_the_table(run: Run) -> list[dict[str, float]]:
    """What each group uses when the policy table is followed, and how much of it lies above the amount, in
    the order of limit_rows."""
    none = [np.zeros(len(limit.groups)) for limit in run.shared_limits]
    used = np.concatenate(
        [np.zeros(0), *(run.table.used.get(limit.name, zero) for limit, zero in zip(run.shared_limits, none))]
    )
    excess = np.concatenate(
        [
            np.zeros(0),
            *(run.table.excess.get(limit.name, zero) for limit, zero in zip(run.shared_limits, none)),
        ]
    )
    return [
        {"policy_used": round(float(u), 6) + 0.0, "policy_excess": round(float(e), 6) + 0.0}
        for u, e in zip(used, excess)
    ]


# ---------------------------------------------------------------- in words
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


def defect_money_remark(run: Run, t: Translate) -> str | None:
    """Why totals under a limit on order defects do not compare with totals without one; None where there
    is no such limit."""
    if not any(limit.family == "order_defects" for limit in run.shared_limits):
        return None
    return t(
        "Where order defects are limited, the price of that limit stands in place of the assumed money of a"
        " defect, which is left out of the cost: do not compare the total with one without that limit."
    )


def remarks(run: Run, t: Translate) -> list[str]:
    """What a reader of limits has to know about their prices and the total."""
    return [relaxed_remark(t), *filter(None, [defect_money_remark(run, t)])]


def limit_lines(run: Run, lang: str) -> list[str]:
    """The paragraph of the summary: what limits cost and change, then the groups, those that bind first."""
    if run.limits is None:
        return []
    t, titles, rows = translator(lang), Titles(run.scenario, lang), limit_rows(run)
    binding = [r for r in rows if r.binds]
    s = summary_of_limits(run)
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
    for r in ordered[:SHOWN]:
        lines.append(
            "  "
            + t("{limit}, {group}: {use}; {sentence}").format(
                limit=limit_words(r.limit, titles),
                group=group_words(r.limit, r.group, titles),
                use=use_words(r, t),
                sentence=short_sentence(r, t, run.currency),
            )
        )
    if len(ordered) > SHOWN:
        lines.append("  " + t("and {more:,} more").format(more=len(ordered) - SHOWN))
    return [*lines, *("  " + remark for remark in remarks(run, t)[0 if binding else 1 :])]


def proof_words(run: Run, lang: str) -> str:
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


def stopped_early(run: Run, lang: str) -> str:
    """What a caller is told whose time ended before the gap was closed."""
    t, s = translator(lang), run.figures
    share = s["gap_money"] / max(1.0, abs(s["bound"]))
    return t(
        "stopped by --seconds; gap left: {gap:,.2f} {currency} ({share:.4%}), bound {bound:,.2f}"
    ).format(gap=s["gap_money"], currency=run.currency, share=share, bound=s["bound"])
