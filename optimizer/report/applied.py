"""A policy table on new cases: its cost, what it loses against deciding case by case, and the files of
that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from optimizer.domain.shared_limit import SharedLimit
from optimizer.i18n import translator
from optimizer.inputs.cases import CaseFile
from optimizer.model.engine import Engine
from optimizer.model.pricing import PricedBlock
from optimizer.phrases import phrase, say_again
from optimizer.policy import Applied
from optimizer.policy.usage import most, use_of
from optimizer.report.files import write_rejects, write_whole
from optimizer.report.text import money
from optimizer.solve.clash_in_words import limit_title, quantity
from optimizer.solve.decide import EXPECTED


@dataclass
class AppliedTable:
    """A table and the cases it was applied to."""

    policy: pd.DataFrame
    engine: Engine
    file: CaseFile
    result: Applied
    scenario: str
    blocks: Sequence[PricedBlock] = ()
    limits: Sequence[SharedLimit] = ()  # those of the scenario, on these cases

    @property
    def currency(self) -> str:
        return self.engine.world.reporting


def applied_summary(a: AppliedTable) -> dict[str, object]:
    """Counts and money of an application; regret counts the cases that the seller decides."""
    r = a.result
    own = (r.option != EXPECTED) & ~r.undecided
    regret, best = float(r.regret[own].sum()), float(r.best[own].sum())
    found = {
        "scenario": a.scenario,
        "currency": a.currency,
        "cases": len(r.row),
        "covered": r.covered,
        "undecided": int(r.undecided.sum()),
        "refused_choices": int(r.refused.sum()),
        "rows_used": int((r.cases_per_row > 0).sum()),
        "rows": r.rows,
        "cost": r.cost.sum() / 100.0,
        "case_by_case": r.best.sum() / 100.0,
        "regret": regret / 100.0,
        "own_cases": int(own.sum()),
        "own_case_by_case": best / 100.0,
        "regret_share": round(regret / abs(best), 6) if best else 0.0,
    }
    return {**found, "limits": limit_uses(a)} if a.limits else found


def limit_uses(a: AppliedTable) -> list[dict[str, object]]:
    """Use of each group of each limit when the table is followed, and by how much it lies above the amount.

    A case whose row says nothing that is acceptable uses what its dearest acceptable option uses, as it is
    charged.
    """
    used = use_of(a.limits, a.blocks, a.result.charged)
    found = []
    for limit in a.limits:
        over = np.where(used[limit.name] > most(limit.amount), used[limit.name] - limit.amount, 0.0)
        found += [
            {
                "name": limit.name,
                "family": limit.family,
                "group": g.label,
                "used": round(float(used[limit.name][i]), 6) + 0.0,
                "limit": float(g.amount),
                "unit": limit.unit,
                "excess": round(float(over[i]), 6) + 0.0,
            }
            for i, g in enumerate(limit.groups)
        ]
    return found


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


def applied_frame(a: AppliedTable) -> pd.DataFrame:
    """One row per case: the row it finds, the instruction, its cost and what deciding by itself would
    cost."""
    r, p = a.result, a.policy
    where = np.maximum(r.row, 0)
    frame = pd.DataFrame(
        {"case_id": a.file.frame["case_id"].to_numpy(object), "row_id": p["row_id"].to_numpy(object)[where]}
    )
    for column in [
        c for c in ("decided_by", "resolution", "provider", "disposition", "offer", "fallback") if c in p
    ]:
        frame[column] = p[column].fillna("").astype(str).to_numpy(object)[where]
    frame["cost"], frame["case_by_case"], frame["regret"] = (
        r.cost / 100.0,
        r.best / 100.0,
        np.round(r.regret) / 100.0,
    )
    return frame


def applied_files(a: AppliedTable, folder: Path, lang: str = "en") -> list[Path]:
    """Write applied.parquet, apply.json and, where rows were left out, rejects.csv."""
    text = json.dumps(applied_summary(a), indent=1, ensure_ascii=False) + "\n"
    writers = {"applied.parquet": lambda p: applied_frame(a).to_parquet(p, index=False)}
    if a.file.rejects:
        writers["rejects.csv"] = lambda p: write_rejects(a.file.rejects, p, lang)
    writers["apply.json"] = lambda p: p.write_text(text, encoding="utf-8")
    return write_whole(folder, writers)
