"""Follow-ups (跟踪问题): opened by QA, answered through the lead, checked by QA, closed.

waiting → to be checked → checked → closed, or sent back; whoever gave the feedback does not check
it. Every step is a row of its own; deadlines are working days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from qc_pipeline.call import Recording
from qc_pipeline.call_fields import Rate
from qc_pipeline.cases.engine import CaseAct, CaseKind, acting, in_state, need_somebody_else
from qc_pipeline.errors import InputError, Problem, UsageError
from qc_pipeline.period.calls import find_kept
from qc_pipeline.store.calls import kept_call
from qc_pipeline.store.followups import (
    BY_HAND,
    CHECKED,
    CLOSED,
    DROPPED,
    OVERDUE,
    SENT_BACK,
    SUGGESTED,
    TO_CHECK,
    WAITING,
    Feedback,
    KeptFollowup,
    add_event,
    add_followup,
    followups_of,
)
from qc_pipeline.store.record import Record
from qc_pipeline.store.transaction import Reads
from qc_pipeline.text.masking.mask import mask_identifier
from qc_pipeline.workspace.people import Actor, lead_of
from qc_pipeline.workspace.settings import Settings

ANSWERABLE = (WAITING, SENT_BACK, TO_CHECK)
FOLLOWUPS = CaseKind(noun="follow-up", listed_by="qc followup list", read=followups_of)
AWAITS = {
    WAITING: "no feedback yet (`qc followup feedback`)",
    SENT_BACK: "sent back: the lead hands in new feedback (`qc followup feedback`)",
    TO_CHECK: "not checked yet (`qc followup check`)",
    CHECKED: "checked: `qc followup close` closes it",
    SUGGESTED: "only suggested: `qc followup open --suggested N` opens it",
}
"""What a follow-up awaits in a state, and the command for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """Feedback to a follow-up, from row `row` of a sheet (None: from options).

    `feedback.handler` and `feedback.lead` may be empty: the follow-up's own stand then.
    """

    number: int
    feedback: Feedback
    recording_id: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """Numbers of the follow-ups whose feedback was kept now, and of those that had it before."""

    kept: tuple[int, ...]
    known: tuple[int, ...]


def open_followup(
    record: Record,
    settings: Settings,
    actor: Actor,
    *,
    recording_id: str,
    problem: str,
    required: str,
    handler: str = "",
    team: str = "",
    due: date | None = None,
    period: str | None = None,
) -> KeptFollowup:
    """Open a follow-up by hand; group and handler are the call's own where none are named.

    Raises UsageError without a problem, for a call that was not drawn, for a test call (its lead
    must not know of it), and for a last day that is over.
    """
    if not problem.strip():
        raise UsageError("say what is to be followed up: --problem TEXT")
    with acting(record, settings) as act:
        kept = find_kept(act.tx, recording_id, period)
        call = _call(act.tx, recording_id)
        if call.mystery:
            raise UsageError(
                f"{recording_id} is a test call, known to QA alone: no lead follows it up"
            )
        number = add_followup(
            act.tx,
            period=kept.sample.period,
            recording_id=recording_id,
            team=team.strip() or call.text("team") or "",
            call_day=call.start_time.date(),
            rules=(BY_HAND,),
            person=actor.name,
            day=act.today,
            due=act.due_day(due),
            problem=problem.strip(),
            required=required.strip(),
            handler=handler.strip() or call.text("agent_name") or call.agent_id or "",
        )
    return find_followup(record, number)


def accept_suggested(
    record: Record, settings: Settings, actor: Actor, number: int, *, due: date | None = None
) -> KeptFollowup:
    """Open a follow-up that a rule only suggested."""
    with acting(record, settings) as act:
        found = in_state(FOLLOWUPS, act.tx, number, (SUGGESTED,), AWAITS)
        last = act.due_day(due)
        _step(act, found, actor, state=WAITING, due=last)
    return find_followup(record, number)


def give_feedback(
    record: Record, settings: Settings, actor: Actor, lines: Sequence[SheetLine], *, name: str
) -> TakenIn:
    """Take in what leads report, all lines or none; the same line twice is one report.

    Raises InputError with every line that does not fit, each at its row of `name`: a number that
    is none, another recording, a follow-up that is closed, another group's, a day before it was
    opened or still to come.
    """
    with acting(record, settings) as act:
        standing = {f.number: f for f in followups_of(act.tx)}
        problems: list[Problem] = []
        fresh: list[tuple[KeptFollowup, Feedback]] = []
        known: list[int] = []
        for line in lines:
            found = standing.get(line.number)
            given = _completed(settings, found, line.feedback)
            told = check_line(settings, actor, found, line, given, act.today)
            if found is not None and not told and _is_known(found, given):
                known.append(line.number)
            elif found is not None and not told and found.state not in ANSWERABLE:
                told = [f"follow-up {line.number} is {found.state}: it takes no feedback"]
            elif found is not None and not told:
                fresh.append((found, given))
            problems += [Problem(path=name, line=line.row, message=text) for text in told]
        if problems:
            if problems[0].line is None:
                raise UsageError("; ".join(p.message for p in problems))
            raise InputError(problems)
        for found, given in fresh:
            _step(act, found, actor, state=TO_CHECK, feedback=given)
    return TakenIn(kept=tuple(f.number for f, _ in fresh), known=tuple(known))


def check_line(
    settings: Settings,
    actor: Actor,
    found: KeptFollowup | None,
    line: SheetLine,
    given: Feedback,
    today: date,
) -> list[str]:
    """What is wrong with a line of feedback, a sentence each."""
    if found is None:
        return [f"there is no follow-up {line.number}; `qc followup list` shows them"]
    told: list[str] = []
    if line.recording_id and line.recording_id not in (
        found.recording_id,
        mask_identifier(found.recording_id),
    ):
        told.append(
            f"follow-up {found.number} is about {mask_identifier(found.recording_id)},"
            f" not {line.recording_id}"
        )
    if actor.known and not (actor.leads(found.team) or "manager" in actor.roles):
        told.append(
            f"{actor.name} does not lead {found.team or 'the group'} of follow-up {found.number}: "
            "feedback comes through the group's lead"
        )
    if not given.result.strip():
        told.append(f"follow-up {found.number} has no result: say what was done")
    if given.day > today:
        told.append(f"follow-up {found.number}: {given.day} is still to come")
    elif given.day < found.call_day:
        told.append(f"follow-up {found.number}: {given.day} is before the call ({found.call_day})")
    return told


def check_followup(
    record: Record,
    settings: Settings,
    actor: Actor,
    number: int,
    *,
    passed: bool,
    reason: str = "",
    due: date | None = None,
) -> KeptFollowup:
    """QA's check (复核) of the feedback: it stands, or goes back with a reason and a new last day.

    Raises UsageError from whoever gave the feedback or leads the group.
    """
    if not passed and not reason.strip():
        raise UsageError("say what is missing: --reason TEXT")
    if passed and due is not None:
        raise UsageError("--due goes with --send-back")
    with acting(record, settings) as act:
        found = in_state(FOLLOWUPS, act.tx, number, (TO_CHECK,), AWAITS)
        _need_independent(actor, found)
        _step(
            act,
            found,
            actor,
            state=CHECKED if passed else SENT_BACK,
            due=None if passed else act.due_day(due),
            note=reason,
        )
    return find_followup(record, number)


def close_followup(
    record: Record, settings: Settings, actor: Actor, number: int, *, reason: str = ""
) -> KeptFollowup:
    """Close a follow-up whose feedback was checked; drop one that is only suggested, with a reason.

    Raises UsageError where nobody has checked it yet.
    """
    with acting(record, settings) as act:
        found = in_state(FOLLOWUPS, act.tx, number, (CHECKED, SUGGESTED), AWAITS)
        if found.state == SUGGESTED and not reason.strip():
            raise UsageError("say why it needs no follow-up: --reason TEXT")
        if found.state == CHECKED:
            _need_independent(actor, found)
        state = CLOSED if found.state == CHECKED else DROPPED
        _step(act, found, actor, state=state, note=reason)
    return find_followup(record, number)


def find_followup(record: Reads, number: int) -> KeptFollowup:
    """Raises UsageError for a number that none has."""
    return FOLLOWUPS.find(record, number)


def in_order(found: Iterable[KeptFollowup], today: date) -> tuple[KeptFollowup, ...]:
    """Overdue ones first, longest overdue before all; then what is open by its last day, what is
    suggested, and what is done, newest first.
    """

    def place(item: KeptFollowup) -> tuple[int, int, int]:
        state = item.state_on(today)
        due = 0 if item.due is None else item.due.toordinal()
        if state == OVERDUE:
            return (0, due, item.number)
        if state in (CLOSED, DROPPED):
            return (3, -item.number, 0)
        return (2 if state == SUGGESTED else 1, due, item.number)

    return tuple(sorted(found, key=place))


def on_time(found: Iterable[KeptFollowup], today: date) -> Rate:
    """办结率: of the follow-ups that were closed or whose last day is over, those answered by it.

    What counts is the day on which the lead handed in the feedback that QA let stand: how long QA
    takes to check it is not the lead's delay.
    """
    due = [done for item in found if (done := in_time(item, today)) is not None]
    return Rate(part=sum(due), whole=len(due))


def in_time(item: KeptFollowup, today: date) -> bool | None:
    """Whether a follow-up counts as answered in time; None while that is open."""
    if item.state in (SUGGESTED, DROPPED):
        return None
    if item.state_on(today) == OVERDUE or answered_late(item):
        return False
    return True if item.state == CLOSED else None


def answered_late(item: KeptFollowup) -> bool:
    """Whether the feedback that stands was handed in after the last day it had then."""
    given = item.feedback
    if given is None or item.state in (WAITING, SENT_BACK):
        return False
    before = item.events[: item.events.index(given)]
    due = next((e.due for e in reversed(before) if e.due is not None), item.first_due)
    return due is not None and given.day > due


def _completed(settings: Settings, found: KeptFollowup | None, given: Feedback) -> Feedback:
    """The line with handler and lead of the follow-up where it names none."""
    if found is None:
        return given
    return Feedback(
        result=given.result.strip(),
        called_back=given.called_back,
        callback_number=given.callback_number.strip(),
        handler=given.handler.strip() or found.handler,
        lead=given.lead.strip() or lead_of(settings.people.values(), found.team),
        day=given.day,
    )


def _is_known(found: KeptFollowup, given: Feedback) -> bool:
    former = found.feedback
    return former is not None and found.state != SENT_BACK and former.feedback == given


def _call(record: Reads, recording_id: str) -> Recording:
    call = kept_call(record, recording_id)
    if call is None:
        raise UsageError(f"{recording_id} is not in the record yet; `qc run` takes it in")
    return call


def _need_independent(actor: Actor, found: KeptFollowup) -> None:
    """Raises UsageError for who gave the feedback, and for who leads the group."""
    given = found.feedback
    need_somebody_else(
        actor,
        [
            (
                () if given is None else given.people,
                "gave the feedback: somebody else checks and closes it",
            )
        ],
        team=found.team,
        leads="somebody else checks and closes it",
    )


def _step(
    act: CaseAct,
    found: KeptFollowup,
    actor: Actor,
    *,
    state: str,
    due: date | None = None,
    note: str = "",
    feedback: Feedback | None = None,
) -> None:
    add_event(
        act.tx,
        found,
        state=state,
        person=actor.name,
        day=act.today,
        due=due,
        note=note.strip(),
        feedback=feedback,
    )
