"""options.parquet: every case x option with all lines, refusals and measures, so that anyone can recompute the answer."""
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optimizer.model.lines import LINE_KEYS
from optimizer.model.pricing import BIT, PricedBlock

if TYPE_CHECKING:
    from optimizer.report.run import Run


def option_frames(run: Run) -> Iterator[pd.DataFrame]:
    """One frame per block, rows in the order case, option."""
    for b in run.blocks:
        yield _frame(run, b)


def _frame(run: Run, b: PricedBlock) -> pd.DataFrame:
    pricer = run.engine.pricer(b.cell, b.rows)
    n, width = len(b.rows), len(b.options)
    lines = np.stack([pricer.line_table(i) for i in range(width)], axis=1).reshape(n * width, len(LINE_KEYS))
    measures = np.stack([np.column_stack(pricer.measures(i)) for i in range(width)], axis=1).reshape(n * width, 3)
    codes, where = np.unique(b.refused.ravel(), return_inverse=True)
    reasons = np.array([";".join(_rule_ids(code)) for code in codes], object)[where]
    keys = pd.DataFrame([(o.key, o.resolution, o.provider, o.disposition, o.offer, o.fallback) for o in b.options],
                        columns=["option", "resolution", "provider", "disposition", "offer", "fallback"])
    frame = pd.concat([keys] * n, ignore_index=True)
    frame.insert(0, "case_id", np.repeat(run.cases["case_id"].to_numpy(object)[b.rows], width))
    frame["decided_by"] = np.repeat(b.decided_by, width)
    frame["acceptable"] = b.acceptable.ravel()
    frame["refused_by"] = reasons
    frame["total"] = b.total.ravel() / 100.0
    frame = pd.concat([frame, pd.DataFrame(lines / 100.0, columns=list(LINE_KEYS))], axis=1)
    frame["days"], frame["satisfaction"], frame["claim_risk"] = measures.T
    chosen = np.arange(width)[None, :] == run.plan.choice[b.rows][:, None]
    frame["chosen"] = chosen.ravel()
    frame["share"] = np.where(b.mixed[:, None], b.shares[None, :], np.nan).ravel()
    return frame


def _rule_ids(code: np.uint64) -> list[str]:
    return [rule for rule, bit in BIT.items() if code & bit]
