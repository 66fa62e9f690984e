"""The pages for hands are true: what they name exists, and what exists is named on its page."""

from __future__ import annotations

import ast
import re

import pytest
from conftest import ROOT

from benchmarks.report_seeds import SEEDS
from optimizer.inputs.recognising import all_kinds
from optimizer.report.workbook.book import SHEETS

DOCS = ROOT / "docs"
ADDING = sorted(DOCS.glob("add-a*.md"))
HANDS = [ROOT / "CONTRIBUTING.md", DOCS / "rooms.md", *ADDING]
PATH = re.compile(r"`((?:optimizer|tests|data|benchmarks|docs|tools|scenarios|app\.py)[\w/.-]*)`")
MADE_UP = ("KIND", "NAME", "XX")  # stand for a name of one's own


def text(path) -> str:
    return path.read_text(encoding="utf-8")


def rows(page: str) -> str:
    """The first cells of the tables of a page."""
    return "\n".join(line.split("|")[1] for line in text(DOCS / page).splitlines() if line.startswith("|"))


@pytest.mark.parametrize("page", HANDS, ids=lambda p: p.name)
def test_every_path_that_a_page_names_exists(page):
    named = [p for p in PATH.findall(text(page)) if not any(m in p for m in MADE_UP)]
    assert [p for p in named if not (ROOT / p).exists()] == []


@pytest.mark.parametrize("page", [p for p in HANDS if p.name != "rooms.md"], ids=lambda p: p.name)
def test_every_target_of_make_that_a_page_names_exists(page):
    known = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.M))
    named = {word for call in re.findall(r"`make ([a-z ]+)`", text(page)) for word in call.split()}
    assert named - known == set()


@pytest.mark.parametrize("page", ADDING, ids=lambda p: p.name)
def test_every_page_on_adding_names_the_golden_tables_and_is_found(page):
    assert "make golden" in text(page), f"{page.name}: say whether golden tables change (`make golden`)"
    assert f"({page.name})" in text(DOCS / "README.md"), f"docs/README.md does not name {page.name}"
    assert f"(docs/{page.name})" in text(ROOT / "CONTRIBUTING.md"), (
        f"CONTRIBUTING.md does not name {page.name}"
    )


def test_every_room_has_its_sentence():
    package = ROOT / "optimizer"
    rooms = {p.name for p in package.iterdir() if p.name not in ("__init__.py", "__main__.py", "locale")}
    rooms -= {p.name for p in package.iterdir() if p.name.startswith((".", "__pycache__"))}
    named = {m.strip("/") for m in re.findall(r"^\| `optimizer/([\w./]+)` \|", text(DOCS / "rooms.md"), re.M)}
    assert named == rooms


def test_every_kind_of_report_has_its_row_and_a_sound_report():
    kinds, seeds = set(all_kinds()), {seed.kind for seed in SEEDS.values()}
    lacking = {
        "a row in docs/imports.md": {k for k in kinds if f"`{k}`" not in rows("imports.md")},
        "a sound report in benchmarks/report_seeds.py": kinds - seeds,
    }
    assert {what: found for what, found in lacking.items() if found} == {}


def test_every_page_of_the_app_has_its_row():
    calls = [n for n in ast.walk(ast.parse(text(ROOT / "app.py"))) if isinstance(n, ast.Call)]
    titles = [k.value.args[0].value for c in calls for k in c.keywords if k.arg == "title"]
    lacking = [title for title in titles if f"| {title} |" not in text(DOCS / "app.md")]
    assert titles and lacking == [], "docs/app.md lacks a row"


def test_every_sheet_has_its_row():
    lacking = [sheet for sheet in SHEETS if f"`{sheet}`" not in rows("workbook.md")]
    assert lacking == [], "docs/workbook.md lacks a row"


CALLED = re.compile(r"`(\w+)`(?:,? (?:and|then) `(\w+)`)? of `(?:[\w/]+/)?(\w+\.py)`")


@pytest.mark.parametrize("page", ADDING, ids=lambda p: p.name)
def test_every_name_that_a_page_places_in_a_file_stands_there(page):
    for *names, file in CALLED.findall(text(page)):
        code = "\n".join(text(p) for p in ROOT.rglob(f"optimizer/**/{file}"))
        code += "".join(text(p) for p in ROOT.glob(f"*/{file}"))
        assert [n for n in names if n and not re.search(rf"\b{n}\b", code)] == [], file
