"""The network solver: whom to open when and who serves whom."""

from optimizer.solve.network.design import NetworkPlan, design
from optimizer.solve.network.evaluate import NetworkEvaluation, evaluate_network
from optimizer.solve.network.problem import NetworkProblem

__all__ = ["NetworkEvaluation", "NetworkPlan", "NetworkProblem", "design", "evaluate_network"]
