"""Ways out per cell at their marginal price: every acceptable option of every typical case, gathered by
who does the work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.domain.names import BENCHES
from optimizer.errors import InputError, Problem
from optimizer.model.declare import Option
from optimizer.model.engine import Engine
from optimizer.model.limits.families import capacity_in_hours, capacity_in_units
from optimizer.model.world import Provider, World
from optimizer.network.demand import CELL
from optimizer.phrases import phrase

FEES = ("provider_fee", "repair_labour")
LEAST_SHARE = 0.01  # of a cell's units that a way out must be acceptable for


@dataclass(frozen=True, eq=False)
class Strategies:
    """Ways out of all cells.

    `table`: market, product_class, need, resolution, provider, unit_cost, fee, days, claim_risk, jobs (units
    that reach the provider per unit served, for some buyers decline), capacity_use (jobs, or bench hours),
    covered (the share of the cell's units it is acceptable for; the others take the cheapest way out that
    needs no bench). `option` (ways out, cases): the option each typical case takes, -1 where the case is not
    of the cell. Money in the reporting currency per unit, basis none: nothing in it depends on volume.
    """

    table: pd.DataFrame
    cases: pd.DataFrame
    weight: np.ndarray  # (cases,) share of the case in its cell; 0 where others decide
    option: list[np.ndarray]  # per way out: option number of each of its cell's cases
    rows: list[np.ndarray]  # per way out: its cell's cases


def benches_of(world: World) -> list[Provider]:
    """Providers that the network may plan with."""
    return [p for p in world.providers.values() if p.kind in BENCHES]


def _occupies(world: World, option: Option) -> bool:
    """Does the way out need somebody at a bench? The factory in China also sends new units and parts,
    which is no work at a bench."""
    kind = world.providers[option.provider].kind if option.provider else ""
    return kind in BENCHES and (kind != "china_factory" or "repair" in option.spec.tags)


@dataclass(eq=False)
class _Way:
    """The best option of one resolution and provider, per typical case."""

    cost: np.ndarray
    option: np.ndarray
    days: np.ndarray
    claim_risk: np.ndarray
    fee: np.ndarray
    jobs: np.ndarray
    use: np.ndarray

    @classmethod
    def none(cls, cases: int) -> _Way:
        return cls(np.full(cases, np.inf), np.full(cases, -1), *(np.zeros(cases) for _ in range(5)))


def strategies_of(engine: Engine, weight: np.ndarray, hours: frozenset[str]) -> Strategies:
    """Prices every option of the typical cases and gathers them into ways out per cell; `hours` names
    providers limited in hours."""
    world, cases = engine.world, engine.cases
    ways: dict[tuple[str, str], _Way] = {}
    decided = np.ones(len(cases), bool)
    for cell, rows in engine.cells:
        pricer = engine.pricer(cell, rows)
        priced = pricer.priced(rows)
        decided[rows] = ~priced.mixed
        for i, option in enumerate(pricer.options):
            ok = priced.acceptable[:, i]
            if not ok.any():
                continue
            bench = option.provider if _occupies(world, option) else ""
            way = ways.setdefault((option.resolution, bench), _Way.none(len(cases)))
            better = ok & (priced.total[:, i] < way.cost[rows] * 100)
            its = rows[better]
            if not its.size:
                continue
            days, _, claims = pricer.measures(i)
            lines = pricer.rounded_lines(i)
            fee = sum((np.maximum(lines[k], 0.0) for k in FEES if k in lines), np.zeros(len(rows))) / 100
            jobs = capacity_in_units(bench)(pricer, i) if bench else np.zeros(len(rows))
            use = capacity_in_hours(bench)(pricer, i) if bench in hours else jobs
            way.cost[its], way.option[its] = priced.total[better, i] / 100, i
            for name, values in (
                ("days", days),
                ("claim_risk", claims),
                ("fee", fee),
                ("jobs", jobs),
                ("use", use),
            ):
                getattr(way, name)[its] = np.broadcast_to(values, len(rows))[better]
    return _by_cell(cases, np.where(decided, weight, 0.0), ways)


def _by_cell(cases: pd.DataFrame, weight: np.ndarray, ways: dict[tuple[str, str], _Way]) -> Strategies:
    rest = _Way.none(len(cases))  # the cheapest way out that needs no bench
    for (_, bench), way in ways.items():
        better = (way.cost < rest.cost) & (bench == "")
        for name in vars(rest):
            getattr(rest, name)[better] = getattr(way, name)[better]
    found, options, rows = [], [], []
    shares = np.zeros(len(cases))
    for place, its in cases.groupby(CELL, observed=True).indices.items():
        total = weight[its].sum()
        if total <= 0:
            continue
        share = weight[its] / total
        shares[its] = share
        lost = its[(share > 0) & ~np.isfinite(rest.cost[its])]
        if lost.size:
            raise InputError(
                [
                    Problem(
                        phrase("network"),
                        None,
                        "",
                        " ".join(place),
                        phrase("has units without any acceptable way out that needs no bench"),
                        phrase("See `explain` for a case like it; a refund must stay acceptable."),
                    )
                ]
            )
        for (resolution, bench), way in ways.items():
            ok = np.isfinite(way.cost[its]) & (share > 0)
            covered = float(share[ok].sum())
            if covered < LEAST_SHARE:
                continue

            def mean(
                name: str,
                way: _Way = way,
                ok: np.ndarray = ok,
                its: np.ndarray = its,
                share: np.ndarray = share,
            ) -> float:
                return float(share @ np.where(ok, getattr(way, name)[its], getattr(rest, name)[its]))

            found.append(
                (
                    *place,
                    resolution,
                    bench,
                    mean("cost"),
                    mean("fee") if bench else 0.0,
                    mean("days"),
                    mean("claim_risk"),
                    *(float(share @ np.where(ok, served[its], 0.0)) for served in (way.jobs, way.use)),
                    covered,
                )
            )
            options.append(np.where(ok, way.option[its], rest.option[its]))
            rows.append(its)
    table = pd.DataFrame(
        found,
        columns=[
            *CELL,
            "resolution",
            "provider",
            "unit_cost",
            "fee",
            "days",
            "claim_risk",
            "jobs",
            "capacity_use",
            "covered",
        ],
    )
    return Strategies(table, cases, shares, options, rows)
