"""Likenesses attacked with calls that nobody would make: what was surely heard is what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc_pipeline.call import Transcript
from qc_pipeline.scoring.compile import compile_rubric
from qc_pipeline.scoring.evidence.finding import EvidenceKind
from qc_pipeline.scoring.score import ToScore, score, score_many
from qc_pipeline.scoring.scorecard import Scorecard
from tests.builders import rubric, transcript, turn

unhurried = settings(deadline=None, max_examples=120)

PHRASES = ["您好请讲", "爱办不办", "说了多少遍了", "投诉", "神经病", "帮您升级", "12315",
           "还有(什么|没有|)(其他|别的)…(可以帮|需要|问题)", "你…爱办不办",
           "给您…3…添麻烦了"]  # fmt: skip
# The phrases' own syllables, others of the same sound, usually confused ones, and signs.
_HEARD = (
    "您好请讲 泥好请将 爱办不办 爱半不半 爱帮不帮 说了多少片了 说了多少了 投宿 神京病 帮您登记 "
    "帮您生机 12315 123156 还有什么其他 可以帮 需要 给您 添马烦了 你"
)
TEXTS = (
    st.lists(
        st.one_of(
            st.sampled_from(_HEARD.split()),
            st.text(alphabet="爱半办不多少片遍了投宿诉神经病您你泥好请讲，。 嗯", max_size=4),
        ),
        min_size=1,
        max_size=5,
    )
    .map("".join)
    .filter(bool)
)
SPEAKERS = st.sampled_from(["agent", "customer"])
LINES = st.lists(st.tuples(SPEAKERS, TEXTS), min_size=1, max_size=4)

CRITERIA = tuple(
    f"id: {kind[0]}{number}{'m' if major else ''}, same_fact: none, "
    f"{'severity: major, ' if major else ''}{kind}: "
    f"{{said: {{by: agent, any: ['{phrase}']}}}}, points: 2.5"
    for number, phrase in enumerate(PHRASES)
    for kind in ("expect", "forbid")
    for major in (False, True)
)
READY = compile_rubric(rubric(*CRITERIA))


def call(
    lines: Sequence[tuple[str, str]], confidence: float | None, name: str = "r1"
) -> Transcript:
    at, turns = 0.0, []
    for speaker, text in lines:
        end = at + 0.25 * len(text)
        turns.append(
            turn(speaker, at, end, text, confidence=confidence, words=[confidence] * len(text))
        )
        at = end + 0.4
    return transcript(*turns, recording_id=name)


def tiers(card: Scorecard, kind: str) -> set[int]:
    """Of the verdicts of one kind that rest on something said: the tiers of that."""
    return {
        e.tier or 1
        for c in card.criteria()
        if c.id.startswith(kind) and c.verdict in ("fail", "held")
        for e in c.evidence
        if e.kind is EvidenceKind.SAID
    }


@unhurried
@given(LINES)
def test_what_was_surely_heard_is_held_for_nothing_and_only_itself_counts_against(
    lines: list[tuple[str, str]],
) -> None:
    card = score(READY, call(lines, 1.0), {})
    # An absence may be held for the nearest sentence; nothing is held against the agent.
    held = [c.id for c in card.criteria() if c.verdict == "held"]
    assert [id_ for id_ in held if id_.startswith("f")] == []
    assert tiers(card, "f") <= {1}


@unhurried
@given(LINES)
def test_without_confidences_nothing_near_is_found_and_a_sound_alone_only_holds(
    lines: list[tuple[str, str]],
) -> None:
    card = score(READY, call(lines, None), {})
    for one in card.criteria():
        if one.id.startswith("f") and one.verdict == "fail":
            # What is only alike may stand beside it; it is not what costs the points.
            assert 1 in {e.tier for e in one.evidence if e.kind is EvidenceKind.SAID}
    assert not {4, 5} & tiers(card, "f")


@unhurried
@given(st.lists(st.tuples(LINES, st.sampled_from([1.0, 0.84, 0.5, None])), min_size=2, max_size=6))
def test_a_call_is_judged_the_same_alone_and_among_others(
    calls: list[tuple[list[tuple[str, str]], float | None]],
) -> None:
    heard = [call(lines, sure, f"r{i}") for i, (lines, sure) in enumerate(calls)]
    together = list(score_many(READY, [ToScore(transcript=t, call={}) for t in heard]))
    alone = [score(READY, t, {}) for t in heard]
    fresh = compile_rubric(READY.rubric)
    backwards = [score(fresh, t, {}) for t in reversed(heard)][::-1]
    assert [c.as_json() for c in together] == [c.as_json() for c in alone]
    assert [c.as_json() for c in together] == [c.as_json() for c in backwards]


ENGLISH = compile_rubric(
    rubric(
        "expect: {said: {by: agent, any: [I will help you, 'refund(ed|)…not']}}",
        "forbid: {said: {by: agent, any: [it is not possible, no refunds]}}",
        language="en",
    )
)
_WORDS = "I will help helps helped you refund refunds refunded not no it's possible possibly can't"
WORDS = st.lists(st.sampled_from(_WORDS.split()), min_size=1, max_size=7).map(" ".join)


@unhurried
@given(st.lists(WORDS, min_size=2, max_size=5))
def test_words_learned_from_other_calls_change_nothing(texts: list[str]) -> None:
    calls = [
        transcript(turn("agent", 0, 5, text), language="en", recording_id=f"r{i}")
        for i, text in enumerate(texts)
    ]
    together = list(score_many(ENGLISH, [ToScore(transcript=t, call={}) for t in calls]))
    fresh = [score(compile_rubric(ENGLISH.rubric), t, {}) for t in calls]
    assert [c.as_json() for c in together] == [c.as_json() for c in fresh]


@pytest.mark.parametrize("odd", ["\0", "👩‍👩‍👧", "مرحبا", "\ud800", "\u202e您好", "您好" * 5000])
@pytest.mark.parametrize("ready", [READY, ENGLISH], ids=["zh", "en"])
def test_nothing_raises(odd: str, ready: object) -> None:
    lines = [("agent", f"爱半{odd}不半"), ("customer", odd)]
    heard = call(lines, 0.5)
    language = "en" if ready is ENGLISH else "zh"
    card = score(ready, replace(heard, language=language), {})  # type: ignore[arg-type]
    assert len(list(card.criteria())) > 1
