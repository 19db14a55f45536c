"""Words of the sheets and of the page, in the languages of reports."""

from __future__ import annotations

from collections.abc import Mapping

from qc_pipeline.report.words.catalog import texts_under
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.scoring.evidence.finding import Verdict

COLUMNS = (
    "number",
    "recording_id",
    "start",
    "length",
    "path",
    "section",
    "criterion",
    "title",
    "points",
    "verdict",
    "lost",
    "note",
    "calibration",
    "inspector",
)
"""The columns of a sheet, in order; `column_labels` names them."""

HOW = 5
"""Lines of advice on how to fill a sheet in."""
SHEETS = ("verdicts", "criteria", "how")
GUIDE = ("criterion", "title", "section", "points", "severity", "why", "ref", "say")


def column_labels(language: str) -> Mapping[str, str]:
    """The heads of a sheet's columns by their names."""
    t = Translator(language)
    return {column: t(f"calibration.column.{column}") for column in COLUMNS}


def verdict_words(language: str) -> Mapping[Verdict, str]:
    """Verdicts as inspectors write them."""
    t = Translator(language)
    return {verdict: t(f"calibration.verdict.{verdict}") for verdict in Verdict}


def page_texts(language: str) -> Mapping[str, str]:
    """The words of the page and of what a terminal shows."""
    return texts_under(language, "calibration.page")
