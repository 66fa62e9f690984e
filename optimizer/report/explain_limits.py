"""One case under shared limits, in words: what it uses of them, and why it gives way to others."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimizer.answer.run import Answer
from optimizer.i18n import Titles, translator
from optimizer.phrases import say_again
from optimizer.report.words.limits import LimitRow, group_words, limit_words, price_text, sentence
from optimizer.report.words.text import money
from optimizer.solve.clash_in_words import quantity


class LimitUse(NamedTuple):
    """What an option uses of one group of a limit."""

    row: LimitRow
    used: float

    @property
    def worth(self) -> float:
        """Money that the use is worth at the price of one more unit."""
        return self.used * self.row.shadow_price


class UnderLimits:
    """A case among all the others that share limits with it: what was decided for it and what its options
    use."""

    def __init__(self, whole: Answer, case_id: str, lang: str):
        self.whole, self.t, self.titles = whole, translator(lang), Titles(whole.scenario, lang)
        row = int(np.flatnonzero(whole.cases["case_id"].astype(str) == case_id)[0])
        self.block, self.place, self.choice = (
            int(whole.plan.block[row]),
            int(whole.plan.place[row]),
            int(whole.plan.choice[row]),
        )
        self.rows: dict[tuple[str, str], LimitRow] = {(r.limit.name, r.group): r for r in whole.limit_rows}

    def parts(self, option: int) -> list[LimitUse]:
        """What an option of the case uses, limit by limit."""
        shape, found = self.whole.blocks[self.block].total.shape, []
        for limit in self.whole.shared_limits:
            use = limit.uses[self.block]
            if use is None:
                continue
            usage, group = (np.broadcast_to(a, shape)[self.place, option] for a in use)
            if group >= 0 and usage > 0:
                found.append(LimitUse(self.rows[limit.name, limit.groups[group].label], float(usage)))
        return found

    def used(self, option: int) -> str:
        """What an option uses of the limits in force, a line each; empty where it uses none."""
        lines = [
            self.t("  - {used} of {limit}, {group}: {sentence}").format(
                used=self._amount(p),
                limit=limit_words(p.row.limit, self.titles),
                group=group_words(p.row.limit, p.row.group, self.titles),
                sentence=sentence(p.row, self.titles, self.whole.currency),
            )
            for p in self.parts(option)
        ]
        return "\n".join([self.t("It uses, in expectation"), *lines]) if lines else ""

    def against(self, option: int, other: int) -> str:
        """What `other` uses more of than `option` does, at its price, dearest first; empty where it uses
        no more of anything that has a price."""
        own = {(p.row.limit.name, p.row.group): p.used for p in self.parts(option)}
        more = [
            p._replace(used=p.used - own.get((p.row.limit.name, p.row.group), 0.0)) for p in self.parts(other)
        ]
        told = [
            self.t("{limit}, {group}, is used up: {more} more at {price} each are worth {worth}").format(
                limit=limit_words(p.row.limit, self.titles),
                group=group_words(p.row.limit, p.row.group, self.titles),
                more=self._amount(p),
                price=price_text(p.row.shadow_price / p.row.averaged, self.whole.currency),
                worth=money(p.worth, self.whole.currency),
            )
            for p in sorted(more, key=lambda p: -p.worth)
            if p.used > 0 and p.row.binds
        ]
        return self.t("; ").join(told)

    def dearer_with_use_paid(self, option: int, other: int) -> float:
        """Money by which `other` is dearer than `option` once both pay for what they use; below 0 where
        the case gives way because cases are whole."""
        total = self.whole.blocks[self.block].total[self.place]
        paid = [float(total[i]) / 100.0 + sum(p.worth for p in self.parts(i)) for i in (other, option)]
        return round(paid[0] - paid[1], 2)

    def _amount(self, part: LimitUse) -> str:
        # Of an average the case's own part is told: its days, not its share of the days on average.
        return str(say_again(quantity(part.row.limit, part.used * part.row.averaged), self.t))
