"""The best partial refund as a continuous share of the price."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import expit, wrightomega


class BestOffer(NamedTuple):
    """The offered share of the price with the least expected cost, and the two quantities of its formula."""

    share: float
    cost: float
    kappa: float
    omega: float


def best_offer(
    price: float,
    fallback: float,
    besides: float,
    seller_share: float,
    a: float,
    b: float,
    multiplier: float = 1.0,
    lowest: float = 0.10,
) -> BestOffer:
    """Share f that minimises q(f) x (besides + seller share x price x f) + (1 - q(f)) x fallback, q =
    multiplier x logistic(a + b f).

    kappa = b x (fallback - besides) / (seller share x price) + a - 1; f = (kappa - omega(kappa) - a) / b,
    held between the lowest offer and the whole price. Money in any one currency.
    """
    kappa = b * (fallback - besides) / (seller_share * price) + a - 1.0
    omega = float(np.real(wrightomega(kappa)))
    share = float(np.clip((kappa - omega - a) / b, lowest, 1.0))
    q = min(1.0, multiplier * float(expit(a + b * share)))
    return BestOffer(share, q * (besides + seller_share * price * share) + (1.0 - q) * fallback, kappa, omega)
