"""A rubric that changed, over calls that the former judged: only what changed is judged again.

A criterion that is the same in both comes to the same in a call, so the former card tells it; the
total, the bands and what is one fact follow from all lines by the new rubric. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from itertools import groupby

from qc_pipeline.scoring.apply_decisions import Settled
from qc_pipeline.scoring.carry import judgement_on, settled_on
from qc_pipeline.scoring.compile import CompiledRubric, compile_rubric
from qc_pipeline.scoring.covered_criteria import cover_found
from qc_pipeline.scoring.criterion_identity import JUDGED_BY
from qc_pipeline.scoring.criterion_plan import CriterionPlan, SectionPlan, plan
from qc_pipeline.scoring.draft import Draft, without_covered
from qc_pipeline.scoring.evidence.finding import Verdict, WorthHearing
from qc_pipeline.scoring.judgement import Judgement
from qc_pipeline.scoring.overlapping_deductions import facts_told
from qc_pipeline.scoring.rubric.model import Rubric, Section
from qc_pipeline.scoring.score import (
    JudgedCall,
    ToScore,
    card_of,
    inputs_of,
    judged,
    score_many,
    searched_by,
)
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard


class RubricChange:
    """Two versions of a rubric, and which criteria of the new one a former card does not tell."""

    def __init__(self, former: Rubric, rubric: Rubric) -> None:
        self.former = former
        self.rubric = rubric
        self.changed = _changed(former, rubric)

    @cached_property
    def _part(self) -> CompiledRubric:
        """The new rubric with nothing but what changed."""
        sections = [
            section.model_copy(update={"criteria": own})
            for section in self.rubric.sections
            if (own := tuple(c for c in section.criteria if c.id in self.changed))
        ]
        return compile_rubric(self.rubric.model_copy(update={"sections": tuple(sections)}))

    @cached_property
    def _sections(self) -> tuple[SectionPlan, ...]:
        return plan(self.rubric)

    @cached_property
    def _former(self) -> CompiledRubric:
        return compile_rubric(self.former)

    def before(self, kept: Sequence[Scorecard | None], calls: Sequence[ToScore]) -> list[Scorecard]:
        """The cards by the former rubric: the `kept` one where it was made of all that the call is
        judged by now, else one made anew.
        """
        stands = [
            card is not None
            and card.purged is None
            and card.inputs == inputs_of(self.former, one)
            and card.terms == one.terms.as_json()
            for card, one in zip(kept, calls, strict=True)
        ]
        missing = [one for one, good in zip(calls, stands, strict=True) if not good]
        made = score_many(self._former, missing) if missing else iter(())
        return [
            card if good and card is not None else next(made)
            for card, good in zip(kept, stands, strict=True)
        ]

    def after(self, before: Sequence[Scorecard], calls: Sequence[ToScore]) -> list[Scorecard]:
        """The cards by the new rubric of calls that nobody decided on: those that scoring gives."""
        found = (
            new
            for _, alike in groupby(calls, key=searched_by)
            for new in judged(self._part, tuple(alike))
        )
        return [
            self._card(card, one, new) for card, one, new in zip(before, calls, found, strict=True)
        ]

    def _card(self, card: Scorecard, one: ToScore, new: JudgedCall) -> Scorecard:
        anew = {d.plan.id: d for own in new.drafts for d in own}
        former = {c.id: c for c in card.criteria()}
        drafts: list[list[Draft]] = []
        for section in self._sections:
            own = []
            for line in section.criteria:
                if line.id in anew:
                    own.append(anew[line.id]._replace(plan=line))
                    continue
                result = former[line.id]
                settled = settled_on(line, result, card, decided=False)
                short = new.heard.too_short is not None and not new.heard.not_judged
                if short and result.verdict is Verdict.UNSCORABLE:
                    # Nobody is asked for what so short a call cannot show.
                    settled = replace(settled, open=False)
                own.append(Draft(line, _told(line, result, settled), settled))
            drafts.append(own)
        return card_of(
            self._whole,
            without_covered(drafts, cover_found(drafts)),
            invalid=False,
            heard=new.heard._replace(worth_hearing=self._worth_hearing(card, new)),
            recording_id=one.transcript.recording_id,
            parent=one.parent,
            measures=one.measures,
            inputs=inputs_of(self.rubric, one),
            terms=one.terms.as_json(),
        )

    def _worth_hearing(self, card: Scorecard, new: JudgedCall) -> tuple[WorthHearing, ...]:
        """What is worth hearing for the criteria that stayed, and for those judged again, in the
        rubric's order.
        """
        order = {c.id: number for number, c in enumerate(self.rubric.criteria())}
        stayed = [
            w
            for w in card.worth_hearing
            if w.criterion in order and w.criterion not in self.changed
        ]
        return tuple(sorted((*stayed, *new.heard.worth_hearing), key=lambda w: order[w.criterion]))

    @cached_property
    def _whole(self) -> CompiledRubric:
        """The new rubric as its totals are made; nothing is looked for by it."""
        part = self._part
        return CompiledRubric(
            rubric=self.rubric,
            lexicon=part.lexicon,
            thresholds=part.thresholds,
            sections=self._sections,
            shared={},
        )


def _told(line: CriterionPlan, result: CriterionResult, settled: Settled) -> Judgement:
    """The judgement of a line that stayed. What it costs is settled; of what costs nothing nobody
    asks what it overlaps.
    """
    if settled.lost > 0 or settled.zeroes:
        return judgement_on(line.criterion, result)
    return Judgement(
        verdict=result.verdict,
        reason=result.reason,
        certainty=result.certainty,
        hits=result.hits,
        evidence=result.evidence,
        facts=facts_told(result.evidence) if result.facts is None else result.facts,
    )


def _changed(former: Rubric, rubric: Rubric) -> frozenset[str]:
    """The criteria of a rubric that another does not have as they are, where they are."""
    everything = frozenset(c.id for c in rubric.criteria())
    if any(getattr(former, key) != getattr(rubric, key) for key in JUDGED_BY):
        return everything
    known = {c.id: (s, c) for s in former.sections for c in s.criteria}

    def same(section: Section, id_: str) -> bool:
        if id_ not in known:
            return False
        before, criterion = known[id_]
        now = next(c for c in section.criteria if c.id == id_)
        return before.applies == section.applies and criterion == now

    return frozenset(c.id for s in rubric.sections for c in s.criteria if not same(s, c.id))
