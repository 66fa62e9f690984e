"""The data folder becomes the book: every value checked, every problem named with file, row, column and
fix."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from optimizer.domain.assumption import Assumption, Book
from optimizer.errors import SHOWN, InputError, Problem, nearest
from optimizer.inputs.bundled import BUNDLED
from optimizer.inputs.ledger import read_ledger

COLUMNS = (
    "key",
    "value",
    "unit",
    "usual_low",
    "usual_high",
    "hard_low",
    "hard_high",
    "source",
    "as_of",
    "review_by",
    "confidence",
    "en",
    "zh",
)
GOOD = {
    "key": "test.share",
    "value": "0.25",
    "unit": "share",
    "usual_low": "0.1",
    "usual_high": "0.4",
    "hard_low": "0",
    "hard_high": "1",
    "source": "given in the test",
    "as_of": "2026-11-22",
    "review_by": "2027-11-22",
    "confidence": "official",
    "en": "a share",
    "zh": "比例",
}


def write(path: Path, rows: list[dict], columns=COLUMNS) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def bundled(name: str) -> list[dict]:
    with (BUNDLED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def refused(folder: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_ledger(folder)
    return [str(p) for p in caught.value.problems]


def scalars(folder: Path, *changes: dict) -> Path:
    """A data folder with one file of its own, one row per change of the good row; all else is the bundled
    data."""
    write(folder / "assumptions" / "test.csv", [{**GOOD, **c} for c in changes])
    return folder


def test_a_value_carries_everything_that_stands_beside_it(tmp_path):
    found = read_ledger(scalars(tmp_path, {})).book["test.share"]
    assert found == Assumption(
        "test.share",
        0.25,
        "share",
        (0.1, 0.4),
        (0.0, 1.0),
        "given in the test",
        "2026-11-22",
        "2027-11-22",
        "official",
        "a share",
        "比例",
        "data/assumptions/test.csv",
        2,
    )


def test_a_file_missing_in_the_own_folder_is_taken_from_the_bundled_data(tmp_path):
    own, base = read_ledger(scalars(tmp_path, {})), read_ledger()
    assert set(own.book) == {*base.book, "test.share"}
    assert own.files["data/assumptions/test.csv"] == tmp_path / "assumptions" / "test.csv"
    assert own.files["data/providers.csv"] == BUNDLED / "providers.csv"


FILE = "data/assumptions/test.csv"
ONE_WRONG = [
    (
        {"value": "a lot"},
        (
            f"{FILE}, row 2, column test.share: 'a lot' is not a number. Write it with a decimal point and no"
            " thousands sign."
        ),
    ),
    (
        {"value": "0,25"},
        (
            f"{FILE}, row 2, column test.share: '0,25' is not a number. Write it with a decimal point and no"
            " thousands sign."
        ),
    ),
    (
        {"value": ""},
        (
            f"{FILE}, row 2, column test.share: is not a number. Write it with a decimal point and no"
            " thousands sign."
        ),
    ),
    (
        {"value": "inf"},
        f"{FILE}, row 2, column test.share: 'inf' is not a finite number. Write the number itself.",
    ),
    (
        {"value": "nan"},
        f"{FILE}, row 2, column test.share: 'nan' is not a finite number. Write the number itself.",
    ),
    (
        {"value": "1.01"},
        (
            f"{FILE}, row 2, column test.share: '1.01' must lie between 0 and 1 share. "
            "Correct the value, or the hard range if the range is wrong."
        ),
    ),
    (
        {"value": "-0.01"},
        (
            f"{FILE}, row 2, column test.share: '-0.01' must lie between 0 and 1 share. "
            "Correct the value, or the hard range if the range is wrong."
        ),
    ),
    ({"unit": "shares"}, f"{FILE}, row 2, column unit: 'shares' is not a unit. Did you mean 'share'?"),
    (
        {"source": ""},
        (
            f"{FILE}, row 2, column source: test.share has no source. "
            "Say where the number comes from; 'own estimate, who, when' is allowed."
        ),
    ),
    (
        {"as_of": "22.11.2026"},
        f"{FILE}, row 2, column as_of: '22.11.2026' is not a date. Write it as YYYY-MM-DD.",
    ),
    ({"review_by": ""}, f"{FILE}, row 2, column review_by: is not a date. Write it as YYYY-MM-DD."),
    (
        {"confidence": "offical"},
        f"{FILE}, row 2, column confidence: 'offical' is not a confidence. Did you mean 'official'?",
    ),
    (
        {"unit": "date", "value": "2026-02-30"},
        f"{FILE}, row 2, column test.share: '2026-02-30' is not a date. Write it as YYYY-MM-DD.",
    ),
    (
        {"key": "contact.cost"},
        (
            f"{FILE}, row 2, column key: 'contact.cost' stands here again, first in"
            " data/assumptions/customer.csv row 16. Keep one of the two rows."
        ),
    ),
]


@pytest.mark.parametrize(
    ("change", "text"),
    ONE_WRONG,
    ids=[next(iter(c)) + "=" + str(next(iter(c.values()))) for c, _ in ONE_WRONG],
)
def test_one_wrong_cell(tmp_path, change, text):
    assert refused(scalars(tmp_path, change)) == [text]


@pytest.mark.parametrize(("value", "reads"), [("0", 0.0), ("1", 1.0)])
def test_the_ends_of_the_hard_range_are_allowed(tmp_path, value, reads):
    assert read_ledger(scalars(tmp_path, {"value": value})).book.number("test.share") == reads


def test_all_problems_of_all_rows_and_files_at_once(tmp_path):
    scalars(
        tmp_path,
        {"key": "test.a", "source": "", "confidence": "guess"},
        {"key": "test.b", "value": "x"},
        {"key": "test.b", "as_of": "now"},
    )
    write(tmp_path / "grade_mix.csv", [{"issue": "unwanted"}], ("issue", "condition"))
    assert refused(tmp_path)[:4] == [
        (
            f"{FILE}, row 2, column source: test.a has no source. Say where the number comes from; 'own"
            " estimate, who, when' is allowed."
        ),
        (
            f"{FILE}, row 2, column confidence: 'guess' is not a confidence. Known: my-estimate, official,"
            " secondary, vendor."
        ),
        (
            f"{FILE}, row 3, column test.b: 'x' is not a number. Write it with a decimal point and no"
            " thousands sign."
        ),
        f"{FILE}, row 4, column as_of: 'now' is not a date. Write it as YYYY-MM-DD.",
    ]
    missing = [t for t in refused(tmp_path) if t.startswith("data/grade_mix.csv")]
    assert missing == [
        f"data/grade_mix.csv, row 1, column {c}: column is missing. Add it. Known: condition, issue."
        for c in (
            "new",
            "like_new",
            "good",
            "repairable",
            "scrap",
            "source",
            "as_of",
            "review_by",
            "confidence",
        )
    ]


def test_a_bad_value_does_not_hide_the_other_problems_of_its_row(tmp_path):
    assert refused(scalars(tmp_path, {"value": "x", "source": "", "as_of": "now"})) == [
        (
            f"{FILE}, row 2, column test.share: 'x' is not a number. Write it with a decimal point and no"
            " thousands sign."
        ),
        (
            f"{FILE}, row 2, column source: test.share has no source. Say where the number comes from; 'own"
            " estimate, who, when' is allowed."
        ),
        f"{FILE}, row 2, column as_of: 'now' is not a date. Write it as YYYY-MM-DD.",
    ]


@pytest.mark.parametrize("column", ["usual_low", "hard_high"])
def test_text_in_a_range_is_a_problem_of_the_file(tmp_path, column):
    found = refused(scalars(tmp_path, {column: "low"}))
    assert len(found) == 1 and found[0].startswith(f"{FILE}, row 2, column {column}: 'low' is not a number.")


def test_a_missing_column_names_the_nearest(tmp_path):
    columns = tuple("sorce" if c == "source" else c for c in COLUMNS)
    write(tmp_path / "assumptions" / "test.csv", [GOOD], columns)
    assert refused(tmp_path) == [
        f"{FILE}, row 1, column source: column is missing. Add it. Did you mean 'sorce'?"
    ]


def test_a_column_needed_twice_is_named_once(tmp_path):
    write(
        tmp_path / "entitlements.csv", [], tuple(c for c in bundled("entitlements.csv")[0] if c != "remedy")
    )
    assert len([t for t in refused(tmp_path) if "column remedy" in t]) == 1


def market_without(folder: Path, left_out: str, *more: dict) -> Path:
    """All bundled markets, the US without the keys that begin with `left_out`."""
    for name in (p.name for p in (BUNDLED / "markets").glob("*.csv")):
        rows = bundled(f"markets/{name}")
        if name == "US.csv":
            rows = [r for r in rows if not left_out or not r["key"].startswith(left_out)] + list(more)
        write(folder / "markets" / name, rows, tuple(rows[0]))
    return folder


def market_with(folder: Path, key: str, value: str) -> Path:
    """All bundled markets, one value of the US changed."""
    return market_without(folder, key, {**bundled("markets/US.csv")[0], "key": key, "value": value})


def test_a_market_names_the_required_field_it_lacks(tmp_path):
    assert refused(market_without(tmp_path, "warehouse.test")) == [
        "data/markets/US.csv, column warehouse.test: is missing. Add a row for it: function test of a unit."
    ]
    assert refused(market_without(tmp_path, "refund_admin.cap")) == [
        "data/markets/US.csv, column refund_admin.cap: is missing. Add a row for it: most that is kept when"
        " refunding one unit."
    ]


def test_a_market_may_leave_out_what_does_not_exist_there(tmp_path):
    book = read_ledger(market_without(tmp_path, "fba_returnless_cap.amount")).book
    assert (
        "US.fba_returnless_cap.amount" not in book
        and "DE.fba_returnless_cap.amount" in book
        and "US.currency" in book
    )


def test_an_unknown_field_of_a_market_names_the_nearest(tmp_path):
    row = {**bundled("markets/US.csv")[0], "key": "warehouse.tets", "value": "3"}
    found = refused(market_without(tmp_path, "", row))
    place = len(bundled("markets/US.csv")) + 2
    assert found == [
        f"data/markets/US.csv, row {place}, column key: 'warehouse.tets' is not a field of a market. Did you"
        " mean 'warehouse.test'?"
    ]


def test_a_market_key_stands_once(tmp_path):
    rows = bundled("markets/US.csv")
    first = [r["key"] for r in rows].index("warehouse.test") + 2
    again = next(r for r in rows if r["key"] == "warehouse.test")
    assert refused(market_without(tmp_path, "", again)) == [
        f"data/markets/US.csv, row {len(rows) + 2}, column key: 'US.warehouse.test' stands here again, first"
        f" in data/markets/US.csv row {first}. Keep one of the two rows."
    ]


US = "data/markets/US.csv"
HOLES = [
    (
        "lane.local_out.",
        [
            f"{US}, column lane.local_out.currency: is missing. Add the currency of the price list.",
            f"{US}, column lane.local_out.days: is missing. Add the transit days.",
            f"{US}, column lane.local_out.upto_…kg.price: is missing. Add at least one weight break.",
        ],
    ),
    (
        "referral.default.",
        [f"{US}, column referral.default.portion_above_0: is missing. Add the rate of everything else."],
    ),
    (
        "duty.default.rate",
        [f"{US}, column duty.default.rate: is missing. Add the duty rate of everything else."],
    ),
    ("holiday.until", [f"{US}, column holiday.until: is missing. The three holiday rows belong together."]),
    (
        "holiday.order",
        [
            f"{US}, column holiday.order_from: is missing. The three holiday rows belong together.",
            f"{US}, column holiday.order_to: is missing. The three holiday rows belong together.",
        ],
    ),
]


@pytest.mark.parametrize(("left_out", "texts"), HOLES, ids=[k for k, _ in HOLES])
def test_holes_of_a_market_that_single_rows_cannot_show(tmp_path, left_out, texts):
    assert refused(market_without(tmp_path, left_out)) == texts


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        (
            "currency",
            "USDD",
            "'USDD' is not known. Did you mean 'USD'? Or add fx.USDD to data/assumptions/money.csv.",
        ),
        ("region", "EUU", "'EUU' is not known. Did you mean 'EU'?"),
        ("tax.remitted_by", "seler", "'seler' is not known. Did you mean 'seller'?"),
        (
            "lane.mcf.currency",
            "RMB",
            (
                "'RMB' is not known. Known: AUD, CAD, CNY, EUR, GBP, INR, JPY, MXN, …. Or add fx.RMB to"
                " data/assumptions/money.csv."
            ),
        ),
    ],
)
def test_a_text_of_a_market_is_one_of_a_list(tmp_path, key, value, text):
    place = len([r for r in bundled("markets/US.csv") if not r["key"].startswith(key)]) + 2
    assert refused(market_with(tmp_path, key, value)) == [f"{US}, row {place}, column US.{key}: {text}"]


@pytest.mark.parametrize(
    ("file", "column", "value", "text"),
    [
        ("providers.csv", "kind", "warehous", "'warehous' is not known. Did you mean 'warehouse'?"),
        ("providers.csv", "market", "XX", "'XX' is not known. Known: *, AU, CA, DE, ES, FR, GB, IN, …."),
        ("providers.csv", "classes", "toys", "'toys' is not a product class. Did you mean 'toy'?"),
        ("product_classes.csv", "battery", "lithium", "'lithium' is not known. Did you mean 'lithium_in'?"),
        (
            "product_classes.csv",
            "window_group",
            "electronic",
            "'electronic' is not known. Did you mean 'electronics'?",
        ),
    ],
)
def test_a_text_of_a_table_is_one_of_a_list(tmp_path, file, column, value, text):
    rows = bundled(file)
    rows[0] = {**rows[0], column: value}
    write(tmp_path / file, rows, tuple(rows[0]))
    name = f"provider.{rows[0]['provider']}" if "provider" in rows[0] else f"class.{rows[0]['class']}"
    assert refused(tmp_path) == [f"data/{file}, row 2, column {name}.{column}: {text}"]


def test_a_wide_table_names_the_cell(tmp_path):
    rows = bundled("providers.csv")
    rows[0] = {**rows[0], "success": "1.2", "lead_days": "soon"}
    write(tmp_path / "providers.csv", rows, tuple(rows[0]))
    name = rows[0]["provider"]
    assert refused(tmp_path) == [
        (
            f"data/providers.csv, row 2, column provider.{name}.lead_days: 'soon' is not a number. Write it"
            " with a decimal point and no thousands sign."
        ),
        (
            f"data/providers.csv, row 2, column provider.{name}.success: '1.2' must lie between 0 and 1"
            " share. Correct the value, or the hard range if the range is wrong."
        ),
    ]


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / "assumptions" / "test.csv"
    path.parent.mkdir()
    path.write_bytes(b"key,value\n\xff\xfe,1\n")
    found = refused(tmp_path)
    assert (
        len(found) == 1
        and found[0].startswith(f"{FILE}: is not a UTF-8 text. ")
        and found[0].endswith("Restore the file, or save it as UTF-8 CSV.")
    )


def test_a_wide_field_has_the_spread_of_the_field_list_inside_its_hard_range(tmp_path):
    write(tmp_path / "fields.csv", bundled("fields.csv"), tuple(bundled("fields.csv")[0]))
    book = read_ledger(tmp_path).book
    found = book[
        "resolution.represent_with_evidence.satisfaction"
    ]  # score, usual 10 % down and up, hard 1 to 5
    assert found.usual == pytest.approx((found.value * 0.9, min(found.value * 1.1, 5.0))) and found.hard == (
        1.0,
        5.0,
    )
    capped = book["resolution.accept_claim.claim_probability"]  # 1.0, half down, as much up, hard 0 to 1
    assert (capped.value, capped.usual) == (1.0, (0.5, 1.0))


def test_the_book_names_the_nearest_key():
    book = Book(
        [
            Assumption(
                "fx.CNY", 6.8, "per_USD", None, None, "s", "2026-01-01", "2027-01-01", "official", "e", "z"
            )
        ]
    )
    with pytest.raises(InputError) as caught:
        book.number("fx.CNYY")
    assert (
        str(caught.value)
        == "* assumptions, column key: 'fx.CNYY' is not an assumption. Did you mean 'fx.CNY'?"
    )
    assert (
        book.number("fx.ZZZ", 1.0) == 1.0
        and book.text("no.text", "x") == "x"
        and book.flag("no.flag", True) is True
    )


def test_changing_a_book_leaves_the_old_one_alone():
    book = read_ledger().book
    other = book.changed("contact.cost", 2.0, "test")
    assert book.number("contact.cost") != 2.0
    assert (
        other["contact.cost"].value == 2.0
        and other["contact.cost"].set_by == "test"
        and list(other) == list(book)
    )


def test_a_long_list_of_problems_is_cut_and_counted():
    error = InputError([Problem("f.csv", n, "c", "v", "is wrong", "Mend it.") for n in range(SHOWN + 7)])
    lines = str(error).splitlines()
    assert lines[0] == "* f.csv, row 0, column c: 'v' is wrong. Mend it."
    assert len(lines) == SHOWN + 1 and lines[-1] == "* … and 7 more"


def test_nearest_without_a_near_name_lists_the_first_known():
    assert nearest("zzz", ["b", "a"]) == "Known: a, b."
    assert nearest("zzz", list("abcdefghij")) == "Known: a, b, c, d, e, f, g, h, …."
