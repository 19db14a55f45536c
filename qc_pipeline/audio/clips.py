"""Cutting a piece out of a recording for the report: short, small, with spans made silent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from qc_pipeline.audio.decode import RECOGNISER_HZ
from qc_pipeline.audio.excerpt import Part, decode_part
from qc_pipeline.audio.resample import Float32, Ratio
from qc_pipeline.call import Span
from qc_pipeline.errors import RecordingError

MAX_CLIP_S = 60.0
FADE_S = 0.01
MP3_RATES = (8_000, 11_025, 12_000, 16_000)
"""Those of MPEG 2 and 2.5 (ISO/IEC 13818-3) up to the rate at which sound is decoded here."""
CLIP_VERSION = 1
"""Of what a clip's bytes follow from beside the sound; raised when cutting or coding changes."""
LAME_QUALITY = "7"
"""LAME's scale from 0 (slow) to 9: 7 takes two thirds of the time of its usual 5."""


def cut_clip(
    recording: Path,
    *,
    start_s: float,
    end_s: float,
    silenced: Sequence[Span],
    target: Path,
    most_s: float = MAX_CLIP_S,
) -> Path | None:
    """Write `target` + ".mp3" with the recording's sound between two times (at most `most_s`).

    All channels are mixed to one; `silenced` spans (seconds of the recording) are mute. MP3 is
    what every browser plays from disk, and its bytes depend on the sound alone. Returns None where
    the recording cannot be read or holds nothing there.
    """
    try:
        part = decode_part(recording, start_s, min(end_s, start_s + most_s))
    except RecordingError:
        return None
    sound, rate = _for_mp3(piece(part, silenced), part.sample_rate_hz)
    if sound.size == 0:
        return None
    path = target.with_name(target.name + ".mp3")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    _write_mp3(temporary, sound, rate)
    temporary.replace(path)
    return path


def piece(part: Part, silenced: Sequence[Span]) -> Float32:
    """The mono mix of a part, in ±1; shape (n,), with `silenced` spans mute."""
    rate = part.sample_rate_hz
    first = round(part.start_s * rate)
    mix: Float32 = part.samples.sum(axis=0, dtype=np.float32)
    for a, b in silenced:
        mix[max(0, round(a * rate) - first) : max(0, round(b * rate) - first)] = 0.0
    fade = min(round(FADE_S * rate), mix.size // 2)
    if fade:
        ramp = np.linspace(0.0, 1.0, fade, dtype=np.float32)
        mix[:fade] *= ramp
        mix[-fade:] *= ramp[::-1]
    clipped: Float32 = np.clip(mix, -1.0, 1.0)
    return clipped


def _for_mp3(sound: Float32, rate: int) -> tuple[Float32, int]:
    """At a rate that MP3 knows."""
    if rate in MP3_RATES or sound.size == 0:
        return sound, rate
    return Ratio(rate, RECOGNISER_HZ).apply(sound), RECOGNISER_HZ


def _write_mp3(path: Path, sound: Float32, rate: int) -> None:
    """Two kbit/s for each kHz: speech stays plain, and a minute of telephone takes 120 KB."""
    import av

    with av.open(str(path), "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=rate, layout="mono")
        stream.bit_rate = 2 * rate
        stream.options = {"compression_level": LAME_QUALITY}
        samples = np.rint(sound * 32_767).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16p", layout="mono")
        frame.sample_rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
