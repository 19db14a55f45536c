"""我已查看: what agents answered to their published cards. Rows are only added; the last counts."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from qc_pipeline.store.tables import acknowledgements
from qc_pipeline.store.transaction import Reads, Transaction

AGREES, OBJECTS = "agrees", "objects"
"""无异议, 有异议."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """An agent has seen a card (by hash) and answers for one criterion, or (None) for the call. To
    have seen it is not to accept the deduction. `signed_at` is when (ISO 8601 with a zone).
    """

    period: str
    recording_id: str
    criterion: str | None
    answer: str
    signed_at: str
    person: str
    on_behalf_of: str | None
    at: str
    card: str


def add_acknowledgement(
    tx: Transaction,
    *,
    period: str,
    recording_id: str,
    criterion: str | None,
    answer: str,
    signed_at: str,
    person: str,
    card: str,
) -> None:
    """Keep an answer."""
    tx.insert(
        acknowledgements,
        period=period,
        recording_id=recording_id,
        criterion=criterion,
        answer=answer,
        signed_at=signed_at,
        person=person,
        on_behalf_of=tx.on_behalf_of,
        at=tx.now.isoformat(timespec="seconds"),
        card_sha256=card,
    )
    what = {
        "period": period,
        "recording": recording_id,
        "criterion": criterion,
        "answer": answer,
        "person": person,
    }
    tx.note("card.acknowledged", what)


def acknowledgements_of(reads: Reads, period: str) -> tuple[Acknowledgement, ...]:
    """The answers to a period's cards, in order."""
    query = (
        sa.select(acknowledgements)
        .where(acknowledgements.c.period == period)
        .order_by(acknowledgements.c.seq)
    )
    with reads.reading() as connection:
        return tuple(
            Acknowledgement(
                period=row.period,
                recording_id=row.recording_id,
                criterion=row.criterion,
                answer=row.answer,
                signed_at=row.signed_at,
                person=row.person,
                on_behalf_of=row.on_behalf_of,
                at=row.at,
                card=row.card_sha256,
            )
            for row in connection.execute(query)
        )
