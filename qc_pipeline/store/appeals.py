"""Objections and what became of them: rows are added, none is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from qc_pipeline.store import contents
from qc_pipeline.store.tables import objection_events, objections
from qc_pipeline.store.transaction import Reads, Transaction

OPEN = "open"
TAKEN = "taken"
UPHELD = "upheld"
PARTLY = "partly"
REJECTED = "rejected"
WITHDRAWN = "withdrawn"
DECIDED = (UPHELD, PARTLY, REJECTED)

SCORE, CORRECTION = "score", "correction"
"""Kinds of objections: to points lost, and to what cost nothing (更正，不涉及分数)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealEvent:
    """A step of an objection. `card` is the call's card after it, by hash; `final` says whether a
    decision rules out a second objection.
    """

    state: str
    person: str
    at: str
    day: date
    reason: str
    final: bool
    card: str
    on_behalf_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAppeal:
    """An objection to one criterion of a published card, with its steps in order.

    `due` is the day by whose end it is to be answered, `card` the card objected to, by hash. `kind`
    is `SCORE` or `CORRECTION`. `requested_at` is when the agent asked for it, where that is known,
    `request` the number of their request, `next_shift` the agent's first shift after publication
    where nights or leave came between.
    """

    number: int
    period: str
    recording_id: str
    criterion: str | None
    person: str
    at: str
    day: date
    due: date
    reason: str
    card: str
    events: tuple[AppealEvent, ...]
    on_behalf_of: str | None = None
    kind: str = SCORE
    request: int | None = None
    requested_at: str | None = None
    next_shift: date | None = None

    @property
    def state(self) -> str:
        return self.events[-1].state if self.events else OPEN

    @property
    def decided(self) -> AppealEvent | None:
        """The step that decided it, if one has."""
        return next((e for e in reversed(self.events) if e.state in DECIDED), None)


def add_appeal(
    tx: Transaction,
    *,
    period: str,
    recording_id: str,
    criterion: str | None,
    person: str,
    day: date,
    due: date,
    card: str,
    reason: str,
    kind: str = SCORE,
    request: int | None = None,
    requested_at: str | None = None,
    next_shift: date | None = None,
) -> int:
    """Keep a new objection; returns its number."""
    number = int(
        tx.insert(
            objections,
            period=period,
            recording_id=recording_id,
            criterion=criterion,
            person=person,
            on_behalf_of=tx.on_behalf_of,
            at=tx.now.isoformat(timespec="seconds"),
            day=day.isoformat(),
            due=due.isoformat(),
            card_sha256=card,
            reason_sha256=contents.put_text(tx.connection, "reason", reason),
            kind=kind,
            request_seq=request,
            requested_at=requested_at,
            next_shift=None if next_shift is None else next_shift.isoformat(),
        ).seq
    )
    what: dict[str, Any] = {
        "objection": number,
        "period": period,
        "recording": recording_id,
        "criterion": criterion,
        "person": person,
    }
    if request is not None:
        what["request"] = request
    tx.note("objection.open", what, why=reason)
    return number


def add_event(
    tx: Transaction,
    number: int,
    *,
    state: str,
    person: str,
    day: date,
    reason: str,
    card: str,
    final: bool = True,
) -> None:
    """Keep a step of an objection."""
    tx.insert(
        objection_events,
        objection_seq=number,
        state=state,
        person=person,
        on_behalf_of=tx.on_behalf_of,
        at=tx.now.isoformat(timespec="seconds"),
        day=day.isoformat(),
        final=final,
        card_sha256=card,
        reason_sha256=contents.put_text(tx.connection, "reason", reason),
    )
    what = {"objection": number, "person": person}
    tx.note(f"objection.{state}", what, why=reason)


def appeals_of(reads: Reads, period: str | None = None) -> tuple[KeptAppeal, ...]:
    """The objections to a period's cards, or all, by number."""
    with reads.reading() as connection:
        query = sa.select(objections).order_by(objections.c.seq)
        if period is not None:
            query = query.where(objections.c.period == period)
        rows = connection.execute(query).all()
        steps = connection.execute(
            sa.select(objection_events).order_by(objection_events.c.seq)
        ).all()
        words = contents.words_in(connection, (r.reason_sha256 for r in (*rows, *steps)))
        return tuple(
            KeptAppeal(
                number=row.seq,
                period=row.period,
                recording_id=row.recording_id,
                criterion=row.criterion,
                person=row.person,
                at=row.at,
                day=date.fromisoformat(row.day),
                due=date.fromisoformat(row.due),
                reason=words[row.reason_sha256],
                card=row.card_sha256,
                events=_events([s for s in steps if s.objection_seq == row.seq], words),
                on_behalf_of=row.on_behalf_of,
                kind=row.kind or SCORE,
                request=row.request_seq,
                requested_at=row.requested_at,
                next_shift=None if row.next_shift is None else date.fromisoformat(row.next_shift),
            )
            for row in rows
        )


def locked_by(
    reads: Reads, period: str, recording_id: str | None = None
) -> Mapping[tuple[str, str], KeptAppeal]:
    """The decided objections of a period by recording and criterion, the last of each: what they
    decided stands, and nothing but a second objection changes it.
    """
    return {
        (o.recording_id, o.criterion or ""): o
        for o in appeals_of(reads, period)
        if o.decided is not None and recording_id in (None, o.recording_id)
    }


def locked_sentence(objection: KeptAppeal) -> str:
    """Why a criterion is left as it is."""
    decided = objection.decided
    if decided is None:
        raise ValueError(f"objection {objection.number} is not decided")
    return (
        f"{objection.criterion} was decided by objection {objection.number} ({decided.state}) on "
        f"{decided.day} by {decided.person}: that stands"
    )


def _events(rows: Sequence[Any], words: Mapping[str, str]) -> tuple[AppealEvent, ...]:
    return tuple(
        AppealEvent(
            state=row.state,
            person=row.person,
            at=row.at,
            day=date.fromisoformat(row.day),
            reason=words[row.reason_sha256],
            final=bool(row.final),
            card=row.card_sha256,
            on_behalf_of=row.on_behalf_of,
        )
        for row in rows
    )
