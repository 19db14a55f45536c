"""问题跟踪反馈表: the columns of the sheet on which leads report, and its place in the workbook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qc_pipeline.report.model import ReportModel
from qc_pipeline.report.sections.follow_ups import former, own
from qc_pipeline.report.words.catalog import texts
from qc_pipeline.text.masking.mask import mask_identifier

FIELDS = (
    "number",
    "recording",
    "handler",
    "lead",
    "problem",
    "required",
    "due",
    "result",
    "called_back",
    "callback_number",
    "date",
)
WIDTHS = (8, 18, 12, 12, 40, 40, 12, 40, 10, 20, 12)
ASKED = ("result", "called_back", "callback_number", "date")


def sheet_name(language: str) -> str:
    return texts(language)["feedback_sheet"]


def labels(language: str) -> tuple[str, ...]:
    """The columns' heads, in the order of `FIELDS`."""
    return tuple(texts(language)[f"feedback.{field}"] for field in FIELDS)


def fill_sheet(
    sheet: Any,
    rows: Sequence[Sequence[str | int]],
    language: str,
    *,
    head: Any,
    text: Any,
    answer: Any,
) -> None:
    """Write header and rows into a worksheet, as texts; `head`, `text`, `answer` are formats."""
    for x, label in enumerate(labels(language)):
        sheet.write_string(0, x, label, head)
        sheet.set_column(x, x, WIDTHS[x])
    sheet.freeze_panes(1, 2)
    for y, row in enumerate(rows, start=1):
        for x, (name, value) in enumerate(zip(FIELDS, row, strict=True)):
            style = answer if name in ASKED else text
            if isinstance(value, int):
                sheet.write_number(y, x, value, style)
            else:
                sheet.write_string(y, x, value, style)


def sheet_rows(model: ReportModel) -> list[list[str | int]]:
    """What the audience's leads still have to answer, a line each; the answer is empty."""
    return [
        [
            f.number,
            mask_identifier(f.recording_id),
            f.who,
            f.lead,
            model.mask(f.what),
            model.mask(f.required),
            "" if f.due is None else f.due.isoformat(),
            *("" for _ in ASKED),
        ]
        for f in (*own(model), *former(model))
        if f.awaited and f.number
    ]
