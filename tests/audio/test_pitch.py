"""The pitch of stretches of a channel, at whatever sample rate it was recorded."""

from __future__ import annotations

import numpy as np
import pytest

from qc_pipeline.audio.pitch import span_pitches


def voice(pitch_hz: float, seconds: float, rate_hz: int) -> np.ndarray:
    """Twelve harmonics of a steady voice without its fundamental, as a telephone lets through."""
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    sound = sum(np.sin(2 * np.pi * pitch_hz * n * times) / n for n in range(2, 13))
    return np.asarray(sound / 4 * 32_767 / 2, dtype=np.int16)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 11_025])
def test_a_known_pitch_is_found_at_every_sample_rate(rate_hz: int) -> None:
    low, high = voice(110, 2, rate_hz), voice(220, 2, rate_hz)
    first, second = span_pitches(np.concatenate([low, high]), rate_hz, [(0.2, 1.7), (2.2, 3.7)])
    assert first.shape == second.shape == (150,)
    # A quarter of a semitone.
    assert np.exp(first[5:-5]) == pytest.approx(110, rel=0.015)
    assert np.exp(second[5:-5]) == pytest.approx(220, rel=0.015)


def test_silence_has_no_pitch_and_no_spans_have_no_pitches() -> None:
    (silent,) = span_pitches(np.zeros(16_000, dtype=np.int16), 8_000, [(0.0, 2.0)])
    assert np.isnan(silent).all()
    assert span_pitches(np.zeros(16_000, dtype=np.int16), 8_000, []) == []


def test_each_span_keeps_its_own_pitch_however_many_are_tracked() -> None:
    """Three minutes, more than is held at a time."""
    tones = [100.0 + 10 * (n % 12) for n in range(36)]
    channel = np.concatenate([voice(hz, 5, 8_000) for hz in tones])
    found = span_pitches(channel, 8_000, [(5.0 * n + 0.1, 5.0 * n + 4.9) for n in range(36)])
    assert [float(np.exp(np.median(p))) for p in found] == pytest.approx(tones, rel=0.015)
