"""One level for each voice of a mono recording, so that the quieter one is heard as well.

Both ends of a telephone call seldom arrive equally loud, and in a mix of both the quieter party's
syllables lie in what a recogniser takes for background. Where the separation says that a voice is
quieter, its phrases are raised by the difference: all of them by the same, so that what is said
softly stays soft beside what the same voice says aloud.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from qc_pipeline.asr.windows import AudioWindow
from qc_pipeline.audio.decode import RECOGNISER_HZ
from qc_pipeline.audio.mono_separation import SeparatedVoices

Float32 = npt.NDArray[np.float32]

MOST_DB = 20.0
"""A voice is raised by no more than this; its noise is raised with it."""
_RAMP_S = 0.05  # a gain that jumps is heard as a click


def one_level(sound: Float32, window: AudioWindow, divided: SeparatedVoices) -> Float32:
    """A window's sound (16 kHz, shape (n,)) with the quieter voice as loud as the other."""
    if divided.levels_db is None:
        return sound
    top_db = max(divided.levels_db)
    raised_db = [min(top_db - level_db, MOST_DB) for level_db in divided.levels_db]
    spans = sorted((span, raised_db[v]) for v in (0, 1) for span in divided.voices[v])
    begins_s, ends_s = window.stretches[0].start_s, window.stretches[-1].end_s
    inside = [n for n, ((a, b), _) in enumerate(spans) if a < ends_s and b > begins_s]
    if not inside:
        return sound
    spans = spans[max(inside[0] - 1, 0) : inside[-1] + 2]
    gains = np.empty(sound.size, dtype=np.float32)
    edges = [s.at_s for s in window.stretches[1:]]
    for stretch, end_s in zip(window.stretches, [*edges, window.length_s], strict=True):
        first = round(stretch.at_s * RECOGNISER_HZ)
        last = round(end_s * RECOGNISER_HZ) if end_s < window.length_s else sound.size
        gains[first:last] = _gain(spans, stretch.start_s)
        for (before, _), (after, raise_db) in pairwise(spans):
            # Half of a pause is of whoever spoke before it.
            change_s = (before[1] + after[0]) / 2
            if stretch.start_s < change_s < stretch.end_s:
                at = round((stretch.at_s + change_s - stretch.start_s) * RECOGNISER_HZ)
                gains[at:last] = 10 ** (raise_db / 20)
    return np.asarray(sound * _smooth(gains), dtype=np.float32)


def _gain(spans: list[tuple[tuple[float, float], float]], time_s: float) -> float:
    """The gain of whoever speaks at a time, or nearest to it."""
    nearest = min(spans, key=lambda s: max(s[0][0] - time_s, time_s - s[0][1], 0.0))
    return float(10 ** (nearest[1] / 20))


def _smooth(gains: Float32) -> Float32:
    """The mean over `_RAMP_S` around every sample."""
    width = round(_RAMP_S * RECOGNISER_HZ)
    padded = np.pad(gains.astype(np.float64), (width // 2 + 1, width - width // 2 - 1), "edge")
    sums = np.concatenate([[0.0], np.cumsum(padded)])
    return np.asarray((sums[width:] - sums[:-width])[: gains.size] / width, dtype=np.float32)
