"""The policy table: built from priced cases, read from a file, applied to new cases."""

from optimizer.policy.apply import Applied, apply_policy, match
from optimizer.policy.reading import as_policy
from optimizer.policy.table import Policy, build_policy

__all__ = ["Applied", "Policy", "apply_policy", "as_policy", "build_policy", "match"]
