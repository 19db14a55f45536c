"""What is worth hearing for a red line or a major item, though it decides nothing."""

from __future__ import annotations

from qc_pipeline.scoring.scorecard import scorecard_from_json
from tests.builders import AGENT, CUSTOMER, card, rubric, transcript, turn

RED = "severity: fatal, forbid: {said: {by: agent, any: [傻子, 神经病], match: exact}}"
FINE = "expect: {not: {said: {by: agent, any: [再见]}}}"
MINOR = "forbid: {said: {by: agent, any: [傻子]}}"


def call(confidence: float, unheard: list[tuple[float, float]] | None = None):
    words = [1.0, 1.0, confidence, 1.0, 1.0, 1.0]
    return transcript(
        turn("agent", 0, 3, "那个沙子好了", words=words),
        speech={AGENT: [(0, 3), *(unheard or [])], CUSTOMER: []},
        unheard={AGENT: unheard or []},
        duration_s=30,
    )


def test_a_short_word_that_was_hardly_heard_is_listed_and_decides_nothing() -> None:
    scored = card(rubric(RED, MINOR), call(0.5))
    assert [c.verdict for c in scored.criteria()] == ["pass", "held"]
    (one,) = scored.worth_hearing
    assert one.as_json() == {
        "criterion": "c1", "speaker": "agent", "start_s": 1.0, "end_s": 2.0, "phrase": "傻子",
    }  # fmt: skip
    assert not scored.criteria()[0].awaits_person
    assert scorecard_from_json(scored.as_json()).worth_hearing == scored.worth_hearing
    # What was heard a little better is no more worth hearing than anything else.
    assert card(rubric(RED, FINE), call(0.6)).worth_hearing == ()


def test_speech_without_words_is_listed_for_the_party_that_is_asked_about() -> None:
    scored = card(rubric(RED, FINE), call(1.0, [(10, 11.4), (20, 21.2)]))
    assert [(w.start_s, w.end_s, w.phrase) for w in scored.worth_hearing] == [
        (10, 11.4, None), (20, 21.2, None),
    ]  # fmt: skip
    of_customer = rubric(RED.replace("by: agent", "by: customer"), FINE)
    assert card(of_customer, call(1.0, [(10, 11.4)])).worth_hearing == ()


def test_what_was_found_or_weighs_little_needs_no_listening() -> None:
    found = transcript(turn("agent", 0, 2, "神经病", words=[1.0] * 3), duration_s=4)
    assert card(rubric(RED, FINE), found).worth_hearing == ()
    assert card(rubric(MINOR), call(0.5, [(10, 11.4)])).worth_hearing == ()
    assert "worth_hearing" not in card(rubric(MINOR), call(0.5)).as_json()
