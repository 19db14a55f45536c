"""report.xlsx: a sheet for each table, and sheets that team leads fill in and hand back.

A sheet whose rows are of calls has the recording's id (录音编号), masked as on the pages: what is
handed back is found by the page key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import Cell, Column, TableBlock
from qc_pipeline.report.model import Call, ReportModel, agent_label
from qc_pipeline.report.view import View
from qc_pipeline.report.write.feedback_sheet import fill_sheet, sheet_name, sheet_rows
from qc_pipeline.scoring.scorecard import CriterionResult

FORMATS = {
    "int": "0",
    "score": "0.00",
    "points": "0.##",
    "percent": "0.0%",
    "heat": "0%",
    "change": "+0.00;-0.00;0.00",
    "percent_change": "+0.0%;-0.0%;0.0%",
    "seconds": "0.0",
}
OBJECTION_COLUMNS = {
    "key": 14,
    "call": 14,
    "team": 12,
    "criterion_id": 18,
    "criterion": 26,
    "cost": 10,
    "period": 12,
    "reason": 44,
    "by": 14,
    "requested": 18,
    "next_shift": 14,
    "recording": 22,
}
"""The columns of the objection sheet with their widths; `objection_sheet` reads them again."""
TO_FILL = ("reason", "by", "requested", "next_shift")
SIGNOFF_COLUMNS = {
    "recording": 22,
    "key": 14,
    "call": 14,
    "agent": 14,
    "team": 12,
    "criterion_id": 18,
    "criterion": 26,
    "cost": 10,
    "period": 12,
    "answer": 18,
    "reason": 44,
    "signed_at": 18,
    "by": 14,
}
"""The columns of the sign-off sheet (签收单) with their widths."""
TO_SIGN = ("answer", "reason", "signed_at", "by")
MADE = datetime(2000, 1, 1)
"""The creation time written into every workbook: the same inputs give the same bytes."""


def write_workbook(view: View, path: Path) -> None:
    """Texts stay texts: nothing is taken for a formula, a link or a number.

    Its parts are made beside it, not in the system's folder for what is temporary: a job that dies
    meanwhile leaves no words where no purge looks for them.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(
        path,
        {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "tmpdir": str(path.parent),
        },
    )
    book.set_properties(
        {
            "title": view.title,
            "status": view.state_label,
            "comments": view.version_line or view.state_label,
            "created": MADE,
        }
    )
    styles: dict[str, Any] = {
        k: book.add_format({"num_format": f, "valign": "top"}) for k, f in FORMATS.items()
    }
    styles["text"] = book.add_format({"valign": "top", "text_wrap": True})
    styles["head"] = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF1F4"})
    taken: set[str] = set()
    calls = {call.page: call for call in view.calls}
    for section in view.sections:
        for block in section.blocks:
            if isinstance(block, TableBlock) and block.sheet:
                sheet = book.add_worksheet(_name(block.title, taken))
                _fill(sheet, _with_recordings(block, view.model, calls), styles)
    if view.model.inputs.final is None:
        _appeals(view, book, styles, taken)
        if view.model.audience.names_agents:
            _signoff(view, book, styles, taken)
    _follow_ups(view, book, styles, taken)
    book.close()


def _with_recordings(
    table: TableBlock, model: ReportModel, calls: Mapping[str, Call]
) -> TableBlock:
    """The table with the recording's id at the end of each row that leads to a call or is about
    one; as it stands where none does, or it has the ids.
    """
    label = model.words("col_recording")
    if any(c.label == label for c in table.columns) or not table.rows:
        return table
    named: list[str] = []
    for row in range(len(table.rows)):
        link = (table.links[row] if table.links else None) or ""
        call = calls.get(link.partition("#")[0])
        if call is None and table.about and table.about[row]:
            call = model.by_id.get(table.about[row])
        named.append("" if call is None else model.identifier(call))
    if not any(named):
        return table
    return replace(
        table,
        columns=(*table.columns, Column(key="recording", label=label)),
        rows=tuple((*row, name) for row, name in zip(table.rows, named, strict=True)),
        total=None if table.total is None else (*table.total, ""),
    )


def _fill(sheet: Any, table: TableBlock, styles: dict[str, Any]) -> None:
    for x, column in enumerate(table.columns):
        sheet.write_string(0, x, column.label, styles["head"])
        sheet.set_column(x, x, _width(table, x))
    sheet.freeze_panes(1, 1)
    for y, row in enumerate(table.rows, start=1):
        for x, value in enumerate(row):
            _put(sheet, y, x, value, table.columns[x], styles)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    if table.total is not None:
        for x, value in enumerate(table.total):
            _put(sheet, len(table.rows) + 1, x, value, table.columns[x], styles)


def _put(sheet: Any, y: int, x: int, value: Cell, column: Column, styles: dict[str, Any]) -> None:
    if value is None:
        sheet.write_string(y, x, "n/a", styles["text"])
    elif isinstance(value, str):
        if value:
            sheet.write_string(y, x, value[:32_000], styles["text"])
    else:
        sheet.write_number(y, x, value, styles.get(column.kind, styles["points"]))


def _width(table: TableBlock, x: int) -> float:
    longest = max(
        [_cells(table.columns[x].label) + 3]
        + [_cells(r[x]) if isinstance(r[x], str) else 8 for r in table.rows[:200]]
    )
    return float(min(max(longest + 2, 9), 48))


def _cells(text: object) -> int:
    """Columns a text takes: two a Chinese character."""
    return sum(2 if ord(c) > 0x2E7F else 1 for c in str(text))


def _name(title: str, taken: set[str]) -> str:
    """A sheet's name: at most 31 characters, none of those spreadsheets forbid, and its own."""
    plain = "".join(c for c in title if c not in "[]:*?/\\'")[:28].strip() or "sheet"
    name, n = plain, 2
    while name.lower() in taken:
        name, n = f"{plain[:26]} {n}", n + 1
    taken.add(name.lower())
    return name


def _follow_ups(view: View, book: Any, styles: dict[str, Any], taken: set[str]) -> None:
    """问题跟踪反馈表: what `qc followup feedback --file` reads; for those who hand it in."""
    model = view.model
    rows = sheet_rows(model) if model.audience.kind in ("manager", "lead") else []
    if not rows:
        return
    language = model.words.language
    fill_sheet(
        book.add_worksheet(_name(sheet_name(language), taken)),
        rows,
        language,
        head=styles["head"],
        text=styles["text"],
        answer=book.add_format({"bg_color": "#FFF8E1", "text_wrap": True, "valign": "top"}),
    )


def _appeals(view: View, book: Any, styles: dict[str, Any], taken: set[str]) -> None:
    """异议申请: what `qc appeal open --file` reads. One line a deduction; reasons are filled in."""
    t = view.model.words
    sheet = book.add_worksheet(_name(t("objection_sheet"), taken))
    fill = book.add_format({"bg_color": "#FFF8E1", "text_wrap": True, "valign": "top"})
    places = {key: x for x, key in enumerate(OBJECTION_COLUMNS)}
    for key, x in places.items():
        sheet.write_string(0, x, t(f"objection_{key}"), styles["head"])
        sheet.set_column(x, x, OBJECTION_COLUMNS[key])
    sheet.freeze_panes(1, 0)
    y = 1
    for call in view.calls:
        for result in call.results:
            if result.verdict != "fail" or result.trial:
                continue
            for x, text in enumerate(
                (
                    call.key,
                    formats.moment(call.recording.start_time),
                    call.team,
                    result.id,
                    result.title,
                )
            ):
                sheet.write_string(y, x, text, styles["text"])
            sheet.write_number(y, places["cost"], result.lost, styles["points"])
            period = view.model.inputs.period.name
            sheet.write_string(y, places["period"], period, styles["text"])
            named = view.model.identifier(call)
            sheet.write_string(y, places["recording"], named, styles["text"])
            for key in TO_FILL:
                sheet.write_blank(y, places[key], None, fill)
            y += 1
    if y > 1:
        sheet.autofilter(0, 0, y - 1, len(places) - 1)


def _signoff(view: View, book: Any, styles: dict[str, Any], taken: set[str]) -> None:
    """What agents sign: a line for each deduction, one for a call without any."""
    t = view.model.words
    sheet = book.add_worksheet(_name(t("signoff_sheet"), taken))
    fill = book.add_format({"bg_color": "#FFF8E1", "text_wrap": True, "valign": "top"})
    places = {key: x for x, key in enumerate(SIGNOFF_COLUMNS)}
    for key, x in places.items():
        sheet.write_string(0, x, t(f"signoff_{key}"), styles["head"])
        sheet.set_column(x, x, SIGNOFF_COLUMNS[key])
    sheet.freeze_panes(1, 0)
    y = 1
    for call in view.calls:
        lost = [r for r in call.results if r.verdict == "fail" and not r.trial]
        rows: list[CriterionResult | None] = [*lost] or [None]
        for result in rows:
            texts = {
                "recording": view.model.identifier(call),
                "key": call.key,
                "call": formats.moment(call.recording.start_time),
                "agent": agent_label(call.recording),
                "team": call.team,
                "criterion_id": "" if result is None else result.id,
                "criterion": "" if result is None else result.title,
                "period": view.model.inputs.period.name,
            }
            for key, text in texts.items():
                sheet.write_string(y, places[key], text, styles["text"])
            sheet.write_number(
                y, places["cost"], 0 if result is None else result.lost, styles["points"]
            )
            for key in TO_SIGN:
                sheet.write_blank(y, places[key], None, fill)
            y += 1
    if y > 1:
        answers = [t("signoff_agrees"), t("signoff_objects")]
        column = places["answer"]
        asked = {"validate": "list", "source": answers, "input_message": t("signoff_note")}
        sheet.data_validation(1, column, y - 1, column, asked)
        sheet.autofilter(0, 0, y - 1, len(places) - 1)
