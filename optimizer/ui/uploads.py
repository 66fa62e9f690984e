"""Files that a person brings: recognised, read into cases, joined. No page and no session here."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from optimizer.domain.cases import CASE_COLUMNS
from optimizer.errors import InputError, Problem
from optimizer.inputs.account_health import AccountHealth
from optimizer.inputs.adding import Added, add_cases
from optimizer.inputs.fee_preview import ProductList
from optimizer.inputs.importing import Imported, Progress
from optimizer.inputs.mapping import IMPORTS, SUFFIXES, kinds, load_mapping
from optimizer.inputs.products import ORDER_COLUMNS, PRODUCT_COLUMNS
from optimizer.inputs.recognising import FEE_PREVIEW, TABLE_KINDS, kinds_that_fit
from optimizer.inputs.scenario import Scenario
from optimizer.inputs.tabular import read_table, squeeze
from optimizer.inputs.translating import fields_of, read_reports
from optimizer.phrases import Phrase
from optimizer.pipeline import import_cases, import_table, known_of, read_inputs
from optimizer.report.files import csv_bytes

# What a file may be beside the kinds of report that have a mapping.
CASES, PRODUCTS, MONTHS, MAPPING, MAPPED = "cases", "products", "orders_per_month", "mapping", "mapped"
PRICES, COSTS = "prices_only", "costs_only"
OWN_TABLES = {CASES: CASE_COLUMNS, PRODUCTS: PRODUCT_COLUMNS, MONTHS: ORDER_COLUMNS}
LONGEST_NAME = 60


class Upload(NamedTuple):
    """A file as it came: its name without folders, its bytes."""

    name: str
    data: bytes

    @property
    def digest(self) -> str:
        """sha256 of the bytes: what makes two uploads the same file."""
        return hashlib.sha256(self.data).hexdigest()


class UploadBatch(NamedTuple):
    """Reports that were read together: where they came from, and what became of their rows."""

    number: int  # counts up within a session
    kind: str
    market: str  # where the reports named none
    files: tuple[str, ...]
    digests: tuple[str, ...]
    imported: Imported | ProductList | AccountHealth

    @property
    def cases(self) -> pd.DataFrame | None:
        """The cases; None where a report of this kind holds none."""
        return self.imported.cases if isinstance(self.imported, Imported) else None

    @property
    def table(self) -> pd.DataFrame:
        """What was taken from a report without cases."""
        return self.imported.table if isinstance(self.imported, AccountHealth) else self.imported.products


@dataclass(frozen=True)
class OwnCases:
    """Cases to decide instead of the sample; everything the answer depends on lies in bytes."""

    made_from: tuple[object, ...]  # what `recipe` says of the uploads
    files: tuple[str, ...]
    count: int
    csv: bytes = field(repr=False)  # the case table, as it can be downloaded
    products: Upload | None = field(default=None, repr=False)
    months: Upload | None = field(default=None, repr=False)

    @cached_property
    def digest(self) -> str:
        """sha256 of the case table and of the tables read with it."""
        parts = [self.csv, *(u.data if u else b"" for u in (self.products, self.months))]
        return hashlib.sha256("".join(hashlib.sha256(p).hexdigest() for p in parts).encode()).hexdigest()

    @contextmanager
    def laid_out(self) -> Iterator[dict[str, Path | None]]:
        """Paths of cases, products and orders as long as the block lasts."""
        named = {"cases": Upload("cases.csv", self.csv), "products": self.products, "orders": self.months}
        with laid_out([u for u in named.values() if u]) as paths:
            rest = iter(paths)
            yield {role: next(rest) if upload else None for role, upload in named.items()}


# ---------------------------------------------------------------- files in a folder that goes away
@contextmanager
def laid_out(uploads: Iterable[Upload]) -> Iterator[list[Path]]:
    """The uploads as files, in their order, in a folder that is removed afterwards; equal names get a number.

    An InputError of the block leaves it naming files without the folder.
    """
    with tempfile.TemporaryDirectory(prefix="after-sales-") as folder:
        paths: list[Path] = []
        for upload in uploads:
            name = file_name(upload.name)
            path, number = Path(folder) / name, 2
            while path in paths:
                path, number = Path(folder) / f"{Path(name).stem} ({number}){Path(name).suffix}", number + 1
            path.write_bytes(upload.data)
            paths.append(path)
        try:
            yield paths
        except InputError as error:
            raise InputError(_bare(error.problems, Path(folder))) from None


def file_name(name: str) -> str:
    """A name that every file system takes: no folders, no control characters, not too long."""
    bare = re.sub(r"[\x00-\x1f\x7f:*?\"<>|]", "_", re.split(r"[/\\]", name)[-1]).strip(" .") or "file"
    stem, suffix = Path(bare).stem, Path(bare).suffix
    return stem[:LONGEST_NAME] + suffix[:10]


def without_folder(text: object, folder: Path) -> object:
    """A text, or a phrase with all its fields, that names files without the folder they lay in."""
    if not isinstance(text, str):
        return text
    plain = str(text).replace(f"{folder}/", "").replace(f"{folder}\\", "")
    if plain == text:
        return text
    if not isinstance(text, Phrase):
        return plain
    made = Phrase(plain)
    made.template = text.template
    made.fields = {name: without_folder(value, folder) for name, value in text.fields.items()}
    made.parts = tuple(without_folder(part, folder) for part in text.parts)
    return made


def _bare(problems: Iterable[Problem], folder: Path) -> list[Problem]:
    return [Problem(*(without_folder(part, folder) for part in p)) for p in problems]


# ---------------------------------------------------------------- what a file is
def recognised(upload: Upload) -> tuple[list[str], list[Problem]]:
    """What the file may be, best first, and why it cannot be read at all where it is nothing."""
    if Path(upload.name).suffix.lower() in SUFFIXES:
        return [MAPPING], []
    refused: list[Problem] = []
    with laid_out([upload]) as (path,):
        found = kinds_that_fit(path)
        try:
            headers = {squeeze(h) for h in read_table(path, keep_ragged=True).headers}
        except InputError as error:
            headers, refused = set(), _bare(error.problems, path.parent)
    own = [
        kind
        for kind, columns in OWN_TABLES.items()
        if {squeeze(c.name) for c in columns if c.required} <= headers
    ]
    return own + found, [] if own + found else refused


def fits_mapping(mapping: Upload, upload: Upload) -> bool:
    """Has the file every column that the uploaded mapping needs? A mapping with faults fits what it is
    uploaded with: reading names them."""
    with laid_out([*tables_of_mappings(), mapping, upload]) as (*_, rules, path):
        try:
            checked = load_mapping(rules)
        except InputError:
            return True
        try:
            fields_of(checked, read_reports(checked, [path])[0])
        except InputError:
            return False
    return True


def names_market(kind: str) -> bool:
    """Says a report of this kind where something was sold?"""
    if kind not in kinds():
        return kind != FEE_PREVIEW
    mapping = load_mapping(kind)
    return (
        "market" in mapping.columns
        or "market" in mapping.constants
        or any("market" in give.fields for give in mapping.give)
    )


def tables_of_mappings() -> list[Upload]:
    """The tables beside the built-in mappings, which a copy of one refers to."""
    return [Upload(path.name, path.read_bytes()) for path in sorted(IMPORTS.glob("*.csv"))]


# ---------------------------------------------------------------- reading
def read(
    kind: str,
    uploads: Sequence[Upload],
    scenario: Scenario,
    *,
    market: str = "",
    mapping: Upload | None = None,
    products: Upload | None = None,
    orders: Upload | None = None,
    payments: Sequence[Upload] = (),
    progress: Progress | None = None,
) -> Imported | ProductList | AccountHealth:
    """What `import` on the command line makes of the same files; file names in it stand without folders.

    `mapping` is read for kind MAPPED only. Raises InputError with every problem.
    """
    extra = {
        role: u
        for role, u in (
            ("mapping", mapping if kind == MAPPED else None),
            ("products", products),
            ("orders", orders),
        )
        if u
    }
    beside = tables_of_mappings() if kind == MAPPED else []
    with laid_out([*beside, *extra.values(), *payments, *uploads]) as paths:
        place = dict(zip(extra, paths[len(beside) :]))
        rest = paths[len(beside) + len(extra) :]
        money, files, folder = rest[: len(payments)], rest[len(payments) :], paths[0].parent
        if kind == CASES:
            made = _case_table(files, scenario, place.get("products"))
        elif kind in TABLE_KINDS:
            made = import_table(kind, files, scenario, market=market or None, products=place.get("products"))
        else:
            made = import_cases(
                place["mapping"] if kind == MAPPED else kind,
                files,
                scenario,
                market=market or None,
                orders=place.get("orders"),
                products=place.get("products"),
                payments=money,
                progress=progress,
            )
        if isinstance(made, Imported):
            made = made._replace(
                ties=tuple(tie._replace(file=without_folder(tie.file, folder)) for tie in made.ties)
            )
        return made._replace(
            rejects=_bare(made.rejects, folder),
            notes=[without_folder(n, folder) for n in made.notes],
            skipped={without_folder(reason, folder): n for reason, n in made.skipped.items()},
        )


def _case_table(files: list[Path], scenario: Scenario, products: Path | None) -> Imported:
    """Case tables as they are; bad rows become rejects."""
    file = read_inputs(scenario, files, products, None, skip_rejects=True)[0]
    return Imported(file.frame, file.rejects, {}, len(file.frame) + file.rejected_rows, file.warnings)


def markets(scenario: Scenario) -> list[str]:
    """Codes of the markets that a report can be of."""
    return list(known_of(scenario).markets)


def check_tables(scenario: Scenario, products: Upload | None, months: Upload | None) -> None:
    """Raises InputError with every problem of a product list and of orders per month."""
    with laid_out([u for u in (products, months) if u]) as paths:
        rest = iter(paths)
        own = {role: next(rest) if u else None for role, u in (("products", products), ("orders", months))}
        read_inputs(scenario, pd.DataFrame(), own["products"], own["orders"])


# ---------------------------------------------------------------- all that was read, together
def recipe(
    batches: Iterable[UploadBatch], products: Upload | None, months: Upload | None
) -> tuple[object, ...]:
    """What the cases are made from: the same recipe within a session gives the same cases."""
    return tuple(b.number for b in batches if b.cases is not None), *(
        u.digest if u else "" for u in (products, months)
    )


def joined(batches: Sequence[UploadBatch]) -> tuple[pd.DataFrame, list[Added]]:
    """All cases, and what each batch added to those before it; a case that comes again takes the values of
    the later batch."""
    steps: list[Added] = []
    for cases in (b.cases for b in batches if b.cases is not None):
        steps.append(add_cases(steps[-1].cases if steps else cases.iloc[:0], cases))
    return steps[-1].cases if steps else pd.DataFrame(), steps


def own_cases(
    batches: Sequence[UploadBatch], cases: pd.DataFrame, products: Upload | None, months: Upload | None
) -> OwnCases:
    """Everything that was read, ready to be decided."""
    files = tuple(name for b in batches if b.cases is not None for name in b.files)
    return OwnCases(recipe(batches, products, months), files, len(cases), csv_bytes(cases), products, months)
