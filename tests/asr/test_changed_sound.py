"""The change by which a recording is heard a second time."""

from __future__ import annotations

import numpy as np

from qc_pipeline.asr.changed_sound import CHANGED


def test_it_is_noise_twenty_decibels_below_the_speech_the_same_every_time() -> None:
    time_s = np.arange(16_000 * 3) / 16_000
    speech = (0.2 * np.sin(2 * np.pi * 200 * time_s)).astype(np.float32)
    speech[16_000:32_000] = 0
    changed = CHANGED.apply(speech)
    noise = changed - speech
    # What is loud of a sine of 0.2 has about its power: 0.02. A hundredth of that.
    assert 0.00019 < float(np.mean(np.square(noise))) < 0.00021
    assert changed.dtype == np.float32
    assert np.array_equal(changed, CHANGED.apply(speech))


def test_silence_stays_silence() -> None:
    silence = np.zeros(16_000, dtype=np.float32)
    assert np.array_equal(CHANGED.apply(silence), silence)
