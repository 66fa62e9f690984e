"""The repair and return network of a scenario: its demand, its ways out at their prices, its plan, and
what the plan hangs on."""

from optimizer.network.plan import RepairNetwork, plan_network

__all__ = ["RepairNetwork", "plan_network"]
