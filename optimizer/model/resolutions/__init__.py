"""Every way out, one declaration each. To add one, write it in the file of its family and add its row to
data/resolutions.csv."""

from __future__ import annotations

from dataclasses import replace

from optimizer.domain.assumption import Assumption, Book
from optimizer.model.declare import Resolution
from optimizer.model.resolutions import claims, delivery, goods, order, returns, reviews, warranty

RESOLUTIONS: tuple[Resolution, ...] = (
    *order.ALL,
    *delivery.ALL,
    *returns.ALL,
    *claims.ALL,
    *goods.ALL,
    *reviews.ALL,
    *warranty.ALL,
)
RESOLUTION: dict[str, Resolution] = {r.key: r for r in RESOLUTIONS}


def with_titles(book: Book) -> Book:
    """The book with the ways out called by their titles in Chinese: the data folder knows their keys only."""

    def named(a: Assumption) -> Assumption:
        words = a.zh.partition("：")[0].split(" ")
        said = " ".join(RESOLUTION[w].zh if w in RESOLUTION else w for w in words)
        return a if words == said.split(" ") else replace(a, zh=said + a.zh[len(" ".join(words)) :])

    return Book(named(a) if a.key.startswith(("resolution.", "outcome.")) else a for a in book.values())
