"""products.csv and orders.csv: what is read, what is filled, what is refused, with the exact sentences."""

import numpy as np
import pandas as pd
import pytest
from inputs_known import KNOWN

from optimizer.errors import InputError
from optimizer.inputs import products
from optimizer.inputs.products import read_orders, read_products
from optimizer.model import products as model_products


def refused(read, path) -> list[str]:
    """Problems of a file without its name."""
    with pytest.raises(InputError) as error:
        read(path, KNOWN)
    return [str(p).removeprefix(str(path)).lstrip(", ").removeprefix(": ") for p in error.value.problems]


@pytest.fixture
def written(tmp_path):
    def write(text: str, encoding: str = "utf-8"):
        path = tmp_path / "list.csv"
        path.write_text(text, encoding=encoding)
        return path

    return write


def test_product_list_is_typed_and_blank_where_the_file_is(written):
    frame = read_products(
        written(
            "SKU,Product Class,landed_cost,landed_cost_de,weight_kg,battery,stock_on_hand,note\n"
            "A1,APPAREL,3.50,4.25,0.2,,5,hello\nA2,furniture,,,,Lithium_in,,\n"
        ),
        KNOWN,
    )
    assert list(frame.columns) == [
        "sku",
        "product_class",
        "price",
        "item_price",
        "landed_cost",
        "weight_kg",
        "length_cm",
        "width_cm",
        "height_cm",
        "battery",
        "supplier",
        "stock_on_hand",
        "landed_cost_DE",
    ]
    assert frame[["sku", "product_class", "battery", "supplier"]].to_numpy().tolist() == [
        ["A1", "apparel", "", ""],
        ["A2", "furniture", "lithium_in", ""],
    ]
    numbers = frame[["landed_cost", "landed_cost_DE", "weight_kg", "stock_on_hand", "price"]].to_numpy(float)
    np.testing.assert_array_equal(numbers, [[3.5, 4.25, 0.2, 5.0, np.nan], [np.nan] * 5])
    assert frame.index.tolist() == [0, 1]


def test_product_list_in_gbk_reads(written):
    assert read_products(written("sku,product_class,supplier\nA1,apparel,深圳市工厂供应商\n", "gbk"), KNOWN)[
        "supplier"
    ].tolist() == ["深圳市工厂供应商"]


def test_every_problem_of_a_product_list_at_once(written):
    path = written(
        "sku,product_class,price,weight_kg,stock_on_hand,battery\n"
        "A1,aparel,3.5,0.2,5.5,acid\n"
        ",apparel,,,,\n"
        "A1,,x,-1,-2,none\n"
        "A3,apparel,inf,0,,\n"
    )
    assert refused(read_products, path) == [
        "row 2, column product_class: 'aparel' is not a known product class. Did you mean 'apparel'?",
        "row 2, column battery: 'acid' is not a known battery. Known: lithium_alone, lithium_in, none.",
        "row 2, column stock_on_hand: '5.5' is not a whole number of at least 0. Give 0, 1, 2 …",
        "row 3, column sku: is blank. Fill in the seller's article number.",
        "row 4, column product_class: is blank. Fill in the class of the product.",
        (
            "row 4, column price: 'x' is not a number. Write digits with a decimal point and nothing else,"
            " such as 12.50."
        ),
        (
            "row 4, column weight_kg: '-1' is negative. Give the weight of one packed unit, in kilograms,"
            " above 0."
        ),
        "row 4, column stock_on_hand: '-2' is not a whole number of at least 0. Give 0, 1, 2 …",
        "row 4, column sku: 'A1' is the same sku as row 2. Keep one row per sku.",
        "row 5, column price: 'inf' is not a finite number. Write the number itself, such as 12.50.",
        "row 5, column weight_kg: '0' is zero. Give the weight of one packed unit, in kilograms, above 0.",
    ]


@pytest.mark.parametrize(
    "header, problem",
    [
        ("sku,klass", "column product_class: is missing. Add it (class of the product)."),
        ("product_class,title", "column sku: is missing. Add it (seller's article number)."),
        (
            "sku,product_class,weight",
            "column weight: is not a column that is read. Did you mean 'weight_kg'? Rename it, or remove it.",
        ),
        (
            "sku,product_class,cost",
            "column cost: is not a column that is read. Did you mean 'landed_cost'? Rename it, or remove it.",
        ),
        (
            "sku,product_class,landed_cost_FR",
            "column landed_cost_FR: 'FR' is not a known market. Known: DE, GB, IN, US.",
        ),
        (
            "sku,product_class,Product-Class",
            "column Product-Class: means the same as column product_class. Remove one of the two.",
        ),
    ],
)
def test_headers_that_would_be_lost_are_refused(written, header, problem):
    cells = ",".join("apparel" for _ in header.split(","))
    assert refused(read_products, written(f"{header}\n{cells}\n"))[0] == problem


def test_other_columns_are_left_unread(written):
    frame = read_products(
        written("sku,product_class,fnsku,title,brand,supplier_name\nA1,apparel,X0,Shirt,B,S\n"), KNOWN
    )
    assert frame["sku"].tolist() == ["A1"] and frame["supplier"].tolist() == [""]


def test_row_with_too_many_cells_is_named_with_the_others(written):
    assert refused(read_products, written("sku,product_class\nA1,apparel\nA2,apparel,9\nA3,shoes\n")) == [
        "row 3: has 3 cells where the header has 2. Put text that holds the separator into quotation marks.",
        (
            "row 4, column product_class: 'shoes' is not a known product class. "
            "Known: apparel, fitness_equipment, furniture, phone_accessory, unclassified."
        ),
    ]


def test_missing_file_is_refused(tmp_path):
    assert refused(read_products, tmp_path / "none.csv") == ["does not exist. Check the path."]


def test_parquet_keeps_its_numbers(tmp_path):
    path = tmp_path / "products.parquet"
    pd.DataFrame(
        {
            "sku": ["A1", "A2"],
            "product_class": ["apparel", "furniture"],
            "landed_cost": [3.5, None],
            "stock_on_hand": pd.array([4, None], "Int64"),
        }
    ).to_parquet(path)
    frame = read_products(path, KNOWN)
    np.testing.assert_array_equal(
        frame[["landed_cost", "stock_on_hand"]].to_numpy(float), [[3.5, 4.0], [np.nan, np.nan]]
    )


def test_orders_are_counted_per_month(written):
    frame = read_orders(
        written(
            "month,market,channel,sku,orders,units,net_sales\n2026-10,UK,fba,A1,3,4,100.5\n"
            "2026/9/3,us,Merchant,A1,1,1,\n2026-10-01,US,merchant,A1,0,0,-20\n"
        ),
        KNOWN,
    )
    assert frame[["month", "market", "channel", "sku"]].to_numpy().tolist() == [
        ["2026-10", "GB", "fba", "A1"],
        ["2026-09", "US", "merchant", "A1"],
        ["2026-10", "US", "merchant", "A1"],
    ]
    assert frame["orders"].tolist() == [3, 1, 0] and frame["units"].tolist() == [4, 1, 0]
    np.testing.assert_array_equal(frame["net_sales"], [100.5, np.nan, -20.0])


def test_every_problem_of_the_orders_at_once(written):
    path = written(
        "month,market,channel,sku,orders,units,net_sales\n"
        "2026-10,GB,fba,A1,3,4,100.5\n"
        "2026-10-31,GB,fba,A1,3,4,100.5\n"
        "2026-13,FR,air,,x,-1,y\n"
        ",US,fba,A2,,1.5,\n"
    )
    assert refused(read_orders, path) == [
        "row 3, column sku: 'A1' is the same month, market, channel and sku as row 2. Add the two rows up.",
        "row 4, column market: 'FR' is not a known market. Known: DE, GB, IN, US.",
        "row 4, column channel: 'air' is not a known channel. Known: fba, merchant, warehouse.",
        "row 4, column sku: is blank. Fill in the seller's article number.",
        (
            "row 4, column orders: 'x' is not a number. Write digits with a decimal point and nothing else,"
            " such as 12.50."
        ),
        "row 4, column units: '-1' is not a whole number of at least 0. Give 0, 1, 2 …",
        (
            "row 4, column net_sales: 'y' is not a number. Write digits with a decimal point and nothing"
            " else, such as 12.50."
        ),
        "row 4, column month: '2026-13' is not a month. Write it like 2026-10.",
        "row 5, column month: is blank. Fill in the month of the orders.",
        "row 5, column orders: is blank. Fill in the number of orders.",
        "row 5, column units: '1.5' is not a whole number of at least 0. Give 0, 1, 2 …",
    ]


def test_orders_need_their_columns(written):
    assert refused(read_orders, written("month,market,channel,sku,units,order\n2026-10,US,fba,A1,1,1\n")) == [
        "column order: is not a column that is read. Did you mean 'orders'? Rename it, or remove it."
    ]
    assert refused(read_orders, written("month,market,channel,sku,units\n2026-10,US,fba,A1,1\n")) == [
        "column orders: is missing. Add it (number of orders)."
    ]


def test_batteries_are_those_of_the_model():
    assert products.BATTERIES == model_products.BATTERIES
