"""Why no plan of a network keeps all it has to: a smallest set that clashes, and the cheapest relaxation."""
from __future__ import annotations

import math

import numpy as np

from optimizer.errors import Infeasible
from optimizer.solve.network.arrays import Network
from optimizer.solve.network.program import NetworkProgram

NO_EXCESS = 1e-7        # of a row's unit: below it nothing is exceeded


def network_clash(part: Network, seconds: float = 60.0) -> Infeasible:
    """Which limits, capacities, commitments and forced openings clash, and the cheapest relaxation.

    Clash: (name, provider or kind) of an irreducible set: without any one of them there is a plan. Relaxation: by
    "name label" the largest extra amount in any month, least in the sum of extra / amount; 1 for what is forced means that
    it is given up.
    """
    model = NetworkProgram(part, tight=False)
    asked = model.requirements
    rows = np.concatenate([np.zeros(0, int), *(r.rows for r in asked)])
    of = np.repeat(np.arange(len(asked)), [len(r.rows) for r in asked])
    excess = model.program.soften(rows, np.ones(len(rows)))

    def hopeless(active: np.ndarray) -> bool:
        its = excess[active[of]]
        held = (its, np.zeros(len(its)))
        return model.program.solve(target=math.inf, held=held, seconds=seconds).status == "infeasible"

    active = np.ones(len(asked), bool)
    for number in range(len(asked)):
        active[number] = False
        active[number] = not hopeless(active)
    answer = model.program.solve(share=1e-6, seconds=seconds)
    extra = np.zeros(len(rows)) if answer.values is None else answer.values[excess]
    relaxation = {}
    for number, requirement in enumerate(asked):
        most = extra[of == number].max(initial=0.0)
        if most > NO_EXCESS:
            relaxation[f"{requirement.name} {requirement.label}".strip()] = np.array([most * requirement.unit])
    return Infeasible([(r.name, r.label) for r, is_active in zip(asked, active) if is_active], relaxation)
