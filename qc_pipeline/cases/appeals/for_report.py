"""The objections that a period's report tells of: to its own calls, and of the time before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

from qc_pipeline.cases.appeals.policy import APPEALS
from qc_pipeline.cases.appeals.requests import waiting_requests
from qc_pipeline.cases.engine import as_of, last_day, told_of
from qc_pipeline.report.appeal_facts import AppealFacts, AppealStep, WaitingRequest
from qc_pipeline.report.inputs import Appeal
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.appeal_requests import AppealRequest, requests_of
from qc_pipeline.store.appeals import KeptAppeal, appeals_of
from qc_pipeline.store.card_sources import calls_by_hash, made_from_many
from qc_pipeline.store.decisions import cards_by_hash
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.samples import KeptSample, kept_sample
from qc_pipeline.store.transaction import Reads

ENTERED_LATER_S = 60
"""So long after the agent had asked, that it was entered is a step of its own."""


def told_appeals(
    record: Reads, kept: KeptSample, *, zone: tzinfo, until: datetime | None = None
) -> tuple[Appeal, ...]:
    """Objections to the period's own calls, and to calls of earlier periods where the last step
    was taken since this period began: the report after the decision tells outcome and scores.
    With `until`, as all of it stood at that moment. Times are told in `zone`.
    """
    told = told_of(
        APPEALS, record, kept, until=until, concerns=lambda o: last_day(o) >= kept.start_day
    )
    if not told:
        return ()
    stood = [o for one in appeals_of(record) if (o := as_of(one, until)) is not None]
    by_number = {r.number: r for r in requests_of(record)}
    cards = cards_by_hash(record, sorted({h for o in told for h in (o.card, _last(o))}))
    own = kept.sample.period
    return tuple(
        _told(record, o, _of_the_same(stood, o), by_number, cards, zone, earlier=o.period != own)
        for o in told
    )


def _last(objection: KeptAppeal) -> str:
    """The call's card after the objection's last step, by hash."""
    return objection.events[-1].card if objection.events else objection.card


def _of_the_same(stood: Iterable[KeptAppeal], objection: KeptAppeal) -> tuple[KeptAppeal, ...]:
    same = (objection.period, objection.recording_id, objection.criterion)
    return tuple(o for o in stood if (o.period, o.recording_id, o.criterion) == same)


def _told(
    record: Reads,
    objection: KeptAppeal,
    same: Sequence[KeptAppeal],
    by_number: Mapping[int, AppealRequest],
    cards: Mapping[str, Scorecard],
    zone: tzinfo,
    *,
    earlier: bool,
) -> Appeal:
    before, after = cards[objection.card], cards[_last(objection)]
    call = calls_by_hash(record, [before]).get(objection.recording_id)
    behind = None
    if earlier and call is not None:
        behind = made_from_many(record, [before]).get(objection.recording_id)
    decided = objection.decided
    title = next((c.title for c in before.criteria() if c.id == objection.criterion), "")
    facts = AppealFacts(
        number=objection.number,
        kind=objection.kind,
        second=any(o.number < objection.number and o.decided is not None for o in same),
        late=_is_late(objection, by_number),
        raised_at=_in(zone, objection.at),
        raised_by=objection.person,
        raised_for=objection.on_behalf_of,
        requested_at=None if objection.requested_at is None else _in(zone, objection.requested_at),
        decided_by="" if decided is None else decided.person,
        before=before,
        after=after,
        steps=tuple(
            sorted(
                (step for o in same for step in _steps(o, by_number, zone)),
                key=lambda step: step.at,
            )
        ),
        earlier=earlier,
        recording=None if behind is None else call,
        transcript=None if behind is None else behind.transcript,
    )
    return Appeal(
        recording_id=objection.recording_id,
        criterion_id=objection.criterion,
        reason=objection.reason,
        opened_on=objection.day,
        state=objection.state,
        answer="" if decided is None else decided.reason,
        answered_on=None if decided is None else decided.day,
        due=objection.due,
        total_before=before.total,
        total_after=after.total,
        period=objection.period,
        title=title,
        team="" if call is None else call.text("team") or "",
        agent_id=None if call is None else call.agent_id,
        agent="" if call is None else call.text("agent_name") or "",
        mystery=False if call is None else call.mystery,
        facts=facts,
    )


def _steps(
    objection: KeptAppeal, by_number: Mapping[int, AppealRequest], zone: tzinfo
) -> Iterator[AppealStep]:
    """From the agent's asking to the answer."""
    number = objection.number
    request = None if objection.request is None else by_number.get(objection.request)
    if objection.requested_at is not None:
        asked = _in(zone, objection.requested_at)
        yield AppealStep(at=asked, kind="asked", number=number)
        if request is not None:
            entered = _in(zone, request.at)
            if (entered - asked).total_seconds() >= ENTERED_LATER_S:
                yield AppealStep(
                    at=entered,
                    kind="entered",
                    person=request.person,
                    on_behalf_of=request.on_behalf_of,
                    number=number,
                )
    late = _is_late(objection, by_number)
    yield AppealStep(
        at=_in(zone, objection.at),
        kind="raised" if request is None else "forwarded_late" if late else "forwarded",
        person=objection.person,
        on_behalf_of=objection.on_behalf_of,
        reason=objection.reason,
        number=number,
    )
    for event in objection.events:
        yield AppealStep(
            at=_in(zone, event.at),
            kind=event.state,
            person=event.person,
            on_behalf_of=event.on_behalf_of,
            reason=event.reason,
            number=number,
        )


def _is_late(objection: KeptAppeal, by_number: Mapping[int, AppealRequest]) -> bool:
    """Whether it went to QA by itself, since the lead had not forwarded it in time."""
    request = None if objection.request is None else by_number.get(objection.request)
    return request is not None and objection.day > request.forward_due


def _in(zone: tzinfo, at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(zone)


def told_requests(
    record: Reads, kept: KeptSample, *, zone: tzinfo, until: datetime | None = None
) -> tuple[WaitingRequest, ...]:
    """What agents asked for and no lead has forwarded yet: of the period's own calls, and of the
    periods that ended before it. With `until`, what waited at that moment.
    """
    if until is None:
        found = [*waiting_requests(record)]
    else:
        raised = {o.number: datetime.fromisoformat(o.at) for o in appeals_of(record)}
        found = [
            r
            for r in requests_of(record)
            if datetime.fromisoformat(r.at) <= until
            and (r.objection is None or raised[r.objection] > until)
        ]
    made = []
    for request in sorted(found, key=lambda r: (r.forward_due, r.number)):
        drawn = kept_sample(record, request.period)
        if drawn is None:
            continue
        if request.period != kept.sample.period and drawn.end_day >= kept.start_day:
            continue
        card = outcomes_of(record, drawn.seq).get(request.recording_id)
        if isinstance(card, Scorecard):
            made.append(_waiting(record, request, card, zone))
    return tuple(made)


def _waiting(
    record: Reads, request: AppealRequest, card: Scorecard, zone: tzinfo
) -> WaitingRequest:
    call = calls_by_hash(record, [card]).get(card.recording_id)
    title = next((c.title for c in card.criteria() if c.id == request.criterion), "")
    return WaitingRequest(
        number=request.number,
        recording_id=request.recording_id,
        criterion_id=request.criterion,
        reason=request.reason,
        requested_at=_in(zone, request.requested_at),
        due=request.forward_due,
        period=request.period,
        title=title,
        team="" if call is None else call.text("team") or "",
        agent_id=request.agent_id,
        agent="" if call is None else call.text("agent_name") or "",
        mystery=False if call is None else call.mystery,
    )
