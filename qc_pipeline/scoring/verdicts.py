"""One criterion, one call: what the machine finds, before people and points of the whole card.

RUBRIC.md, "Keys" and "Verdicts and the total". A would-be fail is `held` when what it rests on
(section's and criterion's `applies`, trigger, result) is not sure enough to be held against
somebody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from qc_pipeline.call import Span, Speaker
from qc_pipeline.scoring import reasons, timing
from qc_pipeline.scoring.rules.base import Hit, Outcome, State, Words
from qc_pipeline.scoring.scorecard import Evidence, EvidenceKind, Verdict

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context
    from qc_pipeline.scoring.rubric import Criterion, Deduct

_NOTHING = Outcome(state=State.HOLDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the machine makes of a criterion.

    `cost` is what the sure findings cost, `doubtful` what the others would cost on top; `facts`
    the seconds that the finding rests on (for one fact, one deduction), `spans` those of all its
    evidence.
    """

    verdict: Verdict
    reason: str
    certainty: float = 1.0
    hits: int = 0
    evidence: tuple[Evidence, ...] = ()
    cost: float = 0.0
    doubtful: float = 0.0
    facts: tuple[Span, ...] = ()
    spans: tuple[Span, ...] = ()


def judge(
    criterion: Criterion, section: Outcome | None, ctx: Context, day: date | None
) -> Judgement:
    """The verdict of the machine. `section` is the outcome of the section's `applies`, if any."""
    language = ctx.language
    if criterion.effective is not None:
        if day is None:
            return _unscorable(_NO_DAY, language)
        if not criterion.effective.holds(day):
            return Judgement(verdict=Verdict.NOT_APPLICABLE, reason=_NOT_IN_FORCE.of(language))
    applies = _NOTHING if section is None else section
    if criterion.applies is not None:
        own = criterion.applies.evaluate(ctx.untold())
        if own.state is State.UNKNOWN:
            return _unscorable(own.why, language)
        if own.state is not State.HOLDS:
            return Judgement(
                verdict=Verdict.NOT_APPLICABLE,
                reason=reasons.not_applicable(criterion.applies.describe(), language),
                certainty=own.certainty,
            )
        applies = _both(applies, own)
    if criterion.condition is None:
        return Judgement(
            verdict=Verdict.UNSCORABLE,
            reason=Words("待人工评定", "a person judges this").of(language),
        )
    view = ctx.favouring(criterion.expect is not None)
    outcome = criterion.condition.evaluate(view.briefly() if view.favour else view)
    return _weigh(criterion, applies, outcome, ctx)


_NOT_IN_FORCE = Words("不适用:不在生效日期内", "not applicable: not in force on that day")
_NO_DAY = Words("话单没有start_time", "the call list has no start_time")


def _both(a: Outcome, b: Outcome) -> Outcome:
    """Of two conditions that both hold: how sure."""
    return Outcome(
        state=State.HOLDS, certainty=min(a.certainty, b.certainty), sure=a.sure and b.sure
    )


def _unscorable(why: Words | None, language: str) -> Judgement:
    return Judgement(
        verdict=Verdict.UNSCORABLE, reason=reasons.unscorable(why, language), certainty=0.0
    )


def _weigh(criterion: Criterion, applies: Outcome, outcome: Outcome, ctx: Context) -> Judgement:
    language = ctx.language
    if outcome.state is State.UNKNOWN:
        return _unscorable(outcome.why, language)
    bad = State.NOT if criterion.expect is not None else State.HOLDS
    if outcome.state is State.NEVER or (criterion.bonus is not None and outcome.state is bad):
        return Judgement(
            verdict=Verdict.NOT_APPLICABLE,
            reason=Words("不适用:没有出现该情形", "not applicable: it never arose").of(language),
            certainty=outcome.certainty,
        )
    if outcome.state is not bad:
        return _passed(criterion, outcome, language)
    sure = outcome.sure and applies.sure
    counted = _counted(criterion, outcome, sure=sure)
    if counted.all <= 0 and criterion.severity != "fatal":
        # `steps`: so few are free.
        return _passed(criterion, outcome, language, hits=counted.sure_hits)
    certainty = min(outcome.certainty, applies.certainty)
    evidence = _evidence(outcome, ctx)
    failed = sure and (counted.sure > 0 or criterion.severity == "fatal")
    reason = _reason(criterion, outcome, language)
    return Judgement(
        verdict=Verdict.FAIL if failed else Verdict.HELD,
        reason=reason if failed else reasons.held(reason, language),
        certainty=certainty,
        hits=counted.sure_hits,
        evidence=evidence,
        cost=counted.sure if failed else 0.0,
        doubtful=counted.all - counted.sure if failed else counted.all,
        facts=_facts(outcome.hits),
        spans=tuple(timing.union((e.start_s, e.end_s) for e in evidence)),
    )


def _passed(criterion: Criterion, outcome: Outcome, language: str, *, hits: int = 0) -> Judgement:
    found = reasons.found(outcome, language)
    if not found:
        found = (
            Words("未发现问题", "nothing found").of(language)
            if criterion.forbid is not None
            else Words("符合要求", "as asked").of(language)
        )
    return Judgement(
        verdict=Verdict.PASS,
        reason=found,
        certainty=outcome.certainty,
        hits=hits,
        evidence=tuple(e for hit in outcome.hits for e in hit.evidence),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Count:
    """Points by the sure hits and by all of them, and how many are sure."""

    sure: float
    all: float
    sure_hits: int


def _counted(criterion: Criterion, outcome: Outcome, *, sure: bool) -> _Count:
    points = criterion.points or 0.0
    deduct = criterion.deduct
    hits = outcome.hits
    sure_hits = sum(h.sure for h in hits) if hits else int(outcome.sure)
    if deduct is None or deduct.fixed is not None:
        cost = points if deduct is None else min(deduct.fixed or 0.0, points)
        return _Count(sure=cost if sure else 0.0, all=cost, sure_hits=sure_hits if sure else 0)
    if deduct.each_missing is not None:
        missed = [p for p in outcome.parts or (outcome,) if p.state is State.NOT]
        number, known = len(missed), sum(p.sure for p in missed)
    else:
        number, known = max(1, len(hits)), sure_hits
    if not sure:
        known = 0
    return _Count(
        sure=min(points, _price(deduct, known)),
        all=min(points, _price(deduct, number)),
        sure_hits=known,
    )


def _price(deduct: Deduct, number: int) -> float:
    """What so many hits cost."""
    if deduct.steps is not None:
        reached = [step for step in deduct.steps if step <= number]
        return deduct.steps[max(reached)] if reached else 0.0
    return number * (deduct.each or deduct.each_missing or 0.0)


def _evidence(outcome: Outcome, ctx: Context) -> tuple[Evidence, ...]:
    evidence = [e for hit in outcome.hits for e in hit.evidence]
    for search in outcome.searched:
        evidence.extend(ctx.absence(search))
    evidence.extend(outcome.measured)
    return tuple(dict.fromkeys(evidence))


def _reason(criterion: Criterion, outcome: Outcome, language: str) -> str:
    if criterion.deduct is not None and criterion.deduct.each_missing is not None and outcome.parts:
        return reasons.missing([p for p in outcome.parts if p.state is State.NOT], language)
    return reasons.failed(outcome, language)


def _facts(hits: tuple[Hit, ...]) -> tuple[Span, ...]:
    """The seconds of the words (or of the sound) that are the fault.

    What asked for an answer that did not come is part of the fault only where the agent said it: a
    customer's words may ask for two different things, and missing both is two faults. What was
    *not* said has no words.
    """
    spans: list[Evidence] = []
    for hit in hits:
        if hit.trigger:
            spans.extend(e for e in hit.trigger if e.speaker is Speaker.AGENT)
        else:
            spans.extend(e for e in hit.evidence if e.kind is not EvidenceKind.ABSENT)
    return tuple(timing.union((e.start_s, e.end_s) for e in spans))
