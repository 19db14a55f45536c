"""What agents ask for: their lead forwards it, or it goes to QA by itself."""

from __future__ import annotations

from datetime import date, datetime

from qc_pipeline.cases.appeals.policy import need_lead, team_of
from qc_pipeline.cases.appeals.workflow import find_appeal, keep_objection, wanted_of
from qc_pipeline.cases.engine import CaseAct, acting, need_reason
from qc_pipeline.errors import InputError, Problem, UsageError
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.appeal_requests import AppealRequest, add_request, requests_of
from qc_pipeline.store.appeals import OPEN, TAKEN, KeptAppeal, appeals_of
from qc_pipeline.store.card_sources import calls_by_hash
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.publications import finalised
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import kept_sample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.deadlines import calendar_of, today_in
from qc_pipeline.workspace.people import Actor, agent_of, lead_of
from qc_pipeline.workspace.settings import Settings

FORWARD_DAYS = 1
"""Working days that a lead has to forward a request; then it goes to QA by itself."""
BY_ITSELF = "qc"
"""Who forwards where nobody leads the team."""


def request_appeal(
    record: Record,
    settings: Settings,
    actor: Actor,
    *,
    recording_id: str,
    criterion: str,
    reason: str,
    period: str | None = None,
    requested_at: datetime | None = None,
    next_shift: date | None = None,
) -> AppealRequest:
    """Keep that an agent asks to object; `requested_at` is when they did, now where it is None.

    Raises UsageError as `open_appeal` does, from an agent whose call it is not, and where a request
    or an objection to the same waits already.
    """
    need_reason(reason)
    with acting(record, settings) as act:
        asked_at = requested_at or act.tx.now
        wanted = wanted_of(
            act, recording_id, criterion, period, asked_at=asked_at, next_shift=next_shift
        )
        if wanted.request is not None:
            raise UsageError(
                f"request {wanted.request.number} for {recording_id} {criterion} waits already"
            )
        call = calls_by_hash(act.tx, [wanted.card]).get(recording_id)
        agent_id = None if call is None else call.agent_id
        own = agent_of(settings, actor)
        if own is not None and own != agent_id:
            raise UsageError(f"{recording_id} is not a call of {actor.name}")
        due, _ = calendar_of(settings).add(today_in(settings, asked_at), FORWARD_DAYS)
        number = add_request(
            act.tx,
            period=wanted.period,
            recording_id=recording_id,
            criterion=criterion,
            agent_id=agent_id,
            requested_at=asked_at.astimezone(settings.zone).isoformat(timespec="seconds"),
            next_shift=next_shift,
            person=actor.name,
            day=act.today,
            forward_due=due,
            reason=reason,
        )
    return find_request(record, number)


def forward_request(
    record: Record, settings: Settings, actor: Actor, number: int, *, reason: str = ""
) -> KeptAppeal:
    """The team's lead raises what an agent asked for, in the agent's words or in their own."""
    with acting(record, settings) as act:
        request = _waiting(act.tx, number)
        wanted = wanted_of(
            act,
            request.recording_id,
            request.criterion,
            request.period,
            asked_at=None,
            next_shift=None,
        )
        if actor.known:
            need_lead(act.tx, actor, wanted.card)
        made = keep_objection(act, wanted, actor.name, reason.strip() or request.reason)
    return find_appeal(record, made)


def forward_overdue(record: Record, settings: Settings) -> tuple[KeptAppeal, ...]:
    """Raise what leads did not forward in time; shown as the lead's. Returns what was raised."""
    today = today_in(settings, record.now)
    late = [r for r in waiting_requests(record) if today > r.forward_due]
    made: list[int] = []
    for request in late:
        with acting(record, settings) as act:
            found = find_request(act.tx, request.number)
            if found.objection is None and not _is_moot(act.tx, found):
                made.append(_by_itself(act, found))
    return tuple(find_appeal(record, number) for number in made)


def _by_itself(act: CaseAct, request: AppealRequest) -> int:
    wanted = wanted_of(
        act, request.recording_id, request.criterion, request.period, asked_at=None, next_shift=None
    )
    lead = lead_of(act.settings.people.values(), team_of(act.tx, wanted.card) or "")
    return keep_objection(act, wanted, lead or BY_ITSELF, request.reason)


def waiting_requests(reads: Reads, period: str | None = None) -> tuple[AppealRequest, ...]:
    """Requests that nobody forwarded yet, of periods that are not final, in the order of their last
    days. What cost something then and does not any more waits for nobody.
    """
    found = [
        r
        for r in requests_of(reads, period)
        if r.objection is None and finalised(reads, r.period) is None and not _is_moot(reads, r)
    ]
    return tuple(sorted(found, key=lambda r: (r.forward_due, r.number)))


def refuse_waiting(record: Record, settings: Settings, period: str) -> None:
    """Raise what is overdue. Raises InputError while requests of a period wait for their lead."""
    forward_overdue(record, settings)
    waiting = waiting_requests(record, period)
    if waiting:
        raise InputError(
            [
                Problem(
                    path=r.recording_id,
                    message=f"the agent's request {r.number} to object to {r.criterion} waits for "
                    f"the lead until the end of {r.forward_due}",
                    hint=f"`qc appeal forward {r.number}`",
                )
                for r in waiting
            ]
        )


def _is_moot(reads: Reads, request: AppealRequest) -> bool:
    """Whether the finding is gone, or another objection to it waits."""
    kept = kept_sample(reads, request.period)
    card = None if kept is None else outcomes_of(reads, kept.seq).get(request.recording_id)
    if not isinstance(card, Scorecard):
        return True
    line = next((c for c in card.criteria() if c.id == request.criterion), None)
    same = (request.recording_id, request.criterion)
    return (
        line is None
        or line.verdict is not Verdict.FAIL
        or any(
            (o.recording_id, o.criterion) == same and o.state in (OPEN, TAKEN)
            for o in appeals_of(reads, request.period)
        )
    )


def find_request(reads: Reads, number: int) -> AppealRequest:
    """Raises UsageError for a number that none has."""
    found = next((r for r in requests_of(reads) if r.number == number), None)
    if found is None:
        raise UsageError(f"there is no request {number}; `qc appeal list` shows them")
    return found


def _waiting(reads: Reads, number: int) -> AppealRequest:
    request = find_request(reads, number)
    if request.objection is not None:
        raise UsageError(f"request {number} is objection {request.objection} already")
    return request


def is_forwarded_late(reads: Reads, objection: KeptAppeal) -> bool:
    """Whether an objection went to QA by itself, since the lead had not forwarded it in time."""
    if objection.request is None:
        return False
    return objection.day > find_request(reads, objection.request).forward_due
