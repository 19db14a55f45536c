"""Coaching: advice on one item of one call, and what the next week's calls say of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import Clock
from tests.weeks import FINE, PERIOD, qc, qc_json, transcript

WANG, SUN = ("--as", "wang"), ("--as", "sun")
NEXT = "2026-W47"
RUDE = (FINE[0], ("agent", "你听不懂吗"), FINE[2])


def advise(folder: Path, *words: str, agent: str = "a2", recording: str = "r3") -> Any:
    return qc_json(
        folder, "coach", "add", agent, "taboo", "--recording", recording, "--advice",
        "先致歉,再换一种说法解释", *(words or WANG),
    )  # fmt: skip


def next_week(folder: Path, calls: dict[str, tuple[str, str, Any]]) -> None:
    """Score another week: by recording its day, agent and words."""
    heard = folder / "heard2"
    heard.mkdir()
    with (folder / "calls.csv").open("a", encoding="utf-8") as file:
        for recording, (day, agent, lines) in calls.items():
            body = transcript(recording, lines, 0.98)
            text = json.dumps(body, ensure_ascii=False)
            (heard / f"{recording}.json").write_text(text, encoding="utf-8")
            row = f"{recording},{recording}.wav,{day}T10:00:00,{agent},坐席{agent[1:]},一组"
            file.write(f"{row},{body['duration_s']}\n")
    qc(folder, "sample", "-p", NEXT)
    qc(folder, "transcribe", "-p", NEXT, "--from", str(heard))
    qc(folder, "score", "-p", NEXT)


def told(folder: Path, audience: str | None = None) -> tuple[str, list[dict[str, Any]]]:
    """The sentence and the rows of the next report's part on coaching."""
    words = ("report", "-p", NEXT, "--no-audio")
    made = qc_json(folder, *words, *(("--audience", audience) if audience else ()))
    body = json.loads((Path(made["report"]).parent / "report.json").read_text("utf-8"))
    part = next((s for s in body["sections"] if s["id"] == "coaching"), None)
    if part is None:
        return "", []
    return part["sentences"][0], body["tables"]["coaching"]["rows"]


def test_advice_is_kept_with_its_place(week: Path, clock: Clock) -> None:
    made = advise(week)
    assert made["number"] == 1
    assert (made["agent_id"], made["criterion"], made["recording_id"]) == ("a2", "taboo", "r3")
    assert (made["coach"], made["way"], made["day"]) == ("王质检", "afterwards", "2026-11-16")
    # By default where the evidence stands: the second turn, two seconds after the first, which
    # begins at 1 s and lasts 11 characters of 0.25 s.
    assert made["start_s"] == 5.75
    online = advise(week, "--online", "--at", "3", "--date", "2026-11-12", *SUN)
    assert (online["way"], online["start_s"], online["day"]) == ("online", 3, "2026-11-12")
    line = qc_json(week, "audit", "--action", "coaching")["lines"][0]
    assert (line["action"], line["person"], line["what"]["criterion"]) == (
        "coaching.add", "王质检", "taboo",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("a1", "taboo", "--recording", "r3", "--advice", "x", *WANG), "r3 was taken by a2 坐席2"),
        (("a2", "tabo", "--recording", "r3", "--advice", "x", *WANG), 'did you mean "taboo"?'),
        (("a2", "taboo", "--recording", "r9", "--advice", "x", *WANG), "'r9' was not drawn"),
        (("a2", "taboo", "--recording", "r3", *WANG), "say what was advised: --advice TEXT"),
        (
            ("a2", "taboo", "--recording", "r3", "--advice", "x", "--at", "900", *WANG),
            "--at 900: the place is a second of the recording, 0 to",
        ),
        (
            ("a2", "taboo", "--recording", "r3", "--advice", "x", "--date", "2026-11-20", *WANG),
            "--date 2026-11-20 is still to come",
        ),
        (
            ("a2", "taboo", "--recording", "r3", "--advice", "x", "--date", "2026-11-01", *WANG),
            "--date 2026-11-01 is before the call (2026-11-11)",
        ),
        (
            ("a3", "taboo", "--recording", "r4", "--advice", "x", *SUN),
            "孙组长 does not lead 二组 of r4",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(
    week: Path, clock: Clock, words: tuple[str, ...], message: str
) -> None:
    refused = qc(week, "coach", "add", *words, expect=2).err
    assert message in refused
    assert refused.count("\n") == 1
    assert qc_json(week, "coach", "list")["coached"] == 0


def test_acknowledged_and_checked_by_a_person(week: Path, clock: Clock) -> None:
    advise(week)
    clock.set("2026-11-17T09:00:00")
    assert qc_json(week, "coach", "acknowledge", "1", *SUN)["state"] == "acknowledged"
    refused = qc(week, "coach", "acknowledge", "1", *SUN, expect=2).err
    assert "coaching 1 was acknowledged on 2026-11-17 (entered by 孙组长)" in refused
    assert qc_json(week, "coach", "list", "--unchecked")["coached"] == 1
    assert qc_json(week, "coach", "check", "1", "--again", *WANG)["state"] == "again"
    found = qc_json(week, "coach", "list")
    assert (found["coached"], found["checked"], found["again"]) == (1, 1, 1)
    assert qc_json(week, "coach", "check", "1", "--better", *WANG)["state"] == "better"
    text = qc(week, "coach", "list").out
    assert "1  [已改进]  a2  taboo  r3 0:05.8  2026-11-16  王质检: 先致歉" in text
    assert "coached 1, checked 1, lost points on the same item again 0" in text
    assert qc_json(week, "coach", "list", "--unchecked")["coached"] == 0
    assert "there is no coaching 7" in qc(week, "coach", "check", "7", *WANG, expect=2).err


def test_the_next_report_counts_who_was_coached_checked_and_failed_again(
    week: Path, clock: Clock
) -> None:
    clock.set("2026-11-17T09:00:00")
    advise(week)  # a2, of r3
    advise(week, agent="a1", recording="r2")
    advise(week, agent="a0", recording="r1")
    qc(week, "coach", "acknowledge", "1", *SUN)
    next_week(
        week,
        {
            "n1": ("2026-11-17", "a2", RUDE),  # the day of the coaching itself does not count
            "n2": ("2026-11-18", "a2", FINE),
            "n3": ("2026-11-19", "a2", RUDE),
            "n4": ("2026-11-19", "a1", FINE),
        },
    )
    clock.set("2026-11-23T09:00:00")
    said, rows = told(week)
    assert said == (
        "上期以来共辅导 3 人次，坐席已确认 1 人次；本期复查 2 人次，其中同一项目再次失分 1 人次。"
    )
    assert [(r["agent"], r["judged"], r["failed"], r["outcome"]) for r in rows] == [
        ("坐席2 a2", 2, 1, "同项再次失分"),
        ("坐席1 a1", 1, 0, "已改进"),
        ("坐席0 a0", 0, 0, "本期未涉及"),
    ]
    assert (rows[0]["title"], rows[0]["at"], rows[0]["way"]) == (
        "服务禁语",
        "r3 0:05",
        "事后辅导",
    )
    found = qc_json(week, "coach", "list")
    assert (found["coached"], found["checked"], found["again"]) == (3, 2, 1)
    assert found["coaching"][0]["next_period"] == {"period": NEXT, "judged": 2, "failed": 1}
    # It is told once, in the report of the period that checks it.
    qc(week, "report", "-p", PERIOD, "--no-audio")
    first = json.loads((week / "report" / PERIOD / "report.json").read_text("utf-8"))
    assert "coaching" not in first["tables"]


def test_what_a_person_heard_counts_where_no_call_was_judged(week: Path, clock: Clock) -> None:
    advise(week)
    next_week(week, {"n4": ("2026-11-19", "a1", FINE)})
    qc(week, "coach", "check", "1", "--again", "--reason", "复听另一通", *WANG)
    said, rows = told(week)
    assert "本期复查 1 人次，其中同一项目再次失分 1 人次" in said
    assert rows[0]["outcome"] == "同项再次失分"


def test_each_audience_sees_its_own_coaching(week: Path, clock: Clock) -> None:
    advise(week, "--advice", "客户 13812345678 的诉求先复述", *WANG)
    next_week(week, {"n2": ("2026-11-18", "a2", FINE)})
    assert len(told(week)[1]) == 1
    assert told(week)[1][0]["advice"] == "客户 138****5678 的诉求先复述"
    assert len(told(week, "lead:一组")[1]) == 1
    assert told(week, "lead:二组")[1] == []
    assert len(told(week, "agent:a2")[1]) == 1
    assert told(week, "agent:a1")[1] == []
    assert "a2" not in json.dumps(told(week, "meeting"), ensure_ascii=False)


def test_a_clerk_enters_a_coaching_for_the_coach(week: Path, clock: Clock) -> None:
    made = advise(week, "--as", "zhou", "--for", "wang")
    assert (made["coach"], made["for"]) == ("周副组长", "王质检")
