"""Sentences that can be said again in another language: English text that remembers its template and its fields."""
from __future__ import annotations

from collections.abc import Callable, Iterable


class Phrase(str):
    """English text; `template` and `fields` (or `parts`, where it is a chain) say how it was made."""
    template: str
    fields: dict[str, object]
    parts: tuple[str, ...]


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
    """A phrase in the language of `translate`; anything that is no phrase stays as it is."""
    if not isinstance(text, Phrase):
        return text
    if text.parts:
        return "".join(str(say_again(part, translate)) for part in text.parts)
    return translate(text.template).format(**{name: say_again(value, translate) for name, value in text.fields.items()})
