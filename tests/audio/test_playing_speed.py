"""A recording that plays at the wrong speed is noticed; one that plays at its own never is."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest
import soundfile

from qc_pipeline.audio.decode import decode
from qc_pipeline.audio.playing_speed import PlayingSpeed, median_pitch_hz, playing_speed
from qc_pipeline.audio.speakers import Voices, find_voices
from tests.shared_data import REAL_CALLS, ROOT, shared_data

RECORDINGS = ROOT / "samples" / "recordings"
SOME = sorted(RECORDINGS.iterdir())[::12]


@functools.lru_cache(maxsize=1)
def voices_of(path: Path) -> Voices:
    """Of the recording as it is; the last one's are kept, as the header's rate changes nothing."""
    return find_voices(decode(path), "auto")


def speed(path: Path, factor: float = 1.0) -> PlayingSpeed:
    """The speed of a recording whose header names so many times its rate."""
    voices = voices_of(path)
    parties = [(v.channel, [(a / factor, b / factor) for a, b in v.regions]) for v in voices.pair]
    rate_hz = round(voices.decoded.sample_rate_hz * factor)
    return playing_speed(voices.decoded.samples, rate_hz, parties)


@pytest.mark.slow
def test_sample_calls_play_at_their_own_speed_and_not_at_another() -> None:
    verdicts = [tuple(speed(path, f).verdict for f in (1.0, 2.0, 0.5)) for path in SOME]
    assert {own for own, _, _ in verdicts} == {None}
    assert [double for _, double, _ in verdicts].count("fast") == len(SOME)
    # A voice that is too low to be tracked may look high; one of these nine hides so.
    assert [half for _, _, half in verdicts].count("slow") >= len(SOME) - 1


@pytest.mark.slow
def test_real_speech_plays_at_its_own_speed() -> None:
    files = [
        *REAL_CALLS.glob("*.wav"),
        *shared_data("mandarin-calls").rglob("*.flac"),
        *shared_data("mandarin-clips").glob("*.flac"),
    ]
    if not files:
        pytest.skip("no real speech: that ordinary calls raise no alarm is NOT checked on any")
    assert [p.name for p in files if speed(p).verdict is not None] == []


def test_the_pitch_of_each_party_is_told(tmp_path: Path) -> None:
    """Two complex tones with a period of 1/110 and 1/220 s that stand for two voices."""
    times = np.arange(6 * 8_000) / 8_000
    low, high = (
        sum(np.sin(2 * np.pi * n * hz * times) / n for n in range(1, 12)) * 0.1 for hz in (110, 220)
    )
    soundfile.write(tmp_path / "a.wav", np.stack([low, high], axis=1), 8_000)
    sound = decode(tmp_path / "a.wav").samples
    pitches = [median_pitch_hz(channel, 8_000, [(0.5, 5.5)]) for channel in sound]
    assert pitches == [pytest.approx(110, rel=0.02), pytest.approx(220, rel=0.02)]
    assert median_pitch_hz(sound[0], 8_000, []) is None


def test_too_little_speech_says_nothing() -> None:
    got = playing_speed(np.zeros((1, 80_000), dtype=np.int16), 8_000, [(0, []), (0, [])])
    assert (got.verdict, got.pitch_hz) == (None, ())
    assert got.note() is None
