"""What an option gives besides money: days, satisfaction, expected order defects."""

from __future__ import annotations

from optimizer.model.block import Amount, Block
from optimizer.model.components.freight import SHIPS_BY, ship_replacement, small_parcel
from optimizer.model.components.repair import waiting_days
from optimizer.model.components.risk import claim_probability
from optimizer.model.declare import Option


def plain_days(b: Block, o: Option) -> Amount:
    """Days to resolution when accepted: the resolution's own + the provider's + the lanes it uses +
    waiting for a batch."""
    total: Amount = b.number(f"resolution.{o.resolution}.days")
    if not o.provider:
        return total
    if "swap" in o.spec.tags:  # the buyer waits for the stock unit, not for the repair of the old one
        return total + b.market.lanes["local_out"].days
    p = b.world.providers[o.provider]
    total = total + p["lead_days"]
    if p.kind in SHIPS_BY and (ship_replacement in o.spec.costs or small_parcel in o.spec.costs):
        total = total + b.market.lanes[SHIPS_BY[p.kind]].days
    if "repair" in o.spec.tags and "visit" not in o.spec.tags:
        there, back = (
            ("to_china", "china_out") if p.kind == "china_factory" else ("return_label", "return_label")
        )
        total = total + b.market.lanes[there].days + b.market.lanes[back].days
    if o.resolution == "ship_to_china_batch":
        total = total + waiting_days(b, o)
    return total


def days(b: Block, o: Option) -> Amount:
    """Days to resolution of the option itself, fallback left out.   number or (C,)"""
    return b.kept(("days", o.resolution, o.provider), lambda: plain_days(b, o))


def satisfaction(b: Block, o: Option) -> float:
    """Buyer satisfaction, 1 to 5."""
    return b.number(f"resolution.{o.resolution}.satisfaction")


def claim_risk(b: Block, o: Option) -> Amount:
    """Expected order defects of the option itself.   number or (C,)"""
    return o.spec.defects(b, o) if o.spec.defects else claim_probability(b, o)
