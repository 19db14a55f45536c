"""A recorder's pause is nobody's silence, and a call is as long as its talk."""

from __future__ import annotations

from typing import Any

import pytest

from qc_pipeline.call import Transcript, transcript_from_json
from qc_pipeline.scoring.evidence import timing
from qc_pipeline.scoring.evidence.conversation_measures import conversation
from qc_pipeline.scoring.evidence.finding import Verdict
from tests.builders import AGENT, CUSTOMER, only, transcript, turn

# The recorder is paused from 7 to 25 s; around that nobody speaks from 5 s to 30 s.
TURNS = (
    turn(CUSTOMER, 0.0, 5.0, "我要查一下上个月的话费"),
    turn(AGENT, 30.0, 34.0, "您的话费已经查到了"),
)
PAUSE = (7.0, 25.0)


def call(*pauses: tuple[float, float], **more: Any) -> Transcript:
    return transcript(*TURNS, pauses=pauses, **more)


def test_a_pause_divides_the_silence_it_lies_in() -> None:
    assert [(s.start_s, s.end_s) for s in timing.silences(call())] == [(5.0, 30.0)]
    assert [(s.start_s, s.end_s) for s in timing.silences(call(PAUSE))] == [
        (5.0, 7.0),
        (25.0, 30.0),
    ]


def test_nobody_waits_while_the_recorder_is_paused() -> None:
    merged = timing.merge_turns(TURNS)
    assert [a.wait_s for a in timing.answers(merged)] == [25.0]
    assert [a.wait_s for a in timing.answers(merged, [PAUSE])] == [7.0]


def test_measures_leave_the_pause_out() -> None:
    got = conversation(call(PAUSE), "test")
    assert got.call["silence_longest_s"] == 5.0
    assert got.call["silence_s"] == 7.0
    assert got.speakers[AGENT]["response_longest_s"] == 7.0


@pytest.mark.parametrize(("pauses", "verdict"), [((), Verdict.FAIL), ((PAUSE,), Verdict.PASS)])
@pytest.mark.parametrize(
    "criterion",
    [
        "forbid: {silence: {longer_than: 20}}",
        "forbid: {response_time: {by: agent, above: 10}}",
    ],
)
def test_a_pause_costs_nobody_points(
    criterion: str, pauses: tuple[tuple[float, float], ...], verdict: Verdict
) -> None:
    assert only(criterion, call(*pauses)).verdict is verdict


@pytest.mark.parametrize(
    ("pauses", "verdict"),
    [((), Verdict.FAIL), (((36.0, 216.0),), Verdict.NOT_APPLICABLE)],
)
@pytest.mark.parametrize("listed_s", [216, 216.0])
def test_a_rule_on_long_calls_goes_by_the_talk(
    pauses: tuple[tuple[float, float], ...], verdict: Verdict, listed_s: float
) -> None:
    """Three blank minutes after a call of 36 s; the call list has the file's length."""
    criterion = (
        "applies: {call: {duration_s: {above: 120}}}, expect: {said: {by: agent, any: [感谢]}}"
    )
    got = only(criterion, call(*pauses, duration_s=216.0), {"duration_s": listed_s})
    assert got.verdict is verdict


def test_a_list_that_knows_the_talk_is_left_as_it_is() -> None:
    got = call((36.0, 216.0), duration_s=216.0)
    assert got.length_s == 36.0
    assert call(PAUSE, duration_s=40.0).length_s == 40.0
    criterion = (
        "applies: {call: {duration_s: {above: 30}}}, expect: {said: {by: agent, any: [感谢]}}"
    )
    assert only(criterion, got, {"duration_s": 20}).verdict is Verdict.NOT_APPLICABLE
    assert only(criterion, got, {}).verdict is Verdict.UNSCORABLE


def test_who_hangs_up_late_is_not_the_recorder() -> None:
    """Six seconds after the last word the call is over; the recorder runs on for three minutes."""
    criterion = "forbid: {hangs_up: {by: customer, sooner_than: 10}}"
    call_row = {"hangup_by": "customer"}
    assert only(criterion, call(duration_s=220.0), call_row).verdict is Verdict.PASS
    got = only(criterion, call((40.0, 220.0), duration_s=220.0), call_row)
    assert got.verdict is Verdict.FAIL


def test_pauses_are_kept_and_old_transcripts_have_none() -> None:
    body = call(PAUSE, duration_s=40.0).as_json()
    assert body["pauses"] == [[7.0, 25.0]]
    assert transcript_from_json(body) == call(PAUSE, duration_s=40.0)
    plain = call(duration_s=40.0).as_json()
    assert "pauses" not in plain
    assert transcript_from_json(plain).pauses == ()
