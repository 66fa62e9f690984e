"""What became of the rows of own reports, and the step from the sample to own cases."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from optimizer.errors import Problem
from optimizer.inputs.account_health import AccountHealth, sentences
from optimizer.inputs.adding import Added
from optimizer.inputs.importing import Imported
from optimizer.inputs.recognising import all_kinds
from optimizer.report.files import csv_bytes, write_rejects
from optimizer.report.imported import tie_lines
from optimizer.report.words.text import money
from optimizer.ui import brought, policy, state, uploads
from optimizer.ui.problems import show_problems
from optimizer.ui.uploads import CASES, COSTS, MAPPED, MAPPING, MONTHS, PRICES, PRODUCTS, UploadBatch


@st.cache_resource(max_entries=2, show_spinner=False)
def kinds_of(data: str) -> dict[str, str]:
    """Every kind of report; `data` only keys the cache."""
    return all_kinds()


def kind_titles() -> dict[str, str]:
    """What every kind of file is called, with the name that the command line knows it by."""
    t = state.translate()
    reports = {kind: f"{state.said(title)} ({kind})" for kind, title in kinds_of(state.data_hash()).items()}
    return {
        "": t("Please choose"),
        CASES: t("Case table (cases.csv), read as it is"),
        PRODUCTS: t("Product list"),
        MONTHS: t("Orders per month, for return rates"),
        **reports,
        PRICES: t("Orders report, only for the prices and order days of other reports"),
        COSTS: t("Money report, only for what the cases of other reports cost"),
        MAPPING: t("Mapping of your own (YAML)"),
        MAPPED: t("Report read by the uploaded mapping"),
    }


def kind_title(kind: str) -> str:
    """What one kind of file is called."""
    return kind_titles()[kind]


def show() -> None:
    """Every report with its rows accounted for, the tables kept beside the cases, and the button that
    decides."""
    t = state.translate()
    if brought.batches() or brought.tables():
        st.subheader(t("What was read"))
        for kind, table in brought.tables().items():
            text, button = st.columns([6, 1], vertical_alignment="center")
            text.text(t("{kind}: {file}").format(kind=kind_title(kind), file=table.name))
            button.button(
                t("Remove"),
                key=f"remove_{kind}",
                on_click=brought.remove_table,
                args=(kind,),
                width="stretch",
            )
        added = iter(brought.joined()[1])
        for batch in brought.batches():
            with st.container(border=True):
                _batch(batch, next(added) if batch.cases is not None else None)
    _decide()


def _batch(batch: UploadBatch, added: Added | None) -> None:
    """rows = taken + skipped + rejected, then each part."""
    t, made = state.translate(), batch.imported
    head, button = st.columns([6, 1], vertical_alignment="center")
    head.markdown(
        f"**{state.plain(kind_title(batch.kind))}**  \n{state.plain(t(', ').join(batch.files))}"
        + (f" · {state.titles().market(batch.market)} ({batch.market})" if batch.market else "")
    )
    button.button(
        t("Remove"),
        key=f"remove_{batch.number}",
        on_click=brought.remove_batch,
        args=(batch.number,),
        width="stretch",
    )
    skipped, rejected = sum(made.skipped.values()), made.rejected_rows
    if batch.cases is None:
        counts = t("{rows:,} rows = {taken:,} taken + {skipped:,} skipped + {rejected:,} rejected").format(
            rows=made.rows, taken=made.rows - skipped - rejected, skipped=skipped, rejected=rejected
        )
    else:
        counts = t("{rows:,} rows = {cases:,} cases + {skipped:,} skipped + {rejected:,} rejected").format(
            rows=made.rows, cases=len(made.cases), skipped=skipped, rejected=rejected
        )
    st.markdown(f"**{counts}**")
    if added and (added.same or added.renewed):
        st.info(
            t(
                "Of these cases {new:,} are new, {renewed:,} take the place of a case read before, {same:,}"
                " were read before and stay as they are."
            ).format(new=added.new, renewed=added.renewed, same=added.same),
            icon=":material/content_copy:",
        )
    if made.skipped:
        with st.expander(t("{count:,} rows skipped, by reason").format(count=skipped)):
            st.dataframe(
                pd.DataFrame(
                    {
                        t("reason"): [state.said(r) for r in made.skipped],
                        t("rows"): list(made.skipped.values()),
                    }
                ),
                hide_index=True,
                width="stretch",
                height="content",
            )
    if made.rejects:
        with st.expander(
            t("{count:,} rows rejected: mend them in the file and read it again").format(count=rejected),
            expanded=True,
            icon=":material/block:",
        ):
            show_problems(made.rejects)
            st.download_button(
                t("Rejected rows as CSV"),
                partial(rejects_file, made.rejects, state.language()),
                "rejects.csv",
                "text/csv",
                key=f"rejects_{batch.number}",
                on_click="ignore",
                icon=":material/download:",
            )
    if isinstance(made, Imported) and made.ties:
        with st.expander(
            t("What the money reports add up to"), expanded=any(tie.difference for tie in made.ties)
        ):
            st.code("\n".join(tie_lines(made.ties, state.language())), language=None)
    _notes(batch)


def _notes(batch: UploadBatch) -> None:
    """How the report was read; what a report without cases says, and its table to take home."""
    t, made = state.translate(), batch.imported
    if isinstance(made, AccountHealth):
        for sentence in sentences(made.table):
            st.markdown(f"* {state.plain(state.said(sentence))}")
    if made.notes:
        with st.expander(
            t("{count:,} notes: how it was read, what was dropped, where prices come from").format(
                count=len(made.notes)
            )
        ):
            for note in made.notes:
                st.markdown(f"* {state.plain(state.said(note))}")
    if batch.cases is None:
        name = "account_health.csv" if isinstance(made, AccountHealth) else "products.csv"
        st.download_button(
            t("Table as CSV"),
            partial(csv_bytes, batch.table),
            name,
            "text/csv",
            key=f"table_{batch.number}",
            on_click="ignore",
            icon=":material/download:",
        )


def rejects_file(rejects: Sequence[Problem], lang: str) -> bytes:
    """rejects.csv as the command line writes it."""
    with tempfile.TemporaryDirectory() as folder:
        write_rejects(list(rejects), path := Path(folder) / "rejects.csv", lang)
        return path.read_bytes()


# ---------------------------------------------------------------- from the sample to own cases
def _decide() -> None:
    """The button that makes all pages speak of these cases, and the answer once they do."""
    t, batches, mine = state.translate(), brought.batches(), state.own()
    products, months = (brought.tables().get(kind) for kind in (PRODUCTS, MONTHS))
    cases = brought.joined()[0]
    if any(b.cases is not None for b in batches):
        st.subheader(t("Decide"))
        current = mine is not None and mine.made_from == uploads.recipe(batches, products, months)
        if not len(cases):
            st.warning(t("No row became a case: there is nothing to decide."), icon=":material/warning:")
        elif mine is not None and not current:
            st.warning(
                t("The answer below was made before the last change of the reports: decide again."),
                icon=":material/update:",
            )
        left, right, _ = st.columns([1, 1, 2])
        if left.button(
            t("Decide these {count:,} cases").format(count=len(cases)),
            type="primary",
            key="decide",
            disabled=current or not len(cases),
            width="stretch",
        ):
            with st.spinner(t("Writing the case table …")):
                state.show_own(uploads.own_cases(batches, cases, products, months))
            st.rerun()
        right.download_button(
            t("Cases as CSV"),
            partial(csv_bytes, cases),
            "cases.csv",
            "text/csv",
            key="cases_csv",
            on_click="ignore",
            icon=":material/download:",
            disabled=not len(cases),
            width="stretch",
        )
    if mine is not None:
        _answer()


def _answer() -> None:
    """What the own cases cost, and the files to take home."""
    t, answer = state.translate(), state.answer()
    s, c = answer.figures, answer.currency
    total, today, open_cases = st.columns(3)
    total.metric(t("Total cost"), money(s["total_cost"], c), border=True)
    today.metric(t("Current practice"), money(s["current_cost"], c), border=True)
    open_cases.metric(
        t("Undecided"), f"{len(s['undecided']):,}", border=True, help=t("cases without an acceptable way out")
    )
    st.caption(
        t(
            "All pages now speak of these cases: see the overview, the assumptions and the policy. The way"
            " back to the sample data is at the left."
        )
    )
    policy.downloads()
