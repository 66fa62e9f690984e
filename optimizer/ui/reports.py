"""Bring your own reports: what each file is, and reading them."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import pandas as pd
import streamlit as st

from optimizer.errors import InputError, Problem
from optimizer.inputs.payments.layouts import TITLES as MONEY
from optimizer.inputs.prices import ORDERS_KIND
from optimizer.inputs.recognising import FEE_PREVIEW, TABLE_KINDS
from optimizer.phrases import phrase
from optimizer.report.files import csv_bytes
from optimizer.ui import brought, readings, state, uploads
from optimizer.ui.problems import show_refusal
from optimizer.ui.readings import kind_title, kind_titles
from optimizer.ui.uploads import CASES, COSTS, MAPPED, MAPPING, MONTHS, PRICES, PRODUCTS, Upload, UploadBatch

ICON = ":material/upload_file:"
BESIDE = (PRODUCTS, MONTHS)  # tables kept beside the cases
HELPERS = (MAPPING, PRICES, COSTS)  # read only together with reports
NO_MARKET = (CASES, *BESIDE, *HELPERS)  # these say themselves where something was sold, or sell nothing


class UploadGroup(NamedTuple):
    """Files of one upload that were recognised as the same, and what they are taken as ("" = not chosen
    yet)."""

    kind: str
    files: list[Upload]


def page() -> None:
    """Upload, choose, read; below, what was read; at the end, decide."""
    t = state.translate()
    st.title(t("Your reports"))
    st.caption(
        t(
            "Download reports from Seller Central or your shop and drop them here. Files stay in this session"
            " and are forgotten with it. Columns that name a buyer are never read."
        )
    )
    for text in st.session_state.pop(brought.SAID, []):
        st.info(state.plain(text), icon=":material/info:")
    number = st.session_state.setdefault(brought.ROUND, 0)
    chosen = st.file_uploader(
        t("Reports, case tables, a product list: one or several files"),
        accept_multiple_files=True,
        key=f"uploads_{number}",
    )
    if chosen:
        _chosen([Upload(f.name, f.getvalue()) for f in chosen], number)
    elif not brought.batches() and not brought.tables():
        _what_can_be_read()
    readings.show()


def _what_can_be_read() -> None:
    t = state.translate()
    with st.expander(t("What can be read"), expanded=True):
        rows = [
            (kind, title.removesuffix(f" ({kind})"))
            for kind, title in kind_titles().items()
            if kind not in ("", *HELPERS, MAPPED)
        ]
        rows.append((MAPPED, t("any other table, with a mapping of your own (YAML) uploaded beside it")))
        st.dataframe(
            pd.DataFrame(rows, columns=[t("name"), t("what it is")]),
            hide_index=True,
            width="stretch",
            height="content",
        )
        st.caption(t("CSV or text in any usual encoding, Excel, Parquet, and XML where Amazon offers it."))


# ---------------------------------------------------------------- files that were chosen
def _chosen(files: list[Upload], number: int) -> None:
    """What each file is taken as, the market, and the button that reads them."""
    t = state.translate()
    files = [f for f in _new(files) if _readable(f)]
    if not files:
        return
    mapping = next((f for f in files if brought.recognised(f)[0] == [MAPPING]), None)
    found = _groups(files, mapping)
    reports = any(kind not in (*NO_MARKET, *TABLE_KINDS, *MONEY, ORDERS_KIND) for kind in found)
    groups = [
        _taken_as(
            kind,
            members,
            COSTS if kind in MONEY and reports else kind,
            mapping,
            f"kind_{number}_{i}_{kind}_{reports}",
        )
        for i, (kind, members) in enumerate(found.items())
    ]
    market = _market(groups, number) if any(g.kind not in NO_MARKET for g in groups) else ""
    orders = [f for g in groups if g.kind in (ORDERS_KIND, PRICES) for f in g.files]
    takers = [g for g in groups if g.kind not in (*NO_MARKET, *TABLE_KINDS, ORDERS_KIND)]
    faults = []
    if orders and takers:
        st.info(
            t("Prices and order days that the other reports lack are taken from {file}.").format(
                file=state.plain(orders[0].name)
            )
        )
        if len(orders) > 1:
            faults.append(
                t("Only one orders report at a time can give prices: read the others by themselves.")
            )
    if mapping is not None and not any(g.kind == MAPPED for g in groups):
        faults.append(t("The mapping is not used: choose the file it is for, or upload that file too."))
    if any(g.kind in (PRICES, COSTS) for g in groups) and not takers:
        faults.append(
            t("Nothing to look prices or costs up for: upload the other reports too, or choose another kind.")
        )
    for text in faults:
        st.warning(text, icon=":material/warning:")
    if st.button(
        t("Read these files"),
        type="primary",
        key="read",
        disabled=bool(faults) or not all(g.kind for g in groups),
    ):
        _read(groups, market, mapping, orders[0] if orders and takers else None)


def _new(files: list[Upload]) -> list[Upload]:
    """Files that neither stand here twice nor were read before; the others are named aloud."""
    t, seen, new = state.translate(), {}, []
    before = {digest: name for b in brought.batches() for digest, name in zip(b.digests, b.files)}
    before |= {u.digest: u.name for u in brought.tables().values()}
    for f in files:
        digest = f.digest
        if digest in before:
            st.info(
                t("{file} was read before (the same content as {other}): it is not read again.").format(
                    file=state.plain(f.name), other=state.plain(before[digest])
                ),
                icon=":material/content_copy:",
            )
        elif digest in seen:
            st.info(
                t("{file} has the same content as {other}: it is read once.").format(
                    file=state.plain(f.name), other=state.plain(seen[digest])
                ),
                icon=":material/content_copy:",
            )
        else:
            seen[digest] = f.name
            new.append(f)
    return new


def _readable(file: Upload) -> bool:
    """A file that is no table at all is refused at once."""
    problems = brought.recognised(file)[1]
    if problems:
        show_refusal(problems)
    return not problems


def _groups(files: list[Upload], mapping: Upload | None) -> dict[str, list[Upload]]:
    """Files by what they were recognised as; an own mapping wins where it fits."""
    groups: dict[str, list[Upload]] = {}
    for f in files:
        found = brought.recognised(f)[0]
        best = found[0] if found else ""
        if mapping is not None and best not in NO_MARKET and uploads.fits_mapping(mapping, f):
            best = MAPPED
        groups.setdefault(best, []).append(f)
    return groups


def _taken_as(kind: str, files: list[Upload], first: str, mapping: Upload | None, key: str) -> UploadGroup:
    """Say what the files were recognised as, and let it be changed; `first` is the choice that is offered."""
    t = state.translate()
    names = state.plain(t(", ").join(f.name for f in files))
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    if kind:
        left.success(
            t("{files}: recognised as {kind}").format(files=names, kind=state.plain(kind_title(kind))),
            icon=":material/check:",
        )
    else:
        left.warning(
            t("{files}: not recognised. Choose what it is, or upload a mapping.").format(files=names),
            icon=":material/help:",
        )
    if kind == MAPPING:
        return UploadGroup(kind, files)
    titles, left_out = kind_titles(), {MAPPING, *([""] if kind else []), *([] if mapping else [MAPPED])}
    offered = [k for k in titles if k not in left_out]
    return UploadGroup(
        right.selectbox(t("Read as"), offered, index=offered.index(first), format_func=titles.get, key=key),
        files,
    )


def _market(groups: list[UploadGroup], number: int) -> str:
    """The market of reports that name none; where that is sure, it is asked for."""
    t, titles = state.translate(), state.titles()
    market = st.selectbox(
        t("Market, where a report names none"),
        ["", *uploads.markets(state.published())],
        key=f"market_{number}",
        format_func=lambda m: f"{titles.market(m)} ({m})" if m else t("as the report says"),
    )
    silent = [
        kind_title(g.kind)
        for g in groups
        if g.kind and g.kind not in (*NO_MARKET, MAPPED) and not uploads.names_market(g.kind)
    ]
    if silent and not market:
        st.warning(
            t("{kinds}: the report does not name the market. Choose it above.").format(
                kinds=state.plain(t(", ").join(silent))
            ),
            icon=":material/public:",
        )
    return market


# ---------------------------------------------------------------- reading
def _read(groups: list[UploadGroup], market: str, mapping: Upload | None, orders: Upload | None) -> None:
    """Read everything that was chosen, whole or not at all; then empty the uploader."""
    t, scenario = state.translate(), state.published()
    tables, made, slot = dict(brought.tables()), list(brought.batches()), st.empty()
    costs = [f for g in groups if g.kind == COSTS for f in g.files]
    try:
        for g in groups:
            if g.kind in BESIDE:
                _refuse_several(g)
                tables[g.kind] = g.files[0]
        if any(g.kind in BESIDE for g in groups):
            with slot.status(t("Reading the product list …")):
                uploads.check_tables(scenario, tables.get(PRODUCTS), tables.get(MONTHS))
        # Fee previews first: the products in them fill prices and classes of the other reports.
        for g in sorted(
            (g for g in groups if g.kind not in (*BESIDE, *HELPERS)), key=lambda g: g.kind not in TABLE_KINDS
        ):
            names = state.files_in_words(f.name for f in g.files)
            with slot.status(t("Reading {files} …").format(files=state.plain(names))) as status:
                found = uploads.read(
                    g.kind,
                    g.files,
                    scenario,
                    market=market,
                    mapping=mapping,
                    products=tables.get(PRODUCTS),
                    orders=None if g.kind == ORDERS_KIND else orders,
                    payments=costs,
                    progress=partial(_phase, status, names),
                )
            batch = UploadBatch(
                brought.next_number(),
                g.kind,
                market,
                tuple(f.name for f in g.files),
                tuple(f.digest for f in g.files),
                found,
            )
            made.append(batch)
            if g.kind == FEE_PREVIEW:
                tables[PRODUCTS] = Upload("products.csv", csv_bytes(batch.table))
    except InputError as refused:
        slot.empty()
        show_refusal(refused.problems)
        return
    if any(b.cases is not None for b in brought.batches()) and tables.get(PRODUCTS) != brought.tables().get(
        PRODUCTS
    ):
        st.session_state[brought.SAID] = [
            t(
                "Reports read before the product list keep the prices they have; remove and read them again"
                " to fill prices from it."
            )
        ]
    st.session_state[brought.BATCHES], st.session_state[brought.BROUGHT_TABLES] = made, tables
    st.session_state[brought.ROUND] += 1
    st.rerun()


def _phase(status, names: str, share: float, phase: str) -> None:
    """Where a long reading stands."""
    status.update(label=state.plain(f"{names} · {state.said(phase)} {share:.0%}"))


def _refuse_several(group: UploadGroup) -> None:
    if len(group.files) > 1:
        raise InputError(
            [
                Problem(
                    f.name,
                    None,
                    "",
                    "",
                    phrase("is a second table of the same kind"),
                    phrase("Join the two into one file, or leave one out."),
                )
                for f in group.files[1:]
            ]
        )
