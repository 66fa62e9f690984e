"""A run and all that is read from it: tables, totals, files. Nothing here computes a cost again."""

from __future__ import annotations

import hashlib
import platform as machine
import time
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd

from optimizer.analysis.decided import Decided, read_decided
from optimizer.analysis.practice import Practice
from optimizer.answer.behind import Behind
from optimizer.answer.limits import LimitRow, limit_rows, summary_of_limits, under_the_table
from optimizer.domain.shared_limit import SharedLimit
from optimizer.inputs.cases import CaseFile
from optimizer.inputs.scenario import Scenario
from optimizer.model.engine import Engine
from optimizer.model.lines import LINE_KEYS
from optimizer.model.pricing import PricedBlock
from optimizer.network.on_plan import OnPlan
from optimizer.policy import Policy, build_policy
from optimizer.solve.decide import EXPECTED, UNDECIDED, Plan
from optimizer.solve.decide_limited import LimitResult
from optimizer.version import VERSION

LIBRARIES = ("numpy", "pandas", "PuLP", "highspy")


@dataclass
class Answer:
    """The answer to one scenario: decisions, policy table, summary. Writers of files read it."""

    scenario: Scenario
    engine: Engine
    blocks: list[PricedBlock]
    plan: Plan
    practice: Practice
    file: CaseFile
    orders: pd.DataFrame | None
    named_inputs: dict[str, Path]
    seconds: dict[str, float] = field(default_factory=dict)
    shared_limits: list[SharedLimit] = field(default_factory=list)
    limits: LimitResult | None = None  # None where the scenario has no limits
    on_plan: OnPlan | None = None  # None where cases are not decided under a plan of the network

    @property
    def currency(self) -> str:
        return self.engine.world.reporting

    @property
    def cases(self) -> pd.DataFrame:
        return self.file.frame

    @cached_property
    def table(self) -> Policy:
        """The policy table and what it does to the cases; built when first asked for, because decisions do
        not need it."""
        start = time.perf_counter()
        found = build_policy(
            self.engine, self.blocks, float(self.practice.cost.sum()), **self._limits_of_policy()
        )
        self.seconds["policy"] = round(time.perf_counter() - start, 3)
        return found

    def _limits_of_policy(self) -> dict[str, object]:
        """What the table is held to; nothing without limits."""
        if self.limits is None:
            return {}
        return {"limits": self.shared_limits, "shadow_prices": self.limits.shadow_price, "plan": self.plan}

    @property
    def free_plan(self) -> Plan:
        """What would be decided without limits."""
        return self.plan if self.limits is None else self.limits.free

    @cached_property
    def limit_rows(self) -> list[LimitRow]:
        """Every group of every limit in force; none without limits."""
        return limit_rows(self.shared_limits, self.limits, self.blocks, self.plan)

    @cached_property
    def under_the_table(self) -> list[dict[str, float]]:
        """What each group of `limit_rows` uses when the policy table is followed, and its excess."""
        return under_the_table(self.shared_limits, self.table)

    def policy(self) -> pd.DataFrame:
        """The policy table, one row per instruction."""
        return self.table.frame

    @cached_property
    def _decided(self) -> Decided:
        """Lines, measures and returns of what was decided; one pass over the blocks."""
        return read_decided(self.engine, self.blocks, self.plan)

    @property
    def estimates_resting(self) -> dict[str, float]:
        """Cents of the decided cost that rest on each estimate; an amount may rest on several."""
        return self._decided.estimates.resting()

    @cached_property
    def behind(self) -> Behind:
        """What lies behind the cases: root causes, quality, return rates, local service, claim rights."""
        return Behind(self.engine, self.blocks, self.plan, self._decided, self.orders)

    @cached_property
    def lines(self) -> dict[str, float]:
        """Money per cost line over all decided cases; adds up to the total."""
        return dict(zip(LINE_KEYS, self._decided.lines.sum(axis=0) / 100.0))

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """One row per case: its row of the policy table, what was decided, its lines, its measures, the
        runner-up."""
        frame = self.choices.copy()
        frame.insert(1, "row_id", self.table.row_id_of_case[self.plan.decided])
        return frame

    @cached_property
    def choices(self) -> pd.DataFrame:
        """The decisions without the policy table."""
        p = self.plan
        keys = np.full(
            (len(self.cases), 6), "", object
        )  # option, resolution, provider, disposition, offer, fallback
        runner, deciders = np.full(len(self.cases), "", object), np.full(len(self.cases), "", object)
        for b in self.blocks:
            names = np.array(
                [[o.key, o.resolution, o.provider, o.disposition, o.offer, o.fallback] for o in b.options],
                object,
            )
            choice, second = p.choice[b.rows], p.runner_up[b.rows]
            keys[b.rows[choice >= 0]] = names[choice[choice >= 0]]
            runner[b.rows[second >= 0]] = names[second[second >= 0], 0]
            deciders[b.rows] = b.decided_by
        mixed = p.choice == EXPECTED
        for who in ("platform", "buyer"):
            keys[mixed & (deciders == who), :2] = f"{who}_decides"
        lines, measures = self._decided.lines, self._decided.measures
        frame = pd.DataFrame(
            {
                "case_id": self.cases["case_id"].to_numpy(object),
                "decided_by": deciders,
                "option": keys[:, 0],
                "resolution": keys[:, 1],
                "provider": keys[:, 2],
                "disposition": keys[:, 3],
                "offer": keys[:, 4],
                "fallback": keys[:, 5],
                "total": p.total / 100.0,
            }
        )
        frame = pd.concat([frame, pd.DataFrame(lines / 100.0, columns=list(LINE_KEYS))], axis=1)
        frame["days"], frame["satisfaction"], frame["claim_risk"] = measures.T
        frame["runner_up"], frame["margin"], frame["current_cost"] = (
            runner,
            p.margin / 100.0,
            self.practice.cost / 100.0,
        )
        frame["claim_right_given_up"] = self.behind.rights.given_up / 100.0
        if self.limits is not None:
            frame["option_without_limits"] = np.where(mixed, keys[:, 0], self._keys_of(self.limits.free))
        return frame[p.decided].reset_index(drop=True)

    def _keys_of(self, plan: Plan) -> np.ndarray:
        """Key of the option that each case takes under another plan; empty where nobody chooses.   (N,)"""
        keys = np.full(len(self.cases), "", object)
        for b in self.blocks:
            mine = plan.choice[b.rows] >= 0
            keys[b.rows[mine]] = np.array([o.key for o in b.options], object)[plan.choice[b.rows[mine]]]
        return keys

    def undecided(self) -> list[dict[str, object]]:
        """Cases with nothing acceptable, each with every rule that stood in the way."""
        found = []
        for row in np.flatnonzero(self.plan.choice == UNDECIDED):
            b, c = self.blocks[self.plan.block[row]], self.plan.place[row]
            reasons = sorted({r for i in range(len(b.options)) for r in b.refused_by(c, i)}) or [
                "no option in the catalogue"
            ]
            found.append({"case_id": str(self.cases["case_id"].iloc[row]), "reasons": reasons})
        return found

    @cached_property
    def run_id(self) -> str:
        """Short hash of everything the answer depends on."""
        parts = [f"{k}={a.value!r}" for k, a in self.scenario.book.items()] + [
            f"{k}:{v}" for k, v in sorted(self.input_hashes.items())
        ]
        parts += [
            f"{limit.name} {g.label}={g.amount!r}" for limit in self.shared_limits for g in limit.groups
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]

    @cached_property
    def input_hashes(self) -> dict[str, str]:
        """sha256 of every file that was read; a case table given in memory by its content."""
        hashes = {name: _sha256(path) for name, path in self.scenario.files.items()}
        hashes |= {path.name: _sha256(path) for path in self.named_inputs.values()}
        hashes |= {Path(name).name: digest for name, digest in self.file.sha256.items()}
        if not self.file.sha256:
            content = pd.util.hash_pandas_object(self.cases.astype(str), index=False).to_numpy().tobytes()
            hashes["cases in memory"] = hashlib.sha256(content).hexdigest()
        return dict(sorted(hashes.items()))

    @cached_property
    def summary(self) -> dict[str, object]:
        """The contents of summary.json; totals count decided cases."""
        table = {"policy_extra_cost": self.table.extra_cost_cents / 100.0, "policy_rows": len(self.policy())}
        limits = [
            {**row, **its} for row, its in zip(self.figures["limits"], self.under_the_table, strict=True)
        ]
        return {
            **self.figures,
            "limits": limits,
            **table,
            "seconds": self.seconds,
            "inputs": self.input_hashes,
            "versions": {
                "optimizer": VERSION,
                "python": machine.python_version(),
                **{n: metadata.version(n) for n in LIBRARIES},
            },
        }

    @cached_property
    def figures(self) -> dict[str, object]:
        """The part of the summary that needs no policy table."""
        p, decided = self.plan, self.plan.decided
        cents = p.total.sum()
        own = decided & (p.choice >= 0)
        by = self.choices.groupby("resolution", sort=True)["total"].agg(["size", "sum"])
        return {
            "run_id": self.run_id,
            "scenario": self.scenario.name,
            "currency": self.currency,
            "cases": len(self.cases),
            "decided": int(decided.sum()),
            "undecided": self.undecided(),
            "total_cost": cents / 100.0,
            "cash_cost": (cents - p.risk.sum()) / 100.0,
            "risk_cost": p.risk.sum() / 100.0,
            "fixed_cost": round(self.on_plan.fixed_cost, 2) if self.on_plan else 0.0,
            "current_cost": self.practice.cost.sum() / 100.0,
            "current_basis": self.practice.basis,
            "current_recorded_share": float(self.practice.recorded[decided].mean()) if decided.any() else 0.0,
            "controllable": {
                "cases": int(own.sum()),
                "cost": p.total[own].sum() / 100.0,
                "current_cost": self.practice.cost[own].sum() / 100.0,
            },
            "estimate_share": round(self._decided.estimates.share, 6),
            "decided_by_risk": int((own & (p.cash_choice != self.free_plan.choice)).sum()),
            **self._proof(cents / 100.0),
            **summary_of_limits(self.limit_rows, self.limits, self.plan),
            "by_resolution": [
                {"resolution": r, "cases": int(n), "cost": round(float(c), 2)} for r, n, c in by.itertuples()
            ],
            "lines": {k: round(float(v), 2) for k, v in self.lines.items()},
            **self.behind.summary(),
            **(
                {
                    "network": {
                        "months": list(self.on_plan.months),
                        "fixed": self.on_plan.fixed,
                        "gap": self.on_plan.network.plan.gap,
                    }
                }
                if self.on_plan
                else {}
            ),
            "rejected_rows": self.file.rejected_rows,
        }

    def _proof(self, total: float) -> dict[str, object]:
        """How far the total is proven: without limits every case takes its cheapest option."""
        if self.limits is None:
            return {"bound": total, "gap_money": 0.0, "status": "optimal"}
        return {"bound": self.limits.bound, "gap_money": self.limits.gap_money, "status": self.limits.status}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
