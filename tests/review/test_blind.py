"""Calls judged without the machine's verdicts: at the terminal, on the page, and in the proof."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.review.blind import (
    BlindAnswer,
    BlindVerdict,
    blind_decisions,
    differences,
    is_blind,
)
from qc_pipeline.review.listening import CallToListen, Why
from qc_pipeline.scoring.listened import is_listened
from qc_pipeline.scoring.scorecard import Scorecard, scorecard_from_json
from tests.browsing import NEEDS_BROWSER
from tests.review.test_decide import WANG
from tests.weeks import PERIOD, qc, qc_json


def call(name: str, why: Why = Why.RANDOM) -> CallToListen:
    return CallToListen(
        recording_id=name, agent_id="a1", team=None, why=why, minutes=3.0, items=(), card="0"
    )


def card_of(folder: Path, name: str) -> Scorecard:
    return scorecard_from_json(qc_json(folder, "show", name))


def lines_of(folder: Path, name: str) -> dict[str, tuple[str, float, str]]:
    return {c.id: (str(c.verdict), c.lost, c.decided_by) for c in card_of(folder, name).criteria()}


def test_share_of_the_random_calls_is_blind_and_nobody_chooses_which() -> None:
    calls = [call(f"r{n}") for n in range(4000)]
    blind = [c for c in calls if is_blind(PERIOD, c, 0.2)]
    assert abs(len(blind) / 4000 - 0.2) < 3 * (0.2 * 0.8 / 4000) ** 0.5
    assert set(map(id, blind)) <= {id(c) for c in calls if is_blind(PERIOD, c, 0.5)}
    assert blind != [c for c in calls if is_blind("2026-W47", c, 0.2)]
    others = [replace(c, why=why) for c in blind[:20] for why in Why if why is not Why.RANDOM]
    assert not any(is_blind(PERIOD, c, 1.0) for c in others)


def test_answers_cost_what_the_person_said_and_nothing_is_left_open(week: Path) -> None:
    # r2: no greeting was found; the taboo word of the truth the machine had not.
    answers = "\n".join(["1、2 5", "b", "", "", "2", "", "b", "10", "0:01-0:02", "3", "嘲讽",
                         "n", "没有这回事", "q"]) + "\n"  # fmt: skip
    told = qc(week, "review", "r2", "--listen", "--blind", "1", *WANG, stdin=answers).out
    assert "盲评：不显示机检结论" in told
    assert "▶" not in told
    assert "[3] 语气" in told
    assert "与机检一致 4 项，不同 1 项" in told
    assert "服务禁语：您判不符合，机检判符合" in told
    assert "r2 已复听" in told
    assert lines_of(week, "r2") == {
        "greeting": ("fail", 20, "person"),
        "taboo": ("fail", 10, "person"),
        "tone": ("pass", 0, "person"),
        "promise": ("pass", 0, "person"),
        "abuse": ("not_applicable", 0, "person"),
    }
    assert is_listened(card_of(week, "r2"))
    kept = qc_json(week, "show", "r2", "--history")["decisions"]
    assert {(d["criterion"], d["verdict"], d.get("root")) for d in kept} == {
        ("greeting", "points", "skill"),
        ("taboo", "deduct", "attitude"),
        ("tone", "overturn", None),
        ("promise", "confirm", None),
        ("abuse", "not_applicable", None),
    }


def test_who_leaves_in_the_middle_has_judged_nothing(week: Path) -> None:
    before = card_of(week, "r2")
    told = qc(week, "review", "r2", "--listen", "--blind", "1", *WANG, stdin="1\nq\n").out
    assert "已退出" in told
    assert card_of(week, "r2") == before


def test_wrong_shares_and_places_are_refused(week: Path) -> None:
    for words in (("--blind", "0.2"), ("--listen", "--blind", "0"), ("--page", "--blind", "1.5")):
        assert "--blind" in qc(week, "review", *words, *WANG, expect=2).err


def test_two_things_that_were_not_done_are_two_deductions(week: Path) -> None:
    card = card_of(week, "r1")
    made = blind_decisions(
        card,
        [
            BlindAnswer(criterion=name, heard=BlindVerdict.FAILED, points=points, root="process")
            for name, points in (("greeting", 20.0), ("taboo", 30.0))
        ],
        person="王质检",
        at="2026-11-16T09:00:00+08:00",
        usual_reason="盲评",
    )
    body = [
        {"recording_id": "r1", "card": card.sha256(), "blind": True, "criterion": d.criterion,
         "verdict": "points", "points": d.points, "root": "process", "at": d.at, "reason": d.reason}
        for d in (one.decision for one in made)
    ]  # fmt: skip
    assert [one.decision.place_s for one in made] == [(0.0, 0.0)] * 2
    take(week, body)
    lines = lines_of(week, "r1")
    assert (lines["greeting"], lines["taboo"]) == (("fail", 20, "person"), ("fail", 30, "person"))
    found = {c.id: c for c in card_of(week, "r1").criteria()}
    assert found["greeting"].evidence == ()
    assert [d.title for d in differences(card, [BlindAnswer(criterion="taboo",
            heard=BlindVerdict.FAILED)])] == ["服务禁语"]  # fmt: skip


def test_file_with_an_answer_that_cannot_be_blind_is_refused(week: Path) -> None:
    line = {"recording_id": "r1", "criterion": "greeting", "verdict": "confirm", "blind": True,
            "at": "2026-11-16T09:00:00+08:00"}  # fmt: skip
    for change in ({}, {"criterion": "nothing", "verdict": "overturn"}, {"recording_id": "r99"}):
        assert "decisions[0]: this cannot be judged blind" in take(week, [line | change], expect=2)


def take(folder: Path, lines: list[dict[str, Any]], expect: int = 0) -> str:
    body = {"format": "qc-decisions/1", "period": PERIOD, "decisions": lines}
    path = folder / "decisions.json"
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    return qc(folder, "review", "--file", str(path), *WANG, expect=expect).err


@NEEDS_BROWSER[0]
@NEEDS_BROWSER[1]
@pytest.mark.slow
def test_page_hides_what_was_found_and_takes_the_same_answers(browser: Any, week: Path) -> None:
    made = Path(qc_json(week, "review", "r2", "--page", "--blind", "1")["page"])
    data = made.read_text(encoding="utf-8").split('id="data">')[1].split("</script>")[0]
    (blind,) = json.loads(data)["calls"]
    assert blind["blind"] is True
    assert {i["reason"] for i in json.loads(data)["items"]} == {""}
    page = browser.new_page(accept_downloads=True)
    page.goto(made.as_uri())
    first = page.locator("article").nth(0)
    first.focus()
    first.press("b")
    first.get_by_label("根因").select_option("skill")
    second = page.locator("article").nth(1)
    second.focus()
    second.press("b")
    second.get_by_label("位置").fill("0:01-x")
    assert "1:23-1:30" in second.locator(".missing").inner_text()
    second.get_by_label("位置").fill("0:01-0:02")
    second.get_by_label("根因").select_option("attitude")
    page.get_by_role("button", name="其余各项都符合").click()
    page.locator("#person").fill("王质检")
    with page.expect_download() as coming:
        page.locator("#download").click()
    coming.value.save_as(week / "decisions.json")
    qc(week, "review", "--file", str(week / "decisions.json"), *WANG)
    lines = lines_of(week, "r2")
    assert (lines["greeting"], lines["taboo"]) == (("fail", 20, "person"), ("fail", 30, "person"))
    assert {one[2] for one in lines.values()} == {"person"}
    assert is_listened(card_of(week, "r2"))
