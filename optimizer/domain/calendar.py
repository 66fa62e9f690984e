"""How long months are where days and months meet."""

from __future__ import annotations

DAYS_PER_MONTH = 30.4375  # the mean over four years: 1,461 days / 48
