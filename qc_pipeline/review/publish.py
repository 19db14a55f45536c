"""From draft to published (初评 → 公示): what was not looked at is closed and costs nothing.

A published period is not scored again by the weekly job; what is decided later makes new cards,
and the page `corrections.html` beside the report tells them, until the period is made final
(`review.finalise`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from qc_pipeline.call import Failure
from qc_pipeline.errors import InputError, Problem, UsageError
from qc_pipeline.message import Message
from qc_pipeline.period.invalid_calls import found_invalid
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.review.queue import Item, is_undecided, queue_of
from qc_pipeline.review.rejudge import Judge
from qc_pipeline.scoring.decisions import Decision, DecisionVerdict
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.decisions import (
    NewDecision,
    add_decisions,
    decisions_of,
)
from qc_pipeline.store.outcomes import keep_outcome, outcomes_of
from qc_pipeline.store.publications import (
    Publication,
    add_publication,
    published,
)
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Reads, Transaction
from qc_pipeline.workspace.deadlines import today_in, window_end
from qc_pipeline.workspace.settings import Settings

if TYPE_CHECKING:
    from qc_pipeline.workspace.people import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """`fresh`: published just now; `closed`: items that nobody had looked at."""

    publication: Publication
    fresh: bool
    closed: int


def what_it_closes(reads: Reads, kept: KeptSample) -> tuple[Item, ...]:
    """The items that publishing a draft closes: nobody has looked at them, and they cost nothing.

    Raises as `publish` does.
    """
    period = kept.sample.period
    outcomes = outcomes_of(reads, kept.seq)
    missing = [p.recording_id for p in kept.sample.picks if p.recording_id not in outcomes]
    if missing:
        raise UsageError(
            f"{period}: {len(missing)} drawn calls have neither score nor failure yet "
            f"({missing[0]} is one); `qc run -p {period}` finishes them"
        )
    waiting = sorted(found_invalid(kept, decisions_of(reads, period)))
    if waiting:
        raise UsageError(
            f"{period}: {', '.join(waiting)} found invalid and not replaced yet; "
            f"`qc run -p {period}` takes the next of the reserve"
        )
    items = queue_of(reads, kept)
    _refuse_undecided(items)
    return items


def publish(
    record: Record,
    settings: Settings,
    kept: KeptSample,
    actor: Actor,
    *,
    also: Callable[[Transaction], None] | None = None,
) -> Published:
    """Close what is open and publish the period's scores; a second time changes nothing.

    `also` is done in the same transaction, where anything is published.

    Raises UsageError where calls of the sample are not scored yet, InputError with every fatal
    or major proposal that nobody decided.
    """
    period = kept.sample.period
    with record.transaction(alone=True) as tx:
        former = published(tx, period)
        if former is not None:
            return Published(publication=former, fresh=False, closed=0)
        items = what_it_closes(tx, kept)
        outcomes = outcomes_of(tx, kept.seq)
        outcomes = {**outcomes, **_never_decided(tx, kept, outcomes)}
        judge = Judge(tx, settings, published=True)
        closed = add_decisions(
            tx,
            period=period,
            sample_seq=kept.seq,
            new=[closing(item, actor.name, tx.now, settings.report.language) for item in items],
            make=judge.again,
        )
        if also is not None:
            also(tx)
        cards = {k: o.sha256() for k, o in outcomes.items() if isinstance(o, Scorecard)}
        cards |= {d.recording_id: d.after.sha256() for d in closed}
        today = today_in(settings, tx.now)
        due, _ = window_end(settings, today)
        add_publication(
            tx,
            period=period,
            sample_seq=kept.seq,
            kind="published",
            person=actor.name,
            day=today,
            objections_due=due,
            body={"cards": dict(sorted(cards.items())), "closed": len(items)},
        )
        fresh = published(tx, period)
    if fresh is None:
        raise RuntimeError("the publication just kept is not there")
    return Published(publication=fresh, fresh=True, closed=len(items))


def _never_decided(
    tx: Transaction, kept: KeptSample, outcomes: Mapping[str, Scorecard | Failure]
) -> dict[str, Failure]:
    """Purged cards with open questions, kept as failures: nobody can hear them any more, and what
    was not looked at is not deducted.
    """
    found = {
        k: Failure(
            recording_id=k,
            stage="find",
            reason=Message.of("job.purged-unreviewed", day=str(o.purged.day)),
        )
        for k, o in outcomes.items()
        if isinstance(o, Scorecard) and o.purged is not None and is_undecided(o)
    }
    for failure in found.values():
        keep_outcome(tx, kept.seq, failure)
    return found


def _refuse_undecided(items: Sequence[Item]) -> None:
    blocking = [
        Problem(
            path=item.recording_id,
            message=f"{item.criterion} ({item.title}) is {item.severity}, proposed and undecided",
            hint=f"`qc review {item.recording_id} {item.criterion} --confirm` or --overturn",
        )
        for item in items
        if item.blocks
    ]
    if blocking:
        raise InputError(blocking)


def closing(item: Item, person: str, at: datetime, language: str) -> NewDecision:
    """The decision that closes an item which nobody has looked at: it costs nothing (未复听)."""
    decision = Decision(
        criterion=item.criterion,
        verdict=DecisionVerdict.NOT_LOOKED_AT,
        person=person,
        at=at.isoformat(),
        reason=Translator(language)("corrections.closed"),
    )
    return NewDecision(
        recording_id=item.recording_id, decision=decision, source="publish", seen=item.card
    )
