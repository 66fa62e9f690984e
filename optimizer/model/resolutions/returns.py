"""Ways out when the buyer has the goods and is not content."""

from __future__ import annotations

from optimizer.domain.sets import EVERYWHERE, NO_LONGER_WANTED, SELLER_FULFILLED, WRONG_BUT_THERE
from optimizer.model.block import Amount, Block
from optimizer.model.components import freight, goods, refunds, repair, risk
from optimizer.model.declare import Option, Resolution
from optimizer.model.resolutions.order import OFFER_SIZES

CHANGE_OF_MIND = (*NO_LONGER_WANTED, "usage_help")
DELIVERED = (*CHANGE_OF_MIND, *WRONG_BUT_THERE)
NEW_ONE_CURES = ("damaged", "wrong_item", "spec_mismatch", "quality_defect")
STOCK = ("warehouse", "platform", "china_factory")
DISPOSITIONS = ("inspect_by_grade", "liquidate", "dispose")
KEEPS = frozenset({"keeps_goods"})
SENDS_NEW = (
    freight.replacement_goods,
    freight.ship_replacement,
    freight.pick_and_pack,
    freight.duty_on_replacement,
    risk.follow_on_replacement,
)
SMALL_PARCEL = (freight.small_parcel, freight.entry_of_small_parcel, freight.pick_part)
_AFTER = (risk.expected_claim, risk.expected_review)
REST_KEPT = (risk.claim_for_the_rest, risk.expected_review)  # part of the price was refunded

keep_partial_refund = Resolution(
    "keep_partial_refund",
    "keep it for part of the money back",
    "保留商品并部分退款",
    "Offer part of the price if the buyer keeps the goods; a refusal leads to the fallback.",
    issues=("cancel_shipped", *DELIVERED, "warranty_claim"),
    channels=SELLER_FULFILLED,
    remedy="price_reduction",
    seed="S6",
    tags=KEEPS | {"offer_of_money"},
    offers=OFFER_SIZES,
    costs=(refunds.contact, *refunds.PARTIAL, risk.induced_claims, *_AFTER),
    fallbacks=("keep_full_refund", "return_to_warehouse", "replace_keep_old", "refuse_delivery_and_refund"),
)

keep_full_refund = Resolution(
    "keep_full_refund",
    "refund in full, the buyer keeps it (returnless refund)",
    "全额退款不退货",
    "Refund in full without asking for the goods.",
    issues=(*DELIVERED, "missing_main_product", "warranty_claim"),
    channels=EVERYWHERE,
    remedy="refund",
    tags=KEEPS,
    seed="S6",
    costs=(refunds.contact, *refunds.FULL, refunds.carrier_claim, *_AFTER),
)

keep_with_gift = Resolution(
    "keep_with_gift",
    "keep it and get a gift",
    "保留商品并赠送礼品",
    "The buyer keeps the goods and is sent a small gift; a refusal leads to the fallback.",
    issues=("unwanted", "wrong_item", "damaged", "missing_accessory", "not_as_described", "spec_mismatch"),
    channels=SELLER_FULFILLED,
    remedy="gift",
    seed="S8",
    tags=KEEPS | {"gift"},
    providers=("warehouse", "china_factory"),
    costs=(refunds.contact, refunds.gift, *SMALL_PARCEL, *_AFTER),
    fallbacks=("keep_full_refund", "return_to_warehouse"),
)

return_to_fba = Resolution(
    "return_to_fba",
    "return to FBA and refund",
    "退回 FBA 仓并退款",
    "The buyer sends the goods to FBA at Amazon's cost and is refunded; what becomes of them is the"
    " disposition.",
    issues=("address_change_shipped", "cancel_shipped", *DELIVERED),
    channels=("fba",),
    remedy="return_refund",
    seed="S4",
    tags=frozenset({"physical_return", "gives_back_goods"}),
    dispositions=DISPOSITIONS,
    costs=(
        refunds.contact,
        *refunds.FULL,
        goods.returns_processing,
        goods.disposal,
        goods.recovery_by_disposition,
        *_AFTER,
    ),
)

return_to_warehouse = Resolution(
    "return_to_warehouse",
    "return to our warehouse and refund",
    "退回海外仓并退款",
    "The buyer sends the goods to a local warehouse and is refunded; what becomes of them is the"
    " disposition.",
    issues=DELIVERED,
    channels=SELLER_FULFILLED,
    remedy="return_refund",
    seed="S8",
    tags=frozenset({"physical_return", "gives_back_goods", "local_address"}),
    providers=("warehouse",),
    dispositions=DISPOSITIONS,
    costs=(
        refunds.contact,
        *refunds.FULL,
        freight.return_label,
        refunds.label_paid_by_buyer,
        goods.intake,
        goods.rework_for_disposition,
        goods.disposal,
        goods.recovery_by_disposition,
        refunds.carrier_claim,
        refunds.supplier_recovery,
        refunds.safet_claim,
        *_AFTER,
    ),
)

return_to_china = Resolution(
    "return_to_china",
    "return to China and refund",
    "退回中国并退款",
    "The buyer sends the goods to China with a prepaid label and is refunded; who will not gets the"
    " fallback.",
    issues=DELIVERED,
    channels=("merchant",),
    remedy="return_refund",
    seed="S6",
    tags=frozenset({"physical_return", "gives_back_goods", "to_china_by_air", "may_be_refused"}),
    costs=(refunds.contact, *refunds.FULL, freight.parcel_to_china, goods.recovery_in_china, *_AFTER),
    fallbacks=("keep_full_refund", "return_to_warehouse"),
)

replace_keep_old = Resolution(
    "replace_keep_old",
    "send a new one, the old one stays",
    "补发新品，旧品不退",
    "Send a new unit from local stock, FBA stock or China; the buyer keeps the old one.",
    issues=(*NEW_ONE_CURES, "warranty_claim"),
    channels=EVERYWHERE,
    remedy="replacement",
    seed="S16",
    tags=KEEPS | {"replacement"},
    providers=STOCK,
    costs=(refunds.contact, *SENDS_NEW, refunds.carrier_claim, *_AFTER),
    fallbacks=("keep_full_refund", "return_to_warehouse"),
)

replace_return_old = Resolution(
    "replace_return_old",
    "send a new one against return of the old one",
    "补发新品并退回旧品",
    "The buyer sends the old unit to the local warehouse with a prepaid label and gets a new one.",
    issues=NEW_ONE_CURES,
    channels=SELLER_FULFILLED,
    remedy="replacement",
    seed="S8",
    tags=frozenset({"replacement", "physical_return", "gives_back_goods", "local_address"}),
    providers=("warehouse",),
    dispositions=("inspect_by_grade",),
    costs=(
        refunds.contact,
        *SENDS_NEW,
        freight.return_label,
        goods.intake,
        goods.rework_for_disposition,
        goods.recovery_by_disposition,
        refunds.supplier_recovery,
        *_AFTER,
    ),
    fallbacks=("keep_full_refund",),
)


def cured_by_part(b: Block, o: Option) -> Amount:
    """Share of cases that a part cures: all where only the accessory is missing, else by class."""
    return 1.0 if b.cell.issue == "missing_accessory" else b.class_field("part_fix_share")


send_part = Resolution(
    "send_part",
    "send the part",
    "寄送配件",
    "Send the part that is missing or cures the fault from the local bin or China; if it does not, the"
    " fallback follows.",
    issues=("damaged", "missing_accessory", "quality_defect", "warranty_claim"),
    channels=SELLER_FULFILLED,
    remedy="repair",
    seed="S18",
    tags=KEEPS,
    providers=("warehouse", "china_factory"),
    success=cured_by_part,
    costs=(refunds.contact, repair.parts, *SMALL_PARCEL, *_AFTER),
    fallbacks=("replace_keep_old", "keep_full_refund"),
)

refund_part_value = Resolution(
    "refund_part_value",
    "refund what the missing accessory is worth",
    "退还缺失配件的价值",
    "Refund the value of the missing accessory rather than send it across the world; a refusal leads to the"
    " fallback.",
    issues=("missing_accessory",),
    channels=SELLER_FULFILLED,
    remedy="price_reduction",
    seed="S9",
    tags=KEEPS,
    costs=(refunds.contact, *refunds.PART_VALUE, *REST_KEPT),
    fallbacks=("keep_full_refund", "return_to_warehouse"),
)

reship_main_product = Resolution(
    "reship_main_product",
    "send the missing main product",
    "补发缺失的主产品",
    "Send the main product that was missing from local stock, FBA stock or China, if the buyer will wait;"
    " else the fallback follows.",
    issues=("missing_main_product",),
    channels=EVERYWHERE,
    remedy="replacement",
    seed="S9",
    tags=frozenset({"replacement"}),
    providers=STOCK,
    costs=(refunds.contact, *SENDS_NEW, refunds.carrier_claim, *_AFTER),
    fallbacks=("keep_full_refund",),
)


def cured_by_advice(b: Block, o: Option) -> Amount:
    """Share of cases that advice at a distance cures, by class; fewer where a defect is reported."""
    return b.class_field("remote_fix_share") * (
        b.number("remote.defect_factor") if b.cell.issue == "quality_defect" else 1.0
    )


remote_support = Resolution(
    "remote_support",
    "help at a distance",
    "远程指导使用",
    "Send the manual, a video or call until it works; if it does not, the fallback follows.",
    issues=("usage_help", "spec_mismatch", "quality_defect"),
    channels=EVERYWHERE,
    remedy="none",
    seed="S11",
    tags=KEEPS | {"talks_to_buyer"},
    success=cured_by_advice,
    costs=(refunds.contact, *_AFTER),
    fallbacks=("keep_full_refund", "return_to_warehouse", "return_to_fba"),
)

refund_with_evidence = Resolution(
    "refund_with_evidence",
    "ask for pictures, then refund in full",
    "索取照片后全额退款",
    "Ask politely for pictures, refund in full, the buyer keeps the goods; the pictures support claims"
    " against carrier and supplier.",
    issues=("damaged", "wrong_item", "missing_accessory", "missing_main_product", "quality_defect"),
    channels=SELLER_FULFILLED,
    remedy="refund",
    seed="S7",
    tags=KEEPS | {"talks_to_buyer"},
    costs=(
        refunds.contact,
        *refunds.FULL,
        refunds.carrier_claim_with_pictures,
        refunds.supplier_recovery_with_pictures,
        *_AFTER,
    ),
)

return_with_restocking_fee = Resolution(
    "return_with_restocking_fee",
    "return to our warehouse less a restocking fee",
    "退回海外仓并扣除重新上架费",
    "The buyer sends the goods to a local warehouse and is refunded less the fee that the platform allows for"
    " late goods.",
    issues=(*CHANGE_OF_MIND, *NEW_ONE_CURES),
    channels=SELLER_FULFILLED,
    remedy="return_refund",
    seed="S6",
    tags=frozenset({"physical_return", "gives_back_goods", "local_address", "charges_buyer"}),
    providers=("warehouse",),
    dispositions=("inspect_by_grade",),
    costs=(
        refunds.contact,
        refunds.full_refund,
        *refunds.LESS_FEE,
        refunds.restocking_fee,
        freight.return_label,
        refunds.label_paid_by_buyer,
        goods.intake,
        goods.rework_for_disposition,
        goods.recovery_by_disposition,
        *REST_KEPT,
    ),
)

decline_request = Resolution(
    "decline_request",
    "decline, explaining why",
    "说明理由并婉拒",
    "Explain politely that window and warranty have passed; nothing is owed, but the buyer may complain.",
    issues=(*CHANGE_OF_MIND, "quality_defect", "warranty_claim"),
    channels=EVERYWHERE,
    remedy="none",
    asks=False,
    seed="S6",
    costs=(refunds.contact, *_AFTER),
)

ALL = (
    keep_partial_refund,
    keep_full_refund,
    keep_with_gift,
    return_to_fba,
    return_to_warehouse,
    return_to_china,
    replace_keep_old,
    replace_return_old,
    send_part,
    refund_part_value,
    reship_main_product,
    remote_support,
    refund_with_evidence,
    return_with_restocking_fee,
    decline_request,
)
