"""The same mistake at other agents' calls: deductions of the same rule on the same wordings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from qc_pipeline.errors import UsageError
from qc_pipeline.review.decide import one_decision, take_decisions
from qc_pipeline.scoring.decisions import Cause, DecisionVerdict
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard
from qc_pipeline.store.appeals import UPHELD, KeptAppeal, locked_by
from qc_pipeline.store.card_sources import calls_by_hash
from qc_pipeline.store.decisions import ALIKE, Decided, cards_by_hash
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.record import Record
from qc_pipeline.store.samples import KeptSample, kept_sample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.people import Actor
from qc_pipeline.workspace.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class AlikeDeduction:
    """A deduction that stands, by the same rule and on the same wordings as one taken back."""

    card: Scorecard
    result: CriterionResult
    agent: str


def alike_deductions(reads: Reads, objection: KeptAppeal) -> tuple[AlikeDeduction, ...]:
    """The other deductions of the objection's period, by recording: of the same criterion of the
    same rubric, resting on one of the wordings that the deduction taken back rested on; where that
    rested on none (something was not done), all of the criterion that rest on none.

    Raises UsageError where the objection was not upheld.
    """
    if objection.state != UPHELD:
        raise UsageError(f"objection {objection.number} was not upheld: it says nothing of others")
    kept = kept_sample(reads, objection.period)
    if kept is None:
        return ()
    before = cards_by_hash(reads, [objection.card])[objection.card]
    own = _line(before, objection.criterion)
    locked = {k for k, name in locked_by(reads, objection.period) if name == objection.criterion}
    found: list[tuple[Scorecard, CriterionResult]] = []
    for name, card in sorted(outcomes_of(reads, kept.seq).items()):
        if not isinstance(card, Scorecard) or name == objection.recording_id or name in locked:
            continue
        line = _line(card, objection.criterion)
        same_rubric = card.rubric_id == before.rubric_id and card.purged is None
        if same_rubric and own is not None and line is not None and _is_alike(own, line):
            found.append((card, line))
    calls = calls_by_hash(reads, [card for card, _ in found])
    return tuple(
        AlikeDeduction(
            card=card,
            result=line,
            agent=""
            if (call := calls.get(card.recording_id)) is None
            else call.text("agent_name") or call.agent_id or "",
        )
        for card, line in found
    )


def _line(card: Scorecard, criterion: str | None) -> CriterionResult | None:
    return next((c for c in card.criteria() if c.id == criterion), None)


def _is_alike(own: CriterionResult, other: CriterionResult) -> bool:
    if other.verdict is not Verdict.FAIL or other.trial:
        return False
    mine = {e.phrase for e in own.evidence if e.phrase}
    theirs = {e.phrase for e in other.evidence if e.phrase}
    return bool(mine & theirs) if mine else not theirs


def take_back_alike(
    record: Record,
    settings: Settings,
    actor: Actor,
    objection: KeptAppeal,
    *,
    reason: str,
    only: Collection[str] = (),
) -> tuple[Decided, ...]:
    """Take back all deductions that are alike, or those of the recordings named, each in the
    record. Raises UsageError for a recording that has none.
    """
    found = {one.card.recording_id: one for one in alike_deductions(record, objection)}
    strange = sorted(set(only) - found.keys())
    if strange:
        raise UsageError(f"{', '.join(strange)}: no such deduction of {objection.criterion}")
    kept = _kept(record, objection)
    chosen: Sequence[AlikeDeduction] = [
        one for name, one in found.items() if not only or name in only
    ]
    new = [
        one_decision(
            recording_id=one.card.recording_id,
            criterion=objection.criterion,
            verdict=DecisionVerdict.OVERTURN,
            person=actor.name,
            at=record.now.isoformat(timespec="seconds"),
            points=None,
            cause=Cause.RULE,
            reason=reason,
            seen=one.card.sha256(),
            source=ALIKE,
        )
        for one in chosen
    ]
    return take_decisions(record, settings, kept, new)


def _kept(reads: Reads, objection: KeptAppeal) -> KeptSample:
    kept = kept_sample(reads, objection.period)
    if kept is None:
        raise UsageError(f"{objection.period} is not drawn in this workspace")
    return kept
