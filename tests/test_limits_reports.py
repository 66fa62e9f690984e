"""What readers see of shared limits: summary, policy page, workbook, explanations, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from limit_world import free_run, sent_by_market, under
from workbook_pages import cover, table, through_libreoffice

from optimizer.domain.shared_limit import Group, SharedLimit
from optimizer.errors import Infeasible
from optimizer.i18n import Titles, translator
from optimizer.phrases import bilingual
from optimizer.pipeline import read_inputs
from optimizer.report.explain import Explanation
from optimizer.report.markdown import policy_markdown
from optimizer.report.words.limits import (
    LimitRow,
    limit_lines,
    price_text,
    sentence,
    short_sentence,
)
from optimizer.report.words.summary import summary_text
from optimizer.report.workbook.book import SHEETS, sheet_names, write_workbook
from optimizer.solve.clash_in_words import LimitsClash, amount_text, limit_title, rounded_up

pytestmark = pytest.mark.usefixtures("tables_once")
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def free():
    return free_run(1000)


@pytest.fixture(scope="module")
def limited(free, tables_once):
    """Goods sent per market at most 60 % of what would be sent; the table is that of the run without
    limits, which is enough to look at."""
    run = under(free, sent_by_market(free, 0.6))
    run.__dict__["table"] = free.table
    return run


@pytest.fixture(scope="module")
def books(limited, tmp_path_factory):
    folder = tmp_path_factory.mktemp("books")
    for lang in ("en", "zh"):
        write_workbook(limited, folder / f"{lang}.xlsx", lang)
    return {lang: folder / f"{lang}.xlsx" for lang in ("en", "zh")}


def row(
    family: str,
    unit: str,
    price: float,
    used: float = 10.0,
    amount: float = 10.0,
    group: str = "DE 2026-10",
    provider: str = "",
) -> LimitRow:
    limit = SharedLimit(family, unit, (Group(group, amount, "given in the test"),), (), provider)
    return LimitRow(limit, group, used, amount, price, 3, "given in the test")


# ---------------------------------------------------------------- sentences
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            row(
                "provider_capacity",
                "hours",
                31.2,
                group="de_partner 2026-10",
                provider="de_partner",
            ),
            "one more bench hour at repair partner, Germany, 2026-10, saves 31.20 USD",
        ),
        (
            row(
                "provider_capacity",
                "units",
                5.0,
                group="de_partner 2026-10",
                provider="de_partner",
            ),
            "one more unit of capacity at repair partner, Germany, 2026-10, saves 5.00 USD",
        ),
        (
            row("cash_budget", "USD", 0.3141),
            "one more USD of cash budget, Germany, 2026-10, saves 0.3141 USD",
        ),
        (
            row("order_defects", "orders", 62.5),
            "one more order defect allowed, Germany, 2026-10, saves 62.50 USD",
        ),
        (
            row("stock_on_hand", "units", 2.0, group="SKU-7 DE"),
            "one more unit in stock, SKU-7, Germany, saves 2.00 USD",
        ),
        (row("replacements", "units", 0.5), "one more replacement, Germany, 2026-10, saves 0.50 USD"),
        (
            row("average_days", "days", 0.25),
            "one more day that buyers may wait on average, Germany, 2026-10, saves 0.25 USD",
        ),
        (row("cash_budget", "USD", 0.0, used=6.1), "not binding: 61% used"),
        (row("replacements", "units", 0.0, used=0.0, amount=0.0), "not binding: 0% used"),
    ],
)
def test_sentences_of_an_analyst(free, given, expected):
    assert sentence(given, Titles(free.scenario, "en"), "USD") == expected
    chinese = sentence(given, Titles(free.scenario, "zh"), "USD")
    assert CHINESE.search(chinese) and ("可省" in chinese or "没有用到极限" in chinese)


def test_short_sentences_and_amounts():
    t = translator("en")
    assert (
        short_sentence(row("provider_capacity", "hours", 31.2), t, "USD") == "one more hour saves 31.20 USD"
    )
    assert short_sentence(row("cash_budget", "USD", 0.5), t, "USD") == "one more USD saves 0.50 USD"
    assert short_sentence(row("cash_budget", "USD", 0.0, 2.0), t, "USD") == "not binding: 20% used"
    assert [price_text(p, "USD") for p in (1234.5, 0.12, 0.00012)] == [
        "1,234.50 USD",
        "0.12 USD",
        "0.0001 USD",
    ]
    assert [amount_text(row("replacements", "units", 0).limit, a) for a in (0.0, 12.0, 0.25, 1234.56789)] == [
        "0",
        "12",
        "0.25",
        "1,234.5679",
    ]
    assert amount_text(row("cash_budget", "USD", 0).limit, 12000.0) == "12,000.00"
    assert [rounded_up(row("cash_budget", "USD", 0).limit, a) for a in (431.2, 431.201, 1e-9)] == [
        431.2,
        431.21,
        0.0,
    ]
    assert limit_title(row("provider_capacity", "hours", 0, provider="x").limit) == "provider capacity of x"


def test_a_clash_is_said_in_both_languages():
    limits = [
        row("cash_budget", "USD", 0.0, amount=12_000.0, group="US 2026-10").limit,
        row("replacements", "units", 0.0, amount=30.0, group="US 2026-10").limit,
    ]
    none = Infeasible(
        [("cash_budget", 0), ("replacements", 0)],
        {"cash_budget": np.array([431.1967]), "replacements": np.array([0.0])},
    )
    clash = LimitsClash(none, limits, 255_373.79, "USD")
    assert clash.text().split("\n") == [
        "no plan keeps these limits together:",
        "* cash budget, US 2026-10: at most 12,000.00 USD",
        "* replacements, US 2026-10: at most 30 units",
        "the cheapest way to make a plan possible:",
        "* raise cash budget, US 2026-10, from 12,000.00 by 431.20 USD",
        "a plan then costs 255,373.79 USD",
    ]
    chinese = clash.text(translator("zh"))
    assert (
        "现金预算（US 2026-10）从 12,000.00 提高 431.20 USD" in chinese
        and "raise" not in chinese
        and "plan" not in chinese
    )


# ---------------------------------------------------------------- summary and page
def test_the_summary_says_what_limits_cost_and_what_one_more_unit_saves(limited):
    s, text = limited.figures, summary_text(limited)
    assert f"they cost {s['limits_cost']:,.2f} USD and change {s['limits_changed_cases']:,} cases" in text
    assert (
        "no acceptable plan within the limits is cheaper by more than" in text and "case may be split" in text
    )
    dearest = max(limited.limit_rows, key=lambda r: r.shadow_price * r.amount)
    assert (
        f"{dearest.used:g} of {dearest.amount:g} units; one more unit saves {dearest.shadow_price:,.2f} USD"
        in text
    )
    assert not limit_lines(limited, "zh")[0].isascii() and "one more" not in summary_text(limited, "zh")


def test_without_limits_nothing_is_said_of_them(free):
    assert (
        limit_lines(free, "en") == []
        and "Limits" not in summary_text(free)
        and "proven within 0.00" in summary_text(free)
    )
    assert "## Limits" not in policy_markdown(free) and sheet_names(free) == SHEETS


@pytest.mark.parametrize(("lang", "title"), [("en", "## Limits"), ("zh", "## 限额")])
def test_the_policy_page_lists_every_group(limited, lang, title):
    page = policy_markdown(limited, lang)
    section = page[page.index(title) :].split("\n\n")[1].split("\n")
    assert len(section) == 2 + len(limited.limit_rows)
    assert all(len(line.split(" | ")) == 6 for line in section if not line.startswith("|--"))


# ---------------------------------------------------------------- workbook
def test_the_sheet_limits_shows_the_summary(limited, books):
    shown, stated = table(books["en"], "Limits").iloc[: len(limited.limit_rows)], limited.figures["limits"]
    assert [
        (r["name"], r["group"], r["used"], r["limit"], r["shadow_price"], r["changed_cases"])
        for r in shown.to_dict("records")
    ] == [
        (r["name"], r["group"], r["used"], r["limit"], r["shadow_price"], r["changed_cases"]) for r in stated
    ]
    assert np.allclose(shown["utilisation"].astype(float), [r["utilisation"] for r in stated], atol=1e-6)
    assert (shown["policy_used"] == [r["policy_used"] for r in limited.summary["limits"]]).all()
    assert shown["because"].eq("given in the test").all()
    assert shown["sentence"].str.startswith(("one more replacement", "not binding")).all()
    chinese = table(books["zh"], "Limits").iloc[: len(stated)]
    assert chinese["sentence"].map(lambda text: bool(CHINESE.search(text))).all()


def test_all_checks_hold_and_the_cover_says_what_limits_cost(limited, books):
    checks = table(books["en"], "Checks")
    # the table that these books carry was made without limits: its own figures are checked where the table
    # obeys them
    mine = checks[
        checks["check"].isin(
            [
                "groups of limits that are exceeded",
                "groups of limits",
                "total cost = cost without limits + cost of the limits",
            ]
        )
    ]
    assert len(mine) == 3 and (mine["ok"] == "ok").all() and (mine["difference"] == 0).all()
    assert cover(books["en"])["of which the limits cost"] == limited.figures["limits_cost"]


def test_formulas_of_the_sheet_find_the_same_in_another_program(books, tmp_path):
    saved = through_libreoffice(books["en"], tmp_path)
    before, after = table(books["en"], "Limits"), table(saved, "Limits")
    assert np.allclose(
        after["utilisation"].dropna().astype(float), before["utilisation"].dropna().astype(float)
    )
    checks = table(saved, "Checks").set_index("check")
    assert (
        checks.loc["groups of limits that are exceeded", "ok"] == "ok"
        and checks.loc["groups of limits", "ok"] == "ok"
    )


# ---------------------------------------------------------------- one case
def explained(run, row: int, lang: str = "en", under_limits: bool = True) -> str:
    goods = read_inputs(run.scenario, None, None, None)[1]
    return Explanation(run.scenario, run.cases.iloc[[row]], goods, lang, run if under_limits else None).text()


def test_a_case_that_gives_way_says_to_which_limit(limited, free):
    gave_way = np.flatnonzero(limited.plan.choice != free.plan.choice)
    at = gave_way[0]
    text = explained(limited, at)
    saved = (limited.plan.total[at] - free.plan.total[at]) / 100
    assert f"cheaper by {saved:,.2f} USD" in text and "is used up" in text and "each are worth" in text
    assert "What would flip it: more of what is used up." in text
    chinese = explained(limited, at, "zh")
    assert "已经用完" in chinese and "used up" not in chinese
    assert (
        "Do this: " + explained(free, at, under_limits=False).split("Do this: ")[1].split("\n")[0] not in text
    )


def test_a_case_that_uses_a_limit_says_how_much(limited, free):
    sent = [
        r
        for r in np.flatnonzero((limited.plan.choice == free.plan.choice) & (limited.plan.choice >= 0))
        if limited.blocks[limited.plan.block[r]]
        .options[limited.plan.choice[r]]
        .resolution.startswith("replace")
    ]
    text = explained(limited, sent[0])
    assert "It uses, in expectation\n  - 1 unit of replacements, " in text and "Why: it is the" in text
    assert "It uses" not in explained(free, sent[0], under_limits=False)


def test_reasons_stand_in_the_language_of_the_reader(free, tmp_path):
    limits = [
        replace(
            x,
            groups=tuple(Group(g.label, g.amount, bilingual("spring stock", "春季库存")) for g in x.groups),
        )
        for x in sent_by_market(free, 0.9)
    ]
    run = under(free, limits)
    run.__dict__["table"] = free.table
    assert (
        "spring stock" in policy_markdown(run)
        and "春季库存" in policy_markdown(run, "zh")
        and "spring stock" not in policy_markdown(run, "zh")
    )
    assert run.figures["limits"][0]["because"] == "spring stock"
    assert isinstance(pd.DataFrame(run.figures["limits"]).to_json(), str)
