"""What a money report looks like and what its amounts are: read from the tables of data/imports/payments."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import pandas as pd
import yaml

from optimizer.domain.names import Title
from optimizer.inputs.headers import squeeze
from optimizer.inputs.mapping import IMPORTS

PAYMENT_IMPORTS = IMPORTS / "payments"
KINDS = ("settlement_v1", "settlement_v2", "payments")
TITLES: dict[str, Title] = {
    "settlement_v1": Title("Settlement, form V1", "结算报表（V1）"),
    "settlement_v2": Title("Settlement, form V2", "结算报表（V2）"),
    "payments": Title("Payments, transactions by date range (CSV)", "付款：按日期范围的交易明细（CSV）"),
}
CATEGORIES: dict[str, Title] = {
    "sale": Title("sales: prices, shipping, promotions", "销售：货款、运费、促销"),
    "sale_fee": Title("fees on sales", "销售费用"),
    "refund": Title("refunded to buyers", "退还买家"),
    "fee_returned": Title("fees given back on refunds", "退款时返还的佣金"),
    "fee_kept": Title("fees kept on refunds", "退款管理费"),
    "return_fee": Title("return processing and postage", "退货处理费与退货运费"),
    "claim": Title("claims and chargebacks", "索赔与拒付"),
    "reimbursement": Title("reimbursed by the platform", "平台赔偿"),
    "removal_fee": Title("removal and disposal", "移除与弃置费"),
    "service_fee": Title("storage, advertising, subscription and other services", "仓储、广告、订阅等服务费"),
    "transfer": Title("transfers and reserves", "转账与预留金"),
    "other": Title("other", "其他"),
}
AFTER_SALES = ("refund", "fee_returned", "fee_kept", "return_fee", "claim", "reimbursement")
# ids of removals and of shipments to the platform stand in the same column, without hyphens
BUYERS_ORDER = r"[0-9A-Z]{3}-\d[\d-]*"
OTHER = "other"
_ANY = "*"


class Amount(NamedTuple):
    """One amount column: headers it may have, its group (fixed, or the column that names it), the column
    that describes it."""

    headers: tuple[str, ...]
    group: str
    group_of: str
    description: str


@dataclass(frozen=True, slots=True)
class Layout:
    """One money report."""

    kind: str
    columns: dict[str, tuple[str, ...]]
    only: tuple[str, ...]  # headers that tell it from the others
    optional: tuple[str, ...]
    amounts: tuple[Amount, ...]

    def found(self, headers: list[str]) -> dict[str, str]:
        """Our name -> header of the file, for the columns that the file has."""
        present = {squeeze(h): h for h in reversed(headers)}
        return {
            name: next(present[squeeze(w)] for w in wanted if squeeze(w) in present)
            for name, wanted in self.columns.items()
            if any(squeeze(w) in present for w in wanted)
        }

    def fits(self, headers: list[str]) -> bool:
        """Are all columns there that this report must have?"""
        present = {squeeze(h) for h in headers}
        needed = all(
            any(squeeze(w) in present for w in wanted)
            for name, wanted in self.columns.items()
            if name not in self.optional
        )
        return (
            needed
            and all(squeeze(mark) in present for mark in self.only)
            and any(squeeze(h) in present for a in self.amounts for h in a.headers)
        )

    def wanted(self) -> set[str]:
        """All headers the report may have, squeezed."""
        names = {squeeze(w) for wanted in self.columns.values() for w in wanted}
        return (
            names
            | {squeeze(h) for a in self.amounts for h in a.headers}
            | {squeeze(a.description) for a in self.amounts if a.description}
        )


def is_order(ids: pd.Series) -> pd.Series:
    """Which ids are those of a buyer's order.   (R,) bool"""
    return ids.str.fullmatch(BUYERS_ORDER)


@cache
def layout(kind: str) -> Layout:
    """The layout of one of `KINDS`."""
    raw = yaml.safe_load((PAYMENT_IMPORTS / f"{kind}.yaml").read_text(encoding="utf-8"))
    amounts = tuple(
        Amount(
            (header, *spec.get("headers", ())),
            spec.get("group", ""),
            spec.get("group_of", ""),
            spec.get("description", ""),
        )
        for header, spec in raw["amounts"].items()
    )
    return Layout(
        kind,
        {name: tuple(headers) for name, headers in raw["columns"].items()},
        tuple(raw["only"]),
        tuple(raw["optional"]),
        amounts,
    )


@cache
def transactions() -> dict[str, str]:
    """Type of a transaction in another language -> in English."""
    frame = pd.read_csv(PAYMENT_IMPORTS / "transactions.csv", dtype=str, encoding="utf-8-sig")
    return {squeeze(theirs): ours for theirs, ours in zip(frame["theirs"], frame["ours"])}


@cache
def _rules() -> tuple[tuple[str, str, str, str], ...]:
    frame = pd.read_csv(PAYMENT_IMPORTS / "categories.csv", dtype=str, encoding="utf-8-sig")
    return tuple(
        (squeeze(t), squeeze(g), squeeze(d), c)
        for t, g, d, c in frame[["transaction", "group", "description", "category"]].to_numpy()
    )


@cache
def category(transaction: str, group: str, description: str) -> tuple[str, bool]:
    """Category of an amount by the first rule that fits, and whether a rule fits at all."""
    theirs = (squeeze(transaction), squeeze(group), squeeze(description))
    for *pattern, found in _rules():
        if all(fnmatch.fnmatchcase(value, wanted) for value, wanted in zip(theirs, pattern)):
            return found, True
    return OTHER, False
