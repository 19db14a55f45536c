"""Which of a recording's channels carry the call, and where two of them carry one sound.

Systems write empty channels, the same mix for a while and two parties afterwards, or both parties
on one of two sides. Taken as it stands, each of these would lose speech or put it into both mouths.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.channels import (
    DEAD_BELOW_DB,
    LEAK_QUIETER_DB,
    Channel,
    same_pair,
)
from qc_pipeline.audio.decode import Decoded
from qc_pipeline.audio.mono_separation import SeparatedVoices, Separator
from qc_pipeline.audio.speech_regions import levels_db
from qc_pipeline.call import Span
from qc_pipeline.message import Message
from qc_pipeline.scoring.evidence import timing
from qc_pipeline.scoring.evidence.mouth_trust import LEAST_TRUST

_BLOCK_S = 0.5
_SHARED = 0.95
"""Ordinary two-channel calls (104 sample calls, 12 real ones) stay below 0.4 in every block of half
a second; the same mix is at 1.0, coded with MP3 or Opus above 0.98."""
_SHORTEST_SHARED_S = 2.0
_QUIET = 66  # of 16 bits: what is quieter says nothing about what it is
_LEAST_SPEECH_S = 0.5

_ONE_PARTY_WAITS = 0.08
"""Of the time between a party's first and last word, the part that is pauses beyond 1.5 s. One
party of two waits for 0.16 of it or more (27 channels of sample calls, both of a real one); two
parties together for 0.02 or less in nine mixes of ten."""
_PAUSE_S = 1.5
_LONG_S = 20.0
_CLEAR_S, _CLEAR_SHARE = 8.0, 0.2
"""In a shorter call the voices must be told apart with trust, and both must speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedTime:
    """Where both channels carry one sound, divided between the voices: `regions` of the first and
    the second channel, in place of those that the channels have. `spans`: where that is; `alike`:
    whether the voices there are hardly different.
    """

    spans: tuple[Span, ...]
    regions: tuple[tuple[Span, ...], tuple[Span, ...]]
    alike: bool


def carrying(decoded: Decoded) -> tuple[Decoded, tuple[Message, ...]]:
    """A recording of more than two channels with those that carry the call: two, or one."""
    count = decoded.samples.shape[0]
    if count <= 2:
        return decoded, ()
    live = [n for n in range(count) if not _silent(decoded, n)]
    different: list[int] = []
    for number in live:
        if not any(same_pair(decoded, (other, number)) for other in different):
            different.append(number)
    if len(different) > 2:
        told = Message.of("voices.mixed", n=count, live=len(different))
        return mixed(only(decoded, different)), (told,)
    used = different or [0]
    names = ", ".join(str(n + 1) for n in used)
    return only(decoded, used), (Message.of("voices.used", n=count, used=names),)


def _silent(decoded: Decoded, channel: int) -> bool:
    levels = levels_db(decoded, channel)
    return levels.size == 0 or float(np.percentile(levels, 99)) < DEAD_BELOW_DB


def only(decoded: Decoded, channels: Sequence[int]) -> Decoded:
    """The same with these channels, in this order."""
    return replace(
        decoded,
        samples=decoded.samples[list(channels)],
        clipped_share=tuple(decoded.clipped_share[n] for n in channels),
    )


def mixed(decoded: Decoded) -> Decoded:
    """All channels as one."""
    count, length = decoded.samples.shape
    total = np.empty((1, length), dtype=np.int16)
    block = 60 * decoded.sample_rate_hz
    for start in range(0, length, block):
        part = decoded.samples[:, start : start + block].sum(axis=0, dtype=np.int32)
        total[0, start : start + block] = part // count
    return replace(decoded, samples=total, clipped_share=(max(decoded.clipped_share),))


def both_on_one_side(
    decoded: Decoded, channels: Sequence[Channel], separator: Separator
) -> tuple[int, SeparatedVoices] | None:
    """The channel that carries both voices where the other one is dead, and the voices on it; None
    where both are alive, or where one party may be speaking there alone.
    """
    live = [n for n, c in enumerate(channels) if not c.dead]
    if len(channels) != 2 or len(live) != 1:
        return None
    regions = channels[live[0]].regions(decoded.duration_s)
    if not regions:
        return None
    span_s = regions[-1][1] - regions[0][0]
    waits_s = sum(
        max(after[0] - before[1] - _PAUSE_S, 0.0) for before, after in itertools.pairwise(regions)
    )
    if span_s < _CLEAR_S or len(regions) < 3 or waits_s > _ONE_PARTY_WAITS * span_s:
        return None
    found = separator(decoded, live[0], regions)
    talk_s = timing.length_s(regions)
    lesser = min(timing.length_s(v) for v in found.voices) / talk_s
    clear = not _alike(found)
    if lesser >= _CLEAR_SHARE and (clear or span_s >= _LONG_S):
        return live[0], found
    return None


def shared_time(
    decoded: Decoded, regions: tuple[tuple[Span, ...], tuple[Span, ...]], separator: Separator
) -> SharedTime | None:
    """Where two channels that are different on the whole carry one sound for a while; None where
    they never do. The voices there are those of the channels elsewhere.
    """
    spans = _shared_spans(decoded)
    said = timing.union(
        part for own in regions for a, b in spans for part in timing.clip(timing.union(own), a, b)
    )
    if timing.length_s(said) < _LEAST_SPEECH_S:
        return None
    apart = [timing.subtract(timing.union(own), list(spans)) for own in regions]
    whole = timing.union([*said, *apart[0], *apart[1]])
    found = separator(_joined(decoded, spans), 0, whole)
    voices = [timing.union(v) for v in found.voices]
    # The voice that speaks on the first channel where the channels differ.
    fits = [_common_s(voices[n], apart[0]) + _common_s(voices[1 - n], apart[1]) for n in (0, 1)]
    first = 0 if fits[0] >= fits[1] else 1
    divided = [
        timing.union([*apart[side], *(p for a, b in spans for p in timing.clip(voice, a, b))])
        for side, voice in ((0, voices[first]), (1, voices[1 - first]))
    ]
    unknown = timing.length_s([*apart[0], *apart[1]]) < _LEAST_SPEECH_S
    return SharedTime(
        spans=spans,
        regions=(tuple(divided[0]), tuple(divided[1])),
        alike=_alike(found) or unknown,
    )


def _alike(found: SeparatedVoices) -> bool:
    """Whether another division between two voices is about as likely."""
    return found.agreement is not None and found.agreement < LEAST_TRUST


def _joined(decoded: Decoded, spans: Sequence[Span]) -> Decoded:
    """Both channels as one; where they carry one sound (perhaps inverted), the first of them."""
    joined = mixed(decoded)
    for a, b in spans:
        first, last = (round(t * decoded.sample_rate_hz) for t in (a, b))
        joined.samples[0, first:last] = decoded.samples[0, first:last]
    return joined


def _common_s(spans: Sequence[Span], others: Sequence[Span]) -> float:
    return timing.length_s(spans) - timing.length_s(timing.subtract(spans, others))


def _shared_spans(decoded: Decoded) -> tuple[Span, ...]:
    """Stretches of two seconds and more in which the two channels carry one sound, as loud."""
    rate = decoded.sample_rate_hz
    size = round(_BLOCK_S * rate)
    count = decoded.samples.shape[1] // size
    alike = np.zeros(count, dtype=np.bool_)
    quiet = np.zeros(count, dtype=np.bool_)
    most = 10 ** (LEAK_QUIETER_DB / 10)
    for first in range(0, count, 120):
        last = min(first + 120, count)
        a, b = (
            c[first * size : last * size].reshape(-1, size).astype(np.float64)
            for c in decoded.samples
        )
        left, right = (a * a).sum(axis=1), (b * b).sum(axis=1)
        cross = np.abs((a * b).sum(axis=1))
        quiet[first:last] = np.maximum(left, right) < size * _QUIET**2
        near = (left < most * right) & (right < most * left)
        alike[first:last] = near & (cross > _SHARED * np.sqrt(left * right))
    return _runs(alike & ~quiet, quiet, decoded.duration_s)


def _runs(
    alike: npt.NDArray[np.bool_], quiet: npt.NDArray[np.bool_], duration_s: float
) -> tuple[Span, ...]:
    """Runs of blocks that are alike, over quiet ones between them and before the first."""
    spans: list[Span] = []
    start: int | None = None
    heard = end = 0
    for block in range(len(alike) + 1):
        if block < len(alike) and (alike[block] or (quiet[block] and start is not None)):
            if start is None:
                start, heard = block, 0
            if alike[block]:
                heard, end = heard + 1, block + 1
            continue
        if start is not None and heard * _BLOCK_S >= _SHORTEST_SHARED_S:
            # A block in which the sound begins or ends is neither alike nor quiet.
            first_s = max(start - 1, 0) * _BLOCK_S if start else 0.0
            spans.append((first_s, min((end + 1) * _BLOCK_S, duration_s)))
        start = None
    return tuple(timing.union(spans))
