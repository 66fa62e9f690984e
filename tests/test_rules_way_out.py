"""The rules together leave an acceptable way out to every ordinary case: in every market, channel and
issue, early, late, and without a return address."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hand_world import HandWorld

from optimizer.domain.names import CHANNELS, ISSUES, UNDER_WAY_ISSUES, UNSHIPPED_ISSUES
from optimizer.inputs.scenario import read_scenario
from optimizer.model.engine import Engine
from optimizer.model.rules import rule_switches
from optimizer.model.world import World
from optimizer.solve.decide import UNDECIDED, decide

AGES = (5, 40, 500, 2500)  # days since delivery: in the window, after it, after most guarantees, after all
FACTS = {
    "plain": {},
    "danger": {"reason_text": "smoke and a swollen battery"},
    "claim": {"claim_open": True},
    "often": {"prior_claims": 9},
    "sealed": {"condition": "sellable"},
}
CLASSES = ("power_bank", "treadmill")  # a loose battery; too heavy for most lanes
TIMES = (0.5, 5.0)  # the usual price: below and above what rules ask about


@pytest.mark.parametrize(("closed", "platform"), [(False, "amazon"), (True, "amazon"), (True, "ebay")])
def test_every_ordinary_case_finds_a_way_out(tmp_path, closed, platform):
    scenario = read_scenario(
        "base", [f"provider.{p}.open=0" for p in warehouses()] if closed else [], rule_switches()
    )
    world, build = World.of(scenario), HandWorld(tmp_path)
    parts = []
    for market, m in world.markets.items():
        build.markets[market] = {"currency": m.currency}
        price = np.round(world.class_numbers("price") * world.currencies[m.currency], 2)
        for issue in ISSUES:
            ages = AGES if issue not in UNSHIPPED_ISSUES + UNDER_WAY_ISSUES else (0,)
            rows = [
                (c, a, f, k, x) for c in CHANNELS for a in ages for f in FACTS for k in CLASSES for x in TIMES
            ]
            raised = pd.Timestamp("2026-09-10")
            one = build.case("", issue, 1.0, market=market, platform=platform)
            many = one.iloc[[0] * len(rows)].reset_index(drop=True)
            many["case_id"] = [f"{market}/{c}/{issue}/{a} days/{f}/{k} x {x:g}" for c, a, f, k, x in rows]
            many["channel"], many["product_class"] = [r[0] for r in rows], [r[3] for r in rows]
            many["item_price"] = [round(price[world.classes.index(k)] * x, 2) for *_, k, x in rows]
            if ages != (0,):
                many["delivery_date"] = [raised - pd.Timedelta(a, "D") for _, a, *_ in rows]
                many["order_date"] = many["delivery_date"] - pd.Timedelta(4, "D")
            for fact in ("reason_text", "claim_open", "prior_claims", "fault", "condition"):
                usual = one[fact].iloc[0]
                many[fact] = [FACTS[f].get(fact, usual) for _, _, f, *_ in rows]
            parts.append(many)
    cases = pd.concat(parts, ignore_index=True)
    plan = decide(Engine.of(scenario, cases).price(), len(cases))
    assert cases["case_id"][plan.choice == UNDECIDED].tolist() == []


def warehouses() -> list[str]:
    return [
        p.name
        for p in World.of(read_scenario("base", [], rule_switches())).providers.values()
        if p.kind == "warehouse"
    ]
