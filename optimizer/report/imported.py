"""An import on the way to its files, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from optimizer.domain.names import ISSUES
from optimizer.errors import InputError, Problem, Translate
from optimizer.i18n import translator
from optimizer.inputs.account_health import AccountHealth, sentences
from optimizer.inputs.adding import Added, add_cases
from optimizer.inputs.fee_preview import ProductList
from optimizer.inputs.importing import Imported
from optimizer.inputs.payments.layouts import CATEGORIES
from optimizer.inputs.payments.reading import Tie
from optimizer.inputs.recognising import all_kinds
from optimizer.phrases import phrase, say_again
from optimizer.report.files import write_csv, write_rejects, write_whole
from optimizer.report.words.text import money

_SHOWN = 10


def kinds_text(lang: str = "en") -> str:
    """Kinds of report, one per line."""
    t = translator(lang)
    named = {
        "auto": t("the kind that fits the file, and says which"),
        **{k: say_again(v, t) for k, v in all_kinds().items()},
        "mapped": t("any table, with --map FILE.yaml"),
    }
    return "\n".join(f"{kind:<18} {title}" for kind, title in named.items())


def write_table(found: AccountHealth | ProductList, out: str, rejects: str | None, lang: str = "en") -> str:
    """Write a report that holds no cases as CSV (and its rejects), and say how its rows add up."""
    t, target = translator(lang), Path(out)
    if target.suffix.lower() != ".csv":
        raise InputError(
            [
                Problem(
                    out,
                    None,
                    "--out",
                    target.suffix,
                    phrase("is not a file type for this report"),
                    phrase("Use .csv."),
                )
            ]
        )
    table = found.table if isinstance(found, AccountHealth) else found.products
    write_whole(target.parent, {target.name: lambda p: write_csv(table, p)})
    if rejects:
        write_whole(
            Path(rejects).parent, {Path(rejects).name: lambda p: write_rejects(found.rejects, p, lang)}
        )
    skipped = sum(found.skipped.values())
    lines = [
        t("{rows:,} rows = {taken:,} taken + {skipped:,} skipped + {rejected:,} rejected").format(
            rows=found.rows,
            taken=found.rows - skipped - found.rejected_rows,
            skipped=skipped,
            rejected=found.rejected_rows,
        ),
        t("wrote {path}").format(path=out),
    ]
    lines += [
        "  " + t("skipped {count:>8,}  {reason}").format(count=count, reason=say_again(reason, t))
        for reason, count in found.skipped.items()
    ]
    said = [*found.notes, *(sentences(table) if isinstance(found, AccountHealth) else [])]
    lines += [t("note: {text}").format(text=say_again(note, t)) for note in said]
    return "\n".join(lines + _rejected(found.rejects, rejects, t))


def _rejected(found: list[Problem], rejects: str | None, t: Translate) -> list[str]:
    """The first problems, and where all of them stand."""
    if not found:
        return []
    return [
        t("rejected rows written to {rejects}:").format(rejects=rejects) if rejects else t("rejected rows:"),
        InputError(found).text(_SHOWN, t),
    ]


def write_imported(
    imported: Imported, out: str, rejects: str | None, lang: str = "en", earlier: pd.DataFrame | None = None
) -> str:
    """Write the cases (and the rejects), and say how the rows add up; with `earlier` cases the two are
    written together."""
    target = Path(out)
    writers = {
        ".csv": write_csv,
        ".parquet": lambda f, p: f.to_parquet(p, index=False),
        ".xlsx": write_cases_xlsx,
    }
    if target.suffix.lower() not in writers:
        raise InputError(
            [
                Problem(
                    out,
                    None,
                    "--out",
                    target.suffix,
                    phrase("is not a file type for cases"),
                    phrase("Use .csv, .parquet or .xlsx."),
                )
            ]
        )
    write: Callable[[pd.DataFrame, Path], None] = writers[target.suffix.lower()]
    added = None if earlier is None else add_cases(earlier, imported.cases)
    write_whole(
        target.parent, {target.name: lambda p: write(imported.cases if added is None else added.cases, p)}
    )
    if rejects:
        write_whole(
            Path(rejects).parent, {Path(rejects).name: lambda p: write_rejects(imported.rejects, p, lang)}
        )
    return imported_text(imported, out, rejects, lang, added)


def imported_text(
    imported: Imported, out: str, rejects: str | None, lang: str = "en", added: Added | None = None
) -> str:
    """Counts that add up to the rows of the files, skipped rows by reason, what was noticed, the first
    problems."""
    t = translator(lang)
    lines = [
        t("{rows:,} rows = {cases:,} cases + {skipped:,} skipped + {rejected:,} rejected").format(
            rows=imported.rows,
            cases=len(imported.cases),
            skipped=sum(imported.skipped.values()),
            rejected=imported.rejected_rows,
        )
    ]
    if added is None:
        lines.append(t("cases written to {out}").format(out=out))
    else:
        lines.append(
            t(
                "{count:,} cases written to {out}: {new:,} new, {renewed:,} renewed, {same:,} already there"
            ).format(count=len(added.cases), out=out, new=added.new, renewed=added.renewed, same=added.same)
        )
    lines += [
        "  " + t("skipped {count:>8,}  {reason}").format(count=count, reason=say_again(reason, t))
        for reason, count in imported.skipped.items()
    ]
    by_issue = imported.cases["issue"].astype(str).value_counts()
    lines += [
        "  "
        + t("cases   {count:>8,}  {issue}").format(
            count=count, issue=f"{issue} · {getattr(ISSUES[issue], lang)}"
        )
        for issue, count in by_issue.items()
    ]
    lines += [t("note: {text}").format(text=say_again(note, t)) for note in imported.notes]
    lines += tie_lines(imported.ties, lang)
    return "\n".join(lines + _rejected(imported.rejects, rejects, t))


def tie_lines(ties: tuple[Tie, ...], lang: str) -> list[str]:
    """What each settlement adds up to, by category, beside what the report itself says."""
    t, lines = translator(lang), []
    for tie in ties:
        what = t("settlement {number}").format(number=tie.settlement) if tie.settlement else t("payments")
        lines.append(f"{tie.file}: {what} ({tie.currency})")
        lines += [
            f"  {money(cents / 100):>14}  {count:>7,}  {getattr(CATEGORIES[category], lang)}"
            for category, (count, cents) in tie.by_category.items()
        ]
        lines.append(t("  {found:>14}           sum of all amounts").format(found=money(tie.found / 100)))
        said = (
            t("ties to the cent")
            if not tie.difference
            else t("DOES NOT TIE: {difference} too much").format(difference=money(tie.difference / 100))
        )
        lines.append(
            t("  {stated:>14}           total of the report: {said}").format(
                stated=money(tie.stated / 100), said=said
            )
        )
    return lines


def write_cases_xlsx(cases: pd.DataFrame, path: Path) -> None:
    """Cases as a sheet in which no text becomes a formula."""
    with pd.ExcelWriter(
        path,
        engine="xlsxwriter",
        engine_kwargs={"options": {"strings_to_formulas": False, "strings_to_urls": False}},
    ) as writer:
        cases.to_excel(writer, sheet_name="cases", index=False)
