"""How it was said: measures taken from the sound of each party's turns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from qc_pipeline.call import Measures, Speaker, Transcript

MEASURES_VERSION = "0"


def measure(
    channels: Mapping[Speaker, npt.NDArray[np.int16]],
    sample_rate_hz: int,
    transcript: Transcript,
) -> Measures:
    """Measures of one call.

    `channels` holds each party's sound, shape (n,), int16 (full scale = 32768), at
    `sample_rate_hz`; in a mono recording both are the same channel, and the party's own regions in
    `transcript.speech` tell which part is whose. `level_db` is the RMS level in dB of full scale
    over the party's speech regions; absent where the party did not speak.
    """
    speakers: dict[Speaker, dict[str, float]] = {}
    for speaker in Speaker:
        spans = transcript.speech.get(speaker, ())
        parts = [
            channels[speaker][round(a * sample_rate_hz) : round(b * sample_rate_hz)]
            for a, b in spans
        ]
        if not any(part.size for part in parts):
            continue
        spoken = np.concatenate(parts).astype(np.float64) / 32_768
        power = float(np.mean(spoken * spoken))
        speakers[speaker] = {"level_db": 10 * float(np.log10(max(power, 1e-10)))}
    return Measures(
        version=MEASURES_VERSION, speakers=speakers, turns=tuple({} for _ in transcript.turns)
    )
