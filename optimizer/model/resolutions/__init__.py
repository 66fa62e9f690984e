"""Every way out, one declaration each. To add one, write it in the file of its family and add its row to data/resolutions.csv."""
from __future__ import annotations

from optimizer.model.declare import Resolution
from optimizer.model.resolutions import claims, delivery, goods, order, returns, reviews, warranty

RESOLUTIONS: tuple[Resolution, ...] = (*order.ALL, *delivery.ALL, *returns.ALL, *claims.ALL, *goods.ALL, *reviews.ALL,
                                       *warranty.ALL)
RESOLUTION: dict[str, Resolution] = {r.key: r for r in RESOLUTIONS}
