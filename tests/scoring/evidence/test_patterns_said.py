"""Patterns where a call is searched: gaps, clauses, tiers, `unless`, scripts, English."""

from __future__ import annotations

import pytest

from qc_pipeline.scoring.rubric.parse import read_rubric_text
from tests.builders import only, rubric, said, transcript, turn
from tests.scoring.rubric.test_parse import criterion

MORE = "还有(什么|没有|)(其他|别的)…(可以帮|需要|问题)"
FOR = "expect: {{said: {{by: agent, any: ['{0}']}}}}"
AGAINST = "forbid: {{said: {{by: agent, any: ['{0}']}}}}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("还有什么其他可以帮您的吗", "pass"),
        ("请问还有别的问题吗", "pass"),
        ("还有没有其他我们这边可以帮到您", "pass"),
        # Five syllables lie between: one more than the gap.
        ("还有没有其他我们这边还可以帮到您", "fail"),
        ("还有其他人", "fail"),
        # The clause ends between.
        ("还有其他，什么问题", "fail"),
        ("还有其他。问题", "fail"),
        # 其它 and 其他 sound the same; by one part alone the phrase is not said.
        ("还有其它的问题吗", "pass"),
        ("可以帮您的还有其他", "fail"),
    ],
)
def test_a_gap_lies_inside_the_clause(text: str, expected: str) -> None:
    result = only(FOR.format(MORE), said(("agent", text)))
    # What is worded nearly so is no hit; a person is asked before its absence costs anything.
    assert ("fail" if result.verdict == "held" else result.verdict) == expected
    assert (result.verdict == "held") == ("算不算" in result.reason)


def test_the_evidence_is_all_of_it_from_the_first_part_to_the_last() -> None:
    result = only(FOR.format(MORE), said(("agent", "好的请问还有别的什么问题吗")))
    (evidence,) = result.evidence
    assert evidence.quote == "还有别的什么问题"
    assert (evidence.start_s, evidence.end_s) == (pytest.approx(1.0), pytest.approx(3.0))
    assert evidence.phrase == "还有别的…问题"


def test_parts_are_held_against_the_agent_by_their_own_doubt() -> None:
    pattern = "你…爱办不办"
    sure = transcript(turn("agent", 0, 2.5, "你这人爱半不半呢", words=[1.0] * 8))
    doubted = transcript(
        turn("agent", 0, 2.5, "你这人爱半不半呢", words=[1, 1, 1, 1, 0.8, 1, 0.8, 1])
    )
    assert only(AGAINST.format(pattern), sure).verdict == "pass"
    assert only(AGAINST.format(pattern), doubted).verdict == "fail"
    # What is said in the gap need not be heard well.
    gap = transcript(turn("agent", 0, 2.5, "你这人爱办不办呢", words=[1, 0.6, 0.7, 1, 1, 1, 1, 1]))
    assert only(AGAINST.format(pattern), gap).verdict == "fail"


def test_several_wordings_at_one_place_are_one_hit() -> None:
    rule = "expect: {said: {by: agent, any: ['(您|)好(的|)'], times: 2}}"
    assert only(rule, said(("agent", "您好的"))).verdict == "fail"
    assert only(rule, said(("agent", "您好的，好"))).verdict == "pass"


def test_patterns_cancel_and_stand_in_scripts() -> None:
    rule = "forbid: {said: {by: agent, any: [保证], unless: ['(不|没|没有)(能|办法|法)…保证']}}"
    assert only(rule, said(("agent", "这个我没办法给您保证"))).verdict == "pass"
    assert only(rule, said(("agent", "我保证"))).verdict == "fail"
    script = (
        "expect: {follows_script: {by: agent, script: ['还有(其他|别的)…问题|需要帮助', 再见]}}"
    )
    assert only(script, said(("agent", "还有别的什么问题吗"), ("agent", "再见"))).verdict == "pass"
    assert only(script, said(("agent", "您需要帮助吗"), ("agent", "再见"))).verdict == "pass"
    assert only(script, said(("agent", "还有别的"), ("agent", "再见"))).verdict == "fail"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Is there anything else I can help you with?", "pass"),
        ("anything more I might be able to do", "pass"),
        ("Is there anything else I guess? Help is there.", "fail"),
        # One stem: helping is help; but press is no impression, and nothing near without doubt.
        ("was there anything else I could be helping with", "pass"),
        ("Is there something else", "fail"),
    ],
)
def test_english_by_words_and_stems(text: str, expected: str) -> None:
    phrase = "anything (else|more) I…(help|do|assist)"
    call = said(("agent", text), language="en")
    assert only(rubric(FOR.format(phrase), language="en"), call).verdict == expected


@pytest.mark.parametrize(
    ("words", "phrase"),
    [
        ("just use the press key", "go to the press"),
        ("we contacted you to deal with it", "contact you"),
        ("I can't complain about this one", "complaining about this"),
    ],
)
def test_a_stem_against_the_agent_needs_doubt(words: str, phrase: str) -> None:
    call = said(("agent", words), language="en")
    assert only(rubric(AGAINST.format(phrase), language="en"), call).verdict == "pass"


@pytest.mark.parametrize(
    ("phrase", "level", "message"),
    [
        ("((其他|别的)|问题)吗", "error", "outside of brackets"),
        ("(还有|)(其他|)", "error", "nothing of this phrase"),
        ("好…吗", "error", "one part of two syllables"),
        ("还有其他|别的", "error", "never be found"),
        ("还有其他、别的", "warning", "'、' does not part"),
        ("还有其他/别的", "warning", "'/' does not part"),
        ("还有其他或别的", "warning", "'或' does not part"),
        ("还有(其他)问题", "warning", "'()' does not part"),
        ("还有其他或许问题", None, ""),
        ("还有(其他|别的)…问题", None, ""),
    ],
)
def test_the_check_tells_of_bad_patterns(phrase: str, level: str | None, message: str) -> None:
    body = f"        points: 10\n        {FOR.format(phrase)}\n"
    found = read_rubric_text(criterion(body), "r.yaml").problems
    if level is None:
        assert list(found) == []
    else:
        assert [(p.severity, message in p.message) for p in found] == [(level, True)]
