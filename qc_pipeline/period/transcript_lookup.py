"""Which stored transcription belongs to a recording as it lies there now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qc_pipeline.asr.load import identify
from qc_pipeline.asr.models import SAMPLE_MODEL
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.audio.survey import READER_VERSION
from qc_pipeline.audio.tones_and_music import SIGNALS_VERSION
from qc_pipeline.call import (
    AsrIdentity,
    KnownHashes,
    Recording,
    Transcript,
    content_sha256,
    measures_from_json,
    transcript_from_json,
)
from qc_pipeline.scoring.evidence.coverage import unheard_stretches
from qc_pipeline.scoring.evidence.timing import subtract, union
from qc_pipeline.store.corrections import correction_rows, last_correction
from qc_pipeline.store.measurements import last_measures
from qc_pipeline.store.transaction import Reads
from qc_pipeline.store.transcriptions import (
    Transcription,
    TranscriptionRow,
    kept_bodies,
    transcription_rows,
)
from qc_pipeline.workspace.listening import listening_options
from qc_pipeline.workspace.open_workspace import Workspace

IMPORTED = content_sha256({"backend": "imported"})
"""The way of hearing of transcripts that people brought in: they come before our own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecogniserIdentity:
    """The way each recording would be listened to now, by hash: its identity but for the audio.

    `identity` names the recogniser that is set; None in a workspace that only takes in transcripts
    made elsewhere.
    """

    options: AsrOptions
    identity: AsrIdentity | None

    @property
    def is_sample(self) -> bool:
        """Whether the sample model is set, which is not for real calls."""
        return self.identity is not None and self.identity.model == SAMPLE_MODEL

    def of(self, recording: Recording, reader: str = "") -> str:
        """`reader`: what names the way the recording is read (`survey.reader_of`)."""
        identity = self.identity
        if identity is None:
            return IMPORTED
        way: dict[str, Any] = {
            "backend": identity.backend,
            "model_sha256": identity.model_sha256,
            "options": dict(identity.options),
            "language": recording.text("language") or self.options.language,
            "agent_channel": recording.text("agent_channel") or "auto",
            # What is taken for a tone or for music is not listened to. The key's name is from when
            # measures, too, were heard anew; another would have every call heard again.
            "measures": f"2/{SIGNALS_VERSION}",
        }
        if reader:
            # Left out where a recording is read as it always was, or all would be heard again.
            way["reader"] = reader
        return content_sha256(way)


def recogniser_identity(workspace: Workspace, reads: Reads) -> RecogniserIdentity:
    """What names the ways of hearing, without loading a model; `options` are those in force now.

    Raises UsageError where the model that is set is not on this machine.
    """
    options = listening_options(workspace.settings.asr, workspace.root, reads)
    if options.backend == "imported":
        return RecogniserIdentity(options=options, identity=None)
    return RecogniserIdentity(options=options, identity=identify(options, workspace.root))


def identity_of(audio_sha256: str, way: str) -> str:
    """The name of a transcription: the audio and the way it was listened to."""
    return content_sha256([audio_sha256, way])


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptionRef:
    """The stored transcription of a recording as it lies there now, by hashes.

    `words_sha256` and `measures_sha256` name the bodies in the record: the transcription's own, or
    what a person corrected, and the last measures taken of them.
    """

    row: TranscriptionRow
    words_sha256: str
    measures_sha256: str
    corrected: bool = False

    @property
    def renamed(self) -> bool:
        """Whether the kept words name another recording, which has the same audio."""
        return not self.corrected and not self.row.own


def find_transcriptions(
    reads: Reads,
    recordings: Iterable[Recording],
    identity: RecogniserIdentity,
    audio_sha256: Callable[[Recording], str | None],
    reader: Callable[[Recording], str],
) -> Mapping[str, TranscriptionRef]:
    """Which transcriptions in the record belong to recordings, by id; those that have none are
    left out.

    One that a person brought in comes first; what people corrected in its words is in it, and the
    measures are the last that were taken of it. Where `audio_sha256` knows no audio any more (the
    file was moved to an archive), the last one made in this way still holds.
    """
    wanted = {r.recording_id: r for r in recordings}
    rows = transcription_rows(reads, wanted)
    chosen: dict[str, TranscriptionRow] = {}
    for recording_id, kept in sorted(rows.items()):
        recording = wanted[recording_id]
        row = _last(kept, IMPORTED)
        if row is None and identity.identity is not None:
            sha256 = audio_sha256(recording)
            if sha256 is None:
                # Nobody can say any more how it would be read.
                ways = {identity.of(recording), identity.of(recording, READER_VERSION)}
                row = next((r for r in reversed(kept) if r.hearing_sha256 in ways), None)
            else:
                row = _of_audio(kept, identity.of(recording, reader(recording)), sha256)
        if row is not None:
            chosen[recording_id] = row
    corrections = correction_rows(reads, chosen)
    parents = _renamed_hashes(reads, {k: r for k, r in chosen.items() if k in corrections})
    measured = last_measures(reads, chosen)
    found: dict[str, TranscriptionRef] = {}
    for recording_id, row in chosen.items():
        parent = parents.get(recording_id, row.transcript_sha256)
        by_hand = last_correction(corrections.get(recording_id, ()), parent)
        words = row.transcript_sha256 if by_hand is None else by_hand.transcript_sha256
        first = row.measures_sha256 if by_hand is None else by_hand.measures_sha256
        found[recording_id] = TranscriptionRef(
            row=row,
            words_sha256=words,
            measures_sha256=measured.get((recording_id, row.audio_sha256, words), first),
            corrected=by_hand is not None,
        )
    return found


def load_transcriptions(
    reads: Reads, refs: Mapping[str, TranscriptionRef]
) -> Mapping[str, Transcription]:
    """The words and measures of transcriptions, by recording id, in order."""
    hashes = {h for ref in refs.values() for h in (ref.words_sha256, ref.measures_sha256)}
    hashes |= {ref.row.transcript_sha256 for ref in refs.values() if ref.corrected}
    bodies = kept_bodies(reads, hashes)
    found: dict[str, Transcription] = {}
    for recording_id, ref in sorted(refs.items()):
        row = ref.row
        transcript = transcript_from_json(bodies[ref.words_sha256])
        if ref.renamed:
            transcript = replace(transcript, recording_id=recording_id)
        moved = False
        if ref.corrected:
            before = transcript_from_json(bodies[row.transcript_sha256])
            moved = _changed_hands(before, transcript)
        found[recording_id] = Transcription(
            identity_sha256=row.identity_sha256,
            audio_sha256=row.audio_sha256,
            hearing_sha256=row.hearing_sha256,
            transcript=transcript,
            measures=measures_from_json(bodies[ref.measures_sha256]),
            envelope=None,
            known=KnownHashes(
                transcript=None if ref.renamed else ref.words_sha256,
                measures=ref.measures_sha256,
            ),
            words_sha256=ref.words_sha256,
            has_audio=row.has_audio,
            moved=moved,
        )
    return found


def _changed_hands(before: Transcript, after: Transcript) -> bool:
    """Whether a person gave speech to the other party. Words that the party itself said where none
    had been heard add speech and take none.
    """
    for speaker in before.speech.keys() | after.speech.keys():
        former = union(before.speech.get(speaker, ()))
        now = union(after.speech.get(speaker, ()))
        unheard = unheard_stretches(before, speaker)
        known = union([*former, *((parts[0].start_s, parts[-1].end_s) for parts in unheard)])
        if subtract(former, now) or subtract(now, known):
            return True
    return False


def _last(rows: Sequence[TranscriptionRow], hearing_sha256: str) -> TranscriptionRow | None:
    return next((r for r in reversed(rows) if r.hearing_sha256 == hearing_sha256), None)


def _of_audio(
    rows: Sequence[TranscriptionRow], hearing_sha256: str, audio_sha256: str
) -> TranscriptionRow | None:
    wanted = identity_of(audio_sha256, hearing_sha256)
    return next((r for r in rows if r.identity_sha256 == wanted), None)


def _renamed_hashes(reads: Reads, rows: Mapping[str, TranscriptionRow]) -> Mapping[str, str]:
    """The hashes that words of the same audio's other recording have under this one's name."""
    renamed = {k: row for k, row in rows.items() if not row.own}
    bodies = kept_bodies(reads, {row.transcript_sha256 for row in renamed.values()})
    found: dict[str, str] = {}
    for recording_id, row in renamed.items():
        words = transcript_from_json(bodies[row.transcript_sha256])
        found[recording_id] = replace(words, recording_id=recording_id).sha256()
    return found
