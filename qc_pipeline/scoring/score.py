"""One call and a rubric in, a scorecard out.

Pure: the same rubric, transcript, call row, measures and decisions give the same card.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import inf

from qc_pipeline.call import FieldValue, Measures, Recording, Transcript, content_sha256
from qc_pipeline.scoring import reasons
from qc_pipeline.scoring.compiled import CompiledRubric, compile_rubric
from qc_pipeline.scoring.context import Context
from qc_pipeline.scoring.decisions import Decision, decisions_sha256, in_force
from qc_pipeline.scoring.one_fact import Deduction, covered
from qc_pipeline.scoring.prepared import ASSUMED_CONFIDENCE, PreparedCall
from qc_pipeline.scoring.rubric import Criterion, Rubric, Section
from qc_pipeline.scoring.rules.base import Outcome, State
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard, SectionResult, Verdict
from qc_pipeline.scoring.settle import Settled, settle
from qc_pipeline.scoring.totals import SectionSum, section_sum, total
from qc_pipeline.scoring.verdicts import Judgement, judge

ENGINE_VERSION = "1"
"""Names the rules of judging: raised with every change that can change a card."""

_NO_MEASURES = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHashes:
    """Hashes that a store already has, so that they need not be worked out again."""

    transcript: str | None = None
    measures: str | None = None


def score(
    rubric: Rubric | CompiledRubric,
    transcript: Transcript,
    call: Mapping[str, FieldValue] | Recording,
    measures: Measures | None = None,
    decisions: Sequence[Decision] = (),
    *,
    published: bool = False,
    parent: str | None = None,
    assumed_confidence: float = ASSUMED_CONFIDENCE,
    known: KnownHashes | None = None,
) -> Scorecard:
    """Judge one call.

    In a draft (`published=False`) deductions that need a person count until somebody decides; in
    a published score they do not count before somebody confirmed them. Held findings never count
    before. `parent` is the hash of the card that this one replaces, `assumed_confidence` stands
    for words whose recogniser gave none. Hand in a `CompiledRubric` to score many calls.

    Raises nothing, whatever a transcript or a call row holds.
    """
    ready = rubric if isinstance(rubric, CompiledRubric) else compile_rubric(rubric)
    rubric = ready.rubric
    ctx = Context(
        PreparedCall(
            transcript, call, measures, ready.lexicon, ready.thresholds, assumed_confidence
        )
    )
    day = None if ctx.call.start_time is None else ctx.call.start_time.date()
    rulings = in_force(decisions)
    drafts = [
        _draft(section, criterion, judgement, rulings, published)
        for section in rubric.sections
        for criterion, judgement in _judged(section, ctx, day)
    ]
    known = known or KnownHashes()
    transcript_sha256 = known.transcript or transcript.sha256()
    measures_sha256 = _NO_MEASURES
    if measures is not None:
        measures_sha256 = known.measures or measures.sha256()
    return _card(
        rubric,
        _once(drafts),
        invalid=None in rulings,
        recording_id=transcript.recording_id,
        parent=parent,
        measures=measures,
        inputs={
            "call": _call_sha256(call),
            "transcript": transcript_sha256,
            "measures": measures_sha256,
            "rubric": rubric.sha256,
            "decisions": decisions_sha256(decisions),
            "engine": ENGINE_VERSION,
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    section: Section
    criterion: Criterion
    judgement: Judgement
    settled: Settled

    @property
    def counts(self) -> bool:
        """Whether it costs points, or zeroes something, as the card stands."""
        return self.settled.lost > 0 or self.settled.zeroes


def _judged(section: Section, ctx: Context, day: date | None) -> list[tuple[Criterion, Judgement]]:
    applies: Outcome | None = None
    if section.applies is not None:
        applies = section.applies.evaluate(ctx.untold())
        if applies.state is State.UNKNOWN:
            reason = reasons.unscorable(applies.why, ctx.language)
            none = Judgement(verdict=Verdict.UNSCORABLE, reason=reason, certainty=0.0)
            return [(criterion, none) for criterion in section.criteria]
        if applies.state is not State.HOLDS:
            reason = reasons.not_applicable(section.applies.describe(), ctx.language)
            none = Judgement(
                verdict=Verdict.NOT_APPLICABLE, reason=reason, certainty=applies.certainty
            )
            return [(criterion, none) for criterion in section.criteria]
    return [(criterion, judge(criterion, applies, ctx, day)) for criterion in section.criteria]


def _draft(
    section: Section,
    criterion: Criterion,
    judgement: Judgement,
    rulings: Mapping[str | None, Decision],
    published: bool,
) -> _Draft:
    decision = rulings.get(criterion.id, rulings.get(None))
    return _Draft(
        section=section,
        criterion=criterion,
        judgement=judgement,
        settled=settle(criterion, judgement, decision, published=published),
    )


def _once(drafts: list[_Draft]) -> list[_Draft]:
    """One fact, one deduction: the covered ones cost nothing."""
    counting = [d for d in drafts if d.counts]
    if len(counting) < 2:
        return drafts
    cover = covered(
        [
            Deduction(
                id=d.criterion.id,
                section=d.section.id,
                same_fact=d.criterion.same_fact,
                points=inf if d.settled.zeroes else d.settled.lost,
                facts=d.judgement.facts,
                spans=d.judgement.spans,
            )
            for d in counting
        ]
    )
    return [
        replace(
            d,
            settled=replace(
                d.settled, lost=0.0, zeroes=False, stake=0.0, covered_by=cover[d.criterion.id]
            ),
        )
        if d.criterion.id in cover
        else d
        for d in drafts
    ]


def _card(
    rubric: Rubric,
    drafts: list[_Draft],
    *,
    invalid: bool,
    recording_id: str,
    parent: str | None,
    measures: Measures | None,
    inputs: Mapping[str, str],
) -> Scorecard:
    sums: list[SectionSum] = []
    sections: list[SectionResult] = []
    for section in rubric.sections:
        own = [d for d in drafts if d.section is section]
        figures = section_sum(
            section.points,
            (_points(d) for d in own if _is_counted(d, rubric)),
            (d.settled.lost for d in own),
            fatal=any(d.settled.zeroes and d.criterion.fatal_scope == "section" for d in own),
        )
        sums.append(figures)
        sections.append(
            SectionResult(
                id=section.id,
                title=section.title,
                points=figures.worth,
                lost=figures.lost,
                criteria=tuple(_result(d) for d in own),
                report_part=section.report_part,
            )
        )
    fatal = tuple(d.criterion.id for d in drafts if d.settled.zeroes)
    share = _scorable_share(drafts)
    value = _total(rubric, drafts, sums, share, invalid=invalid)
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
        scorable_share=share,
        provisional=any(d.settled.open for d in drafts),
        fatal=fatal,
        sections=tuple(sections),
        measures={} if measures is None else _shown_measures(measures),
        inputs=inputs,
        parent=parent,
    )


def _total(
    rubric: Rubric,
    drafts: list[_Draft],
    sums: list[SectionSum],
    share: float,
    *,
    invalid: bool,
) -> float | None:
    if invalid:
        return None
    if any(d.settled.zeroes and d.criterion.fatal_scope == "rubric" for d in drafts):
        return 0.0
    if share < rubric.min_scorable - 1e-12:
        return None
    return total(rubric.points, sums, sum(d.settled.bonus for d in drafts))


def _points(draft: _Draft) -> float:
    return draft.criterion.points or 0.0


def _is_counted(draft: _Draft, rubric: Rubric) -> bool:
    verdict = draft.settled.verdict
    if verdict is Verdict.NOT_APPLICABLE:
        return rubric.not_applicable == "award"
    return verdict is not Verdict.UNSCORABLE


def _scorable_share(drafts: list[_Draft]) -> float:
    """The part of the points that apply to this call that could be judged; 1 where none apply.

    Trial criteria cost nothing and are left out.
    """
    judged = asked = 0.0
    for draft in drafts:
        if draft.criterion.status == "trial":
            continue
        verdict = draft.settled.verdict
        if verdict is not Verdict.NOT_APPLICABLE:
            asked += _points(draft)
            if verdict is not Verdict.UNSCORABLE:
                judged += _points(draft)
    return judged / asked if asked > 0 else 1.0


def _result(draft: _Draft) -> CriterionResult:
    criterion, judgement, settled = draft.criterion, draft.judgement, draft.settled
    return CriterionResult(
        id=criterion.id,
        title=criterion.title,
        verdict=settled.verdict,
        points=criterion.points or 0.0,
        lost=settled.lost,
        certainty=judgement.certainty,
        reason=settled.reason,
        hits=judgement.hits,
        evidence=judgement.evidence,
        decided_by=settled.decided_by,
        severity=criterion.severity,
        stake=settled.stake,
        proposed=settled.proposed,
        manual=bool(criterion.manual),
        trial=criterion.status == "trial",
        covered_by=settled.covered_by,
        bonus=settled.bonus if criterion.bonus is not None else None,
    )


def _shown_measures(measures: Measures) -> Mapping[str, object]:
    body = replace(measures, turns=()).as_json()
    del body["turns"]
    return body


def _call_sha256(call: Mapping[str, FieldValue] | Recording) -> str:
    body = call.as_json() if isinstance(call, Recording) else {k: call[k] for k in sorted(call)}
    return content_sha256(body)
