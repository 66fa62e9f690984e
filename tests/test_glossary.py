"""One name, one thing: public classes and constants are unique, and every term of docs/glossary.md stands
where it says."""

from __future__ import annotations

import ast
import csv
from collections import defaultdict
from collections.abc import Iterator
from typing import get_args

import pytest
from conftest import ROOT

from optimizer.domain.names import REMEDIES, WINDOWS
from optimizer.domain.sets import WINDOW_FIELDS
from optimizer.model.declare import Remedy

PACKAGE = ROOT / "optimizer"
GLOSSARY = ROOT / "docs" / "glossary.md"
NONE = "—"
# What many modules have to have under the same name, because others ask each of them for it.
ASKED_OF_EACH = {"ALL": "rules and ways out that a module declares", "ICON": "of a page of the app"}


def public_names(text: str) -> Iterator[tuple[str, str]]:
    """Kind and name of the public classes and ALL_CAPS constants at the top of a module."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef):
            yield "class", node.name
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            for name in ast.walk(target) if target is not None else ():
                if isinstance(name, ast.Name) and name.id.isupper():
                    yield "constant", name.id


def twice_named(texts: dict[str, str]) -> dict[str, list[str]]:
    """Public names that several modules define, with the modules."""
    found: dict[str, list[str]] = defaultdict(list)
    for module, text in texts.items():
        for kind, name in dict.fromkeys(public_names(text)):
            if not name.startswith("_") and name not in ASKED_OF_EACH:
                found[f"{kind} {name}"].append(module)
    return {name: modules for name, modules in found.items() if len(modules) > 1}


def test_no_public_class_or_constant_is_defined_twice():
    texts = {
        p.relative_to(ROOT).as_posix(): p.read_text(encoding="utf-8") for p in sorted(PACKAGE.rglob("*.py"))
    }
    assert twice_named(texts) == {}, "rename one of them, or make it private where only its module reads it"


def test_the_check_itself_sees_names_with_two_meanings():
    texts = {
        "a": "class World: ...\nLIMITS = 1\n_OWN = 2",
        "b": "class World: ...\nLIMITS, X = 3, 4\n_OWN = 5",
    }
    assert twice_named(texts) == {"class World": ["a", "b"], "constant LIMITS": ["a", "b"]}


# ---------------------------------------------------------------- the page
def terms() -> list[list[str]]:
    """Term, Chinese, meaning, its Chinese, and where it stands."""
    lines = (line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("| "))
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in rows if row[0] != "term"]


TERMS = terms()


def stands(where: str) -> bool:
    """Does a place such as `model/declare.py:Option.offer` exist below the package?"""
    file, _, name = where.partition(":")
    path = PACKAGE / file
    if not path.is_file():
        return False
    first, *rest = name.split(".")
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for part in (first, *rest):
        node = next((n for n in body if part in _defined(n)), None)
        if node is None:
            return False
        body = getattr(node, "body", [])
    return True


def _defined(node: ast.stmt) -> set[str]:
    """Names that a statement defines."""
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {n.id for t in targets if t is not None for n in ast.walk(t) if isinstance(n, ast.Name)}


@pytest.mark.parametrize("row", TERMS, ids=lambda row: row[0])
def test_a_term_is_complete_and_stands_where_it_says(row):
    term, chinese, meaning, in_chinese, where = row
    assert term and chinese and meaning and in_chinese and where
    place = where.split("`")[1]
    if where.endswith("in `data/fields.csv`"):
        with (ROOT / "data" / "fields.csv").open(encoding="utf-8-sig", newline="") as file:
            assert place in {f"{r['table']}.{r['field']}" for r in csv.DictReader(file)}
    else:
        assert stands(place), f"there is no {place} in optimizer/"


def read_in_chinese() -> str:
    """Everything people read in Chinese: sentences, titles of identifiers and titles of the data folder."""
    files = [PACKAGE / "locale" / "zh.po", PACKAGE / "domain" / "names.py", PACKAGE / "model" / "lines.py"]
    files += [*(ROOT / "data").glob("*.csv"), *(ROOT / "data" / "assumptions").glob("*.csv")]
    return "\n".join(file.read_text(encoding="utf-8-sig") for file in files)


@pytest.mark.parametrize("row", [row for row in TERMS if row[1] != NONE], ids=lambda row: row[0])
def test_a_chinese_term_is_what_people_read(row):
    assert row[1] in read_in_chinese(), f"{row[1]} stands nowhere: say it as zh.po does"


def test_every_term_stands_once():
    names = [name.strip() for row in TERMS for name in row[0].split(",")]
    assert len(names) == len(set(names)) > 50


@pytest.mark.parametrize("place", ["model/declare.py:Options", "model/declare.py:Option.offers", "gone.py:A"])
def test_the_check_itself_sees_a_place_that_is_none(place):
    assert not stands(place) and stands("model/declare.py:Option.offer")


# ---------------------------------------------------------------- lists that have to agree
def test_windows_and_remedies_are_the_same_lists_everywhere():
    assert list(WINDOW_FIELDS) == list(WINDOWS)
    assert set(get_args(Remedy)) == set(REMEDIES)
