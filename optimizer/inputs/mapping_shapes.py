"""Shapes of the sections of a mapping file, each checked: a fault is said and something usable returned."""

from __future__ import annotations

from typing import Any

from optimizer.errors import Problem, nearest
from optimizer.inputs.columns import is_personal
from optimizer.inputs.headers import squeeze
from optimizer.inputs.mapping_form import CANONICAL
from optimizer.phrases import phrase


class Shapes:
    """A raw mapping, the names it may speak of, and every problem found so far."""

    file: str
    raw: dict[str, Any]
    names: dict[str, None]  # fields of a case and helpers
    problems: list[Problem]

    def say(self, place: str, value: str, problem: str, fix: str) -> None:
        self.problems.append(Problem(self.file, None, place, value, problem, fix))

    def text(self, key: str, required: bool = False) -> str:
        value = self.raw.get(key, "")
        if not isinstance(value, str) or (required and not value.strip()):
            self.say(
                key,
                "",
                phrase("is missing") if not value else phrase("is not a text"),
                phrase("Write '{key}: …'.", key=key),
            )
            return ""
        return value

    def table(self, key: str) -> dict[str, str]:
        """A section of name: text."""
        return {
            k: v
            for k, v in self.nested(key).items()
            if key in ("columns", "helpers") or self.is_text(key, k, v)
        }

    def nested(self, key: str) -> dict[str, Any]:
        value = self.raw.get(key) or {}
        if not isinstance(value, dict):
            self.say(
                key,
                "",
                phrase("is not a list of 'name: value' lines"),
                phrase("Indent one 'name: value' per line below it."),
            )
            return {}
        return value

    def is_text(self, key: str, name: str, value: object) -> bool:
        if not isinstance(value, str):
            self.say(f"{key}.{name}", "", phrase("is not a single value"), phrase("Give one value."))
        return isinstance(value, str)

    def items(self, key: str) -> list[Any]:
        value = self.raw.get(key) or []
        return value if isinstance(value, list) else [value]

    def listed(self, key: str) -> tuple[str, ...]:
        return tuple(str(v) for v in self.items(key))

    def headers(self, key: str) -> dict[str, tuple[str, ...]]:
        found, harmless = {}, str(self.nested("read").get("not_personal", ""))
        for name, value in self.nested(key).items():
            names = value if isinstance(value, list) else [value]
            if not names or not all(isinstance(h, str) and h.strip() for h in names):
                self.say(
                    f"{key}.{name}",
                    "",
                    phrase("names no header"),
                    phrase("Give one header, or a list of headers it may have."),
                )
                continue
            for header in names:
                if is_personal(header) and squeeze(header) != squeeze(harmless):
                    self.say(
                        f"{key}.{name}",
                        header,
                        phrase("is a column with personal data"),
                        phrase("Such columns are never read: remove it."),
                    )
            found[name] = tuple(names)
        return found

    def field(self, section: str, name: str) -> bool:
        if name not in CANONICAL:
            self.say(f"{section}.{name}", "", phrase("is not a field of a case"), nearest(name, CANONICAL))
        return name in CANONICAL

    def known(self, section: str, name: str) -> bool:
        if name not in self.names:
            self.say(
                section, name, phrase("is neither a field of a case nor a helper"), nearest(name, self.names)
            )
        return name in self.names

    def names_in(self, section: str, row: object) -> tuple[str, ...]:
        return tuple(str(n) for n in (row if isinstance(row, list) else [row]) if self.known(section, str(n)))

    def code(self, place: str, name: str, value: str) -> None:
        allowed = CANONICAL[name].allowed if name in CANONICAL else ()
        if allowed and value not in allowed:
            self.say(
                place,
                value,
                phrase("is not a known {what}", what=name.replace("_", " ")),
                nearest(value, allowed),
            )
