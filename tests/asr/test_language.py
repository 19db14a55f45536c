"""A party that speaks another language than the call's, asked about where words are unlikely."""

from __future__ import annotations

import pytest

from qc_pipeline.asr.language import OtherLanguage, other_language
from qc_pipeline.asr.speaker_doubts import doubts_of
from qc_pipeline.asr.whisper import DecodedWindow, HeardWord
from qc_pipeline.asr.windows import AudioWindow, Stretch
from qc_pipeline.call import DoubtReason
from tests.asr.test_speaker_doubts import PARTIES, A, voices


def window(speech_s: float, start_s: float = 0.0) -> AudioWindow:
    end_s = start_s + speech_s
    return AudioWindow(
        stretches=(Stretch(start_s=start_s, end_s=end_s, at_s=0.0),), regions=((start_s, end_s),)
    )


def heard(log_probability: float, text: str = "好") -> DecodedWindow:
    words = (HeardWord(text=text, start_s=0.0, end_s=0.2, probability=0.5),) if text else ()
    return DecodedWindow(
        words=words, log_probability=log_probability, compression_ratio=1.0, no_speech=0.0
    )


class Asked:
    """Answers with one language and keeps what it was asked about."""

    def __init__(self, language: str, probability: float) -> None:
        self.answer = (language, probability)
        self.windows: list[AudioWindow] = []

    def __call__(self, window: AudioWindow) -> tuple[str, float]:
        self.windows.append(window)
        return self.answer


def test_unlikely_words_of_another_language_are_found_by_the_window_with_most_speech() -> None:
    ask = Asked("en", 0.9)
    windows = [window(5.0), window(9.0, 20.0), window(6.0, 40.0)]
    found = other_language(windows, [heard(-0.8)] * 3, "zh", ask)
    assert found == OtherLanguage(language="en", probability=0.9)
    assert ask.windows == [windows[1]]


def test_likely_words_are_not_asked_about() -> None:
    ask = Asked("en", 0.99)
    # By seconds of speech: (2 × -1.2 + 18 × -0.2) / 20 = -0.3.
    assert other_language([window(2), window(18)], [heard(-1.2), heard(-0.2)], "zh", ask) is None
    assert ask.windows == []


def test_speech_without_any_text_is_unlikely_too() -> None:
    found = other_language([window(10.0)], [heard(0.0, text="")], "zh", Asked("en", 0.8))
    assert found == OtherLanguage(language="en", probability=0.8)


@pytest.mark.parametrize(
    ("speech_s", "language", "probability"),
    [(3.0, "en", 0.99), (10.0, "zh", 0.99), (10.0, "en", 0.6)],
    ids=["too little speech", "the call's own language", "not sure"],
)
def test_no_other_language(speech_s: float, language: str, probability: float) -> None:
    ask = Asked(language, probability)
    assert other_language([window(speech_s)], [heard(-0.9)], "zh", ask) is None


def test_nobody_speaks_no_language() -> None:
    assert other_language([], [], "zh", Asked("en", 1.0)) is None


def test_the_party_that_speaks_it_is_doubtful_all_through() -> None:
    other = {0: OtherLanguage(language="en", probability=0.9)}
    (doubt,), (note,) = doubts_of(voices(), PARTIES, None, 0.7, other)
    assert (doubt.speaker, doubt.start_s, doubt.end_s) == (A, 0.0, 200.0)
    assert (doubt.certainty, doubt.reason) == (0.1, DoubtReason.LANGUAGE)
    assert note.text == (
        "the agent seems to speak en (probability 0.90), and was listened to in another language; "
        "please listen"
    )
