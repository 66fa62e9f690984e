"""What limits on order defects read of an account health report: the orders that the seller ships, and the
defects among them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from optimizer.errors import InputError, Problem
from optimizer.inputs.account_health import read_account_health
from optimizer.inputs.limits import FROM_ACCOUNT_HEALTH, LimitDeclaration


class AccountOrders(NamedTuple):
    """Seller-fulfilled orders of an account in one market, and the order defects that they have already."""

    orders: float
    defects: int


def reports_named(limits: Iterable[LimitDeclaration]) -> tuple[str, ...]:
    """Paths of the reports that amounts of limits follow from; a report whose limit has an amount of its own
    is not needed."""
    named = (d.report for d in limits if d.orders == FROM_ACCOUNT_HEALTH and d.amount is None)
    return tuple(dict.fromkeys(path for path in named if path))


def read_account_orders(paths: Iterable[str]) -> dict[str, dict[str, AccountOrders]]:
    """Orders and defects by report and market; InputError with every problem of every report."""
    found: dict[str, dict[str, AccountOrders]] = {}
    problems: list[Problem] = []
    for path in paths:
        try:
            health = read_account_health(path)
        except InputError as refused:
            problems += refused.problems
            continue
        problems += health.rejects
        own = health.table[
            (health.table["metric"] == "order_defect_rate") & (health.table["channel"] != "fba")
        ]
        found[path] = {
            str(market): AccountOrders(float(rows["orders"].sum()), int(rows["defects"].sum()))
            for market, rows in own.groupby("market")
        }
    if problems:
        raise InputError(problems)
    return found


def files_of(paths: Iterable[str], taken: Iterable[str]) -> dict[str, Path]:
    """Reports by the name they have among the inputs; one whose name is taken is told apart by its folder."""
    names = set(taken)
    found: dict[str, Path] = {}
    for path in map(Path, paths):
        name = path.name if path.name not in names else f"{path.parent.name}/{path.name}"
        names.add(name)
        found[name] = path
    return found
