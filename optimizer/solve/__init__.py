"""Solvers: the cheapest acceptable option of every case under the limits they share."""
from optimizer.solve.assign import Assignment, assign
from optimizer.solve.evaluate import Evaluation, evaluate
from optimizer.solve.limits import Limit

__all__ = ["Assignment", "Evaluation", "Limit", "assign", "evaluate"]
