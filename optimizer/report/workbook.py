"""The workbook of a run: cover, assumptions, policy, cost build, what lies behind the cases, checks. Formulas are live and carry their values."""
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import xlsxwriter

from optimizer.i18n import Titles, translator
from optimizer.report.workbook_behind import write_behind
from optimizer.report.workbook_cover import write_checks, write_cover
from optimizer.report.workbook_style import Styles
from optimizer.report.workbook_tables import write_assumptions, write_cost_build, write_policy

if TYPE_CHECKING:
    from optimizer.report.run import Run

SHEETS = ("Cover", "Assumptions", "Policy", "Cost_build", "Root_causes", "Quality", "Return_rates", "Local_service", "Checks")
# Nothing a user wrote becomes a formula, a link or a number of its own accord.
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": False}


def write_workbook(run: Run, path: Path, lang: str = "en") -> None:
    """Write the workbook to `path`; equal inputs give equal bytes, so the date inside is that of the cases, not of the clock."""
    t, titles = translator(lang), Titles(run.scenario, lang)
    book = xlsxwriter.Workbook(str(path), OPTIONS)
    book.set_calc_mode("auto")
    book.set_properties({"title": f"{t('After-sales decisions and what they cost')}: {run.scenario.name}",
                         "subject": run.run_id, "created": last_day(run.cases).to_pydatetime()})
    styles = Styles(book)
    cover, assumptions, policy, build, *behind, checks = (book.add_worksheet(name) for name in SHEETS)
    write_assumptions(assumptions, styles, run, lang)
    policy_cells = write_policy(policy, styles, run, titles)
    build_cells = write_cost_build(build, styles, run, titles)
    behind_tables = write_behind(behind, styles, run, titles)
    status = write_checks(checks, styles, run, titles, build_cells, policy_cells, behind_tables)
    write_cover(cover, styles, run, titles, build_cells, behind_tables, status)
    cover.activate()
    book.close()


def last_day(cases: pd.DataFrame) -> pd.Timestamp:
    """Day of the latest case; the first day of 2000 where there are none."""
    return pd.Timestamp(cases["case_date"].max()) if len(cases) else pd.Timestamp(2000, 1, 1)
