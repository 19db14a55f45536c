"""Follow-ups as QA opens and checks them and a lead answers them, by command and by sheet."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.cases.followups.sheet import read_sheet
from tests.cases import sheets
from tests.fixtures import Clock
from tests.weeks import PERIOD, qc, qc_json

WANG, LI = ("--as", "wang"), ("--as", "li")
SUN = ("--as", "sun")  # leads 一组: r1, r2, r3
WU = ("--as", "wu")  # leads 二组, and is a reviewer
# The clock stands at Monday, 16 November 2026, 09:00: due after two working days, Wednesday.


def open_one(folder: Path, recording: str = "r3", *words: str) -> Any:
    return qc_json(
        folder, "followup", "open", recording, "--problem", "客户不满", "--required", "回呼致歉",
        *words, *WANG,
    )  # fmt: skip


def followups(folder: Path, *words: str) -> Any:
    return qc_json(folder, "followup", "list", *words)


def test_from_opening_to_closing(week: Path, clock: Clock) -> None:
    made = open_one(week)
    assert (made["number"], made["state"], made["due"]) == (1, "waiting", "2026-11-18")
    assert (made["group"], made["handler"], made["rules"]) == ("一组", "坐席2", ["hand"])
    clock.set("2026-11-17T15:00:00")
    given = qc_json(
        week, "followup", "feedback", "1", "--result", "已致歉并补发短信", "--called-back",
        "--callback-number", "HH20261117-003", *SUN,
    )  # fmt: skip
    assert given["state"] == "to_check"
    assert given["feedback"] == {
        "result": "已致歉并补发短信",
        "called_back": True,
        "callback_number": "HH20261117-003",
        "handler": "坐席2",
        "lead": "孙组长",
        "day": "2026-11-17",
    }
    early = qc(week, "followup", "close", "1", *WANG, expect=2).err
    assert "follow-up 1: not checked yet (`qc followup check`)" in early
    assert qc_json(week, "followup", "check", "1", *WANG)["state"] == "checked"
    closed = qc_json(week, "followup", "close", "1", *LI)
    assert [(e["state"], e["person"]) for e in closed["events"]] == [
        ("to_check", "孙组长"),
        ("checked", "王质检"),
        ("closed", "李质检"),
    ]
    found = followups(week)
    assert found["on_time"] == {"part": 1, "whole": 1, "share": 1.0}
    assert "[已办结]" in qc(week, "followup", "list").out
    again = qc(week, "followup", "close", "1", *LI, expect=2).err
    assert "follow-up 1 is closed since 2026-11-17 by 李质检" in again
    actions = [
        (x["action"], x["person"]) for x in qc_json(week, "audit", "--action", "followup")["lines"]
    ]
    assert actions == [
        ("followup.open", "王质检"),
        ("followup.to_check", "孙组长"),
        ("followup.checked", "王质检"),
        ("followup.closed", "李质检"),
    ]


def test_what_is_sent_back_gets_a_new_last_day(week: Path, clock: Clock) -> None:
    open_one(week)
    feedback = ("followup", "feedback", "1", "--result", "已处理", *SUN)
    qc(week, *feedback)
    send = ("followup", "check", "1", "--send-back", *WANG)
    assert "say what is missing: --reason TEXT" in qc(week, *send, expect=2).err
    clock.set("2026-11-20T10:00:00")  # Friday; two working days on is Tuesday
    back = qc_json(week, *send, "--reason", "没有回呼客户")
    assert (back["state"], back["due"]) == ("sent_back", "2026-11-24")
    assert "[退回]" in qc(week, "followup", "list").out
    assert "没有回呼客户" in qc(week, "followup", "list").out
    # The very same report again is a new one: it was sent back in between.
    assert qc_json(week, *feedback)["state"] == "to_check"


def test_whoever_gave_the_feedback_or_leads_the_group_does_not_check_it(week: Path) -> None:
    open_one(week, "r4")  # 二组
    qc(week, "followup", "feedback", "1", "--result", "已处理", "--as", "qian")
    refused = qc(week, "followup", "check", "1", "--as", "qian", expect=2).err
    assert "钱经理 gave the feedback: somebody else checks and closes it" in refused
    refused = qc(week, "followup", "check", "1", *WU, expect=2).err
    assert "吴组长 leads 二组: somebody else checks and closes it" in refused
    refused = qc(week, "followup", "check", "1", "--as", "wang", "--for", "qian", expect=2).err
    assert "钱经理 gave the feedback" in refused


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("open", "r3", *WANG), "say what is to be followed up: --problem TEXT"),
        (("open", *WANG), "say which: `qc followup open REC`"),
        (("open", "r9", "--problem", "x", *WANG), "'r9' was not drawn in any period"),
        (("open", "r3", "--problem", "x", *SUN), "孙组长 may not do this"),
        (("open", "r3", "--problem", "x", "--due", "2026-11-13", *WANG), "2026-11-13 is over"),
        (("open", "r3", "--problem", "x", "--due", "soon", *WANG), "--due takes a day such as"),
        (("feedback", "7", "--result", "x", *SUN), "there is no follow-up 7"),
        (("feedback", "1", *SUN), "follow-up 1 has no result: say what was done"),
        (("feedback", "1", "--result", "x", *WU), "吴组长 does not lead 一组 of follow-up 1"),
        (("feedback", "1", "--result", "x", *WANG), "王质检 may not do this"),
        (
            ("feedback", "1", "--result", "x", "--date", "2026-11-17", *SUN),
            "2026-11-17 is still to come",
        ),
        (
            ("feedback", "1", "--result", "x", "--date", "2026-11-01", *SUN),
            "2026-11-01 is before the call (2026-11-11)",
        ),
        (("feedback", *SUN), "`qc followup feedback --file SHEET`"),
        (("check", "1", *WANG), "follow-up 1: no feedback yet"),
        (("close", "1", *WANG), "follow-up 1: no feedback yet"),
        (("list", "--state", "late"), "--state late: allowed are"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(
    week: Path, clock: Clock, words: tuple[str, ...], message: str
) -> None:
    open_one(week)
    refused = qc(week, "followup", *words, expect=2).err
    assert message in refused
    assert refused.count("\n") == 1
    assert [f["state"] for f in followups(week)["followups"]] == ["waiting"]


def test_overdue_ones_stand_first_and_count_against_the_rate(week: Path, clock: Clock) -> None:
    open_one(week, "r1", "--due", "2026-11-30")
    open_one(week, "r2")
    open_one(week, "r3", "--due", "2026-11-17")
    open_one(week, "r4")
    qc(week, "followup", "feedback", "4", "--result", "已处理", *WU)
    clock.set("2026-11-18T23:59:00")
    states = [(f["number"], f["state"]) for f in followups(week)["followups"]]
    assert states == [(3, "overdue"), (2, "waiting"), (4, "to_check"), (1, "waiting")]
    clock.set("2026-11-19T00:01:00")
    found = followups(week)
    states = [(f["number"], f["state"]) for f in found["followups"]]
    assert states == [(3, "overdue"), (2, "overdue"), (4, "to_check"), (1, "waiting")]
    assert found["overdue"] == 2
    assert [f["number"] for f in followups(week, "--state", "overdue")["followups"]] == [3, 2]
    # Answered late, number 3 counts as missed when it is closed; 4 was answered in time.
    qc(week, "followup", "feedback", "3", "--result", "已处理", *SUN)
    for number in ("3", "4"):
        qc(week, "followup", "check", number, *WANG)
        qc(week, "followup", "close", number, *WANG)
    found = followups(week)
    assert found["on_time"] == {"part": 1, "whole": 3, "share": pytest.approx(1 / 3)}
    text = qc(week, "followup", "list").out
    assert text.splitlines()[0].startswith("2  [逾期]  2026-W46  r2  一组 坐席1, due 2026-11-18")
    assert "4 follow-ups, overdue 1, answered in time 33% (1 of 3)" in text


def test_last_days_skip_days_off(week: Path, clock: Clock) -> None:
    clock.set("2027-01-01T09:00:00")  # New Year's Day, Friday; the calendar is plain weekdays
    with (week / "qc.toml").open("a", encoding="utf-8") as file:
        file.write('\n[calendar]\ncountry = "none"\nholidays = [2027-01-04]\n')
    assert open_one(week)["due"] == "2027-01-06"


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_sheet_goes_out_and_comes_back(
    week: Path, clock: Clock, tmp_path: Path, kind: str
) -> None:
    open_one(week, "r1")
    open_one(week, "r2")
    open_one(week, "r4")
    path = tmp_path / f"反馈.{kind}"
    out = qc(week, "followup", "list", "--group", "一组", "--sheet", str(path)).out
    assert "wrote 2 follow-ups that wait for feedback" in out
    rows = sheets.read(path)
    assert rows[0] == sheets.HEAD
    assert [str(c) for c in rows[1]][1:8] == [
        "r1", "坐席0", "孙组长", "客户不满", "回呼致歉", "2026-11-18", "",
    ]  # fmt: skip
    clock.set("2026-11-17T10:00:00")
    sheets.fill(path, {1: ("已回呼致歉", "是", "HH-001", "2026/11/17")})
    done = qc(week, "followup", "feedback", "--file", str(path), *SUN).out
    assert done == "kept 1 (1), known already 0, without an answer 1 (2)\n"
    given = followups(week, "--state", "to_check")["followups"]
    assert [f["number"] for f in given] == [1]
    assert given[0]["feedback"] == {
        "result": "已回呼致歉",
        "called_back": True,
        "callback_number": "HH-001",
        "handler": "坐席0",
        "lead": "孙组长",
        "day": "2026-11-17",
    }
    # Taken in twice it is one report; what was added since is taken in.
    sheets.fill(path, {2: ("无需回呼,已更正工单", "否", "", datetime(2026, 11, 17))})
    if kind == "csv":
        sheets.fill(path, {2: ("无需回呼,已更正工单", "否", "", "2026-11-17")})
    done = qc_json(week, "followup", "feedback", "--file", str(path), *SUN)
    assert (done["kept"], done["known"], done["unanswered"]) == ([2], [1], [])
    second = followups(week)["followups"][1]["feedback"]
    assert (second["called_back"], second["day"]) == (False, "2026-11-17")
    # A closed one that comes back unchanged on the sheet is known, too.
    qc(week, "followup", "check", "1", *WANG)
    qc(week, "followup", "close", "1", *WANG)
    done = qc_json(week, "followup", "feedback", "--file", str(path), *SUN)
    assert (done["kept"], done["known"]) == ([], [1, 2])


def test_bad_rows_are_all_told_with_their_rows_and_nothing_is_kept(
    week: Path, clock: Clock, tmp_path: Path
) -> None:
    for recording in ("r1", "r2", "r3", "r4"):
        open_one(week, recording)
    for number in ("1",):
        qc(week, "followup", "feedback", number, "--result", "已处理", *SUN)
        qc(week, "followup", "check", number, *WANG)
        qc(week, "followup", "close", number, *WANG)

    def row(number: Any, recording: str, *answer: str) -> list[Any]:
        return [number, recording, "", "", "", "", "", *answer]

    path = sheets.write(
        tmp_path / "bad.xlsx",
        [
            sheets.HEAD,
            row(1, "r1", "又处理了", "是", "HH-1", "2026-11-16"),  # 2: closed
            row(2, "r3", "已处理", "", "", ""),  # 3: another recording
            row("二", "r2", "已处理", "", "", ""),  # 4: no number
            row(3, "r3", "", "是", "HH-2", ""),  # 5: no result
            row(9, "r9", "已处理", "", "", ""),  # 6: no such follow-up
            row(4, "r4", "已处理", "大概", "", "十一月"),  # 7: two faults, another group's
            ["", "", "", "", "", "", "", "", "", "", ""],
            row(2, "r2", "已处理", "", "", "2026-11-20"),  # 9: twice and to come
        ],
    )
    refused = qc(week, "followup", "feedback", "--file", str(path), *SUN, expect=2).err
    lines = refused.splitlines()
    assert lines == [
        f"{path}:4: its number is none; found '二'; allowed: the number of a follow-up",
        f"{path}:5: the result is missing: say what was done",
        f"{path}:7: called back or not?; found '大概'; allowed: 是 or 否, yes or no",
        f"{path}:7: its date is none; found '十一月'; allowed: a day such as 2026-11-18",
        f"{path}:9: follow-up 2 stands in row 3 too",
    ]
    rows = sheets.read(path)
    rows[3][0], rows[4][7], rows[6][8:11] = 3, "", ["", "", ""]
    rows[4] = row(3, "r3", "", "", "", "")
    rows[3] = row(8, "", "已处理", "", "", "")
    sheets.write(path, rows[:8])
    refused = qc(week, "followup", "feedback", "--file", str(path), *SUN, expect=2).err
    assert refused.splitlines() == [
        f"{path}:2: follow-up 1 is closed: it takes no feedback",
        f"{path}:3: follow-up 2 is about r2, not r3",
        f"{path}:4: there is no follow-up 8; `qc followup list` shows them",
        f"{path}:6: there is no follow-up 9; `qc followup list` shows them",
        f"{path}:7: 孙组长 does not lead 二组 of follow-up 4: "
        "feedback comes through the group's lead",
    ]
    states = {f["number"]: f["state"] for f in followups(week)["followups"]}
    assert states == {1: "closed", 2: "waiting", 3: "waiting", 4: "waiting"}


def test_headers_may_be_in_any_order_and_unknown_ones_are_told(
    week: Path, clock: Clock, tmp_path: Path
) -> None:
    open_one(week)
    path = sheets.write(tmp_path / "own.csv", [["备注", "Result", "Number"], ["x", "已处理", "1"]])
    done = qc(week, "followup", "feedback", "--file", str(path), *SUN)
    assert done.out == "kept 1 (1), known already 0, without an answer 0\n"
    assert "the column '备注' is none of the sheet's and was not read" in done.err
    path = sheets.write(tmp_path / "none.csv", [["编号", "处理结国"], ["1", "已处理"]])
    refused = qc(week, "followup", "feedback", "--file", str(path), *SUN, expect=2).err
    assert (
        f"{path}:1: no column '处理结果'; found 编号, 处理结国; allowed: 处理结果, 反馈" in refused
    )
    assert 'did you mean "处理结国"?' in refused
    gone = tmp_path / "gone.xlsx"
    refused = qc(week, "followup", "feedback", "--file", str(gone), *SUN, expect=2).err
    assert refused == f"no such file: {gone}\n"
    (tmp_path / "note.pdf").write_bytes(b"%PDF")
    odd = str(tmp_path / "note.pdf")
    refused = qc(week, "followup", "feedback", "--file", odd, *SUN, expect=2).err
    assert "a feedback sheet is one of .csv" in refused
    refused = qc(week, "followup", "list", "--sheet", odd, expect=2).err
    assert "the sheet is written as .xlsx or .csv" in refused


def test_days_are_read_however_they_are_written(tmp_path: Path) -> None:
    written = ["2026-11-17", "2026/11/17", "2026.11.17", "2026年11月17日", "20261117", "46343"]
    written.append("2026-11-17T00:00:00")
    path = sheets.write(
        tmp_path / "days.csv",
        [["编号", "处理结果", "反馈日期"], *([n, "x", day] for n, day in enumerate(written, 1))],
    )
    found = read_sheet(path, today=date(2026, 11, 30)).rows
    assert [r.feedback.day for r in found] == [date(2026, 11, 17)] * len(written)


def test_a_sheet_shows_no_numbers_and_no_formula(week: Path, clock: Clock, tmp_path: Path) -> None:
    qc(
        week, "followup", "open", "r3", "--problem", "=1+1 客户 13812345678 不满", "--required",
        "-回电", *WANG,
    )  # fmt: skip
    path = tmp_path / "sheet.csv"
    qc(week, "followup", "list", "--sheet", str(path))
    text = path.read_text("utf-8-sig")
    assert "13812345678" not in text
    assert "'=1+1 客户 138****5678 不满" in text
    assert "'-回电" in text
    book = tmp_path / "sheet.xlsx"
    qc(week, "followup", "list", "--sheet", str(book))
    assert sheets.read(book)[1][4] == "=1+1 客户 138****5678 不满"
    sheets.fill(path, {1: ("'=已处理", "", "", "")})
    qc(week, "followup", "feedback", "--file", str(path), *SUN)
    assert followups(week)["followups"][0]["feedback"]["result"] == "=已处理"
    exported = qc_json(week, "audit", "--action", "export")["lines"]
    assert [x["what"]["followups"] for x in exported] == [[1], [1]]


def test_a_deputy_or_clerk_hands_in_for_the_lead(week: Path, clock: Clock) -> None:
    open_one(week)
    qc(week, "followup", "feedback", "1", "--result", "已处理", "--as", "zhou")
    qc(week, "followup", "check", "1", "--as", "li", "--for", "zhao")
    events = followups(week)["followups"][0]["events"]
    assert [(e["person"], e["for"]) for e in events] == [
        ("周副组长", "孙组长"),
        ("李质检", "赵复核"),
    ]


def test_a_period_and_a_group_narrow_the_list(week: Path, clock: Clock) -> None:
    open_one(week, "r3")
    open_one(week, "r4")
    assert [f["number"] for f in followups(week, "--group", "二组")["followups"]] == [2]
    assert followups(week, "-p", "2026-W45")["followups"] == []
    assert len(followups(week, "-p", PERIOD)["followups"]) == 2
    assert followups(week, "-p", "2026-W45")["on_time"]["share"] is None


def test_numbers_are_masked_unless_somebody_with_a_role_asks(week: Path, clock: Clock) -> None:
    words = ("--problem", "客户 13812345678 要求回电", "--required", "回呼")
    made = qc_json(week, "followup", "open", "r3", *words, *WANG)
    assert made["problem"] == "客户 138****5678 要求回电"
    assert "13812345678" not in qc(week, "followup", "list").out
    assert "13812345678" in qc(week, "followup", "list", "--unmasked", *SUN).out
    (found,) = followups(week, "--unmasked", *WANG)["followups"]
    assert found["problem"] == "客户 13812345678 要求回电"
    looks = qc_json(week, "audit", "--action", "look.followups")["lines"]
    assert [x["person"] for x in looks] == ["孙组长", "王质检"]
    refused = qc(week, "followup", "list", "--unmasked", expect=2).err
    assert "say who you are with --as NAME" in refused
