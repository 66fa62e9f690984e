"""The app page by page, in both languages: its numbers are those of run(), an edit moves the answer, an
impossible one says why."""

from __future__ import annotations

import io
import json
import re
import zipfile
from functools import cache

import pandas as pd
import pytest
import streamlit as st
from conftest import ROOT
from shared import eighth, quarter
from streamlit.testing.v1 import AppTest

from optimizer import load_scenario, pipeline, run
from optimizer.answer.network import NetworkReport
from optimizer.domain.names import CAUSES
from optimizer.inputs.scenario import Scenario
from optimizer.pipeline import network
from optimizer.report.run import Run
from optimizer.report.words.text import line_title, money, resolution_title
from optimizer.ui import difference, overview, state
from optimizer.ui.network import network_zip

PAGES = re.findall(r"st\.Page\((\w+)\.page", (ROOT / "app.py").read_text(encoding="utf-8"))
SECONDS = 240
pytestmark = pytest.mark.usefixtures("tables_once")


@cache
def fresh(scenario: str, *settings: str) -> Run:
    """What the command line decides, found without the app."""
    return run(load_scenario(scenario, settings))


@cache
def planned(months: int, questions: bool) -> NetworkReport:
    """The network of the command line over fewer months."""
    return network(load_scenario("base", [f"network.months={months}"]), questions=questions)


def plan_fewer_months(monkeypatch, months: int) -> None:
    """The page of the network plans so many months of the sample."""

    def plan(scenario: Scenario, *files, questions: bool) -> NetworkReport:
        assert scenario.name == "base" and not scenario.trail and files == ()
        return planned(months, questions)

    monkeypatch.setattr(state, "plan_repairs", plan)


@pytest.fixture(scope="module", autouse=True)
def answers_of_this_file_only():
    """The sample of the app is every eighth case of it."""
    st.cache_resource.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(pipeline.EXAMPLE, "cases", eighth())
        yield
    st.cache_resource.clear()


def opened(page: str, lang: str = "en", **session) -> AppTest:
    """One page with the shared sidebar; pages behind the navigation cannot be reached by their names."""
    app = AppTest.from_string(
        f"from optimizer.ui import {page}, state\nstate.sidebar()\n{page}.page()\nstate.markers()\n",
        default_timeout=SECONDS,
    )
    app.query_params["lang"] = lang
    for key, value in session.items():
        app.session_state[key] = value
    return good(app.run())


def good(app: AppTest) -> AppTest:
    assert [e.value for e in app.exception] == []
    return app


def metrics(app: AppTest) -> dict[str, str]:
    return {m.label: m.value for m in app.metric}


def typed(app: AppTest, **values: float | None) -> AppTest:
    """Type numbers into the editor; keys with two underscores for a dot."""
    key = app.session_state[state.EDITOR]
    shown = app.session_state[state.EDITOR_BASE][1]["key"].tolist()
    rows = {shown.index(k.replace("__", ".")): {"value": v} for k, v in values.items()}
    app.session_state[key] = {"edited_rows": rows, "added_rows": [], "deleted_rows": []}
    return good(app.run())


# ---------------------------------------------------------------- every page, both languages
@pytest.mark.parametrize("lang, word", [("en", "Scenario"), ("zh", "情景")])
@pytest.mark.parametrize("page", PAGES)
def test_page_opens_in_the_language_of_the_url(page, lang, word, monkeypatch):
    plan_fewer_months(monkeypatch, 2)
    app = opened(page, lang)
    assert app.session_state[state.LANG] == lang and app.query_params["lang"] == lang
    assert app.sidebar.selectbox[0].label == word and len(app.title) == 1
    assert app.error.len == 0


def test_the_whole_app_starts_with_the_overview():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    app.query_params["lang"] = "zh"
    good(app.run())
    assert app.title[0].value == "售后处理的费用"


def test_the_language_switch_reaches_the_url():
    app = opened("overview")
    good(app.radio[0].set_value("zh").run())
    assert app.title[0].value == "售后处理的费用" and app.query_params["lang"] == "zh"
    good(app.radio[0].set_value("en").run())
    assert app.title[0].value == "What after-sales work costs" and app.query_params["lang"] == "en"


def test_an_unknown_language_is_english():
    assert opened("overview", "fr").session_state[state.LANG] == "en"


# ---------------------------------------------------------------- overview
@pytest.mark.parametrize("scenario", ["base", "no_us_warehouse"])
def test_overview_shows_the_numbers_of_the_run(scenario):
    s = fresh(scenario).figures
    app = opened("overview", scenario=scenario)
    own, shown = s["controllable"], metrics(app)
    expected = {
        "Total cost": money(s["total_cost"], "USD"),
        "Current practice": money(s["current_cost"], "USD"),
        "Saving on the cases you decide": money(own["current_cost"] - own["cost"], "USD"),
        "Proven within": "0.00 USD",
        "Undecided": f"{len(s['undecided']):,}",
        "Rests on estimates": f"{s['estimate_share']:.0%}",
        "Dearest cause": CAUSES[s["root_causes"]["by_cause"][0]["cause"]].en,
    }
    assert {k: shown[k] for k in expected} == expected
    by_resolution, by_line = (frame.value for frame in app.dataframe if "cost" in frame.value.columns)
    assert dict(zip(by_resolution["name"], by_resolution["cost"])) == {
        resolution_title(r["resolution"], "en"): r["cost"] for r in s["by_resolution"]
    }
    assert dict(zip(by_line["name"], by_line["cost"])) == {
        line_title(k, "en"): v for k, v in s["lines"].items() if v
    }


def test_a_suggested_what_if_switches_the_scenario_and_says_what_moved():
    app = opened("overview")
    assert "Total of base" not in metrics(app)
    suggested = [b for b in app.button if b.key.startswith("what_if_")]
    assert [b.label for b in suggested] == [load_scenario(name).title["en"] for name in overview.WHAT_IFS]
    good(app.button(key="what_if_no_us_warehouse").click().run())
    assert app.selectbox[0].value == "no_us_warehouse"
    before, after = fresh("base"), fresh("no_us_warehouse")
    shown, m = metrics(app), difference.between(before, after)
    assert shown["Total of base"] == money(before.figures["total_cost"], "USD")
    assert shown["Total now"] == shown["Total cost"] == money(after.figures["total_cost"], "USD")
    assert shown["Decisions that changed"] == f"{m.flipped:,}" and m.flipped > 0
    assert any("what the US warehouse is worth" in text.value for text in app.text)


def test_the_suggested_what_ifs_are_those_that_move_the_total_of_the_sample_most():
    totals = {
        path.stem: pd.read_csv(path)["cost"].sum() for path in (ROOT / "tests" / "golden").glob("*.csv")
    }
    moved = {name: abs(total - totals["base"]) for name, total in totals.items()}
    assert list(overview.WHAT_IFS) == sorted(moved, key=moved.get, reverse=True)[:3]


def test_moves_count_the_cases_whose_way_out_changed():
    before, after = fresh("base"), fresh("no_us_warehouse")
    m = difference.between(before, after)
    both = before.choices.merge(after.choices, on="case_id", how="outer", suffixes=("_old", "_new")).fillna(
        "undecided"
    )
    changed = both[(both["option_old"] != both["option_new"])]
    assert m.flipped == len(changed) == m.flips["cases"].sum() and m.cases == len(before.cases)
    assert (m.before, m.after) == (before.figures["total_cost"], after.figures["total_cost"])
    assert difference.between(before, before).flipped == 0


def test_cases_without_a_way_out_are_listed_with_the_rules_that_stand_in_the_way():
    found = fresh("base", "service.longest_days=1").figures["undecided"]
    app = opened("overview", changes={"service.longest_days": 1.0})
    listed = next(frame.value for frame in app.dataframe if "case" in frame.value.columns)
    assert found and listed["case"].tolist() == [u["case_id"] for u in found]
    assert listed["reasons"].str.contains("[a-z] [a-z]", regex=True).all()  # sentences, not ids
    assert metrics(app)["Undecided"] == f"{len(found):,}"


# ---------------------------------------------------------------- assumptions
def test_an_edit_is_applied_only_on_demand_and_moves_the_answer_as_the_command_line_would():
    app = opened("assumptions")
    assert app.button(key="apply").disabled
    typed(app, contact__cost=1.5)
    assert app.session_state[state.DRAFTS] == {"contact.cost": 1.5} and app.session_state[state.CHANGES] == {}
    assert [w.value for w in app.sidebar.warning] == ["Typed but not applied: 1"]
    assert not app.button(key="apply").disabled and app.error.len == 0
    good(app.button(key="apply").click().run())
    assert app.session_state[state.CHANGES] == {"contact.cost": 1.5} and app.session_state[state.DRAFTS] == {}
    assert [i.value for i in app.sidebar.info] == ["Own changes in this answer: 1"]
    before, after = fresh("base"), fresh("base", "contact.cost=1.5")
    shown = metrics(app)
    assert shown["Total of base without these changes"] == money(before.figures["total_cost"], "USD")
    assert (
        shown["Total now"]
        == money(after.figures["total_cost"], "USD")
        != shown["Total of base without these changes"]
    )
    assert shown["Decisions that changed"] == f"{difference.between(before, after).flipped:,}"
    assert app.code[0].value == "python -m optimizer run base --set contact.cost=1.5"
    assert opened("overview", changes={"contact.cost": 1.5}).metric[0].value == money(
        after.figures["total_cost"], "USD"
    )


def test_a_change_that_flips_nothing_says_so():
    app = opened("assumptions", changes={"contact.cost": 0.6001})
    assert metrics(app)["Decisions that changed"] == "0"
    assert [i.value for i in app.main.info] == ["No decision changes; only what the decisions cost."]


@pytest.mark.parametrize(
    "lang, reason",
    [
        ("en", "fx.CNY = -3: must lie between 0.001 and 1e+06 per_USD ({meaning})"),
        ("zh", "fx.CNY = -3：必须在 0.001 与 1e+06 per_USD 之间（{meaning}）"),
    ],
)
def test_an_impossible_number_is_refused_at_once_with_the_reason(lang, reason):
    a = load_scenario("base").book["fx.CNY"]
    reason = (
        reason.format(meaning=getattr(a, lang))
        .replace("0.001", f"{a.hard[0]:g}")
        .replace("1e+06", f"{a.hard[1]:g}")
    )
    app = typed(opened("assumptions", lang), fx__CNY=-3.0)
    assert [e.value for e in app.main.error] == [reason]
    assert app.button(key="apply").disabled and app.session_state[state.CHANGES] == {}
    typed(app, fx__CNY=a.value)
    assert app.main.error.len == 0 and app.session_state[state.DRAFTS] == {}


def test_an_unusual_number_is_allowed_with_a_warning():
    app = typed(opened("assumptions"), contact__cost=40.0)
    assert [w.value for w in app.main.warning] == [
        "contact.cost = 40 lies outside its usual range 0.3 to 2 USD (cost of one contact with a buyer)"
    ]
    assert not app.button(key="apply").disabled


def test_an_emptied_cell_goes_back_to_the_number_of_the_scenario():
    app = opened("assumptions", changes={"contact.cost": 1.5})
    typed(app, contact__cost=None)
    assert app.session_state[state.DRAFTS] == {"contact.cost": 0.6}
    good(app.button(key="apply").click().run())
    assert app.session_state[state.CHANGES] == {} and app.metric.len == 0


def test_one_change_is_reset_and_the_others_stay():
    app = opened("assumptions", changes={"contact.cost": 1.5, "fx.CNY": 7.0})
    good(app.button(key="reset_fx.CNY").click().run())
    assert app.session_state[state.CHANGES] == {"contact.cost": 1.5}
    good(app.button(key="discard_all").click().run())
    assert app.session_state[state.CHANGES] == {} and not [b for b in app.button if b.key == "discard_all"]


def test_discarded_edits_do_not_come_back():
    app = typed(opened("assumptions"), contact__cost=1.5)
    good(app.button(key="discard_all").click().run())
    assert app.session_state[state.DRAFTS] == {}
    assert good(app.run()).session_state[state.DRAFTS] == {}


def test_drafts_outlive_another_filter_and_another_language():
    app = typed(opened("assumptions"), contact__cost=1.5)
    good(app.text_input(key="search").set_value("fx.").run())
    keys = app.session_state[state.EDITOR_BASE][1]["key"]
    assert len(keys) and keys.str.contains("fx.", regex=False).any() and "contact.cost" not in keys.tolist()
    typed(app, fx__CNY=7.0)
    assert app.session_state[state.DRAFTS] == {"contact.cost": 1.5, "fx.CNY": 7.0}
    good(app.text_input(key="search").set_value("").run())
    good(app.radio[0].set_value("zh").run())
    shown = app.session_state[state.EDITOR_BASE][1].set_index("key")["value"]
    assert shown["contact.cost"] == 1.5 and shown["fx.CNY"] == 7.0
    good(app.checkbox(key="changed_only").check().run())
    assert sorted(app.session_state[state.EDITOR_BASE][1]["key"]) == ["contact.cost", "fx.CNY"]


def test_filters_of_the_assumptions():
    app = opened("assumptions")
    everything = app.session_state[state.EDITOR_BASE][1]
    numbers = [k for k, a in load_scenario("base").book.items() if not a.is_text]
    assert everything["key"].tolist() == numbers
    good(app.multiselect(key="confidence").set_value(["official"]).run())
    assert set(app.session_state[state.EDITOR_BASE][1]["confidence"]) == {"official"}
    good(app.multiselect(key="family").set_value(["fx"]).run())
    assert all(k.startswith("fx.") for k in app.session_state[state.EDITOR_BASE][1]["key"])
    good(app.text_input(key="search").set_value("no such words anywhere").run())
    assert [i.value for i in app.main.info] == ["No number fits these filters."]


# ---------------------------------------------------------------- policy
def test_policy_page_shows_every_row_in_words_and_filters_them():
    table = fresh("base").policy()
    app = opened("policy")
    shown = app.dataframe[0].value
    assert shown["row_id"].tolist() == table["row_id"].tolist() and (shown["instruction"] != "").all()
    for column in ("cases", "expected_cost", "extra_cost", "margin", "share_following"):
        pd.testing.assert_series_equal(
            shown[column].astype(float), table[column].astype(float), check_index=False
        )
    good(app.multiselect(key="filter_market").set_value(["DE"]).run())
    good(app.multiselect(key="filter_issue").set_value(["unwanted"]).run())
    expected = table[table["market"].isin(["DE", "*"]) & table["issue"].isin(["unwanted", "*"])]
    assert app.dataframe[0].value["row_id"].tolist() == expected["row_id"].tolist() and 0 < len(
        expected
    ) < len(table)
    assert app.caption[1].value.startswith(f"{len(expected):,} of {len(table):,} rows.")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_downloads_are_the_files_of_the_command_line(lang, tmp_path):
    fresh("base").write(tmp_path, lang=lang)
    here = ("base", (), state.data_hash())
    assert state.file_of(*here, "csv", lang) == (tmp_path / "policy.csv").read_bytes()
    assert state.file_of(*here, "xlsx", lang) == (tmp_path / "policy.xlsx").read_bytes()


# ---------------------------------------------------------------- trouble
def test_refused_inputs_are_shown_whole_on_the_page(monkeypatch):
    monkeypatch.setattr(state, "data_hash", lambda: "none of the answers kept so far")
    monkeypatch.setitem(pipeline.EXAMPLE, "cases", ROOT / "tests" / "no_such_cases.csv")
    app = opened("overview")
    assert app.main.error.len == 1 and app.metric.len == 0
    assert (
        app.main.error[0].value.startswith("The inputs are refused:")
        and "no_such_cases.csv" in app.main.error[0].value
    )


def test_settings_keep_every_digit():
    value = 0.1 + 0.2
    app = AppTest.from_string(
        "import json, streamlit as st\nfrom optimizer.ui import state\nst.text(json.dumps(state.settings()))"
    )
    app.session_state[state.CHANGES] = {"contact.cost": value}
    text = json.loads(good(app.run()).text[0].value)[0]
    assert load_scenario("base", [text]).book["contact.cost"].value == value


# ---------------------------------------------------------------- limits
def test_a_scenario_without_limits_has_none_to_list():
    free = opened("limits")
    assert free.info.len == 1 and not free.dataframe


@pytest.mark.xdist_group("tight_quarter")  # decided once with test_tight_quarter.py
def test_limits_are_listed_those_that_bind_first_and_an_amount_typed_over_decides_again(monkeypatch):
    def decide_all_cases(scenario: Scenario) -> Run:  # the limits of the quarter are those of all its cases
        assert scenario.name == "tight_quarter"
        return quarter(*(f"{c.key}={c.new}" for c in scenario.trail if c.layer == "--set"))

    monkeypatch.setattr(state, "run", decide_all_cases)
    monkeypatch.setattr(state, "data_hash", lambda: "all cases")
    s, app = quarter().figures, opened("limits", scenario="tight_quarter")
    assert metrics(app) == {
        "The limits cost": money(s["limits_cost"], "USD"),
        "Cases decided otherwise": f"{s['limits_changed_cases']:,}",
        "Proven within": f"{s['gap_money']:.2f} USD",
    }
    shown = app.dataframe[0].value
    binding = sum(row["shadow_price"] > 0 for row in s["limits"])
    assert (
        len(shown) == len(s["limits"])
        and (shown["price"][:binding] > 0).all()
        and not shown["price"][binding:].any()
    )
    assert shown.loc[0, ["limit", "group", "amount"]].tolist() == [
        "cash budget",
        "United States, 2026-10",
        212_000.0,
    ]
    key = app.dataframe[0].proto.id.split("-", 2)[2]  # what the page calls its editor
    app.session_state[key] = {"edited_rows": {0: {"amount": 213_000.0}}, "added_rows": [], "deleted_rows": []}
    good(app.run())
    good(app.button(key="apply_amounts").click().run())
    assert metrics(app)["Total now"] == money(
        quarter("limit.cash_budget.US.2026-10=213000.0").figures["total_cost"], "USD"
    )
    assert (
        app.code[0].value
        == "python -m optimizer run tight_quarter --set limit.cash_budget.US.2026-10=213000.0"
    )


@pytest.mark.parametrize(
    ("lang", "title", "button"),
    [("en", "Repair network", "Ask what the plan hangs on"), ("zh", "维修网络", "测算方案取决于什么")],
)
def test_the_network_page_shows_the_plan_of_the_command_line(lang, title, button, monkeypatch):
    plan_fewer_months(monkeypatch, 2)
    app = good(opened("network", lang))
    assert app.title[0].value == title
    plan = planned(2, questions=False).network.plan
    assert metrics(app)[app.metric[0].label].startswith(f"({-plan.cost:,.2f})")
    assert [b.label for b in app.button if b.key == "ask_network"] == [button]
    served = app.dataframe[-1].value
    assert len(served) >= 16 and (served["units"] > 0).all()
    app.selectbox(key="network_market").set_value("GB").run()
    assert not app.exception and len(app.dataframe[-1].value) >= 16


def test_the_network_page_answers_what_the_plan_hangs_on(monkeypatch):
    """The button asks; the table, other networks and the ZIP are those of the command line."""
    plan_fewer_months(monkeypatch, 3)
    app = good(opened("network", "en"))
    before = len(app.dataframe)
    good(app.button(key="ask_network").click().run())
    assert len(app.dataframe) == before + 1 and not [b for b in app.button if b.key == "ask_network"]
    report = planned(3, questions=True)
    shown = app.dataframe[-2].value
    asked = report.providers[report.providers["provider"].isin(report.answers)]
    assert (
        shown["entry"].dropna().tolist() == asked["entry_price"].dropna().tolist()
        and shown["entry"].notna().any()
    )
    assert shown["other"].tolist() == pytest.approx(asked["other_cost"].tolist(), abs=0.01)
    assert any("open in all months" in m.value for m in app.markdown)
    with zipfile.ZipFile(io.BytesIO(network_zip(report, "en"))) as archive:
        assert sorted(archive.namelist()) == [
            "batches.csv",
            "flows.parquet",
            "money.csv",
            "network.json",
            "network.md",
            "providers.csv",
            "strategy.csv",
        ]
        assert len(pd.read_csv(archive.open("strategy.csv"))) == len(report.strategies)
