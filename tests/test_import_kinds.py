"""Every kind of report on made files in its layout: what becomes a case, what is skipped, what is said
aloud."""

from __future__ import annotations

import pandas as pd
import pytest
from inputs_known import KNOWN, PRODUCTS, sample
from report_files import ERP, REIMBURSED, REMOVED, REPLACEMENTS, RETURNS, SHOPIFY, XML

from optimizer.domain.cases import CASE_COLUMNS
from optimizer.errors import InputError
from optimizer.inputs.adding import add_cases
from optimizer.inputs.importing import Imported, import_report
from optimizer.inputs.mapping import IMPORTS, load_mapping
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


def test_replacements_are_cases_that_were_settled_by_sending_again():
    result = imported(
        "fba_replacements",
        written("r.txt", REPLACEMENTS),
        market="US",
        products=PRODUCTS.assign(item_price=[20.0, 90.0, 10.0]),
    )
    assert column(result, "issue") == ["quality_defect", "lost_in_transit", "unwanted"]
    assert column(result, "actual_resolution") == ["replace_keep_old", "reship_lost", "replace_keep_old"]
    assert column(result, "fault") == ["seller", "carrier", "unknown"]
    assert column(result, "case_id")[0] == "111-1-ROLLER-1-S01-1" and result.skipped == {
        "already in this import": 1
    }
    assert "1 rows: the reason of the replacement says little; taken as unwanted" in result.notes


def test_reimbursements_of_a_buyers_order_are_cases_and_the_rest_is_named():
    result = imported(
        "reimbursements",
        written("r.txt", REIMBURSED),
        market="DE",
        products=PRODUCTS.assign(item_price=[20.0, 90.0, 10.0]),
    )
    assert column(result, "issue") == ["lost_in_transit", "returned_goods"] and column(
        result, "condition"
    ) == ["unknown", "damaged"]
    assert column(result, "actual_resolution") == ["refer_to_platform", ""]
    assert result.skipped == {
        "reimbursement for Lost_Warehouse: no case of a buyer": 1,
        "reimbursement for Reimbursement_Reversal: no case of a buyer": 1,
    }


def test_removals_carry_their_fee_in_the_reporting_currency():
    result = imported(
        "removals",
        written("r.txt", REMOVED),
        market="DE",
        products=PRODUCTS.assign(item_price=[20.0, 90.0, 10.0]),
    )
    # 2.00 EUR / 0.80 EUR per USD = 2.50 USD; 0.40 / 0.80 = 0.50; no fee yet = not known.
    assert result.cases["actual_cost"].fillna(-1).tolist() == [2.5, 0.5, -1]
    assert column(result, "actual_resolution") == ["", "dispose", "liquidate"]
    assert column(result, "condition") == ["unknown", "defective", "customer_damaged"] and column(
        result, "quantity"
    ) == [2, 1, 1]
    assert result.skipped == {"removal order Cancelled": 1, "sellable stock: no after-sales case": 1}


# ---------------------------------------------------------------- returns of orders shipped by the seller


def test_seller_fulfilled_returns_know_price_reason_and_open_claims():
    result = imported("mfn_returns", written("r.txt", RETURNS), market="US")
    assert column(result, "issue") == ["quality_defect", "a_to_z_claim", "unwanted"]
    assert column(result, "claim_open") == [False, True, False]
    assert column(result, "item_price") == [21.0, 9.99, 9.99]  # 42.00 for two units ordered
    assert column(result, "actual_resolution") == [
        "return_to_warehouse",
        "keep_full_refund",
        "decline_request",
    ]
    assert result.skipped == {"request status Cancelled: the buyer took it back": 1}
    assert (
        "issue: values that the mapping does not list were taken as 'unwanted': CR-SOMETHING_NEW (1)"
        in result.notes
    )
    assert (
        "1 rows: an A-to-z claim is open on the order; it outranks the reason of the return" in result.notes
    )


def test_the_csv_form_with_quoted_cells_gives_the_same_cases():
    flat = imported("mfn_returns", written("r.txt", RETURNS), market="US")
    quoted = [
        '"' + row.replace("|", '","') + '"' + ',""' * (RETURNS[0].count("|") - row.count("|"))
        for row in RETURNS
    ]
    again = imported("mfn_returns", written("r.csv", quoted), market="US")
    pd.testing.assert_frame_equal(again.cases, flat.cases)


def test_the_xml_form_gives_one_row_per_item():
    result = imported("mfn_returns", written("r.xml", XML), market="DE")
    assert column(result, "case_id") == ["408-1-ROLLER-1-D9", "408-1-CASE-3-D9"] and column(
        result, "quantity"
    ) == [1, 2]
    assert column(result, "currency") == ["EUR", "EUR"] and column(result, "item_price") == [10.0, 10.0]


@pytest.mark.parametrize(
    ("content", "problem"),
    [(XML[:600], "is not readable XML"), ("<?xml version='1.0'?><orders/>", "stands nowhere in this file")],
)
def test_broken_xml_is_refused_with_its_place(content, problem):
    with pytest.raises(InputError, match=problem):
        import_report("mfn_returns", [written("r.xml", content)], market="DE", known=RATES)


def test_xml_where_a_table_is_read_is_refused():
    with pytest.raises(InputError, match="is XML, which this kind of report is not read from"):
        import_report("fba_returns", [written("r.xml", XML)], market="DE", known=RATES)


# ---------------------------------------------------------------- Shopify


def test_shopify_orders_carry_their_fields_down_and_leave_buyers_out():
    result = imported("shopify_orders", written("s.csv", SHOPIFY, ","))
    assert column(result, "case_id") == ["#2-ROLLER-1", "#2-CASE-3", "#3-ROLLER-1", "#4-ROLLER-1"]
    assert column(result, "issue") == ["cancel_unshipped", "cancel_unshipped", "unwanted", "cancel_unshipped"]
    assert [str(d)[:10] for d in column(result, "case_date")] == [
        "2026-05-03",
        "2026-05-03",
        "2026-05-01",
        "2026-05-01",
    ]
    assert result.skipped == {
        "neither cancelled nor refunded (paid)": 1,
        "further line of a refunded order: the export does not say which line": 1,
    }
    assert [(p.row, p.column, p.value) for p in result.rejects] == [
        (8, "Financial Status", "something_new"),
        (9, "Shipping Country", "PL"),
    ]
    assert any(
        "columns with personal data were not read (3): Email, Lineitem name, Shipping Name" in note
        for note in result.notes
    )
    everything = result.cases.to_csv() + str(result.rejects) + str(result.notes)
    assert "a@b.c" not in everything and "Ann" not in everything


def test_a_market_that_is_not_known_is_taken_as_another_only_when_asked_and_aloud():
    result = imported("shopify_orders", written("s.csv", SHOPIFY[:1] + SHOPIFY[-1:], ","), market="DE")
    assert column(result, "market") == ["DE"]
    assert (
        "rows sold in PL, which is no market of the data folder, were taken as DE because of --market: 1"
        in result.notes
    )


# ---------------------------------------------------------------- an ERP, in GBK, and the canonical form


def test_the_example_for_an_erp_reads_chinese_headers_and_values_in_gbk():
    result = imported("erp_aftersales", written("erp.csv", "\r\n".join(ERP), encoding="gbk"))
    assert column(result, "issue") == ["quality_defect", "lost_in_transit", "a_to_z_claim"]
    assert column(result, "channel") == ["merchant", "fba", "warehouse"] and column(result, "claim_open") == [
        False,
        False,
        True,
    ]
    # 16.00 refunded + 4.00 postage - 2.00 from the platform = 18.00 EUR / 0.80 = 22.50 USD; the second in
    # dollars; the third not said.
    assert result.cases["actual_cost"].fillna(-1).tolist() == [22.5, 5.0, -1]
    assert result.skipped == {"status 已作废: closed without after-sales work": 1}
    assert "erp.csv: read as GBK, comma-separated" in result.notes and "王小明" not in result.cases.to_csv()


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_canonical_cases_come_back_the_same_in_every_form(form):
    first = imported("erp_aftersales", written("erp.csv", "\r\n".join(ERP), encoding="gbk")).cases
    first["price_source"] = (
        first["price_source"]
        .cat.set_categories(first["price_source"].cat.categories)
        .where(first.index > 0, "product")
    )
    path = f"cases.{form}"
    {
        "csv": lambda: first.to_csv(path, index=False, encoding="utf-8-sig"),
        "parquet": lambda: first.to_parquet(path),
        "xlsx": lambda: first.to_excel(path, index=False),
    }[form]()
    pd.testing.assert_frame_equal(imported("canonical", path).cases, first)


# ---------------------------------------------------------------- headers below notes, ids turned into
# numbers


def test_note_lines_above_the_header_are_found_and_said():
    notes = ['"Includes Amazon Marketplace transactions"', '"All amounts in USD, unless specified"', '""']
    rows = notes + ['"' + row.replace("|", '","') + '"' for row in REPLACEMENTS[:3]]
    result = imported("fba_replacements", written("r.csv", "\n".join(rows) + "\n"), market="DE")
    assert (
        len(result.cases) == 2
        and "r.csv: the header stands in row 4; the lines above it were not read" in result.notes
    )


def test_note_lines_above_a_header_in_excel_too():
    cells = [["Returns of July", "", ""], ["", "", ""], *(row.split("|") for row in REPLACEMENTS[:3])]
    pd.DataFrame(cells).to_excel("r.xlsx", header=False, index=False)
    result = imported("fba_replacements", "r.xlsx", market="DE")
    assert (
        len(result.cases) == 2
        and "r.xlsx: the header stands in row 3; the lines above it were not read" in result.notes
    )


def test_problems_below_note_lines_name_the_row_of_the_file():
    rows = ["note", *REPLACEMENTS[:2], REPLACEMENTS[2].replace("03-SEP-2026", "31-SEP-2026")]
    result = imported("fba_replacements", written("r.txt", rows), market="DE")
    assert [(p.row, p.value) for p in result.rejects] == [(4, "31-SEP-2026")]


def test_ids_that_a_spreadsheet_turned_into_numbers_are_mended_or_refused():
    rows = [
        REPLACEMENTS[0],
        REPLACEMENTS[1].replace("ROLLER-1", "1,234.0"),
        REPLACEMENTS[2].replace("CHAIR-2", "6.90123E+11"),
    ]
    result = imported("fba_replacements", written("r.txt", rows), market="DE")
    assert column(result, "sku") == ["1234"]
    assert (
        "sku: 1 values look like numbers of a spreadsheet and were read as names, such as '1,234.0' as '1234'"
        in result.notes
    )
    assert [(p.row, p.column, p.value, p.problem) for p in result.rejects] == [
        (3, "sku", "6.90123E+11", "was turned into a number by a spreadsheet, and its last digits are lost")
    ]


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
    assert (again.new, again.renewed, again.same) == (0, 0, 3) and again.cases[
        "case_id"
    ].tolist() == added.cases["case_id"].tolist()


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("fba_replacements", "\n".join(REPLACEMENTS).replace("|", "\t")),
        ("reimbursements", "\n".join(REIMBURSED).replace("|", "\t")),
        ("removals", "\n".join(REMOVED).replace("|", "\t")),
        ("mfn_returns", "\n".join(RETURNS).replace("|", "\t")),
        ("mfn_returns", XML),
        ("shopify_orders", "\n".join(SHOPIFY).replace("|", ",")),
        ("erp_aftersales", "\n".join(ERP)),
    ],
)
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
    for path in [*sorted(IMPORTS.glob("*.yaml")), IMPORTS / "payments" / "cases.yaml"]:
        mapping = load_mapping(path)
        sentences = [
            mapping.report,
            *(rule.reason for rule in mapping.skip),
            *(rule.note for rule in mapping.give if rule.note),
        ]
        assert [s for s in sentences if t(s) == s] == [], path.name


# ---------------------------------------------------------------- the shared samples


@pytest.mark.parametrize(
    ("name", "kind", "market", "cases", "skipped"),
    [
        ("mfn_returns/us_2025_returns_by_return_date_1row_redacted.txt", "mfn_returns", "US", 1, 0),
        ("mfn_returns/es_2020_returns_xml_1return_redacted.xml", "mfn_returns", "DE", 1, 1),
        ("reimbursements/eu_reimbursements_madeup.txt", "reimbursements", "DE", 0, 4),
    ],
)
def test_samples_import_with_the_expected_counts(name, kind, market, cases, skipped):
    path = sample(name)
    assert kinds_that_fit(path)[0] == kind
    result = imported(kind, str(path), market=market)
    assert (len(result.cases), sum(result.skipped.values()), result.rejects) == (cases, skipped, [])


def test_the_shopify_sample_gives_its_six_cancelled_lines():
    path = sample("shopify_orders/shopify_113_redacted.csv")
    result = imported(
        "shopify_orders", str(path), market="GB", known=RATES._replace(currencies=(*KNOWN.currencies, "ZAR"))
    )
    assert (result.rows, len(result.cases), sum(result.skipped.values())) == (101, 6, 95)
