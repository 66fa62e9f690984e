"""A scenario is a short list of changes to the book, each with a because; merging them leaves a trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from optimizer.domain.assumption import Assumption, Book
from optimizer.errors import InputError, Problem, nearest, system_reason
from optimizer.inputs.account_orders import AccountOrders, files_of, read_account_orders, reports_named
from optimizer.inputs.bundled import SCENARIOS
from optimizer.inputs.chinese import source_title
from optimizer.inputs.holes import holes
from optimizer.inputs.ledger import FieldSpec, Ledger, is_date, read_ledger
from optimizer.inputs.limits import SETTING, LimitDeclaration, merged_limits, with_amount
from optimizer.inputs.network_holes import NETWORK_TABLES
from optimizer.phrases import bilingual, phrase

KEYS = ("title", "extends", "set", "data", "limits")
OPERATIONS = {"to": lambda old, by: by, "times": lambda old, by: old * by, "plus": lambda old, by: old + by}


@dataclass(frozen=True, slots=True)
class Change:
    """One step of the trail: which layer changed which assumption from what to what, and why."""

    layer: str
    key: str
    old: float | str
    new: float | str
    because: str


@dataclass(frozen=True)
class Scenario:
    """Everything a run needs besides the cases: the merged book, its trail and the tables of the data
    folder."""

    name: str
    title: dict[str, str]
    book: Book
    trail: tuple[Change, ...]
    tables: dict[str, list[dict[str, str]]]
    files: dict[str, Path]
    fields: list[FieldSpec] = field(default_factory=list)
    notes: tuple[str, ...] = ()  # what its reader should know, such as what a workbook changed
    limits: tuple[LimitDeclaration, ...] = ()  # what cases share, in the order of the files
    basis: str = "assumed"  # which rows of channel_rates hold: assumed, plan, or none at all
    accounts: dict[str, dict[str, AccountOrders]] = field(default_factory=dict)  # by report and market

    def with_changes(self, changes: dict[str, dict[str, object]], layer: str) -> Scenario:
        """A new scenario with a layer of changes of the form {key: {to: VALUE, because: REASON}}; every
        problem of the layer at once."""
        return _apply(self, layer, layer, changes)

    def with_settings(self, settings: Iterable[str]) -> Scenario:
        """A new scenario with changes of the form KEY=VALUE, amounts of limits among them; every problem
        of them at once."""
        settings = list(settings)
        scenario, problems = self, []
        for text in (s for s in settings if s.strip().startswith(SETTING) and "=" in s):
            key, _, raw = (part.strip() for part in text.partition("="))
            because = phrase("set on the command line")
            limits, before, wrong = with_amount(scenario.limits, key, raw, because)
            problems += wrong
            if before is not None:
                scenario = replace(
                    scenario,
                    limits=limits,
                    trail=(
                        *scenario.trail,
                        Change("--set", key, _amount_text(before, scenario.book), raw, because),
                    ),
                )
        try:
            scenario = _apply(
                scenario,
                "--set",
                "--set",
                dict(
                    _setting(s, self.book)
                    for s in settings
                    if not (s.strip().startswith(SETTING) and "=" in s)
                ),
            )
        except InputError as refused:
            problems += refused.problems
        if problems:
            raise InputError(problems)
        return scenario

    def with_reports(self) -> Scenario:
        """The scenario with what its limits read of account health reports, which are inputs like all others;
        InputError with every problem of them."""
        paths = reports_named(self.limits)
        return replace(
            self,
            accounts=read_account_orders(paths),
            files={**self.files, **files_of(paths, self.files)},
        )


def scenario_names() -> list[str]:
    """Names of the scenarios in scenarios/."""
    return sorted(p.stem for p in SCENARIOS.glob("*.yaml"))


def read_scenario(
    name: str | Path, settings: list[str] | tuple[str, ...] = (), declared: Iterable[Assumption] = ()
) -> Scenario:
    """Read a scenario by name or path, its `extends` chain first, then `settings` of the form KEY=VALUE.

    `declared` are assumptions that stand in the code beside what they belong to, such as the switch of a
    rule.

    Raises InputError for an unknown scenario or key, a loop, or a value outside its hard range; all problems
    at once.
    """
    layers = _lineage(_find(name, None), [])
    folder = next((path.parent / layer["data"] for path, layer in reversed(layers) if "data" in layer), None)
    if folder is not None and not folder.is_dir():
        raise InputError(
            [
                Problem(
                    str(layers[-1][0]),
                    None,
                    "data",
                    str(folder),
                    phrase("is not a folder"),
                    phrase("Give the path of a data folder, relative to the scenario file."),
                )
            ]
        )
    ledger: Ledger = read_ledger(folder)
    top_path, top = layers[-1]
    title = top.get("title", {})
    title = title if isinstance(title, dict) else {"en": str(title)}
    files = {**ledger.files, **{f"scenarios/{p.name}": p for p, _ in layers}}
    declared = [
        replace(a, source=bilingual(a.source, source_title(a.source, ledger.words))) for a in declared
    ]
    scenario = Scenario(
        top_path.stem,
        title,
        Book([*ledger.book.values(), *declared]),
        (),
        ledger.tables,
        files,
        ledger.fields,
    )
    problems: list[Problem] = []
    for path, layer in layers:
        try:
            scenario = _apply(scenario, path.stem, str(path.name), layer.get("set") or {})
        except InputError as refused:
            problems += refused.problems
        limits, wrong = merged_limits(
            scenario.limits,
            layer.get("limits"),
            path.name,
            partial(_beside, path),
            scenario.book,
            lambda because: _reason(because) if _is_reason(because) else None,
        )
        problems += wrong
        scenario = replace(
            scenario,
            limits=limits,
            trail=(*scenario.trail, *_changed_limits(scenario.limits, limits, path.stem, scenario.book)),
        )
    if settings:
        try:
            scenario = scenario.with_settings(settings)
        except InputError as refused:
            problems += refused.problems
    if problems:
        raise InputError(problems)
    return scenario


def _changed_limits(
    before: tuple[LimitDeclaration, ...], after: tuple[LimitDeclaration, ...], layer: str, book: Book
) -> list[Change]:
    """The steps of the trail for limits that a layer declares otherwise, or lifts."""
    old, new = {d.key: d for d in before}, {d.key: d for d in after}
    return [
        Change(
            layer,
            key,
            _amount_text(old.get(key), book),
            _amount_text(new.get(key), book),
            new[key].because if key in new else phrase("lifted"),
        )
        for key in {**old, **new}
        if old.get(key) is not new.get(key)
    ]


def _amount_text(declared: LimitDeclaration | None, book: Book) -> str:
    """The amount of a declaration as the trail shows it."""
    if declared is None:
        return phrase("none")
    if declared.amount is not None:
        return f"{declared.amount:g}"
    return (
        phrase("{share:.2%} of the orders", share=declared.resolved(book).share)
        if declared.family == "order_defects"
        else phrase("what is on hand")
    )


def _find(name: str | Path, asked_by: Path | None) -> Path:
    path = Path(name)
    candidates = [SCENARIOS / f"{name}.yaml"] if path.suffix == "" else [path]
    if asked_by is not None and path.suffix != "":
        candidates.insert(0, asked_by.parent / path)
    if asked_by is not None and path.suffix == "":
        candidates.insert(0, asked_by.parent / f"{name}.yaml")
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    where = str(asked_by) if asked_by else phrase("scenario")
    raise InputError(
        [
            Problem(
                where,
                None,
                "extends" if asked_by else "",
                str(name),
                phrase("is not a scenario"),
                nearest(str(name), scenario_names()),
            )
        ]
    )


def _beside(scenario: Path, name: str) -> str:
    """A file that a scenario names, relative to its own folder."""
    return str(scenario.parent / name)


def _lineage(path: Path, below: list[Path]) -> list[tuple[Path, dict[str, Any]]]:
    """The chain of `extends`, the deepest base first."""
    if path.resolve() in [b.resolve() for b in below]:
        loop = " -> ".join(p.stem for p in [*below, path])
        raise InputError(
            [
                Problem(
                    str(path),
                    None,
                    "extends",
                    loop,
                    phrase("goes round in a circle"),
                    phrase("Take one `extends` out of the chain."),
                )
            ]
        )
    layer = _read(path)
    parent = layer.get("extends")
    before = [] if parent in (None, "") else _lineage(_find(str(parent), path), [*below, path])
    return [*before, (path, layer)]


def _read(path: Path) -> dict[str, Any]:
    file = str(path)
    try:
        layer = yaml.safe_load(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise InputError(
            [Problem(file, None, "", "", phrase("is not a UTF-8 text"), phrase("Save it as UTF-8."))]
        ) from None
    except OSError as why:
        raise InputError(
            [
                Problem(
                    file,
                    None,
                    "",
                    "",
                    phrase("cannot be read: {why}", why=system_reason(why)),
                    phrase("Check the rights on the file."),
                )
            ]
        ) from None
    except yaml.YAMLError as why:
        mark = getattr(why, "problem_mark", None)
        raise InputError(
            [
                Problem(
                    file,
                    mark.line + 1 if mark else None,
                    "",
                    "",
                    phrase("is not readable YAML"),
                    phrase(
                        "Look at the colons, quotation marks and indents there; compare it with"
                        " scenarios/base.yaml."
                    ),
                )
            ]
        ) from None
    layer = {} if layer is None else layer
    if not isinstance(layer, dict):
        raise InputError(
            [
                Problem(
                    file,
                    None,
                    "",
                    "",
                    phrase("is not a scenario"),
                    phrase("Write keys such as `extends:` and `set:`."),
                )
            ]
        )
    problems = [
        Problem(file, None, "key", str(k), phrase("is not known in a scenario"), nearest(str(k), KEYS))
        for k in layer
        if k not in KEYS
    ]
    if not isinstance(layer.get("set") or {}, dict):
        problems.append(
            Problem(
                file,
                None,
                "set",
                str(layer["set"]),
                phrase("is not a list of changes"),
                phrase("Write `set:` and below it one assumption per line."),
            )
        )
    if problems:
        raise InputError(problems)
    return layer


def _setting(text: str, book: Book) -> tuple[str, dict[str, Any]]:
    key, sign, raw = text.partition("=")
    if not sign or not key.strip():
        raise InputError(
            [
                Problem(
                    "--set",
                    None,
                    "",
                    text,
                    phrase("is not KEY=VALUE"),
                    phrase("Write for example --set fx.CNY=6.9"),
                )
            ]
        )
    key, raw = key.strip(), raw.strip()
    value: object = raw
    if key in book and not book[key].is_text:
        value = _number(raw)
    return key, {"to": value, "because": phrase("set on the command line")}


def _reason(because: object) -> str:
    """A reason as it was written: one text, or {en: …, zh: …}."""
    if isinstance(because, dict):
        return bilingual(str(because.get("en") or because["zh"]), str(because.get("zh") or ""))
    return because if isinstance(because, str) else str(because)


def _is_reason(because: object) -> bool:
    return bool(because) and (
        not isinstance(because, dict) or (all(because.values()) and set(because) <= {"en", "zh"})
    )


def _number(raw: object) -> object:
    """A number where the text is one; percent signs and full-width digits are understood."""
    if isinstance(raw, bool) or not isinstance(raw, str):
        return float(raw) if isinstance(raw, (int, float)) else raw
    text = raw.strip().replace("%", "")
    try:
        return float(text) / (100 if "%" in raw else 1)
    except ValueError:
        return raw


def _apply(scenario: Scenario, layer: str, file: str, changes: dict[str, Any]) -> Scenario:
    """One layer of changes on a scenario; every problem of the layer is reported."""
    book, trail, problems = scenario.book, list(scenario.trail), []
    for key, change in changes.items():

        def wrong(value: object, what: str, fix: str, key: str = key) -> None:
            problems.append(Problem(file, None, str(key), str(value), what, fix))

        if key not in book:
            wrong("", phrase("is not an assumption"), nearest(str(key), book))
            continue
        if (
            not isinstance(change, dict)
            or not _is_reason(change.get("because"))
            or len(ops := [k for k in change if k in OPERATIONS]) != 1
            or set(change) - {*OPERATIONS, "because"}
        ):
            wrong(
                change,
                phrase("is not a change"),
                phrase("Write {{to: VALUE, because: REASON}}, or `times` or `plus` in place of `to`."),
            )
            continue
        old, by = book[key], change[ops[0]]
        if not old.is_text:
            by = _number(by)
        if old.is_text and ops[0] != "to":
            wrong(
                by,
                phrase("is a text and can only be set with `to`"),
                phrase("Use {{to: VALUE, because: REASON}}."),
            )
            continue
        if old.unit == "date" and not is_date(str(by)):
            wrong(by, phrase("is not a date"), phrase("Write it as YYYY-MM-DD."))
            continue
        if not old.is_text and (not isinstance(by, float) or by != by or abs(by) == float("inf")):
            wrong(by, phrase("is not a number"), phrase("Write a number with a decimal point."))
            continue
        new = OPERATIONS[ops[0]](old.value, str(by) if old.is_text else by)
        candidate = book.changed(key, new, layer)
        if reason := candidate[key].out_of_range():
            wrong(
                f"{new:g}",
                reason,
                (
                    phrase("The usual range is {low:g} to {high:g}.", low=old.usual[0], high=old.usual[1])
                    if old.usual
                    else phrase("Choose a value inside the range.")
                ),
            )
            continue
        book = candidate
        trail.append(Change(layer, key, old.value, new, _reason(change["because"])))
    if not problems and any(book[key].is_text or key.partition(".")[0] in NETWORK_TABLES for key in changes):
        problems = holes(book)  # a text names something else that must exist
    if problems:
        raise InputError(problems)
    return replace(scenario, book=book, trail=tuple(trail))
