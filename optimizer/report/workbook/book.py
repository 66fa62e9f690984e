"""The workbook of a run: a financial model with inputs, results, bridge, cases, checks and audit. Formulas
are live and carry their values."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import xlsxwriter

from optimizer.answer.run import Answer
from optimizer.i18n import Titles, translator
from optimizer.inputs.assumption_sheet import ASSUMPTIONS, AUDIT, COVER
from optimizer.report.workbook.assumptions import write_assumptions
from optimizer.report.workbook.audit import write_audit, write_scenario_diff
from optimizer.report.workbook.behind import identities, write_behind
from optimizer.report.workbook.bridge import bridge_identities, write_bridge
from optimizer.report.workbook.cases import case_identities, write_cases
from optimizer.report.workbook.checks import write_checks
from optimizer.report.workbook.cover import write_cover
from optimizer.report.workbook.limits import LIMITS, limit_identities, write_limits
from optimizer.report.workbook.style import Styles
from optimizer.report.workbook.tables import write_cost_build, write_policy

SHEETS = (
    COVER,
    ASSUMPTIONS,
    "Scenario_diff",
    "Policy",
    "Cost_build",
    "Bridge",
    "Root_causes",
    "Quality",
    "Return_rates",
    "Local_service",
    "Cases",
    "Checks",
    AUDIT,
)
# Nothing a user wrote becomes a formula, a link or a number of its own accord.
OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}


def write_workbook(run: Answer, path: Path, lang: str = "en") -> None:
    """Write the workbook to `path`; equal inputs give equal bytes, so the date inside is that of the
    cases, not of the clock."""
    t, titles = translator(lang), Titles(run.scenario, lang)
    book = xlsxwriter.Workbook(str(path), OPTIONS)
    book.set_calc_mode("auto")
    book.set_properties(
        {
            "title": f"{t('After-sales decisions and what they cost')}: {run.scenario.name}",
            "subject": run.run_id,
            "created": last_day(run.cases).to_pydatetime(),
        }
    )
    styles, sheets = Styles(book), {name: book.add_worksheet(name) for name in sheet_names(run)}
    inputs = write_assumptions(sheets[ASSUMPTIONS], styles, run, lang)
    write_scenario_diff(sheets["Scenario_diff"], styles, run, lang, inputs)
    policy = write_policy(sheets["Policy"], styles, run, titles)
    build = write_cost_build(sheets["Cost_build"], styles, run, titles)
    bridge = write_bridge(sheets["Bridge"], styles, run, titles, build)
    behind = write_behind(
        [sheets[name] for name in ("Root_causes", "Quality", "Return_rates", "Local_service")],
        styles,
        run,
        titles,
    )
    cases = write_cases(sheets["Cases"], styles, run, titles)
    write_audit(sheets[AUDIT], styles, run, lang, inputs)
    limited = (
        []
        if run.limits is None
        else limit_identities(run, titles, write_limits(sheets[LIMITS], styles, run, titles))
    )
    more = [
        *identities(run, titles, behind),
        *bridge_identities(run, titles, bridge),
        *case_identities(run, titles, cases),
        *limited,
        (t("inputs edited since this run"), 0, f"={inputs.edited}", 0),
    ]
    status = write_checks(sheets["Checks"], styles, run, titles, build, policy, more)
    write_cover(sheets[COVER], styles, run, titles, build, behind, inputs, status)
    sheets[COVER].activate()
    book.close()


def sheet_names(run: Answer) -> tuple[str, ...]:
    """The sheets in their order; limits stand behind the policy where there are any."""
    if run.limits is None:
        return SHEETS
    at = SHEETS.index("Policy") + 1
    return (*SHEETS[:at], LIMITS, *SHEETS[at:])


def last_day(cases: pd.DataFrame) -> pd.Timestamp:
    """Day of the latest case; the first day of 2000 where there are none."""
    return pd.Timestamp(cases["case_date"].max()) if len(cases) else pd.Timestamp(2000, 1, 1)
