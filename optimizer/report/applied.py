"""A policy table on new cases in words, and its files."""

from __future__ import annotations

import json
from pathlib import Path

from optimizer.answer.applied import AppliedTable, applied_frame, applied_summary, limit_uses
from optimizer.i18n import translator
from optimizer.phrases import phrase, say_again
from optimizer.report.files import write_rejects, write_whole
from optimizer.report.words.text import money
from optimizer.solve.clash_in_words import limit_title, quantity


def limit_sentences(a: AppliedTable, lang: str = "en") -> list[str]:
    """How many groups of limits the table keeps, then a line for each that it exceeds; nothing without
    limits."""
    t, uses = translator(lang), limit_uses(a)
    if not uses:
        return []
    over, named = [u for u in uses if u["excess"] > 0.0], {limit.name: limit for limit in a.limits}
    lines = [
        t("Shared limits: {kept} of {count} groups are kept").format(
            kept=len(uses) - len(over), count=len(uses)
        )
    ]
    for u in over:
        limit = named[str(u["name"])]
        said = phrase(
            "{limit}, {group}: {used} of {amount}, {excess} too much",
            limit=limit_title(limit),
            group=limit.place(str(u["group"])),
            used=quantity(limit, u["used"]),
            amount=quantity(limit, u["limit"]),
            excess=quantity(limit, u["excess"]),
        )
        lines.append("  " + str(say_again(said, t)))
    return lines


def applied_text(s: dict[str, object], lang: str = "en") -> str:
    """The summary in a few lines."""
    t, c = translator(lang), s["currency"]
    share = s["covered"] / s["cases"] if s["cases"] else 1.0
    return "\n".join(
        [
            t(
                "{covered:,} of {cases:,} cases find a row ({share:.1%}), {refused} of them a refused"
                " instruction; {used} of {rows} rows are used"
            ).format(
                covered=s["covered"],
                cases=s["cases"],
                share=share,
                refused=s["refused_choices"],
                used=s["rows_used"],
                rows=s["rows"],
            ),
            t("Cost of following the table {cost}, deciding case by case {best}").format(
                cost=money(s["cost"], c), best=money(s["case_by_case"], c)
            ),
            t("Regret on the {own:,} cases you decide: {regret} ({share:.2%} of {best})").format(
                own=s["own_cases"],
                regret=money(s["regret"], c),
                share=s["regret_share"],
                best=money(s["own_case_by_case"], c),
            ),
            t("Without an acceptable way out: {count}").format(count=s["undecided"]),
        ]
    )


def applied_files(a: AppliedTable, folder: Path, lang: str = "en") -> list[Path]:
    """Write applied.parquet, apply.json and, where rows were left out, rejects.csv."""
    text = json.dumps(applied_summary(a), indent=1, ensure_ascii=False) + "\n"
    writers = {"applied.parquet": lambda p: applied_frame(a).to_parquet(p, index=False)}
    if a.file.rejects:
        writers["rejects.csv"] = lambda p: write_rejects(a.file.rejects, p, lang)
    writers["apply.json"] = lambda p: p.write_text(text, encoding="utf-8")
    return write_whole(folder, writers)
