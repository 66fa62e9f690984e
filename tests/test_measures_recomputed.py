"""Days, satisfaction, order defects and use of limits of the example, recomputed one by one as docs/model.md
says them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from optimizer import load_scenario
from optimizer.inputs.products import read_products
from optimizer.model.engine import Engine
from optimizer.model.entitlement import entitled, goes_along
from optimizer.model.limits.families import capacity_in_hours, capacity_in_units, replacements, stock_on_hand
from optimizer.pipeline import EXAMPLE, known_of

ROWS, PER_CASE = 300, 5
LANE = {"warehouse": "local_out", "platform": "mcf", "china_factory": "china_out"}
SENDS = ("replace", "resend", "reship", "send_part", "keep_with_gift")  # goods or a part to the buyer
REPAIRS = ("repair_", "on_site_visit")
BESIDE_THE_TABLE = ("refund_after_review", "resend_after_review", "return_to_china")  # may always be refused


class Clerk:
    """Works out one case with the book of assumptions on the desk."""

    def __init__(self, engine: Engine, cell, row: int):
        self.number = engine.world.book.number
        self.cell, self.world = cell, engine.world
        self.block = engine.block(cell, np.array([row]))
        self.case = engine.cases.iloc[row]
        self.product_class = engine.world.classes[self.block.class_index[0]]

    def of_class(self, what: str) -> float:
        return self.number(f"class.{self.product_class}.{what}")

    def agreed(self, o) -> float:
        """q; the rights themselves have tests of their own."""
        if not o.spec.asks:
            return 1.0
        if o.offer:
            return self._takes_money(o)
        always = o.resolution in BESIDE_THE_TABLE
        if o.spec.remedy in ("refund", "return_refund") and not always:
            return 1.0
        usual = self.number(f"resolution.{o.resolution}.acceptance")
        usual *= self.number(f"provider.{o.provider}.acceptance") if o.provider else 1.0
        has_right = not always and o.spec.remedy != "none" and entitled(self.block, o.spec.remedy)[0]
        return float(goes_along(self.block, o.spec.remedy)[0]) if has_right else usual

    def _takes_money(self, o) -> float:
        share = float(o.offer[:-1]) / 100 if o.offer.endswith("%") else float(o.offer) / self.block.price[0]
        head = "acceptance.offer."
        levels = sorted(float(k.removeprefix(head)) for k in self.world.book.starting(head))
        table = {level: self.number(f"{head}{level:g}") for level in levels}
        below = [level for level in levels if level <= share + 1e-12]
        above = [level for level in levels if level > share + 1e-12]
        if not below:
            return 0.0
        q = table[below[-1]]
        if above:
            q += (table[above[0]] - q) * (share - below[-1]) / (above[0] - below[-1])
        return min(1.0, self.number(f"acceptance.issue.{self.cell.issue}") * q)

    def cured(self, o) -> float:
        issue, name = self.cell.issue, o.resolution
        if name.startswith(REPAIRS):
            return self.number(f"provider.{o.provider}.success")
        if name == "send_part":
            return 1.0 if issue == "missing_accessory" else self.of_class("part_fix_share")
        if name == "remote_support":
            less = self.number("remote.defect_factor") if issue == "quality_defect" else 1.0
            return self.of_class("remote_fix_share") * less
        if name == "trace_and_wait" and issue == "delivery_delay":
            return self.number("trace.late_parcels_arrive")
        if name == "solve_cause_first":
            direct = 1.0 if self.block.cases.unhappy_return[0] else self.number("claim.solved.direct_factor")
            return self.number(f"claim.solved.{o.disposition}") * direct
        return self.number(f"resolution.{name}.success")

    def lane(self, name: str) -> float:
        return self.number(f"{self.cell.market}.lane.{name}.days")

    def days(self, o) -> float:
        own, name = self.number(f"resolution.{o.resolution}.days"), o.resolution
        if not o.provider:
            return own
        if name.startswith("swap_"):
            return own + self.lane("local_out")
        provider = self.world.providers[o.provider]
        own += self.number(f"provider.{o.provider}.lead_days")
        if name.startswith(SENDS):
            own += self.lane(LANE[provider.kind])
        if name.startswith("repair_"):
            abroad = provider.kind == "china_factory"
            own += self.lane("to_china") + self.lane("china_out") if abroad else 2 * self.lane("return_label")
        if name == "ship_to_china_batch":
            rows = [f"rate.{o.provider}.{m}.*.assumed.waiting_days" for m in (self.cell.market, "*")]
            own += next((self.number(key) for key in rows if key in self.world.book), 0.0)
        return own

    def defects(self, o) -> float:
        name, hits = o.resolution, self.number(f"claim.channel.{self.cell.channel}")
        lose = self.number("claim.lose_probability")
        if self.cell.issue.startswith("negative_"):
            return self._feedback_stays(o)
        if self.cell.issue == "a_to_z_claim" and name in ("solve_cause_first", "refund_for_claim_withdrawal"):
            return 0.0
        known = {"accept_claim": 1.0, "represent_with_evidence": lose}
        known["represent_and_appeal"] = lose * (1.0 - self.number("claim.appeal_win_share"))
        if name in known:
            return known[name] * hits
        factor = self.number(f"provider.{o.provider}.claim_factor") if o.provider else 1.0
        return min(1.0, self.number(f"resolution.{name}.claim_probability") * factor) * hits

    def _feedback_stays(self, o) -> float:
        stars = self.case["stars"]
        if self.cell.issue != "negative_feedback" or stars > 2:
            return 0.0
        if o.resolution == "request_removal":
            return 1.0 - self.number(f"review.removed.{self.cell.channel}")
        half_lives = self.number("review.answer_days") / self.number("review.half_life_days")
        return 1.0 - self.number(f"review.changed.{o.resolution}") * 0.5**half_lives

    def uses(self, o) -> dict[str, float]:
        """Units of a new unit sent, of stock in the market, at a provider, and its bench hours."""
        quantity, new = float(self.case["quantity"]), o.spec.remedy == "replacement"
        kind = self.world.providers[o.provider].kind if o.provider else ""
        from_china = kind == "china_factory" and not o.resolution.startswith("swap_")
        level = int(self.of_class("repair_level"))
        hours = self.number(f"repair.bench_hours_level_{level}") if level else 0.0
        repaired = o.resolution.startswith((*REPAIRS, "swap_"))
        return {
            "replacements": quantity * new,
            "stock_on_hand": quantity * (new and not from_china),
            "units": quantity * bool(o.provider),
            "hours": quantity * hours * repaired,
        }

    def completed(self, o) -> float:
        return self.number(f"resolution.{o.resolution}.completion")


def recomputed(clerk: Clerk, o, options: list) -> SimpleNamespace:
    """All that an option gives besides money, its fallback weighed in."""
    q, s, after = 1.0, 1.0, None
    if o.fallback:
        q, s = clerk.agreed(o), clerk.cured(o)
        after = next(f for f in options if f.resolution == o.fallback and not f.offer)
    reaches = 1.0 - q * s if after else 0.0

    def expected(own, weight: float = q) -> float:
        return weight * own(o) + (reaches * own(after) if after else 0.0)

    def used(what: str, *providers: str) -> float:
        def own(option) -> float:
            counts = not providers or option.provider in providers
            return clerk.completed(option) * clerk.uses(option)[what] * counts

        return expected(own)

    content = expected(lambda x: clerk.number(f"resolution.{x.resolution}.satisfaction"), q * s)
    return SimpleNamespace(
        days=expected(clerk.days), content=content, defects=expected(clerk.defects), used=used
    )


@pytest.fixture(scope="module")
def engine() -> Engine:
    scenario = load_scenario("base")
    goods = read_products(EXAMPLE["products"], known_of(scenario))
    cases = pd.read_parquet(EXAMPLE["cases"])
    cases = cases.sample(ROWS, random_state=5).sort_index().reset_index(drop=True)
    for name in ("order_date", "ship_date", "delivery_date", "case_date"):
        cases[name] = pd.to_datetime(cases[name])
    return Engine.of(scenario, cases, goods)


def test_measures_and_uses_of_the_example_are_as_the_docs_say(engine):
    rng, seen, with_fallback = np.random.default_rng(5), set(), 0
    for cell, rows in engine.cells:
        for row in rows:
            clerk, pricer = Clerk(engine, cell, row), engine.pricer(cell, np.array([row]))
            options = pricer.options
            for i in rng.choice(len(options), min(PER_CASE, len(options)), replace=False):
                o = options[i]
                here = recomputed(clerk, o, options)
                found = tuple(float(m[0]) for m in pricer.measures(i))
                assert found == pytest.approx((here.days, here.content, here.defects)), (cell, o.key)
                for measure in (replacements, stock_on_hand):
                    name = measure.__name__
                    assert measure(pricer, i)[0] == pytest.approx(here.used(name)), (cell, o.key)
                if o.provider:
                    units, hours = capacity_in_units(o.provider), capacity_in_hours(o.provider)
                    assert units(pricer, i)[0] == pytest.approx(here.used("units", o.provider)), o.key
                    assert hours(pricer, i)[0] == pytest.approx(here.used("hours", o.provider)), o.key
                seen.add(o.resolution)
                with_fallback += bool(o.fallback)
    assert len(engine.cases) == ROWS and with_fallback > ROWS and len(seen) > 40
