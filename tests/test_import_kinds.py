"""Every kind of report on made files in its layout: what becomes a case, what is skipped, what is said aloud."""
from __future__ import annotations

import pandas as pd
import pytest
from inputs_known import KNOWN, PRODUCTS, sample

from optimizer.domain.cases import CASE_COLUMNS
from optimizer.errors import InputError
from optimizer.inputs.adding import add_cases
from optimizer.inputs.importing import Imported, import_report
from optimizer.inputs.mapping import FOLDER, load_mapping
from optimizer.inputs.recognising import kinds_that_fit

RATES = KNOWN._replace(rates={"USD": 1.0, "EUR": 0.8, "GBP": 0.75})


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(name: str, rows: list[str] | str, sign: str = "\t", encoding: str = "utf-8") -> str:
    """A file of rows whose cells are separated by | here and by `sign` in the file."""
    text = rows if isinstance(rows, str) else "\n".join(row.replace("|", sign) for row in rows) + "\n"
    with open(name, "w", encoding=encoding, newline="") as file:
        file.write(text)
    return name


def imported(kind: str, *files: str, **how) -> Imported:
    """An import whose counts add up."""
    result = import_report(kind, files, known=how.pop("known", RATES), **how)
    assert result.rows == len(result.cases) + sum(result.skipped.values()) + result.rejected_rows
    assert list(result.cases.columns) == [c.name for c in CASE_COLUMNS] and result.cases["case_id"].is_unique
    return result


def column(result: Imported, name: str) -> list:
    return result.cases[name].tolist()


# ---------------------------------------------------------------- FBA replacements, reimbursements, removals

REPLACEMENTS = ["shipment-date|sku|asin|fulfillment-center-id|original-fulfillment-center-id|quantity|replacement-reason-code|"
                "replacement-amazon-order-id|original-amazon-order-id",
                "2026-09-03T10:00:00+00:00|ROLLER-1|B1|PHX7|PHX7|1|2|S01-1|111-1",
                "03-SEP-2026|CHAIR-2|B2|PHX7|PHX7|1|11|S01-2|111-2",
                "2026-09-03T10:00:00+00:00|ROLLER-1|B1|PHX7|PHX7|1|2|S01-1|111-1",
                "2026-09-04T10:00:00+00:00|CASE-3|B3|PHX7|PHX7|1|0|S01-3|111-3"]


def test_replacements_are_cases_that_were_settled_by_sending_again():
    result = imported("fba_replacements", written("r.txt", REPLACEMENTS), market="US", products=PRODUCTS.assign(item_price=[20.0, 90.0, 10.0]))
    assert column(result, "issue") == ["quality_defect", "lost_in_transit", "unwanted"]
    assert column(result, "actual_resolution") == ["replace_keep_old", "reship_lost", "replace_keep_old"]
    assert column(result, "fault") == ["seller", "carrier", "unknown"]
    assert column(result, "case_id")[0] == "111-1-ROLLER-1-S01-1" and result.skipped == {"already in this import": 1}
    assert "1 rows: the reason of the replacement says little; taken as unwanted" in result.notes


REIMBURSED = ["approval-date|reimbursement-id|case-id|amazon-order-id|reason|sku|currency-unit|amount-per-unit|amount-total|"
              "quantity-reimbursed-total",
              "2026-08-02T10:00:00+00:00|R1|C1|171-1|Lost_Outbound|ROLLER-1|EUR|24.99|24.99|1",
              "2026-08-03 PDT|R2|C2|171-2|CustomerReturn|CASE-3|EUR|9.99|9.99|1",
              "2026-08-04T10:00:00+00:00|R3|||Lost_Warehouse|ROLLER-1|EUR|24.99|49.98|2",
              "2026-08-05T10:00:00+00:00|R4|C4|171-4|Reimbursement_Reversal|ROLLER-1|EUR|24.99|-24.99|-1"]


def test_reimbursements_of_a_buyers_order_are_cases_and_the_rest_is_named():
    result = imported("reimbursements", written("r.txt", REIMBURSED), market="DE", products=PRODUCTS.assign(item_price=[20.0, 90.0, 10.0]))
    assert column(result, "issue") == ["lost_in_transit", "returned_goods"] and column(result, "condition") == ["unknown", "damaged"]
    assert column(result, "actual_resolution") == ["refer_to_platform", ""]
    assert result.skipped == {"reimbursement for Lost_Warehouse: no case of a buyer": 1,
                              "reimbursement for Reimbursement_Reversal: no case of a buyer": 1}


REMOVED = ["request-date|order-id|order-type|order-status|sku|fnsku|disposition|requested-quantity|removal-fee|currency",
           "2026-09-01T10:00:00+00:00|RM1|Return|Completed|ROLLER-1|X1|Unsellable|2|2.00|EUR",
           "2026-09-01T10:00:00+00:00|RM2|Disposal|Completed|CASE-3|X3|DEFECTIVE|1|0.40|EUR",
           "2026-09-01T10:00:00+00:00|RM3|Liquidations|Pending|CASE-3|X3|CUSTOMER_DAMAGED|1||EUR",
           "2026-09-01T10:00:00+00:00|RM4|Return|Cancelled|ROLLER-1|X1|Unsellable|2||EUR",
           "2026-09-01T10:00:00+00:00|RM5|Return|Completed|ROLLER-1|X1|Sellable|30|30.00|EUR"]


def test_removals_carry_their_fee_in_the_reporting_currency():
    result = imported("removals", written("r.txt", REMOVED), market="DE", products=PRODUCTS.assign(item_price=[20.0, 90.0, 10.0]))
    # 2.00 EUR / 0.80 EUR per USD = 2.50 USD; 0.40 / 0.80 = 0.50; no fee yet = not known.
    assert result.cases["actual_cost"].fillna(-1).tolist() == [2.5, 0.5, -1]
    assert column(result, "actual_resolution") == ["", "dispose", "liquidate"]
    assert column(result, "condition") == ["unknown", "defective", "customer_damaged"] and column(result, "quantity") == [2, 1, 1]
    assert result.skipped == {"removal order Cancelled": 1, "sellable stock: no after-sales case": 1}


# ---------------------------------------------------------------- returns of orders shipped by the seller

RETURNS = ["Order ID|Order date|Return request date|Return request status|Amazon RMA ID|Label cost|Currency code|A-to-Z Claim|"
           "Merchant SKU|Return quantity|Return Reason|Resolution|Order Amount|Order quantity|SafeT claim id|Refunded Amount",
           "113-1|10-Jul-2026|14-Jul-2026|Approved|D1|4.14|USD|N|ROLLER-1|1|AMZ-PG-BAD-ITEM|StandardRefund|42.00|2| |",
           "113-2|10-Jul-2026|15-Jul-2026|Completed|D2| |USD|Y|CASE-3|1|CR-UNWANTED_ITEM|ReturnlessRefund|9.99|1| |9.99",
           "113-3|10-Jul-2026|15-Jul-2026|Cancelled|D3| |USD|N|CASE-3|1|CR-UNWANTED_ITEM||9.99|1",
           "113-4|10-Jul-2026|16-Jul-2026|Denied|D4| |USD|N|CASE-3|1|CR-SOMETHING_NEW||9.99|1"]


def test_seller_fulfilled_returns_know_price_reason_and_open_claims():
    result = imported("mfn_returns", written("r.txt", RETURNS), market="US")
    assert column(result, "issue") == ["quality_defect", "a_to_z_claim", "unwanted"]
    assert column(result, "claim_open") == [False, True, False]
    assert column(result, "item_price") == [21.0, 9.99, 9.99]                      # 42.00 for two units ordered
    assert column(result, "actual_resolution") == ["return_to_warehouse", "keep_full_refund", "decline_request"]
    assert result.skipped == {"request status Cancelled: the buyer took it back": 1}
    assert "issue: values that the mapping does not list were taken as 'unwanted': CR-SOMETHING_NEW (1)" in result.notes
    assert "1 rows: an A-to-z claim is open on the order; it outranks the reason of the return" in result.notes


def test_the_csv_form_with_quoted_cells_gives_the_same_cases():
    flat = imported("mfn_returns", written("r.txt", RETURNS), market="US")
    quoted = ['"' + row.replace("|", '","') + '"' + ',""' * (RETURNS[0].count("|") - row.count("|")) for row in RETURNS]
    again = imported("mfn_returns", written("r.csv", quoted), market="US")
    pd.testing.assert_frame_equal(again.cases, flat.cases)


XML = """<?xml version="1.0" encoding="UTF-8"?><AmazonEnvelope><MessageType>Returns-Report</MessageType><Message>
<return_details><item_details><item_name>Roller</item_name><return_reason_code>CR-DEFECTIVE</return_reason_code>
<merchant_sku>ROLLER-1</merchant_sku><return_quantity>1</return_quantity><resolution>StandardRefund</resolution></item_details>
<item_details><merchant_sku>CASE-3</merchant_sku><return_reason_code>CR-UNWANTED_ITEM</return_reason_code>
<return_quantity>2</return_quantity></item_details><order_id>408-1</order_id><order_date>2026-07-03T17:08:47Z</order_date>
<amazon_rma_id>D9</amazon_rma_id><return_request_date>2026-07-12T12:44:17Z</return_request_date>
<return_request_status>Approved</return_request_status><a_to_z_claim>false</a_to_z_claim>
<label_details><currency_code>EUR</currency_code><label_cost>0.0</label_cost></label_details>
<order_amount>30.00</order_amount><order_quantity>3</order_quantity></return_details></Message></AmazonEnvelope>"""


def test_the_xml_form_gives_one_row_per_item():
    result = imported("mfn_returns", written("r.xml", XML), market="DE")
    assert column(result, "case_id") == ["408-1-ROLLER-1-D9", "408-1-CASE-3-D9"] and column(result, "quantity") == [1, 2]
    assert column(result, "currency") == ["EUR", "EUR"] and column(result, "item_price") == [10.0, 10.0]


@pytest.mark.parametrize(("content", "problem"), [
    (XML[:600], "is not readable XML"), ("<?xml version='1.0'?><orders/>", "stands nowhere in this file")])
def test_broken_xml_is_refused_with_its_place(content, problem):
    with pytest.raises(InputError, match=problem):
        import_report("mfn_returns", [written("r.xml", content)], market="DE", known=RATES)


def test_xml_where_a_table_is_read_is_refused():
    with pytest.raises(InputError, match="is XML, which this kind of report is not read from"):
        import_report("fba_returns", [written("r.xml", XML)], market="DE", known=RATES)


# ---------------------------------------------------------------- Shopify

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


def test_shopify_orders_carry_their_fields_down_and_leave_buyers_out():
    result = imported("shopify_orders", written("s.csv", SHOPIFY, ","))
    assert column(result, "case_id") == ["#2-ROLLER-1", "#2-CASE-3", "#3-ROLLER-1", "#4-ROLLER-1"]
    assert column(result, "issue") == ["cancel_unshipped", "cancel_unshipped", "unwanted", "cancel_unshipped"]
    assert [str(d)[:10] for d in column(result, "case_date")] == ["2026-05-03", "2026-05-03", "2026-05-01", "2026-05-01"]
    assert result.skipped == {"neither cancelled nor refunded (paid)": 1,
                              "further line of a refunded order: the export does not say which line": 1}
    assert [(p.row, p.column, p.value) for p in result.rejects] == [(8, "Financial Status", "something_new"), (9, "Shipping Country", "PL")]
    assert any("columns with personal data were not read (3): Email, Lineitem name, Shipping Name" in note for note in result.notes)
    everything = result.cases.to_csv() + str(result.rejects) + str(result.notes)
    assert "a@b.c" not in everything and "Ann" not in everything


def test_a_market_that_is_not_known_is_taken_as_another_only_when_asked_and_aloud():
    result = imported("shopify_orders", written("s.csv", SHOPIFY[:1] + SHOPIFY[-1:], ","), market="DE")
    assert column(result, "market") == ["DE"]
    assert "rows sold in PL, which is no market of the data folder, were taken as DE because of --market: 1" in result.notes


# ---------------------------------------------------------------- an ERP, in GBK, and the canonical form

ERP = ["售后单号,订单号,下单时间,发货时间,签收时间,售后时间,平台,站点,发货方式,SKU,数量,币种,单价,售后类型,原因,责任方,处理方式,退款金额,补发运费,平台赔偿,状态,买家姓名",
       "AS1,111-1,2026/06/01 08:30,2026/06/02 10:00,2026/06/09 12:00,2026/06/20 09:15,亚马逊,德国,自发货,ROLLER-1,1,EUR,20.00,质量问题,不转,卖家,退款不退货,16.00,4.00,2.00,已完成,王小明",
       "AS2,111-2,2026/06/01 08:30,,,2026/06/20 09:15,亚马逊,美国,FBA,CASE-3,1,USD,9.99,丢件,,承运商,补发,,5.00,,已完成,李四",
       "AS3,111-3,2026/06/01 08:30,,,2026/06/20 09:15,亚马逊,美国,海外仓,CASE-3,1,USD,9.99,索赔,,买家,,,,,处理中,张三",
       "AS4,111-4,2026/06/01 08:30,,,2026/06/20 09:15,亚马逊,美国,海外仓,CASE-3,1,USD,9.99,不想要,,买家,,,,,已作废,赵六"]


def test_the_example_for_an_erp_reads_chinese_headers_and_values_in_gbk():
    result = imported("erp_aftersales", written("erp.csv", "\r\n".join(ERP), encoding="gbk"))
    assert column(result, "issue") == ["quality_defect", "lost_in_transit", "a_to_z_claim"]
    assert column(result, "channel") == ["merchant", "fba", "warehouse"] and column(result, "claim_open") == [False, False, True]
    # 16.00 refunded + 4.00 postage - 2.00 from the platform = 18.00 EUR / 0.80 = 22.50 USD; the second in dollars; the third not said.
    assert result.cases["actual_cost"].fillna(-1).tolist() == [22.5, 5.0, -1]
    assert result.skipped == {"status 已作废: closed without after-sales work": 1}
    assert "erp.csv: read as GBK, comma-separated" in result.notes and "王小明" not in result.cases.to_csv()


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_canonical_cases_come_back_the_same_in_every_form(form):
    first = imported("erp_aftersales", written("erp.csv", "\r\n".join(ERP), encoding="gbk")).cases
    path = f"cases.{form}"
    {"csv": lambda: first.to_csv(path, index=False, encoding="utf-8-sig"), "parquet": lambda: first.to_parquet(path),
     "xlsx": lambda: first.to_excel(path, index=False)}[form]()
    pd.testing.assert_frame_equal(imported("canonical", path).cases, first)


# ---------------------------------------------------------------- headers below notes, ids turned into numbers

def test_note_lines_above_the_header_are_found_and_said():
    notes = ['"Includes Amazon Marketplace transactions"', '"All amounts in USD, unless specified"', '""']
    rows = notes + ['"' + row.replace("|", '","') + '"' for row in REPLACEMENTS[:3]]
    result = imported("fba_replacements", written("r.csv", "\n".join(rows) + "\n"), market="DE")
    assert len(result.cases) == 2 and "r.csv: the header stands in row 4; the lines above it were not read" in result.notes


def test_note_lines_above_a_header_in_excel_too():
    cells = [["Returns of July", "", ""], ["", "", ""], *(row.split("|") for row in REPLACEMENTS[:3])]
    pd.DataFrame(cells).to_excel("r.xlsx", header=False, index=False)
    result = imported("fba_replacements", "r.xlsx", market="DE")
    assert len(result.cases) == 2 and "r.xlsx: the header stands in row 3; the lines above it were not read" in result.notes


def test_problems_below_note_lines_name_the_row_of_the_file():
    rows = ["note", *REPLACEMENTS[:2], REPLACEMENTS[2].replace("03-SEP-2026", "31-SEP-2026")]
    result = imported("fba_replacements", written("r.txt", rows), market="DE")
    assert [(p.row, p.value) for p in result.rejects] == [(4, "31-SEP-2026")]


def test_ids_that_a_spreadsheet_turned_into_numbers_are_mended_or_refused():
    rows = [REPLACEMENTS[0], REPLACEMENTS[1].replace("ROLLER-1", "1,234.0"), REPLACEMENTS[2].replace("CHAIR-2", "6.90123E+11")]
    result = imported("fba_replacements", written("r.txt", rows), market="DE")
    assert column(result, "sku") == ["1234"]
    assert "sku: 1 values look like numbers of a spreadsheet and were read as names, such as '1,234.0' as '1234'" in result.notes
    assert [(p.row, p.column, p.value, p.problem) for p in result.rejects] == [
        (3, "sku", "6.90123E+11", "was turned into a number by a spreadsheet, and its last digits are lost")]


# ---------------------------------------------------------------- again, and together

def test_an_import_added_to_another_doubles_nothing_and_renews_what_changed():
    july = imported("mfn_returns", written("r.txt", RETURNS[:3]), market="US").cases
    later = [RETURNS[0], RETURNS[1].replace("AMZ-PG-BAD-ITEM", "AMZ-PG-DAMAGED"), *RETURNS[2:]]
    august = imported("mfn_returns", written("s.txt", later), market="US").cases
    added = add_cases(july, august)
    assert (added.new, added.renewed, added.same) == (1, 1, 1)
    assert added.cases["case_id"].tolist() == ["113-1-ROLLER-1-D1", "113-2-CASE-3-D2", "113-4-CASE-3-D4"]
    assert added.cases["issue"].tolist() == ["damaged", "a_to_z_claim", "unwanted"]
    again = add_cases(added.cases, august)
    assert (again.new, again.renewed, again.same) == (0, 0, 3) and again.cases["case_id"].tolist() == added.cases["case_id"].tolist()


@pytest.mark.parametrize(("kind", "content"), [
    ("fba_replacements", "\n".join(REPLACEMENTS).replace("|", "\t")), ("reimbursements", "\n".join(REIMBURSED).replace("|", "\t")),
    ("removals", "\n".join(REMOVED).replace("|", "\t")), ("mfn_returns", "\n".join(RETURNS).replace("|", "\t")), ("mfn_returns", XML),
    ("shopify_orders", "\n".join(SHOPIFY).replace("|", ",")), ("erp_aftersales", "\n".join(ERP))])
def test_a_report_is_recognised_by_its_headers(kind, content):
    assert kinds_that_fit(written("f", content))[0] == kind


def test_a_file_that_is_no_report_fits_no_kind():
    assert kinds_that_fit(written("f", "a,b\n1,2\n")) == [] and kinds_that_fit("absent.csv") == []
    with open("f.bin", "wb") as file:
        file.write(bytes(range(256)))
    assert kinds_that_fit("f.bin") == []


def test_every_sentence_of_a_mapping_has_its_chinese():
    from optimizer.i18n import translator
    t = translator("zh")
    for path in [*sorted(FOLDER.glob("*.yaml")), FOLDER / "payments" / "cases.yaml"]:
        mapping = load_mapping(path)
        sentences = [mapping.report, *(rule.reason for rule in mapping.skip), *(rule.note for rule in mapping.give if rule.note)]
        assert [s for s in sentences if t(s) == s] == [], path.name


# ---------------------------------------------------------------- the shared samples

@pytest.mark.parametrize(("name", "kind", "market", "cases", "skipped"), [
    ("mfn_returns/us_2025_returns_by_return_date_1row_redacted.txt", "mfn_returns", "US", 1, 0),
    ("mfn_returns/es_2020_returns_xml_1return_redacted.xml", "mfn_returns", "DE", 1, 1),
    ("reimbursements/eu_reimbursements_madeup.txt", "reimbursements", "DE", 0, 4)])
def test_samples_import_with_the_expected_counts(name, kind, market, cases, skipped):
    path = sample(name)
    assert kinds_that_fit(path)[0] == kind
    result = imported(kind, str(path), market=market)
    assert (len(result.cases), sum(result.skipped.values()), result.rejects) == (cases, skipped, [])


def test_the_shopify_sample_gives_its_six_cancelled_lines():
    path = sample("shopify_orders/shopify_113_redacted.csv")
    result = imported("shopify_orders", str(path), market="GB", known=RATES._replace(currencies=(*KNOWN.currencies, "ZAR")))
    assert (result.rows, len(result.cases), sum(result.skipped.values())) == (101, 6, 95)
