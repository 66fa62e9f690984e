"""The policy table: built from priced cases, read from a file, applied to new cases."""
from __future__ import annotations


class Policy:
    """Being written."""


def build_policy(engine, blocks, current_cost_cents):
    raise NotImplementedError
