"""From when to when music plays, within 0.1 s, where it is known to play to the second.

A note stands still: in the spectra of overlapping frames its lines stay in their bins for a quarter
of a second and longer. What share of the sound such lines hold is high in music and low in speech,
whose lines glide; pauses say nothing. The edge is where that share, added up over time less what
divides the two, is greatest (the point of change of a cumulative sum: E. S. Page, "Continuous
inspection schemes", Biometrika 41, 1954).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.telephone_band import TELEPHONE_HZ as RATE_HZ

Float32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

FRAME = 1_024
BINS = slice(20, 440)  # 156 to 3437 Hz
_WINDOW = np.hanning(FRAME).astype(np.float32)
_STEP = 128  # 16 ms
_HALF = 12  # bins around a bin that it has to stand out from
_OUT_DB = 8.0
_LINE_DB = -58.0  # of full scale: hum of a line lies below
_HELD = 16  # frames: 0.256 s; a syllable of a flat tone hardly lasts longer
_SHORT = 8  # of a note that is cut off
_NEAR = 6  # frames: no syllable
_QUIET_DB = 25.0  # below the music: a pause
_OUTSIDE_S, _INSIDE_S = 1.1, 6.1  # how far from what is known the edge may lie
_SHARE = 0.35
_LEAST_S = 2.0


def music_edges(
    read: Callable[[int, int], Float32], length: int, begin_s: float, end_s: float
) -> tuple[float, float] | None:
    """Where music begins and ends of which this is known to within some seconds; None where what
    stands still in it is too short to be music.

    `read(start, stop)` gives samples of the channel at 8 kHz, in ±1, `length` is how many there
    are. Sixteen seconds are read at most.
    """
    middle = (begin_s + end_s) / 2
    first = (begin_s - _OUTSIDE_S, min(begin_s + _INSIDE_S, middle))
    length_s = length / RATE_HZ
    last = (length_s - end_s - _OUTSIDE_S, length_s - max(end_s - _INSIDE_S, middle))
    begin = _begin(read, length, first)
    end = _begin(_backwards(read, length), length, last)
    found = begin, length_s - end
    return found if found[1] - found[0] >= _LEAST_S else None


def _backwards(read: Callable[[int, int], Float32], length: int) -> Callable[[int, int], Float32]:
    """The same channel from its end to its start: an end is a begin there."""
    return lambda start, stop: read(length - stop, length - start)[::-1]


def _begin(read: Callable[[int, int], Float32], length: int, zone: tuple[float, float]) -> float:
    """Where music begins that plays at the zone's end."""
    # Frame i stands around its middle; lines are followed a little beyond the zone.
    beyond = _HELD * _STEP
    first = max(round(zone[0] * RATE_HZ), 0)
    last = min(round(zone[1] * RATE_HZ), length)
    start, stop = first - beyond - FRAME // 2, last + beyond + FRAME // 2
    sound = np.pad(read(max(start, 0), min(stop, length)), (max(-start, 0), max(stop - length, 0)))
    frames = np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::_STEP]
    lines, amplitude = standing_out(frames)
    level = 10 * np.log10(np.einsum("ij,ij->i", frames, frames) / FRAME + 1e-12)
    inside = slice(_HELD, max(len(level) - _HELD, _HELD + 1))
    level = level[inside]
    share = _share(lines, amplitude, _HELD)[inside]
    core = slice(-(len(share) // 3) or None, None)
    usual_db = float(np.median(level[core]))
    divides = min(_SHARE, float(np.median(share[core])) / 2)
    weight = np.where(level > usual_db - _QUIET_DB, share - divides, 0.0)
    # From each frame to the zone's end; the latest of several that are equal: pauses are outside.
    gain = np.cumsum(weight[::-1])
    latest = len(weight) - 1 - int(np.argmax(gain))
    at = first + latest * _STEP
    short = _share(lines, amplitude, _SHORT)[inside][max(latest - _HELD, 0) : latest]
    until = _to_pause(sound[: at - start], usual_db - _QUIET_DB)
    if until <= _NEAR or (short.size and float(short[-until:].mean()) >= divides / 2):
        at -= until * _STEP
    return at / RATE_HZ


def _to_pause(before: Float32, quiet_db: float) -> int:
    """How many frames before the edge a pause ends, which is where a first note begins that is too
    short to be held; 0 where there is none nearer than a held one lasts.
    """
    steps = before[-_HELD * _STEP :].reshape(-1, _STEP)
    level = 10 * np.log10(np.mean(steps.astype(np.float64) ** 2, axis=1) + 1e-12)
    quiet = np.flatnonzero(level < quiet_db)
    return len(steps) - 1 - int(quiet[-1]) if quiet.size else 0


def standing_out(frames: Float32) -> tuple[Bools, Float32]:
    """Which bins stand out of those around them as lines, and every bin's amplitude (1: a sine at
    full scale); both of shape (frames, bins). `frames`: (frames, FRAME), in ±1, at 8 kHz.
    """
    from scipy.fft import rfft

    spectrum = rfft(frames * _WINDOW, axis=1)[:, BINS]
    power = (spectrum.real**2 + spectrum.imag**2) / np.float32((_WINDOW.sum() / 2) ** 2)
    level = 10 * np.log10(power + np.float32(1e-12))
    width = 2 * _HALF + 1
    padded = np.pad(level, ((0, 0), (_HALF + 1, _HALF)), mode="edge")
    sums = np.cumsum(padded, axis=1)
    around = (sums[:, width:] - sums[:, :-width]) / np.float32(width)
    return (level - around > _OUT_DB) & (level > _LINE_DB), np.sqrt(power)


def _share(lines: Bools, amplitude: Float32, least: int) -> Float32:
    """The share of each frame's sound in lines that stand for `least` frames in a row.

    By amplitude, or the lowest harmonic of a flat voice is nearly all there is.
    """
    held = (amplitude * _long_runs(lines, least)).sum(axis=1)
    return np.asarray(held / np.maximum(amplitude.sum(axis=1), 1e-9), dtype=np.float32)


def _long_runs(lines: Bools, least: int) -> Bools:
    """Lines that stand in their bin for `least` frames in a row; shape (frames, bins)."""
    counts = np.cumsum(np.pad(lines, ((1, 0), (0, 0))), axis=0, dtype=np.int32)
    whole = counts[least:] - counts[:-least] == least
    reached = np.cumsum(np.pad(whole, ((least, least - 1), (0, 0))), axis=0, dtype=np.int32)
    return np.asarray(reached[least:] > reached[:-least])
