"""Channels read piece by piece in the telephone's band."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.resample import Float32, Ratio, resampled_part

TELEPHONE_HZ = 8_000


def at_8k(
    samples: npt.NDArray[np.int16], rate_hz: int
) -> tuple[Callable[[int, int], Float32], int]:
    """A reader of samples [start, stop) of a channel at 8 kHz, in ±1, and how many there are."""
    ratio = Ratio(rate_hz, TELEPHONE_HZ)

    def read(start: int, stop: int) -> Float32:
        return resampled_part(samples, ratio, start, stop)

    return read, -(-samples.size * ratio.up // ratio.down)
