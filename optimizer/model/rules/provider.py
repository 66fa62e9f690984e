"""What the provider can and may do."""

from __future__ import annotations

import numpy as np

from optimizer.domain.sets import SELLABLE
from optimizer.model.block import Block, Flags
from optimizer.model.declare import Option, rule

_OWN = {"as_of": "2026-11-22", "review_by": "2027-11-22", "confidence": "my-estimate"}


@rule(
    "provider.closed",
    en="the provider is not in use",
    zh="该服务商未启用",
    source="providers.csv: column open",
    numbers={"open": "provider.{provider}.open"},
    **_OWN,
)
def closed(b: Block, o: Option) -> Flags:
    return bool(o.provider) and not b.world.providers[o.provider].open


@rule(
    "provider.class_not_served",
    en="the provider does not serve this product class",
    zh="该服务商不承接此品类",
    source="providers.csv: column classes",
    reads=("class",),
    numbers={"classes": "provider.{provider}.classes"},
    **_OWN,
)
def class_not_served(b: Block, o: Option) -> Flags:
    if not o.provider or not b.world.providers[o.provider].classes:
        return False
    served = np.array([c in b.world.providers[o.provider].classes for c in b.world.classes])
    return ~served[b.class_index]


@rule(
    "provider.no_stock",
    en="no unit on hand in the market",
    zh="当地没有库存",
    source="products.csv: column stock_on_hand",
    reads=("stock",),
    **_OWN,
)
def no_stock(b: Block, o: Option) -> Flags:
    if "replacement" not in o.spec.tags or (
        o.provider and b.world.providers[o.provider].kind == "china_factory"
    ):
        return False
    return b.products.stock_on_hand[b.cases.product] < b.quantity


@rule(
    "provider.repair_permit",
    en="goods that are not in their original state enter China only under a repair permit",
    zh="非原状商品入境须有维修许可",
    source="China customs trade codes 1300 and 1371, feilongshiji.com (facts L077); original state:"
    " Announcement No.16 of 2026 (facts L074 L075)",
    as_of="2026-02-06",
    review_by="2027-06-30",
    confidence="secondary",
    reads=("condition",),
    numbers={"permit": "provider.{provider}.repair_permit"},
)
def repair_permit(b: Block, o: Option) -> Flags:
    if "batch_to_china" not in o.spec.tags or b.world.providers[o.provider]["repair_permit"]:
        return False
    return b.cases.condition != SELLABLE if b.cell.issue == "returned_goods" else True
