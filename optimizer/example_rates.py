"""The figures behind the example cases: shares, rates, ages, reasons. A figure that rests on a fact names it; the rest are own estimates, 2026-11."""
from __future__ import annotations

BUNDLED_CASES = (("cases_example.parquet", 20_000, 7, "2026-10"), ("cases_example_next.parquet", 5_000, 8, "2026-11"))
CATALOGUE_SEED = 2026                      # the products are the same in every month

# class: share of units sold, SKUs, prefix of the SKUs
CLASSES = {
    "phone_accessory": (0.24, 22, "PA"), "audio_gadget": (0.17, 18, "AG"), "apparel": (0.13, 16, "AP"),
    "small_kitchen_appliance": (0.10, 14, "KA"), "power_bank": (0.08, 10, "PB"), "home_textile": (0.07, 12, "HT"),
    "toy": (0.06, 12, "TO"), "lighting": (0.05, 12, "LI"), "security_camera": (0.04, 10, "SC"), "robot_vacuum": (0.022, 8, "RV"),
    "power_tool": (0.02, 8, "PT"), "monitor": (0.007, 5, "MO"), "furniture": (0.006, 6, "FU"), "e_scooter": (0.003, 4, "ES"),
    "fitness_equipment": (0.002, 3, "FE"),
}
ZIPF = 1.1                                 # share of the SKU at rank r of its class ~ 1 / r^ZIPF
BULKY_KG, SOFT_FAILURE_RATE = 10.0, 0.01   # from here on bulky; below this failure rate of the class nothing electric in it

# market: share of units sold, return rate against the US (facts Q011), warranty claims of the second year against the first
MARKETS = {"US": (0.62, 1.0, 0.05), "DE": (0.23, 1.2, 0.35), "GB": (0.15, 1.0, 0.25)}
# share of units per channel fba, merchant, warehouse
CHANNEL_SHARES, BULKY_CHANNEL_SHARES = (0.64, 0.20, 0.16), (0.35, 0.15, 0.50)

# What a return request says. Remorse 27 %, no fault found 68 %, defective 5 % (facts Q008 to Q010); the 68 % name what they like.
REQUESTS = {"unwanted": 0.27 + 0.68 * 0.40, "quality_defect": 0.05 + 0.68 * 0.40, "wrong_item": 0.68 * 0.12, "damaged": 0.68 * 0.08}
SOFT_REQUESTS = {"unwanted": 0.27 + 0.68 * 0.62, "quality_defect": 0.05 + 0.68 * 0.08, "wrong_item": 0.68 * 0.26, "damaged": 0.68 * 0.04}
# cases per return request or per order, by channel fba, merchant, warehouse
GOODS_BACK = (0.80, 0.02, 0.40)
PER_ORDER = {"cancel_unshipped": (0.001, 0.012, 0.006), "cancel_shipped": (0.001, 0.006, 0.003),
             "lost_in_transit": (0.001, 0.010, 0.004), "a_to_z_claim": (0.0002, 0.0020, 0.0020)}
AFTER_MONTH_1 = 0.55                       # share of the 12-month failures that come after the first month (facts Q043)

# days since delivery: (from, to, share); within a segment every day is as likely
AGES = {
    "unwanted": ((0, 3, 0.22), (4, 10, 0.38), (11, 20, 0.22), (21, 30, 0.13), (31, 60, 0.05)),
    "damaged": ((0, 1, 0.55), (2, 5, 0.35), (6, 20, 0.10)),
    "wrong_item": ((0, 3, 0.60), (4, 14, 0.32), (15, 30, 0.08)),
    "quality_defect": ((0, 7, 0.42), (8, 20, 0.30), (21, 30, 0.13), (31, 90, 0.15)),
    "a_to_z_claim": ((3, 15, 0.40), (16, 40, 0.40), (41, 90, 0.20)),
    "returned_goods": ((8, 20, 0.45), (21, 40, 0.40), (41, 75, 0.15)),
    "warranty_claim": ((31, 90, 0.17), (91, 182, 0.13), (183, 365, 0.25)),      # 30 to 25 after the first month (facts Q043)
}
SECOND_YEAR = (366, 730)
# days since shipping of parcels that have not arrived: within the market, from China
WAITING = {"cancel_shipped": ((0, 2), (0, 8)), "lost_in_transit": ((8, 20), (25, 45)), "a_to_z_claim": ((12, 30), (30, 60))}
NEVER_ARRIVED = 0.40                       # share of A-to-z claims about parcels that have not arrived
HANDLING = ((0, 1), (1, 4), (0, 2))        # days from order to shipping, by channel
TRANSIT = ((1, 3), (8, 20), (2, 6))        # days from shipping to delivery, by channel

# issue: (reason code of data/imports/reason_codes.csv, fault, share)
REASONS = {
    "cancel_unshipped": (("", "buyer", 0.40), ("MISORDERED", "buyer", 0.35), ("FOUND_BETTER_PRICE", "buyer", 0.25)),
    "cancel_shipped": (("MISSED_ESTIMATED_DELIVERY", "carrier", 0.40), ("NO_REASON_GIVEN", "buyer", 0.40), ("MISORDERED", "buyer", 0.20)),
    "lost_in_transit": (("NEVER_ARRIVED", "carrier", 0.90), ("", "unknown", 0.10)),
    "unwanted": (("UNWANTED_ITEM", "buyer", 0.38), ("NOT_AS_EXPECTED", "seller", 0.22), ("NO_REASON_GIVEN", "buyer", 0.20),
                 ("ORDERED_WRONG_ITEM", "buyer", 0.12), ("FOUND_BETTER_PRICE", "buyer", 0.08)),
    "damaged": (("DAMAGED_BY_CARRIER", "carrier", 0.70), ("DAMAGED_BY_FC", "seller", 0.15), ("", "unknown", 0.15)),
    "wrong_item": (("DIFFERENT_PRODUCT", "seller", 0.40), ("WRONG_SIZE", "seller", 0.35), ("SWITCHEROO", "seller", 0.25)),
    "quality_defect": (("DEFECTIVE", "seller", 0.48), ("QUALITY_UNACCEPTABLE", "seller", 0.27), ("NOT_AS_DESCRIBED", "seller", 0.13),
                       ("MISSING_PARTS", "seller", 0.07), ("", "unknown", 0.05)),
    "a_to_z_claim": (("NOT_AS_DESCRIBED", "seller", 0.55), ("DEFECTIVE", "seller", 0.45)),
    "returned_goods": (("UNWANTED_ITEM", "buyer", 0.40), ("DEFECTIVE", "seller", 0.25), ("QUALITY_UNACCEPTABLE", "seller", 0.12),
                       ("WRONG_SIZE", "seller", 0.09), ("UNDELIVERABLE_UNKNOWN", "carrier", 0.06), ("", "unknown", 0.08)),
    "warranty_claim": (("WARRANTY", "seller", 0.55), ("DEFECTIVE", "seller", 0.40), ("", "unknown", 0.05)),
}
UNSAFE_WORDS, UNSAFE_SHARE = ("battery is swollen", "smoke while charging", "overheats and smells burnt"), 0.004
# finding on goods that came back: FBA grades them, elsewhere most have not been opened yet
FBA_FINDINGS = {"sellable": 0.46, "customer_damaged": 0.21, "defective": 0.20, "carrier_damaged": 0.04, "damaged": 0.05, "unknown": 0.04}
OWN_FINDINGS = {"sellable": 0.18, "customer_damaged": 0.12, "defective": 0.14, "carrier_damaged": 0.04, "unknown": 0.52}

# what was done about it, FBA and elsewhere; recorded for some cases only
DONE_SHARE = 0.30
DONE_FBA = {
    "cancel_unshipped": {"cancel_order": 1.0}, "cancel_shipped": {"return_to_fba": 1.0}, "lost_in_transit": {"refer_to_platform": 1.0},
    "unwanted": {"return_to_fba": 0.9, "keep_full_refund": 0.1}, "damaged": {"keep_full_refund": 0.5, "return_to_fba": 0.5},
    "wrong_item": {"return_to_fba": 0.6, "replace_keep_old": 0.4}, "quality_defect": {"return_to_fba": 0.6, "keep_full_refund": 0.4},
    "a_to_z_claim": {"refer_to_platform": 0.6, "accept_claim": 0.4},
    "returned_goods": {"dispose": 0.6, "liquidate": 0.3, "restock_as_new": 0.1},
    "warranty_claim": {"replace_keep_old": 0.7, "keep_full_refund": 0.3},
}
DONE_ELSEWHERE = {
    **DONE_FBA, "cancel_shipped": {"refuse_delivery_and_refund": 1.0}, "lost_in_transit": {"refund_lost": 0.8, "reship_lost": 0.2},
    "unwanted": {"keep_full_refund": 0.7, "keep_partial_refund": 0.3}, "damaged": {"keep_full_refund": 0.8, "replace_keep_old": 0.2},
    "wrong_item": {"replace_keep_old": 0.6, "keep_full_refund": 0.4},
    "quality_defect": {"keep_full_refund": 0.7, "keep_partial_refund": 0.3},
    "a_to_z_claim": {"refund_before_decision": 0.7, "accept_claim": 0.3},
}
COMPLAINTS = ("lost_in_transit", "unwanted", "damaged", "wrong_item", "quality_defect", "warranty_claim")
CLAIM_OPEN_SHARE = 0.003
PROMOTIONS = {0.0: 0.82, 0.05: 0.05, 0.10: 0.06, 0.15: 0.03, 0.20: 0.03, 0.30: 0.01}
QUANTITIES = {1: 0.93, 2: 0.06, 3: 0.01}
PRIOR_CLAIMS = {0: 0.94, 1: 0.04, 2: 0.012, 3: 0.005, 4: 0.003}
STARS, STARS_SHARE = {1.0: 0.55, 2.0: 0.25, 3.0: 0.20}, 0.08
