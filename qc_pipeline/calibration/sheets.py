"""The sheet of one inspector: written as XLSX with dropdowns or as CSV, a row a criterion a call.

Every row names its call, criterion, calibration and inspector, so that a sheet may be sorted,
filtered, cut or put together with others and is still read right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from qc_pipeline.calibration.figures import ANSWERS
from qc_pipeline.calibration.texts import COLUMNS, GUIDE, HOW, SHEETS, column_labels, verdict_words
from qc_pipeline.report.inputs import CriterionFacts
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.system.files import csv_text, write_text

MADE = datetime(2000, 1, 1)
"""The creation time in every workbook: the same set gives the same bytes."""

WIDTHS = (6, 16, 17, 8, 28, 12, 16, 26, 7, 12, 8, 40, 16, 12)
TINT = "#EEF1F4"
FILL_IN = "#FFF8DC"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCall:
    """A call to be heard; `start` in the call list's zone, `path` from the recordings root."""

    recording_id: str
    start: datetime | None
    duration_s: float | None
    path: str
    criteria: tuple[CriterionFacts, ...]


def rows_of(
    calls: Sequence[AskedCall], *, calibration: str, inspector: str
) -> list[list[str | float]]:
    """The sheet's rows under `COLUMNS`, verdict, points and note empty."""
    rows: list[list[str | float]] = []
    for number, call in enumerate(calls, start=1):
        for c in call.criteria:
            rows.append(
                [
                    number,
                    call.recording_id,
                    "" if call.start is None else call.start.strftime("%Y-%m-%d %H:%M"),
                    _length(call.duration_s),
                    call.path,
                    c.section,
                    c.id,
                    c.title,
                    c.points,
                    "",
                    "",
                    "",
                    calibration,
                    inspector,
                ]
            )
    return rows


def write_csv_sheet(path: Path, rows: Sequence[Sequence[str | float]], language: str) -> None:
    """With a byte order mark, so that a spreadsheet program takes it for UTF-8."""
    head = list(column_labels(language).values())
    text = csv_text(head, [[f"{v:g}" if isinstance(v, float) else v for v in r] for r in rows])
    write_text(path, "\ufeff" + text)


def write_xlsx_sheet(
    path: Path,
    rows: Sequence[Sequence[str | float]],
    criteria: Sequence[CriterionFacts],
    language: str,
) -> None:
    """Verdicts are chosen from a list, points are checked; texts stay texts."""
    import xlsxwriter

    t = Translator(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(
        path,
        {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"created": MADE})
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": TINT})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    verdicts, guide, how = (book.add_worksheet(t(f"calibration.sheet.{name}")) for name in SHEETS)
    _fill_verdicts(book, verdicts, rows, head, language)
    for x, name in enumerate(GUIDE):
        guide.write_string(0, x, t(f"calibration.guide.{name}"), head)
        guide.set_column(x, x, (16, 26, 14, 8, 8, 40, 24, 40)[x])
    guide.freeze_panes(1, 2)
    for y, c in enumerate(criteria, start=1):
        severity = t(f"calibration.severity.{c.severity}")
        texts = (c.id, c.title, c.section, None, severity, c.why, c.ref)
        for x, text in enumerate((*texts, c.say)):
            if text is None:
                guide.write_number(y, x, c.points, wrapped)
            else:
                guide.write_string(y, x, text, wrapped)
    how.set_column(0, 0, 100)
    for y in range(HOW):
        how.write_string(y, 0, f"{y + 1}. {t(f'calibration.how.{y + 1}')}", wrapped)
    book.close()


def _fill_verdicts(
    book: Any, sheet: Any, rows: Sequence[Sequence[str | float]], head: Any, language: str
) -> None:
    at = {name: x for x, name in enumerate(COLUMNS)}
    styles = {
        (tint, given): book.add_format(
            {"valign": "top", "text_wrap": True, "border": 1, "border_color": "#D0D5DA"}
            | ({"bg_color": FILL_IN} if given else {"bg_color": TINT} if tint else {})
        )
        for tint in (False, True)
        for given in (False, True)
    }
    for x, label in enumerate(column_labels(language).values()):
        sheet.write_string(0, x, label, head)
        sheet.set_column(x, x, WIDTHS[x])
    for y, row in enumerate(rows, start=1):
        tint = int(row[0]) % 2 == 0
        for x, value in enumerate(row):
            style = styles[tint, COLUMNS[x] in ("verdict", "lost", "note")]
            if isinstance(value, str):
                if value:
                    sheet.write_string(y, x, value, style)
                else:
                    sheet.write_blank(y, x, None, style)
            else:
                sheet.write_number(y, x, value, style)
        worth = float(row[at["points"]])
        sheet.data_validation(
            y,
            at["lost"],
            y,
            at["lost"],
            {
                "validate": "decimal",
                "criteria": "between",
                "minimum": 0,
                "maximum": worth,
                "error_message": f"0–{worth:g}",
            },
        )
    if rows:
        sheet.data_validation(
            1,
            at["verdict"],
            len(rows),
            at["verdict"],
            {"validate": "list", "source": [verdict_words(language)[v] for v in ANSWERS]},
        )
        sheet.autofilter(0, 0, len(rows), len(COLUMNS) - 1)
    # What identifies the call and what is asked stay in sight.
    sheet.freeze_panes(1, at["recording_id"] + 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _length(duration_s: float | None) -> str:
    if duration_s is None:
        return ""
    minutes, seconds = divmod(round(duration_s), 60)
    return f"{minutes}:{seconds:02}"
