"""Cases as columns: one array per field, the same order everywhere."""

from __future__ import annotations

from typing import NamedTuple

from optimizer.domain.names import CHANNELS, CONDITIONS, FAULTS, ISSUES, PLATFORMS, PRICE_SOURCES
from optimizer.phrases import Phrase, phrase


class Column(NamedTuple):
    """One column of the canonical case table."""

    name: str
    kind: str  # text | code | date | money | count | flag | number
    required: bool
    meaning: Phrase
    # for codes known without the data folder; market, class and currency are checked against data/
    allowed: tuple[str, ...] = ()
    default: str | int | bool | None = None


CASE_COLUMNS: tuple[Column, ...] = (
    Column("case_id", "text", True, phrase("unique name of the case")),
    Column("platform", "code", False, phrase("where the item was sold"), PLATFORMS, "amazon"),
    Column("market", "code", True, phrase("ISO code of the country of sale (GB; UK is understood)")),
    Column("channel", "code", True, phrase("who holds and ships the goods"), tuple(CHANNELS)),
    Column("sku", "text", False, phrase("the seller's article number"), default=""),
    Column(
        "product_class",
        "code",
        False,
        phrase("class of the product; from products.csv where empty"),
        default="",
    ),
    Column("issue", "code", True, phrase("what went wrong"), tuple(ISSUES)),
    Column("order_date", "date", True, phrase("day of the order")),
    Column("ship_date", "date", False, phrase("day of shipping")),
    Column("delivery_date", "date", False, phrase("day of delivery")),
    Column("case_date", "date", True, phrase("day the case came up")),
    Column("item_price", "money", True, phrase("price of one unit as the buyer paid it, in `currency`")),
    Column(
        "price_source", "code", False, phrase("where the price comes from"), tuple(PRICE_SOURCES), "given"
    ),
    Column("currency", "code", False, phrase("currency of the price; the market's where empty"), default=""),
    Column("quantity", "count", False, phrase("units of this case"), default=1),
    Column("fault", "code", False, phrase("whose fault it is"), tuple(FAULTS), "unknown"),
    Column("shipped", "flag", False, phrase("has the parcel left? From the dates where empty")),
    Column("delivered", "flag", False, phrase("has it arrived? From the dates where empty")),
    Column("claim_open", "flag", False, phrase("is an A-to-z claim open?"), default=False),
    Column("stars", "number", False, phrase("stars of the review or feedback")),
    Column(
        "condition", "code", False, phrase("finding on goods that came back"), tuple(CONDITIONS), "unknown"
    ),
    Column("reason_text", "text", False, phrase("reason code or words of the buyer"), default=""),
    Column("prior_claims", "count", False, phrase("claims of this buyer before this one"), default=0),
    Column(
        "actual_resolution",
        "text",
        False,
        phrase("what was done, if known; never used to decide"),
        default="",
    ),
    Column(
        "actual_cost",
        "number",
        False,
        phrase("what it cost, in the reporting currency; never used to decide"),
    ),
)

# Never read, never written: anything that names the buyer.
PERSONAL_COLUMNS = (
    "name",
    "buyer",
    "address",
    "phone",
    "mail",
    "email",
    "recipient",
    "postal",
    "city",
    "street",
)
