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
from qc_pipeline.store import contents, tables
from qc_pipeline.store.transaction import Reads, Transaction


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


def is_transcribed(reads: Reads, recording_id: str, identity_sha256: str) -> bool:
    """Whether this recording already has this transcription."""
    table = tables.heard
    known = sa.select(table.c.seq).where(
        table.c.recording_id == recording_id, table.c.identity_sha256 == identity_sha256
    )
    with reads.reading() as connection:
        return connection.execute(known).first() is not None


def kept_transcription(reads: Reads, identity_sha256: str) -> Transcription | None:
    """The transcription of an identity, whichever recording it was made for."""
    table = tables.transcriptions
    with reads.reading() as connection:
        row = connection.execute(
            sa.select(table).where(table.c.identity_sha256 == identity_sha256)
        ).first()
        return None if row is None else transcription_of(connection, row)


def latest_transcription(
    reads: Reads, recording_id: str, hearing_sha256: str
) -> Transcription | None:
    """The last transcription kept of a recording that was made in this way."""
    table = tables.transcriptions
    with reads.reading() as connection:
        row = connection.execute(
            sa.select(table)
            .join(tables.heard, tables.heard.c.identity_sha256 == table.c.identity_sha256)
            .where(
                tables.heard.c.recording_id == recording_id,
                table.c.hearing_sha256 == hearing_sha256,
            )
            .order_by(tables.heard.c.seq.desc())
            .limit(1)
        ).first()
        return None if row is None else transcription_of(connection, row)


def keep_transcription(tx: Transaction, recording_id: str, made: Transcription) -> None:
    """Keep a transcription, and that this recording has it."""
    table = tables.transcriptions
    known = sa.select(table.c.identity_sha256).where(
        table.c.identity_sha256 == made.identity_sha256
    )
    if tx.connection.execute(known).first() is None:
        tx.insert(
            table,
            identity_sha256=made.identity_sha256,
            audio_sha256=made.audio_sha256,
            hearing_sha256=made.hearing_sha256,
            transcript_sha256=contents.put_json(
                tx.connection, "transcript", made.transcript.as_json()
            ),
            measures_sha256=contents.put_json(tx.connection, "measures", made.measures.as_json()),
            envelope=made.envelope,
        )
    tx.insert_once(tables.heard, recording_id=recording_id, identity_sha256=made.identity_sha256)
