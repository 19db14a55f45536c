"""The follow-ups that a period's report tells of: of its own calls, and of the time before it."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime

from qc_pipeline.call import Recording
from qc_pipeline.cases.engine import told_of
from qc_pipeline.cases.followups.workflow import FOLLOWUPS, in_time
from qc_pipeline.errors import UsageError
from qc_pipeline.report.inputs import FollowUp
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.store.calls import kept_call
from qc_pipeline.store.followups import (
    CHECKED,
    CLOSED,
    DROPPED,
    SENT_BACK,
    SUGGESTED,
    KeptFollowup,
)
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.deadlines import today_in
from qc_pipeline.workspace.people import lead_of
from qc_pipeline.workspace.settings import Settings


def told_followups(
    record: Reads, settings: Settings, kept: KeptSample, *, until: datetime | None = None
) -> tuple[FollowUp, ...]:
    """Follow-ups of the period's own calls, and of earlier periods' calls those that are open or
    had a step since this period began. What was dropped is left out, of earlier periods also what
    was only suggested. With `until`, as all of it stood at that moment; else as it stands now.
    """
    today = today_in(settings, until or record.now)
    told = told_of(
        FOLLOWUPS, record, kept, until=until, concerns=lambda f: _concerns(f, kept.start_day)
    )
    return tuple(_told(record, settings, f, today) for f in told if f.state != DROPPED)


def _concerns(item: KeptFollowup, start: date) -> bool:
    if item.state == SUGGESTED:
        return False
    return item.state != CLOSED or item.events[-1].day >= start


def _told(record: Reads, settings: Settings, item: KeptFollowup, today: date) -> FollowUp:
    t = Translator(settings.report.language)
    step = item.feedback
    given = None if step is None else step.feedback
    feedback = ""
    if given is not None:
        feedback = given.result
        if given.called_back is not None:
            feedback += t("followup.called" if given.called_back else "followup.not_called")
    call = _call(record, item)
    return FollowUp(
        recording_id=item.recording_id,
        what=item.problem,
        who=item.handler if given is None else given.handler,
        due=item.due,
        state=item.state_on(today),
        callback_number="" if given is None else given.callback_number,
        feedback=feedback,
        check=_check(item, t),
        number=item.number,
        required=item.required,
        lead=lead_of(settings.people.values(), item.team),
        in_time=in_time(item, today),
        period=item.period,
        team=item.team,
        agent_id=None if call is None else call.agent_id,
        agent="" if call is None else call.text("agent_name") or "",
        mystery=False if call is None else call.mystery,
    )


def _check(item: KeptFollowup, t: Translator) -> str:
    """What QA's last check said."""
    last = next((e for e in reversed(item.events) if e.state in (CHECKED, SENT_BACK)), None)
    if last is None:
        return ""
    said = t(f"followup.{last.state}", month=last.day.month, day=last.day.day, person=last.person)
    return f"{said}{t('followup.sep')}{last.note}" if last.note else said


def _call(record: Reads, item: KeptFollowup) -> Recording | None:
    with suppress(UsageError):
        return kept_call(record, item.recording_id)
    return None
