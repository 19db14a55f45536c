"""Whether a recording plays at the speed at which it was spoken.

A header that names twice the sample rate makes a call of half the length, an octave higher: a
recogniser hears little of it, and what it does hear is wrong. Three things betray it, all moved by
the same factor: how fast loudness rises and falls (syllables, 4 to 6 Hz in every language: N. Ding
et al., "Temporal modulations in speech and music", Neurosci. Biobehav. Rev. 81, 2017), where half
of the voice's power lies (around the first formant, 300 to 700 Hz: ITU-T P.50), and the pitch (men
from 80, women up to 330 Hz: H. Traunmüller and A. Eriksson, "The frequency range of the voice
fundamental in the speech of male and female adults", 1995). All must agree: a child is high, an
agent in a hurry fast.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.pitch import span_pitches, without_octave_errors
from qc_pipeline.audio.telephone_band import TELEPHONE_HZ, at_8k
from qc_pipeline.call import Span
from qc_pipeline.message import Message

Float64 = npt.NDArray[np.float64]

FAST_S, SLOW_S = 3.5, 8.0
"""Speech of both parties together from which something is said of the speed."""
FAST_PITCH_HZ, SLOW_PITCH_HZ = 130.0, 160.0
"""The lowest voice lies above, or below: a man at twice his speed is no lower than 135 Hz."""
FAST = ((6.9, 520.0), (5.6, 950.0))
SLOW = (4.3, 390.0)
"""Syllables a second and power's half in hertz beyond which a recording plays too fast (either
pair), or too slowly. 131 recordings with speech, 104 sample calls and 27 of real speech, lay at 4.2
to 6.0 and 219 to 690 Hz (but for one of 4 s); docs/asr.md has the figures at wrong speeds."""

_MOST_S = 60.0  # of each party's speech that is looked at
_ENVELOPE_HZ = 100
_ENVELOPE_FRAME = 128
_FRAME = 256
_LEAST_VOICED = 50  # frames of 10 ms


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayingSpeed:
    """`verdict`: "fast", "slow", or None: the speed may be right, or there is too little speech.

    `pitch_hz`: each party's median, None where too little of it was voiced; empty where nothing
    else makes the speed doubtful, so that it was not asked. `voice_hz`: below it
    lies half of the power of the speech; `syllables_hz`: the mean rate at which its loudness
    changes; both nan without speech.
    """

    verdict: Literal["fast", "slow"] | None
    pitch_hz: tuple[float | None, ...]
    voice_hz: float
    syllables_hz: float

    def note(self) -> Message | None:
        """What a transcript says of it."""
        if self.verdict is None:
            return None
        known = [p for p in self.pitch_hz if p is not None]
        return Message.of(f"voices.too-{self.verdict}", pitch=round(min(known)) if known else 0)


def playing_speed(
    channels: npt.NDArray[np.int16],
    rate_hz: int,
    parties: Sequence[tuple[int, Sequence[Span]]],
) -> PlayingSpeed:
    """The speed of a recording.

    `channels` has shape (channels, n), int16, at `rate_hz`; `parties` are (channel, speech in
    seconds).
    """
    power = np.zeros(_FRAME // 2 + 1)
    changes = np.zeros(_ENVELOPE_FRAME // 2 + 1)
    talk_s = 0.0
    looked_at = [(channel, list(_some(spans))) for channel, spans in parties]
    for channel, spans in looked_at:
        talk_s += sum(b - a for a, b in spans)
        read, _ = at_8k(channels[channel], rate_hz)
        for a, b in spans:
            sound = read(round(a * TELEPHONE_HZ), round(b * TELEPHONE_HZ)).astype(np.float64)
            power += _power(sound)
            changes += _changes(sound)
    voice_hz = _half(power, TELEPHONE_HZ / _FRAME)
    syllables_hz = _centre(changes, _ENVELOPE_HZ / _ENVELOPE_FRAME)
    suspect = _suspect(voice_hz, syllables_hz, talk_s)
    pitches: tuple[float | None, ...] = ()
    if suspect is not None:
        pitches = tuple(median_pitch_hz(channels[c], rate_hz, spans) for c, spans in looked_at)
    return PlayingSpeed(
        verdict=suspect if suspect is None or _fits(suspect, pitches) else None,
        pitch_hz=pitches,
        voice_hz=voice_hz,
        syllables_hz=syllables_hz,
    )


def _suspect(voice_hz: float, syllables_hz: float, talk_s: float) -> Literal["fast", "slow"] | None:
    if talk_s >= FAST_S and any(syllables_hz > a and voice_hz > b for a, b in FAST):
        return "fast"
    if talk_s >= SLOW_S and syllables_hz < SLOW[0] and voice_hz < SLOW[1]:
        return "slow"
    return None


def _fits(verdict: str, pitches: Sequence[float | None]) -> bool:
    """Whether the lowest voice is where it would be at that speed, as far as it is known."""
    lowest = min((p for p in pitches if p is not None), default=None)
    if lowest is None:
        return True
    return lowest > FAST_PITCH_HZ if verdict == "fast" else lowest < SLOW_PITCH_HZ


def _some(spans: Sequence[Span]) -> Iterator[Span]:
    """The first minute of a party's speech."""
    left = _MOST_S
    for a, b in spans:
        if b - a >= 0.3 and left > 0:
            yield a, min(b, a + left)
            left -= b - a


def _power(sound: Float64) -> Float64:
    """Power by frequency, summed over frames of 32 ms; shape (_FRAME // 2 + 1,)."""
    if sound.size < _FRAME:
        return np.zeros(_FRAME // 2 + 1)
    frames = np.lib.stride_tricks.sliding_window_view(sound, _FRAME)[:: _FRAME // 2]
    spectrum = np.fft.rfft(frames * np.hanning(_FRAME), axis=1)
    return np.asarray((np.abs(spectrum) ** 2).sum(axis=0))


def _changes(sound: Float64) -> Float64:
    """Power of the loudness's own changes by frequency; shape (_ENVELOPE_FRAME // 2 + 1,)."""
    step = TELEPHONE_HZ // _ENVELOPE_HZ
    count = sound.size // step
    found = np.zeros(_ENVELOPE_FRAME // 2 + 1)
    if count < _ENVELOPE_FRAME // 4:
        return found
    loudness = np.sqrt((sound[: count * step].reshape(-1, step) ** 2).mean(axis=1))
    loudness /= loudness.mean() + 1e-9
    hop = _ENVELOPE_FRAME // 4
    for start in range(0, max(count - _ENVELOPE_FRAME // 2, 1), hop):
        part = loudness[start : start + _ENVELOPE_FRAME]
        part = np.pad(part - part.mean(), (0, _ENVELOPE_FRAME - part.size))
        found += np.abs(np.fft.rfft(part * np.hanning(_ENVELOPE_FRAME))) ** 2
    return found


def _half(power: Float64, bin_hz: float) -> float:
    total = power.sum()
    if total <= 0:
        return float("nan")
    return float(np.searchsorted(np.cumsum(power) / total, 0.5) * bin_hz)


def _centre(changes: Float64, bin_hz: float) -> float:
    """The mean rate between 1.5 and 25 Hz: slower is the sentence, faster the voice itself."""
    hz = np.arange(changes.size) * bin_hz
    band = (hz >= 1.5) & (hz <= 25)
    total = changes[band].sum()
    return float((changes[band] * hz[band]).sum() / total) if total > 0 else float("nan")


def median_pitch_hz(
    samples: npt.NDArray[np.int16], rate_hz: int, spans: Sequence[Span]
) -> float | None:
    """A party's median pitch in its speech (seconds) of a channel of shape (n,), int16; None where
    too little of it was voiced.
    """
    if not spans:
        return None
    pitch = without_octave_errors(np.concatenate(span_pitches(samples, rate_hz, spans)))
    voiced = pitch[~np.isnan(pitch)]
    if voiced.size < max(_LEAST_VOICED, pitch.size // 4):
        return None
    return float(np.exp(np.median(voiced)))
