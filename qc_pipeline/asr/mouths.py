"""Mono calls: the mix is heard once, as it was spoken, and words are given to voices afterwards.

A recogniser that gets one voice's pieces, cut at seams that nobody can be sure of, loses the words
at every seam, and its language model the sentence. So windows are packed over everybody's speech.
Each word then goes with its phrase (what was said in one breath), and each phrase, by its sound and
by what is said in it, to one of the two voices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from qc_pipeline.asr.mouth_hints import PhrasedWords, hints_of, questions
from qc_pipeline.asr.separation_trust import Trust, answered_of, fit_of, trust_in
from qc_pipeline.asr.turns import Placed, place, turns_of
from qc_pipeline.asr.whisper import DecodedWindow
from qc_pipeline.asr.windows import AudioWindow, pack
from qc_pipeline.audio.mono_separation import SeparatedVoices, separated
from qc_pipeline.audio.speakers import Voices, divided_anew
from qc_pipeline.audio.two_voices import divide
from qc_pipeline.call import Span, Speaker, Turn

Pair = tuple[tuple[AudioWindow, ...], tuple[AudioWindow, ...]]

_EARLY_S = 0.08
"""How long before its end a word is looked for. A word's start takes in the pause before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mouths:
    """Who said what in a call of one channel.

    `turns` and `looped` (what loops without end) are those of each voice, all provisionally under
    the agent's name. `trust`: how far the separation is trusted.
    """

    voices: Voices
    turns: tuple[tuple[Turn, ...], tuple[Turn, ...]]
    looped: tuple[tuple[Turn, ...], tuple[Turn, ...]]
    trust: Trust


def windows_of(voices: Voices, window_s: float) -> Pair:
    """What is heard at once: of two channels each one's speech, of one all of it (as voice 0's)."""
    duration_s = voices.decoded.duration_s
    if voices.mono:
        return pack(voices.whole, voices.pair[0].probabilities, duration_s, window_s), ()
    first, second = (
        pack(voice.regions, voice.probabilities, duration_s, window_s) for voice in voices.pair
    )
    return first, second


def give_words(
    voices: Voices,
    windows: Sequence[AudioWindow],
    heard: Sequence[DecodedWindow],
    language: str,
    company_phrases: Sequence[str] = (),
) -> Mouths:
    """The words of a mono call given to its two voices, phrase by phrase."""
    placed = _placed(windows, heard, language)
    divided = voices.divided
    if divided is None:
        raise ValueError("only the voices of one channel are given words")
    fit = answered = None
    if divided.phrases is not None and divided.phrases.pieces:
        spans = divided.phrases.spans
        said = PhrasedWords(
            texts=[item.word.text for item in placed],
            phrases=_phrases_at([_spoken_s(item) for item in placed], spans),
        )
        hints = hints_of(said, divided.phrases, company_phrases)
        division = divide(divided.phrases, hints)
        fit = fit_of(hints, division)
        asked = questions(said, divided.phrases)
        answered = answered_of(asked, division, divided.phrases.lengths_s)
        divided = separated(divided.phrases, division)
        voices = divided_anew(voices, divided)
    looped = _placed(windows, [replace(h, words=h.looped) for h in heard], language)
    return Mouths(
        voices=voices,
        turns=_turns(divided, placed, language),
        looped=_turns(divided, looped, language),
        trust=trust_in(voices, fit, answered),
    )


def _placed(
    windows: Sequence[AudioWindow], heard: Sequence[DecodedWindow], language: str
) -> list[Placed]:
    """The words of all windows, in time: windows made anew may lie between one another."""
    found = [
        (window.regions[item.region], item)
        for window, result in zip(windows, heard, strict=True)
        for item in place(window, result, 0, language)
    ]
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def _spoken_s(item: Placed) -> float:
    """A moment at which a word is spoken for certain."""
    word = item.word
    return max(word.end_s - _EARLY_S, (word.start_s + word.end_s) / 2)


def _phrases_at(times_s: Sequence[float], spans: Sequence[Span]) -> list[int]:
    """The number of the nearest of some spans at each time, never going back."""
    starts, ends = (np.array(side) for side in zip(*spans, strict=True))
    numbers: list[int] = []
    for time_s in times_s:
        away = np.maximum(np.maximum(starts - time_s, time_s - ends), 0.0)
        numbers.append(max(int(np.argmin(away)), numbers[-1] if numbers else 0))
    return numbers


def _turns(
    divided: SeparatedVoices, placed: Sequence[Placed], language: str
) -> tuple[tuple[Turn, ...], tuple[Turn, ...]]:
    """Each voice's turns: a word is of whoever speaks there, or spoke last before a gap."""
    spans = sorted(
        (span, voice, number)
        for voice in (0, 1)
        for number, span in enumerate(divided.voices[voice])
    )
    own: tuple[list[Placed], list[Placed]] = ([], [])
    if spans:
        numbers = _phrases_at([_spoken_s(item) for item in placed], [span for span, *_ in spans])
        for item, at in zip(placed, numbers, strict=True):
            (start_s, end_s), voice, number = spans[at]
            first_s = min(max(item.word.start_s, start_s), end_s)
            word = replace(
                item.word, start_s=first_s, end_s=min(max(item.word.end_s, first_s), end_s)
            )
            own[voice].append(Placed(word=word, region=number))
    first, second = (
        turns_of(Speaker.AGENT, divided.voices[voice], own[voice], language) for voice in (0, 1)
    )
    return first, second
