"""What the rules of a mapping do to rows: conditions, fields given, columns filled down."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial

import numpy as np
import pandas as pd

from optimizer.inputs.columns import by_unique
from optimizer.inputs.headers import squeeze
from optimizer.inputs.mapping_form import Condition, Mapping
from optimizer.phrases import Phrase, phrase


def _is_among(values: Collection[str], value: str) -> bool:
    return squeeze(value) in values


def holds(conditions: Iterable[Condition], rows: pd.DataFrame) -> np.ndarray:
    """Rows for which all conditions hold.   (R,) bool"""
    fits = np.ones(len(rows), bool)
    for c in conditions:
        if c.test == "blank":
            fits &= (rows[c.column] == "").to_numpy(bool) == (c.values[0] != "false")
        else:
            fits &= by_unique(rows[c.column], partial(_is_among, c.values), bool) == (c.test == "in")
    return fits


def fill_down(mapping: Mapping, theirs: pd.DataFrame) -> list[Phrase]:
    """Blank cells of the shared columns take the value of the first row with the same key, in place; how
    many rows did, as a note."""
    by, columns = mapping.fill_down
    filled = np.zeros(len(theirs), bool)
    for name in columns:
        value = theirs[name].mask(theirs[name] == "")
        first = value.groupby(theirs[by].mask(theirs[by] == "")).transform("first")
        now = (value.isna() & first.notna()).to_numpy(bool)
        theirs[name] = theirs[name].mask(now, first)
        filled |= now
    if not filled.any():
        return []
    return [
        phrase(
            "rows that took what the first row of the same {key} says: {count:,}",
            key=by.replace("_", " "),
            count=int(filled.sum()),
        )
    ]


def give_fields(mapping: Mapping, rows: pd.DataFrame, theirs: pd.DataFrame) -> list[Phrase]:
    """Fields of the rules under `give`, in place; a later rule outranks an earlier one. Conditions see
    what the report says."""
    notes = []
    for rule in mapping.give:
        fits = holds(rule.conditions, theirs)
        for name, value in rule.fields.items():
            rows[name] = rows[name].mask(fits, value)
        if rule.note and fits.any():
            notes.append(phrase("{count:,} rows: {note}", count=int(fits.sum()), note=phrase(rule.note)))
    return notes
