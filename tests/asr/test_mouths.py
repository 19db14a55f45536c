"""Words of a mix given to two voices, phrase by phrase."""

from __future__ import annotations

import numpy as np
import pytest

from qc_pipeline.asr.mouths import give_words, windows_of
from qc_pipeline.asr.whisper import DecodedWindow, HeardWord
from qc_pipeline.asr.windows import AudioWindow, pack
from qc_pipeline.audio.decode import AudioFacts, Decoded
from qc_pipeline.audio.mono_separation import SeparatedVoices, separated
from qc_pipeline.audio.speakers import Voice, Voices
from qc_pipeline.audio.two_voices import divide
from qc_pipeline.call import Span
from tests.audio.phrases_by_hand import phrases

REGIONS: list[Span] = [(1.0, 3.0), (3.6, 5.6), (6.2, 8.2), (8.8, 10.8)]
SPOKEN = ("您好请问贵姓？", "我姓李木子李。", "李先生您好麻烦您", "我家上不了网")


def decoded(seconds: float = 30.0) -> Decoded:
    return Decoded(
        facts=AudioFacts(duration_s=seconds, channels=1, sample_rate_hz=8_000, codec="WAV/PCM_16"),
        audio_sha256="0",
        sample_rate_hz=8_000,
        samples=np.zeros((1, round(seconds * 8_000)), dtype=np.int16),
        clipped_share=(0.0,),
    )


def mono(divided: SeparatedVoices) -> Voices:
    first, second = (
        Voice(
            channel=0,
            regions=regions,
            probabilities=np.ones(400, dtype=np.float32),
            state="mono",
        )
        for regions in divided.voices
    )
    return Voices(decoded=decoded(), pair=(first, second), agent=None, notes=(), divided=divided)


def two_parties() -> Voices:
    call = phrases(REGIONS, [0, 1, 0, 1])
    return mono(separated(call, divide(call)))


def heard(window: AudioWindow, regions: list[Span], texts: tuple[str, ...]) -> DecodedWindow:
    """Each text evenly over its region; its first word takes in the pause before it, as Whisper's
    do.
    """
    words: list[HeardWord] = []
    for (start_s, end_s), text in zip(regions, texts, strict=True):
        step = (end_s - start_s) / len(text)
        for number, character in enumerate(text):
            begin_s = window.from_recording(start_s + number * step)
            if number == 0 and words:
                begin_s = words[-1].end_s
            words.append(
                HeardWord(
                    text=character,
                    start_s=begin_s,
                    end_s=window.from_recording(start_s + (number + 1) * step),
                    probability=0.9,
                )
            )
    return DecodedWindow(
        words=tuple(words), log_probability=-0.2, compression_ratio=1.0, no_speech=0.0
    )


def texts(turns: tuple) -> list[str]:
    return [turn.text for turn in turns]


def test_everybody_s_speech_lies_in_the_windows_of_a_mono_call() -> None:
    windows, other = windows_of(two_parties(), 30.0)
    assert other == ()
    assert [r for w in windows for r in w.regions] == REGIONS


def test_words_go_with_their_phrases() -> None:
    voices = two_parties()
    (window,) = windows_of(voices, 30.0)[0]
    got = give_words(voices, [window], [heard(window, REGIONS, SPOKEN)], "zh")
    assert texts(got.turns[0]) == [SPOKEN[0], SPOKEN[2]]
    assert texts(got.turns[1]) == [SPOKEN[1], SPOKEN[3]]
    assert got.voices.pair[0].regions == (REGIONS[0], REGIONS[2])
    assert got.trust.value == 1.0


def test_windows_that_lie_between_one_another_are_put_in_order() -> None:
    """As they do where stretches of a window were heard again by themselves."""
    voices = two_parties()
    probabilities = voices.pair[0].probabilities
    windows = [
        window
        for regions in (REGIONS[::2], REGIONS[1::2])
        for window in pack(regions, probabilities, 30.0, 30.0)
    ]
    results = [
        heard(window, list(window.regions), spoken)
        for window, spoken in zip(windows, (SPOKEN[::2], SPOKEN[1::2]), strict=True)
    ]
    got = give_words(voices, windows, results, "zh")
    assert texts(got.turns[0]) == [SPOKEN[0], SPOKEN[2]]
    assert texts(got.turns[1]) == [SPOKEN[1], SPOKEN[3]]


def test_words_lie_inside_their_turn() -> None:
    voices = two_parties()
    (window,) = windows_of(voices, 30.0)[0]
    got = give_words(voices, [window], [heard(window, REGIONS, SPOKEN)], "zh")
    for turn in (*got.turns[0], *got.turns[1]):
        assert all(turn.start_s <= w.start_s <= w.end_s <= turn.end_s for w in turn.words)


def test_what_is_said_decides_where_the_sound_does_not() -> None:
    """One and the same voice throughout: only the words tell who is who."""
    call = phrases(REGIONS, [0, 0, 0, 0])
    voices = mono(separated(call, divide(call)))
    (window,) = windows_of(voices, 30.0)[0]
    spoken = ("您好请问贵姓？", "我要投诉你们", "请问您哪里不满？", "你们太过分骗人")
    got = give_words(voices, [window], [heard(window, REGIONS, spoken)], "zh")
    assert sorted(texts(t) for t in got.turns) == sorted(
        [[spoken[0], spoken[2]], [spoken[1], spoken[3]]]
    )


def test_a_party_whose_questions_nobody_answers_is_two_people() -> None:
    """The loud voice asks three times, goes on itself twice: a third of them is answered."""
    regions: list[Span] = [(n * 2.6 + 1, n * 2.6 + 3) for n in range(7)]
    call = phrases(regions, [0, 0, 0, 0, 0, 1, 1])
    voices = mono(separated(call, divide(call)))
    (window,) = windows_of(voices, 30.0)[0]
    spoken = (
        "请问您贵姓？",
        "三横一竖",
        "请问您的电话？是多少",
        "一三八零零",
        "请问您还有问题吗",
        "没有了",
        "好再见",
    )
    got = give_words(voices, [window], [heard(window, regions, spoken)], "zh")
    assert got.trust.value == pytest.approx(0.333, abs=0.001)
    assert [told.code for _, told in got.trust.reasons] == ["trust.unanswered"]
    assert not got.trust.enough


def test_voices_divided_by_other_models_keep_their_regions() -> None:
    divided = SeparatedVoices(voices=((REGIONS[0], REGIONS[2]), (REGIONS[1], REGIONS[3])))
    voices = mono(divided)
    (window,) = windows_of(voices, 30.0)[0]
    got = give_words(voices, [window], [heard(window, REGIONS, SPOKEN)], "zh")
    assert texts(got.turns[1]) == [SPOKEN[1], SPOKEN[3]]
    assert got.voices is voices


def test_nothing_heard_gives_nobody_words() -> None:
    voices = two_parties()
    windows = windows_of(voices, 30.0)[0]
    silent = DecodedWindow(words=(), log_probability=0.0, compression_ratio=0.0, no_speech=1.0)
    got = give_words(voices, windows, [silent] * len(windows), "zh")
    assert got.turns == ((), ())
    assert all(voice.regions for voice in got.voices.pair)
