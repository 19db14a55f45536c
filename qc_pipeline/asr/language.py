"""Whether a party speaks another language than the one it was listened to in.

A model that is told the wrong language writes fluent text that nobody said. Asking it which
language it hears costs a pass of the encoder, so only a party whose words are unlikely is asked
about, and by the window with most speech.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qc_pipeline.asr.whisper import DecodedWindow
from qc_pipeline.asr.windows import AudioWindow

ASK_BELOW = -0.5
"""Mean log probability of a party's words below which its language is asked for: half of what makes
Whisper's authors decode a window again (-1.0)."""
LEAST_SPEECH_S = 4.0
"""What a few syllables are in, Whisper cannot tell."""
SURE = 0.7
"""Probability from which another language is believed. A judgement, not a measurement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLanguage:
    """The language a party seems to speak instead, and how sure the model is (0 to 1)."""

    language: str
    probability: float


def other_language(
    windows: Sequence[AudioWindow],
    heard: Sequence[DecodedWindow],
    language: str,
    ask: Callable[[AudioWindow], tuple[str, float]],
) -> OtherLanguage | None:
    """The other language of one party; None where its words are likely or nothing is sure.

    `ask` gives the language a window's sound is taken for and its probability.
    """
    spoken = [(w, h) for w, h in zip(windows, heard, strict=True) if w.speech_s > 0]
    if not spoken:
        return None
    weight = sum(w.speech_s for w, _ in spoken)
    likely = sum(w.speech_s * (h.log_probability if h.words else -1.0) for w, h in spoken) / weight
    longest = max((w for w, _ in spoken), key=lambda w: w.speech_s)
    if likely >= ASK_BELOW or longest.speech_s < LEAST_SPEECH_S:
        return None
    found, probability = ask(longest)
    if found == language or probability < SURE:
        return None
    return OtherLanguage(language=found, probability=round(probability, 3))
