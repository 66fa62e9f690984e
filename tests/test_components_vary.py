"""A component declares which parts of an option it depends on; what is kept for the block must equal what
is computed afresh."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer import load_scenario
from optimizer.model.engine import Engine
from optimizer.pipeline import read_inputs


@pytest.fixture(scope="module")
def engine():
    scenario = load_scenario("base")
    file, goods, _ = read_inputs(scenario, None, None, None)
    return Engine.of(scenario, file.frame.head(4000), goods)


def test_kept_amounts_equal_fresh_ones_in_any_order_of_options(engine):
    compared = 0
    for cell, rows in engine.cells:
        forward, backward = engine.pricer(cell, rows), engine.pricer(cell, rows)
        for options, pricer in ((forward.options, forward), (backward.options[::-1], backward)):
            for o in options:
                for c in o.spec.costs:
                    fresh = c.of(engine.block(cell, rows), o) if len(rows) < 40 else None
                    kept = c(pricer.block, o)
                    if fresh is not None:
                        assert np.array_equal(
                            np.broadcast_to(fresh, len(rows)), np.broadcast_to(kept, len(rows))
                        ), (c.key, o.key)
                        compared += 1
        for i in range(len(forward.options)):
            assert np.array_equal(forward.line_table(i), backward.line_table(i)), forward.options[i].key
    assert compared > 1000
