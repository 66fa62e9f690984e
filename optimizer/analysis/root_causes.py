"""What lies behind the cases: every decided case under one cause, what the causes cost, and what a point less
of each would save.

    saving of a point = (cost + refunded before) / cases x 1 % of the units sold + for product quality:
    follow-on failures x 1 % / failure rate

Goods that came back were refunded before they became a case: the refund is no cost of the decision, but a
case that never arises saves it as well.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.analysis.decided import Decided
from optimizer.analysis.sales import Sales, case_classes
from optimizer.domain.money import round_money
from optimizer.domain.names import CAUSES
from optimizer.inputs.causes import CauseTable, cause_table
from optimizer.model.engine import Engine
from optimizer.solve.decide import Plan

ROOT_CAUSE_COLUMNS = ["product_class", "market", "cause", "cases", "cost", "saving_per_point"]
MADE_OF = ["units", "refunded_before", "saving_cases", "saving_failures"]
POINT = 0.01
QUALITY = "product_quality"


def causes_of_cases(table: CauseTable, cases: pd.DataFrame) -> np.ndarray:
    """The cause of every case, looked up once per pair of issue and reason.   (N,) str"""
    issue, issues = pd.factorize(cases["issue"].astype(str))
    reason, reasons = pd.factorize(cases["reason_text"].astype(object).fillna("").astype(str))
    pair, place = np.unique(issue * max(len(reasons), 1) + reason, return_inverse=True)
    names = [table.cause(issues[p // len(reasons)], reasons[p % len(reasons)]) for p in pair]
    return np.array(names, object)[place] if len(names) else np.empty(0, object)


def root_causes(engine: Engine, plan: Plan, decided: Decided, sales: Sales | None) -> pd.DataFrame:
    """One row per class, market and cause, dearest first: COLUMNS, and what the saving is made of (units,
    refunded_before, saving_cases, saving_failures).

    Without orders in the months of the cases there is no saving of a point; those columns are blank.
    """
    table = cause_table(engine.world.scenario.tables["root_causes.csv"])
    cases = pd.DataFrame(
        {
            "product_class": case_classes(engine),
            "market": engine.cases["market"].to_numpy(object).astype(str),
            "cause": causes_of_cases(table, engine.cases),
            "cents": plan.total,
            "refunded": decided.refunded,
            "failures": decided.failures,
        }
    )[plan.decided]
    grouped = cases.groupby(ROOT_CAUSE_COLUMNS[:3], sort=True)
    rows = pd.DataFrame(
        {
            "cases": grouped.size(),
            "cost": grouped["cents"].sum() / 100.0,
            "refunded_before": grouped["refunded"].sum() / 100.0,
        }
    ).reset_index()
    place = pd.MultiIndex.from_frame(rows[["market", "product_class"]])
    if sales is None:
        rows["units"] = rows["saving_cases"] = rows["saving_failures"] = np.nan
    else:
        rows["units"] = sales.units.reindex(place).to_numpy(float)
        rows["saving_cases"] = round_money(
            (rows["cost"] + rows["refunded_before"]) / rows["cases"] * POINT * rows["units"]
        )
        failures = (
            cases.groupby(["market", "product_class"])["failures"].sum().reindex(place).to_numpy(float)
            / 100.0
        )
        rate = (
            rows["product_class"]
            .map(dict(zip(engine.world.classes, engine.world.class_numbers("failure_rate_12m"))))
            .to_numpy(float)
        )
        avoided = np.divide(failures * POINT, rate, out=np.zeros(len(rows)), where=rate > 0)
        rows["saving_failures"] = np.where(
            rows["units"].isna(), np.nan, np.where(rows["cause"] == QUALITY, round_money(avoided), 0.0)
        )
    rows["saving_per_point"] = round_money(rows["saving_cases"] + rows["saving_failures"])
    rank = rows["cause"].map({c: i for i, c in enumerate(CAUSES)})
    ordered = rows.assign(rank=rank).sort_values(
        ["cost", "product_class", "market", "rank"], ascending=[False, True, True, True]
    )
    return ordered[[*ROOT_CAUSE_COLUMNS, *MADE_OF]].reset_index(drop=True)


def by_cause(rows: pd.DataFrame) -> pd.DataFrame:
    """Cases, cost and saving of a point per cause over all classes and markets, dearest first."""
    found = (
        rows.groupby("cause", sort=True)[["cases", "cost", "saving_per_point"]].sum(min_count=1).reset_index()
    )
    found[["cost", "saving_per_point"]] = round_money(found[["cost", "saving_per_point"]])
    return found.sort_values(["cost", "cause"], ascending=[False, True]).reset_index(drop=True)
