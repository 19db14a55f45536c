"""What a kept scorecard was made from, found by the hashes that the card names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import sqlalchemy as sa

from qc_pipeline.call import (
    Measures,
    Recording,
    Transcript,
    measures_from_json,
    transcript_from_json,
)
from qc_pipeline.errors import PurgedError, UsageError
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store import contents, tables
from qc_pipeline.store.from_json import recording_from_json
from qc_pipeline.store.transaction import Reads

MOST_LOOKED_AT = 10_000
"""Hashes in one query; SQLite takes 32,766."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFrom:
    """The call row as it was read, the words and measures, the rubric's text."""

    recording: Recording
    transcript: Transcript
    measures: Measures
    rubric_source: str


def made_from(reads: Reads, card: Scorecard) -> MadeFrom:
    """Raises UsageError where words were purged or a row is no longer kept as it was."""
    if card.purged is not None:
        raise PurgedError(purged_sentence(card.recording_id, card.purged.day))
    with reads.reading() as connection:
        try:
            recording = recording_from_json(contents.get_json(connection, card.inputs["call"]))
            measures = measures_from_json(contents.get_json(connection, card.inputs["measures"]))
            source = contents.get_text(connection, card.rubric_sha256)
            transcript = _transcript(connection, card)
        except KeyError:
            raise UsageError(
                f"what the card of {card.recording_id} was made from is not in the record; "
                "`qc score` makes it anew"
            ) from None
    return MadeFrom(
        recording=recording, transcript=transcript, measures=measures, rubric_source=source
    )


def purged_sentence(recording_id: str, day: str) -> str:
    """What to tell somebody who asks for the words of a purged call."""
    return (
        f"{recording_id}: its words and personal fields were purged on {day}; its scores stay, "
        "and nothing can be judged or changed any more"
    )


def _transcript(connection: sa.Connection, card: Scorecard) -> Transcript:
    """By its hash; the words of an audio that two recordings share are kept under one of them."""
    try:
        return transcript_from_json(contents.get_json(connection, card.transcript_sha256))
    except KeyError:
        pass
    rows = connection.execute(
        sa.select(tables.transcriptions.c.transcript_sha256)
        .join(
            tables.heard,
            tables.heard.c.identity_sha256 == tables.transcriptions.c.identity_sha256,
        )
        .where(tables.heard.c.recording_id == card.recording_id)
    ).all()
    for row in rows:
        found = transcript_from_json(contents.get_json(connection, row.transcript_sha256))
        own = replace(found, recording_id=card.recording_id)
        if own.sha256() == card.transcript_sha256:
            return own
    raise KeyError(card.transcript_sha256)


def calls_by_hash(reads: Reads, cards: Sequence[Scorecard]) -> Mapping[str, Recording]:
    """The call rows that cards were made from, by recording id; of a purged one what is
    left of it.
    """
    rows = {card.recording_id: card.inputs["call"] for card in cards if "call" in card.inputs}
    with reads.reading() as connection:
        left = contents.left_where_any(connection, rows.values())
    return {k: recording_from_json(left[h].body) for k, h in rows.items() if h in left}


def models_of(reads: Reads, transcripts: Sequence[str]) -> tuple[str, ...]:
    """The hashes of the models that heard these transcripts (given by hash), each once.

    One transcript is looked at for each way of hearing. Transcripts from elsewhere, which name no
    model, corrected and purged ones say nothing.
    """
    table = tables.transcriptions
    found: set[str] = set()
    with reads.reading() as connection:
        rows = connection.execute(
            sa.select(table.c.hearing_sha256, sa.func.min(table.c.transcript_sha256))
            .where(table.c.transcript_sha256.in_(sorted(set(transcripts))[:MOST_LOOKED_AT]))
            .group_by(table.c.hearing_sha256)
        ).all()
        for _, sha256 in rows:
            with suppress(KeyError, UsageError):
                asr = contents.get_json(connection, sha256)["asr"]
                if asr["model_sha256"]:
                    found.add(asr["model_sha256"])
    return tuple(sorted(found))
