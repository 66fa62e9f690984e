"""Both languages are complete: every message has its Chinese, with the same fields, and nothing stale is
left."""

from __future__ import annotations

import ast
import re
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
FILES = [*sorted((ROOT / "optimizer").rglob("*.py")), ROOT / "app.py"]
CLI = ROOT / "optimizer" / "cli.py"
SPOKEN = ("t", "phrase")  # calls whose first argument is a message


def called(node: ast.AST) -> str:
    """The name of what a node calls, "" where it is no call."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def literal(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def spoken(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every literal handed to t(...), self.t(...) or phrase(...), with its line."""
    for node in ast.walk(tree):
        if called(node) in SPOKEN and node.args and literal(node.args[0]) is not None:
            yield literal(node.args[0]), node.lineno


def helped(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The help texts of a command line: of options, and of commands as their docstrings."""
    for node in ast.walk(tree):
        if called(node) in ("option", "version_option", "argument"):
            yield from ((literal(k.value), node.lineno) for k in node.keywords if k.arg == "help")
        elif isinstance(node, ast.FunctionDef) and any(
            called(d) in ("command", "group") for d in node.decorator_list
        ):
            yield ast.get_docstring(node), node.lineno


def messages() -> dict[str, str]:
    """Every message of the product, and where it stands."""
    found = {}
    for file in FILES:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for text, line in [*spoken(tree), *(helped(tree) if file == CLI else [])]:
            found[text] = f"{file.relative_to(ROOT)}:{line}"
    for file in sorted((ROOT / "data" / "imports").rglob("*.yaml")):
        for text in written(yaml.safe_load(file.read_text(encoding="utf-8"))):
            found[text] = str(file.relative_to(ROOT))
    return found


def written(part: object) -> Iterator[str]:
    """The sentences of a mapping: what the report is called, why rows are skipped, what is said of others."""
    if isinstance(part, dict):
        yield from (
            value
            for key, value in part.items()
            if key in ("report", "reason", "note") and isinstance(value, str)
        )
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from written(inner)


def words_of_click() -> set[str]:
    """What click itself asks gettext for."""
    found = {"required"}  # the one word that it keeps in a field
    for file in Path(click.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if called(node) in ("_", "ngettext"):
                found |= {literal(a) for a in node.args if literal(a)}
    return found


def catalogue() -> dict[str, str]:
    """English -> Chinese; a message with a plural stands under its singular."""
    with (ROOT / "optimizer" / "locale" / "zh.po").open("rb") as file:
        entries = [m for m in read_po(file, locale="zh") if m.id]
    return {
        m.id if isinstance(m.id, str) else m.id[0]: m.string if isinstance(m.string, str) else m.string[0]
        for m in entries
    }


def fields(text: str) -> set[str]:
    """Fields of a message. A title that has both languages is handed over as {en} and {zh}: each language
    takes its own."""
    return {"en" if name == "zh" else name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_message_is_translated():
    known = catalogue()
    missing = {text: where for text, where in messages().items() if not known.get(text)}
    assert not missing, f"add to optimizer/locale/zh.po: {missing}"


def test_translations_keep_the_fields():
    foreign = words_of_click()
    differ = {k: v for k, v in catalogue().items() if k not in foreign and fields(k) != fields(v)}
    assert not differ, f"fields differ in optimizer/locale/zh.po: {differ}"


def test_no_translation_is_stale():
    stale = sorted(set(catalogue()) - set(messages()) - words_of_click())
    assert not stale, f"remove from optimizer/locale/zh.po: {stale}"


def is_chinese(text: str) -> bool:
    return any(
        "\u4e00" <= c <= "\u9fff" or "\u3000" <= c <= "\u303f" or "\uff00" <= c <= "\uffef" for c in text
    )


def test_every_translation_is_chinese():
    """Where nothing is left to say but names and fields, the two languages may be the same."""
    same = {
        k
        for k, v in catalogue().items()
        if k == v
        and not any(
            word.islower()
            for part, _, _, _ in string.Formatter().parse(k)
            for word in re.findall("[A-Za-z]+", part)
        )
    }
    english = {k: v for k, v in catalogue().items() if not is_chinese(v) and k not in same}
    assert not english, f"say it in Chinese in optimizer/locale/zh.po: {english}"


def test_the_catalogue_is_written_whole():
    """A quotation mark that is missing would cut a sentence short, a message that stands twice hide one."""
    lines = (ROOT / "optimizer" / "locale" / "zh.po").read_text(encoding="utf-8").splitlines()
    begun = [n for n, line in enumerate(lines, 1) if '"' in line and not line.startswith("#")]
    assert [n for n in begun if not lines[n - 1].endswith('"')] == []
    single = [line for line in lines if line.startswith("msgid ") and line != 'msgid ""']
    assert [line for line, times in Counter(single).items() if times > 1] == []


def unspoken(tree: ast.AST) -> list[int]:
    """Lines where a Problem gets a text that cannot be said in another language as what is wrong or how to
    mend it."""

    def plain(node: ast.AST) -> bool:
        if isinstance(node, ast.IfExp):
            return plain(node.body) or plain(node.orelse)
        if isinstance(node, ast.BinOp):
            return plain(node.left) or plain(node.right)
        return (
            isinstance(node, ast.JoinedStr)
            or bool(literal(node))
            or called(node) in ("format", "join", "str", "strip")
        )

    found = []
    for node in ast.walk(tree):
        if called(node) == "Problem":
            said = node.args[-2:] + [k.value for k in node.keywords if k.arg in ("problem", "fix")]
            found += [part.lineno for part in said if plain(part)]
        elif called(node) in ("InputError", "UsageError", "BadParameter") and node.args:
            found += [node.lineno] if plain(node.args[0]) else []
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.relative_to(ROOT).as_posix())
def test_problems_can_be_said_in_both_languages(file):
    assert unspoken(ast.parse(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('Problem(f, 1, "c", v, "is bad", phrase("Mend it."))', [1]),
        ('Problem(f, 1, "c", v, phrase("is bad"), f"Give {n}.")', [1]),
        ('Problem(*place(a), "c", v, phrase("is bad"), "a" if b else phrase("Mend it."))', [1]),
        ('Problem(f, 1, "c", v, phrase("is bad"), "Known: {}.".format(n))', [1]),
        ('Problem(f, 1, "c", v, phrase("is bad"), "")', []),
        ('Problem(f, None, "c", v, reason, nearest(v, known))', []),
        ('InputError("no file")', [1]),
        ('InputError([Problem(f, 1, "c", v, phrase("is bad"), phrase("Mend it."))])', []),
    ],
)
def test_the_check_itself_sees_plain_text(source, lines):
    assert unspoken(ast.parse(source)) == lines
