"""What changes from one answer to another: the total, and which decisions."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import streamlit as st

from optimizer.i18n import Titles
from optimizer.policy.apply import SAYS_NOTHING
from optimizer.report.run import Run
from optimizer.report.words.limits import defect_money_remark
from optimizer.report.words.policy_row import option_in_words
from optimizer.report.words.text import money
from optimizer.ui import state

_SHOWN = 12


class Difference(NamedTuple):
    """Totals before and after, and the cases whose way out changed."""

    before: float
    after: float
    cases: int  # cases in both answers
    flipped: int
    flips: pd.DataFrame  # from, to, cases: most frequent first


def between(before: Run, after: Run) -> Difference:
    """Compare two answers about the same cases."""
    both = pd.concat({"from": _ways_out(before), "to": _ways_out(after)}, axis=1, join="inner")
    changed = both[both["from"] != both["to"]]
    flips = (
        changed.groupby(["from", "to"])
        .size()
        .rename("cases")
        .reset_index()
        .sort_values(["cases", "from", "to"], ascending=[False, True, True])
    )
    return Difference(
        before.figures["total_cost"],
        after.figures["total_cost"],
        len(both),
        len(changed),
        flips.reset_index(drop=True),
    )


def _ways_out(answer: Run) -> pd.Series:
    """Option per case; where others decide, who; `undecided` where nothing is acceptable."""
    d = answer.choices
    made = pd.Series(
        d["option"].where(d["option"] != "", d["resolution"]).to_numpy(object), index=d["case_id"]
    )
    return made.reindex(answer.cases["case_id"].astype(str)).fillna(SAYS_NOTHING)


def show(before: Run, after: Run) -> None:
    """Total before and after, and a table of the decisions that changed."""
    t, m = state.translate(), between(before, after)
    name = before.scenario.name
    left, middle, right = st.columns(3)
    left.metric(
        (
            t("Total of {scenario} without these changes").format(scenario=name)
            if state.changed()
            else t("Total of {scenario}").format(scenario=name)
        ),
        money(m.before, before.currency),
    )
    difference = m.after - m.before
    middle.metric(
        t("Total now"),
        money(m.after, after.currency),
        f"{difference:+,.2f} {after.currency}" if round(difference, 2) else None,
        delta_color="inverse",
    )
    right.metric(
        t("Decisions that changed"),
        f"{m.flipped:,}",
        t("of {cases:,} cases").format(cases=m.cases),
        delta_color="off",
        delta_arrow="off",
    )
    remarks = [defect_money_remark(answer, t) for answer in (before, after)]
    if remarks[0] != remarks[1]:
        st.caption(remarks[0] or remarks[1])
    if not m.flipped:
        st.info(t("No decision changes; only what the decisions cost."))
        return
    shown, titles = m.flips.head(_SHOWN), state.titles()
    table = pd.DataFrame(
        {
            t("cases"): shown["cases"],
            t("before"): [_title(k, titles) for k in shown["from"]],
            t("now"): [_title(k, titles) for k in shown["to"]],
        }
    )
    st.dataframe(table, hide_index=True, width="stretch", height="content")
    if len(m.flips) > _SHOWN:
        st.caption(t("and {more:,} rarer changes").format(more=len(m.flips) - _SHOWN))


def _title(key: str, titles: Titles) -> str:
    t = state.translate()
    return t("no acceptable way out") if key == SAYS_NOTHING else option_in_words(key, key, titles)
