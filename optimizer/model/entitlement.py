"""What the buyer is entitled to, by market, issue and age; an option below it is an offer."""

from __future__ import annotations

import numpy as np

from optimizer.model.block import Amount, Block
from optimizer.model.declare import Option
from optimizer.model.world import Entitlement

_NOTHING = "none"  # a row with this remedy says that the seller owes nothing; it entitles to nothing


def _rows(b: Block) -> list[Entitlement]:
    return b.kept("entitlement rows", lambda: b.world.entitlements(b.cell.market, b.cell.issue))


def lasts(b: Block, window: str) -> np.ndarray:
    """Does a named window still last? The return window goes by class and includes the holiday extension.
    (C,) bool"""
    if window == "return_window":
        return b.in_window
    return b.kept(
        ("lasts", window), lambda: np.floor(b.cases.age_days) <= max(b.market.window_days(window).values())
    )


def _holds(b: Block, row: Entitlement) -> np.ndarray:
    def make() -> np.ndarray:
        age = np.floor(b.cases.age_days)
        begun = ~lasts(b, row.first) if isinstance(row.first, str) else age >= row.first
        still = lasts(b, row.last) if isinstance(row.last, str) else age <= row.last
        return begun & still & (b.cases.order_day >= np.datetime64(row.valid_from))

    return b.kept(("holds", row.first, row.last, row.valid_from), make)


def entitled(b: Block, remedy: str) -> np.ndarray:
    """Is the remedy one the buyer is entitled to?   (C,) bool"""

    def make() -> np.ndarray:
        found = np.zeros(b.n, bool)
        for row in _rows(b):
            if row.remedy == remedy:
                found |= _holds(b, row)
        return found

    return b.kept(("entitled", remedy), make)


def owed_nothing(b: Block) -> np.ndarray:
    """Is the buyer entitled to no remedy at all?   (C,) bool"""

    def make() -> np.ndarray:
        found = np.ones(b.n, bool)
        for row in _rows(b):
            if row.remedy != _NOTHING:
                found &= ~_holds(b, row)
        return found

    return b.kept("owed nothing", make)


def chosen_by_buyer(b: Block) -> np.ndarray:
    """Does the buyer choose among the remedies?   (C,) bool"""

    def make() -> np.ndarray:
        found = np.zeros(b.n, bool)
        for row in _rows(b):
            if row.chooser == "buyer":
                found |= _holds(b, row)
        return found

    return b.kept("chosen by buyer", make)


def goes_along(b: Block, remedy: str) -> np.ndarray:
    """Share of buyers who go along when an entitled remedy is proposed; 0 where they are not entitled.
    (C,)"""

    def make() -> np.ndarray:
        share = np.zeros(b.n)
        for row in _rows(b):
            if row.remedy == remedy:
                share = np.where(_holds(b, row), row.share, share)
        return share

    return b.kept(("goes along", remedy), make)


def acceptance(b: Block, o: Option) -> Amount:
    """Probability that the buyer accepts the option, q.   number or (C,)

    1 where nobody is asked or a refund is given that asks nothing unusual of the buyer; the share of the
    entitlement where the buyer is entitled to the remedy; for offers of money the acceptance table at the
    offered share x the issue's multiplier; else, and where the buyer gets nothing, the resolution's
    acceptance x the provider's.
    """
    spec = o.spec
    may_be_refused = "may_be_refused" in spec.tags
    if not spec.asks or (spec.remedy in ("refund", "return_refund") and not may_be_refused):
        return 1.0
    if o.offer:
        return offer_acceptance(b, o)
    usual = b.number(f"resolution.{o.resolution}.acceptance")
    if o.provider:
        usual *= b.world.providers[o.provider]["acceptance"]
    if may_be_refused or spec.remedy == _NOTHING:
        return usual

    def make() -> Amount:
        q = np.where(entitled(b, spec.remedy), goes_along(b, spec.remedy), usual)
        return float(q[0]) if len(q) and (q == q[0]).all() else q

    return b.kept(("acceptance", o.resolution, o.provider), make)


def offer_acceptance(b: Block, o: Option) -> Amount:
    """min(1, multiplier of the issue x table at the offered share); between the table's levels it is
    interpolated, below the lowest none accept."""
    shares, accepted = b.world.offer_table
    times = b.number(f"acceptance.issue.{b.cell.issue}")
    if o.offer_share is not None:
        return min(1.0, times * float(np.interp(o.offer_share, shares, accepted, left=0.0)))
    return np.minimum(1.0, times * np.interp(float(o.offer) / b.price, shares, accepted, left=0.0))
