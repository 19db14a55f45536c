"""Small values for tests: turns, transcripts, measures and rubrics in a line or two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qc_pipeline.call import (
    AsrIdentity,
    FieldValue,
    Measures,
    Span,
    Speaker,
    Transcript,
    Turn,
    Unheard,
    UnheardReason,
    Word,
)
from qc_pipeline.scoring.rubric.model import Rubric
from qc_pipeline.scoring.rubric.parse import parse_rubric
from qc_pipeline.scoring.score import score
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard
from qc_pipeline.scoring.terms_of_scoring import ScoringTerms

AGENT, CUSTOMER = Speaker.AGENT, Speaker.CUSTOMER
ASR = AsrIdentity(backend="written", model="by hand")


def turn(
    speaker: Speaker | str,
    start_s: float,
    end_s: float,
    text: str = "",
    *,
    confidence: float | None = 1.0,
    words: Sequence[float | None] | None = None,
) -> Turn:
    """One turn. `words`: a confidence for every character, which then share the time evenly."""
    made: tuple[Word, ...] = ()
    if words is not None:
        assert len(words) == len(text)
        step = (end_s - start_s) / len(text)
        made = tuple(
            Word(
                text=char,
                start_s=start_s + i * step,
                end_s=start_s + (i + 1) * step,
                confidence=words[i],
            )
            for i, char in enumerate(text)
        )
    return Turn(
        speaker=Speaker(speaker),
        start_s=start_s,
        end_s=end_s,
        text=text,
        confidence=confidence,
        words=made,
    )


def transcript(
    *turns: Turn,
    recording_id: str = "r1",
    language: str = "zh",
    duration_s: float | None = None,
    speech: Mapping[Speaker, Sequence[Span]] | None = None,
    channels: Mapping[Speaker, str] | None = None,
    unheard: Mapping[Speaker, Sequence[Span]] | None = None,
    pauses: Sequence[Span] = (),
) -> Transcript:
    """A transcript of turns; as long as its last word unless `duration_s` says otherwise. Speech
    that is `unheard` has no words; None: not known.
    """
    last = max((t.end_s for t in turns), default=0.0)
    return Transcript(
        recording_id=recording_id,
        language=language,
        duration_s=last if duration_s is None else duration_s,
        asr=ASR,
        turns=turns,
        speech={s: tuple(spans) for s, spans in (speech or {}).items()},
        channels=dict(channels or {}),
        unheard=None
        if unheard is None
        else {
            s: tuple(
                Unheard(start_s=a, end_s=b, reason=UnheardReason.NO_WORDS)
                for a, b in unheard.get(s, ())
            )
            for s in Speaker
        },
        pauses=tuple(pauses),
    )


def said(*lines: tuple[str, str], confidence: float | None = 1.0, **more: Any) -> Transcript:
    """A transcript of (speaker, text) lines: a quarter of a second a character, 0.4 s between."""
    at, turns = 0.0, []
    for speaker, text in lines:
        length = max(0.8, 0.25 * len(text))
        turns.append(turn(speaker, at, at + length, text, confidence=confidence))
        at += length + 0.4
    return transcript(*turns, **more)


def measures(
    agent: Mapping[str, float] | None = None,
    customer: Mapping[str, float] | None = None,
    turns: Sequence[Mapping[str, float]] = (),
) -> Measures:
    return Measures(
        version="test/1",
        speakers={AGENT: dict(agent or {}), CUSTOMER: dict(customer or {})},
        turns=tuple(turns),
    )


def rubric(*criteria: str, language: str = "zh", head: str = "", sections: str = "") -> Rubric:
    """A rubric of 100 points with one section of the given criteria (YAML mappings).

    A criterion without points, bonus or severity gets 100. `head` are further keys of the rubric,
    `sections` further sections, as YAML.
    """
    lines = []
    for number, criterion in enumerate(criteria):
        body = criterion.strip()
        if "points:" not in body and "bonus:" not in body and "fatal" not in body:
            body = f"points: 100, {body}"
        if not body.startswith("id:"):
            body = f"id: c{number + 1}, {body}"
        lines.append(f"      - {{title: 标题, {body}}}")
    text = f"""
rubric: test
version: "1"
title: 测试
language: {language}
points: 100
pass_mark: 85
bands: [{{from: 85, label: 合格}}, {{from: 0, label: 不合格}}]
{head}
sections:
  - id: s
    title: 一
    points: {100 if not sections else 60}
    criteria:
{chr(10).join(lines)}
{sections}
"""
    return parse_rubric(text, "test.yaml")


def card(
    scored: Rubric | str,
    call_transcript: Transcript,
    call: Mapping[str, FieldValue] | None = None,
    terms: Mapping[str, Any] | None = None,
    **more: Any,
) -> Scorecard:
    """The scorecard of a call; a text is the only criterion of a rubric. `terms` are those that
    are not the usual ones, by the names of `ScoringTerms`.
    """
    made = rubric(scored) if isinstance(scored, str) else scored
    return score(made, call_transcript, call or {}, terms=ScoringTerms(**(terms or {})), **more)


def only(
    scored: Rubric | str,
    call_transcript: Transcript,
    call: Mapping[str, FieldValue] | None = None,
    **more: Any,
) -> CriterionResult:
    """The result of the first criterion."""
    return card(scored, call_transcript, call, **more).criteria()[0]
