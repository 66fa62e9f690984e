"""Made-up reports in the layouts of the shop systems, from tests/fixtures/reports: the cells of most are
separated by |, so that a test can write them with the separator that it is about."""

import json

from conftest import ROOT

FOLDER = ROOT / "tests" / "fixtures" / "reports"


def _lines(name: str) -> list[str]:
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8").removesuffix("\n").split("\n")


REPLACEMENTS = _lines("fba_replacements")
REIMBURSED = _lines("reimbursements")
REMOVED = _lines("removals")
RETURNS = _lines("seller_returns")
XML = (FOLDER / "seller_returns.xml").read_text(encoding="utf-8").removesuffix("\n")
SHOPIFY = _lines("shopify_orders")
ERP = _lines("erp_aftersales")
# A sale of two rollers, its refund of one, a claim, a reimbursement with and one without an order, fees and
# a transfer:
# 60.00 - 9.00 | -30.00 + 4.50 - 0.90 | -25.00 | 12.00 | 8.00 | -39.99 | -20.00 = -40.39
V2 = _lines("settlement_v2")
V1 = _lines("settlement_v1")
ENGLISH, GERMAN = _lines("payments_en"), _lines("payments_de")
JAPANESE, CHINESE = _lines("payments_ja"), _lines("payments_zh")
FEE_HEADER, *FEES = _lines("fee_preview")
HEALTH = json.loads((FOLDER / "account_health.json").read_text(encoding="utf-8"))
