"""Made-up reports in the layouts of the shop systems: rows whose cells are separated by |, and whole files."""

REPLACEMENTS = ["shipment-date|sku|asin|fulfillment-center-id|original-fulfillment-center-id|quantity|replacement-reason-code|"
                "replacement-amazon-order-id|original-amazon-order-id",
                "2026-09-03T10:00:00+00:00|ROLLER-1|B1|PHX7|PHX7|1|2|S01-1|111-1",
                "03-SEP-2026|CHAIR-2|B2|PHX7|PHX7|1|11|S01-2|111-2",
                "2026-09-03T10:00:00+00:00|ROLLER-1|B1|PHX7|PHX7|1|2|S01-1|111-1",
                "2026-09-04T10:00:00+00:00|CASE-3|B3|PHX7|PHX7|1|0|S01-3|111-3"]

REIMBURSED = ["approval-date|reimbursement-id|case-id|amazon-order-id|reason|sku|currency-unit|amount-per-unit|amount-total|"
              "quantity-reimbursed-total",
              "2026-08-02T10:00:00+00:00|R1|C1|171-1|Lost_Outbound|ROLLER-1|EUR|24.99|24.99|1",
              "2026-08-03 PDT|R2|C2|171-2|CustomerReturn|CASE-3|EUR|9.99|9.99|1",
              "2026-08-04T10:00:00+00:00|R3|||Lost_Warehouse|ROLLER-1|EUR|24.99|49.98|2",
              "2026-08-05T10:00:00+00:00|R4|C4|171-4|Reimbursement_Reversal|ROLLER-1|EUR|24.99|-24.99|-1"]

REMOVED = ["request-date|order-id|order-type|order-status|sku|fnsku|disposition|requested-quantity|removal-fee|currency",
           "2026-09-01T10:00:00+00:00|RM1|Return|Completed|ROLLER-1|X1|Unsellable|2|2.00|EUR",
           "2026-09-01T10:00:00+00:00|RM2|Disposal|Completed|CASE-3|X3|DEFECTIVE|1|0.40|EUR",
           "2026-09-01T10:00:00+00:00|RM3|Liquidations|Pending|CASE-3|X3|CUSTOMER_DAMAGED|1||EUR",
           "2026-09-01T10:00:00+00:00|RM4|Return|Cancelled|ROLLER-1|X1|Unsellable|2||EUR",
           "2026-09-01T10:00:00+00:00|RM5|Return|Completed|ROLLER-1|X1|Sellable|30|30.00|EUR"]

RETURNS = ["Order ID|Order date|Return request date|Return request status|Amazon RMA ID|Label cost|Currency code|A-to-Z Claim|"
           "Merchant SKU|Return quantity|Return Reason|Resolution|Order Amount|Order quantity|SafeT claim id|Refunded Amount",
           "113-1|10-Jul-2026|14-Jul-2026|Approved|D1|4.14|USD|N|ROLLER-1|1|AMZ-PG-BAD-ITEM|StandardRefund|42.00|2| |",
           "113-2|10-Jul-2026|15-Jul-2026|Completed|D2| |USD|Y|CASE-3|1|CR-UNWANTED_ITEM|ReturnlessRefund|9.99|1| |9.99",
           "113-3|10-Jul-2026|15-Jul-2026|Cancelled|D3| |USD|N|CASE-3|1|CR-UNWANTED_ITEM||9.99|1",
           "113-4|10-Jul-2026|16-Jul-2026|Denied|D4| |USD|N|CASE-3|1|CR-SOMETHING_NEW||9.99|1"]

XML = """<?xml version="1.0" encoding="UTF-8"?><AmazonEnvelope><MessageType>Returns-Report</MessageType><Message>
<return_details><item_details><item_name>Roller</item_name><return_reason_code>CR-DEFECTIVE</return_reason_code>
<merchant_sku>ROLLER-1</merchant_sku><return_quantity>1</return_quantity><resolution>StandardRefund</resolution></item_details>
<item_details><merchant_sku>CASE-3</merchant_sku><return_reason_code>CR-UNWANTED_ITEM</return_reason_code>
<return_quantity>2</return_quantity></item_details><order_id>408-1</order_id><order_date>2026-07-03T17:08:47Z</order_date>
<amazon_rma_id>D9</amazon_rma_id><return_request_date>2026-07-12T12:44:17Z</return_request_date>
<return_request_status>Approved</return_request_status><a_to_z_claim>false</a_to_z_claim>
<label_details><currency_code>EUR</currency_code><label_cost>0.0</label_cost></label_details>
<order_amount>30.00</order_amount><order_quantity>3</order_quantity></return_details></Message></AmazonEnvelope>"""

SHOPIFY = ["Name|Email|Financial Status|Fulfillment Status|Fulfilled at|Currency|Created at|Lineitem quantity|Lineitem name|Lineitem price|"
           "Lineitem sku|Shipping Name|Shipping Country|Cancelled at|Refunded Amount",
           "#1|a@b.c|paid|fulfilled|2026-05-02 10:00:00 +0200|EUR|2026-05-01 10:00:00 +0200|1|Roller|20.00|ROLLER-1|Ann|DE||0.00",
           "#2|a@b.c|voided|unfulfilled||EUR|2026-05-01 11:00:00 +0200|1|Roller|20.00|ROLLER-1|Ann|DE|2026-05-03 09:00:00 +0200|0.00",
           "#2|||||||2|Case|9.99|CASE-3||||",
           "#3|a@b.c|refunded|fulfilled|2026-05-02 10:00:00 +0200|EUR|2026-05-01 12:00:00 +0200|1|Roller|20.00|ROLLER-1|Ann|DE||29.99",
           "#3|||||||1|Case|9.99|CASE-3||||",
           "#4|a@b.c|partially_refunded|unfulfilled||EUR|2026-05-01 12:00:00 +0200|1|Roller|20.00|ROLLER-1|Ann|DE||5.00",
           "#5|a@b.c|something_new|fulfilled||EUR|2026-05-01 12:00:00 +0200|1|Roller|20.00|ROLLER-1|Ann|DE||5.00",
           "#6|a@b.c|refunded|fulfilled||EUR|2026-05-01 12:00:00 +0200|1|Roller|20.00|ROLLER-1|Ann|PL||5.00"]

ERP = ["售后单号,订单号,下单时间,发货时间,签收时间,售后时间,平台,站点,发货方式,SKU,数量,币种,单价,售后类型,原因,责任方,处理方式,退款金额,补发运费,平台赔偿,状态,买家姓名",
       "AS1,111-1,2026/06/01 08:30,2026/06/02 10:00,2026/06/09 12:00,2026/06/20 09:15,亚马逊,德国,自发货,ROLLER-1,1,EUR,20.00,质量问题,不转,卖家,退款不退货,16.00,4.00,2.00,已完成,王小明",
       "AS2,111-2,2026/06/01 08:30,,,2026/06/20 09:15,亚马逊,美国,FBA,CASE-3,1,USD,9.99,丢件,,承运商,补发,,5.00,,已完成,李四",
       "AS3,111-3,2026/06/01 08:30,,,2026/06/20 09:15,亚马逊,美国,海外仓,CASE-3,1,USD,9.99,索赔,,买家,,,,,处理中,张三",
       "AS4,111-4,2026/06/01 08:30,,,2026/06/20 09:15,亚马逊,美国,海外仓,CASE-3,1,USD,9.99,不想要,,买家,,,,,已作废,赵六"]

# A sale of two rollers, its refund of one, a claim, a reimbursement with and one without an order, fees and a transfer:
# 60.00 - 9.00 | -30.00 + 4.50 - 0.90 | -25.00 | 12.00 | 8.00 | -39.99 | -20.00 = -40.39
V2 = ["settlement-id|settlement-start-date|settlement-end-date|deposit-date|total-amount|currency|transaction-type|order-id|marketplace-name|"
      "amount-type|amount-description|amount|fulfillment-id|posted-date|sku|quantity-purchased",
      "77|2026-06-16|2026-06-30|2026-07-02|-40.39|USD||||||||||",
      "77||||||Order|111-1|amazon.com|ItemPrice|Principal|60.00|AFN|2026-06-17 00:00:00 UTC|ROLLER-1|2",
      "77||||||Order|111-1|amazon.com|ItemFees|Commission|-9.00|AFN|2026-06-17 00:00:00 UTC|ROLLER-1|2",
      "77||||||Refund|111-1|amazon.com|ItemPrice|Principal|-30.00|AFN|2026-06-25 00:00:00 UTC|ROLLER-1|1",
      "77||||||Refund|111-1|amazon.com|ItemFees|Commission|4.50|AFN|2026-06-25 00:00:00 UTC|ROLLER-1|1",
      "77||||||Refund|111-1|amazon.com|ItemFees|RefundCommission|-0.90|AFN|2026-06-25 00:00:00 UTC|ROLLER-1|1",
      "77||||||A-to-z Guarantee Refund|111-2|amazon.com|ItemPrice|Principal|-25.00|MFN|2026-06-26 00:00:00 UTC|CASE-3|1",
      "77||||||REVERSAL_REIMBURSEMENT|111-3|amazon.com|other-transaction|REVERSAL_REIMBURSEMENT|12.00|AFN|2026-06-27 00:00:00 UTC|CASE-3|1",
      "77||||||WAREHOUSE_DAMAGE||amazon.com|other-transaction|WAREHOUSE_DAMAGE|8.00||2026-06-27 00:00:00 UTC|CASE-3|1",
      "77||||||ServiceFee||amazon.com|other-transaction|Subscription Fee|-39.99||2026-06-28 00:00:00 UTC||",
      "77||||||Transfer||amazon.com|other-transaction|Current Reserve Amount|-20.00||2026-06-28 00:00:00 UTC||"]

V1 = ["settlement-id|settlement-start-date|settlement-end-date|deposit-date|total-amount|currency|transaction-type|order-id|marketplace-name|"
      "shipment-fee-type|shipment-fee-amount|order-fee-type|order-fee-amount|fulfillment-id|posted-date|sku|quantity-purchased|price-type|"
      "price-amount|item-related-fee-type|item-related-fee-amount|misc-fee-amount|other-fee-amount|other-fee-reason-description|"
      "promotion-type|promotion-amount|other-amount",
      "9|2025-08-14|2025-08-28|2025-08-30|6.00|CAD|||||||||||||||||||||",
      "9||||||Order|701-1|Amazon.ca|||||AFN|2025-08-18T02:48:54+00:00|ROLLER-1|2||||||||||",
      "9||||||Order|701-1|Amazon.ca|||||AFN|2025-08-18T02:48:54+00:00|ROLLER-1||Principal|40.00||||||||",
      "9||||||Order|701-1|Amazon.ca|||||AFN|2025-08-18T02:48:54+00:00|ROLLER-1||||Commission|-6.00||||||",
      "9||||||Refund|701-1|Amazon.ca|||||AFN|2025-08-20T02:48:54+00:00|ROLLER-1||Principal|-40.00||||||||",
      "9||||||Refund|701-1|Amazon.ca|||||AFN|2025-08-20T02:48:54+00:00|ROLLER-1||||Commission|6.00||||||",
      "9||||||Payable to Amazon||||||||2025-08-21T02:48:54+00:00||||||||||||6.00    "]

ENGLISH = ['"Includes Amazon Marketplace, Fulfillment by Amazon (FBA), and Amazon Webstore transactions"', '"All amounts in USD, unless specified"',
           '"Definitions:"', '"Sales tax collected: Includes sales tax collected from buyers"',
           '"date/time","settlement id","type","order id","sku","description","quantity","marketplace","fulfillment","order city","order state",'
           '"order postal","product sales","product sales tax","shipping credits","promotional rebates","selling fees","fba fees",'
           '"other transaction fees","other","total"',
           '"Dec 1, 2026 12:38:23 AM PST","5","Order","111-1","ROLLER-1","Roller","2","amazon.com","Amazon","Berlin","X","1","1,060.00","0","5.00",'
           '"-5.00","-159.00","-8.00","0","0","893.00"',
           '"Dec 3, 2026 10:00:00 AM PST","5","Refund","111-1","ROLLER-1","Roller","1","amazon.com","Amazon","Berlin","X","1","-530.00","0","0",'
           '"2.50","63.60","-4.00","0","0","-467.90"',
           '"Dec 4, 2026 10:00:00 AM PST","5","FBA Inventory Fee","","","FBA Removal Order: Return Fee","","amazon.com","","","","","0","0","0","0",'
           '"0","0","0","-3.20","-3.20"']

GERMAN = ['"Enthält Transaktionen"', '"datum/uhrzeit";"abrechnungsnummer";"typ";"bestellnummer";"sku";"beschreibung";"menge";"marketplace";'
          '"versand";"ort der bestellung";"umsätze";"verkaufsgebühren";"gesamt"',
          '"01.08.2026 00:03:45 UTC";"5";"Bestellung";"305-1";"ROLLER-1";"Rolle";"1";"Amazon.de";"Amazon";"Köln";"1.060,00";"-159,00";"901,00"',
          '"03.08.2026 00:03:45 UTC";"5";"Erstattung";"305-1";"ROLLER-1";"Rolle";"1";"Amazon.de";"Amazon";"Köln";"-1.060,00";"127,20";"-932,80"']

JAPANESE = ['日付/時間,決済番号,トランザクションの種類,注文番号,SKU,説明,数量,Amazon 出品サービス,フルフィルメント,商品売上,手数料,合計',
            '2026/08/01 6:23:59 JST,5,注文,503-1,ROLLER-1,ローラー,1,amazon.jp,Amazon,1000,-150,850',
            '2026/08/03 6:23:59 JST,5,返金,503-1,ROLLER-1,ローラー,1,amazon.jp,Amazon,-1000,120,-880']

CHINESE = ['"包括亚马逊商城和亚马逊物流交易"', '"所有金额均以 USD 表示"',
           '"日期/时间","结算编号","类型","订单编号","sku","描述","数量","商城","配送","订单城市","商品销售额","销售费用","总计"',
           '"2026年8月1日 上午6:23:59 PST","5","订单","111-9","ROLLER-1","滚轮","1","amazon.com","亚马逊","纽约","20.00","-3.00","17.00"',
           '"2026年8月3日 下午6:23:59 PST","5","退款","111-9","ROLLER-1","滚轮","1","amazon.com","亚马逊","纽约","-20.00","2.40","-17.60"']

FEE_HEADER = "sku|product-group|your-price|currency|longest-side|median-side|shortest-side|unit-of-dimension|item-package-weight|unit-of-weight"
FEES = ["ROLLER-1|Sports|24.99|EUR|20|15|8|centimeters|450|grams", "CASE-3|Wireless|9.99|EUR|10|5|1|inches|4|ounces",
        "NEW-9|Mystery|5.00|USD|--|--|--|--|2|pounds", "ROLLER-1|Sports|24.99|GBP|20|15|8|centimeters|600|grams"]

RATE = {"reportingDateRange": {"reportingDateFrom": "2026-09-06T00:00Z", "reportingDateTo": "2026-11-04T23:59Z"}, "orderCount": 1000,
        "orderWithDefects": {"count": 4, "status": "GOOD"}, "claims": {"count": 3}, "chargebacks": {"count": 0}, "negativeFeedback": {"count": 1},
        "status": "GOOD", "rate": 0.004, "targetValue": 0.01, "targetCondition": "LESS_THAN"}
HEALTH = {"accountStatuses": [], "performanceMetrics": [{
    "marketplaceId": "A1PA6795UKMFR9", "orderDefectRate": {"mfn": RATE, "afn": {**RATE, "orderCount": 250, "orderWithDefects": {"count": 3}, "rate": 0.012}},
    "lateShipmentRate": {"orderCount": 1000, "lateShipmentCount": 50, "rate": 0.05, "targetValue": 0.04, "status": "BAD"},
    "validTrackingRate": {"shipmentCount": 1000, "validTrackingCount": 990, "rate": 0.99, "targetValue": 0.95},
    "listingPolicyViolations": {"defectsCount": 2, "targetValue": 0}}]}
