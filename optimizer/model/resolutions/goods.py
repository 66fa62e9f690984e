"""What to do with goods that came back; their refund has happened."""

from __future__ import annotations

from optimizer.domain.sets import EVERYWHERE, SELLER_FULFILLED
from optimizer.model.components import freight, goods, repair
from optimizer.model.declare import Resolution

BACK = ("returned_goods",)
SENT_ON = (goods.fba_removal,)
INTO_CHINA = (freight.entry_into_china, freight.tax_into_china, freight.duty_drawback)

restock_as_new = Resolution(
    "restock_as_new",
    "relabel and sell as new",
    "换标后按新品销售",
    "Sealed goods go back on sale as new; wrong grading brings complaints and claims.",
    issues=BACK,
    channels=EVERYWHERE,
    remedy="none",
    asks=False,
    seed="S14",
    tags=frozenset({"sold_as_new"}),
    costs=(goods.handling_of_returned_goods, goods.recovery_by_resolution, goods.misgrading),
)

sell_used_by_grade = Resolution(
    "sell_used_by_grade",
    "sell as used by grade",
    "按成色二手销售",
    "Every unit is graded and sold as used.",
    issues=BACK,
    channels=EVERYWHERE,
    remedy="none",
    asks=False,
    seed="S14",
    tags=frozenset({"sold_used"}),
    costs=(goods.handling_of_returned_goods, goods.recovery_by_resolution),
)

refurbish_and_sell = Resolution(
    "refurbish_and_sell",
    "refurbish and sell",
    "翻新后销售",
    "Clean, repair and sell as refurbished.",
    issues=BACK,
    channels=SELLER_FULFILLED,
    remedy="none",
    asks=False,
    seed="S14",
    tags=frozenset({"sold_used"}),
    costs=(goods.handling_of_returned_goods, goods.recovery_by_resolution),
)

liquidate = Resolution(
    "liquidate",
    "liquidate",
    "批量清货",
    "Sell the lot to a liquidator.",
    issues=BACK,
    channels=EVERYWHERE,
    remedy="none",
    asks=False,
    seed="S14",
    tags=frozenset({"sold_used"}),
    costs=(goods.recovery_by_resolution,),
)

dispose = Resolution(
    "dispose",
    "dispose",
    "弃置",
    "Have the unit destroyed.",
    issues=BACK,
    channels=EVERYWHERE,
    remedy="none",
    asks=False,
    seed="S14",
    costs=(goods.disposal,),
)

ship_to_china_single = Resolution(
    "ship_to_china_single",
    "ship to China, one by one",
    "单件寄回中国",
    "One parcel to China.",
    issues=BACK,
    channels=EVERYWHERE,
    remedy="none",
    asks=False,
    seed="S14",
    tags=frozenset({"to_china_by_air"}),
    costs=(*SENT_ON, freight.parcel_to_china, *INTO_CHINA, goods.recovery_by_resolution),
)

ship_to_china_batch = Resolution(
    "ship_to_china_batch",
    "ship to China in a batch",
    "集运回中国",
    "Collect at the warehouse and ship as one consignment.",
    issues=BACK,
    channels=EVERYWHERE,
    remedy="none",
    asks=False,
    seed="S14",
    tags=frozenset({"batch_to_china", "local_address"}),
    providers=("china_batch",),
    costs=(
        *SENT_ON,
        freight.backhaul,
        repair.lot_share,
        repair.storage_while_waiting,
        repair.capital_while_waiting,
        *INTO_CHINA,
        goods.recovery_by_resolution,
    ),
)

third_party_rework = Resolution(
    "third_party_rework",
    "rework by a returns service",
    "第三方退货服务商返修",
    "A returns service tests, cleans and sends back to stock as like new.",
    issues=BACK,
    channels=EVERYWHERE,
    remedy="none",
    asks=False,
    seed="S14",
    tags=frozenset({"sold_used"}),
    providers=("domestic_overseas",),
    costs=(*SENT_ON, repair.provider_job, repair.provider_volume_cost, goods.recovery_by_resolution),
)

inspect_by_grade = Resolution(
    "inspect_by_grade",
    "inspect, then the best use of each grade",
    "开箱检测后按成色处理",
    "Open and test every unit, then take the best allowed use of its grade.",
    issues=BACK,
    channels=EVERYWHERE,
    remedy="none",
    asks=False,
    seed="S14",
    costs=(goods.inspection, goods.recovery_by_resolution),
)

ALL = (
    restock_as_new,
    sell_used_by_grade,
    refurbish_and_sell,
    liquidate,
    dispose,
    ship_to_china_single,
    ship_to_china_batch,
    third_party_rework,
    inspect_by_grade,
)
