"""Words corrected by people: new transcripts derived from old ones, chained by hash."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qc_pipeline.call import (
    Measures,
    Transcript,
)
from qc_pipeline.errors import UsageError
from qc_pipeline.store import contents
from qc_pipeline.store.in_parts import in_parts
from qc_pipeline.store.tables import corrections
from qc_pipeline.store.transaction import Reads, Transaction


def add_correction(
    tx: Transaction,
    *,
    parent: str,
    transcript: Transcript,
    measures: Measures,
    edits: Sequence[Mapping[str, Any]],
    person: str,
    reason: str,
) -> None:
    """Keep a corrected transcript; `parent` is the hash of the one it was made from."""
    body = {"edits": list(edits), "reason": reason}
    sha256 = contents.put_json(tx.connection, "transcript", transcript.as_json())
    tx.insert(
        corrections,
        recording_id=transcript.recording_id,
        parent_sha256=parent,
        transcript_sha256=sha256,
        measures_sha256=contents.put_json(tx.connection, "measures", measures.as_json()),
        edits_sha256=contents.put_json(tx.connection, "edits", body),
        person=person,
        on_behalf_of=tx.on_behalf_of,
        at=tx.now.isoformat(timespec="seconds"),
    )
    what = {
        "recording": transcript.recording_id,
        "person": person,
        "parent": parent,
        "transcript": sha256,
        "turns": len(edits),
    }
    tx.note("transcript.correct", what, why=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRow:
    """A correction by hashes: the words it was made from, the words and measures it made."""

    parent_sha256: str
    transcript_sha256: str
    measures_sha256: str


def correction_rows(
    reads: Reads, recording_ids: Collection[str]
) -> Mapping[str, tuple[CorrectionRow, ...]]:
    """The corrections of recordings' words, in order; those never corrected are left out."""
    found: dict[str, list[CorrectionRow]] = {}
    with reads.reading() as connection:
        for part in in_parts(recording_ids):
            rows = connection.execute(
                sa.select(corrections)
                .where(corrections.c.recording_id.in_(part))
                .order_by(corrections.c.seq)
            )
            for row in rows:
                made = CorrectionRow(
                    parent_sha256=row.parent_sha256,
                    transcript_sha256=row.transcript_sha256,
                    measures_sha256=row.measures_sha256,
                )
                found.setdefault(row.recording_id, []).append(made)
    return {k: tuple(v) for k, v in found.items()}


def last_correction(rows: Iterable[CorrectionRow], parent: str) -> CorrectionRow | None:
    """The last correction of a transcript (by hash), through all that were made of corrections;
    None where nobody corrected it.
    """
    found: CorrectionRow | None = None
    for row in rows:
        if row.parent_sha256 == parent:
            parent, found = row.transcript_sha256, row
    return found


def corrections_of(reads: Reads, recording_id: str) -> tuple[Mapping[str, Any], ...]:
    """Who corrected what of a recording's words, in order, as JSON values."""
    with reads.reading() as connection:
        rows = connection.execute(
            sa.select(corrections)
            .where(corrections.c.recording_id == recording_id)
            .order_by(corrections.c.seq)
        ).all()
        return tuple(
            {
                "person": row.person,
                "for": row.on_behalf_of,
                "at": row.at,
                "parent": row.parent_sha256,
                "transcript": row.transcript_sha256,
                **_edits(connection, row.edits_sha256),
            }
            for row in rows
        )


def _edits(connection: sa.Connection, sha256: str) -> Mapping[str, Any]:
    """What was changed and why; of purged words, that they were."""
    try:
        body: Mapping[str, Any] = contents.get_json(connection, sha256)
    except UsageError as error:
        return {"edits": [], "reason": f"({error})"}
    return body
