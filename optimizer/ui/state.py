"""What all pages share: language, scenario, own changes, and the cached answer. Session keys stand here and nowhere else."""
from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import streamlit as st

from optimizer.errors import InputError
from optimizer.i18n import LANGUAGES, Titles, Translate, translator
from optimizer.inputs.ledger import BUNDLED
from optimizer.inputs.scenario import FOLDER, Scenario, scenario_names
from optimizer.pipeline import load_scenario, run
from optimizer.report.files import write_csv
from optimizer.report.run import Run

BASE = "base"
LANGUAGE_NAMES = {"en": "English", "zh": "中文"}
MOST_ANSWERS = 8
# Session keys. `changes` are applied, `drafts` are typed but not applied yet; both map an assumption to its number.
# The editor of the assumptions: key of the widget shown, its data as they were when it appeared, how often edits were discarded.
LANG, LANG_IN_URL, SCENARIO, CHANGES, DRAFTS = "lang", "lang_in_url", "scenario", "changes", "drafts"
EDITOR, EDITOR_BASE, DISCARDED = "editor", "editor_base", "discarded"

Settings = tuple[str, ...]
Found = TypeVar("Found")


# ---------------------------------------------------------------- language
def language() -> str:
    """The language of this session; `?lang=` in the URL sets it."""
    return st.session_state.get(LANG, LANGUAGES[0])


def translate() -> Translate:
    return translator(language())


def _read_language_from_url() -> None:
    """A language in the URL that we did not write ourselves wins; otherwise the session's choice stands."""
    asked = st.query_params.get("lang")
    if asked in LANGUAGES and asked != st.session_state.get(LANG_IN_URL):
        st.session_state[LANG] = asked
    st.session_state.setdefault(LANG, LANGUAGES[0])


def _write_language_to_url() -> None:
    st.session_state[LANG_IN_URL] = language()
    if st.query_params.get("lang") != language():
        st.query_params["lang"] = language()


# ---------------------------------------------------------------- scenario and own changes
def scenario_name() -> str:
    return st.session_state.setdefault(SCENARIO, BASE)


def changes() -> dict[str, float]:
    """Own changes that the answer rests on: assumption -> number."""
    return st.session_state.setdefault(CHANGES, {})


def drafts() -> dict[str, float]:
    """Numbers typed but not applied yet."""
    return st.session_state.setdefault(DRAFTS, {})


def settings() -> Settings:
    """Own changes as the command line writes them after --set."""
    return tuple(f"{key}={value!r}" for key, value in sorted(changes().items()))


def apply_drafts() -> None:
    """Make the drafts part of the answer; a draft equal to the scenario's own number takes the change back."""
    own, merged = published().book, changes() | drafts()
    st.session_state[CHANGES] = {k: v for k, v in merged.items() if v != own[k].value}
    st.session_state[DRAFTS] = {}


def discard(key: str | None = None) -> None:
    """Forget one own change, or all of them with the drafts."""
    for kept in (changes(), drafts()):
        if key is None:
            kept.clear()
        else:
            kept.pop(key, None)
    st.session_state[DISCARDED] = st.session_state.get(DISCARDED, 0) + 1


def choose_scenario(name: str) -> None:
    """Another scenario; own changes stay."""
    st.session_state[SCENARIO] = name


def label(text: str) -> str:
    """A word as it stands above a control."""
    return text[:1].upper() + text[1:]


def titles() -> Titles:
    return Titles(current_scenario(), language())


def scenario_title(scenario: Scenario) -> str:
    return scenario.title.get(language()) or scenario.title.get("en") or scenario.name


# ---------------------------------------------------------------- cached answers
def fingerprint(shown: list[str]) -> str:
    """Short hash of the rows shown and of what their numbers rest on; another one after every discard, so that edits are forgotten."""
    rests_on = (shown, scenario_name(), settings(), language(), st.session_state.get(DISCARDED, 0), data_hash())
    return hashlib.sha256(repr(rests_on).encode()).hexdigest()[:12]


def data_hash() -> str:
    """Hash of every file of data/ and scenarios/, so that an edited file gives a new answer."""
    digest = hashlib.sha256()
    for path in sorted([*BUNDLED.rglob("*"), *FOLDER.glob("*.yaml")]):
        if path.is_file():
            digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()


@st.cache_resource(max_entries=4 * MOST_ANSWERS, show_spinner=False)
def scenario_of(name: str, with_settings: Settings, data: str) -> Scenario:
    """A scenario with own changes; `data` only keys the cache."""
    return load_scenario(name, with_settings)


@st.cache_resource(max_entries=MOST_ANSWERS, show_spinner=False)
def answer_of(name: str, with_settings: Settings, data: str) -> Run:
    """The run that the command line makes of the same inputs."""
    return run(scenario_of(name, with_settings, data))


@st.cache_resource(max_entries=MOST_ANSWERS, show_spinner=False)
def file_of(name: str, with_settings: Settings, data: str, kind: str, lang: str) -> bytes:
    """A file to download, as `run` writes it: kind csv or xlsx."""
    result = answer_of(name, with_settings, data)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"policy.{kind}"
        if kind == "csv":
            write_csv(result.policy(), path)
        else:
            result.to_excel(path, lang)
        return path.read_bytes()


def _or_stop(make: Callable[[], Found]) -> Found:
    """The result, or all problems of the inputs on the page."""
    t = translate()
    try:
        return make()
    except InputError as refused:
        st.error(f"{t('The inputs are refused:')}\n\n{refused.text()}")
        markers()
        st.stop()


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
    """What the answer is compared with: the scenario without own changes, else the base case; None where there is nothing to compare."""
    if not changes() and scenario_name() == BASE:
        return None
    return _decided(scenario_name() if changes() else BASE, ())


def _decided(name: str, with_settings: Settings) -> Run:
    t = translate()
    with st.spinner(t("Deciding every case …")):
        return _or_stop(lambda: answer_of(name, with_settings, data_hash()))


def download(kind: str) -> Callable[[], bytes]:
    """Makes a file when it is asked for; what it is made from is fixed now, since no session is at hand then."""
    return partial(file_of, scenario_name(), settings(), data_hash(), kind, language())


# ---------------------------------------------------------------- sidebar
def sidebar() -> Translate:
    """Language and scenario; returns the translator for the page titles."""
    _read_language_from_url()
    with st.sidebar:
        st.radio("Language · 语言", LANGUAGES, format_func=LANGUAGE_NAMES.get, horizontal=True, key=LANG)
        t = translate()
        scenario_name()                                # sets the first choice before the widget reads it
        names = {name: title_of(name) for name in scenario_names()}
        st.selectbox(t("Scenario"), list(names), format_func=names.get, key=SCENARIO)
    _write_language_to_url()
    return t


def markers() -> None:
    """What is not the scenario's own, and the way back; written after the page, which may have collected new drafts."""
    t = translate()
    with st.sidebar:
        if drafts():
            st.warning(t("Typed but not applied: {count}").format(count=len(drafts())), icon=":material/edit:")
        if changes():
            st.info(t("Own changes in this answer: {count}").format(count=len(changes())), icon=":material/tune:")
        if changes() or drafts():
            st.button(t("Discard own changes"), on_click=discard, key="discard_all", width="stretch")


def title_of(name: str) -> str:
    """Title of a scenario; its name where its file is refused, so that the others stay reachable."""
    try:
        return scenario_title(scenario_of(name, (), data_hash()))
    except InputError:
        return name
