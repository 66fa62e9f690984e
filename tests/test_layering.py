"""The arrows of the architecture: version <- phrases <- errors <- domain <- inputs <- model <- solve <-
network <- policy <- analysis <- answer <- report <- pipeline <- cli, ui."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = ROOT / "optimizer"
LAYERS = (
    "version",
    "phrases",
    "errors",
    "domain",
    "inputs",
    "i18n",
    "model",
    "solve",
    "network",
    "policy",
    "analysis",
    "answer",
    "report",
    "pipeline",
)
MODULES = sorted(p for p in PACKAGE.rglob("*.py"))
ANYWHERE = sorted(
    {*MODULES, *ROOT.glob("*.py"), *(ROOT / "benchmarks").rglob("*.py"), *(ROOT / "tests").rglob("*.py")}
)
LONGEST, LONGEST_TEST = 550, 1000  # lines of a formatted file; tests spell their cases out


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def layer_of(parts: tuple[str, ...]) -> str:
    """The first name below the package: a folder, or a module that stands by itself."""
    return parts[0].removesuffix(".py") if parts else ""


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything imported, inside functions too; `from optimizer import x` counts
    as optimizer.x."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, a.name) for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: write imports from the package root"
            if node.module == "optimizer":
                yield from ((node.lineno, f"optimizer.{a.name}") for a in node.names)
            else:
                yield node.lineno, str(node.module)


def later(here: str, there: str) -> bool:
    """Does `there` lie after `here`? What is not a layer (cli, ui, example) may read all layers and nobody
    may read it but itself."""
    if here == there:
        return False
    if there not in LAYERS:
        return True
    return here in LAYERS and LAYERS.index(there) > LAYERS.index(here)


def backward_imports(path: Path) -> list[str]:
    here, tree = layer_of(path.relative_to(PACKAGE).parts), ast.parse(path.read_text(encoding="utf-8"))
    found = [(line, name.split(".")[1]) for line, name in imported(tree) if name.startswith("optimizer.")]
    return [
        f"{named(path)}, line {line}: {here} imports {there}" for line, there in found if later(here, there)
    ]


# The package root is the public face, and __main__ starts the command line.
ALLOWED = {
    "__init__": {"pipeline", "report", "answer", "errors"},
    "__main__": {"cli"},
    "cli": {"cli_language"},
}


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_module_imports_a_later_layer(path):
    here = layer_of(path.relative_to(PACKAGE).parts)
    wrong = [w for w in backward_imports(path) if w.rsplit(" ", 1)[1] not in ALLOWED.get(here, ())]
    assert wrong == []


def test_the_check_itself_sees_a_backward_arrow(tmp_path, monkeypatch):
    monkeypatch.setattr("test_layering.PACKAGE", tmp_path)
    monkeypatch.setattr("test_layering.ROOT", tmp_path)
    (tmp_path / "domain").mkdir()
    bad = tmp_path / "domain" / "cases.py"
    bad.write_text(
        "def f():\n    from optimizer.report.words.text import money\n    return money\n", encoding="utf-8"
    )
    assert backward_imports(bad) == ["domain/cases.py, line 2: domain imports report"]


def module_of(path: Path) -> str:
    """Dotted name of a module; a package goes by its folder."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported_modules(path: Path) -> set[str]:
    """Modules of the package that a module imports, inside functions and for annotations too."""
    known, found = {module_of(p) for p in MODULES}, set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("optimizer"):
            named_here = {f"{node.module}.{a.name}" for a in node.names}
            found |= named_here & known or {str(node.module)}
    return (found & known) - {module_of(path)}


def test_no_modules_import_each_other_in_a_circle():
    order = TopologicalSorter({module_of(p): imported_modules(p) for p in MODULES})
    order.prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("library", ["pulp", "highspy"])
def test_one_module_talks_to_the_solver(library):
    users = [
        named(p)
        for p in MODULES
        if any(n.split(".")[0] == library for _, n in imported(ast.parse(p.read_text(encoding="utf-8"))))
    ]
    assert set(users) <= {"optimizer/solve/backend.py"}
    if library == "pulp":
        assert users == ["optimizer/solve/backend.py"]


def test_no_module_is_longer_than_one_can_read():
    lengths = {named(p): len(p.read_text(encoding="utf-8").splitlines()) for p in ANYWHERE}
    allowed = {name: LONGEST_TEST if name.startswith("tests/") else LONGEST for name in lengths}
    assert {name: n for name, n in lengths.items() if n > allowed[name]} == {}


def test_library_code_never_prints():
    calls = [
        f"{named(p)}, line {node.lineno}"
        for p in MODULES
        for node in ast.walk(ast.parse(p.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert calls == []


def test_every_module_says_what_it_is():
    silent = [
        named(p)
        for p in MODULES
        if p.read_text(encoding="utf-8").strip()
        and p.name != "__main__.py"
        and not ast.get_docstring(ast.parse(p.read_text(encoding="utf-8")))
    ]
    assert silent == []


# What computes, reads what it was given: everything an answer rests on comes in through one door and is
# hashed there.
COMPUTING = ("phrases", "errors", "domain", "model", "solve", "network", "policy", "analysis")
READERS = re.compile(r"open|read_(text|bytes|csv|excel|parquet|json|table|feather)|load(txt)?|fromfile|glob")


def file_readers(path: Path) -> list[str]:
    """Calls of a module that open, read or list files, by the name of what is called."""
    called = (
        (node.lineno, getattr(node.func, "id", getattr(node.func, "attr", "")))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    )
    return [f"{path.name}, line {line}: {name}" for line, name in called if READERS.fullmatch(name)]


@pytest.mark.parametrize("room", COMPUTING)
def test_only_the_door_reads_files(room):
    found = [
        where
        for path in MODULES
        if layer_of(path.relative_to(PACKAGE).parts) == room
        for where in file_readers(path)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line", ["open('a.csv')", "Path('a').open()", "path.read_text()", "pd.read_csv(path)", "np.load(path)"]
)
def test_the_check_itself_sees_a_file_being_read(line, tmp_path):
    (tmp_path / "m.py").write_text(line, encoding="utf-8")
    assert file_readers(tmp_path / "m.py")
