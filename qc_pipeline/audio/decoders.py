"""The two decoders: soundfile (libsndfile), and PyAV (FFmpeg) for the rest and where it gives up.

libsndfile reads WAV with PCM, A-law, µ-law and GSM, FLAC and Ogg/Opus; FFmpeg MP3, AMR, MP4 and
what else a telephone system may write. Neither's words are shown to anybody: what went wrong comes
as a time and a length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qc_pipeline.audio.byte_sources import ByteSource
from qc_pipeline.audio.resample import Float32

BLOCK_S = 30
_MOST_LOST = 200
"""Broken packets of a piece whose places are told; where more are broken, they are left out."""
_LONGEST_PACKET_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFacts:
    """What a recording's header says; `duration_s` is 0 where nobody knows it."""

    duration_s: float
    channels: int
    sample_rate_hz: int
    codec: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An audio stream as FFmpeg names it. `known`: whether it has a decoder for it."""

    stream: int
    facts: AudioFacts
    starts_s: float
    known: bool


@dataclass(slots=True, kw_only=True)
class Trouble:
    """What went wrong while sound was read, in samples of the piece's own rate.

    `lost`: where so many samples stand as silence in what was given out. `stopped`: the decoder
    gave up before the end.
    """

    lost: list[tuple[int, int]] = field(default_factory=list)
    stopped: bool = False


def soundfile_facts(source: ByteSource) -> AudioFacts | None:
    """What libsndfile says of a source; None where it does not know it."""
    import soundfile

    try:
        with soundfile.SoundFile(source.open()) as file:
            return AudioFacts(
                duration_s=file.frames / file.samplerate,
                channels=file.channels,
                sample_rate_hz=file.samplerate,
                codec=f"{file.format}/{file.subtype}",
            )
    except (soundfile.LibsndfileError, RuntimeError, ZeroDivisionError):
        return None


def track_facts(source: ByteSource) -> tuple[Found, ...]:
    """The audio streams that FFmpeg finds in a source."""
    import av

    try:
        with av.open(source.open(), "r") as container:
            found = []
            for number, stream in enumerate(container.streams.audio):
                codec: Any = stream.codec_context
                duration_s = 0.0
                if stream.duration is not None and stream.time_base is not None:
                    duration_s = float(stream.duration * stream.time_base)
                elif container.duration is not None:
                    duration_s = container.duration / av.time_base
                starts_s = 0.0
                if stream.start_time is not None and stream.time_base is not None:
                    starts_s = float(stream.start_time * stream.time_base)
                name = "" if codec is None else codec.name
                found.append(
                    Found(
                        stream=number,
                        facts=AudioFacts(
                            duration_s=duration_s,
                            channels=0 if codec is None else codec.channels,
                            sample_rate_hz=0 if codec is None else codec.sample_rate,
                            codec=f"{container.format.name}/{name}",
                        ),
                        starts_s=starts_s,
                        known=codec is not None and codec.sample_rate > 0,
                    )
                )
            return tuple(found)
    except (av.error.FFmpegError, ValueError, OverflowError):
        return ()


def read_by_soundfile(facts: AudioFacts) -> bool:
    """Whether libsndfile reads the sound. It reads MP3 to the same samples as FFmpeg, but its
    decoder writes about the end of every block to the terminal.
    """
    family = facts.codec.split("/")[0]
    return family.isupper() and family != "MP3"


def soundfile_blocks(source: ByteSource, trouble: Trouble) -> Iterator[Float32]:
    """Blocks of shape (n, channels) in ±1 at the source's own rate."""
    import soundfile

    try:
        with soundfile.SoundFile(source.open()) as file:
            while True:
                block = file.read(BLOCK_S * file.samplerate, dtype="float32", always_2d=True)
                if len(block) == 0:
                    return
                yield block
    except (soundfile.LibsndfileError, RuntimeError):
        trouble.stopped = True


def av_blocks(
    source: ByteSource, facts: AudioFacts, stream: int, trouble: Trouble
) -> Iterator[Float32]:
    """As `soundfile_blocks`, of one audio stream, always with `facts.channels` channels.

    A packet that cannot be decoded is silence of its length, and told in `trouble`; where nothing
    comes after it, the sound ends before it.
    """
    import av

    gathered: list[Float32] = []
    held = given = waiting = 0
    try:
        with av.open(source.open()) as container:
            audio = container.streams.audio[stream]
            layouts = _Packed(audio.codec_context.layout.name, facts)
            for frame, lost_s in _av_frames(container, audio):
                if lost_s is not None:
                    waiting += round(lost_s * facts.sample_rate_hz)
                    continue
                part = layouts.packed(frame)
                if waiting and len(trouble.lost) < _MOST_LOST:
                    trouble.lost.append((given + held, waiting))
                    part = np.concatenate([_silence(waiting, facts), part])
                waiting = 0
                gathered.append(part)
                held += len(part)
                if held >= BLOCK_S * facts.sample_rate_hz:
                    yield np.concatenate(gathered)
                    given += held
                    gathered, held = [], 0
            gathered.append(layouts.rest())
    except (av.error.FFmpegError, ValueError, IndexError, OverflowError):
        trouble.stopped = True
    trouble.stopped = trouble.stopped or waiting > 0
    gathered = [part for part in gathered if len(part)]
    if gathered:
        yield np.concatenate(gathered)


def _av_frames(container: Any, stream: Any) -> Iterator[tuple[Any, float | None]]:
    """Decoded frames, or how many seconds a packet would have had that could not be decoded.

    AMR by opencore, since FFmpeg's own decoder refuses frames of silence.
    """
    import av

    opencore = {"amrnb": "libopencore_amrnb", "amrwb": "libopencore_amrwb"}
    name = opencore.get(stream.codec_context.name)
    own = name is not None and name in av.codecs_available
    decoder = stream.codec_context
    if name is not None and own:
        decoder = av.CodecContext.create(name, "r")
    for packet in container.demux(stream):
        if own and not packet.size:
            continue
        try:
            frames = decoder.decode(packet)
        except av.error.EOFError:
            return
        except (av.error.FFmpegError, ValueError):
            length_s = float(packet.duration * packet.time_base) if packet.duration else 0.0
            yield None, length_s if 0 < length_s <= _LONGEST_PACKET_S else 0.0
            continue
        for frame in frames:
            yield frame, None


def _silence(length: int, facts: AudioFacts) -> Float32:
    return np.zeros((length, facts.channels), dtype=np.float32)


class _Packed:
    """Frames as (n, channels) in ±1, whatever layout each of them has."""

    def __init__(self, layout: str, facts: AudioFacts) -> None:
        self._facts = facts
        self._setup: tuple[str, str, int] | None = None
        self._resampler: Any = None
        self._layout = layout

    def packed(self, frame: Any) -> Float32:
        import av

        setup = (frame.format.name, frame.layout.name, frame.sample_rate)
        before = _silence(0, self._facts)
        if setup != self._setup:
            before = self.rest()
            self._setup, self._layout = setup, frame.layout.name
            self._resampler = av.AudioResampler(
                format="flt", layout=self._layout, rate=self._facts.sample_rate_hz
            )
        frame.pts = None
        return np.concatenate([before, *(self._wide(f) for f in self._resampler.resample(frame))])

    def rest(self) -> Float32:
        """What the resampler still holds."""
        nothing = _silence(0, self._facts)
        if self._resampler is None:
            return nothing
        return np.concatenate([nothing, *(self._wide(f) for f in self._resampler.resample(None))])

    def _wide(self, frame: Any) -> Float32:
        return as_wide(interleaved(frame, frame.layout.nb_channels), self._facts.channels)


def interleaved(frame: Any, channels: int) -> Float32:
    """A PyAV frame of packed floats as (n, channels)."""
    return np.asarray(frame.to_ndarray(), dtype=np.float32).reshape(-1, channels)


def as_wide(block: Float32, channels: int) -> Float32:
    """A block with so many channels: one channel stands in all of them, of others the first do."""
    have = block.shape[1]
    if have == channels:
        return block
    if have == 1:
        return np.repeat(block, channels, axis=1)
    if have > channels:
        return block[:, :channels]
    return np.pad(block, ((0, 0), (0, channels - have)))
