"""`python -m optimizer …`: parses, calls, prints. Results go to stdout or --out, progress and messages to stderr."""
from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import click

from optimizer.errors import Infeasible, InputError, Problem, nearest

REFUSED, NO_PLAN = 1, 3
SCENARIO = click.argument("scenario", metavar="SCENARIO")
CASES = click.option("--cases", "cases", multiple=True, metavar="FILE", help="Case file (csv, parquet, xlsx); may be given several times. Without it the bundled example is used.")
PRODUCTS = click.option("--products", metavar="FILE", help="products.csv: what your SKUs cost, weigh and contain.")
ORDERS = click.option("--orders", metavar="FILE", help="orders.csv: orders, units and sales by month.")
SET = click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Change one assumption; may be given several times.")
LANG = click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of what a person reads.")
SKIP = click.option("--skip-rejects", is_flag=True, help="Decide the good rows and list the bad ones instead of refusing the file.")


def say(message: str) -> None:
    """A message to stderr."""
    click.echo(message, err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Knows what every way out of an after-sales case costs, and takes the cheapest acceptable one."""


@cli.command()
@SCENARIO
@CASES
@PRODUCTS
@ORDERS
@click.option("--out", metavar="DIR", default=None, help="Folder for the results; without it only the summary is printed.")
@SET
@click.option("--options", is_flag=True, help="Also write options.parquet: every case and option with all lines and refusals.")
@SKIP
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), default=None, metavar="N",
              help="Most time for solving under shared limits; scenarios without limits never need it.")
@LANG
@click.option("--no-xlsx", is_flag=True, help="Leave the workbook out.")
def run(scenario, cases, products, orders, out, settings, options, skip_rejects, seconds, lang, no_xlsx):
    """Decide every case and build the policy table."""
    from optimizer import pipeline
    from optimizer.report.text import summary_text
    book = pipeline.load_scenario(scenario, settings)
    result = pipeline.run(book, list(cases) or None, products, orders, skip_rejects=skip_rejects, progress=_progress())
    _warn(result.file.warnings)
    if result.file.rejects:
        say(f"{result.file.rejected_rows:,} rows left out, see rejects.csv:" if out else f"{result.file.rejected_rows:,} rows left out:")
        say(InputError(result.file.rejects).text(10))
    if out:
        for path in result.write(out, options=options, lang=lang, workbook=not no_xlsx):
            say(f"wrote {path}")
    click.echo(summary_text(result, lang))


@cli.command()
@click.argument("policy", metavar="POLICY.csv")
@click.option("--cases", "cases", multiple=True, required=True, metavar="FILE", help="New cases.")
@click.option("--scenario", default="base", metavar="SCENARIO", help="Assumptions to price with.")
@PRODUCTS
@click.option("--out", metavar="DIR", default=None, help="Folder for applied.parquet and apply.json.")
@SET
@SKIP
@LANG
def apply(policy, cases, scenario, products, out, settings, skip_rejects, lang):
    """Apply a policy table to new cases and say what it loses against deciding case by case."""
    from optimizer import pipeline
    from optimizer.report.applied import applied_files, applied_summary, applied_text
    applied = pipeline.apply_table(policy, list(cases), pipeline.load_scenario(scenario, settings), products,
                                   skip_rejects=skip_rejects, progress=_progress())
    _warn(applied.file.warnings)
    if out:
        for path in applied_files(applied, Path(out)):
            say(f"wrote {path}")
    click.echo(applied_text(applied_summary(applied), lang))


@cli.command()
@SCENARIO
@click.option("--case", "case_id", required=True, metavar="ID", help="The case to explain.")
@CASES
@PRODUCTS
@SET
@LANG
def explain(scenario, case_id, cases, products, settings, lang):
    """Say of one case what to do, why, why not the others, and what would flip it."""
    from optimizer import pipeline
    from optimizer.report.explain import Explanation
    book = pipeline.load_scenario(scenario, settings)
    file, goods, _ = pipeline.read_inputs(book, list(cases) or None, products, None)
    mine = file.frame[file.frame["case_id"].astype(str) == case_id]
    if mine.empty:
        raise InputError([Problem(", ".join(file.sha256), None, "case_id", case_id, "is not among the cases",
                                  nearest(case_id, file.frame["case_id"].astype(str)))])
    click.echo(Explanation(book, mine, goods, lang).text())


@cli.command()
@SCENARIO
@CASES
@PRODUCTS
@ORDERS
@SET
def check(scenario, cases, products, orders, settings):
    """List every problem of the inputs at once; exit code 1 if there is any."""
    from optimizer import pipeline
    problems, book = [], None
    try:
        book = pipeline.load_scenario(scenario, settings)
        file, _, _ = pipeline.read_inputs(book, list(cases) or None, products, orders, skip_rejects=True)
        problems += file.rejects
        _warn(file.warnings)
    except InputError as refused:
        problems += refused.problems
    if book is not None:
        _warn(pipeline.assumption_warnings(book, date.today()))
    if problems:
        raise InputError(problems)
    click.echo("no problems found")


@cli.command()
@click.argument("scenario", metavar="[SCENARIO]", default="base")
@SET
@LANG
@click.option("--out", metavar="FILE.csv", default=None, help="Write the list as CSV instead.")
def assumptions(scenario, settings, lang, out):
    """List every number with its unit, range, source and date, and which scenario set it."""
    from optimizer import pipeline
    from optimizer.report.ledger import assumption_frame, assumption_text
    book = pipeline.load_scenario(scenario, settings)
    if out:
        from optimizer.report.files import write_csv, write_whole
        write_whole(Path(out).parent, {Path(out).name: lambda p: write_csv(assumption_frame(book, lang), p)})
        say(f"wrote {out}")
    else:
        click.echo(assumption_text(book, lang))


@cli.command("import")
@click.argument("kind", required=False)
@click.argument("files", nargs=-1)
@click.option("--list", "show", is_flag=True, help="Name the kinds of report that can be imported.")
@click.option("--map", "mapping", metavar="FILE.yaml", help="For kind `mapped`: the mapping that says which column is what.")
@click.option("--market", metavar="XX", help="Market of a report that does not name it.")
@click.option("--orders", metavar="FILE", help="All Orders report, for prices and dates that a returns report lacks.")
@PRODUCTS
@click.option("--scenario", default="base", metavar="SCENARIO", help="Scenario whose markets and classes are known.")
@click.option("--out", metavar="cases.csv", help="Where the cases go (csv, parquet or xlsx).")
@click.option("--rejects", metavar="FILE", help="Where rows with problems go (csv).")
def import_(kind, files, show, mapping, market, orders, products, scenario, out, rejects):
    """Turn a report of a shop system into cases."""
    from optimizer import pipeline
    from optimizer.report.imported import kinds_text, write_imported
    if show:
        click.echo(kinds_text())
        return
    if not kind or not files or not out:
        raise click.UsageError("name the KIND, at least one FILE and --out; `import --list` names the kinds")
    if (kind == "mapped") != bool(mapping):
        raise click.UsageError("kind `mapped` and --map FILE.yaml belong together")
    imported = pipeline.import_cases(mapping or kind, files, pipeline.load_scenario(scenario), market=market, orders=orders, products=products)
    click.echo(write_imported(imported, out, rejects))


def _progress():
    """Progress on stderr, only where a person watches."""
    if not sys.stderr.isatty():
        return None

    def show(share: float, phase: str) -> None:
        click.echo(f"\r{phase} {share:4.0%}", err=True, nl=share >= 1.0)
    return show


def _warn(messages: list[str]) -> None:
    for message in messages:
        say(f"note: {message}")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; every error a user can cause ends in a message and an exit code, never in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    try:
        cli.main(args=arguments, prog_name="optimizer", standalone_mode=False)
    except InputError as refused:
        count = len(refused.problems)
        say(f"{count} problem{'s' if count > 1 else ''} in the inputs:\n{refused.text()}")
        sys.exit(REFUSED)
    except Infeasible as none:
        say(f"{none}\ncheapest relaxation: {json.dumps({k: list(map(float, v)) for k, v in none.relaxation.items()})}")
        sys.exit(NO_PLAN)
    except click.ClickException as usage:
        usage.show()
        sys.exit(usage.exit_code)
    except (click.Abort, KeyboardInterrupt):
        say("stopped")
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
