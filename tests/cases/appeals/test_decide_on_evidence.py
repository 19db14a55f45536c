"""Decided on the evidence, then seen; the same mistake elsewhere; both sides told; agents sign."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.cases.appeals.test_appeals import SUN, ZHAO, raise_one
from tests.fixtures import Clock
from tests.weeks import CALLS, PERIOD, make_week, qc, qc_json

WANG, QIAN = ("--as", "wang"), ("--as", "qian")


def test_evidence_is_shown_before_and_the_score_after_the_answer(published_week: Path) -> None:
    raise_one(published_week)
    answers = "c\n客户在复述\n1\n\n"
    told = qc(published_week, "appeal", "decide", "1", "--ask", *ZHAO, stdin=answers).out
    before, _, after = told.partition("[w] 维持扣分")
    assert "异议 1：r3 服务禁语（30 分），孙组长：语境不同" in before
    assert "答复期限 2026-11-18" in before
    assert "坐席  你听不懂吗" in before
    assert "66.67" not in before
    assert "服务禁语：扣 30 → 0 分（不符合 → 符合）" in after
    assert "等级 不合格 → 合格" in after
    assert "总分 66.67 → 100.00" in after
    assert qc_json(published_week, "show", "r3")["total"] == 100


def test_what_was_seen_may_be_taken_back_once_and_the_audit_tells(published_week: Path) -> None:
    raise_one(published_week)
    answers = "c\n客户在复述\n1\nu\ng\n30\n10\n语气重\n1\n"
    told = qc(published_week, "appeal", "decide", "1", "--ask", *ZHAO, stdin=answers).out
    assert told.count("[u] 撤回重定（只此一次）") == 1
    assert "服务禁语：扣 30 → 10 分" in told
    assert qc_json(published_week, "show", "r3")["total"] == 88.89
    (made,) = qc_json(published_week, "appeal", "list")["objections"]
    assert [e["state"] for e in made["events"]] == ["partly"]
    shown = [
        x for x in qc_json(published_week, "audit")["lines"] if x["action"] == "objection.shown"
    ]
    assert [(x["what"]["outcome"], x["what"]["person"]) for x in shown] == [("upheld", "赵复核")]


def test_who_leaves_decides_nothing(published_week: Path) -> None:
    raise_one(published_week)
    told = qc(published_week, "appeal", "decide", "1", "--ask", *ZHAO, stdin="q\n").out
    assert "已退出，未作决定" in told
    (made,) = qc_json(published_week, "appeal", "list")["objections"]
    assert made["state"] == "open"
    told = qc(published_week, "appeal", "decide", "1", "--reason", "x", *ZHAO, expect=2).err
    assert "say one of --upheld, --partly, --rejected, or --ask" in told


def test_answer_tells_what_it_changed(published_week: Path) -> None:
    raise_one(published_week)
    done = qc_json(published_week, "appeal", "decide", "1", "--rejected", "--reason", "属实", *ZHAO)
    effect = done["effect"]
    assert effect["criteria"] == []
    assert (effect["total_before"], effect["total_after"]) == (66.67, 66.67)
    raise_one(published_week)
    partly = ("appeal", "decide", "2", "--partly", "--points", "5", "--reason", "轻", *QIAN)
    told = qc(published_week, *partly).out
    assert "服务禁语：扣 30 → 5 分（不符合 → 不符合）" in told
    assert "等级 不合格 → 合格" in told


def test_both_sides_are_told_in_files_to_send(published_week: Path) -> None:
    qc(published_week, "appeal", "open", "r3", "taboo", "--reason", "客户电话13812345678", *SUN)
    done = qc_json(published_week, "appeal", "decide", "1", "--rejected", "--reason", "属实", *ZHAO)
    agent, inspector = (Path(p).read_text("utf-8") for p in done["notices"])
    assert agent.startswith("致坐席 坐席2（抄送组长 孙组长）\n")
    assert inspector.startswith("致质检员 –\n")
    for text in (agent, inspector):
        assert "申诉 1的答复：驳回" in text
        assert "录音 r3（2026-W46），服务禁语" in text
        assert "答复（赵复核，2026-11-16）：属实" in text
        assert "可在 2026-11-18 前由组长提出二次申诉（仅一次，为最终结果）" in text
        assert "申诉不加扣" in text
        assert "13812345678" not in text
    raise_one(published_week)
    done = qc_json(published_week, "appeal", "decide", "2", "--rejected", "--reason", "属实", *QIAN)
    text = Path(done["notices"][0]).read_text("utf-8")
    assert "申诉 2（二次申诉）的答复：驳回" in text
    assert "此为最终结果。" in text


@pytest.fixture
def alike(tmp_path: Path, clock: Clock) -> Path:
    """r3 and three more calls with the same taboo words, one with other words."""
    more = {"s1": CALLS["r3"], "s2": CALLS["r3"], "s3": CALLS["r3"]}
    folder = make_week(tmp_path / "week", more=more)
    qc(folder, "review", "r6", "abuse", "--overturn", "--reason", "x", *WANG)
    qc(folder, "review", "r5", "promise", "--overturn", "--reason", "x", *WANG)
    clock.set("2026-11-16T09:00:00")
    qc(folder, "publish", PERIOD, *QIAN)
    raise_one(folder)
    return folder


def test_same_mistake_of_others_is_listed_and_taken_back_together_or_one_by_one(
    alike: Path,
) -> None:
    listing = ("appeal", "alike", "1")
    assert "was not upheld" in qc(alike, *listing, expect=2).err
    told = qc(alike, "appeal", "decide", "1", "--upheld", "--reason", "客户在复述", *ZHAO).out
    assert "同一规则本期另有 3 处相同扣分，是否一并复核？" in told
    found = qc_json(alike, *listing)
    assert [one["recording_id"] for one in found] == ["s1", "s2", "s3"]
    assert "s2  坐席7  扣 30 分  0:05.8 你听不懂吗" in qc(alike, *listing).out
    overturn = (*listing, "--overturn", *ZHAO)
    assert "give a reason" in qc(alike, *overturn, expect=2).err
    told = qc(alike, *overturn, "--only", "r1", "--reason", "x", expect=2).err
    assert "r1: no such deduction" in told
    qc(alike, *overturn, "--only", "s2", "--reason", "与申诉 1 相同")
    assert qc_json(alike, "show", "s2")["total"] == 100
    assert qc_json(alike, "show", "s1")["total"] == 66.67
    done = qc_json(alike, *overturn, "--reason", "与申诉 1 相同")
    assert [d["recording_id"] for d in done["decided"]] == ["s1", "s3"]
    assert "没有其他相同扣分" in qc(alike, *listing).out
    kept = qc_json(alike, "show", "s1", "--history")["decisions"][-1]
    assert (kept["source"], kept["verdict"], kept["person"]) == ("alike", "overturn", "赵复核")


def signoff_rows(folder: Path) -> list[list[Any]]:
    book = CalamineWorkbook.from_path(folder / "report" / PERIOD / "report.xlsx")
    return book.get_sheet_by_name("签收单").to_python()


def signed(folder: Path, answers: dict[tuple[str, str], tuple[str, str, str]]) -> Path:
    """The sheet as a lead hands it in: answer, reason and time by (recording, criterion)."""
    rows = [["" if c is None else str(c) for c in row] for row in signoff_rows(folder)]
    head = rows[0]
    at = {name: next(i for i, h in enumerate(head) if h.startswith(name)) for name in
          ("录音编号", "质检项编号", "签收答复", "异议理由", "签收时间")}  # fmt: skip
    for row in rows[1:]:
        row += [""] * (len(head) - len(row))
        answer = answers.get((row[at["录音编号"]], row[at["质检项编号"]]))
        if answer is not None:
            row[at["签收答复"]], row[at["异议理由"]], row[at["签收时间"]] = answer
    path = folder / "signed.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def test_agents_sign_item_by_item_and_what_they_object_to_is_asked_for(
    published_week: Path, clock: Clock
) -> None:
    rows = signoff_rows(published_week)
    assert {(r[0], r[5]) for r in rows[1:]} == {
        ("r1", ""), ("r2", "greeting"), ("r3", "taboo"), ("r4", ""), ("r5", "promise"),
        ("r6", "abuse"),
    }  # fmt: skip
    clock.set("2026-11-17T18:00:00")
    path = signed(
        published_week,
        {
            ("r1", ""): ("无异议", "", ""),
            ("r2", "greeting"): ("无异议", "", "2026-11-17 09:00"),
            ("r3", "taboo"): ("有异议", "客户先说的", "2026/11/17 09:05"),
            ("r5", "promise"): ("无异议", "", ""),
        },
    )
    words = ("appeal", "acknowledge", "--file", str(path), *SUN)
    body = qc_json(published_week, *words, expect=3)
    assert {k: body[k] for k in ("signed", "agrees", "objects", "requests", "known")} == {
        "signed": 4, "agrees": 2, "objects": 1, "requests": 1, "known": 0,
    }  # fmt: skip
    assert ["二组" in r["reason"] for r in body["refused"]] == [True]  # r5 is another team's
    (request,) = qc_json(published_week, "appeal", "list")["requests"]
    assert (request["recording_id"], request["requested_at"], request["reason"]) == (
        "r3", "2026-11-17T09:05:00+08:00", "客户先说的",
    )  # fmt: skip
    again = qc_json(published_week, *words, expect=3)
    assert (again["known"], again["requests"]) == (3, 0)
    (state,) = qc_json(published_week, "appeal", "acknowledge")
    assert state == {"period": PERIOD, "calls": 6, "signed": 3, "deemed": 0, "waiting": 3,
                     "due": "2026-11-18"}  # fmt: skip
    clock.set("2026-11-19T00:00:00")
    told = qc(published_week, "appeal", "acknowledge").out
    assert "签收：3 / 6 通；视为已知 3 通；待签收 0 通" in told
    assert "card.acknowledged" in qc(published_week, "audit").out


def test_one_call_is_signed_by_hand_and_wrong_answers_are_told(published_week: Path) -> None:
    words = ("appeal", "acknowledge", "r3", "taboo")
    assert "say one of --agrees, --objects" in qc(published_week, *words, *SUN, expect=2).err
    told = qc(published_week, *words, "--objects", *SUN, expect=3).out
    assert "needs a reason" in told
    assert (
        "有异议 1（转为申请 1）"
        in qc(published_week, *words, "--objects", "--reason", "x", *SUN).out
    )
    assert "无异议 1" in qc(published_week, "appeal", "acknowledge", "r1", "--agrees", *SUN).out
    told = qc(published_week, "appeal", "acknowledge", "r5", "--agrees", *SUN, expect=3).out
    assert "does not lead 二组" in told
    path = signed(published_week, {("r2", "greeting"): ("也许", "", "昨天")})
    told = qc(published_week, "appeal", "acknowledge", "--file", str(path), *SUN, expect=2).err
    assert "the answer is one of 无异议, agrees, 有异议, objects" in told
