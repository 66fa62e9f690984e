"""The example data: bundled files equal a fresh draw, every rule of the generator holds, and EXAMPLE.md
tells the truth."""

import csv
import re

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from optimizer.domain.cases import CASE_COLUMNS
from optimizer.domain.names import DELIVERED_ISSUES, REVIEW_ISSUES, UNDER_WAY_ISSUES, UNSHIPPED_ISSUES
from optimizer.inputs.bundled import BUNDLED
from optimizer.inputs.cases import Known, read_cases
from optimizer.inputs.products import read_orders, read_products
from optimizer.model.block import RETURN_WORDS, SAFETY_WORDS, Cell
from optimizer.model.options import options_of
from tools.example import rates as figures
from tools.example.cases import (
    CHANNEL,
    ISSUE,
    catalogue,
    example_cases,
    example_orders,
    main,
    write_bundled,
    write_cases,
)


@pytest.fixture(scope="module")
def goods():
    return catalogue()


@pytest.fixture(scope="module")
def known(goods) -> Known:
    world = goods.world
    return Known({m: f.currency for m, f in world.markets.items()}, world.classes, tuple(world.currencies))


@pytest.fixture(scope="module")
def cases(goods) -> pd.DataFrame:
    return example_cases(20_000, 7, "2026-10", goods)


def days(cases: pd.DataFrame, later: str, earlier: str) -> pd.Series:
    return (cases[later] - cases[earlier]).dt.days


@pytest.mark.parametrize("name, count, seed, month", figures.BUNDLED_CASES)
def test_bundled_cases_are_a_fresh_draw_and_read_without_a_word(goods, known, name, count, seed, month):
    read = read_cases([BUNDLED / name], known)
    assert (len(read.frame), read.rejects, read.warnings) == (count, [], [])
    pd.testing.assert_frame_equal(
        read.frame,
        example_cases(count, seed, month, goods),
        obj=f"data/{name} (write it again: python -m tools.example --bundled)",
    )


def test_bundled_products_and_orders_are_those_of_the_catalogue(goods, known):
    products = read_products(BUNDLED / "products_example.csv", known)
    pd.testing.assert_frame_equal(products[list(goods.products)], goods.products, check_dtype=False)
    orders = read_orders(BUNDLED / "orders_example.csv", known)
    pd.testing.assert_frame_equal(orders, example_orders(20_000, 7, "2026-10", goods), check_dtype=False)


def test_same_seed_same_bytes_other_seed_other_cases(goods, tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        write_cases(example_cases(500, seed, "2026-02", goods), tmp_path / name)
    a, b, c = ((tmp_path / name).read_bytes() for name in "abc")
    assert a == b and a != c


def test_bundled_files_are_small_and_all_written(tmp_path):
    written = write_bundled(tmp_path)
    assert [p.name for p in written] == [
        "cases_example.parquet",
        "cases_example_next.parquet",
        "products_example.csv",
        "orders_example.csv",
    ]
    assert (BUNDLED / "cases_example.parquet").stat().st_size < 1_500_000
    for path in written[2:]:
        assert path.read_bytes() == (BUNDLED / path.name).read_bytes()


def test_columns_and_ids(cases):
    assert list(cases.columns) == [c.name for c in CASE_COLUMNS]
    assert cases["case_id"].iloc[122] == "C2610-000123" and cases["case_id"].is_unique


def test_dates_fit_the_issue(cases):
    assert (cases["case_date"].dt.strftime("%Y-%m") == "2026-10").all() and cases[
        "case_date"
    ].is_monotonic_increasing
    sent, there = cases["ship_date"].notna(), cases["delivery_date"].notna()
    assert (cases["shipped"] == sent).all() and (cases["delivered"] == there).all()
    for later, earlier in (
        ("ship_date", "order_date"),
        ("delivery_date", "ship_date"),
        ("case_date", "delivery_date"),
        ("case_date", "order_date"),
    ):
        known = cases[later].notna() & cases[earlier].notna()
        assert (days(cases, later, earlier)[known] >= 0).all(), (later, earlier)
    state = cases.groupby("issue", observed=True)[["shipped", "delivered"]].agg(["min", "max"])
    for issue in UNSHIPPED_ISSUES:
        assert state.loc[issue].tolist() == [False] * 4
    for issue in UNDER_WAY_ISSUES:
        assert state.loc[issue].tolist() == [True, True, False, False]
    for issue in (*DELIVERED_ISSUES, "negative_feedback"):
        assert state.loc[issue].tolist() == [True] * 4
    assert state.loc["a_to_z_claim"].tolist() == [True, True, False, True]


def test_ages_follow_the_issue(cases):
    age = days(cases, "case_date", "delivery_date")
    for issue, segments in figures.AGES.items():
        mine = age[(cases["issue"] == issue) & cases["delivered"]]
        last = figures.SECOND_YEAR[1] if issue == "warranty_claim" else segments[-1][1]
        assert segments[0][0] <= mine.min() and mine.max() <= last, issue
    claims = age[cases["issue"] == "warranty_claim"]
    months_2_to_6, months_7_to_12 = claims.between(31, 182).mean(), claims.between(183, 365).mean()
    assert months_2_to_6 / months_7_to_12 == pytest.approx(30 / 25, rel=0.15)  # facts Q043
    old = (claims > 365).groupby(cases["market"], observed=True).mean()
    assert old["DE"] > old["GB"] > old["US"] > 0
    far = cases[(cases["channel"] == "merchant") & (cases["issue"] == "delivery_delay")]
    assert days(far, "case_date", "ship_date").min() >= figures.WAITING["delivery_delay"][1][0]


def test_shares_are_those_of_the_rates(goods, cases):
    expected = goods.cases.sum(axis=(0, 1, 2)) / goods.cases_per_unit
    found = cases["issue"].value_counts(normalize=True).reindex(ISSUE)
    np.testing.assert_allclose(found, expected, atol=4 * np.sqrt(expected.max() / len(cases)))
    assert found.nlargest(4).index.tolist() == [
        "returned_goods",
        "unwanted",
        "warranty_claim",
        "quality_defect",
    ]
    assert (found > 0).all() and found["a_to_z_claim"] < 0.01
    assert cases["channel"].value_counts().index.tolist() == CHANNEL


def test_every_market_sells_through_the_channels_it_has(goods, cases):
    world = goods.world
    assert sum(share for share, _, _ in figures.MARKETS.values()) == pytest.approx(1.0) and set(
        figures.MARKETS
    ) == set(world.markets)
    assert cases["market"].value_counts().index[:3].tolist() == ["US", "DE", "GB"]
    channels = cases.groupby("market", observed=True)["channel"].agg(set)
    for market in figures.MARKETS:
        without = set() if world.has_local_address(market) else {"warehouse"}
        assert channels[market] == set(CHANNEL) - without, market
    assert {m for m in figures.MARKETS if not world.has_local_address(m)} == {"GB", "IT", "ES", "AU", "IN"}
    rare = goods.units.sum(axis=(0, 2))
    np.testing.assert_allclose(rare, [share for share, _, _ in figures.MARKETS.values()])


def test_other_platforms_are_beside_what_the_seller_ships(cases):
    beside = cases[cases["platform"] != "amazon"]
    assert not (beside["channel"] == "fba").any() and not (beside["issue"] == "a_to_z_claim").any()
    assert set(zip(beside["market"].astype(str), beside["platform"].astype(str))) == {
        (m, p) for m, (p, _) in figures.OTHER_PLATFORMS.items()
    }
    for market, (_, share) in figures.OTHER_PLATFORMS.items():
        own = cases[
            (cases["market"] == market) & (cases["channel"] != "fba") & (cases["issue"] != "a_to_z_claim")
        ]
        assert (own["platform"] != "amazon").mean() == pytest.approx(
            share, abs=4 * np.sqrt(share / len(own))
        ), market


def test_unit_shares_add_up_and_cases_follow_the_return_rate(goods):
    assert goods.units.sum() == pytest.approx(1.0)
    apparel = (goods.products["product_class"] == "apparel").to_numpy()
    returns = [ISSUE.index(i) for i in figures.REQUESTS]
    places = map(list(figures.MARKETS).index, ("US", "DE", "JP"))
    us, de, jp = (
        goods.cases[apparel][:, m, :, returns].sum() / goods.units[apparel][:, m].sum() for m in places
    )
    assert (
        us == pytest.approx(0.25) and de == pytest.approx(0.25 * 1.2) and jp == pytest.approx(0.25 * 0.5)
    )  # facts Q017, Q011
    assert sum(figures.REQUESTS.values()) == pytest.approx(1.0) and sum(
        figures.SOFT_REQUESTS.values()
    ) == pytest.approx(1.0)


def test_prices_are_those_of_the_products(goods, cases):
    assert len(goods.products) == 163 and goods.products["sku"].is_unique
    assert set(goods.products["product_class"]) == set(figures.CLASSES)
    assert ((goods.products["price"] * 100).round() % 100 == 99).all()
    listed = pd.DataFrame(goods.market_price, goods.products["sku"], list(figures.MARKETS)).stack()
    price = listed.reindex(pd.MultiIndex.from_arrays([cases["sku"], cases["market"].astype(str)])).to_numpy()
    paid = (cases["item_price"] / price).round(2)  # whole prices are rounded down after the promotion
    assert set(paid) <= {1.0, 0.95, 0.9, 0.85, 0.8, 0.7} and (paid == 1.0).mean() > 0.8
    from_list = (cases["issue"] == "returned_goods") & (cases["channel"] == "fba")
    assert (cases.loc[from_list, "price_source"] == "product").all() and (paid[from_list] == 1.0).all()
    assert (cases.loc[~from_list, "price_source"] == "given").all()
    b = goods.products.set_index("sku").loc["KA-001"]
    # dollars x 0.85587 EUR x 1.19 tax, down to x.99; yen and rupees are whole
    assert listed["KA-001", "DE"] == np.floor(b["price"] * 0.85587 * 1.19) + 0.99
    whole = cases["market"].isin(["JP", "IN"])
    assert (cases.loc[whole, "item_price"] % 1 == 0).all() and (
        cases.loc[~whole, "item_price"] % 1 != 0
    ).mean() > 0.9


def test_small_shares(cases):
    quantity = cases["quantity"].value_counts(normalize=True)
    assert quantity[2] == pytest.approx(0.06, abs=0.01) and quantity[3] == pytest.approx(0.01, abs=0.004)
    claims = cases["issue"] == "a_to_z_claim"
    assert cases.loc[claims, "claim_open"].all() and cases.loc[~claims, "claim_open"].mean() == pytest.approx(
        0.003, abs=0.002
    )
    assert (cases["prior_claims"] == 0).mean() > 0.9
    assert (cases["actual_resolution"] != "").mean() == pytest.approx(0.30, abs=0.02) and cases[
        "actual_cost"
    ].isna().all()
    assert (cases.loc[cases["issue"] != "returned_goods", "condition"] == "unknown").all()
    asked = cases["issue"].isin(figures.COMPLAINTS)
    assert set(cases["stars"].dropna()) == {1.0, 2.0, 3.0} and cases.loc[
        asked, "stars"
    ].notna().mean() == pytest.approx(figures.STARS_SHARE, abs=0.01)
    reviews = cases["issue"].isin(REVIEW_ISSUES)
    assert cases.loc[reviews, "stars"].notna().all() and cases.loc[~asked & ~reviews, "stars"].isna().all()
    assert set(cases.loc[cases["issue"] == "negative_feedback", "stars"]) == {
        1.0,
        2.0,
    }  # three stars are neutral feedback


def test_words_of_danger_stand_with_batteries_only(goods):
    cases = example_cases(100_000, 5, "2026-10", goods)
    unsafe = cases["reason_text"].str.contains(SAFETY_WORDS, case=False)
    battery = goods.products.set_index("sku")["battery"].reindex(cases["sku"]).to_numpy() != "none"
    defect = cases["issue"].isin(["quality_defect", "warranty_claim"]).to_numpy()
    assert unsafe.any() and (battery & defect)[unsafe].all()
    assert unsafe[battery & defect].mean() == pytest.approx(figures.UNSAFE_SHARE, rel=0.5)


def test_some_claims_of_buyers_with_the_goods_speak_of_a_return(goods):
    claims = example_cases(100_000, 5, "2026-10", goods).query("issue == 'a_to_z_claim'")
    unhappy = claims["reason_text"].str.contains(RETURN_WORDS, case=False)
    assert claims.loc[unhappy, "delivered"].all() and set(claims.loc[unhappy, "reason_text"]) == set(
        figures.UNHAPPY_RETURNS
    )
    assert unhappy[claims["delivered"]].mean() == pytest.approx(figures.UNHAPPY_RETURN_SHARE, abs=0.12)


def test_reasons_are_codes_with_their_fault():
    with (BUNDLED / "imports" / "reason_codes.csv").open(encoding="utf-8-sig", newline="") as file:
        rows_of = {row["code"]: row for row in csv.DictReader(file)}
    for issue, rows in figures.REASONS.items():
        assert sum(share for *_, share in rows) == pytest.approx(1.0), issue
        for code, fault, _ in rows:
            assert code == "" or rows_of[code]["fault"] == fault, (issue, code)
    assert sorted(figures.REASONS) == sorted(ISSUE)
    for (
        issue
    ) in figures.REQUESTS:  # a request names codes of its own issue; a main product has no code of its own
        named = {rows_of[code]["issue"] for code, _, _ in figures.REASONS[issue] if code}
        beside = {
            "cancel_delivered": {"unwanted"},
            "damaged": {"quality_defect"},
            "missing_main_product": {"missing_accessory"},
        }
        assert named <= {issue} | beside.get(issue, set()), issue


def test_what_was_done_is_an_option_of_the_case(goods):
    for channel, table in (
        ("fba", figures.DONE_FBA),
        ("merchant", figures.DONE_ELSEWHERE),
        ("warehouse", figures.DONE_ELSEWHERE),
    ):
        for market in figures.MARKETS:
            for issue in ISSUE:
                offered = {
                    o.resolution for o in options_of(goods.world, Cell("amazon", market, channel, issue))
                }
                assert set(table[issue]) <= offered, (market, channel, issue)


def test_orders_bring_as_many_cases(goods):
    orders = example_orders(20_000, 7, "2026-10", goods)
    assert orders["month"].drop_duplicates().tolist() == ["2026-08", "2026-09", "2026-10"]
    units = orders.groupby("month")["units"].sum()
    assert units["2026-10"] * goods.cases_per_unit == pytest.approx(20_000, rel=0.005)
    assert (orders["orders"] <= orders["units"]).all() and (orders["net_sales"] > 0).all()


def test_command_line(tmp_path, known):
    run = CliRunner().invoke
    assert (
        run(
            main, ["--cases", "50", "--seed", "1", "--month", "2026-02", "--out", str(tmp_path / "c.parquet")]
        ).exit_code
        == 0
    )
    read = read_cases([tmp_path / "c.parquet"], known).frame
    assert len(read) == 50 and (read["case_date"].dt.strftime("%Y-%m") == "2026-02").all()
    assert (
        "'2026-13' is not a month. Write it like 2026-10."
        in run(main, ["--month", "2026-13", "--out", "x"]).output
    )
    for arguments in ([], ["--bundled", "--out", "x"]):
        wrong = run(main, arguments)
        assert wrong.exit_code == 2 and "Name either --out FILE or --bundled." in wrong.output


def test_example_md_states_the_shares_that_come_out(cases):
    text = (BUNDLED / "EXAMPLE.md").read_text(encoding="utf-8").split("## What comes out")[1]
    stated = {name: float(share) for name, share in re.findall(r"\| (\w+) \| ([\d.]+) ", text)}
    found = {
        str(name): round(100 * share, 1)
        for column in ("issue", "market", "channel", "platform")
        for name, share in cases[column].value_counts(normalize=True).items()
        if share
    }
    assert stated == found
    classes, skus = (cases[c].value_counts(normalize=True) for c in ("product_class", "sku"))
    assert (
        f"three largest classes bring {100 * classes[:3].sum():.0f} % of the cases, the ten largest products"
        f" {100 * skus[:10].sum():.0f} %" in text
    )
    cells = cases.groupby(["platform", "market", "channel", "issue"], observed=True).ngroups
    assert f"{cells} different combinations of platform, market, channel and issue" in text
