"""One case in words: what, how much, why, why not the others, what would flip it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.analysis.offers import best_offer
from optimizer.analysis.switch import Switch, assumption_switches, price_switches
from optimizer.answer.run import Answer
from optimizer.i18n import Titles, translator
from optimizer.inputs.scenario import Scenario
from optimizer.model.components.risk import refused_offer_extra
from optimizer.model.declare import Option
from optimizer.model.engine import Engine
from optimizer.model.entitlement import acceptance
from optimizer.model.lines import LINE_KEYS
from optimizer.model.options import fallback_option
from optimizer.model.pricing import PricedBlock, Pricer
from optimizer.model.rules import RULE, sentence
from optimizer.report.explain_limits import UnderLimits
from optimizer.report.words.text import line_title, money, option_title, unit_title
from optimizer.solve.decide import EXPECTED, UNDECIDED, decide

REFUND_LINES = ("refund", "referral_fee_credit", "refund_admin_fee")
FLIPS = 5  # assumptions shown
WHY = 3  # lines shown per comparison


class Explanation:
    """Everything that is said of one case, in one language; `whole` is the run of all cases where they
    share limits."""

    def __init__(
        self,
        scenario: Scenario,
        case: pd.DataFrame,
        products: pd.DataFrame | None,
        lang: str = "en",
        whole: Answer | None = None,
    ):
        self.scenario, self.case, self.products, self.lang = (
            scenario,
            case.reset_index(drop=True),
            products,
            lang,
        )
        self.t, self.titles = translator(lang), Titles(scenario, lang)
        self.engine = Engine.of(scenario, self.case, products)
        self.priced: PricedBlock = self.engine.price()[0]
        self.pricer: Pricer = self.engine.pricer(self.priced.cell, self.priced.rows)
        self.plan = decide([self.priced], 1)
        self.limits = (
            UnderLimits(whole, str(self.case["case_id"].iloc[0]), lang)
            if whole is not None and whole.limits is not None
            else None
        )
        self.choice = int(self.plan.choice[0]) if self.limits is None else self.limits.choice
        self.currency = self.engine.world.reporting

    def title(self, i: int) -> str:
        o = self.priced.options[i]
        return option_title(
            self.titles,
            o.resolution,
            o.provider,
            o.disposition,
            o.offer,
            o.fallback,
            self.engine.world.markets[self.priced.cell.market].currency,
        )

    def total(self, i: int) -> float:
        return float(self.priced.total[0, i]) / 100.0

    def lines(self, i: int) -> np.ndarray:
        return self.pricer.line_table(i)[0] / 100.0

    def text(self) -> str:
        """The whole answer."""
        choice = self.choice
        parts = [self._head()]
        if choice == UNDECIDED:
            parts.append(self.t("No way out is acceptable. Every option is refused:"))
        elif choice == EXPECTED:
            parts.append(self._expected())
        else:
            parts += [
                self._chosen(choice),
                self._why(choice),
                self.limits.used(choice) if self.limits else "",
            ]
        parts += [self._others(choice), self._flips(choice), self._deadlines(choice)]
        return "\n\n".join(p for p in parts if p)

    def _head(self) -> str:
        row, cell = self.case.iloc[0], self.priced.cell
        age = float(self.engine.columns.age_days[0])
        facts = [
            self.titles.market(cell.market),
            self.titles.channel(cell.channel),
            self.titles.product_class(str(row["product_class"])),
            f"{float(row['item_price']):,.2f} {row['currency']} × {int(row['quantity'])}",
        ]
        if bool(row["delivered"]):
            facts.append(self.t("{days:.0f} days after delivery").format(days=age))
        if cell.issue == "returned_goods":
            facts.append(self.titles.condition(str(row["condition"])))
        return (
            self.t("Case {case}: {issue}").format(case=row["case_id"], issue=self.titles.issue(cell.issue))
            + "\n"
            + " · ".join(facts)
        )

    def _chosen(self, i: int) -> str:
        who = str(self.priced.decided_by[0])
        rows = [
            self.t("Do this: {option}").format(option=self.title(i)),
            self.t("Expected cost {total}, decided by: {who}").format(
                total=money(self.total(i), self.currency), who=self.titles.decider(who)
            ),
        ]
        for k, amount in zip(LINE_KEYS, self.lines(i)):
            if amount:
                rows.append(f"  {money(amount):>12}  {line_title(k, self.lang)}")
        if weighed := self._weights(i):
            rows.append(weighed)
        if between := self._between_the_levels(i):
            rows.append(between)
        days, liked, claims = (float(m[0]) for m in self.pricer.measures(i))
        rows.append(
            self.t(
                "About {days:.0f} days, satisfaction {liked:.1f} of 5, {claims:.1%} order defects expected"
            ).format(days=days, liked=liked, claims=claims)
        )
        return "\n".join(rows)

    def _weights(self, i: int) -> str:
        """What the amounts are weighed by, where they are not simply paid."""
        o, b = self.priced.options[i], self.pricer.block
        accepted = float(np.broadcast_to(acceptance(b, o), 1)[0]) if o.fallback else 1.0
        cured = o.spec.success(b, o) if o.spec.success else b.number(f"resolution.{o.resolution}.success")
        cured = float(np.broadcast_to(cured, 1)[0]) if o.fallback else 1.0
        completed = b.number(f"resolution.{o.resolution}.completion")
        if accepted == completed == cured == 1.0:
            return ""
        return self.t(
            "All amounts are expectations: {accepted:.0%} of buyers accept it, {completed:.0%} carry it"
            " through, {cured:.0%} of those cases are cured; the rest follow the fallback"
        ).format(accepted=accepted, completed=completed, cured=cured)

    def _between_the_levels(self, i: int) -> str:
        """Where the best offer lies if any share could be offered, and what the levels of the catalogue
        lose against it."""
        o, b = self.priced.options[i], self.pricer.block
        if "offer_of_money" not in o.spec.tags:
            return ""
        accepted = {
            k: float(np.broadcast_to(v, 1)[0])
            for k, v in self.pricer.plain(i).items()
            if k not in REFUND_LINES
        }
        fallback = self.total(fallback_option(self.priced.options, o.fallback)) + float(
            refused_offer_extra(b, o)
        )
        price = float(b.money(b.price[0]) * b.quantity[0])
        best = best_offer(
            price,
            fallback,
            sum(v for k, v in accepted.items() if k != "contact_handling"),
            float(b.full_refund[0]) / price,
            b.number("acceptance.curve.a"),
            b.number("acceptance.curve.b"),
            b.number(f"acceptance.issue.{b.cell.issue}"),
        )
        return self.t(
            "By the smooth acceptance curve the best offer would be {share:.1%} of the price"
        ).format(share=best.share)

    def _expected(self) -> str:
        who = str(self.priced.decided_by[0])
        rows = [
            self.t("Not yours to decide: {who}. Expected cost {total}:").format(
                who=self.titles.decider(who),
                total=money(float(self.priced.mixed_total[0]) / 100.0, self.currency),
            )
        ]
        rows += [
            f"  {self.priced.shares[i]:.0%}  {money(self.total(i)):>12}  {self.title(i)}"
            for i in np.flatnonzero(self.priced.shares)
        ]
        return "\n".join(rows)

    def _why(self, i: int) -> str:
        if i != self.plan.choice[0]:
            return self._gives_way(i)
        count, second = int(self.priced.acceptable[0].sum()), int(self.plan.runner_up[0])
        if second < 0:
            return self.t("Why: it is the only acceptable way out of {options}.").format(
                options=len(self.priced.options)
            )
        margin = float(self.plan.margin[0]) / 100.0
        if margin == 0.0:
            return self.t(
                "Why: it is the cheapest of {count} acceptable ways out. {option} costs the same; the"
                " catalogue names this one first."
            ).format(count=count, option=self.title(second))
        return self.t(
            "Why: it is the cheapest of {count} acceptable ways out. Next comes {option}, dearer by {margin}:"
            " {difference}."
        ).format(
            count=count,
            option=self.title(second),
            margin=money(margin, self.currency),
            difference=self._difference(i, second),
        )

    def _gives_way(self, i: int) -> str:
        """Why a case that shares limits does not take its cheapest acceptable option."""
        free = int(self.plan.choice[0])
        facts = {
            "option": self.title(free),
            "less": money(self.total(i) - self.total(free), self.currency),
            "difference": self._difference(i, free),
        }
        text = self.t(
            "Why: without the limits it would be {option}, cheaper by {less}: {difference}."
        ).format(**facts)
        if against := self.limits.against(i, free):
            text += self.t(" But {against}.").format(against=against)
        if (paid := self.limits.dearer_with_use_paid(i, free)) < 0:
            text += self.t(
                " Cases are whole: somebody has to give way, and this case costs {more} more than at these"
                " prices."
            ).format(more=money(-paid, self.currency))
        return text

    def _difference(self, i: int, other: int) -> str:
        gap = self.lines(other) - self.lines(i)
        biggest = np.argsort(-np.abs(gap), kind="stable")[:WHY]
        return self.t(", ").join(
            f"{line_title(LINE_KEYS[k], self.lang)} {gap[k]:+,.2f}" for k in biggest if gap[k]
        )

    def _others(self, choice: int) -> str:
        """Best variant of every other resolution: dearer by how much, or refused by which rules."""
        p, rows, shown = self.priced, [self.t("Why not the others")], set()
        if choice >= 0:
            shown.add(p.options[choice].resolution)
        order = np.lexsort((np.where(p.acceptable[0], p.total[0], np.inf), ~p.acceptable[0]))
        for i in order:
            o = p.options[i]
            if o.resolution in shown:
                continue
            shown.add(o.resolution)
            if p.refused[0, i] == 0:
                why = self._dearer(choice, i)
            else:
                reasons = [
                    f"{sentence(r, self.engine.world, p.cell.market, self.lang)} [{r.id}]"
                    for r in map(RULE.__getitem__, p.refused_by(0, i))
                ]
                why = self.t("refused: {reasons}").format(reasons=self.t("; ").join(reasons))
            rows.append(self.t("  - {option}: {why}").format(option=self.title(i), why=why))
        return "\n".join(rows) if len(rows) > 1 else ""

    def _dearer(self, choice: int, i: int) -> str:
        if choice < 0:
            return self.t("would cost {total}").format(total=money(self.total(i)))
        more = round(self.total(i) - self.total(choice), 2)
        if more == 0.0:
            return self.t("costs the same")
        if more < 0.0 and self.limits:
            against = self.limits.against(choice, i) or self.t(
                "cases are whole, and somebody has to give way"
            )
            return self.t("costs {total}, cheaper by {less}, but {against}").format(
                total=money(self.total(i)), less=money(-more), against=against
            )
        return self.t("costs {total}, dearer by {more}: {difference}").format(
            total=money(self.total(i)), more=money(more), difference=self._difference(choice, i)
        )

    def _flips(self, choice: int) -> str:
        if choice < 0:
            return ""
        if choice != self.plan.choice[0]:
            return self.t("What would flip it: more of what is used up.")
        rows = [self._price_flip(s) for s in price_switches(self.scenario, self.case, self.products)]
        second = int(self.plan.runner_up[0])
        named = [self.priced.options[i].key for i in (choice, second) if i >= 0]
        rows += [
            self._assumption_flip(s)
            for s in assumption_switches(self.scenario, self.case, self.products, self.engine, named)[:FLIPS]
        ]
        if not rows:
            return self.t(
                "What would flip it: no price between a fifth and five times today's, and no single"
                " assumption inside its usual range."
            )
        head = (
            self.t("What would flip it, the limits left aside")
            if self.limits
            else self.t("What would flip it")
        )
        return head + "\n" + "\n".join(f"  - {r}" for r in rows)

    def _price_flip(self, s: Switch) -> str:
        below = s.at < s.now
        text = (
            self.t("at a price of {price} or less: {option}")
            if below
            else self.t("at a price of {price} or more: {option}")
        )
        return text.format(
            price=f"{s.at:,.2f} {self.case['currency'].iloc[0]}", option=self._title_of(s.option)
        )

    def _assumption_flip(self, s: Switch) -> str:
        a = self.scenario.book[s.key]
        return self.t("{what} ({key}) at {at:.4g} instead of {now:.4g} {unit}: {option}").format(
            what=a.en if self.lang == "en" else a.zh,
            key=s.key,
            at=s.at,
            now=s.now,
            unit=unit_title(a.unit, self.lang),
            option=self._title_of(s.option),
        )

    def _title_of(self, key: str) -> str:
        if not key:
            return self.t("nothing is acceptable any more")
        return option_title(self.titles, *Option.parse(key).parts)

    def _deadlines(self, choice: int) -> str:
        day, chosen = self.engine.columns.case_day[0], self.priced.options[choice] if choice >= 0 else None
        due = [
            r
            for r in RULE.values()
            if r.effect == "deadline"
            and r.in_scope(self.priced.cell)
            and self.scenario.book.flag(f"rule.{r.id}.on", True)
            and np.datetime64(r.valid_from) <= day <= np.datetime64(r.valid_to)
            and np.any(r.refuses(self.pricer.block, chosen))
        ]
        if not due:
            return ""
        return (
            self.t("Deadlines")
            + "\n"
            + "\n".join(
                f"  - {sentence(r, self.engine.world, self.priced.cell.market, self.lang)}" for r in due
            )
        )
