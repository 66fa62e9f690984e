"""Scenarios: changes with a because, merged in order, with a trail; every problem named with its fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.errors import InputError
from optimizer.inputs.scenario import Change, read_scenario, scenario_names
from optimizer.model.rules import RULES, rule_switches


def layer(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(path: Path | str, *settings: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_scenario(path, settings)
    return [str(p).strip() for p in caught.value.problems]


def changes(folder: Path, text: str) -> list[str]:
    """Problems of one scenario on top of base whose changes are `text`."""
    return refused(layer(folder, "mine", f"extends: base\nset:\n{text}"))


@pytest.mark.parametrize("name", scenario_names())
def test_every_bundled_scenario_loads_says_why_and_is_titled(name):
    s = read_scenario(name, declared=rule_switches())
    assert s.name == name and set(s.title) == {"en", "zh"} and all(s.title.values())
    assert all(c.because and c.old != c.new for c in s.trail)
    assert bool(s.trail) == (name != "base")
    assert f"scenarios/{name}.yaml" in s.files


def test_the_bundled_scenarios():
    assert scenario_names() == [
        "base",
        "cny_stronger",
        "freight_up_30",
        "holiday_peak",
        "no_overseas_warehouse",
        "no_us_warehouse",
        "own_station_germany",
        "sealed_returns_only",
        "strict_eu_guarantee",
        "tight_quarter",
        "us_duty_40",
    ]
    assert [(c.layer, c.key, c.old, c.new) for c in read_scenario("freight_up_30").trail] == [
        ("freight_up_30", f"freight.{way}_factor", 1.0, 1.3) for way in ("outbound", "inbound", "batch")
    ]


def test_layers_merge_from_the_deepest_and_leave_a_trail_in_order(tmp_path):
    layer(
        tmp_path,
        "low",
        "extends: base\nset:\n  contact.cost: {to: 1, because: first}\n  fx.CNY: {times: 0.5, because:"
        " half}\n",
    )
    layer(tmp_path, "middle", "extends: low\nset:\n  contact.cost: {plus: 0.5, because: second}\n")
    top = layer(
        tmp_path, "top", "extends: middle\ntitle: Third\nset:\n  contact.cost: {times: 2, because: third}\n"
    )
    s = read_scenario(top, ["contact.cost=4"])
    assert s.trail == (
        Change("low", "contact.cost", 0.6, 1.0, "first"),
        Change("low", "fx.CNY", 6.832, 3.416, "half"),
        Change("middle", "contact.cost", 1.0, 1.5, "second"),
        Change("top", "contact.cost", 1.5, 3.0, "third"),
        Change("--set", "contact.cost", 3.0, 4.0, "set on the command line"),
    )
    assert (
        s.book.number("contact.cost") == 4.0
        and s.book["contact.cost"].set_by == "--set"
        and s.book["fx.CNY"].set_by == "low"
    )
    assert s.title == {"en": "Third"} and s.name == "top"
    assert [f for f in s.files if f.startswith("scenarios/")] == [
        f"scenarios/{n}.yaml" for n in ("base", "low", "middle", "top")
    ]


def test_an_empty_file_is_the_data_folder_as_it_is(tmp_path):
    assert read_scenario(layer(tmp_path, "mine", "")).trail == ()


def test_a_switch_may_be_written_as_false(tmp_path):
    s = read_scenario(
        layer(tmp_path, "mine", "extends: base\nset:\n  risk.on: {to: false, because: cash only}\n")
    )
    assert s.book.number("risk.on") == 0.0 and s.book.flag("risk.on") is False


def test_a_layer_of_changes_is_checked_like_every_other():
    s = read_scenario("base").with_changes({"contact.cost": {"to": 2.0, "because": "try it"}}, "app")
    assert s.trail == (Change("app", "contact.cost", 0.6, 2.0, "try it"),)
    with pytest.raises(InputError) as caught:
        s.with_changes({"contact.cost": {"to": -1.0, "because": "try it"}}, "app")
    assert (
        str(caught.value)
        == "* app, column contact.cost: '-1' must lie between 0 and 50 USD. The usual range is 0.3 to 2."
    )


WRONG = [
    (
        "  fx.CNYY: {to: 6, because: x}\n",
        "mine.yaml, column fx.CNYY: is not an assumption. Did you mean 'fx.CNY'?",
    ),
    (
        "  fx.CNY: {to: 2.99, because: x}\n",
        "mine.yaml, column fx.CNY: '2.99' must lie between 3 and 15 per_USD. The usual range is 6.5 to 7.3.",
    ),
    (
        "  fx.CNY: {times: 10, because: x}\n",
        "mine.yaml, column fx.CNY: '68.32' must lie between 3 and 15 per_USD. The usual range is 6.5 to 7.3.",
    ),
    (
        "  fx.CNY: {plus: -4, because: x}\n",
        "mine.yaml, column fx.CNY: '2.832' must lie between 3 and 15 per_USD. The usual range is 6.5 to 7.3.",
    ),
    (
        "  fx.CNY: {to: seven, because: x}\n",
        "mine.yaml, column fx.CNY: 'seven' is not a number. Write a number with a decimal point.",
    ),
    (
        "  fx.CNY: {to: .inf, because: x}\n",
        "mine.yaml, column fx.CNY: 'inf' is not a number. Write a number with a decimal point.",
    ),
    (
        "  fx.CNY: {to: .nan, because: x}\n",
        "mine.yaml, column fx.CNY: 'nan' is not a number. Write a number with a decimal point.",
    ),
    (
        "  fx.CNY: {to: 7}\n",
        (
            "mine.yaml, column fx.CNY: \"{'to': 7}\" is not a change. Write {to: VALUE, because: REASON}, or"
            " `times` or `plus` in place of `to`."
        ),
    ),
    (
        "  fx.CNY: {to: 7, because: ''}\n",
        (
            "mine.yaml, column fx.CNY: \"{'to': 7, 'because': ''}\" is not a change. Write {to: VALUE,"
            " because: REASON}, or `times` or `plus` in place of `to`."
        ),
    ),
    (
        "  fx.CNY: 7\n",
        (
            "mine.yaml, column fx.CNY: '7' is not a change. Write {to: VALUE, because: REASON}, or `times` or"
            " `plus` in place of `to`."
        ),
    ),
    (
        "  fx.CNY: {because: x}\n",
        (
            "mine.yaml, column fx.CNY: \"{'because': 'x'}\" is not a change. Write {to: VALUE, because:"
            " REASON}, or `times` or `plus` in place of `to`."
        ),
    ),
    (
        "  fx.CNY: {to: 7, times: 2, because: x}\n",
        (
            "mine.yaml, column fx.CNY: \"{'to': 7, 'times': 2, 'because': 'x'}\" is not a change. "
            "Write {to: VALUE, because: REASON}, or `times` or `plus` in place of `to`."
        ),
    ),
    (
        "  fx.CNY: {to: 7, because: x, until: 2027}\n",
        (
            "mine.yaml, column fx.CNY: \"{'to': 7, 'because': 'x', 'until': 2027}\" is not a change. "
            "Write {to: VALUE, because: REASON}, or `times` or `plus` in place of `to`."
        ),
    ),
    (
        "  reporting.currency: {times: 2, because: x}\n",
        (
            "mine.yaml, column reporting.currency: '2' is a text and can only be set with `to`. Use {to:"
            " VALUE, because: REASON}."
        ),
    ),
]


@pytest.mark.parametrize(("text", "problem"), WRONG, ids=[t.strip() for t, _ in WRONG])
def test_one_wrong_change(tmp_path, text, problem):
    assert changes(tmp_path, text) == [problem]


def test_all_wrong_changes_of_all_layers_at_once(tmp_path):
    layer(
        tmp_path,
        "low",
        "extends: base\nset:\n  contact.cots: {to: 1, because: x}\n  fx.EUR: {to: 9, because: x}\n",
    )
    top = layer(tmp_path, "top", "extends: low\nset:\n  risk.on: {to: 2, because: x}\n")
    assert refused(top, "fx.GBP=lots") == [
        "low.yaml, column contact.cots: is not an assumption. Did you mean 'contact.cost'?",
        "low.yaml, column fx.EUR: '9' must lie between 0.3 and 3 per_USD. The usual range is 0.8 to 0.97.",
        "top.yaml, column risk.on: '2' must lie between 0 and 1 flag. The usual range is 1 to 1.",
        "--set, column fx.GBP: 'lots' is not a number. Write a number with a decimal point.",
    ]


@pytest.mark.parametrize(
    ("setting", "key", "value"),
    [
        ("fx.CNY=6.9", "fx.CNY", 6.9),
        (" fx.CNY = 6.9 ", "fx.CNY", 6.9),
        ("landed.cny_share=55%", "landed.cny_share", 0.55),
        ("landed.cny_share=12.5 %", "landed.cny_share", 0.125),
        ("fx.CNY=700%", "fx.CNY", 7.0),
        ("reporting.currency=EUR", "reporting.currency", "EUR"),
        ("contact.cost=1e1", "contact.cost", 10.0),
        ("customer.claims_without_return=５", "customer.claims_without_return", 5.0),
    ],
)
def test_settings_of_the_command_line(setting, key, value):
    s = read_scenario("base", [setting])
    assert (
        s.book[key].value == pytest.approx(value) if isinstance(value, float) else s.book[key].value == value
    )
    assert [(c.layer, c.key, c.because) for c in s.trail] == [("--set", key, "set on the command line")]


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("fx.CNY", "--set: 'fx.CNY' is not KEY=VALUE. Write for example --set fx.CNY=6.9"),
        ("=7", "--set: '=7' is not KEY=VALUE. Write for example --set fx.CNY=6.9"),
        ("fx.CNYY=7", "--set, column fx.CNYY: is not an assumption. Did you mean 'fx.CNY'?"),
        ("fx.CNY=", "--set, column fx.CNY: is not a number. Write a number with a decimal point."),
        ("fx.CNY=7,0", "--set, column fx.CNY: '7,0' is not a number. Write a number with a decimal point."),
        (
            "landed.cny_share=101%",
            (
                "--set, column landed.cny_share: '1.01' must lie between 0 and 1 share. The usual range is"
                " 0.5 to 0.9."
            ),
        ),
    ],
)
def test_wrong_settings(setting, problem):
    assert [p.removesuffix(".") for p in refused("base", setting)] == [problem.removesuffix(".")]


@pytest.mark.parametrize("rule", RULES, ids=[r.id for r in RULES])
def test_every_rule_can_be_switched_off_by_its_key(rule):
    s = read_scenario("base", [f"rule.{rule.id}.on=0"], rule_switches())
    assert s.trail == (Change("--set", f"rule.{rule.id}.on", 1.0, 0.0, "set on the command line"),)
    assert s.book[f"rule.{rule.id}.on"].source == rule.source


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        (
            "class.audio_gadget.battery=lithum_in",
            "--set, column class.audio_gadget.battery: 'lithum_in' is not known. Did you mean 'lithium_in'?",
        ),
        (
            "US.currency=USS",
            (
                "--set, column US.currency: 'USS' is not known. Did you mean 'USD'? Or add fx.USS to"
                " data/assumptions/money.csv."
            ),
        ),
        (
            "DE.lane.return_label.currency=EURO",
            (
                "--set, column DE.lane.return_label.currency: 'EURO' is not known. Did you mean 'EUR'? Or add"
                " fx.EURO to data/assumptions/money.csv."
            ),
        ),
        (
            "provider.us_warehouse.kind=warehous",
            "--set, column provider.us_warehouse.kind: 'warehous' is not known. Did you mean 'warehouse'?",
        ),
        (
            "GB.returnless_floor.valid_from=soon",
            "--set, column GB.returnless_floor.valid_from: 'soon' is not a date. Write it as YYYY-MM-DD.",
        ),
        (
            "US.holiday.order_from=Nov 1",
            "--set, column US.holiday.order_from: 'Nov 1' is not a day of the year. Write it as MM-DD.",
        ),
        (
            "US.holiday.until=02-30",
            "--set, column US.holiday.until: '02-30' is not a day of the year. Write it as MM-DD.",
        ),
    ],
)
def test_a_text_is_checked_like_a_number(setting, problem):
    assert refused("base", setting) == [problem]


def test_an_unknown_scenario_names_the_nearest():
    assert refused("freight_up_3") == [
        "scenario: 'freight_up_3' is not a scenario. Did you mean 'freight_up_30'?"
    ]
    assert refused("/nowhere/x.yaml") == [
        "scenario: '/nowhere/x.yaml' is not a scenario. Known: base, cny_stronger, freight_up_30,"
        " holiday_peak, no_overseas_warehouse, no_us_warehouse, own_station_germany, sealed_returns_only, …."
    ]


def test_an_unknown_parent_names_the_file_that_asks(tmp_path):
    path = layer(tmp_path, "mine", "extends: bsae\n")
    assert refused(path) == [f"{path}, column extends: 'bsae' is not a scenario. Did you mean 'base'?"]


def test_a_loop_is_shown_as_it_runs(tmp_path):
    a, b = layer(tmp_path, "a", "extends: b\n"), layer(tmp_path, "b", "extends: a\n")
    assert refused(a) == [
        f"{a}, column extends: 'a -> b -> a' goes round in a circle. Take one `extends` out of the chain."
    ]
    assert refused(b) == [
        f"{b}, column extends: 'b -> a -> b' goes round in a circle. Take one `extends` out of the chain."
    ]
    alone = layer(tmp_path, "alone", "extends: alone\n")
    assert refused(alone) == [
        f"{alone}, column extends: 'alone -> alone' goes round in a circle. Take one `extends` out of the"
        " chain."
    ]


def test_unknown_keys_of_the_file(tmp_path):
    path = layer(tmp_path, "mine", "extend: base\nsets: {}\n")
    assert refused(path) == [
        f"{path}, column key: 'extend' is not known in a scenario. Did you mean 'extends'?",
        f"{path}, column key: 'sets' is not known in a scenario. Did you mean 'set'?",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- base\n", ": is not a scenario. Write keys such as `extends:` and `set:`."),
        ("just words\n", ": is not a scenario. Write keys such as `extends:` and `set:`."),
        (
            "set: [fx.CNY]\n",
            (
                ", column set: \"['fx.CNY']\" is not a list of changes. Write `set:` and below it one"
                " assumption per line."
            ),
        ),
        (
            "set: 7\n",
            ", column set: '7' is not a list of changes. Write `set:` and below it one assumption per line.",
        ),
    ],
)
def test_a_file_of_another_shape(tmp_path, text, problem):
    path = layer(tmp_path, "mine", text)
    assert refused(path) == [f"{path}{problem}"]


@pytest.mark.parametrize("content", [b"set: {a: [\n", b"\xff\xfe\x00broken", b"a: b: c\n", b"\tx: 1\n"])
def test_broken_yaml(tmp_path, content):
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    found = refused(path)
    if content.startswith(b"\xff"):
        assert found == [f"{path}: is not a UTF-8 text. Save it as UTF-8."]
    else:
        row = 2 if content.startswith(b"set") else 1  # where the list still stands open
        assert found == [
            f"{path}, row {row}: is not readable YAML. "
            "Look at the colons, quotation marks and indents there; compare it with scenarios/base.yaml."
        ]


def test_a_missing_data_folder(tmp_path):
    path = layer(tmp_path, "mine", "data: nowhere\n")
    assert refused(path) == [
        f"{path}, column data: '{tmp_path / 'nowhere'}' is not a folder. Give the path of a data folder,"
        " relative to the scenario file."
    ]


def test_the_data_folder_of_a_parent_is_found_beside_the_parent(tmp_path):
    (tmp_path / "own" / "assumptions").mkdir(parents=True)
    header = "key,value,unit,usual_low,usual_high,hard_low,hard_high,source,as_of,review_by,confidence,en,zh"
    (tmp_path / "own" / "assumptions" / "test.csv").write_text(
        f"{header}\ntest.key,7,factor,,,,,me,2026-01-01,2027-01-01,official,a,b\n", encoding="utf-8"
    )
    layer(tmp_path, "parent", "data: own\n")
    (tmp_path / "below").mkdir()
    child = layer(tmp_path / "below", "child", "extends: ../parent.yaml\n")
    assert read_scenario(child).book.number("test.key") == 7.0
