"""Two speakers in one channel, told apart by their voices, without downloaded weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.decode import Decoded
from qc_pipeline.audio.runtime import prepare_runtime
from qc_pipeline.call import Span

Float64 = npt.NDArray[np.float64]

_FRAME_S = 0.032
_STEP_S = 0.01
_BANDS = 24
_COEFFICIENTS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """Regions of each voice, the first voice being the one heard first.

    `distance` is the silhouette of the two groups of voices in [-1, 1]; near 0 they are alike.
    """

    voices: tuple[tuple[Span, ...], ...]
    distance: float


def separate(decoded: Decoded, channel: int, regions: Sequence[Span]) -> Separation:
    """The regions of a channel, each given to one of two voices."""
    if len(regions) < 2:
        return Separation(voices=(tuple(regions), ()), distance=0.0)
    prepare_runtime()
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.metrics import silhouette_score

    vectors = np.stack([_voice(decoded, channel, region) for region in regions])
    spread = vectors.std(axis=0)
    vectors = (vectors - vectors.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    labels = AgglomerativeClustering(n_clusters=2, linkage="ward").fit_predict(vectors)
    distance = float(silhouette_score(vectors, labels)) if len(regions) > 2 else 0.0
    first = labels[0]
    voices = tuple(
        tuple(r for r, label in zip(regions, labels, strict=True) if (label == first) == wanted)
        for wanted in (True, False)
    )
    return Separation(voices=voices, distance=distance)


def _voice(decoded: Decoded, channel: int, region: Span) -> Float64:
    """What a region's voice is like: mean and spread of its cepstrum over its loud frames."""
    rate = decoded.sample_rate_hz
    samples = decoded.samples[channel][round(region[0] * rate) : round(region[1] * rate)]
    frames = cepstra(samples.astype(np.float64) / 32_768, rate)
    loud = frames[frames[:, 0] >= np.median(frames[:, 0])]
    return np.concatenate([loud[:, 1:].mean(axis=0), 0.5 * loud[:, 1:].std(axis=0)])


def cepstra(samples: Float64, rate_hz: int) -> Float64:
    """Mel cepstrum every 10 ms; shape (frames, 1 + coefficients), the first one the log energy."""
    from scipy.fft import dct

    length, step = round(_FRAME_S * rate_hz), round(_STEP_S * rate_hz)
    if samples.size < length:
        samples = np.pad(samples, (0, length - samples.size))
    count = 1 + (samples.size - length) // step
    frames = np.lib.stride_tricks.sliding_window_view(samples, length)[::step][:count]
    power = np.abs(np.fft.rfft(frames * np.hanning(length), axis=1)) ** 2
    bands = np.log(power @ _mel_bands(length, rate_hz).T + 1e-10)
    coefficients = dct(bands, type=2, norm="ortho", axis=1)[:, 1 : _COEFFICIENTS + 1]
    energy = np.log(power.sum(axis=1) + 1e-10)
    return np.column_stack([energy, coefficients])


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
