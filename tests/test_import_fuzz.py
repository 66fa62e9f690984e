"""Damaged reports of every kind: refused with their problems, or imported with every row accounted for.
docs/import-fuzzing.md: the large run."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inputs_known import KNOWN

from benchmarks import fuzz_imports
from benchmarks.fuzz_imports import FAULTS, IMPORTED, REFUSED, Tally, Worker, changes_drawn, page, tried
from benchmarks.mutations import changes_of, damaged
from benchmarks.report_seeds import MARK, SEEDS
from optimizer.errors import InputError
from optimizer.inputs.account_health import read_account_health
from optimizer.inputs.fee_preview import read_fee_preview

QUICK = settings(
    max_examples=5, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("name", SEEDS)
def test_a_sound_report_is_imported(name, tmp_path):
    assert tried(name, [], 0, tmp_path)[:2] == (IMPORTED, "")


@pytest.mark.parametrize("name", SEEDS)
def test_a_damaged_report_is_refused_or_accounted_for(name, tmp_path):
    @QUICK
    @given(
        changes=st.lists(
            st.sampled_from(list(dict.fromkeys(changes_of(SEEDS[name])))), min_size=1, max_size=3
        ),
        number=st.integers(0, 10_000),
    )
    def every(changes, number):
        outcome = tried(name, changes, number, tmp_path)
        assert outcome.what in (REFUSED, IMPORTED), f"{changes} {number}: {outcome}"

    every()


# ---------------------------------------------------------------- the search itself finds what it looks for


def test_the_same_number_gives_the_same_file_and_others_differ():
    seed = SEEDS["fba_returns"]
    files = [damaged(seed, changes_drawn(seed, n), n) for n in range(60)]
    assert files == [damaged(seed, changes_drawn(seed, n), n) for n in range(60)]
    assert len({f.content for f in files}) > 50  # a change may leave a file as it was


def test_the_rows_of_a_damaged_table_are_counted_while_it_is_made():
    seed = SEEDS["fba_returns"]
    assert [
        damaged(seed, [change], 1).rows for change in ("columns shuffled", "blank lines", "a column doubled")
    ] == [5, 5, 5]
    assert damaged(seed, ["rows repeated"], 1).rows > 5 and damaged(seed, ["bytes flipped"], 1).rows is None
    assert damaged(seed, [], 1).private and not damaged(seed, ["bytes flipped"], 1).private
    assert MARK.encode() in damaged(seed, [], 1).content


def refuse_without_words(*args, **how):
    raise InputError([])


def fail(*args, **how):
    raise KeyError("gone")


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (fail, "traceback"),
        (refuse_without_words, "traceback"),
        (lambda real: lambda *a, **k: real(*a, **k)._replace(rows=4), "counts differ"),
        (
            lambda real: lambda *a, **k: (r := real(*a, **k))._replace(rows=r.rows - 1, skipped={}),
            "rows lost",
        ),
        (
            lambda real: lambda *a, **k: (r := real(*a, **k))._replace(notes=[*r.notes, f"sold to {MARK}"]),
            "buyer shown",
        ),
        (
            lambda real: (
                lambda *a, **k: (r := real(*a, **k))._replace(
                    rejects=[], cases=r.cases.assign(issue="unheard of")
                )
            ),
            "traceback",
        ),
        (
            lambda real: lambda *a, **k: (r := real(*a, **k))._replace(cases=r.cases.assign(item_price=-1.0)),
            "not readable",
        ),
    ],
)
def test_what_must_never_be_is_found(broken, what, tmp_path, monkeypatch):
    real = fuzz_imports.import_report
    monkeypatch.setattr(
        fuzz_imports, "import_report", broken if broken in (fail, refuse_without_words) else broken(real)
    )
    assert tried("fba_returns", [], 0, tmp_path).what == what and what in FAULTS


def test_a_report_that_was_written_to_is_found(tmp_path, monkeypatch):
    real = fuzz_imports.import_report

    def careless(kind, files, **how):
        files[0].write_bytes(files[0].read_bytes() + b"\n")
        return real(kind, files, **how)

    monkeypatch.setattr(fuzz_imports, "import_report", careless)
    assert tried("fba_returns", [], 0, tmp_path).what == "input changed"


def test_a_file_that_takes_too_long_is_ended_and_the_next_is_tried(monkeypatch):
    worker = Worker()
    try:
        monkeypatch.setattr(fuzz_imports, "LONGEST", 0.0)
        assert worker.tried("account_health", [], 0, first=True).what == "too long"
        monkeypatch.setattr(fuzz_imports, "LONGEST", 60.0)
        assert worker.tried("account_health", [], 0, first=True).what == IMPORTED
    finally:
        worker.end()
    assert not worker.process.is_alive()


def test_the_page_says_how_many_files_of_each_kind_were_tried():
    text = page(
        [
            Tally(
                "fba_returns",
                Counter({IMPORTED: 1200, REFUSED: 799, "rows lost": 1}),
                0.25,
                ["fba_returns 7: rows lost"],
            )
        ],
        2_000,
    )
    assert "| fba_returns | 2,000 | 1,200 | 799 | 0 | 1 | 0 | 0 | 0 | 0 | 0 | 0.25 s |" in text


# ---------------------------------------------------------------- what the search found, each as small as it
# gets


@pytest.mark.parametrize("number", ["1" + "0" * 400, "1" + "0" * 30, "1e309", "NaN", "-1"])
def test_a_count_that_no_account_has_is_rejected(number, tmp_path):
    path = tmp_path / "h.json"
    path.write_text(SEEDS["account_health"].text.replace("20000", number))
    found = read_account_health(path)
    assert [p.column for p in found.rejects] == ["performanceMetrics/1/orderDefectRate/afn/orderCount"]
    assert found.rows == len(found.table) + sum(found.skipped.values()) + found.rejected_rows


@pytest.mark.parametrize(
    ("old", "new"),
    [('"ATVPDKIKX0DER"', '"\\ud800"'), ('"orderCount": 20000', '"orderCount": 20000, "orderCount": 1')],
)
def test_json_that_cannot_be_kept_whole_is_refused(old, new, tmp_path):
    path = tmp_path / "h.json"
    path.write_text(SEEDS["account_health"].text.replace(old, new))
    with pytest.raises(InputError, match="is not readable JSON"):
        read_account_health(path)


def fees(path, *changes: tuple[str, str], **how):
    """The fee preview of the seeds after replacements, imported."""
    text = damaged(SEEDS["fee_preview"], [], 0).content.decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (path / "f.txt").write_text(text, encoding="utf-8")
    return read_fee_preview(
        path / "f.txt", KNOWN._replace(markets={**KNOWN.markets, "CA": "CAD", "FR": "EUR"}), **how
    )


def test_a_price_is_the_one_of_the_named_store_wherever_it_stands(tmp_path):
    ours = fees(tmp_path, market="CA").products.set_index("sku")
    assert ours.loc["ROLLER-1", "item_price_CA"] == 32.99  # the second row of the SKU; the first is of the US
    both = (
        ("\tUS\tRoller", "\tFR\tRoller"),
        ("\tUsLargeStandardSize\tUSD", "\tStandard\tEUR"),
        ("\tCA\tRoller", "\tDE\tRoller"),
        ("\tCAD\t", "\tEUR\t"),
    )
    assert (
        fees(tmp_path, *both, market="DE").products.set_index("sku").loc["ROLLER-1", "item_price_DE"] == 32.99
    )
    assert any(
        "prices of other stores or in another currency than CAD were left out: 4" in note
        for note in fees(tmp_path, market="CA").notes
    )


def test_a_measure_that_one_store_does_not_know_is_taken_from_another(tmp_path):
    found = fees(tmp_path, ("\t0.18\tpounds", "\t--\t--"), market="US")
    assert found.products.set_index("sku").loc["ROLLER-1", "weight_kg"] == 0.082  # 82.01 g


@pytest.mark.parametrize(
    ("old", "new", "column", "problem"),
    [
        ("\t0.18\tpounds", "\t1e309\tpounds", "item-package-weight", "is above 10,000"),
        ("\t0.18\tpounds", "\t0.00001\tounces", "item-package-weight", "is zero"),
        ("24.99\t24.99", "1e309\t24.99", "your-price", "is not a number above 0"),
        ("24.99\t24.99", "-3\t24.99", "your-price", "is not a number above 0"),
        (
            "CHAIR-2\t",
            "6.90123E+11\t",
            "sku",
            "was turned into a number by a spreadsheet, and its last digits are lost",
        ),
    ],
)
def test_numbers_that_no_product_has_are_rejected(old, new, column, problem, tmp_path):
    found = fees(tmp_path, (old, new), market="US")
    assert [(p.column, p.problem) for p in found.rejects][:1] == [(column, problem)]
    assert found.rows == len(found.products) + sum(found.skipped.values()) + found.rejected_rows
