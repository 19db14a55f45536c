"""Speech cut into phrases: what one person says in one breath, and what it sounds like.

A change of speaker lies in a pause nearly always, and a pause of a tenth of a second is enough of
one. So speech regions are cut where their sound falls away for a moment, and everything after that
(which voice it is, whose words these are) is decided for whole phrases, not for frames.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.cepstrum import COEFFICIENTS, STEP_S, cepstrum_frames
from qc_pipeline.audio.decode import Decoded
from qc_pipeline.audio.pitch import span_pitches
from qc_pipeline.call import Span

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

FEATURES = 2 + COEFFICIENTS
LOG_TO_DB = 10 / float(np.log(10))
_PAUSE = 8  # frames: what is quiet for so long divides two phrases
_SHORTEST = 35
_LONGEST = 250
_BELOW_LOUD_DB = 16.0  # below the 80th percentile of its region a frame is quiet
_VOICED = 8  # frames without which a phrase has no pitch


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A phrase: frames `first` (inclusive) to `last` (exclusive) of a region, 10 ms each."""

    region: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Phrases:
    """The phrases of one channel, in order.

    `frames`: of each region, every 10 ms: log energy, log pitch (nan where unvoiced), cepstrum;
    each of shape (frames, FEATURES). `features`: of each phrase its level (dB, of its louder half),
    median log pitch (nan: no voice) and mean cepstrum; shape (phrases, FEATURES).
    """

    regions: tuple[Span, ...]
    frames: tuple[Float32, ...]
    pieces: tuple[Piece, ...]
    features: Float64

    @property
    def spans(self) -> list[Span]:
        """Where each phrase lies in the recording, in seconds; a region's edges are its own."""
        out: list[Span] = []
        for piece in self.pieces:
            start_s, end_s = self.regions[piece.region]
            at_end = piece.last >= len(self.frames[piece.region])
            out.append(
                (
                    start_s + piece.first * STEP_S,
                    end_s if at_end else start_s + piece.last * STEP_S,
                )
            )
        return out

    @property
    def lengths_s(self) -> Float64:
        return np.array([(p.last - p.first) * STEP_S for p in self.pieces])

    @property
    def pauses_s(self) -> Float64:
        """The pause before each phrase, 0 where it follows in the same region; shape (phrases,)."""
        pauses = np.zeros(len(self.pieces))
        spans = self.spans
        for number in range(1, len(spans)):
            pauses[number] = max(spans[number][0] - spans[number - 1][1], 0.0)
        return pauses


def phrases_of(decoded: Decoded, channel: int, regions: Sequence[Span]) -> Phrases:
    """The phrases in the speech regions of a channel."""
    frames = _frames(decoded, channel, regions)
    pieces = tuple(
        Piece(region=number, first=first, last=last)
        for number, part in enumerate(frames)
        for first, last in _cut(part[:, 0] * LOG_TO_DB)
    )
    described = [_described(frames[p.region][p.first : p.last]) for p in pieces]
    return Phrases(
        regions=tuple(regions),
        frames=tuple(frames),
        pieces=pieces,
        features=np.stack(described) if described else np.zeros((0, FEATURES)),
    )


def _frames(decoded: Decoded, channel: int, regions: Sequence[Span]) -> list[Float32]:
    rate, samples = decoded.sample_rate_hz, decoded.samples[channel]
    pitches = span_pitches(samples, rate, regions)
    frames = []
    for (start, end), pitch in zip(regions, pitches, strict=True):
        sound = samples[round(start * rate) : round(end * rate)].astype(np.float64) / 32_768
        energy, cepstra = cepstrum_frames(sound, rate)
        # Two sample rates may round the length of a region to one frame more or less.
        tone = np.full(len(energy), np.nan)
        tone[: len(pitch)] = pitch[: len(energy)]
        frames.append(np.column_stack([energy, tone, cepstra]).astype(np.float32))
    return frames


def _cut(levels_db: npt.NDArray[np.floating]) -> list[tuple[int, int]]:
    """First and last frame of each phrase of a region, from the level of its frames."""
    count = len(levels_db)
    smooth = np.convolve(np.pad(levels_db, 2, "edge"), np.full(5, 0.2), "valid")
    quiet = smooth < np.percentile(smooth, 80) - _BELOW_LOUD_DB
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(np.int8), [0]])))
    cuts = [0]
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if end - start >= _PAUSE and start > 0 and end < count:
            cuts.append((start + end) // 2)
    cuts.append(count)
    _join_short(cuts)
    return [
        part
        for first, last in itertools.pairwise(cuts)
        if last > first
        for part in _shorter(first, last, smooth)
    ]


def _join_short(cuts: list[int]) -> None:
    """Take out cuts until no phrase is too short; it joins its shorter neighbour."""
    while len(cuts) > 2:
        lengths = np.diff(cuts)
        number = int(np.argmin(lengths))
        if lengths[number] >= _SHORTEST:
            return
        if number == 0:
            del cuts[1]
        elif number == len(lengths) - 1:
            del cuts[-2]
        else:
            del cuts[number if lengths[number - 1] <= lengths[number + 1] else number + 1]


def _shorter(first: int, last: int, smooth: Float64) -> list[tuple[int, int]]:
    """A phrase divided in its middle third, where it is quietest, until no part is too long."""
    if last - first <= _LONGEST:
        return [(first, last)]
    third = (last - first) // 3
    cut = first + third + int(np.argmin(smooth[first + third : last - third]))
    return [*_shorter(first, cut, smooth), *_shorter(cut, last, smooth)]


def _described(frames: Float32) -> Float64:
    own = frames.astype(np.float64)
    loud = own[own[:, 0] >= np.median(own[:, 0])]
    pitch = own[:, 1][~np.isnan(own[:, 1])]
    tone = float(np.median(pitch)) if pitch.size >= _VOICED else np.nan
    return np.concatenate([[loud[:, 0].mean() * LOG_TO_DB, tone], loud[:, 2:].mean(axis=0)])
