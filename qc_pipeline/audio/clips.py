"""Cutting a piece out of a recording for the report: short, small, with spans made silent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.decode import Decoded, decode
from qc_pipeline.call import Span
from qc_pipeline.errors import RecordingError

MAX_CLIP_S = 60.0
FADE_S = 0.01


def cut_clip(
    recording: Path, *, start_s: float, end_s: float, silenced: Sequence[Span], target: Path
) -> Path | None:
    """Write `target` + ".mp3" with the recording's sound between two times (at most 60 s).

    All channels are mixed to one; `silenced` spans (seconds of the recording) are mute. MP3 is
    what every browser plays from disk, and its bytes depend on the sound alone. Returns None where
    the recording cannot be read or holds nothing there.
    """
    try:
        decoded = decode(recording)
    except RecordingError:
        return None
    sound = piece(decoded, start_s, min(end_s, start_s + MAX_CLIP_S), silenced)
    if sound.size == 0:
        return None
    import soundfile

    path = target.with_name(target.name + ".mp3")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    soundfile.write(
        temporary,
        sound,
        decoded.sample_rate_hz,
        format="MP3",
        subtype="MPEG_LAYER_III",
        bitrate_mode="CONSTANT",
        compression_level=0.8,
    )
    temporary.replace(path)
    return path


def piece(
    decoded: Decoded, start_s: float, end_s: float, silenced: Sequence[Span]
) -> npt.NDArray[np.float32]:
    """The mono mix between two times, in ±1; shape (n,), at the recording's own rate."""
    rate = decoded.sample_rate_hz
    first = max(0, round(start_s * rate))
    last = min(decoded.samples.shape[1], max(first, round(end_s * rate)))
    mix = decoded.samples[:, first:last].astype(np.float32).sum(axis=0) / 32_768
    for a, b in silenced:
        mix[max(0, round(a * rate) - first) : max(0, round(b * rate) - first)] = 0.0
    fade = min(round(FADE_S * rate), mix.size // 2)
    if fade:
        ramp = np.linspace(0.0, 1.0, fade, dtype=np.float32)
        mix[:fade] *= ramp
        mix[-fade:] *= ramp[::-1]
    clipped: npt.NDArray[np.float32] = np.clip(mix, -1.0, 1.0)
    return clipped
