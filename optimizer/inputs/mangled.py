"""Names that a spreadsheet turned into numbers: mended where nothing is lost, refused where digits are
gone."""

from __future__ import annotations

import string

import pandas as pd

from optimizer.inputs.mapping_form import CANONICAL, Mapping
from optimizer.phrases import Phrase, phrase

# 1.23457E+11, as spreadsheets show long numbers; and 1,234.0 or 1234.0, which are 1234.
POWER = r"[+-]?\d+(?:\.\d+)?[eE]\+\d{2,3}"
NUMBERED = r"\d{1,3}(?:,\d{3})+(?:\.0+)?|\d+\.0+"
NAMES = ("case_id", "order_id", "sku")


def mend_names(
    mapping: Mapping, theirs: pd.DataFrame, notes: list[Phrase]
) -> dict[str, tuple[pd.Series, Phrase, Phrase]]:
    """Undo ".0" and thousands signs of ids in place, with a note; field -> (rows whose digits are lost,
    problem, fix).

    Ids are the names of the case, its order and its article, and every helper that the name of a case is made
    of.
    """
    lost = {}
    parts = [name for _, name, _, _ in string.Formatter().parse(mapping.case_id) if name]
    for name in dict.fromkeys([*NAMES, *(part for part in parts if part not in CANONICAL)]):
        if name not in mapping.columns:
            continue
        codes, uniques = pd.factorize(theirs[name])
        written = pd.Series(uniques, dtype="str")
        numbered = written.str.fullmatch(NUMBERED)
        if numbered.any():
            mended = written.mask(
                numbered, written.str.replace(r"\.0+$", "", regex=True).str.replace(",", "", regex=False)
            )
            theirs[name] = pd.Series(mended.to_numpy(object)[codes], index=theirs.index, dtype="str")
            rows = int(numbered.to_numpy(bool)[codes].sum())
            example = written[numbered].iloc[0]
            notes.append(
                phrase(
                    "{name}: {rows:,} values look like numbers of a spreadsheet and were read as names, such"
                    " as {before!r} as {after!r}",
                    name=name,
                    rows=rows,
                    before=example,
                    after=mended[numbered].iloc[0],
                )
            )
        powers = written.str.fullmatch(POWER)
        if powers.any():
            wrong = pd.Series(powers.to_numpy(bool)[codes], index=theirs.index)
            lost[name] = (
                wrong,
                phrase("was turned into a number by a spreadsheet, and its last digits are lost"),
                phrase("Download the report again and import it without saving it in a spreadsheet."),
            )
    return lost
