"""docs/benchmarks.md: one section per subject, each kept until it is measured again."""

from __future__ import annotations

import os
import platform
from datetime import date
from importlib import metadata
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
PRICING, ASSIGN, NETWORK = "Pricing and deciding", "Limits that cases share", "Repair network"
ORDER = (PRICING, ASSIGN, NETWORK)
TOP = (
    "# Benchmarks\n\nWritten by `python -m benchmarks --write`, one section alone by `python -m benchmarks"
    " pricing --write` or `python -m benchmarks assign --full --write` or `python -m benchmarks network"
    " --full --write`; `make bench` measures again, in short, and prints. Every measure runs in a process of"
    " its own. Compare the ratios: they are taken within one run on one machine; the seconds depend on the"
    " machine and on what else it does.\n"
)


def with_section(text: str, heading: str, lines: list[str]) -> str:
    """The page with the section of this heading replaced or added, in the fixed order."""
    parts = text.split("\n## ")[1:]
    sections = {part.split("\n", 1)[0]: part.split("\n", 1)[1].strip("\n") for part in parts} | {
        heading: "\n".join(lines).strip("\n")
    }
    return "\n".join([TOP, *(f"## {name}\n\n{sections[name]}\n" for name in ORDER if name in sections)])


def keep(heading: str, lines: list[str], page: Path = PAGE) -> None:
    """Writes a section into the page."""
    text = page.read_text(encoding="utf-8") if page.exists() else TOP
    page.write_text(with_section(text, heading, lines), encoding="utf-8")


def measured_on(*packages: str) -> str:
    """Day, machine, how busy it is, and the versions of what is measured."""
    versions = ", ".join(f"{name} {version}" for name in packages if (version := _version(name)))
    return (
        f"Measured on {date.today().isoformat()}: {_processor()}, {os.cpu_count()} cores{_busy()},"
        f" {platform.system()}, Python {platform.python_version()}, {versions}."
    )


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _busy() -> str:
    """How much ran on the machine, where the system tells it: above the number of cores, the clock is not
    to be trusted."""
    return f" (load {os.getloadavg()[0]:.1f})" if hasattr(os, "getloadavg") else ""


def _processor() -> str:
    """Name of the processor, as far as the system tells it."""
    info = Path("/proc/cpuinfo")
    names = (
        [
            line.split(":", 1)[1].strip()
            for line in info.read_text().splitlines()
            if line.startswith("model name")
        ]
        if info.exists()
        else []
    )
    return names[0] if names else platform.processor() or platform.machine()
