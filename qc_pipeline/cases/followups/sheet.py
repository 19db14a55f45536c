"""问题跟踪反馈表: the sheet on which leads report, written as XLSX or CSV and read back.

Reading tells everything that is wrong with it at once, each at its row; a line without any answer
is one that is not handled yet and is counted, not lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from qc_pipeline.call_fields import FALSE_WORDS, TRUE_WORDS
from qc_pipeline.errors import InputError, Problem, UsageError
from qc_pipeline.intake.named_table import NamedColumn, place_columns
from qc_pipeline.intake.table_file import Grid, read_grid
from qc_pipeline.report.words.catalog import LANGUAGES, in_every_language
from qc_pipeline.report.write.feedback_sheet import ASKED, fill_sheet, labels, sheet_name
from qc_pipeline.store.followups import Feedback, KeptFollowup
from qc_pipeline.system.files import csv_text, write_text
from qc_pipeline.text.masking.mask import mask, mask_identifier

MADE = datetime(2000, 1, 1)
"""The creation time in every workbook: the same follow-ups give the same bytes."""

READ_AS = (
    NamedColumn(key="number", names=("编号", "序号", "number"), needed=True),
    NamedColumn(key="recording", names=("录音编号", "录音", "recording")),
    NamedColumn(key="handler", names=("受理人", "handler")),
    NamedColumn(key="lead", names=("组长", "lead")),
    NamedColumn(key="result", names=("处理结果", "反馈结果", "结果", "result"), needed=True),
    NamedColumn(key="called_back", names=("是否回呼", "回呼", "calledback", "called_back")),
    NamedColumn(
        key="callback_number",
        names=("回呼服务编号", "回呼编号", "call-backservicenumber", "callback_number"),
    ),
    NamedColumn(key="date", names=("反馈日期", "处理日期", "日期", "date")),
)
"""What a sheet is read by; problem, requirement and last day stand in it to be read by people."""

_YES = TRUE_WORDS | {"已回呼", "回呼", "√", "called", "called back"}
_NO = FALSE_WORDS | {"未回呼", "×", "不需要", "无需回呼", "无需", "not called", "not called back"}
_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[T ].*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPlace:
    """A row of a file."""

    path: str
    line: int

    def problem(
        self, message: str, found: str | None = None, allowed: str | None = None
    ) -> Problem:
        said = None if found is None else repr(found)
        return Problem(path=self.path, line=self.line, message=message, found=said, allowed=allowed)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """A line as a lead filled it in; `row` as a spreadsheet counts."""

    row: int
    number: int
    recording_id: str
    feedback: Feedback


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackSheet:
    """`unanswered` are the numbers of lines without an answer, `unread` headers of columns that
    are none of the sheet's.
    """

    rows: tuple[SheetRow, ...]
    unanswered: tuple[int, ...]
    unread: tuple[str, ...]


def sheet_rows(found: Sequence[KeptFollowup], leads: Mapping[str, str]) -> list[list[str | int]]:
    """A line a follow-up under `labels`, its answer still empty; numbers and names are masked."""
    return [
        [
            item.number,
            mask_identifier(item.recording_id),
            item.handler,
            leads.get(item.team, ""),
            mask(item.problem),
            mask(item.required),
            "" if item.due is None else item.due.isoformat(),
            *("" for _ in ASKED),
        ]
        for item in found
    ]


def write_sheet(path: Path, rows: Sequence[Sequence[str | int]], language: str) -> None:
    """Write the sheet by the file's ending, .xlsx or .csv. Raises UsageError for another."""
    suffix = path.suffix.lower()
    if suffix not in (".xlsx", ".csv"):
        raise UsageError(f"{path}: the sheet is written as .xlsx or .csv")
    if suffix == ".csv":
        # The mark at the start tells spreadsheet programs that it is UTF-8.
        write_text(path, "\ufeff" + csv_text(labels(language), rows))
        return
    import xlsxwriter

    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    book = xlsxwriter.Workbook(
        part,
        {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"title": sheet_name(language), "created": MADE})
    fill_sheet(
        book.add_worksheet(sheet_name(language)),
        rows,
        language,
        head=book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF1F4"}),
        text=book.add_format({"valign": "top", "text_wrap": True}),
        answer=book.add_format({"valign": "top", "text_wrap": True, "bg_color": "#FFF8E1"}),
    )
    book.close()
    part.replace(path)


def read_sheet(path: Path, *, today: date) -> FeedbackSheet:
    """The answers on a filled-in sheet; a line without a date was handled `today`.

    Raises InputError with everything that is wrong, each at its row.
    """
    try:
        content = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        raise UsageError(f"no such file: {path}") from None
    grid = read_grid(
        path, content, what="a feedback sheet", sheets=in_every_language("feedback_sheet")
    )
    places, problems = place_columns(str(path), grid, READ_AS)
    if problems:
        raise InputError(problems)
    problems = [
        Problem(path=str(path), line=int(grid.rows[i]), message="has more cells than the header")
        for i in grid.long_rows
    ]
    rows: list[SheetRow] = []
    unanswered: list[int] = []
    first: dict[int, SheetRow] = {}
    for i, row in enumerate(int(r) for r in grid.rows):
        cells = {name: _cell(grid, at, i) for name, at in places.items()}
        told: list[Problem] = []
        made = _line(cells, SheetPlace(path=str(path), line=row), today, told)
        if made is not None and made.number in first:
            twice = f"follow-up {made.number} stands in row {first[made.number].row} too"
            told.append(SheetPlace(path=str(path), line=row).problem(twice))
        problems += told
        if made is None or told:
            continue
        first[made.number] = made
        if any(cells.get(name) for name in ASKED):
            rows.append(made)
        else:
            unanswered.append(made.number)
    if problems:
        raise InputError(problems)
    return FeedbackSheet(
        rows=tuple(rows), unanswered=tuple(unanswered), unread=_unread(grid, places)
    )


def _unread(grid: Grid, places: Mapping[str, int]) -> tuple[str, ...]:
    """Headers of columns that are none of the sheet's."""
    known = [label for language in LANGUAGES for label in labels(language)]
    own = {"".join(label.split()).lower() for label in known}
    return tuple(
        header
        for at, header in enumerate(grid.header)
        if header and at not in places.values() and "".join(header.split()).lower() not in own
    )


def _line(
    cells: Mapping[str, str], place: SheetPlace, today: date, told: list[Problem]
) -> SheetRow | None:
    """One line; what is wrong with it goes to `told`."""
    number = cells["number"]
    if not number.isdecimal():
        told.append(place.problem("its number is none", number, "the number of a follow-up"))
        return None
    if any(cells.get(name) for name in ASKED) and not cells["result"]:
        told.append(place.problem("the result is missing: say what was done"))
    day = _day(cells.get("date", ""), today)
    if day is None:
        told.append(place.problem("its date is none", cells["date"], "a day such as 2026-11-18"))
    word = cells.get("called_back", "").lower()
    if word and word not in _YES | _NO:
        told.append(place.problem("called back or not?", word, "是 or 否, yes or no"))
    return SheetRow(
        row=place.line,
        number=int(number),
        recording_id=cells.get("recording", ""),
        feedback=Feedback(
            result=cells["result"],
            called_back=None if not word else word in _YES,
            callback_number=cells.get("callback_number", ""),
            handler=cells.get("handler", ""),
            lead=cells.get("lead", ""),
            day=day or today,
        ),
    )


def _day(text: str, today: date) -> date | None:
    if not text:
        return today
    if len(text) == 5 and text.isdecimal():
        # A day in a cell without a date format: days of a spreadsheet's calendar.
        return date(1899, 12, 30) + timedelta(days=int(text))
    found = _DATE.fullmatch(text)
    try:
        return None if found is None else date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def _cell(grid: Grid, at: int, i: int) -> str:
    """A cell's text; the mark that keeps a spreadsheet from taking it for a formula goes."""
    text = str(grid.columns[at][i])
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@\t\r") else text
