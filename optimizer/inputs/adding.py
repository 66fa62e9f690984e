"""Cases of a new import beside those that are already there: nothing doubles, what changed is renewed."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from optimizer.domain.cases import CASE_COLUMNS


class Added(NamedTuple):
    """Earlier and new cases together, the earlier ones first in their order."""

    cases: pd.DataFrame  # columns of CASE_COLUMNS
    new: int
    renewed: int  # there before, and now different
    same: int  # there before, and not different


def add_cases(earlier: pd.DataFrame, imported: pd.DataFrame) -> Added:
    """`earlier` with the cases of `imported`: a case of the same name takes the values of the later
    import."""
    names = [column.name for column in CASE_COLUMNS]
    before, now = earlier[names].set_index("case_id"), imported[names].set_index("case_id")
    known = now.index.intersection(before.index)
    differs = _as_objects(before.loc[known]).ne(_as_objects(now.loc[known])).any(axis=1)
    kept = before.drop(index=known[differs])
    order = before.index.append(now.index.difference(before.index, sort=False))
    parts = [kept, now.drop(index=known[~differs])]
    together = (
        pd.concat([part.astype(object) for part in parts if len(part)] or [now.astype(object)])
        .loc[order]
        .reset_index(names="case_id")
    )
    renewed = int(differs.sum())
    return Added(together[names], len(now) - len(known), renewed, len(known) - renewed)


def _as_objects(frame: pd.DataFrame) -> pd.DataFrame:
    """Comparable values: a blank equals a blank, 5 equals 5.0."""
    return frame.astype(object).where(frame.notna(), "").astype(str)
