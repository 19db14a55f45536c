"""Review by call: which whole calls a person listens to, in which order, how long that takes, and
when a call is listened.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from statistics import median

from qc_pipeline.call import Recording
from qc_pipeline.review.queue import COMPLAINT_RISKS, Item, item_of, kind_of
from qc_pipeline.sampling.listening import LENGTHS_A_CALL, MINUTES_A_CALL
from qc_pipeline.sampling.sample import Pick
from qc_pipeline.scoring.decisions import Decision, DecisionVerdict
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.listened import filled_in, is_listened, undecided
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard
from qc_pipeline.store.claims import Claim, claims_of
from qc_pipeline.store.decisions import KeptDecision, decisions_of
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.publications import finalised
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Reads

UNKNOWN_LENGTH_MIN = 5.0
"""Minutes taken for a call whose length nobody knows."""

PACE_CALLS = 5
"""Calls of a person from which on their own pace counts."""

PAUSE_MIN = 30.0
"""Minutes between two decisions of a person from which on they were doing something else."""


class Why(StrEnum):
    """Why a call is listened to, in the order of listening."""

    RED_LINE = "red_line"
    COMPLAINT = "complaint"
    NOT_JUDGED = "not_judged"
    RANDOM = "random"
    TARGETED = "targeted"
    OTHER = "other"


ORDER = tuple(Why)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallToListen:
    """A call with everything in it that a person has to decide before it is listened.

    `minutes` is an allowance: one and a half lengths and two minutes. `items` are those of the
    rubric that wait, in its order; none where the machine left nothing open. `filled_in` are what
    automatic criteria deduct: a person changes them only where they are wrong. `owner` is whom the
    draw gave the call, `claim` who took it since. `card` is the hash of the card that asks.
    """

    recording_id: str
    agent_id: str | None
    team: str | None
    why: Why
    minutes: float
    items: tuple[Item, ...]
    card: str
    owner: str | None = None
    claim: Claim | None = None
    filled_in: tuple[Item, ...] = ()


def calls_to_listen(
    record: Reads, kept: KeptSample, *, complaint_risks: Collection[str] = COMPLAINT_RISKS
) -> tuple[CallToListen, ...]:
    """The calls of a period that wait to be listened to, in the order of listening.

    First those with a red line or a complaint that was not registered, then calls that are not
    judged, then the random part of the listened sample, then the targeted one, test calls and calls
    put in by hand. What is open in other calls waits for nobody: it lapses when the period is
    published. None of a final period, and none in which too little was said for a score.
    """
    from qc_pipeline.store.card_sources import calls_by_hash

    if finalised(record, kept.sample.period) is not None:
        return ()
    cards = [o for o in outcomes_of(record, kept.seq).values() if isinstance(o, Scorecard)]
    return listening_order(
        cards,
        {p.recording_id: p for p in kept.sample.picks},
        calls_by_hash(record, cards),
        decisions_of(record, kept.sample.period),
        claims_of(record, kept.sample.period),
        complaint_risks=complaint_risks,
    )


def listening_order(
    cards: Sequence[Scorecard],
    picks: Mapping[str, Pick],
    calls: Mapping[str, Recording],
    decided: Mapping[str, Sequence[KeptDecision]],
    claims: Mapping[str, Claim],
    *,
    complaint_risks: Collection[str] = COMPLAINT_RISKS,
) -> tuple[CallToListen, ...]:
    """The same from what is known of the calls. Calls of one kind stand by recording_id."""
    found: list[CallToListen] = []
    for card in cards:
        whole = [k.decision for k in decided.get(card.recording_id, ()) if not k.decision.criterion]
        if card.purged is not None or is_listened(card) or whole:
            continue
        pick = picks.get(card.recording_id)
        call = calls.get(card.recording_id)
        items = _items(card, None if call is None else call.duration_s)
        if card.lacks_talk and not items:
            continue
        why = _why(card, items, pick, complaint_risks)
        if why is Why.OTHER or pick is None:
            continue
        found.append(
            CallToListen(
                recording_id=card.recording_id,
                agent_id=pick.agent_id,
                team=None if call is None else call.text("team"),
                why=why,
                minutes=minutes_for(None if call is None else call.duration_s),
                items=items,
                filled_in=_filled_in(card, None if call is None else call.duration_s),
                card=card.sha256(),
                owner=pick.inspector,
                claim=claims.get(card.recording_id),
            )
        )
    return tuple(sorted(found, key=lambda c: (ORDER.index(c.why), c.recording_id)))


def minutes_for(duration_s: float | None) -> float:
    """The minutes that listening to a call and deciding takes, before anybody's pace is known."""
    length = UNKNOWN_LENGTH_MIN if duration_s is None else duration_s / 60
    return LENGTHS_A_CALL * length + MINUTES_A_CALL


def _items(card: Scorecard, length_s: float | None) -> tuple[Item, ...]:
    """All that a person decides in a call, whatever asks for it."""
    sha256 = card.sha256()
    items = (
        item_of(card, sha256, result, _kind(card, result), length_s) for result in undecided(card)
    )
    return tuple(replace(item, stake=_at_stake(item)) for item in items)


def _filled_in(card: Scorecard, length_s: float | None) -> tuple[Item, ...]:
    sha256 = card.sha256()
    return tuple(
        replace(item_of(card, sha256, result, "automatic", length_s), stake=result.lost)
        for result in filled_in(card)
    )


def _at_stake(item: Item) -> float:
    """The points that hang on the person who listens: what the machine deducts by itself, and all
    that an item is worth that it could not judge.
    """
    if item.kind == "deducted":
        return item.result.lost
    return item.stake or (item.points if item.kind == "unscorable" else 0.0)


def _kind(card: Scorecard, result: CriterionResult) -> str:
    """As the queue tells it; beside those what the machine deducts by itself, and what it could not
    judge for want of a fact.
    """
    kind = kind_of(card, result)
    if kind is not None:
        return kind
    return "deducted" if result.verdict is Verdict.FAIL else "unscorable"


def _why(
    card: Scorecard, items: Sequence[Item], pick: Pick | None, complaint_risks: Collection[str]
) -> Why:
    found = [i for i in items if i.kind in ("proposed", "held", "deducted")]
    if any(i.severity == "fatal" for i in found):
        return Why.RED_LINE
    if any(i.criterion in complaint_risks for i in found):
        return Why.COMPLAINT
    if card.unjudged:
        return Why.NOT_JUDGED
    if pick is None or not pick.relisten:
        return Why.OTHER
    return Why.RANDOM if pick.personal else Why.TARGETED


def pace_of(
    decided: Mapping[str, Sequence[KeptDecision]], calls: Mapping[str, float], person: str
) -> float | None:
    """How long a person takes, as a multiple of the allowance; None under five calls.

    `calls` are the allowances in minutes by recording. A call's time is that between the person's
    last decision on the call before and the last on this one, where they went on without a pause.
    """
    last: dict[str, datetime] = {}
    for recording, kept in decided.items():
        own = [datetime.fromisoformat(k.decision.at) for k in kept if person in k.people]
        if own and recording in calls:
            last[recording] = max(own)
    order = sorted(last, key=last.__getitem__)
    ratios = []
    for before, now in pairwise(order):
        taken = (last[now] - last[before]).total_seconds() / 60
        if 0 < taken <= PAUSE_MIN + calls[now]:
            ratios.append(taken / calls[now])
    return median(ratios) if len(ratios) >= PACE_CALLS else None


def within_minutes(
    calls: Sequence[CallToListen], minutes: float | None, pace: float | None
) -> tuple[CallToListen, ...]:
    """The first calls that a person gets through in so many minutes, at least one."""
    paced = [replace(c, minutes=c.minutes * (pace or 1.0)) for c in calls]
    if minutes is None:
        return tuple(paced)
    chosen: list[CallToListen] = []
    left = minutes
    for call in paced:
        if chosen and call.minutes > left + 1e-9:
            break
        chosen.append(call)
        left -= call.minutes
    return tuple(chosen)


def passed_criterion(card: Scorecard) -> str | None:
    """The criterion by which a call in which nothing waits is listened: the first that the machine
    passed, which a person who heard the whole call lets stand. None where there is none.
    """
    return next(
        (
            c.id
            for c in card.criteria()
            if c.verdict is Verdict.PASS and not c.trial and c.decided_by == "rule"
        ),
        None,
    )


def heard_without_more(criterion: str, person: str, at: str, reason: str) -> Decision:
    """The decision by which such a call is listened."""
    return Decision(
        criterion=criterion,
        verdict=DecisionVerdict.CONFIRM,
        person=person,
        at=at,
        reason=reason,
    )
