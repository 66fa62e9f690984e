"""After-sales cost optimizer: what every way out costs, and the cheapest acceptable one.

from optimizer import load_scenario, run
answer = run(load_scenario("base"))
print(answer)
"""

from optimizer.errors import Infeasible, InputError, Problem
from optimizer.pipeline import load_scenario, run
from optimizer.report.run import Run
from optimizer.version import VERSION as __version__

__all__ = ["Infeasible", "InputError", "Problem", "Run", "__version__", "load_scenario", "run"]
