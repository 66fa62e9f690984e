"""Text that a spreadsheet would take for a formula: an apostrophe in front when a CSV is written, and off
again when it is read."""

from __future__ import annotations

import re

import pandas as pd

from optimizer.inputs.tabular import Table

# Apostrophes that were there before count: what gets one more is exactly what loses one, so every text comes
# back as it was.
_RISKY, _GUARDED = re.compile(r"'*[=+\-@\t\n]"), r"^'+[=+\-@\t\n]"


def guarded(value: object) -> object:
    """A text with an apostrophe in front where a spreadsheet would calculate it; anything else as it is.

    A carriage return becomes a line feed, for it would end the row of a CSV.
    """
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value
    return f"'{text}" if _RISKY.match(text) else text


def guard_text(frame: pd.DataFrame) -> pd.DataFrame:
    """A table fit for a CSV: texts guarded, numbers as they are."""
    mended = {
        name: [guarded(v) for v in frame[name]]
        for name in frame
        if not pd.api.types.is_numeric_dtype(frame[name])
    }
    return frame.assign(**mended)


def unguarded(table: Table) -> Table:
    """A table as it was before its texts were guarded; only CSV is guarded."""
    if table.kind != "csv":
        return table
    mended = {}
    for name in table.frame:
        text = table.frame[name]
        if text.str.startswith("'").any() and (marked := text.str.contains(_GUARDED, regex=True)).any():
            mended[name] = text.mask(marked, text.str.slice(1))
    return table._replace(frame=table.frame.assign(**mended)) if mended else table
