"""What the README shows is what the commands print, and every link of the documentation leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from optimizer import load_scenario, run
from optimizer.model.resolutions import RESOLUTIONS
from optimizer.model.rules import RULES
from optimizer.report.words.summary import summary_text
from tools.docs_pages.catalogue import pages

pytestmark = pytest.mark.usefixtures("tables_once")
ROOT = Path(__file__).resolve().parents[1]
READMES = {"en": "README.md", "zh": "README.zh-CN.md"}
BLOCK = re.compile(
    r"(<!-- output of: python -m optimizer run base(?: --lang zh)? -->\n```\n)(.*?)(```\n)", re.S
)
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "data").glob("*.md")])


@pytest.fixture(scope="module")
def base(tables_once):
    return run(load_scenario("base"))


@pytest.mark.parametrize("lang", READMES)
def test_readme_shows_the_real_output(base, lang, write_golden):
    readme = ROOT / READMES[lang]
    text = readme.read_text(encoding="utf-8")
    printed = f"{summary_text(base, lang)}\n"
    if write_golden:
        text = BLOCK.sub(lambda m: m[1] + printed + m[3], text)
        readme.write_text(text, encoding="utf-8")
    assert BLOCK.search(text)[2] == printed


def test_what_is_printed_of_a_run_is_its_english_summary(base):
    assert str(base) == summary_text(base, "en")


def test_readmes_lead_to_each_other():
    assert all(
        f"]({READMES[other]})" in (ROOT / READMES[lang]).read_text(encoding="utf-8")[:200]
        for lang, other in (("en", "zh"), ("zh", "en"))
    )


def test_readmes_show_the_same_commands():
    """Every command line of the English page stands in the Chinese one too, with --lang zh where it has
    the option."""

    def commands(lang):
        text = (ROOT / READMES[lang]).read_text(encoding="utf-8").replace(" --lang zh", "")
        return set(re.findall(r"python -m optimizer (\w+)", text)) | set(re.findall(r"--[a-z-]+", text))

    assert commands("en") <= commands("zh")


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


@pytest.mark.parametrize(
    ("lang", "ways", "refusing", "dated", "market"),
    [
        ("en", r"(\d+) ways out", r"(\d+) rules", r"(\d+) dated deadlines", r"Ten markets \(([A-Z, ]+)\)"),
        (
            "zh",
            r"(\d+) 种处理方案",
            r"(\d+) 条否决规则",
            r"(\d+) 个有日期依据的期限",
            r"十个站点（([A-Z、]+)）",
        ),
    ],
)
def test_the_scope_is_counted(lang, ways, refusing, dated, market):
    text = (ROOT / READMES[lang]).read_text(encoding="utf-8")
    deadlines = sum(r.effect == "deadline" for r in RULES)
    assert int(re.search(ways, text)[1]) == len(RESOLUTIONS)
    assert int(re.search(refusing, text)[1]) == len(RULES) - deadlines
    assert deadlines in {int(n) for n in re.findall(dated, text)}
    named = {m.strip() for m in re.split("[,、]", re.search(market, text)[1])}
    assert named == {p.stem for p in (ROOT / "data" / "markets").glob("*.csv")}
