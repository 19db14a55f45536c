"""Which language is spoken: in a call, and in the stretches of it where words are unlikely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from qc_pipeline.asr.language import OtherLanguage, language_of_call, other_languages
from qc_pipeline.asr.speaker_doubts import doubts_of
from qc_pipeline.asr.whisper import DecodedWindow, HeardWord
from qc_pipeline.asr.windows import AudioWindow, Stretch
from qc_pipeline.call import DoubtReason, Span
from tests.asr.test_speaker_doubts import PARTIES, A, voices


def window(*regions: Span) -> AudioWindow:
    stretch = Stretch(start_s=regions[0][0], end_s=regions[-1][1], at_s=0.0)
    return AudioWindow(stretches=(stretch,), regions=regions)


def heard(log_probability: float, text: str = "好") -> DecodedWindow:
    words = (HeardWord(text=text, start_s=0.0, end_s=0.2, probability=0.5),) if text else ()
    return DecodedWindow(
        words=words, log_probability=log_probability, compression_ratio=1.0, no_speech=0.0
    )


class Asked:
    """Takes what begins from `since_s` on for English, and keeps what it was asked about."""

    def __init__(self, since_s: float = 0.0, probability: float = 0.9) -> None:
        self.since_s, self.probability = since_s, probability
        self.stretches: list[tuple[Span, ...]] = []

    def __call__(self, regions: Sequence[Span]) -> Mapping[str, float]:
        self.stretches.append(tuple(regions))
        english = self.probability if regions[0][0] >= self.since_s else 0.05
        return {"en": english, "zh": round(1 - english, 3)}


def english(*regions: Span, probability: float = 0.9) -> OtherLanguage:
    return OtherLanguage(language="en", probability=probability, regions=regions)


def test_each_stretch_of_an_unlikely_window_is_asked_about_by_itself() -> None:
    """Mandarin from 0 to 5, English from 8 on: two sentences 0.5 s apart are one stretch."""
    ask = Asked(since_s=8.0)
    spoken = window((0.0, 5.0), (8.0, 11.0), (11.5, 13.0))
    assert other_languages(spoken, heard(-0.8), "zh", ask) == [english((8.0, 11.0), (11.5, 13.0))]
    assert ask.stretches == [((0.0, 5.0),), ((8.0, 11.0), (11.5, 13.0))]


def test_short_answers_are_asked_about_together() -> None:
    spoken = window((0.0, 0.9), (4.0, 4.9), (9.0, 9.9))
    (found,) = other_languages(spoken, heard(-0.8), "zh", Asked())
    assert found.regions == spoken.regions
    assert found.speech_s == pytest.approx(2.7)


@pytest.mark.parametrize(
    ("result", "asked"),
    [
        (heard(-0.49), False),
        (heard(-0.51), True),
        (heard(0.0, text=""), True),
        # Likely English text in a Chinese call: the model wrote it down although told otherwise.
        (heard(-0.1, text="thank you for calling, how may I help you"), True),
        (heard(-0.1, text="好的，您的APP已经更新"), False),
    ],
    ids=["likely", "unlikely", "no text", "another script", "a word of Latin letters"],
)
def test_only_what_is_suspicious_is_asked_about(result: DecodedWindow, asked: bool) -> None:
    ask = Asked()
    assert bool(other_languages(window((0.0, 6.0)), result, "zh", ask)) is asked
    assert bool(ask.stretches) is asked


@pytest.mark.parametrize(
    ("regions", "language", "probability"),
    [([(0.0, 1.9)], "zh", 0.99), ([(0.0, 9.0)], "en", 0.99), ([(0.0, 9.0)], "zh", 0.65)],
    ids=["too little speech", "the call's own language", "not sure"],
)
def test_no_other_language(regions: list[Span], language: str, probability: float) -> None:
    ask = Asked(probability=probability)
    assert other_languages(window(*regions), heard(-0.9), language, ask) == []


def test_the_language_of_a_call_is_weighed_by_speech() -> None:
    """8 s at 0.9 of English outweigh 6 s at 0.99 of Mandarin: 7.2 + 0.06 against 0.8 + 5.94."""
    spoken = [(8.0, {"en": 0.9, "zh": 0.1}), (6.0, {"en": 0.01, "zh": 0.99, "ja": 0.0})]
    assert language_of_call(spoken, ("zh", "en")) == "en"
    # Only among those that are named, however likely another one is.
    assert language_of_call([(9.0, {"ja": 0.9, "en": 0.02, "zh": 0.08})], ("zh", "en")) == "zh"
    assert language_of_call([], ("zh", "en")) == "zh"


def test_the_party_that_speaks_it_is_doubtful_all_through() -> None:
    other = {0: english((0.0, 9.0))}
    (doubt,), (note,) = doubts_of(voices(), PARTIES, None, 0.7, other)
    assert (doubt.speaker, doubt.start_s, doubt.end_s) == (A, 0.0, 200.0)
    assert (doubt.certainty, doubt.reason) == (0.1, DoubtReason.LANGUAGE)
    assert note.text == (
        "the agent seems to speak en (probability 0.90), and was listened to in another language; "
        "please listen"
    )
