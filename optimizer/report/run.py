"""The answer as a Python user holds it: the data of a run, and the writers that read it."""

from __future__ import annotations

from pathlib import Path

from optimizer.answer.run import Answer
from optimizer.report.files import write_run
from optimizer.report.words.summary import summary_text
from optimizer.report.workbook.book import write_workbook


class Run(Answer):
    """What `run` returns: everything of the answer, to print, to write as files or as a workbook."""

    def to_excel(self, path: str | Path, lang: str = "en") -> None:
        """Write the workbook: cover, assumptions, policy, cost build with live formulas, checks."""
        write_workbook(self, Path(path), lang)

    def write(
        self, folder: str | Path, *, options: bool = False, lang: str = "en", workbook: bool = True
    ) -> list[Path]:
        """Write all files of the run whole or not at all; returns their paths."""
        return write_run(self, Path(folder), options=options, lang=lang, workbook=workbook)

    def __str__(self) -> str:
        return summary_text(self)
