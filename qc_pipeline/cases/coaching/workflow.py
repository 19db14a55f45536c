"""Coaching: advice to an agent on one item of one call, and whether it helped.

The period after tells: the agent's calls since the coaching in which the item was judged check it,
and say whether points were lost on it again; a person may have checked it by ear before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from qc_pipeline.call import Recording
from qc_pipeline.cases.engine import CaseKind, acting
from qc_pipeline.errors import UsageError, did_you_mean
from qc_pipeline.period.calls import find_kept
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard
from qc_pipeline.store.calls import kept_call
from qc_pipeline.store.coaching import (
    ACKNOWLEDGED,
    AGAIN,
    BETTER,
    CHECKED,
    KeptCoaching,
    add_coaching,
    add_event,
    coaching_of,
)
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import drawn_periods, kept_sample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.people import Actor
from qc_pipeline.workspace.settings import Settings

COACHING = CaseKind(noun="coaching", listed_by="qc coach list", read=coaching_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What the calls of the period after say: of `judged` calls, `failed` lost points again."""

    period: str
    judged: int
    failed: int


def coach(
    record: Record,
    settings: Settings,
    actor: Actor,
    *,
    agent: str,
    criterion: str,
    recording_id: str,
    advice: str,
    way: str,
    start_s: float | None = None,
    day: date | None = None,
    period: str | None = None,
) -> KeptCoaching:
    """Keep advice on a criterion at a place of a recording, by default where its evidence stands.

    Raises UsageError where the call is another agent's or has no such criterion or place, without
    advice, or for a day to come or before the call.
    """
    if not advice.strip():
        raise UsageError("say what was advised: --advice TEXT")
    with acting(record, settings) as act:
        kept = find_kept(act.tx, recording_id, period)
        card = outcomes_of(act.tx, kept.seq).get(recording_id)
        call = kept_call(act.tx, recording_id)
        if not isinstance(card, Scorecard) or call is None:
            raise UsageError(f"{recording_id} has no scorecard in {kept.sample.period}")
        _need_agent(call, agent)
        _need_lead(actor, call)
        result = _result(card, criterion)
        length = call.duration_s
        if start_s is not None and (start_s < 0 or (length is not None and start_s > length)):
            most = "" if length is None else f" to {length:g}"
            raise UsageError(f"--at {start_s:g}: the place is a second of the recording, 0{most}")
        if start_s is None and result.evidence:
            start_s = min(e.start_s for e in result.evidence)
        done = act.today if day is None else day
        if done > act.today:
            raise UsageError(f"--date {done} is still to come")
        if done < call.start_time.date():
            raise UsageError(f"--date {done} is before the call ({call.start_time.date()})")
        number = add_coaching(
            act.tx,
            period=kept.sample.period,
            recording_id=recording_id,
            agent_id=call.agent_id or agent,
            criterion=criterion,
            start_s=start_s,
            way=way,
            person=actor.name,
            day=done,
            advice=advice.strip(),
        )
    return find_coaching(record, number)


def acknowledge(
    record: Record, settings: Settings, actor: Actor, number: int, *, note: str = ""
) -> KeptCoaching:
    """The agent has taken note. Raises UsageError the second time."""
    with acting(record, settings) as act:
        item = COACHING.find(act.tx, number)
        known = item.acknowledged
        if known is not None:
            raise UsageError(
                f"coaching {number} was acknowledged on {known.day} (entered by {known.person})"
            )
        add_event(
            act.tx,
            item,
            kind=ACKNOWLEDGED,
            person=actor.name,
            day=act.today,
            note=note.strip(),
        )
    return find_coaching(record, number)


def check(
    record: Record, settings: Settings, actor: Actor, number: int, *, better: bool, note: str = ""
) -> KeptCoaching:
    """Somebody listened again: better, or the same fault again; the last check counts."""
    with acting(record, settings) as act:
        item = COACHING.find(act.tx, number)
        add_event(
            act.tx,
            item,
            kind=CHECKED,
            outcome=BETTER if better else AGAIN,
            person=actor.name,
            day=act.today,
            note=note.strip(),
        )
    return find_coaching(record, number)


def find_coaching(record: Reads, number: int) -> KeptCoaching:
    """Raises UsageError for a number that none has."""
    return COACHING.find(record, number)


def checking_period(
    item: KeptCoaching, periods: Sequence[tuple[str, date, date]]
) -> tuple[str, date, date] | None:
    """The period in which a coaching is checked: the first drawn one after the call's own that had
    not ended when it was given. None while there is none.
    """
    ends = {name: end for name, _, end in periods}
    own = ends.get(item.period)
    later = [p for p in periods if own is not None and p[1] > own and p[2] >= item.day]
    return min(later, key=lambda p: (p[1], p[2], p[0]), default=None)


def outlook(
    item: KeptCoaching,
    period: str,
    cards: Iterable[Scorecard],
    calls: Mapping[str, Recording],
) -> Outlook:
    """What the agent's calls since the day of the coaching say of the item."""
    judged = failed = 0
    for card in cards:
        call = calls.get(card.recording_id)
        if call is None or call.agent_id != item.agent_id or call.mystery:
            continue
        if call.start_time.date() <= item.day:
            continue
        for result in card.criteria():
            if result.id == item.criterion and not result.trial:
                judged += result.verdict in (Verdict.PASS, Verdict.FAIL)
                failed += result.verdict is Verdict.FAIL and result.covered_by is None
    return Outlook(period=period, judged=judged, failed=failed)


def outlook_of(record: Reads, item: KeptCoaching) -> Outlook | None:
    """What the period after says, None while none is drawn."""
    found = checking_period(item, drawn_periods(record))
    kept = None if found is None else kept_sample(record, found[0])
    if found is None or kept is None:
        return None
    cards = [o for o in outcomes_of(record, kept.seq).values() if isinstance(o, Scorecard)]
    rows = {c.recording_id: kept_call(record, c.recording_id) for c in cards}
    return outlook(item, found[0], cards, {k: v for k, v in rows.items() if v is not None})


def _need_agent(call: Recording, agent: str) -> None:
    names = [n for n in (call.agent_id, call.text("agent_name")) if n]
    if agent not in names:
        raise UsageError(f"{call.recording_id} was taken by {' '.join(names)}, not {agent}")


def _need_lead(actor: Actor, call: Recording) -> None:
    """A lead coaches their own group; inspectors, reviewers and managers everybody."""
    team = call.text("team")
    if actor.known and actor.roles == {"lead"} and not actor.leads(team):
        raise UsageError(f"{actor.name} does not lead {team or 'the group'} of {call.recording_id}")


def _result(card: Scorecard, criterion: str) -> CriterionResult:
    results = {c.id: c for c in card.criteria()}
    if criterion not in results:
        hint = did_you_mean(criterion, list(results))
        raise UsageError(
            f"the rubric of {card.recording_id} has no criterion {criterion!r}"
            + (f" – {hint}" if hint else "")
        )
    return results[criterion]
