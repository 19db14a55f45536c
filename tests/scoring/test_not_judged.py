"""A call of which too little was heard: no total, nothing deducted for what was not heard, and a
person's decisions make it a judged call. Worked by hand.
"""
# ruff: noqa: E501 - a criterion stands in one line, as in a rubric

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from qc_pipeline.call import Transcript, Turn, transcript_from_json
from qc_pipeline.message import Message
from qc_pipeline.scoring.decisions import Decision
from qc_pipeline.scoring.evidence.hearing import HearingBounds
from qc_pipeline.scoring.scorecard import Scorecard, scorecard_from_json
from tests.builders import AGENT, CUSTOMER, card, only, rubric, transcript, turn

GREETS = "points: 30, expect: {said: {by: agent, any: [您好]}}"
PROMISES = "points: 20, severity: major, expect: {said: {by: agent, any: [给您回电]}}"
RUDE = "points: 40, forbid: {said: {by: agent, any: [你听不懂吗]}}"
TONE = "points: 10, manual: true"
ABUSE = "severity: fatal, forbid: {said: {by: agent, any: [滚蛋], match: exact}}"
FORM = rubric(GREETS, PROMISES, RUDE, TONE, ABUSE)


def call(agent: str = "您好", more: tuple[Turn, ...] = ()) -> Transcript:
    """The agent says a few words within two seconds, then ten more seconds without a word of text:
    16 % heard. The customer was heard whole. Turns said later may be added.
    """
    return transcript(
        turn("agent", 0, 2, agent),
        turn("customer", 3, 5, "我要查账单"),
        *more,
        speech={AGENT: [(0, 2), (10, 20)], CUSTOMER: [(3, 5)]},
        unheard={AGENT: [(10, 20)]},
        duration_s=30,
    )


def heard_whole() -> Transcript:
    return transcript(
        turn("agent", 0, 2, "您好"),
        turn("customer", 3, 5, "我要查账单"),
        speech={AGENT: [(0, 2)], CUSTOMER: [(3, 5)]},
        unheard={},
        duration_s=30,
    )


def decide(criterion: str | None, verdict: str, **more: Any) -> Decision:
    return Decision(
        criterion=criterion, verdict=verdict, person="wang", at="2026-11-16T09:00:00+08:00", **more
    )


def verdicts(scored: Scorecard) -> dict[str, tuple[str, float, float]]:
    return {c.id: (str(c.verdict), c.lost, c.stake) for c in scored.criteria()}


FINE = tuple(decide(c, "overturn", reason="听过") for c in ("c2", "c3", "c5"))


def test_it_has_no_total_and_costs_nothing_that_was_not_heard():
    scored = card(FORM, call())
    assert (scored.total, scored.band, scored.passed) == (None, None, None)
    assert scored.unjudged and scored.provisional and not scored.judged_by_person
    assert verdicts(scored) == {
        "c1": ("pass", 0, 0),
        # Heard whole, the missing promise would be a major deduction of 20.
        "c2": ("unscorable", 0, 20),
        "c3": ("unscorable", 0, 40),
        "c4": ("unscorable", 0, 10),
        "c5": ("unscorable", 0, 0),
    }
    assert scored.criteria()[2].reason == "无法判断：坐席的话没听清"
    whole = card(FORM, heard_whole())
    # 20 of the 90 points that were judged: 100 * 70 / 90.
    assert (whole.total, whole.not_judged) == (77.78, {})
    assert verdicts(whole)["c3"] == ("pass", 0, 0)


def test_the_card_says_of_whom_and_how_much_was_heard():
    body = card(FORM, call()).as_json()
    assert body["not_judged"] == [{"speaker": "agent", "reason": "unheard"}]
    assert body["hearing"]["agent"] == {
        "confidence": None, "dropped": 0.0, "heard": round(2 / 12, 4), "speech_s": 12.0, "unheard_s": 10.0,
    }  # fmt: skip
    assert body["hearing"]["customer"]["heard"] == 1.0
    assert "not_judged" not in card(FORM, heard_whole()).as_json()


def test_a_transcript_that_does_not_know_gives_neither():
    known = card(FORM, transcript(turn("agent", 0, 2, "您好")))
    assert not {"hearing", "not_judged"} & set(known.as_json())
    assert known.total == 77.78


def test_a_card_of_a_former_version_reads_and_has_its_hash():
    scored = card(FORM, call())
    assert scorecard_from_json(scored.as_json()).sha256() == scored.sha256()
    assert scorecard_from_json(scored.as_json()).unjudged
    old = card(FORM, transcript(turn("agent", 0, 2, "您好")))
    assert scorecard_from_json(old.as_json()).sha256() == old.sha256()


def test_what_was_found_stands_and_is_proposed():
    scored = card(rubric("points: 60, " + GREETS[12:], RUDE, ABUSE), call("滚蛋,你听不懂吗"))
    # Five points and more are a person's to decide.
    assert verdicts(scored)["c2"] == ("fail", 40, 40)
    assert (scored.criteria()[2].verdict, scored.criteria()[2].proposed) == ("fail", True)
    assert (scored.total, scored.fatal) == (None, ("c3",))


def test_the_other_party_who_was_heard_is_judged_by_what_it_did_not_say():
    never = "forbid: {said: {by: customer, any: [我要投诉]}}"
    assert only(never, call()).verdict == "pass"
    either = "forbid: {said: {by: any, any: [我要投诉]}}"
    assert only(either, call()).verdict == "unscorable"


@pytest.mark.parametrize(
    "criterion",
    [
        "expect: {said: {by: agent, any: [您好]}}, applies: {said: {by: agent, any: [稍等]}}",
        "expect: {whenever: {said: {by: agent, any: [稍等]}}, then: {said: {by: agent, any: [久等]}}, within: {turns: 3}}",
        "expect: {whenever: {said: {by: customer, any: [账单]}}, then: {said: {by: agent, any: [好的]}}, within: {turns: 3}}",
        "expect: {before: {first: {said: {by: customer, any: [账单]}}, then: {said: {by: agent, any: [工号]}}}}",
        "forbid: {not: {said: {by: agent, any: [再见]}}}",
        "expect: {not: {said: {by: agent, any: [再见]}}}",
        "forbid: {said: {by: agent, any: [您好], times: 2}}",
        "forbid: {matches: {by: agent, regex: '投诉'}}",
        "forbid: {repeats: {by: agent}}",
        "forbid: {interrupts: {by: customer}}",
        "forbid: {speech_rate: {by: agent, below: 200}}",
        "forbid: {response_time: {by: agent, above: 3}}",
        "forbid: {silence: {longer_than: 4, unless_said: [请稍等]}}",
        "expect: {reads_back: {by: customer, heard_from: agent}}",
        "forbid: {hangs_up: {by: agent, sooner_than: 3}}",
        "forbid: {said: {by: agent, any: [您好]}}, deduct: {steps: {2: 50}}",
    ],
)  # fmt: skip
def test_nothing_rests_on_what_was_not_heard(criterion: str):
    fields = {"hangup_by": "customer" if "hangs_up" not in criterion else "agent"}
    heard = call(more=(turn("agent", 26, 27, "再见"),)) if "silence" in criterion else call()
    if "hangs_up" in criterion:
        # The customer is the one whose last word counts.
        heard = transcript(
            turn("agent", 0, 2, "您好"),
            turn("customer", 3, 5, "我要查账单"),
            speech={AGENT: [(0, 2)], CUSTOMER: [(3, 5), (10, 20)]},
            unheard={CUSTOMER: [(10, 20)]},
            duration_s=30,
        )
    result = only(criterion, heard, fields)
    assert (result.verdict, result.lost) == ("unscorable", 0)
    assert "没听清" in result.reason


def test_a_silence_that_nobody_had_to_announce_is_a_silence():
    heard = call(more=(turn("agent", 26, 27, "再见"),))
    assert only("forbid: {silence: {longer_than: 4}}", heard).verdict == "fail"


def test_it_has_a_total_once_a_person_decided_all_that_the_machine_could_not():
    tone = decide("c4", "points", points=4, reason="不耐烦")
    waiting = card(FORM, call(), decisions=FINE)
    assert (waiting.total, waiting.unjudged) == (None, True)
    scored = card(FORM, call(), decisions=(*FINE, tone))
    assert (scored.total, scored.band, scored.passed) == (96, "合格", True)
    assert not scored.unjudged and not scored.provisional
    assert scored.judged_by_person and scored.as_json()["not_judged"]


def test_each_of_the_open_items_keeps_it_without_a_total():
    every = {d.criterion: d for d in (*FINE, decide("c4", "points", points=0, reason="好"))}
    assert card(FORM, call(), decisions=tuple(every.values())).total == 100
    for left_out in every:
        some = tuple(d for c, d in every.items() if c != left_out)
        assert card(FORM, call(), decisions=some).total is None, left_out


def test_confirming_what_was_not_heard_costs_what_it_is_worth():
    tone = decide("c4", "points", points=0, reason="好")
    taken = (decide("c2", "confirm"), *FINE[1:], tone)
    assert card(FORM, call(), decisions=taken).total == 80
    red = card(FORM, call(), decisions=(*FINE[:2], decide("c5", "confirm"), tone))
    assert (red.total, red.fatal) == (0, ("c5",))


def test_a_red_line_that_a_person_confirmed_is_a_zero_whatever_else_is_open():
    heard = call("您好,滚蛋")
    assert card(FORM, heard).total is None
    assert card(FORM, heard, decisions=(decide("c5", "confirm"),)).total == 0
    assert card(FORM, heard, decisions=(decide("c5", "overturn", reason="x"),)).total is None


def test_what_nobody_looked_at_before_publishing_stays_not_judged():
    closed = tuple(decide(c, "not_looked_at") for c in ("c2", "c3", "c4", "c5"))
    scored = card(FORM, call(), decisions=closed, terms={"published": True})
    assert (scored.total, scored.unjudged, scored.provisional) == (None, True, False)
    assert not any(c.lost for c in scored.criteria())


def test_a_recording_that_nobody_can_understand_is_invalid_and_no_longer_not_judged():
    scored = card(FORM, call(), decisions=(decide(None, "invalid", reason="全是杂音"),))
    assert (scored.total, scored.not_judged, scored.unjudged) == (None, {}, False)


def test_what_is_on_trial_waits_for_nobody():
    form = rubric("points: 100, " + GREETS[12:], "points: 50, status: trial, " + RUDE[12:])
    scored = card(form, call())
    assert scored.criteria()[1].verdict == "unscorable"
    assert scored.total == 100 and not scored.unjudged


def test_the_bounds_are_told_to_scoring():
    lenient = card(FORM, call(), terms={"bounds": HearingBounds(least_heard=0.1)})
    # The promise is held: for the words that are there it is not sure that it was not made. That
    # nobody was rude rests on what was not heard.
    assert (lenient.not_judged, lenient.total) == ({}, None)
    assert [c.verdict for c in lenient.criteria()[1:3]] == ["held", "unscorable"]
    assert lenient.hearing == card(FORM, call()).hearing


@pytest.mark.parametrize("how", ["fast", "slow"])
def test_at_the_wrong_speed_nobodys_words_are_trusted(how: str):
    wrong = replace(heard_whole(), notes=(Message.of(f"voices.too-{how}", pitch=310),))
    scored = card(FORM, transcript_from_json(wrong.as_json()))
    assert scored.unjudged
    assert scored.as_json()["not_judged"] == [
        {"speaker": "agent", "reason": "speed"}, {"speaker": "customer", "reason": "speed"},
    ]  # fmt: skip
    silent = replace(wrong, turns=wrong.turns[:1], speech={AGENT: wrong.speech[AGENT]})
    assert card(FORM, silent).not_judged == {AGENT: "speed"}
