"""What is wrong with inputs, on a page: sentences for the first problems, a table for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd
import streamlit as st

from optimizer.errors import Infeasible, Problem
from optimizer.ui.words import label, plain, translate

REFUSALS_SHOWN, ROWS_SHOWN = 10, 1000
_ROW_HEIGHT = 68  # from 64 on, text in cells wraps


def show_refusal(problems: Iterable[Problem]) -> None:
    """All problems on the page, the first ones as sentences."""
    t, problems = translate(), list(problems)
    lines = [f"* {plain(p.text(t))}" for p in problems[:REFUSALS_SHOWN]]
    st.error("\n".join([t("The inputs are refused:"), "", *lines]), icon=":material/block:")
    if len(problems) > REFUSALS_SHOWN:
        with st.expander(t("All {count:,} problems").format(count=len(problems))):
            show_problems(problems)


def show_clash(none: Infeasible) -> None:
    """Limits that no plan keeps, and the cheapest way to make one possible."""
    lines = none.text(translate()).split("\n")
    st.error(
        "\n\n".join(f"• {plain(line[2:])}" if line.startswith("* ") else plain(line) for line in lines),
        icon=":material/block:",
    )


def show_problems(problems: Sequence[Problem]) -> None:
    """A table with file, row, column, value, problem and fix."""
    t = translate()
    shown = [p.said(t) for p in problems[:ROWS_SHOWN]]
    config = st.column_config
    frame = pd.DataFrame(
        {
            "file": [p.file for p in shown],
            "row": pd.array([p.row for p in shown], dtype="Int64"),
            "column": [p.column for p in shown],
            "value": [str(p.value) for p in shown],
            "problem": [str(p.problem) for p in shown],
            "fix": [str(p.fix) for p in shown],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        width="stretch",
        height=min(len(frame), 6) * _ROW_HEIGHT + 38,
        row_height=_ROW_HEIGHT,
        column_config={
            "file": config.TextColumn(label(t("file")), width=140),
            "row": config.NumberColumn(label(t("row")), format="%d", width=60),
            "column": config.TextColumn(label(t("column")), width=110),
            "value": config.TextColumn(label(t("value")), width=80),
            "problem": config.TextColumn(label(t("problem")), width=160),
            "fix": config.TextColumn(label(t("fix")), width=340),
        },
    )
    if len(problems) > len(shown):
        st.caption(
            t("The first {shown:,} of {count:,} problems; the file has all of them.").format(
                shown=len(shown), count=len(problems)
            )
        )
