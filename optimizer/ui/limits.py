"""The limits that cases share: how much of each is used, what one more unit saves, and what another amount
would change."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from optimizer.phrases import say_again
from optimizer.report.run import Run
from optimizer.report.words.limits import (
    LimitRow,
    binding_first,
    group_words,
    limit_words,
    remarks,
    sentence,
)
from optimizer.report.words.text import money
from optimizer.solve.clash_in_words import unit_of
from optimizer.ui import difference, state

ICON = ":material/production_quantity_limits:"


def page() -> None:
    """What the limits cost, each of them with its use, and amounts to try."""
    t, answer = state.translate(), state.answer()
    st.title(t("Limits that cases share"))
    if answer.limits is None:
        st.info(
            t(
                "This scenario has no limits: every case takes its cheapest acceptable way out. Limits stand"
                " in a scenario file, see docs/limits.md."
            ),
            icon=":material/info:",
        )
        return
    _cost(answer)
    rows = binding_first(answer.limit_rows)
    st.caption(t("Type over an amount and press Apply: every case is decided again."))
    edited = _table(rows, answer)
    drafts = _drafts(rows, edited)
    st.button(
        t("Apply"),
        type="primary",
        key="apply_amounts",
        disabled=not drafts,
        on_click=state.amounts().update,
        args=(drafts,),
    )
    for remark in remarks(answer, t):
        st.caption(remark)
    if state.amounts() and (before := state.reference()) is not None:
        st.subheader(t("What moved"))
        difference.show(before, answer)
        st.caption(t("The same numbers from the command line:"))
        st.code(
            " ".join(
                [
                    "python -m optimizer run",
                    state.scenario_name(),
                    *state.own_files(),
                    *(f"--set {s}" for s in state.settings()),
                ]
            ),
            language="bash",
        )


def _cost(answer: Run) -> None:
    t, s, c = state.translate(), answer.figures, answer.currency
    plain = {"border": True, "height": "stretch", "delta_color": "off", "delta_arrow": "off"}
    cost, changed, proof = st.columns(3)
    cost.metric(
        t("The limits cost"),
        money(s["limits_cost"], c),
        t("total {total}").format(total=money(s["total_cost"], c)),
        **plain,
    )
    changed.metric(
        t("Cases decided otherwise"),
        f"{s['limits_changed_cases']:,}",
        t("of {cases:,} cases").format(cases=s["decided"]),
        **plain,
    )
    proof.metric(
        t("Proven within"),
        f"{s['gap_money']:.2f} {c}",
        help=t("no acceptable plan within the limits is cheaper by more than this"),
        **plain,
    )


def _table(rows: list[LimitRow], answer: Run) -> pd.DataFrame:
    """The limits with their amounts, which may be typed over where the scenario says them in numbers."""
    t, titles = state.translate(), state.titles()
    frame = pd.DataFrame(
        {
            "limit": [limit_words(r.limit, titles) for r in rows],
            "group": [group_words(r.limit, r.group, titles) for r in rows],
            "amount": [r.amount for r in rows],
            "used": [r.used for r in rows],
            "unit": [str(say_again(unit_of(r.limit), t)) for r in rows],
            "share": [r.utilisation for r in rows],
            "price": [r.shadow_price for r in rows],
            "cases": [r.changed for r in rows],
            "sentence": [sentence(r, titles, answer.currency) for r in rows],
            "because": [str(say_again(r.because, t)) for r in rows],
        }
    )
    config = st.column_config
    headers = {
        "limit": config.TextColumn(t("limit")),
        "group": config.TextColumn(t("group")),
        "amount": config.NumberColumn(t("amount"), min_value=0.0),
        "used": config.NumberColumn(t("used"), format="%.2f"),
        "unit": t("unit"),
        "share": config.ProgressColumn(t("share used"), format="percent", min_value=0.0, max_value=1.0),
        "price": config.NumberColumn(
            t("one more unit saves ({currency})").format(currency=answer.currency), format="%.4f"
        ),
        "cases": config.NumberColumn(t("cases that give way"), format="%d"),
        "sentence": config.TextColumn(t("in words"), width="large"),
        "because": config.TextColumn(t("because"), width="large"),
    }
    key = "amounts:" + state.fingerprint([f"{r.limit.name} {r.group}" for r in rows])
    return st.data_editor(
        frame,
        key=key,
        hide_index=True,
        width="stretch",
        num_rows="fixed",
        height="content",
        disabled=[c for c in frame if c != "amount"],
        column_config=headers,
    )


def _drafts(rows: list[LimitRow], edited: pd.DataFrame) -> dict[str, float]:
    """Amounts that were typed over, by their setting."""
    return {
        setting: float(value)
        for r, value in zip(rows, edited["amount"])
        if (setting := setting_of(r))
        and value is not None
        and not math.isnan(value)
        and float(value) != r.amount
    }


def setting_of(row: LimitRow) -> str:
    """The key that --set takes for an amount; empty where the amount is not set in numbers."""
    return ".".join(["limit", row.limit.family, *row.group.split(" ")])
