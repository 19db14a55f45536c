"""Calls whose every sound was placed on a time line, with the figures that follow from that.

Nothing of qc_pipeline is used to make them: sentences are spoken by espeak-ng, voices with a known
melody are pulses through formants, tones are sines; the truth is worked out from the placing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import solve_toeplitz
from scipy.signal import lfilter, resample_poly, sosfilt

from tests.audio.speechlike import RATE_HZ
from tools.speech.synth import PEAK, utter
from tools.speech.voices import MAIN_VOICES, Manner, Voice

AGENT_LINES = (
    "您好请问有什么可以帮您",
    "好的我先帮您查询一下账户情况",
    "您的套餐这个月已经用完了",
    "请您提供一下登记的手机号码",
    "这个业务需要本人到营业厅办理",
    "您看还有其他问题需要帮助吗",
)
CUSTOMER_LINES = (
    "我想查一下我上个月的话费",
    "怎么又多扣了我二十块钱",
    "你们上次不是说已经取消了吗",
    "那我现在应该怎么办理呢",
    "好的那就先这样谢谢你",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A sentence in a channel (0 agent, 1 customer): where its sound begins and ends."""

    channel: int
    start_s: float
    end_s: float
    text: str


@dataclass(slots=True, kw_only=True)
class PlacedCall:
    """`sound`: shape (2, n), in ±1, 8 kHz. `said` in time. `signals`: (channel, kind, start, end).

    `level_difference_db`: agent above customer, by how loudly their sentences were laid in.
    `range_st`: for each channel the semitones between the 10th and 90th percentile of its melody.
    """

    sound: np.ndarray
    said: list[Said] = field(default_factory=list)
    signals: list[tuple[int, str, float, float]] = field(default_factory=list)
    level_difference_db: float = 0.0
    range_st: dict[int, float] = field(default_factory=dict)

    def talk_s(self, channel: int) -> float:
        return sum(s.end_s - s.start_s for s in self.said if s.channel == channel)

    def silences(self) -> list[tuple[float, float, int]]:
        """(start, end, who spoke last)."""
        out, until, last = [], self.said[0].end_s, self.said[0].channel
        for one in self.said[1:]:
            if one.start_s > until:
                out.append((until, one.start_s, last))
            if one.end_s > until:
                until, last = one.end_s, one.channel
        return out

    def overlaps(self) -> list[tuple[float, float, int]]:
        """(start, end, who cut in)."""
        return [
            (b.start_s, min(a.end_s, b.end_s), b.channel)
            for i, a in enumerate(self.said)
            for b in self.said[i + 1 :]
            if a.channel != b.channel and b.start_s < a.end_s
        ]

    def waits(self, channel: int) -> list[float]:
        """How long the channel's speaker waited before each answer."""
        return [
            max(0.0, b.start_s - a.end_s)
            for a, b in zip(self.said, self.said[1:], strict=False)
            if b.channel == channel and a.channel != channel
        ]

    def rate(self, channel: int) -> float:
        """Characters a minute of speaking time."""
        own = [s for s in self.said if s.channel == channel]
        return 60 * sum(len(s.text) for s in own) / sum(s.end_s - s.start_s for s in own)


def spoken_call(seed: int) -> PlacedCall:
    """Six sentences of an agent and five of a customer by espeak-ng, with pauses, one long silence,
    one interruption, noise, and keys or ringing in every third call.
    """
    rng = random.Random(seed)
    voices = rng.sample(MAIN_VOICES, 2)
    manners = [
        Manner(speed_wpm=rng.randint(150, 235), pitch=rng.randint(35, 65), gap=0) for _ in voices
    ]
    levels = [-26.0, -26.0 + rng.choice([-9.0, -6.0, -3.0, 0.0, 4.0, 8.0])]
    lines = ([*AGENT_LINES], [*CUSTOMER_LINES])
    call = PlacedCall(sound=np.zeros((2, 100 * RATE_HZ)), level_difference_db=levels[0] - levels[1])
    at = 1.0
    if seed % 3 == 1:
        for start in (1.0, 6.0):
            _lay(call.sound, 1, start, _tone(450.0, 1.0) * 0.1)
            call.signals.append((1, "ringing", start, start + 1.0))
        at = 8.5
    cut_in = rng.randrange(2, 8)
    long_silence = rng.choice([k for k in range(2, 9) if k != cut_in])
    for number in range(11):
        channel = number % 2
        text = lines[channel][number // 2]
        sound, start_s, end_s = _sentence(text, voices[channel], manners[channel], levels[channel])
        if number == cut_in:
            at = call.said[-1].end_s - rng.uniform(0.6, 1.2)
        elif number:
            pause = rng.uniform(6, 12) if number == long_silence else rng.uniform(0.5, 2.5)
            at = max(s.end_s for s in call.said) + pause
        at = max(at, 0.5)
        _lay(call.sound, channel, at - start_s, sound)
        call.said.append(Said(channel=channel, start_s=at, end_s=at + end_s - start_s, text=text))
    last = max(s.end_s for s in call.said)
    if seed % 3 == 2:
        gap = max(call.silences(), key=lambda s: s[1] - s[0])
        for k in range(4):
            start = gap[0] + 1.0 + 0.25 * k
            _lay(call.sound, 1, start, (_tone(770.0, 0.12) + _tone(1336.0, 0.12)) * 0.15)
            call.signals.append((1, "dtmf", start, start + 0.12))
    call.sound = call.sound[:, : int((last + 1.5) * RATE_HZ)]
    noise = 10 ** (rng.uniform(-75, -58) / 20)
    call.sound += np.random.default_rng(seed).normal(0, noise, call.sound.shape)
    return call


def held_call(seed: int, gap_s: float) -> PlacedCall:
    """A spoken call with hold music in the agent's channel through its longest silence, but for
    `gap_s` before and after it.
    """
    call = spoken_call(seed)
    silence = max(call.silences(), key=lambda s: s[1] - s[0])
    start, end = silence[0] + gap_s, silence[1] - gap_s
    _lay(call.sound, 0, start, plucked(end - start, seed))
    call.signals.append((0, "music", start, end))
    return call


def plucked(seconds: float, seed: int) -> np.ndarray:
    """Chords of two or three dying strings, five in two seconds, at -26 dB; cut off at the end."""
    generator = np.random.default_rng(seed)
    times = np.arange(int(1.2 * RATE_HZ)) / RATE_HZ
    out = np.zeros(int(seconds * RATE_HZ) + times.size)
    for start_s in np.arange(0, seconds, 0.4):
        for hz in generator.choice([262, 294, 330, 349, 392, 440, 494, 523], 3):
            note = sum(np.sin(2 * np.pi * hz * n * times) / n for n in range(1, 6))
            _lay(out[None], 0, start_s, note * np.exp(-times / 0.6) * np.minimum(times / 0.01, 1))
    out = out[: int(seconds * RATE_HZ)]
    return out * 10 ** (-26 / 20) / np.sqrt(np.mean(out**2))


def sung_call(seed: int) -> PlacedCall:
    """Ten sentences by espeak-ng, their pitch replaced by melodies known to the sample, in the
    telephone's band, over noise.
    """
    rng = random.Random(seed)
    call = PlacedCall(sound=np.zeros((2, 70 * RATE_HZ)))
    levels = [-24.0, -24.0 + rng.choice([-8.0, -4.0, 0.0, 6.0])]
    call.level_difference_db = levels[0] - levels[1]
    heights = rng.sample([100.0, 125.0, 165.0, 205.0, 250.0], 2)
    spreads = [rng.uniform(0.8, 3.2) for _ in heights]
    voices = [
        rng.choice([v for v in MAIN_VOICES if (v.sex == "female") == (h > 160)]) for h in heights
    ]
    manners = [Manner(speed_wpm=rng.randint(150, 190), pitch=50, gap=0) for _ in voices]
    lines = (AGENT_LINES, CUSTOMER_LINES)
    sung: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    at = 1.0
    for number in range(10):
        channel, text = number % 2, lines[number % 2][number // 2]
        spoken = utter(text, voices[channel], manners[channel]).samples.astype(np.float64)
        hz = melody(len(spoken), heights[channel], spreads[channel], seed * 100 + number)
        sound, voiced = revoiced(spoken, hz, seed * 100 + number)
        sung[channel].append(hz[voiced])
        sound = telephone(sound)
        sound, start_s, end_s = _levelled(sound * PEAK / np.abs(sound).max(), levels[channel])
        _lay(call.sound, channel, at - start_s, sound)
        end_s += at - start_s
        call.said.append(Said(channel=channel, start_s=at, end_s=end_s, text=text))
        at = end_s + rng.uniform(0.6, 2.0)
    call.sound = call.sound[:, : int((at + 0.5) * RATE_HZ)]
    noise = 10 ** (rng.uniform(-75, -58) / 20)
    call.sound += np.random.default_rng(seed).normal(0, noise, call.sound.shape)
    for channel in (0, 1):
        low, high = np.percentile(12 * np.log2(np.concatenate(sung[channel])), [10, 90])
        call.range_st[channel] = float(high - low)
    return call


def melody(count: int, mean_hz: float, spread_st: float, seed: int) -> np.ndarray:
    """A pitch that wanders around a mean, normally distributed in semitones; hertz a sample."""
    generator = np.random.default_rng(seed)
    knots = generator.normal(0, spread_st, int(count / RATE_HZ * 4) + 2)
    wander = np.interp(np.linspace(0, len(knots) - 1, count), np.arange(len(knots)), knots)
    return np.asarray(mean_hz * 2 ** (wander / 12))


def revoiced(spoken: np.ndarray, hz: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Speech with another pitch, and which of its samples have it; both of shape (n,).

    Every 5 ms the speech's own spectrum (linear prediction, J. Makhoul, Proc. IEEE 63, 1975) lets
    through pulses that follow `hz` where the speech was voiced, else noise.
    """
    order, step = 12, RATE_HZ // 200
    generator = np.random.default_rng(seed)
    # Pulses made at eight times the rate, of the same power whatever their pitch.
    phase = np.cumsum(np.repeat(hz, 8) / (8 * RATE_HZ))
    pulses = resample_poly(np.diff(np.floor(phase), prepend=0.0), 1, 8)[: len(hz)] * 8
    pulses *= np.sqrt(RATE_HZ / hz)
    hiss = generator.normal(0, 1, len(hz))
    window = np.hanning(4 * step + 1)[:-1]
    slope = np.hanning(2 * step + 1)[:-1]
    pad = np.pad(spoken, 2 * step)
    out, voiced = np.zeros(len(spoken) + 400), np.zeros(len(spoken), dtype=bool)
    for first in range(0, len(spoken) - 2 * step, step):
        frame = pad[first + step : first + 5 * step] * window
        own = np.correlate(frame, frame, "full")[len(frame) - 1 :]
        if own[0] < 1e-6:
            continue
        own[0] *= 1 + 1e-6
        taps = solve_toeplitz(own[:order], own[1 : order + 1])
        gain = np.sqrt(max(own[0] - taps @ own[1 : order + 1], 0.0) / np.sum(window**2))
        # Hissing sounds have no likeness from one sample to the next.
        drives = pulses if own[1] > 0.5 * own[0] else hiss
        voiced[first : first + step] = drives is pulses
        part = np.pad(drives[first : first + 2 * step] * slope * gain, (0, 300))
        out[first : first + len(part)] += lfilter([1.0], [1.0, *-taps], part)
    return out[: len(spoken)], voiced


def telephone(sound: np.ndarray) -> np.ndarray:
    """What a line from 300 to 3400 Hz lets through."""
    from scipy.signal import butter

    return np.asarray(sosfilt(butter(4, [300, 3_400], "band", fs=RATE_HZ, output="sos"), sound))


def _sentence(
    text: str, speaker: Voice, manner: Manner, level_db: float
) -> tuple[np.ndarray, float, float]:
    """A sentence with where its sound begins and ends in it; its mean power there is the level."""
    return _levelled(utter(text, speaker, manner).samples.astype(np.float64), level_db)


def _levelled(sound: np.ndarray, level_db: float) -> tuple[np.ndarray, float, float]:
    """The same with where it begins and ends; its mean power between is the level."""
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    first, last = int(loud[0]), int(loud[-1]) + 1
    sound = sound * 10 ** (level_db / 20) / np.sqrt(np.mean(sound[first:last] ** 2))
    return sound, first / RATE_HZ, last / RATE_HZ


def _tone(hz: float, seconds: float) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)


def _lay(sound: np.ndarray, channel: int, start_s: float, part: np.ndarray) -> None:
    first = round(start_s * RATE_HZ)
    sound[channel, first : first + len(part)] += part


def int16(sound: np.ndarray) -> np.ndarray:
    return np.clip(np.round(sound * 32_768), -32_768, 32_767).astype(np.int16)


def hull(regions: Sequence[tuple[float, float]], one: Said) -> tuple[float, float] | None:
    """The regions that a sentence was found as, from the first's start to the last's end."""
    mine = [r for r in regions if r[0] < one.end_s and r[1] > one.start_s]
    return (mine[0][0], mine[-1][1]) if mine else None
