"""Who listens to which call: taken before it is heard, so that nobody hears it twice unawares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from qc_pipeline.store.tables import claims
from qc_pipeline.store.transaction import Reads, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A call that a person took to listen to; `at` is when, ISO 8601 with a zone."""

    recording_id: str
    person: str
    at: str


def claims_of(reads: Reads, period: str) -> Mapping[str, Claim]:
    """The last claim on each call of a period, by recording."""
    query = sa.select(claims).where(claims.c.period == period).order_by(claims.c.seq)
    with reads.reading() as connection:
        rows = connection.execute(query).all()
    return {
        r.recording_id: Claim(recording_id=r.recording_id, person=r.person, at=r.at) for r in rows
    }


def claim(tx: Transaction, period: str, recording_id: str, person: str) -> None:
    """Keep that a person takes a call, in the place of whoever took it before."""
    tx.insert(
        claims,
        period=period,
        recording_id=recording_id,
        person=person,
        at=tx.now.isoformat(timespec="seconds"),
    )
    tx.note("review.claim", {"period": period, "recording": recording_id})
