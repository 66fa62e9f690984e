"""Both languages are complete: every message has its Chinese, with the same fields, and nothing stale is left."""
from __future__ import annotations

import ast
import string
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]


def messages() -> dict[str, str]:
    """Every literal handed to t(...) or self.t(...), and where it stands."""
    found = {}
    for file in [*sorted((ROOT / "optimizer").rglob("*.py")), ROOT / "app.py"]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if name == "t" and isinstance(node.args[0].value, str):
                found[node.args[0].value] = f"{file.relative_to(ROOT)}:{node.lineno}"
    return found


def catalogue() -> dict[str, str]:
    with (ROOT / "optimizer" / "locale" / "zh.po").open("rb") as file:
        return {m.id: m.string for m in read_po(file, locale="zh") if m.id}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_message_is_translated():
    known = catalogue()
    missing = {where: text for text, where in messages().items() if not known.get(text)}
    assert not missing, f"add to optimizer/locale/zh.po: {missing}"


def test_translations_keep_the_fields():
    assert {k: v for k, v in catalogue().items() if fields(k) != fields(v)} == {}


def test_no_translation_is_stale():
    assert set(catalogue()) - set(messages()) == set()
