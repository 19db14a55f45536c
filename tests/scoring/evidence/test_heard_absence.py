"""A pass that rests on what was not found must have been heard: in every operator."""

from __future__ import annotations

import pytest

from qc_pipeline.call import Transcript
from tests.builders import AGENT, CUSTOMER, only, rubric, transcript, turn

FORBID = "forbid: {said: {by: agent, any: [你听不懂吗]}}"


def call(unheard_s: float, heard_s: float = 20.0, confidence: float = 1.0) -> Transcript:
    """The agent speaks for so many seconds with words, then for others without any."""
    text = "这" * int(heard_s * 4)
    end_s = heard_s + unheard_s
    gap = [(heard_s, end_s)] if unheard_s else []
    return transcript(
        turn("agent", 0, heard_s, text, confidence=confidence, words=[confidence] * len(text)),
        turn("customer", end_s + 1, end_s + 3, "好的我知道了啊", words=[1.0] * 7),
        speech={AGENT: [(0, end_s)], CUSTOMER: [(end_s + 1, end_s + 3)]},
        unheard={AGENT: gap},
        duration_s=end_s + 4,
    )


@pytest.mark.parametrize(
    ("unheard_s", "verdict"),
    [(0, "pass"), (1.5, "pass"), (1.6, "unscorable"), (2.9, "unscorable")],
)
def test_seconds_without_words(unheard_s: float, verdict: str) -> None:
    result = only(FORBID, call(unheard_s))
    assert result.verdict == verdict
    if verdict == "unscorable":
        assert "没听清" in result.reason
        assert f"{unheard_s:.1f}秒没有文字" in result.reason


def test_a_twentieth_of_much_speech_may_be_unheard() -> None:
    # 5 % of 60 s are 3 s, more than the 1.5 s.
    assert only(FORBID, call(3.0, heard_s=57.0)).verdict == "pass"
    assert only(FORBID, call(3.2, heard_s=57.0)).verdict == "unscorable"


@pytest.mark.parametrize(("confidence", "verdict"), [(0.5, "pass"), (0.49, "unscorable")])
def test_a_word_is_understood_from_one_half_on(confidence: float, verdict: str) -> None:
    words = [1.0] * 14 + [confidence] * 6
    heard = transcript(
        turn("agent", 0, 5, "这" * 20, words=words), speech={AGENT: [(0, 5)]}, duration_s=6
    )
    assert only(FORBID, heard).verdict == verdict


def test_three_quarters_of_the_speech_are_enough() -> None:
    def half_understood(good: int) -> Transcript:
        words = [1.0] * good + [0.3] * (20 - good)
        return transcript(
            turn("agent", 0, 5, "这" * 20, words=words), speech={AGENT: [(0, 5)]}, duration_s=6
        )

    assert only(FORBID, half_understood(15)).verdict == "pass"
    assert only(FORBID, half_understood(14)).verdict == "unscorable"
    strict = rubric(FORBID, head="review_below: {heard: 0.9}")
    assert only(strict, half_understood(15)).verdict == "unscorable"
    # One number stands for the other two bounds.
    plain = rubric(FORBID, head="review_below: 0.95")
    assert plain.review_below.heard == 0.75


def test_without_confidences_words_are_words_and_without_speech_nothing_is_known() -> None:
    none = transcript(
        turn("agent", 0, 5, "这" * 20, words=[None] * 20), speech={AGENT: [(0, 5)]}, duration_s=6
    )
    assert only(FORBID, none).verdict == "pass"
    unknown = transcript(turn("agent", 0, 5, "这" * 20, confidence=0.1))
    assert unknown.speech == {}
    assert only(FORBID, unknown).verdict == "pass"


def test_without_told_gaps_speech_without_words_is_unheard() -> None:
    silent = transcript(
        turn("agent", 0, 2, "这" * 8, words=[1.0] * 8),
        speech={AGENT: [(0, 2), (5, 9)]},
        duration_s=10,
    )
    assert only(FORBID, silent).verdict == "unscorable"


WITHIN = "within: {last_turns: 1}"


@pytest.mark.parametrize(
    "condition",
    [
        "said: {by: agent, any: [你听不懂吗]}",
        "said: {by: agent, all: [你听不懂吗, 爱办不办]}",
        "said: {by: agent, any: ['你…懂不懂']}",
        "matches: {by: agent, regex: '听不懂'}",
        "similar: {by: agent, to: [你到底听不听得懂]}",
        "repeats: {by: agent, min_chars: 90}",
        "discloses: {by: agent, what: [id_card]}",
        "names_time_limit: {by: agent}",
        "follows_script: {by: agent, script: [你听不懂吗, 爱办不办]}",
        "sequence: [{said: {by: agent, any: [这这]}}, {said: {by: agent, any: [你听不懂吗]}}]",
        "all: [{said: {by: agent, any: [这这]}}, {said: {by: agent, any: [你听不懂吗]}}]",
        "any: [{said: {by: agent, any: [你听不懂吗]}}, {matches: {by: agent, regex: '懂'}}]",
        "said: {by: agent, any: [你听不懂吗]}, only_held: true",
    ],
)
def test_no_operator_passes_what_was_not_heard(condition: str) -> None:
    assert only(f"forbid: {{{condition}}}", call(8)).verdict == "unscorable", condition
    assert only(f"forbid: {{{condition}}}", call(0)).verdict == "pass", condition


@pytest.mark.parametrize(
    "criterion",
    [
        "expect: {said: {by: agent, any: [这这]}}, applies: {said: {by: agent, any: [稍等]}}",
        "expect: {whenever: {said: {by: agent, any: [稍等]}}, "
        "then: {said: {by: agent, any: [久等]}}, within: {turns: 2}}",
        "expect: {before: {first: {said: {by: agent, any: [余额]}}, "
        "then: {said: {by: agent, any: [核实身份]}}}}",
        "forbid: {said: {by: agent, any: [那个]}}, deduct: {steps: {2: 50}}",
    ],
)
def test_nor_does_what_did_not_arise(criterion: str) -> None:
    assert only(criterion, call(8)).verdict == "unscorable"
    assert only(criterion, call(0)).verdict in ("pass", "not_applicable")


def test_a_number_that_nobody_was_heard_to_give() -> None:
    reads = "expect: {reads_back: {by: agent, heard_from: customer, last: 4}}"
    given = transcript(
        turn("agent", 0, 2, "请讲", words=[1.0] * 2),
        turn("customer", 3, 5, "好的", words=[1.0] * 2),
        speech={AGENT: [(0, 2)], CUSTOMER: [(3, 5), (8, 16)]},
        unheard={CUSTOMER: [(8, 16)]},
        duration_s=20,
    )
    assert only(reads, given).verdict == "unscorable"


def test_what_was_found_stands_however_little_was_heard() -> None:
    heard = transcript(
        turn("agent", 0, 2, "你听不懂吗", words=[1.0] * 5),
        speech={AGENT: [(0, 2), (5, 30)]},
        unheard={AGENT: [(5, 30)]},
        duration_s=31,
    )
    assert only(FORBID, heard).verdict == "fail"


def test_an_expectation_that_was_not_met_is_held_as_ever() -> None:
    # The doubt is the agent's: it costs nothing, and a person decides.
    mumbled = call(0, confidence=0.79)
    assert only("expect: {said: {by: agent, any: [您好]}}", mumbled).verdict == "held"
    assert only(FORBID, mumbled).verdict == "pass"
