"""Risk lines: what an option may still cost after it is carried out."""

from __future__ import annotations

import numpy as np

from optimizer.domain.calendar import DAYS_PER_MONTH
from optimizer.domain.sets import DEFECTS
from optimizer.inputs.limits import defects_covered
from optimizer.model.block import Amount, Block
from optimizer.model.components.prices import LANDED, SIZE
from optimizer.model.components.refunds import (
    KEPT,
    NET,
    lost_appeal,
    offered_share,
    part_value,
    withheld_share,
)
from optimizer.model.declare import Option, component

REFUNDED = ("refund", "return_refund")
_REPEATS = (
    "class.{class}.failure_rate_12m",
    "{market}.guarantee.months",
    "risk.longest_liability_months",
    "{market}.lane.local_out.*",
    *SIZE,
    *LANDED,
)


def provider_number(b: Block, o: Option, what: str) -> float:
    return b.world.providers[o.provider][what] if o.provider else 1.0


def defect_money(b: Block) -> float:
    """Money of one order defect, reporting currency; 0 where a limit on order defects is in force, which
    pays for them by its price."""
    if defects_covered(b.world.scenario.limits, b.cell.platform, b.cell.market, b.cell.channel):
        return 0.0
    return b.money(b.number("claim.defect_money"), "USD")


def claim_probability(b: Block, o: Option) -> float:
    """Probability of an A-to-z claim that hits the seller after this option."""
    channel = b.number(f"claim.channel.{b.cell.channel}")
    return (
        min(
            1.0,
            b.number(f"resolution.{o.resolution}.claim_probability") * provider_number(b, o, "claim_factor"),
        )
        * channel
    )


def outstanding_refund(b: Block, o: Option) -> Amount:
    """What a claim would still take: nothing after a full refund, the rest after a partial one, else all
    of it."""
    if o.spec.remedy in REFUNDED or "claim_settles" in o.spec.tags:
        return 0.0
    return b.full_refund * (1.0 - offered_share(b, o)) if o.offer else b.full_refund


@component(
    "expected_claim",
    "claim probability x channel share x (money of one order defect + refund still outstanding)",
    (
        "resolution.{resolution}.claim_probability",
        "provider.{provider}.claim_factor",
        "claim.defect_money",
        "claim.channel.{channel}",
        *NET,
    ),
    ("resolution", "provider", "offer"),
)
def expected_claim(b: Block, o: Option) -> Amount:
    probability = claim_probability(b, o)
    if probability == 0.0:
        return 0.0
    return probability * (defect_money(b) + outstanding_refund(b, o))


def not_refunded(b: Block, o: Option) -> Amount:
    """Share of the price that was kept for restocking, or is left once the missing accessory was refunded."""
    return withheld_share(b) if "charges_buyer" in o.spec.tags else 1.0 - part_value(b, o)


@component(
    "expected_claim",
    "claim probability x channel share x (money of one order defect + share of the price not refunded x full"
    " refund)",
    (
        "resolution.{resolution}.claim_probability",
        "provider.{provider}.claim_factor",
        "claim.defect_money",
        "claim.channel.{channel}",
        "accessory.value_share",
        *KEPT,
        *NET,
    ),
    ("resolution", "provider"),
)
def claim_for_the_rest(b: Block, o: Option) -> Amount:
    return claim_probability(b, o) * (defect_money(b) + not_refunded(b, o) * b.full_refund)


@component(
    "expected_claim",
    "probability of losing the claim x money of one order defect",
    ("claim.lose_probability", "claim.defect_money", "claim.channel.{channel}"),
)
def defect_if_lost(b: Block, o: Option) -> Amount:
    return b.number("claim.lose_probability") * defect_money(b) * b.number(f"claim.channel.{b.cell.channel}")


@component(
    "expected_claim",
    "probability of losing claim and appeal x money of one order defect",
    ("claim.lose_probability", "claim.appeal_win_share", "claim.defect_money", "claim.channel.{channel}"),
)
def defect_if_appeal_lost(b: Block, o: Option) -> Amount:
    return lost_appeal(b, o) * defect_money(b) * b.number(f"claim.channel.{b.cell.channel}")


@component(
    "expected_claim",
    "money of one order defect: an accepted claim counts",
    ("claim.defect_money", "claim.channel.{channel}"),
)
def defect_counted(b: Block, o: Option) -> Amount:
    return defect_money(b) * b.number(f"claim.channel.{b.cell.channel}")


@component(
    "expected_review",
    "review probability x money of one bad review + lost ranking by a physical return",
    (
        "resolution.{resolution}.review_probability",
        "provider.{provider}.review_factor",
        "class.{class}.review_cost",
        "ranking.cost_per_return",
    ),
    ("resolution", "provider"),
)
def expected_review(b: Block, o: Option) -> Amount:
    probability = min(
        1.0,
        b.number(f"resolution.{o.resolution}.review_probability") * provider_number(b, o, "review_factor"),
    )
    ranking = b.money(b.number("ranking.cost_per_return"), "USD") if "physical_return" in o.spec.tags else 0.0
    return probability * b.money(b.class_field("review_cost"), "USD") + ranking


def liability_months(b: Block) -> np.ndarray:
    """Months of legal guarantee or promised warranty that remain; failures later than the longest
    liability are priced as wear.   (C,)"""
    left = b.market.number("guarantee.months") - b.cases.age_days / DAYS_PER_MONTH
    return np.clip(left, 0.0, b.number("risk.longest_liability_months"))


def repeat_failure(b: Block, months: np.ndarray, factor: float) -> np.ndarray:
    """failure rate in 12 months x months / 12 x factor x (landed cost + local postage) x quantity."""
    cost = b.landed * b.quantity + b.parcel("local_out")
    return b.class_field("failure_rate_12m") * months / 12.0 * factor * cost


@component(
    "follow_on",
    "failures of the new unit in the liability that remains x (landed cost + postage)",
    ("follow_on.replacement_factor", *_REPEATS),
)
def follow_on_replacement(b: Block, o: Option) -> Amount:
    if b.cell.issue not in DEFECTS:
        return 0.0
    return repeat_failure(b, liability_months(b), b.number("follow_on.replacement_factor"))


@component(
    "follow_on",
    "failures of the repaired unit in the liability that remains, extended where a repair extends it",
    ("follow_on.repair_factor", "{market}.guarantee.repair_extension_*", *_REPEATS),
)
def follow_on_repair(b: Block, o: Option) -> Amount:
    sold_since = b.cases.order_day >= np.datetime64(
        b.market.text("guarantee.repair_extension_from", "1900-01-01")
    )
    months = liability_months(b) + np.where(
        sold_since, b.market.number("guarantee.repair_extension_months", 0.0), 0.0
    )
    return repeat_failure(b, months, b.number("follow_on.repair_factor"))


@component(
    "follow_on",
    "extra claims that a published offer raises: rate x offered share squared x full refund",
    ("offer.induced_claims", *NET),
    ("offer",),
)
def induced_claims(b: Block, o: Option) -> Amount:
    share = offered_share(b, o)
    return b.number("offer.induced_claims") * share * share * b.full_refund


def refused_offer_extra(b: Block, fallback: Option) -> float:
    """Claims rise once an offer was refused: (probability after a refusal - the fallback's own) x money of
    one order defect."""
    own = claim_probability(b, fallback)
    after = b.number("claim.after_refused_offer") * b.number(f"claim.channel.{b.cell.channel}")
    return max(0.0, after - own) * defect_money(b)
