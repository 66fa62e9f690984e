"""The closed list of cost lines. Cash and risk together make the total; the cash view leaves risk out."""
from __future__ import annotations

from optimizer.model.declare import CostLine

LINES: tuple[CostLine, ...] = (
    CostLine("refund", "cash", "refund", "退款", "refunded price less the tax that comes back x quantity", "seller to buyer", 2),
    CostLine("referral_fee_credit", "cash", "referral fee credit", "佣金返还", "referral fee of the refunded price, given back", "platform to seller", 2),
    CostLine("refund_admin_fee", "cash", "refund administration fee", "退款管理费", "min(cap, share of the referral fee) x quantity", "seller to platform", 2),
    CostLine("replacement_goods", "cash", "replacement goods", "补发商品", "landed cost x quantity", "seller", 0),
    CostLine("outbound_freight", "cash", "outbound freight", "发货配送费", "price list of the lane at the billable weight", "seller to carrier", 14),
    CostLine("inbound_freight", "cash", "inbound freight", "退货运费", "price list of the lane at the billable weight", "seller to carrier", 14),
    CostLine("intercept_fee", "cash", "intercept fee", "拦截改派费", "carrier's fee to stop or redirect a parcel", "seller to carrier", 14),
    CostLine("duty_and_tax", "cash", "duty and tax", "关税与税费", "duty rate x customs value + flat duty + clearance + import tax that is not recovered", "seller to customs", 5),
    CostLine("platform_fees", "cash", "platform fees", "平台费用", "returns processing, grading and removal fees", "seller to platform", 14),
    CostLine("warehouse_handling", "cash", "warehouse handling", "仓库操作费", "intake, test, label, pack and pick fees x quantity", "seller to warehouse", 30),
    CostLine("storage", "cash", "storage", "仓储费", "volume x days x fee per cubic metre and day", "seller to warehouse", 30),
    CostLine("repair_labour", "cash", "repair labour", "维修人工", "labour of the seller's own bench x quantity", "seller", 30),
    CostLine("parts", "cash", "parts", "配件", "parts of one repair x quantity", "seller", 0),
    CostLine("provider_fee", "cash", "repair provider fee", "维修服务费", "price of the job at the provider x quantity + volume-driven cost per case", "seller to provider", 30),
    CostLine("technician_travel", "cash", "technician travel", "技术员差旅费", "trip cost per unit at the assumed volume", "seller", 30),
    CostLine("batch_freight", "cash", "consolidated freight", "集运运费", "weight x price per kg + share of the lot", "seller to forwarder", 30),
    CostLine("disposal", "cash", "disposal", "弃置费", "fee per unit x quantity", "seller to warehouse or platform", 14),
    CostLine("recovery", "cash", "recovery", "残值回收", "value of the goods that come back, by grade or disposition", "market to seller", 45),
    CostLine("carrier_claim", "cash", "carrier claim", "承运商赔付", "share paid x min(cover, price)", "carrier to seller", 45),
    CostLine("platform_reimbursement", "cash", "platform reimbursement", "平台赔偿", "share x what the platform owes for a unit it lost or damaged", "platform to seller", 30),
    CostLine("supplier_recovery", "cash", "supplier recovery", "供应商赔付", "share x landed cost where the defect can be shown", "supplier to seller", 60),
    CostLine("buyer_charge", "cash", "charged to the buyer", "向买家收取", "postage or restocking fee where the law and the platform allow it", "buyer to seller", 2),
    CostLine("gift", "cash", "gift", "赠品", "cost of the gift x 1", "seller", 0),
    CostLine("contact_handling", "cash", "contact handling", "客服沟通成本", "contacts x cost of one contact", "seller", 0),
    CostLine("holding", "cash", "capital held", "资金占用", "landed cost x days x cost of capital", "seller", 30),
    CostLine("expected_claim", "risk", "expected claims", "预期索赔", "claim probability x (money of one order defect + refund still outstanding)", "seller", 30),
    CostLine("expected_review", "risk", "expected bad reviews", "预期差评", "review probability x money of one bad review + lost ranking by a physical return", "seller", 60),
    CostLine("follow_on", "risk", "follow-on failures", "后续故障", "failures in the liability that remains x cost of a replacement + claims that a published offer raises", "seller", 180),
)
LINE_KEYS: tuple[str, ...] = tuple(line.key for line in LINES)
RISK_LINES: frozenset[str] = frozenset(line.key for line in LINES if line.kind == "risk")
CLAIM_RIGHTS = ("carrier_claim", "platform_reimbursement", "supplier_recovery")          # money that others owe where the seller keeps the right to it
BY_KEY: dict[str, CostLine] = {line.key: line for line in LINES}
