"""Policy tables as files: what is written is read back, and every problem is named at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from policy_world import built

from optimizer.errors import InputError
from optimizer.pipeline import read_policy
from optimizer.policy import apply_policy
from optimizer.report.files import write_csv


@pytest.fixture(scope="module")
def table():
    return built().policy.frame


@pytest.fixture
def file(tmp_path, table):
    path = tmp_path / "policy.csv"
    write_csv(table, path)
    return path


def problems(path) -> list[str]:
    with pytest.raises(InputError) as refused:
        read_policy(path)
    return [str(p).replace(str(path), "policy.csv") for p in refused.value.problems]


def changed(path, table, **values) -> None:
    """Write the table with some cells changed: column=(row of the frame, text)."""
    text = table.astype(object).where(table.notna(), "")
    for column, (row, value) in values.items():
        text.loc[row, column] = value
    text.to_csv(path, index=False, encoding="utf-8-sig")


def test_a_table_survives_its_file(file, table):
    read = read_policy(file)
    assert read.columns.tolist() == table.columns.tolist()
    for column in table:
        if pd.api.types.is_numeric_dtype(table[column]):
            assert np.array_equal(
                read[column].to_numpy(float), table[column].to_numpy(float), equal_nan=True
            ), column
        else:
            assert read[column].tolist() == table[column].tolist(), column
    world = built()
    applied = apply_policy(read, world.engine, world.blocks)
    assert applied.regret.sum() == world.policy.extra_cost_cents and not applied.refused.any()


def test_a_table_without_platform_or_sums_is_enough(file, table):
    needed = table.drop(
        columns=[
            "platform",
            "cases",
            "expected_cost",
            "runner_up",
            "margin",
            "share_following",
            "extra_cost",
            "reason",
            "currency",
        ]
    )
    needed[needed["market"] == "*"].to_csv(file, index=False)
    assert set(read_policy(file)["platform"]) == {"*"}


def test_amounts_that_a_spreadsheet_shortened_are_offers_again(file, table):
    row = table.index[table["resolution"] == "keep_partial_refund"][0]
    changed(file, table, offer=(row, "5"))
    assert read_policy(file).at[row, "offer"] == "5.00"


def test_missing_columns_are_named(file, table):
    table.drop(columns=["issue", "when"]).to_csv(file, index=False)
    assert problems(file) == [
        (
            "policy.csv, column issue: is missing. A policy table has the columns row_id, product_class,"
            " market, channel, issue, when, price_from, price_to, resolution, provider, disposition, offer,"
            " fallback."
        ),
        (
            "policy.csv, column when: is missing. A policy table has the columns row_id, product_class,"
            " market, channel, issue, when, price_from, price_to, resolution, provider, disposition, offer,"
            " fallback."
        ),
    ]


def test_every_problem_of_the_rows_is_named_at_once(file, table):
    changed(
        file,
        table,
        resolution=(0, "keep_ful_refund"),
        channel=(1, "fbm"),
        when=(2, "age<=30"),
        price_from=(3, "cheap"),
        offer=(4, "half"),
        market=(5, ""),
        extra_cost=(6, "inf"),
        row_id=(7, "P0001"),
    )
    assert problems(file) == [
        "policy.csv, column row_id: 'P0001' stands 2 times. Give every row its own row_id.",
        (
            "policy.csv, row 2, column resolution: 'keep_ful_refund' is not a resolution. Did you mean"
            " 'keep_full_refund'?"
        ),
        "policy.csv, row 3, column channel: 'fbm' is not a channel. Did you mean 'fba'?",
        (
            "policy.csv, row 4, column when: 'age<=30' is not a condition. Write for example age<=30d or"
            " age>30d."
        ),
        (
            "policy.csv, row 5, column price_from: 'cheap' is not a number. Write digits with a decimal"
            " point, or leave it blank."
        ),
        (
            "policy.csv, row 6, column offer: 'half' is not an offer. Write a share such as 20% or an amount"
            " such as 5.00."
        ),
        "policy.csv, row 7, column market: is blank. Fill it in, or remove the row.",
        (
            "policy.csv, row 8, column extra_cost: 'inf' is not a number. Write digits with a decimal point,"
            " or leave it blank."
        ),
    ]


def test_a_band_that_ends_before_it_begins_is_refused(file, table):
    changed(file, table, price_from=(0, "30"), price_to=(0, "20"))
    assert problems(file) == [
        "policy.csv, row 2, column price_to: '20' is not above price_from 30. Swap the two, or leave one"
        " blank."
    ]


def test_a_file_that_is_no_table_is_refused(tmp_path):
    empty = tmp_path / "policy.csv"
    empty.write_bytes(b"")
    assert problems(empty) == ["policy.csv: is empty. Export it again, with a header row and rows."]
