"""What a recording is before its sound is read: tracks, pieces, lengths, and what is missing of it.

The bytes of the container are asked, not a decoder: libsndfile quietly plays what there is of a
file that was cut short, reads the first of two recordings in one file, and guesses the length of an
MP3. What was read is later held against what stands here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qc_pipeline.audio.amr_frames import FRAME_S, amr_frames
from qc_pipeline.audio.byte_sources import ByteSource
from qc_pipeline.audio.containers import kind_of
from qc_pipeline.audio.decoders import AudioFacts, Found, soundfile_facts, track_facts
from qc_pipeline.audio.missing_sound import Missing, bounded_s
from qc_pipeline.audio.mp3_frames import look_at_mp3
from qc_pipeline.audio.mp4_boxes import look_at_mp4
from qc_pipeline.audio.ogg_pages import OggFile, OggLink, look_at_ogg
from qc_pipeline.audio.wav_bytes import look_at_wav
from qc_pipeline.errors import RecordingError
from qc_pipeline.message import Message
from qc_pipeline.scoring.evidence.timing import clock

RATES_HZ = (4_000, 192_000)
MOST_CHANNELS = 16

_INDEXED = {"mov", "matroska", "webm", "asf", "caf", "avi"}
"""Containers whose index gives the length; others have it estimated from size and bit rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePiece:
    """Sound that one decoder reads in one go. `stream`: which of the source's audio streams."""

    source: ByteSource
    facts: AudioFacts
    stream: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Pieces one after the other. `starts_s`: how long the recording runs before the first."""

    pieces: tuple[FilePiece, ...]
    starts_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A recording's tracks, which sound at the same time, and what its bytes say of the rest.

    `facts`: channels of all tracks together, the highest rate, and the length where it is known.
    `named_s`: how long the file says that its sound is, None where it does not, or only guesses.
    `cut`: why its end may be missing. `missing`: what is known to be missing inside. `mixed`:
    whether parts of one piece have other channels than the rest.
    """

    kind: str | None
    facts: AudioFacts
    tracks: tuple[Track, ...]
    named_s: float | None = None
    cut: Message | None = None
    missing: tuple[Missing, ...] = ()
    notes: tuple[Message, ...] = ()
    mixed: bool = False

    @property
    def simple(self) -> bool:
        """Whether it is one file that one decoder reads from its begin to its end."""
        return (
            len(self.tracks) == 1
            and len(self.tracks[0].pieces) == 1
            and self.tracks[0].pieces[0].source.plain
            and not (self.mixed or self.missing)
        )


def survey(path: Path) -> Survey:
    """What a recording is. Raises RecordingError (stage "find" or "audio")."""
    kind = _kind(path)
    try:
        found = _by_kind(path, kind) or _by_decoder(path, kind)
    except OSError as error:
        raise RecordingError("find", unreadable(error)) from error
    if found is None:
        raise RecordingError("audio", _not_audio(path, kind))
    _check(found.facts)
    for track in found.tracks:
        for piece in track.pieces:
            _check(piece.facts)
    return found


READER_VERSION = "2"
"""Names how unusual recordings are read; part of the identity of their transcripts alone. Raise it
when that changes, and those are heard again."""


def reader_of(path: Path) -> str:
    """What names the way a recording is read: "" for one that is read as it always was.

    Raises RecordingError as `survey`.
    """
    plan = survey(path)
    usual = plan.simple and plan.facts.channels <= 2
    return "" if usual else READER_VERSION


def unreadable(error: OSError) -> Message:
    return Message.of("audio.unreadable", error=str(error.strerror))


def _kind(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except FileNotFoundError:
        raise RecordingError("find", Message.of("audio.not-there")) from None
    except IsADirectoryError:
        raise RecordingError("find", Message.of("audio.folder")) from None
    except OSError as error:
        raise RecordingError("find", unreadable(error)) from error
    if not head:
        raise RecordingError("audio", Message.of("audio.empty"))
    return kind_of(head)


def _check(facts: AudioFacts) -> None:
    low_hz, high_hz = RATES_HZ
    if not (1 <= facts.channels <= MOST_CHANNELS and low_hz <= facts.sample_rate_hz <= high_hz):
        reason = Message.of(
            "audio.bad-header",
            channels=facts.channels,
            rate_hz=facts.sample_rate_hz,
            most=MOST_CHANNELS,
            low_hz=low_hz,
            high_hz=high_hz,
        )
        raise RecordingError("audio", reason)


def _not_audio(path: Path, kind: str | None) -> Message:
    if path.suffix.lower() in {".al", ".ul", ".alaw", ".ulaw", ".pcm", ".raw", ".g729", ".vox"}:
        return Message.of("audio.headerless", suffix=path.suffix)
    if kind is not None:
        return Message.of("audio.damaged")
    with path.open("rb") as file:
        head = file.read(8)
    return Message.of("audio.not-audio", head=repr(head))


def _by_kind(path: Path, kind: str | None) -> Survey | None:
    match kind:
        case "wav":
            return _wav(path)
        case "ogg":
            return _ogg(path)
        case "mp3":
            return _mp3(path)
        case "m4a":
            return _mp4(path)
        case "amr":
            return _amr(path)
        case _:
            return None


def _wav(path: Path) -> Survey | None:
    look = look_at_wav(path)
    if look is None:
        raise RecordingError("audio", Message.of("audio.cut-wav"))
    source = ByteSource(path=path, patches=look.patches)
    found = soundfile_facts(source)
    facts = found or next((f.facts for f in track_facts(source)), None)
    if facts is None:
        return None
    there_s, named_s = look.seconds(look.there), None
    notes: tuple[Message, ...] = ()
    cut: Message | None = None
    if look.named is not None and look.named - look.there > 1:
        cut = Message.of("audio.cut-bytes", there=look.there, size=look.named)
        named_s = look.seconds(look.named)
    elif look.named is not None and look.named < look.there and there_s is not None:
        named = look.seconds(look.named) or 0.0
        notes = (Message.of("audio.header-less", named_s=named, there_s=there_s),)
    if found is None and there_s is not None:
        facts = replace(facts, duration_s=there_s)
    return Survey(
        kind="wav",
        facts=facts,
        tracks=(Track(pieces=(FilePiece(source=source, facts=facts),)),),
        named_s=None if named_s is None else bounded_s(named_s),
        cut=cut,
        notes=notes,
    )


def _ogg(path: Path) -> Survey | None:
    look = look_at_ogg(path)
    groups = [[link for link in group if link.codec] for group in look.groups]
    groups = [group for group in groups if group]
    if not groups:
        return None
    count = max(len(group) for group in groups)
    alone = count == 1 and len(groups) == 1 and len(look.groups) == 1
    pieces: list[list[FilePiece]] = [[] for _ in range(count)]
    for group in groups:
        for track, link in zip(pieces, group, strict=False):
            source = ByteSource(path=path, spans=() if alone else link.spans)
            facts = soundfile_facts(source) or next((f.facts for f in track_facts(source)), None)
            if facts is not None:
                length_s = facts.duration_s if alone else link.length_s or 0.0
                known = bounded_s(length_s) or link.length_s or 0.0
                track.append(FilePiece(source=source, facts=replace(facts, duration_s=known)))
    tracks = tuple(Track(pieces=tuple(track)) for track in pieces if track)
    if not tracks:
        return None
    notes = []
    if len(groups) > 1:
        notes.append(Message.of("audio.links", n=len(groups)))
    if len(tracks) > 1:
        notes.append(Message.of("audio.tracks", n=len(tracks)))
    facts = _together(tracks)
    lengths = [max((link.length_s or 0.0 for link in group), default=0.0) for group in groups]
    return Survey(
        kind="ogg",
        facts=facts,
        tracks=tracks,
        named_s=sum(lengths) if all(lengths) and not alone else bounded_s(facts.duration_s),
        cut=_ogg_cut(look, groups[-1]),
        missing=tuple(_ogg_gaps(groups, lengths)),
        notes=tuple(notes),
    )


def _ogg_cut(look: OggFile, last: Sequence[OggLink]) -> Message | None:
    if not look.whole:
        return Message.of("audio.cut-ogg")
    return None if all(link.ended for link in last) else Message.of("audio.no-end-mark")


def _ogg_gaps(groups: Sequence[Sequence[OggLink]], lengths: Sequence[float]) -> Iterable[Missing]:
    before_s = 0.0
    for group, length_s in zip(groups, lengths, strict=True):
        for link in group:
            for at_s, lost_s in link.gaps:
                yield damaged(before_s + at_s, lost_s)
        before_s += length_s


def damaged(at_s: float, lost_s: float | None) -> Missing:
    """A stretch inside a recording that could not be read; None: nobody knows how long it was."""
    return Missing(
        start_s=at_s,
        end_s=None if lost_s is None else at_s + lost_s,
        reason=Message.of("audio.lost-inside", at=clock(at_s)),
    )


def _mp3(path: Path) -> Survey | None:
    look = look_at_mp3(path)
    if look is None:
        return None
    facts = AudioFacts(
        duration_s=look.length_s,
        channels=look.channels,
        sample_rate_hz=look.rate_hz,
        codec="MP3/MPEG_LAYER_III",
    )
    lost = (damaged(at_s, None) for at_s, size in look.damaged if size >= _LEAST_DAMAGE)
    return Survey(
        kind="mp3",
        facts=facts,
        tracks=(Track(pieces=(FilePiece(source=ByteSource(path=path), facts=facts),)),),
        named_s=None if look.named_s is None else bounded_s(look.named_s),
        cut=None if look.whole else Message.of("audio.cut-frame"),
        missing=tuple(lost),
        notes=(Message.of("audio.mixed-layout"),) if look.mixed else (),
        mixed=look.mixed,
    )


_LEAST_DAMAGE = 1_441
"""Bytes between two frames from which sound is lost: more than any frame of layer III has."""


def _mp4(path: Path) -> Survey | None:
    look = look_at_mp4(path)
    if not look.indexed:
        raise RecordingError("audio", Message.of("audio.no-index"))
    found = _by_decoder(path, "m4a")
    if found is None or look.whole:
        return found
    cut = Message.of("audio.cut-bytes", there=look.there, size=look.named)
    return replace(found, cut=cut)


def _amr(path: Path) -> Survey | None:
    found = _by_decoder(path, "amr")
    if found is None:
        return None
    # Headers of AMR files say nothing; FFmpeg's estimate is off by several percent.
    frames, whole = amr_frames(path)
    piece = found.tracks[0].pieces[0]
    facts = replace(piece.facts, duration_s=frames * FRAME_S)
    return Survey(
        kind="amr",
        facts=facts,
        tracks=(Track(pieces=(replace(piece, facts=facts),)),),
        named_s=bounded_s(facts.duration_s) if whole else None,
        cut=None if whole else Message.of("audio.cut-amr"),
    )


def _by_decoder(path: Path, kind: str | None) -> Survey | None:
    """What libsndfile or FFmpeg says of a file; None where neither knows it."""
    source = ByteSource(path=path)
    facts = None if kind in ("amr", "m4a", "mp3") else soundfile_facts(source)
    if facts is not None:
        return Survey(
            kind=kind,
            facts=replace(facts, duration_s=bounded_s(facts.duration_s) or 0.0),
            tracks=(Track(pieces=(FilePiece(source=source, facts=facts),)),),
            named_s=bounded_s(facts.duration_s),
        )
    return by_ffmpeg(path, kind)


def by_ffmpeg(path: Path, kind: str | None) -> Survey | None:
    """What FFmpeg says of a file; None where it finds no sound in it."""
    source = ByteSource(path=path)
    streams = track_facts(source)
    if not streams:
        return None
    first_s = min(s.starts_s for s in streams)
    longest_s = max(s.facts.duration_s for s in streams)
    tracks = tuple(
        Track(
            pieces=(FilePiece(source=source, facts=s.facts, stream=s.stream),),
            # One that begins after everything has ended is a broken time stamp.
            starts_s=s.starts_s - first_s if s.starts_s - first_s <= longest_s else 0.0,
        )
        for s in streams
        if s.known
    )
    if not tracks:
        return None
    facts = _together(tracks)
    named_s = bounded_s(facts.duration_s) if _indexed(streams) else None
    return Survey(
        kind=kind,
        facts=replace(facts, duration_s=bounded_s(facts.duration_s) or 0.0),
        tracks=tracks,
        named_s=named_s,
        missing=tuple(
            Missing(start_s=0.0, end_s=named_s, reason=Message.of("audio.track-unread"))
            for s in streams
            if not s.known
        ),
        notes=(Message.of("audio.tracks", n=len(tracks)),) if len(tracks) > 1 else (),
    )


def _indexed(streams: Sequence[Found]) -> bool:
    return any(s.facts.codec.split("/")[0].split(",")[0] in _INDEXED for s in streams)


def _together(tracks: Sequence[Track]) -> AudioFacts:
    """The facts of tracks that sound at the same time, as one recording's."""
    whole = [
        AudioFacts(
            duration_s=track.starts_s + sum(p.facts.duration_s for p in track.pieces),
            channels=max(p.facts.channels for p in track.pieces),
            sample_rate_hz=max(p.facts.sample_rate_hz for p in track.pieces),
            codec=track.pieces[0].facts.codec,
        )
        for track in tracks
    ]
    return AudioFacts(
        duration_s=max(f.duration_s for f in whole),
        channels=sum(f.channels for f in whole),
        sample_rate_hz=max(f.sample_rate_hz for f in whole),
        codec=whole[0].codec,
    )
