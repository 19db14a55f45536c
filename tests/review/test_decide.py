"""Deciding on what the machine proposed, as an inspector does it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.weeks import PERIOD, make_week, qc, qc_json

WANG = ("--as", "wang")


def total(folder: Path, recording: str) -> float | None:
    found = qc_json(folder, "show", recording)["total"]
    return None if found is None else float(found)


def verdict(folder: Path, recording: str, criterion: str) -> tuple[str, float, str]:
    card = qc_json(folder, "show", recording)
    (found,) = (c for s in card["sections"] for c in s["criteria"] if c["id"] == criterion)
    return found["verdict"], found["lost"], found["decided_by"]


def acts(folder: Path) -> list[dict[str, object]]:
    """The audit but for the look-ups that this test makes itself."""
    lines = qc_json(folder, "audit")["lines"]
    return [line for line in lines if not line["action"].startswith("look.")]


def decisions_file(folder: Path, *lines: dict[str, object], person: str = "wang") -> Path:
    path = folder / "decisions.json"
    body = {
        "format": "qc-decisions/1",
        "period": PERIOD,
        "person": person,
        "decisions": [{"at": "2026-11-16T09:00:00+08:00", "criterion": None, **x} for x in lines],
    }
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    return path


def test_queue_is_ordered_by_points_at_stake_and_tells_its_minutes(week: Path) -> None:
    queue = qc_json(week, "review")
    first = [(i["recording_id"], i["criterion"], i["kind"], i["stake"]) for i in queue["items"][:4]]
    assert first == [
        ("r6", "abuse", "proposed", 100),
        ("r5", "promise", "proposed", 40),
        ("r4", "taboo", "held", 30),
        ("r1", "tone", "manual", 10),
    ]
    assert queue["open"] == 9
    # 9 decisions of 15 s, six calls heard whole (17.5 16 17.5 20.25 17 19.5 s), two pieces
    # (r6 from 3.25 to 14, r4 from 3.25 to 14.75 s); r5's piece is its whole call, heard once.
    listened = 17.5 + 16 + 17.5 + 20.25 + 17 + 19.5 + 10.75 + 11.5
    assert queue["minutes"] == round((135 + listened) / 60, 1)
    text = qc(week, "review").out
    assert "9 open, about 4 minutes; 2 must be decided before publishing" in text


def test_pieces_are_heard_from_five_seconds_before_to_five_after(week: Path) -> None:
    (item,) = qc_json(week, "review", "r4", "taboo")["items"]
    # The word stands from 8.25 to 9.75 s.
    assert (item["start_s"], item["end_s"]) == (3.25, 14.75)


def test_a_decision_makes_a_new_card_and_the_former_stays(week: Path) -> None:
    before = qc_json(week, "show", "r4")
    done = qc_json(week, "review", "r4", "taboo", "--confirm", *WANG)
    (one,) = done["decided"]
    # The section then keeps 50 - 30 of 50: (20 + 40) / 90.
    assert (one["total_before"], one["total_after"]) == (100.0, 66.67)
    assert verdict(week, "r4", "taboo") == ("fail", 30, "person")
    history = qc_json(week, "show", "r4", "--history")
    assert [c["total"] for c in history["cards"]] == [100.0, 66.67]
    assert history["cards"][1]["parent"] == history["cards"][0]["sha256"] == one["card_before"]
    assert history["cards"][0]["inputs"] == before["inputs"]
    (kept,) = history["decisions"]
    assert (kept["person"], kept["verdict"], kept["criterion"]) == ("王质检", "confirm", "taboo")
    text = qc(week, "show", "r4", "--history").out
    assert "100.00 → 66.67  taboo: confirm by 王质检" in text


def test_every_kind_of_decision_counts_as_it_says(week: Path) -> None:
    qc(week, "review", "r2", "greeting", "--overturn", "--because", "recogniser", *WANG)
    assert total(week, "r2") == 100
    qc(week, "review", "r3", "taboo", "--points", "5", "--reason", "语气尚可", *WANG)
    assert total(week, "r3") == 94.44  # 85 of 90
    qc(week, "review", "r5", "promise", "--not-applicable", "--reason", "客户不要回电", *WANG)
    assert total(week, "r5") == 100
    qc(week, "review", "r6", "abuse", "--confirm", *WANG)
    assert total(week, "r6") == 0
    qc(week, "review", "r1", "tone", "--points", "4", "--reason", "生硬", *WANG)
    assert total(week, "r1") == 96  # 96 of 100 now that it is judged
    qc(week, "review", "r1", "--invalid", "--because", "system", *WANG)
    assert total(week, "r1") is None
    left = {(i["recording_id"], i["criterion"]) for i in qc_json(week, "review")["items"]}
    assert left == {("r4", "taboo")} | {(f"r{n}", "tone") for n in (2, 3, 4, 5, 6)}


def test_scoring_again_keeps_decisions_and_changes_nothing(week: Path) -> None:
    qc(week, "review", "r4", "taboo", "--confirm", *WANG)
    qc(week, "review", "r2", "greeting", "--overturn", "--because", "rule", *WANG)
    before = {r: qc_json(week, "show", r) for r in ("r1", "r2", "r4")}
    lines = acts(week)
    done = qc_json(week, "score", "-p", PERIOD)
    assert done == {"scored": 0, "before": 6, "failed": 0, "not_judged": 0}
    assert {r: qc_json(week, "show", r) for r in before} == before
    assert acts(week) == lines


def test_a_changed_rubric_is_applied_and_decisions_stay(week: Path) -> None:
    qc(week, "review", "r4", "taboo", "--confirm", *WANG)
    former = qc_json(week, "show", "r4", "--history")["cards"][-1]["sha256"]
    rubric = week / "rubrics" / "mini.yaml"
    text = rubric.read_text("utf-8").replace("points: 30", "points: 20, deduct: 20")
    text = text.replace(
        "points: 20\n        confirm: machine\n        expect",
        "points: 30\n        confirm: machine\n        expect",
    )
    rubric.write_text(text.replace("        points: 20, deduct: 20", "        points: 20"), "utf-8")
    qc(week, "score", "-p", PERIOD)
    assert verdict(week, "r4", "taboo") == ("fail", 20, "person")
    assert qc_json(week, "show", "r4")["parent"] == former


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("r4", "tabu", "--confirm"), "no such criterion; found 'tabu' – did you mean \"taboo\"?"),
        (("r4", "taboo", "--points", "31", "--reason", "x"), "allowed: 0 to 30"),
        (("r4", "taboo", "--overturn"), "taboo: a decision needs a reason"),
        (("r4", "taboo", "--confirm", "--overturn"), "not confirm and overturn"),
        (("r9", "taboo", "--confirm"), "'r9' was not drawn in any period"),
        (("r4", "--confirm"), "only 'invalid' can be said of a whole recording"),
        (("r4", "taboo", "--overturn", "--because", "mood"), "none of recogniser, customer"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(
    week: Path, words: tuple[str, ...], message: str
) -> None:
    before = qc_json(week, "audit")["lines"]
    assert message in qc(week, "review", *words, *WANG, expect=2).err
    assert qc_json(week, "audit")["lines"] == before


def test_only_people_with_the_role_decide(week: Path) -> None:
    refused = qc(week, "review", "r4", "taboo", "--confirm", "--as", "sun", expect=2).err
    assert "孙组长 may not do this: it is for the roles inspector, manager, reviewer" in refused
    unknown = qc(week, "review", "r4", "taboo", "--confirm", "--as", "wnag", expect=2).err
    assert "'wnag' is nobody of [people]" in unknown
    assert 'did you mean "wang"?' in unknown


def test_the_second_person_is_told_what_the_first_decided(week: Path) -> None:
    qc(week, "review", "r4", "taboo", "--confirm", *WANG)
    second = qc(week, "review", "r4", "taboo", "--overturn", "--reason", "听过,不是", "--as", "li")
    assert "before you, 王质检 decided confirm on taboo of r4" in second.err
    assert total(week, "r4") == 100
    assert [d["person"] for d in qc_json(week, "show", "r4", "--history")["decisions"]] == [
        "王质检",
        "李质检",
    ]


def test_a_decision_on_another_criterion_in_between_is_told_to_who_looked_before(
    week: Path,
) -> None:
    (item,) = qc_json(week, "review", "r4", "taboo")["items"]
    qc(week, "review", "r4", "tone", "--points", "10", "--reason", "生硬", *WANG)
    line = {"recording_id": "r4", "criterion": "taboo", "verdict": "confirm", "card": item["card"]}
    file = decisions_file(week, line, person="李质检")
    done = qc_json(week, "review", "--file", str(file))
    (told,) = done["decided"][0]["meanwhile"]
    assert (told["person"], told["criterion"], told["points"]) == ("王质检", "tone", 10)
    assert total(week, "r4") == 60  # 20 of 60 and 40 of 40


def test_saying_the_same_again_is_no_second_decision(week: Path) -> None:
    for _ in range(2):
        result = qc(week, "review", "r4", "taboo", "--confirm", *WANG)
    assert "kept 0, known already 1" in result.out
    assert len(qc_json(week, "show", "r4", "--history")["decisions"]) == 1


def test_a_file_taken_in_twice_is_kept_once(week: Path) -> None:
    file = decisions_file(
        week,
        {
            "recording_id": "r3",
            "criterion": "taboo",
            "verdict": "overturn",
            "cause": "recogniser",
            "token": "a" * 32,
        },
        {"recording_id": "r6", "criterion": "abuse", "verdict": "confirm", "token": "b" * 32},
    )
    assert "kept 2, known already 0" in qc(week, "review", "--file", str(file)).out
    qc(week, "review", "r3", "taboo", "--confirm", "--as", "li")
    # Even after somebody else decided otherwise, the same act does not come back.
    assert "kept 0, known already 2" in qc(week, "review", "--file", str(file)).out
    assert verdict(week, "r3", "taboo")[0] == "fail"


def test_every_mistake_of_a_file_is_told_and_nothing_is_kept(week: Path) -> None:
    file = decisions_file(
        week,
        {"recording_id": "r3", "criterion": "taboo", "verdict": "maybe"},
        {"recording_id": "r3", "criterion": "taboo", "verdict": "confirm", "at": "yesterday"},
        {"recording_id": "r4", "criterion": "taboo", "verdict": "confirm"},
    )
    text = qc(week, "review", "--file", str(file), expect=2).err
    assert "decisions[0].verdict" in text
    assert "decisions[1].at: a time such as" in text
    file = decisions_file(
        week,
        {"recording_id": "r4", "criterion": "taboo", "verdict": "confirm"},
        {"recording_id": "r3", "criterion": "tabo", "verdict": "confirm"},
        {"recording_id": "r8", "criterion": "taboo", "verdict": "confirm"},
    )
    text = qc(week, "review", "--file", str(file), expect=2).err
    assert "r3: its rubric has no such criterion" in text
    assert "r8: has no scorecard" in text
    assert qc_json(week, "show", "r4", "--history")["decisions"] == []
    (week / "decisions.json").write_text("[1,", encoding="utf-8")
    assert (
        "decisions.json:1:4: is not JSON" in qc(week, "review", "--file", str(file), expect=2).err
    )


def test_items_are_asked_one_after_the_other_and_leaving_loses_nothing(week: Path) -> None:
    result = qc(week, "review", "--ask", *WANG, stdin="c\ns\no\n听错了\nq\n")
    assert "why? [r] recogniser [c] customer [s] system [u] rule [b] special" in result.out
    assert "(1/9)" in result.out
    assert "(4/9)" in result.out
    assert "(5/9)" not in result.out
    assert verdict(week, "r6", "abuse") == ("fail", 0, "person")
    assert verdict(week, "r4", "taboo") == ("pass", 0, "person")
    assert qc_json(week, "review")["open"] == 7


def test_at_the_terminal_a_reason_comes_from_the_list_and_an_invalid_recording_goes_whole(
    week: Path,
) -> None:
    # r6 abuse: overturned, misheard; r5 promise: the recording is no good, r5 tone is not asked.
    result = qc(week, "review", "--ask", *WANG, stdin="o\n\nr\n\ni\ns\n断线\n" + "s\n" * 6)
    assert qc_json(week, "show", "r5")["total"] is None
    history = [qc_json(week, "show", r, "--history")["decisions"] for r in ("r6", "r5")]
    (abuse,), (invalid,) = history
    assert (abuse["verdict"], abuse["cause"], abuse["reason"]) == ("overturn", "recogniser", "")
    assert (invalid["criterion"], invalid["verdict"]) == (None, "invalid")
    assert (invalid["cause"], invalid["reason"]) == ("system", "断线")
    assert "r5  tone" not in result.out
    assert qc_json(week, "review")["open"] == 6


def test_without_people_in_the_settings_every_name_may_decide(tmp_path: Path) -> None:
    folder = make_week(tmp_path / "w", people=False)
    qc(folder, "review", "r4", "taboo", "--confirm", "--as", "小王")
    (kept,) = qc_json(folder, "show", "r4", "--history")["decisions"]
    assert kept["person"] == "小王"


def test_file_names_nobody_but_the_one_acting(week: Path) -> None:
    path = decisions_file(week, {"recording_id": "r1", "criterion": "tone", "verdict": "overturn",
                                 "reason": "听后符合"}, person="李质检")  # fmt: skip
    told = qc(week, "review", "--file", str(path), *WANG, expect=2).err
    assert "its decisions are 李质检's, not 王质检's" in told
    assert verdict(week, "r1", "tone")[2] == "rule"
    qc(week, "review", "--file", str(path), *WANG, "--for", "李质检")
    kept = qc_json(week, "show", "r1", "--history")["decisions"][-1]
    assert (kept["person"], kept["for"]) == ("王质检", "李质检")


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-11-08T23:59:00+08:00", "decisions[0].at: before the period began"),
        ("2126-11-16T09:00:00+08:00", "decisions[0].at: still to come"),
    ],
)
def test_file_dates_nothing_outside_its_time(week: Path, at: str, told: str) -> None:
    path = decisions_file(week, {"recording_id": "r1", "criterion": "tone", "verdict": "overturn",
                                 "reason": "x", "at": at})  # fmt: skip
    assert told in qc(week, "review", "--file", str(path), *WANG, expect=2).err


def test_file_that_decides_twice_on_the_same_is_refused(week: Path) -> None:
    line: dict[str, object] = {"recording_id": "r1", "criterion": "tone", "verdict": "overturn",
                               "reason": "x"}  # fmt: skip
    path = decisions_file(week, line, line, {**line, "verdict": "points", "points": 5.0})
    told = qc(week, "review", "--file", str(path), *WANG, expect=2).err
    assert "decisions[1] says the same as decisions[0]" in told
    assert "decisions[2] contradicts decisions[0]: one decision on tone of r1" in told
    assert verdict(week, "r1", "tone")[2] == "rule"
