"""Where it is not certain who spoke, a finding waits for a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qc_pipeline.call import Doubt, DoubtReason, Speaker, Transcript, transcript_from_json
from tests.builders import AGENT, CUSTOMER, measures, only, transcript, turn

TABOO = "forbid: {said: {by: agent, any: [说了多少遍了]}}"
CLOSING = "expect: {said: {by: agent, any: [再见], within: {last_seconds: 10}}}"


def call(*doubts: Doubt) -> Transcript:
    """The agent is rude at 10 s and again at 90 s; nobody says goodbye."""
    told = transcript(
        turn("agent", 10, 12, "说了多少遍了"),
        turn("customer", 20, 22, "我要投诉"),
        turn("agent", 90, 92, "说了多少遍了"),
        duration_s=100,
    )
    return replace(told, doubts=doubts)


def doubt(start_s: float, end_s: float, speaker: Speaker = AGENT, **more: object) -> Doubt:
    given = {"certainty": 0.5, "reason": DoubtReason.SECOND_VOICE, **more}
    return Doubt(speaker=speaker, start_s=start_s, end_s=end_s, **given)  # type: ignore[arg-type]


def test_what_a_second_voice_may_have_said_is_held() -> None:
    early = "forbid: {said: {by: agent, any: [说了多少遍了], within: {first_turns: 1}}}"
    late = "forbid: {said: {by: agent, any: [说了多少遍了], within: {last_turns: 1}}}"
    assert only(late, call()).verdict == "fail"
    held = only(late, call(doubt(80, 100)))
    assert (held.verdict, held.lost, held.stake, held.certainty) == ("held", 0, 100, 0.5)
    assert held.reason.endswith("（该方声音里不止一人说话，待人工确认）")
    # Before the second voice came in, the agent's words are the agent's.
    assert only(early, call(doubt(80, 100))).verdict == "fail"
    # Another party's doubt is no doubt about the agent.
    assert only(late, call(doubt(80, 100, CUSTOMER))).verdict == "fail"


def test_what_was_not_said_where_somebody_else_spoke_is_held() -> None:
    assert only(CLOSING, call()).verdict == "fail"
    assert only(CLOSING, call(doubt(80, 100))).verdict == "held"
    assert only(CLOSING, call(doubt(0, 50))).verdict == "fail"


def test_a_trigger_of_a_doubtful_voice_costs_nothing() -> None:
    answer = (
        "expect: {whenever: {said: {by: customer, any: [投诉]}},"
        " then: {said: {by: agent, any: [帮您登记]}}, within: {seconds: 30}}"
    )
    assert only(answer, call()).verdict == "fail"
    assert only(answer, call(doubt(0, 100, CUSTOMER))).verdict == "held"


def test_a_measure_of_a_doubtful_voice_is_held() -> None:
    flat = "forbid: {pitch_range: {by: agent, below: 4}}"
    told = measures({"pitch_range_st": 2.0})
    assert only(flat, call(), measures=told).verdict == "fail"
    assert only(flat, call(doubt(80, 100)), measures=told).verdict == "held"


def test_the_gravest_doubt_is_told() -> None:
    role = doubt(0, 100, certainty=0.65, reason=DoubtReason.ROLE)
    held = only(TABOO, call(role))
    assert held.certainty == 0.65
    assert "哪一方是坐席未能确定" in held.reason
    assert only(TABOO, call(role, doubt(80, 100))).certainty == 0.5


def test_praise_needs_no_certainty_about_who() -> None:
    """The benefit of the doubt goes to the agent."""
    greeted = "expect: {said: {by: agent, any: [说了多少遍了]}}"
    assert only(greeted, call(doubt(0, 100))).verdict == "pass"


def test_doubts_are_kept_in_the_transcript() -> None:
    told = call(doubt(80.004, 100))
    body = told.as_json()
    assert body["doubts"] == [
        {
            "speaker": "agent",
            "start_s": 80.0,
            "end_s": 100,
            "certainty": 0.5,
            "reason": "second-voice",
        }
    ]
    assert transcript_from_json(body).as_json() == body
    assert "doubts" not in call().as_json()
    assert told.sha256() != call().sha256()


@pytest.mark.parametrize("reason", list(DoubtReason))
def test_every_reason_has_words_in_both_languages(reason: DoubtReason) -> None:
    from qc_pipeline.report.words.catalog import in_every_language
    from qc_pipeline.scoring.reasons import held

    given = doubt(0, 1, reason=reason)
    assert held("x", "zh", (), (0.6, 0.8), given) != held("x", "zh", (), (0.6, 0.8))
    assert held("x", "en", (), (0.6, 0.8), given).startswith("x (")
    assert len(set(in_every_language(f"doubt.{reason}"))) == 2
