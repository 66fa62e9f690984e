"""Settlements and payments to one amount per line, each with its category, and the proof that they add up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from optimizer.domain.sets import AMAZON_CHANNELS
from optimizer.errors import InputError, Problem
from optimizer.inputs.cases import Known
from optimizer.inputs.columns import LARGEST_COUNT, as_text, by_unique
from optimizer.inputs.headers import squeeze
from optimizer.inputs.local_formats import number_style, read_cents, read_days
from optimizer.inputs.payments.layouts import (
    AFTER_SALES,
    KINDS,
    OTHER,
    TITLES,
    Layout,
    category,
    is_order,
    layout,
    transactions,
)
from optimizer.inputs.payments.marketplaces import currency_of, day_order, market_of
from optimizer.inputs.tabular import Table, read_tables
from optimizer.phrases import Phrase, bilingual, phrase

LINE_COLUMNS = (
    "file",
    "row",
    "settlement",
    "order_id",
    "sku",
    "day",
    "market",
    "channel",
    "currency",
    "transaction",
    "description",
    "category",
    "cents",
    "quantity",
)
CHANNEL_WORDS = {
    **AMAZON_CHANNELS,
    "amazon": "fba",
    "seller": "merchant",
    "merchant": "merchant",
    "亚马逊": "fba",
    "卖家": "merchant",
    "verkaufer": "merchant",
    "vendeur": "merchant",
    "venditore": "merchant",
    "vendedor": "merchant",
    "出品者": "merchant",
}


class Tie(NamedTuple):
    """One settlement, or one payments file: what its amounts add up to and what the report itself says."""

    file: str
    settlement: str
    currency: str
    rows: int
    found: int  # cents
    stated: int  # cents
    by_category: dict[str, tuple[int, int]]  # category -> amounts, cents

    @property
    def difference(self) -> int:
        """Cents that are missing or too many; 0 where it ties."""
        return self.found - self.stated


class Payments(NamedTuple):
    """All amounts of some money reports."""

    kind: str  # of the first file
    lines: pd.DataFrame  # LINE_COLUMNS, one row per amount; cents and quantity are whole numbers
    ties: list[Tie]
    rejects: list[Problem]
    notes: list[Phrase]
    rows: pd.DataFrame  # file, row, said: what every row of the files is
    files: tuple[str, ...]
    ragged: int = 0  # rows left out because their cells do not fit the header; they stand in `rejects`


def kind_of(headers: list[str]) -> str:
    """Kind of money report that these headers are, "" for none."""
    return next((kind for kind in KINDS if layout(kind).fits(headers)), "")


def read_payments(files: str | Path | Iterable[str | Path], known: Known, market: str = "") -> Payments:
    """Amounts of settlements (V1, V2) and payments files, which may be mixed.

    `market` stands where a file names none. A report whose amounts do not add up to its own total has a
    reject on the row of the total. Raises InputError for a file that is none of these reports.
    """
    wanted = {name for kind in KINDS for name in layout(kind).wanted()}
    tables = read_tables(files, wanted=wanted, keep=lambda header: squeeze(header) in wanted)
    kinds = [kind_of(list(table.headers)) for table in tables]
    strange = [
        Problem(
            table.file,
            None,
            "",
            "",
            phrase("is neither a settlement nor a payments report"),
            phrase("Download the settlement (V1 or V2), or Payments > Transaction as CSV."),
        )
        for table, kind in zip(tables, kinds)
        if not kind
    ]
    if strange:
        raise InputError(strange)
    parts = [_Reader(layout(kind), table, known, market).read() for table, kind in zip(tables, kinds)]
    parts = _once(parts)
    lines = pd.concat([p.lines for p in parts], ignore_index=True)
    return Payments(
        parts[0].kind,
        lines,
        [t for p in parts for t in p.ties],
        [r for p in parts for r in p.rejects],
        [n for p in parts for n in p.notes] + _unlisted(lines),
        pd.concat([p.rows for p in parts], ignore_index=True),
        tuple(f for p in parts for f in p.files),
        sum(p.ragged for p in parts),
    )


def _once(parts: list[Payments]) -> list[Payments]:
    """The same files without money that stands in two of them: a settlement, its rows in a payments file,
    a row of two payments files."""
    settled: dict[str, str] = {}
    seen: set[int] = set()
    result: dict[int, Payments] = {}
    # Settlements first, whatever the order of the files: they are complete, a payments file may be any
    # stretch of days.
    for place in sorted(range(len(parts)), key=lambda i: parts[i].kind == "payments"):
        part, rows = parts[place], parts[place].rows
        file = part.files[0]
        again = rows["settlement"].isin(settled) & (rows["settlement"] != "")
        if part.kind == "payments":
            again |= rows["same"].isin(seen)
            seen |= set(rows["same"])
        else:
            settled |= {number: file for number in rows["settlement"].unique() if number not in settled}
        gone = set(rows["row"][again])
        if gone:
            notes = [
                phrase(
                    "{file}: rows that stand in another of these files too were left out: {count:,}",
                    file=file,
                    count=len(gone),
                )
            ]
            lines = part.lines[~part.lines["row"].isin(gone)]
            ties = [t for t in part.ties if t.settlement not in set(rows["settlement"][again])]
            if part.kind == "payments":
                dropped = int(part.lines["cents"].sum() - lines["cents"].sum())
                ties = [
                    t._replace(
                        rows=t.rows - len(gone),
                        found=t.found - dropped,
                        stated=t.stated - dropped,
                        by_category=_by_category(lines),
                    )
                    for t in part.ties
                ]
            part = part._replace(
                lines=lines,
                ties=ties,
                rejects=[p for p in part.rejects if p.row not in gone],
                notes=part.notes + notes,
                rows=rows.assign(said=rows["said"].mask(again, "repeated")),
            )
        result[place] = part
    return [result[place] for place in range(len(parts))]


def _by_category(lines: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Amounts and cents of each category."""
    by = lines.groupby("category", sort=False)["cents"].agg(["size", "sum"])
    return {c: (int(n), int(s)) for c, n, s in by.itertuples()}


def _unlisted(lines: pd.DataFrame) -> list[Phrase]:
    """A note on amounts that no rule knows, with their sums."""
    other = lines[lines["category"] == OTHER]
    notes = []
    for (transaction, description, currency), part in other.groupby(
        ["transaction", "description", "currency"], sort=False
    ):
        notes.append(
            phrase(
                "no rule says what {transaction} / {description} is; counted as other: {amount:,.2f}"
                " {currency}",
                transaction=transaction,
                description=description or "-",
                amount=part["cents"].sum() / 100,
                currency=currency,
            )
        )
    return notes


def _each(text: pd.Series, of: Callable[[str], str]) -> pd.Series:
    """`of` of every value, asked once for each different one."""
    return pd.Series(by_unique(text, of, object), index=text.index, dtype="str")


class _Reader:
    """One file of a known layout."""

    def __init__(self, form: Layout, table: Table, known: Known, market: str):
        self.form, self.table, self.known, self.market = form, table, known, market
        self.headers = form.found(list(table.frame.columns))
        self.notes = [
            *table.notes(),
            phrase("{file}: taken as {kind}", file=table.file, kind=bilingual(*TITLES[form.kind])),
        ]
        self.rejects = list(table.ragged)

    def text(self, name: str) -> pd.Series:
        """A column as trimmed text, blank where the file has none."""
        frame = self.table.frame
        return (
            as_text(frame[self.headers[name]])
            if name in self.headers
            else pd.Series("", index=frame.index, dtype="str")
        )

    def reject(self, wrong: pd.Series, column: str, values: pd.Series, problem: str, fix: str) -> None:
        header = self.headers.get(column, column)
        self.rejects += [
            Problem(self.table.file, int(row), header, values[row][:80], problem, fix)
            for row in wrong.index[wrong.to_numpy(bool)]
        ]

    def read(self) -> Payments:
        frame = self.table.frame
        amounts, decimal = self._amounts()
        stated = self._cents("stated" if "stated" in self.headers else "total", decimal)
        written = self.text("day")
        settlement = self.text("settlement")
        summary = (
            (self.text("stated") != "") if "stated" in self.headers else pd.Series(False, index=frame.index)
        )
        markets = self._markets()
        order = day_order([*markets.unique(), self.market])
        days = read_days(written.mask(summary, ""), order)
        self.reject(
            days.wrong,
            "day",
            written,
            phrase("is not a day of a form that is known"),
            phrase("Download the report again and do not save it in a spreadsheet."),
        )
        if days.order and not days.told:
            self.notes.append(
                phrase(
                    "{file}: days were read {order}, as the market writes them",
                    file=self.table.file,
                    order=days.order,
                )
            )
        lines = self._lines(amounts, markets, days.text, settlement, summary)
        if self.form.kind == "payments":
            self._check_parts(amounts, stated)
        else:
            self.reject(
                (settlement == "") & settlement.index.isin(lines["row"]),
                "settlement",
                settlement,
                phrase("is blank, so the amount belongs to no total"),
                phrase("Download the report again, whole: rows are missing, doubled or changed."),
            )
        # What is refused is missing from the sum as well: a report with such a row never ties silently.
        lines = lines[~lines["row"].isin([p.row for p in self.rejects])]
        ties = self._ties(lines, stated, settlement, summary)
        rows = self._rows(lines, settlement, summary, {p.row for p in self.rejects})
        return Payments(
            self.form.kind,
            lines,
            ties,
            self.rejects,
            self.notes,
            rows,
            (self.table.file,),
            len(self.table.ragged),
        )

    def _amounts(self) -> tuple[dict[str, pd.Series], str]:
        """Cents of every amount column, and the decimal sign that the file uses."""
        columns = {}
        present = {squeeze(h): h for h in reversed(list(self.table.frame.columns))}
        for amount in self.form.amounts:
            header = next((present[squeeze(h)] for h in amount.headers if squeeze(h) in present), None)
            if header is not None:
                columns[amount.headers[0]] = header
        self.headers |= columns
        texts = {name: as_text(self.table.frame[header]) for name, header in columns.items()}
        style = number_style(list(texts.values()))
        if style.decimal == "," and style.told:
            self.notes.append(
                phrase("{file}: amounts are written with a decimal comma", file=self.table.file)
            )
        return {name: self._cents(name, style.decimal) for name in columns}, style.decimal

    def _cents(self, name: str, decimal: str) -> pd.Series:
        text = self.text(name)
        cents, wrong = read_cents(text, decimal)
        self.reject(
            wrong,
            name,
            text,
            phrase("is not an amount of money"),
            phrase("Correct it, or download the report again."),
        )
        return cents

    def _markets(self) -> pd.Series:
        """Market of every row: of its marketplace, else the only one the file names, else --market."""
        markets = _each(self.text("marketplace"), market_of)
        named = [m for m in markets.unique() if m]
        if not named and not self.market:
            return markets
        return markets.mask(markets == "", self.market or (named[0] if len(named) == 1 else ""))

    def _lines(
        self,
        amounts: dict[str, pd.Series],
        markets: pd.Series,
        days: pd.Series,
        settlement: pd.Series,
        summary: pd.Series,
    ) -> pd.DataFrame:
        spoken = self.text("transaction")
        transaction = spoken.map({v: transactions().get(squeeze(v), v) for v in spoken.unique()}).astype(
            "str"
        )
        described, typed = self.text("description"), self.text("type")
        quantity = self._quantities(transaction, amounts, summary)
        channel = _each(self.text("channel"), lambda v: CHANNEL_WORDS.get(squeeze(v), ""))
        currency = self._currencies(settlement, markets)
        present = {squeeze(h): h for h in reversed(list(self.table.frame.columns))}
        parts = []
        for amount in self.form.amounts:
            cents = amounts.get(amount.headers[0])
            if cents is None:
                continue
            here = (cents != 0) & ~summary
            if not here.any():
                continue
            if amount.description and squeeze(amount.description) in present:
                what = as_text(self.table.frame[present[squeeze(amount.description)]])
            else:  # in a payments report the column itself says what its amounts are
                what = pd.Series(
                    amount.headers[0] if self.form.kind == "payments" else "", index=cents.index, dtype="str"
                )
            group = typed if amount.group_of else pd.Series(amount.group, index=cents.index, dtype="str")
            # A payments row says in words what an adjustment or a fee is.
            key = (
                described.where((group == "other") | ~transaction.isin(["Order", "Refund"]), what)
                if self.form.kind == "payments"
                else what
            )
            triples = pd.MultiIndex.from_arrays([transaction[here], group[here], key[here]])
            found = {t: category(*t)[0] for t in triples.unique()}
            parts.append(
                pd.DataFrame(
                    {
                        "file": self.table.file,
                        "row": cents.index[here.to_numpy(bool)],
                        "settlement": settlement[here],
                        "order_id": self.text("order_id")[here],
                        "sku": self.text("sku")[here],
                        "day": days[here],
                        "market": markets[here],
                        "channel": channel[here],
                        "currency": currency[here],
                        "transaction": transaction[here],
                        "description": what[here],
                        "category": [found[t] for t in triples],
                        "cents": cents[here],
                        "quantity": quantity[here],
                    }
                )
            )
        if not parts:
            return pd.DataFrame(
                {
                    name: pd.Series(dtype="int64" if name in ("row", "cents", "quantity") else "str")
                    for name in LINE_COLUMNS
                }
            )
        return (
            pd.concat(parts, ignore_index=True)
            .sort_values("row", kind="stable")
            .reset_index(drop=True)[list(LINE_COLUMNS)]
        )

    def _quantities(
        self, transaction: pd.Series, amounts: dict[str, pd.Series], summary: pd.Series
    ) -> pd.Series:
        """Units of every row; where a form puts them on a row of their own, its other rows of the same
        item get them too."""
        said = pd.to_numeric(self.text("quantity"), errors="coerce").abs()
        units = said.where((said == np.floor(said)) & (said < LARGEST_COUNT), 0.0).fillna(0.0).astype("int64")
        alone = (sum(amounts.values(), pd.Series(0, index=units.index)) == 0) & ~summary
        item = [transaction, self.text("order_id"), self.text("sku"), self.text("item")]
        shared = units.where(alone, 0).groupby(item).transform("sum")
        return units.mask((units == 0) & ~alone, shared)

    def _currencies(self, settlement: pd.Series, markets: pd.Series) -> pd.Series:
        """Currency of each row: its settlement's, else its marketplace's, else its market's."""
        own = self.text("currency")
        of_settlement = own.mask(own == "").groupby(settlement).transform("first").fillna("")
        own = own.mask(own == "", of_settlement)
        own = own.mask(own == "", _each(self.text("marketplace"), currency_of))
        return own.mask(own == "", markets.map(dict(self.known.markets)).fillna("")).astype("str")

    def _check_parts(self, amounts: dict[str, pd.Series], stated: pd.Series) -> None:
        """In a payments row the parts add up to the total."""
        total = sum(amounts.values(), pd.Series(0, index=stated.index))
        wrong = (total != stated) & ~stated.index.isin([p.row for p in self.rejects])
        for row in stated.index[wrong.to_numpy(bool)]:
            self.rejects.append(
                Problem(
                    self.table.file,
                    int(row),
                    self.headers["total"],
                    f"{stated[row] / 100:.2f}",
                    phrase("is not the sum of the row's parts, {sum:,.2f}", sum=total[row] / 100),
                    phrase("Download the report again; a column may be missing or changed."),
                )
            )

    def _ties(
        self, lines: pd.DataFrame, stated: pd.Series, settlement: pd.Series, summary: pd.Series
    ) -> list[Tie]:
        ties = []
        if self.form.kind == "payments":
            currency = lines["currency"].iloc[0] if len(lines) else ""
            return [self._tie("", currency, lines, int(stated.sum()), len(stated))]
        for number in dict.fromkeys(settlement[settlement != ""]):
            mine = lines[lines["settlement"] == number]
            rows = summary & (settlement == number)
            for again in rows.index[rows.to_numpy(bool)][1:]:
                self.rejects.append(
                    Problem(
                        self.table.file,
                        int(again),
                        self.headers["settlement"],
                        number,
                        phrase("has a total already: the settlement stands twice in this file"),
                        phrase("Remove its second block of rows."),
                    )
                )
            rows &= ~rows.cumsum().gt(1)
            tie = self._tie(
                number,
                self._currencies(settlement, self._markets())[settlement == number].iloc[0],
                mine,
                int(stated[rows].sum()),
                int((settlement == number).sum()),
            )
            ties.append(tie)
            if not rows.any():  # no row to refuse, so it is said as a note
                self.notes.append(
                    phrase(
                        "{file}: has no row of the total for settlement {number}, so nothing proves that its"
                        " rows are complete",
                        file=self.table.file,
                        number=number,
                    )
                )
            elif tie.difference:
                self.rejects.append(
                    Problem(
                        self.table.file,
                        int(stated.index[rows.to_numpy(bool)][0]),
                        self.headers["stated"],
                        f"{tie.stated / 100:.2f}",
                        phrase(
                            "is not what the amounts of settlement {number} add up to, {found:,.2f}:"
                            " {difference:,.2f} too much",
                            number=number,
                            found=tie.found / 100,
                            difference=tie.difference / 100,
                        ),
                        phrase("Download the report again, whole: rows are missing, doubled or changed."),
                    )
                )
        return ties

    def _tie(self, number: str, currency: str, lines: pd.DataFrame, stated: int, rows: int) -> Tie:
        return Tie(
            self.table.file, number, currency, rows, int(lines["cents"].sum()), stated, _by_category(lines)
        )

    def _rows(
        self, lines: pd.DataFrame, settlement: pd.Series, summary: pd.Series, bad: set[int | None]
    ) -> pd.DataFrame:
        """Every row of the file and what it is: after-sales money of an order ("case"), or the reason why
        it is skipped."""
        index = self.table.frame.index
        once = lines.drop_duplicates("row").set_index("row")["category"]
        case = lines.loc[lines["category"].isin(AFTER_SALES), "row"].unique()
        said = once.reindex(index).fillna("nothing").to_numpy(object, copy=True)
        said[index.isin(case)] = "case"
        said[(said == "case") & ~is_order(self.text("order_id")).to_numpy(bool)] = "no order"
        said[summary.to_numpy(bool)] = "summary"
        said[index.isin([b for b in bad if b is not None])] = "rejected"
        # What makes a row of a payments file the same row in another one: all that is read of it, and which
        # one of such rows it is.
        same = pd.util.hash_pandas_object(self.table.frame.astype("str"), index=False)
        return pd.DataFrame(
            {
                "file": self.table.file,
                "row": index,
                "said": said,
                "settlement": settlement.to_numpy(object),
                "same": same.to_numpy() ^ same.groupby(same).cumcount().to_numpy(np.uint64),
            }
        )
