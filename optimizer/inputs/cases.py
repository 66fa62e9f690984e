"""Case files: every value checked, every problem at once, good rows as typed columns in the order of
CASE_COLUMNS."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from optimizer.domain.cases import CASE_COLUMNS
from optimizer.domain.names import DELIVERED_ISSUES, UNCLASSIFIED, UNDER_WAY_ISSUES, UNSHIPPED_ISSUES
from optimizer.errors import InputError, Problem, first_of
from optimizer.inputs.columns import READERS, Check, as_text, by_unique, days_as_text, is_personal
from optimizer.inputs.decoding import ENCODING_TITLES
from optimizer.inputs.formula_guard import unguarded
from optimizer.inputs.tabular import Table, read_table, squeeze
from optimizer.phrases import Phrase, phrase

# What an issue says about the parcel where neither a flag nor a date does.

GUESSED = ("gbk", "cp932", "cp1252")  # encodings that are recognised, not declared by the file


class Known(NamedTuple):
    """What cases may refer to."""

    markets: Mapping[str, str]  # market -> currency
    classes: tuple[str, ...]
    currencies: tuple[str, ...]
    products: pd.DataFrame | None = None  # sku, product_class [, item_price, item_price_<market>]
    class_prices: Mapping[tuple[str, str], float] = {}  # (market, class) -> price in its currency
    rates: Mapping[str, float] = {}  # currency -> units of it per unit of the reporting currency


class CaseFile(NamedTuple):
    """The cases of one or several files."""

    frame: pd.DataFrame  # columns of CASE_COLUMNS, index 0 … C-1
    rejects: list[Problem]
    rejected_rows: int
    warnings: list[Phrase]
    sha256: dict[str, str]  # file -> hex digest


def read_cases(
    paths: str | Path | Iterable[str | Path], known: Known, skip_rejects: bool = False
) -> CaseFile:
    """Read and check case files.

    Raises InputError with every problem of every file: for any bad row, or with `skip_rejects` only when a
    file cannot be read, lacks a column or has no good row.
    """
    frames: list[pd.DataFrame] = []
    problems: list[Problem] = []
    fatal: list[Problem] = []
    warnings: list[Phrase] = []
    digests: dict[str, str] = {}
    seen: dict[str, pd.Series] = {}
    for path in [paths] if isinstance(paths, (str, Path)) else paths:
        try:
            table = unguarded(read_table(path, keep_ragged=True))
        except InputError as error:
            fatal += error.problems
            continue
        digests[table.file] = table.sha256
        good, found, said = validate_cases(table, known)
        repeated = _repeated_across(table, good, seen)
        good = good.drop(index=[p.row for p in repeated if p.row in good.index])
        found = found + repeated
        if table.encoding in GUESSED:
            warnings.append(
                phrase(
                    "{file}: read as {encoding}; save it as UTF-8 if letters look wrong",
                    file=path,
                    encoding=ENCODING_TITLES[table.encoding],
                )
            )
        if any(p.row is None for p in found) or good.empty:
            fatal += found
        frames, problems, warnings = frames + [good], problems + found, [*warnings, *said]
    if not digests and not fatal:
        raise InputError(phrase("no case file was named"))
    if fatal or (problems and not skip_rejects):
        raise InputError(dict.fromkeys([*problems, *fatal]))
    frame = frames[0] if len(frames) == 1 else pd.concat(frames)
    return CaseFile(
        frame.reset_index(drop=True), problems, len({(p.file, p.row) for p in problems}), warnings, digests
    )


def validate_cases(table: Table, known: Known) -> tuple[pd.DataFrame, list[Problem], list[Phrase]]:
    """Good rows (index = row of the file), the problems of the others, and warnings.

    A problem with row None concerns the whole file; no row is good then.
    """
    check = Check(table)
    headers, warnings = _match(check)
    allowed = {"market": tuple(known.markets), "currency": known.currencies, "product_class": known.classes}
    out: dict[str, Any] = {}
    for column in CASE_COLUMNS:
        check.header = headers.get(column.name, column.name)
        values = table.frame[headers[column.name]] if column.name in headers else None
        out[column.name] = READERS[column.kind](
            check, column, values, allowed.get(column.name, column.allowed)
        )
    _check_order_of_dates(check, headers, out)
    _check_repeated(check, headers, out["case_id"])
    _derive_flags(out)
    _fill_currency(out, known)
    unclassified = _fill_class(out, known)
    frame = pd.DataFrame(out, index=table.frame.index)[[c.name for c in CASE_COLUMNS]]
    good = frame[~check.refused] if check.refused.any() else frame
    count = int(unclassified[~check.refused].sum())
    if count:
        warnings.append(
            phrase(
                "{file}: {count:,} of {cases:,} cases have no product class and none is known for their sku: "
                "they are taken as {name!r}",
                file=table.file,
                count=count,
                cases=len(good),
                name=UNCLASSIFIED,
            )
        )
    return good, check.sorted(), warnings


# ---------------------------------------------------------------- columns of the file


def _match(check: Check) -> tuple[dict[str, str], list[Phrase]]:
    """Canonical column -> header of the file, and what is said about the other headers."""
    file, present = check.table.file, list(check.table.frame.columns)
    names = {squeeze(c.name): c.name for c in CASE_COLUMNS}
    headers: dict[str, str] = {}
    extra = []
    for header in present:
        name = names.get(squeeze(header))
        if name is None:
            extra.append(header)
        elif name in headers:
            check.whole_file(
                header,
                "",
                phrase("means the same as column {other}", other=headers[name]),
                phrase("Remove one of the two."),
            )
        else:
            headers[name] = header
    for column in CASE_COLUMNS:
        if column.required and column.name not in headers:
            near = difflib.get_close_matches(
                squeeze(column.name), [squeeze(h) for h in extra], n=1, cutoff=0.6
            )
            nearest_header = next((h for h in extra if near and squeeze(h) == near[0]), None)
            fix = (
                phrase(
                    "The nearest header is {header!r}: rename it to {name!r}.",
                    header=nearest_header,
                    name=column.name,
                )
                if nearest_header
                else phrase(
                    "Add it ({meaning}). The file has: {headers}.",
                    meaning=column.meaning,
                    headers=first_of(present, 12),
                )
            )
            check.whole_file(column.name, "", phrase("is missing"), fix)
    warnings = []
    private = [h for h in extra if is_personal(h)]
    ignored = [h for h in extra if h not in private]
    if private:
        warnings.append(
            phrase(
                "{file}: columns with personal data were not read: {headers}",
                file=file,
                headers=", ".join(private),
            )
        )
    if ignored:
        warnings.append(
            phrase("{file}: unknown columns were ignored: {headers}", file=file, headers=", ".join(ignored))
        )
    return headers, warnings


# ---------------------------------------------------------------- what columns say together


def _check_order_of_dates(check: Check, headers: Mapping[str, str], out: Mapping[str, Any]) -> None:
    """One day of slack: the dates of one case come from clocks in different time zones."""
    day = np.timedelta64(1, "D")
    for later, earlier in (
        ("ship_date", "order_date"),
        ("delivery_date", "ship_date"),
        ("delivery_date", "order_date"),
        ("case_date", "order_date"),
    ):
        before = out[later] < out[earlier] - day
        if earlier == "order_date" and later == "delivery_date":
            before &= np.isnat(out["ship_date"])  # with a ship date the other two pairs say it
        if before.any():
            check.add(
                before,
                days_as_text(out[later]),
                _is_before(earlier, days_as_text(out[earlier])),
                phrase("Correct {later} or {earlier}.", later=later, earlier=earlier),
                headers.get(later, later),
            )


def _is_before(earlier: str, reference: pd.Series) -> Callable[[int], Phrase]:
    """What is said of a row whose day lies before another day of it."""
    return lambda i: phrase("is before the {earlier} {day}", earlier=earlier, day=reference.iloc[i])


def _check_repeated(check: Check, headers: Mapping[str, str], ids: pd.Series) -> None:
    again = (ids.duplicated() & (ids != "")).to_numpy(bool)
    if again.any():
        same = ids[ids.isin(ids[again])]
        first = dict(zip(reversed(same.tolist()), reversed(same.index.tolist())))
        check.add(
            again,
            ids,
            lambda i: phrase("is the same case as row {first}", first=first[ids.iloc[i]]),
            phrase("Give every case its own case_id, or remove one of the two rows."),
            headers.get("case_id"),
        )


def _repeated_across(table: Table, good: pd.DataFrame, seen: dict[str, pd.Series]) -> list[Problem]:
    """Cases that an earlier file of the same run has too; `seen` grows by this file."""
    ids, problems = good["case_id"], []
    for file, earlier in seen.items():
        again = ids[ids.isin(earlier)]
        first = (
            dict(zip(earlier[earlier.isin(again)], earlier.index[earlier.isin(again)])) if len(again) else {}
        )
        problems += [
            Problem(
                table.file,
                row,
                "case_id",
                case,
                phrase("is the same case as row {first} of {file}", first=first[case], file=file),
                phrase("Give every case its own case_id, or remove one of the two rows."),
            )
            for row, case in again.items()
        ]
    seen[table.file] = ids
    return problems


def _derive_flags(out: dict[str, Any]) -> None:
    """`shipped` and `delivered` where the file says nothing: the issue decides, else the dates."""
    issue = out["issue"]
    arrived = ~np.isnat(out["delivery_date"]) & (out["delivery_date"] <= out["case_date"])
    delivered = (arrived | issue.isin(DELIVERED_ISSUES)) & ~issue.isin(UNDER_WAY_ISSUES + UNSHIPPED_ISSUES)
    sent = ~np.isnat(out["ship_date"]) | ~np.isnat(out["delivery_date"])
    shipped = (sent | delivered | issue.isin(UNDER_WAY_ISSUES)) & ~issue.isin(UNSHIPPED_ISSUES)
    for name, derived in (("shipped", shipped), ("delivered", delivered)):
        out[name] = np.where(out[name] < 0, derived, out[name] == 1)


def _fill_currency(out: dict[str, Any], known: Known) -> None:
    codes = [known.currencies.index(c) if c in known.currencies else -1 for c in known.markets.values()]
    market, currency = out["market"].codes, out["currency"].codes
    of_market = np.array([*codes, -1])[market]
    out["currency"] = pd.Categorical.from_codes(np.where(currency < 0, of_market, currency), known.currencies)


def _fill_class(out: dict[str, Any], known: Known) -> np.ndarray:
    """Classes of blank rows from products by sku, else unclassified; which rows became unclassified.
    (C,) bool"""
    codes = out["product_class"].codes.astype(np.int64)
    blank = codes < 0
    if blank.any():
        place = {name: i for i, name in enumerate(known.classes)}
        names = classes_of(out["sku"], known.products)
        codes = np.where(blank, by_unique(names, lambda name: place.get(name, -1), np.int64), codes)
    unclassified = codes < 0
    codes = np.where(unclassified, known.classes.index(UNCLASSIFIED), codes)
    out["product_class"] = pd.Categorical.from_codes(codes, known.classes)
    return unclassified


def classes_of(sku: pd.Series, products: pd.DataFrame | None) -> pd.Series:
    """Product class of each sku by the product list, "" where it says nothing."""
    if products is None or "product_class" not in products:
        return pd.Series("", index=sku.index, dtype="str")
    listed = dict(
        zip(
            reversed(as_text(products["sku"]).tolist()), reversed(as_text(products["product_class"]).tolist())
        )
    )
    return pd.Series(by_unique(sku, lambda s: listed.get(s, ""), object), index=sku.index, dtype="str")
