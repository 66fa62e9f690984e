"""XML reports to rows: one row per repeated record, the fields of what surrounds it beside."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import pandas as pd

from optimizer.errors import InputError, Problem
from optimizer.inputs.headers import short
from optimizer.phrases import phrase

XML_STARTS = (b"<?xml", b"<AmazonEnvelope")


def looks_like_xml(data: bytes) -> bool:
    """Does a file begin as XML does?"""
    return data[:200].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(XML_STARTS)


def read_records(file: str, data: bytes, records: str) -> pd.DataFrame:
    """One row of text per element at the end of `records` ("outer/inner"), with the single fields of the
    outer one beside.

    A field inside a group is named by its own tag; groups other than the inner record are read too. A whole
    record is one row of the file: rows count from 2, as if a header stood above them.
    """
    outer_tag, _, inner_tag = records.partition("/")
    rows: list[dict[str, str]] = []
    try:
        for _, element in ElementTree.iterparse(io.BytesIO(data)):
            if _tag(element) != outer_tag:
                continue
            inner = [child for child in element if _tag(child) == inner_tag]
            shared = {
                name: text for child in element if _tag(child) != inner_tag for name, text in _fields(child)
            }
            rows += (
                [shared | dict(field for child in item for field in _fields(child)) for item in inner]
                if inner_tag
                else [shared]
            )
            element.clear()
    except ElementTree.ParseError as error:
        raise InputError(
            [
                Problem(
                    file,
                    None,
                    "",
                    "",
                    phrase("is not readable XML ({error})", error=short(error)),
                    phrase("Download the report again, whole."),
                )
            ]
        ) from None
    except (ValueError, LookupError) as error:  # an encoding that the declaration names and nobody knows
        raise InputError(
            [
                Problem(
                    file,
                    None,
                    "",
                    "",
                    phrase("is not readable XML ({error})", error=short(error)),
                    phrase("Download the report again, whole."),
                )
            ]
        ) from None
    if not rows:
        raise InputError(
            [
                Problem(
                    file,
                    None,
                    outer_tag,
                    "",
                    phrase("stands nowhere in this file"),
                    phrase(
                        "Download the returns report, or name its records in the mapping under read: records."
                    ),
                )
            ]
        )
    frame = pd.DataFrame(rows).fillna("").astype("str")
    return frame.set_axis(range(2, 2 + len(frame)))


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _fields(element: ElementTree.Element) -> list[tuple[str, str]]:
    """(tag, text) of every element without children in and below this one."""
    if not len(element):
        return [(_tag(element), (element.text or "").strip())]
    return [field for child in element for field in _fields(child)]
