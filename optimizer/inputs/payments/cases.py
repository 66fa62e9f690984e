"""Money reports to cases: one case per order and article with after-sales money, and every other row named
with its reason."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from optimizer.inputs.columns import by_unique
from optimizer.inputs.headers import squeeze
from optimizer.inputs.payments.costs import after_sales, in_reporting_cents
from optimizer.inputs.payments.layouts import CATEGORIES
from optimizer.inputs.payments.reading import Payments
from optimizer.inputs.tabular import Table
from optimizer.phrases import Phrase, bilingual, phrase

_PRICES = ("principal", "productsales")
_KINDS = ("claim", "refund", "reimbursement", "return_fee")  # what a case is about, by rank
FURTHER = phrase("further line of a case above")
# Why a row of a money report is no case.
_REASONS: dict[str, Phrase] = {
    "sale": phrase("sale"),
    "sale_fee": phrase("fee on a sale"),
    "service_fee": phrase("storage, advertising, subscription or another service"),
    "transfer": phrase("transfer or reserve"),
    "other": phrase("other money"),
    "summary": phrase("total of the settlement"),
    "removal_fee": phrase("removal or disposal, no case of a buyer"),
    "repeated": phrase("stands in another of these files too"),
    "nothing": phrase("row without an amount"),
    "no order": phrase("after-sales money without an order"),
}
PAYMENT_COLUMNS = (
    "order_id",
    "sku",
    "kind",
    "order_date",
    "case_date",
    "market",
    "channel",
    "quantity",
    "currency",
    "item_price",
    "claim_open",
    "actual_cost",
)


def case_tables(
    payments: Payments, rates: Mapping[str, float]
) -> tuple[list[Table], dict[str, int], list[Phrase]]:
    """Cases as text tables, one per file, their rows those of the report; skipped rows by reason; notes on
    money without an order."""
    lines = after_sales(payments)
    key = ["order_id", "sku"]
    first = lines.groupby(key, sort=False).agg(file=("file", "first"), row=("row", "first"))
    cases = pd.DataFrame(index=first.index)
    cases["kind"] = _kinds(lines)
    for name in ("market", "channel", "currency"):
        cases[name] = (
            lines[name]
            .mask(lines[name] == "")
            .groupby([lines[k] for k in key])
            .first()
            .reindex(first.index)
            .fillna("")
        )
    cases["case_date"] = lines.groupby(key)["day"].min()
    sales = payments.lines[(payments.lines["category"] == "sale") & (payments.lines["order_id"] != "")]
    sold, units_sold = _goods(sales, first.index)
    back, units_back = _goods(lines, first.index)
    price = (sold / units_sold.where(units_sold > 0)).where(sold > 0)
    # A report that does not say how many units were refunded says how much for them.
    whole = back / price
    told = units_back.mask(
        units_back == 0, whole.where((whole >= 1) & (whole == np.floor(whole)), 0.0).fillna(0.0)
    )
    quantity = (
        told.where(told > 0, lines.groupby(key)["quantity"].max().reindex(first.index))
        .clip(lower=1)
        .astype("int64")
    )
    cases["quantity"] = quantity.astype("str")
    cases["order_date"] = sales.groupby(key)["day"].min().reindex(first.index).fillna("")
    cases["item_price"] = _written(price.where(price > 0, back / quantity))
    cases["claim_open"] = np.where(
        cases["kind"] == "claim", "true", "false"
    )  # as it stood when the claim had to be answered
    sums = lines.groupby([*key, "currency"])["cents"].sum().reset_index()
    sums["own"] = -in_reporting_cents(sums["cents"], sums["currency"], rates)
    cost = sums.groupby(key)["own"].sum(min_count=1).reindex(first.index)
    cases["actual_cost"] = np.where(
        cost.isna(), "", np.char.mod("%.2f", cost.fillna(0).to_numpy(float) / 100 + 0.0)
    )
    cases = cases.reset_index()
    tables = []
    for file in payments.files:
        mine = first["file"].to_numpy() == file
        frame = cases[mine][list(PAYMENT_COLUMNS)].astype("str").set_axis(first["row"].to_numpy()[mine])
        tables.append(Table(frame.sort_index(), file, "", "", "csv", headers=PAYMENT_COLUMNS))
    return tables, _skipped(payments, first), _loose(payments)


def _kinds(lines: pd.DataFrame) -> pd.Series:
    """What the money of each case speaks of first: a claim, else a refund, else what came back, else
    postage."""
    rank = lines["category"].map({kind: number for number, kind in enumerate(_KINDS)}).fillna(len(_KINDS) - 1)
    return rank.groupby([lines["order_id"], lines["sku"]]).min().map(dict(enumerate(_KINDS)))


def _goods(part: pd.DataFrame, index: pd.MultiIndex) -> tuple[pd.Series, pd.Series]:
    """Cents for the goods themselves and their units, per order and article; 0 where there are none.   two
    (K,)"""
    chosen = part[by_unique(part["description"], lambda d: squeeze(d) in _PRICES, bool)]
    sums = chosen.groupby(["order_id", "sku"])[["cents", "quantity"]].sum().reindex(index).fillna(0)
    return sums["cents"].abs(), sums["quantity"]


def _written(cents: pd.Series) -> np.ndarray:
    """Prices as text, blank where there is none."""
    return np.where(cents > 0, np.char.mod("%.2f", np.floor(cents.fillna(0).to_numpy(float) + 0.5) / 100), "")


def _skipped(payments: Payments, first: pd.DataFrame) -> dict[str, int]:
    """Rows that are no case of their own, by reason."""
    rows = payments.rows
    heads = pd.MultiIndex.from_frame(first[["file", "row"]])
    is_head = pd.MultiIndex.from_frame(rows[["file", "row"]]).isin(heads)
    counts: dict[str, int] = {}
    for said, count in rows["said"][~is_head & (rows["said"] != "rejected")].value_counts().items():
        reason = FURTHER if said == "case" else _REASONS[str(said)]
        counts[reason] = counts.get(reason, 0) + int(count)
    return counts


def _loose(payments: Payments) -> list[Phrase]:
    """After-sales money without an order, by category and currency."""
    loose = payments.rows[payments.rows["said"].isin(["no order", "removal_fee"])]
    lines = payments.lines.merge(loose[["file", "row"]], on=["file", "row"])
    return [
        phrase(
            "without an order: {category} {amount:,.2f} {currency}",
            category=bilingual(*CATEGORIES[category]),
            amount=cents / 100,
            currency=currency,
        )
        for (category, currency), cents in (
            lines.groupby(["category", "currency"], sort=False)["cents"].sum().items()
        )
    ]
