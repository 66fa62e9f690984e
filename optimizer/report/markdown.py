"""The policy table as a page to read."""

from __future__ import annotations

import pandas as pd

from optimizer.answer.run import Answer
from optimizer.i18n import Titles, translator
from optimizer.model.declare import Option
from optimizer.report.words.policy_row import instruction, when_in_words
from optimizer.report.words.summary import summary_text
from optimizer.report.words.text import money, option_title
from optimizer.report.workbook.limits import limits_page


def policy_markdown(run: Answer, lang: str = "en") -> str:
    """Summary, then one table per market and issue; the first row that fits a case holds."""
    t, titles = translator(lang), Titles(run.scenario, lang)
    page = [
        "# " + t("{name}: {title}").format(name=t("Policy table"), title=run.scenario.name),
        "",
        "```",
        summary_text(run, lang),
        "```",
        "",
        *limits_page(run, lang),
        t(
            "Read from the top: the first row that fits a case holds. `*` stands for any. Prices include the"
            " upper end and leave out the lower."
        ),
        "",
    ]
    frame = run.policy()
    for (market, issue), rows in frame.groupby(["market", "issue"], sort=False):
        where = t("any market") if market == "*" else titles.market(str(market))
        page += [
            "## " + t("{name}: {title}").format(name=where, title=titles.issue(str(issue))),
            "",
            "| "
            + " | ".join(
                [
                    t("row"),
                    t("class"),
                    t("channel"),
                    t("when"),
                    t("price"),
                    t("cases"),
                    t("do this"),
                    t("mean cost"),
                    t("extra cost"),
                    t("next best"),
                ]
            )
            + " |",
            "|---|---|---|---|---|---:|---|---:|---:|---|",
        ]
        page += ["| " + " | ".join(_cells(r, titles)) + " |" for r in rows.itertuples()]
        page.append("")
    return "\n".join(page)


def _cells(r, titles: Titles) -> list[str]:
    t = translator(titles.lang)
    anything = t("any")
    low, high = (None if v == "" or pd.isna(v) else float(v) for v in (r.price_from, r.price_to))
    band = (
        anything
        if low is None and high is None
        else (
            f"≤ {high:,.2f}"
            if low is None
            else f"> {low:,.2f}"
            if high is None
            else f"{low:,.2f} – {high:,.2f}"
        )
    )
    runner = str(r.runner_up) if isinstance(r.runner_up, str) else ""
    cost = "" if pd.isna(r.expected_cost) else money(float(r.expected_cost))
    return [
        str(r.row_id),
        anything if r.product_class == "*" else titles.product_class(r.product_class),
        anything if r.channel == "*" else titles.channel(r.channel),
        when_in_words(r.when, titles, str(r.currency)),
        f"{band} {r.currency if isinstance(r.currency, str) and r.currency != '*' else ''}".strip(),
        f"{int(r.cases):,}",
        instruction(r._asdict(), titles),
        cost,
        money(float(r.extra_cost)),
        f"{option_title(titles, *Option.parse(runner).parts)} (+{money(float(r.margin))})" if runner else "",
    ]
