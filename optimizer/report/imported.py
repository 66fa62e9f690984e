"""An import on the way to its files, and what is said of it."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from optimizer.errors import InputError, Problem
from optimizer.inputs.importing import Imported
from optimizer.inputs.mapping import kinds
from optimizer.report.files import write_csv, write_rejects, write_whole


def kinds_text() -> str:
    """Kinds of report, one per line."""
    return "\n".join([*(f"{kind:<16} {title}" for kind, title in kinds().items()), f"{'mapped':<16} any table, with --map FILE.yaml"])


def write_imported(imported: Imported, out: str, rejects: str | None) -> str:
    """Write the cases (and the rejects), and say how the rows add up."""
    target = Path(out)
    writers = {".csv": write_cases_csv, ".parquet": lambda f, p: f.to_parquet(p, index=False), ".xlsx": write_cases_xlsx}
    if target.suffix.lower() not in writers:
        raise InputError([Problem(out, None, "--out", target.suffix, "is not a file type for cases", "Use .csv, .parquet or .xlsx.")])
    write: Callable[[pd.DataFrame, Path], None] = writers[target.suffix.lower()]
    write_whole(target.parent, {target.name: lambda p: write(imported.cases, p)})
    if rejects:
        write_whole(Path(rejects).parent, {Path(rejects).name: lambda p: write_rejects(imported.rejects, p)})
    return imported_text(imported, out, rejects)


def imported_text(imported: Imported, out: str, rejects: str | None) -> str:
    """Counts that add up to the rows of the files, skipped rows by reason, the first problems."""
    skipped = sum(imported.skipped.values())
    lines = [f"{imported.rows:,} rows = {len(imported.cases):,} cases + {skipped:,} skipped + {imported.rejected_rows:,} rejected",
             f"cases written to {out}"]
    lines += [f"  skipped {count:>8,}  {reason}" for reason, count in imported.skipped.items()]
    by_issue = imported.cases["issue"].astype(str).value_counts()
    lines += [f"  cases   {count:>8,}  {issue}" for issue, count in by_issue.items()]
    lines += [f"note: {note}" for note in imported.notes]
    if imported.rejects:
        lines += [f"rejected rows{f' written to {rejects}' if rejects else ''}:", InputError(imported.rejects).text(10)]
    return "\n".join(lines)


def write_cases_csv(cases: pd.DataFrame, path: Path) -> None:
    write_csv(cases, path)


def write_cases_xlsx(cases: pd.DataFrame, path: Path) -> None:
    with pd.ExcelWriter(path, engine="xlsxwriter", engine_kwargs={"options": {"strings_to_formulas": False}}) as writer:
        cases.to_excel(writer, sheet_name="cases", index=False)
