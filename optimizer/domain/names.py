"""The closed lists of identifiers. They are never translated; titles in both languages stand beside them."""

from __future__ import annotations

from typing import NamedTuple


class Title(NamedTuple):
    """What a person reads for an identifier."""

    en: str
    zh: str


ISSUES: dict[str, Title] = {
    "address_change_unshipped": Title("address change before shipping", "未发货改地址"),
    "address_change_shipped": Title("address change after shipping", "已发货改地址"),
    "cancel_unshipped": Title("cancellation before shipping", "未发货取消"),
    "cancel_shipped": Title("cancellation after shipping", "已发货取消"),
    "cancel_delivered": Title("cancellation after delivery", "签收后取消"),
    "delivery_delay": Title("delivery late, no tracking news", "物流延误、无轨迹更新"),
    "lost_in_transit": Title("parcel lost in transit", "运输途中丢失"),
    "unwanted": Title("item no longer wanted", "不想要了"),
    "damaged": Title("damaged on arrival", "到货破损"),
    "wrong_item": Title("wrong item, colour or size", "发错商品、颜色或尺寸"),
    "missing_accessory": Title("accessory missing", "缺少配件"),
    "missing_main_product": Title("main product missing", "缺少主产品"),
    "not_as_described": Title("not as described", "与描述不符"),
    "spec_mismatch": Title("specification differs", "参数不符"),
    "usage_help": Title("buyer cannot use it", "不会使用"),
    "quality_defect": Title("quality defect", "质量问题"),
    "a_to_z_claim": Title("A-to-z claim", "A-to-z 索赔"),
    "returned_goods": Title("goods that came back", "退回的商品"),
    "negative_review": Title("bad product review", "商品差评"),
    "negative_feedback": Title("bad seller feedback", "店铺差评"),
    "warranty_claim": Title("warranty claim", "保修索赔"),
}

# Where the goods are by the nature of the issue; the parcel of an A-to-z claim or of bad feedback may be
# anywhere.
UNSHIPPED_ISSUES = ("address_change_unshipped", "cancel_unshipped")
UNDER_WAY_ISSUES = ("address_change_shipped", "cancel_shipped", "delivery_delay", "lost_in_transit")
ANYWHERE_ISSUES = ("a_to_z_claim", "negative_feedback")
REVIEW_ISSUES = ("negative_review", "negative_feedback")
DELIVERED_ISSUES = tuple(i for i in ISSUES if i not in UNSHIPPED_ISSUES + UNDER_WAY_ISSUES + ANYWHERE_ISSUES)

# What a repair network serves, by the issue its ways out are priced for.
NEEDS: dict[str, Title] = {
    "warranty": Title("warranty", "保修"),
    "returned": Title("returned goods", "退回商品"),
}
ISSUE_OF_NEED = {"warranty": "warranty_claim", "returned": "returned_goods"}

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
    "damaged": Title("damaged by the platform, and its property", "平台损坏（归平台所有）"),
    "expired": Title("expired", "过期"),
    "unknown": Title("not inspected", "未检测"),
}

# What lies behind a case; data/root_causes.csv says which issue, code or word stands for which.
CAUSES: dict[str, Title] = {
    "listing_fault": Title("listing promises something else", "商品页面与实物不符"),
    "instructions": Title("instructions missing or unclear", "使用说明缺失或不清"),
    "product_quality": Title("product quality", "产品质量"),
    "picking_error": Title("wrong or missing in the parcel", "错发或漏发"),
    "packaging_and_carrier": Title("packaging and carrier", "包装与承运商"),
    "delivery": Title("late or lost delivery", "配送延误或丢失"),
    "address": Title("wrong address", "地址错误"),
    "change_of_mind": Title("buyer's change of mind", "买家改变主意"),
    "claim_and_review": Title("claim or bad review, cause not stated", "索赔或差评（未说明原因）"),
    "not_stated": Title("goods came back, cause not stated", "退货（未说明原因）"),
}

# What a buyer may be entitled to; the keys are those of data/entitlements.csv and of the ways out.
REMEDIES: dict[str, Title] = {
    "none": Title("nothing is owed", "无义务"),
    "refund": Title("refund", "退款"),
    "return_refund": Title("refund against return", "退货退款"),
    "replacement": Title("replacement", "换新"),
    "repair": Title("repair", "维修"),
    "price_reduction": Title("price reduction", "减价"),
    "gift": Title("gift", "赠品"),
}

# Whose law rules and entitlements know; a market may also be a region of its own.
REGIONS = ("EU", "US", "GB", "CA", "JP", "AU", "IN")

# Named windows of data/entitlements.csv.
WINDOWS: dict[str, Title] = {
    "return_window": Title("return window", "退货期"),
    "withdrawal": Title("withdrawal period", "撤回期"),
    "reject": Title("days to reject", "拒收期"),
    "guarantee": Title("guarantee", "保修期"),
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

# How Chinese sentences say a unit behind its number, where not by its own name.
UNITS_BEHIND_A_NUMBER: dict[str, str] = {
    "share": "",
    "flag": "",
    "count": "",
    "factor": " 倍",
    "score": " 分",
    "days": " 天",
    "months": " 个月",
    "per_USD": "（1 美元兑）",
    "amount": "（站点币种）",
    "amount/kg": "（站点币种/kg）",
    "lane_amount": "（线路币种）",
    "lane_amount/kg": "（线路币种/kg）",
    "provider_amount": "（服务商币种）",
}

# Kinds of provider that a repair network plans with, and kinds of price list.
BENCHES: dict[str, Title] = {
    "china_factory": Title("repair in China, one by one", "单件寄回中国维修"),
    "china_batch": Title("batches to China", "集运回中国"),
    "visiting_technician": Title("visiting technician", "出差技术员"),
    "domestic_overseas": Title("Chinese-run repair partner", "国内企业海外维修点"),
    "local": Title("local repair firm", "当地维修公司"),
    "self_built": Title("own station", "自建维修点"),
    "warehouse_bench": Title("bench in the warehouse", "海外仓维修台"),
}
TIER_KINDS = ("all_units", "incremental")
BATTERIES = ("none", "lithium_in", "lithium_alone")
PLATFORMS = ("amazon", "shopify", "ebay", "walmart", "aliexpress", "own")
MARKET_ALIASES = {"UK": "GB"}
UNCLASSIFIED = "unclassified"
