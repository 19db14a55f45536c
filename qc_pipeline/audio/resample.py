"""Changing the sample rate in pieces: the same samples whether a call comes whole or in blocks.

A polyphase FIR filter (scipy `resample_poly`'s default, Kaiser window beta 5.0, 10 zero crossings)
has finite memory, so a block with enough of its neighbours on both sides gives exactly the samples
that the whole signal would give there.
"""

from __future__ import annotations

from math import gcd
from typing import cast

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]


class Ratio:
    """The reduced ratio of two sample rates and how far the filter looks."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        divisor = gcd(from_hz, to_hz)
        self.up = to_hz // divisor
        self.down = from_hz // divisor
        half_length = 10 * max(self.up, self.down)
        reach = -(-half_length // self.up) + 1
        # Block edges stay on multiples of `down`, where input and output samples coincide.
        self.context = -(-reach // self.down) * self.down

    def apply(self, samples: Float32) -> Float32:
        """The whole of `samples` at the new rate; shape (n,) → (ceil(n · up / down),)."""
        if self.up == self.down:
            return samples
        from scipy.signal import resample_poly

        if samples.size == 0:
            return samples
        return cast(Float32, resample_poly(samples, self.up, self.down).astype(np.float32))


def resampled_part(samples: npt.NDArray[np.int16], ratio: Ratio, start: int, stop: int) -> Float32:
    """Output samples [start, stop) of the whole signal resampled; shape (stop - start,), ±1.0.

    `samples` is the signal at the old rate; what lies outside of it counts as silence.
    """
    if ratio.up == ratio.down:
        first, last = start, stop
    else:
        first = (start * ratio.down // ratio.up) // ratio.down * ratio.down - ratio.context
        last = stop * ratio.down // ratio.up + 1 + ratio.context
    inside = samples[max(first, 0) : max(last, 0)].astype(np.float32) / np.float32(32768)
    missing_before = min(max(-first, 0), max(last - first, 0))
    missing_after = max(last - first - missing_before - inside.size, 0)
    padded = np.pad(inside, (missing_before, missing_after))
    skip = start - first * ratio.up // ratio.down
    return ratio.apply(padded)[skip : skip + stop - start]


class BlockResampler:
    """Resamples a signal of several channels that arrives in blocks of shape (n, channels)."""

    def __init__(self, from_hz: int, to_hz: int, channels: int) -> None:
        self._ratio = Ratio(from_hz, to_hz)
        self._kept = np.zeros((0, channels), dtype=np.float32)
        self._kept_from = 0
        self._given = 0

    def push(self, block: Float32, *, last: bool = False) -> Float32:
        """Take in `block`, give out every sample that no later block can change."""
        ratio = self._ratio
        if ratio.up == ratio.down:
            return block
        self._kept = np.concatenate([self._kept, block])
        read = self._kept_from + len(self._kept)
        if last:
            ready = -(-read * ratio.up // ratio.down)
        else:
            settled = (read - ratio.context) // ratio.down * ratio.down
            ready = max(settled, 0) * ratio.up // ratio.down
        if ready <= self._given:
            return np.zeros((0, self._kept.shape[1]), dtype=np.float32)
        skip = self._given - self._kept_from * ratio.up // ratio.down
        out = np.stack([ratio.apply(column) for column in self._kept.T], axis=1)
        out = out[skip : skip + ready - self._given]
        self._given = ready
        needed_from = self._given * ratio.down // ratio.up // ratio.down * ratio.down
        drop = max(needed_from - ratio.context - self._kept_from, 0)
        self._kept = self._kept[drop:]
        self._kept_from += drop
        return out
