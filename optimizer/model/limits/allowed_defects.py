"""How many more order defects an account may have: from its orders, or from its account health report."""

from __future__ import annotations

import calendar
import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from optimizer.domain.sets import SELLER_FULFILLED
from optimizer.errors import InputError, Problem
from optimizer.inputs.account_orders import AccountOrders
from optimizer.inputs.limits import FROM_ACCOUNT_HEALTH, LimitDeclaration
from optimizer.phrases import phrase


def below(share: float, orders: float) -> int:
    """The most whole defects that stay below share x orders."""
    return max(math.ceil(round(share * orders, 9)) - 1, 0)


def allowed_defects(
    d: LimitDeclaration,
    market: str,
    last: pd.Timestamp,
    orders: pd.DataFrame | None,
    accounts: Mapping[str, Mapping[str, AccountOrders]] = MappingProxyType({}),
) -> float:
    """Order defects that an account may still have in the window that ends on `last`.

    From orders: the most whole number below share x seller-fulfilled orders of the last `days` days, a
    month's orders spread evenly over its days. From account health (`accounts`, by report and market): the
    same of the report's orders, less the defects that it holds already. Raises InputError.
    """
    if d.amount is not None:
        return d.amount
    share, days = d.window
    if d.orders == FROM_ACCOUNT_HEALTH:
        account = accounts[d.report].get(market)
        if account is None:
            raise InputError(
                [
                    Problem(
                        d.report,
                        None,
                        "orderDefectRate",
                        market,
                        phrase("has no seller-fulfilled orders in this report"),
                        phrase("Name the market in the limit, or take a report that holds it."),
                    )
                ]
            )
        return float(max(below(share, account.orders) - account.defects, 0))
    if orders is None:
        raise InputError(
            [
                Problem(
                    d.file,
                    None,
                    "limits.order_defects",
                    market,
                    phrase("needs the orders of the account"),
                    phrase(
                        "Give orders with --orders, or an account health report with `orders:"
                        " account_health`."
                    ),
                )
            ]
        )
    own = orders[(orders["market"] == market) & orders["channel"].isin(SELLER_FULFILLED)]
    first, sold, missing = last - pd.Timedelta(days=days - 1), 0.0, []
    for month in pd.period_range(first, last, freq="M"):
        rows = own[own["month"] == str(month)]
        if rows.empty:
            missing.append(str(month))
            continue
        length = calendar.monthrange(month.year, month.month)[1]
        inside = (min(last, month.end_time.normalize()) - max(first, month.start_time)).days + 1
        sold += float(np.nansum(rows["orders"])) * inside / length
    if missing:
        raise InputError(
            [
                Problem(
                    d.file,
                    None,
                    "limits.order_defects",
                    market,
                    phrase("has no orders in {months}", months=", ".join(missing)),
                    phrase("Add these months to the orders, or take fewer days."),
                )
            ]
        )
    return float(below(share, sold))
