"""An evening of listening at the terminal: whole calls, with every item of each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qc_pipeline.scoring.listened import is_listened
from qc_pipeline.scoring.scorecard import Scorecard, scorecard_from_json
from tests.weeks import PERIOD, qc, qc_json

WANG = ("--as", "wang")
QIAN = "钱经理"


def card(folder: Path, recording: str) -> Scorecard:
    return scorecard_from_json(qc_json(folder, "show", recording))


def lines(*answers: str) -> str:
    return "\n".join(answers) + "\n"


def test_queue_tells_the_calls_in_the_order_of_listening(week: Path) -> None:
    body = qc_json(week, "review")
    calls = body["calls"]
    whys = [c["why"] for c in calls]
    order = ["red_line", "complaint", "not_judged", "random", "targeted"]
    assert whys == sorted(whys, key=order.index)
    assert calls[0]["recording_id"] == "r6"  # abuse is a red line
    assert "abuse" in calls[0]["items"]
    assert "tone" in calls[0]["items"]  # the manual item of the same call, too
    picked = {p["recording_id"]: p for p in qc_json(week, "sample", "-p", PERIOD)["picks"]}
    for call in calls[1:]:
        if call["why"] in ("random", "targeted"):
            assert picked[call["recording_id"]]["relisten"]
    assert "whole calls wait to be listened to" in qc(week, "review").out


def test_call_is_listened_when_every_item_is_decided(week: Path) -> None:
    first = qc_json(week, "review")["calls"][0]
    assert not is_listened(card(week, first["recording_id"]))
    answers: list[str] = []
    for criterion in first["items"]:
        if criterion == "tone":
            answers += ["b", "4", "2", "语气生硬"]  # 不符合, four points, a skill, in words
        else:
            answers += ["c", "3", ""]  # 扣分属实, attitude, no words
    ran = qc(week, "review", "--listen", "--minutes", "1", *WANG, stdin=lines(*answers, ""))
    assert "约 1 通" in ran.out
    assert "扣分属实" in ran.out
    assert "神经病" in ran.out  # the words of the call stand there
    assert "▶ [" in ran.out
    assert f"{first['recording_id']} 已复听" in ran.out
    made = card(week, first["recording_id"])
    assert is_listened(made)
    results = {c.id: c for c in made.criteria()}
    assert (results["tone"].lost, results["tone"].decided_by) == (4, "person")
    kept = qc_json(week, "show", first["recording_id"], "--history")["decisions"]
    assert {d.get("root") for d in kept} == {"skill", "attitude"}
    assert first["recording_id"] not in [
        c["recording_id"] for c in qc_json(week, "review")["calls"]
    ]


def test_call_with_nothing_open_is_listened_by_saying_so(week: Path) -> None:
    for item in qc_json(week, "review")["items"]:
        qc(week, "review", item["recording_id"], item["criterion"], "--overturn",
           "--because", "rule", *WANG)  # fmt: skip
    calls = qc_json(week, "review")["calls"]
    # What the machine deducts by itself is a person's to decide in a listened call.
    deducted = [c for c in calls if c["items"]]
    answers: list[str] = []
    for call in calls:
        for kind in call["kinds"]:
            by_hand = kind in ("manual", "unheard", "unscorable")
            answers += ["f"] if by_hand else ["o", "1", "听写错了"]
        answers.append("")
    ran = qc(week, "review", "--listen", *WANG, stdin=lines(*answers))
    assert ran.out.count("已复听") == len(calls)
    assert qc_json(week, "review")["calls"] == []
    assert deducted == [] or all(is_listened(card(week, c["recording_id"])) for c in deducted)


def test_deduction_is_added_at_the_end_of_a_call(week: Path) -> None:
    first = qc_json(week, "review")["calls"][0]
    answers: list[str] = []
    for _ in first["items"]:
        answers += ["s"]
    answers += ["a", "taboo", "10", "0:03-0:04", "嘲讽", "3", "q"]
    ran = qc(week, "review", "--listen", *WANG, stdin=lines(*answers))
    assert "补扣哪一项" in ran.out
    assert "已退出" in ran.out
    found = {c.id: c for c in card(week, first["recording_id"]).criteria()}["taboo"]
    assert (found.verdict, found.lost, found.decided_by) == ("fail", 10, "person")
    assert found.evidence[0].start_s == 3.0


def test_end_of_a_call_takes_nothing_for_heard_but_an_empty_line(week: Path) -> None:
    first = qc_json(week, "review")["calls"][0]
    answers = ["s"] * len(first["items"])
    answers += ["?", "closing", "xyz", "a", "zzz", "taboo", "10", "0:03-0:04", "嘲讽", "3", "q"]
    qc(week, "review", "--listen", *WANG, stdin=lines(*answers))
    (kept,) = qc_json(week, "show", first["recording_id"], "--history")["decisions"]
    assert (kept["verdict"], kept["criterion"], kept["points"]) == ("deduct", "taboo", 10)


def test_second_inspector_is_told_before(week: Path) -> None:
    first = qc_json(week, "review")["calls"][0]
    qc(week, "review", "--listen", "--minutes", "1", *WANG, stdin="q\n")
    assert qc_json(week, "review")["calls"][0]["claimed_by"] == "王质检"
    ran = qc(week, "review", "--listen", "--minutes", "1", "--as", "qian", stdin="n\n")
    assert re.search(rf"{first['recording_id']} 已由 王质检 于 [\d-]{{10}} \d\d:\d\d 领取", ran.out)
    assert "▶" not in ran.out
    again = qc(week, "review", "--listen", "--minutes", "1", "--as", "qian", stdin="y\nq\n")
    assert "▶" in again.out
    assert qc_json(week, "review")["calls"][0]["claimed_by"] == QIAN
    assert "review.claim" in qc(week, "audit").out


def test_minutes_are_kept_and_told_before(week: Path) -> None:
    calls = qc_json(week, "review")["calls"]
    left, expected = 6.0, 0
    for call in calls:
        if expected and call["minutes"] > left:
            break
        left -= call["minutes"]
        expected += 1
    ran = qc(week, "review", "--listen", "--minutes", "6", *WANG, stdin="q\n")
    assert f"约 {expected} 通（共 {len(calls)} 通待听）" in ran.out
    assert "每通按时长的 1.5 倍加 2 分钟计" in ran.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--minutes", "5"), "--minutes N goes with"),
        (("--listen", "--minutes", "0"), "above 0"),
        (("--listen", "--page"), "not two of them"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    week: Path, words: tuple[str, ...], told: str
) -> None:
    assert told in qc(week, "review", *words, *WANG, expect=2).err


def test_input_that_ends_loses_nothing(week: Path) -> None:
    first = qc_json(week, "review")["calls"][0]
    answers = ("f",) if first["items"][0] == "tone" else ("c", "1", "好")
    said = qc(week, "review", "--listen", *WANG, stdin=lines(*answers), expect=2)
    assert "what was decided is kept" in said.err
    kept = qc_json(week, "show", first["recording_id"], "--history")["decisions"]
    assert len(kept) == 1


def test_red_line_that_was_not_heard_by_the_machine_is_a_persons(week: Path) -> None:
    call = next(c for c in qc_json(week, "review")["calls"] if "abuse" in c["items"][1:])
    answers: list[str] = []
    for other in qc_json(week, "review")["calls"]:
        if other["recording_id"] != call["recording_id"]:
            answers += ["s"] * len(other["items"]) + [""]
            continue
        for criterion in other["items"]:
            answers += ["b", "", "3", "骂人了"] if criterion == "abuse" else ["s"]
        break
    qc(week, "review", "--listen", *WANG, stdin=lines(*answers, "q"))
    made = card(week, call["recording_id"])
    assert made.fatal
    assert made.total == 0
