"""What a bad review or feedback still costs after an answer."""

from __future__ import annotations

import numpy as np

from optimizer.model.block import Amount, Block
from optimizer.model.components.risk import defect_money
from optimizer.model.declare import Option, component

COUNTED_STARS = 2.0  # feedback of one or two stars is an order defect; three stars cost half the lost sales
CHANGED = ("review.changed.*", "review.answer_days", "review.half_life_days", "review.removed.{channel}")


def still_stands(b: Block, o: Option) -> float:
    """Share of reviews that stay as they are: 1 - share changed x 0.5 ^ (days until answered / half-life).

    The effect falls with the days that pass. A removal asked of the platform does not depend on the
    reviewer's mood.
    """
    if o.resolution == "request_removal":
        return 1.0 - b.number(f"review.removed.{b.cell.channel}")
    fading = 0.5 ** (b.number("review.answer_days") / b.number("review.half_life_days"))
    return 1.0 - b.number(f"review.changed.{o.resolution}") * fading


def weight_of_stars(b: Block) -> np.ndarray:
    """1 for one or two stars or unknown, 0.5 for three, 0 above.   (C,)"""
    stars = b.cases.stars
    return np.where(np.isnan(stars) | (stars <= COUNTED_STARS), 1.0, np.where(stars <= 3.0, 0.5, 0.0))


@component(
    "expected_review",
    "share of reviews that stay x weight of the stars x money of one bad review; feedback hits the listing"
    " less",
    ("class.{class}.review_cost", "feedback.conversion_share", *CHANGED),
    ("resolution",),
)
def lost_conversion(b: Block, o: Option) -> Amount:
    hits = b.number("feedback.conversion_share") if b.cell.issue == "negative_feedback" else 1.0
    return hits * still_stands(b, o) * weight_of_stars(b) * b.money(b.class_field("review_cost"), "USD")


def feedback_defects(b: Block, o: Option) -> Amount:
    """Expected order defects of bad feedback: share that stays where it has one or two stars; reviews of
    the product are none.   (C,) or 0"""
    if b.cell.issue != "negative_feedback":
        return 0.0
    return still_stands(b, o) * np.where(weight_of_stars(b) == 1.0, 1.0, 0.0)


@component(
    "expected_claim",
    "feedback of one or two stars that stays x money of one order defect",
    ("claim.defect_money", *CHANGED),
    ("resolution",),
)
def feedback_defect(b: Block, o: Option) -> Amount:
    return feedback_defects(b, o) * defect_money(b)


STANDING = (lost_conversion, feedback_defect)
