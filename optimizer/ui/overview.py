"""First page: what the after-sales work costs, what it costs today, where the money goes, how far the
answer is proven."""

from __future__ import annotations

import math

import altair as alt
import pandas as pd
import streamlit as st

from optimizer.model.lines import LINE_KEYS, RISK_LINES
from optimizer.model.rules import RULE, sentence
from optimizer.report.run import Run
from optimizer.report.words.text import line_title, money, resolution_title, trail_lines
from optimizer.ui import difference, state

ICON = ":material/dashboard:"
WHAT_IFS = (
    "sealed_returns_only",
    "no_overseas_warehouse",
    "no_us_warehouse",
)  # what moves the total of the sample most
_BLUE, _ORANGE, _GREEN = "#2F6DB5", "#C8651B", "#2E8B57"


def page() -> None:
    """The answer on one screen, then what it is made of."""
    t, answer = state.translate(), state.answer()
    st.title(t("What after-sales work costs"))
    days = answer.cases["case_date"]
    facts = {
        "cases": len(answer.cases),
        "first": f"{days.min():%Y-%m-%d}",
        "last": f"{days.max():%Y-%m-%d}",
        "currency": answer.currency,
    }
    if (mine := state.own()) is None:
        st.caption(
            t("Sample data: {cases:,} cases from {first} to {last}. All money in {currency}.").format(**facts)
        )
    else:
        st.caption(
            t(
                "Your own data ({files}): {cases:,} cases from {first} to {last}. All money in {currency}."
            ).format(files=state.plain(state.files_in_words(mine.files)), **facts)
        )
    _headline(answer)
    if (before := state.reference()) is not None:
        st.subheader(t("What moved"))
        difference.show(before, answer)
    _trail(answer)
    _what_ifs()
    if not answer.figures["decided"]:
        _undecided(answer)
        return
    left, right = st.columns(2)
    with left:
        st.subheader(f"{t('Cost by way out')} ({answer.currency})")
        _by_resolution(answer)
    with right:
        st.subheader(f"{t('Cost by line')} ({answer.currency})")
        _by_line(answer)
    _undecided(answer)


def _headline(answer: Run) -> None:
    t, s, c = state.translate(), answer.figures, answer.currency
    own = s["controllable"]
    saving = own["current_cost"] - own["cost"]
    basis = (
        t("as recorded")
        if s["current_basis"] == "actual"
        else t("{share:.0%} of the cases recorded, the rest assumed").format(
            share=s["current_recorded_share"]
        )
    )
    # Few cases may cost next to nothing today; a share of that says nothing.
    share = saving / own["current_cost"] if own["current_cost"] > 0 else math.inf
    of_today = t("{share:.1%} of their cost today").format(share=share) if abs(share) <= 1 else None
    total, today, saved = st.columns(3)
    card = {"border": True, "height": "stretch"}
    plain = {**card, "delta_color": "off", "delta_arrow": "off"}
    total.metric(
        t("Total cost"),
        money(s["total_cost"], c),
        t("cash {cash}, risk {risk}").format(cash=money(s["cash_cost"]), risk=money(s["risk_cost"])),
        **plain,
    )
    today.metric(t("Current practice"), money(s["current_cost"], c), basis, **plain)
    saved.metric(
        t("Saving on the cases you decide"),
        money(saving, c),
        of_today,
        **plain,
        help=t("{cases:,} cases: {cost} against {current} today").format(
            cases=own["cases"], cost=money(own["cost"], c), current=money(own["current_cost"], c)
        ),
    )
    proof, open_cases, estimates, cause = st.columns([3, 3, 3, 4])
    proof.metric(
        t("Proven within"),
        f"{s['gap_money']:.2f} {c}",
        **card,
        help=(
            t("no acceptable plan is cheaper by more than this")
            if answer.limits is None
            else t("no acceptable plan within the limits is cheaper by more than this")
        ),
    )
    open_cases.metric(
        t("Undecided"), f"{len(s['undecided']):,}", **card, help=t("cases without an acceptable way out")
    )
    estimates.metric(
        t("Rests on estimates"),
        f"{s['estimate_share']:.0%}",
        **card,
        help=t("share of the money whose figures are estimates of our own"),
    )
    dearest = next(iter(s["root_causes"]["by_cause"]), None)
    cause.metric(
        t("Dearest cause"),
        state.titles().cause(dearest["cause"]) if dearest else "-",
        **card,
        help=(
            t("{cost} in {cases:,} cases").format(cost=money(dearest["cost"], c), cases=dearest["cases"])
            if dearest
            else None
        ),
    )


def _trail(answer: Run) -> None:
    t, sentences = state.translate(), trail_lines(answer.scenario, state.language())
    if sentences:
        with st.expander(t("What the scenario changes"), expanded=len(sentences) <= 5):
            for line in sentences:
                st.text(line)


def _what_ifs() -> None:
    """Suggestions for a first look; each is a scenario of the list at the left."""
    t = state.translate()
    others = [
        n for n in (*WHAT_IFS, state.BASE) if n != state.scenario_name() and n in state.scenario_names()
    ][: len(WHAT_IFS)]
    st.subheader(t("What if"))
    for column, name in zip(st.columns(len(WHAT_IFS)), others):
        column.button(
            state.title_of(name),
            on_click=state.choose_scenario,
            args=(name,),
            key=f"what_if_{name}",
            width="stretch",
        )


def _bars(frame: pd.DataFrame, kinds: dict[str, str], description: str) -> alt.Chart:
    """Horizontal bars with their amounts, dearest first; `kinds` maps the meaning of a colour to the
    colour."""
    t, order = state.translate(), frame["name"].tolist()
    y = alt.Y(
        "name:N",
        sort=order,
        title=None,
        axis=alt.Axis(labelLimit=300, labelOverlap=False, ticks=False, domain=False),
    )
    x = alt.X(
        "cost:Q",
        title=None,
        axis=alt.Axis(format=",.0f", tickCount=4, labelBound=True),
        scale=alt.Scale(padding=70, nice=False),
    )
    color = alt.Color(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=list(kinds), range=list(kinds.values())),
        legend=alt.Legend(orient="top"),
    )
    tips = [alt.Tooltip("name:N", title=t("name")), alt.Tooltip("text:N", title=t("cost"))]
    tips += [alt.Tooltip("cases:Q", title=t("cases"), format=",")] if "cases" in frame else []
    bars = alt.Chart(frame).mark_bar().encode(y=y, x=x, color=color, tooltip=tips)
    beside = [
        alt.Chart(part).mark_text(align=align, dx=dx).encode(y=y, x=x, text="text:N")
        for part, align, dx in (
            (frame[frame["cost"] >= 0], "left", 4),
            (frame[frame["cost"] < 0], "right", -4),
        )
        if len(part)
    ]
    return alt.layer(bars, *beside).properties(height=alt.Step(22), description=description)


def _by_resolution(answer: Run) -> None:
    t, lang = state.translate(), state.language()
    frame = pd.DataFrame(answer.figures["by_resolution"]).sort_values("cost", ascending=False)
    frame["name"] = [resolution_title(r, lang) for r in frame["resolution"]]
    frame["text"] = [money(c) for c in frame["cost"]]
    frame["kind"] = [t("cost") if c >= 0 else t("recovered") for c in frame["cost"]]
    st.altair_chart(
        _bars(frame, {t("cost"): _BLUE, t("recovered"): _GREEN}, t("Cost by way out")), width="stretch"
    )
    with st.expander(t("as a table")):
        _money_table(
            frame[["name", "cases", "cost"]],
            {"name": t("way out"), "cases": t("cases"), "cost": f"{t('cost')} ({answer.currency})"},
        )


def _by_line(answer: Run) -> None:
    t, lang, lines = state.translate(), state.language(), answer.figures["lines"]
    used = sorted((k for k in LINE_KEYS if lines[k]), key=lambda k: -lines[k])
    kinds = {True: t("risk"), False: t("cash")}
    frame = pd.DataFrame(
        {
            "name": [line_title(k, lang) for k in used],
            "cost": [lines[k] for k in used],
            "kind": [kinds[k in RISK_LINES] for k in used],
        }
    )
    frame["text"] = [money(c) for c in frame["cost"]]
    st.altair_chart(_bars(frame, {t("cash"): _BLUE, t("risk"): _ORANGE}, t("Cost by line")), width="stretch")
    with st.expander(t("as a table")):
        _money_table(
            frame[["name", "kind", "cost"]],
            {"name": t("cost line"), "kind": t("kind"), "cost": f"{t('cost')} ({answer.currency})"},
        )


def _money_table(frame: pd.DataFrame, headers: dict[str, str]) -> None:
    st.dataframe(
        frame,
        hide_index=True,
        width="stretch",
        height="content",
        column_config={
            **{k: v for k, v in headers.items() if k != "cost"},
            "cost": st.column_config.NumberColumn(headers["cost"], format="accounting"),
        },
    )


def _undecided(answer: Run) -> None:
    """Cases without an acceptable way out, each with the sentences of the rules that stand in the way."""
    t, found = state.translate(), answer.figures["undecided"]
    if not found:
        return
    st.subheader(t("Without an acceptable way out"))
    market = dict(zip(answer.cases["case_id"].astype(str), answer.cases["market"].astype(str)))
    rows = [
        {
            t("case"): u["case_id"],
            t("reasons"): "; ".join(
                (
                    sentence(RULE[r], answer.engine.world, market[u["case_id"]], state.language())
                    if r in RULE
                    else r
                )
                for r in u["reasons"]
            ),
        }
        for u in found
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")
