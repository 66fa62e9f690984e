"""data/*.csv -> assumptions. Every number of the data folder becomes one Assumption with a key, so every
number can be set, listed and traced."""

from __future__ import annotations

import csv
import fnmatch
import math
from datetime import date
from pathlib import Path
from typing import NamedTuple

from optimizer.domain.assumption import CONFIDENCES, TEXT_UNITS, UNITS, Assumption, Book
from optimizer.errors import InputError, Problem, nearest, system_reason
from optimizer.inputs.bundled import BUNDLED
from optimizer.inputs.causes import cause_problems
from optimizer.inputs.chinese import row_title, source_title
from optimizer.inputs.holes import holes
from optimizer.inputs.network_holes import NETWORK_TABLES
from optimizer.inputs.reason_codes import REASON_CODES, reason_code_problems
from optimizer.phrases import Bilingual, bilingual, chain, phrase

_AMOUNTS = ("amount", "amount/kg", "provider_amount")
PROVENANCE = ("source", "as_of", "review_by", "confidence")

# Wide tables: file, table name in fields.csv, columns that make the key.
_WIDE = {
    "product_classes.csv": ("class", ("class",)),
    "providers.csv": ("provider", ("provider",)),
    "channel_rates.csv": ("rate", ("provider", "market", "product_class", "basis")),
    "resolutions.csv": ("resolution", ("resolution",)),
    "grade_mix.csv": ("grade", ("issue", "condition")),
    "entitlements.csv": ("entitlement", ("market", "issue", "from_days", "to_days", "remedy")),
    "network_terms.csv": ("terms", ("provider",)),
    "network_batches.csv": ("batch", ("provider", "market")),
    "network_price_lists.csv": ("pricelist", ("provider", "from_units")),
    "season.csv": ("season", ("market", "month")),
    "outcome_shares.csv": ("outcome", ("platform", "market", "channel", "issue", "resolution")),
}
# Tables of facts without numbers; read as they are.
PLAIN = {
    "decision_rights.csv": ("platform", "market", "channel", "issue", "stage", "decided_by"),
    "current_practice.csv": ("channel", "issue", "rank", "resolution", "provider_kind"),
    "entitlements.csv": ("market", "issue", "from_days", "to_days", "chooser", "remedy", "valid_from"),
    "root_causes.csv": ("kind", "key", "cause", "words_count"),
    REASON_CODES: ("code", "standard", "issue", "fault"),
}


class FieldSpec(NamedTuple):
    """What fields.csv says of one field of a table."""

    table: str
    pattern: str
    unit: str
    required: bool
    hard: tuple[float, float] | None
    spread: tuple[float, float]
    en: str
    zh: str


class Ledger(NamedTuple):
    """The whole data folder: numbers in the book, plain tables as rows, which files were read, and the
    Chinese of what sources say."""

    book: Book
    tables: dict[str, list[dict[str, str]]]
    files: dict[str, Path]
    fields: list[FieldSpec]
    words: dict[str, str]


Range = tuple[float, float] | None


class _Reader:
    """Collects problems while reading, so that all of them are shown at once."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.problems: list[Problem] = []
        self.found: dict[str, Assumption] = {}
        self.files: dict[str, Path] = {}
        self.said: dict[str, Bilingual] = {}
        self.words = {
            row["words"]: row["zh"] for _, row in self.rows(self.path("sources_zh.csv"), ("words", "zh"))
        }

    def source(self, text: str) -> Bilingual:
        """A source with its Chinese; made once for all that name it."""
        if text not in self.said:
            self.said[text] = bilingual(text, source_title(text, self.words))
        return self.said[text]

    def path(self, name: str) -> Path:
        own = self.folder / name
        return own if own.exists() else BUNDLED / name

    def rows(self, path: Path, needed: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
        name = self.name_of(path)
        self.files[name] = path
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as why:
            self.problems.append(
                Problem(
                    name,
                    None,
                    "",
                    "",
                    phrase("cannot be read: {why}", why=system_reason(why)),
                    phrase("Restore the file, or save it as UTF-8 CSV."),
                )
            )
            return []
        except UnicodeDecodeError:
            self.problems.append(
                Problem(
                    name,
                    None,
                    "",
                    "",
                    phrase("is not a UTF-8 text"),
                    phrase("Restore the file, or save it as UTF-8 CSV."),
                )
            )
            return []
        reader = csv.DictReader(text.splitlines())
        header = reader.fieldnames or []
        missing = [c for c in needed if c not in header]
        for column in missing:
            self.problems.append(
                Problem(
                    name,
                    1,
                    column,
                    "",
                    phrase("column is missing"),
                    chain([phrase("Add it."), *([nearest(column, header)] if header else [])]),
                )
            )
        if missing:
            return []
        return [
            (n, {k: (v or "").strip() for k, v in row.items() if k}) for n, row in enumerate(reader, start=2)
        ]

    def name_of(self, path: Path) -> str:
        for root in (self.folder, BUNDLED):
            if path.is_relative_to(root):
                return f"data/{path.relative_to(root).as_posix()}"
        return path.name

    def add(
        self,
        key: str,
        raw: str,
        unit: str,
        usual: Range,
        hard: Range,
        row: dict[str, str],
        file: str,
        line: int,
        en: str,
        zh: str,
    ) -> None:
        """Check one value and its provenance, and put it into the book."""

        def wrong(column: str, value: str, what: str, fix: str) -> None:
            self.problems.append(Problem(file, line, column, value, what, fix))

        if unit not in UNITS:
            wrong("unit", unit, phrase("is not a unit"), nearest(unit, UNITS))
            return
        value: float | str = raw
        if unit not in TEXT_UNITS:
            try:
                value = float(raw)
            except ValueError:
                wrong(
                    key,
                    raw,
                    phrase("is not a number"),
                    phrase("Write it with a decimal point and no thousands sign."),
                )
                value, hard = 0.0, None
            if value != value or value in (float("inf"), float("-inf")):
                wrong(key, raw, phrase("is not a finite number"), phrase("Write the number itself."))
                value, hard = 0.0, None
        if unit == "date" and not is_date(raw):
            wrong(key, raw, phrase("is not a date"), phrase("Write it as YYYY-MM-DD."))
        if not row["source"]:
            wrong(
                "source",
                "",
                phrase("{key} has no source", key=key),
                phrase("Say where the number comes from; 'own estimate, who, when' is allowed."),
            )
        for column in ("as_of", "review_by"):
            if not is_date(row[column]):
                wrong(column, row[column], phrase("is not a date"), phrase("Write it as YYYY-MM-DD."))
        if row["confidence"] not in CONFIDENCES:
            wrong(
                "confidence",
                row["confidence"],
                phrase("is not a confidence"),
                nearest(row["confidence"], CONFIDENCES),
            )
        if key in self.found:
            first = self.found[key]
            wrong(
                "key",
                key,
                phrase("stands here again, first in {file} row {row}", file=first.file, row=first.row),
                phrase("Keep one of the two rows."),
            )
            return
        source = self.source(row["source"])
        a = Assumption(
            key,
            value,
            unit,
            usual,
            hard,
            source,
            row["as_of"],
            row["review_by"],
            row["confidence"],
            en,
            zh,
            file,
            line,
        )
        if reason := a.out_of_range():
            wrong(key, raw, reason, phrase("Correct the value, or the hard range if the range is wrong."))
        self.found[key] = a


def is_date(text: str) -> bool:
    """Is the text an ISO date?"""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _range(
    reader: _Reader, file: str, line: int, row: dict[str, str], low: str, high: str
) -> tuple[float, float] | None:
    """The range of two columns; None where one is empty or no number, which is a problem of its own."""
    ends = []
    for column in (low, high):
        try:
            ends.append(float(row[column]) if row[column] != "" else None)
        except ValueError:
            reader.problems.append(
                Problem(
                    file,
                    line,
                    column,
                    row[column],
                    phrase("is not a number"),
                    phrase("Write it with a decimal point and no thousands sign."),
                )
            )
            ends.append(None)
    first, last = ends
    return None if first is None or last is None else (first, last)


def _spread(value: str, spec: FieldSpec) -> tuple[float, float] | None:
    """The usual range of a table field: the value less and more the relative span of fields.csv, inside
    the hard range."""
    if spec.unit in TEXT_UNITS:
        return None
    try:
        middle = float(value)
    except ValueError:
        return None
    low, high = middle - abs(middle) * spec.spread[0], middle + abs(middle) * spec.spread[1]
    if spec.hard is not None:
        low, high = max(low, spec.hard[0]), min(high, spec.hard[1])
    return (low, high)


def _fields(reader: _Reader) -> list[FieldSpec]:
    needed = (
        "table",
        "field",
        "unit",
        "required",
        "hard_low",
        "hard_high",
        "usual_down",
        "usual_up",
        "en",
        "zh",
    )
    path = reader.path("fields.csv")
    file = reader.name_of(path)
    return [
        FieldSpec(
            r["table"],
            r["field"],
            r["unit"],
            r["required"] == "yes",
            _range(reader, file, n, r, "hard_low", "hard_high"),
            _range(reader, file, n, r, "usual_down", "usual_up") or (0.0, 0.0),
            r["en"],
            r["zh"],
        )
        for n, r in reader.rows(path, needed)
    ]


def _scalars(reader: _Reader) -> None:
    needed = (
        "key",
        "value",
        "unit",
        "usual_low",
        "usual_high",
        "hard_low",
        "hard_high",
        *PROVENANCE,
        "en",
        "zh",
    )
    names = sorted(
        {p.name for root in (BUNDLED, reader.folder) for p in (root / "assumptions").glob("*.csv")}
    )
    for name in names:
        path = reader.path(f"assumptions/{name}")
        file = reader.name_of(path)
        for line, r in reader.rows(path, needed):
            reader.add(
                r["key"],
                r["value"],
                r["unit"],
                _range(reader, file, line, r, "usual_low", "usual_high"),
                _range(reader, file, line, r, "hard_low", "hard_high"),
                r,
                file,
                line,
                r["en"],
                r["zh"],
            )


def _markets(reader: _Reader, fields: list[FieldSpec]) -> None:
    specs = [f for f in fields if f.table == "market"]
    root = reader.folder / "markets" if (reader.folder / "markets").is_dir() else BUNDLED / "markets"
    for path in sorted(root.glob("*.csv")):
        market, file = path.stem, reader.name_of(path)
        seen = []
        rows = reader.rows(path, ("key", "value", "usual_low", "usual_high", *PROVENANCE))
        scale = _per_dollar(reader, next((r["value"] for _, r in rows if r["key"] == "currency"), ""))
        for line, r in rows:
            spec = next((s for s in specs if fnmatch.fnmatchcase(r["key"], s.pattern)), None)
            if spec is None:
                reader.problems.append(
                    Problem(
                        file,
                        line,
                        "key",
                        r["key"],
                        phrase("is not a field of a market"),
                        nearest(r["key"], [s.pattern for s in specs]),
                    )
                )
                continue
            seen.append(spec.pattern)
            spec = _scaled(spec, scale)
            usual = _range(reader, file, line, r, "usual_low", "usual_high") or _spread(r["value"], spec)
            reader.add(
                f"{market}.{r['key']}",
                r["value"],
                spec.unit,
                usual,
                spec.hard,
                r,
                file,
                line,
                f"{market}: {spec.en}",
                f"{row_title(('market',), {'market': market}, reader.found)}：{spec.zh}",
            )
        for spec in specs:
            if spec.required and spec.pattern not in seen:
                reader.problems.append(
                    Problem(
                        file,
                        None,
                        spec.pattern,
                        "",
                        phrase("is missing"),
                        phrase("Add a row for it: {en}.", en=spec.en, zh=spec.zh),
                    )
                )


def _per_dollar(reader: _Reader, currency: str) -> float:
    """Hard ranges of amounts are written in dollars: a currency with many units to the dollar gets so many
    times the room.

    Without a rate there is no telling: the missing rate is the problem then, not the amounts.
    """
    rate = reader.found.get(f"fx.{currency}")
    return max(1.0, float(rate.value)) if rate else math.inf if currency else 1.0


def _scaled(spec: FieldSpec, scale: float) -> FieldSpec:
    return (
        spec._replace(hard=(spec.hard[0], spec.hard[1] * scale))
        if spec.unit in _AMOUNTS and spec.hard is not None
        else spec
    )


def _about_others(reader: _Reader, row: dict[str, str]) -> bool:
    """Does a row of the bundled network speak of a provider or market that an own data folder does not
    have?"""
    provider, market = row.get("provider"), row.get("market")
    return (provider is not None and f"provider.{provider}.kind" not in reader.found) or (
        market not in (None, "*") and f"{market}.currency" not in reader.found
    )


def _wide(reader: _Reader, fields: list[FieldSpec]) -> None:
    for name, (table, keys) in _WIDE.items():
        specs = [f for f in fields if f.table == table]
        path = reader.path(name)
        needed = (*keys, *(s.pattern for s in specs if s.required), *PROVENANCE)
        for line, r in reader.rows(path, needed):
            if (
                table in NETWORK_TABLES
                and not path.is_relative_to(reader.folder)
                and _about_others(reader, r)
            ):
                continue
            if "month" in keys:
                r["month"] = r["month"].zfill(2)  # a spreadsheet makes 1 of 01
            label, chinese = " ".join(r[k] for k in keys), row_title(keys, r, reader.found)
            currency = reader.found.get(f"provider.{r.get('provider')}.currency")
            scale = _per_dollar(reader, r.get("currency") or (str(currency.value) if currency else ""))
            for spec in (_scaled(s, scale) for s in specs):
                if not spec.required and not r.get(spec.pattern):
                    continue
                key = ".".join([table, *(r[k] or "~" for k in keys), spec.pattern])
                reader.add(
                    key,
                    r[spec.pattern],
                    spec.unit,
                    _spread(r[spec.pattern], spec),
                    spec.hard,
                    r,
                    reader.name_of(path),
                    line,
                    f"{label}: {spec.en}",
                    f"{chinese}：{spec.zh}",
                )


def bundled_markets() -> set[str]:
    """Markets of the bundled data, which its tables of facts may name beside those of an own folder."""
    return {path.stem for path in (BUNDLED / "markets").glob("*.csv")}


def read_ledger(folder: Path | None = None) -> Ledger:
    """Read the data folder; a file missing in `folder` is taken from the bundled data.

    Raises InputError with every problem of every file.
    """
    reader = _Reader(Path(folder).resolve() if folder else BUNDLED)
    fields = _fields(reader)
    _scalars(reader)
    _markets(reader, fields)
    _wide(reader, fields)
    tables = {
        name: [row for _, row in reader.rows(reader.path(name), columns)] for name, columns in PLAIN.items()
    }
    book = Book(reader.found.values())
    problems = reader.problems or [
        *holes(book),
        *cause_problems(tables["root_causes.csv"]),
        *reason_code_problems(tables[REASON_CODES]),
    ]
    if problems:
        raise InputError(dict.fromkeys(problems))  # a file that serves two tables is read twice
    return Ledger(book, tables, dict(sorted(reader.files.items())), fields, reader.words)
