"""Where somebody speaks in a channel.

The detector is the Silero model that comes with faster-whisper; what is made of its probabilities
is ours, because a quality score needs other things of it than a recogniser does: first words are
never lost, edges are where the sound begins and ends, and short answers (好的, 对) count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.decode import RECOGNISER_HZ, Decoded
from qc_pipeline.audio.runtime import prepare_runtime
from qc_pipeline.call import Span

Float32 = npt.NDArray[np.float32]

DETECTOR_VERSION = "silero-v6/2"
"""Names the detector and our rules; part of a transcript's identity. Raise it with either."""

HOP = 512
"""Samples at 16 kHz that the detector judges at a time (32 ms)."""
HOP_S = HOP / RECOGNISER_HZ

FINE = 4
"""Finer levels a hop, for the edges of regions (8 ms)."""

_BLOCK_HOPS = 7_500  # four minutes
_WARM_UP_HOPS = 160  # five seconds: what the detector's memory needs
_LEAD_HOPS = 32  # silence before the first sample, so that a word at 0.0 s has an onset


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRule:
    """How probabilities become regions; tuned on 8 kHz telephone speech (docs/asr.md).

    `on`, `off`: a region opens at `on` and closes when it stays below `off` for `closing_s`.
    `sure`: a region that never reaches it is a noise. `audible_db`: what lies this far below the
    channel's loud speech is not audible, whatever the detector says. `reach_s`: how far an edge may
    move outwards to where the sound begins or ends, `trim_s` how far inwards, in steps of 8 ms.
    """

    on: float = 0.35
    off: float = 0.2
    sure: float = 0.5
    closing_s: float = 0.26
    shortest_s: float = 0.1
    reach_s: float = 0.26
    trim_s: float = 0.096
    audible_db: float = 42.0


def speech_probabilities(decoded: Decoded, channel: int) -> Float32:
    """The detector's probability of speech for every 32 ms of a channel; shape (hops,)."""
    prepare_runtime()
    from faster_whisper.vad import get_vad_model

    detector = get_vad_model()
    found = [
        detector(block).reshape(-1)[skip:] for block, skip in _blocks(decoded, channel, _LEAD_HOPS)
    ]
    if not found:
        return np.zeros(0, dtype=np.float32)
    return np.concatenate(found).astype(np.float32)


def levels_db(decoded: Decoded, channel: int, *, fine: int = 1) -> Float32:
    """RMS level in dB of full scale for every 32 ms of a channel, at least -100; shape (hops,).

    `fine`: so many values a hop instead of one.
    """
    hop = decoded.sample_rate_hz * HOP / RECOGNISER_HZ / fine
    samples = decoded.samples[channel]
    hops = -(-decoded.length_16k // HOP) * fine
    edges = np.minimum(np.rint(np.arange(hops + 1) * hop).astype(np.int64), samples.size)
    out = np.full(hops, -100.0, dtype=np.float32)
    for first in range(0, hops, _BLOCK_HOPS):
        last = min(first + _BLOCK_HOPS, hops)
        block = samples[edges[first] : edges[last]].astype(np.float64) / 32_768
        if block.size == 0:
            continue
        starts = np.minimum(edges[first:last] - edges[first], block.size - 1)
        sums = np.add.reduceat(block * block, starts)
        counts = np.maximum(edges[first + 1 : last + 1] - edges[first:last], 1)
        out[first:last] = 10 * np.log10(np.maximum(sums / counts, 1e-10))
    return out


def speech_regions(
    probabilities: Float32,
    levels: Float32,
    duration_s: float,
    rule: RegionRule | None = None,
    *,
    fine: Float32 | None = None,
) -> tuple[Span, ...]:
    """Spans of speech in seconds, sorted and apart.

    `probabilities` and `levels` hold one value for every 32 ms of the channel, `fine` levels for
    every 8 ms, by which the edges are trimmed.
    """
    rule = rule or RegionRule()
    if probabilities.size == 0:
        return ()
    audible = levels >= _floor_db(probabilities, levels, rule)
    heard = np.where(audible, probabilities, 0.0)
    noise_db = float(np.percentile(levels, 10))
    spans: list[Span] = []
    for start, stop in _hysteresis(heard, rule):
        if heard[start:stop].max() < rule.sure:
            continue
        start, stop = _moved_edges(start, stop, levels, audible, rule)
        if (stop - start) * HOP_S < rule.shortest_s:
            continue
        span = (start * HOP_S, min(stop * HOP_S, duration_s))
        if fine is not None:
            first, last = _trimmed(start, stop, levels, fine, noise_db, rule)
            span = (first * HOP_S / FINE, min(last * HOP_S / FINE, duration_s))
        if spans and span[0] <= spans[-1][1] + 1e-9:
            spans[-1] = (spans[-1][0], max(spans[-1][1], span[1]))
        else:
            spans.append(span)
    return tuple(spans)


def _floor_db(probabilities: Float32, levels: Float32, rule: RegionRule) -> float:
    """Level below which sound does not count, from the channel's own loud speech."""
    speech = levels[probabilities >= rule.sure]
    if speech.size == 0:
        return 0.0
    return float(np.percentile(speech, 90)) - rule.audible_db


def _hysteresis(heard: Float32, rule: RegionRule) -> Iterator[tuple[int, int]]:
    """Hops [start, stop) that open at `on` and close after `closing_s` below `off`."""
    closing = max(round(rule.closing_s / HOP_S), 1)
    start: int | None = None
    quiet = 0
    for hop, probability in enumerate(heard.tolist()):
        if start is None:
            if probability >= rule.on:
                start, quiet = hop, 0
        elif probability < rule.off:
            quiet += 1
            if quiet >= closing:
                yield start, hop - quiet + 1
                start = None
        else:
            quiet = 0
    if start is not None:
        yield start, len(heard) - quiet


def _moved_edges(
    start: int, stop: int, levels: Float32, audible: npt.NDArray[np.bool_], rule: RegionRule
) -> tuple[int, int]:
    """Edges moved outwards over sound that belongs to the region.

    The detector is sure of a word some hops after it began; a soft initial (h, s, q) lies before.
    """
    reach = round(rule.reach_s / HOP_S)
    loud = float(np.percentile(levels[start:stop], 75)) - 25.0
    first = start
    while first > 0 and start - first < reach and audible[first - 1] and levels[first - 1] >= loud:
        first -= 1
    last = stop
    while last < len(levels) and last - stop < reach and audible[last] and levels[last] >= loud + 5:
        last += 1
    return first, last


def _trimmed(
    start: int, stop: int, levels: Float32, fine: Float32, noise_db: float, rule: RegionRule
) -> tuple[int, int]:
    """Edges in units of 8 ms, moved inwards over what is quieter than the edges of speech."""
    reach = round(rule.trim_s / HOP_S * FINE)
    usual = float(np.percentile(levels[start:stop], 75))
    loud = min(max(usual - 30.0, noise_db + 6.0), usual - 15.0)
    first, last = start * FINE, min(stop * FINE, len(fine))
    inside = max((last - first) // 4, 0)
    for _ in range(min(reach, inside)):
        if fine[first] >= loud:
            break
        first += 1
    for _ in range(min(reach, inside)):
        if fine[last - 1] >= loud:
            break
        last -= 1
    return first, last


def _blocks(decoded: Decoded, channel: int, lead: int) -> Iterator[tuple[Float32, int]]:
    """Pieces of a channel for the detector, each with the number of hops that only warm it up."""
    length = decoded.length_16k
    hops = -(-length // HOP)
    for first in range(0, hops, _BLOCK_HOPS):
        last = min(first + _BLOCK_HOPS, hops)
        warm_up = min(_WARM_UP_HOPS, first) if first else lead
        begin = (first - warm_up) * HOP
        yield decoded.at_16k(channel, begin, last * HOP), warm_up
