"""How it was said: level and pitch, taken from the sound of each party's speech.

Level is the RMS in dB of full scale. Pitch range is what a listener calls flat or lively: the
semitones between the 10th and the 90th percentile of the voiced 10-ms frames. Frames more than nine
semitones from the party's median are left out: a misheard pitch is off by an octave (twelve).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.cepstrum import log_pitch
from qc_pipeline.call import Measures, Span, Speaker, Transcript

MEASURES_VERSION = "1"

_LEAST_VOICED = 100  # frames: one second of voice, less says nothing about a range
_FARTHEST_ST = 9.0
_CLIPPED = 32_700
_QUIETEST = 1e-10


def measure(
    channels: Mapping[Speaker, npt.NDArray[np.int16]],
    sample_rate_hz: int,
    transcript: Transcript,
) -> Measures:
    """Measures of one call.

    `channels` holds each party's sound, shape (n,), int16 (full scale = 32768), at
    `sample_rate_hz`; in a mono recording both are the same channel, and the party's own regions in
    `transcript.speech` tell which part is whose. By speaker: `level_db`, `pitch_hz` (median),
    `pitch_range_st`, `clipped_share`; by turn: `level_db`. What could not be taken is absent.
    """
    speakers = {
        speaker: found
        for speaker in Speaker
        if (found := _party(channels[speaker], sample_rate_hz, transcript.speech.get(speaker, ())))
    }
    turns = tuple(
        _level(_part(channels[t.speaker], sample_rate_hz, (t.start_s, t.end_s)))
        for t in transcript.turns
    )
    return Measures(version=MEASURES_VERSION, speakers=speakers, turns=turns)


def _party(channel: npt.NDArray[np.int16], rate_hz: int, spans: Sequence[Span]) -> dict[str, float]:
    parts = [part for span in spans if (part := _part(channel, rate_hz, span)).size]
    if not parts:
        return {}
    spoken = np.concatenate(parts)
    found = _level(spoken)
    found["clipped_share"] = float(np.mean(np.abs(spoken) * 32_768 >= _CLIPPED))
    pitch = np.concatenate([log_pitch(part, rate_hz) for part in parts])
    pitch = pitch[~np.isnan(pitch)]
    if pitch.size >= _LEAST_VOICED:
        middle = float(np.median(pitch))
        near = pitch[np.abs(pitch - middle) <= _FARTHEST_ST / 12 * np.log(2)]
        low, high = np.percentile(near, [10, 90])
        found["pitch_hz"] = float(np.exp(middle))
        found["pitch_range_st"] = float(12 * (high - low) / np.log(2))
    return found


def _part(channel: npt.NDArray[np.int16], rate_hz: int, span: Span) -> npt.NDArray[np.float64]:
    return channel[round(span[0] * rate_hz) : round(span[1] * rate_hz)].astype(np.float64) / 32_768


def _level(sound: npt.NDArray[np.float64]) -> dict[str, float]:
    if not sound.size:
        return {}
    return {"level_db": 10 * float(np.log10(max(float(np.mean(sound * sound)), _QUIETEST)))}
