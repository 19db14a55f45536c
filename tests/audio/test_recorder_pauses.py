"""Where a recorder wrote nothing, and direct current."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from qc_pipeline.audio.decode import decode
from qc_pipeline.audio.recorder_pauses import find_pauses, without_offset
from tests.audio.speechlike import RATE_HZ, speech

RNG = np.random.default_rng(3)


def line(seconds: float, *, noise: float = 20.0) -> np.ndarray:
    """Two channels of a line on which somebody speaks on the left, int16, shape (2, n)."""
    n = int(seconds * RATE_HZ)
    voice = speech(seconds, seed=2) * 8_000
    left = voice * (np.arange(n) % (3 * RATE_HZ) < RATE_HZ)
    sound = np.stack([left, np.zeros(n)]) + RNG.normal(0, noise, (2, n))
    return sound.astype(np.int16)


def blank(seconds: float, value: int = 0) -> np.ndarray:
    return np.full((2, int(seconds * RATE_HZ)), value, dtype=np.int16)


@pytest.mark.parametrize("value", [0, 8, -1])
def test_a_paused_recorder_is_found_to_the_sample(value: int) -> None:
    """A-law's nothing is 8, not 0."""
    sound = np.concatenate([line(10), blank(18, value), line(10)], axis=1)
    (pause,) = find_pauses(sound, RATE_HZ)
    assert pause == pytest.approx((10.0, 28.0), abs=0.002)


def test_a_recorder_that_runs_on_is_found_to_the_end() -> None:
    sound = np.concatenate([line(10), blank(180)], axis=1)
    assert find_pauses(sound, RATE_HZ) == (pytest.approx((10.0, 190.0), abs=0.002),)


def test_a_quiet_line_is_no_pause() -> None:
    """Noise of three steps: nobody speaks for five seconds, and the recorder runs."""
    quiet = RNG.normal(0, 3, (2, 5 * RATE_HZ)).astype(np.int16)
    assert find_pauses(np.concatenate([line(10), quiet, line(10)], axis=1), RATE_HZ) == ()


def test_one_channel_with_nothing_is_no_pause() -> None:
    sound = line(12)
    sound[1] = 0
    assert find_pauses(sound, RATE_HZ) == ()


def test_short_gaps_are_none() -> None:
    sound = np.concatenate([line(5), blank(1.9), line(5)], axis=1)
    assert find_pauses(sound, RATE_HZ) == ()


def test_a_line_that_sends_nothing_between_words_proves_no_pause() -> None:
    """Silence suppression: a wait of four seconds is somebody's silence, the tail still is not."""
    pieces = [part for _ in range(8) for part in (line(1.5), blank(0.6))]
    sound = np.concatenate([*pieces, line(2), blank(4), line(2), blank(30)], axis=1)
    total = sound.shape[1] / RATE_HZ
    assert find_pauses(sound, RATE_HZ) == (pytest.approx((total - 30, total), abs=0.002),)


def test_a_recording_without_any_sound_has_no_pauses() -> None:
    assert find_pauses(blank(20), RATE_HZ) == ()


@pytest.mark.parametrize(
    "kind",
    [
        {"subtype": "ALAW", "format": "WAV"},
        {"subtype": "ULAW", "format": "WAV"},
        {"format": "OGG", "subtype": "OPUS"},
        {"format": "MP3"},
    ],
)
def test_a_pause_survives_the_codecs_of_telephones(tmp_path: Path, kind: dict[str, str]) -> None:
    sound = np.concatenate([line(6), blank(10), line(6)], axis=1)
    soundfile.write(tmp_path / "a", sound.T, RATE_HZ, **kind)
    (pause,) = decode(tmp_path / "a").pauses
    assert pause == pytest.approx((6.0, 16.0), abs=0.2)


def test_direct_current_is_taken_out_where_it_hides_pauses() -> None:
    """A third of the loud sound's own swing, on one channel; a pause of the recorder becomes 0."""
    sound = np.concatenate([line(10), blank(3), line(10)], axis=1)
    plain = sound.copy()
    sound[1] = np.clip(sound[1].astype(int) + 900, -32_768, 32_767)
    sound[1, 10 * RATE_HZ : 13 * RATE_HZ] = 900
    pauses = find_pauses(sound, RATE_HZ)
    got = without_offset(sound.copy(), RATE_HZ, pauses)
    assert np.array_equal(got[0], plain[0])
    assert np.abs(got[1].astype(int) - plain[1]).max() <= 10
    assert not got[1, 10 * RATE_HZ : 13 * RATE_HZ].any()


def test_a_voice_with_longer_swings_to_one_side_keeps_its_samples() -> None:
    """Its mean is not 0, and there is no direct current where it is silent."""
    spoken = np.arange(10 * RATE_HZ) % 16_000 < 8_000
    voice = np.maximum(speech(10, seed=4), -0.05) * 20_000 * spoken
    sound = (voice + RNG.normal(0, 3, voice.size)).astype(np.int16).reshape(1, -1)
    assert abs(float(sound.mean())) > 33
    assert np.array_equal(without_offset(sound.copy(), RATE_HZ, ()), sound)
