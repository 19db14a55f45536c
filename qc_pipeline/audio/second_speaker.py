"""Whether what was given to one party is one voice or two.

A call that is transferred has two agents in the agent's channel; a supervisor may join, a customer
may hand the telephone to somebody else. What one of them says must not be held against the other.

The test is the Bayesian information criterion of speaker diarization (Chen and Gopalakrishnan,
"Speaker, environment and channel change detection and clustering via the Bayesian information
criterion", 1998) without its penalty: by how much, per 10 ms of speech, two normal distributions of
the cepstrum explain it better than one. It is asked of two ways to divide the party's speech: one
stretch against the rest (a transfer, somebody who joins for a while), and two groups of pieces
(somebody who speaks in turn). Thresholds and how often it errs stand in docs/asr.md.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.cepstrum import COEFFICIENTS, cepstrum_frames
from qc_pipeline.audio.decode import Decoded
from qc_pipeline.audio.pitch import span_pitches
from qc_pipeline.call import Span

Float64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

LEAST_S = 8.0
"""Speech that each voice must have: with less, one voice saying two things looks like two."""
STRETCH_GAIN = 0.7
GROUPS_GAIN = 0.9
"""Gains (nats per 10 ms) from which a second voice is told. One real speaker: 0.36 and 0.70."""
_PIECE_S = 1.5
_SHORTEST_PIECE_S = 0.4
_PITCH_S = 0.5
_PITCH_WEIGHT = 2.5  # pitch is one number beside sixteen
_FLOOR = 0.3  # added to variances, so that few frames are no sharp distribution
_MOST_BLOCKS = 120
_MOST_CLUSTERED = 2_000  # Ward's clustering holds the distances of all pairs
_AT_ONCE = 500  # stretches, each with matrices of its own
_ROUNDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondVoice:
    """The voice that has less of a party's speech.

    `spans` are where it speaks (seconds; pauses inside one stretch of it belong to it), `share` its
    part of the party's speech, at most one half. `from_s` is when whoever speaks second begins,
    which of the two that may be.
    """

    spans: tuple[Span, ...]
    share: float
    from_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    """Sums over the frames of stretches: count (n,), sum (n, c), sum of products (n, c, c)."""

    count: Float64
    total: Float64
    squares: Float64

    def over(self, chosen: Bools) -> _Sums:
        """The sums of all chosen stretches, as one."""
        return _Sums(
            count=self.count[chosen].sum(keepdims=True),
            total=self.total[chosen].sum(axis=0, keepdims=True),
            squares=self.squares[chosen].sum(axis=0, keepdims=True),
        )

    def less(self, other: _Sums) -> _Sums:
        return _Sums(
            count=self.count - other.count,
            total=self.total - other.total,
            squares=self.squares - other.squares,
        )

    def covariance(self) -> Float64:
        mean = self.total / self.count[:, None]
        product = self.squares / self.count[:, None, None]
        outer = mean[:, :, None] * mean[:, None, :]
        return np.asarray(product - outer + _FLOOR * np.eye(COEFFICIENTS))

    def cost(self) -> Float64:
        """Frames times half the log determinant: what coding them as one voice costs."""
        return np.asarray(0.5 * self.count * np.linalg.slogdet(self.covariance())[1])


def second_voice(decoded: Decoded, channel: int, regions: Sequence[Span]) -> SecondVoice | None:
    """The second voice in a party's speech regions; None where there is one voice, or too little.

    `channel` is where the regions lie. Nothing is random: the same sound gives the same answer.
    """
    pieces = [piece for region in regions for piece in _pieces(region)]
    lengths = np.array([end - start for start, end in pieces])
    if lengths.sum() < 2 * LEAST_S:
        return None
    sums, pitch = _described(decoded, channel, pieces)
    stretch_gain, chosen = _stretch(sums, lengths)
    groups_gain, grouped = _groups(sums, pitch, lengths)
    strength, whole = stretch_gain / STRETCH_GAIN, True
    if groups_gain / GROUPS_GAIN > strength:
        strength, whole, chosen = groups_gain / GROUPS_GAIN, False, grouped
    if strength < 1.0:
        return None
    if lengths[chosen].sum() * 2 > lengths.sum():
        chosen = ~chosen
    return SecondVoice(
        spans=_spans(pieces, chosen, whole=whole),
        share=float(lengths[chosen].sum() / lengths.sum()),
        from_s=max(pieces[int(np.argmax(own))][0] for own in (chosen, ~chosen)),
    )


def _pieces(region: Span) -> list[Span]:
    """About equal pieces of a region; none of one too short to tell a voice by."""
    start, end = region
    if end - start < _SHORTEST_PIECE_S:
        return []
    count = max(round((end - start) / _PIECE_S), 1)
    edges = [start + (end - start) * n / count for n in range(count + 1)]
    return list(itertools.pairwise(edges))


def _described(decoded: Decoded, channel: int, pieces: Sequence[Span]) -> tuple[_Sums, Float64]:
    """Sums over the louder half of each piece's frames, and its median log pitch (nan: none)."""
    rate, channel_samples = decoded.sample_rate_hz, decoded.samples[channel]
    counts, totals, squares = [], [], []
    for start, end in pieces:
        samples = channel_samples[round(start * rate) : round(end * rate)]
        energy, cepstra = cepstrum_frames(samples.astype(np.float64) / 32_768, rate)
        loud = cepstra[energy >= np.median(energy)]
        counts.append(len(loud))
        totals.append(loud.sum(axis=0))
        squares.append(loud.T @ loud)
    # The middle will do, at a third of the cost.
    pitches = span_pitches(channel_samples, rate, [_middle(piece) for piece in pieces])
    return (
        _Sums(
            count=np.array(counts, dtype=np.float64),
            total=np.stack(totals),
            squares=np.stack(squares),
        ),
        np.array([_median(pitch[~np.isnan(pitch)]) for pitch in pitches]),
    )


def _middle(piece: Span) -> Span:
    start, end = piece
    around = min(_PITCH_S, end - start) / 2
    return ((start + end) / 2 - around, (start + end) / 2 + around)


def _median(voiced: npt.NDArray[np.float32]) -> float:
    return float(np.median(voiced)) if voiced.size else np.nan


def _stretch(sums: _Sums, lengths: Float64) -> tuple[float, Bools]:
    """The stretch that differs most from the rest: the gain per frame, and its pieces."""
    number = len(lengths)
    edges = np.unique(np.rint(np.linspace(0, number, min(number, _MOST_BLOCKS) + 1)).astype(int))
    first, last = (edges[i] for i in np.triu_indices(len(edges), k=1))
    run = np.concatenate([[0.0], np.cumsum(lengths)])
    inside = run[last] - run[first]
    fits = (inside >= LEAST_S) & (run[-1] - inside >= LEAST_S)
    first, last = first[fits], last[fits]
    if not first.size:
        return 0.0, np.zeros(number, dtype=np.bool_)
    upto = _Sums(
        count=np.concatenate([[0.0], np.cumsum(sums.count)]),
        total=np.concatenate([np.zeros((1, COEFFICIENTS)), np.cumsum(sums.total, axis=0)]),
        squares=np.concatenate(
            [np.zeros((1, COEFFICIENTS, COEFFICIENTS)), np.cumsum(sums.squares, axis=0)]
        ),
    )

    def at(places: npt.NDArray[np.int64]) -> _Sums:
        return _Sums(
            count=upto.count[places], total=upto.total[places], squares=upto.squares[places]
        )

    every = at(np.array([number]))
    gains = np.zeros(first.size)
    for some in range(0, first.size, _AT_ONCE):
        part = at(last[some : some + _AT_ONCE]).less(at(first[some : some + _AT_ONCE]))
        gain = every.cost() - part.cost() - every.less(part).cost()
        gains[some : some + _AT_ONCE] = gain / every.count
    best = int(np.argmax(gains))
    chosen = np.zeros(number, dtype=np.bool_)
    chosen[first[best] : last[best]] = True
    return float(gains[best]), chosen


def _groups(sums: _Sums, pitch: Float64, lengths: Float64) -> tuple[float, Bools]:
    """Two groups of pieces that differ most: the gain per frame, and the pieces of one of them.

    Begun by Ward's clustering of their means and pitch (of an hour and more of speech by every
    second piece, or third); then each piece goes to the group whose distribution explains it
    better, until none changes.
    """
    # scikit-learn would take two seconds to load, for calls of two channels, too.
    from scipy.cluster.hierarchy import fcluster, linkage

    usual = float(np.nanmedian(pitch)) if not np.isnan(pitch).all() else 0.0
    vectors = np.column_stack(
        [sums.total / sums.count[:, None], np.where(np.isnan(pitch), usual, pitch)]
    )
    spread = vectors.std(axis=0)
    vectors = (vectors - vectors.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    vectors[:, -1] *= _PITCH_WEIGHT
    every_nth = -(-len(vectors) // _MOST_CLUSTERED)
    begun = fcluster(linkage(vectors[::every_nth], "ward"), 2, criterion="maxclust") == 1
    chosen = np.repeat(begun, every_nth)[: len(vectors)]
    for _ in range(_ROUNDS):
        if not _both_long(chosen, lengths):
            return 0.0, chosen
        better = _likelihood(sums, sums.over(chosen)) > _likelihood(sums, sums.over(~chosen))
        if (better == chosen).all():
            break
        chosen = better
    if not _both_long(chosen, lengths):
        return 0.0, chosen
    every = sums.over(np.ones(len(lengths), dtype=np.bool_))
    parts = sums.over(chosen).cost() + sums.over(~chosen).cost()
    return float((every.cost() - parts)[0] / every.count[0]), chosen


def _both_long(chosen: Bools, lengths: Float64) -> bool:
    return bool(min(lengths[chosen].sum(), lengths[~chosen].sum()) >= LEAST_S)


def _likelihood(pieces: _Sums, voice: _Sums) -> Float64:
    """Log likelihood per frame, but for a constant, of each piece under a voice's distribution."""
    covariance = voice.covariance()[0]
    inverse = np.linalg.inv(covariance)
    mean = voice.total[0] / voice.count[0]
    square = np.einsum("nij,ij->n", pieces.squares, inverse) / pieces.count
    cross = pieces.total @ inverse @ mean / pieces.count
    constant = float(mean @ inverse @ mean + np.linalg.slogdet(covariance)[1])
    return np.asarray(-0.5 * (square - 2 * cross + constant))


def _spans(pieces: Sequence[Span], chosen: Bools, *, whole: bool) -> tuple[Span, ...]:
    """Where the chosen pieces lie, neighbours joined: over their pauses, too, where `whole`."""
    spans: list[Span] = []
    previous = False
    for (start, end), mine in zip(pieces, chosen.tolist(), strict=True):
        if mine and previous and (whole or start - spans[-1][1] < 1e-6):
            spans[-1] = (spans[-1][0], end)
        elif mine:
            spans.append((start, end))
        previous = mine
    return tuple(spans)
