"""What many tests look at and none may change: scenarios and cases read once per process, policy tables and
files made once per session of the suite, whichever worker asks first. Nothing is kept from one session to
the next."""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from optimizer import load_scenario, run
from optimizer.inputs.bundled import BUNDLED
from optimizer.inputs.cases import CaseFile
from optimizer.inputs.scenario import Scenario
from optimizer.model.engine import Engine
from optimizer.model.pricing import PricedBlock
from optimizer.model.world import World
from optimizer.pipeline import EXAMPLE, Run, read_inputs
from optimizer.policy import Policy, build_policy

MARKETS = tuple(sorted(path.stem for path in (BUNDLED / "markets").glob("*.csv")))  # read without a scenario
BUNDLE = dict(EXAMPLE)  # what is bundled, also while a test has the example replaced
EIGHTH = 8  # every eighth bundled case: 2,500 of all issues, channels and markets
_session: list[Path] = []  # the folder of this session, once conftest.py has made it


def session_is(folder: Path) -> None:
    _session[:] = [folder]


# ---------------------------------------------------------------- read once per process
@cache
def scenario(name: str = "base", *settings: str) -> Scenario:
    return load_scenario(name, settings)


@cache
def world(name: str = "base", *settings: str) -> World:
    return World.of(scenario(name, *settings))


@cache
def example() -> tuple[CaseFile, pd.DataFrame, pd.DataFrame]:
    """The bundled cases, products and orders as the base case reads them."""
    return read_inputs(scenario(), BUNDLE["cases"], BUNDLE["products"], BUNDLE["orders"])


def cases(every: int = 1) -> pd.DataFrame:
    """Every so many-th bundled case; up to every twentieth all issues, channels and markets are there."""
    return example()[0].frame.iloc[::every].reset_index(drop=True)


@cache
def decided(name: str = "base", *settings: str, every: int = EIGHTH) -> Run:
    """Every so many-th bundled case, decided with the bundled products and orders."""
    return run(scenario(name, *settings), cases(every), BUNDLE["products"], BUNDLE["orders"])


@cache
def quarter(*settings: str) -> Run:
    """All bundled cases under the bundled limits, which bind on all of them only."""
    return run(scenario("tight_quarter", *settings), BUNDLE["cases"], BUNDLE["products"], BUNDLE["orders"])


def eighth() -> Path:
    """Every eighth bundled case as a file."""
    return file_once("cases_eighth.parquet", lambda path: cases(EIGHTH).to_parquet(path, index=False))


# ---------------------------------------------------------------- made once per session
def file_once(name: str, make: Callable[[Path], object]) -> Path:
    """A file of the session, made by the first who asks; two who ask at once both make it, one is kept."""
    path = _session[0] / name
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=path.parent, suffix=path.suffix)
        os.close(handle)
        make(Path(unfinished))
        os.replace(unfinished, path)
    return path


def table_once(engine: Engine, blocks: Sequence[PricedBlock], current_cost_cents: float, **limits) -> Policy:
    """build_policy for tests that only look at a table: the same table is built once per session. Tables
    under limits, which rest on a plan too, are always built."""
    if limits:
        return build_policy(engine, blocks, current_cost_cents, **limits)

    def make(path: Path) -> None:
        path.write_bytes(pickle.dumps(build_policy(engine, blocks, current_cost_cents)))

    path = file_once(f"table-{_content(engine, blocks, current_cost_cents)}.pickle", make)
    return pickle.loads(path.read_bytes())


def _content(engine: Engine, blocks: Sequence[PricedBlock], current_cost_cents: float) -> str:
    """Hash of all that a policy table without limits is built from."""
    digest = hashlib.sha256(repr(current_cost_cents).encode())
    for key, assumption in engine.world.scenario.book.items():
        digest.update(f"{key}={assumption.value!r}\n".encode())
    digest.update(pd.util.hash_pandas_object(engine.cases.astype(str), index=False).to_numpy().tobytes())
    for b in blocks:
        digest.update(repr((b.cell, [o.key for o in b.options], b.decided_by.tolist())).encode())
        for part in (b.rows, b.total, b.risk, b.refused, b.shares, b.mixed_total, b.mixed, b.claim_right):
            digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()[:24]
