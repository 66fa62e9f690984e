"""The language of a session, and words as controls and Markdown take them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import streamlit as st

from optimizer.i18n import LANGUAGES, Translate, translator
from optimizer.phrases import say_again

LANGUAGE_NAMES = {"en": "English", "zh": "中文"}
LANG, LANG_IN_URL = "lang", "lang_in_url"  # session keys
_NAMED = 3  # files named in a line


def language() -> str:
    """The language of this session; `?lang=` in the URL sets it."""
    return st.session_state.get(LANG, LANGUAGES[0])


def translate() -> Translate:
    """The function that says an English message in the language of the session."""
    return translator(language())


def read_language_from_url() -> None:
    """A language in the URL that we did not write ourselves wins; otherwise the session's choice stands."""
    asked = st.query_params.get("lang")
    if asked in LANGUAGES and asked != st.session_state.get(LANG_IN_URL):
        st.session_state[LANG] = asked
    st.session_state.setdefault(LANG, LANGUAGES[0])


def write_language_to_url() -> None:
    """The language of the session, for links and for the next page."""
    st.session_state[LANG_IN_URL] = language()
    if st.query_params.get("lang") != language():
        st.query_params["lang"] = language()


def label(text: str) -> str:
    """A word as it stands above a control."""
    return text[:1].upper() + text[1:]


def plain(text: str) -> str:
    """Text as it stands, where a control would read it as Markdown."""
    return re.sub(r"([\\`*\[\]<>#$~|]|:(?=\w)|(?<!\w)_|_(?!\w))", r"\\\1", text)


def said(text: object) -> str:
    """A phrase in the language of the session; other text as it is."""
    return str(say_again(text, translate()))


def files_in_words(files: Iterable[str]) -> str:
    """File names in a line, the first few where there are many."""
    t, names = translate(), list(dict.fromkeys(files))
    return t(", ").join([*names[:_NAMED], *(["…"] if len(names) > _NAMED else [])])
