"""Sound files of every kind of report, made up here, with a mark in every column that names a buyer: what
the fuzzing damages."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "reports"
MARK = "Qzxbuyerqz"  # stands in personal columns and nowhere else


class Seed(NamedTuple):
    """A sound report: a table, or the text of a report that is no table."""

    kind: str  # what `import KIND` is called with
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    sign: str = "\t"
    form: str = "text"  # text | xlsx | parquet
    text: str = ""
    encoding: str = "utf-8"
    market: str = "US"  # given with the import

    @property
    def personal(self) -> set[str]:
        """Headers whose cells are the mark."""
        return {name for i, name in enumerate(self.header) if any(MARK in row[i] for row in self.rows)}


def _text(name: str) -> str:
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def _table(lines: str, sep: str = "|") -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    header, *rows = (tuple(line.split(sep)) for line in lines.strip("\n").replace("@", MARK).split("\n"))
    assert all(len(row) == len(header) for row in rows), [len(r) for r in (header, *rows)]
    return header, tuple(rows)


def _sparse(kind: str, names: str, rows: list[dict[str, str]]) -> Seed:
    header = tuple(names.split())
    assert {name for row in rows for name in row} <= set(header)
    return Seed(kind, header, tuple(tuple(row.get(name, "") for name in header) for row in rows))


def _seed(kind: str, lines: str, **how) -> Seed:
    return Seed(kind, *_table(lines), **how)


RETURNS = _text("returns")
REPLACEMENTS = _text("replacements")
SELLER_RETURNS = _text("seller_returns")
ALL_ORDERS = _text("all_orders")
REIMBURSEMENTS = _text("reimbursements")
REMOVALS = _text("removals")
SHOPIFY = _text("shopify")
INDIA = _text("india")
ERP = _text("erp")
CANONICAL = _text("canonical")
SALE = {
    "settlement-id": "501",
    "order-id": "115-1",
    "marketplace-name": "Amazon.com",
    "fulfillment-id": "AFN",
    "order-item-code": "1",
    "sku": "ROLLER-1",
}
SETTLEMENT_2 = [
    {
        "settlement-id": "501",
        "settlement-start-date": "2025-06-17",
        "settlement-end-date": "2025-07-01",
        "deposit-date": "2025-07-03",
        "total-amount": "-12.40",
        "currency": "USD",
    },
    *(
        SALE
        | {
            "transaction-type": kind,
            "amount-type": group,
            "amount-description": what,
            "amount": amount,
            "posted-date": day,
            "posted-date-time": f"{day} 10:00:00 UTC",
            "quantity-purchased": "1" if what == "Principal" else "",
            "buyer-name": MARK,
        }
        for kind, group, what, amount, day in [
            ("Order", "ItemPrice", "Principal", "30.00", "2025-06-17"),
            ("Order", "ItemFees", "Commission", "-4.50", "2025-06-17"),
            ("Refund", "ItemPrice", "Principal", "-30.00", "2025-06-25"),
            ("Refund", "ItemFees", "Commission", "4.50", "2025-06-25"),
            ("Refund", "ItemFees", "RefundCommission", "-0.90", "2025-06-25"),
        ]
    ),
    {
        "settlement-id": "501",
        "transaction-type": "other-transaction",
        "amount-type": "other-transaction",
        "amount-description": "Storage Fee",
        "amount": "-11.50",
        "posted-date": "2025-06-28",
    },
]
SOLD = SALE | {
    "settlement-id": "502",
    "order-id": "116-1",
    "sku": "CASE-3",
    "posted-date": "2025-08-15T06:23:59+00:00",
}
SETTLEMENT_1 = [
    {
        "settlement-id": "502",
        "settlement-start-date": "2025-08-14T06:23:59+00:00",
        "settlement-end-date": "2025-08-28T06:23:59+00:00",
        "deposit-date": "2025-08-30T06:23:59+00:00",
        "total-amount": "-10.00",
        "currency": "USD",
    },
    SOLD | {"transaction-type": "Order", "quantity-purchased": "1", "ship-city": MARK},
    SOLD
    | {
        "transaction-type": "Order",
        "price-type": "Principal",
        "price-amount": "20.00",
        "ship-city": MARK,
    },
    SOLD
    | {
        "transaction-type": "Order",
        "item-related-fee-type": "Commission",
        "item-related-fee-amount": "-3.00",
        "ship-city": MARK,
    },
    SOLD
    | {
        "transaction-type": "Refund",
        "price-type": "Principal",
        "price-amount": "-20.00",
        "ship-city": MARK,
    },
    {
        "settlement-id": "502",
        "transaction-type": "Storage",
        "misc-fee-amount": "-7.00",
        "posted-date": "2025-08-21T06:23:59+00:00",
    },
]
HEADER_2 = _text("header_2")
HEADER_1 = _text("header_1")
PAYMENTS = _text("payments")
FEES = _text("fees")
HEALTH = _text("health")
XML = _text("xml")
SEEDS: dict[str, Seed] = {
    "fba_returns": _seed("fba_returns", RETURNS),
    "fba_replacements": _seed("fba_replacements", REPLACEMENTS),
    "mfn_returns": _seed("mfn_returns", SELLER_RETURNS),
    "mfn_returns (XML)": Seed("mfn_returns", text=XML.replace("@", MARK)),
    "all_orders": _seed("all_orders", ALL_ORDERS),
    "reimbursements": _seed("reimbursements", REIMBURSEMENTS),
    "removals": _seed("removals", REMOVALS),
    "shopify_orders": _seed("shopify_orders", SHOPIFY, sign=","),
    "amazon_in_orders": _seed("amazon_in_orders", INDIA, sign=","),
    "erp_aftersales": _seed("erp_aftersales", ERP, sign=",", encoding="gbk"),
    "canonical": _seed("canonical", CANONICAL, sign=","),
    "canonical (Excel)": _seed("canonical", CANONICAL, form="xlsx"),
    "canonical (Parquet)": _seed("canonical", CANONICAL, form="parquet"),
    "settlement_v1": _sparse("settlement_v1", HEADER_1, SETTLEMENT_1),
    "settlement_v2": _sparse("settlement_v2", HEADER_2, SETTLEMENT_2),
    "payments": _seed("payments", PAYMENTS, sign=","),
    "account_health": Seed("account_health", text=HEALTH.replace("@", MARK)),
    "fee_preview": _seed("fee_preview", FEES),
}
