"""Transcriptions as recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from qc_pipeline.call import (
    NO_HASHES,
    KnownHashes,
    Measures,
    Transcript,
    measures_from_json,
    transcript_from_json,
)
from qc_pipeline.store import contents


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcription:
    """A stored transcription: transcript and measures of one audio under one identity.

    `hearing_sha256` names everything of the identity but the audio: backend, model, precision,
    decoding, versions, language, channel. `known` are the hashes of transcript and measures where
    the record has them, `words_sha256` is that of the kept words the measures belong to (another
    recording's with the same audio, perhaps). Without `has_audio` nothing but words was taken in;
    `moved`: people gave some of the speech to the other party.
    """

    identity_sha256: str
    audio_sha256: str
    hearing_sha256: str
    transcript: Transcript
    measures: Measures
    envelope: bytes | None
    known: KnownHashes = field(default=NO_HASHES, compare=False)
    words_sha256: str | None = field(default=None, compare=False)
    has_audio: bool = field(default=True, compare=False)
    moved: bool = field(default=False, compare=False)


def transcription_of(connection: sa.Connection, row: Any) -> Transcription:
    return Transcription(
        identity_sha256=row.identity_sha256,
        audio_sha256=row.audio_sha256,
        hearing_sha256=row.hearing_sha256,
        transcript=transcript_from_json(contents.get_json(connection, row.transcript_sha256)),
        measures=measures_from_json(contents.get_json(connection, row.measures_sha256)),
        envelope=row.envelope,
        known=KnownHashes(transcript=row.transcript_sha256, measures=row.measures_sha256),
        words_sha256=row.transcript_sha256,
        # Words that came without sound stand under their own hash.
        has_audio=row.audio_sha256 != row.transcript_sha256,
    )
