"""What a kept scorecard was made from, found by the hashes that the card names."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
from qc_pipeline.store.in_parts import in_parts
from qc_pipeline.store.transaction import Reads


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFrom:
    """The call row as it was read, the words and measures, the rubric's text."""

    recording: Recording
    transcript: Transcript
    measures: Measures
    rubric_source: str


def made_from(reads: Reads, card: Scorecard) -> MadeFrom:
    """Raises UsageError where words were purged or a row is no longer kept as it was."""
    refuse_purged(card)
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


def refuse_purged(card: Scorecard) -> None:
    """Raises PurgedError (a UsageError) for a card whose words were purged."""
    if card.purged is not None:
        raise PurgedError(purged_sentence(card.recording_id, card.purged.day))


def made_from_many(reads: Reads, cards: Iterable[Scorecard]) -> Mapping[str, MadeFrom]:
    """The same of many cards, by recording id, in order; without those that it is raised for."""
    found: dict[str, MadeFrom] = {}
    whole = sorted((c for c in cards if c.purged is None), key=lambda c: c.recording_id)
    with reads.reading() as connection:
        bodies = contents.bodies_of(connection, (h for card in whole for h in _hashes(card)))
        for card in whole:
            call, words, measures, rubric = _hashes(card)
            if call not in bodies or measures not in bodies or rubric not in bodies:
                continue
            with suppress(KeyError, UsageError):
                transcript = (
                    transcript_from_json(json.loads(bodies[words]))
                    if words in bodies
                    else _transcript(connection, card)
                )
                found[card.recording_id] = MadeFrom(
                    recording=recording_from_json(json.loads(bodies[call])),
                    transcript=transcript,
                    measures=measures_from_json(json.loads(bodies[measures])),
                    rubric_source=bodies[rubric],
                )
    return found


def _hashes(card: Scorecard) -> tuple[str, str, str, str]:
    inputs = card.inputs
    return (
        inputs.get("call", ""),
        card.transcript_sha256,
        inputs.get("measures", ""),
        card.rubric_sha256,
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


def teams_of(reads: Reads, cards: Sequence[Scorecard]) -> Mapping[str, str | None]:
    """The team of each card's call, by recording id; None where none is known."""
    calls = calls_by_hash(reads, cards)
    return {
        c.recording_id: None if (row := calls.get(c.recording_id)) is None else row.text("team")
        for c in cards
    }


def models_of(
    reads: Reads, transcripts: Mapping[str, Collection[str]]
) -> Mapping[str, tuple[str, ...]]:
    """For each name, the hashes of the models that heard its transcripts (by hash), each once.

    One transcript is looked at for each way of hearing. Transcripts from elsewhere, which name no
    model, corrected and purged ones say nothing.
    """
    table = tables.transcriptions
    wanted = {h for hashes in transcripts.values() for h in hashes}
    hearing: dict[str, str] = {}
    with reads.reading() as connection:
        for part in in_parts(wanted):
            rows = connection.execute(
                sa.select(table.c.transcript_sha256, table.c.hearing_sha256)
                .where(table.c.transcript_sha256.in_(part))
                .order_by(table.c.transcript_sha256)
            )
            hearing |= {row.transcript_sha256: row.hearing_sha256 for row in rows}
        looked_at = {
            name: {hearing[h]: h for h in sorted(hashes, reverse=True) if h in hearing}
            for name, hashes in transcripts.items()
        }
        bodies = contents.bodies_of(
            connection, (h for first in looked_at.values() for h in first.values())
        )
    found: dict[str, tuple[str, ...]] = {}
    for name, first in looked_at.items():
        heard = [json.loads(bodies[h]).get("asr", {}) for h in first.values() if h in bodies]
        models = {asr.get("model_sha256") for asr in heard}
        found[name] = tuple(sorted(m for m in models if m))
    return found


def recogniser_of(reads: Reads, transcripts: Collection[str]) -> Mapping[str, str]:
    """The hash of the model that heard each transcript (by hash), where it names one.

    Of a purged one it is that of all the others that were heard in the same way.
    """
    table = tables.transcriptions
    hearing: dict[str, str] = {}
    found: dict[str, str | None] = {}
    with reads.reading() as connection:
        for part in in_parts(transcripts):
            rows = connection.execute(
                sa.select(table.c.transcript_sha256, table.c.hearing_sha256).where(
                    table.c.transcript_sha256.in_(part)
                )
            )
            hearing |= {row.transcript_sha256: row.hearing_sha256 for row in rows}
            bodies = contents.bodies_of(connection, part)
            found |= {sha256: _model(body) for sha256, body in bodies.items()}
    alike: dict[str, set[str | None]] = {}
    for sha256, model in found.items():
        alike.setdefault(hearing.get(sha256, ""), set()).add(model)
    for sha256, heard_as in hearing.items():
        models = alike.get(heard_as, set())
        if sha256 not in found and len(models) == 1:
            found[sha256] = next(iter(models))
    return {sha256: model for sha256, model in found.items() if model}


def transcripts_of(reads: Reads, hashes: Iterable[str]) -> Iterator[Transcript]:
    """The transcripts under many hashes, few at a time; without those that were purged."""
    for part in in_parts(hashes):
        with reads.reading() as connection:
            bodies = contents.bodies_of(connection, part)
        yield from (transcript_from_json(json.loads(bodies[h])) for h in sorted(bodies))


def _model(transcript: str) -> str | None:
    found = json.loads(transcript).get("asr", {}).get("model_sha256")
    return found if isinstance(found, str) else None
