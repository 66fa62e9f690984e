"""After-sales money per order and article: what cases cost, and which money belongs to none of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from optimizer.inputs.payments.layouts import AFTER_SALES, is_order
from optimizer.inputs.payments.reading import Payments
from optimizer.phrases import Phrase, phrase


class Costs(NamedTuple):
    """Actual cost of rows, and what was said of the money."""

    cents: pd.Series  # (R,) cents of the reporting currency; missing where no money was found
    notes: list[Phrase]


def after_sales(payments: Payments) -> pd.DataFrame:
    """Lines of after-sales money that name an order; a line without an article joins the only article of
    its order."""
    lines = payments.lines
    mine = lines[lines["category"].isin(AFTER_SALES) & is_order(lines["order_id"])].copy()
    named = mine[mine["sku"] != ""].groupby("order_id")["sku"].agg(["nunique", "first"])
    single = mine["order_id"].map(named["first"].where(named["nunique"] == 1))
    mine["sku"] = mine["sku"].mask((mine["sku"] == "") & single.notna(), single).astype("str")
    return mine


def in_reporting_cents(cents: pd.Series, currency: pd.Series, rates: Mapping[str, float]) -> pd.Series:
    """Cents of a currency in cents of the reporting currency, halves away from zero; missing where no rate
    is known."""
    rate = currency.map(dict(rates)).astype(float)
    exact = (cents / rate).to_numpy(float)
    return pd.Series(np.floor(np.abs(exact) + 0.5 + 1e-7) * np.sign(exact), index=cents.index)


def actual_costs(rows: pd.DataFrame, payments: Payments, rates: Mapping[str, float]) -> Costs:
    """What each of `rows` (order_id, sku) cost: minus its after-sales money, in the reporting currency.

    Rows that share an order and article share its money to the cent, the first ones get the odd cents; money
    without an article belongs to all rows of its order. `rates` are units of a currency per unit of the
    reporting currency.
    """
    lines = after_sales(payments)
    result = pd.Series(np.nan, index=rows.index)
    notes: list[Phrase] = []
    sums = lines.groupby(["order_id", "sku", "currency"], sort=False)["cents"].sum().reset_index()
    sums["own"] = in_reporting_cents(-sums["cents"], sums["currency"], rates)
    places: dict[tuple[str, str], list[int]] = {}
    for index, order, sku in zip(rows.index, rows["order_id"], rows["sku"]):
        if order:
            places.setdefault((order, sku), []).append(index)
            if sku:
                places.setdefault((order, ""), []).append(index)
    money: dict[str, int] = {}
    spare: dict[str, int] = {}
    for order, sku, currency, cents, own in sums.itertuples(index=False):
        to = places.get((order, sku))
        totals = money if to else spare
        totals[currency] = totals.get(currency, 0) + int(cents)
        if to and not np.isnan(own):
            for index, share in zip(to, split(int(own), len(to))):
                result[index] = share + (0 if np.isnan(result[index]) else result[index])
    notes.append(
        phrase(
            "cases whose cost the money reports say: {found:,} of {count:,}",
            found=int(result.notna().sum()),
            count=len(rows),
        )
    )
    for currency, cents in money.items():
        notes.append(
            phrase(
                "after-sales money of these cases: {amount:,.2f} {currency}",
                amount=cents / 100,
                currency=currency,
            )
        )
    for currency, cents in spare.items():
        notes.append(
            phrase(
                "after-sales money of orders that are not among these cases: {amount:,.2f} {currency}",
                amount=cents / 100,
                currency=currency,
            )
        )
    unknown = sorted(set(lines["currency"]) - set(rates))
    if unknown:
        notes.append(
            phrase(
                "no exchange rate for {currencies}: its amounts give no cost", currencies=", ".join(unknown)
            )
        )
    return Costs(result, notes)


def split(cents: int, parts: int) -> list[int]:
    """Whole cents over `parts`, adding up to `cents`; the first ones get the odd cents."""
    least, odd = divmod(abs(cents), parts)
    return [(1 if cents >= 0 else -1) * (least + (i < odd)) for i in range(parts)]
