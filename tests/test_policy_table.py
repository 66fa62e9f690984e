"""The policy table: its sums, its rows, what it says to cases it has never seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from policy_world import OTHER_NUMBERS, TWO_MARKETS, build, built, example, next_month, odd_cases

from optimizer.model.engine import Engine
from optimizer.model.resolutions import RESOLUTION
from optimizer.policy import apply_policy, match
from optimizer.policy.accounts import POLICY_COLUMNS, REASONS
from optimizer.policy.apply import NO_ROW, option_keys
from optimizer.solve.decide import EXPECTED, UNDECIDED, decide

WORLDS = [("base", ()), ("no_us_warehouse", ()), ("freight_up_30", ()), ("base", OTHER_NUMBERS)]


@pytest.fixture(scope="module", params=WORLDS, ids=lambda w: w[0] + ("+" if w[1] else ""))
def world(request):
    return built(*request.param)


def followed(world):
    """One line per decided case that the seller decides: its row, the cost of its row's option, its
    cheapest cost, whether they are the same option."""
    keys = option_keys(world.policy.frame)
    lines = []
    for b in world.blocks:
        for c, case in enumerate(b.rows):
            row = world.policy.row_of_case[case]
            if row == NO_ROW or b.mixed[c]:
                continue
            own = [i for i, o in enumerate(b.options) if o.key == keys[row]]
            costs = {i: b.total[c, i] for i in range(len(b.options)) if b.refused[c, i] == 0}
            best = min(costs, key=lambda i: (costs[i], i))
            lines.append(
                (
                    case,
                    row,
                    own[0] in costs if own else False,
                    b.total[c, own[0]] if own else np.nan,
                    costs[best],
                    best == own[0],
                )
            )
    return pd.DataFrame(lines, columns=["case", "row", "acceptable", "cost", "best", "same"])


def test_columns_and_words_are_those_agreed(world):
    frame = world.policy.frame
    assert tuple(frame.columns) == POLICY_COLUMNS and frame["row_id"].is_unique
    assert set(frame["resolution"]) <= {*RESOLUTION, "platform_decides", "buyer_decides", "undecided"}
    assert set(frame["reason"]) <= set(REASONS) and set(frame["decided_by"]) <= {
        "seller",
        "seller_setting",
        "platform",
        "buyer",
    }
    assert (
        frame["currency"]
        == frame["market"].map(
            {
                "US": "USD",
                "CA": "CAD",
                "GB": "GBP",
                **dict.fromkeys(("DE", "FR", "IT", "ES"), "EUR"),
                "JP": "JPY",
                "AU": "AUD",
                "IN": "INR",
                "*": "*",
            }
        )
    ).all()


def test_sums_of_rows_are_those_of_their_cases(world):
    frame, lines = world.policy.frame, followed(world)
    assert lines["acceptable"].all()
    assert frame["cases"].sum() == world.decided
    extra = (lines["cost"] - lines["best"]).groupby(lines["row"]).sum().reindex(frame.index, fill_value=0.0)
    assert np.array_equal(extra, np.rint(frame["extra_cost"] * 100)) and (frame["extra_cost"] >= 0).all()
    assert extra.sum() == world.policy.extra_cost_cents
    by_row = lines.groupby("row")
    own = frame.loc[by_row.size().index]
    assert np.array_equal(by_row.size(), own["cases"])
    assert np.allclose(by_row["cost"].mean() / 100, own["expected_cost"], atol=0.0051)
    assert np.allclose(by_row["same"].mean(), own["share_following"], atol=0.00006)
    nobody = frame[frame["cases"] == 0]
    assert len(nobody) and nobody["share_following"].isna().all() and (nobody["runner_up"] == "").all()


def test_runner_up_is_the_next_best_that_every_case_accepts(world):
    frame, cells = world.policy.frame, {}
    for b in world.blocks:
        for row in np.unique(world.policy.row_of_case[b.rows]):
            cells.setdefault(row, []).append((b, world.policy.row_of_case[b.rows] == row))
    checked = 0
    for row, parts in cells.items():
        if row == NO_ROW or frame.at[row, "decided_by"] in ("platform", "buyer"):
            continue
        own, means = (
            "|".join(frame.loc[row, ["resolution", "provider", "disposition", "offer", "fallback"]]),
            {},
        )
        for key in set.intersection(*({o.key for o in b.options} for b, _ in parts)):
            columns = [[o.key for o in b.options].index(key) for b, _ in parts]
            if all((b.refused[mine, i] == 0).all() for (b, mine), i in zip(parts, columns)):
                means[key] = (
                    np.concatenate([b.total[mine, i] for (b, mine), i in zip(parts, columns)]).mean() / 100
                )
        others = {k: v for k, v in means.items() if k != own}
        assert own in means
        if not others:
            assert frame.at[row, "runner_up"] == "" and np.isnan(frame.at[row, "margin"])
            continue
        assert others[frame.at[row, "runner_up"]] == pytest.approx(min(others.values()), abs=1e-9)
        assert frame.at[row, "margin"] == pytest.approx(min(others.values()) - means[own], abs=0.0051)
        checked += 1
    assert checked > 50


def test_following_the_table_costs_its_extra_cost(world):
    applied = apply_policy(world.policy.frame, world.engine, world.blocks)
    assert applied.covered == len(world.engine.cases)
    assert not applied.refused.any() and not applied.unanswered.any()
    assert applied.regret.sum() == world.policy.extra_cost_cents and (applied.regret >= 0).all()
    plan = decide(world.blocks, len(world.engine.cases))
    assert np.array_equal(applied.best, plan.total) and np.array_equal(
        applied.undecided, plan.choice == UNDECIDED
    )
    assert np.array_equal(applied.option == EXPECTED, plan.choice == EXPECTED)
    assert np.array_equal(applied.cases_per_row, world.policy.frame["cases"])
    assert np.array_equal(applied.row[plan.decided], world.policy.row_of_case[plan.decided])


def test_whatever_comes_finds_a_row_that_says_nothing_refused(world):
    _, _, products = example()
    odd = Engine.of(world.engine.world.scenario, odd_cases(world.engine.world, products, 8_000, 1), products)
    applied = apply_policy(world.policy.frame, odd, odd.price())
    assert applied.covered == 8_000
    assert not applied.refused.any()
    contradictory = odd.columns.delivered & ~odd.columns.shipped  # delivered, but never sent
    assert (
        applied.unanswered & ~contradictory
    ).sum() <= 4  # only an offer, which the last rows never make, is left
    assert applied.undecided.sum() > 100  # such cases are told to ask, not to do what is refused
    assert (world.policy.frame["resolution"].to_numpy()[applied.row[applied.undecided]] == "undecided").all()


def test_the_first_row_that_fits_is_found_as_a_person_finds_it(world):
    _, _, products = example()
    frame = odd_cases(world.engine.world, products, 250, 11)
    odd = Engine.of(world.engine.world.scenario, frame, products)
    found = match(world.policy.frame, odd)
    stages = np.full(len(frame), "", object)
    for cell, rows in odd.cells:
        stages[rows] = np.array(["unshipped", "shipped", "in_window", "after_window"], object)[
            odd.block(cell, rows).stage
        ]
    for i, case in enumerate(frame.itertuples()):
        facts = {
            "stage": stages[i],
            "delivered": "yes" if case.delivered else "no",
            "claim_open": "yes" if case.claim_open else "no",
            "safety": "yes" if "smoke" in case.reason_text else "no",
            "condition": case.condition,
            "fault": case.fault,
        }
        numbers = {
            "age": odd.columns.age_days[i],
            "prior_claims": case.prior_claims,
            "value": case.item_price * case.quantity,
        }
        at = found[i]
        for row in world.policy.frame.itertuples():
            fits = all(
                getattr(row, c) in ("*", getattr(case, c))
                for c in ("platform", "market", "channel", "issue", "product_class")
            )
            fits = fits and not case.item_price <= row.price_from and not case.item_price > row.price_to
            fits = fits and all(
                _person(atom, facts, numbers, row.Index == at) for atom in row.when.split("; ") if atom
            )
            if fits:
                break
        assert row.Index == at, (case, row.row_id)


def _person(atom, facts, numbers, otherwise):
    """Reads one condition; what depends on the product is taken as the table takes it."""
    for sign in ("<=", ">=", "!=", "=", "<", ">"):
        name, found, value = atom.partition(sign)
        if found:
            break
    if name in facts:
        return (facts[name] in value.split("|")) == (sign == "=")
    if name in numbers:
        number = float(value.removesuffix("d"))
        return {
            "<=": numbers[name] <= number,
            ">": numbers[name] > number,
            ">=": numbers[name] >= number,
            "<": numbers[name] < number,
        }[sign]
    return otherwise


def test_neither_the_order_of_cases_nor_the_size_of_blocks_changes_the_table():
    scenario, frame, products = example("base", (), 5_000, TWO_MARKETS)
    table = build(scenario, frame, products).policy
    shuffled = frame.sample(frac=1.0, random_state=5)
    again = build(scenario, shuffled.reset_index(drop=True), products)
    for other in (again, build(scenario, frame, products, size=97)):
        pd.testing.assert_frame_equal(other.policy.frame, table.frame)
        pd.testing.assert_frame_equal(other.policy.curve, table.curve)
    assert np.array_equal(again.policy.row_id_of_case, table.row_id_of_case[shuffled.index])


def test_returnless_floor_splits_at_its_amount():
    scenario, frame, products = example("no_us_warehouse", (), 2_500)
    world = built("no_us_warehouse")
    case = frame[
        (frame["market"] == "US") & (frame["channel"] == "merchant") & (frame["issue"] == "unwanted")
    ].head(1)
    two = (
        pd.concat([case, case])
        .reset_index(drop=True)
        .assign(
            case_id=["floor", "above"],
            item_price=[25.00, 25.01],
            claim_open=False,
            quantity=1,
            reason_text="too small",
        )
    )
    engine = Engine.of(scenario, two, products)
    rows = world.policy.frame.iloc[match(world.policy.frame, engine)]
    assert rows["resolution"].tolist() == ["keep_full_refund", "keep_partial_refund"]
    assert rows["price_to"].iloc[0] == 25.0 and rows["price_from"].iloc[1] == 25.0
    assert not apply_policy(world.policy.frame, engine, engine.price()).refused.any()


@pytest.mark.parametrize("most", [10, 20, 60])
def test_rows_of_a_market_stay_within_their_number(most):
    table = built("base", (f"policy.rows_per_market={most}",), 5_000, TWO_MARKETS).policy
    assert table.frame["market"].value_counts().drop("*").max() <= most
    assert table.curve["rows_per_market"].iloc[-1] == most and table.curve["rows"].iloc[-1] == len(
        table.frame
    )


def test_more_rows_keep_more_of_the_saving():
    tables = [
        built("base", (f"policy.rows_per_market={most}",), 5_000, TWO_MARKETS).policy for most in (5, 20, 60)
    ]
    assert [t.extra_cost_cents for t in tables] == sorted((t.extra_cost_cents for t in tables), reverse=True)
    curve = tables[-1].curve
    assert curve.columns.tolist() == [
        "rows_per_market",
        "saving_per_row",
        "rows",
        "extra_cost",
        "share_of_saving",
    ]
    assert (
        curve["rows"].is_monotonic_increasing
        and curve["share_of_saving"].is_monotonic_increasing
        and curve["extra_cost"].is_monotonic_decreasing
    )
    assert (
        curve["extra_cost"].iloc[-1] == round(tables[-1].extra_cost_cents / 100, 2)
        and curve["share_of_saving"].iloc[-1] > 0.9
    )


def test_wildcard_rows_come_last_and_end_without_condition():
    frame = built().policy.frame
    anywhere = (frame["market"] == "*").to_numpy()
    assert anywhere[anywhere.argmax() :].all()
    for _, rows in frame[anywhere].groupby("issue", sort=False):
        last = rows.iloc[-1]
        assert [last[c] for c in ("platform", "market", "channel", "product_class", "when", "provider")] == [
            "*",
            "*",
            "*",
            "*",
            "",
            "",
        ]
    assert set(frame.loc[anywhere, "issue"]) == set(example()[1]["issue"].unique())


def test_a_table_from_one_case_answers_the_whole_month():
    scenario, frame, products = example("base", (), 2_500)
    single = build(scenario, frame.head(1), products)
    world = built()
    applied = apply_policy(single.policy.frame, world.engine, world.blocks)
    assert (
        applied.covered == len(world.engine.cases)
        and not applied.refused.any()
        and not applied.unanswered.any()
    )
    assert single.policy.frame["cases"].sum() == 1
    typical = single.policy.frame.query("reason == 'no case yet; cheapest for a typical case'")
    assert len(typical) > 5 and typical["expected_cost"].notna().all()


def test_cases_without_a_way_out_count_nowhere():
    scenario, frame, products = example("base", (), 1_000)
    sent = frame.assign(
        issue=frame["issue"].where(frame.index > 2, "cancel_unshipped"),
        channel=frame["channel"].where(frame.index > 2, "merchant"),
        shipped=frame["shipped"].where(frame.index > 2, True),
    )
    for column in ("issue", "channel"):
        sent[column] = sent[column].astype("category")
    world = build(scenario, sent, products)
    assert (world.policy.row_of_case[:3] == NO_ROW).all() and (world.policy.row_id_of_case[:3] == "").all()
    assert world.policy.frame["cases"].sum() == len(sent) - 3 == world.decided
    applied = apply_policy(world.policy.frame, world.engine, world.blocks)
    assert applied.undecided[:3].all() and not applied.cost[:3].any()
    assert (world.policy.frame["resolution"].to_numpy()[applied.row[:3]] == "undecided").all()


def test_what_the_platform_decides_is_described_not_chosen():
    world = built()
    frame = world.policy.frame
    told = frame[frame["resolution"] == "platform_decides"]
    assert (
        set(told["decided_by"]) == {"platform"}
        and (told["extra_cost"] == 0).all()
        and set(told["channel"]) == {"fba"}
    )
    for b in world.blocks:
        rows = world.policy.row_of_case[b.rows]
        assert (np.isin(rows, told.index) == b.mixed).all()
    lost = told[told["issue"] == "lost_in_transit"].iloc[0]
    total = np.concatenate(
        [b.mixed_total for b in world.blocks if b.cell.issue == "lost_in_transit" and b.cell.channel == "fba"]
    )
    assert lost["cases"] == len(total) and lost["expected_cost"] == pytest.approx(
        total.mean() / 100, abs=0.0051
    )


def test_the_month_after_is_covered_whole_at_little_regret():
    month = built("base", (), None)
    scenario, _, products = example()
    after = Engine.of(scenario, next_month(scenario, products), products)
    applied = apply_policy(month.policy.frame, after, after.price())
    assert applied.covered == len(after.cases) and not applied.refused.any() and not applied.unanswered.any()
    assert month.policy.frame["market"].value_counts().drop("*").max() <= 120
    own = applied.option != EXPECTED
    assert (
        0.0 < applied.regret[own].sum() / applied.best[own].sum() < 0.04
    )  # 21 issues in ten markets: many cells have a handful of cases to learn from
