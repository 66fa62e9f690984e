"""Sound files of every kind of report, made up here, with a mark in every column that names a buyer: what the fuzzing damages."""
from __future__ import annotations

from typing import NamedTuple

MARK = "Qzxbuyerqz"                      # stands in personal columns and nowhere else


class Seed(NamedTuple):
    """A sound report: a table, or the text of a report that is no table."""
    kind: str                            # what `import KIND` is called with
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    sign: str = "\t"
    form: str = "text"                   # text | xlsx | parquet
    text: str = ""
    encoding: str = "utf-8"
    market: str = "US"                   # given with the import

    @property
    def personal(self) -> set[str]:
        """Headers whose cells are the mark."""
        return {name for i, name in enumerate(self.header) if any(MARK in row[i] for row in self.rows)}


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


RETURNS = """
return-date|order-id|sku|asin|fnsku|product-name|quantity|fulfillment-center-id|detailed-disposition|reason|status|license-plate-number|buyer-name
2025-06-05T15:31:40+00:00|111-1|ROLLER-1|B01|X01|Roller|1|ABE2|SELLABLE|UNWANTED_ITEM|Unit returned to inventory|LPN1|@
2025-06-06T15:31:40+00:00|111-2|CHAIR-2|B02|X02|Chair, "oak"|2|ABE2|CUSTOMER_DAMAGED|DEFECTIVE|Unit returned to inventory|LPN2|@
2025-06-07T00:00:00+00:00|111-3|CASE-3|B03|X03|Case|1|ABE2|DEFECTIVE|NOT_AS_DESCRIBED||LPN3|@
2025-06-07T00:00:00+00:00|111-3|CASE-3|B03|X03|Case|1|ABE2|DEFECTIVE|NOT_AS_DESCRIBED||LPN3|@
2025-06-08T00:00:00+00:00|111-4|CASE-3|B03|X03|Étui|1|ABE2|CARRIER_DAMAGED|SWITCHEROO|Reimbursed||@
"""
REPLACEMENTS = """
shipment-date|sku|asin|fulfillment-center-id|original-fulfillment-center-id|quantity|replacement-reason-code|replacement-amazon-order-id|\
original-amazon-order-id|recipient-name
2025-06-05T10:00:00+00:00|ROLLER-1|B01|ABE2|ABE3|1|2|S01-1|111-1|@
2025-06-06T10:00:00+00:00|CHAIR-2|B02|ABE2|ABE3|1|5|S01-2|111-2|@
2025-06-07T10:00:00+00:00|CASE-3|B03|ABE2|ABE3|2|0|S01-3|111-3|@
2025-06-07T10:00:00+00:00|CASE-3|B03|ABE2|ABE3|2|9|S01-4|111-4|@
"""
SELLER_RETURNS = """
Order ID|Order date|Return request date|Return request status|Amazon RMA ID|Currency code|A-to-Z Claim|Merchant SKU|Item Name|\
Return quantity|Return Reason|Resolution|Order Amount|Order quantity|SafeT claim id|Buyer Name|Buyer Email
112-1|01-Jul-2025|10-Jul-2025|Approved|R1|USD|N|ROLLER-1|Roller|1|CR-DEFECTIVE|StandardRefund|42.00|2||@|@
112-2|02-Jul-2025|11-Jul-2025|Approved|R2|USD|Y|CASE-3|Case|1|CR-UNWANTED_ITEM|ReturnlessRefund|9.99|1|S9|@|@
112-3|03-Jul-2025|12-Jul-2025|Cancelled|R3|USD|N|CASE-3|Case|1|CR-UNWANTED_ITEM||9.99|1||@|@
112-4|04-Jul-2025|13-Jul-2025|Denied|R4|USD|N|CHAIR-2|Chair|1|CR-SOMETHING|Replacement|1,089.00|1||@|@
"""
ALL_ORDERS = """
amazon-order-id|merchant-order-id|purchase-date|last-updated-date|order-status|fulfillment-channel|sales-channel|sku|product-name|\
item-status|quantity|currency|item-price|ship-city|ship-postal-code|ship-country|is-buyer-requested-cancellation|buyer-requested-cancel-reason
113-1|M1|2025-05-05T09:09:12+00:00|2025-05-06T09:09:12+00:00|Cancelled|Amazon|Amazon.de|ROLLER-1|Roller|Cancelled|0|EUR|24.99|@|@|DE|true|OTHER_REASON
113-2|M2|2025-05-05T09:09:12+00:00|2025-05-06T09:09:12+00:00|Shipped|Merchant|Amazon.de|ROLLER-1|Roller|Shipped|2|EUR|49.98|@|@|DE|false|
113-3|M3|2025-05-07T09:09:12+00:00|2025-05-08T09:09:12+00:00|Cancelled|Merchant|Amazon.co.uk|CASE-3|Case|Cancelled|0|||@|@|GB|false|
113-4|M4|2025-05-07T09:09:12+00:00|2025-05-08T09:09:12+00:00|Pending|Merchant|Amazon.com|CASE-3|Case||1|USD|9.99|@|@|US|false|
"""
REIMBURSEMENTS = """
approval-date|reimbursement-id|case-id|amazon-order-id|reason|sku|fnsku|asin|product-name|condition|currency-unit|amount-per-unit|\
amount-total|quantity-reimbursed-cash|quantity-reimbursed-inventory|quantity-reimbursed-total|original-reimbursement-id|\
original-reimbursement-type|buyer-email
2026-08-02T10:00:00+00:00|9001|C1|114-1|Lost_Outbound|ROLLER-1|X01|B01|Roller|SELLABLE|EUR|12.00|12.00|1|0|1|||@
2026-08-03 PDT|9002|C2|114-2|CustomerReturn|CASE-3|X03|B03|Case|DEFECTIVE|EUR|5.00|5.00|1|0|1|||@
2026-08-04T10:00:00+00:00|9003|C3||Lost_Warehouse|CASE-3|X03|B03|Case|SELLABLE|EUR|5.00|10.00|2|0|2|||@
2026-08-05T10:00:00+00:00|9004|C4|114-1|Reimbursement_Reversal|ROLLER-1|X01|B01|Roller|SELLABLE|EUR|-12.00|-12.00|1|0|1|9001|Lost_Outbound|@
"""
REMOVALS = """
request-date|order-id|order-type|order-status|last-updated-date|sku|fnsku|disposition|requested-quantity|cancelled-quantity|\
disposed-quantity|shipped-quantity|in-process-quantity|removal-fee|currency|ship-address-1
2026-07-01T10:00:00+00:00|RM1|Disposal|Completed|2026-07-09T10:00:00+00:00|ROLLER-1|X01|Defective|1|0|1|0|0|0.52|USD|@
2026-07-02T10:00:00+00:00|RM2|Return|Completed|2026-07-09T10:00:00+00:00|CHAIR-2|X02|CustomerDamaged|2|0|0|2|0|2.08|USD|@
2026-07-03T10:00:00+00:00|RM3|Return|Cancelled|2026-07-09T10:00:00+00:00|CASE-3|X03|Sellable|5|5|0|0|0||USD|@
2026-07-04T10:00:00+00:00|RM4|Liquidations|Pending|2026-07-09T10:00:00+00:00|CASE-3|X03|Unsellable|3|0|0|0|3||USD|@
"""
SHOPIFY = """
Name|Email|Financial Status|Paid at|Fulfillment Status|Fulfilled at|Currency|Total|Created at|Lineitem quantity|Lineitem name|\
Lineitem price|Lineitem sku|Cancelled at|Refunded Amount|Shipping Name|Shipping City|Shipping Country|Phone
#1|@|paid|2023-05-31 23:06:05 -0700|fulfilled|2023-06-01 23:06:05 -0700|USD|20.00|2023-05-31 23:06:05 -0700|1|Roller|20.00|ROLLER-1||0.00|@|@|US|@
#2|@|refunded||unfulfilled||EUR|30.00|2023-05-31 23:06:05 -0700|1|Roller|20.00|ROLLER-1|2023-06-03 23:06:05 -0700|30.00|@|@|DE|@
#2|@||||||||1|Case|10.00|CASE-3|||@|@||@
#3|@|partially_refunded||fulfilled|2023-06-02 23:06:05 -0700|GBP|90.00|2023-05-31 23:06:05 -0700|2|Chair|45.00|CHAIR-2||20.00|@|@|GB|@
"""
INDIA = """
index|Order ID|Date|Status|Fulfilment|Sales Channel |ship-service-level|SKU|Category|Qty|currency|Amount|ship-city|ship-postal-code
0|405-1|04-30-22|Cancelled|Merchant|Amazon.in|Standard|SET1|Set|0|INR|647.62|@|@
1|405-2|04-30-22|Shipped - Returned to Seller|Merchant|Amazon.in|Standard|K2|kurta|1|INR|406|@|@
2|405-3|04-29-22|Shipped|Amazon|Amazon.in|Expedited|K2|kurta|1|INR|406|@|@
3|405-4|04-28-22|Shipped - Lost in Transit|Amazon|Non-Amazon|Expedited|T3|Top|2|||@|@
"""
ERP = """
售后单号|订单号|平台|站点|发货方式|SKU|数量|币种|单价|下单时间|发货时间|签收时间|售后时间|售后类型|原因|责任方|质检结果|处理方式|退款金额|补发运费|平台赔偿|状态|买家姓名|收件人电话
SH1|D1|亚马逊|美国|FBA|ROLLER-1|1|USD|24.99|2025/06/01 10:00|2025/06/02 10:00|2025/06/05 10:00|2025/06/09 10:00|质量问题|开不了机|卖家|有缺陷|退款不退货|24.99|0|0|处理中|@|@
SH2|D2|独立站|德国|自发货|CASE-3|2|EUR|9.99|2025/06/01 10:00|2025/06/02 10:00||2025/06/09 10:00|丢件||承运商||补发|0|3.50|0|已完成|@|@
SH3|D3|速卖通|英国|海外仓|CHAIR-2|1|GBP|1,089.00|2025-06-01|2025-06-02||2025-06-09|索赔||买家||部分退款|20|0|5|已关闭|@|@
SH4|D4|亚马逊|美国|FBA|CASE-3|1|USD|9.99|2025/06/01|||2025/06/09|发货前取消||买家|||||||@|@
"""
CANONICAL = """
case_id|platform|market|channel|sku|product_class|issue|order_date|ship_date|delivery_date|case_date|item_price|currency|quantity|fault|\
condition|reason_text|stars|prior_claims|actual_cost|buyer_name|email
C1|amazon|US|fba|ROLLER-1||unwanted|2025-05-04|2025-05-05|2025-05-08|2025-05-20|24.99|USD|1|buyer||too big|||7.50|@|@
C2|amazon|DE|merchant|CASE-3|phone_accessory|damaged|2025-05-04|2025-05-05|2025-05-08|2025-05-20|9.99|EUR|2|carrier||größer|||-1.25|@|@
C3|own|GB|warehouse|CHAIR-2||negative_review|2025-05-04|2025-05-05|2025-05-08|2025-05-20|89|GBP|1|seller||坏了|1|2||@|@
C4|amazon|US|fba|ROLLER-1||returned_goods|2025-05-04|2025-05-05|2025-05-08|2025-05-20|24.99|USD|1|unknown|defective|said "no"||||@|@
"""
SALE = {"settlement-id": "501", "order-id": "115-1", "marketplace-name": "Amazon.com", "fulfillment-id": "AFN", "order-item-code": "1",
        "sku": "ROLLER-1"}
SETTLEMENT_2 = [
    {"settlement-id": "501", "settlement-start-date": "2025-06-17", "settlement-end-date": "2025-07-01", "deposit-date": "2025-07-03",
     "total-amount": "-12.40", "currency": "USD"},
    *(SALE | {"transaction-type": kind, "amount-type": group, "amount-description": what, "amount": amount, "posted-date": day,
              "posted-date-time": f"{day} 10:00:00 UTC", "quantity-purchased": "1" if what == "Principal" else "", "buyer-name": MARK}
      for kind, group, what, amount, day in [
          ("Order", "ItemPrice", "Principal", "30.00", "2025-06-17"), ("Order", "ItemFees", "Commission", "-4.50", "2025-06-17"),
          ("Refund", "ItemPrice", "Principal", "-30.00", "2025-06-25"), ("Refund", "ItemFees", "Commission", "4.50", "2025-06-25"),
          ("Refund", "ItemFees", "RefundCommission", "-0.90", "2025-06-25")]),
    {"settlement-id": "501", "transaction-type": "other-transaction", "amount-type": "other-transaction", "amount-description": "Storage Fee",
     "amount": "-11.50", "posted-date": "2025-06-28"}]
SOLD = SALE | {"settlement-id": "502", "order-id": "116-1", "sku": "CASE-3", "posted-date": "2025-08-15T06:23:59+00:00"}
SETTLEMENT_1 = [
    {"settlement-id": "502", "settlement-start-date": "2025-08-14T06:23:59+00:00", "settlement-end-date": "2025-08-28T06:23:59+00:00",
     "deposit-date": "2025-08-30T06:23:59+00:00", "total-amount": "-10.00", "currency": "USD"},
    SOLD | {"transaction-type": "Order", "quantity-purchased": "1", "ship-city": MARK},
    SOLD | {"transaction-type": "Order", "price-type": "Principal", "price-amount": "20.00", "ship-city": MARK},
    SOLD | {"transaction-type": "Order", "item-related-fee-type": "Commission", "item-related-fee-amount": "-3.00", "ship-city": MARK},
    SOLD | {"transaction-type": "Refund", "price-type": "Principal", "price-amount": "-20.00", "ship-city": MARK},
    {"settlement-id": "502", "transaction-type": "Storage", "misc-fee-amount": "-7.00", "posted-date": "2025-08-21T06:23:59+00:00"}]
HEADER_2 = """settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency transaction-type order-id merchant-order-id
adjustment-id shipment-id marketplace-name amount-type amount-description amount fulfillment-id posted-date posted-date-time order-item-code
merchant-order-item-id merchant-adjustment-item-id sku quantity-purchased promotion-id buyer-name"""
HEADER_1 = """settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency transaction-type order-id merchant-order-id
adjustment-id shipment-id marketplace-name shipment-fee-type shipment-fee-amount order-fee-type order-fee-amount fulfillment-id posted-date
order-item-code merchant-order-item-id merchant-adjustment-item-id sku quantity-purchased price-type price-amount item-related-fee-type
item-related-fee-amount misc-fee-amount other-fee-amount other-fee-reason-description promotion-id promotion-type promotion-amount
direct-payment-type direct-payment-amount other-amount ship-city"""
PAYMENTS = """
date/time|settlement id|type|order id|sku|description|quantity|marketplace|account type|fulfillment|order city|order state|order postal|\
tax collection model|product sales|product sales tax|shipping credits|promotional rebates|marketplace withheld tax|selling fees|fba fees|\
other transaction fees|other|total
Dec 1, 2025 12:38:23 AM PST|503|Order|117-1|ROLLER-1|Roller|1|amazon.com|Standard Orders|Amazon|@|@|@||30.00|2.10|0|0|-2.10|-4.50|-5.00|0|0|20.50
Dec 3, 2025 12:38:23 AM PST|503|Refund|117-1|ROLLER-1|Roller|1|amazon.com|Standard Orders|Amazon|@|@|@||-30.00|-2.10|0|0|2.10|3.60|0|0|0|-26.40
Dec 4, 2025 1:00:00 PM PST|503|Adjustment||CASE-3|FBA Inventory Reimbursement - Customer Return|1|amazon.com|||@|@|@||0|0|0|0|0|0|0|0|8.00|8.00
Dec 5, 2025 1:00:00 PM PST|503|Service Fee|||Cost of Advertising||amazon.com|||@|@|@||0|0|0|0|0|0|0|-39.99|0|-39.99
Dec 6, 2025 1:00:00 PM PST|503|Transfer||||||||@|@|@||0|0|0|0|0|0|0|0|-1,200.00|-1,200.00
"""
FEES = """
sku|fnsku|asin|amazon-store|product-name|product-group|brand|fulfilled-by|your-price|sales-price|longest-side|median-side|shortest-side|\
length-and-girth|unit-of-dimension|item-package-weight|unit-of-weight|product-size-tier|currency|estimated-fee-total|buyer-email
ROLLER-1|X01|B01|US|Roller|Sports|Acme|Amazon|24.99|24.99|7.72|6.54|1.22|23.24|inches|0.18|pounds|UsLargeStandardSize|USD|7.80|@
ROLLER-1|X01|B01|CA|Roller|Sports|Acme|Amazon|32.99|31.99|19.61|16.61|3.10|59.03|centimeters|82.01|grams|Standard|CAD|9.80|@
CHAIR-2|X02|B02|US|Chair|Furniture|Acme|Amazon|89.00|79.00|40|30|20|140|inches|18|pounds|LargeBulky|USD|30.00|@
CASE-3|X03|B03|US|Case|Wireless|Acme|Amazon|9.99|9.99|--|--|--|--|--|--|--|--|USD|--|@
NEW-4|X04|B04|US|Étui|Something new|Acme|Amazon|1,019.99|--|30|10|5|60|centimeters|9|ounces|Standard|USD|7.80|@
"""
HEALTH = """{"sellerName": "@",
 "accountStatuses": [{"marketplaceId": "ATVPDKIKX0DER", "status": "NORMAL"}, {"marketplaceId": "A1PA6795UKMFR9", "status": "AT_RISK"}],
 "performanceMetrics": [{"marketplaceId": "ATVPDKIKX0DER",
  "orderDefectRate": {
   "afn": {"reportingDateRange": {"reportingDateFrom": "2026-08-01T00:00Z", "reportingDateTo": "2026-09-29T23:59Z"}, "orderCount": 20000,
    "orderWithDefects": {"count": 60, "status": "GOOD"}, "claims": {"count": 20, "status": "NONE"}, "chargebacks": {"count": 5, "status": "NONE"},
    "negativeFeedback": {"count": 40, "status": "NONE"}, "fulfillmentType": "afn", "status": "GOOD", "rate": 0.003, "targetValue": 0.01,
    "targetCondition": "LESS_THAN"},
   "mfn": {"reportingDateRange": {"reportingDateFrom": "2026-08-01T00:00Z", "reportingDateTo": "2026-09-29T23:59Z"}, "orderCount": 900,
    "orderWithDefects": {"count": 11, "status": "BAD"}, "claims": {"count": 8, "status": "NONE"}, "chargebacks": {"count": 0, "status": "NONE"},
    "negativeFeedback": {"count": 4, "status": "NONE"}, "fulfillmentType": "mfn", "status": "BAD", "rate": 0.0122, "targetValue": 0.01,
    "targetCondition": "LESS_THAN"}},
  "lateShipmentRate": {"reportingDateRange": {"reportingDateFrom": "2026-08-01T00:00Z", "reportingDateTo": "2026-09-29T23:59Z"}, "orderCount": 900,
   "lateShipmentCount": 18, "status": "GOOD", "rate": 0.02, "targetValue": 0.04, "targetCondition": "LESS_THAN"},
  "validTrackingRate": {"reportingDateRange": {"reportingDateFrom": "2026-08-01T00:00Z", "reportingDateTo": "2026-09-29T23:59Z"},
   "shipmentCount": 900, "validTrackingCount": 882, "status": "GOOD", "rate": 0.98, "targetValue": 0.95, "targetCondition": "GREATER_THAN"},
  "listingPolicyViolations": {"reportingDateRange": {"reportingDateFrom": "2026-08-01T00:00Z", "reportingDateTo": "2026-09-29T23:59Z"},
   "defectsCount": 3, "status": "BAD", "targetValue": 0, "targetCondition": "EQUALS"},
  "accountHealthRating": {"ahrStatus": "GREAT", "ahrScore": 512, "reportingDateRange": {"reportingDateFrom": "2026-08-01T00:00Z",
   "reportingDateTo": "2026-09-29T23:59Z"}},
  "warningStates": [{"warningType": "spammingSellerMessaging", "status": "BAD"}]}]}
"""
XML = """<?xml version="1.0" encoding="UTF-8"?>
<AmazonEnvelope><Message>
 <return_details><item_details><item_name>Roller</item_name><merchant_sku>ROLLER-1</merchant_sku><return_quantity>1</return_quantity>
   <return_reason_code>CR-DEFECTIVE</return_reason_code><resolution>StandardRefund</resolution></item_details>
  <item_details><item_name>Case</item_name><merchant_sku>CASE-3</merchant_sku><return_quantity>2</return_quantity>
   <return_reason_code>CR-UNWANTED_ITEM</return_reason_code><resolution>StandardRefund</resolution></item_details>
  <order_id>408-1</order_id><order_date>2025-07-01T10:00:00Z</order_date><return_request_date>2025-07-09T10:00:00Z</return_request_date>
  <return_request_status>Approved</return_request_status><amazon_rma_id>D9</amazon_rma_id><a_to_z_claim>false</a_to_z_claim>
  <order_amount>30.00</order_amount><currency_code>USD</currency_code><order_quantity>3</order_quantity><buyer_name>@</buyer_name></return_details>
</Message></AmazonEnvelope>
"""
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
