"""English and Chinese: messages from locale/*.po, titles of identifiers from their declarations."""

from __future__ import annotations

import gettext
import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from optimizer.domain.names import CAUSES, CHANNELS, CONDITIONS, DECIDERS, FAULTS, ISSUES
from optimizer.inputs.scenario import Scenario
from optimizer.phrases import Bilingual

LANGUAGES = ("en", "zh")
LOCALE = Path(__file__).resolve().parent / "locale"
Translate = Callable[[str], str]


@cache
def compiled(lang: str) -> bytes:
    """The catalogue of a language as gettext reads it."""
    with (LOCALE / f"{lang}.po").open("rb") as file:
        catalogue = read_po(file, locale=lang)
    written = io.BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()


@cache
def translator(lang: str) -> Translate:
    """The function that turns an English message into `lang`; a message without translation stays English."""
    if lang == "en":
        return str
    catalogue = gettext.GNUTranslations(io.BytesIO(compiled(lang)))

    def translate(message: str) -> str:
        if isinstance(message, Bilingual):
            return message.zh
        return (
            catalogue.gettext(message) if message else ""
        )  # gettext keeps its header under the empty message

    return translate


class Titles:
    """What a person reads for an identifier, in one language."""

    def __init__(self, scenario: Scenario, lang: str):
        self.book, self.lang = scenario.book, lang

    def _of(self, table: dict, key: str) -> str:
        return getattr(table[key], self.lang) if key in table else key

    def issue(self, key: str) -> str:
        return self._of(ISSUES, key)

    def channel(self, key: str) -> str:
        return self._of(CHANNELS, key)

    def condition(self, key: str) -> str:
        return self._of(CONDITIONS, key)

    def fault(self, key: str) -> str:
        return self._of(FAULTS, key)

    def cause(self, key: str) -> str:
        return self._of(CAUSES, key)

    def decider(self, key: str) -> str:
        return self._of(DECIDERS, key)

    def market(self, key: str) -> str:
        return self.book.text(f"{key}.name.{self.lang}", key)

    def product_class(self, key: str) -> str:
        return self.book.text(f"class.{key}.{self.lang}", key)

    def provider(self, key: str) -> str:
        return self.book.text(f"provider.{key}.{self.lang}", key)
