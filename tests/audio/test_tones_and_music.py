"""Keys, tones and music against speech, made from sines and noise."""

from __future__ import annotations

import numpy as np
import pytest

from qc_pipeline.audio.active_level import LevelMeter
from qc_pipeline.audio.tones_and_music import Signal, find_signals
from tests.audio.placed_calls import plucked
from tests.audio.speechlike import RATE_HZ, at, speech


def signals(sound: np.ndarray) -> tuple[Signal, ...]:
    sound = sound.astype(np.float32)

    def read(start: int, stop: int) -> np.ndarray:
        part = sound[start:stop]
        return np.pad(part, (0, stop - start - len(part)))

    return find_signals(read, len(sound))


def sines(seconds: float, *hz: float) -> np.ndarray:
    times = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return sum(np.sin(2 * np.pi * f * times) for f in hz) * 0.1


@pytest.mark.parametrize(
    ("hz", "key"), [((697, 1209), "1"), ((852, 1336), "8"), ((941, 1477), "#")]
)
def test_a_key_is_told_by_its_two_tones(hz: tuple[float, float], key: str) -> None:
    (found,) = signals(at([(1.0, sines(0.12, *hz))], 3))
    assert (found.kind, found.key) == ("dtmf", key)
    assert (found.start_s, found.end_s) == (
        pytest.approx(1.0, abs=0.02),
        pytest.approx(1.12, abs=0.02),
    )


@pytest.mark.parametrize("hz", [(450,), (425,), (440, 480), (400, 450)])
def test_ringing_of_several_countries_is_ringing(hz: tuple[float, ...]) -> None:
    found = signals(at([(1.0, sines(1.0, *hz)), (6.0, sines(1.0, *hz))], 9))
    assert [s.kind for s in found] == ["ringing", "ringing"]
    assert found[0].duration_s == pytest.approx(1.0, abs=0.06)


def test_a_fast_cadence_is_busy_and_a_beep_is_a_tone() -> None:
    busy = signals(at([(1.0 + 0.7 * k, sines(0.35, 450)) for k in range(5)], 6))
    assert {s.kind for s in busy} == {"busy"}
    (beep,) = signals(at([(1.0, sines(0.5, 1_000))], 3))
    assert beep.kind == "tone"


def test_held_chords_are_music_and_syllables_are_not() -> None:
    chords = ((262, 330, 392, 523, 659), (294, 349, 440, 587, 698), (247, 330, 415, 494, 831))
    tune = np.concatenate([sines(0.8, *chords[k % 3]) * 0.5 for k in range(20)])
    (found,) = signals(at([(5.0, tune)], 30))
    assert found.kind == "music"
    assert (found.start_s, found.end_s) == (
        pytest.approx(5.0, abs=0.1),
        pytest.approx(21.0, abs=0.1),
    )
    for pitch_hz in (100.0, 160.0, 230.0):
        assert signals(at([(2.0, speech(20, pitch_hz=pitch_hz, seed=4))], 25)) == ()


@pytest.mark.parametrize(("gap_s", "seed"), [(0.1, 1), (0.3, 2), (1.0, 3)])
def test_music_ends_where_speech_begins_again(gap_s: float, seed: int) -> None:
    """Also where the last note sounds for a moment only: the tune is cut off anywhere."""
    for length_s in (7.3, 9.9):
        tune, talk = plucked(length_s, seed), speech(6, pitch_hz=80.0 + 50 * seed, seed=seed)
        begin_s = 6 + gap_s
        end_s = begin_s + length_s
        call = at([(0.0, talk), (begin_s, tune), (end_s + gap_s, talk)], end_s + gap_s + 7)
        (found,) = signals(call)
        assert (found.kind, found.start_s, found.end_s) == (
            "music",
            pytest.approx(begin_s, abs=0.1),
            pytest.approx(end_s, abs=0.1),
        )


def test_a_quiet_hum_is_no_music() -> None:
    assert signals(sines(20, 200, 300, 400, 500, 600, 1_180, 2_370) * 10 ** (-50 / 20)) == ()


def test_active_level_does_not_depend_on_how_long_somebody_is_silent() -> None:
    """Bursts of 3 s of noise at -20 dB; P.56 adds its hangover of 0.2 s to each."""
    burst = np.random.default_rng(0).normal(0, 0.1, 3 * RATE_HZ)
    levels = []
    for gap_s in (1, 7):
        meter = LevelMeter(RATE_HZ)
        sound = np.concatenate([np.concatenate([burst, np.zeros(gap_s * RATE_HZ)])] * 6)
        for start in range(0, sound.size, 7_001):
            meter.add(sound[start : start + 7_001])
        level = meter.level()
        assert level is not None
        levels.append(level.level_db)
    assert levels[0] == pytest.approx(levels[1], abs=0.02)
    # The hangover and the fall of the envelope add about 0.26 s to each 3 s.
    assert levels[0] == pytest.approx(-20 - 10 * np.log10(3.26 / 3), abs=0.05)


@pytest.mark.parametrize("gain_db", [-40, -6, 6])
def test_active_level_follows_the_gain(gain_db: float) -> None:
    sound = speech(8, seed=2)
    found = []
    for gain in (1.0, 10 ** (gain_db / 20)):
        meter = LevelMeter(RATE_HZ)
        meter.add(sound * gain * 0.5)
        level = meter.level()
        assert level is not None
        found.append(level.level_db)
    assert found[1] - found[0] == pytest.approx(gain_db, abs=0.1)


def test_silence_has_no_level() -> None:
    meter = LevelMeter(RATE_HZ)
    meter.add(np.zeros(RATE_HZ))
    assert meter.level() is None
