"""One run of one solver on one world, in a process of its own: the last line it prints is JSON, whatever a
solver prints before.

python -m benchmarks.assign_measures PEER KIND CASES GROUPS GAP SECONDS [disk]
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.assign_peers import PEERS
from benchmarks.assign_worlds import World, draw, draw_on_disk


def measured(peer: str, world: World, gap: float, seconds: float) -> dict[str, object]:
    """Seconds on the clock and of all processors, peak memory beyond the inputs in GB, and cost, bound (USD)
    and groups exceeded.

    A tiny world comes first, so that loading the libraries is not counted.
    """
    PEERS[peer](draw("dense", 20, 2), 1e-3, 10.0)
    before, spent = held(), processor()
    start = time.perf_counter()
    with Watch() as watch:
        result = PEERS[peer](world, gap, seconds)
    clock = time.perf_counter() - start
    found = {
        "clock": clock,
        "processor": processor() - spent,
        "memory": None if before is None else max(0.0, held() - before),
        "anonymous": watch.peak,
        "bound": result.bound,
        "note": result.note,
        "cost": None,
        "exceeded": 0,
    }
    if result.choice is not None:
        found |= {"cost": world.total(result.choice), "exceeded": world.exceeded(result.choice)}
    return found


def held() -> float | None:
    """Largest memory this process or one it started has held, in GB; None where the system does not tell
    (Windows)."""
    try:
        import resource
    except ImportError:
        return None
    peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return peak / (1e9 if sys.platform == "darwin" else 1e6)


def processor() -> float:
    """Processor seconds of this process and of those it has waited for."""
    try:
        import resource
    except ImportError:
        return time.process_time()
    return sum(
        u.ru_utime + u.ru_stime
        for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


class Watch:
    """The largest memory of its own that the process holds meanwhile, looked at every 20 ms: without the
    mapped files, which the system may drop at any time. In GB; None where the system does not tell."""

    def __init__(self):
        self.peak: float | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        status = Path("/proc/self/status")
        while status.exists() and not self._over.wait(0.02):
            own = [line for line in status.read_text().splitlines() if line.startswith("RssAnon")]
            if own:
                self.peak = max(self.peak or 0.0, int(own[0].split()[1]) / 1e6)


def main(peer: str, kind: str, cases: str, groups: str, gap: str, seconds: str, where: str = "") -> None:
    """Draws the world, runs the peer and prints what came of it."""
    size = kind, int(cases), int(groups)
    with tempfile.TemporaryDirectory() as folder:
        world = draw_on_disk(Path(folder), *size) if where == "disk" else draw(*size)
        found = measured(peer, world, float(gap), float(seconds)) | {"on_disk": where == "disk"}
        del world
    print(f"\n{json.dumps(found)}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
