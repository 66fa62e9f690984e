"""Bytes of a file to text: which encoding a table was saved in, told by what the bytes can and cannot
mean."""

from __future__ import annotations

import codecs
import os
import re
from itertools import islice
from pathlib import Path

import numpy as np

from optimizer.errors import InputError, Problem, nearest, system_reason
from optimizer.phrases import phrase

ENCODING_TITLES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with BOM",
    "utf-16": "UTF-16",
    "gbk": "GBK",
    "cp932": "Shift-JIS (cp932)",
    "cp1252": "Windows-1252",
}
SAVE_AS_UTF8 = "Save it again as CSV UTF-8."
_LOOKED_AT = 20_000  # characters outside ASCII that decide the encoding


def file_bytes(path: str | Path) -> bytes:
    """The content of a file; InputError when it is missing, a folder, unreadable or empty."""
    file, path = str(path), Path(path)

    def refuse(problem: str, fix: str) -> InputError:
        return InputError([Problem(file, None, "", "", problem, fix)])

    try:
        data = path.read_bytes()
    except IsADirectoryError:
        raise refuse(phrase("is a folder, not a file"), phrase("Name one file in it.")) from None
    except FileNotFoundError:
        folder = path.parent
        readable = folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)
        beside = sorted(p.name for p in folder.iterdir() if p.is_file()) if readable else []
        raise refuse(
            phrase("does not exist"), nearest(path.name, beside) if beside else phrase("Check the path.")
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the name
        if path.is_dir():  # Windows says "permission denied" for a folder
            raise refuse(phrase("is a folder, not a file"), phrase("Name one file in it.")) from None
        reason = system_reason(error) if isinstance(error, OSError) else str(error)
        raise refuse(
            phrase("cannot be read ({reason})", reason=reason),
            phrase("Check the path and the rights on the file."),
        ) from None
    if not data.strip():
        raise refuse(phrase("is empty"), phrase("Export it again, with a header row and rows."))
    return data


def decode(file: str, data: bytes, encoding: str | None = None) -> tuple[str, str]:
    """Text and encoding of `data`: BOM, UTF-8, cp932 with kana, GBK with common Chinese, Windows-1252, in
    this order."""

    def refuse(problem: str, fix: str = SAVE_AS_UTF8) -> InputError:
        return InputError([Problem(file, None, "", "", problem, fix)])

    if encoding:
        try:
            return data.decode(encoding).removeprefix("\ufeff"), codecs.lookup(encoding).name
        except (ValueError, LookupError):
            raise refuse(
                phrase("cannot be read as {encoding}", encoding=encoding),
                phrase("Leave the encoding out, or save the file again as CSV UTF-8."),
            ) from None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif data.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    else:
        candidates = ["utf-8", "cp932", "gbk", "cp1252"]
    plausible = {"cp932": _has_kana, "gbk": _is_common_chinese}
    for name in candidates:
        try:
            text = data.decode(name)
        except UnicodeError:
            continue
        if _is_text(text) and (name not in plausible or plausible[name](text)):
            return text, name
    raise refuse(
        phrase(
            "is not a text table: it holds bytes that no UTF-8, UTF-16, GBK, cp932 or Windows-1252 text has"
        ),
        phrase(
            "Name a CSV, Excel or Parquet file, or open the table in a spreadsheet and save it as CSV UTF-8."
        ),
    )


def _is_text(text: str) -> bool:
    """No NUL, and control characters are rare: a stray one in a product title is forgiven."""
    control = len(re.findall(r"[\x01-\x08\x0e-\x1f]", text[:100_000]))
    return "\0" not in text and control <= max(3, len(text[:100_000]) / 1_000)


def _outside_ascii(text: str) -> str:
    return "".join(m.group() for m in islice(re.finditer(r"[^\x00-\x7f]", text), _LOOKED_AT))


def _has_kana(text: str) -> bool:
    """Japanese text is rich in full-width kana; Chinese or European bytes read as cp932 give half-width
    ones."""
    others = _outside_ascii(text)
    full, half = len(re.findall("[ぁ-ヺー]", others)), len(re.findall("[\uff61-\uff9f]", others))
    return full > half and full >= len(others) / 10


def _is_common_chinese(text: str) -> bool:
    """Nearly all characters are the 3,755 common ones or signs of GB 2312; accented letters read as GBK
    are not."""
    pairs = np.frombuffer(_outside_ascii(text).replace("€", "").encode("gbk", "ignore"), np.uint8)
    lead, trail = pairs[0 : len(pairs) // 2 * 2 : 2], pairs[1::2]
    common = (trail >= 0xA1) & (((lead >= 0xB0) & (lead <= 0xD7)) | ((lead >= 0xA1) & (lead <= 0xA9)))
    return len(lead) > 0 and float(common.mean()) >= 0.8
