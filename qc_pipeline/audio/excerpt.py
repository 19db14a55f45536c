"""A part of a recording, without decoding the rest of it: for a clip of a minute out of an hour."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qc_pipeline.audio.decode import RECOGNISER_HZ, decode
from qc_pipeline.audio.decoders import AudioFacts, interleaved, read_by_soundfile
from qc_pipeline.audio.resample import Float32, Ratio
from qc_pipeline.audio.survey import survey

LEAD_S = 1.0
"""A decoder that begins in the middle needs some sound before it is right: an MP3 frame's bits may
stand up to 511 bytes earlier, Opus settles within 80 ms (RFC 7845)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """`samples` has shape (channels, n), ±1; its first one stands at `start_s`, or the recording
    ended before that and it is empty.
    """

    sample_rate_hz: int
    start_s: float
    samples: Float32


def decode_part(path: Path, start_s: float, end_s: float) -> Part:
    """The sound between two times, at the recording's own rate or 16 kHz where that was higher.

    The samples are those that `decode` gives there, but for rounding and direct current. A file
    that holds several recordings or tracks, or is damaged, is decoded as a whole. Raises
    RecordingError where the recording is not there or cannot be read.
    """
    plan = survey(path)
    rate = plan.facts.sample_rate_hz
    first, last = max(0, round(start_s * rate)), max(0, round(end_s * rate))
    found = None
    if plan.simple and read_by_soundfile(plan.facts):
        found = _by_soundfile(path, first, last)
    elif plan.simple:
        found = _by_av(path, plan.facts, first, last)
    if found is None:
        whole = decode(path)
        rate = whole.sample_rate_hz
        first, last = max(0, round(start_s * rate)), max(0, round(end_s * rate))
        found = whole.samples[:, first:last].T.astype(np.float32) / np.float32(32768)
    sound = found
    if rate > RECOGNISER_HZ and len(sound):
        ratio = Ratio(rate, RECOGNISER_HZ)
        sound = np.stack([ratio.apply(column) for column in sound.T], axis=1)
    return Part(sample_rate_hz=min(rate, RECOGNISER_HZ), start_s=first / rate, samples=sound.T)


def _by_soundfile(path: Path, first: int, last: int) -> Float32 | None:
    """Samples [first, last) of all channels; shape (n, channels). None where the decoder fails."""
    import soundfile

    try:
        with soundfile.SoundFile(str(path)) as file:
            lead = min(first, round(LEAD_S * file.samplerate))
            file.seek(min(first - lead, file.frames))
            sound: Float32 = file.read(lead + last - first, dtype="float32", always_2d=True)
            return sound[lead:]
    except soundfile.LibsndfileError:
        return None


def _by_av(path: Path, facts: AudioFacts, first: int, last: int) -> Float32 | None:
    """As `_by_soundfile`; None, too, where the packets do not say when they are."""
    import av

    if facts.codec.split("/")[-1].startswith("amr"):
        return None
    rate = facts.sample_rate_hz
    pieces: list[Float32] = []
    at: int | None = None
    try:
        with av.open(str(path)) as container:
            stream = container.streams.audio[0]
            if stream.time_base is None:
                return None
            base, ticks = stream.time_base.numerator * rate, stream.time_base.denominator
            layout = stream.codec_context.layout.name
            resampler = av.AudioResampler(format="flt", layout=layout, rate=rate)
            origin: int | None = None
            for packet in container.demux(stream):
                if origin is not None and packet.size:
                    if packet.pts is None or not packet.duration:
                        return None
                    begins = packet.pts * base // ticks - origin
                    ends = begins + packet.duration * base // ticks
                    if ends < first - LEAD_S * rate:
                        continue
                    if begins >= last:
                        break
                for frame in packet.decode():
                    if frame.pts is None:
                        return None
                    place = frame.pts * base // ticks
                    origin = place if origin is None else origin
                    at, sound = place - origin, _packed(resampler, frame, facts.channels)
                    low, high = max(first - at, 0), max(last - at, 0)
                    if len(sound[low:high]):
                        pieces.append(sound[low:high])
    except (av.error.FFmpegError, ValueError):
        return None
    if not pieces:
        return np.zeros((0, facts.channels), dtype=np.float32)
    return np.concatenate(pieces)


def _packed(resampler: Any, frame: Any, channels: int) -> Float32:
    """A frame as (n, channels): the format alone is changed, so every frame comes out at once."""
    frame.pts = None
    return np.concatenate([interleaved(f, channels) for f in resampler.resample(frame)])
