"""Reports of shop systems to canonical cases: one engine, driven by the mappings of data/imports or of the
user."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from optimizer.domain.cases import CASE_COLUMNS
from optimizer.domain.names import MARKET_ALIASES
from optimizer.errors import BLANK, ZERO, InputError, Problem, nearest
from optimizer.inputs.cases import Known, validate_cases
from optimizer.inputs.mangled import mend_names
from optimizer.inputs.mapping import load_mapping
from optimizer.inputs.mapping_form import CANONICAL, Mapping
from optimizer.inputs.payments.cases import case_tables
from optimizer.inputs.payments.costs import actual_costs
from optimizer.inputs.payments.layouts import KINDS as PAYMENT_KINDS
from optimizer.inputs.payments.layouts import PAYMENT_IMPORTS
from optimizer.inputs.payments.reading import Payments, Tie, read_payments
from optimizer.inputs.prices import described, fill_cost, fill_prices, order_lines
from optimizer.inputs.rules import fill_down, give_fields, holds
from optimizer.inputs.tabular import Table
from optimizer.inputs.translating import (
    FILE,
    ROW,
    fields_of,
    fill_blanks,
    map_values,
    read_numbers_and_dates,
    read_reports,
)
from optimizer.phrases import Phrase, chain, phrase

_REPEATED = phrase("already in this import")
MONEY_CASES = PAYMENT_IMPORTS / "cases.yaml"
Progress = Callable[[float, str], None]


class Imported(NamedTuple):
    """What became of the rows of a report: rows = cases + skipped + rejected rows."""

    cases: pd.DataFrame  # columns of CASE_COLUMNS
    rejects: list[Problem]
    skipped: dict[str, int]  # reason -> rows
    rows: int
    notes: list[Phrase]
    ties: tuple[Tie, ...] = ()  # of the money reports, with what they add up to

    @property
    def rejected_rows(self) -> int:
        """Rows with at least one problem."""
        return len({(p.file, p.row) for p in self.rejects if p.row is not None})


def import_report(
    kind: str | Path,
    files: str | Path | Iterable[str | Path],
    *,
    market: str | None = None,
    products: pd.DataFrame | None = None,
    orders: str | Path | None = None,
    payments: Iterable[str | Path] = (),
    known: Known,
    progress: Progress | None = None,
) -> Imported:
    """Cases of the files of one report.

    `kind` is a name of `kinds()` or the path of a mapping. `market` stands where the report names none, or
    one that is not known; `products` and `orders` (a file of kind all_orders) supply what it lacks,
    `payments` (money reports) what the cases cost. Raises InputError when a file or the mapping cannot be
    used as a whole; single bad rows become rejects.
    """
    step = progress or (lambda share, phase: None)
    known = known if products is None else known._replace(products=products)
    market = known_market(market, known)
    step(0.0, phrase("reading"))
    if kind in PAYMENT_KINDS:
        money = read_payments(files, known, market)
        tables, skipped, notes = case_tables(money, known.rates)
        found = _import_tables(load_mapping(MONEY_CASES), tables, market, orders, None, known, step)
        return found._replace(
            rejects=money.rejects + found.rejects,
            skipped=skipped | found.skipped,
            rows=len(money.rows) + money.ragged,
            notes=money.notes + notes + found.notes,
            ties=tuple(money.ties),
        )
    mapping = load_mapping(kind)
    tables, notes = read_reports(mapping, files)
    paid = read_payments(payments, known, market) if payments else None
    found = _import_tables(mapping, tables, market, orders, paid, known, step)
    if paid is not None:
        notes += paid.notes
    return found._replace(notes=notes + found.notes, ties=() if paid is None else tuple(paid.ties))


def _import_tables(
    mapping: Mapping,
    tables: list[Table],
    market: str,
    orders: str | Path | None,
    money: Payments | None,
    known: Known,
    step: Progress,
) -> Imported:
    """Cases of tables that are read already."""
    step(0.4, phrase("translating"))
    notes: list[Phrase] = []
    theirs, headers = fields_of(mapping, tables)
    notes += fill_down(mapping, theirs)
    lost = mend_names(mapping, theirs, notes)
    rows, unlisted = map_values(mapping, theirs)
    unreadable = read_numbers_and_dates(mapping, rows) | lost
    lines = None if orders is None else order_lines(mapping, orders, known)
    notes += give_fields(mapping, rows, theirs)
    notes += fill_blanks(mapping, rows, market, known, lines)
    fill_prices(mapping, rows, unreadable, known, lines)
    fill_cost(mapping, rows, unreadable, known)

    reasons = _skip_reasons(mapping, rows, theirs)
    taken = rows[reasons == ""]
    if len(taken) and not any("market" in found for found in headers) and (taken["market"] == "").all():
        raise InputError(
            [
                Problem(
                    table.file,
                    None,
                    "market",
                    "",
                    phrase("is not in this report"),
                    phrase(
                        "Say where it was sold, such as --market {market}.", market=next(iter(known.markets))
                    ),
                )
                for table in tables
            ]
        )
    taken = taken.assign(case_id=_case_ids(mapping, taken))
    if money is not None:
        taken, said = _with_costs(mapping, taken, money, known)
        notes += said
    step(0.7, phrase("checking"))
    cases, rejects, kept = [], [], []
    for number, table in enumerate(tables):
        part = taken[taken[FILE] == number]
        good, problems, warnings = _check(mapping, table, part, headers[number], theirs, unreadable, known)
        cases.append(good)
        kept.append(part[part[ROW].isin(good.index)])
        rejects += problems
        notes += warnings
    accepted = pd.concat(kept)
    notes += described(accepted) + _not_listed(accepted, unlisted)
    skipped = {reason: int(n) for reason, n in reasons[reasons != ""].value_counts().items()}
    count = sum(len(table.frame) + len(table.ragged) for table in tables)
    step(1.0, phrase("imported"))
    return Imported(pd.concat(cases, ignore_index=True), rejects, skipped, count, notes)


def _with_costs(
    mapping: Mapping, taken: pd.DataFrame, money: Payments, known: Known
) -> tuple[pd.DataFrame, list[Phrase]]:
    """Rows with what they really cost by the money reports, and what was said of it."""
    if "order_id" not in taken:
        raise InputError(
            [
                Problem(
                    mapping.file,
                    None,
                    "helpers",
                    "order_id",
                    phrase("is not named, so no money can be found by order"),
                    phrase("Name its header in the mapping, or leave --payments out."),
                )
            ]
        )
    costs = actual_costs(taken, money, known.rates)
    text = costs.cents.map(lambda cents: "" if pd.isna(cents) else f"{cents / 100 + 0.0:.2f}").astype("str")
    return taken.assign(actual_cost=taken["actual_cost"].mask(text != "", text)), list(costs.notes)


def known_market(market: str | None, known: Known) -> str:
    """A market as it was named on the command line, "" for none; InputError for one that is not known."""
    name = (market or "").strip().upper()
    name = MARKET_ALIASES.get(name, name)
    if name and name not in known.markets:
        raise InputError(
            [
                Problem(
                    "--market",
                    None,
                    "",
                    str(market),
                    phrase("is not a known market"),
                    nearest(name, known.markets),
                )
            ]
        )
    return name


def _skip_reasons(mapping: Mapping, rows: pd.DataFrame, theirs: pd.DataFrame) -> pd.Series:
    """Why each row is no case, "" where it is one; the first rule that fits counts, repeated rows come
    last.   (R,) phrases"""
    found = np.full(
        len(rows), "", object
    )  # not a column of text, which would forget how its sentences were made
    for rule in mapping.skip:
        fits = holds(rule.conditions, rows) & (found == "")
        if not fits.any():
            continue
        # A value that keeps its own text may be blank; the reason then says so.
        shown = theirs.loc[fits, rule.conditions[0].column]
        said = {
            v: phrase(rule.reason, value=v or phrase("blank")) if "{" in rule.reason else phrase(rule.reason)
            for v in shown.unique()
        }
        found[fits] = np.array([said[v] for v in shown], object)
    key = pd.Series("", index=rows.index, dtype="str")
    for number, names in enumerate(mapping.same_row):
        joined = str(number)
        for name in names:
            joined = joined + "\t" + rows[name]
        key = key.mask((key == "") & (rows[names[0]] != ""), joined)
    open_ = key[(found == "") & (key != "")]
    found[rows.index.get_indexer(open_.index[open_.duplicated()])] = _REPEATED
    return pd.Series(found, index=rows.index, dtype=object)


def _case_ids(mapping: Mapping, rows: pd.DataFrame) -> pd.Series:
    """The template filled in; the second row with the same name gets -2. Names that the report gives stay
    as they are."""
    made = pd.Series("", index=rows.index, dtype="str")
    for literal, name, _, _ in string.Formatter().parse(mapping.case_id):
        made = made + literal + (rows[name] if name is not None else "")
    made = made.str.strip("-_ ")
    while made[made != ""].duplicated().any():
        number = made.groupby(made).cumcount() + 1
        made = made.mask((number > 1) & (made != ""), made + "-" + number.astype("str"))
    return rows["case_id"].mask(rows["case_id"] == "", made)


def _check(
    mapping: Mapping,
    table: Table,
    part: pd.DataFrame,
    headers: dict[str, str],
    theirs: pd.DataFrame,
    unreadable: dict[str, tuple[pd.Series, Phrase, Phrase]],
    known: Known,
) -> tuple[pd.DataFrame, list[Problem], list[Phrase]]:
    """Good cases of one file, problems in the words of the report, warnings."""
    raw = theirs.loc[part.index].set_axis(part[ROW].to_numpy(int))
    own: dict[tuple[int, str], Problem] = {}
    for name, (wrong, problem, fix) in unreadable.items():
        for row in raw.index[wrong[part.index].to_numpy(bool)].tolist():
            own[row, name] = Problem(
                table.file, row, headers.get(name, name), raw.at[row, name][:80], problem, fix
            )
    canonical = table._replace(frame=part[[c.name for c in CASE_COLUMNS]].set_axis(raw.index))
    good, problems, warnings = validate_cases(canonical, known)
    good = good.drop(index=[row for row, _ in own if row in good.index])
    # What cannot be read is said once: not again by the checks, nor of a field that copies it.
    rest = [
        _in_their_words(p, mapping, headers, raw)
        for p in problems
        if (p.row, p.column) not in own and (p.row, mapping.copy.get(p.column)) not in own
    ]
    return good, sorted(dict.fromkeys([*own.values(), *rest]), key=lambda p: p.row or 0), warnings


def _in_their_words(
    problem: Problem, mapping: Mapping, headers: dict[str, str], raw: pd.DataFrame
) -> Problem:
    """The header and value of the report instead of ours, and where the fix lies."""
    name, fix = problem.column, problem.fix
    value = raw.at[problem.row, name][:80] if name in headers and problem.value else problem.value
    if name == "item_price" and problem.code in (BLANK, ZERO):
        fix = phrase("Give its price in the product list (--products) or the orders report (--orders).")
    elif name in headers and CANONICAL[name].kind == "code":
        fix = chain(
            [
                fix,
                phrase("Or say what it means under values: {name} in {file}.", name=name, file=mapping.file),
            ]
        )
        if name == "market":
            fix = chain([fix, phrase("Or say which market such rows are priced in, with --market.")])
    return problem._replace(
        column=headers.get(name) or headers.get(mapping.copy.get(name, ""), name), value=value, fix=fix
    )


def _not_listed(taken: pd.DataFrame, unlisted: dict[str, pd.Series]) -> list[Phrase]:
    """Notes on values that a mapping does not list and that were taken as its '*' value."""
    notes = []
    for name, values in unlisted.items():
        seen = values[taken.index]
        counts = seen[seen != ""].value_counts()
        if len(counts):
            shown = ", ".join(f"{value} ({n:,})" for value, n in counts[:10].items()) + (
                ", …" if len(counts) > 10 else ""
            )
            ours = taken.at[seen.index[(seen != "").to_numpy(bool)][0], name]
            notes.append(
                phrase(
                    "{name}: values that the mapping does not list were taken as {ours!r}: {shown}",
                    name=name,
                    ours=ours,
                    shown=shown,
                )
            )
    return notes
