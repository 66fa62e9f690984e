"""What the terminal shows of a run, and how money is written."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING

from optimizer.domain.names import UNITS_BEHIND_A_NUMBER
from optimizer.i18n import Titles, translator
from optimizer.model.lines import BY_KEY
from optimizer.model.resolutions import RESOLUTION
from optimizer.phrases import say_again
from optimizer.report.limits import limit_lines, proof_words

if TYPE_CHECKING:
    from optimizer.inputs.scenario import Scenario
    from optimizer.report.run import Run


LABEL = 22  # columns that the labels of the summary take


def money(amount: float, currency: str = "") -> str:
    """Two decimals, thousands separated, negatives in brackets."""
    text = f"({-amount:,.2f})" if round(amount, 2) < 0 else f"{abs(amount):,.2f}"
    return f"{text} {currency}".rstrip()


def resolution_title(key: str, lang: str) -> str:
    """Title of a resolution, also of the two that stand for others' decisions."""
    t = translator(lang)
    if key in RESOLUTION:
        return getattr(RESOLUTION[key], lang)
    return {"platform_decides": t("the platform decides"), "buyer_decides": t("the buyer decides")}.get(
        key, key
    )


def option_title(
    titles: Titles,
    resolution: str,
    provider: str = "",
    disposition: str = "",
    offer: str = "",
    fallback: str = "",
    currency: str = "",
) -> str:
    """An option as a person says it: resolution, provider, disposition, offer, fallback."""
    t, lang = translator(titles.lang), titles.lang
    parts = [resolution_title(resolution, lang)]
    if offer:
        parts.append(
            t("{share} of the price back").format(share=offer)
            if offer.endswith("%")
            else t("{amount} back").format(amount=f"{offer} {currency}".strip())
        )
    if provider:
        parts.append(titles.provider(provider))
    if disposition:
        parts.append(
            {
                "rescue": t("sent back to a local address"),
                "abandon": t("abandoned"),
                "by_phone": t("by phone"),
                "by_message": t("by message"),
            }.get(disposition)
            or resolution_title(disposition, lang)
        )
    text = t(", ").join(parts)
    return (
        t("{option}; if refused or without success: {fallback}").format(
            option=text, fallback=resolution_title(fallback, lang)
        )
        if fallback
        else text
    )


def line_title(key: str, lang: str) -> str:
    return getattr(BY_KEY[key], lang)


def unit_title(unit: str, lang: str) -> str:
    """A unit behind a number, as it is said in a sentence."""
    return unit if lang == "en" else UNITS_BEHIND_A_NUMBER.get(unit, f" {unit} ")


def trail_lines(scenario: Scenario, lang: str = "en") -> list[str]:
    """What the scenario changed, one sentence per change."""
    t = translator(lang)
    return [
        t("{key}: {old} -> {new} ({layer}: {because})").format(
            key=c.key,
            old=_plain(c.old, t),
            new=_plain(c.new, t),
            layer=say_again(c.layer, t),
            because=say_again(c.because, t),
        )
        for c in scenario.trail
    ]


def _plain(value: float | str, t: Callable[[str], str]) -> str:
    return str(say_again(value, t)) if isinstance(value, str) else f"{value:g}"


def summary_text(run: Run, lang: str = "en") -> str:
    """The answer of a run in some twenty lines."""
    t, s, c = translator(lang), run.summary, run.currency
    own = s["controllable"]
    saving = own["current_cost"] - own["cost"]
    share = (
        t(" ({share:.1%})").format(share=saving / own["current_cost"])
        if 0 < saving <= own["current_cost"]
        else ""
    )  # no share of next to nothing
    basis = (
        t("as recorded")
        if s["current_basis"] == "actual"
        else t(
            "priced for the recorded resolution in {share:.0%} of the cases, else for the assumed habit"
        ).format(share=s["current_recorded_share"])
    )
    title = run.scenario.title.get(lang, run.scenario.title.get("en", ""))
    rows = [
        t("{name}: {title}").format(name=run.scenario.name, title=title) if title else run.scenario.name,
        *(f"  {line}" for line in trail_lines(run.scenario, lang)),
        "",
        t("{decided:,} of {cases:,} cases decided, {undecided:,} without an acceptable way out").format(
            decided=s["decided"], cases=s["cases"], undecided=len(s["undecided"])
        ),
        _labelled(
            t("Total cost"),
            t("{total} (cash {cash}, risk {risk})").format(
                total=money(s["total_cost"], c), cash=money(s["cash_cost"]), risk=money(s["risk_cost"])
            ),
        ),
        *_fixed_lines(run, lang),
        _labelled(
            t("Current practice"),
            t("{current} ({basis})").format(current=money(s["current_cost"], c), basis=basis),
        ),
        _labelled(
            t("Cases you decide"),
            t("{cases:,}: {cost} against {current} today, saving {saving}").format(
                cases=own["cases"],
                cost=money(own["cost"], c),
                current=money(own["current_cost"]),
                saving=money(saving),
            )
            + share,
        ),
        _labelled(
            t("Policy table"),
            t("{rows} rows, {extra} dearer than deciding case by case").format(
                rows=s["policy_rows"], extra=money(s["policy_extra_cost"], c)
            ),
        ),
        *(f"  {say_again(note, t)}" for note in run.table.notes),
        _labelled(t("Proof"), proof_words(run, lang)),
        *_limit_lines(run, lang),
        _labelled(
            t("Rests on estimates"),
            t(
                "{share:.0%} of the money; without risk lines {risky:,} cases would be decided otherwise"
            ).format(share=s["estimate_share"], risky=s["decided_by_risk"]),
        ),
        *_behind_lines(run, lang),
        "",
        t("Most frequent ways out"),
    ]
    for r in sorted(s["by_resolution"], key=lambda r: -r["cases"])[:10]:
        rows.append(f"  {r['cases']:>8,}  {money(r['cost']):>16}  {resolution_title(r['resolution'], lang)}")
    if s["undecided"]:
        rows += ["", t("Without an acceptable way out:")]
        rows += [f"  {u['case_id']}: {', '.join(u['reasons'])}" for u in s["undecided"][:5]]
    return "\n".join(rows)


def padded(text: str, width: int) -> str:
    """Text filled up with blanks to so many columns of a terminal, where a Chinese character takes two."""
    return text + " " * (width - sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text))


def _labelled(label: str, text: str) -> str:
    return padded(label, LABEL) + text


def _fixed_lines(run: Run, lang: str) -> list[str]:
    """What the plan of the repair network costs beside the cases; nothing where there is no plan."""
    if run.on_plan is None:
        return []
    t = translator(lang)
    return [
        _labelled(
            t("Network, fixed"),
            t("{cost} for {months}, paid whatever is decided and in no case").format(
                cost=money(run.on_plan.fixed_cost, run.currency), months=", ".join(run.on_plan.months)
            ),
        )
    ]


def _limit_lines(run: Run, lang: str) -> list[str]:
    """Limits in force, the first line behind its label; nothing without limits."""
    lines = limit_lines(run, lang)
    return [_labelled(translator(lang)("Limits"), lines[0]), *lines[1:]] if lines else []


def _behind_lines(run: Run, lang: str) -> list[str]:
    """What lies behind the cases: the dearest causes, what better quality saves, money that others owe."""
    t, s, c, titles = translator(lang), run.summary, run.currency, Titles(run.scenario, lang)
    causes, saving, rights = s["root_causes"]["by_cause"], s["quality"]["saving_per_point"], s["claim_rights"]
    dearest = (", " if lang == "en" else "、").join(
        f"{titles.cause(r['cause'])} {money(r['cost'])}" for r in causes[:3]
    )
    best = s["quality"]["by_class"][0]["product_class"] if s["quality"]["by_class"] else ""
    return [
        *([_labelled(t("Root causes"), dearest)] if causes else []),
        _labelled(
            t("Better quality"),
            (
                t("no orders in the months of the cases, so a point less failure has no value yet")
                if saving is None
                else t("one point less failure saves {saving}, most in {best}").format(
                    saving=money(saving, c), best=titles.product_class(best)
                )
            ),
        ),
        _labelled(
            t("Money from others"),
            t("{kept} kept, {given_up} given up in {cases:,} cases").format(
                kept=money(rights["kept"], c),
                given_up=money(rights["given_up"]),
                cases=rights["cases_given_up"],
            ),
        ),
    ]
