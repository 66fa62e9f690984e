"""The policy table on cases nobody has seen: every case finds a row, no row says what is refused, and the loss is small."""
from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from optimizer import InputError, load_scenario, run
from optimizer.domain.names import CHANNELS, CONDITIONS, FAULTS, ISSUES
from optimizer.model.engine import Engine
from optimizer.pipeline import EXAMPLE, apply_table, read_inputs
from optimizer.policy import apply_policy, read_policy
from optimizer.report.applied import applied_summary
from optimizer.report.files import write_csv

NEXT = EXAMPLE["cases"].with_name("cases_example_next.parquet")


@pytest.fixture(scope="module")
def base():
    return load_scenario("base")


@pytest.fixture(scope="module")
def table(base, tmp_path_factory):
    path = tmp_path_factory.mktemp("policy") / "policy.csv"
    write_csv(run(base).policy(), path)
    return path


def odd_cases(base, count: int = 4000, seed: int = 5) -> pd.DataFrame:
    """Cases with every attribute drawn at random: open claims and words of danger in any issue, any age, stage, price and class."""
    rng = np.random.default_rng(seed)
    known = read_inputs(base, None, None, None)[0].frame.head(1)
    classes = [k.split(".")[1] for k in base.book if k.startswith("class.") and k.endswith(".price")]
    markets = [m for m in ("US", "DE", "GB", "IN")]

    def pick(values) -> np.ndarray:
        return np.array(list(values), object)[rng.integers(0, len(list(values)), count)]

    market, issue = pick(markets), pick(ISSUES)
    delivered = rng.random(count) < 0.8
    shipped = delivered | (rng.random(count) < 0.6)
    case_day = pd.Timestamp("2026-11-20") + pd.to_timedelta(rng.integers(0, 90, count), unit="D")
    age = rng.integers(0, 900, count)
    currency = {m: base.book.text(f"{m}.currency") for m in markets}
    frame = pd.DataFrame({
        "case_id": [f"odd {i}" for i in range(count)], "platform": np.where(rng.random(count) < 0.9, "amazon", "own"), "market": market,
        "channel": pick(CHANNELS), "sku": "", "product_class": pick(classes), "issue": issue, "order_date": case_day - pd.to_timedelta(age + 9, unit="D"),
        "ship_date": pd.NaT, "delivery_date": pd.Series(case_day - pd.to_timedelta(age, unit="D")).where(delivered), "case_date": case_day,
        "item_price": np.round(np.exp(rng.normal(3.5, 1.3, count)) + 0.5, 2), "price_source": "given", "currency": [currency[m] for m in market],
        "quantity": rng.integers(1, 4, count), "fault": pick(FAULTS), "shipped": shipped, "delivered": delivered, "claim_open": rng.random(count) < 0.3,
        "stars": np.nan, "condition": pick(CONDITIONS), "reason_text": np.where(rng.random(count) < 0.2, "smoke came out", "NO_REASON"),
        "prior_claims": rng.integers(0, 6, count), "actual_resolution": "", "actual_cost": np.nan})
    frame.loc[rng.random(count) < 0.2, "item_price"] = 25.0
    return frame[known.columns]


def test_next_month_is_covered_at_a_small_loss(base, table):
    s = applied_summary(apply_table(table, NEXT, base, EXAMPLE["products"]))
    assert s["covered"] == s["cases"] == 5000 and s["refused_choices"] == 0 and s["undecided"] == 0
    assert 0 <= s["regret_share"] < 0.02
    rows = read_policy(table).groupby("market").size()
    assert rows.drop("*").max() <= base.book.number("policy.rows_per_market")


def test_every_odd_case_finds_a_row_that_says_nothing_refused(base, table):
    cases = odd_cases(base)
    engine = Engine.of(base, cases)
    blocks = engine.price()
    applied = apply_policy(read_policy(table), engine, blocks)
    assert applied.covered == len(cases)
    assert applied.refused.sum() == 0
    assert (applied.regret >= 0).all()


def test_the_order_of_cases_changes_nothing(base):
    cases = read_inputs(base, None, None, None)[0].frame.head(3000)
    shuffled = cases.sample(frac=1.0, random_state=1).reset_index(drop=True)
    one, two = (run(base, c, EXAMPLE["products"]).policy() for c in (cases, shuffled))
    pd.testing.assert_frame_equal(one, two)


def test_the_returnless_floor_is_a_break_of_the_bands(tmp_path):
    scenario = load_scenario("no_us_warehouse")
    answer = run(scenario)
    cases = read_inputs(scenario, None, None, None)[0].frame
    some = cases[(cases["market"] == "US") & (cases["channel"] == "merchant") & (cases["issue"] == "unwanted")].head(1)
    two = pd.concat([some, some], ignore_index=True).assign(case_id=["at", "above"], item_price=[25.00, 25.01], claim_open=False, reason_text="NO_REASON",
                                                           quantity=1, prior_claims=0)
    engine = Engine.of(scenario, two)
    applied = apply_policy(answer.policy(), engine, engine.price())
    said = answer.policy()["resolution"].to_numpy()[applied.row]
    assert said[0] == "keep_full_refund" and said[1] != "keep_full_refund" and applied.refused.sum() == 0


def test_a_table_that_was_tampered_with_is_refused_with_every_problem(table, tmp_path):
    frame = pd.read_csv(table, dtype=str, keep_default_na=False)
    frame.loc[0, "resolution"], frame.loc[1, "price_to"], frame.loc[2, "when"] = "keep_partial_refnd", "cheap", "moon=full"
    path = tmp_path / "policy.csv"
    frame.to_csv(path, index=False)
    with pytest.raises(InputError) as refused:
        read_policy(path)
    text = str(refused.value)
    assert len(refused.value.problems) == 3
    assert "row 2, column resolution: 'keep_partial_refnd' is not a resolution. Did you mean 'keep_partial_refund'?" in text
    assert "row 3, column price_to: 'cheap' is not a number." in text and "row 4, column when: 'moon=full'" in text
