"""Level and pitch of sounds whose level and pitch are known."""

from __future__ import annotations

import numpy as np
import pytest

from qc_pipeline.audio.measures import measure
from qc_pipeline.call import AsrIdentity, Speaker, Transcript, Turn
from tests.audio.speechlike import RATE_HZ, at, speech

A, C = Speaker.AGENT, Speaker.CUSTOMER


def transcript(**spans: tuple[tuple[float, float], ...]) -> Transcript:
    speech_of = {Speaker(name): value for name, value in spans.items()}
    turns = [
        Turn(speaker=s, start_s=a, end_s=b, text="您好") for s, v in speech_of.items() for a, b in v
    ]
    return Transcript(
        recording_id="R",
        language="zh",
        duration_s=10.0,
        asr=AsrIdentity(backend="b", model="m"),
        turns=tuple(sorted(turns, key=lambda t: t.start_s)),
        speech=speech_of,
    )


def samples(sound: np.ndarray) -> np.ndarray:
    return np.clip(np.round(sound * 32_768), -32_768, 32_767).astype(np.int16)


def harmonic(hz: np.ndarray) -> np.ndarray:
    """A voice-like tone whose pitch follows `hz`, one value a sample."""
    phase = 2 * np.pi * np.cumsum(hz) / RATE_HZ
    return sum(np.sin(n * phase) / n for n in range(1, 8)) * 0.2


def test_level_is_taken_over_the_partys_own_speech() -> None:
    tone = np.sin(2 * np.pi * 200 * np.arange(2 * RATE_HZ) / RATE_HZ)
    left = at([(1.0, tone * 0.1), (5.0, tone * 0.2)], 10)
    got = measure(
        {A: samples(left), C: samples(left * 0)},
        RATE_HZ,
        transcript(agent=((1.0, 3.0), (5.0, 7.0)), customer=()),
    )
    # A sine of amplitude 0.1 has -23.01 dB, of 0.2 -16.99 dB; together the mean power of both. The
    # envelope of P.56 rises for 22 ms before it counts: 10 log10(2 / 1.978) = 0.05 dB.
    assert [t["level_db"] for t in got.turns] == [
        pytest.approx(-23.01 + 0.05, abs=0.02),
        pytest.approx(-16.99 + 0.05, abs=0.02),
    ]
    expected = 10 * np.log10((0.1**2 / 2 + 0.2**2 / 2) / 2)
    assert got.speakers[A]["level_db"] == pytest.approx(expected, abs=0.05)
    assert got.speakers[A]["clipped_share"] == 0.0
    assert "level_db" not in got.speakers[C]
    assert "level_difference_db" not in got.call


def test_a_flat_voice_has_no_range_and_a_gliding_one_its_own() -> None:
    count = 6 * RATE_HZ
    flat = harmonic(np.full(count, 150.0))
    # One octave up and down again, evenly in semitones: the middle 80 % of 12 are 9.6.
    glide = harmonic(120.0 * 2 ** np.abs(np.linspace(-1, 1, count)))
    got = measure(
        {A: samples(at([(1.0, flat)], 10)), C: samples(at([(1.0, glide)], 10))},
        RATE_HZ,
        transcript(agent=((1.0, 7.0),), customer=((1.0, 7.0),)),
    )
    assert got.speakers[A]["pitch_hz"] == pytest.approx(150, rel=0.02)
    assert got.speakers[A]["pitch_range_st"] == pytest.approx(0, abs=0.3)
    assert got.speakers[C]["pitch_range_st"] == pytest.approx(9.6, abs=0.5)


@pytest.mark.parametrize("pitch_hz", [100.0, 220.0])
def test_the_pitch_of_speech_is_its_own(pitch_hz: float) -> None:
    sound = at([(1.0, speech(6, pitch_hz=pitch_hz, seed=3))], 10)
    got = measure(
        {A: samples(sound), C: samples(sound * 0)}, RATE_HZ, transcript(agent=((1.0, 7.0),))
    )
    # Its syllables drift by up to 15 % and start within 8 %.
    assert got.speakers[A]["pitch_hz"] == pytest.approx(pitch_hz, rel=0.08)
    assert 0.5 < got.speakers[A]["pitch_range_st"] < 7


def test_too_little_voice_has_no_pitch_range() -> None:
    sound = at([(1.0, speech(0.6))], 10)
    got = measure(
        {A: samples(sound), C: samples(sound * 0)}, RATE_HZ, transcript(agent=((1.0, 1.6),))
    )
    assert "level_db" in got.speakers[A]
    assert "pitch_range_st" not in got.speakers[A]


def test_clipping_is_a_share_of_the_speech() -> None:
    sound = np.ones(2 * RATE_HZ)
    sound[::2] = 0.5
    got = measure(
        {A: samples(at([(1.0, sound)], 5)), C: samples(np.zeros(5 * RATE_HZ))},
        RATE_HZ,
        transcript(agent=((1.0, 3.0),)),
    )
    assert got.speakers[A]["clipped_share"] == pytest.approx(0.5, abs=0.01)
