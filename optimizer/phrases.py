"""Sentences that can be said again in another language: English text that remembers its template and
fields, or brings its Chinese along."""

from __future__ import annotations

from collections.abc import Callable, Iterable


class Phrase(str):
    """English text; `template` and `fields` (or `parts`, where it is a chain) say how it was made."""

    template: str
    fields: dict[str, object]
    parts: tuple[str, ...]


class Bilingual(str):
    """English text out of a data or scenario file that brings its own Chinese, `zh`."""

    zh: str


def bilingual(en: str, zh: str) -> Bilingual:
    """Text that stands in both languages in the file it comes from; without `zh` the English is said in
    Chinese too."""
    made = Bilingual(en)
    made.zh = zh or en
    return made


def phrase(template: str, **fields: object) -> Phrase:
    """`template` with its fields filled in, as str.format does; fields may be phrases themselves."""
    made = Phrase(template.format(**fields))
    made.template, made.fields, made.parts = template, fields, ()
    return made


def chain(parts: Iterable[str], between: str = " ") -> Phrase:
    """Phrases one after the other."""
    parts = tuple(parts)
    woven = tuple(p for part in parts for p in (between, part))[1:]
    made = Phrase("".join(woven))
    made.template, made.fields, made.parts = "", {}, woven
    return made


def say_again(text: object, translate: Callable[[str], str]) -> object:
    """A phrase, or a text that brings its own Chinese, in the language of `translate`; anything else stays
    as it is."""
    if isinstance(text, Bilingual):
        return translate(text)
    if not isinstance(text, Phrase):
        return text
    if text.parts:
        return "".join(str(say_again(part, translate)) for part in text.parts)
    return translate(text.template).format(
        **{name: say_again(value, translate) for name, value in text.fields.items()}
    )
