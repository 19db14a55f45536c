"""申诉不加扣: who objects is not worse off for it, whatever is found besides."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from qc_pipeline.cases.appeals import workflow
from qc_pipeline.review.rejudge import Judge
from tests.cases.appeals.test_appeals import SUN, ZHAO, raise_one, with_a_covered_deduction
from tests.fixtures import Clock
from tests.weeks import PERIOD, RUBRIC, qc, qc_json, words_of

ADDED = ("review", "r3", "greeting", "--deduct", "20", "--at", "0:01-0:02", "--root", "skill",
         "--reason", "语速")  # fmt: skip
STATES = {
    "open": (),
    "taken": ("take", "1"),
    "upheld": ("decide", "1", "--upheld", "--reason", "属实"),
    "partly": ("decide", "1", "--partly", "--points", "10", "--reason", "语气"),
    "rejected": ("decide", "1", "--rejected", "--reason", "属实"),
}


@pytest.mark.parametrize("state", STATES)
def test_nothing_is_added_to_a_call_with_an_objection(published_week: Path, state: str) -> None:
    raise_one(published_week)
    if STATES[state]:
        qc(published_week, "appeal", *STATES[state], *ZHAO)
    before = qc_json(published_week, "show", "r3")
    for notice in ((), ("--notice", "补扣")):
        told = qc(published_week, *ADDED, *notice, "--as", "wang", expect=2).err
        assert "申诉不加扣" in told
        assert f"objection 1 to r3 taboo is {state}, and greeting would cost more" in told
        assert "a notice makes no difference" in told
    assert qc_json(published_week, "show", "r3") == before
    # The commands that the message names are the ones to type.
    for command in re.findall("`qc (.+?)`", told):
        words = [{"TEXT": "语速太快"}.get(word, word) for word in shlex.split(command)]
        qc(published_week, *words, "--as", "wang")
    assert "greeting" in qc(published_week, "coach", "list").out
    assert "r3" in qc(published_week, "followup", "list").out


def test_what_costs_less_or_nothing_more_is_taken_as_before(published_week: Path) -> None:
    raise_one(published_week)
    other = ("review", "r3", "taboo", "--overturn", "--reason", "复述", "--as", "wang")
    qc(published_week, *other)
    assert qc_json(published_week, "show", "r3")["total"] == 100
    # Another call of the period has no objection.
    elsewhere = ("review", "r1", *ADDED[2:])
    qc(published_week, *elsewhere, "--notice", "补扣", "--as", "wang")
    assert qc_json(published_week, "show", "r1")["total"] == 77.78  # 70 of 90


def test_a_withdrawn_objection_protects_no_more(published_week: Path) -> None:
    raise_one(published_week)
    qc(published_week, "appeal", "withdraw", "1", *SUN)
    qc(published_week, *ADDED, "--notice", "补扣", "--as", "wang")
    assert qc_json(published_week, "show", "r3")["total"] == 44.44  # 90 - 30 - 20 of 90


@pytest.mark.parametrize("state", STATES)
def test_no_words_and_no_rubric_lower_a_total_that_was_objected_to(
    published_week: Path, tmp_path: Path, state: str
) -> None:
    raise_one(published_week)
    if STATES[state]:
        qc(published_week, "appeal", *STATES[state], *ZHAO)
    before = qc_json(published_week, "show", "r3")
    file = words_of(published_week, "r3", ("您好请问", "喂请问"))
    words = ("rescore", "r3", "--words", str(file), "--reason", "再听", "--notice", "补扣", *ZHAO)
    told = qc(published_week, *words, expect=2).err
    assert "greeting would cost more" in told and "qc coach add a2 greeting" in told
    harder = tmp_path / "harder.yaml"
    harder.write_text(RUBRIC.replace("any: [您好]", "any: [您好呀]"), "utf-8")
    adopt = ("rescore", "r3", "--rubric", str(harder), "--adopt", "--reason", "新标准",
             "--notice", "补扣", *ZHAO)  # fmt: skip
    # What was answered is locked besides, whatever the total would be.
    why = "申诉不加扣" if state in ("open", "taken") else "taboo was decided by objection 1"
    assert why in qc(published_week, *adopt, expect=2).err
    assert qc_json(published_week, "show", "r3") == before
    # Words that do not lower the total count.
    file = words_of(published_week, "r3", ("您好请问", "您好啊请问"))
    qc(published_week, "rescore", "r3", "--words", str(file), "--reason", "再听", *ZHAO)
    assert qc_json(published_week, "show", "r3")["total"] == before["total"]


def test_an_answer_that_would_leave_the_call_worse_off_is_refused(
    published_week: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No answer does so by the rules (scoring/test_covered_criteria.py); the check is besides."""
    raise_one(published_week)
    before = qc_json(published_week, "show", "r3")
    again = Judge.again
    decide = ("appeal", "decide", "1", "--upheld", "--reason", "x", *ZHAO)
    monkeypatch.setattr(workflow.Judge, "again", lambda *args: replace(again(*args), total=66.66))
    told = qc(published_week, *decide, expect=2).err
    assert "r3 would be worse off, its total would be lower (66.67 → 66.66)" in told
    monkeypatch.setattr(
        workflow.Judge, "again", lambda *args: replace(again(*args), fatal=("abuse",))
    )
    assert "abuse would cost more" in qc(published_week, *decide, expect=2).err
    monkeypatch.undo()
    assert qc_json(published_week, "show", "r3") == before
    assert qc_json(published_week, "appeal", "list")["objections"][0]["state"] == "open"
    assert len(qc_json(published_week, "show", "r3", "--history")["decisions"]) == 1


def test_a_covered_deduction_that_a_person_confirmed_stays_covered_after_an_objection(
    week: Path, clock: Clock
) -> None:
    with_a_covered_deduction(week)
    qc(week, "review", "r3", "rude", "--confirm", "--root", "attitude", "--as", "wang")
    assert qc_json(week, "show", "r3")["total"] == 70
    clock.set("2026-11-17T09:00:00")
    raise_one(week)
    done = qc_json(week, "appeal", "decide", "1", "--upheld", "--reason", "复述", *ZHAO)
    assert done["total_after"] == 100
    # Nor does it count for what is decided elsewhere later.
    qc(week, "review", "r3", "promise", "--confirm", "--as", "wang")
    assert qc_json(week, "show", "r3")["total"] == 100


def test_a_corrected_rule_makes_nothing_else_count(week: Path) -> None:
    with_a_covered_deduction(week)
    rubric = week / "rubrics" / "mini.yaml"
    rubric.write_text(rubric.read_text("utf-8").replace("你听不懂吗, ", ""), "utf-8")
    done = qc_json(week, "rescore", "--criterion", "taboo", "-p", PERIOD, "--reason", "过严", *ZHAO)
    (changed,) = done["changed"]
    assert (changed["total_before"], changed["total_after"]) == (70, 100)


def test_a_corrected_rule_that_would_lower_a_published_total_is_left(week: Path) -> None:
    """Redistributed, a criterion that does not apply takes its points along, and what else was lost
    weighs more."""
    rubric = week / "rubrics" / "mini.yaml"
    text = rubric.read_text("utf-8").replace(
        "points: 100\npass_mark", "points: 100\nnot_applicable: redistribute\npass_mark"
    )
    for old, new in (
        ("points: 30\n", "points: 30\n        deduct: 3\n"),
        ("any: [给您回电]", "any: [给您回函]"),
        ("severity: major\n", "confirm: machine\n"),
    ):
        text = text.replace(old, new)
    rubric.write_text(text, "utf-8")
    qc(week, "score", "-p", PERIOD)
    qc(week, "review", "r6", "abuse", "--confirm", "--as", "wang")
    qc(week, "publish", PERIOD, "--as", "qian")
    # 90 count (tone nobody marked), 3 + 40 are lost: 47 of 90.
    assert qc_json(week, "show", "r3")["total"] == 52.22
    rubric.write_text(
        text.replace("deduct: 3\n", "deduct: 3\n        applies: {call: {agent_id: nobody}}\n"),
        "utf-8",
    )
    # Without taboo 60 count and 40 are lost: 20 of 60 are 33.33, which nobody is given.
    done = qc_json(
        week, "rescore", "--criterion", "taboo", "-p", PERIOD, "--reason", "不适用", *ZHAO
    )
    assert ([c["recording_id"] for c in done["changed"]], done["worse"]) == (["r4"], ["r3"])
    assert qc_json(week, "show", "r3")["total"] == 52.22
