"""What the terminal shows of a run."""

from __future__ import annotations

from optimizer.answer.run import Answer
from optimizer.i18n import Titles, translator
from optimizer.phrases import say_again
from optimizer.report.words.limits import limit_lines, proof_words
from optimizer.report.words.text import money, padded, resolution_title, trail_lines

LABEL = 22  # columns that the labels of the summary take


def summary_text(run: Answer, lang: str = "en") -> str:
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


def _labelled(label: str, text: str) -> str:
    return padded(label, LABEL) + text


def _fixed_lines(run: Answer, lang: str) -> list[str]:
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


def _limit_lines(run: Answer, lang: str) -> list[str]:
    """Limits in force, the first line behind its label; nothing without limits."""
    lines = limit_lines(run, lang)
    return [_labelled(translator(lang)("Limits"), lines[0]), *lines[1:]] if lines else []


def _behind_lines(run: Answer, lang: str) -> list[str]:
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
