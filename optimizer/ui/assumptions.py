"""Every number the answer rests on: look one up, change it, see the answer move."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import streamlit as st

from optimizer.domain.assumption import CONFIDENCES, Assumption, Book
from optimizer.report.ledger import assumption_frame
from optimizer.ui import difference, state

ICON = ":material/tune:"
_SHOWN = [
    "key",
    "title",
    "value",
    "unit",
    "usual_low",
    "usual_high",
    "hard_low",
    "hard_high",
    "confidence",
    "set_by",
    "source",
    "as_of",
    "review_by",
]


def page() -> None:
    """Filter, edit, apply; below, what the changes did to the answer."""
    t = state.translate()
    st.title(t("Assumptions"))
    st.caption(
        t(
            "Type over a value and press Apply. An emptied cell goes back to the scenario's own number."
            " Nothing is decided again before Apply."
        )
    )
    published = state.published().book
    frame = _filtered(assumption_frame(state.current_scenario(), state.language()))
    numbers = frame[[not published[k].is_text for k in frame["key"]]].reset_index(drop=True)
    if numbers.empty:
        st.info(t("No number fits these filters."))
    else:
        _collect(_editor(numbers), published)
    problems, unusual = _judged(published)
    for text in problems:
        st.error(text, icon=":material/block:")
    for text in unusual:
        st.warning(text, icon=":material/warning:")
    st.button(
        t("Apply"),
        type="primary",
        key="apply",
        disabled=bool(problems) or not state.drafts(),
        on_click=state.apply_drafts,
    )
    _texts(frame[[published[k].is_text for k in frame["key"]]])
    _own_changes(published)


def _filtered(frame: pd.DataFrame) -> pd.DataFrame:
    """Assumptions that fit the filters: words in key, meaning or source, family, confidence, changed ones."""
    t = state.translate()
    families = frame["key"].str.split(".").str[0]
    search, family, confidence, changed = st.columns([3, 2, 2, 1], vertical_alignment="bottom")
    words = (
        search.text_input(t("Search"), key="search", placeholder=t("words in key, meaning or source"))
        .lower()
        .split()
    )
    family = family.multiselect(t("Family"), sorted(set(families)), key="family", placeholder=t("all"))
    confidence = confidence.multiselect(
        state.label(t("confidence")), CONFIDENCES, key="confidence", placeholder=t("all")
    )
    changed = changed.checkbox(t("changed only"), key="changed_only")
    text = (frame["key"] + " " + frame["title"] + " " + frame["source"]).str.lower()
    kept = pd.Series(True, index=frame.index)
    for word in words:
        kept &= text.str.contains(word, regex=False)
    if family:
        kept &= families.isin(family)
    if confidence:
        kept &= frame["confidence"].isin(confidence)
    if changed:
        kept &= (frame["set_by"] != "") | frame["key"].isin(list(state.drafts()))
    return frame[kept]


def _editor(numbers: pd.DataFrame) -> pd.DataFrame:
    """The table with its edits.

    The editor counts edits by row, so other rows need an editor of their own: its key names the rows shown
    and the applied changes. Its data stay as they were when it appeared, drafts included, or it would drop
    edits.
    """
    t = state.translate()
    key = f"editor:{state.fingerprint(numbers['key'].tolist())}"
    if st.session_state.get(state.EDITOR_BASE, ("",))[0] != key:
        base = numbers[_SHOWN].copy()
        base["value"] = [float(state.drafts().get(k, v)) for k, v in zip(base["key"], base["value"])]
        st.session_state[state.EDITOR_BASE] = (key, base)
    st.session_state[state.EDITOR] = key
    number = st.column_config.NumberColumn
    headers = {
        "key": st.column_config.TextColumn(t("key"), pinned=True),
        "title": st.column_config.TextColumn(t("meaning"), width="medium"),
        "value": number(t("value"), format="%.10g"),
        "unit": t("unit"),
        "usual_low": number(t("usual from"), format="%.6g"),
        "usual_high": number(t("usual to"), format="%.6g"),
        "hard_low": number(t("possible from"), format="%.6g"),
        "hard_high": number(t("possible to"), format="%.6g"),
        "confidence": t("confidence"),
        "set_by": t("set by"),
        "source": st.column_config.TextColumn(t("source"), width="large"),
        "as_of": t("as of"),
        "review_by": t("review by"),
    }
    return st.data_editor(
        st.session_state[state.EDITOR_BASE][1],
        key=key,
        hide_index=True,
        width="stretch",
        num_rows="fixed",
        height=min(420, 72 + 35 * len(numbers)),
        disabled=[c for c in _SHOWN if c != "value"],
        column_config=headers,
    )


def _collect(edited: pd.DataFrame, published: Book) -> None:
    """Keep what was typed as drafts, so that another filter or page does not lose it."""
    applied, drafts = state.changes(), state.drafts()
    for key, value in zip(edited["key"], edited["value"]):
        standing = applied.get(key, published[key].value)
        typed = float(published[key].value) if value is None or math.isnan(value) else float(value)
        if typed == standing:
            drafts.pop(key, None)
        else:
            drafts[key] = typed


def _judged(published: Book) -> tuple[list[str], list[str]]:
    """Why drafts are impossible, and which ones are unusual."""
    t, problems, unusual = state.translate(), [], []
    for key, value in state.drafts().items():
        a = replace(published[key], value=value)
        facts = {"key": key, "value": f"{value:g}", "unit": a.unit, "meaning": _title(a)}
        if a.out_of_range():
            problems.append(
                t("{key} = {value}: must lie between {low} and {high} {unit} ({meaning})").format(
                    **facts, low=f"{a.hard[0]:g}", high=f"{a.hard[1]:g}"
                )
            )
        elif a.unusual():
            unusual.append(
                t("{key} = {value} lies outside its usual range {low} to {high} {unit} ({meaning})").format(
                    **facts, low=f"{a.usual[0]:g}", high=f"{a.usual[1]:g}"
                )
            )
    return problems, unusual


def _title(a: Assumption) -> str:
    return a.en if state.language() == "en" else a.zh


def _texts(frame: pd.DataFrame) -> None:
    """Texts and dates are shown, not edited here."""
    t = state.translate()
    if len(frame):
        with st.expander(
            t("{count:,} texts and dates (set in the data folder or with --set)").format(count=len(frame))
        ):
            st.dataframe(
                frame[["key", "title", "value", "source", "as_of"]].astype(str),
                hide_index=True,
                width="stretch",
                column_config={
                    "key": t("key"),
                    "title": t("meaning"),
                    "value": t("value"),
                    "source": t("source"),
                    "as_of": t("as of"),
                },
            )


def _own_changes(published: Book) -> None:
    """Every own change with a way back, what the changes did, and the command that gives the same numbers."""
    t = state.translate()
    if not state.changes():
        return
    st.subheader(t("Your changes"))
    for key, value in sorted(state.changes().items()):
        a = published[key]
        text, reset = st.columns([6, 1], vertical_alignment="center")
        text.text(
            t("{meaning} ({key}): {old} -> {new} {unit}").format(
                meaning=_title(a), key=key, old=f"{a.value:.10g}", new=f"{value:.10g}", unit=a.unit
            )
        )
        reset.button(t("Reset"), key=f"reset_{key}", on_click=state.discard, args=(key,), width="stretch")
    st.subheader(t("What moved"))
    before, after = state.reference(), state.answer()
    if before is not None:
        difference.show(before, after)
    st.caption(t("The same numbers from the command line:"))
    command = [
        "python -m optimizer run",
        state.scenario_name(),
        *state.own_files(),
        *(f"--set {s}" for s in state.settings()),
    ]
    st.code(" ".join(command), language="bash")
