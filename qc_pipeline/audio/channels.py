"""What each channel of a recording carries: speech, nothing, the other channel's sound.

Telephone systems write two channels whether or not they had two: the same mix on both, one of them
dead, or one party leaking into the other's. Each of these is found here as a fact, because each
would otherwise put words into the wrong mouth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.decode import Decoded
from qc_pipeline.audio.speech_regions import (
    FINE,
    HOP_S,
    TAKEN_OUT_DB,
    Float32,
    levels_db,
    speaking_level_db,
    speech_probabilities,
    speech_regions,
)
from qc_pipeline.audio.telephone_band import at_8k
from qc_pipeline.audio.tones_and_music import Signal, find_signals
from qc_pipeline.call import Span

DEAD_BELOW_DB = -60.0
"""A channel whose loudest hundredth lies below this carries nothing anybody could hear."""
_STEADY_DB = 6.0  # hum or hiss: 5th to 95th percentile closer than this, and no speech
SAME_CORRELATION = 0.985
_CHUNK_HOPS = 8  # 0.256 s
_AROUND_KEY_S = 0.1  # the detector takes the click before and after a key for speech
_MUSIC_OVER_DB = 12.0  # speech is not taken for quieter than the music by more
_OVER_MUSIC_DB = 6.0  # what is that much louder than the music around it is speech over music
LEAK_QUIETER_DB = 4.0
_LEAK_COHERENCE = 0.5
_LEAK_LAG_S = 0.4  # an echo over a satellite or a packet network
_LEAK_VOTES = 4
_LEAK_ASKED = 200  # chunks that are asked for the delay


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One channel, judged every 32 ms. `levels` in dB of full scale, `fine` the same every 8 ms.

    `signals`: tones and music. Where they stand, and where the other channel leaks in, no speech is
    probable, and the levels are `TAKEN_OUT_DB`.
    """

    probabilities: Float32
    levels: Float32
    fine: Float32
    dead: bool
    clipped_share: float
    signals: tuple[Signal, ...] = ()

    def regions(self, duration_s: float) -> tuple[Span, ...]:
        """Where somebody speaks in it; nowhere in a dead one."""
        if self.dead:
            return ()
        return speech_regions(self.probabilities, self.levels, duration_s, fine=self.fine)


def look_at_channels(decoded: Decoded) -> tuple[Channel, ...]:
    """Every channel of a recording; leakage, tones and music taken out of its speech probabilities.

    Channels that carry the same sound come as one.
    """
    count = decoded.samples.shape[0]
    numbers = [0] if count > 1 and same_sound(decoded) else list(range(min(count, 2)))
    levels = [levels_db(decoded, n) for n in numbers]
    signals = [signals_of(decoded, n) for n in numbers]
    probabilities = [
        np.zeros_like(level)
        if _inaudible(level)
        else speech_probabilities(decoded, n, _speech_db(found, level))
        for n, level, found in zip(numbers, levels, signals, strict=True)
    ]
    masks = [
        _no_speech(found, probability, level)
        for probability, level, found in zip(probabilities, levels, signals, strict=True)
    ]
    for probability, mask in zip(probabilities, masks, strict=True):
        probability[mask] = 0.0
    if len(numbers) == 2:
        leaks = [leaked(decoded, pair, levels, probabilities) for pair in ((0, 1), (1, 0))]
        for probability, mask, (leak, less) in zip(probabilities, masks, leaks, strict=True):
            probability[leak] = 0.0
            mask |= leak & less
    return tuple(
        Channel(
            probabilities=probability,
            levels=np.where(mask, np.float32(TAKEN_OUT_DB), level),
            fine=np.where(
                np.repeat(mask, FINE), np.float32(TAKEN_OUT_DB), levels_db(decoded, n, fine=FINE)
            ),
            dead=_dead(level, probability),
            clipped_share=decoded.clipped_share[n],
            signals=found,
        )
        for n, level, probability, found, mask in zip(
            numbers, levels, probabilities, signals, masks, strict=True
        )
    )


def signals_of(decoded: Decoded, channel: int) -> tuple[Signal, ...]:
    """The tones and the music of a channel."""
    return find_signals(*at_8k(decoded.samples[channel], decoded.sample_rate_hz))


def _hops(signal: Signal, around_s: float = 0.0) -> slice:
    first = max(int((signal.start_s - around_s) / HOP_S), 0)
    return slice(first, int(np.ceil((signal.end_s + around_s) / HOP_S)))


def _speech_db(signals: tuple[Signal, ...], levels: Float32) -> float:
    """How loud a channel is where no signal stands, but not much less than with them."""
    rest = levels.copy()
    for signal in signals:
        rest[_hops(signal)] = TAKEN_OUT_DB
    return max(speaking_level_db(rest), speaking_level_db(levels) - _MUSIC_OVER_DB)


def _no_speech(
    signals: tuple[Signal, ...], probability: Float32, levels: Float32
) -> npt.NDArray[np.bool_]:
    """Hops in which a signal stands and nothing clearly louder than the music around it."""
    mask = np.zeros(len(levels), dtype=np.bool_)
    for signal in signals:
        part = _hops(signal, _AROUND_KEY_S if signal.kind == "dtmf" else 0.0)
        heard, level = probability[part], levels[part]
        if signal.kind != "music":
            mask[part] = True
        elif heard.size:
            usual = float(np.median(level[heard < 0.5])) if (heard < 0.5).any() else 0.0
            mask[part] |= (level < usual + _OVER_MUSIC_DB) | (heard == 0.0)
    return mask


def same_sound(decoded: Decoded) -> bool:
    """Whether the first two channels carry one sound, perhaps at different levels or inverted."""
    return same_pair(decoded, (0, 1))


def same_pair(decoded: Decoded, pair: tuple[int, int]) -> bool:
    """As `same_sound`, of any two channels."""
    left, right = (decoded.samples[n] for n in pair)
    block = 60 * decoded.sample_rate_hz
    cross = left_power = right_power = 0.0
    for start in range(0, left.size, block):
        a = left[start : start + block].astype(np.float64)
        b = right[start : start + block].astype(np.float64)
        cross += float(a @ b)
        left_power += float(a @ a)
        right_power += float(b @ b)
    if left_power == 0.0 or right_power == 0.0:
        return left_power == right_power
    return abs(cross) / float(np.sqrt(left_power * right_power)) > SAME_CORRELATION


def leaked(
    decoded: Decoded,
    pair: tuple[int, int],
    levels: list[Float32],
    probabilities: list[Float32],
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Where channel `pair[0]` holds channel `pair[1]`'s sound, quieter, and where it is quieter.

    Both of shape (hops,). A leak is a copy: delayed by one lag all through the call, and coherent
    with the other channel at that lag. Somebody who speaks at the same time is not. It is quieter
    than what the other channel carried that lag before, so an echo is still there when the other
    channel is silent already.
    """
    mine, other = pair
    hops = len(levels[mine])
    none = np.zeros(hops, dtype=np.bool_)
    lags = round(_LEAK_LAG_S * decoded.sample_rate_hz)
    near = max(round(0.003 * decoded.sample_rate_hz), 1)
    heard = (probabilities[mine] > 0.15) & (levels[mine] > -90.0)
    loudest = _loudest_before(levels[other], 0.0, _LEAK_LAG_S)
    lag = _common_lag(
        decoded, pair, _chunks(heard & (levels[mine] < loudest - LEAK_QUIETER_DB)), lags, near
    )
    if lag is None:
        return none, none
    lag_s = lag / decoded.sample_rate_hz
    source = _loudest_before(levels[other], lag_s, lag_s)
    suspect = heard & (levels[mine] < source - LEAK_QUIETER_DB)
    mask = none.copy()
    for chunk in _chunks(suspect):
        at_lag = _correlations(decoded, pair, chunk, max(lag - near, 0), lag + near)
        if float(at_lag.max()) >= _LEAK_COHERENCE:
            mask[chunk : chunk + _CHUNK_HOPS] = True
    return _spread(mask, suspect), levels[mine] < source


def _chunks(suspect: npt.NDArray[np.bool_]) -> list[int]:
    """The first hops of the chunks with a suspect hop in them."""
    return [c for c in range(0, len(suspect), _CHUNK_HOPS) if suspect[c : c + _CHUNK_HOPS].any()]


def _loudest_before(levels: Float32, least_s: float, most_s: float) -> Float32:
    """Each hop's loudest level from `most_s` to `least_s` before it; shape (hops,)."""
    first, last = int(least_s / HOP_S), int(np.ceil(most_s / HOP_S))
    padded = np.concatenate([np.full(last, TAKEN_OUT_DB, dtype=np.float32), levels])
    shifted = [padded[last - back :][: len(levels)] for back in range(first, last + 1)]
    return np.asarray(np.max(shifted, axis=0), dtype=np.float32)


def _common_lag(
    decoded: Decoded, pair: tuple[int, int], chunks: list[int], lags: int, near: int
) -> int | None:
    """The delay at which several chunks are coherent with the other channel; None without one."""
    asked = chunks[:: max(len(chunks) // _LEAK_ASKED, 1)]
    votes = []
    for chunk in asked:
        curve = _correlations(decoded, pair, chunk, 0, lags)
        best = int(np.argmax(curve))
        if curve[best] >= _LEAK_COHERENCE:
            votes.append(best)
    if not votes:
        return None
    found = np.array(votes)
    agreeing = (np.abs(found[:, None] - found[None, :]) <= near).sum(axis=1)
    if int(agreeing.max()) < min(_LEAK_VOTES, max(len(asked) // 2, 1)):
        return None
    return votes[int(np.argmax(agreeing))]


def _spread(mask: npt.NDArray[np.bool_], suspect: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """A leak reaches over the suspect hops around it, so that no syllable of it is left."""
    out = mask.copy()
    for step in (1, -1):
        order = range(len(out)) if step == 1 else range(len(out) - 1, -1, -1)
        carried = 0
        for hop in order:
            if mask[hop]:
                carried = _CHUNK_HOPS
            elif carried and suspect[hop]:
                out[hop] = True
                carried -= 1
            else:
                carried = 0
    return out


def _correlations(
    decoded: Decoded, pair: tuple[int, int], chunk: int, least: int, most: int
) -> npt.NDArray[np.float64]:
    """Normalised correlation of a chunk with the other channel `least` to `most` samples before.

    Shape (most - least + 1,).
    """
    rate = decoded.sample_rate_hz
    start = round(chunk * HOP_S * rate)
    length = round(_CHUNK_HOPS * HOP_S * rate)
    mine = decoded.samples[pair[0]][start : start + length].astype(np.float64)
    length = mine.size
    channel = decoded.samples[pair[1]]
    first, last = start - most, start - least + length
    other = channel[max(first, 0) : last].astype(np.float64)
    other = np.pad(other, (max(-first, 0), 0))
    count = most - least + 1
    size = 1 << (other.size + length).bit_length()
    product = np.fft.rfft(other, size) * np.conj(np.fft.rfft(mine, size))
    # Index k: the other channel `most - k` samples before the chunk; reversed to delays.
    cross = np.abs(np.fft.irfft(product, size)[:count])[::-1]
    squares = np.concatenate([[0.0], np.cumsum(other * other)])
    power = (squares[length:] - squares[:-length])[:count][::-1]
    scale = np.sqrt(np.maximum(power * float(mine @ mine), 1e-9))
    return np.asarray(cross / scale)


def _inaudible(levels: Float32) -> bool:
    return levels.size == 0 or float(np.percentile(levels, 99)) < DEAD_BELOW_DB


def _dead(levels: Float32, probabilities: Float32) -> bool:
    """Silence, or nothing but a steady hum or hiss."""
    if _inaudible(levels):
        return True
    low, high = np.percentile(levels, [5, 95])
    return bool(high - low < _STEADY_DB and (probabilities < 0.5).all())
