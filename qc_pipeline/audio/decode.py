"""Recordings → samples, read in pieces, whatever the telephone system wrote.

soundfile (libsndfile) reads WAV with PCM, A-law, µ-law and GSM, FLAC and Ogg/Opus; PyAV reads the
rest (MP3, AMR, M4A). Recordings are only ever read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.containers import amr_frames, kind_of, missing_end
from qc_pipeline.audio.resample import BlockResampler, Float32, Ratio, resampled_part
from qc_pipeline.errors import RecordingError
from qc_pipeline.message import Message

RECOGNISER_HZ = 16_000
"""Sample rate of the voice detector and the recogniser; faster sound is brought down to it."""

_BLOCK_S = 30
_GROW_S = 600
_FIRST_S = 2 * 3600  # a header's word is believed so far before any sound is read
_RATES_HZ = (4_000, 192_000)
_MOST_CHANNELS = 16
_CLIPPED = 32_700  # within 0.02 dB of full scale
# Decoders of compressed sound pad or trim a little; more than this is a lost end.
_LENGTH_SLACK_S = 0.5
_LENGTH_SLACK_SHARE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFacts:
    """What a recording's header says."""

    duration_s: float
    channels: int
    sample_rate_hz: int
    codec: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A recording in memory.

    `samples` has shape (channels, n), int16 (full scale = 32768), at `sample_rate_hz`, the
    recording's own rate or 16 kHz where that was higher. `clipped_share` is each channel's share
    of samples at full scale before our own rounding.
    """

    facts: AudioFacts
    audio_sha256: str
    sample_rate_hz: int
    samples: npt.NDArray[np.int16]
    clipped_share: tuple[float, ...]

    @property
    def duration_s(self) -> float:
        return int(self.samples.shape[1]) / self.sample_rate_hz

    @property
    def length_16k(self) -> int:
        """Number of samples of a channel at 16 kHz."""
        ratio = Ratio(self.sample_rate_hz, RECOGNISER_HZ)
        return -(-int(self.samples.shape[1]) * ratio.up // ratio.down)

    def at_16k(self, channel: int, start: int, stop: int) -> Float32:
        """Samples [start, stop) of a channel at 16 kHz; shape (stop - start,), in ±1."""
        ratio = Ratio(self.sample_rate_hz, RECOGNISER_HZ)
        return resampled_part(self.samples[channel], ratio, start, stop)


def file_sha256(path: Path) -> str:
    """sha256 (hex) of the file's bytes. Raises RecordingError (stage "find")."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise RecordingError("find", Message.of("audio.not-there")) from None
    except OSError as error:
        raise RecordingError("find", _unreadable(error)) from error


def probe(path: Path) -> AudioFacts:
    """A recording's header. Raises RecordingError (stage "find" or "audio")."""
    kind = _kind(path)
    facts = _soundfile_facts(path, kind) or _av_facts(path)
    if facts is None:
        raise RecordingError("audio", _not_audio(path))
    low_hz, high_hz = _RATES_HZ
    if not (1 <= facts.channels <= _MOST_CHANNELS and low_hz <= facts.sample_rate_hz <= high_hz):
        reason = Message.of(
            "audio.bad-header",
            channels=facts.channels,
            rate_hz=facts.sample_rate_hz,
            most=_MOST_CHANNELS,
            low_hz=low_hz,
            high_hz=high_hz,
        )
        raise RecordingError("audio", reason)
    if kind == "amr":
        # Headers of AMR files say nothing; PyAV's estimate is off by several percent.
        frames, _ = amr_frames(path)
        facts = AudioFacts(
            duration_s=frames * 0.02,
            channels=facts.channels,
            sample_rate_hz=facts.sample_rate_hz,
            codec=facts.codec,
        )
    return facts


def decode(path: Path) -> Decoded:
    """The whole recording, in int16 at 16 kHz or less.

    Raises RecordingError: stage "find" when the file is not there or not readable, "audio" when it
    is empty, not audio, cut short, or breaks off while it is read.
    """
    facts = probe(path)
    lost = missing_end(path, _kind(path))
    if lost is not None:
        raise RecordingError("audio", lost)
    digest = file_sha256(path)
    rate_hz = min(facts.sample_rate_hz, RECOGNISER_HZ)
    store = _SampleStore(facts.channels, rate_hz, facts.duration_s)
    resampler = BlockResampler(facts.sample_rate_hz, rate_hz, facts.channels)
    read = 0
    for block in _blocks(path, facts):
        read += len(block)
        store.add(resampler.push(block))
    store.add(resampler.push(np.zeros((0, facts.channels), dtype=np.float32), last=True))
    if read == 0:
        raise RecordingError("audio", Message.of("audio.no-sound"))
    read_s = read / facts.sample_rate_hz
    slack_s = max(_LENGTH_SLACK_S, facts.duration_s * _LENGTH_SLACK_SHARE)
    if read_s < facts.duration_s - slack_s:
        reason = Message.of("audio.cut-short", read_s=read_s, whole_s=facts.duration_s)
        raise RecordingError("audio", reason)
    return Decoded(
        facts=facts,
        audio_sha256=digest,
        sample_rate_hz=rate_hz,
        samples=store.samples(),
        clipped_share=tuple(float(c) / max(store.length, 1) for c in store.clipped),
    )


class _SampleStore:
    """Channels that grow while they are read, without a second copy at the end."""

    def __init__(self, channels: int, rate_hz: int, expected_s: float) -> None:
        self._step = _GROW_S * rate_hz
        capacity = int(min(max(expected_s, 0.0), _FIRST_S) * rate_hz) + rate_hz
        self._columns = [np.zeros(capacity, dtype=np.int16) for _ in range(channels)]
        self.length = 0
        self.clipped = [0] * channels

    def add(self, block: Float32) -> None:
        """Append `block` of shape (n, channels), in ±1."""
        end = self.length + len(block)
        for number, column in enumerate(block.T):
            scaled = np.clip(np.rint(column * 32_768), -32_768, 32_767).astype(np.int16)
            self.clipped[number] += int(np.count_nonzero(np.abs(column) * 32_768 >= _CLIPPED))
            if end > len(self._columns[number]):
                # Grows in place where the system can (mremap), so that the peak stays one copy.
                self._columns[number].resize(end + self._step, refcheck=False)
            self._columns[number][self.length : end] = scaled
        self.length = end

    def samples(self) -> npt.NDArray[np.int16]:
        if len(self._columns) == 1:
            return self._columns[0][: self.length].reshape(1, -1)
        joined = np.empty((len(self._columns), self.length), dtype=np.int16)
        for number, column in enumerate(self._columns):
            end = self.length
            while end:
                # From the end on, each piece given back as soon as it is copied.
                start = max(end - self._step, 0)
                joined[number, start:end] = column[start:end]
                column.resize(start, refcheck=False)
                end = start
        return joined


def _kind(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except FileNotFoundError:
        raise RecordingError("find", Message.of("audio.not-there")) from None
    except IsADirectoryError:
        raise RecordingError("find", Message.of("audio.folder")) from None
    except OSError as error:
        raise RecordingError("find", _unreadable(error)) from error
    if not head:
        raise RecordingError("audio", Message.of("audio.empty"))
    return kind_of(head)


def _unreadable(error: OSError) -> Message:
    return Message.of("audio.unreadable", error=str(error.strerror))


def breaks_off(error: Exception) -> RecordingError:
    """What is raised where the decoder fails in the middle of a recording."""
    return RecordingError("audio", Message.of("audio.breaks-off", error=str(error)))


def _not_audio(path: Path) -> Message:
    if path.suffix.lower() in {".al", ".ul", ".alaw", ".ulaw", ".pcm", ".raw", ".g729", ".vox"}:
        return Message.of("audio.headerless", suffix=path.suffix)
    with path.open("rb") as file:
        head = file.read(8)
    return Message.of("audio.not-audio", head=repr(head))


def _soundfile_facts(path: Path, kind: str | None) -> AudioFacts | None:
    if kind in ("amr", "m4a"):
        return None
    import soundfile

    try:
        info = soundfile.info(str(path))
    except soundfile.LibsndfileError:
        return None
    return AudioFacts(
        duration_s=info.frames / info.samplerate,
        channels=info.channels,
        sample_rate_hz=info.samplerate,
        codec=f"{info.format}/{info.subtype}",
    )


def _av_facts(path: Path) -> AudioFacts | None:
    import av

    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                return None
            stream = container.streams.audio[0]
            if stream.codec_context is None:
                return None  # sound that no decoder here knows
            duration_s = 0.0
            if stream.duration is not None and stream.time_base is not None:
                duration_s = float(stream.duration * stream.time_base)
            elif container.duration is not None:
                duration_s = container.duration / av.time_base
            return AudioFacts(
                duration_s=duration_s,
                channels=stream.codec_context.channels,
                sample_rate_hz=stream.codec_context.sample_rate,
                codec=f"{container.format.name}/{stream.codec_context.name}",
            )
    except (av.error.FFmpegError, ValueError):
        return None


def read_by_soundfile(facts: AudioFacts) -> bool:
    """Whether libsndfile reads the sound. It reads MP3 to the same samples as FFmpeg, but its
    decoder writes about the end of every block to the terminal.
    """
    family = facts.codec.split("/")[0]
    return family.isupper() and family != "MP3"


def _blocks(path: Path, facts: AudioFacts) -> Iterator[Float32]:
    """Blocks of shape (n, channels) in ±1 at the file's own rate."""
    if read_by_soundfile(facts):
        yield from _soundfile_blocks(path)
    else:
        yield from _av_blocks(path, facts)


def _soundfile_blocks(path: Path) -> Iterator[Float32]:
    import soundfile

    try:
        with soundfile.SoundFile(str(path)) as file:
            while True:
                block = file.read(_BLOCK_S * file.samplerate, dtype="float32", always_2d=True)
                if len(block) == 0:
                    return
                yield block
    except soundfile.LibsndfileError as error:
        raise breaks_off(error) from error


def _av_blocks(path: Path, facts: AudioFacts) -> Iterator[Float32]:
    import av

    try:
        with av.open(str(path)) as container:
            stream = container.streams.audio[0]
            layout = stream.codec_context.layout.name
            resampler = av.AudioResampler(format="flt", layout=layout, rate=facts.sample_rate_hz)
            gathered: list[Float32] = []
            held = 0
            for frame in _av_frames(container, stream):
                frame.pts = None
                for converted in resampler.resample(frame):
                    gathered.append(interleaved(converted, facts.channels))
                    held += len(gathered[-1])
                if held >= _BLOCK_S * facts.sample_rate_hz:
                    yield np.concatenate(gathered)
                    gathered, held = [], 0
            for converted in resampler.resample(None):
                gathered.append(interleaved(converted, facts.channels))
            if gathered:
                yield np.concatenate(gathered)
    except (av.error.FFmpegError, ValueError) as error:
        raise breaks_off(error) from error


def _av_frames(container: Any, stream: Any) -> Iterator[Any]:
    """Decoded frames; AMR by opencore, since FFmpeg's own decoder refuses frames of silence."""
    import av

    opencore = {"amrnb": "libopencore_amrnb", "amrwb": "libopencore_amrwb"}
    name = opencore.get(stream.codec_context.name)
    if name is None or name not in av.codecs_available:
        yield from container.decode(stream)
        return
    decoder: Any = av.CodecContext.create(name, "r")
    for packet in container.demux(stream):
        if packet.size:
            yield from decoder.decode(packet)


def interleaved(frame: Any, channels: int) -> Float32:
    """A PyAV frame of packed floats as (n, channels)."""
    return np.asarray(frame.to_ndarray(), dtype=np.float32).reshape(-1, channels)
