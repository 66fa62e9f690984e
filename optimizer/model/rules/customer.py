"""Rules that protect against abuse by single buyers."""

from __future__ import annotations

from optimizer.model.block import Block, Flags
from optimizer.model.declare import Option, rule
from optimizer.model.entitlement import acceptance
from optimizer.model.rules.numbers import RETURNABLE, RIGHTS


@rule(
    "customer.nobody_accepts",
    en="no buyer is expected to accept it, so it would only cost time",
    zh="预计没有买家会接受，只会耽误时间",
    source="acceptance table and multipliers in data/assumptions/customer.csv",
    as_of="2026-11-22",
    review_by="2027-11-01",
    confidence="my-estimate",
    reads=("price", "age", "order_date", "window"),
    numbers={
        "offers": "acceptance.*",
        "usual": "resolution.{resolution}.acceptance",
        "provider": "provider.{provider}.acceptance",
        "share": "entitlement.*",
        **RIGHTS,
    },
)
def nobody_accepts(b: Block, o: Option) -> Flags:
    return acceptance(b, o) <= 0.0 if o.fallback else False


@rule(
    "customer.prior_claims",
    en="this buyer has made {claims} claims or more: where goods can be sent back, nothing is kept without"
    " return",
    zh="该买家历史索赔已达 {claims} 次或以上：能退回的不再同意其保留商品",
    source="own abuse limit; assumption customer.claims_without_return",
    as_of="2026-11-22",
    review_by="2027-11-22",
    confidence="my-estimate",
    issues=("unwanted", "wrong_item", "cancel_shipped", "cancel_delivered", "usage_help"),
    channels=("warehouse",),
    reads=("prior_claims", "safety", "weight"),
    numbers={"claims": "customer.claims_without_return", **RETURNABLE},
)
def prior_claims(b: Block, o: Option) -> Flags:
    if "keeps_goods" not in o.spec.tags or o.spec.remedy in ("replacement", "repair", "none"):
        return False
    return (
        (b.cases.prior_claims >= b.number("customer.claims_without_return")) & b.returnable & ~b.cases.safety
    )
