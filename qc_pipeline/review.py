"""What waits for a person – proposed, held and manual items – and taking their decisions in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qc_pipeline.call import Recording
from qc_pipeline.errors import InputError, Problem, UsageError
from qc_pipeline.judging import Judge
from qc_pipeline.replacing import told
from qc_pipeline.scoring.decisions import Decision, Ruling
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard, Verdict
from qc_pipeline.store.door import Door
from qc_pipeline.store.publications import Publication, add_publication, published_in
from qc_pipeline.store.record import KeptSample, Record
from qc_pipeline.store.rulings import (
    Decided,
    KeptDecision,
    NewDecision,
    add_decisions,
    decisions_of,
)
from qc_pipeline.suggest import did_you_mean
from qc_pipeline.window import today_in, window_end

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from qc_pipeline.config import Settings

BEFORE_S = 5.0
AFTER_S = 5.0
DECIDE_S = 15.0
"""Seconds that a decision takes beside the listening: an allowance, not a measurement."""

MANUAL_S = 180.0
"""Seconds taken for a manual criterion of a call whose length nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One open question. `kind`: proposed, held or manual; `stake`: the points that hang on it.

    `start_s` and `end_s` are what to hear: the evidence with 5 s before and after, the whole call
    for a manual criterion. `card` is the hash of the card that asks.
    """

    recording_id: str
    criterion: str
    title: str
    kind: str
    severity: str
    points: float
    stake: float
    reason: str
    card: str
    start_s: float
    end_s: float | None
    result: CriterionResult

    @property
    def listen_s(self) -> float:
        return MANUAL_S if self.end_s is None else self.end_s - self.start_s

    @property
    def blocks(self) -> bool:
        """Whether a period cannot be published while this is open: a fatal or major proposal."""
        return self.kind == "proposed" and self.severity in ("fatal", "major")


def open_items(
    cards: Iterable[Scorecard],
    decided: Mapping[str, Sequence[KeptDecision]],
    calls: Mapping[str, Recording],
) -> tuple[Item, ...]:
    """The queue: what is at stake most first, then by recording and the rubric's order."""
    found: list[tuple[float, str, int, Item]] = []
    for card in cards:
        ruled = {k.decision.criterion for k in decided.get(card.recording_id, ())}
        if None in ruled or card.purged is not None:
            continue
        sha256 = card.sha256()
        call = calls.get(card.recording_id)
        length = None if call is None else call.duration_s
        for number, result in enumerate(card.criteria()):
            kind = None if result.id in ruled else _kind(result)
            if kind is not None:
                item = _item(card, sha256, result, kind, length)
                found.append((-item.stake, card.recording_id, number, item))
    return tuple(row[3] for row in sorted(found, key=lambda row: row[:3]))


def is_undecided(card: Scorecard) -> bool:
    """Whether a card still has open questions, purged or not."""
    return any(_kind(result) is not None for result in card.criteria())


def minutes_of(items: Sequence[Item]) -> float:
    """How long the queue takes: every piece heard once, and the deciding."""
    pieces = {(i.recording_id, i.start_s, i.end_s): i.listen_s for i in items}
    return (sum(pieces.values()) + DECIDE_S * len(items)) / 60


def queue_of(record: Record, kept: KeptSample) -> tuple[Item, ...]:
    """The open items of a period."""
    from qc_pipeline.store.made_from import calls_by_hash

    cards = [o for o in record.outcomes(kept.seq).values() if isinstance(o, Scorecard)]
    return open_items(
        cards, decisions_of(record.door, kept.sample.period), calls_by_hash(record.door, cards)
    )


def find_kept(record: Record, recording_id: str, period: str | None) -> KeptSample:
    """The draw that a recording is to be decided in: of the period named, else the last with it.

    Raises UsageError where it was not drawn.
    """
    names = [period] if period else [name for name, _, _ in reversed(record.periods())]
    for name in names:
        kept = record.kept_sample(name)
        for gone in () if kept is None else kept.replacements:
            if gone.replacement.invalid == recording_id:
                raise UsageError(f"{told(gone.replacement)}; it is no longer in {name}")
        if kept is not None and any(p.recording_id == recording_id for p in kept.sample.picks):
            return kept
    where = f"in {period}" if period else "in any period"
    raise UsageError(f"{recording_id!r} was not drawn {where}; `qc sample` shows the draw")


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
    notice, which opens a window for objections of its own. Raises InputError with every decision
    that does not fit.
    """
    outcomes = record.outcomes(kept.seq)
    problems = [p for item in new for p in check_decision(item, outcomes.get(item.recording_id))]
    if problems:
        raise InputError(problems)
    period = kept.sample.period
    with record.door.writing() as connection:
        record.door.alone(connection)
        public = published_in(connection, period)
        judge = Judge(
            record,
            assumed_confidence=settings.asr.assumed_confidence,
            published=public is not None,
        )
        decided = add_decisions(
            connection,
            record.door,
            period=period,
            sample_seq=kept.seq,
            new=new,
            make=judge.again,
        )
        if public is not None:
            announce(
                connection,
                record.door,
                settings,
                public,
                [(d.before, d.after) for d in decided],
                person=new[-1].decision.person,
                text=notice,
            )
    return decided


def announce(
    connection: Connection,
    door: Door,
    settings: Settings,
    public: Publication,
    changes: Sequence[tuple[Scorecard, Scorecard]],
    *,
    person: str,
    text: str | None,
) -> None:
    """Keep a correction notice for every published call that a change (before, after) costs more.

    Raises UsageError, and so undoes the transaction, where there is no text for it.
    """
    worse = [(before, after) for before, after in changes if costs_more(before, after)]
    if worse and not (text or "").strip():
        names = ", ".join(before.recording_id for before, _ in worse)
        raise UsageError(
            f"{public.period} was published on {public.day}: a deduction made now from {names} "
            "needs a correction notice, --notice TEXT, with a window for objections of its own"
        )
    today = today_in(settings, door.now)
    due, _ = window_end(settings, today)
    for before, after in worse:
        add_publication(
            connection,
            door,
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
    lower = before.total is not None and after.total is not None and after.total < before.total
    return lower or any(c.lost > former.get(c.id, 0.0) for c in after.criteria())


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
    if decision.verdict is not Ruling.CONFIRM and not (decision.reason.strip() or decision.cause):
        problems.append(
            Problem(
                path=place,
                message=f"{decision.criterion or 'the recording'}: a decision needs a reason",
                hint="--because CODE or --reason TEXT",
            )
        )
    return problems


def _kind(result: CriterionResult) -> str | None:
    if result.trial or result.decided_by != "rule":
        return None
    if result.proposed:
        return "proposed"
    if result.verdict is Verdict.HELD or (result.verdict is Verdict.FAIL and result.stake > 0):
        return "held"
    if result.manual and result.verdict is Verdict.UNSCORABLE:
        return "manual"
    return None


def _item(
    card: Scorecard, sha256: str, result: CriterionResult, kind: str, length_s: float | None
) -> Item:
    start_s: float = 0.0
    end_s = length_s
    if kind != "manual" and result.evidence:
        start_s = max(0.0, min(e.start_s for e in result.evidence) - BEFORE_S)
        end_s = max(e.end_s for e in result.evidence) + AFTER_S
        if length_s is not None:
            end_s = max(start_s, min(end_s, length_s))
    return Item(
        recording_id=card.recording_id,
        criterion=result.id,
        title=result.title,
        kind=kind,
        severity=result.severity,
        points=result.points,
        stake=card.points if result.severity == "fatal" else result.stake,
        reason=result.reason,
        card=sha256,
        start_s=round(start_s, 2),
        end_s=None if end_s is None else round(end_s, 2),
        result=result,
    )


def one_decision(
    *,
    recording_id: str,
    criterion: str | None,
    verdict: Ruling,
    person: str,
    at: str,
    points: float | None,
    cause: str | None,
    reason: str,
    seen: str | None,
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
            }
        )
    except ValidationError as error:
        said = "; ".join(e["msg"].removeprefix("Value error, ") for e in error.errors())
        raise UsageError(f"the decision does not fit together: {said}") from None
    return NewDecision(recording_id=recording_id, decision=decision, seen=seen)
