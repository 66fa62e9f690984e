"""Mapping files: what a good one says, and every problem of a bad one at once."""

import csv

import pytest
import yaml

from optimizer.domain.names import CONDITIONS, FAULTS
from optimizer.errors import InputError
from optimizer.inputs.mapping import IMPORTS, kinds, load_mapping

SMALL = """
report: Returns of our web shop
read: {encoding: cp1252, delimiter: semicolon}
columns:
  order_date: Bestelldatum
  case_date: [Retourdatum, Datum der Retoure]
  sku: Artikel
  item_price: Preis
helpers: {order_id: Bestellnummer, status: Status}
optional: [sku]
constants: {platform: own, channel: merchant, issue: unwanted}
values:
  sku: {alt-1: NEW-1, "*": OTHER}
dates: [DD.MM.YYYY, iso]
numbers: {decimal: ",", thousands: "."}
skip:
  - {column: status, in: [offen, NO], reason: "still {value}"}
  - {column: order_id, blank: true, reason: no order}
same_row: [[order_id, sku]]
case_id: "web-{order_id}-{sku}"
fill_price_from: [products, {same_file: sku, price_source: order}]
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(text: str):
    with open("m.yaml", "w", encoding="utf-8") as file:
        file.write(text)
    return load_mapping("m.yaml")


def refused(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        load(text)
    return [str(p) for p in caught.value.problems]


def changed(**sections) -> str:
    """SMALL with some sections replaced; None removes one."""
    raw = yaml.safe_load(SMALL) | sections
    return yaml.safe_dump({k: v for k, v in raw.items() if v is not None}, sort_keys=False)


def test_a_mapping_is_read_as_written():
    mapping = load(SMALL)
    assert mapping.read == {"encoding": "cp1252", "delimiter": ";"}
    assert mapping.columns["case_date"] == ("Retourdatum", "Datum der Retoure") and mapping.columns[
        "status"
    ] == ("Status",)
    assert mapping.dates == {"DD.MM.YYYY": "%d.%m.%Y", "iso": "iso"}
    assert (mapping.decimal, mapping.thousands, mapping.price) == (",", ".", "unit")
    assert mapping.skip[0] == (
        (("status", "in", ("offen", "no")),),
        "still {value}",
    )  # NO is a word here, not false
    assert mapping.values["sku"] == ({"alt1": "NEW-1"}, "OTHER")
    assert mapping.price_steps == (("products", "", "product"), ("same_file", "sku", "order"))


def test_the_kinds_that_come_with_the_product_are_sound():
    known = kinds()
    assert {
        "fba_returns",
        "fba_replacements",
        "mfn_returns",
        "all_orders",
        "reimbursements",
        "removals",
        "shopify_orders",
    } <= set(known)
    assert known["all_orders"] == "All Orders, cancelled lines" and all(known.values())


def test_an_unknown_kind_is_refused():
    with pytest.raises(
        InputError,
        match=r"import: 'fba_retuns' is not a kind of report that is known. Did you mean 'fba_returns'\?",
    ):
        load_mapping("fba_retuns")


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ({"colums": {}}, ["m.yaml, column colums: is not a section of a mapping. Did you mean 'columns'?"]),
        ({"report": None}, ["m.yaml, column report: is missing. Write 'report: …'."]),
        (
            {
                "columns": {"case_date": "A", "order_date": "B", "item_prise": "C"},
                "optional": None,
                "values": None,
                "same_row": None,
                "case_id": "{order_id}",
                "fill_price_from": None,
            },
            [
                "m.yaml, column columns.item_prise: is not a field of a case. Did you mean 'item_price'? "
                "Columns for the rules below stand under 'helpers'."
            ],
        ),
        (
            {"helpers": {"order_id": "A", "status": "B", "stars": "C"}},
            ["m.yaml, column helpers.stars: is a field of a case. Move it to 'columns'."],
        ),
        (
            {"read": {"delimiter": "tabs", "encodin": "x"}},
            [
                "m.yaml, column read.encodin: is not known. Did you mean 'encoding'?",
                "m.yaml, column read.delimiter: 'tabs' is not known. Did you mean 'tab'?",
            ],
        ),
        (
            {"constants": {"platform": "own", "channel": "fbm", "issue": "unwanted", "isue": "x"}},
            [
                "m.yaml, column constants.isue: is not a field of a case. Did you mean 'issue'?",
                "m.yaml, column constants.channel: 'fbm' is not a known channel. Did you mean 'fba'?",
            ],
        ),
        (
            {"constants": {"channel": "merchant"}},
            [
                "m.yaml, column columns: 'issue' is not supplied. Name its header under 'columns', or its"
                " value under 'constants'."
            ],
        ),
        (
            {"values": {"condition": {"B-Ware": "used"}, "colour": {"red": "r"}}},
            [
                (
                    "m.yaml, column values.condition: 'used' is not a known condition. Known:"
                    " carrier_damaged, customer_damaged, damaged, defective, expired, sellable, unknown."
                ),
                (
                    "m.yaml, column values: 'colour' is neither a field of a case nor a helper. Known:"
                    " actual_cost, actual_resolution, case_date, case_id, channel, claim_open, condition,"
                    " currency, …."
                ),
            ],
        ),
        (
            {"values": {"sku": "x"}},
            [
                "m.yaml, column values.sku: is not a list of 'their value: our value' lines. Write one per"
                " line."
            ],
        ),
        (
            {"copy": {"ship_dat": "order_date", "ship_date": "orderdate"}},
            [
                "m.yaml, column copy.ship_dat: is not a field of a case. Did you mean 'ship_date'?",
                (
                    "m.yaml, column copy: 'orderdate' is neither a field of a case nor a helper. Did you mean"
                    " 'order_date'?"
                ),
            ],
        ),
        (
            {"dates": ["DD.MM", "YYYY-MM-DD"]},
            [
                "m.yaml, column dates: 'DD.MM' is not a form of date. Write 'iso', 'local', or year, month"
                " and day such as DD/MM/YYYY, MM-DD-YY or DD-MON-YYYY."
            ],
        ),
        (
            {"numbers": {"decimal": ",", "thousands": ","}},
            [
                "m.yaml, column numbers: do not fit together. Give decimal '.' or ',' and another sign for"
                " thousands."
            ],
        ),
        (
            {
                "skip": [
                    "x",
                    {"column": "status", "reason": "r", "is": "y"},
                    {"column": "statu", "in": ["y"], "reason": "r"},
                ]
            },
            [
                (
                    "m.yaml, column skip 1: is not a rule. Give 'column', 'reason' and one of 'in', 'not_in',"
                    " 'blank'."
                ),
                "m.yaml, column skip 2: 'is' is not one test. Give exactly one of 'in', 'not_in', 'blank'.",
                (
                    "m.yaml, column skip 3: 'statu' is neither a field of a case nor a helper. Did you mean"
                    " 'status'?"
                ),
            ],
        ),
        (
            {"case_id": "{orderid}-{sku}"},
            [
                "m.yaml, column case_id: 'orderid' is neither a field of a case nor a helper. Did you mean"
                " 'order_id'?"
            ],
        ),
        (
            {"case_id": "{order_id"},
            [
                "m.yaml, column case_id: '{order_id' is not a template. Write names in braces, such as"
                " {order_id}-{sku}."
            ],
        ),
        ({"case_id": None}, ["m.yaml, column case_id: is missing. Write 'case_id: …'."]),
        ({"price": "total"}, ["m.yaml, column price: 'total' is not known. Known: line, unit."]),
        (
            {"optional": ["skus"]},
            ["m.yaml, column optional: 'skus' is not one of the columns. Did you mean 'sku'?"],
        ),
        (
            {"fill_price_from": ["product", {"same_file": "sku", "price_source": "orders"}]},
            [
                (
                    "m.yaml, column fill_price_from 1: 'product' is not a place for prices. Give one of"
                    " orders, products, class_price, or same_file with price_source."
                ),
                (
                    "m.yaml, column fill_price_from 2: 'orders' is not a known price source. Did you mean"
                    " 'order'?"
                ),
            ],
        ),
        (
            {"helpers": {"order_id": "Bestellnummer", "status": "buyer-email"}},
            [
                "m.yaml, column helpers.status: 'buyer-email' is a column with personal data. Such columns"
                " are never read: remove it."
            ],
        ),
        (
            {"helpers": {"order_id": [], "status": "S"}},
            [
                "m.yaml, column helpers.order_id: names no header. Give one header, or a list of headers it"
                " may have."
            ],
        ),
        (
            {
                "constants": ["x"],
                "columns": {"issue": "I", "channel": "C", "order_date": "O", "case_date": "D", "sku": "S"},
            },
            [
                "m.yaml, column constants: is not a list of 'name: value' lines. Indent one 'name: value' per"
                " line below it."
            ],
        ),
    ],
)
def test_a_bad_mapping_says_all_that_is_wrong(sections, expected):
    problems = refused(changed(**sections))
    # A name that could not be taken is missing where it is used, too: those messages come on top.
    assert [p for p in problems if p in expected] == expected
    assert all(p in expected or "is neither a field of a case nor a helper" in p for p in problems)


def test_broken_yaml_is_refused_with_its_line():
    assert refused("report: x\ncolumns: [a\n") == [
        "m.yaml: is not a readable YAML file (expected ',' or ']', but got '<stream end>'). Look at line 3."
    ]
    assert refused("report: x\nreport: y\n") == [
        "m.yaml: is not a readable YAML file (key 'report' stands twice). Look at line 1."
    ]
    assert refused("just words") == [
        "m.yaml: is not a mapping. Begin with 'report:' and 'columns:'; see the files in data/imports."
    ]


def test_a_missing_mapping_file_is_refused():
    with pytest.raises(InputError, match=r"gone\.yaml: does not exist\. Check the path\."):
        load_mapping("gone.yaml")


def test_a_value_map_may_stand_in_a_table_beside_the_mapping():
    with open("codes.csv", "w") as file:
        file.write("theirs,ours\nK-1,buyer\nK-2,carrier\n")
    values = {"fault": {"table": "codes.csv", "key": "theirs", "value": "ours", "*": "unknown"}}
    assert load(changed(values=values)).values["fault"] == ({"k1": "buyer", "k2": "carrier"}, "unknown")
    values["fault"]["value"] = "our"
    assert refused(changed(values=values)) == [
        "m.yaml, column values.fault: 'our' is not a column of codes.csv. Did you mean 'ours'?"
    ]
    values["fault"]["table"] = "kodes.csv"
    assert refused(changed(values=values)) == ["kodes.csv: does not exist. Did you mean 'codes.csv'?"]


def test_the_reason_codes_are_complete_and_sound():
    with open(IMPORTS / "reason_codes.csv", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    codes = [row["code"] for row in rows]
    assert len(set(codes)) == len(codes) and {
        "UNWANTED_ITEM",
        "DEFECTIVE",
        "NO_LONGER_NEEDED",
        "YA_NO_LO_NECESITO",
    } <= set(codes)
    assert all(
        row["standard"] in codes
        and row["fault"] in FAULTS
        and row["meaning_en"]
        and row["meaning_zh"]
        and row["source"]
        for row in rows
    )


def test_the_dispositions_cover_every_condition():
    known = load_mapping("fba_returns").values["condition"]
    assert set(known.known.values()) | {known.otherwise} == set(CONDITIONS)
