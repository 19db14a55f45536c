"""The speech detector asked once about each sound: the same calls stand in many tests.

It is half of what listening to a channel costs, and says the same of the same sound every time.
What of it is tested itself (tests/audio/test_speech_regions.py) asks the detector, not this.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio import channels
from qc_pipeline.audio.decode import Decoded
from qc_pipeline.audio.speech_regions import speech_probabilities

Float32 = npt.NDArray[np.float32]

_KNOWN: dict[tuple[bytes, int, int, float | None], Float32] = {}


def _asked_once(decoded: Decoded, channel: int, speech_db: float | None = None) -> Float32:
    sound = hashlib.blake2b(decoded.samples[channel].tobytes()).digest()
    asked = (sound, decoded.sample_rate_hz, decoded.length_16k, speech_db)
    if asked not in _KNOWN:
        _KNOWN[asked] = speech_probabilities(decoded, channel, speech_db)
    return _KNOWN[asked].copy()  # whoever asks takes tones and music out of it


def ask_once() -> None:
    """For all tests of this process: where voices are looked for in a recording."""
    channels.speech_probabilities = _asked_once
