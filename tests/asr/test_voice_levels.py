"""One level for each voice of a mix."""

from __future__ import annotations

import numpy as np
import pytest

from qc_pipeline.asr.voice_levels import one_level
from qc_pipeline.asr.windows import AudioWindow, Stretch
from qc_pipeline.audio.mono_separation import SeparatedVoices

HZ = 16_000
WINDOW = AudioWindow(
    stretches=(
        Stretch(start_s=10.0, end_s=14.0, at_s=0.0),
        Stretch(start_s=20.0, end_s=22.0, at_s=4.25),
    ),
    regions=((10.0, 12.0), (12.5, 14.0), (20.0, 22.0)),
)
VOICES = (((10.0, 12.0), (20.0, 22.0)), ((12.5, 14.0),))


def gains(levels_db: tuple[float, float] | None) -> np.ndarray:
    sound = np.ones(round(6.25 * HZ), dtype=np.float32)
    return one_level(sound, WINDOW, SeparatedVoices(voices=VOICES, levels_db=levels_db))


def test_the_quieter_voice_is_raised_by_the_difference() -> None:
    """12 dB are 10^(12/20) = 3.981 times. From 12.25 s on (half of the pause) it speaks."""
    got = gains((-20.0, -32.0))
    assert got[round(1.0 * HZ)] == pytest.approx(1.0)
    assert got[round(2.2 * HZ)] == pytest.approx(1.0)
    assert got[round(2.3 * HZ)] == pytest.approx(3.981, abs=0.001)
    assert got[round(3.9 * HZ)] == pytest.approx(3.981, abs=0.001)
    assert got[round(5.0 * HZ)] == pytest.approx(1.0)


def test_the_first_voice_may_be_the_quieter_one() -> None:
    got = gains((-26.0, -20.0))
    assert got[round(1.0 * HZ)] == pytest.approx(1.995, abs=0.001)
    assert got[round(3.0 * HZ)] == pytest.approx(1.0)


def test_noise_is_not_raised_without_end() -> None:
    """20 dB at most: ten times."""
    assert gains((-20.0, -60.0)).max() == pytest.approx(10.0, abs=0.001)


def test_no_gain_jumps() -> None:
    assert np.abs(np.diff(gains((-20.0, -32.0)))).max() < 0.01


def test_a_voice_alone_stays_as_it_is() -> None:
    assert (gains(None) == 1.0).all()
