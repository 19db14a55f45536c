"""Objections to published scores: who may raise and decide them, until when, and what follows.

Open to the agent's team lead for some working days after publication; decided by somebody who
neither judged the call nor leads the agent; every step is a row of its own.
"""

from __future__ import annotations

from datetime import date

from qc_pipeline.cases.appeals.policy import (
    APPEALS,
    closing_day,
    decided_before,
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
from qc_pipeline.review.decide import announce
from qc_pipeline.review.rejudge import Judge
from qc_pipeline.scoring.decisions import Cause, Decision, DecisionVerdict
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.appeals import (
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
    add_publication,
    publications_of,
    published,
)
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import kept_sample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.deadlines import calendar_of
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
) -> KeptAppeal:
    """Raise an objection to a deduction of a published card.

    Raises UsageError for a draft or a final period, after the window (with the day on which it
    closed), for a criterion that cost nothing, from somebody who does not lead the agent's team,
    a second time later than the working days after the first answer, and a third time.
    """
    need_reason(reason)
    with acting(record, settings) as act:
        tx = act.tx
        kept = find_kept(tx, recording_id, period)
        name = kept.sample.period
        public = public_parts(tx, name)
        card = outcomes_of(tx, kept.seq).get(recording_id)
        if not isinstance(card, Scorecard):
            raise UsageError(f"{recording_id} has no scorecard in {name}")
        need_deduction(card, criterion)
        if actor.known:
            need_lead(tx, actor, card)
        former = [
            o
            for o in appeals_of(tx, name)
            if (o.recording_id, o.criterion) == (recording_id, criterion)
        ]
        closes = closing_day(tx, settings, public, recording_id, criterion, former)
        refuse_second(former)
        if act.today > closes:
            raise UsageError(
                f"the window for objections to {recording_id} {criterion} closed with the end of "
                f"{closes}; late objections are not accepted"
            )
        number = add_appeal(
            tx,
            period=name,
            recording_id=recording_id,
            criterion=criterion,
            person=actor.name,
            day=act.today,
            due=act.due_day(),
            card=card.sha256(),
            reason=reason,
        )
    return find_appeal(record, number)


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
) -> tuple[KeptAppeal, Decided | None]:
    """Decide an objection: upheld (nothing is lost), partly (`points` are), rejected. From then on
    the criterion is locked on that call; to a first answer that leaves something deducted one
    second objection (二次申诉) may be raised, and its answer is the last word.

    The decision on the criterion, the new card and the objection's step stand together or not at
    all. Raises UsageError from somebody who judged the call, leads the agent or raised it, and of a
    second one from who decided the first, or is no manager.
    """
    need_reason(reason)
    with acting(record, settings) as act:
        tx = act.tx
        objection = undecided(tx, number)
        need_independent(tx, settings, actor, objection)
        final = outcome == UPHELD or bool(decided_before(tx, objection))
        decided: Decided | None = None
        card = standing_card(tx, objection)
        if outcome != REJECTED:
            decided = _correct(act, objection, actor, outcome, points, reason, cause)
            card = decided.after.sha256()
        elif points is not None:
            raise UsageError("a rejected objection changes no points; --partly sets them")
        _step(act, objection, actor, outcome, reason, card, final=final)
    return find_appeal(record, number), decided


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
    public = published(tx, objection.period)
    # A smaller deduction for the same words, covered until now, may count in its place.
    announce(
        tx,
        settings,
        public,
        [(decided.before, decided.after)],
        person=actor.name,
        text=reason,
    )
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
