"""The figures behind the example cases: shares, rates, ages, reasons. A figure that rests on a fact names
it; the rest are own estimates, 2026-11."""

from __future__ import annotations

BUNDLED_CASES = (
    ("cases_example.parquet", 20_000, 7, "2026-10"),
    ("cases_example_next.parquet", 5_000, 8, "2026-11"),
)
CATALOGUE_SEED = 2026  # the products are the same in every month

# class: share of units sold, SKUs, prefix of the SKUs
CLASSES = {
    "phone_accessory": (0.239, 22, "PA"),
    "audio_gadget": (0.17, 18, "AG"),
    "apparel": (0.13, 16, "AP"),
    "small_kitchen_appliance": (0.10, 14, "KA"),
    "power_bank": (0.08, 10, "PB"),
    "home_textile": (0.07, 12, "HT"),
    "toy": (0.06, 12, "TO"),
    "lighting": (0.05, 12, "LI"),
    "security_camera": (0.04, 10, "SC"),
    "robot_vacuum": (0.022, 8, "RV"),
    "power_tool": (0.02, 8, "PT"),
    "monitor": (0.007, 5, "MO"),
    "furniture": (0.006, 6, "FU"),
    "e_scooter": (0.003, 4, "ES"),
    "fitness_equipment": (0.002, 3, "FE"),
    "treadmill": (0.001, 3, "TM"),
}
ZIPF = 1.1  # share of the SKU at rank r of its class ~ 1 / r^ZIPF
BULKY_KG, SOFT_FAILURE_RATE = (
    10.0,
    0.01,
)  # from here on bulky; below this failure rate of the class nothing electric in it

# market: share of units sold, return rate against the US (facts Q011), warranty claims of the second year
# against the first
MARKETS = {
    "US": (0.48, 1.0, 0.05),
    "DE": (0.14, 1.2, 0.35),
    "GB": (0.11, 1.0, 0.25),
    "FR": (0.06, 1.0, 0.35),
    "IT": (0.05, 0.8, 0.35),
    "JP": (0.05, 0.5, 0.05),
    "ES": (0.04, 0.8, 0.45),
    "CA": (0.04, 1.0, 0.05),
    "AU": (0.02, 0.7, 0.30),
    "IN": (0.01, 0.8, 0.05),
}
# share of units per channel fba, merchant, warehouse
CHANNEL_SHARES, BULKY_CHANNEL_SHARES = (0.64, 0.20, 0.16), (0.35, 0.15, 0.50)

# Whole prices where a unit of money is small; other prices end in .99
WHOLE_PRICES_FROM = 50.0  # units of the currency per dollar
# where the seller also sells beside Amazon, what he ships himself: share of the cases, but no A-to-z claims
OTHER_PLATFORMS = {"US": ("shopify", 0.06), "DE": ("ebay", 0.05), "GB": ("own", 0.04)}

# What a return request says. Remorse 27 %, no fault found 68 %, defective 5 % (facts Q008 to Q010); the 68 %
# name what they like.
REQUESTS = {
    "unwanted": 0.24 + 0.68 * 0.26,
    "cancel_delivered": 0.03,
    "quality_defect": 0.05 + 0.68 * 0.22,
    "not_as_described": 0.68 * 0.13,
    "usage_help": 0.68 * 0.10,
    "wrong_item": 0.68 * 0.08,
    "damaged": 0.68 * 0.08,
    "spec_mismatch": 0.68 * 0.07,
    "missing_accessory": 0.68 * 0.05,
    "missing_main_product": 0.68 * 0.01,
}
SOFT_REQUESTS = {
    "unwanted": 0.24 + 0.68 * 0.33,
    "cancel_delivered": 0.03,
    "quality_defect": 0.05 + 0.68 * 0.06,
    "not_as_described": 0.68 * 0.20,
    "usage_help": 0.68 * 0.01,
    "wrong_item": 0.68 * 0.08,
    "damaged": 0.68 * 0.04,
    "spec_mismatch": 0.68 * 0.26,
    "missing_accessory": 0.68 * 0.01,
    "missing_main_product": 0.68 * 0.01,
}
# cases per return request or per order, by channel fba, merchant, warehouse
GOODS_BACK = (0.80, 0.02, 0.40)
PER_ORDER = {
    "address_change_unshipped": (0.0005, 0.004, 0.003),
    "address_change_shipped": (0.0006, 0.004, 0.002),
    "delivery_delay": (0.001, 0.012, 0.004),
    "negative_review": (0.0015, 0.0020, 0.0018),
    "negative_feedback": (0.0004, 0.0012, 0.0008),
    "cancel_unshipped": (0.001, 0.012, 0.006),
    "cancel_shipped": (0.001, 0.006, 0.003),
    "lost_in_transit": (0.001, 0.010, 0.004),
    "a_to_z_claim": (0.0002, 0.0020, 0.0020),
}
AFTER_MONTH_1 = 0.55  # share of the 12-month failures that come after the first month (facts Q043)

# days since delivery: (from, to, share); within a segment every day is as likely
AGES = {
    "unwanted": ((0, 3, 0.22), (4, 10, 0.38), (11, 20, 0.22), (21, 30, 0.13), (31, 60, 0.05)),
    "cancel_delivered": ((0, 3, 0.50), (4, 14, 0.40), (15, 40, 0.10)),
    "missing_accessory": ((0, 3, 0.70), (4, 14, 0.25), (15, 40, 0.05)),
    "missing_main_product": ((0, 3, 0.85), (4, 14, 0.15)),
    "not_as_described": ((0, 3, 0.30), (4, 10, 0.35), (11, 30, 0.30), (31, 60, 0.05)),
    "spec_mismatch": ((0, 3, 0.35), (4, 10, 0.35), (11, 30, 0.25), (31, 60, 0.05)),
    "usage_help": ((0, 7, 0.50), (8, 30, 0.40), (31, 60, 0.10)),
    "negative_review": ((3, 15, 0.40), (16, 60, 0.60)),
    "negative_feedback": ((1, 10, 0.50), (11, 45, 0.40), (46, 120, 0.10)),
    "damaged": ((0, 1, 0.55), (2, 5, 0.35), (6, 20, 0.10)),
    "wrong_item": ((0, 3, 0.60), (4, 14, 0.32), (15, 30, 0.08)),
    "quality_defect": ((0, 7, 0.42), (8, 20, 0.30), (21, 30, 0.13), (31, 90, 0.15)),
    "a_to_z_claim": ((3, 15, 0.40), (16, 40, 0.40), (41, 90, 0.20)),
    "returned_goods": ((8, 20, 0.45), (21, 40, 0.40), (41, 75, 0.15)),
    "warranty_claim": (
        (31, 90, 0.17),
        (91, 182, 0.13),
        (183, 365, 0.25),
    ),  # 30 to 25 after the first month (facts Q043)
}
SECOND_YEAR = (366, 730)
# days since shipping of parcels that have not arrived: within the market, from China
WAITING = {
    "address_change_shipped": ((0, 2), (0, 8)),
    "delivery_delay": ((5, 14), (15, 35)),
    "cancel_shipped": ((0, 2), (0, 8)),
    "lost_in_transit": ((8, 20), (25, 45)),
    "a_to_z_claim": ((12, 30), (30, 60)),
}
NEVER_ARRIVED = 0.40  # share of A-to-z claims about parcels that have not arrived
HANDLING = ((0, 1), (1, 4), (0, 2))  # days from order to shipping, by channel
TRANSIT = ((1, 3), (8, 20), (2, 6))  # days from shipping to delivery, by channel

# issue: (reason code of data/imports/reason_codes.csv, fault, share)
REASONS = {
    "address_change_unshipped": (("", "buyer", 1.0),),
    "address_change_shipped": (("", "buyer", 0.70), ("UNDELIVERABLE_INSUFFICIENT_ADDRESS", "buyer", 0.30)),
    "cancel_unshipped": (
        ("", "buyer", 0.40),
        ("MISORDERED", "buyer", 0.35),
        ("FOUND_BETTER_PRICE", "buyer", 0.25),
    ),
    "cancel_shipped": (
        ("MISSED_ESTIMATED_DELIVERY", "carrier", 0.40),
        ("NO_REASON_GIVEN", "buyer", 0.40),
        ("MISORDERED", "buyer", 0.20),
    ),
    "cancel_delivered": (
        ("NO_REASON_GIVEN", "buyer", 0.40),
        ("UNAUTHORIZED_PURCHASE", "buyer", 0.30),
        ("FOUND_BETTER_PRICE", "buyer", 0.30),
    ),
    "delivery_delay": (
        ("MISSED_ESTIMATED_DELIVERY", "carrier", 0.70),
        ("UNDELIVERABLE_FAILED_DELIVERY_ATTEMPTS", "carrier", 0.15),
        ("", "unknown", 0.15),
    ),
    "lost_in_transit": (("NEVER_ARRIVED", "carrier", 0.90), ("", "unknown", 0.10)),
    "unwanted": (
        ("UNWANTED_ITEM", "buyer", 0.45),
        ("NO_REASON_GIVEN", "buyer", 0.25),
        ("ORDERED_WRONG_ITEM", "buyer", 0.15),
        ("FOUND_BETTER_PRICE", "buyer", 0.15),
    ),
    "damaged": (
        ("DAMAGED_BY_CARRIER", "carrier", 0.70),
        ("DAMAGED_BY_FC", "seller", 0.15),
        ("", "unknown", 0.15),
    ),
    "wrong_item": (("DIFFERENT_PRODUCT", "seller", 0.60), ("SWITCHEROO", "seller", 0.40)),
    "missing_accessory": (("MISSING_PARTS", "seller", 0.90), ("", "unknown", 0.10)),
    "missing_main_product": (("MISSING_PARTS", "seller", 0.60), ("", "unknown", 0.40)),
    "not_as_described": (
        ("NOT_AS_DESCRIBED", "seller", 0.45),
        ("NOT_AS_EXPECTED", "seller", 0.30),
        ("NOT_AS_PHOTO", "seller", 0.15),
        ("DID_NOT_LIKE_COLOR", "seller", 0.10),
    ),
    "spec_mismatch": (
        ("NOT_COMPATIBLE", "seller", 0.40),
        ("WRONG_SIZE", "seller", 0.35),
        ("POOR_FIT", "seller", 0.25),
    ),
    "usage_help": (("EXCESSIVE_INSTALLATION", "seller", 0.40), ("", "buyer", 0.60)),
    "quality_defect": (
        ("DEFECTIVE", "seller", 0.60),
        ("QUALITY_UNACCEPTABLE", "seller", 0.35),
        ("", "unknown", 0.05),
    ),
    "a_to_z_claim": (("NOT_AS_DESCRIBED", "seller", 0.55), ("DEFECTIVE", "seller", 0.45)),
    "returned_goods": (
        ("UNWANTED_ITEM", "buyer", 0.30),
        ("DEFECTIVE", "seller", 0.20),
        ("QUALITY_UNACCEPTABLE", "seller", 0.10),
        ("NOT_AS_DESCRIBED", "seller", 0.10),
        ("WRONG_SIZE", "seller", 0.10),
        ("NOT_COMPATIBLE", "seller", 0.06),
        ("EXCESSIVE_INSTALLATION", "seller", 0.04),
        ("UNDELIVERABLE_UNKNOWN", "carrier", 0.05),
        ("", "unknown", 0.05),
    ),
    "negative_review": (
        ("NOT_AS_DESCRIBED", "seller", 0.35),
        ("DEFECTIVE", "seller", 0.35),
        ("QUALITY_UNACCEPTABLE", "seller", 0.30),
    ),
    "negative_feedback": (
        ("MISSED_ESTIMATED_DELIVERY", "carrier", 0.50),
        ("NOT_AS_DESCRIBED", "seller", 0.30),
        ("", "unknown", 0.20),
    ),
    "warranty_claim": (("WARRANTY", "seller", 0.55), ("DEFECTIVE", "seller", 0.40), ("", "unknown", 0.05)),
}
# A-to-z claims of buyers who have the goods: some are unhappy with a return
UNHAPPY_RETURNS, UNHAPPY_RETURN_SHARE = (
    ("item returned, no refund received", "return refused by the seller"),
    0.40,
)
UNSAFE_WORDS, UNSAFE_SHARE = (
    ("battery is swollen", "smoke while charging", "overheats and smells burnt"),
    0.004,
)
# finding on goods that came back: FBA grades them, elsewhere most have not been opened yet
FBA_FINDINGS = {
    "sellable": 0.46,
    "customer_damaged": 0.21,
    "defective": 0.20,
    "carrier_damaged": 0.04,
    "damaged": 0.05,
    "unknown": 0.04,
}
OWN_FINDINGS = {
    "sellable": 0.18,
    "customer_damaged": 0.12,
    "defective": 0.14,
    "carrier_damaged": 0.04,
    "unknown": 0.52,
}

# what was done about it, FBA and elsewhere; recorded for some cases only
DONE_SHARE = 0.30
RETURNED = {"return_to_fba": 0.7, "keep_full_refund": 0.3}
DONE_FBA = {
    "address_change_unshipped": {"confirm_new_address": 1.0},
    "address_change_shipped": {"hold_to_original_address": 1.0},
    "cancel_unshipped": {"cancel_order": 1.0},
    "cancel_shipped": {"return_to_fba": 1.0},
    "cancel_delivered": RETURNED,
    "delivery_delay": {"refer_to_platform": 1.0},
    "lost_in_transit": {"refer_to_platform": 1.0},
    "unwanted": {"return_to_fba": 0.9, "keep_full_refund": 0.1},
    "damaged": {"keep_full_refund": 0.5, "return_to_fba": 0.5},
    "wrong_item": {"return_to_fba": 0.6, "replace_keep_old": 0.4},
    "missing_accessory": RETURNED,
    "missing_main_product": {"keep_full_refund": 1.0},
    "not_as_described": RETURNED,
    "spec_mismatch": RETURNED,
    "usage_help": {"return_to_fba": 0.8, "remote_support": 0.2},
    "quality_defect": {"return_to_fba": 0.6, "keep_full_refund": 0.4},
    "a_to_z_claim": {"refer_to_platform": 0.6, "accept_claim": 0.4},
    "returned_goods": {"dispose": 0.6, "liquidate": 0.3, "restock_as_new": 0.1},
    "negative_review": {"refund_after_review": 0.5, "reply_publicly": 0.5},
    "negative_feedback": {"request_removal": 0.5, "reply_publicly": 0.5},
    "warranty_claim": {"replace_keep_old": 0.7, "keep_full_refund": 0.3},
}
KEPT = {"keep_full_refund": 0.7, "keep_partial_refund": 0.3}
DONE_ELSEWHERE = {
    **DONE_FBA,
    "address_change_shipped": {"reship_to_new_address": 0.6, "hold_to_original_address": 0.4},
    "cancel_shipped": {"refuse_delivery_and_refund": 1.0},
    "cancel_delivered": KEPT,
    "delivery_delay": {"refund_lost": 0.5, "trace_and_wait": 0.5},
    "lost_in_transit": {"refund_lost": 0.8, "reship_lost": 0.2},
    "unwanted": KEPT,
    "damaged": {"keep_full_refund": 0.8, "replace_keep_old": 0.2},
    "wrong_item": {"replace_keep_old": 0.6, "keep_full_refund": 0.4},
    "missing_accessory": {"keep_partial_refund": 0.6, "send_part": 0.4},
    "missing_main_product": {"reship_main_product": 0.6, "keep_full_refund": 0.4},
    "not_as_described": KEPT,
    "spec_mismatch": KEPT,
    "usage_help": {"remote_support": 0.5, "keep_full_refund": 0.5},
    "quality_defect": KEPT,
    "a_to_z_claim": {"refund_before_decision": 0.7, "accept_claim": 0.3},
}
COMPLAINTS = (
    "delivery_delay",
    "lost_in_transit",
    "unwanted",
    "damaged",
    "wrong_item",
    "missing_accessory",
    "missing_main_product",
    "not_as_described",
    "spec_mismatch",
    "usage_help",
    "quality_defect",
    "warranty_claim",
)
CLAIM_OPEN_SHARE = 0.003
PROMOTIONS = {0.0: 0.82, 0.05: 0.05, 0.10: 0.06, 0.15: 0.03, 0.20: 0.03, 0.30: 0.01}
QUANTITIES = {1: 0.93, 2: 0.06, 3: 0.01}
PRIOR_CLAIMS = {0: 0.94, 1: 0.04, 2: 0.012, 3: 0.005, 4: 0.003}
STARS, STARS_SHARE = {1.0: 0.55, 2.0: 0.25, 3.0: 0.20}, 0.08  # bad reviews and feedback always have stars
BAD_FEEDBACK_STARS = 2.0  # at most: three stars are neutral feedback
