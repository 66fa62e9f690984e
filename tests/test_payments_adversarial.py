"""Money reports that are cut off, doubled, mixed or strange: nothing is counted twice, nothing is lost
silently."""

import random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inputs_known import KNOWN

from optimizer.inputs.importing import import_report
from optimizer.inputs.local_formats import read_cents, read_days
from optimizer.inputs.payments.costs import split
from optimizer.inputs.payments.reading import read_payments

RATES = KNOWN._replace(rates={"USD": 1.0, "EUR": 0.8})
ORDER = "114-1111111-2222222"
V1 = [
    "settlement-id",
    "total-amount",
    "currency",
    "transaction-type",
    "order-id",
    "marketplace-name",
    "fulfillment-id",
    "posted-date",
    "order-item-code",
    "sku",
    "quantity-purchased",
    "price-type",
    "price-amount",
    "item-related-fee-type",
    "item-related-fee-amount",
    "other-amount",
]
V2 = [
    "settlement-id",
    "total-amount",
    "currency",
    "transaction-type",
    "order-id",
    "marketplace-name",
    "amount-type",
    "amount-description",
    "amount",
    "fulfillment-id",
    "posted-date",
    "posted-date-time",
    "order-item-code",
    "sku",
    "quantity-purchased",
]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(name: str, header: list[str], *rows: dict[str, str]) -> str:
    with open(name, "w", encoding="utf-8") as file:
        file.write(
            "\n".join(
                "\t".join(cells) for cells in [header, *([row.get(h, "") for h in header] for row in rows)]
            )
            + "\n"
        )
    return name


def total(amount: str, number: str = "1") -> dict[str, str]:
    return {"settlement-id": number, "total-amount": amount, "currency": "USD"}


def line(
    transaction: str,
    description: str,
    amount: str,
    *,
    kind: str = "ItemPrice",
    order: str = ORDER,
    sku: str = "CASE-3",
    number: str = "1",
    quantity: str = "1",
    day: str = "2026-06-17",
) -> dict[str, str]:
    return {
        "settlement-id": number,
        "transaction-type": transaction,
        "order-id": order,
        "marketplace-name": "Amazon.com",
        "amount-type": kind,
        "amount-description": description,
        "amount": amount,
        "fulfillment-id": "AFN",
        "posted-date": day,
        "sku": sku,
        "quantity-purchased": quantity,
    }


SALE = (
    line("Order", "Principal", "80.00"),
    line("Order", "Commission", "-12.00", kind="ItemFees"),
)  # 80 - 12 = 68
REFUND = (
    line("Refund", "Principal", "-80.00"),
    line("Refund", "Commission", "9.60", kind="ItemFees"),
)  # -80 + 9.60 = -70.40


def imported(*files: str, kind: str = "settlement_v2"):
    result = import_report(kind, files, known=RATES)
    assert result.rows == len(result.cases) + sum(result.skipped.values()) + result.rejected_rows
    return result


def said(problems) -> list[str]:
    return [p.problem for p in problems]


# ---------------------------------------------------------------- nothing twice


def test_the_same_settlement_in_two_files_counts_once():
    first, second = (
        written("a.txt", V2, total("-2.40"), *SALE, *REFUND),
        written("b.txt", V2, total("-2.40"), *SALE, *REFUND),
    )
    result = imported(first, second)
    assert result.cases["actual_cost"].tolist() == [70.4] and len(result.ties) == 1
    assert result.skipped["stands in another of these files too"] == 5
    assert any("were left out: 5" in note for note in result.notes)


def test_a_settlement_that_stands_twice_in_one_file_does_not_tie():
    result = imported(written("a.txt", V2, total("68.00"), *SALE, total("68.00"), *SALE))
    assert said(result.rejects) == [
        "has a total already: the settlement stands twice in this file",
        "is not what the amounts of settlement 1 add up to, 136.00: 68.00 too much",
    ]


def payments_file(name: str, *rows: str) -> str:
    with open(name, "w", encoding="utf-8") as file:
        file.write(
            "date/time,settlement id,type,order id,sku,description,quantity,marketplace,fulfillment,product"
            " sales,selling fees,other,total\n"
        )
        file.write("\n".join(rows) + "\n")
    return name


SOLD = f'"Jun 17, 2026 8:00:00 AM PDT",1,Order,{ORDER},CASE-3,Case,1,amazon.com,Amazon,80.00,-12.00,0,68.00'
BACK = f'"Jun 20, 2026 8:00:00 AM PDT",1,Refund,{ORDER},CASE-3,Case,1,amazon.com,Amazon,-80.00,9.60,0,-70.40'
LATER = (
    '"Jul 2, 2026 8:00:00 AM'
    ' PDT",2,Refund,114-3333333-4444444,CASE-3,Case,1,amazon.com,Amazon,-9.99,1.20,0,-8.79'
)


def test_payments_rows_of_a_settlement_that_is_there_too_count_once():
    result = imported(
        payments_file("p.csv", SOLD, BACK, LATER),
        written("a.txt", V2, total("-2.40"), *SALE, *REFUND),
        kind="payments",
    )
    assert sorted(result.cases["actual_cost"]) == [8.79, 70.4]
    assert {(t.settlement, t.found, t.difference) for t in result.ties} == {("1", -240, 0), ("", -879, 0)}


def test_payments_files_of_overlapping_days_count_once_but_equal_rows_of_one_file_count_both():
    twice = payments_file("p.csv", BACK, BACK)
    assert [t.found for t in imported(twice, kind="payments").ties] == [-14080]
    result = imported(
        payments_file("q.csv", SOLD, BACK), payments_file("r.csv", BACK, LATER), kind="payments"
    )
    assert [t.found for t in result.ties] == [-240, -879]


# ---------------------------------------------------------------- nothing lost silently


def test_a_settlement_without_its_total_is_said_aloud():
    result = imported(written("a.txt", V2, *SALE))
    assert (
        any("has no row of the total for settlement 1" in note for note in result.notes)
        and result.rejects == []
    )


def test_an_amount_without_a_settlement_is_refused():
    assert said(
        imported(written("a.txt", V2, total("68.00"), *SALE, {**REFUND[0], "settlement-id": ""})).rejects
    ) == ["is blank, so the amount belongs to no total"]


def test_a_refused_row_is_missing_from_the_sum():
    result = imported(written("a.txt", V2, total("68.00"), SALE[0], {**SALE[1], "posted-date": "soon"}))
    assert said(result.rejects) == [
        "is not a day of a form that is known",
        "is not what the amounts of settlement 1 add up to, 80.00: 12.00 too much",
    ]


def test_one_wrong_day_refuses_one_row():
    days = read_days(pd.Series(["01.08.2025", "01.13.2025", "03/04/2025", "13/04/2025"], dtype="str"))
    assert days.text.tolist() == [
        "2025-08-01",
        "01.13.2025",
        "2025-04-03",
        "2025-04-13",
    ] and days.wrong.tolist() == [False, True, False, False]


@pytest.mark.parametrize("text", ["2025-08-14 nonsense here", "2025-08-142", "2025-08/14x"])
def test_what_stands_behind_a_day_must_be_a_time(text):
    assert read_days(pd.Series([text], dtype="str")).wrong.all()


@pytest.mark.parametrize("text", ["1.500", "9" * 30, "12 34", "1 2.3 4"])
def test_amounts_that_could_be_something_else_are_refused(text):
    cents, wrong = read_cents(pd.Series([text], dtype="str"), ".")
    assert wrong.all() and cents.tolist() == [0]


@pytest.mark.parametrize("quantity", ["1e400", "inf", "nan", "2.5", "-", "9" * 30])
def test_a_strange_quantity_harms_nothing(quantity):
    assert imported(
        written("a.txt", V2, total("-80.00"), {**REFUND[0], "quantity-purchased": quantity})
    ).cases["quantity"].tolist() == [1]


# ---------------------------------------------------------------- what money is


@pytest.mark.parametrize(
    "kind,description,category",
    [
        ("other-transaction", "FBACustomerReturnPerUnitFee", "return_fee"),
        ("FBA Inventory Reimbursement", "WAREHOUSE_DAMAGE", "reimbursement"),
        ("FBA Inventory Reimbursement", "A_NEW_ONE", "reimbursement"),
        ("other-transaction", "RemovalComplete", "removal_fee"),
        ("other-transaction", "Subscription Fee", "service_fee"),
        ("other-transaction", "Previous Reserve Amount Balance", "transfer"),
    ],
)
def test_form_v2_says_in_the_description_what_form_v1_says_in_the_transaction(kind, description, category):
    money = read_payments(
        [written("a.txt", V2, total("-3.00"), line("other-transaction", description, "-3.00", kind=kind))],
        RATES,
    )
    assert money.lines["category"].tolist() == [category]


def test_removals_are_no_cases_of_a_buyer():
    fee = line("RemovalComplete", "RemovalComplete", "-1.10", kind="other-transaction", order="xl9o50V981")
    result = imported(written("a.txt", V2, total("-1.10"), fee))
    assert (
        result.cases.empty
        and result.rejects == []
        and result.skipped["removal or disposal, no case of a buyer"] == 1
    )
    assert any("-1.10 USD" in note for note in result.notes)


def test_units_of_form_v1_stand_on_a_row_of_their_own():
    base = {
        "settlement-id": "7",
        "order-id": ORDER,
        "marketplace-name": "Amazon.com",
        "fulfillment-id": "AFN",
        "posted-date": "2026-06-17",
        "sku": "CASE-3",
    }
    result = imported(
        written(
            "a.txt",
            V1,
            total("30.00", "7"),
            {**base, "transaction-type": "Order", "quantity-purchased": "2"},
            {**base, "transaction-type": "Order", "price-type": "Principal", "price-amount": "60.00"},
            {**base, "transaction-type": "Refund", "price-type": "Principal", "price-amount": "-30.00"},
        ),
        kind="settlement_v1",
    )
    # 60 for two units is 30 each; 30 given back is one of them.
    assert (
        result.cases["item_price"].tolist(),
        result.cases["quantity"].tolist(),
        result.cases["actual_cost"].tolist(),
    ) == ([30.0], [1], [30.0])


def test_two_refunds_of_an_article_are_two_units():
    result = imported(written("a.txt", V2, total("-160.00"), REFUND[0], REFUND[0]))
    assert (result.cases["item_price"].tolist(), result.cases["quantity"].tolist()) == ([80.0], [2])


def test_a_claim_is_priced_as_it_stood_when_it_had_to_be_answered():
    result = imported(
        written("a.txt", V2, total("-80.00"), line("A-to-z Guarantee Refund", "Principal", "-80.00"))
    )
    assert (result.cases["issue"].tolist(), result.cases["claim_open"].tolist()) == (["a_to_z_claim"], [True])


# ---------------------------------------------------------------- properties

AMOUNTS = st.lists(st.integers(-(10**7), 10**7).filter(bool), min_size=2, max_size=12)


def settlement(cents: list[int], stated: int) -> str:
    rows = [
        line("Order" if c > 0 else "Refund", "Principal", f"{c / 100:.2f}", order=f"114-{i:07d}-0000001")
        for i, c in enumerate(cents)
    ]
    return written("s.txt", V2, total(f"{stated / 100:.2f}"), *rows)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(AMOUNTS, st.integers(0, 10**6))
def test_shuffled_rows_tie_alike_and_a_dropped_row_is_always_found(cents, seed):
    stated, shuffled = sum(cents), random.Random(seed).sample(cents, len(cents))
    one, other = (read_payments([settlement(rows, stated)], RATES).ties[0] for rows in (cents, shuffled))
    assert one.difference == 0 and (one.found, one.stated, dict(one.by_category)) == (
        other.found,
        other.stated,
        dict(other.by_category),
    )
    gone = shuffled.pop()
    money = read_payments([settlement(shuffled, stated)], RATES)
    assert money.ties[0].difference == -gone and [p.row for p in money.rejects] == [2]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(-(10**9), 10**9), st.integers(1, 50))
def test_splitting_keeps_the_sum_and_is_even(cents, parts):
    shares = split(cents, parts)
    assert sum(shares) == cents and max(shares) - min(shares) <= 1


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.integers(-(10**14), 10**14),
    st.sampled_from([(".", ","), (",", "."), (",", " "), (",", "\u202f"), (".", "'")]),
    st.sampled_from(["-", "\u2212", "()"]),
)
def test_amounts_come_back_as_they_were_written(cents, signs, minus):
    decimal, thousands = signs
    body = f"{abs(cents) // 100:,}".replace(",", thousands) + decimal + f"{abs(cents) % 100:02d}"
    text = body if cents >= 0 else f"({body})" if minus == "()" else minus + body
    read, wrong = read_cents(pd.Series([text], dtype="str"), decimal)
    assert read.tolist() == [cents] and not wrong.any()
