"""Markdown of the generated pages."""

from __future__ import annotations

from collections.abc import Iterable

MADE = "<!-- Made by `make docs` from the declarations; change those, not this page. -->\n"


def table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table; bars and line breaks inside cells are escaped."""
    head = list(header)
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += [
        "| " + " | ".join(str(c).replace("|", "\\|").replace("\n", " ") for c in row) + " |" for row in rows
    ]
    return "\n".join(lines)
