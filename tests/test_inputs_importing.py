"""Reports to cases: the built-in kinds on made files in their layouts, mappings of one's own, and the
shared samples."""

import csv

import pandas as pd
import pytest
from inputs_known import FIXTURES, KNOWN, PRODUCTS, sample

from optimizer.domain.cases import CASE_COLUMNS
from optimizer.domain.names import ISSUES
from optimizer.errors import InputError
from optimizer.inputs.cases import read_cases
from optimizer.inputs.importing import Imported, import_report
from optimizer.inputs.mapping import IMPORTS, load_mapping


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def imported(kind: str, *files, **how) -> Imported:
    """An import whose counts add up, whose cases are complete, and which `run` would take."""
    result = import_report(kind, files, known=how.pop("known", KNOWN), **how)
    assert result.rows == len(result.cases) + sum(result.skipped.values()) + result.rejected_rows
    assert list(result.cases.columns) == [c.name for c in CASE_COLUMNS] and result.cases["case_id"].is_unique
    if len(result.cases):
        result.cases.to_csv("again.csv", index=False, encoding="utf-8-sig")
        pd.testing.assert_frame_equal(read_cases(["again.csv"], KNOWN).frame, result.cases)
    return result


def refused(kind: str, *files, **how) -> list[str]:
    with pytest.raises(InputError) as caught:
        import_report(kind, files, known=KNOWN, **how)
    return [str(p) for p in caught.value.problems]


def column(result: Imported, name: str) -> list:
    return result.cases[name].tolist()


RETURNS = FIXTURES / "fba_returns.txt"
ORDERS = FIXTURES / "all_orders.txt"


def test_fba_returns_become_goods_to_decide():
    result = imported("fba_returns", RETURNS, market="uk", products=PRODUCTS)
    assert column(result, "case_id") == [
        "302-0000001-0000001-ROLLER-1-LPN-A1",
        "302-0000003-0000003-CASE-3",
        "302-0000003-0000003-CASE-3-2",
        "302-0000004-0000004-UNLISTED-9-LPN-A4",
        "302-0000006-0000006-ROLLER-1",
    ]
    assert set(column(result, "issue")) == {"returned_goods"} and set(column(result, "channel")) == {"fba"}
    assert column(result, "condition") == [
        "sellable",
        "customer_damaged",
        "sellable",
        "carrier_damaged",
        "unknown",
    ]
    assert column(result, "fault") == ["buyer", "seller", "seller", "unknown", "buyer"]
    assert column(result, "reason_text") == [
        "UNWANTED_ITEM",
        "NOT_COMPATIBLE",
        "DEFECTIVE",
        "A_NEW_CODE",
        "NO_REASON_GIVEN",
    ]
    assert result.cases["delivered"].all() and result.cases["shipped"].all()
    assert (result.cases["order_date"] == result.cases["case_date"]).all()
    # ROLLER-1 has a price of its own in GB; the unlisted article takes the typical price of its class.
    assert column(result, "item_price") == [21.5, 9.99, 9.99, 12.5, 21.5]
    assert column(result, "price_source") == ["product", "product", "product", "class", "product"]
    assert set(column(result, "currency")) == {"GBP"}
    assert result.skipped == {
        "already in this import": 2
    }  # one by its plate, one by order, sku, reason, quantity


def codes() -> dict[str, dict[str, str]]:
    with open(IMPORTS / "reason_codes.csv", encoding="utf-8-sig") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def test_every_reason_code_stands_for_an_issue():
    found = {row["issue"] for row in codes().values()}
    assert found <= set(ISSUES)
    # no reason of a return says these: they come from messages, claims and reviews
    assert set(ISSUES) - found == {
        "address_change_unshipped",
        "a_to_z_claim",
        "negative_review",
        "negative_feedback",
    }
    for code, row in codes().items():
        assert codes()[row["standard"]]["standard"] == row["standard"], code
        if code.startswith("CR-"):
            assert (row["issue"], row["fault"]) == tuple(
                codes()[code.removeprefix("CR-")][k] for k in ("issue", "fault")
            )


@pytest.mark.parametrize(
    ("code", "issue"),
    [
        ("NOT_AS_DESCRIBED", "not_as_described"),
        ("APPAREL_TOO_SMALL", "spec_mismatch"),
        ("NOT_COMPATIBLE", "spec_mismatch"),
        ("MISSING_PARTS", "missing_accessory"),
        ("EXCESSIVE_INSTALLATION", "usage_help"),
        ("MISSED_ESTIMATED_DELIVERY", "delivery_delay"),
        ("UNAUTHORIZED_PURCHASE", "cancel_delivered"),
        ("UNDELIVERABLE_REFUSED", "cancel_shipped"),
        ("UNDELIVERABLE_INSUFFICIENT_ADDRESS", "address_change_shipped"),
        ("NEVER_ARRIVED", "lost_in_transit"),
        ("WARRANTY", "warranty_claim"),
        ("DAMAGED_BY_FC", "quality_defect"),
        ("SWITCHEROO", "wrong_item"),
        ("ITEM_MISSING", "missing_main_product"),
        ("CANCELLED_ORDER", "cancel_unshipped"),
        ("SIZE_TOO_SMALL", "spec_mismatch"),
        ("ARRIVED_DAMAGED", "damaged"),
        ("OTHER", "unwanted"),
    ],
)
def test_a_reason_code_stands_for_the_issue_it_names(code, issue):
    assert codes()[code]["issue"] == issue


def test_goods_that_came_back_stay_that_whatever_the_reason():
    known = codes()
    with open("returns.txt", "w", encoding="utf-8") as file:
        file.write("return-date\torder-id\tsku\tasin\tfnsku\tquantity\tdetailed-disposition\treason\n")
        file.writelines(
            f"2026-03-02\t302-{n:07d}-0000001\tROLLER-1\tB0\tX0\t1\tSELLABLE\t{code}\n"
            for n, code in enumerate(known)
        )
    result = imported("fba_returns", "returns.txt", market="DE", products=PRODUCTS)
    assert set(column(result, "issue")) == {"returned_goods"} and len(result.cases) == len(known)
    assert column(result, "reason_text") == [row["standard"] for row in known.values()]
    assert column(result, "fault") == [row["fault"] for row in known.values()]


def test_fba_returns_without_a_price_are_rejected_with_the_way_out():
    result = imported("fba_returns", RETURNS, market="GB", products=PRODUCTS)
    assert [str(p).removeprefix(f"{RETURNS}, ") for p in result.rejects] == [
        (
            "row 3, column item_price: is blank. Give its price in the product list (--products) or the"
            " orders report (--orders)."
        ),
        (
            "row 9, column quantity: 'two' is not a number written like 1,234.50. Correct it, or 'numbers' in"
            " the mapping."
        ),
    ]
    assert result.notes == [
        f"{RETURNS}: read as UTF-8, tab-separated",
        f"{RETURNS}: rows that end before the last columns, whose missing cells were taken as blank: 1",
        "order_date is not known and was taken from case_date: 9 rows",
        (
            f"{RETURNS}: 1 of 5 cases have no product class and none is known for their sku: they are taken"
            " as 'unclassified'"
        ),
        (
            "5 prices were missing or zero: 4 from the product list (price_source product), "
            "1 from the typical price of the class (price_source class)"
        ),
        "condition: values that the mapping does not list were taken as 'unknown': MISLAID (1)",
        "fault: values that the mapping does not list were taken as 'unknown': A_NEW_CODE (1)",
    ]


def test_orders_supply_price_and_day_of_the_order():
    result = imported("fba_returns", RETURNS, market="DE", products=PRODUCTS, orders=ORDERS)
    cases = result.cases.set_index("case_id")
    roller, chair = cases.iloc[0], cases.iloc[1]
    assert (roller["item_price"], roller["price_source"]) == (22.5, "order")  # 45.00 for two
    assert (chair["item_price"], chair["price_source"], chair["currency"]) == (129.9, "order", "EUR")
    assert (roller["order_date"], roller["case_date"]) == (
        pd.Timestamp("2026-02-10"),
        pd.Timestamp("2026-03-02"),
    )
    assert column(result, "price_source") == ["order", "order", "product", "product", "class", "product"]


def test_a_report_without_market_asks_for_it():
    assert refused("fba_returns", RETURNS) == [
        f"{RETURNS}, column market: is not in this report. Say where it was sold, such as --market US."
    ]
    assert refused("fba_returns", RETURNS, market="FR") == [
        "--market: 'FR' is not a known market. Known: DE, GB, IN, US."
    ]


def test_a_localised_windows_1252_file_gives_the_same_codes():
    file = FIXTURES / "fba_returns_es_cp1252.txt"
    result = imported("fba_returns", file, market="DE", products=PRODUCTS)
    assert result.notes[0] == f"{file}: read as Windows-1252, tab-separated"
    assert column(result, "condition") == ["sellable", "customer_damaged"] and column(result, "quantity") == [
        1,
        2,
    ]
    assert (
        column(result, "reason_text") == ["NO_LONGER_NEEDED"] * 2 and column(result, "fault") == ["buyer"] * 2
    )


def test_two_pulls_of_the_same_returns_count_once():
    once = imported("fba_returns", RETURNS, market="DE", products=PRODUCTS)
    twice = imported("fba_returns", RETURNS, RETURNS, market="DE", products=PRODUCTS)
    pd.testing.assert_frame_equal(once.cases, twice.cases)
    assert twice.rows == 18 and twice.skipped["already in this import"] == 11


def test_all_orders_give_their_cancelled_lines():
    result = imported("all_orders", ORDERS, products=PRODUCTS)
    assert column(result, "case_id") == [
        "302-0000007-0000007-ROLLER-1",
        "202-0000008-0000008-ROLLER-1",
        "202-0000009-0000009-UNLISTED-9",
    ]
    assert set(column(result, "issue")) == {"cancel_unshipped"} and not result.cases["shipped"].any()
    assert column(result, "market") == ["DE", "GB", "GB"] and column(result, "channel") == [
        "merchant",
        "fba",
        "fba",
    ]
    # Prices elsewhere in the report count per market: 45.00 / 2 in Germany, 22.00 in Britain.
    assert column(result, "item_price") == [22.5, 22.0, 7.77] and column(result, "price_source") == [
        "order",
        "order",
        "given",
    ]
    assert column(result, "currency") == ["EUR", "GBP", "GBP"] and column(result, "quantity") == [1, 1, 1]
    assert column(result, "fault") == ["unknown", "buyer", "buyer"]
    assert result.skipped == {
        "order status Shipped: not cancelled": 2,
        "already in this import": 1,
        "order status Pending: not cancelled": 1,
    }
    assert [str(p) for p in result.rejects] == [
        f"{ORDERS}, row 8, column sales-channel: 'Amazon.es' is not a known market. Known: DE, GB, IN, US. "
        f"Or say what it means under values: market in {load_mapping('all_orders').file}. "
        "Or say which market such rows are priced in, with --market."
    ]
    assert (
        f"{ORDERS}: columns with personal data were not read (2): ship-city, ship-postal-code" in result.notes
    )


def test_a_mapping_alone_imports_a_foreign_sales_file():
    file = FIXTURES / "amazon_in_orders.csv"
    result = imported("amazon_in_orders", file)
    assert column(result, "issue") == [
        "cancel_unshipped",
        "cancel_unshipped",
        "returned_goods",
        "cancel_shipped",
        "lost_in_transit",
    ]
    # 650.00 = 1,300 / 2 of the same sku; then the median of its category; then 801 / 2 as given.
    assert column(result, "item_price") == [650.0, 650.0, 400.5, 399.0, 399.0]
    assert column(result, "price_source") == ["order", "class", "given", "given", "given"]
    assert column(result, "quantity") == [1, 1, 2, 1, 1] and set(column(result, "currency")) == {"INR"}
    assert column(result, "channel") == ["merchant", "fba", "merchant", "merchant", "merchant"]
    assert column(result, "platform") == ["amazon"] * 4 + ["own"] and set(
        column(result, "product_class")
    ) == {"apparel"}
    assert result.cases["order_date"].iloc[0] == pd.Timestamp("2022-04-30")  # month first
    assert [(p.row, p.column, p.value, p.problem) for p in result.rejects] == [
        (9, "Date", "31-04-22", "is not a date written MM-DD-YY"),
        (10, "Category", "Dog bed", "is not a known product class"),
    ]


SHOP = """
report: Web shop
columns: {order_date: Bestellt, case_date: Retoure, item_price: Preis,
  sku: Artikel, quantity: Menge, stars: Sterne}
helpers: {order_id: Nummer}
optional: [stars, quantity]
constants: {platform: own, channel: merchant, issue: unwanted, market: DE}
dates: [DD.MM.YYYY, DD-MON-YY]
numbers: {decimal: ",", thousands: "."}
skip:
  - {column: order_id, blank: true, reason: no order number}
case_id: "{order_id}"
"""


def shop(*rows: str, header: str = "Nummer;Bestellt;Retoure;Preis;Artikel", mapping: str = SHOP) -> str:
    with open("shop.csv", "w", encoding="utf-8") as file:
        file.write("\n".join([header, *rows]) + "\n")
    with open("shop.yaml", "w", encoding="utf-8") as file:
        file.write(mapping)
    return "shop.csv"


def test_decimal_commas_and_other_dates_are_read_as_the_mapping_says():
    result = imported(
        "shop.yaml", shop("1;04.05.2025;20.05.2025;1.234,50;A", "2;04-May-25;20.05.2025;95,00;B", ";;;;")
    )
    assert column(result, "item_price") == [1234.5, 95.0]
    assert column(result, "order_date") == [pd.Timestamp("2025-05-04")] * 2
    assert result.rows == 2  # a blank line is no row


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            "1;04.05.2025;20.05.2025;95.00;A",
            (
                "column Preis: '95.00' is not a number written like 1.234,50. "
                "Correct it, or 'numbers' in the mapping."
            ),
        ),
        (
            "1;04.05.2025;20.05.2025;12.34,5;A",
            (
                "column Preis: '12.34,5' is not a number written like 1.234,50. "
                "Correct it, or 'numbers' in the mapping."
            ),
        ),
        (
            "1;04.05.2025;20.05.2025;-5,00;A",
            (
                "column Preis: '-5,00' is negative. Give the price of one unit as the buyer paid it, "
                "in `currency`, above 0."
            ),
        ),
        (
            "1;04.05.2025;20.05.2025;;A",
            (
                "column Preis: is blank. Give its price in the product list (--products) or the orders "
                "report (--orders)."
            ),
        ),
        (
            "1;31.02.2025;20.05.2025;5,00;A",
            (
                "column Bestellt: '31.02.2025' is not a date written DD.MM.YYYY or DD-MON-YY. Check that "
                "the day exists, or correct 'dates' in the mapping."
            ),
        ),
        (
            "1;2025-05-04;20.05.2025;5,00;A",
            (
                "column Bestellt: '2025-05-04' is not a date written DD.MM.YYYY or DD-MON-YY. Check that "
                "the day exists, or correct 'dates' in the mapping."
            ),
        ),
        ("1;;20.05.2025;5,00;A", "column Bestellt: is blank. Fill in the day of the order."),
        (
            "1;04.05.2025;01.05.2025;5,00;A",
            (
                "column Retoure: '01.05.2025' is before the order_date 2025-05-04. Correct case_date or "
                "order_date."
            ),
        ),
    ],
)
def test_rejects_speak_the_words_of_the_report(row, expected):
    result = imported("shop.yaml", shop(row, "2;04.05.2025;20.05.2025;5,00;A"))
    assert [str(p) for p in result.rejects] == [f"shop.csv, row 2, {expected}"]
    assert len(result.cases) == 1


def test_rows_are_skipped_by_rule_and_numbered_where_a_name_repeats():
    result = imported(
        "shop.yaml",
        shop("1;04.05.2025;20.05.2025;5,00;A", "1;04.05.2025;20.05.2025;5,00;A", ";04.05.2025;;;A"),
    )
    assert column(result, "case_id") == ["1", "1-2"] and result.skipped == {"no order number": 1}
    result = imported(
        "shop.yaml",
        shop(
            "1;04.05.2025;20.05.2025;5,00;A",
            "1;04.05.2025;20.05.2025;5,00;A",
            "1-2;04.05.2025;20.05.2025;5,00;A",
        ),
    )
    assert sorted(column(result, "case_id")) == ["1", "1-2", "1-2-2"]


def test_ragged_rows_are_rejected_rows():
    result = imported("shop.yaml", shop("1;04.05.2025;20.05.2025;5,00;A", "2;04.05.2025;20.05.2025"))
    assert (result.rows, len(result.cases), result.rejected_rows) == (2, 1, 1)


def test_a_missing_column_says_what_was_looked_for():
    mapping = SHOP.replace("Retoure", "[Retoure, Rückgabe am]")
    assert refused(
        "shop.yaml", shop("1;04.05.2025;5,00", header="Nummer;Bestellt;Preis", mapping=mapping)
    ) == [
        (
            "shop.csv, column case_date: is missing: no header is Retoure or Rückgabe am. The file has:"
            " Nummer, Bestellt, Preis."
        ),
        "shop.csv, column sku: is missing: no header is Artikel. The file has: Nummer, Bestellt, Preis.",
    ]


def test_orders_need_something_to_be_looked_up_by():
    mapping = SHOP.replace("helpers: {order_id: Nummer}", "helpers: {number: Nummer}").replace(
        "order_id", "number"
    )
    assert refused("shop.yaml", shop("1;04.05.2025;20.05.2025;5,00;A", mapping=mapping), orders=ORDERS) == [
        "shop.yaml, column helpers: has no order_id to look orders up by. Name its header in the mapping, or"
        " leave --orders out."
    ]


def test_files_that_cannot_be_read_refuse_the_import():
    shop("1;04.05.2025;20.05.2025;5,00;A")
    open("empty.csv", "w").close()
    assert refused("shop.yaml", "shop.csv", "empty.csv", "none.csv") == [
        "empty.csv: is empty. Export it again, with a header row and rows.",
        "none.csv: does not exist. Did you mean 'shop.csv'?",
    ]
    assert refused("shop.yaml") == ["input: no file to import was named."]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("eu_fba_returns_madeup.txt", "UTF-8"), ("es_devoluciones_localised_cp1252_madeup.txt", "Windows-1252")],
)
def test_sample_fba_returns_import_38_of_38(name, encoding):
    file = sample(f"fba_returns/{name}")
    products = pd.DataFrame(
        {
            "sku": ["ARS-ROD-01", "ARS-BAN-02", "ARS-EST-03"],
            "product_class": "fitness_equipment",
            "item_price": [24.99, 17.99, 39.99],
        }
    )
    result = imported("fba_returns", file, market="DE", products=products)
    assert (result.rows, len(result.cases), result.skipped, result.rejects) == (38, 38, {}, [])
    assert result.notes[0] == f"{file}: read as {encoding}, tab-separated"
    assert result.cases["condition"].value_counts()[["sellable", "customer_damaged"]].tolist() == [25, 13]
    assert set(column(result, "reason_text")) == {"NO_LONGER_NEEDED"} and set(column(result, "fault")) == {
        "buyer"
    }
    assert result.cases["price_source"].value_counts()[["product", "class"]].tolist() == [29, 9]


def test_sample_uk_orders_give_three_cancelled_lines():
    result = imported("all_orders", sample("all_orders/uk_2025_all_orders_redacted.txt"))
    assert (result.rows, len(result.cases), sum(result.skipped.values())) == (62, 3, 59)
    assert set(column(result, "market")) == {"GB"} and set(column(result, "currency")) == {"GBP"}
    assert column(result, "item_price") == [13.99, 16.66, 19.99] and column(result, "price_source") == [
        "order",
        "given",
        "order",
    ]
    assert column(result, "channel") == ["fba", "merchant", "merchant"]


def test_sample_spanish_orders_are_understood_and_hold_no_case():
    result = imported("all_orders", sample("all_orders/es_pedidos_localised_cp1252_madeup.txt"))
    assert (result.rows, len(result.cases), result.rejects) == (380, 0, [])
    assert result.skipped == {"order status Enviado: not cancelled": 380}


def test_sample_amazon_in_orders_give_923_cases():
    result = imported("amazon_in_orders", sample("amazon_in_orders/in_2022_orders_5k_full_columns.csv"))
    assert (result.rows, len(result.cases), result.rejects) == (5733, 923, [])
    counts = result.cases["issue"].value_counts()
    assert counts[counts > 0].to_dict() == {
        "cancel_unshipped": 814,
        "returned_goods": 105,
        "cancel_shipped": 2,
        "lost_in_transit": 2,
    }
    assert result.skipped == {
        "status Shipped: nothing to decide after the sale": 3385,
        "status Shipped - Delivered to Buyer: nothing to decide after the sale": 1425,
    }
    assert result.cases["price_source"].value_counts()[["given", "order", "class", "product"]].tolist() == [
        554,
        328,
        41,
        0,
    ]
    assert (result.cases["item_price"] > 0).all() and set(column(result, "currency")) == {"INR"}
    assert set(column(result, "product_class")) == {"apparel"} and set(column(result, "market")) == {"IN"}
    assert result.cases.loc[result.cases["issue"] == "returned_goods", "condition"].eq("unknown").all()
