"""Money reports: every amount once, tied out to the cent, and what cases really cost."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inputs_known import KNOWN, PRODUCTS, sample
from report_files import CHINESE, ENGLISH, GERMAN, JAPANESE, V1, V2

from optimizer.errors import InputError
from optimizer.inputs.importing import Imported, import_report
from optimizer.inputs.local_formats import DAY_FIRST, MONTH_FIRST, months, number_style, read_cents, read_days
from optimizer.inputs.payments.costs import actual_costs, split
from optimizer.inputs.payments.layouts import AFTER_SALES, CATEGORIES, PAYMENT_IMPORTS, category
from optimizer.inputs.payments.marketplaces import day_order
from optimizer.inputs.payments.reading import read_payments
from optimizer.inputs.recognising import kinds_that_fit
from optimizer.report.imported import tie_lines

RATES = KNOWN._replace(
    markets={**KNOWN.markets, "CA": "CAD", "JP": "JPY"},
    currencies=(*KNOWN.currencies, "CAD", "JPY"),
    rates={"USD": 1.0, "EUR": 0.8, "GBP": 0.75, "CAD": 1.25, "JPY": 160.0},
)
GOODS = PRODUCTS.assign(item_price=[20.0, 90.0, 10.0])


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(name: str, rows: list[str], encoding: str = "utf-8", sign: str = "\t") -> str:
    with open(name, "w", encoding=encoding, newline="") as file:
        file.write("\n".join(row.replace("|", sign) for row in rows) + "\n")
    return name


def imported(kind: str, *files: str, **how) -> Imported:
    """An import whose counts add up."""
    result = import_report(kind, files, known=RATES, products=GOODS, **how)
    assert result.rows == len(result.cases) + sum(result.skipped.values()) + result.rejected_rows
    return result


def test_a_settlement_ties_to_the_cent_and_says_so_by_category():
    money = read_payments([written("s.txt", V2)], RATES)
    tie = money.ties[0]
    assert (tie.found, tie.stated, tie.difference, tie.currency) == (
        -4039,
        -4039,
        0,
        "USD",
    ) and money.rejects == []
    assert tie.by_category == {
        "sale": (1, 6000),
        "sale_fee": (1, -900),
        "refund": (1, -3000),
        "fee_returned": (1, 450),
        "fee_kept": (1, -90),
        "claim": (1, -2500),
        "reimbursement": (2, 2000),
        "service_fee": (1, -3999),
        "transfer": (1, -2000),
    }
    text = "\n".join(tie_lines((tie,), "en"))
    assert "(40.39)           total of the report: ties to the cent" in text and "refunded to buyers" in text


def test_a_settlement_gives_one_case_per_order_and_article_with_its_cost():
    result = imported("settlement_v2", written("s.txt", V2))
    cases = result.cases.set_index("case_id")
    # 30.00 given back - 4.50 of the referral fee + 0.90 kept = 26.40; the claim 25.00; a reimbursement is
    # money received.
    assert cases["actual_cost"].to_dict() == {
        "111-1-ROLLER-1": 26.4,
        "111-2-CASE-3": 25.0,
        "111-3-CASE-3": -12.0,
    }
    assert cases["issue"].tolist() == ["unwanted", "a_to_z_claim", "lost_in_transit"] and cases[
        "channel"
    ].tolist() == ["fba", "merchant", "fba"]
    assert cases["item_price"].tolist()[:2] == [30.0, 25.0]  # 60.00 for two units; the claim's principal
    assert (
        str(cases["order_date"].iloc[0])[:10] == "2026-06-17"
        and str(cases["case_date"].iloc[0])[:10] == "2026-06-25"
    )
    assert result.skipped == {
        "sale": 1,
        "fee on a sale": 1,
        "further line of a case above": 2,
        "total of the settlement": 1,
        "after-sales money without an order": 1,
        "transfer or reserve": 1,
        "storage, advertising, subscription or another service": 1,
    }
    assert "without an order: reimbursed by the platform 8.00 USD" in result.notes


@settings(max_examples=40, deadline=None, derandomize=True)
@given(order=st.permutations(range(2, len(V2))), lost=st.integers(2, len(V2) - 1))
def test_rows_in_any_order_tie_and_a_lost_row_is_always_found(tmp_path_factory, order, lost):
    folder = tmp_path_factory.mktemp("ties")
    shuffled = read_payments([written(str(folder / "a.txt"), V2[:2] + [V2[i] for i in order])], RATES)
    assert shuffled.ties[0].difference == 0 and shuffled.rejects == []
    short = read_payments(
        [written(str(folder / "b.txt"), [row for i, row in enumerate(V2) if i != lost])], RATES
    )
    amount = round(float(V2[lost].split("|")[11]) * 100)
    assert short.ties[0].difference == -amount
    assert [(p.row, p.column, p.value) for p in short.rejects] == [(2, "total-amount", "-40.39")]


def test_a_doubled_row_does_not_tie_and_is_loud():
    result = imported("settlement_v2", written("s.txt", [*V2, V2[4]]))
    assert [p.problem for p in result.rejects] == [
        "is not what the amounts of settlement 77 add up to, -70.39: -30.00 too much"
    ]
    assert "DOES NOT TIE: (30.00) too much" in "\n".join(tie_lines(result.ties, "en"))


def test_several_settlements_in_one_file_tie_each():
    other = [row.replace("77|", "78|", 1) for row in V2[1:]]
    money = read_payments([written("s.txt", V2 + other)], RATES)
    assert [(t.settlement, t.difference) for t in money.ties] == [("77", 0), ("78", 0)]


def test_form_v1_has_several_amount_columns_and_quantities_on_rows_of_their_own():
    result = imported("settlement_v1", written("s.txt", V1))
    assert [t.difference for t in result.ties] == [0] and result.rejects == []
    # 40.00 given back - 6.00 of the fee = 34.00 CAD / 1.25 CAD per USD = 27.20 USD
    assert result.cases["actual_cost"].tolist() == [27.2] and result.skipped["row without an amount"] == 1


# ---------------------------------------------------------------- payments CSV, note lines above, in several
# languages


def test_the_payments_csv_is_read_below_its_notes_and_ties_by_row():
    result = imported("payments", written("p.csv", ENGLISH))
    assert "p.csv: the header stands in row 5; the lines above it were not read" in result.notes
    assert [t.difference for t in result.ties] == [0]
    # 893.00 - 467.90 - 3.20 = 421.90
    assert result.ties[0].found == 42190 and result.ties[0].by_category["removal_fee"] == (1, -320)
    # 530.00 - 2.50 rebate - 63.60 fee given back + 4.00 return fee = 467.90
    assert result.cases["actual_cost"].tolist() == [467.9] and result.cases["item_price"].tolist() == [530.0]
    assert "Berlin" not in result.cases.to_csv() + str(result.notes) + str(result.rejects)


def test_a_row_whose_parts_do_not_add_up_is_rejected_with_both_numbers():
    result = imported(
        "payments",
        written("p.csv", [*ENGLISH[:-1], ENGLISH[-1].replace('"-3.20","-3.20"', '"-3.20","-4.20"')]),
    )
    assert [(p.row, p.column, p.value, p.problem) for p in result.rejects] == [
        (8, "total", "-4.20", "is not the sum of the row's parts, -3.20")
    ]


@pytest.mark.parametrize(
    ("rows", "encoding", "how", "cost", "day", "tie"),
    [
        (GERMAN, "cp1252", {}, 1166.0, "2026-08-03", -3180),  # 932.80 EUR / 0.80 = 1,166.00 USD
        (JAPANESE, "cp932", {}, 5.5, "2026-08-03", -3000),  # 880 JPY / 160 = 5.50 USD
        (CHINESE, "gbk", {}, 17.6, "2026-08-03", -60),
    ],
)
def test_headers_days_and_amounts_of_other_languages(rows, encoding, how, cost, day, tie):
    with open("p.csv", "w", encoding=encoding, newline="") as file:
        file.write("\n".join(rows) + "\n")
    assert kinds_that_fit("p.csv") == ["payments"]
    result = imported("payments", "p.csv", **how)
    assert result.rejects == [] and result.ties[0].found == result.ties[0].stated == tie
    assert (
        result.cases["actual_cost"].tolist() == [cost] and str(result.cases["case_date"].iloc[0])[:10] == day
    )


def test_numeric_days_are_read_as_the_market_writes_them_and_it_is_said():
    rows = [
        row.replace("Dec 1, 2026", "03/04/2026")
        .replace("Dec 3, 2026", "03/05/2026")
        .replace("Dec 4, 2026", "03/06/2026")
        for row in ENGLISH
    ]
    result = imported("payments", written("p.csv", rows))
    assert str(result.cases["case_date"].iloc[0])[:10] == "2026-03-05"
    assert "p.csv: days were read month first, as the market writes them" in result.notes


def test_numeric_days_of_a_market_that_nobody_has_looked_at_are_not_guessed():
    assert day_order(["NL", "JP"]) == "" and day_order(["JP", "GB", "US"]) == "day first"
    assert day_order(["XX"]) == ""  # no marketplace at all


def test_numeric_days_that_show_both_orders_are_refused_whatever_the_market_writes():
    """13/04 can only be day first and 04/13 only month first: somebody put two files together, so 03/04 may
    be either."""
    rows = [
        row.replace("Dec 1, 2026", "13/04/2026")
        .replace("Dec 3, 2026", "04/13/2026")
        .replace("Dec 4, 2026", "03/04/2026")
        for row in ENGLISH
    ]
    result = imported("payments", written("p.csv", rows))
    refused = [p for p in result.rejects if p.problem == "is not a day of a form that is known"]
    assert {p.value.split()[0] for p in refused} == {"13/04/2026", "04/13/2026", "03/04/2026"}
    assert len(result.cases) == 0 and not any("days were read" in note for note in result.notes)


# ---------------------------------------------------------------- costs of other imports

UNITS = [
    "return-date|order-id|sku|quantity|detailed-disposition|reason|license-plate-number",
    "2026-06-24T10:00:00+00:00|111-1|ROLLER-1|1|SELLABLE|UNWANTED_ITEM|L1",
    "2026-06-24T10:00:00+00:00|111-1|ROLLER-1|1|DEFECTIVE|DEFECTIVE|L2",
    "2026-06-24T10:00:00+00:00|999-9|ROLLER-1|1|SELLABLE|UNWANTED_ITEM|L3",
]


def test_returns_joined_to_a_settlement_know_what_they_cost():
    result = imported("fba_returns", written("r.txt", UNITS), market="DE", payments=[written("s.txt", V2)])
    # 26.40 USD over two units of the same order and article; the third order is in no settlement.
    assert result.cases["actual_cost"].fillna(-1).tolist() == [13.2, 13.2, -1]
    assert "after-sales money of these cases: -26.40 USD" in result.notes
    # -25.00 of the claim + 12.00 reimbursed
    assert "after-sales money of orders that are not among these cases: -13.00 USD" in result.notes
    assert [t.difference for t in result.ties] == [0]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(cents=st.integers(-(10**9), 10**9), parts=st.integers(1, 50))
def test_money_over_several_cases_adds_up_to_the_cent(cents, parts):
    shares = split(cents, parts)
    assert sum(shares) == cents and len(shares) == parts and max(shares) - min(shares) <= 1


def test_postage_without_an_article_belongs_to_the_only_article_of_its_order():
    rows = [
        *V2,
        (
            "77||||||Refund|111-1|amazon.com|ItemFees|FBACustomerReturnPerUnitFee|-2.00|AFN|2026-06-25"
            " 00:00:00 UTC||"
        ),
    ]
    rows[1] = rows[1].replace("-40.39", "-42.39")
    money = read_payments([written("s.txt", rows)], RATES)
    costs = actual_costs(pd.DataFrame({"order_id": ["111-1"], "sku": ["ROLLER-1"]}), money, RATES.rates)
    assert costs.cents.tolist() == [2840.0]  # 26.40 + 2.00


# ---------------------------------------------------------------- tables, refusals, forms of days and numbers


def test_every_rule_names_a_category_and_unknown_money_is_said():
    rules = pd.read_csv(PAYMENT_IMPORTS / "categories.csv", encoding="utf-8-sig")
    assert (
        set(rules["category"]) <= set(CATEGORIES)
        and set(AFTER_SALES) <= set(CATEGORIES)
        and rules["source"].notna().all()
    )
    assert category("Refund", "ItemFees", "RefundCommission") == ("fee_kept", True) and category(
        "Mystery", "x", "y"
    ) == ("other", False)
    rows = [*V2, "77||||||Mystery||amazon.com|other-transaction|Something|-1.00||2026-06-28 00:00:00 UTC||"]
    rows[1] = rows[1].replace("-40.39", "-41.39")
    notes = read_payments([written("s.txt", rows)], RATES).notes
    assert "no rule says what Mystery / Something is; counted as other: -1.00 USD" in notes


def test_a_file_that_is_no_money_report_is_refused():
    with pytest.raises(InputError, match="is neither a settlement nor a payments report"):
        read_payments([written("x.csv", ["a|b", "1|2"])], RATES)


def test_amounts_and_days_that_cannot_be_read_are_rejected():
    rows = [row.replace("|4.50|", "|4,5x|").replace("2026-06-26 00:00:00 UTC", "soon") for row in V2]
    money = read_payments([written("s.txt", rows)], RATES)
    assert {(p.column, p.value) for p in money.rejects} == {
        ("amount", "4,5x"),
        ("posted-date", "soon"),
        ("total-amount", "-40.39"),
    }


@pytest.mark.parametrize(
    ("written_as", "day"),
    [
        ("Dec 1, 2017 12:38:23 AM PST", "2017-12-01"),
        ("15 Mar 2026 3:22:08 PM UTC", "2026-03-15"),
        ("Aug 14, 2025 6:23:59 a.m. PDT", "2025-08-14"),
        ("01.08.2025 00:03:45 UTC", "2025-08-01"),
        ("3 août 2025 10:00", "2025-08-03"),
        ("12 sept. 2025", "2025-09-12"),
        ("05 Mär 2025", "2025-03-05"),
        ("2025/08/14 6:23:59 JST", "2025-08-14"),
        ("2025年8月14日 上午6:23:59", "2025-08-14"),
        ("2026-08-12 PDT", "2026-08-12"),
        ("2026-08-02T10:00:00+00:00", "2026-08-02"),
        ("3 de agosto de 2025", "2025-08-03"),
        ("14/08/2025", "2025-08-14"),
        ("08/14/2025", "2025-08-14"),
    ],
)
def test_days_are_read_as_people_write_them(written_as, day):
    found = read_days(pd.Series([written_as], dtype="str"))
    assert found.text.tolist() == [day] and not found.wrong.any()


@pytest.mark.parametrize("written_as", ["03/04/2026", "31.02.2026", "2026-13-01", "yesterday", "12 foo 2026"])
def test_what_is_no_day_or_could_be_two_is_not_guessed(written_as):
    found = read_days(pd.Series([written_as], dtype="str"))
    assert found.wrong.all() and found.text.tolist() == [written_as]


@pytest.mark.parametrize("order", ["", DAY_FIRST, MONTH_FIRST])
def test_a_column_that_shows_both_orders_shows_none(order):
    found = read_days(pd.Series(["13/04/2026", "04/13/2026", "03/04/2026"], dtype="str"), order)
    assert found.wrong.all() and (found.order, found.told) == ("", False)


def test_short_and_long_names_of_months_are_known():
    assert [
        months()[n]
        for n in [
            "jan",
            "februar",
            "mars",
            "abr",
            "mai",
            "juin",
            "juil",
            "agosto",
            "sept",
            "okt",
            "nov",
            "dic",
        ]
    ] == list(range(1, 13))


@pytest.mark.parametrize(
    ("texts", "decimal", "cents"),
    [
        (
            ["1.234,56", "-1 234,56", "(12,00)", "\u22123,00", "5,5", "", "12"],
            ",",
            [123456, -123456, -1200, -300, 550, 0, 1200],
        ),
        (["1,234.56", "1'234.56", "12.00-", "0", "62.31    "], ".", [123456, 123456, -1200, 0, 6231]),
    ],
)
def test_amounts_are_read_to_the_cent(texts, decimal, cents):
    column = pd.Series(texts, dtype="str")
    assert number_style([column]).decimal == decimal
    found, wrong = read_cents(column, decimal)
    assert found.tolist() == cents and not wrong.any()


@pytest.mark.parametrize("text", ["1.2345", "1,23,456.00", "abc", "1e5", "--1", "."])
def test_amounts_that_are_none_are_named(text):
    assert read_cents(pd.Series([text], dtype="str"), ".")[1].all()


# ---------------------------------------------------------------- the shared samples


@pytest.mark.parametrize(
    ("name", "kind", "rows", "total", "cost"),
    [
        (
            "settlement_v1/ca_2025_50034020328.txt",
            "settlement_v1",
            190,
            101608,
            41.61,
        ),  # 60.00 - 9.63 - 0.29 + 1.93 = 52.01 CAD / 1.25
        ("settlement_v2/us_2026_settlement_v2_madeup.txt", "settlement_v2", 24, 58289, 115.49),
    ],
)  # 129.99 - 19.50 + 5.00
def test_the_sample_settlements_tie_to_the_cent(name, kind, rows, total, cost):
    path = str(sample(name))
    assert kinds_that_fit(path) == [kind]
    result = imported(kind, path)
    assert (
        result.rows == rows
        and [(t.found, t.stated) for t in result.ties] == [(total, total)]
        and result.rejects == []
    )
    assert result.cases["actual_cost"].tolist() == [cost]
