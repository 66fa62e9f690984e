"""The policy in the grammar of the platform's returnless settings: category x price range x return reasons,
no two overlapping.

Such a setting knows price, category and reason and nothing else: what the table makes depend on more is
exported for the ordinary case only, and `note` says which cases the table treats otherwise. Where the classes
of a category disagree, only the prices stand on which all agree; so with the seller's warehouse and what else
the seller ships.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from babel.numbers import get_currency_precision

from optimizer.domain.names import FAULTS, ISSUES, UNCLASSIFIED
from optimizer.domain.sets import SELLER_FULFILLED
from optimizer.inputs.reason_codes import REASON_CODES, ReasonCode, reason_codes
from optimizer.model.block import Cell
from optimizer.model.declare import Option
from optimizer.model.engine import Engine
from optimizer.model.pricing import PricedBlock
from optimizer.model.world import STAGES
from optimizer.phrases import Phrase, chain, phrase, say_again
from optimizer.policy.ordinary import RETURNLESS, Ladder, Questions, Range

RETURNLESS_COLUMNS = [
    "market",
    "channel",
    "category",
    "product_classes",
    "price_from",
    "price_to",
    "currency",
    "reasons",
    "issues",
    "cases",
    "saving",
    "note",
]
PLATFORM = "amazon"
SETTINGS = {
    "fba": ("fba",),
    "merchant": SELLER_FULFILLED,
}  # for the platform, a seller's warehouse is the seller
SELLER_CODES = ("AMZ-PG-", "UND-")  # starts of codes that FBA returns do not have
REQUIRED = phrase("required by the platform")
BETWEEN = ";"


class Reasons(NamedTuple):
    """The platform's return reason codes of an issue, and the faults they speak of."""

    codes: tuple[str, ...]
    faults: tuple[int, ...]  # index into FAULTS


def reasons_of(codes: Iterable[ReasonCode]) -> dict[str, dict[str, Reasons]]:
    """Reason codes by setting and issue."""
    codes, found = tuple(codes), {}
    for setting in SETTINGS:
        its = [c for c in codes if setting != "fba" or not c.code.startswith(SELLER_CODES)]
        found[setting] = {
            issue: Reasons(
                tuple(c.code for c in own), tuple(sorted({list(FAULTS).index(c.fault) for c in own}))
            )
            for issue in ISSUES
            if (own := [c for c in its if c.issue == issue])
        }
    return found


def returnless_rules(
    engine: Engine,
    blocks: Sequence[PricedBlock],
    frame: pd.DataFrame,
    reasons: Mapping[str, Mapping[str, Reasons]] | None = None,
    t: Callable[[str], str] = str,
) -> pd.DataFrame:
    """The columns of returnless_rules.csv: what a policy table says, for the classes of which a market and
    channel have cases.

    Prices belong to the range at both ends. `saving`, in the reporting currency, is against the cheapest
    acceptable way out that is not returnless, over the cases of the run within the return window. Notes are
    in the language of `t`.
    """
    world, questions = engine.world, Questions(engine, frame)
    reasons = reasons or reasons_of(reason_codes(world.scenario.tables[REASON_CODES]))
    lines: list[tuple] = []
    for market in world.markets:
        for setting, channels in SETTINGS.items():
            mine = [
                b
                for b in blocks
                if b.cell.platform == PLATFORM and b.cell.market == market and b.cell.channel in channels
            ]
            if mine:
                its = _Setting(
                    questions,
                    market,
                    setting,
                    [c for c in channels if any(b.cell.channel == c for b in mine)],
                    reasons[setting],
                    pd.concat([_refundable(engine, b) for b in mine], ignore_index=True),
                )
                for category, classes in _categories(engine, mine):
                    lines += ((*line, say_again(note, t)) for *line, note in its.lines(category, classes))
    return pd.DataFrame(lines, columns=RETURNLESS_COLUMNS)


class _Setting:
    """The settings of a market for FBA, or for what the seller ships."""

    def __init__(
        self,
        questions: Questions,
        market: str,
        name: str,
        channels: Sequence[str],
        reasons: Mapping[str, Reasons],
        cases: pd.DataFrame,
    ):
        self.questions, self.world, self.market, self.name, self.channels = (
            questions,
            questions.world,
            market,
            name,
            channels,
        )
        self.reasons, self.cases, self.ladders = reasons, cases, {}
        for issue, its in reasons.items():
            cells = [self._cell(c, issue) for c in channels]
            if any(questions.may_say(c) for c in cells):
                self.ladders[issue] = questions.ladder(cells, its.faults)

    def lines(self, category: str, classes: np.ndarray) -> Iterator[tuple]:
        """The rows of a category."""
        found: dict[Range, list[str]] = defaultdict(list)
        lost: list[Phrase] = []
        for issue, ladder in self.ladders.items():
            said = ladder.said[classes]
            agreed = (said.all(axis=(0, 1)) | ladder.required) & ladder.possible
            for at in ladder.ranges(agreed):
                found[at].append(issue)
            lost += self._given_up(issue, ladder, classes, said & ~agreed & ladder.possible)
        for at, issues in sorted(found.items()):
            low, high = self._ends(at)
            if low > high:
                continue
            cases = self._falling(issues, classes, at)
            note = [REQUIRED] * at.required + self._exceptions(issues, classes, at)
            if refused := int((~cases["possible"]).sum()):
                note.append(phrase("refused for {refused} of these cases", refused=refused))
            if lost:
                note.append(
                    phrase(
                        "given up because classes or channels differ: {what}", what=chain(lost, phrase(", "))
                    )
                )
                lost = []
            yield (
                self.market,
                self.name,
                category,
                BETWEEN.join(self.world.classes[k] for k in classes),
                low,
                high,
                self.world.markets[self.market].currency,
                BETWEEN.join(c for i in issues for c in self.reasons[i].codes),
                BETWEEN.join(issues),
                len(cases),
                np.nan if at.required else _saving(cases),
                chain(note, phrase("; ")),
            )

    def _cell(self, channel: str, issue: str) -> Cell:
        return Cell(PLATFORM, self.market, channel, issue)

    def _ends(self, at: Range) -> tuple[float, float]:
        """First and last price of a range; the last is not a number where it is open."""
        step = 10.0 ** -get_currency_precision(self.world.markets[self.market].currency)
        low = 0.0 if at.low == -np.inf else round((np.floor(at.low / step + 1e-6) + 1.0) * step, 2)
        return low, round(np.floor(at.high / step + 1e-6) * step, 2) if np.isfinite(at.high) else np.nan

    def _falling(
        self, issues: Sequence[str], classes: np.ndarray, at: Range, channel: str | None = None
    ) -> pd.DataFrame:
        """Cases that the setting would catch: it sees no more of them than this."""
        c = self.cases
        caught = (
            c["issue"].isin(issues)
            & c["product_class"].isin(classes)
            & (c["price"] > at.low)
            & (c["price"] <= at.high)
        )
        return c[caught if channel is None else caught & (c["channel"] == channel)]

    def _exceptions(self, issues: Sequence[str], classes: np.ndarray, at: Range) -> list[Phrase]:
        conditions, rows = {}, {}
        for issue in issues:
            for channel in self.channels:
                found, said = self.questions.exceptions(
                    self._cell(channel, issue),
                    classes,
                    self.ladders[issue],
                    at,
                    self.reasons[issue].faults[0],
                )
                conditions |= dict.fromkeys(found)
                rows |= dict.fromkeys(said)
        unknown = (
            [
                phrase(
                    "the settings cannot tell, and the table says otherwise where {conditions}",
                    conditions=", ".join(conditions),
                )
            ]
            if conditions
            else []
        )
        return [*unknown, phrase("from {rows}", rows=", ".join(sorted(rows)))] if rows else unknown

    def _given_up(self, issue: str, ladder: Ladder, classes: np.ndarray, zones: np.ndarray) -> list[Phrase]:
        """What single classes and channels with cases would have; zones (K, channels, Z)."""
        found: dict[Range, list[tuple[int, str]]] = defaultdict(list)
        for i, k in enumerate(classes):
            for j, channel in enumerate(self.channels):
                for at in ladder.ranges(zones[i, j]):
                    found[at].append((int(k), channel))
        texts: list[Phrase] = []
        for at, kinds in sorted(found.items()):
            low, high = self._ends(at)
            cases = pd.concat([self._falling([issue], np.array([k]), at, c) for k, c in kinds])
            names = chain(
                (self.world.classes[k] + f" ({c})" * (len(self.channels) > 1) for k, c in kinds),
                phrase(" and "),
            )
            prices = (
                phrase("from {low:.2f}", low=low)
                if np.isnan(high)
                else phrase("{low:.2f} to {high:.2f}", low=low, high=high)
            )
            if len(cases):
                saving = _saving(cases)
                told = (
                    phrase("{count} cases", count=len(cases))
                    if np.isnan(saving)
                    else phrase("{count} cases, saving {saving:.2f}", count=len(cases), saving=saving)
                )
                texts.append(
                    phrase(
                        "{issue} {prices} of {names} ({told})",
                        issue=issue,
                        prices=prices,
                        names=names,
                        told=told,
                    )
                )
        return texts


def _categories(engine: Engine, blocks: Sequence[PricedBlock]) -> list[tuple[str, np.ndarray]]:
    """The platform's categories and their classes, of those that cases are about; what is not classified
    has no category."""
    world, found = engine.world, defaultdict(list)
    for k in np.unique(
        engine.products.class_index[engine.columns.product[np.concatenate([b.rows for b in blocks])]]
    ):
        if world.classes[k] != UNCLASSIFIED:
            found[world.class_texts("referral_category")[k]].append(k)
    return [(category, np.array(found[category])) for category in sorted(found)]


def _refundable(engine: Engine, b: PricedBlock) -> pd.DataFrame:
    """Cases within the return window that the seller decides: is a returnless refund possible, and how
    many cents does it save?"""
    block = engine.block(b.cell, b.rows)
    own = np.flatnonzero((block.stage == STAGES.index("in_window")) & ~b.mixed)
    here = [i for i, o in enumerate(b.options) if o.resolution == RETURNLESS]
    others = [i for i, o in enumerate(b.options) if not is_returnless(o)]
    cost = np.where(b.acceptable, b.total, np.inf)[own]
    returnless, other = (cost[:, columns].min(axis=1, initial=np.inf) for columns in (here, others))
    possible = np.isfinite(returnless)
    both = possible & np.isfinite(other)
    saving = np.full(len(own), np.nan)
    saving[both] = other[both] - returnless[both]
    return pd.DataFrame(
        {
            "channel": b.cell.channel,
            "issue": b.cell.issue,
            "product_class": block.class_index[own],
            "price": block.price[own],
            "possible": possible,
            "saving": saving,
        }
    )


def is_returnless(option: Option) -> bool:
    """All the money back, and the goods stay with the buyer."""
    return option.spec.remedy == "refund" and "keeps_goods" in option.spec.tags


def _saving(cases: pd.DataFrame) -> float:
    """Reporting currency; not a number where there are cases and none of them has another way out."""
    known = cases["saving"].dropna()
    return np.nan if len(cases) and known.empty else round(float(known.sum()) / 100.0, 2)
