"""One call and a rubric in, a scorecard out.

Pure: the same rubric, transcript, call row, measures and decisions give the same card.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, islice
from typing import Any, NamedTuple

from qc_pipeline.call import (
    NO_HASHES,
    FieldValue,
    KnownHashes,
    Measures,
    Recording,
    Speaker,
    Transcript,
    content_sha256,
)
from qc_pipeline.scoring import reasons
from qc_pipeline.scoring.apply_decisions import Settled, settle, settle_by_rule
from qc_pipeline.scoring.compile import CompiledRubric, compile_rubric
from qc_pipeline.scoring.covered_criteria import cover_found, followed
from qc_pipeline.scoring.criterion_plan import SectionPlan
from qc_pipeline.scoring.decisions import NO_DECISIONS, Decision, decisions_sha256, in_force
from qc_pipeline.scoring.draft import Draft, without_covered
from qc_pipeline.scoring.evidence.finding import Verdict, WorthHearing
from qc_pipeline.scoring.evidence.hearing import (
    Hearing,
    NotJudged,
    at_wrong_speed,
    hearing_of,
    not_judged,
)
from qc_pipeline.scoring.evidence.opportunity import Talk, talk_of
from qc_pipeline.scoring.evidence.outcome import HOLDS, UNKNOWN, Outcome
from qc_pipeline.scoring.evidence.prepare_batch import prepare
from qc_pipeline.scoring.evidence.prepared_call import PreparedCall
from qc_pipeline.scoring.evidence.terms import Words
from qc_pipeline.scoring.evidence.view import Context
from qc_pipeline.scoring.judge import CallViews, judge, views
from qc_pipeline.scoring.judged_points import judged_points
from qc_pipeline.scoring.judgement import Judgement, only_asking, with_place
from qc_pipeline.scoring.overlapping_deductions import told_apart
from qc_pipeline.scoring.points import SectionSum, exact_sum, section_sum, total
from qc_pipeline.scoring.rubric.model import Rubric
from qc_pipeline.scoring.scorecard import Basis, CriterionResult, Scorecard, SectionResult
from qc_pipeline.scoring.terms_of_scoring import USUAL_TERMS, ScoringTerms
from qc_pipeline.scoring.worth_hearing import worth_hearing

ENGINE_VERSION = "7"
"""Names the rules of judging: raised with every change that can change a card."""

_ANOTHERS = Words("属于坐席{agent}的通话段，不计入本坐席", "in agent {agent}'s stretch of the call")
_NO_MEASURES = "none"
_TOGETHER = 32
"""Calls whose words are searched in one pass: more gain little, hold more memory and are walked by
the collector."""
_NOT_APPLICABLE, _UNSCORABLE = Verdict.NOT_APPLICABLE, Verdict.UNSCORABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class ToScore:
    """One call to be judged: `parent` is the hash of the card that its card replaces."""

    transcript: Transcript
    call: Mapping[str, FieldValue] | Recording
    measures: Measures | None = None
    decisions: Sequence[Decision] = ()
    parent: str | None = None
    known: KnownHashes = NO_HASHES
    terms: ScoringTerms = USUAL_TERMS


class Heard(NamedTuple):
    """How well each party was heard (None: not known), of whom that is too little, what was said
    where that is too little to be judged by, and what is worth hearing.
    """

    hearing: Mapping[Speaker, Hearing] | None
    not_judged: Mapping[Speaker, NotJudged]
    too_short: Talk | None = None
    worth_hearing: tuple[WorthHearing, ...] = ()


def score(
    rubric: Rubric | CompiledRubric,
    transcript: Transcript,
    call: Mapping[str, FieldValue] | Recording,
    measures: Measures | None = None,
    decisions: Sequence[Decision] = (),
    *,
    terms: ScoringTerms = USUAL_TERMS,
    parent: str | None = None,
    known: KnownHashes | None = None,
) -> Scorecard:
    """Judge one call; see `score_many`."""
    one = ToScore(
        transcript=transcript,
        call=call,
        measures=measures,
        decisions=decisions,
        parent=parent,
        known=known or NO_HASHES,
        terms=terms,
    )
    (card,) = score_many(rubric, (one,))
    return card


def score_many(rubric: Rubric | CompiledRubric, calls: Iterable[ToScore]) -> Iterator[Scorecard]:
    """Judge calls by one rubric, a card each, in order.

    Held findings never count before somebody confirmed them. A call of which too little was heard
    has no total before a person has decided all that could not be judged (see
    `Scorecard.unjudged`). The words of some calls are searched together: several in one go cost
    far less than one by one.

    Raises nothing, whatever a transcript or a call row holds.
    """
    ready = rubric if isinstance(rubric, CompiledRubric) else compile_rubric(rubric)
    for _, alike in groupby(calls, key=searched_by):
        while some := tuple(islice(alike, _TOGETHER)):
            yield from _batch(ready, some)


def searched_by(one: ToScore) -> tuple[float, float]:
    """What of the terms the search in the words goes by: the same for calls searched together."""
    return one.terms.assumed_confidence, one.terms.doubtful_below


def _batch(ready: CompiledRubric, some: Sequence[ToScore]) -> list[Scorecard]:
    found = judged(ready, some)
    return [_scored(ready, one, how) for one, how in zip(some, found, strict=True)]


def judged(ready: CompiledRubric, some: Sequence[ToScore]) -> list[JudgedCall]:
    """What the machine makes of every criterion in some calls that are searched by the same terms,
    before people are heard and one fact is made one deduction.
    """
    heard = [_heard(one) for one in some]
    prepared = [
        PreparedCall(
            one.transcript,
            one.call,
            one.measures,
            ready.lexicon,
            ready.thresholds,
            one.terms.assumed_confidence,
            ready.shared,
            how.not_judged,
            one.terms.doubtful_below,
            one.terms.own_numbers,
        )
        for one, how in zip(some, heard, strict=True)
    ]
    prepare(prepared, ready.lexicon)
    return [
        _judged(ready, one, call, how) for one, call, how in zip(some, prepared, heard, strict=True)
    ]


def _heard(one: ToScore) -> Heard:
    words = one.transcript
    hearing = hearing_of(words)
    unheard = not_judged(
        hearing,
        one.terms.bounds,
        words.language,
        words.doubts,
        words.duration_s,
        wrong_speed=at_wrong_speed(words),
    )
    return Heard(hearing, unheard)


def _judged(
    ready: CompiledRubric, one: ToScore, prepared: PreparedCall, heard: Heard
) -> JudgedCall:
    short = _too_short(ready.rubric, prepared)
    seen = views(Context(prepared), too_short=short is not None)
    day = None if prepared.start_time is None else prepared.start_time.date()
    drafts = [_drafts(section, seen, day, one.terms) for section in ready.sections]
    verdicts = [(d.plan.criterion, d.judgement.verdict) for section in drafts for d in section]
    worth = worth_hearing(prepared, verdicts)
    return JudgedCall(drafts, heard._replace(too_short=short, worth_hearing=worth))


def inputs_of(rubric: Rubric, one: ToScore) -> Mapping[str, str]:
    """What a card of a call is made from, by hash or name (`Scorecard.inputs`)."""
    measures_sha256 = _NO_MEASURES
    if one.measures is not None:
        measures_sha256 = one.known.measures or one.measures.sha256()
    return {
        "call": _call_sha256(one.call),
        "transcript": one.known.transcript or one.transcript.sha256(),
        "measures": measures_sha256,
        "rubric": rubric.sha256,
        "decisions": decisions_sha256(one.decisions) if one.decisions else NO_DECISIONS,
        "engine": ENGINE_VERSION,
    }


def _scored(ready: CompiledRubric, one: ToScore, found: JudgedCall) -> Scorecard:
    drafts, cover = found.drafts, cover_found(found.drafts)
    if one.decisions:
        by_machine = {d.plan.id: d.judgement for own in drafts for d in own}

        def redo(draft: Draft, decision: Decision) -> Draft:
            judgement = with_place(by_machine[draft.plan.id], decision)
            settled = settle(
                draft.plan.criterion,
                judgement,
                decision,
                published=one.terms.published,
                not_judged=bool(found.heard.not_judged),
                too_short=found.heard.too_short is not None,
                language=draft.plan.language,
            )
            return Draft(draft.plan, judgement, settled)

        drafts, cover = followed(drafts, cover, one.decisions, redo)
    return card_of(
        ready,
        without_covered(drafts, cover),
        invalid=None in in_force(one.decisions),
        heard=found.heard,
        recording_id=one.transcript.recording_id,
        parent=one.parent,
        measures=one.measures,
        inputs=inputs_of(ready.rubric, one),
        terms=one.terms.as_json(),
    )


def _too_short(rubric: Rubric, call: PreparedCall) -> Talk | None:
    """How little was said, where it was less than the rubric asks for; None where it was enough.

    How many turns there were is not known of a call of which too little was heard.
    """
    floor = rubric.scorable_from
    if floor is None:
        return None
    talk = talk_of(call.transcript, len(call.turns))
    if floor.talk_s is not None and round(talk.talk_s, 2) < floor.talk_s:
        return talk
    few = floor.turns is not None and talk.turns < floor.turns
    return talk if few and not call.not_judged else None


class JudgedCall(NamedTuple):
    """What the machine makes of every criterion of a call, by section, and how it was heard."""

    drafts: list[list[Draft]]
    heard: Heard


def _drafts(
    section: SectionPlan,
    seen: CallViews,
    day: date | None,
    terms: ScoringTerms,
) -> list[Draft]:
    """The criteria of a section, judged, and settled as long as nobody decides."""
    applies: Outcome | None = None
    none: Judgement | None = None
    if section.applies is not None:
        applies = seen.light.unshown.outcome(section.applies)
        if applies.state is UNKNOWN:
            reason = reasons.unscorable(applies.why, seen.light.plain.language)
            none = Judgement(verdict=Verdict.UNSCORABLE, reason=reason, certainty=0.0)
        elif applies.state is not HOLDS:
            none = Judgement(
                verdict=Verdict.NOT_APPLICABLE,
                reason=section.does_not_apply,
                certainty=applies.certainty,
            )
    out = []
    for plan in section.criteria:
        judgement = none or judge(plan, applies, seen, day)
        if terms.stopped and plan.identity in terms.stopped:
            judgement = only_asking(judgement, plan.language)
        call = seen.light.plain.call
        if call.not_judged or seen.light.too_short:
            settled = settle_by_rule(
                plan.criterion,
                judgement,
                published=terms.published,
                not_judged=bool(call.not_judged),
                too_short=seen.light.too_short,
            )
        else:
            settled = plan.settled.get(judgement.verdict) or settle_by_rule(
                plan.criterion, judgement, published=terms.published
            )
        out.append(Draft(plan, judgement, settled))
    return out


def card_of(
    ready: CompiledRubric,
    drafts: list[list[Draft]],
    *,
    invalid: bool,
    heard: Heard,
    recording_id: str,
    parent: str | None,
    measures: Measures | None,
    inputs: Mapping[str, str],
    terms: Mapping[str, Any],
) -> Scorecard:
    """The card that settled criteria add up to."""
    rubric = ready.rubric
    sums: list[SectionSum] = []
    sections: list[SectionResult] = []
    automatic: Collection[str] = terms.get("automatic", ())
    award = rubric.not_applicable == "award"
    for plan, own in zip(ready.sections, drafts, strict=True):
        section = plan.section
        fatal = [d.plan for d in own if d.settled.zeroes]
        figures = section_sum(
            section.points,
            [
                d.plan.points
                for d in own
                if not d.plan.trial and is_counted(d.settled.verdict, award)
            ],
            [d.settled.lost for d in own if d.settled.lost],
            fatal=any(p.criterion.fatal_scope == "section" for p in fatal),
        )
        sums.append(figures)
        sections.append(
            SectionResult(
                id=section.id,
                title=section.title,
                points=figures.worth,
                lost=figures.lost,
                criteria=tuple([_result(d, automatic) for d in own]),
                report_part=section.report_part,
            )
        )
    flat = [d for own in drafts for d in own]
    judged = judged_points(c for s in sections for c in s.criteria)
    # Somebody who listened has ruled that nobody can understand the recording: it is invalid.
    unheard = {} if invalid else heard.not_judged
    awaits = bool(unheard) and any(c.awaits_person for s in sections for c in s.criteria)
    short = heard.too_short is not None
    value = total_of(rubric, flat, sums, judged.share, invalid=invalid, awaits=awaits or short)
    return Scorecard(
        recording_id=recording_id,
        rubric_id=rubric.rubric,
        rubric_version=rubric.version,
        rubric_sha256=rubric.sha256,
        transcript_sha256=inputs["transcript"],
        points=rubric.points,
        total=value,
        band=None if value is None else rubric.band(value),
        passed=None if value is None else value >= rubric.pass_mark,
        scorable_share=judged.share,
        provisional=any([d.settled.open for d in flat]),
        fatal=tuple([d.plan.id for d in flat if d.settled.zeroes]),
        sections=tuple(sections),
        measures={} if measures is None else measures.as_json(),
        inputs=inputs,
        terms=terms,
        parent=parent,
        hearing={str(s): one.as_json() for s, one in (heard.hearing or {}).items()},
        not_judged=unheard,
        too_short=heard.too_short,
        worth_hearing=heard.worth_hearing,
        basis=Basis(
            counted=exact_sum(s.worth for s in sums),
            lost=exact_sum(s.lost for s in sums),
            at_stake=judged.at_stake,
            judged=judged.judged,
            manual_items=judged.manual_items,
            manual_decided=judged.manual_decided,
            awarded=award,
        ),
    )


def total_of(
    rubric: Rubric,
    drafts: list[Draft],
    sums: list[SectionSum],
    share: float,
    *,
    invalid: bool,
    awaits: bool,
) -> float | None:
    """None for an invalid recording, where too little was judged, and where too little was heard
    and it `awaits` a person or too little was said, unless a person has found a red line: nothing
    changes that any more.
    """
    if invalid:
        return None
    zeroing = [
        d.settled.decided_by
        for d in drafts
        if d.settled.zeroes and d.plan.criterion.fatal_scope == "rubric"
    ]
    if awaits:
        return 0.0 if "person" in zeroing else None
    if zeroing:
        return 0.0
    if share < rubric.min_scorable - 1e-12:
        return None
    return total(rubric.points, sums, sum([d.settled.bonus for d in drafts]))


def is_counted(verdict: Verdict, award: bool) -> bool:
    """Whether a verdict's points count; `award`: what does not apply counts, too."""
    return award if verdict is _NOT_APPLICABLE else verdict is not _UNSCORABLE


def _result(draft: Draft, automatic: Collection[str]) -> CriterionResult:
    line = _line(draft)
    if automatic and draft.plan.identity in automatic:
        return replace(line, automatic=True)
    return line


def _line(draft: Draft) -> CriterionResult:
    plan, judgement, settled = draft
    if judgement.fixed and settled is plan.settled.get(judgement.verdict):
        line = plan.lines.get(judgement.reason)
        if line is None:
            line = plan.lines[judgement.reason] = line_of(draft)
        return line
    return line_of(draft)


def line_of(draft: Draft) -> CriterionResult:
    """A criterion's line on the card."""
    plan, judgement, settled = draft
    criterion = plan.criterion
    facts = None
    if judgement.verdict in (Verdict.FAIL, Verdict.HELD):
        facts = told_apart(judgement.facts, judgement.evidence)
    return CriterionResult(
        id=plan.id,
        title=criterion.title,
        verdict=settled.verdict,
        points=plan.points,
        lost=settled.lost,
        certainty=judgement.certainty,
        reason=_whose(settled, plan.language) + (settled.reason or judgement.reason),
        hits=judgement.hits,
        evidence=judgement.evidence,
        decided_by=settled.decided_by,
        severity=criterion.severity,
        stake=settled.stake,
        proposed=settled.proposed,
        manual=bool(criterion.manual),
        trial=plan.trial,
        covered_by=settled.covered_by,
        bonus=settled.bonus if criterion.bonus is not None else None,
        spared=settled.spared,
        facts=facts,
        zeroes="section" if criterion.fatal_scope == "section" else None,
        agent=settled.agent,
    )


def _whose(settled: Settled, language: str) -> str:
    if settled.agent is None:
        return ""
    return f"{_ANOTHERS.of(language).format(agent=settled.agent)}: "


def _call_sha256(call: Mapping[str, FieldValue] | Recording) -> str:
    body = call.as_json() if isinstance(call, Recording) else {k: call[k] for k in sorted(call)}
    return content_sha256(body)
