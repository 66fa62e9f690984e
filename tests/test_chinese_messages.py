"""The command line in Chinese: whatever goes wrong, no English sentence is left."""

from __future__ import annotations

import csv
import errno
import re
from pathlib import Path

import click
import numpy as np
import pandas as pd
import pytest

from optimizer.cli import cli, main
from optimizer.cli_language import language_of, own_words, spoken
from optimizer.domain.cases import CASE_COLUMNS
from optimizer.errors import Infeasible, InputError, Problem, nearest, system_reason
from optimizer.i18n import translator
from optimizer.inputs.bundled import BUNDLED
from optimizer.inputs.products import ORDER_COLUMNS, PRODUCT_COLUMNS
from optimizer.phrases import Phrase, chain, phrase, say_again
from optimizer.solve import Limit, assign

ROOT = Path(__file__).resolve().parents[1]
ZH = translator("zh")
QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|`[^`\n]*`|“[^”\n]*”")
GOOD = {
    "case_id": "A1",
    "market": "US",
    "channel": "fba",
    "sku": "S",
    "product_class": "",
    "issue": "unwanted",
    "order_date": "2026-01-02",
    "case_date": "2026-01-20",
    "item_price": "25.00",
}


def english(text: str) -> list[str]:
    """Three and more English words in a row, outside quotation marks; paths, keys, codes and lists of
    names are no sentence."""
    found, run = [], []
    plain = re.sub(r"[^\x00-\x7f]", " 0 ", QUOTED.sub(" 0 ", text))
    for token in [*re.findall(r"[^ \n]+|\n", plain), "\n"]:
        if re.fullmatch(r"[A-Za-z][A-Za-z']*[.,:;?!]?", token):
            run.append(token)
            if token[-1].isalpha() or token[-1] == "'":
                continue
        if len(run) >= 3:
            found.append(" ".join(run))
        run = []
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cases.csv，第 3 行，item_price 列：'is not a number' 不是数字。", []),
        ("cases.csv，第 3 行：is not a number。请更正。", ["is not a number"]),
        ("可用：none, lithium_in, lithium_alone。", []),
        ("错误：运行 optimizer run --help", []),
        ("Remove one of the two.", ["Remove one of the two."]),
        ("Amazon FBA 退货", []),
    ],
)
def test_the_detector_itself(text, found):
    assert english(text) == found


def said(capsys, *arguments: object, expect: int = 1) -> str:
    """What a call says on both streams; nothing of it is English."""
    code = 0
    try:
        main([*map(str, arguments), "--lang", "zh"])
    except SystemExit as ended:
        code = ended.code
    heard = capsys.readouterr()
    text = heard.out + heard.err
    assert code == expect, text
    assert english(text) == [], text
    return text


def table(path: Path, *changes: dict) -> Path:
    """A case file with one row per change of the good row."""
    rows = [{**GOOD, "case_id": f"A{i}", **change} for i, change in enumerate(changes, start=1)]
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


# ---------------------------------------------------------------- cases, products, orders

BAD_CASES = [
    {"item_price": "cheap"},
    {"item_price": "-3"},
    {"item_price": "0"},
    {"item_price": "inf"},
    {"item_price": ""},
    {"item_price": "2e9"},
    {"market": "XX"},
    {"issue": "unwantd"},
    {"channel": "post"},
    {"order_date": "2026-02-31"},
    {"order_date": "02.01.2026"},
    {"order_date": "1999-01-01"},
    {"case_date": "2101-01-01"},
    {"case_date": "2025-01-20"},
    {"quantity": "0"},
    {"quantity": "2000000"},
    {"stars": "7"},
    {"delivered": "maybe"},
    {"case_id": "A1"},
    {"case_id": ""},
    {"currency": "XYZ"},
    {"fault": "dog"},
    {"product_class": "kitchn"},
    {"price_source": "guess"},
    {"condition": "eaten"},
]


def test_bad_rows_of_cases(capsys, tmp_path):
    text = said(capsys, "check", "base", "--cases", table(tmp_path / "cases.csv", *BAD_CASES))
    assert f"输入数据有 {len(BAD_CASES)} 个问题：" in text
    assert (
        f"* {tmp_path / 'cases.csv'}，第 2 行，item_price 列：'cheap' 不是数字。请只写数字和小数点，例如"
        " 12.50。" in text
    )
    assert "第 9 行，issue 列：'unwantd' 不是有效的 issue。是否应为 'unwanted'？" in text
    assert "第 6 行，item_price 列：为空。请填写：买家实付单价，币种为 `currency`。" in text


def test_files_that_cannot_be_read(capsys, tmp_path):
    broken = {
        "empty.csv": b"",
        "header.csv": b"case_id,market\n",
        "bytes.csv": bytes(range(256)) * 8,
        "broken.xlsx": b"PK\x03\x04broken",
        "ragged.csv": b'case_id,market\nA1,US,1,2\nA2,"US\n',
        "twice.csv": b"market,market\nUS,US\n",
        "short.csv": b"case_id;mrket\nA1;US\n",
    }
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder").mkdir()
    files = [part for name in (*broken, "folder", "missing.csv") for part in ("--cases", tmp_path / name)]
    text = said(capsys, "check", "base", *files)
    assert "folder：是文件夹，不是文件。请指定其中的一个文件。" in text and "missing.csv：不存在。" in text
    assert (
        "short.csv，case_id 列" not in text
        and "short.csv，market 列：缺失。最接近的列名是 'mrket'，请改为 'market'。" in text
    )


def test_what_is_said_of_columns_and_encodings(capsys, tmp_path):
    file = table(
        tmp_path / "cases.csv", {"buyer_name": "X", "colour": "红", "reason_text": "质量问题很差，不能用"}
    )
    file.write_bytes(file.read_text(encoding="utf-8").encode("gbk"))
    text = said(capsys, "check", "base", "--cases", file, expect=0)
    for part in (
        "按 GBK 编码读取",
        "含个人信息的列未读取：buyer_name",
        "未知的列已忽略：colour",
        "个没有",
        "没有发现问题",
    ):
        assert part in text


def test_bad_products_and_orders(capsys, tmp_path):
    products, orders = tmp_path / "products.csv", tmp_path / "orders.csv"
    products.write_text(
        "sku,product_class,price,battery,landed_cost_XX,weigth_kg\nS,kitchn,-1,big,1,1\nS,,x,none,1,1\n",
        encoding="utf-8",
    )
    orders.write_text(
        "month,market,channel,sku,orders,units\n2026-13,US,fba,S,1.5,-2\n2026-01,US,fba,T,1,1\n2026-01,US,fba,T,1,1\n",
        encoding="utf-8",
    )
    text = said(
        capsys,
        "check",
        "base",
        "--cases",
        table(tmp_path / "cases.csv", {}),
        "--products",
        products,
        "--orders",
        orders,
    )
    assert "'T' 与第 3 行的" in text and "'weight_kg'" in text and "'2026-13' 不是月份" in text


@pytest.mark.parametrize("column", [*CASE_COLUMNS, *PRODUCT_COLUMNS, *ORDER_COLUMNS], ids=lambda c: c.name)
def test_every_column_says_what_it_means_in_chinese(column):
    assert isinstance(column.meaning, Phrase) and re.search("[\u4e00-\u9fff]", say_again(column.meaning, ZH))


# ---------------------------------------------------------------- scenarios, data folder, policy


def test_bad_settings(capsys):
    text = said(
        capsys,
        "check",
        "base",
        "--set",
        "contact.kost=1",
        "--set",
        "contact.cost=abc",
        "--set",
        "fx.CNY=1e9",
        "--set",
        "claim.window_days=-4",
    )
    assert (
        "contact.kost 列：不是假设。是否应为 'contact.cost'？" in text and "fx.CNY 列：'1e+09' 必须在" in text
    )
    assert "不是 KEY=VALUE 形式" in said(capsys, "check", "base", "--set", "contact.cost")


@pytest.mark.parametrize(
    "content",
    [
        "set: {a: [\n",
        "- 1\n",
        "extends: nobody\n",
        "extends: mine\n",
        "sett: {}\nset: 3\n",
        "data: nowhere\n",
        (
            "extends: base\nset:\n  contact.cost: 3\n  contact.kost: {to: 1, because: x}\n  fx.CNY: {to:"
            " soon, because: x}\n  reporting.currency: {times: 2, because: x}\n  US.region: {to: XX, because:"
            " x}\n"
        ),
        "\xff\xfe\x00",
    ],
)
def test_bad_scenarios(capsys, tmp_path, content):
    (tmp_path / "mine.yaml").write_bytes(content.encode("latin-1"))
    assert "个问题：" in said(capsys, "check", tmp_path / "mine.yaml")


def folder_with(tmp_path: Path, name: str, change) -> Path:
    """A scenario over a data folder whose file `name` is the bundled one after `change` of its rows."""
    with (BUNDLED / name).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows = change(rows)
    target = tmp_path / "data" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    scenario = tmp_path / "mine.yaml"
    scenario.write_text("extends: base\ndata: data\n", encoding="utf-8")
    return scenario


def spoiled(rows: list[dict], **wrong: str) -> list[dict]:
    return [{**rows[0], **wrong}, *rows[1:]]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (
            "assumptions/money.csv",
            lambda rows: spoiled(
                rows, value="viel", unit="furlong", source="", as_of="gestern", confidence="sure"
            ),
        ),
        (
            "assumptions/money.csv",
            lambda rows: [
                *spoiled(rows, value="viel", source="", as_of="gestern", confidence="sure"),
                rows[0],
                {**rows[1], "hard_low": "?"},
            ],
        ),
        ("assumptions/money.csv", lambda rows: [r for r in rows if r["key"] != "fx.JPY"]),
        ("assumptions/money.csv", lambda rows: [{k: v for k, v in r.items() if k != "unit"} for r in rows]),
        (
            "root_causes.csv",
            lambda rows: [
                *spoiled(rows, kind="isue"),
                {**rows[0], "cause": "moon"},
                {**rows[0], "kind": "words", "key": "(("},
                rows[5],
                rows[5],
            ],
        ),
        (
            "providers.csv",
            lambda rows: spoiled(rows, kind="wherehouse", market="XX", currency="XYZ", classes="toys"),
        ),
        ("product_classes.csv", lambda rows: spoiled(rows, battery="big", window_group="long")),
        (
            "entitlements.csv",
            lambda rows: [*spoiled(rows, from_days="9", to_days="3"), {**rows[1], "from_days": "soon"}],
        ),
        (
            "markets/US.csv",
            lambda rows: [
                {**rows[0], "key": "currncy"},
                *[r for r in rows[1:] if not r["key"].startswith("duty.default")],
            ],
        ),
    ],
)
def test_bad_data_folders(capsys, tmp_path, name, change):
    assert name in said(capsys, "check", folder_with(tmp_path, name, change))


POLICY = (
    "row_id,product_class,market,channel,issue,when,price_from,price_to,"
    "resolution,provider,disposition,offer,fallback"
)


def test_bad_policy_tables(capsys, tmp_path):
    cases, policy = table(tmp_path / "cases.csv", {}), tmp_path / "policy.csv"
    policy.write_text("row_id,market\n1,US\n", encoding="utf-8")
    assert "策略表应有以下各列" in said(capsys, "apply", policy, "--cases", cases)
    rows = [
        "1,*,US,post,unwanted,age<=3x,9,5,refnd,,,much,",
        "1,,US,fba,unwanted,agee>3d,x,,decline,,,,",
        "2,*,US,fba,unwanted,stage=gone,,,decline,,,,",
    ]
    policy.write_text("\n".join([POLICY, *rows]) + "\n", encoding="utf-8")
    text = said(capsys, "apply", policy, "--cases", cases)
    for part in (
        "不是有效的条件",
        "例如写 age<=30d 或 age>30d。",
        "必须大于 price_from",
        "row_id 列：'1' 出现了 2 次",
        "不是有效的部分退款金额",
    ):
        assert part in text


# ---------------------------------------------------------------- imports


@pytest.mark.parametrize("rows", [1, 2, 8])
def test_why_rows_of_a_report_are_skipped_is_said_in_chinese(capsys, tmp_path, rows):
    """Also where all rows, or only one, are skipped: what pandas makes of a column of sentences depends on
    it."""
    header, *lines = (ROOT / "tests" / "fixtures" / "all_orders.txt").read_text(encoding="utf-8").splitlines()
    shipped = next(line for line in lines if "Shipped" in line)
    file = tmp_path / "orders.txt"
    file.write_text("\n".join([header, *[shipped] * rows]) + "\n", encoding="utf-8")
    text = said(
        capsys, "import", "all_orders", file, "--market", "DE", "--out", tmp_path / "cases.csv", expect=0
    )
    assert f"{rows}  订单状态 Shipped：未取消" in text and "not cancelled" not in text


def test_rejects_of_an_import(capsys, tmp_path):
    file = table(tmp_path / "cases.csv", {}, {"issue": "unwantd"})
    said(
        capsys,
        "import",
        "canonical",
        file,
        "--out",
        tmp_path / "out.csv",
        "--rejects",
        tmp_path / "rejects.csv",
        expect=0,
    )
    rejects = pd.read_csv(tmp_path / "rejects.csv")
    assert rejects["row"].tolist() == [3] and rejects["fix"].str.contains("是否应为|可用：").all()


def test_imports_that_cannot_be_done(capsys, tmp_path):
    file = table(tmp_path / "cases.csv", {})
    (tmp_path / "m.yaml").write_text(
        "report: x\ncolumns: {colour: z, market: {a: 1}}\nread: {delimiter: z, foo: 1}\ndates:"
        " [soon]\nfoo: 1\n",
        encoding="utf-8",
    )
    for arguments in (
        ("nope", file),
        ("fba_returns", file),
        ("auto", tmp_path / "missing.csv"),
        ("mapped", file, "--map", tmp_path / "m.yaml"),
    ):
        assert "个问题：" in said(capsys, "import", *arguments, "--out", tmp_path / "out.csv")


# ---------------------------------------------------------------- usage and help


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("run",),
        ("fly",),
        ("run", "base", "--hlp"),
        ("run", "base", "x"),
        ("run", "base", "--cases"),
        ("run", "base", "--seconds", "-1"),
        ("run", "base", "--seconds", "x"),
        ("import",),
        ("import", "mapped", "x.csv", "--out", "y.csv"),
        ("explain", "base"),
        ("run", "base", "--options=3"),
    ],
)
def test_wrong_usage(capsys, arguments):
    assert "错误：" in said(capsys, *arguments, expect=2) or not arguments


def test_an_unknown_language_is_refused_in_the_language_of_the_environment(capsys, monkeypatch):
    monkeypatch.setenv("OPTIMIZER_LANG", "zh")
    with pytest.raises(SystemExit) as ended:
        main(["check", "base", "--lang", "fr"])
    assert ended.value.code == 2 and "'--lang' 的取值无效：'fr' 不在可选值之内" in capsys.readouterr().err
    monkeypatch.setenv("OPTIMIZER_LANG", "fr")
    with pytest.raises(SystemExit) as ended:
        main(["check", "base"])
    assert (
        ended.value.code == 2
        and "OPTIMIZER_LANG is 'fr', which is not one of en, zh." in capsys.readouterr().err
    )


@pytest.mark.parametrize("verb", ["", *sorted(cli.commands)])
def test_help(capsys, monkeypatch, verb):
    monkeypatch.setenv("OPTIMIZER_LANG", "zh")
    main([verb, "--help"] if verb else ["--help"])
    text = capsys.readouterr().out
    assert english(text) == [] and "用法：" in text and "显示此帮助并退出。" in text
    main([verb, "--help", "--lang", "en"] if verb else ["--help", "--lang", "en"])
    text = capsys.readouterr().out
    assert (
        "Usage:" in text and "Show this message and exit." in text and not re.search("[\u4e00-\u9fff]", text)
    )


def test_help_of_the_original_commands_is_left_alone():
    before = cli.commands["run"].params[1].help
    assert spoken(cli, ZH).commands["run"].params[1].help != before == cli.commands["run"].params[1].help


@pytest.mark.parametrize(
    ("arguments", "variable", "lang"),
    [
        ([], "", "en"),
        ([], "zh", "zh"),
        (["run", "--lang", "zh"], "", "zh"),
        (["--lang=zh", "run"], "en", "zh"),
        (["--lang", "en"], "zh", "en"),
        (["--lang", "zh", "run", "--lang", "en"], "", "en"),
        (["--lang", "fr"], "zh", "zh"),
        (["--lang"], "", "en"),
        ([], "fr", "en"),
    ],
)
def test_the_language_is_known_before_parsing(arguments, variable, lang):
    assert language_of(arguments, {"OPTIMIZER_LANG": variable}) == lang


def test_the_words_of_click_come_and_go():
    formatter = click.HelpFormatter()
    with own_words("zh"):
        formatter.write_usage("optimizer")
    formatter.write_usage("optimizer")
    assert formatter.getvalue() == "用法： optimizer\nUsage: optimizer\n"


# ---------------------------------------------------------------- rejects


def test_rejects_are_written_in_the_language(capsys, tmp_path):
    file = table(tmp_path / "cases.csv", {}, {"item_price": "cheap"}, {"market": "XX"})
    policy = tmp_path / "policy.csv"
    policy.write_text(f"{POLICY}\n1,*,*,*,*,,,,undecided,,,,\n", encoding="utf-8")
    for lang, problem, fix in (
        ("zh", "不是数字", "请只写数字和小数点，例如 12.50。"),
        ("en", "is not a number", "Write digits with a decimal point and nothing else, such as 12.50."),
    ):
        main(
            [
                "apply",
                str(policy),
                "--cases",
                str(file),
                "--out",
                str(tmp_path / lang),
                "--skip-rejects",
                "--lang",
                lang,
            ]
        )
        rejects = pd.read_csv(tmp_path / lang / "rejects.csv")
        assert list(rejects.columns) == ["file", "row", "column", "value", "problem", "fix"]
        assert rejects.loc[0, ["row", "column", "value", "problem", "fix"]].tolist() == [
            3,
            "item_price",
            "cheap",
            problem,
            fix,
        ]
        heard = capsys.readouterr()
        if lang == "zh":
            assert (
                "2 行未处理，详见 rejects.csv：" in heard.err
                and "已写入 " in heard.err
                and english(heard.err) == []
            )


# ---------------------------------------------------------------- the sentences themselves


def test_a_problem_in_both_languages():
    problem = Problem(
        "a.csv",
        3,
        "market",
        "USX",
        phrase("is not a known {en}", en="market", zh="market"),
        nearest("USX", ["US", "GB"]),
    )
    assert str(problem) == "a.csv, row 3, column market: 'USX' is not a known market. Did you mean 'US'?"
    assert problem.text(ZH) == "a.csv，第 3 行，market 列：'USX' 不是有效的 market。是否应为 'US'？"
    assert problem.said(ZH)[:4] == problem[:4] and problem.said(ZH).fix == "是否应为 'US'？"
    assert Problem("a.csv", None, "", "", phrase("is blank"), "").text(ZH) == "a.csv：为空。"


def test_a_long_list_says_how_many_are_left_out():
    refused = InputError(
        [
            Problem("a.csv", row, "", "", phrase("is blank"), phrase("Fill it in, or remove the row."))
            for row in range(2, 9)
        ]
    )
    assert refused.text(2).splitlines()[-1] == "* … and 5 more"
    assert refused.text(2, ZH).splitlines() == [
        "* a.csv，第 2 行：为空。请填写，或删除此行。",
        "* a.csv，第 3 行：为空。请填写，或删除此行。",
        "* ……另有 5 个问题",
    ]


def test_nothing_to_say_says_nothing():
    assert say_again(chain([]), ZH) == "" and ZH("") == ""


def test_reasons_of_the_operating_system():
    assert str(system_reason(OSError(errno.EACCES, "Permission denied"))) == "permission denied"
    assert say_again(system_reason(OSError(errno.ENOSPC, "No space left on device")), ZH) == "磁盘已满"
    assert system_reason(OSError(errno.EMFILE, "Too many open files")) == "Too many open files"


def test_no_plan_in_chinese():
    with pytest.raises(Infeasible) as none:
        assign(
            np.array([[10.0, 20.0], [30.0, 25.0]]),
            np.ones((2, 2), bool),
            [Limit("预算", np.array([[10.0, 20.0], [30.0, 25.0]]), None, [30.0])],
        )
    assert (
        none.value.text(ZH) == '没有任何方案能同时满足这些限额：预算[0]\n代价最小的放宽方式：{"预算": [5.0]}'
    )
    assert (
        none.value.text()
        == 'no plan satisfies the limits together: 预算[0]\ncheapest relaxation: {"预算": [5.0]}'
    )


def test_bad_limits_in_chinese():
    with pytest.raises(InputError) as refused:
        assign(np.array([[1.0, np.nan]]), np.zeros((1, 2), bool), [Limit("x", 1, -1, [1])], gap=-1)
    assert english(refused.value.text(t=ZH)) == []
    with pytest.raises(InputError) as refused:
        Limit("x", -1.0, [5], [1])
    assert refused.value.text(t=ZH).splitlines() == [
        "* 限额 'x' 的 usage：'-1.0' 小于 0。请填写不小于 0 的值。",
        "* 限额 'x' 的 group[0]：'5' 不是已有的组。组代码为 0 到 0；-1 表示不计入。",
    ]
