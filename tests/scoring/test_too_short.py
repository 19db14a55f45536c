"""A call in which hardly anything was said: nothing is deducted for what there was no time for, and
what was done still stands. Worked by hand.
"""
# ruff: noqa: E501 - a criterion stands in one line, as in a rubric

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qc_pipeline.asr.formats.own import read as read_own
from qc_pipeline.call import Transcript, transcript_from_json
from qc_pipeline.scoring.decisions import Decision
from qc_pipeline.scoring.evidence.opportunity import Talk, talk_of
from qc_pipeline.scoring.rubric.parse import parse_rubric
from qc_pipeline.scoring.rubric_tests import run_tests
from qc_pipeline.scoring.scorecard import Scorecard, scorecard_from_json
from tests.builders import AGENT, CUSTOMER, card, rubric, said, transcript, turn
from tests.shared_data import shared_case

GREETS = "points: 10, expect: {said: {by: agent, any: [您好]}}"
CLOSED = "expect: {said: {by: agent, any: [感谢来电]}}"
CLOSES = f"points: 20, {CLOSED}"
PROMISES = "points: 10, severity: major, expect: {whenever: {said: {by: customer, any: [我要投诉]}}, then: {said: {by: agent, any: [给您登记]}}, within: {turns: 2}}"
RUDE = "points: 30, forbid: {said: {by: agent, any: [你听不懂吗]}}"
TONE = "points: 10, manual: true"
HUNG_UP = "points: 20, forbid: {hangs_up: {by: agent}}"
ABUSE = "severity: fatal, forbid: {said: {by: agent, any: [滚蛋], match: exact}}"
FLOOR = "scorable_from: {talk_s: 20, turns: 4}"
CRITERIA = (GREETS, CLOSES, PROMISES, RUDE, TONE, HUNG_UP, ABUSE)
FORM, NO_FLOOR = rubric(*CRITERIA, head=FLOOR), rubric(*CRITERIA)


def call(agent: str = "喂", *more: tuple[str, str]) -> Transcript:
    return said(("agent", agent), ("customer", "我要投诉"), *more)


def decide(criterion: str | None, verdict: str, **more: Any) -> Decision:
    return Decision(
        criterion=criterion, verdict=verdict, person="wang", at="2026-11-16T09:00:00+08:00", **more
    )


def verdicts(scored: Scorecard) -> dict[str, tuple[str, float]]:
    return {c.id: (str(c.verdict), c.lost) for c in scored.criteria()}


def test_nothing_is_deducted_for_what_was_not_done_and_there_is_no_total():
    scored = card(FORM, call(), {"hangup_by": "customer"})
    assert verdicts(scored) == {
        "c1": ("unscorable", 0), "c2": ("unscorable", 0), "c3": ("unscorable", 0),
        "c4": ("pass", 0), "c5": ("unscorable", 0), "c6": ("pass", 0), "c7": ("pass", 0),
    }  # fmt: skip
    assert (scored.total, scored.band, scored.passed, scored.provisional) == (None,) * 3 + (False,)
    assert {c.reason for c in scored.criteria() if c.verdict == "unscorable"} == {
        "无法判断：通话过短"
    }
    assert scored.lacks_talk and not scored.unjudged
    # 喂 lasts 0.8 s and 我要投诉 1.0 s.
    assert scored.as_json()["too_short"] == {"talk_s": 1.8, "turns": 2}
    # Without a floor the same call loses the greeting, the closing and the answer: 100 × 50 / 90.
    free = card(NO_FLOOR, call(), {"hangup_by": "customer"})
    assert (free.total, free.too_short, "too_short" in free.as_json()) == (55.56, None, False)


def test_what_was_done_stands_and_a_red_line_is_proposed():
    scored = card(FORM, call("你听不懂吗,滚蛋"), {"hangup_by": "agent"})
    assert {k: v for k, v in verdicts(scored).items() if v[0] == "fail"} == {
        "c4": ("fail", 30), "c6": ("fail", 20), "c7": ("fail", 0),
    }  # fmt: skip
    red = scored.criteria()[6]
    assert (red.proposed, red.decided_by, scored.total, scored.provisional) == (
        True, "rule", None, True,
    )  # fmt: skip
    ruled = card(FORM, call("滚蛋"), {"hangup_by": "customer"}, decisions=[decide("c7", "confirm")])
    assert (ruled.total, ruled.band, ruled.fatal) == (0, "不合格", ("c7",))
    assert not ruled.lacks_talk and ruled.too_short is not None


def test_what_would_be_held_is_not_held_either():
    """One wrong syllable in four makes the absence doubtful: held, where there was time."""
    near = said(("agent", "感谢来哦"), ("customer", "我要投诉"), confidence=0.4)
    long = said(
        *[("agent", "感谢来哦"), ("customer", "我要投诉的事情说来话长")] * 8, confidence=0.4
    )
    only_closing = rubric(CLOSED, head=FLOOR)
    assert card(only_closing, near).criteria()[0].verdict == "unscorable"
    assert card(only_closing, long).criteria()[0].verdict == "held"


def test_a_condition_that_rests_on_both_needs_the_absence():
    """Rude and without an apology: the apology may have been yet to come. Rude or without: rude."""
    both = "points: 100, forbid: {all: [{said: {by: agent, any: [你听不懂吗]}}, {not: {said: {by: agent, any: [对不起]}}}]}"
    either = both.replace("{all:", "{any:")
    heard = call("你听不懂吗")
    assert card(rubric(both, head=FLOOR), heard).criteria()[0].verdict == "unscorable"
    found = card(rubric(either, head=FLOOR), heard).criteria()[0]
    assert (found.verdict, found.lost) == ("fail", 100)
    assert {str(e.kind) for e in found.evidence} == {"said"}
    assert card(rubric(either, head=FLOOR), call()).criteria()[0].verdict == "unscorable"


def test_what_must_not_apply_may_rest_on_what_was_not_said():
    """`applies` asks what was not said: what was done there is judged all the same."""
    one = "points: 100, applies: {not: {said: {by: customer, any: [算了]}}}, forbid: {said: {by: agent, any: [你听不懂吗]}}"
    found = card(rubric(one, head=FLOOR), call("你听不懂吗")).criteria()[0]
    assert (found.verdict, found.lost) == ("fail", 100)


def test_a_silence_that_nobody_announced_rests_on_what_was_not_said():
    silent = transcript(turn("agent", 0, 1, "喂"), turn("customer", 20, 21, "你好"))
    told = "points: 100, forbid: {silence: {longer_than: 15, unless_said: [请稍等]}}"
    assert card(rubric(told, head=FLOOR), silent).criteria()[0].verdict == "unscorable"
    assert card(rubric(told), silent).criteria()[0].verdict == "fail"


@pytest.mark.parametrize(
    ("floor", "short"),
    [
        ("{talk_s: 5.5}", True),
        ("{talk_s: 5.49}", False),
        ("{turns: 4}", True),
        ("{turns: 3}", False),
        ("{talk_s: 5.49, turns: 3}", False),
        ("{talk_s: 1, turns: 4}", True),
        ("{talk_s: 60, turns: 1}", True),
    ],
)
def test_either_figure_makes_it_too_short_and_just_enough_is_enough(floor: str, short: bool):
    # Two seconds and two, overlapping by half a second, and 1.99 more: 5.49 s in three turns.
    heard = transcript(
        turn("agent", 0, 2, "您好"), turn("customer", 1.5, 3.5, "我要投诉"), turn("agent", 4, 5.99, "好"),
    )  # fmt: skip
    scored = card(rubric(CLOSED, head=f"scorable_from: {floor}"), heard)
    assert (scored.too_short is not None) is short
    assert (scored.total is None) is short


def test_talk_is_that_of_the_speech_regions_where_they_are_known():
    heard = transcript(
        turn("agent", 0, 10, "您好"), turn("customer", 10, 12, "好"),
        speech={AGENT: [(0, 3), (8, 10)], CUSTOMER: [(2, 4), (10.5, 12)]},
    )  # fmt: skip
    # 0–4, 8–10 and 10.5–12; by the turns it would be 12.
    assert talk_of(heard, 2) == Talk(talk_s=7.5, turns=2)
    assert talk_of(replace(heard, speech={}), 2) == Talk(talk_s=12, turns=2)


def test_what_was_not_read_may_have_been_talk():
    body = replace(
        transcript(turn("agent", 0, 2, "您好"), speech={AGENT: [(0, 2)], CUSTOMER: []}),
        duration_s=60,
    ).as_json()
    body["unheard"] = {"agent": [[30, 60, "not-read"]], "customer": [[30, 60, "not-read"]]}
    assert talk_of(transcript_from_json(body), 1).talk_s == 32


def test_turns_of_one_party_without_a_word_between_are_one():
    pieces = said(*[("agent", "您好")] * 3, ("customer", "我要投诉"))
    assert card(rubric(CLOSED, head="scorable_from: {turns: 3}"), pieces).too_short is not None


def test_a_call_that_was_not_heard_either_goes_to_a_person_first():
    heard = transcript(
        turn("agent", 0, 2, "喂"), turn("customer", 3, 5, "我要投诉"),
        speech={AGENT: [(0, 2), (6, 12)], CUSTOMER: [(3, 5)]}, unheard={AGENT: [(6, 12)]},
    )  # fmt: skip
    scored = card(FORM, heard, {"hangup_by": "customer"})
    assert (
        scored.unjudged and scored.too_short == Talk(talk_s=10, turns=2) and not scored.lacks_talk
    )
    # The customer was heard and the agent was not: a person says what became of the rest.
    listened = [decide(f"c{n}", "overturn") for n in range(1, 8)]
    done = card(FORM, heard, {"hangup_by": "customer"}, decisions=listened)
    assert done.lacks_talk and not done.unjudged and done.total is None
    # How many turns it had is not known, so that these make nobody's call too short.
    assert card(rubric(*CRITERIA, head="scorable_from: {turns: 4}"), heard).too_short is None


def test_the_card_reads_back_with_its_hash():
    scored = card(FORM, call("你听不懂吗"))
    again = scorecard_from_json(json.loads(json.dumps(scored.as_json())))
    assert again.as_json() == scored.as_json() and again.sha256() == scored.sha256()
    assert again.too_short == scored.too_short == Talk(talk_s=2.25, turns=2)


def test_a_rubrics_own_tests_are_pieces_of_calls():
    text = f"""rubric: r
version: "1"
title: t
language: zh
points: 100
pass_mark: 85
bands: [{{from: 0, label: 不合格}}]
{FLOOR}
sections:
  - {{id: s, title: s, points: 100, criteria: [{{id: c, title: c, points: 100, expect: {{said: {{by: agent, any: [感谢来电]}}}}}}]}}
tests:
  - {{name: n, turns: [{{agent: 喂}}], expect: {{c: fail, total: 0}}}}
"""
    (outcome,) = run_tests(parse_rubric(text, "r.yaml"))
    assert outcome.as_expected


RUBRICS = Path(__file__).parents[2] / "rubrics"


@pytest.mark.parametrize("name", ["inbound-zh", "complaint-zh", "outbound-zh", "inbound-en"])
def test_the_shipped_rubrics_have_a_floor(name: str):
    read = parse_rubric((RUBRICS / f"{name}.yaml").read_text(encoding="utf-8"), name)
    floor = read.scorable_from
    assert floor is not None and (floor.talk_s, floor.turns) == (20, 4)


DROPPED_CALL = {"direction": "in", "contact": "first", "business": "咨询", "duration_s": 60, "hangup_by": "customer"}  # fmt: skip


def inbound() -> Any:
    return parse_rubric((RUBRICS / "inbound-zh.yaml").read_text(encoding="utf-8"), "inbound-zh")


def test_a_dropped_call_loses_nothing_by_the_shipped_rubric():
    heard = said(("agent", "您好"), ("customer", "我想查一下话费"), ("agent", "话费是吧"))
    scored = card(inbound(), heard, DROPPED_CALL)
    assert sum(c.lost for c in scored.criteria()) == 0
    assert scored.total is None and scored.lacks_talk
    assert not [c.id for c in scored.criteria() if c.verdict in ("fail", "held")]
    # There was time for the greeting, and it was said.
    assert next(c for c in scored.criteria() if c.id == "greeting").verdict == "pass"
    # Long enough, the missing courtesy costs.
    free = card(inbound().model_copy(update={"scorable_from": None}), heard, DROPPED_CALL)
    assert sum(c.lost for c in free.criteria()) > 0


def test_the_dropped_call_of_the_shared_cases_loses_nothing():
    folder = shared_case("score-s1-dropped-call")
    body = json.loads((folder / "t.json").read_text(encoding="utf-8"))
    heard = read_own(body, "t.json", None, "T")
    row = json.loads((folder / "c.json").read_text(encoding="utf-8"))
    scored = card(inbound(), heard, row)
    assert sum(c.lost for c in scored.criteria()) == 0
    assert not [c.id for c in scored.criteria() if c.verdict in ("fail", "held")]
    assert scored.lacks_talk and scored.as_json()["too_short"]["turns"] == 3
