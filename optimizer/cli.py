"""`python -m optimizer …`: parses, calls, prints. Results go to stdout or --out, progress and messages to
stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.cli_language import check_variable, language_of, own_words, spoken
from optimizer.errors import Infeasible, InputError, Problem, Translate, nearest
from optimizer.i18n import LANGUAGES, translator
from optimizer.inputs.bundled import HOME, place_named
from optimizer.phrases import phrase, say_again
from optimizer.version import VERSION

if TYPE_CHECKING:
    from optimizer.inputs.cases import CaseFile

_REFUSED, NO_PLAN, GAP_LEFT, STOPPED = 1, 3, 4, 130
_SHOWN = 10  # rows left out that are named on the screen
_SCENARIO = click.argument("scenario", metavar="SCENARIO")
_CASES = click.option(
    "--cases",
    "cases",
    multiple=True,
    metavar="FILE",
    help=(
        "Case file (csv, parquet, xlsx); may be given several times. Without it the bundled example is used."
    ),
)
_PRODUCTS = click.option(
    "--products", metavar="FILE", help="products.csv: what your SKUs cost, weigh and contain."
)
ORDERS = click.option("--orders", metavar="FILE", help="orders.csv: orders, units and sales by month.")
SET = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one assumption; may be given several times.",
)
SET_FROM = click.option(
    "--set-from",
    "set_from",
    metavar="FILE.xlsx",
    help="Take the values that were changed on the Assumptions sheet of this workbook; --set wins over it.",
)
_LANG = click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    default="en",
    help="Language of what a person reads; the environment variable OPTIMIZER_LANG sets it for every call.",
)
SKIP = click.option(
    "--skip-rejects",
    is_flag=True,
    help="Decide the good rows and list the bad ones instead of refusing the file.",
)


def say(message: str) -> None:
    """A message to stderr."""
    click.echo(message, err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    expose_value=False,
    help="Language of what a person reads; the environment variable OPTIMIZER_LANG sets it for every call.",
)
@click.version_option(
    VERSION,
    message=f"%(prog)s %(version)s\n{str(HOME).replace('%', '%%')}",
    help="Show the version, and the folder that holds data/ and scenarios/.",
)
def cli() -> None:
    """Knows what every way out of an after-sales case costs, and takes the cheapest acceptable one."""


@cli.command()
@_SCENARIO
@_CASES
@_PRODUCTS
@ORDERS
@click.option(
    "--out",
    metavar="DIR",
    default=None,
    help="Folder for the results; without it only the summary is printed.",
)
@SET
@SET_FROM
@click.option(
    "--options",
    is_flag=True,
    help="Also write options.parquet: every case and option with all lines and refusals.",
)
@SKIP
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=None,
    metavar="N",
    help=(
        "Most time for the search under shared limits, 60 where it is not given; scenarios without limits"
        " never need it."
    ),
)
@_LANG
@click.option("--no-xlsx", is_flag=True, help="Leave the workbook out.")
def run(
    scenario, cases, products, orders, out, settings, set_from, options, skip_rejects, seconds, lang, no_xlsx
):
    """Decide every case and build the policy table."""
    from optimizer import pipeline
    from optimizer.report.words.limits import stopped_early
    from optimizer.report.words.summary import summary_text

    book = pipeline.load_scenario(scenario, settings, set_from)
    _warn(book.notes)
    result = pipeline.run(
        book,
        list(cases) or None,
        products,
        orders,
        skip_rejects=skip_rejects,
        seconds=seconds,
        progress=_progress(),
    )
    _warn([*result.file.warnings, *(result.on_plan.network.notes if result.on_plan else ())])
    _left_out(result.file, out)
    if out:
        _wrote(result.write(out, options=options, lang=lang, workbook=not no_xlsx))
    click.echo(summary_text(result, lang))
    if result.figures["status"] == "time_limit":
        say(stopped_early(result, lang))
        sys.exit(GAP_LEFT)


@cli.command()
@click.argument("policy", metavar="POLICY.csv")
@click.option("--cases", "cases", multiple=True, required=True, metavar="FILE", help="New cases.")
@click.option("--scenario", default="base", metavar="SCENARIO", help="Assumptions to price with.")
@_PRODUCTS
@ORDERS
@click.option("--out", metavar="DIR", default=None, help="Folder for applied.parquet and apply.json.")
@SET
@SKIP
@_LANG
def apply(policy, cases, scenario, products, orders, out, settings, skip_rejects, lang):
    """Apply a policy table to new cases and say what it loses against deciding case by case."""
    from optimizer import pipeline
    from optimizer.report.applied import applied_files, applied_summary, applied_text, limit_sentences

    applied = pipeline.apply_table(
        policy,
        list(cases),
        pipeline.load_scenario(scenario, settings),
        products,
        orders=orders,
        skip_rejects=skip_rejects,
        progress=_progress(),
    )
    _warn(applied.file.warnings)
    _left_out(applied.file, out)
    if out:
        _wrote(applied_files(applied, Path(out), lang))
    click.echo(applied_text(applied_summary(applied), lang))
    for line in limit_sentences(applied, lang):
        click.echo(line)


@cli.command()
@_SCENARIO
@click.option("--case", "case_id", required=True, metavar="ID", help="The case to explain.")
@_CASES
@_PRODUCTS
@ORDERS
@SET
@SET_FROM
@_LANG
def explain(scenario, case_id, cases, products, orders, settings, set_from, lang):
    """Say of one case what to do, why, why not the others, and what would flip it."""
    from optimizer import pipeline
    from optimizer.report.explain import Explanation

    book = pipeline.load_scenario(scenario, settings, set_from)
    _warn(book.notes)
    file, goods, _ = pipeline.read_inputs(book, list(cases) or None, products, orders)
    mine = file.frame[file.frame["case_id"].astype(str) == case_id]
    if mine.empty:
        raise InputError(
            [
                Problem(
                    ", ".join(file.sha256),
                    None,
                    "case_id",
                    case_id,
                    phrase("is not among the cases"),
                    nearest(case_id, file.frame["case_id"].astype(str)),
                )
            ]
        )
    shared = book.limits or book.book.flag("network.use")
    whole = (
        pipeline.run(book, list(cases) or None, products, orders, progress=_progress()) if shared else None
    )
    click.echo(Explanation(book if whole is None else whole.scenario, mine, goods, lang, whole).text())


@cli.command()
@_SCENARIO
@_CASES
@_PRODUCTS
@ORDERS
@SET
@SET_FROM
@_LANG
def check(scenario, cases, products, orders, settings, set_from, lang):
    """List every problem of the inputs at once; exit code 1 if there is any."""
    from optimizer import pipeline

    problems, book = [], None
    try:
        book = pipeline.load_scenario(scenario, settings, set_from)
        _warn(book.notes)
        file, _, _ = pipeline.read_inputs(book, list(cases) or None, products, orders, skip_rejects=True)
        problems += file.rejects
        _warn(file.warnings)
    except InputError as refused:
        problems += refused.problems
    if book is not None:
        _warn(pipeline.assumption_warnings(book, date.today()))
    if problems:
        raise InputError(problems)
    t = translator(lang)
    click.echo(t("no problems found"))


@cli.command()
@click.argument("scenario", metavar="[SCENARIO]", default="base")
@SET
@SET_FROM
@_LANG
@click.option("--out", metavar="FILE.csv", default=None, help="Write the list as CSV instead.")
def assumptions(scenario, settings, set_from, lang, out):
    """List every number with its unit, range, source and date, and which scenario set it."""
    from optimizer import pipeline
    from optimizer.report.ledger import assumption_frame, assumption_text

    book = pipeline.load_scenario(scenario, settings, set_from)
    _warn(book.notes)
    if out:
        from optimizer.report.files import write_csv, write_whole

        write_whole(Path(out).parent, {Path(out).name: lambda p: write_csv(assumption_frame(book, lang), p)})
        _wrote([out])
    else:
        click.echo(assumption_text(book, lang))


@cli.command()
@_SCENARIO
@_PRODUCTS
@ORDERS
@click.option(
    "--demand",
    metavar="FILE",
    help="Demand by market, product_class, need and month, where it is not worked out from the orders.",
)
@click.option(
    "--out", metavar="DIR", default=None, help="Folder for the results; without it only the plan is printed."
)
@SET
@SET_FROM
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    metavar="N",
    help="Most time for the search for a cheaper plan, 60 where it is not given.",
)
@_LANG
def network(scenario, products, orders, demand, out, settings, set_from, seconds, lang):
    """Plan the repair network: whom to open, and the strategy of every product class and market."""
    from optimizer import pipeline
    from optimizer.report.network.page import write_network
    from optimizer.report.network.text import network_text

    book = pipeline.load_scenario(scenario, settings, set_from)
    _warn(book.notes)
    report = pipeline.network(
        book, products, orders, demand, questions=out is not None, seconds=seconds, progress=_progress()
    )
    if out:
        _wrote(write_network(report, Path(out), lang))
    click.echo(network_text(report, lang))
    if report.network.plan.status == "time_limit":
        t = _language()
        say(t("stopped by --seconds with a gap of {gap:.4%}").format(gap=report.network.plan.gap))
        sys.exit(GAP_LEFT)


@cli.command("import")
@click.argument("kind", required=False)
@click.argument("files", nargs=-1)
@click.option("--list", "show", is_flag=True, help="Name the kinds of report that can be imported.")
@click.option(
    "--map",
    "mapping",
    metavar="FILE.yaml",
    help="For kind `mapped`: the mapping that says which column is what.",
)
@click.option("--market", metavar="XX", help="Market of a report that names none, or none that is known.")
@click.option(
    "--orders", metavar="FILE", help="All Orders report, for prices and dates that a returns report lacks."
)
@click.option(
    "--payments",
    "payments",
    multiple=True,
    metavar="FILE",
    help="Settlement or payments report, for what the cases cost; may be given several times.",
)
@_PRODUCTS
@click.option(
    "--scenario", default="base", metavar="SCENARIO", help="Scenario whose markets and classes are known."
)
@click.option("--out", metavar="cases.csv", help="Where the cases go (csv, parquet or xlsx).")
@click.option(
    "--add",
    is_flag=True,
    help="Keep the cases that --out already holds; a case of the same name is renewed, never doubled.",
)
@click.option("--rejects", metavar="FILE", help="Where rows with problems go (csv).")
@_LANG
def import_(
    kind, files, show, mapping, market, orders, payments, products, scenario, out, add, rejects, lang
):
    """Turn a report of a shop system into cases; KIND `auto` recognises the report."""
    from optimizer import pipeline
    from optimizer.inputs.recognising import TABLE_KINDS
    from optimizer.report import imported as report

    if show:
        click.echo(report.kinds_text(lang))
        return
    if not kind or not files or not out:
        raise click.UsageError(
            phrase("name the KIND, at least one FILE and --out; `import --list` names the kinds")
        )
    if (kind == "mapped") != bool(mapping):
        raise click.UsageError(phrase("kind `mapped` and --map FILE.yaml belong together"))
    book = pipeline.load_scenario(scenario)
    if kind == "auto":
        kind, notes = pipeline.recognise(files)
        _warn(notes)
    if kind in TABLE_KINDS:
        found = pipeline.import_table(kind, files, book, market=market, products=products)
        _show(report.write_table(found, out, rejects, lang))
        return
    earlier = pipeline.earlier_cases(out, book) if add else None
    imported = pipeline.import_cases(
        mapping or kind,
        files,
        book,
        market=market,
        orders=orders,
        products=products,
        payments=payments,
        progress=_progress(),
    )
    _show(report.write_imported(imported, out, rejects, lang, earlier))


def _language() -> Translate:
    """What says messages in the language of the call."""
    return translator(click.get_current_context().params["lang"])


def _progress():
    """Progress on stderr, only where a person watches."""
    if not sys.stderr.isatty():
        return None
    t = _language()

    def show(share: float, phase: str) -> None:
        click.echo(f"\r{say_again(phase, t)} {share:4.0%}", err=True, nl=share >= 1.0)

    return show


def _warn(messages: Iterable[str]) -> None:
    t = _language()
    notes = [t("note: {text}").format(text=say_again(message, t)) for message in messages]
    for note in notes:
        say(note)
    _say_place("\n".join(notes), t)


def _show(text: str) -> None:
    """A result on stdout."""
    click.echo(text)
    _say_place(text, _language())


def _say_place(text: str, t: Translate) -> None:
    """Where data/ and scenarios/ stand, where a text names them to somebody who stands elsewhere."""
    place = place_named(text, Path.cwd())
    if place is not None:
        say(say_again(place, t))


def _wrote(paths: Iterable[Path | str]) -> None:
    t = _language()
    for path in paths:
        say(t("wrote {path}").format(path=path))


def _left_out(file: CaseFile, out: str | None) -> None:
    """The rows that were not decided, if any."""
    if file.rejects:
        t = _language()
        said = t("{count:,} rows left out, see rejects.csv:") if out else t("{count:,} rows left out:")
        say(said.format(count=file.rejected_rows))
        listed = InputError(file.rejects).text(_SHOWN, t)
        say(listed)
        _say_place(listed, t)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; every error a user can cause ends in a message and an exit code, never in a
    traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    lang = language_of(sys.argv[1:] if arguments is None else arguments, os.environ)
    with own_words(lang):
        _answer(arguments, lang)


def _answer(arguments: list[str] | None, lang: str) -> None:
    """Run one call in a language and end with its exit code."""
    t = translator(lang)
    verbs = spoken(cli, t)
    try:
        check_variable(os.environ)
        verbs.main(
            args=arguments,
            prog_name="optimizer",
            standalone_mode=False,
            default_map={verb: {"lang": lang} for verb in cli.commands},
        )
    except InputError as refused:
        count = len(refused.problems)
        said = t("{count} problems in the inputs:") if count > 1 else t("{count} problem in the inputs:")
        say(said.format(count=count))
        listed = refused.text(t=t)
        say(listed)
        _say_place(listed, t)
        sys.exit(_REFUSED)
    except Infeasible as none:
        say(none.text(t))
        sys.exit(NO_PLAN)
    except click.ClickException as usage:
        usage.message = say_again(usage.message, t)
        usage.show()
        sys.exit(usage.exit_code)
    except (click.Abort, KeyboardInterrupt):
        say(t("stopped"))
        sys.exit(STOPPED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
