"""Solvers: the cheapest acceptable option of every case under the limits they share, and the cheapest
network of repair."""

from optimizer.solve.assign import Assignment, assign
from optimizer.solve.evaluate import Evaluation, evaluate
from optimizer.solve.limits import Limit
from optimizer.solve.network import NetworkEvaluation, NetworkPlan, NetworkProblem, design, evaluate_network

__all__ = [
    "Assignment",
    "Evaluation",
    "Limit",
    "NetworkEvaluation",
    "NetworkPlan",
    "NetworkProblem",
    "assign",
    "design",
    "evaluate",
    "evaluate_network",
]
