"""The objection sheet of report.xlsx: filled in by a lead, taken in by `qc appeal open --file`."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.weeks import PERIOD, qc, qc_json


def sheet_of(folder: Path) -> list[list[Any]]:
    book = CalamineWorkbook.from_path(folder / "report" / PERIOD / "report.xlsx")
    return book.get_sheet_by_name("异议申请").to_python()


def fill(rows: list[list[Any]], reasons: dict[str, str], path: Path) -> Path:
    """The sheet as a lead hands it in: in a workbook, behind another sheet."""
    head = rows[0]
    reason, criterion = head.index("异议理由（填写）"), head.index("质检项编号")
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("说明").write_string(0, 0, "请填写下一张表")
        sheet = book.add_worksheet("异议申请")
        for y, row in enumerate(rows):
            row = [*row, *[""] * (len(head) - len(row))]
            if y and row[criterion] in reasons:
                row[reason] = reasons[row[criterion]]
            sheet.write_row(y, 0, row)
    return path


def test_a_filled_sheet_opens_an_objection_a_line(published_week: Path, tmp_path: Path) -> None:
    rows = sheet_of(published_week)
    assert {r[3] for r in rows[1:]} == {"greeting", "taboo", "promise", "abuse"}
    path = fill(rows, {"greeting": "开头被截断", "taboo": "客户先说的"}, tmp_path / "filled.xlsx")
    out = qc(published_week, "appeal", "open", "--file", str(path), "--as", "sun").out
    assert "2 objections in the sheet = 2 opened + 0 open already + 0 refused" in out
    listed = qc_json(published_week, "appeal", "list")["objections"]
    assert [(o["recording_id"], o["criterion"], o["reason"]) for o in listed] == [
        ("r2", "greeting", "开头被截断"),
        ("r3", "taboo", "客户先说的"),
    ]
    again = qc(published_week, "appeal", "open", "--file", str(path), "--as", "sun").out
    assert "0 opened + 2 open already + 0 refused" in again


def test_lines_that_may_not_be_objected_to_keep_nobody_back(
    published_week: Path, tmp_path: Path
) -> None:
    rows = sheet_of(published_week)
    path = fill(rows, {"taboo": "客户先说的", "promise": "已回电"}, tmp_path / "filled.xlsx")
    body = json.loads(
        qc(
            published_week, "appeal", "open", "--file", str(path), "--as", "sun", "--json", expect=3
        ).out
    )
    assert [o["criterion"] for o in body["opened"]] == ["taboo"]
    line = 1 + next(i for i, r in enumerate(rows) if r[3] == "promise")
    assert [r["line"] for r in body["refused"]] == [line]
    assert "二组" in body["refused"][0]["reason"]


def test_a_sheet_is_handed_in_for_the_name_in_it(published_week: Path, tmp_path: Path) -> None:
    rows = sheet_of(published_week)
    line = next(r for r in rows if r[3] == "taboo")
    path = tmp_path / "filled.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(rows[0])
        writer.writerow([*line[:7], "客户先说的", "孙组长"])
    command = ("appeal", "open", "--file", str(path))
    assert "say who you are with --as NAME" in qc(published_week, *command, expect=3).out
    made = qc_json(published_week, *command, "--as", "wang")["opened"]
    assert [(o["recording_id"], o["by"], o["for"]) for o in made] == [("r3", "王质检", "孙组长")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("工号,分数\n1,2\n", "no column '页面编号': not an objection sheet"),
        ("页面编号,质检项编号,异议理由\nffff,taboo,听错\n", "no call of this page in any period"),
        ("页面编号,质检项编号,异议理由\nffff,,听错\n", "names no criterion"),
        ("页面编号,质检项编号,异议理由\nffff,taboo,\n", "no line has a reason"),
    ],
)
def test_a_sheet_that_cannot_be_read_changes_nothing(
    published_week: Path, tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(text, encoding="utf-8")
    found = qc(published_week, "appeal", "open", "--file", str(path), "--as", "sun", expect=2)
    assert message in found.err and "sheet.csv" in found.err
    assert qc_json(published_week, "appeal", "list")["objections"] == []


def test_file_and_recording_together_are_refused(published_week: Path) -> None:
    words = ("appeal", "open", "r3", "taboo", "--file", "x.xlsx")
    assert "leave REC and --reason out" in qc(published_week, *words, expect=2).err
    assert "name REC and CRITERION" in qc(published_week, "appeal", "open", expect=2).err
