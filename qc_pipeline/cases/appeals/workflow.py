"""Objections to published scores: who may raise and decide them, until when, and what follows.

Open to the agent's team lead for some working days after publication; decided by somebody who
neither judged the call nor leads the agent; every step is a row of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from qc_pipeline.cases.appeals.effect import AppealEffect
from qc_pipeline.cases.appeals.policy import (
    APPEALS,
    closing_day,
    decided_before,
    kind_of,
    need_deduction,
    need_independent,
    need_lead,
    public_parts,
    refuse_second,
    standing_card,
    team_of,
    undecided,
)
from qc_pipeline.cases.engine import CaseAct, acting, need_reason
from qc_pipeline.errors import UsageError
from qc_pipeline.period.calls import find_kept
from qc_pipeline.review.never_worse import refuse_worse
from qc_pipeline.review.rejudge import Judge
from qc_pipeline.scoring.decisions import Cause, Decision, DecisionVerdict
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.appeal_requests import AppealRequest, requests_of
from qc_pipeline.store.appeals import (
    CORRECTION,
    REJECTED,
    TAKEN,
    UPHELD,
    WITHDRAWN,
    KeptAppeal,
    add_appeal,
    add_event,
    appeals_of,
)
from qc_pipeline.store.decisions import Decided, NewDecision, add_decisions, cards_by_hash
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.publications import (
    Publication,
    add_publication,
    publications_of,
)
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import kept_sample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.deadlines import calendar_of, today_in
from qc_pipeline.workspace.people import Actor
from qc_pipeline.workspace.settings import Settings


def open_appeal(
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
) -> KeptAppeal:
    """Raise an objection to a deduction of a published card, or to a finding that cost nothing
    (更正). `requested_at` is when the agent asked for it: their time counts, not the lead's.

    Raises UsageError for a draft or a final period, after the window (with the day on which it
    closed), for a criterion that found nothing, from somebody who does not lead the agent's team, a
    second time later than the working days after the first answer, and a third time.
    """
    need_reason(reason)
    with acting(record, settings) as act:
        wanted = wanted_of(
            act, recording_id, criterion, period, asked_at=requested_at, next_shift=next_shift
        )
        if actor.known:
            need_lead(act.tx, actor, wanted.card)
        number = keep_objection(act, wanted, actor.name, reason)
    return find_appeal(record, number)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectedTo:
    """What is objected to, once it may be. `request` is the agent's own that waits, if any."""

    period: str
    card: Scorecard
    criterion: str
    kind: str
    asked_at: datetime | None
    next_shift: date | None
    request: AppealRequest | None


def wanted_of(
    act: CaseAct,
    recording_id: str,
    criterion: str,
    period: str | None,
    *,
    asked_at: datetime | None,
    next_shift: date | None,
) -> ObjectedTo:
    """The finding that somebody objects to. Raises UsageError where it is none, or too late."""
    tx = act.tx
    kept = find_kept(tx, recording_id, period)
    name = kept.sample.period
    public = public_parts(tx, name)
    card = outcomes_of(tx, kept.seq).get(recording_id)
    if not isinstance(card, Scorecard):
        raise UsageError(f"{recording_id} has no scorecard in {name}")
    result = need_deduction(card, criterion)
    own = [
        o
        for o in appeals_of(tx, name)
        if (o.recording_id, o.criterion) == (recording_id, criterion)
    ]
    waiting = [
        r
        for r in requests_of(tx, name)
        if r.objection is None and (r.recording_id, r.criterion) == (recording_id, criterion)
    ]
    if waiting and asked_at is None:
        asked_at = datetime.fromisoformat(waiting[0].requested_at)
        next_shift = waiting[0].next_shift
    _need_sane(act, public, asked_at, next_shift)
    closes = closing_day(tx, act.settings, public, recording_id, criterion, own, next_shift)
    refuse_second(own)
    asked_on = act.today if asked_at is None else today_in(act.settings, asked_at)
    if asked_on > closes:
        raise UsageError(
            f"the window for objections to {recording_id} {criterion} closed with the end of "
            f"{closes}; late objections are not accepted"
        )
    return ObjectedTo(
        period=name,
        card=card,
        criterion=criterion,
        kind=kind_of(card, result),
        asked_at=asked_at,
        next_shift=next_shift,
        request=waiting[0] if waiting else None,
    )


def _need_sane(
    act: CaseAct, public: Sequence[Publication], asked_at: datetime | None, next_shift: date | None
) -> None:
    """Raises UsageError for times that cannot be."""
    published_at = datetime.fromisoformat(public[0].at).replace(second=0, microsecond=0)
    if asked_at is not None and not published_at <= asked_at <= act.tx.now:
        raise UsageError(
            f"--requested is a time from the publication ({public[0].day}) until now, not "
            f"{asked_at.isoformat(timespec='minutes')}"
        )
    if next_shift is not None and next_shift < public[0].day:
        raise UsageError(f"--next-shift {next_shift} is before the publication ({public[0].day})")


def keep_objection(act: CaseAct, wanted: ObjectedTo, person: str, reason: str) -> int:
    """Keep an objection; returns its number."""
    asked_at = wanted.asked_at
    return add_appeal(
        act.tx,
        period=wanted.period,
        recording_id=wanted.card.recording_id,
        criterion=wanted.criterion,
        person=person,
        day=act.today,
        due=act.due_day(),
        card=wanted.card.sha256(),
        reason=reason,
        kind=wanted.kind,
        request=None if wanted.request is None else wanted.request.number,
        requested_at=None if asked_at is None else asked_at.isoformat(timespec="seconds"),
        next_shift=wanted.next_shift,
    )


def take_appeal(
    record: Record, settings: Settings, actor: Actor, number: int, *, reason: str = ""
) -> KeptAppeal:
    """Take an objection into review. Raises UsageError from somebody who may not decide it."""
    with acting(record, settings) as act:
        tx = act.tx
        objection = undecided(tx, number)
        if objection.state == TAKEN:
            raise UsageError(f"objection {number} is in review by {objection.events[-1].person}")
        need_independent(tx, settings, actor, objection)
        card = standing_card(tx, objection)
        _step(act, objection, actor, TAKEN, reason, card)
    return find_appeal(record, number)


def decide_appeal(
    record: Record,
    settings: Settings,
    actor: Actor,
    number: int,
    *,
    outcome: str,
    reason: str,
    points: float | None = None,
    cause: Cause | None = None,
) -> tuple[KeptAppeal, AppealEffect]:
    """Decide an objection: upheld (nothing is lost), partly (`points` are), rejected. From then on
    the criterion is locked on that call; to a first answer that leaves something deducted one
    second objection (二次申诉) may be raised, and its answer is the last word.

    The decision on the criterion, the new card and the objection's step stand together or not at
    all. Raises UsageError from somebody who judged the call, leads the agent or raised it, of a
    second one from who decided the first, or is no manager, and where the call would be worse off
    than before (申诉不加扣).
    """
    answer = Answer(outcome=outcome, reason=reason, points=points, cause=cause)
    with acting(record, settings) as act:
        effect = _decide(act, actor, number, answer)
    return find_appeal(record, number), effect


def preview_appeal(
    record: Record,
    settings: Settings,
    actor: Actor,
    number: int,
    *,
    outcome: str,
    reason: str,
    points: float | None = None,
    cause: Cause | None = None,
) -> AppealEffect:
    """What an answer would change; nothing is kept but a line in the audit, so that who tries one
    after the other is seen. Raises as `decide_appeal` does.
    """
    answer = Answer(outcome=outcome, reason=reason, points=points, cause=cause)
    try:
        with acting(record, settings) as act:
            raise _NotKeptError(_decide(act, actor, number, answer))
    except _NotKeptError as found:
        effect = found.effect
    what = {"objection": number, "outcome": outcome, "points": points, "person": actor.name}
    record.tell("objection.shown", what, why=reason)
    return effect


class _NotKeptError(Exception):
    """Undoes a transaction; what it would have changed was wanted."""

    def __init__(self, effect: AppealEffect) -> None:
        super().__init__()
        self.effect = effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to an objection; see `decide_appeal`."""

    outcome: str
    reason: str
    points: float | None = None
    cause: Cause | None = None


def _decide(act: CaseAct, actor: Actor, number: int, answer: Answer) -> AppealEffect:
    need_reason(answer.reason)
    tx = act.tx
    objection = undecided(tx, number)
    need_independent(tx, act.settings, actor, objection)
    final = answer.outcome == UPHELD or bool(decided_before(tx, objection))
    standing = cards_by_hash(tx, [standing_card(tx, objection)])
    ((card, before),) = standing.items()
    effect = AppealEffect(before=before, after=before)
    if answer.outcome != REJECTED:
        decided = _correct(
            act, objection, actor, answer.outcome, answer.points, answer.reason, answer.cause
        )
        effect = AppealEffect(before=decided.before, after=decided.after)
        card = decided.after.sha256()
    elif answer.points is not None:
        raise UsageError("a rejected objection changes no points; --partly sets them")
    _step(act, objection, actor, answer.outcome, answer.reason, card, final=final)
    return effect


def withdraw_appeal(
    record: Record, settings: Settings, actor: Actor, number: int, *, reason: str = ""
) -> KeptAppeal:
    """Take an objection back while it is undecided: whoever raised it, or the team's lead."""
    with acting(record, settings) as act:
        tx = act.tx
        objection = undecided(tx, number)
        raised_by = {objection.person, objection.on_behalf_of}
        team = team_of(tx, cards_by_hash(tx, [objection.card])[objection.card])
        if not raised_by & set(actor.people) and not (actor.known and actor.leads(team)):
            raise UsageError(f"objection {number} was raised by {objection.person}, not by you")
        card = standing_card(tx, objection)
        _step(act, objection, actor, WITHDRAWN, reason, card)
    return find_appeal(record, number)


def extend_window(
    record: Record, settings: Settings, actor: Actor, period: str, *, reason: str
) -> date:
    """Extend a period's window once, by as many working days again; returns its new last day."""
    need_reason(reason)
    with acting(record, settings) as act:
        tx = act.tx
        public = public_parts(tx, period)
        if any(p.kind == "extension" for p in publications_of(tx, period)):
            raise UsageError(f"the window of {period} was extended before: once is all")
        closes = public[0].objections_due
        if act.today > closes:
            raise UsageError(f"the window of {period} closed with the end of {closes}")
        due, _ = calendar_of(settings).add(closes, settings.calendar.window_days)
        add_publication(
            tx,
            period=period,
            sample_seq=public[0].sample_seq,
            kind="extension",
            person=actor.name,
            day=act.today,
            objections_due=due,
            body={"reason": reason},
        )
    return due


def find_appeal(record: Reads, number: int) -> KeptAppeal:
    """Raises UsageError for a number that none has."""
    return APPEALS.find(record, number)


def _correct(
    act: CaseAct,
    objection: KeptAppeal,
    actor: Actor,
    outcome: str,
    points: float | None,
    reason: str,
    cause: Cause | None,
) -> Decided:
    tx, settings = act.tx, act.settings
    kept = kept_sample(tx, objection.period)
    if kept is None:
        raise RuntimeError(f"{objection.period} has no sample")
    card = outcomes_of(tx, kept.seq).get(objection.recording_id)
    cost = 0.0
    if isinstance(card, Scorecard):
        cost = {c.id: c.lost for c in card.criteria()}.get(objection.criterion or "", 0.0)
    if outcome != UPHELD and objection.kind == CORRECTION:
        raise UsageError("it cost nothing (更正，不涉及分数): --upheld or --rejected")
    if outcome == UPHELD and points is not None:
        raise UsageError("an upheld objection costs nothing; --partly sets the points")
    if outcome != UPHELD and (points is None or not 0 < points < cost):
        raise UsageError(
            f"--partly needs --points N, more than 0 and less than the {cost:g} it cost"
        )
    decision = Decision(
        criterion=objection.criterion,
        verdict=DecisionVerdict.OVERTURN if outcome == UPHELD else DecisionVerdict.POINTS,
        person=actor.name,
        at=tx.now.isoformat(timespec="seconds"),
        reason=reason,
        points=points,
        cause=cause,
        in_favour=True,
    )
    judge = Judge(tx, settings, published=True)
    new = NewDecision(
        recording_id=objection.recording_id,
        decision=decision,
        source="objection",
        objection=objection.number,
    )
    (decided,) = add_decisions(
        tx,
        period=objection.period,
        sample_seq=kept.seq,
        new=[new],
        make=judge.again,
    )
    refuse_worse(decided.before, decided.after)
    return decided


def _step(
    act: CaseAct,
    objection: KeptAppeal,
    actor: Actor,
    state: str,
    reason: str,
    card: str,
    *,
    final: bool = True,
) -> None:
    add_event(
        act.tx,
        objection.number,
        state=state,
        person=actor.name,
        day=act.today,
        reason=reason,
        card=card,
        final=final,
    )
