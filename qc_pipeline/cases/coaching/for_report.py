"""What the report is told about coaching."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from qc_pipeline.call import Recording
from qc_pipeline.cases.coaching.workflow import checking_period, outlook
from qc_pipeline.cases.engine import as_of
from qc_pipeline.report.inputs import Coached
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.calls import kept_call
from qc_pipeline.store.coaching import KeptCoaching, coaching_of
from qc_pipeline.store.outcomes import last_outcome
from qc_pipeline.store.samples import KeptSample, drawn_periods, kept_sample
from qc_pipeline.store.transaction import Reads


def told_coaching(
    record: Reads,
    kept: KeptSample,
    cards: Mapping[str, Scorecard],
    calls: Mapping[str, Recording],
    *,
    until: datetime | None = None,
) -> tuple[Coached, ...]:
    """The coaching that a period's report checks, by number; as it stood at `until`, if given."""
    periods = drawn_periods(record)
    told: list[Coached] = []
    for whole in coaching_of(record):
        item = as_of(whole, until)
        found = None if item is None else checking_period(item, periods)
        if item is None or found is None or found[0] != kept.sample.period:
            continue
        seen = outlook(item, found[0], cards.values(), calls)
        checked = item.checked
        call = kept_call(record, item.recording_id)
        told.append(
            Coached(
                number=item.number,
                agent_id=item.agent_id,
                agent="" if call is None else call.text("agent_name") or "",
                team="" if call is None else call.text("team") or "",
                criterion=item.criterion,
                title=_title(record, item),
                recording_id=item.recording_id,
                start_s=item.start_s,
                advice=item.advice,
                coach=item.person,
                way=item.way,
                day=item.day,
                acknowledged=item.acknowledged is not None,
                judged=seen.judged,
                failed=seen.failed,
                outcome=None if checked is None else checked.outcome,
            )
        )
    return tuple(told)


def _title(record: Reads, item: KeptCoaching) -> str:
    kept = kept_sample(record, item.period)
    card = None if kept is None else last_outcome(record, kept.seq, item.recording_id)
    results = card.criteria() if isinstance(card, Scorecard) else ()
    return next((c.title for c in results if c.id == item.criterion), item.criterion)
