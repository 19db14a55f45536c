"""Recordings → samples, read in pieces, whatever the telephone system wrote.

What a file is says `survey`; the two decoders stand in `decoders`. What was read is held against
what bytes, links, tracks and headers name: what nobody could read is `missing`, never silently
left out. Recordings are only ever read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.decoders import (
    AudioFacts,
    Trouble,
    as_wide,
    av_blocks,
    read_by_soundfile,
    soundfile_blocks,
)
from qc_pipeline.audio.missing_sound import (
    LONGEST_S,
    Missing,
    against_list,
    is_less,
    too_little,
)
from qc_pipeline.audio.recorder_pauses import find_pauses, without_offset
from qc_pipeline.audio.resample import BlockResampler, Float32, Ratio, resampled_part
from qc_pipeline.audio.survey import (
    FilePiece,
    Survey,
    Track,
    by_ffmpeg,
    damaged,
    survey,
    unreadable,
)
from qc_pipeline.call import Span
from qc_pipeline.errors import RecordingError
from qc_pipeline.message import Message
from qc_pipeline.scoring.evidence.timing import clock

RECOGNISER_HZ = 16_000
"""Sample rate of the voice detector and the recogniser; faster sound is brought down to it."""

_GROW_S = 600
_FIRST_S = 2 * 3600  # a header's word is believed so far before any sound is read
_CLIPPED = 32_700  # within 0.02 dB of full scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A recording in memory.

    `samples` has shape (channels, n), int16 (full scale = 32768), at `sample_rate_hz`, the
    recording's own rate or 16 kHz where that was higher; the channels of several tracks follow one
    another. `clipped_share` is each channel's share of samples at full scale before our own
    rounding. `missing`: what of the recording is not in `samples`, in time; `notes`: what is
    unusual about the file, the reasons of `missing` among it. `pauses`: where the recorder wrote
    nothing on any channel (`recorder_pauses`).
    """

    facts: AudioFacts
    audio_sha256: str
    sample_rate_hz: int
    samples: npt.NDArray[np.int16]
    clipped_share: tuple[float, ...]
    missing: tuple[Missing, ...] = ()
    notes: tuple[Message, ...] = ()
    pauses: tuple[Span, ...] = ()

    @property
    def duration_s(self) -> float:
        return int(self.samples.shape[1]) / self.sample_rate_hz

    @property
    def talk_s(self) -> float:
        """Its length without what the recorder wrote of nothing at its end."""
        if self.pauses and self.pauses[-1][1] >= self.duration_s:
            return self.pauses[-1][0]
        return self.duration_s

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
        raise RecordingError("find", unreadable(error)) from error


def probe(path: Path) -> AudioFacts:
    """A recording's facts without its sound. Raises RecordingError (stage "find" or "audio")."""
    return survey(path).facts


def decode(path: Path) -> Decoded:
    """The whole recording, in int16 at 16 kHz or less.

    Raises RecordingError: stage "find" when the file is not there or not readable, "audio" when it
    is empty, not audio, or none of its sound can be read. What only a part of it lacks is
    `missing`.
    """
    plan = survey(path)
    digest = file_sha256(path)
    sound = _read(plan)
    if _gave_up(plan, sound):
        other = by_ffmpeg(path, plan.kind) if _by_soundfile(plan) else None
        again = None if other is None else _read(replace(other, facts=_least(other, plan)))
        if again is not None and again.length > sound.length:
            sound = again
    if sound.length == 0:
        broken = sound.stopped or sound.lost or plan.cut is not None or plan.named_s is not None
        raise RecordingError("audio", Message.of("audio.damaged" if broken else "audio.no-sound"))
    pauses = find_pauses(sound.samples, sound.rate_hz)
    missing = (*_missing(plan, sound), *_paused(pauses, sound.duration_s))
    blank = [Message.of("audio.blank-end", at=clock(a)) for a, b in pauses if b >= sound.duration_s]
    return Decoded(
        facts=plan.facts,
        audio_sha256=digest,
        sample_rate_hz=sound.rate_hz,
        samples=without_offset(sound.samples, sound.rate_hz, pauses),
        clipped_share=sound.clipped_share,
        missing=missing,
        notes=(*plan.notes, *dict.fromkeys(m.reason for m in missing), *blank),
        pauses=pauses,
    )


def against_the_list(decoded: Decoded, listed_s: float | None) -> Decoded:
    """The same, its length held against the call list's; see `missing_sound.against_list`.

    Raises RecordingError (stage "audio") where a third of the recording or more is damaged or cut
    off.
    """
    found = against_list(
        decoded.missing,
        read_s=decoded.duration_s,
        talk_s=decoded.talk_s,
        listed_s=listed_s,
    )
    broken = too_little(found.missing, decoded.duration_s)
    if broken is not None:
        raise RecordingError("audio", broken)
    gone = {m.reason for m in decoded.missing} - {m.reason for m in found.missing}
    notes = tuple(n for n in decoded.notes if n not in gone)
    return replace(decoded, missing=found.missing, notes=(*notes, *found.notes))


def _least(other: Survey, plan: Survey) -> AudioFacts:
    """The second decoder's facts with the length that the first plan knows."""
    return replace(other.facts, duration_s=max(other.facts.duration_s, plan.facts.duration_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sound:
    """What was read: all channels side by side, and what went wrong (seconds)."""

    samples: npt.NDArray[np.int16]
    rate_hz: int
    clipped_share: tuple[float, ...]
    lost: tuple[tuple[float, float], ...]
    stopped: bool

    @property
    def length(self) -> int:
        return int(self.samples.shape[1])

    @property
    def duration_s(self) -> float:
        return self.length / self.rate_hz


def _by_soundfile(plan: Survey) -> bool:
    return any(read_by_soundfile(p.facts) for t in plan.tracks for p in t.pieces)


def _gave_up(plan: Survey, sound: _Sound) -> bool:
    """Whether a decoder stopped early, though the bytes are there."""
    if sound.stopped or sound.length == 0:
        return True
    return plan.cut is None and plan.named_s is not None and is_less(sound.duration_s, plan.named_s)


def _missing(plan: Survey, sound: _Sound) -> Iterator[Missing]:
    read_s = sound.duration_s
    yield from plan.missing
    for at_s, lost_s in sound.lost:
        yield damaged(at_s, lost_s)
    if plan.named_s is not None and is_less(read_s, plan.named_s):
        told = Message.of("audio.cut-short", read_s=read_s, whole_s=plan.named_s)
        yield Missing(start_s=read_s, end_s=plan.named_s, reason=plan.cut or told)
    elif plan.cut is not None:
        yield Missing(start_s=read_s, end_s=None, reason=plan.cut)
    elif sound.stopped:
        told = Message.of("audio.damaged-on", read_s=read_s)
        yield Missing(start_s=read_s, end_s=None, reason=told)


def _paused(pauses: Sequence[Span], read_s: float) -> Iterator[Missing]:
    """What was said while the recorder was paused nobody knows; behind the call nothing was."""
    for start_s, end_s in pauses:
        if end_s < read_s:
            told = Message.of("audio.paused", at=clock(start_s), until=clock(end_s))
            yield Missing(start_s=start_s, end_s=end_s, reason=told)


def _read(plan: Survey) -> _Sound:
    """All tracks of a recording, side by side."""
    rate_hz = min(plan.facts.sample_rate_hz, RECOGNISER_HZ)
    stores: list[_SampleStore] = []
    lost: list[tuple[float, float]] = []
    stopped = False
    for track in plan.tracks:
        channels = max(p.facts.channels for p in track.pieces)
        store = _SampleStore(channels, rate_hz, plan.facts.duration_s)
        found, broke = _read_track(track, store, rate_hz)
        stores.append(store)
        lost += found
        stopped = stopped or broke
    length = max(store.length for store in stores)
    return _Sound(
        samples=_side_by_side(stores, length),
        rate_hz=rate_hz,
        clipped_share=tuple(c / max(s.length, 1) for s in stores for c in s.clipped),
        lost=tuple(sorted(lost)),
        stopped=stopped,
    )


def _side_by_side(stores: list[_SampleStore], length: int) -> npt.NDArray[np.int16]:
    """The channels of all stores; the shorter ones end in silence."""
    if len(stores) == 1:
        return stores[0].samples()
    joined = np.zeros((sum(len(s.clipped) for s in stores), length), dtype=np.int16)
    row = 0
    for store in stores:
        samples = store.samples()
        joined[row : row + len(samples), : samples.shape[1]] = samples
        row += len(samples)
    return joined


def _read_track(
    track: Track, store: _SampleStore, rate_hz: int
) -> tuple[list[tuple[float, float]], bool]:
    """Put a track's pieces into a store; where sound was lost in it, and whether one broke off."""
    lost: list[tuple[float, float]] = []
    stopped = False
    store.silence(round(min(track.starts_s, LONGEST_S) * rate_hz))
    for piece in track.pieces:
        begins_s = store.length / rate_hz
        trouble = Trouble()
        _read_piece(piece, store, rate_hz, trouble)
        own_hz = piece.facts.sample_rate_hz
        lost += [(begins_s + at / own_hz, n / own_hz) for at, n in trouble.lost]
        stopped = stopped or trouble.stopped
    return lost, stopped


def _read_piece(piece: FilePiece, store: _SampleStore, rate_hz: int, trouble: Trouble) -> None:
    facts = piece.facts
    resampler = BlockResampler(facts.sample_rate_hz, rate_hz, facts.channels)
    if read_by_soundfile(facts):
        blocks = soundfile_blocks(piece.source, trouble)
    else:
        blocks = av_blocks(piece.source, facts, piece.stream, trouble)
    read = 0
    for block in blocks:
        read += len(block)
        store.add(resampler.push(as_wide(block, facts.channels)))
        if read > LONGEST_S * facts.sample_rate_hz:
            trouble.stopped = True
            break
    if read:
        rest = np.zeros((0, facts.channels), dtype=np.float32)
        store.add(resampler.push(rest, last=True))


class _SampleStore:
    """Channels that grow while they are read, without a second copy at the end."""

    def __init__(self, channels: int, rate_hz: int, expected_s: float) -> None:
        self._step = _GROW_S * rate_hz
        capacity = int(min(max(expected_s, 0.0), _FIRST_S) * rate_hz) + rate_hz
        self._columns = [np.zeros(capacity, dtype=np.int16) for _ in range(channels)]
        self.length = 0
        self.clipped = [0] * channels

    def silence(self, length: int) -> None:
        """Append so many samples of silence."""
        while length > 0:
            some = min(length, self._step)
            self.add(np.zeros((some, 1), dtype=np.float32))
            length -= some

    def add(self, block: Float32) -> None:
        """Append `block` of shape (n, channels), in ±1; one channel stands in all."""
        block = as_wide(block, len(self._columns))
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
