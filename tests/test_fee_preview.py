"""Fee previews: measures in kilograms and centimetres, beside a product list that keeps what it says."""

from __future__ import annotations

import pandas as pd
import pytest
from inputs_known import KNOWN, sample
from report_files import FEE_HEADER, FEES

from optimizer.errors import InputError
from optimizer.inputs.fee_preview import read_fee_preview
from optimizer.inputs.products import read_products
from optimizer.inputs.recognising import kinds_that_fit
from optimizer.report.imported import write_table


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(*rows: str) -> str:
    with open("fees.txt", "w", encoding="utf-8", newline="") as file:
        file.write("\n".join([FEE_HEADER, *rows]).replace("|", "\t") + "\n")
    return "fees.txt"


def test_measures_classes_and_prices():
    found = read_fee_preview(written(*FEES), KNOWN, "DE")
    products = found.products.set_index("sku")
    assert products["weight_kg"].tolist() == [0.45, 0.1134, 0.9072]  # 4 oz = 0.1134 kg, 2 lb = 0.9072 kg
    assert products.loc["CASE-3", ["length_cm", "width_cm", "height_cm"]].tolist() == [25.4, 12.7, 2.54]
    assert products["product_class"].tolist() == ["fitness_equipment", "phone_accessory", "unclassified"]
    assert products["item_price_DE"].fillna(-1).tolist() == [24.99, 9.99, -1]  # the third is in dollars
    assert (
        found.skipped == {"the same SKU again, in another store": 1} and found.rows == 4 == len(products) + 1
    )
    assert "ROLLER-1: weight_kg is 0.45 in one store and 0.6 in another; the first was taken" in found.notes
    assert "fees.txt: measures that the report does not know were left blank: 3" in found.notes
    assert any(
        "products of groups without a class were taken as unclassified: Mystery" in note
        for note in found.notes
    )


def test_the_result_is_a_product_list():
    text = write_table(read_fee_preview(written(*FEES), KNOWN, "DE"), "products.csv", None)
    assert text.splitlines()[0] == "4 rows = 3 taken + 1 skipped + 0 rejected"
    products = read_products("products.csv", KNOWN)
    assert products["sku"].tolist() == ["ROLLER-1", "CASE-3", "NEW-9"] and products["item_price_DE"].tolist()[
        :2
    ] == [24.99, 9.99]


def test_an_existing_list_keeps_what_it_says_and_gets_its_blanks_filled():
    earlier = pd.DataFrame(
        {
            "sku": ["CASE-3", "ROLLER-1"],
            "product_class": ["phone_accessory", "furniture"],
            "landed_cost": [2.0, 7.0],
            "weight_kg": [None, 0.9],
            "length_cm": [25.4, None],
        }
    )
    found = read_fee_preview(written(*FEES), KNOWN._replace(products=earlier), "DE")
    products = found.products.set_index("sku")
    assert found.products["sku"].tolist() == ["CASE-3", "ROLLER-1", "NEW-9"]
    assert (
        products["weight_kg"].tolist() == [0.1134, 0.9, 0.9072]
        and products.loc["ROLLER-1", "length_cm"] == 20
    )
    assert products["product_class"].tolist() == [
        "phone_accessory",
        "furniture",
        "unclassified",
    ] and products["landed_cost"].tolist()[:2] == [2.0, 7.0]
    assert (
        "ROLLER-1: weight_kg is 0.9 in the product list and 0.45 in the report; the list was kept"
        in found.notes
    )
    # Filled: one weight, one length, two widths, two heights, two prices.
    assert "values filled in the product list: 8; products added: 1" in found.notes


@pytest.mark.parametrize(
    ("row", "column", "problem"),
    [
        ("A|Sports|1|EUR|20|15|8|centimeters|heavy|grams", "item-package-weight", "is not a number above 0"),
        ("A|Sports|1|EUR|20|15|8|cubits|1|grams", "unit-of-dimension", "is not a unit that is known"),
        ("A|Sports|1|EUR|20|15|8|cm|1|stone", "unit-of-weight", "is not a unit that is known"),
        ("|Sports|1|EUR|20|15|8|cm|1|kg", "sku", "is blank"),
    ],
)
def test_rows_that_cannot_be_used_are_rejected(row, column, problem):
    found = read_fee_preview(written(row, FEES[0]), KNOWN, "DE")
    assert {(p.row, p.column, p.problem) for p in found.rejects} == {(2, column, problem)}
    assert found.rows == len(found.products) + found.rejected_rows


def test_a_file_that_is_no_fee_preview_is_refused():
    with open("x.csv", "w", encoding="utf-8") as file:
        file.write("a,b\n1,2\n")
    with pytest.raises(InputError, match="is no fee preview"):
        read_fee_preview("x.csv", KNOWN)


def test_the_sample_gives_four_products():
    path = sample("fee_preview/eu_fee_preview_madeup.txt")
    assert kinds_that_fit(path) == ["fee_preview"]
    found = read_fee_preview(str(path), KNOWN, "DE")
    assert (found.rows, len(found.products), found.rejects) == (4, 4, []) and found.products[
        "weight_kg"
    ].tolist() == [0.45] * 4
