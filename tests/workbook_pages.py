"""One small run, its workbooks in both languages, and how tests look into them."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import xlsxwriter
from shared import cases as all_cases
from shared import file_once

from optimizer import load_scenario, run
from optimizer.i18n import Titles
from optimizer.inputs.scenario import Scenario
from optimizer.pipeline import EXAMPLE
from optimizer.report.run import Run
from optimizer.report.workbook.assumptions import write_assumptions
from optimizer.report.workbook.audit import write_audit, write_scenario_diff
from optimizer.report.workbook.book import OPTIONS, SHEETS, write_workbook
from optimizer.report.workbook.bridge import write_bridge
from optimizer.report.workbook.cases import write_cases
from optimizer.report.workbook.style import Styles
from optimizer.report.workbook.tables import write_cost_build

NAMESPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
IDS, TITLES = 0, 1


@cache
def small_run(scenario: str = "no_us_warehouse", cases: int = 1200) -> Run:
    """The first cases of the example, decided, with its orders."""
    return run(load_scenario(scenario), all_cases().head(cases), EXAMPLE["products"], EXAMPLE["orders"])


@cache
def small_books() -> dict[str, Path]:
    """Workbook of the small run by language."""
    return {
        lang: file_once(f"small_books/{lang}.xlsx", partial(write_workbook, small_run(), lang=lang))
        for lang in ("en", "zh")
    }


def without_policy(run: Run) -> Run:
    """The run with decisions that name no row of the policy table, whose making takes longest."""
    run.__dict__["decisions"] = run.choices.assign(row_id="")
    return run


def some_sheets(path: Path, run: object, *names: str, lang: str = "en") -> Path:
    """A workbook with some of the sheets: the inputs with their diff and audit, or the cost build with its
    bridge, or the cases."""
    book = xlsxwriter.Workbook(str(path), OPTIONS)
    styles, pages, titles = (
        Styles(book),
        {name: book.add_worksheet(name) for name in names},
        Titles(run.scenario, lang),
    )
    if "Assumptions" in names:
        inputs = write_assumptions(pages["Assumptions"], styles, run, lang)
        write_scenario_diff(pages["Scenario_diff"], styles, run, lang, inputs)
        write_audit(pages["Audit"], styles, run, lang, inputs)
    if "Bridge" in names:
        write_bridge(
            pages["Bridge"], styles, run, titles, write_cost_build(pages["Cost_build"], styles, run, titles)
        )
    if "Cases" in names:
        write_cases(pages["Cases"], styles, run, titles)
    book.close()
    return path


def inputs_only(path: Path, scenario: Scenario, lang: str = "en") -> Path:
    """A workbook of the inputs of a scenario: Assumptions, Scenario_diff and Audit."""
    told = SimpleNamespace(scenario=scenario, input_hashes={}, summary={"versions": {}})
    return some_sheets(path, told, "Assumptions", "Scenario_diff", "Audit", lang=lang)


def table(path: Path, sheet: str) -> pd.DataFrame:
    """A sheet as other programs read it: stable ids as columns, the row of titles left out."""
    return pd.read_excel(
        path, sheet_name=sheet, engine="calamine", skiprows=[TITLES], keep_default_na=False, na_values=[""]
    )


def part(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode("utf-8")


def page_of(sheet: str) -> str:
    return f"xl/worksheets/sheet{SHEETS.index(sheet) + 1}.xml"


def cells(path: Path, sheet: str) -> dict[str, tuple[str, str, str]]:
    """Every cell that holds something: type, formula, stored value."""
    found = {}
    for c in ET.fromstring(part(path, page_of(sheet))).iterfind(".//m:c", NAMESPACE):
        formula, value = c.find("m:f", NAMESPACE), c.find("m:v", NAMESPACE)
        if formula is not None or value is not None:
            found[c.get("r")] = (
                c.get("t", "n"),
                formula.text if formula is not None else "",
                value.text if value is not None else "",
            )
    return found


def position(place: str) -> tuple[int, int]:
    """Row and column, counted from 0, of a cell such as AB12."""
    letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", place).groups()
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(digits) - 1, column - 1


def cover(path: Path) -> dict[str, object]:
    page = pd.read_excel(path, sheet_name="Cover", engine="calamine", header=None)
    return dict(zip(page[0].astype(str).str.strip(), page[1]))


def edited(source: Path, target: Path, changes: dict[str, dict[str, object]]) -> Path:
    """A copy of a workbook in which somebody typed values: sheet -> cell -> number or text; None clears
    the cell."""
    pages = {page_of(sheet): places for sheet, places in changes.items()}
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for item in archive.infolist():
            content = archive.read(item)
            if item.filename in pages:
                content = _typed(content, pages[item.filename])
            copy.writestr(item, content)
    return target


def _typed(page: bytes, places: dict[str, object]) -> bytes:
    ET.register_namespace("", NAMESPACE["m"])
    tree = ET.fromstring(page)
    found = {c.get("r"): c for c in tree.iterfind(".//m:c", NAMESPACE)}
    for place, value in places.items():
        c = found[place]
        for child in list(c):
            c.remove(child)
        c.attrib.pop("t", None)
        if isinstance(value, str):
            c.set("t", "inlineStr")
            ET.SubElement(ET.SubElement(c, f"{{{NAMESPACE['m']}}}is"), f"{{{NAMESPACE['m']}}}t").text = value
        elif value is not None:
            ET.SubElement(c, f"{{{NAMESPACE['m']}}}v").text = repr(value)
    return ET.tostring(tree, xml_declaration=True, encoding="UTF-8")


def through_libreoffice(path: Path, folder: Path) -> Path:
    """The file as LibreOffice saves it after it has calculated every formula; skips where it is not
    installed."""
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice (soffice) is not installed: the workbook was NOT opened by another program")
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(
        """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>""",
        encoding="utf-8",
    )
    done = subprocess.run(
        [
            soffice,
            f"-env:UserInstallation={profile.parent.as_uri()}",
            "--headless",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            folder / "saved",
            path,
        ],
        capture_output=True,
        text=True,
        timeout=300,
    )
    saved = folder / "saved" / path.name
    assert saved.exists(), done.stderr
    return saved
