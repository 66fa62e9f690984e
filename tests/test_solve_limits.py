"""What the solver refuses, in exact words, and its independent evaluator."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from optimizer.errors import InputError
from optimizer.solve import Limit, assign, evaluate
from optimizer.solve.table import UseTable, reduced

GOOD = np.array([[1.0, 2.0], [3.0, 1.0]])
YES = np.ones((2, 2), dtype=bool)
ONE = Limit("bench", 1, None, [5])


def texts(call, *args, **kwargs):
    with pytest.raises(InputError) as caught:
        call(*args, **kwargs)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "args, expected",
    [
        (
            ("bench", [[1, np.nan]], None, [1]),
            ["limit 'bench' usage[0, 1]: 'nan' is not a finite number. Give a number; leave nothing open."],
        ),
        (("bench", [1, -2.5], None, [1]), ["limit 'bench' usage[1]: '-2.5' is below 0. Give 0 or more."]),
        (
            ("bench", np.inf, None, [1]),
            ["limit 'bench' usage: 'inf' is not a finite number. Give a number; leave nothing open."],
        ),
        (
            ("bench", [2e15], None, [1]),
            ["limit 'bench' usage[0]: '2000000000000000.0' is above 1e+15. Give 1e+15 or less."],
        ),
        (
            ("bench", ["a"], None, [1]),
            ["limit 'bench' usage: '<U1' is not a type of numbers. Give an array of numbers."],
        ),
        (
            ("bench", [[1, 2], [3]], None, [1]),
            ["limit 'bench' usage: has rows of different lengths. Give a rectangular array."],
        ),
        (("bench", 1, None, [-1]), ["limit 'bench' amount[0]: '-1.0' is below 0. Give 0 or more."]),
        (
            ("bench", 1, None, [np.inf]),
            ["limit 'bench' amount[0]: 'inf' is not a finite number. Give a number; leave nothing open."],
        ),
        (
            ("bench", 1, None, []),
            ["limit 'bench' amount: '(0,)' is not a shape (groups,). Give one amount per group."],
        ),
        (
            ("bench", 1, None, [[1]]),
            ["limit 'bench' amount: '(1, 1)' is not a shape (groups,). Give one amount per group."],
        ),
        (
            ("bench", 1, None, [1, 2]),
            [
                "limit 'bench' group: 'None' means one group, but there are 2 amounts. Give one amount, "
                "or a group code for every case."
            ],
        ),
        (
            ("bench", 1, [[0], [2], [-2]], [1, 2]),
            [
                (
                    "limit 'bench' group[1, 0]: '2' is no known group. Groups run from 0 to 1; -1 does not"
                    " count."
                ),
                (
                    "limit 'bench' group[2, 0]: '-2' is no known group. Groups run from 0 to 1; -1 does not"
                    " count."
                ),
            ],
        ),
        (
            ("bench", 1, [0.5], [1]),
            [
                "limit 'bench' group: 'float64' is not a type of whole numbers. Give group codes as integers;"
                " -1 does not count."
            ],
        ),
        (("", 1, None, [1]), ["limit: \"''\" is not a name. Give every limit a name."]),
    ],
)
def test_a_limit_says_what_is_wrong_with_it(args, expected):
    assert texts(Limit, *args) == expected


def test_all_problems_of_a_limit_come_at_once():
    assert len(texts(Limit, "bench", [-1, np.nan], [5, 0], [-3])) == 4


def test_a_limit_cannot_be_changed_and_takes_plain_lists():
    limit = Limit("bench", [[1, 0]], [[0], [-1]], 3)
    assert (limit.usage.dtype, limit.group.dtype, limit.amount.tolist()) == (np.float64, np.int64, [3.0])
    with pytest.raises(dataclasses.FrozenInstanceError):
        limit.amount = [4]


@pytest.mark.parametrize(
    "args, expected",
    [
        (
            (np.array([[1, np.nan], [np.inf, 2]]), YES),
            [
                "cost[0, 1]: 'nan' is not a finite number. Give a number; leave nothing open.",
                "cost[1, 0]: 'inf' is not a finite number. Give a number; leave nothing open.",
            ],
        ),
        (
            ([1.0, 2.0], [True, True]),
            [
                "cost: '(2,)' is not a shape (cases, options). Give one row per case and one column per"
                " option."
            ],
        ),
        (
            (GOOD, YES[:1]),
            [
                "acceptable: '(1, 2)' is not the shape of cost, (2, 2). Give both one entry per case and"
                " option."
            ],
        ),
        (
            (GOOD, YES.astype(int)),
            ["acceptable: 'int64' is not a type of true and false. Give an array of bool."],
        ),
        (
            (GOOD, [[True, False], [False, False]]),
            [
                "acceptable[1]: the case has no acceptable option. Accept at least one option, or leave the"
                " case out."
            ],
        ),
        (
            ([["a", "b"], ["c", "d"]], YES),
            ["cost: '<U1' is not a type of numbers. Give an array of numbers."],
        ),
        ((GOOD, YES, [3]), ["limits: '3' is not a Limit. Build it as Limit(name, usage, group, amount)."]),
        (
            (GOOD, YES, [ONE, ONE]),
            ["limit 'bench': stands twice in the list. Give every limit a name of its own."],
        ),
        (
            (GOOD, YES, [Limit("bench", [1, 2, 3], None, [1])]),
            [
                "limit 'bench' usage: '(3,)' does not stretch to (cases, options) = (2, 2). Give (2, 2), (2,"
                " 1) for one figure per case, or (2,) for one per option."
            ],
        ),
        (
            (GOOD, YES, [Limit("bench", 1, [[0], [0], [0]], [1])]),
            [
                "limit 'bench' group: '(3, 1)' does not stretch to (cases, options) = (2, 2). Give (2, 2),"
                " (2, 1) for one figure per case, or (2,) for one per option."
            ],
        ),
        (
            (GOOD, YES, [ONE, Limit("bnech", 1, -1, [1, 2])]),
            [
                "limit 'bnech': touches no case: every group code is -1. Give the cases it counts a group"
                " from 0 to 1, or leave the limit out. Limits that do touch cases: bench."
            ],
        ),
        (
            (GOOD, YES, [], -0.1),
            ["gap: '-0.1' is not a number of at least 0. Give a share of the cost, such as 1e-5."],
        ),
        (
            (GOOD, YES, [], 1e-5, np.nan),
            ["seconds: 'nan' is not a number of at least 0. Give the time allowed, such as 60."],
        ),
    ],
)
def test_assign_says_what_is_wrong_with_its_inputs(args, expected):
    assert texts(assign, *args) == expected


def test_all_problems_of_the_inputs_come_at_once():
    cost = np.array([[np.nan, 1.0], [2.0, 3.0]])
    found = texts(
        assign, cost, np.array([[True, True], [False, False]]), [Limit("bench", 1, -1, [1])], -1.0, "long"
    )
    assert [text.split(":")[0] for text in found] == [
        "cost[0, 0]",
        "gap",
        "seconds",
        "acceptable[1]",
        "limit 'bench'",
    ]


def test_very_many_problems_are_counted_instead_of_listed():
    found = texts(assign, np.full((500, 4), np.nan), np.ones((500, 4), dtype=bool))
    assert len(found) == 21
    assert (
        found[-1]
        == "cost: has 1,980 more entries of this kind: is not a finite number. Give a number; leave nothing"
        " open."
    )


def test_the_evaluator_recomputes_cost_and_use_and_names_what_is_broken():
    limits = [Limit("bench", [[1, 4], [2, 8]], [[0], [1]], [1, 1]), Limit("budget", GOOD, None, [9])]
    found = evaluate(GOOD, np.array([[True, True], [True, False]]), limits, np.array([0, 1]))
    assert found.cost == 2.0
    assert {name: used.tolist() for name, used in found.used.items()} == {
        "bench": [1.0, 8.0],
        "budget": [2.0],
    }
    assert found.exceeded == [("bench", 1)]
    assert found.refused.tolist() == [1]


def test_settled_cases_leave_the_program():
    # Case 0 is cheapest off the bench; case 1 wants it; the "huge" row can never bind.
    cost = np.array([[5.0, 1.0, 9.0], [1.0, 6.0, 6.0]])
    limits = [Limit("bench", [2, 0, 1], None, [1]), Limit("huge", 1, None, [100])]
    table = UseTable.of(limits, np.ones((2, 3), dtype=bool))
    alive, active = reduced(cost, np.ones((2, 3), dtype=bool), table, np.ones(2, dtype=bool), whole=False)
    assert alive.tolist() == [[False, True, False], [True, True, False]]
    assert active.tolist() == [True, False]
    alive, _ = reduced(cost, np.ones((2, 3), dtype=bool), table, np.ones(2, dtype=bool), whole=True)
    assert alive.tolist() == [[False, True, False], [False, True, False]]  # 2 is more than the bench has
