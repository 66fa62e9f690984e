"""One column of the case table at a time: how text becomes codes, days, money, counts and flags, and what
is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from optimizer.domain.cases import PERSONAL_COLUMNS, Column
from optimizer.domain.names import MARKET_ALIASES
from optimizer.errors import BLANK, ZERO, Problem, nearest
from optimizer.inputs.tabular import Table
from optimizer.phrases import phrase

FLAGS = {
    "true": True,
    "yes": True,
    "y": True,
    "1": True,
    "是": True,
    "false": False,
    "no": False,
    "n": False,
    "0": False,
    "否": False,
}
FIRST_DAY, LAST_DAY = np.datetime64("2000-01-01"), np.datetime64("2099-12-31")
ISO_DATE = r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?"
LARGEST_PRICE, LARGEST_COUNT = 1e9, 1_000_000
SUGGESTED = 200  # different wrong values that get a suggestion of their own
# Words that make a header personal, beyond PERSONAL_COLUMNS, and those that make it harmless again.
ALSO_PERSONAL = ("zip", "postcode", "ciudad", "calle", "comprador", "stadt", "strasse", "plz", "ville", "rue")
PERSONAL_SIGNS = ("买家", "收件", "姓名", "电话", "手机", "邮箱", "邮编", "地址", "城市", "街道")
NOT_PERSONAL = ("product", "item", "sku", "requested", "cancel", "cancellation")


class Check:
    """Collects the problems of one table and the rows they refuse; `header` is the column being read."""

    def __init__(self, table: Table):
        self.table, self.header = table, ""
        self.rows = table.frame.index.to_numpy()
        self.refused = np.zeros(len(self.rows), bool)
        self.problems: list[Problem] = list(table.ragged)

    def whole_file(self, column: str, value: str, problem: str, fix: str) -> None:
        """A problem that makes every row unusable."""
        self.problems.append(Problem(self.table.file, None, column, value, problem, fix))
        self.refused[:] = True

    def add(
        self,
        bad: np.ndarray,
        text: pd.Series | None,
        problem: str | Callable[[int], str],
        fix: str | Callable[[str], str],
        header: str | None = None,
        code: str = "",
    ) -> None:
        """Refuse the rows where `bad`; `problem` may depend on the position, `fix` on the value."""
        where = np.flatnonzero(bad)
        self.refused[where] = True
        values = [""] * len(where) if text is None else text.iloc[where].tolist()
        fixes = {
            v: fix if isinstance(fix, str) else fix(v if i < SUGGESTED else "")
            for i, v in enumerate(dict.fromkeys(values))
        }
        self.problems += [
            Problem(
                self.table.file,
                int(self.rows[i]),
                header or self.header,
                value[:80],
                problem if isinstance(problem, str) else problem(i),
                fixes[value],
                code,
            )
            for i, value in zip(where.tolist(), values)
        ]

    def sorted(self) -> list[Problem]:
        """Problems by row, those of the whole file first."""
        return sorted(self.problems, key=lambda p: -1 if p.row is None else p.row)


def is_personal(header: str) -> bool:
    """Does a header promise the name, address, phone or mail of a buyer?"""
    words = re.findall(r"[a-zà-ÿ]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", str(header)).lower())
    if any(sign in str(header) for sign in PERSONAL_SIGNS):
        return True
    shipping_state = "state" in words and ("ship" in words or "shipping" in words)
    personal = shipping_state or any(w in PERSONAL_COLUMNS or w in ALSO_PERSONAL for w in words)
    return personal and not any(w in NOT_PERSONAL for w in words)


def as_text(values: pd.Series) -> pd.Series:
    """Any column as trimmed text; blank = ""."""
    if pd.api.types.is_string_dtype(values.dtype) and values.dtype != object:
        return values.fillna("").str.strip()
    codes, uniques = pd.factorize(values)
    labels = np.array([_label(u) for u in uniques] + [""], object)  # the last one is code -1, a blank
    return pd.Series(labels[codes], index=values.index, dtype="str").str.strip()


def _label(value: object) -> str:
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, pd.Timestamp) else str(value)


def by_unique(text: pd.Series, of: Callable[[str], object], dtype: type) -> np.ndarray:
    """`of` applied once to each different text."""
    codes, uniques = pd.factorize(text)
    return np.array([of(u) for u in uniques], dtype)[codes] if len(uniques) else np.zeros(0, dtype)


# ---------------------------------------------------------------- one reader per kind of column


def _absent(check: Check, column: Column, text: pd.Series | None) -> np.ndarray:
    """Which rows are blank; a required column may not be."""
    blank = np.ones(len(check.rows), bool) if text is None else (text == "").to_numpy(bool)
    if column.required and text is not None:
        _refuse_blank(check, column, blank)
    return blank


def _refuse_blank(check: Check, column: Column, blank: np.ndarray) -> None:
    fix = phrase("Fill in the {meaning}.", meaning=column.meaning)
    check.add(blank, None, phrase("is blank"), fix, code=BLANK)


def _read_text(check: Check, column: Column, values: pd.Series | None, _allowed: Sequence[str]) -> pd.Series:
    text = None if values is None else as_text(values)
    blank = _absent(check, column, text)
    if text is None:
        return pd.Series("", index=check.table.frame.index, dtype="str")
    return text.mask(blank, column.default) if blank.any() and column.default else text


def _read_code(
    check: Check, column: Column, values: pd.Series | None, allowed: tuple[str, ...]
) -> pd.Categorical:
    """A code of a closed list, in any case of letters; blank = the default, or missing where there is
    none."""
    default = allowed.index(column.default) if column.default else -1
    if values is None:
        return pd.Categorical.from_codes(np.full(len(check.rows), default, np.int8), allowed)
    text = as_text(values)
    blank = _absent(check, column, text)
    place = {name.lower(): i for i, name in enumerate(allowed)} | {"": default}
    if column.name == "market":
        place |= {
            alias.lower(): allowed.index(name) for alias, name in MARKET_ALIASES.items() if name in allowed
        }
    codes = by_unique(text, lambda value: place.get(value.lower(), -2), np.int64)
    upper = allowed and allowed[0].isupper()
    check.add(
        (codes == -2) & ~blank,
        text,
        phrase("is not a known {en}", en=column.name.replace("_", " "), zh=column.name),
        lambda value: nearest(value.upper() if upper else value.lower(), allowed),
    )
    return pd.Categorical.from_codes(np.maximum(codes, -1), allowed)


def _read_date(check: Check, column: Column, values: pd.Series | None, _allowed: Sequence[str]) -> np.ndarray:
    """Days; a time of day and its zone are read past, so the day is the one that is written."""
    nothing = np.full(len(check.rows), "NaT", "datetime64[s]")
    if values is None:
        return nothing
    text = None
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        days = values.dt.tz_localize(None).to_numpy().astype("datetime64[D]").astype("datetime64[s]")
        blank = np.isnat(days)
        if column.required:
            _refuse_blank(check, column, blank)
    else:
        text = as_text(values)
        blank = _absent(check, column, text)
        codes, uniques = pd.factorize(text)
        written = pd.Series(uniques, dtype="str")
        formed = written.str.fullmatch(ISO_DATE).to_numpy(bool)
        parsed = pd.to_datetime(written.str.slice(0, 10).where(formed), format="%Y-%m-%d", errors="coerce")
        days = parsed.to_numpy().astype("datetime64[s]")[codes] if len(uniques) else nothing
        formed = formed[codes] if len(uniques) else blank
        check.add(
            ~blank & ~formed,
            text,
            phrase("is not a date written year-month-day"),
            phrase("Write it like 2025-02-28, and check that the day exists."),
        )
        check.add(
            ~blank & formed & np.isnat(days),
            text,
            phrase("is a day that does not exist"),
            phrase("Correct the day or the month."),
        )
    for outside, problem in (
        (days < FIRST_DAY, phrase("is before 2000-01-01")),
        (days > LAST_DAY, phrase("is after 2099-12-31")),
    ):
        if outside.any():
            check.add(
                outside, days_as_text(days) if text is None else text, problem, phrase("Check the year.")
            )
    return days


def days_as_text(days: np.ndarray) -> pd.Series:
    return pd.Series(np.datetime_as_string(days.astype("datetime64[D]")), dtype="str")


def _read_number(
    check: Check, column: Column, values: pd.Series | None, _allowed: Sequence[str]
) -> np.ndarray:
    """Finite numbers with a decimal point; NaN where blank.   (C,) float"""
    if values is None:
        return np.full(len(check.rows), np.nan)
    typed = pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)
    if typed:
        numbers = values.to_numpy(float, na_value=np.nan)
        blank, unreadable = np.isnan(numbers), np.zeros(len(numbers), bool)
        if column.required:
            _refuse_blank(check, column, blank)
        unlimited = np.isinf(numbers)
    else:
        text = as_text(values)
        blank = _absent(check, column, text)
        numbers = pd.to_numeric(text.mask(blank), errors="coerce").to_numpy(float, na_value=np.nan)
        missing = ~blank & np.isnan(numbers)
        named = text.iloc[np.flatnonzero(missing)].str.lower().isin(["nan", "+nan", "-nan"]).to_numpy(bool)
        unreadable = missing.copy()
        unreadable[missing] = ~named
        unlimited = np.isinf(numbers) | (missing & ~unreadable)
        check.add(
            unreadable,
            text,
            phrase("is not a number"),
            phrase("Write digits with a decimal point and nothing else, such as 12.50."),
        )
    if unlimited.any():
        check.add(
            unlimited,
            as_text(values),
            phrase("is not a finite number"),
            phrase("Write the number itself, such as 12.50."),
        )
    return np.where(unlimited, np.nan, numbers)


def _between(
    check: Check, values: pd.Series | None, bad: np.ndarray, problem: str, fix: str, code: str = ""
) -> None:
    if values is not None and bad.any():
        wrong = as_text(values.iloc[np.flatnonzero(bad)]).reindex(values.index)
        check.add(bad, wrong, problem, fix, code=code)


def _read_plain(
    check: Check, column: Column, values: pd.Series | None, _allowed: Sequence[str]
) -> np.ndarray:
    numbers = _read_number(check, column, values, _allowed)
    if column.name == "stars":
        _between(
            check,
            values,
            (numbers < 1) | (numbers > 5),
            phrase("is not between 1 and 5"),
            phrase("Give 1 to 5 stars, or leave it blank."),
        )
    return numbers


def _read_money(
    check: Check, column: Column, values: pd.Series | None, _allowed: Sequence[str]
) -> np.ndarray:
    numbers = _read_number(check, column, values, _allowed)
    fix = phrase("Give the {meaning}, above 0.", meaning=column.meaning)
    _between(check, values, numbers < 0, phrase("is negative"), fix)
    _between(check, values, numbers == 0, phrase("is zero"), fix, ZERO)
    _between(
        check,
        values,
        numbers > LARGEST_PRICE,
        phrase("is above {most:,.0f}", most=LARGEST_PRICE),
        phrase("Check the decimal point."),
    )
    return numbers


def _read_count(
    check: Check, column: Column, values: pd.Series | None, _allowed: Sequence[str]
) -> np.ndarray:
    """Whole numbers of at least the default."""
    numbers = _read_number(check, column, values, _allowed)
    least = int(column.default or 0)
    wrong = (numbers != np.floor(numbers)) & ~np.isnan(numbers) | (numbers < least)
    _between(
        check,
        values,
        wrong,
        phrase("is not a whole number of at least {least}", least=least),
        phrase("Give {first}, {second}, {third} …", first=least, second=least + 1, third=least + 2),
    )
    _between(
        check,
        values,
        ~wrong & (numbers > LARGEST_COUNT),
        phrase("is above {most:,.0f}", most=LARGEST_COUNT),
        phrase("Check the number."),
    )
    usable = np.where(np.isnan(numbers) | wrong | (numbers > LARGEST_COUNT), least, numbers)
    return usable.astype(np.int64)


def _read_flag(check: Check, column: Column, values: pd.Series | None, _allowed: Sequence[str]) -> np.ndarray:
    """1 true, 0 false, -1 not said; with a default, bool."""
    if values is None:
        said = np.full(len(check.rows), -1, np.int8)
    elif values.dtype == bool:
        said = values.to_numpy(np.int8)
    else:
        text = as_text(values)
        said = by_unique(text, lambda value: FLAGS.get(value.lower(), -2 if value else -1), np.int8)
        check.add(
            said == -2,
            text,
            phrase("is neither true nor false"),
            phrase("Write true or false, or leave it blank."),
        )
    return said if column.default is None else np.where(said < 0, bool(column.default), said == 1)


READERS = {
    "text": _read_text,
    "code": _read_code,
    "date": _read_date,
    "money": _read_money,
    "count": _read_count,
    "flag": _read_flag,
    "number": _read_plain,
}
