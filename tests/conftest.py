"""The package from the checkout, the switch that rewrites golden tables, and what a session shares."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "tests"))


def pytest_addoption(parser):
    parser.addoption(
        "--write-golden",
        action="store_true",
        help="rewrite the golden tables; review the difference before committing",
    )


@pytest.fixture
def write_golden(request) -> bool:
    return request.config.getoption("--write-golden")


@pytest.fixture(scope="session", autouse=True)
def folder_of_the_session(tmp_path_factory) -> None:
    """One folder for all workers of a session; pytest makes another one for the next."""
    import shared

    own = tmp_path_factory.getbasetemp()  # of a worker: a folder in that of the session
    shared.session_is(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture(scope="module")
def tables_once():
    """For modules that look at the policy tables of answers and do not test how tables are built: the same
    table is built once per session."""
    import shared

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[shared.Run.__module__], "build_policy", shared.table_once)
        yield
