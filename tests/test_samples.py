"""Every shared sample through the whole door: recognised, imported with the expected counts, and decided."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import ROOT
from inputs_known import sample

from optimizer import pipeline
from optimizer.errors import InputError

# file, kind, market, rows, cases, skipped, total of the report in cents
pytestmark = pytest.mark.usefixtures("tables_once")
SAMPLES = [
    ("all_orders/uk_2025_all_orders_redacted.txt", "all_orders", None, 62, 3, 59, None),
    ("all_orders/es_pedidos_localised_cp1252_madeup.txt", "all_orders", None, 380, 0, 380, None),
    ("fba_returns/eu_fba_returns_madeup.txt", "fba_returns", "ES", 38, 38, 0, None),
    ("fba_returns/es_devoluciones_localised_cp1252_madeup.txt", "fba_returns", "ES", 38, 38, 0, None),
    ("mfn_returns/us_2025_returns_by_return_date_1row_redacted.txt", "mfn_returns", "US", 1, 1, 0, None),
    ("mfn_returns/es_2020_returns_xml_1return_redacted.xml", "mfn_returns", "ES", 2, 1, 1, None),
    ("settlement_v1/ca_2025_50034020328.txt", "settlement_v1", None, 190, 1, 189, 101608),
    ("settlement_v2/us_2026_settlement_v2_madeup.txt", "settlement_v2", None, 24, 1, 23, 58289),
    ("shopify_orders/shopify_113_redacted.csv", "shopify_orders", "GB", 101, 6, 95, None),
    ("amazon_in_orders/in_2022_orders_5k_full_columns.csv", "amazon_in_orders", None, 5733, 923, 4810, None),
    ("reimbursements/eu_reimbursements_madeup.txt", "reimbursements", "DE", 4, 0, 4, None),
]


@pytest.fixture(scope="module")
def base():
    return pipeline.load_scenario("base")


@pytest.mark.parametrize(
    ("name", "kind", "market", "rows", "cases", "skipped", "total"),
    SAMPLES,
    ids=[s[0].split("/")[1][:24] for s in SAMPLES],
)
def test_every_sample_is_recognised_imported_and_decided(
    name, kind, market, rows, cases, skipped, total, base
):
    path = sample(name)
    assert pipeline.recognise([path])[0] == kind
    found = pipeline.import_cases(kind, [path], base, market=market)
    assert (found.rows, len(found.cases), sum(found.skipped.values()), found.rejects) == (
        rows,
        cases,
        skipped,
        [],
    )
    assert [(t.found, t.stated) for t in found.ties] == ([] if total is None else [(total, total)])
    if cases:
        answer = pipeline.run(base, found.cases)
        assert (
            answer.figures["cases"] == cases
            and answer.figures["decided"] + len(answer.figures["undecided"]) == cases
        )


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        pipeline.recognise([tmp_path / "nothere.txt"])


def test_an_import_that_is_stopped_writes_nothing(tmp_path):
    """Ctrl-C while a large report is read."""
    if not hasattr(signal, "SIGINT") or os.name == "nt":
        pytest.skip("NOT TESTED HERE: a console signal cannot be sent to one process alone on this system")
    report = tmp_path / "returns.txt"
    with report.open("w", encoding="utf-8") as file:
        file.write(
            "return-date\torder-id\tsku\tquantity\tdetailed-disposition\treason\tlicense-plate-number\n"
        )
        file.writelines(
            f"2026-06-24T10:00:00+00:00\t111-{n}\tS{n % 97}\t1\tSELLABLE\tUNWANTED_ITEM\tL{n}\n"
            for n in range(400_000)
        )
    called = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "optimizer",
            "import",
            "fba_returns",
            str(report),
            "--market",
            "DE",
            "--out",
            str(tmp_path / "cases.csv"),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(2.0)
    called.send_signal(signal.SIGINT)
    _, said = called.communicate(timeout=120)
    # On a fast machine the import may be done before the signal: then its file is whole.
    assert (called.returncode, (tmp_path / "cases.csv").exists()) in {
        (130, False),
        (0, True),
        (-signal.SIGINT, False),
    }, said
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".writing")] == []
