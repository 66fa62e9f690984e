"""The form of a mapping: what a checked mapping file says, ready for the import."""
from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from optimizer.domain.cases import CASE_COLUMNS

CANONICAL = {column.name: column for column in CASE_COLUMNS}


class ValueMap(NamedTuple):
    """Values of a report -> our codes; `otherwise` for values that are not listed, None = leave them as they are."""
    known: dict[str, str]                    # keys squeezed
    otherwise: str | None


class Skip(NamedTuple):
    """Rows that are no cases: where `column` is one of `values` (or is none of them), and why."""
    column: str
    test: str                                # in | not_in | blank
    values: tuple[str, ...]
    reason: str


class PriceStep(NamedTuple):
    """Where a missing price is looked for, and what `price_source` says then."""
    where: str                               # orders | products | class_price | same_file
    column: str                              # for same_file: the median over rows with the same value here
    source: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """One checked mapping file."""
    file: str
    report: str
    read: dict[str, str]                     # encoding, delimiter, sheet
    columns: dict[str, tuple[str, ...]]      # field or helper -> headers it may have
    optional: tuple[str, ...]
    constants: dict[str, str]
    values: dict[str, ValueMap]
    copy: dict[str, str]
    dates: dict[str, str]                    # as written -> "iso" or a strptime format
    decimal: str
    thousands: str
    skip: tuple[Skip, ...]
    same_row: tuple[tuple[str, ...], ...]
    case_id: str
    price: str
    price_steps: tuple[PriceStep, ...]
