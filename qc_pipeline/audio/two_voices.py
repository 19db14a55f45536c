"""Whose voice each phrase is, of two: what they sound like, how people take turns, what they say.

Each voice is a normal distribution of what phrases sound like (level, pitch, cepstrum); the path
through the phrases pays for every change of voice, less at a pause. Both are found in turn
(expectation-maximisation with hard labels) from many beginnings, all at once, and the likeliest end
is taken. What was said may be laid on the scales as log odds of each phrase. Last, a mixture of
Gaussians over the frames of each voice is asked about every phrase as a whole.

Several ends that are about as likely and do not agree are what an uncertain separation looks like;
`agreement` says how much they do. Figures stand in docs/asr.md.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.phrases import FEATURES, Phrases
from qc_pipeline.audio.runtime import prepare_runtime
from qc_pipeline.call import Span

Float64 = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

PAUSE_S = 0.26
"""A pause from which a change of voice costs less: what the detector calls one."""
CHANGE_AT_PAUSE = 1.2
CHANGE_INSIDE = 4.0
"""Log likelihood that a change of voice costs at a pause, and without one."""
RIVAL = 4.0
"""Ends whose log likelihood lies no further below the best one's may be right as well."""

# How much one voice varies from phrase to phrase of a second: measured within the parties of two
# real and eight synthetic two-channel calls. Level in dB, log pitch, cepstrum.
_CEPSTRUM = (2.1, 2.4, 1.8, 1.15, 1.0, 0.95, 0.95, 0.85, 0.85, 0.85, 0.9, 0.9, 0.75, 0.65, 0.6, 0.5)
_SPREAD = np.array([2.6, 0.2, *_CEPSTRUM])
# Level and pitch count more: sixteen coefficients are not sixteen independent witnesses.
_WEIGHT = np.concatenate([[1.5, 1.5], np.full(FEATURES - 2, 0.25)])
_LONGER_IS_SURER = 0.35  # a phrase's spread goes with its length to the power of minus this
_PRIOR_PHRASES = 12.0  # how many phrases of the call `_SPREAD` is worth
_OWN_PHRASES = 10.0  # and the spread of both voices against a voice's own
_PRIOR_S = 0.3
_ROUNDS = 12
_QUANTILES = (0.25, 0.4, 0.5, 0.6, 0.75)
_MOST_CLUSTERED = 2_000  # Ward's clustering holds the distances of all pairs
_GAUSSIANS = 6
_MIXTURE_ROUNDS = 2
_LEAST_FRAMES = 10 * _GAUSSIANS
_MOST_FRAMES = 6_000
_FRAME_WEIGHT = 0.12  # neighbouring frames tell the same thing again
_FRAME_LIMIT = 16.0
_USUAL_LOG_PITCH = float(np.log(160.0))
# Calls are prepared side by side; which warnings are shown and how many threads a library takes
# are matters of the whole process.
_ALONE = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What was said in the phrases of a call.

    `odds`: log odds that each is the agent's, shape (phrases,); `change_costs`: what a change of
    voice before each costs, shape (phrases,); `first`: log odds that who speaks first is the agent.
    """

    odds: Float64
    change_costs: Float64
    first: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """`labels`: the voice (0 or 1) of each phrase, shape (phrases,).

    `agent`: which voice the hints make the agent; None without hints. `agreement`: the least share
    of speech, in [0.5, 1], that an end about as likely as the best one gives to the same voices.
    """

    labels: Labels
    agent: int | None
    agreement: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ends:
    """Where each beginning led: labels (n, phrases), log likelihood (n,), log odds of the second
    voice by sound and hints (n, phrases), and the agent's voice (n,).
    """

    labels: Labels
    total: Float64
    odds: Float64
    agent: Labels


def divide(phrases: Phrases, hints: Hints | None = None) -> Division:
    """The likeliest division of the phrases between two voices. Nothing in it is random."""
    count = len(phrases.pieces)
    if count < 2:
        return Division(labels=np.zeros(count, dtype=np.int64), agent=None, agreement=1.0)
    prepare_runtime()
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    # One thread: the matrices are small, and threads that wait for each other cost ten times that.
    with _ALONE, threadpool_limits(1), warnings.catch_warnings():
        # The mixtures stop after twenty rounds by design.
        warnings.simplefilter("ignore", ConvergenceWarning)
        costs = change_costs(phrases) if hints is None else hints.change_costs
        ends = _ends(phrases, hints, costs)
        best = int(np.argmax(ends.total))
        if not np.isfinite(ends.total[best]):
            labels = np.zeros(count, dtype=np.int64)
            return Division(labels=labels, agent=None, agreement=0.5)
        labels = _by_frames(phrases, ends.labels[best], ends.odds[best], costs)
    return Division(
        labels=labels,
        agent=None if hints is None else int(ends.agent[best]),
        agreement=_agreement(ends, best, phrases.lengths_s),
    )


def change_costs(phrases: Phrases) -> Float64:
    """What a change of voice before each phrase costs by the pause there; shape (phrases,)."""
    return np.where(phrases.pauses_s >= PAUSE_S, CHANGE_AT_PAUSE, CHANGE_INSIDE)


def voice_spans(phrases: Phrases, labels: Labels) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Where each voice speaks: its phrases, those that follow one another in a region as one."""
    spans: tuple[list[Span], list[Span]] = ([], [])
    before: tuple[int, int] | None = None
    for piece, span, label in zip(phrases.pieces, phrases.spans, labels.tolist(), strict=True):
        own = spans[label]
        if before == (piece.region, label):
            own[-1] = (own[-1][0], span[1])
        else:
            own.append(span)
        before = (piece.region, label)
    return tuple(spans[0]), tuple(spans[1])


def voice_levels_db(phrases: Phrases, labels: Labels) -> tuple[float, float] | None:
    """How loud each voice is, in dB against one another; None where one says nothing."""
    levels = []
    for voice in (0, 1):
        own = labels == voice
        if not own.any():
            return None
        levels.append(float(np.average(phrases.features[own, 0], weights=phrases.lengths_s[own])))
    return levels[0], levels[1]


def _ends(phrases: Phrases, hints: Hints | None, costs: Float64) -> _Ends:
    seen = ~np.isnan(phrases.features)
    centre = np.array([_mean(phrases.features[seen[:, j], j]) for j in range(FEATURES)])
    values = np.where(seen, phrases.features - centre, 0.0)
    lengths = phrases.lengths_s
    narrow = np.clip(lengths, 0.4, 2.0) ** (2 * _LONGER_IS_SURER)
    starts = _starts(values / _SPREAD, hints)
    agents = np.zeros(len(starts), dtype=np.int64)
    if hints is None:
        said = np.zeros((len(starts), len(lengths)))
    else:
        starts = np.concatenate([starts, starts])
        agents = np.concatenate([agents, agents + 1])
        # Log odds of the second voice.
        said = np.where(agents[:, None] == 1, hints.odds, -hints.odds)
        said[:, 0] += np.where(agents == 1, hints.first, -hints.first)
    sure = narrow[:, None] * seen
    telling = np.clip(lengths, 0.3, 2.0)[:, None] * sure
    labels, likely, total = starts, np.zeros((2, *starts.shape)), np.zeros(len(starts))
    for _ in range(_ROUNDS):
        likely = _likely(values, seen, sure, telling, labels)
        likely[0] -= said / 2
        likely[1] += said / 2
        labels, total = _paths(likely, costs)
    one = labels.min(axis=1) == labels.max(axis=1)
    return _Ends(
        labels=labels,
        total=np.where(one, -np.inf, total),
        odds=likely[1] - likely[0],
        agent=agents,
    )


def _mean(values: Float64) -> float:
    return float(values.mean()) if values.size else 0.0


def _starts(scaled: Float64, hints: Hints | None) -> Labels:
    """Labels to begin with: groups of likes, halves by level, by pitch, by what differs most, and
    by what was said; shape (n, phrases).
    """
    weighted = scaled * np.sqrt(_WEIGHT)
    left, _, _ = np.linalg.svd(weighted - weighted.mean(axis=0), full_matrices=False)
    starts = list(_clustered(weighted))
    for axis in (scaled[:, 0], scaled[:, 1], *left.T[:2]):
        starts += [(axis > np.quantile(axis, q)).astype(np.int64) for q in _QUANTILES]
    if hints is not None:
        starts.append((hints.odds < 0).astype(np.int64))
    distinct = {start.tobytes(): start for start in starts if start.min() != start.max()}
    return np.stack(list(distinct.values()) or starts[:1])


def _clustered(weighted: Float64) -> list[Labels]:
    """Two groups by Ward's clustering; and every way to make two of three and of four groups."""
    from sklearn.cluster import AgglomerativeClustering

    step = -(-len(weighted) // _MOST_CLUSTERED)
    some = weighted[::step]
    found: list[Labels] = []
    for groups in (2, 3, 4):
        if len(some) < groups:
            continue
        own = AgglomerativeClustering(n_clusters=groups, linkage="ward").fit_predict(some)
        if step > 1:
            centres = np.stack([some[own == g].mean(axis=0) for g in range(groups)])
            away = ((weighted[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
            own = np.argmin(away, axis=1)
        found += [((way >> own) & 1).astype(np.int64) for way in range(1, 1 << (groups - 1))]
    return found


def _likely(
    values: Float64,
    seen: npt.NDArray[np.bool_],
    sure: Float64,
    telling: Float64,
    labels: Labels,
) -> Float64:
    """Log likelihood of each phrase under each voice of each labelling: (2, n, phrases)."""
    own = np.stack([labels == 0, labels == 1]).astype(np.float64)
    means = (own @ (telling * values)) / (own @ telling + _PRIOR_S)
    counts = own @ seen.astype(np.float64)
    squares = own @ (sure * values**2) - 2 * means * (own @ (sure * values))
    squares += means**2 * (own @ sure)
    squares = np.maximum(squares, 0.0)
    both = (_PRIOR_PHRASES * _SPREAD**2 + squares.sum(axis=0)) / (
        _PRIOR_PHRASES + counts.sum(axis=0)
    )
    spreads = (_OWN_PHRASES * both + squares) / (_OWN_PHRASES + counts)
    away = (_WEIGHT / spreads) @ (sure * values**2).T
    away -= 2 * (_WEIGHT * means / spreads) @ (sure * values).T
    away += (_WEIGHT * means**2 / spreads) @ sure.T
    away += (_WEIGHT * np.log(spreads)) @ seen.T.astype(np.float64)
    return np.asarray(-0.5 * away)


def _paths(likely: Float64, costs: Float64) -> tuple[Labels, Float64]:
    """The likeliest path of every labelling, changes paid for, and its log likelihood.

    `likely`: (2, n, phrases). Gives (n, phrases) and (n,).
    """
    count = likely.shape[2]
    back = np.zeros((count, 2, likely.shape[1]), dtype=np.bool_)
    score = likely[:, :, 0]
    for at in range(1, count):
        changed = score[::-1] - costs[at]
        back[at] = changed > score
        score = np.maximum(score, changed) + likely[:, :, at]
    state = (score[1] > score[0]).astype(np.int64)
    total = score.max(axis=0)
    rows = np.arange(likely.shape[1])
    labels = np.zeros((likely.shape[1], count), dtype=np.int64)
    for at in range(count - 1, -1, -1):
        labels[:, at] = state
        state = np.where(back[at, state, rows], 1 - state, state)
    return labels, total


def _by_frames(phrases: Phrases, labels: Labels, odds: Float64, costs: Float64) -> Labels:
    """The labels, the frames of each phrase heard as witnesses as well."""
    filled = [_filled(part) for part in phrases.frames]
    for _ in range(_MIXTURE_ROUNDS):
        told = _told(phrases, filled, labels)
        if told is None:
            return labels
        both = odds + told
        likely = np.stack([-both / 2, both / 2])[:, None, :]
        labels = _paths(likely, costs)[0][0]
    return labels


def _told(phrases: Phrases, filled: Sequence[Float64], labels: Labels) -> Float64 | None:
    """Log odds of the second voice by the frames of each phrase; None where a voice has too few."""
    from sklearn.mixture import GaussianMixture

    mixtures = []
    for voice in (0, 1):
        parts = [
            filled[p.region][p.first : p.last]
            for p, label in zip(phrases.pieces, labels.tolist(), strict=True)
            if label == voice
        ]
        own = np.concatenate(parts) if parts else np.zeros((0, FEATURES))
        if len(own) < _LEAST_FRAMES:
            return None
        mixture = GaussianMixture(
            n_components=_GAUSSIANS,
            covariance_type="diag",
            reg_covar=0.05,
            max_iter=20,
            random_state=0,
        )
        mixtures.append(mixture.fit(own[:: max(len(own) // _MOST_FRAMES, 1)]))
    odds = [
        np.clip(second - first, -_FRAME_LIMIT, _FRAME_LIMIT) * _FRAME_WEIGHT
        for part in filled
        for first, second in [[mixture.score_samples(part) for mixture in mixtures]]
    ]
    return np.array([odds[p.region][p.first : p.last].sum() for p in phrases.pieces])


def _filled(frames: npt.NDArray[np.float32]) -> Float64:
    """What the mixtures see: energy, pitch (the usual one where there is none), cepstrum."""
    out = frames.astype(np.float64)
    out[:, 1] = np.where(np.isnan(out[:, 1]), _USUAL_LOG_PITCH, out[:, 1])
    return out


def _agreement(ends: _Ends, best: int, lengths: Float64) -> float:
    """The least agreement with the best end of one about as likely, whichever way voices count."""
    rivals = ends.labels[ends.total > ends.total[best] - RIVAL]
    same = (rivals == ends.labels[best]) @ lengths / lengths.sum()
    return float(np.maximum(same, 1 - same).min())
