"""Two speakers in one channel, told apart by their voices, without downloaded weights.

Three steps, each plain: pieces of speech of a second or so are described by their mean cepstrum,
pitch and level and put into two groups (Ward's clustering); each group becomes a mixture of
Gaussians over its 10-ms frames; and the frames are given to the two mixtures along the path that
pays for every change of speaker (Viterbi), twice. On the telephone the two ends differ in
microphone, line and level as well as in voice, and all of that helps.

How well it does, and on what, stands in docs/asr.md.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.cepstrum import STEP_S, cepstrum_frames
from qc_pipeline.audio.decode import Decoded
from qc_pipeline.audio.pitch import span_pitches
from qc_pipeline.audio.runtime import prepare_runtime
from qc_pipeline.call import Span

Float64 = npt.NDArray[np.float64]

_PIECE_S = 1.2
_SHORTEST_TURN_S = 0.4
_CHANGE_COST = 14.0  # log likelihood a change of speaker inside a region costs
_GAP_COST = 3.0  # and at a pause between regions
_GAUSSIANS = 6
_ROUNDS = 3
_FRAME_WEIGHT = 0.12  # neighbouring frames tell the same thing again


@dataclass(frozen=True, slots=True, kw_only=True)
class SeparatedVoices:
    """Regions of each voice, the first voice being the one heard first.

    `distance` says how far apart the two groups of voices lie (silhouette, in [-1, 1]); near 0
    they are alike. None where it was not measured.
    """

    voices: tuple[tuple[Span, ...], tuple[Span, ...]]
    distance: float | None


Separator = Callable[[Decoded, int, Sequence[Span]], SeparatedVoices]
"""Gives each stretch of a channel's speech regions to one of two voices."""


def separate(decoded: Decoded, channel: int, regions: Sequence[Span]) -> SeparatedVoices:
    """The speech regions of a channel, each stretch of them given to one of two voices."""
    frames = _frames(decoded, channel, regions)
    pieces = [p for number, f in enumerate(frames) for p in _pieces(number, len(f))]
    if len(pieces) < 2:
        return SeparatedVoices(voices=(tuple(regions), ()), distance=0.0)
    prepare_runtime()
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    # One thread: the matrices are small, and threads that wait for each other cost ten times that.
    with threadpool_limits(1), warnings.catch_warnings():
        # The mixtures stop after twenty rounds by design.
        warnings.simplefilter("ignore", ConvergenceWarning)
        labels, distance = _grouped(frames, pieces)
        states = _spread(frames, pieces, labels)
        for _ in range(_ROUNDS):
            models = _mixtures(frames, states)
            if models is None:
                break
            states = _paths(frames, models)
    return separation_of(regions, states, distance)


def separation_of(
    regions: Sequence[Span], states: Sequence[npt.NDArray[np.int64]], distance: float | None
) -> SeparatedVoices:
    """Regions of each voice from the voice (0 or 1) of every 10 ms of every region."""
    spans: tuple[list[Span], list[Span]] = ([], [])
    for region, path in zip(regions, states, strict=True):
        for state, start_s, end_s in _runs(region, path):
            spans[state].append((start_s, end_s))
    first = min((0, 1), key=lambda v: spans[v][0][0] if spans[v] else np.inf)
    voices = (tuple(spans[first]), tuple(spans[1 - first]))
    return SeparatedVoices(voices=voices, distance=distance)


def _frames(decoded: Decoded, channel: int, regions: Sequence[Span]) -> list[Float64]:
    """Of each region, every 10 ms: log energy, log pitch (nan where unvoiced), cepstrum.

    Each of shape (frames, 2 + COEFFICIENTS).
    """
    rate, samples = decoded.sample_rate_hz, decoded.samples[channel]
    pitches = span_pitches(samples, rate, regions)
    frames = []
    for (start, end), pitch in zip(regions, pitches, strict=True):
        sound = samples[round(start * rate) : round(end * rate)].astype(np.float64) / 32_768
        energy, cepstra = cepstrum_frames(sound, rate)
        # Two sample rates may round the length of a region to one frame more or less.
        tone = np.full(len(energy), np.nan)
        tone[: len(pitch)] = pitch[: len(energy)]
        frames.append(np.column_stack([energy, tone, cepstra]))
    return frames


def _pieces(region: int, length: int) -> list[tuple[int, int, int]]:
    """(region, first frame, last frame) of about equal pieces of a region."""
    count = max(round(length * STEP_S / _PIECE_S), 1)
    edges = [round(length * n / count) for n in range(count + 1)]
    return [(region, a, b) for a, b in itertools.pairwise(edges) if b > a]


def _grouped(
    frames: Sequence[Float64], pieces: Sequence[tuple[int, int, int]]
) -> tuple[npt.NDArray[np.int64], float]:
    """Two groups of pieces, and how far apart they lie."""
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.metrics import silhouette_score

    vectors = np.stack([_described(frames[r][a:b]) for r, a, b in pieces])
    spread = vectors.std(axis=0)
    vectors = (vectors - vectors.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    # Long pieces tell more; short ones join whom they are nearest to.
    lengths = np.array([b - a for _, a, b in pieces])
    telling = lengths >= np.median(lengths) * 0.5
    labels = np.zeros(len(pieces), dtype=np.int64)
    chosen = AgglomerativeClustering(n_clusters=2, linkage="ward").fit_predict(vectors[telling])
    labels[telling] = chosen
    centres = [vectors[telling][chosen == k].mean(axis=0) for k in (0, 1)]
    for number in np.flatnonzero(~telling):
        distances = [float(np.sum((vectors[number] - c) ** 2)) for c in centres]
        labels[number] = int(np.argmin(distances))
    count = int(telling.sum())
    distance = float(silhouette_score(vectors[telling], chosen)) if count > 2 else 0.0
    return labels, distance


def _described(frames: Float64) -> Float64:
    """A piece's voice: cepstrum over its loud frames, pitch over its voiced ones, level."""
    loud = frames[frames[:, 0] >= np.median(frames[:, 0])]
    pitch = frames[:, 1][~np.isnan(frames[:, 1])]
    tone = float(np.median(pitch)) if pitch.size else np.log(160.0)
    cepstrum = loud[:, 2:].mean(axis=0)
    # Pitch and level are one number each beside sixteen; they are worth more than that.
    return np.concatenate([cepstrum, np.repeat(tone, 6), np.repeat(loud[:, 0].mean(), 3)])


def _spread(
    frames: Sequence[Float64],
    pieces: Sequence[tuple[int, int, int]],
    labels: npt.NDArray[np.int64],
) -> list[npt.NDArray[np.int64]]:
    states = [np.zeros(len(f), dtype=np.int64) for f in frames]
    for (region, a, b), label in zip(pieces, labels, strict=True):
        states[region][a:b] = label
    return states


def _filled(frames: Float64) -> Float64:
    """What the mixtures see: energy, pitch (the usual one where there is none), cepstrum."""
    out = frames.copy()
    out[:, 1] = np.where(np.isnan(out[:, 1]), np.log(160.0), out[:, 1])
    return out


def _mixtures(
    frames: Sequence[Float64], states: Sequence[npt.NDArray[np.int64]]
) -> tuple[object, object] | None:
    """A mixture of Gaussians for each voice; None when one of them has nearly nothing."""
    from sklearn.mixture import GaussianMixture

    whole = np.concatenate([_filled(f) for f in frames])
    label = np.concatenate(list(states))
    models = []
    for voice in (0, 1):
        own = whole[label == voice]
        if len(own) < 10 * _GAUSSIANS:
            return None
        mixture = GaussianMixture(
            n_components=_GAUSSIANS,
            covariance_type="diag",
            reg_covar=0.05,
            max_iter=20,
            random_state=0,
        )
        models.append(mixture.fit(own[:: max(len(own) // 6_000, 1)]))
    return models[0], models[1]


def _paths(frames: Sequence[Float64], models: tuple[object, object]) -> list[npt.NDArray[np.int64]]:
    """The likeliest voice of every frame of all regions, changes paid for."""
    scores = []
    for part in frames:
        filled = _filled(part)
        pair = np.stack([m.score_samples(filled) for m in models], axis=1)  # type: ignore[attr-defined]
        pair -= pair.mean(axis=1, keepdims=True)
        scores.append(np.clip(pair, -8, 8) * _FRAME_WEIGHT)
    change_cost = _CHANGE_COST * _FRAME_WEIGHT
    first = second = 0.0
    backs: list[list[tuple[bool, bool]]] = []
    for part in scores:
        back: list[tuple[bool, bool]] = []
        cost = _GAP_COST
        for own, other in part.tolist():
            from_second, from_first = second - cost > first, first - cost > second
            back.append((from_second, from_first))
            first, second = (
                max(first, second - cost) + own,
                max(second, first - cost) + other,
            )
            cost = change_cost
        backs.append(back)
    state = 0 if first >= second else 1
    out: list[npt.NDArray[np.int64]] = []
    for back in reversed(backs):
        path = np.zeros(len(back), dtype=np.int64)
        for at in range(len(back) - 1, -1, -1):
            path[at] = state
            if back[at][state]:
                state = 1 - state
        out.append(path)
    return out[::-1]


def _runs(region: Span, path: npt.NDArray[np.int64]) -> list[tuple[int, float, float]]:
    """(voice, start, end) in seconds of one region; a run too short joins its neighbour."""
    edges = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    runs = [(int(path[a]), a, b) for a, b in itertools.pairwise(edges) if b > a]
    shortest = round(_SHORTEST_TURN_S / STEP_S)
    joined: list[tuple[int, int, int]] = []
    for state, a, b in runs:
        short = b - a < shortest
        if joined and (joined[-1][0] == state or short):
            joined[-1] = (joined[-1][0], joined[-1][1], b)
        elif joined and joined[-1][2] - joined[-1][1] < shortest:
            joined[-1] = (state, joined[-1][1], b)
        else:
            joined.append((state, a, b))
    if not joined:
        return [(0, *region)]
    start_s, end_s = region
    return [
        (
            state,
            start_s if number == 0 else start_s + a * STEP_S,
            end_s if number == len(joined) - 1 else start_s + b * STEP_S,
        )
        for number, (state, a, b) in enumerate(joined)
    ]
