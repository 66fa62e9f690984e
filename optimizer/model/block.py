"""A block: cases of one platform, market, channel and issue, as arrays that lines and rules read."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple, TypeVar, cast

import numpy as np

from optimizer.domain.money import round_money
from optimizer.domain.names import BATTERIES
from optimizer.model.lanes import GRAM
from optimizer.model.products import Products
from optimizer.model.world import STAGES, Market, World

Amount = float | np.ndarray  # money or a share: one for all cases of a block, or one per case (C,)
Flags = bool | np.ndarray  # the same of yes and no
Found = TypeVar("Found")
Money = TypeVar("Money", float, np.ndarray, Amount)
RETURN_WORDS = r"return|refund|退货|退款|返品"
SAFETY_WORDS = r"smok|fire|burn|swell|swollen|overheat|explo|shock|冒烟|起火|烧|鼓包|膨胀|过热|爆炸|触电"


def _day_of_year(text: str) -> int:
    """MM-DD as months x 100 + days that have passed, for comparing."""
    month, day = map(int, text.split("-"))
    return (month - 1) * 100 + day - 1


class Cell(NamedTuple):
    """What all cases of a block share."""

    platform: str
    market: str
    channel: str
    issue: str


class Columns(NamedTuple):
    """Case columns as pricing needs them.   every array (C,)"""

    price: np.ndarray  # market currency per unit, as the buyer paid it
    quantity: np.ndarray
    product: np.ndarray  # row of Products
    fault: np.ndarray  # index into FAULTS
    condition: np.ndarray  # index into CONDITIONS
    shipped: np.ndarray  # bool
    delivered: np.ndarray  # bool
    claim_open: np.ndarray  # bool
    safety: np.ndarray  # bool: the reason speaks of smoke, swelling, burns
    unhappy_return: np.ndarray  # bool: the reason speaks of a return that went wrong
    stars: np.ndarray  # of the review or feedback; NaN where unknown
    prior_claims: np.ndarray
    order_day: np.ndarray  # datetime64[D]
    case_day: np.ndarray  # datetime64[D]
    age_days: np.ndarray  # days since delivery (0 where not delivered)

    def take(self, rows: np.ndarray | slice) -> Columns:
        return Columns(*(a[rows] for a in self))


class Block:
    """C cases of one cell with the facts they are priced by."""

    def __init__(self, world: World, products: Products, cell: Cell, columns: Columns):
        self.world, self.products, self.cell, self.cases = world, products, cell, columns
        self.market: Market = world.markets[cell.market]
        self.book = world.book
        self.n = len(columns.price)
        self.quantity = columns.quantity.astype(float)
        self._kept: dict[object, object] = {}

    def kept(self, key: object, make: Callable[[], Found]) -> Found:
        """Compute once per block."""
        if key not in self._kept:
            self._kept[key] = make()
        return cast(Found, self._kept[key])

    def money(self, amount: Money, currency: str | None = None) -> Money:
        """An amount in `currency` (default the market's) in the reporting currency."""
        rate = self.world.rate(currency or self.market.currency)
        return amount if rate == 1.0 else amount * rate

    def number(self, key: str, default: float | None = None) -> float:
        return self.book.number(key, default)

    def class_field(self, what: str) -> np.ndarray:
        """A field of the product class, per case.   (C,)"""
        return self.kept(("class", what), lambda: self.world.class_numbers(what)[self.class_index])

    @cached_property
    def class_index(self) -> np.ndarray:
        return self.products.class_index[self.cases.product]

    @cached_property
    def price(self) -> np.ndarray:
        return self.cases.price

    @cached_property
    def referral_fee(self) -> np.ndarray:
        """Referral fee of one unit, in the market's currency."""
        fees = self.market.referral
        rows = np.array([fees.row(c) for c in self.world.class_texts("referral_category")])
        return fees.fee(self.price, rows[self.class_index])

    @cached_property
    def refund_admin_fee(self) -> np.ndarray:
        """Kept by the platform on a full refund of one unit: min(cap, share x referral fee)."""
        m = self.market
        return np.minimum(
            m.number("refund_admin.cap"), round_money(m.number("refund_admin.share") * self.referral_fee)
        )

    @cached_property
    def net_price(self) -> np.ndarray:
        """Price of one unit less the tax that a refund gives back at no cost."""
        tax = self.market.tax_in_price
        return self.price if tax == 0.0 else round_money(self.price / (1.0 + tax))

    @cached_property
    def full_refund(self) -> np.ndarray:
        """What a full refund of the case costs: (price less tax - referral fee + refund admin fee) x
        quantity, reporting currency."""
        return self.money((self.net_price - self.referral_fee + self.refund_admin_fee) * self.quantity)

    @cached_property
    def landed(self) -> np.ndarray:
        """Landed cost of one unit, reporting currency, rounded to the cent."""
        m = list(self.world.markets).index(self.cell.market)
        usd = self.products.landed[self.cases.product, m] * self.world.landed_factor
        return round_money(self.money(usd, "USD"))

    @cached_property
    def weight(self) -> np.ndarray:
        """Total weight of the case.   kg"""
        return self.products.weight_kg[self.cases.product] * self.quantity

    @cached_property
    def volume(self) -> np.ndarray:
        """Total volume of the case.   cm3"""
        return self.products.volume_cm3[self.cases.product] * self.quantity

    @cached_property
    def has_battery(self) -> np.ndarray:
        return self.products.battery[self.cases.product] != BATTERIES.index("none")

    @cached_property
    def stage(self) -> np.ndarray:
        """Index into STAGES: unshipped, shipped, in_window or after_window.   (C,)"""
        c = self.cases
        before = np.where(c.shipped, STAGES.index("shipped"), STAGES.index("unshipped"))
        after = np.where(self.in_window, STAGES.index("in_window"), STAGES.index("after_window"))
        return np.where(c.delivered, after, before)

    @cached_property
    def window_days(self) -> np.ndarray:
        """Return window of the platform in days since delivery, by class."""
        groups = self.world.class_texts("window_group")
        days = np.array([self.market.number(f"return_window.{g}_days") for g in groups])
        return days[self.class_index]

    @cached_property
    def in_window(self) -> np.ndarray:
        """Is the case within the return window, the holiday extension by order date included?"""
        inside = self.cases.age_days <= self.window_days
        if not self.market.has("holiday.until"):
            return inside
        ordered = self.cases.order_day
        year, month = ordered.astype("datetime64[Y]"), ordered.astype("datetime64[M]")
        day_of_year = (month - year).astype(int) * 100 + (ordered - month.astype("datetime64[D]")).astype(int)
        (first, last), (m, d) = (
            (_day_of_year(self.market.text(f"holiday.{k}")) for k in ("order_from", "order_to")),
            divmod(_day_of_year(self.market.text("holiday.until")), 100),
        )
        until = ((year + 1).astype("datetime64[M]") + m).astype("datetime64[D]") + d
        return inside | ((day_of_year >= first) & (day_of_year <= last) & (self.cases.case_day <= until))

    @cached_property
    def decided_by(self) -> np.ndarray:
        """Who decides, per case.   (C,) str"""
        return np.array(self.decider_of_stage)[self.stage]

    @cached_property
    def decider_of_stage(self) -> list[str]:
        """Who decides at each of STAGES."""
        return [self.world.decided_by(*self.cell, stage) for stage in STAGES]

    def parcel(
        self, lane_name: str, kg: float | None = None, factor: str | None = None
    ) -> np.ndarray | float:
        """Price of one parcel of the whole case on a lane, reporting currency; `kg` for a parcel of fixed
        weight.

        Formula: factor x price list at the billable weight, rounded in the lane's currency. Only freight
        lines name a `factor`, so that a change of freight rates touches no other line.
        """
        lane = self.market.lanes[lane_name]
        times = self.number(factor) if factor else 1.0

        def price() -> np.ndarray | float:
            weight = lane.billable(self.weight, self.volume) if kg is None else np.array([kg])
            fee = self.money(lane.fee(weight, times), lane.currency)
            return fee if kg is None else float(fee[0])

        return self.kept(("parcel", lane_name, kg, times), price)

    def unit_fee(self, lane_name: str) -> np.ndarray:
        """Price of sending or handling one unit by itself on a lane, reporting currency; freight factors
        do not touch it."""
        lane = self.market.lanes[lane_name]
        row = self.cases.product
        return self.kept(
            ("unit fee", lane_name),
            lambda: self.money(
                lane.fee(lane.billable(self.products.weight_kg[row], self.products.volume_cm3[row])),
                lane.currency,
            ),
        )

    def fits(self, lane_name: str) -> np.ndarray:
        """Is the parcel of the whole case light enough for the lane?"""
        lane = self.market.lanes[lane_name]
        return self.kept(("fits", lane_name), lambda: lane.fits(lane.billable(self.weight, self.volume)))

    @cached_property
    def returnable(self) -> np.ndarray:
        """Can the goods be sent back within the market: is there an address, and does a label carry the
        parcel?   (C,) bool"""
        return self.fits("return_label") & self.world.has_local_address(self.cell.market)

    def intake_fee(self) -> np.ndarray:
        """Receiving and checking all units at a warehouse, reporting currency."""
        up_to, fees = self.market.intake
        unit = self.products.weight_kg[self.cases.product]
        return self.money(
            fees[np.minimum(np.searchsorted(up_to + GRAM, unit), len(up_to) - 1)] * self.quantity
        )
