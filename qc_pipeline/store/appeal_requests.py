"""What agents ask for: requests that their lead forwards as objections. Rows are only added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from qc_pipeline.store import contents
from qc_pipeline.store.tables import appeal_requests, objections
from qc_pipeline.store.transaction import Reads, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealRequest:
    """An agent asks to object to one criterion of a published card.

    `requested_at` is when the agent asked (ISO 8601 with a zone), `at` when that was entered, by
    `person`. `forward_due` is the day by whose end the lead forwards it; `objection` is the number
    of the objection that it became, None while it waits.
    """

    number: int
    period: str
    recording_id: str
    criterion: str
    agent_id: str | None
    requested_at: str
    next_shift: date | None
    person: str
    on_behalf_of: str | None
    at: str
    day: date
    forward_due: date
    reason: str
    objection: int | None


def add_request(
    tx: Transaction,
    *,
    period: str,
    recording_id: str,
    criterion: str,
    agent_id: str | None,
    requested_at: str,
    next_shift: date | None,
    person: str,
    day: date,
    forward_due: date,
    reason: str,
) -> int:
    """Keep a request; returns its number."""
    number = int(
        tx.insert(
            appeal_requests,
            period=period,
            recording_id=recording_id,
            criterion=criterion,
            agent_id=agent_id,
            requested_at=requested_at,
            next_shift=None if next_shift is None else next_shift.isoformat(),
            person=person,
            on_behalf_of=tx.on_behalf_of,
            at=tx.now.isoformat(timespec="seconds"),
            day=day.isoformat(),
            forward_due=forward_due.isoformat(),
            reason_sha256=contents.put_text(tx.connection, "reason", reason),
        ).seq
    )
    what = {
        "request": number,
        "period": period,
        "recording": recording_id,
        "criterion": criterion,
        "person": person,
        "requested_at": requested_at,
    }
    tx.note("objection.requested", what, why=reason)
    return number


def requests_of(reads: Reads, period: str | None = None) -> tuple[AppealRequest, ...]:
    """The requests of a period's agents, or all, by number."""
    with reads.reading() as connection:
        query = sa.select(appeal_requests).order_by(appeal_requests.c.seq)
        if period is not None:
            query = query.where(appeal_requests.c.period == period)
        rows = connection.execute(query).all()
        if not rows:
            return ()
        became = {
            row.request_seq: row.seq
            for row in connection.execute(
                sa.select(objections.c.seq, objections.c.request_seq).where(
                    objections.c.request_seq.is_not(None)
                )
            )
        }
        words = contents.words_in(connection, (r.reason_sha256 for r in rows))
    return tuple(
        AppealRequest(
            number=row.seq,
            period=row.period,
            recording_id=row.recording_id,
            criterion=row.criterion,
            agent_id=row.agent_id,
            requested_at=row.requested_at,
            next_shift=None if row.next_shift is None else date.fromisoformat(row.next_shift),
            person=row.person,
            on_behalf_of=row.on_behalf_of,
            at=row.at,
            day=date.fromisoformat(row.day),
            forward_due=date.fromisoformat(row.forward_due),
            reason=words[row.reason_sha256],
            objection=became.get(row.seq),
        )
        for row in rows
    )
