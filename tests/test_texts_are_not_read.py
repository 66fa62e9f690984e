"""Logic goes by codes and fields: no module compares the words of a message, and keys made of several parts
are put together and taken apart in one place each."""

from __future__ import annotations

import ast

import pytest
from test_layering import MODULES, PACKAGE, named

from optimizer.errors import BLANK, ZERO, Problem
from optimizer.i18n import translator
from optimizer.model.declare import PARTS, Option
from optimizer.network.labels import way_label, way_parts
from optimizer.phrases import chain, phrase

WORDS = {"problem", "fix"}  # fields of a Problem that hold words
LOOKS = {
    "startswith",
    "endswith",
    "removeprefix",
    "removesuffix",
    "partition",
    "split",
    "find",
    "index",
    "count",
}
# Who knows how a text with bars is made; below inputs, bars are a separator of the files of others.
KNOW_BARS = {"model/declare.py", "network/labels.py", "policy/conditions.py"}
BARS = {"split", "rsplit", "partition", "rpartition", "join", "endswith", "startswith", "strip", "rstrip"}


def is_words(node: ast.AST) -> bool:
    """Is it the text of a problem, or a sentence made on the spot?"""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "phrase":
            return True
        return node.func.id == "str" and any(map(is_words, node.args))
    return isinstance(node, ast.Attribute) and node.attr in WORDS


def called(node: ast.AST) -> ast.Attribute | None:
    """What is called, where it is a method."""
    return node.func if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None


def reads_words(node: ast.AST) -> bool:
    """Do the words of a problem decide something here?"""
    if isinstance(node, ast.Compare):
        return any(map(is_words, [node.left, *node.comparators]))
    if isinstance(node, ast.Match):
        return is_words(node.subject)
    method = called(node)
    if method is None:
        return False
    searched = isinstance(method.value, ast.Name) and method.value.id == "re"
    return (method.attr in LOOKS and is_words(method.value)) or (searched and any(map(is_words, node.args)))


def words_compared(tree: ast.AST) -> list[int]:
    """Lines where the words of a problem decide something."""
    return [node.lineno for node in ast.walk(tree) if reads_words(node)]


def is_bar(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value != ""
        and not node.value.strip("|")
    )


def reads_bars(node: ast.AST) -> bool:
    """Is a key put together or taken apart at its bars here?"""
    if isinstance(node, ast.Compare):
        return any(map(is_bar, [node.left, *node.comparators]))
    if isinstance(node, ast.JoinedStr):
        return any(map(is_bar, node.values))
    method = called(node)
    return method is not None and method.attr in BARS and any(map(is_bar, [method.value, *node.args]))


def bars_read(tree: ast.AST) -> list[int]:
    """Lines that put a key together or take it apart."""
    return [node.lineno for node in ast.walk(tree) if reads_bars(node)]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_module_compares_the_words_of_a_problem(path):
    assert words_compared(ast.parse(path.read_text(encoding="utf-8"))) == [], (
        "ask for problem.code; where logic depends on it, name the code in optimizer/errors.py"
    )


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_keys_are_made_and_read_in_one_place(path):
    inside = path.relative_to(PACKAGE).as_posix()
    if inside in KNOW_BARS or inside.startswith("inputs/"):
        return
    assert bars_read(ast.parse(path.read_text(encoding="utf-8"))) == [], (
        "Option.key and Option.parse, or network/labels.py"
    )


@pytest.mark.parametrize(
    "source",
    [
        'if problem.problem in ("is blank",): pass',
        'if str(p.problem) == "is blank": pass',
        'found = p.fix.startswith("Did you")',
        'if said == phrase("is blank"): pass',
        're.search("blank", p.problem)',
        'match p.problem:\n    case "is blank": pass',
    ],
)
def test_the_check_itself_sees_words_compared(source):
    assert words_compared(ast.parse(source)) == [1]


@pytest.mark.parametrize(
    "source",
    [
        'a, b = key.split("|")',
        '"|".join(parts)',
        'plain = key.endswith("||")',
        'known = "|" in key',
        'key = f"{a}|{b}"',
    ],
)
def test_the_check_itself_sees_bars_read(source):
    assert bars_read(ast.parse(source)) == [1]


def test_an_option_is_read_as_it_is_written():
    option = Option("keep_partial_refund", "", "", "20%", "return_to_warehouse")
    assert option.key == "keep_partial_refund|||20%|return_to_warehouse"
    assert Option.parse(option.key) == option and Option.parse(option.key).offer_share == 0.2
    assert option.parts == tuple(getattr(option, part) for part in PARTS)
    assert Option.is_key(option.key) and not Option.is_key("platform_decides")


def test_a_way_out_of_the_network_is_read_as_it_is_written():
    for way in (("repair", "gb_local"), ("keep_full_refund", "")):
        assert way_parts(way_label(*way)) == way
    assert way_label("keep_full_refund", "") == "keep_full_refund"


def test_a_problem_has_a_code_whatever_its_words_language_and_numbers():
    def code(problem, given=""):
        return Problem("a.csv", 2, "price", "x", problem, "", given).code

    assert code(phrase("is not a number")) == "not_a_number"
    assert (
        code(phrase("is above {most:,.0f}", most=3))
        == code(phrase("is above {most:,.0f}", most=4))
        == "above"
    )
    assert code(chain([phrase("is not known"), phrase("at all")])) == "not_known"
    assert code("[Errno 5] in /home/somebody") == "message"  # words of others name nothing
    assert code(phrase("is blank"), BLANK) == BLANK and code(phrase("has nothing in it"), ZERO) == ZERO
    said = Problem("a.csv", 2, "price", "", phrase("is blank"), "", BLANK).said(translator("zh"))
    assert said.problem == "为空" and said.code == BLANK
