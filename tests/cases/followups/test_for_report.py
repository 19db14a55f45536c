"""Follow-ups in the report: who, what, by when, what came of it – for each audience its own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.cases import sheets
from tests.fixtures import Clock
from tests.weeks import PERIOD, qc, qc_json

WANG, SUN = ("--as", "wang"), ("--as", "sun")


def open_one(folder: Path, recording: str, *words: str) -> None:
    qc(
        folder, "followup", "open", recording, "--problem", "客户 13812345678 要求回电",
        "--required", "回呼致歉", *words, *WANG,
    )  # fmt: skip


def report(folder: Path, audience: str | None = None) -> tuple[dict[str, Any], Path]:
    """The tables of the period's report, rows as dictionaries, and its folder."""
    words = ("report", "-p", PERIOD, "--no-audio")
    made = qc_json(folder, *words, *(("--audience", audience) if audience else ()))
    place = Path(made["report"]).parent
    body = json.loads((place / "report.json").read_text("utf-8"))
    return body, place


def rows(body: dict[str, Any], table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = body["tables"].get(table, {"rows": []})["rows"]
    return found


def sentences(body: dict[str, Any]) -> str:
    return " ".join(next(s["sentences"] for s in body["sections"] if s["id"] == "tracking"))


def test_the_report_tells_overdue_ones_first_and_the_rate(week: Path, clock: Clock) -> None:
    open_one(week, "r1", "--due", "2026-11-30")
    open_one(week, "r2")
    open_one(week, "r3")
    clock.set("2026-11-17T09:00:00")
    qc(
        week, "followup", "feedback", "2", "--result", "已致歉", "--called-back",
        "--callback-number", "HH-7", *SUN,
    )  # fmt: skip
    qc(week, "followup", "check", "2", *WANG)
    qc(week, "followup", "close", "2", *WANG)
    clock.set("2026-11-20T09:00:00")
    body, _ = report(week)
    found = rows(body, "tracking")
    assert [(r["agent"][:3], r["state"]) for r in found] == [
        ("坐席2", "逾期"), ("坐席1", "已办结"), ("坐席0", "待反馈"),
    ]  # fmt: skip
    done = found[1]
    assert done["what"] == "客户 138****5678 要求回电（要求：回呼致歉）"
    assert done["who"] == "坐席1（组长 孙组长）"
    assert (done["due"], done["callback_number"]) == ("2026-11-18", "HH-7")
    assert done["feedback"] == "已致歉（已回呼）"
    assert done["check"] == "11 月 17 日复核通过（王质检）"
    said = sentences(body)
    assert "本期需要跟踪 3 项。 逾期未反馈 1 项（含往期）。" in said
    assert "按时办结率 50.0%（2 项到期，1 项按时反馈）。" in said
    rate = [r for r in rows(body, "service") if r["figure"] == "跟踪问题办结率"]
    assert [(r["value"], r["base"]) for r in rate] == [("50.0%", 2)]


def test_each_audience_sees_its_own(week: Path, clock: Clock) -> None:
    open_one(week, "r3")
    open_one(week, "r4")
    assert len(rows(report(week)[0], "tracking")) == 2
    lead = rows(report(week, "lead:二组")[0], "tracking")
    assert [r["agent"][:3] for r in lead] == ["坐席3"]
    agent = rows(report(week, "agent:a2")[0], "tracking")
    assert [r["what"] for r in agent] == ["客户 138****5678 要求回电（要求：回呼致歉）"]
    body, place = report(week, "meeting")
    assert len(rows(body, "tracking")) == 2
    assert {r["who"] for r in rows(body, "tracking")} == {""}
    page = (place / "index.html").read_text("utf-8")
    assert "坐席2" not in page
    assert "13812345678" not in page


def test_the_leads_workbook_has_the_sheet_that_feedback_reads(
    published_week: Path, clock: Clock, tmp_path: Path
) -> None:
    body, place = report(published_week, "lead:二组")
    assert [r["what"] for r in rows(body, "tracking")] == [
        "触碰红线（已确认）：辱骂客户（要求：与坐席一同回听录音并面谈，联系客户致歉、补救，反馈处理结果）"
    ]
    book = CalamineWorkbook.from_path(str(place / "report.xlsx"))
    assert "问题跟踪反馈表" in book.sheet_names
    head, line = book.get_sheet_by_name("问题跟踪反馈表").to_python()
    assert head == sheets.HEAD
    assert line[:4] == [1, "r6", "坐席5", "吴组长"]
    # Whole as it is, and with the lead's answer in it.
    copy = tmp_path / "report.xlsx"
    shutil.copyfile(place / "report.xlsx", copy)
    words = ("followup", "feedback", "--file", str(copy), "--as", "wu")
    assert qc_json(published_week, *words)["unanswered"] == [1]
    line[7:11] = ["已面谈并回呼致歉", "是", "HH-1", "2026-11-16"]
    sheets.write(copy, [head, line])
    assert qc_json(published_week, *words)["kept"] == [1]
    others = CalamineWorkbook.from_path(str(report(published_week, "lead:一组")[1] / "report.xlsx"))
    assert "问题跟踪反馈表" not in others.sheet_names


def test_a_published_report_tells_how_it_stood_then(published_week: Path, clock: Clock) -> None:
    clock.set("2026-11-25T09:00:00")
    open_one(published_week, "r3")
    body, _ = report(published_week, "lead:二组")
    assert [r["state"] for r in rows(body, "tracking")] == ["待反馈"]
    assert rows(report(published_week, "lead:一组")[0], "tracking") == []
    assert qc_json(published_week, "followup", "list", "--state", "overdue")["overdue"] == 1


@pytest.fixture
def next_week(published_week: Path, clock: Clock) -> Path:
    """Another week in the same workspace: two calls of 二组, not scored."""
    with (published_week / "calls.csv").open("a", encoding="utf-8") as file:
        for n in (1, 2):
            file.write(f"n{n},n{n}.wav,2026-11-17T1{n}:00:00,a3,坐席3,二组,30\n")
    qc(published_week, "sample", "-p", "2026-W47")
    return published_week


def next_report(folder: Path, audience: str | None = None) -> dict[str, Any]:
    words = ("report", "-p", "2026-W47", "--no-audio")
    made = qc_json(folder, *words, *(("--audience", audience) if audience else ()))
    body: dict[str, Any] = json.loads(
        (Path(made["report"]).parent / "report.json").read_text("utf-8")
    )
    return body


def test_the_next_report_tells_what_is_left_of_earlier_weeks(next_week: Path, clock: Clock) -> None:
    clock.set("2026-11-23T09:00:00")
    found = rows(next_report(next_week), "earlier-tracking")
    assert [(r["period"], r["call"], r["state"]) for r in found] == [(PERIOD, "r6 坐席5", "逾期")]
    assert rows(next_report(next_week, "lead:一组"), "earlier-tracking") == []
    assert "r6 坐席5" not in json.dumps(next_report(next_week, "meeting"), ensure_ascii=False)
    qc(next_week, "followup", "feedback", "1", "--result", "已面谈", "--as", "wu")
    qc(next_week, "followup", "check", "1", *WANG)
    qc(next_week, "followup", "close", "1", *WANG)
    body = next_report(next_week)
    assert [r["state"] for r in rows(body, "earlier-tracking")] == ["已办结"]
    assert "按时办结率 0.0%（1 项到期，0 项按时反馈）" in sentences(body)
