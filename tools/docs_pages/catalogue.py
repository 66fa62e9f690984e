"""docs/catalogue/*.md and docs/issues/*.md from the declarations: cost lines, resolutions, rules,
assumptions, scenarios. `make docs` writes them, a test keeps them true."""

from __future__ import annotations

from pathlib import Path

from optimizer.domain.names import CHANNELS, ISSUES
from optimizer.inputs.scenario import read_scenario, scenario_names
from optimizer.model.block import Cell
from optimizer.model.lines import LINES
from optimizer.model.options import options_of
from optimizer.model.resolutions import RESOLUTIONS
from optimizer.model.rules import FAMILIES, RULES, rule_switches
from optimizer.model.world import World
from tools.docs_pages.issue_pages import issue_pages
from tools.docs_pages.pages import MADE, table


def pages() -> dict[str, str]:
    """File name -> text of every generated page."""
    scenario = read_scenario("base", declared=rule_switches())
    world = World.of(scenario)
    return {
        "cost-lines.md": _lines(),
        "resolutions.md": _resolutions(),
        "rules.md": _rules(),
        "options.md": _options(world),
        "scenarios.md": _scenarios(),
        **_assumptions(scenario),
    }


def _lines() -> str:
    parts = {
        line.key: sorted({c for r in RESOLUTIONS for c in r.costs if c.line == line.key}, key=lambda c: c.key)
        for line in LINES
    }
    rows = [(f"`{x.key}`", x.en, x.zh, x.kind, x.formula, x.bearer, x.lag_days) for x in LINES]
    page = [
        "# Cost lines",
        "",
        MADE,
        "Cash and risk lines add up to the total of an option; every line is rounded half-up to the cent.",
        "",
        table(
            (
                "key",
                "line",
                "成本项",
                "kind",
                "formula in words",
                "who pays whom",
                "days until the money moves",
            ),
            rows,
        ),
        "",
        "## Components",
        "",
        (
            "What feeds each line. A component is a function in `optimizer/model/components/`; the keys it"
            " reads stand beside it."
        ),
        "",
    ]
    page.append(
        table(
            ("line", "component", "formula", "reads"),
            (
                (f"`{key}`", f"`{c.key}`", c.formula, ", ".join(f"`{k}`" for k in c.reads))
                for key, found in parts.items()
                for c in found
            ),
        )
    )
    return "\n".join(page) + "\n"


def _resolutions() -> str:
    rows = [
        (
            f"`{r.key}`",
            r.en,
            r.zh,
            r.what,
            ", ".join(r.issues),
            ", ".join(r.channels),
            r.remedy,
            ", ".join(r.providers) or "-",
            ", ".join(d for d in r.dispositions if d) or "-",
            ", ".join(o for o in r.offers if o) or "-",
            ", ".join(r.fallbacks) or "-",
            r.seed,
        )
        for r in RESOLUTIONS
    ]
    return (
        "\n".join(
            [
                "# Resolutions (ways out)",
                "",
                MADE,
                table(
                    (
                        "key",
                        "title",
                        "名称",
                        "what is done",
                        "issues",
                        "channels",
                        "remedy",
                        "providers",
                        "dispositions",
                        "offers",
                        "fallbacks",
                        "source row",
                    ),
                    rows,
                ),
            ]
        )
        + "\n"
    )


def _rules() -> str:
    page = [
        "# Rules of acceptability",
        "",
        MADE,
        "A rule refuses an option; each can be switched off with `rule.<id>.on` in a scenario.",
        "",
    ]
    for family in FAMILIES:
        mine = [r for r in RULES if r.family == family]
        page += [
            f"## {family}",
            "",
            table(
                (
                    "id",
                    "sentence",
                    "规则",
                    "effect",
                    "scope",
                    "in force",
                    "reads",
                    "numbers",
                    "source",
                    "as of",
                    "confidence",
                ),
                (
                    (
                        f"`{r.id}`",
                        r.en,
                        r.zh,
                        r.effect,
                        "; ".join(", ".join(s) for s in (r.platforms, r.markets, r.channels, r.issues) if s)
                        or "all",
                        f"{r.valid_from} … {r.valid_to}",
                        ", ".join(r.reads) or "-",
                        ", ".join(f"`{n}`" for n in r.numbers.values()) or "-",
                        r.source,
                        r.as_of,
                        r.confidence,
                    )
                    for r in mine
                ),
            ),
            "",
        ]
    return "\n".join(page)


def _options(world: World) -> str:
    rows = [
        (
            m,
            c,
            i,
            len(found := options_of(world, Cell("amazon", m, c, i))),
            ", ".join(dict.fromkeys(o.resolution for o in found)) or "-",
        )
        for m in world.markets
        for c in CHANNELS
        for i in ISSUES
    ]
    return (
        "\n".join(
            [
                "# Options per market, channel and issue",
                "",
                MADE,
                table(("market", "channel", "issue", "options", "resolutions"), rows),
            ]
        )
        + "\n"
    )


def _assumptions(scenario) -> dict[str, str]:
    """One page per file of the data folder, and an index."""
    by_file: dict[str, list] = {}
    for a in scenario.book.values():
        by_file.setdefault(a.file, []).append(a)
    texts, index = {}, []
    for file, found in by_file.items():
        part = file.removeprefix("data/").removeprefix("assumptions/").replace("/", "-").replace(".csv", "")
        name = f"assumptions-{part}.md"
        estimates = sum(a.is_estimate for a in found)
        index.append((f"[{file}]({name})", len(found), estimates))
        rows = [
            (
                f"`{a.key}`",
                a.value if a.is_text else f"{a.value:g}",
                a.unit,
                f"{a.usual[0]:g} … {a.usual[1]:g}" if a.usual else "-",
                a.en,
                a.zh,
                a.source,
                a.as_of,
                a.review_by,
                a.confidence,
            )
            for a in found
        ]
        texts[name] = (
            "\n".join(
                [
                    f"# Assumptions in {file}",
                    "",
                    MADE,
                    table(
                        (
                            "key",
                            "value",
                            "unit",
                            "usual",
                            "what",
                            "含义",
                            "source",
                            "as of",
                            "review by",
                            "confidence",
                        ),
                        rows,
                    ),
                ]
            )
            + "\n"
        )
    texts["assumptions.md"] = (
        "\n".join(
            [
                "# Assumptions of the base case",
                "",
                MADE,
                (
                    f"{len(scenario.book):,} numbers and texts; every one can be set in a scenario or with"
                    " `--set`."
                ),
                "",
                table(("file", "values", "of them estimates"), index),
            ]
        )
        + "\n"
    )
    return texts


def _scenarios() -> str:
    page = ["# Scenarios", "", MADE]
    for name in scenario_names():
        s = read_scenario(name, declared=rule_switches())
        page += [
            f"## `{name}`",
            "",
            f"{s.title.get('en', '')} · {s.title.get('zh', '')}",
            "",
            (
                table(
                    ("layer", "assumption", "from", "to", "because"),
                    ((c.layer, f"`{c.key}`", c.old, c.new, c.because) for c in s.trail),
                )
                if s.trail
                else "No changes."
            ),
            "",
        ]
    return "\n".join(page)


def write(folder: Path) -> list[Path]:
    """Write all pages below docs/catalogue and docs/issues."""
    written = []
    for name, made in (
        ("catalogue", pages()),
        ("issues", issue_pages(read_scenario("base", declared=rule_switches()))),
    ):
        target = folder / name
        target.mkdir(parents=True, exist_ok=True)
        for old in target.glob("*.md"):
            old.unlink()
        for file, text in made.items():
            (target / file).write_text(text, encoding="utf-8")
            written.append(target / file)
    return written
