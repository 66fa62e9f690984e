"""Mappings: YAML files, written by an analyst, that say how the report of a shop system becomes cases."""
from __future__ import annotations

import re
import string
from pathlib import Path

import yaml

from optimizer.domain.cases import CASE_COLUMNS
from optimizer.errors import InputError, Problem, nearest
from optimizer.inputs.columns import is_personal
from optimizer.inputs.decoding import decode, file_bytes
from optimizer.inputs.mapping_form import CANONICAL, Mapping, PriceStep, Skip, ValueMap
from optimizer.inputs.tabular import DELIMITERS, read_table, squeeze

FOLDER = Path(__file__).resolve().parents[2] / "data" / "imports"
SUFFIXES = (".yaml", ".yml")
SECTIONS = ("report", "about", "read", "columns", "helpers", "optional", "constants", "values", "copy", "dates", "numbers",
            "skip", "same_row", "case_id", "price", "fill_price_from")
READ_HINTS = ("encoding", "delimiter", "sheet")
PRICES = ("unit", "line")
PRICE_STEPS = ("orders", "products", "class_price")
DATE_TOKENS = {"YYYY": "%Y", "YY": "%y", "MON": "%b", "MM": "%m", "DD": "%d", "hh": "%H", "mm": "%M", "ss": "%S"}
OTHERWISE = "*"
# What the import itself supplies where the report does not: --market, the template, and the steps of fill_price_from.
SUPPLIED = ("case_id", "market", "item_price")


def kinds() -> dict[str, str]:
    """Name -> title of the mappings that come with the product."""
    return {path.stem: load_mapping(path).report for path in sorted(FOLDER.glob("*.yaml"))}


def load_mapping(kind: str | Path) -> Mapping:
    """The mapping of a built-in kind or of a YAML file; InputError lists everything wrong with it."""
    path = Path(kind)
    if path.suffix.lower() not in SUFFIXES:
        path = FOLDER / f"{kind}.yaml"
        if not path.is_file():
            raise InputError([Problem("import", None, "", str(kind), "is not a kind of report that is known",
                                      nearest(str(kind), [p.stem for p in FOLDER.glob("*.yaml")]))])
    return _Checker(path).mapping()


class _Loader(yaml.BaseLoader):
    """Everything stays text (`NO` is Norway, not false); a key that stands twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        made = super().construct_mapping(node, deep=deep)
        if len(made) < len(node.value):
            keys = [self.construct_object(k) for k, _ in node.value]
            twice = next(k for k in keys if keys.count(k) > 1)
            raise yaml.constructor.ConstructorError(None, None, f"key {twice!r} stands twice", node.start_mark)
        return made


class _Checker:
    """Reads one mapping and collects every problem of it."""

    def __init__(self, path: Path):
        self.path, self.file, self.problems = path, str(path), []
        text, _ = decode(self.file, file_bytes(path))
        try:
            self.raw = yaml.load(text, Loader=_Loader)
        except (yaml.YAMLError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            what = getattr(error, "problem", None) or "is not YAML"
            self.say("", "", f"is not a readable YAML file ({what})",
                     f"Look at line {mark.line + 1}." if mark else "Compare it with a file in data/imports.")
            raise InputError(self.problems) from None
        if not isinstance(self.raw, dict):
            self.say("", "", "is not a mapping", "Begin with 'report:' and 'columns:'; see the files in data/imports.")
            raise InputError(self.problems)

    def say(self, place: str, value: str, problem: str, fix: str) -> None:
        self.problems.append(Problem(self.file, None, place, value, problem, fix))

    def mapping(self) -> Mapping:
        for key in self.raw:
            if key not in SECTIONS:
                self.say(key, "", "is not a section of a mapping", nearest(key, SECTIONS))
        columns = self.headers("columns") | self.headers("helpers")
        self.names = dict.fromkeys([*columns, *CANONICAL])
        for name in self.table("columns"):
            if name not in CANONICAL:
                self.say(f"columns.{name}", "", "is not a field of a case",
                         f"{nearest(name, CANONICAL)} Columns for the rules below stand under 'helpers'.")
        for name in self.table("helpers"):
            if name in CANONICAL:
                self.say(f"helpers.{name}", "", "is a field of a case", "Move it to 'columns'.")
        read = self.table("read")
        for key in read:
            if key not in READ_HINTS:
                self.say(f"read.{key}", "", "is not known", nearest(key, READ_HINTS))
        if "delimiter" in read:
            titles = {title: sign for sign, title in DELIMITERS.items()}
            read["delimiter"] = titles.get(read["delimiter"], read["delimiter"])
            if read["delimiter"] not in DELIMITERS:
                self.say("read.delimiter", read["delimiter"], "is not known", nearest(read["delimiter"], titles))
        numbers = self.table("numbers")
        constants = {k: v for k, v in self.table("constants").items() if self.field("constants", k)}
        for name, value in constants.items():
            self.code(f"constants.{name}", name, value)
        copy = {k: v for k, v in self.table("copy").items() if self.field("copy", k) and self.known("copy", v)}
        result = Mapping(
            self.file, self.text("report", required=True), read, columns, self.listed("optional"), constants,
            {name: self.value_map(name, spec) for name, spec in self.nested("values").items()
             if self.known("values", name)},
            copy, self.dates(), numbers.get("decimal", "."), numbers.get("thousands", ""), self.skips(),
            tuple(self.names_in("same_row", row) for row in self.items("same_row")), self.template(),
            self.text("price") or "unit", tuple(self.price_steps()))
        for name in result.optional:
            if name not in columns:
                self.say("optional", name, "is not one of the columns", nearest(name, columns))
        if result.price not in PRICES:
            self.say("price", result.price, "is not known", nearest(result.price, PRICES))
        if (result.decimal, result.thousands) not in {(d, t) for d in ".," for t in ("", ".", ",", " ", "'") if d != t}:
            self.say("numbers", "", "do not fit together", "Give decimal '.' or ',' and another sign for thousands.")
        given = {*result.columns, *result.constants, *result.copy, *SUPPLIED}
        for column in CASE_COLUMNS:
            if column.required and column.name not in given:
                self.say("columns", column.name, "is not supplied",
                         "Name its header under 'columns', or its value under 'constants'.")
        if self.problems:
            raise InputError(self.problems)
        return result

    # ------------------------------------------------------------ shapes

    def text(self, key: str, required: bool = False) -> str:
        value = self.raw.get(key, "")
        if not isinstance(value, str) or (required and not value.strip()):
            self.say(key, "", "is missing" if not value else "is not a text", f"Write '{key}: …'.")
            return ""
        return value

    def table(self, key: str) -> dict[str, str]:
        """A section of name: text."""
        return {k: v for k, v in self.nested(key).items() if key in ("columns", "helpers") or self.is_text(key, k, v)}

    def nested(self, key: str) -> dict:
        value = self.raw.get(key) or {}
        if not isinstance(value, dict):
            self.say(key, "", "is not a list of 'name: value' lines", "Indent one 'name: value' per line below it.")
            return {}
        return value

    def is_text(self, key: str, name: str, value: object) -> bool:
        if not isinstance(value, str):
            self.say(f"{key}.{name}", "", "is not a single value", "Give one value.")
        return isinstance(value, str)

    def items(self, key: str) -> list:
        value = self.raw.get(key) or []
        return value if isinstance(value, list) else [value]

    def listed(self, key: str) -> tuple[str, ...]:
        return tuple(str(v) for v in self.items(key))

    def headers(self, key: str) -> dict[str, tuple[str, ...]]:
        found = {}
        for name, value in self.nested(key).items():
            names = value if isinstance(value, list) else [value]
            if not names or not all(isinstance(h, str) and h.strip() for h in names):
                self.say(f"{key}.{name}", "", "names no header", "Give one header, or a list of headers it may have.")
                continue
            for header in names:
                if is_personal(header):
                    self.say(f"{key}.{name}", header, "is a column with personal data", "Such columns are never read: remove it.")
            found[name] = tuple(names)
        return found

    def field(self, section: str, name: str) -> bool:
        if name not in CANONICAL:
            self.say(f"{section}.{name}", "", "is not a field of a case", nearest(name, CANONICAL))
        return name in CANONICAL

    def known(self, section: str, name: str) -> bool:
        if name not in self.names:
            self.say(section, name, "is neither a field of a case nor a helper", nearest(name, self.names))
        return name in self.names

    def names_in(self, section: str, row: object) -> tuple[str, ...]:
        return tuple(str(n) for n in (row if isinstance(row, list) else [row]) if self.known(section, str(n)))

    def code(self, place: str, name: str, value: str) -> None:
        allowed = CANONICAL[name].allowed if name in CANONICAL else ()
        if allowed and value not in allowed:
            self.say(place, value, f"is not a known {name.replace('_', ' ')}", nearest(value, allowed))

    # ------------------------------------------------------------ sections

    def value_map(self, name: str, spec: object) -> ValueMap:
        if not isinstance(spec, dict) or not all(isinstance(v, str) for v in spec.values()):
            self.say(f"values.{name}", "", "is not a list of 'their value: our value' lines", "Write one per line.")
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
            self.say(f"values.{name}", column, f"is not a column of {spec['table']}", nearest(column, frame.columns))
        return {} if missing else dict(zip(frame[spec.get("key", "key")], frame[spec.get("value", "value")]))

    def dates(self) -> dict[str, str]:
        formats = {}
        for written in self.listed("dates") or ("iso",):
            if written == "iso":
                formats[written] = written
                continue
            pattern = re.sub("|".join(DATE_TOKENS), lambda m: DATE_TOKENS[m.group()], written)
            used = re.findall("%[A-Za-z]", pattern)
            parts = [sum(used.count(sign) for sign in signs) for signs in (("%Y", "%y"), ("%m", "%b"), ("%d",))]
            if parts != [1, 1, 1] or len(set(used)) < len(used) or "%" in written:
                self.say("dates", written, "is not a form of date",
                         "Write 'iso', or year, month and day such as DD/MM/YYYY, MM-DD-YY or DD-MON-YYYY.")
            formats[written] = pattern
        return formats

    def skips(self) -> tuple[Skip, ...]:
        rules = []
        for number, rule in enumerate(self.items("skip"), start=1):
            place = f"skip {number}"
            if not isinstance(rule, dict) or not isinstance(rule.get("column"), str) or not isinstance(rule.get("reason"), str):
                self.say(place, "", "is not a rule", "Give 'column', 'reason' and one of 'in', 'not_in', 'blank'.")
                continue
            tests = [t for t in rule if t not in ("column", "reason")]
            if len(tests) != 1 or tests[0] not in ("in", "not_in", "blank"):
                self.say(place, ", ".join(tests), "is not one test", "Give exactly one of 'in', 'not_in', 'blank'.")
                continue
            values = rule[tests[0]] if isinstance(rule[tests[0]], list) else [rule[tests[0]]]
            if self.known(place, rule["column"]):
                rules.append(Skip(rule["column"], tests[0], tuple(squeeze(str(v)) for v in values), rule["reason"]))
        return tuple(rules)

    def template(self) -> str:
        text = self.text("case_id", required="case_id" not in self.nested("columns"))
        try:
            parts = list(string.Formatter().parse(text))
        except ValueError:
            parts = [("", "", "unreadable", None)]
        if any(spec or conversion for _, _, spec, conversion in parts):
            self.say("case_id", text, "is not a template", "Write names in braces, such as {order_id}-{sku}.")
            return ""
        fields = [name for _, name, _, _ in parts if name is not None]
        return text if all([self.known("case_id", name) for name in fields]) else ""

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
                self.say(place, step if isinstance(step, str) else "", "is not a place for prices",
                         f"Give one of {', '.join(PRICE_STEPS)}, or same_file with price_source.")
        return steps
