"""What a bad review or feedback still costs after an answer."""

from __future__ import annotations

import numpy as np

from optimizer.model.block import Amount, Block
from optimizer.model.components.risk import defect_money
from optimizer.model.declare import Option, component

CHANGED = ("review.changed.*", "review.answer_days", "review.half_life_days", "review.removed.{channel}")
STARS = ("review.bad_stars", "review.middling_stars", "review.middling_weight")


def still_stands(b: Block, o: Option) -> float:
    """Share of reviews that stay as they are: 1 - share changed x 0.5 ^ (days until answered / half-life).

    The effect falls with the days that pass. A removal asked of the platform does not depend on the
    reviewer's mood.
    """
    if o.resolution == "request_removal":
        return 1.0 - b.number(f"review.removed.{b.cell.channel}")
    fading = 0.5 ** (b.number("review.answer_days") / b.number("review.half_life_days"))
    return 1.0 - b.number(f"review.changed.{o.resolution}") * fading


def is_bad(b: Block) -> np.ndarray:
    """One or two stars, or how many is unknown: as feedback an order defect.   (C,) bool"""
    stars = b.cases.stars
    return np.isnan(stars) | (stars <= b.number("review.bad_stars"))


def weight_of_stars(b: Block) -> np.ndarray:
    """1 for bad ones, less for those in the middle, 0 above.   (C,)"""
    middling = b.cases.stars <= b.number("review.middling_stars")
    return np.where(is_bad(b), 1.0, np.where(middling, b.number("review.middling_weight"), 0.0))


@component(
    "expected_review",
    "share of reviews that stay x weight of the stars x money of one bad review; feedback hits the listing"
    " less",
    ("class.{class}.review_cost", "feedback.conversion_share", *STARS, *CHANGED),
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
    return still_stands(b, o) * np.where(is_bad(b), 1.0, 0.0)


@component(
    "expected_claim",
    "feedback of one or two stars that stays x money of one order defect",
    ("claim.defect_money", "review.bad_stars", *CHANGED),
    ("resolution",),
)
def feedback_defect(b: Block, o: Option) -> Amount:
    return feedback_defects(b, o) * defect_money(b)


STANDING = (lost_conversion, feedback_defect)
