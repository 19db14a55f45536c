"""Measures that need no sound, worked out by hand from placed turns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qc_pipeline.scoring.evidence.conversation_measures import conversation
from qc_pipeline.scoring.evidence.line_gain import CallLevels, corrected_difference_db, usual_levels
from qc_pipeline.scoring.evidence.remeasure import measures_again
from qc_pipeline.scoring.evidence.usual_level import usual_level
from tests.builders import AGENT, CUSTOMER, transcript, turn

CALL = transcript(
    turn("agent", 0, 3, "您好请问有什么可以帮您"),
    turn("customer", 4, 8, "我想查一下我上个月的话费"),
    turn("agent", 6, 9, "好的我给您查一下请您稍等"),
    turn("agent", 20, 24, "让您久等了您上个月的话费是三十元"),
    turn("customer", 26, 27, "谢谢"),
)


def test_talk_silence_and_answers_of_a_call() -> None:
    got = conversation(CALL, "v")
    agent, customer = got.speakers[AGENT], got.speakers[CUSTOMER]
    # 3 + 3 + 4 and 4 + 1 seconds; silence 3-4, 9-20, 24-26.
    assert (agent["talk_s"], customer["talk_s"]) == (10, 5)
    assert agent["talk_share"] == pytest.approx(10 / 15)
    assert (got.call["silence_s"], got.call["silence_longest_s"]) == (14, 11)
    assert agent["silence_after_s"] == 14
    assert customer["silence_after_s"] == 0
    assert got.call["overlap_s"] == 2
    # The customer answers after 1 and 2 s, the agent at once.
    assert (customer["response_first_s"], customer["response_longest_s"]) == (1, 2)
    assert [t.get("response_s") for t in got.turns] == [None, 1, 0, None, 2]


def test_a_long_silence_knows_notice_and_thanks() -> None:
    got = conversation(CALL, "v")
    (silence,) = got.events["silences"]
    assert (silence["start_s"], silence["end_s"], silence["after"]) == (9, 20, "agent")
    assert (silence["told_to_wait"], silence["thanked_after"]) == (True, True)
    assert got.call["silence_untold_longest_s"] == 0.0
    turns = list(CALL.turns)
    turns[2] = replace(turns[2], text="好的我知道您的意思了")
    turns[3] = replace(turns[3], text="您上个月的话费是三十元")
    untold = conversation(replace(CALL, turns=tuple(turns)), "v")
    (silence,) = untold.events["silences"]
    assert (silence["told_to_wait"], silence["thanked_after"]) == (False, False)
    assert untold.call["silence_untold_longest_s"] == 11


def test_cutting_in_and_giving_way_are_counted() -> None:
    got = conversation(CALL, "v")
    # From 6 to 8 both talk; the customer stops first.
    assert got.speakers[AGENT]["interruptions"] == 1
    assert got.speakers[AGENT]["interruptions_other_gave_way"] == 1
    assert got.speakers[CUSTOMER]["gave_way"] == 1
    (cut,) = got.events["interruptions"]
    assert (cut["start_s"], cut["end_s"], cut["gave_way"], cut["counted"]) == (6, 8, True, True)


def test_pace_its_spread_and_its_change() -> None:
    call = transcript(
        turn("agent", 0, 10, "一" * 40),
        turn("customer", 10, 11, "好"),
        turn("agent", 11, 21, "一" * 60),
    )
    own = conversation(call, "v").speakers[AGENT]
    # 100 characters in 20 s; turns of 240 and 360 a minute; thirds of 6.67 s at 4 and 6 a second.
    assert own["speech_rate"] == pytest.approx(300)
    assert own["speech_rate_sd"] == pytest.approx(60)
    assert own["speech_rate_change"] == pytest.approx(0.5)


def test_in_one_channel_nobody_cuts_in_and_a_dead_one_leaves_out_what_needs_both() -> None:
    mono = conversation(replace(CALL, channels={AGENT: "mono", CUSTOMER: "mono"}), "v")
    assert "overlap_s" not in mono.call
    assert "interruptions" not in mono.speakers[AGENT]
    assert mono.call["silence_s"] == 14
    dead = conversation(replace(CALL, channels={AGENT: "ok", CUSTOMER: "dead"}), "v")
    assert CUSTOMER not in dead.speakers
    assert dead.call == {}
    assert "response_first_s" not in dead.speakers[AGENT]


def test_corrected_words_change_pace_and_leave_level_alone() -> None:
    old = conversation(CALL, "v")
    heard = replace(
        old,
        speakers={s: {**m, "level_db": -20.0} for s, m in old.speakers.items()},
        call={**old.call, "level_difference_db": 0.0},
    )
    turns = list(CALL.turns)
    turns[0] = replace(turns[0], text="您好")
    words = replace(CALL, turns=tuple(turns))
    got = measures_again(heard, CALL, words)
    assert got.speakers[AGENT]["units"] == old.speakers[AGENT]["units"] - 9
    assert got.speakers[AGENT]["level_db"] == -20.0
    turns[0] = replace(turns[0], speaker=CUSTOMER)
    moved = measures_again(heard, CALL, replace(CALL, turns=tuple(turns)))
    assert "level_db" not in moved.speakers[AGENT]
    assert "level_difference_db" not in moved.call


def test_the_usual_level_is_that_of_half_the_speaking_time() -> None:
    # Ten murmured words of 0.3 s at -40 dB are 3 s, two sentences of 4 s the rest.
    assert usual_level([(-40.0, 0.3)] * 10 + [(-22.0, 4.0), (-20.0, 4.0)]) == -22.0
    assert usual_level([]) is None


def test_an_agents_usual_line_is_taken_out_of_the_difference() -> None:
    calls = [CallLevels(agent_id="a", agent_db=-20.0, customer_db=-30.0) for _ in range(5)]
    loud = CallLevels(agent_id="a", agent_db=-14.0, customer_db=-30.0)
    usual = usual_levels([*calls, loud])
    assert corrected_difference_db(loud, usual) == pytest.approx(6.0)
    assert corrected_difference_db(replace(loud, agent_id="b"), usual) is None
