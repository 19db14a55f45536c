"""Totals as engines before 6 made them, for cards that were published with them. Pure.

They counted the points of criteria on trial with the others, and what of the points a person had
not marked yet was part of what could not be judged.
"""

from __future__ import annotations

from dataclasses import replace

from qc_pipeline.scoring.compile import CompiledRubric
from qc_pipeline.scoring.draft import Draft
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.points import section_sum
from qc_pipeline.scoring.score import is_counted, total_of
from qc_pipeline.scoring.scorecard import Scorecard


def totals_before_6(
    ready: CompiledRubric, drafts: list[list[Draft]], made: Scorecard, *, invalid: bool
) -> Scorecard:
    """The card with the sections' worth, the share that was judged, and the total of then."""
    rubric = ready.rubric
    award = rubric.not_applicable == "award"
    sums = [
        section_sum(
            plan.section.points,
            [d.plan.points for d in own if is_counted(d.settled.verdict, award)],
            [d.settled.lost for d in own],
            fatal=any(d.settled.zeroes and d.plan.criterion.fatal_scope == "section" for d in own),
        )
        for plan, own in zip(ready.sections, drafts, strict=True)
    ]
    flat = [d for own in drafts for d in own]
    share = _share(flat)
    awaits = bool(made.not_judged) and made.awaits_person
    total = total_of(rubric, flat, sums, share, invalid=invalid, awaits=awaits)
    return replace(
        made,
        sections=tuple(
            replace(s, points=f.worth, lost=f.lost)
            for s, f in zip(made.sections, sums, strict=True)
        ),
        scorable_share=share,
        total=total,
        band=None if total is None else rubric.band(total),
        passed=None if total is None else total >= rubric.pass_mark,
    )


def _share(drafts: list[Draft]) -> float:
    asked = [
        d for d in drafts if not d.plan.trial and d.settled.verdict is not Verdict.NOT_APPLICABLE
    ]
    whole = sum(d.plan.points for d in asked)
    judged = sum(d.plan.points for d in asked if d.settled.verdict is not Verdict.UNSCORABLE)
    return judged / whole if whole > 0 else 1.0
