"""The Assumptions sheet of a workbook, read back: which values differ from a scenario, and why somebody
changed them."""

from __future__ import annotations

import datetime
import io
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from python_calamine import CalamineError, CalamineWorkbook

from optimizer.domain.assumption import Assumption, Book
from optimizer.errors import InputError, Problem, nearest
from optimizer.inputs.decoding import file_bytes
from optimizer.inputs.headers import short
from optimizer.inputs.ledger import is_date
from optimizer.inputs.scenario import Scenario
from optimizer.phrases import Phrase, phrase

# Stable names, in every language: of the sheets, of their columns, of the kinds of rows in the audit.
COVER, ASSUMPTIONS, AUDIT = "Cover", "Assumptions", "Audit"
KEY, VALUE, UNIT, RUN_VALUE = "key", "value", "unit", "value_of_run"
KIND, WHO, WHEN, REASON = "kind", "who", "when", "reason"
CHANGE, EDIT = "change", "edit"
SCENARIO = "scenario"
_NEEDED = (KEY, VALUE, UNIT)
KNOWN_COLUMNS = (*_NEEDED, RUN_VALUE, "title", "hard_low", "hard_high", "source", "confidence")
HEADER_WITHIN = 10  # rows: somebody may have put lines above
_NAMED = 10  # keys that a note names
SAME = 1e-12  # a spreadsheet stores 0.30000000000000004 for 0.3


class _Rows(NamedTuple):
    """One sheet as a table: cells by stable column name, and where they stand."""

    sheet: str
    place: dict[str, int]  # stable name -> column, counted from 0
    rows: list[tuple[int, dict[str, object]]]  # row as a spreadsheet counts, cells


def range_names(keys: list[str]) -> dict[str, str]:
    """Name of the cell of each assumption: `in_` and the key in letters, digits and underscores; with a
    number where two would be the same."""
    names, taken = {}, set()
    for key in keys:
        plain = (
            "in_"
            + re.sub(
                r"[^A-Za-z0-9_]",
                lambda c: {".": "_", "*": "any", "~": "open"}.get(c[0], f"u{ord(c[0]):x}"),
                key,
            )[:200]
        )
        name, number = plain, 2
        while name.lower() in taken:
            name, number = f"{plain}_{number}", number + 1
        taken.add(name.lower())
        names[key] = name
    return names


def with_workbook(scenario: Scenario, path: str | Path) -> Scenario:
    """A scenario with what the Assumptions sheet of a workbook says otherwise as one more layer, named by
    the file."""
    file = Path(path)
    settings, notes = settings_from_workbook(path, scenario.book, scenario.name)
    if settings:  # the answer depends on the file only then
        scenario = scenario.with_changes(settings, file.name)
        scenario = replace(scenario, files={**scenario.files, file.name: file})
    return replace(scenario, notes=(*scenario.notes, *notes))


def settings_from_workbook(
    path: str | Path, book: Book, scenario: str = ""
) -> tuple[dict[str, dict[str, object]], list[Phrase]]:
    """Changes of the form {key: {to, because}} where the workbook says something else than `book`, and notes
    on what was read.

    Raises InputError with every problem: no such workbook, columns or values missing, unknown keys, text for
    a number, values out of range.
    """
    file = str(path)
    with _readable(file):
        return _settings(file, CalamineWorkbook.from_filelike(io.BytesIO(file_bytes(file))), book, scenario)


def _settings(
    file: str, workbook: CalamineWorkbook, book: Book, scenario: str
) -> tuple[dict[str, dict[str, object]], list[Phrase]]:
    table = _assumption_rows(file, workbook)
    if table.rows and str(table.rows[0][1][KEY]).strip() not in book:
        table = table._replace(rows=table.rows[1:])  # the titles
    problems = _unknown(file, table, book)
    found, untouched = _values(file, table, book, problems)
    reasons = _reasons(file, workbook, book, problems)
    if problems:
        raise InputError(problems)
    name = Path(file).name
    settings: dict[str, dict[str, object]] = {}
    for key, value in found.items():
        if not _same(value, book[key].value):
            edited, carried = reasons[EDIT].get(key), reasons[CHANGE].get(key)
            said = (carried or edited) if key in untouched else edited
            settings[key] = {"to": value, "because": said or phrase("changed in {file}", file=name)}
    return settings, _notes(
        name, scenario, _scenario_of(workbook), book, found, settings, untouched, reasons[EDIT]
    )


# ---------------------------------------------------------------- the file


@contextmanager
def _readable(file: str) -> Iterator[None]:
    """A file that cannot be read, or only half of it, is the reader's to mend."""
    try:
        yield
    except CalamineError as error:
        raise InputError(
            [
                Problem(
                    file,
                    None,
                    "",
                    "",
                    phrase("is not a readable Excel file ({error})", error=short(error)),
                    phrase("Give the policy.xlsx that `run --out` wrote, saved as .xlsx."),
                )
            ]
        ) from None


def _cells(workbook: CalamineWorkbook, sheet: str, rows: int | None = None) -> list[list[object]]:
    """The cells of a sheet from A1 on, all or the first rows; none where there is no such sheet."""
    if sheet not in workbook.sheet_names:
        return []
    return [
        list(row) for row in workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False, nrows=rows)
    ]


def _table(sheet: str, cells: list[list[object]], known: tuple[str, ...]) -> _Rows:
    """The rows below the row that shows most of the known names, the titles among them."""
    matches = [sum(str(c).strip() in known for c in row) for row in cells[:HEADER_WITHIN]]
    if not matches or max(matches) == 0:
        return _Rows(sheet, {}, [])
    at = matches.index(max(matches))
    place = {str(c).strip(): i for i, c in reversed(list(enumerate(cells[at]))) if str(c).strip()}
    return _Rows(
        sheet,
        place,
        [
            (n, {name: row[i] for name, i in place.items()})
            for n, row in enumerate(cells[at + 1 :], start=at + 2)
        ],
    )


def _assumption_rows(file: str, workbook: CalamineWorkbook) -> _Rows:
    """The table of assumptions, on its own sheet or on one that was renamed."""
    heads = [
        _table(name, _cells(workbook, name, HEADER_WITHIN), KNOWN_COLUMNS) for name in workbook.sheet_names
    ]
    shown = {head.sheet: len(set(head.place) & set(KNOWN_COLUMNS)) for head in heads}
    sheet = max(shown, key=lambda name: (shown[name], name == ASSUMPTIONS), default="")
    if shown.get(sheet, 0) < 3:
        fix = phrase(
            "Give the policy.xlsx that `run --out` wrote, with its sheet {sheet} and the row of names above"
            " its titles ({names}, …).",
            sheet=ASSUMPTIONS,
            names=", ".join(_NEEDED),
        )
        raise InputError(
            [Problem(file, None, "", "", phrase("has no sheet of assumptions of this program"), fix)]
        )
    best = _table(sheet, _cells(workbook, sheet), KNOWN_COLUMNS)
    missing = [c for c in _NEEDED if c not in best.place]
    if missing:
        raise InputError(
            [
                Problem(
                    file,
                    None,
                    f"{best.sheet}!{c}",
                    "",
                    phrase("column is missing"),
                    phrase("Put the column back: undo the removal, or write the workbook again."),
                )
                for c in missing
            ]
        )
    return best


def _scenario_of(workbook: CalamineWorkbook) -> str:
    """The scenario that the cover names; empty where there is none."""
    for row in _cells(workbook, COVER):
        if any(c == SCENARIO for c in row[2:]):
            return str(row[1])
    return ""


# ---------------------------------------------------------------- values


def _unknown(file: str, table: _Rows, book: Book) -> list[Problem]:
    """Keys that are no assumptions; one problem for all where most are unknown."""
    keys = [(n, str(row[KEY]).strip()) for n, row in table.rows if str(row[KEY]).strip()]
    unknown = [(n, key) for n, key in keys if key not in book]
    if len(unknown) > 10 and 2 * len(unknown) > len(keys):
        return [
            Problem(
                file,
                None,
                f"{table.sheet}!{KEY}",
                unknown[0][1],
                phrase("most keys are not assumptions of this program, from this one on"),
                phrase("Give the policy.xlsx that `run --out` wrote."),
            )
        ]
    return [
        Problem(file, n, _cell(table, n, KEY), key, phrase("is not an assumption"), nearest(key, book))
        for n, key in unknown
    ]


def _values(
    file: str, table: _Rows, book: Book, problems: list[Problem]
) -> tuple[dict[str, float | str], set[str]]:
    """The value of every known key, and the keys whose cell nobody edited since the workbook was written."""
    found: dict[str, float | str] = {}
    first: dict[str, int] = {}
    untouched: set[str] = set()
    for n, row in table.rows:
        key = str(row[KEY]).strip()
        if not key and not _blank(row[VALUE]):
            problems.append(
                Problem(
                    file,
                    n,
                    _cell(table, n, KEY),
                    "",
                    phrase("is blank beside a value"),
                    phrase("Put the key back, or clear the row."),
                )
            )
        if key not in book:
            continue
        if key in first:
            problems.append(
                Problem(
                    file,
                    n,
                    _cell(table, n, KEY),
                    key,
                    phrase("stands here again, first in row {row}", row=first[key]),
                    phrase("Keep one of the two rows."),
                )
            )
            continue
        first[key] = n
        a = book[key]
        if (unit := str(row[UNIT]).strip()) != a.unit:
            problems.append(
                Problem(
                    file,
                    n,
                    _cell(table, n, UNIT),
                    unit,
                    phrase("is not the unit of {key}, which is {unit}", key=key, unit=a.unit),
                    phrase("Put the unit back and give the value in it."),
                )
            )
        value = _value(a, row[VALUE])
        if isinstance(value, tuple):
            problems.append(Problem(file, n, _cell(table, n, VALUE), _shown(row[VALUE]), *value))
            continue
        found[key] = value
        if (
            RUN_VALUE in table.place
            and not isinstance(before := _value(a, row[RUN_VALUE]), tuple)
            and _same(value, before)
        ):
            untouched.add(key)
    return found, untouched


def _value(a: Assumption, cell: object) -> float | str | tuple[Phrase, Phrase]:
    """A cell as the assumption needs it; else what is wrong with it and how to mend it."""
    if a.is_text:
        text = _shown(cell)
        if text == "" and a.value != "":
            return phrase("{key} is blank", key=a.key), phrase(
                "Write the text; the scenario says {value!r}.", value=str(a.value)
            )
        if a.unit == "date" and not is_date(text):
            return phrase("{key} is not a date", key=a.key), phrase("Write it as YYYY-MM-DD.")
        return text
    if _blank(cell):
        return (
            phrase("{key} has no value", key=a.key),
            phrase(
                "Write a number, {value:.12g} as in the scenario; a formula needs its result, so save the"
                " file in a spreadsheet program.",
                value=a.value,
            ),
        )
    if isinstance(cell, bool) and a.unit == "flag":
        return float(cell)
    if isinstance(cell, bool) or not isinstance(cell, (int, float)) or not math.isfinite(cell):
        return phrase("{key} is not a number", key=a.key), phrase(
            "Write a number into the cell, not a text or a date; 15% and 0.15 are the same."
        )
    value = float(f"{cell:.15g}")
    if a.hard is not None:  # a last digit that a spreadsheet added is no fault
        value = next((end for end in a.hard if _same(value, end)), value)
    if a.hard is not None and not a.hard[0] <= value <= a.hard[1]:
        usual = (
            phrase("The usual range is {low:g} to {high:g}.", low=a.usual[0], high=a.usual[1])
            if a.usual
            else phrase("Choose a value inside the range.")
        )
        return (
            phrase(
                "{key} must lie between {low:g} and {high:g} {unit}",
                key=a.key,
                low=a.hard[0],
                high=a.hard[1],
                unit=a.unit,
            ),
            usual,
        )
    return value


def _same(a: float | str, b: float | str) -> bool:
    """Equal to twelve significant digits."""
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    return math.isclose(a, b, rel_tol=SAME)


def _blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _shown(cell: object) -> str:
    """A cell as text: days as YYYY-MM-DD, whole numbers without a point."""
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time.min:
        cell = cell.date()
    if isinstance(cell, (datetime.date, datetime.datetime)):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _cell(table: _Rows, row: int, column: str) -> str:
    """A cell as a spreadsheet names it, such as Assumptions!C12."""
    number, letters = table.place[column] + 1, ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{table.sheet}!{letters}{row}"


# ---------------------------------------------------------------- reasons and notes


def _reasons(
    file: str, workbook: CalamineWorkbook, book: Book, problems: list[Problem]
) -> dict[str, dict[str, str]]:
    """Reasons of the Audit sheet by kind of row and key, the last row of a key counts: `edit` what an
    analyst wrote, `change` what a run wrote."""
    table = _table(AUDIT, _cells(workbook, AUDIT), (KIND, WHO, WHEN, KEY, REASON))
    found: dict[str, dict[str, str]] = {CHANGE: {}, EDIT: {}}
    if KEY not in table.place or REASON not in table.place:
        return found
    for n, row in table.rows:
        kind = _shown(row.get(KIND)) or EDIT
        key, why, who, when = (_shown(row.get(name)) for name in (KEY, REASON, WHO, WHEN))
        if kind == CHANGE and why:
            found[CHANGE][key] = why
        if kind != EDIT or not (key or why):
            continue
        if not key:
            problems.append(
                Problem(
                    file,
                    n,
                    _cell(table, n, KEY),
                    "",
                    phrase("is blank beside a reason"),
                    phrase("Write the key of the assumption that was changed."),
                )
            )
        elif key not in book:
            problems.append(
                Problem(
                    file, n, _cell(table, n, KEY), key, phrase("is not an assumption"), nearest(key, book)
                )
            )
        elif why or who or when:
            signed = ", ".join(part for part in (who, when) if part)
            found[EDIT][key] = f"{why} ({signed})" if why and signed else why or signed
    return found


def _notes(
    name: str,
    scenario: str,
    theirs: str,
    book: Book,
    found: Mapping[str, float | str],
    settings: Mapping[str, object],
    untouched: set[str],
    given: Mapping[str, str],
) -> list[Phrase]:
    notes = [
        phrase(
            "{file}: values that differ from the scenario and were taken: {count:,}",
            file=name,
            count=len(settings),
        )
    ]
    if scenario and theirs and theirs != scenario:
        notes.append(
            phrase(
                "{file} was written by scenario {theirs}, not {mine}: what the two say differently counts as"
                " changed in the workbook",
                file=name,
                theirs=theirs,
                mine=scenario,
            )
        )
    silent = [key for key in settings if key in untouched]
    if silent:
        notes.append(
            phrase(
                "{file}: differ from the scenario although nobody edited them since the workbook was written:"
                " {keys}",
                file=name,
                keys=_listed(silent),
            )
        )
    left = [key for key in book if key not in found]
    if left:
        notes.append(
            phrase(
                "{file} does not hold these assumptions, which stay as they are: {keys}",
                file=name,
                keys=_listed(left),
            )
        )
    idle = [key for key in given if key not in settings]
    if idle:
        notes.append(
            phrase(
                "{file}: the Audit sheet gives a reason for values that are not changed: {keys}",
                file=name,
                keys=_listed(idle),
            )
        )
    return notes


def _listed(keys: list[str]) -> str:
    return ", ".join(keys[:_NAMED]) + (f", … ({len(keys):,})" if len(keys) > _NAMED else "")
