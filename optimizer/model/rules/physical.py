"""What cannot be carried."""

from __future__ import annotations

from optimizer.domain.names import BATTERIES
from optimizer.domain.sets import SELLABLE
from optimizer.model.block import Block, Flags
from optimizer.model.components.freight import SHIPS_BY
from optimizer.model.declare import Option, rule

DEFECT_ISSUES = ("damaged", "quality_defect", "warranty_claim")
LOOSE = BATTERIES.index("lithium_alone")


@rule(
    "physical.defective_lithium_by_air",
    en="a lithium battery that may be defective must not fly",
    zh="可能有缺陷的锂电池不得空运",
    source="IATA special provision A154, lithium.batteriestransport.org/144",
    as_of="2026-11-01",
    review_by="2027-06-30",
    confidence="secondary",
    reads=("condition", "battery"),
)
def defective_lithium_by_air(b: Block, o: Option) -> Flags:
    if "to_china_by_air" not in o.spec.tags:
        return False
    if b.cell.issue in DEFECT_ISSUES:
        return b.has_battery
    if b.cell.issue == "returned_goods":
        return b.has_battery & (b.cases.condition != SELLABLE)
    return False


@rule(
    "physical.defective_battery_by_post",
    en="a loose lithium battery that may be defective does not go by ordinary post",
    zh="可能有缺陷的单独锂电池不得走普通邮寄",
    source="ADR and IMDG special provision 376, lithium.batteriestransport.org/144; PHMSA guidance,"
    " danielstraining.com (facts L070 L071 L072)",
    as_of="2026-11-01",
    review_by="2027-06-30",
    confidence="secondary",
    issues=DEFECT_ISSUES,
    reads=("battery",),
)
def defective_battery_by_post(b: Block, o: Option) -> Flags:
    if "gives_back_goods" not in o.spec.tags:
        return False
    if o.resolution == "return_to_fba":  # there the platform's own carrier fetches it
        return False
    return b.products.battery[b.cases.product] == LOOSE


@rule(
    "physical.too_heavy",
    en="the parcel is heavier than any price of the lane",
    zh="包裹超出该线路报价的最大重量",
    source="weight breaks of the lanes in data/markets",
    as_of="2026-11-22",
    review_by="2027-11-22",
    confidence="secondary",
    reads=("weight",),
    numbers={"lanes": "{market}.lane.*"},
)
def too_heavy(b: Block, o: Option) -> Flags:
    names = [c.key for c in o.spec.costs]
    lanes = [
        lane
        for key, lane in (
            ("return_label", "return_label"),
            ("label_back", "return_label"),
            ("parcel_to_china", "to_china"),
            ("parcel_from_china", "china_out"),
            ("swap_postage", "local_out"),
        )
        if key in names
    ]
    if "ship_replacement" in names:
        lanes.append(SHIPS_BY[b.world.providers[o.provider].kind])
    refused: Flags = False
    for lane in lanes:
        refused = refused | ~b.fits(lane)
    return refused
