"""The files of a run: written into a temporary folder first, then moved into place, so that results are
whole or absent."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from optimizer.analysis.root_causes import ROOT_CAUSE_COLUMNS
from optimizer.answer.options import option_frames
from optimizer.answer.run import Answer
from optimizer.errors import InputError, Problem, system_reason
from optimizer.i18n import translator
from optimizer.inputs.formula_guard import guard_text
from optimizer.phrases import phrase
from optimizer.policy.returnless import returnless_rules
from optimizer.report.ledger import estimates_frame
from optimizer.report.markdown import policy_markdown
from optimizer.report.workbook.book import write_workbook

REJECT_COLUMNS = ["file", "row", "column", "value", "problem", "fix"]


def write_whole(folder: Path, writers: dict[str, Callable[[Path], None]]) -> list[Path]:
    """Write every file beside its place, then move all into place; on any error nothing is left behind or
    changed."""
    if folder.exists() and not folder.is_dir():
        raise InputError(
            [
                Problem(
                    str(folder),
                    None,
                    "--out",
                    "",
                    phrase("is a file, not a folder"),
                    phrase("Name another folder."),
                )
            ]
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    except OSError as why:
        raise InputError(
            [
                Problem(
                    str(folder),
                    None,
                    "--out",
                    "",
                    phrase("cannot be written: {why}", why=system_reason(why)),
                    phrase("Name a folder you may write to."),
                )
            ]
        ) from None
    try:
        for name, write in writers.items():
            write(scratch / name)
        for name in writers:
            os.replace(scratch / name, folder / name)
    except PermissionError as why:
        raise InputError(
            [
                Problem(
                    str(why.filename2 or why.filename),
                    None,
                    "--out",
                    "",
                    phrase("cannot be replaced"),
                    phrase("Close the file in Excel and run again."),
                )
            ]
        ) from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return [folder / name for name in writers]


def write_run(
    run: Answer, folder: Path, *, options: bool = False, lang: str = "en", workbook: bool = True
) -> list[Path]:
    """Write summary.json, policy.csv, policy.md, policy_curve.csv, root_causes.csv, estimates.csv,
    returnless_rules.csv, decisions.parquet.

    Where asked, or where there are any: policy.xlsx, options.parquet, rejects.csv.
    """
    writers: dict[str, Callable[[Path], None]] = {
        "policy.csv": lambda p: write_csv(run.policy(), p),
        "policy_curve.csv": lambda p: write_csv(run.table.curve, p),
        "root_causes.csv": lambda p: write_csv(run.behind.causes[ROOT_CAUSE_COLUMNS], p),
        "returnless_rules.csv": lambda p: write_csv(
            returnless_rules(run.engine, run.blocks, run.policy(), t=translator(lang)), p
        ),
        "estimates.csv": lambda p: write_csv(estimates_frame(run.scenario, run.estimates_resting, lang), p),
        "policy.md": lambda p: p.write_text(policy_markdown(run, lang), encoding="utf-8"),
        "decisions.parquet": lambda p: run.decisions.to_parquet(p, index=False),
    }
    if workbook:
        writers["policy.xlsx"] = lambda p: write_workbook(run, p, lang)
    if options:
        writers["options.parquet"] = lambda p: _write_options(run, p)
    if run.file.rejects:
        writers["rejects.csv"] = lambda p: write_rejects(run.file.rejects, p, lang)
    writers["summary.json"] = lambda p: p.write_text(
        json.dumps(run.summary, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return write_whole(folder, writers)


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """CSV as Excel reads it: UTF-8 with byte order mark; text that would be a formula is quoted with an
    apostrophe."""
    return guard_text(frame).to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """A table as CSV, see `csv_bytes`."""
    path.write_bytes(csv_bytes(frame))


def write_rejects(rejects: list[Problem], path: Path, lang: str = "en") -> None:
    """rejects.csv: one row per problem, what is wrong and how to mend it in the language."""
    t = translator(lang)
    write_csv(pd.DataFrame([p.said(t)[: len(REJECT_COLUMNS)] for p in rejects], columns=REJECT_COLUMNS), path)


def _write_options(run: Answer, path: Path) -> None:
    writer = None
    for frame in option_frames(run):
        table = pa.Table.from_pandas(
            frame, preserve_index=False, schema=writer.schema if writer else _option_schema(frame)
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()


def _option_schema(frame: pd.DataFrame) -> pa.Schema:
    kinds = {"acceptable": pa.bool_(), "chosen": pa.bool_()}
    return pa.schema(
        [
            (c, kinds.get(c, pa.float64() if pd.api.types.is_numeric_dtype(frame[c]) else pa.string()))
            for c in frame.columns
        ]
    )
