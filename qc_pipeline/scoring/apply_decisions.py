"""What a verdict costs on the card, given what people decided and whether it is published."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qc_pipeline.scoring.decisions import Decision, DecisionVerdict
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.evidence.terms import Words
from qc_pipeline.scoring.judgement import Judgement

if TYPE_CHECKING:
    from qc_pipeline.scoring.rubric.model import Criterion


_UNHEARD = Words("人工听后：听不清", "a person listened: it cannot be heard")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A criterion's line on the card.

    `zeroes` marks a failed fatal criterion that counts. `open` says that a person still has to
    look: it makes the card provisional. `spared`: points lost and at stake, were it not
    `covered_by` another. `agent`: whose it is, where it is not the call's agent's.
    """

    verdict: Verdict
    reason: str
    lost: float = 0.0
    stake: float = 0.0
    bonus: float = 0.0
    zeroes: bool = False
    proposed: bool = False
    open: bool = False
    decided_by: str = "rule"
    covered_by: str | None = None
    spared: tuple[float, float] | None = None
    agent: str | None = None


def settle(
    criterion: Criterion,
    judgement: Judgement,
    decision: Decision | None,
    *,
    published: bool,
    not_judged: bool = False,
    too_short: bool = False,
    language: str = "zh",
) -> Settled:
    """Apply the last decision on the criterion, if any, to the machine's judgement."""
    if decision is None:
        return settle_by_rule(
            criterion, judgement, published=published, not_judged=not_judged, too_short=too_short
        )
    by_person = _by_person(criterion, judgement, decision, not_judged=not_judged)
    if decision.verdict is DecisionVerdict.INVALID and not decision.reason:
        by_person = replace(by_person, reason=_UNHEARD.of(language))
    return _tried(criterion, by_person)


def settle_by_rule(
    criterion: Criterion,
    judgement: Judgement,
    *,
    published: bool,
    not_judged: bool = False,
    too_short: bool = False,
) -> Settled:
    """The machine's judgement where nobody has decided on the criterion; of a call that is
    `not_judged` everything that could not be judged is left to a person. Of one that is
    `too_short` nobody is asked for what could not be, since no total rests on it, and whatever was
    found in so little talk is proposed to a person.
    """
    settled = _by_rule(
        criterion, judgement, published=published, proposed=criterion.needs_person or too_short
    )
    if too_short and settled.verdict is Verdict.UNSCORABLE:
        settled = replace(settled, stake=0.0, open=False)
    if not_judged and settled.verdict is Verdict.UNSCORABLE:
        settled = replace(settled, stake=criterion.points or 0.0, open=True)
    return _tried(criterion, settled)


def _tried(criterion: Criterion, settled: Settled) -> Settled:
    """A trial criterion is judged, shown and counted, and costs nothing."""
    if criterion.status != "trial":
        return settled
    return Settled(verdict=settled.verdict, reason=settled.reason, decided_by=settled.decided_by)


def _by_rule(
    criterion: Criterion, judgement: Judgement, *, published: bool, proposed: bool
) -> Settled:
    fatal = criterion.severity == "fatal"
    worth = criterion.points or 0.0
    match judgement.verdict:
        case Verdict.FAIL:
            counts = not (proposed and published)
            return Settled(
                verdict=Verdict.FAIL,
                reason=judgement.reason,
                lost=judgement.cost if counts else 0.0,
                stake=judgement.doubtful + (judgement.cost if proposed else 0.0),
                zeroes=fatal and counts,
                proposed=proposed,
                open=proposed or judgement.doubtful > 0,
            )
        case Verdict.HELD:
            return Settled(
                verdict=Verdict.HELD, reason=judgement.reason, stake=judgement.doubtful, open=True
            )
        case Verdict.PASS:
            return Settled(
                verdict=Verdict.PASS, reason=judgement.reason, bonus=criterion.bonus or 0.0
            )
        case Verdict.UNSCORABLE:
            manual = bool(criterion.manual)
            return Settled(
                verdict=Verdict.UNSCORABLE,
                reason=judgement.reason,
                stake=worth if manual else 0.0,
                open=manual,
            )
        case Verdict.NOT_APPLICABLE:
            return Settled(verdict=Verdict.NOT_APPLICABLE, reason=judgement.reason)


def _by_person(
    criterion: Criterion, judgement: Judgement, decision: Decision, *, not_judged: bool
) -> Settled:
    worth = criterion.points or 0.0
    reason = decision.reason or judgement.reason

    def line(verdict: Verdict, lost: float = 0.0, *, zeroes: bool = False) -> Settled:
        bonus = (criterion.bonus or 0.0) if verdict is Verdict.PASS else 0.0
        return Settled(
            verdict=verdict,
            reason=reason,
            lost=lost,
            bonus=bonus,
            zeroes=zeroes,
            decided_by="person",
        )

    if decision.agent is not None:
        # It happened in another agent's stretch of the call, and leaves both sides of this one's.
        return replace(line(Verdict.NOT_APPLICABLE), agent=decision.agent)
    fatal = criterion.severity == "fatal"
    match decision.verdict:
        case DecisionVerdict.NOT_APPLICABLE:
            return line(Verdict.NOT_APPLICABLE)
        case DecisionVerdict.INVALID:
            return line(Verdict.UNSCORABLE)
        case DecisionVerdict.OVERTURN:
            # The finding does not stand; of a bonus, that it was not earned.
            return line(Verdict.PASS if criterion.bonus is None else Verdict.NOT_APPLICABLE)
        case DecisionVerdict.EXEMPT:
            # It happened, and it is not the agent's: it leaves both sides, with its reason.
            return line(Verdict.NOT_APPLICABLE)
        case DecisionVerdict.POINTS | DecisionVerdict.DEDUCT:
            lost = min(decision.points or 0.0, worth)
            failed = lost > 0 or (fatal and bool(decision.points))
            return line(Verdict.FAIL if failed else Verdict.PASS, lost, zeroes=fatal and failed)
        case DecisionVerdict.NOT_LOOKED_AT:
            # Closed by publishing: what stood is shown, and what a person had to confirm is free.
            return _closed(criterion, judgement, decision)
        case DecisionVerdict.CONFIRM:
            if criterion.manual:
                return line(Verdict.FAIL, worth, zeroes=fatal)
            if not_judged and judgement.verdict is Verdict.UNSCORABLE:
                # What was not heard is judged as a manual item is: there was no finding before.
                if criterion.bonus is not None:
                    return line(Verdict.PASS)
                return line(Verdict.FAIL, worth, zeroes=fatal)
            if judgement.verdict in (Verdict.FAIL, Verdict.HELD):
                return line(Verdict.FAIL, judgement.cost + judgement.doubtful, zeroes=fatal)
            return line(judgement.verdict)


def _closed(criterion: Criterion, judgement: Judgement, decision: Decision) -> Settled:
    """An open item that nobody decided before publication: its doubtful part costs nothing."""
    settled = _by_rule(criterion, judgement, published=True, proposed=criterion.needs_person)
    verdict = settled.verdict
    if verdict is Verdict.FAIL and settled.lost == 0:
        verdict = Verdict.HELD
    reason = "; ".join(r for r in (judgement.reason, decision.reason) if r)
    return replace(settled, verdict=verdict, reason=reason, stake=0.0, proposed=False, open=False)
