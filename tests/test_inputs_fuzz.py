"""Damaged files: whatever happens to their bytes, they are read or refused, and the counts add up."""

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inputs_known import FIXTURES, KNOWN, PRODUCTS

from optimizer.errors import InputError
from optimizer.inputs.cases import read_cases
from optimizer.inputs.importing import import_report
from optimizer.inputs.mapping import IMPORTS
from optimizer.inputs.tabular import read_table

CASES = pd.DataFrame(
    {
        "case_id": [f"C{n}" for n in range(6)],
        "market": ["DE", "GB", "US", "IN", "DE", "DE"],
        "channel": "fba",
        "sku": "CASE-3",
        "issue": ["unwanted", "damaged", "lost_in_transit", "returned_goods", "a_to_z_claim", "unwanted"],
        "order_date": pd.to_datetime("2025-05-04"),
        "ship_date": pd.to_datetime(["2025-05-05", None] * 3),
        "case_date": pd.to_datetime("2025-05-20"),
        "item_price": [9.99, 12.5, 100, 7, 3.25, 1],
        "quantity": 1,
        "reason_text": ["", "arrived broken", 'said "no"', "größer", "坏了", ""],
    }
)
COMPLETE = [
    "case_id",
    "market",
    "issue",
    "order_date",
    "case_date",
    "item_price",
    "currency",
    "product_class",
]

# One edit: where (as a share of the file), how many bytes go, and what comes instead.
EDIT = st.tuples(
    st.floats(0, 1, exclude_max=True),
    st.sampled_from([0, 0, 1, 1, 3, 40, 100_000]),
    st.one_of(
        st.binary(max_size=4),
        st.sampled_from(
            [
                b'"',
                b"\n",
                b"\r",
                b"\t",
                b",",
                b";",
                b"\x00",
                b"-",
                b"1e999",
                b"nan",
                b"\xff\xfe",
                b"\xef\xbb\xbf",
                b": [",
                b"{}",
            ]
        ),
    ),
)
EDITS = st.lists(EDIT, min_size=1, max_size=12)
QUICK = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def damaged(content: bytes, edits: list) -> bytes:
    for share, gone, instead in edits:
        at = int(share * len(content))
        content = content[:at] + instead + content[at + gone :]
    return content


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, bytes]:
    """The same cases in every form."""
    folder = tmp_path_factory.mktemp("cases")
    CASES.to_csv(folder / "a.csv", index=False, encoding="utf-8")
    CASES.to_csv(folder / "a16.csv", index=False, encoding="utf-16")
    CASES.to_excel(folder / "a.xlsx", index=False, engine="xlsxwriter")
    CASES.to_parquet(folder / "a.parquet", compression=None)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", ["a.csv", "a16.csv", "a.xlsx", "a.parquet"])
@QUICK
@given(edits=EDITS)
def test_a_damaged_case_file_is_read_or_refused(name, edits, files, tmp_path):
    path = tmp_path / name
    path.write_bytes(damaged(files[name], edits))
    try:
        result = read_cases([path], KNOWN, skip_rejects=True)
    except InputError as error:
        assert error.problems and all(p.problem and p.fix for p in error.problems)
        return
    table = read_table(path, keep_ragged=True)
    assert len(result.frame) + result.rejected_rows == len(table.frame) + len(table.ragged)
    assert result.frame["case_id"].is_unique and result.frame[COMPLETE].notna().all(axis=None)
    assert (result.frame["item_price"] > 0).all() and (result.frame["quantity"] >= 1).all()


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("fba_returns", "fba_returns.txt"),
        ("fba_returns", "fba_returns_es_cp1252.txt"),
        ("all_orders", "all_orders.txt"),
        ("amazon_in_orders", "amazon_in_orders.csv"),
    ],
)
@QUICK
@given(edits=EDITS)
def test_a_damaged_report_is_imported_or_refused(kind, name, edits, tmp_path):
    path = tmp_path / name
    path.write_bytes(damaged((FIXTURES / name).read_bytes(), edits))
    try:
        result = import_report(
            kind, [path], market="DE" if kind == "fba_returns" else None, products=PRODUCTS, known=KNOWN
        )
    except InputError as error:
        assert error.problems
        return
    assert result.rows == len(result.cases) + sum(result.skipped.values()) + result.rejected_rows
    assert result.cases["case_id"].is_unique and result.cases[COMPLETE].notna().all(axis=None)


@QUICK
@given(edits=EDITS)
def test_a_damaged_mapping_is_taken_or_refused(edits, tmp_path):
    path = tmp_path / "m.yaml"
    path.write_bytes(damaged((IMPORTS / "amazon_in_orders.yaml").read_bytes(), edits))
    try:
        result = import_report(path, [FIXTURES / "amazon_in_orders.csv"], known=KNOWN)
    except InputError as error:
        assert error.problems
        return
    assert result.rows == len(result.cases) + sum(result.skipped.values()) + result.rejected_rows


def test_every_form_is_read_when_it_is_sound(files, tmp_path):
    frames = []
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        frames.append(read_cases([tmp_path / name], KNOWN).frame)
    for frame in frames[1:]:
        pd.testing.assert_frame_equal(frame, frames[0])
    assert len(frames) == 4 and len(frames[0]) == 6
