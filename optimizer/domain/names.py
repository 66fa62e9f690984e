"""The closed lists of identifiers. They are never translated; titles in both languages stand beside them."""
from __future__ import annotations

from typing import NamedTuple


class Title(NamedTuple):
    """What a person reads for an identifier."""
    en: str
    zh: str


ISSUES: dict[str, Title] = {
    "cancel_unshipped": Title("cancellation before shipping", "未发货取消"),
    "cancel_shipped": Title("cancellation after shipping", "已发货取消"),
    "lost_in_transit": Title("parcel lost in transit", "运输途中丢失"),
    "unwanted": Title("item no longer wanted", "不想要了"),
    "damaged": Title("damaged on arrival", "到货破损"),
    "wrong_item": Title("wrong item, colour or size", "发错商品、颜色或尺寸"),
    "quality_defect": Title("quality defect", "质量问题"),
    "a_to_z_claim": Title("A-to-z claim", "A-to-z 索赔"),
    "returned_goods": Title("goods that came back", "退回的商品"),
    "warranty_claim": Title("warranty claim", "保修索赔"),
}

CHANNELS: dict[str, Title] = {
    "fba": Title("FBA", "FBA"),
    "merchant": Title("shipped by the seller", "自发货"),
    "warehouse": Title("overseas warehouse", "海外仓"),
}

FAULTS: dict[str, Title] = {
    "seller": Title("the seller", "卖家"),
    "carrier": Title("the carrier", "承运商"),
    "buyer": Title("the buyer", "买家"),
    "unknown": Title("unknown", "未知"),
}

# The finding on goods that came back.
CONDITIONS: dict[str, Title] = {
    "sellable": Title("sellable", "可售"),
    "customer_damaged": Title("damaged or used by the customer", "买家损坏或使用过"),
    "carrier_damaged": Title("damaged by the carrier", "承运商损坏"),
    "defective": Title("defective", "有缺陷"),
    "damaged": Title("damaged by the platform, and its property", "平台损坏(归平台所有)"),
    "expired": Title("expired", "过期"),
    "unknown": Title("not inspected", "未检测"),
}

PRICE_SOURCES: dict[str, Title] = {
    "given": Title("given with the case", "随案给出"),
    "order": Title("from the order", "取自订单"),
    "product": Title("from the product list", "取自商品表"),
    "class": Title("typical price of the product class", "品类典型价"),
}

DECIDERS: dict[str, Title] = {
    "seller": Title("the seller, case by case", "卖家逐案决定"),
    "seller_setting": Title("the seller, by a setting made beforehand", "卖家预先设置"),
    "buyer": Title("the buyer", "买家决定"),
    "platform": Title("the platform", "平台决定"),
}

BATTERIES = ("none", "lithium_in", "lithium_alone")
PLATFORMS = ("amazon", "shopify", "ebay", "walmart", "aliexpress", "own")
MARKET_ALIASES = {"UK": "GB"}
UNCLASSIFIED = "unclassified"
