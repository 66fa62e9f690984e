"""`limits:` of scenario files: merging, settings, the trail, and every way to write one wrongly."""

from __future__ import annotations

import pytest

from optimizer.errors import InputError
from optimizer.inputs.scenario import read_scenario

CASH = (
    "limits:\n  cash_budget:\n    - {{market: US, month: 2026-10, amount: {amount}, because: the"
    " treasurer}}\n"
)


def scenario(folder, text, name="mine", settings=()):
    path = folder / f"{name}.yaml"
    path.write_text(f"extends: base\n{text}" if "extends" not in text else text, encoding="utf-8")
    return read_scenario(path, settings)


def refused(folder, text, settings=()):
    with pytest.raises(InputError) as caught:
        scenario(folder, text, settings=settings)
    return [(p.column, p.value, str(p.problem)) for p in caught.value.problems]


def test_a_later_layer_replaces_and_lifts(tmp_path):
    scenario(tmp_path, CASH.format(amount=100), "first")
    second = scenario(tmp_path, "extends: first.yaml\n" + CASH.format(amount=80), "second")
    assert [(d.key, d.amount, d.because) for d in second.limits] == [
        ("limit.cash_budget.US.2026-10", 80.0, "the treasurer")
    ]
    assert [(c.layer, c.key, c.old, c.new) for c in second.trail] == [
        ("first", "limit.cash_budget.US.2026-10", "none", "100"),
        ("second", "limit.cash_budget.US.2026-10", "100", "80"),
    ]
    third = scenario(
        tmp_path,
        "extends: first.yaml\nlimits:\n  cash_budget:\n    - {market: US, month: 2026-10, amount: none}\n",
        "third",
    )
    assert third.limits == () and third.trail[-1].new == "none"


def test_a_setting_changes_an_amount_and_a_place_of_its_own(tmp_path):
    s = scenario(tmp_path, CASH.format(amount=100), settings=["limit.cash_budget.US.2026-10=70", "fx.CNY=7"])
    assert [d.amount for d in s.limits] == [70.0] and [c.key for c in s.trail] == [
        "limit.cash_budget.US.2026-10"
    ] * 2 + ["fx.CNY"]
    every = "limits:\n  replacements:\n    - {amount: 9, because: hands}\n"
    s = scenario(tmp_path, every, settings=["limit.replacements.DE.2026-10=4"])
    assert [(d.place, d.amount) for d in s.limits] == [(("*", "*"), 9.0), (("DE", "2026-10"), 4.0)]


@pytest.mark.parametrize(
    "entry, column, problem",
    [
        ("cash_bugdet: [{amount: 1, because: x}]", "limits", "is not a family of limits"),
        ("cash_budget: 5", "limits.cash_budget", "is not a list of limits"),
        (
            "cash_budget: [{markt: US, amount: 1, because: x}]",
            "limits.cash_budget[1].markt",
            "is not a key of this limit",
        ),
        (
            "cash_budget: [{market: XX, amount: 1, because: x}]",
            "limits.cash_budget[1].market",
            "is not known",
        ),
        (
            "cash_budget: [{month: 2026-13, amount: 1, because: x}]",
            "limits.cash_budget[1].month",
            "is not a month",
        ),
        ("cash_budget: [{because: x}]", "limits.cash_budget[1].amount", "is missing"),
        (
            "cash_budget: [{amount: -1, because: x}]",
            "limits.cash_budget[1].amount",
            "is not a number of at least 0",
        ),
        (
            "cash_budget: [{amount: much, because: x}]",
            "limits.cash_budget[1].amount",
            "is not a number of at least 0",
        ),
        (
            "cash_budget: [{amount: .inf, because: x}]",
            "limits.cash_budget[1].amount",
            "is not a number of at least 0",
        ),
        ("cash_budget: [{amount: 1}]", "limits.cash_budget[1].because", "is not a reason"),
        (
            "cash_budget: [{amount: 1, because: x}, {amount: 2, because: x}]",
            "limits.cash_budget[2]",
            "is declared twice",
        ),
        (
            "provider_capacity: [{amount: 1, because: x}]",
            "limits.provider_capacity[1].provider",
            "is missing",
        ),
        (
            "provider_capacity: [{provider: de_partnr, amount: 1, because: x}]",
            "limits.provider_capacity[1].provider",
            "is not known",
        ),
        (
            "provider_capacity: [{provider: de_partner, unit: hour, amount: 1, because: x}]",
            "limits.provider_capacity[1].unit",
            "is not known",
        ),
        (
            "order_defects: [{share: 2, because: x}]",
            "limits.order_defects[1].share",
            "is not a share between 0 and 1",
        ),
        ("order_defects: [{days: 0, because: x}]", "limits.order_defects[1].days", "is not a number of days"),
        ("order_defects: [{orders: order, because: x}]", "limits.order_defects[1].orders", "is not known"),
        (
            "order_defects: [{orders: account_health, because: x}]",
            "limits.order_defects[1].file",
            "is missing",
        ),
    ],
)
def test_what_is_written_wrongly_is_named(tmp_path, entry, column, problem):
    assert (column, problem) in [(c, p) for c, _, p in refused(tmp_path, f"limits:\n  {entry}\n")]


def test_all_problems_come_at_once(tmp_path):
    found = refused(
        tmp_path,
        "limits:\n  cash_bugdet: []\n  replacements: [{market: XX, amount: -1}]\n",
        ["limit.replacements.US=3"],
    )
    assert {p for _, _, p in found} >= {
        "is not a family of limits",
        "is not known",
        "is not a number of at least 0",
        "is not a reason",
        "is not a limit of this scenario",
    }


def test_what_a_limit_on_order_defects_does_not_say_is_in_the_ledger(tmp_path):
    plain = "limits:\n  order_defects:\n    - {market: US, because: x}\n"
    said = plain.replace("because", "share: 0.02, days: 30, because")
    counted = {}
    for text in (plain, said):
        for settings in ((), ("claim.order_defect_share=0.005", "claim.order_defect_days=90")):
            s = scenario(tmp_path, text, settings=settings)
            resolved = s.limits[0].resolved(s.book)
            counted[text, settings] = (resolved.share, resolved.days)
    assert list(counted.values()) == [(0.01, 60), (0.005, 90), (0.02, 30), (0.02, 30)]
