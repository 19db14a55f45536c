"""What a machine may decide by itself: earned, criterion by criterion, in this centre. Pure.

What counts are first looks: the first decision that a person took on a finding, in review, in a
call that was drawn at random to be listened to and was listened to in full. A criterion is proved
once 27 of its first 30 stood: one that is truly right in 95 % of its findings passes with
P(X <= 3 | 30, 0.05) = 93.9 %, one in 80 % with 12.3 % (binomial). It is stopped where, before that,
4 of 10 in a row did not stand. Once proved, its last 60 count: below 85 % it has to prove itself
again. All bounds are those of docs/trust.md, "What a machine may decide by itself".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from qc_pipeline.scoring.decisions import Decision, DecisionVerdict
from qc_pipeline.scoring.evidence.finding import Evidence, Verdict
from qc_pipeline.scoring.rubric.model import PERSON_FROM_POINTS, Criterion
from qc_pipeline.scoring.scorecard import CriterionResult

PROOF, PROOF_STOOD = 30, 27
STOP_WITHIN, STOP_WRONG = 10, 4
LATER, LATER_STOOD = 60, 0.85
NEW_AFTER_CHANGE = 10
"""Looks at a changed list itself; the others may come from before."""
OBJECTIONS, OBJECTIONS_UPHELD = 10, 0.15
"""From so many answered objections on, a share upheld above this is an alarm; it proves nothing."""

FOUND = (Verdict.FAIL, Verdict.HELD)


class Autonomy(StrEnum):
    """What a criterion may do: 人工确认项, 试运行, 待验证, 可自动, 停用."""

    PERSON = "person"
    TRIAL = "trial"
    UNPROVEN = "unproven"
    AUTOMATIC = "automatic"
    STOPPED = "stopped"


class Shown(StrEnum):
    """What a listened call shows of a criterion: a finding that stood or did not, a fault that the
    machine missed, a pass that was let stand.
    """

    STOOD = "stood"
    FELL = "fell"
    MISSED = "missed"
    PASSED = "passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """How far a criterion has come.

    `decided` and `stood` count the looks that it stands by: those of the proof that is under way,
    once proved the last 60. `failed`: the first 30 are there and too few stood; only another
    wording lets it try again. `more` are the looks that a proof still needs, 0 where none can
    help or it needs none. `relapses`: how often it was proved and fell below.
    """

    standing: Autonomy
    decided: int = 0
    stood: int = 0
    more: int = 0
    failed: bool = False
    relapses: int = 0

    @property
    def share(self) -> float | None:
        return self.stood / self.decided if self.decided else None


def is_persons(criterion: Criterion) -> bool:
    """Whether a criterion is a person's whatever the machine shows: red lines, major items, five
    points and more, manual ones, those that are only held, and those that ask for a person.
    """
    return (
        criterion.needs_person
        or criterion.manual is not None
        or criterion.only_held is not None
        or criterion.severity != "minor"
        or (criterion.points or 0) >= PERSON_FROM_POINTS
    )


def proof_of(criterion: Criterion, own: Sequence[bool], carried: Sequence[bool] = ()) -> Earned:
    """Where a criterion stands by its first looks, in order: whether the finding stood.

    `own` are those at findings of the criterion as it is, `carried` those at findings of former
    lists that it still makes on the same evidence: the last 20 of them count.
    """
    if criterion.status == "trial":
        return Earned(standing=Autonomy.TRIAL)
    if is_persons(criterion):
        return Earned(standing=Autonomy.PERSON)
    return proved(own, carried)


def proved(own: Sequence[bool], carried: Sequence[bool] = ()) -> Earned:
    """The same of any criterion that may earn it. Each look is taken in its turn: nothing that
    comes later undoes that a proof failed.
    """
    former = tuple(carried[-(PROOF - NEW_AFTER_CHANGE) :])
    series: list[bool] = []
    standing, failed, relapses = Autonomy.UNPROVEN, False, 0
    for look in (*former, *own):
        series.append(look)
        if standing is Autonomy.AUTOMATIC:
            last = series[-LATER:]
            if sum(last) < LATER_STOOD * len(last):
                standing, relapses, series = Autonomy.UNPROVEN, relapses + 1, []
        elif standing is Autonomy.UNPROVEN and not failed:
            if _is_stopped(series):
                standing = Autonomy.STOPPED
            elif len(series) == PROOF:
                failed = sum(series) < PROOF_STOOD
                standing = standing if failed else Autonomy.AUTOMATIC
    counted = series[-LATER:] if standing is Autonomy.AUTOMATIC else series
    waits = standing is Autonomy.UNPROVEN and not failed
    return Earned(
        standing=standing,
        decided=len(counted),
        stood=sum(counted),
        more=PROOF - len(series) if waits else 0,
        failed=failed,
        relapses=relapses,
    )


def _is_stopped(series: Sequence[bool]) -> bool:
    last = series[-STOP_WITHIN:]
    return len(last) == STOP_WITHIN and last.count(False) >= STOP_WRONG


def stands(decision: Decision) -> bool | None:
    """Whether a decision says that the finding was a fault; None where it says neither: the place
    cannot be heard, nobody looked, or nothing had been found.
    """
    verdict = decision.verdict
    if verdict is DecisionVerdict.POINTS:
        return bool(decision.points)
    if verdict in (DecisionVerdict.CONFIRM, DecisionVerdict.EXEMPT):
        return True
    if verdict in (DecisionVerdict.OVERTURN, DecisionVerdict.NOT_APPLICABLE):
        return False
    return None


def shown_by(machine: CriterionResult, first: Decision | None) -> Shown | None:
    """What a listened call shows: the machine's line before anybody decided on it, and the first
    decision on it. An automatic deduction that nobody changed stood, as does a pass.
    """
    verdict = machine.verdict
    if machine.decided_by != "rule" or machine.covered_by is not None:
        return None
    if first is None:
        if verdict is Verdict.PASS:
            return Shown.PASSED
        return Shown.STOOD if machine.filled_in else None
    if verdict in FOUND:
        stood = stands(first)
        return None if stood is None else Shown.STOOD if stood else Shown.FELL
    if first.verdict is DecisionVerdict.DEDUCT or (
        first.verdict is DecisionVerdict.POINTS and first.points
    ):
        missed = verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE)
        return Shown.MISSED if missed else None
    if verdict is Verdict.PASS and first.verdict is DecisionVerdict.CONFIRM:
        return Shown.PASSED
    return None


def same_evidence(former: Iterable[Evidence], now: Iterable[Evidence]) -> bool:
    """Whether two findings rest on the same: on something of the same party at the same time, or
    both on nothing that has a place.
    """
    old, new = tuple(former), tuple(now)
    if not old or not new:
        return not old and not new
    return any(
        a.speaker == b.speaker and a.start_s <= b.end_s and b.start_s <= a.end_s
        for a in old
        for b in new
    )
