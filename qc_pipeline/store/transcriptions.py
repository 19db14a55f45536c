"""Transcriptions as recorded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from qc_pipeline.call import (
    NO_HASHES,
    KnownHashes,
    Measures,
    Transcript,
)
from qc_pipeline.store import contents, tables
from qc_pipeline.store.in_parts import in_parts
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


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptionRow:
    """A stored transcription without its words, which lie under the hashes.

    `own`: it was made for this recording, not for another one with the same audio, whose id its
    transcript then has.
    """

    identity_sha256: str
    audio_sha256: str
    hearing_sha256: str
    transcript_sha256: str
    measures_sha256: str
    own: bool

    @property
    def has_audio(self) -> bool:
        """Words that came without sound stand under their own hash."""
        return self.audio_sha256 != self.transcript_sha256


def transcription_rows(
    reads: Reads, recording_ids: Collection[str]
) -> Mapping[str, tuple[TranscriptionRow, ...]]:
    """The transcriptions that recordings have, in the order in which they got them."""
    heard, made = tables.heard, tables.transcriptions
    columns = (
        heard.c.recording_id,
        heard.c.seq,
        made.c.identity_sha256,
        made.c.audio_sha256,
        made.c.hearing_sha256,
        made.c.transcript_sha256,
        made.c.measures_sha256,
    )
    found: dict[str, list[TranscriptionRow]] = {}
    with reads.reading() as connection:
        for part in in_parts(recording_ids):
            first = _first_heard(part)
            rows = connection.execute(
                sa.select(*columns, first.c.seq)
                .join(made, made.c.identity_sha256 == heard.c.identity_sha256)
                .join(first, first.c.identity_sha256 == heard.c.identity_sha256)
                .where(heard.c.recording_id.in_(part))
                .order_by(heard.c.seq)
            )
            for recording_id, seq, *values, first_seq in rows:
                names = ("identity", "audio", "hearing", "transcript", "measures")
                kept = {f"{n}_sha256": v for n, v in zip(names, values, strict=True)}
                row = TranscriptionRow(**kept, own=seq == first_seq)
                found.setdefault(recording_id, []).append(row)
    return {k: tuple(v) for k, v in found.items()}


def _first_heard(recording_ids: Collection[str]) -> sa.Subquery:
    """By identity of a transcription that some recordings have: the number (`seq`) of the first
    recording that got it. Asked once for all of them: a question a row took minutes.
    """
    heard, theirs = tables.heard, tables.heard.alias("theirs")
    identities = sa.select(theirs.c.identity_sha256).where(theirs.c.recording_id.in_(recording_ids))
    return (
        sa.select(heard.c.identity_sha256, sa.func.min(heard.c.seq).label("seq"))
        .where(heard.c.identity_sha256.in_(identities))
        .group_by(heard.c.identity_sha256)
        .subquery("first_heard")
    )


def envelopes_of(reads: Reads, identities: Collection[str]) -> Mapping[str, bytes]:
    """The waveform envelopes of transcriptions that have one, by identity."""
    made = tables.transcriptions
    found: dict[str, bytes] = {}
    with reads.reading() as connection:
        for part in in_parts(identities):
            rows = connection.execute(
                sa.select(made.c.identity_sha256, made.c.envelope).where(
                    made.c.identity_sha256.in_(part), made.c.envelope.is_not(None)
                )
            )
            found |= {row.identity_sha256: row.envelope for row in rows}
    return found


def kept_bodies(reads: Reads, hashes: Iterable[str]) -> Mapping[str, Any]:
    """Words and measures as JSON values under their hashes. Raises PurgedError for purged ones,
    KeyError for one never kept.
    """
    with reads.reading() as connection:
        return {k: left.body for k, left in contents.left_of(connection, hashes).items()}


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
