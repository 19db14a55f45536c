"""Mistakes put right: the words of one call, or one criterion in all calls of a period."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from qc_pipeline.errors import UsageError
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.review.decide import announce, costs_more
from qc_pipeline.review.never_worse import refuse_more_deducted
from qc_pipeline.review.rejudge import Judge, Rejudged
from qc_pipeline.review.rescore import Rescored, keep_under, refuse_locked
from qc_pipeline.review.transcript_editor import Corrected
from qc_pipeline.scoring.compile import CompiledRubric, compile_rubric
from qc_pipeline.scoring.decisions import Cause, Decision, DecisionVerdict, in_force
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.rubric.model import Rubric
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard
from qc_pipeline.store.appeals import KeptAppeal, locked_by, locked_sentence
from qc_pipeline.store.card_sources import calls_by_hash
from qc_pipeline.store.corrections import add_correction
from qc_pipeline.store.decisions import (
    Decided,
    NewDecision,
    add_decisions,
    decisions_of,
)
from qc_pipeline.store.outcomes import keep_outcome, outcomes_of
from qc_pipeline.store.publications import published, refuse_final
from qc_pipeline.store.record import Record
from qc_pipeline.store.rescorings import ADOPTED
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.open_workspace import read_shelf
from qc_pipeline.workspace.people import Actor
from qc_pipeline.workspace.settings import Settings


def correct_words(
    record: Record,
    settings: Settings,
    kept: KeptSample,
    actor: Actor,
    card: Scorecard,
    words: Corrected,
    *,
    reason: str,
    notice: str | None = None,
    rubric: Rubric | None = None,
) -> Rescored:
    """Keep corrected words and the card that follows from them with the rubric in force then, or
    with another, which is adopted. Of a published card only what the words concern is judged, but
    with another rubric the whole call.

    `card` is the one whose words were corrected. Raises UsageError without a reason, where the
    card has changed its words since, where a published call would lose points without `notice`, or
    though somebody objected to it, and where the period is final.
    """
    if not reason.strip():
        raise UsageError("give a reason: --reason TEXT")
    period = kept.sample.period
    with record.transaction(alone=True) as tx:
        refuse_final(tx, period)
        standing = outcomes_of(tx, kept.seq).get(card.recording_id)
        if not isinstance(standing, Scorecard):
            raise UsageError(f"{card.recording_id} has no scorecard in {period}")
        if standing.transcript_sha256 != card.transcript_sha256:
            raise UsageError(
                f"somebody corrected the words of {card.recording_id} meanwhile; start again"
            )
        public = published(tx, period)
        judge = _judge(tx, settings, is_published=public is not None)
        decided = decisions_of(tx, period, card.recording_id)
        rulings = [k.decision for k in decided.get(card.recording_id, ())]
        locked = locked_by(tx, period, card.recording_id)
        if rubric is None:
            made = judge.with_words(
                standing,
                rulings,
                words.transcript,
                words.measures,
                locked={criterion for _, criterion in locked},
            )
            _refuse_locked_alone(made, locked)
        else:
            refuse_locked(tx, period, card.recording_id)
            whole = judge.whole(
                standing,
                rulings,
                transcript=words.transcript,
                measures=words.measures,
                rubric=rubric,
            )
            made = Rejudged(card=whole, anew=None)
        after = made.card
        if public is not None:
            refuse_more_deducted(tx, period, standing, after, criteria=False)
        add_correction(
            tx,
            parent=standing.transcript_sha256,
            transcript=words.transcript,
            measures=words.measures,
            edits=words.edits,
            person=actor.name,
            reason=reason,
        )
        if rubric is None or rubric.sha256 == standing.rubric_sha256:
            keep_outcome(tx, kept.seq, after)
        else:
            keep_under(
                tx,
                kept,
                rubric,
                (standing, after),
                kind=ADOPTED,
                person=actor.name,
                reason=reason,
            )
        announce(
            tx,
            settings,
            public,
            [(standing, after)],
            person=actor.name,
            text=notice,
        )
    return Rescored(
        before=standing, after=after, kept="corrected", anew=made.anew, holding=made.holding
    )


def _refuse_locked_alone(made: Rejudged, locked: Mapping[tuple[str, str], KeptAppeal]) -> None:
    """Raises UsageError where corrected words concern nothing but what objections decided."""
    own = [o for (_, criterion), o in locked.items() if criterion in made.holding]
    if own and not made.anew and len(own) == len(made.holding):
        told = "; ".join(map(locked_sentence, own))
        raise UsageError(f"the corrected words concern nothing else: {told}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """What a corrected rule changes. `changed` was corrected; `worse` are calls that the rule
    would now cost more, or for the first time: they stay as they are, and so do those that an
    objection decided (`locked`).
    """

    changed: tuple[Decided, ...]
    same: tuple[str, ...]
    worse: tuple[str, ...]
    locked: tuple[str, ...] = ()


def correct_criterion(
    record: Record,
    settings: Settings,
    kept: KeptSample,
    actor: Actor,
    criterion: str,
    *,
    reason: str,
    rubric: Rubric | None = None,
) -> Corrections:
    """Judge one criterion of all calls of a period by a corrected rubric, in the agents' favour.

    Every call with that hit gets a decision on that criterion alone; nothing else of its card
    changes. `rubric` defaults to the one that the workspace has for the call today. Raises
    UsageError where the period is final.
    """
    if not reason.strip():
        raise UsageError("give a reason: --reason TEXT")
    period = kept.sample.period
    with record.transaction(alone=True) as tx:
        refuse_final(tx, period)
        choose = _chooser(tx, settings, rubric)
        cards = [
            o
            for o in outcomes_of(tx, kept.seq).values()
            if isinstance(o, Scorecard) and o.purged is None
        ]
        if not any(c.id == criterion for card in cards for c in card.criteria()):
            raise UsageError(f"no call of {period} was judged by a criterion {criterion!r}")
        public = published(tx, period)
        judge = _judge(tx, settings, is_published=public is not None)
        decided = decisions_of(tx, period)
        new: list[NewDecision] = []
        same: list[str] = []
        worse: list[str] = []
        locked = {k for k, name in locked_by(tx, period) if name == criterion}
        for card in cards:
            if card.recording_id in locked:
                continue
            standing_decisions = [k.decision for k in decided.get(card.recording_id, ())]
            others = [d for d in standing_decisions if d.criterion != criterion]
            again = judge.whole(card, others, rubric=choose(card))
            old, fresh = _result(card, criterion), _result(again, criterion)
            if old is None:
                continue
            verdict, points = _ruling(old, fresh)
            if verdict is not None:
                decision = Decision(
                    criterion=criterion,
                    verdict=verdict,
                    person=actor.name,
                    at=tx.now.isoformat(timespec="seconds"),
                    reason=reason,
                    points=points,
                    cause=Cause.RULE,
                    in_favour=True,
                )
                after = judge.again(card, [*standing_decisions, decision])
                if public is not None and costs_more(card, after):
                    # Points that leave both sides may lower what the others add up to.
                    worse.append(card.recording_id)
                    continue
                new.append(
                    NewDecision(recording_id=card.recording_id, decision=decision, source="rule")
                )
            elif (
                fresh is not None
                and fresh.lost > old.lost
                and not _by_person(standing_decisions, criterion)
            ):
                worse.append(card.recording_id)
            elif _is_hit(old):
                same.append(card.recording_id)
        changed = add_decisions(
            tx,
            period=period,
            sample_seq=kept.seq,
            new=new,
            make=judge.again,
        )
    return Corrections(
        changed=changed, same=tuple(same), worse=tuple(worse), locked=tuple(sorted(locked))
    )


def appeal_reason(record: Reads, period: str, criterion: str, language: str) -> str:
    """Why a rule is corrected: the answer to the last objection that found it wrong; "" if none."""
    found = [
        k
        for kept in decisions_of(record, period).values()
        for k in kept
        if k.source == "objection"
        and k.decision.criterion == criterion
        and k.decision.cause is Cause.RULE
    ]
    if not found:
        return ""
    last = max(found, key=lambda k: k.seq)
    t = Translator(language)
    return t("objection_upheld", n=last.objection, why=last.decision.reason)


def _judge(record: Reads, settings: Settings, *, is_published: bool) -> Judge:
    return Judge(record, settings, published=is_published)


def _chooser(
    record: Reads, settings: Settings, rubric: Rubric | None
) -> Callable[[Scorecard], CompiledRubric]:
    """The corrected rubric of a call, compiled once."""
    shelf = None if rubric is not None else read_shelf(settings)
    compiled: dict[str, CompiledRubric] = {}

    def choose(card: Scorecard) -> CompiledRubric:
        chosen = rubric
        if shelf is not None:
            chosen = shelf.choose(calls_by_hash(record, [card])[card.recording_id])
        if chosen is None:
            raise RuntimeError("neither a rubric nor a shelf")
        if chosen.sha256 not in compiled:
            compiled[chosen.sha256] = compile_rubric(chosen)
        return compiled[chosen.sha256]

    return choose


def _result(card: Scorecard, criterion: str) -> CriterionResult | None:
    return next((c for c in card.criteria() if c.id == criterion), None)


def _by_person(standing_decisions: Sequence[Decision], criterion: str) -> bool:
    """Whether what the criterion costs is somebody's word, which no rule makes worse."""
    last = in_force(standing_decisions).get(criterion)
    return last is not None and last.verdict is not DecisionVerdict.NOT_LOOKED_AT


def _is_hit(result: CriterionResult) -> bool:
    return result.verdict in (Verdict.FAIL, Verdict.HELD)


def _ruling(
    old: CriterionResult, fresh: CriterionResult | None
) -> tuple[DecisionVerdict | None, float | None]:
    """The decision that a corrected rule means for a hit; None where it stays or would be worse."""
    if not _is_hit(old):
        return None, None
    if fresh is None or fresh.verdict is Verdict.NOT_APPLICABLE:
        return DecisionVerdict.NOT_APPLICABLE, None
    match fresh.verdict:
        case Verdict.PASS:
            return DecisionVerdict.OVERTURN, None
        case Verdict.UNSCORABLE:
            return DecisionVerdict.INVALID, None
        case Verdict.HELD if old.verdict is Verdict.FAIL:
            return DecisionVerdict.OVERTURN, None
        case Verdict.FAIL if fresh.lost + fresh.stake < old.lost:
            return DecisionVerdict.POINTS, fresh.lost + fresh.stake
        case _:
            return None, None
