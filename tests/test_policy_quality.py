"""How dear the policy table may be under limits: small worlds whose best tables are enumerated."""

from __future__ import annotations

import csv
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from hand_world import HandWorld

from optimizer.domain.shared_limit import Group, SharedLimit, Use
from optimizer.model.engine import Engine
from optimizer.policy import Policy, build_policy, row_solve
from optimizer.solve.decide_limited import decide_within

# Prices that people remember: edges of bands. In steps of 1 to 10, of 2 to 30, of 5 to 60, of 10 to 150.
EDGES = (*range(1, 10), *range(10, 30, 2), *range(30, 60, 5), *range(60, 160, 10))
CASES, FEWEST = 120, 5  # policy.fewest_cases


def hand_world(folder) -> HandWorld:
    """One warehouse; nobody takes money or a gift, parts help nobody."""
    w = HandWorld(folder)
    with (ROOT / "data" / "outcome_shares.csv").open(encoding="utf-8") as file:
        names = ("platform", "market", "channel", "issue", "resolution", "share")
        w.shares = [tuple(row[n] for n in names) for row in csv.DictReader(file)]
    w.provider("us_warehouse", "warehouse")
    w.classes[0]["part_fix_share"] = 0.0
    w.resolutions["keep_with_gift"] = {"acceptance": 0}
    w.set |= {"acceptance.issue.warranty_claim": 0.0, "acceptance.issue.wrong_item": 0.0}
    return w


class Tiny:
    """120 gadgets of one cell and a limit on what some ways out of it use."""

    def __init__(self, world: HandWorld, issue: str, uses):
        """`uses` (option) -> does it use a unit?"""
        self.prices = np.round(np.exp(np.random.default_rng(1).normal(3.6, 0.6, CASES)), 2)
        cases = [world.case("gadget", issue, p, case_id=str(i)) for i, p in enumerate(self.prices)]
        self.engine = Engine.of(world.scenario(), pd.concat(cases, ignore_index=True))
        self.blocks = self.engine.price()
        [block] = self.blocks
        self.total = {o.key.rstrip("|"): block.total[:, i] for i, o in enumerate(block.options)}
        self.usage = np.array([[float(uses(o)) for o in block.options]])

    def limit(self, amount: float) -> SharedLimit:
        use = Use(self.usage, np.zeros((1, 1), int))
        return SharedLimit("replacements", "units", (Group("US", amount, "given in the test"),), (use,))

    def table(self, amount: float, price: float | None = None) -> tuple[Policy, float]:
        """The table under the limit, and what following it costs; grown at the shadow price unless another
        is given."""
        limit = self.limit(amount)
        plan, result = decide_within(self.blocks, CASES, [limit])
        prices = result.shadow_price if price is None else {"replacements": np.array([price])}
        policy = build_policy(self.engine, self.blocks, float(plan.total.sum()), [limit], prices, plan)
        return policy, float(plan.total.sum()) + policy.extra_cost_cents


@pytest.fixture(scope="module")
def warranty(tmp_path_factory) -> Tiny:
    """A new one costs 15.11 whatever the price was, a refund 0.88 of it; each new one takes a unit."""
    world = hand_world(tmp_path_factory.mktemp("warranty"))
    world.entitlements = [("*", "warranty_claim", "seller", r, 1) for r in ("replacement", "refund")]
    return Tiny(world, "warranty_claim", lambda o: "replace_keep_old" in (o.resolution, o.fallback))


def best_table(tiny: Tiny, amount: int, rows: int) -> float:
    """Cost of the best table of at most so many price bands, each a refund or a new one: every choice of
    edges is tried, no band with fewer than five cases."""
    order = np.argsort(tiny.prices)
    refund = tiny.total["keep_full_refund"][order]
    saved = refund - tiny.total["replace_keep_old|us_warehouse|||keep_full_refund"][order]
    inside = np.searchsorted(tiny.prices[order], EDGES, side="right").tolist()
    places = sorted({0, *inside, CASES})
    upto = np.concatenate([[0.0], np.cumsum(saved)])

    @cache
    def most_saved(start: int, rows: int, units: int) -> float:
        """By the cases from a place on, with so many rows and units left."""
        if start == CASES:
            return 0.0
        best = -np.inf
        for end in places if rows else ():
            if (count := end - start) >= FEWEST:
                best = max(best, most_saved(end, rows - 1, units))
                if count <= units:
                    its = float(upto[end] - upto[start])
                    best = max(best, its + most_saved(end, rows - 1, units - count))
        return best

    return float(refund.sum()) - most_saved(0, rows, amount)


@pytest.mark.parametrize("amount", [10, 30, 60])
def test_a_table_under_a_limit_is_no_dearer_than_the_best_one_of_two_bands(warranty, amount):
    """The table may have more rows than two, and grows none that it does not need; so two are what it has
    to match. Enumeration of as many rows as it has tells that the judge does not ask too little."""
    policy, cost = warranty.table(float(amount))
    own = policy.frame[(policy.frame["market"] == "US") & (policy.frame["cases"] > 0)]
    assert policy.used["replacements"][0] <= amount and not policy.excess
    assert cost <= best_table(warranty, amount, 2) + 1e-6
    assert cost >= best_table(warranty, amount, len(own)) - 1e-6
    # as long as the limit is kept, no row is parted into fewer cases than a row has to have
    assert own["cases"].sum() == CASES and own["cases"].min() >= FEWEST


def test_rows_are_grown_again_where_what_they_say_does_not_fit(tmp_path):
    """Above 40 only a return is acceptable, below it a refund too, which costs more but uses no unit. At no
    price for units one row says return for all 120, and no parting of it can say anything else."""
    world = hand_world(tmp_path)
    world.entitlements = [("*", "wrong_item", "seller", "refund", 1)]
    world.set |= {"own.largest_keep_refund": 40, "liquidation.share": 0.3}
    world.markets["US"]["warehouse.intake.upto_30kg"] = 0
    world.lanes["US"]["return_label"] = ("USD", {0.3: 0.5, 18: 3})
    world.resolutions |= {key: {"acceptance": 0} for key in ("replace_keep_old", "replace_return_old")}
    tiny = Tiny(world, "wrong_item", lambda o: "keeps_goods" not in o.spec.tags)
    dear = tiny.prices > 40
    amount = int(dear.sum()) + 5
    back = tiny.total["return_to_warehouse|us_warehouse|liquidate"]
    assert (back < tiny.total["keep_full_refund"]).all() and amount < CASES
    policy, cost = tiny.table(float(amount), price=0.0)
    assert not policy.excess and policy.used["replacements"][0] <= amount
    assert cost <= back[dear].sum() + tiny.total["keep_full_refund"][~dear].sum()


def test_no_row_can_say_something_cheaper_by_itself(monkeypatch):
    """Also where the solver stopped at a coarse plan: 1,500 rows under six limits, at a gap of 5 %."""
    monkeypatch.setattr(row_solve, "_GAP", 0.05)
    rng, cases = np.random.default_rng(1), []
    for _ in range(1500):
        use = np.round(rng.gamma(2, 10, (4, 6)), 2)
        use[-1] = 0.0
        cost = np.round(rng.gamma(2, 2000, 4))
        its = SimpleNamespace(columns=np.arange(4), cost=cost, groups=np.arange(6), use=use)
        its.cheapest = int(cost.argmin())
        cases.append(its)
    amount = 0.7 * sum(c.use[c.cheapest] for c in cases)
    found = row_solve.solve_rows(cases, np.zeros(6), amount)
    assert not found.excess.any() and (found.used <= amount * (1 + 1e-9)).all()
    for c, said in zip(cases, found.choice):
        for other in np.flatnonzero(c.cost < c.cost[said]):
            assert (found.used - c.use[said] + c.use[other] > amount).any()
