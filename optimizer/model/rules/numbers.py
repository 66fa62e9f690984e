"""Numbers that several rules read, because they call the same functions: name -> key of the assumption."""

from __future__ import annotations

ADDRESS = {"open": "provider.*.open"}  # world.has_local_address
RETURNABLE = {"label": "{market}.lane.return_label.*", **ADDRESS}  # block.returnable
WINDOW = {  # block.in_window
    "window": "{market}.return_window.*",
    "holiday": "{market}.holiday.*",
    "window_group": "class.{class}.window_group",
}
WITHDRAWAL = {"withdrawal": "{market}.withdrawal.days"}
# entitlement.entitled and its like: rows of entitlements end with a window of the market
RIGHTS = {"guarantee": "{market}.guarantee.months", "reject": "{market}.guarantee.reject_days", **WINDOW}
DAYS = {  # measures.days of an option that asks the buyer
    "own_days": "resolution.{resolution}.days",
    "lead_days": "provider.{provider}.lead_days",
    "lane_days": "{market}.lane.*.days",
}
