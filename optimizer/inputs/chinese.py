"""What a Chinese reader reads for the titles and sources of the data folder, made of the parts that have
their Chinese."""

from __future__ import annotations

import re
from collections.abc import Mapping

from optimizer.domain.assumption import Assumption
from optimizer.domain.names import CHANNELS, CONDITIONS, ISSUES, REMEDIES, WINDOWS, Title

LISTS: dict[str, dict[str, Title]] = {
    "issue": ISSUES,
    "condition": CONDITIONS,
    "channel": CHANNELS,
    "remedy": REMEDIES,
}
_NAMED = {
    "market": "{}.name.zh",
    "provider": "provider.{}.zh",
    "product_class": "class.{}.zh",
}  # where their Chinese names stand
OWN_ESTIMATE = re.compile(r"own estimate(?: (\d{4}-\d\d))?")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SEPARATOR = re.compile(
    r"(?: \((?P<kind>fact|rule)s? (?P<numbers>(?:[A-Z]+\d+|to|[, ])+)\))?(?P<sign>; |: |, |$)"
)
REFERRED = {"fact": "资料", "rule": "规则"}
SIGNS = {"; ": "；", ": ": "：", ", ": "，", "": ""}


def row_title(columns: tuple[str, ...], row: Mapping[str, str], found: Mapping[str, Assumption]) -> str:
    """The columns that name a row of a table, each by its Chinese name where it has one; `found` are the
    assumptions read so far."""
    names = [_name(column, row, found) for column in columns if column != "to_days"]
    return " ".join(dict.fromkeys(n for n in names if n))


def _name(column: str, row: Mapping[str, str], found: Mapping[str, Assumption]) -> str:
    value = row[column]
    if value in ("*", "") or column == "basis":
        return ""
    if column == "from_days":
        return _days(value, row["to_days"])
    if column in LISTS:
        return LISTS[column][value].zh if value in LISTS[column] else value
    named = found.get(_NAMED[column].format(value)) if column in _NAMED else None
    return str(named.value) if named else row.get("zh") or value


def _days(first: str, last: str) -> str:
    """A span of days whose ends are numbers or named windows."""
    ends = [WINDOWS[day].zh if day in WINDOWS else day and f"{day} 天" for day in (first, last)]
    if first == "0":
        return f"{ends[1]}内" if last else ""
    return f"{ends[0]}至{ends[1]}" if last else f"{ends[0]}后"


def source_title(source: str, words: Mapping[str, str]) -> str:
    """A source in Chinese: the words of our own that `words` translates; the names and addresses that are
    cited stay as they are.

    Of the parts between the signs ; : and , as many as possible are looked up together.
    """
    ends = list(_SEPARATOR.finditer(source))
    if len(ends) > 1 and ends[-2].end() == len(source):
        ends.pop()  # the empty end behind a reference at the end
    starts = [0, *(end.end() for end in ends)]
    said, i, known = [], 0, False
    while i < len(ends):
        runs = (
            (j, _said(source[starts[i] : ends[j].start()], words)) for j in range(len(ends) - 1, i - 1, -1)
        )
        j, chinese = next(((j, chinese) for j, chinese in runs if chinese), (i, ""))
        known = known or bool(chinese)
        said.append((chinese or source[starts[i] : ends[i].start()], ends[j]))
        i = j + 1
    return "".join(
        part + _reference(end) + (SIGNS[end["sign"]] if known else end["sign"]) for part, end in said
    )


def _said(part: str, words: Mapping[str, str]) -> str:
    """The Chinese of one part, or an empty string. Entries write numbers as #, so that they still fit when
    a number changes."""
    if part in words:
        return words[part]
    if estimated := OWN_ESTIMATE.fullmatch(part):
        return f"自行估计（{estimated[1]}）" if estimated[1] else "自行估计"
    numbers = iter(NUMBER.findall(part))
    return re.sub("#", lambda _: next(numbers), words.get(NUMBER.sub("#", part), ""))


def _reference(end: re.Match[str]) -> str:
    return f"（{REFERRED[end['kind']]} {end['numbers'].replace(' to ', ' 至 ')}）" if end["kind"] else ""
