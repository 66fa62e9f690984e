"""What the table is built from: per market and issue the scales, per cell what is acceptable, what to say
last, and the cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np

from optimizer.domain.names import CHANNELS, ISSUE_OF_NEED, ISSUES, PLATFORMS, UNCLASSIFIED
from optimizer.domain.sets import FAULT_UNKNOWN, NOT_INSPECTED
from optimizer.model.block import Block, Cell, Columns
from optimizer.model.engine import Engine
from optimizer.model.options import options_of
from optimizer.model.pricing import DECIDING, PricedBlock, Pricer
from optimizer.model.world import World
from optimizer.network.typical import AGE, DELIVERY_DAYS
from optimizer.policy.acceptance import CellAcceptance
from optimizer.policy.apply import Matcher
from optimizer.policy.conditions import Scales
from optimizer.policy.guards import STAGE_OF, usual_shares
from optimizer.policy.last_rows import Chain, chain_of, is_plain
from optimizer.policy.probing import Probes, probing_days, scales_of, with_fallbacks
from optimizer.policy.tree import CellCases

MOST_OPTIONS = 10  # candidates of a cell besides the plain ones
# Days since delivery of a case nobody has seen yet.
TYPICAL_AGE = {ISSUE_OF_NEED[need]: key for need, key in AGE.items()} | {
    "quality_defect": "policy.typical_age.defect"
}
OTHER_AGE = "policy.typical_age.other"


@dataclass
class Ground:
    """Everything known before rows are chosen."""

    world: World
    engine: Engine
    priced: dict[Cell, PricedBlock]  # cells with cases, chunks put together
    beside: Mapping[Cell, PricedBlock] = field(
        default_factory=dict
    )  # the same cells at other costs that options are named by
    typical: dict[Cell, tuple[Block, PricedBlock]] = field(
        default_factory=dict
    )  # a made-up case for cells without
    scales: dict[tuple[str, str], Scales] = field(default_factory=dict)
    acceptance: dict[Cell, CellAcceptance] = field(default_factory=dict)
    chains: dict[tuple[str, str, str], Chain] = field(default_factory=dict)  # by platform, channel, issue
    named: list[str] = field(default_factory=list)  # platforms that rules or rights name
    nameless: str = ""  # one that stands for all others

    def shares(self, market: str, issue: str) -> Mapping[str, np.ndarray]:
        return usual_shares(self.world.book, self.scales[market, issue], issue)


def survey(
    engine: Engine, blocks: Sequence[PricedBlock], beside: Mapping[Cell, PricedBlock] | None = None
) -> Ground:
    """Probe all cells that can be and find their last rows.

    `beside` holds the same cells at other costs: what is cheapest there may be said too.
    """
    ground = Ground(engine.world, engine, joined(blocks), beside or {})
    named = {p for r in DECIDING for p in r.platforms} | {
        row["platform"] for row in engine.world.scenario.tables["decision_rights.csv"]
    }
    ground.named = [p for p in PLATFORMS if p in named]
    ground.nameless = next((p for p in PLATFORMS if p not in named), PLATFORMS[-1])
    means, period, probes = mean_costs(ground.priced), _period(engine), {}
    for issue in ISSUES:
        for m in engine.world.markets:
            _probe(ground, probes, period, m, issue)
        for platform in (*ground.named, ground.nameless):
            for channel in CHANNELS:
                its = {m: ground.acceptance[Cell(platform, m, channel, issue)] for m in engine.world.markets}
                ground.chains[platform, channel, issue] = chain_of(
                    engine.world.book, its, issue, means[channel, issue]
                )
    return ground


def _period(engine: Engine) -> tuple[np.datetime64, np.datetime64]:
    """First order day and last case day."""
    order, case = (
        d if len(d) else np.array(["2026-01-01"], "datetime64[D]")
        for d in (engine.columns.order_day, engine.columns.case_day)
    )
    return order.min(), case.max()


def _probe(
    ground: Ground,
    made: dict[object, Probes],
    period: tuple[np.datetime64, np.datetime64],
    market: str,
    issue: str,
) -> None:
    """Scales of a market and issue, and acceptance of its cells; a typical case for cells without cases on
    platforms seen here.

    Probes of a market that stand on the same days are shared between issues.
    """
    world = ground.world
    seen = sorted({c.platform for c in ground.priced if c.market == market})
    platforms = list(dict.fromkeys([*ground.named, *seen])) or [ground.nameless]
    cells = [Cell(p, market, c, issue) for p in platforms for c in CHANNELS]
    for c in cells:
        if c not in ground.priced and c.platform in seen:
            block = typical_block(world, ground.engine, c)
            ground.typical[c] = block, Pricer(block).priced(np.array([-1]))
    carried, wanted = {}, {}
    for c in cells:
        options = options_of(world, c)
        plain = {o.key for o in options if is_plain(o.key)}
        known = (
            ground.priced[c] if c in ground.priced else ground.typical[c][1] if c in ground.typical else None
        )
        wanted[c] = plain | candidates(known) | candidates(ground.beside.get(c))
        carried[c] = with_fallbacks(options, wanted[c])
    days = probing_days(world, cells, *period)
    if (market, days) not in made:
        made[market, days] = Probes(world, market, days)
    probes = made[market, days]
    scales = ground.scales[market, issue] = scales_of(probes, cells, carried)
    for c in cells:
        ground.acceptance[c] = CellAcceptance(probes, c, scales, carried[c], wanted[c])
    if ground.nameless not in platforms:
        for c in cells[: len(CHANNELS)]:
            other = ground.acceptance[c].elsewhere(world, ground.nameless)
            ground.acceptance[other.cell] = other


def joined(blocks: Sequence[PricedBlock]) -> dict[Cell, PricedBlock]:
    """One priced block per cell."""
    parts: dict[Cell, list[PricedBlock]] = defaultdict(list)
    for b in blocks:
        parts[b.cell].append(b)
    by_case = [f.name for f in fields(PricedBlock) if f.name not in ("cell", "options", "shares")]
    return {
        cell: (
            found[0]
            if len(found) == 1
            else replace(found[0], **{f: np.concatenate([getattr(b, f) for b in found]) for f in by_case})
        )
        for cell, found in parts.items()
    }


def candidates(block: PricedBlock | None) -> set[str]:
    """Keys of the options that are cheapest for most cases of a cell, or for all of them together."""
    if block is None:
        return set()
    own = np.flatnonzero(~block.mixed & block.acceptable.any(axis=1))
    if not len(own):
        return set()
    acceptable, total = block.acceptable[own], block.total[own]
    cost = np.where(acceptable, total, np.inf)
    wins = np.bincount(cost.argmin(axis=1), minlength=cost.shape[1])
    dearest = np.where(acceptable, total, -np.inf).max(axis=1)
    pooled = np.where(acceptable, total, dearest[:, None]).sum(axis=0)
    chosen = [i for i in np.argsort(-wins, kind="stable")[:MOST_OPTIONS] if wins[i]]
    return {block.options[i].key for i in [*chosen, *np.argsort(pooled, kind="stable")[:2]]}


def mean_costs(priced: Mapping[Cell, PricedBlock]) -> Mapping[tuple[str, str], dict[str, float]]:
    """Mean cost of each option over the cases it is acceptable for, by channel and issue, all markets
    together."""
    sums: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    for cell, b in priced.items():
        acceptable = b.acceptable & ~b.mixed[:, None]
        total, cases = np.where(acceptable, b.total, 0.0).sum(axis=0), acceptable.sum(axis=0)
        for i, o in enumerate(b.options):
            if cases[i]:
                entry = sums[cell.channel, cell.issue][o.key]
                entry[0] += total[i]
                entry[1] += cases[i]
    return defaultdict(
        dict, {place: {k: s / n for k, (s, n) in found.items()} for place, found in sums.items()}
    )


def typical_block(world: World, engine: Engine, cell: Cell) -> Block:
    """A made-up case for a cell without cases: an unclassified product at its usual price."""
    market = world.markets[cell.market]
    stage = STAGE_OF.get(cell.issue, "in_window")
    age = world.book.number(TYPICAL_AGE.get(cell.issue, OTHER_AGE)) if stage == "in_window" else 0.0
    k = world.classes.index(UNCLASSIFIED)
    tax = 1.0 + market.number("tax.rate") * market.number("tax.price_includes")
    price = round(float(world.class_numbers("price")[k]) * world.currencies[market.currency] * tax, 2)
    day = engine.columns.case_day.max()
    one = Columns(
        price=price,
        quantity=1,
        product=k,
        fault=FAULT_UNKNOWN,
        condition=NOT_INSPECTED,
        shipped=stage != "unshipped",
        delivered=stage == "in_window",
        claim_open=cell.issue == "a_to_z_claim",
        safety=False,
        unhappy_return=False,
        stars=np.nan,
        prior_claims=0,
        order_day=day - int(age) - int(world.book.number(DELIVERY_DAYS)),
        case_day=day,
        age_days=age,
    )
    return Block(world, engine.products, cell, Columns(*(np.array([value]) for value in one)))


def cell_cases(
    acceptance: CellAcceptance, block: Block, priced: PricedBlock, last: Matcher
) -> CellCases | None:
    """The cases of a cell that the seller decides, with what the last rows cost them; None where there are
    none."""
    own = np.flatnonzero(~priced.mixed & priced.acceptable.any(axis=1))
    if not len(own):
        return None
    levels = acceptance.scales.levels(block)[:, own]
    price, classes = block.price[own], block.class_index[own]
    total, acceptable = priced.total[own], priced.acceptable[own]
    best = np.where(acceptable, total, np.inf).min(axis=1)
    otherwise = np.where(acceptable, total, -np.inf).max(axis=1)
    place = {o.key: i for i, o in enumerate(priced.options)}
    said = np.array([place.get(k, -1) for k in (*last.keys, "")])[last.match(block)[own]]
    fine = said >= 0
    fine[fine] = acceptable[fine, said[fine]]
    otherwise[fine] = total[fine, said[fine]]
    known = candidates(priced)
    options = np.array([i for k, i in acceptance.place.items() if k in known])
    columns = [place[acceptance.keys[i]] for i in options]
    cost = np.where(acceptable[:, columns], total[:, columns], otherwise[:, None])
    return CellCases(acceptance, options, price, classes, levels, cost, otherwise, best)
