"""Shared limits made by hand over priced cases, and runs that are decided under them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from optimizer import load_scenario, run
from optimizer.domain.shared_limit import Group, SharedLimit, Use
from optimizer.model.pricing import PricedBlock
from optimizer.pipeline import EXAMPLE, read_inputs
from optimizer.report.run import Run
from optimizer.solve.decide_limited import decide_within

SENT = ("replace", "resend", "reship", "ship")  # of ways out that send something


def sends_goods(b: PricedBlock) -> np.ndarray:
    """Does an option send goods to the buyer?   (1, O)"""
    return np.array([[float(o.resolution.startswith(SENT)) for o in b.options]])


def risk_use(b: PricedBlock) -> np.ndarray:
    """Expected damage by risks of an option, standing in for defects.   (C, O)"""
    return np.maximum(b.risk, 0.0) / 100.0


def limit_of(
    name: str,
    unit: str,
    blocks: list[PricedBlock],
    measure: Callable[[PricedBlock], np.ndarray],
    group_of: Callable[[PricedBlock], str],
    amounts: dict[str, float] | None = None,
    because: str = "given in the test",
) -> SharedLimit:
    """A limit whose group is one per block, such as its market; amounts that are not given are 1e9."""
    labels = sorted({group_of(b) for b in blocks if measure(b).any()})
    uses = tuple(
        Use(measure(b), np.full((1, 1), labels.index(group_of(b)))) if measure(b).any() else None
        for b in blocks
    )
    return SharedLimit(
        name,
        unit,
        tuple(Group(label, (amounts or {}).get(label, 1e9), because) for label in labels),
        uses,
    )


def with_share(limit: SharedLimit, used: np.ndarray, share: float) -> SharedLimit:
    """The limit with a share of what is used as its amount, to the hundredth."""
    return replace(
        limit, groups=tuple(replace(g, amount=round(float(u) * share, 2)) for g, u in zip(limit.groups, used))
    )


def under(free: Run, limits: list[SharedLimit], **how: float) -> Run:
    """A run decided again under limits."""
    plan, result = decide_within(free.blocks, len(free.cases), limits, currency=free.currency, **how)
    return replace(free, plan=plan, shared_limits=limits, limits=result)


def free_run(cases: int = 1200) -> Run:
    """Some cases of the example, decided without limits."""
    scenario = load_scenario("base")
    frame = read_inputs(scenario, None, None, None)[0].frame.iloc[:: 20_000 // cases].reset_index(drop=True)
    return run(scenario, frame, EXAMPLE["products"], EXAMPLE["orders"])


def sent_by_market(free: Run, share: float) -> list[SharedLimit]:
    """Goods sent per market, at most a share of what would be sent without the limit."""
    limit = limit_of("replacements", "units", free.blocks, sends_goods, lambda b: f"{b.cell.market} 2026-10")
    used = under(free, [limit]).limits.used["replacements"]
    return [with_share(limit, used, share)]
