"""Rules that protect against abuse by single buyers."""

from __future__ import annotations

from optimizer.model.declare import Rule
from optimizer.model.entitlement import acceptance


def _too_many_claims(b, o):
    if "keeps_goods" not in o.spec.tags or o.spec.remedy in ("replacement", "repair", "none"):
        return False
    return (
        (b.cases.prior_claims >= b.number("customer.claims_without_return")) & b.returnable & ~b.cases.safety
    )


def _nobody_accepts(b, o):
    return acceptance(b, o) <= 0.0 if o.fallback else False


ALL = (
    Rule(
        "customer.nobody_accepts",
        "customer",
        "no buyer is expected to accept it, so it would only cost time",
        "预计没有买家会接受，只会耽误时间",
        "acceptance table and multipliers in data/assumptions/customer.csv",
        "2026-11-22",
        "2027-11-01",
        "my-estimate",
        _nobody_accepts,
        reads=("price", "age", "order_date", "window"),
        numbers=("acceptance.*", "resolution.{resolution}.acceptance"),
    ),
    Rule(
        "customer.prior_claims",
        "customer",
        "this buyer has made {claims} claims or more: where goods can be sent back, nothing is kept without"
        " return",
        "该买家历史索赔已达 {claims} 次或以上：能退回的不再同意其保留商品",
        "own abuse limit; assumption customer.claims_without_return",
        "2026-11-22",
        "2027-11-22",
        "my-estimate",
        _too_many_claims,
        issues=("unwanted", "wrong_item", "cancel_shipped", "cancel_delivered", "usage_help"),
        channels=("warehouse",),
        reads=("prior_claims", "safety", "weight"),
        numbers=("customer.claims_without_return",),
    ),
)
