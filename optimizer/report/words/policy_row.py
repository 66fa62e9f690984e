"""A policy row in words, in one language: which cases, when, what to do, why. Identifiers stay in their
own columns."""

from __future__ import annotations

import pandas as pd

from optimizer.i18n import Titles, Translate, translator
from optimizer.model.declare import Option
from optimizer.phrases import say_again
from optimizer.policy.apply import SAYS_NOTHING
from optimizer.policy.conditions import Atom, parse
from optimizer.report.words.text import option_title, resolution_title

ANY = "*"  # what a policy row says for any value


def which_cases(row: dict[str, object], titles: Titles) -> str:
    """Issue, market, channel and class of a policy row as a person says them."""
    t = translator(titles.lang)
    parts = [titles.issue(str(row["issue"]))]
    parts += [t("any market") if row["market"] == ANY else titles.market(str(row["market"]))]
    parts += [t("any channel") if row["channel"] == ANY else titles.channel(str(row["channel"]))]
    parts += [
        t("any product") if row["product_class"] == ANY else titles.product_class(str(row["product_class"]))
    ]
    return " · ".join(parts)


def instruction(row: dict[str, object], titles: Titles) -> str:
    """What a policy row tells a person to do."""
    t, plain = (
        translator(titles.lang),
        {k: v if isinstance(v, str) and v != ANY else "" for k, v in row.items()},
    )
    if plain["resolution"] == SAYS_NOTHING:
        return t("ask who may make an exception")
    return option_title(
        titles,
        plain["resolution"],
        plain["provider"],
        plain["disposition"],
        plain["offer"],
        plain["fallback"],
        plain["currency"],
    )


def option_in_words(key: str, resolution: str, titles: Titles, currency: str = "") -> str:
    """An option key as a person says it; where others decide, who."""
    return (
        option_title(titles, *Option.parse(key).parts, currency)
        if Option.is_key(key)
        else resolution_title(resolution, titles.lang)
    )


def price_band(row: dict[str, object], titles: Titles) -> str:
    """Prices for which a policy row holds: above the lower end, up to and with the upper; empty where any
    price fits."""
    t = translator(titles.lang)
    low, high = (
        None if v == "" or pd.isna(v) else f"{float(v):,.2f}" for v in (row["price_from"], row["price_to"])
    )
    if low is None and high is None:
        return ""
    band = (
        t("up to {high}").format(high=high)
        if low is None
        else t("above {low}").format(low=low)
        if high is None
        else f"{low} – {high}"
    )
    return f"{band} {'' if row['currency'] == ANY else row['currency']}".strip()


def when_in_words(when: object, titles: Titles, currency: str = "") -> str:
    """The conditions of a policy row; a condition nobody knows stays as it is written."""
    if not isinstance(when, str) or not when:
        return ""
    try:
        atoms = parse(when)
    except ValueError:
        return when
    return ("; " if titles.lang == "en" else "；").join(_atom_in_words(a, titles, currency) for a in atoms)


def _atom_in_words(a: Atom, titles: Titles, currency: str) -> str:
    t = translator(titles.lang)
    if isinstance(a.value, tuple):
        levels = _choices(t, titles).get(a.name)
        if levels is None:
            return str(a)
        words = t(" or ").join(levels[v] for v in a.value)
        return words if a.sign == "=" else t("not: {what}").format(what=words)
    up_to, number = a.sign in ("<=", "<"), f"{a.value:,.12g}"
    if a.name == "prior_claims":
        return (t("fewer than {n} earlier claims") if up_to else t("at least {n} earlier claims")).format(
            n=number
        )
    if a.name == "age":
        return (
            t("at most {n} days since delivery") if up_to else t("more than {n} days since delivery")
        ).format(n=number)
    if a.name == "parcel":
        return (t("parcel of at most {n} kg") if up_to else t("parcel of more than {n} kg")).format(n=number)
    if a.name != "value":
        return str(a)
    amount = f"{number} {'' if currency == ANY else currency}".strip()
    return (t("value of at most {amount}") if up_to else t("value of more than {amount}")).format(
        amount=amount
    )


def _choices(t: Translate, titles: Titles) -> dict[str, dict[str, str]]:
    """Words of every level of every choice."""
    return {
        "stage": {
            "unshipped": t("not shipped yet"),
            "shipped": t("on the way"),
            "in_window": t("within the return window"),
            "after_window": t("after the return window"),
        },
        "delivered": {"yes": t("delivered"), "no": t("not delivered yet")},
        "claim_open": {"yes": t("a claim is open"), "no": t("no claim is open")},
        "safety": {
            "yes": t("the buyer speaks of danger (smoke, swelling, burns)"),
            "no": t("no word of danger"),
        },
        "returnable": {
            "yes": t("can be sent back within the market"),
            "no": t("cannot be sent back within the market"),
        },
        "battery": {
            "none": t("without a battery"),
            "lithium_in": t("with a lithium battery inside"),
            "lithium_alone": t("a loose lithium battery"),
        },
        "stock": {"yes": t("in stock"), "no": t("out of stock")},
        "condition": _Told(t("found: {what}"), titles.condition),
        "fault": _Told(t("fault of {what}"), titles.fault),
    }


class _Told(dict):
    """Words made from a title, for lists of identifiers that have titles of their own."""

    def __init__(self, sentence: str, title):
        super().__init__()
        self.sentence, self.title = sentence, title

    def __missing__(self, key: str) -> str:
        return self.sentence.format(what=self.title(key))


def reason_in_words(reason: object, titles: Titles) -> str:
    """Why the row says what it says; a reason nobody knows stays as it is written."""
    known = dict(zip(_reasons(str), _reasons(translator(titles.lang))))
    return (
        known.get(reason, str(say_again(reason, translator(titles.lang)))) if isinstance(reason, str) else ""
    )


def _reasons(t: Translate) -> tuple[str, ...]:
    """The reasons a policy table gives."""
    return (
        t("cheapest of the ways out that are acceptable for every case of this row"),
        t("the only way out that is acceptable for every case of this row"),
        t("no case yet; cheapest for a typical case"),
        t("for cases that no row above fits; acceptable for all of them"),
        t("the platform decides; the cost is what to expect"),
        t("the buyer decides; the cost is what to expect"),
        t("no way out is acceptable here; ask who may make an exception"),
    )
