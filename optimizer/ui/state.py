"""What all pages share: scenario, own changes, own cases, and the cached answer.

Its session keys stand here, those of the language in words, those of the reports in brought.
"""

from __future__ import annotations

import hashlib
import shlex
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import streamlit as st

from optimizer.answer.network import NetworkReport
from optimizer.errors import Infeasible, InputError
from optimizer.i18n import LANGUAGES, Titles, Translate
from optimizer.inputs.bundled import BUNDLED, SCENARIOS
from optimizer.inputs.scenario import Scenario, scenario_names
from optimizer.pipeline import load_scenario, run
from optimizer.pipeline import network as plan_repairs
from optimizer.report.files import csv_bytes
from optimizer.report.run import Run
from optimizer.ui.problems import show_clash, show_refusal
from optimizer.ui.uploads import OwnCases
from optimizer.ui.words import (
    LANG,
    LANGUAGE_NAMES,
    files_in_words,
    label,
    language,
    plain,
    read_language_from_url,
    said,
    translate,
    write_language_to_url,
)

BASE = "base"
MOST_ANSWERS = 8
# Session keys. `changes` are applied, `drafts` are typed but not applied yet; both map an assumption to its
# number.
# The editor of the assumptions: key of the widget shown, its data as they were when it appeared, how often
# edits were discarded.
_SCENARIO, CHANGES, DRAFTS = "scenario", "changes", "drafts"
# Own amounts of limits, as --set writes them: limit.FAMILY.PLACE -> amount.
_AMOUNTS = "amounts"
EDITOR, EDITOR_BASE, DISCARDED = "editor", "editor_base", "discarded"
# The cases that are decided instead of the sample.
OWN_CASES = "own"

# Pages say state.translate() and so on: the words are shared with what cannot import this module.
__all__ = ["LANG", "files_in_words", "label", "language", "plain", "said", "translate"]

Settings = tuple[str, ...]
Found = TypeVar("Found")


# ---------------------------------------------------------------- scenario and own changes
def scenario_name() -> str:
    return st.session_state.setdefault(_SCENARIO, BASE)


def changes() -> dict[str, float]:
    """Own changes that the answer rests on: assumption -> number."""
    return st.session_state.setdefault(CHANGES, {})


def drafts() -> dict[str, float]:
    """Numbers typed but not applied yet."""
    return st.session_state.setdefault(DRAFTS, {})


def amounts() -> dict[str, float]:
    """Own amounts of limits that the answer rests on: limit.FAMILY.PLACE -> amount."""
    return st.session_state.setdefault(_AMOUNTS, {})


def changed() -> dict[str, float]:
    """Everything of one's own that the answer rests on: numbers and amounts of limits."""
    return changes() | amounts()


def settings() -> Settings:
    """Own changes as the command line writes them after --set."""
    return tuple(f"{key}={value!r}" for key, value in sorted(changed().items()))


def apply_drafts() -> None:
    """Make the drafts part of the answer; a draft equal to the scenario's own number takes the change
    back."""
    own, merged = published().book, changes() | drafts()
    st.session_state[CHANGES] = {k: v for k, v in merged.items() if v != own[k].value}
    st.session_state[DRAFTS] = {}


def discard(key: str | None = None) -> None:
    """Forget one own change, or all of them with the drafts."""
    for kept in (changes(), drafts(), amounts()):
        if key is None:
            kept.clear()
        else:
            kept.pop(key, None)
    st.session_state[DISCARDED] = st.session_state.get(DISCARDED, 0) + 1


def choose_scenario(name: str) -> None:
    """Another scenario; own changes of assumptions stay, amounts belong to the limits of their scenario."""
    st.session_state[_SCENARIO] = name
    forget_amounts()


def forget_amounts() -> None:
    """Forget own amounts of limits."""
    amounts().clear()


# ---------------------------------------------------------------- own cases
def own() -> OwnCases | None:
    """The cases that are decided instead of the sample; None while the sample is shown."""
    return st.session_state.get(OWN_CASES)


def show_own(cases: OwnCases | None) -> None:
    """From now on every page answers for these cases; None = for the sample again."""
    st.session_state[OWN_CASES] = cases


def own_files() -> list[str]:
    """Own cases as the command line names them; cases.csv is the download of the page of reports."""
    if (mine := own()) is None:
        return []
    named = {
        "--cases": "cases.csv",
        "--products": mine.products and mine.products.name,
        "--orders": mine.months and mine.months.name,
    }
    return [f"{option} {shlex.quote(name)}" for option, name in named.items() if name]


# ---------------------------------------------------------------- words
def titles() -> Titles:
    return Titles(current_scenario(), language())


def scenario_title(scenario: Scenario) -> str:
    return scenario.title.get(language()) or scenario.title.get("en") or scenario.name


# ---------------------------------------------------------------- cached answers
def fingerprint(shown: list[str]) -> str:
    """Short hash of the rows shown and of what their numbers rest on; another one after every discard, so
    that edits are forgotten."""
    rests_on = (
        shown,
        scenario_name(),
        settings(),
        language(),
        st.session_state.get(DISCARDED, 0),
        data_hash(),
    )
    return hashlib.sha256(repr(rests_on).encode()).hexdigest()[:12]


def data_hash() -> str:
    """Hash of every file of data/ and scenarios/, so that an edited file gives a new answer."""
    digest = hashlib.sha256()
    for path in sorted([*BUNDLED.rglob("*"), *SCENARIOS.glob("*.yaml")]):
        if path.is_file():
            digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()


@st.cache_resource(max_entries=4 * MOST_ANSWERS, show_spinner=False)
def scenario_of(name: str, with_settings: Settings, data: str) -> Scenario:
    """A scenario with own changes; `data` only keys the cache."""
    return load_scenario(name, with_settings)


@st.cache_resource(max_entries=MOST_ANSWERS, show_spinner=False)
def answer_of(name: str, with_settings: Settings, data: str) -> Run:
    """The run that the command line makes of the sample."""
    return run(scenario_of(name, with_settings, data))


@st.cache_resource(max_entries=MOST_ANSWERS, show_spinner=False, scope="session")
def own_answer_of(name: str, with_settings: Settings, data: str, content: str, _cases: OwnCases) -> Run:
    """The run that the command line makes of own cases; `content` is their hash. Forgotten with the
    session."""
    with _cases.laid_out() as paths:
        result = run(scenario_of(name, with_settings, data), **paths)
        _ = result.input_hashes  # read from the files while they are there
    return result


@st.cache_resource(max_entries=MOST_ANSWERS, show_spinner=False)
def network_of(name: str, with_settings: Settings, data: str, questions: bool) -> NetworkReport:
    """The repair network that the command line plans for the sample."""
    return plan_repairs(scenario_of(name, with_settings, data), questions=questions)


@st.cache_resource(max_entries=MOST_ANSWERS, show_spinner=False, scope="session")
def own_network_of(
    name: str, with_settings: Settings, data: str, content: str, questions: bool, _cases: OwnCases
) -> NetworkReport:
    """The repair network of own orders; `content` is the hash of what was brought."""
    with _cases.laid_out() as paths:
        return plan_repairs(
            scenario_of(name, with_settings, data),
            paths.get("products"),
            paths["orders"],
            questions=questions,
        )


@st.cache_resource(max_entries=MOST_ANSWERS, show_spinner=False)
def file_of(name: str, with_settings: Settings, data: str, kind: str, lang: str) -> bytes:
    """A file of the sample's answer to download, as `run` writes it: kind csv or xlsx."""
    return made_file(answer_of(name, with_settings, data), kind, lang)


def made_file(result: Run, kind: str, lang: str) -> bytes:
    """The policy table as `run` writes it: kind csv or xlsx."""
    if kind == "csv":
        return csv_bytes(result.policy())
    with tempfile.TemporaryDirectory() as folder:
        result.to_excel(path := Path(folder) / f"policy.{kind}", lang)
        return path.read_bytes()


def _or_stop(make: Callable[[], Found]) -> Found:
    """The result, or all problems of the inputs on the page, or the limits that no plan keeps."""
    try:
        return make()
    except InputError as refused:
        show_refusal(refused.problems)
    except Infeasible as none:
        show_clash(none)
    markers()
    return st.stop()


def published() -> Scenario:
    """The chosen scenario without own changes."""
    return _or_stop(lambda: scenario_of(scenario_name(), (), data_hash()))


def current_scenario() -> Scenario:
    """The chosen scenario with own changes."""
    return _or_stop(lambda: scenario_of(scenario_name(), settings(), data_hash()))


def answer() -> Run:
    """The answer to the chosen scenario with own changes."""
    return _decided(scenario_name(), settings())


def reference() -> Run | None:
    """What the answer is compared with: the scenario without own changes, else the base case; None where
    there is nothing to compare."""
    if not changed() and scenario_name() == BASE:
        return None
    return _decided(scenario_name() if changed() else BASE, ())


def _decided(name: str, with_settings: Settings) -> Run:
    t = translate()
    mine = own()
    with st.spinner(t("Deciding every case …")):
        if mine is None:
            return _or_stop(lambda: answer_of(name, with_settings, data_hash()))
        return _or_stop(lambda: own_answer_of(name, with_settings, data_hash(), mine.digest, mine))


def network(questions: bool) -> NetworkReport:
    """The repair network of the chosen scenario with own changes; `questions` also what it hangs on."""
    t, mine = translate(), own()
    with st.spinner(t("Planning the network …")):
        if mine is None:
            return _or_stop(lambda: network_of(scenario_name(), settings(), data_hash(), questions))
        return _or_stop(
            lambda: own_network_of(scenario_name(), settings(), data_hash(), mine.digest, questions, mine)
        )


def download(kind: str) -> Callable[[], bytes]:
    """Makes a file when it is asked for; what it is made from is fixed now, since no session is at hand
    then."""
    if own() is not None:
        return partial(made_file, answer(), kind, language())
    return partial(file_of, scenario_name(), settings(), data_hash(), kind, language())


# ---------------------------------------------------------------- sidebar
def sidebar() -> Translate:
    """Language and scenario; returns the translator for the page titles."""
    read_language_from_url()
    with st.sidebar:
        st.radio("Language · 语言", LANGUAGES, format_func=LANGUAGE_NAMES.get, horizontal=True, key=LANG)
        t = translate()
        scenario_name()  # sets the first choice before the widget reads it
        names = {name: title_of(name) for name in scenario_names()}
        st.selectbox(
            t("Scenario"), list(names), format_func=names.get, key=_SCENARIO, on_change=forget_amounts
        )
        _cases_shown()
    write_language_to_url()
    return t


def _cases_shown() -> None:
    """Which cases every page speaks of, and the way back to the sample."""
    t, mine = translate(), own()
    if mine is None:
        st.caption(t("Cases: sample data, made up"))
        return
    st.success(
        t("Your own cases: {count:,} from {files}").format(
            count=mine.count, files=plain(files_in_words(mine.files))
        ),
        icon=":material/folder_open:",
    )
    st.button(
        t("Back to the sample data"), on_click=show_own, args=(None,), key="back_to_sample", width="stretch"
    )


def markers() -> None:
    """What is not the scenario's own, and the way back; written after the page, which may have collected
    new drafts."""
    t = translate()
    with st.sidebar:
        if drafts():
            st.warning(
                t("Typed but not applied: {count}").format(count=len(drafts())), icon=":material/edit:"
            )
        if changed():
            st.info(
                t("Own changes in this answer: {count}").format(count=len(changed())), icon=":material/tune:"
            )
        if changed() or drafts():
            st.button(t("Discard own changes"), on_click=discard, key="discard_all", width="stretch")


def title_of(name: str) -> str:
    """Title of a scenario; its name where its file is refused, so that the others stay reachable."""
    try:
        return scenario_title(scenario_of(name, (), data_hash()))
    except InputError:
        return name
