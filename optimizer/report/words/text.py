"""How money, titles and changes are written wherever a person reads them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from optimizer.domain.names import UNITS_BEHIND_A_NUMBER
from optimizer.i18n import Titles, translator
from optimizer.inputs.scenario import Scenario
from optimizer.model.lines import BY_KEY
from optimizer.model.resolutions import RESOLUTION
from optimizer.phrases import say_again


def money(amount: float, currency: str = "") -> str:
    """Two decimals, thousands separated, negatives in brackets."""
    text = f"({-amount:,.2f})" if round(amount, 2) < 0 else f"{abs(amount):,.2f}"
    return f"{text} {currency}".rstrip()


def resolution_title(key: str, lang: str) -> str:
    """Title of a resolution, also of the two that stand for others' decisions."""
    t = translator(lang)
    if key in RESOLUTION:
        return getattr(RESOLUTION[key], lang)
    return {"platform_decides": t("the platform decides"), "buyer_decides": t("the buyer decides")}.get(
        key, key
    )


def option_title(
    titles: Titles,
    resolution: str,
    provider: str = "",
    disposition: str = "",
    offer: str = "",
    fallback: str = "",
    currency: str = "",
) -> str:
    """An option as a person says it: resolution, provider, disposition, offer, fallback."""
    t, lang = translator(titles.lang), titles.lang
    parts = [resolution_title(resolution, lang)]
    if offer:
        parts.append(
            t("{share} of the price back").format(share=offer)
            if offer.endswith("%")
            else t("{amount} back").format(amount=f"{offer} {currency}".strip())
        )
    if provider:
        parts.append(titles.provider(provider))
    if disposition:
        parts.append(
            {
                "rescue": t("sent back to a local address"),
                "abandon": t("abandoned"),
                "by_phone": t("by phone"),
                "by_message": t("by message"),
            }.get(disposition)
            or resolution_title(disposition, lang)
        )
    text = t(", ").join(parts)
    return (
        t("{option}; if refused or without success: {fallback}").format(
            option=text, fallback=resolution_title(fallback, lang)
        )
        if fallback
        else text
    )


def line_title(key: str, lang: str) -> str:
    return getattr(BY_KEY[key], lang)


def unit_title(unit: str, lang: str) -> str:
    """A unit behind a number, as it is said in a sentence."""
    return unit if lang == "en" else UNITS_BEHIND_A_NUMBER.get(unit, f" {unit} ")


def trail_lines(scenario: Scenario, lang: str = "en") -> list[str]:
    """What the scenario changed, one sentence per change."""
    t = translator(lang)
    return [
        t("{key}: {old} -> {new} ({layer}: {because})").format(
            key=c.key,
            old=_plain(c.old, t),
            new=_plain(c.new, t),
            layer=say_again(c.layer, t),
            because=say_again(c.because, t),
        )
        for c in scenario.trail
    ]


def _plain(value: float | str, t: Callable[[str], str]) -> str:
    return str(say_again(value, t)) if isinstance(value, str) else f"{value:g}"


def padded(text: str, width: int) -> str:
    """Text filled up with blanks to so many columns of a terminal, where a Chinese character takes two."""
    return text + " " * (width - sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text))
