"""From published to final (公示 → 定稿): nothing is open any more, and the cards stay for good.

What people were told when the scores were published, and what was corrected since, stands in the
record beside the final cards; after that nothing of the period's scores is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from qc_pipeline.errors import InputError, Problem, UsageError
from qc_pipeline.report.inputs import FinalFacts
from qc_pipeline.report.weighting import listened_score
from qc_pipeline.review.corrected_since import corrected_since
from qc_pipeline.review.publish import closing
from qc_pipeline.review.published_report import published_cards
from qc_pipeline.review.queue import Item, queue_of
from qc_pipeline.review.rejudge import Judge
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.appeals import OPEN, TAKEN, KeptAppeal, appeals_of
from qc_pipeline.store.calls import kept_calls
from qc_pipeline.store.decisions import add_decisions
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.publications import (
    Publication,
    add_publication,
    finalised,
    publications_of,
    published,
)
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.deadlines import today_in, window_end
from qc_pipeline.workspace.settings import Settings

if TYPE_CHECKING:
    from qc_pipeline.workspace.people import Actor

VERSION = 1
"""Of what is final: nothing changes it, so there is no second one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finalised:
    """`fresh`: made final just now; `closed`: items that nobody had looked at since publication."""

    publication: Publication
    fresh: bool
    closed: int

    @property
    def facts(self) -> FinalFacts:
        return final_facts(self.publication)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToFinal:
    """What making a period final would close, and what would then be told."""

    items: tuple[Item, ...]
    facts: FinalFacts


def what_it_makes_final(
    reads: Reads, settings: Settings, kept: KeptSample, actor: Actor
) -> ToFinal:
    """What `finalise` would do now. Raises as it does."""
    public = _ready(reads, settings, kept)
    return ToFinal(items=queue_of(reads, kept), facts=_facts(reads, settings, kept, public, actor))


def finalise(record: Record, settings: Settings, kept: KeptSample, actor: Actor) -> Finalised:
    """Close what is open and fix the period's cards for good; a second time changes nothing.

    Raises UsageError for a draft, InputError with everything that is still open: the window for
    objections or that of a correction notice, objections, red lines and major items.
    """
    period = kept.sample.period
    with record.transaction(alone=True) as tx:
        former = finalised(tx, period)
        if former is not None:
            return Finalised(publication=former, fresh=False, closed=0)
        public = _ready(tx, settings, kept)
        items = queue_of(tx, kept)
        add_decisions(
            tx,
            period=period,
            sample_seq=kept.seq,
            new=[closing(item, actor.name, tx.now, settings.report.language) for item in items],
            make=Judge(tx, settings, published=True).again,
        )
        facts = _facts(tx, settings, kept, public, actor)
        cards = {k: card.sha256() for k, card in sorted(_standing(tx, kept).items())}
        add_publication(
            tx,
            period=period,
            sample_seq=kept.seq,
            kind="final",
            person=actor.name,
            day=facts.day,
            objections_due=_last_day(tx, public),
            body={"cards": cards, "closed": len(items), **_body(facts)},
        )
        fresh = finalised(tx, period)
    if fresh is None:
        raise RuntimeError("what was just made final is not there")
    return Finalised(publication=fresh, fresh=True, closed=len(items))


def final_facts(final: Publication) -> FinalFacts:
    """What is told of a final period, as it is kept."""
    body = final.body
    return FinalFacts(
        version=body["version"],
        day=final.day,
        person=final.person,
        before=body["listened"]["before"]["mean"],
        after=body["listened"]["after"]["mean"],
        before_calls=body["listened"]["before"]["calls"],
        after_calls=body["listened"]["after"]["calls"],
        corrected=body["corrected"],
        corrected_calls=body["corrected_calls"],
    )


def _body(facts: FinalFacts) -> dict[str, object]:
    return {
        "version": facts.version,
        "listened": {
            "before": {"mean": facts.before, "calls": facts.before_calls},
            "after": {"mean": facts.after, "calls": facts.after_calls},
        },
        "corrected": dict(facts.corrected),
        "corrected_calls": facts.corrected_calls,
    }


def _facts(
    reads: Reads, settings: Settings, kept: KeptSample, public: Publication, actor: Actor
) -> FinalFacts:
    then, now = published_cards(reads, public), _standing(reads, kept)
    rows = kept_calls(reads, now.keys() | then.keys())
    mystery = {k for k, row in rows.items() if row.mystery}
    before, before_calls = listened_score(kept.sample, _without(then, mystery))
    after, after_calls = listened_score(kept.sample, _without(now, mystery))
    since = corrected_since(reads, kept.sample.period, then, now)
    return FinalFacts(
        version=VERSION,
        day=today_in(settings, reads.now),
        person=actor.name,
        before=None if before is None else round(before, 6),
        after=None if after is None else round(after, 6),
        before_calls=before_calls,
        after_calls=after_calls,
        corrected=since.places,
        corrected_calls=since.calls,
    )


def _standing(reads: Reads, kept: KeptSample) -> Mapping[str, Scorecard]:
    outcomes = outcomes_of(reads, kept.seq)
    return {k: o for k, o in outcomes.items() if isinstance(o, Scorecard)}


def _without(cards: Mapping[str, Scorecard], left_out: set[str]) -> Mapping[str, Scorecard]:
    return {k: card for k, card in cards.items() if k not in left_out}


def _last_day(reads: Reads, public: Publication) -> date:
    """The last day of the period's window for objections, its extension included."""
    found = publications_of(reads, public.period)
    return max(p.objections_due for p in found if p.kind in ("published", "extension"))


def _ready(reads: Reads, settings: Settings, kept: KeptSample) -> Publication:
    """The publication of a period of which nothing is open. Raises as `finalise`."""
    period = kept.sample.period
    public = published(reads, period)
    if public is None:
        raise UsageError(
            f"{period} is a draft (初评): `qc publish {period}` opens it to objections (公示) first"
        )
    found = [*_windows(reads, settings, public), *_undecided(reads, kept)]
    if found:
        raise InputError(found)
    return public


def _windows(reads: Reads, settings: Settings, public: Publication) -> Iterator[Problem]:
    """Objections that can still be raised, or wait for an answer."""
    period, today = public.period, today_in(settings, reads.now)
    due = _last_day(reads, public)
    if today <= due:
        yield Problem(
            path=period,
            message=f"objections can be raised until the end of {due} (公示期)",
            hint=f"`qc publish {period} --final` from {due + timedelta(days=1)} on",
        )
    for notice in publications_of(reads, period):
        if notice.kind == "notice" and today <= notice.objections_due:
            yield Problem(
                path=notice.recording_id or period,
                message=f"its correction notice of {notice.day} is open to objections until the "
                f"end of {notice.objections_due}",
            )
    told = sorted(appeals_of(reads, period), key=_place)
    for (recording_id, criterion), own in groupby(told, key=_place):
        yield from _appeals(settings, recording_id, criterion, list(own), today)


def _appeals(
    settings: Settings,
    recording_id: str,
    criterion: str,
    own: list[KeptAppeal],
    today: date,
) -> Iterator[Problem]:
    """Of the objections to one criterion of a call."""
    for one in own:
        if one.state in (OPEN, TAKEN):
            yield Problem(
                path=recording_id,
                message=f"objection {one.number} to {criterion} is not decided yet",
                hint=f"`qc appeal decide {one.number}`",
            )
    decided = [one.decided for one in own if one.decided is not None]
    if any(event.final for event in decided):
        return
    for event in decided:
        last, _ = window_end(settings, event.day)
        if today <= last:
            yield Problem(
                path=recording_id,
                message=f"the decision of {event.day} on {criterion} was not the last word: a "
                f"second objection can be raised until the end of {last}",
            )


def _place(objection: KeptAppeal) -> tuple[str, str]:
    return objection.recording_id, objection.criterion or ""


def _undecided(reads: Reads, kept: KeptSample) -> Iterator[Problem]:
    """Red lines and major items that came up after publication."""
    for item in queue_of(reads, kept):
        if item.kind in ("proposed", "held") and item.severity in ("fatal", "major"):
            yield Problem(
                path=item.recording_id,
                message=f"{item.criterion} ({item.title}) is {item.severity}, {item.kind} and "
                "undecided",
                hint=f"`qc review {item.recording_id} {item.criterion} --confirm` or --overturn",
            )
