"""The objections that a period's report tells of: to its own calls, and of the time before it."""

from __future__ import annotations

from datetime import datetime

from qc_pipeline.cases.appeals.policy import APPEALS
from qc_pipeline.cases.engine import last_day, told_of
from qc_pipeline.report.inputs import Appeal
from qc_pipeline.store.appeals import KeptAppeal
from qc_pipeline.store.card_sources import calls_by_hash
from qc_pipeline.store.decisions import cards_by_hash
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Reads


def told_appeals(
    record: Reads, kept: KeptSample, *, until: datetime | None = None
) -> tuple[Appeal, ...]:
    """Objections to the period's own calls, and to calls of earlier periods where the last step
    was taken since this period began: the report after the decision tells outcome and scores.
    With `until`, as all of it stood at that moment.
    """
    told = told_of(
        APPEALS, record, kept, until=until, concerns=lambda o: last_day(o) >= kept.start_day
    )
    return tuple(_told(record, o) for o in told)


def _told(record: Reads, objection: KeptAppeal) -> Appeal:
    last = objection.events[-1].card if objection.events else objection.card
    cards = cards_by_hash(record, sorted({objection.card, last}))
    before, after = cards[objection.card], cards[last]
    call = calls_by_hash(record, [before]).get(objection.recording_id)
    decided = objection.decided
    title = next((c.title for c in before.criteria() if c.id == objection.criterion), "")
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
    )
