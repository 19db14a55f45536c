"""Small values for tests: turns, transcripts, measures and rubrics in a line or two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qc_pipeline.call import AsrIdentity, Measures, Span, Speaker, Transcript, Turn, Word

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
) -> Transcript:
    """A transcript of turns; as long as its last word unless `duration_s` says otherwise."""
    last = max((t.end_s for t in turns), default=0.0)
    return Transcript(
        recording_id=recording_id,
        language=language,
        duration_s=last if duration_s is None else duration_s,
        asr=ASR,
        turns=turns,
        speech={s: tuple(spans) for s, spans in (speech or {}).items()},
        channels=dict(channels or {}),
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
