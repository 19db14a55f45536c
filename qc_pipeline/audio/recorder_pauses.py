"""Where a recorder wrote nothing, and the direct current it wrote all the time.

A recorder that is paused, or that runs on after the call, writes the same value over and over on
every channel; a telephone line never does (its noise, and a codec's, move the last bit at least).
That stretch is nobody's silence. Where a line sends nothing while nobody speaks (silence
suppression), such stretches stand between all words, and prove nothing: then none is a pause.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qc_pipeline.call import Span

Int16 = npt.NDArray[np.int16]

LEAST_S = 2.0
"""A shorter stretch of nothing is no pause of a recorder."""
_MOST_LSB = 1
"""How far a value may move and still be nothing: a codec of music gives silence back so."""
_SUPPRESSED_S = 0.04
"""Nothing for so long in the middle of a call counts towards silence suppression."""
_SUPPRESSED = 5
"""From so many short stretches of nothing a minute outside of the long ones on, the line sends
nothing while nobody speaks."""
_PIECE_S = 60
_BLOCK_S = 0.032
_BLOCKS = 2_000
_ASKED = 4  # direct current is everywhere: every fourth block tells of it

OFFSET = 33
"""Direct current from this many steps of 16 bits on (-60 dB of full scale) may be taken out: from
there on a channel would count as carrying something (`channels.DEAD_BELOW_DB`)."""
OFFSET_DB = -26.0
"""And that is no less than this against the channel's sound: what is less hides no pause between
words (speech stands 20 dB out of what counts as silence, `RegionRule.above_noise_db` and
`clear_db`, and a call is pauses for some 6 dB)."""


def find_pauses(samples: Int16, rate_hz: int) -> tuple[Span, ...]:
    """Where nothing was written on any channel for `LEAST_S`, in seconds.

    `samples` has shape (channels, n). A stretch that reaches the recording's end is among them;
    silence on all channels from begin to end is none: there is no recording to pause.
    """
    n = samples.shape[1]
    short = max(round(_SUPPRESSED_S * rate_hz), 1)
    edges = _still(samples, short)
    lengths = edges[1] - edges[0]
    long = lengths >= round(LEAST_S * rate_hz)
    if not long.any() or (edges[0][0] == 0 and edges[1][0] >= n):
        return ()
    rest_s = (n - int(lengths[long].sum())) / rate_hz
    inner = ~long & (edges[0] > 0) & (edges[1] < n)
    if int(inner.sum()) >= max(_SUPPRESSED * rest_s / 60, 3):
        # Only what lies behind the last sound can be told then.
        long &= edges[1] >= n
    starts, stops = edges[0][long].tolist(), edges[1][long].tolist()
    return tuple((a / rate_hz, b / rate_hz) for a, b in zip(starts, stops, strict=True))


def _still(samples: Int16, least: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Starts and stops of stretches of at least so many samples in which no channel moves."""
    n = samples.shape[1]
    starts: list[npt.NDArray[np.int64]] = []
    stops: list[npt.NDArray[np.int64]] = []
    # Judged by pieces of `least` samples: a stretch is found to that, then its edges to the sample.
    count = n // least
    quiet = np.ones(count, dtype=np.bool_)
    block = max(_PIECE_S * 16_000 // least, 1)
    for channel in samples:
        for first in range(0, count, block):
            last = min(first + block, count)
            part = channel[first * least : last * least].reshape(-1, least)
            spread = part.max(axis=1).astype(np.int32) - part.min(axis=1)
            quiet[first:last] &= spread <= _MOST_LSB
    changes = np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8))
    for a, b in zip(
        np.flatnonzero(changes == 1).tolist(), np.flatnonzero(changes == -1).tolist(), strict=True
    ):
        start, stop = a * least, b * least
        start -= _reach(samples[:, max(start - least, 0) : start + 1][:, ::-1])
        stop += _reach(samples[:, stop - 1 : min(stop + least, n)])
        starts.append(np.array([start]))
        stops.append(np.array([stop]))
    nothing = np.zeros(0, dtype=np.int64)
    return np.concatenate([nothing, *starts]), np.concatenate([nothing, *stops])


def _reach(around: Int16) -> int:
    """How many samples after the first column stay where it is, on every channel."""
    away = np.abs(around[:, 1:].astype(np.int32) - around[:, :1]) > _MOST_LSB
    moved = away.any(axis=0)
    return int(np.argmax(moved)) if moved.any() else int(moved.size)


def without_offset(samples: Int16, rate_hz: int, pauses: tuple[Span, ...]) -> Int16:
    """The same without direct current on channels that have much of it (`OFFSET`, `OFFSET_DB`).

    Changed in place where there is any; what stands in `pauses` is no part of it, and is 0 then.
    """
    n = samples.shape[1]
    paused = [(round(a * rate_hz), round(b * rate_hz)) for a, b in pauses]
    kept = _between(paused, n)
    for channel in samples:
        offset = _offset(channel, kept, rate_hz)
        if not offset:
            continue
        for a, b in kept:
            for first in range(a, b, _PIECE_S * rate_hz):
                part = channel[first : min(first + _PIECE_S * rate_hz, b)]
                part[:] = np.clip(part.astype(np.int32) - offset, -32_768, 32_767)
        for a, b in paused:
            channel[a:b] = 0
    return samples


def _offset(channel: Int16, kept: list[tuple[int, int]], rate_hz: int) -> int:
    """The direct current of a channel, 0 where it is not much.

    It is there while nobody speaks, too: it is looked for in the stillest tenth of the recording. A
    voice whose swings are longer to one side has a mean of its own, and no direct current.
    """
    size = max(round(_BLOCK_S * rate_hz), 1)
    means: list[npt.NDArray[np.float64]] = []
    spreads: list[npt.NDArray[np.float64]] = []
    for a, b in kept:
        for first in range(a, b, size * _BLOCKS):
            part = channel[first : min(first + size * _BLOCKS, b)]
            part = part[: part.size // size * size].reshape(-1, size)[::_ASKED].astype(np.float64)
            means.append(part.mean(axis=1))
            spreads.append(part.var(axis=1))
    if not means or not (mean := np.concatenate(means)).size:
        return 0
    spread = np.concatenate(spreads)
    still = spread <= np.percentile(spread, 10)
    offset = float(np.median(mean[still]))
    power = float(spread.mean())
    much = abs(offset) >= OFFSET and offset * offset >= power * 10 ** (OFFSET_DB / 10)
    return round(offset) if much else 0


def _between(paused: list[tuple[int, int]], n: int) -> list[tuple[int, int]]:
    edges = [0, *(x for span in paused for x in span), n]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]
