"""A recording small enough to draw: the loudest moment of every tenth of a second."""

from __future__ import annotations

import numpy as np

from qc_pipeline.audio.decode import Decoded

ENVELOPE_STEP_S = 0.1
_FLOOR_DB = 60.0


def envelope(decoded: Decoded, channels: tuple[int, ...]) -> bytes:
    """Peaks per 0.1 s and channel, one byte each: 0 = -60 dB of full scale or less, 127 = 0 dB.

    The channels follow one another in the order given: all of the first, then all of the second.
    """
    out: list[np.ndarray[tuple[int], np.dtype[np.uint8]]] = []
    step = max(round(ENVELOPE_STEP_S * decoded.sample_rate_hz), 1)
    for channel in channels:
        samples = decoded.samples[channel]
        starts = np.arange(0, samples.size, step)
        # In int32: the magnitude of -32768 has no int16.
        high = np.maximum.reduceat(samples, starts).astype(np.int32)
        low = np.minimum.reduceat(samples, starts).astype(np.int32)
        peak = np.maximum(np.maximum(high, -low), 1) / 32_768
        level = np.clip(20 * np.log10(peak) + _FLOOR_DB, 0, _FLOOR_DB) / _FLOOR_DB
        out.append(np.rint(level * 127).astype(np.uint8))
    return b"".join(column.tobytes() for column in out)
