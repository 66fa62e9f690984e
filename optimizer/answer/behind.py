"""What lies behind the cases: figures beside the decisions, computed once per run and never part of the
price of a case."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from optimizer.analysis.claim_rights import ClaimRights, claim_rights
from optimizer.analysis.decided import Decided
from optimizer.analysis.local_service import LOCAL_SERVICE_COLUMNS, local_service
from optimizer.analysis.quality import value_of_quality
from optimizer.analysis.return_rates import return_rates, share_above
from optimizer.analysis.root_causes import by_cause, root_causes
from optimizer.analysis.rule_prices import RulePrice, rule_prices
from optimizer.analysis.sales import Sales, sales_of
from optimizer.model.engine import Engine
from optimizer.model.pricing import PricedBlock
from optimizer.solve.decide import Plan


@dataclass
class Behind:
    """Root causes, quality, return rates, local service, claim rights and prices of rules of one run."""

    engine: Engine
    blocks: list[PricedBlock]
    plan: Plan
    decided: Decided
    orders: pd.DataFrame | None

    @cached_property
    def sales(self) -> Sales | None:
        """Orders in the months of the cases; None where there are none."""
        return sales_of(self.engine, self.orders)

    @cached_property
    def causes(self) -> pd.DataFrame:
        """One row per class, market and cause."""
        return root_causes(self.engine, self.plan, self.decided, self.sales)

    @cached_property
    def by_cause(self) -> pd.DataFrame:
        return by_cause(self.causes)

    @cached_property
    def quality(self) -> pd.DataFrame:
        """One row per class: what one point less failure saves."""
        return value_of_quality(self.engine.world, self.causes, self.sales)

    @cached_property
    def returns(self) -> pd.DataFrame:
        """One row per market and class: return rates and what they cost."""
        return return_rates(self.engine, self.plan, self.decided, self.sales)

    @cached_property
    def local(self) -> pd.DataFrame:
        """One row per market and class of dear goods; no rows without orders."""
        return (
            local_service(self.engine, self.sales)
            if self.sales
            else pd.DataFrame(columns=LOCAL_SERVICE_COLUMNS)
        )

    @cached_property
    def rights(self) -> ClaimRights:
        """Credits kept and given up per case, in cents."""
        return claim_rights(self.blocks, self.plan, self.decided)

    @cached_property
    def rules(self) -> list[RulePrice]:
        """What each rule costs by itself, dearest first."""
        return rule_prices(self.blocks, self.plan)

    def total(self, frame: pd.DataFrame, column: str) -> float | None:
        """Sum of a column of money; None where it is known in no row."""
        return round(float(frame[column].sum()), 2) if frame[column].notna().any() else None

    def summary(self) -> dict[str, object]:
        """The keys that these figures add to summary.json; null where no orders tell."""
        book, sales, r = self.engine.world.book, self.sales, self.returns
        above = share_above(r)
        months = {
            "months": list(sales.months) if sales else [],
            "months_without_orders": list(sales.missing) if sales else [],
        }
        return {
            "root_causes": {**months, "by_cause": records(self.by_cause)},
            "quality": {
                **months,
                "saving_per_point": self.total(self.quality, "saving_per_point"),
                "by_class": records(self.quality),
            },
            "return_rates": {
                **months,
                "returns": round(float(r["returns"].sum()), 2),
                "processing_fees": self.total(r, "processing_fees"),
                "ranking_cost": round(float(r["ranking_cost"].sum()), 2),
                "share_above_observed": None if pd.isna(above) else round(above, 6),
                "share_above_assumed": book.number("returns_over_threshold.share"),
                "by_market_and_class": records(r),
            },
            "local_service": {
                **months,
                "demand_share": book.number("local_service.demand_share"),
                "demand_kept": self.total(self.local, "demand_kept") if sales else None,
                "demand_missed": self.total(self.local, "demand_missed") if sales else None,
                "by_market_and_class": records(self.local),
            },
            "claim_rights": {
                "kept": float(self.rights.kept.sum()) / 100.0,
                "given_up": float(self.rights.given_up.sum()) / 100.0,
                "cases_given_up": int((self.rights.given_up > 0).sum()),
            },
            "rule_prices": [{"rule": p.rule, "cases": p.cases, "cost": p.cents / 100.0} for p in self.rules],
        }


def records(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Rows as plain values; a blank is None."""
    rounded = frame.round(6)
    return [
        {k: None if not isinstance(v, str) and pd.isna(v) else v for k, v in row.items()}
        for row in rounded.to_dict("records")
    ]
