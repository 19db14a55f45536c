"""Two speakers in one channel, told apart by their voices, without downloaded weights.

Speech is cut into phrases (`phrases`), and each phrase as a whole is given to one of two voices by
its level, pitch and cepstrum (`two_voices`). On the telephone the two ends differ in microphone,
line and level as well as in voice, and all of that helps. What was said corrects it afterwards
(`qc_pipeline.asr.mouths`).

How well it does, and on what, stands in docs/asr.md.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.cepstrum import STEP_S
from qc_pipeline.audio.decode import Decoded
from qc_pipeline.audio.phrases import Phrases, phrases_of
from qc_pipeline.audio.two_voices import Division, divide, voice_levels_db, voice_spans
from qc_pipeline.call import Span

_SHORTEST_TURN_S = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class SeparatedVoices:
    """Regions of each voice, the first voice being the one heard first.

    `agreement` says how much divisions that are about as likely agree with this one (share of
    speech, in [0.5, 1]); None where it was not measured. `levels_db`: how loud each voice is, in dB
    against one another; None where that is not known or one says nothing. `phrases`: what was
    divided, for whoever knows more about it; None where it was divided otherwise.
    """

    voices: tuple[tuple[Span, ...], tuple[Span, ...]]
    agreement: float | None = None
    levels_db: tuple[float, float] | None = None
    phrases: Phrases | None = field(default=None, compare=False)


Separator = Callable[[Decoded, int, Sequence[Span]], SeparatedVoices]
"""Gives each stretch of a channel's speech regions to one of two voices."""


def separate(decoded: Decoded, channel: int, regions: Sequence[Span]) -> SeparatedVoices:
    """The speech regions of a channel, each phrase of them given to one of two voices."""
    phrases = phrases_of(decoded, channel, regions)
    return separated(phrases, divide(phrases))


def separated(phrases: Phrases, division: Division) -> SeparatedVoices:
    """The two voices of divided phrases."""
    # Phrases are in order: who has the first is heard first.
    flipped = bool(division.labels.size) and division.labels[0] == 1
    labels = 1 - division.labels if flipped else division.labels
    return SeparatedVoices(
        voices=voice_spans(phrases, labels),
        agreement=division.agreement,
        levels_db=voice_levels_db(phrases, labels),
        phrases=phrases,
    )


def separation_of(
    regions: Sequence[Span], states: Sequence[npt.NDArray[np.int64]]
) -> SeparatedVoices:
    """Regions of each voice from the voice (0 or 1) of every 10 ms of every region."""
    spans: tuple[list[Span], list[Span]] = ([], [])
    for region, path in zip(regions, states, strict=True):
        for state, start_s, end_s in _runs(region, path):
            spans[state].append((start_s, end_s))
    first = min((0, 1), key=lambda v: spans[v][0][0] if spans[v] else np.inf)
    return SeparatedVoices(voices=(tuple(spans[first]), tuple(spans[1 - first])))


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
