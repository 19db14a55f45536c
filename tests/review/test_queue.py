"""The order of what waits for a person."""

from __future__ import annotations

import json
import re
from pathlib import Path

from qc_pipeline.review.queue import is_undecided, open_items
from qc_pipeline.scoring.scorecard import Scorecard
from tests.builders import AGENT, CUSTOMER, card, rubric, transcript, turn
from tests.job.test_not_judged import unhear
from tests.weeks import qc_json

FORM = rubric(
    "id: greeting, points: 60, severity: major, expect: {said: {by: agent, any: [您好]}}",
    "id: complaint-record, points: 5, severity: major, expect: {said: {by: agent, any: [登记]}}",
    "id: taboo, points: 35, forbid: {said: {by: agent, any: [你听不懂吗]}}",
    "id: abuse, severity: fatal, forbid: {said: {by: agent, any: [滚蛋], match: exact}}",
)


def scored(recording_id: str, agent: str, *, unheard: bool = False) -> Scorecard:
    """The agent says something; `unheard`: and goes on for ten seconds that nobody understood."""
    more = [(10, 20)] if unheard else []
    heard = transcript(
        turn("agent", 0, 2, agent),
        recording_id=recording_id,
        speech={AGENT: [(0, 2), *more], CUSTOMER: []},
        unheard={AGENT: more},
        duration_s=30,
    )
    return card(FORM, heard)


def order(*cards: Scorecard, **more: object) -> list[tuple[str, str, str]]:
    items = open_items(cards, {}, {}, **more)  # type: ignore[arg-type]
    return [(i.recording_id, i.criterion, i.kind) for i in items]


def test_red_lines_then_complaint_risks_then_what_is_not_judged_then_the_rest() -> None:
    rude = scored("a", "您好,登记,滚蛋")
    greets_nobody = scored("b", "登记")
    records_nothing = scored("c", "您好")
    unheard = scored("d", "您好,登记", unheard=True)
    assert order(greets_nobody, unheard, records_nothing, rude) == [
        ("a", "abuse", "proposed"),
        ("c", "complaint-record", "proposed"),
        ("d", "taboo", "unheard"),
        ("d", "abuse", "unheard"),
        ("b", "greeting", "proposed"),
    ]
    # Which criteria are complaint risks is a setting: without, 60 points come before 5.
    last = [("b", "greeting", "proposed"), ("c", "complaint-record", "proposed")]
    assert order(records_nothing, greets_nobody, complaint_risks=()) == last


def test_a_red_line_found_in_a_call_that_is_not_judged_comes_first() -> None:
    found = order(scored("z", "滚蛋", unheard=True), scored("b", "登记"))
    assert found == [
        ("z", "abuse", "proposed"),
        ("z", "greeting", "unheard"),
        ("z", "complaint-record", "unheard"),
        ("z", "taboo", "unheard"),
        ("b", "greeting", "proposed"),
    ]


def test_what_was_not_heard_is_heard_whole_and_tells_of_whom_how_much() -> None:
    (taboo, _) = open_items([scored("d", "您好,登记", unheard=True)], {}, {})
    assert (taboo.start_s, taboo.end_s, taboo.stake) == (0.0, None, 35)
    assert not taboo.blocks
    (party,) = taboo.not_judged
    assert (party.speaker, party.hearing["unheard_s"]) == (AGENT, 10.0)
    assert is_undecided(scored("d", "您好,登记", unheard=True))
    assert not is_undecided(scored("d", "您好,登记"))


def test_the_page_of_reviewers_tells_it(week: Path) -> None:
    unhear(week, "r1")
    page = Path(qc_json(week, "review", "--page")["page"]).read_text(encoding="utf-8")
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert data is not None
    items = json.loads(data[1])["items"]
    mine = [i for i in items if i["recording_id"] == "r1"]
    assert {"unheard", "manual"} <= {i["kind"] for i in mine}
    assert {i["not_judged"] for i in mine} == {"坐席 12.3 秒没听清（听清 25%）"}
    assert all(i["not_judged"] == "" for i in items if i["recording_id"] != "r1")
    texts = json.loads(data[1])["texts"]
    assert texts["kinds"]["unheard"] == "未评" and "{why}" in texts["not_judged"]


def test_the_page_of_reviewers_writes_the_total_out(week: Path) -> None:
    """r5 promises nothing: 40 of 90 points lost, the tone waits for a person."""
    page = Path(qc_json(week, "review", "--page")["page"]).read_text(encoding="utf-8")
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert data is not None
    told = {(i["recording_id"], i["criterion"]): i for i in json.loads(data[1])["items"]}
    assert told["r5", "promise"]["followed"] == (
        "扣 40 分，计入 90 分：(90−40)÷90×100＝55.56；未计入 10 分：语气（10 分，待人工评判）。"
    )
    assert told["r5", "promise"]["too_short"] == ""
