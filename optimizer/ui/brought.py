"""What a session has brought: reports that were read, tables beside them, and the cases of all of them
together."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from optimizer.errors import Problem
from optimizer.inputs.adding import Added
from optimizer.ui import uploads
from optimizer.ui.uploads import Upload, UploadBatch

# Session keys: reports that were read (list of UploadBatch), tables read beside them (role -> Upload),
# numbers of the batches with the cases of all of them; how often the uploader was emptied, how many batches
# there were, what files were recognised as, what is to be said once.
BATCHES, BROUGHT_TABLES, JOINED, ROUND, COUNTED, RECOGNISED, SAID = (
    "batches",
    "tables",
    "joined",
    "round",
    "counted",
    "recognised",
    "said",
)


def batches() -> list[UploadBatch]:
    """Reports read in this session."""
    return st.session_state.setdefault(BATCHES, [])


def tables() -> dict[str, Upload]:
    """Product list and orders per month of this session, by their roles."""
    return st.session_state.setdefault(BROUGHT_TABLES, {})


def recognised(upload: Upload) -> tuple[list[str], list[Problem]]:
    """What a file may be, and why it cannot be read where it is nothing; found once per content and name."""
    known = st.session_state.setdefault(RECOGNISED, {})
    key = (upload.name, upload.digest)
    if key not in known:
        known[key] = uploads.recognised(upload)
    return known[key]


def joined() -> tuple[pd.DataFrame, list[Added]]:
    """All cases that were read, and what each batch added; found again when the batches change."""
    numbers = tuple(b.number for b in batches())
    if st.session_state.get(JOINED, (None,))[0] != numbers:
        st.session_state[JOINED] = (numbers, uploads.joined(batches()))
    return st.session_state[JOINED][1]


def next_number() -> int:
    """A number for another batch; it never comes back within a session."""
    st.session_state[COUNTED] = st.session_state.get(COUNTED, 0) + 1
    return st.session_state[COUNTED]


def remove_batch(number: int) -> None:
    """Forget reports that were read."""
    st.session_state[BATCHES] = [b for b in batches() if b.number != number]


def remove_table(kind: str) -> None:
    """Forget the product list or the orders per month."""
    tables().pop(kind, None)
