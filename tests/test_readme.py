"""What the README shows is what the commands print, and every link of the documentation leads somewhere."""
from __future__ import annotations

import re
from pathlib import Path

import pytest

from optimizer import load_scenario, run
from optimizer.report.catalogue import pages

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"(<!-- output of: python -m optimizer run base -->\n```\n)(.*?)(```\n)", re.S)
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "data").glob("*.md")])


def test_readme_shows_the_real_output(write_golden):
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    printed = f"{run(load_scenario('base'))}\n"
    if write_golden:
        text = BLOCK.sub(lambda m: m[1] + printed + m[3], text)
        readme.write_text(text, encoding="utf-8")
    assert BLOCK.search(text)[2] == printed


def test_generated_pages_are_up_to_date():
    folder = ROOT / "docs" / "catalogue"
    made = pages()
    assert {p.name for p in folder.glob("*.md")} == set(made), "call `make docs`"
    stale = [name for name, text in made.items() if (folder / name).read_text(encoding="utf-8") != text]
    assert not stale, "call `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target
