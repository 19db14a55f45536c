"""Where somebody speaks in a channel.

The detector is the Silero model that comes with faster-whisper; what is made of its probabilities
is ours, because a quality score needs other things of it than a recogniser does: first words are
never lost, edges are where the sound begins and ends, and short answers (好的, 对) count.

The detector says that there is speech, the channel's own loudness says from when to when. The
detector hears every channel at one level, so that gain makes no difference; and where speech
stands out of the channel's noise, edges and pauses are those of the sound. A codec moves the
detector's probabilities by a tenth and more, the rise and fall of the sound by 10 ms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.decode import RECOGNISER_HZ, Decoded
from qc_pipeline.audio.runtime import prepare_runtime
from qc_pipeline.call import Span

Float32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

DETECTOR_VERSION = "silero-v6/7"
"""Names the detector and our rules; part of a transcript's identity. Raise it with either."""

HOP = 512
"""Samples at 16 kHz that the detector judges at a time (32 ms)."""
HOP_S = HOP / RECOGNISER_HZ

FINE = 4
"""Finer levels a hop, for the edges of regions (8 ms)."""
FINE_S = HOP_S / FINE

SILENT_DB = -100.0
"""The least level that is measured."""
TAKEN_OUT_DB = -200.0
"""The level given to what is known not to be this party's speech: tones, music, a leak."""

HEARD_AT_DB = -26.0
"""Level at which the detector hears the speech of every channel: the nominal active level of speech
in tests of the ITU (P.830). In noise it misses more of speech that was made louder than that."""
_MOST_GAIN_DB = 30.0  # of what is quieter than a whisper no speech is made
_GATE_DB = 10.0  # below the mean: no part of the level (as the gate of ITU-R BS.1770)

_BLOCK_HOPS = 1_000  # 32 s: the detector takes 23 kB for each hop that it is given at once
_CONTEXT = 64  # samples of the hop before that the detector hears with each
_MEMORY = (1, 1, 128)  # the shape of each half of what the detector remembers
_LATE_HOPS = 2
_LEAD_HOPS = 32  # silence before the first sample, so that a word at 0.0 s has an onset


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRule:
    """How probabilities and levels become regions; tuned on 8 kHz telephone speech (docs/asr.md).

    Of the detector alone: `on`, `off`: a region opens at `on` and closes when it stays below `off`
    for `closing_s`. `sure`: a region that never reaches it is a noise. `audible_db`: what lies this
    far below the channel's loud speech is not audible, whatever the detector says. `reach_s`: how
    far an edge may move outwards to where the sound begins or ends, `trim_s` how far inwards.

    Of sound that stands out: `below_speech_db`: what lies this far below speech is none of it;
    `above_noise_db`: nor is what is no louder than the noise by that, but edges reach up to
    `soft_s` further over what is louder by `soft_noise_db`, beginnings also over what is less than
    `soft_speech_db` below the former. `clear_db`: where speech is not louder
    than noise by that and `above_noise_db`, nothing stands out. `pause_s`: a gap from this on
    divides a region. `likely`: what a sound must reach whose loudest tenth lies less than `loud_db`
    below speech and which lasts `word_s`; one that is quieter or shorter must be `sure`.
    `no_speech`: where the detector stays below it a sound is speech only `doubt_s` on from where it
    does not (a drawn-out "uh" is sure to nobody). `certain`: of speech that sounds do not show, and
    of speech whose level counts for `around_s` before and after it.
    """

    on: float = 0.35
    off: float = 0.2
    sure: float = 0.5
    closing_s: float = 0.26
    shortest_s: float = 0.1
    reach_s: float = 0.26
    trim_s: float = 0.096
    audible_db: float = 42.0
    below_speech_db: float = 25.0
    above_noise_db: float = 8.0
    soft_noise_db: float = 4.0
    soft_speech_db: float = 4.0
    soft_s: float = 0.12
    clear_db: float = 12.0
    pause_s: float = 0.25
    likely: float = 0.33
    loud_db: float = 10.0
    word_s: float = 0.15
    no_speech: float = 0.05
    doubt_s: float = 0.75
    certain: float = 0.65
    around_s: float = 1.5


def speaking_level_db(levels: Float32) -> float:
    """The mean power of what is loud in a channel, in dB; shape of `levels`: (hops,).

    Loud is what lies less than 10 dB below the mean of what is loud (two rounds, from the mean of
    all): silence does not count, and 6 dB more in every hop are 6 dB more of this.
    """
    power = 10.0 ** (levels.astype(np.float64) / 10)
    mean = float(power.mean()) if power.size else 0.0
    for _ in range(2):
        loud = power[power >= mean * 10 ** (-_GATE_DB / 10)]
        mean = float(loud.mean()) if loud.size else mean
    return float(10 * np.log10(max(mean, 1e-10)))


def speech_probabilities(decoded: Decoded, channel: int, speech_db: float | None = None) -> Float32:
    """The detector's probability of speech for every 32 ms of a channel; shape (hops,).

    `speech_db`: how loud what is no tone and no music is, where that is known; else the channel's
    own speaking level. The detector hears it at `HEARD_AT_DB`.
    """
    prepare_runtime()
    from faster_whisper.vad import get_vad_model

    session = get_vad_model().session
    if speech_db is None:
        speech_db = speaking_level_db(levels_db(decoded, channel))
    gain_db = min(HEARD_AT_DB - speech_db, _MOST_GAIN_DB)
    gain = np.float32(10 ** (gain_db / 20))
    memory = [np.zeros(_MEMORY, dtype=np.float32) for _ in range(2)]
    before = np.zeros(_CONTEXT, dtype=np.float32)
    found = []
    # The class around the session forgets at the end of every call; what it remembers of a block
    # is given to the next here, so that a long recording needs no more memory than a short one.
    for block in _blocks(decoded, channel):
        hops = (block * gain).reshape(-1, HOP)
        context = np.concatenate([before[None], hops[:-1, -_CONTEXT:]])
        before = hops[-1, -_CONTEXT:]
        heard, *memory = session.run(
            None,
            {"input": np.concatenate([context, hops], axis=1), "h": memory[0], "c": memory[1]},
        )
        found.append(heard.reshape(-1))
    if not found:
        return np.zeros(0, dtype=np.float32)
    return np.concatenate(found)[_LEAD_HOPS:].astype(np.float32)


def levels_db(decoded: Decoded, channel: int, *, fine: int = 1) -> Float32:
    """RMS level in dB of full scale for every 32 ms of a channel, at least -100; shape (hops,).

    `fine`: so many values a hop instead of one.
    """
    hop = decoded.sample_rate_hz * HOP / RECOGNISER_HZ / fine
    samples = decoded.samples[channel]
    hops = -(-decoded.length_16k // HOP) * fine
    edges = np.minimum(np.rint(np.arange(hops + 1) * hop).astype(np.int64), samples.size)
    out = np.full(hops, SILENT_DB, dtype=np.float32)
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
    every 8 ms, by which the edges are found; `TAKEN_OUT_DB` where no speech can be.
    """
    rule = rule or RegionRule()
    if probabilities.size == 0:
        return ()
    if fine is None:
        fine = np.repeat(levels, FINE)
    own = levels[levels > TAKEN_OUT_DB]
    noise_db = float(np.percentile(own, 10)) if own.size else SILENT_DB
    floor_db = _floor_db(probabilities, levels, rule)
    audible = levels >= floor_db
    speech_db = _speech_db(probabilities, levels, rule)
    clear = noise_db + rule.above_noise_db <= speech_db - rule.clear_db
    spans: list[tuple[int, int]] = []
    if clear:
        bound = _sound_bound(probabilities, levels, speech_db, rule)
        loud = fine >= np.maximum(bound, max(noise_db + rule.above_noise_db, floor_db))
        even = _smooth(fine)
        least_db = max(noise_db + rule.soft_noise_db, floor_db)
        begins = even >= np.maximum(bound - rule.soft_speech_db, least_db)
        ends = even >= np.maximum(bound, least_db)
        sounds = _standing_out(loud, (begins, ends), rule)
        spans = list(_spoken(sounds, probabilities, fine, speech_db, rule))
    heard = np.where(audible, probabilities, 0.0).astype(np.float32)
    found = tuple(spans)
    for start, stop in _hysteresis(heard, rule):
        if heard[start:stop].max() < (rule.certain if clear else rule.sure):
            continue
        if any(a < stop * FINE and b > start * FINE for a, b in found):
            continue  # the sound has said from when to when
        start, stop = _moved_edges(start, stop, levels, audible, rule)
        if (stop - start) * HOP_S >= rule.shortest_s:
            spans.append(_trimmed(start, stop, levels, fine, noise_db, rule))
    out: list[Span] = []
    for first, last in sorted(spans):
        span = (first * FINE_S, min(last * FINE_S, duration_s))
        if out and span[0] <= out[-1][1] + 1e-9:
            out[-1] = (out[-1][0], max(out[-1][1], span[1]))
        else:
            out.append(span)
    return tuple(out)


def _speech_db(probabilities: Float32, levels: Float32, rule: RegionRule) -> float:
    """How loud the channel's speech is."""
    speech = levels[probabilities >= rule.sure]
    return speaking_level_db(speech) if speech.size else SILENT_DB


def _sound_bound(
    probabilities: Float32, levels: Float32, speech_db: float, rule: RegionRule
) -> Float32:
    """What the sound of speech is not quieter than, for every 8 ms.

    Around speech that is quieter than the channel's usual, its own level counts.
    """
    certain = np.where(probabilities >= rule.certain, levels, SILENT_DB)
    reach = round(rule.around_s / HOP_S)
    around = np.pad(certain, reach, constant_values=SILENT_DB)
    loudest = np.lib.stride_tricks.sliding_window_view(around, 2 * reach + 1).max(axis=1)
    usual = np.where(loudest > SILENT_DB, np.minimum(loudest, speech_db), speech_db)
    return np.repeat(usual - rule.below_speech_db, FINE).astype(np.float32)


def _smooth(fine: Float32) -> Float32:
    """Levels over 24 ms, for every 8 ms: noise is even in them."""
    power = np.pad(10.0 ** (fine.astype(np.float64) / 10), 1, mode="edge")
    return np.asarray(10 * np.log10((power[:-2] + power[1:-1] + power[2:]) / 3), dtype=np.float32)


def _standing_out(
    loud: Bools, soft: tuple[Bools, Bools], rule: RegionRule
) -> list[tuple[int, int]]:
    """Sounds that stand out of the channel's noise, in units of 8 ms; pauses divide them.

    A sound begins and ends with what is still told from the noise; it begins with a soft initial
    (h, z, n), but does not end with its own dying away. `soft`: what it may begin and end with.
    """
    edges = np.flatnonzero(np.diff(loud, prepend=False, append=False))
    pause = round(rule.pause_s / FINE_S)
    sounds: list[tuple[int, int]] = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if sounds and first - sounds[-1][1] < pause:
            sounds[-1] = (sounds[-1][0], last)
        else:
            sounds.append((first, last))
    reach = round(rule.soft_s / FINE_S)
    return [_softened(soft, first, last, reach) for first, last in sounds]


def _softened(soft: tuple[Bools, Bools], first: int, last: int, reach: int) -> tuple[int, int]:
    # A level over 24 ms is asked a step further out, or the sound itself would be in it.
    before = soft[0][max(first - 1 - reach, 0) : max(first - 1, 0)][::-1]
    after = soft[1][last + 1 : last + 1 + reach]
    return first - _leading(before), last + _leading(after)


def _leading(mask: Bools) -> int:
    """How many of the first values hold without a break."""
    return int(np.argmin(mask)) if not mask.all() else len(mask)


def _spoken(
    sounds: Sequence[tuple[int, int]],
    probabilities: Float32,
    fine: Float32,
    speech_db: float,
    rule: RegionRule,
) -> Iterator[tuple[int, int]]:
    """What of the sounds is speech, in units of 8 ms."""
    reach = round(rule.doubt_s / HOP_S)
    possible = probabilities >= rule.no_speech
    near = np.convolve(possible, np.ones(2 * reach + 1), mode="same") > 0.5
    least = round(rule.shortest_s / FINE_S)
    for first, last in sounds:
        inside = np.repeat(near[first // FINE : -(-last // FINE)], FINE)
        edges = np.flatnonzero(np.diff(inside, prepend=False, append=False))
        at = first // FINE * FINE
        for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            start, stop = max(at + a, first), min(at + b, last)
            if stop - start < least:
                continue
            # The detector needs a moment: what it thinks of a last sound it says after it.
            best = probabilities[start // FINE : -(-stop // FINE) + _LATE_HOPS].max()
            loud = np.percentile(fine[start:stop], 90) >= speech_db - rule.loud_db
            word = loud and stop - start >= round(rule.word_s / FINE_S)
            if best >= (rule.likely if word else rule.sure):
                yield start, stop


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


def _blocks(decoded: Decoded, channel: int) -> Iterator[Float32]:
    """A channel in pieces of whole hops, after `_LEAD_HOPS` of silence."""
    hops = -(-decoded.length_16k // HOP)
    for first in range(-_LEAD_HOPS if hops else 0, hops, _BLOCK_HOPS):
        last = min(first + _BLOCK_HOPS, hops)
        yield decoded.at_16k(channel, first * HOP, last * HOP)
