"""Where the data and the scenarios that come with the program stand."""

from __future__ import annotations

import re
from pathlib import Path

from optimizer.phrases import Phrase, phrase

PACKAGE = Path(__file__).resolve().parents[1]
CARRIED = "bundled"  # a wheel carries both in this folder of the package; in a checkout they stand beside it
_NAMED = re.compile(r"(?<![A-Za-z0-9_./\\-])(data|scenarios)/")


def home(package: Path) -> Path:
    """The folder that holds data/ and scenarios/ of the package in this folder."""
    carried = package / CARRIED
    return carried if carried.is_dir() else package.parent


HOME = home(PACKAGE)
BUNDLED = HOME / "data"
SCENARIOS = HOME / "scenarios"


def place_named(text: str, here: Path) -> Phrase | None:
    """Where data/ and scenarios/ stand, if the text names one of them to a reader whose folder is not
    theirs."""
    if here.resolve() == HOME or not _NAMED.search(text):
        return None
    return phrase("data/ and scenarios/ that come with the program stand in {folder}", folder=HOME)
