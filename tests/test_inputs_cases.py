"""Case files: what is filled in, what is refused, and in which words."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from inputs_known import KNOWN, PRODUCTS

from optimizer.domain.cases import CASE_COLUMNS
from optimizer.errors import InputError
from optimizer.inputs.cases import read_cases, validate_cases
from optimizer.inputs.columns import is_personal
from optimizer.inputs.tabular import read_table

GOOD = {
    "case_id": "C1",
    "market": "DE",
    "channel": "fba",
    "sku": "ROLLER-1",
    "product_class": "fitness_equipment",
    "issue": "unwanted",
    "order_date": "2025-05-04",
    "case_date": "2025-05-20",
    "item_price": "24.99",
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(*rows: dict, name: str = "cases.csv") -> str:
    """A case file whose rows are GOOD with changes; ids count up unless given."""
    frame = pd.DataFrame([GOOD | {"case_id": f"C{n}"} | row for n, row in enumerate(rows, start=1)]).fillna(
        ""
    )
    frame.to_csv(name, index=False)
    return name


def refused(*paths: str, **how) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_cases(paths, KNOWN, **how)
    return [str(p) for p in caught.value.problems]


def read(*rows: dict, known=KNOWN) -> pd.DataFrame:
    return read_cases([write(*rows)], known).frame


def test_a_good_file_becomes_typed_columns():
    file = read_cases([write({})], KNOWN)
    assert list(file.frame.columns) == [c.name for c in CASE_COLUMNS]
    case = file.frame.iloc[0]
    assert (
        case["order_date"] == pd.Timestamp("2025-05-04")
        and case["item_price"] == 24.99
        and case["quantity"] == 1
    )
    assert (case["platform"], case["currency"], case["fault"], case["condition"]) == (
        "amazon",
        "EUR",
        "unknown",
        "unknown",
    )
    assert file.frame["market"].cat.categories.tolist() == ["US", "DE", "GB", "IN"]
    assert file.frame["claim_open"].dtype == bool and pd.isna(case["ship_date"]) and np.isnan(case["stars"])
    assert (file.rejects, file.rejected_rows, file.warnings) == ([], 0, [])
    assert file.sha256 == {"cases.csv": hashlib.sha256(open("cases.csv", "rb").read()).hexdigest()}


NUMBER = "Write digits with a decimal point and nothing else, such as 12.50."
FINITE = "Write the number itself, such as 12.50."
PRICE = "Give the price of one unit as the buyer paid it, in `currency`, above 0."
DATE = "Write it like 2025-02-28, and check that the day exists."


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("item_price", "abc", f"'abc' is not a number. {NUMBER}"),
        ("item_price", "12,99", f"'12,99' is not a number. {NUMBER}"),
        ("item_price", "-3.50", f"'-3.50' is negative. {PRICE}"),
        ("item_price", "0", f"'0' is zero. {PRICE}"),
        ("item_price", "nan", f"'nan' is not a finite number. {FINITE}"),
        ("item_price", "inf", f"'inf' is not a finite number. {FINITE}"),
        ("item_price", "-inf", f"'-inf' is not a finite number. {FINITE}"),
        ("item_price", "2e9", "'2e9' is above 1,000,000,000. Check the decimal point."),
        ("item_price", "", " is blank. Fill in the price of one unit as the buyer paid it, in `currency`."),
        ("market", "USA", "'USA' is not a known market. Did you mean 'US'?"),
        ("market", "XX", "'XX' is not a known market. Known: DE, GB, IN, US."),
        ("market", "", " is blank. Fill in the ISO code of the country of sale (GB; UK is understood)."),
        ("channel", "fbm", "'fbm' is not a known channel. Did you mean 'fba'?"),
        ("issue", "damagd", "'damagd' is not a known issue. Did you mean 'damaged'?"),
        ("currency", "ERU", "'ERU' is not a known currency. Did you mean 'EUR'?"),
        ("platform", "amazn", "'amazn' is not a known platform. Did you mean 'amazon'?"),
        ("product_class", "furnitur", "'furnitur' is not a known product class. Did you mean 'furniture'?"),
        ("fault", "sellr", "'sellr' is not a known fault. Did you mean 'seller'?"),
        ("condition", "sellabel", "'sellabel' is not a known condition. Did you mean 'sellable'?"),
        ("order_date", "31/02/2025", f"'31/02/2025' is not a date written year-month-day. {DATE}"),
        (
            "order_date",
            "2025-02-31",
            "'2025-02-31' is a day that does not exist. Correct the day or the month.",
        ),
        ("order_date", "1999-12-31", "'1999-12-31' is before 2000-01-01. Check the year."),
        ("order_date", "", " is blank. Fill in the day of the order."),
        ("case_date", "2100-01-01", "'2100-01-01' is after 2099-12-31. Check the year."),
        (
            "case_date",
            "2025-05-02",
            "'2025-05-02' is before the order_date 2025-05-04. Correct case_date or order_date.",
        ),
        (
            "ship_date",
            "2025-05-01",
            "'2025-05-01' is before the order_date 2025-05-04. Correct ship_date or order_date.",
        ),
        (
            "delivery_date",
            "2025-05-01",
            "'2025-05-01' is before the order_date 2025-05-04. Correct delivery_date or order_date.",
        ),
        ("quantity", "0", "'0' is not a whole number of at least 1. Give 1, 2, 3 …"),
        ("quantity", "1.5", "'1.5' is not a whole number of at least 1. Give 1, 2, 3 …"),
        ("quantity", "two", f"'two' is not a number. {NUMBER}"),
        ("quantity", "1e12", "'1e12' is above 1,000,000. Check the number."),
        ("prior_claims", "-1", "'-1' is not a whole number of at least 0. Give 0, 1, 2 …"),
        ("stars", "6", "'6' is not between 1 and 5. Give 1 to 5 stars, or leave it blank."),
        ("stars", "0", "'0' is not between 1 and 5. Give 1 to 5 stars, or leave it blank."),
        ("shipped", "maybe", "'maybe' is neither true nor false. Write true or false, or leave it blank."),
        ("actual_cost", "inf", f"'inf' is not a finite number. {FINITE}"),
        ("case_id", "", " is blank. Fill in the unique name of the case."),
    ],
)
def test_a_bad_value_is_refused_with_its_place_and_fix(column, value, expected):
    separator = "" if value == "" else " "
    assert refused(write({column: value})) == [f"cases.csv, row 2, column {column}:{separator}{expected}"]


def test_the_two_blank_and_shown_forms_join_well():
    assert (
        str(refused(write({"order_date": ""}))[0])
        == "cases.csv, row 2, column order_date: is blank. Fill in the day of the order."
    )


def test_delivery_before_shipping_is_refused():
    assert refused(write({"ship_date": "2025-05-10", "delivery_date": "2025-05-08"})) == [
        "cases.csv, row 2, column delivery_date: '2025-05-08' is before the ship_date 2025-05-10. "
        "Correct delivery_date or ship_date."
    ]


def test_one_day_between_time_zones_is_forgiven():
    assert len(read({"ship_date": "2025-05-03"}, {"case_date": "2025-05-03"})) == 2


def test_every_problem_comes_at_once():
    write({"market": "XX", "item_price": "-1"}, {}, {"issue": "lost", "order_date": "31/02/2025"})
    assert refused("cases.csv") == [
        "cases.csv, row 2, column market: 'XX' is not a known market. Known: DE, GB, IN, US.",
        f"cases.csv, row 2, column item_price: '-1' is negative. {PRICE}",
        (
            "cases.csv, row 4, column issue: 'lost' is not a known issue. Known: a_to_z_claim,"
            " address_change_shipped, address_change_unshipped, cancel_delivered, cancel_shipped,"
            " cancel_unshipped, damaged, delivery_delay, …."
        ),
        f"cases.csv, row 4, column order_date: '31/02/2025' is not a date written year-month-day. {DATE}",
    ]


def test_a_missing_column_names_the_nearest_header():
    pd.DataFrame([GOOD]).rename(columns={"issue": "isue", "item_price": "cost"}).to_csv(
        "cases.csv", index=False
    )
    assert refused("cases.csv", skip_rejects=True) == [
        "cases.csv, column issue: is missing. The nearest header is 'isue': rename it to 'issue'.",
        (
            "cases.csv, column item_price: is missing. Add it (price of one unit as the buyer paid it, in"
            " `currency`). The file has: case_id, market, channel, sku, product_class, isue, order_date,"
            " case_date, cost."
        ),
    ]


def test_headers_match_without_case_and_signs():
    pd.DataFrame([GOOD]).rename(columns={"case_id": "Case ID", "item_price": "Item-Price"}).to_csv(
        "cases.csv", index=False
    )
    assert read_cases("cases.csv", KNOWN).frame["item_price"].tolist() == [24.99]
    pd.DataFrame([GOOD | {"Case ID": "x"}]).to_csv("cases.csv", index=False)
    assert refused("cases.csv") == [
        "cases.csv, column Case ID: means the same as column case_id. Remove one of the two."
    ]


def test_the_same_case_twice_names_both_rows():
    write({"case_id": "A"}, {}, {"case_id": "A"}, {"case_id": "A"})
    fix = "Give every case its own case_id, or remove one of the two rows."
    assert refused("cases.csv") == [
        f"cases.csv, row {n}, column case_id: 'A' is the same case as row 2. {fix}" for n in (4, 5)
    ]


def test_the_same_case_in_two_files_names_both():
    write({"case_id": "A"}, {"case_id": "B"}, name="may.csv")
    write({"case_id": "C"}, {"case_id": "B"}, name="june.csv")
    assert refused("may.csv", "june.csv") == [
        "june.csv, row 3, column case_id: 'B' is the same case as row 3 of may.csv. "
        "Give every case its own case_id, or remove one of the two rows."
    ]
    file = read_cases(["may.csv", "june.csv"], KNOWN, skip_rejects=True)
    assert (file.frame["case_id"].tolist(), file.rejected_rows) == (["A", "B", "C"], 1)
    assert file.frame.index.tolist() == [0, 1, 2] and file.frame["market"].dtype == "category"
    assert sorted(file.sha256) == ["june.csv", "may.csv"]


def test_one_bad_row_of_a_thousand_keeps_the_others():
    path = write(*[{"item_price": "x"} if n == 500 else {} for n in range(1000)])
    assert refused(path) == [f"cases.csv, row 502, column item_price: 'x' is not a number. {NUMBER}"]
    file = read_cases([path], KNOWN, skip_rejects=True)
    assert (len(file.frame), file.rejected_rows, file.rejects[0].row) == (999, 1, 502)


def test_a_file_without_a_good_row_is_refused_even_when_rejects_are_skipped():
    write({"item_price": "x"}, name="bad.csv")
    assert refused(write({}), "bad.csv", skip_rejects=True) == [
        f"bad.csv, row 2, column item_price: 'x' is not a number. {NUMBER}"
    ]


def test_ragged_rows_are_rejects_like_others():
    write({}, {}, {})
    lines = open("cases.csv").read().splitlines()
    open("cases.csv", "w").write("\n".join([*lines[:2], lines[2].rsplit(",", 3)[0], lines[3]]) + "\n")
    file = read_cases(["cases.csv"], KNOWN, skip_rejects=True)
    assert (len(file.frame), [str(p) for p in file.rejects]) == (
        2,
        ["cases.csv, row 3: has 6 cells where the header has 9. Complete the row, or remove it."],
    )


def test_problems_of_several_files_come_together():
    open("empty.csv", "w").close()
    write({"market": "XX"})
    assert refused("cases.csv", "empty.csv", "none.csv") == [
        "cases.csv, row 2, column market: 'XX' is not a known market. Known: DE, GB, IN, US.",
        "empty.csv: is empty. Export it again, with a header row and rows.",
        "none.csv: does not exist. Known: cases.csv, empty.csv.",
    ]
    with pytest.raises(InputError, match="no case file was named"):
        read_cases([], KNOWN)


def test_uk_is_understood_and_codes_may_be_in_any_case():
    frame = read({"market": "uk", "channel": "FBA", "issue": "Unwanted"})
    assert frame.loc[0, ["market", "channel", "issue", "currency"]].tolist() == [
        "GB",
        "fba",
        "unwanted",
        "GBP",
    ]


@pytest.mark.parametrize(
    "written",
    [
        "2025-05-04",
        "2025-05-04T23:59:59",
        "2025-05-04 10:00",
        "2025-05-04T09:09:12+00:00",
        "2025-05-04T09:09:12.123Z",
        "2025-05-04 09:09:12 UTC",
    ],
)
def test_iso_dates_with_time_and_zone_are_read(written):
    assert read({"order_date": written})["order_date"].tolist() == [pd.Timestamp("2025-05-04")]


DATES = {"ship_date": "2025-05-06", "delivery_date": "2025-05-09"}


@pytest.mark.parametrize(
    ("row", "shipped", "delivered"),
    [
        ({"issue": "a_to_z_claim"}, False, False),
        ({"issue": "a_to_z_claim", "ship_date": "2025-05-06"}, True, False),
        ({"issue": "a_to_z_claim"} | DATES, True, True),
        (
            {"issue": "a_to_z_claim", "case_date": "2025-05-08"} | DATES,
            True,
            False,
        ),  # came up before it arrived
        ({"issue": "unwanted"}, True, True),
        ({"issue": "damaged"}, True, True),
        ({"issue": "wrong_item"}, True, True),
        ({"issue": "quality_defect"}, True, True),
        ({"issue": "returned_goods"}, True, True),
        ({"issue": "warranty_claim"}, True, True),
        ({"issue": "cancel_unshipped"}, False, False),
        ({"issue": "cancel_shipped"}, True, False),
        ({"issue": "lost_in_transit"}, True, False),
        ({"issue": "lost_in_transit"} | DATES, True, False),  # the tracking is wrong, says the case
        ({"issue": "unwanted", "shipped": "yes", "delivered": "no"}, True, False),  # what the file says wins
    ],
)
def test_shipped_and_delivered_follow_from_issue_and_dates(row, shipped, delivered):
    assert read(row).loc[0, ["shipped", "delivered"]].tolist() == [shipped, delivered]


def test_a_blank_class_comes_from_the_products_else_one_warning_counts():
    rows = [{"product_class": "", "sku": sku} for sku in ("CHAIR-2", "OTHER-1", "OTHER-2", "")]
    file = read_cases([write(*rows, {})], KNOWN._replace(products=PRODUCTS))
    assert file.frame["product_class"].tolist() == [
        "furniture",
        "unclassified",
        "unclassified",
        "unclassified",
        "fitness_equipment",
    ]
    assert file.warnings == [
        "cases.csv: 3 of 5 cases have no product class and none is known for their sku: "
        "they are taken as 'unclassified'"
    ]


def test_personal_columns_never_get_in_and_unknown_ones_are_said_once():
    file = read_cases(
        [write({"Buyer Name": "somebody", "ship-city": "Bonn", "colour": "red", "batch": "7"})], KNOWN
    )
    assert file.warnings == [
        "cases.csv: columns with personal data were not read: Buyer Name, ship-city",
        "cases.csv: unknown columns were ignored: colour, batch",
    ]
    assert "somebody" not in file.frame.astype(str).to_csv()


@pytest.mark.parametrize(
    ("header", "personal"),
    [
        ("buyer-name", True),
        ("BuyerEmail", True),
        ("ship-postal-code", True),
        ("ship-state", True),
        ("买家姓名", True),
        ("recipient", True),
        ("phone_number", True),
        ("codigo-postal-de-envio", True),
        ("product-name", False),
        ("capacity", False),
        ("buyer-requested-cancel-reason", False),
        ("claim state", False),
        ("sku", False),
    ],
)
def test_headers_that_promise_personal_data(header, personal):
    assert is_personal(header) is personal


def test_guessed_encodings_are_said():
    path = Path(write({"reason_text": "客户说商品收到时已经损坏"}))
    path.write_bytes(path.read_text(encoding="utf-8").encode("gbk"))
    file = read_cases(["cases.csv"], KNOWN)
    assert file.frame["reason_text"].tolist() == ["客户说商品收到时已经损坏"]
    assert file.warnings == ["cases.csv: read as GBK; save it as UTF-8 if letters look wrong"]


def test_parquet_excel_and_csv_give_the_same_cases():
    rows = [
        {"case_id": "A", "quantity": "2", "ship_date": "2025-05-06", "stars": "4", "claim_open": "true"},
        {"case_id": "B"},
    ]
    from_csv = read(*rows)
    text = pd.read_csv("cases.csv", dtype=str, keep_default_na=False)
    typed = text.assign(
        order_date=pd.to_datetime(text["order_date"]),
        ship_date=pd.to_datetime(text["ship_date"]),
        item_price=text["item_price"].astype(float),
        quantity=[2.0, None],
        stars=[4.0, None],
        claim_open=[True, None],
        market=text["market"].astype("category"),
    )
    typed.to_parquet("cases.parquet")
    typed.to_excel("cases.xlsx", index=False, engine="xlsxwriter")
    for name in ("cases.parquet", "cases.xlsx"):
        pd.testing.assert_frame_equal(read_cases([name], KNOWN).frame, from_csv)


def test_typed_columns_are_checked_too():
    pd.DataFrame(
        [
            GOOD | {"case_id": f"C{n}", "item_price": p, "quantity": q}
            for n, (p, q) in enumerate([(9.5, 1), (-9.5, 1), (np.inf, 1), (np.nan, 1), (9.5, 0)])
        ]
    ).to_parquet("cases.parquet")
    assert refused("cases.parquet") == [
        f"cases.parquet, row 3, column item_price: '-9.5' is negative. {PRICE}",
        f"cases.parquet, row 4, column item_price: 'inf' is not a finite number. {FINITE}",
        (
            "cases.parquet, row 5, column item_price: is blank. Fill in the price of one unit as the buyer"
            " paid it, in `currency`."
        ),
        "cases.parquet, row 6, column quantity: '0' is not a whole number of at least 1. Give 1, 2, 3 …",
    ]


def test_validate_keeps_the_rows_of_the_file_and_no_row_without_a_column():
    table = read_table(write({}, {"market": "XX"}, {}))
    good, problems, warnings = validate_cases(table, KNOWN)
    assert (good.index.tolist(), [p.row for p in problems], warnings) == ([2, 4], [3], [])
    good, problems, _ = validate_cases(table._replace(frame=table.frame.drop(columns="issue")), KNOWN)
    assert (len(good), [(p.row, p.column) for p in problems]) == (0, [(None, "issue"), (3, "market")])


def test_many_different_wrong_values_are_all_said_quickly():
    problems = refused(write(*[{"market": f"M{n}"} for n in range(2_000)]))
    assert len(problems) == 2_000
    assert (
        problems[-1]
        == "cases.csv, row 2001, column market: 'M1999' is not a known market. Known: DE, GB, IN, US."
    )
