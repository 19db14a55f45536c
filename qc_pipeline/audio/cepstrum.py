"""What a voice sounds like, every 10 ms: energy and the shape of its spectrum."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

STEP_S = 0.01
_FRAME_S = 0.032
_BANDS = 24
COEFFICIENTS = 16


def cepstrum_frames(samples: Float64, rate_hz: int) -> tuple[Float64, Float64]:
    """Log energy, shape (frames,), and mel cepstrum, (frames, COEFFICIENTS), every 10 ms.

    `samples` in ±1. There are round(seconds · 100) frames, and one at least.
    """
    from scipy.fft import dct

    count = max(round(samples.size / rate_hz / STEP_S), 1)
    frames = _cut(samples, rate_hz, count)
    power = np.abs(np.fft.rfft(frames * np.hanning(frames.shape[1]), axis=1)) ** 2
    bands = np.log(power @ _mel_bands(frames.shape[1], rate_hz).T + 1e-8)
    coefficients = dct(bands, type=2, norm="ortho", axis=1)[:, 1 : COEFFICIENTS + 1]
    return np.log(power.sum(axis=1) + 1e-8), np.asarray(coefficients)


def _cut(samples: Float64, rate_hz: int, count: int) -> Float64:
    """Frames around each step, silence outside; shape (count, length)."""
    length, step = round(_FRAME_S * rate_hz), STEP_S * rate_hz
    padded = np.pad(samples, (length // 2, length + round(step)))
    starts = np.rint((np.arange(count) + 0.5) * step).astype(np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(padded, length)
    return np.asarray(windows[np.minimum(starts, len(windows) - 1)])


@cache
def _mel_bands(length: int, rate_hz: int) -> Float64:
    """Triangles between 150 Hz and 3.6 kHz, what a telephone lets through."""

    def mel(hz: float) -> float:
        return 2_595 * float(np.log10(1 + hz / 700))

    points = np.linspace(mel(150), mel(min(3_600, rate_hz * 0.45)), _BANDS + 2)
    edges = 700 * (10 ** (points / 2_595) - 1)
    bins = np.fft.rfftfreq(length, 1 / rate_hz)
    rising = (bins[None, :] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins[None, :]) / (edges[2:] - edges[1:-1])[:, None]
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)))
