"""Ways out when a parcel does not arrive."""

from __future__ import annotations

from optimizer.domain.sets import SELLER_FULFILLED
from optimizer.model.block import Amount, Block
from optimizer.model.components import freight, refunds, risk
from optimizer.model.declare import Option, Resolution

refer_to_platform = Resolution(
    "refer_to_platform",
    "refer to the platform",
    "转交平台处理",
    "The platform shipped or damaged it: it answers the buyer and owes the seller the unit.",
    issues=("delivery_delay", "lost_in_transit", "returned_goods", "a_to_z_claim"),
    channels=("fba",),
    remedy="refund",
    asks=False,
    seed="S5",
    tags=frozenset({"platform_pays"}),
    costs=(refunds.contact, *refunds.BY_PLATFORM, refunds.platform_reimbursement),
)

NOT_THERE = ("delivery_delay", "lost_in_transit")


def turns_up(b: Block, o: Option) -> Amount:
    """Share of parcels that arrive after all: nearly all late ones, few that are taken for lost."""
    return (
        b.number("trace.late_parcels_arrive")
        if b.cell.issue == "delivery_delay"
        else b.number("resolution.trace_and_wait.success")
    )


trace_and_wait = Resolution(
    "trace_and_wait",
    "trace the parcel and wait",
    "查件并等待",
    "Ask the carrier where the parcel is; if it turns up nothing else is due, else the fallback follows.",
    issues=NOT_THERE,
    channels=SELLER_FULFILLED,
    remedy="none",
    asks=False,
    seed="S5",
    success=turns_up,
    costs=(refunds.contact, refunds.carrier_claim_once_traced, risk.expected_claim, risk.expected_review),
    fallbacks=("refund_lost", "reship_lost"),
)

refund_lost = Resolution(
    "refund_lost",
    "refund the lost parcel",
    "丢件退款",
    "Apologise, refund in full and claim from the carrier what is lost.",
    issues=NOT_THERE,
    channels=SELLER_FULFILLED,
    remedy="refund",
    seed="S5",
    costs=(refunds.contact, *refunds.FULL, refunds.carrier_claim, risk.expected_claim, risk.expected_review),
)

reship_lost = Resolution(
    "reship_lost",
    "send the lost goods again",
    "丢件补发",
    "Send the same goods again from local stock or China and claim from the carrier.",
    issues=NOT_THERE,
    channels=SELLER_FULFILLED,
    remedy="replacement",
    seed="S5",
    tags=frozenset({"replacement"}),
    providers=("warehouse", "china_factory"),
    costs=(
        refunds.contact,
        freight.replacement_goods,
        freight.ship_replacement,
        freight.pick_and_pack,
        freight.duty_on_replacement,
        refunds.carrier_claim,
        risk.expected_claim,
        risk.expected_review,
    ),
    fallbacks=("refund_lost",),
)

ALL = (refer_to_platform, trace_and_wait, refund_lost, reship_lost)
