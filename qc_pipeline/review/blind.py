"""Blind listening: a whole call judged with the machine's verdicts hidden, and what each answer is
as a decision. Without it the proof of a criterion measures how far people follow the machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from qc_pipeline.review.listening import CallToListen, Why
from qc_pipeline.scoring.decisions import NOWHERE, Decision, DecisionVerdict
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard
from qc_pipeline.store.decisions import BLIND, NewDecision

_FOUND = (Verdict.FAIL, Verdict.HELD)


class BlindVerdict(StrEnum):
    """What a person hears of a criterion: 符合, 不符合, 不适用, 听不清."""

    FULFILLED = "fulfilled"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    UNHEARD = "unheard"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindAnswer:
    """What a person heard of one criterion; of a failed one the `points` it costs, the place in
    seconds (None: nowhere, it was not done), what lies behind it, and in whose stretch of a
    transferred call it happened (None: the agent's own).
    """

    criterion: str
    heard: BlindVerdict
    points: float = 0.0
    place_s: tuple[float, float] | None = None
    root: str | None = None
    agent: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindDifference:
    """A criterion of which a person and the machine say different things."""

    title: str
    person: BlindVerdict
    machine: Verdict


def is_blind(period: str, call: CallToListen, share: float) -> bool:
    """Whether a call is judged blind where this share of the random ones is: by its name, so that
    nobody chooses. Calls that are listened to for what was found in them never are.
    """
    if call.why is not Why.RANDOM:
        return False
    name = f"blind\n{period}\n{call.recording_id}".encode()
    return int.from_bytes(hashlib.sha256(name).digest()[:8]) < share * 2**64


def asked_blind(card: Scorecard) -> tuple[CriterionResult, ...]:
    """The criteria that are asked of a blind call, whatever the machine makes of them: all that can
    cost points and nobody has decided. Two deductions for one fact are asked for once.
    """
    return tuple(
        c
        for c in card.criteria()
        if not c.trial
        and c.covered_by is None
        and c.decided_by != "person"
        and (c.bonus is None or c.awaits_person)
    )


def most_of(card: Scorecard, result: CriterionResult) -> float:
    """The points that a criterion can cost; on a red line all of them hang."""
    return card.points if result.severity == "fatal" else result.points


def blind_decisions(
    card: Scorecard,
    answers: Sequence[BlindAnswer],
    *,
    person: str,
    at: str,
    usual_reason: str,
) -> tuple[NewDecision, ...]:
    """The decisions that answers on a card are; `usual_reason` stands where a person gave none."""
    results = {c.id: c for c in card.criteria()}
    return tuple(
        NewDecision(
            recording_id=card.recording_id,
            decision=decision_of(
                results[one.criterion],
                one,
                person=person,
                at=at,
                usual_reason=usual_reason,
            ),
            source=BLIND,
            seen=card.sha256(),
        )
        for one in answers
    )


def decision_of(
    machine: CriterionResult,
    answer: BlindAnswer,
    *,
    person: str,
    at: str,
    usual_reason: str,
) -> Decision:
    """What a person's answer is as a decision on what the machine made of the criterion."""
    verdict = _verdict(machine, answer)
    adds = verdict is DecisionVerdict.DEDUCT
    costs = adds or verdict is DecisionVerdict.POINTS
    is_fault = answer.heard is BlindVerdict.FAILED
    return Decision.model_validate(
        {
            "criterion": answer.criterion,
            "verdict": verdict,
            "person": person,
            "at": at,
            "reason": answer.reason or usual_reason,
            "points": answer.points if costs else None,
            "root": answer.root if is_fault else None,
            "agent": answer.agent if is_fault else None,
            "place_s": (answer.place_s or NOWHERE) if adds else None,
        }
    )


def _verdict(machine: CriterionResult, answer: BlindAnswer) -> DecisionVerdict:
    settled = machine.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE)
    match answer.heard:
        case BlindVerdict.UNHEARD:
            return DecisionVerdict.INVALID
        case BlindVerdict.FAILED:
            return DecisionVerdict.DEDUCT if settled else DecisionVerdict.POINTS
        case BlindVerdict.FULFILLED:
            return DecisionVerdict.CONFIRM if settled else DecisionVerdict.OVERTURN
        case BlindVerdict.NOT_APPLICABLE:
            if machine.verdict is Verdict.NOT_APPLICABLE:
                return DecisionVerdict.CONFIRM
            return DecisionVerdict.NOT_APPLICABLE


def differences(card: Scorecard, answers: Sequence[BlindAnswer]) -> tuple[BlindDifference, ...]:
    """Where a person and the machine differ on a fault. What the machine could not judge differs
    from nothing, and neither does what the person could not hear.
    """
    results = {c.id: c for c in card.criteria()}
    found: list[BlindDifference] = []
    for one in answers:
        machine = results[one.criterion]
        if machine.verdict is Verdict.UNSCORABLE or one.heard is BlindVerdict.UNHEARD:
            continue
        if (one.heard is BlindVerdict.FAILED) is not (machine.verdict in _FOUND):
            found.append(
                BlindDifference(title=machine.title, person=one.heard, machine=machine.verdict)
            )
    return tuple(found)
