"""The package as it is installed: built, put into a folder of its own and called from another one."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT
from packaging.requirements import Requirement

from optimizer import __version__, load_scenario, run
from optimizer.cli import main
from optimizer.inputs.bundled import CARRIED, HOME, home, place_named
from optimizer.pipeline import EXAMPLE

BUILDERS = ("hatchling", "hatch_requirements_txt")
LISTS = ("runtime", "test", "lint", "bench")
LOCKS = {"lock": ("runtime", "test", "lint"), "lock-runtime": ("runtime",)}
FOLDERS = ("data", "scenarios", "optimizer/locale")  # what a wheel carries beside the code
CASES = 40


def done(*command: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess:
    """A call that succeeds, in a folder and with these additions to the environment."""
    made = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert made.returncode == 0, (made.stderr[-2000:], made.stdout[-500:])
    return made


def built(source: Path, target: Path, *what: str) -> list[Path]:
    """The files that a build of the source folder leaves in the target folder."""
    missing = [name for name in BUILDERS if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"nothing can be built: {', '.join(missing)} missing; install requirements.txt")
    done(sys.executable, "-m", "hatchling", "build", "-d", target, *what, cwd=source)
    return sorted(target.iterdir())


@pytest.fixture(scope="module")
def packages(tmp_path_factory) -> tuple[Path, Path]:
    """The wheel and the source package of the checkout."""
    wheel, source = built(ROOT, tmp_path_factory.mktemp("dist"))
    return wheel, source


@pytest.fixture(scope="module")
def installed(packages, tmp_path_factory) -> Path:
    """A folder with nothing but the installed wheel; its libraries are those of the running Python."""
    if importlib.util.find_spec("pip") is None:
        pytest.skip("nothing can be installed: pip is missing in this Python")
    folder = tmp_path_factory.mktemp("installed")
    options = ("--no-deps", "--no-index", "--no-compile", "--quiet", "--target", folder)
    done(sys.executable, "-m", "pip", "install", *options, packages[0], cwd=folder)
    return folder


@pytest.fixture
def optimizer(installed, tmp_path):
    """Calls the installed program from a folder that holds nothing of it."""
    program = shutil.which("optimizer", path=installed / "bin")

    def call(*arguments: object) -> str:
        return done(program, *arguments, cwd=tmp_path, PYTHONPATH=str(installed)).stdout

    return call


def inside(wheel: Path) -> set[str]:
    """The files of a wheel."""
    with zipfile.ZipFile(wheel) as file:
        return set(file.namelist())


def carried(folder: str) -> set[str]:
    """Where the files of a folder of the checkout stand in the wheel."""
    place = folder if folder.startswith("optimizer/") else f"optimizer/{CARRIED}/{folder}"
    files = [p for p in (ROOT / folder).rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    return {f"{place}/{p.relative_to(ROOT / folder).as_posix()}" for p in files}


@pytest.mark.parametrize("folder", FOLDERS)
def test_data_scenarios_and_languages_travel_with_the_wheel(packages, folder):
    assert carried(folder) and carried(folder) <= inside(packages[0])


def test_the_wheel_holds_the_whole_package_and_nothing_else(packages):
    code = {p.relative_to(ROOT).as_posix() for p in (ROOT / "optimizer").rglob("*.py")}
    known = code.union(*map(carried, FOLDERS))
    assert {name for name in inside(packages[0]) if ".dist-info/" not in name} == known


def test_the_installed_program_decides_as_the_checkout_does(optimizer, tmp_path):
    cases = tmp_path / "cases.csv"
    pd.read_parquet(EXAMPLE["cases"]).head(CASES).to_csv(cases, index=False)
    told = optimizer("run", "base", "--cases", "cases.csv", "--out", "out")
    assert f"{CASES} of {CASES} cases decided" in told
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    here = run(load_scenario("base"), [cases])
    assert summary["inputs"] == here.input_hashes and summary["versions"]["optimizer"] == __version__
    assert summary.items() >= {part: here.figures[part] for part in ("run_id", "total_cost", "lines")}.items()
    assert (tmp_path / "out" / "policy.xlsx").is_file()


def test_the_installed_program_speaks_chinese(optimizer):
    assert "算清售后案件" in optimizer("--lang", "zh", "--help")


def test_the_source_package_builds_the_same_wheel(packages, tmp_path):
    with tarfile.open(packages[1]) as file:
        file.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    (wheel,) = built(source, tmp_path / "dist", "-t", "wheel")
    assert wheel.name == packages[0].name and inside(wheel) == inside(packages[0])


def test_data_stand_in_the_package_or_beside_it(tmp_path):
    assert home(tmp_path / "optimizer") == tmp_path
    (tmp_path / "optimizer" / CARRIED).mkdir(parents=True)
    assert home(tmp_path / "optimizer") == tmp_path / "optimizer" / CARRIED


def test_the_version_is_said_with_the_place_of_the_data(capsys):
    main(["--version"])
    assert capsys.readouterr().out == f"optimizer {__version__}\n{HOME}\n" and (HOME / "data").is_dir()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Add fx.EUR to data/assumptions/money.csv.", True),
        ("可对照 scenarios/base.yaml。", True),
        ("mydata/markets/US.csv, row 2", False),
        ("/home/me/data/cases.csv", False),
        ("no problem", False),
    ],
)
def test_hints_say_where_data_stand_to_somebody_elsewhere(text, named, tmp_path):
    place = place_named(text, tmp_path)
    assert (place is not None and str(HOME) in place) == named
    assert place_named(text, HOME) is None


def requirements(name: str) -> list[Requirement]:
    """What a list of requirements/ asks for."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(text) for line in lines if (text := line.partition("#")[0].strip())]


def plain(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_each_requirement_stands_once():
    names = [plain(r.name) for part in LISTS for r in requirements(part)]
    assert sorted(names) == sorted(set(names))


def test_what_builds_the_package_is_installed_for_the_tests():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert {str(Requirement(r)) for r in project["build-system"]["requires"]} <= {
        str(r) for r in requirements("test")
    }


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_files_hold_what_is_required_with_hashes(lock):
    """`make lock` renews them. They name no index, so that they serve wherever packages come from."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    blocks = re.findall(r"^([A-Za-z0-9._-]+)==([^ \n]+)([^\n]*\n(?:    --hash.*\n?)*)", text, re.M)
    assert len(blocks) == len(re.findall(r"^[A-Za-z]", text, re.M))
    assert all("--hash=sha256:" in rest for *_, rest in blocks) and "://" not in text
    for wanted in (r for part in LOCKS[lock] for r in requirements(part)):
        versions = [version for name, version, _ in blocks if plain(name) == plain(wanted.name)]
        assert versions and all(version in wanted.specifier for version in versions), str(wanted)


def test_the_version_is_the_newest_release():
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\d\S*)", changes, re.M)[0] == __version__
