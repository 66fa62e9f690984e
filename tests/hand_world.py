"""A small world whose every number stands in the test: own markets, lanes, fees, products, providers,
probabilities.

It is written as a data folder, exactly as a user would, and read through a scenario file.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import yaml

from optimizer import load_scenario
from optimizer.domain.names import UNDER_WAY_ISSUES, UNSHIPPED_ISSUES
from optimizer.model.engine import Engine
from optimizer.model.lines import LINE_KEYS
from optimizer.model.resolutions import RESOLUTIONS

PROVENANCE = {
    "source": "given in the test",
    "as_of": "2026-11-22",
    "review_by": "2027-11-22",
    "confidence": "official",
}

US = {
    "name.en": "United States",
    "name.zh": "美国",
    "currency": "USD",
    "region": "US",
    "tax.price_includes": 0,
    "tax.rate": 0,
    "tax.remitted_by": "platform",
    "return_window.standard_days": 30,
    "return_window.electronics_days": 30,
    "returnless_floor.amount": 25,
    "returnless_floor.valid_from": "2021-10-05",
    "guarantee.months": 12,
    "referral.default.portion_above_0": 0.15,
    "referral.minimum": 0,
    "refund_admin.share": 0.20,
    "refund_admin.cap": 5,
    "backhaul.per_kg": 3.2,
    "backhaul.clearance": 3,
    "duty.default.rate": 0.20,
    "duty.per_parcel": 0,
    "duty.clearance": 3,
    "duty.import_tax": 0,
    "duty.repair_value_only": 1,
    "warehouse.intake.upto_30kg": 1.50,
    "warehouse.test": 3.00,
    "warehouse.relabel": 0,
    "warehouse.repack": 0,
    "warehouse.pick_pack": 0,
    "warehouse.part_pick": 1.50,
    "warehouse.disposal": 0,
    "warehouse.disposal_battery": 0,
    "warehouse.storage_cbm_day": 0,
    "fba.returns_processing": 0,
    "fba.grading": 1.80,
    "fba.liquidation_share": 0,
    "offer.fixed_amount": 5,
}
# Return labels of A, B, C; the old fulfilment card x 1.40; the China line in CNY; one parcel to China.
US_LANES = {
    "return_label": ("USD", {0.3: 6.90, 2: 13.50, 18: 60}),
    "local_out": (
        "USD",
        {0.1: 4.50, 0.3: 5.79 * 1.4, 2: (5.95 + 3 * 0.38) * 1.4, 18: (15.30 + 38 * 0.39) * 1.4},
    ),
    "mcf": ("USD", {0.3: 5.79 * 1.4, 2: (5.95 + 3 * 0.38) * 1.4, 18: (15.30 + 38 * 0.39) * 1.4}),
    "fba_fulfilment": ("USD", {0.3: 4.20 * 1.035, 18: 20}),
    "fba_removal": ("USD", {0.3: 1.53, 18: 15}),
    "china_out": ("CNY", {0.3: 45, 2: 187, 18: 1489}),
    "to_china": ("USD", {0.3: 42, 2: 70, 18: 350}),
}
A = {"class": "gadget", "price": 25, "landed": 7, "weight_kg": 0.3, "part_cost": 4, "part_fix_share": 0.85}
B = {
    "class": "small_appliance",
    "price": 80,
    "landed": 24,
    "weight_kg": 2,
    "part_cost": 15,
    "part_fix_share": 0.85,
}
C = {
    "class": "bulky_furniture",
    "price": 220,
    "landed": 75,
    "weight_kg": 18,
    "part_cost": 12,
    "part_fix_share": 0.85,
}
BY_PLATFORM = {
    "lost_in_transit": "refer_to_platform",
    "delivery_delay": "refer_to_platform",
    "address_change_unshipped": "cancel_and_reorder",
}
SCALARS = {
    "risk.on": 0,
    "contact.cost": 0,
    "resale.displacement": 0,
    "carrier_claim.share": 0,
    "supplier_recovery.share": 0,
    "buyer_charge.unwanted_share": 0,
    "offer.induced_claims": 0,
    "returns_over_threshold.share": 0,
}


def _write(path: Path, rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


class HandWorld:
    """Collects the numbers of a test, writes them as a data folder and prices single cases."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.markets = {"US": dict(US)}
        self.lanes = {"US": dict(US_LANES)}
        self.lane_days: dict[str, float] = {}  # by lane, of every market; else 4
        self.rates: list[dict] = []  # rows of channel_rates.csv
        self.classes = [dict(A), dict(B), dict(C), {**A, "class": "unclassified"}]
        self.providers: list[dict] = []
        self.resolutions = {r.key: {} for r in RESOLUTIONS}
        self.grades = [("unwanted", "unknown", 0, 0, 0, 0, 1)]
        self.entitlements: list[tuple] = [
            ("*", "warranty_claim", "seller", "repair", 1),
            ("*", "warranty_claim", "seller", "replacement", 1),
            ("*", "warranty_claim", "seller", "refund", 1),
        ]
        self.shares: list[tuple] = []
        self.set: dict[str, object] = dict(SCALARS)

    def provider(self, name: str, kind: str, market: str = "US", currency: str = "USD", **numbers) -> None:
        self.providers.append(
            {
                "provider": name,
                "en": name,
                "zh": name,
                "kind": kind,
                "market": market,
                "currency": currency,
                "classes": "*",
                "open": 1,
                "repair_permit": 1,
                "fee_level_1": 0,
                "fee_level_2": 0,
                "fee_level_3": 0,
                "visit_fee": 0,
                "lead_days": 1,
                "success": 1,
                "acceptance": 1,
                "claim_factor": 1,
                "review_factor": 1,
                **numbers,
                **PROVENANCE,
            }
        )

    def scenario(self):
        """Write the data folder and read it back as a user's scenario."""
        data = self.folder / "data"
        for market, facts in self.markets.items():
            rows = {**facts}
            for lane, (currency, breaks) in self.lanes[market].items():
                rows |= {f"lane.{lane}.currency": currency, f"lane.{lane}.days": self.lane_days.get(lane, 4)}
                rows |= {f"lane.{lane}.upto_{kg:g}kg.price": price for kg, price in breaks.items()}
            _write(
                data / "markets" / f"{market}.csv",
                [
                    {"key": k, "value": v, "usual_low": "", "usual_high": "", **PROVENANCE}
                    for k, v in rows.items()
                ],
            )
        blank = {
            "en": "x",
            "zh": "x",
            "referral_category": "default",
            "duty_group": "default",
            "window_group": "standard",
            "battery": "none",
            "length_cm": 1,
            "width_cm": 1,
            "height_cm": 1,
            "repair_level": 2,
            "remote_fix_share": 0.5,
            "failure_rate_12m": 0.05,
            "return_rate": 0.1,
            "review_cost": 10,
            "gift_cost": 2,
        }
        _write(
            data / "product_classes.csv",
            [{"class": c["class"], **blank, **c, **PROVENANCE} for c in self.classes],
        )
        _write(data / "providers.csv", self.providers)
        rate = {
            "provider": "nobody",
            "market": "*",
            "product_class": "*",
            "basis": "assumed",
            "fixed_cost_per_case": 0,
            "waiting_days": 0,
        }
        _write(data / "channel_rates.csv", [{**rate, **own, **PROVENANCE} for own in self.rates or [{}]])
        usual = {
            "days": 1,
            "satisfaction": 4,
            "claim_probability": 0,
            "review_probability": 0,
            "acceptance": 1,
            "completion": 1,
            "success": 1,
            "contacts": 0,
        }
        _write(
            data / "resolutions.csv",
            [{"resolution": k, **usual, **v, **PROVENANCE} for k, v in self.resolutions.items()],
        )
        _write(
            data / "grade_mix.csv",
            [
                dict(zip(("issue", "condition", "new", "like_new", "good", "repairable", "scrap"), g))
                | PROVENANCE
                for g in self.grades
            ],
        )
        _write(
            data / "entitlements.csv",
            [
                {
                    "market": m,
                    "issue": i,
                    "from_days": (*bounds, 0)[0],
                    "to_days": "".join(bounds[1:]),
                    "chooser": who,
                    "remedy": remedy,
                    "share": share,
                    "valid_from": "",
                    **PROVENANCE,
                }
                for m, i, who, remedy, share, *bounds in self.entitlements
            ],
        )
        shares = self.shares or [("amazon", "*", "fba", issue, way, 1) for issue, way in BY_PLATFORM.items()]
        _write(
            data / "outcome_shares.csv",
            [
                dict(zip(("platform", "market", "channel", "issue", "resolution", "share"), s)) | PROVENANCE
                for s in shares
            ],
        )
        file = self.folder / "scenario.yaml"
        changes = {k: {"to": v, "because": "given in the test"} for k, v in self.set.items()}
        file.write_text(yaml.safe_dump({"data": "data", "set": changes}), encoding="utf-8")
        return load_scenario(file)

    def case(
        self,
        product_class: str,
        issue: str,
        price: float,
        market: str = "US",
        channel: str = "warehouse",
        **more,
    ) -> pd.DataFrame:
        currency = self.markets[market]["currency"]
        shipped = issue not in UNSHIPPED_ISSUES
        delivered = issue not in UNSHIPPED_ISSUES + UNDER_WAY_ISSUES
        row = {
            "case_id": "hand",
            "platform": "amazon",
            "market": market,
            "channel": channel,
            "sku": "",
            "product_class": product_class,
            "issue": issue,
            "order_date": pd.Timestamp("2026-09-01"),
            "ship_date": pd.NaT,
            "delivery_date": pd.Timestamp("2026-09-05") if delivered else pd.NaT,
            "case_date": pd.Timestamp("2026-09-10"),
            "item_price": float(price),
            "price_source": "given",
            "currency": currency,
            "quantity": 1,
            "fault": "unknown",
            "shipped": shipped,
            "delivered": delivered,
            "claim_open": issue == "a_to_z_claim",
            "stars": float("nan"),
            "condition": "unknown",
            "reason_text": "",
            "prior_claims": 0,
            "actual_resolution": "",
            "actual_cost": float("nan"),
        }
        return pd.DataFrame([{**row, **more}])

    def price(self, *args, **kwargs) -> Answer:
        return Answer(self.scenario(), self.case(*args, **kwargs))


class Answer:
    """The options of one case: totals, lines, refusals, the winner."""

    def __init__(self, scenario, case: pd.DataFrame):
        self.engine = Engine.of(scenario, case)
        self.block = self.engine.price()[0]
        self.pricer = self.engine.pricer(self.block.cell, self.block.rows)
        self.keys = [o.key for o in self.block.options]

    def column(self, key: str) -> int:
        """Column of an option; trailing empty parts may be left out."""
        full = "|".join((key.split("|") + [""] * 5)[:5])
        assert full in self.keys, f"{full} is not among {self.keys}"
        return self.keys.index(full)

    def total(self, key: str) -> float:
        i = self.column(key)
        total = self.block.total[0, i] / 100
        assert round(sum(self.lines(key).values()), 2) == total  # lines add up exactly
        return total

    def lines(self, key: str) -> dict[str, float]:
        row = self.pricer.line_table(self.column(key))[0]
        return {k: c / 100 for k, c in zip(LINE_KEYS, row) if c}

    def exact(self, key: str) -> float:
        """Expected cost before the lines are rounded."""
        return float(
            sum(
                float(v if isinstance(v, float) else v[0])
                for v in self.pricer.lines(self.column(key)).values()
            )
        )

    def measures(self, key: str) -> tuple[float, ...]:
        """Days, satisfaction and expected order defects of an option."""
        return tuple(float(m[0]) for m in self.pricer.measures(self.column(key)))

    def refused_by(self, key: str) -> list[str]:
        return self.block.refused_by(0, self.column(key))

    def winner(self, *without: str) -> str:
        """Key of the cheapest acceptable option without trailing separators; resolutions the hand case
        does not weigh may be left out."""
        best = min(
            (
                i
                for i in range(len(self.keys))
                if self.block.refused[0, i] == 0 and self.block.options[i].resolution not in without
            ),
            key=lambda i: (self.block.total[0, i], i),
        )
        return self.keys[best].rstrip("|")

    def acceptable(self) -> list[str]:
        return [k.rstrip("|") for k, r in zip(self.keys, self.block.refused[0]) if r == 0]
