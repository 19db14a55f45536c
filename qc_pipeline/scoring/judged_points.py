"""What a card rests on: the points that a machine could judge in a call, and those it judged.

Manual items are no machine's and have a count of their own; what does not apply to the call leaves
both sides, and so does what is on trial. docs/rubrics.md, "What a card rests on". Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.points import exact_sum
from qc_pipeline.scoring.scorecard import CriterionResult


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPoints:
    """`at_stake`: points of the machine's criteria that apply to the call; `judged`: those of them
    with a verdict, held ones too. `manual_items` are the scored manual criteria that apply,
    `manual_decided` those of them that a person has judged.
    """

    at_stake: float
    judged: float
    manual_items: int
    manual_decided: int

    @property
    def share(self) -> float:
        """The part that was judged, in [0, 1]; 1 where nothing is at stake."""
        return self.judged / self.at_stake if self.at_stake > 0 else 1.0


def judged_points(results: Iterable[CriterionResult]) -> JudgedPoints:
    """What the lines of a card come to."""
    asked = [r for r in results if not r.trial and r.verdict is not Verdict.NOT_APPLICABLE]
    machine = [r for r in asked if not r.manual]
    manual = [r for r in asked if r.manual]
    return JudgedPoints(
        at_stake=exact_sum(r.points for r in machine),
        judged=exact_sum(r.points for r in machine if r.verdict is not Verdict.UNSCORABLE),
        manual_items=len(manual),
        manual_decided=sum(r.verdict is not Verdict.UNSCORABLE for r in manual),
    )
