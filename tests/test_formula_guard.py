"""Text that a spreadsheet would calculate: quoted in every CSV that is written, whole again when it is
read, never touched in other files."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inputs_known import KNOWN
from policy_world import built

from optimizer import load_scenario, run
from optimizer.errors import Problem
from optimizer.inputs.cases import read_cases
from optimizer.inputs.formula_guard import guard_text, guarded, unguarded
from optimizer.inputs.products import read_orders, read_products
from optimizer.inputs.tabular import Table
from optimizer.pipeline import read_policy
from optimizer.policy import apply_policy
from optimizer.report.files import write_csv, write_rejects
from optimizer.report.imported import write_cases_xlsx

pytestmark = pytest.mark.usefixtures("tables_once")
HOSTILE = [
    "=A1",
    "-5",
    "+1",
    "@SUM(1)",
    "'=A1",
    "''-3",
    "'plain",
    "it's",
    'a,"b"',
    '=HYPERLINK("http://x","y")',
    "plain",
]
STARTS = ("=", "+", "-", "@", "\t", "\r")


def cells_of(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [cell for row in csv.reader(file) for cell in row]


def cases(skus: list[str]) -> pd.DataFrame:
    n = len(skus)
    return pd.DataFrame(
        {
            "case_id": [f"{sku}#{i}" for i, sku in enumerate(skus)],
            "market": "DE",
            "channel": "fba",
            "sku": skus,
            "product_class": "furniture",
            "issue": "unwanted",
            "order_date": "2026-09-01",
            "case_date": "2026-09-20",
            "item_price": [10.0 + i for i in range(n)],
            "reason_text": skus,
        }
    )


# ---------------------------------------------------------------- the texts themselves
@given(st.text(alphabet="'=+-@\t\r\nab ", max_size=6))
def test_every_text_survives_and_none_begins_a_formula(text):
    frame = pd.DataFrame({"x": [text]}, dtype="str")
    written = guard_text(frame)
    assert not written["x"].iloc[0].startswith(STARTS) and "\r" not in written["x"].iloc[0]
    back = unguarded(Table(written.astype("str"), "f.csv", "utf-8", ",", "csv")).frame["x"].iloc[0]
    assert back == text.replace("\r\n", "\n").replace("\r", "\n")


def test_numbers_stay_numbers(tmp_path):
    write_csv(
        pd.DataFrame({"a": [-1.5, 2.0], "b": [-3, 4], "c": ["-1.5", "x"], "d": [None, -2.5]}),
        tmp_path / "n.csv",
    )
    assert cells_of(tmp_path / "n.csv") == [
        "a",
        "b",
        "c",
        "d",
        "-1.5",
        "-3",
        "'-1.5",
        "",
        "2.0",
        "4",
        "x",
        "-2.5",
    ]
    assert guarded(-1.5) == -1.5


def test_a_carriage_return_inside_ends_no_row(tmp_path):
    write_csv(pd.DataFrame({"a": ["x\r=1+1", "y"]}), tmp_path / "r.csv")
    assert cells_of(tmp_path / "r.csv") == ["a", "x\n=1+1", "y"]


# ---------------------------------------------------------------- files that are written and read
def test_cases_come_back_from_csv_parquet_and_excel_as_they_were(tmp_path):
    frame = cases(HOSTILE)
    write_csv(frame, tmp_path / "cases.csv")
    write_cases_xlsx(frame, tmp_path / "cases.xlsx")
    frame.to_parquet(tmp_path / "cases.parquet")
    assert not [c for c in cells_of(tmp_path / "cases.csv") if c.startswith(STARTS)]
    for suffix in ("csv", "xlsx", "parquet"):
        back = read_cases(tmp_path / f"cases.{suffix}", KNOWN).frame
        for column in ("case_id", "sku", "reason_text"):
            assert back[column].tolist() == frame[column].tolist(), (suffix, column)
    with zipfile.ZipFile(tmp_path / "cases.xlsx") as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml") and not [
            n for n in archive.namelist() if "sheet1.xml.rels" in n
        ]


def test_products_and_orders_find_the_same_skus(tmp_path):
    write_csv(pd.DataFrame({"sku": HOSTILE, "product_class": "furniture"}), tmp_path / "products.csv")
    write_csv(
        pd.DataFrame(
            {"month": "2026-09", "market": "DE", "channel": "fba", "sku": HOSTILE, "orders": 1, "units": 2}
        ),
        tmp_path / "orders.csv",
    )
    assert read_products(tmp_path / "products.csv", KNOWN)["sku"].tolist() == HOSTILE
    assert read_orders(tmp_path / "orders.csv", KNOWN)["sku"].tolist() == HOSTILE


def test_a_run_knows_a_hostile_case_by_its_own_name(tmp_path):
    write_csv(
        cases(["-5", "=A1"]).assign(market="DE", product_class="apparel", item_price=20.0),
        tmp_path / "cases.csv",
    )
    answer = run(load_scenario("base"), tmp_path / "cases.csv")
    assert answer.decisions["case_id"].tolist() == ["-5#0", "=A1#1"] and answer.cases["sku"].tolist() == [
        "-5",
        "=A1",
    ]
    answer.write(tmp_path / "out")
    for path in (tmp_path / "out").glob("*.csv"):
        texts = [c for c in cells_of(path) if c.startswith(STARTS)]
        assert all(pd.notna(pd.to_numeric(c, errors="coerce")) for c in texts), (path.name, texts)
    with zipfile.ZipFile(tmp_path / "out" / "policy.xlsx") as archive:
        assert b"=A1#1" in archive.read("xl/sharedStrings.xml")
        assert not [
            n
            for n in archive.namelist()
            if n.startswith("xl/worksheets/sheet") and b"<f>A1" in archive.read(n)
        ]


def test_a_policy_with_hostile_names_is_read_back_and_applied_alike(tmp_path):
    world = built()
    frame = world.policy.frame.copy()
    first, second = frame.index[frame["cases"] > 0][:2]
    frame.loc[first, "row_id"], frame.loc[second, "row_id"] = "=P1", "-P2"
    write_csv(frame, tmp_path / "policy.csv")
    assert not [c for c in cells_of(tmp_path / "policy.csv") if c.startswith(("=", "-P"))]
    back = read_policy(tmp_path / "policy.csv")
    assert back["row_id"].tolist() == frame["row_id"].tolist()
    ours, theirs = (apply_policy(t, world.engine, world.blocks) for t in (frame, back))
    assert (
        ours.row.tolist() == theirs.row.tolist()
        and ours.cost.tolist() == theirs.cost.tolist()
        and {first, second} <= set(ours.row)
    )


@pytest.mark.parametrize("value", ["=1+1", "@x", "-5"])
def test_rejected_values_are_quoted(tmp_path, value):
    write_rejects(
        [Problem("=file.csv", 3, "+column", value, "is wrong", "Mend it.")], tmp_path / "rejects.csv"
    )
    assert cells_of(tmp_path / "rejects.csv")[6:] == [
        "'=file.csv",
        "3",
        "'+column",
        f"'{value}",
        "is wrong",
        "Mend it.",
    ]
