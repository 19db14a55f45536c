"""Follow-ups and what became of them: rows are added, none is changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from qc_pipeline.store import contents
from qc_pipeline.store.tables import followup_events, followups
from qc_pipeline.store.transaction import Reads, Transaction

SUGGESTED = "suggested"
WAITING = "waiting"
TO_CHECK = "to_check"
CHECKED = "checked"
SENT_BACK = "sent_back"
CLOSED = "closed"
DROPPED = "dropped"
OVERDUE = "overdue"
STATES = (SUGGESTED, WAITING, TO_CHECK, CHECKED, SENT_BACK, CLOSED, DROPPED)
"""What a step can lead to; `overdue` is what waiting and sent back are called after their day."""

BY_HAND = "hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What the handler reports through the lead: one line of the feedback sheet.

    `called_back` None: not said; `day` is when it was done.
    """

    result: str
    called_back: bool | None
    callback_number: str
    handler: str
    lead: str
    day: date

    def as_json(self) -> dict[str, Any]:
        return {
            "result": self.result,
            "called_back": self.called_back,
            "callback_number": self.callback_number,
            "handler": self.handler,
            "lead": self.lead,
            "day": self.day.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowupEvent:
    """A step of a follow-up. `due` is its last day from here on, `note` what was said of it."""

    state: str
    person: str
    on_behalf_of: str | None
    at: str
    day: date
    due: date | None
    note: str
    feedback: Feedback | None = None

    @property
    def people(self) -> frozenset[str]:
        return frozenset({self.person, self.on_behalf_of or self.person})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFollowup:
    """A call that somebody must follow up, with its steps in order.

    `rules` names what opened it: `hand`, or the rules that hit; `call_day` is the call's own day.
    """

    number: int
    period: str
    recording_id: str
    team: str
    call_day: date
    rules: tuple[str, ...]
    person: str
    on_behalf_of: str | None
    at: str
    day: date
    problem: str
    required: str
    handler: str
    first_state: str
    first_due: date | None
    events: tuple[FollowupEvent, ...] = ()

    @property
    def state(self) -> str:
        return self.events[-1].state if self.events else self.first_state

    @property
    def due(self) -> date | None:
        """The last day for feedback, as the last step that set one said."""
        return next((e.due for e in reversed(self.events) if e.due is not None), self.first_due)

    @property
    def feedback(self) -> FollowupEvent | None:
        """The last step that brought feedback."""
        return next((e for e in reversed(self.events) if e.feedback is not None), None)

    @property
    def opened(self) -> date | None:
        """The day from which somebody had to act; None while it is only suggested."""
        if self.first_state != SUGGESTED:
            return self.day
        return next((e.day for e in self.events if e.state == WAITING), None)

    def state_on(self, today: date) -> str:
        """The state, `overdue` where feedback is awaited and its last day is over."""
        late = self.due is not None and today > self.due
        return OVERDUE if self.state in (WAITING, SENT_BACK) and late else self.state


def add_followup(
    tx: Transaction,
    *,
    period: str,
    recording_id: str,
    team: str,
    call_day: date,
    rules: Sequence[str],
    person: str,
    day: date,
    due: date | None,
    problem: str,
    required: str,
    handler: str,
) -> int:
    """Keep a new follow-up, suggested where it has no `due`; returns its number."""
    state = SUGGESTED if due is None else WAITING
    body = {"problem": problem, "required": required, "handler": handler}
    number = int(
        tx.insert(
            followups,
            period=period,
            recording_id=recording_id,
            team=team,
            call_day=call_day.isoformat(),
            rules=",".join(rules),
            person=person,
            on_behalf_of=tx.on_behalf_of,
            at=tx.now.isoformat(timespec="seconds"),
            day=day.isoformat(),
            due=None if due is None else due.isoformat(),
            body_sha256=contents.put_json(tx.connection, "followup", body),
        ).seq
    )
    what: dict[str, Any] = {
        "followup": number,
        "period": period,
        "recording": recording_id,
        "rules": ",".join(rules),
        "person": person,
    }
    tx.note("followup.suggest" if state == SUGGESTED else "followup.open", what)
    return number


def add_event(
    tx: Transaction,
    followup: KeptFollowup,
    *,
    state: str,
    person: str,
    day: date,
    due: date | None = None,
    note: str = "",
    feedback: Feedback | None = None,
) -> None:
    """Keep a step of a follow-up."""
    body = {"note": note, "feedback": None if feedback is None else feedback.as_json()}
    tx.insert(
        followup_events,
        followup_seq=followup.number,
        state=state,
        person=person,
        on_behalf_of=tx.on_behalf_of,
        at=tx.now.isoformat(timespec="seconds"),
        day=day.isoformat(),
        due=None if due is None else due.isoformat(),
        body_sha256=contents.put_json(tx.connection, "followup", body),
    )
    what = {
        "followup": followup.number,
        "period": followup.period,
        "recording": followup.recording_id,
        "person": person,
    }
    tx.note(f"followup.{state}", what, why=note)


def followups_of(reads: Reads, period: str | None = None) -> tuple[KeptFollowup, ...]:
    """The follow-ups of a period's calls, or all, by number."""
    with reads.reading() as connection:
        query = sa.select(followups).order_by(followups.c.seq)
        if period is not None:
            query = query.where(followups.c.period == period)
        rows = connection.execute(query).all()
        made = connection.execute(sa.select(followup_events).order_by(followup_events.c.seq)).all()
        words = contents.words_in(connection, (r.body_sha256 for r in (*rows, *made)))
    bodies = {sha256: _body(text) for sha256, text in words.items()}
    steps: dict[int, list[FollowupEvent]] = {}
    for step in made:
        steps.setdefault(step.followup_seq, []).append(_event(step, bodies[step.body_sha256]))
    return tuple(
        _followup(row, bodies[row.body_sha256], tuple(steps.get(row.seq, ()))) for row in rows
    )


def _followup(row: Any, body: Mapping[str, Any], events: tuple[FollowupEvent, ...]) -> KeptFollowup:
    due = _day(row.due)
    return KeptFollowup(
        number=row.seq,
        period=row.period,
        recording_id=row.recording_id,
        team=row.team,
        call_day=date.fromisoformat(row.call_day),
        rules=tuple(row.rules.split(",")),
        person=row.person,
        on_behalf_of=row.on_behalf_of,
        at=row.at,
        day=date.fromisoformat(row.day),
        problem=body.get("problem", ""),
        required=body.get("required", ""),
        handler=body.get("handler", ""),
        first_state=SUGGESTED if due is None else WAITING,
        first_due=due,
        events=events,
    )


def _event(row: Any, body: Mapping[str, Any]) -> FollowupEvent:
    given = body.get("feedback")
    feedback = None
    if given is not None:
        feedback = Feedback(**{**given, "day": date.fromisoformat(given["day"])})
    return FollowupEvent(
        state=row.state,
        person=row.person,
        on_behalf_of=row.on_behalf_of,
        at=row.at,
        day=date.fromisoformat(row.day),
        due=_day(row.due),
        note=body.get("note", ""),
        feedback=feedback,
    )


def _body(text: str) -> Mapping[str, Any]:
    """The words of a row; of a purged one, that they were."""
    if text.startswith("("):
        return {"problem": text, "note": text}
    body: Mapping[str, Any] = json.loads(text)
    return body


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
