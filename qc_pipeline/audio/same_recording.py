"""Recordings that are the same call coded in another way: their envelopes rise and fall together.

Bytes differ as soon as a file is converted; loudness by tenths of a second hardly does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

LEAST_STEPS = 100
"""Envelopes of less than ten seconds (one channel) are not compared: short calls are much alike."""
_LENGTHS = 0.005  # a coder pads at both ends
_LEAST_APART = 6
_SHIFT = 3  # steps of 0.1 s
ALIKE = 0.95
"""Correlation of two envelopes. Of the 5,356 pairs of sample calls none is above 0.54; twelve of
them, quieter and as MP3, A-law, Opus and Vorbis, are at 0.997 and more with themselves."""


def alike_pairs(envelopes: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Pairs of names whose envelopes (`audio.envelope.envelope`) are of the same sound."""
    rows = sorted(
        (
            (len(e), name, _centred(np.frombuffer(e, dtype=np.uint8).astype(np.float64)))
            for name, e in envelopes.items()
            if len(e) >= LEAST_STEPS
        ),
        key=lambda row: row[:2],
    )
    for number, (length, name, values) in enumerate(rows):
        for other_length, other, others in rows[number + 1 :]:
            if other_length - length > max(_LEAST_APART, _LENGTHS * length):
                break
            if _correlation(values, others) >= ALIKE:
                yield name, other


def _centred(values: Float64) -> Float64:
    return np.asarray(values - values.mean())


def _correlation(a: Float64, b: Float64) -> float:
    """The best one over small shifts."""
    best = 0.0
    for shift in range(-_SHIFT, _SHIFT + 1):
        first, second = (a[shift:], b) if shift >= 0 else (a, b[-shift:])
        size = min(first.size, second.size)
        first, second = first[:size], second[:size]
        scale = float(np.sqrt((first @ first) * (second @ second)))
        best = max(best, float(first @ second) / scale if scale else 0.0)
    return best
