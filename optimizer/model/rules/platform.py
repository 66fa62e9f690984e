"""What the selling platform demands or forbids."""
from __future__ import annotations

import numpy as np

from optimizer.domain.names import CONDITIONS
from optimizer.model.declare import Rule

AMAZON = ("amazon",)
RETURN_ISSUES = ("unwanted", "damaged", "wrong_item", "quality_defect")
SELLABLE = list(CONDITIONS).index("sellable")


def _returnless_floor(b, o):
    m = b.market
    if not m.has("returnless_floor.amount") or b.world.has_local_address(m.name) or o.resolution == "keep_full_refund":
        return False
    in_force = b.cases.order_day >= np.datetime64(m.text("returnless_floor.valid_from", "1900-01-01"))
    return in_force & b.in_window & (b.price <= m.number("returnless_floor.amount"))


def _fba_window(b, o):
    return ~b.in_window if o.resolution == "return_to_fba" and b.cell.issue != "cancel_shipped" else False


def _fba_returnless_cap(b, o):
    if o.resolution != "keep_full_refund" or not b.market.has("fba_returnless_cap.amount"):
        return False
    return b.in_window & (b.price > b.market.number("fba_returnless_cap.amount")) & ~b.cases.safety


def _offer_during_claim(b, o):
    tags = o.spec.tags
    return b.cases.claim_open if "offer_of_money" in tags or "gift" in tags else False


def _opened_as_new(b, o):
    return b.cases.condition != SELLABLE if "sold_as_new" in o.spec.tags else False


def _needs_local_address(b, o):
    return "local_address" in o.spec.tags and not b.world.has_local_address(b.cell.market)


HELP = "sellercentral.amazon.com help 201468550; sellercentral.amazon.co.uk G201468550"
ALL = (
    Rule("platform.returnless_floor", "platform",
         "without a return address in the market the platform refunds {floor} and less at once and the buyer keeps the goods",
         "卖家在当地没有退货地址时,{floor} 及以下的退货由平台自动退款不退货",
         HELP, "2021-10-05", "2027-06-30", "official", _returnless_floor, effect="required", issues=RETURN_ISSUES,
         channels=("merchant",), platforms=AMAZON, reads=("price", "age", "order_date", "class"),
         numbers=("{market}.returnless_floor.amount", "{market}.returnless_floor.valid_from", "provider.*.open")),
    Rule("platform.fba_window", "platform", "the return window of FBA has passed", "已超过 FBA 退货期",
         "Amazon returns help; holiday extension as announced for 2025, 2026 not checked; DE electronics 14 days since 2024-04-25",
         "2025-11-01", "2027-01-31", "secondary", _fba_window, channels=("fba",), platforms=AMAZON, reads=("age", "order_date", "class"),
         numbers=("{market}.return_window.*", "{market}.holiday.*")),
    Rule("platform.fba_returnless_cap", "platform", "FBA allows a returnless setting only up to {cap}", "FBA 免退货设置价格上限为 {cap}",
         "e-com.wiki/concepts/returnless-refunds", "2024-01-01", "2027-06-30", "secondary", _fba_returnless_cap,
         issues=RETURN_ISSUES, channels=("fba",), platforms=AMAZON, reads=("price", "age", "order_date", "class", "safety"),
         numbers=("{market}.fba_returnless_cap.amount",)),
    Rule("platform.no_offer_during_claim", "platform", "no part of the money, gift or keep offer while a claim is open: it reads as an inducement to close it",
         "索赔进行中不得提出部分退款、赠品或保留商品的提议,会被视为诱导撤销",
         "source text; sellercentral communication guidelines", "2026-11-01", "2027-06-30", "secondary", _offer_during_claim,
         reads=("claim_open",)),
    Rule("platform.opened_not_as_new", "platform", "opened or untested goods may not be sold as new", "已拆封或未检测的商品不得按新品销售",
         "amazonsellerslawyer.com; Amazon seller forum 650132", "2026-11-01", "2027-06-30", "secondary", _opened_as_new,
         issues=("returned_goods",), reads=("condition",)),
    Rule("platform.needs_local_address", "platform", "there is no warehouse in use in this market to send it to", "该市场没有可用的海外仓收货",
         HELP, "2021-10-05", "2027-06-30", "official", _needs_local_address, numbers=("provider.*.open",)),
)
