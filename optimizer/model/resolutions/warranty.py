"""Warranty: eight ways to repair, beside replacing, refunding and sending a part."""

from __future__ import annotations

from optimizer.domain.sets import EVERYWHERE, WARRANTY_CLAIMS
from optimizer.model.block import Amount, Block
from optimizer.model.components import freight, goods, refunds, repair, risk
from optimizer.model.declare import Component, Option, Resolution

_AFTER = (risk.follow_on_repair, risk.expected_claim, risk.expected_review)
THERE_AND_BACK = (freight.return_label, freight.label_back)
FALLBACKS = ("replace_keep_old", "keep_full_refund")
REPAIR = frozenset({"repair", "gives_back_goods"})


Costs = tuple[Component, ...]


def by_provider(b: Block, o: Option) -> Amount:
    """Share of jobs that the provider cures."""
    return b.world.providers[o.provider]["success"]


def _repair(
    key: str, en: str, zh: str, what: str, kind: str, costs: Costs, seed: str, tags: frozenset[str] = REPAIR
) -> Resolution:
    return Resolution(
        key,
        en,
        zh,
        what,
        issues=WARRANTY_CLAIMS,
        channels=EVERYWHERE,
        remedy="repair",
        seed=seed,
        tags=tags,
        providers=(kind,),
        success=by_provider,
        costs=(refunds.contact, *costs, *_AFTER),
        fallbacks=FALLBACKS,
    )


repair_in_china_single = _repair(
    "repair_in_china_single",
    "repair in China, one by one",
    "单件寄回中国维修",
    "The buyer sends the unit to China with a prepaid label; it is repaired and sent back.",
    "china_factory",
    (
        freight.parcel_to_china,
        freight.entry_into_china,
        repair.provider_job,
        repair.parts,
        freight.parcel_from_china,
        freight.duty_on_repaired,
    ),
    "S16",
    REPAIR | {"to_china_by_air"},
)

repair_domestic_overseas = _repair(
    "repair_domestic_overseas",
    "repair by a Chinese firm abroad",
    "国内企业海外维修点维修",
    "A Chinese-run repair point in the market repairs it; labels both ways.",
    "domestic_overseas",
    (*THERE_AND_BACK, repair.provider_job, repair.provider_volume_cost, repair.parts),
    "S19",
)

repair_local = _repair(
    "repair_local",
    "repair by a local firm",
    "当地维修公司维修",
    "A local repair firm repairs it; labels both ways.",
    "local",
    (*THERE_AND_BACK, repair.provider_job, repair.provider_volume_cost, repair.parts),
    "S20",
)

repair_self_built = _repair(
    "repair_self_built",
    "repair at our own station",
    "自建维修点维修",
    "The seller's own station in the market repairs it; labels both ways.",
    "self_built",
    (*THERE_AND_BACK, repair.own_labour, repair.provider_volume_cost, repair.parts),
    "S21",
)

repair_warehouse_bench = _repair(
    "repair_warehouse_bench",
    "repair at a bench in the warehouse",
    "海外仓维修台维修",
    "A bench in the overseas warehouse repairs it; labels both ways.",
    "warehouse_bench",
    (*THERE_AND_BACK, goods.intake, repair.provider_job, repair.provider_volume_cost, repair.parts),
    "S16",
)

on_site_visit = _repair(
    "on_site_visit",
    "technician visits the buyer",
    "上门维修",
    "A local technician repairs it at the buyer's home.",
    "local",
    (repair.visit, repair.parts),
    "S18",
    frozenset({"repair", "visit"}),
)


def _swap(key: str, en: str, zh: str, what: str, kind: str, costs: Costs, tags: frozenset[str]) -> Resolution:
    return Resolution(
        key,
        en,
        zh,
        what,
        issues=WARRANTY_CLAIMS,
        channels=EVERYWHERE,
        remedy="replacement",
        seed="S16",
        tags=tags | {"swap", "replacement", "gives_back_goods", "local_address"},
        providers=(kind,),
        fallbacks=("keep_full_refund",),
        costs=(
            refunds.contact,
            freight.swap_unit,
            freight.swap_postage,
            freight.swap_pick_and_pack,
            freight.return_label,
            goods.intake,
            *costs,
            repair.parts,
            repair.storage_while_waiting,
            repair.capital_while_waiting,
            repair.repaired_unit_to_pool,
            risk.follow_on_replacement,
            risk.expected_claim,
            risk.expected_review,
        ),
    )


swap_and_batch_to_china = _swap(
    "swap_and_batch_to_china",
    "swap at once, batch the old units to China",
    "先换新，旧机集运回中国维修",
    "The buyer gets a stock unit at once; the old ones collect at the warehouse, go to China in a batch and"
    " return to the pool.",
    "china_batch",
    (freight.backhaul, repair.lot_share, freight.entry_into_china, repair.provider_job),
    frozenset({"batch_to_china"}),
)

swap_and_visiting_technician = _swap(
    "swap_and_visiting_technician",
    "swap at once, a technician flies in",
    "先换新，技术员飞赴海外仓维修",
    "The buyer gets a stock unit at once; a visiting technician repairs the old ones at the warehouse for the"
    " pool.",
    "visiting_technician",
    (repair.technician_travel, repair.provider_job),
    frozenset(),
)

ALL = (
    repair_in_china_single,
    swap_and_batch_to_china,
    swap_and_visiting_technician,
    repair_domestic_overseas,
    repair_local,
    repair_self_built,
    repair_warehouse_bench,
    on_site_visit,
)
