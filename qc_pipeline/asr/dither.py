"""Faint noise under the speech, for what a codec at a low rate leaves out.

MP3 at 8 kbit/s a channel drops whole bands of the spectrum for moments at a time. The logarithm of
nothing is far from all that a small recogniser was trained on, and it mistakes one syllable for
another. Noise that nobody would hear beside the speech fills these holes; how much that changes
stands in docs/asr.md. Where there are no holes it costs a little, so other recordings get none.
"""

from __future__ import annotations

import functools

import numpy as np

from qc_pipeline.audio.decode import RECOGNISER_HZ
from qc_pipeline.audio.decoders import AudioFacts
from qc_pipeline.audio.resample import Float32, Ratio

_BAND_HZ = 8_000  # a telephone's sample rate: no noise where such a recording has no sound
_LENGTH_S = 31
_LOUD = 0.02  # of the peak: what counts as speech when its level is measured


def leaves_holes(facts: AudioFacts) -> bool:
    """Whether a recording's codec is one that leaves out bands: MP3, whichever library names it."""
    return facts.codec.casefold().startswith("mp3")


@functools.cache
def _noise() -> Float32:
    """White noise of unit power up to 4 kHz, at the recogniser's rate."""
    # Not `default_rng`: numpy promises the same numbers in every version for this one only.
    drawn = np.random.RandomState(1).standard_normal(_LENGTH_S * _BAND_HZ).astype(np.float32)
    wide = Ratio(_BAND_HZ, RECOGNISER_HZ).apply(drawn)
    return np.asarray(wide / np.sqrt(np.mean(np.square(wide))), dtype=np.float32)


def dithered(sound: Float32, dither_db: float) -> Float32:
    """The sound with noise `dither_db` (negative) against the level of what is loud in it.

    `sound` has shape (n,), 16 kHz, ±1. The noise is the same every time, so that the same recording
    gives the same text.
    """
    size = np.abs(sound)
    loud = sound[size > _LOUD * size.max(initial=0.0)]
    if not loud.size:
        return sound
    level = float(np.sqrt(np.mean(np.square(loud)))) * 10.0 ** (dither_db / 20.0)
    return np.asarray(sound + np.resize(_noise(), sound.size) * np.float32(level), dtype=np.float32)
