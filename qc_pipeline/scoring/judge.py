"""One criterion, one call: what the machine finds, before people and points of the whole card.

RUBRIC.md, "Keys" and "Verdicts and the total". A would-be fail is `held` when what it rests on
(section's and criterion's `applies`, trigger, result) is not sure enough to be held against
somebody.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from qc_pipeline.call import Span, Speaker
from qc_pipeline.scoring import reasons
from qc_pipeline.scoring.evidence import timing
from qc_pipeline.scoring.evidence.finding import ABSENT, Evidence, Verdict
from qc_pipeline.scoring.evidence.opportunity import TOO_SHORT
from qc_pipeline.scoring.evidence.outcome import (
    HOLDS,
    NEVER,
    NOT,
    UNKNOWN,
    Hit,
    Outcome,
    State,
)
from qc_pipeline.scoring.evidence.terms import Words
from qc_pipeline.scoring.judgement import Judgement
from qc_pipeline.scoring.speaker_doubt import doubt_about

if TYPE_CHECKING:
    from qc_pipeline.scoring.criterion_plan import CriterionPlan
    from qc_pipeline.scoring.evidence.view import Context
    from qc_pipeline.scoring.rubric.model import Criterion, Deduct

_NOTHING = Outcome(state=HOLDS)


_PASS, _UNSCORABLE = Verdict.PASS, Verdict.UNSCORABLE
_NOT_APPLICABLE, _FAIL, _HELD = Verdict.NOT_APPLICABLE, Verdict.FAIL, Verdict.HELD


class Views(NamedTuple):
    """One call as the conditions of a rubric look at it.

    `plain`: words as they are. `unshown`: the same, for `applies`, whose evidence no card shows.
    `favouring`: for `expect`, where the first hits will do. `too_short`: nothing is held against
    anybody that there was no time for.
    """

    plain: Context
    unshown: Context
    favouring: Context
    too_short: bool = False


class CallViews(NamedTuple):
    """The views of one call: for what weighs little, and for red lines and major items."""

    light: Views
    grave: Views


def views(ctx: Context, *, too_short: bool = False) -> CallViews:
    return CallViews(_views(ctx, too_short), _views(ctx.gravely(), too_short))


def _views(ctx: Context, too_short: bool) -> Views:
    return Views(ctx, ctx.unshown(), ctx.favouring(True).briefly(), too_short)


def judge(
    plan: CriterionPlan, section: Outcome | None, call: CallViews, day: date | None
) -> Judgement:
    """The verdict of the machine. `section` is the outcome of the section's `applies`, if any."""
    language = plan.language
    seen = call.grave if plan.grave else call.light
    if plan.effective is not None:
        if day is None:
            return _unscorable(_NO_DAY, language)
        if not plan.effective.holds(day):
            return _same_always(_NOT_APPLICABLE, _NOT_IN_FORCE.of(language), 1.0)
    applies = _NOTHING if section is None else section
    if plan.applies is not None:
        own = seen.unshown.outcome(plan.applies)
        if own.state is UNKNOWN:
            return _unscorable(own.why, language)
        if own.state is not HOLDS:
            return _same_always(_NOT_APPLICABLE, plan.does_not_apply, own.certainty)
        applies = own if section is None else _both(section, own)
    if plan.condition is None:
        if seen.too_short:
            return _unscorable(TOO_SHORT, language)
        return _same_always(_UNSCORABLE, _BY_A_PERSON.of(language), 1.0)
    view = seen.favouring if plan.expected else seen.plain
    outcome = view.outcome(plan.condition)
    if seen.too_short and outcome.state is _bad(plan):
        # Only what was done still speaks against the agent.
        outcome = view.without_time().outcome(plan.condition)
    return _weigh(plan, applies, outcome, seen.plain)


_BY_A_PERSON = Words("待人工评定", "a person judges this")
_NOT_IN_FORCE = Words("不适用：不在生效日期内", "not applicable: not in force on that day")
_NEVER_AROSE = Words("不适用：没有出现该情形", "not applicable: it never arose")
_NO_DAY = Words("话单没有start_time", "the call list has no start_time")


def _same_always(verdict: Verdict, reason: str, certainty: float) -> Judgement:
    """A verdict that says no more than its reason."""
    return Judgement(verdict=verdict, reason=reason, certainty=certainty, fixed=certainty == 1.0)


def _both(a: Outcome, b: Outcome) -> Outcome:
    """Of two conditions that both hold: how sure."""
    return Outcome(state=HOLDS, certainty=min(a.certainty, b.certainty), sure=a.sure and b.sure)


def _unscorable(why: Words | None, language: str) -> Judgement:
    return Judgement(
        verdict=_UNSCORABLE, reason=reasons.unscorable(why, language), certainty=0.0, fixed=True
    )


def _bad(plan: CriterionPlan) -> State:
    """What the condition comes to where points are lost."""
    return NOT if plan.expected else HOLDS


def _weigh(plan: CriterionPlan, applies: Outcome, outcome: Outcome, ctx: Context) -> Judgement:
    state = outcome.state
    if state is UNKNOWN:
        return _unscorable(outcome.why, plan.language)
    criterion = plan.criterion
    bad = _bad(plan)
    if state is NEVER or (state is bad and criterion.bonus is not None):
        return _same_always(_NOT_APPLICABLE, _NEVER_AROSE.of(plan.language), outcome.certainty)
    if state is not bad:
        return _passed(plan, outcome)
    sure = outcome.sure and applies.sure
    counted = _counted(criterion, outcome, sure=sure)
    if counted.all <= 0 and criterion.severity != "fatal":
        # `steps`: so few are free, where no more were left unheard.
        unheard = _not_heard(plan, ctx)
        if unheard is not None:
            return _unscorable(unheard.why, plan.language)
        return _passed(plan, outcome, hits=counted.sure_hits)
    evidence = _evidence(outcome, ctx)
    doubt = None
    if ctx.call.transcript.doubts:
        triggers = (e for hit in outcome.hits for e in hit.trigger)
        doubt = doubt_about((*evidence, *triggers), ctx.call.transcript.doubts)
    certainty = min(outcome.certainty, applies.certainty)
    failed = (
        sure
        and doubt is None
        and not criterion.only_held
        and (counted.sure > 0 or criterion.severity == "fatal")
    )
    reason = _reason(criterion, outcome, plan.language)
    least = ctx.call.thresholds.said, ctx.call.thresholds.not_said
    shown = (*[e for hit in outcome.hits for e in hit.trigger], *evidence)
    return Judgement(
        verdict=_FAIL if failed else _HELD,
        reason=reason if failed else reasons.held(reason, plan.language, shown, least, doubt),
        certainty=certainty if doubt is None else min(certainty, doubt.certainty),
        hits=counted.sure_hits,
        evidence=evidence,
        cost=counted.sure if failed else 0.0,
        doubtful=counted.all - counted.sure if failed else counted.all,
        facts=_facts(outcome.hits),
        spans=tuple(timing.union([(e.start_s, e.end_s) for e in evidence])),
    )


def _not_heard(plan: CriterionPlan, ctx: Context) -> Outcome | None:
    """`unknown` where a party that the criterion names was not heard well enough."""
    if plan.condition is None:
        return None
    found = (ctx.unheard_absence(by) for by in sorted(plan.condition.speakers()))
    return next((one for one in found if one is not None), None)


def _passed(plan: CriterionPlan, outcome: Outcome, *, hits: int = 0) -> Judgement:
    if not outcome.hits and not outcome.measured and not hits:
        return _same_always(_PASS, plan.passed, outcome.certainty)
    return Judgement(
        verdict=_PASS,
        reason=reasons.found(outcome, plan.language) or plan.passed,
        certainty=outcome.certainty,
        hits=hits,
        evidence=tuple([e for hit in outcome.hits for e in hit.evidence]),
    )


def price_of(criterion: Criterion, sure_hits: int) -> float:
    """What a deduction with so many sure hits costs."""
    points, deduct = criterion.points or 0.0, criterion.deduct
    if deduct is None or deduct.fixed is not None:
        return points if deduct is None else min(deduct.fixed or 0.0, points)
    return min(points, _price(deduct, sure_hits))


class _Count(NamedTuple):
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
        return _Count(cost if sure else 0.0, cost, sure_hits if sure else 0)
    if deduct.each_missing is not None:
        missed = [p for p in outcome.parts or (outcome,) if p.state is NOT]
        number, known = len(missed), sum(p.sure for p in missed)
    else:
        number, known = max(1, len(hits)), sure_hits
    if not sure:
        known = 0
    return _Count(min(points, _price(deduct, known)), min(points, _price(deduct, number)), known)


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
        return reasons.missing([p for p in outcome.parts if p.state is NOT], language)
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
            spans.extend(e for e in hit.evidence if e.kind is not ABSENT)
    return tuple(timing.union([(e.start_s, e.end_s) for e in spans]))
