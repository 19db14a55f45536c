"""Coaching and what became of it: rows are added, none is changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from qc_pipeline.store import contents
from qc_pipeline.store.tables import coaching, coaching_events
from qc_pipeline.store.transaction import Reads, Transaction

ONLINE, AFTERWARDS = "online", "afterwards"
ACKNOWLEDGED, CHECKED = "acknowledged", "checked"
BETTER, AGAIN = "better", "again"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoachingEvent:
    """A step: acknowledged by the agent, or checked, with its `outcome` (better or again)."""

    kind: str
    outcome: str | None
    person: str
    on_behalf_of: str | None
    at: str
    day: date
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCoaching:
    """Advice to an agent on one criterion, at a place of a recording (`start_s` seconds into it).

    `way`: online (while the call or shift lasts) or afterwards; `period` is the call's.
    """

    number: int
    period: str
    recording_id: str
    agent_id: str
    criterion: str
    start_s: float | None
    way: str
    person: str
    on_behalf_of: str | None
    at: str
    day: date
    advice: str
    events: tuple[CoachingEvent, ...] = ()

    @property
    def acknowledged(self) -> CoachingEvent | None:
        return next((e for e in self.events if e.kind == ACKNOWLEDGED), None)

    @property
    def checked(self) -> CoachingEvent | None:
        """The last check by a person."""
        return next((e for e in reversed(self.events) if e.kind == CHECKED), None)


def add_coaching(
    tx: Transaction,
    *,
    period: str,
    recording_id: str,
    agent_id: str,
    criterion: str,
    start_s: float | None,
    way: str,
    person: str,
    day: date,
    advice: str,
) -> int:
    """Keep a coaching; returns its number."""
    number = int(
        tx.insert(
            coaching,
            period=period,
            recording_id=recording_id,
            agent_id=agent_id,
            criterion=criterion,
            start_s=start_s,
            way=way,
            person=person,
            on_behalf_of=tx.on_behalf_of,
            at=tx.now.isoformat(timespec="seconds"),
            day=day.isoformat(),
            body_sha256=contents.put_text(tx.connection, "coaching", advice),
        ).seq
    )
    what: dict[str, Any] = {
        "coaching": number,
        "period": period,
        "recording": recording_id,
        "agent": agent_id,
        "criterion": criterion,
        "person": person,
    }
    tx.note("coaching.add", what)
    return number


def add_event(
    tx: Transaction,
    item: KeptCoaching,
    *,
    kind: str,
    person: str,
    day: date,
    outcome: str | None = None,
    note: str = "",
) -> None:
    """Keep a step of a coaching."""
    tx.insert(
        coaching_events,
        coaching_seq=item.number,
        kind=kind,
        outcome=outcome,
        person=person,
        on_behalf_of=tx.on_behalf_of,
        at=tx.now.isoformat(timespec="seconds"),
        day=day.isoformat(),
        body_sha256=contents.put_text(tx.connection, "coaching", note),
    )
    what = {"coaching": item.number, "period": item.period, "recording": item.recording_id}
    said = {"outcome": outcome} if outcome else {}
    tx.note(f"coaching.{kind}", {**what, **said, "person": person}, why=note)


def coaching_of(reads: Reads) -> tuple[KeptCoaching, ...]:
    """All coaching, by number."""
    with reads.reading() as connection:
        made = connection.execute(sa.select(coaching_events).order_by(coaching_events.c.seq)).all()
        rows = connection.execute(sa.select(coaching).order_by(coaching.c.seq)).all()
        words = contents.words_in(connection, (r.body_sha256 for r in (*rows, *made)))
    steps: dict[int, list[CoachingEvent]] = {}
    for step in made:
        steps.setdefault(step.coaching_seq, []).append(
            CoachingEvent(
                kind=step.kind,
                outcome=step.outcome,
                person=step.person,
                on_behalf_of=step.on_behalf_of,
                at=step.at,
                day=date.fromisoformat(step.day),
                note=words[step.body_sha256],
            )
        )
    return tuple(
        KeptCoaching(
            number=row.seq,
            period=row.period,
            recording_id=row.recording_id,
            agent_id=row.agent_id,
            criterion=row.criterion,
            start_s=row.start_s,
            way=row.way,
            person=row.person,
            on_behalf_of=row.on_behalf_of,
            at=row.at,
            day=date.fromisoformat(row.day),
            advice=words[row.body_sha256],
            events=tuple(steps.get(row.seq, ())),
        )
        for row in rows
    )
