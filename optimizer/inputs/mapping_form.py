"""The form of a mapping: what a checked mapping file says, ready for the import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from optimizer.domain.cases import CASE_COLUMNS
from optimizer.inputs.columns import is_personal
from optimizer.inputs.headers import squeeze

CANONICAL = {column.name: column for column in CASE_COLUMNS}


class ValueMap(NamedTuple):
    """Values of a report -> our codes; `otherwise` for values that are not listed, None = leave them as
    they are."""

    known: dict[str, str]  # keys squeezed
    otherwise: str | None


class Condition(NamedTuple):
    """Rows whose `column` is one of `values`, is none of them, or is (not) blank."""

    column: str
    test: str  # in | not_in | blank
    values: tuple[str, ...]


class Skip(NamedTuple):
    """Rows that are no cases because all conditions hold, and why."""

    conditions: tuple[Condition, ...]
    reason: str


class Give(NamedTuple):
    """Fields that rows get because all conditions hold, and what is said of them ("" = nothing)."""

    conditions: tuple[Condition, ...]
    fields: dict[str, str]
    note: str


class PriceStep(NamedTuple):
    """Where a missing price is looked for, and what `price_source` says then."""

    where: str  # orders | products | class_price | same_file
    column: str  # for same_file: the median over rows with the same value here
    source: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """One checked mapping file."""

    file: str
    report: str
    read: dict[str, str]  # encoding, delimiter, sheet, records, not_personal
    columns: dict[str, tuple[str, ...]]  # field or helper -> headers it may have
    optional: tuple[str, ...]
    constants: dict[str, str]
    values: dict[str, ValueMap]
    copy: dict[str, str]
    dates: dict[str, str]  # as written -> "iso" or a strptime format
    decimal: str
    thousands: str
    fill_down: tuple[str, tuple[str, ...]]  # key, columns that rows of the same key share
    give: tuple[Give, ...]
    cost: tuple[tuple[float, str], ...]  # sign, helper: money that makes up `actual_cost`
    skip: tuple[Skip, ...]
    same_row: tuple[tuple[str, ...], ...]
    case_id: str  # template
    price: str  # unit | line
    line_quantity: str  # what the total of a line is divided by
    price_steps: tuple[PriceStep, ...]

    def is_private(self, header: str) -> bool:
        """Does a header name a buyer, and has the mapping not said that it does not?"""
        return is_personal(header) and squeeze(header) != squeeze(self.read.get("not_personal", ""))
