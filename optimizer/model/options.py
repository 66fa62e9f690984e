"""The options of a cell: resolutions spread over providers, dispositions, offer levels and fallbacks."""

from __future__ import annotations

from optimizer.model.block import Cell
from optimizer.model.declare import Option
from optimizer.model.resolutions import RESOLUTIONS
from optimizer.model.world import World

MOST_FALLBACKS = 3


def options_of(world: World, cell: Cell) -> list[Option]:
    """All options of a cell in catalogue order; equal instructions are equal options, and ties go to the
    earlier one."""
    providers = {r: _providers(world, cell, r.providers) for r in RESOLUTIONS if r.serves(cell)}
    available = {r.key for r, names in providers.items() if names}
    fixed = f"{world.markets[cell.market].number('offer.fixed_amount'):.2f}"
    found: list[Option] = []
    for r, names in providers.items():
        fallbacks = [f for f in r.fallbacks if f in available][:MOST_FALLBACKS] if r.fallbacks else [""]
        found += [
            Option(r.key, provider, disposition, fixed if offer == "fixed" else offer, fallback, r)
            for provider in names
            for disposition in _dispositions(world, cell, r.dispositions)
            for offer in r.offers
            for fallback in fallbacks
        ]
    return found


def _dispositions(world: World, cell: Cell, names: tuple[str, ...]) -> list[str]:
    """What can be done comes first, for fallbacks mean the first: a parcel is rescued only to an address
    in the market."""
    return sorted(names, key=lambda d: d == "rescue" and not world.has_local_address(cell.market))


def _providers(world: World, cell: Cell, kinds: tuple[str, ...]) -> list[str]:
    if not kinds:
        return [""]
    kinds = tuple(k for k in kinds if k != "platform" or cell.channel == "fba")
    if cell.channel == "fba" and "platform" in kinds:
        kinds = ("platform", *(k for k in kinds if k not in ("platform", "warehouse")))
    found = world.providers_in(cell.market, kinds)
    return [
        p.name for p in sorted(found, key=lambda p: not p.open)
    ]  # what is in use first: fallbacks mean the first


def fallback_option(options: list[Option], fallback: str) -> int:
    """Column of the option that a fallback means: the first of its resolution, plain, nobody asked again."""
    return next(i for i, o in enumerate(options) if o.resolution == fallback and not o.offer)
