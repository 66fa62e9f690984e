"""Mappings: YAML files, written by an analyst, that say how the report of a shop system becomes cases."""

from __future__ import annotations

import re
import string
from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from optimizer.domain.cases import CASE_COLUMNS
from optimizer.errors import InputError, Problem, nearest
from optimizer.inputs.bundled import BUNDLED
from optimizer.inputs.decoding import decode, file_bytes
from optimizer.inputs.mapping_form import CANONICAL, Condition, Give, Mapping, PriceStep, Skip, ValueMap
from optimizer.inputs.mapping_shapes import Shapes
from optimizer.inputs.tabular import DELIMITERS, read_table, squeeze
from optimizer.phrases import chain, phrase

IMPORTS = BUNDLED / "imports"
SUFFIXES = (".yaml", ".yml")
SECTIONS = (
    "report",
    "about",
    "read",
    "columns",
    "helpers",
    "optional",
    "fill_down",
    "constants",
    "values",
    "give",
    "copy",
    "dates",
    "numbers",
    "skip",
    "same_row",
    "case_id",
    "price",
    "line_quantity",
    "fill_price_from",
    "cost",
)
READ_HINTS = ("encoding", "delimiter", "sheet", "records", "not_personal")
TESTS = ("in", "not_in", "blank")
_PRICES = ("unit", "line")
PRICE_STEPS = ("orders", "products", "class_price")
DATE_TOKENS = {
    "YYYY": "%Y",
    "YY": "%y",
    "MON": "%b",
    "MM": "%m",
    "DD": "%d",
    "hh": "%H",
    "mm": "%M",
    "ss": "%S",
}
LOCAL = "local"  # written days of any language, month first or day first as the column shows
OTHERWISE = "*"
# What the import itself supplies where the report does not: --market, the template, and the steps of
# fill_price_from.
SUPPLIED = ("case_id", "market", "item_price")


def kinds() -> dict[str, str]:
    """Name -> title of the mappings that come with the product."""
    return {path.stem: load_mapping(path).report for path in sorted(IMPORTS.glob("*.yaml"))}


def load_mapping(kind: str | Path) -> Mapping:
    """The mapping of a built-in kind or of a YAML file; InputError lists everything wrong with it."""
    path = Path(kind)
    if path.suffix.lower() not in SUFFIXES:
        path = IMPORTS / f"{kind}.yaml"
        if not path.is_file():
            raise InputError(
                [
                    Problem(
                        "import",
                        None,
                        "",
                        str(kind),
                        phrase("is not a kind of report that is known"),
                        nearest(str(kind), [p.stem for p in IMPORTS.glob("*.yaml")]),
                    )
                ]
            )
        return _built_in(path, path.stat().st_mtime_ns)
    return _Checker(path).mapping()


@lru_cache(maxsize=64)
def _built_in(path: Path, changed: int) -> Mapping:
    """A mapping that comes with the product, read once; `changed` only keys the cache."""
    return _Checker(path).mapping()


class _Loader(yaml.BaseLoader):
    """Everything stays text (`NO` is Norway, not false); a key that stands twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        made = super().construct_mapping(node, deep=deep)
        if len(made) < len(node.value):
            keys = [self.construct_object(k) for k, _ in node.value]
            twice = next(k for k in keys if keys.count(k) > 1)
            raise yaml.constructor.ConstructorError(
                None, None, f"key {twice!r} stands twice", node.start_mark
            )
        return made


class _Checker(Shapes):
    """Reads one mapping and collects every problem of it."""

    def __init__(self, path: Path):
        self.path, self.file, self.problems = path, str(path), []
        text, _ = decode(self.file, file_bytes(path))
        try:
            self.raw = yaml.load(text, Loader=_Loader)
        except (yaml.YAMLError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            what = getattr(error, "problem", None) or "is not YAML"
            self.say(
                "",
                "",
                phrase("is not a readable YAML file ({what})", what=what),
                (
                    phrase("Look at line {line}.", line=mark.line + 1)
                    if mark
                    else phrase("Compare it with a file in data/imports.")
                ),
            )
            raise InputError(self.problems) from None
        if not isinstance(self.raw, dict):
            self.say(
                "",
                "",
                phrase("is not a mapping"),
                phrase("Begin with 'report:' and 'columns:'; see the files in data/imports."),
            )
            raise InputError(self.problems)

    def mapping(self) -> Mapping:
        for key in self.raw:
            if key not in SECTIONS:
                self.say(key, "", phrase("is not a section of a mapping"), nearest(key, SECTIONS))
        columns = self.headers("columns") | self.headers("helpers")
        self.names = dict.fromkeys([*columns, *CANONICAL])
        for name in self.table("columns"):
            if name not in CANONICAL:
                self.say(
                    f"columns.{name}",
                    "",
                    phrase("is not a field of a case"),
                    chain(
                        [
                            nearest(name, CANONICAL),
                            phrase("Columns for the rules below stand under 'helpers'."),
                        ]
                    ),
                )
        for name in self.table("helpers"):
            if name in CANONICAL:
                self.say(
                    f"helpers.{name}", "", phrase("is a field of a case"), phrase("Move it to 'columns'.")
                )
        read = self.table("read")
        for key in read:
            if key not in READ_HINTS:
                self.say(f"read.{key}", "", phrase("is not known"), nearest(key, READ_HINTS))
        if "delimiter" in read:
            titles = {title: sign for sign, title in DELIMITERS.items()}
            read["delimiter"] = titles.get(read["delimiter"], read["delimiter"])
            if read["delimiter"] not in DELIMITERS:
                self.say(
                    "read.delimiter",
                    read["delimiter"],
                    phrase("is not known"),
                    nearest(read["delimiter"], titles),
                )
        numbers = self.table("numbers")
        constants = {k: v for k, v in self.table("constants").items() if self.field("constants", k)}
        for name, value in constants.items():
            self.code(f"constants.{name}", name, value)
        copy = {
            k: v for k, v in self.table("copy").items() if self.field("copy", k) and self.known("copy", v)
        }
        result = Mapping(
            self.file,
            self.text("report", required=True),
            read,
            columns,
            self.listed("optional"),
            constants,
            {
                name: self.value_map(name, spec)
                for name, spec in self.nested("values").items()
                if self.known("values", name)
            },
            copy,
            self.dates(),
            numbers.get("decimal", "."),
            numbers.get("thousands", ""),
            self.fill_down(),
            self.gives(),
            self.costs(),
            self.skips(),
            tuple(self.names_in("same_row", row) for row in self.items("same_row")),
            self.template(),
            self.text("price") or "unit",
            self.text("line_quantity") or "quantity",
            tuple(self.price_steps()),
        )
        for name in result.optional:
            if name not in columns:
                self.say("optional", name, phrase("is not one of the columns"), nearest(name, columns))
        self.known("line_quantity", result.line_quantity)
        if result.price not in _PRICES:
            self.say("price", result.price, phrase("is not known"), nearest(result.price, _PRICES))
        if (result.decimal, result.thousands) not in {
            (d, t) for d in ".," for t in ("", ".", ",", " ", "'") if d != t
        }:
            self.say(
                "numbers",
                "",
                phrase("do not fit together"),
                phrase("Give decimal '.' or ',' and another sign for thousands."),
            )
        given = {
            *result.columns,
            *result.constants,
            *result.copy,
            *SUPPLIED,
            *(name for rule in result.give for name in rule.fields),
        }
        for column in CASE_COLUMNS:
            if column.required and column.name not in given:
                self.say(
                    "columns",
                    column.name,
                    phrase("is not supplied"),
                    phrase("Name its header under 'columns', or its value under 'constants'."),
                )
        if self.problems:
            raise InputError(self.problems)
        return result

    # ------------------------------------------------------------ sections

    def value_map(self, name: str, spec: object) -> ValueMap:
        if not isinstance(spec, dict) or not all(isinstance(v, str) for v in spec.values()):
            self.say(
                f"values.{name}",
                "",
                phrase("is not a list of 'their value: our value' lines"),
                phrase("Write one per line."),
            )
            return ValueMap({}, None)
        spec = dict(spec)
        otherwise = spec.pop(OTHERWISE, None)
        pairs = self.pairs_of_file(name, spec) if "table" in spec else spec
        known = {squeeze(theirs): ours for theirs, ours in pairs.items()}
        for ours in dict.fromkeys([*known.values(), *([otherwise] if otherwise is not None else [])]):
            if ours:
                self.code(f"values.{name}", name, ours)
        return ValueMap(known, otherwise)

    def pairs_of_file(self, name: str, spec: dict[str, str]) -> dict[str, str]:
        """Value map from two columns of a table beside the mapping."""
        try:
            frame = read_table(self.path.parent / spec["table"]).frame
        except InputError as error:
            self.problems += error.problems
            return {}
        missing = [spec.get(part, part) for part in ("key", "value") if spec.get(part, part) not in frame]
        for column in missing:
            self.say(
                f"values.{name}",
                column,
                phrase("is not a column of {table}", table=spec["table"]),
                nearest(column, frame.columns),
            )
        return {} if missing else dict(zip(frame[spec.get("key", "key")], frame[spec.get("value", "value")]))

    def dates(self) -> dict[str, str]:
        formats = {}
        for written in self.listed("dates") or ("iso",):
            if written in ("iso", LOCAL):
                formats[written] = written
                continue
            pattern = re.sub("|".join(DATE_TOKENS), lambda m: DATE_TOKENS[m.group()], written)
            used = re.findall("%[A-Za-z]", pattern)
            parts = [
                sum(used.count(sign) for sign in signs) for signs in (("%Y", "%y"), ("%m", "%b"), ("%d",))
            ]
            if parts != [1, 1, 1] or len(set(used)) < len(used) or "%" in written:
                self.say(
                    "dates",
                    written,
                    phrase("is not a form of date"),
                    phrase(
                        "Write 'iso', 'local', or year, month and day such as DD/MM/YYYY, MM-DD-YY or"
                        " DD-MON-YYYY."
                    ),
                )
            formats[written] = pattern
        return formats

    def conditions(self, place: str, rule: dict[str, Any]) -> tuple[Condition, ...] | None:
        """The condition of a rule and those of its `and`; None where something is wrong with them."""
        further = rule.get("and", [])
        parts = [rule, *(further if isinstance(further, list) else [further])]
        found = []
        for part in parts:
            if not isinstance(part, dict) or not isinstance(part.get("column"), str):
                self.say(
                    place,
                    "",
                    phrase("has no column to test"),
                    phrase("Give 'column' and one of 'in', 'not_in', 'blank'."),
                )
                return None
            tests = (
                [t for t in part if t in TESTS]
                if part is rule and "give" in rule
                else [t for t in part if t not in ("column", "reason", "and")]
            )
            if len(tests) != 1 or tests[0] not in TESTS:
                self.say(
                    place,
                    ", ".join(tests),
                    phrase("is not one test"),
                    phrase("Give exactly one of 'in', 'not_in', 'blank'."),
                )
                return None
            values = part[tests[0]] if isinstance(part[tests[0]], list) else [part[tests[0]]]
            if not self.known(place, part["column"]):
                return None
            found.append(Condition(part["column"], tests[0], tuple(squeeze(str(v)) for v in values)))
        return tuple(found)

    def skips(self) -> tuple[Skip, ...]:
        rules = []
        for number, rule in enumerate(self.items("skip"), start=1):
            place = f"skip {number}"
            if (
                not isinstance(rule, dict)
                or not isinstance(rule.get("column"), str)
                or not isinstance(rule.get("reason"), str)
            ):
                self.say(
                    place,
                    "",
                    phrase("is not a rule"),
                    phrase("Give 'column', 'reason' and one of 'in', 'not_in', 'blank'."),
                )
            elif (conditions := self.conditions(place, rule)) is not None:
                rules.append(Skip(conditions, rule["reason"]))
        return tuple(rules)

    def gives(self) -> tuple[Give, ...]:
        rules = []
        for number, rule in enumerate(self.items("give"), start=1):
            place = f"give {number}"
            fields = rule.get("give") if isinstance(rule, dict) else None
            if (
                not isinstance(fields, dict)
                or not fields
                or not all(isinstance(v, str) for v in fields.values())
            ):
                self.say(
                    place,
                    "",
                    phrase("is not a rule"),
                    phrase("Give 'column', one of 'in', 'not_in', 'blank', and 'give: {{field: value}}'."),
                )
                continue
            for name, value in fields.items():
                if self.field(place, name):
                    self.code(place, name, value)
            for key in rule:
                if key not in ("column", "give", "note", "and", *TESTS):
                    self.say(
                        place,
                        key,
                        phrase("is not known"),
                        nearest(key, ("column", "give", "note", "and", *TESTS)),
                    )
            if (conditions := self.conditions(place, rule)) is not None:
                rules.append(Give(conditions, fields, str(rule.get("note", ""))))
        return tuple(rules)

    def fill_down(self) -> tuple[str, tuple[str, ...]]:
        """Key and columns of `fill_down: {by: order_id, columns: [...]}`."""
        spec = self.nested("fill_down")
        if not spec:
            return "", ()
        by, columns = spec.get("by"), spec.get("columns")
        if set(spec) != {"by", "columns"} or not isinstance(by, str) or not isinstance(columns, list):
            self.say(
                "fill_down",
                "",
                phrase("is not complete"),
                phrase("Write 'fill_down: {{by: order_id, columns: [name, name]}}'."),
            )
            return "", ()
        self.known("fill_down", by)
        return by, self.names_in("fill_down", columns)

    def costs(self) -> tuple[tuple[float, str], ...]:
        """Helpers that make up the actual cost; a minus sign in front takes one off."""
        found = []
        for written in self.listed("cost"):
            name = written.removeprefix("-").strip()
            if self.known("cost", name):
                found.append((-1.0 if written.startswith("-") else 1.0, name))
        return tuple(found)

    def template(self) -> str:
        text = self.text("case_id", required="case_id" not in self.nested("columns"))
        try:
            parts = list(string.Formatter().parse(text))
        except ValueError:
            parts = [("", "", "unreadable", None)]
        if any(spec or conversion for _, _, spec, conversion in parts):
            self.say(
                "case_id",
                text,
                phrase("is not a template"),
                phrase("Write names in braces, such as {{order_id}}-{{sku}}."),
            )
            return ""
        fields = [name for _, name, _, _ in parts if name is not None]
        return text if all(self.known("case_id", name) for name in fields) else ""

    def price_steps(self) -> list[PriceStep]:
        steps = []
        own = {"orders": "order", "products": "product", "class_price": "class"}
        for number, step in enumerate(self.items("fill_price_from"), start=1):
            place = f"fill_price_from {number}"
            if isinstance(step, str) and step in PRICE_STEPS:
                steps.append(PriceStep(step, "", own[step]))
            elif isinstance(step, dict) and set(step) == {"same_file", "price_source"}:
                self.code(place, "price_source", step["price_source"])
                if self.known(place, str(step["same_file"])):
                    steps.append(PriceStep("same_file", str(step["same_file"]), step["price_source"]))
            else:
                self.say(
                    place,
                    step if isinstance(step, str) else "",
                    phrase("is not a place for prices"),
                    phrase(
                        "Give one of {steps}, or same_file with price_source.", steps=", ".join(PRICE_STEPS)
                    ),
                )
        return steps
