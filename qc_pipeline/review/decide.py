"""Decisions taken in: checked, kept, and announced where the period is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from qc_pipeline.errors import InputError, Problem, UsageError, did_you_mean
from qc_pipeline.review.never_worse import lower_total, refuse_more_deducted
from qc_pipeline.review.rejudge import Judge
from qc_pipeline.scoring.decisions import Decision, DecisionVerdict
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.evidence.timing import clock
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.appeals import KeptAppeal, locked_by, locked_sentence
from qc_pipeline.store.card_sources import made_from
from qc_pipeline.store.decisions import LOOKED, Decided, NewDecision, add_decisions
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.publications import (
    Publication,
    add_publication,
    published,
    refuse_final,
)
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Transaction
from qc_pipeline.workspace.deadlines import today_in, window_end

PLACE_SLACK_S = 1.0
"""Seconds by which a place may end after the call: people give whole seconds."""

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from qc_pipeline.workspace.settings import Settings


def take_decisions(
    record: Record,
    settings: Settings,
    kept: KeptSample,
    new: Sequence[NewDecision],
    *,
    notice: str | None = None,
) -> tuple[Decided, ...]:
    """Check decisions against their cards, all of them at once, and keep them, all or none.

    In a published period one that costs the agent more needs `notice`, the text of a correction
    notice, which opens a window for objections of its own; none of a call that somebody objected to
    does (申诉不加扣). Raises InputError with every decision that does not fit, UsageError where the
    period is final or such a call would cost more.
    """
    if not new:
        return ()
    period = kept.sample.period
    with record.transaction(alone=True) as tx:
        refuse_final(tx, period)
        outcomes = outcomes_of(tx, kept.seq)
        found = [p for item in new for p in check_decision(item, outcomes.get(item.recording_id))]
        found += [p for item in new for p in _beyond_the_end(tx, item, outcomes)]
        found += _locked(locked_by(tx, period), new)
        if found:
            raise InputError(found)
        public = published(tx, period)
        judge = Judge(tx, settings, published=public is not None)
        decided = add_decisions(
            tx,
            period=period,
            sample_seq=kept.seq,
            new=new,
            make=judge.again,
        )
        for one in decided if public is not None else ():
            refuse_more_deducted(tx, period, one.before, one.after, criteria=True)
        announce(
            tx,
            settings,
            public,
            [(d.before, d.after) for d in decided],
            person=new[-1].decision.person,
            text=notice,
        )
    return decided


def _locked(
    locked: Mapping[tuple[str, str], KeptAppeal], new: Sequence[NewDecision]
) -> list[Problem]:
    """Of decisions on what an objection decided."""
    return [
        Problem(path=item.recording_id, message=locked_sentence(objection))
        for item in new
        for (recording_id, criterion), objection in locked.items()
        if recording_id == item.recording_id and item.decision.criterion in (None, criterion)
    ]


def _beyond_the_end(
    tx: Transaction, item: NewDecision, outcomes: Mapping[str, object]
) -> list[Problem]:
    """Of a place that the call does not have."""
    card, place_s = outcomes.get(item.recording_id), item.decision.place_s
    if place_s is None or not isinstance(card, Scorecard) or card.purged is not None:
        return []
    length_s = made_from(tx, card).transcript.duration_s
    if place_s[1] <= length_s + PLACE_SLACK_S:
        return []
    return [
        Problem(
            path=item.recording_id,
            message="the place of the deduction is beyond the end of the call",
            found=f"{clock(place_s[0])}-{clock(place_s[1])}",
            allowed=f"up to {clock(length_s)}",
        )
    ]


def announce(
    tx: Transaction,
    settings: Settings,
    public: Publication | None,
    changes: Sequence[tuple[Scorecard, Scorecard]],
    *,
    person: str,
    text: str | None,
) -> None:
    """Keep a correction notice for every published call that a change (before, after) costs more;
    of a draft (no `public`) nothing is announced.

    Raises UsageError, and so undoes the transaction, where there is no text for it.
    """
    if public is None:
        return
    worse = [(before, after) for before, after in changes if costs_more(before, after)]
    if worse and not (text or "").strip():
        names = ", ".join(before.recording_id for before, _ in worse)
        raise UsageError(
            f"{public.period} was published on {public.day}: a deduction made now from {names} "
            "needs a correction notice, --notice TEXT, with a window for objections of its own"
        )
    today = today_in(settings, tx.now)
    due, _ = window_end(settings, today)
    for before, after in worse:
        add_publication(
            tx,
            period=public.period,
            sample_seq=public.sample_seq,
            kind="notice",
            recording_id=before.recording_id,
            person=person,
            day=today,
            objections_due=due,
            body={"text": text, "before": before.sha256(), "after": after.sha256()},
        )


def costs_more(before: Scorecard, after: Scorecard) -> bool:
    """Whether any criterion costs more than before, or the total is lower."""
    former = {c.id: c.lost for c in before.criteria()}
    return lower_total(before, after) or any(
        c.lost > former.get(c.id, 0.0) for c in after.criteria()
    )


def check_decision(item: NewDecision, outcome: object) -> list[Problem]:
    """What is wrong with a decision on a card."""
    decision, place = item.decision, item.recording_id
    if not isinstance(outcome, Scorecard):
        return [Problem(path=place, message="has no scorecard in this period to decide on")]
    if outcome.purged is not None:
        day = outcome.purged.day
        message = f"its words were purged on {day}: nothing can be decided any more"
        return [Problem(path=place, message=message)]
    problems: list[Problem] = []
    results = {c.id: c for c in outcome.criteria()}
    result = results.get(decision.criterion or "")
    if decision.criterion is not None and result is None:
        problems.append(
            Problem(
                path=place,
                message="its rubric has no such criterion",
                found=repr(decision.criterion),
                hint=did_you_mean(decision.criterion, list(results)),
            )
        )
    if result is not None and decision.points is not None and decision.points > result.points:
        fatal = result.severity == "fatal"
        if not fatal:
            problems.append(
                Problem(
                    path=place,
                    message=f"{decision.criterion} cannot cost so much",
                    found=f"{decision.points:g} points",
                    allowed=f"0 to {result.points:g}",
                )
            )
    if (
        result is not None
        and decision.verdict is DecisionVerdict.DEDUCT
        and result.decided_by == "rule"
        and result.verdict in (Verdict.FAIL, Verdict.HELD)
    ):
        problems.append(
            Problem(
                path=place,
                message=f"{decision.criterion} was found already, so nothing is added",
                hint="--confirm or --points N decides what was found",
            )
        )
    if (
        result is not None
        and decision.verdict in (DecisionVerdict.OVERTURN, DecisionVerdict.EXEMPT)
        and result.decided_by == "rule"
        and result.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE)
        and result.covered_by is None
    ):
        problems.append(
            Problem(
                path=place,
                message=f"{decision.criterion} was not found: there is nothing to take back",
                hint="--deduct N --at 1:23-1:30 adds a deduction that was not found",
            )
        )
    if decision.verdict is not DecisionVerdict.CONFIRM and not (
        decision.reason.strip() or decision.cause
    ):
        problems.append(
            Problem(
                path=place,
                message=f"{decision.criterion or 'the recording'}: a decision needs a reason",
                hint="--because CODE or --reason TEXT",
            )
        )
    return problems


def one_decision(
    *,
    recording_id: str,
    criterion: str | None,
    verdict: DecisionVerdict,
    person: str,
    at: str,
    points: float | None,
    cause: str | None,
    reason: str,
    seen: str | None,
    place_s: tuple[float, float] | None = None,
    root: str | None = None,
    agent: str | None = None,
    source: str = LOOKED,
) -> NewDecision:
    """A decision from options. Raises UsageError where they do not go together."""
    from pydantic import ValidationError

    try:
        decision = Decision.model_validate(
            {
                "criterion": criterion,
                "verdict": verdict,
                "person": person,
                "at": at,
                "reason": reason,
                "points": points,
                "cause": cause,
                "root": root,
                "agent": agent,
                "place_s": place_s,
            }
        )
    except ValidationError as error:
        said = "; ".join(map(_told, error.errors()))
        raise UsageError(f"the decision does not fit together: {said}") from None
    return NewDecision(recording_id=recording_id, decision=decision, source=source, seen=seen)


def _told(error: ErrorDetails) -> str:
    """What pydantic found, in our words."""
    if error["type"] == "enum":
        allowed = str(error["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
        return f"{error['loc'][0]} {error['input']!r} is none of {allowed}"
    return error["msg"].removeprefix("Value error, ")
