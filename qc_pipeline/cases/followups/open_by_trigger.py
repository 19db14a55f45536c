"""Follow-ups that rules open: so many a group and week, the rest suggested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from qc_pipeline.call import Recording
from qc_pipeline.call_table import CallTable
from qc_pipeline.cases.followups.triggers import (
    CUSTOMER_FIELDS,
    PROMISE,
    RULES,
    TriggerHit,
    card_hits,
    customers_of,
    promise_hit,
    promises_in,
    rating_hit,
)
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.card_sources import MadeFrom, made_from_many
from qc_pipeline.store.followups import BY_HAND, SUGGESTED, add_followup, followups_of
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.samples import KeptSample, drawn_periods, kept_sample
from qc_pipeline.store.transaction import Reads, Transaction
from qc_pipeline.workspace.deadlines import calendar_of, today_in, window_end
from qc_pipeline.workspace.people import Actor
from qc_pipeline.workspace.settings import Settings

LOOK_BACK_DAYS = 38
"""Promises of a month and the week after them: earlier periods that ended so long before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ByRule:
    """Numbers of the follow-ups opened now, and of those only suggested."""

    opened: tuple[int, ...] = ()
    suggested: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A call with the rules that hit it, gravest first."""

    period: str
    call: Recording
    total: float | None
    hits: tuple[TriggerHit, ...]


def open_by_rule(
    tx: Transaction,
    settings: Settings,
    kept: KeptSample,
    actor: Actor,
    *,
    calls: CallTable | None = None,
    rules: Sequence[str] = RULES,
    recordings: Collection[str] | None = None,
) -> ByRule:
    """Open follow-ups of a period's calls by `rules`; a call that a rule has opened before is left.

    `calls` is the list in which customers' later calls are looked for; with it, promises of
    earlier periods are looked at again. `recordings` narrows to some calls.
    """
    tx.alone()
    found = [*_candidates(tx, settings, kept, calls, rules, recordings)]
    if calls is not None and PROMISE in rules and recordings is None:
        for name, _, end in drawn_periods(tx):
            former = kept_sample(tx, name)
            recent = kept.start_day - timedelta(days=LOOK_BACK_DAYS) <= end < kept.start_day
            if former is not None and recent:
                found += _candidates(tx, settings, former, calls, (PROMISE,), None)
    return _keep(tx, settings, actor, found) if found else ByRule()


def _candidates(
    record: Reads,
    settings: Settings,
    kept: KeptSample,
    calls: CallTable | None,
    rules: Sequence[str],
    recordings: Collection[str] | None,
) -> Iterator[_Candidate]:
    cards = [
        o
        for o in outcomes_of(record, kept.seq).values()
        if isinstance(o, Scorecard) and (recordings is None or o.recording_id in recordings)
    ]
    behind = made_from_many(record, cards)  # without purged calls: no rule follows them up
    broken = _broken_promises(settings, behind, calls) if PROMISE in rules else {}
    for card in cards:
        made = behind.get(card.recording_id)
        if made is None or made.recording.mystery:
            continue
        hits = card_hits(card, settings.targets.follow_up_criteria)
        hits += [h for h in (broken.get(card.recording_id), rating_hit(made.recording)) if h]
        mine = tuple(h for h in hits if h.rule in rules)
        if mine:
            yield _Candidate(
                period=kept.sample.period, call=made.recording, total=card.total, hits=mine
            )


def _broken_promises(
    settings: Settings, behind: Mapping[str, MadeFrom], calls: CallTable | None
) -> Mapping[str, TriggerHit]:
    if calls is None:
        return {}
    calendar = calendar_of(settings)
    promises = {
        k: found
        for k, made in behind.items()
        if (found := promises_in(made.transcript, made.recording.start_time, calendar))
    }
    customers = {c for k in promises for c in customers_of(behind[k].recording)}
    others = _calls_of(calls, customers)
    hits = {
        k: promise_hit(
            behind[k].recording,
            promises[k],
            {o.recording_id: o for c in customers_of(behind[k].recording) for o in others[c]}
            .values(),
        )
        for k in promises
    }  # fmt: skip
    return {k: hit for k, hit in hits.items() if hit is not None}


def _calls_of(
    calls: CallTable, customers: Collection[tuple[str, str]]
) -> dict[tuple[str, str], list[Recording]]:
    """The calls of each customer, found in the columns without making all the others."""
    found: dict[tuple[str, str], list[Recording]] = {c: [] for c in customers}
    for field in CUSTOMER_FIELDS:
        wanted = {value for name, value in customers if name == field}
        if not wanted:
            continue
        for place, value in enumerate(calls.texts(field).tolist()):
            if value in wanted:
                found[field, value].append(calls[place])
    return found


def _keep(
    tx: Transaction,
    settings: Settings,
    actor: Actor,
    found: Iterable[_Candidate],
) -> ByRule:
    standing = [f for f in followups_of(tx) if f.rules != (BY_HAND,)]
    known = {(f.recording_id, rule) for f in standing for rule in f.rules}
    taken = Counter((f.team, _week(f.call_day)) for f in standing if f.first_state != SUGGESTED)
    today = today_in(settings, tx.now)
    due, _ = window_end(settings, today)
    opened: list[int] = []
    suggested: list[int] = []
    for candidate in sorted(found, key=_rank):
        call = candidate.call
        hits = [h for h in candidate.hits if (call.recording_id, h.rule) not in known]
        if not hits:
            continue
        team = call.text("team") or ""
        place = (team, _week(call.start_time.date()))
        room = taken[place] < settings.targets.follow_ups_a_week
        taken[place] += room
        t = Translator(settings.report.language)
        number = add_followup(
            tx,
            period=candidate.period,
            recording_id=call.recording_id,
            team=team,
            call_day=call.start_time.date(),
            rules=[h.rule for h in hits],
            person=actor.name,
            day=today,
            due=due if room else None,
            problem=t("trigger.sep").join(t(f"trigger.{h.rule}", **h.facts) for h in hits),
            required=t("trigger.sep").join(t(f"trigger.{h.rule}_required") for h in hits),
            handler=call.text("agent_name") or call.agent_id or "",
        )
        known |= {(call.recording_id, h.rule) for h in hits}
        (opened if room else suggested).append(number)
    return ByRule(opened=tuple(opened), suggested=tuple(suggested))


def _rank(candidate: _Candidate) -> tuple[int, float, str]:
    """Gravest rule first, then lowest total."""
    grave = min(RULES.index(h.rule) for h in candidate.hits)
    total = float("inf") if candidate.total is None else candidate.total
    return (grave, total, candidate.call.recording_id)


def _week(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]
