"""A published card carried: what a decision or corrected words do not concern stays as it was.

The second way to a card: not from the call, but from the card before it. Only the criteria
concerned are settled anew; every other line is that of the former card to the last byte, with the
engine that judged it, and the total follows from all of them by the rubric's own arithmetic. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from qc_pipeline.call import Measures, Transcript
from qc_pipeline.scoring.apply_decisions import Settled, settle, settle_by_rule
from qc_pipeline.scoring.compile import CompiledRubric
from qc_pipeline.scoring.covered_criteria import (
    Redo,
    cover_after,
    cover_found,
    followed,
    ruled_by_people,
)
from qc_pipeline.scoring.criterion_plan import CriterionPlan
from qc_pipeline.scoring.decisions import Decision, decisions_sha256, in_force
from qc_pipeline.scoring.draft import Draft, without_covered
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.evidence.timing import union
from qc_pipeline.scoring.former_totals import totals_before_6
from qc_pipeline.scoring.judge import price_of
from qc_pipeline.scoring.judgement import Judgement, with_place
from qc_pipeline.scoring.overlapping_deductions import facts_told
from qc_pipeline.scoring.rubric.model import Criterion
from qc_pipeline.scoring.score import ENGINE_VERSION, Heard, card_of, line_of
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard
from qc_pipeline.scoring.terms_of_scoring import ScoringTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWords:
    """The words that a card is carried to, with the measures they give, how well each party was
    heard by them (`hearing` None: as the card has it), and, by the number of a turn that was not
    corrected, the number it has now. `found` is what the machine makes of criteria in them, for
    what was one fact before people were heard; `concerned` are those that the words concern (None:
    those that are settled anew with no decision since).
    """

    transcript: Transcript
    measures: Measures
    heard: Heard
    turns: Mapping[int, int]
    found: Mapping[str, Judgement] = field(default_factory=dict)
    concerned: Collection[str] | None = None


def carried(
    ready: CompiledRubric,
    card: Scorecard,
    decisions: Sequence[Decision],
    concerned: Mapping[str, Judgement],
    *,
    anew: Collection[str] = (),
    words: NewWords | None = None,
    terms: ScoringTerms | None = None,
) -> Scorecard:
    """The card that follows from a published one where only some criteria are `concerned`.

    `decisions` are all on the call, in order. `concerned` holds the machine's judgement of each
    criterion that a decision or `words` concern, `anew` names those that this engine judged just
    now, under `terms`. A deduction that another one covered, or covers now, follows from that. The
    card itself comes back where nothing is concerned.
    """
    if not concerned and words is None:
        return card
    former = {c.id: c for c in card.criteria()}
    ruled = in_force(decisions)
    unheard = card.not_judged if words is None else words.heard.not_judged
    short = card.too_short if words is None else words.heard.too_short

    since = decided_since(card, decisions)
    knew = decisions_known(card, decisions)
    earlier = decisions if knew is None else decisions[:knew]
    stood = in_force(earlier)
    judged_anew: Collection[str] = concerned.keys() - since
    if words is not None and words.concerned is not None:
        judged_anew = words.concerned

    def redone(plan: CriterionPlan, judgement: Judgement, decision: Decision | None) -> Draft:
        judgement = with_place(judgement, decision)
        settled = settle(
            plan.criterion,
            judgement,
            decision,
            published=True,
            not_judged=bool(unheard),
            too_short=short is not None,
            language=plan.language,
        )
        return Draft(plan, judgement, settled)

    def draft(plan: CriterionPlan) -> Draft:
        """The criterion before the decisions since."""
        if plan.id in judged_anew:
            return redone(plan, concerned[plan.id], stood.get(plan.id, stood.get(None)))
        result = former[plan.id]
        decided = plan.id in ruled or None in ruled
        settled = settled_on(plan, result, card, decided=decided)
        return Draft(plan, judgement_on(plan.criterion, result), settled)

    def redo(draft: Draft, decision: Decision) -> Draft:
        return redone(draft.plan, concerned[draft.plan.id], decision)

    drafts = [[draft(plan) for plan in section.criteria] for section in ready.sections]
    cover: Mapping[str, str] = {k: c.covered_by for k, c in former.items() if c.covered_by}
    if judged_anew:
        machine = {**(words.found if words is not None else {}), **concerned}
        cover = _reworded(drafts, cover, judged_anew, machine, earlier)
    if knew is None:
        drafts, cover = _at_once(drafts, cover, decisions, since & concerned.keys(), redo)
    else:
        drafts, cover = followed(
            drafts,
            cover,
            decisions[knew:],
            redo,
            before=earlier,
            only=since & concerned.keys(),
        )
    covered = without_covered(drafts, cover)
    inputs = {**card.inputs, "decisions": decisions_sha256(decisions)}
    if words is not None:
        inputs["transcript"] = words.transcript.sha256()
        inputs["measures"] = words.measures.sha256()
    known = terms if terms is not None and (card.terms or anew) else None
    made = card_of(
        ready,
        covered,
        invalid=None in ruled,
        heard=Heard(
            None if words is None else words.heard.hearing,
            unheard,
            short,
            card.worth_hearing if words is None else words.heard.worth_hearing,
        ),
        recording_id=card.recording_id,
        parent=card.sha256(),
        measures=None if words is None else words.measures,
        inputs=inputs,
        terms=dict(card.terms) if known is None else known.as_json(),
    )
    if _counted_otherwise(ready, card):
        made = totals_before_6(ready, covered, made, invalid=None in ruled)
    by_id = {d.plan.id: d for section in covered for d in section}

    def line(result: CriterionResult) -> CriterionResult:
        old = former[result.id]
        if result.id in anew:
            same = card.inputs.get("engine") == ENGINE_VERSION
            return replace(result, engine=None if same else ENGINE_VERSION)
        if result.id in concerned:
            old = replace(result, engine=old.engine)
        elif cover.get(result.id) != old.covered_by:
            now = line_of(by_id[result.id])
            old = replace(now, engine=old.engine, automatic=old.automatic)
        return old if words is None else _moved(old, words.turns)

    return replace(
        made,
        sections=tuple(
            replace(s, criteria=tuple(line(c) for c in s.criteria)) for s in made.sections
        ),
        hearing=made.hearing or card.hearing,
        measures=card.measures if words is None else made.measures,
        basis=made.basis if card.basis is not None else None,
    )


def judgement_on(criterion: Criterion, result: CriterionResult) -> Judgement:
    """The machine's judgement as a card's line tells it; of a line that a person settled, with what
    the person said in its place.
    """
    lost, stake = _own(criterion, result)
    cost = doubtful = 0.0
    if result.verdict is Verdict.FAIL:
        # Of what is proposed the whole waits for a person, sure or not.
        cost, doubtful = (max(lost, stake), 0.0) if result.proposed else (lost, stake)
        if result.trial:
            # What is on trial costs nothing, and its line does not tell what it would.
            cost = price_of(criterion, result.hits)
    elif result.verdict is Verdict.HELD:
        doubtful = stake
    facts = facts_told(result.evidence) if result.facts is None else result.facts
    return Judgement(
        verdict=result.verdict,
        reason=result.reason,
        certainty=result.certainty,
        hits=result.hits,
        evidence=result.evidence,
        cost=cost,
        doubtful=doubtful,
        facts=facts,
        spans=tuple(union((e.start_s, e.end_s) for e in result.evidence)),
    )


def decided_since(card: Scorecard, decisions: Sequence[Decision]) -> frozenset[str]:
    """The criteria whose decision is another than when the card was made, of all its decisions in
    order; all that were ever decided on where the card does not tell how many it knew.
    """
    known = decisions_known(card, decisions)
    before, now = in_force(decisions[: known or 0]), in_force(decisions)
    everywhere = before.get(None) != now.get(None)
    return frozenset(
        c.id
        for c in card.criteria()
        if before.get(c.id) != now.get(c.id) or (everywhere and c.id not in now)
    )


def decisions_known(card: Scorecard, decisions: Sequence[Decision]) -> int | None:
    """How many of the decisions on a call, in order, its card knew; None where it does not tell."""
    made_with = card.inputs.get("decisions")
    counts = range(len(decisions), -1, -1)
    return next((n for n in counts if decisions_sha256(decisions[:n]) == made_with), None)


def _own(criterion: Criterion, result: CriterionResult) -> tuple[float, float]:
    """Points lost and at stake before anything covered them; on cards that do not tell it, what so
    many sure hits cost.
    """
    if result.covered_by is None:
        return result.lost, result.stake
    return result.spared or (price_of(criterion, result.hits), 0.0)


def settled_on(
    plan: CriterionPlan, result: CriterionResult, card: Scorecard, *, decided: bool
) -> Settled:
    """How a line was settled, read back from it."""
    lost, stake = _own(plan.criterion, result)
    covered_fatal = result.covered_by is not None and plan.criterion.severity == "fatal"
    waits = result.proposed or result.verdict is Verdict.HELD
    waits = waits or (result.verdict is Verdict.FAIL and stake > 0)
    left = bool(card.not_judged) or (result.manual and card.too_short is None)
    waits = waits or (result.verdict is Verdict.UNSCORABLE and left)
    return Settled(
        verdict=result.verdict,
        reason=result.reason,
        lost=lost,
        stake=stake,
        bonus=result.bonus or 0.0,
        zeroes=covered_fatal or result.id in card.fatal,
        proposed=result.proposed,
        open=waits and not decided and not plan.trial,
        decided_by=result.decided_by,
    )


def _counted_otherwise(ready: CompiledRubric, card: Scorecard) -> bool:
    """Whether the card's own figures are those that engines before 6 made of its lines, and not
    those that this one makes: it is carried by the rules that it was published by.
    """
    former = {c.id: c for c in card.criteria()}

    def draft(plan: CriterionPlan) -> Draft:
        result = former[plan.id]
        settled = settled_on(plan, result, card, decided=True)
        return Draft(plan, judgement_on(plan.criterion, result), settled)

    drafts = [[draft(plan) for plan in section.criteria] for section in ready.sections]
    cover = {c.id: c.covered_by for c in card.criteria() if c.covered_by is not None}
    covered = without_covered(drafts, cover)
    invalid = card.total is None and all(c.decided_by == "person" for c in card.criteria())
    now = card_of(
        ready,
        covered,
        invalid=invalid,
        heard=Heard(None, card.not_judged, card.too_short),
        recording_id=card.recording_id,
        parent=None,
        measures=None,
        inputs=card.inputs,
        terms={},
    )
    then = totals_before_6(ready, covered, now, invalid=invalid)
    return _figures(now) != _figures(card) == _figures(then)


def _figures(card: Scorecard) -> tuple[object, ...]:
    worth = tuple((s.points, s.lost) for s in card.sections)
    return card.total, round(card.scorable_share, 4), worth


def _reworded(
    drafts: list[list[Draft]],
    cover: Mapping[str, str],
    concerned: Collection[str],
    machine: Mapping[str, Judgement],
    decisions: Sequence[Decision],
) -> Mapping[str, str]:
    """Which deduction covers which once the criteria `concerned` were judged anew: as on the former
    card, but where one of the two is concerned; there as the machine has found now and people have
    decided before.
    """
    ruled = in_force(decisions)

    def found(draft: Draft) -> Draft:
        plan = draft.plan
        if plan.id not in concerned and plan.id not in ruled and None not in ruled:
            return draft
        judgement = machine.get(plan.id, draft.judgement)
        return Draft(plan, judgement, settle_by_rule(plan.criterion, judgement, published=True))

    def redo(draft: Draft, decision: Decision) -> Draft:
        plan = draft.plan
        judgement = with_place(machine.get(plan.id, draft.judgement), decision)
        settled = settle(plan.criterion, judgement, decision, published=True)
        return Draft(plan, judgement, settled)

    before_people = [[found(d) for d in own] for own in drafts]
    _, now = followed(before_people, cover_found(before_people), decisions, redo)
    touched = {*concerned, *(name for name, larger in cover.items() if larger in concerned)}
    out: dict[str, str] = {}
    for draft in (d for own in drafts for d in own):
        name, settled = draft.plan.id, draft.settled
        larger = now.get(name)
        if name not in touched:
            larger = cover.get(name) or (larger if larger in touched else None)
        if larger is not None and (settled.lost > 0 or settled.zeroes):
            out[name] = larger
    return out


def _at_once(
    drafts: list[list[Draft]],
    cover: Mapping[str, str],
    decisions: Sequence[Decision],
    concerned: Collection[str],
    redo: Redo,
) -> tuple[list[list[Draft]], Mapping[str, str]]:
    """The decisions in force, where the card does not tell which of them it knew."""
    ruled = in_force(decisions)

    def decided(draft: Draft) -> Draft:
        decision = ruled.get(draft.plan.id, ruled.get(None))
        if decision is None or draft.plan.id not in concerned:
            return draft
        return redo(draft, decision)

    now = [[decided(d) for d in own] for own in drafts]
    people = ruled_by_people(ruled, [d.plan.id for own in now for d in own])
    last = decisions[-1] if decisions else None
    in_favour = last is not None and last.in_favour
    asked = concerned if not in_favour or last is None else {last.criterion}
    return now, cover_after(
        cover,
        now,
        concerned,
        asked={name for name in asked if name in people},
        ruled=people,
        in_favour=in_favour,
    )


def _moved(result: CriterionResult, turns: Mapping[int, int]) -> CriterionResult:
    """The line with the numbers that its turns have in the new words."""
    evidence = tuple(
        e if e.turn is None else e._replace(turn=turns.get(e.turn, e.turn)) for e in result.evidence
    )
    return result if evidence == result.evidence else replace(result, evidence=evidence)
