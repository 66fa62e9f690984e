"""One pass over what was decided: its lines, its measures, what rests on estimates, what comes back and
what fails again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.analysis.estimates import EstimateShare
from optimizer.domain.money import to_cents
from optimizer.model.components.risk import follow_on_repair, follow_on_replacement
from optimizer.model.engine import Engine
from optimizer.model.lines import LINE_KEYS
from optimizer.model.pricing import PricedBlock, Pricer
from optimizer.solve.decide import EXPECTED, Plan

CAME_BACK = "returned_goods"  # the goods of these cases are back already
_REPEATS = (follow_on_replacement, follow_on_repair)


@dataclass
class Decided:
    """What the decided cases are made of; rows without a decision stay 0."""

    lines: np.ndarray  # (N, L) cents
    measures: np.ndarray  # (N, 3) days, satisfaction, expected order defects
    returned: np.ndarray  # (N,) expected units that come back
    failures: (
        np.ndarray
    )  # (N,) cents of failures after a repair or replacement; proportional to the failure rate of the class
    refunded: (
        np.ndarray
    )  # (N,) cents refunded before the case came up: goods that came back are refunded already
    estimates: EstimateShare


def read_decided(engine: Engine, blocks: list[PricedBlock], plan: Plan) -> Decided:
    """Read the chosen options, and where others decide the outcomes weighed by their shares; prices
    nothing but what was decided."""
    n = len(plan.choice)
    found = Decided(
        np.zeros((n, len(LINE_KEYS))),
        np.zeros((n, 3)),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
        EstimateShare(engine.world),
    )
    for b in blocks:
        choice = plan.choice[b.rows]
        pricer = engine.pricer(b.cell, b.rows)
        if b.cell.issue == CAME_BACK:
            found.refunded[b.rows] = to_cents(pricer.block.full_refund)
        for i in np.unique(choice[choice >= 0]):
            mine = choice == i
            lines = pricer.line_table(i)[mine]
            found.lines[b.rows[mine]] = lines
            _add(found, pricer, b, i, mine, 1.0, lines)
        if (mixed := choice == EXPECTED).any():
            for key, cents in pricer.mixed_lines().items():
                found.lines[b.rows[mixed], LINE_KEYS.index(key)] = cents[mixed]
            for i in np.flatnonzero(b.shares):
                _add(found, pricer, b, i, mixed, b.shares[i], pricer.line_table(i)[mixed])
    return found


def _add(
    found: Decided, pricer: Pricer, b: PricedBlock, i: int, cases: np.ndarray, share: float, lines: np.ndarray
) -> None:
    """Add option i for some cases of a block and its lines in cents (n, L), weighed by its share."""
    rows = b.rows[cases]
    found.measures[rows] += share * np.column_stack(pricer.measures(i))[cases]
    by_class = np.zeros((len(pricer.block.world.classes), len(LINE_KEYS)))
    np.add.at(by_class, pricer.block.class_index[cases], share * np.abs(lines))
    found.estimates.add(b.cell, b.options[i], by_class)
    found.returned[rows] += share * _each(returned_units(pricer, i), pricer)[cases]
    found.failures[rows] += share * 100.0 * _each(repeat_failures(pricer, i), pricer)[cases]


def _each(amount: np.ndarray | float, pricer: Pricer) -> np.ndarray:
    return np.broadcast_to(np.asarray(amount, float), (pricer.block.n,))


def carried_out(pricer: Pricer, i: int) -> list[tuple[int, np.ndarray | float]]:
    """Options that are carried out when i is decided, with their probabilities: i itself, and its fallback
    after a refusal or a failure."""
    b, o = pricer.block, pricer.options[i]

    def completion(j: int) -> float:
        return b.number(f"resolution.{pricer.options[j].resolution}.completion")

    if not o.fallback:
        return [(i, completion(i))]
    chances, j = pricer.chances(i), pricer.fallback_of(i)
    return [(i, chances.agreed * completion(i)), (j, chances.followed * completion(j))]


def returned_units(pricer: Pricer, i: int) -> np.ndarray | float:
    """Expected units that come back: probability of every option that sends goods back x quantity; all
    units where they are back already."""
    b = pricer.block
    if b.cell.issue == CAME_BACK:
        return b.quantity
    return sum(
        (
            p * b.quantity
            for j, p in carried_out(pricer, i)
            if "physical_return" in pricer.options[j].spec.tags
        ),
        0.0,
    )


def repeat_failures(pricer: Pricer, i: int) -> np.ndarray | float:
    """Expected money of failures after a repair or replacement, which is the follow-on line without the
    claims that offers raise."""
    if not pricer.risk_on:
        return 0.0
    return sum(
        (
            p * c(pricer.block, pricer.options[j])
            for j, p in carried_out(pricer, i)
            for c in _REPEATS
            if c in pricer.options[j].spec.costs
        ),
        0.0,
    )
