"""The package from the checkout, and the switch that rewrites golden tables."""

from __future__ import annotations

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
