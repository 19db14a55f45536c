"""Decisions beyond the machine's findings: added, excused, with what lies behind, many at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from qc_pipeline.scoring.decisions import Decision, decisions_sha256
from tests.review.test_decide import WANG, decisions_file, verdict
from tests.weeks import PERIOD, make_week, qc, qc_json


def decision(**values: object) -> Decision:
    body = {"criterion": "greeting", "person": "wang", "at": "2026-11-16T09:00:00+08:00"}
    return Decision.model_validate(body | values)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"verdict": "deduct", "points": 5.0}, "says where it is heard"),
        ({"verdict": "deduct", "points": 0.0, "place_s": (1, 2)}, "more than 0 points"),
        ({"verdict": "deduct", "place_s": (1, 2)}, "'points' stands with"),
        ({"verdict": "deduct", "points": 5.0, "place_s": (3, 2)}, "the end not before it"),
        ({"verdict": "confirm", "place_s": (1, 2)}, "nothing else does"),
        ({"verdict": "overturn", "root": "skill"}, "a deduction that stands"),
        ({"verdict": "exempt", "points": 5.0}, "and only there"),
    ],
)
def test_decision_that_does_not_fit_together_is_refused(
    values: dict[str, object], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        decision(**values)


def test_decisions_of_before_keep_their_hash() -> None:
    old = decision(verdict="confirm")
    assert old.as_json().keys() == {
        "criterion", "verdict", "person", "at", "reason", "points", "cause",
    }  # fmt: skip
    named = decision(verdict="confirm", root="skill")
    assert named.as_json() == old.as_json() | {"root": "skill"}
    assert decisions_sha256([named]) != decisions_sha256([old])


def test_deduction_that_the_machine_had_not_found_is_added_at_its_place(week: Path) -> None:
    assert verdict(week, "r1", "taboo")[0] == "pass"
    before = qc_json(week, "show", "r1")["points_lost"]
    qc(week, "review", "r1", "taboo", "--deduct", "10", "--at", "0:03-0:05.5",
       "--reason", "语气中带嘲讽", "--root", "attitude", *WANG)  # fmt: skip
    assert verdict(week, "r1", "taboo") == ("fail", 10, "person")
    card = qc_json(week, "show", "r1")
    (found,) = (c for s in card["sections"] for c in s["criteria"] if c["id"] == "taboo")
    (place,) = found["evidence"]
    assert (place["kind"], place["start_s"], place["end_s"]) == ("heard", 3.0, 5.5)
    assert card["points_lost"] == before + 10
    (kept,) = qc_json(week, "show", "r1", "--history")["decisions"]
    assert (kept["verdict"], kept["root"], kept["place_s"]) == ("deduct", "attitude", [3.0, 5.5])
    assert "语气中带嘲讽" in qc(week, "show", "r1").out


def test_no_call_has_a_place_after_its_end(week: Path) -> None:
    told = qc(week, "review", "r1", "taboo", "--deduct", "5", "--at", "9:10-9:12", "--reason", "x",
              *WANG, expect=2).err  # fmt: skip
    assert "beyond the end of the call" in told
    assert verdict(week, "r1", "taboo") == ("pass", 0, "rule")


def test_what_was_found_already_is_not_added(week: Path) -> None:
    told = qc(week, "review", "r5", "promise", "--deduct", "5", "--at", "3", "--reason", "x",
              *WANG, expect=2).err  # fmt: skip
    assert "promise was found already" in told
    for words in (("--deduct", "5"), ("--at", "3"), ("--deduct", "5", "--at", "soon")):
        told = qc(week, "review", "r1", "taboo", *words, "--reason", "x", *WANG, expect=2).err
        assert "--at" in told


def test_finding_that_is_excused_leaves_both_sides(week: Path) -> None:
    qc(week, "review", "r5", "promise", "--exempt", "--because", "system",
       "--reason", "外呼系统当日故障", *WANG)  # fmt: skip
    assert verdict(week, "r5", "promise") == ("not_applicable", 0, "person")
    assert qc_json(week, "show", "r5")["points_counted"] < 100
    told = qc(week, "review", "r5", "promise", "--exempt", *WANG, expect=2).err
    assert "a decision needs a reason" in told


def test_page_hands_in_the_same(week: Path) -> None:
    path = decisions_file(
        week,
        {
            "recording_id": "r1", "criterion": "taboo", "verdict": "deduct", "points": 5.0,
            "reason": "嘲讽", "place_s": [3.0, 4.0], "root": "attitude", "token": "abcdefgh1",
        },
        {
            "recording_id": "r5", "criterion": "promise", "verdict": "exempt", "cause": "system",
            "token": "abcdefgh2",
        },
    )  # fmt: skip
    qc(week, "review", "--file", str(path))
    assert verdict(week, "r1", "taboo") == ("fail", 5, "person")
    assert verdict(week, "r5", "promise") == ("not_applicable", 0, "person")
    assert "known already 2" in qc(week, "review", "--file", str(path)).out


def test_findings_by_the_same_wording_are_decided_at_once_each_in_the_record(week: Path) -> None:
    queue = qc_json(week, "review")["items"]
    held = [i["recording_id"] for i in queue if i["criterion"] == "taboo"]
    told = qc(week, "review", held[0], "taboo", "--overturn", "--alike", "--because", "recogniser",
              *WANG).out  # fmt: skip
    assert f"kept {len(held)}" in told
    for name in held:
        assert verdict(week, name, "taboo")[::2] == ("pass", "person")
        kept = qc_json(week, "show", name, "--history")["decisions"]
        # Only the first was looked at: the others prove nothing of the rule.
        assert [k["source"] for k in kept] == ["review" if name == held[0] else "alike"]
    assert qc_json(week, "calibrate", "bounds")["decided"] == 1
    refused = qc(week, "review", "r1", "--invalid", "--alike", "--because", "test", *WANG,
                 expect=2).err  # fmt: skip
    assert "--alike goes with a finding" in refused


def test_added_deduction_of_a_published_call_is_carried(week: Path) -> None:
    for item in qc_json(week, "review")["items"]:
        if item["kind"] == "proposed":
            qc(week, "review", item["recording_id"], item["criterion"], "--overturn",
               "--because", "rule", *WANG)  # fmt: skip
    qc(week, "publish", PERIOD, "--as", "qian")
    qc(week, "review", "r1", "taboo", "--deduct", "10", "--at", "3-5", "--reason", "嘲讽",
       "--notice", "更正通知", *WANG)  # fmt: skip
    assert verdict(week, "r1", "taboo") == ("fail", 10, "person")
    card = qc_json(week, "show", "r1")
    (found,) = (c for s in card["sections"] for c in s["criteria"] if c["id"] == "taboo")
    assert found["evidence"][0]["start_s"] == 3.0


def test_fault_in_another_agents_stretch_is_told_and_costs_this_one_nothing(
    tmp_path: Path,
) -> None:
    folder = make_week(tmp_path / "week", fields={"transferred_to": {"r3": "a2", "r4": "a9"}})
    before = qc_json(folder, "show", "r3")["total"]
    # At the terminal a transferred call asks for it, any other does not.
    answers = "\n".join(["c", "3", "a9", "", "f", "", ""]) + "\n"
    told = qc(folder, "review", "r3", "--listen", *WANG, stdin=answers).out
    assert told.count("属于谁的通话段") == 1
    assert verdict(folder, "r3", "taboo") == ("not_applicable", 0, "person")
    assert qc_json(folder, "show", "r3")["total"] > before
    assert "属于坐席a9的通话段，不计入本坐席" in criterion(folder, "r3", "taboo")["reason"]
    assert criterion(folder, "r3", "taboo")["agent"] == "a9"
    assert "属于谁" not in qc(folder, "review", "r1", "--listen", *WANG, stdin="f\n\n\n").out
    # And by flags, where a deduction is added.
    qc(folder, "review", "r5", "taboo", "--deduct", "5", "--at", "3", "--reason", "x", "--agent",
       "a1", *WANG)  # fmt: skip
    assert verdict(folder, "r5", "taboo") == ("not_applicable", 0, "person")
    told = qc(folder, "review", "r5", "promise", "--overturn", "--reason", "x", "--agent", "a1",
              *WANG, expect=2).err  # fmt: skip
    assert "a deduction that happened" in told
    qc(folder, "report", "-p", PERIOD)
    pages = {p.name: p.read_text(encoding="utf-8") for p in folder.glob("report/*/agents/*.html")}
    (own,) = (text for text in pages.values() if "坐席1 " in text or "（a1）" in text)
    assert "另有 1 项问题发生在他人通话中属于本人的通话段" in own
    assert "r5 服务禁语" in own


def criterion(folder: Path, recording: str, name: str) -> dict[str, object]:
    card = qc_json(folder, "show", recording)
    return next(c for s in card["sections"] for c in s["criteria"] if c["id"] == name)


def test_nothing_is_taken_back_that_was_not_found(week: Path) -> None:
    for verb in ("--overturn", "--exempt"):
        told = qc(week, "review", "r1", "taboo", verb, "--reason", "x", *WANG, expect=2).err
        assert "taboo was not found: there is nothing to take back" in told
    assert verdict(week, "r1", "taboo") == ("pass", 0, "rule")


def test_nobody_decides_on_calls_of_their_own_team(tmp_path: Path) -> None:
    folder = make_week(tmp_path / "week")
    settings = (folder / "qc.toml").read_text(encoding="utf-8")
    settings = settings.replace('name = "王质检"\n', 'name = "王质检"\nteam = "一组"\n')
    (folder / "qc.toml").write_text(settings, encoding="utf-8")
    told = qc(folder, "review", "r2", "tone", "--points", "1", "--reason", "x", *WANG, expect=2).err
    assert "r2: a call of 王质检's own team" in told
    line = {"recording_id": "r2", "criterion": "tone", "verdict": "points", "points": 1.0,
            "reason": "x", "at": "2026-11-16T09:00:00+08:00"}  # fmt: skip
    path = decisions_file(folder, line)
    assert "own team" in qc(folder, "review", "--file", str(path), *WANG, expect=2).err
    asked = qc(folder, "review", "--ask", *WANG, stdin="q\n").out
    assert "3 通是您本组的录音，由他人复听" in asked
    assert "r2" not in asked
    assert verdict(folder, "r2", "tone")[2] == "rule"
    qc(folder, "review", "r5", "tone", "--points", "1", "--reason", "x", *WANG)


def test_what_cannot_be_heard_says_so_and_not_that_it_waits(week: Path) -> None:
    qc(week, "review", "r1", "tone", "--invalid", "--because", "recogniser", *WANG)
    assert criterion(week, "r1", "tone")["reason"] == "人工听后：听不清"


def test_it_is_said_when_no_other_call_is_alike_and_no_root_was_given(week: Path) -> None:
    told = qc(week, "review", "r2", "greeting", "--confirm", "--alike", *WANG).err
    assert "note: no other call has the same finding of greeting" in told
    assert "note: nobody said what lies behind it: --root knowledge, skill" in told
    told = qc(week, "review", "r3", "taboo", "--overturn", "--reason", "x", *WANG).err
    assert "lies behind" not in told
