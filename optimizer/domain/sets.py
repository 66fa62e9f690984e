"""Sets of identifiers that several rooms use, each with the one thing it means."""

from __future__ import annotations

from optimizer.domain.names import CHANNELS, CONDITIONS, FAULTS

# Channels.
EVERYWHERE = tuple(CHANNELS)
SELLER_FULFILLED = (
    "merchant",
    "warehouse",
)  # the seller ships, from where he stands or from a local warehouse
AMAZON_CHANNELS = {"mfn": "merchant", "afn": "fba"}  # the channel behind what Amazon's reports call one

# Numbers of findings and faults, as cases carry them in their columns.
SELLABLE = list(CONDITIONS).index("sellable")
NOT_INSPECTED = list(CONDITIONS).index("unknown")
FAULT_OF_SELLER = list(FAULTS).index("seller")
FAULT_OF_CARRIER = list(FAULTS).index("carrier")
FAULT_UNKNOWN = list(FAULTS).index("unknown")

# Issues.
A_TO_Z_CLAIMS = ("a_to_z_claim",)
WARRANTY_CLAIMS = ("warranty_claim",)
DEFECTS = ("quality_defect", "warranty_claim")  # the goods fail, soon or after a while
NO_LONGER_WANTED = ("unwanted", "cancel_delivered")  # nothing is wrong with the goods
NOT_AS_ORDERED = (  # what was delivered is not what was ordered
    "damaged",
    "wrong_item",
    "missing_accessory",
    "missing_main_product",
    "not_as_described",
    "spec_mismatch",
    "quality_defect",
)
LACKING_CONFORMITY = (*NOT_AS_ORDERED, *WARRANTY_CLAIMS)  # in the sense of the legal guarantee
WRONG_BUT_THERE = tuple(i for i in NOT_AS_ORDERED if i != "missing_main_product")  # goods to send back exist

# The fields of a market that say how long each of names.WINDOWS lasts.
WINDOW_FIELDS: dict[str, tuple[str, ...]] = {
    "return_window": ("return_window.standard_days", "return_window.electronics_days"),
    "withdrawal": ("withdrawal.days",),
    "reject": ("guarantee.reject_days",),
    "guarantee": ("guarantee.months",),
}
