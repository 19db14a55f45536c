"""Verdicts on their way to the card, and one fact made one deduction among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from qc_pipeline.scoring.apply_decisions import Settled
from qc_pipeline.scoring.criterion_plan import CriterionPlan
from qc_pipeline.scoring.judgement import Judgement


class Draft(NamedTuple):
    """A criterion's verdict on its way to the card."""

    plan: CriterionPlan
    judgement: Judgement
    settled: Settled


def without_covered(sections: list[list[Draft]], cover: Mapping[str, str]) -> list[list[Draft]]:
    """The same, where what is covered costs nothing."""
    if not cover:
        return sections

    def free(draft: Draft) -> Draft:
        larger = cover.get(draft.plan.id)
        if larger is None:
            return draft
        own = draft.settled
        changed = replace(
            own,
            lost=0.0,
            zeroes=False,
            stake=0.0,
            covered_by=larger,
            spared=(own.lost, own.stake),
        )
        return draft._replace(settled=changed)

    return [[free(draft) for draft in drafts] for drafts in sections]
