"""A feedback sheet as a lead fills it in with a spreadsheet program."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

HEAD = [
    "编号", "录音编号", "受理人", "组长", "问题", "处理要求", "完成期限", "处理结果", "是否回呼",
    "回呼服务编号", "反馈日期",
]  # fmt: skip


def read(path: Path) -> list[list[Any]]:
    """The cells of a sheet, header first."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()


def write(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)
        return path
    book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("问题跟踪反馈表")
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            if value != "":
                sheet.write(y, x, value)
    book.close()
    return path


def fill(path: Path, answers: dict[int, Sequence[Any]]) -> Path:
    """Write answers (result, called back, call-back service number, date) by number."""
    rows = [list(r) for r in read(path)]
    for row in rows[1:]:
        if int(row[0]) in answers:
            row[7:11] = answers[int(row[0])]
    return write(path, rows)
