"""The language of the command line: found before anything is parsed, so that help texts and usage errors
speak it too."""

from __future__ import annotations

import copy
import gettext
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from optimizer.errors import Translate
from optimizer.i18n import LANGUAGES, compiled
from optimizer.phrases import phrase

VARIABLE = "OPTIMIZER_LANG"
DOMAIN = "optimizer"


def language_of(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language that the arguments name last, else the environment, else English; a name that is none
    counts as unsaid."""
    named = [value for flag, value in zip(arguments, [*arguments[1:], ""]) if flag == "--lang"]
    named += [a.partition("=")[2] for a in arguments if a.startswith("--lang=")]
    return next(
        (name for name in (*reversed(named), environment.get(VARIABLE, "")) if name in LANGUAGES), "en"
    )


def check_variable(environment: Mapping[str, str]) -> None:
    """Refuse a language in the environment that is none."""
    name = environment.get(VARIABLE, "")
    if name and name not in LANGUAGES:
        raise click.UsageError(
            phrase(
                "{variable} is {name!r}, which is not one of {languages}.",
                variable=VARIABLE,
                name=name,
                languages=", ".join(LANGUAGES),
            )
        )


def spoken(command: click.Command, t: Translate) -> click.Command:
    """The same command, and all below it, with its help in the language of `t`; the original stays as it
    is."""
    said = copy.copy(command)
    said.help = said.short_help = t(command.help or "")
    said.params = [copy.copy(p) for p in command.params]
    for option in said.params:
        if getattr(option, "help", None):
            option.help = t(option.help)
    if isinstance(said, click.Group):
        said.commands = {name: spoken(verb, t) for name, verb in said.commands.items()}
    return said


@contextmanager
def own_words(lang: str) -> Iterator[None]:
    """Lets click say its own words (Usage, Options, No such option …) in `lang`: it asks the standard
    gettext for them."""
    if lang == "en":
        yield
        return
    before, language = gettext.textdomain(), os.environ.get("LANGUAGE")
    with TemporaryDirectory() as folder:
        place = Path(folder, lang, "LC_MESSAGES")
        place.mkdir(parents=True)
        (place / f"{DOMAIN}.mo").write_bytes(compiled(lang))
        gettext.bindtextdomain(DOMAIN, folder)
        gettext.textdomain(DOMAIN)
        os.environ["LANGUAGE"] = lang
        try:
            yield
        finally:
            gettext.textdomain(before)
            if language is None:
                del os.environ["LANGUAGE"]
            else:
                os.environ["LANGUAGE"] = language
