"""Damage as reports suffer it: in transfer, in a spreadsheet, by a download in another language, by ill
will. Every change is drawn from a seed."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.sax.saxutils import escape

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from benchmarks.report_seeds import Seed

NASTY = (
    "=cmd|' /C calc'!A0",
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "1e309",
    "-1e309",
    "NaN",
    "nan",
    "inf",
    "-inf",
    "-0",
    "0",
    "0.00",
    "-5",
    "1e5",
    "1_000",
    "0x1F",
    "99999999999999999999",
    "-99999999999999999999",
    "6.90123E+11",
    "1,234.50",
    "1.234,50",
    "1,5",
    "(12.00)",
    "12-",
    "$12",
    "2025-02-30",
    "30/02/2025",
    "9999-99-99",
    "0000-00-00",
    "0001-01-01",
    "2300-01-01",
    "45812",
    "--",
    "-",
    "N/A",
    "NULL",
    "#N/A",
    "#REF!",
    "x" * 5000,
    "９" * 400,
    "🙂",
    "\u202eabc\u202c",
    "\u200b",
    "４５６",
    "１２．５",
    "٣٤",
    "²",
    "½",
    "İ",
    "ß",
    "ﬀ",
    "ａｍａｚｏｎ",
    "'",
    "''=x",
    '"',
    '"a" b',
    "\\",
    "{x}",
    "{0}",
    "{",
    "}",
    "%s",
    "%(x)s",
    "<b>",
    "&amp;",
    "../../x",
    "a;b",
    "a,b",
    "a|b",
    " ",
    "\u3000",
    "\ufeff",
    "\x07",
    "true",
    "Y",
    "是",
    "已关闭",
    "退款",
)
NASTY_JSON = (
    "null",
    "true",
    "[]",
    "{}",
    '""',
    '"x"',
    "-1",
    "1e309",
    "-0",
    "1.5",
    "NaN",
    "Infinity",
    "1" + "0" * 30,
    "1" + "0" * 400,
    "1e999999999",
    "1e-999999999",
    '"=cmd"',
    '"2025-02-30"',
    '"\\ud800"',
    "[" * 3000 + "]" * 3000,
    '{"count": -1}',
    '{"count": null}',
    '"{x}"',
)
NOTES = (
    "Includes Amazon Marketplace transactions",
    '"All amounts in USD, unless specified"',
    "a,b,c;d",
    "",
    "报表\u2028说明",
    "x\ty\tz",
    "﻿note",
    "Definitions:",
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "gbk", "cp932", "cp1252", "utf-16-le", "latin-1")
ENDS = ("\n", "\r\n", "\r", "mixed")


@dataclass
class Sheet:
    """A report that is a table, on its way to bytes."""

    header: list[str]
    rows: list[list[str]]
    sign: str
    encoding: str
    personal: frozenset[str]
    above: list[str] = field(default_factory=list)
    ends: str = "\n"
    last_end: bool = True
    blank_after: frozenset[int] = frozenset()
    quote_all: bool = False

    def harmless(self) -> list[int]:
        """Places of the columns that name no buyer."""
        return [i for i, name in enumerate(self.header) if name not in self.personal]


class Damaged(NamedTuple):
    """A damaged file, and what is still certain about it."""

    content: bytes
    rows: int | None  # rows that hold anything, where the damage leaves that certain
    private: bool  # do all buyers still stand under headers that name them?


# ---------------------------------------------------------------- damage to a table that stays a table


def _drop_columns(s: Sheet, r: random.Random) -> None:
    gone = set(r.sample(range(len(s.header)), r.randint(1, max(1, len(s.header) // 3))))
    s.header = [h for i, h in enumerate(s.header) if i not in gone] or s.header[:1]
    s.rows = [[c for i, c in enumerate(row) if i not in gone] or row[:1] for row in s.rows]


def _shuffle_columns(s: Sheet, r: random.Random) -> None:
    order = r.sample(range(len(s.header)), len(s.header))
    s.header = [s.header[i] for i in order]
    s.rows = [[row[i] for i in order if i < len(row)] for row in s.rows]


def _rename_column(s: Sheet, r: random.Random) -> None:
    s.header[r.choice(s.harmless() or [0])] = r.choice([*NASTY, "数量", "Total", ""])


def _header_style(s: Sheet, r: random.Random) -> None:
    style = r.choice(
        [
            str.upper,
            str.title,
            lambda h: h.replace("-", "_"),
            lambda h: h.replace("-", " "),
            lambda h: f"  {h} ",
            lambda h: f"\u00a0{h}",
        ]
    )
    s.personal = frozenset(style(h) for h in s.personal)
    s.header = [style(h) for h in s.header]


def _double_column(s: Sheet, r: random.Random) -> None:
    i = r.randrange(len(s.header))
    s.header.append(s.header[i])
    s.rows = [row + [row[i] if i < len(row) else ""] for row in s.rows]


def _more_columns(s: Sheet, r: random.Random) -> None:
    for n in range(r.randint(1, 40)):
        s.header.append(f"extra-{n}-{len(s.header)}")
        s.rows = [row + [r.choice(NASTY) if r.random() < 0.3 else ""] for row in s.rows]


def _nasty_cells(s: Sheet, r: random.Random) -> None:
    for _ in range(r.randint(1, 6)):
        row = r.choice(s.rows)
        row[r.randrange(len(row))] = r.choice(NASTY)


def _nasty_column(s: Sheet, r: random.Random) -> None:
    i, same = r.choice(s.harmless() or [0]), r.choice([r.choice(NASTY), None])
    for row in s.rows:
        if i < len(row):
            row[i] = same or r.choice(NASTY)


def _swap_cells(s: Sheet, r: random.Random) -> None:
    row, places = r.choice(s.rows), s.harmless()
    if len(places) > 1:
        i, j = r.sample(places, 2)
        if max(i, j) < len(row):
            row[i], row[j] = row[j], row[i]


def _cut_rows(s: Sheet, r: random.Random) -> None:
    for row in s.rows:
        if r.random() < 0.5:
            del row[r.randint(1, len(row)) :]


def _repeat_rows(s: Sheet, r: random.Random) -> None:
    again = [list(row) for row in s.rows if r.random() < 0.7] * r.choice([1, 1, 3])
    s.rows += again
    r.shuffle(s.rows)


def _drop_rows(s: Sheet, r: random.Random) -> None:
    s.rows = [row for row in s.rows if r.random() < 0.6] or s.rows[:1]


def _blank_cells(s: Sheet, r: random.Random) -> None:
    for row in s.rows:
        for i in range(1, len(row)):
            if r.random() < 0.2:
                row[i] = r.choice(["", " ", "--"])


def _notes_above(s: Sheet, r: random.Random) -> None:
    s.above = [r.choice(NOTES) for _ in range(r.randint(1, 9))]


def _line_ends(s: Sheet, r: random.Random) -> None:
    s.ends, s.last_end = r.choice(ENDS), r.random() < 0.5


def _blank_lines(s: Sheet, r: random.Random) -> None:
    s.blank_after = frozenset(i for i in range(len(s.rows)) if r.random() < 0.4)


def _other_encoding(s: Sheet, r: random.Random) -> None:
    s.encoding = r.choice(ENCODINGS)


def _other_sign(s: Sheet, r: random.Random) -> None:
    s.sign, s.quote_all = r.choice([",", ";", "\t", "|"]), r.random() < 0.4


TABLE: dict[str, Callable[[Sheet, random.Random], None]] = {
    "columns dropped": _drop_columns,
    "columns shuffled": _shuffle_columns,
    "a column renamed": _rename_column,
    "headers written otherwise": _header_style,
    "a column doubled": _double_column,
    "columns added": _more_columns,
    "nasty cells": _nasty_cells,
    "a nasty column": _nasty_column,
    "cells swapped": _swap_cells,
    "rows cut off": _cut_rows,
    "rows repeated": _repeat_rows,
    "rows dropped": _drop_rows,
    "cells blank": _blank_cells,
    "notes above": _notes_above,
    "line ends": _line_ends,
    "blank lines": _blank_lines,
    "another encoding": _other_encoding,
    "another separator": _other_sign,
}


# ---------------------------------------------------------------- damage to bytes


def _flip(b: bytes, r: random.Random) -> bytes:
    data = bytearray(b)
    for _ in range(r.choice([1, 1, 4, 40])):
        data[r.randrange(len(data))] = r.randrange(256)
    return bytes(data)


def _between(b: bytes, r: random.Random) -> tuple[int, int]:
    i, j = sorted(r.randrange(len(b) + 1) for _ in range(2))
    return i, min(j, i + r.choice([1, 10, 200, 10_000]))


def _insert(*parts: bytes) -> Callable[[bytes, random.Random], bytes]:
    def inserted(b: bytes, r: random.Random) -> bytes:
        for _ in range(r.choice([1, 1, 3])):
            i = r.randrange(len(b) + 1)
            b = b[:i] + r.choice(parts) + b[i:]
        return b

    return inserted


def _without_block(b: bytes, r: random.Random) -> bytes:
    i, j = _between(b, r)
    return b[:i] + b[j:]


def _with_block_again(b: bytes, r: random.Random) -> bytes:
    i, j = _between(b, r)
    return b[:j] + b[i:j] * r.choice([1, 2, 20]) + b[j:]


BYTES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "bytes flipped": _flip,
    "file cut off": lambda b, r: b[: r.randrange(len(b))],
    "a block lost": _without_block,
    "a block repeated": _with_block_again,
    "quotation marks": _insert(b'"', b'""', b"'"),
    "zero bytes": _insert(b"\0", b"\0\0"),
    "signs": _insert(b"\n", b"\r", b"\t", b",", b";", b"|", b"\x1a", b"\x85"),
    "byte order marks": _insert(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"),
    "foreign bytes": _insert(b"\x81", b"\xc3\xa9", b"\x83\x65", b"\xb9\xfa", b"\xff"),
    "file doubled": lambda b, r: b + b,
}
JSON_PART = re.compile(r'(?<=: )(?:"[^"]*"|-?[\d.]+|\{[^{}]*\})')


def _json_value(b: bytes, r: random.Random) -> bytes:
    """Values of a JSON text replaced by others that may or may not be JSON."""
    text = b.decode("utf-8", "surrogateescape")
    for _ in range(r.choice([1, 1, 2, 5])):
        if parts := list(JSON_PART.finditer(text)):
            part = r.choice(parts)
            text = text[: part.start()] + r.choice(NASTY_JSON) + text[part.end() :]
    return text.encode("utf-8", "surrogateescape")


def _json_key(b: bytes, r: random.Random) -> bytes:
    """A key renamed, dropped with its value, or doubled."""
    text = b.decode("utf-8", "surrogateescape")
    if keys := list(re.finditer(r'"(\w+)": (?:"[^"]*"|-?[\d.]+|\{[^{}]*\}),?', text)):
        key = r.choice(keys)
        instead = r.choice(
            [
                "",
                key[0].rstrip(",") + ", " + key[0],
                key[0].replace(key[1], key[1].upper(), 1),
                key[0].replace(key[1], "other", 1),
            ]
        )
        text = text[: key.start()] + instead + text[key.end() :]
    return text.encode("utf-8", "surrogateescape")


def _tag(b: bytes, r: random.Random) -> bytes:
    """The text of an XML element replaced, by what is sound XML most of the time; or an element renamed,
    emptied or doubled."""
    text = b.decode("utf-8", "surrogateescape")
    if parts := list(re.finditer(r"<(\w+)>([^<>\s][^<>]*)</\w+>", text)):
        whole, name, value = (part := r.choice(parts))[0], part[1], r.choice(NASTY)
        instead = r.choice(
            [f"<{name}>{escape(value)}</{name}>"] * 4
            + [
                f"<{name}/>",
                whole * 2,
                "",
                f"<other>{part[2]}</other>",
                f"<{name}>{value}</{name}>",
                f"<{name}>&a;</{name}>",
                f"<{name}><![CDATA[{value}]]></{name}>",
                f"<{name}>{whole}</{name}>",
                f"<{name}>",
                "<!ENTITY a 'b'>",
            ]
        )
        text = text[: part.start()] + instead + text[part.end() :]
    return text.encode("utf-8", "surrogateescape")


TEXT = {
    "{": {"values of other kinds": _json_value, "keys changed": _json_key},
    "<": {"elements changed": _tag},
}


def changes_of(seed: Seed) -> list[str]:
    """The names of the changes that fit a report; the few that keep JSON and XML readable stand several
    times, to be drawn as often as others."""
    return [*(TABLE if seed.header else [*TEXT[seed.text.lstrip()[0]]] * 12), *BYTES]


def damaged(seed: Seed, changes: list[str], number: int) -> Damaged:
    """A report after some changes, drawn from `number`; without changes it is sound."""
    r = random.Random(number)
    rows, private = None, True
    if seed.header:
        sheet = Sheet(
            list(seed.header),
            [list(row) for row in seed.rows],
            seed.sign,
            seed.encoding,
            frozenset(seed.personal),
        )
        for name in changes:
            if name in TABLE:
                TABLE[name](sheet, r)
        rows = sum(any(cell.strip() for cell in row) for row in sheet.rows)
        content = _FORMS[seed.form](sheet, r)
    else:
        content = seed.text.encode(seed.encoding)
    for name in changes:
        if name in BYTES and content:
            content, rows, private = BYTES[name](content, r), None, False
        elif name not in TABLE and content:
            content = TEXT[seed.text.lstrip()[0]][name](content, r)
    return Damaged(content, rows, private)


# ---------------------------------------------------------------- tables to bytes


def _as_text(s: Sheet, r: random.Random) -> bytes:
    def line(cells: list[str]) -> str:
        if s.sign == "\t" and not s.quote_all:  # flat files quote nothing
            return "\t".join(re.sub(r"[\t\r\n]", " ", cell) for cell in cells)
        written = io.StringIO()
        csv.writer(
            written,
            delimiter=s.sign,
            lineterminator="",
            quoting=csv.QUOTE_ALL if s.quote_all else csv.QUOTE_MINIMAL,
        ).writerow(cells)
        return written.getvalue()

    lines = [*s.above, line(s.header)]
    for i, row in enumerate(s.rows):
        lines += [line(row)] + [""] * (i in s.blank_after)
    ends = [r.choice(["\n", "\r\n"]) if s.ends == "mixed" else s.ends for _ in lines]
    if not s.last_end:
        ends[-1] = ""
    return "".join(text + end for text, end in zip(lines, ends)).encode(s.encoding, "replace")


def _square(s: Sheet) -> tuple[list[str], list[list[str]]]:
    width = max(len(s.header), *(len(row) for row in s.rows))
    return s.header + [""] * (width - len(s.header)), [row + [""] * (width - len(row)) for row in s.rows]


def _as_excel(s: Sheet, r: random.Random) -> bytes:
    header, rows = _square(s)
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with pd.ExcelWriter(file, engine="xlsxwriter", engine_kwargs={"options": options}) as book:
        pd.DataFrame([*([note] for note in s.above), header, *rows]).to_excel(book, index=False, header=False)
    return file.getvalue()


def _as_parquet(s: Sheet, r: random.Random) -> bytes:
    header, rows = _square(s)
    file = io.BytesIO()
    pa.parquet.write_table(
        pa.Table.from_arrays(
            [pa.array([row[i] for row in rows], pa.string()) for i in range(len(header))], names=header
        ),
        file,
    )
    return file.getvalue()


_FORMS = {"text": _as_text, "xlsx": _as_excel, "parquet": _as_parquet}
