"""The package from the checkout, the switch that rewrites golden tables, and what a session shares."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "tests"))


# Files that take longest, the dearest first: they begin, so that no worker is left with one at the end.
DEAREST = (
    "test_policy_table",
    "test_network_narrowing",
    "test_e2e_app",
    "test_app",
    "test_tight_quarter",
    "test_network_design",
    "test_cli",
    "test_policy_returnless",
    "test_limits_run",
    "test_solve_scale",
    "test_metamorphic",
    "test_workbook",
    "test_app_reports",
    "test_benchmarks",
)


def pytest_configure(config):
    config.addinivalue_line("markers", "xdist_group(name): tests of one group go to one worker")


def pytest_collection_modifyitems(items):
    """A file goes to one worker as a whole, but for tests that name a group; the dearest files begin."""
    place = {name: number for number, name in enumerate(DEAREST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


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
        patch.setattr("optimizer.answer.run.build_policy", shared.table_once)
        yield
