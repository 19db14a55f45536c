"""Cards made by judging a call again with another rubric: to look at, or put in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store import contents
from qc_pipeline.store.outcomes import keep_outcome, keep_scorecard
from qc_pipeline.store.publications import refuse_final
from qc_pipeline.store.tables import rescorings
from qc_pipeline.store.transaction import Reads, Transaction

WHAT_IF = "what_if"
ADOPTED = "adopted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescoring:
    """`kind`: what_if (kept to be seen, changes no score) or adopted (the card in force from then
    on, and its rubric that of the call). Cards and rubric are named by hash.
    """

    seq: int
    period: str
    recording_id: str
    kind: str
    person: str
    at: str
    rubric: str
    card_before: str
    card_after: str
    reason: str
    on_behalf_of: str | None = None


def add_rescoring(
    tx: Transaction,
    *,
    period: str,
    sample_seq: int,
    kind: str,
    person: str,
    before: Scorecard,
    after: Scorecard,
    reason: str,
) -> bool:
    """Keep a card made by another rubric, in force where it is adopted; False where it was kept
    before in the same way. The rubric must be in the record already. Raises UsageError where one is
    adopted in a final period.
    """
    if kind == ADOPTED:
        refuse_final(tx, period)
    table = rescorings
    values = {
        "period": period,
        "recording_id": after.recording_id,
        "kind": kind,
        "rubric_sha256": after.rubric_sha256,
        "card_before": before.sha256(),
        "card_after": after.sha256(),
    }
    known = sa.select(table.c.seq).where(*(table.c[k] == v for k, v in values.items()))
    if tx.connection.execute(known).first() is not None:
        return False
    if kind == ADOPTED:
        keep_outcome(tx, sample_seq, after)
    else:
        keep_scorecard(tx, after)
    tx.insert(
        table,
        **values,
        person=person,
        on_behalf_of=tx.on_behalf_of,
        at=tx.now.isoformat(timespec="seconds"),
        reason_sha256=contents.put_text(tx.connection, "reason", reason),
    )
    what: dict[str, Any] = {
        "period": period,
        "recording": after.recording_id,
        "person": person,
        "rubric": after.rubric_sha256,
        "card": after.sha256(),
    }
    tx.note(f"scorecard.{kind}", what, why=reason)
    return True


def rescorings_of(reads: Reads, recording_id: str | None = None) -> tuple[Rescoring, ...]:
    """The cards made so of a recording, or of all, in order."""
    with reads.reading() as connection:
        query = sa.select(rescorings).order_by(rescorings.c.seq)
        if recording_id is not None:
            query = query.where(rescorings.c.recording_id == recording_id)
        rows = connection.execute(query).all()
        words = contents.words_in(connection, (row.reason_sha256 for row in rows))
        return tuple(
            Rescoring(
                seq=row.seq,
                period=row.period,
                recording_id=row.recording_id,
                kind=row.kind,
                person=row.person,
                at=row.at,
                rubric=row.rubric_sha256,
                card_before=row.card_before,
                card_after=row.card_after,
                reason=words[row.reason_sha256],
                on_behalf_of=row.on_behalf_of,
            )
            for row in rows
        )


def adopted_in(reads: Reads, period: str) -> Mapping[str, str]:
    """The rubrics by hash that people chose for calls of a period: the last of each call."""
    table = rescorings
    with reads.reading() as connection:
        rows = connection.execute(
            sa.select(table.c.recording_id, table.c.rubric_sha256)
            .where(table.c.period == period, table.c.kind == ADOPTED)
            .order_by(table.c.seq)
        ).all()
    return {row.recording_id: row.rubric_sha256 for row in rows}


def adopted_rubrics(reads: Reads, period: str) -> Mapping[str, tuple[str, str]]:
    """Of each call of a period that was given another rubric: its (hash, source)."""
    chosen = adopted_in(reads, period)
    with reads.reading() as connection:
        texts = {h: contents.get_text(connection, h) for h in set(chosen.values())}
    return {k: (h, texts[h]) for k, h in sorted(chosen.items())}
