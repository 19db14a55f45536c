"""Which stored transcription belongs to a recording as it lies there now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from qc_pipeline.asr.load import identify
from qc_pipeline.asr.models import SAMPLE_MODEL
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.audio.decode import file_sha256
from qc_pipeline.audio.tones_and_music import SIGNALS_VERSION
from qc_pipeline.call import (
    NO_HASHES,
    AsrIdentity,
    Recording,
    Transcript,
    content_sha256,
)
from qc_pipeline.errors import RecordingError
from qc_pipeline.store.corrections import corrected
from qc_pipeline.store.measurements import measured_again
from qc_pipeline.store.purging import is_purged
from qc_pipeline.store.transaction import Reads
from qc_pipeline.store.transcriptions import (
    Transcription,
    is_transcribed,
    kept_transcription,
    latest_transcription,
)
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

    def of(self, recording: Recording) -> str:
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
        return content_sha256(way)


def recogniser_identity(workspace: Workspace) -> RecogniserIdentity:
    """What names the ways of hearing, without loading a model.

    Raises UsageError where the model that is set is not on this machine.
    """
    options = workspace.settings.asr
    if options.backend == "imported":
        return RecogniserIdentity(options=options, identity=None)
    return RecogniserIdentity(options=options, identity=identify(options, workspace.root))


def identity_of(audio_sha256: str, way: str) -> str:
    """The name of a transcription: the audio and the way it was listened to."""
    return content_sha256([audio_sha256, way])


def find_transcription(
    workspace: Workspace, record: Reads, ways: RecogniserIdentity, recording: Recording
) -> Transcription | None:
    """The transcription in the record of the audio as it lies there now.

    One that a person brought in comes first; what people corrected in its words is in it, and the
    measures are the last that were taken of it. Where the file is gone (moved to an archive), the
    last one made in this way still holds.
    """
    if is_purged(record, recording.recording_id):
        return None
    found = latest_transcription(record, recording.recording_id, IMPORTED)
    if found is None and ways.identity is not None:
        found = _own(workspace, record, ways.of(recording), recording)
    if found is None:
        return None
    if found.transcript.recording_id != recording.recording_id:
        transcript = replace(found.transcript, recording_id=recording.recording_id)
        found = replace(found, transcript=transcript, known=NO_HASHES)
    sha256 = found.known.transcript or found.transcript.sha256()
    by_hand = corrected(record, recording.recording_id, sha256)
    if by_hand is not None:
        found = replace(
            found,
            transcript=by_hand[0],
            measures=by_hand[1],
            known=NO_HASHES,
            words_sha256=by_hand[0].sha256(),
            moved=by_hand[0].speech != found.transcript.speech,
        )
    return _with_last_measures(record, recording.recording_id, found)


def _with_last_measures(record: Reads, recording_id: str, heard: Transcription) -> Transcription:
    if heard.words_sha256 is None:
        return heard
    last = measured_again(
        record,
        recording_id,
        audio_sha256=heard.audio_sha256,
        words_sha256=heard.words_sha256,
    )
    if last is None:
        return heard
    known = replace(heard.known, measures=last[0])
    return replace(heard, measures=last[1], known=known)


def _own(
    workspace: Workspace, record: Reads, way: str, recording: Recording
) -> Transcription | None:
    path = workspace.settings.recordings_root / (recording.path or "")
    try:
        audio_sha256 = file_sha256(path)
    except RecordingError:
        return latest_transcription(record, recording.recording_id, way)
    identity = identity_of(audio_sha256, way)
    return (
        kept_transcription(record, identity)
        if is_transcribed(record, recording.recording_id, identity)
        else None
    )


def transcriptions_of(
    workspace: Workspace, record: Reads, recordings: Mapping[str, Recording]
) -> Mapping[str, Transcription]:
    """The transcriptions of many recordings, by id; those not transcribed are left out."""
    ways = recogniser_identity(workspace)
    found = {
        recording_id: find_transcription(workspace, record, ways, recordings[recording_id])
        for recording_id in sorted(recordings)
    }
    return {k: h for k, h in found.items() if h is not None}


def transcripts_of(
    workspace: Workspace, record: Reads, recordings: Mapping[str, Recording]
) -> Mapping[str, Transcript]:
    return {k: h.transcript for k, h in transcriptions_of(workspace, record, recordings).items()}
