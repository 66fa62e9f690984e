"""options.parquet: every case x option with all lines, refusals and measures, so that anyone can recompute
the answer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from optimizer.answer.run import Answer
from optimizer.domain.shared_limit import SharedLimit
from optimizer.model.lines import LINE_KEYS
from optimizer.model.pricing import BIT, PricedBlock


def option_frames(run: Answer) -> Iterator[pd.DataFrame]:
    """One frame per block, rows in the order case, option."""
    for k, b in enumerate(run.blocks):
        yield _frame(run, k, b)


def _frame(run: Answer, block: int, b: PricedBlock) -> pd.DataFrame:
    pricer = run.engine.pricer(b.cell, b.rows)
    n, width = len(b.rows), len(b.options)
    lines = np.stack([pricer.line_table(i) for i in range(width)], axis=1).reshape(n * width, len(LINE_KEYS))
    measures = np.stack([np.column_stack(pricer.measures(i)) for i in range(width)], axis=1).reshape(
        n * width, 3
    )
    codes, where = np.unique(b.refused.ravel(), return_inverse=True)
    reasons = np.array([";".join(_rule_ids(code)) for code in codes], object)[where]
    keys = pd.DataFrame(
        [(o.key, o.resolution, o.provider, o.disposition, o.offer, o.fallback) for o in b.options],
        columns=["option", "resolution", "provider", "disposition", "offer", "fallback"],
    )
    frame = pd.concat([keys] * n, ignore_index=True)
    frame.insert(0, "case_id", np.repeat(run.cases["case_id"].to_numpy(object)[b.rows], width))
    frame["decided_by"] = np.repeat(b.decided_by, width)
    frame["acceptable"] = b.acceptable.ravel()
    frame["refused_by"] = reasons
    frame["total"] = b.total.ravel() / 100.0
    frame = pd.concat([frame, pd.DataFrame(lines / 100.0, columns=list(LINE_KEYS))], axis=1)
    frame["days"], frame["satisfaction"], frame["claim_risk"] = measures.T
    for limit in run.shared_limits:
        frame[f"usage_{limit.name}"], frame[f"group_{limit.name}"] = _use(limit, block, n, width)
    chosen = np.arange(width)[None, :] == run.plan.choice[b.rows][:, None]
    frame["chosen"] = chosen.ravel()
    frame["share"] = np.where(b.mixed[:, None], b.shares[None, :], np.nan).ravel()
    return frame


def _use(limit: SharedLimit, block: int, cases: int, options: int) -> tuple[np.ndarray, np.ndarray]:
    """Use of a limit and label of the group it counts towards; 0 and empty where it does not count.   two
    (cases x options,)"""
    use, labels = limit.uses[block], np.array([*(g.label for g in limit.groups), ""], object)
    if use is None:
        return np.zeros(cases * options), np.full(cases * options, "", object)
    usage, group = (np.broadcast_to(a, (cases, options)).ravel() for a in use)
    return np.where(group >= 0, usage, 0.0), labels[group]


def _rule_ids(code: np.uint64) -> list[str]:
    return [rule for rule, bit in BIT.items() if code & bit]
