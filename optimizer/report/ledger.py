"""The assumption ledger as a table and as text."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from optimizer.i18n import translator
from optimizer.inputs.scenario import Scenario
from optimizer.phrases import say_again
from optimizer.report.words.text import trail_lines


def assumption_frame(scenario: Scenario, lang: str = "en") -> pd.DataFrame:
    """Every assumption: key, title, value, unit, ranges, source, dates, confidence, file and row, and the
    layer that set it."""
    t = translator(lang)
    rows = [
        {
            "key": a.key,
            "title": a.en if lang == "en" else a.zh,
            "value": a.value,
            "unit": a.unit,
            "usual_low": a.usual[0] if a.usual else None,
            "usual_high": a.usual[1] if a.usual else None,
            "hard_low": a.hard[0] if a.hard else None,
            "hard_high": a.hard[1] if a.hard else None,
            "source": str(say_again(a.source, t)),
            "as_of": a.as_of,
            "review_by": a.review_by,
            "confidence": a.confidence,
            "file": a.file,
            "row": a.row or None,
            "set_by": a.set_by,
        }
        for a in scenario.book.values()
    ]
    return pd.DataFrame(rows)


def assumption_text(scenario: Scenario, lang: str = "en") -> str:
    """One line per assumption, the trail of the scenario first."""
    t = translator(lang)
    lines = (
        [t("Changes of the scenario:"), *(f"  {line}" for line in trail_lines(scenario, lang)), ""]
        if scenario.trail
        else []
    )
    for a in scenario.book.values():
        value = a.value if a.is_text else f"{a.value:g}"
        usual = f" [{a.usual[0]:g} … {a.usual[1]:g}]" if a.usual else ""
        mark = f"  <- {a.set_by}" if a.set_by else ""
        title = a.en if lang == "en" else a.zh
        lines.append(
            f"{a.key} = {value} {a.unit}{usual}  {title} · {say_again(a.source, t)} · {a.as_of} ·"
            f" {a.confidence}{mark}"
        )
    return "\n".join(lines)


def estimates_frame(scenario: Scenario, resting: Mapping[str, float], lang: str = "en") -> pd.DataFrame:
    """Every estimate that decided money rests on, the one with most money first; `resting` in cents, one
    amount may rest on several."""
    book, t = scenario.book, translator(lang)
    rows = [
        {
            "key": a.key,
            "en": a.en,
            "zh": a.zh,
            "value": a.value,
            "unit": a.unit,
            "usual_low": a.usual[0] if a.usual else None,
            "usual_high": a.usual[1] if a.usual else None,
            "money_resting": round(cents / 100.0, 2),
            "source": str(say_again(a.source, t)),
            "as_of": a.as_of,
            "review_by": a.review_by,
            "file": a.file,
            "row": a.row,
        }
        for key, cents in sorted(resting.items(), key=lambda x: (-x[1], x[0]))
        for a in (book[key],)
        if not a.is_text
    ]
    columns = [
        "key",
        "en",
        "zh",
        "value",
        "unit",
        "usual_low",
        "usual_high",
        "money_resting",
        "source",
        "as_of",
        "review_by",
        "file",
        "row",
    ]
    return pd.DataFrame(rows, columns=columns)
