"""A Chinese reader meets no English sentence, and Chinese sentences carry Chinese signs."""

from __future__ import annotations

import ast
import csv
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml
from babel.messages.pofile import read_po

from optimizer.domain.cases import CASE_COLUMNS
from optimizer.domain.names import BATTERIES, CHANNELS, CONDITIONS, FAULTS, ISSUES, PLATFORMS
from optimizer.i18n import translator
from optimizer.inputs.chinese import row_title, source_title
from optimizer.inputs.scenario import scenario_names
from optimizer.phrases import bilingual, say_again
from optimizer.pipeline import EXAMPLE, load_scenario, read_inputs, run
from optimizer.policy.returnless import returnless_rules
from optimizer.report.explain import Explanation
from optimizer.report.ledger import assumption_frame, assumption_text, estimates_frame
from optimizer.report.markdown import policy_markdown
from optimizer.report.words.summary import LABEL, summary_text
from optimizer.report.words.text import padded, trail_lines

pytestmark = pytest.mark.usefixtures("tables_once")
ROOT = Path(__file__).resolve().parents[1]
CHINESE = "\u3400-\u9fff"
# Names that are said in Chinese as they are, and words that stand in the lists of identifiers.
NAMES = {
    "Amazon",
    "Seller",
    "Central",
    "Shopify",
    "eBay",
    "Walmart",
    "Excel",
    "Python",
    "Parquet",
    "PuLP",
    "HiGHS",
    "United",
    "States",
}
IDENTIFIERS = {*BATTERIES, *CHANNELS, *CONDITIONS, *FAULTS, *ISSUES, *PLATFORMS}
WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
FLIPPED = ("unwanted", "not_as_described")
SAMPLE = 20  # cases of every issue


def english(text: str) -> list[str]:
    """Runs of three and more English words; identifiers (with _ . / or a digit), addresses, names and
    codes end a run."""
    found, words = [], []
    bare = re.sub(r"`[^`]*`|python -m optimizer [ -~]*|\[[\w.]+\]|https?://\S+", " | ", text)
    for token in [*re.split(r"([\s,;:]+|[^\x00-\x7f]+)", bare), "|"]:
        if not token or (re.fullmatch(r"[\s,;:]+", token) and "\n" not in token):
            continue
        word = token.strip("()'\"?!").removesuffix(".")
        if WORD.fullmatch(word) and not word.isupper() and word not in NAMES | IDENTIFIERS:
            words.append(word)
            continue
        if len(words) >= 3:
            found.append(" ".join(words))
        words = []
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("按实际记录 as recorded by you 计价", ["as recorded by you"]),
        ("see the list, and mend it", ["see the list and mend it"]),
        ("keep_full_refund fba merchant warehouse", []),
        ("US amazon unwanted quality_defect", []),
        ("Amazon Seller Central 的报表", []),
        ("`set one two three` 与 [own.large.keep]", []),
        ("费用 1,234.50 USD，FBA 退货", []),
        ("A-to-z claim", []),
        ("one two\nthree", []),
    ],
)
def test_the_detector_itself(text, found):
    assert english(text) == found


@pytest.fixture(scope="module")
def base():
    return load_scenario("base")


@pytest.fixture(scope="module")
def cases(base):
    frame = read_inputs(base, None, None, None)[0].frame
    return (
        frame.groupby(["issue", "channel"], observed=True, sort=True)
        .head(SAMPLE // 2)
        .groupby("issue", observed=True)
        .head(SAMPLE)
    )


@pytest.fixture(scope="module")
def answer(base, cases, tmp_path_factory, tables_once):
    path = tmp_path_factory.mktemp("cases") / "cases.parquet"
    cases.to_parquet(path, index=False)
    return run(base, path, EXAMPLE["products"], EXAMPLE["orders"])


def test_summary(answer):
    assert english(summary_text(answer, "zh")) == []


def test_policy_to_read(answer):
    assert english(policy_markdown(answer, "zh")) == []


def test_workbook(answer, tmp_path):
    answer.to_excel(tmp_path / "policy.xlsx", "zh")
    met = {}
    for sheet, frame in pd.read_excel(
        tmp_path / "policy.xlsx", sheet_name=None, header=None, engine="calamine"
    ).items():
        named = frame.map(lambda v: isinstance(v, str) and v.endswith(".en")).any(
            axis=1
        )  # the English names themselves
        for text in {v for v in frame[~named].to_numpy().ravel() if isinstance(v, str)}:
            if english(text):
                met.setdefault(sheet, []).append(text)
    assert met == {}


def test_notes_of_the_returnless_settings(answer):
    """The notes are the only words of the file; the English ones are the same rows."""
    said = {
        lang: returnless_rules(answer.engine, answer.blocks, answer.policy(), t=translator(lang))
        for lang in ("en", "zh")
    }
    pd.testing.assert_frame_equal(said["en"].drop(columns="note"), said["zh"].drop(columns="note"))
    noted = said["en"]["note"] != ""
    assert noted.any() and english("\n".join(said["zh"]["note"])) == []
    assert said["zh"].loc[noted, "note"].str.contains(f"[{CHINESE}]").all()


def test_estimates_name_their_sources_in_chinese(answer):
    sources = estimates_frame(answer.scenario, answer.estimates_resting, "zh")["source"]
    assert len(sources) > 100 and [s for s in sources if english(s)] == []
    assert sources.str.startswith("自行估计").any()


@pytest.mark.parametrize("issue", ISSUES)
def test_explanations_of_every_issue(base, cases, issue, monkeypatch):
    """A case of the issue in every channel. What would flip it takes long and is asked for the first case
    of two issues."""
    mine = cases[cases["issue"] == issue].groupby("channel", observed=True).head(1)
    for row in range(len(mine)):
        if row or issue not in FLIPPED:
            monkeypatch.setattr(Explanation, "_flips", lambda self, choice: "")
        text = Explanation(base, mine.iloc[[row]], None, "zh").text()
        assert english(text) == [], text
        assert re.findall(f"[{CHINESE}][,;:] ", text) == [], text
        assert ("哪些变化会改变结论" in text) == (row == 0 and issue in FLIPPED)


def test_assumptions_have_titles_and_sources_in_chinese(base):
    frame = assumption_frame(base, "zh")
    frame = frame[~frame["key"].str.endswith(".en")]  # the English names themselves
    assert frame[~frame["title"].str.contains(f"[{CHINESE}]")]["key"].tolist() == []
    met = {
        key: text
        for key, title, source in zip(frame["key"], frame["title"], frame["source"])
        for text in (title, source)
        if english(text)
    }
    assert met == {}, "give the words of our own their Chinese in data/sources_zh.csv"


def test_the_list_of_assumptions(base):
    """Behind the key and the value, which may be a list of identifiers."""
    said = [line.partition("  ")[2] for line in assumption_text(base, "zh").splitlines()]
    assert all(said) and [text for text in said if english(text)] == []


@pytest.mark.parametrize("name", scenario_names())
def test_scenarios_and_what_they_change(name):
    scenario = load_scenario(name)
    assert re.search(f"[{CHINESE}]", scenario.title["zh"])
    for change, line in zip(scenario.trail, trail_lines(scenario, "zh")):
        assert english(line) == [] and re.search(f"[{CHINESE}]", line.removeprefix(change.key)), line


def test_a_reason_may_stand_in_one_language_or_in_both(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        "title: 旺季\nextends: base\nset:\n"
        "  fx.CNY: {to: 7, because: {en: asked by the bank, zh: 按银行要求}}\n"
        "  fx.EUR: {to: 0.9, because: 手工设定}\n  fx.GBP: {to: 0.8, because: {zh: 按合同}}\n",
        encoding="utf-8",
    )
    scenario = load_scenario(path)
    t = translator("zh")
    assert [str(c.because) for c in scenario.trail] == ["asked by the bank", "手工设定", "按合同"]
    assert [say_again(c.because, t) for c in scenario.trail] == ["按银行要求", "手工设定", "按合同"]


def test_text_of_a_file_is_said_in_the_language_asked_for():
    text = bilingual("as agreed", "按约定")
    assert (text, say_again(text, str), say_again(text, translator("zh"))) == (
        "as agreed",
        "as agreed",
        "按约定",
    )
    assert say_again(bilingual("as agreed", ""), translator("zh")) == "as agreed"


WORDS = {
    "no card found": "未找到资费表",
    "US firm x #": "美国维修公司 × #",
    "# wait, # do not": "# 等，# 不等",
}


@pytest.mark.parametrize(
    ("source", "chinese"),
    [
        ("own estimate 2026-11", "自行估计（2026-11）"),
        (
            "own estimate 2026-11: US firm x 0.72, no card found (facts X076 Q001)",
            "自行估计（2026-11）：美国维修公司 × 0.72，未找到资费表（资料 X076 Q001）",
        ),
        (
            "own estimate: 1,000 wait, 2.5 do not (facts C001 to C003); no card found",
            "自行估计：1,000 等，2.5 不等（资料 C001 至 C003）；未找到资费表",
        ),
        ("example.com (rules L001, L002)", "example.com（规则 L001, L002）"),
        ("Act 12, example.com: page 3", "Act 12, example.com: page 3"),
        ("own estimate, no card found", "自行估计，未找到资费表"),
    ],
)
def test_a_source_is_said_in_chinese_part_by_part(source, chinese):
    assert source_title(source, WORDS) == chinese


@pytest.mark.parametrize(
    ("row", "title"),
    [
        (
            {
                "market": "EU",
                "issue": "unwanted",
                "from_days": "0",
                "to_days": "return_window",
                "remedy": "return_refund",
            },
            "EU 不想要了 退货期内 退货退款",
        ),
        (
            {
                "market": "*",
                "issue": "damaged",
                "from_days": "return_window",
                "to_days": "guarantee",
                "remedy": "repair",
            },
            "到货破损 退货期至保修期 维修",
        ),
        (
            {"market": "*", "issue": "damaged", "from_days": "8", "to_days": "", "remedy": "new_kind"},
            "到货破损 8 天后 new_kind",
        ),
    ],
)
def test_rows_of_a_table_are_named_in_chinese(row, title):
    assert row_title(tuple(row), row, {}) == title


def chinese_texts() -> Iterator[tuple[str, str]]:
    """Every Chinese sentence that the product holds, with the place it stands in."""
    with (ROOT / "optimizer" / "locale" / "zh.po").open("rb") as file:
        yield from (
            ("zh.po", text)
            for m in read_po(file, locale="zh")
            if m.id
            for text in ((m.string,) if isinstance(m.string, str) else m.string)
        )
    for path in [ROOT / "optimizer/domain/names.py", *sorted((ROOT / "optimizer/model").rglob("*.py"))]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "|" not in node.value:
                yield path.name, node.value
    for path in sorted((ROOT / "data").rglob("*.csv")):
        if path.name not in (
            "root_causes.csv",
            "products_example.csv",
        ):  # patterns of buyers' words; names of products
            with path.open(encoding="utf-8-sig", newline="") as file:
                yield from ((path.name, cell) for row in csv.reader(file) for cell in row)
    for path in sorted((ROOT / "scenarios").glob("*.yaml")):
        layer = yaml.safe_load(path.read_text(encoding="utf-8"))
        yield path.name, layer["title"]["zh"]
        yield from ((path.name, change["because"]["zh"]) for change in layer.get("set", {}).values())
    for path in (ROOT / "README.zh-CN.md", *sorted((ROOT / "docs/zh").glob("*.md"))):
        text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
        yield from ((path.name, re.sub(r"\]\([^)]*\)", "]", line)) for line in text.splitlines())


def test_chinese_sentences_carry_full_width_signs():
    """No half-width , : ; ( ) ! ? beside a Chinese character; code, fields and quoted samples of files do
    not count."""
    wrong = re.compile(rf"[{CHINESE}][,:;()!?]|[,:;()!?][{CHINESE}]")
    plain = (
        (place, re.sub(r"`[^`]*`|'[^']*'|“[^”]*: [^”]*”|\{\{.*?\}\}", " ", text))
        for place, text in chinese_texts()
    )
    assert [
        (place, text)
        for place, text in plain
        if wrong.search(re.sub(r"\{[^{}]*\}", "某", text) if re.search(f"[{CHINESE}]", text) else "")
    ] == []


@pytest.mark.parametrize("word", ["案例", "退款无需退货", "清算", "自发送", "免退货设置"])
def test_one_word_for_one_thing(word):
    assert [(place, text) for place, text in chinese_texts() if word in text] == []


def test_files_are_described_in_chinese_too():
    """Every column of cases with its needed mark, and every file of a run, stand in both pages."""
    pages = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("files.md", "zh/files.md")]
    first = [set(re.findall(r"^\| `([\w.]+)` \|", page, re.M)) for page in pages]
    assert first[0] <= first[1]
    for c in CASE_COLUMNS:
        assert (
            f"| `{c.name}` | {'是' if c.required else '否'} | {say_again(c.meaning, translator('zh'))}"
            in pages[1]
        )


def test_labels_take_the_same_columns_in_both_languages(answer):
    for lang in ("en", "zh"):
        rows = summary_text(answer, lang).split("\n\n")[1].splitlines()[1:]
        assert len(rows) >= 8
        for row in rows:
            label = re.match(r"\S+(?: \S+)*? {2,}", row)[0]
            assert sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in label) == LABEL, row


def test_padding_counts_columns_of_the_terminal():
    assert padded("总费用", 8) == "总费用  "
    assert padded("cost", 8) == "cost    "
    assert padded("策略（表）", 8) == "策略（表）"  # ten columns already: nothing is cut
