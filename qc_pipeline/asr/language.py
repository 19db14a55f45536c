"""Which language is spoken: in a call, and in the stretches of it where words are unlikely.

A model that is told the wrong language writes fluent text that nobody said. Asking it which
language it hears costs a pass of the encoder, so only windows whose words are unlikely, or written
in another script, are asked about: stretch by stretch, as two languages share a window otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from qc_pipeline.asr.hallucinations import foreign
from qc_pipeline.asr.whisper import DecodedWindow
from qc_pipeline.asr.windows import AudioWindow
from qc_pipeline.call import Span

AUTO = "auto"
"""`[asr] language`: the language of each call is asked for."""
OF_CALLS = ("zh", "en")
"""What a call's language is chosen from where `[asr] languages` names none."""
ASK_BELOW = -0.5
"""Mean log probability of a window's words below which its language is asked for: half of what
makes Whisper's authors decode a window again (-1.0)."""
LEAST_SPEECH_S = 2.0
"""What a few syllables are in, Whisper cannot tell. `base` told 67 of 67 stretches of Mandarin and
English between 2 and 6 s rightly, and 53 of 54 between 1 and 2 s, none of them surely wrong."""
SURE = 0.7
"""Probability from which another language is believed. A judgement, not a measurement."""
_SENTENCE_PAUSE_S = 0.7
"""Regions closer than this are one stretch: people change language between sentences."""

Ask = Callable[[Sequence[Span]], Mapping[str, float]]
"""The probability of every language for the sound of some regions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLanguage:
    """Regions in which another language is spoken, and how sure the model is (0 to 1)."""

    language: str
    probability: float
    regions: tuple[Span, ...]

    @property
    def speech_s(self) -> float:
        return sum(end_s - start_s for start_s, end_s in self.regions)


def other_languages(
    window: AudioWindow, heard: DecodedWindow, language: str, ask: Ask
) -> list[OtherLanguage]:
    """The stretches of a window that are in another language; none where its words are likely."""
    if window.speech_s < LEAST_SPEECH_S or not _suspicious(heard, language):
        return []
    found = []
    for regions in _stretches(window.regions):
        likeliest, probability = most_likely(ask(regions))
        if likeliest != language and probability >= SURE:
            found.append(
                OtherLanguage(
                    language=likeliest, probability=round(probability, 3), regions=regions
                )
            )
    return found


def most_likely(probabilities: Mapping[str, float]) -> tuple[str, float]:
    """The likeliest language and its probability; the first by name of equal ones."""
    return min(probabilities.items(), key=lambda item: (-item[1], item[0]))


def language_of_call(
    spoken: Sequence[tuple[float, Mapping[str, float]]], languages: Sequence[str]
) -> str:
    """The language of a call among `languages`, from windows: (seconds of speech, probability of
    each language). The first of `languages` where nobody speaks.
    """
    weight = {
        language: sum(speech_s * found.get(language, 0.0) for speech_s, found in spoken)
        for language in languages
    }
    return max(languages, key=lambda language: (weight[language], -languages.index(language)))


def _suspicious(heard: DecodedWindow, language: str) -> bool:
    return not heard.words or heard.log_probability < ASK_BELOW or foreign(heard.text, language)


def _stretches(regions: Sequence[Span]) -> list[tuple[Span, ...]]:
    """Regions in stretches long enough to tell a language by; what is left is asked together."""
    stretches: list[list[Span]] = []
    for region in regions:
        if stretches and region[0] - stretches[-1][-1][1] <= _SENTENCE_PAUSE_S:
            stretches[-1].append(region)
        else:
            stretches.append([region])
    long = [s for s in stretches if _length_s(s) >= LEAST_SPEECH_S]
    short = [region for s in stretches if _length_s(s) < LEAST_SPEECH_S for region in s]
    if _length_s(short) >= LEAST_SPEECH_S:
        long.append(short)
    return [tuple(stretch) for stretch in sorted(long)]


def _length_s(regions: Sequence[Span]) -> float:
    return sum(end_s - start_s for start_s, end_s in regions)
