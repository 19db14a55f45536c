"""What a voice sounds like, every 10 ms: energy, pitch, and the shape of its spectrum."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

STEP_S = 0.01
_FRAME_S = 0.032
_PITCH_FRAME_S = 0.048
_BANDS = 24
COEFFICIENTS = 16
_LOWEST_HZ, _HIGHEST_HZ = 70.0, 400.0
_VOICED = 0.45


def voice_frames(samples: Float64, rate_hz: int) -> Float64:
    """Log energy, log pitch (nan where unvoiced) and mel cepstrum every 10 ms.

    Shape (frames, 2 + COEFFICIENTS). `samples` in ±1.
    """
    count = max(round(samples.size / rate_hz / STEP_S), 1)
    cepstra, energy = _cepstra(samples, rate_hz, count)
    return np.column_stack([energy, _log_pitch(samples, rate_hz, count), cepstra])


def cepstrum_frames(samples: Float64, rate_hz: int) -> tuple[Float64, Float64]:
    """Log energy, shape (frames,), and mel cepstrum, (frames, COEFFICIENTS), every 10 ms."""
    cepstra, energy = _cepstra(samples, rate_hz, max(round(samples.size / rate_hz / STEP_S), 1))
    return energy, cepstra


def log_pitch(samples: Float64, rate_hz: int) -> Float64:
    """Natural logarithm of the pitch in hertz every 10 ms, nan where none is clear."""
    return _log_pitch(samples, rate_hz, max(round(samples.size / rate_hz / STEP_S), 1))


def _cut(samples: Float64, rate_hz: int, length_s: float, count: int) -> Float64:
    """Frames of a length around each step, silence outside; shape (count, length)."""
    length, step = round(length_s * rate_hz), STEP_S * rate_hz
    padded = np.pad(samples, (length // 2, length + round(step)))
    starts = np.rint((np.arange(count) + 0.5) * step).astype(np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(padded, length)
    return np.asarray(windows[np.minimum(starts, len(windows) - 1)])


def _cepstra(samples: Float64, rate_hz: int, count: int) -> tuple[Float64, Float64]:
    from scipy.fft import dct

    frames = _cut(samples, rate_hz, _FRAME_S, count)
    power = np.abs(np.fft.rfft(frames * np.hanning(frames.shape[1]), axis=1)) ** 2
    bands = np.log(power @ _mel_bands(frames.shape[1], rate_hz).T + 1e-8)
    coefficients = dct(bands, type=2, norm="ortho", axis=1)[:, 1 : COEFFICIENTS + 1]
    return np.asarray(coefficients), np.log(power.sum(axis=1) + 1e-8)


def _log_pitch(samples: Float64, rate_hz: int, count: int) -> Float64:
    """Natural logarithm of the pitch by autocorrelation, nan where it is not clear."""
    frames = _cut(samples, rate_hz, _PITCH_FRAME_S, count)
    length = frames.shape[1]
    frames = (frames - frames.mean(axis=1, keepdims=True)) * np.hanning(length)
    size = 1 << (2 * length - 1).bit_length()
    auto = np.fft.irfft(np.abs(np.fft.rfft(frames, size, axis=1)) ** 2, axis=1)
    # The window's own autocorrelation is divided out, or long periods look weak (Boersma 1993).
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(length), size)) ** 2)
    low, high = int(rate_hz / _HIGHEST_HZ), int(rate_hz / _LOWEST_HZ)
    scaled = auto[:, low:high] / np.maximum(auto[:, :1], 1e-9) * (window[0] / window[low:high])
    # Of two periods about as clear, the shorter one is the pitch.
    scaled = scaled - 0.02 * np.log2(np.arange(low, high) / low)
    best = np.argmax(scaled, axis=1)
    clear = scaled[np.arange(count), best] >= _VOICED
    return np.where(clear, np.log(rate_hz / (best + low)), np.nan)


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
